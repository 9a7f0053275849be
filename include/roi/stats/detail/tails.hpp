// Tails of the normal, t, F and chi-square distributions as logarithms, right where a probability is no double any more.
#pragma once

#include <boost/math/special_functions/beta.hpp>
#include <boost/math/special_functions/gamma.hpp>
#include <boost/math/special_functions/log1p.hpp>

#include <roi/stats/detail/students_t.hpp>

#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <utility>

namespace roi::detail {

inline constexpr double ln_10 = 2.30258509299404568402;
inline constexpr double ln_half = -0.69314718055994530942;

/// Where a double begins to lose digits; below it, series take over.
inline constexpr double least_probability = 1e-290;

/// A probability and its complement: the natural logarithm of the smaller one, which has all its digits.
struct LogTail {
    double log = std::numeric_limits<double>::quiet_NaN();
    bool lower = false;  ///< is it the probability of less than the statistic that is small?

    /// The probabilities of the other direction.
    [[nodiscard]] LogTail flipped() const { return {log, !lower}; }

    /// ln of the upper tail.
    [[nodiscard]] double upper() const { return lower ? std::log1p(-std::exp(log)) : log; }

    /// -log10 of the upper tail; 0 and not -0 where that is 1.
    [[nodiscard]] double neg_log10() const { return 0.0 - upper() / ln_10; }
};

/// What Stirling's formula lacks of ln Gamma(x), for x > 15 (DLMF 5.11.1).
[[nodiscard]] inline double stirling_rest(double x) {
    const double w = 1.0 / (x * x);
    return (1.0 / 12.0 -
            w * (1.0 / 360.0 -
                 w * (1.0 / 1260.0 - w * (1.0 / 1680.0 - w * (1.0 / 1188.0 - w * (691.0 / 360360.0)))))) /
           x;
}

/// ln Gamma(x); C's function has a global for the sign, which threads would share.
[[nodiscard]] inline double log_gamma(double x) { return boost::math::lgamma(x, QuietPolicy{}); }

/// ln B(a, b), without the difference of two large numbers when one of them is large.
[[nodiscard]] inline double log_beta(double a, double b) {
    if (a > b) std::swap(a, b);
    if (b <= 15.0) return log_gamma(a) + log_gamma(b) - log_gamma(a + b);
    return log_gamma(a) - ((b - 0.5) * std::log1p(a / b) + a * std::log(a + b) - a + stirling_rest(a + b) -
                           stirling_rest(b));
}

/// The continued fraction in I_x(a, b) = x^a (1 - x)^b / (a B(a, b)) / (1 + d1 / (1 + d2 / (1 + ...))) by Lentz's
/// method (DLMF 8.17.22). Converges fast for x below (a + 1) / (a + b + 2).
[[nodiscard]] inline double beta_fraction(double a, double b, double x) {
    constexpr double tiny = 1e-300;
    const auto nonzero = [](double value) { return std::abs(value) < tiny ? tiny : value; };
    double c = 1.0;
    double d = 1.0 / nonzero(1.0 - (a + b) * x / (a + 1.0));
    double fraction = d;
    for (int step = 1; step < 1000'000; ++step) {
        const double m = step;
        const double even = m * (b - m) * x / ((a + 2.0 * m - 1.0) * (a + 2.0 * m));
        d = 1.0 / nonzero(1.0 + even * d);
        c = nonzero(1.0 + even / c);
        fraction *= d * c;
        const double odd = -(a + m) * (a + b + m) * x / ((a + 2.0 * m) * (a + 2.0 * m + 1.0));
        d = 1.0 / nonzero(1.0 + odd * d);
        c = nonzero(1.0 + odd / c);
        fraction *= d * c;
        if (std::abs(d * c - 1.0) < 1e-16) break;
    }
    return fraction;
}

/// Two numbers that add up to 1, with their logarithms, made of their ratio so that neither loses digits to the other.
struct Shares {
    double x, y, log_x, log_y;

