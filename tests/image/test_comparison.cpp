#include <roi/image/comparison.hpp>
#include <roi/image/logical.hpp>

#include "catch.hpp"
#include "support.hpp"
#include <cmath>
#include <cstdint>
#include <limits>
#include <string>
#include <type_traits>
#include <vector>

namespace {

template <class T>
roi::Volume<T> line(const std::vector<T>& values) {
    roi::Volume<T> out(roi::Shape(static_cast<std::int64_t>(values.size()), 1, 1));
    std::copy(values.begin(), values.end(), out.begin());
    return out;
}

std::vector<bool> truths(const roi::Mask& mask) { return std::vector<bool>(mask.begin(), mask.end()); }

using Truths = std::vector<bool>;

const float not_a_number = std::nanf("");

}  // namespace

TEST_CASE("every comparison with NaN is false but !=") {
    const auto map = line<float>({not_a_number, 1.0f, 2.0f, 3.0f});
    CHECK(truths(map == 2.0f) == Truths{false, false, true, false});
    CHECK(truths(map != 2.0f) == Truths{true, true, false, true});
    CHECK(truths(map < 2.0f) == Truths{false, true, false, false});
    CHECK(truths(map <= 2.0f) == Truths{false, true, true, false});
    CHECK(truths(map > 2.0f) == Truths{false, false, false, true});
    CHECK(truths(map >= 2.0f) == Truths{false, false, true, true});
    CHECK(truths(map == not_a_number) == Truths{false, false, false, false});
    CHECK(truths(map != not_a_number) == Truths{true, true, true, true});
}

TEST_CASE("a number may stand on the left") {
    const auto map = line<int>({1, 2, 3});
    CHECK(truths(2 == map) == truths(map == 2));
    CHECK(truths(2 != map) == truths(map != 2));
    CHECK(truths(2 < map) == truths(map > 2));
    CHECK(truths(2 <= map) == truths(map >= 2));
    CHECK(truths(2 > map) == truths(map < 2));
    CHECK(truths(2 >= map) == truths(map <= 2));
}

TEST_CASE("two volumes compare voxel by voxel") {
    const auto a = line<float>({1.0f, 2.0f, 3.0f, not_a_number});
    const auto b = line<double>({2.0, 2.0, 2.0, 2.0});
    CHECK(truths(a == b) == Truths{false, true, false, false});
    CHECK(truths(a != b) == Truths{true, false, true, true});
    CHECK(truths(a < b) == Truths{true, false, false, false});
    CHECK(truths(a <= b) == Truths{true, true, false, false});
    CHECK(truths(a > b) == Truths{false, false, true, false});
    CHECK(truths(a >= b) == Truths{false, true, true, false});
    CHECK(truths(a == a) == Truths{true, true, true, false});
}

TEST_CASE("numbers of different types compare by value") {
    constexpr auto most = std::numeric_limits<std::uint64_t>::max();
    CHECK(truths(line<std::uint8_t>({0, 255}) > -1) == Truths{true, true});
    CHECK(truths(line<std::uint8_t>({0, 255}) == 256) == Truths{false, false});
    CHECK(truths(line<std::uint64_t>({most}) == std::int64_t{-1}) == Truths{false});
    CHECK(truths(line<std::int64_t>({-1}) < most) == Truths{true});
    CHECK(truths(line<std::int64_t>({-1}) >= line<std::uint64_t>({0})) == Truths{false});
    CHECK(truths(line<std::uint32_t>({7}) > line<std::int8_t>({-7})) == Truths{true});
    CHECK(truths(line<int>({2, 3}) == 2.5) == Truths{false, false});
    CHECK(truths(line<int>({2, 3}) < 2.5) == Truths{true, false});
    CHECK(truths(line<int>({2, 3}) >= 2.5f) == Truths{false, true});
    CHECK(truths(line<bool>({false, true}) == 1) == Truths{false, true});
    CHECK(truths(line<bool>({false, true}) < true) == Truths{true, false});
    CHECK(truths(line<int>({0, 2}) == true) == Truths{false, false});
}

