// Smooths a mask: opening takes away what is thin, closing fills what is narrow.
#pragma once

#include <roi/core/detail/buffer.hpp>
#include <roi/core/detail/memory.hpp>
#include <roi/core/error.hpp>
#include <roi/core/parallel.hpp>
#include <roi/core/text.hpp>
#include <roi/image/grid.hpp>
#include <roi/image/view.hpp>
#include <roi/image/volume.hpp>
#include <roi/morphology/detail/binary.hpp>
#include <roi/morphology/detail/distance.hpp>
#include <roi/morphology/detail/neighbours.hpp>
#include <roi/morphology/detail/padded.hpp>
#include <roi/morphology/dilate.hpp>
#include <roi/morphology/distance.hpp>
#include <roi/morphology/erode.hpp>
#include <roi/morphology/structure.hpp>

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <limits>
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
    const auto view = detail::view_of_mask(mask);
    if (options.iterations != 1) return dilate(erode(view, options), options);
    const auto offsets = options.structure.offsets_within(view.shape(), options.origin);
    return detail::apply_both<detail::AllOf, detail::AnyOf>("opening", view, offsets,
                                                            detail::reflected(offsets), options);
}

namespace detail {

/// A dilation, then an erosion.
[[nodiscard]] inline Mask closed(const VolumeView<const bool>& mask, const MorphologyOptions& options) {
    if (options.iterations != 1) return erode(dilate(mask, options), options);
    const auto offsets = options.structure.offsets_within(mask.shape(), options.origin);
    return apply_both<AnyOf, AllOf>("closing", mask, reflected(offsets), offsets, options);
}

/// The square of the radius in mm, where a structure is a ball on a grid: between the farthest voxel in it and the nearest
/// that is not. Nothing where it is none, or where the axes of the grid do not meet at right angles.
[[nodiscard]] inline std::optional<double> squared_radius_of(const Structure& structure, const Grid& grid) {
    const Shape& box = structure.shape();
    if (!has_right_angles(grid) || box.x() % 2 == 0 || box.y() % 2 == 0 || box.z() % 2 == 0) {
        return std::nullopt;
    }
    const Point step = grid.voxel_size();
    const auto centre = structure.centre();
    double inside = 0.0, outside = std::numeric_limits<double>::infinity();
    for (std::int64_t z = 0; z < box.z(); ++z) {
        for (std::int64_t y = 0; y < box.y(); ++y) {
            for (std::int64_t x = 0; x < box.x(); ++x) {
                const Point away(static_cast<double>(x - centre[0]), static_cast<double>(y - centre[1]),
                                 static_cast<double>(z - centre[2]));
                const double squared = away.cwiseProduct(step).squaredNorm();
                if (structure(x, y, z)) {
                    inside = std::max(inside, squared);
                } else {
                    outside = std::min(outside, squared);
                }
            }
        }
    }
    for (std::size_t axis = 0; axis < 3; ++axis) {
        const double beyond = static_cast<double>(centre[axis] + 1) * step[static_cast<int>(axis)];
        outside = std::min(outside, beyond * beyond);
    }
    constexpr double rounding = 1.0 + 1e-9;
    if (!(outside > inside * rounding)) return std::nullopt;
    return inside + (outside - inside) / 2.0;
}

/// The square of the radius of a ball so large that distances are sooner known than all its lines are added, where these do
/// what `options` ask for and fit in memory.
[[nodiscard]] inline std::optional<double> radius_to_close_by(const ClosingOptions& options,
                                                              const Mask& wide) {
    constexpr std::int64_t many_lines = 1 << 10;
    const Shape& box = options.structure.shape();
    if (options.iterations != 1 || options.mask || options.origin != Offset{} ||
        box.y() * box.z() < many_lines || !is_memory_for(wide.size(), sizeof(double))) {
        return std::nullopt;
    }
    return squared_radius_of(options.structure, wide.grid());
}

/// A closing by a ball: all within its radius of the mask, but not what is then within it of the rest. What lies outside the
/// volume has no part in it.
inline void close_by_distance(Mask& mask, double squared_radius, const StopRequest& stop) {
    const auto steps = voxel_steps(mask.grid(), "closing");
    Buffer<double> away(mask.size(), Uninitialized{});
    for (const bool spreads : {true, false}) {
        stop_if_asked(stop, "closing", 0);
        distances(mask.data(), spreads, mask.shape(), steps, away.data(),
                  [](double squared) { return squared; });
        parallel_for(mask.size(), 1 << 18, [&](std::int64_t first, std::int64_t last) {
            for (std::int64_t i = first; i < last; ++i) {
                if (away.data()[i] <= squared_radius) mask[i] = spreads;
            }
        });
    }
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
/// memory as `opening`; `.keep_border` needs these for the volume with its margins, and for balls of 32 voxels across and
/// more that of two calls of `distance_to`.
template <AnyVolume M>
[[nodiscard]] Mask closing(const M& mask, const ClosingOptions& options = {}) {
    static_assert(AnyMask<M>, "roi::closing takes a mask: write closing(map != 0)");
    const auto view = detail::view_of_mask(mask);
    MorphologyOptions both{options.structure, options.iterations, options.mask,   options.border_value,
                           options.origin,    options.stop,       options.threads};
    if (!options.keep_border) return detail::closed(view, both);

    require(options.iterations >= 1,
            "closing: with keep_border the number of iterations must be 1 or more, because nothing beyond "
            "the border "
            "stops a dilation");
    if (both.mask) require_same_grid(view.grid(), both.mask->grid(), "closing: `mask` and the input");
    const auto margins = detail::reach(options.structure, options.origin, options.iterations);
    if (both.mask) both.mask = detail::padded(both.mask->view(), margins, true);
    Mask wide = detail::padded(view, margins, options.border_value);
    auto out = like<bool>(mask);
    if (const auto squared_radius = detail::radius_to_close_by(options, wide)) {
        const ThreadsOfCall threads_of_call(options.threads);
        detail::close_by_distance(wide, *squared_radius, options.stop);
        detail::copy_inside(wide, margins, out);
    } else {
        detail::copy_inside(detail::closed(wide.view(), both), margins, out);
    }
    return out;
}

}  // namespace roi
