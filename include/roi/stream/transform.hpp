// Functions of runs: what is computed from the volumes of one or several sources, volume by volume.
#pragma once

#include <roi/core/concepts.hpp>
#include <roi/core/error.hpp>
#include <roi/core/text.hpp>
#include <roi/core/units.hpp>
#include <roi/image/arithmetic.hpp>
#include <roi/image/grid.hpp>
#include <roi/image/metadata.hpp>
#include <roi/image/view.hpp>
#include <roi/image/volume.hpp>
#include <roi/image/volume4d.hpp>
#include <roi/stream/collect.hpp>
#include <roi/stream/detail/inner_source.hpp>
#include <roi/stream/repeated.hpp>
#include <roi/stream/scan.hpp>
#include <roi/stream/source.hpp>

#include <algorithm>
#include <array>
#include <cmath>
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <tuple>
#include <type_traits>
#include <utility>
#include <vector>

namespace roi {

namespace detail {

/// Calls `make(range)` for all voxels, few enough at a time that what is made in between stays in the first-level cache.
template <class Make>
void in_ranges(std::int64_t voxels, const Make& make) {
    for (std::int64_t first = 0; first < voxels; first += made_together) {
        make(VoxelRange{first, std::min(voxels, first + made_together)});
    }
}

template <class Run>
inline constexpr bool is_repeated = false;
template <RealVoxel T>
inline constexpr bool is_repeated<Repeated<T>> = true;

/// What messages call run `k` of several: its file where it is one.
template <class Run>
[[nodiscard]] std::string run_name([[maybe_unused]] const Run& run, std::size_t k) {
    const auto name = source_name(run);
    return name.empty() ? text(is_repeated<Run> ? "volume " : "run ", k) : name;
}

/// What messages call what is computed of volumes: runs in memory, which have no name of their own, have their number alone.
[[nodiscard]] inline std::string made_of(const std::vector<std::string>& volumes) {
    const bool alike = std::all_of(volumes.begin(), volumes.end(),
                                   [&](const std::string& name) { return name == volumes.front(); });
    return alike ? volumes.front() : text("what is made of ", joined(volumes, " and "));
}

/// \param function  names the caller in messages
/// \param k         number of the other run
/// \throws GridMismatch, or InvalidArgument when one run has more volumes than another
template <class First, class Other>
void require_same_run(std::string_view function, const First& first, const Other& other, std::size_t k) {
    const auto both = [&] { return text(function, ": ", run_name(first, 0), " and ", run_name(other, k)); };
    if (!same_grid(first.grid(), other.grid())) require_same_grid(first.grid(), other.grid(), both());
    if (first.frames() == other.frames()) return;
    throw InvalidArgument(
        text(both(), " must have as many volumes, found ", first.frames(), " and ", other.frames()));
}

/// Do runs that are calculated with, volume by volume, have one repetition time? Those that have none fit all.
class RepetitionTimes {
public:
    /// \param function  names the caller in the warning
    explicit RepetitionTimes(std::string_view function) : function_(function) {}

    template <class Run>
    void add(const Run& run) {
        names_.push_back(run_name(run, times_.size()));
        times_.push_back(stated_repetition_time(run.metadata()));
    }

    void warn(const WarningHandler& warning) const {
        std::size_t first = 0;
        while (first < times_.size() && !times_[first]) ++first;
        for (std::size_t k = first + 1; k < times_.size(); ++k) {
            if (!times_[k]) continue;
            const double ours = times_[first]->value, theirs = times_[k]->value;
            if (std::abs(ours - theirs) <= 1e-6 * ours) continue;
            return warning(text(function_, ": the repetition times of ", names_[first], " and ", names_[k],
                                " differ: ", ours, " s and ", theirs,
                                " s; volumes of one number are taken together, and the result "
                                "has the header of ",
                                names_.front()));
        }
    }

private:
    std::string_view function_;
    std::vector<std::string> names_;
    std::vector<std::optional<Seconds>> times_;
};

}  // namespace detail

/// A source whose volumes are a function of those of others, voxel by voxel.
template <class F, StagedSource... Inner>
class Transformed {
    static constexpr bool ranged = (RangedSource<Inner> && ...);

public:
    using value_type = std::remove_cvref_t<std::invoke_result_t<const F&, typename Inner::value_type...>>;

