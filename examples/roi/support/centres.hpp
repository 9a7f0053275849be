// Tables of centres of spheres, as subcommands read them.
#pragma once

#include <roi/core/text.hpp>
#include <roi/table/table.hpp>

#include "session.hpp"
#include <algorithm>
#include <cstdint>
#include <string>
#include <string_view>

namespace command {

/// Reads a table of centres; comments may stand above it, as above names.
[[nodiscard]] inline roi::Table read_centres(const std::string& file) {
    return roi::read_table(file, {.header = true, .comment = '#'});
}

/// Says where a radius that was given is that of no sphere of a table.
inline void warn_of_own_radii(Session& session, const std::string& file, const roi::Table& table) {
    const auto column = table.as_written("radius");
    if (!table.contains(column)) return;
    const auto& radii = table[column];
    if (std::any_of(radii.begin(), radii.end(), [](const auto& field) { return roi::is_missing(field); }))
        return;
    session.warn(roi::text(file, ": every sphere has a radius in column \"", column,
                           "\", so --radius changes nothing"));
}

/// Says where a table numbers its rows otherwise than their spheres are.
/// \param advice  what that means for names, and what to do
inline void warn_of_other_numbers(Session& session, const std::string& file, const roi::Table& table,
                                  std::string_view advice) {
    const auto tell = session.warning();
    for (const std::string_view written : {"index", "label"}) {
        const auto column = table.as_written(written);
        if (!tell || !table.contains(column)) continue;
        // A label that is no number has --names number the rows.
        const auto is_number = [](const std::string& field) { return roi::number(field).has_value(); };
        if (written == "label" && !std::all_of(table[column].begin(), table[column].end(), is_number)) return;
        for (std::int64_t row = 0; row < table.rows(); ++row) {
            const auto own = roi::number(table[column][row]);
            if (!own || *own == static_cast<double>(row + 1)) continue;
            return tell(roi::text(file, ": spheres have the numbers of their rows, and column \"", column,
                                  "\" has ", *own, " in row ", row + 1, ": ", advice));
        }
        return;
    }
}

}  // namespace command
