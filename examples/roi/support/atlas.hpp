// The atlas that says in which region a cluster lies.
#pragma once

#include <roi/regions/relabel.hpp>
#include <roi/stats/cluster_table.hpp>
#include <roi/table/names.hpp>

#include "images.hpp"
#include <cstdint>
#include <string>
#include <utility>
#include <vector>

namespace command {

/// Reads `--atlas` and `--names`, where they are given, and says which names fit no region and which regions have none.
inline void read_atlas(Session& session, const std::string& atlas, const std::string& names,
                       const roi::WarningHandler& warning, roi::ClusterOptions& how) {
    if (!names.empty()) how.names = roi::read_names(names);
    if (atlas.empty()) return;
    // With numbers of our own, so that those of the atlas may be any.
    auto parts = roi::relabel(read_volume<std::int64_t>(session, atlas));
    roi::warn_of_names(how.names, parts.sources, warning);
    std::vector<roi::RegionNames::Entry> names_of_parts;
    for (const auto source : parts.sources) {
        names_of_parts.emplace_back(static_cast<std::int64_t>(names_of_parts.size()) + 1, how.names[source]);
    }
    how.atlas = std::move(parts.atlas);
    how.names = roi::RegionNames(std::move(names_of_parts));
}

}  // namespace command
