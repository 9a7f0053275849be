#include <roi/image/logical.hpp>
#include <roi/image/volume4d.hpp>
#include <roi/stats/threshold.hpp>
#include <roi/stream/collect.hpp>
#include <roi/stream/scan.hpp>

#include "catch.hpp"
#include "checks.hpp"
#include "support.hpp"
#include <algorithm>
#include <cmath>
#include <limits>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

TEST_CASE("threshold zeroes what lies below the lowest value and keeps the rest") {
    const std::vector<float> values{-3.0f, 0.0f, 4.9999995f, 5.0f, 5.0000005f, 10.0f};
    const auto kept = roi::threshold(roi::Volume<float>(roi::Shape(6, 1, 1), values), 5.0f);
    CHECK(std::vector<float>(kept.begin(), kept.end()) ==
          std::vector<float>{0.0f, 0.0f, 0.0f, 5.0f, 5.0000005f, 10.0f});
}

TEST_CASE("threshold without options means the same of volumes, views, runs and sources: nilearn's rule") {
    const double inf = std::numeric_limits<double>::infinity(), nan = std::nan("");
    const std::vector<double> values{-3, -2, -1, 0, 1, 2, 3, nan, inf, -inf};
    const roi::Volume<double> map(roi::Shape(10, 1, 1), values);
    const roi::Volume4D<double> run(map.grid(), 1, values);
    const auto kept = [&](double value) {
        const auto out = roi::threshold(map, value);
        roi::Collect<double> collect;
        roi::scan(roi::threshold(roi::staged(run), value), collect);
        const auto of_run = roi::threshold(run, value);
        CHECK(test::same_bytes(std::move(collect).result(), of_run));
        CHECK(test::same_bytes(roi::threshold(map, value, {}), out));
        CHECK(test::same_bytes(roi::threshold(map.view(), value), out));
        CHECK(test::same_bytes(roi::Volume<double>(of_run.frame(0)), out));
        return std::vector<double>(out.begin(), out.end());
    };
    CHECK(kept(2) == std::vector<double>{0, 0, 0, 0, 0, 2, 3, 0, inf, 0});
    CHECK(kept(0) == std::vector<double>{0, 0, 0, 0, 1, 2, 3, 0, inf, 0});
    CHECK(kept(-2) == std::vector<double>{-3, -2, 0, 0, 0, 0, 0, 0, 0, -inf});
    CHECK(kept(inf) == std::vector<double>{0, 0, 0, 0, 0, 0, 0, 0, inf, 0});
    CHECK(kept(-inf) == std::vector<double>{0, 0, 0, 0, 0, 0, 0, 0, 0, -inf});
}

TEST_CASE("threshold equals its definition on random maps") {
    INFO("seed " << test::seed());
    test::Random random(test::seed());
    const auto map = test::random_volume<double>(roi::Shape(7, 5, 6), random);
    const auto kept = roi::threshold(map, 0.25);
    for (std::int64_t i = 0; i < map.size(); ++i) CHECK(kept[i] == (map[i] >= 0.25 ? map[i] : 0.0));
}

TEST_CASE("threshold reuses a temporary and passes on grid and metadata but the display range") {
    const roi::Grid grid(roi::Shape(3, 2, 1), roi::scaling(roi::Point(3.5, 3.75, 3.75)));
    roi::Metadata metadata;
    metadata.description = "t map";
    metadata.display_max = 12.0;
    roi::Volume<float> map(grid, 6.0f, metadata);
    const float* voxels = map.data();
    const auto kept = roi::threshold(std::move(map), 5.0f);
    CHECK(kept.data() == voxels);
    CHECK(kept.grid() == grid);
    CHECK(kept.metadata().description == "t map");
    CHECK(kept.metadata().display_max == 0.0);
}

TEST_CASE("threshold works on a volume without voxels and refuses NaN") {
    CHECK(roi::threshold(roi::Volume<float>(roi::Shape(0, 3, 3)), 1.0f).shape() == roi::Shape(0, 3, 3));
    try {
        (void)roi::threshold(roi::Volume<float>(roi::Shape(1, 1, 1)), std::nanf(""));
        FAIL("a NaN threshold was accepted");
    } catch (const roi::InvalidArgument& error) {
        CHECK(std::string(error.what()).find("threshold: the value is NaN") == 0);
    }
}