    struct Workspace {
        std::tuple<detail::InnerVolume<Inner>...> inner;
    };

    /// \param function  names the caller in messages
    Transformed(std::string_view function, F f, Inner... inner)
        : function_(function), f_(std::move(f)), inner_(std::move(inner)...) {
        metadata_ = inherited(std::get<0>(inner_).metadata());
        metadata_.intent = {};
        std::apply(
            [this, k = std::size_t{1}](const auto& first, const auto&... rest) mutable {
                (detail::require_same_run(function_, first, rest, k++), ...);
            },
            inner_);
    }

    /// What is calculated of sources is one, and no run or volume in memory.
    /// \{
    template <class T>
    operator Volume4D<T>() const {  // implicit: it says what to write instead
        static_assert(
            detail::never<T>,
            "roi: what is calculated of a source is a source: write `auto`, or to keep its volumes in memory "
            "scan(source, collect) with a Collect");
        return {};
    }
    template <class T>
    operator Volume<T>() const {
        static_assert(
            detail::never<T>,
            "roi: what is calculated of a source is a source: write `auto`, or mean(source) for a volume");
        return {};
    }
    /// \}

    [[nodiscard]] const Grid& grid() const { return std::get<0>(inner_).grid(); }
    [[nodiscard]] const Metadata& metadata() const { return metadata_; }
    [[nodiscard]] std::int64_t frames() const { return std::get<0>(inner_).frames(); }
    [[nodiscard]] bool reads_ahead() const {
        return std::apply([](const auto&... inner) { return (inner.reads_ahead() || ...); }, inner_);
    }

    void rewind() requires(RewindableSource<Inner>&&...) {
        std::apply([](auto&... inner) { (inner.rewind(), ...); }, inner_);
    }
    void pull(RawFrame& raw) {
        if constexpr (sizeof...(Inner) == 1) {
            std::get<0>(inner_).pull(raw);
        } else {
            raw.parts.resize(sizeof...(Inner));
            std::size_t k = 0;
            std::apply([&](auto&... inner) { (inner.pull(raw.parts[k++]), ...); }, inner_);
            raw.index = raw.parts.front().index;
        }
    }
    void verify_rest() {
        std::apply([](auto&... inner) { (detail::verify_rest(inner), ...); }, inner_);
    }
    void warn(const WarningHandler& warning) const {
        std::apply([&](const auto&... inner) { (detail::pass_warnings(inner, warning), ...); }, inner_);
        detail::RepetitionTimes times(function_);
        std::apply([&](const auto&... inner) { (times.add(inner), ...); }, inner_);
        times.warn(warning);
    }

    [[nodiscard]] std::string volume_name(std::int64_t frame) const {
        std::vector<std::string> names;
        std::apply([&](const auto&... inner) { (names.push_back(detail::volume_name(inner, frame)), ...); },
                   inner_);
        return detail::made_of(names);
    }
    [[nodiscard]] bool only_zeros_and_ones() const {
        return requires { F::only_zeros_and_ones; };
    }

    [[nodiscard]] std::span<const value_type> convert(const RawFrame& raw, std::span<value_type> out,
                                                      Workspace& workspace) const {
        if constexpr (ranged) {
            detail::in_ranges(grid().size(), [&](VoxelRange range) {
                (void)convert_range(raw, range, range.of(out), workspace);
            });
        } else {
            const auto values = [&]<std::size_t K>(std::integral_constant<std::size_t, K>) {
                return std::get<K>(workspace.inner).convert(std::get<K>(inner_), part<K>(raw)).data();
            };
            calculate(out, values, std::index_sequence_for<Inner...>{});
        }
        return out;
    }
    [[nodiscard]] std::span<const value_type> convert_range(const RawFrame& raw, VoxelRange range,
                                                            std::span<value_type> out,
                                                            Workspace& workspace) const
        requires(RangedSource<Inner>&&...) {
        const auto values = [&]<std::size_t K>(std::integral_constant<std::size_t, K>) {
            return std::get<K>(workspace.inner)
                .convert_range(std::get<K>(inner_), part<K>(raw), range)
                .data();
        };
        calculate(out, values, std::index_sequence_for<Inner...>{});
        return out;
    }

private:
    /// What source K has pulled.
    template <std::size_t K>
    [[nodiscard]] static const RawFrame& part(const RawFrame& raw) {
        if constexpr (sizeof...(Inner) == 1) {
            return raw;
        } else {
            return raw.parts[K];
        }
    }

