// Draws slices of images over each other, with what helps to read them.
#pragma once

#include <roi/plot/color.hpp>
#include <roi/plot/colormap.hpp>
#include <roi/plot/detail/contour.hpp>
#include <roi/plot/detail/layout.hpp>
#include <roi/plot/detail/scene.hpp>
#include <roi/plot/detail/text_width.hpp>
#include <roi/plot/detail/world.hpp>
#include <roi/plot/plot_options.hpp>

#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <map>
#include <optional>
#include <string>
#include <utility>
#include <variant>
#include <vector>

namespace roi::detail {

/// An image and the colours of its values.
struct Layer {
    WorldImage image;
    Colormap cmap = Colormap::gray();
    ColorRange range = {};
    std::optional<double> threshold = {};
    double alpha = 1.0;
    std::vector<std::pair<double, Rgb>> regions =
        {};  ///< colours of single values, ascending, in place of `cmap`

    [[nodiscard]] bool hides(double value) const { return threshold && std::abs(value) <= *threshold; }

    [[nodiscard]] Rgb color(double value) const {
        const auto region = std::lower_bound(regions.begin(), regions.end(), value,
                                             [](const auto& a, double b) { return a.first < b; });
        if (region != regions.end() && region->first == value) return region->second;
        return cmap(range.position(value));
    }
};

/// Regions and the colours of their outlines.
struct Outlines {
    WorldImage image;
    std::vector<std::pair<double, Rgb>> regions;
    double line_width = 2.5;
    double alpha = 1.0;
};

[[nodiscard]] inline std::uint8_t opacity(double alpha) {
    return static_cast<std::uint8_t>(std::lround(255.0 * std::clamp(alpha, 0.0, 1.0)));
}

/// The pixels of a slice, mirrored when asked for.
[[nodiscard]] inline Raster colored(const Slice& slice, const Layer& layer, bool mirrored) {
    Raster out{slice.width, slice.height, {}};
    out.pixels.resize(slice.values.size());
    const std::uint8_t alpha = opacity(layer.alpha);
    for (std::int64_t i = 0; i < slice.width * slice.height; ++i) {
        const double value = slice.values[static_cast<std::size_t>(i)];
        if (layer.hides(value)) continue;
        const std::int64_t column = i % slice.width;
        const std::int64_t at = mirrored ? i - column + slice.width - 1 - column : i;
        const Rgb color = layer.color(value);
        out.pixels[static_cast<std::size_t>(at)] = {color.red, color.green, color.blue, alpha};
    }
    return out;
}

/// Draws into one view; knows where a millimetre is on the sheet.
class SlicePainter {
public:
    SlicePainter(Scene& scene, const View& view, const WorldBox& bounds, bool mirrored, Rgb ink, Rgb paper)
        : scene_(scene),
          view_(view),
          left_(bounds.low[across(view.axis)]),
          bottom_(bounds.low[upward(view.axis)]),
          scale_x_(view.box.width / (bounds.high[across(view.axis)] - left_)),
          scale_y_(view.box.height / (bounds.high[upward(view.axis)] - bottom_)),
          mirrored_(mirrored),
          ink_(ink),
          paper_(paper) {}

    void draw(const Layer& layer) {
        const auto index = layer.image.index(view_.axis, view_.at);
        if (!index) return;
        const Slice slice = layer.image.slice(view_.axis, *index);
        pictures_.push_back(scene_.items.size());
        scene_.add(Picture{colored(slice, layer, mirrored_), box_of(slice)}, view_.box);
    }

