// Where volumes come from, one after the other: the contract between files, memory, filters and `scan`.
#pragma once

#include <roi/core/concepts.hpp>
#include <roi/core/detail/buffer.hpp>
#include <roi/core/error.hpp>
#include <roi/core/text.hpp>
#include <roi/image/box.hpp>
#include <roi/image/grid.hpp>
#include <roi/image/metadata.hpp>
#include <roi/image/view.hpp>
#include <roi/image/volume.hpp>
#include <roi/image/volume4d.hpp>

#include <algorithm>
#include <array>
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <type_traits>
#include <utility>
#include <vector>

namespace roi {

/// One volume on its way through a source, in whatever form the source keeps it before conversion.
struct RawFrame {
    std::int64_t index = 0;           ///< number of the volume, from 0
    detail::Buffer<std::byte> bytes;  ///< memory that the source sizes itself and reuses from call to call
    std::vector<RawFrame> parts;      ///< instead of bytes, of a source made of several: a volume of each
};

/// A source in two stages, so that reading ahead and converting can run on different threads.
///
/// - `pull(raw)` takes the next volume, in order, from one thread at a time;
/// - `convert(raw, out, workspace)` turns a pulled volume into values, from any number of threads at once,
///   each with its own `Workspace`; it returns where the values are: `out`, or memory that holds them already;
/// - `reads_ahead()` is true when `pull` does real work (decompression) that deserves its own thread;
/// - `warn(warning)`, if there is one, is called once after the last volume and says what changed the meaning of the values;
/// - `volume_name(frame)`, if there is one, is what messages call a volume, as in "volume 3 of bold.nii";
/// - `source_name()`, if there is one, is what messages call the source, as in "bold.nii"; may be empty;
/// - `only_zeros_and_ones()`, if there is one, is true when all values are known to be 0, 1 or NaN before a volume is pulled,
///   as those of a mask are;
/// - `resident`, if there is one, is true when `convert` always returns memory that holds the values already;
/// - `rewind()`, if there is one, goes back to the first volume; `scan` calls it before it pulls.
template <class S>
concept StagedSource = requires(S& source, const S& shared, RawFrame& pulled, const RawFrame& raw,
                                std::span<typename S::value_type> out, typename S::Workspace& workspace) {
    requires RealVoxel<typename S::value_type>;
    requires std::default_initializable<typename S::Workspace>;
    { shared.grid() } -> std::convertible_to<const Grid&>;
    { shared.metadata() } -> std::convertible_to<const Metadata&>;
    { shared.frames() } -> std::convertible_to<std::int64_t>;
    { shared.reads_ahead() } -> std::convertible_to<bool>;
    {source.pull(pulled)};
    { shared.convert(raw, out, workspace) } -> std::convertible_to<std::span<const typename S::value_type>>;
};

/// The simplest source to write: `read(out)` fills `out` with the next volume.
template <class S>
concept SequentialSource = requires(S& source, const S& shared, std::span<typename S::value_type> out) {
    requires RealVoxel<typename S::value_type>;
    { shared.grid() } -> std::convertible_to<const Grid&>;
    { shared.metadata() } -> std::convertible_to<const Metadata&>;
    { shared.frames() } -> std::convertible_to<std::int64_t>;
    {source.read(out)};
};

/// A source that can be scanned again.
template <class S>
concept RewindableSource = StagedSource<S> && requires(S& source) {
    {source.rewind()};
};

/// As `SequentialSource`, and nothing more.
template <class S>
concept UnstagedSource = SequentialSource<S> && !StagedSource<S>;

/// A source that passes the volumes of another through a linear filter, and can leave out what nobody looks at.
///
/// - `unfiltered(raw, out, workspace)` gives a volume before the filter;
/// - `filter(volume, out, box, workspace)` filters the voxels of a box, with the values that `convert` gives them;
/// - `filtered(map)` filters a map made of unfiltered volumes: for a map that is linear in the volumes the same as
///   the map of the filtered volumes, but for rounding.
template <class S>
concept FilteredSource = StagedSource<S> &&
    requires(const S& shared, const RawFrame& raw, std::span<const typename S::value_type> volume,
             std::span<typename S::value_type> out, const Box& box, typename S::Workspace& workspace,
             Volume<double> map) {
    {
        shared.unfiltered(raw, out, workspace)
        } -> std::convertible_to<std::span<const typename S::value_type>>;
    {shared.filter(volume, out, box, workspace)};
    { shared.filtered(map) } -> std::convertible_to<Volume<double>>;
};

/// A source whose raw volumes may already be numbers that need no conversion, such as unscaled 16-bit integers.
///
/// - `visit_stored(visit)` calls `visit(V{})` and returns true when every raw volume holds numbers of type `V` that
///   are, exactly, the values; otherwise it returns false;
/// - `stored<V>(raw)` are then the values of a raw volume.
template <class S>
concept StoredSource = requires(const S& shared, const RawFrame& raw) {
    {
        shared.visit_stored([](auto) {})
        } -> std::same_as<bool>;
    { shared.template stored<std::int16_t>(raw) } -> std::same_as<std::span<const std::int16_t>>;
};

/// A source in which every voxel of a volume is made of what was pulled for that voxel alone, so that a part can be made alone.
///
/// - `convert_range(raw, range, out, workspace)` gives the values of the voxels of a range, as `convert` does those of all: in
///   `out`, which is as long as the range, or in memory that holds them already.
template <class S>
concept RangedSource = StagedSource<S> &&
    requires(const S& shared, const RawFrame& raw, VoxelRange range, std::span<typename S::value_type> out,
             typename S::Workspace& workspace) {
    {
        shared.convert_range(raw, range, out, workspace)
        } -> std::convertible_to<std::span<const typename S::value_type>>;
};

namespace detail {

/// Voxels that are made and looked at together: some volumes of so many are in the second-level cache, one is in the first.
inline constexpr std::int64_t made_together = 2048;

/// Has a source say what its scan has found, where it can.
template <class Source>
void pass_warnings([[maybe_unused]] const Source& source, [[maybe_unused]] const WarningHandler& warning) {
    if constexpr (requires { source.warn(warning); }) source.warn(warning);
}

/// What messages call a volume of a source: by its file, where the source knows one.
template <class Source>
[[nodiscard]] std::string volume_name([[maybe_unused]] const Source& source, std::int64_t frame) {
    if constexpr (requires { source.volume_name(frame); }) {
        return source.volume_name(frame);
    } else {
        return text("volume ", frame);
    }
}

/// What messages call a source: its file, where it knows one, else nothing.
template <class Source>
[[nodiscard]] std::string source_name([[maybe_unused]] const Source& source) {
    if constexpr (requires { source.source_name(); }) {
        return source.source_name();
    } else {
        return {};
    }
}

/// Is all of an image 0 or 1, as in a mask of whatever type the program that wrote it has for them? NaN may stand outside, and
/// alone are no mask.
class ZerosAndOnes {
public:
    /// \returns  may it still be a mask?
    template <Voxel T>
    bool look_at(std::span<const T> values) {
        for (const T value : values) {
            if (value != value) continue;
            any_ = true;
            if (value != T{0} && value != T{1}) return only_ = false;
        }
        return only_;
    }
    [[nodiscard]] bool result() const { return only_ && any_; }

private:
    bool only_ = true, any_ = false;
};

template <Voxel T>
[[nodiscard]] bool zeros_and_ones(std::span<const T> values) {
    ZerosAndOnes look;
    look.look_at(values);
    return look.result();
}

/// The same of a source, as far as it knows before its volumes are taken.
template <class Source>
[[nodiscard]] bool only_zeros_and_ones([[maybe_unused]] const Source& source) {
    if constexpr (requires { source.only_zeros_and_ones(); }) {
        return source.only_zeros_and_ones();
    } else {
        return false;
    }
}

/// Has a source of which no volume is taken any more see to it that the others are there, where it can.
template <class Source>
void verify_rest([[maybe_unused]] Source& source) {
    if constexpr (requires { source.verify_rest(); }) source.verify_rest();
}

/// Volumes that are in memory already: real numbers are shown where they lie, integers converted one volume at a time, and
/// masks, which are 0 and 1.
template <Voxel T>
class ResidentSource {
    using Stored = std::conditional_t<std::same_as<T, bool>, std::uint8_t, T>;

public:
    using value_type = ExactReal<Stored>;
    struct Workspace {};
    static constexpr bool resident = RealVoxel<T>;

