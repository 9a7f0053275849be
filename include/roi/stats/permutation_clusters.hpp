// The clusters of a permutation test, with their corrected p.
#pragma once

#include <roi/core/error.hpp>
#include <roi/image/volume.hpp>
#include <roi/stats/cluster_table.hpp>
#include <roi/stats/permute.hpp>
#include <roi/stats/test_result.hpp>
#include <roi/table/data_table.hpp>

#include <string>
#include <string_view>
#include <utility>

namespace roi {

/// The clusters that a permutation test has found: those of its cluster-forming p, its sides and its connectivity.
///
/// \param test     of a call with `.cluster_p`
/// \param options  least distance of peaks, least size, an atlas; sides and connectivity are those of the test
/// \returns        as `cluster_table` of the map of t
/// \throws InvalidArgument when the test has formed no clusters
[[nodiscard]] inline ClusterTable cluster_table(const PermutationTest& test, ClusterOptions options = {}) {
    require(test.cluster_threshold > 0.0,
            "cluster_table: the permutation test has no cluster-forming p: call permute with .cluster_p");
    options.two_sided = test.alternative == Alternative::two_sided;
    options.connectivity = test.connectivity;
    const bool below = test.alternative == Alternative::less;
    return cluster_table(test.t, below ? -test.cluster_threshold : test.cluster_threshold, options);
}

/// The table of such clusters, with columns `log_p_size` and `log_p_mass` of the cluster, and `log_p` and, where it was
/// enhanced, `log_p_tfce` of the peak: -log10 p corrected for all voxels.
///
/// Of sub-peaks those of the cluster are repeated.
[[nodiscard]] inline DataTable to_table(const ClusterTable& clusters, const PermutationTest& test) {
    DataTable out = to_table(clusters);
    const auto add = [&](std::string_view name, const Volume<double>& map) {
        DataTable::Numbers values;
        for (const auto& peak : clusters.peaks) {
            values.push_back(map(peak.voxel[0], peak.voxel[1], peak.voxel[2]));
        }
        out.add(std::string(name), std::move(values));
    };
    add("log_p_size", test.log_p_cluster_size);
    add("log_p_mass", test.log_p_cluster_mass);
    add("log_p", test.log_p);
    if (!test.null.tfce.empty()) add("log_p_tfce", test.log_p_tfce);
    return out;
}

}  // namespace roi
