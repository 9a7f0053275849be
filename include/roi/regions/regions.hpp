// What an atlas holds: its labels, their sizes, boxes and centres, and single regions as masks.
#pragma once

#include <roi/core/concepts.hpp>
#include <roi/core/error.hpp>
#include <roi/core/text.hpp>
#include <roi/image/grid.hpp>
#include <roi/image/metadata.hpp>
#include <roi/image/volume.hpp>
#include <roi/morphology/structure.hpp>
#include <roi/regions/detail/label.hpp>

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <span>
#include <string>
#include <type_traits>
#include <unordered_map>
#include <utility>
#include <vector>

namespace roi {

/// One region of an atlas.
struct Region {
    std::int64_t label = 0;
    std::int64_t size = 0;                ///< number of voxels
    std::array<std::int64_t, 3> first{};  ///< lowest x, y and z; with `shape` what `VolumeView::box` takes
    Shape shape;                          ///< size of the smallest box around the region
    Point center = Point::Zero();         ///< mean voxel position; `atlas.grid().world(center)` is in mm

    friend bool operator==(const Region&, const Region&) = default;
};

namespace detail {

/// Calls `visit(label, x, end, y, z)` for every stretch of voxels along x with one label, in memory order.
template <IntegerVoxel T, class Visit>
void for_each_stretch(const Volume<T>& labels, Visit visit) {
    const T* voxel = labels.data();
    const auto& shape = labels.shape();
    for (std::int64_t z = 0; z < shape.z(); ++z) {
        for (std::int64_t y = 0; y < shape.y(); ++y, voxel += shape.x()) {
            for (std::int64_t x = 0, end = 0; x < shape.x(); x = end) {
                for (end = x + 1; end < shape.x() && voxel[end] == voxel[x];) ++end;
                visit(voxel[x], x, end, y, z);
            }
        }
    }
}

/// The voxels that have one label.
template <IntegerVoxel T>
[[nodiscard]] Mask equal_to(const Volume<T>& labels, T label) {
    Mask out(labels.grid(), Uninitialized{}, inherited(labels.metadata()));
    std::transform(labels.begin(), labels.end(), out.begin(), [label](T value) { return value == label; });
    return out;
}

}  // namespace detail

/// Every region of an atlas with its size, bounding box and centre.
///
/// \param labels  0 is background, anything else a region, negative numbers included
/// \returns       one entry per label, ascending; empty when all is background
///
/// One pass; memory: the result. What SciPy's `find_objects`, `center_of_mass` of a region and `sum_labels`
/// of ones give together; labels that do not occur have no entry.
template <IntegerVoxel T>
[[nodiscard]] std::vector<Region> regions(const Volume<T>& labels) {
    struct Sums {
        std::int64_t size = 0;
        std::array<std::int64_t, 3> low{}, high{};
        std::array<double, 3> sum{};
    };
    std::unordered_map<T, Sums> found;
    T last = 0;
    Sums* sums = nullptr;
    detail::for_each_stretch(
        labels, [&](T label, std::int64_t x, std::int64_t end, std::int64_t y, std::int64_t z) {
            if (label == 0) return;
            if (!sums || label != last) sums = &found[label];
            last = label;
            const std::array<std::int64_t, 3> low{x, y, z}, high{end, y + 1, z + 1};
            const std::int64_t length = end - x;
            const std::array<double, 3> middle{0.5 * static_cast<double>(x + end - 1), static_cast<double>(y),
                                               static_cast<double>(z)};
            for (std::size_t axis = 0; axis < 3; ++axis) {
                sums->low[axis] = sums->size ? std::min(sums->low[axis], low[axis]) : low[axis];
                sums->high[axis] = std::max(sums->high[axis], high[axis]);
                sums->sum[axis] += middle[axis] * static_cast<double>(length);
            }
            sums->size += length;
        });
    std::vector<std::pair<T, const Sums*>> sorted;
    for (const auto& [label, entry] : found) sorted.emplace_back(label, &entry);
    std::sort(sorted.begin(), sorted.end(), [](const auto& a, const auto& b) { return a.first < b.first; });

    std::vector<Region> out;
    for (const auto& [label, entry] : sorted) {
        Region region;
        region.label = static_cast<std::int64_t>(label);
        region.size = entry->size;
        region.first = entry->low;
        region.shape = Shape(entry->high[0] - entry->low[0], entry->high[1] - entry->low[1],
                             entry->high[2] - entry->low[2]);
        for (int axis = 0; axis < 3; ++axis) {
            region.center[axis] =
                entry->sum[static_cast<std::size_t>(axis)] / static_cast<double>(entry->size);
        }
        out.push_back(region);
    }
    return out;
}

/// The labels that occur, ascending, without the background 0.
///
/// One pass, and a sort of the stretches of equal voxels. Equals NumPy's `unique` but for the 0.
template <IntegerVoxel T>
[[nodiscard]] std::vector<T> region_labels(const Volume<T>& labels) {
    std::vector<T> out;
    detail::for_each_stretch(labels, [&](T label, std::int64_t, std::int64_t, std::int64_t, std::int64_t) {
        if (label != 0 && (out.empty() || out.back() != label)) out.push_back(label);
    });
    std::sort(out.begin(), out.end());
    out.erase(std::unique(out.begin(), out.end()), out.end());
    return out;
}

/// Number of voxels of every label from 0, the background, to the largest.
///
/// \returns  one count per label, 0 for labels that do not occur; empty for a volume without voxels
/// \throws InvalidArgument when a label is negative, or too large to count up to
///
/// Two passes; memory: 8 bytes times the largest label, so for sparse numbers use `regions`. Equals NumPy's
/// `bincount`.
template <IntegerVoxel T>
[[nodiscard]] std::vector<std::int64_t> region_sizes(const Volume<T>& labels) {
    if (labels.size() == 0) return {};
    const auto [least, largest] = std::minmax_element(labels.begin(), labels.end());
    if (std::is_signed_v<T> && *least < T{0}) {
        throw InvalidArgument(text("region_sizes: labels must be 0 or more, found ", *least,
                                   "; `regions` counts negative labels too"));
    }
    std::vector<std::int64_t> out;
    if (static_cast<std::uint64_t>(*largest) >= out.max_size()) {
        throw InvalidArgument(text("region_sizes: a count for every label up to ", *largest,
                                   " does not fit in memory; `regions` counts only those that occur"));
    }
    out.resize(static_cast<std::size_t>(*largest) + 1);
    detail::for_each_stretch(labels, [&](T label, std::int64_t x, std::int64_t end, std::int64_t,
                                         std::int64_t) { out[static_cast<std::size_t>(label)] += end - x; });
    return out;
}

/// The voxels of one region.
///
/// \param labels  an atlas, 0 is background
/// \param label   a label that occurs in it
/// \returns       a mask on the grid of `labels`, with its metadata
/// \throws InvalidArgument when no voxel has the label, naming those that exist, or when it is 0
///
/// One pass. The same as `labels == label`, which does not mind a label that is not there.
template <IntegerVoxel T>
[[nodiscard]] Mask region(const Volume<T>& labels, std::type_identity_t<T> label) {
    require(label != 0, "region: 0 is the background, not a region; write `labels == 0` for its mask");
    Mask out = detail::equal_to(labels, label);
    if (std::find(out.begin(), out.end(), true) == out.end()) {
        const auto existing = region_labels(labels);
        throw InvalidArgument(text("region: no voxel has label ", label, "; ",
                                   existing.empty() ? "the atlas is empty" : "there are ", listed(existing)));
    }
    return out;
}

/// The region with the most voxels; among equals the one with the lowest label.
///
/// \param labels  an atlas, 0 is background
/// \returns       a mask on the grid of `labels`, with its metadata
/// \throws InvalidArgument when there is no region
///
/// Two passes.
template <IntegerVoxel T>
[[nodiscard]] Mask largest_region(const Volume<T>& labels) {
    const auto all = regions(labels);
    require(!all.empty(), "largest_region: the atlas is empty, expected at least one voxel that is not 0");
    const auto largest = std::max_element(all.begin(), all.end(),
                                          [](const Region& a, const Region& b) { return a.size < b.size; });
    return detail::equal_to(labels, static_cast<T>(largest->label));
}

/// The connected component of a mask with the most voxels; among equals the one that `label` numbers first.
///
/// \param mask          any mask with a true voxel
/// \param connectivity  which neighbours belong together
/// \returns             a mask on the grid of `mask`, with its metadata
/// \throws InvalidArgument when no voxel is true
///
/// Time and memory as `label`.
[[nodiscard]] inline Mask largest_region(const Mask& mask, Connectivity connectivity = Connectivity::faces) {
    require(std::find(mask.begin(), mask.end(), true) != mask.end(),
            "largest_region: the mask is empty, expected at least one true voxel");
    Labels atlas(mask.grid(), detail::Uninitialized{}, inherited(mask.metadata()));
    detail::label(mask.data(), atlas.data(), mask.shape(), detail::neighbourhood(connectivity));
    return largest_region(atlas);
}

/// The mean voxel position, weighted by the voxels' values.
///
/// \param weights  any numbers; a mask counts its true voxels
/// \returns        continuous voxel indices, `weights.grid().world(...)` is in mm; NaN when the weights add
///                 up to zero
///
/// One pass in double. Equals SciPy's `center_of_mass`.
template <Voxel T>
[[nodiscard]] Point center_of_mass(const Volume<T>& weights) {
    const T* voxel = weights.data();
    const auto& shape = weights.shape();
    double total = 0.0;
    Point sum = Point::Zero();
    for (std::int64_t z = 0; z < shape.z(); ++z) {
        for (std::int64_t y = 0; y < shape.y(); ++y) {
            for (std::int64_t x = 0; x < shape.x(); ++x) {
                const auto weight = static_cast<double>(*voxel++);
                total += weight;
                sum += weight * Point(static_cast<double>(x), static_cast<double>(y), static_cast<double>(z));
            }
        }
    }
    if (total == 0.0) return Point::Constant(std::numeric_limits<double>::quiet_NaN());
    return sum / total;
}

}  // namespace roi
