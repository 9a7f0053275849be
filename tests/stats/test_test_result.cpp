// What a test per voxel gives: a plain aggregate of maps.
#include <roi/image/arithmetic.hpp>
#include <roi/image/comparison.hpp>
#include <roi/image/volume.hpp>
#include <roi/image/volume4d.hpp>
#include <roi/morphology/distance.hpp>
#include <roi/spatial/smooth.hpp>
#include <roi/stats/cluster_table.hpp>
#include <roi/stats/mean.hpp>
#include <roi/stats/neg_log10.hpp>
#include <roi/stats/test_result.hpp>
#include <roi/stats/threshold.hpp>
#include <roi/stats/ttest_ind.hpp>

#include "catch.hpp"
#include <type_traits>

static_assert(std::is_aggregate_v<roi::TTest>);
static_assert(std::is_nothrow_move_constructible_v<roi::TTest>);

TEST_CASE("test_result: empty and two-sided unless told otherwise") {
    const roi::TTest none;
    CHECK(none.t.size() == 0);
    CHECK(none.p.size() == 0);
    CHECK(none.df.size() == 0);
    CHECK(none.alternative == roi::Alternative::two_sided);
    const roi::Volume<double> map(roi::Shape(1, 1, 1), 2.0);
    const roi::TTest some{.t = map, .p = map, .df = map, .alternative = roi::Alternative::less};
    CHECK(some.t[0] == 2.0);
}

TEST_CASE("what is made of a map of t is one only where its values stay") {
    roi::Volume4D<float> run(roi::Shape(4, 3, 2), 4, 1.0f);
    run.metadata().intent = {3, "ttest", {12.0, 0.0, 0.0}};
    for (std::int64_t i = 0; i < 24; ++i) run.frame(i % 4).data()[i] = static_cast<float>(i);
    const roi::Volume<float> map(run.frame(3), run.metadata());
    const auto code = [](const auto& image) { return image.metadata().intent.code; };
    CHECK(code(roi::smooth(run, roi::Fwhm{2.0})) == 0);
    CHECK(code(roi::smooth(map, roi::Fwhm{2.0})) == 0);
    CHECK(code(roi::threshold(map, 2.0)) == 3);
    CHECK(code(roi::mean(run)) == 0);
    CHECK(code(map + 1.0) == 0);
    CHECK(code(map > 2.0) == 0);
    CHECK(code(roi::distance_to(map > 2.0)) == 0);
    const auto test = roi::ttest_ind(run, roi::Selection({true, true, false, false}),
                                     roi::Selection({false, false, true, true}));
    CHECK(test.t.metadata().intent == roi::Intent{});
    CHECK(code(test.p) == 0);
    CHECK(code(roi::neg_log10(test)) == 0);
    auto p = test.p;
    p.metadata().intent.code = 22;
    CHECK(code(roi::neg_log10(p)) == 0);
    CHECK(code(roi::cluster_table(map, 2.0).clusters) == roi::label_intent);

    roi::Volume<std::int16_t> labels(roi::Shape(4, 3, 2), std::int16_t{7});
    labels.metadata().intent = {roi::label_intent, {}, {}};
    CHECK(code(labels * std::int16_t{2}) == roi::label_intent);
    CHECK(code(roi::smooth(labels, roi::Fwhm{2.0})) == 0);
    CHECK(code(labels / 2.0) == 0);
}
