// The least and the largest value over time: NaN, infinity, two runs, any number of threads.
#include <roi/stats/extremes.hpp>

#include "catch.hpp"
#include "checks.hpp"
#include "sources.hpp"
#include "support.hpp"
#include <algorithm>
#include <cmath>
#include <cstdint>
#include <limits>
#include <string>
#include <utility>

using roi::Shape;

TEST_CASE("minimum, maximum: of every voxel over time, as in a loop") {
    test::Random random(test::seed());
    INFO("seed " << test::seed());
    const auto run = test::random_run<float>(Shape(9, 7, 5), 40, random);
    const auto low = roi::minimum(run), high = roi::maximum(run);
    for (std::int64_t i = 0; i < low.size(); ++i) {
        float least = run.data()[i], largest = least;
        for (std::int64_t t = 1; t < run.frames(); ++t) {
            least = std::min(least, run.frame(t).data()[i]);
            largest = std::max(largest, run.frame(t).data()[i]);
        }
        REQUIRE(low[i] == static_cast<double>(least));
        REQUIRE(high[i] == static_cast<double>(largest));
    }
    CHECK(low.grid() == run.grid());
    CHECK(low.metadata() == roi::inherited_by_volume(run.metadata()));
    CHECK(test::same_bytes(roi::minimum(test::PlainSource<float>(run), {.threads = 3}), low));
    const auto whole = test::random_run<std::int16_t>(Shape(3, 2, 2), 4, random);
    std::int16_t most = whole.data()[5];
    for (std::int64_t t = 1; t < 4; ++t) most = std::max(most, whole.frame(t).data()[5]);
    CHECK(roi::maximum(whole)[5] == static_cast<double>(most));
}

TEST_CASE("minimum, maximum: NaN stays, infinity is a value, and both are said") {
    roi::Volume4D<double> run(Shape(2, 2, 1), 3, 1.0);
    run(1, 0, 0, 1) = std::numeric_limits<double>::quiet_NaN();
    run(0, 1, 0, 0) = -std::numeric_limits<double>::infinity();
    run(1, 1, 0, 2) = 7.0;
    std::string said;
    const auto low = roi::minimum(run, {.warning = [&](std::string_view text) { said = text; }});
    CHECK(test::contains(said, "2 voxels in 2 volumes"));
    CHECK(std::isnan(low(1, 0, 0)));
    CHECK(low(0, 1, 0) == -std::numeric_limits<double>::infinity());
    CHECK(low(1, 1, 0) == 1.0);
    const auto high = roi::maximum(run);
    CHECK(std::isnan(high(1, 0, 0)));
    CHECK(high(0, 1, 0) == 1.0);
    CHECK(high(1, 1, 0) == 7.0);
    CHECK_THROWS_AS(roi::maximum(roi::Volume4D<float>(Shape(2, 2, 2), 0)), roi::InvalidArgument);
    CHECK_THROWS_AS(roi::Extremes().minimum(), roi::InvalidArgument);
}

TEST_CASE("Extremes: two runs merged are the run of both") {
    test::Random random(test::seed());
    INFO("seed " << test::seed());
    auto run = test::random_run<double>(Shape(4, 3, 2), 9, random);
    run(0, 0, 0, 2) = run(1, 0, 0, 7) = std::numeric_limits<double>::quiet_NaN();
    const auto scanned = [&](std::int64_t first, std::int64_t last) {
        roi::Extremes out;
        roi::scan(roi::Volume4DView<const double>(run.frame(first).data(), run.grid(), last - first), out);
        return out;
    };
    auto both = scanned(0, 5);
    both.merge(scanned(5, 9));
    const auto whole = scanned(0, 9);
    CHECK(test::same_bytes(both.minimum(), whole.minimum()));
    CHECK(test::same_bytes(both.maximum(), whole.maximum()));
    CHECK_THROWS_AS(both.merge(roi::Extremes()), roi::InvalidArgument);
}
