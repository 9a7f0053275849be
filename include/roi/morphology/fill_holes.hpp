// Fills the holes of a mask.
#pragma once

#include <roi/core/error.hpp>
#include <roi/core/parallel.hpp>
#include <roi/image/view.hpp>
#include <roi/image/volume.hpp>
#include <roi/morphology/detail/binary.hpp>
#include <roi/morphology/detail/flood.hpp>
#include <roi/morphology/detail/neighbours.hpp>
#include <roi/morphology/structure.hpp>

#include <array>
#include <cstdint>
#include <utility>

namespace roi {

/// The options of `fill_holes`.
struct FillHolesOptions {
    /// Which background voxels belong together. The default joins them by faces, so a hole that touches the outside
    /// across an edge or a corner only is filled.
    Structure structure = {};

    /// Moves the centre of the structure, in voxels.
    std::array<std::int64_t, 3> origin = {0, 0, 0};

    StopRequest stop = {};  ///< asked between two iterations whether to stop
    int threads = 0;        ///< number of threads for this call; 0 is `threads()`
};

/// Adds to a mask the background that cannot be reached from outside the volume.
///
/// \param mask     any mask; for other voxel types write `fill_holes(volume != 0)`
/// \param options  `.structure` (a voxel and its 6 face neighbours): from where to where background is reached,
///                 `.origin` (moves the centre of the structure), `.stop`, `.threads`
/// \returns        a mask on the grid of `mask`, with its metadata
/// \throws InvalidArgument when `.origin` moves the centre out of the structure, or when reaching never ends because the
///         structure does not hold its own centre
///
/// Equals SciPy's `binary_fill_holes`. A hole in a slice is none in a volume that ends at the slice: what lies outside
/// reaches it from above, unless a structure in a slice is taken (`Structure::in_slice`). Time: two passes and a step for each word of 64 voxels that the background is reached through.
/// Memory: the result and 1/2 byte a voxel.
template <AnyVolume M>
[[nodiscard]] Mask fill_holes(const M& mask, const FillHolesOptions& options = {}) {
    static_assert(AnyMask<M>, "roi::fill_holes takes a mask: write fill_holes(map != 0)");
    const ThreadsOfCall threads_of_call(options.threads);
    detail::stop_if_asked(options.stop, "fill_holes", 0);
    const auto view = view_of(mask);
    const auto* bytes = reinterpret_cast<const detail::MaskByte*>(view.data());
    const auto offsets = detail::reflected(options.structure.offsets_within(view.shape(), options.origin));
    auto out = like<bool>(mask);
    auto* filled = reinterpret_cast<detail::MaskByte*>(out.data());
    if (detail::holds_centre(offsets)) {
        detail::PackedMask background(view.shape(), bytes);
        background.flip();
        detail::Flood flood(offsets, background, detail::Flood::slabs_for(view.shape()));
        flood.start_from_outside();
        const auto holes = std::move(flood).run();
        background.with(holes, [](std::uint64_t& word, std::uint64_t hole) { word ^= hole; });
        background.flip();
        background.unpack(filled);
    } else {
        // Whatever the structure reaches from outside, step by step.
        const detail::Buffer<detail::MaskByte> nothing(view.size(), detail::MaskByte{0});
        detail::Buffer<detail::MaskByte> background(view.size(), detail::Uninitialized{});
        for (std::int64_t i = 0; i < view.size(); ++i) background.data()[i] = bytes[i] ^ 1;
        const detail::Morphology<detail::AnyOf> reached(view.shape(), offsets, background.data(), true);
        detail::repeat(reached, nothing.data(), filled, view.size(), 0, "fill_holes", options.stop);
        for (std::int64_t i = 0; i < view.size(); ++i) filled[i] ^= 1;
    }
    return out;
}

}  // namespace roi
