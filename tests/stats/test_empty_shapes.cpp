#include <roi/stats.hpp>

#include "catch.hpp"
#include "empty_shapes.hpp"
#include <Eigen/Core>
#include <cstdint>
#include <string>
#include <vector>

using roi::Grid;
using roi::Mask;
using test::ends;

TEST_CASE("statistics of an empty map are empty at once, however long its axes") {
    test::for_each_empty_shape([](const Grid& grid) {
        const Mask mask(grid);
        const roi::Volume<double> map(grid);

        const auto clusters = roi::cluster_table(map, 1.0);
        CHECK(clusters.peaks.empty());
        CHECK(clusters.clusters.grid() == grid);
        CHECK(roi::cluster_table(map, 1.0, {.two_sided = true, .min_size = 3}).peaks.empty());
        CHECK(roi::tfce(map).grid() == grid);
        CHECK(roi::tfce(map, {.mask = mask}).grid() == grid);
        CHECK(ends([&] { (void)roi::correct(map); }));
        CHECK(ends([&] { (void)roi::correct(map, {.mask = mask}); }));
        CHECK(ends([&] { (void)roi::threshold(map, 1.0, {.cluster_size = 3}); }));
        CHECK(ends([&] { (void)roi::threshold(map, roi::Percentile(95.0)); }));
        CHECK(ends([&] { (void)roi::binarize(map, 0.5); }));
        CHECK(roi::neg_log10(map).grid() == grid);
    });
}

TEST_CASE("statistics of a run without voxels are empty at once, however long its axes") {
    test::for_each_empty_shape([](const Grid& grid) {
        const roi::Volume4D<double> run(grid, 6);
        const roi::Column conditions(std::vector<std::string>{"a", "b", "a", "b", "a", "b"});
        const std::vector<double> tested{1.0, 2.0, 4.0, 3.0, 6.0, 5.0};
        CHECK(ends([&] { CHECK(roi::mean(run).grid() == grid); }));
        CHECK(ends([&] { CHECK(roi::mean(std::vector{run, run}).grid() == grid); }));
        CHECK(ends([&] { (void)roi::variance(run); }));
        CHECK(ends([&] { (void)roi::standard_deviation(run); }));
        CHECK(ends([&] { (void)roi::minimum(run); }));
        CHECK(ends([&] { (void)roi::maximum(run); }));
        CHECK(ends([&] { (void)roi::ttest_1samp(run); }));
        CHECK(ends([&] { (void)roi::ttest_rel(run, run); }));
        CHECK(ends([&] { (void)roi::ttest_ind(run, run); }));
        CHECK(ends([&] { (void)roi::ttest_ind(run, conditions == "a", conditions == "b"); }));
        CHECK(ends([&] { (void)roi::f_classif(run, conditions); }));
        const Eigen::VectorXd seed = Eigen::VectorXd::LinSpaced(6, 0.0, 1.0);
        CHECK(ends([&] { (void)roi::correlate(run, seed); }));
        CHECK(ends([&] { (void)roi::permute(run, tested, {.permutations = 5, .cluster_p = 0.05}); }));
        CHECK(ends([&] { (void)roi::permute(run, {.permutations = 5}); }));
    });
}
