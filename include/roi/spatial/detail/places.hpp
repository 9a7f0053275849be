// What the ways to resample share: places on a line of samples, and the limits of results.
#pragma once

#include <roi/core/detail/instruction_set.hpp>
#include <roi/spatial/detail/voxel_map.hpp>

#include <algorithm>
#include <cstdint>
#include <limits>

namespace roi::detail {

/// Lines of samples that are worked on at once along x, one beside the other in memory.
inline constexpr std::int64_t line_lanes = 8;

/// A place on a line of `n` samples, brought onto an end that it misses by rounding; false when it lies outside.
ROI_ALWAYS_INLINE bool on_line(double& place, std::int64_t n) {
    const double last = static_cast<double>(n - 1);
    if (!(place >= -edge_slack && place <= last + edge_slack)) return false;
    place = std::min(std::max(place, 0.0), last);
    return true;
}

/// Added to a place before its fraction is cut off: half way goes up, also where rounding has taken it a little below.
inline constexpr double to_nearest = 0.5 + 1e-9;

/// The sample nearest to a place on the line.
ROI_ALWAYS_INLINE std::int64_t nearest_sample(double place, std::int64_t n) {
    return std::min(static_cast<std::int64_t>(place + to_nearest), n - 1);
}

/// Values that a result may take.
struct ClipLimits {
    double low = -std::numeric_limits<double>::infinity();
    double high = std::numeric_limits<double>::infinity();
};

}  // namespace roi::detail
