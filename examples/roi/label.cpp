// roi label: the connected components of a mask.
#include <roi/regions/label.hpp>

#include "commands.hpp"
#include "support/images.hpp"
#include "support/parse.hpp"
#include <string>

namespace command {

void add_label(Cli& cli) {
    struct Options {
        std::string input, output, connectivity = "faces";
    };
    const auto [command, options] =
        cli.add<Options>("label", "Masks and regions", "Numbers the connected components of a mask");
    command.input(options->input, "MASK");
    command.output(options->output);
    command.text("--connectivity", options->connectivity, "S", "faces (6), edges (18) or corners (26)");
    command.run([options = options](Session& session) {
        const auto [atlas, count] = roi::label(read_volume<bool>(session, options->input),
                                               {.connectivity = connectivity(options->connectivity)});
        write_image(session, atlas, options->output);
        session.say(roi::text(count));
    });
}

}  // namespace command
