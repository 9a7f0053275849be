// Where masks agree.
#pragma once

#include <roi/core/error.hpp>
#include <roi/core/text.hpp>
#include <roi/image/grid.hpp>
#include <roi/image/view.hpp>
#include <roi/image/volume.hpp>
#include <roi/regions/label.hpp>
#include <roi/regions/regions.hpp>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <initializer_list>
#include <span>
#include <utility>
#include <vector>

namespace roi {

/// The options of `intersect_masks`.
struct IntersectOptions {
    /// True where more than this part of the masks is; 1 is all of them, 0 any.
    double fraction = 1.0;

    /// Only the largest component that hangs together by faces.
    bool largest = false;
};

namespace detail {

/// Some volumes in a row: a vector, an array or a span of them.
template <class List>
concept Images = requires(const List& list) {
    std::span(list);
    requires AnyVolume<typename decltype(std::span(list))::value_type>;
};

/// What they are.
template <Images List>
using ImageIn = typename decltype(std::span(std::declval<const List&>()))::value_type;

}  // namespace detail

/// Where more than a fraction of some masks are true.
///
/// \param masks    at least one, all on one grid: masks or views of such; of labels and bytes write `a != 0`
/// \param options  `.fraction` (1: in all), `.largest` (only the largest component)
/// \returns        a mask on the grid of the first, with its metadata; all false where they never agree
/// \throws InvalidArgument when there is no mask or the fraction is not a number from 0 to 1; GridMismatch when the masks
///         lie on different grids
///
/// Equals nilearn's `intersect_masks`, whose fraction is 0.5 and which keeps the largest component unless told: of two masks
/// both must be true for 0.5, of three all for 2/3. One pass over each mask; memory: the result and 4 bytes a voxel.
template <detail::Images Masks>
[[nodiscard]] Mask intersect_masks(const Masks& masks, const IntersectOptions& options = {}) {
    static_assert(AnyMask<detail::ImageIn<Masks>>,
                  "roi: intersect_masks takes masks: write a != 0 of each map or label image");
    const std::span all(masks);
    require(!all.empty(), "intersect_masks: there are no masks, expected one or more");
    if (!(options.fraction >= 0.0 && options.fraction <= 1.0)) {
        throw InvalidArgument(
            text("intersect_masks: expected a fraction from 0 to 1, found ", options.fraction));
    }
    const Grid grid = view_of(all.front()).grid();
    detail::Buffer<std::uint32_t> agreeing(grid.size(), std::uint32_t{0});
    for (const auto& mask : all) {
        const auto view = view_of(mask);
        require_same_grid(grid, view.grid(), "intersect_masks: the masks");
        const auto* bytes = reinterpret_cast<const unsigned char*>(view.data());
        for (std::int64_t i = 0; i < grid.size(); ++i) agreeing.data()[i] += bytes[i];
    }
    // Less than 1 by so little that all of them are still more.
    const double most = std::min(options.fraction, 1.0 - 1e-7) * static_cast<double>(all.size());
    auto out = like<bool>(all.front());
    for (std::int64_t i = 0; i < grid.size(); ++i) out[i] = static_cast<double>(agreeing.data()[i]) > most;
    if (options.largest && std::find(out.begin(), out.end(), true) != out.end()) return largest_region(out);
    return out;
}
template <AnyVolume M>
[[nodiscard]] Mask intersect_masks(std::initializer_list<M> masks, const IntersectOptions& options = {}) {
    return intersect_masks(std::span<const M>(masks.begin(), masks.size()), options);
}

}  // namespace roi
