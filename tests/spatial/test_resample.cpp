// Resampling: nilearn's numbers, sums over all samples as a second way, borders, types, labels, the same bytes every way.
#include <roi/image/arithmetic.hpp>
#include <roi/io/gzip.hpp>
#include <roi/io/open.hpp>
#include <roi/io/save.hpp>
#include <roi/spatial/concat_on.hpp>
#include <roi/spatial/reorder.hpp>
#include <roi/spatial/resample.hpp>
#include <roi/spatial/target_grid.hpp>
#include <roi/stream/cached.hpp>
#include <roi/stream/collect.hpp>
#include <roi/stream/concat.hpp>
#include <roi/stream/repeated.hpp>
#include <roi/stream/run_arithmetic.hpp>
#include <roi/stream/select.hpp>

#include "catch.hpp"
#include "checks.hpp"
#include "sources.hpp"
#include "support.hpp"
#include <algorithm>
#include <array>
#include <cmath>
#include <cstdint>
#include <limits>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

using roi::Grid;
using roi::Interpolation;
using roi::Point;
using roi::Shape;
using roi::Volume;

namespace {

const double not_a_number = std::numeric_limits<double>::quiet_NaN();

roi::Affine affine_of(const std::array<double, 12>& rows) {
    roi::Affine out = roi::Affine::Identity();
    for (std::size_t i = 0; i < 12; ++i) out(static_cast<int>(i / 4), static_cast<int>(i % 4)) = rows[i];
    return out;
}

/// A volume of one line along x, and the grid that asks for its values at these places.
template <class T>
Volume<T> line(const std::vector<T>& values) {
    return {Grid(Shape(static_cast<std::int64_t>(values.size()), 1, 1)), std::span<const T>(values)};
}
Grid places(double first, double step, std::int64_t count) {
    return {Shape(count, 1, 1), roi::scaling(Point(step, 1, 1), Point(first, 0, 0))};
}

template <class V>
void check_values(const V& volume, const std::vector<double>& expected, double tolerance) {
    REQUIRE(volume.size() == static_cast<std::int64_t>(expected.size()));
    for (std::size_t i = 0; i < expected.size(); ++i) {
        const auto value = static_cast<double>(volume[static_cast<std::int64_t>(i)]);
        INFO("voxel " << i << ": " << value << ", expected " << expected[i]);
        if (std::isnan(expected[i])) {
            CHECK(std::isnan(value));
        } else {
            CHECK(std::abs(value - expected[i]) <= tolerance);
        }
    }
}

template <class T>
Volume<T> second_of(const roi::Volume4D<T>& run) {
    return Volume<T>(run.frame(1));
}

/// Spline coefficients of a line by solving c[i-1] + 4 c[i] + c[i+1] = 6 x[i] for the mirrored line, by elimination.
std::vector<long double> coefficients(std::vector<long double> x) {
    const std::size_t n = x.size();
    if (n == 1) return x;
    std::vector<long double> upper(n), out(n);
    // The first and the last equation hold the mirrored neighbour twice.
    upper[0] = 0.5L;
    out[0] = 6 * x[0] / 4;
    for (std::size_t i = 1; i < n; ++i) {
        const long double lower = i + 1 == n ? 2 : 1;
        const long double pivot = 4 - lower * upper[i - 1];
        upper[i] = 1 / pivot;
        out[i] = (6 * x[i] - lower * out[i - 1]) / pivot;
    }
    for (std::size_t i = n - 1; i-- > 0;) out[i] -= upper[i] * out[i + 1];
    return out;
}

long double bump(long double t) {
    t = std::abs(t);
    return t >= 2 ? 0 : t >= 1 ? (2 - t) * (2 - t) * (2 - t) / 6 : (4 - 6 * t * t + 3 * t * t * t) / 6;
}

/// One value by its definition: a sum over every sample of the volume and its mirror images.
template <class T>
long double direct(const Volume<T>& in, const std::array<double, 3>& place, bool cubic) {
    const Shape& s = in.shape();
    std::vector<long double> c(in.begin(), in.end());
    std::array<std::int64_t, 3> strides{1, s.x(), s.x() * s.y()};
    for (std::size_t axis = 0; cubic && axis < 3; ++axis) {
        for (std::int64_t i = 0; i < in.size(); ++i) {
            if (s.voxel(i)[axis] != 0) continue;
            std::vector<long double> values;
            for (std::int64_t k = 0; k < s[static_cast<int>(axis)]; ++k) {
                values.push_back(c[static_cast<std::size_t>(i + k * strides[axis])]);
            }
            values = coefficients(values);
            for (std::size_t k = 0; k < values.size(); ++k) {
                c[static_cast<std::size_t>(i + static_cast<std::int64_t>(k) * strides[axis])] = values[k];
            }
        }
    }
    const auto weight = [&](int axis, std::int64_t sample) {
        const std::int64_t n = s[axis];
        if (n == 1) return 1.0L;
        long double sum = 0;
        for (std::int64_t period = -1; period <= 1; ++period) {
            for (const std::int64_t at : {sample + period * (2 * n - 2), -sample + period * (2 * n - 2)}) {
                const auto t = static_cast<long double>(place[static_cast<std::size_t>(axis)]) -
                               static_cast<long double>(at);
                sum += cubic ? bump(t) : std::max(0.0L, 1 - std::abs(t));
                if (sample == 0 || sample == n - 1) break;  // its own mirror image
            }
        }
        return sum;
    };
    long double sum = 0;
    for (std::int64_t i = 0; i < in.size(); ++i) {
        const auto v = s.voxel(i);
        sum += c[static_cast<std::size_t>(i)] * weight(0, v[0]) * weight(1, v[1]) * weight(2, v[2]);
    }
    return sum;
}

/// An affine of one of the kinds that images have: flips, permutations, rotations, shears.
roi::Affine random_affine(test::Random& random, int kind) {
    std::uniform_real_distribution<double> size(0.7, 3.0), shift(-3.0, 3.0), angle(-3.0, 3.0);
    roi::Affine a = roi::Affine::Identity();
    std::array<int, 3> order{0, 1, 2};
    if (kind >= 1) std::shuffle(order.begin(), order.end(), random);
    for (int column = 0; column < 3; ++column) {
        a.topLeftCorner<3, 3>().col(column).setZero();
        a(order[static_cast<std::size_t>(column)], column) = (random() % 2 ? 1 : -1) * size(random);
    }
    if (kind >= 2) {
        const double t = angle(random);
        Eigen::Matrix3d turn = Eigen::Matrix3d::Identity();
        turn(0, 0) = turn(1, 1) = std::cos(t);
        turn(0, 1) = -std::sin(t), turn(1, 0) = std::sin(t);
        if (kind >= 3) turn(1, 2) = 0.3;
        a.topLeftCorner<3, 3>() = (turn * a.topLeftCorner<3, 3>()).eval();
    }
    for (int row = 0; row < 3; ++row) a(row, 3) = shift(random);
    return a;
}

template <class T>
Volume<T> with_threads(int number, const Volume<T>& volume, const Grid& target) {
    const test::Threads threads(number);
    return roi::resample_to(volume, target);
}

template <class Action>
std::string refusal(Action&& action) {
    return test::message_of<roi::InvalidArgument>(action);
}

}  // namespace

