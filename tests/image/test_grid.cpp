// Where voxels lie: counts that cannot overflow, affines, and what differs between two grids.
#include <roi/image/grid.hpp>

#include "catch.hpp"
#include "checks.hpp"
#include "support.hpp"
#include <cmath>
#include <cstdint>
#include <limits>
#include <random>
#include <type_traits>

using roi::Grid;
using roi::Point;
using roi::Shape;

// Value semantics whatever the compiler flags: no alignment beyond that of double.
static_assert(alignof(Grid) == alignof(double));
static_assert(std::is_nothrow_move_constructible_v<Grid>);
static_assert(Shape(2, 3, 4).size() == 24);
static_assert(Shape(2, 3, 4).index(1, 2, 3) == 23);

namespace {

roi::Affine rotated(const Point& size, double degrees) {
    const double angle = degrees * 3.14159265358979323846 / 180.0;
    roi::Affine rotation = roi::Affine::Identity();
    rotation(0, 0) = rotation(1, 1) = std::cos(angle);
    rotation(1, 0) = std::sin(angle);
    rotation(0, 1) = -std::sin(angle);
    return rotation * roi::scaling(size);
}

}  // namespace

TEST_CASE("shape: x is fastest, positions and voxels are two names of one thing") {
    const Shape shape(4, 3, 2);
    std::int64_t position = 0;
    for (std::int64_t z = 0; z < 2; ++z) {
        for (std::int64_t y = 0; y < 3; ++y) {
            for (std::int64_t x = 0; x < 4; ++x) {
                CHECK(shape.index(x, y, z) == position);
                CHECK(shape.voxel(position) == std::array<std::int64_t, 3>{x, y, z});
                ++position;
            }
        }
    }
    CHECK(shape[0] == 4);
    CHECK(shape[1] == 3);
    CHECK(shape[2] == 2);
    CHECK(shape.to_string() == "4 x 3 x 2");
    CHECK(Shape().size() == 0);
    CHECK(Shape(0, 7, 7).size() == 0);
}

TEST_CASE("shape: which voxels it contains") {
    const Shape shape(4, 3, 2);
    CHECK(shape.contains(0, 0, 0));
    CHECK(shape.contains(3, 2, 1));
    CHECK(!shape.contains(4, 0, 0));
    CHECK(!shape.contains(0, 3, 0));
    CHECK(!shape.contains(0, 0, 2));
    CHECK(!shape.contains(-1, 0, 0));
    CHECK(!shape.contains(0, -1, 0));
    CHECK(!shape.contains(0, 0, -1));
    CHECK(!Shape().contains(0, 0, 0));
}

TEST_CASE("shape: negative and uncountable ones are refused") {
    constexpr auto most = std::numeric_limits<std::int64_t>::max();
    constexpr std::int64_t two_31 = std::int64_t{1} << 31;
    CHECK(Shape(most, 1, 1).size() == most);
    CHECK(Shape(two_31, two_31 - 1, 2).size() == two_31 * (two_31 - 1) * 2);
    CHECK_THROWS_AS(Shape(two_31, two_31, 2), roi::InvalidArgument);
    CHECK_THROWS_AS(Shape(most, 2, 1), roi::InvalidArgument);
    CHECK_THROWS_AS(Shape(most, most, most), roi::InvalidArgument);
    CHECK_THROWS_AS(Shape(most, most, 0), roi::InvalidArgument);
    CHECK(Shape(most, 0, most).size() == 0);
    CHECK(Shape(0, most, most).size() == 0);

    const auto negative = test::message_of<roi::InvalidArgument>([] { (void)Shape(3, -4, 5); });
    CHECK(test::contains(negative, "3 x -4 x 5"));
    CHECK(test::contains(negative, "0 or more"));
    const auto huge = test::message_of<roi::InvalidArgument>([] { (void)Shape(most, 1, 3); });
    CHECK(test::contains(huge, "9223372036854775807 x 1 x 3"));
    CHECK(test::contains(huge, "counted"));
}

TEST_CASE("grid: voxel sizes are the norms of the affine's columns") {
    const Grid plain({4, 4, 4}, roi::scaling({2, 3, 4}));
    CHECK(plain.voxel_size() == Point(2, 3, 4));
    CHECK(plain.voxel_volume() == Approx(24));

    // Row norms would be 2.29, 2.78 and 4.
    const Grid turned({4, 4, 4}, rotated({2, 3, 4}, 30.0));
    const Point size = turned.voxel_size();
    CHECK(size[0] == Approx(2).epsilon(1e-15));
    CHECK(size[1] == Approx(3).epsilon(1e-15));
    CHECK(size[2] == Approx(4).epsilon(1e-15));
    CHECK(turned.voxel_volume() == Approx(24).epsilon(1e-14));

    const Grid flipped({4, 4, 4}, roi::scaling({-3.5, 3.75, 3.75}));
    CHECK(flipped.voxel_size() == Point(3.5, 3.75, 3.75));
    CHECK(flipped.voxel_volume() == Approx(49.21875));
}

TEST_CASE("grid: voxels to millimetres and back") {
    const Grid haxby({40, 64, 64}, roi::scaling({-3.5, 3.75, 3.75}, {68.25, -118.125, -118.125}));
    CHECK(haxby.world({0, 0, 0}) == Point(68.25, -118.125, -118.125));
    CHECK(haxby.world({39, 63, 63}) == Point(-68.25, 118.125, 118.125));
    CHECK(haxby.voxel({68.25, -118.125, -114.375}) == Point(0, 0, 1));

    test::Random random(test::seed());
    INFO("seed " << test::seed());
    std::uniform_real_distribution<double> number(-50.0, 50.0);
    for (int round = 0; round < 100; ++round) {
        roi::Affine affine = rotated({1.5, 2.5, 3.5}, number(random) * 7);
        for (int axis = 0; axis < 3; ++axis) affine(axis, 3) = number(random);
        const Grid grid({5, 5, 5}, affine);
        const Point voxel(number(random), number(random), number(random));
        CHECK((grid.voxel(grid.world(voxel)) - voxel).norm() < 1e-12);
    }
}

