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

TEST_CASE("anything but zero is true, as in NumPy: NaN is, -0.0 is not") {
    const auto reals = line<float>({0.0f, -0.0f, not_a_number, 2.0f, -3.0f, 1e-45f});
    CHECK(truths(roi::logical_not(reals)) == Truths{true, true, false, false, false, false});
    CHECK(truths(roi::logical_or(reals, reals)) == Truths{false, false, true, true, true, true});
    CHECK(truths(roi::logical_not(line<std::int16_t>({0, -1, 2}))) == Truths{true, false, false});
    CHECK(truths(roi::logical_not(line<bool>({false, true}))) == Truths{true, false});
}

TEST_CASE("and, or and xor combine truths, not bits") {
    const auto a = line<std::int32_t>({0, 0, 2, 2});
    const auto b = line<std::int32_t>({0, 1, 0, 1});
    CHECK(truths(roi::logical_and(a, b)) == Truths{false, false, false, true});
    CHECK(truths(roi::logical_or(a, b)) == Truths{false, true, true, true});
    CHECK(truths(roi::logical_xor(a, b)) == Truths{false, true, true, false});
    CHECK(truths(roi::logical_xor(line<int>({2}), line<int>({3}))) == Truths{false});
}

TEST_CASE("and, or and xor take different voxel types") {
    const auto a = line<float>({not_a_number, 0.5f, 0.0f});
    const auto b = line<bool>({true, false, true});
    CHECK(truths(roi::logical_and(a, b)) == Truths{true, false, false});
    CHECK(truths(roi::logical_or(b, a)) == Truths{true, true, true});
    CHECK(truths(roi::logical_xor(a, b)) == Truths{false, true, true});
}

namespace {

template <class A, class B>
void check_against_loops(test::Random& random) {
    const roi::Shape shape(19, 7, 3);
    auto a = test::random_volume<A>(shape, random);
    auto b = test::random_volume<B>(shape, random);
    for (std::int64_t i = 0; i < shape.size(); i += 3) a[i] = A{0};
    for (std::int64_t i = 0; i < shape.size(); i += 5) b[i] = B{0};
    if constexpr (std::is_floating_point_v<A>) a[4] = std::numeric_limits<A>::quiet_NaN();
    for (const auto set : {roi::detail::InstructionSet::baseline, roi::detail::InstructionSet::best}) {
        roi::detail::force_instruction_set(set);
        const auto both = roi::logical_and(a, b);
        const auto either = roi::logical_or(a, b);
        const auto one = roi::logical_xor(a, b);
        const auto none = roi::logical_not(a);
        const auto more = a > 0;
        for (std::int64_t i = 0; i < shape.size(); ++i) {
            const bool left = a[i] != A{0}, right = b[i] != B{0};
            REQUIRE(both[i] == (left && right));
            REQUIRE(either[i] == (left || right));
            REQUIRE(one[i] == (left != right));
            REQUIRE(none[i] == !left);
            REQUIRE(more[i] == (a[i] > A{0}));
        }
    }
}

}  // namespace

TEST_CASE("logical operations equal loops for mixed types and every instruction set") {
    test::Random random(test::seed());
    INFO("seed " << test::seed());
    check_against_loops<bool, bool>(random);
    check_against_loops<double, bool>(random);
    check_against_loops<bool, float>(random);
    check_against_loops<float, double>(random);
    check_against_loops<std::int16_t, bool>(random);
    check_against_loops<std::uint8_t, double>(random);
    check_against_loops<std::int64_t, std::int32_t>(random);
}

TEST_CASE("De Morgan holds on random masks") {
    INFO("seed " << test::seed());
    test::Random random(test::seed());
    const auto a = test::random_volume<bool>(roi::Shape(8, 7, 6), random);
    const auto b = test::random_volume<bool>(roi::Shape(8, 7, 6), random);
    CHECK(truths(roi::logical_not(roi::logical_and(a, b))) ==
          truths(roi::logical_or(roi::logical_not(a), roi::logical_not(b))));
    CHECK(truths(roi::logical_xor(a, b)) == truths(a != b));
}

