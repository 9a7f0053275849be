#include <roi/image/logical.hpp>
#include <roi/regions/label.hpp>
#include <roi/regions/regions.hpp>

#include "catch.hpp"
#include "support.hpp"
#include <array>
#include <cmath>
#include <cstdint>
#include <limits>
#include <string>
#include <vector>

using roi::Connectivity;
using roi::Labels;
using roi::Mask;
using roi::Shape;

namespace {

using Sizes = std::vector<std::int64_t>;

template <class T>
roi::Volume<T> line(const std::vector<T>& values) {
    roi::Volume<T> out(Shape(static_cast<std::int64_t>(values.size()), 1, 1));
    std::copy(values.begin(), values.end(), out.begin());
    return out;
}

std::vector<bool> truths(const Mask& mask) { return std::vector<bool>(mask.begin(), mask.end()); }

std::string message_of(const auto& action) {
    try {
        (void)action();
    } catch (const roi::InvalidArgument& error) {
        return error.what();
    }
    return "nothing was thrown";
}

/// Random labels 0 to `most`, with gaps.
Labels random_labels(const Shape& shape, test::Random& random, int most) {
    Labels out(shape);
    std::uniform_int_distribution<int> label(0, most);
    for (auto& voxel : out) voxel = label(random) / 2 * 2;
    return out;
}

}  // namespace

TEST_CASE("region_sizes counts every label from 0 on") {
    CHECK(roi::region_sizes(line<std::int32_t>({0, 3, 3, 1, 0, 3})) == Sizes{2, 1, 0, 3});
    CHECK(roi::region_sizes(line<std::uint8_t>({255})).size() == 256);
    CHECK(roi::region_sizes(Labels(Shape(2, 2, 2))) == Sizes{8});
    CHECK(roi::region_sizes(Labels(Shape(0, 3, 3))).empty());
    CHECK(message_of([] {
              return roi::region_sizes(line<std::int16_t>({1, -7}));
          }).find("region_sizes: labels must be 0 or more, found -7") == 0);
    constexpr auto most = std::numeric_limits<std::uint64_t>::max();
    CHECK(message_of([] {
              return roi::region_sizes(line<std::uint64_t>({most}));
          }).find("region_sizes: a count for every label up to 18446744073709551615 is more than") == 0);
    CHECK_THROWS_AS(roi::region_sizes(line<std::int32_t>({1 << 24})), roi::InvalidArgument);
    CHECK(roi::region_sizes(line<std::int32_t>({1 << 20})).size() == (1 << 20) + 1);
}

TEST_CASE("region_labels are the labels that occur, ascending, without background") {
    using Numbers = std::vector<std::int32_t>;
    CHECK(roi::region_labels(line<std::int32_t>({7, 0, -2, 7, 5, 5, 0})) == Numbers{-2, 5, 7});
    CHECK(roi::region_labels(Labels(Shape(3, 3, 3))).empty());
    CHECK(roi::region_labels(Labels()).empty());
}

TEST_CASE("region is the mask of one label") {
    const auto labels = line<std::int32_t>({0, 2, 5, 2});
    CHECK(truths(roi::region(labels, 2)) == std::vector<bool>{false, true, false, true});
    CHECK(truths(roi::region(labels, 2)) == truths(labels == 2));
    CHECK(message_of([&] { return roi::region(labels, 3); }) ==
          "region: no voxel has label 3; there are 2, 5");
    CHECK(message_of([&] { return roi::region(Labels(Shape(2, 1, 1)), 3); }) ==
          "region: no voxel has label 3; the atlas is empty");
    CHECK(message_of([&] { return roi::region(labels, 0); }).find("region: 0 is the background") == 0);
}

TEST_CASE("several regions together, by number and by name") {
    const auto labels = line<std::int16_t>({0, 2, 5, 2, -1, 7});
    CHECK(truths(roi::regions_together(labels, {5, -1, 5})) ==
          std::vector<bool>{false, false, true, false, true, false});
    CHECK(roi::count(roi::regions_together(labels, {})) == 0);
    const roi::RegionNames names({{2, "left"}, {7, "right"}, {9, "none"}});
    CHECK(truths(roi::regions_together(labels, names, {"right", "left"})) ==
          std::vector<bool>{false, true, false, true, false, true});
    CHECK(message_of([&] {
              return roi::regions_together(labels, {2, 65538});
          }) == "regions_together: no voxel has label 65538; there are -1, 2, 5, 7");
    // Two texts alone could be the ends of a list of numbers.
    CHECK(message_of([&] {
              return roi::regions_together(labels, {"left", "right"});
          }) ==
          "regions_together: expected numbers of labels, found the text \"left\"; give the table that has "
          "the names "
          "before them");
    CHECK(message_of([&] { return roi::regions_together(labels, {"left"}); }).find("found the text") !=
          std::string::npos);
    CHECK_THROWS_AS((void)roi::regions(labels, {"left", "right"}), roi::InvalidArgument);
    CHECK(roi::regions(labels, {}).empty());
    CHECK(message_of([&] { return roi::regions_together(labels, names, {"none"}); }) ==
          "regions_together: no voxel has label 9; there are -1, 2, 5, 7");
    CHECK(message_of([&] { return roi::regions_together(labels, names, {"x"}); }).find("called \"x\"") !=
          std::string::npos);
    CHECK(message_of([&] { return roi::regions_together(labels, {0}); }).find("0 is the background") !=
          std::string::npos);
    const auto unsigned_labels = line<std::uint64_t>({0, ~std::uint64_t{0}, 5});
    CHECK(message_of([&] {
              return roi::regions_together(unsigned_labels, {-1});
          }).find("no voxel has label -1") != std::string::npos);
}

