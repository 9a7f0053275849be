// Functions of runs: what is computed from the volumes of one or several sources, volume by volume.
#pragma once

#include <roi/core/concepts.hpp>
#include <roi/core/error.hpp>
#include <roi/core/text.hpp>
#include <roi/core/units.hpp>
#include <roi/image/grid.hpp>
#include <roi/image/metadata.hpp>
#include <roi/image/view.hpp>
#include <roi/stream/collect.hpp>
#include <roi/stream/detail/inner_source.hpp>
#include <roi/stream/scan.hpp>
#include <roi/stream/source.hpp>

#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
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

/// What messages call run `k` of several: its file where it is one.
template <class Run>
[[nodiscard]] std::string run_name([[maybe_unused]] const Run& run, std::size_t k) {
    if constexpr (requires { run.info().path; }) {
        return run.info().path;
    } else {
        return text("run ", k);
    }
}

/// \param k  number of the other run
/// \throws GridMismatch, or InvalidArgument when one run has more volumes than another
template <class First, class Other>
void require_same_run(const First& first, const Other& other, std::size_t k) {
    const auto both = [&] { return text("transform: ", run_name(first, 0), " and ", run_name(other, k)); };
    if (!same_grid(first.grid(), other.grid())) require_same_grid(first.grid(), other.grid(), both());
    if (first.frames() == other.frames()) return;
    throw InvalidArgument(
        text(both(), " must have as many volumes, found ", first.frames(), " and ", other.frames()));
}

/// Do runs that are calculated with, volume by volume, have one repetition time? Those that have none fit all.
class RepetitionTimes {
public:
    template <class Run>
    void add(const Run& run) {
        names_.push_back(run_name(run, times_.size()));
        times_.push_back(repetition_time(run.metadata()));
    }

    void warn(const WarningHandler& warning) const {
        std::size_t first = 0;
        while (first < times_.size() && !times_[first]) ++first;
        for (std::size_t k = first + 1; k < times_.size(); ++k) {
            if (!times_[k]) continue;
            const double ours = times_[first]->value, theirs = times_[k]->value;
            if (std::abs(ours - theirs) <= 1e-6 * ours) continue;
            return warning(text("transform: the repetition times of ", names_[first], " and ", names_[k],
                                " differ: ", ours, " s and ", theirs,
                                " s; volumes of one number are taken together, and the result "
                                "has the header of ",
                                names_.front()));
        }
    }

private:
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
    static_assert(RealVoxel<value_type>,
                  "roi::transform of runs: f must return float or double, the values of the result");

    struct Workspace {
        std::tuple<detail::InnerVolume<Inner>...> inner;
    };

    explicit Transformed(F f, Inner... inner) : f_(std::move(f)), inner_(std::move(inner)...) {
        metadata_ = inherited(std::get<0>(inner_).metadata());
        metadata_.intent = {};
        std::apply(
            [k = std::size_t{1}](const auto& first, const auto&... rest) mutable {
                (detail::require_same_run(first, rest, k++), ...);
            },
            inner_);
    }

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
        detail::RepetitionTimes times;
        std::apply([&](const auto&... inner) { (times.add(inner), ...); }, inner_);
        times.warn(warning);
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

    F f_;
    std::tuple<Inner...> inner_;
    Metadata metadata_;
};

/// Any function of the voxels at one place and time, for all volumes of one or several sources as they pass.
///
/// \param f        `f(value of the first, value of each other)`, returning float or double; called from several threads
/// \param sources  opened files, filters over them, sources of your own; they become part of the result and are read in step
/// \returns        a source for `scan`, with the grid and metadata of the first; nothing is read yet
/// \throws GridMismatch when the sources lie on different grids
/// \throws InvalidArgument when they have different numbers of volumes
///
/// `transform([](float a, float b) { return a - b; }, open(first), open(second))`. Memory: one volume of each a thread.
template <class F, StreamedSource First, StreamedSource... Rest>
[[nodiscard]] auto transform(F f, First first, Rest... rest) {
    return Transformed<F, decltype(detail::in_stages(std::move(first))),
                       decltype(detail::in_stages(std::move(rest)))...>(
        std::move(f), detail::in_stages(std::move(first)), detail::in_stages(std::move(rest))...);
}

/// The same for runs in memory: the stream with its volumes kept.
template <class F, AnyRun First, AnyRun... Rest>
requires(!StreamedSource<First> && !(StreamedSource<Rest> || ...))  //
    [[nodiscard]] auto transform(F f, const First& first, const Rest&... rest) {
    auto source = transform(std::move(f), staged(first), staged(rest)...);
    Collect<typename decltype(source)::value_type> kept;
    scan(source, kept);
    return std::move(kept).result();
}

/// A source whose volumes are a function of the volumes of others, whole or range by range.
template <RealVoxel R, class F, StagedSource Inner>
class TransformedVolumes {
    using Values = std::span<const std::span<const typename Inner::value_type>>;
    static constexpr bool by_range = std::is_invocable_v<const F&, Values, VoxelRange, std::span<R>>;

public:
    using value_type = R;

    struct Workspace {
        std::vector<detail::InnerVolume<Inner>> inner;
        std::vector<std::span<const typename Inner::value_type>> volumes;
    };

    TransformedVolumes(F f, std::vector<Inner> inner) : f_(std::move(f)), inner_(std::move(inner)) {
        require(!inner_.empty(), by_range ? "transform_ranges: expected one source or more"
                                          : "transform_volumes: expected one source or more");
        for (std::size_t k = 1; k < inner_.size(); ++k) {
            detail::require_same_run(inner_.front(), inner_[k], k);
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
        detail::RepetitionTimes times;
        for (const Inner& inner : inner_) {
            detail::pass_warnings(inner, warning);
            times.add(inner);
        }
        times.warn(warning);
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
