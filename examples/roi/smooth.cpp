// roi smooth: a volume or a run, smoothed with a Gaussian, everywhere or within a mask.
#include <roi/core/text.hpp>
#include <roi/image/metadata.hpp>
#include <roi/spatial/smooth.hpp>

#include "commands.hpp"
#include "support/images.hpp"
#include "support/mask.hpp"
#include "support/parse.hpp"
#include <string>
#include <utility>
#include <vector>

namespace command {

void add_smooth(Cli& cli) {
    struct Options {
        std::string input, output, mask, border = "reflect";
        std::vector<double> fwhm, sigma;
        bool mix = false;
        double truncate = 4.0;
    };
    const auto [command, options] = cli.add<Options>("smooth", "Images", "Smooths a volume or a run");
    command.input(options->input, "IMAGE");
    command.output(options->output);
    auto* const fwhm = command.numbers("--fwhm", options->fwhm, "MM[,MM,MM]",
                                       "Full width at half maximum in mm, for all axes or each");
    auto* const sigma = command.numbers("--sigma", options->sigma, "N[,N,N]",
                                        "Instead: standard deviation in voxels, for all axes or each");
    auto* const mix =
        command.flag("--mix-with-neighbours", options->mix,
                     "Instead: the mean of each voxel and a fifth of its 6 neighbours, nilearn's \"fast\"");
    command.file("--mask", options->mask,
                 "Voxels outside this mask neither give nor get; weights are renormalised");
    auto* const border =
        command.choice("--border", options->border, {"reflect", "nearest", "mirror", "constant"},
                       "What lies beyond the outermost voxels");
    auto* const truncate =
        command.number("--truncate", options->truncate, "SD", "Radius of the kernel in standard deviations");
    command.run([options = options, fwhm, sigma, mix, border, truncate](Session& session) {
        if ((fwhm->count() > 0) + (sigma->count() > 0) + (mix->count() > 0) != 1)
            throw UsageError("expected one of --fwhm, --sigma and --mix-with-neighbours");
        if (mix->count() > 0 && (!options->mask.empty() || border->count() > 0 || truncate->count() > 0))
            throw UsageError("--mix-with-neighbours has no --mask, --border and --truncate");
        if (!(options->truncate > 0.0)) throw UsageError("--truncate: expected a number above 0");
        const roi::SmoothOptions how{.border = options->border == "nearest"    ? roi::Border::nearest
                                               : options->border == "mirror"   ? roi::Border::mirror
                                               : options->border == "constant" ? roi::Border::constant
                                                                               : roi::Border::reflect,
                                     .truncate = options->truncate};
        const auto file = session.input(options->input);
        const auto as = with_axes_of(file);
        if (roi::read_header(file).metadata.intent.code == roi::label_intent) {
            session.warning()(
                roi::text(options->input,
                          " holds labels by its header, of which means are made; the result is no atlas"));
        }
        const auto written = [&](const auto& width) {
            with_opened(session, file, [&](auto source) {
                if (options->mask.empty()) {
                    return write_source(session, roi::smooth(std::move(source), width, how), options->output,
                                        as);
                }
                const auto mask = read_mask(session, options->mask);
                roi::require_same_grid(source.grid(), mask.grid(),
                                       roi::text(options->input, " and ", options->mask));
                write_source(session, roi::smooth_within(std::move(source), mask, width, how),
                             options->output, as);
            });
        };
        if (options->mix) {
            return with_opened(session, file, [&](auto source) {
                write_source(session, roi::mix_with_neighbours(std::move(source)), options->output, as);
            });
        }
        const bool in_mm = !options->fwhm.empty();
        const char* const option = in_mm ? "--fwhm" : "--sigma";
        const auto widths = three(option, in_mm ? options->fwhm : options->sigma, true);
        for (const double width : widths) {
            if (width < 0.0)
                throw UsageError(roi::text(option, ": expected a width of 0 or more, found ", width));
        }
        if (in_mm) return written(from_options([&] { return roi::Fwhm(widths[0], widths[1], widths[2]); }));
        written(from_options([&] { return roi::Sigma(widths[0], widths[1], widths[2]); }));
    });
}

}  // namespace command
