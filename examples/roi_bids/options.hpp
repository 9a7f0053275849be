// What the command line asks for.
#pragma once

#include <roi/table/data_table.hpp>

#include "layout.hpp"
#include "support/cleaning_words.hpp"
#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace bids {

struct Options {
    std::string bids_dir, output_dir, level, derivatives, events_dir;
    Selection selection;
    bool validate = true;

    // Signals.
    std::string atlas, names, spheres, maps, seg;
    std::int64_t background = 0;
    std::string non_finite = "zero", baseline;
    std::optional<double> max_displacement;
    double radius = 0.0;
    bool overlap = false, brain_mask = false;
    std::vector<std::string> statistics;
    double fwhm = 0.0;
    std::vector<std::string> confounds;
    std::int64_t high_variance = 0;
    bool quality_maps = false;
    std::string chunks;  ///< column with the run of each volume, where a file holds several
    examples::CleaningWords cleaning;
    roi::Formulas formulas = roi::Formulas::keep;
    std::optional<double> t_r;

    // Conditions.
    std::vector<std::pair<std::string, std::string>> contrasts;
    std::string column = "trial_type", event_overlap = "error";
    double delay = 0.0;
    std::optional<double> slice_time;

    // Group.
    std::string groups;
    std::string correction = "fdr";
    double alpha = 0.05;
    std::int64_t cluster_size = 0, permutations = 10000;
    std::uint64_t seed = 0;

    // The machine.
    int n_cpus = 0, threads = 0;
    std::int64_t mem_mb = 0;
    bool dry_run = false, quiet = false;

    /// What makes the results of a run, as options: equal for two calls that write the same files.
    std::string settings;

    [[nodiscard]] bool has_regions() const { return !atlas.empty() || !spheres.empty() || !maps.empty(); }
};

/// The value of the entity `seg`: as told, as in the name of the atlas, or its name.
[[nodiscard]] std::string seg_of(const Options& options);

/// `faceVsHouse`.
[[nodiscard]] std::string contrast_label(const std::pair<std::string, std::string>& contrast);

}  // namespace bids
