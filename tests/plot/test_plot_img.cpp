// Slices of images: where a bright corner appears, what every option does, and images that show nothing.
#include <roi/plot.hpp>

#include "catch.hpp"
#include "plot_support.hpp"
#include "support.hpp"
#include <cmath>
#include <limits>
#include <set>
#include <string>
#include <vector>

using roi::Display;
using roi::Point;
using test::has_text;
using test::items;

namespace {

double corner(const Point& mm) { return mm[0] > 5 && mm[1] > 5 && mm[2] > 5 ? 100.0 : 10.0; }

roi::Volume<float> bright_corner() { return test::volume_of<float>(test::orientations()[1], corner); }

/// A figure's slices without the colour bar.
std::vector<const roi::Picture*> slices(const roi::Figure& figure) {
    auto out = items<roi::Picture>(figure.scene());
    std::erase_if(out, [](const roi::Picture* picture) {
        return picture->raster.width == 1 && picture->raster.height == 256;
    });
    return out;
}

std::size_t bars(const roi::Figure& figure) {
    return items<roi::Picture>(figure.scene()).size() - slices(figure).size();
}

/// Straight open lines: the cross.
std::size_t lines(const roi::Figure& figure) {
    std::size_t out = 0;
    for (const auto* path : items<roi::Path>(figure.scene())) out += path->closed ? 0 : 1;
    return out;
}

void check_corner(const roi::Figure& figure, bool mirrored) {
    const auto pictures = slices(figure);
    REQUIRE(pictures.size() == 3);
    for (const auto* picture : pictures) {
        const auto found = test::brightest(*picture);
        CHECK((found.right > 0.6) == !mirrored);
        CHECK((found.right < 0.4) == mirrored);
        CHECK(found.down < 0.4);
    }
}

}  // namespace

TEST_CASE("one bright corner: right and up in every view, whatever the affine") {
    for (const auto& grid : test::orientations()) {
        INFO(grid.to_string());
        const auto volume = test::volume_of<float>(grid, corner);
        check_corner(roi::plot_img(volume, {.cut = {8, 8, 8}}), false);
        check_corner(roi::plot_epi(volume, {.cut = {8, 8, 8}}), false);
        check_corner(roi::plot_anat(volume, {.cut = {8, 8, 8}}), false);
        check_corner(roi::plot_img(volume, {.cut = {8, 8, 8}, .radiological = true}), true);
    }
}

TEST_CASE("L and R name the sides, and change them with the convention") {
    const auto side_of = [](const roi::Figure& figure, const std::string& letter) {
        std::vector<double> out;
        for (const auto* text : items<roi::Text>(figure.scene())) {
            if (text->text != letter) continue;
            for (const auto* picture : slices(figure)) {
                const auto& box = picture->box;
                if (text->place.x >= box.x && text->place.x <= box.right())
                    out.push_back((text->place.x - box.x) / box.width);
            }
        }
        return out;
    };
    const auto volume = bright_corner();
    const auto usual = roi::plot_epi(volume, {.cut = {8, 8, 8}});
    REQUIRE(side_of(usual, "L").size() == 2);  // not in the sagittal view
    for (const double at : side_of(usual, "L")) CHECK(at == Approx(0.1));
    for (const double at : side_of(usual, "R")) CHECK(at == Approx(0.9));
    for (const double at : side_of(roi::plot_epi(volume, {.cut = {8, 8, 8}, .radiological = true}), "L"))
        CHECK(at == Approx(0.9));
}

#if defined(ROI_WITH_CAIRO) && defined(ROI_WITH_PNG)
TEST_CASE("a known value has its colour at its place in the file") {
    for (const bool mirrored : {false, true}) {
        for (const auto& grid : test::orientations()) {
            INFO(grid.to_string());
            const auto volume = test::volume_of<float>(grid, corner);
            const auto figure = roi::plot_img(volume, {.cut = {-8, 8, 8},
                                                       .vmin = 0.0,
                                                       .vmax = 199.0,
                                                       .cmap = roi::Colormap::viridis(),
                                                       .left_right = false,
                                                       .draw_cross = false,
                                                       .radiological = mirrored});
            const test::Pixels pixels(figure.png({.dpi = 100}));
            // The coronal view: the bright corner, and a place on the other side.
            const auto& picture = *slices(figure)[0];
            const auto bright = test::brightest(picture);
            CHECK((bright.right > 0.5) == !mirrored);
            CHECK(bright.down < 0.5);
            CHECK(pixels.at(bright.place, 100) == roi::Colormap::viridis()(100.0 / 199.0));
            const double across = picture.box.x + (mirrored ? 0.75 : 0.25) * picture.box.width;
            CHECK(pixels.at({across, picture.box.y + 0.5 * picture.box.height}, 100) ==
                  roi::Colormap::viridis()(10.0 / 199.0));
        }
    }
}
#endif

