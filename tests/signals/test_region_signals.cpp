// Signals of labels, spheres and maps: nilearn's numbers, lost regions, values that are no numbers, every kind of data.
#include <roi/core/detail/instruction_set.hpp>
#include <roi/io/load.hpp>
#include <roi/io/open.hpp>
#include <roi/signals/eigenvariate.hpp>
#include <roi/signals/maps_of.hpp>
#include <roi/signals/region_signals.hpp>
#include <roi/spatial/smooth.hpp>
#include <roi/stream/keep_voxels.hpp>

#include "catch.hpp"
#include "checks.hpp"
#include "header_bytes.hpp"
#include "sources.hpp"
#include "support.hpp"
#include <array>
#include <cmath>
#include <cstring>
#include <limits>
#include <string>
#include <vector>

namespace {

using Texts = std::vector<std::string>;

const roi::Grid golden_grid({4, 2, 2}, roi::scaling({2.0, 2.0, 2.0}));

/// d = (7x + 3y + 5z + 11t + xyt) mod 13.
roi::Volume4D<std::int16_t> golden_run() {
    roi::Volume4D<std::int16_t> out(golden_grid, 3);
    for (std::int64_t t = 0; t < 3; ++t) {
        for (std::int64_t i = 0; i < golden_grid.size(); ++i) {
            const auto [x, y, z] = golden_grid.shape().voxel(i);
            out.data()[t * golden_grid.size() + i] =
                static_cast<std::int16_t>((7 * x + 3 * y + 5 * z + 11 * t + x * y * t) % 13);
        }
    }
    return out;
}

roi::Labels golden_atlas() {
    roi::Labels out(golden_grid);
    out(0, 0, 0) = out(0, 1, 0) = out(1, 0, 0) = 1;
    out(1, 1, 1) = 2;
    for (std::int64_t i = 0; i < out.size(); ++i) {
        if (out.shape().voxel(i)[0] == 2) out[i] = 5;
    }
    return out;
}

void check_row(const roi::Signals& signals, Eigen::Index row, const std::vector<double>& expected,
               double tolerance = 1e-14) {
    REQUIRE(signals.values.cols() == static_cast<Eigen::Index>(expected.size()));
    for (std::size_t i = 0; i < expected.size(); ++i) {
        INFO("column " << i);
        CHECK(signals.values(row, static_cast<Eigen::Index>(i)) ==
              Approx(expected[i]).epsilon(tolerance).margin(tolerance));
    }
}

template <class T>
roi::Volume4D<T> series(std::int64_t voxels, const std::vector<T>& values) {
    return roi::Volume4D<T>(roi::Shape(voxels, 1, 1), static_cast<std::int64_t>(values.size()) / voxels,
                            values);
}

}  // namespace

TEST_CASE("region_signals: nilearn's strategies") {
    const auto signals =
        roi::region_signals(golden_run(), roi::labels_of(golden_atlas()),
                            {.statistics = {roi::mean_of, roi::median_of, roi::sum_of, roi::min_of,
                                            roi::max_of, roi::std_of, roi::variance_of}});
    REQUIRE(signals.columns.size() == 21);
    const auto check = [&](std::size_t statistic, const std::vector<double>& first,
                           const std::vector<double>& second) {
        for (std::size_t region = 0; region < 3; ++region) {
            const auto column = static_cast<Eigen::Index>(7 * region + statistic);
            CHECK(signals.values(0, column) == Approx(first[region]).epsilon(1e-15).margin(0));
            CHECK(signals.values(1, column) == Approx(second[region]).epsilon(1e-15).margin(0));
        }
    };
    check(0, {3.3333333333333335, 2, 5}, {5.666666666666667, 1, 7.25});
    check(1, {3, 2, 5}, {5, 1, 6.5});
    check(2, {10, 2, 20}, {17, 1, 29});
    check(3, {0, 2, 1}, {1, 1, 4});
    check(4, {7, 2, 9}, {11, 1, 12});
    check(5, {2.8674417556808756, 0, 2.9154759474226504}, {4.109609335312651, 0, 3.418698582794336});
    check(6, {8.222222222222221, 0, 8.5}, {16.88888888888889, 0, 11.6875});

    CHECK(roi::column_names(signals)[7] == "label_2_mean");
    CHECK(signals.columns[14].id == 5);
    CHECK(signals.columns[14].voxels == 4);
    CHECK(signals.columns[14].mm3 == 32.0);
    const auto described = roi::describe(signals);
    CHECK(described.numbers("mm3")[20] == 32.0);
    CHECK(described.rows() == 21);
}

TEST_CASE("region_signals: names, and smoothing before the mask") {
    const roi::RegionNames names({{1, "V1"}, {5, "V2"}});
    const auto regions = roi::labels_of(golden_atlas(), {.names = names});
    roi::Mask mask(golden_grid, true);
    mask(1, 1, 1) = mask(2, 0, 0) = false;
    const auto smoothed = roi::smooth(test::converted<double>(golden_run()), roi::Fwhm{4.0});
    const auto all = roi::region_signals(smoothed, regions);
    CHECK(roi::column_names(all) == Texts{"V1", "label_2", "V2"});
    check_row(all, 0, {4.727225609362159, 6.092598467679102, 5.747706422018349}, 1e-12);

    std::string warning;
    const auto masked = roi::region_signals(
        smoothed, regions, {.mask = mask, .warning = [&](std::string_view line) { warning += line; }});
    check_row(masked, 0, {4.727225609362159, 5.894256913165652}, 1e-12);
    CHECK(test::contains(warning, "1 of 3 regions"));
    CHECK(test::contains(warning, "label_2"));

    const auto kept = roi::region_signals(smoothed, regions, {.mask = mask, .lost = roi::LostRegions::keep});
    CHECK(kept.columns.size() == 3);
    CHECK(kept.values.col(1).array().isNaN().all());
    CHECK(test::contains(roi::format_table(roi::to_table(kept), roi::TableFormat::tsv), "\tn/a\t"));
    CHECK(test::contains(test::message_of<roi::InvalidArgument>([&] {
                             (void)roi::region_signals(smoothed, regions,
                                                       {.mask = mask, .lost = roi::LostRegions::error});
                         }),
                         "label_2"));
    CHECK(test::contains(test::message_of<roi::InvalidArgument>([&] {
                             (void)roi::region_signals(smoothed, regions, {.mask = roi::Mask(golden_grid)});
                         }),
                         "no region is left"));
    // An atlas of background alone, no sphere and no map are no regions, whoever asks.
    const auto refused = [&](const roi::SignalRegions& none) {
        return test::message_of<roi::InvalidArgument>([&] { (void)roi::region_signals(smoothed, none); });
    };
    const std::string said = "region_signals: there is no region, so there are no signals";
    CHECK(test::contains(refused(roi::labels_of(roi::Labels(golden_grid))), said));
    CHECK(test::contains(refused(roi::labels_of(roi::Labels(golden_grid, 3), {.background = 3})), said));
    CHECK(test::contains(refused(roi::spheres_at({})), said));
    CHECK(test::contains(refused(roi::maps_of(roi::Volume4D<float>(golden_grid, 0))), said));
}

