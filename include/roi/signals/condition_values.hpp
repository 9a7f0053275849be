// The signal of one region sorted by condition: all that a box plot summarises.
#pragma once

#include <roi/core/error.hpp>
#include <roi/core/text.hpp>
#include <roi/image/column.hpp>

#include <Eigen/Core>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace roi {

/// The values of one condition, in the order of its volumes.
struct ConditionValues {
    std::string name;
    std::vector<double> values;
};

namespace detail {

/// What `condition_values` returns, with errors of whoever calls it.
[[nodiscard]] inline std::vector<ConditionValues> sorted_by_condition(
    const Eigen::Ref<const Eigen::VectorXd>& signal, const Column& conditions, std::string_view who) {
    if (signal.size() != conditions.size()) {
        throw InvalidArgument(text(who, ": the signal has ", signal.size(), " values, column \"",
                                   conditions.name(), "\" has ", conditions.size(),
                                   " rows; both need one per volume"));
    }
    std::vector<ConditionValues> out;
    for (const auto& name : conditions.unique()) {
        if (is_missing(name)) continue;
        out.push_back({name, {}});
        for (const std::int64_t frame : (conditions == name).indices())
            out.back().values.push_back(signal[static_cast<Eigen::Index>(frame)]);
    }
    return out;
}

}  // namespace detail

/// All values of each condition.
///
/// \param signal      values of one region, one per volume
/// \param conditions  condition of each volume; `n/a` and empty are none
/// \returns           conditions in order of first appearance, as many values each as it has volumes
/// \throws InvalidArgument  when signal and conditions differ in length
///
/// O(volumes x conditions). The values of `frame.groupby("condition")`; what `plot_boxplot` draws. NaN passes through.
[[nodiscard]] inline std::vector<ConditionValues> condition_values(
    const Eigen::Ref<const Eigen::VectorXd>& signal, const Column& conditions) {
    return detail::sorted_by_condition(signal, conditions, "condition_values");
}

}  // namespace roi
