#include <roi/core/detail/instruction_set.hpp>
#include <roi/image/logical.hpp>
#include <roi/morphology/dilate.hpp>
#include <roi/regions/label.hpp>

#include "catch.hpp"
#include "support.hpp"
#include <algorithm>
#include <array>
#include <cstdint>
#include <map>
#include <string>
#include <utility>
#include <vector>

using roi::Connectivity;
using roi::Labels;
using roi::Mask;
using roi::Shape;
using roi::Structure;

namespace {

using Voxel = std::array<std::int64_t, 3>;
using Numbers = std::vector<std::int32_t>;

Numbers numbers(const Labels& labels) { return Numbers(labels.begin(), labels.end()); }
std::vector<bool> truths(const Mask& mask) { return std::vector<bool>(mask.begin(), mask.end()); }

Mask mask_of(const Shape& shape, const std::vector<Voxel>& voxels) {
    Mask out(shape);
    for (const auto& [x, y, z] : voxels) out(x, y, z) = true;
    return out;
}

/// Labels by flood fill, visiting seeds with x slowest and z fastest.
std::pair<Numbers, std::int64_t> flooded(const Mask& mask, const Structure& structure) {
    Labels out(mask.grid(), 0);
    std::int32_t count = 0;
    const auto& shape = mask.shape();
    const auto offsets = structure.offsets();
    for (std::int64_t x = 0; x < shape.x(); ++x) {
        for (std::int64_t y = 0; y < shape.y(); ++y) {
            for (std::int64_t z = 0; z < shape.z(); ++z) {
                if (!mask(x, y, z) || out(x, y, z) != 0) continue;
                std::vector<Voxel> open{{x, y, z}};
                out(x, y, z) = ++count;
                while (!open.empty()) {
                    const auto [a, b, c] = open.back();
                    open.pop_back();
                    for (const auto& [i, j, k] : offsets) {
                        if (!shape.contains(a + i, b + j, c + k) || !mask(a + i, b + j, c + k)) continue;
                        if (out(a + i, b + j, c + k) != 0) continue;
                        out(a + i, b + j, c + k) = count;
                        open.push_back({a + i, b + j, c + k});
                    }
                }
            }
        }
    }
    return {numbers(out), count};
}

/// The labels when a volume is worked on in slabs, as threads do with large ones.
Numbers labelled_in_slabs(const Mask& mask, const Structure& connectivity, std::int64_t slabs) {
    Labels out(mask.grid(), -1);
    roi::detail::RunComponents components(mask.data(), mask.shape(), roi::detail::neighbourhood(connectivity),
                                          slabs);
    components.order_by_first_voxel();
    components.write(out.data());
    return numbers(out);
}

/// Are the labels those of a flood fill, in every instruction set and in slabs of a line and more?
void check_flooded(const Mask& mask, const Structure& connectivity) {
    const auto expected = flooded(mask, connectivity);
    for (const auto set : {roi::detail::InstructionSet::baseline, roi::detail::InstructionSet::best}) {
        roi::detail::force_instruction_set(set);
        const auto [atlas, count] = roi::label(mask, {.connectivity = connectivity});
        CHECK(count == expected.second);
        CHECK(numbers(atlas) == expected.first);
        for (const std::int64_t slabs : {2, 3, 1 << 20}) {
            CHECK(labelled_in_slabs(mask, connectivity, slabs) == expected.first);
        }
    }
    roi::detail::force_instruction_set(roi::detail::InstructionSet::best);
}

/// The volume whose voxel (x, y, z) is `source(x', y', z')`, axes permuted and then flipped.
template <class T>
roi::Volume<T> turned(const roi::Volume<T>& in, const std::array<int, 3>& axes,
                      const std::array<bool, 3>& flip) {
    const auto& s = in.shape();
    roi::Volume<T> out(Shape(s[axes[0]], s[axes[1]], s[axes[2]]));
    for (std::int64_t i = 0; i < in.size(); ++i) {
        const auto from = s.voxel(i);
        Voxel to{};
        for (std::size_t k = 0; k < 3; ++k) {
            const auto axis = static_cast<std::size_t>(axes[k]);
            to[k] = flip[k] ? s[axes[k]] - 1 - from[axis] : from[axis];
        }
        out(to[0], to[1], to[2]) = in[i];
    }
    return out;
}

/// Do both label the same sets of voxels, whatever the numbers?
bool same_partition(const Labels& a, const Labels& b) {
    std::map<std::int32_t, std::int32_t> forth, back;
    for (std::int64_t i = 0; i < a.size(); ++i) {
        if (forth.emplace(a[i], b[i]).first->second != b[i]) return false;
        if (back.emplace(b[i], a[i]).first->second != a[i]) return false;
    }
    return true;
}

std::string message_of(const auto& action) {
    try {
        (void)action();
    } catch (const roi::InvalidArgument& error) {
        return error.what();
    }
    return "nothing was thrown";
}

Structure symmetric_structure(test::Random& random, double density) {
    const auto half = test::random_volume<bool>(Shape(3, 3, 3), random, density);
    auto values = truths(half);
    for (std::size_t i = 0; i < 27; ++i) values[i] = values[i] || half[26 - static_cast<std::int64_t>(i)];
    return {Shape(3, 3, 3), values};
}

}  // namespace

