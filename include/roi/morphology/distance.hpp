// Distances to a mask in millimetres, and masks that grow and shrink by them.
#pragma once

#include <roi/core/error.hpp>
#include <roi/core/parallel.hpp>
#include <roi/core/text.hpp>
#include <roi/image/grid.hpp>
#include <roi/image/view.hpp>
#include <roi/image/volume.hpp>
#include <roi/morphology/detail/distance.hpp>
#include <roi/morphology/dilate.hpp>
#include <roi/morphology/erode.hpp>
#include <roi/morphology/structure.hpp>

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdint>
#include <limits>
#include <string_view>

namespace roi {

/// The options of `distance_to`, `grow` and `shrink`.
struct DistanceOptions {
    WarningHandler warning = {};  ///< told when there is no voxel to measure to, by `distance_to`
    StopRequest stop = {};        ///< asked before the work whether to stop
    int threads = 0;              ///< number of threads for this call; 0 is `threads()`
};

namespace detail {

/// Do the axes of voxels meet at right angles? The cosine of a smaller angle changes a distance by less than itself.
[[nodiscard]] inline bool has_right_angles(const Grid& grid) {
    constexpr double most = 1e-5;
    const SquaredLength length(grid);
    const auto cosine = [&](int i, int j) {
        return std::abs(length.metric(i, j)) / std::sqrt(length.metric(i, i) * length.metric(j, j));
    };
    return cosine(0, 1) <= most && cosine(0, 2) <= most && cosine(1, 2) <= most;
}

/// \param mend  what to do about axes that do not meet at right angles
inline void require_right_angles(const Grid& grid, std::string_view who, std::string_view mend) {
    if (has_right_angles(grid)) return;
    throw InvalidArgument(text(who, ": the axes of the grid must meet at right angles, found ",
                               to_string(grid.affine()), "; ", mend));
}

[[nodiscard]] inline std::array<double, 3> voxel_steps(const Grid& grid, std::string_view who) {
    const Point size = grid.voxel_size();
    if (!(size[0] > 0.0 && size[1] > 0.0 && size[2] > 0.0)) {
        throw InvalidArgument(text(who, ": expected voxels of more than 0 mm along each axis, found ",
                                   size[0], " x ", size[1], " x ", size[2], " mm"));
    }
    return {size[0], size[1], size[2]};
}

/// Is every voxel centre that is `wanted` within `mm` of a voxel marked?
[[nodiscard]] inline Mask within(const VolumeView<const bool>& mask, bool wanted, double mm,
                                 std::string_view who, const DistanceOptions& options) {
    const ThreadsOfCall threads_of_call(options.threads);
    stop_if_asked(options.stop, who, 0);
    const auto steps = voxel_steps(mask.grid(), who);
    // The square of a finite distance may be infinite, and so far from nothing is nowhere.
    const double most = std::min(squared_radius(mm), std::numeric_limits<double>::max());
    // Up to some hundred voxels a dilation is faster than the distance of every voxel.
    constexpr double small = 1000.0;
    const bool right_angles = has_right_angles(mask.grid());
    const double voxels = 4.0 / 3.0 * 3.14159265358979 * mm * mm * mm / mask.grid().voxel_volume();
    if (!right_angles || voxels <= small) {
        const auto ball = Structure::ball(mm, mask.grid());
        if (wanted) return dilate(mask, {.structure = ball});
        Mask out = erode(mask, {.structure = ball, .border_value = true});
        for (bool& value : out) value = !value;
        return out;
    }
    Buffer<double> squared(mask.size(), Uninitialized{});
    distances(mask.data(), wanted, mask.shape(), steps, squared.data(), [](double value) { return value; });
    auto out = like<bool>(mask);
    parallel_for(out.size(), 1 << 18, [&](std::int64_t first, std::int64_t last) {
        for (std::int64_t i = first; i < last; ++i) out[i] = squared.data()[i] <= most;
    });
    return out;
}

}  // namespace detail

/// How far every voxel is from a mask.
///
/// \param mask     any mask; for other voxel types write `distance_to(volume != 0)`. For the depth inside a mask ask for the
///                 distance to the rest: `distance_to(logical_not(mask))`
/// \param options  `.warning`, `.stop`, `.threads`
/// \returns        millimetres from the centre of each voxel to that of the nearest true one, 0 in the mask, infinite
///                 everywhere when no voxel is true, which is said; on the grid of `mask`, with its metadata
/// \throws InvalidArgument when the axes of the grid do not meet at right angles (a sheared affine; rotations are fine), or
///         a voxel has no size
///
/// Exact but for rounding in double. Equals SciPy's `distance_transform_edt(~mask, sampling)` with voxel sizes as
/// `sampling`; without a true voxel that measures to one that is not there. Time: some steps a voxel and axis, whatever
/// the mask. Memory: the result.
template <AnyVolume M>
[[nodiscard]] Volume<double> distance_to(const M& mask, const DistanceOptions& options = {}) {
    static_assert(AnyMask<M>, "roi::distance_to takes a mask: write distance_to(map != 0)");
    const auto view = detail::view_of_mask(mask);
    const ThreadsOfCall threads_of_call(options.threads);
    detail::stop_if_asked(options.stop, "distance_to", 0);
    const auto steps = detail::voxel_steps(view.grid(), "distance_to");
    detail::require_right_angles(view.grid(), "distance_to",
                                 "resample the mask with resample_to, or use `grow`, which takes any grid");
    auto out = like<double>(mask);
    out.metadata().intent = {};
    detail::distances(view.data(), true, view.shape(), steps, out.data(),
                      [](double squared) { return std::sqrt(squared); });
    // Without a voxel to measure to all are infinite, and with one none is.
    if (options.warning && out.size() > 0 && std::isinf(out[0])) {
        options.warning("distance_to: there is no voxel to measure to: every distance is infinite");
    }
    return out;
}

template <AnyVolume M>
[[nodiscard]] Mask shrink(const M& mask, double mm, const DistanceOptions& options = {});

/// Adds to a mask all voxels whose centres lie at most `mm` millimetres from the centre of one of its voxels.
///
/// \param mask     any mask; for other voxel types write `grow(volume != 0, mm)`
/// \param mm       how far; less than 0 shrinks
/// \param options  `.stop`, `.threads`
/// \returns        a mask on the grid of `mask`, with its metadata
/// \throws InvalidArgument when `mm` is not finite or a voxel has no size; on a sheared grid also when the ball of `mm` is
///         larger than `Structure::ball` makes
///
/// Equals SciPy's `distance_transform_edt(~mask, sampling) <= mm`, but counts a distance as equal to `mm` when its square
/// is less than a millionth more, as `Structure::ball` does, and takes sheared grids. Time as `dilate` by that ball or as
/// `distance_to`, whichever is less; memory: the result, and for the latter 8 bytes a voxel.
template <AnyVolume M>
[[nodiscard]] Mask grow(const M& mask, double mm, const DistanceOptions& options = {}) {
    static_assert(AnyMask<M>, "roi::grow takes a mask: write grow(map != 0, mm)");
    const auto view = detail::view_of_mask(mask);
    if (!std::isfinite(mm))
        throw InvalidArgument(text("grow: expected a finite distance in millimetres, found ", mm));
    if (mm < 0.0) return shrink(view, -mm, options);
    return detail::within(view, true, mm, "grow", options);
}

/// Takes from a mask all voxels whose centres lie at most `mm` millimetres from the centre of one that is not in it.
///
/// \param mm       how far; less than 0 grows
/// \param options  `.stop`, `.threads`
///
/// Nothing enters from outside the volume: a mask that fills it stays. Otherwise as `grow`, whose opposite it is:
/// `shrink(mask, mm)` is what `grow` of the rest leaves.
template <AnyVolume M>
[[nodiscard]] Mask shrink(const M& mask, double mm, const DistanceOptions& options) {
    static_assert(AnyMask<M>, "roi::shrink takes a mask: write shrink(map != 0, mm)");
    const auto view = detail::view_of_mask(mask);
    if (!std::isfinite(mm))
        throw InvalidArgument(text("shrink: expected a finite distance in millimetres, found ", mm));
    if (mm < 0.0) return grow(view, -mm, options);
    Mask out = detail::within(view, false, mm, "shrink", options);
    for (bool& value : out) value = !value;
    return out;
}

}  // namespace roi