TEST_CASE("resample_to: splines of a line are scipy's") {
    const auto x = line<double>({1, 4, 2, 8, 5, 7});
    const std::vector<std::pair<double, double>> spline{
        {0.25, 1.462694377990431}, {0.5, 2.4838516746411483}, {1.5, 2.7057416267942574},
        {2.5, 5.068181818181818},  {3.1, 8.08407177033493},   {4.75, 6.629635167464116},
    };
    for (const auto& [place, value] : spline) {
        const auto out = roi::resample_to(x, places(place, 1, 1), Interpolation::continuous);
        CHECK(std::abs(out[0] - value) <= 1e-13);
    }
    // A turn makes the grids cross: the other kernel.
    for (const auto& [place, value] : spline) {
        const Grid turned(Shape(1, 1, 1), affine_of({0.8, -0.6, 0, place, 0.6, 0.8, 0, 0, 0, 0, 1, 0}));
        CHECK(std::abs(roi::resample_to(x, turned, Interpolation::continuous)[0] - value) <= 1e-13);
    }
    std::vector<double> c{1, 4, 2, 8, 5, 7};
    roi::detail::spline_coefficients(c.data(), 6, 1, 1);
    check_values(line(c),
                 {-1.9569377990430623, 6.913875598086125, -1.6985645933014355, 11.88038277511962,
                  2.1770334928229667, 9.411483253588518},
                 1e-13);
    std::vector<double> two{3, 5};
    roi::detail::spline_coefficients(two.data(), 2, 1, 1);
    check_values(line(two), {1.000000000000001, 6.999999999999999}, 1e-14);
}

TEST_CASE("resample_to: a cube of eight voxels") {
    Volume<double> cube{Grid(Shape(2, 2, 2))};
    for (std::int64_t x = 0, value = 0; x < 2; ++x) {
        for (std::int64_t y = 0; y < 2; ++y) {
            for (std::int64_t z = 0; z < 2; ++z, ++value)
                cube(x, y, z) = value == 7 ? 20.0 : static_cast<double>(value);
        }
    }
    const Grid inside(Shape(1, 1, 1), roi::scaling(Point(1, 1, 1), Point(0.5, 0.25, 0.75)));
    CHECK(std::abs(roi::resample_to(cube, inside, Interpolation::continuous)[0] - 4.013183593750001) <=
          1e-14);
    CHECK(roi::resample_to(cube, inside, Interpolation::linear)[0] == 4.46875);
}

TEST_CASE("resample_to: a turned grid has nilearn's values") {
    const std::vector<double> values{1, 2, 0, 5, 3, 1, 4, 0, 9, 2, 1, 1, 2, 6, 7, 3, 8, 0};
    Volume<double> d(Grid(Shape(3, 3, 2), roi::scaling(Point(2, 2, 3), Point(-2, -2, 0))));
    std::size_t next = 0;
    for (std::int64_t x = 0; x < 3; ++x) {
        for (std::int64_t y = 0; y < 3; ++y) {
            for (std::int64_t z = 0; z < 2; ++z) d(x, y, z) = values[next++];
        }
    }
    const Grid target(Shape(2, 2, 2), affine_of({0.8, -0.6, 0, 0.1, 0.6, 0.8, 0, -0.2, 0, 0, 1.5, 0.6}));
    const auto check = [&](auto how, const std::vector<double>& expected, double tolerance) {
        const auto out = roi::resample_to(d, target, how);
        std::vector<double> found;
        for (std::int64_t x = 0; x < 2; ++x) {
            for (std::int64_t y = 0; y < 2; ++y) {
                for (std::int64_t z = 0; z < 2; ++z) found.push_back(out(x, y, z));
            }
        }
        check_values(Volume<double>(Grid(Shape(8, 1, 1)), found), expected, tolerance);
    };
    check(Interpolation::nearest, {9, 2, 9, 2, 9, 2, 1, 1}, 0);
    check(Interpolation::linear,
          {7.095, 3.8324999999999996, 4.584999999999999, 3.1100000000000003, 6.2620000000000005,
           3.642000000000001, 4.042, 2.3719999999999994},
          1e-13);
    check(Interpolation::continuous,
          {8.476776288562501, 3.442120086375005, 4.964078148437504, 3.073977640625003, 7.827954322000004,
           3.2535130620000037, 4.034410371999998, 1.9108038620000032},
          1e-12);
}

TEST_CASE("resample_to: half way goes up, and the outermost centres are the edge") {
    const auto x = line<double>({1, 2, 3, 4, 5});
    check_values(roi::resample_to(x, places(0, 0.5, 9), Interpolation::nearest), {1, 2, 2, 3, 3, 4, 4, 5, 5},
                 0);
    check_values(roi::resample_to(x, places(0, 0.25, 3), Interpolation::nearest), {1, 1, 2}, 0);
    // The second voxel is inside where the first is outside, so that the grids share something.
    for (const double place : {-0.25, -0.001}) {
        CHECK(roi::resample_to(x, places(place, 2, 2), Interpolation::nearest, {.fill = -7})[0] == -7);
        CHECK(roi::resample_to(x, places(place, 2, 2), Interpolation::linear, {.fill = -7})[0] == -7);
        CHECK(roi::resample_to(x, places(place, 2, 2), Interpolation::continuous, {.fill = -7})[0] == -7);
    }
    for (const double place : {4.25, 4.001}) {
        CHECK(roi::resample_to(x, places(place - 1, 1, 2), Interpolation::nearest, {.fill = -7})[1] == -7);
        CHECK(roi::resample_to(x, places(place - 1, 1, 2), Interpolation::linear, {.fill = -7})[1] == -7);
        CHECK(roi::resample_to(x, places(place - 1, 1, 2), Interpolation::continuous,
                               {.fill = not_a_number})[0] ==
              roi::resample_to(x, places(place - 1, 1, 1), Interpolation::continuous)[0]);
        CHECK(std::isnan(roi::resample_to(x, places(place - 1, 1, 2), Interpolation::continuous,
                                          {.fill = not_a_number})[1]));
    }
}

TEST_CASE("resample_to: rounding blanks no face") {
    // 2.4 mm to a seventh of it: the peer loses the last of 22 voxels.
    const Volume<double> ones(Grid(Shape(4, 1, 1), roi::scaling(Point(2.4, 1, 1))), 1.0);
    const Grid fine(Shape(22, 1, 1), roi::scaling(Point(2.4 / 7, 1, 1)));
    for (const double value : roi::resample_to(ones, fine)) CHECK(value == Approx(1).epsilon(1e-14));
    // 3.5 mm from -20.1 to a third of it, one voxel before: index 1 is the first centre.
    const Volume<double> six(Grid(Shape(6, 1, 1), roi::scaling(Point(3.5, 1, 1), Point(-20.1, 0, 0))), 2.0);
    const Grid third(Shape(4, 1, 1), roi::scaling(Point(3.5 / 3, 1, 1), Point(-20.1 - 3.5 / 3, 0, 0)));
    check_values(roi::resample_to(six, third, Interpolation::linear), {0, 2, 2, 2}, 1e-14);
    check_values(roi::resample_to(six, third, Interpolation::nearest), {0, 2, 2, 2}, 0);
    // A thousandth of a voxel is no rounding.
    CHECK(roi::resample_to(
              ones, Grid(Shape(2, 1, 1), roi::scaling(Point(2.4, 1, 1), Point(-0.0024, 0, 0))))[0] == 0);
}

