// Reads a source once, volume by volume, and shows every volume to any number of sinks.
#pragma once

#include <roi/core/detail/function_ref.hpp>
#include <roi/core/error.hpp>
#include <roi/core/parallel.hpp>
#include <roi/core/text.hpp>
#include <roi/stream/detail/converter.hpp>
#include <roi/stream/detail/read_ahead.hpp>
#include <roi/stream/sink.hpp>
#include <roi/stream/source.hpp>

#include <array>
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <span>
#include <tuple>
#include <type_traits>
#include <utility>

namespace roi {

/// Settings of a scan, and of every function that scans; all are called on the thread that called it.
struct ScanOptions {
    Progress progress{};       ///< told the number of volumes done
    WarningHandler warning{};  ///< told what changes the meaning of a result, one line each
    StopRequest stop{};        ///< asked between blocks of volumes whether to stop
    int threads = 0;           ///< number of threads for this call; 0 is `threads()`
};

namespace detail {

/// What the options of a function say of the scan that it does.
template <class Options>
[[nodiscard]] ScanOptions scan_options(const Options& options) {
    ScanOptions out;
    if constexpr (requires { options.progress; }) out.progress = options.progress;
    if constexpr (requires { options.warning; }) out.warning = options.warning;
    if constexpr (requires { options.stop; }) out.stop = options.stop;
    if constexpr (requires { options.threads; }) out.threads = options.threads;
    return out;
}

template <class Sink>
void state_begins([[maybe_unused]] Sink& sink) {
    if constexpr (requires { sink.scan_begins(); }) sink.scan_begins();
}
template <class Sink>
void state_ends([[maybe_unused]] Sink& sink) {
    if constexpr (requires { sink.scan_ends(); }) sink.scan_ends();
}

template <class Sink>
void sink_warns([[maybe_unused]] Sink& sink, [[maybe_unused]] const WarningHandler& warning) {
    if constexpr (Warning<Sink>) sink.warn(warning);
}

/// Takes block after block of a run; what is the same for all sources and sinks.
inline void each_block(const ScanOptions& options, std::int64_t frames, std::int64_t length,
                       ReadAhead& reader, FunctionRef<void(std::span<const RawFrame>)> process) {
    for (std::int64_t first = 0; first < frames; first += length) {
        if (options.stop && options.stop()) {
            throw Error(ErrorCode::stopped,
                        text("stopped on request after ", first, " of ", frames, " volumes"));
        }
        const std::span<const RawFrame> raw = reader.next();
        process(raw);
        if (options.progress) options.progress(first + static_cast<std::int64_t>(raw.size()), frames);
    }
}

/// No sink may be passed twice: it would see every volume twice.
inline void require_different_sinks(std::span<const void* const> sinks) {
    for (std::size_t i = 0; i < sinks.size(); ++i) {
        for (std::size_t j = 0; j < i; ++j) {
            require(sinks[i] != sinks[j], "scan: a sink was passed twice; it would see every volume twice");
        }
    }
}

/// A scan with its sinks; `scan` has looked at the arguments.
template <class Source, class... Sinks>
void scan_with(const ScanOptions& options, Source& source, Sinks&... sinks) {
    require_different_sinks(std::array<const void*, sizeof...(Sinks)>{&sinks...});
    const ThreadsOfCall threads_of_call(options.threads);
    auto&& frames = staged(source);
    using Staged = std::remove_cvref_t<decltype(frames)>;
    using T = typename Staged::value_type;
    if constexpr (RewindableSource<Staged>) frames.rewind();
    // Of a filter over a source that cannot rewind the address cannot be taken, and nothing is wrong with it.
    static_assert(
        !requires { &Staged::rewind; } || RewindableSource<Staged>,
        "roi::scan: `rewind` of this source does not fit: write `void rewind()`");

    ScanInfo info{frames.grid(), frames.metadata(), frames.frames()};
    info.volume_name = [&frames](std::int64_t frame) { return volume_name(frames, frame); };
    // Of what is shown as it is stored there are no converted volumes, so that twice as many take no more memory.
    const auto size = static_cast<std::int64_t>(all_take_stored<Sinks...>(frames) ? 1
                                                : makes_ranges<Staged, Sinks...>  ? sizeof(T) / 2
                                                                                  : sizeof(T));
    const std::int64_t bytes = Resident<Staged> ? 0 : info.grid.size() * size;
    constexpr bool sums_voxels = !Resident<Staged> || FilteredSource<Staged> || (VoxelSink<Sinks, T> || ...);
    constexpr bool takes_runs = Resident<Staged> && !FilteredSource<Staged> && (TakesRuns<Sinks> && ...);
    // Between blocks is when progress is told and a stop asked for.
    const bool at_once = takes_runs && !options.progress && !options.stop;
    const std::int64_t length = block_length(bytes, info.frames,
                                             at_once       ? info.frames
                                             : sums_voxels ? 16
                                                           : 256);
    info.block = length;
    const bool ahead = frames.reads_ahead() && threads() > 1;
    // The first block is read while the sinks make their sums ready.
    const auto pull = [&frames](RawFrame& raw) { frames.pull(raw); };
    ReadAhead reader(pull, info.frames, length, ahead);
    (state_begins(sinks), ...);
    (sinks.begin(info), ...);
    ThreadTeam team(ahead ? threads() - 1 : threads());
    Converter<Staged, Sinks...> converter(frames, length, team.size(), sinks...);
    each_block(options, info.frames, length, reader,
               [&](std::span<const RawFrame> raw) { converter.process(raw, team); });
    converter.finish();
    (state_ends(sinks), ...);
    if (!options.warning) return;
    pass_warnings(frames, options.warning);
    (sink_warns(sinks, options.warning), ...);
}

}  // namespace detail

/// Reads every volume of a source once, in order, and shows each to every sink.
///
/// \param source     an opened file, a filter over one, a run in memory, or a source of your own; one that can rewind is
///                   read from its first volume and may be scanned again, any other is used up, also by a failed scan
/// \param arguments  sinks: `Mean`, `TTestInd`, `KeepVoxels`, or sinks of your own, to be asked for their results
///                   afterwards; behind them, if you like, `ScanOptions`
/// \throws           InvalidArgument when a sink is passed twice; Error of the code stopped; what source and sinks throw.
///                   The sinks then refuse to answer, and may be scanned again
///
/// Reading, converting and summing overlap on several threads; what a sink sees does not depend on their number. Only
/// what some sink looks at is converted and smoothed. Memory: two blocks of up to 16 volumes (4 MB or one volume each) in
/// the source's form and up to two converted, whatever the length of the run.
template <class Source, class... Arguments>
void scan(Source&& source, Arguments&&... arguments) {
    static_assert(FrameSource<Source>,
                  "roi::scan: the first argument must be a source of volumes: a run in memory, an opened "
                  "file, a filter "
                  "over one, or a class with grid(), metadata(), frames() and read(std::span<T> out)");
    if constexpr (FrameSource<Source>) {
        using T = typename std::remove_cvref_t<decltype(staged(source))>::value_type;
        constexpr std::size_t count = sizeof...(Arguments);
        auto all = std::forward_as_tuple(arguments...);
        const auto with_first = [&]<std::size_t... I>(std::index_sequence<I...>, const ScanOptions& options) {
            static_assert(
                (!std::same_as<std::remove_cvref_t<std::tuple_element_t<I, decltype(all)>>, ScanOptions> &&
                 ...),
                "roi::scan: the options come last, behind the sinks");
            constexpr bool fit =
                (detail::check_sink<std::remove_reference_t<std::tuple_element_t<I, decltype(all)>>, T>() &&
                 ...);
            if constexpr (fit) detail::scan_with(options, source, std::get<I>(all)...);
        };
        if constexpr (count > 0) {
            using Last = std::remove_cvref_t<std::tuple_element_t<count - 1, decltype(all)>>;
            if constexpr (std::same_as<Last, ScanOptions>) {
                with_first(std::make_index_sequence<count - 1>{}, std::get<count - 1>(all));
            } else {
                with_first(std::make_index_sequence<count>{}, ScanOptions{});
            }
        } else {
            with_first(std::make_index_sequence<0>{}, ScanOptions{});
        }
    }
}

}  // namespace roi