TEST_CASE("displays: which slices, in which order, how large") {
    const auto volume = bright_corner();
    struct Expected {
        Display display;
        std::vector<std::string> positions;
        double width, height;
        std::size_t lines;
    };
    const std::vector<Expected> all{
        {Display::ortho, {"y=2", "x=1", "z=3"}, 7.3, 3.5, 6},
        {Display::tiled, {"y=2", "x=1", "z=3"}, 6.7, 7.6, 6},
        {Display::xz, {"x=1", "z=3"}, 5.1, 3.5, 2},
        {Display::yx, {"y=2", "x=1"}, 5.1, 3.5, 2},
        {Display::yz, {"y=2", "z=3"}, 5.1, 3.0, 2},
    };
    for (const auto& [display, positions, width, height, count] : all) {
        const auto figure = roi::plot_img(
            volume, {.cut = {1.7, 2.9, 3.2}, .display = display, .colorbar = true, .left_right = false});
        INFO(static_cast<int>(display));
        const auto texts = test::texts(figure.scene());
        CHECK(std::vector<std::string>(
                  texts.begin(), texts.begin() + static_cast<std::ptrdiff_t>(positions.size())) == positions);
        CHECK(figure.width() == Approx(width));
        CHECK(figure.height() == Approx(height));
        CHECK(lines(figure) == count);
        CHECK(slices(figure).size() == positions.size());
    }
    for (const auto display : {Display::x, Display::y, Display::z}) {
        CHECK(slices(roi::plot_img(volume, {.display = display})).size() == 7);
        CHECK(slices(roi::plot_img(volume, {.cut = 4, .display = display})).size() == 4);
        const auto figure = roi::plot_img(volume, {.cut = {-4, 0, 6.9}, .display = display});
        CHECK(slices(figure).size() == 3);
        CHECK(lines(figure) == 0);
        const std::string axis = display == Display::x ? "x" : display == Display::y ? "y" : "z";
        CHECK(has_text(figure.scene(), axis + "=6"));
    }
    CHECK(slices(roi::plot_img(volume, {.display = Display::mosaic})).size() == 21);
    CHECK(slices(roi::plot_img(volume, {.cut = 3, .display = Display::mosaic})).size() == 9);
    const auto mosaic = roi::plot_img(
        volume, {.cut = roi::Cuts::per_axis({0}, {1, 3}, {-2, 0, 2}), .display = Display::mosaic});
    CHECK(slices(mosaic).size() == 6);
    CHECK(slices(mosaic).front()->box.y < slices(mosaic).back()->box.y);  // axial above coronal
    CHECK(has_text(mosaic.scene(), "z=-2"));
    CHECK(has_text(mosaic.scene(), "y=3"));
}

TEST_CASE("views share one scale and stay on the sheet") {
    const auto volume = test::volume_of<float>(
        {roi::Shape(20, 30, 10), test::affine({3, 0, 0, -30, 0, 2, 0, -30, 0, 0, 5, -25})}, corner);
    for (const auto display : {Display::ortho, Display::tiled, Display::mosaic, Display::z}) {
        const auto figure = roi::plot_img(volume, {.display = display});
        std::set<long> scales;
        for (const auto* picture : slices(figure)) {
            const auto& box = picture->box;
            CHECK(box.x >= -1e-9);
            CHECK(box.y >= -1e-9);
            CHECK(box.right() <= figure.scene().width + 1e-9);
            CHECK(box.bottom() <= figure.scene().height + 1e-9);
            if (picture->raster.width == 20) scales.insert(std::lround(1e6 * box.width / 60.0));
            if (picture->raster.height == 10) scales.insert(std::lround(1e6 * box.height / 50.0));
        }
        CHECK(scales.size() == 1);
    }
}

