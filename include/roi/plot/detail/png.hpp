// A drawing as PNG: cairo draws the shapes, pango the texts.
#pragma once

#include <roi/core/error.hpp>
#include <roi/core/text.hpp>
#include <roi/plot/color.hpp>
#include <roi/plot/detail/png_encoder.hpp>
#include <roi/plot/detail/scene.hpp>
#include <roi/plot/detail/text_width.hpp>

#include <cmath>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <limits>
#include <memory>
#include <string>
#include <variant>
#include <vector>

#if defined(ROI_WITH_CAIRO)
// The NIfTI headers define a macro with the name of an enumerator that a header of the system, included
// there, declares.
#pragma push_macro("DT_UNKNOWN")
#undef DT_UNKNOWN
#include <pango/pangocairo.h>
#pragma pop_macro("DT_UNKNOWN")
#endif

namespace roi {

/// How a drawing becomes pixels.
struct PngOptions {
    double dpi = 150.0;  ///< pixels per inch
};

#if defined(ROI_WITH_CAIRO)

namespace detail {

struct CairoDelete {
    void operator()(cairo_surface_t* surface) const { cairo_surface_destroy(surface); }
    void operator()(cairo_t* context) const { cairo_destroy(context); }
    void operator()(PangoLayout* layout) const { g_object_unref(layout); }
    void operator()(PangoFontDescription* font) const { pango_font_description_free(font); }
};

template <class T>
using CairoPointer = std::unique_ptr<T, CairoDelete>;

/// Draws on a surface whose unit is the point.
class CairoPainter {
public:
    explicit CairoPainter(cairo_t* context)
        : cairo_(context),
          layout_(pango_cairo_create_layout(context)),
          font_(pango_font_description_from_string("DejaVu Sans, Verdana, Helvetica, Arial, sans-serif")) {
        // The size in points is the size in units of the surface.
        pango_cairo_context_set_resolution(pango_layout_get_context(layout_.get()), 72.0);
        pango_layout_set_single_paragraph_mode(layout_.get(), 1);
    }

    void operator()(const Picture& picture) {
        const auto& raster = picture.raster;
        if (raster.pixels.empty()) return;
        const CairoPointer<cairo_surface_t> surface(cairo_image_surface_create(
            CAIRO_FORMAT_ARGB32, static_cast<int>(raster.width), static_cast<int>(raster.height)));
        check(cairo_surface_status(surface.get()));
        cairo_surface_flush(surface.get());
        unsigned char* row = cairo_image_surface_get_data(surface.get());
        const int stride = cairo_image_surface_get_stride(surface.get());
        const Rgba* pixel = raster.pixels.data();
        for (std::int64_t y = 0; y < raster.height; ++y, row += stride) {
            for (std::int64_t x = 0; x < raster.width; ++x, ++pixel) {
                const std::uint32_t alpha = pixel->alpha;
                const auto premultiplied = [alpha](std::uint32_t value) {
                    return (value * alpha + 127) / 255;
                };
                const std::uint32_t value = alpha << 24 | premultiplied(pixel->red) << 16 |
                                            premultiplied(pixel->green) << 8 | premultiplied(pixel->blue);
                std::memcpy(row + x * 4, &value, sizeof value);
            }
        }
        cairo_surface_mark_dirty(surface.get());
        cairo_save(cairo_);
        cairo_translate(cairo_, picture.box.x, picture.box.y);
        cairo_scale(cairo_, picture.box.width / static_cast<double>(raster.width),
                    picture.box.height / static_cast<double>(raster.height));
        cairo_set_source_surface(cairo_, surface.get(), 0.0, 0.0);
        cairo_pattern_set_filter(cairo_get_source(cairo_), CAIRO_FILTER_NEAREST);
        cairo_rectangle(cairo_, 0.0, 0.0, static_cast<double>(raster.width),
                        static_cast<double>(raster.height));
        cairo_fill(cairo_);
        cairo_restore(cairo_);
    }

    void operator()(const Path& path) {
        if (path.places.empty()) return;
        for (const Place& place : path.places) cairo_line_to(cairo_, place.x, place.y);
        if (path.closed) cairo_close_path(cairo_);
        if (path.fill) {
            color(*path.fill, path.opacity);
            cairo_fill_preserve(cairo_);
        }
        if (path.width > 0.0) {
            color(path.color, path.opacity);
            cairo_set_line_width(cairo_, path.width);
            cairo_stroke_preserve(cairo_);
        }
        cairo_new_path(cairo_);
    }

    void operator()(const Text& text) {
        if (text.text.empty()) return;
        pango_font_description_set_absolute_size(font_.get(), text.size * PANGO_SCALE);
        pango_layout_set_font_description(layout_.get(), font_.get());
        const std::string clean = clean_text(text.text);
        pango_layout_set_text(layout_.get(), clean.data(), static_cast<int>(clean.size()));
        PangoRectangle logical;
        pango_layout_get_extents(layout_.get(), nullptr, &logical);
        const double most = text.most.value_or(std::numeric_limits<double>::infinity()) * PANGO_SCALE;
        const bool cut = logical.width > most;
        if (cut) {
            pango_layout_set_ellipsize(layout_.get(), PANGO_ELLIPSIZE_END);
            pango_layout_set_width(layout_.get(), static_cast<int>(most));
            pango_layout_get_extents(layout_.get(), nullptr, &logical);
        }
        const TextLayout layout(text, static_cast<double>(logical.width) / PANGO_SCALE);
        cairo_save(cairo_);
        if (text.rotation != 0.0) {
            cairo_translate(cairo_, text.place.x, text.place.y);
            cairo_rotate(cairo_, -text.rotation * std::acos(-1.0) / 180.0);
            cairo_translate(cairo_, -text.place.x, -text.place.y);
        }
        if (text.box) {
            const Rect padded = layout.padded(text.padding);
            color(*text.box, 1.0);
            cairo_rectangle(cairo_, padded.x, padded.y, padded.width, padded.height);
            cairo_fill(cairo_);
        }
        color(text.color, 1.0);
        const double baseline = static_cast<double>(pango_layout_get_baseline(layout_.get())) / PANGO_SCALE;
        const double before = static_cast<double>(logical.x) / PANGO_SCALE;
        cairo_move_to(cairo_, layout.box.x - before, layout.baseline - baseline);
        pango_cairo_show_layout(cairo_, layout_.get());
        if (cut) pango_layout_set_width(layout_.get(), -1);
        cairo_new_path(cairo_);
        cairo_restore(cairo_);
    }

