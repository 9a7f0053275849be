// Step 1: the files of a subject, the conditions of its volumes, and one volume of the run.
#include "support/step.hpp"

int main(int argc, char** argv) {
    return examples::run_step(
        argc, argv, "01_load", "Finds and reads a subject.", [](const examples::Step& step) {
            const auto conditions = roi::read_table(step.subject.labels)[step.column];
            const auto bold = roi::load4d<float>(step.subject.bold, {.warning = step.warning});

            examples::say("run: ", bold.frames(), " volumes, ", bold.grid().to_string());
            for (const auto& name : conditions.unique()) {
                examples::say("condition ", name, ": ", (conditions == name).count(), " volumes");
            }
            const roi::Volume<float> first(bold.frame(0), bold.metadata());
            step.save(first, "first_volume.nii.gz");
            step.draw("01_first_volume",
                      [&] { return roi::plot_epi(first, {.cut = step.place(), .title = "First volume"}); });
        });
}
