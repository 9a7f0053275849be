#include <roi/signals/labels_masker.hpp>
#include <roi/spatial/resample.hpp>
#include <roi/spatial/smooth.hpp>
#include <roi/stats/correlate.hpp>
#include <roi/stats/f_classif.hpp>
#include <roi/stats/mean.hpp>
#include <roi/stats/ttest_1samp.hpp>
#include <roi/stats/ttest_ind.hpp>
#include <roi/stats/variance.hpp>
#include <roi/stream/cached.hpp>
#include <roi/stream/collect.hpp>
#include <roi/stream/concat.hpp>
#include <roi/stream/select.hpp>
#include <roi/stream/transform.hpp>

#include "catch.hpp"
#include "sources.hpp"
#include "support.hpp"
#include <limits>
#include <string>
#include <vector>

using roi::Fwhm;
using roi::Grid;
using roi::Shape;
using roi::Volume4D;

namespace {

constexpr float missing = std::numeric_limits<float>::quiet_NaN();
constexpr float infinity = std::numeric_limits<float>::infinity();

/// Six volumes of 128 voxels: volume 1 is all NaN, one voxel of volume 4 infinite.
Volume4D<float> odd_run() {
    test::Random random(7);
    auto run = test::random_run<float>(Shape(8, 8, 2), 6, random);
    for (float& value : run.frame(1).values()) value = missing;
    run.frame(4).values()[17] = infinity;
    return run;
}

/// What a call says.
template <class Call>
std::vector<std::string> said_by(Call&& call) {
    std::vector<std::string> out;
    call(roi::WarningHandler([&](std::string_view line) { out.emplace_back(line); }));
    return out;
}

using Lines = std::vector<std::string>;

Lines expected(const std::string& who, const std::string& effect) {
    return {who + ": 129 voxels in 2 volumes are NaN or infinite: " + effect +
            "; volume 1 has no finite voxel"};
}

/// Of a test, to which a volume of NaN leaves nothing.
Lines expected_of_test(const std::string& who, const std::string& statistic) {
    auto out = expected(who, "results there are NaN");
    out.push_back(who + ": " + statistic +
                  " is NaN in every voxel: none varies, or there are too few values for a variance");
    return out;
}

}  // namespace

TEST_CASE(
    "voxels that are NaN or infinite are said once by everything that looks at them, in memory and "
    "streamed") {
    const auto run = odd_run();
    const roi::Column conditions(std::vector<std::string>{"a", "a", "b", "b", "a", "b"});
    const auto a = conditions == "a", b = conditions == "b";
    const std::vector<double> seed{1, 4, 2, 8, 5, 7};
    const auto nan = "results there are NaN";
    const auto check = [&](auto&& make) {
        CHECK(said_by([&](auto warning) { (void)roi::mean(make(), {.warning = warning}); }) ==
              expected("mean", "their means are NaN or infinite"));
        CHECK(said_by([&](auto warning) { (void)roi::variance(make(), {.warning = warning}); }) ==
              expected("variance", nan));
        CHECK(said_by([&](auto warning) { (void)roi::ttest_1samp(make(), 0.0, {.warning = warning}); }) ==
              expected_of_test("ttest_1samp", "t"));
        CHECK(said_by([&](auto warning) { (void)roi::ttest_ind(make(), a, b, {.warning = warning}); }) ==
              expected_of_test("ttest_ind", "t"));
        CHECK(said_by([&](auto warning) {
                  (void)roi::ttest_ind(make(), a, b, {.trim = 0.1, .warning = warning});
              }) == expected_of_test("ttest_ind", "t"));
        CHECK(said_by([&](auto warning) {
                  (void)roi::ttest_ind(make(), a, b,
                                       {.nan_policy = roi::NanPolicy::omit, .warning = warning});
              }) == expected("ttest_ind", "NaN is left out, infinity makes the result NaN"));
        CHECK(said_by([&](auto warning) {
                  (void)roi::f_classif(make(), conditions, {}, {.warning = warning});
              }) == expected_of_test("f_classif", "F"));
        CHECK(said_by([&](auto warning) { (void)roi::correlate(make(), seed, {.warning = warning}); }) ==
              expected("correlate", nan));
        const roi::Labels atlas(run.grid(), 1);
        CHECK(said_by([&](auto warning) {
                  (void)roi::labels_masker(atlas).transform(make(), {.warning = warning});
              }) == expected("labels_masker", "they count as 0"));
        // Volumes that nobody asks for are not looked at.
        CHECK(said_by([&](auto warning) {
                  (void)roi::ttest_ind(make(), roi::Selection({true, false, false, false, false, false}),
                                       roi::Selection({false, false, true, true, false, false}),
                                       {.warning = warning});
              }).empty());
    };
    for (const int threads : {1, 3}) {
        roi::set_threads(threads);
        check([&]() -> const Volume4D<float>& { return run; });
        check([&] { return test::PlainSource<float>(run); });
    }
    roi::set_threads(0);
}

