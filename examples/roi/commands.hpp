// The subcommands of `roi`, one file each; a line here and in main.cpp adds one.
#pragma once

#include "support/command.hpp"

namespace command {

void add_info(Cli& cli);
void add_smooth(Cli& cli);
void add_mean(Cli& cli);
void add_extremes(Cli& cli);
void add_std(Cli& cli);
void add_resample(Cli& cli);
void add_reorder(Cli& cli);
void add_crop(Cli& cli);
void add_concat(Cli& cli);
void add_frames(Cli& cli);
void add_math(Cli& cli);
void add_logic(Cli& cli);  // and, or, xor, not
void add_intersect(Cli& cli);
void add_threshold(Cli& cli);
void add_binarize(Cli& cli);
void add_brain_mask(Cli& cli);
void add_morphology(
    Cli& cli);  // dilate, erode, opening, closing, gradient, top-hat, hit-or-miss, fill-holes, propagate
void add_distance(Cli& cli);  // grow, distance
void add_overlap(Cli& cli);
void add_label(Cli& cli);
void add_relabel(Cli& cli);
void add_regions(Cli& cli);
void add_clusters(Cli& cli);
void add_extract(Cli& cli);
void add_spheres(Cli& cli);
void add_ttest_ind(Cli& cli);
void add_ttest_1samp(Cli& cli);
void add_ttest_rel(Cli& cli);
void add_f_classif(Cli& cli);
void add_correlate(Cli& cli);
void add_correct(Cli& cli);
void add_permute(Cli& cli);
void add_group(Cli& cli);
void add_signals(Cli& cli);
void add_clean(Cli& cli);
void add_clean_run(Cli& cli);
void add_signals_to_image(Cli& cli);
void add_conditions(Cli& cli);
void add_average(Cli& cli);
void add_plot(Cli& cli);

}  // namespace command
