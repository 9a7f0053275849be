// The regions and signals of steps 8 and 9: compiled once for both.
#include "step.hpp"

namespace examples {

roi::Labels Step::atlas(const roi::Volume4D<float>& bold) const {
    const auto& masker = options_.masker;
    if (masker.atlas.empty()) return labelled(bold).atlas;
    auto atlas = roi::load_labels<std::int32_t>(masker.atlas, {.warning = warning});
    if (roi::same_grid(atlas.grid(), bold.grid()) || masker.resample == "labels") return atlas;
    if (masker.resample == "data") {
        return roi::resample_to(atlas, bold.grid(), roi::Interpolation::nearest, {.warning = warning});
    }
    try {
        roi::require_same_grid(atlas.grid(), bold.grid(), masker.atlas + " and " + subject.bold);
    } catch (const roi::GridMismatch& error) {
        throw roi::InvalidArgument(roi::text(
            error.what(), "; or choose --resample data (the atlas is moved) or --resample labels (the run)"));
    }
    return atlas;
}

std::vector<std::int32_t> Step::single_regions(const roi::Labels& atlas) const {
    auto labels = roi::region_labels(atlas);
    if (!options_.masker.atlas.empty() && labels.size() > 2) labels.resize(2);
    return labels;
}

roi::Signals Step::signals(const roi::Volume4D<float>& bold, const roi::Labels& atlas) const {
    const auto& masker = options_.masker;
    if (roi::region_labels(atlas).empty()) return {{}, Eigen::MatrixXd(bold.frames(), 0)};
    const auto names = masker.names.empty() ? roi::RegionNames() : roi::read_names(masker.names);
    const auto signals = roi::region_signals(
        bold, roi::labels_of(atlas, {.names = names}),
        {.statistics = {statistic_named(masker.statistic)},
         .resample = masker.resample == "labels" ? roi::ResampleFor::labels : roi::ResampleFor::none,
         .warning = warning});
    const auto cleaning = masker.cleaning.settings({}, warning);
    if (!cleaning.detrend && cleaning.standardize == roi::Standardize::none) return signals;
    return roi::clean(signals, cleaning);
}

}  // namespace examples
