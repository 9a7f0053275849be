// -log10 of probabilities, the scale on which small ones can be seen.
#pragma once

#include <roi/core/concepts.hpp>
#include <roi/core/detail/instruction_set.hpp>
#include <roi/core/error.hpp>
#include <roi/core/parallel.hpp>
#include <roi/image/metadata.hpp>
#include <roi/image/volume.hpp>
#include <roi/stats/detail/log10.hpp>
#include <roi/stats/detail/students_t.hpp>
#include <roi/stats/test_result.hpp>

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <limits>

namespace roi {

/// Settings of `neg_log10`.
struct NegLog10Options {
    double max = std::numeric_limits<double>::infinity();  ///< larger results are cut to this
};

namespace detail {

/// NaN gives 0, other results are cut to `max`.
[[nodiscard]] inline double neg_log10_or_zero(double neg_log10, double max) {
    return std::isnan(neg_log10) ? 0.0 : std::min(neg_log10, max);
}

/// -log10 p of `count` voxels.
template <RealVoxel T>
ROI_ALWAYS_INLINE void neg_log10_body(const T* p, T* out, std::int64_t count, double max) {
    std::uint64_t unusual = 0;
    for (std::int64_t i = 0; i < count; ++i) unusual |= not_positive_normal(static_cast<double>(p[i]));
    // From 0, because -log10(1) is -0.0, which no one wants to see in a map.
    if (unusual == 0) {
        for (std::int64_t i = 0; i < count; ++i) {
            out[i] = static_cast<T>(std::min(0.0 - log10_of_normal(static_cast<double>(p[i])), max));
        }
    } else {
        for (std::int64_t i = 0; i < count; ++i) {
            out[i] = static_cast<T>(neg_log10_or_zero(0.0 - log10_of(static_cast<double>(p[i])), max));
        }
    }
}

template <RealVoxel T>
ROI_TARGET_AVX2 void neg_log10_avx2(const T* p, T* out, std::int64_t count, double max) {
    neg_log10_body(p, out, count, max);
}

template <RealVoxel T>
void neg_log10_baseline(const T* p, T* out, std::int64_t count, double max) {
    neg_log10_body(p, out, count, max);
}

inline void require_max(const NegLog10Options& options) {
    require(!std::isnan(options.max), "neg_log10: `max` is NaN, a number is needed");
}

}  // namespace detail

/// -log10 of a map of probabilities, the notebook's `log_p_values`.
///
/// \param p        probabilities from 0 to 1
/// \param options  `.max` cuts large results, as `log_p_values[log_p_values > 10] = 10` does
/// \returns        a map of 0 and more on the grid of `p`: NaN becomes 0, p = 0 becomes infinite unless cut
/// \throws InvalidArgument when `max` is NaN
///
/// One pass. Equals NumPy's `l = -log10(p)`, `l[isnan(l)] = 0` and the clipping of the notebook; within 1.2 units in the
/// last place of a double, and exact for powers of ten.
template <RealVoxel T>
[[nodiscard]] Volume<T> neg_log10(const Volume<T>& p, const NegLog10Options& options = {}) {
    detail::require_max(options);
    Volume<T> out(p.grid(), detail::Uninitialized{}, inherited(p.metadata()));
    const auto kernel = detail::use_avx2() ? detail::neg_log10_avx2<T> : detail::neg_log10_baseline<T>;
    // Few enough that one NaN or 0 makes only its neighbours slow.
    constexpr std::int64_t together = 256;
    parallel_for(p.size(), 1 << 18, [&](std::int64_t first, std::int64_t last) {
        for (std::int64_t i = first; i < last; i += together) {
            kernel(p.data() + i, out.data() + i, std::min(together, last - i), options.max);
        }
    });
    return out;
}

/// -log10 of the p values of a t-test, right even where p is too small to be a double.
///
/// \param test     maps of `ttest_ind`
/// \param options  `.max` cuts large results
/// \returns        a map of 0 and more on the grid of the test: NaN becomes 0; infinite only where t is
/// \throws InvalidArgument when `max` is NaN
///
/// Where p is below 1e-290 the result comes from t and the degrees of freedom in log space.
[[nodiscard]] inline Volume<double> neg_log10(const TTest& test, const NegLog10Options& options = {}) {
    detail::require_max(options);
    constexpr double smallest = 1e-290;
    constexpr double log10_of_2 = 0.30102999566398119521;
    Volume<double> out = neg_log10(test.p, options);
    for (std::int64_t i = 0; i < out.size(); ++i) {
        if (!(test.p[i] < smallest) || std::isinf(test.t[i])) continue;
        const double both = detail::neg_log10_two_sided(test.t[i], test.df[i]);
        const double result = test.alternative == Alternative::two_sided ? both : both + log10_of_2;
        out[i] = detail::neg_log10_or_zero(result, options.max);
    }
    return out;
}

}  // namespace roi
