// Regions: colours, outlines, masks and labels.
#include <roi/plot/plot_roi.hpp>

#include "catch.hpp"
#include "plot_support.hpp"
#include <Eigen/Geometry>
#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <optional>
#include <set>
#include <string>
#include <utility>
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

TEST_CASE("names: a legend of the regions that the slices show, in their colours") {
    auto labels = two_labels();
    labels(0, 0, 0) = 3;  // in none of the slices
    const roi::RegionNames names({{1, "left"}, {3, "nowhere"}, {7, "a < b"}});
    const auto figure = roi::plot_roi(labels, {.cut = {-6, 6, 6}, .names = names});
    CHECK(test::has_text(figure.scene(), "left"));
    CHECK(test::has_text(figure.scene(), "a < b"));
    CHECK_FALSE(test::has_text(figure.scene(), "nowhere"));
    CHECK_FALSE(test::has_text(figure.scene(), "7"));  // no colour bar
    const auto map = roi::Colormap::gist_ncar();
    std::set<std::vector<int>> drawn, patches, expected;
    const auto as_list = [](roi::Rgb color) { return std::vector<int>{color.red, color.green, color.blue}; };
    for (const auto& pixel : items<roi::Picture>(figure.scene())[0]->raster.pixels) {
        if (pixel.alpha != 0) drawn.insert({pixel.red, pixel.green, pixel.blue});
    }
    for (const auto* path : items<roi::Path>(figure.scene())) {
        if (path->fill) patches.insert(as_list(*path->fill));
    }
    for (const std::size_t rank : {std::size_t{0}, std::size_t{2}})
        expected.insert(as_list(map.of_region(rank)));
    CHECK(drawn == expected);
    CHECK(patches == expected);

    // As opaque as the regions, so that they look alike on the sheet.
    const auto opacities = [](const roi::Figure& drawn_figure) {
        std::set<double> out;
        for (const auto* path : items<roi::Path>(drawn_figure.scene())) {
            if (path->fill) out.insert(std::round(255.0 * path->opacity));
        }
        return out;
    };
    for (const auto style : {roi::RoiStyle::filled, roi::RoiStyle::contours}) {
        CHECK(opacities(roi::plot_roi(labels, {.cut = {-6, 6, 6}, .style = style, .names = names})) ==
              std::set<double>{179.0});
        CHECK(opacities(
                  roi::plot_roi(labels, {.cut = {-6, 6, 6}, .alpha = 0.2, .style = style, .names = names})) ==
              std::set<double>{51.0});
    }
    for (const auto& pixel : items<roi::Picture>(figure.scene())[0]->raster.pixels)
        CHECK((pixel.alpha == 0 || pixel.alpha == 179));

    // Outlines have it too; a label without a name has its number; without a bar there is no legend.
    const auto outlined = roi::plot_roi(
        labels,
        {.cut = {-6, 6, 6}, .style = roi::RoiStyle::contours, .names = roi::RegionNames({{1, "left"}})});
    CHECK(test::has_text(outlined.scene(), "left"));
    CHECK(test::has_text(outlined.scene(), "label_7"));
    const auto bare = roi::plot_roi(labels, {.cut = {-6, 6, 6}, .names = names, .colorbar = false});
    CHECK_FALSE(test::has_text(bare.scene(), "left"));
}

TEST_CASE("the outer voxels of a tilted atlas are drawn, and regions that the cuts run through") {
    const auto tilted = [](double degrees, std::int64_t thick) {
        roi::Affine affine = roi::Affine::Identity();
        affine.topLeftCorner<3, 3>() =
            Eigen::AngleAxisd(degrees * std::acos(-1.0) / 180.0, Point::UnitX()).toRotationMatrix() *
            Point(2, 2, 3).asDiagonal();
        roi::Labels out(roi::Grid(roi::Shape(20, 24, thick), affine));
        for (std::int64_t z = 0; z < thick; ++z) {
            for (std::int64_t y = 4; y < 20; ++y) {
                for (std::int64_t x = 4; x < 16; ++x) out(x, y, z) = static_cast<std::int32_t>(1 + z);
            }
        }
        return out;
    };
    const roi::RegionNames names({{1, "bottom"}, {2, "middle"}, {3, "top"}});
    const auto share = [&](double degrees, std::int64_t thick) {
        const double middle = 3.0 * std::floor(static_cast<double>(thick) / 2.0);
        const auto figure = roi::plot_roi(tilted(degrees, thick),
                                          {.cut = std::vector<double>{middle}, .display = roi::Display::z});
        const auto& pixels = items<roi::Picture>(figure.scene())[0]->raster.pixels;
        const auto colored =
            std::count_if(pixels.begin(), pixels.end(), [](const auto& pixel) { return pixel.alpha != 0; });
        return static_cast<double>(colored) / static_cast<double>(pixels.size());
    };
    for (const std::int64_t thick : {1, 2, 3}) {
        INFO(thick << " slices");
        CHECK(share(0.0, thick) == 0.4);
        CHECK(share(1.0, thick) == Approx(0.4).epsilon(0.1));
    }
    const auto three = roi::plot_roi(tilted(1, 3), {.names = names});
    for (const char* name : {"bottom", "middle", "top"}) CHECK(test::has_text(three.scene(), name));
    CHECK_FALSE(outlines(roi::plot_roi(tilted(1, 1), {.style = roi::RoiStyle::contours})).empty());
}

