// The pictures of the notebook's steps.
#pragma once

#include <roi/plot.hpp>
#include <roi/roi.hpp>

#include "notebook.hpp"
#include <algorithm>
#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <type_traits>
#include <utility>
#include <vector>

namespace pictures {

/// A figure, the file it goes to and what a reader is told about it.
struct Picture {
    std::string name;  ///< of the file, without a suffix
    roi::Figure figure;
    std::string caption;
};

/// The names of all pictures, in order; a run without regions has no last three.
inline constexpr std::array names{"02_mean_epi",     "03_p_values",      "04_p_values_thresholded",
                                  "05_intersection", "06_dilated_mask",  "07_components",
                                  "08_first_region", "08_second_region", "09_boxplots"};

/// The two regions to look at: the notebook's 5 and 3, or the two largest where there are fewer.
inline std::vector<std::int32_t> chosen_regions(const roi::Labels& atlas) {
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
inline roi::Figure of_p_values(const roi::Volume<double>& log_p, const roi::Volume<double>& mean,
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

/// How the signals of the first regions, at most two, are distributed in each condition.
inline std::vector<roi::BoxPanel> box_panels(const Eigen::MatrixXd& signals, const roi::Column& conditions) {
    const auto named = conditions.renamed("scrambledpix", "scrambled");
    std::vector<roi::BoxPanel> out;
    for (Eigen::Index region = 0; region < std::min<Eigen::Index>(2, signals.cols()); ++region) {
        out.push_back({roi::condition_table(signals.col(region), named),
                       roi::text("Signal of region ", region + 1, " per condition")});
    }
    return out;
}

/// Where to cut: through the largest region, else through the strongest voxels.
inline roi::Cuts place_of_interest(const notebook::Results& results) {
    if (results.count > 0) return roi::find_xyz_cut_coords(results.dilated, 0.5);
    const bool any = roi::count(results.kept != 0.0) > 0;
    return roi::find_xyz_cut_coords(any ? results.kept : results.mean);
}

/// Every picture of the notebook.
inline std::vector<Picture> of_notebook(const notebook::Settings& settings, const notebook::Results& results,
                                        const roi::Column& conditions) {
    using roi::text;
    const auto cut = place_of_interest(results);
    const auto& mean = results.mean;
    const auto contrast = settings.first + " against " + settings.second;
    const bool anatomy = settings.mask.has_value();

    std::vector<Picture> out;
    out.push_back({names[0], roi::plot_epi(mean, {.cut = cut, .title = "Smoothed mean EPI"}),
                   text("Mean over time of the run, smoothed by ", settings.fwhm[0], " mm.")});
    out.push_back({names[1], of_p_values(results.log_p, mean, cut, "p-values", settings.clip),
                   text("-log10 p of ", contrast, " in every voxel, clipped at ", settings.clip, ".")});
    out.push_back({names[2], of_p_values(results.kept, mean, cut, "Thresholded p-values", settings.clip),
                   text("The same where it is ", settings.threshold,
                        " or more: ", roi::count(results.kept != 0.0), " voxels.")});
    out.push_back({names[3],
                   of_regions(results.intersection, mean, cut,
                              anatomy ? "Intersection with the mask" : "Voxels at the threshold"),
                   text(roi::count(results.intersection), " voxels at the threshold",
                        anatomy ? " and inside the anatomical mask." : "; there is no anatomical mask.")});
    out.push_back({names[4], of_regions(results.dilated, mean, cut, "Dilated mask"),
                   text("The mask grown by one voxel: ", roi::count(results.dilated), " voxels.")});
    out.push_back({names[5], of_regions(results.atlas, mean, cut, "Connected components"),
                   text("Connected components, numbered as SciPy does: ", results.count, ".")});
    std::size_t next = 6;
    for (const auto label : chosen_regions(results.atlas)) {
        const auto region = roi::region(results.atlas, label);
        out.push_back(
            {names[next++], of_regions(region, mean, {}, text("Region ", label)),
             text("Component ", label, " alone, ", roi::count(region), " voxels, cut through its middle.")});
    }
    if (results.count > 0) {
        auto figure = roi::plot_boxplot(box_panels(results.signals, conditions), {.y_label = "mean signal"});
        out.push_back(
            {names[8], std::move(figure),
             "Signal of the first regions in each condition: median, quartiles, whiskers to 1.5 times "
             "their distance, single volumes beyond."});
    }
    return out;
}

/// The figure as SVG; nothing, and a line for the reader, in a program that was built without libpng.
inline std::optional<std::string> svg(const roi::Figure& figure, std::string& problem) {
    try {
        return figure.svg();
    } catch (const roi::Error& error) {
        if (error.code() != roi::ErrorCode::unsupported) throw;
        problem = error.what();
        return std::nullopt;
    }
}

}  // namespace pictures
