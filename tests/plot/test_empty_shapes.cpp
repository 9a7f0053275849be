#include <roi/plot.hpp>

#include "catch.hpp"
#include "empty_shapes.hpp"
#include <cstdint>

using roi::Grid;
using test::ends;

TEST_CASE("pictures of an image without voxels end at once, however long its axes") {
    test::for_each_empty_shape([](const Grid& grid) {
        const roi::Volume<float> map(grid);
        const roi::Volume<std::int32_t> labels(grid);
        const roi::Volume<float> background(Grid(roi::Shape(4, 5, 6)));
        const roi::Volume<std::int32_t> small(background.grid());
        CHECK(ends([&] { (void)roi::plot_img(map).svg(); }));
        CHECK(ends([&] { (void)roi::plot_img(map, background).svg(); }));
        CHECK(ends([&] { (void)roi::plot_anat(map).svg(); }));
        CHECK(ends([&] { (void)roi::plot_epi(map, {.display = roi::Display::mosaic}).svg(); }));
        CHECK(ends([&] { (void)roi::plot_stat_map(map, {.threshold = 1.0}).svg(); }));
        CHECK(ends([&] { (void)roi::plot_stat_map(background, map).svg(); }));
        CHECK(ends([&] { (void)roi::plot_roi(labels).svg(); }));
        CHECK(ends([&] { (void)roi::plot_roi(labels, background).svg(); }));
        CHECK(ends([&] { (void)roi::plot_roi(small, map).svg(); }));
        CHECK(ends([&] { (void)roi::find_xyz_cut_coords(map); }));
        CHECK(ends([&] { (void)roi::find_cut_slices(map, roi::Axis::z, 5); }));
    });
}
