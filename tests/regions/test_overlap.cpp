#include <roi/image/comparison.hpp>
#include <roi/regions/overlap.hpp>

#include "catch.hpp"
#include "checks.hpp"
#include "support.hpp"
#include <algorithm>
#include <cmath>
#include <cstdint>
#include <limits>
#include <string>
#include <vector>

using roi::Grid;
using roi::Mask;
using roi::Shape;

namespace {

const Grid grid(Shape(5, 4, 3), roi::scaling({2.0, 3.0, 4.0}));

Mask box(std::int64_t x0, std::int64_t x1) {
    Mask out(grid);
    for (std::int64_t x = x0; x <= x1; ++x) out(x, 1, 1) = out(x, 2, 1) = true;
    return out;
}

/// x 1 to 3, and x 2 to 4 with one voxel above.
const Mask a = box(1, 3);
const Mask b = [] {
    auto out = box(2, 4);
    out(2, 1, 2) = true;
    return out;
}();
const Mask none(grid);

roi::Labels labels(const std::vector<std::int32_t>& values) { return {Shape(3, 3, 1), values}; }

}  // namespace

TEST_CASE("overlap of two masks: golden numbers") {
    const auto both = roi::overlap(a, b);
    CHECK(both == roi::Overlap{1, 6, 7, 4});
    CHECK(both.dice() == Approx(0.6153846153846154).epsilon(1e-15));
    CHECK(both.jaccard() == Approx(0.4444444444444444).epsilon(1e-15));
    CHECK(both.coefficient() == Approx(0.6666666666666666).epsilon(1e-15));
    CHECK(both.volume_similarity() == Approx(0.9230769230769231).epsilon(1e-15));
    CHECK(roi::dice(a, b.view()) == both.dice());
    CHECK(roi::jaccard(a.view(), b) == both.jaccard());
    CHECK(roi::dice(a, a) == 1.0);
}

TEST_CASE("overlap with nothing: undefined between two empty masks, 0 with one") {
    CHECK(std::isnan(roi::dice(none, none)));
    CHECK(std::isnan(roi::jaccard(none, none)));
    CHECK(roi::dice(a, none) == 0.0);
    CHECK(roi::jaccard(none, b) == 0.0);
    CHECK(std::isnan(roi::hausdorff(none, none)));
    CHECK(roi::hausdorff(a, none) == std::numeric_limits<double>::infinity());
    CHECK(roi::hausdorff(none, b, {.percentile = 0}) == std::numeric_limits<double>::infinity());
}

TEST_CASE("overlap label by label") {
    const auto rows =
        roi::overlap_of_labels(labels({1, 1, 2, 0, 2, 2, 3, 0, 0}), labels({1, 2, 2, 1, 2, 0, 0, 4, 0}));
    REQUIRE(rows.size() == 4);
    CHECK(rows[0] == roi::Overlap{1, 2, 2, 1});
    CHECK(rows[1] == roi::Overlap{2, 3, 3, 2});
    CHECK(rows[2] == roi::Overlap{3, 1, 0, 0});
    CHECK(rows[3] == roi::Overlap{4, 0, 1, 0});
    CHECK(rows[0].dice() == 0.5);
    CHECK(rows[1].dice() == Approx(0.6666666666666666).epsilon(1e-15));
    CHECK(rows[2].dice() == 0.0);
    CHECK(roi::format_table(roi::to_table(rows), roi::TableFormat::tsv)
              .find("label\tdice\tjaccard\tvoxels_a\tvoxels_b\n1\t0.5\t") == 0);
    CHECK(roi::overlap_of_labels(labels(std::vector<std::int32_t>(9)), labels(std::vector<std::int32_t>(9)))
              .empty());
    const std::vector<std::uint8_t> bytes{0, 0, 7, 0, 0, 0, 0, 0, 0};
    const auto mixed = roi::overlap_of_labels(roi::Volume<std::uint8_t>(Shape(3, 3, 1), bytes),
                                              labels({-7, 0, 7, 0, 0, 0, 0, 0, 0}));
    REQUIRE(mixed.size() == 2);
    CHECK(mixed[0] == roi::Overlap{-7, 0, 1, 0});
    CHECK(mixed[1] == roi::Overlap{7, 1, 1, 1});
}