    explicit ResidentSource(const Volume4DView<const T>& run) : run_(run) {}

    [[nodiscard]] const Grid& grid() const { return run_.grid(); }
    [[nodiscard]] const Metadata& metadata() const { return run_.metadata(); }
    [[nodiscard]] std::int64_t frames() const { return run_.frames(); }
    [[nodiscard]] bool reads_ahead() const { return false; }
    [[nodiscard]] bool only_zeros_and_ones() const { return zeros_and_ones(run_.values()); }
    void rewind() { next_ = 0; }
    void pull(RawFrame& raw) { raw.index = next_++; }
    [[nodiscard]] std::span<const value_type> convert(const RawFrame& raw, std::span<value_type> out,
                                                      Workspace& workspace) const {
        return convert_range(raw, {0, grid().size()}, out, workspace);
    }

    [[nodiscard]] std::span<const value_type> convert_range(const RawFrame& raw, VoxelRange range,
                                                            std::span<value_type> out, Workspace&) const {
        const auto part = range.of(values(raw));
        if constexpr (resident) {
            return part;
        } else {
            std::transform(part.begin(), part.end(), out.begin(),
                           [](T value) { return static_cast<value_type>(value); });
            return out.first(part.size());
        }
    }

    /// Integers are values as they are; see `StoredSource`.
    template <class Visit>
    bool visit_stored(Visit&& visit) const {
        constexpr bool visits = !resident && NumberVoxel<T>;
        if constexpr (visits) visit(T{});
        return visits;
    }
    template <NumberVoxel V>
    [[nodiscard]] std::span<const V> stored([[maybe_unused]] const RawFrame& raw) const {
        if constexpr (std::is_same_v<V, T>) {
            return values(raw);
        } else {
            return {};
        }
    }

private:
    [[nodiscard]] std::span<const T> values(const RawFrame& raw) const {
        return run_.frame(raw.index).values();
    }

