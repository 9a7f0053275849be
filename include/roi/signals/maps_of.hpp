// What signals are taken of: maps of weights.
#pragma once

#include <roi/core/concepts.hpp>
#include <roi/core/detail/finite.hpp>
#include <roi/core/error.hpp>
#include <roi/core/text.hpp>
#include <roi/image/view.hpp>
#include <roi/image/volume.hpp>
#include <roi/image/volume4d.hpp>
#include <roi/signals/detail/map_weights.hpp>
#include <roi/signals/signal_regions.hpp>
#include <roi/stream/non_finite.hpp>
#include <roi/stream/scan.hpp>
#include <roi/stream/sink.hpp>
#include <roi/stream/source.hpp>
#include <roi/table/names.hpp>

#include <Eigen/Core>
#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <span>
#include <utility>
#include <vector>

namespace roi {

/// Settings of `maps_of`.
struct MapsOfOptions {
    RegionNames names{};  ///< by number from 1; `map_N` for those without
    WarningHandler
        warning{};  ///< told of weights that are NaN or infinite, maps without a name, names without a map
};

namespace detail {

/// The weights of a map that are not 0.
/// \param odd    counts those that are NaN or infinite
/// \param frame  number of the map
template <NumberVoxel T>
[[nodiscard]] std::vector<SignalRegions::Weight> weights_in(std::span<const T> map, NonFiniteCount& odd,
                                                            std::int64_t frame) {
    constexpr std::size_t together = 64;  // most of a map is 0
    std::vector<SignalRegions::Weight> out;
    for (std::size_t first = 0; first < map.size(); first += together) {
        const auto some = map.subspan(first, std::min(together, map.size() - first));
        if (some.size() == together) {
            std::array<std::uint64_t, together * sizeof(T) / sizeof(std::uint64_t)> words;
            std::memcpy(words.data(), some.data(), sizeof words);
            std::uint64_t any = 0;
            for (const auto word : words) any |= word;
            if (any == 0) continue;
        }
        for (std::size_t i = 0; i < some.size(); ++i) {
            const double weight = finite_or_zero(some[i]);
            if (weight != 0.0) {
                out.push_back({static_cast<std::int64_t>(first + i), weight});
            } else if (some[i] != T{0}) {
                odd.add(frame, 1);
            }
        }
    }
    return out;
}

inline void warn_of_weights(const NonFiniteCount& odd, const WarningHandler& warning, std::size_t voxels) {
    odd.warn(warning, "maps_of", "as weights they count as 0", static_cast<std::int64_t>(voxels));
}

/// Maps in memory: a run of numbers, or a volume.
template <class M>
concept MapsInMemory = (AnyRun<M> || AnyVolume<M>)&&NumberVoxel<VoxelOf<M>>;

/// A source of maps.
template <class S>
concept MapsThatPass = StreamedSource<S> && !AnyRun<S> && !AnyVolume<S>;

/// Sink: the weights of every volume.
class MapEntries {
public:
    void begin(const ScanInfo& info) {
        voxels_ = static_cast<std::size_t>(info.grid.size());
        maps_.assign(static_cast<std::size_t>(info.frames), {});
    }
    template <NumberVoxel T>
    void update(const FrameBlock<T>& block) {
        for (std::size_t k = 0; k < block.frames.size(); ++k) {
            const auto map = static_cast<std::size_t>(block.first) + k;
            maps_[map] = weights_in(std::span<const T>(block.frames[k], voxels_), odd_,
                                    static_cast<std::int64_t>(map));
        }
    }
    void warn(const WarningHandler& warning) const { warn_of_weights(odd_, warning, voxels_); }
    [[nodiscard]] std::vector<std::vector<SignalRegions::Weight>> take() { return std::move(maps_); }

private:
    std::size_t voxels_ = 0;
    std::vector<std::vector<SignalRegions::Weight>> maps_;
    NonFiniteCount odd_;
};

[[nodiscard]] inline std::vector<SignalRegions::Region> named_maps(std::size_t count,
                                                                   const MapsOfOptions& options) {
    const auto& names = options.names;
    warn_of_names(names, counted(count), options.warning);
    std::vector<SignalRegions::Region> out;
    for (std::int64_t map = 1; map <= static_cast<std::int64_t>(count); ++map) {
        const auto* name = names.find(map);
        out.push_back({map, name ? *name : text("map_", map)});
    }
    return out;
}

}  // namespace detail

/// Maps of weights, such as those of a probabilistic atlas or of independent components.
///
/// \param maps  a run whose volumes are the maps, or one volume; weights that are NaN or infinite count as 0. Only
///              voxels with a weight are kept, so a thousand small maps take little more than one
template <detail::MapsInMemory Maps>
[[nodiscard]] SignalRegions maps_of(const Maps& maps, const MapsOfOptions& options = {}) {
    const auto view = view_of(maps);
    const auto voxels = static_cast<std::size_t>(view.grid().size());
    std::vector<std::vector<SignalRegions::Weight>> weights;
    NonFiniteCount odd;
    for (std::size_t first = 0; first < static_cast<std::size_t>(view.size()); first += voxels) {
        weights.push_back(detail::weights_in(std::span<const VoxelOf<Maps>>(view.data() + first, voxels), odd,
                                             static_cast<std::int64_t>(weights.size())));
    }
    detail::warn_of_weights(odd, options.warning, voxels);
    auto regions = detail::named_maps(weights.size(), options);
    SignalRegions all(std::move(regions), view.grid(), std::move(weights),
                      detail::make_map_weights<Eigen::MatrixXd>);
    all.set_metadata(view.metadata());
    return all;
}

/// Maps of weights as they pass: an opened file, or another source whose volumes are the maps. Memory: the weights that are
/// not 0.
/// \throws what the source throws
template <detail::MapsThatPass Source>
[[nodiscard]] SignalRegions maps_of(Source&& maps, const MapsOfOptions& options = {}) {
    detail::MapEntries entries;
    scan(maps, entries, ScanOptions{.warning = options.warning});
    auto weights = entries.take();
    auto regions = detail::named_maps(weights.size(), options);
    SignalRegions all(std::move(regions), maps.grid(), std::move(weights),
                      detail::make_map_weights<Eigen::MatrixXd>);
    all.set_metadata(maps.metadata());
    return all;
}

/// What is no map has no weights.
template <class Other>
requires(!detail::MapsInMemory<std::remove_cvref_t<Other>> && !detail::MapsThatPass<Other>)  //
    [[nodiscard]] SignalRegions maps_of(Other&&, const MapsOfOptions& = {}) {
    static_assert(detail::never<Other>,
                  "roi: maps_of takes maps of numbers, a volume each: write maps_of(open(path)), "
                  "labels_of(label(mask).atlas) of a mask");
    return {{}, Labels(Shape())};
}

}  // namespace roi