TEST_CASE("region_signals: what was lost and what was not finite is known as numbers, too") {
    roi::Mask mask(golden_grid, true);
    mask(1, 1, 1) = mask(2, 0, 0) = false;
    auto run = test::converted<double>(golden_run());
    roi::RegionSignals sink(roi::labels_of(golden_atlas()), {.mask = mask, .lost = roi::LostRegions::keep});
    roi::scan(run, sink);
    CHECK(sink.lost() == Texts{"label_2"});
    CHECK(sink.non_finite() == 0);
    for (double& value : run.frame(1).values()) value = std::nan("");
    roi::scan(run, sink);
    std::int64_t voxels = 0;
    for (const auto& column : sink.result().columns) voxels += column.voxels;
    CHECK(sink.non_finite() == voxels);
}

TEST_CASE("region_signals: labels of another grid, or the run on theirs") {
    const roi::Grid fine({8, 4, 4}, roi::scaling({1.0, 1.0, 1.0}));
    roi::Volume<double> volume(fine);
    for (std::int64_t i = 0; i < volume.size(); ++i) {
        const auto [x, y, z] = fine.shape().voxel(i);
        volume[i] = static_cast<double>((7 * x + 3 * y + 5 * z) % 13);
    }
    const auto regions = roi::labels_of(golden_atlas());
    const auto message =
        test::message_of<roi::GridMismatch>([&] { (void)roi::region_signals(volume, regions); });
    CHECK(test::contains(message, "atlas and run"));
    check_row(roi::region_signals(volume, regions, {.resample = roi::ResampleFor::data}), 0,
              {3.4, 6.25, 5.777777777777778});
    check_row(roi::region_signals(volume, regions, {.resample = roi::ResampleFor::labels}), 0,
              {2.333333333333336, 4.000000000000003, 6.750000000000002}, 1e-12);
    // Whole numbers of 32 bits are no labels where they are what is measured.
    roi::Volume<std::int32_t> whole(fine);
    std::copy(volume.begin(), volume.end(), whole.begin());
    check_row(roi::region_signals(whole, regions, {.resample = roi::ResampleFor::labels}), 0,
              {2.333333333333336, 4.000000000000003, 6.750000000000002}, 1e-12);
    const roi::Volume4D<double> run(fine, 1, std::vector<double>(volume.begin(), volume.end()));
    check_row(roi::region_signals(run, regions, {.resample = roi::ResampleFor::labels}), 0,
              {2.333333333333336, 4.000000000000003, 6.750000000000002}, 1e-12);
    // A mask may lie on the grid of the run, too: it goes where the run goes, nearest.
    roi::Mask half(fine, true);
    for (std::int64_t y = 0; y < 4; ++y) {
        for (std::int64_t z = 0; z < 4; ++z) half(2, y, z) = half(3, y, z) = false;
    }
    const auto moved = roi::resample_to(half, golden_grid, roi::Interpolation::nearest);
    for (const auto& mask : {half, moved}) {
        const auto masked =
            roi::region_signals(run, regions, {.mask = mask, .resample = roi::ResampleFor::labels});
        CHECK(roi::column_names(masked) == Texts{"label_1", "label_5"});
        CHECK(masked.columns[0].voxels == 2);
        const auto of_volume =
            roi::region_signals(volume, regions, {.mask = mask, .resample = roi::ResampleFor::labels});
        CHECK(test::same_matrix(masked.values, of_volume.values));
    }
    CHECK_THROWS_AS(roi::region_signals(run, regions, {.mask = moved}), roi::GridMismatch);
}

TEST_CASE("region_signals: spheres") {
    const roi::Shape shape(5, 5, 5);
    roi::Volume<double> volume(shape);
    for (std::int64_t i = 0; i < volume.size(); ++i) {
        const auto [x, y, z] = shape.voxel(i);
        volume[i] = static_cast<double>(25 * x + 5 * y + z);
    }
    const std::vector<roi::Sphere> seeds{{{2, 2, 2}, 1.0, ""}, {{0, 0, 0}, 1.0, "corner"}};
    const auto signals = roi::region_signals(volume, roi::spheres_at(seeds));
    check_row(signals, 0, {62, 7.75});
    CHECK(roi::column_names(signals) == Texts{"sphere_1", "corner"});
    const std::vector<roi::Sphere> close{{{2, 2, 2}, 1.0, ""}, {{3, 2, 2}, 1.0, ""}};
    CHECK(test::contains(test::message_of<roi::InvalidArgument>(
                             [&] { (void)roi::region_signals(volume, roi::spheres_at(close)); }),
                         "voxel (2, 2, 2) lies in two spheres, \"sphere_1\" and \"sphere_2\"; make"));
    check_row(roi::region_signals(volume, roi::spheres_at(close, {.overlap = true})), 0, {62, 87});
}

TEST_CASE("region_signals: that regions with the same name are told apart is said") {
    const roi::Volume<double> volume(roi::Shape(5, 5, 5), 1.0);
    std::vector<roi::Sphere> places{{{1, 1, 1}, 0.0, "V1"}, {{2, 2, 2}, 0.0, "V2"}, {{3, 3, 3}, 0.0, "V1"}};
    Texts warnings;
    const auto columns = [&](std::vector<roi::RegionStatistic> statistics) {
        warnings.clear();
        return roi::column_names(
            roi::region_signals(volume, roi::spheres_at(places),
                                {.statistics = std::move(statistics),
                                 .warning = [&](std::string_view line) { warnings.emplace_back(line); }}));
    };
    constexpr const char* said =
        "region_signals: regions with the same name are told apart by their kind and number: ";
    CHECK(columns({roi::mean_of}) == Texts{"V1_sphere_1", "V2", "V1_sphere_3"});
    CHECK(warnings == Texts{std::string(said) + "V1_sphere_1, V1_sphere_3"});
    CHECK(columns({roi::mean_of, roi::sum_of}).back() == "V1_sum_sphere_3");
    CHECK(warnings ==
          Texts{std::string(said) + "V1_mean_sphere_1, V1_sum_sphere_1, V1_mean_sphere_3, V1_sum_sphere_3"});
    places.pop_back();
    CHECK(columns({roi::mean_of}) == Texts{"V1", "V2"});
    CHECK(warnings.empty());
}

