// NaN and infinity as the peers treat them: as nothing.
#pragma once

#include <roi/core/concepts.hpp>

#include <bit>
#include <cstdint>
#include <limits>
#include <span>
#include <type_traits>

namespace roi::detail {

/// The value, or 0 when it is NaN or infinite. Looks at bits, so it works under any floating-point flags.
template <NumberVoxel T>
[[nodiscard]] double finite_or_zero(T value) {
    // Without a choice, so that loops over this vectorise: a mask of all ones or none.
    if constexpr (std::is_same_v<T, float>) {
        const auto bits = std::bit_cast<std::uint32_t>(value);
        const auto keep = std::uint32_t{0} - static_cast<std::uint32_t>((bits & 0x7f800000u) != 0x7f800000u);
        return static_cast<double>(std::bit_cast<float>(bits & keep));
    } else if constexpr (std::is_same_v<T, double>) {
        constexpr std::uint64_t exponent = 0x7ff0000000000000u;
        const auto bits = std::bit_cast<std::uint64_t>(value);
        const auto keep = std::uint64_t{0} - static_cast<std::uint64_t>((bits & exponent) != exponent);
        return std::bit_cast<double>(bits & keep);
    } else {
        return static_cast<double>(value);
    }
}

/// Sees whether any of many values is NaN or infinite, without a choice, so that loops over it vectorise everywhere.
template <RealVoxel T>
class FiniteSoFar {
public:
    void look_at(T value) {
        // An exponent of all ones carries over into the sign.
        seen_ |= (std::bit_cast<Bits>(value) & exponent) + (exponent & (~exponent + 1));
    }
    [[nodiscard]] bool all() const { return (seen_ >> (8 * sizeof(T) - 1)) == 0; }

    friend FiniteSoFar operator|(FiniteSoFar a, FiniteSoFar b) {
        a.seen_ |= b.seen_;
        return a;
    }

private:
    using Bits = std::conditional_t<sizeof(T) == 4, std::uint32_t, std::uint64_t>;
    static constexpr Bits exponent = std::bit_cast<Bits>(std::numeric_limits<T>::infinity());
    Bits seen_ = 0;
};

/// Is no value NaN or infinite?
template <RealVoxel T>
[[nodiscard]] bool all_finite(std::span<const T> values) {
    FiniteSoFar<T> seen;
    for (const T value : values) seen.look_at(value);
    return seen.all();
}

}  // namespace roi::detail
