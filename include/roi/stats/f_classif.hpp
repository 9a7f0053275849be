// The F test for any number of conditions, per voxel: one-way analysis of variance.
#pragma once

#include <roi/core/concepts.hpp>
#include <roi/core/detail/buffer.hpp>
#include <roi/core/error.hpp>
#include <roi/core/parallel.hpp>
#include <roi/core/text.hpp>
#include <roi/image/column.hpp>
#include <roi/image/grid.hpp>
#include <roi/image/metadata.hpp>
#include <roi/image/selection.hpp>
#include <roi/image/volume.hpp>
#include <roi/stats/detail/between.hpp>
#include <roi/stats/detail/chunk_sums.hpp>
#include <roi/stats/detail/moments.hpp>
#include <roi/stats/detail/tails.hpp>
#include <roi/stats/detail/untested.hpp>
#include <roi/stats/test_result.hpp>
#include <roi/stream/non_finite.hpp>
#include <roi/stream/scan.hpp>
#include <roi/stream/source.hpp>

#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <numeric>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace roi {

class FClassif;

/// Settings of `f_classif`.
struct FClassifOptions {
    /// The chunk of each volume, such as its run: the mean of every chunk is taken out. None: all volumes are alike.
    std::optional<Column> chunks{};
    NanPolicy nan_policy = NanPolicy::propagate;  ///< what NaN does; with chunks it cannot be left out
    Progress progress{};                          ///< told the number of volumes done
    WarningHandler warning{};  ///< told what changes the meaning of the result, one line each
    StopRequest stop{};        ///< asked whether to stop
    int threads = 0;           ///< number of threads for this call; 0 is `threads()`
};

namespace detail {

/// The volumes of every condition.
///
/// \param names  conditions that count; none: all that occur but what is missing, `n/a` or empty
[[nodiscard]] inline std::vector<Selection> samples_of(const Column& conditions,
                                                       const std::vector<std::string>& names) {
    std::vector<Selection> out;
    for (const auto& name : names.empty() ? conditions.unique() : names) {
        if (names.empty() && (name == "n/a" || name.empty())) continue;
        out.push_back(conditions == name);
    }
    return out;
}

template <class Source>
[[nodiscard]] FTest f_of_run(Source&& source, FClassif sink, const FClassifOptions& options);

}  // namespace detail

/// Sink of `scan`: do the means of several sets of volumes differ? Per voxel.
///
/// Only volumes of these sets are asked for. Memory: three doubles a voxel for every set; with chunks one more, and three for
/// every further chunk that has begun and not ended.
class FClassif : public SinkState {
public:
    /// \param conditions  one text per volume
    /// \param names       the conditions that are compared; none: all that occur
    /// \param options     `.chunks`
    /// \throws InvalidArgument when there are fewer than two conditions, one of them has no volume or is named twice, or
    ///         there are no more volumes than conditions and chunks; with chunks when a condition shares none with the others
    explicit FClassif(const Column& conditions, const std::vector<std::string>& names = {},
                      const FClassifOptions& options = {})
        : FClassif(detail::samples_of(conditions, names), options) {
        names_ = names.empty() ? conditions.unique() : names;
    }

    /// \param samples  volumes of each set, which share none
    /// \throws InvalidArgument as above
    explicit FClassif(const std::vector<Selection>& samples, const FClassifOptions& options = {})
        : groups_(samples.size()), nan_policy_(options.nan_policy) {
        require(!options.chunks || nan_policy_ != NanPolicy::omit,
                "f_classif: with chunks NaN cannot be left out: use nan_policy propagate");
        if (samples.size() < 2) {
            throw InvalidArgument(
                text("f_classif: at least 2 conditions are needed, found ", samples.size()));
        }
        group_of_.assign(static_cast<std::size_t>(samples[0].size()), -1);
        std::int64_t volumes = 0;
        for (std::size_t g = 0; g < samples.size(); ++g) {
            add(samples[g], static_cast<int>(g));
            volumes += samples[g].count();
        }
        if (volumes <= static_cast<std::int64_t>(samples.size())) {
            throw InvalidArgument(text("f_classif: ", samples.size(),
                                       " conditions need more volumes than that, found ", volumes));
        }
        volumes_ = volumes;
        if (options.chunks) chunked_.emplace("f_classif", group_of_, *options.chunks, groups_.size());
    }

