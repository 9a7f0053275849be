// Spheres round places in millimetres, as labels on a grid.
#pragma once

#include <roi/core/concepts.hpp>
#include <roi/core/error.hpp>
#include <roi/core/text.hpp>
#include <roi/image/grid.hpp>
#include <roi/image/volume.hpp>
#include <roi/table/table.hpp>

#include <algorithm>
#include <array>
#include <cmath>
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <string>
#include <utility>
#include <vector>

namespace roi {

/// A ball in millimetres.
struct Sphere {
    Point center = Point::Zero();
    double radius = 0.0;  ///< 0 is the nearest voxel alone
    std::string name = {};
};

/// The options of `spheres`.
struct SpheresOptions {
    WarningHandler warning = {};  ///< told of every sphere that has no voxel
};

namespace detail {

inline void require_sphere(const Sphere& sphere) {
    for (int axis = 0; axis < 3; ++axis) {
        if (std::isfinite(sphere.center[axis])) continue;
        throw InvalidArgument(
            text("spheres: expected three numbers in millimetres as a centre, found ", sphere.center[axis]));
    }
    if (!std::isfinite(sphere.radius) || sphere.radius < 0.0) {
        throw InvalidArgument(
            text("spheres: expected a radius in millimetres of 0 or more, found ", sphere.radius));
    }
}

[[nodiscard]] inline double squared_distance(const Grid& grid, const std::array<std::int64_t, 3>& voxel,
                                             const Point& place) {
    const Point world = grid.world(
        Point(static_cast<double>(voxel[0]), static_cast<double>(voxel[1]), static_cast<double>(voxel[2])));
    double out = 0.0;
    for (int axis = 0; axis < 3; ++axis) {
        const double d = world[axis] - place[axis];
        out += d * d;
    }
    return out;
}

/// The voxel nearest to a place, of those around the one that has its rounded coordinates, which on slanted axes may be
/// farther; that one among equals.
[[nodiscard]] inline std::array<std::int64_t, 3> nearest_around(const Grid& grid,
                                                                const std::array<std::int64_t, 3>& rounded,
                                                                const Point& place) {
    auto out = rounded;
    double least = squared_distance(grid, rounded, place);
    for (int i = 0; i < 27; ++i) {
        const std::array<std::int64_t, 3> other{rounded[0] + i % 3 - 1, rounded[1] + i / 3 % 3 - 1,
                                                rounded[2] + i / 9 - 1};
        if (!grid.shape().contains(other[0], other[1], other[2])) continue;
        const double distance = squared_distance(grid, other, place);
        if (!(distance < least * (1.0 - 1e-9))) continue;
        least = distance;
        out = other;
    }
    return out;
}

}  // namespace detail

/// The voxels of a sphere: those whose centres lie within its radius, and always the one nearest to its centre.
///
/// \param grid    where voxels are; rotated and sheared affines count as they are
/// \param sphere  squares of distances may exceed that of its radius by a millionth, because affines on file are float32:
///                so 2.4 takes the neighbours of voxels of 2.4 mm, and sqrt(3) the corner of a cube
/// \returns       positions in memory, ascending; none when the sphere lies outside the grid
/// \throws InvalidArgument when the centre is no place, the radius is negative or the affine cannot be inverted
///
/// nilearn's `NiftiSpheresMasker`, but for its voxel found by truncated coordinates. Time: the box around the sphere.
[[nodiscard]] inline std::vector<std::int64_t> sphere_voxels(const Grid& grid, const Sphere& sphere) {
    detail::require_sphere(sphere);
    const Shape shape = detail::axes_of_voxels(grid.shape());
    const Point center = grid.voxel(sphere.center);
    const double limit = sphere.radius * sphere.radius * (1.0 + 1e-6);

    // The half of the sphere's box along voxel axis k is the radius times the norm of row k of the inverse affine.
    const Point origin = grid.voxel(Point::Zero());
    std::array<Point, 3> steps;
    for (int axis = 0; axis < 3; ++axis) {
        Point unit = Point::Zero();
        unit[axis] = 1.0;
        steps[static_cast<std::size_t>(axis)] = grid.voxel(unit);
    }
    std::array<std::int64_t, 3> first{}, last{}, nearest{};
    bool near_inside = true;
    for (int axis = 0; axis < 3; ++axis) {
        const auto k = static_cast<std::size_t>(axis);
        double half = 0.0;
        for (const Point& step : steps) {
            half += (step[axis] - origin[axis]) * (step[axis] - origin[axis]);
        }
        half = std::sqrt(limit * half) + 1e-6;
        const auto end = static_cast<double>(shape[axis]);
        first[k] = static_cast<std::int64_t>(std::clamp(std::ceil(center[axis] - half), 0.0, end));
        last[k] = static_cast<std::int64_t>(std::clamp(std::floor(center[axis] + half) + 1.0, 0.0, end));
        const double rounded = std::nearbyint(center[axis]);  // half to even
        near_inside = near_inside && rounded >= 0.0 && rounded < end;
        nearest[k] = near_inside ? static_cast<std::int64_t>(rounded) : 0;
    }
    if (near_inside) nearest = detail::nearest_around(grid, nearest, sphere.center);

    std::vector<std::int64_t> out;
    for (std::int64_t z = first[2]; z < last[2]; ++z) {
        for (std::int64_t y = first[1]; y < last[1]; ++y) {
            for (std::int64_t x = first[0]; x < last[0]; ++x) {
                if (detail::squared_distance(grid, {x, y, z}, sphere.center) <= limit) {
                    out.push_back(shape.index(x, y, z));
                }
            }
        }
    }
    if (near_inside) {
        const auto index = shape.index(nearest[0], nearest[1], nearest[2]);
        const auto at = std::lower_bound(out.begin(), out.end(), index);
        if (at == out.end() || *at != index) out.insert(at, index);
    }
    return out;
}

/// Labels the voxels of spheres with 1, 2, ... in the order given.
///
/// \param grid     where the labels lie, for example `bold.grid()`
/// \param spheres  centres and radii in millimetres; each may reach out of the grid
/// \param options  `.warning`, told of spheres without a voxel, which have their number all the same
/// \returns        0 is outside all of them; `spheres(...) != 0` is their mask
/// \throws InvalidArgument as `sphere_voxels`
///
/// A voxel of two spheres belongs to the one whose centre is nearer, of equally near ones to the first.
/// `sphere_voxels` gives the voxels of each with those that are shared.
[[nodiscard]] inline Labels spheres(const Grid& grid, const std::vector<Sphere>& spheres,
                                    const SpheresOptions& options = {}) {
    if (spheres.size() > static_cast<std::size_t>(std::numeric_limits<std::int32_t>::max())) {
        throw InvalidArgument(
            text("spheres: ", spheres.size(), " spheres are more than 32-bit labels can number"));
    }
    Labels out(grid);
    out.metadata().intent.code = label_intent;
    for (std::size_t i = 0; i < spheres.size(); ++i) {
        for (const std::int64_t voxel : sphere_voxels(grid, spheres[i])) {
            const auto other = static_cast<std::size_t>(out[voxel]);
            if (other != 0) {
                const auto place = grid.shape().voxel(voxel);
                const double here = detail::squared_distance(grid, place, spheres[i].center);
                const double there = detail::squared_distance(grid, place, spheres[other - 1].center);
                if (!(here < there * (1.0 - 1e-9))) continue;
            }
            out[voxel] = static_cast<std::int32_t>(i + 1);
        }
    }
    if (!options.warning) return out;
    std::vector<bool> seen(spheres.size() + 1);
    for (const std::int32_t label : out) seen[static_cast<std::size_t>(label)] = true;
    for (std::size_t i = 0; i < spheres.size(); ++i) {
        if (seen[i + 1]) continue;
        const auto& [center, radius, name] = spheres[i];
        options.warning(
            text("spheres: sphere ", i + 1, name.empty() ? "" : text(" (", name, ")"), " at (", center[0],
                 ", ", center[1], ", ", center[2],
                 ") has no voxel: it lies outside the grid, or others lie nearer to all of its own"));
    }
    return out;
}

/// The spheres of a table with columns `x`, `y` and `z` in millimetres, and if it has them `radius` and `name`, in letters of
/// any case.
///
/// \param table   one sphere a row; a name that is n/a is none
/// \param radius  in millimetres, where the table has no column for it, or n/a in it
/// \throws InvalidArgument when a column is missing, or a field is no number or not finite
[[nodiscard]] inline std::vector<Sphere> spheres_of(const Table& table, double radius = 0.0) {
    std::vector<Sphere> out(static_cast<std::size_t>(table.rows()));
    for (auto& sphere : out) sphere.radius = radius;
    for (int axis = 0; axis < 3; ++axis) {
        const std::array<const char*, 3> columns{"x", "y", "z"};
        const auto name = table.as_written(columns[static_cast<std::size_t>(axis)]);
        const auto values = numbers(table[name]);
        for (std::size_t i = 0; i < out.size(); ++i) {
            if (std::isnan(values[i])) {
                throw InvalidArgument(text(table.source(), ": column \"", name,
                                           "\": expected a number, found n/a in row ", i + 1));
            }
            out[i].center[axis] = values[i];
        }
    }
    if (const auto column = table.as_written("radius"); table.contains(column)) {
        const auto values = numbers(table[column]);
        for (std::size_t i = 0; i < out.size(); ++i) {
            if (!std::isnan(values[i])) out[i].radius = values[i];
        }
    }
    if (const auto column = table.as_written("name"); table.contains(column)) {
        for (std::size_t i = 0; i < out.size(); ++i) {
            const auto& name = table[column][static_cast<std::int64_t>(i)];
            if (name != "n/a") out[i].name = name;
        }
    }
    for (std::size_t i = 0; i < out.size(); ++i) {
        try {
            detail::require_sphere(out[i]);
        } catch (const InvalidArgument& error) {
            throw InvalidArgument(text(table.source(), ": ", error.what(), " in row ", i + 1));
        }
    }
    return out;
}

/// A shape does not say where its voxels lie.
template <std::same_as<Shape> S>
[[nodiscard]] Labels spheres(const S& shape, const std::vector<Sphere>&, const SpheresOptions& = {}) {
    static_assert(detail::never<S>, "roi: spheres takes a grid: write spheres(image.grid(), spheres)");
    return Labels(shape);
}

}  // namespace roi
