// Smoothing: nilearn's numbers, direct sums in long double, borders, properties, the same bytes every way.
#include <roi/spatial/smooth.hpp>
#include <roi/stream/concat.hpp>
#include <roi/stream/scan.hpp>

#include "catch.hpp"
#include "checks.hpp"
#include "sources.hpp"
#include "support.hpp"
#include <algorithm>
#include <array>
#include <cmath>
#include <cstdint>
#include <limits>
#include <numeric>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

using roi::Fwhm;
using roi::Grid;
using roi::Shape;
using roi::Volume;

namespace {

const double sigma_1 = 2.3548200450309493;  // fwhm of a sigma of one voxel of 1 mm

template <class T>
Volume<T> impulse(const Grid& grid, std::int64_t x, std::int64_t y, std::int64_t z, T value = 1) {
    Volume<T> out(grid);
    out.at(x, y, z) = value;
    return out;
}

template <class T>
Volume<T> flipped(const Volume<T>& volume, const std::array<bool, 3>& axes) {
    const Shape& s = volume.shape();
    Volume<T> out(volume.grid());
    for (std::int64_t z = 0; z < s.z(); ++z) {
        for (std::int64_t y = 0; y < s.y(); ++y) {
            for (std::int64_t x = 0; x < s.x(); ++x) {
                out(x, y, z) = volume(axes[0] ? s.x() - 1 - x : x, axes[1] ? s.y() - 1 - y : y,
                                      axes[2] ? s.z() - 1 - z : z);
            }
        }
    }
    return out;
}

/// How much of sample q there is in the filtered sample p of a line: kernel and mirrors in one matrix.
std::vector<std::vector<long double>> line_matrix(std::int64_t n, long double sigma) {
    std::vector<std::vector<long double>> out(static_cast<std::size_t>(n),
                                              std::vector<long double>(static_cast<std::size_t>(n)));
    const auto radius = static_cast<std::int64_t>(std::floor(4.0L * sigma + 0.5L));
    const auto weight = [&](std::int64_t j) {
        return sigma > 0 ? std::exp(-0.5L * static_cast<long double>(j * j) / (sigma * sigma)) : 1.0L;
    };
    long double sum = 0;
    for (std::int64_t j = -radius; j <= radius; ++j) sum += weight(j);
    for (std::int64_t p = 0; p < n; ++p) {
        for (std::int64_t j = -radius; j <= radius; ++j) {
            std::int64_t q = p + j;
            while (q < 0 || q >= n) q = q < 0 ? -1 - q : 2 * n - 1 - q;
            out[static_cast<std::size_t>(p)][static_cast<std::size_t>(q)] += weight(j) / sum;
        }
    }
    return out;
}

/// The definition, as one sum over all voxels for every voxel.
template <class T>
std::vector<long double> direct(const Volume<T>& in, const Fwhm& fwhm) {
    const Shape& s = in.shape();
    const auto size = in.grid().voxel_size();
    const auto sigma = [&](int axis) {
        return s[axis] == 1 ? 0.0L
                            : static_cast<long double>(fwhm[axis]) /
                                  (std::sqrt(8.0L * std::log(2.0L)) * static_cast<long double>(size[axis]));
    };
    const auto a = line_matrix(s.x(), sigma(0)), b = line_matrix(s.y(), sigma(1)),
               c = line_matrix(s.z(), sigma(2));
    std::vector<long double> out;
    for (std::size_t i = 0; i < static_cast<std::size_t>(in.size()); ++i) {
        const auto p = s.voxel(static_cast<std::int64_t>(i));
        long double sum = 0;
        for (std::int64_t j = 0; j < in.size(); ++j) {
            const auto q = s.voxel(j);
            const auto at = [&](const auto& matrix, std::size_t axis) {
                return matrix[static_cast<std::size_t>(p[axis])][static_cast<std::size_t>(q[axis])];
            };
            sum += at(a, 0) * at(b, 1) * at(c, 2) * static_cast<long double>(in[j]);
        }
        out.push_back(sum);
    }
    return out;
}

/// Distance in units in the last place of a float.
double ulps(float value, long double exact) {
    const auto nearest = std::abs(static_cast<float>(exact));
    const float unit = std::nextafter(nearest, std::numeric_limits<float>::infinity()) - nearest;
    return static_cast<double>(std::abs(static_cast<long double>(value) - exact) /
                               static_cast<long double>(unit));
}

template <class Image>
double mean_of(const Image& image) {
    return std::accumulate(image.begin(), image.end(), 0.0) / static_cast<double>(image.size());
}

Grid random_grid(test::Random& random, std::int64_t most) {
    std::uniform_real_distribution<double> size(1.0, 5.0);
    const roi::Point sizes(size(random), -size(random), size(random));
    return {test::random_shape(random, most), roi::scaling(sizes)};
}

Fwhm random_fwhm(test::Random& random, double most) {
    std::uniform_real_distribution<double> width(0.0, most);
    const double x = width(random), y = width(random), z = width(random);
    return {x, y, random() % 4 == 0 ? 0.0 : z};
}

}  // namespace

