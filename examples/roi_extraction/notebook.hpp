// The notebook "Computing a Region of Interest (ROI) mask manually" as two functions: in memory and in one
// pass.
#pragma once

#include <roi/core/error.hpp>
#include <roi/core/text.hpp>
#include <roi/core/units.hpp>
#include <roi/image/column.hpp>
#include <roi/image/volume.hpp>
#include <roi/stats/test_result.hpp>

#include <Eigen/Core>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace notebook {

/// What the notebook is run on and with.
struct Settings {
    std::string bold;                 ///< run, 4-D image
    std::string labels;               ///< table with a condition per volume
    std::string column = "labels";    ///< its column of that table
    std::optional<std::string> mask;  ///< anatomical mask; without one the intersection is left out
    std::string first = "face";       ///< t > 0 where this condition is larger ...
    std::string second = "house";     ///< ... than this one
    roi::Fwhm fwhm{6.0};
    double threshold = 5.0;  ///< smallest -log10 p that counts
    double clip = 10.0;      ///< largest -log10 p shown
    roi::Progress progress;
    roi::WarningHandler warning;  ///< told of oddities of the files
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
    Eigen::MatrixXd signals;  ///< volumes x labels
};

/// "1 volume", "2 volumes".
inline std::string counted(std::int64_t count, const char* noun) {
    return roi::text(count, " ", noun, count == 1 ? "" : "s");
}

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
    int label = 0;
    std::int64_t voxels = 0;
    double volume = 0.0;      ///< in cubic millimetres
    roi::Point centre;        ///< in millimetres
    double difference = 0.0;  ///< mean signal of the first condition less that of the second
};

/// What can be said about every region, in ascending label order.
[[nodiscard]] std::vector<RegionSummary> summarise(const Settings& settings, const Results& results,
                                                   const roi::Column& conditions);

}  // namespace notebook
