// Outlines of regions in a slice.
#include <roi/plot/detail/contour.hpp>

#include "catch.hpp"
#include "support.hpp"
#include <cmath>
#include <vector>

using Loop = std::vector<roi::Place>;

namespace {

/// Twice the signed area, positive for clockwise on a sheet whose y runs down.
double area(const Loop& loop) {
    double sum = 0.0;
    for (std::size_t i = 0; i < loop.size(); ++i) {
        const auto& a = loop[i];
        const auto& b = loop[(i + 1) % loop.size()];
        sum += a.x * b.y - b.x * a.y;
    }
    return sum / 2.0;
}

}  // namespace

TEST_CASE("one pixel is a square, a bar has four corners") {
    CHECK(roi::contours({false, true, false, false}, 2, 2) ==
          std::vector<Loop>{{{1, 0}, {2, 0}, {2, 1}, {1, 1}}});
    CHECK(roi::contours({true, true, true}, 3, 1) == std::vector<Loop>{{{0, 0}, {3, 0}, {3, 1}, {0, 1}}});
    CHECK(roi::contours(std::vector<bool>(6), 3, 2).empty());
}

TEST_CASE("a hole has a line of its own, the other way round") {
    std::vector<bool> ring(9, true);
    ring[4] = false;
    const auto loops = roi::contours(ring, 3, 3);
    REQUIRE(loops.size() == 2);
    CHECK(area(loops[0]) == 9.0);
    CHECK(area(loops[1]) == -1.0);
}

TEST_CASE("pixels that touch at a corner stay apart, holes that do join") {
    const auto loops = roi::contours({true, false, false, true}, 2, 2);
    REQUIRE(loops.size() == 2);
    for (const auto& loop : loops) CHECK(loop.size() == 4);
    const auto inverse = roi::contours({true, true, true, true,   //
                                        true, false, true, true,  //
                                        true, true, false, true,  //
                                        true, true, true, true},
                                       4, 4);
    REQUIRE(inverse.size() == 2);
    CHECK(area(inverse[1]) == -2.0);
}

TEST_CASE("the lines around any pixels enclose exactly them") {
    INFO("seed " << test::seed());
    test::Random random(test::seed());
    for (int round = 0; round < 200; ++round) {
        const auto shape = test::random_shape(random, 12);
        std::vector<bool> inside(static_cast<std::size_t>(shape.x() * shape.y()));
        int count = 0, edges = 0;
        for (std::size_t i = 0; i < inside.size(); ++i) count += (inside[i] = random() % 3 > 0) ? 1 : 0;
        const auto at = [&](std::int64_t x, std::int64_t y) {
            return x >= 0 && y >= 0 && x < shape.x() && y < shape.y() &&
                   inside[static_cast<std::size_t>(y * shape.x() + x)];
        };
        for (std::int64_t y = -1; y < shape.y(); ++y) {
            for (std::int64_t x = -1; x < shape.x(); ++x) {
                edges += (at(x, y) != at(x + 1, y) ? 1 : 0) + (at(x, y) != at(x, y + 1) ? 1 : 0);
            }
        }
        double sum = 0.0, length = 0.0;
        for (const auto& loop : roi::contours(inside, shape.x(), shape.y())) {
            sum += area(loop);
            for (std::size_t i = 0; i < loop.size(); ++i) {
                const auto& a = loop[i];
                const auto& b = loop[(i + 1) % loop.size()];
                CHECK(((a.x == b.x) != (a.y == b.y)));
                length += std::abs(a.x - b.x) + std::abs(a.y - b.y);
            }
        }
        CHECK(sum == count);
        CHECK(length == edges);
    }
}
