#include <roi/image/logical.hpp>
#include <roi/morphology/opening.hpp>

#include "masks.hpp"
#include "sanitized.hpp"

using roi::Connectivity;
using roi::Mask;
using roi::Shape;
using test::along_x;
using test::line;
using test::message_of;
using test::Positions;
using test::positions;
using test::truths;

namespace {

/// The middle of a mask with so many voxels of background round it closed, by the definition.
Mask closed_with_margins(const Mask& mask, std::int64_t margin, const roi::ClosingOptions& options) {
    const auto& shape = mask.shape();
    const Shape wide(shape.x() + 2 * margin, shape.y() + 2 * margin, shape.z() + 2 * margin);
    Mask large(wide, options.border_value), changeable(wide, true), out(shape);
    const auto inside = [&](std::int64_t i) {
        const auto [x, y, z] = shape.voxel(i);
        return wide.index(x + margin, y + margin, z + margin);
    };
    for (std::int64_t i = 0; i < shape.size(); ++i) {
        large[inside(i)] = mask[i];
        if (options.mask) changeable[inside(i)] = (*options.mask)[i];
    }
    const auto closed = roi::closing(large, {.structure = options.structure,
                                             .iterations = options.iterations,
                                             .mask = changeable,
                                             .border_value = options.border_value,
                                             .origin = options.origin});
    for (std::int64_t i = 0; i < shape.size(); ++i) out[i] = closed[inside(i)];
    return out;
}

}  // namespace

TEST_CASE("opening and closing: counts of SciPy") {
    const auto block = test::golden_block();
    CHECK(roi::count(block) == 65);
    CHECK(roi::count(roi::opening(block)) == 23);
    CHECK(roi::count(roi::closing(block)) == 66);
    CHECK(roi::count(roi::opening(block, {.iterations = 2})) == 0);
    CHECK(roi::count(roi::closing(block, {.iterations = 2})) == 27);
    const Mask ones(Shape(5, 5, 1), true);
    const roi::Structure cross(Shape(3, 3, 1), {false, true, false, true, true, true, false, true, false});
    CHECK(roi::count(roi::closing(ones, {.structure = cross})) == 9);
    CHECK(roi::count(roi::closing(ones, {.structure = cross, .border_value = true})) == 25);
    CHECK(roi::count(roi::opening(ones, {.structure = cross})) == 21);
    CHECK(roi::count(roi::opening(ones, {.structure = cross, .border_value = true})) == 25);
    CHECK(roi::count(roi::opening(ones)) == 0);
}

TEST_CASE("closing that keeps the border never loses a voxel to it") {
    const auto block = test::golden_block();
    CHECK(roi::count(roi::closing(block, {.keep_border = true})) == 66);
    CHECK(roi::count(roi::closing(block, {.iterations = 2, .keep_border = true})) == 66);
    CHECK(roi::count(roi::closing(Mask(Shape(5, 5, 1), true), {.keep_border = true})) == 25);
    CHECK(positions(roi::closing(line(7, {0, 2, 6}), {.keep_border = true})) == Positions{0, 2, 6});
    CHECK(positions(roi::closing(line(7, {0, 2, 6}), {.structure = along_x({true, true, true}),
                                                      .keep_border = true})) == Positions{0, 1, 2, 6});
    INFO("seed " << test::seed());
    test::Random random(test::seed());
    for (int trial = 0; trial < test::rounds(100, 20); ++trial) {
        const auto mask = test::random_volume<bool>(test::random_shape(random, 6), random, 0.3);
        const auto closed = roi::closing(
            mask, {.structure = Connectivity::edges, .iterations = 1 + trial % 3, .keep_border = true});
        CHECK(truths(roi::logical_or(mask, closed)) == truths(closed));
    }
}

TEST_CASE("closing that keeps the border is closing in a volume with margins") {
    INFO("seed " << test::seed());
    test::Random random(test::seed());
    for (int trial = 0; trial < test::rounds(100, 20); ++trial) {
        const auto shape = test::random_shape(random, 6);
        const auto mask = test::random_volume<bool>(shape, random, 0.3);
        roi::ClosingOptions options{.structure = test::random_structure(random), .iterations = 1 + trial % 3};
        options.origin = test::random_origin(options.structure, random);
        options.border_value = trial % 4 == 0;
        if (trial % 3 == 0) options.mask = test::random_volume<bool>(shape, random, 0.7);
        // Twice the margins that are needed, and one more.
        const auto expected = closed_with_margins(mask, 4 * options.iterations * 2 + 1, options);
        options.keep_border = true;
        INFO("trial " << trial << ", shape " << shape.to_string());
        CHECK(truths(roi::closing(mask, options)) == truths(expected));
    }
}