    static void check(cairo_status_t status) {
        if (status == CAIRO_STATUS_SUCCESS) return;
        throw Error(ErrorCode::unwritable,
                    text("png: the drawing cannot be made: ", cairo_status_to_string(status)));
    }

private:
    void color(Rgb color, double opacity) {
        cairo_set_source_rgba(cairo_, color.red / 255.0, color.green / 255.0, color.blue / 255.0, opacity);
    }

    cairo_t* cairo_;
    CairoPointer<PangoLayout> layout_;
    CairoPointer<PangoFontDescription> font_;
};

/// Cairo's pixels as rows of red, green, blue.
[[nodiscard]] inline std::vector<std::uint8_t> rgb_rows(cairo_surface_t* surface, int width, int height) {
    cairo_surface_flush(surface);
    const unsigned char* row = cairo_image_surface_get_data(surface);
    const int stride = cairo_image_surface_get_stride(surface);
    std::vector<std::uint8_t> out(static_cast<std::size_t>(width) * static_cast<std::size_t>(height) * 3);
    std::uint8_t* to = out.data();
    for (int y = 0; y < height; ++y, row += stride) {
        for (int x = 0; x < width; ++x, to += 3) {
            std::uint32_t value = 0;
            std::memcpy(&value, row + x * 4, sizeof value);
            to[0] = static_cast<std::uint8_t>(value >> 16);
            to[1] = static_cast<std::uint8_t>(value >> 8);
            to[2] = static_cast<std::uint8_t>(value);
        }
    }
    return out;
}

}  // namespace detail

/// A drawing as the bytes of a PNG file.
///
/// \param scene    what to draw
/// \param options  `.dpi`, pixels per inch: 150, sharp on a screen and in a small print
/// \returns        an opaque picture of width * dpi / 72 x height * dpi / 72 pixels
/// \throws InvalidArgument when that is less than one pixel or more than 32767 along a side, or
///         more than 268435456 in all
/// \throws Error unsupported when the program was built without cairo, pango or libpng
///
/// Texts are laid out by pango, every script that the installed fonts have included.
[[nodiscard]] inline std::vector<std::byte> to_png(const Scene& scene, const PngOptions& options = {}) {
    const double scale = options.dpi / 72.0;
    const double columns = std::round(scene.width * scale), rows = std::round(scene.height * scale);
    if (!(columns >= 1.0 && rows >= 1.0 && columns <= 32767.0 && rows <= 32767.0)) {
        throw InvalidArgument(text("png: `dpi` = ", options.dpi, " makes ", columns, " x ", rows,
                                   " pixels, expected 1 to 32767 along each side"));
    }
    constexpr double most = 268435456.0;
    if (columns * rows > most) {
        throw InvalidArgument(text("png: `dpi` = ", options.dpi, " makes ", columns, " x ", rows,
                                   " pixels, which is more than ", static_cast<std::int64_t>(most),
                                   "; choose a smaller one"));
    }
    const int width = static_cast<int>(columns), height = static_cast<int>(rows);
    const detail::CairoPointer<cairo_surface_t> surface(
        cairo_image_surface_create(CAIRO_FORMAT_RGB24, width, height));
    detail::CairoPainter::check(cairo_surface_status(surface.get()));
    const detail::CairoPointer<cairo_t> context(cairo_create(surface.get()));
    cairo_set_source_rgb(context.get(), scene.background.red / 255.0, scene.background.green / 255.0,
                         scene.background.blue / 255.0);
    cairo_paint(context.get());
    cairo_scale(context.get(), scale, scale);
    detail::CairoPainter painter(context.get());
    for (const Item& item : scene.items) {
        if (item.clip) {
            cairo_save(context.get());
            cairo_rectangle(context.get(), item.clip->x, item.clip->y, item.clip->width, item.clip->height);
            cairo_clip(context.get());
        }
        std::visit(painter, item.what);
        if (item.clip) cairo_restore(context.get());
    }
    detail::CairoPainter::check(cairo_status(context.get()));
    return detail::encode_png(detail::rgb_rows(surface.get(), width, height).data(), width, height,
                              detail::PixelFormat::rgb);
}

#else

/// Not available: the program was built without cairo and pango.
[[nodiscard]] inline std::vector<std::byte> to_png(const Scene&, const PngOptions& = {}) {
    throw Error(
        ErrorCode::unsupported,
        "plot: PNG figures need cairo and pango, which this program was built without; install "
        "libcairo2-dev and libpango1.0-dev (apt) or pango (vcpkg) and link the CMake target roi::plot, "
        "or compile with -DROI_WITH_PNG -DROI_WITH_CAIRO and what `pkg-config --cflags --libs "
        "libpng pangocairo` says, or save as .svg");
}

#endif

}  // namespace roi
