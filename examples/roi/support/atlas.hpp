// The atlas that says in which region a cluster lies.
#pragma once

#include <roi/regions/regions.hpp>
#include <roi/stats/cluster_table.hpp>
#include <roi/table/names.hpp>

#include "images.hpp"
#include <cstdint>
#include <string>

namespace command {

/// Reads `--atlas` and `--names`, where they are given, and says which names fit no region and which regions have none.
inline void read_atlas(Session& session, const std::string& atlas, const std::string& names,
                       const roi::WarningHandler& warning, roi::ClusterOptions& how) {
    if (!names.empty()) how.names = roi::read_names(names);
    if (atlas.empty()) return;
    how.atlas = read_volume<std::int32_t>(session, atlas);
    const auto labels = roi::region_labels(*how.atlas);
    roi::warn_of_names(how.names, {labels.begin(), labels.end()}, warning);
}

}  // namespace command
