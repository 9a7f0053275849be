// NaN and infinity as the peers treat them: as nothing.
#pragma once

#include <roi/concepts.hpp>

#include <bit>
#include <cstdint>
#include <type_traits>

namespace roi::detail {

/// The value, or 0 when it is NaN or infinite. Looks at bits, so it works under any floating-point flags.
template <NumberVoxel T>
[[nodiscard]] double finite_or_zero(T value) {
    if constexpr (std::is_same_v<T, float>) {
        return (std::bit_cast<std::uint32_t>(value) & 0x7f800000u) == 0x7f800000u
                   ? 0.0
                   : static_cast<double>(value);
    } else if constexpr (std::is_same_v<T, double>) {
        constexpr std::uint64_t exponent = 0x7ff0000000000000u;
        return (std::bit_cast<std::uint64_t>(value) & exponent) == exponent ? 0.0 : value;
    } else {
        return static_cast<double>(value);
    }
}

}  // namespace roi::detail
