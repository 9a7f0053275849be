// Time courses of chosen voxels: what remains of a run when only some voxels matter.
#pragma once

#include <roi/core/concepts.hpp>
#include <roi/image/grid.hpp>
#include <roi/image/volume.hpp>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

namespace roi {

/// The values over time of the voxels of a mask, and nothing else of the run.
///
/// Memory: voxels * frames * sizeof(T), and 8 bytes a voxel.
template <RealVoxel T>
class KeptVoxels {
public:
    using value_type = T;

    /// No volumes yet of the voxels of `mask`.
    explicit KeptVoxels(const Mask& mask) : grid_(mask.grid()) {
        for (std::int64_t i = 0; i < mask.size(); ++i) {
            if (mask[i]) voxels_.push_back(i);
        }
    }

    [[nodiscard]] const Grid& grid() const { return grid_; }
    [[nodiscard]] std::int64_t frames() const { return frames_; }

    /// Positions in memory of the kept voxels, ascending.
    [[nodiscard]] const std::vector<std::int64_t>& voxels() const { return voxels_; }

    /// Values of one volume, in the order of `voxels()`; not checked.
    [[nodiscard]] std::span<const T> frame(std::int64_t index) const {
        return {values_.data() + static_cast<std::size_t>(index) * voxels_.size(), voxels_.size()};
    }
    [[nodiscard]] std::span<T> frame(std::int64_t index) {
        return {values_.data() + static_cast<std::size_t>(index) * voxels_.size(), voxels_.size()};
    }

    /// Makes room for `frames` volumes, all values 0.
    void resize(std::int64_t frames) {
        frames_ = frames;
        values_.assign(static_cast<std::size_t>(frames) * voxels_.size(), T{});
    }

    /// Place of a voxel in `voxels()`, or -1 when it was not kept.
    [[nodiscard]] std::int64_t find(std::int64_t voxel) const {
        const auto place = std::lower_bound(voxels_.begin(), voxels_.end(), voxel);
        return place == voxels_.end() || *place != voxel ? -1 : place - voxels_.begin();
    }

private:
    Grid grid_;
    std::vector<std::int64_t> voxels_;
    std::int64_t frames_ = 0;
    std::vector<T> values_;
};

}  // namespace roi