TEST_CASE("filters say what they made of voxels that are NaN or infinite, through whatever lies over them") {
    const auto run = odd_run();
    const auto zero = expected("smooth", "they count as 0");
    const Fwhm fwhm{2.0};
    CHECK(said_by([&](auto warning) { (void)roi::smooth(run, fwhm, {.warning = warning}); }) == zero);
    CHECK(said_by([&](auto warning) {
              (void)roi::smooth(roi::Volume<float>(run.frame(4)), fwhm, {.warning = warning});
          }) == Lines{"smooth: 1 voxel in 1 volume is NaN or infinite: they count as 0"});
    const auto smoothed = [&] { return roi::smooth(test::PlainSource<float>(run), fwhm); };
    const auto lines = [](auto source) {
        return said_by([&](auto warning) {
            roi::Collect<float> kept;
            roi::scan(source, kept, roi::ScanOptions{.warning = warning});
        });
    };
    CHECK(lines(smoothed()) == zero);
    CHECK(lines(roi::select(smoothed(), {0, 1, 4})) == zero);
    CHECK(lines(roi::transform([](float x) { return x + 1; }, smoothed())) == zero);
    CHECK(lines(roi::concat(smoothed(), smoothed())).size() == 2);
    // The mean is taken before smoothing.
    CHECK(said_by([&](auto warning) { (void)roi::mean(smoothed(), {.warning = warning}); }) == zero);

    auto again = roi::smooth(roi::cached(test::PlainSource<float>(run)), fwhm);
    CHECK(said_by([&](auto warning) {
              (void)roi::mean(again, {.warning = warning});
              (void)roi::mean(again, {.warning = warning});
          }) == zero);

    roi::Mask mask(run.grid(), false);
    mask[17] = mask[18] = true;
    const Lines within{
        "smooth_within: 3 voxels in 2 volumes are NaN or infinite: they count as outside the mask; volume 1 "
        "has no finite voxel"};
    CHECK(said_by([&](auto warning) { (void)roi::smooth_within(run, mask, fwhm, {.warning = warning}); }) ==
          within);
    CHECK(lines(roi::smooth_within(test::PlainSource<float>(run), mask, fwhm)) == within);

    const Grid target(Shape(4, 4, 2), roi::scaling({1.5, 1.5, 1.0}));
    const auto moved = expected("resample_to", "places nearest to them become NaN");
    CHECK(lines(roi::resample_to(test::PlainSource<float>(run), target, roi::Interpolation::linear)) ==
          moved);
    CHECK(said_by([&](auto warning) {
              (void)roi::resample_to(run, target, roi::Interpolation::linear, {.warning = warning});
          }) == moved);
}

TEST_CASE("NonFiniteCount: counts what is counted twice once, and is silent where all is finite") {
    roi::NonFiniteCount a, b;
    a.add(2, 3);
    b.add(2, 3);
    b.add(5, 1);
    a.include(b);
    const auto say = [](const roi::NonFiniteCount& count, std::int64_t voxels) {
        return said_by([&](auto warning) { count.warn(warning, "f", "so", voxels); });
    };
    CHECK(say(a, 10) == Lines{"f: 4 voxels in 2 volumes are NaN or infinite: so"});
    CHECK(say(a, 10).empty());  // once
    CHECK(say(b, 1) ==
          Lines{"f: 4 voxels in 2 volumes are NaN or infinite: so; volumes 2, 5 have no finite voxel"});
    roi::NonFiniteCount c;
    c.append(b, 10);
    c.restart();
    CHECK(say(c, 1).empty());
}
