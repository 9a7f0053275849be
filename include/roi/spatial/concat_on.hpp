// Images of several grids as one run.
#pragma once

#include <roi/image/grid.hpp>
#include <roi/image/view.hpp>
#include <roi/spatial/interpolation.hpp>
#include <roi/spatial/resample.hpp>
#include <roi/stream/concat.hpp>
#include <roi/stream/source.hpp>

#include <concepts>
#include <utility>
#include <vector>

namespace roi {

/// Joins sources that lie on different grids: each is brought to one grid as it passes.
///
/// \param grid     of the result, for example that of the first
/// \param sources  of one type, as for `concat`; nothing is read yet
/// \param how      as for `resample_to`
/// \param options  as for `resample_to`; `.clip` holds for all of them
/// \returns        a source of all volumes, one source after the other
/// \throws InvalidArgument when one of them shares no place with `grid`, when their repetition times differ or there is none
///
/// `concat` of what `resample_to` gives; what lies on `grid` already is copied. nilearn's `concat_imgs(auto_resample=True)`
/// with the grid of the first.
template <StreamedSource Source>
[[nodiscard]] auto concat_on(const Grid& grid, std::vector<Source> sources,
                             Interpolation how = Interpolation::automatic,
                             const ResampleOptions& options = {}) {
    std::vector<decltype(resample_to(std::declval<Source>(), grid, how, options))> parts;
    parts.reserve(sources.size());
    for (Source& source : sources) parts.push_back(resample_to(std::move(source), grid, how, options));
    return concat(std::move(parts));
}

/// The same of volumes or runs in memory.
/// \returns  all volumes in the type that `resample_to` gives
template <detail::VolumeOrRun Image,
          class How = detail::NamedInterpolation<detail::InterpolationKind::automatic>>
requires std::convertible_to<How, Interpolation>
[[nodiscard]] auto concat_on(const Grid& grid, const std::vector<Image>& images, How how = {},
                             const ResampleOptions& options = {}) {
    std::vector<decltype(resample_to(images.front(), grid, how, options))> parts;
    parts.reserve(images.size());
    for (const Image& image : images) parts.push_back(resample_to(image, grid, how, options));
    return concat(parts);
}

}  // namespace roi
