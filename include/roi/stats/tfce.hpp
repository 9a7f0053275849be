// Threshold-free cluster enhancement: every voxel is given what clusters at all heights below it say for it.
#pragma once

#include <roi/core/concepts.hpp>
#include <roi/core/error.hpp>
#include <roi/core/text.hpp>
#include <roi/image/grid.hpp>
#include <roi/image/metadata.hpp>
#include <roi/image/view.hpp>
#include <roi/image/volume.hpp>
#include <roi/morphology/structure.hpp>
#include <roi/stats/detail/cluster_work.hpp>
#include <roi/stats/detail/masked_voxels.hpp>

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>
#include <utility>
#include <vector>

namespace roi {

/// Settings of `tfce`.
struct TfceOptions {
    double extent_power = 0.5;                     ///< E
    double height_power = 2.0;                     ///< H
    Structure connectivity = Connectivity::faces;  ///< which voxels are one cluster
    bool two_sided =
        true;  ///< negative values too, as the enhancement of the map turned over, with their sign
    std::optional<Mask> mask = {};  ///< voxels outside are 0 and no neighbours
};

namespace detail {

inline void require_powers(std::string_view function, const TfceOptions& options) {
    const auto fits = [](double power) { return power >= 0.0 && std::isfinite(power); };
    if (fits(options.extent_power) && fits(options.height_power)) return;
    throw InvalidArgument(text(function, ": expected powers of 0 and more, found ", options.extent_power,
                               " and ", options.height_power));
}

}  // namespace detail

/// Threshold-free cluster enhancement of a statistical map (Smith and Nichols 2009).
///
/// TFCE(v) = integral from 0 to h_v of e(h)^E h^H dh, where e(h) is the number of voxels in the cluster of values of at
/// least h that holds v, and h_v its value.
///
/// \param map      values of t or z, float or double
/// \param options  powers, connectivity, sides, mask
/// \returns        the enhanced map on its grid; NaN becomes 0
/// \throws GridMismatch     when the mask lies on another grid
/// \throws InvalidArgument  when a power is negative, the map holds infinite values or what comes out would
///
/// The integral is exact: extents only change at the values of voxels, which are visited from the highest to the lowest.
/// There is no step, and no step is left out of the sum, so maps with different maxima are on one scale; nilearn and FSL
/// add 100 steps of a hundredth of the maximum and leave the step out. One sort of the values and one pass; memory: about
/// 60 bytes a voxel.
template <RealVolume V>
[[nodiscard]] Volume<double> tfce(const V& map, const TfceOptions& options = {}) {
    const auto view = view_of(map);
    detail::require_powers("tfce", options);
    Mask mask(view.grid(), true);
    if (options.mask) {
        require_same_grid(view.grid(), options.mask->grid(), "tfce: map and mask");
        mask = *options.mask;
    }
    const detail::MaskedVoxels voxels(mask, options.connectivity);
    std::vector<double> values(voxels.size()), enhanced(voxels.size());
    for (std::size_t i = 0; i < voxels.size(); ++i) {
        const auto value = static_cast<double>(view.data()[voxels.voxel(i)]);
        require(!std::isinf(value), "tfce: the map holds infinite values, which make all clusters infinite");
        values[i] = std::isnan(value) ? 0.0 : value;
    }
    detail::ClusterWork work(voxels, options.extent_power, options.height_power);
    work.enhance(values.data(), 1.0, enhanced.data());
    if (options.two_sided) work.enhance(values.data(), -1.0, enhanced.data());
    require(std::all_of(enhanced.begin(), enhanced.end(), [](double value) { return std::isfinite(value); }),
            "tfce: values, or powers, so large that what they enhance to is infinite: divide the map by a "
            "number");
    Volume<double> out(view.grid(), 0.0, inherited_with_new_meaning(view.metadata()));
    for (std::size_t i = 0; i < voxels.size(); ++i) out[voxels.voxel(i)] = enhanced[i];
    return out;
}

}  // namespace roi
