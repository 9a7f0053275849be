#include <roi/image/comparison.hpp>
#include <roi/image/logical.hpp>
#include <roi/regions/label.hpp>
#include <roi/regions/regions.hpp>
#include <roi/regions/relabel.hpp>

#include "catch.hpp"
#include "checks.hpp"
#include "sanitized.hpp"
#include "support.hpp"
#include <cstdint>
#include <limits>
#include <set>
#include <string>
#include <utility>
#include <vector>

using roi::Connectivity;
using roi::Labels;
using roi::Shape;

namespace {

using Numbers = std::vector<std::int32_t>;
using Sources = std::vector<std::int64_t>;

/// Values of one plane as a matrix is written: a row for each x.
Numbers rows(const Labels& labels) {
    Numbers out;
    for (std::int64_t x = 0; x < labels.shape().x(); ++x) {
        for (std::int64_t y = 0; y < labels.shape().y(); ++y) out.push_back(labels(x, y, 0));
    }
    return out;
}

template <class T>
roi::Volume<T> line(const std::vector<T>& values, const roi::Affine& affine = roi::Affine::Identity()) {
    return roi::Volume<T>(roi::Grid(Shape(static_cast<std::int64_t>(values.size()), 1, 1), affine), values);
}

Numbers numbers(const Labels& labels) { return {labels.begin(), labels.end()}; }

Labels golden() {
    Labels out(roi::Grid(Shape(4, 4, 1), roi::scaling({2.0, 2.0, 2.0})));
    out(0, 0, 0) = out(1, 1, 0) = out(3, 3, 0) = 3;
    out(0, 3, 0) = out(3, 0, 0) = out(3, 1, 0) = 1;
    return out;
}

}  // namespace

TEST_CASE("relabel closes gaps") {
    const auto [atlas, sources] = roi::relabel(line<std::int16_t>({0, 300, -5, 300, 7}));
    CHECK(numbers(atlas) == Numbers{0, 3, 1, 3, 2});
    CHECK(sources == Sources{-5, 7, 300});
    CHECK(roi::relabel(Labels(Shape(0, 2, 2))).sources.empty());
}

TEST_CASE("regions are ordered by size, of equals as they were") {
    const auto [atlas, sources] =
        roi::ordered_by_size(roi::relabel(line<std::int16_t>({0, 300, -5, 300, 7, 9, 9, 9, 2})));
    CHECK(numbers(atlas) == Numbers{0, 2, 3, 2, 5, 1, 1, 1, 4});
    CHECK(sources == Sources{9, 300, -5, 2, 7});
    const auto parts =
        roi::ordered_by_size(roi::connected_label_regions(line<int>({4, 4, 0, 4, 0, 6, 6, 6, 0, 4, 4})));
    CHECK(numbers(parts.atlas) == Numbers{2, 2, 0, 4, 0, 1, 1, 1, 0, 3, 3});
    CHECK(parts.sources == Sources{6, 4, 4, 4});
    CHECK(roi::ordered_by_size(roi::relabel(Labels(Shape(0, 2, 2)))).sources.empty());
}

TEST_CASE("parts of labels become labels of their own, as in nilearn") {
    const auto corners = roi::connected_label_regions(golden(), {.connectivity = Connectivity::corners});
    CHECK(rows(corners.atlas) == Numbers{3, 0, 0, 1, 0, 3, 0, 0, 0, 0, 0, 0, 2, 2, 0, 4});
    CHECK(corners.sources == Sources{1, 1, 3, 3});
    const auto faces = roi::connected_label_regions(golden());
    CHECK(rows(faces.atlas) == Numbers{3, 0, 0, 1, 0, 4, 0, 0, 0, 0, 0, 0, 2, 2, 0, 5});
    CHECK(faces.sources == Sources{1, 1, 3, 3, 3});

    // A part of exactly the least volume stays; nilearn's min_size of 8 mm3 drops a voxel of 8 mm3.
    const auto kept = roi::connected_label_regions(golden(), {.min_volume = 8.0});
    CHECK(kept.sources == faces.sources);
    const auto larger =
        roi::connected_label_regions(golden(), {.connectivity = Connectivity::corners, .min_volume = 8.1});
    CHECK(rows(larger.atlas) == Numbers{2, 0, 0, 0, 0, 2, 0, 0, 0, 0, 0, 0, 1, 1, 0, 0});
    CHECK(roi::connected_label_regions(golden(), {.min_volume = 8.1}).sources == Sources{1});
    CHECK(roi::connected_label_regions(golden(), {.min_volume = 1e9}).sources.empty());
    CHECK_THROWS_AS(roi::connected_label_regions(golden(), {.min_volume = -1.0}), roi::InvalidArgument);
    CHECK_THROWS_AS(roi::connected_label_regions(golden(), {.connectivity = roi::Structure().iterated(2)}),
                    roi::InvalidArgument);
}

