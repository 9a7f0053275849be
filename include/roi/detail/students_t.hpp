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

/// Probability that a t value with `df` degrees of freedom is above `t`.
[[nodiscard]] inline double upper_tail(double t, double df) {
    if (std::isnan(t) || !(df > 0.0)) return std::numeric_limits<double>::quiet_NaN();
    if (std::isinf(t)) return t > 0.0 ? 0.0 : 1.0;
    // Cauchy's distribution; Boost's incomplete beta loses half its digits here when t is small.
    if (df == 1.0) return std::atan2(1.0, t) / 3.14159265358979323846;
    const boost::math::students_t_distribution<double, QuietPolicy> distribution(df);
    return boost::math::cdf(boost::math::complement(distribution, t));
}

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
    // B(a, 1/2) = sqrt(pi) * Gamma(a) / Gamma(a + 1/2)
    const double log_beta = 0.5 * std::log(3.14159265358979323846) +
                            std::log(boost::math::tgamma_delta_ratio(a, 0.5, QuietPolicy{}));
    return -(a * log_x - std::log(a) - log_beta + std::log(sum)) / 2.302585092994045684;
}

}  // namespace roi::detail
