// roi signals: the mean of every region in every volume.
#include <roi/signals/labels_masker.hpp>

#include "commands.hpp"
#include "support/images.hpp"
#include <cstdint>
#include <string>
#include <vector>

namespace command {

void add_signals(Cli& cli) {
    struct Options {
        std::string input, output, format, labels, mask;
        std::int32_t background = 0;
    };
    const auto [command, options] =
        cli.add<Options>("signals", "Signals", "The signal of every region of a run");
    command.input(options->input, "RUN");
    command.output_table(options->output, options->format);
    command.file("--labels", options->labels, "Atlas, a label per voxel")->required();
    command.file("--mask", options->mask, "Voxels outside this mask belong to no region");
    command.number("--background", options->background, "N", "The label that is no region");
    command.run([options = options](Session& session) {
        const auto atlas = read_volume<std::int32_t>(session, options->labels);
        roi::LabelsMaskerOptions how{.background = options->background};
        if (!options->mask.empty()) how.mask = read_volume<bool>(session, options->mask);
        const auto masker = roi::labels_masker(atlas, how);
        with_source(session, options->input, [&](auto source) {
            const auto signals = masker.transform(source);
            roi::DataTable table;
            for (std::size_t k = 0; k < masker.labels().size(); ++k) {
                const auto column = signals.col(static_cast<Eigen::Index>(k));
                table.add(roi::text("label_", masker.labels()[k]),
                          std::vector<double>(column.begin(), column.end()));
            }
            session.output_table(table, options->output, options->format);
        });
    });
}

}  // namespace command
