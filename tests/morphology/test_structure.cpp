#include <roi/image/logical.hpp>
#include <roi/morphology/fill_holes.hpp>
#include <roi/morphology/structure.hpp>

#include "catch.hpp"
#include "sanitized.hpp"
#include "support.hpp"
#include <array>
#include <cstdint>
#include <string>
#include <vector>

using roi::Connectivity;
using roi::Shape;
using roi::Structure;

namespace {

std::string message_of(const auto& action) {
    try {
        action();
    } catch (const roi::InvalidArgument& error) {
        return error.what();
    }
    return "nothing was thrown";
}

Structure along_x(std::vector<bool> values) {
    const auto size = static_cast<std::int64_t>(values.size());
    return {Shape(size, 1, 1), std::move(values)};
}

}  // namespace

TEST_CASE("connectivities are SciPy's generate_binary_structure of rank 3") {
    CHECK(Structure(Connectivity::faces).count() == 7);
    CHECK(Structure(Connectivity::edges).count() == 19);
    CHECK(Structure(Connectivity::corners).count() == 27);
    CHECK(Structure() == Structure(Connectivity::faces));
    CHECK(Structure::connectivity(Connectivity::edges) == Structure(Connectivity::edges));
    for (const auto connectivity : {Connectivity::faces, Connectivity::edges, Connectivity::corners}) {
        const Structure structure = connectivity;
        CHECK(structure.shape() == Shape(3, 3, 3));
        CHECK(structure.symmetric());
        CHECK(structure.count() == static_cast<int>(connectivity) + 1);
        CHECK(structure(1, 1, 1));
        CHECK(structure(0, 1, 1));
        CHECK(structure(0, 0, 1) == (connectivity != Connectivity::faces));
        CHECK(structure(2, 0, 2) == (connectivity == Connectivity::corners));
    }
    CHECK(message_of([] { Structure(static_cast<Connectivity>(8)); }) ==
          "connectivity: expected faces (6), edges (18) or corners (26), found 8");
}

TEST_CASE("connectivities by the number of neighbours") {
    CHECK(Structure(6) == Structure(Connectivity::faces));
    CHECK(Structure(18) == Structure(Connectivity::edges));
    const roi::FillHolesOptions options{.structure = 26};
    CHECK(options.structure == Structure(Connectivity::corners));
    for (const int other : {-250, -1, 0, 1, 3, 7, 27, 255, 262})
        CHECK_THROWS_AS(Structure(other), roi::InvalidArgument);
    CHECK(message_of([] { (void)Structure(262); }) ==
          "connectivity: expected faces (6), edges (18) or corners (26), found 262");
}

TEST_CASE("a structure of one's own is checked") {
    CHECK(Structure(Shape(2, 1, 3), {true, false, true, true, false, false})(1, 0, 1));
    CHECK(message_of([] {
              Structure(Shape(2, 2, 1), {true, true, true});
          }) == "structure: a box of 2 x 2 x 1 needs 4 values, found 3");
    CHECK(message_of([] {
              Structure(Shape(3, 0, 3), {});
          }).find("structure: expected at least one voxel along each axis") == 0);
}

TEST_CASE("the centre is half the size, rounded down") {
    using Index = std::array<std::int64_t, 3>;
    CHECK(Structure(Shape(3, 5, 1), std::vector<bool>(15, true)).centre() == Index{1, 2, 0});
    CHECK(Structure(Shape(2, 4, 6), std::vector<bool>(48, true)).centre() == Index{1, 2, 3});
    CHECK(along_x({true, true}).offsets() == std::vector<Index>{{-1, 0, 0}, {0, 0, 0}});
    CHECK(along_x({true, true, false}).offsets() == std::vector<Index>{{-1, 0, 0}, {0, 0, 0}});
    CHECK(along_x({true, true, true}).offsets({-1, 0, 0}) ==
          std::vector<Index>{{0, 0, 0}, {1, 0, 0}, {2, 0, 0}});
    CHECK(along_x({false, false}).offsets().empty());
    // What no voxel of a volume has as a neighbour within it is one beyond its border.
    CHECK(along_x({true, true, true, false, true, true, false}).offsets_within(Shape(3, 4, 1)) ==
          std::vector<Index>{{-2, 0, 0}, {-1, 0, 0}, {1, 0, 0}, {2, 0, 0}, {0, 4, 0}});
    CHECK(along_x({false, true, false, true, false}).offsets_within(Shape(2, 4, 1)) ==
          std::vector<Index>{{-1, 0, 0}, {1, 0, 0}});
}