namespace {

using Values = std::vector<double>;

roi::Volume<double> along_x(const Values& values) {
    return roi::Volume<double>(roi::Shape(static_cast<std::int64_t>(values.size()), 1, 1), values);
}

Values values_of(const roi::Volume<double>& volume) { return {volume.begin(), volume.end()}; }

std::string message_of(const auto& action) {
    try {
        (void)action();
    } catch (const roi::InvalidArgument& error) {
        return error.what();
    }
    return "nothing was thrown";
}

}  // namespace

TEST_CASE("threshold with options: one and two sides as nilearn keeps them") {
    const auto map = along_x({-3, -1, 0, 0.5, 2, 5, std::nan("")});
    CHECK(values_of(roi::threshold(map, 2.0, {.two_sided = true})) == Values{-3, 0, 0, 0, 2, 5, 0});
    CHECK(values_of(roi::threshold(map, 2.0, {})) == Values{0, 0, 0, 0, 2, 5, 0});
    CHECK(values_of(roi::threshold(map, -1.0, {})) == Values{-3, -1, 0, 0, 0, 0, 0});
    CHECK(values_of(roi::threshold(map, 0.0, {})) == Values{0, 0, 0, 0.5, 2, 5, 0});
    CHECK(values_of(roi::threshold(map, 0.0, {.two_sided = true})) == Values{-3, -1, 0, 0.5, 2, 5, 0});
    CHECK(message_of([&] {
              return roi::threshold(map, -1.0, {.two_sided = true});
          }).find("threshold: expected 0 or more when both sides are kept, found -1") == 0);
    CHECK(message_of([&] {
              return roi::threshold(map, std::nan(""), {});
          }).find("threshold: the value is NaN") == 0);
    // Infinite values reach every threshold.
    const double inf = std::numeric_limits<double>::infinity();
    CHECK(values_of(roi::threshold(along_x({inf, -inf, 1}), 2.0, {.two_sided = true})) ==
          Values{inf, -inf, 0});
    // A number takes the precision of floats first.
    const roi::Volume<float> tenth(roi::Shape(1, 1, 1), 0.1f);
    CHECK(roi::threshold(tenth, 0.1, {})[0] == 0.1f);
}

TEST_CASE("threshold by a percentile: linear between ranks, and a little more") {
    const auto map = along_x({-4, -3, -2, -1, 0, 1, 2, 3, 4, std::nan("")});
    // |x| sorted: 0 0 1 1 2 2 3 3 4 4; half of 9 steps is between both 2s.
    CHECK(values_of(roi::threshold(map, roi::Percentile{50}, {.two_sided = true})) ==
          Values{-4, -3, 0, 0, 0, 0, 0, 3, 4, 0});
    // Of 0 0 1 2 3 4: 1.5.
    CHECK(values_of(roi::threshold(map, roi::Percentile{50})) == Values{0, 0, 0, 0, 0, 0, 2, 3, 4, 0});
    CHECK(values_of(roi::threshold(map, roi::Percentile{100})) == Values(10, 0.0));
    CHECK(values_of(roi::threshold(map, roi::Percentile{0})) == Values{0, 0, 0, 0, 0, 1, 2, 3, 4, 0});
    roi::Mask mask(map.grid());
    mask[5] = mask[6] = mask[0] = true;
    CHECK(values_of(roi::threshold(map, roi::Percentile{50}, {.mask = mask})) ==
          Values{0, 0, 0, 0, 0, 0, 2, 0, 0, 0});
    CHECK(message_of([&] {
              return roi::Percentile{101};
          }).find("percentile: expected a number from 0 to 100") == 0);
    CHECK(message_of([&] {
              return roi::threshold(map, roi::Percentile{50}, {.mask = roi::Mask(map.grid())});
          }).find("threshold: there is no value to take a percentile of") == 0);
}

