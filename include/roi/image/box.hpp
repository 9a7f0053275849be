// Parts of a volume: a box of voxels, and those between two places in memory.
#pragma once

#include <roi/image/grid.hpp>

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <span>

namespace roi {

/// Voxels from `first` up to but not including `last`, along x, y and z; without voxels when `last` is 0.
struct Box {
    std::array<std::int64_t, 3> first{};
    std::array<std::int64_t, 3> last{};

    /// Grows to hold another box as well.
    void include(const Box& other) {
        if (other.last == std::array<std::int64_t, 3>{}) return;
        const bool empty = last == std::array<std::int64_t, 3>{};
        for (std::size_t axis = 0; axis < 3; ++axis) {
            first[axis] = empty ? other.first[axis] : std::min(first[axis], other.first[axis]);
            last[axis] = std::max(last[axis], other.last[axis]);
        }
    }

    /// Grows to hold the voxel at a position in memory.
    void include(const Shape& shape, std::int64_t index) {
        const auto [x, y, z] = shape.voxel(index);
        include(Box{{x, y, z}, {x + 1, y + 1, z + 1}});
    }
};

/// Voxels [first, last) in memory order.
struct VoxelRange {
    std::int64_t first = 0;
    std::int64_t last = 0;

    [[nodiscard]] std::int64_t size() const { return last - first; }
    /// The part of the values of a whole volume.
    template <class T>
    [[nodiscard]] std::span<T> of(std::span<T> volume) const {
        return volume.subspan(static_cast<std::size_t>(first), static_cast<std::size_t>(size()));
    }
};

}  // namespace roi
