// With all headers, as programs have them: no function of another family may be mistaken for one of its own.
#include <roi/regions/extract.hpp>
#include <roi/roi.hpp>

#include "catch.hpp"
#include "checks.hpp"
#include "support.hpp"
#include <algorithm>
#include <cmath>
#include <cstdint>
#include <limits>
#include <numeric>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

using roi::ExtractThreshold;
using roi::ExtractType;
using roi::Grid;
using roi::Shape;
using roi::Volume4D;

namespace {

using Numbers = std::vector<std::int64_t>;

/// The maps of the golden regions.
Volume4D<float> golden() {
    Volume4D<float> out(Grid(Shape(4, 3, 2), roi::scaling({2.0, 2.0, 2.0})), 2);
    out(0, 0, 0, 0) = 2.0f;
    out(1, 0, 0, 0) = -1.0f;
    out(3, 2, 1, 0) = 5.0f;
    out(3, 1, 1, 0) = 0.5f;
    out(2, 2, 1, 0) = 1.0f;
    out(0, 0, 0, 1) = out(0, 1, 0, 1) = out(0, 2, 0, 1) = 1.0f;
    out(3, 0, 0, 1) = 3.0f;
    return out;
}

template <class Maps>
Numbers sizes(const Maps& maps) {
    Numbers out;
    for (std::int64_t k = 0; k < maps.frames(); ++k) {
        const auto values = maps.frame(k).values();
        out.push_back(std::count_if(values.begin(), values.end(), [](auto value) { return value != 0; }));
    }
    return out;
}

template <class Maps>
std::vector<double> sums(const Maps& maps) {
    std::vector<double> out;
    for (std::int64_t k = 0; k < maps.frames(); ++k) {
        const auto values = maps.frame(k).values();
        out.push_back(std::accumulate(values.begin(), values.end(), 0.0));
    }
    return out;
}

std::vector<std::int32_t> walked(const std::vector<double>& values, std::vector<std::int32_t> seeds,
                                 const Shape& shape) {
    roi::detail::RandomWalker(values.data(), seeds.data(), shape).run([](std::int64_t) {});
    return seeds;
}

std::vector<int> maxima(const std::vector<double>& values, std::int64_t reach) {
    const auto found = roi::detail::local_maxima(
        values.data(), Shape(static_cast<std::int64_t>(values.size()), 1, 1), reach);
    std::vector<int> out;
    for (std::size_t i = 0; i < found.size(); ++i) {
        if (found[i]) out.push_back(static_cast<int>(i));
    }
    return out;
}

}  // namespace

TEST_CASE("connected components of maps are regions, both signs together") {
    const auto of = [](double volume) {
        return roi::connected_regions(golden(),
                                      {.type = ExtractType::connected_components, .min_volume = volume});
    };
    const auto all = of(7.9);
    CHECK(sizes(all.maps) == Numbers{2, 3, 3, 1});
    CHECK(sums(all.maps) == std::vector<double>{1.0, 6.5, 3.0, 3.0});
    CHECK(all.sources == Numbers{0, 0, 1, 1});
    CHECK(of(8.0).sources == Numbers{0, 0, 1, 1});  // as large as asked for, which nilearn drops
    CHECK(of(8.1).sources == Numbers{0, 0, 1});
    CHECK(of(16.1).sources == Numbers{0, 1});
    CHECK(of(24.1).sources.empty());
    CHECK(all.maps.grid() == golden().grid());

    std::vector<std::string> warnings;
    const auto none = roi::connected_regions(
        golden(), {.type = ExtractType::connected_components,
                   .min_volume = 25.0,
                   .warning = [&](std::string_view text) { warnings.emplace_back(text); }});
    CHECK(none.maps.frames() == 0);
    CHECK(warnings ==
          std::vector<std::string>{"connected_regions: no region of at least 25 mm3, see `min_volume`"});
    warnings.clear();
    roi::ExtractOptions options{.strategy = roi::ExtractThreshold::img_value,
                                .regions = {.min_volume = 25.0}};
    options.regions.type = ExtractType::connected_components;
    options.regions.warning = [&](std::string_view text) { warnings.emplace_back(text); };
    CHECK(roi::extract_regions(golden(), options).sources.empty());
    CHECK(warnings == std::vector<std::string>{
                          "extract_regions: no region of at least 25 mm3, see `regions.min_volume`"});
    options.regions.min_volume = -1.0;
    try {
        (void)roi::extract_regions(golden(), options);
        FAIL("a negative volume was accepted");
    } catch (const roi::InvalidArgument& error) {
        CHECK(std::string(error.what()).find("extract_regions: `regions.min_volume`: expected") == 0);
    }
}

