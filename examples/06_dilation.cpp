// Step 6: grow the mask by one voxel, which closes small holes and gaps.
#include "support/step.hpp"

int main(int argc, char** argv) {
    return examples::run_step(argc, argv, "06_dilation", "Dilates the mask.", [](const examples::Step& step) {
        const auto bold = step.smoothed();
        const auto both = step.selected(bold);
        const auto dilated = roi::dilate(both);

        examples::say("from ", roi::count(both), " to ", roi::count(dilated), " voxels");
        step.save(dilated, "mask_dilated.nii.gz");
        step.draw("06_dilated_mask", [&] {
            return roi::plot_roi(dilated, roi::mean(bold),
                                 {.cut = step.place(), .title = "Dilated mask", .colorbar = false});
        });
    });
}
