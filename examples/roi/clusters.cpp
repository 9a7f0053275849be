// roi clusters: where a map is strong, a row a peak.
#include <roi/stats/cluster_table.hpp>

#include "commands.hpp"
#include "support/atlas.hpp"
#include "support/images.hpp"
#include "support/parse.hpp"
#include <cstdint>
#include <string>
#include <utility>

namespace command {

void add_clusters(Cli& cli) {
    struct Options {
        std::string input, output, format, atlas, names, shares, label_map, connectivity = "faces";
        double threshold = 0.0, min_distance = 8.0;
        std::int64_t min_size = 1;
        bool two_sided = false;
    };
    const auto [command, options] =
        cli.add<Options>("clusters", "Masks and regions", "The clusters of a map with their peaks");
    command.input(options->input, "MAP");
    command.output_table(options->output, options->format);
    command
        .number("--threshold", options->threshold, "X",
                "Clusters lie above it, not at it (roi threshold keeps what is at it too); below it when it "
                "is negative")
        ->required();
    command.flag("--two-sided", options->two_sided, "Also clusters below minus the threshold");
    command.number("--min-size", options->min_size, "N", "Fewest voxels of a cluster")
        ->check(at_least_zero());
    command
        .number("--min-distance", options->min_distance, "MM",
                "Peaks of a cluster are further apart than this")
        ->check(above_zero());
    command.text("--connectivity", options->connectivity, "S",
                 "Voxels of a cluster: faces or 6, edges or 18, corners or 26");
    command
        .written("--label-map", options->label_map,
                 "Image to write: the number of the cluster that each voxel belongs to")
        ->check(image_problem);
    auto* const atlas = command.file("--atlas", options->atlas, "An atlas that says the region of each peak");
    command.table("--names", options->names, "Names of the atlas's labels")->needs(atlas);
    command
        .written_table("--shares", options->shares,
                       "Table to write: how many percent of each cluster lie in each region")
        ->needs(atlas);
    command.run([options = options](Session& session) {
        if (options->two_sided && options->threshold < 0.0) {
            throw UsageError("--two-sided takes a threshold of 0 or more, for both sides");
        }
        roi::ClusterOptions how;
        how.two_sided = options->two_sided;
        how.min_size = options->min_size;
        how.min_distance = options->min_distance;
        how.connectivity = connectivity(options->connectivity);
        how.warning = session.warning();
        read_atlas(session, options->atlas, options->names, session.warning(), how);
        with_volume(session, options->input, [&](const auto& map) {
            const auto found = roi::cluster_table(map, options->threshold, how);
            if (!options->label_map.empty()) write_image(session, found.clusters, options->label_map);
            if (!options->shares.empty()) session.output_table(roi::shares_table(found), options->shares, {});
            session.output_table(roi::to_table(found), options->output, options->format);
        });
    });
}

}  // namespace command
