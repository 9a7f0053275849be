// roi smooth: a volume or a run, smoothed with a Gaussian.
#include <roi/spatial/smooth.hpp>

#include "commands.hpp"
#include "support/images.hpp"
#include "support/parse.hpp"
#include <string>
#include <vector>

namespace command {

void add_smooth(Cli& cli) {
    struct Options {
        std::string input, output;
        std::vector<double> fwhm;
    };
    const auto [command, options] = cli.add<Options>("smooth", "Images", "Smooths a volume or a run");
    command.input(options->input, "IMAGE");
    command.output(options->output);
    command
        .numbers("--fwhm", options->fwhm, "MM[,MM,MM]",
                 "Full width at half maximum in mm, for all axes or each")
        ->required();
    command.run([options = options](Session& session) {
        const auto mm = three("--fwhm", options->fwhm, true);
        const auto fwhm = from_options([&] { return roi::Fwhm(mm[0], mm[1], mm[2]); });
        with_source(session, options->input, [&](auto source) {
            write_source(session, roi::smooth(std::move(source), fwhm), options->output);
        });
    });
}

}  // namespace command