    void draw(const Outlines& outlines) {
        const auto index = outlines.image.index(view_.axis, view_.at);
        if (!index) return;
        const Slice slice = outlines.image.slice(view_.axis, *index);
        const Rect box = box_of(slice);
        const double width = box.width / static_cast<double>(slice.width);
        const double height = box.height / static_cast<double>(slice.height);
        // Each region in its own box: of a thousand small ones the whole slice would be searched a thousand times.
        struct PixelBox {
            std::int64_t left, top, right, bottom;
        };
        std::map<double, PixelBox> boxes;
        for (std::int64_t i = 0; i < slice.width * slice.height; ++i) {
            const double value = slice.values[static_cast<std::size_t>(i)];
            if (value == 0.0) continue;
            const std::int64_t x = i % slice.width, y = i / slice.width;
            auto& found = boxes.try_emplace(value, PixelBox{x, y, x + 1, y + 1}).first->second;
            found = {std::min(found.left, x), found.top, std::max(found.right, x + 1), y + 1};
        }
        for (const auto& [label, color] : outlines.regions) {
            const auto at = boxes.find(label);
            if (at == boxes.end()) continue;
            const auto& [left, top, right, bottom] = at->second;
            std::vector<bool> inside;
            for (std::int64_t y = top; y < bottom; ++y) {
                for (std::int64_t x = left; x < right; ++x) {
                    inside.push_back(slice.values[static_cast<std::size_t>(y * slice.width + x)] == label);
                }
            }
            for (auto& loop : contours(inside, right - left, bottom - top)) {
                for (Place& place : loop) {
                    const double x = (place.x + static_cast<double>(left)) * width;
                    place = {mirrored_ ? box.right() - x : box.x + x,
                             box.y + (place.y + static_cast<double>(top)) * height};
                }
                scene_.add(Path{std::move(loop), color, outlines.line_width, outlines.alpha, true},
                           view_.box);
            }
        }
    }

    /// Lines where the other slices cut, as nilearn draws them: the vertical one ends short of the edges.
    void draw_cross(std::optional<double> across_at, std::optional<double> upward_at) {
        const Rect& box = view_.box;
        const Rgb color = paper_ == colors::black ? Rgb{204, 204, 204} : colors::black;
        if (across_at) {
            const double x = place_x(*across_at);
            scene_.line({x, box.y + 0.05 * box.height}, {x, box.bottom() - 0.05 * box.height}, color, 1.5,
                        box);
        }
        if (upward_at) {
            const double y = box.bottom() - (*upward_at - bottom_) * scale_y_;
            const double end = view_.axis == Axis::x ? box.x + 0.95 * box.width : box.right();
            scene_.line({box.x, y}, {end, y}, color, 1.5, box);
        }
    }

    void draw_left_right() {
        if (view_.axis == Axis::x) return;
        const Rect& box = view_.box;
        const double y = box.y + 0.05 * box.height;
        Text left = annotation(mirrored_ ? "R" : "L", {box.x + 0.1 * box.width, y});
        Text right = annotation(mirrored_ ? "L" : "R", {box.x + 0.9 * box.width, y});
        right.horizontal = Align::end;
        const double above = box.y - left.size - beside;
        if (above >= view_.cell.y && (hides_voxels(left) || hides_voxels(right)))
            left.place.y = right.place.y = above;
        scene_.add(std::move(left));
        scene_.add(std::move(right));
    }

    void draw_position(int decimals) {
        std::array<char, 400> number{};
        const double value = decimals > 0 ? view_.at : std::trunc(view_.at);
        std::snprintf(number.data(), number.size(), "%.*f", std::clamp(decimals, 0, 9),
                      value == 0.0 ? 0.0 : value);
        Text position =
            annotation(text(name_of(view_.axis), "=", number.data()), {view_.box.x, view_.box.bottom()});
        // A slice of few voxels at the upper edge is lower than the text.
        position.place.y = std::max(position.place.y, position.size);
        position.vertical = Align::end;
        const double below = view_.box.bottom() + position.size + beside;
        if (below <= view_.cell.bottom() && hides_voxels(position)) position.place.y = below;
        scene_.add(std::move(position));
    }

private:
    static constexpr double beside = 1.0;  // points between a slice and a text that stands outside of it

    /// Are voxels to be seen in a tenth of a text's box and more? Those as dark or bright as the sheet are not.
    [[nodiscard]] bool hides_voxels(const Text& text) const {
        const Rect box = TextLayout(text, text_width(text.text, text.size)).box;
        // The middles of its points.
        const int columns = static_cast<int>(std::ceil(box.width - 0.5));
        const int rows = static_cast<int>(std::ceil(box.height - 0.5));
        int hidden = 0;
        for (int row = 0; row < rows; ++row) {
            for (int column = 0; column < columns; ++column) {
                hidden += shows_voxel({box.x + 0.5 + column, box.y + 0.5 + row}) ? 1 : 0;
            }
        }
        return 10 * hidden >= rows * columns;
    }

