// roi regions: what an atlas holds, a row a region.
#include <roi/regions/regions.hpp>
#include <roi/table/names.hpp>

#include "commands.hpp"
#include "support/images.hpp"
#include <cstdint>
#include <string>
#include <vector>

namespace command {

void add_regions(Cli& cli) {
    struct Options {
        std::string input, output, format, names;
    };
    const auto [command, options] =
        cli.add<Options>("regions", "Masks and regions", "Size, centre and box of every region of an atlas");
    command.input(options->input, "LABELS");
    command.output_table(options->output, options->format);
    command.file("--names", options->names, "Names of the labels");
    command.run([options = options](Session& session) {
        const auto labels = read_volume<std::int64_t>(session, options->input);
        const auto regions = roi::regions(labels);
        std::vector<std::int64_t> label, voxels;
        std::vector<double> mm3;
        std::array<std::vector<double>, 3> centre;
        std::array<std::vector<std::int64_t>, 6> box;
        for (const auto& region : regions) {
            label.push_back(region.label);
            voxels.push_back(region.size);
            mm3.push_back(static_cast<double>(region.size) * labels.grid().voxel_volume());
            const auto place = labels.grid().world(region.center);
            for (std::size_t axis = 0; axis < 3; ++axis) {
                centre[axis].push_back(place[static_cast<int>(axis)]);
                box[2 * axis].push_back(region.first[axis]);
                box[2 * axis + 1].push_back(region.first[axis] + region.shape[static_cast<int>(axis)]);
            }
        }
        roi::DataTable table;
        table.add("label", label).add("voxels", voxels).add("mm3", mm3);
        table.add("x", centre[0]).add("y", centre[1]).add("z", centre[2]);
        table.add("i0", box[0]).add("i1", box[1]).add("j0", box[2]).add("j1", box[3]);
        table.add("k0", box[4]).add("k1", box[5]);
        session.output_table(table, options->output, options->format);
    });
}

}  // namespace command
