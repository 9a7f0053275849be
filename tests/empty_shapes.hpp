// Shapes without voxels whose other axes are longer than any loop could go along, or memory could hold.
#pragma once

#include <roi/core/error.hpp>
#include <roi/image/grid.hpp>

#include "catch.hpp"
#include <cstdint>

namespace test {

/// Calls `look(grid)` for volumes without voxels: one along each axis, and one whose lines are more than can be counted.
template <class Look>
void for_each_empty_shape(const Look& look) {
    constexpr std::int64_t high = std::int64_t{1} << 40, long_one = std::int64_t{1} << 20;
    for (const auto& shape : {roi::Shape(0, high, long_one), roi::Shape(high, 0, long_one),
                              roi::Shape(high, long_one, 0), roi::Shape(0, high, high)}) {
        INFO(shape.to_string());
        look(roi::Grid(shape));
    }
}

/// Does a call end, with a result or with one of the library's errors? Memory that runs out is none of them.
template <class Call>
[[nodiscard]] bool ends(const Call& call) {
    try {
        call();
    } catch (const roi::Error& error) {
        return error.code() != roi::ErrorCode::out_of_memory;
    }
    return true;
}

}  // namespace test
