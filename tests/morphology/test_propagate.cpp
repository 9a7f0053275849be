#include <roi/image/logical.hpp>
#include <roi/morphology/propagate.hpp>

#include "masks.hpp"

using roi::Connectivity;
using roi::Mask;
using roi::Shape;
using test::line;
using test::Positions;
using test::positions;
using test::truths;

namespace {

Mask propagated_by_definition(const Mask& seed, const roi::PropagateOptions& options) {
    Mask now = seed;
    for (;;) {
        auto next =
            roi::dilate(now, {options.structure, 1, options.mask, options.border_value, options.origin});
        if (truths(next) == truths(now)) return now;
        now = std::move(next);
    }
}

}  // namespace

TEST_CASE("seeds outside the mask stay and start from there, as SciPy's") {
    Mask open(Shape(7, 1, 1), true);
    open(3, 0, 0) = false;
    CHECK(roi::count(roi::propagate(line(7, {3}), {.mask = open})) == 7);
    CHECK(positions(roi::propagate(line(7, {1}), {.mask = open})) == Positions{0, 1, 2});
    CHECK(roi::count(roi::propagate(line(7, {1}))) == 7);
    CHECK(roi::count(roi::propagate(line(7, {}))) == 0);
    CHECK(roi::count(roi::propagate(line(7, {}), {.border_value = true})) == 7);
}

TEST_CASE("propagation equals steps until nothing changes, for lines of many words") {
    INFO("seed " << test::seed());
    test::Random random(test::seed());
    for (int trial = 0; trial < 200; ++trial) {
        auto shape = test::random_shape(random, 7);
        if (trial % 2 == 0) shape = Shape(50 + 2 * trial, shape.y(), shape.z());
        const auto seed = test::random_volume<bool>(shape, random, 0.02);
        roi::PropagateOptions options{.structure = test::random_structure(random, 4)};
        options.origin = test::random_origin(options.structure, random);
        options.structure = test::with_centre(options.structure, options.origin);
        options.border_value = trial % 5 == 0;
        if (trial % 4 != 0) options.mask = test::random_volume<bool>(shape, random, 0.3 + 0.1 * (trial % 6));
        INFO("trial " << trial << ", shape " << shape.to_string());
        CHECK(truths(roi::propagate(seed, options)) == truths(propagated_by_definition(seed, options)));
    }
}

TEST_CASE("a winding way of one voxel is followed to its end") {
    // Rows joined at alternating ends.
    Mask way(Shape(130, 41, 1));
    for (std::int64_t y = 0; y < 41; ++y) {
        for (std::int64_t x = 0; x < 130; ++x) {
            way(x, y, 0) = y % 2 == 0 || x == (y % 4 == 1 ? 129 : 0);
        }
    }
    Mask seed(way.grid());
    seed(0, 0, 0) = true;
    CHECK(truths(roi::propagate(seed, {.mask = way})) == truths(way));
    way(64, 20, 0) = false;
    CHECK(roi::count(roi::propagate(seed, {.mask = way})) == 10 * 131 + 64);
}

TEST_CASE("a way through the planes of several threads is followed to and fro") {
    Mask way(Shape(130, 41, 100));
    for (std::int64_t z = 0; z < 100; ++z) {
        for (std::int64_t y = 0; y < 41; ++y) way(7, y, z) = y % 2 == 0 || z == (y % 4 == 1 ? 99 : 0);
    }
    Mask seed(way.grid());
    seed(7, 0, 0) = true;
    for (const int threads : {1, 2, 3}) {
        CHECK(truths(roi::propagate(seed, {.mask = way, .threads = threads})) == truths(way));
    }
    way(7, 20, 64) = false;
    for (const int threads : {1, 2, 3}) {
        CHECK(roi::count(roi::propagate(seed, {.mask = way, .threads = threads})) == 10 * 101 + 64);
    }
}

TEST_CASE("propagation takes views, refuses masks on other grids") {
    const Mask seed(Shape(3, 3, 3));
    const roi::VolumeView<const bool> view = seed;
    CHECK(roi::count(roi::propagate(view)) == 0);
    CHECK_THROWS_AS(roi::propagate(seed, {.mask = Mask(Shape(3, 3, 4))}), roi::GridMismatch);
    CHECK(roi::propagate(Mask(Shape(0, 3, 3)), {.border_value = true}).size() == 0);
}