TEST_CASE("a smoothed t map is no t map, and smoothed labels are none; vectors stay vectors") {
    roi::Volume<float> map(Shape(3, 3, 3), 1.0F);
    for (const auto& [code, kept] :
         {std::pair{3, 0}, {2, 0}, {24, 0}, {1002, 0}, {1007, 1007}, {1001, 1001}}) {
        map.metadata().intent = {code, {}, {20.0, 0.0, 0.0}};
        CHECK(roi::smooth(map, roi::Fwhm{2.0}).metadata().intent.code == kept);
        CHECK(roi::smooth(roi::Volume4D<float>(map.grid(), 2, 1.0F, map.metadata()), roi::Fwhm{2.0})
                  .metadata()
                  .intent.code == kept);
    }
}

TEST_CASE("smooth: the kernel is scipy's") {
    const auto check = [](double fwhm, double voxel, const std::vector<double>& weights) {
        INFO(fwhm << " mm, voxels of " << voxel << " mm");
        const auto kernel = roi::detail::gaussian_kernel(Fwhm(fwhm).sigma(0, voxel));
        REQUIRE(kernel.size() == weights.size());
        for (std::size_t j = 0; j < kernel.size(); ++j) {
            CHECK(std::abs(kernel[j] - weights[j]) <= 2e-15 * weights[j]);
        }
    };
    check(6, 3.5, {0.5479738732587406, 0.21331656439140445, 0.01258400159990981, 0.00011249737931542177});
    check(6, 3.75, {0.5870188938087767, 0.19874339827432363, 0.0077128450545312678, 3.4309766756795195e-05});
    check(4, 4, {0.8888647768886477, 0.055554048555540483, 1.3563000135630008e-05});
    CHECK(roi::detail::gaussian_kernel(0.0) == std::vector<double>{1.0});
    CHECK(roi::detail::gaussian_kernel(0.1249).size() == 1);
    CHECK(roi::detail::gaussian_kernel(0.125).size() == 2);
    CHECK(roi::detail::gaussian_kernel(1e-200) == std::vector<double>{1.0});
}

TEST_CASE("smooth: mirrored positions") {
    const auto line = [](std::int64_t n) {
        std::vector<std::int64_t> out;
        for (std::int64_t p = -5; p < n + 5; ++p) out.push_back(roi::detail::reflect(p, n));
        return out;
    };
    using Positions = std::vector<std::int64_t>;
    CHECK(line(5) == Positions{4, 3, 2, 1, 0, 0, 1, 2, 3, 4, 4, 3, 2, 1, 0});
    CHECK(line(3) == Positions{1, 2, 2, 1, 0, 0, 1, 2, 2, 1, 0, 0, 1});
    CHECK(line(1) == Positions(11, 0));
}

TEST_CASE("smooth: impulse responses") {
    SECTION("at the end of a line") {
        const std::vector<double> expected{0.64091491501269848, 0.29596257307730511, 0.058422989040735659,
                                           0.0045656922446460080, 0.00013383062461474175};
        for (int axis = 0; axis < 3; ++axis) {
            const Shape shape(axis == 0 ? 5 : 1, axis == 1 ? 5 : 1, axis == 2 ? 5 : 1);
            const auto out = roi::smooth(impulse<double>(shape, 0, 0, 0), Fwhm(sigma_1));
            for (std::int64_t i = 0; i < 5; ++i) {
                CHECK(out[i] == Approx(expected[static_cast<std::size_t>(i)]).epsilon(1e-14));
            }
        }
    }
    SECTION("lines much shorter than the kernel, the shape (2, 1, 3)") {
        const auto out = roi::smooth(impulse<double>(Shape(2, 1, 3), 0, 0, 0), Fwhm(6.0));
        CHECK(out(0, 0, 0) == Approx(0.1738317117719455).epsilon(1e-14));
        CHECK(out(0, 0, 1) == Approx(0.16671955894765977).epsilon(1e-14));
        CHECK(out(0, 0, 2) == Approx(0.15961256055131584).epsilon(1e-14));
        CHECK(out(1, 0, 0) == Approx(0.17371783280475334).epsilon(1e-14));
        CHECK(out(1, 0, 1) == Approx(0.16661033922595214).epsilon(1e-14));
        CHECK(out(1, 0, 2) == Approx(0.15950799669837323).epsilon(1e-14));
    }
    SECTION("the shape (1, 3, 3)") {
        const auto out = roi::smooth(impulse<double>(Shape(1, 3, 3), 0, 1, 1, 3.0), Fwhm(2.0));
        for (const std::int64_t y : {0, 2}) {
            for (const std::int64_t z : {0, 2})
                CHECK(out(0, y, z) == Approx(0.2094369160845047).epsilon(1e-14));
            CHECK(out(0, y, 1) == Approx(0.37378671828970633).epsilon(1e-14));
            CHECK(out(0, 1, y) == Approx(0.37378671828970633).epsilon(1e-14));
        }
        CHECK(out(0, 1, 1) == Approx(0.6671054625031564).epsilon(1e-14));
    }
    SECTION("an unsigned impulse becomes float and keeps its sum") {
        const auto out = roi::smooth(impulse<std::uint8_t>(Shape(9, 9, 9), 4, 4, 4, 200), Fwhm(2.0));
        static_assert(std::is_same_v<decltype(out), const Volume<float>>);
        CHECK(out(4, 4, 4) == static_cast<float>(20.72814245858587));  // scipy in double
        CHECK(std::accumulate(out.begin(), out.end(), 0.0) == Approx(200.0).epsilon(1e-6));
    }
}

