// Quantiles by NumPy's linear rule.
#pragma once

#include <algorithm>
#include <cstddef>
#include <span>

namespace roi::detail {

/// The value that `fraction` of the others lie below, by NumPy's linear rule: between neighbours at (n - 1) fraction.
/// \param values  at least one, none of them NaN; reordered
template <class T>
[[nodiscard]] double quantile(std::span<T> values, double fraction) {
    const double rank = static_cast<double>(values.size() - 1) * fraction;
    const auto below = static_cast<std::size_t>(rank);
    const auto at = values.begin() + static_cast<std::ptrdiff_t>(below);
    std::nth_element(values.begin(), at, values.end());
    const auto low = static_cast<double>(*at);
    const double weight = rank - static_cast<double>(below);
    if (weight == 0.0) return low;
    const auto high = static_cast<double>(*std::min_element(at + 1, values.end()));
    const double step = high - low;
    return weight < 0.5 ? low + step * weight : high - step * (1.0 - weight);
}

}  // namespace roi::detail
