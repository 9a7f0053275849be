// Tail probabilities of Student's t distribution, and their logarithms where they no longer fit a double.
#pragma once

#include <boost/math/distributions/complement.hpp>
#include <boost/math/distributions/students_t.hpp>
#include <boost/math/policies/policy.hpp>
#include <boost/math/special_functions/gamma.hpp>

#include <cmath>
#include <limits>

namespace roi::detail {

/// Errors come back as NaN or infinity, never as exceptions: a bad voxel must not stop a map.
using QuietPolicy = boost::math::policies::policy<
    boost::math::policies::domain_error<boost::math::policies::ignore_error>,
    boost::math::policies::pole_error<boost::math::policies::ignore_error>,
    boost::math::policies::overflow_error<boost::math::policies::ignore_error>,
    boost::math::policies::underflow_error<boost::math::policies::ignore_error>,
    boost::math::policies::evaluation_error<boost::math::policies::ignore_error>,
    boost::math::policies::promote_double<false>>;

/// B(a, 1/2) = sqrt(pi) Gamma(a) / Gamma(a + 1/2).
[[nodiscard]] inline double beta_of_half(double a) {
    constexpr double sqrt_of_pi = 1.77245385090551602730;
    return sqrt_of_pi * boost::math::tgamma_delta_ratio(a, 0.5, QuietPolicy{});
}

/// Tail probabilities of Student's t for one number of degrees of freedom.
///
/// What they have in common is computed once: for all voxels of a map instead of for each.
class UpperTail {
public:
    explicit UpperTail(double df)
        : df_(df), central_(df >= 10.0 && df < 1e15 ? 2.0 / beta_of_half(0.5 * df) : 0.0) {}

    [[nodiscard]] double df() const { return df_; }

    /// Probability that a value is above `t`.
    [[nodiscard]] double operator()(double t) const {
        if (std::isnan(t) || !(df_ > 0.0)) return std::numeric_limits<double>::quiet_NaN();
        if (std::isinf(t)) return t > 0.0 ? 0.0 : 1.0;
        // Cauchy's distribution; Boost's incomplete beta loses half its digits here when t is small.
        if (df_ == 1.0) return std::atan2(1.0, t) / 3.14159265358979323846;
        if (central_ > 0.0 && t * t <= 6.0) return 0.5 - std::copysign(0.5 * central(t), t);
        const boost::math::students_t_distribution<double, QuietPolicy> distribution(df_);
        return boost::math::cdf(boost::math::complement(distribution, t));
    }

private:
    /// Probability of a value between -|t| and |t|, where most voxels are: five times as fast as Boost.
    ///
    /// I_y(1/2, a) with y = t^2 / (df + t^2) and a = df / 2; and I_y(b, a) = y^b (1 - y)^a / (b B(a, b)) * sum over n
    /// of (a + b)_n / (b + 1)_n y^n (DLMF 8.17.8). All terms are positive, and fewer than 50 count while t^2 <= 6 and
    /// df >= 10. One minus it is then more than 0.01, so little is lost to the difference.
    [[nodiscard]] double central(double t) const {
        const double a = 0.5 * df_;
        const double y = t * t / (df_ + t * t);
        double term = 1.0;
        double sum = 1.0;
        for (double n = 0.0; term > 1e-17 * sum; ++n) {
            term *= (a + 0.5 + n) / (1.5 + n) * y;
            sum += term;
        }
        return central_ * std::sqrt(y) * std::exp(-a * std::log1p(t * t / df_)) * sum;
    }

    double df_;
    double central_;  ///< 1 / (b B(a, b)), or 0 where Boost is called for any t
};

/// -log10 of the probability that |t| or more is found in either direction, for p too small to be a double.
///
/// p = I_x(df/2, 1/2) with x = df / (df + t^2), and I_x(a, b) = x^a / (a B(a, b)) * sum over n of
/// (1 - b)_n / n! * a / (a + n) * x^n (DLMF 8.17.7 and 15.2.1); all factors but the sum go through
/// logarithms.
[[nodiscard]] inline double neg_log10_two_sided(double t, double df) {
    const double a = 0.5 * df;
    // Written so that neither a huge t nor a huge df overflows.
    const double log_x = -std::log1p(t / df * t);
    const double x = std::exp(log_x);
    double term = 1.0;
    double sum = 1.0;
    for (int n = 0; n < 100000 && term > 1e-17 * sum; ++n) {
        term *= (n + 0.5) / (n + 1.0) * x;
        sum += term * a / (a + n + 1.0);
    }
    const double log_beta = std::log(beta_of_half(a));
    return -(a * log_x - std::log(a) - log_beta + std::log(sum)) / 2.302585092994045684;
}

}  // namespace roi::detail
