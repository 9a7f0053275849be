// Names of regions, by the number that an atlas has in its voxels.
#pragma once

#include <roi/core/encoding.hpp>
#include <roi/core/error.hpp>
#include <roi/core/text.hpp>
#include <roi/table/table.hpp>

#include <algorithm>
#include <array>
#include <charconv>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace roi {

/// The names of an atlas's regions: number to name, ascending.
class RegionNames {
public:
    using Entry = std::pair<std::int64_t, std::string>;

    RegionNames() = default;

    /// \param entries  numbers and names in any order
    /// \throws InvalidArgument when a number stands twice, or a name is empty or holds a tab or a line end
    explicit RegionNames(std::vector<Entry> entries) : entries_(std::move(entries)) {
        std::stable_sort(entries_.begin(), entries_.end(),
                         [](const Entry& a, const Entry& b) { return a.first < b.first; });
        for (std::size_t i = 0; i < entries_.size(); ++i) {
            if (i > 0 && entries_[i].first == entries_[i - 1].first) {
                throw InvalidArgument(text("names: number ", entries_[i].first, " has two names, \"",
                                           entries_[i - 1].second, "\" and \"", entries_[i].second, "\""));
            }
            if (entries_[i].second.empty() ||
                entries_[i].second.find_first_of("\t\r\n") != std::string::npos) {
                throw InvalidArgument(text("names: number ", entries_[i].first,
                                           " needs a name without tabs and line ends, found \"",
                                           entries_[i].second, "\""));
            }
        }
    }

    [[nodiscard]] std::size_t size() const { return entries_.size(); }
    [[nodiscard]] bool empty() const { return entries_.empty(); }
    [[nodiscard]] auto begin() const { return entries_.begin(); }
    [[nodiscard]] auto end() const { return entries_.end(); }

    /// The name of a number; null when it has none. Valid as long as this object.
    [[nodiscard]] const std::string* find(std::int64_t number) const {
        const auto at = std::lower_bound(entries_.begin(), entries_.end(), number,
                                         [](const Entry& a, std::int64_t b) { return a.first < b; });
        return at != entries_.end() && at->first == number ? &at->second : nullptr;
    }

    /// The name of a number, `label_N` when it has none: what tables call a region.
    [[nodiscard]] std::string operator[](std::int64_t number) const {
        const auto* name = find(number);
        return name ? *name : text("label_", number);
    }

    /// The number of a name.
    /// \throws InvalidArgument when there is no such name, listing those there are, or when two numbers have it
    [[nodiscard]] std::int64_t number(std::string_view name) const {
        std::vector<std::int64_t> found;
        for (const auto& [number, its_name] : entries_) {
            if (its_name == name) found.push_back(number);
        }
        if (found.size() == 1) return found.front();
        if (!found.empty()) {
            throw InvalidArgument(
                text("names: \"", name, "\" is the name of ", listed(found), "; use the number"));
        }
        std::vector<std::string> names;
        for (const auto& entry : entries_) names.push_back(entry.second);
        throw InvalidArgument(text("names: no region is called \"", name, "\"; ",
                                   names.empty() ? "there are no names" : "there are: ", listed(names)));
    }

    friend bool operator==(const RegionNames&, const RegionNames&) = default;

private:
    std::vector<Entry> entries_;
};

/// Says which regions have no name, and which names no region has; nothing where there are no names at all.
///
/// \param names       of regions
/// \param numbers     of the regions there are, ascending
/// \param warning     told of either with how many and the first few
/// \param background  the number that is no region, which may have a name all the same
inline void warn_of_names(const RegionNames& names, const std::vector<std::int64_t>& numbers,
                          const WarningHandler& warning, std::int64_t background = 0) {
    if (names.empty() || !warning) return;
    constexpr std::size_t few = 5;
    std::vector<std::string> without, unused;
    for (const auto number : numbers) {
        if (!names.find(number)) without.push_back(text(number));
    }
    for (const auto& [number, name] : names) {
        if (number == background || std::binary_search(numbers.begin(), numbers.end(), number)) continue;
        unused.push_back(text(number, " \"", visible_text(name), '"'));
    }
    if (!without.empty()) {
        warning(text("names: ", without.size(), " of ", numbers.size(),
                     numbers.size() == 1 ? " region" : " regions", without.size() == 1 ? " has" : " have",
                     " no name: ", listed(without, few)));
    }
    if (!unused.empty()) {
        warning(text("names: ", unused.size(), " of ", names.size(), names.size() == 1 ? " name" : " names",
                     unused.size() == 1 ? " is that of no region: " : " are those of no region: ",
                     listed(unused, few)));
    }
}

