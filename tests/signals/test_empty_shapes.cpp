#include <roi/signals.hpp>

#include "catch.hpp"
#include "empty_shapes.hpp"
#include <Eigen/Core>

using roi::Grid;
using roi::Labels;
using roi::Mask;
using test::ends;

TEST_CASE("signals of a run without voxels end at once, however long its axes") {
    test::for_each_empty_shape([](const Grid& grid) {
        const Mask mask(grid);
        const Labels labels(grid);
        const roi::Volume<double> map(grid);
        const roi::Volume4D<double> run(grid, 3);
        CHECK_THROWS_AS(roi::apply_mask(run, mask), roi::InvalidArgument);
        CHECK_THROWS_AS(roi::apply_mask(map, mask), roi::InvalidArgument);
        CHECK(ends([&] { CHECK(roi::unmask(Eigen::MatrixXd(3, 0), mask).grid() == grid); }));
        CHECK(ends([&] { CHECK(roi::unmask_volume(Eigen::VectorXd(0), mask).grid() == grid); }));
        const auto one = roi::labels_of(Labels(Grid(roi::Shape(2, 2, 2)), 1));
        CHECK(ends([&] { (void)roi::region_signals(run, one, {.resample = roi::ResampleFor::data}); }));
        CHECK(ends([&] { (void)roi::region_signals(map, one, {.resample = roi::ResampleFor::data}); }));
        CHECK(ends([&] { (void)roi::region_signals(run, roi::labels_of(labels)); }));
        const auto ball = roi::spheres_at({{roi::Point(0.0, 0.0, 0.0), 1e15}});
        CHECK(ends([&] { (void)roi::region_signals(run, ball); }));
    });
}
