// Colours and small pictures made of them.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

namespace roi {

/// An opaque colour, 0 to 255 per channel.
struct Rgb {
    std::uint8_t red = 0, green = 0, blue = 0;

    friend bool operator==(const Rgb&, const Rgb&) = default;
};

namespace colors {
inline constexpr Rgb black{0, 0, 0};
inline constexpr Rgb white{255, 255, 255};
inline constexpr Rgb gray{128, 128, 128};
}  // namespace colors

/// A colour with opacity, 0 (nothing to see) to 255.
struct Rgba {
    std::uint8_t red = 0, green = 0, blue = 0, alpha = 0;

    friend bool operator==(const Rgba&, const Rgba&) = default;
};

/// A picture of width x height pixels, rows from top to bottom, pixels from left to right.
struct Raster {
    std::int64_t width = 0;
    std::int64_t height = 0;
    std::vector<Rgba> pixels;  ///< width * height of them

    [[nodiscard]] const Rgba& operator()(std::int64_t column, std::int64_t row) const {
        return pixels[static_cast<std::size_t>(row * width + column)];
    }
};

}  // namespace roi
