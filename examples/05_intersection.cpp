// Step 5: make a mask of the map and keep what lies in ventral temporal cortex.
#include "support/step.hpp"

int main(int argc, char** argv) {
    return examples::run_step(
        argc, argv, "05_intersection", "Intersects with an anatomical mask.", [](const examples::Step& step) {
            const auto bold = step.smoothed();
            const auto kept = roi::threshold(step.log_p(bold), 5.0);
            const auto vt = roi::load<bool>(step.subject.mask_vt, {.warning = step.warning});
            const auto both = roi::logical_and(kept != 0.0, vt);

            examples::say(roi::count(kept != 0.0), " voxels in the map, ", roi::count(vt), " in the mask, ",
                          roi::count(both), " in both");
            step.save(both, "mask_intersection.nii.gz");
            step.draw("05_intersection", [&] {
                return roi::plot_roi(both, roi::mean(bold),
                                     {.cut = step.place(),
                                      .title = "Intersection with ventral temporal mask",
                                      .colorbar = false});
            });
        });
}
