// roi smooth: a volume or a run, smoothed with a Gaussian, everywhere or within a mask.
#include <roi/spatial/smooth.hpp>

#include "commands.hpp"
#include "support/images.hpp"
#include "support/parse.hpp"
#include <string>
#include <vector>

namespace command {

void add_smooth(Cli& cli) {
    struct Options {
        std::string input, output, mask, border = "reflect";
        std::vector<double> fwhm;
        double truncate = 4.0;
    };
    const auto [command, options] = cli.add<Options>("smooth", "Images", "Smooths a volume or a run");
    command.input(options->input, "IMAGE");
    command.output(options->output);
    command
        .numbers("--fwhm", options->fwhm, "MM[,MM,MM]",
                 "Full width at half maximum in mm, for all axes or each")
        ->required();
    command.file("--mask", options->mask,
                 "Voxels outside this mask neither give nor get; weights are renormalised");
    command.choice("--border", options->border, {"reflect", "nearest", "mirror", "constant"},
                   "What lies beyond the outermost voxels");
    command.number("--truncate", options->truncate, "SD", "Radius of the kernel in standard deviations");
    command.run([options = options](Session& session) {
        const auto mm = three("--fwhm", options->fwhm, true);
        const auto fwhm = from_options([&] { return roi::Fwhm(mm[0], mm[1], mm[2]); });
        if (!(options->truncate > 0.0)) throw UsageError("--truncate: expected a number above 0");
        const roi::SmoothOptions how{.border = options->border == "nearest"    ? roi::Border::nearest
                                               : options->border == "mirror"   ? roi::Border::mirror
                                               : options->border == "constant" ? roi::Border::constant
                                                                               : roi::Border::reflect,
                                     .truncate = options->truncate};
        const auto file = session.input(options->input);
        const auto as = with_axes_of(file);
        with_opened(session, file, [&](auto source) {
            if (options->mask.empty()) {
                return write_source(session, roi::smooth(std::move(source), fwhm, how), options->output, as);
            }
            const auto mask = read_volume<bool>(session, options->mask);
            write_source(session, roi::smooth_within(std::move(source), mask, fwhm, how), options->output,
                         as);
        });
    });
}

}  // namespace command
