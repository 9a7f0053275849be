// -log10 of probabilities, the scale on which small ones can be seen.
#pragma once

#include <roi/core/concepts.hpp>
#include <roi/core/detail/instruction_set.hpp>
#include <roi/core/error.hpp>
#include <roi/core/parallel.hpp>
#include <roi/image/metadata.hpp>
#include <roi/image/volume.hpp>
#include <roi/stats/detail/log10.hpp>
#include <roi/stats/detail/tails.hpp>
#include <roi/stats/p_values.hpp>
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

/// A map on the grid of another, made voxel by voxel.
template <class Of>
[[nodiscard]] Volume<double> mapped(const Volume<double>& like, const Of& of) {
    Volume<double> out(like.grid(), Uninitialized{}, inherited_with_new_meaning(like.metadata()));
    parallel_for(out.size(), 4096, [&](std::int64_t first, std::int64_t last) {
        for (std::int64_t i = first; i < last; ++i) out[i] = of(i);
    });
    return out;
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
    Volume<T> out(p.grid(), detail::Uninitialized{}, inherited_with_new_meaning(p.metadata()));
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

namespace detail {

/// -log10 of a map of p; from the statistic, voxel by voxel, where p has lost digits: near 0 it is no double any more, and
/// near 1 its logarithm is that of a rounding error.
///
/// \param of_statistic  (voxel) to -log10 p
template <class OfStatistic>
[[nodiscard]] Volume<double> neg_log10_with(const Volume<double>& p, const NegLog10Options& options,
                                            const OfStatistic& of_statistic) {
    constexpr double nearly_one = 1.0 - 1e-4;
    Volume<double> out = neg_log10(p, options);
    parallel_for(out.size(), 8192, [&](std::int64_t first, std::int64_t last) {
        for (std::int64_t i = first; i < last; ++i) {
            if (!(p[i] < least_probability) && !(p[i] > nearly_one)) continue;
            out[i] = neg_log10_or_zero(of_statistic(i), options.max);
        }
    });
    return out;
}

}  // namespace detail

/// -log10 of the p values of a test, right even where p is too small to be a double.
///
/// \param test     maps of a t-test, an F test or a correlation
/// \param options  `.max` cuts large results
/// \returns        a map of 0 and more on the grid of the test: NaN becomes 0; infinite only where the statistic is
/// \throws InvalidArgument when `max` is NaN
///
/// Where p is below 1e-290 or next to 1 the result comes from the statistic in log space; relative error below 1e-11.
[[nodiscard]] inline Volume<double> neg_log10(const TTest& test, const NegLog10Options& options = {}) {
    return detail::neg_log10_with(test.p, options, [&](std::int64_t i) {
        return neg_log10_p_of_t(test.t[i], test.df[i], test.alternative);
    });
}
[[nodiscard]] inline Volume<double> neg_log10(const FTest& test, const NegLog10Options& options = {}) {
    return detail::neg_log10_with(test.p, options, [&](std::int64_t i) {
        return neg_log10_p_of_f(test.f[i], test.df1, test.df2_of(i));
    });
}
[[nodiscard]] inline Volume<double> neg_log10(const Correlation& test, const NegLog10Options& options = {}) {
    return detail::neg_log10_with(test.p, options, [&](std::int64_t i) {
        const double df = test.df_of(i);
        return df > 0.0 ? neg_log10_p_of_t(test.t[i], df, test.alternative) : 0.0 * test.r[i];
    });
}

/// The normal values with the same upper tails as the statistics of a test: signed for t and r.
///
/// \returns  a map on the grid of the test; NaN stays NaN, an infinite statistic gives an infinite z
///
/// Found in log space, so that it is finite wherever the statistic is.
[[nodiscard]] inline Volume<double> z_map(const TTest& test) {
    return detail::mapped(test.t, [&](std::int64_t i) { return z_of_t(test.t[i], test.df[i]); });
}
[[nodiscard]] inline Volume<double> z_map(const FTest& test) {
    return detail::mapped(test.f,
                          [&](std::int64_t i) { return z_of_f(test.f[i], test.df1, test.df2_of(i)); });
}
[[nodiscard]] inline Volume<double> z_map(const Correlation& test) {
    return detail::mapped(test.r, [&](std::int64_t i) {
        const double df = test.df_of(i);
        return df > 0.0 ? z_of_t(test.t[i], df) : 0.0 * test.r[i];
    });
}

}  // namespace roi
