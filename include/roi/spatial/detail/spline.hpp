// Cubic B-splines on a line: coefficients from samples, and the weights of the samples around a place.
#pragma once

#include <roi/core/detail/instruction_set.hpp>

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdint>

namespace roi::detail {

/// Where position `p` of a line of `n` samples falls when the line is mirrored at its outermost samples, which are not
/// repeated: ... c b | a b c ... x y z | y x ..., without end. scipy's mode "mirror".
[[nodiscard]] inline std::int64_t mirrored(std::int64_t p, std::int64_t n) {
    if (n == 1) return 0;
    const std::int64_t period = 2 * n - 2;
    const std::int64_t q = ((p % period) + period) % period;
    return q < n ? q : period - q;
}

/// Weights of the samples at floor(p) and the next one, with t = p - floor(p).
ROI_ALWAYS_INLINE std::array<double, 2> linear_weights(double t) { return {1.0 - t, t}; }

/// Weights of the spline coefficients at floor(p) - 1 ... floor(p) + 2, with t = p - floor(p).
ROI_ALWAYS_INLINE std::array<double, 4> spline_weights(double t) {
    const double z = 1.0 - t;
    const double w0 = z * z * z * (1.0 / 6.0);
    const double w1 = t * t * (t - 2.0) * 0.5 + 4.0 / 6.0;
    const double w2 = z * z * (z - 2.0) * 0.5 + 4.0 / 6.0;
    return {w0, w1, w2, 1.0 - w0 - w1 - w2};
}

template <std::size_t Taps>
ROI_ALWAYS_INLINE std::array<double, Taps> weights_at(double t) {
    if constexpr (Taps == 2) {
        return linear_weights(t);
    } else {
        return spline_weights(t);
    }
}

/// Turns samples into the coefficients of the cubic B-spline through them, for `width` neighbouring lines at once.
///
/// A causal and an anticausal recursion with the pole z = sqrt(3) - 2, started for a line mirrored at its outermost
/// samples (Unser, Aldroubi, Eden 1993, "B-spline signal processing", part II); equals scipy.ndimage.spline_filter1d with
/// mode "mirror", which is what it uses for "constant" as well.
///
/// \param c       sample i of line l is c[i * stride + l]
/// \param n       samples of a line
/// \param stride  from one sample to the next
/// \param width   number of lines
ROI_ALWAYS_INLINE void spline_coefficients_body(double* c, std::int64_t n, std::int64_t stride,
                                                std::int64_t width) {
    if (n < 2) return;
    constexpr double z = -0.267949192431122706472553658494127633;
    const double gain = (1.0 - z) * (1.0 - 1.0 / z);
    // What lies this far from the start is below the last digit.
    constexpr std::int64_t horizon = 40;
    const double last_power = n - 1 <= horizon ? std::pow(z, static_cast<double>(n - 1)) : 0.0;
    for (std::int64_t i = 0; i < n; ++i) {
        double* at = c + i * stride;
        for (std::int64_t l = 0; l < width; ++l) at[l] *= gain;
    }
    double* first = c;
    double* last = c + (n - 1) * stride;
    for (std::int64_t l = 0; l < width; ++l) first[l] += last_power * last[l];
    double power = z;
    for (std::int64_t i = 1; i < std::min(n - 1, horizon); ++i, power *= z) {
        const double* at = c + i * stride;
        const double* back = c + (n - 1 - i) * stride;
        for (std::int64_t l = 0; l < width; ++l) first[l] += power * (at[l] + last_power * back[l]);
    }
    const double scale = 1.0 / (1.0 - last_power * last_power);
    for (std::int64_t l = 0; l < width; ++l) first[l] *= scale;
    for (std::int64_t i = 1; i < n; ++i) {
        double* at = c + i * stride;
        const double* before = at - stride;
        for (std::int64_t l = 0; l < width; ++l) at[l] += z * before[l];
    }
    const double end = z / (z * z - 1.0);
    for (std::int64_t l = 0; l < width; ++l) last[l] = (z * (last - stride)[l] + last[l]) * end;
    for (std::int64_t i = n - 2; i >= 0; --i) {
        double* at = c + i * stride;
        const double* after = at + stride;
        for (std::int64_t l = 0; l < width; ++l) at[l] = z * (after[l] - at[l]);
    }
}

ROI_TARGET_AVX2 inline void spline_coefficients_avx2(double* c, std::int64_t n, std::int64_t stride,
                                                     std::int64_t width) {
    spline_coefficients_body(c, n, stride, width);
}

inline void spline_coefficients(double* c, std::int64_t n, std::int64_t stride, std::int64_t width) {
    if (use_avx2()) return spline_coefficients_avx2(c, n, stride, width);
    spline_coefficients_body(c, n, stride, width);
}

}  // namespace roi::detail
