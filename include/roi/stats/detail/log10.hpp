// The decimal logarithm, in arithmetic that compilers vectorise.
#pragma once

#include <roi/core/detail/instruction_set.hpp>

#include <bit>
#include <cstdint>
#include <limits>

namespace roi::detail {

/// 0 for positive finite numbers of full precision, which most are, else 1.
[[nodiscard]] ROI_ALWAYS_INLINE std::uint64_t not_positive_normal(double x) {
    return static_cast<std::uint64_t>(!(x >= std::numeric_limits<double>::min())) |
           static_cast<std::uint64_t>(!(x <= std::numeric_limits<double>::max()));
}

/// log10 of a positive normal number, within 1.2 units in the last place; of any other number it is anything.
///
/// No branches, tables or calls, so a loop over voxels takes several at a time, and every machine and instruction set
/// gives the same bits. Powers of ten give whole numbers, which a threshold on a map of -log10 p relies on.
///
/// x = 2^k (1 + f) with 1 + f from sqrt(1/2) to sqrt(2), and log(1 + f) = 2 atanh(s) with s = f / (2 + f), arranged
/// as f - s (f - R), as in Sun's fdlibm. R is 2/3 s^2 + 2/5 s^4 + ..., here the polynomial of seven terms in s^2 whose
/// greatest error, 2.5e-18, is least (Remez). Large terms are kept in two parts, the first with so few bits that its
/// products are exact.
[[nodiscard]] ROI_ALWAYS_INLINE double log10_of_normal(double x) {
    constexpr std::uint64_t one = 0x3FF0000000000000;
    constexpr std::uint64_t sqrt_half = 0x3FE6A09E667F3BCD;
    constexpr std::uint64_t fraction = 0x000FFFFFFFFFFFFF;
    constexpr std::uint64_t upper_half = 0xFFFFFFFF00000000;
    constexpr double two_52 = 4503599627370496.0;
    constexpr double log10_2 = 0x1.34413509f78p-2;
    constexpr double log10_2_rest = 0x1.fef311f12b358p-46;
    constexpr double per_ln10 = 0x1.bcb7b152p-2;
    constexpr double per_ln10_rest = 0x1.b9438ca9aadd5p-36;

    const std::uint64_t bits = std::bit_cast<std::uint64_t>(x) + (one - sqrt_half);
    // The exponent as the last bits of a number from 2^52 on: AVX2 has no conversion of 64-bit integers.
    const double exponent = std::bit_cast<double>((bits >> 52) | std::bit_cast<std::uint64_t>(two_52));
    const double k = exponent - (two_52 + 1023.0);
    const double f = std::bit_cast<double>((bits & fraction) + sqrt_half) - 1.0;

    const double s = f / (2.0 + f);
    const double z = s * s;
    // Two chains of every other term: half as long to wait for.
    const double w = z * z;
    const double even = 0x1.5555555555592p-1 +
                        w * (0x1.24924941f10acp-2 + w * (0x1.74663ee3c34ffp-3 + w * 0x1.2f055e8c986adp-3));
    const double odd = 0x1.999999997fdb9p-2 + w * (0x1.c71c520973264p-3 + w * 0x1.39a1bb32f0b06p-3);
    // f without the last bits, and what log(1 + f) has beyond it.
    const double large = std::bit_cast<double>(std::bit_cast<std::uint64_t>(f) & upper_half);
    const double small = (f - large) - s * (f - z * (even + z * odd));

    const double whole = k * log10_2;
    const double first = large * per_ln10;
    const double sum = whole + first;
    const double lost = (whole - sum) + first;
    const double rest = k * log10_2_rest + large * per_ln10_rest + small * (per_ln10 + per_ln10_rest);
    return sum + (lost + rest);
}

/// log10 of any number, as C's function: of 0 it is -infinity, of negative numbers and NaN it is NaN.
[[nodiscard]] inline double log10_of(double x) {
    constexpr double infinity = std::numeric_limits<double>::infinity();
    constexpr double two_54 = 18014398509481984.0;
    if (not_positive_normal(x) == 0) return log10_of_normal(x);
    if (!(x >= 0.0)) return std::numeric_limits<double>::quiet_NaN();
    if (x == 0.0) return -infinity;
    if (x == infinity) return infinity;
    // Below the normal range leading bits are missing.
    return log10_of_normal(x * two_54) - 54.0 * 0.30102999566398119521;
}

}  // namespace roi::detail
