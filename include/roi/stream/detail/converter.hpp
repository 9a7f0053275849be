// Turns the volumes that a scan pulls into what its sinks look at, and shows it to them.
#pragma once

#include <roi/core/concepts.hpp>
#include <roi/core/detail/buffer.hpp>
#include <roi/core/parallel.hpp>
#include <roi/image/box.hpp>
#include <roi/image/grid.hpp>
#include <roi/image/volume.hpp>
#include <roi/stream/sink.hpp>
#include <roi/stream/source.hpp>

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <tuple>
#include <type_traits>
#include <utility>
#include <vector>

namespace roi::detail {

/// Voxels that a voxel sink is shown at once: long enough that every volume is read in several pages on end, and short
/// enough that a sink's sums stay in the second-level cache while the volumes pass.
inline constexpr std::int64_t range_length = 8192;

/// Shows one block to one sink, without the volumes that only others want.
template <NumberVoxel T, class S>
void show(S& sink, FrameBlock<T> block, std::int64_t voxels, ThreadTeam& team) {
    if constexpr (VoxelSink<S, T>) {
        std::vector<const T*> wanted;
        if constexpr (Choosy<S>) {
            wanted.assign(block.frames.begin(), block.frames.end());
            for (std::size_t i = 0; i < wanted.size(); ++i) {
                if (!wants(sink, block.first + static_cast<std::int64_t>(i))) wanted[i] = nullptr;
            }
            block.frames = wanted;
        }
        team.run((voxels + range_length - 1) / range_length, [&](std::int64_t chunk, int) {
            sink.update(block,
                        VoxelRange{chunk * range_length, std::min(voxels, (chunk + 1) * range_length)});
        });
    } else if constexpr (BlockSink<S, T>) {
        const auto count = static_cast<std::int64_t>(block.frames.size());
        // Parts of a few volumes, so that every thread has some; of a sink that chooses, of one.
        constexpr std::int64_t most = TakesStored<S, T> ? 16 : 4;
        const std::int64_t part =
            Choosy<S> ? 1 : std::clamp<std::int64_t>((count + team.size() - 1) / team.size(), 1, most);
        team.run((count + part - 1) / part, [&](std::int64_t number, int) {
            const std::int64_t first = number * part;
            if (!wants(sink, block.first + first)) return;
            sink.update(
                FrameBlock<T>{block.first + first,
                              block.frames.subspan(static_cast<std::size_t>(first),
                                                   static_cast<std::size_t>(std::min(part, count - first)))});
        });
    } else {
        for (std::size_t i = 0; i < block.frames.size(); ++i) {
            const auto index = block.first + static_cast<std::int64_t>(i);
            if (!wants(sink, index)) continue;
            sink.frame(index, std::span<const T>(block.frames[i], static_cast<std::size_t>(voxels)));
        }
    }
}

/// A source whose volumes lie in memory already, so that a block of them takes none.
template <class S>
concept Resident = requires {
    requires S::resident;
};

/// Volumes taken together: enough to make passing over the sums of a voxel worth it, in a few megabytes.
///
/// \param bytes  memory that one volume takes while it is worked on
/// \param most   16 where sums of voxels should stay in cache; more volumes that lie in memory already cost nothing
[[nodiscard]] inline std::int64_t block_length(std::int64_t bytes, std::int64_t frames,
                                               std::int64_t most = 16) {
    constexpr std::int64_t budget = std::int64_t{4} << 20;
    const std::int64_t fitting = budget / std::max<std::int64_t>(1, bytes);
    return std::clamp<std::int64_t>(fitting, 1, std::clamp<std::int64_t>(frames, 1, most));
}

/// Are volumes of a source made range by range for its sinks, and never whole?
template <class Source, class... Sinks>
inline constexpr bool makes_ranges = false;
template <class Source, class... Sinks>
requires RangedSource<Source> &&(!Resident<Source>)&&(!FilteredSource<Source>)&&(sizeof...(Sinks) > 0)  //
    inline constexpr bool makes_ranges<Source, Sinks...> =
        ((VoxelSink<Sinks, typename Source::value_type> && WithinRange<Sinks> && !has_stored_type<Sinks> &&
          !Placing<Sinks, typename Source::value_type>)&&...);

/// Where a volume would begin whose voxel number `first` lies at `values`: for who looks at voxels from that one on.
template <class T>
[[nodiscard]] const T* beginning(const T* values, std::int64_t first) {
    // In numbers, because the place need not lie in memory of ours.
    return reinterpret_cast<const T*>(reinterpret_cast<std::uintptr_t>(values) -
                                      static_cast<std::uintptr_t>(first) * sizeof(T));
}

/// Are all sinks shown the volumes of a source as they are stored?
template <class... Sinks, StagedSource Source>
[[nodiscard]] bool all_take_stored([[maybe_unused]] const Source& source) {
    bool out = false;
    if constexpr (StoredSource<Source> && !FilteredSource<Source>) {
        source.visit_stored([&]<class V>(V) { out = (TakesStored<Sinks, V> && ...); });
    }
    return out;
}

/// Memory for one volume, made when first asked for.
template <class T>
[[nodiscard]] std::span<T> volume_in(Buffer<T>& buffer, std::int64_t voxels) {
    if (buffer.size() != voxels) buffer = Buffer<T>(voxels, Uninitialized{});
    return buffer.span();
}

/// Turns pulled volumes into what the sinks look at, and nothing else.
template <StagedSource Source, class... Sinks>
class Converter {
public:
    using T = typename Source::value_type;

