#include <roi/core/parallel.hpp>
#include <roi/image/logical.hpp>
#include <roi/morphology/distance.hpp>

#include "masks.hpp"
#include "sanitized.hpp"
#include <array>
#include <cmath>
#include <limits>
#include <vector>

using roi::Grid;
using roi::Mask;
using roi::Point;
using roi::Shape;
using test::message_of;
using test::Positions;
using test::positions;
using test::truths;

namespace {

constexpr double infinite = std::numeric_limits<double>::infinity();

using Place = std::array<double, 3>;

Place world(const Grid& grid, std::int64_t i) {
    const auto [x, y, z] = grid.shape().voxel(i);
    const Point point =
        grid.world(Point(static_cast<double>(x), static_cast<double>(y), static_cast<double>(z)));
    return {point[0], point[1], point[2]};
}

/// Where the voxels of a mask are; plain numbers, because every pair is looked at without an optimiser.
std::vector<Place> places(const Mask& mask) {
    std::vector<Place> out;
    for (const auto i : positions(mask)) out.push_back(world(mask.grid(), i));
    return out;
}

/// The least squared distance in mm to one of them.
double nearest(const std::vector<Place>& places, const Place& from) {
    double out = infinite;
    for (const Place& place : places) {
        const double x = place[0] - from[0], y = place[1] - from[1], z = place[2] - from[2];
        const double squared = x * x + y * y + z * z;
        if (squared < out) out = squared;
    }
    return out;
}

/// Axes at right angles, rotated, with voxels of random sizes.
Grid rotated_grid(const Shape& shape, test::Random& random) {
    std::normal_distribution<double> normal;
    const double a = normal(random), b = normal(random);
    roi::Affine turn = roi::Affine::Identity(), tilt = roi::Affine::Identity();
    turn(0, 0) = turn(1, 1) = std::cos(a);
    turn(0, 1) = -std::sin(a);
    turn(1, 0) = std::sin(a);
    tilt(1, 1) = tilt(2, 2) = std::cos(b);
    tilt(1, 2) = -std::sin(b);
    tilt(2, 1) = std::sin(b);
    const auto size = [&] { return 0.5 + 3.0 * std::abs(normal(random)); };
    const roi::Affine sizes = roi::scaling({size(), size(), size()}, {-90.0, 12.0, 70.0});
    return Grid(shape, turn * tilt * sizes);
}

}  // namespace

TEST_CASE("distances of SciPy") {
    Mask mask(Grid(Shape(5, 3, 1), roi::scaling({2.0, 3.0, 4.0})));
    mask(0, 0, 0) = true;
    const auto out = roi::distance_to(mask);
    const double expected[5][3] = {{0, 3, 6},
                                   {2, 3.605551275463989, 6.324555320336759},
                                   {4, 5, 7.211102550927978},
                                   {6, 6.708203932499369, 8.48528137423857},
                                   {8, 8.54400374531753, 10}};
    for (std::int64_t x = 0; x < 5; ++x) {
        for (std::int64_t y = 0; y < 3; ++y) CHECK(out(x, y, 0) == expected[x][y]);
    }
}

TEST_CASE("distances equal those to every voxel of the mask") {
    INFO("seed " << test::seed());
    test::Random random(test::seed());
    for (int trial = 0; trial < test::rounds(150, 30); ++trial) {
        auto shape = test::random_shape(random, 9);
        if (trial % 10 == 0) shape = Shape(30, 20, 5);
        auto mask = test::random_volume<bool>(trial % 2 == 0 ? Grid(shape) : rotated_grid(shape, random),
                                              random, trial % 3 == 0 ? 0.5 : 0.02);
        const auto out = roi::distance_to(mask);
        const auto there = places(mask);
        INFO("trial " << trial << ", shape " << shape.to_string());
        for (std::int64_t i = 0; i < mask.size(); ++i) {
            const double expected = std::sqrt(nearest(there, world(mask.grid(), i)));
            if (std::isinf(expected)) {
                CHECK(out[i] == expected);
            } else if (trial % 2 == 0) {
                CHECK(out[i] == expected);  // whole numbers, so the squares are exact
            } else {
                CHECK(std::abs(out[i] - expected) <= 1e-11 * (1.0 + expected));
            }
        }
    }
}

