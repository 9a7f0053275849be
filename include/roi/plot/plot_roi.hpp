// Regions over an anatomical image.
#pragma once

#include <roi/core/concepts.hpp>
#include <roi/image/volume.hpp>
#include <roi/plot/detail/draw_slices.hpp>
#include <roi/plot/figure.hpp>
#include <roi/plot/plot_options.hpp>

#include <cmath>
#include <cstddef>
#include <cstdint>
#include <set>
#include <type_traits>
#include <utility>
#include <vector>

namespace roi {

namespace detail {

/// Where in the colour map the only region is: red in `gist_ncar`, to be seen on black, gray and white, which
/// the map's first colour, a dark blue, is not.
inline constexpr double only_region = 0.74;

/// Every value but 0 that an image shows.
[[nodiscard]] inline std::set<double> values_shown(const WorldImage& image) {
    std::set<double> out;
    for (std::int64_t z = 0; z < image.grid().shape().z(); ++z) {
        double last = 0.0;
        for (const double value : image.slice(Axis::z, static_cast<double>(z)).values) {
            if (value != 0.0 && value != last) out.insert(last = value);
        }
    }
    return out;
}

/// The same of an image whose voxels are shown as they are.
template <Voxel T>
[[nodiscard]] std::set<double> values_shown(const Volume<T>& image) {
    std::set<double> out;
    double last = 0.0;
    for (const T voxel : image) {
        const double value = finite_or_zero(static_cast<double>(voxel));
        if (value != 0.0 && value != last) out.insert(last = value);
    }
    return out;
}

/// Labels with their colours: region k of m in rising order has the colour at k/m of the map, or where all are told
/// apart by name that of its rank.
[[nodiscard]] inline std::vector<std::pair<double, Rgb>> region_colors(const std::set<double>& labels,
                                                                       const Colormap& cmap, bool apart) {
    std::vector<std::pair<double, Rgb>> out;
    for (const double label : labels) {
        const double share = static_cast<double>(out.size()) / static_cast<double>(labels.size());
        out.emplace_back(label, labels.size() == 1 ? cmap(only_region)
                                : apart            ? cmap.of_region(out.size())
                                                   : cmap(share));
    }
    return out;
}

template <Voxel T>
[[nodiscard]] Figure plot_regions(const Volume<T>& regions, SliceDrawing drawing,
                                  const PlotOptions& options) {
    const double threshold = options.threshold.value_or(0.5);
    const auto interpolation = options.interpolation.value_or(Interpolation::nearest);
    const bool as_they_are = NeverAveraged<T> || interpolation == Interpolation::nearest;
    WorldImage world(regions, interpolation, as_they_are);
    const Colormap cmap = options.cmap.value_or(Colormap::gist_ncar());
    const auto colors = [&](bool apart) {
        return region_colors(as_they_are ? values_shown(regions) : values_shown(world), cmap, apart);
    };
    const auto plan = plan_of(options.display);
    const auto cuts = cuts_of(regions, world, drawing.background, plan, options, threshold);
    const double alpha = options.alpha.value_or(0.7);
    if (!drawing.background) drawing.black_bg = options.black_bg.value_or(false);
    drawing.names = !options.names.empty();
    if (options.style == RoiStyle::contours) {
        if (!(options.line_width > 0.0 && std::isfinite(options.line_width))) {
            throw InvalidArgument(
                text("plot_roi: `line_width` must be more than 0 points, found ", options.line_width));
        }
        auto labels = colors(drawing.names);
        drawing.outlines = Outlines{std::move(world), std::move(labels), options.line_width, alpha};
    } else {
        drawing.range_of_slices = true;
        drawing.only_value = only_region;
        drawing.whole_numbers = !std::is_floating_point_v<T>;
        auto labels = drawing.names ? colors(true) : std::vector<std::pair<double, Rgb>>();
        std::erase_if(labels, [&](const auto& label) { return std::abs(label.first) <= threshold; });
        drawing.map = Layer{std::move(world), cmap, {}, threshold, alpha, std::move(labels)};
    }
    return draw_slices(std::move(drawing), cuts, plan, options);
}

}  // namespace detail

/// Draws regions over a background image, as areas or as outlines.
///
/// \param regions     a mask, labels, or any image of which |v| > 0.5 is shown
/// \param background  drawn in gray below the regions, on any grid
/// \param options     all of `PlotOptions`; `.style = RoiStyle::contours` draws outlines `.line_width` points
///                    wide, `.names` a legend of the regions that the slices show
/// \throws InvalidArgument as `plot_img`
///
/// nilearn's `plot_roi`: areas are coloured from the smallest to the largest label shown, outlines by the
/// rank of their label. Four differences: where all voxels shown have one value, as in a mask, that is red
/// and not the dark blue at which the map starts; numbers of the colour bar are whole ones; automatic cuts of
/// outlines go through the regions and not through the origin; and outlines follow the edges of voxels where
/// matplotlib connects their centres.
template <Voxel T, Voxel Background>
[[nodiscard]] Figure plot_roi(const Volume<T>& regions, const Volume<Background>& background,
                              const PlotOptions& options = {}) {
    detail::SliceDrawing drawing;
    detail::set_background(drawing, background, regions.grid(), options);
    return detail::plot_regions(regions, std::move(drawing), options);
}

/// The same without a background image.
template <Voxel T>
[[nodiscard]] Figure plot_roi(const Volume<T>& regions, const PlotOptions& options = {}) {
    return detail::plot_regions(regions, {}, options);
}

}  // namespace roi
