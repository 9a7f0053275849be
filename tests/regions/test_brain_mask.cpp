#include <roi/image/logical.hpp>
#include <roi/regions/brain_mask.hpp>

#include "catch.hpp"
#include "checks.hpp"
#include "support.hpp"
#include <cmath>
#include <string>
#include <vector>

using roi::Mask;
using roi::Shape;
using roi::Volume;

namespace {

using Positions = std::vector<std::int64_t>;

Positions positions(const Mask& mask) {
    Positions out;
    for (std::int64_t i = 0; i < mask.size(); ++i) {
        if (mask[i]) out.push_back(i);
    }
    return out;
}

Volume<double> row() {
    return {Shape(20, 1, 1), std::vector<double>{10, 12, 11, 13, 9,  14,  100, 103, 99, 101,
                                                 12, 98, 11, 10, 97, 102, 13,  105, 12, 11}};
}

/// A bright box in the middle of 8^3, and one bright voxel in a corner.
Volume<double> head() {
    Volume<double> out(Shape(8, 8, 8));
    const auto inside = [](std::int64_t i) { return std::abs(static_cast<double>(i) - 3.5) < 3.0; };
    for (std::int64_t z = 0; z < 8; ++z) {
        for (std::int64_t y = 0; y < 8; ++y) {
            for (std::int64_t x = 0; x < 8; ++x) {
                out(x, y, z) = (inside(x) && inside(y) && inside(z) ? 900.0 : 90.0) +
                               static_cast<double>((7 * x + 5 * y + 3 * z) % 11);
            }
        }
    }
    out(0, 0, 0) = 2000.0;
    return out;
}

}  // namespace

TEST_CASE("the mask of a functional run: golden numbers of nilearn") {
    CHECK(positions(roi::compute_epi_mask(row(), {.opening = 0, .connected = false})) ==
          Positions{6, 7, 8, 9, 11, 14, 15, 17});
    CHECK(positions(roi::compute_epi_mask(row(), {.opening = 0})) == Positions{6, 7, 8, 9});
    CHECK(roi::count(roi::compute_epi_mask(head(), {.opening = 0})) == 216);
    CHECK(roi::count(roi::compute_epi_mask(head(), {.opening = 1})) == 160);
    CHECK(roi::count(roi::compute_epi_mask(head())) == 56);
}

TEST_CASE(
    "the mask of a functional run takes views and integers, NaN as 0, and leaves zeros out when asked") {
    auto map = row();
    const auto expected = positions(roi::compute_epi_mask(map, {.opening = 0}));
    CHECK(positions(roi::compute_epi_mask(map.view(), {.opening = 0})) == expected);
    std::vector<std::int16_t> values(map.begin(), map.end());
    CHECK(positions(roi::compute_epi_mask(Volume<std::int16_t>(map.grid(), values), {.opening = 0})) ==
          expected);
    map[0] = std::nan("");
    CHECK(positions(roi::compute_epi_mask(map, {.opening = 0})) == expected);
    // Mostly zeros: the widest gap is that between nothing and something, unless zeros are left out.
    Volume<double> cut(Shape(20, 1, 1));
    for (std::int64_t i = 0; i < 8; ++i)
        cut[i + 6] = i < 3 ? 20.0 + static_cast<double>(i) : 30.0 + static_cast<double>(i);
    CHECK(positions(roi::compute_epi_mask(cut, {.opening = 0})) == Positions{6, 7, 8, 9, 10, 11, 12, 13});
    CHECK(positions(roi::compute_epi_mask(cut, {.exclude_zeros = true, .opening = 0})) ==
          Positions{9, 10, 11, 12, 13});
}

TEST_CASE("what is NaN is no brain beside bright neighbours: nilearn's counts") {
    Volume<double> map(Shape(12, 12, 12));
    for (std::int64_t i = 0; i < map.size(); ++i) {
        const auto [x, y, z] = map.shape().voxel(i);
        const auto inside = [](std::int64_t at) { return at >= 2 && at < 10; };
        map[i] = static_cast<double>((7 * x + 3 * y + 5 * z) % 11);
        if (!inside(x) || !inside(y) || !inside(z)) continue;
        map[i] += 100.0;
        if (x == 2 || (x == 9 && z % 2 == 0)) map[i] = std::nan("");
    }
    const auto plane = [](const roi::Mask& mask, std::int64_t x) {
        std::int64_t count = 0;
        for (std::int64_t i = 0; i < mask.size(); ++i) count += mask[i] && mask.shape().voxel(i)[0] == x;
        return count;
    };
    const auto once = roi::compute_epi_mask(map, {.opening = 1});
    CHECK(roi::count(once) == 342);
    CHECK(plane(once, 2) == 0);
    CHECK(plane(once, 9) == 18);
    const auto twice = roi::compute_epi_mask(map, {.opening = 2});
    CHECK(roi::count(twice) == 226);
    CHECK(plane(twice, 9) == 8);
}