    void begin(const ScanInfo& info) {
        if (info.frames != static_cast<std::int64_t>(group_of_.size())) {
            throw InvalidArgument(text("f_classif: the conditions are about ", group_of_.size(),
                                       " volumes, the run has ", info.frames));
        }
        info_ = info;
        odd_.restart();
        if (chunked_) return chunked_->begin(info.grid);
        at_once_ = !keeps_sums_ && nan_policy_ != NanPolicy::omit && info.block >= info.frames;
        if (at_once_) {
            f_ = detail::Buffer<double>(info.grid.size(), detail::Uninitialized{});
        } else {
            begin_sums(groups_, info.grid);
        }
    }

    /// Sums of a few voxels are then begun and ended while they are in cache, and F is all that is kept of them.
    static constexpr bool takes_runs = true;

    [[nodiscard]] bool wants(std::int64_t frame) const { return group(frame) >= 0; }

    template <RealVoxel T>
    void update(const FrameBlock<T>& block, VoxelRange range) {
        if (nan_policy_ == NanPolicy::raise) {
            detail::refuse_nan("f_classif", info_.grid.shape(), block, range);
        }
        if (chunked_) {
            add_to_chunks(block, range);
        } else if (at_once_) {
            test_at_once(block, range);
        } else {
            add(groups_, block, range);
        }
    }

    /// Says how many voxels of the sets are NaN or infinite.
    void warn(const WarningHandler& warning) const {
        NonFiniteCount odd = chunked_ ? chunked_->odd() : odd_;
        for (const Group& group : groups_) odd.include(group.sums.odd());
        odd.warn(warning, "f_classif", detail::effect_of_odd(nan_policy_ == NanPolicy::omit),
                 info_.grid.size());
    }

    /// Adds what another sink has seen, of another run on the same grid, condition by condition: a test of all volumes of
    /// both. Conditions with names are those of the same name, sets without names those of the same place. Chunks of the
    /// other run are other chunks, whatever they are called.
    /// \throws InvalidArgument when one of them has seen no run, they have other conditions, with chunks also in another
    ///         order, or chunks were asked for in one of them
    /// \throws GridMismatch when the runs lie on different grids
    void merge(const FClassif& other) {
        require_complete("f_classif: merge");
        other.require_complete("f_classif: merge");
        if (groups_.size() != other.groups_.size()) {
            throw InvalidArgument(text("f_classif: merge: expected ", groups_.size(), " conditions, found ",
                                       other.groups_.size()));
        }
        require_same_grid(info_.grid, other.info_.grid, "f_classif: merge: the runs");
        require(chunked_.has_value() == other.chunked_.has_value() && nan_policy_ == other.nan_policy_,
                "f_classif: merge: expected the same nan_policy, and chunks in both sinks or in none");
        const auto same = places_in(other);
        if (chunked_) {
            require(
                std::is_sorted(same.begin(), same.end()),
                "f_classif: merge: the conditions stand in another order; name them when the sinks are made");
            return chunked_->merge(*other.chunked_);
        }
        for (std::size_t g = 0; g < groups_.size(); ++g) groups_[g].sums.merge(other.groups_[same[g]].sums);
        volumes_ += other.volumes_;
    }

