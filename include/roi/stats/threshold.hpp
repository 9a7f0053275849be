// Keeps the voxels of a map that reach a value.
#pragma once

#include <roi/core/concepts.hpp>
#include <roi/core/error.hpp>
#include <roi/image/metadata.hpp>
#include <roi/image/volume.hpp>

#include <cmath>
#include <type_traits>
#include <utility>

namespace roi {

/// Sets every voxel below `lowest` to zero and keeps the others.
///
/// \param map     statistical map, any shape; a temporary is reused, nothing is copied
/// \param lowest  smallest value kept, in the units of the map
/// \returns       a map on the grid of `map`, with its metadata but for the display range
/// \throws InvalidArgument when `lowest` is NaN
///
/// One pass. Equals NumPy's `map[map < lowest] = 0`: a voxel equal to `lowest` stays, NaN stays NaN.
/// nilearn's `threshold_img` differs: it turns NaN into 0 and by default keeps large negative values too.
template <RealVoxel T>
[[nodiscard]] Volume<T> threshold(Volume<T> map, std::type_identity_t<T> lowest) {
    require(!std::isnan(lowest), "threshold: `lowest` is NaN, expected a number");
    for (T& value : map) value = value < lowest ? T{0} : value;
    map.metadata() = inherited(std::move(map.metadata()));
    return map;
}

}  // namespace roi
