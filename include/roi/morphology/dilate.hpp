// Grows a mask.
#pragma once

#include <roi/image/view.hpp>
#include <roi/image/volume.hpp>
#include <roi/morphology/detail/binary.hpp>
#include <roi/morphology/structure.hpp>

namespace roi {

/// The options of `dilate`.
using DilateOptions = MorphologyOptions;

/// Adds to a mask the neighbours of its voxels.
///
/// \param mask     where to start; for other voxel types write `dilate(volume != 0)`
/// \param options  `.structure` (a voxel and its 6 face neighbours), `.iterations` (1; less than 1 repeats
///                 until nothing changes), `.mask` (voxels outside it keep their value), `.border_value`
///                 (false; what lies outside the volume), `.origin` (moves the centre of the structure),
///                 `.stop`, `.threads`
/// \returns        a mask on the grid of `mask`, with its metadata
/// \throws InvalidArgument when `.origin` moves the centre out of the structure, or when "until nothing
///         changes" never ends because the structure does not hold its own centre
/// \throws GridMismatch when `.mask` lies on another grid; Error stopped when `.stop` says so
///
/// out(p) is true where in(p - o) is for any offset o of the structure from its centre. Equals SciPy's
/// `binary_dilation`; where that never returns this throws, and a structure larger than the volume is safe.
/// One pass over the volume per iteration, none after the mask has stopped changing. Memory: the result, a
/// second volume for more than one iteration; repeated until nothing changes, 5/8 byte a voxel instead: 64 voxels then
/// spread at once, and each only once.
template <AnyVolume M>
[[nodiscard]] Mask dilate(const M& mask, const DilateOptions& options = {}) {
    static_assert(AnyMask<M>, "roi::dilate takes a mask: write dilate(map != 0)");
    const auto view = detail::view_of_mask(mask);
    return detail::apply<detail::AnyOf>(
        "dilate", view, detail::reflected(options.structure.offsets_within(view.shape(), options.origin)),
        options);
}

}  // namespace roi
