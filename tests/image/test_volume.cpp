// Volumes: ownership, copies and moves, filling, checks.
#include <roi/image/volume.hpp>

#include "catch.hpp"
#include "checks.hpp"
#include <cstdint>
#include <numeric>
#include <type_traits>
#include <utility>
#include <vector>

using roi::Shape;
using roi::Volume;

static_assert(std::is_nothrow_move_constructible_v<Volume<float>>);
static_assert(std::is_nothrow_move_assignable_v<Volume<float>>);
static_assert(std::is_same_v<roi::Mask, Volume<bool>>);
static_assert(std::is_same_v<roi::Labels, Volume<std::int32_t>>);
static_assert(std::is_convertible_v<const Volume<float>&, roi::VolumeView<const float>>);
static_assert(!std::is_convertible_v<const Volume<float>&, roi::VolumeView<float>>);
static_assert(!std::is_convertible_v<roi::Grid, Volume<float>>);
static_assert(sizeof(*std::declval<roi::Mask&>().data()) == 1);

namespace {

Volume<float> counted(const roi::Grid& grid) {
    Volume<float> out(grid);
    std::iota(out.begin(), out.end(), 0.0f);
    return out;
}

roi::Metadata described(const char* text) {
    roi::Metadata metadata;
    metadata.description = text;
    return metadata;
}

}  // namespace

TEST_CASE("volume: made of a grid and a value") {
    const Volume<float> zeros(Shape(2, 3, 4));
    CHECK(zeros.size() == 24);
    CHECK(std::count(zeros.begin(), zeros.end(), 0.0f) == 24);
    const roi::Mask set(Shape(2, 3, 4), true, described("mask"));
    CHECK(std::count(set.begin(), set.end(), true) == 24);
    CHECK(set.metadata().description == "mask");
    const Volume<float> none;
    CHECK(none.size() == 0);
    CHECK(none.shape() == Shape());
    CHECK(none.begin() == none.end());
    CHECK(reinterpret_cast<std::uintptr_t>(zeros.data()) % 64 == 0);
}

TEST_CASE("volume: made of values, as many as voxels") {
    const std::vector<int> values{1, 2, 3, 4, 5, 6};
    const Volume<int> volume(Shape(3, 2, 1), values);
    CHECK(volume(2, 0, 0) == 3);
    CHECK(volume(0, 1, 0) == 4);
    CHECK(volume[5] == 6);
    const auto message =
        test::message_of<roi::InvalidArgument>([&] { (void)Volume<int>(Shape(3, 2, 2), values); });
    CHECK(test::contains(message, "3 x 2 x 2"));
    CHECK(test::contains(message, "12"));
    CHECK(test::contains(message, "found 6"));
    CHECK(Volume<int>(Shape(0, 2, 2), std::vector<int>{}).size() == 0);
}

TEST_CASE("volume: a copy of a view is contiguous and stands where the view stood") {
    const auto whole = counted(roi::Grid({4, 4, 4}, roi::scaling({2, 2, 2}, {1, 1, 1})));
    const Volume<float> copy(whole.view().box({1, 2, 3}, {2, 2, 1}));
    CHECK(copy.shape() == Shape(2, 2, 1));
    CHECK(copy(0, 0, 0) == whole(1, 2, 3));
    CHECK(copy(1, 1, 0) == whole(2, 3, 3));
    CHECK(copy.grid().world({0, 0, 0}) == roi::Point(3, 5, 7));

    const std::vector<float> numpy{0, 1, 2, 3, 4, 5};  // 1 x 2 x 3 with z fastest
    const Volume<float> turned(roi::VolumeView<const float>(numpy.data(), Shape(1, 2, 3), {6, 3, 1}));
    CHECK(turned(0, 0, 2) == 2.0f);
    CHECK(turned(0, 1, 0) == 3.0f);
    CHECK(turned[1] == 3.0f);
}

TEST_CASE("volume: copies are deep, a moved-from volume is empty") {
    auto volume = counted(roi::Grid({2, 3, 4}, roi::scaling({2, 2, 2})));
    volume.metadata() = described("first");
    const float* memory = volume.data();

    auto copy = volume;
    copy(0, 0, 0) = 99.0f;
    CHECK(volume(0, 0, 0) == 0.0f);
    CHECK(copy.metadata() == volume.metadata());

    auto moved = std::move(volume);
    CHECK(moved.data() == memory);
    CHECK(moved.shape() == Shape(2, 3, 4));
    CHECK(volume.size() == 0);
    CHECK(volume.shape() == Shape());
    CHECK(volume.values().empty());
    CHECK_THROWS_AS(volume.at(0, 0, 0), roi::InvalidArgument);

    volume = std::move(moved);
    CHECK(volume.data() == memory);
    CHECK(volume(1, 2, 3) == 23.0f);
    CHECK(volume.metadata().description == "first");
    volume = copy;
    CHECK(volume(0, 0, 0) == 99.0f);
    CHECK(volume.data() != copy.data());
    auto& itself = volume;
    volume = itself;
    CHECK(volume(0, 0, 0) == 99.0f);
    volume = std::move(itself);
    CHECK(volume(1, 2, 3) == 23.0f);
}

TEST_CASE("volume: three ways to a voxel are one") {
    auto volume = counted(Shape(2, 3, 4));
    volume(1, 2, 3) = 7.5f;
    CHECK(volume[volume.shape().index(1, 2, 3)] == 7.5f);
    CHECK(volume.at(1, 2, 3) == 7.5f);
    CHECK(volume.values().back() == 7.5f);
    volume.at(0, 0, 0) = -1.0f;
    const auto& read = volume;
    CHECK(read.at(0, 0, 0) == -1.0f);
    CHECK(*read.begin() == -1.0f);
    CHECK(&read.view()(1, 1, 1) == &volume(1, 1, 1));
    CHECK_THROWS_AS(read.at(2, 0, 0), roi::InvalidArgument);
    CHECK(test::contains(test::message_of<roi::InvalidArgument>([&] { (void)volume.at(0, 0, 4); }),
                         "(0, 0, 4) lies outside a volume of 2 x 3 x 4"));
}
