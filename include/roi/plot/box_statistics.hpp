// The numbers behind one box of a box plot.
#pragma once

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <limits>
#include <vector>

namespace roi {

/// Quartiles, whiskers and outliers of some values.
struct BoxStatistics {
    double q1 = std::numeric_limits<double>::quiet_NaN();
    double median = q1;
    double q3 = q1;
    double lower_whisker = q1;
    double upper_whisker = q1;
    double mean = q1;
    std::vector<double> outliers = {};  ///< in rising order
};

namespace detail {

/// The q-quantile of sorted values, linear between those around position (n - 1) q.
[[nodiscard]] inline double sorted_quantile(const std::vector<double>& sorted, double q) {
    const double at = static_cast<double>(sorted.size() - 1) * q;
    const auto below = static_cast<std::size_t>(at);
    const double share = at - static_cast<double>(below);
    const double low = sorted[below];
    return share == 0.0 ? low : low + share * (sorted[below + 1] - low);
}

}  // namespace detail

/// Summarises values as matplotlib's `boxplot` does.
///
/// \param values  in any order; a copy is sorted
/// \returns       quartiles by linear interpolation; whiskers at the most extreme values within 1.5 times the
///                distance of the quartiles from the box; the values beyond as outliers. Everything is NaN
///                when there are no values or one is NaN, as in NumPy
///
/// J. W. Tukey, Exploratory Data Analysis, 1977. O(n log n).
[[nodiscard]] inline BoxStatistics box_statistics(std::vector<double> values) {
    BoxStatistics out;
    const auto is_nan = [](double value) { return std::isnan(value); };
    if (values.empty() || std::any_of(values.begin(), values.end(), is_nan)) return out;
    std::sort(values.begin(), values.end());
    out.q1 = detail::sorted_quantile(values, 0.25);
    out.median = detail::sorted_quantile(values, 0.5);
    out.q3 = detail::sorted_quantile(values, 0.75);
    double sum = 0.0;
    for (const double value : values) sum += value;
    out.mean = sum / static_cast<double>(values.size());

    const double reach = 1.5 * (out.q3 - out.q1);
    const auto first = std::lower_bound(values.begin(), values.end(), out.q1 - reach);
    const auto last = std::upper_bound(values.begin(), values.end(), out.q3 + reach);
    out.lower_whisker = first == values.end() ? out.q1 : std::min(*first, out.q1);
    out.upper_whisker = last == values.begin() ? out.q3 : std::max(*(last - 1), out.q3);
    out.outliers.assign(values.begin(), first);
    out.outliers.insert(out.outliers.end(), last, values.end());
    return out;
}

}  // namespace roi