    Converter(const Source& source, std::int64_t length, int members, Sinks&... sinks)
        : source_(source),
          sinks_(sinks...),
          voxels_(source.grid().size()),
          workspaces_(static_cast<std::size_t>(members)),
          volumes_(static_cast<std::size_t>(length)),
          unfiltered_(static_cast<std::size_t>(length)),
          ranges_(static_cast<std::size_t>(members)) {
        (add_box(sinks), ...);
    }

    /// Converts a block of volumes on a team of threads and shows it to every sink.
    void process(std::span<const RawFrame> raw, ThreadTeam& team) {
        if constexpr (makes_ranges<Source, Sinks...>) return process_ranges(raw, team);
        bool done = false;
        if constexpr (StoredSource<Source>) {
            source_.visit_stored([&]<class V>(V) {
                if constexpr (FilteredSource<Source> || (TakesStored<Sinks, V> || ...)) {
                    process_as<V>(raw, team, [&](std::size_t i, std::size_t) {
                        return source_.template stored<V>(raw[i]);
                    });
                    done = true;
                }
            });
        }
        if (done) return;
        process_as<T>(raw, team, [&](std::size_t i, std::size_t member) {
            if constexpr (splits) {
                return source_.unfiltered(raw[i], volume_in(unfiltered_[i], voxels_), workspaces_[member]);
            } else if constexpr (Resident<Source>) {
                return source_.convert(raw[i], {}, workspaces_[member]);
            } else {
                return source_.convert(raw[i], room(i, raw[i].index), workspaces_[member]);
            }
        });
    }

    /// Filters what was computed from unfiltered volumes.
    void finish() {
        std::apply([&](Sinks&... sinks) { (finish(sinks), ...); }, sinks_);
    }

private:
    template <class S>
    static constexpr bool takes_unfiltered = FilteredSource<Source>&& Linear<S>;
    template <class S>
    static constexpr bool takes_box = FilteredSource<Source>&& Boxed<S> && !takes_unfiltered<S>;
    template <class S>
    static constexpr bool takes_whole = !takes_unfiltered<S> && !takes_box<S>;
    /// Is a sink shown volumes of V as they come, before the source makes values of them?
    template <class S, class V>
    static constexpr bool takes_before = takes_unfiltered<S> ||
                                         (!FilteredSource<Source> && TakesStored<S, V>);

    /// Must volumes be seen before the filter? Where all sinks take them whole, the source can do all of it at once.
    static constexpr bool splits = FilteredSource<Source> && !(takes_whole<Sinks> && ...);

    /// \tparam V         type of the volumes
    /// \param volume_of  (place in the block, member of the team) to such a volume
    template <NumberVoxel V, class VolumeOf>
    void process_as(std::span<const RawFrame> raw, ThreadTeam& team, const VolumeOf& volume_of) {
        // What stands between a volume and what a sink is shown: the filter, or that it is stored otherwise.
        constexpr bool filters = FilteredSource<Source> && (splits || !std::is_same_v<V, T>);
        constexpr bool converts = !FilteredSource<Source> && !std::is_same_v<V, T>;
        std::vector<const V*> before(raw.size(), nullptr);
        std::vector<const T*> after(raw.size(), nullptr);
        const auto make = [&](std::int64_t place, int thread) {
            const auto i = static_cast<std::size_t>(place);
            const auto member = static_cast<std::size_t>(thread);
            const auto [whole, part, unfiltered] = demand<V>(raw[i].index);
            if (!whole && !part && !unfiltered) return;
            if constexpr (converts) {
                if (unfiltered) before[i] = volume_of(i, member).data();
                if (!whole) return;
                after[i] = source_.convert(raw[i], room(i, raw[i].index), workspaces_[member]).data();
            } else if constexpr (filters) {
                const auto volume = volume_of(i, member);
                before[i] = volume.data();
                if (!whole && !part) return;
                const auto out = whole ? room(i, raw[i].index) : volume_in(volumes_[i], voxels_);
                source_.filter(volume, out, whole ? everything() : box_, workspaces_[member]);
                after[i] = out.data();
            } else {
                after[i] = volume_of(i, member).data();
            }
        };
        const auto count = static_cast<std::int64_t>(raw.size());
        if constexpr ((Resident<Source> && !FilteredSource<Source>) || converts_nothing<V>) {
            for (std::int64_t place = 0; place < count; ++place) make(place, 0);  // too little to share
        } else {
            team.run(count, make);
        }
        const auto show_to = [&]<class S>(S& sink) {
            if constexpr (takes_before<S, V> && (filters || converts)) {
                show(sink, FrameBlock<V>{raw.front().index, before}, voxels_, team);
            } else {
                show(sink, FrameBlock<T>{raw.front().index, after}, voxels_, team);
            }
        };
        std::apply([&](Sinks&... sinks) { (show_to(sinks), ...); }, sinks_);
    }

