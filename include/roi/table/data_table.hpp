// Tables of results: named columns of numbers and texts, written as TSV, CSV or JSON.
#pragma once

#include <roi/core/detail/fetch_ahead.hpp>
#include <roi/core/encoding.hpp>
#include <roi/core/error.hpp>
#include <roi/core/text.hpp>
#include <roi/image/column.hpp>
#include <roi/io/gzip.hpp>
#include <roi/table/detail/number_text.hpp>
#include <roi/table/table.hpp>

#include <algorithm>
#include <array>
#include <cmath>
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <set>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

namespace roi {

/// Named columns of one length, each of numbers, whole numbers or texts; a missing value is NaN or nothing.
///
/// Every function whose result has rows has a way to one. Memory: the values.
class DataTable {
public:
    using Numbers = std::vector<double>;
    using WholeNumbers = std::vector<std::optional<std::int64_t>>;
    using Texts = std::vector<std::optional<std::string>>;
    /// Numbers that lie in something that columns share, such as a matrix; nothing is copied.
    struct SharedNumbers {
        std::shared_ptr<const void> owner;  ///< keeps them where they are
        std::span<const double> values;

        [[nodiscard]] std::size_t size() const { return values.size(); }
    };

    struct Column {
        std::string name;
        std::variant<Numbers, WholeNumbers, Texts, SharedNumbers> values;
    };

    /// Adds a column to the right of the others.
    /// \throws InvalidArgument when another column has this name or another length
    DataTable& add(std::string name, Numbers values) { return append(std::move(name), std::move(values)); }
    DataTable& add(std::string name, WholeNumbers values) {
        return append(std::move(name), std::move(values));
    }
    DataTable& add(std::string name, Texts values) { return append(std::move(name), std::move(values)); }
    DataTable& add(std::string name, SharedNumbers values) {
        return append(std::move(name), std::move(values));
    }
    DataTable& add(std::string name, const std::vector<std::int64_t>& values) {
        return append(std::move(name), WholeNumbers(values.begin(), values.end()));
    }
    DataTable& add(std::string name, const std::vector<std::string>& values) {
        return append(std::move(name), Texts(values.begin(), values.end()));
    }

    /// From left to right.
    [[nodiscard]] const std::vector<Column>& columns() const { return columns_; }

    /// Number of rows.
    [[nodiscard]] std::int64_t rows() const {
        return columns_.empty() ? 0 : static_cast<std::int64_t>(length(columns_.front().values));
    }

    /// The numbers of a column; whole numbers become numbers, what is missing NaN.
    /// \throws InvalidArgument when there is no such column, listing those there are, or when it holds texts
    [[nodiscard]] Numbers numbers(std::string_view name) const {
        const auto& values = find(name).values;
        if (const auto* numbers = std::get_if<Numbers>(&values)) return *numbers;
        if (const auto* shared = std::get_if<SharedNumbers>(&values)) {
            return {shared->values.begin(), shared->values.end()};
        }
        if (const auto* whole = std::get_if<WholeNumbers>(&values)) {
            Numbers out;
            for (const auto& value : *whole) {
                out.push_back(value ? static_cast<double>(*value) : std::nan(""));
            }
            return out;
        }
        throw InvalidArgument(text("table: column \"", name, "\" holds texts, not numbers"));
    }

    /// The column of this name.
    /// \throws InvalidArgument when there is none, listing those there are
    [[nodiscard]] const Column& find(std::string_view name) const {
        for (const auto& column : columns_) {
            if (column.name == name) return column;
        }
        std::vector<std::string> names;
        for (const auto& column : columns_) names.push_back(column.name);
        throw InvalidArgument(
            text("table: there is no column \"", name, "\"; the columns are: ", joined(names)));
    }

private:
    template <class Values>
    static std::size_t length(const Values& values) {
        return std::visit([](const auto& column) { return column.size(); }, values);
    }

    template <class Values>
    DataTable& append(std::string name, Values values) {
        if (!columns_.empty() && values.size() != static_cast<std::size_t>(rows())) {
            throw InvalidArgument(text("table: column \"", name, "\" has ", values.size(),
                                       " rows, the columns before it have ", rows()));
        }
        if (!names_.insert(name).second) {
            throw InvalidArgument(
                text("table: two columns are called \"", name, "\"; give each a name of its own"));
        }
        columns_.push_back({std::move(name), std::move(values)});
        return *this;
    }