    [[nodiscard]] bool shows_voxel(Place at) const {
        constexpr int told_apart = 48;  // of 255
        const auto differs = [](std::uint8_t a, std::uint8_t b) {
            return std::abs(int{a} - int{b}) > told_apart;
        };
        const auto inside = [at](const Rect& box) {
            return at.x >= box.x && at.x < box.right() && at.y >= box.y && at.y < box.bottom();
        };
        return inside(view_.box) && std::any_of(pictures_.begin(), pictures_.end(), [&](std::size_t item) {
                   const auto& [raster, box] = std::get<Picture>(scene_.items[item].what);
                   if (!inside(box)) return false;
                   const auto column = static_cast<std::int64_t>((at.x - box.x) / box.width *
                                                                 static_cast<double>(raster.width));
                   const auto row = static_cast<std::int64_t>((at.y - box.y) / box.height *
                                                              static_cast<double>(raster.height));
                   const Rgba pixel =
                       raster(std::min(column, raster.width - 1), std::min(row, raster.height - 1));
                   return pixel.alpha > told_apart &&
                          (differs(pixel.red, paper_.red) || differs(pixel.green, paper_.green) ||
                           differs(pixel.blue, paper_.blue));
               });
    }

    [[nodiscard]] double place_x(double millimetres) const {
        const double from_left = (millimetres - left_) * scale_x_;
        return mirrored_ ? view_.box.right() - from_left : view_.box.x + from_left;
    }

    [[nodiscard]] Rect box_of(const Slice& slice) const {
        const double one = place_x(slice.left), other = place_x(slice.right);
        return {std::min(one, other), view_.box.bottom() - (slice.top - bottom_) * scale_y_,
                std::abs(other - one), (slice.top - slice.bottom) * scale_y_};
    }

    [[nodiscard]] Text annotation(std::string what, Place place) const {
        Text out{std::move(what), place, 12.0, ink_};
        out.box = paper_;
        return out;
    }

    Scene& scene_;
    const View& view_;
    double left_, bottom_, scale_x_, scale_y_;
    bool mirrored_;
    Rgb ink_, paper_;
    std::vector<std::size_t> pictures_;  // of the slice, as items of the scene
};

/// The lines of a title in the upper left corner: smaller, then broken into lines, when it is long.
///
/// \param right  where it ends at the latest, in points
[[nodiscard]] inline std::vector<Text> title_of(const Layout& layout, const std::string& title, Rgb ink,
                                                Rgb paper, double right) {
    std::vector<Text> out;
    const std::string clean = clean_text(title);
    if (clean.empty()) return out;
    double size = 15.0;
    const auto room = [&] { return right - 0.02 * layout.width - 0.6 * size; };
    while (size > 10.0 && text_width(clean, size) > room()) size -= 1.0;
    double top = 0.01 * layout.height + 0.3 * size;
    for (auto& line : wrapped(clean, size, room(), 3)) {
        Text text{std::move(line), {0.01 * layout.width + 0.3 * size, top}, size, ink};
        text.box = paper;
        text.padding = 0.3 * size;
        out.push_back(std::move(text));
        top += 1.6 * size;
    }
    return out;
}

/// The points at the top that a title wants for itself: 0 where it covers no slice and no colour bar, and then no text of a
/// slice shall stand below it.
[[nodiscard]] inline double room_of(const std::vector<Text>& title, Layout& layout) {
    double bottom = 0.0;
    bool covers = false;
    for (const Text& line : title) {
        const Rect box = TextLayout(line, text_width(line.text, line.size)).padded(line.padding);
        bottom = box.bottom();
        // Half of its first number stands above the bar.
        covers = covers || (layout.colorbar && layout.colorbar->x - colorbar_ticks < box.right() &&
                            layout.colorbar->y - 6.0 < bottom);
        for (View& view : layout.views) {
            if (box.x >= view.box.right() || view.box.x >= box.right()) continue;
            covers = covers || (box.y < view.box.bottom() && view.box.y < bottom);
            if (view.cell.y < bottom && bottom <= view.box.y) {
                view.cell.height = view.cell.bottom() - bottom;
                view.cell.y = bottom;
            }
        }
    }
    return covers ? bottom + 1.0 : 0.0;
}

}  // namespace roi::detail
