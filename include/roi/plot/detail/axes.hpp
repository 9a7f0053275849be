// Axes of plots: a frame, round numbers beside it, a title above.
#pragma once

#include <roi/core/encoding.hpp>
#include <roi/plot/color.hpp>
#include <roi/plot/detail/scene.hpp>
#include <roi/plot/detail/text_width.hpp>

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdio>
#include <string>
#include <utility>
#include <vector>

namespace roi::detail {

/// Round numbers from low to high, at most nine steps apart: 1, 2, 2.5 or 5 times a power of ten.
struct NiceTicks {
    std::vector<double> at;
    int decimals = 0;

    NiceTicks(double low, double high) {
        const double least = (high - low) / 9.0;
        const double power = std::pow(10.0, std::floor(std::log10(least)));
        double step = 10.0 * power;
        for (const double factor : {5.0, 2.5, 2.0, 1.0}) {
            if (factor * power >= least * (1.0 - 1e-9)) step = factor * power;
        }
        decimals = static_cast<int>(std::clamp(-std::floor(std::log10(step) + 1e-9), 0.0, 17.0));
        if (std::abs(step / power - 2.5) < 0.1 && step < 10.0) ++decimals;
        for (double i = std::ceil(low / step - 1e-9); i * step <= high + 1e-9 * step; ++i)
            at.push_back(i * step);
    }

    [[nodiscard]] std::string text(double value) const {
        std::array<char, 400> buffer{};
        const bool extreme = decimals > 6 || std::abs(value) >= 1e9;
        std::snprintf(buffer.data(), buffer.size(), extreme ? "%.*g" : "%.*f", extreme ? 10 : decimals,
                      value == 0.0 ? 0.0 : value);
        return buffer.data();
    }
};

/// A range and a twentieth more on either side; for an empty or flat one something that can be drawn.
[[nodiscard]] inline std::pair<double, double> with_margin(double low, double high) {
    if (low > high) return {0.0, 1.0};
    const double range = high - low;
    const bool flat = range <= 1e-12 * std::max(std::abs(low), std::abs(high));
    const double margin = flat ? std::max(0.05 * std::abs(high), 0.05) : 0.05 * range;
    return {low - margin, high + margin};
}

/// A frame with round numbers on its left.
inline void draw_axes(Scene& scene, const Rect& axes, double low, double high) {
    scene.rectangle(axes, colors::black, 0.8);
    const NiceTicks ticks(low, high);
    for (const double tick : ticks.at) {
        const double height = axes.bottom() - (tick - low) / (high - low) * axes.height;
        scene.line({axes.x - 3.5, height}, {axes.x, height}, colors::black, 0.8);
        Text number{ticks.text(tick), {axes.x - 7.0, height}, 10.0};
        number.horizontal = Align::end;
        number.vertical = Align::middle;
        scene.add(std::move(number));
    }
}

/// In up to two lines.
inline void draw_panel_title(Scene& scene, const Rect& axes, const std::string& title) {
    double below = axes.y - 6.0;
    auto lines = wrapped(clean_text(title), 12.0, axes.width * 1.1, 2);
    for (auto line = lines.rbegin(); line != lines.rend(); ++line, below -= 15.0) {
        Text text{*line, {axes.x + axes.width / 2.0, below}, 12.0};
        text.horizontal = Align::middle;
        text.vertical = Align::end;
        scene.add(std::move(text));
    }
}

inline void draw_y_label(Scene& scene, const Rect& axes, const std::string& label) {
    if (label.empty()) return;
    Text text{clean_text(label), {axes.x - 60.0, axes.y + axes.height / 2.0}, 10.0};
    text.horizontal = text.vertical = Align::middle;
    text.rotation = 90.0;
    scene.add(std::move(text));
}

}  // namespace roi::detail