TEST_CASE("grid: affines that are none") {
    CHECK(Grid(Shape(2, 2, 2)).affine() == roi::Affine::Identity());
    roi::Affine affine = roi::Affine::Identity();
    affine(1, 2) = std::numeric_limits<double>::quiet_NaN();
    CHECK_THROWS_AS(Grid({1, 1, 1}, affine), roi::InvalidArgument);
    affine(1, 2) = std::numeric_limits<double>::infinity();
    CHECK_THROWS_AS(Grid({1, 1, 1}, affine), roi::InvalidArgument);
    affine = roi::Affine::Identity();
    affine(3, 0) = 1.0;
    const auto message = test::message_of<roi::InvalidArgument>([&] { (void)Grid({1, 1, 1}, affine); });
    CHECK(test::contains(message, "[1 0 0 0; 0 1 0 0; 0 0 1 0; 1 0 0 1]"));

    const Grid flat({3, 3, 3}, roi::scaling({2, 0, 2}));
    CHECK(flat.voxel_size()[1] == 0.0);
    CHECK(test::contains(test::message_of<roi::InvalidArgument>([&] {
                             (void)flat.voxel({0, 0, 0});
                         }),
                         "[2 0 0 0; 0 0 0 0; 0 0 2 0; 0 0 0 1]"));
    // Very small voxels are no reason to give up.
    CHECK((Grid({3, 3, 3}, roi::scaling({1e-9, 1e-9, 1e-9})).voxel({1e-9, 2e-9, 0}) - Point(1, 2, 0)).norm() <
          1e-12);
}

TEST_CASE("grid: affines within nilearn's limit are the same grid") {
    const roi::Affine affine = roi::scaling({-3.5, 3.75, 3.75}, {68.25, -118.125, -118.125});
    const Grid grid({4, 5, 6}, affine);
    roi::Affine near = affine, far = affine;
    near(0, 3) += 1e-5;
    far(2, 1) -= 2e-4;
    CHECK(roi::same_grid(grid, Grid({4, 5, 6}, near)));
    CHECK(!(grid == Grid({4, 5, 6}, near)));
    CHECK(!roi::same_grid(grid, Grid({4, 5, 6}, far)));
    CHECK(!roi::same_grid(grid, Grid({4, 6, 5}, affine)));
    CHECK(roi::difference(grid, Grid({4, 5, 6}, near)).empty());
    CHECK_NOTHROW(roi::require_same_grid(grid, Grid({4, 5, 6}, near), "test"));
}

TEST_CASE("grid: a mismatch prints both shapes and both affines") {
    const Grid a({40, 64, 64}, roi::scaling({-3.5, 3.75, 3.75}, {68.25, -118.125, -118.125}));
    const Grid b({40, 64, 63}, roi::scaling({2, 2, 2}));
    const std::string affine_a = "[-3.5 0 0 68.25; 0 3.75 0 -118.125; 0 0 3.75 -118.125; 0 0 0 1]";
    const std::string affine_b = "[2 0 0 0; 0 2 0 0; 0 0 2 0; 0 0 0 1]";
    const auto message =
        test::message_of<roi::GridMismatch>([&] { roi::require_same_grid(a, b, "dilate: image and mask"); });
    CHECK(test::contains(message, "dilate: image and mask"));
    CHECK(test::contains(message, "40 x 64 x 64"));
    CHECK(test::contains(message, "40 x 64 x 63"));
    CHECK(test::contains(message, affine_a));
    CHECK(test::contains(message, affine_b));
    CHECK(test::contains(message, "resample_to"));

    CHECK(test::contains(roi::difference(a, b), "shapes and affines differ"));
    CHECK(test::contains(roi::difference(a, Grid(b.shape(), a.affine())), "shapes differ"));
    CHECK(test::contains(roi::difference(a, Grid(a.shape(), b.affine())), "affines differ"));
    CHECK(!test::contains(roi::difference(a, Grid(a.shape(), b.affine())), "shapes and"));
}

TEST_CASE("a volume in cubic millimetres is filled by whole voxels") {
    const roi::Grid grid(roi::Shape(1, 1, 1), roi::scaling(roi::Point(2.0, 2.0, 2.0)));
    CHECK(roi::least_voxels(grid, 0.0) == 0);
    CHECK(roi::least_voxels(grid, 0.1) == 1);
    CHECK(roi::least_voxels(grid, 8.0) == 1);
    CHECK(roi::least_voxels(grid, 8.1) == 2);
    CHECK(roi::least_voxels(grid, 80.0) == 10);
    const auto single = static_cast<double>(3.3F);  // as a file holds it
    const roi::Grid file(roi::Shape(1, 1, 1), roi::scaling(roi::Point(single, single, single)));
    CHECK(roi::least_voxels(file, 5 * 3.3 * 3.3 * 3.3) == 5);
    CHECK_THROWS_AS(roi::least_voxels(grid, -1.0), roi::InvalidArgument);
    const roi::Grid flat(roi::Shape(1, 1, 1), roi::scaling(roi::Point(2.0, 2.0, 0.0)));
    CHECK_THROWS_AS(roi::least_voxels(flat, 1.0), roi::InvalidArgument);
}
