// Tail probabilities of Student's t distribution, and their logarithms where they no longer fit a double.
#pragma once

#include <boost/math/distributions/complement.hpp>
#include <boost/math/distributions/students_t.hpp>
#include <boost/math/policies/policy.hpp>
#include <boost/math/special_functions/gamma.hpp>

#include <roi/core/detail/instruction_set.hpp>

#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <limits>

namespace roi::detail {

/// Errors come back as NaN or infinity, never as exceptions: a bad voxel must not stop a map. Named are those that can
/// occur where 0 < df and t is finite; each policy costs every file that includes this 50 ms.
using QuietPolicy = boost::math::policies::policy<
    boost::math::policies::domain_error<boost::math::policies::ignore_error>,
    boost::math::policies::overflow_error<boost::math::policies::ignore_error>,
    boost::math::policies::evaluation_error<boost::math::policies::ignore_error>,
    boost::math::policies::promote_double<false>>;

/// B(a, 1/2) = sqrt(pi) Gamma(a) / Gamma(a + 1/2).
[[nodiscard]] inline double beta_of_half(double a) {
    constexpr double sqrt_of_pi = 1.77245385090551602730;
    return sqrt_of_pi * boost::math::tgamma_delta_ratio(a, 0.5, QuietPolicy{});
}

/// The sum in I_x(a, 1/2) = x^a / (a B(a, 1/2)) * sum over n of (1/2)_n / n! * a / (a + n) * x^n, whose terms are all
/// positive (DLMF 8.17.7 and 15.2.1).
[[nodiscard]] inline double tail_sum(double a, double x) {
    double term = 1.0;
    double sum = 1.0;
    for (double n = 0.0; n < 1e5 && term > 1e-17 * sum; ++n) {
        term *= (n + 0.5) / (n + 1.0) * x;
        sum += term * a / (a + n + 1.0);
    }
    return sum;
}

/// The sums in I_y(b, a) = y^b (1 - y)^a / (b B(a, b)) * sum over n of (a + b)_n / (b + 1)_n y^n (DLMF 8.17.8), whose
/// terms are all positive, for several y.
///
/// All y pass term by term, so that compilers take several at a time and the quotient of a term is computed once. Terms
/// that only others need are too small to change a sum.
template <std::size_t Size>
ROI_ALWAYS_INLINE void centre_sums_body(double a, double b, const std::array<double, Size>& y,
                                        std::size_t count, std::array<double, Size>& sums) {
    std::array<double, Size> terms;
    for (std::size_t i = 0; i < count; ++i) sums[i] = terms[i] = 1.0;
    std::uint64_t more = 1;
    // Several terms at a time: sums and terms of voxels are then fetched and put back a fraction as often.
    constexpr std::size_t at_a_time = 4;
    for (double n = 0.0; more != 0;) {
        std::array<double, at_a_time> quotients;
        for (double& quotient : quotients) {
            quotient = (a + b + n) / (b + 1.0 + n);
            ++n;
        }
        more = 0;
        for (std::size_t i = 0; i < count; ++i) {
            double term = terms[i], sum = sums[i];
            for (const double quotient : quotients) {
                term *= quotient * y[i];
                sum += term;
            }
            terms[i] = term;
            sums[i] = sum;
            more |= static_cast<std::uint64_t>(term > 1e-17 * sum);
        }
    }
}

template <std::size_t Size>
ROI_TARGET_AVX2 void centre_sums_avx2(double a, double b, const std::array<double, Size>& y,
                                      std::size_t count, std::array<double, Size>& sums) {
    centre_sums_body(a, b, y, count, sums);
}

template <std::size_t Size>
void centre_sums(double a, double b, const std::array<double, Size>& y, std::size_t count,
                 std::array<double, Size>& sums) {
    if (use_avx2()) return centre_sums_avx2(a, b, y, count, sums);
    centre_sums_body(a, b, y, count, sums);
}

/// Tail probabilities of Student's t for one number of degrees of freedom.
///
/// What they have in common is computed once: for all voxels of a map instead of for each.
class UpperTail {
public:
    explicit UpperTail(double df)
        : df_(df), a_(0.5 * df), per_beta_(df > 0.0 && df < 1e15 ? 1.0 / beta_of_half(a_) : 0.0) {}

    /// Probabilities that a value is above each of `count` values of t; `out` may be `t`.
    ///
    /// By a power series where one converges fast, near 0 and far from it, which is several times as fast as Boost's
    /// incomplete beta function; it has the rest: t^2 from 6 to 0.6 df.
    void operator()(const double* t, double* out, std::int64_t count) const {
        constexpr std::int64_t together = 64;
        std::array<double, together> y, sums;
        for (std::int64_t start = 0; start < count; start += together) {
            const auto size = static_cast<std::size_t>(std::min(together, count - start));
            const double* values = t + start;
            for (std::size_t i = 0; i < size; ++i) {
                const double square = values[i] * values[i];
                y[i] = near_centre(square) ? square / (df_ + square) : 0.0;
            }
            centre_sums(a_, 0.5, y, size, sums);
            for (std::size_t i = 0; i < size; ++i) {
                const double square = values[i] * values[i];
                out[start + static_cast<std::int64_t>(i)] =
                    near_centre(square) ? 0.5 - std::copysign(0.5 * within(square, y[i], sums[i]), values[i])
                                        : outside(values[i]);
            }
        }
    }

private:
    /// Where most voxels are: one minus the probability of a smaller |t| is more than 0.01 there, so little is lost to
    /// the difference, and fewer than 60 terms count. False for NaN.
    [[nodiscard]] bool near_centre(double square) const {
        return per_beta_ > 0.0 && df_ != 1.0 && square <= std::min(6.0, df_);
    }

    [[nodiscard]] double outside(double t) const {
        if (std::isnan(t) || !(df_ > 0.0)) return std::numeric_limits<double>::quiet_NaN();
        if (std::isinf(t)) return t > 0.0 ? 0.0 : 1.0;
        // Cauchy's distribution; Boost's incomplete beta loses half its digits here when t is small.
        if (df_ == 1.0) return std::atan2(1.0, t) / 3.14159265358979323846;
        const double square = t * t;
        if (per_beta_ > 0.0 && square >= 0.6 * df_) {
            return t > 0.0 ? 0.5 * beyond(square) : 1.0 - 0.5 * beyond(square);
        }
        const boost::math::students_t_distribution<double, QuietPolicy> distribution(df_);
        return boost::math::cdf(boost::math::complement(distribution, t));
    }

    /// Probability of a value between -|t| and |t|: I_y(1/2, a) with y = t^2 / (df + t^2).
    ///
    /// \param sum  of `centre_sums`
    [[nodiscard]] double within(double square, double y, double sum) const {
        return 2.0 * per_beta_ * std::sqrt(y) * power(square) * sum;
    }

    /// Probability of a value beyond -|t| and |t|: I_x(a, 1/2) with x = df / (df + t^2).
    [[nodiscard]] double beyond(double square) const {
        return per_beta_ / a_ * power(square) * tail_sum(a_, df_ / (df_ + square));
    }

    /// x^a, which is (1 - y)^a.
    [[nodiscard]] double power(double square) const { return std::exp(-a_ * std::log1p(square / df_)); }

    double df_;
    double a_;
    double per_beta_;  ///< 1 / B(a, 1/2), or 0 where Boost is called for any t
};

}  // namespace roi::detail
