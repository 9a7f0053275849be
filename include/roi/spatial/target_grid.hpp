// Grids to bring an image to: other voxel sizes, other axes.
#pragma once

#include <roi/core/concepts.hpp>
#include <roi/core/error.hpp>
#include <roi/core/text.hpp>
#include <roi/image/grid.hpp>
#include <roi/spatial/detail/voxel_map.hpp>

#include <array>
#include <cmath>
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <type_traits>

namespace roi {

/// Directions and lengths of the edges of a voxel in millimetres, as columns: an affine without its origin.
using Axes = Eigen::Matrix<double, 3, 3, Eigen::DontAlign>;

namespace detail {

/// Voxels needed to reach `extent` voxels beyond the first; rounding adds none.
[[nodiscard]] inline std::int64_t voxels_to_reach(double extent) {
    const double count = std::ceil(extent - 1e-6) + 1.0;
    if (!(count < 1e7)) {
        throw InvalidArgument(text("grid: an axis of ", count,
                                   " voxels is more than an image can have; are the voxel "
                                   "sizes in millimetres?"));
    }
    return static_cast<std::int64_t>(count);
}

}  // namespace detail

/// The grid with the given affine that reaches as far as the voxels of an image do.
///
/// \param image   grid to be covered
/// \param affine  of the result; what lies before its first voxel is cut off
/// \throws InvalidArgument when the affine cannot be inverted, or the image lies before its first voxel altogether
///
/// Every axis ends with the first voxel that reaches the last centre of `image`. The shape that nilearn's
/// `resample_img(target_affine)` gives for a 4 x 4 matrix, where rounding may add a plane that is left out here.
[[nodiscard]] inline Grid grid_of_affine(const Grid& image, const Affine& affine) {
    const Grid target({}, affine);
    const auto box = detail::bounds(detail::voxel_map(image, target), image.shape());
    std::array<std::int64_t, 3> counts{};
    for (std::size_t axis = 0; axis < 3; ++axis) {
        if (box.high[axis] < -detail::edge_slack) {
            throw InvalidArgument(text("grid_of_affine: the image lies before the first voxel of ",
                                       to_string(affine), " along axis ", axis, "; the image has ",
                                       image.to_string()));
        }
        counts[axis] = detail::voxels_to_reach(std::max(box.high[axis], 0.0));
    }
    return {Shape(counts[0], counts[1], counts[2]), affine};
}

/// The grid with the given axes whose box holds all voxel centres of an image.
///
/// \param image  grid to be covered
/// \param axes   edges of a voxel as columns, for example `Axes::Identity() * 2.0` for 2 mm along the axes of the world
/// \throws InvalidArgument when the axes cannot be inverted
///
/// The shape and origin that nilearn's `resample_img(target_affine)` gives for a 3 x 3 matrix; rounding adds no plane.
[[nodiscard]] inline Grid grid_of_affine(const Grid& image, const Axes& axes) {
    Affine affine = Affine::Identity();
    for (int row = 0; row < 3; ++row) {
        for (int column = 0; column < 3; ++column) affine(row, column) = axes(row, column);
    }
    const auto box = detail::bounds(detail::voxel_map(image, Grid({}, affine)), image.shape());
    const Point origin = Grid({}, affine).world(Point(box.low[0], box.low[1], box.low[2]));
    std::array<std::int64_t, 3> counts{};
    for (std::size_t axis = 0; axis < 3; ++axis) {
        counts[axis] = detail::voxels_to_reach(box.high[axis] - box.low[axis]);
        affine(static_cast<int>(axis), 3) = origin[static_cast<int>(axis)];
    }
    return {Shape(counts[0], counts[1], counts[2]), affine};
}

/// The same for a matrix of 3 x 3 or 4 x 4 numbers of any kind, such as `Axes::Identity() * 2.0` or an `Eigen::Matrix4d`.
template <class Matrix>
[[nodiscard]] Grid grid_of_affine(const Grid& image, const Eigen::MatrixBase<Matrix>& matrix) {
    constexpr auto rows = Matrix::RowsAtCompileTime, columns = Matrix::ColsAtCompileTime;
    static_assert(
        (rows == 3 || rows == 4) && columns == rows,
        "roi: grid_of_affine takes a matrix of 3 x 3 or 4 x 4 numbers: write Axes(matrix) or Affine(matrix)");
    using Target = std::conditional_t<rows == 3, Axes, Affine>;
    return grid_of_affine(image, Target(matrix.template cast<double>()));
}

/// An image has a grid, a shape alone is none, and a number is a voxel size.
/// \{
template <class Image, class Target>
requires(!std::same_as<Image, Grid>)  //
    [[nodiscard]] Grid grid_of_affine(const Image&, const Target&) {
    static_assert(detail::never<Image>,
                  "roi: grid_of_affine takes a grid: write grid_of_affine(image.grid(), affine)");
    return {};
}
template <class Number>
requires std::is_arithmetic_v<Number>
[[nodiscard]] Grid grid_of_affine(const Grid&, Number) {
    static_assert(
        detail::never<Number>,
        "roi: grid_of_affine takes a matrix: write grid_of_voxel_size(grid, 2.0) for voxels of 2 mm");
    return {};
}
template <class Image, class Size>
requires(!std::same_as<Image, Grid>)  //
    [[nodiscard]] Grid grid_of_voxel_size(const Image&, const Size&) {
    static_assert(detail::never<Image>,
                  "roi: grid_of_voxel_size takes a grid: write grid_of_voxel_size(image.grid(), 2.0)");
    return {};
}
/// \}

/// The grid of an image with voxels of another size: the same axes, and the same outer corner of the first voxel.
///
/// \param image        grid to be covered
/// \param millimetres  voxel size along each voxel axis
/// \throws InvalidArgument when a size is not above 0, or the affine cannot be inverted
///
/// Every axis ends as in `grid_of_affine`, so the last voxel may reach beyond the image, where the result is empty.
[[nodiscard]] inline Grid grid_of_voxel_size(const Grid& image, const Point& millimetres) {
    (void)image.voxel(Point::Zero());  // throws when the affine cannot be inverted
    const Point size = image.voxel_size();
    Affine affine = image.affine();
    for (int axis = 0; axis < 3; ++axis) {
        if (!(millimetres[axis] > 0.0) || !std::isfinite(millimetres[axis])) {
            throw InvalidArgument(
                text("grid_of_voxel_size: expected sizes above 0 mm, found ", millimetres[axis]));
        }
        const double ratio = millimetres[axis] / size[axis];
        const auto length = static_cast<double>(image.shape()[axis]);
        if (length > 0.0 && length - 1.0 < 0.5 * (ratio - 1.0) - detail::edge_slack) {
            throw InvalidArgument(text("grid_of_voxel_size: voxels of ", millimetres[axis], " mm along axis ",
                                       axis, " are too large for an image of ", length * size[axis],
                                       " mm: the centre of the first lies beyond its last"));
        }
        for (int row = 0; row < 3; ++row) {
            const double edge = image.affine()(row, axis);
            affine(row, axis) = edge * ratio;
            affine(row, 3) += 0.5 * edge * (ratio - 1.0);
        }
    }
    return grid_of_affine(image, affine);
}

/// The same with cubes as voxels.
[[nodiscard]] inline Grid grid_of_voxel_size(const Grid& image, double millimetres) {
    return grid_of_voxel_size(image, Point(millimetres, millimetres, millimetres));
}

}  // namespace roi