TEST_CASE("threshold drops small clusters, each sign by itself") {
    // Two and three of each sign side by side: together they would be five.
    const auto map = along_x({3, 3, -3, -3, -3, 0, 3, 1, 3, 3, 3});
    CHECK(values_of(roi::threshold(map, 2.0, {.two_sided = true, .cluster_size = 3})) ==
          Values{0, 0, -3, -3, -3, 0, 0, 0, 3, 3, 3});
    CHECK(values_of(roi::threshold(map, 2.0, {.cluster_size = 2})) ==
          Values{3, 3, 0, 0, 0, 0, 0, 0, 3, 3, 3});
    CHECK(values_of(roi::threshold(map, 0.0, {.two_sided = true, .cluster_size = 4})) ==
          Values{0, 0, 0, 0, 0, 0, 3, 1, 3, 3, 3});
    CHECK(values_of(roi::threshold(map, -2.0, {.cluster_size = 3})) ==
          Values{0, 0, -3, -3, -3, 0, 0, 0, 0, 0, 0});

    // 8 mm3 a voxel: 24 mm3 are three, met as exactly as an affine of a file can say.
    const auto two = static_cast<double>(std::nextafter(2.0f, 1.0f));
    const roi::Volume<double> large(roi::Grid(map.shape(), roi::scaling({two, two, two})), map.values());
    CHECK(values_of(roi::threshold(large, 2.0, {.cluster_volume = 24.0})) ==
          Values{0, 0, 0, 0, 0, 0, 0, 0, 3, 3, 3});
    CHECK(values_of(roi::threshold(large, 2.0, {.cluster_volume = 24.1})) == Values(11, 0.0));

    // Two voxels that share a corner.
    roi::Volume<double> corner(roi::Shape(2, 2, 2));
    corner(0, 0, 0) = corner(1, 1, 1) = 4.0;
    CHECK(values_of(roi::threshold(corner, 1.0, {.cluster_size = 2})) == Values(8, 0.0));
    CHECK(values_of(
              roi::threshold(corner, 1.0, {.cluster_size = 2, .connectivity = roi::Connectivity::corners})) ==
          values_of(corner));

    // What the mask cuts off does not count.
    roi::Mask mask(map.grid(), true);
    mask[9] = false;
    CHECK(values_of(roi::threshold(map, 2.0, {.cluster_size = 2, .mask = mask})) ==
          Values{3, 3, 0, 0, 0, 0, 0, 0, 0, 0, 0});
    CHECK_THROWS_AS(roi::threshold(map, 2.0, {.mask = roi::Mask(roi::Shape(2, 1, 1))}), roi::GridMismatch);
}

TEST_CASE("runs and sources are thresholded volume by volume") {
    INFO("seed " << test::seed());
    test::Random random(test::seed());
    roi::Volume4D<float> run(roi::Shape(6, 5, 4), 7);
    for (float& value : run.values()) value = std::normal_distribution<float>()(random);
    const roi::ThresholdOptions options{.two_sided = true, .cluster_size = 3};
    const auto kept = roi::threshold(run, 0.7, options);
    roi::Collect<float> collect;
    roi::scan(roi::threshold(roi::staged(run), 0.7, options), collect);
    const auto streamed = std::move(collect).result();
    for (std::int64_t t = 0; t < run.frames(); ++t) {
        const auto alone = roi::threshold(run.frame(t), 0.7, options);
        CHECK(std::equal(alone.begin(), alone.end(), kept.frame(t).data()));
        CHECK(std::equal(alone.begin(), alone.end(), streamed.frame(t).data()));
    }
    // A percentile is of all volumes together.
    const auto most = *std::max_element(run.values().begin(), run.values().end());
    roi::Volume4D<float> two(roi::Shape(2, 1, 1), 2);
    for (std::int64_t i = 0; i < 4; ++i) two.data()[i] = static_cast<float>(i + 1);
    const auto upper = roi::threshold(two, roi::Percentile{50});
    CHECK(std::vector<float>(upper.data(), upper.data() + 4) == std::vector<float>{0, 0, 3, 4});
    CHECK(roi::threshold(run, static_cast<double>(most), {.cluster_size = 2}).frames() == 7);
}

