// Volumes and numbers calculated with: types that hold every result, NumPy's values, grids that differ.
#include <roi/image/arithmetic.hpp>
#include <roi/image/comparison.hpp>

#include "catch.hpp"
#include "checks.hpp"
#include "support.hpp"
#include <cmath>
#include <cstdint>
#include <limits>
#include <type_traits>
#include <vector>

using roi::Shape;
using roi::Volume;

namespace {

template <class T>
Volume<T> line(const std::vector<T>& values) {
    Volume<T> out(Shape(static_cast<std::int64_t>(values.size()), 1, 1));
    std::copy(values.begin(), values.end(), out.begin());
    return out;
}

/// Is it a volume of `T` with these values? NaN equals NaN.
template <class T, class V>
bool is(const V& volume, const std::vector<T>& values) {
    static_assert(std::is_same_v<V, Volume<T>>);
    if (volume.size() != static_cast<std::int64_t>(values.size())) return false;
    bool same = true;
    for (std::size_t i = 0; i < values.size(); ++i) {
        const T found = volume[static_cast<std::int64_t>(i)], expected = values[i];
        UNSCOPED_INFO("voxel " << i << ": " << +found << ", expected " << +expected);
        same = same && (found == expected || (found != found && expected != expected));
    }
    return same;
}

template <class T>
constexpr T least = std::numeric_limits<T>::lowest();
template <class T>
constexpr T most = std::numeric_limits<T>::max();

const float nan_f = std::nanf("");
const float inf_f = std::numeric_limits<float>::infinity();

}  // namespace

TEST_CASE("arithmetic: reals stay what they are, a number takes their precision") {
    const auto a = line<float>({1, 2.5f, -3});
    const auto b = line<double>({2, 0.5, 4});
    CHECK(is<float>(a + a, {2, 5, -6}));
    CHECK(is<double>(a - b, {-1, 2, -7}));
    CHECK(is<float>(a * 2.0, {2, 5, -6}));
    CHECK(is<float>(6 / a, {6, 2.4f, -2}));
    CHECK(is<double>(b / 2.0f, {1, 0.25, 2}));
    CHECK(is<float>(-a, {-1, -2.5f, 3}));
    CHECK(is<float>(a * line<std::int16_t>({2, 4, 1}), {2, 10, -3}));
    CHECK(is<double>(a * line<std::int32_t>({2, 4, 1}), {2, 10, -3}));
    // In double and rounded once: 0.1 is not rounded to float first.
    const float third = 1.0f / 3;
    CHECK(is<float>(line<float>({third}) * 0.1, {static_cast<float>(static_cast<double>(third) * 0.1)}));
    CHECK(is<float>(a / line<float>({0, 2, 0}), {inf_f, 1.25f, -inf_f}));
    CHECK(is<float>(line<float>({0}) / 0, {nan_f}));
    CHECK(std::signbit((-line<float>({0}))[0]));
}

TEST_CASE("arithmetic: whole numbers never wrap") {
    CHECK(is<std::int32_t>(line<std::uint8_t>({255, 1}) + line<std::uint8_t>({255, 2}), {510, 3}));
    CHECK(is<std::int32_t>(line<std::uint8_t>({1}) - line<std::uint8_t>({255}), {-254}));
    CHECK(is<std::int32_t>(
        line<std::int16_t>({least<std::int16_t>}) * line<std::int16_t>({least<std::int16_t>}), {1 << 30}));
    CHECK(is<std::int32_t>(line<std::uint16_t>({65535}) * line<std::int16_t>({-32768}), {-2147450880}));
    CHECK(is<std::int64_t>(line<std::uint16_t>({65535}) * line<std::uint16_t>({65535}), {4294836225}));
    CHECK(is<std::int64_t>(line<std::int32_t>({most<std::int32_t>}) + 1, {2147483648}));
    CHECK(is<std::int64_t>(
        line<std::int32_t>({least<std::int32_t>}) * line<std::uint32_t>({most<std::uint32_t>}),
        {-9223372034707292160}));
    CHECK(is<double>(line<std::uint32_t>({most<std::uint32_t>}) * line<std::uint32_t>({most<std::uint32_t>}),
                     {18446744065119617025.0}));
    CHECK(is<double>(line<std::int64_t>({most<std::int64_t>}) + line<std::int64_t>({1}),
                     {9223372036854775808.0}));
    CHECK(is<std::int32_t>(-line<std::int16_t>({least<std::int16_t>}), {32768}));
    CHECK(is<std::int64_t>(-line<std::uint32_t>({most<std::uint32_t>}), {-4294967295}));
    CHECK(is<std::int64_t>(abs(line<std::int32_t>({least<std::int32_t>, 4})), {2147483648, 4}));
    CHECK(is<std::int32_t>(abs(line<std::uint8_t>({255})), {255}));
}