TEST_CASE("count is the number of true voxels") {
    CHECK(roi::count(line<bool>({true, false, true})) == 2);
    CHECK(roi::count(roi::Mask(roi::Shape(100, 10, 3), true)) == 3000);
    CHECK(roi::count(roi::Mask(roi::Shape(0, 3, 3), true)) == 0);
}

TEST_CASE("count equals a loop whatever the length, all voxels true included") {
    test::Random random(test::seed());
    INFO("seed " << test::seed());
    for (const std::int64_t length : {0, 1, 7, 8, 9, 2039, 2040, 2041, 4080, 10007}) {
        for (const double density : {0.0, 0.3, 1.0}) {
            const auto mask = test::random_volume<bool>(roi::Shape(length, 1, 1), random, density);
            std::int64_t expected = 0;
            for (const bool voxel : mask) expected += voxel ? 1 : 0;
            CHECK(roi::count(mask) == expected);
        }
    }
}

TEST_CASE("results lie on the grid of the first volume and inherit its metadata") {
    const roi::Grid grid(roi::Shape(2, 1, 1), roi::scaling(roi::Point(2.0, 3.0, 4.0)));
    roi::Metadata metadata;
    metadata.description = "first";
    metadata.display_max = 9.0;
    const roi::Volume<float> first(grid, 1.0f, metadata);
    const roi::Mask second(grid, true);
    for (const auto& mask :
         {first != 0.0f, 0.0f != first, first == second, roi::logical_and(first, second),
          roi::logical_or(first, second), roi::logical_xor(first, second), roi::logical_not(first)}) {
        CHECK(mask.grid() == grid);
        CHECK(mask.metadata().description == "first");
        CHECK(mask.metadata().display_max == 0.0);
    }
}

TEST_CASE("volumes without voxels give masks without voxels") {
    const roi::Volume<float> empty(roi::Shape(3, 0, 3));
    CHECK((empty != 0.0f).shape() == roi::Shape(3, 0, 3));
    CHECK(roi::logical_and(empty, empty).size() == 0);
    CHECK((roi::Volume<float>() == roi::Volume<float>()).size() == 0);
}

TEST_CASE("volumes on different grids are refused by name") {
    const roi::Mask a(roi::Shape(2, 3, 4)), b(roi::Shape(4, 3, 2));
    const roi::Mask moved(roi::Grid(roi::Shape(2, 3, 4), roi::scaling(roi::Point(1.0, 1.0, 2.0))));
    const auto message = [](auto operation) -> std::string {
        try {
            (void)operation();
        } catch (const roi::GridMismatch& error) {
            return error.what();
        }
        return "nothing was thrown";
    };
    const auto shapes = message([&] { return roi::logical_and(a, b); });
    CHECK(shapes.find("logical_and: the volumes must lie on one grid; shapes differ: shape 2 x 3 x 4") == 0);
    CHECK(shapes.find("shape 4 x 3 x 2") != std::string::npos);
    CHECK(message([&] {
              return roi::logical_or(a, moved);
          }).find("logical_or: the volumes must lie on one grid; affines differ") == 0);
    CHECK(message([&] { return roi::logical_xor(a, b); }).find("logical_xor: ") == 0);
    CHECK(message([&] { return a == b; }).find("comparison: the volumes") == 0);
}

TEST_CASE("and, or and xor of several volumes are those of pairs") {
    const auto a = line<bool>({false, false, false, false, true, true, true, true});
    const auto b = line<float>({0, 0, 2, 2, 0, 0, 2, not_a_number});
    const auto c = line<std::int16_t>({0, 4, 0, 4, 0, 4, 0, 4});
    CHECK(truths(roi::logical_and(a, b, c)) == truths(roi::logical_and(roi::logical_and(a, b), c)));
    CHECK(truths(roi::logical_or(a, b, c)) == truths(roi::logical_or(roi::logical_or(a, b), c)));
    CHECK(truths(roi::logical_xor(a, b, c)) == Truths{false, true, true, false, true, false, false, true});
    CHECK(truths(roi::logical_or(a.view(), b.view(), c, a)) == truths(roi::logical_or(a, b, c)));
}
