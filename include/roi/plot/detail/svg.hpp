// A drawing as SVG: text and lines stay vectors, slices are PNG pictures inside.
#pragma once

#include <roi/core/encoding.hpp>
#include <roi/plot/color.hpp>
#include <roi/plot/detail/png_encoder.hpp>
#include <roi/plot/detail/scene.hpp>
#include <roi/plot/detail/text_width.hpp>

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace roi {

namespace detail {

/// Every pixel as a square of several: readers that smooth pictures, whatever they are told, then blur only
/// the edges of voxels. Repeated pixels cost hardly a byte in a PNG.
[[nodiscard]] inline Raster enlarged(const Raster& raster) {
    const std::int64_t factor = std::clamp<std::int64_t>(512 / std::max(raster.width, raster.height), 1, 8);
    Raster out{raster.width * factor, raster.height * factor, {}};
    out.pixels.reserve(static_cast<std::size_t>(out.width * out.height));
    for (std::int64_t row = 0; row < raster.height; ++row) {
        const auto line = out.pixels.size();
        for (std::int64_t column = 0; column < raster.width; ++column) {
            out.pixels.insert(out.pixels.end(), static_cast<std::size_t>(factor), raster(column, row));
        }
        for (std::int64_t copy = 1; copy < factor; ++copy) {
            for (std::int64_t i = 0; i < out.width; ++i) {
                out.pixels.push_back(out.pixels[line + static_cast<std::size_t>(i)]);
            }
        }
    }
    return out;
}

/// Writes elements; numbers with a thousandth of a point at most.
class SvgWriter {
public:
    explicit SvgWriter(std::string& out) : out_(out) {}

    SvgWriter& raw(std::string_view text) {
        out_ += text;
        return *this;
    }

    SvgWriter& number(double value) {
        const double rounded = std::round(value * 1000.0) / 1000.0;
        std::array<char, 40> buffer;
        const auto end =
            std::to_chars(buffer.data(), buffer.data() + buffer.size(), rounded == 0.0 ? 0.0 : rounded).ptr;
        out_.append(buffer.data(), end);
        return *this;
    }

    SvgWriter& attribute(std::string_view name, double value) {
        raw(" ").raw(name).raw("=\"").number(value);
        return raw("\"");
    }

    SvgWriter& attribute(std::string_view name, std::string_view value) {
        return raw(" ").raw(name).raw("=\"").raw(value).raw("\"");
    }

    SvgWriter& attribute(std::string_view name, Rgb color) {
        constexpr std::string_view digits = "0123456789abcdef";
        std::string value = "#";
        for (const std::uint8_t channel : {color.red, color.green, color.blue}) {
            value += digits[channel >> 4];
            value += digits[channel & 15];
        }
        return attribute(name, std::string_view(value));
    }

    SvgWriter& box(const Rect& box) {
        return attribute("x", box.x)
            .attribute("y", box.y)
            .attribute("width", box.width)
            .attribute("height", box.height);
    }

    void operator()(const Picture& picture) {
        if (picture.raster.pixels.empty()) return;
        const Raster raster = enlarged(picture.raster);
        const auto png = encode_png(reinterpret_cast<const std::uint8_t*>(raster.pixels.data()), raster.width,
                                    raster.height, PixelFormat::rgba);
        raw("<image").box(picture.box).attribute("preserveAspectRatio", "none");
        // Sharp pixels: the old keyword first, for readers that do not know the new one.
        attribute("style", "image-rendering:optimizeSpeed;image-rendering:pixelated");
        raw(" xlink:href=\"data:image/png;base64,").raw(base64(png)).raw("\"/>\n");
    }

    void operator()(const Path& path) {
        if (path.places.empty()) return;
        raw("<path d=\"");
        for (std::size_t i = 0; i < path.places.size(); ++i) {
            raw(i == 0 ? "M" : "L").number(path.places[i].x).raw(" ").number(path.places[i].y);
        }
        raw(path.closed ? "Z\"" : "\"");
        if (path.fill) {
            attribute("fill", *path.fill);
        } else {
            attribute("fill", "none");
        }
        if (path.width > 0.0) attribute("stroke", path.color).attribute("stroke-width", path.width);
        if (path.opacity < 1.0) attribute("opacity", path.opacity);
        raw("/>\n");
    }

    void operator()(const Text& text) {
        if (text.text.empty()) return;
        const TextLayout layout(text, text_width(text.text, text.size));
        const bool turned = text.rotation != 0.0;
        if (turned) {
            raw("<g transform=\"rotate(").number(-text.rotation).raw(" ").number(text.place.x).raw(" ");
            number(text.place.y).raw(")\">");
        }
        if (text.box) raw("<rect").box(layout.padded(text.padding)).attribute("fill", *text.box).raw("/>");
        raw("<text").attribute("x", text.place.x).attribute("y", layout.baseline);
        attribute("font-size", text.size).attribute("fill", text.color);
        if (text.horizontal != Align::start) {
            attribute("text-anchor", text.horizontal == Align::middle ? "middle" : "end");
        }
        raw(" xml:space=\"preserve\">").raw(xml_escaped(text.text)).raw("</text>");
        raw(turned ? "</g>\n" : "\n");
    }

private:
    std::string& out_;
};

}  // namespace detail

/// A drawing as an SVG document of its physical size, which scales without loss apart from the slices.
///
/// \param scene  what to draw
/// \returns      the document: XML in UTF-8, complete in itself, all texts escaped. It has no ids, so several
///               may stand in one HTML page
/// \throws Error unsupported when the drawing holds pictures and the program was built without libpng
///
/// Fonts are the reader's own: DejaVu Sans, Verdana (the same widths), else any sans-serif.
[[nodiscard]] inline std::string to_svg(const Scene& scene) {
    std::string out;
    detail::SvgWriter writer(out);
    writer.raw(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" xmlns:xlink=\"http://www.w3.org/1999/xlink\" width=\"");
    writer.number(scene.width / 72.0).raw("in\" height=\"").number(scene.height / 72.0);
    writer.raw("in\" viewBox=\"0 0 ").number(scene.width).raw(" ").number(scene.height);
    writer.raw("\" role=\"img\" font-family=\"'DejaVu Sans',Verdana,Helvetica,Arial,sans-serif\">\n");
    if (!scene.title.empty()) {
        writer.raw("<title>").raw(xml_escaped(scene.title)).raw("</title>\n");
    }
    writer.raw("<rect").box({0.0, 0.0, scene.width, scene.height}).attribute("fill", scene.background);
    writer.raw("/>\n");
    for (const Item& item : scene.items) {
        if (item.clip) {
            // A nested drawing clips without an id.
            writer.raw("<svg").box(*item.clip).raw(" viewBox=\"");
            writer.number(item.clip->x).raw(" ").number(item.clip->y).raw(" ");
            writer.number(item.clip->width).raw(" ").number(item.clip->height).raw("\" overflow=\"hidden\">");
        }
        std::visit(writer, item.what);
        if (item.clip) writer.raw("</svg>\n");
    }
    writer.raw("</svg>\n");
    return out;
}

}  // namespace roi