TEST_CASE("every option shows") {
    const auto volume = bright_corner();
    const roi::PlotOptions plain{.cut = {8, 8, 8}};
    const auto with = [&](auto change) {
        auto options = plain;
        change(options);
        return roi::plot_img(volume, options);
    };
    const auto first = [](const roi::Figure& figure) { return slices(figure)[0]->raster.pixels; };
    const auto usual = roi::plot_img(volume, plain);
    CHECK(bars(usual) == 1);
    CHECK(bars(with([](auto& o) { o.colorbar = false; })) == 0);
    CHECK(with([](auto& o) { o.colorbar = false; }).width() == Approx(6.6));
    CHECK(has_text(with([](auto& o) { o.title = "Title"; }).scene(), "Title"));
    CHECK_FALSE(has_text(with([](auto& o) { o.left_right = false; }).scene(), "L"));
    CHECK_FALSE(has_text(with([](auto& o) { o.positions = false; }).scene(), "x=8"));
    CHECK(has_text(with([](auto& o) { o.decimals = 2; }).scene(), "x=8.00"));
    CHECK(lines(with([](auto& o) { o.draw_cross = false; })) == 0);
    CHECK(usual.scene().background == roi::colors::white);
    CHECK(with([](auto& o) { o.black_bg = true; }).scene().background == roi::colors::black);
    CHECK(first(with([](auto& o) { o.vmax = 1000.0; })) != first(usual));
    CHECK(first(with([](auto& o) { o.vmin = -1000.0; })) != first(usual));
    CHECK(first(with([](auto& o) { o.cmap = roi::Colormap::magma(); })) != first(usual));
    CHECK(first(with([](auto& o) { o.alpha = 0.5; }))[0].alpha == 128);
    CHECK(first(with([](auto& o) { o.threshold = 50.0; })).back().alpha == 0);
    CHECK(first(usual).back().alpha == 255);
    CHECK(with([](auto& o) { o.size = roi::FigureSize{4, 2}; }).width() == 4.0);
    CHECK(has_text(with([](auto& o) {
                       o.vmax = 33.333;
                       o.tick_digits = 4;
                   }).scene(),
                   "33.33"));
    CHECK(usual.scene().items.size() == roi::plot_img(volume, plain).scene().items.size());
}

TEST_CASE("the range is that of the slices shown") {
    auto volume = bright_corner();
    volume(0, 0, 0) = 1000.0f;  // at 10, -10, -10 mm: in none of these slices
    CHECK(has_text(roi::plot_epi(volume, {.cut = {8, 8, 8}}).scene(), "100"));
    CHECK_FALSE(has_text(roi::plot_epi(volume, {.cut = {8, 8, 8}}).scene(), "1000"));
    CHECK(has_text(roi::plot_epi(volume, {.cut = {10, 8, 8}}).scene(), "1000"));
}

TEST_CASE("an anatomical image is dimmed as the published rule says, on the sheet its border asks for") {
    // Border 0 and values up to 100: black, and 100 moves to 50 + 1.8 * 50 = 140.
    auto volume = test::volume_of<float>(test::orientations()[0],
                                         [](const Point& mm) { return mm.norm() < 6 ? 100.0 : 0.0; });
    const auto dark = roi::plot_anat(volume, {.cut = {0, 0, 0}});
    CHECK(dark.scene().background == roi::colors::black);
    CHECK(has_text(dark.scene(), "140"));
    CHECK(has_text(roi::plot_anat(volume, {.cut = {0, 0, 0}, .dim = 0.0}).scene(), "100"));
    // A bright border: white, and the lowest value moves to 0.5 * 1.4 * 50 - 1.6 * 50 = -45.
    for (float& value : volume) value = 100.0f - value;
    const auto light = roi::plot_anat(volume, {.cut = {0, 0, 0}});
    CHECK(light.scene().background == roi::colors::white);
    CHECK(has_text(light.scene(), "-45"));
    CHECK(roi::plot_anat(volume, {.cut = {0, 0, 0}, .black_bg = true}).scene().background ==
          roi::colors::black);
}

TEST_CASE("cuts that make no sense are refused, those outside are told") {
    const auto volume = bright_corner();
    const auto refused = [&](const roi::PlotOptions& options) {
        return test::message_of([&] { (void)roi::plot_img(volume, options); });
    };
    CHECK(test::contains(refused({.cut = {1, 2}}), "3 coordinates"));
    CHECK(test::contains(refused({.cut = 5}), "coordinates in millimetres"));
    CHECK(test::contains(refused({.cut = {1, 2, 3}, .display = Display::mosaic}), "mosaic"));
    CHECK(test::contains(refused({.cut = std::vector<double>{}, .display = Display::z}), "no slice along z"));
    CHECK(test::contains(refused({.cut = {400, 400, 400}}), "outside the image"));
    CHECK(test::contains(refused({.cut = {0, 0, std::numeric_limits<double>::quiet_NaN()}}), "nan"));
    CHECK(test::contains(refused({.vmin = 3.0, .vmax = 2.0}), "swap"));
    CHECK(test::contains(refused({.size = roi::FigureSize{0, 2}}), "inches"));
    std::string warning;
    const auto figure = roi::plot_img(
        volume, {.cut = {400, 0, 0}, .warning = [&](std::string_view line) { warning = line; }});
    CHECK(slices(figure).size() == 2);
    CHECK(test::contains(warning, "x = 400"));
}

