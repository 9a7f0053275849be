// How wide a text will be, without asking for a font.
#pragma once

#include <roi/core/encoding.hpp>

#include <algorithm>
#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace roi::detail {

/// Advance of a character in hundredths of the font size: the widths of DejaVu Sans, one of the widest
/// sans-serif fonts, so that a box made for a text is not too small in another font.
[[nodiscard]] inline int character_width(char32_t point) {
    constexpr unsigned char ascii[] = {
        32, 40, 46, 84, 64, 95, 78, 27, 39,  39, 50, 84, 32, 36, 32, 34, 64, 64, 64, 64, 64, 64, 64, 64,
        64, 64, 34, 34, 84, 84, 84, 53, 100, 68, 69, 70, 77, 63, 58, 77, 75, 29, 29, 66, 56, 86, 75, 79,
        60, 79, 69, 63, 61, 73, 68, 99, 69,  61, 69, 39, 34, 39, 84, 50, 50, 61, 63, 55, 63, 62, 35, 63,
        63, 28, 28, 58, 28, 97, 63, 61, 63,  63, 41, 52, 39, 63, 59, 82, 59, 59, 52, 64, 34, 64, 84};
    if (point < 0x20) return 0;
    if (point < 0x7f) return ascii[point - 0x20];
    const auto within = [point](char32_t low, char32_t high) { return point >= low && point <= high; };
    if (within(0x300, 0x36f) || within(0x200b, 0x200f) || within(0xfe00, 0xfe0f)) return 0;
    // Chinese, Japanese, Korean, full-width forms, pictures.
    if (within(0x1100, 0x115f) || within(0x2e80, 0xa4cf) || within(0xac00, 0xd7a3) ||
        within(0xf900, 0xfaff) || within(0xfe30, 0xfe6f) || within(0xff00, 0xff60) || point >= 0x1f000) {
        return 100;
    }
    return 66;
}

/// Estimated width of UTF-8 text, in the unit of `size`.
[[nodiscard]] inline double text_width(std::string_view text, double size) {
    double width = 0.0;
    for (std::size_t at = 0; at < text.size();) width += character_width(next_code_point(text, at));
    return width * size / 100.0;
}

/// Text no wider than `width`: of a longer one the beginning and the end, which tells names of one atlas apart.
[[nodiscard]] inline std::string shortened(std::string_view text, double size, double width) {
    if (text_width(text, size) <= width) return std::string(text);
    const double room = width - text_width("\u2026", size);
    std::vector<std::size_t> starts;  // of characters
    for (std::size_t at = 0; at < text.size(); (void)next_code_point(text, at)) starts.push_back(at);
    std::size_t end = text.size();
    while (!starts.empty() && text_width(text.substr(starts.back()), size) <= 0.6 * room) {
        end = starts.back();
        starts.pop_back();
    }
    const auto tail = text.substr(end);
    std::size_t head = 0;
    for (std::size_t at = 0; at < end;) {
        (void)next_code_point(text, at);
        if (text_width(text.substr(0, at), size) + text_width(tail, size) > room) break;
        head = at;
    }
    std::string out(text.substr(0, head));
    while (!out.empty() && out.back() == ' ') out.pop_back();
    out += "\u2026";
    return out.append(tail.substr(std::min(tail.find_first_not_of(' '), tail.size())));
}

/// Breaks text into at most `most` lines no wider than `width`; what is left ends in an ellipsis.
[[nodiscard]] inline std::vector<std::string> wrapped(const std::string& text, double size, double width,
                                                      std::size_t most) {
    std::vector<std::string> lines;
    std::string_view rest = text;
    while (!rest.empty() && lines.size() < most) {
        const bool last = lines.size() + 1 == most;
        if (text_width(rest, size) <= width) {
            lines.emplace_back(rest);
            return lines;
        }
        const double room = last ? width - text_width("\u2026", size) : width;
        std::size_t end = 0, space = 0;
        for (std::size_t at = 0; at < rest.size();) {
            if (rest[at] == ' ') space = at;
            (void)next_code_point(rest, at);
            if (end > 0 && text_width(rest.substr(0, at), size) > room) break;
            end = at;
        }
        const std::size_t cut = space > end / 2 ? space : end;
        lines.emplace_back(rest.substr(0, cut));
        rest.remove_prefix(cut);
        while (!rest.empty() && rest.front() == ' ') rest.remove_prefix(1);
        if (last && !rest.empty()) lines.back() += "\u2026";
    }
    return lines;
}

}  // namespace roi::detail
