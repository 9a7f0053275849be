// roi relabel: the connected parts of every label as labels of their own.
#include <roi/regions/relabel.hpp>

#include "commands.hpp"
#include "support/images.hpp"
#include "support/parse.hpp"
#include <cstdint>
#include <string>

namespace command {

void add_relabel(Cli& cli) {
    struct Options {
        std::string input, output, connectivity = "faces";
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
    command.run([options = options](Session& session) {
        const roi::ConnectedLabelOptions parts{.connectivity = connectivity(options->connectivity),
                                               .min_volume = options->min_volume};
        const auto labels = read_volume<std::int64_t>(session, options->input);
        const auto relabelled =
            options->split_sides ? roi::connected_label_regions(
                                       roi::split_sides(labels, {.warning = session.warning()}).atlas, parts)
                                 : roi::connected_label_regions(labels, parts);
        write_image(session, relabelled.atlas, options->output);
    });
}

}  // namespace command