TEST_CASE("images that show nothing still make a picture") {
    const auto check = [](const auto& volume) {
        for (const auto display : {Display::ortho, Display::tiled, Display::mosaic, Display::x}) {
            for (const auto& figure :
                 {roi::plot_epi(volume, {.display = display}), roi::plot_anat(volume, {.display = display}),
                  roi::plot_img(volume, volume, {.display = display})}) {
                CHECK(figure.width() > 1.0);
                const auto svg = roi::xml_escaped(figure.scene().title);
                for (const auto& item : figure.scene().items) {
                    if (const auto* picture = std::get_if<roi::Picture>(&item.what)) {
                        CHECK(std::isfinite(picture->box.x + picture->box.width + picture->box.height));
                    }
                    if (const auto* text = std::get_if<roi::Text>(&item.what))
                        CHECK(std::isfinite(text->place.x + text->place.y));
                }
            }
        }
    };
    check(roi::Volume<float>(roi::Grid(roi::Shape(5, 6, 7))));
    check(roi::Volume<float>(roi::Grid(roi::Shape(5, 6, 7)), 3.0f));
    check(roi::Volume<double>(roi::Grid(roi::Shape(5, 6, 7)), std::numeric_limits<double>::quiet_NaN()));
    check(roi::Volume<std::int16_t>(roi::Grid(roi::Shape(5, 6, 1)), std::int16_t{-3}));
    check(roi::Volume<std::uint8_t>(roi::Grid(roi::Shape(1, 1, 1)), std::uint8_t{1}));
    CHECK(test::contains(test::message_of([] { (void)roi::plot_epi(roi::Volume<float>()); }), "no voxels"));
}

TEST_CASE("where all is 0 or NaN, the cut goes through the middle: of the background, else of the image") {
    const roi::Grid grid(roi::Shape(5, 6, 7), test::affine({2, 0, 0, 10, 0, 2, 0, 20, 0, 0, 2, 30}));
    const auto positions = [](const roi::Figure& figure) {
        auto texts = test::texts(figure.scene());
        std::erase_if(texts, [](const std::string& text) { return text.find('=') == std::string::npos; });
        return texts;
    };
    std::string warning;
    const roi::PlotOptions options{.warning = [&](std::string_view line) { warning = line; }};
    for (const float value : {0.0f, std::numeric_limits<float>::quiet_NaN()}) {
        const roi::Volume<float> nothing(grid, value);
        CHECK(positions(roi::plot_img(nothing, options)) == std::vector<std::string>{"y=25", "x=14", "z=36"});
        CHECK(test::contains(warning, "middle of the image"));
        const auto bright = test::volume_of<float>(
            grid, [](const Point& mm) { return mm[0] > 15 && mm[1] < 23 && mm[2] > 40 ? 7.0 : 0.0; });
        const auto figure = roi::plot_img(nothing, bright, options);
        CHECK(positions(figure) == std::vector<std::string>{"y=21", "x=17", "z=42"});
        CHECK(test::contains(warning, "middle of the background"));
        for (const std::size_t background : {0u, 2u, 4u}) {
            const auto& pixels = slices(figure)[background]->raster.pixels;
            CHECK(std::any_of(pixels.begin(), pixels.end(), [](roi::Rgba pixel) { return pixel.alpha > 0; }));
        }
        CHECK(positions(roi::plot_img(nothing, {.cut = 3, .display = Display::z})) ==
              std::vector<std::string>{"z=31", "z=36", "z=40"});
        CHECK(positions(roi::plot_img(nothing, {.cut = {10, 20, 30}})) ==
              std::vector<std::string>{"y=20", "x=10", "z=30"});
    }
}

TEST_CASE("an image of one value is seen on its sheet") {
    const roi::Volume<float> seven(roi::Grid(roi::Shape(5, 6, 7)), 7.0f);
    for (const auto& figure : {roi::plot_epi(seven), roi::plot_anat(seven), roi::plot_img(seven)}) {
        CHECK(slices(figure)[0]->raster(2, 2) == roi::Rgba{128, 128, 128, 255});
        CHECK(has_text(figure.scene(), "7"));
    }
    CHECK(slices(roi::plot_epi(seven, {.vmin = 0.0, .vmax = 7.0}))[0]->raster(2, 2) ==
          roi::Rgba{255, 255, 255, 255});
}