    /// y / x = `ratio`, with its logarithm where that is no double.
    Shares(double ratio, double log_ratio)
        : x(1.0 / (1.0 + ratio)),
          y(ratio > 1.0 ? 1.0 / (1.0 + 1.0 / ratio) : ratio / (1.0 + ratio)),
          log_x(ratio > 1e17 ? -log_ratio : -std::log1p(ratio)),
          log_y(ratio > 1.0 ? -std::log1p(1.0 / ratio) : log_ratio - std::log1p(ratio)) {}
    /// Without the logarithms.
    explicit Shares(double ratio)
        : x(1.0 / (1.0 + ratio)),
          y(ratio > 1.0 ? 1.0 / (1.0 + 1.0 / ratio) : ratio / (1.0 + ratio)),
          log_x(0.0),
          log_y(0.0) {}
    Shares(double share, double rest, double log_share, double log_rest)
        : x(share), y(rest), log_x(log_share), log_y(log_rest) {}

    [[nodiscard]] Shares swapped() const { return {y, x, log_y, log_x}; }
};

/// I_x(a, b), from whichever of x and 1 - x has more digits.
[[nodiscard]] inline double incomplete_beta(double a, double b, const Shares& at) {
    return at.x <= at.y ? boost::math::ibeta(a, b, at.x, QuietPolicy{})
                        : boost::math::ibetac(b, a, at.y, QuietPolicy{});
}

/// ln I_x(a, b) far out in its tail.
[[nodiscard]] inline double log_small_incomplete_beta(double a, double b, const Shares& at) {
    return a * at.log_x + b * at.log_y - std::log(a) - log_beta(a, b) + std::log(beta_fraction(a, b, at.x));
}

/// I_x(a, b) as the upper tail and its complement.
[[nodiscard]] inline LogTail beta_tail(double a, double b, const Shares& at) {
    const double upper = incomplete_beta(a, b, at);
    if (upper <= 0.5) {
        return {upper > least_probability ? std::log(upper) : log_small_incomplete_beta(a, b, at), false};
    }
    const Shares other = at.swapped();
    // So close to nothing that the first term of the series is all there is; also where y itself underflows.
    if (other.x * (a + b) < 1e-17) {
        return {b * other.log_x - std::log(b) - log_beta(a, b), true};
    }
    const double lower = incomplete_beta(b, a, other);
    return {lower > least_probability ? std::log(lower) : log_small_incomplete_beta(b, a, other), true};
}

/// ln of the probability of a normal value above z >= 0.
///
/// Far out by the asymptotic series of Mills' ratio (DLMF 7.12.1), whose smallest term is below 1e-130 there.
[[nodiscard]] inline double log_upper_normal(double z) {
    constexpr double sqrt_half = 0.70710678118654752440;
    constexpr double log_sqrt_2pi = 0.91893853320467274178;
    if (z <= 25.0) return std::log(0.5 * std::erfc(z * sqrt_half));
    const double w = 1.0 / (z * z);
    double sum = 1.0, term = 1.0;
    for (double k = 1.0; k < 40.0 && std::abs(term) > 1e-17; k += 2.0) sum += term *= -k * w;
    return -0.5 * z * z - std::log(z) - log_sqrt_2pi + std::log(sum);
}

[[nodiscard]] inline LogTail normal_tail(double z) { return {log_upper_normal(std::abs(z)), z < 0.0}; }

/// The value that a normal one exceeds with probability q <= 1/2, from ln q.
///
/// Newton's method on ln of the tail, which is concave, from a rational approximation (Abramowitz and Stegun 26.2.23).
[[nodiscard]] inline double normal_above(double log_q) {
    constexpr double log_sqrt_2pi = 0.91893853320467274178;
    if (std::isnan(log_q)) return log_q;
    if (std::isinf(log_q)) return std::numeric_limits<double>::infinity();
    // What is beside the square is below its rounding.
    if (log_q < -1e20) return std::sqrt(2.0) * std::sqrt(-log_q);
    const double s = std::sqrt(-2.0 * log_q);
    double z = std::max(0.0, s - (2.515517 + s * (0.802853 + s * 0.010328)) /
                                     (1.0 + s * (1.432788 + s * (0.189269 + s * 0.001308))));
    for (int step = 0; step < 6; ++step) {
        const double log_tail = log_upper_normal(z);
        // Mills' ratio; far out the sum has no digits left, and 1 / z has them all.
        const double ratio = z > 1e6 ? 1.0 / z : std::exp(log_tail + 0.5 * z * z + log_sqrt_2pi);
        const double change = (log_tail - log_q) * ratio;
        z += change;
        if (std::abs(change) <= 1e-16 * z) break;
    }
    return z;
}

/// The value z > 0 with probability `within` <= 1/2 between -z and z.
[[nodiscard]] inline double normal_within(double within) {
    constexpr double sqrt_half = 0.70710678118654752440;
    constexpr double sqrt_half_pi = 1.25331413731550025121;
    double z = sqrt_half_pi * within * (1.0 + 0.26179938779914943654 * within * within);
    if (z < 1e-9) return z;
    for (int step = 0; step < 5; ++step) {
        const double change = (within - std::erf(z * sqrt_half)) * sqrt_half_pi * std::exp(0.5 * z * z);
        z += change;
        if (std::abs(change) <= 1e-16 * z) break;
    }
    return z;
}

/// The normal value with this upper tail.
[[nodiscard]] inline double z_of(const LogTail& tail) {
    const double z = normal_above(std::min(tail.log, ln_half));
    return tail.lower ? -z : z;
}

/// The smaller tail of the incomplete gamma function for large a, by Temme's expansion that is uniform in x (DLMF 8.12.3 to
/// 8.12.8): with mu = (x - a) / a, eta^2 / 2 = mu - ln(1 + mu), signed as mu, and z = eta sqrt(a),
/// Q = normal tail above z + exp(-z^2 / 2) / sqrt(2 pi a) (C0 + C1 / a + ...), P = 1 - Q. What is left out is below
/// 1e-13 of Q or P from a = 1e5 on. Boost's function loses digits of small tails in proportion to a.
[[nodiscard]] inline LogTail gamma_tail_of_large(double a, double x) {
    constexpr double half_log_2pi = 0.91893853320467274178;
    const double mu = (x - a) / a;
    const double eta = std::copysign(std::sqrt(-2.0 * boost::math::log1pmx(mu, QuietPolicy{})), mu);
    double c0 = 1.0 / mu - 1.0 / eta;
    double c1 = 1.0 / (eta * eta * eta) - 1.0 / (mu * mu * mu) - 1.0 / (mu * mu) - 1.0 / (12.0 * mu);
    if (std::abs(eta) < 0.1) {
        const auto sum = [eta](const auto& terms) {
            double out = 0.0;
            for (auto term = terms.rbegin(); term != terms.rend(); ++term) out = out * eta + *term;
            return out;
        };
        constexpr std::array c0_terms{-0.33333333333333333,  0.083333333333333333,   -0.014814814814814815,
                                      0.0011574074074074074, 0.0003527336860670194,  -0.00017875514403292181,
                                      3.9192631785224378e-5, -2.1854485106799922e-6, -1.85406221071516e-6,
                                      8.296711340953086e-7};
        constexpr std::array c1_terms{-0.0018518518518518519, -0.0034722222222222222, 0.0026455026455026455,
                                      -0.00099022633744855967, 0.00020576131687242798};
        c0 = sum(c0_terms);
        c1 = sum(c1_terms);
    }
    const bool lower = mu < 0.0;
    const double z = std::abs(eta) * std::sqrt(a);
    const double log_tail = log_upper_normal(z);
    const double rest = std::exp(-0.5 * z * z - half_log_2pi - log_tail) * (c0 + c1 / a) / std::sqrt(a);
    // Near the middle Q may be the larger one though x is above a.
    if (const double above = std::exp(log_tail) * (1.0 + rest); !lower && above > 0.5) {
        return {std::log1p(-above), true};
    }
    return {log_tail + std::log1p(lower ? -rest : rest), lower};
}

/// Chi-square's tail: Q(df/2, x/2) of the incomplete gamma function.
///
/// Far out Q(a, x) = x^a e^-x / Gamma(a) / (x + 1 - a - 1 (1 - a) / (x + 3 - a - ...)) (DLMF 8.9.2), and
/// P(a, x) = x^a e^-x / Gamma(a + 1) (1 + x / (a + 1) + ...) (DLMF 8.11.4).
[[nodiscard]] inline LogTail chi_square_tail(double chi_square, double df) {
    constexpr double infinity = std::numeric_limits<double>::infinity();
    if (std::isnan(chi_square) || !(df > 0.0) || std::isinf(df)) return {};
    if (chi_square <= 0.0) return {-infinity, true};
    if (std::isinf(chi_square)) return {-infinity, false};
    const double a = 0.5 * df, x = 0.5 * chi_square;
    if (a > 1e5) return gamma_tail_of_large(a, x);
    const double upper = boost::math::gamma_q(a, x, QuietPolicy{});
    if (upper <= 0.5) {
        if (upper > least_probability) return {std::log(upper), false};
        double b = x + 1.0 - a, c = 1e300, d = 1.0 / b, fraction = d;
        for (int step = 1; step < 1'000'000; ++step) {
            const double k = step;
            b += 2.0;
            d = 1.0 / (b - k * (k - a) * d);
            c = b - k * (k - a) / c;
            fraction *= c * d;
            if (std::abs(c * d - 1.0) < 1e-16) break;
        }
        return {a * std::log(x) - x - log_gamma(a) + std::log(fraction), false};
    }
    const double lower = boost::math::gamma_p(a, x, QuietPolicy{});
    if (lower > least_probability) return {std::log(lower), true};
    double sum = 1.0, term = 1.0;
    for (double k = 1.0; k < 1e6 && term > 1e-17 * sum; ++k) sum += term *= x / (a + k);
    return {a * std::log(x) - x - log_gamma(a + 1.0) + std::log(sum), true};
}

/// Fisher's F: I_x(df2/2, df1/2) with x = df2 / (df2 + df1 F).
[[nodiscard]] inline LogTail f_tail(double f, double df1, double df2) {
    constexpr double infinity = std::numeric_limits<double>::infinity();
    if (std::isnan(f) || !(df1 > 0.0) || !(df2 > 0.0) || std::isinf(df1)) return {};
    if (f <= 0.0) return {-infinity, true};
    if (std::isinf(f)) return {-infinity, false};
    if (df2 > 1e15) return chi_square_tail(df1 * f, df1);
    const double ratio = df1 / df2;
    return beta_tail(0.5 * df2, 0.5 * df1, Shares(f * ratio, std::log(f) + std::log(ratio)));
}

/// p of an F, without its logarithm.
[[nodiscard]] inline double upper_f(double f, double df1, double df2) {
    if (std::isnan(f) || !(df1 > 0.0) || !(df2 > 0.0)) return std::numeric_limits<double>::quiet_NaN();
    if (f <= 0.0 || std::isinf(f)) return f <= 0.0 ? 1.0 : 0.0;
    if (df2 > 1e15) return boost::math::gamma_q(0.5 * df1, 0.5 * df1 * f, QuietPolicy{});
    const double ratio = f * (df1 / df2);
    return incomplete_beta(0.5 * df2, 0.5 * df1, Shares(ratio));
}

/// Multiplies several values by x^power, where the power is a whole number of halves.
template <std::size_t Size>
ROI_ALWAYS_INLINE void multiply_by_powers_body(const std::array<double, Size>& x, double power,
                                               std::size_t count, std::array<double, Size>& values) {
    auto whole = static_cast<std::int64_t>(power);
    if (power != static_cast<double>(whole)) {
        for (std::size_t i = 0; i < count; ++i) values[i] *= std::sqrt(x[i]);
    }
    std::array<double, Size> square;
    for (std::size_t i = 0; i < count; ++i) square[i] = x[i];
    for (; whole > 0; whole /= 2) {
        const bool counts = whole % 2 == 1, goes_on = whole > 1;
        for (std::size_t i = 0; counts && i < count; ++i) values[i] *= square[i];
        for (std::size_t i = 0; goes_on && i < count; ++i) square[i] *= square[i];
    }
}

template <std::size_t Size>
ROI_TARGET_AVX2 void multiply_by_powers_avx2(const std::array<double, Size>& x, double power,
                                             std::size_t count, std::array<double, Size>& values) {
    multiply_by_powers_body(x, power, count, values);
}

template <std::size_t Size>
void multiply_by_powers(const std::array<double, Size>& x, double power, std::size_t count,
                        std::array<double, Size>& values) {
    if (use_avx2()) return multiply_by_powers_avx2(x, power, count, values);
    multiply_by_powers_body(x, power, count, values);
}

/// p of F for one pair of degrees of freedom: what all voxels of a map have in common is computed once.
class UpperF {
public:
    UpperF(double df1, double df2) : df1_(df1), df2_(df2), a_(0.5 * df2), b_(0.5 * df1), ratio_(df1 / df2) {
        // The powers of y below are exact enough, and the series short, up to here.
        if (!(df1 > 0.0 && df1 <= 32.0 && df2 > 0.0 && df2 < 1e15)) return;
        scale_ = std::exp(-log_beta(a_, b_)) / b_;
        // Where p is more than 0.01, so that one minus its complement loses little, and y no more than 1/2.
        double below = 0.0, above = std::min(1.0 / ratio_, 1e6);
        for (int step = 0; step < 60; ++step) {
            const double middle = 0.5 * (below + above);
            (upper_f(middle, df1, df2) > 0.01 ? below : above) = middle;
        }
        near_ = below;
    }

