#include <roi/core/detail/instruction_set.hpp>
#include <roi/image/logical.hpp>
#include <roi/morphology/dilate.hpp>
#include <roi/morphology/erode.hpp>
#include <roi/morphology/fill_holes.hpp>
#include <roi/morphology/hit_or_miss.hpp>
#include <roi/morphology/opening.hpp>
#include <roi/morphology/propagate.hpp>

#include "catch.hpp"
#include "sanitized.hpp"
#include "support.hpp"
#include <algorithm>
#include <array>
#include <cstdint>
#include <string>
#include <vector>

using roi::Connectivity;
using roi::Mask;
using roi::Shape;
using roi::Structure;

namespace {

using Truths = std::vector<bool>;

Truths truths(const Mask& mask) { return std::vector<bool>(mask.begin(), mask.end()); }

/// A mask of some voxels along x.
Mask line(std::int64_t size, const std::vector<std::int64_t>& voxels) {
    Mask out(Shape(size, 1, 1));
    for (const auto x : voxels) out(x, 0, 0) = true;
    return out;
}

std::vector<std::int64_t> positions(const Mask& mask) {
    std::vector<std::int64_t> out;
    for (std::int64_t i = 0; i < mask.size(); ++i) {
        if (mask[i]) out.push_back(i);
    }
    return out;
}

using Positions = std::vector<std::int64_t>;

Structure along_x(std::vector<bool> values) {
    const auto size = static_cast<std::int64_t>(values.size());
    return {Shape(size, 1, 1), std::move(values)};
}

Mask impulse(const Shape& shape, std::int64_t x, std::int64_t y, std::int64_t z) {
    Mask out(shape);
    out(x, y, z) = true;
    return out;
}

bool inside(const Mask& a, const Mask& b) {
    return std::equal(a.begin(), a.end(), b.begin(), [](bool x, bool y) { return !x || y; });
}

std::string message_of(const auto& action) {
    try {
        (void)action();
    } catch (const roi::InvalidArgument& error) {
        return error.what();
    }
    return "nothing was thrown";
}

/// One dilation by the definition, voxel by voxel.
Mask dilated_by_definition(const Mask& in, const roi::DilateOptions& options) {
    Mask out(in.grid());
    const auto centre = options.structure.centre();
    const auto& box = options.structure.shape();
    const auto& shape = in.shape();
    for (std::int64_t z = 0; z < shape.z(); ++z) {
        for (std::int64_t y = 0; y < shape.y(); ++y) {
            for (std::int64_t x = 0; x < shape.x(); ++x) {
                bool any = false;
                for (std::int64_t i = 0; i < box.size(); ++i) {
                    const auto [a, b, c] = box.voxel(i);
                    if (!options.structure(a, b, c)) continue;
                    const auto px = x - (a - centre[0] - options.origin[0]);
                    const auto py = y - (b - centre[1] - options.origin[1]);
                    const auto pz = z - (c - centre[2] - options.origin[2]);
                    any = any || (shape.contains(px, py, pz) ? in(px, py, pz) : options.border_value);
                }
                out(x, y, z) = options.mask && !(*options.mask)(x, y, z) ? in(x, y, z) : any;
            }
        }
    }
    return out;
}

}  // namespace

TEST_CASE("dilation by the cross: counts of SciPy") {
    const auto centre = impulse(Shape(5, 5, 5), 2, 2, 2);
    CHECK(roi::count(roi::dilate(centre)) == 7);
    CHECK(roi::count(roi::dilate(centre, {.iterations = 2})) == 25);
    CHECK(roi::count(roi::dilate(centre, {.iterations = 3})) == 57);
    CHECK(roi::count(roi::dilate(impulse(Shape(5, 5, 5), 0, 0, 0))) == 4);
    CHECK(roi::count(roi::dilate(Mask(Shape(5, 5, 5)), {.border_value = true})) == 98);
    CHECK(roi::count(roi::dilate(centre, {.structure = Connectivity::edges})) == 19);
    CHECK(roi::count(roi::dilate(centre, {.structure = Connectivity::corners})) == 27);
}