TEST_CASE("a mask cuts maps, and one volume is one map") {
    roi::Mask mask(golden().grid(), true);
    mask(1, 0, 0) = false;
    const auto cut = roi::connected_regions(
        golden(), {.type = ExtractType::connected_components, .min_volume = 0.0, .mask = mask});
    CHECK(sums(cut.maps) == std::vector<double>{2.0, 6.5, 3.0, 3.0});
    roi::Volume<std::int16_t> single(Shape(3, 1, 1));
    single[0] = 4;
    single[2] = -1;
    const auto found =
        roi::connected_regions(single, {.type = ExtractType::connected_components, .min_volume = 0.0});
    CHECK(sums(found.maps) == std::vector<double>{4.0, -1.0});
    CHECK(found.sources == Numbers{0, 0});
    CHECK_THROWS_AS(roi::connected_regions(golden(), {.mask = roi::Mask(Shape(2, 2, 2))}), roi::GridMismatch);
    CHECK_THROWS_AS(roi::connected_regions(golden(), {.min_volume = -1.0}), roi::InvalidArgument);
}

TEST_CASE("thresholds are over all maps") {
    Volume4D<double> maps(Grid(Shape(6, 1, 1)), 2);
    for (int i = 0; i < 12; ++i) maps.data()[i] = (i % 2 == 0 ? 1.0 : -1.0) * (i + 1);
    const auto smallest = [&](double threshold, ExtractThreshold strategy) {
        const auto found = roi::extract_regions(
            maps, {.threshold = threshold,
                   .strategy = strategy,
                   .regions = {.type = ExtractType::connected_components, .min_volume = 0.0}});
        double least = 1e9, largest = 0.0;
        for (const double value : found.maps.values()) {
            if (value != 0.0) least = std::min(least, std::abs(value));
            largest = std::max(largest, value);
        }
        return std::pair{least, largest};
    };
    CHECK(smallest(0.5, ExtractThreshold::ratio_n_voxels) == std::pair{10.0, 11.0});
    CHECK(smallest(1.0, ExtractThreshold::ratio_n_voxels) == std::pair{7.0, 11.0});
    CHECK(smallest(1.5, ExtractThreshold::ratio_n_voxels) == std::pair{4.0, 11.0});
    CHECK(smallest(2.0, ExtractThreshold::ratio_n_voxels) == std::pair{1.0, 11.0});
    CHECK(smallest(7.0, ExtractThreshold::img_value) == std::pair{7.0, 11.0});
    CHECK(smallest(-8.0, ExtractThreshold::img_value) == std::pair{8.0, 0.0});
    // Of 1, 3, 5, 7, 9, 11 the median is 6.
    CHECK(smallest(50.0, ExtractThreshold::percentile) == std::pair{7.0, 11.0});
    CHECK(smallest(40.0, ExtractThreshold::percentile) == std::pair{7.0, 11.0});  // 5 and 1e-5
    CHECK(smallest(39.0, ExtractThreshold::percentile) == std::pair{5.0, 11.0});

    for (const double ratio : {0.0, -1.0, 2.1, std::numeric_limits<double>::quiet_NaN()}) {
        CHECK_THROWS_AS(roi::extract_regions(maps, {.threshold = ratio}), roi::InvalidArgument);
    }
    CHECK_THROWS_AS(
        roi::extract_regions(maps, {.threshold = 101.0, .strategy = ExtractThreshold::percentile}),
        roi::InvalidArgument);
    CHECK_THROWS_AS(roi::extract_regions(maps, {.threshold = std::numeric_limits<double>::quiet_NaN(),
                                                .strategy = ExtractThreshold::img_value}),
                    roi::InvalidArgument);
}