    /// Probabilities of as large a value as each of `count` values of F; `out` may be `f`.
    ///
    /// Most voxels by a power series for several at a time, small probabilities by a continued fraction. What is left is
    /// Boost's incomplete beta function, which takes ten times as long.
    void operator()(const double* f, double* out, std::int64_t count) const {
        constexpr std::int64_t together = 64;
        std::array<double, together> x, y, sums;
        // Products are faster than an exponential, and exact enough up to here.
        const bool by_products = a_ <= 256.0 && is_half(a_) && is_half(b_);
        for (std::int64_t start = 0; start < count; start += together) {
            const auto size = static_cast<std::size_t>(std::min(together, count - start));
            const double* values = f + start;
            for (std::size_t i = 0; i < size; ++i) {
                const double ratio = is_near(values[i]) ? values[i] * ratio_ : 0.0;
                x[i] = 1.0 / (1.0 + ratio);
                y[i] = ratio * x[i];
            }
            centre_sums(a_, b_, y, size, sums);
            if (by_products) {
                multiply_by_powers(x, a_, size, sums);
                multiply_by_powers(y, b_, size, sums);
            }
            for (std::size_t i = 0; i < size; ++i) {
                const double value = values[i];
                double& p = out[start + static_cast<std::int64_t>(i)];
                if (!is_near(value)) {
                    p = beyond(value);
                } else if (by_products) {
                    p = 1.0 - scale_ * sums[i];
                } else {
                    p = 1.0 -
                        scale_ * std::pow(y[i], b_) * std::exp(-a_ * std::log1p(value * ratio_)) * sums[i];
                }
            }
        }
    }

private:
    /// False for NaN.
    [[nodiscard]] bool is_near(double f) const { return f > 0.0 && f <= near_; }