TEST_CASE("an origin must keep the centre inside") {
    CHECK(along_x({true, true}).offsets({-1, 0, 0}).size() == 2);
    CHECK(message_of([] {
              (void)along_x({true, true}).offsets({1, 0, 0});
          }) ==
          "origin: (1, 0, 0) moves the centre (1, 0, 0) out of a structure of 2 x 1 x 1 voxels; keep it "
          "inside");
    CHECK_THROWS_AS(Structure().offsets({0, 0, -2}), roi::InvalidArgument);
    CHECK_THROWS_AS(Structure().offsets({0, 2, 0}), roi::InvalidArgument);
    for (const std::int64_t far : {INT64_MAX, INT64_MIN}) {
        CHECK_THROWS_AS(Structure().offsets({far, 0, 0}), roi::InvalidArgument);
        CHECK_THROWS_AS(Structure().offsets({1, 0, far}), roi::InvalidArgument);
    }
    CHECK_THROWS_AS(Structure().iterated(INT64_MAX), roi::InvalidArgument);
    CHECK(along_x({true}).iterated(INT64_MAX) == along_x({true}));
}

TEST_CASE("symmetric means the same in opposite directions") {
    CHECK(along_x({true, false, true}).symmetric());
    CHECK(along_x({true, true}).symmetric());
    CHECK_FALSE(along_x({true, true, false}).symmetric());
    CHECK(Structure(Shape(2, 2, 1), {true, false, false, true}).symmetric());
    CHECK_FALSE(Structure(Shape(2, 2, 1), {true, true, false, false}).symmetric());
}

TEST_CASE("iterated structures are SciPy's iterate_structure") {
    const Structure cross;
    CHECK(cross.iterated(1) == cross);
    CHECK(cross.iterated(0) == cross);
    CHECK(cross.iterated(-3) == cross);
    CHECK(cross.iterated(2).shape() == Shape(5, 5, 5));
    CHECK(cross.iterated(2).count() == 25);
    CHECK(cross.iterated(3).shape() == Shape(7, 7, 7));
    CHECK(cross.iterated(3).count() == 63);
    CHECK(Structure(Connectivity::corners).iterated(2).count() == 125);
    CHECK(along_x({true, true}).iterated(3) == along_x({true, true, true, true}));
    CHECK(along_x({true, false, true}).iterated(2) == along_x({true, false, true, false, true}));
    CHECK(along_x({true, true, false}).iterated(3) == along_x({true, true, true, true, false, false, false}));
    CHECK(along_x({false, false, false}).iterated(2) == along_x(std::vector<bool>(5, false)));
}

TEST_CASE("a structure in one slice") {
    const Structure edges = roi::Connectivity::edges;
    const auto flat = edges.in_slice(2);
    CHECK(flat.shape() == Shape(3, 3, 1));
    CHECK(flat.count() == 9);
    CHECK(Structure().in_slice(0).shape() == Shape(1, 3, 3));
    CHECK(Structure().in_slice(0).count() == 5);
    const Structure even(Shape(1, 4, 1), {true, false, true, false});
    CHECK(even.in_slice(1).shape() == Shape(1, 1, 1));
    CHECK(even.in_slice(1).count() == 1);
    for (const int axis : {-1, 3}) CHECK_THROWS_AS(edges.in_slice(axis), roi::InvalidArgument);
    // A ring that is open above and below is filled in its slice.
    roi::Mask ring(Shape(5, 5, 1));
    for (std::int64_t i = 0; i < 25; ++i)
        ring[i] = i != 12 && i / 5 > 0 && i / 5 < 4 && i % 5 > 0 && i % 5 < 4;
    CHECK(roi::count(roi::fill_holes(ring)) == 8);
    CHECK(roi::count(roi::fill_holes(ring, {.structure = Structure().in_slice(2)})) == 9);
}