TEST_CASE("smooth: agrees with direct sums to one unit in the last place") {
    test::Random random(test::seed());
    INFO("seed " << test::seed());
    double worst = 0.0;
    for (int round = 0; round < 40; ++round) {
        const auto grid = random_grid(random, 8);
        const auto fwhm = random_fwhm(random, round < 30 ? 12.0 : 200.0);
        INFO("shape " << grid.shape().to_string() << ", fwhm " << fwhm[0] << ' ' << fwhm[1] << ' '
                      << fwhm[2]);
        const auto volume = test::random_volume<float>(grid, random);
        const auto out = roi::smooth(volume, fwhm);
        const auto expected = direct(volume, fwhm);
        for (std::int64_t i = 0; i < out.size(); ++i) {
            // Widths of many volumes leave only the mean, where noise cancels: compare with its size then.
            const auto exact = expected[static_cast<std::size_t>(i)];
            if (std::abs(exact) > 1e-6L) worst = std::max(worst, ulps(out[i], exact));
            REQUIRE(std::abs(static_cast<long double>(out[i]) - exact) < 2.5e-7L);
        }
        Volume<double> precise(grid);
        std::transform(volume.begin(), volume.end(), precise.begin(), [](float v) { return 100.0 + v; });
        const auto out_precise = roi::smooth(precise, fwhm);
        const auto expected_precise = direct(precise, fwhm);
        for (std::int64_t i = 0; i < out.size(); ++i) {
            REQUIRE(std::abs(static_cast<double>(expected_precise[static_cast<std::size_t>(i)]) -
                             out_precise[i]) < 1e-12);
        }
    }
    CHECK(worst <= 1.0);
}

TEST_CASE("smooth: uniform volumes stay uniform and the mean is kept") {
    test::Random random(test::seed());
    INFO("seed " << test::seed());
    for (int round = 0; round < 20; ++round) {
        const auto grid = random_grid(random, 12);
        const auto fwhm = random_fwhm(random, 40.0);
        for (const float value : {1.0f, 503.7f, -0.1f}) {
            const auto out = roi::smooth(Volume<float>(grid, value), fwhm);
            CHECK(std::all_of(out.begin(), out.end(), [&](float v) { return v == value; }));
        }
        const auto volume = test::random_volume<double>(grid, random);
        CHECK(mean_of(roi::smooth(volume, fwhm)) == Approx(mean_of(volume)).margin(1e-13));
    }
}

TEST_CASE("smooth: linear") {
    test::Random random(test::seed());
    INFO("seed " << test::seed());
    for (int round = 0; round < 10; ++round) {
        const auto grid = random_grid(random, 10);
        const auto fwhm = random_fwhm(random, 15.0);
        const auto a = test::random_volume<double>(grid, random),
                   b = test::random_volume<double>(grid, random);
        Volume<double> mixed(grid);
        for (std::int64_t i = 0; i < mixed.size(); ++i) mixed[i] = 2.0 * a[i] - 3.0 * b[i];
        const auto sa = roi::smooth(a, fwhm), sb = roi::smooth(b, fwhm), sm = roi::smooth(mixed, fwhm);
        for (std::int64_t i = 0; i < mixed.size(); ++i) {
            REQUIRE(sm[i] == Approx(2.0 * sa[i] - 3.0 * sb[i]).margin(1e-13));
        }
    }
}

TEST_CASE("smooth: flipping before is flipping after, to the bit") {
    test::Random random(test::seed());
    INFO("seed " << test::seed());
    for (int round = 0; round < 10; ++round) {
        const auto grid = random_grid(random, 10);
        const auto fwhm = random_fwhm(random, 15.0);
        const auto volume = test::random_volume<float>(grid, random);
        for (unsigned axes = 1; axes < 8; ++axes) {
            const std::array<bool, 3> flip{(axes & 1) != 0, (axes & 2) != 0, (axes & 4) != 0};
            CHECK(test::same_bytes(roi::smooth(flipped(volume, flip), fwhm),
                                   flipped(roi::smooth(volume, fwhm), flip)));
        }
    }
}

TEST_CASE("smooth: NaN and infinite voxels count as 0") {
    constexpr float infinity = std::numeric_limits<float>::infinity();
    constexpr float missing = std::numeric_limits<float>::quiet_NaN();
    test::Random random(test::seed());
    INFO("seed " << test::seed());
    auto dirty = test::random_volume<float>(Shape(5, 4, 3), random);
    auto clean = dirty;
    dirty(0, 0, 0) = missing;
    dirty(2, 2, 1) = infinity;
    dirty(4, 3, 2) = -infinity;
    clean(0, 0, 0) = clean(2, 2, 1) = clean(4, 3, 2) = 0.0f;
    for (const double width : {0.0, 3.0}) {
        CHECK(test::same_bytes(roi::smooth(dirty, Fwhm(width)), roi::smooth(clean, Fwhm(width))));
    }
    CHECK(test::same_bytes(roi::smooth(dirty, Fwhm(0.0)), clean));
    CHECK(std::isnan(dirty(0, 0, 0)));  // the caller's data stay as they are
    Volume<double> wide(Shape(2, 1, 1));
    wide[0] = std::numeric_limits<double>::quiet_NaN();
    wide[1] = 5.0;
    CHECK(roi::smooth(wide, Fwhm(0.0))[0] == 0.0);
    CHECK(roi::smooth(wide, Fwhm(0.0))[1] == 5.0);
}

