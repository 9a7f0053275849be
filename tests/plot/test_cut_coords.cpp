// Automatic cuts: the numbers nilearn gives for the same maps.
#include <roi/plot/cut_coords.hpp>

#include "catch.hpp"
#include "plot_support.hpp"
#include <cstdint>
#include <limits>
#include <string>
#include <type_traits>
#include <vector>

using roi::Axis;
using roi::Point;
using Cuts = std::vector<double>;

namespace {

const roi::Affine flipped = test::affine({-3, 0, 0, 10, 0, 3, 0, -20, 0, 0, 3, 5});

/// A box of ones with a lone voxel beside it, or 1 to 36 with x slowest in the same box.
roi::Volume<double> box(bool rising) {
    roi::Volume<double> out(roi::Grid(roi::Shape(10, 12, 14), flipped));
    double value = 0.0;
    for (int x = 2; x < 5; ++x) {
        for (int y = 3; y < 6; ++y) {
            for (int z = 4; z < 8; ++z) out(x, y, z) = rising ? ++value : 1.0;
        }
    }
    if (!rising) out(8, 9, 10) = 1.0;
    return out;
}

/// Values from -500 to 500 by a hash of the position with x slowest; a seventh of them for real types.
template <class T>
roi::Volume<T> hashed(const roi::Affine& affine) {
    roi::Volume<T> out(roi::Grid(roi::Shape(9, 11, 13), affine));
    for (std::uint32_t i = 0; i < 9 * 11 * 13; ++i) {
        std::uint32_t k = i * 2654435761u;
        k = (k >> 13) ^ k;
        k *= 2246822519u;
        const double value = static_cast<double>((k >> 16) % 1001) - 500.0;
        out(i / 143, i / 13 % 11, i % 13) = static_cast<T>(std::is_integral_v<T> ? value : value / 7.0);
    }
    return out;
}

void check(const Point& found, double x, double y, double z, double tolerance = 1e-12) {
    CHECK(found[0] == Approx(x).epsilon(tolerance));
    CHECK(found[1] == Approx(y).epsilon(tolerance));
    CHECK(found[2] == Approx(z).epsilon(tolerance));
}

}  // namespace

TEST_CASE("the centre of the largest, strongest component") {
    check(roi::find_xyz_cut_coords(box(false)), 1.0, -8.0, 21.5);
    check(roi::find_xyz_cut_coords(box(true)), -2.0, -6.207792207792208, 22.194805194805195);
    check(roi::find_xyz_cut_coords(box(true), 0.5), -0.29729729729729826, -7.567567567567567,
          21.7027027027027);
}

TEST_CASE("an empty map is cut through its first voxel, with a word about it") {
    const roi::Volume<float> empty(roi::Grid(roi::Shape(4, 5, 6), flipped));
    std::string warning;
    check(roi::find_xyz_cut_coords(empty, {}, [&](std::string_view line) { warning = line; }), 10, -20, 5);
    CHECK(test::contains(warning, "all 0"));
    const roi::Volume<float> nan(roi::Grid(roi::Shape(2, 2, 2)), std::numeric_limits<float>::quiet_NaN());
    check(roi::find_xyz_cut_coords(nan), 0, 0, 0);
}

TEST_CASE("below the threshold everywhere: the centre of mass") {
    std::string warning;
    const auto found =
        roi::find_xyz_cut_coords(box(false), 3.0, [&](std::string_view line) { warning = line; });
    CHECK(test::contains(warning, "threshold"));
    // 36 voxels around (3, 4, 5.5) and one at (8, 9, 10).
    check(found, 10 - 3 * (36 * 3.0 + 8) / 37, -20 + 3 * (36 * 4.0 + 9) / 37, 5 + 3 * (36 * 5.5 + 10) / 37);
}

