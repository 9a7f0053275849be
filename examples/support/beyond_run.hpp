// Regions that reach beyond a run which is brought to their grid.
#pragma once

#include <roi/core/error.hpp>
#include <roi/core/text.hpp>
#include <roi/image/grid.hpp>
#include <roi/image/volume.hpp>
#include <roi/signals/signal_regions.hpp>

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace examples {

/// Says which labels reach beyond a run that is brought to their grid: it is 0 there, and they are less than their mean.
inline void warn_of_beyond(const roi::SignalRegions& labels, const roi::Grid& run,
                           const std::optional<roi::Mask>& mask, const roi::WarningHandler& warning) {
    if (!warning || labels.kind() != roi::RegionKind::label) return;
    const auto& ranks = labels.ranks();
    // A mask on the grid of the run goes with it, and nothing beyond counts.
    if (mask && !roi::same_grid(mask->grid(), ranks.grid())) return;
    const auto& shape = ranks.grid().shape();
    std::vector<std::int64_t> all(labels.regions().size() + 1), beyond(all.size());
    for (std::int64_t i = 0; i < ranks.size(); ++i) {
        if (ranks[i] == 0 || (mask && !(*mask)[i])) continue;
        const auto [x, y, z] = shape.voxel(i);
        const roi::Point at = run.voxel(
            ranks.grid().world({static_cast<double>(x), static_cast<double>(y), static_cast<double>(z)}));
        const auto rank = static_cast<std::size_t>(ranks[i]);
        const auto outside = [&](Eigen::Index axis, std::int64_t size) {
            return !(at[axis] >= -0.5 - 1e-6 && at[axis] <= static_cast<double>(size) - 0.5 + 1e-6);
        };
        ++all[rank];
        beyond[rank] +=
            outside(0, run.shape().x()) || outside(1, run.shape().y()) || outside(2, run.shape().z());
    }
    std::vector<std::string> partly;
    for (std::size_t rank = 1; rank < all.size(); ++rank) {
        if (beyond[rank] == 0 || beyond[rank] == all[rank]) continue;
        partly.push_back(
            roi::text(labels.regions()[rank - 1].name, " (", beyond[rank], " of ", all[rank], ")"));
    }
    if (partly.empty()) return;
    warning(roi::text("voxels of ", roi::listed(partly, 10),
                      " lie beyond the run and count as 0; --resample data leaves them out"));
}

}  // namespace examples
