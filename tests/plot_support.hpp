// What the tests of pictures share: images with a known bright place, and the pixels of what was drawn.
#pragma once

#include <roi/image/volume.hpp>
#include <roi/plot/detail/scene.hpp>
#include <roi/plot/figure.hpp>

#include "catch.hpp"
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <limits>
#include <string>
#include <variant>
#include <vector>

#if defined(ROI_WITH_PNG)
#include <png.h>
#endif

namespace test {

/// The affine that takes voxel (i, j, k) to the rows given.
inline roi::Affine affine(const std::vector<double>& rows) {
    roi::Affine out = roi::Affine::Identity();
    for (int i = 0; i < 12; ++i) out(i / 4, i % 4) = rows[static_cast<std::size_t>(i)];
    return out;
}

/// A volume whose voxels are a function of their place in millimetres.
template <class T>
roi::Volume<T> volume_of(const roi::Grid& grid, const std::function<double(const roi::Point&)>& value) {
    roi::Volume<T> out(grid);
    for (std::int64_t i = 0; i < out.size(); ++i) {
        const auto [x, y, z] = grid.shape().voxel(i);
        out[i] = static_cast<T>(value(
            grid.world(roi::Point(static_cast<double>(x), static_cast<double>(y), static_cast<double>(z)))));
    }
    return out;
}

/// Grids that all hold the places from -10 to 10 mm, with voxel axes in different orders and directions.
inline std::vector<roi::Grid> orientations() {
    const double c = std::cos(0.3), s = std::sin(0.3);
    return {
        {roi::Shape(11, 11, 11), affine({2, 0, 0, -10, 0, 2, 0, -10, 0, 0, 2, -10})},
        {roi::Shape(11, 11, 11), affine({-2, 0, 0, 10, 0, 2, 0, -10, 0, 0, 2, -10})},
        {roi::Shape(11, 11, 11), affine({-2, 0, 0, 10, 0, -2, 0, 10, 0, 0, -2, 10})},
        {roi::Shape(11, 11, 6), affine({0, 2, 0, -10, 0, 0, -4, 10, -2, 0, 0, 10})},
        {roi::Shape(6, 11, 11), affine({0, 0, 2, -10, 4, 0, 0, -10, 0, -2, 0, 10})},
        {roi::Shape(15, 15, 15),
         affine({2 * c, -2 * s, 0, -14 * (c - s), 2 * s, 2 * c, 0, -14 * (c + s), 0, 0, 2, -14})},
    };
}

template <class What>
std::vector<const What*> items(const roi::Scene& scene) {
    std::vector<const What*> out;
    for (const auto& item : scene.items) {
        if (const auto* what = std::get_if<What>(&item.what)) out.push_back(what);
    }
    return out;
}

inline std::vector<std::string> texts(const roi::Scene& scene) {
    std::vector<std::string> out;
    for (const auto* text : items<roi::Text>(scene)) out.push_back(text->text);
    return out;
}

inline bool has_text(const roi::Scene& scene, const std::string& text) {
    for (const auto& other : texts(scene)) {
        if (other == text) return true;
    }
    return false;
}

/// The place in points of the middle of a picture's brightest pixel, and its share of the picture's width
/// and height from the upper left corner.
struct Brightest {
    roi::Place place;
    double right = 0.0, down = 0.0;
};
inline Brightest brightest(const roi::Picture& picture) {
    std::int64_t best = 0;
    int most = -1;
    const auto& raster = picture.raster;
    for (std::int64_t i = 0; i < raster.width * raster.height; ++i) {
        const auto pixel = raster.pixels[static_cast<std::size_t>(i)];
        const int value = pixel.alpha == 0 ? -1 : pixel.red + pixel.green + pixel.blue;
        if (value > most) most = value, best = i;
    }
    Brightest out;
    out.right = (static_cast<double>(best % raster.width) + 0.5) / static_cast<double>(raster.width);
    out.down = (static_cast<double>(best / raster.width) + 0.5) / static_cast<double>(raster.height);
    out.place = {picture.box.x + out.right * picture.box.width,
                 picture.box.y + out.down * picture.box.height};
    return out;
}

#if defined(ROI_WITH_PNG)
/// A decoded PNG.
struct Pixels {
    std::int64_t width = 0, height = 0;
    std::vector<std::uint8_t> rgba;

    explicit Pixels(const std::vector<std::byte>& bytes) {
        png_image image{};
        image.version = PNG_IMAGE_VERSION;
        REQUIRE(png_image_begin_read_from_memory(&image, bytes.data(), bytes.size()) != 0);
        image.format = PNG_FORMAT_RGBA;
        rgba.resize(PNG_IMAGE_SIZE(image));
        REQUIRE(png_image_finish_read(&image, nullptr, rgba.data(), 0, nullptr) != 0);
        width = image.width;
        height = image.height;
    }
    roi::Rgb operator()(std::int64_t column, std::int64_t row) const {
        const auto at = static_cast<std::size_t>(4 * (row * width + column));
        return {rgba[at], rgba[at + 1], rgba[at + 2]};
    }
    /// The colour at a place in points.
    roi::Rgb at(roi::Place place, double dpi) const {
        return (*this)(static_cast<std::int64_t>(place.x * dpi / 72.0),
                       static_cast<std::int64_t>(place.y * dpi / 72.0));
    }
};
#endif

/// What was thrown.
inline std::string message_of(const std::function<void()>& action) {
    try {
        action();
    } catch (const roi::Error& error) {
        return error.what();
    }
    FAIL("nothing was thrown");
    return {};
}
inline bool contains(const std::string& text, const std::string& part) {
    INFO(text);
    return text.find(part) != std::string::npos;
}

}  // namespace test