TEST_CASE("NaN and infinity lie in no region") {
    auto maps = golden();
    maps(3, 2, 1, 0) = std::numeric_limits<float>::quiet_NaN();
    maps(3, 0, 0, 1) = std::numeric_limits<float>::infinity();
    std::vector<std::string> said;
    const roi::ConnectedRegionsOptions components{
        .type = ExtractType::connected_components, .min_volume = 0.0, .warning = [&](std::string_view line) {
            said.emplace_back(line);
        }};
    const auto found = roi::extract_regions(
        maps, {.threshold = 1.0, .strategy = ExtractThreshold::img_value, .regions = components});
    CHECK(sums(found.maps) == std::vector<double>{2.0, 1.0, 3.0});
    CHECK(found.sources == Numbers{0, 0, 1});
    REQUIRE(said.size() == 1);
    CHECK(said[0] == "extract_regions: 2 voxels in 2 volumes are NaN or infinite: they count as 0");
    (void)roi::connected_regions(maps, components);
    REQUIRE(said.size() == 2);
    CHECK(said[1] == "connected_regions: 2 voxels in 2 volumes are NaN or infinite: they count as 0");
}

TEST_CASE("peaks are those of scikit-image") {
    CHECK(maxima({0, 3, 1, 1, 2}, 1) == std::vector<int>{1, 4});
    CHECK(maxima({5, 0, .5, 0, .6}, 1) == std::vector<int>{0, 4});
    CHECK(maxima({2, 2, 2}, 1).empty());
    CHECK(maxima({-2, -1, -3}, 1).empty());
    CHECK(maxima({0, 3, 3, 0}, 1) == std::vector<int>{1, 2});
    CHECK(maxima({4, 0, 5, 0, 0, 3}, 2) == std::vector<int>{2, 5});
    CHECK(maxima({}, 1).empty());
}

TEST_CASE("a random walker gives each voxel the seed it most likely meets first") {
    CHECK(walked({1, 1.2, 2, 2.1, 2, 1}, {1, 0, 0, 0, 0, 2}, Shape(6, 1, 1)) ==
          std::vector<std::int32_t>{1, 1, 1, 1, 1, 2});

    // nilearn stops early and gives label 2 to 17, 18 and 19 only.
    const Shape shape(24, 3, 1);
    const std::vector<double> row{1, 2, 3, 4, 5, 4, 3, 2, 1, 1, 1, 1, 1, 1, 1, 2, 3, 4, 4.5, 4, 3, 2, 1};
    std::vector<double> values(static_cast<std::size_t>(shape.size()));
    std::vector<std::int32_t> seeds(values.size());
    for (std::size_t x = 0; x < row.size(); ++x) values[24 + x] = row[x];
    seeds[24 + 4] = 1;
    seeds[24 + 18] = 2;
    const auto labels = walked(values, seeds, shape);
    for (std::size_t x = 0; x < 23; ++x) CHECK(labels[24 + x] == (x <= 7 ? 1 : 2));
    CHECK(labels[0] == 0);
    CHECK(labels[24 + 23] == 0);

    // Ties go to the lower label; what no seed reaches and seeds alone are nothing.
    CHECK(walked({1, 1, 1, 0, 1, 0, 2, 0, 3, 3}, {2, 0, 5, 0, 0, 0, 7, 0, 1, 2}, Shape(10, 1, 1)) ==
          std::vector<std::int32_t>{2, 2, 5, 0, 0, 0, 0, 0, 0, 0});
    CHECK(walked({3, 2, 2}, {0, 4, 0}, Shape(3, 1, 1)) == std::vector<std::int32_t>{4, 4, 4});

    // Where no voxel is left to be reached, seeds are all there is.
    CHECK(walked({1, 1, 0, 2}, {1, 1, 0, 2}, Shape(4, 1, 1)) == std::vector<std::int32_t>{1, 1, 0, 2});
    CHECK(walked({5, 0, 3, 3}, {1, 0, 0, 0}, Shape(4, 1, 1)) == std::vector<std::int32_t>{1, 0, 0, 0});
    CHECK(walked({1, 1, 0, 2, 2}, {1, 1, 0, 2, 0}, Shape(5, 1, 1)) ==
          std::vector<std::int32_t>{0, 0, 0, 2, 2});
}

