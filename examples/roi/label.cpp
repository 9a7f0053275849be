// roi label: the connected components of a mask.
#include <roi/regions/label.hpp>

#include "commands.hpp"
#include "support/images.hpp"
#include "support/mask.hpp"
#include "support/parse.hpp"
#include "support/say_before.hpp"
#include <cstdint>
#include <string>

namespace command {

void add_label(Cli& cli) {
    struct Options {
        std::string input, output, connectivity = "faces", order = "first";
        std::int64_t min_size = 1;
    };
    const auto [command, options] =
        cli.add<Options>("label", "Masks and regions", "Numbers the connected components of a mask");
    command.input(options->input, "MASK");
    command.output(options->output);
    command.text("--connectivity", options->connectivity, "S", "faces or 6, edges or 18, corners or 26");
    command.number("--min-size", options->min_size, "N", "Fewest voxels of a component")
        ->check(at_least_zero());
    command.choice("--order", options->order, {"first", "size"}, "Number by first voxel or by size");
    command.run([options = options](Session& session) {
        const auto joined = connectivity(options->connectivity);
        const auto [atlas, count] =
            roi::label(read_mask(session, options->input),
                       {.connectivity = joined,
                        .min_size = options->min_size,
                        .order = options->order == "size" ? roi::LabelOrder::size : roi::LabelOrder::first});
        say_before(session, roi::text(count), options->output == "-",
                   [&, &atlas = atlas] { write_image(session, atlas, options->output); });
    });
}

}  // namespace command
