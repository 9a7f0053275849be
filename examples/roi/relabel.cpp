// roi relabel: the connected parts of every label as labels of their own.
#include <roi/regions/regions.hpp>
#include <roi/regions/relabel.hpp>
#include <roi/table/names.hpp>

#include "commands.hpp"
#include "support/images.hpp"
#include "support/parse.hpp"
#include "support/say_before.hpp"
#include <algorithm>
#include <cstdint>
#include <string>
#include <utility>

namespace command {

void add_relabel(Cli& cli) {
    struct Options {
        std::string input, output, connectivity = "faces", order = "first", names, table;
        double min_volume = 0.0;
        bool split_sides = false, whole = false;
    };
    const auto [command, options] =
        cli.add<Options>("relabel", "Masks and regions",
                         "Makes every connected part of every label, be it below 0, a label of its own; "
                         "prints how many there are");
    command.input(options->input, "LABELS");
    command.output(options->output);
    auto* const connected =
        command.text("--connectivity", options->connectivity, "S", "faces or 6, edges or 18, corners or 26");
    auto* const least =
        command.number("--min-volume", options->min_volume, "MM3", "Smallest part that stays")
            ->check(at_least_zero());
    command.choice("--order", options->order, {"first", "size"},
                   "Number label by label and by first voxel, or all by size");
    command.flag("--split-sides", options->split_sides,
                 "Split at x = 0 mm first, left before right; what lies at 0 is right");
    command
        .flag("--whole", options->whole,
              "Parts stay together: labels are only numbered anew, without gaps, and split if wanted")
        ->excludes(connected)
        ->excludes(least);
    auto* const table = command.written_table(
        "--table", options->table,
        "Table to write: index and name of each new label, and the label it had (source); names "
        "the new image as --names of other subcommands");
    command.table("--names", options->names, "Names of the labels as they were")->needs(table);
    command.run([options = options](Session& session) {
        roi::RegionNames names;
        if (!options->names.empty()) names = roi::read_names(options->names);
        const roi::ConnectedLabelOptions parts{.connectivity = connectivity(options->connectivity),
                                               .min_volume = options->min_volume};
        const auto labels = read_volume<std::int64_t>(session, options->input);
        roi::warn_of_names(names, roi::region_labels(labels), session.warning());
        auto relabelled = [&] {
            if (!options->split_sides) {
                return options->whole ? roi::relabel(labels) : roi::connected_label_regions(labels, parts);
            }
            auto sides = roi::split_sides(labels, {.warning = session.warning()});
            if (options->whole) return sides;
            return roi::connected_label_regions(sides, parts);
        }();
        if (options->order == "size") relabelled = roi::ordered_by_size(std::move(relabelled));
        if (relabelled.sources.empty()) {
            const bool any = std::any_of(labels.begin(), labels.end(), [](auto label) { return label != 0; });
            session.warn(any ? roi::text("nothing is left: no part has ", options->min_volume,
                                         " mm3, see --min-volume")
                             : roi::text("nothing is left: every voxel of ", options->input, " is 0"));
        }
        if (!options->table.empty()) {
            const auto called = roi::part_names(relabelled, names, {.sides = options->split_sides});
            session.output_table(roi::to_table(relabelled, called), options->table, {});
        }
        const auto write = [&] { write_image(session, relabelled.atlas, options->output); };
        // A table that is printed has as many rows.
        if (options->table == "-") return write();
        say_before(session, roi::text(relabelled.sources.size()), options->output == "-", write);
    });
}

}  // namespace command