TEST_CASE("smooth: a width of 0 leaves an axis alone, as does a length of 1") {
    test::Random random(test::seed());
    INFO("seed " << test::seed());
    const auto volume = test::random_volume<double>(Shape(4, 5, 6), random);
    CHECK(test::same_bytes(roi::smooth(volume, Fwhm(0.0)), volume));
    const auto only_y = roi::smooth(impulse<double>(Shape(3, 5, 3), 1, 2, 1), Fwhm(0.0, sigma_1, 0.0));
    for (std::int64_t z = 0; z < 3; ++z) {
        for (std::int64_t x = 0; x < 3; ++x) {
            for (std::int64_t y = 0; y < 5; ++y) CHECK((only_y(x, y, z) > 0.0) == (x == 1 && z == 1));
        }
    }
    const auto flat = test::random_volume<float>(Shape(6, 1, 7), random);
    CHECK(
        test::same_bytes(roi::smooth(flat, Fwhm(3.0, 1000.0, 4.0)), roi::smooth(flat, Fwhm(3.0, 0.0, 4.0))));
    const auto line = test::random_volume<float>(Shape(1, 1, 1), random);
    CHECK(test::same_bytes(roi::smooth(line, Fwhm(100.0)), line));
    CHECK(roi::smooth(Volume<float>(Shape(0, 4, 4)), Fwhm(5.0)).size() == 0);
    CHECK(roi::smooth(Volume<float>(), Fwhm(5.0)).size() == 0);
}

TEST_CASE("smooth: voxel sizes are column norms, so turning the head changes nothing") {
    test::Random random(test::seed());
    INFO("seed " << test::seed());
    const double angle = 3.14159265358979323846 / 6.0;
    roi::Affine rotation = roi::Affine::Identity();
    rotation(0, 0) = rotation(1, 1) = std::cos(angle);
    rotation(0, 1) = -std::sin(angle);
    rotation(1, 0) = std::sin(angle);
    const auto straight = test::random_volume<double>(Grid({6, 7, 8}, roi::scaling({2, 3, 4})), random);
    const Volume<double> turned(Grid({6, 7, 8}, rotation * roi::scaling({2, 3, 4})), straight.values());
    const Volume<double> mirrored(Grid({6, 7, 8}, roi::scaling({-2, 3, -4})), straight.values());
    const auto expected = roi::smooth(straight, Fwhm(6.0));
    const auto out = roi::smooth(turned, Fwhm(6.0));
    for (std::int64_t i = 0; i < out.size(); ++i) REQUIRE(out[i] == Approx(expected[i]).margin(1e-13));
    CHECK(test::same_bytes(roi::smooth(mirrored, Fwhm(6.0)), expected));
}

TEST_CASE("smooth: what types become, what results inherit") {
    const auto becomes = [](auto from, auto to) {
        Volume<decltype(from)> volume(Shape(2, 2, 2), decltype(from){3});
        volume.metadata().description = "kept";
        volume.metadata().time_step = 2.5;
        volume.metadata().display_max = 5.0;
        const auto out = roi::smooth(volume, Fwhm(2.0));
        static_assert(std::is_same_v<decltype(out), const Volume<decltype(to)>>);
        CHECK(out[0] == decltype(to){3});
        CHECK(out.metadata() == roi::inherited(volume.metadata()));
        if constexpr (!std::is_same_v<decltype(from), float> && !std::is_same_v<decltype(from), double>) {
            const roi::Volume4D<decltype(from)> run(Shape(2, 2, 2), 3, decltype(from){3}, volume.metadata());
            const auto smoothed = roi::smooth(run, Fwhm(2.0));
            // As the stream, which shows integers of 32 bits as double.
            using Shown = roi::ExactReal<decltype(from)>;
            static_assert(std::is_same_v<decltype(smoothed), const roi::Volume4D<Shown>>);
            CHECK(smoothed.metadata() == roi::inherited(volume.metadata()));
            for (std::int64_t i = 0; i < out.size(); ++i) {
                CHECK(static_cast<decltype(to)>(smoothed.frame(2).values()[static_cast<std::size_t>(i)]) ==
                      out[i]);
            }
        }
    };
    becomes(std::int8_t{}, float{});
    becomes(std::int16_t{}, float{});
    becomes(std::int32_t{}, float{});
    becomes(std::uint8_t{}, float{});
    becomes(std::uint16_t{}, float{});
    becomes(std::uint32_t{}, float{});
    becomes(std::int64_t{}, double{});
    becomes(std::uint64_t{}, double{});
    becomes(float{}, float{});
    becomes(double{}, double{});
}

