#include "parse.hpp"

#include <roi/core/error.hpp>
#include <roi/core/text.hpp>
#include <roi/io/load.hpp>
#include <roi/io/save.hpp>

#include "command.hpp"
#include <algorithm>
#include <charconv>
#include <cmath>
#include <locale>
#include <optional>
#include <sstream>

namespace command {

namespace {

/// The words of `--connectivity` and what other programs have in their place: how many neighbours there are.
std::optional<roi::Connectivity> connectivity_of(const std::string& word) {
    if (word == "faces" || word == "6") return roi::Connectivity::faces;
    if (word == "edges" || word == "18") return roi::Connectivity::edges;
    if (word == "corners" || word == "26") return roi::Connectivity::corners;
    return std::nullopt;
}

}  // namespace

roi::Connectivity connectivity(const std::string& word) {
    if (const auto known = connectivity_of(word)) return *known;
    throw UsageError(
        roi::text("--connectivity: expected faces, edges or corners (6, 18 or 26 neighbours), found ", word));
}

bool is_structure_file(const std::string& word) { return roi::is_image_name(word) || is_pipe(word); }

roi::Structure structure(Session& session, const std::string& word, const roi::Grid& grid,
                         std::string_view option) {
    if (const auto known = connectivity_of(word)) return *known;
    constexpr std::string_view ball = "ball:";
    if (word.compare(0, ball.size(), ball) == 0) {
        std::istringstream digits(word.substr(ball.size()));
        digits.imbue(std::locale::classic());
        double mm = 0.0;
        if (digits >> mm && digits.peek() == std::istringstream::traits_type::eof() && mm >= 0.0) {
            return roi::Structure::ball(mm, grid);
        }
    }
    if (is_structure_file(word)) {
        const auto image = roi::load<bool>(session.input(word));
        return {image.shape(), std::vector<bool>(image.begin(), image.end())};
    }
    throw UsageError(roi::text(
        option,
        ": expected faces, edges, corners (or 6, 18, 26), ball:MM with 0 mm or more, or an image, found ",
        word));
}

std::array<std::int64_t, 3> whole_three(std::string_view option, const std::vector<double>& values) {
    const auto numbers = three(option, values, false);
    std::array<std::int64_t, 3> out{};
    for (std::size_t axis = 0; axis < 3; ++axis) {
        if (std::trunc(numbers[axis]) != numbers[axis] || std::abs(numbers[axis]) > 1e9) {
            throw UsageError(roi::text(option, ": expected whole numbers, found ", numbers[axis]));
        }
        out[axis] = static_cast<std::int64_t>(numbers[axis]);
    }
    return out;
}

namespace {

/// Numbers and ranges; a list of labels may hold numbers below 0.
std::vector<std::int64_t> numbers_and_ranges(std::string_view option, std::string_view list, bool labels) {
    std::vector<std::int64_t> out;
    const auto wrong = [&](std::string_view part) {
        return UsageError(
            roi::text(option, ": expected numbers and ranges as in 0,2,5-9, found \"", part, "\""));
    };
    // More than any run has, so a matter of the data.
    const auto beyond = [&](std::string_view part) {
        return roi::InvalidArgument(roi::text(
            option, ": ", part, labels ? " is more than labels are" : " lies beyond the volumes of any run"));
    };
    const auto number = [&](std::string_view part, std::string_view digits) {
        std::int64_t value = 0;
        const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), value);
        if (error == std::errc::result_out_of_range) throw beyond(digits);
        if (error != std::errc() || end != digits.data() + digits.size() || (value < 0 && !labels)) {
            throw wrong(part);
        }
        return value;
    };
    for (const auto part : list_parts(list)) {
        if (part.empty()) {
            throw UsageError(
                roi::text(option, ": expected a number on either side of a comma, found \"", list, "\""));
        }
        // The minus that a label begins with is none between two.
        const auto dash = part.find('-', labels ? 1 : 0);
        if (dash == std::string_view::npos) {
            out.push_back(number(part, part));
            continue;
        }
        const auto from = number(part, part.substr(0, dash)), to = number(part, part.substr(dash + 1));
        if (to < from) throw wrong(part);
        if (to - from > 100'000'000) throw beyond(part);
        for (auto value = from; value <= to; ++value) out.push_back(value);
    }
    if (out.empty()) throw wrong(list);
    return out;
}

}  // namespace

std::vector<std::string_view> list_parts(std::string_view list) {
    constexpr std::string_view blanks = " \t";
    std::vector<std::string_view> out;
    for (bool more = false;;) {
        list.remove_prefix(std::min(list.find_first_not_of(blanks), list.size()));
        if (list.empty()) {
            if (more) out.emplace_back();
            return out;
        }
        out.push_back(list.substr(0, list.find_first_of(", \t")));
        list.remove_prefix(out.back().size());
        list.remove_prefix(std::min(list.find_first_not_of(blanks), list.size()));
        more = !list.empty() && list.front() == ',';
        if (more) list.remove_prefix(1);
    }
}

std::vector<std::int64_t> indices(std::string_view option, std::string_view list) {
    return numbers_and_ranges(option, list, false);
}

std::vector<std::int64_t> label_numbers(std::string_view option, std::string_view list) {
    return numbers_and_ranges(option, list, true);
}

std::array<double, 3> three(std::string_view option, const std::vector<double>& values, bool one) {
    for (const double value : values) {
        if (!std::isfinite(value)) throw UsageError(roi::text(option, ": expected numbers, found ", value));
    }
    if (values.size() == 3) return {values[0], values[1], values[2]};
    if (values.size() == 1 && one) return {values[0], values[0], values[0]};
    throw UsageError(roi::text(option, ": expected ", one ? "one number or three" : "three numbers",
                               ", found ", values.size()));
}

std::string picture_problem(const std::string& name) {
    auto suffix = name.size() > 4 ? name.substr(name.size() - 4) : std::string();
    for (char& c : suffix) {
        if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
    }
    if (suffix == ".svg" || suffix == ".png") return {};
    return roi::text("a picture is written as .svg or .png, found \"", name, "\"");
}

}  // namespace command
