// Signs that the rows of a table are of several runs that were joined.
#pragma once

#include <roi/core/text.hpp>
#include <roi/table/table.hpp>

#include "session.hpp"
#include <algorithm>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace command {

/// Are the rows of one value together, two or more of each, and there is more than one?
[[nodiscard]] inline bool is_of_runs(const roi::Column& column) {
    const auto runs = static_cast<std::int64_t>(column.unique().size());
    std::int64_t starts = column.size() > 0 ? 1 : 0;
    for (std::int64_t row = 1; row < column.size(); ++row) starts += column[row] != column[row - 1] ? 1 : 0;
    return runs > 1 && starts == runs && column.size() >= 2 * runs;
}

/// Says where a table with a row per volume is of several runs, which nobody has told: what is cleaned as one goes over their
/// borders. A column with their usual name says so, or among confounds the n/a that derivatives begin with in each.
/// \returns  whether it was said
inline bool warn_of_joined_runs(Session& session, const roi::Table& table, bool of_confounds) {
    const auto tell = session.warning();
    if (!tell) return false;
    for (const std::string_view usual : {"chunks", "chunk", "runs", "run", "sessions", "session"}) {
        const auto name = table.as_written(usual);
        if (!table.contains(name) || !is_of_runs(table[name])) continue;
        tell(roi::text(table.source(), ": by column \"", name, "\" the rows are of ",
                       table[name].unique().size(), " runs, which are cleaned as one; --chunks ", name,
                       " cleans each for itself"));
        return true;
    }
    const auto names = of_confounds ? table.columns() : std::vector<std::string>();
    for (const auto& name : names) {
        if (std::count(names.begin(), names.end(), name) > 1) continue;
        const auto& column = table[name];
        std::vector<std::int64_t> starts;
        for (std::int64_t row = 0; row < column.size(); ++row) {
            if (roi::is_missing(column[row]) && (row == 0 || !roi::is_missing(column[row - 1])))
                starts.push_back(row + 1);
        }
        if (starts.size() < 2 || starts.front() != 1) continue;
        tell(roi::text(table.source(), ": column \"", name, "\" is n/a in rows ", roi::listed(starts, 10),
                       ", as where runs begin that were joined, which are cleaned as one; --chunks cleans "
                       "each for itself"));
        return true;
    }
    return false;
}

}  // namespace command
