// Images of several grids as one run.
#pragma once

#include <roi/core/concepts.hpp>
#include <roi/core/error.hpp>
#include <roi/core/text.hpp>
#include <roi/image/grid.hpp>
#include <roi/image/view.hpp>
#include <roi/spatial/interpolation.hpp>
#include <roi/spatial/resample.hpp>
#include <roi/stream/concat.hpp>
#include <roi/stream/source.hpp>

#include <concepts>
#include <cstddef>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace roi {

namespace detail {

/// What an image of several is called: its file, where it knows one.
template <class Image>
[[nodiscard]] std::string name_in_list(const Image& image, std::size_t k) {
    const auto name = source_name(image);
    return name.empty() ? text("image ", k) : name;
}

}  // namespace detail

/// Joins sources that lie on different grids: each is brought to one grid as it passes.
///
/// \param grid     of the result, for example that of the first
/// \param sources  of one type, as for `concat`; nothing is read yet
/// \param how      as for `resample_to`
/// \param options  as for `resample_to`; `.clip` holds for all of them
/// \param joined   options of `concat`
/// \returns        a source of all volumes, one source after the other
/// \throws InvalidArgument when one of them shares no place with `grid`, when their repetition times differ or there is none
///
/// `concat` of what `resample_to` gives; what lies on `grid` already is copied. nilearn's `concat_imgs(auto_resample=True)`
/// with the grid of the first.
template <StreamedSource Source>
[[nodiscard]] auto concat_on(const Grid& grid, std::vector<Source> sources,
                             Interpolation how = Interpolation::automatic,
                             const ResampleOptions& options = {}, const ConcatOptions& joined = {}) {
    std::vector<Resampled<detail::MovedIn<Source>>> parts;
    parts.reserve(sources.size());
    for (Source& source : sources) {
        auto inner = detail::moved_in(std::move(source));
        const auto name = detail::name_in_list(inner, parts.size());
        detail::named_in_errors("concat_on", name,
                                [&] { parts.emplace_back(std::move(inner), grid, how, options, name); });
    }
    return concat(std::move(parts), joined);
}

/// The same of volumes or runs in memory.
/// \returns  all volumes in the type that `resample_to` gives
template <detail::VolumeOrRun Image,
          class How = detail::NamedInterpolation<detail::InterpolationKind::automatic>>
requires std::convertible_to<How, Interpolation>
[[nodiscard]] auto concat_on(const Grid& grid, const std::vector<Image>& images, How how = {},
                             const ResampleOptions& options = {}, const ConcatOptions& joined = {}) {
    std::vector<decltype(resample_to(images.front(), grid, how, options))> parts;
    parts.reserve(images.size());
    for (const Image& image : images) {
        const auto name = detail::name_in_list(image, parts.size());
        auto of_image = options;
        if (options.warning) {
            of_image.warning = [&](std::string_view line) {
                options.warning(detail::said_of("concat_on", name, line));
            };
        }
        parts.push_back(detail::named_in_errors("concat_on", name,
                                                [&] { return resample_to(image, grid, how, of_image); }));
    }
    return concat(parts, joined);
}

/// What is no grid, such as a shape, which does not say where its voxels lie.
template <class Target, class... More>
requires(!detail::TargetGrid<Target>)  //
    [[nodiscard]] Volume4D<float> concat_on(const Target&, const More&...) {
    static_assert(detail::never<Target>,
                  "roi: concat_on takes a grid and a list of images: write concat_on(image.grid(), images)");
    return {};
}

}  // namespace roi
