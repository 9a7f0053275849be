// roi spheres: labels round places in millimetres.
#include <roi/core/text.hpp>
#include <roi/image/metadata.hpp>
#include <roi/io/read_header.hpp>
#include <roi/regions/spheres.hpp>
#include <roi/table/table.hpp>

#include "commands.hpp"
#include "support/centres.hpp"
#include "support/images.hpp"
#include "support/parse.hpp"
#include "support/wording.hpp"
#include <optional>
#include <string>
#include <vector>

namespace command {

void add_spheres(Cli& cli) {
    struct Options {
        std::string output, like, centres;
        std::vector<double> at;
        std::optional<double> radius;
    };
    const auto [command, options] =
        cli.add<Options>("spheres", "Masks and regions", "Labels spheres round places in mm");
    command.output(options->output);
    command.file("--like", options->like, "An image on whose grid they lie")->required();
    auto* const centres = command.table("--centres", options->centres,
                                        "Table with columns x, y, z, and perhaps radius, name; names the "
                                        "result as --names of other subcommands; a sphere has the number of "
                                        "its row");
    auto* const at = command.numbers("--at", options->at, "X,Y,Z", "One centre, in mm");
    centres->excludes(at);
    command
        .number("--radius", options->radius, "MM", "Of rows without one of their own; 0 is the nearest voxel")
        ->default_str("0")
        ->check(at_least_zero());
    command.run([options = options](Session& session) {
        std::vector<roi::Sphere> spheres;
        if (!options->at.empty()) {
            const auto [x, y, z] = three("--at", options->at, false);
            spheres.push_back({{x, y, z}, options->radius.value_or(0.0)});
        } else if (!options->centres.empty()) {
            spheres = examples::in_file(options->centres, [&] {
                const auto table = read_centres(options->centres);
                auto out = roi::spheres_of(table, options->radius.value_or(0.0));
                if (options->radius) warn_of_own_radii(session, options->centres, table);
                warn_of_other_numbers(session, options->centres, table,
                                      "--names takes its numbers, so order the rows by it or leave it out");
                return out;
            });
            if (spheres.empty()) {
                throw roi::InvalidArgument(options->centres + ": no row, expected one for each sphere");
            }
        } else {
            throw UsageError("expected --centres TABLE or --at X,Y,Z");
        }
        const auto info = roi::read_header(session.input(options->like), reading(session));
        auto labels = roi::spheres(info.grid, spheres, {.warning = session.warning()});
        labels.metadata() = roi::inherited_by_labels(info.metadata);
        write_image(session, labels, options->output);
    });
}

}  // namespace command