TEST_CASE("arithmetic: division of whole numbers is not cut") {
    CHECK(is<float>(line<std::int16_t>({1, 7}) / line<std::uint8_t>({2, 0}), {0.5f, inf_f}));
    CHECK(is<float>(line<std::int16_t>({1, 7}) / 2, {0.5f, 3.5f}));
    CHECK(is<double>(line<std::int32_t>({1, 7}) / 2, {0.5, 3.5}));
    CHECK(is<float>(1 / line<bool>({true, false}), {1, inf_f}));
    CHECK(is<float>(line<std::int16_t>({3}) * 0.5, {1.5f}));
}

TEST_CASE("arithmetic: masks count as 0 and 1") {
    const auto mask = line<bool>({true, false, true});
    CHECK(is<std::int32_t>(mask + mask, {2, 0, 2}));
    CHECK(is<std::int32_t>(mask - line<bool>({true, true, false}), {0, -1, 1}));
    CHECK(is<float>(mask * line<float>({5, 6, nan_f}), {5, 0, nan_f}));
    CHECK(is<float>(mask * 1.0f, {1, 0, 1}));
    const auto map = line<float>({-1, 2, 3});
    CHECK(is<float>(map * (map > 0), {-0.0f, 2, 3}));
}

TEST_CASE("arithmetic: functions") {
    CHECK(is<float>(abs(line<float>({-1, 0, nan_f})), {1, 0, nan_f}));
    CHECK(is<float>(sqrt(line<std::int16_t>({0, 2, -1})), {0, static_cast<float>(std::sqrt(2.0)), nan_f}));
    CHECK(is<double>(exp(line<double>({0, 1, -1000})), {1, std::exp(1.0), 0}));
    CHECK(is<float>(log(line<float>({1, 0, -1})), {0, -inf_f, nan_f}));
    CHECK(is<double>(log(line<std::int32_t>({1})), {0}));
    CHECK(is<float>(roi::minimum(line<float>({1, nan_f, 3}), line<float>({2, 1, nan_f})), {1, nan_f, nan_f}));
    CHECK(is<float>(roi::maximum(line<float>({1, -2, nan_f}), 0.0), {1, 0, nan_f}));
    CHECK(is<std::int32_t>(roi::maximum(line<std::int16_t>({-5, 5}), line<std::uint16_t>({65535, 0})),
                           {65535, 5}));
    CHECK(is<std::int32_t>(roi::minimum(10, line<std::uint8_t>({5, 200})), {5, 10}));
    CHECK(is<double>(roi::maximum(line<std::int64_t>({-1}), line<std::uint64_t>({4})), {4}));
}

TEST_CASE("arithmetic: powers") {
    using roi::pow;
    const auto map = line<float>({-1.1f, 0, 3.3f, nan_f});
    CHECK(is<float>(pow(map, 2), {-1.1f * -1.1f, 0, 3.3f * 3.3f, nan_f}));
    CHECK(is<float>(pow(map, 2.0), {-1.1f * -1.1f, 0, 3.3f * 3.3f, nan_f}));
    CHECK(is<float>(pow(map, 0.5),
                    {nan_f, 0, static_cast<float>(std::sqrt(static_cast<double>(3.3f))), nan_f}));
    CHECK(is<float>(pow(map, -1), {static_cast<float>(1.0 / static_cast<double>(-1.1f)), inf_f,
                                   static_cast<float>(1.0 / static_cast<double>(3.3f)), nan_f}));
    CHECK(is<float>(pow(map, 0.0f), {1, 1, 1, 1}));
    CHECK(is<float>(pow(2.0, line<std::int16_t>({-1, 0, 10})), {0.5f, 1, 1024}));
    CHECK(is<double>(pow(line<std::int32_t>({3, 100000}), line<std::int32_t>({4, 4})), {81, 1e20}));
    CHECK(is<float>(pow(line<bool>({true, false}), line<std::uint8_t>({7, 0})), {1, 1}));
    CHECK(is<double>(pow(line<double>({1.1, 1e-200}), 2), {1.1 * 1.1, 0}));
    CHECK_THROWS_AS(pow(map, line<float>({1})), roi::GridMismatch);
}

