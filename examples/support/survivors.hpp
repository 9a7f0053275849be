// What of a map survives a correction, and the clusters that it makes: for every program that reports them.
#pragma once

#include <roi/image/volume.hpp>
#include <roi/stats/cluster_table.hpp>

#include <cstdint>
#include <utility>

namespace examples {

/// What survives a correction.
struct Survivors {
    roi::Volume<double> map;  ///< the values that do, 0 elsewhere
    roi::ClusterTable clusters;
    std::int64_t voxels = 0;

    [[nodiscard]] std::int64_t cluster_count() const {
        return clusters.peaks.empty() ? 0 : clusters.peaks.back().cluster;
    }
};

/// The clusters of both signs of what a correction left.
///
/// \param map  0 where nothing survived
/// \param how  smaller clusters than its least size do not survive either
[[nodiscard]] inline Survivors survivors(roi::Volume<double> map, roi::ClusterOptions how = {}) {
    how.two_sided = true;
    Survivors out{std::move(map), {}, 0};
    out.clusters = roi::cluster_table(out.map, 0.0, how);
    for (std::int64_t i = 0; i < out.map.size(); ++i) {
        if (out.clusters.clusters[i] == 0) out.map[i] = 0.0;
        out.voxels += out.map[i] != 0.0 ? 1 : 0;
    }
    return out;
}

}  // namespace examples
