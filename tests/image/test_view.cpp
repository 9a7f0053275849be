// Views: strides, boxes that keep their world coordinates, checks.
#include <roi/image/view.hpp>
#include <roi/image/volume.hpp>
#include <roi/image/volume4d.hpp>

#include "catch.hpp"
#include "checks.hpp"
#include <cstdint>
#include <limits>
#include <numeric>
#include <type_traits>
#include <vector>

using View = roi::VolumeView<int>;
using ConstView = roi::VolumeView<const int>;

static_assert(std::is_convertible_v<View, ConstView>);
static_assert(!std::is_convertible_v<ConstView, View>);
static_assert(std::is_same_v<ConstView::value_type, int>);
static_assert(std::is_trivially_destructible_v<View>);

namespace {

std::vector<int> counted(int size) {
    std::vector<int> out(static_cast<std::size_t>(size));
    std::iota(out.begin(), out.end(), 0);
    return out;
}

}  // namespace

TEST_CASE("view: voxels of contiguous memory, x fastest") {
    auto memory = counted(24);
    const View view(memory.data(), roi::Shape(2, 3, 4));
    CHECK(view.size() == 24);
    CHECK(view.data() == memory.data());
    CHECK(view(1, 0, 0) == 1);
    CHECK(view(0, 1, 0) == 2);
    CHECK(view(0, 0, 1) == 6);
    CHECK(view(1, 2, 3) == 23);
    CHECK(view.contiguous());
    CHECK(view.values().size() == 24);
    view(1, 2, 3) = -1;
    CHECK(memory[23] == -1);
    const ConstView read = view;
    CHECK(read(1, 2, 3) == -1);
    CHECK(read.strides() == view.strides());
}

TEST_CASE("view: any strides, negative ones too") {
    auto memory = counted(24);
    // NumPy's order of a 2 x 3 x 4 array: z fastest.
    const ConstView numpy(memory.data(), roi::Shape(2, 3, 4), {12, 4, 1});
    CHECK(numpy(1, 2, 3) == 23);
    CHECK(numpy(1, 0, 0) == 12);
    CHECK(!numpy.contiguous());
    CHECK(test::contains(test::message_of<roi::InvalidArgument>([&] { (void)numpy.values(); }),
                         "not contiguous"));
    const ConstView backwards(memory.data() + 23, roi::Shape(2, 3, 4), {-1, -2, -6});
    CHECK(backwards(0, 0, 0) == 23);
    CHECK(backwards(1, 2, 3) == 0);
}

TEST_CASE("view: axes of length 1 take no step, so their strides do not matter") {
    auto memory = counted(64);
    const View whole(memory.data(), roi::Shape(4, 4, 4));
    const auto row = whole.box({1, 2, 3}, {2, 1, 1});
    CHECK(row.contiguous());
    REQUIRE(row.values().size() == 2);
    CHECK(row.values()[0] == 57);
    CHECK(row.values()[1] == 58);
    CHECK(whole.box({0, 0, 2}, {4, 4, 2}).contiguous());
    CHECK(whole.box({0, 1, 2}, {4, 2, 1}).contiguous());
    CHECK(!whole.box({0, 1, 2}, {4, 2, 2}).contiguous());
    CHECK(!whole.box({0, 0, 0}, {3, 2, 1}).contiguous());
    CHECK(!whole.box({0, 0, 0}, {1, 2, 1}).contiguous());
    CHECK(whole.box({0, 0, 0}, {3, 0, 2}).contiguous());
}

TEST_CASE("view: at() refuses what is not there") {
    auto memory = counted(24);
    const View view(memory.data(), roi::Shape(2, 3, 4));
    CHECK(view.at(1, 2, 3) == 23);
    CHECK_THROWS_AS(view.at(2, 0, 0), roi::InvalidArgument);
    CHECK_THROWS_AS(view.at(0, -1, 0), roi::InvalidArgument);
    const auto message = test::message_of<roi::InvalidArgument>([&] { (void)view.at(0, 3, 1); });
    CHECK(test::contains(message, "(0, 3, 1)"));
    CHECK(test::contains(message, "2 x 3 x 4"));
}

TEST_CASE("view: a box is the same voxels at the same place in the world") {
    auto memory = counted(24);
    roi::Affine affine = roi::scaling({-3, 2, 4}, {10, 20, 30});
    affine(0, 1) = 0.5;
    const View whole(memory.data(), roi::Grid({2, 3, 4}, affine));
    const auto box = whole.box({1, 1, 2}, {1, 2, 2});
    CHECK(box.shape() == roi::Shape(1, 2, 2));
    for (std::int64_t z = 0; z < 2; ++z) {
        for (std::int64_t y = 0; y < 2; ++y) {
            CHECK(&box(0, y, z) == &whole(1, y + 1, z + 2));
            const roi::Point inside(0, static_cast<double>(y), static_cast<double>(z));
            CHECK(box.grid().world(inside) == whole.grid().world(inside + roi::Point(1, 1, 2)));
        }
    }
    CHECK(whole.box({0, 0, 0}, whole.shape()).size() == 24);
}

