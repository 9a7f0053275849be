// roi reorder, roi crop: the same voxels with other axes, or fewer of them.
#include <roi/spatial/crop.hpp>
#include <roi/spatial/reorder.hpp>

#include "commands.hpp"
#include "support/images.hpp"
#include "support/long_integers.hpp"
#include "support/wording.hpp"
#include <cstdint>
#include <string>
#include <utility>

namespace command {

void add_reorder(Cli& cli) {
    struct Options {
        std::string input, output, axes = "RAS";
    };
    const auto [command, options] = cli.add<Options>(
        "reorder", "Images", "Brings the axes of an image to those of the world that are closest");
    command.input(options->input, "IMAGE");
    command.output(options->output);
    command.text("--axes", options->axes, "RAS",
                 "Where the axes point: R or L, A or P, S or I, in any order");
    command.run([options = options](Session& session) {
        const auto axes = from_options(
            [&] { return examples::in_file("--axes", [&] { return roi::Orientation(options->axes); }); });
        const auto file = session.input(options->input);
        const auto move = [&](const auto& run) { return roi::reorder(run, axes); };
        const auto as = as_stored(file);
        if (moved_exactly(session, file, options->output, as.run, move)) return;
        with_source(session, file, [&](auto source) {
            write_source(session, roi::reorder(std::move(source), axes), options->output, as);
        });
    });
}

void add_crop(Cli& cli) {
    struct Options {
        std::string input, output;
        std::int64_t margin = 0;
    };
    const auto [command, options] =
        cli.add<Options>("crop", "Images", "Cuts off what is 0 all around, in every volume");
    command.input(options->input, "IMAGE");
    command.output(options->output);
    command.number("--margin", options->margin, "N", "Voxels to leave on every side")->check(at_least_zero());
    command.run([options = options](Session& session) {
        const auto file = session.input(options->input);
        // What there is to be said of the file is said when it is read again, and whole numbers need not be said to be rounded
        // where they are moved exactly.
        const auto info = roi::read_header(file);
        const roi::CropOptions how{
            .margin = options->margin,
            .warning = is_of_whole_numbers(info) ? roi::WarningHandler() : session.warning(),
            .stop = Session::stop()};
        const auto box = examples::in_file(options->input, [&] {
            return fits_float(info) ? roi::content_box(roi::open<float>(file), how)
                                    : roi::content_box(roi::open<double>(file), how);
        });
        const auto move = [&](auto&& run) {
            return examples::in_file(options->input,
                                     [&] { return roi::crop(std::forward<decltype(run)>(run), box); });
        };
        const auto as = as_stored(file);
        if (moved_exactly(session, file, options->output, as.run, move)) return;
        with_source(session, file, [&](auto source) {
            write_source(session, move(std::move(source)), options->output, as);
        });
    });
}

}  // namespace command