TEST_CASE("the colours of two dozen regions can be told apart") {
    const auto map = roi::Colormap::gist_ncar();
    int least = 255;
    for (std::size_t a = 0; a < 24; ++a) {
        for (std::size_t b = 0; b < a; ++b) {
            const auto one = map.of_region(a), other = map.of_region(b);
            least =
                std::min(least, std::max({std::abs(one.red - other.red), std::abs(one.green - other.green),
                                          std::abs(one.blue - other.blue)}));
        }
    }
    CHECK(least >= 32);  // of 255; 13 without darker and lighter ones
    // A map of one colour has no other.
    const std::vector<std::pair<double, roi::Rgb>> white{{0.0, roi::colors::white},
                                                         {1.0, roi::colors::white}};
    CHECK(roi::Colormap(white).of_region(3) == roi::colors::white);
}

TEST_CASE("names of many regions: smaller, in columns, and at last how many are left out") {
    const auto with = [](std::int32_t count) {
        roi::Labels many(roi::Grid(roi::Shape(40, 20, 3)));
        for (std::int64_t i = 0; i < many.size(); ++i) many[i] = static_cast<std::int32_t>(i % (count + 1));
        return roi::plot_roi(many, {.cut = {5, 5, 1}, .names = roi::RegionNames({{1, "one"}})});
    };
    const auto sizes_of = [](const roi::Figure& figure) {
        std::set<double> out;
        for (const auto* text : items<roi::Text>(figure.scene())) {
            if (text->text.substr(0, 5) == "label") out.insert(text->size);
        }
        return out;
    };
    const auto few = with(10), more = with(50), most = with(500);
    CHECK(sizes_of(few) == std::set<double>{10.0});
    CHECK(sizes_of(more).size() == 1);
    CHECK(*sizes_of(more).begin() < 10.0);
    CHECK(*sizes_of(most).begin() == 7.0);
    for (const auto* figure : {&few, &more, &most}) {
        for (const auto* text : items<roi::Text>(figure->scene())) {
            CHECK(text->place.y >= 0.0);
            CHECK(text->place.y <= figure->scene().height);
        }
    }
    CHECK(few.width() < more.width());
    // Every region is there, or counted in the last line.
    std::int64_t listed = 0, left_out = 0;
    for (const auto& text : test::texts(most.scene())) {
        listed += text == "one" || text.substr(0, 6) == "label_";
        if (text.substr(0, 4) == "and ") left_out = std::stoll(text.substr(4));
    }
    CHECK(listed + left_out == 500);
    CHECK(left_out > 0);
    // A sheet of a given size keeps it; half of it is for the slices.
    roi::Labels labels(roi::Grid(roi::Shape(4, 4, 4)), 1);
    const auto small = roi::plot_roi(
        labels, {.names = roi::RegionNames({{1, std::string(200, 'x')}}), .size = roi::FigureSize{3.0, 0.2}});
    CHECK(small.width() == Approx(3.0));
}

TEST_CASE("a legend ends within the sheet, its names shortened where that is small") {
    roi::Labels many(roi::Grid(roi::Shape(40, 20, 3)));
    for (std::int64_t i = 0; i < many.size(); ++i) many[i] = static_cast<std::int32_t>(i % 36);
    std::vector<std::pair<std::int64_t, std::string>> rows;
    for (std::int64_t i = 1; i < 36; ++i) {
        rows.emplace_back(i, "Region with a fairly long name " + std::to_string(i));
    }
    const roi::RegionNames names(rows);
    for (const auto& size : {std::optional<roi::FigureSize>{}, std::optional(roi::FigureSize{4.0, 3.0})}) {
        const auto figure =
            roi::plot_roi(many, {.cut = {1.0}, .display = roi::Display::z, .names = names, .size = size});
        std::size_t named = 0;
        for (const auto* text : items<roi::Text>(figure.scene())) {
            if (text->text.substr(0, 2) != "Re") continue;
            ++named;
            CHECK(text->place.x + roi::detail::text_width(text->text, text->size) <= figure.scene().width);
        }
        CHECK(named == 35);
    }
}