TEST_CASE("smooth: widths and affines that cannot be") {
    const Volume<float> volume(Shape(4, 4, 4));
    const auto too_wide =
        test::message_of<roi::InvalidArgument>([&] { (void)roi::smooth(volume, Fwhm(1e6)); });
    CHECK(test::contains(too_wide, "are the width in millimetres, the truncation and the affine right?"));
    CHECK(test::contains(too_wide, "1e+05 voxels that can be filtered"));
    const Volume<float> flat(Grid({4, 4, 4}, roi::scaling({2, 0, 2})));
    const auto no_size = test::message_of<roi::InvalidArgument>([&] { (void)roi::smooth(flat, Fwhm(6.0)); });
    CHECK(test::contains(no_size, "axis 1"));
    CHECK(test::contains(no_size, "[2 0 0 0; 0 0 0 0; 0 0 2 0; 0 0 0 1]"));
    CHECK_NOTHROW(roi::smooth(flat, Fwhm(6.0, 0.0, 6.0)));
}

TEST_CASE("smooth: the same bytes for any number of threads, in slabs or whole") {
    test::Random random(test::seed());
    INFO("seed " << test::seed());
    // Large enough to be cut into slabs, thin and thick against the kernel.
    for (const Shape shape :
         {Shape(64, 64, 65), Shape(300, 290, 4), Shape(131072, 1, 3), Shape(1, 60, 5000)}) {
        const auto volume = test::random_volume<float>(shape, random);
        for (const double width : {2.5, 11.0}) {
            INFO("shape " << shape.to_string() << ", fwhm " << width);
            Volume<float> whole(volume.grid());
            roi::detail::GaussianFilter::Workspace work;
            roi::detail::GaussianFilter(volume.grid(), Fwhm(width)).apply(volume.data(), whole.data(), work);
            for (const int threads : {1, 2, 5}) {
                const test::Threads number(threads);
                CHECK(test::same_bytes(roi::smooth(volume, Fwhm(width)), whole));
            }
        }
    }
}

TEST_CASE("smooth: slabs of any size give the planes of the whole") {
    test::Random random(test::seed());
    INFO("seed " << test::seed());
    for (const std::int64_t planes : {1, 2, 5, 7, 12, 20}) {
        for (const double sigma : {0.5, 1.0, 2.0, 5.0}) {
            const auto volume = test::random_volume<float>(Shape(4, 3, planes), random);
            const roi::detail::GaussianFilter filter(volume.grid(), Fwhm(sigma * sigma_1));
            roi::detail::GaussianFilter::Workspace work;  // used again, as the threads do
            Volume<float> whole(volume.grid());
            filter.apply(volume.data(), whole.data(), work);
            for (std::int64_t first = 0; first < planes; ++first) {
                for (std::int64_t last = first + 1; last <= planes; ++last) {
                    Volume<float> part(volume.grid());
                    filter.apply(volume.data(), part.data(), {0, 3, first, last}, work);
                    const auto plane = 4 * 3;
                    const auto here = static_cast<std::size_t>(first * plane);
                    const auto count = static_cast<std::size_t>((last - first) * plane);
                    REQUIRE(test::same_bytes<float>(part.values().subspan(here, count),
                                                    whole.values().subspan(here, count)));
                }
            }
        }
    }
}

TEST_CASE("smooth: lines of planes have the values of the whole, and nothing else is written") {
    test::Random random(test::seed());
    INFO("seed " << test::seed());
    for (int round = 0; round < 60; ++round) {
        const Shape shape = test::random_shape(random, 12);
        const auto volume = test::random_volume<float>(shape, random);
        const double sigma = 0.3 + 0.5 * static_cast<double>(round % 6);
        const roi::detail::GaussianFilter filter(volume.grid(), Fwhm(sigma * sigma_1));
        roi::detail::GaussianFilter::Workspace work;
        Volume<float> whole(volume.grid());
        filter.apply(volume.data(), whole.data(), work);

        const auto range = [&](std::int64_t length) {
            const auto a = static_cast<std::int64_t>(random() % static_cast<std::uint64_t>(length + 1));
            const auto b = static_cast<std::int64_t>(random() % static_cast<std::uint64_t>(length + 1));
            return std::pair{std::min(a, b), std::max(a, b)};
        };
        const auto [y_first, y_last] = range(shape.y());
        const auto [z_first, z_last] = range(shape.z());
        Volume<float> part(volume.grid(), -1000.0F);
        filter.apply(volume.data(), part.data(), {y_first, y_last, z_first, z_last}, work);
        for (std::int64_t i = 0; i < part.size(); ++i) {
            const auto [x, y, z] = shape.voxel(i);
            const bool inside = y >= y_first && y < y_last && z >= z_first && z < z_last;
            REQUIRE(part[i] == (inside ? whole[i] : -1000.0F));
        }
    }
}

TEST_CASE("smooth: every instruction set gives the same bytes") {
    test::Random random(test::seed());
    INFO("seed " << test::seed());
    for (const double sigma : {0.4, 0.7, 1.1, 1.6, 2.5, 4.0}) {
        const auto volume = test::random_volume<float>(Shape(19, 13, 11), random);
        roi::detail::force_instruction_set(roi::detail::InstructionSet::baseline);
        const auto baseline = roi::smooth(volume, Fwhm(sigma * sigma_1));
        roi::detail::force_instruction_set(roi::detail::InstructionSet::best);
        CHECK(test::same_bytes(roi::smooth(volume, Fwhm(sigma * sigma_1)), baseline));
    }
}

