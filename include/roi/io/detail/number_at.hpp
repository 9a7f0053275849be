// Numbers among bytes, in either byte order.
#pragma once

#include <array>
#include <bit>
#include <cstddef>
#include <span>

namespace roi::detail {

/// The number at the start of `bytes` in either byte order.
template <class Number>
[[nodiscard]] Number number_at(std::span<const std::byte> bytes, std::size_t offset, bool swapped) {
    std::array<std::byte, sizeof(Number)> raw;
    for (std::size_t i = 0; i < raw.size(); ++i) {
        raw[i] = bytes[offset + (swapped ? raw.size() - 1 - i : i)];
    }
    return std::bit_cast<Number>(raw);
}

}  // namespace roi::detail
