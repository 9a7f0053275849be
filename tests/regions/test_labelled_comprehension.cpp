// Any function of the values of every region: SciPy's numbers, order, places, labels that are not there.
#include <roi/regions/labelled_comprehension.hpp>
#include <roi/regions/region_statistic.hpp>

#include "catch.hpp"
#include "checks.hpp"
#include "support.hpp"
#include <cmath>
#include <cstdint>
#include <limits>
#include <map>
#include <span>
#include <stdexcept>
#include <utility>
#include <vector>

using roi::Shape;
using Values = std::vector<double>;

namespace {

Values copy_of(std::span<const double> values) { return {values.begin(), values.end()}; }

}  // namespace

TEST_CASE("labelled_comprehension: the values of every region, x slowest, in the order of the labels") {
    test::Random random(test::seed());
    INFO("seed " << test::seed());
    for (int round = 0; round < 30; ++round) {
        const Shape shape = test::random_shape(random, 6);
        const auto map = test::random_volume<float>(shape, random);
        roi::Volume<std::int16_t> atlas(shape);
        for (auto& label : atlas) label = static_cast<std::int16_t>(3 * (static_cast<int>(random() % 6) - 2));
        std::map<std::int64_t, Values> expected;
        for (std::int64_t x = 0; x < shape.x(); ++x) {
            for (std::int64_t y = 0; y < shape.y(); ++y) {
                for (std::int64_t z = 0; z < shape.z(); ++z) {
                    if (atlas(x, y, z) != 0) {
                        expected[atlas(x, y, z)].push_back(static_cast<double>(map(x, y, z)));
                    }
                }
            }
        }
        const auto found = roi::labelled_comprehension(map, atlas, copy_of);
        REQUIRE(found.size() == expected.size());
        auto next = expected.begin();
        for (const auto& [label, values] : found) {
            CHECK(label == next->first);
            CHECK(values == next->second);
            ++next;
        }
    }
}

TEST_CASE("labelled_comprehension: labels asked for, places, statistics, NaN") {
    const Shape shape(3, 2, 1);
    const std::vector<double> numbers{1, 2, 3, 4, 5, std::numeric_limits<double>::quiet_NaN()};
    const roi::Volume<double> map(shape, numbers);
    const std::vector<std::int32_t> marks{0, 7, 7, -1, 7, -1};
    const roi::Labels atlas(shape, marks);
    const auto sums = roi::labelled_comprehension(map, atlas, roi::sum_of, {{7, 5, 0, 7, 1'000'000'000'000}});
    REQUIRE(sums.size() == 5);
    CHECK(sums[0] == roi::LabelledValue<double>{7, 10.0});
    CHECK(sums[1] == roi::LabelledValue<double>{5, {}});
    CHECK(sums[2] == roi::LabelledValue<double>{0, 1.0});
    CHECK(sums[3] == sums[0]);
    CHECK_FALSE(sums[4].value.has_value());
    CHECK(std::isnan(*roi::labelled_comprehension(map, atlas, roi::max_of)[0].value));
    // The places are those in memory.
    const auto places = roi::labelled_comprehension(
        map, atlas, [](std::span<const double>, std::span<const std::int64_t> voxels) {
            return std::vector<std::int64_t>(voxels.begin(), voxels.end());
        });
    REQUIRE(places.size() == 2);
    CHECK(places[0].label == -1);
    CHECK(*places[0].value == std::vector<std::int64_t>{3, 5});
    CHECK(*places[1].value == std::vector<std::int64_t>{1, 4, 2});
    const auto of_mask = roi::labelled_comprehension(map, roi::Mask(shape, true), roi::count_of);
    REQUIRE(of_mask.size() == 1);
    CHECK(of_mask[0] == roi::LabelledValue<double>{1, 6.0});
}

TEST_CASE("labelled_comprehension: nothing to ask about, other grids, a function that throws") {
    const roi::Volume<float> map(Shape(2, 2, 2), 1.0f);
    CHECK(roi::labelled_comprehension(map, roi::Labels(Shape(2, 2, 2)), copy_of).empty());
    CHECK(roi::labelled_comprehension(roi::Volume<float>(), roi::Labels(), copy_of).empty());
    CHECK_THROWS_AS(roi::labelled_comprehension(map, roi::Labels(Shape(2, 2, 1)), copy_of),
                    roi::GridMismatch);
    const auto fails = [](std::span<const double>) -> double { throw std::runtime_error("no"); };
    CHECK_THROWS_AS(roi::labelled_comprehension(map, roi::Mask(Shape(2, 2, 2), true), fails),
                    std::runtime_error);
}
