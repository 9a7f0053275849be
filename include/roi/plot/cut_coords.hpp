// Where to cut a map so that the slices show what is in it.
#pragma once

#include <roi/core/concepts.hpp>
#include <roi/core/detail/finite.hpp>
#include <roi/core/error.hpp>
#include <roi/core/text.hpp>
#include <roi/image/grid.hpp>
#include <roi/image/logical.hpp>
#include <roi/image/view.hpp>
#include <roi/image/volume.hpp>
#include <roi/plot/detail/world.hpp>
#include <roi/regions/regions.hpp>
#include <roi/spatial/resample.hpp>

#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <optional>
#include <type_traits>
#include <vector>

namespace roi {

namespace detail {

template <Voxel T>
[[nodiscard]] double magnitude(T value) {
    if constexpr (std::is_same_v<T, bool>) {
        return value ? 1.0 : 0.0;
    } else {
        return std::abs(finite_or_zero(value));
    }
}

/// The value that |v| must exceed: a little below the threshold, in the precision NumPy compares in.
template <Voxel T>
[[nodiscard]] double activation_limit(const Volume<T>& map, std::optional<double> threshold) {
    double limit = 0.0;
    if (threshold) {
        limit = *threshold - 2.0 * std::numeric_limits<double>::epsilon();
    } else {
        std::vector<std::conditional_t<std::is_same_v<T, float>, float, double>> values;
        values.reserve(static_cast<std::size_t>(map.size()));
        for (const T value : map) {
            if (const double v = magnitude(value); v != 0.0)
                values.push_back(static_cast<typename decltype(values)::value_type>(v));
        }
        const auto rank = static_cast<std::ptrdiff_t>(static_cast<double>(values.size()) * 0.01 * 80.0);
        std::nth_element(values.begin(), values.begin() + rank, values.end());
        constexpr double slack = std::is_floating_point_v<T>
                                     ? 2.0 * static_cast<double>(std::numeric_limits<T>::epsilon())
                                     : 1e-15;
        limit = static_cast<double>(values[static_cast<std::size_t>(rank)]) - slack;
    }
    if constexpr (std::is_same_v<T, float>) limit = static_cast<double>(static_cast<float>(limit));
    return limit;
}

/// World coordinates of the centre of mass of |v| in a mask, or in the whole map.
template <Voxel T>
[[nodiscard]] Point world_center(const Volume<T>& map, const Mask* mask) {
    return map.grid().world(center_of_mass(
        map.shape(), [&](std::int64_t i) { return mask && !(*mask)[i] ? 0.0 : magnitude(map[i]); }));
}

}  // namespace detail

/// The centre of the strongest part of a map: where its orthogonal views should be cut.
///
/// \param map        any map; NaN and infinity count as 0
/// \param threshold  |v| that makes a voxel active; without it the 80th percentile of the |v| above 0
/// \param warn       told when the map is all 0 or no voxel reaches the threshold
/// \returns          x, y, z in millimetres
/// \throws InvalidArgument when the map has no voxels
///
/// Of the voxels that reach the threshold, the largest component that shares faces is taken; of those, the
/// voxels above their mean when they are more than 50 and again the largest component; the result is their
/// centre of mass. An empty map gives the place of voxel (0, 0, 0). nilearn's `find_xyz_cut_coords`, the same
/// to rounding: its sums are in the map's precision, ours in double.
template <Voxel T>
[[nodiscard]] Point find_xyz_cut_coords(const Volume<T>& map, std::optional<double> threshold = {},
                                        const WarningHandler& warn = {}) {
    require(map.size() > 0, "find_xyz_cut_coords: the map has no voxels");
    const auto is_zero = [](T value) { return detail::magnitude(value) == 0.0; };
    if (std::all_of(map.begin(), map.end(), is_zero)) {
        if (warn) warn("find_xyz_cut_coords: the map is all 0; cutting through its first voxel");
        return map.grid().world(Point::Zero());
    }
    const double limit = detail::activation_limit(map, threshold);
    Mask mask(map.grid());
    std::transform(map.begin(), map.end(), mask.begin(),
                   [limit](T value) { return detail::magnitude(value) > limit; });
    if (count(mask) == 0) {
        if (warn) warn("find_xyz_cut_coords: no voxel reaches the threshold; cutting at the centre of mass");
        return detail::world_center(map, nullptr);
    }
    mask = largest_region(mask);

    double sum = 0.0;
    std::int64_t inside = 0;
    for (std::int64_t i = 0; i < map.size(); ++i) {
        if (!mask[i]) continue;
        if constexpr (std::is_same_v<T, bool>) {
            sum += map[i] ? 1.0 : 0.0;
        } else {
            sum += detail::finite_or_zero(map[i]);
        }
        ++inside;
    }
    const double mean = std::abs(sum / static_cast<double>(inside));
    Mask strong(map.grid());
    std::transform(map.begin(), map.end(), mask.begin(), strong.begin(),
                   [mean](T value, bool kept) { return kept && detail::magnitude(value) > mean; });
    if (count(strong) > 50) mask = largest_region(strong);
    return detail::world_center(map, &mask);
}

namespace detail {

/// What the choice of slices along one axis depends on: their sums, and their peaks after light smoothing.
///
/// In the map's own precision, as nilearn's: maps that were cut off at a value have many equal peaks.
template <class Real>
struct SliceProfile {
    struct Peak {
        Real value = Real{-1};
        std::int64_t position = 0;  ///< with x slowest, which decides between equal peaks
    };
    std::vector<double> sums;
    std::vector<Peak> peaks;

