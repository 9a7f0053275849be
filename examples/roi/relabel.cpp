// roi relabel: the connected parts of every label as labels of their own.
#include <roi/regions/regions.hpp>
#include <roi/regions/relabel.hpp>
#include <roi/table/data_table.hpp>
#include <roi/table/names.hpp>

#include "commands.hpp"
#include "support/images.hpp"
#include "support/parse.hpp"
#include <cstddef>
#include <cstdint>
#include <map>
#include <string>
#include <utility>
#include <vector>

namespace command {

namespace {

/// What each new label was: a table that names the new labels, with the label that each had.
roi::DataTable names_of_parts(const roi::Relabelling& parts, const roi::RegionNames& names, bool sides) {
    std::vector<std::int64_t> numbers;
    std::vector<std::string> called;
    std::map<std::string, int> seen;
    const auto regions = roi::regions(parts.atlas);
    for (std::size_t i = 0; i < parts.sources.size(); ++i) {
        auto name = names[parts.sources[i]];
        if (sides) name += parts.atlas.grid().world(regions[i].center)[0] < -1e-3 ? ", left" : ", right";
        // Further parts of one region are counted.
        if (const int part = ++seen[name]; part > 1) name += roi::text(" ", part);
        numbers.push_back(static_cast<std::int64_t>(i) + 1);
        called.push_back(std::move(name));
    }
    roi::DataTable out;
    out.add("index", numbers).add("name", called).add("source", parts.sources);
    return out;
}

}  // namespace

void add_relabel(Cli& cli) {
    struct Options {
        std::string input, output, connectivity = "faces", names, table;
        double min_volume = 0.0;
        bool split_sides = false;
    };
    const auto [command, options] = cli.add<Options>(
        "relabel", "Masks and regions", "Makes every connected part of every label a label of its own");
    command.input(options->input, "LABELS");
    command.output(options->output);
    command.text("--connectivity", options->connectivity, "S", "faces (6), edges (18) or corners (26)");
    command.number("--min-volume", options->min_volume, "MM3", "Smallest part that stays")
        ->check(at_least_zero());
    command.flag("--split-sides", options->split_sides, "Split at x = 0 mm first, left before right");
    command.file("--names", options->names, "Names of the labels as they were");
    command.written_table(
        "--table", options->table,
        "Table to write: index and name of each new label, and the label it had (source); names "
        "the new image as --names of other subcommands");
    command.run([options = options](Session& session) {
        if (!options->names.empty() && options->table.empty()) throw UsageError("--names needs --table");
        roi::RegionNames names;
        if (!options->names.empty()) names = roi::read_names(options->names);
        const roi::ConnectedLabelOptions parts{.connectivity = connectivity(options->connectivity),
                                               .min_volume = options->min_volume};
        const auto labels = read_volume<std::int64_t>(session, options->input);
        const auto old = roi::region_labels(labels);
        roi::warn_of_names(names, {old.begin(), old.end()}, session.warning());
        roi::Relabelling relabelled;
        if (options->split_sides) {
            const auto sides = roi::split_sides(labels, {.warning = session.warning()});
            relabelled = roi::connected_label_regions(sides.atlas, parts);
            for (auto& source : relabelled.sources)
                source = sides.sources[static_cast<std::size_t>(source) - 1];
        } else {
            relabelled = roi::connected_label_regions(labels, parts);
        }
        if (!options->table.empty()) {
            session.output_table(names_of_parts(relabelled, names, options->split_sides), options->table, {});
        }
        write_image(session, relabelled.atlas, options->output);
    });
}

}  // namespace command
