// What the functions draw against pictures that were looked at and committed, in tests/references: every element,
// number and text of the SVG, every pixel of its slices, and the pixels of the PNG.
//
// With ROI_WRITE_REFERENCES=1 in the environment they are written anew instead, to be looked at and committed.
#include <roi/plot.hpp>

#include "catch.hpp"
#include "plot_support.hpp"
#include "support.hpp"
#include <algorithm>
#include <cctype>
#include <cmath>
#include <cstddef>
#include <cstdlib>
#include <filesystem>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#if defined(ROI_WITH_PNG)

using roi::Point;

namespace {

// The tolerances. Text is drawn by whatever fonts and libraries there are, so in the PNG it is compared loosely;
// what it says and where it stands is compared in the SVG, which has no fonts.
constexpr double svg_number = 0.01;  // points, or what else a number of the SVG means
constexpr int slice_channel = 1;     // of 255, every channel of every pixel of a slice in the SVG

// A head of 5 x 5.5 x 6 mm voxels whose first axis runs from right to left; no side of it is like another.
roi::Grid coarse() {
    return {roi::Shape(13, 15, 11), test::affine({-5, 0, 0, 30, 0, 5.5, 0, -50, 0, 0, 6, -35})};
}
roi::Grid fine() {
    return {roi::Shape(22, 27, 22), test::affine({3, 0, 0, -31, 0, 3, 0, -51, 0, 0, 3, -36})};
}

double in_head(const Point& mm) {
    return 1.0 - (mm[0] / 29) * (mm[0] / 29) - ((mm[1] + 11) / 37) * ((mm[1] + 11) / 37) -
           ((mm[2] + 5) / 29) * ((mm[2] + 5) / 29);
}

/// Bright to the right, to the front and upwards.
double brain(const Point& mm) {
    if (!(in_head(mm) > 0.0)) return 0.0;
    return 400.0 + 4.3 * mm[0] + 2.1 * mm[1] + 3.7 * mm[2] + (in_head(mm) < 0.25 ? 350.0 : 0.0);
}

double blob(const Point& mm, const Point& centre, double radius) {
    return std::max(0.0, 1.0 - (mm - centre).squaredNorm() / (radius * radius));
}

double statistic(const Point& mm) {
    return 8.1 * blob(mm, {14, -20, 4}, 17) - 5.3 * blob(mm, {-13, 2, -11}, 15);
}

double label(const Point& mm) {
    if (blob(mm, {14, -20, 4}, 12) > 0) return 1;
    if (blob(mm, {-13, 2, -11}, 11) > 0) return 2;
    return blob(mm, {4, 10, 6}, 10) > 0 ? 4 : 0;
}

roi::ConditionTable table(double first) {
    roi::ConditionTable out;
    out.names = {"rest", "face", "house", "\xd0\xba\xd0\xbe\xd1\x82 & <dog>"};
    out.values.resize(9, 4);
    for (Eigen::Index row = 0; row < 9; ++row) {
        for (Eigen::Index column = 0; column < 4; ++column) {
            out.values(row, column) = first + 7.5 * static_cast<double>((5 * row + 3 * column) % 11) -
                                      4.25 * static_cast<double>(column);
        }
    }
    out.values(3, 2) = first + 260.0;  // far from the others
    return out;
}

struct Reference {
    std::string name;
    roi::Figure figure;
};

std::vector<Reference> figures() {
    const auto mean = test::volume_of<float>(coarse(), brain);
    const auto map = test::volume_of<double>(coarse(), statistic);
    const auto labels = test::volume_of<std::int32_t>(coarse(), label);
    const auto mask = test::volume_of<bool>(coarse(), label);
    const auto anatomy = test::volume_of<std::int16_t>(fine(), brain);
    const double c = std::cos(0.3), s = std::sin(0.3);
    const roi::Grid turned(roi::Shape(13, 15, 11),
                           test::affine({5 * c, -5.5 * s, 0, -17, 5 * s, 5.5 * c, 0, -56, 0, 0, 6, -35}));
    const auto oblique = test::volume_of<float>(turned, brain);

    const roi::Cuts cut{14, -20, 4};
    std::vector<Reference> out;
    out.push_back({"epi", roi::plot_epi(mean, {.cut = cut, .title = "Mean & <more>"})});
    out.push_back({"stat_map", roi::plot_stat_map(map, anatomy, {.title = "Map", .threshold = 1.5})});
    out.push_back({"roi", roi::plot_roi(labels, mean, {.cut = cut, .title = "Labels"})});
    out.push_back(
        {"contours", roi::plot_roi(labels, anatomy, {.cut = cut, .style = roi::RoiStyle::contours})});
    out.push_back({"mask", roi::plot_roi(mask, mean, {.display = roi::Display::yz, .black_bg = false})});
    out.push_back({"anat", roi::plot_anat(anatomy, {.display = roi::Display::tiled, .title = "Anatomy"})});
    out.push_back(
        {"mosaic", roi::plot_stat_map(map, oblique,
                                      {.cut = 3, .display = roi::Display::mosaic, .radiological = true})});
    out.push_back({"boxplot", roi::plot_boxplot({{table(500), "Region 1"}, {table(90), "Region 2"}},
                                                {.y_label = "signal", .size = roi::FigureSize{9, 4}})});
    return out;
}

bool writing() { return std::getenv("ROI_WRITE_REFERENCES") != nullptr; }

std::string reference(const std::string& file) { return ROI_TEST_REFERENCES "/" + file; }

/// Where a picture is put, to be looked at beside its reference when it differs.
std::string found(const std::string& file) {
    std::filesystem::create_directories(ROI_TEST_DRAWN);
    return ROI_TEST_DRAWN "/" + file;
}

std::vector<std::byte> from_base64(std::string_view text) {
    constexpr std::string_view digits = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    std::vector<std::byte> out;
    unsigned group = 0;
    int bits = 0;
    for (const char c : text.substr(0, text.find('='))) {
        group = group << 6 | static_cast<unsigned>(digits.find(c));
        bits += 6;
        if (bits >= 8) out.push_back(static_cast<std::byte>(group >> (bits -= 8) & 0xffu));
    }
    return out;
}

/// An SVG document cut into its embedded pictures, its numbers, and the text between them.
struct Pieces {
    std::vector<std::string> text;
    std::vector<double> numbers;
    std::vector<std::vector<std::byte>> pictures;