TEST_CASE("region_signals: maps by least squares, or as weighted means") {
    const roi::Shape shape(3, 2, 1);
    // The sheet has them x slowest: rows of x.
    const auto laid_out = [&](const std::vector<double>& rows) {
        std::vector<double> out(rows.size());
        for (std::size_t volume = 0; volume < rows.size() / 6; ++volume) {
            for (std::size_t x = 0; x < 3; ++x) {
                for (std::size_t y = 0; y < 2; ++y)
                    out[6 * volume + x + 3 * y] = rows[6 * volume + 2 * x + y];
            }
        }
        return out;
    };
    const auto maps_from = [&](const std::vector<double>& rows) {
        return roi::maps_of(
            roi::Volume4D<double>(shape, static_cast<std::int64_t>(rows.size() / 6), laid_out(rows)));
    };
    const roi::Volume4D<double> run(shape, 2, laid_out({3, 2, 5, 0, 1, 7, 1, 4, -1, 2, 6, 3}));
    const auto maps = maps_from({1, .5, .5, 0, 0, 0, 0, 0, 0, .25, 1, .75});
    const auto signals = roi::region_signals(run, maps);
    check_row(signals, 0, {4.333333333333334, 3.8461538461538467}, 1e-14);
    check_row(signals, 1, {1.6666666666666672, 5.384615384615386}, 1e-14);
    CHECK(roi::column_names(signals) == Texts{"map_1", "map_2"});
    const auto means = roi::region_signals(run, maps, {.maps = roi::MapSignal::weighted_mean});
    check_row(means, 0, {3.25, 3.125});
    check_row(means, 1, {1.25, 4.375});
    // Weights that cancel each other have no mean; their factor is one all the same.
    const auto difference = maps_from({1, .5, .5, 0, 0, 0, 0, 0, 0, .1, -.3, .2});
    const auto refused = test::message_of<roi::InvalidArgument>(
        [&] { (void)roi::region_signals(run, difference, {.maps = roi::MapSignal::weighted_mean}); });
    CHECK(test::contains(refused, "the weights of map 2 (map_2) sum to "));
    CHECK(test::contains(refused, "take MapSignal::least_squares"));
    CHECK(roi::region_signals(run, difference).values.allFinite());

    check_row(roi::region_signals(run, maps_from({1, .5, .5, 0, 0, 0, .5, 0, 0, .25, 1, .75})), 0,
              {3.243902439024391, 3.268292682926831}, 1e-14);
    roi::Mask mask(shape, true);
    mask(2, 0, 0) = false;
    check_row(roi::region_signals(run, maps, {.mask = mask}), 0, {4.333333333333334, 8.399999999999999},
              1e-14);
    // One is twice the other: the shortest of all closest factors.
    check_row(roi::region_signals(run, maps_from({1, .5, .5, 0, 0, 0, 2, 1, 1, 0, 0, 0})), 0,
              {.8666666666666667, 1.7333333333333334}, 1e-12);

    // A map without a voxel between the others has no part in the fit, whether its column is kept or not.
    const auto empty = maps_from({1, .5, .5, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, .25, 1, .75});
    check_row(roi::region_signals(run, empty), 0, {4.333333333333334, 3.8461538461538467}, 1e-14);
    const auto kept = roi::region_signals(run, empty, {.lost = roi::LostRegions::keep}).values;
    REQUIRE(kept.cols() == 3);
    CHECK(std::abs(kept(1, 0) - 1.6666666666666672) < 1e-14);
    CHECK(std::isnan(kept(1, 1)));
    CHECK(std::abs(kept(1, 2) - 5.384615384615386) < 1e-14);
}

TEST_CASE("region_signals: many maps that overlap are the least squares of all of them") {
    test::Random random(test::seed());
    INFO("seed " << test::seed());
    const roi::Grid grid({12, 11, 10}, roi::scaling({2.0, 2.0, 2.0}));
    std::normal_distribution<double> normal;
    const auto run =
        test::random_run<float>(grid, 37, random);  // no multiple of those that are solved together
    for (const std::int64_t reach : {1, 2, 20}) {   // ties of a few, of many, of all
        roi::Volume4D<double> maps(grid, 60);
        Eigen::MatrixXd weights = Eigen::MatrixXd::Zero(grid.size(), 60);
        for (std::int64_t map = 0; map < 60; ++map) {
            const auto middle = grid.shape().voxel(static_cast<std::int64_t>(random() % 1320));
            for (std::int64_t i = 0; i < grid.size(); ++i) {
                const auto at = grid.shape().voxel(i);
                std::int64_t far = 0;
                for (std::size_t axis = 0; axis < 3; ++axis)
                    far = std::max(far, std::abs(at[axis] - middle[axis]));
                const double weight = far <= reach ? normal(random) : 0.0;
                maps.frame(map).data()[i] = weights(i, map) = weight;
            }
        }
        Eigen::MatrixXd values(grid.size(), 37);
        for (std::int64_t t = 0; t < 37; ++t) {
            for (std::int64_t i = 0; i < grid.size(); ++i) values(i, t) = run.frame(t).data()[i];
        }
        const Eigen::MatrixXd products = weights.transpose() * weights;
        const auto found = roi::region_signals(run, roi::maps_of(maps)).values;
        // W' (W s - y) = 0
        const Eigen::MatrixXd left = products * found.transpose() - weights.transpose() * values;
        CHECK(left.cwiseAbs().maxCoeff() < 1e-10 * (weights.transpose() * values).cwiseAbs().maxCoeff());
        for (const int threads : {1, 5}) {
            const test::Threads number(threads);
            roi::detail::force_instruction_set(roi::detail::InstructionSet::baseline);
            CHECK(test::same_matrix(roi::region_signals(run, roi::maps_of(maps)).values, found));
            roi::detail::force_instruction_set(roi::detail::InstructionSet::best);
            CHECK(test::same_matrix(
                roi::region_signals(test::PlainSource<float>(run), roi::maps_of(maps)).values, found));
        }
    }
}