    /// The maps of F and p and the degrees of freedom, on the grid of the run with its metadata.
    /// \throws InvalidArgument when the sink has seen no run
    [[nodiscard]] FTest result() const {
        require_complete("f_classif");
        const Metadata metadata = inherited_with_new_meaning(info_.metadata);
        const auto map = [&] { return Volume<double>(info_.grid, detail::Uninitialized{}, metadata); };
        FTest out{map(), map(), df1(), df2()};
        if (nan_policy_ == NanPolicy::omit) {
            test_counted(out.df2_map.emplace(map()), out);
            return out;
        }
        const detail::UpperF upper(out.df1, out.df2);
        parallel_for(info_.grid.size(), 4096, [&](std::int64_t first, std::int64_t last) {
            if (chunked_) {
                for (std::int64_t i = first; i < last; ++i) {
                    out.f[i] = chunked_->f(static_cast<std::size_t>(i));
                }
            } else if (at_once_) {
                std::copy(f_.data() + first, f_.data() + last, out.f.begin() + first);
            } else {
                f_of(groups_, first, last, out.f.data() + first);
            }
            upper(out.f.data() + first, out.p.data() + first, last - first);
        });
        return out;
    }

private:
    template <class Source>
    friend FTest detail::f_of_run(Source&& source, FClassif sink, const FClassifOptions& options);

    struct Group {
        std::int64_t first = -1, count = 0;
        detail::SampleSums sums;
    };

    /// Where the conditions of this sink are in another.
    [[nodiscard]] std::vector<std::size_t> places_in(const FClassif& other) const {
        std::vector<std::size_t> out(groups_.size());
        std::iota(out.begin(), out.end(), std::size_t{0});
        if (names_.empty() && other.names_.empty()) return out;
        for (std::size_t g = 0; g < names_.size(); ++g) {
            const auto found = std::find(other.names_.begin(), other.names_.end(), names_[g]);
            out[g] = static_cast<std::size_t>(found - other.names_.begin());
        }
        if (names_.size() != other.names_.size() ||
            std::find(out.begin(), out.end(), other.names_.size()) != out.end()) {
            throw InvalidArgument(text("f_classif: merge: expected the conditions ", joined(names_, ", "),
                                       ", found ", joined(other.names_, ", ")));
        }
        return out;
    }

    void add(const Selection& sample, int g) {
        if (sample.size() != static_cast<std::int64_t>(group_of_.size())) {
            throw InvalidArgument(
                text("f_classif: all conditions must be chosen from the same volumes; one is about ",
                     group_of_.size(), ", another about ", sample.size()));
        }
        for (const std::int64_t frame : sample.indices()) {
            int& group = group_of_[static_cast<std::size_t>(frame)];
            if (group >= 0) {
                throw InvalidArgument(text("f_classif: volume ", frame, " belongs to two conditions"));
            }
            group = g;
        }
        Group& group = groups_[static_cast<std::size_t>(g)];
        group.count = sample.count();
        if (group.count == 0) throw InvalidArgument(text("f_classif: condition ", g + 1, " has no volume"));
        group.first = sample.indices().front();
    }

    [[nodiscard]] int group(std::int64_t frame) const { return group_of_[static_cast<std::size_t>(frame)]; }

    [[nodiscard]] double df1() const { return static_cast<double>(groups_.size() - 1); }
    [[nodiscard]] double df2() const {
        if (chunked_) return chunked_->df2();
        return static_cast<double>(volumes_) - static_cast<double>(groups_.size());
    }

    void begin_sums(std::vector<Group>& groups, const Grid& grid) const {
        const auto nan = nan_policy_ == NanPolicy::omit ? detail::NanIn::no_sum : detail::NanIn::the_result;
        for (Group& group : groups) group.sums.begin(grid, group.first, group.count, nan);
    }

    /// F, p and degrees of freedom where every voxel has volumes of its own; NaN where a condition has none left, or all
    /// together no more than there are conditions.
    void test_counted(Volume<double>& df2, FTest& out) const {
        constexpr double nan = std::numeric_limits<double>::quiet_NaN();
        parallel_for(info_.grid.size(), 1024, [&](std::int64_t first, std::int64_t last) {
            for (std::int64_t i = first; i < last; ++i) {
                double volumes = 0.0;
                bool all = true;
                for (const Group& group : groups_) {
                    volumes += group.sums.count(i);
                    all = all && group.sums.count(i) >= 1.0;
                }
                const double rest = volumes - static_cast<double>(groups_.size());
                const bool tested = all && rest >= 1.0;
                df2[i] = tested ? rest : nan;
                out.f[i] = tested ? f_of_moments(groups_, i, rest) : nan;
                if (std::isnan(out.f[i])) out.f[i] = nan;
                out.p[i] = detail::upper_f(out.f[i], out.df1, df2[i]);
            }
        });
    }

