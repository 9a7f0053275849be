// Statistical maps: ranges, thresholds and backgrounds on another grid.
#include <roi/plot/plot_img.hpp>
#include <roi/plot/plot_roi.hpp>
#include <roi/plot/plot_stat_map.hpp>

#include "catch.hpp"
#include "plot_support.hpp"
#include <Eigen/Geometry>
#include <algorithm>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

using roi::Point;
using test::has_text;
using test::items;

namespace {

/// 8 at the right, -4 (or `left`) at the left, 0 between.
roi::Volume<float> map(double left = -4.0) {
    return test::volume_of<float>(test::orientations()[1], [left](const Point& mm) {
        return mm[0] > 5 ? 8.0 : mm[0] < -5 ? left : 0.0;
    });
}

roi::Volume<std::int16_t> brain() {
    const roi::Grid fine(roi::Shape(30, 30, 30), test::affine({1, 0, 0, -15, 0, 1, 0, -15, 0, 0, 1, -15}));
    return test::volume_of<std::int16_t>(fine, [](const Point& mm) { return mm.norm() < 12 ? 900.0 : 0.0; });
}

roi::Rgba left_pixel(const roi::Figure& figure, std::size_t picture = 0) {
    const auto& raster = items<roi::Picture>(figure.scene())[picture]->raster;
    return raster(0, raster.height / 2);
}
roi::Rgba right_pixel(const roi::Figure& figure, std::size_t picture = 0) {
    const auto& raster = items<roi::Picture>(figure.scene())[picture]->raster;
    return raster(raster.width - 1, raster.height / 2);
}
roi::Rgba opaque(roi::Rgb color) { return {color.red, color.green, color.blue, 255}; }

}  // namespace

TEST_CASE("both signs: a symmetric range; 0 is transparent") {
    const auto figure = roi::plot_stat_map(map(), {.cut = {0, 0, 0}});
    const auto colors = roi::Colormap::RdBu_r();
    CHECK(right_pixel(figure) == opaque(colors(1.0)));
    CHECK(left_pixel(figure) == opaque(colors(0.25)));
    const auto& raster = items<roi::Picture>(figure.scene())[0]->raster;
    CHECK(raster(raster.width / 2, 3).alpha == 0);
    for (const auto* tick : {"-8", "-4", "0", "4", "8"}) CHECK(has_text(figure.scene(), tick));
    CHECK(figure.scene().background == roi::colors::white);
}

TEST_CASE("one sign: from the smallest to the largest, the bar from 0") {
    const auto figure = roi::plot_stat_map(map(4.0), {.cut = {0, 0, 0}});
    CHECK(left_pixel(figure) == opaque(roi::Colormap::RdBu_r()(0.5)));
    for (const auto* tick : {"0", "2", "4", "6", "8"}) CHECK(has_text(figure.scene(), tick));
    const auto symmetric = roi::plot_stat_map(map(4.0), {.cut = {0, 0, 0}, .symmetric = true});
    CHECK(left_pixel(symmetric) == opaque(roi::Colormap::RdBu_r()(0.75)));
    CHECK(has_text(symmetric.scene(), "-8"));
    const auto wide = roi::plot_stat_map(map(), {.cut = {0, 0, 0}, .symmetric = false});
    CHECK(left_pixel(wide) == opaque(roi::Colormap::RdBu_r()(0.0)));
}

TEST_CASE("vmin and vmax, alone and together") {
    const auto colors = roi::Colormap::cold_hot();
    CHECK(right_pixel(roi::plot_stat_map(map(), {.cut = {0, 0, 0}, .vmax = 16.0, .cmap = colors})) ==
          opaque(colors(0.75)));
    CHECK(right_pixel(roi::plot_stat_map(map(), {.cut = {0, 0, 0}, .vmin = -16.0, .cmap = colors})) ==
          opaque(colors(0.75)));
    CHECK(right_pixel(roi::plot_stat_map(
              map(), {.cut = {0, 0, 0}, .vmin = 0.0, .vmax = 10.0, .cmap = colors})) == opaque(colors(0.8)));
    const auto refused = test::message_of(
        [] { (void)roi::plot_stat_map(map(), {.vmin = -1.0, .vmax = 2.0, .symmetric = true}); });
    CHECK(test::contains(refused, "a `vmax` that is minus `vmin`, found -1 and 2"));
}

