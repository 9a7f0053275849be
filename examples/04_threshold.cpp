// Step 4: keep the voxels whose p is 10^-5 or less.
#include "support/step.hpp"

int main(int argc, char** argv) {
    return examples::run_step(
        argc, argv, "04_threshold", "Thresholds the map of p values.", [](const examples::Step& step) {
            const auto bold = step.smoothed();
            const auto kept = roi::threshold(step.log_p(bold), 5.0, {.warning = step.warning});

            examples::say(roi::count(kept != 0.0), " of ", kept.size(), " voxels reach 5");
            step.save(kept, "log_p_values_thresholded.nii.gz", {.datatype = roi::Datatype::float32});
            step.draw("04_p_values_thresholded", [&] {
                return roi::plot_stat_map(kept, roi::mean(bold), step.p_values("Thresholded p-values"));
            });
        });
}
