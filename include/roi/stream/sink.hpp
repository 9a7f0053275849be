// What volumes are shown to, one after the other: the contract between `scan` and what is computed of a run.
#pragma once

#include <roi/core/concepts.hpp>
#include <roi/core/error.hpp>
#include <roi/core/text.hpp>
#include <roi/image/box.hpp>
#include <roi/image/grid.hpp>
#include <roi/image/metadata.hpp>
#include <roi/image/volume.hpp>

#include <concepts>
#include <cstdint>
#include <functional>
#include <span>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>

namespace roi {

/// What a sink is told before the first volume.
struct ScanInfo {
    Grid grid;
    Metadata metadata;
    std::int64_t frames = 0;
    std::int64_t block =
        0;  ///< volumes that are shown at once; the last block may have fewer, 0 is not known
    /// What messages call a volume, with its file where it has one; to be called during the scan alone.
    std::function<std::string(std::int64_t frame)> volume_name{};

    /// The same where nobody has told it.
    [[nodiscard]] std::string name_of(std::int64_t frame) const {
        return volume_name ? volume_name(frame) : text("volume ", frame);
    }
};

/// A few consecutive volumes; a volume that the sink does not want is a null pointer.
template <NumberVoxel T>
struct FrameBlock {
    std::int64_t first = 0;            ///< number of the first volume of the block
    std::span<const T* const> frames;  ///< values of each volume, x fastest
};

/// A sink that works voxel by voxel: `update` is called from several threads at once for different voxels,
/// and for one voxel in the order of time. This is the fast kind: a block of volumes passes over each voxel
/// while it is in cache.
template <class S, class T>
concept VoxelSink = requires(S& sink, const ScanInfo& info, const FrameBlock<T>& block, VoxelRange range) {
    {sink.begin(info)};
    {sink.update(block, range)};
};

/// A sink that works on whole volumes, some of them at once: `update` is called from several threads at once for different
/// volumes, in any order.
template <class S, class T>
concept BlockSink = requires(S& sink, const ScanInfo& info, const FrameBlock<T>& block) {
    {sink.begin(info)};
    {sink.update(block)};
};

/// The simplest sink to write: `frame` gets whole volumes in the order of time, from one thread at a time.
template <class S, class T>
concept FrameSink = requires(S& sink, const ScanInfo& info, std::int64_t index, std::span<const T> values) {
    {sink.begin(info)};
    {sink.frame(index, values)};
};

/// Anything that `scan` can show volumes of `T` to.
///
/// A sink may also have, and a compiler says what is wrong with one that nearly fits:
///
/// - `bool wants(std::int64_t frame) const`: it is shown only the volumes that it wants, and what no sink wants is not
///   even converted or smoothed;
/// - `Box box() const`, asked after `begin`: it looks at these voxels only. Of a smoothed volume that nobody else wants,
///   only they are smoothed; the others hold anything;
/// - `static constexpr bool linear = true` and `finish(filter)`: its result is a map that is linear in the volumes. It
///   is shown unfiltered volumes of a `FilteredSource`, of any number type, and `finish` is called at the end to apply
///   `filter`, from map to map, to the result;
/// - `using stored_type = std::int16_t`: of a source that is no filter and holds such whole numbers as they are
///   (`StoredSource`) it is shown these, and nothing is converted for it;
/// - `std::span<T> place(std::int64_t frame)`: the memory that a whole volume goes to. Sources that can make a volume
///   there do, which saves a copy; what the sink is shown may still lie elsewhere;
/// - `static constexpr bool takes_runs = true`: of a run that lies in memory it is shown all volumes at once, if all sinks of
///   the scan say so and nobody asked for progress or may stop it;
/// - `static constexpr bool within_range = true`, beside ranges: it looks at no voxel outside the range of a call. Volumes that a
///   source can make range by range (`RangedSource`) are then made right before they are looked at, in cache, and never whole;
/// - `void warn(const WarningHandler& warning)`: called after the last volume where `ScanOptions` has a `.warning`, to say
///   what changes the meaning of the result;
/// - `SinkState` as its base: it refuses to answer when the scan did not reach the end.
template <class S, class T>
concept Sink = VoxelSink<S, T> || BlockSink<S, T> || FrameSink<S, T>;

/// How far the scan of a sink has come: the base of a sink that refuses to answer when a scan failed or was stopped.
///
/// `scan` keeps it; the sink calls `require_complete` where it gives its result. A sink that was moved from, and one whose
/// result was taken, have seen no run.
class SinkState {
public:
    SinkState() = default;
    SinkState(const SinkState&) = default;
    SinkState(SinkState&& other) noexcept : progress_(std::exchange(other.progress_, Progress::none)) {}
    SinkState& operator=(const SinkState&) = default;
    SinkState& operator=(SinkState&& other) noexcept {
        progress_ = std::exchange(other.progress_, Progress::none);
        return *this;
    }

