// Clusters are those of one map of numbers, their regions have numbers.
// expected: roi: cluster_table takes one map: write cluster_table.run.frame.i., threshold.*roi: cluster_table takes a map of numbers: write label.mask.*roi: extract_regions takes maps of numbers: write label.mask.*roi: connected_regions takes maps of numbers: write label.mask.
// expected: roi: an atlas of clusters holds labels: write label.mask..atlas of a mask
// expected: roi: threshold takes a number or a Percentile: write threshold.map, Percentile.95..
// errors: 6
#include <roi/regions/extract.hpp>
#include <roi/regions/label.hpp>
#include <roi/stats/cluster_table.hpp>
#include <roi/stats/threshold.hpp>

// Peaks are those of one map of numbers.
int clusters_of_mask() {
    const roi::Mask mask(roi::Shape(2, 2, 2), true);
#ifdef ROI_CONTROL
    const roi::Volume<float> run(mask.grid(), 1.0f);
    const auto& map = run;
#else
    const roi::Volume4D<float> run(mask.grid(), 2);
    const auto& map = mask;
#endif
    (void)roi::cluster_table(run, 1.0);
    (void)roi::cluster_table(map, 1.0);
    (void)roi::extract_regions(map);
    (void)roi::connected_regions(map);
    return 0;
}

// The regions of clusters have numbers.
int atlas_of_mask() {
    const roi::Volume<float> map(roi::Shape(2, 2, 2), 1.0f);
    const roi::Mask mask(map.grid(), true);
#ifdef ROI_CONTROL
    const auto found = roi::cluster_table(map, 0.5, {.atlas = roi::label(mask).atlas});
#else
    const auto found = roi::cluster_table(map, 0.5, {.atlas = mask});
#endif
    return found.peaks.empty() ? 1 : 0;
}

// nilearn's "95%" is a type here.
int threshold_by_text() {
    const roi::Volume<float> map(roi::Shape(2, 2, 2), 1.0f);
#ifdef ROI_CONTROL
    (void)roi::threshold(map, roi::Percentile(95));
#else
    roi::threshold(map, "95%");
#endif
    return 0;
}
