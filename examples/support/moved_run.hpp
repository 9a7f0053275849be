// A run that is brought to the grid of regions, one way in every program.
#pragma once

#include <roi/image/grid.hpp>
#include <roi/spatial/resample.hpp>
#include <roi/stream/value_range.hpp>

#include <optional>
#include <utility>

namespace examples {

/// As nilearn's masker does it: a spline leaves the range of the run beside sharp edges. Voxels that are not finite are bridged
/// by their neighbours, and NaN where they are nearest, which is for what reads the run to judge.
/// \param run    a run in memory, or a source
/// \param range  of its values; nothing where none is finite
template <class Run>
[[nodiscard]] auto moved_run(Run&& run, const roi::Grid& grid, const std::optional<roi::ValueRange>& range) {
    return roi::resample_to(std::forward<Run>(run), grid, roi::Interpolation::continuous, {.clip = range});
}

}  // namespace examples