TEST_CASE("view: boxes outside are refused, empty ones are not") {
    auto memory = counted(24);
    const View whole(memory.data(), roi::Shape(2, 3, 4));
    CHECK(whole.box({2, 3, 4}, {0, 0, 0}).size() == 0);
    CHECK(View(nullptr, roi::Shape()).box({0, 0, 0}, roi::Shape()).size() == 0);
    CHECK_THROWS_AS(whole.box({-1, 0, 0}, roi::Shape(1, 1, 1)), roi::InvalidArgument);
    CHECK_THROWS_AS(whole.box({0, 0, 3}, roi::Shape(1, 1, 2)), roi::InvalidArgument);
    CHECK_THROWS_AS(whole.box({3, 0, 0}, roi::Shape(0, 1, 1)), roi::InvalidArgument);
    CHECK_THROWS_AS(whole.box({1, 0, 0}, roi::Shape(std::numeric_limits<std::int64_t>::max(), 1, 1)),
                    roi::InvalidArgument);
    const auto message = test::message_of<roi::InvalidArgument>([&] {
        (void)whole.box({0, 2, 0}, roi::Shape(2, 2, 1));
    });
    CHECK(test::contains(message, "2 x 2 x 1"));
    CHECK(test::contains(message, "(0, 2, 0)"));
    CHECK(test::contains(message, "2 x 3 x 4"));
}

TEST_CASE("view: what an algorithm takes is a volume, a view, or a class of one's own") {
    static_assert(roi::AnyVolume<roi::Volume<float>> && roi::AnyVolume<View> && roi::AnyVolume<ConstView>);
    static_assert(roi::AnyRun<roi::Volume4D<float>> && roi::AnyRun<roi::Volume4DView<float>>);
    static_assert(!roi::AnyVolume<roi::Volume4D<float>> && !roi::AnyRun<View> && !roi::AnyVolume<int>);
    static_assert(roi::AnyMask<roi::Mask> && !roi::AnyMask<View> && roi::AnyLabels<View> &&
                  !roi::RealVolume<View>);
    static_assert(std::is_same_v<roi::VoxelOf<View>, int> && std::is_same_v<roi::VoxelOf<roi::Mask>, bool>);

    auto memory = counted(24);
    const View view(memory.data(), roi::Shape(2, 3, 4));
    CHECK(roi::view_of(view).data() == memory.data());
    const ConstView turned(memory.data(), roi::Shape(2, 3, 4), {12, 4, 1});
    CHECK(test::contains(test::message_of<roi::InvalidArgument>([&] { (void)roi::view_of(turned); }),
                         "not contiguous"));
}

TEST_CASE("view: header fields travel with a view to what is made like it") {
    roi::Volume<float> volume(roi::Shape(2, 2, 2), 1.0f);
    volume.metadata().description = "a map";
    volume.metadata().display_max = 5.0;
    volume.metadata().time_step = 2.5;
    const auto mask = roi::like<bool>(volume.view());
    CHECK(mask.metadata().description == "a map");
    CHECK(mask.metadata().display_max == 0.0);
    CHECK(mask.metadata().time_step == 0.0);
    CHECK(mask.grid() == volume.grid());

    auto memory = counted(8);
    const View bare(memory.data(), roi::Shape(2, 2, 2));
    CHECK(bare.metadata() == roi::Metadata{});
    CHECK(ConstView(bare.with_metadata(volume.metadata())).metadata().description == "a map");
    CHECK(roi::Volume<int>(ConstView(bare.with_metadata(volume.metadata()))).metadata().description ==
          "a map");
}

TEST_CASE("view: a run in somebody else's memory") {
    auto memory = counted(24);
    const roi::Volume4DView<int> run(memory.data(), roi::Shape(2, 3, 2), 2);
    CHECK(run.size() == 24);
    CHECK(run.values().size() == 24);
    CHECK(run.frame(1).data() == memory.data() + 12);
    CHECK(run.frame(1)(1, 2, 1) == 23);
    CHECK(test::contains(test::message_of<roi::InvalidArgument>([&] { (void)run.frame(2); }), "there are 2"));
    CHECK(test::contains(test::message_of<roi::InvalidArgument>(
                             [&] { (void)roi::Volume4DView<int>(memory.data(), roi::Shape(), -1); }),
                         "0 or more volumes"));
}

TEST_CASE("view: bytes of another library become a mask without a loop") {
    const std::vector<std::uint8_t> bytes{0, 1, 255, 0};
    const roi::Mask mask(roi::Shape(4, 1, 1), bytes);
    CHECK((!mask[0] && mask[1] && mask[2] && !mask[3]));
}
