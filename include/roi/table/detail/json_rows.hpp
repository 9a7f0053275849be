// Tables in JSON: an array with an object a row, as roi and pandas (`orient="records"`) write them, or an object a line.
#pragma once

#include <roi/core/encoding.hpp>
#include <roi/core/error.hpp>
#include <roi/core/text.hpp>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <iterator>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace roi::detail {

/// What the text of a table holds.
struct TableRows {
    std::vector<std::string> names;                ///< of columns, from left to right or as they come up
    std::vector<std::vector<std::string>> values;  ///< of each column
    std::vector<std::int64_t> places;              ///< of each row: the line that it starts on, or its number
    std::string_view place = "line";               ///< what they count
    bool named = true;                             ///< are those the names of the text, not of places?
};

/// Does a text start as JSON with rows does, in whatever form? A header line may start with a bracket, too.
[[nodiscard]] inline bool starts_as_json(std::string_view content) {
    constexpr std::string_view blanks = " \t\r\n";
    const auto first = content.find_first_not_of(blanks);
    if (first == std::string_view::npos || (content[first] != '[' && content[first] != '{')) return false;
    const auto second = content.find_first_not_of(blanks, first + 1);
    if (second == std::string_view::npos) return false;
    const std::string_view starts = content[first] == '[' ? "{][\"" : "\"}";
    return starts.find(content[second]) != std::string_view::npos;
}

/// Reads the rows; what is missing or null is `n/a`, true and false are these words, numbers stay as they are written.
class JsonRows {
public:
    /// \param path  for messages
    /// \throws FileError bad_format where it is no array or lines of objects of texts, numbers, truths and nulls
    JsonRows(std::string_view content, const std::string& path) : rest_(content), path_(path) {
        rows_.place = "row";
        array_ = next_is('[');
        if (!array_ || !next_is(']')) {
            do {
                row();
            } while (array_ ? next_is(',') : !at_end());
            if (array_) expect(']', "a comma or the end of the array");
        }
        if (!at_end()) fail("more text behind the array");
    }

    [[nodiscard]] TableRows result() && { return std::move(rows_); }

private:
    void row() {
        expect('{', "an object for the row", as_records);
        if (!next_is('}')) {
            do {
                const auto name = string();
                expect(':', "a colon behind the name");
                auto& column = rows_.values[column_of(name)];
                if (column.size() > rows_.places.size()) fail(text("\"", name, "\" twice in one row"));
                column.push_back(value());
            } while (next_is(','));
            expect('}', "a comma or the end of the object");
        }
        rows_.places.push_back(row_number());
        for (auto& column : rows_.values) column.resize(rows_.places.size(), "n/a");
    }

    [[nodiscard]] std::size_t column_of(const std::string& name) {
        auto& names = rows_.names;
        const auto known = std::find(names.begin(), names.end(), name);
        if (known != names.end()) return static_cast<std::size_t>(known - names.begin());
        names.push_back(name);
        rows_.values.emplace_back(rows_.places.size(), "n/a");
        return names.size() - 1;
    }

    [[nodiscard]] std::string value() {
        skip_blanks();
        if (rest_.substr(0, 1) == "\"") return string();
        if (rest_.substr(0, 1) == "{" || rest_.substr(0, 1) == "[")
            fail("a value that holds values", one_value, as_records);
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
                append_utf8(out, code_point());
            } else if (known != std::string_view::npos && code != 'b') {
                out += meanings[known];
            } else {
                fail(text("\\", code, " in a text"));
            }
        }
        fail("a text whose quotes do not end");
    }

    [[nodiscard]] char32_t four_digits() {
        char32_t out = 0;
        for (int i = 0; i < 4; ++i) {
            const char c = rest_.empty() ? '"' : take();
            const bool digit = c >= '0' && c <= '9';
            const char lower = c >= 'A' && c <= 'F' ? static_cast<char>(c + 32) : c;
            if (!digit && !(lower >= 'a' && lower <= 'f')) fail("\\u without four hexadecimal digits");
            out = out * 16 + static_cast<char32_t>(digit ? c - '0' : lower - 'a' + 10);
        }
        return out;
    }

    /// One character, which may be written as two halves.
    [[nodiscard]] char32_t code_point() {
        const auto start = rest_;
        const auto within = [](char32_t code, char32_t low) { return code >= low && code < low + 0x400; };
        auto code = four_digits();
        if (within(code, 0xD800) && rest_.substr(0, 2) == "\\u") {
            rest_.remove_prefix(2);
            const auto second = four_digits();
            if (within(second, 0xDC00)) code = 0x10000 + ((code - 0xD800) << 10) + (second - 0xDC00);
        }
        if (within(code, 0xD800) || within(code, 0xDC00))
            fail(text("half of a character, \\u", start.substr(0, 4), ", without its other half"));
        // As in any other table: bytes of no text.
        if (code == 0x7F || code < '\t' || (code > '\r' && code < 0x20))
            fail("a control character in a text");
        return code;
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
    [[nodiscard]] bool at_end() {
        skip_blanks();
        return rest_.empty();
    }
    void expect(char c, std::string_view what, std::string_view mend = {}) {
        if (next_is(c)) return;
        fail(rest_.empty() ? std::string("the end") : text('"', rest_.front(), '"'), what, mend);
    }

    [[nodiscard]] std::int64_t row_number() const { return std::ssize(rows_.places) + 1; }

    [[noreturn]] void fail(std::string_view found, std::string_view expected = one_value,
                           std::string_view mend = {}) const {
        throw FileError(ErrorCode::bad_format, path_,
                        text("row ", row_number(), array_ ? " of the JSON array" : " of the JSON lines",
                             ": expected ", expected, ", found ", visible_text(found), mend));
    }

    static constexpr std::string_view one_value = "texts, numbers or null";
    static constexpr std::string_view as_records =
        "; a table in JSON is an array with an object a row, as pandas writes with orient=\"records\"";

    std::string_view rest_;
    const std::string& path_;
    bool array_ = false;
    TableRows rows_;
};

}  // namespace roi::detail