    /// Has the sink seen a run to its end?
    [[nodiscard]] bool complete() const { return progress_ == Progress::complete; }

    /// Called by `scan` before the first volume and after the last.
    void scan_begins() noexcept { progress_ = Progress::begun; }
    void scan_ends() noexcept { progress_ = Progress::complete; }

protected:
    ~SinkState() = default;

    /// \param who  what messages call the sink, as in "mean"
    /// \throws InvalidArgument when the sink has not seen a run to its end
    void require_complete(std::string_view who) const {
        if (complete()) return;
        throw InvalidArgument(
            text(who, progress_ == Progress::none
                          ? ": no run has been scanned yet, so there is no result"
                          : ": the scan did not reach the end of the run, so there is no result"));
    }

    /// For `result()` of a temporary: the sink is as one that has seen no run.
    void result_taken() noexcept { progress_ = Progress::none; }

private:
    enum class Progress { none, begun, complete };
    Progress progress_ = Progress::none;
};

namespace detail {

// Has a class a member of this name, whatever its type? A class that inherits a name twice cannot say it.
#define ROI_HAS_MEMBER(name)                                                      \
    struct Other_##name {                                                         \
        int name = 0;                                                             \
    };                                                                            \
    template <class S>                                                            \
    struct Both_##name : S, Other_##name {};                                      \
    template <class S>                                                            \
    concept has_##name = std::is_class_v<S> && !std::is_final_v<S> && !requires { \
        &Both_##name<S>::name;                                                    \
    };

ROI_HAS_MEMBER(begin)
ROI_HAS_MEMBER(update)
ROI_HAS_MEMBER(frame)
ROI_HAS_MEMBER(wants)
ROI_HAS_MEMBER(box)
ROI_HAS_MEMBER(place)
ROI_HAS_MEMBER(linear)
ROI_HAS_MEMBER(finish)
ROI_HAS_MEMBER(warn)
#undef ROI_HAS_MEMBER

template <class S>
concept Choosy = requires(const S& sink, std::int64_t frame) {
    { sink.wants(frame) } -> std::convertible_to<bool>;
};

template <class S>
concept Boxed = requires(const S& sink) {
    { sink.box() } -> std::convertible_to<Box>;
};

template <class S>
concept Linear = S::linear && requires(S& sink, Volume<double> (*filter)(Volume<double>)) {
    {sink.finish(filter)};
};

template <class S, class V>
concept TakesStored = requires {
    requires std::same_as<typename S::stored_type, V>;
};

template <class S>
concept has_stored_type = requires {
    typename S::stored_type;
};

template <class S>
concept StoredFits = !has_stored_type<S> || Sink<S, typename S::stored_type>;

template <class S>
concept TakesRuns = requires {
    requires S::takes_runs;
};

template <class S>
concept WithinRange = requires {
    requires S::within_range;
};

