#include <roi/image/logical.hpp>
#include <roi/morphology/hit_or_miss.hpp>

#include "masks.hpp"

using roi::Mask;
using roi::Shape;
using roi::Structure;
using test::Positions;
using test::positions;
using test::truths;

namespace {

Mask found_by_definition(const Mask& mask, const roi::HitOrMissOptions& options) {
    const auto& shape = mask.shape();
    const Structure miss = options.miss ? *options.miss : options.hit.complement();
    Mask out(mask.grid());
    for (std::int64_t i = 0; i < mask.size(); ++i) {
        const auto at = shape.voxel(i);
        const auto value = [&](const std::array<std::int64_t, 3>& o) {
            const auto x = at[0] + o[0], y = at[1] + o[1], z = at[2] + o[2];
            return shape.contains(x, y, z) && mask(x, y, z);
        };
        bool all = true;
        for (const auto& o : options.hit.offsets(options.hit_origin)) all = all && value(o);
        for (const auto& o : miss.offsets(options.miss_origin.value_or(options.hit_origin)))
            all = all && !value(o);
        out[i] = all;
    }
    return out;
}

}  // namespace

TEST_CASE("hits of SciPy's example") {
    // A voxel and two squares; x is SciPy's second axis here, so the pattern, which is symmetric, stays.
    Mask image(Shape(7, 7, 1));
    image(1, 1, 0) = true;
    for (const std::int64_t start : {2, 4}) {
        for (std::int64_t y = start; y < start + 2; ++y) {
            for (std::int64_t x = start; x < start + 2; ++x) image(x, y, 0) = true;
        }
    }
    const Structure corner(Shape(3, 3, 1), {true, false, false, false, true, true, false, true, true});
    CHECK(positions(roi::hit_or_miss(image, {.hit = corner})) == Positions{2 + 2 * 7, 4 + 4 * 7});
    CHECK(positions(roi::hit_or_miss(image, {.hit = corner, .hit_origin = {1, 1, 0}})) ==
          Positions{3 + 3 * 7, 5 + 5 * 7});
}

TEST_CASE("a pattern that contradicts itself is said") {
    std::vector<std::string> said;
    const Mask image(Shape(5, 5, 5), true);
    roi::HitOrMissOptions options;
    options.warning = [&](std::string_view line) { said.emplace_back(line); };
    CHECK(positions(roi::hit_or_miss(image, options)).empty());  // the middle has no background beside it
    options.miss = Structure(Shape(1, 1, 1), {true});
    options.miss_origin = std::array<std::int64_t, 3>{0, 0, 0};
    CHECK(positions(roi::hit_or_miss(image, options)).empty());
    REQUIRE(said.size() == 1);
    CHECK(said[0] ==
          "hit_or_miss: 1 voxel of the pattern must be both true and false, so that nothing is "
          "found; change `hit` or `miss`");
    options.miss = Structure(Shape(3, 3, 3), std::vector<bool>(27, true));
    (void)roi::hit_or_miss(image, options);
    REQUIRE(said.size() == 2);
    CHECK(said[1].find("7 voxels of the pattern must") != std::string::npos);
    options.miss = Structure().complement();
    (void)roi::hit_or_miss(image, options);
    CHECK(said.size() == 2);
    options.miss.reset();
    options.miss_origin = std::array<std::int64_t, 3>{1, 0, 0};  // a corner of the rest falls on a face
    (void)roi::hit_or_miss(image, options);
    CHECK(said.size() == 3);
}

TEST_CASE("hit or miss equals its definition for random patterns and origins") {
    INFO("seed " << test::seed());
    test::Random random(test::seed());
    for (int trial = 0; trial < 200; ++trial) {
        auto shape = test::random_shape(random, 7);
        if (trial % 10 == 0) shape = Shape(60 + trial, shape.y(), shape.z());
        const auto mask = test::random_volume<bool>(shape, random, 0.5);
        roi::HitOrMissOptions options{.hit = test::random_structure(random, 3)};
        options.hit_origin = test::random_origin(options.hit, random);
        if (trial % 3 != 0) {
            options.miss = test::random_structure(random, 3);
            options.miss_origin = test::random_origin(*options.miss, random);
        }
        INFO("trial " << trial << ", shape " << shape.to_string());
        CHECK(truths(roi::hit_or_miss(mask, options)) == truths(found_by_definition(mask, options)));
    }
}

TEST_CASE("outside the volume all is background, for both patterns") {
    const Structure box(Shape(3, 1, 1), {true, true, true});
    const Structure nothing(Shape(3, 1, 1), {false, false, false});
    CHECK(positions(roi::hit_or_miss(test::line(4, {0, 1, 2, 3}), {.hit = box})) == Positions{1, 2});
    CHECK(positions(roi::hit_or_miss(test::line(4, {3}), {.hit = nothing})) == Positions{0, 1});
    CHECK(roi::hit_or_miss(Mask(Shape(0, 2, 2))).size() == 0);
    CHECK_THROWS_AS(roi::hit_or_miss(test::line(4, {}), {.hit = box, .hit_origin = {0, 1, 0}}),
                    roi::InvalidArgument);
    CHECK_THROWS_AS(roi::hit_or_miss(test::line(4, {}),
                                     {.hit = box, .miss_origin = std::array<std::int64_t, 3>{2, 0, 0}}),
                    roi::InvalidArgument);
}
