// Step 3: compare faces with houses in every voxel; -log10 of p is the scale on which to look.
#include "support/step.hpp"
#include <algorithm>

int main(int argc, char** argv) {
    return examples::run_step(
        argc, argv, "03_ttest", "Tests two conditions per voxel.", [](const examples::Step& step) {
            const auto conditions = step.conditions();
            const auto bold = step.smoothed();

            const auto test = roi::ttest_ind(bold, conditions == "face", conditions == "house",
                                             roi::TTestOptions{.warning = step.warning});
            const auto log_p = roi::neg_log10(test, {.max = 10.0});

            examples::say("largest -log10 p, clipped at 10: ", *std::max_element(log_p.begin(), log_p.end()));
            step.save(test.t, "t_values.nii.gz", {.datatype = roi::Datatype::float32});
            step.save(log_p, "log_p_values.nii.gz", {.datatype = roi::Datatype::float32});
            step.draw("03_p_values",
                      [&] { return roi::plot_stat_map(log_p, roi::mean(bold), step.p_values("p-values")); });
        });
}
