// The notebook "Computing a Region of Interest (ROI) mask manually" as two functions: in memory and in one
// pass.
#pragma once

#include <roi/core/error.hpp>
#include <roi/core/text.hpp>
#include <roi/core/units.hpp>
#include <roi/image/column.hpp>
#include <roi/image/volume.hpp>
#include <roi/signals/clean.hpp>
#include <roi/signals/region_signals.hpp>
#include <roi/signals/signals.hpp>
#include <roi/stats/test_result.hpp>
#include <roi/table/names.hpp>

#include <Eigen/Core>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace notebook {

/// What the notebook is run on and with.
struct Settings {
    std::string bold;                  ///< run, 4-D image
    std::string labels;                ///< table with a condition per volume
    std::string column = "labels";     ///< its column of that table
    std::optional<std::string> mask;   ///< anatomical mask; without one the intersection is left out
    std::string first = "face";        ///< t > 0 where this condition is larger ...
    std::string second = "house";      ///< ... than this one
    std::optional<std::string> atlas;  ///< regions to take signals of, in place of those that are found
    std::optional<std::string> names;  ///< of its labels
    roi::ResampleFor resample = roi::ResampleFor::none;  ///< what is moved when it lies on another grid
    std::string statistic = "mean";                      ///< of the values of a region
    bool detrend = false;                                ///< signals without mean and linear trend
    roi::Standardize standardize = roi::Standardize::none;
    roi::Fwhm fwhm{6.0};
    double threshold = 5.0;  ///< smallest -log10 p that counts
    double clip = 10.0;      ///< largest -log10 p shown
    roi::Progress progress;
    roi::WarningHandler warning;  ///< told of oddities of the files
    roi::StopRequest stop;        ///< asked between volumes and steps whether to stop

    /// Are signals other than they were read?
    [[nodiscard]] bool cleans() const { return detrend || standardize != roi::Standardize::none; }
};

/// What the notebook shows at its steps.
struct Results {
    roi::Volume<double> mean;
    roi::TTest test;
    roi::Volume<double> log_p;
    roi::Volume<double> kept;  ///< `log_p` where it reaches the threshold, else 0
    roi::Mask intersection;
    roi::Mask dilated;
    roi::Labels atlas;
    std::int64_t count = 0;
    std::optional<roi::Labels> given;  ///< the atlas that was given, on the grid of the run
    roi::RegionNames names;            ///< of its labels
    roi::Signals signals;              ///< volumes x regions
    std::optional<roi::Seconds> t_r;   ///< between volumes, where the header says so

    /// The regions that the signals are of.
    [[nodiscard]] const roi::Labels& regions() const { return given ? *given : atlas; }
};

/// "1 volume", "2 volumes".
inline std::string counted(std::int64_t count, const char* noun) {
    return roi::text(count, " ", noun, count == 1 ? "" : "s");
}

/// What a region is called: its name, where it has one, or "region N".
[[nodiscard]] inline std::string called(const Results& results, const roi::SignalColumn& column) {
    const auto* name = results.names.find(column.id);
    return name ? *name : roi::text("region ", column.id);
}

/// Ends the run when it was asked to stop.
inline void stop_if_asked(const Settings& settings) {
    if (settings.stop && settings.stop()) throw roi::Error(roi::ErrorCode::stopped, "stopped");
}

/// The run of each volume, where the table of conditions has a column `chunks`.
[[nodiscard]] std::optional<roi::Column> read_runs(const Settings& settings);

/// The conditions of the run, one per volume.
[[nodiscard]] roi::Column read_conditions(const Settings& settings);

/// The run in memory, in the type of its file, and smoothed where and when it is looked at: a smoothed run would be
/// twice as large.
[[nodiscard]] Results in_memory(const Settings& settings);

/// The same in one pass over the file and bounded memory.
///
/// Dilation is monotone: what survives the threshold lies inside the anatomical mask, so every region lies
/// inside the dilated mask, which is known before the run is read. Its time courses are kept while the run
/// passes. Without a mask, or with one too large to keep, the signals take a second pass over the file.
[[nodiscard]] Results streamed(const Settings& settings);

/// One region in a table.
struct RegionSummary {
    std::int64_t label = 0;
    std::string name;
    std::int64_t voxels = 0;
    double volume = 0.0;      ///< in cubic millimetres
    roi::Point centre;        ///< in millimetres; NaN for a region that has no voxel on the grid of the run
    double peak = 0.0;        ///< largest -log10 p
    double difference = 0.0;  ///< mean signal of the first condition less that of the second
};

/// What can be said about every region that has a signal, in ascending label order.
[[nodiscard]] std::vector<RegionSummary> summarise(const Settings& settings, const Results& results,
                                                   const roi::Column& conditions);

}  // namespace notebook