TEST_CASE("smooth: volumes, runs, runs in place and sources give the same bytes") {
    test::Random random(test::seed());
    INFO("seed " << test::seed());
    // The last shapes have fewer planes, rows and columns than the kernel is long, once and twice.
    for (const Shape shape : {Shape(9, 10, 11), Shape(6, 5, 4), Shape(3, 2, 3), Shape(2, 1, 2)}) {
        roi::Volume4D<std::int16_t> stored(Grid(shape, roi::scaling({2, 2, 2})), 21);
        for (auto& value : stored.values()) value = static_cast<std::int16_t>(random() % 3000);
        stored.metadata().description = "stored";
        const auto run = test::converted<float>(stored);
        const Fwhm fwhm(6.0, 5.0, 7.0);

        roi::Volume4D<float> expected(run.grid(), run.frames());
        for (std::int64_t t = 0; t < run.frames(); ++t) {
            const auto smoothed = roi::smooth(Volume<float>(run.frame(t)), fwhm);
            std::copy(smoothed.begin(), smoothed.end(), expected.frame(t).data());
        }
        struct Keep {
            roi::Volume4D<float>* out;
            void begin(const roi::ScanInfo& info) {
                CHECK(info.metadata.description == "stored");
                *out = roi::Volume4D<float>(info.grid, info.frames);
            }
            void frame(std::int64_t index, std::span<const float> values) {
                std::copy(values.begin(), values.end(), out->frame(index).data());
            }
        };
        const auto scanned = [](auto&& source) {
            roi::Volume4D<float> out;
            Keep keep{&out};
            roi::scan(source, keep);
            return out;
        };
        for (const int threads : {1, 2, 5}) {
            INFO("shape " << shape.to_string() << ", " << threads << " threads");
            const test::Threads number(threads);
            CHECK(test::same_bytes(roi::smooth(run, fwhm), expected));
            CHECK(test::same_bytes(roi::smooth(stored, fwhm), expected));
            auto reused = run;
            const float* memory = reused.data();
            const auto in_place = roi::smooth(std::move(reused), fwhm);
            CHECK(in_place.data() == memory);
            CHECK(test::same_bytes(in_place, expected));

            test::Account account;
            CHECK(test::same_bytes(scanned(roi::smooth(test::PlainSource<float>(run), fwhm)), expected));
            CHECK(
                test::same_bytes(scanned(roi::smooth(test::StoredSource(stored, account), fwhm)), expected));
            CHECK(test::same_bytes(scanned(roi::smooth(roi::staged(run), fwhm)), expected));
            CHECK(test::same_bytes(scanned(roi::smooth(roi::staged(stored), fwhm)), expected));
            // Smoothing twice, as two filters in a row.
            CHECK(
                test::same_bytes(scanned(roi::smooth(roi::smooth(test::PlainSource<float>(run), fwhm), fwhm)),
                                 roi::smooth(expected, fwhm)));
        }
    }
}

TEST_CASE("smooth: borders are scipy's") {
    const auto check = [](const std::vector<double>& in, double sigma, roi::SmoothOptions options,
                          const std::vector<double>& expected) {
        const auto n = static_cast<std::int64_t>(in.size());
        for (int axis = 0; axis < 3; ++axis) {
            const Shape shape(axis == 0 ? n : 1, axis == 1 ? n : 1, axis == 2 ? n : 1);
            std::array<double, 3> sigmas{};
            sigmas[static_cast<std::size_t>(axis)] = sigma;
            const auto out = roi::smooth(Volume<double>(shape, std::span<const double>(in)),
                                         roi::Sigma(sigmas[0], sigmas[1], sigmas[2]), options);
            for (std::int64_t i = 0; i < n; ++i) {
                INFO("axis " << axis << ", voxel " << i);
                CHECK(out[i] == Approx(expected[static_cast<std::size_t>(i)]).epsilon(1e-14));
            }
        }
    };
    using roi::Border;
    const std::vector<double> x{1, 4, 2, 8, 5, 7}, two{1, 4};
    check(x, 1, {},
          {1.978805876483632, 2.848699591382347, 4.062418080946643, 5.515508152780674, 6.151300408617653,
           6.443267889789052});
    check(x, 1, {.border = Border::nearest},
          {1.8114638182291842, 2.835270175897638, 4.062016589072799, 5.515775814029904, 6.1600303012331015,
           6.547487436133503});
    check(x, 1, {.border = Border::mirror},
          {2.622927636458369, 3.0026122341520862, 4.075178343308278, 5.5074474132883, 6.0558107548886495,
           6.094974872267005});
    check(x, 1, {.border = Border::constant},
          {1.5109355529072332, 2.776713356232288, 4.05651408245585, 5.4836821376927665, 5.750132563575648,
           4.443789578879844});
    check(x, 1, {.border = Border::nearest, .truncate = 2},
          {1.7870927105593428, 2.833481974533476, 4.062588105125152, 5.5297444992226845, 6.166518025466523,
           6.566086000543176});
    check(two, 1.5, {}, {2.4065525957381007, 2.5934474042619});
    check(two, 1.5, {.border = Border::nearest}, {2.1010536142583938, 2.8989463857416067});
    check(two, 1.5, {.border = Border::mirror}, {2.4999404391982103, 2.5000595608017897});
    check(two, 1.5, {.border = Border::constant}, {1.117834371352487, 1.2768245571921377});
    // One voxel sees itself beyond every border but that of 0.
    const Volume<double> one(Shape(1, 1, 1), 3.0);
    CHECK(roi::smooth(one, roi::Sigma(1), {.border = Border::mirror})[0] == 3.0);
    CHECK(roi::smooth(one, roi::Sigma(1), {.border = Border::nearest})[0] == 3.0);
    CHECK(roi::smooth(one, roi::Sigma(1), {.border = Border::constant})[0] ==
          Approx(0.19048261085990698).epsilon(1e-14));
    CHECK(test::contains(test::message_of<roi::InvalidArgument>(
                             [&] { (void)roi::smooth(one, roi::Sigma(1), {.truncate = 0}); }),
                         "truncate"));
    CHECK(test::contains(test::message_of<roi::InvalidArgument>([] { (void)roi::Sigma(-1); }), "sigma"));
}