TEST_CASE("a threshold above every value is said") {
    std::vector<std::string> said;
    const roi::WarningHandler hear = [&](std::string_view line) { said.emplace_back(line); };
    const auto map = along_x({-6, 1, 5});
    (void)roi::threshold(map, 5.0, {.warning = hear});
    (void)roi::threshold(map, 6.0, {.two_sided = true, .warning = hear});
    (void)roi::threshold(map, -6.0, {.warning = hear});
    CHECK(said.empty());
    (void)roi::threshold(map, 5.5, {.warning = hear});
    (void)roi::threshold(map, -7.0, {.warning = hear});
    REQUIRE(said.size() == 2);
    CHECK(said[0] == "threshold: no voxel reaches 5.5, the most is 5; everything becomes 0");
    CHECK(said[1] == "threshold: no voxel reaches -7, the least is -6; everything becomes 0");
    said.clear();
    // NaN are no numbers that come near to it.
    constexpr double nan = std::numeric_limits<double>::quiet_NaN();
    (void)roi::threshold(along_x({nan, -3, -2}), 1.0, {.warning = hear});
    (void)roi::threshold(along_x({nan, nan}), 1.0, {.warning = hear});
    CHECK(said ==
          std::vector<std::string>{
              "threshold: no voxel reaches 1, the most is -2; everything becomes 0",
              "threshold: 1 voxel in 1 volume is NaN: they become 0",
              "threshold: no voxel is a number; everything becomes 0",
              "threshold: 2 voxels in 1 volume are NaN: they become 0; volume 0 has no finite voxel"});
    said.clear();
    // What is outside the mask does not reach it either, and a float 0.7 reaches 0.7, though it is less.
    roi::Mask mask(map.grid(), true);
    mask[2] = false;
    (void)roi::threshold(map, 2.0, {.mask = mask, .warning = hear});
    (void)roi::threshold(roi::Volume<float>(roi::Shape(1, 1, 1), 0.7f), 0.7, {.warning = hear});
    CHECK(said ==
          std::vector<std::string>{"threshold: no voxel reaches 2, the most is 1; everything becomes 0"});
}

TEST_CASE("clusters that are all too small are said, in memory and in a stream") {
    std::vector<std::string> said;
    const roi::WarningHandler hear = [&](std::string_view line) { said.emplace_back(line); };
    const auto map = along_x({-6, -6, 1, 5, 5, 5});
    const std::string sizes = "threshold: no cluster has 4 voxels, see `cluster_size`; everything becomes 0";
    const std::string volumes =
        "threshold: no cluster has 3.5 mm3, see `cluster_volume`; everything becomes 0";
    (void)roi::threshold(map, 5.0, {.cluster_size = 3, .warning = hear});
    (void)roi::threshold(map, 5.0, {.two_sided = true, .cluster_size = 3, .warning = hear});
    (void)roi::threshold(along_x({0, 0}), 0.0, {.cluster_size = 3, .warning = hear});
    CHECK(said.empty());
    (void)roi::threshold(map, 5.0, {.two_sided = true, .cluster_size = 4, .warning = hear});
    (void)roi::threshold(map, 5.0, {.cluster_volume = 3.5, .warning = hear});
    CHECK(said == std::vector<std::string>{sizes, volumes});

    // Of a run nothing is said as soon as one volume keeps something.
    roi::Volume4D<double> run(map.grid(), 2);
    std::copy(map.begin(), map.end(), run.frame(1).data());
    const auto streamed = [&](double value, const roi::ThresholdOptions& options) {
        said.clear();
        roi::Collect<double> collect;
        auto source = roi::threshold(roi::staged(run), value, options);
        roi::scan(source, collect, roi::ScanOptions{.warning = hear});
        const auto of_source = std::exchange(said, {});
        auto aloud = options;
        aloud.warning = hear;
        (void)roi::threshold(run, value, aloud);
        CHECK(said == of_source);
        return of_source;
    };
    CHECK(streamed(5.0, {.cluster_size = 3}).empty());
    CHECK(streamed(5.0, {.cluster_size = 4}) == std::vector<std::string>{sizes});
    CHECK(streamed(5.5, {.cluster_size = 3}) ==
          std::vector<std::string>{"threshold: no voxel reaches 5.5, the most is 5; everything becomes 0"});
}

