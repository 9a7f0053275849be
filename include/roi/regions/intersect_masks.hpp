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
#include <vector>

namespace roi {

/// The options of `intersect_masks`.
struct IntersectOptions {
    /// True where more than this part of the masks is; 1 is all of them, 0 any.
    double fraction = 1.0;

    /// Only the largest component that hangs together by faces.
    bool largest = false;
};

/// Where more than a fraction of some masks are true.
///
/// \param masks    at least one, all on one grid
/// \param options  `.fraction` (1: in all), `.largest` (only the largest component)
/// \returns        a mask on the grid of the first, with its metadata; all false where they never agree
/// \throws InvalidArgument when there is no mask or the fraction is not a number from 0 to 1; GridMismatch when the masks
///         lie on different grids
///
/// Equals nilearn's `intersect_masks`, whose fraction is 0.5 and which keeps the largest component unless told: of two masks
/// both must be true for 0.5, of three all for 2/3. One pass over each mask; memory: the result and 4 bytes a voxel.
[[nodiscard]] inline Mask intersect_masks(std::span<const Mask> masks, const IntersectOptions& options = {}) {
    require(!masks.empty(), "intersect_masks: there are no masks, expected one or more");
    if (!(options.fraction >= 0.0 && options.fraction <= 1.0)) {
        throw InvalidArgument(
            text("intersect_masks: expected a fraction from 0 to 1, found ", options.fraction));
    }
    const Grid& grid = masks.front().grid();
    detail::Buffer<std::uint32_t> agreeing(grid.size(), std::uint32_t{0});
    for (const Mask& mask : masks) {
        require_same_grid(grid, mask.grid(), "intersect_masks: the masks");
        const auto* bytes = reinterpret_cast<const unsigned char*>(mask.data());
        for (std::int64_t i = 0; i < grid.size(); ++i) agreeing.data()[i] += bytes[i];
    }
    // Less than 1 by so little that all of them are still more.
    const double most = std::min(options.fraction, 1.0 - 1e-7) * static_cast<double>(masks.size());
    auto out = like<bool>(masks.front());
    for (std::int64_t i = 0; i < grid.size(); ++i) out[i] = static_cast<double>(agreeing.data()[i]) > most;
    if (options.largest && std::find(out.begin(), out.end(), true) != out.end()) return largest_region(out);
    return out;
}
[[nodiscard]] inline Mask intersect_masks(std::initializer_list<Mask> masks,
                                          const IntersectOptions& options = {}) {
    return intersect_masks(std::span<const Mask>(masks.begin(), masks.size()), options);
}

}  // namespace roi