TEST_CASE("dilation by even, asymmetric and moved structures: positions of SciPy") {
    const auto three = line(7, {3});
    CHECK(positions(roi::dilate(three, {.structure = along_x({true, true})})) == Positions{2, 3});
    CHECK(positions(roi::dilate(three, {.structure = along_x({true, true, false})})) == Positions{2, 3});
    CHECK(positions(roi::dilate(three, {.structure = along_x({false, true, true})})) == Positions{3, 4});
    const auto run = along_x({true, true, true});
    CHECK(positions(roi::dilate(three, {.structure = run, .origin = {-1, 0, 0}})) == Positions{3, 4, 5});
    CHECK(positions(roi::dilate(three, {.structure = run, .origin = {1, 0, 0}})) == Positions{1, 2, 3});
    const auto ring = along_x({true, false, true});
    CHECK(positions(roi::dilate(three, {.structure = ring, .iterations = 2})) == Positions{1, 3, 5});
    CHECK(positions(roi::dilate(three, {.structure = along_x({false, false, false})})).empty());
}

TEST_CASE("less than one iteration repeats until nothing changes") {
    const auto centre = impulse(Shape(5, 5, 5), 2, 2, 2);
    CHECK(roi::count(roi::dilate(centre, {.iterations = 0})) == 125);
    CHECK(roi::count(roi::dilate(centre, {.iterations = -4})) == 125);
    CHECK(roi::count(roi::dilate(Mask(Shape(5, 5, 5)), {.iterations = 0})) == 0);
    CHECK(roi::count(roi::dilate(Mask(Shape(5, 5, 5)), {.iterations = 0, .border_value = true})) == 125);
    CHECK(roi::count(roi::dilate(centre, {.iterations = 1000000000000})) == 125);
}

TEST_CASE("voxels outside the mask keep their value and still feed their neighbours") {
    // SciPy's binary_propagation: a seed outside the mask stays and reaches both sides.
    const Mask wall(Shape(7, 1, 1));
    Mask open(Shape(7, 1, 1), true);
    open(3, 0, 0) = false;
    CHECK(roi::count(roi::dilate(line(7, {3}), {.iterations = 0, .mask = open})) == 7);
    CHECK(positions(roi::dilate(line(7, {0}), {.iterations = 0, .mask = open})) == Positions{0, 1, 2});
    CHECK(positions(roi::dilate(line(7, {3}), {.mask = open})) == Positions{2, 3, 4});
    CHECK(positions(roi::dilate(line(7, {3}), {.iterations = 5, .mask = wall})) == Positions{3});
}

TEST_CASE("a mask may be made of a view with strides, and the input be a view") {
    INFO("seed " << test::seed());
    test::Random random(test::seed());
    const auto large = test::random_volume<bool>(Shape(9, 8, 7), random);
    const auto in = test::random_volume<bool>(Shape(6, 5, 4), random, 0.2);
    const auto part = large.view().box({0, 0, 0}, in.shape());
    REQUIRE_FALSE(part.contiguous());
    const roi::VolumeView<const bool> view = in;
    CHECK(truths(roi::dilate(view, {.mask = Mask(part)})) == truths(roi::dilate(in, {.mask = Mask(part)})));
    CHECK(truths(roi::dilate(in, {.mask = Mask(part)})) ==
          truths(dilated_by_definition(in, {.mask = Mask(part)})));
}

TEST_CASE("dilation equals its definition for random structures, origins, masks and iterations") {
    INFO("seed " << test::seed());
    test::Random random(test::seed());
    std::uniform_int_distribution<int> iterations(1, 4);
    for (int trial = 0; trial < test::rounds(300, 60); ++trial) {
        auto shape = test::random_shape(random, 7);
        if (trial % 10 == 0) shape = Shape(60 + trial % 90, shape.y(), shape.z());
        const auto in = test::random_volume<bool>(shape, random, trial % 3 == 0 ? 0.05 : 0.3);
        const auto may_change = test::random_volume<bool>(shape, random, 0.6);
        const auto box = test::random_shape(random, trial % 6 == 0 ? 15 : 5);  // larger than the volume too
        const auto values = test::random_volume<bool>(box, random, trial % 2 == 0 ? 0.2 : 0.6);
        roi::DilateOptions options{.structure = {box, truths(values)}, .iterations = iterations(random)};
        if (trial % 4 == 0) options.structure = Connectivity::faces;
        if (trial % 4 == 1) options.structure = trial % 8 == 1 ? Connectivity::edges : Connectivity::corners;
        if (trial % 3 == 1) options.mask = may_change;
        options.border_value = trial % 5 == 0;
        for (std::size_t axis = 0; axis < 3 && trial % 7 != 0; ++axis) {
            const auto size = options.structure.shape()[static_cast<int>(axis)];
            options.origin[axis] =
                std::uniform_int_distribution<std::int64_t>(-(size / 2), size - 1 - size / 2)(random);
        }
        Mask expected = in;
        for (std::int64_t i = 0; i < options.iterations; ++i)
            expected = dilated_by_definition(expected, options);
        INFO("trial " << trial << ", shape " << shape.to_string());
        CHECK(truths(roi::dilate(in, options)) == truths(expected));
    }
}

