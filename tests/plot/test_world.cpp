// World order: every orientation shows the same place at the same side.
#include <roi/plot/detail/world.hpp>
#include <roi/spatial/resample.hpp>

#include "catch.hpp"
#include "plot_support.hpp"
#include "support.hpp"
#include <Eigen/Geometry>
#include <algorithm>
#include <cmath>
#include <cstdint>
#include <limits>

using roi::Axis;
using roi::Point;

namespace {

double corner(const Point& mm) { return mm[0] > 5 && mm[1] > 5 && mm[2] > 5 ? 100.0 : 1.0; }

}  // namespace

TEST_CASE("right, front and top stay so in every orientation") {
    int number = 0;
    for (const auto& grid : test::orientations()) {
        INFO("orientation " << number++ << ": " << grid.to_string());
        const auto volume = test::volume_of<float>(grid, corner);
        const roi::WorldImage image(volume);
        const roi::Affine affine = image.grid().affine();
        CHECK(roi::Affine(affine.diagonal().asDiagonal()).topLeftCorner<3, 3>() ==
              affine.topLeftCorner<3, 3>());
        CHECK(affine.diagonal().minCoeff() > 0.0);
        for (const Axis axis : {Axis::x, Axis::y, Axis::z}) {
            const auto index = image.index(axis, 8.0);
            REQUIRE(index);
            const auto slice = image.slice(axis, *index);
            // Places at 8 mm and at -8 mm to the right and up; above 50 only where both are at 8.
            const auto value = [&](double right, double up) {
                const auto column = static_cast<std::int64_t>(
                    (right - slice.left) / (slice.right - slice.left) * static_cast<double>(slice.width));
                const auto row = static_cast<std::int64_t>((slice.top - up) / (slice.top - slice.bottom) *
                                                           static_cast<double>(slice.height));
                return slice.values.at(static_cast<std::size_t>(row * slice.width + column));
            };
            CHECK(value(8, 8) > 50.0);
            CHECK(value(-8, 8) < 50.0);
            CHECK(value(8, -8) < 50.0);
            CHECK(value(-8, -8) < 50.0);
            const auto far = image.slice(axis, *image.index(axis, -8.0));
            CHECK(*std::max_element(far.values.begin(), far.values.end()) < 50.0);
        }
    }
}

TEST_CASE("a swapped and flipped affine becomes the diagonal nilearn gives") {
    const roi::Grid grid(roi::Shape(4, 3, 5), test::affine({0, -2, 0, 4, 3, 0, 0, -1, 0, 0, 4, 7}));
    roi::Volume<std::int16_t> volume(grid);
    for (std::int64_t i = 0; i < volume.size(); ++i) volume[i] = static_cast<std::int16_t>(i);
    const roi::WorldImage image(volume);
    CHECK_FALSE(image.resampled());
    CHECK(image.grid().shape() == roi::Shape(3, 4, 5));
    CHECK(image.grid().affine() == test::affine({2, 0, 0, 0, 0, 3, 0, -1, 0, 0, 4, 7}));
    // z-view: x right, y up; its upper right pixel is x = 4 mm, y = 8 mm, that is voxel (3, 0, 2).
    const auto slice = image.slice(Axis::z, 2);
    CHECK(slice.width == 3);
    CHECK(slice.height == 4);
    CHECK(slice.values[2] == volume(3, 0, 2));
    CHECK(slice.values[9] == volume(0, 2, 2));  // lower left: x = 0, y = -1
    // Outer edges, not centres.
    CHECK(slice.left == -1.0);
    CHECK(slice.right == 5.0);
    CHECK(slice.bottom == -2.5);
    CHECK(slice.top == 9.5);
}

TEST_CASE("a coordinate is rounded half to even, and nothing lies outside") {
    const roi::Volume<float> volume(roi::Grid(roi::Shape(4, 4, 4)), 1.0f);
    const roi::WorldImage image(volume);
    CHECK(image.index(Axis::x, 0.5) == 0);
    CHECK(image.index(Axis::x, 1.5) == 2);
    CHECK(image.index(Axis::x, 2.5) == 2);
    CHECK(image.index(Axis::x, -0.4) == 0);
    CHECK(image.index(Axis::x, 3.4) == 3);
    CHECK_FALSE(image.index(Axis::x, 3.6));
    CHECK_FALSE(image.index(Axis::x, -0.6));
    CHECK_FALSE(image.index(Axis::x, std::numeric_limits<double>::quiet_NaN()));
}

