// roi grow, roi distance: masks and millimetres.
#include <roi/image/logical.hpp>
#include <roi/morphology/distance.hpp>

#include "commands.hpp"
#include "support/images.hpp"
#include "support/mask.hpp"
#include "support/wording.hpp"
#include <cmath>
#include <string>

namespace command {

void add_distance(Cli& cli) {
    struct Options {
        std::string input, output;
        double distance = 0.0;
    };
    {
        const auto [command, options] =
            cli.add<Options>("grow", "Masks and regions",
                             "Adds all voxels at most so far from a mask; takes them away for less than 0");
        command.input(options->input, "MASK");
        command.output(options->output);
        command.number("--distance", options->distance, "MM", "How far, in mm; less than 0 shrinks")
            ->required();
        command.run([options = options](Session& session) {
            if (!std::isfinite(options->distance))
                throw UsageError("--distance: expected a finite number of mm");
            const auto mask = read_mask(session, options->input);
            const auto grown = examples::in_file(options->input, [&] {
                return roi::grow(mask, options->distance, {.stop = Session::stop()});
            });
            write_image(session, grown, options->output);
        });
    }
    {
        const auto [command, options] =
            cli.add<Options>("distance", "Masks and regions",
                             "How deep each voxel lies in a mask: mm to the nearest voxel outside it");
        command.input(options->input, "MASK");
        command.output(options->output);
        command.run([options = options](Session& session) {
            const auto outside = roi::logical_not(read_mask(session, options->input));
            const auto depth = examples::in_file(options->input, [&] {
                return roi::distance_to(outside, {.warning = session.warning(), .stop = Session::stop()});
            });
            write_image(session, depth, options->output);
        });
    }
}

}  // namespace command
