// Probabilities of single statistics, as p, as -log10 p and as the normal value z, and back.
#pragma once

#include <roi/stats/detail/tails.hpp>
#include <roi/stats/test_result.hpp>

#include <cmath>
#include <limits>

namespace roi {

namespace detail {

/// -log10 of the probability of a statistic whose distribution is symmetric about 0, of which `both` is that of |t| or
/// more in either direction.
[[nodiscard]] inline double neg_log10_of_symmetric(double statistic, const LogTail& both,
                                                   Alternative alternative) {
    if (alternative == Alternative::two_sided) return both.neg_log10();
    LogTail above{ln_half + both.upper(), statistic < 0.0};
    if (alternative == Alternative::less) above = above.flipped();
    return above.neg_log10();
}

[[nodiscard]] inline LogTail two_sided_normal_tail(double z) {
    return two_sided_t_tail(z, std::numeric_limits<double>::infinity());
}

/// Pearson's r of n pairs as t^2 / df and its tail: I_(1 - r^2)(df/2, 1/2) with df = n - 2.
[[nodiscard]] inline LogTail two_sided_r_tail(double r, double n) {
    constexpr double infinity = std::numeric_limits<double>::infinity();
    const double df = n - 2.0;
    if (std::isnan(r) || !(std::abs(r) <= 1.0) || !(df >= 0.0)) return {};
    // Two points always lie on a line.
    if (r == 0.0 || df == 0.0) return {-infinity, true};
    if (std::abs(r) == 1.0) return {-infinity, false};
    const double rest = (1.0 - r) * (1.0 + r);
    return two_sided_t_tail(r * std::sqrt(df / rest), df);
}

[[nodiscard]] inline double probability(double neg_log10) { return std::exp(-ln_10 * neg_log10); }

}  // namespace detail

/// p of a t.
///
/// \param df           degrees of freedom, above 0; infinite gives the normal distribution
/// \param alternative  which direction counts as evidence
/// \returns            the probability of a t at least as extreme; NaN when t is NaN or df is no positive number
///
/// Equals `2 * scipy.stats.t.sf(abs(t), df)`, and `sf(t, df)` and `cdf(t, df)` for greater and less, within 5e-13.
[[nodiscard]] inline double p_of_t(double t, double df, Alternative alternative = Alternative::two_sided) {
    const detail::UpperTail above(df);
    double p = alternative == Alternative::two_sided ? std::abs(t)
               : alternative == Alternative::less    ? -t
                                                     : t;
    above(&p, &p, 1);
    return alternative == Alternative::two_sided ? 2.0 * p : p;
}

/// -log10 p of a t, which never passes through p: finite for every finite t, and right within 1e-12.
///
/// As `p_of_t` otherwise. Where p is no double any more, by continued fractions in log space.
[[nodiscard]] inline double neg_log10_p_of_t(double t, double df,
                                             Alternative alternative = Alternative::two_sided) {
    return detail::neg_log10_of_symmetric(t, detail::two_sided_t_tail(t, df), alternative);
}

/// The normal value with the same upper tail as t: large where t is large, negative where t is.
///
/// Found in log space; equals `scipy.stats.norm.isf(scipy.stats.t.sf(t, df))` where those are doubles.
[[nodiscard]] inline double z_of_t(double t, double df) { return detail::z_of_t(t, df); }

/// The t with the same upper tail as a normal value: `z_of_t` backwards.
[[nodiscard]] inline double t_of_z(double z, double df) {
    return std::copysign(detail::t_of_two_sided(detail::two_sided_normal_tail(z), df), z);
}

/// The t > 0 whose -log10 p is this.
///
/// \param neg_log10_p  0 and more, of any size: `-std::log10(0.001)`
/// \param alternative  two_sided, or greater and less, for which t is negative where p is above 1/2, and below
/// \returns            infinity where t is larger than a double can be
///
/// Equals `scipy.stats.t.isf(p / 2, df)`, `isf(p, df)` and `ppf(p, df)`; backwards of `neg_log10_p_of_t`.
[[nodiscard]] inline double t_of_neg_log10_p(double neg_log10_p, double df,
                                             Alternative alternative = Alternative::two_sided) {
    if (!(neg_log10_p >= 0.0)) return std::numeric_limits<double>::quiet_NaN();
    const auto smaller = [](double log_p) {
        return log_p > detail::ln_half ? detail::LogTail{std::log(-std::expm1(log_p)), true}
                                       : detail::LogTail{log_p, false};
    };
    const double log_p = -detail::ln_10 * neg_log10_p;
    if (std::isinf(log_p) && std::isfinite(neg_log10_p) && df > 1e15) {
        // ln p is no double any more, z = sqrt(-2 ln p) is.
        const double z = std::sqrt(2.0 * detail::ln_10) * std::sqrt(neg_log10_p);
        return alternative == Alternative::less ? -z : z;
    }
    if (alternative == Alternative::two_sided) return detail::t_of_two_sided(smaller(log_p), df);
    const detail::LogTail one = smaller(log_p);
    const double t = detail::t_of_two_sided(smaller(std::min(0.0, one.log - detail::ln_half)), df);
    return one.lower == (alternative == Alternative::greater) ? -t : t;
}

/// p of a normal value, as `p_of_t` with infinite degrees of freedom.
[[nodiscard]] inline double p_of_z(double z, Alternative alternative = Alternative::two_sided) {
    constexpr double sqrt_half = 0.70710678118654752440;
    if (alternative == Alternative::two_sided) return std::erfc(std::abs(z) * sqrt_half);
    return 0.5 * std::erfc((alternative == Alternative::greater ? z : -z) * sqrt_half);
}

/// -log10 p of a normal value, finite up to |z| of 1.3e154, whose square is the largest double.
[[nodiscard]] inline double neg_log10_p_of_z(double z, Alternative alternative = Alternative::two_sided) {
    return detail::neg_log10_of_symmetric(z, detail::two_sided_normal_tail(z), alternative);
}

/// The normal value whose -log10 p is this: as `t_of_neg_log10_p`.
///
/// Equals `scipy.stats.norm.isf(10 ** -x / 2)`, and `isf(10 ** -x)` for greater, also where 10^-x is 0.
[[nodiscard]] inline double z_of_neg_log10_p(double neg_log10_p,
                                             Alternative alternative = Alternative::two_sided) {
    return t_of_neg_log10_p(neg_log10_p, std::numeric_limits<double>::infinity(), alternative);
}

/// The normal value that is exceeded with probability p: `scipy.stats.norm.isf(p)`; NaN when p is not from 0 to 1.
[[nodiscard]] inline double z_of_p(double p) {
    if (!(p >= 0.0 && p <= 1.0)) return std::numeric_limits<double>::quiet_NaN();
    return p <= 0.5 ? detail::normal_above(std::log(p)) : -detail::normal_above(std::log1p(-p));
}

/// p of an F: the probability of as large a one.
///
/// \param df1, df2  degrees of freedom of numerator and denominator, above 0
/// \returns         `scipy.stats.f.sf(f, df1, df2)` within 1e-12, within 5e-11 where df2 is 1e6; NaN when F is NaN or a
///                  number is not positive
[[nodiscard]] inline double p_of_f(double f, double df1, double df2) {
    return std::exp(detail::f_tail(f, df1, df2).upper());
}

/// -log10 p of an F, finite for every finite F, and right within 1e-12.
[[nodiscard]] inline double neg_log10_p_of_f(double f, double df1, double df2) {
    return detail::f_tail(f, df1, df2).neg_log10();
}

/// The normal value with the same upper tail as F.
[[nodiscard]] inline double z_of_f(double f, double df1, double df2) {
    return detail::z_of(detail::f_tail(f, df1, df2));
}

/// p of a chi-square: `scipy.stats.chi2.sf(chi_square, df)`.
[[nodiscard]] inline double p_of_chi_square(double chi_square, double df) {
    return std::exp(detail::chi_square_tail(chi_square, df).upper());
}

/// -log10 p of a chi-square, finite for every finite one.
[[nodiscard]] inline double neg_log10_p_of_chi_square(double chi_square, double df) {
    return detail::chi_square_tail(chi_square, df).neg_log10();
}

/// The normal value with the same upper tail as a chi-square.
[[nodiscard]] inline double z_of_chi_square(double chi_square, double df) {
    return detail::z_of(detail::chi_square_tail(chi_square, df));
}

/// p of Pearson's r of n pairs, as of t = r sqrt((n - 2) / (1 - r^2)); `scipy.stats.pearsonr(x, y).pvalue`.
///
/// \returns  1 for two pairs with any alternative, NaN for fewer and for |r| > 1
[[nodiscard]] inline double p_of_r(double r, double n, Alternative alternative = Alternative::two_sided) {
    const detail::LogTail both = detail::two_sided_r_tail(r, n);
    if (alternative == Alternative::two_sided || n == 2.0) return std::exp(both.upper());
    detail::LogTail above{detail::ln_half + both.upper(), r < 0.0};
    if (alternative == Alternative::less) above = above.flipped();
    return std::exp(above.upper());
}

/// -log10 p of Pearson's r of n pairs, infinite only for a perfect fit.
[[nodiscard]] inline double neg_log10_p_of_r(double r, double n,
                                             Alternative alternative = Alternative::two_sided) {
    // Two pairs always lie on a line, whichever way it goes.
    return detail::neg_log10_of_symmetric(r, detail::two_sided_r_tail(r, n),
                                          n == 2.0 ? Alternative::two_sided : alternative);
}

/// The normal value with the same upper tail as Pearson's r of n pairs, in either direction.
[[nodiscard]] inline double z_of_r(double r, double n) {
    const detail::LogTail both = detail::two_sided_r_tail(r, n);
    const double z = both.lower ? detail::normal_within(std::exp(both.log))
                                : detail::normal_above(detail::ln_half + both.log);
    return std::copysign(z, r);
}

}  // namespace roi