TEST_CASE("NaN and infinity are shown as 0; the range and the box leave them out") {
    roi::Volume<float> volume(roi::Grid(roi::Shape(3, 3, 3)), 0.0f);
    volume(0, 0, 0) = std::numeric_limits<float>::quiet_NaN();
    volume(1, 0, 0) = std::numeric_limits<float>::infinity();
    volume(1, 2, 1) = -2.0f;
    volume(2, 2, 1) = 5.0f;
    const roi::WorldImage image(volume);
    CHECK(image.range() == std::pair(-2.0, 5.0));
    const auto box = image.edges_above(1.0);
    REQUIRE(box);
    CHECK(box->low == Point(0.5, 1.5, 0.5));
    CHECK(box->high == Point(2.5, 2.5, 1.5));
    CHECK_FALSE(image.edges_above(7.0));
    CHECK(image.edges().low == Point(-0.5, -0.5, -0.5));
}

TEST_CASE("rotated masks are resampled by the nearest voxel, other images linearly") {
    const auto grid = test::orientations().back();
    const auto mask = test::volume_of<bool>(grid, [](const Point& mm) { return mm[0] > 0 ? 1.0 : 0.0; });
    const roi::WorldImage image(mask);
    CHECK(image.resampled());
    for (const double value : image.slice(Axis::z, *image.index(Axis::z, 0.0)).values)
        CHECK((value == 0.0 || value == 1.0));
    // A ramp stays the ramp, exactly up to rounding, wherever there are voxels around.
    const auto ramp =
        test::volume_of<double>(grid, [](const Point& mm) { return 3.0 * mm[0] - mm[1] + 100.0; });
    const auto aligned =
        roi::resample_to(ramp, roi::Grid(roi::Shape(5, 5, 1), roi::scaling(Point(2, 2, 2), Point(-4, -4, 0))),
                         roi::Interpolation::linear);
    for (int x = 0; x < 5; ++x) {
        for (int y = 0; y < 5; ++y) {
            CHECK(aligned(x, y, 0) == Approx(3.0 * (2 * x - 4) - (2 * y - 4) + 100.0).epsilon(1e-12));
        }
    }
}

TEST_CASE("rotated labels are shown by the nearest voxel, whatever their type") {
    const auto grid = test::orientations().back();
    const auto label = [](const Point& mm) { return mm[0] > 0 ? 40.0 : mm[1] > 0 ? 3.0 : 0.0; };
    const auto only_labels = [](const roi::WorldImage& image) {
        for (const double value : image.slice(Axis::z, *image.index(Axis::z, 0.0)).values)
            CHECK((value == 0.0 || value == 3.0 || value == 40.0));
    };
    only_labels(roi::WorldImage(test::volume_of<std::int32_t>(grid, label)));
    auto shorts = test::volume_of<std::int16_t>(grid, label);
    shorts.metadata().intent.code = 1002;
    only_labels(roi::WorldImage(shorts));
    only_labels(roi::WorldImage(test::volume_of<float>(grid, label), roi::Interpolation::nearest));
}

TEST_CASE(
    "no cut through the centre of a voxel steps over it where all are to be seen, however the image is "
    "turned") {
    Eigen::Matrix3d turn = (Eigen::AngleAxisd(0.21, Point::UnitX()) *
                            Eigen::AngleAxisd(0.12, Point::UnitY()) * Eigen::AngleAxisd(0.35, Point::UnitZ()))
                               .toRotationMatrix();
    roi::Affine affine = roi::Affine::Identity();
    affine.topLeftCorner<3, 3>() = turn * Point(2, 3, 4).asDiagonal();
    affine.topRightCorner<3, 1>() = Point(-9, 4, 2);
    const roi::Grid grid(roi::Shape(6, 5, 4), affine);
    int seen_coarsely = 0;
    for (std::int64_t i = 0; i < grid.size(); ++i) {
        roi::Volume<double> one(grid, 0.0);
        one[i] = 3.0;
        const auto [x, y, z] = grid.shape().voxel(i);
        const Point centre =
            grid.world(Point(static_cast<double>(x), static_cast<double>(y), static_cast<double>(z)));
        const auto seen = [&](const roi::WorldImage& image) {
            int views = 0;
            for (const Axis axis : {Axis::x, Axis::y, Axis::z}) {
                const auto index = image.index(axis, centre[static_cast<int>(axis)]);
                REQUIRE(index);
                const auto values = image.slice(axis, *index).values;
                views += std::count(values.begin(), values.end(), 3.0) > 0 ? 1 : 0;
            }
            return views;
        };
        CHECK(seen(roi::WorldImage(one, roi::Interpolation::nearest, true)) == 3);
        seen_coarsely += seen(roi::WorldImage(one, roi::Interpolation::nearest));
    }
    CHECK(seen_coarsely < 3 * grid.size());
    // What is drawn without being turned is as it was, and steps of many voxels stay within what a drawing may cost.
    const roi::Grid upright(roi::Shape(6, 5, 4), roi::scaling(Point(2, 3, 4)));
    CHECK(roi::WorldImage(roi::Volume<float>(upright, 1.0F), roi::Interpolation::nearest, true)
              .grid()
              .shape() == upright.shape());
    affine.topLeftCorner<3, 3>() = turn * Point(0.1, 1, 1).asDiagonal();
    const roi::Grid thin(roi::Shape(40, 200, 200), affine);
    CHECK(static_cast<double>(roi::detail::world_grid(thin, true).size()) <=
          roi::detail::most_drawn_voxels(thin, true));
}

