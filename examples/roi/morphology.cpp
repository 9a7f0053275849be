// roi dilate, erode, opening, closing, fill-holes, propagate: masks changed by a neighbourhood.
#include <roi/morphology/dilate.hpp>
#include <roi/morphology/erode.hpp>
#include <roi/morphology/fill_holes.hpp>
#include <roi/morphology/opening.hpp>
#include <roi/morphology/propagate.hpp>

#include "commands.hpp"
#include "support/images.hpp"
#include "support/parse.hpp"
#include <array>
#include <cstdint>
#include <string>
#include <vector>

namespace command {

namespace {

struct StructureOptions {
    std::string input, output, structure = "faces", mask;
    std::int64_t iterations = 1;
    int border_value = 0;
    std::vector<double> origin{0, 0, 0};
    bool keep_border = false;
};

void structure_option(const Command& command, std::string& structure) {
    command.text("--structure", structure, "S", "Neighbours: faces (6), edges (18), corners (26) or ball:MM");
}

/// Declares a subcommand with the options of `dilate`; `change(mask, options, more)` makes its result.
template <class Change>
void add_one(Cli& cli, const char* name, const char* what, const Change& change) {
    const std::string_view called = name;
    const auto [command, options] = cli.add<StructureOptions>(name, "Masks and regions", what);
    command.input(options->input, "MASK");
    command.output(options->output);
    structure_option(command, options->structure);
    if (called == "dilate" || called == "erode") {
        command.number("--iterations", options->iterations, "N", "How often; 0 until nothing changes")
            ->check(at_least_zero());
    } else {
        command.number("--iterations", options->iterations, "N", "How often")->check(above_zero());
    }
    command.file("--mask", options->mask, "Voxels outside this mask keep their value");
    auto* const border =
        command.number("--border-value", options->border_value, "0|1", "What lies outside the image")
            ->check(CLI::Range(0, 1));
    command.numbers("--origin", options->origin, "X,Y,Z", "Moves the centre of the structure, in voxels");
    if (called == "closing") {
        command.flag("--keep-border", options->keep_border, "Loses nothing at the border of the image")
            ->excludes(border);
    }
    command.run([options = options, change](Session& session) {
        const auto mask = read_volume<bool>(session, options->input);
        roi::MorphologyOptions how{.structure = structure(options->structure, mask.grid()),
                                   .iterations = options->iterations,
                                   .border_value = options->border_value == 1,
                                   .origin = whole_three("--origin", options->origin),
                                   .stop = Session::stop()};
        (void)from_options([&] { return how.structure.moved_centre(how.origin); });
        if (!options->mask.empty()) how.mask = read_volume<bool>(session, options->mask);
        write_image(session, change(mask, how, *options), options->output);
    });
}

}  // namespace

void add_morphology(Cli& cli) {
    using roi::Mask, roi::MorphologyOptions;
    add_one(cli, "dilate", "Adds the neighbours of a mask's voxels",
            [](const Mask& mask, const MorphologyOptions& how, const StructureOptions&) {
                return roi::dilate(mask, how);
            });
    add_one(cli, "erode", "Keeps the voxels whose neighbours all belong to the mask",
            [](const Mask& mask, const MorphologyOptions& how, const StructureOptions&) {
                return roi::erode(mask, how);
            });
    add_one(cli, "opening", "Takes away the parts that the structure does not fit into",
            [](const Mask& mask, const MorphologyOptions& how, const StructureOptions&) {
                return roi::opening(mask, how);
            });
    add_one(cli, "closing", "Fills the gaps that the structure does not fit into",
            [](const Mask& mask, const MorphologyOptions& how, const StructureOptions& options) {
                return roi::closing(mask, {how.structure, how.iterations, how.mask, how.border_value,
                                           how.origin, options.keep_border, how.stop});
            });

    struct Simple {
        std::string input, output, structure = "faces", mask;
    };
    {
        const auto [command, options] =
            cli.add<Simple>("fill-holes", "Masks and regions", "Fills what cannot be reached from outside");
        command.input(options->input, "MASK");
        command.output(options->output);
        structure_option(command, options->structure);
        command.run([options = options](Session& session) {
            const auto mask = read_volume<bool>(session, options->input);
            write_image(session,
                        roi::fill_holes(mask, {.structure = structure(options->structure, mask.grid())}),
                        options->output);
        });
    }
    {
        const auto [command, options] = cli.add<Simple>("propagate", "Masks and regions",
                                                        "Spreads seeds as far as a mask hangs together");
        command.input(options->input, "SEED");
        command.output(options->output);
        structure_option(command, options->structure);
        command.file("--mask", options->mask, "Where seeds may spread; everywhere without");
        command.run([options = options](Session& session) {
            const auto seed = read_volume<bool>(session, options->input);
            roi::PropagateOptions how{.structure = structure(options->structure, seed.grid())};
            if (!options->mask.empty()) how.mask = read_volume<bool>(session, options->mask);
            write_image(session, roi::propagate(seed, how), options->output);
        });
    }
}

}  // namespace command
