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
[[nodiscard]] inline roi::RegionStatistic statistic_named(const std::string& name) {
    return name == "eigenvariate" ? roi::eigenvariate_of : roi::region_statistic(name);
}

}  // namespace examples