TEST_CASE("noise in three voxel types, flipped and permuted") {
    const auto plain = test::affine({-3, 0, 0, 20, 0, 3, 0, -30, 0, 0, 3, -10});
    const auto permuted = test::affine({0, 2, 0, -9, 0, 0, -4, 30, 3, 0, 0, 7});
    check(roi::find_xyz_cut_coords(hashed<double>(plain)), 0.49328281088529025, -24.704788150189458,
          -1.0852566310713065);
    check(roi::find_xyz_cut_coords(hashed<double>(plain), 50.0), 15.397309759464301, -9.865840406473023,
          5.439484272665862);
    check(roi::find_xyz_cut_coords(hashed<std::int16_t>(plain), 50.0), 8.00231550527523, -14.851770761902712,
          7.610386255800293);
    // nilearn sums in float32 here.
    check(roi::find_xyz_cut_coords(hashed<float>(plain), 50.0), 15.3973094994772, -9.865839609487082,
          5.439484997649512, 1e-6);
    check(roi::find_xyz_cut_coords(hashed<double>(permuted)), -5.4698587667929734, 18.113675508095078,
          26.50671718911471);
    check(roi::find_xyz_cut_coords(hashed<std::int16_t>(permuted), 50.0), 1.0988194920648588,
          6.519484992266275, 18.99768449472477);
}

TEMPLATE_TEST_CASE("slices through the peaks of noise, in the order of the voxels", "", float, double,
                   std::int16_t) {
    const auto plain = hashed<TestType>(test::affine({-3, 0, 0, 20, 0, 3, 0, -30, 0, 0, 3, -10}));
    CHECK(roi::find_cut_slices(plain, Axis::x, 4) == Cuts{17, 14, 5, -1});
    CHECK(roi::find_cut_slices(plain, Axis::x, 7) == Cuts{17, 14, 11, 5, 2, -1, -4});
    CHECK(roi::find_cut_slices(plain, Axis::x, 3, 3) == Cuts{17, 8, -1});
    CHECK(roi::find_cut_slices(plain, Axis::y, 7) == Cuts{-27, -24, -21, -18, -12, -6, -3});
    CHECK(roi::find_cut_slices(plain, Axis::z, 4) == Cuts{-1, 2, 8, 14});
    CHECK(roi::find_cut_slices(plain, Axis::z, 3, 3) == Cuts{-1, 8, 23});
    const auto permuted = hashed<TestType>(test::affine({0, 2, 0, -9, 0, 0, -4, 30, 3, 0, 0, 7}));
    CHECK(roi::find_cut_slices(permuted, Axis::x, 7) == Cuts{-7, -5, -3, -1, 3, 7, 9});
    CHECK(roi::find_cut_slices(permuted, Axis::y, 7) == Cuts{-14, -2, 6, 10, 18, 22, 26});
    CHECK(roi::find_cut_slices(permuted, Axis::z, 3, 3) == Cuts{10, 19, 28});
}

TEST_CASE("slices of the box, and when peaks run out") {
    CHECK(roi::find_cut_slices(box(true), Axis::z, 7) == Cuts{14, 17, 20, 23, 26, 29, 35});
    CHECK(roi::find_cut_slices(box(true), Axis::z, 3) == Cuts{14, 23, 29});
    CHECK(roi::find_cut_slices(box(false), Axis::z, 7) == Cuts{14, 20, 23, 26, 29, 35, 38});
    // Every slice once, never one outside.
    const roi::Volume<float> empty(roi::Grid(roi::Shape(3, 3, 5)));
    CHECK(roi::find_cut_slices(empty, Axis::z, 5) == Cuts{0, 1, 2, 3, 4});
}

TEST_CASE("more cuts than slices shows all, none is refused") {
    std::string warning;
    const roi::Volume<bool> mask(roi::Grid(roi::Shape(3, 3, 2), flipped), true);
    const auto warn = [&](std::string_view line) { warning = line; };
    CHECK(roi::find_cut_slices(mask, Axis::z, 7, {}, warn) == Cuts{5, 8});
    CHECK(test::contains(warning, "all 2"));
    CHECK(test::contains(test::message_of([&] { (void)roi::find_cut_slices(mask, Axis::z, 0); }),
                         "1 or more cuts"));
    CHECK(test::contains(test::message_of([&] { (void)roi::find_cut_slices(mask, Axis::z, 1, 0); }),
                         "spacing"));
}
