// What the pages of reports are made of: sections, tables, drawings; HTML that needs no other file.
#pragma once

#include <roi/core/encoding.hpp>
#include <roi/core/error.hpp>
#include <roi/core/text.hpp>
#include <roi/plot/figure.hpp>

#include "left_out.hpp"
#include "report_style.hpp"
#include <cmath>
#include <cstdio>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

namespace report {

/// A number with a few decimals, for people.
[[nodiscard]] inline std::string rounded(double value, int decimals) {
    if (std::isnan(value)) return "n/a";
    char buffer[64];
    std::snprintf(buffer, sizeof buffer, "%.*f", decimals, value);
    return buffer;
}

/// In place of what cannot be drawn.
[[nodiscard]] inline std::string left_out(std::string_view problem) {
    return roi::text("<p class=\"quiet\">Left out: ", roi::xml_escaped(problem), "</p>");
}

/// A drawing with its caption; where it cannot be drawn, what would be needed: in a program that was built without libpng,
/// for example.
///
/// \param id  of the element; none when empty
[[nodiscard]] inline std::string figure(const std::function<roi::Figure()>& draw, std::string_view id,
                                        std::string_view caption) {
    std::string drawn;
    if (const auto problem = examples::drawing_problem([&] { drawn = draw().svg(); })) {
        drawn = left_out(*problem);
    }
    return roi::text("<figure", id.empty() ? "" : " id=\"", id, id.empty() ? "" : "\"", ">\n", drawn,
                     "<figcaption>", roi::xml_escaped(caption), "</figcaption></figure>\n");
}

/// A table with a heading row, if there is one; cells are escaped here.
///
/// \param kind  `numbers` or `facts`
[[nodiscard]] inline std::string table(std::string_view kind, const std::vector<std::string>& heading,
                                       const std::vector<std::vector<std::string>>& rows) {
    const auto row = [](const std::vector<std::string>& cells, std::string_view first,
                        std::string_view other) {
        std::string out = "<tr>";
        for (std::size_t i = 0; i < cells.size(); ++i) {
            const auto tag = i == 0 ? first : other;
            out += roi::text("<", tag, ">", roi::xml_escaped(cells[i]), "</", tag.substr(0, 2), ">");
        }
        return out + "</tr>\n";
    };
    std::string out = roi::text("<div class=\"wide\"><table class=\"", kind, "\">\n");
    if (!heading.empty()) {
        out += "<thead>" + row(heading, "th scope=\"col\"", "th scope=\"col\"") + "</thead>\n";
    }
    out += "<tbody>";
    for (const auto& cells : rows) out += row(cells, "th scope=\"row\"", "td");
    return out + "</tbody></table></div>\n";
}

[[nodiscard]] inline std::string section(std::string_view id, std::string_view title,
                                         std::string_view content) {
    return roi::text("<section id=\"", id, "\">\n<h2>", title, "</h2>\n", content, "</section>\n");
}

/// What was told while the results were made.
[[nodiscard]] inline std::string warnings(const std::vector<std::string>& lines) {
    if (lines.empty()) return section("warnings", "Warnings", "<p>None.</p>\n");
    std::string list = "<ul>\n";
    for (const auto& line : lines) list += "<li>" + roi::xml_escaped(line) + "</li>\n";
    return "<div class=\"warnings\">" + section("warnings", "Warnings", list + "</ul>\n") + "</div>\n";
}

/// The whole page around its content.
[[nodiscard]] inline std::string page(std::string_view title, std::string_view content) {
    return roi::text(
        "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n"
        "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n"
        "<meta name=\"color-scheme\" content=\"light dark\">\n<link rel=\"icon\" href=\"data:,\">\n<title>",
        roi::xml_escaped(title), "</title>\n<style>", style, "</style>\n</head>\n<body>\n<main>\n", content,
        "</main>\n</body>\n</html>\n");
}

}  // namespace report