TEST_CASE("smooth: every border is a sum over the line continued beyond its ends") {
    test::Random random(test::seed());
    INFO("seed " << test::seed());
    using roi::Border;
    const auto beyond = [](const Volume<double>& in, Border border, std::array<std::int64_t, 3> p) {
        for (std::size_t axis = 0; axis < 3; ++axis) {
            const std::int64_t n = in.shape()[static_cast<int>(axis)];
            while (p[axis] < 0 || p[axis] >= n) {
                if (border == Border::constant) return 0.0;
                if (border == Border::nearest) p[axis] = p[axis] < 0 ? 0 : n - 1;
                if (border == Border::reflect) p[axis] = p[axis] < 0 ? -1 - p[axis] : 2 * n - 1 - p[axis];
                if (border == Border::mirror)
                    p[axis] = n == 1 ? 0 : p[axis] < 0 ? -p[axis] : 2 * n - 2 - p[axis];
            }
        }
        return in(p[0], p[1], p[2]);
    };
    for (int round = 0; round < 24; ++round) {
        const Border border = std::array{Border::reflect, Border::nearest, Border::mirror,
                                         Border::constant}[static_cast<std::size_t>(round % 4)];
        const auto volume = test::random_volume<double>(test::random_shape(random, 6), random);
        const roi::Sigma sigma(0.6, 1.1, round < 12 ? 0.4 : 0.0);
        const auto out = roi::smooth(volume, sigma, {.border = border, .truncate = 3});
        std::array<std::vector<double>, 3> w;
        for (int axis = 0; axis < 3; ++axis) {
            w[static_cast<std::size_t>(axis)] = roi::detail::gaussian_kernel(sigma[axis], 3);
        }
        const auto radius = [&](std::size_t axis) { return static_cast<std::int64_t>(w[axis].size()) - 1; };
        const auto weight = [&](std::size_t axis, std::int64_t j) {
            return w[axis][static_cast<std::size_t>(std::abs(j))];
        };
        for (std::int64_t i = 0; i < volume.size(); ++i) {
            const auto v = volume.shape().voxel(i);
            double sum = 0.0;
            for (std::int64_t x = -radius(0); x <= radius(0); ++x) {
                for (std::int64_t y = -radius(1); y <= radius(1); ++y) {
                    for (std::int64_t z = -radius(2); z <= radius(2); ++z) {
                        sum += weight(0, x) * weight(1, y) * weight(2, z) *
                               beyond(volume, border, {v[0] + x, v[1] + y, v[2] + z});
                    }
                }
            }
            REQUIRE(out[i] == Approx(sum).margin(1e-13));
        }
    }
}

TEST_CASE("smooth_within: outside neither gives nor gets, and inside the weights add up to 1") {
    test::Random random(test::seed());
    INFO("seed " << test::seed());
    for (int round = 0; round < 8; ++round) {
        const auto grid = random_grid(random, 9);
        auto volume = test::random_volume<double>(grid, random);
        auto mask = test::random_volume<bool>(grid, random, 0.6);
        mask[0] = true;
        const bool missing = round % 2 == 1;
        if (missing) volume[0] = std::numeric_limits<double>::quiet_NaN();
        const Fwhm fwhm(4.0);
        const auto out = roi::smooth_within(volume, mask, fwhm);
        Volume<double> values(grid), weights(grid);
        for (std::int64_t i = 0; i < grid.size(); ++i) {
            const bool in = mask[i] && std::isfinite(volume[i]);
            values[i] = in ? volume[i] : 0.0;
            weights[i] = in ? 1.0 : 0.0;
        }
        const auto top = roi::smooth(values, fwhm), bottom = roi::smooth(weights, fwhm);
        for (std::int64_t i = 0; i < grid.size(); ++i) {
            REQUIRE(out[i] == Approx(weights[i] == 0.0 ? 0.0 : top[i] / bottom[i]).margin(1e-13));
        }
        const auto flat = roi::smooth_within(Volume<double>(grid, 7.5), mask, fwhm);
        for (std::int64_t i = 0; i < grid.size(); ++i) {
            REQUIRE(flat[i] == Approx(mask[i] ? 7.5 : 0.0).epsilon(1e-13));
        }
    }
    const Volume<float> volume(Shape(3, 3, 3));
    CHECK_THROWS_AS(roi::smooth_within(volume, roi::Mask(Shape(3, 3, 2)), Fwhm(2.0)), roi::GridMismatch);
}

