#include "pictures.hpp"

#include <roi/core/text.hpp>
#include <roi/image/logical.hpp>
#include <roi/plot/plot_epi.hpp>
#include <roi/plot/plot_roi.hpp>
#include <roi/plot/plot_stat_map.hpp>
#include <roi/regions/regions.hpp>
#include <roi/signals/condition_table.hpp>

#include "support/report_page.hpp"
#include <algorithm>
#include <cstdint>
#include <functional>
#include <type_traits>
#include <utility>

namespace pictures {

namespace {

/// The two regions to look at: the notebook's 5 and 3, or the two largest where there are fewer.
std::vector<std::int32_t> chosen_regions(const roi::Labels& atlas) {
    auto regions = roi::regions(atlas);
    if (regions.size() >= 5) return {5, 3};
    std::stable_sort(regions.begin(), regions.end(),
                     [](const auto& a, const auto& b) { return a.size > b.size; });
    std::vector<std::int32_t> out;
    for (std::size_t i = 0; i < std::min<std::size_t>(2, regions.size()); ++i)
        out.push_back(static_cast<std::int32_t>(regions[i].label));
    return out;
}

/// -log10 p over the mean image: from black through red to light yellow at the clip, transparent at 0.
roi::Figure of_p_values(const roi::Volume<double>& log_p, const roi::Volume<double>& mean,
                        const roi::Cuts& cut, const std::string& title, double clip = 10.0) {
    return roi::plot_stat_map(log_p, mean,
                              {.cut = cut,
                               .title = title,
                               .vmin = 0.0,
                               .vmax = clip,
                               .cmap = roi::Colormap::inferno(),
                               .black_bg = true});
}

/// Regions over the mean image; a mask, which has one value only, without a colour bar.
template <class T>
roi::Figure of_regions(const roi::Volume<T>& regions, const roi::Volume<double>& mean, const roi::Cuts& cut,
                       const std::string& title) {
    constexpr bool labelled = !std::is_same_v<T, bool>;
    return roi::plot_roi(regions, mean, {.cut = cut, .title = title, .colorbar = labelled, .black_bg = true});
}

}  // namespace

std::vector<roi::BoxPanel> box_panels(const Eigen::MatrixXd& signals, const roi::Column& conditions) {
    const auto named = conditions.renamed("scrambledpix", "scrambled");
    std::vector<roi::BoxPanel> out;
    for (Eigen::Index region = 0; region < std::min<Eigen::Index>(2, signals.cols()); ++region) {
        out.push_back({roi::condition_table(signals.col(region), named),
                       roi::text("Signal of region ", region + 1, " per condition")});
    }
    return out;
}

roi::Cuts place_of_interest(const notebook::Results& results) {
    if (results.count > 0) return roi::find_xyz_cut_coords(results.dilated, 0.5);
    const bool any = roi::count(results.kept != 0.0) > 0;
    return roi::find_xyz_cut_coords(any ? results.kept : results.mean);
}

std::vector<Picture> of_notebook(const notebook::Settings& settings, const notebook::Results& results,
                                 const roi::Column& conditions, std::vector<std::string>& problems) {
    using roi::text;
    const auto cut = place_of_interest(results);
    const auto& mean = results.mean;
    const auto contrast = settings.first + " against " + settings.second;
    const bool anatomy = settings.mask.has_value();

    std::vector<Picture> out;
    const auto add = [&](const char* name, const std::string& caption,
                         const std::function<roi::Figure()>& draw) {
        const auto problem = report::problem_of([&] { out.push_back({name, draw(), caption}); });
        if (problem) problems.push_back(text("picture ", name, " is left out: ", *problem));
    };
    add(names[0], text("Mean over time of the run, smoothed by ", settings.fwhm[0], " mm."),
        [&] { return roi::plot_epi(mean, {.cut = cut, .title = "Smoothed mean EPI"}); });
    add(names[1], text("-log10 p of ", contrast, " in every voxel, clipped at ", settings.clip, "."),
        [&] { return of_p_values(results.log_p, mean, cut, "p-values", settings.clip); });
    add(names[2],
        text("The same where it is ", settings.threshold, " or more: ", roi::count(results.kept != 0.0),
             " voxels."),
        [&] { return of_p_values(results.kept, mean, cut, "Thresholded p-values", settings.clip); });
    add(names[3],
        text(roi::count(results.intersection), " voxels at the threshold",
             anatomy ? " and inside the anatomical mask." : "; there is no anatomical mask."),
        [&] {
            return of_regions(results.intersection, mean, cut,
                              anatomy ? "Intersection with the mask" : "Voxels at the threshold");
        });
    add(names[4], text("The mask grown by one voxel: ", roi::count(results.dilated), " voxels."),
        [&] { return of_regions(results.dilated, mean, cut, "Dilated mask"); });
    add(names[5], text("Connected components, numbered as SciPy does: ", results.count, "."),
        [&] { return of_regions(results.atlas, mean, cut, "Connected components"); });
    std::size_t next = 6;
    for (const auto label : chosen_regions(results.atlas)) {
        const auto region = roi::region(results.atlas, label);
        add(names[next++],
            text("Component ", label, " alone, ", roi::count(region), " voxels, cut through its middle."),
            [&] { return of_regions(region, mean, {}, text("Region ", label)); });
    }
    if (results.count > 0) {
        add(names[8],
            "Signal of the first regions in each condition: median, quartiles, whiskers to 1.5 times "
            "their distance, single volumes beyond.",
            [&] {
                return roi::plot_boxplot(box_panels(results.signals, conditions), {.y_label = "mean signal"});
            });
    }
    return out;
}

}  // namespace pictures