    std::vector<Column> columns_;
    std::set<std::string> names_;  // of the columns
};

/// How a table is written.
enum class TableFormat {
    tsv,   ///< a header line, tabs between fields, `n/a` for what is missing, as BIDS has it
    csv,   ///< the same with commas
    json,  ///< an array with an object a row, null for what is missing
};

/// What becomes of texts that a spreadsheet would run: those that begin with =, +, -, @, a tab or a line end and are no
/// numbers.
///
/// Whoever names a region `=HYPERLINK(...)` would otherwise decide what is done on the desk of whoever opens the table.
enum class Formulas {
    keep,    ///< they stay as they are: what reads the table back gets the same texts
    quote,   ///< an apostrophe before them, which spreadsheets take for the sign of a text
    refuse,  ///< InvalidArgument, naming the column and the row
};

/// Settings of `format_table` and `write_table`.
struct TableTextOptions {
    Formulas formulas = Formulas::keep;  ///< of TSV and CSV; nothing runs JSON
};

/// The format that the ending of a file name says.
/// \throws InvalidArgument for an ending that is none of .tsv, .csv, .json and .txt (which is tsv), with or without .gz
[[nodiscard]] inline TableFormat table_format_of(std::string_view path) {
    std::string name(path.substr(path.find_last_of('/') + 1));
    std::transform(name.begin(), name.end(), name.begin(),
                   [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; });
    if (name.ends_with(".gz")) name.resize(name.size() - 3);
    if (name.ends_with(".tsv") || name.ends_with(".txt")) return TableFormat::tsv;
    if (name.ends_with(".csv")) return TableFormat::csv;
    if (name.ends_with(".json")) return TableFormat::json;
    throw InvalidArgument(
        text(path, ": a table is written as .tsv, .csv or .json; end the name in one of them"));
}

namespace detail {

/// A field of TSV or CSV: in quotes, with its own quotes doubled, where it would break the row (RFC 4180).
/// \param quoted  in any case?
[[nodiscard]] inline std::string table_field(std::string_view value, char separator, bool quoted = false) {
    auto field = valid_utf8(value);
    const bool plain = !quoted && field.find_first_of("\"\r\n") == std::string::npos &&
                       field.find(separator) == std::string::npos && !field.empty() && field.front() != ' ' &&
                       field.back() != ' ';
    if (plain) return field;
    std::string out = "\"";
    for (const char c : field) out += c == '"' ? std::string("\"\"") : std::string(1, c);
    return out + '"';
}

/// May a field be taken for several by who finds out what separates? Tabs come before commas, and a single column has neither.
[[nodiscard]] inline bool looks_separated(std::string_view field, std::size_t columns) {
    return field.find_first_of(columns == 1 ? std::string_view("\t, ") : std::string_view("\t")) !=
           std::string_view::npos;
}

/// A text as `formulas` wants it; `where` is for the message.
template <class Where>
[[nodiscard]] std::string without_formula(const std::string& value, Formulas formulas, const Where& where) {
    if (formulas == Formulas::keep || value.find_first_of("=+-@\t\r\n") != 0 || number(value)) return value;
    if (formulas == Formulas::quote) {
        std::string out = "'";
        out += value;
        return out;
    }
    throw InvalidArgument(
        text("table: ", where(), ": \"", visible_text(value),
             "\" is a text that a spreadsheet would run; rename it, or choose Formulas::quote"));
}

[[nodiscard]] inline std::string json_string(std::string_view value) {
    constexpr std::string_view digits = "0123456789abcdef";
    std::string out = "\"";
    for (const char c : valid_utf8(value)) {
        const auto code = static_cast<unsigned char>(c);
        if (c == '"' || c == '\\') {
            out += '\\';
            out += c;
        } else if (code < 0x20 || code == 0x7F) {
            out += "\\u00";
            out += digits[code >> 4];
            out += digits[code & 15];
        } else {
            out += c;
        }
    }
    return out + '"';
}

/// Appends cells; numbers in their shortest exact form.
class CellWriter {
public:
    /// \param columns  how many the table has
    CellWriter(TableFormat format, Formulas formulas, std::size_t columns, TextRoom& out)
        : format_(format), formulas_(formulas), columns_(columns), out_(out) {}

