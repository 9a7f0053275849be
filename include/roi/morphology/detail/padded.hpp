// Volumes with margins.
#pragma once

#include <roi/core/detail/memory.hpp>
#include <roi/core/error.hpp>
#include <roi/core/text.hpp>
#include <roi/image/grid.hpp>
#include <roi/image/view.hpp>
#include <roi/image/volume.hpp>
#include <roi/morphology/detail/neighbours.hpp>
#include <roi/morphology/structure.hpp>

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <vector>

namespace roi::detail {

/// How many voxels away neighbours of neighbours lie at most along each axis, after so many steps.
/// \throws InvalidArgument when that is more than can be counted, or the centre is moved out of the structure
[[nodiscard]] inline Offset reach(const Structure& structure, const Offset& origin, std::int64_t steps) {
    const Shape& box = structure.shape();
    const auto centre = structure.moved_centre(origin);
    Offset out{};
    for (std::int64_t index = 0; index < box.size(); ++index) {
        const auto voxel = box.voxel(index);
        if (!structure(voxel[0], voxel[1], voxel[2])) continue;
        for (std::size_t axis = 0; axis < 3; ++axis) {
            out[axis] = std::max(out[axis], std::abs(voxel[axis] - centre[axis]));
        }
    }
    constexpr std::int64_t most = std::int64_t{1} << 40;
    for (auto& voxels : out) {
        if (voxels > 0 && steps > most / voxels) {
            throw InvalidArgument(
                text("iterations: ", steps, " times ", voxels,
                     " voxels is more than a volume can be widened by; give a smaller number"));
        }
        voxels *= steps;
    }
    return out;
}

/// The mask with `margins` voxels of `value` on both sides of each axis; voxels keep their places in millimetres.
[[nodiscard]] inline Mask padded(const VolumeView<const bool>& mask, const Offset& margins, bool value) {
    const Shape shape = axes_of_voxels(mask.shape());
    const Shape wide(shape.x() + 2 * margins[0], shape.y() + 2 * margins[1], shape.z() + 2 * margins[2]);
    if (!is_memory_for(wide.size(), 2)) {
        throw Error(
            ErrorCode::out_of_memory,
            text("closing: with the margins that the border is kept by the volume has ", wide.to_string(),
                 " voxels, more than there is memory for; take a smaller structure, or fewer iterations"));
    }
    Affine affine = mask.grid().affine();
    const Point corner =
        mask.grid().world(Point(-static_cast<double>(margins[0]), -static_cast<double>(margins[1]),
                                -static_cast<double>(margins[2])));
    for (int row = 0; row < 3; ++row) affine(row, 3) = corner[row];
    Mask out(Grid(wide, affine), value);
    for (std::int64_t z = 0; z < shape.z(); ++z) {
        for (std::int64_t y = 0; y < shape.y(); ++y) {
            std::copy_n(mask.data() + shape.index(0, y, z), shape.x(),
                        out.data() + wide.index(margins[0], y + margins[1], z + margins[2]));
        }
    }
    return out;
}

/// Copies what `padded` put into the middle back.
inline void copy_inside(const Mask& wide, const Offset& margins, Mask& out) {
    const Shape shape = axes_of_voxels(out.shape());
    for (std::int64_t z = 0; z < shape.z(); ++z) {
        for (std::int64_t y = 0; y < shape.y(); ++y) {
            std::copy_n(wide.data() + wide.shape().index(margins[0], y + margins[1], z + margins[2]),
                        shape.x(), out.data() + shape.index(0, y, z));
        }
    }
}

}  // namespace roi::detail