TEST_CASE("the parts of random labels are those of each label alone") {
    INFO("seed " << test::seed());
    test::Random random(test::seed());
    for (int round = 0; round < test::rounds(60, 20); ++round) {
        Labels labels(test::random_shape(random));
        std::uniform_int_distribution<std::int32_t> label(-1, 3);
        for (auto& voxel : labels) voxel = label(random);
        const auto connectivity = round % 2 == 0 ? Connectivity::faces : Connectivity::corners;
        const auto found = roi::connected_label_regions(labels, {.connectivity = connectivity});
        Labels expected(labels.grid());
        Sources sources;
        for (const auto number : roi::region_labels(labels)) {
            const auto parts = roi::label(roi::region(labels, number), {.connectivity = connectivity});
            for (std::int64_t i = 0; i < labels.size(); ++i) {
                if (parts.atlas[i] != 0)
                    expected[i] = parts.atlas[i] + static_cast<std::int32_t>(sources.size());
            }
            sources.insert(sources.end(), static_cast<std::size_t>(parts.count), number);
        }
        CHECK(numbers(found.atlas) == numbers(expected));
        CHECK(found.sources == sources);
    }
}

TEST_CASE("threads that share an atlas do not show") {
    INFO("seed " << test::seed());
    test::Random random(test::seed());
    Labels atlas(Shape(128, 70, 90));
    std::vector<std::int32_t> blocks(26 * 10 * 15);
    for (auto& label : blocks) label = static_cast<std::int32_t>(random() % 9) - 3;
    for (std::int64_t z = 0, i = 0; z < 90; ++z) {
        for (std::int64_t y = 0; y < 70; ++y) {
            for (std::int64_t x = 0; x < 128; ++x, ++i) {
                atlas[i] = blocks[static_cast<std::size_t>(x / 5 + 26 * (y / 7 + 10 * (z / 6)))];
                if (random() % 50 == 0) atlas[i] = 0;
            }
        }
    }
    struct All {
        std::vector<roi::Region> regions;
        Numbers relabelled, parts, by_size;
        Sources sources;
        std::vector<bool> together, one, positive;
        bool operator==(const All&) const = default;
    };
    const auto truths = [](const roi::Mask& mask) { return std::vector<bool>(mask.begin(), mask.end()); };
    const auto with = [&](int threads) {
        const test::Threads chosen(threads);
        const auto parts =
            roi::connected_label_regions(atlas, {.connectivity = Connectivity::corners, .min_volume = 40.0});
        const auto positive = atlas > 0;
        return All{roi::regions(atlas),
                   numbers(roi::relabel(atlas).atlas),
                   numbers(parts.atlas),
                   numbers(roi::label(positive, {.min_size = 3, .order = roi::LabelOrder::size}).atlas),
                   parts.sources,
                   truths(roi::regions_together(atlas, {1, -2, 5})),
                   truths(roi::region(atlas, 4)),
                   truths(positive)};
    };
    const All expected = with(1);
    CHECK(expected.regions.size() == 8);
    for (const int threads : {2, 3, 8}) CHECK((with(threads) == expected));
}

TEST_CASE("sides are split at x = 0 mm, label by label, left first") {
    std::vector<std::string> warnings;
    const roi::SplitSidesOptions options{[&](std::string_view text) { warnings.emplace_back(text); }};
    const std::vector<std::int16_t> values{4, 4, 2, 4, 4, 9, 0};
    const auto neurological =
        roi::split_sides(line(values, roi::scaling({2.0, 2.0, 2.0}, {-5.0, 0.0, 0.0})), options);
    CHECK(numbers(neurological.atlas) == Numbers{2, 2, 1, 3, 3, 4, 0});
    CHECK(neurological.sources == Sources{2, 4, 4, 9});
    CHECK(warnings.empty());
    const auto radiological =
        roi::split_sides(line(values, roi::scaling({-2.0, 2.0, 2.0}, {5.0, 0.0, 0.0})), options);
    CHECK(numbers(radiological.atlas) == Numbers{3, 3, 1, 2, 2, 4, 0});
    // The affine of a file may put the midline a little to the left of 0.
    const auto near =
        roi::split_sides(line(values, roi::scaling({2.0, 2.0, 2.0}, {-4.0000003, 0.0, 0.0})), options);
    CHECK(numbers(near.atlas) == Numbers{2, 2, 1, 3, 3, 4, 0});
    REQUIRE(warnings.size() == 1);
    CHECK(warnings[0] == "split_sides: voxels on the midline, which count as right: 1");

    // A rotation: x of the world runs along y of the voxels.
    roi::Affine rotated = roi::Affine::Identity();
    rotated(0, 0) = 0.0;
    rotated(0, 1) = -1.0;
    rotated(1, 0) = 1.0;
    rotated(1, 1) = 0.0;
    rotated(0, 3) = 1.5;
    const auto turned = roi::split_sides(Labels(roi::Grid(Shape(1, 4, 1), rotated), 1));
    CHECK(numbers(turned.atlas) == Numbers{2, 2, 1, 1});
}

