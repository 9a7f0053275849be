// Numbers as text, quickly: what tables of millions of numbers spend their time on.
#pragma once

#include <algorithm>
#include <array>
#include <bit>
#include <charconv>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <string>
#include <string_view>

namespace roi::detail {

/// A text that grows, written to without a call for each number.
class TextRoom {
public:
    /// Where the next characters go: at least so many may be written there.
    [[nodiscard]] char* room(std::size_t count) {
        if (text_.size() - size_ < count) text_.resize(std::max(2 * text_.size(), size_ + count + 256));
        return text_.data() + size_;
    }
    /// Says where what was written into the room ends.
    void end_at(const char* end) { size_ = static_cast<std::size_t>(end - text_.data()); }
    void append(std::string_view text) {
        std::copy(text.begin(), text.end(), room(text.size()));
        size_ += text.size();
    }
    void append(char c) {
        *room(1) = c;
        ++size_;
    }
    [[nodiscard]] std::string_view view() const { return std::string_view(text_).substr(0, size_); }
    [[nodiscard]] std::size_t size() const { return size_; }
    /// Forgets what comes after so many characters.
    void cut(std::size_t size) { size_ = size; }

private:
    std::string text_;
    std::size_t size_ = 0;
};

/// Powers of ten that fit into 64 bits.
inline constexpr auto powers_of_ten = [] {
    std::array<std::uint64_t, 20> out{1};
    for (std::size_t i = 1; i < out.size(); ++i) out[i] = 10 * out[i - 1];
    return out;
}();

/// Of a number above 0.
[[nodiscard]] inline int count_digits(std::uint64_t value) {
    const int about = (64 - std::countl_zero(value)) * 1233 >> 12;  // log10 of 2 is about 1233 / 4096
    return about + (value >= powers_of_ten[static_cast<std::size_t>(about)] ? 1 : 0);
}

/// The eight digits of a number below 10^8, the first in the lowest byte: several divisions at once, in parts of one word.
[[nodiscard]] inline std::uint64_t eight_digits(std::uint32_t value) {
    const std::uint64_t fours = value / 10000 | static_cast<std::uint64_t>(value % 10000) << 32;
    const std::uint64_t hundreds = fours * 10486 >> 20 & 0x7F0000007F;  // 10486 / 2^20 is about 1 / 100
    const std::uint64_t twos = hundreds + ((fours - 100 * hundreds) << 16);
    const std::uint64_t tens = twos * 103 >> 10 & 0x000F000F000F000F;  // 103 / 2^10 is about 1 / 10
    return tens + ((twos - 10 * tens) << 8);
}

/// Writes digits as `eight_digits` gives them. \param skip  how many of the first are left out
inline void put_eight(char* to, std::uint64_t digits, int skip = 0) {
    digits = (digits + 0x3030303030303030) >> 8 * skip;
    if constexpr (std::endian::native == std::endian::big) digits = __builtin_bswap64(digits);
    std::memcpy(to, &digits, sizeof digits);
}

/// The digits of a number below 10^17, without zeros before them.
class Digits {
public:
    explicit Digits(std::uint64_t value) : count_(count_digits(value)) {
        const auto upper = value / 100000000;
        all_[0] = static_cast<char>('0' + upper / 100000000);
        put_eight(all_.data() + 1, eight_digits(static_cast<std::uint32_t>(upper % 100000000)));
        put_eight(all_.data() + 9, eight_digits(static_cast<std::uint32_t>(value % 100000000)));
    }
    [[nodiscard]] int count() const { return count_; }
    /// Writes those from number `from` on and something behind them, 17 characters: more than there are is quicker than so
    /// many.
    void put(char* to, int from = 0) const { std::memcpy(to, all_.data() + 17 - count_ + from, 17); }

private:
    std::array<char, 34> all_{};
    int count_;
};

#ifdef __SIZEOF_INT128__

/// digits * 10^exponent
struct Decimal {
    std::uint64_t digits = 0;
    int exponent = 0;
};

/// The shortest decimal that reads back as c 2^q, of those the closest.
///
/// \param c  more than 2^52, less than 2^53: above and below it the next numbers are equally far
/// \param q  from -61 to -3, so that all is exact in 128 bits
///
/// Raffaello Giulietti, The Schubfach way to render doubles (2020): with k = floor(log10 2^q) at most one multiple of
/// 10^(k+1) lies in the interval that is read as c 2^q; where none does, it is a multiple of 10^k.
[[nodiscard]] inline Decimal shortest_decimal(std::uint64_t c, int q) {
    __extension__ using Wide = unsigned __int128;
    const int k = q * 315653 >> 20;  // log10 of 2 is about 315653 / 2^20
    const std::uint64_t power = powers_of_ten[static_cast<std::size_t>(-k)];
    // In units of 10^k / 4. What is cut off leaves a last bit, so that comparisons with even numbers stay exact.
    const Wide exact = static_cast<Wide>(4 * c) * power, half = static_cast<Wide>(power) * 2;
    const auto cut = [q](Wide wide) {
        const auto upper = static_cast<std::uint64_t>(wide >> 64), lower = static_cast<std::uint64_t>(wide);
        return upper << (64 + q) | lower >> -q | (lower << (64 + q) != 0 ? 1U : 0U);
    };
    const std::uint64_t value = cut(exact);
    // Of two numbers equally near the even one is read, so the ends count.
    const std::uint64_t low = cut(exact - half) + c % 2, high = cut(exact + half) - c % 2;
    const auto inside = [&](std::uint64_t decimal) { return low <= 4 * decimal && 4 * decimal <= high; };
    const std::uint64_t below = value / 4, tens = below / 10;
    const bool down = inside(10 * tens), up = inside(10 * tens + 10);
    const std::uint64_t middle = 4 * below + 2;
    const bool nearer = value < middle || (value == middle && below % 2 == 0);
    const bool lower = inside(below) && (nearer || !inside(below + 1));
    const bool shorter = down != up;
    Decimal out{shorter ? tens + (down ? 0 : 1) : below + (lower ? 0 : 1), k + (shorter ? 1 : 0)};
    while (out.digits % 10 == 0) {
        if (out.digits % 100000000 == 0) {
            out.digits /= 100000000;
            out.exponent += 8;
        } else {
            out.digits /= 10;
            ++out.exponent;
        }
    }
    return out;
}

#endif

/// Room that every number needs.
inline constexpr std::size_t most_of_number = 40;

/// Writes a number in its shortest exact form, as `std::to_chars` does.
/// \param to  room for `most_of_number`
/// \returns   where it ends
inline char* write_number(char* to, double value) {
    const auto size = value < 0.0 ? -value : value;
    // Beyond 15 digits, and from five zeros at the end, the shortest form may be another one: 1e+05. Below 0.001, too.
    if (size >= 0.002 && size < 1e15) {
        const auto whole = static_cast<std::uint64_t>(size);
        if (static_cast<double>(whole) == size) {
            if (whole % 100000 != 0) {
                if (value < 0.0) *to++ = '-';
                if (whole < 100000000) {
                    const auto digits = eight_digits(static_cast<std::uint32_t>(whole));
                    const int zeros = std::countr_zero(digits) / 8;
                    put_eight(to, digits, zeros);
                    return to + 8 - zeros;
                }
                const Digits digits(whole);
                digits.put(to);
                return to + digits.count();
            }
        } else {
#ifdef __SIZEOF_INT128__
            const auto bits = std::bit_cast<std::uint64_t>(size);
            const std::uint64_t fraction = bits & 0xFFFFFFFFFFFFF;
            if (fraction != 0) {  // below a power of 2 numbers lie closer than above it
                if (value < 0.0) *to++ = '-';
                const auto decimal =
                    shortest_decimal(fraction | 0x10000000000000, static_cast<int>(bits >> 52) - 1075);
                const Digits digits(decimal.digits);
                const int before = digits.count() + decimal.exponent;
                if (before > 0) {
                    digits.put(to);
                    to[before] = '.';
                    digits.put(to + before + 1, before);
                    return to + digits.count() + 1;
                }
                std::fill_n(to, 6, '0');
                to[1] = '.';
                digits.put(to + 2 - before);
                return to + 2 - before + digits.count();
            }
#endif
        }
    }
    return std::to_chars(to, to + most_of_number, value).ptr;
}

}  // namespace roi::detail
