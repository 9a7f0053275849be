// The edges of a mask, and what opening and closing change.
#pragma once

#include <roi/core/parallel.hpp>
#include <roi/image/view.hpp>
#include <roi/image/volume.hpp>
#include <roi/morphology/dilate.hpp>
#include <roi/morphology/erode.hpp>
#include <roi/morphology/opening.hpp>
#include <roi/morphology/structure.hpp>

#include <cstdint>

namespace roi {

namespace detail {

/// What `a` has and `b` has not.
template <AnyMask A, AnyMask B>
[[nodiscard]] Mask without(const A& a, const B& b) {
    const auto from = view_of(a), taken = view_of(b);
    auto out = like<bool>(a);
    parallel_for(out.size(), 1 << 18, [&](std::int64_t first, std::int64_t last) {
        for (std::int64_t i = first; i < last; ++i) {
            out[i] = static_cast<unsigned>(from.data()[i]) > static_cast<unsigned>(taken.data()[i]);
        }
    });
    return out;
}

}  // namespace detail

/// The edge of a mask on both sides: what its dilation has and its erosion has not.
///
/// \param mask     any mask; for other voxel types write `gradient(volume != 0)`
/// \param options  as for `dilate`; they serve dilation and erosion. With the default `.border_value` of false a mask
///                 that meets the border of the volume has an edge there
/// \returns        a mask on the grid of `mask`, with its metadata
/// \throws InvalidArgument, GridMismatch as `dilate`
///
/// SciPy's `binary_dilation(m) & ~binary_erosion(m)`; its `morphological_gradient` of grey values sees volumes mirrored
/// at their border and has no edge there. Time as `dilate` and `erode`; memory: the result and another mask.
template <AnyVolume M>
[[nodiscard]] Mask gradient(const M& mask, const MorphologyOptions& options = {}) {
    static_assert(AnyMask<M>, "roi::gradient takes a mask: write gradient(map != 0)");
    const auto view = detail::view_of_mask(mask);
    return detail::without(dilate(view, options), erode(view, options));
}

/// The voxels just outside a mask: what its dilation has and itself has not; otherwise as `gradient`.
template <AnyVolume M>
[[nodiscard]] Mask outer_gradient(const M& mask, const MorphologyOptions& options = {}) {
    static_assert(AnyMask<M>, "roi::outer_gradient takes a mask: write outer_gradient(map != 0)");
    const auto view = detail::view_of_mask(mask);
    return detail::without(dilate(view, options), view);
}

/// The outermost voxels of a mask: what itself has and its erosion has not; otherwise as `gradient`.
template <AnyVolume M>
[[nodiscard]] Mask inner_gradient(const M& mask, const MorphologyOptions& options = {}) {
    static_assert(AnyMask<M>, "roi::inner_gradient takes a mask: write inner_gradient(map != 0)");
    const auto view = detail::view_of_mask(mask);
    return detail::without(view, erode(view, options));
}

/// What `opening` takes away: the parts of a mask into which the structure does not fit.
///
/// \param options  as for `opening`; otherwise as `gradient`
template <AnyVolume M>
[[nodiscard]] Mask white_top_hat(const M& mask, const OpeningOptions& options = {}) {
    static_assert(AnyMask<M>, "roi::white_top_hat takes a mask: write white_top_hat(map != 0)");
    const auto view = detail::view_of_mask(mask);
    return detail::without(view, opening(view, options));
}

/// What `closing` adds: the parts of the background into which the structure does not fit.
///
/// \param options  as for `closing`; otherwise as `gradient`
template <AnyVolume M>
[[nodiscard]] Mask black_top_hat(const M& mask, const ClosingOptions& options = {}) {
    static_assert(AnyMask<M>, "roi::black_top_hat takes a mask: write black_top_hat(map != 0)");
    const auto view = detail::view_of_mask(mask);
    return detail::without(closing(view, options), view);
}

}  // namespace roi
