#include "page.hpp"

#include <roi/core/encoding.hpp>
#include <roi/core/text.hpp>
#include <roi/core/version.hpp>
#include <roi/plot/plot_boxplot.hpp>
#include <roi/plot/plot_stat_map.hpp>

#include "support/report_page.hpp"
#include <algorithm>
#include <cmath>

namespace bids {

namespace {

using report::rounded;

std::string maps_section(const Options& options, const std::vector<GroupMap>& maps) {
    if (maps.empty()) return {};
    std::string out = "<section id=\"maps\">\n<h2>Contrasts</h2>\n";
    for (const auto& map : maps) {
        if (!map.left_out.empty()) {
            out += roi::text("<p class=\"warnings\">", roi::xml_escaped(map.title),
                             ": left out: ", roi::xml_escaped(roi::listed(map.left_out, 10)), "</p>\n");
        }
        if (!map.problem.empty()) {
            out += roi::text("<p class=\"warnings\">", roi::xml_escaped(map.title),
                             ": no test: ", roi::xml_escaped(map.problem), "</p>\n");
            continue;
        }
        const bool survives = map.survivors > 0;
        auto caption = map.title + ". z; ";
        if (options.correction == "none") {
            caption += roi::text("uncorrected p of ", options.alpha, ", two sides: ");
        } else {
            const auto& how = options.correction;
            caption += how == "fdr" ? std::string("false discovery rate")
                       : how == "bonferroni"
                           ? std::string("Bonferroni")
                           : roi::text("family-wise error by ", map.permutations, " permutations");
            caption += roi::text(" of ", options.alpha, ", two sides: ");
        }
        caption += survives ? roi::text(map.survivors, " voxels in ", map.clusters,
                                        " clusters beyond z = ", rounded(map.threshold, 2), ".")
                            : std::string("nothing survives, so all of the map is shown.");
        out += report::figure(
            [&] {
                roi::PlotOptions how;
                if (survives) how.threshold = map.threshold;
                return roi::plot_stat_map(map.z, how);
            },
            "", caption);
    }
    return out + "</section>\n";
}

std::string means_section(const std::vector<ConditionMeans>& all) {
    std::string out;
    for (const auto& means : all) {
        if (means.conditions.empty() || means.regions.empty()) continue;
        constexpr std::size_t most = 6;
        std::vector<roi::BoxPanel> panels;
        for (const auto& [region, values] : means.regions) {
            if (panels.size() == most) break;
            std::vector<roi::ConditionValues> boxes;
            for (std::size_t c = 0; c < values.size(); ++c) boxes.push_back({means.conditions[c], values[c]});
            const bool any =
                std::any_of(boxes.begin(), boxes.end(), [](const auto& box) { return !box.values.empty(); });
            if (any) panels.emplace_back(std::move(boxes), region);
        }
        if (panels.empty()) continue;
        const auto shown = panels.size();
        auto caption = roi::text(means.title, ": means of conditions, a value a subject");
        if (shown < means.regions.size())
            caption += roi::text("; the first ", shown, " of ", means.regions.size(), " regions");
        if (!means.left_out.empty()) {
            caption += roi::text("; left out where the mean of a condition is missing: ",
                                 roi::listed(means.left_out));
        }
        // Wide enough that the numbers of a panel do not reach into the one before it.
        constexpr std::size_t in_a_row = 3;
        for (std::size_t first = 0; first < shown; first += in_a_row) {
            const auto begin = panels.begin() + static_cast<std::ptrdiff_t>(first);
            const auto count = static_cast<std::ptrdiff_t>(std::min(in_a_row, shown - first));
            const std::vector<roi::BoxPanel> row(begin, begin + count);
            out += report::figure(
                [&] {
                    return roi::plot_boxplot(
                        row, {.size = roi::FigureSize{4.0 * static_cast<double>(count), 3.6}});
                },
                "", caption);
        }
    }
    return out.empty() ? out
                       : roi::text("<section id=\"conditions\">\n<h2>Conditions</h2>\n", out, "</section>\n");
}

std::string subject_row(const SubjectRow& row) {
    std::string out = "<tr><th scope=\"row\">sub-" + roi::xml_escaped(row.label) + "</th>";
    const auto cell = [&](const std::string& value) { out.append("<td>").append(value).append("</td>"); };
    const auto total = row.runs + row.failed + row.missing;
    out += roi::text("<td id=\"sub-", roi::xml_escaped(row.label), "\">");
    out.append(row.runs == total ? roi::text(row.runs) : roi::text(row.runs, " of ", total)).append("</td>");
    cell(roi::text(row.volumes));
    cell(roi::text(row.non_finite));
    cell(roi::text(row.lost));
    cell(row.temporal_snr ? rounded(*row.temporal_snr, 1) : std::string("n/a"));
    constexpr std::size_t most = 3;
    std::string remarks;
    for (std::size_t i = 0; i < std::min(most, row.remarks.size()); ++i)
        remarks += (i > 0 ? "<br>" : "") + roi::xml_escaped(row.remarks[i]);
    if (row.remarks.size() > most) remarks += roi::text("<br>and ", row.remarks.size() - most, " more");
    out += "<td class=\"remarks\">" + remarks + "</td></tr>\n";
    return out;
}

/// In a table of a thousand rows nobody finds them.
std::string troubled_subjects(const std::vector<SubjectRow>& subjects) {
    std::vector<std::string> links;
    for (const auto& subject : subjects) {
        if (subject.failed + subject.missing == 0) continue;
        const auto label = roi::xml_escaped(subject.label);
        links.push_back(roi::text("<a href=\"#sub-", label, "\">sub-", label, "</a>"));
    }
    return links.empty() ? std::string() : roi::text("<p>Not complete: ", roi::listed(links, 100), ".</p>\n");
}

}  // namespace

std::string group_page(const Options& options, const std::vector<SubjectRow>& subjects,
                       const std::vector<GroupMap>& maps, const std::vector<ConditionMeans>& means) {
    std::int64_t runs = 0, troubled = 0;
    std::string rows;
    for (const auto& subject : subjects) {
        runs += subject.runs;
        troubled += subject.failed + subject.missing > 0 ? 1 : 0;
        rows += subject_row(subject);
    }
    std::string out =
        "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n"
        "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n"
        "<title>Group report</title>\n<style>";
    out += report::style;
    out +=
        "figure + figure { margin-top: 1.5rem; }\n.quality td, .quality th { white-space: nowrap; }\n"
        ".quality .remarks { white-space: normal; min-width: 16rem; overflow-wrap: anywhere; font-size: "
        ".85rem; }\n</style>\n</head>\n<body>\n<h1>Group report</h1>\n";
    out += roi::text("<p class=\"lead\">", subjects.size(),
                     subjects.size() == 1 ? " subject, " : " subjects, ", runs, runs == 1 ? " run" : " runs",
                     troubled == 0
                         ? std::string(", all complete")
                         : roi::text("; ", troubled, troubled == 1 ? " subject lacks" : " subjects lack",
                                     " one run or more"),
                     ".</p>\n");
    out += troubled_subjects(subjects);
    out += maps_section(options, maps);
    out += means_section(means);
    out +=
        "<section id=\"subjects\">\n<h2>Subjects</h2>\n<div class=\"wide\"><table "
        "class=\"quality\">\n<thead><tr>"
        "<th scope=\"col\">subject</th><th scope=\"col\">runs</th><th scope=\"col\">volumes</th>"
        "<th scope=\"col\">not finite</th><th scope=\"col\">regions lost</th><th scope=\"col\">temporal "
        "SNR</th>"
        "<th scope=\"col\">remarks</th></tr></thead>\n<tbody>\n";
    out += rows;
    out +=
        "</tbody></table></div>\n<p class=\"quiet\">Values that are not finite are counted in regions; the "
        "temporal "
        "SNR is the median over regions of mean over standard deviation before cleaning, of the worst "
        "run.</p>\n"
        "</section>\n";
    out += roi::text("<p class=\"quiet\">Made by roi_bids ", roi::version, ".</p>\n</body>\n</html>\n");
    return out;
}

}  // namespace bids