namespace detail {

/// A name as it stands in a file.
struct NamedLine {
    std::int64_t number = 0;
    std::string name;
    std::int64_t line = 0;
};

/// Checks names together and orders them.
/// \param same_names  two numbers may have one name
/// \param place       what `line` counts
[[nodiscard]] inline RegionNames checked_names(std::vector<NamedLine> lines, const std::string& path,
                                               bool same_names, std::string_view place = "line") {
    const auto refuse_equal = [&](auto less, auto what, std::string_view mend = {}) {
        std::sort(lines.begin(), lines.end(), [&](const NamedLine& a, const NamedLine& b) {
            return less(a, b) || (!less(b, a) && a.line < b.line);
        });
        for (std::size_t i = 1; i < lines.size(); ++i) {
            if (less(lines[i - 1], lines[i])) continue;
            throw FileError(ErrorCode::bad_format, path,
                            text(place, ' ', lines[i].line, ": ", what(lines[i]), " stands in ", place, ' ',
                                 lines[i - 1].line, " already", mend));
        }
    };
    refuse_equal([](const NamedLine& a, const NamedLine& b) { return a.number < b.number; },
                 [](const NamedLine& line) { return text("number ", line.number); });
    // A value that is missing, null in JSON, is no name.
    lines.erase(
        std::remove_if(lines.begin(), lines.end(), [](const NamedLine& line) { return line.name == "n/a"; }),
        lines.end());
    if (lines.empty()) {
        throw FileError(ErrorCode::bad_format, path, "expected names of regions, found none");
    }
    for (const auto& line : lines) {
        if (!line.name.empty() && line.name.find_first_of("\t\r\n") == std::string::npos) continue;
        throw FileError(
            ErrorCode::bad_format, path,
            text(place, ' ', line.line, ": number ", line.number,
                 " needs a name without tabs and line ends, found \"", visible_text(line.name), "\""));
    }
    if (!same_names) {
        refuse_equal([](const NamedLine& a, const NamedLine& b) { return a.name < b.name; },
                     [](const NamedLine& line) { return text("name \"", visible_text(line.name), "\""); },
                     "; give each number a name of its own");
    }
    std::vector<RegionNames::Entry> entries;
    for (auto& line : lines) entries.emplace_back(line.number, std::move(line.name));
    return RegionNames(std::move(entries));
}

/// A whole number, which may be written 3.0; 64 bits less one at each end.
[[nodiscard]] inline std::optional<std::int64_t> whole_number(std::string_view field) {
    if (const auto point = field.find('.'); point != std::string_view::npos && point > 0) {
        if (field.find_first_not_of('0', point + 1) != std::string_view::npos) return std::nullopt;
        field = field.substr(0, point);
    }
    std::int64_t out = 0;
    const auto [end, error] = std::from_chars(field.data(), field.data() + field.size(), out);
    if (error != std::errc{} || end != field.data() + field.size()) return std::nullopt;
    using Limits = std::numeric_limits<std::int64_t>;
    if (out == Limits::max() || out == Limits::min()) return std::nullopt;
    return out;
}

/// Does a field look like a number, whole or not?
[[nodiscard]] inline bool numeric(std::string_view field) {
    return field.find_first_not_of("+-.0123456789eE") == std::string_view::npos &&
           field.find_first_of("0123456789") != std::string_view::npos;
}

/// Where a column stands, in letters of any case; the number of columns where there is none.
[[nodiscard]] inline std::size_t column_of(const std::vector<std::string>& columns, std::string_view name) {
    const auto at = std::find_if(columns.begin(), columns.end(),
                                 [&](const std::string& column) { return lower_case(column) == name; });
    return static_cast<std::size_t>(at - columns.begin());
}

/// Have these columns the names of regions: `index` and `name`, or `name`, `x`, `y` and `z` as centres of spheres have?
[[nodiscard]] inline bool has_names(const std::vector<std::string>& columns) {
    const auto has = [&](std::string_view name) { return column_of(columns, name) < columns.size(); };
    return has("name") && (has("index") || (has("x") && has("y") && has("z")));
}

/// Names in a table that has them: places are numbered from 1, unless all have whole numbers in a column `label`, as tables of
/// regions do.
[[nodiscard]] inline RegionNames names_of_rows(TableRows rows, const std::string& path) {
    const auto values_of = [&](std::string_view name) {
        const auto at = column_of(rows.names, name);
        return at < rows.values.size() ? &rows.values[at] : nullptr;
    };
    auto& names = *values_of("name");
    const auto *numbers = values_of("index"), *const labels = values_of("label");
    // Spreadsheets write rows without anything, too.
    std::vector<std::size_t> filled;
    for (std::size_t row = 0; row < names.size(); ++row) {
        const auto is_empty = [row](const auto& column) { return column[row].empty(); };
        if (!std::all_of(rows.values.begin(), rows.values.end(), is_empty)) filled.push_back(row);
    }
    const auto is_whole = [&](std::size_t row) { return whole_number((*labels)[row]).has_value(); };
    if (!numbers && labels && std::all_of(filled.begin(), filled.end(), is_whole)) numbers = labels;
    std::vector<NamedLine> found;
    for (const auto row : filled) {
        const auto number = numbers ? whole_number((*numbers)[row]) : static_cast<std::int64_t>(row) + 1;
        if (!number) {
            throw FileError(
                ErrorCode::bad_format, path,
                text(rows.place, ' ', rows.places[row], ": expected a whole number in column index, found \"",
                     visible_text((*numbers)[row].substr(0, 80)), '"'));
        }
        found.push_back({*number, std::move(names[row]), rows.places[row]});
    }
    return checked_names(std::move(found), path, !numbers, rows.place);
}

/// Name files of text whose lines begin with a number.
class NameLines {
public:
    /// \param number  of the first line
    NameLines(std::string_view content, const std::string& path, std::int64_t number) : path_(path) {
        for (; !content.empty(); ++number) {
            const auto line = next_line(content);
            const auto words = trimmed(line, " \t");
            if (words.empty() || words[0] == '#') continue;
            read(line, number);
        }
    }

