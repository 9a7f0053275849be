#include <roi/core/detail/instruction_set.hpp>
#include <roi/image/logical.hpp>
#include <roi/morphology/dilate.hpp>
#include <roi/morphology/erode.hpp>

#include "catch.hpp"
#include "support.hpp"
#include <algorithm>
#include <cstdint>
#include <string>
#include <vector>

using roi::Connectivity;
using roi::Mask;
using roi::Shape;
using roi::Structure;

namespace {

using Truths = std::vector<bool>;
using Positions = std::vector<std::int64_t>;

Truths truths(const Mask& mask) { return std::vector<bool>(mask.begin(), mask.end()); }

Positions positions(const Mask& mask) {
    Positions out;
    for (std::int64_t i = 0; i < mask.size(); ++i) {
        if (mask[i]) out.push_back(i);
    }
    return out;
}

Structure along_x(std::vector<bool> values) {
    const auto size = static_cast<std::int64_t>(values.size());
    return {Shape(size, 1, 1), std::move(values)};
}

/// One erosion by the definition, voxel by voxel.
Mask eroded_by_definition(const Mask& in, const roi::ErodeOptions& options) {
    Mask out(in.grid());
    const auto offsets = options.structure.offsets(options.origin);
    const auto& shape = in.shape();
    for (std::int64_t i = 0; i < in.size(); ++i) {
        const auto [x, y, z] = shape.voxel(i);
        bool all = true;
        for (const auto& [dx, dy, dz] : offsets) {
            const bool known = shape.contains(x + dx, y + dy, z + dz);
            all = all && (known ? in(x + dx, y + dy, z + dz) : options.border_value);
        }
        out[i] = options.mask && !(*options.mask)(x, y, z) ? in[i] : all;
    }
    return out;
}

}  // namespace

TEST_CASE("erosion by the cross: counts of SciPy") {
    const Mask full(Shape(5, 5, 5), true);
    CHECK(roi::count(roi::erode(full)) == 27);
    CHECK(roi::count(roi::erode(full, {.border_value = true})) == 125);
    CHECK(roi::count(roi::erode(full, {.iterations = 2})) == 1);
    CHECK(roi::count(roi::erode(full, {.iterations = 0})) == 0);
    CHECK(roi::count(roi::erode(full, {.iterations = 0, .border_value = true})) == 125);
}

TEST_CASE("erosion by even and moved structures: positions of SciPy") {
    const Mask seven(Shape(7, 1, 1), true);
    CHECK(positions(roi::erode(seven, {.structure = along_x({true, true})})) == Positions{1, 2, 3, 4, 5, 6});
    const Mask five =
        roi::dilate(roi::erode(seven, {.structure = along_x({true, true, true}), .iterations = 2}),
                    {.structure = along_x({true, true, true})});
    REQUIRE(positions(five) == Positions{1, 2, 3, 4, 5});
    const auto run = along_x({true, true, true});
    CHECK(positions(roi::erode(five, {.structure = run, .origin = {-1, 0, 0}})) == Positions{1, 2, 3});
    CHECK(positions(roi::erode(five, {.structure = run, .origin = {1, 0, 0}})) == Positions{3, 4, 5});
    CHECK(roi::count(roi::erode(five, {.structure = along_x({false, false, false})})) == 7);
}

TEST_CASE("opening and closing of a full square, as SciPy's with border value 0") {
    const Mask square(Shape(5, 5, 1), true);
    const Structure cross(Shape(3, 3, 1), {false, true, false, true, true, true, false, true, false});
    CHECK(roi::count(roi::dilate(roi::erode(square, {.structure = cross}), {.structure = cross})) == 21);
    CHECK(roi::count(roi::erode(roi::dilate(square, {.structure = cross}), {.structure = cross})) == 9);
}

TEST_CASE("erosion equals its definition for random structures, origins, masks and iterations") {
    INFO("seed " << test::seed());
    test::Random random(test::seed());
    std::uniform_int_distribution<int> iterations(1, 3);
    for (int trial = 0; trial < 300; ++trial) {
        auto shape = test::random_shape(random, 7);
        if (trial % 10 == 0) shape = Shape(60 + trial % 90, shape.y(), shape.z());
        const auto in = test::random_volume<bool>(shape, random, trial % 3 == 0 ? 0.97 : 0.8);
        const auto may_change = test::random_volume<bool>(shape, random, 0.6);
        const auto box = test::random_shape(random, trial % 6 == 0 ? 15 : 4);  // larger than the volume too
        const auto values = test::random_volume<bool>(box, random, trial % 2 == 0 ? 0.2 : 0.6);
        roi::ErodeOptions options{.structure = {box, truths(values)}, .iterations = iterations(random)};
        if (trial % 4 == 0) options.structure = Connectivity::faces;
        if (trial % 4 == 1) options.structure = trial % 8 == 1 ? Connectivity::edges : Connectivity::corners;
        if (trial % 3 == 1) options.mask = may_change;
        options.border_value = trial % 2 == 0;
        for (std::size_t axis = 0; axis < 3 && trial % 7 != 0; ++axis) {
            const auto size = options.structure.shape()[static_cast<int>(axis)];
            options.origin[axis] =
                std::uniform_int_distribution<std::int64_t>(-(size / 2), size - 1 - size / 2)(random);
        }
        Mask expected = in;
        for (std::int64_t i = 0; i < options.iterations; ++i)
            expected = eroded_by_definition(expected, options);
        INFO("trial " << trial << ", shape " << shape.to_string());
        CHECK(truths(roi::erode(in, options)) == truths(expected));
    }
}