    /// \param values  (constant K) to the values of source K
    template <class Values, std::size_t... K>
    void calculate(std::span<value_type> out, const Values& values, std::index_sequence<K...>) const {
        calculate(out, values(std::integral_constant<std::size_t, K>{})...);
    }
    void calculate(std::span<value_type> out, const typename Inner::value_type*... values) const {
        for (std::size_t i = 0; i < out.size(); ++i) out[i] = f_(values[i]...);
    }

    std::string function_;
    F f_;
    std::tuple<Inner...> inner_;
    Metadata metadata_;
};

/// A run in memory, an opened file, a filter over one, a source of your own.
template <class R>
concept RunOfNumbers = FrameSource<std::remove_cvref_t<R>>;

namespace detail {

/// What can be calculated with: runs, volumes, which meet every volume of a run, and numbers.
template <class Operand>
inline constexpr bool is_run_operand =
    Scalar<std::remove_cvref_t<Operand>> || AnyVolume<std::remove_cvref_t<Operand>> || RunOfNumbers<Operand>;

/// What `f` is shown of an operand: a number as it is, of a run and of a volume real numbers.
template <class Operand>
struct ShownOfRun {
    using type = typename decltype(as_inner(std::declval<Operand>()))::value_type;
};
template <class Operand>
requires Scalar<std::remove_cvref_t<Operand>>
struct ShownOfRun<Operand> {
    using type = std::remove_cvref_t<Operand>;
};
template <class Operand>
requires AnyVolume<std::remove_cvref_t<Operand>>
struct ShownOfRun<Operand> {
    using type = RealFor<VoxelOf<std::remove_cvref_t<Operand>>>;
};
template <class Operand>
using ShownOfRunT = typename ShownOfRun<Operand>::type;

/// Sources are calculated with to a source, runs in memory to a run in memory.
template <class... Operands>
inline constexpr bool gives_source = (StreamedSource<Operands> || ...);

/// What follows a message of the compiler, so that it stays alone.
template <bool Streamed>
[[nodiscard]] auto no_run() {
    if constexpr (Streamed) {
        return repeated(Volume<float>{}, 0);
    } else {
        return Volume4D<float>{};
    }
}

/// Number of volumes and header fields of a run.
struct RunFacts {
    std::int64_t frames = 0;
    Metadata metadata = {};
};

/// The same of the first run among operands.
template <class First, class... Rest>
[[nodiscard]] RunFacts facts_of_run(const First& first, const Rest&... rest) {
    if constexpr (StreamedSource<First>) {
        return {first.frames(), first.metadata()};
    } else if constexpr (AnyRun<First>) {
        return {view_of(first).frames(), view_of(first).metadata()};
    } else {
        return facts_of_run(rest...);
    }
}

/// An operand as a source of its own, nothing of a number: a volume is beside every volume of a run, whose header it takes.
template <bool Streamed, class Operand>
[[nodiscard]] auto inner_of(Operand&& operand, const RunFacts& run) {
    using Plain = std::remove_cvref_t<Operand>;
    if constexpr (Scalar<Plain>) {
        return std::tuple<>{};
    } else if constexpr (AnyVolume<Plain>) {
        auto values = as<RealFor<VoxelOf<Plain>>>(operand);
        values.metadata() = run.metadata;
        return std::tuple(repeated(values, run.frames));
    } else if constexpr (Streamed) {
        return std::tuple(as_inner(std::forward<Operand>(operand)));
    } else {
        return std::tuple(looked_at(operand));
    }
}

/// `f` of the values of operands, voxel by voxel and volume by volume: a source, or a run in memory.
///
/// \param function  names the caller in messages
template <class F, class... Operands>
[[nodiscard]] auto of_operands(std::string_view function, const F& f, Operands&&... operands) {
    constexpr bool streamed = gives_source<Operands...>;
    const RunFacts run = facts_of_run(operands...);
    auto values = with_numbers(f, operands...);
    auto source = std::apply(
        [&]<class... Inner>(Inner&&... inner) {
            return Transformed<decltype(values), std::remove_cvref_t<Inner>...>(function, std::move(values),
                                                                                std::move(inner)...);
        },
        std::tuple_cat(inner_of<streamed>(std::forward<Operands>(operands), run)...));
    if constexpr (streamed) {
        return source;
    } else {
        Collect<typename decltype(source)::value_type> kept;
        scan(source, kept);
        return std::move(kept).result();
    }
}

}  // namespace detail

/// Any function of the voxels at one place and time, for all volumes of one or several runs.
///
/// \param f         `f(one value of each operand, in their order)`, returning float or double; called from several threads
/// \param operands  runs of one length, at least one, as sources or in memory; volumes, which meet every volume of a run (a
///                  mask counts as 0 and 1); numbers. A source, or a run in memory that has no name, becomes part of the
///                  result; beside a source, a run in memory with a name is looked at and has to outlive the result
/// \returns         where one is a source a source, of which nothing is read yet, else a run in memory; with the grid of the
///                  first that is no number and the header fields of the first run
/// \throws GridMismatch when they lie on different grids
/// \throws InvalidArgument when the runs have different numbers of volumes
///
/// `transform([](float a, float b) { return a - b; }, open(path), mean)`; runs are read in step. `f` is shown float, or double of
/// double and of integers of 32 bits and more, and numbers as they are. Memory of a source: one volume of each a thread.
template <class F, class... Operands>
requires(RunOfNumbers<Operands> || ...)  //
    [[nodiscard]] auto transform(const F& f, Operands&&... operands) {
    constexpr bool known = (detail::is_run_operand<Operands> && ...);
    static_assert(known, "roi: transform takes volumes, runs and numbers");
    if constexpr (known) {
        constexpr bool fits = std::invocable<const F&, detail::ShownOfRunT<Operands>...>;
        static_assert(fits,
                      "roi::transform: f must take one value of each volume, run and number, in their order, "
                      "and not be mutable");
        constexpr bool real = RealVoxel<typename detail::ResultOf<F, detail::ShownOfRunT<Operands>...>::type>;
        static_assert(real || !fits,
                      "roi::transform of runs: f must return float or double, the values of the result");
        if constexpr (real) {
            return detail::of_operands("transform", f, std::forward<Operands>(operands)...);
        } else {
            return detail::no_run<detail::gives_source<Operands...>>();
        }
    } else {
        return detail::no_run<detail::gives_source<Operands...>>();
    }
}

/// A source whose volumes are a function of the volumes of others, whole or range by range.
template <RealVoxel R, class F, StagedSource Inner>
class TransformedVolumes {
    using Values = std::span<const std::span<const typename Inner::value_type>>;
    static constexpr bool by_range = std::is_invocable_v<const F&, Values, VoxelRange, std::span<R>>;
    static constexpr std::string_view name = by_range ? "transform_ranges" : "transform_volumes";

public:
    using value_type = R;