    [[nodiscard]] RegionNames result() && {
        if (form_ == Form::two_columns) leave_out_codes();
        // FreeSurfer's own table has thousands of lines for every purpose, and some names twice.
        return checked_names(std::move(found_), path_, form_ == Form::freesurfer);
    }

private:
    enum class Form {
        unknown,
        freesurfer,   ///< number, name, red, green, blue, alpha; the name may hold blanks
        colours,      ///< FSLeyes: number, red, green, blue, name
        itk_snap,     ///< number, red, green, blue, alpha, visible, mesh, name
        two_columns,  ///< number, name
    };

    [[noreturn]] void fail(std::int64_t line, std::string_view expected, std::string_view found) const {
        throw FileError(ErrorCode::bad_format, path_,
                        text("line ", line, ": expected ", expected, ", found \"",
                             visible_text(found.substr(0, 80)), "\""));
    }

    void read(std::string_view line, std::int64_t number) {
        const auto words = words_of(line);
        if (form_ == Form::unknown) form_ = form_of(words);
        read_words(trimmed(line, " \t"), words, number);
    }

    /// Does a line end with four shares of colours behind a name?
    static bool is_freesurfer(const std::vector<std::string_view>& words) {
        if (words.size() < 6) return false;
        return std::all_of(words.end() - 4, words.end(), [](std::string_view word) {
            const auto value = whole_number(word);
            return value && *value >= 0 && *value <= 255;
        });
    }

    static Form form_of(const std::vector<std::string_view>& words) {
        const auto numbers = [&](std::size_t first, std::size_t last) {
            for (; first < last; ++first) {
                if (!numeric(words[first])) return false;
            }
            return true;
        };
        if (words.size() >= 8 && numbers(1, 7)) return Form::itk_snap;
        if (words.size() >= 5 && numbers(1, 4)) return Form::colours;
        if (is_freesurfer(words)) return Form::freesurfer;
        return Form::two_columns;
    }

