#include "pictures.hpp"

#include <roi/core/text.hpp>
#include <roi/image/logical.hpp>
#include <roi/plot/plot_epi.hpp>
#include <roi/plot/plot_event_average.hpp>
#include <roi/plot/plot_roi.hpp>
#include <roi/plot/plot_stat_map.hpp>
#include <roi/regions/regions.hpp>
#include <roi/signals/condition_values.hpp>
#include <roi/table/events.hpp>

#include "support/left_out.hpp"
#include <algorithm>
#include <cstdint>
#include <functional>
#include <type_traits>
#include <utility>

namespace pictures {

namespace {

/// The two regions to look at: the notebook's 5 and 3, or the two largest where there are fewer or others.
std::vector<std::int32_t> chosen_regions(const notebook::Results& results) {
    auto regions = roi::regions(results.regions());
    if (!results.given && regions.size() >= 5) return {5, 3};
    std::stable_sort(regions.begin(), regions.end(),
                     [](const auto& a, const auto& b) { return a.size > b.size; });
    std::vector<std::int32_t> out;
    for (std::size_t i = 0; i < std::min<std::size_t>(2, regions.size()); ++i)
        out.push_back(static_cast<std::int32_t>(regions[i].label));
    return out;
}

/// -log10 p over the mean image: from black through red to light yellow at the clip, transparent at 0.
roi::Figure of_p_values(const notebook::Settings& settings, const roi::Volume<double>& log_p,
                        const roi::Volume<double>& mean, const roi::Cuts& cut, const std::string& title) {
    return roi::plot_stat_map(log_p, mean,
                              {.cut = cut,
                               .title = title,
                               .vmin = 0.0,
                               .vmax = settings.clip,
                               .cmap = roi::Colormap::inferno(),
                               .black_bg = true,
                               .warning = settings.warning});
}

/// Regions over the mean image; a mask, which has one value only, without a colour bar.
template <class T>
roi::Figure of_regions(const notebook::Settings& settings, const roi::Volume<T>& regions,
                       const roi::Volume<double>& mean, const roi::Cuts& cut, const std::string& title) {
    constexpr bool labelled = !std::is_same_v<T, bool>;
    return roi::plot_roi(
        regions, mean,
        {.cut = cut, .title = title, .colorbar = labelled, .black_bg = true, .warning = settings.warning});
}

/// Calls `make`; where that fails, says what that costs.
template <class Make>
void attempt(const notebook::Settings& settings, std::string_view cost, Make&& make) {
    if (const auto problem = examples::drawing_problem(make))
        settings.warning(roi::text(cost, ": ", *problem));
}

}  // namespace

std::vector<roi::BoxPanel> box_panels(const notebook::Results& results, const roi::Column& conditions) {
    const auto named = conditions.renamed("scrambledpix", "scrambled");
    const auto& signals = results.signals;
    std::vector<roi::BoxPanel> out;
    for (std::size_t region = 0; region < std::min<std::size_t>(2, signals.columns.size()); ++region) {
        out.push_back(
            {roi::condition_values(signals.values.col(static_cast<Eigen::Index>(region)), named),
             roi::text("Signal of ", notebook::called(results, signals.columns[region]), " per condition")});
    }
    return out;
}

std::optional<roi::EventAverage> event_averages(const notebook::Settings& settings,
                                                const notebook::Results& results,
                                                const roi::Column& conditions) {
    if (!results.t_r || results.signals.columns.empty()) return std::nullopt;
    const auto runs = notebook::read_runs(settings);
    const auto blocks =
        roi::blocks_of(conditions.renamed("scrambledpix", "scrambled"), *results.t_r, {.runs = runs});
    if (blocks.empty()) return std::nullopt;
    double longest = 0.0;
    for (const auto& block : blocks) longest = std::max(longest, block.duration);
    const auto count = std::min<std::size_t>(2, results.signals.columns.size());
    std::vector<std::string> regions;
    for (std::size_t i = 0; i < count; ++i)
        regions.push_back(notebook::called(results, results.signals.columns[i]));
    // A header may hold any time at all; a picture has room for a few hundred volumes.
    constexpr double most_volumes = 500.0;
    const double to = std::min({longest + 12.0, 60.0, most_volumes * results.t_r->value});
    std::optional<roi::EventAverage> out;
    attempt(settings, "the courses after events are left out", [&] {
        out = roi::event_average(
            results.signals.values.leftCols(static_cast<Eigen::Index>(count)), regions, blocks, *results.t_r,
            {.from = roi::Seconds{-2.0 * results.t_r->value},
             .to = roi::Seconds{to},
             .change = settings.cleans() ? roi::SignalChange::none : roi::SignalChange::percent,
             .runs = runs,
             .warning = settings.warning});
    });
    return out;
}

roi::Cuts place_of_interest(const notebook::Settings& settings, const notebook::Results& results) {
    const auto& grid = results.mean.grid();
    roi::Point middle;
    for (int axis = 0; axis < 3; ++axis) {
        middle[axis] = 0.5 * static_cast<double>(grid.shape()[axis] - 1);
    }
    roi::Cuts out(grid.world(middle));
    attempt(settings, "pictures are cut through the middle", [&] {
        if (results.count > 0) {
            out = roi::find_xyz_cut_coords(results.dilated, 0.5);
        } else {
            const bool any = roi::count(results.kept != 0.0) > 0;
            out = roi::find_xyz_cut_coords(any ? results.kept : results.mean);
        }
    });
    return out;
}

std::vector<Picture> of_notebook(const notebook::Settings& settings, const notebook::Results& results,
                                 const roi::Column& conditions) {
    using roi::text;
    const auto cut = place_of_interest(settings, results);
    const auto& mean = results.mean;
    const auto contrast = settings.first + " against " + settings.second;
    const bool anatomy = settings.mask.has_value();

    std::vector<Picture> out;
    const auto add = [&](const char* name, const std::string& caption,
                         const std::function<roi::Figure()>& draw) {
        notebook::stop_if_asked(settings);
        attempt(settings, text("picture ", name, " is left out"), [&] {
            out.push_back({name, draw(), caption});
        });
    };
    add(names[0], text("Mean over time of the run, smoothed by ", settings.fwhm[0], " mm."), [&] {
        return roi::plot_epi(mean, {.cut = cut, .title = "Smoothed mean EPI", .warning = settings.warning});
    });
    add(names[1], text("-log10 p of ", contrast, " in every voxel, clipped at ", settings.clip, "."),
        [&] { return of_p_values(settings, results.log_p, mean, cut, "p-values"); });
    add(names[2],
        text("The same where it is ", settings.threshold, " or more: ", roi::count(results.kept != 0.0),
             " voxels."),
        [&] { return of_p_values(settings, results.kept, mean, cut, "Thresholded p-values"); });
    add(names[3],
        text(roi::count(results.intersection), " voxels at the threshold",
             anatomy ? " and inside the anatomical mask." : "; there is no anatomical mask."),
        [&] {
            return of_regions(settings, results.intersection, mean, cut,
                              anatomy ? "Intersection with the mask" : "Voxels at the threshold");
        });
    add(names[4], text("The mask grown by one voxel: ", roi::count(results.dilated), " voxels."),
        [&] { return of_regions(settings, results.dilated, mean, cut, "Dilated mask"); });
    add(names[5], text("Connected components, numbered as SciPy does: ", results.count, "."),
        [&] { return of_regions(settings, results.atlas, mean, cut, "Connected components"); });
    std::size_t next = 6;
    for (const auto label : chosen_regions(results)) {
        const auto region = roi::region(results.regions(), label);
        const auto title = results.names.find(label) ? results.names[label] : text("Region ", label);
        add(names[next++],
            text(results.given ? "Region " : "Component ", label, " alone, ", roi::count(region),
                 " voxels, cut through its middle."),
            [&] { return of_regions(settings, region, mean, {}, title); });
    }
    if (!results.signals.columns.empty()) {
        const auto y_label = settings.cleans() ? text("cleaned ", settings.statistic, " signal")
                                               : text(settings.statistic, " signal");
        add(names[8],
            "Signal of the first regions in all volumes of each condition: median, quartiles, whiskers to "
            "1.5 times "
            "their distance, single volumes beyond.",
            [&] { return roi::plot_boxplot(box_panels(results, conditions), {.y_label = y_label}); });
        if (const auto average = event_averages(settings, results, conditions)) {
            add(names[9], event_caption(settings), [&] { return roi::plot_event_average(*average); });
        }
    }
    return out;
}

std::string event_caption(const notebook::Settings& settings) {
    return roi::text("Signal of the first regions after the onset of each condition's blocks, on average",
                     settings.cleans() ? "" : ", in percent of its mean up to the onset",
                     "; the band is one standard error.");
}

}  // namespace pictures
