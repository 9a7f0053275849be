// Smooths a mask: opening takes away what is thin, closing fills what is narrow.
#pragma once

#include <roi/core/error.hpp>
#include <roi/core/text.hpp>
#include <roi/image/grid.hpp>
#include <roi/image/view.hpp>
#include <roi/image/volume.hpp>
#include <roi/morphology/detail/binary.hpp>
#include <roi/morphology/detail/neighbours.hpp>
#include <roi/morphology/detail/padded.hpp>
#include <roi/morphology/dilate.hpp>
#include <roi/morphology/erode.hpp>
#include <roi/morphology/structure.hpp>

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <utility>

namespace roi {

/// The options of `opening`.
using OpeningOptions = MorphologyOptions;

/// The options of `closing`: those of `dilate` and one more.
struct ClosingOptions {
    /// Which neighbours count.
    Structure structure = {};

    /// How often it is dilated, and then eroded; less than 1 repeats each until nothing changes.
    std::int64_t iterations = 1;

    /// Where voxels may change; the others keep their value, and their neighbours still see it.
    std::optional<Mask> mask = {};

    /// The value of everything outside the volume.
    bool border_value = false;

    /// Moves the centre of the structure, in voxels.
    std::array<std::int64_t, 3> origin = {0, 0, 0};

    /// Works as if the volume went on beyond its border as far as the structure reaches, so that the border takes
    /// nothing away. What lies there is `border_value` at first.
    bool keep_border = false;

    StopRequest stop = {};  ///< asked between two iterations whether to stop
    int threads = 0;        ///< number of threads for this call; 0 is `threads()`
};

/// Takes away the parts of a mask into which the structure does not fit: an erosion, then a dilation.
///
/// \param mask     any mask; for other voxel types write `opening(volume != 0)`
/// \param options  as for `dilate`; `.iterations` erosions come before as many dilations
/// \returns        a mask on the grid of `mask`, with its metadata
/// \throws InvalidArgument, GridMismatch as `dilate`
///
/// Equals SciPy's `binary_opening`: `.border_value` serves both steps, so with the default of false a volume that is one
/// voxel thick is emptied by a structure of three. Time: less than twice that of `dilate`, in one pass over the volume;
/// for more than one iteration twice, with its memory and a volume.
template <AnyVolume M>
[[nodiscard]] Mask opening(const M& mask, const OpeningOptions& options = {}) {
    static_assert(AnyMask<M>, "roi::opening takes a mask: write opening(map != 0)");
    if (options.iterations != 1) return dilate(erode(mask, options), options);
    const auto offsets = options.structure.offsets_within(view_of(mask).shape(), options.origin);
    return detail::apply_both<detail::AllOf, detail::AnyOf>("opening", view_of(mask), offsets,
                                                            detail::reflected(offsets), options);
}

namespace detail {

/// A dilation, then an erosion.
[[nodiscard]] inline Mask closed(const VolumeView<const bool>& mask, const MorphologyOptions& options) {
    if (options.iterations != 1) return erode(dilate(mask, options), options);
    const auto offsets = options.structure.offsets_within(mask.shape(), options.origin);
    return apply_both<AnyOf, AllOf>("closing", mask, reflected(offsets), offsets, options);
}

}  // namespace detail

/// Fills the parts of the background into which the structure does not fit: a dilation, then an erosion.
///
/// \param mask     any mask; for other voxel types write `closing(volume != 0)`
/// \param options  as for `dilate`, and `.keep_border`; `.iterations` dilations come before as many erosions
/// \returns        a mask on the grid of `mask`, with its metadata
/// \throws InvalidArgument, GridMismatch as `dilate`, and InvalidArgument for `.keep_border` together with less than 1
///         iteration, which would never end beyond the border
///
/// Equals SciPy's `binary_closing`, which loses voxels at the border of the volume: outside is false in both steps, and
/// the erosion sees it there. With `.keep_border` none is lost that the structure does not take anywhere else. Time and
/// memory as `opening`; `.keep_border` needs these for the volume with its margins.
template <AnyVolume M>
[[nodiscard]] Mask closing(const M& mask, const ClosingOptions& options = {}) {
    static_assert(AnyMask<M>, "roi::closing takes a mask: write closing(map != 0)");
    MorphologyOptions both{options.structure, options.iterations, options.mask,   options.border_value,
                           options.origin,    options.stop,       options.threads};
    if (!options.keep_border) return detail::closed(view_of(mask), both);

    require(options.iterations >= 1,
            "closing: with keep_border the number of iterations must be 1 or more, because nothing beyond "
            "the border "
            "stops a dilation");
    const auto view = view_of(mask);
    if (both.mask) require_same_grid(view.grid(), both.mask->grid(), "closing: `mask` and the input");
    const auto margins = detail::reach(options.structure, options.origin, options.iterations);
    if (both.mask) both.mask = detail::padded(both.mask->view(), margins, true);
    const Mask wide = detail::padded(view, margins, options.border_value);
    auto out = like<bool>(mask);
    detail::copy_inside(detail::closed(wide.view(), both), margins, out);
    return out;
}

}  // namespace roi