    struct Workspace {
        std::vector<detail::InnerVolume<Inner>> inner;
        std::vector<std::span<const typename Inner::value_type>> volumes;
    };

    TransformedVolumes(F f, std::vector<Inner> inner) : f_(std::move(f)), inner_(std::move(inner)) {
        if (inner_.empty()) throw InvalidArgument(text(name, ": expected one source or more"));
        for (std::size_t k = 1; k < inner_.size(); ++k) {
            detail::require_same_run(name, inner_.front(), inner_[k], k);
        }
        metadata_ = inherited(inner_.front().metadata());
        metadata_.intent = {};
    }

    [[nodiscard]] const Grid& grid() const { return inner_.front().grid(); }
    [[nodiscard]] const Metadata& metadata() const { return metadata_; }
    [[nodiscard]] std::int64_t frames() const { return inner_.front().frames(); }
    [[nodiscard]] bool reads_ahead() const { return inner_.front().reads_ahead(); }

    void rewind() requires RewindableSource<Inner> {
        for (Inner& inner : inner_) inner.rewind();
    }
    void pull(RawFrame& raw) {
        if (inner_.size() == 1) return inner_.front().pull(raw);
        raw.parts.resize(inner_.size());
        for (std::size_t k = 0; k < inner_.size(); ++k) inner_[k].pull(raw.parts[k]);
        raw.index = raw.parts.front().index;
    }
    void verify_rest() {
        for (Inner& inner : inner_) detail::verify_rest(inner);
    }
    void warn(const WarningHandler& warning) const {
        detail::RepetitionTimes times(name);
        for (const Inner& inner : inner_) {
            detail::pass_warnings(inner, warning);
            times.add(inner);
        }
        times.warn(warning);
    }