TEST_CASE("infinite values that a threshold keeps are said, in memory and in a stream") {
    const double inf = std::numeric_limits<double>::infinity();
    std::vector<std::string> said;
    const roi::WarningHandler hear = [&](std::string_view line) { said.emplace_back(line); };
    const auto map = along_x({inf, -inf, 1, std::nan("")});
    (void)roi::threshold(map, 2.0, {.warning = hear});
    const std::vector<std::string> expected{"threshold: 1 voxel in 1 volume is NaN: they become 0",
                                            "threshold: 1 voxel in 1 volume is infinite: they are kept"};
    CHECK(said == expected);
    roi::Volume4D<double> run(map.grid(), 1, std::vector<double>(map.begin(), map.end()));
    said.clear();
    roi::Collect<double> collect;
    roi::scan(roi::threshold(roi::staged(run), 2.0), collect, roi::ScanOptions{.warning = hear});
    CHECK(said == expected);
    // What is outside a mask, or in too small a cluster, is not kept.
    said.clear();
    roi::Mask mask(map.grid(), true);
    mask[0] = mask[3] = false;
    (void)roi::threshold(map, 0.5, {.mask = mask, .warning = hear});
    (void)roi::threshold(along_x({inf, 0, 1, 1}), 0.5, {.cluster_size = 2, .warning = hear});
    CHECK(said.empty());
}

TEST_CASE("integers, views and volumes without voxels are thresholded too") {
    const std::vector<std::int16_t> values{-30000, -2, 0, 3, 30000};
    const roi::Volume<std::int16_t> map(roi::Shape(5, 1, 1), values);
    const auto kept = roi::threshold(map, 2.5, {.two_sided = true});
    CHECK(std::vector<std::int16_t>(kept.begin(), kept.end()) ==
          std::vector<std::int16_t>{-30000, 0, 0, 3, 30000});
    const auto of_view = roi::threshold(map.view(), 2.5, {.two_sided = true});
    CHECK(std::equal(of_view.begin(), of_view.end(), kept.begin()));
    const std::vector<std::uint8_t> bytes{0, 200, 255};
    CHECK(roi::threshold(roi::Volume<std::uint8_t>(roi::Shape(3, 1, 1), bytes), 201,
                         {.cluster_size = 1})[1] == 0);
    CHECK(roi::threshold(roi::Volume<float>(roi::Shape(0, 3, 3)), 1.0, {.cluster_size = 2}).size() == 0);
    CHECK(roi::threshold(roi::Volume<float>(roi::Shape(0, 3, 3)), roi::Percentile{5}).size() == 0);
    const auto plain = along_x({1, 5});
    CHECK(values_of(roi::threshold(plain.view(), 2.0)) == Values{0, 5});
}

TEST_CASE("runs are made binary volume by volume, as they pass") {
    INFO("seed " << test::seed());
    test::Random random(test::seed());
    auto run = test::random_run<float>(roi::Grid(roi::Shape(4, 3, 2)), 5, random);
    run.frame(3).data()[5] = std::numeric_limits<float>::quiet_NaN();
    run.frame(3).data()[4] = 0.0F;
    for (const auto lowest : {std::optional<double>(), std::optional(100.0)}) {
        auto masks = lowest ? roi::binarize(roi::staged(run), *lowest) : roi::binarize(roi::staged(run));
        std::vector<std::string> said;
        roi::ScanOptions options;
        options.warning = [&](std::string_view text) { said.emplace_back(text); };
        roi::Collect<float> collect;
        roi::scan(masks, collect, options);
        const auto found = std::move(collect).result();
        REQUIRE(said.size() == 1);
        CHECK(test::contains(said[0], "they are not in the mask"));
        for (std::int64_t t = 0; t < 5; ++t) {
            const auto expected = lowest ? roi::binarize(run.frame(t), *lowest) : roi::binarize(run.frame(t));
            CHECK(std::equal(expected.begin(), expected.end(), found.frame(t).data()));
        }
    }
    CHECK_THROWS_AS(roi::binarize(roi::staged(run), std::nan("")), roi::InvalidArgument);
}