    explicit Pieces(const std::string& svg) {
        constexpr std::string_view start = "data:image/png;base64,";
        text.emplace_back();
        for (std::size_t i = 0; i < svg.size();) {
            if (svg.compare(i, start.size(), start) == 0) {
                const auto end = svg.find('"', i);
                pictures.push_back(
                    from_base64(std::string_view(svg).substr(i + start.size(), end - i - start.size())));
                text.back() += start;
                i = end;
            } else if (is_digit(svg[i]) && !is_word(i == 0 ? ' ' : svg[i - 1])) {
                const bool minus = i > 0 && svg[i - 1] == '-';
                std::size_t end = i;
                while (end < svg.size() && (is_digit(svg[end]) || svg[end] == '.')) ++end;
                numbers.push_back((minus ? -1.0 : 1.0) * std::stod(svg.substr(i, end - i)));
                if (minus) text.back().pop_back();
                text.emplace_back();
                i = end;
            } else {
                text.back() += svg[i++];
            }
        }
    }

private:
    static bool is_digit(char c) { return c >= '0' && c <= '9'; }
    /// What stands before the digits of a colour or a name; M and L begin the places of a path.
    static bool is_word(char c) {
        return c == '#' || (std::isalnum(static_cast<unsigned char>(c)) != 0 && c != 'M' && c != 'L');
    }
};

void compare_pixels(const test::Pixels& drawn, const test::Pixels& expected) {
    REQUIRE(drawn.width == expected.width);
    REQUIRE(drawn.height == expected.height);
    int most = 0;
    for (std::size_t i = 0; i < drawn.rgba.size(); ++i)
        most = std::max(most, std::abs(drawn.rgba[i] - expected.rgba[i]));
    CHECK(most <= slice_channel);
}

void compare_svg(const std::string& drawn, const std::string& expected) {
    const Pieces one(drawn), other(expected);
    REQUIRE(one.text == other.text);
    REQUIRE(one.numbers.size() == other.numbers.size());
    double most = 0.0;
    for (std::size_t i = 0; i < one.numbers.size(); ++i)
        most = std::max(most, std::abs(one.numbers[i] - other.numbers[i]));
    CHECK(most <= svg_number);
    REQUIRE(one.pictures.size() == other.pictures.size());
    for (std::size_t i = 0; i < one.pictures.size(); ++i) {
        INFO("slice " << i);
        compare_pixels(test::Pixels(one.pictures[i]), test::Pixels(other.pictures[i]));
    }
}

#if defined(ROI_WITH_CAIRO)
constexpr int png_channel = 8;            // of 255, outside of texts
constexpr double png_pixels = 0.0005;     // share of the PNG's pixels that may differ by more
constexpr double text_brightness = 30.0;  // of 255, mean over the box of a text
constexpr roi::PngOptions png_size{.dpi = 60};

std::vector<std::byte> bytes_of(std::string_view text) {
    const auto bytes = std::as_bytes(std::span(text.data(), text.size()));
    return {bytes.begin(), bytes.end()};
}

/// The parts of a PNG that texts may fill, in pixels; wide, as another font may be.
std::vector<roi::Rect> text_boxes(const roi::Scene& scene) {
    std::vector<roi::Rect> out;
    for (const auto* text : test::items<roi::Text>(scene)) {
        const double width = roi::detail::text_width(text->text, text->size);
        roi::Rect box = roi::detail::TextLayout(*text, width).padded(text->padding + 3.0 + 0.1 * width);
        if (text->rotation != 0.0) {
            box = {text->place.x - width - 9.0, text->place.y - width - 9.0, 2.0 * width + 18.0,
                   2.0 * width + 18.0};
        }
        const double scale = png_size.dpi / 72.0;
        out.push_back({box.x * scale, box.y * scale, box.width * scale, box.height * scale});
    }
    return out;
}

void compare_png(const roi::Scene& scene, const test::Pixels& drawn, const test::Pixels& expected) {
    REQUIRE(drawn.width == expected.width);
    REQUIRE(drawn.height == expected.height);
    std::vector<bool> in_text(static_cast<std::size_t>(drawn.width * drawn.height));
    for (const auto& box : text_boxes(scene)) {
        double drawn_sum = 0.0, expected_sum = 0.0, count = 0.0;
        for (std::int64_t y = 0; y < drawn.height; ++y) {
            for (std::int64_t x = 0; x < drawn.width; ++x) {
                const double right = static_cast<double>(x) + 0.5, down = static_cast<double>(y) + 0.5;
                if (right < box.x || right > box.right() || down < box.y || down > box.bottom()) continue;
                in_text[static_cast<std::size_t>(y * drawn.width + x)] = true;
                drawn_sum += drawn(x, y).green;
                expected_sum += expected(x, y).green;
                ++count;
            }
        }
        CHECK(std::abs(drawn_sum - expected_sum) <= text_brightness * count);
    }
    double different = 0.0;
    for (std::size_t i = 0; i < in_text.size(); ++i) {
        int most = 0;
        for (std::size_t channel = 4 * i; channel < 4 * i + 4; ++channel)
            most = std::max(most, std::abs(drawn.rgba[channel] - expected.rgba[channel]));
        if (most > png_channel && !in_text[i]) ++different;
    }
    CHECK(different / static_cast<double>(in_text.size()) <= png_pixels);
}
#endif

}  // namespace

