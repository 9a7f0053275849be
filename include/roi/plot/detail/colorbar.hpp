// The bar that says which colour stands for which value.
#pragma once

#include <roi/plot/color.hpp>
#include <roi/plot/colormap.hpp>
#include <roi/plot/detail/scene.hpp>

#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <optional>
#include <string>
#include <vector>

namespace roi {

/// What a colour bar shows.
struct Colorbar {
    Colormap cmap = Colormap::gray();
    ColorRange colors = {};                ///< values of the first and the last colour
    ColorRange values = {};                ///< values at the lower and the upper end of the bar
    std::optional<double> threshold = {};  ///< values with |v| up to this are gray: they are not drawn
    bool whole_numbers = false;            ///< the values are labels
    int digits = 2;                        ///< significant ones
};

namespace detail {

/// printf's `%.Ng`, but whole numbers of up to five digits in full: 840 and not 8.4e+02.
[[nodiscard]] inline std::string tick_text(double value, int digits) {
    std::array<char, 64> buffer{};
    const double size = std::abs(value);
    if (size >= 10.0 && size < 99999.5)
        digits = std::max(digits, size >= 9999.5 ? 5 : size >= 999.5 ? 4 : size >= 99.5 ? 3 : 2);
    std::snprintf(buffer.data(), buffer.size(), "%.*g", std::clamp(digits, 1, 17),
                  value == 0.0 ? 0.0 : value);
    return buffer.data();
}

}  // namespace detail

/// The values that get a number beside a colour bar: five at equal distances, as nilearn's.
///
/// Those nearest to a threshold move onto it, where it is far enough from 0 to be seen (a hundredth of the
/// range; nilearn writes 1e-06 in place of 0 for its default threshold). Labels get whole numbers: each of
/// up to ten, five of more.
[[nodiscard]] inline std::vector<double> colorbar_ticks(const Colorbar& bar) {
    auto [low, high] = bar.values;
    const bool whole = bar.whole_numbers && std::ceil(low) <= std::floor(high);
    if (whole) {
        low = std::ceil(low);
        high = std::floor(high);
    }
    if (!(high > low)) return {low};
    std::vector<double> ticks;
    const int count = whole && high - low < 10.0 ? static_cast<int>(high - low) + 1 : 5;
    for (int i = 0; i < count; ++i) {
        const double tick = low + (high - low) * i / (count - 1);
        ticks.push_back(whole ? std::round(tick) : tick);
    }
    ticks.back() = high;
    if (!bar.threshold || whole || *bar.threshold < 0.01 * (high - low)) return ticks;
    for (const double edge : {-*bar.threshold, *bar.threshold}) {
        if (edge < low || edge > high) continue;
        const auto nearest = std::min_element(ticks.begin(), ticks.end(), [edge](double a, double b) {
            return std::abs(a - edge) < std::abs(b - edge);
        });
        *nearest = edge;
    }
    return ticks;
}

/// Draws a colour bar into a box, with its numbers on the left.
inline void draw_colorbar(Scene& scene, const Colorbar& bar, const Rect& box, Rgb ink) {
    constexpr std::int64_t steps = 256;
    const auto [low, high] = bar.values;
    Raster raster{1, steps, {}};
    for (std::int64_t row = 0; row < steps; ++row) {
        const double share = 1.0 - (static_cast<double>(row) + 0.5) / static_cast<double>(steps);
        const double value = low + share * (high - low);
        const bool hidden = bar.threshold && std::abs(value) <= *bar.threshold;
        const Rgb color = hidden ? colors::gray : bar.cmap(bar.colors.position(value));
        raster.pixels.push_back({color.red, color.green, color.blue, 255});
    }
    scene.add(Picture{std::move(raster), box});
    scene.rectangle(box, ink, 0.8);
    for (const double tick : colorbar_ticks(bar)) {
        const double share = high > low ? (tick - low) / (high - low) : 0.5;
        Text text{detail::tick_text(tick, bar.whole_numbers ? 17 : bar.digits),
                  {box.x - 4.0, box.bottom() - share * box.height},
                  10.0,
                  ink};
        text.horizontal = Align::end;
        text.vertical = Align::middle;
        scene.add(std::move(text));
    }
}

}  // namespace roi