TEST_CASE("whole numbers of 64 bits compare exactly beside real numbers") {
    constexpr std::int64_t beyond = std::int64_t{1} << 53;  // one more is no double
    constexpr auto as_double = static_cast<double>(beyond);
    const auto near = line<std::int64_t>({beyond + 3, beyond + 4, beyond + 5});
    CHECK(truths(near >= as_double + 4.0) == Truths{false, true, true});
    CHECK(truths(near == as_double + 4.0) == Truths{false, true, false});
    CHECK(truths(near != as_double + 4.0) == Truths{true, false, true});
    CHECK(truths(as_double + 4.0 < near) == Truths{false, false, true});
    CHECK(truths(as_double + 4.0 >= near) == Truths{true, true, false});
    CHECK(truths(near > line<double>({as_double + 2.0, as_double + 4.0, as_double + 4.0})) ==
          Truths{true, false, true});

    constexpr auto least = std::numeric_limits<std::int64_t>::min();
    constexpr auto most = std::numeric_limits<std::int64_t>::max();
    const auto ends = line<std::int64_t>({least, -3, 3, most});
    const double inf = std::numeric_limits<double>::infinity();
    CHECK(truths(ends < 9223372036854775808.0) == Truths{true, true, true, true});
    CHECK(truths(ends == 9223372036854775808.0) == Truths{false, false, false, false});
    CHECK(truths(ends <= -9223372036854775808.0) == Truths{true, false, false, false});
    CHECK(truths(ends > -1e300) == Truths{true, true, true, true});
    CHECK(truths(ends < -inf) == Truths{false, false, false, false});
    CHECK(truths(ends < inf) == Truths{true, true, true, true});
    CHECK(truths(ends < 2.5) == Truths{true, true, false, false});
    CHECK(truths(ends > -2.5) == Truths{false, false, true, true});
    CHECK(truths(ends <= -3.5) == Truths{true, false, false, false});
    CHECK(truths(ends <= static_cast<double>(not_a_number)) == Truths{false, false, false, false});
    CHECK(truths(ends != static_cast<double>(not_a_number)) == Truths{true, true, true, true});
    const auto large = line<std::uint64_t>({0, std::numeric_limits<std::uint64_t>::max()});
    CHECK(truths(large < 18446744073709551616.0) == Truths{true, true});
    CHECK(truths(large > -0.5) == Truths{true, true});
    CHECK(truths(large >= 0.5) == Truths{false, true});
    CHECK(truths(large >= 18446744073709549568.0) == Truths{false, true});
}

TEST_CASE("a number takes the precision of a volume of reals, as in NumPy") {
    CHECK(truths(line<float>({0.1f}) >= 0.1) == Truths{true});
    CHECK(truths(line<float>({0.1f}) == 0.1) == Truths{true});
    CHECK(truths(line<double>({0.1}) == 0.1f) == Truths{false});
    CHECK(truths(line<float>({0.1f}) == line<double>({0.1})) == Truths{false});
    CHECK(truths(line<float>({16777216.0f}) == 16777217) == Truths{true});
}

TEST_CASE("comparisons equal a loop on random volumes") {
    INFO("seed " << test::seed());
    test::Random random(test::seed());
    const auto a = test::random_volume<float>(roi::Shape(9, 4, 3), random);
    const auto b = test::random_volume<float>(roi::Shape(9, 4, 3), random);
    const auto above = a > b;
    const auto both = roi::logical_and(a > 0.0f, b > 0.0f);
    for (std::int64_t i = 0; i < a.size(); ++i) {
        CHECK(above[i] == (a[i] > b[i]));
        CHECK(both[i] == (a[i] > 0.0f && b[i] > 0.0f));
    }
    CHECK(roi::count(above) + roi::count(a <= b) == a.size());
}
