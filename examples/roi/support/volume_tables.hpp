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

/// The numbers of a column, NaN where they are missing.
/// \throws InvalidArgument naming the file, the column and the row of what is no number
[[nodiscard]] inline std::vector<double> numbers_of(const std::string& file, const roi::Column& column) {
    try {
        return roi::numbers(column);
    } catch (const roi::InvalidArgument& error) {
        throw roi::InvalidArgument(roi::text(file, ": ", error.what()));
    }
}

/// The same where none may be missing.
[[nodiscard]] inline std::vector<double> finite_numbers_of(const std::string& file,
                                                           const roi::Column& column) {
    auto out = numbers_of(file, column);
    for (std::size_t i = 0; i < out.size(); ++i) {
        if (std::isfinite(out[i])) continue;
        throw roi::InvalidArgument(
            roi::text(file, ": column \"", column.name(), "\", row ", i + 1, ": expected a number, found ",
                      column[static_cast<std::int64_t>(i)].empty() ? std::string("nothing")
                                                                   : column[static_cast<std::int64_t>(i)]));
    }
    return out;
}

/// \throws InvalidArgument when what is missing was named as a condition
inline void require_conditions(const std::vector<std::string>& names) {
    for (const auto& name : names) {
        if (name != "n/a" && !name.empty()) continue;
        throw roi::InvalidArgument("--conditions: expected names of conditions, found \"" + name +
                                   "\", which stands for volumes that have none");
    }
}

}  // namespace command