TEST_CASE("flat maps have local regions, which are all peak") {
    Volume4D<float> maps(Grid(Shape(20, 8, 8), roi::scaling({3.0, 3.0, 3.0})), 2);
    for (std::int64_t x = 0; x < 5; ++x) {
        for (std::int64_t y = 0; y < 5; ++y) {
            for (std::int64_t z = 0; z < 5; ++z) {
                for (const int map : {0, 1}) {
                    maps(1 + x, 1 + y, 1 + z, map) = 1.0f;
                    if (x < 4) maps(14 + x, 1 + y, 1 + z, map) = map == 0 ? 1.0f : 2.0f;
                }
            }
        }
    }
    const auto found = roi::connected_regions(maps, {.min_volume = 100.0, .fwhm = roi::Fwhm{0.0}});
    // Of the second map nilearn has the block of 1 alone: near the other not all of it are peaks.
    CHECK(found.sources == Numbers{0, 0, 1});
    CHECK(found.maps(1, 1, 1, 0) == 1.0f);
    CHECK(found.maps(14, 1, 1, 0) == 0.0f);
    CHECK(found.maps(17, 5, 5, 1) == 1.0f);
    CHECK(found.maps(5, 5, 5, 2) == 1.0f);
    CHECK(found.maps(14, 1, 1, 2) == 0.0f);

    roi::Volume<float> near(Grid(Shape(40, 8, 8), roi::scaling({3.0, 3.0, 3.0})));
    for (std::int64_t i = 0; i < near.size(); ++i) {
        const auto [x, y, z] = near.shape().voxel(i);
        const bool inside = y >= 1 && y <= 5 && z >= 1 && z <= 5;
        if (inside && x >= 1 && x <= 5) near[i] = 1.0f;
        if (inside && x >= 8 && x <= 11) near[i] = 2.0f;
    }
    const auto larger = roi::connected_regions(near, {.min_volume = 100.0, .fwhm = roi::Fwhm{0.0}});
    REQUIRE(larger.sources == Numbers{0});
    CHECK(larger.maps(1, 1, 1, 0) == 0.0f);
    CHECK(larger.maps(8, 1, 1, 0) == 2.0f);
}