TEST_CASE("texts of a slice that is lower than they are stay on the sheet") {
    const roi::Volume<float> flat(roi::Grid(roi::Shape(40, 60, 1)), 7.0f);
    for (const auto display : {Display::ortho, Display::tiled, Display::mosaic, Display::z}) {
        const auto figure = roi::plot_epi(flat, {.display = display});
        for (const auto* text : items<roi::Text>(figure.scene())) {
            if (text->vertical == roi::Align::end) CHECK(text->place.y >= text->size);
        }
        if (display == Display::tiled) CHECK(slices(figure)[0]->box.y > 30.0);
    }
}

TEST_CASE("titles and the texts of slices cover no voxels where there is room beside them") {
    const auto box_of = [](const roi::Text& text) {
        return roi::detail::TextLayout(text, roi::detail::text_width(text.text, text.size))
            .padded(text.padding);
    };
    const auto meet = [](const roi::Rect& a, const roi::Rect& b) {
        return a.x < b.right() && b.x < a.right() && a.y < b.bottom() && b.y < a.bottom();
    };
    const auto covering = [&](const roi::Figure& figure) {
        std::set<std::string> out;
        const auto texts = items<roi::Text>(figure.scene());
        for (const auto* text : texts) {
            for (const auto* picture : slices(figure)) {
                if (meet(box_of(*text), picture->box)) out.insert(text->text);
            }
            for (const auto* other : texts) CHECK((other == text || !meet(box_of(*text), box_of(*other))));
        }
        return out;
    };
    using Texts = std::set<std::string>;
    const roi::Volume<float> low(roi::Grid(roi::Shape(20, 12, 6)), 7.0f);
    const roi::PlotOptions plain{.title = "Title", .colorbar = false};
    for (const auto display : {Display::ortho, Display::mosaic}) {
        auto options = plain;
        options.display = display;
        if (display == Display::mosaic) options.cut = 2;
        CHECK(covering(roi::plot_img(low, options)) == Texts{});
    }
    // Nor the numbers of a colour bar.
    std::string words;
    for (int i = 0; i < 60; ++i) words += "A long title ";
    const auto lower = test::volume_of<float>(roi::Grid(roi::Shape(60, 60, 6)),
                                              [](const Point& mm) { return 1000.0 + mm[1]; });
    for (const std::string& title : {words, words.substr(0, 40)})
        CHECK(covering(roi::plot_img(lower, {.cut = 3, .display = Display::x, .title = title})) == Texts{});
    // A slice as high as the sheet has no room above and below; a title has some of its own.
    const roi::Volume<float> high(roi::Grid(roi::Shape(40, 60, 2)), 7.0f);
    auto options = plain;
    options.display = Display::z;
    options.cut = {0.0};
    CHECK(covering(roi::plot_img(high, options)) == Texts{"L", "R", "z=0"});
    options.title = "";
    const auto without = roi::plot_img(high, options);
    options.title = "Title";
    CHECK(roi::plot_img(high, options).scene().height > without.scene().height + 20.0);
    CHECK(slices(roi::plot_img(high, options))[0]->box.height == Approx(slices(without)[0]->box.height));
    options.size = roi::FigureSize{3.0, 3.0};
    const auto sized = roi::plot_img(high, options);
    CHECK(sized.scene().height == Approx(216.0));
    CHECK(covering(sized) == Texts{"L", "R", "z=0"});
    // Texts over what is as dark as the sheet stay where they are.
    const auto round = test::volume_of<float>(roi::Grid(roi::Shape(40, 40, 40)), [](const Point& mm) {
        return (mm - Point(20, 20, 20)).norm() < 18.0 ? 7.0 : 0.0;
    });
    CHECK(covering(roi::plot_epi(round)) == Texts{"L", "R", "x=20", "y=20", "z=20"});
}

TEST_CASE("long titles are set smaller, then in three lines; wide scripts too") {
    const auto volume = bright_corner();
    for (const std::string word : {"A very long title & <more> of it, ",
                                   "\xe6\x97\xa5\xe6\x9c\xac\xe8\xaa\x9e\xe3\x81\xae\xe9\xa1\x8c ",
                                   "\xd0\x9e\xd1\x87\xd0\xb5\xd0\xbd\xd1\x8c"}) {
        std::string title;
        for (int i = 0; i < 60; ++i) title += word;
        const auto figure = roi::plot_epi(volume, {.title = title});
        int count = 0;
        for (const auto* text : items<roi::Text>(figure.scene())) {
            if (text->size != 10.0 || text->padding == 0.0) continue;
            ++count;
            CHECK(text->place.x + roi::detail::text_width(text->text, text->size) <= figure.scene().width);
        }
        CHECK(count == 3);
    }
}
