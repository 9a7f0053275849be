// The results of a run as one page of HTML that needs nothing else.
#pragma once

#include <roi/roi.hpp>

#include "notebook.hpp"
#include <cstdio>
#include <string>
#include <string_view>
#include <vector>

namespace report {

/// Text made safe inside HTML.
inline std::string escaped(std::string_view text) {
    std::string out;
    for (const char c : text) {
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
            default:
                out += c;
        }
    }
    return out;
}

/// A number with a few decimals, for people.
inline std::string rounded(double value, int decimals) {
    char buffer[64];
    std::snprintf(buffer, sizeof buffer, "%.*f", decimals, value);
    return buffer;
}

/// A table with a heading row; cells are escaped here.
inline std::string table(const std::vector<std::string>& heading,
                         const std::vector<std::vector<std::string>>& rows) {
    const auto row = [](const std::vector<std::string>& cells, std::string_view tag) {
        std::string out = "<tr>";
        for (const auto& cell : cells) out += roi::detail::text("<", tag, ">", escaped(cell), "</", tag, ">");
        return out + "</tr>\n";
    };
    std::string out = "<div class=\"wide\"><table>\n" + row(heading, "th");
    for (const auto& cells : rows) out += row(cells, "td");
    return out + "</table></div>\n";
}

/// Mean signal of every region in every condition, over the volumes that the notebook's tables hold.
inline std::string condition_means(const notebook::Results& results, const roi::Column& conditions) {
    const auto named = conditions.renamed("scrambledpix", "scrambled");
    std::vector<std::string> heading{"label"};
    std::vector<std::vector<std::string>> rows;
    for (Eigen::Index column = 0; column < results.signals.cols(); ++column) {
        const auto values = roi::condition_table(results.signals.col(column), named);
        if (column == 0) heading.insert(heading.end(), values.names.begin(), values.names.end());
        std::vector<std::string> row{roi::detail::text(column + 1)};
        for (Eigen::Index c = 0; c < values.values.cols(); ++c)
            row.push_back(rounded(values.values.col(c).mean(), 3));
        rows.push_back(std::move(row));
    }
    return table(heading, rows);
}

/// The whole page.
inline std::string html(const notebook::Settings& settings, const notebook::Results& results,
                        const roi::Column& conditions, double seconds) {
    std::vector<std::vector<std::string>> regions;
    for (const auto& region : notebook::summarise(settings, results, conditions)) {
        regions.push_back({roi::detail::text(region.label), roi::detail::text(region.voxels),
                           rounded(region.volume, 0), rounded(region.centre[0], 1),
                           rounded(region.centre[1], 1), rounded(region.centre[2], 1),
                           rounded(region.difference, 3)});
    }
    const std::vector<std::vector<std::string>> parameters{
        {"run", settings.bold},
        {"labels", settings.labels},
        {"mask", settings.mask.value_or("none")},
        {"grid", results.mean.grid().to_string()},
        {"volumes", roi::detail::text(conditions.size())},
        {"contrast", settings.first + " - " + settings.second},
        {"smoothing", rounded(settings.fwhm[0], 2) + " mm FWHM"},
        {"threshold",
         rounded(settings.threshold, 2) + " on -log10 p, clipped at " + rounded(settings.clip, 0)},
        {"voxels at the threshold", roi::detail::text(roi::count(results.kept != 0.0))},
        {"of them in the mask", roi::detail::text(roi::count(results.intersection))},
        {"after dilation", roi::detail::text(roi::count(results.dilated))},
        {"time", rounded(seconds, 2) + " s"},
        {"roi", roi::version},
    };
    std::string out =
        "<!DOCTYPE html>\n<html lang=\"en\"><head><meta charset=\"utf-8\">\n"
        "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n"
        "<title>Regions of interest</title>\n<style>\n"
        ":root { color-scheme: light dark; }\n"
        "body { font: 16px/1.5 system-ui, sans-serif; max-width: 60rem; margin: 2rem auto; padding: 0 1rem; "
        "}\n"
        ".wide { overflow-x: auto; }\n"
        "table { border-collapse: collapse; font-variant-numeric: tabular-nums; }\n"
        "th, td { text-align: left; padding: .2rem .8rem .2rem 0; border-bottom: 1px solid #8886; "
        "overflow-wrap: anywhere; }\n"
        "</style></head><body>\n<h1>Regions of interest</h1>\n";
    out += "<h2>Parameters</h2>\n" + table({"what", "value"}, parameters);
    out += "<h2>Regions</h2>\n";
    if (results.count == 0) {
        out += "<p>No voxel survives the threshold and the mask: the atlas is empty.</p>\n";
    } else {
        out += table({"label", "voxels", "mm\xc2\xb3", "x (mm)", "y (mm)", "z (mm)",
                      "mean " + settings.first + " - " + settings.second},
                     regions);
        out += "<h2>Mean signal per condition</h2>\n" + condition_means(results, conditions);
    }
    return out + "</body></html>\n";
}

}  // namespace report
