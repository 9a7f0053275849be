// Tables of text with a header line, such as the `labels.txt` of a run: one row per volume.
#pragma once

#include <roi/core/encoding.hpp>
#include <roi/core/error.hpp>
#include <roi/core/text.hpp>
#include <roi/image/column.hpp>
#include <roi/io/file_kind.hpp>
#include <roi/io/gzip.hpp>
#include <roi/table/detail/json_rows.hpp>

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <limits>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace roi {

namespace detail {

/// One column name in small letters.
[[nodiscard]] inline std::string lower_case(std::string_view name) {
    std::string out(name);
    for (char& c : out) c = c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
    return out;
}

inline constexpr std::string_view name_of_place = "column_";  // before the number of a column without a name

}  // namespace detail

/// Columns of text of the same length, found by name.
class Table {
public:
    /// \param columns  columns of one length
    /// \param source   what messages call the table, usually its file
    /// \param named    have the columns names? Else they are called by their places, column_1 and so on
    /// \throws InvalidArgument when the columns are of different lengths
    explicit Table(std::vector<Column> columns, std::string source = "table", bool named = true)
        : columns_(std::move(columns)), source_(std::move(source)), named_(named) {
        for (const auto& column : columns_) {
            if (column.size() == rows()) continue;
            throw InvalidArgument(text(source_, ": column \"", visible_text(column.name()), "\" has ",
                                       column.size(), " rows, column \"",
                                       visible_text(columns_.front().name()), "\" has ", rows()));
        }
    }

    /// The column of this name.
    /// \throws InvalidArgument when there is none, listing the columns that exist, or more than one
    [[nodiscard]] const Column& operator[](std::string_view name) const& { return columns_[find(name)]; }
    [[nodiscard]] Column operator[](std::string_view name) && { return std::move(columns_[find(name)]); }

    /// Names of the columns, from left to right.
    [[nodiscard]] std::vector<std::string> columns() const {
        std::vector<std::string> names;
        for (const auto& column : columns_) names.push_back(column.name());
        return names;
    }

    /// Is there a column of this name?
    [[nodiscard]] bool contains(std::string_view name) const {
        return std::any_of(columns_.begin(), columns_.end(),
                           [&](const Column& column) { return is_called(column, name); });
    }

    /// Have the columns names? Else they are called by their places, column_1 and so on, and found by the bare number, too.
    [[nodiscard]] bool has_names() const { return named_; }

    /// How the table writes the name of a column whose letters may be of any case: as given where there is such a column or
    /// none, else as the first that differs in capital letters alone.
    [[nodiscard]] std::string as_written(std::string_view name) const {
        const auto at = std::find_if(columns_.begin(), columns_.end(), [name](const Column& column) {
            return detail::lower_case(column.name()) == detail::lower_case(name);
        });
        return contains(name) || at == columns_.end() ? std::string(name) : at->name();
    }

    /// What messages call the table, usually its file.
    [[nodiscard]] const std::string& source() const { return source_; }

    /// Number of rows below the header.
    [[nodiscard]] std::int64_t rows() const { return columns_.empty() ? 0 : columns_.front().size(); }

private:
    [[nodiscard]] bool is_called(const Column& column, std::string_view name) const {
        const std::string_view own = column.name();
        return own == name || (!named_ && own.starts_with(detail::name_of_place) &&
                               own.substr(detail::name_of_place.size()) == name);
    }

    [[nodiscard]] std::size_t find(std::string_view name) const {
        const auto named = [&](const Column& column) { return is_called(column, name); };
        const auto first = std::find_if(columns_.begin(), columns_.end(), named);
        if (first == columns_.end()) {
            throw InvalidArgument(text(source_, ": there is no column \"", visible_text(name),
                                       "\"; the columns are: ", visible_text(listed(columns(), 30)),
                                       hint(name)));
        }
        if (std::find_if(first + 1, columns_.end(), named) != columns_.end()) {
            throw InvalidArgument(text(source_, ": more than one column is called \"", visible_text(name),
                                       "\"; rename one of them in the header line"));
        }
        return static_cast<std::size_t>(first - columns_.begin());
    }

    /// What may be the matter when a column is not there.
    [[nodiscard]] std::string hint(std::string_view name) const;

    std::vector<Column> columns_;
    std::string source_;
    bool named_ = true;
};

/// Bytes that a table of text may have: far beyond any of a run, and few enough that a wrong file costs no memory before it is
/// refused.
inline constexpr std::size_t longest_table = std::size_t{1} << 30;

namespace detail {

inline constexpr std::size_t longest_table_line = std::size_t{1} << 24;  // bytes, for the same reason

/// Refuses what stands in the place of a table, told by the first bytes of the file.
inline void require_table(std::span<const char> start, const std::string& path) {
    const std::string_view bytes(start.data(), start.size());
    const auto at = [&](std::size_t place, std::string_view magic) {
        return bytes.size() >= place + magic.size() && bytes.substr(place, magic.size()) == magic;
    };
    // With the zero byte that ends them: the letters alone may stand in a text.
    using namespace std::string_view_literals;
    if (at(344, "n+1\0"sv) || at(344, "ni1\0"sv) || at(4, "n+2\0"sv) || at(4, "ni2\0"sv)) {
        throw FileError(ErrorCode::bad_format, path, "expected a table of text, found a NIfTI image");
    }
    const auto kind = file_kind(std::as_bytes(start.first(std::min<std::size_t>(start.size(), 512))));
    // Names of regions may be XML and tables JSON, and UTF-16 has a message of its own.
    const auto is = [&](std::string_view part) { return kind.name.find(part) != std::string_view::npos; };
    const bool in_its_place = is("pointer") || is("web page");
    if (!in_its_place && (!kind.is_data || is("XML"))) return;
    throw FileError(ErrorCode::bad_format, path,
                    text("expected a table of text, found ", kind.name, "; ",
                         in_its_place || is("archive") ? kind.advice : "give the table itself"));
}

/// Reads a text file whole; refuses binary data as soon as it shows.
[[nodiscard]] inline std::string read_text(const std::string& path) {
    ByteReader reader(path);
    std::string out;
    std::size_t line_start = 0;
    std::array<char, 1 << 16> chunk;
    for (;;) {
        const auto found = reader.read(std::as_writable_bytes(std::span(chunk)));
        if (found == 0) return out;
        if (out.empty()) require_table(std::span(chunk).first(found), path);
        if (out.empty() && found >= 2) {
            const std::string_view start(chunk.data(), 2);
            // With a byte order mark, or a first letter of ASCII beside a zero byte.
            if (start == "\xFF\xFE" || start == "\xFE\xFF" || (start[0] == '\0') != (start[1] == '\0')) {
                throw FileError(
                    ErrorCode::bad_format, path,
                    "expected a table in UTF-8, found UTF-16, as spreadsheets write \"Unicode text\"; "
                    "save it as UTF-8");
            }
        }
        for (std::size_t i = 0; i < found; ++i) {
            const auto at = out.size() + i;
            const auto code = static_cast<unsigned char>(chunk[i]);
            if (code == '\n' || code == '\r') line_start = at + 1;
            if (code == 0x7f || (code < 0x20 && (code < '\t' || code > '\r'))) {
                throw FileError(ErrorCode::bad_format, path,
                                text("expected a table of text, found binary data (value ", int{code},
                                     " at byte ", at, ")"));
            }
            if (at + 1 - line_start > longest_table_line) {
                throw FileError(ErrorCode::bad_format, path,
                                text("expected a table of text, found a line of more than ",
                                     longest_table_line, " bytes"));
            }
        }
        out.append(chunk.data(), found);
        if (out.size() > longest_table) {
            throw FileError(ErrorCode::unsupported, path,
                            text("expected a table of at most ", longest_table, " bytes, found more"));
        }
    }
}

[[nodiscard]] inline std::string_view trimmed(std::string_view part, std::string_view blanks) {
    const auto first = part.find_first_not_of(blanks);
    if (first == std::string_view::npos) return {};
    return part.substr(first, part.find_last_not_of(blanks) - first + 1);
}

/// The words of a line, between blanks; quotes have no meaning.
[[nodiscard]] inline std::vector<std::string_view> words_of(std::string_view line) {
    constexpr std::string_view blanks = " \t";
    std::vector<std::string_view> out;
    for (auto first = line.find_first_not_of(blanks); first != std::string_view::npos;) {
        const auto last = std::min(line.find_first_of(blanks, first), line.size());
        out.push_back(line.substr(first, last - first));
        first = line.find_first_not_of(blanks, last);
    }
    return out;
}

/// Takes a line off the front of a text, whatever ends it.
[[nodiscard]] inline std::string_view next_line(std::string_view& content) {
    const auto end = std::min(content.find_first_of("\r\n"), content.size());
    const auto line = content.substr(0, end);
    content.remove_prefix(end);
    if (!content.empty()) content.remove_prefix(content.substr(0, 2) == "\r\n" ? 2 : 1);
    return line;
}

/// What separates the fields of the row that a text starts with: tabs if it has any, else commas, else blanks. What stands in
/// quotes, which may be more than one line, separates nothing.
[[nodiscard]] inline char separator_of(std::string_view content) {
    bool comma = false, field_starts = true;
    for (std::size_t i = 0; i < content.size() && content[i] != '\n' && content[i] != '\r'; ++i) {
        const char c = content[i];
        if (c == '"' && field_starts) {
            // Behind the last of the quotes; two of them are one of the field's own.
            i = content.find('"', i + 1);
            while (i != std::string_view::npos && content.substr(i, 2) == "\"\"")
                i = content.find('"', i + 2);
            if (i == std::string_view::npos) break;
            field_starts = false;
            continue;
        }
        if (c == '\t') return c;
        comma = comma || c == ',';
        field_starts = c == ',' || (field_starts && c == ' ');
    }
    return comma ? ',' : ' ';
}

}  // namespace detail

/// The number that a field of a table is.
///
/// \param field  in decimal notation, `nan` and `inf` included, with a sign or without
/// \returns      nothing for any other text, `n/a` and an empty one among them
[[nodiscard]] inline std::optional<double> number(std::string_view field) {
    if (field.substr(0, 1) == "+" && field.substr(1, 1) != "-") field.remove_prefix(1);
    if (field.empty()) return std::nullopt;
    double out = 0.0;
#if defined(__cpp_lib_to_chars)
    const auto [end, error] = std::from_chars(field.data(), field.data() + field.size(), out);
    if (error == std::errc{} && end == field.data() + field.size()) return out;
    if (error != std::errc::result_out_of_range) return std::nullopt;
#endif
    // Too large or too small, or a standard library without the function above.
    const std::string copy(field);
    if (copy.find_first_of("xXpP \t\n") != std::string::npos) return std::nullopt;
    char* last = nullptr;
    out = std::strtod(copy.c_str(), &last);
    if (last != copy.c_str() + copy.size()) return std::nullopt;
    return out;
}

namespace detail {

[[nodiscard]] inline std::string_view separator_name(char separator) {
    return separator == '\t' ? "tabs" : separator == ',' ? "commas" : separator == ' ' ? "blanks" : "it";
}

/// Takes rows of fields off a text; a field in quotes may hold separators, line ends, and quotes that are doubled.
class RowReader {
public:
    /// \param path  for messages
    /// \param line  number of the first line
    RowReader(std::string_view content, const std::string& path, std::int64_t line = 1)
        : rest_(content), path_(path), line_(line) {}

    /// The number of the line that the next row starts on, from 1.
    [[nodiscard]] std::int64_t line() const { return line_; }

    /// What is left of the line, without taking it.
    [[nodiscard]] std::string_view line_ahead() const {
        return rest_.substr(0, std::min(rest_.find_first_of("\r\n"), rest_.size()));
    }

    /// What separates the fields of the next row.
    [[nodiscard]] char separator_ahead() const { return separator_of(rest_); }

    /// Skips lines of nothing but blanks; is anything left?
    bool skip_blank_lines(std::string_view blanks) {
        while (!rest_.empty() && trimmed(line_ahead(), blanks).empty()) {
            (void)next_line(rest_);
            ++line_;
        }
        return !rest_.empty();
    }

    /// Skips lines of nothing but blanks and those that begin with a character; is anything left?
    bool skip_lines_before(std::optional<char> comment) {
        constexpr std::string_view blanks = " \t";
        while (skip_blank_lines(blanks)) {
            if (!comment || trimmed(line_ahead(), blanks).front() != *comment) return true;
            (void)next_line(rest_);
            ++line_;
        }
        return false;
    }

    /// The fields of the next row; `separator` is a character, or a blank, which stands for runs of blanks.
    /// \param in_quotes  gets which of them stand in quotes
    [[nodiscard]] std::vector<std::string> row(char separator, std::vector<bool>* in_quotes = nullptr) {
        const std::string_view blanks = separator == '\t' ? " " : " \t";
        std::vector<std::string> out;
        if (in_quotes != nullptr) in_quotes->clear();
        for (;;) {
            rest_.remove_prefix(std::min(rest_.find_first_not_of(blanks), rest_.size()));
            if (separator == ' ' && at_end_of_line()) break;
            if (in_quotes != nullptr) in_quotes->push_back(rest_.substr(0, 1) == "\"");
            if (rest_.substr(0, 1) == "\"") {
                out.push_back(quoted());
                const auto after = rest_.substr(0, 1);
                const bool separated = blanks.find(after) != std::string_view::npos;
                rest_.remove_prefix(std::min(rest_.find_first_not_of(blanks), rest_.size()));
                const bool ends =
                    at_end_of_line() || rest_.front() == separator || (separator == ' ' && separated);
                if (!ends)
                    fail(line_, "a quote ends in the middle of a field; double the quotes inside a field");
            } else {
                const auto end = end_of_field(separator);
                out.emplace_back(trimmed(rest_.substr(0, end), blanks));
                rest_.remove_prefix(end);
            }
            if (separator == ' ') continue;
            if (at_end_of_line()) break;
            rest_.remove_prefix(1);
        }
        (void)next_line(rest_);
        ++line_;
        return out;
    }

private:
    [[nodiscard]] bool at_end_of_line() const {
        return rest_.empty() || rest_.front() == '\n' || rest_.front() == '\r';
    }

    /// How many characters are left of a field without quotes. Looks no further, as lines may be long.
    [[nodiscard]] std::size_t end_of_field(char separator) const {
        const char other = separator == ' ' ? '\t' : separator;
        const auto ends = [=](char c) { return c == separator || c == other || c == '\n' || c == '\r'; };
        return static_cast<std::size_t>(std::find_if(rest_.begin(), rest_.end(), ends) - rest_.begin());
    }

    /// The text between quotes; stands at the first of them, and then behind the last.
    [[nodiscard]] std::string quoted() {
        const auto start = line_;
        rest_.remove_prefix(1);
        std::string out;
        for (;;) {
            const auto end = rest_.find('"');
            if (end == std::string_view::npos) {
                fail(start, "a field starts with a quote that is never closed");
            }
            for (const char c : rest_.substr(0, end)) {
                line_ += c == '\n';
                out += c;
            }
            rest_.remove_prefix(end + 1);
            if (rest_.substr(0, 1) != "\"") return out;
            out += '"';
            rest_.remove_prefix(1);
        }
    }

    [[noreturn]] void fail(std::int64_t line, std::string_view problem) const {
        throw FileError(ErrorCode::bad_format, path_, text("line ", line, ": ", problem));
    }

    std::string_view rest_;
    const std::string& path_;
    std::int64_t line_;
};

}  // namespace detail

/// How a table is read.
struct TableOptions {
    std::optional<bool>
        header{};  ///< does the first line name the columns? Else they are column_1, column_2 ... JSON has names of its own
    std::optional<char>
        separator{};  ///< what separates fields; a blank stands for runs of blanks. Else found out
    std::optional<char> comment{};  ///< lines before the header that begin with it are passed over
    std::vector<std::string>
        columns{};  ///< names that are asked for: a first line of numbers that has one of them, and may be names, is
    WarningHandler warning{};  ///< told of a first line with numbers that is taken for names
};

namespace detail {

/// What the first line of a table is, where nobody says it.
enum class FirstLine { names, row, either };

[[nodiscard]] inline bool is_whole_number(std::string_view field) {
    const auto value = number(field);
    return value && std::isfinite(*value) && *value == std::floor(*value);
}

/// As far as the line itself tells. A number in quotes is a name, if those below are not in quotes as well.
/// \param in_quotes  which of the fields stand in quotes that mean something
[[nodiscard]] inline FirstLine look_of_first_line(std::vector<std::string> fields,
                                                  const std::vector<bool>& in_quotes) {
    bool whole = true;
    for (std::size_t i = 0; i < fields.size(); ++i) {
        if (in_quotes[i] || (!is_missing(fields[i]) && !number(fields[i]))) return FirstLine::names;
        // No column is called n/a, but that of the rows' names often has no name.
        whole = whole && (fields[i].empty() || is_whole_number(fields[i]));
    }
    if (fields.empty() || !whole) return FirstLine::row;
    std::sort(fields.begin(), fields.end());
    const bool twice = std::adjacent_find(fields.begin(), fields.end()) != fields.end();
    return twice ? FirstLine::row : FirstLine::either;
}

/// Can the names of columns be the first of their rows, as the rows below tell?
/// \param in_quotes  which of the names stand in quotes that mean something
/// \param asked      is a column asked for by one of the names?
/// \returns          what to say of names that are taken for such: nothing where there is no doubt
/// \throws FileError where they may be either and nobody asks for one
inline std::string doubt_of_names(const TableRows& rows, const std::vector<bool>& in_quotes, bool asked,
                                  const std::string& path) {
    const auto is_field = [](const std::string& field) { return is_missing(field) || number(field); };
    if (std::none_of(rows.names.begin(), rows.names.end(), is_field)) return {};
    bool any_number = false, any_text = false, decimal = false, counted = rows.names.size() > 1;
    bool texts_again = true;  // below themselves
    for (std::size_t i = 0; i < rows.names.size(); ++i) {
        const auto& name = rows.names[i];
        const auto& below = rows.values[i];
        if (in_quotes[i]) return {};
        counted = counted && name == text(i + 1);
        if (!is_field(name)) {
            any_text = true;
            texts_again = texts_again && std::find(below.begin(), below.end(), name) != below.end();
            continue;
        }
        // Nobody writes texts below a number that is a value.
        if (!std::all_of(below.begin(), below.end(), is_field)) return {};
        any_number = any_number || !is_missing(name);
        decimal = decimal || (!is_missing(name) && !is_whole_number(name));
    }
    const auto taken = [&] {
        return text(
            "read_table: ", path, ": the first line, ", visible_text(listed(rows.names, 10)),
            ", is taken for the names of columns; if it is the first row, say so with .header = false");
    };
    if (!any_number) return {};
    if (any_text) return !asked && (decimal || texts_again) ? taken() : std::string();
    const auto is_whole = [](const std::string& field) {
        const auto value = number(field);
        return is_missing(field) || std::isnan(*value) || is_whole_number(field);
    };
    const bool whole = std::all_of(rows.values.begin(), rows.values.end(), [&](const auto& below) {
        return std::all_of(below.begin(), below.end(), is_whole);
    });
    if (!whole &&
        std::none_of(rows.names.begin(), rows.names.end(), [](const auto& name) { return is_missing(name); }))
        return counted || asked ? std::string() : taken();
    if (asked) return taken();
    throw FileError(
        ErrorCode::bad_format, path,
        text("expected names of columns, found whole numbers in the first line, ",
             visible_text(listed(rows.names, 10)), whole ? ", as in those below it" : "",
             ", so that it may be the first row; say which with .header, or name the columns, as label_1"));
}

/// Splits the text of a table.
/// \param path  for messages
/// \param line  number of the first line
[[nodiscard]] inline TableRows table_rows(std::string_view content, const std::string& path,
                                          const TableOptions& options = {}, std::int64_t line = 1) {
    if (content.substr(0, 3) == "\xEF\xBB\xBF") content.remove_prefix(3);
    if (!options.separator && starts_as_json(content)) {
        return JsonRows(content, path).result();
    }
    RowReader reader(content, path, line);
    TableRows out;
    if (!reader.skip_lines_before(options.comment)) {
        throw FileError(ErrorCode::bad_format, path, "expected a header line, found an empty file");
    }
    const char separator = options.separator ? *options.separator : reader.separator_ahead();
    const std::string_view blanks = separator == '\t' ? " " : " \t";
    std::vector<bool> in_quotes;
    if (options.header) {
        out.named = *options.header;
    } else {
        RowReader ahead(reader);
        const auto first = ahead.row(separator, &in_quotes);
        std::vector<bool> quotes_below;
        if (ahead.skip_blank_lines(blanks)) {
            const auto second = ahead.row(separator, &quotes_below);
            // Where numbers are in quotes as well, quotes tell nothing.
            for (std::size_t i = 0; i < second.size(); ++i) {
                if (quotes_below[i] && number(second[i])) in_quotes.assign(first.size(), false);
            }
        }
        out.named = look_of_first_line(first, in_quotes) != FirstLine::row;
    }
    if (out.named) {
        out.names = reader.row(separator);
        out.values.resize(out.names.size());
    }
    while (reader.skip_blank_lines(blanks)) {
        out.places.push_back(reader.line());
        auto row = reader.row(separator);
        if (out.names.empty()) {
            for (std::size_t i = 0; i < row.size(); ++i) out.names.push_back(text(name_of_place, i + 1));
            out.values.resize(out.names.size());
        }
        if (row.size() != out.names.size()) {
            throw FileError(
                ErrorCode::bad_format, path,
                text("line ", out.places.back(), ": expected ", out.names.size(), " fields as in the ",
                     out.named ? text("header (", visible_text(joined(out.names)), ")")
                               : std::string("first line"),
                     ", found ", row.size(), "; fields are separated by ", separator_name(separator)));
        }
        for (std::size_t i = 0; i < row.size(); ++i) out.values[i].push_back(std::move(row[i]));
    }
    const auto is_asked_for = [&](const auto& name) {
        return std::find(options.columns.begin(), options.columns.end(), name) != options.columns.end();
    };
    if (!options.header && out.named) {
        const bool asked = std::any_of(out.names.begin(), out.names.end(), is_asked_for);
        const auto doubt = doubt_of_names(out, in_quotes, asked, path);
        if (!doubt.empty() && options.warning) options.warning(doubt);
    }
    return out;
}

[[nodiscard]] inline Table parse_table(std::string_view content, const std::string& path,
                                       const TableOptions& options = {}) {
    auto rows = table_rows(content, path, options);
    std::vector<Column> columns;
    for (std::size_t i = 0; i < rows.names.size(); ++i)
        columns.emplace_back(std::move(rows.values[i]), std::move(rows.names[i]));
    return Table(std::move(columns), path, rows.named);
}

}  // namespace detail

/// Reads a table of text: a header line with the names of the columns, then one row per line.
///
/// \param path     file, plain or gzip
/// \param options  whether there is a header line, and what separates fields: without a word its first line decides.
///                 Numbers alone, one of them broken or there twice, and numbers with n/a are no names; what stands in quotes
///                 above numbers that do not is one. What separates is told by what is not in quotes: tabs if it has any, else
///                 commas if it has any, else runs of blanks
/// \returns        every column as text
/// \throws FileError  not_found; unreadable, also for folders and pipes; bad_format when the file is empty,
///                    binary or UTF-16, when a line is longer than 16 MiB, when a quote is not closed, or when a row has
///                    another number of fields than the header, or when the first line is of whole numbers as those below it,
///                    so that it may be either and `.header` has to say it; unsupported when it is longer than `longest_table`, 1 GiB
///
/// A field that starts with a quote ends at the next single one, as RFC 4180 and BIDS have it: between them are
/// separators, line ends, and quotes that are doubled. Windows and old Mac line ends, a UTF-8 byte order mark, blank
/// lines, blanks around fields and a missing last line end are accepted. Bytes that are no UTF-8 are taken for Latin-1. A file
/// that starts as an array of objects, or as an object a line, is JSON, an object a row: columns in the order in which they come
/// up, null and what is missing as `n/a`. One pass; memory for the file and its fields. Equals `pandas.read_csv` with the right
/// `sep` and `dtype=str`, but a row that is too short is an error, no text means a missing value, and a file without header line
/// is noticed. Other numbers than 1, 2, 3 ... that are taken for names are said to `.warning`.
[[nodiscard]] inline Table read_table(const std::string& path, const TableOptions& options = {}) {
    return detail::parse_table(utf8_or_latin1(detail::read_text(path)), path, options);
}

namespace detail {

/// Is it a number whose digits are in groups of three, as 1,234,567.8 with `separator` ',' and `point` '.'?
[[nodiscard]] inline bool has_thousands(std::string_view field, char separator, char point) {
    if (field.substr(0, 1) == "-" || field.substr(0, 1) == "+") field.remove_prefix(1);
    const auto digits = [](std::string_view part) {
        return !part.empty() && part.find_first_not_of("0123456789") == std::string_view::npos;
    };
    if (const auto end = field.find(point); end != std::string_view::npos) {
        if (end + 1 < field.size() && !digits(field.substr(end + 1))) return false;
        field = field.substr(0, end);
    }
    const auto first = field.find(separator);
    if (first == std::string_view::npos || first > 3 || !digits(field.substr(0, first))) return false;
    for (auto at = first; at < field.size(); at += 4) {
        if (field[at] != separator || field.size() - at < 4 || !digits(field.substr(at + 1, 3))) return false;
    }
    return true;
}

/// What may be the matter with a field that is no number.
[[nodiscard]] inline std::string_view number_hint(std::string field) {
    field = lower_case(field);
    for (const std::string_view word : {"na", "n.a.", "#n/a", "null", "none", "missing", ".", "-", "--"}) {
        if (field == word) return "; a value that is missing is written n/a";
    }
    if (field == "n/a") return "; a value that is missing is written n/a, in small letters";
    const bool thousands = has_thousands(field, ',', '.') || has_thousands(field, '.', ',') ||
                           has_thousands(field, '\'', '.') || has_thousands(field, ' ', '.') ||
                           has_thousands(field, ' ', ',');
    const auto comma = field.find(',');
    if (comma != std::string::npos) field[comma] = '.';
    const bool decimals = comma != std::string::npos && number(field);
    return thousands && decimals ? "; decimals are written with a point, thousands without a separator"
           : thousands           ? "; thousands are written without a separator, decimals with a point"
           : decimals            ? "; decimals are written with a point"
                                 : "";
}

}  // namespace detail

/// The numbers of a column; `n/a` and empty fields are missing, which is NaN, as is the number `nan` in any letter case.
///
/// Other words for what is missing (NA, N/A, null, None, a point) are refused: what they mean differs between the
/// programs that write them. So are decimals with a comma and numbers with separators of thousands.
///
/// \throws InvalidArgument when a field is no number, with its column and row, counted from 1 below the header
[[nodiscard]] inline std::vector<double> numbers(const Column& column) {
    std::vector<double> out;
    out.reserve(static_cast<std::size_t>(column.size()));
    for (const auto& field : column) {
        const bool missing = is_missing(field);
        const auto value = missing ? std::numeric_limits<double>::quiet_NaN() : number(field);
        if (!value) {
            throw InvalidArgument(text("column \"", visible_text(column.name()), "\", row ", out.size() + 1,
                                       ": expected a number or n/a, found \"", visible_text(field), '"',
                                       detail::number_hint(field)));
        }
        out.push_back(*value);
    }
    return out;
}

inline std::string Table::hint(std::string_view name) const {
    if (columns_.empty()) return {};
    if (const auto written = as_written(name); written != name)
        return text("; capital letters count: \"", visible_text(written), '"');
    if (!named_)
        return "; its first line looks like data, so that its columns are called by their places: add a line "
               "with names";
    const auto& first = columns_.front().name();
    if (first.substr(0, 1) == "#") return "; its first line is a comment: remove it";
    if (columns_.size() == 1 && first.find(';') != std::string::npos) {
        return "; its fields seem to be separated by semicolons: write commas or tabs, or choose .separator "
               "= ';'";
    }
    // A first line that is a row like the others: a number, or every field found again below it.
    bool repeated = rows() > 0;
    for (const auto& column : columns_) {
        if (number(column.name())) repeated = true;
        if (number(column.name())) break;
        repeated = repeated && std::find(column.begin(), column.end(), column.name()) != column.end();
    }
    if (!repeated) return {};
    return "; its first line looks like data: add a line with the names of the columns, or read it with "
           ".header = false, which names them column_1, column_2, column_3";
}

}  // namespace roi
