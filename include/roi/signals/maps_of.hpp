// What signals are taken of: maps of weights.
#pragma once

#include <roi/core/concepts.hpp>
#include <roi/core/detail/finite.hpp>
#include <roi/core/text.hpp>
#include <roi/image/view.hpp>
#include <roi/image/volume.hpp>
#include <roi/image/volume4d.hpp>
#include <roi/signals/detail/map_weights.hpp>
#include <roi/signals/signal_regions.hpp>
#include <roi/table/names.hpp>

#include <Eigen/Core>
#include <cstddef>
#include <cstdint>
#include <utility>
#include <vector>

namespace roi {

/// Settings of `maps_of`.
struct MapsOfOptions {
    RegionNames names{};  ///< by number from 1; `map_N` for those without
};

/// Maps of weights, such as those of a probabilistic atlas or of independent components.
///
/// \param maps  a run whose volumes are the maps, or one volume; weights that are NaN or infinite count as 0. Only
///              voxels with a weight are kept, so a thousand small maps take little more than one
template <class Maps>
requires(AnyRun<Maps> || AnyVolume<Maps>) [[nodiscard]] SignalRegions
    maps_of(const Maps& maps, const MapsOfOptions& options = {}) {
    static_assert(NumberVoxel<VoxelOf<Maps>>, "roi::maps_of takes maps of numbers, no masks");
    const auto view = view_of(maps);
    const std::int64_t voxels = view.grid().size();
    const std::int64_t count = voxels > 0 ? view.size() / voxels : 0;
    std::vector<SignalRegions::Region> regions;
    std::vector<std::vector<SignalRegions::Weight>> weights(static_cast<std::size_t>(count));
    for (std::int64_t map = 0; map < count; ++map) {
        const auto* name = options.names.find(map + 1);
        regions.push_back({map + 1, name ? *name : text("map_", map + 1)});
        for (std::int64_t voxel = 0; voxel < voxels; ++voxel) {
            const double weight = detail::finite_or_zero(view.data()[map * voxels + voxel]);
            if (weight != 0.0) weights[static_cast<std::size_t>(map)].push_back({voxel, weight});
        }
    }
    SignalRegions all(std::move(regions), view.grid(), std::move(weights),
                      detail::make_map_weights<Eigen::MatrixXd>);
    all.set_metadata(view.metadata());
    return all;
}

}  // namespace roi
