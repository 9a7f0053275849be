// What `region_signals` can be told: statistics, mask, lost regions, values that are not finite, other grids.
#pragma once

#include <roi/core/error.hpp>
#include <roi/image/volume.hpp>
#include <roi/regions/region_statistic.hpp>

#include <optional>
#include <vector>

namespace roi {

/// What becomes of a region without a voxel: outside the mask, or outside the grid.
enum class LostRegions {
    drop,  ///< no column, and a warning that names it
    keep,  ///< a column of NaN, `n/a` in a file
    error,
};

/// What becomes of values that are NaN or infinite.
enum class NonFinite {
    zero,  ///< they count as 0, as in nilearn
    omit,  ///< they are left out; maps are fitted to the other voxels, statistics over time take voxels that are whole
    propagate,  ///< they make NaN what depends on them
};

/// What is brought to the other's grid when regions and run lie on different ones.
enum class ResampleFor {
    none,    ///< nothing: it is an error
    data,    ///< regions and mask to the grid of the run: labels and mask nearest, maps linear
    labels,  ///< the run to the grid of the regions, by cubic spline, and the mask, nearest
};

/// What the signal of a map is.
enum class MapSignal {
    least_squares,  ///< the factors by which the maps together come closest to the volume, as nilearn has it
    weighted_mean,  ///< the mean with the map's weights
};

/// Settings of `region_signals`.
struct RegionSignalsOptions {
    std::vector<RegionStatistic> statistics{
        mean_of};                ///< of labels and spheres, all from one fetch of the voxels
    std::optional<Mask> mask{};  ///< voxels outside it count as nothing
    LostRegions lost = LostRegions::drop;
    NonFinite non_finite = NonFinite::zero;
    ResampleFor resample = ResampleFor::none;
    MapSignal maps = MapSignal::least_squares;
    Progress progress{};  ///< told the number of volumes done
    WarningHandler
        warning{};  ///< told of lost regions, of regions with one name, of spreads of a single voxel, and of values that
                    ///< are not finite
    StopRequest stop{};  ///< asked between blocks of volumes whether to stop
    int threads = 0;     ///< number of threads for this call; 0 is `threads()`
};

}  // namespace roi