TEST_CASE("local regions grow round the peaks of each map") {
    const Grid grid(Shape(40, 12, 12), roi::scaling({3.0, 3.0, 3.0}));
    Volume4D<float> maps(grid, 2);
    for (std::int64_t i = 0; i < grid.size(); ++i) {
        const auto [x, y, z] = grid.shape().voxel(i);
        const auto blob = [&, x = x, y = y, z = z](double at, double height) {
            const auto d = std::pow(static_cast<double>(x) - at, 2) +
                           std::pow(static_cast<double>(y) - 6.0, 2) +
                           std::pow(static_cast<double>(z) - 6.0, 2);
            return height * std::exp(-d / 18.0);
        };
        maps.data()[i] = static_cast<float>(blob(10.0, 5.0) + blob(26.0, 4.0));
        maps.data()[grid.size() + i] = static_cast<float>(blob(20.0, 3.0));
    }
    const roi::ExtractOptions options{.threshold = 0.5, .strategy = ExtractThreshold::img_value};
    const auto found = roi::extract_regions(maps, options);
    CHECK(found.sources == Numbers{0, 0, 1});
    REQUIRE(found.maps.frames() == 3);
    CHECK(found.maps(10, 6, 6, 0) == maps(10, 6, 6, 0));
    CHECK(found.maps(26, 6, 6, 1) == maps(26, 6, 6, 0));
    CHECK(found.maps(26, 6, 6, 0) == 0.0f);
    CHECK(found.maps(20, 6, 6, 2) == maps(20, 6, 6, 1));
    for (std::int64_t i = 0; i < grid.size(); ++i) {
        const float both = found.maps.data()[i] + found.maps.data()[grid.size() + i];
        REQUIRE(both == (maps.data()[i] >= 0.5f ? maps.data()[i] : 0.0f));
    }
    for (const int threads : {1, 3}) {
        const test::Threads chosen(threads);
        CHECK(test::same_bytes(roi::extract_regions(maps, options).maps, found.maps));

        // Told on this thread, from 0 to all peaks without a step back.
        const auto caller = std::this_thread::get_id();
        Numbers told;
        auto watched = options;
        watched.regions.progress = [&](std::int64_t done, std::int64_t total) {
            REQUIRE(std::this_thread::get_id() == caller);
            CHECK(total == 3);
            told.push_back(done);
        };
        CHECK(test::same_bytes(roi::extract_regions(maps, watched).maps, found.maps));
        REQUIRE(told.size() >= 2);
        CHECK(told.front() == 0);
        CHECK(told.back() == 3);
        CHECK(std::is_sorted(told.begin(), told.end()));

        int asked = 0;
        watched.regions.stop = [&] { return ++asked == 2; };
        try {
            (void)roi::extract_regions(maps, watched);
            FAIL("was not stopped");
        } catch (const roi::Error& error) {
            CHECK(error.code() == roi::ErrorCode::stopped);
            const std::string_view message = error.what();
            CHECK(message.starts_with("extract_regions: stopped on request after "));
            CHECK(message.ends_with(" of 3 peaks"));
        }
    }
}

TEST_CASE("local regions of values of any size are those of nilearn's weights") {
    const std::vector<double> line{1, 2, 3, 4, 5, 6, 7, 3, 3, 2.5, 2, 2, 2.2, 2.1, 3.1, 4.5, 6, 7.5, 8, 7, 5};
    const auto first_region = [&](double scale) {
        roi::Volume<double> map(Grid(Shape(21, 1, 1)));
        for (std::size_t i = 0; i < line.size(); ++i) map[static_cast<std::int64_t>(i)] = line[i] * scale;
        const auto regions = roi::connected_regions(map, {.min_volume = 0.0, .fwhm = roi::Fwhm{0.0}});
        REQUIRE(regions.maps.frames() == 2);
        const auto values = regions.maps.frame(0).values();
        return std::count_if(values.begin(), values.end(), [](double value) { return value != 0.0; });
    };
    // On a line the chance to meet the first seed falls by 1 / w a step, w = exp(-13 d^2 / s) + 1e-10.
    for (const double scale : {0.01, 0.1, 0.3, 1.0, 1.2, 3.0, 8.0, 100.0}) {
        double mean = 0.0, squares = 0.0;
        for (const double value : line) mean += value * scale / 21.0;
        for (const double value : line) squares += (value * scale - mean) * (value * scale - mean);
        const double deviation = std::sqrt(squares / 21.0);
        double whole = 0.0, so_far = 0.0;
        std::int64_t expected = 7;
        const auto resistance = [&](std::size_t i) {
            const double step = (line[i + 1] - line[i]) * scale;
            return 1.0 / (std::exp(-13.0 * step * step / deviation) + 1e-10);
        };
        for (std::size_t i = 6; i < 18; ++i) whole += resistance(i);
        for (std::size_t i = 6; i < 17; ++i) {
            so_far += resistance(i);
            if (so_far < whole / 2.0) ++expected;
        }
        INFO("scale " << scale);
        CHECK(first_region(scale) == expected);
    }
    // Far above and below every step is as heavy as it can be, or as light.
    for (const double scale : {1e153, 1e160, 1e300}) CHECK(first_region(scale) == first_region(1e100));
    for (const double scale : {1e-160, 1e-300}) CHECK(first_region(scale) == first_region(1e-100));
}

