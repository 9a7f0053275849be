// Shrinks a mask.
#pragma once

#include <roi/image/view.hpp>
#include <roi/image/volume.hpp>
#include <roi/morphology/detail/binary.hpp>
#include <roi/morphology/structure.hpp>

namespace roi {

/// The options of `erode`.
using ErodeOptions = MorphologyOptions;

/// Keeps the voxels of a mask whose neighbours all belong to it.
///
/// \param mask     what to shrink; for other voxel types write `erode(volume != 0)`
/// \param options  as for `dilate`; with the default `.border_value` of false, voxels at the border of the
///                 volume are lost, true keeps them
/// \returns        a mask on the grid of `mask`, with its metadata
/// \throws InvalidArgument when `.origin` moves the centre out of the structure, or when "until nothing
///         changes" never ends because the structure does not hold its own centre
/// \throws GridMismatch when `.mask` lies on another grid
///
/// out(p) is true where in(p + o) is for every offset o of the structure from its centre. Equals SciPy's
/// `binary_erosion`, with the same two exceptions as `dilate`, whose time and memory it has.
template <AnyVolume M>
[[nodiscard]] Mask erode(const M& mask, const ErodeOptions& options = {}) {
    static_assert(AnyMask<M>, "roi::erode takes a mask: write erode(map != 0)");
    const auto view = detail::view_of_mask(mask);
    return detail::apply<detail::AllOf>(
        "erode", view, options.structure.offsets_within(view.shape(), options.origin), options);
}

}  // namespace roi