    void read_words(std::string_view line, const std::vector<std::string_view>& words, std::int64_t number) {
        const auto first = line.substr(0, line.find_first_of(" \t,"));
        const auto index = whole_number(first);
        if (!index) {
            fail(number,
                 found_.empty() ? "a header line with index and name, or a whole number and a name"
                                : "a whole number and a name",
                 line);
        }
        std::string_view name;
        if (form_ == Form::two_columns) {
            name = trimmed(line.substr(first.size()), " \t");
            if (name.substr(0, 1) == ",") name = trimmed(name.substr(1), " \t");
        } else if (form_ == Form::freesurfer) {
            if (!is_freesurfer(words)) fail(number, "number, name, red, green, blue and alpha", line);
            const auto& last = *(words.end() - 5);
            name = std::string_view(words[1].data(),
                                    static_cast<std::size_t>(last.data() + last.size() - words[1].data()));
        } else if (const std::size_t before = form_ == Form::colours ? 4 : 7; words.size() > before) {
            name = line.substr(static_cast<std::size_t>(words[before].data() - line.data()));
        }
        auto whole = without_quotes(name);
        if (whole.empty()) fail(number, "a name after the number", line);
        found_.push_back({*index, std::move(whole), number});
    }

    /// A name in quotes without them; quotes that belong to it stand twice then.
    static std::string without_quotes(std::string_view name) {
        if (name.size() < 2 || name.front() != '"' || name.back() != '"') return std::string(name);
        std::string out;
        for (std::size_t i = 1; i + 1 < name.size(); ++i) {
            out += name[i];
            if (name.substr(i, 2) == "\"\"" && i + 2 < name.size()) ++i;
        }
        return out;
    }

    /// Cuts off what follows the name in every line: after a tab anything, after a name without blanks numbers, as the codes of
    /// AAL, `7 Frontal_Mid_L 2201`. Numbers that tell names apart are parts of names: `1 Area 17`, `2 Area 18`.
    void leave_out_codes() {
        for (auto& line : found_) {
            if (const auto tab = line.name.find('\t'); tab != std::string::npos) {
                line.name = std::string(trimmed(line.name.substr(0, tab), " "));
            }
        }
        if (found_.size() < 2) return;
        std::vector<std::string> names, codes;
        for (const auto& line : found_) {
            const auto words = words_of(line.name);
            const bool fits = words.size() > 1 && !numeric(words[0]) &&
                              std::all_of(words.begin() + 1, words.end(), numeric);
            if (!fits) return;
            names.emplace_back(words[0]);
            codes.push_back(joined(std::vector(words.begin() + 1, words.end()), " "));
        }
        const auto differ = [](std::vector<std::string> texts) {
            std::sort(texts.begin(), texts.end());
            return std::adjacent_find(texts.begin(), texts.end()) == texts.end();
        };
        if (!differ(names) || !differ(codes)) return;
        for (std::size_t i = 0; i < names.size(); ++i) found_[i].name = std::move(names[i]);
    }

    std::string path_;
    Form form_ = Form::unknown;
    std::vector<NamedLine> found_;
};

/// Names in XML: FSL's atlases, `<label index="3" ...>Name</label>`, and AAL's, with elements index and name.
///
/// Only what such files need of XML: tags, attributes, comments, character references.
class NamesXml {
public:
    NamesXml(std::string_view content, const std::string& path) : rest_(content), path_(path) {
        while (!rest_.empty()) {
            const auto text = take_until("<");
            if (field_) field_->append(unescaped(text));
            if (rest_.empty()) break;
            if (skip("!--", "-->") || skip("?", "?>")) continue;
            if (rest_.substr(0, 8) == "![CDATA[") {
                rest_.remove_prefix(8);
                const auto raw = take_until("]]>");
                if (field_) field_->append(raw);
                continue;
            }
            if (skip("!", ">")) continue;
            read_tag(take_until(">"));
        }
        if (in_label_) fail(label_line_, "the end of this label", "the end of the file");
        if (found_.empty()) {
            throw FileError(ErrorCode::bad_format, path_,
                            "expected names of regions in elements label, found none");
        }
    }

    [[nodiscard]] RegionNames result() && {
        const bool labels = lower_case(trimmed(type_, blanks)) == "label";
        for (std::size_t i = 0; i < found_.size(); ++i) {
            // A probabilistic atlas counts its volumes from 0; its summary of labels has the number of the volume and 1.
            if (in_attribute_[i] && !labels) ++found_[i].number;
        }
        return checked_names(std::move(found_), path_, false);
    }

private:
    static constexpr std::string_view blanks = " \t\r\n";

    [[noreturn]] void fail(std::int64_t line, std::string_view expected, std::string_view found) const {
        throw FileError(
            ErrorCode::bad_format, path_,
            text("line ", line, ": expected ", expected, ", found ", visible_text(found.substr(0, 80))));
    }