TEST_CASE("resample_to: integers become real numbers unless they are copied") {
    const auto bytes = line<std::uint8_t>({0, 10, 3, 100, 7});
    const auto shorts = line<std::int16_t>({0, 10, 3, 100, 7});
    const auto halves = places(0, 0.5, 9);
    static_assert(std::is_same_v<decltype(roi::resample_to(shorts, halves)), Volume<float>>);
    static_assert(
        std::is_same_v<decltype(roi::resample_to(bytes, halves, Interpolation::linear)), Volume<float>>);
    static_assert(std::is_same_v<decltype(roi::resample_to(shorts, halves, Interpolation::nearest)),
                                 Volume<std::int16_t>>);
    static_assert(std::is_same_v<decltype(roi::resample_to(roi::Labels(), halves)), roi::Labels>);
    static_assert(std::is_same_v<decltype(roi::resample_to(roi::Mask(), halves)), roi::Mask>);
    static_assert(
        std::is_same_v<decltype(roi::resample_to(Volume<std::int64_t>(), halves)), Volume<std::int64_t>>);
    static_assert(std::is_same_v<decltype(roi::resample_to(roi::Volume4D<std::uint32_t>(), halves)),
                                 roi::Volume4D<std::uint32_t>>);
    const std::vector<double> expected{0,   7.082589149475098, 10, -5.0379462242126465, 3, 62.94419479370117,
                                       100, 51.51116180419922, 7};
    check_values(roi::resample_to(shorts, halves), expected, 1e-5);
    check_values(roi::resample_to(bytes, halves), expected, 1e-5);
    check_values(
        roi::resample_to(bytes, halves, Interpolation::continuous, {.clip = roi::value_range(bytes)}),
        {0, 7.082589149475098, 10, 0, 3, 62.94419479370117, 100, 51.51116180419922, 7}, 1e-5);
}

TEST_CASE("resample_to: masks and labels take the nearest voxel and are never averaged") {
    const auto halves = places(0, 0.5, 5);
    const auto labels = line<std::int32_t>({7, 0, 9});
    check_values(roi::resample_to(labels, halves), {7, 0, 0, 9, 9}, 0);
    const std::array<bool, 3> truth{true, false, true};
    const roi::Mask mask(Grid(Shape(3, 1, 1)), std::span<const bool>(truth));
    check_values(roi::resample_to(mask, halves), {1, 0, 0, 1, 1}, 0);
    // What a header or the values say.
    auto shorts = line<std::int16_t>({7, 0, 9});
    CHECK(roi::resample_to(shorts, halves)[1] != 7);
    CHECK(roi::resample_to(shorts, halves)[1] != 0);
    shorts.metadata().intent.code = 1002;
    check_values(roi::resample_to(shorts, halves), {7, 0, 0, 9, 9}, 0);
    check_values(roi::resample_to(line<std::uint8_t>({1, 0, 1}), halves), {1, 0, 0, 1, 1}, 0);
    CHECK(refusal([&] {
              (void)roi::resample_to(shorts, halves, Interpolation::linear);
          }).find("intent 1002") != std::string::npos);
    // Of real numbers, too.
    auto reals = line<float>({7, 0, 9});
    reals.metadata().intent.code = roi::label_intent;
    std::vector<std::string> lost;
    const roi::ResampleOptions told{.warning = [&](std::string_view text) { lost.emplace_back(text); }};
    check_values(roi::resample_to(reals, halves, told), {7, 0, 0, 9, 9}, 0);
    CHECK(lost.empty());
    check_values(roi::resample_to(reals, places(0, 0.5, 2), told), {7, 0}, 0);
    CHECK(lost == std::vector<std::string>{"resample_to: 1 of 2 labels has no voxel on the new grid: 9"});
    CHECK(test::contains(refusal([&] { (void)roi::resample_to(reals, halves, Interpolation::linear); }),
                         "intent 1002"));
    CHECK(test::contains(refusal([&] { (void)roi::resample_to(reals, halves, Interpolation::continuous); }),
                         "intent 1002"));
    const Interpolation chosen_late = Interpolation::linear;
    for (const auto& words : {refusal([&] { (void)roi::resample_to(labels, halves, chosen_late); }),
                              refusal([&] { (void)roi::resample_to(mask, halves, chosen_late); })}) {
        CHECK(words.find("masks and labels, whole numbers of 32 bits and more, have no mean") !=
              std::string::npos);
    }
    // A mask of real numbers is one by its values; of a stream they are known when it has passed.
    const auto real_mask = line<float>({1, 0, 1});
    check_values(roi::resample_to(real_mask, halves), {1, 0, 0, 1, 1}, 0);
    check_values(roi::resample_to(real_mask, halves, Interpolation::linear), {1, 0.5, 0, 0.5, 1}, 0);
    const auto said_of = [&](const Volume<float>& image, Interpolation how) {
        std::vector<std::string> said;
        roi::Collect<float> kept;
        const roi::WarningHandler tell = [&](std::string_view line) { said.emplace_back(line); };
        const auto run = roi::concat(image, image);
        roi::scan(roi::resample_to(test::PlainSource<float>(run), halves, how), kept,
                  roi::ScanOptions{.warning = tell});
        return said;
    };
    const auto said = said_of(real_mask, Interpolation::automatic);
    REQUIRE(said.size() == 1);
    CHECK(said[0].find("resample_to: the image holds 0 and one other value, as a mask does") == 0);
    CHECK(said_of(real_mask, Interpolation::nearest).empty());
    CHECK(said_of(line<float>({1, 0, 2}), Interpolation::automatic).empty());
    CHECK(said_of(line<float>({2, 2, 3}), Interpolation::automatic).size() == 1);
    roi::Volume4D<float> run(Grid(Shape(3, 1, 1)), 2, 1.0f);
    run.metadata().intent.code = 1002;
    CHECK(refusal([&] {
              (void)roi::resample_to(run, halves, Interpolation::continuous);
          }).find("intent 1002") != std::string::npos);
}

TEST_CASE("resample_to: NaN stands outside a mask of real numbers") {
    const auto source_line = line<float>({1, 0, 1});
    roi::Volume<float> mask(Grid(Shape(5, 1, 1)));
    std::copy(source_line.begin(), source_line.end(), mask.begin());
    mask[3] = mask[4] = std::numeric_limits<float>::quiet_NaN();
    const Grid target = places(0.25, 0.5, 8);
    std::vector<std::string> said;
    const auto hear = [&](std::string_view text) { said.emplace_back(text); };
    const auto moved = roi::resample_to(mask, target, {.warning = hear});
    const auto nearest = roi::resample_to(mask, target, Interpolation::nearest);
    CHECK(test::same_bytes(moved, nearest));
    CHECK(std::isnan(moved[6]));
    CHECK(said.empty());  // NaN is copied as what it is
    // Of NaN alone nobody knows that it is a mask.
    const roi::Volume<float> nothing(mask.grid(), std::numeric_limits<float>::quiet_NaN());
    CHECK(std::isnan(roi::resample_to(nothing, target, {.warning = hear})[0]));
    REQUIRE(said.size() == 1);
    CHECK(test::contains(said[0], "volume 0 has no finite voxel"));
    said.clear();
    roi::Collect<float> kept;
    const roi::Volume4D<float> one(mask.grid(), 1, std::numeric_limits<float>::quiet_NaN());
    roi::scan(roi::resample_to(roi::staged(one), target, {}), kept, roi::ScanOptions{.warning = hear});
    CHECK(std::isnan(std::move(kept).result()(0, 0, 0, 0)));
    REQUIRE(said.size() == 1);
    CHECK(test::contains(said[0], "volume 0 has no finite voxel"));
    CHECK(std::isnan(roi::resample_to(nothing, target, {.clip = roi::find_value_range(nothing)})[0]));
    said.clear();
    // Of means it is said that they are made of a mask, and not of labels.
    (void)roi::resample_to(mask, target, Interpolation::linear, {.warning = hear});
    REQUIRE(said.size() == 2);
    CHECK(said[0].find("resample_to: the image holds 0 and one other value, as a mask does") == 0);
    // A run that can be looked at is one, too.
    roi::Volume4D<float> run(mask.grid(), 2);
    std::copy(mask.begin(), mask.end(), run.frame(0).data());
    const auto of_run = roi::resample_to(run, target);
    CHECK(test::same_bytes(roi::Volume<float>(of_run.frame(0)), moved));
}

