#include "steps.hpp"

#include <roi/image/logical.hpp>
#include <roi/io.hpp>
#include <roi/morphology/dilate.hpp>
#include <roi/regions/label.hpp>
#include <roi/regions/measure.hpp>
#include <roi/regions/regions.hpp>
#include <roi/signals/clean.hpp>
#include <roi/stats/neg_log10.hpp>
#include <roi/stats/threshold.hpp>
#include <roi/table/table.hpp>

#include "support/statistic_words.hpp"
#include <algorithm>
#include <limits>
#include <utility>

namespace notebook {

namespace {

/// The volumes of a condition, when there are enough of them for a test.
roi::Selection sample(const roi::Column& conditions, const std::string& name) {
    auto selection = conditions == name;
    if (selection.count() < 2) {
        throw roi::InvalidArgument(roi::text("condition \"", name, "\" has ",
                                             counted(selection.count(), "volume"),
                                             ", a t-test needs at least 2"));
    }
    return selection;
}

/// The anatomical mask, on the grid of the run.
std::optional<roi::Mask> read_mask(const Settings& settings, const roi::Grid& grid) {
    if (!settings.mask) return std::nullopt;
    auto mask = roi::load<bool>(*settings.mask, {.warning = settings.warning});
    roi::require_same_grid(mask.grid(), grid, *settings.mask + " and " + settings.bold);
    return mask;
}

/// The atlas, and where it lies on the grid of the run.
std::optional<Atlas> read_atlas(const Settings& settings, const roi::Grid& grid) {
    if (!settings.atlas) return std::nullopt;
    Atlas out;
    out.labels = roi::load_labels<std::int32_t>(*settings.atlas, {.warning = settings.warning});
    if (roi::same_grid(out.labels.grid(), grid)) {
        out.on_run = out.labels;
    } else if (settings.resample == roi::ResampleFor::none) {
        try {
            roi::require_same_grid(out.labels.grid(), grid, *settings.atlas + " and " + settings.bold);
        } catch (const roi::GridMismatch& error) {
            throw roi::InvalidArgument(
                roi::text(error.what(),
                          "; or choose --resample data (the atlas is moved) or --resample labels (the run)"));
        }
    } else {
        out.on_run = roi::resample_to(out.labels, grid, roi::Interpolation::nearest);
        out.moves_run = settings.resample == roi::ResampleFor::labels;
    }
    return out;
}

/// Do values of this image need double? float holds integers of up to 16 bits exactly, but not what a slope and
/// an intercept make of them: beside a large intercept their differences would be lost.
bool needs_double(const roi::ImageInfo& info) {
    const auto type = info.datatype;
    if (info.slope != 1.0 || info.intercept != 0.0) return true;
    return type != roi::Datatype::float32 && roi::size_of(type) > 2;
}

/// Mean of one column of signals over the chosen volumes.
double mean_over(const Eigen::MatrixXd& signals, Eigen::Index column, const roi::Selection& chosen) {
    double sum = 0.0;
    for (const auto frame : chosen.indices()) sum += signals(frame, column);
    return sum / static_cast<double>(chosen.count());
}

}  // namespace

roi::Column read_conditions(const Settings& settings) {
    auto conditions = roi::read_table(settings.labels, {.header = true})[settings.column];
    const auto frames = roi::read_header(settings.bold).frames;
    if (conditions.size() != frames) {
        throw roi::InvalidArgument(roi::text(settings.labels, ": has ", counted(conditions.size(), "row"),
                                             ", but ", settings.bold, " has ", counted(frames, "volume"),
                                             "; the table needs one row per volume"));
    }
    return conditions;
}

Question read_question(const Settings& settings) {
    const auto conditions = read_conditions(settings);
    const auto header = roi::read_header(settings.bold);
    Question out{sample(conditions, settings.first),
                 sample(conditions, settings.second),
                 read_mask(settings, header.grid),
                 read_atlas(settings, header.grid),
                 settings.names ? roi::read_names(*settings.names) : roi::RegionNames(),
                 needs_double(header)};
    if (out.atlas) {
        const auto labels = roi::region_labels(out.atlas->labels);
        roi::warn_of_names(out.names, {labels.begin(), labels.end()}, settings.warning);
    }
    return out;
}

std::optional<roi::Column> read_runs(const Settings& settings) {
    const auto table = roi::read_table(settings.labels, {.header = true});
    const auto columns = table.columns();
    if (std::find(columns.begin(), columns.end(), "chunks") == columns.end()) return std::nullopt;
    return table["chunks"];
}

roi::ScanOptions scan_options(const Settings& settings) {
    return {.progress = settings.progress, .warning = settings.warning, .stop = settings.stop};
}

roi::RegionSignalsOptions signal_options(const Settings& settings) {
    roi::RegionSignalsOptions out;
    out.statistics = {examples::statistic_named(settings.statistic)};
    out.warning = settings.warning;
    return out;
}

void clean_signals(Results& results, const Settings& settings) {
    if (!settings.cleans() || results.signals.values.cols() == 0) return;
    results.signals = roi::clean(
        results.signals,
        {.detrend = settings.detrend, .standardize = settings.standardize, .warning = settings.warning});
}

void find_regions(Results& results, const Settings& settings, const Question& question) {
    const auto& anatomy = question.anatomy;
    results.log_p = roi::neg_log10(results.test, {.max = settings.clip});
    // No -log10 p is below 0, and of a negative threshold what is below it would be kept.
    results.kept = roi::threshold(results.log_p, std::max(settings.threshold, 0.0));
    results.intersection = results.kept != 0.0;
    if (anatomy) results.intersection = roi::logical_and(results.intersection, *anatomy);
    results.dilated = roi::dilate(results.intersection);
    auto [atlas, count] = roi::label(results.dilated);
    results.atlas = std::move(atlas);
    results.count = count;
    if (question.atlas) results.given = question.atlas->on_run;
    results.names = question.names;
    results.t_r = roi::repetition_time(roi::read_header(settings.bold).metadata);
}

std::vector<RegionSummary> summarise(const Settings& settings, const Results& results,
                                     const roi::Column& conditions) {
    const auto first = conditions == settings.first;
    const auto second = conditions == settings.second;
    const auto measured = roi::measure(results.log_p, results.regions(), {.omit_nan = true, .median = false});
    const auto& columns = results.signals.columns;
    std::vector<RegionSummary> out;
    for (std::size_t i = 0; i < columns.size(); ++i) {
        const auto column = static_cast<Eigen::Index>(i);
        constexpr double none = std::numeric_limits<double>::quiet_NaN();
        RegionSummary row{columns[i].id,
                          columns[i].name,
                          columns[i].voxels,
                          columns[i].mm3,
                          roi::Point::Constant(none),
                          none,
                          0.0};
        row.difference = mean_over(results.signals.values, column, first) -
                         mean_over(results.signals.values, column, second);
        const auto found = std::find_if(measured.begin(), measured.end(),
                                        [&](const auto& region) { return region.label == columns[i].id; });
        if (found != measured.end()) {
            row.centre = results.regions().grid().world(found->center);
            row.peak = found->max;
        }
        out.push_back(std::move(row));
    }
    return out;
}

}  // namespace notebook