TEST_CASE("a name of a legend stays in its column, be its letters wider than they are taken for") {
    roi::Labels many(roi::Grid(roi::Shape(40, 20, 3)));
    for (std::int64_t i = 0; i < many.size(); ++i) many[i] = static_cast<std::int32_t>(i % 61);
    std::vector<std::pair<std::int64_t, std::string>> rows;
    for (std::int64_t i = 1; i < 61; ++i) {
        std::string name = std::to_string(i) + ' ';
        for (int letter = 0; letter < 12; ++letter) name += "\xd0\xa9";
        rows.emplace_back(i, name);
    }
    const auto figure =
        roi::plot_roi(many, {.cut = {1.0}, .display = roi::Display::z, .names = roi::RegionNames(rows)});
    const auto squares = items<roi::Path>(figure.scene());
    std::size_t names = 0, columns = 0;
    for (const auto& item : figure.scene().items) {
        const auto* text = std::get_if<roi::Text>(&item.what);
        if (!text || !test::contains(text->text, "\xd0\xa9")) continue;
        ++names;
        REQUIRE(text->most);
        REQUIRE(item.clip);
        const double end = text->place.x + *text->most;
        CHECK(*text->most >= roi::detail::text_width(text->text, text->size));
        CHECK(item.clip->right() == Approx(end));
        CHECK(end <= figure.scene().width);
        for (const auto* square : squares) {
            if (!square->fill || square->places[0].x <= text->place.x) continue;
            ++columns;
            CHECK(end < square->places[0].x);
        }
    }
    CHECK(names == 60);
    CHECK(columns > 0);
}

TEST_CASE("names of a legend that differ in the middle alone are told apart by the numbers of their labels") {
    roi::Labels many(roi::Grid(roi::Shape(40, 20, 3)));
    for (std::int64_t i = 0; i < many.size(); ++i) many[i] = static_cast<std::int32_t>(i % 36);
    const auto legend = [&](const std::vector<std::pair<std::int64_t, std::string>>& rows,
                            const std::optional<roi::FigureSize>& size = {}) {
        const auto figure = roi::plot_roi(
            many, {.cut = {1.0}, .display = roi::Display::z, .names = roi::RegionNames(rows), .size = size});
        std::vector<std::string> out;
        for (const auto* text : items<roi::Text>(figure.scene())) {
            if (text->text != "L" && text->text != "R" && text->text != "z=1") out.push_back(text->text);
            CHECK(text->place.x + roi::detail::text_width(text->text, text->size) <= figure.scene().width);
        }
        return out;
    };
    const std::string before = "Left Inferior Temporal Gyrus, ", after = ", temporooccipital division";
    std::vector<std::pair<std::int64_t, std::string>> rows;
    for (std::int64_t i = 1; i < 36; ++i) rows.emplace_back(i, before + "part " + std::to_string(i) + after);
    for (const auto& size : {std::optional<roi::FigureSize>{}, std::optional(roi::FigureSize{6.0, 4.0})}) {
        const auto texts = legend(rows, size);
        REQUIRE(texts.size() == 35);
        CHECK(std::set<std::string>(texts.begin(), texts.end()).size() == 35);
        for (std::size_t i = 0; i < texts.size(); ++i) {
            CHECK(texts[i].substr(0, texts[i].find(' ')) == std::to_string(i + 1));
            CHECK(test::contains(texts[i], "\xe2\x80\xa6"));
        }
    }
    // A name that is written like another one with its number.
    const auto shown = legend(rows)[3];
    rows[20].second = shown;
    const auto texts = legend(rows);
    CHECK(std::set<std::string>(texts.begin(), texts.end()).size() == 35);
    CHECK(texts[3] == shown);
    // No numbers where none are needed: shortened names that differ, and labels that share a name.
    std::vector<std::pair<std::int64_t, std::string>> ends;
    for (std::int64_t i = 1; i < 36; ++i) ends.emplace_back(i, before + "part" + after + std::to_string(i));
    ends[1].second = ends[0].second;
    for (const auto& text : legend(ends)) CHECK(text.starts_with("Left"));
}

TEST_CASE("a title is no wider than the slices beside a legend") {
    const roi::RegionNames names({{1, "left"}, {7, std::string(200, 'x')}});
    const std::string title =
        "A title that is far longer than the single slice is wide, with everything in it";
    for (const auto& size : {std::optional<roi::FigureSize>{}, std::optional(roi::FigureSize{3.0, 2.0})}) {
        const auto figure = roi::plot_roi(
            two_labels(),
            {.cut = {-6.0}, .display = roi::Display::x, .title = title, .names = names, .size = size});
        double legend = figure.scene().width, right = 0.0;
        for (const auto* path : items<roi::Path>(figure.scene())) {
            if (path->fill) legend = std::min(legend, path->places[0].x);
        }
        for (const auto* text : items<roi::Text>(figure.scene())) {
            if (text->padding == 0.0 || text->text.starts_with("x=")) continue;
            right = std::max(right,
                             text->place.x + roi::detail::text_width(text->text, text->size) + text->padding);
        }
        CHECK(right > 0.0);
        CHECK(right <= legend);
        CHECK(figure.scene().title == title);  // whole in the SVG
    }
}
