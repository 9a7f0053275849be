// A functional image, as the scanner gave it or averaged.
#pragma once

#include <roi/core/concepts.hpp>
#include <roi/plot/plot_img.hpp>

namespace roi {

/// Draws slices of a functional image: gray on a black sheet, from the smallest to the largest value shown.
///
/// \param epi      what to show; NaN and infinity as 0
/// \param options  all of `PlotOptions`
/// \throws InvalidArgument as `plot_img`
///
/// nilearn's `plot_epi`.
template <Voxel T>
[[nodiscard]] Figure plot_epi(const Volume<T>& epi, const PlotOptions& options = {}) {
    return detail::plot_plain(epi, {}, options, true);
}

}  // namespace roi
