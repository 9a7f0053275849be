// The options of `resample_to`.
#pragma once

#include <roi/core/error.hpp>
#include <roi/stream/look_of_values.hpp>
#include <roi/stream/value_range.hpp>

#include <cstdint>
#include <functional>
#include <optional>
#include <string>

namespace roi {

/// What `resample_to` does about voxels that are NaN or infinite, which would spoil all that is interpolated around them.
enum class NonFiniteVoxels : std::uint8_t {
    bridge,  ///< the mean of their neighbours stands in; places nearest to one of them become NaN: nilearn's way
    leave_out  ///< the other voxels share their weight; places with more than half of it among them become NaN
};

/// The options of `resample_to`.
struct ResampleOptions {
    /// Value of voxels that lie outside the image.
    double fill = 0.0;

    /// Keeps interpolated values within this range, which a spline leaves beside sharp edges; `find_value_range(image)` is
    /// that of the image. Voxels outside the image are `fill` all the same.
    std::optional<ValueRange> clip = {};

    /// What the values are, where the header does not say it: `mask` and `labels` are for `nearest` alone; `unknown` has a look
    /// at them, takes what is only 0 and 1 for a mask, and warns where means are made of what looks like either.
    ValueKind values = ValueKind::unknown;

    /// How voxels that are not finite are kept out, unless `nearest` copies them.
    NonFiniteVoxels non_finite = NonFiniteVoxels::bridge;

    /// What a label is called, for the warning: `[&](auto label) { return names[label]; }` with `read_names(path)`.
    std::function<std::string(std::int64_t)> name_of_label = {};

    /// Told of labels that have no voxel on the new grid, of means of what looks like a mask or labels, and of voxels that are not
    /// finite.
    WarningHandler warning = {};

    /// Told the number of volumes done; for runs in memory, as is what follows.
    Progress progress = {};

    /// Asked between blocks of volumes whether to stop.
    StopRequest stop = {};

    /// Number of threads for this call; 0 is `threads()`.
    int threads = 0;
};

}  // namespace roi
