#include "report.hpp"

#include <boost/version.hpp>
#include <zlib.h>

#include <roi/core/encoding.hpp>
#include <roi/core/version.hpp>
#include <roi/image/logical.hpp>
#include <roi/io/gzip.hpp>
#include <roi/plot/colormap.hpp>
#include <roi/plot/plot_boxplot.hpp>
#include <roi/regions/regions.hpp>

#include "support/json.hpp"
#include "support/report_page.hpp"
#include <algorithm>
#include <cmath>
#include <cstdint>
#include <cstdio>
#include <string_view>

namespace report {

namespace {

/// What was looked for and found, in two sentences.
std::string lead(const notebook::Settings& settings, const notebook::Results& results) {
    using roi::text;
    const auto kept = roi::count(results.kept != 0.0);
    std::string found = text("In ", kept, " of ", results.kept.size(), " voxels ", settings.first, " and ",
                             settings.second, " differ with -log10 p of ", settings.threshold, " or more");
    if (settings.mask) found += text("; ", roi::count(results.intersection), " of them lie in the mask");
    found += results.count == 0
                 ? std::string(". No voxel survives the threshold and the mask: the atlas is empty.")
                 : text(". Dilated by one voxel they make ", results.count,
                        results.count == 1 ? " region." : " regions.");
    return "<p class=\"lead\">" + roi::xml_escaped(found) + "</p>\n";
}

std::string regions(const notebook::Settings& settings, const notebook::Results& results,
                    const roi::Column& conditions) {
    if (results.count == 0) return "<p>There are none.</p>\n";
    std::vector<std::vector<std::string>> rows;
    for (const auto& region : notebook::summarise(settings, results, conditions)) {
        double peak = 0.0;
        for (std::int64_t i = 0; i < results.atlas.size(); ++i) {
            if (results.atlas[i] == region.label) peak = std::max(peak, results.log_p[i]);
        }
        rows.push_back({roi::text(region.label), roi::text(region.voxels), rounded(region.volume, 0),
                        rounded(region.centre[0], 1), rounded(region.centre[1], 1),
                        rounded(region.centre[2], 1), rounded(peak, 2), rounded(region.difference, 3)});
    }
    return table("numbers",
                 {"label", "voxels", "mm\xc2\xb3", "x (mm)", "y (mm)", "z (mm)", "largest -log10 p",
                  settings.first + " - " + settings.second},
                 rows) +
           "<p class=\"quiet\">Coordinates are those of the centre; the last column is the difference of the "
           "mean signals.</p>\n";
}

/// Box plots of the first two regions, and the means of all in a table.
std::string conditions_of_regions(const notebook::Results& results, const roi::Column& conditions) {
    if (results.count == 0) return "<p>There are no regions.</p>\n";
    std::string out = "<div class=\"figures\">\n";
    std::int64_t volumes = 0;
    std::size_t number = 0;
    for (auto& panel : pictures::box_panels(results.signals, conditions)) {
        volumes = panel.table.values.rows();
        const auto name = roi::text("boxplot_", ++number);
        out += figure(
            [&] {
                return roi::plot_boxplot(std::vector<roi::BoxPanel>{panel},
                                         {.size = roi::FigureSize{6.5, 5.0}});
            },
            name,
            roi::text("Region ", number, ", the first ", volumes,
                      " volumes of each condition: median, quartiles, whiskers to 1.5 times "
                      "their distance, single volumes beyond."));
    }
    out += "</div>\n";

    const auto named = conditions.renamed("scrambledpix", "scrambled");
    std::vector<std::string> heading{"label"};
    std::vector<std::vector<std::string>> rows;
    for (Eigen::Index column = 0; column < results.signals.cols(); ++column) {
        const auto values = roi::condition_table(results.signals.col(column), named);
        if (column == 0) heading.insert(heading.end(), values.names.begin(), values.names.end());
        std::vector<std::string> row{roi::text(column + 1)};
        for (Eigen::Index c = 0; c < values.values.cols(); ++c)
            row.push_back(rounded(values.values.col(c).mean(), 3));
        rows.push_back(std::move(row));
    }
    return out + "<p>Mean signal of every region over these volumes:</p>\n" + table("numbers", heading, rows);
}

std::string parameters(const notebook::Settings& settings, const notebook::Results& results,
                       const roi::Column& conditions, const Details& details) {
    using roi::text;
    std::string counts;
    for (const auto& name : conditions.unique())
        counts += text(counts.empty() ? "" : ", ", name, " ", (conditions == name).count());
    return table(
        "facts", {},
        {{"Run", settings.bold},
         {"Labels", settings.labels},
         {"Mask", settings.mask.value_or("none")},
         {"Grid", results.mean.grid().to_string()},
         {"Volumes", text(conditions.size())},
         {"Conditions", counts},
         {"Contrast", settings.first + " - " + settings.second},
         {"Smoothing", text(settings.fwhm[0], " mm full width at half maximum")},
         {"Test", "Student's t of two independent samples, two-sided"},
         {"Threshold", text(settings.threshold, " on -log10 p, which is clipped at ", settings.clip)},
         {"Dilation", "one voxel along each axis"},
         {"Mode", details.mode}});
}

std::string versions_and_time(const Details& details) {
    using roi::text;
    std::vector<std::vector<std::string>> rows {
        {"roi", roi::version},
#if defined(__VERSION__) && defined(__clang__)
            {"compiler", __VERSION__},
#elif defined(__VERSION__)
            {"compiler", "GCC " __VERSION__},
#endif
            {"Eigen", text(EIGEN_WORLD_VERSION, ".", EIGEN_MAJOR_VERSION, ".", EIGEN_MINOR_VERSION)},
            {"Boost",
             text(BOOST_VERSION / 100000, ".", BOOST_VERSION / 100 % 1000, ".", BOOST_VERSION % 100)},
            {"zlib", zlibVersion()}, {
            "gzip by", roi::has_isal() ? "ISA-L" : "zlib"
        }
    };
    for (const auto& [what, seconds] : details.seconds) rows.push_back({what, rounded(seconds, 2) + " s"});
    return table("facts", {}, rows);
}

/// Values as a list in JSON, with six digits.
std::string numbers(const Eigen::Ref<const Eigen::VectorXd>& values) {
    std::string out;
    char buffer[32];
    for (const double value : values) {
        const bool finite = std::isfinite(value);
        std::snprintf(buffer, sizeof buffer, "%.6g", finite ? value : 0.0);
        out += (out.empty() ? "" : ",");
        out += finite ? buffer : "null";
    }
    return roi::text("[", out, "]");
}

/// What the view's script is told.
std::string view_data(const notebook::Settings& settings, const notebook::Results& results,
                      const roi::Column& conditions, viewer::Kind kind) {
    using roi::text;
    constexpr Eigen::Index most_courses = 200;
    std::vector<std::string> labels, colors, signals, blocks, inverse, cut;
    const auto map = roi::Colormap::gist_ncar();
    for (const auto label : roi::region_labels(results.atlas)) {
        const auto place = static_cast<Eigen::Index>(labels.size());
        // Neighbouring labels get colours far apart: steps of the golden ratio round the map.
        const auto color = map(0.1 + 0.8 * std::fmod(static_cast<double>(place) * 0.618033988749895, 1.0));
        labels.push_back(text(label));
        colors.push_back(text("[", int{color.red}, ",", int{color.green}, ",", int{color.blue}, "]"));
        if (place < most_courses) signals.push_back(numbers(results.signals.col(place)));
    }
    std::int64_t start = 0;
    for (std::int64_t frame = 1; frame <= conditions.size(); ++frame) {
        if (frame < conditions.size() && conditions[frame] == conditions[start]) continue;
        if (conditions[start] == settings.first || conditions[start] == settings.second) {
            blocks.push_back(
                text("[", start, ",", frame - start, ",", conditions[start] == settings.first ? 0 : 1, "]"));
        }
        start = frame;
    }
    const auto& grid = results.mean.grid();
    const auto origin = grid.voxel(roi::Point(0.0, 0.0, 0.0));
    roi::Point axes[3];
    for (int axis = 0; axis < 3; ++axis) axes[axis] = grid.voxel(roi::Point::Unit(axis)) - origin;
    for (int row = 0; row < 3; ++row) {
        inverse.push_back(
            json::array(std::vector<double>{axes[0][row], axes[1][row], axes[2][row], origin[row]}));
    }
    const auto place = *pictures::place_of_interest(results).positions();
    json::Object out;
    out.add("kind", kind == viewer::Kind::module ? "\"module\"" : "\"script\"");
    out.add("first", json::text(roi::clean_text(settings.first)));
    out.add("second", json::text(roi::clean_text(settings.second)));
    out.add("threshold", json::number(std::clamp(settings.threshold, 0.0, settings.clip)));
    out.add("top", json::number(settings.clip));
    double darkest = 0.0, brightest = 1.0;
    for (const double value : results.mean) {
        if (!std::isfinite(value)) continue;
        darkest = std::min(darkest, value);
        brightest = std::max(brightest, value);
    }
    out.add("mean", json::array(std::vector<double>{darkest, brightest}));
    out.add("cut", json::array(place));
    out.add("inverse", json::list(inverse));
    out.add("labels", json::list(labels));
    out.add("colors", json::list(colors));
    out.add("signals", json::list(signals));
    out.add("blocks", json::list(blocks));
    return out.text();
}

std::string view_section(const std::string& data, const View& view) {
    const auto block = [](std::string_view id, const std::string& base64) {
        return roi::text("<script type=\"text/plain\" id=\"", id, "\">", base64, "</script>\n");
    };
    return roi::text(
        "<section id=\"view\" class=\"view\">\n<h2>Look around</h2>", viewer::markup,
        "<details class=\"quiet\"><summary>The view is drawn by niivue</summary><pre>", viewer::licence,
        "</pre></details>\n</section>\n", block("image-mean", viewer::base64(view.mean)),
        block("image-map", viewer::base64(view.log_p)), block("image-atlas", viewer::base64(view.atlas)),
        block("view-data", viewer::base64(viewer::gzipped(data))),
        block("view-code", viewer::base64(viewer::gzipped(view.code.text))), "<script>", viewer::script,
        "</script>\n");
}

}  // namespace

std::string html(const notebook::Settings& settings, const notebook::Results& results,
                 const roi::Column& conditions, const Details& details, const std::optional<View>& view) {
    std::string out = roi::text("<h1>Regions of interest: ", roi::xml_escaped(settings.first), " - ",
                                roi::xml_escaped(settings.second), "</h1>\n");
    out += lead(settings, results);
    if (!details.warnings.empty()) out += warnings(details.warnings);
    out += section("regions", "Regions", regions(settings, results, conditions));
    if (view) out += view_section(view_data(settings, results, conditions, view->code.kind), *view);
    std::string figures = "<div class=\"figures\">\n";
    for (const auto& picture : details.pictures) {
        if (picture.name != pictures::names.back())
            figures += figure([&] { return picture.figure; }, picture.name, picture.caption);
    }
    out += section("figures", "Step by step", figures + "</div>\n");
    out += section("conditions", "Signal per condition", conditions_of_regions(results, conditions));
    out += section("parameters", "Parameters", parameters(settings, results, conditions, details));
    if (details.warnings.empty()) out += warnings({});
    out += section("versions", "Versions and time", versions_and_time(details));
    return page(roi::text(settings.first, " - ", settings.second, ": regions of interest"), out);
}

}  // namespace report