template <class S>
concept Warning = requires(S& sink, const WarningHandler& warning) {
    {sink.warn(warning)};
};

template <class S, class T>
concept Placing = requires(S& sink, std::int64_t frame) {
    { sink.place(frame) } -> std::same_as<std::span<T>>;
};

/// Stops the compilation with a sentence about what keeps `S` from being a sink for volumes of `T`; returns whether it
/// is one.
template <class S, class T>
constexpr bool check_sink() {
    constexpr bool begins = requires(S & sink, const ScanInfo& info) { {sink.begin(info)}; };
    constexpr bool fits = Sink<S, T>;
    static_assert(!std::is_const_v<S>, "roi::scan: a sink is written to, so it must not be const");
    static_assert(has_begin<S> || begins, "roi::scan: a sink needs `void begin(const roi::ScanInfo& info)`");
    static_assert(
        !has_begin<S> || begins,
        "roi::scan: `begin` of this sink does not fit: write `void begin(const roi::ScanInfo& info)`");
    static_assert(!begins || fits || has_update<S> || has_frame<S>,
                  "roi::scan: a sink needs `update(const roi::FrameBlock<T>& block, roi::VoxelRange range)`, "
                  "`update(const roi::FrameBlock<T>& block)` or `frame(std::int64_t index, std::span<const "
                  "T> values)`, "
                  "for the T of the source");
    static_assert(!begins || fits || !has_update<S>,
                  "roi::scan: `update` of this sink does not take volumes of this source's type: write "
                  "`template <roi::RealVoxel T> void update(const roi::FrameBlock<T>& block, roi::VoxelRange "
                  "range)`, or "
                  "the same without `range`");
    static_assert(!begins || fits || has_update<S> || !has_frame<S>,
                  "roi::scan: `frame` of this sink does not take volumes of this source's type: write "
                  "`template <roi::RealVoxel T> void frame(std::int64_t index, std::span<const T> values)`");
    static_assert(
        !has_wants<S> || Choosy<S>,
        "roi::scan: `wants` of this sink does not fit: write `bool wants(std::int64_t frame) const`");
    static_assert(!has_box<S> || Boxed<S>,
                  "roi::scan: `box` of this sink does not fit: write `roi::Box box() const`");
    static_assert(
        !has_place<S> || Placing<S, float> || Placing<S, double>,
        "roi::scan: `place` of this sink does not fit: write `std::span<T> place(std::int64_t frame)`");
    static_assert(
        !has_warn<S> || Warning<S>,
        "roi::scan: `warn` of this sink does not fit: write `void warn(const roi::WarningHandler& warning)`");
    static_assert(!has_finish<S> || has_linear<S>,
                  "roi::scan: a sink with `finish` also needs `static constexpr bool linear = true`");
    static_assert(
        !has_linear<S> || Linear<S>,
        "roi::scan: a linear sink also needs `template <class Filter> void finish(const Filter& filter)`, "
        "which applies a filter from Volume<double> to Volume<double>");
    static_assert(
        !has_linear<S> || !Linear<S> || (Sink<S, std::int16_t> && Sink<S, std::uint8_t> && Sink<S, double>),
        "roi::scan: a linear sink is shown volumes as they are stored: write "
        "`template <roi::NumberVoxel T> void update(const roi::FrameBlock<T>& block, roi::VoxelRange "
        "range)`");
    static_assert(StoredFits<S>,
                  "roi::scan: this sink has a `stored_type` and does not take volumes of it: write `template "
                  "<roi::NumberVoxel T> void update(const roi::FrameBlock<T>& block)`");
    return begins && fits && !std::is_const_v<S>;
}

template <class S>
[[nodiscard]] bool wants(const S& sink, std::int64_t frame) {
    if constexpr (Choosy<S>) {
        return sink.wants(frame);
    } else {
        return true;
    }
}

}  // namespace detail

}  // namespace roi