TEST_CASE("distances along long lines, to one voxel and to many") {
    Mask mask(Shape(2, 3, 4000));
    mask(1, 0, 1234) = mask(0, 2, 3999) = true;
    const auto out = roi::distance_to(mask);
    for (std::int64_t z = 0; z < 4000; z += 7) {
        const auto d = [&](double x, double y, double at) {
            return std::sqrt(x * x + y * y + (static_cast<double>(z) - at) * (static_cast<double>(z) - at));
        };
        CHECK(out(0, 0, z) == std::min(d(1, 0, 1234), d(0, 2, 3999)));
        CHECK(out(1, 2, z) == std::min(d(0, 2, 1234), d(1, 0, 3999)));
    }
}

TEST_CASE("distances do not depend on threads") {
    INFO("seed " << test::seed());
    test::Random random(test::seed());
    const auto mask = test::random_volume<bool>(rotated_grid(Shape(90, 70, 60), random), random, 0.001);
    roi::set_threads(1);
    const auto one = roi::distance_to(mask);
    roi::set_threads(3);
    const auto three = roi::distance_to(mask);
    roi::set_threads(0);
    CHECK(std::equal(one.begin(), one.end(), three.begin()));
}

TEST_CASE("growing by millimetres: counts of SciPy") {
    Mask mask(Grid(Shape(7, 5, 5), roi::scaling({2.0, 3.0, 4.0})));
    mask(3, 2, 2) = true;
    const std::pair<double, std::int64_t> expected[] = {{0, 1},   {1.9, 1}, {2, 3},  {3.6, 5},
                                                        {3.7, 9}, {4, 13},  {5, 25}, {6, 41}};
    for (const auto& [mm, voxels] : expected) {
        INFO(mm << " mm");
        CHECK(roi::count(roi::grow(mask, mm)) == voxels);
        CHECK(roi::count(roi::shrink(roi::logical_not(mask), mm)) == mask.size() - voxels);
    }
}

TEST_CASE("growing and shrinking equal their definition, by balls and by distances, sheared grids included") {
    INFO("seed " << test::seed());
    test::Random random(test::seed());
    std::normal_distribution<double> normal;
    for (int trial = 0; trial < test::rounds(60, 20); ++trial) {
        const Shape shape(3 + trial % 20, 1 + trial % 13, 1 + trial % 7);
        auto grid = rotated_grid(shape, random);
        if (trial % 3 == 0) {
            roi::Affine affine = grid.affine();
            affine(0, 1) += 0.5;
            affine(2, 1) -= 0.3;
            grid = Grid(shape, affine);
        }
        const auto mask = test::random_volume<bool>(grid, random, 0.02);
        const double mm = 12.0 * std::abs(normal(random));
        const auto there = places(mask);
        const auto grown = roi::grow(mask, mm);
        const auto shrunk = roi::shrink(roi::logical_not(mask), mm);
        INFO("trial " << trial << ", shape " << shape.to_string() << ", " << mm << " mm");
        for (std::int64_t i = 0; i < mask.size(); ++i) {
            const bool expected = nearest(there, world(mask.grid(), i)) <= mm * mm;
            CHECK(grown[i] == expected);
            CHECK(shrunk[i] == !expected);
        }
        CHECK(truths(roi::grow(roi::logical_not(mask), -mm)) == truths(shrunk));
        CHECK(truths(roi::shrink(mask, -mm)) == truths(grown));
    }
}

