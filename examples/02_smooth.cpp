// Step 2: smooth the run by 6 mm and look at its mean over time.
#include "support/step.hpp"

int main(int argc, char** argv) {
    return examples::run_step(argc, argv, "02_smooth", "Smooths a run.", [](const examples::Step& step) {
        const auto bold = roi::smooth(roi::load4d<float>(step.subject.bold, {.warning = step.warning}),
                                      roi::Fwhm{6.0}, {.warning = step.warning});
        const auto mean = roi::mean(bold);

        examples::say("smoothed ", bold.frames(), " volumes by 6 mm full width at half maximum");
        step.save(mean, "mean_epi.nii.gz", {.datatype = roi::Datatype::float32});
        step.draw("02_mean_epi",
                  [&] { return roi::plot_epi(mean, {.cut = step.place(), .title = "Smoothed mean EPI"}); });
    });
}
