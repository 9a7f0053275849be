// Grows a mask inside another one.
#pragma once

#include <roi/core/error.hpp>
#include <roi/image/view.hpp>
#include <roi/image/volume.hpp>
#include <roi/morphology/dilate.hpp>
#include <roi/morphology/structure.hpp>

#include <array>
#include <cstdint>
#include <optional>
#include <utility>

namespace roi {

/// The options of `propagate`.
struct PropagateOptions {
    /// Which neighbours are reached.
    Structure structure = {};

    /// Where seeds may spread; everywhere when there is none.
    std::optional<Mask> mask = {};

    /// The value of everything outside the volume.
    bool border_value = false;

    /// Moves the centre of the structure, in voxels.
    std::array<std::int64_t, 3> origin = {0, 0, 0};

    StopRequest stop = {};  ///< asked between two iterations whether to stop
    int threads = 0;        ///< number of threads for this call; 0 is `threads()`
};

/// Spreads seeds through a mask as far as it hangs together with them: reconstruction by dilation.
///
/// \param seed     where to start; for other voxel types write `propagate(volume != 0)`
/// \param options  `.structure` (a voxel and its 6 face neighbours), `.mask` (where to spread), `.border_value` (false),
///                 `.origin`
/// \returns        a mask on the grid of `seed`, with its metadata
/// \throws InvalidArgument, GridMismatch as `dilate`
///
/// Seeds outside `.mask` stay, and start from there. Equals SciPy's `binary_propagation`, and is
/// `dilate(seed, {.iterations = 0, ...})`, whose time and memory it has.
template <AnyVolume M>
[[nodiscard]] Mask propagate(const M& seed, const PropagateOptions& options = {}) {
    static_assert(AnyMask<M>, "roi::propagate takes a mask: write propagate(map != 0)");
    return dilate(detail::view_of_mask(seed), {options.structure, 0, options.mask, options.border_value,
                                               options.origin, options.stop, options.threads});
}

}  // namespace roi
