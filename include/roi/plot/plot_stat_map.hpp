// A statistical map over an anatomical image.
#pragma once

#include <roi/core/concepts.hpp>
#include <roi/core/error.hpp>
#include <roi/core/text.hpp>
#include <roi/image/volume.hpp>
#include <roi/plot/detail/draw_slices.hpp>
#include <roi/plot/figure.hpp>
#include <roi/plot/plot_options.hpp>

#include <algorithm>
#include <cmath>
#include <optional>
#include <utility>

namespace roi {

namespace detail {

/// The values of the first and last colour, and what the colour bar shows of them.
struct StatRange {
    ColorRange colors;
    ColorRange bar;

    /// \param low, high  smallest and largest value of the whole map
    StatRange(double low, double high, const PlotOptions& options) {
        const bool has_low = is_given(options.vmin), has_high = is_given(options.vmax);
        const double vmin = has_low ? *options.vmin : 0.0, vmax = has_high ? *options.vmax : 0.0;
        require_color_range(options);
        // An end that leaves one sign only asks for no colours of the other.
        const double lowest = has_low ? std::max(vmin, low) : low;
        const double highest = has_high ? std::min(vmax, high) : high;
        const bool symmetric = options.symmetric.value_or(
            has_low && has_high ? is_opposite(vmin, vmax) : lowest < 0.0 && highest > 0.0);
        if (symmetric) {
            require_symmetric_range(options);
            const double most = has_high ? vmax : has_low ? -vmin : std::max(-low, high);
            colors = bar = {-most, most};
            return;
        }
        colors = {has_low ? vmin : low, has_high ? vmax : high};
        if (has_low != has_high && low < high && !(colors.low < colors.high)) {
            throw InvalidArgument(text("plot_stat_map: there is no range of colours from ",
                                       has_low ? "`vmin`, " : "the smallest value, ", colors.low, ", to ",
                                       has_high ? "`vmax`, " : "the largest value, ", colors.high,
                                       "; give both ends"));
        }
        bar = colors;
        if (low >= 0.0 && !has_low) bar.low = std::min(0.0, bar.high);
        if (high <= 0.0 && !has_high) bar.high = std::max(0.0, bar.low);
        // A map of one value: its colour is the strongest one, not that of the other sign.
        if (!(colors.high > colors.low)) colors = bar;
    }
};

template <Voxel T>
[[nodiscard]] Figure plot_stat(const Volume<T>& map, SliceDrawing drawing, const PlotOptions& options) {
    const double threshold = options.threshold.value_or(1e-6);
    // Whoever asks for the values as they are wants to see all of them, also where a cluster is one voxel.
    WorldImage world(map, options.interpolation.value_or(Interpolation::automatic),
                     options.interpolation == Interpolation::nearest);
    const auto plan = plan_of(options.display);
    const auto cuts = cuts_of(map, world, drawing.background, plan, options, threshold);
    const auto [low, high] = world.range();
    const StatRange range(low, high, options);
    if (!drawing.background) drawing.black_bg = options.black_bg.value_or(false);
    drawing.bar = range.bar;
    drawing.map = Layer{std::move(world), options.cmap.value_or(Colormap::RdBu_r()), range.colors, threshold,
                        options.alpha.value_or(1.0)};
    return draw_slices(std::move(drawing), cuts, plan, options);
}

}  // namespace detail

/// Draws slices of a statistical map over a background image.
///
/// \param map         what to show; NaN and infinity as 0. Its colours reach from -m to m, with m the largest
///                    |v|, when it has both signs, also within `.vmin` and `.vmax`, else from its smallest to its
///                    largest value, and the bar from 0
/// \param background  drawn in gray below the map, on any grid; each image is drawn at its own place in
///                    millimetres and resolution
/// \param options     all of `PlotOptions`; by default |v| up to 1e-6 is transparent
/// \throws InvalidArgument as `plot_img`, when `.symmetric` contradicts `.vmin` and `.vmax`, and when one of these leaves no range
///                         to the values of the map
///
/// nilearn's `plot_stat_map`. Where it resamples a rotated map with a cubic spline, this interpolates
/// linearly.
template <Voxel T, Voxel Background>
[[nodiscard]] Figure plot_stat_map(const Volume<T>& map, const Volume<Background>& background,
                                   const PlotOptions& options = {}) {
    detail::SliceDrawing drawing;
    detail::set_background(drawing, background, map.grid(), options);
    return detail::plot_stat(map, std::move(drawing), options);
}

/// The same without a background image; nilearn would take its own template there.
template <Voxel T>
[[nodiscard]] Figure plot_stat_map(const Volume<T>& map, const PlotOptions& options = {}) {
    return detail::plot_stat(map, {}, options);
}

}  // namespace roi