TEST_CASE("labels that do not overlap make a row of n/a only when there are none") {
    const std::vector<roi::Overlap> rows{roi::Overlap{}};
    CHECK(roi::format_table(roi::to_table(rows), roi::TableFormat::tsv) ==
          "label\tdice\tjaccard\tvoxels_a\tvoxels_b\n1\tn/a\tn/a\t0\t0\n");
}

TEST_CASE("Hausdorff's distance in millimetres: golden numbers") {
    CHECK(roi::hausdorff(a, b) == 4.0);
    CHECK(roi::hausdorff(b, a) == 4.0);
    CHECK(roi::hausdorff(a, b, {.percentile = 95}) == Approx(3.4).epsilon(1e-15));
    CHECK(roi::hausdorff(a, b, {.percentile = 95, .pooled = true}) == Approx(2.8).epsilon(1e-15));
    CHECK(roi::hausdorff(a, a) == 0.0);
    CHECK_THROWS_AS(roi::hausdorff(a, b, {.percentile = 101}), roi::InvalidArgument);
}

TEST_CASE("distances of surfaces: golden number, a block and its inside") {
    CHECK(roi::mean_surface_distance(a, b) == Approx(0.9230769230769231).epsilon(1e-15));
    CHECK(roi::mean_surface_distance(b, a) == roi::mean_surface_distance(a, b));
    CHECK(roi::hausdorff(a, b, {.surface = true}) == 4.0);  // all voxels of both are surface
    // A cube of 5 in one of 7: every voxel of the inner one is a voxel of the outer one, but the surfaces are one apart.
    const Grid block(Shape(9, 9, 9));
    Mask outer(block), inner(block);
    for (std::int64_t i = 0; i < block.size(); ++i) {
        const auto at = block.shape().voxel(i);
        const auto within = [&](std::int64_t low, std::int64_t high) {
            return std::all_of(at.begin(), at.end(), [&](std::int64_t k) { return k >= low && k <= high; });
        };
        outer[i] = within(1, 7);
        inner[i] = within(2, 6);
    }
    CHECK(roi::hausdorff(inner, outer, {.percentile = 0}) == 0.0);
    CHECK(roi::hausdorff(inner, outer, {.percentile = 0, .surface = true}) == 1.0);
    CHECK(roi::hausdorff(inner, outer, {.surface = true}) == Approx(std::sqrt(3.0)).epsilon(1e-15));
    const Mask nothing(block);
    CHECK(std::isnan(roi::mean_surface_distance(nothing, nothing)));
    CHECK(std::isinf(roi::mean_surface_distance(inner, nothing)));
    CHECK(roi::mean_surface_distance(inner, inner) == 0.0);
}

TEST_CASE("Hausdorff's distance equals its definition") {
    INFO("seed " << test::seed());
    test::Random random(test::seed());
    for (int trial = 0; trial < 40; ++trial) {
        const Grid small(test::random_shape(random, 6), roi::scaling({1.5, 2.0, 0.7}));
        const auto one = test::random_volume<bool>(small, random, 0.1),
                   other = test::random_volume<bool>(small, random, 0.1);
        double expected = -1.0;
        for (const auto& [from, to] : {std::pair(&one, &other), std::pair(&other, &one)}) {
            const auto& shape = small.shape();
            for (std::int64_t i = 0; i < small.size(); ++i) {
                if (!(*from)[i]) continue;
                double least = std::numeric_limits<double>::infinity();
                for (std::int64_t j = 0; j < small.size(); ++j) {
                    if (!(*to)[j]) continue;
                    const auto p = shape.voxel(i), q = shape.voxel(j);
                    const double x = 1.5 * static_cast<double>(p[0] - q[0]),
                                 y = 2.0 * static_cast<double>(p[1] - q[1]),
                                 z = 0.7 * static_cast<double>(p[2] - q[2]);
                    least = std::min(least, std::sqrt(x * x + y * y + z * z));
                }
                expected = std::max(expected, least);
            }
        }
        const double found = roi::hausdorff(one, other);
        if (expected < 0.0) {
            CHECK(std::isnan(found));
        } else if (std::isinf(expected)) {
            CHECK(found == expected);
        } else {
            CHECK(found == Approx(expected).epsilon(1e-14));
        }
    }
}

