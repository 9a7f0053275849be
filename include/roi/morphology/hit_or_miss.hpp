// Finds a pattern in a mask.
#pragma once

#include <roi/core/error.hpp>
#include <roi/image/view.hpp>
#include <roi/image/volume.hpp>
#include <roi/morphology/detail/binary.hpp>
#include <roi/morphology/erode.hpp>
#include <roi/morphology/structure.hpp>

#include <array>
#include <cstdint>
#include <optional>

namespace roi {

/// The options of `hit_or_miss`.
struct HitOrMissOptions {
    /// What must be true around a voxel.
    Structure hit = {};

    /// What must be false around it; without one, everything of the box of `hit` that need not be true.
    std::optional<Structure> miss = {};

    /// Moves the centre of `hit`, in voxels.
    std::array<std::int64_t, 3> hit_origin = {0, 0, 0};

    /// Moves the centre of `miss`, in voxels; without one, as `hit_origin`.
    std::optional<std::array<std::int64_t, 3>> miss_origin = {};

    StopRequest stop = {};  ///< asked between the two patterns whether to stop
    int threads = 0;        ///< number of threads for this call; 0 is `threads()`
};

/// Finds the voxels around which one pattern is true and another false.
///
/// \param mask     any mask; for other voxel types write `hit_or_miss(volume != 0)`
/// \param options  `.hit` (a voxel and its 6 face neighbours), `.miss` (the rest of its box), `.hit_origin`,
///                 `.miss_origin`
/// \returns        a mask on the grid of `mask`, with its metadata
/// \throws InvalidArgument when an origin moves the centre out of its structure
///
/// Outside the volume all is background, for both patterns. Equals SciPy's `binary_hit_or_miss`. Time as two erosions;
/// memory: the result and another mask.
template <AnyVolume M>
[[nodiscard]] Mask hit_or_miss(const M& mask, const HitOrMissOptions& options = {}) {
    static_assert(AnyMask<M>, "roi::hit_or_miss takes a mask: write hit_or_miss(map != 0)");
    const Structure miss = options.miss ? *options.miss : options.hit.complement();
    Mask out = erode(mask, {.structure = options.hit,
                            .origin = options.hit_origin,
                            .stop = options.stop,
                            .threads = options.threads});
    // A voxel misses the pattern when any neighbour in it is true: what a dilation by its reflection finds.
    const Mask touched = detail::apply<detail::AnyOf>(
        "hit_or_miss", view_of(mask),
        miss.offsets_within(view_of(mask).shape(), options.miss_origin.value_or(options.hit_origin)),
        {.stop = options.stop, .threads = options.threads});
    for (std::int64_t i = 0; i < out.size(); ++i)
        out[i] = static_cast<unsigned>(out[i]) > static_cast<unsigned>(touched[i]);
    return out;
}

}  // namespace roi
