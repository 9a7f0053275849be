// Reads a source once, volume by volume, and shows every volume to any number of sinks.
#pragma once

#include <roi/concepts.hpp>
#include <roi/detail/buffer.hpp>
#include <roi/detail/read_ahead.hpp>
#include <roi/error.hpp>
#include <roi/frame_source.hpp>
#include <roi/grid.hpp>
#include <roi/metadata.hpp>
#include <roi/parallel.hpp>

#include <algorithm>
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <span>
#include <type_traits>
#include <vector>

namespace roi {

/// What a sink is told before the first volume.
struct ScanInfo {
    Grid grid;
    Metadata metadata;
    std::int64_t frames = 0;
};

/// A few consecutive volumes; a volume that the sink does not want is a null pointer.
template <RealVoxel T>
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

/// The simplest sink to write: `frame` gets whole volumes in the order of time, from one thread at a time.
template <class S, class T>
concept FrameSink = requires(S& sink, const ScanInfo& info, std::int64_t index, std::span<const T> values) {
    {sink.begin(info)};
    {sink.frame(index, values)};
};

/// Anything that `scan` can show volumes of `T` to.
///
/// A sink that has `bool wants(std::int64_t frame) const` is shown only the volumes it wants, and what no
/// sink wants is not even converted or smoothed.
template <class S, class T>
concept Sink = VoxelSink<S, T> || FrameSink<S, T>;

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

/// Shows one block to one sink, without the volumes that only others want.
template <RealVoxel T, class S>
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
        // Small enough that a sink's sums of one range stay in the first-level cache while the volumes pass.
        constexpr std::int64_t range = 1024;
        team.run((voxels + range - 1) / range, [&](std::int64_t chunk, int) {
            sink.update(block, VoxelRange{chunk * range, std::min(voxels, (chunk + 1) * range)});
        });
    } else {
        for (std::size_t i = 0; i < block.frames.size(); ++i) {
            const auto index = block.first + static_cast<std::int64_t>(i);
            if (wants(sink, index)) {
                sink.frame(index, std::span<const T>(block.frames[i], static_cast<std::size_t>(voxels)));
            }
        }
    }
}

/// Volumes taken together: enough to make passing over the sums of a voxel worth it, in a few megabytes.
[[nodiscard]] inline std::int64_t block_length(std::int64_t voxels, std::int64_t value_bytes,
                                               std::int64_t frames) {
    constexpr std::int64_t budget = std::int64_t{8} << 20;
    const std::int64_t fitting = budget / std::max<std::int64_t>(1, voxels * value_bytes);
    return std::clamp<std::int64_t>(fitting, 1, std::clamp<std::int64_t>(frames, 1, 16));
}

}  // namespace detail

/// Reads every volume of a source once, in order, and shows each to every sink.
///
/// \param options  progress callback
/// \param source   an opened file, a filter over one, a run in memory, or a source of your own; it is used up
/// \param sinks    `Mean`, `TTestInd`, `KeepVoxels`, or sinks of your own; ask them for their results
/// afterwards \throws         what source and sinks throw; the sinks are then without meaning
///
/// Reading, converting and summing overlap on `threads()` threads; what a sink sees does not depend on their
/// number. Memory: two blocks of up to 16 volumes (8 MB or one volume each) in the source's form and one
/// converted, whatever the length of the run.
template <FrameSource Source, class... Sinks>
requires(Sink<Sinks, typename std::remove_cvref_t<Source>::value_type>&&...) void scan(
    const ScanOptions& options, Source&& source, Sinks&... sinks) {
    using T = typename std::remove_cvref_t<Source>::value_type;
    auto&& frames = staged(source);
    using Staged = std::remove_cvref_t<decltype(frames)>;

    const ScanInfo info{frames.grid(), frames.metadata(), frames.frames()};
    (sinks.begin(info), ...);

    const std::int64_t voxels = info.grid.size();
    const std::int64_t length =
        detail::block_length(voxels, static_cast<std::int64_t>(sizeof(T)), info.frames);
    const bool ahead = Staged::reads_ahead && threads() > 1;
    ThreadTeam team(ahead ? threads() - 1 : threads());
    std::vector<typename Staged::Workspace> workspaces(static_cast<std::size_t>(team.size()));
    std::vector<detail::Buffer<T>> converted(static_cast<std::size_t>(length));
    std::vector<const T*> pointers;

    detail::ReadAhead<Staged> reader(frames, info.frames, length, ahead);
    for (std::int64_t first = 0; first < info.frames; first += length) {
        const std::span<const RawFrame> raw = reader.next();
        pointers.assign(raw.size(), nullptr);
        team.run(static_cast<std::int64_t>(raw.size()), [&](std::int64_t i, int member) {
            if (!(detail::wants(sinks, first + i) || ...)) return;
            auto& buffer = converted[static_cast<std::size_t>(i)];
            if (buffer.size() != voxels) buffer = detail::Buffer<T>(voxels, detail::Uninitialized{});
            pointers[static_cast<std::size_t>(i)] =
                frames
                    .convert(raw[static_cast<std::size_t>(i)], buffer.span(),
                             workspaces[static_cast<std::size_t>(member)])
                    .data();
        });
        [[maybe_unused]] const FrameBlock<T> block{first, pointers};  // a scan without sinks only reads
        (detail::show(sinks, block, voxels, team), ...);
        if (options.progress) options.progress(first + static_cast<std::int64_t>(raw.size()), info.frames);
    }
}

/// Reads every volume of a source once, in order, and shows each to every sink; as above with default
/// options.
template <FrameSource Source, class... Sinks>
requires(Sink<Sinks, typename std::remove_cvref_t<Source>::value_type>&&...) void scan(Source&& source,
                                                                                       Sinks&... sinks) {
    scan(ScanOptions{}, source, sinks...);
}

}  // namespace roi
