// roi regions: what an atlas holds, a row a region, and what a map is in each.
#include <roi/regions/measure.hpp>
#include <roi/regions/regions.hpp>
#include <roi/table/names.hpp>

#include "commands.hpp"
#include "support/images.hpp"
#include <cstdint>
#include <string>

namespace command {

void add_regions(Cli& cli) {
    struct Options {
        std::string input, output, format, values, names;
    };
    const auto [command, options] =
        cli.add<Options>("regions", "Masks and regions",
                         "Size, centre and box of every region of an atlas, and a map's values in it");
    command.input(options->input, "LABELS");
    command.output_table(options->output, options->format);
    command.file("--values", options->values, "A map to measure in every region");
    command.file("--names", options->names, "Names of the labels");
    command.run([options = options](Session& session) {
        const auto names = options->names.empty() ? roi::RegionNames() : roi::read_names(options->names);
        const auto labels = read_volume<std::int64_t>(session, options->input);
        roi::warn_of_names(names, roi::region_labels(labels), session.warning());
        if (options->values.empty()) {
            return session.output_table(roi::to_table(roi::regions(labels), labels.grid(), names),
                                        options->output, options->format);
        }
        with_volume(session, options->values, [&](const auto& map) {
            const auto rows = roi::measure(map, labels, {.omit_nan = true, .warning = session.warning()});
            session.output_table(roi::to_table(rows, labels.grid(), names), options->output, options->format);
        });
    });
}

}  // namespace command