    /// Makes a range of each volume and shows it, while it is in cache, range by range.
    void process_ranges(std::span<const RawFrame> raw, ThreadTeam& team) {
        std::vector<bool> wanted(raw.size());
        for (std::size_t i = 0; i < raw.size(); ++i) wanted[i] = demand<T>(raw[i].index).whole;
        team.run((voxels_ + made_together - 1) / made_together, [&](std::int64_t number, int thread) {
            const auto member = static_cast<std::size_t>(thread);
            const VoxelRange range{number * made_together, std::min(voxels_, (number + 1) * made_together)};
            const auto room =
                volume_in(ranges_[member], static_cast<std::int64_t>(volumes_.size()) * made_together);
            std::vector<const T*> values(raw.size(), nullptr);
            for (std::size_t i = 0; i < raw.size(); ++i) {
                if (!wanted[i]) continue;
                const auto out = room.subspan(i * static_cast<std::size_t>(made_together),
                                              static_cast<std::size_t>(range.size()));
                values[i] = beginning(source_.convert_range(raw[i], range, out, workspaces_[member]).data(),
                                      range.first);
            }
            const auto show_to = [&]<class S>(S& sink) {
                if constexpr (Choosy<S>) {
                    auto chosen = values;
                    for (std::size_t i = 0; i < raw.size(); ++i) {
                        if (!wants(sink, raw[i].index)) chosen[i] = nullptr;
                    }
                    sink.update(FrameBlock<T>{raw.front().index, chosen}, range);
                } else {
                    sink.update(FrameBlock<T>{raw.front().index, values}, range);
                }
            };
            std::apply([&](Sinks&... sinks) { (show_to(sinks), ...); }, sinks_);
        });
    }

    /// Do all sinks take volumes of V as they come?
    template <class V>
    static constexpr bool converts_nothing =
        !FilteredSource<Source> && !std::is_same_v<V, T> && (takes_before<Sinks, V> && ...);

    /// Where a volume that is wanted whole is made: where a sink keeps it, else memory of the block.
    [[nodiscard]] std::span<T> room(std::size_t place, std::int64_t frame) {
        std::span<T> out;
        const auto offer = [&]<class S>(S& sink) {
            if constexpr (takes_whole<S> && Placing<S, T>) {
                if (out.empty() && wants(sink, frame)) out = sink.place(frame);
            }
        };
        std::apply([&](Sinks&... sinks) { (offer(sinks), ...); }, sinks_);
        return out.empty() ? volume_in(volumes_[place], voxels_) : out;
    }

    struct Demand {
        bool whole = false, part = false, unfiltered = false;
    };

    /// What the sinks want of one volume that comes as one of V.
    template <class V>
    [[nodiscard]] Demand demand(std::int64_t frame) const {
        return std::apply(
            [&](const Sinks&... sinks) {
                return Demand{((takes_whole<Sinks> && !takes_before<Sinks, V> && wants(sinks, frame)) || ...),
                              ((takes_box<Sinks> && wants(sinks, frame)) || ...),
                              ((takes_before<Sinks, V> && wants(sinks, frame)) || ...)};
            },
            sinks_);
    }

    [[nodiscard]] Box everything() const {
        const Shape& shape = source_.grid().shape();
        return {{0, 0, 0}, {shape.x(), shape.y(), shape.z()}};
    }

    template <class S>
    void add_box([[maybe_unused]] const S& sink) {
        if constexpr (takes_box<S>) box_.include(sink.box());
    }

    template <class S>
    void finish(S& sink) {
        if constexpr (takes_unfiltered<S>) {
            sink.finish([this](Volume<double> map) { return source_.filtered(std::move(map)); });
        }
    }

    const Source& source_;
    std::tuple<Sinks&...> sinks_;
    std::int64_t voxels_;
    Box box_;
    std::vector<typename Source::Workspace> workspaces_;
    std::vector<Buffer<T>> volumes_, unfiltered_;
    std::vector<Buffer<T>> ranges_;  // of each member of the team: a range of each volume of a block
};

}  // namespace roi::detail
