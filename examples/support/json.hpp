// Just enough JSON to print what a program found.
#pragma once

#include <roi/core/text.hpp>

#include <cmath>
#include <string>
#include <string_view>
#include <vector>

namespace json {

/// A number in its shortest exact form; JSON has no NaN or infinity, so those become null.
template <class Number>
std::string number(Number value) {
    if (!std::isfinite(static_cast<double>(value))) return "null";
    return roi::text(value);
}

/// A quoted text.
inline std::string text(std::string_view value) {
    constexpr std::string_view digits = "0123456789abcdef";
    std::string out = "\"";
    for (const char c : value) {
        const auto byte = static_cast<unsigned char>(c);
        if (c == '"' || c == '\\') {
            out += '\\';
            out += c;
        } else if (byte < 0x20) {
            out += "\\u00";
            out += digits[byte >> 4];
            out += digits[byte & 15];
        } else {
            out += c;
        }
    }
    return out + '"';
}

/// Values that are JSON already, in brackets.
inline std::string list(const std::vector<std::string>& values) {
    return roi::text("[", roi::joined(values), "]");
}

template <class Number>
std::string array(const std::vector<Number>& values) {
    std::vector<std::string> out;
    for (const auto value : values) out.push_back(number(value));
    return list(out);
}

/// Members in the order they were added.
class Object {
public:
    /// \param value  JSON already
    void add(std::string_view name, const std::string& value) {
        members_.push_back(json::text(name) + ": " + value);
    }

    [[nodiscard]] std::string text() const { return roi::text("{", roi::joined(members_), "}"); }

private:
    std::vector<std::string> members_;
};

}  // namespace json