TEST_CASE("an end that leaves one sign only: the range is not symmetric") {
    const auto colors = roi::Colormap::cold_hot();
    const auto positive = roi::plot_stat_map(map(), {.cut = {0, 0, 0}, .vmin = 0.0, .cmap = colors});
    CHECK(right_pixel(positive) == opaque(colors(1.0)));
    CHECK(left_pixel(positive) == opaque(colors(0.0)));
    CHECK_FALSE(has_text(positive.scene(), "-8"));
    CHECK(right_pixel(roi::plot_stat_map(map(), {.cut = {0, 0, 0}, .vmin = 4.0, .cmap = colors})) ==
          opaque(colors(1.0)));
    for (const double most : {0.0, -2.0}) {
        const auto negative = roi::plot_stat_map(map(), {.cut = {0, 0, 0}, .vmax = most, .cmap = colors});
        CHECK(right_pixel(negative) == opaque(colors(1.0)));
        CHECK(left_pixel(negative) == opaque(colors(0.0)));
        CHECK_FALSE(has_text(negative.scene(), "8"));
    }
}

TEST_CASE("one end that leaves no range of colours is refused") {
    const auto refused = [](const roi::PlotOptions& options) {
        return test::message_of([&] { (void)roi::plot_stat_map(map(), options); });
    };
    for (const bool symmetric : {true, false}) {
        CHECK(test::contains(refused({.vmax = -5.0, .symmetric = symmetric}),
                             symmetric ? "above 0" : "no range of colours"));
        CHECK(test::contains(refused({.vmin = 9.0, .symmetric = symmetric}),
                             symmetric ? "below 0" : "no range of colours"));
    }
    for (const double none : {0.0, -0.0}) {
        CHECK(test::contains(refused({.vmax = none, .symmetric = true}), "needs a `vmax` above 0"));
        CHECK(test::contains(refused({.vmin = none, .symmetric = true}), "or a `vmin` below 0"));
    }
    CHECK(test::contains(refused({.vmin = 9.0}), "from `vmin`, 9, to the largest value, 8; give both ends"));
    CHECK(test::contains(refused({.vmin = 8.0}),
                         "no range of colours from `vmin`, 8, to the largest value, 8"));
    CHECK_NOTHROW(roi::plot_stat_map(roi::Volume<float>(map().grid()), {.vmin = 0.0}));
    CHECK(test::contains(refused({.vmax = -5.0}), "from the smallest value, -4, to `vmax`, -5"));
    CHECK(test::contains(refused({.vmin = 2.0, .vmax = 1.0}), "`vmin` = 2 is above `vmax` = 1, swap them"));
}

TEST_CASE("a value equal to the threshold is hidden, one above it shown") {
    CHECK(left_pixel(roi::plot_stat_map(map(), brain(), {.cut = {0, 0, 0}, .threshold = 4.0}), 1).alpha == 0);
    CHECK(left_pixel(roi::plot_stat_map(map(), brain(), {.cut = {0, 0, 0}, .threshold = 3.99}), 1).alpha ==
          255);
    const auto all = roi::plot_stat_map(map(), {.cut = {0, 0, 0}, .threshold = -1.0});
    for (const auto& pixel : items<roi::Picture>(all.scene())[0]->raster.pixels) CHECK(pixel.alpha == 255);
}

TEST_CASE("background on another grid: every image at its own millimetres") {
    const auto figure = roi::plot_stat_map(map(), brain(), {.cut = {0, 0, 0}});
    const auto pictures = items<roi::Picture>(figure.scene());
    REQUIRE(pictures.size() == 7);
    CHECK(pictures[0]->raster.width == 30);
    CHECK(pictures[1]->raster.width == 11);
    // 30 mm from -15.5 and 22 mm from -11 on one scale.
    const double scale = pictures[0]->box.width / 30.0;
    CHECK(pictures[1]->box.width == Approx(22.0 * scale));
    CHECK(pictures[1]->box.x - pictures[0]->box.x == Approx(4.5 * scale));
    CHECK(figure.scene().background == roi::colors::black);
    // Outside of the brain the sheet shows; inside it is a dimmed gray.
    CHECK(pictures[0]->raster(0, 0).alpha == 0);
    const auto inside = pictures[0]->raster(15, 15);
    CHECK(inside.red == inside.blue);
    CHECK(inside.red == roi::Colormap::gray()(900.0 / 1260.0).red);
    CHECK(roi::plot_stat_map(map(), brain(), {.cut = {0, 0, 0}, .black_bg = false}).scene().background ==
          roi::colors::white);
}

