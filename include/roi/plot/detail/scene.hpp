// A drawing made of pictures, lines, boxes and texts, whatever it will be written as.
#pragma once

#include <roi/plot/color.hpp>

#include <optional>
#include <string>
#include <utility>
#include <variant>
#include <vector>

namespace roi {

/// A rectangle in points (1/72 inch) from the upper left corner of the drawing.
struct Rect {
    double x = 0.0, y = 0.0, width = 0.0, height = 0.0;

    [[nodiscard]] double right() const { return x + width; }
    [[nodiscard]] double bottom() const { return y + height; }
};

/// A place in points from the upper left corner of the drawing.
struct Place {
    double x = 0.0, y = 0.0;

    friend bool operator==(const Place&, const Place&) = default;
};

/// A raster stretched over a box; its pixels stay sharp rectangles.
struct Picture {
    Raster raster;
    Rect box;
};

/// A line through places; filled or closed when asked for.
struct Path {
    std::vector<Place> places;
    Rgb color = colors::black;
    double width = 1.0;  ///< of the line, in points; 0 draws none
    double opacity = 1.0;
    bool closed = false;
    std::optional<Rgb> fill = {};
};

/// Which point of a text its place says.
enum class Align { start, middle, end };

/// One line of text.
struct Text {
    std::string text;  ///< UTF-8
    Place place;
    double size = 10.0;  ///< in points
    Rgb color = colors::black;
    Align horizontal = Align::start;
    Align vertical = Align::start;  ///< `start` is the upper edge, `end` the lower
    double rotation = 0.0;          ///< degrees counter-clockwise around `place`
    std::optional<Rgb> box = {};    ///< colour of a box behind the text
    double padding = 0.0;           ///< of that box, in points
    std::optional<double>
        most{};  ///< points that it may be wide: a wider one ends in dots where its font is known
};

/// One thing to draw; nothing of it shows outside `clip`.
struct Item {
    std::variant<Picture, Path, Text> what;
    std::optional<Rect> clip = {};
};

/// Items in the order they are drawn, on a sheet of one colour.
struct Scene {
    double width = 0.0;  ///< in points
    double height = 0.0;
    Rgb background = colors::white;
    std::string title;  ///< what the drawing is, for readers of the file
    std::vector<Item> items;

    /// Adds a `Picture`, `Path` or `Text`.
    template <class What>
    void add(What what, std::optional<Rect> clip = {}) {
        // Made in its place: of a move of the whole item GCC 12 warns at -O3, wrongly.
        Item& item = items.emplace_back();
        item.what.template emplace<What>(std::move(what));
        item.clip = clip;
    }

    /// Adds a straight line.
    void line(Place from, Place to, Rgb color, double line_width, std::optional<Rect> clip = {}) {
        add(Path{{from, to}, color, line_width}, clip);
    }

    /// Adds the outline of a box, filled when asked for.
    void rectangle(const Rect& box, Rgb color, double line_width, std::optional<Rgb> fill = {}) {
        add(Path{{{box.x, box.y}, {box.right(), box.y}, {box.right(), box.bottom()}, {box.x, box.bottom()}},
                 color,
                 line_width,
                 1.0,
                 true,
                 fill});
    }
};

namespace detail {

// Parts of the font size above and below the baseline that a text is taken to fill.
inline constexpr double text_ascent = 0.79;
inline constexpr double text_descent = 0.21;

/// The box of a text before it is turned, from its width, and the baseline within it.
struct TextLayout {
    Rect box;
    double baseline = 0.0;

    TextLayout(const Text& text, double width) {
        const auto shift = [](Align align) {
            return align == Align::start ? 0.0 : align == Align::middle ? 0.5 : 1.0;
        };
        box = {text.place.x - shift(text.horizontal) * width, text.place.y - shift(text.vertical) * text.size,
               width, text.size};
        baseline = box.y + text_ascent * text.size;
    }

    [[nodiscard]] Rect padded(double by) const {
        return {box.x - by, box.y - by, box.width + 2.0 * by, box.height + 2.0 * by};
    }
};

}  // namespace detail

}  // namespace roi