    /// The text before `end`, which is passed over.
    std::string_view take_until(std::string_view end) {
        const auto at = rest_.find(end);
        const auto out = rest_.substr(0, at);
        line_ += std::count(out.begin(), out.end(), '\n');
        rest_.remove_prefix(at == std::string_view::npos ? rest_.size() : at + end.size());
        return out;
    }

    bool skip(std::string_view begin, std::string_view end) {
        if (rest_.substr(0, begin.size()) != begin) return false;
        (void)take_until(end);
        return true;
    }

    void read_tag(std::string_view tag) {
        const bool closes = tag.substr(0, 1) == "/";
        const bool alone = !tag.empty() && tag.back() == '/';
        if (closes) tag.remove_prefix(1);
        const auto name = tag.substr(0, tag.find_first_of(" \t\r\n/"));
        if (name == "label" && !closes) {
            if (in_label_) fail(line_, text("the end of the label of line ", label_line_), "another label");
            label_line_ = line_;
            in_label_ = !alone;
            index_ = attribute(tag, "index");
            index_given_ = !index_.empty();
            name_.clear();
            field_ = alone ? nullptr : &name_;
            if (alone) add();
        } else if (name == "label") {
            if (in_label_) add();
            in_label_ = false;
            field_ = nullptr;
        } else if (name == "type" && !in_label_) {
            field_ = closes || alone ? nullptr : &type_;
        } else if (in_label_ && !index_given_ && (name == "index" || name == "name")) {
            field_ = closes ? &other_ : name == "index" ? &index_ : &name_;
            field_->clear();
        }
    }

    void add() {
        const auto index = whole_number(trimmed(index_, blanks));
        if (!index) fail(label_line_, "a whole number as the label's index", text("\"", index_, "\""));
        found_.push_back({*index, joined(words_of(one_line(name_)), " "), label_line_});
        in_attribute_.push_back(index_given_);
    }

    static std::string one_line(std::string out) {
        for (char& c : out) c = blanks.find(c) != std::string_view::npos ? ' ' : c;
        return out;
    }

    /// The value of an attribute; empty when the tag has none of that name.
    static std::string attribute(std::string_view tag, std::string_view name) {
        // The tag begins with its own name.
        for (auto at = tag.find(name, 1); at != std::string_view::npos; at = tag.find(name, at + 1)) {
            if (blanks.find(tag[at - 1]) == std::string_view::npos) continue;
            auto rest = trimmed(tag.substr(at + name.size()), blanks);
            if (rest.substr(0, 1) != "=") continue;
            rest = trimmed(rest.substr(1), blanks);
            if (rest.empty() || (rest[0] != '"' && rest[0] != '\'')) continue;
            return unescaped(rest.substr(1, rest.find(rest[0], 1) - 1));
        }
        return {};
    }

    /// Text with `&amp;`, `&#233;` and their like replaced.
    static std::string unescaped(std::string_view text) {
        constexpr std::array<std::pair<std::string_view, char>, 5> named{
            {{"amp", '&'}, {"lt", '<'}, {"gt", '>'}, {"quot", '"'}, {"apos", '\''}}};
        std::string out;
        for (;;) {
            const auto at = text.find('&');
            out.append(text.substr(0, at));
            if (at == std::string_view::npos) return out;
            text.remove_prefix(at);
            const auto end = text.substr(0, 12).find(';');
            const auto entity = text.substr(1, end == std::string_view::npos ? 0 : end - 1);
            const auto known = std::find_if(named.begin(), named.end(),
                                            [&](const auto& pair) { return pair.first == entity; });
            std::size_t used = end + 1;
            if (known != named.end()) {
                out += known->second;
            } else if (!append_character(out, entity)) {
                out += '&';  // no reference that is known: as it stands
                used = 1;
            }
            text.remove_prefix(used);
        }
    }

    /// The character of `#233` or `#xE9` in UTF-8; false when it is none that text may have.
    static bool append_character(std::string& out, std::string_view entity) {
        if (entity.substr(0, 1) != "#") return false;
        entity.remove_prefix(1);
        const bool hexadecimal = entity.substr(0, 1) == "x";
        if (hexadecimal) entity.remove_prefix(1);
        std::uint32_t code = 0;
        const auto [end, error] =
            std::from_chars(entity.data(), entity.data() + entity.size(), code, hexadecimal ? 16 : 10);
        if (error != std::errc{} || end != entity.data() + entity.size() || code < 0x20 || code == 0x7f ||
            code > 0x10ffff || (code >= 0xd800 && code < 0xe000)) {
            return false;
        }
        append_utf8(out, code);
        return true;
    }

