// Runs: volumes one after the other, single volumes and time courses, counts that cannot overflow.
#include <roi/image/volume4d.hpp>

#include "catch.hpp"
#include "checks.hpp"
#include <cstdint>
#include <limits>
#include <numeric>
#include <type_traits>
#include <utility>
#include <vector>

using roi::Shape;
using roi::Volume4D;

static_assert(std::is_nothrow_move_constructible_v<Volume4D<float>>);
static_assert(std::is_nothrow_move_assignable_v<Volume4D<float>>);

namespace {

Volume4D<int> counted(const roi::Grid& grid, std::int64_t frames) {
    Volume4D<int> out(grid, frames);
    std::iota(out.values().begin(), out.values().end(), 0);
    return out;
}

}  // namespace

TEST_CASE("volume4d: x fastest, time slowest") {
    const auto run = counted(Shape(2, 3, 4), 5);
    CHECK(run.frames() == 5);
    CHECK(run.size() == 120);
    CHECK(run(1, 2, 3, 0) == 23);
    CHECK(run(0, 0, 0, 1) == 24);
    CHECK(run(1, 2, 3, 4) == 119);
    const Volume4D<float> sevens(Shape(2, 1, 1), 2, 7.0f);
    CHECK(std::vector<float>(sevens.values().begin(), sevens.values().end()) == std::vector<float>(4, 7.0f));
}

TEST_CASE("volume4d: a volume of it is a view") {
    auto run = counted(roi::Grid({2, 3, 4}, roi::scaling({2, 2, 2})), 3);
    CHECK(run.frame(2)(1, 0, 0) == 49);
    CHECK(run.frame(2).grid() == run.grid());
    run.frame(1)(0, 0, 0) = -1;
    CHECK(run(0, 0, 0, 1) == -1);
    const auto& read = run;
    CHECK(read.frame(1).values()[0] == -1);
    CHECK_THROWS_AS(read.frame(-1), roi::InvalidArgument);
    const auto message = test::message_of<roi::InvalidArgument>([&] { (void)run.frame(3); });
    CHECK(test::contains(message, "volume 3"));
    CHECK(test::contains(message, "there are 3"));
}

TEST_CASE("volume4d: the time course of a voxel") {
    const auto run = counted(Shape(2, 3, 4), 3);
    CHECK(run.series(1, 0, 0) == std::vector<int>{1, 25, 49});
    const Volume4D<bool> flags(Shape(1, 1, 1), 2, true);
    CHECK(flags.series(0, 0, 0) == std::vector<std::uint8_t>{1, 1});
    CHECK(counted(Shape(2, 3, 4), 0).series(0, 0, 0).empty());
    const auto message = test::message_of<roi::InvalidArgument>([&] { (void)run.series(0, 3, 0); });
    CHECK(test::contains(message, "(0, 3, 0)"));
    CHECK(test::contains(message, "2 x 3 x 4"));
}

TEST_CASE("volume4d: made of values, as many as volumes times voxels") {
    const std::vector<int> values{1, 2, 3, 4, 5, 6};
    CHECK(Volume4D<int>(Shape(1, 2, 1), 3, values)(0, 1, 0, 2) == 6);
    const auto message =
        test::message_of<roi::InvalidArgument>([&] { (void)Volume4D<int>(Shape(1, 2, 1), 4, values); });
    CHECK(test::contains(message, "4 volumes of 1 x 2 x 1"));
    CHECK(test::contains(message, "need 8"));
    CHECK(test::contains(message, "found 6"));
}

TEST_CASE("volume4d: counts that are none") {
    constexpr auto most = std::numeric_limits<std::int64_t>::max();
    CHECK_THROWS_AS(Volume4D<float>(Shape(1, 1, 1), -1), roi::InvalidArgument);
    const auto message =
        test::message_of<roi::InvalidArgument>([] { (void)Volume4D<bool>(Shape(1, 2, 1), most); });
    CHECK(test::contains(message, "1 x 2 x 1"));
    CHECK(test::contains(message, "counted"));
    // Countable, but no machine has the memory.
    CHECK_THROWS_AS(Volume4D<double>(Shape(most, 1, 1), 1), std::bad_alloc);
    CHECK(Volume4D<float>(Shape(0, 5, 5), most).size() == 0);
    CHECK(Volume4D<float>(Shape(5, 5, 5), 0).size() == 0);
    CHECK(Volume4D<float>().frames() == 0);
}

TEST_CASE("volume4d: copies are deep, a moved-from run has no volumes") {
    auto run = counted(Shape(2, 3, 4), 3);
    run.metadata().description = "first";
    const int* memory = run.data();
    auto copy = run;
    copy(0, 0, 0, 0) = 99;
    CHECK(run(0, 0, 0, 0) == 0);
    auto moved = std::move(run);
    CHECK(moved.data() == memory);
    CHECK(moved.metadata().description == "first");
    CHECK(run.frames() == 0);
    CHECK(run.size() == 0);
    CHECK(run.shape() == Shape());
    CHECK_THROWS_AS(run.frame(0), roi::InvalidArgument);
    run = std::move(moved);
    CHECK(run.data() == memory);
    CHECK(run.frames() == 3);
}