TEST_CASE("resample_to: runs of masks and labels take the nearest voxel") {
    const auto halves = places(0, 0.5, 5);
    const auto labels = line<std::int32_t>({7, 0, 9});
    const std::array<bool, 3> truth{true, false, true};
    const roi::Mask mask(Grid(Shape(3, 1, 1)), std::span<const bool>(truth));

    const auto of_labels = roi::resample_to(roi::concat(labels, labels), halves);
    static_assert(std::is_same_v<decltype(of_labels), const roi::Volume4D<std::int32_t>>);
    check_values(second_of(of_labels), {7, 0, 0, 9, 9}, 0);
    const auto of_masks = roi::resample_to(roi::concat(mask, mask), halves);
    static_assert(std::is_same_v<decltype(of_masks), const roi::Volume4D<bool>>);
    REQUIRE(of_masks.frames() == 2);
    check_values(second_of(of_masks), {1, 0, 0, 1, 1}, 0);
    check_values(second_of(roi::concat_on(halves, std::vector{roi::concat(labels, labels)})), {7, 0, 0, 9, 9},
                 0);

    // What is exact stays exact, and is not averaged.
    const std::int64_t large = (std::int64_t{1} << 53) + 1;
    const auto exact =
        roi::resample_to(roi::concat(line<std::int64_t>({large, 0, 3})), halves, Interpolation::nearest);
    static_assert(std::is_same_v<decltype(exact), const roi::Volume4D<std::int64_t>>);
    CHECK(exact(0, 0, 0, 0) == large);
    const Interpolation chosen_late = Interpolation::linear;
    CHECK(test::contains(
        refusal([&] { (void)roi::resample_to(roi::concat(labels, labels), halves, chosen_late); }),
        "masks and labels, whole numbers of 32 bits and more, have no mean"));
    CHECK_FALSE(refusal([&] {
                    (void)roi::resample_to(roi::concat(mask, mask), places(0.4, 1, 3), {.fill = 0.5});
                }).empty());

    // As of a volume, what is lost is named, progress told and a stop heard.
    std::vector<std::string> said;
    std::int64_t done = 0;
    (void)roi::resample_to(roi::concat(labels, labels), places(0, 1, 2), {},
                           {.warning = [&](std::string_view text) { said.emplace_back(text); },
                            .progress = [&](std::int64_t volumes, std::int64_t) { done = volumes; }});
    CHECK(said == std::vector<std::string>{"resample_to: 1 of 2 labels has no voxel on the new grid: 9"});
    CHECK(done == 2);
    CHECK_THROWS_AS(roi::resample_to(roi::concat(mask, mask), halves, {}, {.stop = [] { return true; }}),
                    roi::Error);
    said.clear();
    const auto say = [&](std::string_view text) { said.emplace_back(text); };
    (void)roi::concat_on(places(0, 1, 2), std::vector{labels, line<std::int32_t>({7, 9, 0})}, {},
                         {.warning = say});
    CHECK(said ==
          std::vector<std::string>{"concat_on: image 0: 1 of 2 labels has no voxel on the new grid: 9"});
}

TEST_CASE("resample_to: runs and sources of 0 and 1 are masks where that can be known") {
    const auto halves = places(0, 0.5, 5);
    const auto ones = line<float>({1, 0, 1});
    const auto run = roi::concat(ones, ones), other = roi::concat(ones, line<float>({1, 0, 2}));
    check_values(second_of(roi::resample_to(run, halves)), {1, 0, 0, 1, 1}, 0);
    // One value of one volume is another: no mask, in no volume.
    CHECK(roi::resample_to(other, halves)(1, 0, 0, 0) != 0);
    check_values(second_of(roi::resample_to(run, halves, Interpolation::linear)), {1, 0.5, 0, 0.5, 1}, 0);
    CHECK(roi::resample_to(run, halves, {}, {.values = roi::ValueKind::measured})(1, 0, 0, 0) != 0);

    const auto streamed = [&](auto source) {
        roi::Collect<float> kept;
        roi::scan(roi::resample_to(std::move(source), halves), kept);
        return kept.result();
    };
    const auto expected = roi::resample_to(run, halves);
    CHECK(test::same_bytes(streamed(roi::cached(roi::staged(run))), expected));
    CHECK(test::same_bytes(streamed(roi::concat(roi::staged(run))), expected));
    CHECK(test::same_bytes(streamed(roi::select(roi::staged(run), {0, 1})), expected));
    CHECK(test::same_bytes(streamed(roi::reorder(roi::staged(run))), expected));
    CHECK(test::same_bytes(streamed(roi::staged(other) >= 1.0), expected));
    CHECK(test::same_bytes(streamed(1.0 == roi::staged(run)), expected));
    CHECK(test::same_bytes(streamed(roi::staged(run) > ones * 0.0f), expected));
    CHECK_FALSE(test::same_bytes(streamed(roi::staged(run) * 1.0), expected));
    CHECK_FALSE(test::same_bytes(streamed(test::PlainSource<float>(run)), expected));

    // Of files, which are looked at once more; of what passes once nothing is known.
    const test::TemporaryFolder folder;
    const auto file = folder / "mask.nii.gz", measured = folder / "other.nii";
    roi::save(run, file);
    roi::save(other, measured);
    CHECK(test::same_bytes(streamed(roi::open(file)), expected));
    CHECK(test::same_bytes(streamed(roi::open<float>(measured)),
                           roi::resample_to(other, halves, Interpolation::continuous)));
    CHECK(test::same_bytes(streamed(roi::select(roi::open(file), {1})),
                           roi::resample_to(roi::select(run, {1}), halves)));
    roi::Collect<float> kept;
    std::vector<roi::ImageSource<float>> files;
    files.push_back(roi::open(file));
    files.push_back(roi::open(measured));
    roi::scan(roi::concat_on(halves, std::move(files)), kept);
    CHECK(test::same_bytes(roi::select(kept.result(), {0, 1}), expected));
    CHECK(kept.result()(1, 0, 0, 3) != 0);
    CHECK_FALSE(test::same_bytes(streamed(roi::open(roi::ByteReader(file))), expected));
    // What cannot be is said with the image, by its file where it has one; times that differ can be given.
    auto labelled = line<std::int16_t>({7, 0, 9});
    labelled.metadata().intent.code = roi::label_intent;
    CHECK(test::contains(refusal([&] {
                             (void)roi::concat_on(halves,
                                                  std::vector{line<std::int16_t>({1, 2, 3}), labelled},
                                                  Interpolation::linear);
                         }),
                         "concat_on: image 1: the header says that the values are labels"));
    roi::save(labelled, folder / "labels.nii");
    std::vector<roi::ImageSource<float>> wrong;
    wrong.push_back(roi::open(measured));
    wrong.push_back(roi::open(folder / "labels.nii"));
    CHECK(test::contains(
        refusal([&] { (void)roi::concat_on(halves, std::move(wrong), Interpolation::linear); }),
        "concat_on: " + (folder / "labels.nii") + ": the header says that the values are labels"));
    CHECK(
        refusal([&] {
            (void)roi::resample_to(roi::open(folder / "labels.nii"), halves, Interpolation::linear);
        }).find("resample_to: " + (folder / "labels.nii") + ": the header says that the values are labels") ==
        0);
    CHECK(refusal([&] {
              (void)roi::resample_to(roi::open(folder / "labels.nii"), places(-9, 1, 3));
          }).find("resample_to: " + (folder / "labels.nii") + ": the image and the target share no place") ==
          0);
    try {
        (void)roi::resample_to(run, halves, Interpolation::linear, {.stop = [] { return true; }});
        FAIL("it was not stopped");
    } catch (const roi::Error& error) {
        CHECK(std::string(error.what()).find("stopped on request after 0 of ") == 0);
    }
    auto fast = run, slow = run;
    fast.metadata().time_step = 1.5;
    slow.metadata().time_step = 2.5;
    CHECK_FALSE(refusal([&] { (void)roi::concat_on(halves, std::vector{fast, slow}); }).empty());
    const auto joined = roi::concat_on(halves, std::vector{fast, slow}, {}, {}, {.t_r = roi::Seconds{2.0}});
    CHECK(joined.metadata().time_step == 2.0);
}

