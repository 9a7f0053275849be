// Tables of signals: which of their columns are signals.
#pragma once

#include <roi/core/error.hpp>
#include <roi/core/text.hpp>
#include <roi/table/data_table.hpp>
#include <roi/table/table.hpp>

#include "support/wording.hpp"
#include <algorithm>
#include <cmath>
#include <cstddef>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace command {

/// The same table, in which a column is of texts, whatever it looks like.
inline roi::DataTable with_texts(const roi::DataTable& table, const roi::Column& texts) {
    roi::DataTable out;
    for (const auto& column : table.columns()) {
        if (column.name == texts.name()) {
            out.add(column.name, std::vector<std::string>(texts.begin(), texts.end()));
        } else {
            std::visit([&](const auto& values) { out.add(column.name, values); }, column.values);
        }
    }
    return out;
}

/// Is it the column that numbers the volumes, as `roi_extraction` writes it beside the signals?
inline bool numbers_volumes(const roi::DataTable& table, std::string_view name) {
    if (name != "frame") return false;
    const auto values = table.numbers(name);
    if (values.empty() || values[0] < 0.0) return false;
    for (std::size_t i = 0; i < values.size(); ++i) {
        if (values[i] != std::floor(values[i]) || (i > 0 && !(values[i] > values[i - 1]))) return false;
    }
    return true;
}

/// Whole numbers in the first line may be names or the first volume: above other numbers too they are taken for names, as a
/// numbered table has them, which is said.
/// \throws InvalidArgument when all below are whole as well, so that nothing says which
inline void require_names(const roi::Table& table, const std::string& file,
                          const roi::WarningHandler& warning) {
    if (file.ends_with(".json") || file.ends_with(".json.gz")) return;  // where names are names
    const auto is_whole = [](const std::string& field) {
        const auto value = roi::number(field);
        return value && *value == std::floor(*value);
    };
    const auto& names = table.columns();
    if (table.rows() == 0 || names.empty() || !std::all_of(names.begin(), names.end(), is_whole)) return;
    const bool whole = std::all_of(names.begin(), names.end(), [&](const auto& name) {
        const auto& fields = table[name];
        return std::all_of(fields.begin(), fields.end(), [&](const auto& field) {
            const auto value = roi::number(field);
            return is_whole(field) || roi::is_missing(field) || (value && std::isnan(*value));
        });
    });
    if (!whole) {
        // These are the names of a table that has no line of them.
        bool counted = true;
        for (std::size_t i = 0; i < names.size(); ++i) counted = counted && names[i] == roi::text(i + 1);
        if (warning && !counted)
            warning(roi::text(
                file, ": the first line, ", roi::listed(names),
                ", is taken for the names of columns; if it is the first volume, add a line with names"));
        return;
    }
    throw roi::InvalidArgument(
        roi::text(file,
                  ": expected names of columns, found whole numbers in the first line as in those below "
                  "it, so that it may be the first volume: add a line with names such as label_1"));
}

/// A table of signals: columns of numbers, and columns of texts such as conditions, of which the one that numbers the volumes
/// is one. One in which numbers and texts are mixed is neither: a number is misspelt there.
inline roi::DataTable signals_in(const roi::Table& table, const std::string& file) {
    auto out = roi::data_table(table);
    for (const auto& column : out.columns()) {
        if (!std::holds_alternative<roi::DataTable::Texts>(column.values)) continue;
        const auto& fields = table[column.name];
        // Decimals with a comma as well, of which no column of texts is made in silence.
        const auto is_number = [](std::string field) {
            std::replace(field.begin(), field.end(), ',', '.');
            return roi::number(field).has_value();
        };
        if (std::none_of(fields.begin(), fields.end(), is_number)) continue;
        examples::in_file(file, [&] { (void)roi::numbers(fields); });
    }
    const auto holds_frames = [&](const roi::DataTable::Column& column) {
        return !std::holds_alternative<roi::DataTable::Texts>(column.values) &&
               numbers_volumes(out, column.name);
    };
    if (std::any_of(out.columns().begin(), out.columns().end(), holds_frames)) {
        return with_texts(out, table["frame"]);
    }
    return out;
}

/// The columns of a table of signals that are numbers.
/// \throws InvalidArgument when there is none
inline roi::DataTable only_signals(const roi::DataTable& table, const std::string& file) {
    roi::DataTable out;
    std::vector<std::string> names;
    for (const auto& column : table.columns()) {
        names.push_back(roi::visible_text(column.name));
        if (std::holds_alternative<roi::DataTable::Texts>(column.values)) continue;
        std::visit([&](const auto& values) { out.add(column.name, values); }, column.values);
    }
    if (!out.columns().empty() || names.empty()) return out;
    throw roi::InvalidArgument(roi::text(file, ": expected a column of signals, found none in the columns ",
                                         roi::joined(names, ", ")));
}

/// \param what  the option that takes no other numbers
/// \throws InvalidArgument naming the first that is n/a or infinite
inline void require_finite(const roi::DataTable& table, const std::string& file, std::string_view what) {
    for (const auto& column : table.columns()) {
        if (std::holds_alternative<roi::DataTable::Texts>(column.values)) continue;
        const auto values = table.numbers(column.name);
        for (std::size_t row = 0; row < values.size(); ++row) {
            if (std::isfinite(values[row])) continue;
            throw roi::InvalidArgument(roi::text(
                file, ": column \"", roi::visible_text(column.name), "\", row ", row + 1, ": ", what,
                " needs numbers everywhere, found ", std::isnan(values[row]) ? "n/a" : "infinity"));
        }
    }
}

/// The names of those columns.
inline std::vector<std::string> signal_names(const roi::Table& table, const std::string& file,
                                             const roi::WarningHandler& warning) {
    require_names(table, file, warning);
    const auto signals = only_signals(signals_in(table, file), file);
    std::vector<std::string> out;
    for (const auto& column : signals.columns()) out.push_back(column.name);
    return out;
}

}  // namespace command