    /// Adds a block to the sums of all conditions.
    template <RealVoxel T>
    void add(std::vector<Group>& groups, const FrameBlock<T>& block, VoxelRange range) const {
        for (std::size_t g = 0; g < groups.size(); ++g) {
            const auto in_group = [&](std::int64_t frame) { return group(frame) == static_cast<int>(g); };
            groups[g].sums.update(block, range, in_group);
        }
    }

    /// The same with chunks, for which values may be copied: a few volumes at a time.
    template <RealVoxel T>
    void add_to_chunks(const FrameBlock<T>& block, VoxelRange range) {
        constexpr std::size_t most = 16;
        for (std::size_t k = 0; k < block.frames.size(); k += most) {
            const auto frames = block.frames.subspan(k, std::min(most, block.frames.size() - k));
            chunked_->update(FrameBlock<T>{block.first + static_cast<std::int64_t>(k), frames}, range);
        }
    }

    /// F of some voxels, of which all volumes are shown.
    template <RealVoxel T>
    void test_at_once(const FrameBlock<T>& block, VoxelRange range) {
        std::vector<Group> groups = groups_;
        std::vector<const T*> volumes(block.frames.size());
        std::transform(block.frames.begin(), block.frames.end(), volumes.begin(),
                       [&](const T* volume) { return volume ? volume + range.first : nullptr; });
        const std::int64_t size = range.last - range.first;
        begin_sums(groups, Grid(Shape(size, 1, 1)));
        add(groups, FrameBlock<T>{block.first, volumes}, {0, size});
        f_of(groups, 0, size, f_.data() + range.first);
        for (const Group& group : groups) odd_.append(group.sums.odd(), 0);
    }

    /// Squares between the means and within the conditions, each divided by its degrees of freedom, of some voxels: condition
    /// by condition, so that compilers take several voxels at a time.
    ///
    /// \param f  of the first of them
    void f_of(const std::vector<Group>& groups, std::int64_t begin, std::int64_t end, double* f) const {
        detail::BetweenAndWithin all;
        const double df1 = this->df1(), df2 = this->df2();
        constexpr auto together = static_cast<std::int64_t>(detail::BetweenAndWithin::together);
        const bool far = std::any_of(groups.begin(), groups.end(),
                                     [](const Group& group) { return group.sums.squares_are_far(); });
        for (std::int64_t start = begin; start < end; start += together) {
            const auto size = static_cast<std::size_t>(std::min(together, end - start));
            double n = 0.0;
            for (const Group& group : groups) {
                const auto& sums = group.sums;
                detail::add_condition(sums.origin() + start, sums.sum() + start, sums.squares() + start,
                                      sums.volumes(), n, size, all);
                n += sums.volumes();
            }
            for (std::size_t i = 0; i < size; ++i) {
                const std::int64_t voxel = start + static_cast<std::int64_t>(i);
                const double between = all.between[i], within = all.within[i];
                double one = between / df1 / (within / df2);
                if (far && !(within >= 0x1p-800 && within <= 0x1p900 && std::isfinite(between))) {
                    one = f_of_moments(groups, voxel, df2);
                }
                // The sign of a NaN tells how it came about.
                f[voxel - begin] = std::isnan(one) ? std::numeric_limits<double>::quiet_NaN() : one;
            }
        }
    }

