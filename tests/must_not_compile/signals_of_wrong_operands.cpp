// What the functions of signals do not take is said in one line each, with what to write.
// expected: roi: signals_to_image takes signals and then regions.*roi: clean_run reads a run twice.*roi: high_variance_confounds reads a run twice.*roi: region_signals takes what is looked at and then regions.*roi: region_signals takes signals of a run.*roi: labels_of takes labels: write labels_of.label.mask..atlas.*roi: maps_of takes maps of numbers.*roi: labels_masker takes labels.*roi: clean takes signals, .* write clean.data_table.read_table.path.*roi: apply_mask takes .* then a mask.*roi: event_average takes events: write event_average.signals, blocks_of
// errors: 16
#include <roi/signals.hpp>

#include <string>
#include <vector>

int main() {
    const roi::Volume<float> map(roi::Shape(2, 2, 2), 1.0F);
    const roi::Volume4D<float> run(map.grid(), 3, 1.0F);
    const roi::Labels labels(map.grid(), 1);
    const roi::Mask mask(map.grid(), true);
    const roi::Signals signals;
    const auto regions = roi::labels_of(labels);
#ifdef ROI_CONTROL
    const auto& atlas_as_regions = regions;
    const auto& looked_at = run;
    const auto& looked_at_second = regions;
    const auto& file = run;
    const auto& atlas_file = labels;
    const auto& confounds_file = signals;
    const auto& map_as_labels = labels;
    const auto& mask_as_maps = map;
    const auto& atlas_as_mask = mask;
    const std::vector<roi::Event> conditions;
    const auto image = roi::signals_to_image(signals, regions);
    (void)roi::clean_run(run, run, {.detrend = true});
    (void)roi::high_variance_confounds(run, run);
#else
    const std::string path = "a.nii";
    const auto& atlas_as_regions = labels;
    const auto& looked_at = regions;
    const auto& looked_at_second = run;
    const auto& file = path;
    const auto& atlas_file = path;
    const auto& confounds_file = path;
    const auto& map_as_labels = map;
    const auto& mask_as_maps = mask;
    const auto& atlas_as_mask = labels;
    const roi::Column conditions;
    const auto image = roi::signals_to_image(signals, labels);
    (void)roi::clean_run(run, {.detrend = true});
    (void)roi::clean_run(path, path, {.detrend = true});
    (void)roi::high_variance_confounds(path);
#endif
    (void)roi::region_signals(run, atlas_as_regions);
    (void)roi::region_signals(looked_at, looked_at_second);
    (void)roi::region_signals(file, regions);
    (void)roi::labels_of(atlas_file);
    (void)roi::labels_of(map_as_labels);
    (void)roi::maps_of(file);
    (void)roi::maps_of(mask_as_maps);
    (void)roi::labels_masker(map_as_labels);
    (void)roi::clean(confounds_file, {.detrend = true});
    (void)roi::apply_mask(run, atlas_as_mask);
    (void)roi::apply_mask(file, mask);
    (void)roi::event_average(signals, conditions, roi::Seconds{2.0});
    return image.frames() == 0 ? 0 : 1;
}