TEST_CASE("resample_to: labels that vanish are named") {
    auto labels = line<std::int32_t>({0, 4, 0, -5, 6, 4});
    std::string line_said;
    const auto out = roi::resample_to(labels, places(0, 2, 3), Interpolation::automatic,
                                      {.warning = [&](std::string_view said) { line_said = said; }});
    check_values(out, {0, 0, 6}, 0);
    CHECK(line_said == "resample_to: 2 of 3 labels have no voxel on the new grid: -5, 4");
    (void)roi::resample_to(
        labels, places(0, 2, 3), Interpolation::nearest,
        {.name_of_label = [](std::int64_t label) { return label == 4 ? "Putamen" : "other"; },
         .warning = [&](std::string_view said) { line_said = said; }});
    CHECK(line_said == "resample_to: 2 of 3 labels have no voxel on the new grid: -5 (other), 4 (Putamen)");
    line_said.clear();
    (void)roi::resample_to(labels, places(0, 0.5, 11), Interpolation::nearest,
                           {.warning = [&](std::string_view said) { line_said = said; }});
    CHECK(line_said.empty());
}

TEST_CASE("resample_to: voxels that are not finite are bridged, and come back as NaN") {
    const auto x = line<double>({1, 2, 3, not_a_number, 5});
    std::string said;
    const auto halves = roi::resample_to(x, places(0, 0.5, 9), Interpolation::linear,
                                         {.warning = [&](std::string_view text) { said = text; }});
    check_values(halves, {1, 1.5, 2, 2.5, 3, not_a_number, not_a_number, 4.5, 5}, 1e-14);
    CHECK(said == "resample_to: 1 voxel in 1 volume is NaN or infinite: places nearest to them become NaN");
    const auto infinite = line<double>({1, 2, 3, std::numeric_limits<double>::infinity(), 5});
    check_values(roi::resample_to(infinite, places(0, 0.5, 9), Interpolation::linear),
                 {1, 1.5, 2, 2.5, 3, not_a_number, not_a_number, 4.5, 5}, 1e-14);
    // Two rounds of neighbours, then 0.
    std::vector<double> gaps{
        1, not_a_number, not_a_number, not_a_number, not_a_number, not_a_number, not_a_number, 5};
    roi::detail::Buffer<double> bridged;
    roi::detail::bridge_gaps(gaps.data(), Shape(8, 1, 1), bridged);
    check_values(line(std::vector<double>(bridged.data(), bridged.data() + 8)), {1, 1, 1, 0, 0, 5, 5, 5}, 0);
    // The same where the grids cross.
    const Grid turned(Shape(1, 1, 1), affine_of({0.8, -0.6, 0, 1.5, 0.6, 0.8, 0, 0, 0, 0, 1, 0}));
    CHECK(roi::resample_to(x, turned, Interpolation::linear)[0] == Approx(2.5).epsilon(1e-14));
    const Grid at_gap(Shape(1, 1, 1), affine_of({0.8, -0.6, 0, 2.75, 0.6, 0.8, 0, 0, 0, 0, 1, 0}));
    CHECK(std::isnan(roi::resample_to(x, at_gap, Interpolation::linear)[0]));
}

TEST_CASE("resample_to: voxels that are not finite are left out where that is asked for") {
    const auto x = line<double>({1, 2, 3, not_a_number, 5});
    roi::ResampleOptions options{.fill = -1, .non_finite = roi::NonFiniteVoxels::leave_out};
    std::string said;
    options.warning = [&](std::string_view text) { said = text; };
    // Half way the finite neighbour has half of the weight, which is enough.
    const auto halves = roi::resample_to(x, places(0, 0.5, 10), Interpolation::linear, options);
    check_values(halves, {1, 1.5, 2, 2.5, 3, 3, not_a_number, 5, 5, -1}, 1e-14);
    CHECK(test::contains(said, "1 voxel in 1 volume is NaN or infinite: they are left out"));
    check_values(
        roi::resample_to(x, places(0, 0.25, 17), Interpolation::linear, options),
        {1, 1.25, 1.5, 1.75, 2, 2.25, 2.5, 2.75, 3, 3, 3, not_a_number, not_a_number, not_a_number, 5, 5, 5},
        1e-14);
    // A constant stays one up to the edge of what is known, by the spline too, along the axes and across them.
    Volume<float> level(Shape(6, 5, 4), 7.5f);
    level(2, 2, 1) = std::numeric_limits<float>::infinity();
    level(3, 2, 1) = std::numeric_limits<float>::quiet_NaN();
    for (const auto& affine : {affine_of({0.7, 0, 0, 0.1, 0, 0.8, 0, 0.2, 0, 0, 0.6, 0.3}),
                               affine_of({0.7, 0.1, 0, 0.1, -0.1, 0.8, 0, 0.6, 0, 0, 0.6, 0.3})}) {
        const Grid target(Shape(6, 4, 4), affine);
        for (const auto how :
             {roi::Interpolation(Interpolation::linear), roi::Interpolation(Interpolation::continuous)}) {
            const auto out = roi::resample_to(level, target, how, options);
            int known = 0;
            for (const float value : out) {
                known += !std::isnan(value);
                CHECK((std::isnan(value) || std::abs(value - 7.5f) < 1e-5f));
            }
            CHECK(known > 60);
            roi::Volume4D<float> run(level.grid(), 3, level.values()[0]);
            std::copy(level.begin(), level.end(), run.data() + level.size());
            const auto of_run = roi::resample_to(run.view(), target, how, options);
            CHECK(std::equal(out.begin(), out.end(), of_run.data() + out.size(),
                             [](float a, float b) { return a == b || (std::isnan(a) && std::isnan(b)); }));
        }
    }
}