TEST_CASE("region_signals: NaN and infinity count as 0, are left out or go through, and are said") {
    const double missing = std::nan("");
    const roi::Labels atlas(roi::Shape(3, 1, 1), std::vector<std::int32_t>{1, 1, 1});
    const auto run = series<double>(3, {missing, 3, 7, missing, missing, missing, 1, 2, 3});
    std::vector<std::string> warnings;
    roi::RegionSignalsOptions options{.statistics = {roi::min_of, roi::mean_of, roi::count_of}};
    options.warning = [&](std::string_view line) { warnings.emplace_back(line); };
    check_row(roi::region_signals(run, roi::labels_of(atlas), options), 0, {0, 10.0 / 3.0, 3});
    REQUIRE(warnings.size() == 1);
    CHECK(test::contains(warnings[0], "4 voxels in 2 volumes are NaN or infinite: they count as 0"));
    CHECK(test::contains(warnings[0], "volume 1 has no finite voxel"));

    options.non_finite = roi::NonFinite::omit;
    const auto omitted = roi::region_signals(run, roi::labels_of(atlas), options);
    check_row(omitted, 0, {3, 5, 2});
    CHECK(std::isnan(omitted.values(1, 1)));
    CHECK(omitted.values(1, 2) == 0.0);
    options.non_finite = roi::NonFinite::propagate;
    CHECK(std::isnan(roi::region_signals(run, roi::labels_of(atlas), options).values(0, 0)));
    check_row(roi::region_signals(run, roi::labels_of(atlas), options), 2, {1, 2, 3});
}

TEST_CASE("region_signals: a voxel that is not finite counts once, whatever regions it lies in") {
    const roi::Grid grid({4, 1, 1});
    const roi::Labels atlas(grid, std::vector<std::int32_t>{0, 1, 1, 2});
    const roi::Volume4D<double> maps(grid, 2, std::vector<double>{1, 1, 1, 0, 0, 1, 2, 0});
    const std::vector<roi::Sphere> spheres{{{1, 0, 0}, 1.0, ""}, {{2, 0, 0}, 1.0, ""}};
    const double missing = std::nan("");
    const auto run = roi::Volume4D<double>(
        grid, 3, std::vector<double>{1, missing, missing, 4, 1, 2, 3, 4, 1, missing, 3, 4});
    const auto said = [&](const std::vector<roi::SignalRegions>& regions, roi::NonFinite non_finite) {
        std::string out;
        (void)roi::region_signals(
            run, regions, {.non_finite = non_finite, .warning = [&](std::string_view line) { out += line; }});
        return out;
    };
    const auto labels = roi::labels_of(atlas), weights = roi::maps_of(maps),
               balls = roi::spheres_at(spheres, {.overlap = true});
    for (const auto non_finite : {roi::NonFinite::zero, roi::NonFinite::omit, roi::NonFinite::propagate}) {
        for (const auto& regions : std::vector<std::vector<roi::SignalRegions>>{
                 {labels}, {weights}, {balls}, {labels, balls}, {labels, balls, weights}}) {
            const auto warning = said(regions, non_finite);
            CHECK(test::contains(warning, "3 voxels in 2 volumes are NaN or infinite"));
            CHECK_FALSE(test::contains(warning, "no finite voxel"));
        }
    }
    const roi::Labels middle(grid, std::vector<std::int32_t>{0, 1, 1, 0});
    const std::vector<roi::Sphere> inside{{{1, 0, 0}, 0.0, ""}};
    CHECK(test::contains(said({roi::labels_of(middle), roi::spheres_at(inside)}, roi::NonFinite::zero),
                         "volume 0 has no finite voxel"));
}

TEST_CASE("labels_of: a background that no voxel has is said") {
    const auto said = [](const roi::Labels& atlas, std::int64_t background) {
        std::string out;
        (void)roi::labels_of(
            atlas, {.background = background, .warning = [&](std::string_view line) { out += line; }});
        return out;
    };
    const roi::Labels atlas(roi::Shape(3, 1, 1), std::vector<std::int32_t>{0, 1, 2});
    CHECK(said(atlas, 9) ==
          "labels_of: no voxel has the label 9 of the `background`: all labels are regions, 0 as well");
    CHECK(said(atlas, 2).empty());
    CHECK(said(atlas, 0).empty());
    CHECK(said(roi::Labels(roi::Shape(2, 1, 1), std::vector<std::int32_t>{1, 2}), 0).empty());
}

TEST_CASE("region_signals: maps are fitted to the voxels that are finite, where the others are left out") {
    test::Random random(test::seed());
    INFO("seed " << test::seed());
    const roi::Grid grid({6, 5, 4}, roi::scaling({2.0, 2.0, 2.0}));
    std::normal_distribution<double> normal;
    constexpr std::int64_t volumes = 23, count = 7;
    roi::Volume4D<double> maps(grid, count);
    for (double& weight : maps.values()) weight = random() % 3 == 0 ? normal(random) : 0.0;
    auto run = test::random_run<float>(grid, volumes, random);
    const auto whole = roi::region_signals(run, roi::maps_of(maps));
    const float missing = std::numeric_limits<float>::quiet_NaN();
    // Half of the volumes lack the same voxels, some others one of their own, the last all.
    std::vector<std::int64_t> outside;
    for (int i = 0; i < 20; ++i) outside.push_back(static_cast<std::int64_t>(random() % 120));
    for (std::int64_t t = 0; t < volumes; t += 2) {
        for (const auto voxel : outside) run.frame(t).data()[voxel] = missing;
    }
    for (const std::int64_t t : {3, 4, 11}) run.frame(t).data()[random() % 120] = -1.0F / 0.0F;
    for (std::int64_t i = 0; i < grid.size(); ++i) run.frame(volumes - 1).data()[i] = missing;
    const roi::RegionSignalsOptions omit{.non_finite = roi::NonFinite::omit};
    const auto found = roi::region_signals(run, roi::maps_of(maps), omit).values;
    for (std::int64_t t = 0; t < volumes; ++t) {
        INFO("volume " << t);
        const auto row = static_cast<Eigen::Index>(t);
        std::vector<std::int64_t> finite;
        for (std::int64_t i = 0; i < grid.size(); ++i) {
            if (std::isfinite(run.frame(t).data()[i])) finite.push_back(i);
        }
        if (static_cast<std::int64_t>(finite.size()) == grid.size()) {
            CHECK(found.row(row) == whole.values.row(row));
            continue;
        }
        if (finite.empty()) {
            CHECK(found.row(row).array().isNaN().all());
            continue;
        }
        Eigen::MatrixXd weights(static_cast<Eigen::Index>(finite.size()), count);
        Eigen::VectorXd values(static_cast<Eigen::Index>(finite.size()));
        for (std::size_t i = 0; i < finite.size(); ++i) {
            values[static_cast<Eigen::Index>(i)] = static_cast<double>(run.frame(t).data()[finite[i]]);
            for (std::int64_t map = 0; map < count; ++map) {
                weights(static_cast<Eigen::Index>(i), static_cast<Eigen::Index>(map)) =
                    maps.frame(map).data()[finite[i]];
            }
        }
        // W' (W s - y) = 0
        const Eigen::VectorXd sums = weights.transpose() * values;
        const Eigen::VectorXd left = weights.transpose() * (weights * found.row(row).transpose()) - sums;
        CHECK(left.cwiseAbs().maxCoeff() < 1e-10 * sums.cwiseAbs().maxCoeff());
    }
    for (const int threads : {1, 5}) {
        const test::Threads number(threads);
        const auto streamed =
            roi::region_signals(test::PlainSource<float>(run), roi::maps_of(maps), omit).values;
        CHECK(((streamed.array() == found.array()) || (streamed.array().isNaN() && found.array().isNaN()))
                  .all());
    }
    // Runs that are scanned apart and joined.
    roi::RegionSignals first(roi::maps_of(maps), omit), second(roi::maps_of(maps), omit);
    roi::scan(run, first);
    roi::scan(run, second);
    first.merge(second);
    const auto twice = first.result().values;
    REQUIRE(twice.rows() == 2 * volumes);
    CHECK(twice.row(2) == found.row(2));
    CHECK(twice.row(volumes + 2) == found.row(2));

    // A map without a finite voxel is n/a, and has no part in the fit of the others; so for weighted means.
    const auto apart = roi::maps_of(series<double>(3, {1, 1, 0, 0, 0, 2}));
    const auto gap = series<double>(3, {3, std::nan(""), 8, 3, 5, std::nan("")});
    check_row(roi::region_signals(gap, apart, omit), 0, {3, 4});
    const auto lost = roi::region_signals(gap, apart, omit).values;
    CHECK(lost(1, 0) == Approx(4.0).epsilon(1e-15));
    CHECK(std::isnan(lost(1, 1)));
    auto means = omit;
    means.maps = roi::MapSignal::weighted_mean;
    check_row(roi::region_signals(gap, apart, means), 0, {3, 8});
    CHECK(std::isnan(roi::region_signals(gap, apart, means).values(1, 1)));
}

