// The pictures of the notebook's steps.
#pragma once

#include <roi/plot/cut_coords.hpp>
#include <roi/plot/figure.hpp>
#include <roi/plot/plot_boxplot.hpp>

#include "notebook.hpp"
#include <array>
#include <string>
#include <vector>

namespace pictures {

/// A figure, the file it goes to and what a reader is told about it.
struct Picture {
    std::string name;  ///< of the file, without a suffix
    roi::Figure figure;
    std::string caption;
};

/// The names of all pictures, in order; a run without regions has no last three.
inline constexpr std::array names{"02_mean_epi",     "03_p_values",      "04_p_values_thresholded",
                                  "05_intersection", "06_dilated_mask",  "07_components",
                                  "08_first_region", "08_second_region", "09_boxplots"};

/// Where to cut: through the largest region, else through the strongest voxels.
[[nodiscard]] roi::Cuts place_of_interest(const notebook::Results& results);

/// How the signals of the first regions, at most two, are distributed in each condition.
[[nodiscard]] std::vector<roi::BoxPanel> box_panels(const Eigen::MatrixXd& signals,
                                                    const roi::Column& conditions);

/// Every picture of the notebook; one that cannot be drawn is left out, with a line in `problems`.
[[nodiscard]] std::vector<Picture> of_notebook(const notebook::Settings& settings,
                                               const notebook::Results& results,
                                               const roi::Column& conditions,
                                               std::vector<std::string>& problems);

}  // namespace pictures