    std::string_view rest_;
    std::string path_;
    std::int64_t line_ = 1;
    std::string* field_ = nullptr;  ///< where text goes
    std::string type_, index_, name_, other_;
    bool in_label_ = false;
    bool index_given_ = false;  ///< as an attribute
    std::int64_t label_line_ = 0;
    std::vector<NamedLine> found_;
    std::vector<bool> in_attribute_;
};

/// The text in UTF-8: XML that says so may be in Latin-1.
/// \throws FileError for any other bytes, naming the line
[[nodiscard]] inline std::string names_in_utf8(std::string content, const std::string& path) {
    const auto at = first_wrong_byte(content);
    if (at == content.size()) return content;
    const auto declared = lower_case(content.substr(0, std::min<std::size_t>(content.find("?>"), 200)));
    if (declared.find("<?xml") != std::string::npos &&
        (declared.find("iso-8859-1") != std::string::npos || declared.find("latin1") != std::string::npos)) {
        return utf8_or_latin1(std::move(content));
    }
    constexpr std::string_view digits = "0123456789abcdef";
    const auto byte = static_cast<unsigned char>(content[at]);
    const auto line =
        1 + std::count(content.begin(), content.begin() + static_cast<std::ptrdiff_t>(at), '\n');
    throw FileError(
        ErrorCode::bad_format, path,
        text("line ", line, ": expected names in UTF-8, found the byte 0x", digits[byte >> 4],
             digits[byte & 15U], ", as files in Latin-1 have; convert it, as with iconv -f LATIN1 -t UTF-8"));
}

[[nodiscard]] inline RegionNames parse_names(std::string_view content, const std::string& path) {
    if (content.substr(0, 3) == "\xEF\xBB\xBF") content.remove_prefix(3);
    if (trimmed(content, " \t\r\n").substr(0, 1) == "<") return NamesXml(content, path).result();
    if (starts_as_json(content)) {
        auto rows = JsonRows(content, path).result();
        if (has_names(rows.names)) return names_of_rows(std::move(rows), path);
        throw FileError(
            ErrorCode::bad_format, path,
            text("expected objects with index and name, found ",
                 rows.names.empty() ? std::string("none") : visible_text(listed(rows.names, 10))));
    }
    std::int64_t line = 1;
    for (auto rest = content; !rest.empty(); content = rest, ++line) {
        const auto words = trimmed(next_line(rest), " \t");
        if (words.empty() || words[0] == '#') continue;
        if (lower_case(words).find("name") == std::string::npos) break;
        if (!has_names(RowReader(content, path, line).row(separator_of(content)))) break;
        return names_of_rows(table_rows(content, path, {.header = true}, line), path);
    }
    return NameLines(content, path, line).result();
}

}  // namespace detail

/// Reads the names of an atlas's regions.
///
/// \param path  one of: a BIDS table with columns `index` and `name` (any case, other columns are passed over), also in JSON;
///              a FreeSurfer colour table, number, name, which may hold blanks, and four whole numbers from 0 to 255; a look-up table of FSLeyes (number, red,
///              green, blue, name) or ITK-SNAP; an atlas of FSL in XML, or AAL's; a table, also in JSON, with columns
///              `name`, `x`, `y` and `z`, as of centres of spheres, numbered from 1, or by whole numbers in `label`, as of
///              regions; or two columns, a whole number and a name that may hold blanks. The content decides, not the file's name; it may be compressed
/// \returns     the names by number
/// \throws FileError  as `read_table`; bad_format, naming the line, when a number or a name is missing or stands
///                    twice, both lines then (names of FreeSurfer's own tables may), nothing is named, or bytes are not UTF-8
///                    where XML does not declare Latin-1
///
/// In FSL's XML the number of a region is its index and 1, as in the summary image of the atlas, but the index itself
/// where the atlas's type is Label. What follows the second of two columns is passed over behind a tab, and where all names are
/// one word each, what follows are numbers, as the codes of AAL, and neither stand twice.
/// Empty lines and, but among the rows of BIDS tables, those that begin with # are passed
/// over; `n/a`, null in JSON, is no name; others are kept as they stand, `NA` too, but in BIDS tables without the quotes around them. Memory: the file and its names.
[[nodiscard]] inline RegionNames read_names(const std::string& path) {
    return detail::parse_names(detail::names_in_utf8(detail::read_text(path), path), path);
}

}  // namespace roi