TEST_CASE("transform: any function of the voxels at one place") {
    const auto map = line<float>({1, -2, 3});
    const auto mask = line<bool>({true, true, false});
    const auto labels = line<std::int32_t>({1, 2, 3});
    CHECK(is<double>(
        roi::transform([](float m, int in, int l) { return in ? m * 10.0 + l : -1.0; }, map, mask, labels),
        {11, -18, -1}));
    CHECK(is<bool>(roi::transform([](float m) { return m > 0; }, map), {true, false, true}));
    CHECK(is<std::int16_t>(
        roi::transform([](std::int32_t l) { return static_cast<std::int16_t>(l); }, labels), {1, 2, 3}));
}

TEST_CASE("as: every value is kept or refused") {
    CHECK(is<std::int32_t>(roi::as<std::int32_t>(line<std::int32_t>({5, -1}) + 1000), {1005, 999}));
    CHECK(is<float>(roi::as<float>(line<bool>({true, false})), {1, 0}));
    CHECK(is<bool>(roi::as<bool>(line<float>({1, 0})), {true, false}));
    CHECK(is<std::uint8_t>(roi::as<std::uint8_t>(line<double>({255, 0})), {255, 0}));
    CHECK(is<std::int64_t>(roi::as<std::int64_t>(line<double>({-9223372036854775808.0})),
                           {least<std::int64_t>}));
    const auto refused = [](const auto& action) { return test::message_of<roi::InvalidArgument>(action); };
    CHECK(test::contains(refused([] {
                             (void)roi::as<std::uint8_t>(line<double>({1, 255.5}));
                         }),
                         "voxel (1, 0, 0) is 255.5"));
    CHECK(test::contains(refused([] { (void)roi::as<std::uint8_t>(line<int>({256})); }), "is 256"));
    CHECK(test::contains(refused([] { (void)roi::as<std::uint32_t>(line<int>({-1})); }), "is -1"));
    CHECK(test::contains(refused([] { (void)roi::as<int>(line<float>({nan_f})); }), "is nan"));
    CHECK(test::contains(refused([] { (void)roi::as<std::int64_t>(line<double>({9223372036854775808.0})); }),
                         "is 9"));
    CHECK(test::contains(refused([] { (void)roi::as<bool>(line<int>({2})); }), "is 2"));
}

TEST_CASE("arithmetic: grid and metadata are those of the first volume") {
    Volume<float> a(roi::Grid(Shape(2, 1, 1), roi::scaling(roi::Point(2, 2, 2))), 4.0f);
    a.metadata().description = "first";
    a.metadata().display_max = 9;
    const auto out = a - a.view();
    CHECK(out.grid() == a.grid());
    CHECK(out.metadata().description == "first");
    CHECK(out.metadata().display_max == 0);
    const Volume<float> elsewhere(Shape(2, 1, 1));
    const auto message = test::message_of<roi::GridMismatch>([&] { (void)(a + elsewhere); });
    CHECK(test::contains(message, "+: the volumes must lie on one grid"));
    CHECK(test::contains(message, "resample_to"));
    CHECK(is<float>(roi::transform([](float x, double y, int z) { return static_cast<float>(x * y + z); },
                                   line<float>({1, 2.5f}), 2.0, 1),
                    {3, 6}));
    CHECK(is<bool>(
        roi::transform([](int y, float x) { return x > static_cast<float>(y); }, 2, line<float>({1, 2.5f})),
        {false, true}));
    CHECK_THROWS_AS(roi::transform([](float x, float y) { return x + y; }, a, elsewhere), roi::GridMismatch);
    CHECK_THROWS_AS(roi::minimum(a, elsewhere), roi::GridMismatch);
}

TEST_CASE("arithmetic: the same with any number of threads") {
    INFO("seed " << test::seed());
    test::Random random(test::seed());
    const auto a = test::random_volume<float>(Shape(101, 97, 61), random);
    const auto b = test::random_volume<double>(Shape(101, 97, 61), random);
    const auto calculate = [&](int number) {
        const test::Threads threads(number);
        return a * b + 1;
    };
    CHECK(test::same_bytes(calculate(1), calculate(3)));
}
