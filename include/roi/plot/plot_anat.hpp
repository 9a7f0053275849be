// An anatomical image.
#pragma once

#include <roi/core/concepts.hpp>
#include <roi/image/volume.hpp>
#include <roi/plot/detail/draw_slices.hpp>
#include <roi/plot/figure.hpp>
#include <roi/plot/plot_options.hpp>

#include <utility>

namespace roi {

/// Draws slices of an anatomical image in gray, dimmed so that it does not outshine what is drawn beside it.
///
/// \param anatomy  what to show; NaN and infinity as 0
/// \param options  all of `PlotOptions`; `.dim = 0` keeps the full range of gray
/// \throws InvalidArgument as `plot_img`
///
/// nilearn's `plot_anat`; there is no default image.
template <Voxel T>
[[nodiscard]] Figure plot_anat(const Volume<T>& anatomy, const PlotOptions& options = {}) {
    WorldImage world(anatomy, options.interpolation.value_or(Interpolation::automatic));
    const auto plan = detail::plan_of(options.display);
    const auto cuts = detail::cuts_of(anatomy, world, {}, plan, options, options.threshold);
    const detail::Dimming dimming(world, options);
    detail::SliceDrawing drawing;
    drawing.only_value = detail::only_brightness;
    drawing.black_bg = dimming.black_bg;
    drawing.map = detail::Layer{std::move(world), options.cmap.value_or(Colormap::gray()), dimming.range,
                                options.threshold, options.alpha.value_or(1.0)};
    return detail::draw_slices(std::move(drawing), cuts, plan, options);
}

}  // namespace roi
