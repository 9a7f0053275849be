// Tables with one row for each volume or map: what they are about is checked where the name of the file is known.
#pragma once

#include <roi/core/error.hpp>
#include <roi/core/text.hpp>
#include <roi/image/column.hpp>
#include <roi/table/table.hpp>

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace command {

/// \throws InvalidArgument when a column of a file has not one row for each of the volumes
inline void require_rows(const std::string& file, const roi::Column& column, std::int64_t volumes,
                         std::string_view what = "volumes") {
    if (column.size() == volumes) return;
    throw roi::InvalidArgument(roi::text(file, ": expected a row for each of the ", volumes, ' ', what,
                                         ", found ", column.size(), column.size() == 1 ? " row" : " rows"));
}

/// Does a column number the rows: whole numbers from 0 on, each above the one before it?
[[nodiscard]] inline bool numbers_rows(const roi::Column& column) {
    double before = -1.0;
    for (const auto& field : column) {
        const auto value = roi::number(field);
        if (!value || *value != std::floor(*value) || !(*value > before)) return false;
        before = *value;
    }
    return column.size() > 0;
}

/// Is a column's name one that pandas gives the index of a table: none, or what it makes of that each time it reads the table?
[[nodiscard]] inline bool is_name_of_index(std::string_view name) {
    constexpr std::string_view read = "Unnamed: 0";
    if (name.empty()) return true;
    if (!name.starts_with(read)) return false;
    return std::all_of(name.begin() + read.size(), name.end(),
                       [](char c) { return c == '.' || (c >= '0' && c <= '9'); });
}

/// The columns that pandas writes beside a table, the index of its rows, one each time it was written: names that it gives
/// them, of columns that number the rows.
[[nodiscard]] inline std::vector<std::string> index_of_rows(const roi::Table& table) {
    auto out = table.columns();
    std::erase_if(
        out, [&](const std::string& name) { return !is_name_of_index(name) || !numbers_rows(table[name]); });
    return out;
}

/// The name of the column to take where none is told: the first that does not only say whose each row is.
[[nodiscard]] inline std::string first_column(const std::string& path, const roi::Table& table) {
    const auto names = table.columns();
    const auto other = std::find_if(names.begin(), names.end(),
                                    [](const std::string& name) { return name != "participant_id"; });
    if (other == names.end()) {
        throw roi::InvalidArgument(path + ": expected a column of numbers, found participant_id alone");
    }
    return *other;
}

/// What says that columns were chosen by nobody: the option that chooses, and what there is; empty where it was given.
[[nodiscard]] inline std::string option_that_chooses(std::string_view option, bool given,
                                                     const roi::Table& table) {
    if (given || table.columns().size() < 2) return {};
    return roi::text(option, " chooses among ", roi::listed(table.columns(), 30));
}

/// The numbers of a column, NaN where they are missing.
/// \param choice  what messages say of who chose the column
/// \throws InvalidArgument naming the file, the column and the row of what is no number
[[nodiscard]] inline std::vector<double> numbers_of(const std::string& file, const roi::Column& column,
                                                    std::string_view choice = {}) {
    try {
        return roi::numbers(column);
    } catch (const roi::InvalidArgument& error) {
        throw roi::InvalidArgument(roi::text(file, ": ", error.what(), choice.empty() ? "" : "; ", choice));
    }
}

/// The same where none may be missing.
/// \param such_as  what messages say of the numbers
/// \param choice   what they say of who chose the column, where it holds texts
[[nodiscard]] inline std::vector<double> finite_numbers_of(const std::string& file, const roi::Column& column,
                                                           std::string_view such_as = {},
                                                           std::string_view choice = {}) {
    std::vector<double> out;
    for (const auto& field : column) {
        const auto value = roi::number(field);
        if (!value || !std::isfinite(*value)) {
            auto with_point = field;
            std::replace(with_point.begin(), with_point.end(), ',', '.');
            const bool decimals = with_point != field && roi::number(with_point);
            const bool says_whose = !value && !decimals && !roi::is_missing(field) && !choice.empty();
            throw roi::InvalidArgument(roi::text(
                file, ": column \"", column.name(), "\", row ", out.size() + 1, ": expected a number, found ",
                field.empty() ? std::string("nothing") : '"' + field + '"',
                decimals ? "; decimals are written with a point" : "", such_as.empty() ? "" : "; ", such_as,
                says_whose ? "; " : "", says_whose ? choice : std::string_view()));
        }
        out.push_back(*value);
    }
    return out;
}

/// \throws InvalidArgument when what is missing was named as a condition
inline void require_conditions(const std::vector<std::string>& names) {
    for (const auto& name : names) {
        if (!roi::is_missing(name)) continue;
        throw roi::InvalidArgument("--conditions: expected names of conditions, found \"" + name +
                                   "\", which stands for volumes that have none");
    }
}

}  // namespace command