TEST_CASE("resample_to: labels that vanish from a run of integers are named, whatever its header says") {
    roi::Volume4D<std::int16_t> run(Shape(6, 1, 1), 2, std::int16_t{0});
    run(1, 0, 0, 0) = 7;
    run(2, 0, 0, 1) = 9;
    roi::Volume4D<std::int32_t> large(run.grid(), 1, std::int32_t{0});
    large(1, 0, 0, 0) = 70000;
    std::string said;
    const roi::ResampleOptions options{.warning = [&](std::string_view text) { said = text; }};
    // Voxels 0, 2, 4: 7 is lost, 9 is not.
    (void)roi::resample_to(run, places(0, 2, 3), Interpolation::nearest, options);
    CHECK(said == "resample_to: 1 of 2 labels has no voxel on the new grid: 7");
    said.clear();
    (void)roi::resample_to(large, places(0, 2, 3), Interpolation::nearest, options);
    CHECK(said == "resample_to: 1 of 1 label has no voxel on the new grid: 70000");
    said.clear();
    (void)roi::resample_to(run, places(0, 2, 3), Interpolation::linear, options);
    CHECK(said.empty());
}

TEST_CASE("concat_on: images of several grids follow each other on one") {
    test::Random random(test::seed());
    INFO("seed " << test::seed());
    const Grid fine(Shape(6, 5, 4)), coarse(Shape(3, 3, 2), roi::scaling(Point(2, 2, 2)));
    const auto a = test::random_run<float>(fine, 2, random), b = test::random_run<float>(coarse, 3, random);
    const auto joined = roi::concat_on(fine, std::vector{a, b}, Interpolation::linear);
    REQUIRE(joined.frames() == 5);
    CHECK(joined.grid() == fine);
    CHECK(test::same_bytes(Volume<float>(joined.frame(1)), Volume<float>(a.frame(1))));
    CHECK(test::same_bytes(Volume<float>(joined.frame(4)),
                           roi::resample_to(b.frame(2), fine, Interpolation::linear)));
    roi::Collect<float> kept;
    roi::scan(roi::concat_on(fine, std::vector{test::PlainSource<float>(a), test::PlainSource<float>(b)},
                             Interpolation::linear),
              kept);
    CHECK(test::same_bytes(kept.result(), joined));
    const roi::Mask one(fine, true), other(coarse, true);
    const auto masks = roi::concat_on(coarse, std::vector{one, other});
    static_assert(std::is_same_v<decltype(masks), const roi::Volume4D<bool>>);
    CHECK(masks(2, 1, 1, 0));
    const Grid far(Shape(2, 2, 2), roi::scaling(Point(1, 1, 1), Point(900, 0, 0)));
    CHECK_THROWS_AS(roi::concat_on(far, std::vector{a, b}), roi::InvalidArgument);
}

TEST_CASE("resample_to: the same voxels are copied bit for bit") {
    test::Random random(test::seed());
    INFO("seed " << test::seed());
    const Grid grid(Shape(5, 4, 3), affine_of({0, -2, 0, 10, 3, 0, 0, 20, 0, 0, -4, 30}));
    auto volume = test::random_volume<float>(grid, random);
    volume[8] = std::numeric_limits<float>::quiet_NaN();
    const auto same = roi::resample_to(volume, grid);
    CHECK(test::same_bytes(same, volume));
    // Two voxels further along x, one back along z; and the axes in another order.
    const Grid moved(Shape(5, 4, 3), affine_of({0, -2, 0, 10, 3, 0, 0, 26, 0, 0, -4, 34}));
    const auto shifted = roi::resample_to(volume, moved, Interpolation::continuous, {.fill = 5});
    CHECK(shifted(0, 1, 1) == volume(2, 1, 0));
    CHECK(shifted(4, 1, 1) == 5);
    CHECK(shifted(0, 1, 0) == 5);
    const Grid flipped(Shape(4, 5, 3), affine_of({2, 0, 0, 4, 0, 3, 0, 20, 0, 0, 4, 22}));
    const auto turned = roi::resample_to(volume, flipped, Interpolation::continuous);
    for (std::int64_t x = 0; x < 4; ++x) {
        const float a = turned(x, 2, 1), b = volume(2, 3 - x, 1);
        CHECK((a == b || (std::isnan(a) && std::isnan(b))));
    }
}

TEST_CASE("resample_to: values are the sums over all samples") {
    test::Random random(test::seed());
    INFO("seed " << test::seed());
    int inside = 0, outside = 0;
    for (int round = 0; round < 60; ++round) {
        const int kind = round % 4;
        const Grid source(test::random_shape(random, 6), random_affine(random, kind));
        // Every second pair runs along the same axes.
        roi::Affine other = random_affine(random, round % 2 == 0 ? kind : 3);
        if (round % 2 == 0) {
            for (int column = 0; column < 3; ++column) {
                other.col(column) = source.affine().col((column + round) % 3) * (column == 1 ? -0.7 : 1.3);
            }
        }
        const Point middle = source.world(Point(1, 1, 0.5));
        for (int row = 0; row < 3; ++row) other(row, 3) = middle[row];
        const Grid target(test::random_shape(random, 5), other);
        const auto volume = test::random_volume<double>(source, random);
        if (!roi::detail::grids_overlap(source, target)) continue;
        const auto linear = roi::resample_to(volume, target, Interpolation::linear, {.fill = 9});
        const auto cubic = roi::resample_to(volume, target, Interpolation::continuous, {.fill = 9});
        const auto nearest = roi::resample_to(volume, target, Interpolation::nearest, {.fill = 9});
        for (std::int64_t i = 0; i < target.size(); ++i) {
            const auto v = target.shape().voxel(i);
            const Point p = source.voxel(target.world(
                Point(static_cast<double>(v[0]), static_cast<double>(v[1]), static_cast<double>(v[2]))));
            std::array<double, 3> place{};
            std::array<std::int64_t, 3> near{};
            bool in = true, tie = false;
            for (std::size_t axis = 0; axis < 3; ++axis) {
                const auto last = static_cast<double>(source.shape()[static_cast<int>(axis)] - 1);
                const double at = p[static_cast<int>(axis)];
                in = in && at >= -1e-4 && at <= last + 1e-4;
                place[axis] = std::clamp(at, 0.0, last);
                near[axis] = static_cast<std::int64_t>(std::floor(place[axis] + 0.5));
                tie = tie || std::abs(place[axis] - std::floor(place[axis]) - 0.5) < 1e-9;
            }
            INFO("round " << round << ", " << source.to_string() << " to " << target.to_string() << ", voxel "
                          << i);
            if (!in) {
                ++outside;
                CHECK(linear[i] == 9);
                CHECK(cubic[i] == 9);
                CHECK(nearest[i] == 9);
                continue;
            }
            ++inside;
            CHECK(std::abs(linear[i] - static_cast<double>(direct(volume, place, false))) <= 1e-10);
            CHECK(std::abs(cubic[i] - static_cast<double>(direct(volume, place, true))) <= 1e-10);
            if (!tie) CHECK(nearest[i] == volume(near[0], near[1], near[2]));
        }
    }
    CHECK(inside > 150);
    CHECK(outside > 200);
}

