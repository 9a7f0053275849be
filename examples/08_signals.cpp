// Step 8: take single regions of the atlas, and the mean signal of all of them.
#include "support/step.hpp"
#include <string>

int main(int argc, char** argv) {
    return examples::run_step(
        argc, argv, "08_signals", "Reads the signals of the regions.", [](const examples::Step& step) {
            const auto bold = step.smoothed();
            const auto [atlas, count] = step.labelled(bold);

            const auto mean = roi::mean(bold);
            for (const auto label : roi::region_labels(atlas)) {
                const auto region = roi::region(atlas, label);
                step.save(region, roi::text("mask_region_", label, ".nii.gz"));
                step.draw(
                    roi::plot_roi(region, mean, {.title = roi::text("Region ", label), .colorbar = false}),
                    roi::text("08_region_", label));
            }

            const auto masker = roi::labels_masker(atlas);
            const auto signals = masker.transform(bold);

            std::string table = "frame\tlabel_" + roi::joined(masker.labels(), "\tlabel_") + "\n";
            for (Eigen::Index frame = 0; frame < signals.rows(); ++frame) {
                table += roi::text(frame);
                for (Eigen::Index region = 0; region < signals.cols(); ++region) {
                    table += roi::text('\t', signals(frame, region));
                }
                table += '\n';
            }
            examples::say(signals.rows(), " volumes, ", signals.cols(), " of ", count, " regions");
            step.save_text(table, "signals.tsv");
        });
}
