// Finds a pattern in a mask.
#pragma once

#include <roi/core/error.hpp>
#include <roi/core/text.hpp>
#include <roi/image/view.hpp>
#include <roi/image/volume.hpp>
#include <roi/morphology/detail/binary.hpp>
#include <roi/morphology/erode.hpp>
#include <roi/morphology/structure.hpp>

#include <algorithm>
#include <array>
#include <cstdint>
#include <optional>
#include <set>
#include <vector>

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

    WarningHandler warning = {};  ///< told when no voxel can fit, because one place has to be both
    StopRequest stop = {};        ///< asked between the two patterns whether to stop
    int threads = 0;              ///< number of threads for this call; 0 is `threads()`
};

namespace detail {

/// Places, from the voxel that is looked at, that must be both true and false.
[[nodiscard]] inline std::int64_t contradictions(const std::vector<std::array<std::int64_t, 3>>& hit,
                                                 const std::vector<std::array<std::int64_t, 3>>& miss) {
    const std::set<std::array<std::int64_t, 3>> wanted(hit.begin(), hit.end());
    return std::count_if(miss.begin(), miss.end(), [&](const auto& place) { return wanted.contains(place); });
}

}  // namespace detail

/// Finds the voxels around which one pattern is true and another false.
///
/// \param mask     any mask; for other voxel types write `hit_or_miss(volume != 0)`
/// \param options  `.hit` (a voxel and its 6 face neighbours), `.miss` (the rest of its box), `.hit_origin`,
///                 `.miss_origin`, `.warning`
/// \returns        a mask on the grid of `mask`, with its metadata
/// \throws InvalidArgument when an origin moves the centre out of its structure
///
/// Outside the volume all is background, for both patterns. Equals SciPy's `binary_hit_or_miss`. Time as two erosions;
/// memory: the result and another mask.
template <AnyVolume M>
[[nodiscard]] Mask hit_or_miss(const M& mask, const HitOrMissOptions& options = {}) {
    static_assert(AnyMask<M>, "roi::hit_or_miss takes a mask: write hit_or_miss(map != 0)");
    const auto view = detail::view_of_mask(mask);
    const Structure miss = options.miss ? *options.miss : options.hit.complement();
    const auto miss_origin = options.miss_origin.value_or(options.hit_origin);
    if (options.warning && (options.miss || options.miss_origin)) {
        const auto both =
            detail::contradictions(options.hit.offsets(options.hit_origin), miss.offsets(miss_origin));
        if (both > 0) {
            options.warning(text("hit_or_miss: ", both, both == 1 ? " voxel" : " voxels",
                                 " of the pattern must be both true and false, so that nothing is found; "
                                 "change `hit` or `miss`"));
        }
    }
    Mask out = erode(view, {.structure = options.hit,
                            .origin = options.hit_origin,
                            .stop = options.stop,
                            .threads = options.threads});
    // A voxel misses the pattern when any neighbour in it is true: what a dilation by its reflection finds.
    const Mask touched =
        detail::apply<detail::AnyOf>("hit_or_miss", view, miss.offsets_within(view.shape(), miss_origin),
                                     {.stop = options.stop, .threads = options.threads});
    for (std::int64_t i = 0; i < out.size(); ++i)
        out[i] = static_cast<unsigned>(out[i]) > static_cast<unsigned>(touched[i]);
    return out;
}

}  // namespace roi
