// The regions of clusters have numbers.
// expected: roi: an atlas of clusters holds labels: write label.mask..atlas of a mask
// errors: 1
#include <roi/regions/label.hpp>
#include <roi/stats/cluster_table.hpp>

int main() {
    const roi::Volume<float> map(roi::Shape(2, 2, 2), 1.0f);
    const roi::Mask mask(map.grid(), true);
#ifdef ROI_CONTROL
    const auto found = roi::cluster_table(map, 0.5, {.atlas = roi::label(mask).atlas});
#else
    const auto found = roi::cluster_table(map, 0.5, {.atlas = mask});
#endif
    return found.peaks.empty() ? 1 : 0;
}