    template <Voxel T>
    SliceProfile(const VolumeView<const T>& view, int axis) {
        const Shape& shape = view.shape();
        const auto nx = shape.x(), ny = shape.y(), nz = shape.z();
        const auto at = [&view](std::int64_t x, std::int64_t y, std::int64_t z) {
            return static_cast<Real>(magnitude(view(x, y, z)));
        };
        sums.resize(static_cast<std::size_t>(shape[axis]));
        peaks.resize(static_cast<std::size_t>(shape[axis]));
        constexpr Real share = static_cast<Real>(0.2), whole = static_cast<Real>(2.2);
        for (std::int64_t i = 0; i < shape.size(); ++i) {
            const auto voxel = shape.voxel(i);
            const auto [x, y, z] = voxel;
            const Real value = at(x, y, z);
            Real smooth = value;
            if (x + 1 < nx) smooth += share * at(x + 1, y, z);
            if (x > 0) smooth += share * at(x - 1, y, z);
            if (y + 1 < ny) smooth += share * at(x, y + 1, z);
            if (y > 0) smooth += share * at(x, y - 1, z);
            if (z + 1 < nz) smooth += share * at(x, y, z + 1);
            if (z > 0) smooth += share * at(x, y, z - 1);
            smooth /= whole;
            const auto number = static_cast<std::size_t>(voxel[static_cast<std::size_t>(axis)]);
            const std::int64_t position = (x * ny + y) * nz + z;
            sums[number] += static_cast<double>(value);
            auto& peak = peaks[number];
            if (smooth > peak.value || (smooth == peak.value && position < peak.position)) {
                peak = {smooth, position};
            }
        }
    }