TEST_CASE("smooth_within: runs and sources as their volumes") {
    test::Random random(test::seed());
    INFO("seed " << test::seed());
    auto run = test::random_run<float>(Grid(Shape(7, 6, 5), roi::scaling({2, 2, 3})), 4, random);
    run(1, 1, 1, 2) = std::numeric_limits<float>::infinity();
    const auto mask = test::random_volume<bool>(run.grid(), random, 0.7);
    const auto out = roi::smooth_within(run, mask, Fwhm(5.0));
    for (std::int64_t t = 0; t < 4; ++t) {
        CHECK(
            test::same_bytes(roi::smooth_within(run.frame(t), mask, Fwhm(5.0)), Volume<float>(out.frame(t))));
    }
    roi::Collect<float> kept;
    roi::scan(roi::smooth_within(test::PlainSource<float>(run), mask, Fwhm(5.0)), kept);
    CHECK(test::same_bytes(kept.result(), out));
}

TEST_CASE("mix_with_neighbours: nilearn's fast filter darkens edges") {
    const auto out = roi::mix_with_neighbours(Volume<std::int16_t>(Shape(3, 3, 3), std::int16_t{1}));
    static_assert(std::is_same_v<decltype(out), const Volume<float>>);
    CHECK(out(1, 1, 1) == 1.0f);
    CHECK(out(1, 1, 0) == Approx(2.0 / 2.2));
    CHECK(out(0, 0, 0) == Approx(1.6 / 2.2));
    auto dirty = impulse<double>(Shape(3, 1, 1), 1, 0, 0, 11.0);
    dirty[0] = std::numeric_limits<double>::quiet_NaN();
    const auto mixed = roi::mix_with_neighbours(dirty);
    CHECK(mixed[0] == Approx(1.0));
    CHECK(mixed[1] == Approx(5.0));
    CHECK(mixed[2] == Approx(1.0));
}

TEST_CASE("mix_with_neighbours: a run and a stream have the bytes of each volume alone") {
    INFO("seed " << test::seed());
    test::Random random(test::seed());
    auto run = test::random_run<float>(Shape(5, 4, 3), 3, random);
    run.frame(1).values()[7] = std::numeric_limits<float>::quiet_NaN();
    const auto whole = roi::mix_with_neighbours(run);
    for (std::int64_t k = 0; k < 3; ++k) {
        const auto alone = roi::mix_with_neighbours(run.frame(k));
        CHECK(std::equal(alone.begin(), alone.end(), whole.frame(k).values().begin()));
    }
    for (const int threads : {1, 2, 5}) {
        roi::Collect<float> kept;
        std::vector<std::string> said;
        roi::ScanOptions options;
        options.warning = [&](std::string_view line) { said.emplace_back(line); };
        options.threads = threads;
        roi::scan(roi::mix_with_neighbours(test::PlainSource<float>(run)), kept, options);
        CHECK(test::same_bytes(kept.result(), whole));
        REQUIRE(said.size() == 1);
        CHECK(said[0].find("mix_with_neighbours: ") == 0);
    }
}

TEST_CASE("smooth: a mask counts as 0 and 1") {
    test::Random random(20261128);
    const auto map = test::random_volume<float>(roi::Shape(7, 6, 5), random);
    roi::Mask mask(map.grid(), false);
    roi::Volume<float> values(map.grid(), 0.0F);
    for (std::int64_t i = 0; i < map.size(); ++i) {
        mask[i] = map[i] > map[0];
        values[i] = mask[i] ? 1.0F : 0.0F;
    }
    CHECK(test::same_bytes(roi::smooth(mask, roi::Fwhm{2.0}), roi::smooth(values, roi::Fwhm{2.0})));
    CHECK(test::same_bytes(roi::smooth(roi::VolumeView<const bool>(mask), roi::Fwhm{2.0}),
                           roi::smooth(values, roi::Fwhm{2.0})));
    auto within = mask;
    within[0] = true;
    CHECK(test::same_bytes(roi::smooth_within(mask, within, roi::Sigma{1.0}),
                           roi::smooth_within(values, within, roi::Sigma{1.0})));
    CHECK(test::same_bytes(roi::mix_with_neighbours(mask), roi::mix_with_neighbours(values)));
    // A run of them too, in memory of its own and in somebody else's.
    const auto run = roi::concat(mask, within);
    for (const auto& smoothed :
         {roi::smooth(run, roi::Fwhm{2.0}), roi::smooth(roi::view_of(run), roi::Fwhm{2.0})}) {
        CHECK(test::same_bytes(roi::Volume<float>(smoothed.frame(0)), roi::smooth(mask, roi::Fwhm{2.0})));
        CHECK(test::same_bytes(roi::Volume<float>(smoothed.frame(1)), roi::smooth(within, roi::Fwhm{2.0})));
    }
    const auto apart = roi::smooth_within(run, within, roi::Fwhm{2.0});
    CHECK(test::same_bytes(roi::Volume<float>(apart.frame(0)),
                           roi::smooth_within(mask, within, roi::Fwhm{2.0})));
    const auto mixed = roi::mix_with_neighbours(run);
    CHECK(test::same_bytes(roi::Volume<float>(mixed.frame(0)), roi::mix_with_neighbours(mask)));
}