TEST_CASE("region_signals: labels without a name and names without a label are said, once") {
    Texts warnings;
    const auto keep = [&](std::string_view line) { warnings.emplace_back(line); };
    const roi::RegionNames names({{0, "background"}, {1, "V1"}, {3, "V3"}, {4, "V4"}});
    (void)roi::labels_of(golden_atlas(), {.names = names, .warning = keep});
    CHECK(warnings == Texts{"names: 2 of 3 regions have no name: 2, 5",
                            "names: 2 of 4 names are those of no region: 3 \"V3\", 4 \"V4\""});
    warnings.clear();
    (void)roi::labels_of(golden_atlas(), {.warning = keep});
    (void)roi::labels_of(golden_atlas(),
                         {.names = roi::RegionNames({{1, "a"}, {2, "b"}, {5, "c"}}), .warning = keep});
    CHECK(warnings.empty());
    // Those of maps and spheres count from 1; a sphere may have a name of its own.
    (void)roi::maps_of(series<double>(3, {1, 1, 0, 0, 0, 2}), {.names = names, .warning = keep});
    (void)roi::spheres_at({{{0, 0, 0}, 1.0, ""}, {{5, 5, 5}, 1.0, "own"}},
                          {.names = roi::RegionNames({{1, "V1"}, {7, "V7"}}), .warning = keep});
    CHECK(warnings == Texts{"names: 1 of 2 regions has no name: 2",
                            "names: 2 of 4 names are those of no region: 3 \"V3\", 4 \"V4\"",
                            "names: 1 of 2 names is that of no region: 7 \"V7\""});
}

TEST_CASE("eigenvariate: SPM's sign and scale") {
    Eigen::MatrixXd y(6, 3);
    y << 1, 2, .5, 2, 3.5, 1, 0, -1, .2, -1, -2, -1, 3, 5, 1.5, -2, -3, -.5;
    const auto check = [](const Eigen::VectorXd& found, const std::vector<double>& expected) {
        REQUIRE(found.size() == static_cast<Eigen::Index>(expected.size()));
        for (std::size_t i = 0; i < expected.size(); ++i) {
            CHECK(found[static_cast<Eigen::Index>(i)] == Approx(expected[i]).epsilon(1e-12));
        }
    };
    const auto found = roi::first_eigenvariate(y);
    check(found.series, {1.3200854370873076, 2.39778657491747, -0.45762778909705815, -1.3879374606303918,
                         3.475487712747632, -2.08755025211724});
    check(found.weights, {0.48964421011258097, 0.839643842540712, 0.2350463043459622});
    CHECK(found.share == Approx(0.9892970839301859).epsilon(1e-13));
    check(roi::first_eigenvariate(y, {.center = true}).series,
          {0.7774709114444328, 1.8547043475243075, -1.0030348332171743, -1.9300158867709156,
           2.9319377836041816, -2.631062322584832});
    check(roi::first_eigenvariate(y.topRows(2)).series, {1.321532025971329, 2.397690683422868});

    // Weights that add up to 0 give zeros in SPM.
    Eigen::MatrixXd opposite(3, 2);
    opposite << 1, -1, 2, -2, -4, 4;
    CHECK(roi::first_eigenvariate(opposite).series.cwiseAbs().maxCoeff() == Approx(4.0));
    CHECK(roi::first_eigenvariate(Eigen::MatrixXd::Zero(3, 2)).series == Eigen::VectorXd::Zero(3));
    // Squares of values of any size are numbers, and powers of two change no digit.
    for (const int exponent : {-1060, -700, -3, 5, 700, 1018}) {
        const auto scaled = roi::first_eigenvariate(y * std::ldexp(1.0, exponent / 2) *
                                                    std::ldexp(1.0, exponent - exponent / 2));
        if (exponent > -1000) {
            CHECK(scaled.series == found.series * std::ldexp(1.0, exponent));
            CHECK(scaled.weights == found.weights);
            CHECK(scaled.share == found.share);
        } else {  // of so few digits
            CHECK(scaled.weights.isApprox(found.weights, 1e-3));
            CHECK(scaled.series.cwiseAbs().maxCoeff() > 0.0);
        }
    }
    for (const double size : {1e200, 1e-200}) {
        check(roi::first_eigenvariate(y * size).series / size,
              {1.3200854370873076, 2.39778657491747, -0.45762778909705815, -1.3879374606303918,
               3.475487712747632, -2.08755025211724});
        check(roi::first_eigenvariate(y.topRows(2) * size, {.center = false}).series / size,
              {1.321532025971329, 2.397690683422868});
        CHECK(roi::first_eigenvariate(y * size, {.center = true}).share > 0.9);
    }
    y(0, 0) = std::nan("");
    CHECK_THROWS_AS(roi::first_eigenvariate(y), roi::InvalidArgument);

    // As a statistic of regions, beside others.
    std::vector<double> values;
    y(0, 0) = 1;
    for (Eigen::Index row = 0; row < 6; ++row) {
        for (Eigen::Index column = 0; column < 3; ++column) values.push_back(y(row, column));
    }
    const auto signals =
        roi::region_signals(series<double>(3, values), roi::labels_of(roi::Labels(roi::Shape(3, 1, 1), 4)),
                            {.statistics = {roi::mean_of, roi::eigenvariate_of}});
    CHECK(roi::column_names(signals) == Texts{"label_4_mean", "label_4_eigenvariate"});
    CHECK(signals.values(0, 0) == 3.5 / 3.0);
    CHECK(signals.values(4, 1) == Approx(3.475487712747632).epsilon(1e-12));

    // A gap makes it NaN where gaps do, and leaves out its voxel where they are left out: other statistics are given all the same.
    values[3 * 2 + 1] = std::nan("");
    const auto with_gap = [&](roi::NonFinite non_finite) {
        return roi::region_signals(
            series<double>(3, values), roi::labels_of(roi::Labels(roi::Shape(3, 1, 1), 4)),
            {.statistics = {roi::mean_of, roi::eigenvariate_of}, .non_finite = non_finite});
    };
    const auto propagated = with_gap(roi::NonFinite::propagate);
    CHECK(propagated.values(0, 0) == signals.values(0, 0));
    CHECK(propagated.values.col(1).array().isNaN().all());
    Eigen::MatrixXd whole(6, 2);
    whole << y.col(0), y.col(2);
    const auto omitted = with_gap(roi::NonFinite::omit);
    CHECK(omitted.values.col(1) == roi::first_eigenvariate(whole).series);
    CHECK(omitted.values(2, 0) == (y(2, 0) + y(2, 2)) / 2.0);
    values[3 * 1 + 0] = values[3 * 4 + 2] = std::nan("");
    CHECK(with_gap(roi::NonFinite::omit).values.col(1).array().isNaN().all());
}

