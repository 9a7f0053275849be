// The pictures of the notebook's steps.
#pragma once

#include <roi/plot/cut_coords.hpp>
#include <roi/plot/figure.hpp>
#include <roi/plot/plot_boxplot.hpp>
#include <roi/signals/condition_average.hpp>

#include "notebook.hpp"
#include <array>
#include <optional>
#include <string>
#include <vector>

namespace pictures {

/// A figure, the file it goes to and what a reader is told about it.
struct Picture {
    std::string name;  ///< of the file, without a suffix
    roi::Figure figure;
    std::string caption;
};

/// The names of all pictures, in order; a run without regions has no last four.
inline constexpr std::array names{
    "02_mean_epi",   "03_p_values",     "04_p_values_thresholded", "05_intersection", "06_dilated_mask",
    "07_components", "08_first_region", "08_second_region",        "09_boxplots",     "10_event_averages"};

/// Where to cut: through the largest region, else through the strongest voxels; through the middle where no place can be
/// found, with a warning.
[[nodiscard]] roi::Cuts place_of_interest(const notebook::Settings& settings,
                                          const notebook::Results& results);

/// How the signals of the first regions, at most two, are distributed in each condition.
[[nodiscard]] std::vector<roi::BoxPanel> box_panels(const notebook::Results& results,
                                                    const roi::Column& conditions);

/// How the first regions, at most two, answer to the blocks of each condition: in percent of what was before them, and
/// as they are where they have been cleaned. Nothing where the header does not tell the time between volumes.
[[nodiscard]] std::optional<roi::EventAverage> event_averages(const notebook::Settings& settings,
                                                              const notebook::Results& results,
                                                              const roi::Column& conditions);

/// What a reader is told about these courses.
[[nodiscard]] std::string event_caption(const notebook::Settings& settings);

/// Every picture of the notebook; one that cannot be drawn is left out, with a warning.
[[nodiscard]] std::vector<Picture> of_notebook(const notebook::Settings& settings,
                                               const notebook::Results& results,
                                               const roi::Column& conditions);

}  // namespace pictures
