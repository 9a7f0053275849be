// roi brain-mask: where the brain is, from a run or a volume alone.
#include <roi/core/text.hpp>
#include <roi/regions/brain_mask.hpp>
#include <roi/stats/mean.hpp>

#include "commands.hpp"
#include "support/images.hpp"
#include "support/parse.hpp"
#include "support/wording.hpp"
#include <cstdint>
#include <string>

namespace command {

void add_brain_mask(Cli& cli) {
    struct Options {
        std::string input, output, method = "epi", components;
        double lower = 0.2, upper = 0.85;
        std::int64_t border_size = 2, opening = -1;
        bool exclude_zeros = false;
    };
    const auto [command, options] = cli.add<Options>("brain-mask", "Masks and regions",
                                                     "Finds the brain in the mean of a run, or in a volume");
    command.input(options->input, "IMAGE");
    command.output(options->output);
    command.choice("--method", options->method, {"epi", "background"},
                   "Above the widest gap between values, or unlike the border of the image");
    auto* const lower = command.number("--lower-cutoff", options->lower, "F",
                                       "The gap lies above this part of the voxels, sorted by value");
    auto* const upper = command.number("--upper-cutoff", options->upper, "F", "And below this part");
    auto* const zeros =
        command.flag("--exclude-zeros", options->exclude_zeros, "Voxels of value 0 do not count among them");
    auto* const border = command
                             .number("--border-size", options->border_size, "N",
                                     "How many voxels deep the border is whose median is the background")
                             ->check(above_zero());
    command.app()
        .add_option("--opening", options->opening,
                    "Erosions that take thin parts away, and are undone (epi: 2, background: 0)")
        ->type_name("N")
        ->check(at_least_zero());
    command.app()
        .add_option("--components", options->components,
                    "largest or all: which parts are kept (epi: largest, background: all)")
        ->type_name("WHICH")
        ->check(CLI::IsMember({"largest", "all"}));
    command.run([options = options, lower, upper, zeros, border](Session& session) {
        const bool epi = options->method == "epi";
        for (const auto* const option : {lower, upper, zeros, border}) {
            if (option->count() > 0 && epi == (option == border))
                throw UsageError(option->get_name() + " makes no sense with --method " + options->method);
        }
        if (epi && !(options->lower >= 0.0 && options->lower < options->upper && options->upper <= 1.0)) {
            throw UsageError(
                roi::text("--lower-cutoff and --upper-cutoff: expected parts of the voxels from 0 to "
                          "1, the lower one less, found ",
                          options->lower, " and ", options->upper));
        }
        const auto opening = options->opening >= 0 ? options->opening : epi ? 2 : 0;
        const bool connected = options->components.empty() ? epi : options->components == "largest";
        const auto image = with_source(session, options->input,
                                       [&](auto source) { return roi::mean(source, scanning(session)); });
        const auto mask = examples::in_file(options->input, [&] {
            return epi ? roi::compute_epi_mask(image, {.lower_cutoff = options->lower,
                                                       .upper_cutoff = options->upper,
                                                       .exclude_zeros = options->exclude_zeros,
                                                       .opening = opening,
                                                       .connected = connected,
                                                       .warning = session.warning()})
                       : roi::compute_background_mask(image, {.border_size = options->border_size,
                                                              .opening = opening,
                                                              .connected = connected,
                                                              .warning = session.warning()});
        });
        write_image(session, mask, options->output);
    });
}

}  // namespace command
