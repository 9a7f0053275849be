// Tables in JSON: an array with an object a row, as roi and pandas (`orient="records"`) write them.
#pragma once

#include <roi/core/encoding.hpp>
#include <roi/core/error.hpp>
#include <roi/core/text.hpp>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace roi::detail {

/// Does a text start as an array of objects, or an empty array, does?
[[nodiscard]] inline bool starts_as_json_rows(std::string_view content) {
    constexpr std::string_view blanks = " \t\r\n";
    const auto first = content.find_first_not_of(blanks);
    if (first == std::string_view::npos || content[first] != '[') return false;
    const auto second = content.find_first_not_of(blanks, first + 1);
    return second != std::string_view::npos && (content[second] == '{' || content[second] == ']');
}

/// Reads the rows; what is missing or null is `n/a`, true and false are these words, numbers stay as they are written.
class JsonRows {
public:
    std::vector<std::string> names;                ///< of columns, as they come up
    std::vector<std::vector<std::string>> values;  ///< of each column

    /// \param path  for messages
    /// \throws FileError bad_format where it is no array of objects of texts, numbers, truths and nulls
    JsonRows(std::string_view content, const std::string& path) : rest_(content), path_(path) {
        expect('[', "an array of rows");
        if (!next_is(']')) {
            do {
                row();
            } while (next_is(','));
            expect(']', "a comma or the end of the array");
        }
        skip_blanks();
        if (!rest_.empty()) fail("more text behind the array");
    }

private:
    void row() {
        expect('{', "an object for the row");
        if (!next_is('}')) {
            do {
                const auto name = string();
                expect(':', "a colon behind the name");
                auto& column = values[column_of(name)];
                if (column.size() > rows_) fail(text("\"", name, "\" twice in one row"));
                column.push_back(value());
            } while (next_is(','));
            expect('}', "a comma or the end of the object");
        }
        ++rows_;
        for (auto& column : values) column.resize(rows_, "n/a");
    }

    [[nodiscard]] std::size_t column_of(const std::string& name) {
        const auto known = std::find(names.begin(), names.end(), name);
        if (known == names.end()) {
            names.push_back(name);
            values.emplace_back(rows_, "n/a");
            return names.size() - 1;
        }
        return static_cast<std::size_t>(known - names.begin());
    }

    [[nodiscard]] std::string value() {
        skip_blanks();
        if (rest_.substr(0, 1) == "\"") return string();
        if (rest_.substr(0, 1) == "{" || rest_.substr(0, 1) == "[") fail("a value that holds values");
        const auto end = std::min(rest_.find_first_of(",}] \t\r\n"), rest_.size());
        std::string word(rest_.substr(0, end));
        rest_.remove_prefix(end);
        if (word == "null" || word == "NaN") return "n/a";
        if (word == "true" || word == "false") return word;
        const bool number = !word.empty() && word.find_first_not_of("+-.0123456789eE") == std::string::npos &&
                            word.find_first_of("0123456789") != std::string::npos;
        if (!number && word != "Infinity" && word != "-Infinity") {
            fail(text("\"", word, "\", which is no value"));
        }
        return word == "Infinity" ? "inf" : word == "-Infinity" ? "-inf" : word;
    }

    [[nodiscard]] std::string string() {
        expect('"', "a text in quotes");
        std::string out;
        while (!rest_.empty()) {
            const char c = take();
            if (c == '"') return out;
            if (c != '\\') {
                out += c;
                continue;
            }
            if (rest_.empty()) break;
            constexpr std::string_view codes = "\"\\/bfnrt", meanings = "\"\\/\b\f\n\r\t";
            const char code = take();
            const auto known = codes.find(code);
            if (code == 'u') {
                append_code_point(out, code_point());
            } else if (known != std::string_view::npos && code != 'b') {
                out += meanings[known];
            } else {
                fail(text("\\", code, " in a text"));
            }
        }
        fail("a text whose quotes do not end");
    }

    [[nodiscard]] std::uint32_t four_digits() {
        std::uint32_t out = 0;
        for (int i = 0; i < 4; ++i) {
            const char c = rest_.empty() ? '"' : take();
            const bool digit = c >= '0' && c <= '9';
            const char lower = c >= 'A' && c <= 'F' ? static_cast<char>(c + 32) : c;
            if (!digit && !(lower >= 'a' && lower <= 'f')) fail("\\u without four hexadecimal digits");
            out = out * 16 + static_cast<std::uint32_t>(digit ? c - '0' : lower - 'a' + 10);
        }
        return out;
    }

    /// One character, which may be two halves; a half alone is the sign for what cannot be read.
    [[nodiscard]] std::uint32_t code_point() {
        constexpr std::uint32_t unreadable = 0xFFFD;
        const auto first = four_digits();
        if (first < 0xD800 || first > 0xDFFF) return first;
        if (first > 0xDBFF || rest_.substr(0, 2) != "\\u") return unreadable;
        rest_.remove_prefix(2);
        const auto second = four_digits();
        if (second < 0xDC00 || second > 0xDFFF) return unreadable;
        return 0x10000 + ((first - 0xD800) << 10) + (second - 0xDC00);
    }

    void append_code_point(std::string& out, std::uint32_t code) const {
        // As in any other table: bytes of no text.
        if (code == 0x7F || code < '\t' || (code > '\r' && code < 0x20))
            fail("a control character in a text");
        const auto byte = [&](std::uint32_t value) { out += static_cast<char>(value); };
        if (code < 0x80) {
            byte(code);
        } else if (code < 0x800) {
            byte(0xC0 | code >> 6);
            byte(0x80 | (code & 63));
        } else if (code < 0x10000) {
            byte(0xE0 | code >> 12);
            byte(0x80 | (code >> 6 & 63));
            byte(0x80 | (code & 63));
        } else {
            byte(0xF0 | code >> 18);
            byte(0x80 | (code >> 12 & 63));
            byte(0x80 | (code >> 6 & 63));
            byte(0x80 | (code & 63));
        }
    }

    void skip_blanks() { rest_.remove_prefix(std::min(rest_.find_first_not_of(" \t\r\n"), rest_.size())); }
    [[nodiscard]] char take() {
        const char c = rest_.front();
        rest_.remove_prefix(1);
        return c;
    }
    /// Takes a character if it comes next.
    [[nodiscard]] bool next_is(char c) {
        skip_blanks();
        if (rest_.empty() || rest_.front() != c) return false;
        rest_.remove_prefix(1);
        return true;
    }
    void expect(char c, std::string_view what) {
        if (!next_is(c)) fail(rest_.empty() ? std::string("the end") : text('"', rest_.front(), '"'), what);
    }

    [[noreturn]] void fail(std::string_view found,
                           std::string_view expected = "texts, numbers or null") const {
        throw FileError(ErrorCode::bad_format, path_,
                        text("row ", rows_ + 1, " of the JSON array: expected ", expected, ", found ",
                             visible_text(found)));
    }

    std::string_view rest_;
    const std::string& path_;
    std::size_t rows_ = 0;
};

}  // namespace roi::detail