TEST_CASE("both ways of growing agree where distances are equal to the radius") {
    INFO("seed " << test::seed());
    test::Random random(test::seed());
    for (const double voxel : {1.0, 0.1, 0.3, static_cast<double>(1.0F / 3.0F), 3.75}) {
        const auto mask = test::random_volume<bool>(
            Grid(Shape(24, 20, 18), roi::scaling({voxel, voxel, voxel})), random, 0.001);
        for (int radius = 1; radius <= test::rounds(12, 4); ++radius) {
            INFO("voxels of " << voxel << " mm, " << radius << " of them");
            const double mm = voxel * radius;
            CHECK(truths(roi::grow(mask, mm)) ==
                  truths(roi::dilate(mask, {.structure = roi::Structure::ball(mm, mask.grid())})));
        }
    }
}

TEST_CASE("nothing to measure to, and nothing to measure") {
    const Mask none(Shape(3, 2, 2)), all(Shape(3, 2, 2), true);
    for (const double value : roi::distance_to(none)) CHECK(value == infinite);
    for (const double value : roi::distance_to(all)) CHECK(value == 0.0);
    std::vector<std::string> said;
    const roi::DistanceOptions tell{.warning = [&](std::string_view line) { said.emplace_back(line); }};
    (void)roi::distance_to(all, tell);
    (void)roi::distance_to(Mask(), tell);
    CHECK(said.empty());
    (void)roi::distance_to(none, tell);
    REQUIRE(said.size() == 1);
    CHECK(said[0] == "distance_to: there is no voxel to measure to: every distance is infinite");
    CHECK(roi::count(roi::grow(none, 1000.0)) == 0);
    CHECK(roi::count(roi::shrink(all, 1000.0)) == 12);
    CHECK(roi::count(roi::shrink(all, 1.0)) == 12);
    for (const auto& shape : {Shape(0, 3, 3), Shape(3, 0, 3), Shape(3, 3, 0), Shape()}) {
        CHECK(roi::distance_to(Mask(shape)).shape() == shape);
        CHECK(roi::grow(Mask(shape), 100.0).shape() == shape);
    }
}

TEST_CASE("distances stop on request") {
    const Mask mask(Shape(3, 2, 2), true);
    const roi::DistanceOptions stopped{.stop = [] { return true; }};
    CHECK_THROWS_AS(roi::distance_to(mask, stopped), roi::Error);
    CHECK_THROWS_AS(roi::grow(mask, 1.0, stopped), roi::Error);
    CHECK_THROWS_AS(roi::grow(mask, -1.0, stopped), roi::Error);
    CHECK(truths(roi::grow(mask, -1.0, {.threads = 1})) == truths(roi::shrink(mask, 1.0, {.threads = 2})));
}

TEST_CASE("distances inherit the grid and take views; what cannot be is named") {
    roi::Metadata metadata;
    metadata.description = "vt";
    const Grid grid(Shape(3, 2, 1), roi::scaling(Point(3.5, 3.75, 3.75)));
    const Mask mask(grid, true, metadata);
    const roi::VolumeView<const bool> view = mask.view();
    CHECK(roi::distance_to(view).grid() == grid);
    CHECK(roi::distance_to(view).metadata().description == "vt");
    CHECK(roi::grow(view, 20.0).metadata().description == "vt");
    roi::Affine sheared = roi::Affine::Identity();
    sheared(0, 1) = 0.1;
    CHECK(message_of([&] {
              return roi::distance_to(Mask(Grid(Shape(2, 2, 2), sheared)));
          }).find("distance_to: the axes of the grid must meet at right angles") == 0);
    CHECK(message_of([&] {
              return roi::distance_to(Mask(Grid(Shape(2, 2, 2), roi::scaling({1.0, 0.0, 1.0}))));
          }).find("distance_to: expected voxels of more than 0 mm along each axis, found 1 x 0 x 1 mm") == 0);
    CHECK(message_of([&] { return roi::grow(mask, infinite); }).find("grow: expected a finite distance") ==
          0);
    CHECK(message_of([&] {
              return roi::shrink(mask, std::nan(""));
          }).find("shrink: expected a finite distance") == 0);
}
