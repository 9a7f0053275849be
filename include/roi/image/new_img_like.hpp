// Wraps raw values as an image like another one.
#pragma once

#include <roi/core/concepts.hpp>
#include <roi/image/grid.hpp>
#include <roi/image/metadata.hpp>
#include <roi/image/volume.hpp>
#include <roi/image/volume4d.hpp>

#include <algorithm>
#include <cmath>
#include <concepts>
#include <cstdint>
#include <span>
#include <utility>

namespace roi {

namespace detail {

/// Sets the display range to that of the values, NaN left out; 0 and 0 when there are none.
template <Voxel T>
void set_display_range(Metadata& metadata, std::span<const T> values) {
    bool found = false;
    for (const T voxel : values) {
        const auto value = static_cast<double>(voxel);
        if (std::isnan(value)) continue;
        metadata.display_min = found ? std::min(metadata.display_min, value) : value;
        metadata.display_max = found ? std::max(metadata.display_max, value) : value;
        found = true;
    }
}

/// What values of this type inherit: a mask, or whole numbers, made of a t map are no t map; labels stay labels.
template <Voxel T>
[[nodiscard]] Metadata inherited_by_values(Metadata metadata) {
    if (std::same_as<T, bool> || (IntegerVoxel<T> && metadata.intent.code != label_intent))
        metadata.intent = {};
    return inherited(std::move(metadata));
}

}  // namespace detail

/// Contiguous values that a volume can be made of: a vector, a span, the voxels of another volume.
template <class Values>
concept VoxelValues = requires(const Values& values) {
    requires Voxel<typename decltype(std::span(values))::value_type>;
};

/// A volume of the given voxels on the grid of `reference`, with its metadata.
///
/// \param reference  volume or run whose grid and header fields the result gets
/// \param values     voxels, x fastest; as many as one volume of `reference` has
/// \returns          a volume of the values' own type, which is also what a save writes by default
/// \throws InvalidArgument when the number of values is not the number of voxels
///
/// One pass. Equals nilearn's `new_img_like(reference, values, copy_header=True)`, but the display range
/// (`cal_min`, `cal_max`) ignores NaN, the reference's voxel type is not forced on the result, and masks and whole numbers
/// lose the intent of anything but labels.
template <class Reference, VoxelValues Values>
[[nodiscard]] auto new_img_like(const Reference& reference, const Values& values) {
    using T = typename decltype(std::span(values))::value_type;
    Metadata metadata = inherited_by_volume(detail::inherited_by_values<T>(reference.metadata()));
    detail::set_display_range(metadata, std::span<const T>(values));
    return Volume<T>(reference.grid(), std::span<const T>(values), std::move(metadata));
}

/// A run of the given voxels on the grid of `reference`, with its metadata; as above, for `frames` volumes.
template <class Reference, VoxelValues Values>
[[nodiscard]] auto new_img_like(const Reference& reference, std::int64_t frames, const Values& values) {
    using T = typename decltype(std::span(values))::value_type;
    Metadata metadata = detail::inherited_by_values<T>(reference.metadata());
    detail::set_display_range(metadata, std::span<const T>(values));
    return Volume4D<T>(reference.grid(), frames, std::span<const T>(values), std::move(metadata));
}

}  // namespace roi