TEST_CASE("components are numbered by their first voxels with x slowest, as SciPy does") {
    {
        const auto [atlas, count] = roi::label(mask_of(Shape(2, 3, 2), {{0, 0, 1}, {0, 2, 0}, {1, 0, 0}}));
        CHECK(count == 3);
        CHECK(atlas(0, 0, 1) == 1);
        CHECK(atlas(0, 2, 0) == 2);
        CHECK(atlas(1, 0, 0) == 3);
        CHECK(roi::count(atlas != 0) == 3);
    }
    {
        const auto [atlas, count] = roi::label(mask_of(Shape(3, 3, 3), {{0, 2, 2}, {2, 0, 0}}));
        CHECK(count == 2);
        CHECK(atlas(0, 2, 2) == 1);
        CHECK(atlas(2, 0, 0) == 2);
    }
}

TEST_CASE("the golden pipeline's last steps: dilated, labelled, sizes and first voxels") {
    Mask survivors(Shape(22, 12, 20));
    for (std::int64_t y = 7; y <= 9; ++y) survivors(3, y, 15) = true;
    for (std::int64_t y = 2; y <= 4; ++y) survivors(18, y, 4) = true;
    for (std::int64_t y = 7; y <= 9; ++y) survivors(18, y, 14) = survivors(18, y, 15) = true;
    for (std::int64_t y = 8; y <= 9; ++y) survivors(19, y, 15) = true;
    REQUIRE(roi::count(survivors) == 14);
    const auto dilated = roi::dilate(survivors);
    CHECK(roi::count(dilated) == 67);
    const auto [atlas, count] = roi::label(dilated);
    REQUIRE(count == 3);
    CHECK(roi::count(atlas == 1) == 17);
    CHECK(roi::count(atlas == 2) == 17);
    CHECK(roi::count(atlas == 3) == 33);
    CHECK(atlas(2, 7, 15) == 1);
    CHECK(atlas(17, 2, 4) == 2);
    CHECK(atlas(17, 7, 14) == 3);
}

TEST_CASE("faces, edges and corners join what they say") {
    const auto edge = mask_of(Shape(2, 2, 2), {{0, 0, 0}, {1, 1, 0}});
    const auto corner = mask_of(Shape(2, 2, 2), {{0, 1, 0}, {1, 0, 1}});
    CHECK(roi::label(edge).count == 2);
    CHECK(roi::label(edge, {.connectivity = Connectivity::edges}).count == 1);
    CHECK(roi::label(corner, {.connectivity = Connectivity::edges}).count == 2);
    CHECK(roi::label(corner, {.connectivity = Connectivity::corners}).count == 1);
    CHECK(roi::label(corner, {.connectivity = 26}).count == 1);
    CHECK(roi::label(mask_of(Shape(1, 1, 2), {{0, 0, 0}, {0, 0, 1}})).count == 1);
}

TEST_CASE("a structure without neighbours makes every voxel a component") {
    const auto [atlas, count] =
        roi::label(Mask(Shape(2, 2, 2), true),
                   {.connectivity = Structure(Shape(3, 3, 3), std::vector<bool>(27, false))});
    CHECK(count == 8);
    CHECK(numbers(atlas) == Numbers{1, 5, 3, 7, 2, 6, 4, 8});
}

