// A volume on another grid, by world coordinates.
#pragma once

#include <roi/core/concepts.hpp>
#include <roi/core/error.hpp>
#include <roi/core/text.hpp>
#include <roi/image/grid.hpp>
#include <roi/image/metadata.hpp>
#include <roi/image/view.hpp>
#include <roi/image/volume.hpp>

#include <Eigen/Core>
#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <type_traits>

namespace roi {

/// How a value between voxel centres is found.
enum class Interpolation {
    automatic,  ///< nearest for masks and images of two values one of which is 0, else linear
    nearest,    ///< the voxel the place lies in
    linear,     ///< weighted mean of the 8 voxels around
};

namespace detail {

/// True when the voxels hold 0 and at most one other value.
template <Voxel T>
[[nodiscard]] bool is_binary(const VolumeView<const T>& view) {
    if constexpr (!std::is_same_v<T, bool>) {
        T other{};
        for (std::int64_t z = 0; z < view.shape().z(); ++z) {
            for (std::int64_t y = 0; y < view.shape().y(); ++y) {
                for (std::int64_t x = 0; x < view.shape().x(); ++x) {
                    const T value = view(x, y, z);
                    if (value == T{} || value == other) continue;
                    if (other != T{}) return false;
                    other = value;
                }
            }
        }
    }
    return true;
}

/// The two voxels around a position on a line of n voxels and the share of the second; the outer half of
/// the outermost voxels takes their value. `find` is false outside.
struct Between {
    std::int64_t first = 0, second = 0;
    double share = 0.0;

    [[nodiscard]] bool find(double at, std::int64_t n) {
        const double last = static_cast<double>(n) - 1.0;
        constexpr double slack = 1e-6;  // rounding of the affines must not blank a border
        if (!(at >= -0.5 - slack && at <= last + 0.5 + slack)) return false;
        at = std::clamp(at, 0.0, last);
        first = static_cast<std::int64_t>(at);
        second = std::min(first + 1, n - 1);
        share = at - static_cast<double>(first);
        return true;
    }
    [[nodiscard]] std::int64_t nearest() const { return share < 0.5 ? first : second; }
};

template <Voxel T>
[[nodiscard]] T interpolated(const VolumeView<const T>& view, const std::array<Between, 3>& at) {
    double sum = 0.0;
    for (int corner = 0; corner < 8; ++corner) {
        std::array<std::int64_t, 3> voxel{};
        double weight = 1.0;
        for (std::size_t axis = 0; axis < 3; ++axis) {
            const bool upper = (corner >> axis & 1) != 0;
            voxel[axis] = upper ? at[axis].second : at[axis].first;
            weight *= upper ? at[axis].share : 1.0 - at[axis].share;
        }
        // A weight of 0 must not spread a NaN.
        if (weight > 0.0) sum += weight * static_cast<double>(view(voxel[0], voxel[1], voxel[2]));
    }
    if constexpr (std::is_floating_point_v<T>) {
        return static_cast<T>(sum);
    } else {
        constexpr double most = static_cast<double>(std::numeric_limits<T>::max());
        const double rounded = std::nearbyint(sum);
        return rounded >= most ? std::numeric_limits<T>::max() : static_cast<T>(rounded);
    }
}

}  // namespace detail

/// Brings an image to another grid, so that every voxel shows what lies at its place in millimetres.
///
/// \param view           any image
/// \param target         grid of the result
/// \param interpolation  how values between voxels are found
/// \returns              an image on `target`; 0 where `view` has no voxels
/// \throws InvalidArgument when the affine of `view` cannot be inverted
///
/// 1 (nearest) or 8 (linear) voxels are read per voxel of the result. With nearest as nilearn's
/// `resample_img(interpolation="nearest")`; its "continuous" is a cubic spline, which overshoots at edges.
template <Voxel T>
[[nodiscard]] Volume<T> resample(const VolumeView<const T>& view, const Grid& target,
                                 Interpolation interpolation = Interpolation::automatic) {
    const bool nearest = std::is_same_v<T, bool> || interpolation == Interpolation::nearest ||
                         (interpolation == Interpolation::automatic && detail::is_binary(view));
    Volume<T> out(target);
    if (out.size() == 0 || view.size() == 0) return out;

    const Point origin = view.grid().voxel(target.world(Point::Zero()));
    Eigen::Matrix<double, 3, 3, Eigen::DontAlign> step;
    for (int axis = 0; axis < 3; ++axis) {
        step.col(axis) = view.grid().voxel(target.world(Point::Unit(axis))) - origin;
    }
    T* value = out.data();
    for (std::int64_t z = 0; z < out.shape().z(); ++z) {
        for (std::int64_t y = 0; y < out.shape().y(); ++y) {
            const Point row =
                origin + step.col(1) * static_cast<double>(y) + step.col(2) * static_cast<double>(z);
            for (std::int64_t x = 0; x < out.shape().x(); ++x, ++value) {
                std::array<detail::Between, 3> at;
                bool inside = true;
                for (int axis = 0; axis < 3; ++axis) {
                    const double place = row[axis] + step(axis, 0) * static_cast<double>(x);
                    inside = inside && at[static_cast<std::size_t>(axis)].find(place, view.shape()[axis]);
                }
                if (!inside) continue;
                if constexpr (!std::is_same_v<T, bool>) {
                    if (!nearest) {
                        *value = detail::interpolated(view, at);
                        continue;
                    }
                }
                *value = view(at[0].nearest(), at[1].nearest(), at[2].nearest());
            }
        }
    }
    return out;
}

/// The same for an image that owns its voxels; the result inherits its metadata.
template <Voxel T>
[[nodiscard]] Volume<T> resample(const Volume<T>& volume, const Grid& target,
                                 Interpolation interpolation = Interpolation::automatic) {
    auto out = resample(volume.view(), target, interpolation);
    out.metadata() = inherited(volume.metadata());
    return out;
}

}  // namespace roi
