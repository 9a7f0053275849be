// Takes maps apart into the regions where they are strong.
#pragma once

#include <roi/core/concepts.hpp>
#include <roi/core/detail/finite.hpp>
#include <roi/core/error.hpp>
#include <roi/core/parallel.hpp>
#include <roi/core/text.hpp>
#include <roi/core/units.hpp>
#include <roi/image/grid.hpp>
#include <roi/image/view.hpp>
#include <roi/image/volume.hpp>
#include <roi/image/volume4d.hpp>
#include <roi/regions/detail/measure.hpp>
#include <roi/regions/detail/parts_done.hpp>
#include <roi/regions/detail/random_walker.hpp>
#include <roi/regions/label.hpp>
#include <roi/regions/regions.hpp>
#include <roi/spatial/smooth.hpp>
#include <roi/stream/non_finite.hpp>

#include <algorithm>
#include <atomic>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string_view>
#include <utility>
#include <vector>

namespace roi {

/// How a map is taken apart.
enum class ExtractType : std::uint8_t {
    connected_components,  ///< voxels that are not 0 and share faces, both signs together
    local_regions,  ///< round its peaks above 0 after smoothing: each voxel joins the peak a random walker meets first
};

/// What the threshold of `extract_regions` means.
enum class ExtractThreshold : std::uint8_t {
    ratio_n_voxels,  ///< as many values are kept as so many volumes have voxels: the largest |v| of all maps
    img_value,       ///< smallest value kept; a negative one keeps what is at most that
    percentile,  ///< of the values of all maps in the mask that are 0 or more, of |v| with two sides, and 1e-5
};

/// The options of `connected_regions`.
struct ConnectedRegionsOptions {
    ExtractType type = ExtractType::local_regions;
    double min_volume = 1350.0;     ///< in mm3: smaller regions are left out
    Fwhm fwhm = Fwhm{6.0};          ///< smoothing before peaks are looked for, for local regions
    std::optional<Mask> mask = {};  ///< what is outside counts as 0
    WarningHandler warning = {};    ///< told when there is no region, and of NaN and infinity
    int threads = 0;                ///< 0 is the default; no result depends on it
    Progress progress = {};  ///< of local regions, told for how many of all peaks the equations are solved
    StopRequest stop = {};   ///< true ends the work on local regions with an `Error`
};

/// The options of `extract_regions`.
struct ExtractOptions {
    double threshold = 1.0;
    ExtractThreshold strategy = ExtractThreshold::ratio_n_voxels;
    bool two_sided =
        false;  ///< of a value or a percentile: keeps what is at most minus it too; a ratio is of |v|
    ConnectedRegionsOptions regions = {};
};

/// Regions of maps; made for `auto [maps, sources] = roi::extract_regions(components)`.
template <RealVoxel T>
struct ExtractedRegions {
    Volume4D<T> maps;                   ///< one volume a region: the values of its map, 0 elsewhere
    std::vector<std::int64_t> sources;  ///< the map that each region comes from, from 0
};

namespace detail {

/// Maps as a run, one volume as a run of one.
template <class Maps>
[[nodiscard]] auto maps_to_take_apart(const Maps& maps) {
    if constexpr (AnyVolume<Maps>) {
        const auto view = view_of(maps);
        using T = VoxelOf<Maps>;
        return Volume4DView<const T>(view.data(), view.grid(), 1).with_metadata(view.metadata());
    } else {
        return view_of(maps);
    }
}

/// The connected components of one map, or the peaks that its local regions grow from; from 1.
template <class Real>
[[nodiscard]] Labelling parts_of_map(const Volume<Real>& map, const ConnectedRegionsOptions& options) {
    Mask there(map.grid());
    for (std::int64_t i = 0; i < map.size(); ++i) there[i] = map[i] != 0.0;
    if (options.type == ExtractType::connected_components) return label(there);
    const auto smoothed = smooth(map, options.fwhm);
    const auto peaks = local_maxima(smoothed.data(), map.shape(), 10);
    for (std::int64_t i = 0; i < map.size(); ++i) there[i] = peaks[static_cast<std::size_t>(i)];
    return label(there);
}

/// Grows the peaks of a map into its local regions.
/// \param done  told of each peak
template <class Real>
void grow_peaks(const Volume<Real>& map, Labelling& peaks, PartsDone& done) {
    // A peak may lie where the map is 0, and in several components.
    std::atomic<std::int64_t> left{peaks.count};
    const auto solved = [&](std::int64_t number) {
        const std::int64_t before = left.fetch_sub(number);
        done.add(std::clamp<std::int64_t>(before, 0, number));
    };
    RandomWalker(map.data(), peaks.atlas.data(), map.shape()).run(solved);
    done.add(std::max<std::int64_t>(left, 0));
}

/// Sets what the threshold does not keep, and NaN and infinity, to 0.
template <RealVoxel T>
void threshold_maps(Volume4D<T>& maps, const ExtractOptions& options) {
    const auto all = maps.values();
    for (T& value : all) value = static_cast<T>(finite_or_zero(value));
    double limit = options.threshold;
    const bool ratio = options.strategy == ExtractThreshold::ratio_n_voxels;
    if (ratio) {
        const auto count = static_cast<double>(maps.frames());
        if (!(limit > 0.0 && limit <= count)) {
            throw InvalidArgument(text("extract_regions: a ratio of voxels is above 0 and at most the ",
                                       maps.frames(), " maps, found ", limit));
        }
        std::vector<T> sizes(all.begin(), all.end());
        for (T& value : sizes) value = std::abs(value);
        if (!sizes.empty()) {
            limit = quantile(std::span(sizes), std::max(0.0, 100.0 - 100.0 / count * limit) / 100.0);
        }
    } else if (options.strategy == ExtractThreshold::percentile) {
        if (!(limit >= 0.0 && limit <= 100.0)) {
            throw InvalidArgument(text("extract_regions: a percentile is from 0 to 100, found ", limit));
        }
        std::vector<T> values;
        const auto& mask = options.regions.mask;
        for (std::int64_t frame = 0; frame < maps.frames(); ++frame) {
            const auto map = maps.frame(frame).values();
            for (std::size_t i = 0; i < map.size(); ++i) {
                if (mask && !mask->data()[i]) continue;
                if (options.two_sided || map[i] >= T{0}) values.push_back(std::abs(map[i]));
            }
        }
        limit = (values.empty() ? 0.0 : quantile(std::span(values), limit / 100.0)) + 1e-5;
    }
    require(std::isfinite(limit), "extract_regions: `threshold` must be a number");
    const bool sizes_count = ratio || options.two_sided;
    if (sizes_count && limit < 0.0) {
        throw InvalidArgument(
            text("extract_regions: expected a `threshold` of 0 or more for both sides, found ", limit));
    }
    const bool below = limit < 0.0;
    for (T& value : all) {
        const double shown = sizes_count ? std::abs(static_cast<double>(value)) : static_cast<double>(value);
        if (below ? shown > limit : shown < limit) value = T{0};
    }
}

/// What messages call a function that takes maps apart, and its option for the smallest region.
struct ExtractCaller {
    std::string_view function, min_volume;
};

/// The regions of maps.
template <class Maps>
[[nodiscard]] ExtractedRegions<RealOf<VoxelOf<Maps>>> regions_of_maps(const Maps& maps,
                                                                      const ConnectedRegionsOptions& options,
                                                                      const ExtractCaller& caller) {
    using T = RealOf<VoxelOf<Maps>>;
    const auto run = detail::maps_to_take_apart(maps);
    const Grid& grid = run.grid();
    if (options.mask) require_same_grid(grid, options.mask->grid(), text(caller.function, ": maps and mask"));
    const ThreadsOfCall threads_of_call(options.threads);
    const std::int64_t least = std::max<std::int64_t>(
        least_voxels(grid, options.min_volume, text(caller.function, ": `", caller.min_volume, "`")), 1);

    struct Found {
        Volume<double> map;
        Labelling parts;
        std::vector<std::int32_t> kept;
    };
    std::vector<Found> found(static_cast<std::size_t>(run.frames()));
    NonFiniteCount odd;
    parallel_for(run.frames(), 1, [&](std::int64_t index, std::int64_t) {
        auto& [map, parts, kept] = found[static_cast<std::size_t>(index)];
        const auto* from = run.data() + index * grid.size();
        if constexpr (RealVoxel<VoxelOf<Maps>>) odd.look_at(index, from, {0, grid.size()});
        map = Volume<double>(grid);
        for (std::int64_t i = 0; i < grid.size(); ++i) {
            if (!options.mask || (*options.mask)[i]) map[i] = finite_or_zero(from[i]);
        }
        parts = parts_of_map(map, options);
    });
    if (options.type == ExtractType::local_regions) {
        std::int64_t peaks = 0;
        for (const auto& [map, parts, kept] : found) peaks += parts.count;
        PartsDone done(caller.function, "peaks", peaks, options.progress, options.stop);
        parallel_for(run.frames(), 1, [&](std::int64_t index, std::int64_t) {
            auto& [map, parts, kept] = found[static_cast<std::size_t>(index)];
            grow_peaks(map, parts, done);
        });
        done.add(0);
    }
    parallel_for(run.frames(), 1, [&](std::int64_t index, std::int64_t) {
        auto& [map, parts, kept] = found[static_cast<std::size_t>(index)];
        for (const Region& region : regions(parts.atlas)) {
            if (region.size >= least) kept.push_back(static_cast<std::int32_t>(region.label));
        }
    });

    odd.warn(options.warning, caller.function, "they count as 0", grid.size());

    ExtractedRegions<T> out;
    for (std::size_t index = 0; index < found.size(); ++index) {
        out.sources.insert(out.sources.end(), found[index].kept.size(), static_cast<std::int64_t>(index));
    }
    out.maps = Volume4D<T>(grid, static_cast<std::int64_t>(out.sources.size()), T{0},
                           inherited_by_volume(inherited_by_averages(run.metadata())));
    T* to = out.maps.data();
    for (const auto& [map, parts, kept] : found) {
        for (const std::int32_t label : kept) {
            for (std::int64_t i = 0; i < grid.size(); ++i) {
                if (parts.atlas[i] == label) to[i] = static_cast<T>(map[i]);
            }
            to += grid.size();
        }
    }
    if (out.sources.empty() && options.warning) {
        options.warning(options.min_volume > 0.0
                            ? text(caller.function, ": no region of at least ", options.min_volume,
                                   " mm3, see `", caller.min_volume, "`")
                            : text(caller.function, ": no region"));
    }
    return out;
}

}  // namespace detail

/// Takes each of several maps apart into regions.
///
/// \param maps     one map a volume, or a single one; what is 0 lies in no region, NaN and infinity count as 0
/// \param options  how, the smallest region, smoothing before peaks are looked for, a mask
/// \returns        a volume a region in the type of `maps` (float, or double for large integers), and which map it is
///                 from; regions follow each other map by map, by their first voxels or first peaks
/// \throws GridMismatch     when the mask lies on another grid
/// \throws InvalidArgument  when the least volume is negative
/// \throws Error            stopped when `.stop` says so
///
/// nilearn's `connected_regions`. A region of exactly the least volume stays; nothing found is an empty run and a
/// warning. The equations of the random walker are solved to the end, where nilearn stops at a residual of 1e-3 and
/// gives everything not yet reached to the first peak. Time for local regions: 63 steps a voxel for peaks, and for
/// each connected piece with two peaks some 100 passes over its voxels for every peak, or a sparse factor where it has few voxels.
template <class Maps>
requires(AnyRun<Maps> || AnyVolume<Maps>)  //
    [[nodiscard]] ExtractedRegions<RealOf<VoxelOf<Maps>>> connected_regions(
        const Maps& maps, const ConnectedRegionsOptions& options = {}) {
    return detail::regions_of_maps(maps, options, {"connected_regions", "min_volume"});
}

/// Thresholds maps together and takes each apart into regions.
///
/// \param maps     one map a volume, as the components of a decomposition, or a single one
/// \param options  the threshold and what it means, and as `.regions` the options of `connected_regions`
/// \returns        as `connected_regions`
/// \throws GridMismatch     when the mask lies on another grid
/// \throws InvalidArgument  when the threshold is outside what its strategy allows, or negative for two sides, and as
///                          `connected_regions`
///
/// nilearn's `RegionExtractor`, with its `two_sided` and `mask_img`, up to the regions: as there a mask takes part in a
/// percentile, and not in a ratio, which is of all voxels. A value equal to the threshold stays. Where no value in the mask
/// is 0 or more, a percentile of one side keeps nothing; nilearn's is NaN there, to which it keeps everything.
template <class Maps>
requires(AnyRun<Maps> || AnyVolume<Maps>)  //
    [[nodiscard]] ExtractedRegions<RealOf<VoxelOf<Maps>>> extract_regions(
        const Maps& maps, const ExtractOptions& options = {}) {
    using T = RealOf<VoxelOf<Maps>>;
    const auto run = detail::maps_to_take_apart(maps);
    if (options.regions.mask)
        require_same_grid(run.grid(), options.regions.mask->grid(), "extract_regions: maps and mask");
    Volume4D<T> kept(run.grid(), run.frames(), T{0}, run.metadata());
    std::transform(run.values().begin(), run.values().end(), kept.data(),
                   [](auto value) { return static_cast<T>(value); });
    NonFiniteCount odd;
    for (std::int64_t index = 0; index < kept.frames(); ++index) {
        odd.look_at(index, std::span<const T>(kept.frame(index).values()));
    }
    odd.warn(options.regions.warning, "extract_regions", "they count as 0", kept.grid().size());
    detail::threshold_maps(kept, options);
    return detail::regions_of_maps(kept, options.regions, {"extract_regions", "regions.min_volume"});
}

/// A mask has no peaks; its connected parts are those of `label`.
template <class Maps>
requires((AnyRun<Maps> || AnyVolume<Maps>)&&!NumberVoxel<VoxelOf<Maps>>)  //
    [[nodiscard]] ExtractedRegions<float> connected_regions(const Maps&,
                                                            const ConnectedRegionsOptions& = {}) {
    static_assert(detail::never<Maps>,
                  "roi: connected_regions takes maps of numbers: write label(mask) of a mask");
    return {};
}
template <class Maps>
requires((AnyRun<Maps> || AnyVolume<Maps>)&&!NumberVoxel<VoxelOf<Maps>>)  //
    [[nodiscard]] ExtractedRegions<float> extract_regions(const Maps&, const ExtractOptions& = {}) {
    static_assert(detail::never<Maps>,
                  "roi: extract_regions takes maps of numbers: write label(mask) of a mask");
    return {};
}

}  // namespace roi
