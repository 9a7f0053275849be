// Regions: colours, outlines, masks and labels.
#include <roi/plot/plot_roi.hpp>

#include "catch.hpp"
#include "plot_support.hpp"
#include <algorithm>
#include <set>
#include <vector>

using roi::Point;
using test::items;

namespace {

roi::Labels two_labels() {
    roi::Labels out(test::orientations()[1]);
    out(8, 8, 8) = 1;  // at -6, 6, 6 mm
    out(9, 8, 8) = 7;
    return out;
}

std::vector<const roi::Path*> outlines(const roi::Figure& figure) {
    auto out = items<roi::Path>(figure.scene());
    std::erase_if(out, [](const roi::Path* path) { return !path->closed || path->width != 2.5; });
    return out;
}

}  // namespace

TEST_CASE("areas are seven tenths opaque, from the first to the last colour") {
    const auto figure = roi::plot_roi(two_labels(), {.cut = {-6, 6, 6}});
    const auto first = roi::Colormap::gist_ncar()(0.0), last = roi::Colormap::gist_ncar()(1.0);
    std::set<std::vector<int>> seen;
    for (const auto& pixel : items<roi::Picture>(figure.scene())[0]->raster.pixels) {
        if (pixel.alpha != 0) seen.insert({pixel.red, pixel.green, pixel.blue, pixel.alpha});
    }
    CHECK(seen == std::set<std::vector<int>>{{first.red, first.green, first.blue, 179},
                                             {last.red, last.green, last.blue, 179}});
    CHECK(test::has_text(figure.scene(), "7"));
    CHECK(test::has_text(figure.scene(), "1"));
}

TEST_CASE("a mask has one colour and one number") {
    const auto mask =
        test::volume_of<bool>(test::orientations()[3], [](const Point& mm) { return mm[0] > 5 ? 1.0 : 0.0; });
    const auto figure = roi::plot_roi(mask, {.cut = {7, 0, 0}});
    const auto texts = test::texts(figure.scene());
    CHECK(std::count(texts.begin(), texts.end(), "1") == 1);
    const auto& raster = items<roi::Picture>(figure.scene())[0]->raster;
    // Seen on black, gray and white; the first colour of the map, a dark blue, is not.
    const auto red = roi::Colormap::gist_ncar()(0.74);
    CHECK(raster(raster.width - 1, 2) == roi::Rgba{red.red, red.green, red.blue, 179});
    CHECK(raster(0, 2).alpha == 0);
    CHECK((red.red > 240 && red.green < 40 && red.blue < 40));
    const auto outlined = roi::plot_roi(mask, {.cut = {7, 0, 0}, .style = roi::RoiStyle::contours});
    for (const auto* path : outlines(outlined)) CHECK(path->color == red);
    // A range that is asked for is kept, and another colour map too.
    const auto ranged = roi::plot_roi(mask, {.cut = {7, 0, 0}, .vmin = 1.0, .vmax = 2.0});
    CHECK(items<roi::Picture>(ranged.scene())[0]->raster(raster.width - 1, 2) == roi::Rgba{0, 0, 128, 179});
    const auto gray = roi::plot_roi(mask, {.cut = {7, 0, 0}, .cmap = roi::Colormap::gray()});
    CHECK(items<roi::Picture>(gray.scene())[0]->raster(raster.width - 1, 2) == roi::Rgba{189, 189, 189, 179});
}

TEST_CASE("one voxel: cut through it, and as an outline a square of its size") {
    roi::Mask mask(test::orientations()[1]);
    mask(2, 3, 4) = true;  // at 6, -4, -2 mm
    const auto figure = roi::plot_roi(mask);
    for (const auto* position : {"x=6", "y=-4", "z=-2"}) CHECK(test::has_text(figure.scene(), position));
    // Only the voxel is shown when there is nothing else; beside a background it keeps its scale.
    const roi::Volume<float> background(test::orientations()[0], 1.0f);
    const auto outlined = roi::plot_roi(mask, background, {.style = roi::RoiStyle::contours});
    REQUIRE(outlines(outlined).size() == 3);
    const auto& picture = *items<roi::Picture>(outlined.scene())[0];
    const auto& square = outlines(outlined)[0]->places;
    REQUIRE(square.size() == 4);
    CHECK(square[1].x - square[0].x == Approx(picture.box.width / 11.0));
    CHECK(square[0].x - picture.box.x == Approx(picture.box.width * 8.0 / 11.0));
}

TEST_CASE("outlines: one colour per label, of the given width, mirrored like everything") {
    const roi::Volume<float> background(test::orientations()[0], 1.0f);
    const auto figure =
        roi::plot_roi(two_labels(), background, {.cut = {-6, 6, 6}, .style = roi::RoiStyle::contours});
    std::set<int> blues;
    for (const auto* path : outlines(figure)) {
        blues.insert(path->color.blue);
        CHECK(path->opacity == 0.7);
    }
    CHECK(blues == std::set<int>{roi::Colormap::gist_ncar()(0.0).blue, roi::Colormap::gist_ncar()(0.5).blue});
    const auto wide = roi::plot_roi(two_labels(), background,
                                    {.cut = {-6, 6, 6}, .style = roi::RoiStyle::contours, .line_width = 4.0});
    CHECK(outlines(wide).empty());
    const auto mirrored =
        roi::plot_roi(two_labels(), background,
                      {.cut = {-6, 6, 6}, .style = roi::RoiStyle::contours, .radiological = true});
    const auto& box = items<roi::Picture>(figure.scene())[0]->box;
    CHECK(outlines(figure)[0]->places[0].x < box.x + box.width / 2);
    CHECK(outlines(mirrored)[0]->places[0].x > box.x + box.width / 2);
    CHECK(test::contains(test::message_of([&] {
                             (void)roi::plot_roi(two_labels(),
                                                 {.style = roi::RoiStyle::contours, .line_width = 0.0});
                         }),
                         "line_width"));
}

TEST_CASE("200 labels, none, and the empty mask") {
    roi::Labels many(roi::Grid(roi::Shape(20, 10, 3)));
    for (std::int64_t i = 0; i < many.size(); ++i) many[i] = static_cast<std::int32_t>(i % 201);
    CHECK(test::has_text(roi::plot_roi(many, {.cut = {5, 5, 1}}).scene(), "z=1"));
    const auto outlined = roi::plot_roi(many, {.cut = {5, 5, 1}, .style = roi::RoiStyle::contours});
    CHECK(outlines(outlined).size() >= 199);
    const roi::Mask empty(roi::Grid(roi::Shape(4, 4, 4)));
    CHECK(outlines(roi::plot_roi(empty, {.style = roi::RoiStyle::contours})).empty());
    CHECK(roi::plot_roi(empty).width() == Approx(7.3));
    CHECK(roi::plot_roi(empty, empty).width() == Approx(7.3));
}