TEST_CASE("dilation in every instruction set, for lines as long as registers, shorter and longer") {
    INFO("seed " << test::seed());
    test::Random random(test::seed());
    for (const std::int64_t length : {7, 8, 16, 31, 32, 33, 63, 64, 65, 96, 127, 128, 129, 200, 300}) {
        const auto in = test::random_volume<bool>(Shape(length, 3, 3), random, 0.1);
        for (const auto connectivity : {roi::Connectivity::faces, roi::Connectivity::corners}) {
            INFO("length " << length);
            const roi::DilateOptions options{.structure = connectivity};
            const auto expected = truths(dilated_by_definition(in, options));
            CHECK(truths(roi::dilate(in, options)) == expected);
            roi::detail::force_instruction_set(roi::detail::InstructionSet::baseline);
            CHECK(truths(roi::dilate(in, options)) == expected);
            roi::detail::force_instruction_set(roi::detail::InstructionSet::best);
        }
    }
}

TEST_CASE("repeating until nothing changes equals many single steps") {
    INFO("seed " << test::seed());
    test::Random random(test::seed());
    for (int trial = 0; trial < 100; ++trial) {
        const auto shape = test::random_shape(random, 7);
        const auto in = test::random_volume<bool>(shape, random, 0.05);
        const auto may_change = test::random_volume<bool>(shape, random, 0.5);
        auto values = truths(test::random_volume<bool>(Shape(3, 3, 3), random, 0.3));
        values[13] = true;
        roi::DilateOptions options{.structure = {Shape(3, 3, 3), values},
                                   .iterations = 0,
                                   .mask = may_change,
                                   .border_value = trial % 4 == 0};
        Mask expected = in;
        for (std::int64_t i = 0; i < shape.size() + 1; ++i)
            expected = dilated_by_definition(expected, options);
        CHECK(truths(roi::dilate(in, options)) == truths(expected));
    }
}

TEST_CASE("a mask that would change for ever is refused, one that settles is not") {
    const auto ring = along_x({true, false, true});
    CHECK(
        message_of([&] { return roi::dilate(line(7, {3}), {.structure = ring, .iterations = 0}); })
            .find("dilate: repeated until nothing changes, but the mask changes for ever; let the structure "
                  "hold its own centre") == 0);
    CHECK(roi::count(roi::dilate(Mask(Shape(7, 1, 1)), {.structure = ring, .iterations = 0})) == 0);
    CHECK(roi::count(roi::dilate(line(8, {3, 4}), {.structure = ring, .iterations = 0})) == 8);
    // Shifted by one voxel a step, everything leaves the volume in the end.
    const auto shift = along_x({false, false, true});
    CHECK(roi::count(roi::dilate(line(100, {0, 50}), {.structure = shift, .iterations = 0})) == 0);
    CHECK(positions(roi::dilate(line(100, {0, 50}), {.structure = shift, .iterations = 7})) ==
          Positions{7, 57});
}

TEST_CASE("iterations of a symmetric structure are one dilation by the iterated structure") {
    INFO("seed " << test::seed());
    test::Random random(test::seed());
    for (const auto connectivity : {Connectivity::faces, Connectivity::edges, Connectivity::corners}) {
        const Structure structure = connectivity;
        for (std::int64_t n = 1; n <= 4; ++n) {
            const auto in = test::random_volume<bool>(Shape(9, 6, 7), random, 0.03);
            CHECK(truths(roi::dilate(in, {.structure = structure, .iterations = n})) ==
                  truths(roi::dilate(in, {.structure = structure.iterated(n)})));
        }
    }
}

TEST_CASE("dilation is extensive, monotone and spreads over unions") {
    INFO("seed " << test::seed());
    test::Random random(test::seed());
    for (int trial = 0; trial < 50; ++trial) {
        const auto shape = test::random_shape(random);
        const auto a = test::random_volume<bool>(shape, random, 0.1);
        const auto b = roi::logical_or(a, test::random_volume<bool>(shape, random, 0.1));
        for (const auto connectivity : {Connectivity::faces, Connectivity::edges, Connectivity::corners}) {
            const roi::DilateOptions options{.structure = connectivity};
            CHECK(inside(a, roi::dilate(a, options)));
            CHECK(inside(roi::dilate(a, options), roi::dilate(b, options)));
            CHECK(truths(roi::dilate(roi::logical_or(a, b), options)) ==
                  truths(roi::logical_or(roi::dilate(a, options), roi::dilate(b, options))));
        }
    }
}

