// Tables of text with a header line, such as the `labels.txt` of a run: one row per volume.
#pragma once

#include <roi/core/error.hpp>
#include <roi/core/text.hpp>
#include <roi/image/column.hpp>
#include <roi/io/gzip.hpp>

#include <algorithm>
#include <array>
#include <charconv>
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

/// Columns of text of the same length, found by name.
class Table {
public:
    /// \param columns  columns of one length
    /// \param source   what messages call the table, usually its file
    /// \throws InvalidArgument when the columns are of different lengths
    explicit Table(std::vector<Column> columns, std::string source = "table")
        : columns_(std::move(columns)), source_(std::move(source)) {
        for (const auto& column : columns_) {
            if (column.size() == rows()) continue;
            throw InvalidArgument(text(source_, ": column \"", column.name(), "\" has ", column.size(),
                                       " rows, column \"", columns_.front().name(), "\" has ", rows()));
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

    /// Number of rows below the header.
    [[nodiscard]] std::int64_t rows() const { return columns_.empty() ? 0 : columns_.front().size(); }

private:
    [[nodiscard]] std::size_t find(std::string_view name) const {
        const auto named = [name](const Column& column) { return column.name() == name; };
        const auto first = std::find_if(columns_.begin(), columns_.end(), named);
        if (first == columns_.end()) {
            throw InvalidArgument(
                text(source_, ": there is no column \"", name, "\"; the columns are: ", joined(columns())));
        }
        if (std::find_if(first + 1, columns_.end(), named) != columns_.end()) {
            throw InvalidArgument(text(source_, ": more than one column is called \"", name,
                                       "\"; rename one of them in the header line"));
        }
        return static_cast<std::size_t>(first - columns_.begin());
    }

    std::vector<Column> columns_;
    std::string source_;
};

namespace detail {

// Far beyond any table of a run, and small enough that a wrong file costs no memory before it is refused.
inline constexpr std::size_t longest_table_line = std::size_t{1} << 24;
inline constexpr std::size_t longest_table = std::size_t{1} << 30;

/// Reads a text file whole; refuses binary data as soon as it shows.
[[nodiscard]] inline std::string read_text(const std::string& path) {
    ByteReader reader(path);
    std::string out;
    std::size_t line_start = 0;
    std::array<char, 1 << 16> chunk;
    for (;;) {
        const auto found = reader.read(std::as_writable_bytes(std::span(chunk)));
        if (found == 0) return out;
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

/// The fields of a line; `separator` is a tab, a comma, or a blank, which stands for runs of blanks.
[[nodiscard]] inline std::vector<std::string_view> fields(std::string_view line, char separator) {
    std::vector<std::string_view> out;
    if (separator == ' ') {
        constexpr std::string_view blanks = " \t";
        for (auto first = line.find_first_not_of(blanks); first != std::string_view::npos;) {
            const auto last = std::min(line.find_first_of(blanks, first), line.size());
            out.push_back(line.substr(first, last - first));
            first = line.find_first_not_of(blanks, last);
        }
        return out;
    }
    const std::string_view blanks = separator == '\t' ? " " : " \t";
    for (;;) {
        const auto end = std::min(line.find(separator), line.size());
        out.push_back(trimmed(line.substr(0, end), blanks));
        if (end == line.size()) return out;
        line.remove_prefix(end + 1);
    }
}

/// Takes a line off the front of a text, whatever ends it.
[[nodiscard]] inline std::string_view next_line(std::string_view& content) {
    const auto end = std::min(content.find_first_of("\r\n"), content.size());
    const auto line = content.substr(0, end);
    content.remove_prefix(end);
    if (!content.empty()) content.remove_prefix(content.substr(0, 2) == "\r\n" ? 2 : 1);
    return line;
}

/// What separates the fields of a header line.
[[nodiscard]] inline char separator_of(std::string_view header) {
    return header.find('\t') != std::string_view::npos  ? '\t'
           : header.find(',') != std::string_view::npos ? ','
                                                        : ' ';
}

/// A number in decimal notation, `nan` and `inf` included; nothing for any other text.
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

/// Splits the text of a table; `path` is for messages.
[[nodiscard]] inline Table parse_table(std::string_view content, const std::string& path) {
    if (content.substr(0, 3) == "\xEF\xBB\xBF") content.remove_prefix(3);

    std::vector<std::string> names;
    std::vector<std::vector<std::string>> values;
    char separator = '\0';
    for (std::int64_t line_number = 1; !content.empty(); ++line_number) {
        const auto line = next_line(content);
        if (trimmed(line, separator == '\t' ? " " : " \t").empty()) continue;
        if (names.empty()) {
            separator = separator_of(line);
            for (const auto field : fields(line, separator)) names.emplace_back(field);
            values.resize(names.size());
            continue;
        }
        const auto row = fields(line, separator);
        if (row.size() != names.size()) {
            throw FileError(
                ErrorCode::bad_format, path,
                text("line ", line_number, ": expected ", names.size(), " fields as in the header (",
                     joined(names), "), found ", row.size(), "; fields are separated by ",
                     separator == '\t'  ? "tabs"
                     : separator == ',' ? "commas"
                                        : "blanks",
                     ", quotes have no meaning"));
        }
        for (std::size_t i = 0; i < row.size(); ++i) values[i].emplace_back(row[i]);
    }
    if (names.empty()) {
        throw FileError(ErrorCode::bad_format, path, "expected a header line, found an empty file");
    }
    std::vector<Column> columns;
    for (std::size_t i = 0; i < names.size(); ++i) columns.emplace_back(std::move(values[i]), names[i]);
    return Table(std::move(columns), path);
}

}  // namespace detail

/// Reads a table of text: a header line with the names of the columns, then one row per line.
///
/// \param path  file; its header decides what separates fields: tabs if it has any, else commas if it has
///              any, else runs of blanks
/// \returns     every column as text
/// \throws FileError  not_found; unreadable, also for folders and pipes; bad_format when the file is empty or
///                    binary, when a line is longer than 16 MiB, or when a row has another number of fields
///                    than the header; unsupported when it is longer than 1 GiB
///
/// Windows and old Mac line ends, a UTF-8 byte order mark, blank lines, blanks around fields and a missing
/// last line end are accepted. Quotes have no meaning: a field cannot hold its separator. One pass; memory
/// for the file and its fields. Equals `pandas.read_csv` with the right `sep` and `dtype=str`, but a row that
/// is too short is an error, and no text means a missing value.
[[nodiscard]] inline Table read_table(const std::string& path) {
    return detail::parse_table(detail::read_text(path), path);
}

/// The numbers of a column; `n/a` and empty fields are NaN.
///
/// \throws InvalidArgument when a field is no number, with its column and row, counted from 1 below the header
[[nodiscard]] inline std::vector<double> numbers(const Column& column) {
    std::vector<double> out;
    out.reserve(static_cast<std::size_t>(column.size()));
    for (const auto& field : column) {
        const bool missing = field.empty() || field == "n/a";
        const auto value = missing ? std::numeric_limits<double>::quiet_NaN() : detail::number(field);
        if (!value) {
            throw InvalidArgument(text("column \"", column.name(), "\", row ", out.size() + 1,
                                       ": expected a number or n/a, found \"", field, "\""));
        }
        out.push_back(*value);
    }
    return out;
}

}  // namespace roi