    /// p of an F for which the series is not.
    [[nodiscard]] double beyond(double f) const {
        const double ratio = f * ratio_, x = 1.0 / (1.0 + ratio), y = ratio * x;
        const double log_power = -a_ * std::log1p(ratio);
        // The fraction converges fast below its border, loses digits where x is nearly 1, and is multiplied by what must
        // be no subnormal number. False for NaN and infinity.
        const bool fast =
            near_ > 0.0 && f > near_ && x * (a_ + b_ + 2.0) < a_ + 1.0 && y > 1e-3 && log_power > -600.0;
        if (!fast) return upper_f(f, df1_, df2_);
        return scale_ * b_ / a_ * std::pow(y, b_) * std::exp(log_power) * beta_fraction(a_, b_, x);
    }

    /// Is it a whole number of halves?
    [[nodiscard]] static bool is_half(double value) { return 2.0 * value == std::floor(2.0 * value); }

    double df1_, df2_, a_, b_, ratio_;
    double scale_ = 0.0;  ///< 1 / (b B(a, b))
    double near_ = 0.0;   ///< the largest F that the series is for; 0 where Boost is called for any
};

/// The probability of |t| or more in either direction: I_x(df/2, 1/2) with x = df / (df + t^2).
[[nodiscard]] inline LogTail two_sided_t_tail(double t, double df) {
    constexpr double infinity = std::numeric_limits<double>::infinity();
    if (std::isnan(t) || !(df > 0.0)) return {};
    if (t == 0.0) return {-infinity, true};
    if (std::isinf(t)) return {-infinity, false};
    if (df > 1e15) {
        const double z = std::abs(t);
        const double within = std::erf(z * 0.70710678118654752440);
        return within <= 0.5 ? LogTail{std::log(within), true}
                             : LogTail{log_upper_normal(z) - ln_half, false};
    }
    return beta_tail(0.5 * df, 0.5, Shares(t / df * t, 2.0 * std::log(std::abs(t)) - std::log(df)));
}

/// Student's t in one direction.
[[nodiscard]] inline LogTail t_tail(double t, double df) {
    return {ln_half + two_sided_t_tail(t, df).upper(), t < 0.0};
}

/// The normal value with the upper tail of t.
[[nodiscard]] inline double z_of_t(double t, double df) {
    const LogTail tail = two_sided_t_tail(t, df);
    // Near 0 all digits are in the probability of less than |t|.
    const double z = tail.lower ? normal_within(std::exp(tail.log)) : normal_above(ln_half + tail.log);
    return std::copysign(z, t);
}

/// t > 0 with this probability, given as ln, of |t| or more in either direction.
///
/// Newton's method on the logarithm of the tail as a function of ln t, or near 0 on the probability within as a function
/// of t; both are concave, so it converges from anywhere.
[[nodiscard]] inline double t_of_two_sided(const LogTail& wanted, double df) {
    if (std::isnan(wanted.log) || !(df > 0.0)) return std::numeric_limits<double>::quiet_NaN();
    if (std::isinf(wanted.log)) return wanted.lower ? 0.0 : std::numeric_limits<double>::infinity();
    if (df > 1e15) {
        return wanted.lower ? normal_within(std::exp(wanted.log)) : normal_above(ln_half + wanted.log);
    }
    const double log_scale = -0.5 * std::log(df) - log_beta(0.5, 0.5 * df);
    const auto log_density = [&](double t) {
        // Where the square would overflow, the 1 beside it is nothing.
        const double log_one_and_square =
            t < 1e150 ? std::log1p(t / df * t) : 2.0 * std::log(t) - std::log(df);
        return log_scale - 0.5 * (df + 1.0) * log_one_and_square;
    };
    if (wanted.lower) {
        const double within = std::exp(wanted.log);
        double t = 0.5 * within / std::exp(log_scale);
        for (int step = 0; step < 60; ++step) {
            const LogTail tail = two_sided_t_tail(t, df);
            const double now = tail.lower ? std::exp(tail.log) : -std::expm1(tail.log);
            const double change = (within - now) / (2.0 * std::exp(log_density(t)));
            t += change;
            if (!(std::abs(change) > 1e-16 * t)) break;
        }
        return t;
    }
    if (wanted.log < two_sided_t_tail(std::numeric_limits<double>::max(), df).upper()) {
        return std::numeric_limits<double>::infinity();
    }
    double t = normal_above(ln_half + wanted.log);
    for (int step = 0; step < 200; ++step) {
        const double log_tail = two_sided_t_tail(t, df).upper();
        // d ln Q / d ln t = -2 t f(t) / Q.
        const double slope = 2.0 * std::exp(std::log(t) + log_density(t) - log_tail);
        const double change = std::min((log_tail - wanted.log) / slope, 100.0);
        t *= std::exp(change);
        if (std::isinf(t) || !(std::abs(change) > 4e-16)) break;
    }
    return t;
}

}  // namespace roi::detail