TEST_CASE("threshold: whole numbers by value, also beyond those that double holds") {
    const std::int64_t most = std::numeric_limits<std::int64_t>::max();
    const std::vector<std::int64_t> values{-most - 1, -3, 0, 3, 9007199254740993, most};
    const roi::Volume<std::int64_t> map(roi::Shape(6, 1, 1), values);
    const auto kept = [&](double lowest) {
        const auto out = roi::threshold(map, lowest);
        CHECK(test::same_bytes(roi::threshold(map.view(), lowest), out));
        return std::vector<std::int64_t>(out.begin(), out.end());
    };
    CHECK(kept(2.5) == std::vector<std::int64_t>{0, 0, 0, 3, 9007199254740993, most});
    CHECK(kept(3.0) == std::vector<std::int64_t>{0, 0, 0, 3, 9007199254740993, most});
    CHECK(kept(9007199254740994.0) == std::vector<std::int64_t>{0, 0, 0, 0, 0, most});
    CHECK(kept(9223372036854775808.0) == std::vector<std::int64_t>(6));
    CHECK(kept(-2.5) == std::vector<std::int64_t>{-most - 1, -3, 0, 0, 0, 0});
    CHECK(kept(-3.0) == std::vector<std::int64_t>{-most - 1, -3, 0, 0, 0, 0});
    CHECK(kept(-9223372036854775808.0) == std::vector<std::int64_t>{-most - 1, 0, 0, 0, 0, 0});
    CHECK(kept(-1e300) == std::vector<std::int64_t>(6));
    const auto both = roi::threshold(map, 9007199254740994.0, {.two_sided = true});
    CHECK(std::vector<std::int64_t>(both.begin(), both.end()) ==
          std::vector<std::int64_t>{-most - 1, 0, 0, 0, 0, most});
    CHECK_THROWS_AS(roi::threshold(map, std::nan("")), roi::InvalidArgument);
    const roi::Volume<std::uint8_t> bytes(roi::Shape(2, 1, 1), std::vector<std::uint8_t>{0, 255});
    CHECK(roi::threshold(bytes, 255.0)[1] == 255);
    CHECK(roi::threshold(bytes, 255.5)[1] == 0);
    CHECK(roi::threshold(bytes, -7.0)[1] == 0);
}

TEST_CASE("binarize: whole numbers as the operators compare them, beyond those that double holds") {
    constexpr std::int64_t beyond = std::int64_t{1} << 53;
    const std::vector<std::int64_t> values{beyond + 3, beyond + 4, beyond + 5, -7};
    const roi::Volume<std::int64_t> map(roi::Shape(4, 1, 1), values);
    const auto lowest = static_cast<double>(beyond) + 4.0;
    const auto mask = roi::binarize(map, lowest);
    CHECK(std::vector<bool>(mask.begin(), mask.end()) == std::vector<bool>{false, true, true, false});
    CHECK(test::same_bytes(mask, map >= lowest));
    CHECK(test::same_bytes(mask, roi::threshold(map, lowest) != 0));
}

TEST_CASE("binarize: a run in memory is its volumes") {
    test::Random random(test::seed());
    INFO("seed " << test::seed());
    auto run = test::random_run<float>(roi::Grid(roi::Shape(4, 3, 2), roi::scaling({2, 2, 3})), 5, random);
    run(1, 1, 1, 3) = std::numeric_limits<float>::quiet_NaN();
    run(1, 2, 1, 3) = 0.0f;
    std::vector<std::string> said;
    const roi::BinarizeOptions options{.warning = [&](std::string_view text) { said.emplace_back(text); }};
    const auto there = roi::binarize(run, options), high = roi::binarize(run, 0.25);
    for (std::int64_t t = 0; t < run.frames(); ++t) {
        CHECK(test::same_bytes(roi::Mask(there.frame(t)), roi::binarize(run.frame(t))));
        CHECK(test::same_bytes(roi::Mask(high.frame(t)), roi::binarize(run.frame(t), 0.25)));
    }
    CHECK(said == std::vector<std::string>{"binarize: 1 voxel in 1 volume is NaN: they are not in the mask"});
}

TEST_CASE("binarize: what is not 0, or reaches a value; NaN is false") {
    const auto map = along_x({-1, 0, -0.0, 0.5, 2, std::nan("")});
    const auto truths = [](const roi::Mask& mask) { return std::vector<bool>(mask.begin(), mask.end()); };
    CHECK(truths(roi::binarize(map)) == std::vector<bool>{true, false, false, true, true, false});
    CHECK(truths(roi::binarize(map, 0.5)) == std::vector<bool>{false, false, false, true, true, false});
    CHECK(truths(roi::binarize(map, -1.0)) == std::vector<bool>{true, true, true, true, true, false});
    CHECK(truths(roi::binarize(map.view())) == truths(roi::binarize(map)));
    CHECK(roi::count(roi::binarize(roi::Labels(roi::Shape(2, 2, 2), -3))) == 8);
    CHECK(roi::count(roi::binarize(roi::Mask(roi::Shape(2, 2, 2), true))) == 8);
    CHECK_THROWS_AS(roi::binarize(map, std::nan("")), roi::InvalidArgument);
}

