// Figures as files: the suffix decides, a failure leaves nothing behind; PNG pixels are those of the drawing.
#include <roi/plot/detail/png.hpp>
#include <roi/plot/figure.hpp>

#include "catch.hpp"
#include "plot_support.hpp"
#include "support.hpp"
#include <string>
#include <vector>

namespace {

roi::Figure figure() {
    roi::Scene scene;
    scene.width = 144;
    scene.height = 72;
    scene.background = {10, 20, 30};
    scene.rectangle({72, 36, 36, 18}, roi::colors::black, 0.0, roi::Rgb{255, 0, 0});
    return roi::Figure(scene);
}

}  // namespace

TEST_CASE("SVG by its suffix, in any case; another suffix is refused") {
    const test::TemporaryFolder folder;
    CHECK(figure().width() == 2.0);
    CHECK(figure().height() == 1.0);
    figure().save(folder / "a.svg");
    figure().save(folder / "b.SVG");
    CHECK(test::read_file(folder / "a.svg") == figure().svg());
    CHECK(test::read_file(folder / "b.SVG") == figure().svg());
    const auto message = test::message_of([&] { figure().save(folder / "c.jpg"); });
    CHECK(test::contains(message, "c.jpg"));
    CHECK(test::contains(message, ".svg or .png"));
    CHECK(test::contains(test::message_of([&] { figure().save(".png"); }), "must end"));
    CHECK(test::contains(test::message_of([&] { figure().save(folder / "no/such/a.svg"); }), "a.svg"));
    CHECK(folder.names() == std::vector<std::string>{"a.svg", "b.SVG"});
}

TEST_CASE("side by side: widths add up, everything moves along") {
    auto second = figure();
    second.scene().line({1, 2}, {3, 4}, roi::colors::black, 1.0, roi::Rect{0, 0, 9, 9});
    second.scene().add(roi::Text{"x", {5, 6}});
    const auto both = roi::side_by_side({figure(), second});
    CHECK(both.width() == 4.0);
    CHECK(both.height() == 1.0);
    const auto& items = both.scene().items;
    const auto& line = std::get<roi::Path>(items[items.size() - 2].what);
    CHECK(line.places == std::vector<roi::Place>{{145, 2}, {147, 4}});
    CHECK(items[items.size() - 2].clip->x == 144.0);
    CHECK(std::get<roi::Text>(items.back().what).place == roi::Place{149, 6});
    CHECK(test::contains(test::message_of([] { (void)roi::side_by_side({}); }), "one or more"));
}

#if defined(ROI_WITH_CAIRO) && defined(ROI_WITH_PNG)
TEST_CASE("PNG: size by dpi, colours at their places") {
    const test::TemporaryFolder folder;
    figure().save(folder / "a.png", {.dpi = 100});
    const auto file = test::read_file(folder / "a.png");
    const auto* bytes = reinterpret_cast<const std::byte*>(file.data());
    const test::Pixels pixels({bytes, bytes + file.size()});
    CHECK(pixels.width == 200);
    CHECK(pixels.height == 100);
    CHECK(pixels(5, 5) == roi::Rgb{10, 20, 30});
    CHECK(pixels(101, 51) == roi::Rgb{255, 0, 0});
    CHECK(pixels(98, 51) == roi::Rgb{10, 20, 30});
    CHECK(pixels(148, 73) == roi::Rgb{255, 0, 0});
    CHECK(pixels(152, 73) == roi::Rgb{10, 20, 30});
    CHECK(test::Pixels(figure().png()).width == 300);
}

TEST_CASE("pictures are not smoothed; opacity mixes") {
    roi::Scene scene;
    scene.width = scene.height = 72;
    scene.add(roi::Picture{{2, 1, {{255, 0, 0, 255}, {0, 0, 255, 128}}}, {0, 0, 72, 72}});
    const test::Pixels pixels(roi::to_png(scene, {.dpi = 72}));
    CHECK(pixels(35, 30) == roi::Rgb{255, 0, 0});
    const auto mixed = pixels(36, 30);
    CHECK(std::abs(mixed.red - 127) <= 1);
    CHECK(std::abs(mixed.green - 127) <= 1);
    CHECK(mixed.blue >= 254);
}