TEST_CASE("region_signals: three kinds in one pass, the same bytes from runs, streams and kept voxels") {
    test::Random random(test::seed());
    INFO("seed " << test::seed());
    const roi::Grid grid({9, 8, 7}, roi::scaling({2.0, 2.0, 2.0}));
    roi::Volume4D<std::int16_t> stored(grid, 37);
    for (auto& value : stored.values()) value = static_cast<std::int16_t>(random() % 3000);
    const auto run = test::converted<float>(stored);
    roi::Volume<std::int64_t> atlas(grid);
    for (auto& label : atlas) label = static_cast<std::int64_t>(random() % 5) * 10000000000;
    const auto maps = test::random_run<float>(grid, 3, random);
    const std::vector<roi::SignalRegions> regions{
        roi::labels_of(atlas), roi::spheres_at({{{4, 4, 4}, 3.0, ""}, {{12, 10, 8}, 0.0, "point"}}),
        roi::maps_of(maps)};
    const roi::RegionSignalsOptions options{
        .statistics = {roi::mean_of, roi::median_of, roi::std_of, roi::eigenvariate_of}};
    const auto expected = roi::region_signals(run, regions, options);
    CHECK(expected.columns.size() == 4 * 4 + 2 * 4 + 3);
    CHECK(roi::column_names(expected)[0] == "label_10000000000_mean");
    CHECK(roi::column_names(expected)[23] == "point_eigenvariate");
    CHECK(roi::column_names(expected)[24] == "map_1");
    CHECK(expected.columns[20].voxels == 1);
    CHECK(roi::to_table(expected).rows() == 37);
    const auto one =
        roi::region_signals(roi::Volume<float>(run.frame(5)), regions, {.statistics = {roi::median_of}});
    CHECK(one.values(0, 1) == expected.values(5, 5));
    for (const int threads : {1, 2, 5}) {
        INFO(threads << " threads");
        const test::Threads number(threads);
        CHECK(test::same_matrix(roi::region_signals(run, regions, options).values, expected.values));
        CHECK(test::same_matrix(roi::region_signals(stored, regions, options).values, expected.values));
        CHECK(test::same_matrix(roi::region_signals(test::PlainSource<float>(run), regions, options).values,
                                expected.values));
        roi::KeepVoxels<float> keep(roi::Mask(grid, true));
        roi::RegionSignals sink(regions, options);
        roi::scan(run, keep, sink);
        CHECK(test::same_matrix(sink.result().values, expected.values));
        CHECK(
            test::same_matrix(roi::region_signals(keep.result(), regions, options).values, expected.values));
    }
}

