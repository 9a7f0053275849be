// Numbers are labels when they are said to be, and names are a list.
// expected: roi: regions takes labels: write regions.label.mask..atlas. of a mask, .*as<std::int32_t>.map. or load_labels.path.*roi: regions takes labels.*roi: region_labels takes.*roi: region_sizes takes.*roi: region takes.*roi: regions_together takes labels.*roi: regions_together takes labels.*roi: largest_region takes a mask or labels: write largest_region.map != 0.*roi: relabel takes labels: write label.mask.*roi: split_sides takes labels.*roi: connected_label_regions takes labels: write label.mask.
// expected: roi: regions_together takes a list of names: write regions_together.atlas, names,.*a.
// expected: roi: spheres takes a grid: write spheres.image.grid
// errors: 13
#include <roi/regions/regions.hpp>
#include <roi/regions/relabel.hpp>
#include <roi/regions/spheres.hpp>

// Numbers are labels when they are said to be.
int regions_of_map() {
    const roi::Volume<float> map(roi::Shape(2, 2, 2), 1.0f);
#ifdef ROI_CONTROL
    const roi::Labels labels(map.grid(), 1);
#else
    const auto& labels = map;
#endif
    (void)roi::regions(labels);
    (void)roi::regions(labels, {1});
    (void)roi::region_labels(labels);
    (void)roi::region_sizes(labels);
    (void)roi::region(labels, 1);
    (void)roi::regions_together(labels, {1});
    (void)roi::regions_together(labels, roi::RegionNames({{1, "a"}}), {"a"});
    (void)roi::largest_region(labels);
    (void)roi::relabel(labels);
    (void)roi::split_sides(labels);
    (void)roi::connected_label_regions(labels);
    return 0;
}

// Names are a list, be it of one.
int regions_together_by_text() {
    const roi::Labels atlas(roi::Shape(2, 2, 2), 1);
    const roi::RegionNames names({{1, "a"}});
#ifdef ROI_CONTROL
    const auto region = roi::regions_together(atlas, names, {"a"});
#else
    const auto region = roi::regions_together(atlas, names, "a");
#endif
    return region[0] ? 0 : 1;
}

// A shape does not say where its voxels lie.
int spheres_in_shape() {
    const roi::Grid grid(roi::Shape(4, 4, 4));
#ifdef ROI_CONTROL
    return roi::spheres(grid, {{{1, 1, 1}, 1}})[0];
#else
    return roi::spheres(grid.shape(), {{{1, 1, 1}, 1}})[0];
#endif
}
