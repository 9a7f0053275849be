// Where voxels lie: the shape of a volume and the affine that takes voxel indices to millimetres.
#pragma once

#include <roi/core/error.hpp>
#include <roi/core/text.hpp>

#include <Eigen/Core>
#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <string>
#include <string_view>

namespace roi {

/// Voxel counts along x, y and z; x is the fastest in memory.
class Shape {
public:
    /// No voxels.
    constexpr Shape() = default;

    /// \throws InvalidArgument when a count is negative or the number of voxels does not fit 63 bits
    constexpr Shape(std::int64_t x, std::int64_t y, std::int64_t z) : x_(x), y_(y), z_(z) {
        if (x < 0 || y < 0 || z < 0) {
            throw InvalidArgument(text("shape: counts must be 0 or more, found ", to_string()));
        }
        constexpr auto most = std::numeric_limits<std::int64_t>::max();
        // x * y is a stride of its own, so it must fit even where there are no planes.
        if (x > 0 && y > 0 && (x > most / y || (z > 0 && x * y > most / z))) {
            throw InvalidArgument(text("shape: ", to_string(), " voxels are more than can be counted"));
        }
    }

    [[nodiscard]] constexpr std::int64_t x() const { return x_; }
    [[nodiscard]] constexpr std::int64_t y() const { return y_; }
    [[nodiscard]] constexpr std::int64_t z() const { return z_; }

    /// Count along axis 0, 1 or 2.
    [[nodiscard]] constexpr std::int64_t operator[](int axis) const {
        return axis == 0 ? x_ : axis == 1 ? y_ : z_;
    }

    /// Number of voxels.
    [[nodiscard]] constexpr std::int64_t size() const { return x_ * y_ * z_; }

    /// Position in memory of voxel (x, y, z).
    [[nodiscard]] constexpr std::int64_t index(std::int64_t x, std::int64_t y, std::int64_t z) const {
        return (z * y_ + y) * x_ + x;
    }

    /// The voxel at a position in memory, as {x, y, z}.
    [[nodiscard]] constexpr std::array<std::int64_t, 3> voxel(std::int64_t index) const {
        return {index % x_, index / x_ % y_, index / (x_ * y_)};
    }

    /// Is (x, y, z) a voxel of this shape?
    [[nodiscard]] constexpr bool contains(std::int64_t x, std::int64_t y, std::int64_t z) const {
        return x >= 0 && y >= 0 && z >= 0 && x < x_ && y < y_ && z < z_;
    }

    /// For example "40 x 64 x 64".
    [[nodiscard]] std::string to_string() const { return text(x_, " x ", y_, " x ", z_); }

    friend constexpr bool operator==(const Shape&, const Shape&) = default;

private:
    std::int64_t x_ = 0;
    std::int64_t y_ = 0;
    std::int64_t z_ = 0;
};

/// Voxel indices (i, j, k, 1) to millimetres (x, y, z, 1).
///
/// Unaligned on purpose: the layout is then the same in files compiled with and without AVX.
using Affine = Eigen::Matrix<double, 4, 4, Eigen::DontAlign>;

/// Millimetres, or continuous voxel indices.
using Point = Eigen::Matrix<double, 3, 1, Eigen::DontAlign>;

/// The affine of voxels of the given size in millimetres, with voxel (0, 0, 0) at `origin`.
[[nodiscard]] inline Affine scaling(const Point& voxel_size, const Point& origin = Point::Zero()) {
    Affine affine = Affine::Identity();
    for (int axis = 0; axis < 3; ++axis) {
        affine(axis, axis) = voxel_size[axis];
        affine(axis, 3) = origin[axis];
    }
    return affine;
}

/// Four rows of numbers in brackets, as in "[-3.5 0 0 68.25; 0 3.75 0 -118.125; 0 0 3.75 -118.125; 0 0 0 1]".
[[nodiscard]] inline std::string to_string(const Affine& affine) {
    std::string out = "[";
    for (int row = 0; row < 4; ++row) {
        if (row > 0) out += "; ";
        for (int column = 0; column < 4; ++column) {
            append_text(out, column > 0 ? " " : "");
            append_text(out, affine(row, column));
        }
    }
    return out + "]";
}

namespace detail {

/// The shape that loops over single axes go by, and rooms as long as one: all 0 when there are no voxels, as an empty volume
/// may be of any length along its other axes.
[[nodiscard]] constexpr Shape axes_of_voxels(const Shape& shape) {
    return shape.size() > 0 ? shape : Shape();
}

[[nodiscard]] inline bool all_finite(const Affine& affine) {
    bool finite = true;
    for (int i = 0; i < 16; ++i) finite = finite && std::isfinite(affine(i));
    return finite;
}

/// Of two entries in the same place.
[[nodiscard]] inline double largest_difference(const Affine& a, const Affine& b) {
    double out = 0.0;
    for (int i = 0; i < 16; ++i) out = std::max(out, std::abs(a(i) - b(i)));
    return out;
}

}  // namespace detail

/// Shape and affine of a volume: everything about where its voxels are.
///
/// Written in numbers where Eigen has expressions: every file that includes this would pay half a second for those.
class Grid {
public:
    /// Affines further apart than this in any entry describe different grids: nilearn's masker's limit.
    static constexpr double affine_tolerance = 1000.0 * 1.1920928955078125e-07;

    /// An empty grid with unit voxels.
    Grid() = default;

