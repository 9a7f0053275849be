// roi intersect, roi overlap: how masks and atlases agree.
#include <roi/core/text.hpp>
#include <roi/io/load.hpp>
#include <roi/regions/intersect_masks.hpp>
#include <roi/regions/overlap.hpp>
#include <roi/table/names.hpp>

#include "commands.hpp"
#include "support/images.hpp"
#include "support/mask.hpp"
#include "support/wording.hpp"
#include <cstdint>
#include <limits>
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

namespace {

constexpr double no_number = std::numeric_limits<double>::quiet_NaN();

/// Are these the labels of two masks that are stored with 1 and 255? Says so, and when two atlases have no label in common.
bool compared_as_masks(const std::vector<roi::Overlap>& rows, bool named, Session& session) {
    std::vector<std::int64_t> in_a, in_b;
    for (const auto& row : rows) {
        if (row.size_a > 0 && row.size_b > 0) return false;
        if (row.size_a > 0) in_a.push_back(row.label);
        if (row.size_b > 0) in_b.push_back(row.label);
    }
    if (in_a.empty() || in_b.empty()) return false;
    const auto of_mask = [](const auto& labels) {
        return labels.size() == 1 && (labels.front() == 1 || labels.front() == 255);
    };
    const bool masks = !named && of_mask(in_a) && of_mask(in_b);
    if (const auto warn = session.warning()) {
        warn(masks ? roi::text("compared as two masks: A has the label ", in_a.front(), " alone, B ",
                               in_b.front())
                   : roi::text("A and B have no label in common: A has ", roi::listed(in_a), ", B ",
                               roi::listed(in_b),
                               "; of masks with other numbers make masks with roi binarize"));
    }
    return masks;
}

}  // namespace

void add_overlap(Cli& cli) {
    struct Options {
        std::string a, b, output, format, names;
        bool distances = false, all = false;
    };
    const auto [command, options] = cli.add<Options>(
        "overlap", "Masks and regions",
        "Dice and Jaccard of two masks, or of two atlases by label; two empty images are one "
        "region without voxels, n/a. Images of 1 and of 255 alone are two masks");
    command.input(options->a, "A");
    command.input(options->b, "B");
    command.output_table(options->output, options->format);
    command.flag("--all", options->all,
                 "Also columns coefficient, the voxels in common by those of the smaller region, and "
                 "volume_similarity, 1 less the difference of sizes by their sum");
    command.flag(
        "--distances", options->distances,
        "Also columns hausdorff, hausdorff_95 and surface_distance, in mm: the largest distance to the other "
        "region, that of 95 percent, and the mean between the surfaces");
    command.table("--names", options->names, "Names of the labels: a column name");
    command.run([options = options](Session& session) {
        auto a = read_volume<std::int64_t>(session, options->a);
        auto b = read_volume<std::int64_t>(session, options->b);
        auto rows = roi::overlap_of_labels(a, b);
        // Two empty masks are one region without voxels.
        if (rows.empty()) rows.emplace_back();
        if (compared_as_masks(rows, !options->names.empty(), session)) {
            for (auto* const atlas : {&a, &b}) {
                for (auto& label : *atlas) label = label != 0;
            }
            rows = roi::overlap_of_labels(a, b);
        }
        auto table = roi::to_table(rows);
        if (options->all) {
            roi::DataTable::Numbers coefficients, similarities;
            for (const auto& row : rows) {
                coefficients.push_back(row.coefficient());
                similarities.push_back(row.volume_similarity());
            }
            table.add("coefficient", coefficients).add("volume_similarity", similarities);
        }
        if (options->distances) {
            auto apart = examples::in_file(options->a + ", --distances",
                                           [&] { return roi::distances_of_labels(a, b); });
            if (apart.empty()) apart.push_back({1, no_number, no_number, no_number});
            roi::DataTable::Numbers most, nearly_most, surfaces;
            for (const auto& row : apart) {
                most.push_back(row.hausdorff);
                nearly_most.push_back(row.hausdorff_95);
                surfaces.push_back(row.surface_distance);
            }
            table.add("hausdorff", most).add("hausdorff_95", nearly_most).add("surface_distance", surfaces);
        }
        if (!options->names.empty()) {
            const auto names = roi::read_names(options->names);
            std::vector<std::int64_t> labels;
            std::vector<std::string> called;
            for (const auto& row : rows) {
                labels.push_back(row.label);
                called.push_back(names[row.label]);
            }
            roi::warn_of_names(names, labels, session.warning());
            table.add("name", called);
        }
        session.output_table(table, options->output, options->format);
    });
}

}  // namespace command