TEST_CASE("what is not background: the median at the border, or NaN there") {
    Volume<float> map(Shape(7, 7, 7), 5.0f);
    for (std::int64_t z = 2; z < 5; ++z) {
        for (std::int64_t y = 2; y < 5; ++y) {
            for (std::int64_t x = 2; x < 5; ++x) map(x, y, z) = static_cast<float>(x + y + z);
        }
    }
    map(3, 3, 3) = 5.0f;
    map(0, 0, 0) = 77.0f;
    CHECK(roi::count(roi::compute_background_mask(map)) == 27 - 1 + 1);
    CHECK(roi::count(roi::compute_background_mask(map, {.connected = true})) == 26);
    map(6, 6, 6) = std::nanf("");
    CHECK(roi::count(roi::compute_background_mask(map)) == 342);
    // Sides overlap in a small volume, and an even number of values has two in the middle.
    const Volume<double> two(Shape(2, 1, 1), std::vector<double>{1.0, 3.0});
    CHECK(roi::count(roi::compute_background_mask(two)) == 2);
    const Volume<double> three(Shape(3, 1, 1), std::vector<double>{1.0, 1.0, 3.0});
    CHECK(positions(roi::compute_background_mask(three)) == Positions{2});
}

TEST_CASE("an image of one value has no brain that could be told from it, which is said") {
    std::vector<std::string> said;
    const roi::EpiMaskOptions options{.warning = [&](std::string_view text) { said.emplace_back(text); }};
    for (const float value : {0.0F, 712.3F}) {
        said.clear();
        (void)roi::compute_epi_mask(roi::Volume<float>(roi::Shape(6, 6, 6), value), options);
        REQUIRE(!said.empty());
        CHECK(test::contains(said[0], "the values between the cutoffs are all the same"));
    }
}

TEST_CASE("brain masks that are empty are said, and options out of range named") {
    std::vector<std::string> said;
    const roi::WarningHandler hear = [&](std::string_view line) { said.emplace_back(line); };
    CHECK(roi::count(roi::compute_background_mask(Volume<float>(Shape(4, 4, 4), 1.0f), {.warning = hear})) ==
          0);
    REQUIRE(said.size() == 1);
    CHECK(said[0].find("compute_background_mask: the mask is empty; is the background") == 0);
    // A slice one voxel thick does not survive an erosion, and no cutoff would help it.
    said.clear();
    Volume<float> slice(Shape(8, 8, 1), 10.0f);
    for (std::int64_t y = 2; y < 6; ++y) {
        for (std::int64_t x = 2; x < 6; ++x) slice(x, y, 0) = 100.0f;
    }
    CHECK(roi::count(roi::compute_background_mask(slice, {.opening = 1, .warning = hear})) == 0);
    REQUIRE(said.size() == 1);
    CHECK(said[0] ==
          "compute_background_mask: the mask is empty: of its 16 voxels none is left after `opening`, 1 "
          "erosion, as where an image is few voxels thick; a smaller `opening` leaves more");
    CHECK(roi::count(roi::compute_background_mask(slice, {.warning = hear})) == 16);
    CHECK_THROWS_AS(roi::compute_epi_mask(row(), {.lower_cutoff = 0.9}), roi::InvalidArgument);
    CHECK_THROWS_AS(roi::compute_epi_mask(row(), {.upper_cutoff = 1.1}), roi::InvalidArgument);
    CHECK_THROWS_AS(roi::compute_epi_mask(row(), {.opening = -1}), roi::InvalidArgument);
    CHECK_THROWS_AS(roi::compute_epi_mask(Volume<float>(Shape(1, 1, 1)), {.opening = 0}),
                    roi::InvalidArgument);
    CHECK_THROWS_AS(roi::compute_epi_mask(Volume<float>(Shape(0, 1, 1)), {.opening = 0}),
                    roi::InvalidArgument);
    CHECK_THROWS_AS(roi::compute_background_mask(row(), {.border_size = 0}), roi::InvalidArgument);
    CHECK(roi::compute_background_mask(Volume<float>(Shape(0, 1, 1))).size() == 0);
}