TEST_CASE("figures are those that were looked at and committed, as SVG") {
    for (const auto& [name, figure] : figures()) {
        const auto file = reference(name + ".svg");
        if (writing()) {
            figure.save(file);
            WARN("written: " << file);
            continue;
        }
        INFO(name << ".svg in tests/references; what was drawn is in " << found(name + ".svg"));
        figure.save(found(name + ".svg"));
        compare_svg(figure.svg(), test::read_file(file));
    }
}

#if defined(ROI_WITH_CAIRO)
TEST_CASE("figures are those that were looked at and committed, as PNG") {
    for (const auto& [name, figure] : figures()) {
        const auto file = reference(name + ".png");
        if (writing()) {
            figure.save(file, png_size);
            WARN("written: " << file);
            continue;
        }
        INFO(name << ".png in tests/references; what was drawn is in " << found(name + ".png"));
        figure.save(found(name + ".png"), png_size);
        compare_png(figure.scene(), test::Pixels(figure.png(png_size)),
                    test::Pixels(bytes_of(test::read_file(file))));
    }
}
#endif

TEST_CASE("the comparison sees a digit, a place, a colour and an element") {
    const std::string svg =
        roi::plot_epi(test::volume_of<float>(coarse(), brain), {.cut = {14, -20, 4}}).svg();
    const auto numbers = [](const std::string& text) { return Pieces(text).numbers; };
    const auto texts = [](const std::string& text) { return Pieces(text).text; };
    const auto with = [&svg](const std::string& what, const std::string& other) {
        auto out = svg;
        const auto at = out.find(what);
        REQUIRE(at != std::string::npos);
        return out.replace(at, what.size(), other);
    };
    CHECK(numbers(with(">y=-20<", ">y=20<")) != numbers(svg));
    CHECK(numbers(with("font-size=\"12\"", "font-size=\"13\"")) != numbers(svg));
    CHECK(texts(with("fill=\"#ffffff\"", "fill=\"#ffffef\"")) != texts(svg));
    CHECK(texts(with(">L<", ">R<")) != texts(svg));
    CHECK(texts(with("<path", "<path class=\"x\"")) != texts(svg));
}

#else
TEST_CASE("without libpng there is no picture to compare, and the error says what to install") {
    const roi::Volume<float> volume(roi::Grid(roi::Shape(3, 3, 3)), 1.0f);
    CHECK(test::contains(test::message_of([&] { (void)roi::plot_epi(volume).svg(); }), "libpng-dev"));
}
#endif
