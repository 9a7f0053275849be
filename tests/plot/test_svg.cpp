// SVG: well-formed, escaped, complete in itself.
#include <roi/plot/detail/svg.hpp>
#include <roi/plot/detail/text_width.hpp>

#include "catch.hpp"
#include "plot_support.hpp"
#include <string>
#include <vector>

namespace {

/// Names of the elements in order, with a slash before those that end; fails when tags do not match.
std::vector<std::string> elements(const std::string& svg) {
    std::vector<std::string> open, all;
    for (std::size_t at = svg.find('<'); at != std::string::npos; at = svg.find('<', at + 1)) {
        const auto end = svg.find('>', at);
        REQUIRE(end != std::string::npos);
        const auto tag = svg.substr(at + 1, end - at - 1);
        const auto name = tag.substr(0, tag.find_first_of(" /", 1));
        if (tag[0] == '/') {
            REQUIRE(!open.empty());
            CHECK(open.back() == tag.substr(1));
            open.pop_back();
        } else {
            all.push_back(name);
            if (tag.back() != '/') open.push_back(name);
        }
    }
    CHECK(open.empty());
    return all;
}

roi::Scene sheet() {
    roi::Scene scene;
    scene.width = 144;
    scene.height = 72;
    return scene;
}

}  // namespace

TEST_CASE("an empty sheet has its size, its scale and its colour") {
    auto scene = sheet();
    scene.background = roi::colors::black;
    const auto svg = roi::to_svg(scene);
    CHECK(elements(svg) == std::vector<std::string>{"svg", "rect"});
    CHECK(test::contains(svg, "width=\"2in\" height=\"1in\" viewBox=\"0 0 144 72\""));
    CHECK(test::contains(svg, "fill=\"#000000\""));
}

TEST_CASE("texts stay texts and are escaped") {
    auto scene = sheet();
    scene.title = "<a> & \"b\"";
    roi::Text text{"<script>'x' & \"y\"</script> \xe6\x97\xa5\xe6\x9c\xac \xff\x01", {10, 20}, 12};
    text.horizontal = roi::Align::end;
    text.vertical = roi::Align::end;
    text.rotation = 25.0;
    text.box = roi::colors::white;
    scene.add(text);
    const auto svg = roi::to_svg(scene);
    CHECK(elements(svg) == std::vector<std::string>{"svg", "title", "rect", "g", "rect", "text"});
    CHECK(test::contains(svg, "<title>&lt;a&gt; &amp; &quot;b&quot;</title>"));
    CHECK(test::contains(svg,
                         "&lt;script&gt;&#39;x&#39; &amp; &quot;y&quot;&lt;/script&gt; "
                         "\xe6\x97\xa5\xe6\x9c\xac \xef\xbf\xbd </text>"));
    CHECK(test::contains(svg, "text-anchor=\"end\""));
    CHECK(test::contains(svg, "rotate(-25 10 20)"));
    CHECK(test::contains(svg, "font-size=\"12\""));
}

TEST_CASE("lines stay lines; a clip is a drawing within the drawing, without ids") {
    auto scene = sheet();
    scene.line({0, 0}, {72.12345, 36}, {255, 0, 16}, 1.5, roi::Rect{10, 10, 20, 20});
    scene.rectangle({1, 2, 3, 4}, roi::colors::black, 0.8, roi::colors::white);
    const auto svg = roi::to_svg(scene);
    CHECK(elements(svg) == std::vector<std::string>{"svg", "rect", "svg", "path", "path"});
    CHECK(test::contains(svg, "d=\"M0 0L72.123 36\" fill=\"none\" stroke=\"#ff0010\" stroke-width=\"1.5\""));
    CHECK(test::contains(svg, "viewBox=\"10 10 20 20\" overflow=\"hidden\""));
    CHECK(test::contains(svg, "d=\"M1 2L4 2L4 6L1 6Z\" fill=\"#ffffff\""));
    CHECK(svg.find(" id=") == std::string::npos);
}

TEST_CASE("widths of texts: narrow and wide letters, marks, other scripts") {
    using roi::detail::text_width;
    CHECK(text_width("", 10) == 0.0);
    CHECK(text_width("W", 10) > 3 * text_width("i", 10));
    CHECK(text_width("\xe6\x97\xa5\xe6\x9c\xac", 10) == 20.0);
    CHECK(text_width("e\xcc\x81", 10) == text_width("e", 10));
}

TEST_CASE("long texts are broken at spaces, what is left over is marked") {
    using roi::detail::wrapped;
    const std::string text = "one two three four five six seven eight nine ten";
    const auto lines = wrapped(text, 10, 80, 3);
    REQUIRE(lines.size() == 3);
    for (const auto& line : lines) CHECK(roi::detail::text_width(line, 10) <= 80);
    CHECK(lines[2].ends_with("\xe2\x80\xa6"));
    CHECK(wrapped("short", 10, 80, 3) == std::vector<std::string>{"short"});
    CHECK(wrapped("", 10, 80, 3).empty());
    // Names of one atlas differ at their ends.
    using roi::detail::shortened;
    CHECK(shortened("short", 10, 80) == "short");
    const auto left = shortened("Inferior Temporal Gyrus, temporooccipital part, left hemisphere", 10, 150);
    const auto right = shortened("Inferior Temporal Gyrus, temporooccipital part, right hemisphere", 10, 150);
    CHECK(left.starts_with("Inferior"));
    CHECK(left.ends_with("left hemisphere"));
    CHECK(right.ends_with("hemisphere"));
    CHECK(left != right);
    CHECK(roi::detail::text_width(left, 10) <= 150);
    CHECK(roi::detail::text_width(right, 10) <= 150);
    CHECK(shortened("\xe6\x97\xa5\xe6\x9c\xac", 10, 1) == "\xe2\x80\xa6");
    // Narrower than a letter: still ends, and keeps characters whole.
    CHECK(wrapped("\xe6\x97\xa5\xe6\x9c\xac", 10, 1, 2).front() == "\xe6\x97\xa5");
}

#if defined(ROI_WITH_PNG)
TEST_CASE("slices are PNG pictures with sharp pixels") {
    auto scene = sheet();
    scene.add(roi::Picture{{2, 1, {{255, 0, 0, 255}, {0, 0, 255, 128}}}, {5, 6, 20, 10}});
    const auto svg = roi::to_svg(scene);
    CHECK(elements(svg) == std::vector<std::string>{"svg", "rect", "image"});
    CHECK(test::contains(svg, "image-rendering:pixelated"));
    CHECK(test::contains(svg, "x=\"5\" y=\"6\" width=\"20\" height=\"10\" preserveAspectRatio=\"none\""));
    CHECK(test::contains(svg, "data:image/png;base64,iVBORw0KGgo"));
    const auto large = roi::detail::enlarged({2, 1, {{255, 0, 0, 255}, {0, 0, 255, 128}}});
    CHECK(large.width == 16);
    CHECK(large(7, 7) == roi::Rgba{255, 0, 0, 255});
    CHECK(large(8, 0) == roi::Rgba{0, 0, 255, 128});
}
#else
TEST_CASE("without libpng the error says what to install") {
    auto scene = sheet();
    scene.add(roi::Picture{{1, 1, {{1, 2, 3, 255}}}, {0, 0, 9, 9}});
    CHECK(test::contains(test::message_of([&] { (void)roi::to_svg(scene); }), "libpng-dev"));
}
#endif
