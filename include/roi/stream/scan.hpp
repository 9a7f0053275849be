// Reads a source once, volume by volume, and shows every volume to any number of sinks.
#pragma once

#include <roi/core/concepts.hpp>
#include <roi/core/detail/buffer.hpp>
#include <roi/core/error.hpp>
#include <roi/core/parallel.hpp>
#include <roi/image/grid.hpp>
#include <roi/image/metadata.hpp>
#include <roi/image/volume.hpp>
#include <roi/stream/detail/read_ahead.hpp>
#include <roi/stream/source.hpp>

#include <algorithm>
#include <array>
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <span>
#include <tuple>
#include <type_traits>
#include <utility>
#include <vector>

namespace roi {

/// What a sink is told before the first volume.
struct ScanInfo {
    Grid grid;
    Metadata metadata;
    std::int64_t frames = 0;
};

/// A few consecutive volumes; a volume that the sink does not want is a null pointer.
template <NumberVoxel T>
struct FrameBlock {
    std::int64_t first = 0;            ///< number of the first volume of the block
    std::span<const T* const> frames;  ///< values of each volume, x fastest
};

/// Voxels [first, last) in memory order.
struct VoxelRange {
    std::int64_t first = 0;
    std::int64_t last = 0;
};

/// A sink that works voxel by voxel: `update` is called from several threads at once for different voxels,
/// and for one voxel in the order of time. This is the fast kind: a block of volumes passes over each voxel
/// while it is in cache.
template <class S, class T>
concept VoxelSink = requires(S& sink, const ScanInfo& info, const FrameBlock<T>& block, VoxelRange range) {
    {sink.begin(info)};
    {sink.update(block, range)};
};

/// The simplest sink to write: `frame` gets whole volumes in the order of time, from one thread at a time. One that has
/// `static constexpr bool concurrent = true` is shown the volumes of a block in any order, from several threads at once.
template <class S, class T>
concept FrameSink = requires(S& sink, const ScanInfo& info, std::int64_t index, std::span<const T> values) {
    {sink.begin(info)};
    {sink.frame(index, values)};
};

/// Anything that `scan` can show volumes of `T` to.
///
/// A sink that has `bool wants(std::int64_t frame) const` is shown only the volumes it wants, and what no sink wants
/// is not even converted or smoothed.
template <class S, class T>
concept Sink = VoxelSink<S, T> || FrameSink<S, T>;

/// A sink that looks at the voxels of one box only: `box()`, asked after `begin`. Of a smoothed volume that nobody
/// else wants, only these voxels are smoothed; the others hold anything.
template <class S>
concept BoxedSink = requires(const S& sink) {
    { sink.box() } -> std::convertible_to<Box>;
};

/// A sink whose result is a map that is linear in the volumes. It is shown unfiltered volumes of a `FilteredSource`,
/// of any number type, and `finish(filter)` is called at the end to apply `filter`, from map to map, to the result.
template <class S>
concept LinearSink = S::linear && requires(S& sink, Volume<double> (*filter)(Volume<double>)) {
    {sink.finish(filter)};
};

/// A sink with room of its own: `place(frame)` is the memory that a whole volume goes to. Sources that can make a volume
/// there do, which saves a copy; what the sink is shown may still lie elsewhere.
template <class S, class T>
concept PlacingSink = requires(S& sink, std::int64_t frame) {
    { sink.place(frame) } -> std::same_as<std::span<T>>;
};

/// A sink for the volumes of a source, in the type that the source shows them.
template <class S, class Source>
concept SinkOf = Sink<S, typename std::remove_cvref_t<decltype(staged(std::declval<Source&>()))>::value_type>;

/// Settings of a scan.
struct ScanOptions {
    Progress progress{};  ///< told the number of volumes done, from the calling thread
};

namespace detail {

template <class S>
concept Choosy = requires(const S& sink, std::int64_t frame) {
    { sink.wants(frame) } -> std::convertible_to<bool>;
};

template <class S>
[[nodiscard]] bool wants(const S& sink, std::int64_t frame) {
    if constexpr (Choosy<S>) {
        return sink.wants(frame);
    } else {
        return true;
    }
}

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
    } else {
        const auto show_one = [&](std::int64_t i, int) {
            const auto index = block.first + i;
            if (wants(sink, index)) {
                sink.frame(index, std::span<const T>(block.frames[static_cast<std::size_t>(i)],
                                                     static_cast<std::size_t>(voxels)));
            }
        };
        const auto count = static_cast<std::int64_t>(block.frames.size());
        if constexpr (requires { requires S::concurrent; }) {
            team.run(count, show_one);
        } else {
            for (std::int64_t i = 0; i < count; ++i) show_one(i, 0);
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
[[nodiscard]] inline std::int64_t block_length(std::int64_t bytes, std::int64_t frames) {
    constexpr std::int64_t budget = std::int64_t{4} << 20;
    const std::int64_t fitting = budget / std::max<std::int64_t>(1, bytes);
    return std::clamp<std::int64_t>(fitting, 1, std::clamp<std::int64_t>(frames, 1, 16));
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
          unfiltered_(static_cast<std::size_t>(length)) {
        (add_box(sinks), ...);
    }

    /// Converts a block of volumes on a team of threads and shows it to every sink.
    void process(std::span<const RawFrame> raw, ThreadTeam& team) {
        bool done = false;
        if constexpr (FilteredSource<Source> && StoredSource<Source>) {
            done = source_.visit_stored([&]<class V>(V) {
                process_as<V>(raw, team,
                              [&](std::size_t i, std::size_t) { return source_.template stored<V>(raw[i]); });
            });
        }
        if (done) return;
        process_as<T>(raw, team, [&](std::size_t i, std::size_t member) {
            if constexpr (FilteredSource<Source>) {
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
    static constexpr bool takes_unfiltered = FilteredSource<Source>&& LinearSink<S>;
    template <class S>
    static constexpr bool takes_box = FilteredSource<Source>&& BoxedSink<S> && !takes_unfiltered<S>;
    template <class S>
    static constexpr bool takes_whole = !takes_unfiltered<S> && !takes_box<S>;

    /// \tparam V         type of the volumes before the filter
    /// \param volume_of  (place in the block, member of the team) to such a volume
    template <NumberVoxel V, class VolumeOf>
    void process_as(std::span<const RawFrame> raw, ThreadTeam& team, const VolumeOf& volume_of) {
        std::vector<const V*> before(raw.size(), nullptr);
        std::vector<const T*> after(raw.size(), nullptr);
        team.run(static_cast<std::int64_t>(raw.size()), [&](std::int64_t place, int thread) {
            const auto i = static_cast<std::size_t>(place);
            const auto member = static_cast<std::size_t>(thread);
            const auto [whole, part, unfiltered] = demand(raw[i].index);
            if (!whole && !part && !unfiltered) return;
            const auto volume = volume_of(i, member);
            if constexpr (FilteredSource<Source>) {
                before[i] = volume.data();
                if (!whole && !part) return;
                const auto out = whole ? room(i, raw[i].index) : volume_in(volumes_[i], voxels_);
                source_.filter(volume, out, whole ? everything() : box_, workspaces_[member]);
                after[i] = out.data();
            } else {
                after[i] = volume.data();
            }
        });
        const auto show_to = [&]<class S>(S& sink) {
            if constexpr (takes_unfiltered<S>) {
                show(sink, FrameBlock<V>{raw.front().index, before}, voxels_, team);
            } else {
                show(sink, FrameBlock<T>{raw.front().index, after}, voxels_, team);
            }
        };
        std::apply([&](Sinks&... sinks) { (show_to(sinks), ...); }, sinks_);
    }

    /// Where a volume that is wanted whole is made: where a sink keeps it, else memory of the block.
    [[nodiscard]] std::span<T> room(std::size_t place, std::int64_t frame) {
        std::span<T> out;
        const auto offer = [&]<class S>(S& sink) {
            if constexpr (takes_whole<S> && PlacingSink<S, T>) {
                if (out.empty() && wants(sink, frame)) out = sink.place(frame);
            }
        };
        std::apply([&](Sinks&... sinks) { (offer(sinks), ...); }, sinks_);
        if (out.empty()) return volume_in(volumes_[place], voxels_);
        map_before_writing(out.data(), out.size_bytes());
        return out;
    }

    struct Demand {
        bool whole = false, part = false, unfiltered = false;
    };

    /// What the sinks want of one volume.
    [[nodiscard]] Demand demand(std::int64_t frame) const {
        return std::apply(
            [&](const Sinks&... sinks) {
                return Demand{((takes_whole<Sinks> && wants(sinks, frame)) || ...),
                              ((takes_box<Sinks> && wants(sinks, frame)) || ...),
                              ((takes_unfiltered<Sinks> && wants(sinks, frame)) || ...)};
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
};

}  // namespace detail

/// Reads every volume of a source once, in order, and shows each to every sink.
///
/// \param options  progress callback
/// \param source   an opened file, a filter over one, a run in memory, or a source of your own; one that can rewind is
///                 read from its first volume and may be scanned again, any other is used up, also by a failed scan
/// \param sinks    `Mean`, `TTestInd`, `KeepVoxels`, or sinks of your own; ask them for their results afterwards
/// \throws         what source and sinks throw; the sinks are then without meaning
///
/// Reading, converting and summing overlap on `threads()` threads; what a sink sees does not depend on their number.
/// Only what some sink looks at is converted and smoothed. Memory: two blocks of up to 16 volumes (4 MB or one volume
/// each) in the source's form and up to two converted, whatever the length of the run.
template <FrameSource Source, SinkOf<Source>... Sinks>
void scan(const ScanOptions& options, Source&& source, Sinks&... sinks) {
    auto&& frames = staged(source);
    if constexpr (RewindableSource<std::remove_cvref_t<decltype(frames)>>) frames.rewind();
    using Staged = std::remove_cvref_t<decltype(frames)>;
    using T = typename Staged::value_type;

    const ScanInfo info{frames.grid(), frames.metadata(), frames.frames()};
    const std::int64_t bytes =
        detail::Resident<Staged> ? 0 : info.grid.size() * static_cast<std::int64_t>(sizeof(T));
    const std::int64_t length = detail::block_length(bytes, info.frames);
    const bool ahead = frames.reads_ahead() && threads() > 1;
    // The first block is read while the sinks make their sums ready.
    detail::ReadAhead<Staged> reader(frames, info.frames, length, ahead);
    (sinks.begin(info), ...);
    ThreadTeam team(ahead ? threads() - 1 : threads());
    detail::Converter<Staged, Sinks...> converter(frames, length, team.size(), sinks...);
    for (std::int64_t first = 0; first < info.frames; first += length) {
        const std::span<const RawFrame> raw = reader.next();
        converter.process(raw, team);
        if (options.progress) options.progress(first + static_cast<std::int64_t>(raw.size()), info.frames);
    }
    converter.finish();
}

/// Reads every volume of a source once, in order, and shows each to every sink; as above with default options.
template <FrameSource Source, SinkOf<Source>... Sinks>
void scan(Source&& source, Sinks&... sinks) {
    scan(ScanOptions{}, source, sinks...);
}

}  // namespace roi