TEST_CASE("an image that shares no place with its background is said") {
    roi::Affine far = map().affine();
    far.col(3).head<3>().array() += 5000.0;
    const roi::Volume<float> elsewhere(roi::Grid(map().shape(), far), 7.0F);
    const roi::Volume<std::int32_t> regions(elsewhere.grid(), 3);
    std::vector<std::string> said;
    const roi::PlotOptions options{.cut = {0, 0, 0},
                                   .warning = [&](std::string_view line) { said.emplace_back(line); }};
    const auto apart = [&](const auto& draw) {
        said.clear();
        draw();
        return std::any_of(said.begin(), said.end(), [](const std::string& line) {
            return test::contains(line, "the image and its background share no place: ") &&
                   test::contains(line, "check the affines");
        });
    };
    CHECK(apart([&] { (void)roi::plot_stat_map(elsewhere, brain(), options); }));
    CHECK(apart([&] { (void)roi::plot_img(elsewhere, brain(), options); }));
    CHECK(apart([&] { (void)roi::plot_roi(regions, brain(), options); }));
    CHECK_FALSE(apart([&] { (void)roi::plot_stat_map(map(), brain(), options); }));

    // A slice 1 mm beside another of 4 mm is seen on it.
    roi::Affine beside = roi::scaling({2.0, 2.0, 4.0});
    const roi::Volume<float> below(roi::Grid(roi::Shape(8, 8, 1), beside), 1.0F);
    beside(2, 3) = 1.0;
    const roi::Volume<float> slice(roi::Grid(roi::Shape(8, 8, 1), beside), 2.0F);
    said.clear();
    (void)roi::plot_stat_map(slice, below,
                             {.cut = {1.0}, .display = roi::Display::z, .warning = options.warning});
    CHECK(said == std::vector<std::string>());
}

TEST_CASE("maps of one value or none") {
    const roi::Volume<float> empty(test::orientations()[1]);
    const auto nothing = roi::plot_stat_map(empty, brain());
    for (std::size_t i = 1; i < 6; i += 2) {
        for (const auto& pixel : items<roi::Picture>(nothing.scene())[i]->raster.pixels)
            CHECK(pixel.alpha == 0);
    }
    // A constant map has the colour of its sign.
    const roi::Volume<float> three(test::orientations()[1], 3.0f), minus(test::orientations()[1], -3.0f);
    CHECK(left_pixel(roi::plot_stat_map(three)) == opaque(roi::Colormap::RdBu_r()(1.0)));
    CHECK(left_pixel(roi::plot_stat_map(minus)) == opaque(roi::Colormap::RdBu_r()(0.0)));
}

TEST_CASE("a cluster of one voxel of a turned image is on every slice through it, as it is") {
    const Eigen::Matrix3d turn =
        (Eigen::AngleAxisd(0.21, Point::UnitX()) * Eigen::AngleAxisd(0.12, Point::UnitY()) *
         Eigen::AngleAxisd(0.35, Point::UnitZ()))
            .toRotationMatrix();
    roi::Affine affine = roi::Affine::Identity();
    affine.topLeftCorner<3, 3>() = turn * Point(2, 3, 4).asDiagonal();
    roi::Volume<double> kept(roi::Grid(roi::Shape(9, 8, 7), affine), 0.0);
    kept(1, 1, 1) = 5.0;
    int missed = 0;
    for (const auto& voxel : {Point(4, 3, 2), Point(7, 5, 5), Point(3, 6, 4), Point(5, 2, 3)}) {
        auto map = kept;
        map(static_cast<int>(voxel[0]), static_cast<int>(voxel[1]), static_cast<int>(voxel[2])) = -3.5;
        const auto color = opaque(roi::Colormap::RdBu_r()(0.15));
        const auto shown = [&](std::optional<roi::Interpolation> how) {
            const auto figure = roi::plot_stat_map(map, {.cut = roi::Cuts(map.grid().world(voxel)),
                                                         .vmax = 5.0,
                                                         .colorbar = false,
                                                         .interpolation = how});
            int slices = 0;
            for (const auto* picture : items<roi::Picture>(figure.scene())) {
                const auto& pixels = picture->raster.pixels;
                slices += std::find(pixels.begin(), pixels.end(), color) != pixels.end() ? 1 : 0;
            }
            return slices;
        };
        CHECK(shown(roi::Interpolation::nearest) == 3);
        missed += shown({}) < 3 ? 1 : 0;
    }
    CHECK(missed > 0);
}
