// roi dilate, erode, opening, closing, gradient, top-hat, hit-or-miss, fill-holes, propagate: masks changed by a
// neighbourhood.
#include <roi/morphology/dilate.hpp>
#include <roi/morphology/erode.hpp>
#include <roi/morphology/fill_holes.hpp>
#include <roi/morphology/gradient.hpp>
#include <roi/morphology/hit_or_miss.hpp>
#include <roi/morphology/opening.hpp>
#include <roi/morphology/propagate.hpp>

#include "commands.hpp"
#include "support/images.hpp"
#include "support/mask.hpp"
#include "support/parse.hpp"
#include <array>
#include <cstdint>
#include <string>
#include <vector>

namespace command {

namespace {

struct StructureOptions {
    std::string input, output, structure = "faces", slices, mask, kind;
    std::int64_t iterations = 1;
    int border_value = 0;
    std::vector<double> origin{0, 0, 0};
    bool keep_border = false;
};

/// \param slices  x, y or z, or nothing
void structure_options(const Command& command, std::string& structure, std::string& slices) {
    command.app()
        .add_option("--slices", slices, "x, y or z: each slice across this axis by itself")
        ->type_name("AXIS")
        ->check(CLI::IsMember({"x", "y", "z"}));
    command.word_or_file(
        "--structure", structure, "S",
        "Neighbours: faces or 6, edges or 18, corners or 26, ball:MM, or an image that is not 0 there");
}

/// The structure that the two options tell.
roi::Structure structure_of(Session& session, const std::string& word, const std::string& slices,
                            const roi::Grid& grid) {
    auto out = structure(session, word, grid);
    if (!slices.empty()) {
        const auto whole = out.count();
        out = out.in_slice(slices[0] - 'x');
        // Of those with a name everybody knows that they have neighbours on all sides.
        if (const auto lost = whole - out.count(); lost > 0 && is_structure_file(word)) {
            session.warn(roi::text("--structure: ", lost, lost == 1 ? " voxel of " : " voxels of ", word,
                                   lost == 1 ? " lies" : " lie", " beyond the slice with its centre and ",
                                   lost == 1 ? "is" : "are", " left out by --slices ", slices));
        }
    }
    const auto voxels = out.count();
    const auto [x, y, z] = out.centre();
    if (voxels == 0) session.warn("--structure: no voxel of it is true, so that no voxel has neighbours");
    if (voxels == 1 && out(x, y, z)) {
        session.warn("--structure: no voxel but the one in the middle, which changes nothing");
    }
    return out;
}

/// Declares a subcommand with the options of `dilate`; `change(mask, options, more)` makes its result.
///
/// \param kinds  words of `--kind`, the first unless told; none where there is no such option
template <class Change>
void add_one(Cli& cli, const char* name, const char* what, const std::vector<std::string>& kinds,
             const Change& change) {
    const std::string_view called = name;
    const auto [command, options] = cli.add<StructureOptions>(name, "Masks and regions", what);
    command.input(options->input, "MASK");
    command.output(options->output);
    if (!kinds.empty()) {
        options->kind = kinds.front();
        command.choice("--kind", options->kind, kinds,
                       called == "gradient" ? "The edge on both sides of the border, or on one"
                                            : "What an opening takes away, or what a closing adds");
    }
    structure_options(command, options->structure, options->slices);
    if (called == "dilate" || called == "erode") {
        command.number("--iterations", options->iterations, "N", "How often; 0 until nothing changes")
            ->check(at_least_zero());
    } else {
        command.number("--iterations", options->iterations, "N", "How often")->check(above_zero());
    }
    command.file("--mask", options->mask,
                 kinds.empty() ? "Voxels outside this mask keep their value"
                               : "Outside this mask no voxel changes, so the result is 0 there");
    auto* const border =
        command.number("--border-value", options->border_value, "0|1", "What lies outside the image")
            ->check(CLI::Range(0, 1));
    command.numbers("--origin", options->origin, "X,Y,Z", "Moves the centre of the structure, in voxels");
    if (called == "closing") {
        command.flag("--keep-border", options->keep_border, "Loses nothing at the border of the image")
            ->excludes(border);
    }
    command.run([options = options, change](Session& session) {
        const auto mask = read_mask(session, options->input);
        roi::MorphologyOptions how{
            .structure = structure_of(session, options->structure, options->slices, mask.grid()),
            .iterations = options->iterations,
            .border_value = options->border_value == 1,
            .origin = whole_three("--origin", options->origin),
            .stop = Session::stop()};
        (void)from_options([&] { return how.structure.moved_centre(how.origin); });
        if (!options->mask.empty()) how.mask = read_mask(session, options->mask);
        write_image(session, change(mask, how, *options), options->output);
    });
}

}  // namespace

void add_morphology(Cli& cli) {
    using roi::Mask, roi::MorphologyOptions;
    add_one(cli, "dilate", "Adds the neighbours of a mask's voxels", {},
            [](const Mask& mask, const MorphologyOptions& how, const StructureOptions&) {
                return roi::dilate(mask, how);
            });
    add_one(cli, "erode", "Keeps the voxels whose neighbours all belong to the mask", {},
            [](const Mask& mask, const MorphologyOptions& how, const StructureOptions&) {
                return roi::erode(mask, how);
            });
    add_one(cli, "opening", "Takes away the parts that the structure does not fit into", {},
            [](const Mask& mask, const MorphologyOptions& how, const StructureOptions&) {
                return roi::opening(mask, how);
            });
    add_one(cli, "closing", "Fills the gaps that the structure does not fit into", {},
            [](const Mask& mask, const MorphologyOptions& how, const StructureOptions& options) {
                return roi::closing(mask, {how.structure, how.iterations, how.mask, how.border_value,
                                           how.origin, options.keep_border, how.stop});
            });

    add_one(cli, "gradient", "The edge of a mask", {"both", "outer", "inner"},
            [](const Mask& mask, const MorphologyOptions& how, const StructureOptions& options) {
                return options.kind == "outer"   ? roi::outer_gradient(mask, how)
                       : options.kind == "inner" ? roi::inner_gradient(mask, how)
                                                 : roi::gradient(mask, how);
            });
    add_one(cli, "top-hat", "The parts that the structure does not fit into", {"white", "black"},
            [](const Mask& mask, const MorphologyOptions& how, const StructureOptions& options) {
                if (options.kind == "black") {
                    return roi::black_top_hat(mask, {.structure = how.structure,
                                                     .iterations = how.iterations,
                                                     .mask = how.mask,
                                                     .border_value = how.border_value,
                                                     .origin = how.origin,
                                                     .stop = how.stop});
                }
                return roi::white_top_hat(mask, how);
            });
    {
        struct Pattern {
            std::string input, output, hit = "faces", miss;
            std::vector<double> hit_origin{0, 0, 0}, miss_origin;
        };
        const auto [command, options] = cli.add<Pattern>("hit-or-miss", "Masks and regions",
                                                         "Finds the voxels with a pattern around them");
        command.input(options->input, "MASK");
        command.output(options->output);
        command.word_or_file("--hit", options->hit, "S",
                             "What must be true: faces, edges, corners, ball:MM or an image");
        command.word_or_file("--miss", options->miss, "S",
                             "What must be false; the rest of the box of --hit unless told");
        command.numbers("--hit-origin", options->hit_origin, "X,Y,Z", "Moves the centre of --hit, in voxels");
        command.numbers("--miss-origin", options->miss_origin, "X,Y,Z",
                        "Of --miss; as --hit-origin unless told");
        command.run([options = options](Session& session) {
            const auto mask = read_mask(session, options->input);
            roi::HitOrMissOptions how{.hit = structure(session, options->hit, mask.grid(), "--hit"),
                                      .hit_origin = whole_three("--hit-origin", options->hit_origin),
                                      .warning = session.warning(),
                                      .stop = Session::stop()};
            if (!options->miss.empty()) how.miss = structure(session, options->miss, mask.grid(), "--miss");
            if (!options->miss_origin.empty())
                how.miss_origin = whole_three("--miss-origin", options->miss_origin);
            write_image(session, from_options([&] { return roi::hit_or_miss(mask, how); }), options->output);
        });
    }

    struct Simple {
        std::string input, output, structure = "faces", slices, mask;
    };
    {
        const auto [command, options] =
            cli.add<Simple>("fill-holes", "Masks and regions", "Fills what cannot be reached from outside");
        command.input(options->input, "MASK");
        command.output(options->output);
        structure_options(command, options->structure, options->slices);
        command.run([options = options](Session& session) {
            const auto mask = read_mask(session, options->input);
            write_image(session,
                        roi::fill_holes(mask, {.structure = structure_of(session, options->structure,
                                                                         options->slices, mask.grid())}),
                        options->output);
        });
    }
    {
        const auto [command, options] = cli.add<Simple>("propagate", "Masks and regions",
                                                        "Spreads seeds as far as a mask hangs together");
        command.input(options->input, "SEED");
        command.output(options->output);
        structure_options(command, options->structure, options->slices);
        command.file("--mask", options->mask, "Where seeds may spread; everywhere without");
        command.run([options = options](Session& session) {
            const auto seed = read_mask(session, options->input);
            roi::PropagateOptions how{
                .structure = structure_of(session, options->structure, options->slices, seed.grid())};
            if (!options->mask.empty()) how.mask = read_mask(session, options->mask);
            write_image(session, roi::propagate(seed, how), options->output);
        });
    }
}

}  // namespace command
