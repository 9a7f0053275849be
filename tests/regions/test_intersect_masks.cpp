#include <roi/regions/intersect_masks.hpp>

#include "catch.hpp"
#include "support.hpp"
#include <array>
#include <cmath>
#include <span>
#include <vector>

using roi::Mask;
using roi::Shape;

namespace {

/// Rows of 4 x 3 voxels, x first.
Mask rows(const std::vector<int>& x_y) {
    Mask out(Shape(4, 3, 1));
    for (const int voxel : x_y) out(voxel / 10, voxel % 10, 0) = true;
    return out;
}

std::vector<bool> truths(const Mask& mask) { return std::vector<bool>(mask.begin(), mask.end()); }

const Mask a = rows({0, 1, 2, 10, 11, 12});
const Mask b = rows({10, 11, 12, 20, 21, 22});
const Mask c = rows({32, 0});

}  // namespace

TEST_CASE("masks intersect in more than a fraction of them, as nilearn's") {
    for (const double fraction : {0.34, 0.5}) {
        CHECK(truths(roi::intersect_masks({a, b, c}, {.fraction = fraction})) ==
              truths(rows({0, 10, 11, 12})));
    }
    for (const double fraction : {2.0 / 3.0, 1.0}) {
        CHECK(truths(roi::intersect_masks({a, b, c}, {.fraction = fraction, .largest = true})) ==
              truths(Mask(Shape(4, 3, 1))));
    }
    CHECK(truths(roi::intersect_masks({a, b, c}, {.fraction = 0.0})) ==
          truths(rows({0, 1, 2, 10, 11, 12, 20, 21, 22, 32})));
    CHECK(truths(roi::intersect_masks({a, b}, {.fraction = 0.5})) == truths(rows({10, 11, 12})));
    CHECK(truths(roi::intersect_masks({a, b})) == truths(rows({10, 11, 12})));
    CHECK(truths(roi::intersect_masks({b, c}, {.fraction = 0.0, .largest = true})) ==
          truths(rows({10, 11, 12, 20, 21, 22, 0, 32})));
    CHECK(truths(roi::intersect_masks({rows({0, 2, 12}), rows({0, 2, 12})}, {.largest = true})) ==
          truths(rows({2, 12})));
}

TEST_CASE("one mask intersects to itself; none, another grid and a fraction out of range are refused") {
    const std::vector<Mask> one{a};
    CHECK(truths(roi::intersect_masks(one)) == truths(a));
    CHECK(truths(roi::intersect_masks(std::vector<Mask>(1000, a))) == truths(a));
    CHECK_THROWS_AS(roi::intersect_masks(std::vector<Mask>{}), roi::InvalidArgument);
    CHECK_THROWS_AS(roi::intersect_masks({a, Mask(Shape(4, 3, 2))}), roi::GridMismatch);
    for (const double fraction : {-0.1, 1.1, std::nan("")}) {
        CHECK_THROWS_AS(roi::intersect_masks({a, b}, {.fraction = fraction}), roi::InvalidArgument);
    }
    CHECK(roi::intersect_masks({Mask(Shape(0, 3, 3))}, {.largest = true}).size() == 0);
}

TEST_CASE("views of masks are intersected as masks are") {
    const auto expected = truths(roi::intersect_masks({a, b, c}, {.fraction = 0.5}));
    CHECK(truths(roi::intersect_masks({a.view(), b.view(), c.view()}, {.fraction = 0.5})) == expected);
    const std::vector<roi::VolumeView<const bool>> views{a.view(), b.view(), c.view()};
    CHECK(truths(roi::intersect_masks(views, {.fraction = 0.5})) == expected);
    CHECK(truths(roi::intersect_masks(std::array{a, b, c}, {.fraction = 0.5})) == expected);
    std::vector<Mask> masks{a, b, c};
    CHECK(truths(roi::intersect_masks(std::span(masks), {.fraction = 0.5})) == expected);
}
