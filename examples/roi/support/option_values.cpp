#include "option_values.hpp"

#include <roi/core/text.hpp>
#include <roi/io/save.hpp>

#include <algorithm>
#include <charconv>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <string_view>
#include <system_error>

namespace command {

namespace {

/// A check of numbers that says what was expected; an infinite one is none.
template <class Fits>
CLI::Validator finite_number(Fits fits, const char* expected) {
    return CLI::Validator(
        [fits, expected](std::string& word) {
            double value = 0.0;
            const bool read = CLI::detail::lexical_cast(word, value);
            if (read && fits(value) && std::isfinite(value)) return std::string();
            const bool infinite = read && std::isinf(value) && fits(value);
            return roi::text("expected ", expected, infinite ? ", and finite" : "", ", found ", word);
        },
        "");
}

}  // namespace

std::string file_problem(const std::string& name) {
    return name.empty() ? "expected a name, found an empty text" : "";
}

bool overflows(const std::string& word) {
    double value = 0.0;
    return word.find_first_of("0123456789") != std::string::npos && CLI::detail::lexical_cast(word, value) &&
           std::isinf(value);
}

bool looks_like_numbers(std::string_view word) {
    return !word.empty() && word.find_first_of("0123456789") != std::string_view::npos &&
           word.find_first_not_of("0123456789+-.eE,") == std::string_view::npos;
}

std::string image_problem(const std::string& name) {
    if (name == "-" || roi::is_image_name(name)) return {};
    return roi::text("expected a name that ends in .nii, .nii.gz, .hdr or .img, or -, found ", name);
}

CLI::Validator at_least_zero() {
    return finite_number([](double value) { return value >= 0.0; }, "0 or more");
}

CLI::Validator above_zero() {
    return finite_number([](double value) { return value > 0.0; }, "a number above 0");
}

CLI::Validator any_number() {
    return finite_number([](double) { return true; }, "a number");
}

std::string in_decimals(std::string& word) {
    // The parser takes 0x10 for 16, and 010 for 8 where a whole number is asked for.
    const auto digits = word.find_first_not_of("+-");
    if (digits == std::string::npos || word[digits] != '0') return {};
    if (word.find_first_of("xXbB") != std::string::npos)
        return "expected a number in decimals, found " + word;
    const auto first = word.find_first_not_of('0', digits);
    const bool followed = first != std::string::npos && word[first] >= '0' && word[first] <= '9';
    word.erase(digits, (followed ? first : std::min(first, word.size()) - 1) - digits);
    return {};
}

std::string not_a_number(const std::string& word) {
    // The parser takes nothing, as of a variable of a shell that is not set, for 0 or for an option that is not given.
    if (word.empty()) return "expected a number, found nothing";
    if (overflows(word)) return "expected a number up to 1.7e308, found " + word;
    const auto from = word.find_first_not_of("+-");
    if (from == std::string::npos || word.size() < from + 3) return {};
    const auto is = [&](std::size_t i, char c) { return (word[from + i] | 0x20) == c; };
    return is(0, 'n') && is(1, 'a') && is(2, 'n') ? "expected a number, found " + word : std::string();
}

std::string not_a_whole_number(const std::string& word) {
    if (looks_like_numbers(word) && word.find_first_of(".eE") != std::string::npos) {
        return "expected a whole number, found " + word;
    }
    // The parser takes what is too large for the largest that there is.
    std::int64_t with_sign = 0;
    std::uint64_t without = 0;
    const char* const begin = word.data() + (word.empty() || word[0] != '+' ? 0 : 1);
    const char* const end = word.data() + word.size();
    const auto read = begin < end && *begin == '-' ? std::from_chars(begin, end, with_sign)
                                                   : std::from_chars(begin, end, without);
    if (read.ec == std::errc::result_out_of_range) return "expected a number of 64 bits, found " + word;
    return not_a_number(word);
}

}  // namespace command