    void write(double value) const {
        if (std::isnan(value)) {
            missing();
        } else if (format_ == TableFormat::json && std::isinf(value)) {
            out_.append(json_string(text(value)));  // JSON has no infinity
        } else {
            out_.end_at(write_number(out_.room(most_of_number), value));
        }
    }
    void write(const DataTable::Column& column, std::size_t row) const {
        if (const auto* numbers = std::get_if<DataTable::Numbers>(&column.values)) {
            write((*numbers)[row]);
        } else if (const auto* shared = std::get_if<DataTable::SharedNumbers>(&column.values)) {
            write(shared->values[row]);
        } else if (const auto* whole = std::get_if<DataTable::WholeNumbers>(&column.values)) {
            if ((*whole)[row]) {
                out_.append(text(*(*whole)[row]));
            } else {
                missing();
            }
        } else {
            write(std::get<DataTable::Texts>(column.values)[row], column, row);
        }
    }

private:
    void write(const std::optional<std::string>& value, const DataTable::Column& column,
               std::size_t row) const {
        if (!value) return missing();
        if (format_ == TableFormat::json) {
            return out_.append(json_string(*value));
        }
        const auto field = without_formula(*value, formulas_, [&] {
            return text("column \"", visible_text(column.name), "\", row ", row + 1);
        });
        out_.append(
            table_field(field, format_ == TableFormat::csv ? ',' : '\t', looks_separated(field, columns_)));
    }
    void missing() const { out_.append(format_ == TableFormat::json ? "null" : "n/a"); }