TEST_CASE("what lies in the plane itself is seen where every voxel of an oblique image is") {
    roi::Affine affine = roi::Affine::Identity();
    affine.topLeftCorner<3, 3>() =
        Eigen::AngleAxisd(0.02, Point::UnitX()).toRotationMatrix() * Point(2, 2, 3).asDiagonal();
    roi::Labels labels(roi::Grid(roi::Shape(20, 20, 6), affine));
    for (std::int64_t i = 0; i < labels.size(); ++i)
        labels[i] = static_cast<std::int32_t>(1 + labels.shape().voxel(i)[2]);
    const roi::WorldImage image(labels, roi::Interpolation::nearest, true);
    for (const double z : {-0.7, 0.2, 1.3, 1.55, 4.49, 7.51, 12.9}) {
        INFO(z << " mm");
        const auto slice = image.slice(Axis::z, *image.index(Axis::z, z));
        const auto row = [&](std::int64_t v) {
            const double step = (slice.top - slice.bottom) / static_cast<double>(slice.height);
            return slice.top - (static_cast<double>(v) + 0.5) * step;
        };
        for (std::int64_t v = 0; v < slice.height; ++v) {
            const Point at = labels.grid().voxel(Point(10.0, row(v), z));
            const auto y = std::lround(at[1]), k = std::lround(at[2]);
            const bool inside = y >= 0 && y < 20 && k >= 0 && k < 6;
            const auto middle = static_cast<std::size_t>(v * slice.width + slice.width / 2);
            CHECK(slice.values[middle] == (inside ? static_cast<double>(1 + k) : 0.0));
        }
    }
}

TEST_CASE("a large tilted slice is shown") {
    roi::Affine affine = roi::Affine::Identity();
    affine.topLeftCorner<3, 3>() =
        (Eigen::AngleAxisd(0.785, Point::UnitX()) * Eigen::AngleAxisd(0.611, Point::UnitY()))
            .toRotationMatrix() *
        0.5;
    roi::Mask mask(roi::Grid(roi::Shape(512, 512, 1), affine));
    mask(300, 200, 0) = true;
    const Point centre = mask.grid().world(Point(300, 200, 0));
    const roi::WorldImage image(mask);
    const auto values = image.slice(Axis::z, *image.index(Axis::z, centre[2])).values;
    CHECK(std::count(values.begin(), values.end(), 1.0) > 0);
}

TEST_CASE("images that cannot be shown are refused") {
    CHECK(test::contains(test::message_of([] { roi::WorldImage{roi::Volume<float>()}; }), "no voxels"));
    const roi::Volume<float> flat(
        roi::Grid(roi::Shape(2, 2, 2), test::affine({1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0})));
    CHECK(test::contains(test::message_of([&] { roi::WorldImage{flat}; }), "cannot be inverted"));
}

TEST_CASE("a transform that needs a huge grid along the axes of the world is refused at once") {
    roi::Affine affine = roi::Affine::Identity();
    affine(0, 1) = 1e6;  // a shear
    const roi::Volume<float> sheared(roi::Grid(roi::Shape(8, 8, 8), affine), 1.0F);
    CHECK(test::contains(test::message_of([&] { (void)roi::WorldImage(sheared); }), "skewed"));
    affine(0, 1) = 1e300;
    const roi::Volume<float> more(roi::Grid(roi::Shape(8, 8, 8), affine), 1.0F);
    CHECK_THROWS_AS(roi::WorldImage(more), roi::InvalidArgument);
    // A single tilted slice is not.
    affine = roi::Affine::Identity();
    affine(1, 1) = affine(1, 2) = affine(2, 1) = 0.7;
    affine(2, 2) = -0.7;
    const roi::Volume<float> slice(roi::Grid(roi::Shape(128, 128, 1), affine), 1.0F);
    CHECK(roi::WorldImage(slice).resampled());
}