TEST_CASE("region_signals: whole numbers as they are stored give the bytes of the same numbers as float") {
    test::Random random(test::seed());
    INFO("seed " << test::seed());
    const roi::Grid grid({23, 11, 9}, roi::scaling({2.0, 2.0, 2.0}));
    roi::Volume4D<std::int16_t> stored(grid, 21);
    for (auto& value : stored.values()) value = static_cast<std::int16_t>(random() % 65536 - 32768);
    const auto run = test::converted<float>(stored);
    roi::Volume<std::int32_t> atlas(grid);
    for (auto& label : atlas) label = static_cast<std::int32_t>(random() % 7);
    const auto labels = roi::labels_of(atlas);
    const auto spheres = roi::spheres_at(
        {{{8, 8, 8}, 7.0, ""}, {{12, 10, 8}, 8.0, ""}, {{40, 20, 16}, 0.0, ""}}, {.overlap = true});
    auto weights = test::random_run<float>(grid, 4, random);
    for (std::int64_t i = 100; i < 900; ++i) weights.data()[i] = 0.0f;
    weights.data()[500] = std::nanf("");
    const auto maps = roi::maps_of(weights);
    CHECK(maps.maps()[0].size() == static_cast<std::size_t>(grid.size()) - 800);
    const std::vector<roi::RegionStatistic> sums{roi::mean_of, roi::sum_of, roi::count_of};
    std::vector<roi::RegionStatistic> all = sums;
    for (const auto& statistic :
         {roi::std_of, roi::min_of, roi::max_of, roi::variance_of, roi::median_of, roi::percentile_of(30),
          roi::trimmed_mean_of(0.1), roi::trimmed_mean_of(0.5), roi::winsorized_mean_of(0.1, 0.25),
          roi::winsorized_mean_of(0.5, 0.5), roi::winsorized_mean_of(0.9, 0.1)}) {
        all.push_back(statistic);
    }
    const auto check = [&](const std::vector<roi::SignalRegions>& regions,
                           const roi::RegionSignalsOptions& options) {
        const auto expected = roi::region_signals(run, regions, options).values;
        for (const auto set : {roi::detail::InstructionSet::baseline, roi::detail::InstructionSet::best}) {
            roi::detail::force_instruction_set(set);
            for (const int threads : {1, 3}) {
                const test::Threads number(threads);
                CHECK(test::same_matrix(roi::region_signals(stored, regions, options).values, expected));
            }
        }
        const auto one = roi::region_signals(roi::Volume<std::int16_t>(stored.frame(7)), regions, options);
        CHECK(test::same_matrix(Eigen::MatrixXd(one.values.leftCols(4)),
                                Eigen::MatrixXd(expected.middleRows(7, 1).leftCols(4))));
    };
    check({labels}, {.statistics = sums});
    check({spheres, labels}, {.statistics = sums});
    check({labels, spheres}, {.statistics = all});
    check({maps}, {.maps = roi::MapSignal::weighted_mean});
    check({labels, maps}, {.statistics = sums});
    const auto streamed =
        roi::maps_of(test::PlainSource<float>(weights), {.names = roi::RegionNames({{2, "b"}})});
    check({streamed}, {.maps = roi::MapSignal::weighted_mean});
    REQUIRE(streamed.maps().size() == 4);
    CHECK(streamed.regions()[1].name == "b");
    CHECK(streamed.regions()[2].name == "map_3");
    for (std::size_t map = 0; map < 4; ++map) {
        REQUIRE(streamed.maps()[map].size() == maps.maps()[map].size());
        for (std::size_t i = 0; i < maps.maps()[map].size(); ++i) {
            CHECK(streamed.maps()[map][i].voxel == maps.maps()[map][i].voxel);
            CHECK(streamed.maps()[map][i].weight == maps.maps()[map][i].weight);
        }
    }
    // A region of so many voxels that sums in 32 bits would not do.
    const roi::Grid large({70, 70, 20}, roi::scaling({2.0, 2.0, 2.0}));
    roi::Volume4D<std::int16_t> high(large, 2);
    for (auto& value : high.values()) value = 32767;
    const auto whole = roi::labels_of(roi::Labels(large, 3));
    CHECK(roi::region_signals(high, whole, {.statistics = {roi::sum_of}}).values(1, 0) == 98000.0 * 32767.0);
}

TEST_CASE("region_signals: what looks at all volumes is given the run's own values, whatever their type") {
    test::Random random(test::seed());
    INFO("seed " << test::seed());
    const roi::Grid grid({6, 5, 4}, roi::scaling({2.0, 2.0, 2.0}));
    constexpr std::int64_t frames = 21;
    const auto atlas = [&] {
        roi::Labels out(grid);
        for (auto& label : out) label = static_cast<std::int32_t>(random() % 4);
        return out;
    }();
    const auto maps = test::random_run<float>(grid, 2, random);
    // Maps between: nothing of them is kept. Spheres share voxels with labels.
    const std::vector<roi::SignalRegions> regions{
        roi::maps_of(maps), roi::labels_of(atlas),
        roi::spheres_at({{{5, 4, 3}, 3.0, ""}, {{0, 0, 0}, 0.0, ""}})};

    // The values that a statistic is given, region after region.
    using Given = std::vector<std::vector<double>>;
    const auto given_of = [&](auto&& take, roi::NonFinite non_finite) {
        Given out;
        const auto listens = roi::RegionStatistic::over_time(
            "listens", [&](std::span<const double> values, std::int64_t voxels) {
                out.emplace_back(values.begin(), values.end());
                return std::vector<double>(values.size() / static_cast<std::size_t>(voxels));
            });
        take(roi::RegionSignalsOptions{.statistics = {roi::mean_of, listens, roi::eigenvariate_of},
                                       .non_finite = non_finite});
        return out;
    };
    // The same of a run in memory, by the definition.
    const auto expected_of = [&](const auto& run, roi::NonFinite non_finite) {
        Given out;
        const auto volumes = run.frames();
        const auto add = [&](auto&& within) {
            std::vector<std::int64_t> voxels;
            for (std::int64_t x = 0; x < 6; ++x) {
                for (std::int64_t y = 0; y < 5; ++y) {
                    for (std::int64_t z = 0; z < 4; ++z) {
                        const auto voxel = grid.shape().index(x, y, z);
                        if (within(voxel, 2.0 * static_cast<double>(x), 2.0 * static_cast<double>(y),
                                   2.0 * static_cast<double>(z)))
                            voxels.push_back(voxel);
                    }
                }
            }
            const auto number = [&](std::int64_t frame, std::int64_t voxel) {
                const auto value = static_cast<double>(run.frame(frame).data()[voxel]);
                return non_finite == roi::NonFinite::zero && !std::isfinite(value) ? 0.0 : value;
            };
            std::erase_if(voxels, [&](std::int64_t voxel) {
                bool whole = true;
                for (std::int64_t frame = 0; frame < volumes; ++frame)
                    whole &= std::isfinite(number(frame, voxel));
                return !whole;
            });
            auto& values = out.emplace_back();
            for (std::int64_t frame = 0; frame < volumes; ++frame) {
                for (const auto voxel : voxels) values.push_back(number(frame, voxel));
            }
        };
        for (std::int32_t label = 1; label < 4; ++label)
            add([&](std::int64_t voxel, double, double, double) { return atlas[voxel] == label; });
        add([](std::int64_t, double x, double y, double z) {
            return (x - 5) * (x - 5) + (y - 4) * (y - 4) + (z - 3) * (z - 3) <= 9.0;
        });
        add([](std::int64_t voxel, double, double, double) { return voxel == 0; });
        return out;
    };
    // Signals of `run` by its definition, and from `take(options)` the same.
    const auto check = [&](const auto& run, auto&& take, roi::NonFinite non_finite = roi::NonFinite::zero) {
        for (const int threads : {1, 2, 5}) {
            INFO(threads << " threads");
            const test::Threads number(threads);
            CHECK(given_of(take, non_finite) == expected_of(run, non_finite));
        }
    };
    const auto as_run = [&](const auto& run) {
        return [&](const roi::RegionSignalsOptions& options) {
            return roi::region_signals(run, regions, options);
        };
    };
    const auto in_stream = [&]<class T>(const roi::Volume4D<T>& run) {
        return [&](const roi::RegionSignalsOptions& options) {
            return roi::region_signals(test::PlainSource<T>(run), regions, options);
        };
    };

    roi::Volume4D<std::int16_t> stored(grid, frames);
    for (auto& value : stored.values()) value = static_cast<std::int16_t>(random() % 65536 - 32768);
    stored.values()[7] = -32768;
    check(stored, as_run(stored));
    check(stored, [&](const roi::RegionSignalsOptions& options) {
        return roi::region_signals(test::IntegerSource<std::int16_t>(stored), regions, options);
    });
    roi::Volume4D<std::uint8_t> bytes(grid, frames);
    for (auto& value : bytes.values()) value = static_cast<std::uint8_t>(random());
    check(bytes, as_run(bytes));
    // Float holds less of them than double, so that what is kept shows.
    roi::Volume4D<std::int32_t> wide(grid, frames);
    for (auto& value : wide.values()) value = static_cast<std::int32_t>(random());
    check(wide, as_run(wide));
    auto numbers = test::random_run<double>(grid, frames, random);
    check(numbers, as_run(numbers));
    check(numbers, in_stream(numbers));
    auto floats = test::random_run<float>(grid, frames, random);
    check(floats, as_run(floats));
    check(floats, in_stream(floats));

    // Of one volume, in types that a run does not come in.
    const auto check_one = [&]<class T>(T least) {
        roi::Volume4D<T> run(grid, 1);
        for (auto& value : run.values()) value = static_cast<T>(random());
        run.values()[0] = least;
        check(run, as_run(roi::Volume<T>(run.frame(0))));
    };
    check_one(std::numeric_limits<std::int64_t>::min());
    check_one(std::numeric_limits<std::int8_t>::min());
    check_one(std::numeric_limits<std::uint32_t>::max());

    // Some voxels lack a number in some volumes, those of one region in all.
    floats.values()[3] = floats.values()[200] = std::nanf("");
    floats.values()[901] = std::numeric_limits<float>::infinity();
    numbers.values()[640] = -std::numeric_limits<double>::infinity();
    for (const auto non_finite : {roi::NonFinite::zero, roi::NonFinite::omit}) {
        check(floats, as_run(floats), non_finite);
        check(floats, in_stream(floats), non_finite);
        check(numbers, as_run(numbers), non_finite);
        check(numbers, in_stream(numbers), non_finite);
    }

    // A file of 16 bits a voxel, as they are and with a scale.
    const test::TemporaryFolder folder;
    const std::vector<std::int16_t> voxels(stored.values().begin(), stored.values().end());
    for (const bool big_endian : {false, true}) {
        for (const bool scaled : {false, true}) {
            INFO("big endian " << big_endian << ", scaled " << scaled);
            test::HeaderBytes header(1, big_endian);
            header.dimensions({4, 6, 5, 4, frames, 1, 1, 1}).pixdim({1, 2, 2, 2, 1, 1, 1, 1});
            header.put<std::int16_t>(254, 1).put(280, 2.0F).put(300, 2.0F).put(320,
                                                                               2.0F);  // its place in space
            if (scaled) header.scaling(0.37, -11.3);
            const auto path = folder / "run.nii";
            test::write_file(path, header.bytes() + header.voxels(voxels));
            const auto loaded = roi::load4d<double>(path);
            REQUIRE(loaded.grid() == grid);
            check(loaded, as_run(loaded));
            check(loaded, [&](const roi::RegionSignalsOptions& options) {
                return roi::region_signals(roi::open<double>(path), regions, options);
            });
            check(roi::load4d<float>(path), [&](const roi::RegionSignalsOptions& options) {
                return roi::region_signals(roi::open(path), regions, options);
            });
        }
    }

    // Runs of different types, one behind the other.
    const auto merged = [&](const roi::RegionSignalsOptions& options) {
        roi::RegionSignals first(regions, options), second = first;
        roi::scan(stored, first);
        roi::scan(numbers, second);
        const roi::RegionSignals copied = first;
        first.merge(second);
        first.merge(copied);
        return first.result();
    };
    roi::Volume4D<double> both(grid, 3 * frames);
    auto end = std::copy(stored.values().begin(), stored.values().end(), both.values().begin());
    end = std::copy(numbers.values().begin(), numbers.values().end(), end);
    std::copy(stored.values().begin(), stored.values().end(), end);
    check(both, merged, roi::NonFinite::omit);
}