TEST_CASE("lines longer, shorter and far shorter than the structure") {
    const Structure wide(Shape(201, 1, 1), std::vector<bool>(201, true));
    CHECK(positions(roi::dilate(line(3, {1}), {.structure = wide})) == Positions{0, 1, 2});
    CHECK(roi::count(roi::dilate(line(300, {150}), {.structure = wide})) == 201);
    CHECK(roi::count(roi::dilate(line(1, {0}), {.structure = wide, .iterations = 3})) == 1);
}

TEST_CASE("a dilated mask lies on the grid of the mask and inherits its metadata") {
    const roi::Grid grid(Shape(3, 2, 1), roi::scaling(roi::Point(3.5, 3.75, 3.75)));
    roi::Metadata metadata;
    metadata.description = "vt";
    metadata.display_max = 1.0;
    const auto out = roi::dilate(Mask(grid, true, metadata));
    CHECK(out.grid() == grid);
    CHECK(out.metadata().description == "vt");
    CHECK(out.metadata().display_max == 0.0);
}

TEST_CASE("masks without voxels dilate to masks without voxels") {
    for (const auto& shape : {Shape(0, 3, 3), Shape(3, 0, 3), Shape(3, 3, 0), Shape()}) {
        for (const std::int64_t iterations : {0, 1, 2}) {
            CHECK(roi::dilate(Mask(shape), {.iterations = iterations, .border_value = true}).shape() ==
                  shape);
        }
    }
}

TEST_CASE("morphology stops on request, between iterations, and threads do not show") {
    test::Random random(test::seed());
    INFO("seed " << test::seed());
    Mask in(Shape(70, 90, 90));
    for (bool& value : in) value = random() % 16 == 0;
    const Structure structure(Connectivity::corners);
    const auto expected = roi::closing(in, {.structure = structure, .iterations = 2, .threads = 1});
    CHECK(truths(roi::closing(in, {.structure = structure, .iterations = 2, .threads = 3})) ==
          truths(expected));
    for (const int threads : {2, 3}) {
        for (const auto& connectivity : {Connectivity::faces, Connectivity::corners}) {
            const auto sparse = roi::erode(expected, {.iterations = 2});
            const auto holes = roi::fill_holes(sparse, {.structure = connectivity, .threads = 1});
            CHECK(truths(roi::fill_holes(sparse, {.structure = connectivity, .threads = threads})) ==
                  truths(holes));
            const auto grown = roi::dilate(in, {.structure = connectivity, .threads = 1});
            CHECK(truths(roi::dilate(in, {.structure = connectivity, .threads = threads})) == truths(grown));
        }
    }
    int asked = 0;
    const roi::StopRequest third = [&asked] { return ++asked == 3; };
    const auto stopped = [&](const auto& call) {
        asked = 0;
        try {
            (void)call();
        } catch (const roi::Error& error) {
            return error.code() == roi::ErrorCode::stopped ? std::string(error.what()) : std::string();
        }
        return std::string();
    };
    CHECK(stopped([&] { return roi::dilate(in, {.iterations = 5, .stop = third}); }) ==
          "dilate: stopped on request after 2 iterations");
    CHECK(stopped([&] { return roi::opening(in, {.iterations = 2, .stop = third}); }) ==
          "dilate: stopped on request after 0 iterations");
    const roi::StopRequest at_once = [] { return true; };
    CHECK(stopped([&] { return roi::fill_holes(in, {.stop = at_once}); }) ==
          "fill_holes: stopped on request after 0 iterations");
    CHECK(stopped([&] { return roi::propagate(in, {.stop = at_once}); }) ==
          "dilate: stopped on request after 0 iterations");
    CHECK(stopped([&] { return roi::hit_or_miss(in, {.stop = at_once}); }) ==
          "erode: stopped on request after 0 iterations");
}

TEST_CASE("dilation names what is wrong with its options") {
    const Mask in(Shape(3, 3, 3)), other(Shape(3, 3, 4));
    CHECK_THROWS_AS(roi::dilate(in, {.mask = other}), roi::GridMismatch);
    CHECK(message_of([&] {
              return roi::dilate(in, {.mask = other});
          }).find("dilate: `mask` and the input must lie on one grid; shapes differ: shape 3 x 3 x 3") == 0);
    CHECK(message_of([&] {
              return roi::dilate(in, {.origin = {0, 2, 0}});
          }).find("origin: (0, 2, 0) moves the centre (1, 1, 1) out of a structure of 3 x 3 x 3") == 0);
}
