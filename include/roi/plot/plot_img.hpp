// Slices of any image.
#pragma once

#include <roi/core/concepts.hpp>
#include <roi/image/volume.hpp>
#include <roi/plot/detail/draw_slices.hpp>
#include <roi/plot/figure.hpp>
#include <roi/plot/plot_options.hpp>

#include <utility>

namespace roi {

namespace detail {

/// \param black_bg  where the options do not say
template <Voxel T>
[[nodiscard]] Figure plot_plain(const Volume<T>& image, SliceDrawing drawing, const PlotOptions& options,
                                bool black_bg) {
    WorldImage world(image, options.interpolation.value_or(Interpolation::automatic));
    const auto plan = plan_of(options.display);
    const auto cuts = cuts_of(image, world, drawing.background, plan, options, options.threshold);
    if (!drawing.background) drawing.black_bg = options.black_bg.value_or(black_bg);
    drawing.range_of_slices = true;
    drawing.only_value = only_brightness;
    drawing.map = Layer{std::move(world),
                        options.cmap.value_or(Colormap::gray()),
                        {},
                        options.threshold,
                        options.alpha.value_or(1.0)};
    return draw_slices(std::move(drawing), cuts, plan, options);
}

}  // namespace detail

/// Draws slices of any image, from the smallest to the largest value shown.
///
/// \param image    what to show; NaN and infinity as 0
/// \param options  all of `PlotOptions`; by default gray on white, nothing hidden
/// \throws InvalidArgument when the image has no voxels, its affine cannot be inverted, or an option is out
///         of range
///
/// nilearn's `plot_img`, with a colour bar by default, and an image of one value in the middle of the colours. Every voxel is drawn as large as it is: nilearn's
/// pictures reach from the centre of the first voxel to that of the last, so that its slices are up to half a
/// voxel off.
template <Voxel T>
[[nodiscard]] Figure plot_img(const Volume<T>& image, const PlotOptions& options = {}) {
    return detail::plot_plain(image, {}, options, false);
}

/// The same over a gray background image, which may lie on another grid.
template <Voxel T, Voxel Background>
[[nodiscard]] Figure plot_img(const Volume<T>& image, const Volume<Background>& background,
                              const PlotOptions& options = {}) {
    detail::SliceDrawing drawing;
    detail::set_background(drawing, background, image.grid(), options);
    return detail::plot_plain(image, std::move(drawing), options, false);
}

}  // namespace roi
