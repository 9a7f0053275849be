// roi spheres: labels round places in millimetres.
#include <roi/core/text.hpp>
#include <roi/image/metadata.hpp>
#include <roi/io/read_header.hpp>
#include <roi/regions/spheres.hpp>
#include <roi/table/table.hpp>

#include "commands.hpp"
#include "support/images.hpp"
#include "support/parse.hpp"
#include "support/wording.hpp"
#include <algorithm>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace command {

namespace {

/// Says where --names would number the rows of a table otherwise than their spheres are.
void warn_of_other_numbers(Session& session, const std::string& file, const roi::Table& table) {
    const auto tell = session.warning();
    for (const std::string_view written : {"index", "label"}) {
        const auto column = table.as_written(written);
        if (!tell || !table.contains(column)) continue;
        // A label that is no number has --names number the rows.
        const auto is_number = [](const std::string& field) { return roi::number(field).has_value(); };
        if (written == "label" && !std::all_of(table[column].begin(), table[column].end(), is_number)) return;
        for (std::int64_t row = 0; row < table.rows(); ++row) {
            const auto own = roi::number(table[column][row]);
            if (!own || *own == static_cast<double>(row + 1)) continue;
            return tell(roi::text(file, ": spheres have the numbers of their rows, and column \"", column,
                                  "\" has ", *own, " in row ", row + 1,
                                  ": --names takes its numbers, so order the rows by it or leave it out"));
        }
        return;
    }
}

}  // namespace

void add_spheres(Cli& cli) {
    struct Options {
        std::string output, like, centres;
        std::vector<double> at;
        double radius = 0.0;
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
        .number("--radius", options->radius, "MM", "0 is the nearest voxel; of rows without one of their own")
        ->check(at_least_zero());
    command.run([options = options](Session& session) {
        std::vector<roi::Sphere> spheres;
        if (!options->at.empty()) {
            const auto [x, y, z] = three("--at", options->at, false);
            spheres.push_back({{x, y, z}, options->radius});
        } else if (!options->centres.empty()) {
            spheres = examples::in_file(options->centres, [&] {
                const auto table = roi::read_table(options->centres, {.comment = '#'});
                auto out = roi::spheres_of(table, options->radius);
                warn_of_other_numbers(session, options->centres, table);
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