TEST_CASE("distances label by label are those of the whole masks bit by bit") {
    INFO("seed " << test::seed());
    test::Random random(test::seed());
    const auto distances_of = [](const Mask& from, const Mask& to) {
        const auto away = roi::distance_to(to);
        std::vector<double> out;
        for (std::int64_t i = 0; i < from.size(); ++i) {
            if (from[i]) out.push_back(away[i]);
        }
        return out;
    };
    const auto surface_of = [](const Mask& mask) {
        auto out = roi::erode(mask);
        for (std::int64_t i = 0; i < out.size(); ++i) out[i] = mask[i] && !out[i];
        return out;
    };
    for (int trial = 0; trial < 60; ++trial) {
        // Steps that no number holds exactly: where voxels are equally far, rounding decides.
        const Grid small(test::random_shape(random, 14),
                         trial % 2 ? roi::scaling({1.1, 1.1, 1.1}) : roi::scaling({1.5, 2.3, 0.7}));
        roi::Labels one(small), other(small);
        for (auto* const atlas : {&one, &other}) {
            const auto here = test::random_volume<bool>(small, random, 0.3),
                       more = test::random_volume<bool>(small, random, 0.1);
            for (std::int64_t i = 0; i < small.size(); ++i) {
                const auto x = static_cast<std::int32_t>(small.shape().voxel(i)[0]);
                (*atlas)[i] = here[i] ? x / 4 + 1 : more[i] ? -3 : 0;
            }
        }
        const auto rows = roi::overlap_of_labels(one, other);
        const auto found = roi::distances_of_labels(one, other);
        REQUIRE(found.size() == rows.size());
        for (std::size_t i = 0; i < rows.size(); ++i) {
            const Mask in_one = one == static_cast<std::int32_t>(rows[i].label),
                       in_other = other == static_cast<std::int32_t>(rows[i].label);
            REQUIRE(found[i].label == rows[i].label);
            CHECK(found[i].hausdorff == roi::hausdorff(in_one, in_other));
            CHECK(found[i].hausdorff_95 == roi::hausdorff(in_one, in_other, {.percentile = 95}));
            CHECK(found[i].surface_distance == roi::mean_surface_distance(in_one, in_other));
            // The same without a box.
            const auto there = distances_of(in_one, in_other), back = distances_of(in_other, in_one);
            double most = 0.0;
            for (const double distance : there) most = std::max(most, distance);
            for (const double distance : back) most = std::max(most, distance);
            CHECK(found[i].hausdorff == most);
            const auto on_one = surface_of(in_one), on_other = surface_of(in_other);
            const auto out = distances_of(on_one, on_other), home = distances_of(on_other, on_one);
            double sum = 0.0;
            for (const double distance : out) sum += distance;
            for (const double distance : home) sum += distance;
            CHECK(found[i].surface_distance == sum / static_cast<double>(out.size() + home.size()));
        }
    }
    CHECK(roi::distances_of_labels(roi::Labels(grid), roi::Labels(grid)).empty());
    CHECK(std::isnan(roi::hausdorff(none, none, {.surface = true})));
    CHECK(std::isnan(roi::mean_surface_distance(none, none)));
    CHECK_THROWS_AS(roi::distances_of_labels(roi::Labels(grid), roi::Labels(Shape(1, 1, 1))),
                    roi::GridMismatch);
}

TEST_CASE("overlap refuses images on different grids") {
    const Mask other(Shape(5, 4, 4));
    CHECK_THROWS_AS(roi::overlap(a, other), roi::GridMismatch);
    CHECK_THROWS_AS(roi::hausdorff(a, other), roi::GridMismatch);
    CHECK_THROWS_AS(roi::overlap_of_labels(labels(std::vector<std::int32_t>(9)), roi::Labels(Shape(3, 3, 2))),
                    roi::GridMismatch);
}

TEST_CASE("overlap of labels refuses those that its rows cannot state") {
    const roi::Volume<std::uint64_t> labels(Shape(2, 1, 1), std::numeric_limits<std::uint64_t>::max());
    const std::string found = ": expected labels up to 9223372036854775807, found 18446744073709551615";
    CHECK(test::contains(
        test::message_of<roi::InvalidArgument>([&] { (void)roi::overlap_of_labels(labels, labels); }),
        "overlap_of_labels" + found));
    CHECK(test::contains(
        test::message_of<roi::InvalidArgument>([&] { (void)roi::distances_of_labels(labels, labels); }),
        "distances_of_labels" + found));
}