TEST_CASE("closing by a large ball that keeps the border measures distances, with the same result") {
    INFO("seed " << test::seed());
    test::Random random(test::seed());
    for (int trial = 0; trial < test::rounds(12, 2); ++trial) {
        const auto shape = test::random_shape(random, 12);
        const std::array<double, 3> size{1.0 + 0.5 * (trial % 3), 2.0, trial % 2 ? 1.25 : 3.0};
        Mask mask(roi::Grid(shape, roi::scaling({size[0], size[1], size[2]})), false);
        for (bool& voxel : mask) voxel = random() % 40 == 0;
        // As of some 32 x 32 lines; by lines a larger ball takes very long.
        const double mm = (trial % 2 ? 26.0 : 40.0) + 2.5 * trial;
        const roi::ClosingOptions options{.structure = roi::Structure::ball(mm, mask.grid()),
                                          .border_value = trial % 5 == 4,
                                          .keep_border = true};
        auto by_lines = options;
        by_lines.mask = Mask(mask.grid(), true);
        INFO("trial " << trial << ", shape " << shape.to_string());
        CHECK(truths(roi::closing(mask, options)) == truths(roi::closing(mask, by_lines)));
    }
    // What is nearly a ball, or one of another grid, is none.
    std::vector<bool> values(35 * 35 * 35, true);
    values[5] = false;
    const auto mask = test::random_volume<bool>(Shape(5, 6, 7), random, 0.1);
    for (const auto& structure :
         {roi::Structure(Shape(35, 35, 35), values),
          roi::Structure::ball(20.0, roi::Grid(mask.shape(), roi::scaling({2.0, 1.0, 1.0})))}) {
        const roi::ClosingOptions options{.structure = structure, .keep_border = true};
        auto by_lines = options;
        by_lines.mask = Mask(mask.grid(), true);
        CHECK(truths(roi::closing(mask, options)) == truths(roi::closing(mask, by_lines)));
    }
}

TEST_CASE("opening and closing are dual, and doing them twice does no more") {
    INFO("seed " << test::seed());
    test::Random random(test::seed());
    for (int trial = 0; trial < test::rounds(60, 20); ++trial) {
        const auto mask = test::random_volume<bool>(test::random_shape(random, 8), random, 0.6);
        const roi::MorphologyOptions options{
            .structure = trial % 2 ? Connectivity::faces : Connectivity::corners,
            .border_value = trial % 3 == 0};
        const auto opened = roi::opening(mask, options);
        if (!options.border_value) CHECK(truths(roi::opening(opened, options)) == truths(opened));
        const auto closed = roi::closing(
            roi::logical_not(mask), {.structure = options.structure, .border_value = !options.border_value});
        CHECK(truths(roi::logical_not(closed)) == truths(opened));
    }
}

TEST_CASE("opening and closing in one pass are the two steps after each other") {
    INFO("seed " << test::seed());
    test::Random random(test::seed());
    for (int trial = 0; trial < test::rounds(150, 40); ++trial) {
        const auto shape =
            trial % 30 == 0 ? Shape(70 + trial, 61, 90) : test::random_shape(random, trial % 3 == 0 ? 20 : 6);
        const auto mask = test::random_volume<bool>(shape, random, 0.2 + 0.15 * (trial % 5));
        roi::MorphologyOptions options{.structure = test::random_structure(random),
                                       .border_value = trial % 2 == 0};
        options.origin = test::random_origin(options.structure, random);
        if (trial % 4 == 1) options.mask = test::random_volume<bool>(shape, random, 0.5);
        const roi::ClosingOptions closing{.structure = options.structure,
                                          .mask = options.mask,
                                          .border_value = options.border_value,
                                          .origin = options.origin,
                                          .threads = 1 + trial % 3};
        INFO("trial " << trial << ", shape " << shape.to_string());
        CHECK(truths(roi::closing(mask, closing)) == truths(roi::erode(roi::dilate(mask, options), options)));
        const auto expected = truths(roi::dilate(roi::erode(mask, options), options));
        options.threads = 1 + trial % 3;
        CHECK(truths(roi::opening(mask, options)) == expected);
    }
}

TEST_CASE("opening and closing take views and options and name what is wrong") {
    const Mask mask(Shape(4, 3, 2), true);
    const roi::VolumeView<const bool> view = mask;
    CHECK(roi::count(roi::opening(view, {.border_value = true})) == 24);
    CHECK(roi::closing(view, {.keep_border = true}).grid() == mask.grid());
    CHECK_THROWS_AS(roi::closing(mask, {.mask = Mask(Shape(4, 3, 3)), .keep_border = true}),
                    roi::GridMismatch);
    CHECK_THROWS_AS(roi::opening(mask, {.mask = Mask(Shape(4, 3, 3))}), roi::GridMismatch);
    CHECK(message_of([&] {
              return roi::closing(mask, {.iterations = 0, .keep_border = true});
          }).find("closing: with keep_border the number of iterations must be 1 or more") == 0);
    CHECK(message_of([&] {
              return roi::closing(mask, {.iterations = std::int64_t{1} << 60, .keep_border = true});
          }).find("iterations: 1152921504606846976 times 1 voxels is more than") == 0);
    CHECK(roi::count(roi::closing(mask, {.iterations = 0, .border_value = true})) == 24);
    for (const auto& shape : {Shape(0, 3, 3), Shape(3, 0, 3), Shape(3, 3, 0), Shape()}) {
        CHECK(roi::opening(Mask(shape)).shape() == shape);
        CHECK(roi::closing(Mask(shape), {.keep_border = true}).shape() == shape);
    }
}
