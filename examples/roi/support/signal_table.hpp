// Tables of signals: which of their columns are signals.
#pragma once

#include <roi/core/error.hpp>
#include <roi/core/text.hpp>
#include <roi/table/data_table.hpp>
#include <roi/table/table.hpp>

#include "support/wording.hpp"
#include "volume_tables.hpp"
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

/// \param advice  what to do with a table of events, if there is something
/// \throws InvalidArgument where it is one, whose rows are no volumes
inline void require_volumes(const roi::Table& table, const std::string& file, std::string_view advice = {}) {
    if (!table.contains(table.as_written("onset")) || !table.contains(table.as_written("duration"))) return;
    throw roi::InvalidArgument(
        roi::text(file, ": expected signals, a row per volume, found events, with columns ",
                  roi::visible_text(roi::listed(table.columns(), 10)), advice.empty() ? "" : "; ", advice));
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
    // As `roi_extraction` numbers the volumes beside the signals, and pandas the rows of a table.
    if (table.contains("frame") && numbers_rows(table["frame"])) out = with_texts(out, table["frame"]);
    for (const auto& index : index_of_rows(table)) out = with_texts(out, table[index]);
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
inline std::vector<std::string> signal_names(const roi::Table& table, const std::string& file) {
    const auto signals = only_signals(signals_in(table, file), file);
    std::vector<std::string> out;
    for (const auto& column : signals.columns()) out.push_back(column.name);
    return out;
}

}  // namespace command
