#include "steps.hpp"

#include <roi/image/logical.hpp>
#include <roi/io.hpp>
#include <roi/morphology/dilate.hpp>
#include <roi/regions/label.hpp>
#include <roi/regions/regions.hpp>
#include <roi/stats/neg_log10.hpp>
#include <roi/stats/threshold.hpp>
#include <roi/table/table.hpp>

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
    auto conditions = roi::read_table(settings.labels)[settings.column];
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
    return {sample(conditions, settings.first), sample(conditions, settings.second),
            read_mask(settings, header.grid), needs_double(header)};
}

void find_regions(Results& results, const Settings& settings, const std::optional<roi::Mask>& anatomy) {
    results.log_p = roi::neg_log10(results.test, {.max = settings.clip});
    results.kept = roi::threshold(results.log_p, settings.threshold);
    results.intersection = results.kept != 0.0;
    if (anatomy) results.intersection = roi::logical_and(results.intersection, *anatomy);
    results.dilated = roi::dilate(results.intersection);
    auto [atlas, count] = roi::label(results.dilated);
    results.atlas = std::move(atlas);
    results.count = count;
}

std::vector<RegionSummary> summarise(const Settings& settings, const Results& results,
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

}  // namespace notebook
