#include <roi/morphology.hpp>

#include "catch.hpp"
#include "empty_shapes.hpp"
#include <cstdint>

using roi::Grid;
using roi::Mask;
using roi::Shape;
using roi::Structure;

TEST_CASE("morphology of an empty mask ends at once, however long its axes") {
    const Structure ahead(Shape(3, 1, 1), {false, false, true});
    const Structure ball = Structure::ball(20.0, Grid(Shape(1, 1, 1)));
    test::for_each_empty_shape([&](const Grid& grid) {
        const Mask mask(grid);
        const auto is_empty = [&](const Mask& made) { return made.grid() == grid; };
        for (const std::int64_t iterations : {0, 1, 3}) {
            for (const bool border : {false, true}) {
                CHECK(is_empty(roi::dilate(mask, {.iterations = iterations, .border_value = border})));
                CHECK(is_empty(roi::erode(mask, {.iterations = iterations, .border_value = border})));
                CHECK(is_empty(roi::opening(mask, {.iterations = iterations, .border_value = border})));
                CHECK(is_empty(roi::closing(mask, {.iterations = iterations, .border_value = border})));
            }
        }
        CHECK(is_empty(roi::dilate(mask, {.mask = mask})));
        CHECK(is_empty(roi::erode(mask, {.structure = ahead, .iterations = 0})));
        CHECK(is_empty(roi::closing(mask, {.keep_border = true})));
        CHECK(is_empty(roi::closing(mask, {.mask = mask, .keep_border = true})));
        CHECK(is_empty(roi::closing(mask, {.structure = ball, .keep_border = true})));
        CHECK(is_empty(roi::propagate(mask)));
        CHECK(is_empty(roi::propagate(mask, {.mask = mask, .border_value = true})));
        CHECK(is_empty(roi::fill_holes(mask)));
        CHECK(is_empty(roi::fill_holes(mask, {.threads = 2})));
        CHECK(is_empty(roi::fill_holes(mask, {.structure = ahead})));
        CHECK(is_empty(roi::gradient(mask)));
        CHECK(is_empty(roi::outer_gradient(mask)));
        CHECK(is_empty(roi::inner_gradient(mask)));
        CHECK(is_empty(roi::white_top_hat(mask)));
        CHECK(is_empty(roi::black_top_hat(mask)));
        CHECK(is_empty(roi::hit_or_miss(mask)));
        CHECK(roi::distance_to(mask).grid() == grid);
        for (const double mm : {1.0, 20.0}) {
            CHECK(is_empty(roi::grow(mask, mm)));
            CHECK(is_empty(roi::shrink(mask, mm)));
        }
    });
}