    Volume4DView<const T> run_;
    std::int64_t next_ = 0;
};

/// A source that reads whole volumes, seen as one in two stages; `S` may be a reference.
template <class S>
requires SequentialSource<std::remove_reference_t<S>>
class StagedReader {
public:
    using value_type = typename std::remove_reference_t<S>::value_type;
    struct Workspace {};

    explicit StagedReader(S&& source) : source_(std::forward<S>(source)) {}

    [[nodiscard]] const Grid& grid() const { return source_.grid(); }
    [[nodiscard]] const Metadata& metadata() const { return source_.metadata(); }
    [[nodiscard]] std::int64_t frames() const { return source_.frames(); }
    [[nodiscard]] bool reads_ahead() const { return true; }
    void pull(RawFrame& raw) {
        const auto bytes = grid().size() * static_cast<std::int64_t>(sizeof(value_type));
        if (raw.bytes.size() != bytes) raw.bytes = Buffer<std::byte>(bytes, Uninitialized{});
        source_.read(std::span(reinterpret_cast<value_type*>(raw.bytes.data()),
                               static_cast<std::size_t>(grid().size())));
        raw.index = next_++;
    }
    [[nodiscard]] std::span<const value_type> convert(const RawFrame& raw, std::span<value_type>,
                                                      Workspace&) const {
        return {reinterpret_cast<const value_type*>(raw.bytes.data()),
                static_cast<std::size_t>(grid().size())};
    }
    [[nodiscard]] std::span<const value_type> convert_range(const RawFrame& raw, VoxelRange range,
                                                            std::span<value_type> out,
                                                            Workspace& workspace) const {
        return range.of(convert(raw, out, workspace));
    }
    void warn(const WarningHandler& warning) const { pass_warnings(source_, warning); }
    [[nodiscard]] std::string volume_name(std::int64_t frame) const {
        return detail::volume_name(source_, frame);
    }
    [[nodiscard]] std::string source_name() const { return detail::source_name(source_); }
    [[nodiscard]] bool only_zeros_and_ones() const { return detail::only_zeros_and_ones(source_); }

private:
    S source_;
    std::int64_t next_ = 0;
};

}  // namespace detail

/// The two-stage form of anything that volumes can be taken from; the argument must outlive what is returned.
template <StagedSource S>
[[nodiscard]] S& staged(S& source) {
    return source;
}
template <UnstagedSource S>
[[nodiscard]] detail::StagedReader<S&> staged(S& source) {
    return detail::StagedReader<S&>(source);
}
template <AnyRun Run>
requires(!StagedSource<Run> && !SequentialSource<Run>)
    [[nodiscard]] detail::ResidentSource<VoxelOf<Run>> staged(const Run& run) {
    return detail::ResidentSource<VoxelOf<Run>>(view_of(run));
}

/// A source that volumes are read from as they are needed: an opened file, a filter over one, one of your own.
template <class S>
concept StreamedSource = StagedSource<std::remove_cvref_t<S>> || SequentialSource<std::remove_cvref_t<S>>;

/// Anything that `scan` and `smooth` can take volumes from: a run in memory, an opened file, a filter over one.
template <class S>
concept FrameSource = requires(S& source) {
    {staged(source)};
};

namespace detail {

/// A source of a user's as one in two stages.
template <StagedSource Source>
[[nodiscard]] Source in_stages(Source source) {
    return source;
}
template <UnstagedSource Source>
[[nodiscard]] StagedReader<Source> in_stages(Source source) {
    return StagedReader<Source>(std::move(source));
}

/// May it become a part of another? A source passes once: one with a name has to be given away.
template <class Source>
inline constexpr bool moves_in =
    !std::is_lvalue_reference_v<Source> || std::copy_constructible<std::remove_cvref_t<Source>>;

/// A source that becomes a part of another.
template <StreamedSource Source>
[[nodiscard]] auto moved_in(Source&& source) {
    using Plain = std::remove_cvref_t<Source>;
    static_assert(moves_in<Source>, "roi: a source moves in: write std::move(a), or open(path) here");
    if constexpr (moves_in<Source>) {
        return in_stages(Plain(std::forward<Source>(source)));
    } else {
        return in_stages(Plain(std::move(const_cast<Plain&>(source))));  // so that nothing else is said
    }
}
template <class Source>
using MovedIn = decltype(moved_in(std::declval<Source>()));

}  // namespace detail

}  // namespace roi
