// Peaks are those of one map of numbers.
// expected: roi: cluster_table takes one map: write cluster_table.run.frame.i., threshold.*roi: cluster_table takes a map of numbers: write label.mask.*roi: extract_regions takes maps of numbers: write label.mask.*roi: connected_regions takes maps of numbers: write label.mask.
// errors: 4
#include <roi/regions/extract.hpp>
#include <roi/stats/cluster_table.hpp>

int main() {
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
