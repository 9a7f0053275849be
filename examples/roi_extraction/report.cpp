#include "report.hpp"

#include <boost/version.hpp>
#include <zlib.h>

#include <roi/core/encoding.hpp>
#include <roi/core/version.hpp>
#include <roi/image/logical.hpp>
#include <roi/io/gzip.hpp>
#include <roi/plot/colormap.hpp>
#include <roi/plot/plot_boxplot.hpp>
#include <roi/plot/plot_event_average.hpp>
#include <roi/signals/condition_average.hpp>

#include "support/json.hpp"
#include "support/left_out.hpp"
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
    if (results.signals.columns.empty()) return "<p>There are none.</p>\n";
    const bool named = !results.names.empty();
    std::vector<std::vector<std::string>> rows;
    for (const auto& region : notebook::summarise(settings, results, conditions)) {
        std::vector<std::string> row{roi::text(region.label)};
        if (named) row.push_back(region.name);
        for (auto cell : {roi::text(region.voxels), rounded(region.volume, 0), rounded(region.centre[0], 1),
                          rounded(region.centre[1], 1), rounded(region.centre[2], 1), rounded(region.peak, 2),
                          rounded(region.difference, 3)}) {
            row.push_back(std::move(cell));
        }
        rows.push_back(std::move(row));
    }
    std::vector<std::string> heading{"label"};
    if (named) heading.emplace_back("name");
    for (const char* title : {"voxels", "mm\xc2\xb3", "x (mm)", "y (mm)", "z (mm)", "largest -log10 p"})
        heading.emplace_back(title);
    heading.push_back(settings.first + " - " + settings.second);
    return table("numbers", heading, rows) +
           "<p class=\"quiet\">Coordinates are those of the centre; the last column is the difference of the "
           "signals' means.</p>\n";
}

/// Box plots and courses of the first two regions, and the means of all in a table.
std::string conditions_of_regions(const notebook::Settings& settings, const notebook::Results& results,
                                  const roi::Column& conditions) {
    if (results.signals.columns.empty()) return "<p>There are no regions.</p>\n";
    std::string out = "<div class=\"figures\">\n";
    std::vector<roi::BoxPanel> panels;
    if (const auto problem =
            examples::drawing_problem([&] { panels = pictures::box_panels(results, conditions); }))
        out += left_out(*problem);
    std::size_t number = 0;
    for (auto& panel : panels) {
        const auto& column = results.signals.columns[number];
        const auto name = roi::text("boxplot_", ++number);
        const auto who =
            results.names.find(column.id) ? results.names[column.id] : roi::text("Region ", column.id);
        out += figure(
            [&] {
                return roi::plot_boxplot(std::vector<roi::BoxPanel>{panel},
                                         {.size = roi::FigureSize{6.5, 5.0}});
            },
            name,
            roi::text(who,
                      ", all volumes of each condition: median, quartiles, whiskers to 1.5 times "
                      "their distance, single volumes beyond."));
    }
    if (const auto average = pictures::event_averages(settings, results, conditions)) {
        out += figure([&] { return roi::plot_event_average(*average); }, "event_averages",
                      pictures::event_caption(settings));
    }
    out += "</div>\n";

    // A row a region, a column a condition; of means of what has been cleaned there is no percent change.
    const auto means =
        roi::condition_means(results.signals, conditions.renamed("scrambledpix", "scrambled"),
                             {.warning = settings.cleans() ? roi::WarningHandler() : settings.warning});
    std::vector<std::string> heading{"region"};
    std::vector<std::vector<std::string>> rows;
    for (std::size_t i = 0; i < means.size(); ++i) {
        if (i == 0 || means[i].region != means[i - 1].region) rows.push_back({means[i].region});
        if (rows.size() == 1) heading.push_back(means[i].condition);
        rows.back().push_back(settings.cleans() ? rounded(means[i].mean, 3)
                                                : roi::text(rounded(means[i].mean, 3), " (",
                                                            rounded(means[i].percent_change, 2), " %)"));
    }
    return out +
           roi::text("<p>Mean signal of every region in every condition",
                     settings.cleans() ? "" : ", and its percent change from the mean of all volumes",
                     ":</p>\n") +
           table("numbers", heading, rows);
}

std::string parameters(const notebook::Settings& settings, const notebook::Results& results,
                       const roi::Column& conditions, const Details& details) {
    using roi::text;
    std::string counts;
    for (const auto& name : conditions.unique())
        counts += text(counts.empty() ? "" : ", ", name, " ", (conditions == name).count());
    std::vector<std::vector<std::string>> rows{
        {"Run", settings.bold},
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
        {"Mode", details.mode}};
    if (settings.atlas) rows.push_back({"Atlas", *settings.atlas});
    if (settings.names) rows.push_back({"Names", *settings.names});
    rows.push_back({"Signal of a region", settings.statistic});
    if (settings.detrend) rows.push_back({"Trend", "mean and linear trend subtracted"});
    if (settings.standardize == roi::Standardize::psc) rows.push_back({"Scale", "percent change"});
    if (settings.standardize == roi::Standardize::zscore_sample) rows.push_back({"Scale", "z scores"});
    return table("facts", {}, rows);
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
    std::vector<std::string> labels, names, colors, signals, blocks, inverse, cut;
    const auto map = roi::Colormap::gist_ncar();
    const auto& columns = results.signals.columns;
    for (std::size_t place = 0; place < columns.size(); ++place) {
        const auto color = map.of_region(place);
        labels.push_back(text(columns[place].id));
        names.push_back(json::text(roi::clean_text(columns[place].name)));
        colors.push_back(text("[", int{color.red}, ",", int{color.green}, ",", int{color.blue}, "]"));
        const auto column = static_cast<Eigen::Index>(place);
        if (column < most_courses) signals.push_back(numbers(results.signals.values.col(column)));
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
    const auto place = *pictures::place_of_interest(settings, results).positions();
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
    if (!results.names.empty()) out.add("names", json::list(names));
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
    // First, for its warnings stand above all.
    const auto by_condition = conditions_of_regions(settings, results, conditions);
    std::string out = roi::text("<h1>Regions of interest: ", roi::xml_escaped(settings.first), " - ",
                                roi::xml_escaped(settings.second), "</h1>\n");
    out += lead(settings, results);
    if (!details.warnings.empty()) out += warnings(details.warnings);
    out += section("regions", "Regions", regions(settings, results, conditions));
    if (view) out += view_section(view_data(settings, results, conditions, view->code.kind), *view);
    std::string figures = "<div class=\"figures\">\n";
    for (const auto& picture : details.pictures) {
        if (picture.name < "09")  // those of the signals stand further down
            figures += figure([&] { return picture.figure; }, picture.name, picture.caption);
    }
    out += section("figures", "Step by step", figures + "</div>\n");
    out += section("conditions", "Signal per condition", by_condition);
    out += section("parameters", "Parameters", parameters(settings, results, conditions, details));
    if (details.warnings.empty()) out += warnings({});
    out += section("versions", "Versions and time", versions_and_time(details));
    return page(roi::text(settings.first, " - ", settings.second, ": regions of interest"), out);
}

}  // namespace report