TEST_CASE("binarize: that nothing is left is said, in memory and in a stream") {
    const double nan = std::nan("");
    std::vector<std::string> said;
    const roi::WarningHandler hear = [&](std::string_view line) { said.emplace_back(line); };
    const roi::BinarizeOptions aloud{.warning = hear};
    // What is said of a volume; of a run of two, in memory and as it passes, the same is said.
    const auto of = [&](const std::vector<double>& values, std::optional<double> lowest) {
        said.clear();
        const auto map = along_x(values);
        (void)(lowest ? roi::binarize(map, *lowest, aloud) : roi::binarize(map, aloud));
        const auto of_volume = std::exchange(said, {});
        roi::Volume4D<double> run(map.grid(), 2);
        std::copy(map.begin(), map.end(), run.frame(0).data());
        std::copy(map.begin(), map.end(), run.frame(1).data());
        (void)(lowest ? roi::binarize(run, *lowest, aloud) : roi::binarize(run, aloud));
        const auto of_run = std::exchange(said, {});
        auto masks = lowest ? roi::binarize(roi::staged(run), *lowest) : roi::binarize(roi::staged(run));
        for (int scan = 0; scan < 2; ++scan) {
            roi::Collect<double> collect;
            roi::scan(masks, collect, roi::ScanOptions{.warning = hear});
            masks.rewind();
        }
        CHECK(said == of_run);
        return of_volume;
    };
    CHECK(of({-6, 1, 5}, 5.0).empty());
    CHECK(of({0, 0, 1}, {}).empty());
    CHECK(of({-6, 1, 5}, 5.5) ==
          std::vector<std::string>{"binarize: no voxel reaches 5.5, the most is 5; everything becomes 0"});
    CHECK(of({-6, -5}, -1.0) ==
          std::vector<std::string>{"binarize: no voxel reaches -1, the most is -5; everything becomes 0"});
    CHECK(of({0, -0.0}, {}) ==
          std::vector<std::string>{"binarize: no voxel is other than 0; everything becomes 0"});
    CHECK(of({0, nan}, {}).size() == 2);
    // Of NaN alone their number says it.
    CHECK(of({nan, nan}, 1.0).size() == 1);
    // One volume that keeps something is enough.
    said.clear();
    roi::Volume4D<double> run(roi::Shape(2, 1, 1), 2);
    run(1, 0, 0, 1) = 3.0;
    (void)roi::binarize(run, 2.0, aloud);
    (void)roi::binarize(roi::Mask(roi::Shape(2, 1, 1)), aloud);
    CHECK(said == std::vector<std::string>{"binarize: no voxel is other than 0; everything becomes 0"});
}

TEST_CASE("threshold: whole numbers that are held as float do not reach what lies above them") {
    const roi::Shape shape(4, 1, 1);
    const roi::Volume<std::int16_t> whole(shape, std::vector<std::int16_t>{1910, 1911, -1911, 1912});
    const roi::Volume<float> reals(shape, std::vector<float>{1910, 1911, -1911, 1912});
    const auto check = [&](const auto& value, bool two_sided) {
        const auto expected = roi::threshold(whole, value, {.two_sided = two_sided});
        const auto found = roi::threshold(reals, value, {.two_sided = two_sided, .whole_numbers = true});
        for (std::int64_t i = 0; i < 4; ++i) CHECK(found[i] == static_cast<float>(expected[i]));
    };
    for (const double value : {1911.0, 1911.00001, 1911.5, 0.0}) {
        for (const bool two_sided : {false, true}) check(value, two_sided);
        check(-value, false);
    }
    for (const double percent : {10.0, 50.0, 90.0}) {
        for (const bool two_sided : {false, true}) check(roi::Percentile{percent}, two_sided);
    }
    CHECK(roi::threshold(reals, 1911.00001)[1] == 1911.0F);
    CHECK(roi::threshold(reals, 1911.00001, {.whole_numbers = true})[1] == 0.0F);
}
