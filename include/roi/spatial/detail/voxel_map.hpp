// Which place of one grid a voxel of another is.
#pragma once

#include <roi/core/error.hpp>
#include <roi/core/text.hpp>
#include <roi/image/grid.hpp>

#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>
#include <cstdint>

namespace roi::detail {

/// Voxel indices of one grid to voxel indices of another: p = linear * o + offset.
struct VoxelMap {
    std::array<std::array<double, 3>, 3> linear{};
    std::array<double, 3> offset{};

    /// Index `axis` in the other grid of a voxel of the one.
    [[nodiscard]] double at(std::size_t axis, double x, double y, double z) const {
        return linear[axis][0] * x + linear[axis][1] * y + linear[axis][2] * z + offset[axis];
    }
};

/// Where the voxels of `from` lie in `to`.
/// \throws InvalidArgument when the affine of `to` cannot be inverted
[[nodiscard]] inline VoxelMap voxel_map(const Grid& from, const Grid& to) {
    (void)to.voxel(Point::Zero());  // throws when it cannot
    const Affine &a = to.affine(), &b = from.affine();
    const auto cofactor = [&](int row, int column) {
        const int r0 = (row + 1) % 3, r1 = (row + 2) % 3, c0 = (column + 1) % 3, c1 = (column + 2) % 3;
        return a(r0, c0) * a(r1, c1) - a(r0, c1) * a(r1, c0);
    };
    const double determinant = a(0, 0) * cofactor(0, 0) + a(0, 1) * cofactor(0, 1) + a(0, 2) * cofactor(0, 2);
    VoxelMap out;
    for (int row = 0; row < 3; ++row) {
        const auto r = static_cast<std::size_t>(row);
        for (int k = 0; k < 3; ++k) {
            const double inverse = cofactor(k, row) / determinant;
            for (int column = 0; column < 3; ++column) {
                out.linear[r][static_cast<std::size_t>(column)] += inverse * b(k, column);
            }
            out.offset[r] += inverse * (b(k, 3) - a(k, 3));
        }
    }
    return out;
}

/// Least and largest place, along each axis of the other grid, of the centres of all voxels.
struct VoxelBounds {
    std::array<double, 3> low{}, high{};
};

[[nodiscard]] inline VoxelBounds bounds(const VoxelMap& map, const Shape& shape) {
    VoxelBounds out;
    for (std::size_t axis = 0; axis < 3; ++axis) {
        out.low[axis] = out.high[axis] = map.offset[axis];
        for (int column = 0; column < 3; ++column) {
            const double reach = map.linear[axis][static_cast<std::size_t>(column)] *
                                 static_cast<double>(std::max<std::int64_t>(shape[column] - 1, 0));
            out.low[axis] += std::min(reach, 0.0);
            out.high[axis] += std::max(reach, 0.0);
        }
    }
    return out;
}

/// Places this far outside the outermost centres, in voxels, still count as on them: affines stored in single precision
/// are off by as much, and rounding must not blank a face.
inline constexpr double edge_slack = 1e-4;

/// Do any voxels of the one grid lie between the outermost centres of the other? Looks at the boxes around both.
///
/// \param margin  how far beyond the outermost centres both reach, in voxels: 0.5 for whole voxels
[[nodiscard]] inline bool grids_overlap(const Grid& one, const Grid& other, double margin = edge_slack) {
    const auto apart = [margin](const Grid& from, const Grid& to) {
        const auto box = bounds(voxel_map(from, to), from.shape());
        for (int axis = 0; axis < 3; ++axis) {
            const auto a = static_cast<std::size_t>(axis);
            if (box.high[a] < -margin || box.low[a] > static_cast<double>(to.shape()[axis] - 1) + margin) {
                return true;
            }
        }
        return false;
    };
    return !apart(one, other) && !apart(other, one);
}

}  // namespace roi::detail
