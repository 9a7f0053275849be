// The voxels of a mask one after the other, and which of them touch.
#pragma once

#include <roi/core/error.hpp>
#include <roi/image/grid.hpp>
#include <roi/image/volume.hpp>
#include <roi/morphology/structure.hpp>

#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <limits>
#include <span>
#include <vector>

namespace roi::detail {

/// The voxels of a mask, numbered in memory order, in a box with a border of voxels that are none, so that no neighbour
/// lies outside memory: a place of the box and a step to it.
class MaskedVoxels {
public:
    MaskedVoxels(const Mask& mask, const Structure& connectivity) {
        const auto offsets = connectivity.offsets();
        for (const auto& [dx, dy, dz] : offsets) {
            require(std::abs(dx) <= 1 && std::abs(dy) <= 1 && std::abs(dz) <= 1,
                    "connectivity: expected a structure of 3 x 3 x 3 values");
        }
        const Shape shape = axes_of_voxels(mask.shape());
        const std::int64_t row = shape.x() + 2, plane = row * (shape.y() + 2);
        require(plane * (shape.z() + 2) <= std::numeric_limits<std::int32_t>::max(),
                "clusters: expected at most 2^31 voxels");
        number_.assign(static_cast<std::size_t>(plane * (shape.z() + 2)), -1);
        for (std::int64_t i = 0; i < mask.size(); ++i) {
            if (!mask[i]) continue;
            const auto [x, y, z] = shape.voxel(i);
            const std::int64_t place = x + 1 + row * (y + 1) + plane * (z + 1);
            number_[static_cast<std::size_t>(place)] = static_cast<std::int32_t>(places_.size());
            places_.push_back(static_cast<std::int32_t>(place));
            voxels_.push_back(static_cast<std::int32_t>(i));
        }
        for (const auto& [dx, dy, dz] : offsets) {
            const std::int64_t step = dx + row * dy + plane * dz;
            if (step != 0) steps_.push_back(static_cast<std::int32_t>(step));
            // Those beside them lie on the same cache lines.
            if (dx == 0) lines_.push_back(static_cast<std::int32_t>(step));
        }
    }

    [[nodiscard]] std::size_t size() const { return places_.size(); }
    /// Position in memory of a voxel.
    [[nodiscard]] std::int64_t voxel(std::size_t number) const { return voxels_[number]; }

    /// How many places the box has.
    [[nodiscard]] std::size_t places() const { return number_.size(); }
    /// Where in the box each voxel is.
    [[nodiscard]] const std::vector<std::int32_t>& place_of() const { return places_; }
    /// From a place to those of its neighbours.
    [[nodiscard]] std::span<const std::int32_t> steps() const { return steps_; }
    /// The steps along y and z alone: what to fetch ahead.
    [[nodiscard]] std::span<const std::int32_t> lines() const { return lines_; }

    template <class Use>
    void for_each_neighbour(std::int32_t number, const Use& use) const {
        const std::int32_t place = places_[static_cast<std::size_t>(number)];
        for (const std::int32_t step : steps_) {
            const std::int32_t other = number_[static_cast<std::size_t>(place + step)];
            if (other >= 0) use(other);
        }
    }

private:
    std::vector<std::int32_t> number_;
    std::vector<std::int32_t> places_, voxels_, steps_, lines_;
};

}  // namespace roi::detail
