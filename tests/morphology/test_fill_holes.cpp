#include <roi/image/logical.hpp>
#include <roi/morphology/detail/flood.hpp>
#include <roi/morphology/dilate.hpp>
#include <roi/morphology/fill_holes.hpp>

#include "masks.hpp"

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

/// What steps from outside through the background do not reach, step by step.
Mask filled_by_definition(const Mask& mask, const roi::FillHolesOptions& options) {
    const auto background = roi::logical_not(mask);
    Mask reached(mask.grid());
    for (;;) {
        auto next = roi::dilate(reached, {.structure = options.structure,
                                          .mask = background,
                                          .border_value = true,
                                          .origin = options.origin});
        if (truths(next) == truths(reached)) return roi::logical_not(reached);
        reached = std::move(next);
    }
}

/// A box with a hole of one voxel in its middle.
Mask shell() {
    Mask out(Shape(5, 5, 5), true);
    out(2, 2, 2) = false;
    return out;
}

}  // namespace

TEST_CASE("holes of SciPy: tunnels, leaks and slices") {
    CHECK(roi::count(roi::fill_holes(test::golden_block())) == 66);
    CHECK(roi::count(roi::fill_holes(shell())) == 125);
    auto tunnel = shell();
    tunnel(2, 2, 3) = tunnel(2, 2, 4) = false;
    CHECK(roi::count(roi::fill_holes(tunnel)) == 122);
    // Through a corner the outside comes in where corners join.
    Mask leak(Shape(3, 3, 1), true);
    leak(0, 0, 0) = leak(1, 1, 0) = false;
    const roi::Structure cross(Shape(3, 3, 1), {false, true, false, true, true, true, false, true, false});
    const roi::Structure square(Shape(3, 3, 1), std::vector<bool>(9, true));
    CHECK(roi::count(roi::fill_holes(leak, {.structure = cross})) == 8);
    CHECK(roi::count(roi::fill_holes(leak, {.structure = square})) == 7);
    // A ring in one slice is open above and below.
    Mask ring(Shape(5, 5, 1), true);
    ring(2, 2, 0) = false;
    CHECK(roi::count(roi::fill_holes(ring)) == 24);
    CHECK(roi::count(roi::fill_holes(ring, {.structure = cross})) == 25);
}

TEST_CASE("filling equals steps from outside, for lines of many words and structures of every kind") {
    INFO("seed " << test::seed());
    test::Random random(test::seed());
    for (int trial = 0; trial < 200; ++trial) {
        auto shape = test::random_shape(random, 7);
        if (trial % 2 == 0) shape = Shape(55 + trial, shape.y(), shape.z());
        const auto mask = test::random_volume<bool>(shape, random, 0.3 + 0.1 * (trial % 5));
        roi::FillHolesOptions options{.structure = test::random_structure(random)};
        options.origin = test::random_origin(options.structure, random);
        options.structure = test::with_centre(options.structure, options.origin);
        INFO("trial " << trial << ", shape " << shape.to_string());
        CHECK(truths(roi::fill_holes(mask, options)) == truths(filled_by_definition(mask, options)));
    }
}

TEST_CASE("steps of many voxels along x cross words") {
    INFO("seed " << test::seed());
    test::Random random(test::seed());
    for (const std::int64_t width : {3, 63, 127, 129, 131, 193, 257, 401}) {
        std::vector<bool> values(static_cast<std::size_t>(width));
        values.front() = values.back() = values[static_cast<std::size_t>(width / 2)] = true;
        const roi::FillHolesOptions options{.structure = along_x(values)};
        for (const double density : {0.5, 0.9, 0.98}) {
            const auto mask = test::random_volume<bool>(Shape(500, 2, 2), random, density);
            INFO("width " << width << ", density " << density);
            CHECK(truths(roi::fill_holes(mask, options)) == truths(filled_by_definition(mask, options)));
        }
    }
}

TEST_CASE("slabs of planes reach what one slab reaches") {
    INFO("seed " << test::seed());
    test::Random random(test::seed());
    using roi::detail::PackedMask;
    const auto packed = [](const Mask& mask) {
        return PackedMask(mask.shape(), reinterpret_cast<const roi::detail::MaskByte*>(mask.data()));
    };
    for (int trial = 0; trial < 150; ++trial) {
        const auto box = test::random_shape(random, 9);
        const Shape shape(trial % 3 == 0 ? 60 + trial : box.x(), box.y(), box.z() + trial % 7);
        auto structure = test::random_structure(random);
        const auto origin = test::random_origin(structure, random);
        structure = test::with_centre(structure, origin);
        const auto open = test::random_volume<bool>(shape, random, 0.3 + 0.15 * (trial % 4));
        const auto seeds = test::random_volume<bool>(shape, random, 0.02);
        const auto left = [&](std::int64_t slabs) {
            roi::detail::Flood flood(structure.offsets(origin), packed(open), slabs);
            flood.start_from(packed(seeds));
            if (trial % 2 == 0) flood.start_from_outside();
            Mask out(shape);
            std::move(flood).run().unpack(reinterpret_cast<roi::detail::MaskByte*>(out.data()));
            return truths(out);
        };
        INFO("trial " << trial << ", shape " << shape.to_string());
        const auto expected = left(1);
        for (const std::int64_t slabs : {2, 3, 5, 100}) CHECK(left(slabs) == expected);
    }
}

TEST_CASE("structures without their centre are repeated step by step") {
    const auto ring = along_x({true, false, true});
    CHECK(message_of([&] { return roi::fill_holes(line(4, {}), {.structure = ring}); }) ==
          "nothing was thrown");
    // From outside the ends are reached, and nothing more.
    CHECK(positions(roi::fill_holes(line(7, {2, 4}), {.structure = ring})) == Positions{2, 3, 4});
    const auto left = along_x({true, false, false});
    CHECK(positions(roi::fill_holes(line(6, {3}), {.structure = left})) == Positions{0, 1, 2, 3});
}

TEST_CASE("filled masks keep their grid, and what is wrong is named") {
    const roi::Grid grid(Shape(3, 2, 1), roi::scaling(roi::Point(3.5, 3.75, 3.75)));
    const Mask mask(grid, true);
    const roi::VolumeView<const bool> view = mask;
    CHECK(roi::fill_holes(view).grid() == grid);
    CHECK(roi::count(roi::fill_holes(view)) == 6);
    CHECK(message_of([&] {
              return roi::fill_holes(mask, {.origin = {0, 2, 0}});
          }).find("origin: (0, 2, 0) moves the centre (1, 1, 1) out of a structure") == 0);
    for (const auto& shape : {Shape(0, 3, 3), Shape(3, 0, 3), Shape(3, 3, 0), Shape()}) {
        CHECK(roi::fill_holes(Mask(shape)).shape() == shape);
        CHECK(roi::fill_holes(Mask(shape), {.structure = along_x({true, false, true})}).shape() == shape);
    }
}