TEST_CASE("region_signals: sinks of two runs are merged") {
    const auto run = golden_run();
    roi::RegionSignals first(roi::labels_of(golden_atlas())), second = first;
    roi::scan(run, first);
    roi::scan(run, second);
    first.merge(second);
    const auto both = first.result();
    REQUIRE(both.values.rows() == 6);
    CHECK(both.values.topRows(3) == both.values.bottomRows(3));
    second.merge(second);
    CHECK(second.result().values == both.values);
    // Sums do not go below means, nor what was never scanned anywhere.
    roi::RegionSignals sums(roi::labels_of(golden_atlas()), {.statistics = {roi::sum_of}});
    CHECK_THROWS_AS(first.merge(sums), roi::InvalidArgument);
    roi::scan(run, sums);
    CHECK(test::contains(test::message_of<roi::InvalidArgument>([&] { first.merge(sums); }),
                         "the same regions and statistics"));
}

TEST_CASE("region_signals: the spread of a single voxel is 0, and said") {
    auto atlas = golden_atlas();
    std::vector<std::string> said;
    const auto of = [&](std::vector<roi::RegionStatistic> statistics) {
        said.clear();
        roi::RegionSignalsOptions options{.statistics = std::move(statistics)};
        options.warning = [&](std::string_view line) { said.emplace_back(line); };
        return roi::region_signals(golden_run(), roi::labels_of(atlas), options);
    };
    const auto spread = of({roi::std_of, roi::variance_of});  // region 2 has one voxel
    CHECK(spread.values.col(2).cwiseAbs().maxCoeff() == 0.0);
    CHECK(spread.values.col(3).cwiseAbs().maxCoeff() == 0.0);
    REQUIRE(said.size() == 1);
    CHECK(
        said[0] ==
        "region_signals: a single voxel has no spread, its std and variance are 0 in every volume: label_2");
    (void)of({roi::mean_of, roi::max_of});
    CHECK(said.empty());
}

TEST_CASE("region_signals: a statistic over time that gives too few numbers is refused") {
    const auto short_of = roi::RegionStatistic::over_time(
        "short", [](std::span<const double>, std::int64_t) { return std::vector<double>(2); });
    CHECK(test::contains(test::message_of<roi::InvalidArgument>([&] {
                             (void)roi::region_signals(golden_run(), roi::labels_of(golden_atlas()),
                                                       {.statistics = {short_of}});
                         }),
                         "\"short\" gave 2 values, expected one for each of 3 volumes"));
}
