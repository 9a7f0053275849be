// roi COMMAND INPUT... [OPTIONS]: every function of the library for a shell.
#include "commands.hpp"
#include <cstdio>
#include <new>

int main(int argc, char** argv) {
    try {
        command::Cli cli;
        command::add_info(cli);
        command::add_smooth(cli);
        command::add_mean(cli);
        command::add_std(cli);
        command::add_extremes(cli);
        command::add_resample(cli);
        command::add_reorder(cli);
        command::add_crop(cli);
        command::add_concat(cli);
        command::add_frames(cli);
        command::add_threshold(cli);
        command::add_binarize(cli);
        command::add_math(cli);
        command::add_logic(cli);
        command::add_intersect(cli);
        command::add_brain_mask(cli);
        command::add_morphology(cli);
        command::add_distance(cli);
        command::add_overlap(cli);
        command::add_label(cli);
        command::add_relabel(cli);
        command::add_regions(cli);
        command::add_clusters(cli);
        command::add_extract(cli);
        command::add_spheres(cli);
        command::add_ttest_ind(cli);
        command::add_ttest_1samp(cli);
        command::add_ttest_rel(cli);
        command::add_f_classif(cli);
        command::add_correlate(cli);
        command::add_correct(cli);
        command::add_permute(cli);
        command::add_group(cli);
        command::add_signals(cli);
        command::add_clean(cli);
        command::add_clean_run(cli);
        command::add_signals_to_image(cli);
        command::add_conditions(cli);
        command::add_average(cli);
        command::add_plot(cli);
        return cli.run(argc, argv);
    } catch (const std::bad_alloc&) {
        // stderr has no buffer, so this takes no memory.
        (void)std::fputs("roi: not enough memory\n", stderr);
        return command::failed;
    }
}