TEST_CASE("labels that lie far apart are found too") {
    using Numbers = std::vector<std::int64_t>;
    constexpr auto most = std::numeric_limits<std::int64_t>::max();
    const auto labels = line<std::int64_t>({most, 0, -most - 1, 5, 5, most, 5});
    CHECK(roi::region_labels(labels) == Numbers{-most - 1, 5, most});
    const auto table = roi::regions(labels);
    REQUIRE(table.size() == 3);
    CHECK(table[1].size == 3);
    CHECK(table[1].center[0] == Approx(13.0 / 3.0));
    CHECK(table[2].first[0] == 0);
    CHECK(table[2].shape == Shape(6, 1, 1));
    CHECK(roi::region_labels(line<std::int8_t>({-128, 127, 0, -128})) == std::vector<std::int8_t>{-128, 127});
}

TEST_CASE("a long list of labels is cut") {
    std::vector<std::int32_t> many;
    for (std::int32_t label = 1; label <= 30; ++label) many.push_back(label);
    const auto message = message_of([&] { return roi::region(line(many), 99); });
    CHECK(message.find("there are 1, 2, 3,") != std::string::npos);
    CHECK(message.find("19, 20 and 10 more") != std::string::npos);
}

TEST_CASE("largest_region of an atlas takes the lowest label among equals") {
    CHECK(truths(roi::largest_region(line<std::int32_t>({4, 4, 0, 1, 9, 9}))) ==
          std::vector<bool>{true, true, false, false, false, false});
    CHECK(truths(roi::largest_region(line<std::int32_t>({-4, 2, 2, 2}))) ==
          std::vector<bool>{false, true, true, true});
    CHECK(message_of([] {
              return roi::largest_region(Labels(Shape(2, 2, 2)));
          }).find("largest_region: the atlas is empty") == 0);
}

TEST_CASE("largest_region of a mask is its largest component") {
    Mask mask(Shape(4, 4, 3));
    mask(0, 3, 2) = mask(0, 2, 2) = true;
    mask(2, 0, 0) = mask(3, 0, 0) = true;
    const auto tie = roi::largest_region(mask);
    CHECK(roi::count(tie) == 2);
    CHECK(tie(0, 3, 2));
    mask(3, 1, 0) = true;
    CHECK(roi::largest_region(mask)(3, 1, 0));
    mask(1, 1, 1) = true;
    CHECK(roi::count(roi::largest_region(mask)) == 3);
    CHECK(roi::count(roi::largest_region(mask, {.connectivity = Connectivity::corners})) == 6);
    CHECK(message_of([] {
              return roi::largest_region(Mask(Shape(2, 2, 2)));
          }).find("largest_region: the mask is empty") == 0);
}

TEST_CASE("regions tells size, box and centre of each label") {
    Labels labels(
        roi::Grid(Shape(6, 5, 4), roi::scaling(roi::Point(2.0, 3.0, 4.0), roi::Point(10.0, 0.0, 0.0))));
    labels(1, 2, 3) = labels(2, 2, 3) = labels(2, 4, 3) = labels(2, 4, 1) = 8;
    labels(5, 0, 0) = -3;
    const auto table = roi::regions(labels);
    REQUIRE(table.size() == 2);
    CHECK(table[0].label == -3);
    CHECK(table[0].size == 1);
    CHECK(table[0].first == std::array<std::int64_t, 3>{5, 0, 0});
    CHECK(table[0].shape == Shape(1, 1, 1));
    CHECK(table[0].center == roi::Point(5.0, 0.0, 0.0));
    CHECK(table[1].label == 8);
    CHECK(table[1].size == 4);
    CHECK(table[1].first == std::array<std::int64_t, 3>{1, 2, 1});
    CHECK(table[1].shape == Shape(2, 3, 3));
    CHECK(table[1].center == roi::Point(1.75, 3.0, 2.5));
    CHECK(labels.grid().world(table[1].center) == roi::Point(13.5, 9.0, 10.0));
    CHECK(labels.view().box(table[1].first, table[1].shape)(1, 2, 0) == 8);
    CHECK(table == roi::regions(labels));
    CHECK(roi::regions(Labels(Shape(3, 3, 3))).empty());
    CHECK(roi::regions(Labels(Shape(3, 0, 3))).empty());
}