TEST_CASE("resample_to: lines of any length and lanes of any number") {
    test::Random random(test::seed());
    INFO("seed " << test::seed());
    // More lines than are taken at once, lines longer than the start of the recursion looks, rows cut on both sides.
    const Grid source(Shape(53, 19, 11));
    const auto volume = test::random_volume<double>(source, random);
    const Grid target(Shape(90, 30, 9), roi::scaling(Point(0.7, 0.8, 1.3), Point(-3.13, -2.2, 0.4)));
    const auto along = roi::resample_to(volume, target, Interpolation::continuous, {.fill = -1});
    // The general way for the same grid, by a slant that matters to the choice and not to the values.
    roi::Affine slanted = target.affine();
    slanted(2, 0) = 4e-9;
    slanted(0, 2) = 4e-9;
    const auto across =
        roi::resample_to(volume, Grid(target.shape(), slanted), Interpolation::continuous, {.fill = -1});
    for (std::int64_t i = 0; i < along.size(); ++i) CHECK(std::abs(along[i] - across[i]) <= 2e-6);
    const auto line_along = roi::resample_to(volume, target, Interpolation::linear, {.fill = -1});
    const auto line_across =
        roi::resample_to(volume, Grid(target.shape(), slanted), Interpolation::linear, {.fill = -1});
    for (std::int64_t i = 0; i < along.size(); ++i) CHECK(std::abs(line_along[i] - line_across[i]) <= 2e-6);
    const auto copied_along = roi::resample_to(volume, target, Interpolation::nearest, {.fill = -1});
    const auto copied_across =
        roi::resample_to(volume, Grid(target.shape(), slanted), Interpolation::nearest, {.fill = -1});
    CHECK(test::same_bytes(copied_along, copied_across));
}

TEST_CASE("resample_to: the same bytes with any number of threads and instruction set") {
    test::Random random(test::seed());
    INFO("seed " << test::seed());
    const auto volume = test::random_volume<float>(Grid(Shape(21, 18, 13)), random);
    for (const auto& affine : {affine_of({0.7, 0, 0, 1, 0, -0.9, 0, 15, 0, 0, 1.2, 0}),
                               affine_of({0.7, 0.2, 0, 1, -0.2, 0.9, 0, 2, 0, 0.1, 1.2, 0})}) {
        const Grid target(Shape(19, 17, 9), affine);
        const auto one = with_threads(1, volume, target);
        const auto three = with_threads(3, volume, target);
        CHECK(test::same_bytes(one, three));
        roi::detail::force_instruction_set(roi::detail::InstructionSet::baseline);
        const auto plain = roi::resample_to(volume, target);
        roi::detail::force_instruction_set(roi::detail::InstructionSet::best);
        CHECK(test::same_bytes(one, plain));
        const auto copied = roi::resample_to(volume, target, Interpolation::nearest);
        roi::detail::force_instruction_set(roi::detail::InstructionSet::baseline);
        CHECK(test::same_bytes(copied, roi::resample_to(volume, target, Interpolation::nearest)));
        roi::detail::force_instruction_set(roi::detail::InstructionSet::best);
    }
}

TEST_CASE("resample_to: a run in memory and a source have the values of their volumes") {
    test::Random random(test::seed());
    INFO("seed " << test::seed());
    auto run = test::random_run<float>(Grid(Shape(7, 6, 5)), 5, random);
    run(2, 2, 2, 3) = std::numeric_limits<float>::quiet_NaN();
    run.metadata().time_step = 2.5;
    run.metadata().slices.duration = 0.1;
    const Grid target(Shape(6, 5, 9), affine_of({1, 0.1, 0, 1.3, -0.1, 1, 0, 0.5, 0, 0, 0.5, 0}));
    const roi::ResampleOptions options{.fill = -2, .clip = roi::ValueRange{80, 115}};
    const auto resampled = roi::resample_to(run, target, Interpolation::continuous, options);
    CHECK(resampled.frames() == 5);
    CHECK(resampled.grid() == target);
    CHECK(resampled.metadata().time_step == 2.5);
    CHECK(resampled.metadata().slices == roi::SliceTiming{});
    for (std::int64_t t = 0; t < 5; ++t) {
        const auto alone = roi::resample_to(run.frame(t), target, Interpolation::continuous, options);
        CHECK(alone.metadata().time_step == 0);
        CHECK(test::same_bytes(alone, Volume<float>(resampled.frame(t))));
    }
    roi::Collect<float> kept;
    roi::scan(roi::resample_to(test::PlainSource<float>(run), target, Interpolation::continuous, options),
              kept);
    CHECK(test::same_bytes(kept.result(), resampled));
    // Clipped, but not the fill.
    const auto range = roi::value_range(resampled);
    CHECK(range.low == -2);
    CHECK(range.high <= 115);
}

TEST_CASE("resample_to: means of what looks like labels or a mask are said, whatever the type") {
    const Grid halves = places(0, 0.5, 11);
    std::vector<std::string> said;
    const auto warned = [&](const auto& image, auto how, roi::ValueKind values = roi::ValueKind::unknown) {
        said.clear();
        return roi::resample_to(image, halves, how, {.values = values, .warning = [&](std::string_view line) {
                                                         said.emplace_back(line);
                                                     }});
    };
    const auto atlas = line<std::int16_t>({3, 3, 3, 7, 7, 0});
    const auto measured = line<std::int16_t>({3, 8, 5, 7, 2, 0});
    (void)warned(atlas, Interpolation::automatic);
    REQUIRE(said.size() == 1);
    CHECK(said[0].find("resample_to: the image holds whole numbers in patches, as labels of regions are") ==
          0);
    (void)warned(roi::as<float>(atlas), Interpolation::linear);
    CHECK(said.size() == 1);
    (void)warned(line<std::uint8_t>({0, 255, 255, 0, 0, 255}), Interpolation::automatic);
    REQUIRE(said.size() == 1);
    CHECK(said[0].find("0 and one other value") != std::string::npos);
    (void)warned(measured, Interpolation::automatic);
    CHECK(said.empty());
    (void)warned(atlas, Interpolation::nearest);
    CHECK(said.empty());
    // Who says what they are hears nothing, and gets what fits it.
    const auto means = warned(atlas, Interpolation::automatic, roi::ValueKind::measured);
    CHECK(said.empty());
    CHECK(test::same_bytes(means, roi::resample_to(atlas, halves, Interpolation::continuous)));
    const auto moved = warned(atlas, Interpolation::automatic, roi::ValueKind::labels);
    CHECK(said.empty());
    CHECK(test::same_bytes(moved, roi::as<float>(roi::resample_to(atlas, halves, Interpolation::nearest))));
    const auto ones = line<float>({0, 1, 1, 0, 0, 1});
    CHECK(test::same_bytes(warned(ones, Interpolation::automatic, roi::ValueKind::measured),
                           roi::resample_to(ones, halves, Interpolation::continuous)));
    CHECK(refusal([&] {
              (void)roi::resample_to(atlas, halves, Interpolation::linear,
                                     {.values = roi::ValueKind::labels});
          }).find("`.values` says that the image is of labels") != std::string::npos);
    CHECK(refusal([&] {
              (void)roi::resample_to(roi::staged(roi::Volume4D<float>(places(0, 1, 3), 2)), halves,
                                     Interpolation::linear, {.values = roi::ValueKind::mask});
          }).find("is a mask, which has no mean") != std::string::npos);
    // Streams say it when they have passed; volumes of a repetition time are no atlases.
    roi::Volume4D<std::int16_t> run(atlas.grid(), 2);
    for (std::int64_t t = 0; t < 2; ++t) std::copy(atlas.begin(), atlas.end(), run.data() + t * atlas.size());
    for (const int number : {1, 3}) {
        const test::Threads threads(number);
        (void)warned(run, Interpolation::linear);
        CHECK(said.size() == 1);
    }
    // A 1 without a unit stands in every header of nibabel.
    run.metadata().time_step = 1.0;
    run.metadata().time_unit = roi::TimeUnit::unknown;
    (void)warned(run, Interpolation::linear);
    CHECK(said.size() == 1);
    run.metadata().time_step = 2.0;
    run.metadata().time_unit = roi::TimeUnit::second;
    (void)warned(run, Interpolation::linear);
    CHECK(said.empty());
    // Labels by their type alone, which look like none.
    for (const bool as_run : {false, true}) {
        roi::Volume<std::int64_t> wide(places(0, 1, 200));
        for (std::int64_t i = 0; i < wide.size(); ++i) wide[i] = 1 + i * 7919 % 211;
        const roi::Volume4D<std::int64_t> runs(wide.grid(), 1, wide.values());
        const auto use = [&](roi::ValueKind values) {
            as_run ? (void)warned(runs, Interpolation::automatic, values)
                   : (void)warned(wide, Interpolation::automatic, values);
        };
        use(roi::ValueKind::unknown);
        REQUIRE(!said.empty());
        CHECK(said[0].find(
                  "whole numbers of 32 bits or more, which are taken for labels, and looks measured") !=
              std::string::npos);
        use(roi::ValueKind::labels);
        for (const auto& line : said) CHECK(line.find("looks measured") == std::string::npos);
        CHECK(refusal([&] { use(roi::ValueKind::measured); }).find("resample `image * 1.0`") !=
              std::string::npos);
    }
    (void)warned(roi::as<std::int32_t>(atlas), Interpolation::automatic);
    CHECK(said.empty());
}