TEST_CASE("empty and full masks, and masks without voxels") {
    const auto nothing = roi::label(Mask(Shape(4, 3, 2)));
    CHECK(nothing.count == 0);
    CHECK(numbers(nothing.atlas) == Numbers(24, 0));
    const auto everything = roi::label(Mask(Shape(130, 3, 2), true));
    CHECK(everything.count == 1);
    CHECK(numbers(everything.atlas) == Numbers(780, 1));
    for (const auto& shape : {Shape(0, 3, 3), Shape(3, 0, 3), Shape(3, 3, 0), Shape()}) {
        const auto none = roi::label(Mask(shape));
        CHECK(none.count == 0);
        CHECK(none.atlas.shape() == shape);
    }
}

TEST_CASE("NaN and negative numbers are foreground once compared with zero") {
    const std::vector<float> values{std::nanf(""), 0.0f, -1.0f, -0.0f, 2.0f};
    const auto [atlas, count] = roi::label(roi::Volume<float>(Shape(5, 1, 1), values) != 0.0f);
    CHECK(count == 3);
    CHECK(numbers(atlas) == Numbers{1, 0, 2, 0, 3});
}

TEST_CASE("labels equal a flood fill on random masks for the three connectivities") {
    INFO("seed " << test::seed());
    test::Random random(test::seed());
    for (int trial = 0; trial < 150; ++trial) {
        const auto shape = test::random_shape(random, 8);
        const auto mask = test::random_volume<bool>(shape, random, 0.1 + 0.2 * (trial % 5));
        for (const auto connectivity : {Connectivity::faces, Connectivity::edges, Connectivity::corners}) {
            INFO("trial " << trial << ", shape " << shape.to_string());
            check_flooded(mask, connectivity);
        }
    }
}

TEST_CASE("labels equal a flood fill on lines of more than 64 voxels") {
    INFO("seed " << test::seed());
    test::Random random(test::seed());
    for (std::int64_t length = 61; length < 200; ++length) {
        const Shape shape(length, 3, 3);
        const auto mask = test::random_volume<bool>(shape, random, length % 2 == 0 ? 0.4 : 0.95);
        for (const auto connectivity : {Connectivity::faces, Connectivity::edges, Connectivity::corners}) {
            INFO("length " << length);
            check_flooded(mask, connectivity);
        }
    }
}

TEST_CASE("labels equal a flood fill for random symmetric structures") {
    INFO("seed " << test::seed());
    test::Random random(test::seed());
    for (int trial = 0; trial < 300; ++trial) {
        auto shape = test::random_shape(random, 8);
        if (trial % 3 == 0) shape = Shape(60 + trial % 80, 3, 2);
        const auto mask = test::random_volume<bool>(shape, random, 0.2 + 0.15 * (trial % 6));
        INFO("trial " << trial << ", shape " << shape.to_string());
        check_flooded(mask, symmetric_structure(random, 0.1 + 0.1 * (trial % 4)));
    }
}

TEST_CASE("slanted neighbours are found wherever runs start and end on a line") {
    // Only neighbours along x and along one slant count, so nothing else can join the two lines.
    for (const int slant : {-1, 1}) {
        std::vector<bool> values(27, false);
        values[12] = values[14] = true;
        values[static_cast<std::size_t>(10 + slant)] = values[static_cast<std::size_t>(16 - slant)] = true;
        const Structure structure(Shape(3, 3, 3), values);
        for (std::int64_t start = 1; start < 135; ++start) {
            for (const std::int64_t length : {1, 2, 70}) {
                Mask mask(Shape(210, 2, 1));
                for (std::int64_t x = start; x < start + length; ++x) mask(x, 1, 0) = true;
                for (const auto touching : {start + slant, start + length - 1 + slant}) {
                    mask(touching, 0, 0) = true;
                    INFO("slant " << slant << ", voxels " << start << " to " << start + length << ", "
                                  << touching);
                    CHECK(roi::label(mask, {.connectivity = structure}).count == 1);
                    mask(touching, 0, 0) = false;
                }
                const auto apart = slant < 0 ? start + length : start - 1;
                mask(apart, 0, 0) = true;
                CHECK(roi::label(mask, {.connectivity = structure}).count == 2);
            }
        }
    }
}

