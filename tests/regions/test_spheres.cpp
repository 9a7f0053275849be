#include <roi/image/logical.hpp>
#include <roi/regions/spheres.hpp>

#include "catch.hpp"
#include "checks.hpp"
#include "support.hpp"
#include <algorithm>
#include <cmath>
#include <cstdint>
#include <limits>
#include <string>
#include <vector>

using roi::Grid;
using roi::Point;
using roi::Shape;
using roi::Sphere;

namespace {

std::size_t voxels(const Grid& grid, const Point& center, double radius) {
    return roi::sphere_voxels(grid, {center, radius}).size();
}

}  // namespace

TEST_CASE("a sphere takes the voxels whose centres lie within its radius") {
    const Grid grid(Shape(9, 9, 9));
    const Point center(4.0, 4.0, 4.0);
    CHECK(voxels(grid, center, 0.0) == 1);
    CHECK(voxels(grid, center, 0.999) == 1);
    CHECK(voxels(grid, center, 1.0) == 7);
    CHECK(voxels(grid, center, 1.5) == 19);
    CHECK(voxels(grid, center, std::sqrt(2.0)) == 19);
    CHECK(voxels(grid, center, std::sqrt(3.0)) == 27);
    CHECK(voxels(grid, center, 2.0) == 33);
    CHECK(voxels(grid, center, 3.0) == 123);
    // nilearn adds a second voxel to the nearest one, of which the coordinates cut to whole numbers are the same.
    CHECK(roi::sphere_voxels(grid, {{1.6, 1.6, 1.6}, 0.0}) ==
          std::vector<std::int64_t>{grid.shape().index(2, 2, 2)});
    CHECK(roi::sphere_voxels(grid, {{2.4, 2.6, 2.5}, 0.0}) ==
          std::vector<std::int64_t>{grid.shape().index(2, 3, 2)});

    const Grid large(Shape(5, 5, 5), roi::scaling({3.0, 3.0, 3.0}, {-7.0, -7.0, -7.0}));
    CHECK(voxels(large, {-1.0, -1.0, -1.0}, 3.0) == 7);
    CHECK(voxels(large, {0.0, 0.0, 0.0}, 3.0) == 7);
    CHECK(voxels(large, {0.9, 0.9, 0.9}, 0.5) == 1);  // no centre within: the nearest voxel

    // A voxel size that a file holds as float32, a little more than what is asked for.
    constexpr double size = 2.4F;
    static_assert(size > 2.4);
    const Grid read(Shape(5, 5, 5), roi::scaling({size, size, size}));
    CHECK(voxels(read, {2 * size, 2 * size, 2 * size}, 2.4) == 7);
    CHECK(voxels(read, {2 * size, 2 * size, 2 * size}, 2.3999) == 1);
}

TEST_CASE("a sphere outside the grid keeps the part that is inside") {
    const Grid grid(Shape(5, 5, 5));
    CHECK(voxels(grid, {0.0, 0.0, 0.0}, 1.0) == 4);
    CHECK(voxels(grid, {-1.0, 2.0, 2.0}, 1.0) == 1);
    CHECK(voxels(grid, {-1.0, 2.0, 2.0}, 0.9) == 0);
    CHECK(voxels(grid, {1e300, 2.0, 2.0}, 1.0) == 0);
    CHECK(voxels(grid, {2.0, 2.0, 2.0}, 1e100) == 125);
    CHECK(voxels(Grid(Shape(0, 5, 5)), {2.0, 2.0, 2.0}, 2.0) == 0);
}

TEST_CASE("spheres on any grid are those of brute force") {
    INFO("seed " << test::seed());
    test::Random random(test::seed());
    std::normal_distribution<double> normal;
    for (int round = 0; round < 200; ++round) {
        roi::Affine affine = roi::Affine::Identity();
        for (int row = 0; row < 3; ++row) {
            for (int column = 0; column < 4; ++column) affine(row, column) += 0.8 * normal(random);
        }
        const Grid grid(test::random_shape(random, 7), affine);
        const Sphere sphere{{3.0 * normal(random), 3.0 * normal(random), 3.0 * normal(random)},
                            3.0 * std::abs(normal(random))};
        std::vector<std::int64_t> expected;
        const Point center = grid.voxel(sphere.center);
        const auto place_of = [&](std::int64_t i) {
            const auto [x, y, z] = grid.shape().voxel(i);
            return Point(static_cast<double>(x), static_cast<double>(y), static_cast<double>(z));
        };
        const auto distance = [&](std::int64_t i) {
            return (grid.world(place_of(i)) - sphere.center).squaredNorm();
        };
        // On slanted axes the nearest voxel is not always the one with the rounded coordinates, but one beside it.
        std::int64_t nearest = -1;
        for (std::int64_t i = 0; i < grid.size(); ++i) {
            if ((place_of(i) - center).cwiseAbs().maxCoeff() < 0.5) nearest = i;
        }
        const Point rounded = nearest >= 0 ? place_of(nearest) : Point(0, 0, 0);
        for (std::int64_t i = 0; nearest >= 0 && i < grid.size(); ++i) {
            const bool beside = (place_of(i) - rounded).cwiseAbs().maxCoeff() < 1.5;
            if (beside && distance(i) < distance(nearest)) nearest = i;
        }
        const double limit = sphere.radius * sphere.radius * (1.0 + 1e-6);
        for (std::int64_t i = 0; i < grid.size(); ++i) {
            if (i == nearest || distance(i) <= limit) expected.push_back(i);
        }
        REQUIRE(roi::sphere_voxels(grid, sphere) == expected);
    }
}