TEST_CASE("regions with labels that are asked for, in that order") {
    const auto labels = line<std::int16_t>({0, 300, -5, 300, 0, 0});
    const auto found = roi::regions(labels, {300, 0, 7, -5, 300, std::int64_t{1} << 40});
    REQUIRE(found.size() == 6);
    const auto all = roi::regions(labels);
    CHECK(found[0] == all[1]);
    CHECK(found[1].size == 3);
    CHECK(found[1].shape == Shape(6, 1, 1));
    CHECK(found[1].center[0] == 3.0);
    CHECK(found[2].label == 7);
    CHECK(found[2].size == 0);
    CHECK(found[3] == all[0]);
    CHECK(found[4] == all[1]);
    CHECK(found[5].label == std::int64_t{1} << 40);
    CHECK(found[5].size == 0);
    CHECK(roi::regions(labels, std::vector<std::int64_t>()).empty());
}

TEST_CASE("regions, sizes, labels and masks agree on random labels") {
    INFO("seed " << test::seed());
    test::Random random(test::seed());
    for (int trial = 0; trial < 50; ++trial) {
        const auto labels = random_labels(test::random_shape(random), random, 2 + trial % 9);
        const auto sizes = roi::region_sizes(labels);
        const auto existing = roi::region_labels(labels);
        const auto table = roi::regions(labels);
        REQUIRE(table.size() == existing.size());
        std::int64_t voxels = sizes[0];
        for (std::size_t i = 0; i < table.size(); ++i) {
            const auto label = existing[i];
            const auto mask = roi::region(labels, label);
            CHECK(table[i].label == label);
            CHECK(table[i].size == sizes[static_cast<std::size_t>(label)]);
            CHECK(roi::count(mask) == table[i].size);
            const auto center = roi::center_of_mass(mask);
            for (int axis = 0; axis < 3; ++axis)
                CHECK(table[i].center[axis] == Approx(center[axis]).margin(1e-12));
            const auto part = Mask(mask.view().box(table[i].first, table[i].shape));
            CHECK(roi::count(part) == table[i].size);
            voxels += table[i].size;
        }
        CHECK(voxels == labels.size());
    }
}

TEST_CASE("region sizes of a labelled mask add up") {
    INFO("seed " << test::seed());
    test::Random random(test::seed());
    const auto mask = test::random_volume<bool>(Shape(20, 10, 8), random, 0.3);
    const auto [atlas, count] = roi::label(mask);
    const auto sizes = roi::region_sizes(atlas);
    REQUIRE(static_cast<std::int64_t>(sizes.size()) == count + 1);
    CHECK(sizes[0] == roi::count(roi::logical_not(mask)));
    CHECK(static_cast<std::int64_t>(roi::region_labels(atlas).size()) == count);
}

TEST_CASE("center_of_mass weighs voxel positions, as SciPy does") {
    const roi::Volume<float> square(Shape(2, 2, 1), std::vector<float>{0.0f, 1.0f, 1.0f, 2.0f});
    CHECK(roi::center_of_mass(square) == roi::Point(0.75, 0.75, 0.0));
    const roi::Volume<std::int16_t> cancelled(Shape(2, 1, 1), std::vector<std::int16_t>{-1, 1});
    CHECK(std::isnan(roi::center_of_mass(cancelled)[0]));
    CHECK(std::isnan(roi::center_of_mass(Mask(Shape(2, 2, 2)))[2]));
    CHECK(std::isnan(roi::center_of_mass(Mask())[1]));
    Mask corner(Shape(3, 4, 5));
    corner(2, 3, 4) = true;
    CHECK(roi::center_of_mass(corner) == roi::Point(2.0, 3.0, 4.0));
}

TEST_CASE("masks of regions lie on the grid of the atlas and inherit its metadata") {
    const roi::Grid grid(Shape(2, 2, 2), roi::scaling(roi::Point(2.0, 3.0, 4.0)));
    roi::Metadata metadata;
    metadata.description = "atlas";
    metadata.display_max = 1.0;
    const Labels labels(grid, 1, metadata);
    for (const auto& mask : {roi::region(labels, 1), roi::largest_region(labels),
                             roi::largest_region(Mask(grid, true, metadata))}) {
        CHECK(mask.grid() == grid);
        CHECK(mask.metadata().description == "atlas");
        CHECK(mask.metadata().display_max == 0.0);
    }
}
