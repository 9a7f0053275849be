#include "name_words.hpp"

#include <algorithm>
#include <cctype>
#include <cstddef>

namespace command {

bool is_digit(char c) { return c >= '0' && c <= '9'; }

std::string_view number_at(std::string_view& text) {
    const auto end =
        static_cast<std::size_t>(std::find_if_not(text.begin(), text.end(), is_digit) - text.begin());
    auto digits = text.substr(0, end);
    text.remove_prefix(end);
    digits.remove_prefix(std::min(digits.find_first_not_of('0'), digits.size()));
    return digits;
}

bool before(std::string_view a, std::string_view b) {
    while (!a.empty() && !b.empty()) {
        if (is_digit(a.front()) && is_digit(b.front())) {
            const auto of_a = number_at(a), of_b = number_at(b);
            if (of_a.size() != of_b.size()) return of_a.size() < of_b.size();
            if (of_a != of_b) return of_a < of_b;
        } else if (a.front() != b.front()) {
            return a.front() < b.front();
        } else {
            a.remove_prefix(1);
            b.remove_prefix(1);
        }
    }
    return a.empty() && !b.empty();
}

bool is_alnum(char c) {
    const auto byte = static_cast<unsigned char>(c);
    return byte >= 0x80 || std::isalnum(byte) != 0;
}

std::string in_small_letters(std::string_view text) {
    std::string out(text);
    for (char& c : out) c = static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
    return out;
}

Words words_in(std::string_view text, bool apart) {
    Words out;
    while (!text.empty()) {
        const auto begins = text.front();
        const auto goes_on = [&](char c) {
            return is_alnum(c) == is_alnum(begins) && (!apart || is_digit(c) == is_digit(begins));
        };
        auto rest = std::find_if_not(text.begin(), text.end(), goes_on);
        auto word = text.substr(0, static_cast<std::size_t>(rest - text.begin()));
        text.remove_prefix(word.size());
        if (!is_alnum(begins)) continue;
        const bool number = std::all_of(word.begin(), word.end(), is_digit);
        out.push_back(number ? std::string(number_at(word)) : in_small_letters(word));
    }
    return out;
}

bool is_number(std::string_view id) { return !id.empty() && std::all_of(id.begin(), id.end(), is_digit); }

bool same_but_for_zeros(std::string_view a, std::string_view b) { return !before(a, b) && !before(b, a); }

}  // namespace command