    TableFormat format_;
    Formulas formulas_;
    std::size_t columns_;
    TextRoom& out_;
};

}  // namespace detail

/// A text as it stands in a table that is written with `formulas`, for what names a column elsewhere.
///
/// \param where  where it comes from, for the message
/// \throws InvalidArgument where `formulas` refuses it
[[nodiscard]] inline std::string without_formula(const std::string& value, Formulas formulas,
                                                 const std::string& where = "text") {
    return detail::without_formula(value, formulas, [&] { return where; });
}

/// A table as text, piece by piece: a piece is some rows, about a megabyte.
///
/// \param write  `write(std::string_view piece)`, called for one after the other
/// \throws InvalidArgument where `.formulas` refuses a text, before the first piece
///
/// What `format_table` gives as a whole; memory: a piece.
template <std::invocable<std::string_view> Write>
void format_table(const DataTable& table, TableFormat format, Write&& write,
                  const TableTextOptions& options = {}) {
    constexpr std::size_t piece = std::size_t{1} << 20;
    const auto& columns = table.columns();
    const bool json = format == TableFormat::json;
    const char separator = format == TableFormat::tsv ? '\t' : ',';
    detail::TextRoom out;
    std::vector<std::string> keys;          // of an object of JSON
    std::vector<const double*> numbers_of;  // of columns that hold them
    // A line of nothing but numbers would be taken for the first row; beside texts, those that are not whole look like values.
    const bool like_a_row = std::all_of(columns.begin(), columns.end(), [](const auto& column) {
        return is_missing(column.name) || number(column.name);
    });
    for (std::size_t k = 0; k < columns.size(); ++k) {
        const auto* numbers = std::get_if<DataTable::Numbers>(&columns[k].values);
        const auto* shared = std::get_if<DataTable::SharedNumbers>(&columns[k].values);
        numbers_of.push_back(numbers ? numbers->data() : shared ? shared->values.data() : nullptr);
        if (json) {
            keys.push_back(detail::json_string(columns[k].name));
            keys.back() += ": ";
        } else {
            const auto header = [] { return std::string("name of a column"); };
            if (k > 0) out.append(separator);
            const auto& name = columns[k].name;
            out.append(detail::table_field(detail::without_formula(name, options.formulas, header), separator,
                                           like_a_row || (number(name) && !detail::is_whole_number(name)) ||
                                               detail::looks_separated(name, columns.size())));
        }
    }
    out.append(json ? '[' : '\n');
    const detail::CellWriter cell(format, options.formulas, columns.size(), out);
    if (options.formulas == Formulas::refuse) {
        const auto before = out.size();
        for (std::int64_t row = 0; row < table.rows(); ++row) {
            for (const auto& column : columns) {
                if (!std::holds_alternative<DataTable::Texts>(column.values)) continue;
                cell.write(column, static_cast<std::size_t>(row));
                out.cut(before);
            }
        }
    }
    const auto rows = static_cast<std::size_t>(table.rows());
    // Numbers of a few rows at a time: what is fetched of a column, from a page of its own, is used for all of them.
    constexpr std::size_t some = 8;
    std::vector<std::array<double, some>> here(columns.size());
    for (std::size_t row = 0; row < rows; ++row) {
        if (row % some == 0) {
            const std::size_t number = std::min(some, rows - row);
            for (std::size_t k = 0; k < columns.size(); ++k) {
                if (numbers_of[k]) std::copy_n(numbers_of[k] + row, number, here[k].begin());
            }
        }
        if (json) out.append(row > 0 ? ",\n  {" : "\n  {");
        for (std::size_t k = 0; k < columns.size(); ++k) {
            if (k > 0) out.append(separator);
            if (json) out.append(keys[k]);
            if (numbers_of[k]) {
                if (row % some == 0 && row + some < rows) detail::fetch_ahead(numbers_of[k] + row + some);
                cell.write(here[k][row % some]);
            } else {
                cell.write(columns[k], row);
            }
        }
        out.append(json ? '}' : '\n');
        if (out.size() < piece) continue;
        write(out.view());
        out.cut(0);
    }
    if (json) out.append(rows > 0 ? "\n]\n" : "]\n");
    write(out.view());
}

/// A table as text.
///
/// \returns  TSV or CSV: a header line, then a line a row, numbers in their shortest exact form, `n/a` for what is
///           missing, fields that would break a row in quotes (RFC 4180), as are names of columns that look like numbers
///           where others do not say that they are names. JSON: an array of objects with the columns'
///           names, null for what is missing, infinities as the texts "inf" and "-inf". Always valid UTF-8: other bytes
///           become U+FFFD.
/// \throws InvalidArgument where `.formulas` refuses a text
///
/// O(cells). `read_table` and pandas read all three back.
[[nodiscard]] inline std::string format_table(const DataTable& table, TableFormat format,
                                              const TableTextOptions& options = {}) {
    std::string out;
    format_table(
        table, format, [&](std::string_view piece) { out += piece; }, options);
    return out;
}

/// Writes a table; the ending of the name says the format, and .gz after it compresses.
///
/// \throws InvalidArgument for another ending, and as `format_table`; FileError unwritable, an older file then stays as it
///         was
inline void write_table(const DataTable& table, const std::string& path,
                        const TableTextOptions& options = {}) {
    const auto format = table_format_of(path);
    ByteWriter writer(path, path.ends_with(".gz") ? Compression::gzip : Compression::none);
    format_table(
        table, format, [&](std::string_view piece) { writer.write(piece); }, options);
    writer.commit();
}

/// A table of text as one of results: a column of whole numbers, of numbers or of texts, whichever all its fields are.
///
/// `n/a` and empty fields are missing; a column of nothing else is one of numbers.
[[nodiscard]] inline DataTable data_table(const Table& table) {
    DataTable out;
    for (const auto& name : table.columns()) {
        const auto& column = table[name];
        DataTable::Texts texts;
        DataTable::WholeNumbers whole;
        DataTable::Numbers numbers;
        bool all_whole = true, all_numbers = true, any = false;
        for (const auto& field : column) {
            const bool missing = is_missing(field);
            texts.push_back(missing ? std::nullopt : std::optional(field));
            const auto value = missing ? std::optional(std::nan("")) : number(field);
            any = any || !missing;
            all_numbers = all_numbers && value;
            if (!all_numbers) continue;
            numbers.push_back(*value);
            // Beyond this not every whole number is a double.
            constexpr double most = 9007199254740992.0;
            const bool digits = field.find_first_not_of("+-0123456789") == std::string::npos;
            all_whole = all_whole && (missing || (digits && std::abs(*value) <= most));
            if (!all_whole) continue;
            whole.push_back(missing ? std::nullopt : std::optional(static_cast<std::int64_t>(*value)));
        }
        if (!all_numbers) {
            out.add(name, std::move(texts));
        } else if (any && all_whole) {
            out.add(name, std::move(whole));
        } else {
            out.add(name, std::move(numbers));
        }
    }
    return out;
}

}  // namespace roi
