// Step 8: take single regions of the atlas, and the mean signal of all of them.
#include "support/step.hpp"

int main(int argc, char** argv) {
    return examples::run_step(
        argc, argv, "08_signals", "Reads the signals of the regions.", [](const examples::Step& step) {
            const auto bold = step.smoothed();
            const auto atlas = step.atlas(bold);

            const auto mean = roi::mean(bold);
            for (const auto label : step.single_regions(atlas)) {
                const auto region = roi::region(atlas, label);
                step.save(region, roi::text("mask_region_", label, ".nii.gz"));
                step.draw(roi::text("08_region_", label), [&] {
                    return roi::plot_roi(region, mean,
                                         {.title = roi::text("Region ", label), .colorbar = false});
                });
            }

            const auto signals = step.signals(bold, atlas);
            examples::say(signals.values.rows(), " volumes, ", signals.columns.size(), " of ",
                          roi::region_labels(atlas).size(), " regions");
            step.save(roi::to_table(signals), "signals.tsv");
        });
}