TEST_CASE("resample_to: what cannot be is refused") {
    const auto x = line<double>({1, 2, 3});
    const auto far = refusal([&] { (void)roi::resample_to(x, places(7, 1, 3)); });
    CHECK(far.find("share no place") != std::string::npos);
    CHECK_FALSE(refusal([&] { (void)roi::resample_to(x, places(-9, 1, 3)); }).empty());
    // They overlap, but in no centre.
    roi::Affine aside = roi::Affine::Identity();
    aside(1, 3) = 0.25;
    const auto beside = refusal([&] { (void)roi::resample_to(x, Grid(Shape(3, 1, 1), aside)); });
    CHECK(beside.find("the image and the target meet in no voxel centre") != std::string::npos);
    roi::Affine flat = roi::Affine::Identity();
    flat(1, 1) = 0;
    CHECK(refusal([&] { (void)roi::resample_to(x, Grid(Shape(3, 1, 1), flat)); }).find("inverted") !=
          std::string::npos);
    for (const roi::ValueRange wrong : {roi::ValueRange{3, 1}, roi::ValueRange{1, not_a_number}}) {
        CHECK(refusal([&] {
                  (void)roi::resample_to(x, places(0, 1, 3), Interpolation::linear, {.clip = wrong});
              }).find("`.clip` must go from low to high, found ") != std::string::npos);
    }
    const auto half = places(0.5, 1, 2);
    CHECK(refusal([&] {
              (void)roi::resample_to(line<std::int16_t>({1, 2, 3}), half, Interpolation::nearest,
                                     {.fill = 0.5});
          }).find("fill") != std::string::npos);
    CHECK(refusal([&] {
              (void)roi::resample_to(line<std::uint8_t>({1, 2, 3}), half, Interpolation::nearest,
                                     {.fill = 256});
          }).find("fill") != std::string::npos);
    CHECK(refusal([&] {
              (void)roi::resample_to(line<float>({1, 2, 3}), half, Interpolation::linear, {.fill = 1e39});
          }).find("fill") != std::string::npos);
    CHECK(roi::resample_to(Volume<float>(), half)[0] == 0);

    // More voxels than there is memory for, and nothing is written to find out.
    const Grid huge(Shape(200'000, 200'000, 200'000), half.affine());
    const auto lacks = [](const auto& action) { return test::message_of<roi::Error>(action); };
    const auto needed = lacks([&] { (void)roi::resample_to(x, huge); });
    CHECK(
        test::contains(needed, "a volume of 200000 x 200000 x 200000 voxels needs 64000000000 MB of memory"));
    CHECK(test::contains(needed, "larger voxels"));
    const roi::Volume4D<float> run(x.grid(), 2);
    CHECK(test::contains(lacks([&] { (void)roi::resample_to(roi::staged(run), huge); }),
                         "needs 32000000000 MB"));
}

TEST_CASE("grid_of_affine: nilearn's bounding boxes") {
    const Grid source(Shape(3, 4, 3), roi::scaling(Point(2, 2, 2), Point(10, 20, 30)));
    const auto three = roi::grid_of_affine(source, roi::Axes(roi::Axes::Identity() * 3.0));
    CHECK(three.shape() == Shape(3, 3, 3));
    CHECK(three.affine() == roi::scaling(Point(3, 3, 3), Point(10, 20, 30)));
    // Any matrix of Eigen, as an expression or not.
    CHECK(roi::grid_of_affine(source, roi::Axes::Identity() * 3.0) == three);
    CHECK(roi::grid_of_affine(source, Eigen::Matrix3d(Eigen::Matrix3d::Identity() * 3.0)) == three);
    CHECK(roi::grid_of_affine(source, Eigen::Matrix3f::Identity() * 3.0F) == three);
    const Eigen::Matrix4d whole = three.affine();
    CHECK(roi::grid_of_affine(source, whole) == roi::grid_of_affine(source, three.affine()));
    const double c = std::cos(3.14159265358979323846 / 6), s = 0.5;
    roi::Axes turned;
    turned << c, -s, 0, s, c, 0, 0, 0, 1;
    const auto rotated = roi::grid_of_affine(source, turned);
    CHECK(rotated.shape() == Shape(8, 9, 5));
    CHECK(rotated.affine()(0, 3) == Approx(11.0).epsilon(1e-12));
    CHECK(rotated.affine()(1, 3) == Approx(18.26794919243112).epsilon(1e-12));
    CHECK(rotated.affine()(2, 3) == Approx(30.0).epsilon(1e-12));
    const auto cut = roi::grid_of_affine(source, roi::scaling(Point(3, 3, 3), Point(4, 20, 30)));
    CHECK(cut.shape() == Shape(5, 3, 3));
    CHECK_FALSE(refusal([&] {
                    (void)roi::grid_of_affine(source, roi::scaling(Point(3, 3, 3), Point(40, 0, 0)));
                }).empty());
    // Rounding adds no plane: 0.3 * 7 / 0.7 is a little more than 3.
    const Grid fine(Shape(8, 1, 1), roi::scaling(Point(0.3, 1, 1)));
    CHECK(roi::grid_of_affine(fine, roi::scaling(Point(0.7, 1, 1))).shape() == Shape(4, 1, 1));
}

TEST_CASE("grid_of_voxel_size: axes and the outer corner stay") {
    const Grid source(Shape(8, 6, 4), affine_of({0, -2, 0, 10, 3, 0, 0, 20, 0, 0, -4, 30}));
    const auto fine = roi::grid_of_voxel_size(source, Point(1.5, 1, 4));
    CHECK(fine.shape() == Shape(16, 12, 4));
    CHECK(fine.affine() == affine_of({0, -1, 0, 10.5, 1.5, 0, 0, 19.25, 0, 0, -4, 30}));
    const Point before = source.world(Point(-0.5, -0.5, -0.5)), after = fine.world(Point(-0.5, -0.5, -0.5));
    CHECK((before - after).norm() <= 1e-12);
    CHECK(roi::grid_of_voxel_size(source, source.voxel_size()) == source);
    CHECK(refusal([&] { (void)roi::grid_of_voxel_size(source, 0.0); }).find("above 0") != std::string::npos);
    CHECK(refusal([&] { (void)roi::grid_of_voxel_size(source, not_a_number); }).find("above 0") !=
          std::string::npos);
}
