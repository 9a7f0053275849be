// Some volumes of a run.
#pragma once

#include <roi/core/concepts.hpp>
#include <roi/core/detail/buffer.hpp>
#include <roi/core/error.hpp>
#include <roi/core/text.hpp>
#include <roi/image/grid.hpp>
#include <roi/image/metadata.hpp>
#include <roi/image/selection.hpp>
#include <roi/image/view.hpp>
#include <roi/image/volume4d.hpp>
#include <roi/stream/detail/renumbered.hpp>
#include <roi/stream/source.hpp>

#include <algorithm>
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <numeric>
#include <span>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

namespace roi {

/// Volumes from `first` up to but not including `last`, as Python's `first:last`.
struct FrameRange {
    std::int64_t first = 0;
    std::int64_t last = 0;
};

/// A way to say which volumes are meant: their numbers, a range, or a truth value for each.
template <class C>
concept FrameChoice =
    std::same_as<C, std::vector<std::int64_t>> || std::same_as<C, FrameRange> || std::same_as<C, Selection>;

namespace detail {

/// The numbers of chosen volumes of a run with `frames`.
/// \throws InvalidArgument when there is no such volume
[[nodiscard]] inline std::vector<std::int64_t> chosen_frames(std::vector<std::int64_t> chosen,
                                                             std::int64_t frames) {
    for (const std::int64_t frame : chosen) {
        if (frame >= 0 && frame < frames) continue;
        throw InvalidArgument(
            text("select: volume ", frame, " does not exist; there are ", frames, ", counted from 0"));
    }
    return chosen;
}
[[nodiscard]] inline std::vector<std::int64_t> chosen_frames(const FrameRange& range, std::int64_t frames) {
    if (range.first < 0 || range.last < range.first || range.last > frames) {
        throw InvalidArgument(text("select: expected a range of the volumes 0 to ", frames, ", found ",
                                   range.first, " to ", range.last));
    }
    std::vector<std::int64_t> out(static_cast<std::size_t>(range.last - range.first));
    std::iota(out.begin(), out.end(), range.first);
    return out;
}
[[nodiscard]] inline std::vector<std::int64_t> chosen_frames(const Selection& selection,
                                                             std::int64_t frames) {
    if (selection.size() != frames) {
        throw InvalidArgument(
            text("select: the selection is about ", selection.size(), " volumes, the run has ", frames));
    }
    return selection.indices();
}

/// Some volumes of a source, in its order; the others are pulled and dropped.
template <StagedSource Inner>
class Selected {
public:
    using value_type = typename Inner::value_type;
    using Workspace = typename Inner::Workspace;

    Selected(Inner inner, std::vector<std::int64_t> chosen)
        : inner_(std::move(inner)), chosen_(std::move(chosen)) {
        for (std::size_t k = 1; k < chosen_.size(); ++k) {
            if (chosen_[k - 1] < chosen_[k]) continue;
            throw InvalidArgument(
                text("select: the volumes of a source pass once: expected ascending numbers, found ",
                     chosen_[k], " after ", chosen_[k - 1], "; of a run in memory any order may be chosen"));
        }
    }

    [[nodiscard]] const Grid& grid() const { return inner_.grid(); }
    [[nodiscard]] const Metadata& metadata() const { return inner_.metadata(); }
    [[nodiscard]] std::int64_t frames() const { return static_cast<std::int64_t>(chosen_.size()); }
    [[nodiscard]] bool reads_ahead() const { return inner_.reads_ahead(); }

    void rewind() requires RewindableSource<Inner> {
        inner_.rewind();
        pulled_ = next_ = 0;
    }

    void pull(RawFrame& raw) {
        for (const std::int64_t wanted = chosen_[static_cast<std::size_t>(next_)]; pulled_ <= wanted;
             ++pulled_) {
            inner_.pull(raw);
        }
        raw.index = next_++;
        // Of a file that is cut off somebody may want to know, whatever is taken of it.
        if (next_ == frames()) detail::verify_rest(inner_);
    }

    void warn(const WarningHandler& warning) const { pass_warnings(inner_, warning); }
    [[nodiscard]] std::string volume_name(std::int64_t frame) const {
        return detail::volume_name(inner_, chosen_[static_cast<std::size_t>(frame)]);
    }
    [[nodiscard]] std::string source_name() const { return detail::source_name(inner_); }
    [[nodiscard]] bool only_zeros_and_ones() const { return detail::only_zeros_and_ones(inner_); }

    [[nodiscard]] std::span<const value_type> convert(const RawFrame& raw, std::span<value_type> out,
                                                      Workspace& workspace) const {
        const Renumbered inner(raw, chosen_[static_cast<std::size_t>(raw.index)]);
        return inner_.convert(inner.frame(), out, workspace);
    }
    [[nodiscard]] std::span<const value_type> convert_range(
        const RawFrame& raw, VoxelRange range, std::span<value_type> out,
        Workspace& workspace) const requires RangedSource<Inner> {
        const Renumbered inner(raw, chosen_[static_cast<std::size_t>(raw.index)]);
        return inner_.convert_range(inner.frame(), range, out, workspace);
    }