TEST_CASE("erosion in every instruction set, for lines as long as registers, shorter and longer") {
    INFO("seed " << test::seed());
    test::Random random(test::seed());
    for (const std::int64_t length : {7, 8, 16, 31, 32, 33, 63, 64, 65, 96, 127, 128, 129, 200, 300}) {
        const auto in = test::random_volume<bool>(Shape(length, 3, 3), random, 0.9);
        for (const auto connectivity : {roi::Connectivity::faces, roi::Connectivity::corners}) {
            INFO("length " << length);
            const roi::ErodeOptions options{.structure = connectivity};
            const auto expected = truths(eroded_by_definition(in, options));
            CHECK(truths(roi::erode(in, options)) == expected);
            roi::detail::force_instruction_set(roi::detail::InstructionSet::baseline);
            CHECK(truths(roi::erode(in, options)) == expected);
            roi::detail::force_instruction_set(roi::detail::InstructionSet::best);
        }
    }
}

TEST_CASE("eroding until nothing changes equals many single steps") {
    INFO("seed " << test::seed());
    test::Random random(test::seed());
    for (int trial = 0; trial < 60; ++trial) {
        const auto shape = test::random_shape(random, 6);
        const auto in = test::random_volume<bool>(shape, random, 0.97);
        const auto may_change = test::random_volume<bool>(shape, random, 0.5);
        roi::ErodeOptions options{.iterations = 0, .mask = may_change, .border_value = trial % 2 == 0};
        Mask expected = in;
        for (std::int64_t i = 0; i < shape.size() + 1; ++i)
            expected = eroded_by_definition(expected, options);
        CHECK(truths(roi::erode(in, options)) == truths(expected));
    }
}

TEST_CASE("erosion is what dilation does to the background, with the structure mirrored") {
    INFO("seed " << test::seed());
    test::Random random(test::seed());
    for (int trial = 0; trial < 50; ++trial) {
        const auto in = test::random_volume<bool>(test::random_shape(random), random, 0.7);
        auto values = truths(test::random_volume<bool>(Shape(3, 3, 5), random, 0.3));
        const Structure structure(Shape(3, 3, 5), values);
        std::reverse(values.begin(), values.end());
        const Structure mirrored(Shape(3, 3, 5), values);
        const bool border = trial % 2 == 0;
        CHECK(truths(roi::erode(in, {.structure = structure, .border_value = border})) ==
              truths(roi::logical_not(
                  roi::dilate(roi::logical_not(in), {.structure = mirrored, .border_value = !border}))));
    }
}

TEST_CASE("erosion passes on grid and metadata, takes empty masks and refuses wrong options") {
    const roi::Grid grid(Shape(3, 2, 1), roi::scaling(roi::Point(3.5, 3.75, 3.75)));
    roi::Metadata metadata;
    metadata.description = "vt";
    const Mask in(grid, true, metadata);
    CHECK(roi::erode(in).grid() == grid);
    CHECK(roi::erode(in).metadata().description == "vt");
    CHECK(roi::erode(Mask(Shape(0, 3, 3)), {.iterations = 0}).shape() == Shape(0, 3, 3));
    CHECK_THROWS_AS(roi::erode(in, {.origin = {2, 0, 0}}), roi::InvalidArgument);
    try {
        (void)roi::erode(in, {.mask = Mask(Shape(3, 2, 1))});
        FAIL("a mask on another grid was accepted");
    } catch (const roi::GridMismatch& error) {
        CHECK(std::string(error.what()).find("erode: `mask` and the input must lie on one grid; affines") ==
              0);
    }
    Mask hole(Shape(8, 1, 1), true);
    hole(2, 0, 0) = false;
    try {
        (void)roi::erode(hole,
                         {.structure = along_x({true, false, true}), .iterations = 0, .border_value = true});
        FAIL("an erosion without end was accepted");
    } catch (const roi::InvalidArgument& error) {
        CHECK(std::string(error.what()).find("erode: repeated until nothing changes") == 0);
    }
}