    /// The same of one voxel, in the unit in which its squares are known: they may be out of the range of a double.
    [[nodiscard]] double f_of_moments(const std::vector<Group>& groups, std::int64_t voxel,
                                      double df2) const {
        auto unit = detail::Unit::none;
        for (const Group& group : groups) unit = detail::common_unit(unit, group.sums.unit(voxel));
        // Where nothing differs within the conditions, what is between them may be too small for a square.
        if (unit == detail::Unit::none) unit = detail::Unit::tiny;
        detail::Moments all;
        double within = 0.0, between = 0.0;
        for (const Group& group : groups) {
            const auto one = group.sums.moments(voxel, unit);
            within += one.squares;
            const double d = detail::difference_of_means(all, one);
            if (all.n > 0.0) between += d * d * (all.n * one.n / (all.n + one.n));
            all = detail::merged(all, one);
        }
        return between / df1() / (within / df2);
    }

    std::vector<int> group_of_;  // of each volume, -1 where it has none
    std::vector<Group> groups_;
    NanPolicy nan_policy_ = NanPolicy::propagate;
    std::vector<std::string> names_;  // of the conditions; empty where they are sets without names
    std::int64_t volumes_ = 0;
    std::optional<detail::ChunkSums> chunked_;
    bool keeps_sums_ = true;    // for `merge`
    bool at_once_ = false;      // does a block have all volumes, and F is all that is wanted?
    detail::Buffer<double> f_;  // then
    NonFiniteCount odd_;        // and of what
    ScanInfo info_;
};

namespace detail {

/// Scans a source and gives the result, for which alone the sink was made.
template <class Source>
[[nodiscard]] FTest f_of_run(Source&& source, FClassif sink, const FClassifOptions& options) {
    sink.keeps_sums_ = false;
    scan(source, sink, scan_options(options));
    auto out = sink.result();
    warn_of_untested(options.warning, "f_classif", "F", out.f);
    return out;
}

}  // namespace detail

/// Do the means of several conditions differ? One-way analysis of variance, per voxel.
///
/// F = (sum n_g (m_g - m)^2 / (K - 1)) / (sum S_g / (N - K)) with sizes n, means m and sums of squared deviations S of K
/// conditions and N volumes in all.
///
/// \param source      a run in memory, an opened file, a filter over one: anything that `scan` takes
/// \param conditions  one text per volume
/// \param names       the conditions that are compared: `{"face", "house", "cat"}`; none: all that occur
/// \param options     `.chunks`, progress, threads, a way to stop
/// \returns           maps of F and p, and the degrees of freedom
/// \throws InvalidArgument when the conditions are not about the source's volumes, there are fewer than two, one has no
///         volume, or there are no more volumes than conditions
///
/// One pass, in double, relative to the first value of every voxel and condition; memory: three doubles a voxel for every
/// condition, or the results alone of a run in memory when there is no `.progress` or `.stop`. Equals scikit-learn's `f_classif` and SciPy's `f_oneway`, and stays right where a large mean makes
/// f_classif's sums of raw squares cancel. A voxel that never changes is NaN, one that only differs between conditions
/// infinite with p = 0, of which `.warning` is told. NaN makes its voxel NaN; with `.nan_policy` omit it is left out, as of
/// SciPy's `f_oneway`, df2 is `df2_map`, and a voxel of which a condition has no value left is NaN.
///
/// With `.chunks` every chunk has a mean of its own beside those of the conditions, as with a column a chunk in the design
/// of a linear model: F = (E / (K - 1)) / ((W + B - E) / (N - C - K + 1)), see `detail::ChunkSums`; equal to the F of
/// statsmodels' `anova_lm(ols("y ~ C(chunk) + C(condition)").fit())`.
template <FrameSource Source>
[[nodiscard]] FTest f_classif(Source&& source, const Column& conditions,
                              const std::vector<std::string>& names = {},
                              const FClassifOptions& options = {}) {
    return detail::f_of_run(source, FClassif(conditions, names, options), options);
}

/// Do the means of several sets of volumes differ? Otherwise as above.
template <FrameSource Source>
[[nodiscard]] FTest f_classif(Source&& source, const std::vector<Selection>& samples,
                              const FClassifOptions& options = {}) {
    return detail::f_of_run(source, FClassif(samples, options), options);
}

}  // namespace roi
