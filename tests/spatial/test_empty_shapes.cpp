#include <roi/spatial.hpp>

#include "catch.hpp"
#include "empty_shapes.hpp"
#include <cstdint>
#include <vector>

using roi::Affine;
using roi::Border;
using roi::Fwhm;
using roi::Grid;
using roi::Mask;
using roi::Point;
using roi::Shape;
using roi::Sigma;
using test::ends;

TEST_CASE("an empty volume is smoothed at once, however long its axes") {
    test::for_each_empty_shape([](const Grid& grid) {
        const Mask mask(grid);
        const roi::Volume<float> map(grid);
        const roi::Volume4D<float> run(grid, 2);
        for (const auto border : {Border::reflect, Border::constant}) {
            CHECK(roi::smooth(map, Fwhm{6.0}, {.border = border}).grid() == grid);
            CHECK(roi::smooth(map, Sigma{1.5}, {.border = border, .threads = 2}).grid() == grid);
            CHECK(roi::smooth(mask, Fwhm{6.0}, {.border = border}).grid() == grid);
            CHECK(roi::smooth(run, Fwhm{6.0}, {.border = border}).grid() == grid);
            CHECK(roi::smooth_within(map, mask, Fwhm{6.0}, {.border = border}).grid() == grid);
            CHECK(roi::smooth_within(run, mask, Fwhm{6.0}, {.border = border}).grid() == grid);
        }
        CHECK(roi::mix_with_neighbours(map).grid() == grid);
        CHECK(roi::mix_with_neighbours(mask).grid() == grid);
        CHECK(roi::mix_with_neighbours(run).grid() == grid);
    });
}

TEST_CASE("an empty volume is resampled, reordered and cropped at once, however long its axes") {
    Affine slanted = Affine::Identity();
    slanted(0, 1) = slanted(1, 0) = 0.3;
    test::for_each_empty_shape([&](const Grid& grid) {
        const Mask mask(grid);
        const roi::Volume<float> map(grid);
        const roi::Volume4D<float> run(grid, 2);
        const roi::Labels labels(grid);
        const Grid moved(grid.shape(), roi::scaling(Point(1.5, 1.5, 1.5))), turned(grid.shape(), slanted);
        const Shape some(3, 4, 2);
        const roi::Volume<float> full(Grid(some), 1.0F);
        for (const Grid& target : {grid, moved, turned, Grid(some), Grid(some, slanted)}) {
            const auto onto = [&](const auto& image, auto how) {
                return ends([&] { CHECK(roi::resample_to(image, target, how).grid() == target); });
            };
            CHECK(onto(map, roi::Interpolation::linear));
            CHECK(onto(map, roi::Interpolation::continuous));
            CHECK(onto(map, roi::Interpolation::nearest));
            CHECK(onto(run, roi::Interpolation::linear));
            CHECK(onto(labels, roi::Interpolation::nearest));
            CHECK(onto(mask, roi::Interpolation::nearest));
            CHECK(onto(full, roi::Interpolation::linear));
            CHECK(onto(full, roi::Interpolation::continuous));
            CHECK(onto(full, roi::Interpolation::nearest));
            CHECK(ends([&] { (void)roi::concat_on(target, std::vector<roi::Volume4D<float>>{run, run}); }));
        }
        CHECK(ends([&] { (void)roi::grid_of_voxel_size(grid, 2.0); }));
        CHECK(ends([&] { (void)roi::grid_of_affine(grid, slanted); }));

        CHECK(roi::reorder(map).grid() == grid);
        CHECK(roi::reorder(run).grid() == grid);
        const auto box = roi::content_box(map);
        CHECK(box.last[0] - box.first[0] == 0);
        CHECK(ends([&] { (void)roi::content_box(run, {.margin = 3}); }));
        CHECK(ends([&] { (void)roi::crop(map); }));
        CHECK(ends([&] { (void)roi::crop(run); }));
        CHECK(ends([&] { (void)roi::crop(map, box); }));
    });
}
