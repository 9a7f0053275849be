// roi dilate, roi erode: masks that grow and shrink.
#include <roi/morphology/dilate.hpp>
#include <roi/morphology/erode.hpp>

#include "commands.hpp"
#include "support/images.hpp"
#include "support/parse.hpp"
#include <array>
#include <cmath>
#include <cstdint>
#include <string>
#include <vector>

namespace command {

namespace {

struct Options {
    std::string input, output, structure = "faces", mask;
    std::int64_t iterations = 1;
    int border_value = 0;
    std::vector<double> origin{0, 0, 0};
};

template <class Change>
void add_one(Cli& cli, const char* name, const char* what, const Change& change) {
    const auto [command, options] = cli.add<Options>(name, "Masks and regions", what);
    command.input(options->input, "MASK");
    command.output(options->output);
    command.text("--structure", options->structure, "S",
                 "Neighbours: faces (6), edges (18), corners (26) or ball:MM");
    command.number("--iterations", options->iterations, "N", "How often; 0 until nothing changes")
        ->check(CLI::NonNegativeNumber);
    command.file("--mask", options->mask, "Voxels outside this mask keep their value");
    command.number("--border-value", options->border_value, "0|1", "What lies outside the image")
        ->check(CLI::Range(0, 1));
    command.numbers("--origin", options->origin, "X,Y,Z", "Moves the centre of the structure, in voxels");
    command.run([options = options, change](Session& session) {
        const auto mask = read_volume<bool>(session, options->input);
        roi::MorphologyOptions how{.structure = structure(options->structure, mask.grid()),
                                   .iterations = options->iterations,
                                   .border_value = options->border_value == 1};
        const auto origin = three("--origin", options->origin, false);
        for (std::size_t axis = 0; axis < 3; ++axis) how.origin[axis] = std::llround(origin[axis]);
        if (!options->mask.empty()) how.mask = read_volume<bool>(session, options->mask);
        write_image(session, change(mask, how), options->output);
    });
}

}  // namespace

void add_dilate_erode(Cli& cli) {
    add_one(cli, "dilate", "Adds the neighbours of a mask's voxels",
            [](const roi::Mask& mask, const roi::MorphologyOptions& how) { return roi::dilate(mask, how); });
    add_one(cli, "erode", "Keeps the voxels whose neighbours all belong to the mask",
            [](const roi::Mask& mask, const roi::MorphologyOptions& how) { return roi::erode(mask, how); });
}

}  // namespace command
