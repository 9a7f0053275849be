// roi intersect, roi overlap: how masks and atlases agree.
#include <roi/image/comparison.hpp>
#include <roi/io/load.hpp>
#include <roi/regions/intersect_masks.hpp>
#include <roi/regions/overlap.hpp>

#include "commands.hpp"
#include "support/images.hpp"
#include <cstdint>
#include <string>
#include <vector>

namespace command {

void add_intersect(Cli& cli) {
    struct Options {
        std::vector<std::string> inputs;
        std::string output;
        double fraction = 1.0;
        bool largest = false;
    };
    const auto [command, options] = cli.add<Options>("intersect", "Masks and regions",
                                                     "Where more than a fraction of some masks are true");
    command.inputs(options->inputs, "MASK...");
    command.output(options->output);
    command.number("--fraction", options->fraction, "F", "In more than this part of the masks; 1: in all")
        ->check(CLI::Range(0.0, 1.0));
    command.flag("--largest", options->largest, "The largest component only");
    command.run([options = options](Session& session) {
        const auto masks = read_masks(session, options->inputs);
        write_image(session,
                    roi::intersect_masks(masks, {.fraction = options->fraction, .largest = options->largest}),
                    options->output);
    });
}

void add_overlap(Cli& cli) {
    struct Options {
        std::string a, b, output, format;
        bool distances = false;
    };
    const auto [command, options] = cli.add<Options>(
        "overlap", "Masks and regions",
        "Dice and Jaccard of two masks, or of two atlases by label; two empty images are one "
        "region without voxels, n/a");
    command.input(options->a, "A");
    command.input(options->b, "B");
    command.output_table(options->output, options->format);
    command.flag(
        "--distances", options->distances,
        "Also columns hausdorff, hausdorff_95 and surface_distance, in mm: the largest distance to the other "
        "region, that of 95 percent, and the mean between the surfaces");
    command.run([options = options](Session& session) {
        const auto a = read_volume<std::int64_t>(session, options->a);
        const auto b = read_volume<std::int64_t>(session, options->b);
        auto rows = roi::overlap_of_labels(a, b);
        // Two empty masks are one region without voxels.
        if (rows.empty()) rows.emplace_back();
        auto table = roi::to_table(rows);
        if (options->distances) {
            roi::DataTable::Numbers most, nearly_most, surfaces;
            for (const auto& row : rows) {
                const auto in_a = a == row.label, in_b = b == row.label;
                most.push_back(roi::hausdorff(in_a, in_b));
                nearly_most.push_back(roi::hausdorff(in_a, in_b, {.percentile = 95.0}));
                surfaces.push_back(roi::mean_surface_distance(in_a, in_b));
            }
            table.add("hausdorff", most).add("hausdorff_95", nearly_most).add("surface_distance", surfaces);
        }
        session.output_table(table, options->output, options->format);
    });
}

}  // namespace command