TEST_CASE("two sides and a mask are nilearn's two_sided and mask_img") {
    Volume4D<double> maps(Grid(Shape(4, 3, 1), roi::scaling({2.0, 2.0, 2.0})), 2,
                          std::vector<double>{1,  -2, 3, -4, 5, -6, 7, 0, -8, -9, 2, 6,  //
                                              -7, -7, 0, 4,  0, 0,  0, 5, 1,  -1, 8, -3});
    roi::Mask mask(maps.grid(), true);
    for (std::int64_t y = 0; y < 3; ++y) mask(0, y, 0) = false;
    using Sums = std::vector<double>;
    const auto of = [&](ExtractThreshold strategy, double threshold, bool two_sided, bool masked) {
        roi::ExtractOptions options{.threshold = threshold, .strategy = strategy, .two_sided = two_sided};
        options.regions.type = ExtractType::connected_components;
        options.regions.min_volume = 0.0;
        if (masked) options.regions.mask = mask;
        const auto found = roi::extract_regions(maps, options);
        return std::pair{sums(found.maps), found.sources};
    };
    constexpr auto value = ExtractThreshold::img_value, percentile = ExtractThreshold::percentile,
                   ratio = ExtractThreshold::ratio_n_voxels;
    // Sums of the regions and their maps, by nilearn 0.14.1.
    CHECK(of(value, 6.0, false, false) == std::pair{Sums{7, 6, 8}, Numbers{0, 0, 1}});
    CHECK(of(value, 6.0, false, true) == std::pair{Sums{7, 6, 8}, Numbers{0, 0, 1}});
    CHECK(of(value, 6.0, true, false) == std::pair{Sums{-16, 6, -14, 8}, Numbers{0, 0, 1, 1}});
    CHECK(of(value, 6.0, true, true) == std::pair{Sums{-8, 6, -7, 8}, Numbers{0, 0, 1, 1}});
    CHECK(of(percentile, 60.0, false, false) == std::pair{Sums{5, 7, 6, 8, 9}, Numbers{0, 0, 0, 1, 1}});
    CHECK(of(percentile, 60.0, false, true) == std::pair{Sums{7, 6, 8, 5}, Numbers{0, 0, 1, 1}});
    CHECK(of(percentile, 60.0, true, false) == std::pair{Sums{-11, 6, -14, 8, 5}, Numbers{0, 0, 1, 1, 1}});
    CHECK(of(percentile, 60.0, true, true) == std::pair{Sums{-8, 6, -7, 8, 5}, Numbers{0, 0, 1, 1, 1}});
    for (const bool two_sided : {false, true}) {
        CHECK(of(ratio, 1.0, two_sided, false) ==
              std::pair{Sums{-11, -4, 6, -14, 8, 9}, Numbers{0, 0, 0, 1, 1, 1}});
        CHECK(of(ratio, 1.0, two_sided, true) ==
              std::pair{Sums{-8, -4, 6, -7, 8, 9}, Numbers{0, 0, 0, 1, 1, 1}});
    }
    CHECK_THROWS_AS(of(value, -1.0, true, false), roi::InvalidArgument);
    mask = roi::Mask(Shape(2, 2, 2), true);
    CHECK_THROWS_AS(of(percentile, 60.0, false, true), roi::GridMismatch);
}
