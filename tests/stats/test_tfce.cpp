// Threshold-free cluster enhancement: golden numbers, the limit of small steps, properties.
#include <roi/regions/label.hpp>
#include <roi/stats/tfce.hpp>

#include "catch.hpp"
#include "checks.hpp"
#include "support.hpp"
#include <algorithm>
#include <cmath>
#include <cstdint>
#include <limits>
#include <utility>
#include <vector>

using roi::Connectivity;
using roi::Shape;

namespace {

roi::Volume<double> golden() {
    roi::Volume<double> map(Shape(3, 3, 1), 0.0);
    const double rows[3][3] = {{1, 2, 1}, {0, 3, -1}, {2, 0, -2}};
    for (std::int64_t x = 0; x < 3; ++x) {
        for (std::int64_t y = 0; y < 3; ++y) map(x, y, 0) = rows[x][y];
    }
    return map;
}

void check(const roi::Volume<double>& map, const double (&rows)[3][3]) {
    for (std::int64_t x = 0; x < 3; ++x) {
        for (std::int64_t y = 0; y < 3; ++y) {
            INFO("voxel " << x << ", " << y);
            CHECK(map(x, y, 0) == Approx(rows[x][y]).epsilon(1e-13).margin(1e-300));
        }
    }
}

/// Sums of e^E h^H over small steps.
roi::Volume<double> stepped(const roi::Volume<double>& map, const roi::TfceOptions& options, int steps) {
    roi::Volume<double> out(map.grid(), 0.0);
    double largest = 0.0;
    for (const double value : map) largest = std::max(largest, value);
    const double dh = largest / steps;
    for (int k = 0; k < steps; ++k) {
        const double h = (k + 0.5) * dh;
        roi::Mask above(map.grid(), false);
        for (std::int64_t i = 0; i < map.size(); ++i) above[i] = map[i] >= h;
        const auto [atlas, count] = roi::label(above, {.connectivity = options.connectivity});
        std::vector<double> sizes(static_cast<std::size_t>(count) + 1);
        for (const auto label : atlas) sizes[static_cast<std::size_t>(label)] += 1.0;
        for (std::int64_t i = 0; i < map.size(); ++i) {
            if (atlas[i] == 0) continue;
            out[i] += std::pow(sizes[static_cast<std::size_t>(atlas[i])], options.extent_power) *
                      std::pow(h, options.height_power) * dh;
        }
    }
    return out;
}

}  // namespace

TEST_CASE("tfce: golden numbers of the exact integral") {
    check(roi::tfce(golden()), {{0.6666666666666665, 3.966498312203888, 0.6666666666666665},
                                {0, 10.299831645537221, -0.47140452079103173},
                                {2.6666666666666665, 0, -2.8047378541243653}});
    check(roi::tfce(golden(), {.connectivity = Connectivity::corners, .two_sided = false}),
          {{0.7453559924999302, 4.786807876827311, 0.7453559924999302},
           {0, 11.120141210160643, 0},
           {4.786807876827311, 0, 0}});
}

TEST_CASE("tfce: the limit of small steps") {
    test::Random random(test::seed());
    INFO("seed " << test::seed());
    for (const auto connectivity : {Connectivity::faces, Connectivity::edges, Connectivity::corners}) {
        for (const auto& [extent, height] : {std::pair{0.5, 2.0}, {1.0, 1.0}, {0.5, 3.0}, {1.0, 2.0}}) {
            roi::Volume<double> map(Shape(7, 6, 5), 0.0);
            // Whole numbers, of which many are equal: the sums are exact between them.
            for (double& value : map) value = static_cast<double>(random() % 6) - 1.0;
            const roi::TfceOptions options{.extent_power = extent,
                                           .height_power = height,
                                           .connectivity = connectivity,
                                           .two_sided = false};
            const auto exact = roi::tfce(map, options);
            const auto sums = stepped(map, options, 1500);
            for (std::int64_t i = 0; i < map.size(); ++i) {
                REQUIRE(exact[i] == Approx(sums[i]).epsilon(1e-5).margin(1e-12));
            }
        }
    }
}

