// roi mean: the mean over time.
#include <roi/stats/mean.hpp>

#include "commands.hpp"
#include "support/images.hpp"
#include <string>

namespace command {

void add_mean(Cli& cli) {
    struct Options {
        std::string input, output;
    };
    const auto [command, options] = cli.add<Options>("mean", "Images", "The mean of a run over time");
    command.input(options->input, "IMAGE");
    command.output(options->output);
    command.run([options = options](Session& session) {
        with_source(session, options->input,
                    [&](auto source) { write_image(session, roi::mean(source), options->output); });
    });
}

}  // namespace command