    /// As of the inner source.
    template <class Visit>
    bool visit_stored(Visit&& visit) const requires StoredSource<Inner> {
        return inner_.visit_stored(visit);
    }
    template <NumberVoxel V>
    [[nodiscard]] std::span<const V> stored(const RawFrame& raw) const requires StoredSource<Inner> {
        const Renumbered inner(raw, chosen_[static_cast<std::size_t>(raw.index)]);
        return inner_.template stored<V>(inner.frame());
    }

private:
    Inner inner_;
    std::vector<std::int64_t> chosen_;
    std::int64_t pulled_ = 0;  // volumes taken from the inner source
    std::int64_t next_ = 0;    // place in `chosen_` of the volume that is pulled next
};

}  // namespace detail

/// Takes some volumes of a run in memory.
///
/// \param run     any voxel type
/// \param choice  numbers, in any order and more than once: `{0, 2, 5}`; a range: `FrameRange{10, 20}`; or truth values:
///                `conditions == "face"`
/// \returns       the chosen volumes on the grid of `run` with its metadata
/// \throws InvalidArgument when there is no such volume
///
/// A copy. Equals nilearn's `index_img` and NumPy's `run[..., choice]`.
template <AnyRun R, FrameChoice Choice = std::vector<std::int64_t>>
[[nodiscard]] Volume4D<VoxelOf<R>> select(const R& run, const Choice& choice) {
    const auto view = view_of(run);
    const auto chosen = detail::chosen_frames(choice, view.frames());
    Volume4D<VoxelOf<R>> out(view.grid(), static_cast<std::int64_t>(chosen.size()), detail::Uninitialized{},
                             view.metadata());
    auto* end = out.data();
    for (const std::int64_t frame : chosen) {
        const auto* volume = view.data() + frame * view.grid().size();
        end = std::copy(volume, volume + view.grid().size(), end);
    }
    return out;
}

/// Takes some volumes of a source as they pass; nothing is read yet.
///
/// \param source  an opened file, a filter over one, a source of your own; becomes part of the result
/// \param choice  as above, in ascending order
/// \returns       a source of the chosen volumes; those before the last are read, since gzip cannot jump, and dropped. A
///                file that ends before its last volume is an error all the same
/// \throws InvalidArgument when there is no such volume, or the order is not that of the source
template <StreamedSource Source, FrameChoice Choice = std::vector<std::int64_t>>
[[nodiscard]] detail::Selected<detail::MovedIn<Source>> select(Source&& source, const Choice& choice) {
    auto chosen = detail::chosen_frames(choice, source.frames());
    return {detail::moved_in(std::forward<Source>(source)), std::move(chosen)};
}

/// One volume has nothing to choose from.
template <AnyVolume V, class Choice = std::vector<std::int64_t>>
[[nodiscard]] Volume4D<VoxelOf<V>> select(const V&, const Choice&) {
    static_assert(detail::never<V>,
                  "roi: select takes some volumes of a run or a source, and this is one volume: crop takes "
                  "some of its voxels");
    return {};
}

/// A number could be one volume or the first few.
template <class Run, class Number>
requires FrameSource<std::remove_cvref_t<Run>> && std::is_arithmetic_v<Number>
[[nodiscard]] Volume4D<float> select(Run&&, Number) {
    static_assert(
        detail::never<Number>,
        "roi: select takes numbers, a FrameRange or a Selection: write select(run, {7}) for a run of "
        "one volume, run.frame(7) for the volume of a run in memory");
    return {};
}

/// A text chooses no volumes, a table does by its column; and numbers have one type.
template <class Run, class Choice>
requires(FrameSource<std::remove_cvref_t<Run>> && !FrameChoice<Choice> && !std::is_arithmetic_v<Choice>)  //
    [[nodiscard]] Volume4D<float> select(Run&&, const Choice&) {
    static_assert(!std::convertible_to<const Choice&, std::string_view>,
                  "roi: select takes numbers, a FrameRange or a Selection: write select(run, conditions == "
                  "\"face\") with a column of a table");
    static_assert(std::convertible_to<const Choice&, std::string_view>,
                  "roi: select takes numbers of std::int64_t, a FrameRange or a Selection: write "
                  "std::vector<std::int64_t>{0, 2, 5}, Selection(truths) for a std::vector<bool>");
    return {};
}

/// A name is no run.
template <class Run, class Choice = std::vector<std::int64_t>>
requires(!AnyVolume<Run> && !FrameSource<Run>)  //
    [[nodiscard]] Volume4D<float> select(const Run&, const Choice&) {
    static_assert(detail::never<Run>,
                  "roi: select takes a run or a source: write select(open(path), {0, 1})");
    return {};
}

}  // namespace roi