TEST_CASE("the partition survives flips and transposes") {
    INFO("seed " << test::seed());
    test::Random random(test::seed());
    const auto mask = test::random_volume<bool>(Shape(70, 9, 6), random, 0.35);
    for (const auto connectivity : {Connectivity::faces, Connectivity::edges, Connectivity::corners}) {
        const auto [atlas, count] = roi::label(mask, {.connectivity = connectivity});
        std::array<int, 3> axes{0, 1, 2};
        do {
            for (int flips = 0; flips < 8; ++flips) {
                const std::array<bool, 3> flip{(flips & 1) != 0, (flips & 2) != 0, (flips & 4) != 0};
                const auto other = roi::label(turned(mask, axes, flip), {.connectivity = connectivity});
                CHECK(other.count == count);
                CHECK(same_partition(turned(atlas, axes, flip), other.atlas));
            }
        } while (std::next_permutation(axes.begin(), axes.end()));
    }
}

TEST_CASE("the components cover the mask, each is connected and none touches another") {
    INFO("seed " << test::seed());
    test::Random random(test::seed());
    const auto mask = test::random_volume<bool>(Shape(12, 11, 10), random, 0.25);
    const auto [atlas, count] = roi::label(mask);
    CHECK(truths(atlas != 0) == truths(mask));
    for (std::int64_t label = 1; label <= count; ++label) {
        const auto component = atlas == label;
        CHECK(roi::label(component).count == 1);
        CHECK(truths(roi::logical_and(roi::dilate(component), mask)) == truths(component));
    }
}

TEST_CASE("noise with more components than sorting digits is still numbered in order") {
    INFO("seed " << test::seed());
    test::Random random(test::seed());
    const auto mask = test::random_volume<bool>(Shape(65, 60, 50), random, 0.12);
    const auto [atlas, count] = roi::label(mask);
    REQUIRE(count > 5000);
    const auto expected = flooded(mask, Connectivity::faces);
    CHECK(count == expected.second);
    CHECK((numbers(atlas) == expected.first));  // too many to print
}

TEST_CASE("labels of a volume that threads share are those of one thread") {
    INFO("seed " << test::seed());
    test::Random random(test::seed());
    const auto mask = test::random_volume<bool>(Shape(150, 90, 80), random, 0.35);
    for (const auto connectivity : {Connectivity::faces, Connectivity::corners}) {
        const auto one = roi::label(mask, {.connectivity = connectivity, .threads = 1});
        REQUIRE(one.count > 1);
        for (const int threads : {2, 3, 4}) {
            const auto more = roi::label(mask, {.connectivity = connectivity, .threads = threads});
            CHECK(more.count == one.count);
            CHECK(numbers(more.atlas) == numbers(one.atlas));
        }
    }
}

TEST_CASE("an atlas lies on the grid of the mask and inherits its metadata") {
    const roi::Grid grid(Shape(3, 2, 1), roi::scaling(roi::Point(3.5, 3.75, 3.75)));
    roi::Metadata metadata;
    metadata.description = "both";
    metadata.display_max = 1.0;
    const auto [atlas, count] = roi::label(Mask(grid, true, metadata));
    CHECK(count == 1);
    CHECK(atlas.grid() == grid);
    CHECK(atlas.metadata().description == "both");
    CHECK(atlas.metadata().display_max == 0.0);
}

TEST_CASE("label names what is wrong with its structure") {
    const Mask mask(Shape(3, 3, 3), true);
    CHECK(message_of([&] {
              return roi::label(mask,
                                {.connectivity = Structure(Shape(3, 3, 1), std::vector<bool>(9, true))});
          }) == "label: `connectivity` must be a structure of 3 x 3 x 3 values, found 3 x 3 x 1");
    std::vector<bool> values(27, false);
    values[12] = true;
    CHECK(message_of([&] {
              return roi::label(mask, {.connectivity = Structure(Shape(3, 3, 3), values)});
          }).find("label: `connectivity` must be the same in opposite directions") == 0);
}

TEST_CASE("more components than labels can number is an error") {
    const auto mask = mask_of(Shape(5, 1, 1), {{0, 0, 0}, {2, 0, 0}, {4, 0, 0}});
    const auto faces = roi::detail::neighbourhood(Connectivity::faces);
    std::vector<std::int32_t> labels(5);
    CHECK(roi::detail::label(mask.data(), labels.data(), mask.shape(), faces, 3) == 3);
    CHECK(labels == Numbers{1, 0, 2, 0, 3});
    CHECK(message_of([&] {
              return roi::detail::label(mask.data(), labels.data(), mask.shape(), faces, 2);
          }).find("label: the mask has 3 components, more than the 2 that the labels can number") == 0);
}
