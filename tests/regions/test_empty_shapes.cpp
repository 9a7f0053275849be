#include <roi/regions.hpp>

#include "catch.hpp"
#include "empty_shapes.hpp"
#include <cmath>
#include <cstdint>

using roi::Grid;
using roi::Labels;
using roi::Mask;
using test::ends;

TEST_CASE("regions of an empty volume are none at once, however long its axes") {
    test::for_each_empty_shape([](const Grid& grid) {
        const Mask mask(grid);
        const Labels labels(grid);
        const roi::Volume<float> map(grid);
        const roi::Volume4D<float> maps(grid, 2);

        for (const auto order : {roi::LabelOrder::first, roi::LabelOrder::size}) {
            for (const auto connectivity : {roi::Connectivity::faces, roi::Connectivity::corners}) {
                const auto found =
                    roi::label(mask, {.connectivity = connectivity, .min_size = 2, .order = order});
                CHECK(found.count == 0);
                CHECK(found.atlas.grid() == grid);
            }
        }
        CHECK(roi::label(mask).count == 0);
        CHECK(roi::regions(labels).empty());
        CHECK(roi::regions(labels, {3}).size() == 1);
        CHECK(roi::region_labels(labels).empty());
        CHECK(ends([&] { (void)roi::region_sizes(labels); }));
        CHECK(ends([&] { (void)roi::region(labels, 1); }));
        CHECK(ends([&] { (void)roi::regions_together(labels, {1, 2}); }));
        CHECK(ends([&] { (void)roi::largest_region(labels); }));
        CHECK(ends([&] { (void)roi::largest_region(mask); }));
        CHECK(std::isnan(roi::center_of_mass(map)[0]));
        CHECK(std::isnan(roi::center_of_mass(mask)[0]));

        CHECK(roi::relabel(labels).atlas.grid() == grid);
        CHECK(roi::connected_label_regions(labels, {.min_volume = 5.0}).atlas.grid() == grid);
        CHECK(roi::split_sides(labels).atlas.grid() == grid);

        CHECK(roi::measure(map, labels).empty());
        CHECK(ends([&] { (void)roi::measure(map, mask, {.labels = {{1}}, .percentiles = {50.0}}); }));
        CHECK(roi::labelled_comprehension(map, labels, roi::mean_of).empty());
        CHECK(roi::labelled_comprehension(map, labels, roi::mean_of, {{1}}).size() == 1);

        CHECK(std::isnan(roi::dice(mask, mask)));
        CHECK(ends([&] { (void)roi::overlap(mask, mask); }));
        CHECK(ends([&] { (void)roi::jaccard(mask, mask); }));
        CHECK(roi::overlap_of_labels(labels, labels).empty());
        CHECK(ends([&] { (void)roi::hausdorff(mask, mask); }));
        CHECK(ends([&] { (void)roi::mean_surface_distance(mask, mask); }));
        CHECK(roi::distances_of_labels(labels, labels).empty());

        CHECK(roi::intersect_masks({mask, mask}).grid() == grid);
        CHECK(ends([&] { (void)roi::compute_epi_mask(map); }));
        CHECK(ends([&] { (void)roi::compute_background_mask(map); }));
        for (const auto type : {roi::ExtractType::connected_components, roi::ExtractType::local_regions}) {
            CHECK(roi::connected_regions(maps, {.type = type}).sources.empty());
            CHECK(ends([&] { (void)roi::extract_regions(maps, {.regions = {.type = type}}); }));
        }

        // Wider than the grid, so that the box of the sphere is all there is along its axes.
        CHECK(roi::sphere_voxels(grid, {roi::Point(0.0, 0.0, 0.0), 1e15}).empty());
        CHECK(roi::spheres(grid, {{roi::Point(0.0, 0.0, 0.0), 1e15}}).grid() == grid);
    });
}