TEST_CASE("texts have ink where they should, turned ones too, and a box behind") {
    const auto ink = [](const roi::Text& text, roi::Rect where) {
        roi::Scene scene;
        scene.width = scene.height = 144;
        scene.add(text);
        const test::Pixels pixels(roi::to_png(scene, {.dpi = 72}));
        int dark = 0;
        for (int y = 0; y < 144; ++y) {
            for (int x = 0; x < 144; ++x) {
                const bool inside = x >= where.x && x < where.right() && y >= where.y && y < where.bottom();
                if (pixels(x, y).red < 128) dark += inside ? 1 : 100000;
            }
        }
        return dark;
    };
    roi::Text text{"HHHH", {72, 72}, 20};
    CHECK(ink(text, {71, 71, 65, 22}) > 100);
    CHECK(ink(text, {71, 71, 65, 22}) < 100000);
    text.horizontal = roi::Align::end;
    text.vertical = roi::Align::end;
    const int there = ink(text, {8, 51, 65, 22});
    CHECK((there > 100 && there < 100000));
    text.rotation = 90.0;  // counter-clockwise: what was to the left now lies below
    const int turned = ink(text, {51, 71, 22, 65});
    CHECK((turned > 100 && turned < 100000));
    text.rotation = 0.0;
    text.box = roi::colors::black;
    CHECK(ink(text, {0, 0, 144, 144}) > 1000);
}

TEST_CASE("a text that is wider than it may be ends in dots, whatever its letters") {
    // Where the ink of a text that starts at 10 ends, in points.
    const auto end = [](const std::string& what, std::optional<double> most) {
        roi::Scene scene;
        scene.width = 400;
        scene.height = 40;
        roi::Text text{what, {10, 10}, 10};
        text.most = most;
        scene.add(text);
        scene.add(roi::Text{"x", {10, 25}, 10});  // what comes next is drawn whole
        const test::Pixels pixels(roi::to_png(scene, {.dpi = 72}));
        int right = 0, next = 0;
        for (int y = 0; y < 40; ++y) {
            for (int x = 0; x < 400; ++x) {
                if (pixels(x, y).red < 160) (y < 24 ? right : next) = std::max(y < 24 ? right : next, x + 1);
            }
        }
        CHECK(next > 11);
        return right;
    };
    std::string wide, unknown, arabic;
    for (int i = 0; i < 20; ++i) wide += "\xd0\xa9";              // a letter wider than others
    for (int i = 0; i < 20; ++i) unknown += "\xf3\xa0\x84\x80m";  // of which no font has a picture
    for (int i = 0; i < 20; ++i) arabic += "\xd8\xb5";
    for (const auto& what : {wide, unknown, arabic, std::string(40, 'm')}) {
        INFO(what);
        const int whole = end(what, {}), cut = end(what, 60.0);
        CHECK(whole > 75);
        CHECK(cut <= 71);
        CHECK(cut > 40);
        CHECK(end(what, 400.0) == whole);
    }
}

TEST_CASE("a script without Latin letters is not drawn as nothing") {
    roi::Scene scene;
    scene.width = scene.height = 72;
    scene.add(roi::Text{"\xd0\x9c\xd0\xbe\xd0\xb7\xd0\xb3", {2, 20}, 20});
    const test::Pixels pixels(roi::to_png(scene, {.dpi = 72}));
    int dark = 0;
    for (int i = 0; i < 72 * 72; ++i) dark += pixels(i % 72, i / 72).red < 128 ? 1 : 0;
    CHECK(dark > 50);
}

TEST_CASE("pictures of no pixel or too many are refused") {
    CHECK(test::contains(test::message_of([] { (void)figure().png({.dpi = 0.1}); }), "dpi"));
    CHECK(test::contains(test::message_of([] { (void)figure().png({.dpi = 1e6}); }), "32767"));
}
#else
TEST_CASE("without cairo the error says what to install, and no file is made") {
    const test::TemporaryFolder folder;
    CHECK(test::contains(test::message_of([&] { figure().save(folder / "a.png"); }), "install"));
    CHECK(folder.names().empty());
}
#endif
