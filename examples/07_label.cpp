// Step 7: number the connected components; the numbers are SciPy's.
#include "support/step.hpp"

int main(int argc, char** argv) {
    return examples::run_step(
        argc, argv, "07_label", "Labels connected components.", [](const examples::Step& step) {
            const auto bold = step.smoothed();
            const auto dilated = roi::dilate(step.selected(bold));
            const auto found = roi::label(dilated);
            const auto& atlas = found.atlas;

            for (const auto& region : roi::regions(atlas)) {
                const auto centre = atlas.grid().world(region.center);
                examples::say("label ", region.label, ": ", region.size, " voxels around ", centre[0], ", ",
                              centre[1], ", ", centre[2], " mm");
            }
            examples::say(found.count, " regions");
            step.save(atlas, "mask_atlas.nii.gz");
            step.draw("07_components", [&] {
                return roi::plot_roi(atlas, roi::mean(bold),
                                     {.cut = step.place(), .title = "Connected components"});
            });
        });
}