TEST_CASE("regions with new numbers keep their names, with side and part") {
    const auto affine = roi::scaling({2.0, 2.0, 2.0}, {-5.0, 0.0, 0.0});
    const auto labels = line(std::vector<std::int16_t>{4, 2, 4, 4, 0, 4, 9}, affine);
    const roi::RegionNames names({{2, "B"}, {4, "A"}, {9, "A, right 2"}});
    const auto called = [](const roi::Relabelling& parts, const roi::RegionNames& of,
                           const roi::PartNamesOptions& options = {}) {
        const auto table = roi::to_table(parts, roi::part_names(parts, of, options));
        return roi::format_table(table, roi::TableFormat::csv);
    };
    const auto sides = roi::split_sides(labels);
    CHECK(called(sides, names, {.sides = true}) ==
          "index,name,source\n1,\"B, left\",2\n2,\"A, left\",4\n3,\"A, right\",4\n"
          "4,\"A, right 2, right\",9\n");
    const auto parts = roi::connected_label_regions(sides);
    CHECK(parts.sources == Sources{2, 4, 4, 4, 4, 9});
    CHECK(called(parts, names) ==
          "index,name,source\n1,B,2\n2,A,4\n3,A 2,4\n4,A 3,4\n5,A 4,4\n"
          "6,\"A, right 2\",9\n");
    CHECK(called(roi::relabel(labels), {}) == "index,name,source\n1,label_2,2\n2,label_4,4\n3,label_9,9\n");
    // No second part takes the name of another region.
    const auto mixed = roi::connected_label_regions(line(std::vector<std::int16_t>{1, 0, 1, 2}, affine));
    CHECK(called(mixed, roi::RegionNames({{1, "A"}, {2, "A 2"}})) ==
          "index,name,source\n1,A,1\n2,A 3,1\n3,A 2,2\n");
}

TEST_CASE("labels may be ordered by size, and small components dropped") {
    roi::Mask mask(Shape(8, 3, 1));
    mask(0, 2, 0) = true;
    mask(2, 0, 0) = mask(2, 1, 0) = true;
    mask(4, 1, 0) = mask(5, 1, 0) = mask(6, 1, 0) = true;
    mask(7, 0, 0) = mask(7, 2, 0) = true;
    const auto ordered = roi::label(mask, {.order = roi::LabelOrder::size});
    CHECK(ordered.count == 5);
    CHECK(ordered.atlas(4, 1, 0) == 1);
    CHECK(ordered.atlas(2, 0, 0) == 2);
    CHECK(ordered.atlas(0, 2, 0) == 3);
    CHECK(ordered.atlas(7, 0, 0) == 4);
    CHECK(ordered.atlas(7, 2, 0) == 5);
    const auto large = roi::label(mask, {.min_size = 2});
    CHECK(large.count == 2);
    CHECK(large.atlas(2, 0, 0) == 1);
    CHECK(large.atlas(6, 1, 0) == 2);
    CHECK(large.atlas(0, 2, 0) == 0);
    const auto both = roi::label(mask, {.min_size = 2, .order = roi::LabelOrder::size});
    CHECK(both.count == 2);
    CHECK(both.atlas(2, 0, 0) == 2);
    CHECK(roi::label(mask, {.min_size = 4}).count == 0);
    CHECK(roi::label(mask, {.min_size = 0}).count == 5);
}

TEST_CASE("labels that results cannot state are refused, the largest that they can is not") {
    constexpr auto most = static_cast<std::uint64_t>(std::numeric_limits<std::int64_t>::max());
    roi::Volume<std::uint64_t> labels(Shape(3, 1, 1), most);
    labels[0] = 1;
    CHECK(roi::relabel(labels).sources == Sources{1, std::numeric_limits<std::int64_t>::max()});
    CHECK(roi::regions(labels).back().label == std::numeric_limits<std::int64_t>::max());
    labels[2] = std::numeric_limits<std::uint64_t>::max();
    const std::string told =
        ": expected labels up to 9223372036854775807, found 18446744073709551615; give that region a "
        "smaller number";
    CHECK(test::message_of<roi::InvalidArgument>([&] { (void)roi::relabel(labels); }) == "relabel" + told);
    CHECK(test::message_of<roi::InvalidArgument>([&] { (void)roi::split_sides(labels); }) ==
          "split_sides" + told);
    CHECK(test::message_of<roi::InvalidArgument>([&] { (void)roi::regions(labels); }) == "regions" + told);
    CHECK(test::message_of<roi::InvalidArgument>([&] { (void)roi::regions(labels, {1}); }) ==
          "regions" + told);
    CHECK(test::message_of<roi::InvalidArgument>([&] { (void)roi::connected_label_regions(labels); }) ==
          "connected_label_regions" + told);
    CHECK(test::message_of<roi::InvalidArgument>([&] { (void)roi::largest_region(labels); }) ==
          "largest_region" + told);
    // Where they keep their own type they are what they are.
    CHECK(roi::region_labels(labels).back() == std::numeric_limits<std::uint64_t>::max());
    CHECK(roi::count(roi::region(labels, std::numeric_limits<std::uint64_t>::max())) == 1);
}
