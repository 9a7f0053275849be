#include <roi/stats/threshold.hpp>

#include "catch.hpp"
#include "support.hpp"
#include <cmath>
#include <limits>
#include <vector>

TEST_CASE("threshold zeroes what lies below the lowest value and keeps the rest") {
    const std::vector<float> values{-3.0f, 0.0f, 4.9999995f, 5.0f, 5.0000005f, 10.0f};
    const auto kept = roi::threshold(roi::Volume<float>(roi::Shape(6, 1, 1), values), 5.0f);
    CHECK(std::vector<float>(kept.begin(), kept.end()) ==
          std::vector<float>{0.0f, 0.0f, 0.0f, 5.0f, 5.0000005f, 10.0f});
}

TEST_CASE("threshold keeps NaN and infinity as NumPy's indexed assignment does") {
    const double inf = std::numeric_limits<double>::infinity(), nan = std::nan("");
    const auto kept = roi::threshold(
        roi::Volume<double>(roi::Shape(2, 2, 1), std::vector<double>{nan, inf, -inf, -1.0}), -2);
    CHECK(std::isnan(kept[0]));
    CHECK(kept[1] == inf);
    CHECK(kept[2] == 0.0);
    CHECK(kept[3] == -1.0);
    const auto none = roi::threshold(kept, inf);
    CHECK(none[1] == inf);
    CHECK(none[3] == 0.0);
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
        CHECK(std::string(error.what()).find("`lowest` is NaN") != std::string::npos);
    }
}