    /// Unit voxels with the first at the origin, unless an affine is given.
    /// \throws InvalidArgument when the affine holds NaN or infinity, or its last row is not 0 0 0 1
    Grid(const Shape& shape, const Affine& affine = Affine::Identity()) : shape_(shape), affine_(affine) {
        if (!detail::all_finite(affine) || affine(3, 0) != 0.0 || affine(3, 1) != 0.0 ||
            affine(3, 2) != 0.0 || affine(3, 3) != 1.0) {
            throw InvalidArgument("affine: expected finite numbers and a last row of 0 0 0 1, found " +
                                  roi::to_string(affine));
        }
    }

    [[nodiscard]] const Shape& shape() const { return shape_; }
    [[nodiscard]] const Affine& affine() const { return affine_; }

    /// Number of voxels.
    [[nodiscard]] std::int64_t size() const { return shape_.size(); }

    /// Edge lengths of a voxel in millimetres: the norms of the affine's columns, whatever its rotation.
    [[nodiscard]] Point voxel_size() const { return {norm(column(0)), norm(column(1)), norm(column(2))}; }

    /// Volume of a voxel in cubic millimetres.
    [[nodiscard]] double voxel_volume() const {
        return std::abs(dot(column(0), cross(column(1), column(2))));
    }

    /// Millimetres of a voxel; indices may lie between voxels or outside the volume.
    [[nodiscard]] Point world(const Point& voxel) const {
        Point out = column(3);
        for (int row = 0; row < 3; ++row) {
            for (int axis = 0; axis < 3; ++axis) out[row] += affine_(row, axis) * voxel[axis];
        }
        return out;
    }

    /// Continuous voxel indices of a place in millimetres.
    /// \throws InvalidArgument when the affine cannot be inverted
    [[nodiscard]] Point voxel(const Point& world) const {
        const Point a = column(0), b = column(1), c = column(2), origin = column(3);
        const double volume = dot(a, cross(b, c));
        // Against the volume that edges of these lengths span at right angles, so that units do not matter.
        if (!(std::abs(volume) > 1e-12 * norm(a) * norm(b) * norm(c))) {
            throw InvalidArgument("affine: cannot be inverted: " + roi::to_string(affine_));
        }
        const Point d{world[0] - origin[0], world[1] - origin[1], world[2] - origin[2]};
        // Cramer's rule.
        return {dot(d, cross(b, c)) / volume, dot(d, cross(c, a)) / volume, dot(d, cross(a, b)) / volume};
    }

    /// Shape and affine on one line.
    [[nodiscard]] std::string to_string() const {
        return text("shape ", shape_.to_string(), ", affine ", roi::to_string(affine_));
    }

    friend bool operator==(const Grid& a, const Grid& b) {
        return a.shape_ == b.shape_ && detail::largest_difference(a.affine_, b.affine_) == 0.0;
    }

private:
    [[nodiscard]] Point column(int index) const {
        return {affine_(0, index), affine_(1, index), affine_(2, index)};
    }
    static double dot(const Point& a, const Point& b) { return a[0] * b[0] + a[1] * b[1] + a[2] * b[2]; }
    static double norm(const Point& a) { return std::sqrt(dot(a, a)); }
    static Point cross(const Point& a, const Point& b) {
        return {a[1] * b[2] - a[2] * b[1], a[2] * b[0] - a[0] * b[2], a[0] * b[1] - a[1] * b[0]};
    }

    Shape shape_;
    Affine affine_ = Affine::Identity();
};

/// The fewest voxels that fill a volume in cubic millimetres: the least size of a cluster or a part given in mm3.
///
/// A volume of a whole number of voxels is met by that number, whatever the rounding of the affine in a file: to 1e-6.
///
/// \param argument  what messages call the volume
/// \throws InvalidArgument when the volume is negative, NaN or infinite, or voxels have none
[[nodiscard]] inline std::int64_t least_voxels(const Grid& grid, double cubic_millimetres,
                                               std::string_view argument = "volume") {
    if (!(cubic_millimetres >= 0.0) || std::isinf(cubic_millimetres)) {
        throw InvalidArgument(
            text(argument, ": expected cubic millimetres of 0 or more, found ", cubic_millimetres));
    }
    const double voxels = cubic_millimetres / grid.voxel_volume() * (1.0 - 1e-6);
    if (cubic_millimetres == 0.0) return 0;
    if (!std::isfinite(voxels)) {
        throw InvalidArgument(
            text(argument, ": the voxels of this grid have no volume, so none can be filled"));
    }
    return static_cast<std::int64_t>(std::ceil(std::min(voxels, 9e18)));
}

/// Do the grids describe the same voxels? Shapes must be equal, affines within `Grid::affine_tolerance`.
[[nodiscard]] inline bool same_grid(const Grid& a, const Grid& b) {
    return a.shape() == b.shape() &&
           detail::largest_difference(a.affine(), b.affine()) <= Grid::affine_tolerance;
}

/// Says how two grids differ, with both shapes and affines in full; empty when they are the same.
[[nodiscard]] inline std::string difference(const Grid& a, const Grid& b) {
    if (same_grid(a, b)) return {};
    const bool shapes = a.shape() != b.shape();
    const bool affines = detail::largest_difference(a.affine(), b.affine()) > Grid::affine_tolerance;
    return text(shapes && affines ? "shapes and affines differ: "
                : shapes          ? "shapes differ: "
                                  : "affines differ: ",
                a.to_string(), " against ", b.to_string());
}

/// Does nothing when both images lie on one grid.
///
/// \param a, b  grids of the two images
/// \param what  names both images for the message, as in "logical_and: the two masks"
/// \throws GridMismatch when the grids differ, with both in full
inline void require_same_grid(const Grid& a, const Grid& b, std::string_view what) {
    if (same_grid(a, b)) return;
    throw GridMismatch(text(what, " must lie on one grid; ", difference(a, b),
                            ". Bring one to the grid of the other first: resample_to(image, other.grid())"));
}

}  // namespace roi
