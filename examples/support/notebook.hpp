// The notebook "Computing a Region of Interest (ROI) mask manually" as two functions: in memory and in one
// pass.
#pragma once

#include <roi/roi.hpp>

#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace notebook {

/// What the notebook is run on and with.
struct Settings {
    std::string bold;                 ///< run, 4-D image
    std::string labels;               ///< table with a column `labels`
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

/// The volumes of a condition, when there are enough of them for a test.
inline roi::Selection sample(const roi::Column& conditions, const std::string& name) {
    auto selection = conditions == name;
    if (selection.count() < 2) {
        throw roi::InvalidArgument(roi::text("condition \"", name, "\" has ",
                                             counted(selection.count(), "volume"),
                                             ", a t-test needs at least 2"));
    }
    return selection;
}

/// The conditions of the run, one per volume.
inline roi::Column read_conditions(const Settings& settings) {
    auto conditions = roi::read_table(settings.labels)["labels"];
    const auto frames = roi::read_header(settings.bold).frames;
    if (conditions.size() != frames) {
        throw roi::InvalidArgument(roi::text(settings.labels, ": has ", counted(conditions.size(), "row"),
                                             ", but ", settings.bold, " has ", counted(frames, "volume"),
                                             "; the table needs one row per volume"));
    }
    return conditions;
}

/// The anatomical mask, on the grid of the run.
inline std::optional<roi::Mask> read_mask(const Settings& settings, const roi::Grid& grid) {
    if (!settings.mask) return std::nullopt;
    auto mask = roi::load<bool>(*settings.mask, {.warning = settings.warning});
    roi::require_same_grid(mask.grid(), grid, *settings.mask + " and " + settings.bold);
    return mask;
}

/// From p values to regions: everything between the two looks at the run.
inline void find_regions(Results& results, const Settings& settings,
                         const std::optional<roi::Mask>& anatomy) {
    results.log_p = roi::neg_log10(results.test, {.max = settings.clip});
    results.kept = roi::threshold(results.log_p, settings.threshold);
    results.intersection = results.kept != 0.0;
    if (anatomy) results.intersection = roi::logical_and(results.intersection, *anatomy);
    results.dilated = roi::dilate(results.intersection);
    auto [atlas, count] = roi::label(results.dilated);
    results.atlas = std::move(atlas);
    results.count = count;
}

/// What a run is asked for before it is read.
struct Question {
    roi::Selection first, second;      ///< volumes of the two conditions
    std::optional<roi::Mask> anatomy;  ///< where regions may start, everywhere without it
};

inline Question read_question(const Settings& settings) {
    const auto conditions = read_conditions(settings);
    return {sample(conditions, settings.first), sample(conditions, settings.second),
            read_mask(settings, roi::read_header(settings.bold).grid)};
}

/// The run in memory, in the type of its file, and smoothed where and when it is looked at: a smoothed run would be
/// twice as large.
///
/// \tparam T  float, or double for runs that float cannot hold
template <class T>
Results in_memory(const Settings& settings) {
    const auto question = read_question(settings);
    auto frames =
        roi::smooth(roi::cached(roi::open<T>(settings.bold, {.warning = settings.warning})), settings.fwhm);

    roi::Mean mean;
    roi::TTestInd ttest(question.first, question.second);
    roi::scan({.progress = settings.progress}, frames, mean, ttest);

    Results results;
    results.mean = std::move(mean).result();
    results.test = std::move(ttest).result();
    find_regions(results, settings, question.anatomy);
    results.signals = roi::labels_masker(results.atlas).transform(frames);
    return results;
}

/// The same in one pass over the file and bounded memory.
///
/// Dilation is monotone: what survives the threshold lies inside the anatomical mask, so every region lies
/// inside the dilated mask, which is known before the run is read. Its time courses are kept while the run
/// passes. Without a mask, or with one too large to keep, the signals take a second pass over the file.
template <class T>
Results streamed(const Settings& settings) {
    constexpr std::int64_t most_kept_bytes = std::int64_t{32} << 20;

    const auto question = read_question(settings);
    auto frames = roi::smooth(roi::open<T>(settings.bold, {.warning = settings.warning}), settings.fwhm);

    roi::Mean mean;
    roi::TTestInd ttest(question.first, question.second);
    std::optional<roi::KeepVoxels<T>> keep;
    if (question.anatomy) {
        const auto reachable = roi::dilate(*question.anatomy);
        const auto bytes = roi::count(reachable) * frames.frames() * static_cast<std::int64_t>(sizeof(T));
        if (bytes <= most_kept_bytes) keep.emplace(reachable);
    }
    const roi::ScanOptions options{.progress = settings.progress};
    if (keep) {
        roi::scan(options, frames, mean, ttest, *keep);
    } else {
        roi::scan(options, frames, mean, ttest);
    }

    Results results;
    results.mean = std::move(mean).result();
    results.test = std::move(ttest).result();
    find_regions(results, settings, question.anatomy);
    const auto masker = roi::labels_masker(results.atlas);
    if (keep) {
        results.signals = masker.transform(keep->result());
    } else if (results.count == 0) {
        results.signals.resize(frames.frames(), 0);
    } else {
        results.signals = masker.transform(roi::smooth(roi::open<T>(settings.bold), settings.fwhm), options);
    }
    return results;
}

/// One region in a table.
struct RegionSummary {
    int label = 0;
    std::int64_t voxels = 0;
    double volume = 0.0;      ///< in cubic millimetres
    roi::Point centre;        ///< in millimetres
    double difference = 0.0;  ///< mean signal of the first condition less that of the second
};

/// Mean of one column of signals over the chosen volumes.
inline double mean_over(const Eigen::MatrixXd& signals, Eigen::Index column, const roi::Selection& chosen) {
    double sum = 0.0;
    for (const auto frame : chosen.indices()) sum += signals(frame, column);
    return sum / static_cast<double>(chosen.count());
}

/// What can be said about every region, in ascending label order.
inline std::vector<RegionSummary> summarise(const Settings& settings, const Results& results,
                                            const roi::Column& conditions) {
    const auto first = conditions == settings.first;
    const auto second = conditions == settings.second;
    std::vector<RegionSummary> out;
    for (const auto& region : roi::regions(results.atlas)) {
        const auto column = static_cast<Eigen::Index>(out.size());
        out.push_back(
            {static_cast<int>(region.label), region.size,
             static_cast<double>(region.size) * results.atlas.grid().voxel_volume(),
             results.atlas.grid().world(region.center),
             mean_over(results.signals, column, first) - mean_over(results.signals, column, second)});
    }
    return out;
}

/// Do values of this image need double? float holds integers of up to 16 bits exactly, but not what a slope and
/// an intercept make of them: beside a large intercept their differences would be lost.
inline bool needs_double(const roi::ImageInfo& info) {
    const auto type = info.datatype;
    if (info.slope != 1.0 || info.intercept != 0.0) return true;
    return type != roi::Datatype::float32 && roi::size_of(type) > 2;
}

}  // namespace notebook