TEST_CASE("tfce: scales as its powers say, ignores NaN and what is outside a mask") {
    test::Random random(test::seed());
    INFO("seed " << test::seed());
    roi::Volume<float> map(Shape(6, 5, 4), 0.0F), larger = map;
    for (float& value : map) value = std::normal_distribution<float>(0, 1)(random);
    for (std::int64_t i = 0; i < map.size(); ++i) larger[i] = 2.0F * map[i];
    const auto one = roi::tfce(map), two = roi::tfce(larger);
    for (std::int64_t i = 0; i < map.size(); ++i) {
        REQUIRE(two[i] == Approx(8.0 * one[i]).epsilon(1e-12));
        REQUIRE((one[i] > 0) == (map[i] > 0.0F));
    }
    roi::Mask mask(map.grid(), true);
    auto holes = map, zeros = map;
    for (std::int64_t i = 0; i < map.size(); i += 3) {
        mask[i] = false;
        holes[i] = std::numeric_limits<float>::quiet_NaN();
        zeros[i] = 0.0F;
    }
    CHECK(test::same_bytes(roi::tfce(holes), roi::tfce(zeros)));
    CHECK(test::same_bytes(roi::tfce(map, {.mask = mask}), roi::tfce(zeros)));
    CHECK(roi::tfce(roi::Volume<double>(Shape(3, 3, 3), 0.0))[5] == 0.0);
    map[0] = std::numeric_limits<float>::infinity();
    CHECK_THROWS_AS((void)roi::tfce(map), roi::InvalidArgument);
    CHECK_THROWS_AS((void)roi::tfce(golden(), {.extent_power = -1.0}), roi::InvalidArgument);
    CHECK_THROWS_AS((void)roi::tfce(roi::Volume<double>(Shape(2, 2, 2), 1e110)), roi::InvalidArgument);
}

TEST_CASE("tfce: values of any scale are visited in order") {
    test::Random random(test::seed());
    INFO("seed " << test::seed());
    // Most are equal in the leading bits of float, some are 40 powers of two smaller, many are equal.
    roi::Volume<double> map(Shape(9, 8, 7), 0.0);
    for (double& value : map) {
        const auto kind = random() % 4;
        const double part = std::uniform_real_distribution<double>(0, 1)(random);
        value = kind == 0 ? 1.0 + 1e-12 * part : kind == 1 ? 1e-12 * part : kind == 2 ? 0.5 : -part;
    }
    const auto found = roi::tfce(map, {.two_sided = false});
    // The same integral from the masks at every height there is.
    std::vector<double> heights(map.begin(), map.end());
    std::sort(heights.begin(), heights.end());
    heights.erase(std::unique(heights.begin(), heights.end()), heights.end());
    roi::Volume<double> expected(map.grid(), 0.0);
    double below = 0.0;
    for (const double height : heights) {
        if (height <= 0.0) continue;
        roi::Mask above(map.grid(), false);
        for (std::int64_t i = 0; i < map.size(); ++i) above[i] = map[i] >= height;
        const auto [atlas, count] = roi::label(above);
        std::vector<double> sizes(static_cast<std::size_t>(count) + 1);
        for (const auto label : atlas) sizes[static_cast<std::size_t>(label)] += 1.0;
        const double part = (height * height * height - below * below * below) / 3.0;
        for (std::int64_t i = 0; i < map.size(); ++i) {
            if (atlas[i] > 0) expected[i] += std::sqrt(sizes[static_cast<std::size_t>(atlas[i])]) * part;
        }
        below = height;
    }
    for (std::int64_t i = 0; i < map.size(); ++i) {
        REQUIRE(found[i] == Approx(expected[i]).epsilon(1e-11).margin(1e-300));
    }
}
