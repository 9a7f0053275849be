// Images that have no place in common.
#pragma once

#include <roi/core/error.hpp>
#include <roi/core/text.hpp>
#include <roi/image/grid.hpp>
#include <roi/spatial/detail/voxel_map.hpp>

#include <string_view>

namespace roi {

/// Does nothing when a place lies within both grids, or one of them has no voxel.
///
/// \param image, target  grids of an image and of where it is to be brought
/// \param what           names both for the message, as in "resample_to: the image and the target"
/// \throws InvalidArgument when the grids share no place, or only parts of voxels beyond their centres, with both in full
inline void require_overlap(const Grid& image, const Grid& target, std::string_view what) {
    if (image.size() == 0 || target.size() == 0 || detail::grids_overlap(image, target)) return;
    const auto both = text(image.to_string(), " against ", target.to_string());
    if (detail::grids_overlap(image, target, 0.5)) {
        throw InvalidArgument(
            text(what, " meet in no voxel centre: ", both,
                 "; an image reaches from its first voxel centre to its last along each axis, so one of one "
                 "voxel has to be met in that voxel's centre: move one of them there"));
    }
    throw InvalidArgument(
        text(what, " share no place: ", both, "; check the affines, or whether both are in one space"));
}

}  // namespace roi
