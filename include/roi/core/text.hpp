// Builds messages without streams or locale, so that light headers stay light.
#pragma once

#include <array>
#include <charconv>
#include <concepts>
#include <cstddef>
#include <string>
#include <string_view>

namespace roi {

inline void append_text(std::string& out, std::string_view text) { out += text; }
inline void append_text(std::string& out, const char* text) { out += text; }
inline void append_text(std::string& out, char c) { out += c; }
inline void append_text(std::string& out, bool value) { out += value ? "true" : "false"; }

/// Shortest decimal text that reads back as the same number.
template <class Number>
requires(std::integral<Number> || std::floating_point<Number>) void append_text(std::string& out,
                                                                                Number value) {
    std::array<char, 64> buffer;
    const auto end = std::to_chars(buffer.data(), buffer.data() + buffer.size(), value).ptr;
    out.append(buffer.data(), end);
}

/// The parts one after the other as one string; numbers in their shortest exact form.
template <class... Parts>
[[nodiscard]] std::string text(const Parts&... parts) {
    std::string out;
    (append_text(out, parts), ...);
    return out;
}

/// `a, b, c` of any range of texts or numbers.
template <class Range>
[[nodiscard]] std::string joined(const Range& items, std::string_view separator = ", ") {
    std::string out;
    bool first = true;
    for (const auto& item : items) {
        if (!first) out += separator;
        append_text(out, item);
        first = false;
    }
    return out;
}

/// `a, b, c`, or the first `most` of a longer list and how many are left: `a, b and 7 more`.
template <class Range>
[[nodiscard]] std::string listed(const Range& items, std::size_t most = 20) {
    std::string out;
    std::size_t count = 0;
    for (const auto& item : items) {
        if (count++ >= most) continue;
        if (count > 1) out += ", ";
        append_text(out, item);
    }
    if (count > most) out += text(" and ", count - most, " more");
    return out;
}

}  // namespace roi
