// Squares between and within conditions, of several voxels at a time.
#pragma once

#include <roi/core/detail/instruction_set.hpp>

#include <array>
#include <cstddef>
#include <limits>

namespace roi::detail {

/// What the conditions of some voxels come to so far: the mean of all as origin + offset, and the sums of squared
/// deviations within the conditions and between their means.
struct BetweenAndWithin {
    static constexpr std::size_t together = 64;
    std::array<double, together> origin, offset, within, between;
};

/// Adds a condition of n volumes to those before it, which have `before` volumes together: `merged` of `Moments`, with the
/// squares of the difference kept apart.
///
/// \param origin, sum, squares  of `SampleSums`, of the first of `count` voxels
ROI_ALWAYS_INLINE void add_condition_body(const double* origin, const double* sum, const double* squares,
                                          double n, double before, std::size_t count, BetweenAndWithin& out) {
    const double all = before + n, weight = before * n / all, share = n / all;
    for (std::size_t i = 0; i < count; ++i) {
        const double offset = sum[i] / n, left = squares[i] - sum[i] * offset;
        const double within = left < 0.0 ? 0.0 : left;
        if (before == 0.0) {
            out.origin[i] = origin[i];
            out.offset[i] = offset;
            out.within[i] = within;
            out.between[i] = 0.0;
        } else {
            const double d = (origin[i] - out.origin[i]) + (offset - out.offset[i]);
            out.within[i] += within;
            out.between[i] += d * d * weight;
            out.offset[i] += d * share;
        }
    }
}

ROI_TARGET_AVX2 inline void add_condition_avx2(const double* origin, const double* sum, const double* squares,
                                               double n, double before, std::size_t count,
                                               BetweenAndWithin& out) {
    add_condition_body(origin, sum, squares, n, before, count, out);
}

inline void add_condition(const double* origin, const double* sum, const double* squares, double n,
                          double before, std::size_t count, BetweenAndWithin& out) {
    if (use_avx2()) return add_condition_avx2(origin, sum, squares, n, before, count, out);
    add_condition_body(origin, sum, squares, n, before, count, out);
}

/// F of several voxels, and NaN of one sign where it is none: the sign would tell how it came about.
ROI_ALWAYS_INLINE void f_of_squares_body(const BetweenAndWithin& squares, double df1, double df2,
                                         std::size_t count, double* f) {
    for (std::size_t i = 0; i < count; ++i) {
        const double one = squares.between[i] / df1 / (squares.within[i] / df2);
        f[i] = one == one ? one : std::numeric_limits<double>::quiet_NaN();
    }
}

ROI_TARGET_AVX2 inline void f_of_squares_avx2(const BetweenAndWithin& squares, double df1, double df2,
                                              std::size_t count, double* f) {
    f_of_squares_body(squares, df1, df2, count, f);
}

inline void f_of_squares(const BetweenAndWithin& squares, double df1, double df2, std::size_t count,
                         double* f) {
    if (use_avx2()) return f_of_squares_avx2(squares, df1, df2, count, f);
    f_of_squares_body(squares, df1, df2, count, f);
}

}  // namespace roi::detail