    [[nodiscard]] std::string volume_name(std::int64_t frame) const {
        std::vector<std::string> names;
        for (const Inner& inner : inner_) names.push_back(detail::volume_name(inner, frame));
        return detail::made_of(names);
    }

    [[nodiscard]] std::span<const R> convert(const RawFrame& raw, std::span<R> out,
                                             Workspace& workspace) const {
        if constexpr (by_range && RangedSource<Inner>) {
            detail::in_ranges(grid().size(), [&](VoxelRange range) {
                (void)convert_range(raw, range, range.of(out), workspace);
            });
        } else {
            const auto values =
                values_of(raw, workspace, [](auto& inner, const Inner& source, const RawFrame& part) {
                    return inner.convert(source, part);
                });
            if constexpr (by_range) {
                f_(values, VoxelRange{0, grid().size()}, out);
            } else {
                f_(values, out);
            }
        }
        return out;
    }
    [[nodiscard]] std::span<const R> convert_range(const RawFrame& raw, VoxelRange range, std::span<R> out,
                                                   Workspace& workspace) const
        requires(by_range&& RangedSource<Inner>) {
        f_(values_of(raw, workspace,
                     [&](auto& inner, const Inner& source, const RawFrame& part) {
                         return inner.convert_range(source, part, range);
                     }),
           range, out);
        return out;
    }

private:
    /// \param of  (workspace, source, what it has pulled) to its values
    template <class Of>
    [[nodiscard]] Values values_of(const RawFrame& raw, Workspace& workspace, const Of& of) const {
        workspace.inner.resize(inner_.size());
        workspace.volumes.resize(inner_.size());
        for (std::size_t k = 0; k < inner_.size(); ++k) {
            workspace.volumes[k] = of(workspace.inner[k], inner_[k], inner_.size() == 1 ? raw : raw.parts[k]);
        }
        return workspace.volumes;
    }

    F f_;
    std::vector<Inner> inner_;
    Metadata metadata_;
};

/// Any function of whole volumes, for as many sources of one type as there are: where their number is known only when the
/// program runs, and neighbours matter.
///
/// \tparam R       float or double, the values of the result
/// \param f        `f(volumes, out)` fills `out`, x fastest, from one volume of each source; called from several threads
/// \param sources  one or more, read in step
/// \returns, \throws  as `transform`
template <RealVoxel R, class F, StagedSource Source>
[[nodiscard]] TransformedVolumes<R, F, Source> transform_volumes(F f, std::vector<Source> sources) {
    return {std::move(f), std::move(sources)};
}

/// The same of a function of the voxels at one place, a few thousand at a time: nothing but the result is made whole.
///
/// \param f  `f(values, range, out)` fills `out` with the voxels of `range`, from `values[k]`, those of source k in the same range
template <RealVoxel R, class F, StagedSource Source>
[[nodiscard]] TransformedVolumes<R, F, Source> transform_ranges(F f, std::vector<Source> sources) {
    return {std::move(f), std::move(sources)};
}

}  // namespace roi