    /// The slice of the highest peak, which is lowered together with those less than `apart` around it.
    [[nodiscard]] std::int64_t take_highest(std::int64_t apart) {
        const auto weaker = [](const Peak& one, const Peak& other) {
            return one.value < other.value || (one.value == other.value && one.position > other.position);
        };
        const std::int64_t found = std::max_element(peaks.begin(), peaks.end(), weaker) - peaks.begin();
        const auto end = std::min(found + apart, static_cast<std::int64_t>(peaks.size()));
        for (auto near = std::max<std::int64_t>(found - apart, 0); near < end; ++near) {
            peaks[static_cast<std::size_t>(near)].value *= static_cast<Real>(1e-3);
        }
        return found;
    }
};

/// The slice to add when peaks coincide: beside the outermost ones or in the widest gap, the fullest of them.
[[nodiscard]] inline std::int64_t further_slice(const std::vector<std::int64_t>& cuts,
                                                const std::vector<double>& sums) {
    std::vector<std::int64_t> candidates{cuts.back() + 2};
    if (cuts.size() > 1) {
        std::size_t widest = 0;
        for (std::size_t i = 1; i + 1 < cuts.size(); ++i) {
            if (cuts[i + 1] - cuts[i] > cuts[widest + 1] - cuts[widest]) widest = i;
        }
        const std::int64_t middle = (cuts[widest] + cuts[widest + 1]) / 2;
        if (middle != cuts[widest]) candidates.push_back(middle);
    }
    if (cuts.front() >= 2) candidates.push_back(cuts.front() - 2);

    std::int64_t best = -1;
    for (const std::int64_t candidate : candidates) {
        if (candidate >= static_cast<std::int64_t>(sums.size())) continue;
        if (best < 0 || sums[static_cast<std::size_t>(candidate)] > sums[static_cast<std::size_t>(best)]) {
            best = candidate;
        }
    }
    // Nothing left beside or between: any slice not taken yet.
    for (std::int64_t slice = 0; best < 0; ++slice) {
        if (!std::binary_search(cuts.begin(), cuts.end(), slice)) best = slice;
    }
    return best;
}

/// `find_cut_slices` of an image whose voxel axes are those of the world, in either direction.
template <Voxel T>
[[nodiscard]] std::vector<double> cut_slices(const VolumeView<const T>& view, Axis axis, std::int64_t n_cuts,
                                             std::optional<std::int64_t> spacing,
                                             const WarningHandler& warn) {
    const int a = static_cast<int>(axis);
    const std::int64_t slices = view.shape()[a];
    std::vector<std::int64_t> cuts;
    if (n_cuts > slices) {
        if (warn) {
            warn(text("find_cut_slices: ", n_cuts, " cuts were asked for, showing ",
                      slices == 1 ? "the only slice" : text("all ", slices, " slices")));
        }
        for (std::int64_t i = 0; i < slices; ++i) cuts.push_back(i);
    } else {
        const double share = 0.5 / static_cast<double>(n_cuts) * static_cast<double>(slices);
        const std::int64_t apart =
            spacing.value_or(std::max<std::int64_t>(static_cast<std::int64_t>(share), 1));
        SliceProfile<std::conditional_t<std::is_same_v<T, float>, float, double>> profile(view, a);
        for (std::int64_t i = 0; i < n_cuts; ++i) cuts.push_back(profile.take_highest(apart));
        std::sort(cuts.begin(), cuts.end());
        cuts.erase(std::unique(cuts.begin(), cuts.end()), cuts.end());
        while (static_cast<std::int64_t>(cuts.size()) < n_cuts) {
            cuts.push_back(further_slice(cuts, profile.sums));
            std::sort(cuts.begin(), cuts.end());
        }
    }
    const Affine& affine = view.grid().affine();
    std::vector<double> out;
    for (const std::int64_t cut : cuts) out.push_back(static_cast<double>(cut) * affine(a, a) + affine(a, 3));
    return out;
}

/// Does voxel axis k run along world axis k, for every k?
[[nodiscard]] inline bool in_world_order(const Affine& affine) {
    return runs_along_world(affine) && std::abs(affine(0, 0)) > 0.001 && std::abs(affine(1, 1)) > 0.001;
}

}  // namespace detail

/// Slices along one axis that go through the peaks of a map, at some distance from each other.
///
/// \param map      any map; NaN and infinity count as 0
/// \param axis     the direction the slices are seen along
/// \param n_cuts   how many; more than there are slices gives all of them
/// \param spacing  least distance of two peaks in slices; without it half the length over `n_cuts`
/// \param warn     told when there are fewer slices than cuts
/// \returns        coordinates along `axis` in millimetres, in the order of the voxels
/// \throws InvalidArgument when `n_cuts` or `spacing` is less than 1, or the map has no voxels
///
/// nilearn's `find_cut_slices`, with two differences: rotated images are always brought to the axes of the
/// world first, and no slice outside the image is proposed. O(voxels).
template <Voxel T>
[[nodiscard]] std::vector<double> find_cut_slices(const Volume<T>& map, Axis axis, std::int64_t n_cuts = 7,
                                                  std::optional<std::int64_t> spacing = {},
                                                  const WarningHandler& warn = {}) {
    require(map.size() > 0, "find_cut_slices: the map has no voxels");
    if (n_cuts < 1) {
        throw InvalidArgument(text("find_cut_slices: expected 1 or more cuts, found ", n_cuts));
    }
    if (spacing && *spacing < 1) {
        throw InvalidArgument(text("find_cut_slices: `spacing` must be 1 or more slices, found ", *spacing));
    }
    (void)map.grid().voxel(Point::Zero());  // throws when the affine cannot be inverted
    if (detail::in_world_order(map.affine()))
        return detail::cut_slices(map.view(), axis, n_cuts, spacing, warn);
    if (detail::runs_along_world(map.affine())) {
        return detail::cut_slices(detail::reoriented(map.view()), axis, n_cuts, spacing, warn);
    }
    const auto aligned = resample_to(map, detail::world_grid(map.grid()), Interpolation::nearest);
    return detail::cut_slices(aligned.view(), axis, n_cuts, spacing, warn);
}

}  // namespace roi