TEST_CASE("shared voxels belong to the nearer centre, of equals to the first") {
    const Grid grid(Shape(8, 1, 1));
    std::vector<std::string> warnings;
    const roi::SpheresOptions options{[&](std::string_view line) { warnings.emplace_back(line); }};
    const auto labels = roi::spheres(grid,
                                     {{{2.0, 0.0, 0.0}, 2.0},
                                      {{4.0, 0.0, 0.0}, 2.0},
                                      {{-9.0, 0.0, 0.0}, 1.0, "far"},
                                      {{4.2, 0.0, 0.0}, 0.0}},
                                     options);
    CHECK(std::vector<std::int32_t>(labels.begin(), labels.end()) ==
          std::vector<std::int32_t>{1, 1, 1, 1, 2, 2, 2, 0});
    REQUIRE(warnings.size() == 2);
    CHECK(test::contains(warnings[0], "spheres: sphere 3 (far) at (-9, 0, 0) has no voxel"));
    CHECK(test::contains(warnings[1], "sphere 4 at (4.2, 0, 0)"));
    CHECK(roi::count(roi::spheres(grid, {}) != 0) == 0);
    CHECK(labels.grid() == grid);
}

TEST_CASE("spheres of a table may have radii and names") {
    const roi::Table table({roi::Column({"a", "b", ""}, "name"), roi::Column({"1", "2", "-3.5"}, "x"),
                            roi::Column({"0", "0", "0"}, "y"), roi::Column({"5", "6", "7"}, "z"),
                            roi::Column({"4", "n/a", "0"}, "radius")});
    const auto spheres = roi::spheres_of(table, 9.0);
    REQUIRE(spheres.size() == 3);
    CHECK(spheres[0].name == "a");
    CHECK(spheres[0].radius == 4.0);
    CHECK(spheres[1].radius == 9.0);
    CHECK(spheres[2].radius == 0.0);
    CHECK(spheres[2].center == Point(-3.5, 0.0, 7.0));
    const auto capital =
        roi::spheres_of(roi::Table({roi::Column({"1"}, "X"), roi::Column({"2"}, "Y"), roi::Column({"3"}, "Z"),
                                    roi::Column({"n/a"}, "Name"), roi::Column({"4"}, "Radius")}));
    CHECK(capital[0].center == Point(1.0, 2.0, 3.0));
    CHECK(capital[0].radius == 4.0);
    CHECK(capital[0].name.empty());

    const auto refused = [](std::vector<roi::Column> columns) {
        return test::message_of<roi::InvalidArgument>(
            [&] { (void)roi::spheres_of(roi::Table(std::move(columns))); });
    };
    const roi::Column x({"1"}, "x"), y({"1"}, "y"), z({"1"}, "z");
    CHECK(test::contains(refused({x, y}), "no column \"z\""));
    CHECK(test::contains(refused({x, y, roi::Column({"n/a"}, "z")}),
                         "column \"z\": expected a number, found n/a in row 1"));
    CHECK(test::contains(refused({x, y, roi::Column({"q"}, "z")}), "column \"z\", row 1: expected a number"));
    CHECK(test::contains(refused({x, y, z, roi::Column({"-1"}, "radius")}), "found -1 in row 1"));
}

TEST_CASE("spheres that are none are refused") {
    const Grid grid(Shape(3, 3, 3));
    constexpr double nan = std::numeric_limits<double>::quiet_NaN();
    CHECK_THROWS_AS(roi::sphere_voxels(grid, {{0.0, 0.0, 0.0}, -1.0}), roi::InvalidArgument);
    CHECK_THROWS_AS(roi::sphere_voxels(grid, {{0.0, 0.0, 0.0}, nan}), roi::InvalidArgument);
    CHECK_THROWS_AS(roi::sphere_voxels(grid, {{0.0, nan, 0.0}, 1.0}), roi::InvalidArgument);
    CHECK_THROWS_AS(roi::sphere_voxels(Grid(Shape(2, 2, 2), roi::scaling({1.0, 1.0, 0.0})), {{}, 1.0}),
                    roi::InvalidArgument);
}