TEST_CASE("balls in millimetres: counts of voxels and boxes") {
    const auto ball = [](double mm, double x, double y, double z) {
        return Structure::ball(mm, roi::Grid(Shape(), roi::scaling({x, y, z}, {-90.0, 126.0, -72.0})));
    };
    CHECK(ball(0, 1, 1, 1) == Structure(Shape(1, 1, 1), {true}));
    CHECK(ball(1, 1, 1, 1) == Structure(Connectivity::faces));
    CHECK(ball(1.5, 1, 1, 1) == Structure(Connectivity::edges));
    CHECK(ball(1.8, 1, 1, 1) == Structure(Connectivity::corners));
    CHECK(ball(2, 1, 1, 1).count() == 33);
    CHECK(ball(2, 1, 1, 1).shape() == Shape(5, 5, 5));
    CHECK(ball(3, 1, 1, 1).count() == 123);
    CHECK(ball(5, 1, 1, 1).count() == 515);
    CHECK(ball(6, 3, 3, 3).count() == 33);
    CHECK(ball(5, 1, 1, 3).count() == 179);
    CHECK(ball(5, 1, 1, 3).shape() == Shape(11, 11, 3));
    CHECK(ball(6, 2, 2, 2.5).count() == 89);
    // Three voxels of a tenth are three tenths, whatever the last bit says.
    CHECK(ball(0.3, 0.1, 0.1, 0.1).count() == 123);
    const auto third = static_cast<double>(1.0F / 3.0F);
    CHECK(ball(1.0, third, third, third).count() == 123);
}

TEST_CASE("balls on rotated and sheared grids are balls in millimetres") {
    INFO("seed " << test::seed());
    test::Random random(test::seed());
    std::normal_distribution<double> normal;
    for (int trial = 0; trial < test::rounds(30, 6); ++trial) {
        roi::Affine affine = roi::scaling({2.0, 1.5, 3.0}, {normal(random), normal(random), normal(random)});
        for (int i = 0; i < 3; ++i) {
            for (int j = 0; j < 3; ++j) affine(i, j) += 0.4 * normal(random);
        }
        double rows[3][3];
        for (int i = 0; i < 3; ++i) {
            for (int j = 0; j < 3; ++j) rows[i][j] = affine(i, j);
        }
        const roi::Grid grid(Shape(), affine);
        const double mm = 1.0 + 5.0 * std::abs(normal(random));
        const auto ball = Structure::ball(mm, grid);
        const auto [cx, cy, cz] = ball.centre();
        std::int64_t expected = 0;
        bool touches[3] = {};
        const std::int64_t far = 30;
        for (std::int64_t z = -far; z <= far; ++z) {
            for (std::int64_t y = -far; y <= far; ++y) {
                for (std::int64_t x = -far; x <= far; ++x) {
                    double squared = 0.0;  // in plain numbers: without an optimiser a matrix takes its time
                    for (const auto& row : rows) {
                        const double away = row[0] * static_cast<double>(x) +
                                            row[1] * static_cast<double>(y) + row[2] * static_cast<double>(z);
                        squared += away * away;
                    }
                    if (squared > mm * mm) continue;
                    ++expected;
                    REQUIRE(ball.shape().contains(x + cx, y + cy, z + cz));
                    CHECK(ball(x + cx, y + cy, z + cz));
                    touches[0] = touches[0] || x + cx == 0;
                    touches[1] = touches[1] || y + cy == 0;
                    touches[2] = touches[2] || z + cz == 0;
                }
            }
        }
        INFO("trial " << trial << ", " << mm << " mm");
        CHECK(ball.count() == expected);
        CHECK(ball.symmetric());
    }
}

TEST_CASE("balls that cannot be are refused") {
    const roi::Grid grid;
    CHECK(message_of([&] {
              (void)Structure::ball(-1.0, grid);
          }).find("ball: expected a radius in millimetres") == 0);
    CHECK(message_of([&] { (void)Structure::ball(std::nan(""), grid); }).find("ball: expected a radius") ==
          0);
    CHECK(message_of([&] {
              (void)Structure::ball(1e9, grid);
          }).find("ball: a radius of 1e+09 mm spans more") == 0);
    CHECK(message_of([&] {
              (void)Structure::ball(1.0, roi::Grid(Shape(), roi::scaling({1.0, 0.0, 1.0})));
          }).find("affine: cannot be inverted") == 0);
}
