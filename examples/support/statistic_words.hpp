// The statistics of a region that options name, for every program that reads signals.
#pragma once

#include <roi/regions/region_statistic.hpp>
#include <roi/signals/eigenvariate.hpp>

#include <string>
#include <vector>

namespace examples {

/// The names that can be chosen.
[[nodiscard]] inline std::vector<std::string> statistic_names() {
    return {"mean",        "sum",    "std",          "variance",        "min",
            "max",         "median", "trimmed_mean", "winsorized_mean", "count",
            "eigenvariate"};
}

/// The statistic of a name.
/// \param trim  part of the values at either end that is trimmed or winsorized, from 0 to 0.5
[[nodiscard]] inline roi::RegionStatistic statistic_named(const std::string& name, double trim = 0.1) {
    if (name == "eigenvariate") return roi::eigenvariate_of;
    if (name == "trimmed_mean") return roi::trimmed_mean_of(trim);
    if (name == "winsorized_mean") return roi::winsorized_mean_of(trim, trim);
    return roi::region_statistic(name);
}

}  // namespace examples
