// Step 9: the signals of the first two regions, sorted by condition: the notebook's tables X1 and X2.
#include "support/step.hpp"
#include <algorithm>
#include <vector>

int main(int argc, char** argv) {
    return examples::run_step(
        argc, argv, "09_conditions", "Sorts signals by condition.", [](const examples::Step& step) {
            const auto bold = step.smoothed();
            const auto signals = step.signals(bold, step.atlas(bold));
            const auto conditions = step.conditions().renamed("scrambledpix", "scrambled");

            std::vector<roi::BoxPanel> panels;
            for (Eigen::Index region = 0; region < std::min<Eigen::Index>(2, signals.values.cols());
                 ++region) {
                const auto table = roi::condition_table(signals.values.col(region), conditions);
                for (std::size_t column = 0; column < table.names.size(); ++column) {
                    examples::say("region ", region + 1, ", ", table.names[column], ": mean ",
                                  table.values.col(static_cast<Eigen::Index>(column)).mean(), " over ",
                                  table.values.rows(), " volumes");
                }
                step.save(roi::to_table(table), roi::text("X", region + 1, ".tsv"));
                panels.push_back({table, roi::text("Signal of region ", region + 1, " per condition")});
            }
            if (!panels.empty()) step.draw("09_boxplots", [&] { return roi::plot_boxplot(panels); });
        });
}
