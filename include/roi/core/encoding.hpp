// Text from files in places that give some characters a meaning: terminals, XML, tables. And bytes as text.
#pragma once

#include <concepts>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>

namespace roi {

namespace detail {

/// The next code point of UTF-8 text, U+FFFD for a byte that belongs to none; advances `at`.
[[nodiscard]] inline char32_t next_code_point(std::string_view text, std::size_t& at) {
    const auto byte = [&](std::size_t i) { return static_cast<unsigned char>(text[i]); };
    const unsigned char first = byte(at++);
    if (first < 0x80) return first;
    const int more = first >= 0xf0 && first < 0xf5 ? 3 : first >= 0xe0 ? 2 : first >= 0xc2 ? 1 : 0;
    if (more == 0 || first >= 0xf5 || at + static_cast<std::size_t>(more) > text.size()) return 0xfffd;
    char32_t point = first & (0x3fu >> more);
    for (int i = 0; i < more; ++i) {
        const unsigned char next = byte(at + static_cast<std::size_t>(i));
        if ((next & 0xc0) != 0x80) return 0xfffd;
        point = point << 6 | (next & 0x3fu);
    }
    constexpr char32_t least[] = {0, 0x80, 0x800, 0x10000};
    if (point < least[more] || point > 0x10ffff || (point >= 0xd800 && point < 0xe000)) return 0xfffd;
    at += static_cast<std::size_t>(more);
    return point;
}

/// Where the first byte stands that belongs to no character of UTF-8; the size where there is none.
[[nodiscard]] inline std::size_t first_wrong_byte(std::string_view text) {
    for (std::size_t at = 0; at < text.size();) {
        const auto here = at;
        // The sign of a replaced byte may also stand there as itself, three bytes long.
        if (next_code_point(text, at) == 0xfffd && at == here + 1) return here;
    }
    return text.size();
}

inline void append_utf8(std::string& out, char32_t point) {
    const auto put = [&out](char32_t byte) { out += static_cast<char>(static_cast<unsigned char>(byte)); };
    if (point < 0x80) {
        put(point);
    } else if (point < 0x800) {
        put(0xc0 | point >> 6), put(0x80 | (point & 0x3f));
    } else if (point < 0x10000) {
        put(0xe0 | point >> 12), put(0x80 | (point >> 6 & 0x3f)), put(0x80 | (point & 0x3f));
    } else {
        put(0xf0 | point >> 18), put(0x80 | (point >> 12 & 0x3f)), put(0x80 | (point >> 6 & 0x3f));
        put(0x80 | (point & 0x3f));
    }
}

[[nodiscard]] constexpr bool is_control(char32_t point) {
    return point < 0x20 || (point >= 0x7f && point < 0xa0);
}

/// Characters that turn the direction of the text after them.
[[nodiscard]] constexpr bool turns_direction(char32_t point) {
    return (point >= 0x202a && point <= 0x202e) || (point >= 0x2066 && point <= 0x2069);
}

}  // namespace detail

/// The text as valid UTF-8: each byte that belongs to no character becomes U+FFFD. O(bytes).
[[nodiscard]] inline std::string valid_utf8(std::string_view text) {
    std::string out;
    for (std::size_t at = 0; at < text.size();) detail::append_utf8(out, detail::next_code_point(text, at));
    return out;
}

/// Text in UTF-8 as it is, any other taken for Latin-1: a character a byte, so that what differs stays different. O(bytes).
[[nodiscard]] inline std::string utf8_or_latin1(std::string text) {
    if (detail::first_wrong_byte(text) == text.size()) return text;
    std::string out;
    for (const char c : text) detail::append_utf8(out, static_cast<unsigned char>(c));
    return out;
}

/// The text on one line of a terminal, with everything that would move its cursor, colour what follows or turn its
/// direction made visible.
///
/// \returns  valid UTF-8: tabs and line ends become blanks, other control characters `\xNN`, those that turn the
///           direction of text `\uNNNN`, wrong bytes U+FFFD
///
/// Meant for messages that quote names and descriptions from files. O(bytes).
[[nodiscard]] inline std::string visible_text(std::string_view text) {
    constexpr std::string_view digits = "0123456789abcdef";
    std::string out;
    for (std::size_t at = 0; at < text.size();) {
        const char32_t point = detail::next_code_point(text, at);
        const bool turns = detail::turns_direction(point);
        if (point == '\t' || point == '\n' || point == '\r') {
            out += ' ';
        } else if (turns || detail::is_control(point)) {
            out += turns ? "\\u" : "\\x";
            for (int shift = turns ? 12 : 4; shift >= 0; shift -= 4) out += digits[point >> shift & 15];
        } else {
            detail::append_utf8(out, point);
        }
    }
    return out;
}

/// The text on one line, without control characters: they become blanks, wrong bytes U+FFFD. XML can hold all of it.
/// O(bytes).
[[nodiscard]] inline std::string clean_text(std::string_view text) {
    std::string out;
    for (std::size_t at = 0; at < text.size();) {
        const char32_t point = detail::next_code_point(text, at);
        detail::append_utf8(out, detail::is_control(point) || (point | 1) == 0xffff ? U' ' : point);
    }
    return out;
}

/// The text as it may stand in XML, HTML and SVG, between tags or as a value in quotes: clean, without markup. O(bytes).
[[nodiscard]] inline std::string xml_escaped(std::string_view text) {
    std::string out;
    for (const char c : clean_text(text)) {
        switch (c) {
            case '&':
                out += "&amp;";
                break;
            case '<':
                out += "&lt;";
                break;
            case '>':
                out += "&gt;";
                break;
            case '"':
                out += "&quot;";
                break;
            case '\'':
                out += "&#39;";
                break;
            default:
                out += c;
        }
    }
    return out;
}

/// Bytes as letters, digits, `+`, `/` and `=`: base 64 of RFC 4648, on one line. O(bytes).
[[nodiscard]] inline std::string base64(std::span<const std::byte> bytes) {
    constexpr std::string_view digits = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    std::string out;
    out.reserve((bytes.size() + 2) / 3 * 4);
    for (std::size_t i = 0; i < bytes.size(); i += 3) {
        std::uint32_t group = 0;
        for (std::size_t j = 0; j < 3; ++j) {
            group = group << 8 | (i + j < bytes.size() ? std::to_integer<std::uint32_t>(bytes[i + j]) : 0u);
        }
        for (std::size_t j = 0; j < 4; ++j) {
            out += i + j <= bytes.size() ? digits[group >> (18 - 6 * j) & 63] : '=';
        }
    }
    return out;
}

template <std::convertible_to<std::string_view> Text>
[[nodiscard]] std::string base64(const Text& text) {
    const std::string_view all = text;
    return base64(std::as_bytes(std::span(all.data(), all.size())));
}

}  // namespace roi
