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
#include <tuple>
#include <utility>
#include <vector>

namespace roi {

class FClassif;

/// Settings of `f_classif`.
struct FClassifOptions {
    /// The chunk of each volume, such as its run: the mean of every chunk is taken out, and a volume without
    /// one, `n/a` or empty, left out, with a warning. None: all volumes are alike.
    std::optional<Column> chunks{};
    NanPolicy nan_policy = NanPolicy::propagate;  ///< what NaN does
    /// False is Welch's test, of conditions whose variances may differ; not with chunks: Welch's degrees of freedom are of
    /// means of independent values, and what is left of values whose chunks' means were estimated is not independent.
    bool equal_var = true;
    Progress progress{};       ///< told the number of volumes done
    WarningHandler warning{};  ///< told what changes the meaning of the result, one line each
    StopRequest stop{};        ///< asked whether to stop
    int threads = 0;           ///< number of threads for this call; 0 is `threads()`
};

namespace detail {

/// The conditions that count.
///
/// \param names  them; none: all that occur but what is missing, `n/a` or empty
[[nodiscard]] inline std::vector<std::string> names_of(const Column& conditions,
                                                       const std::vector<std::string>& names) {
    if (!names.empty()) return names;
    std::vector<std::string> out;
    for (const auto& name : conditions.unique()) {
        if (!is_missing(name)) out.push_back(name);
    }
    return out;
}

/// Their volumes.
[[nodiscard]] inline std::vector<Selection> samples_of(const Column& conditions,
                                                       const std::vector<std::string>& names) {
    std::vector<Selection> out;
    for (const auto& name : names_of(conditions, names)) out.push_back(conditions == name);
    return out;
}

template <class Source>
[[nodiscard]] FTest f_of_run(Source&& source, FClassif sink, const FClassifOptions& options);

}  // namespace detail

/// Sink of `scan`: do the means of several sets of volumes differ? Per voxel.
///
/// Only volumes of these sets are asked for. Memory: three doubles a voxel for every set; with chunks two and a half more,
/// and three for every further chunk that has begun and not ended.
class FClassif : public SinkState {
public:
    /// \param conditions  one text per volume
    /// \param names       the conditions that are compared; none: all that occur
    /// \param options     `.chunks`, `.nan_policy`, `.equal_var`
    /// \throws InvalidArgument when there are fewer than two conditions, one of them has no volume or is named twice, or
    ///         there are no more volumes than conditions and chunks; with chunks when a condition shares none with the others
    explicit FClassif(const Column& conditions, const std::vector<std::string>& names = {},
                      const FClassifOptions& options = {})
        : FClassif(detail::samples_of(conditions, names), options, detail::names_of(conditions, names)) {}

    /// \param samples  volumes of each set, which share none
    /// \throws InvalidArgument as above
    explicit FClassif(const std::vector<Selection>& samples, const FClassifOptions& options = {})
        : FClassif(samples, options, std::vector<std::string>()) {}

    void begin(const ScanInfo& info) {
        if (info.frames != static_cast<std::int64_t>(group_of_.size())) {
            throw InvalidArgument(text("f_classif: the conditions are about ", group_of_.size(),
                                       " volumes, the run has ", info.frames));
        }
        info_ = info;
        odd_.restart();
        if (chunked_) return chunked_->begin(info.grid);
        at_once_ = !keeps_sums_ && equal_var_ && nan_policy_ != NanPolicy::omit && info.block >= info.frames;
        if (at_once_) {
            tested_ = {map(), map(), df1(), df2()};
            upper_.emplace(df1(), df2());
        } else {
            for (Group& group : groups_) begin_sums(group.sums, group, info.grid);
        }
    }

    /// Sums of a few voxels are then begun and ended while they are in cache, and F is all that is kept of them.
    static constexpr bool takes_runs = true;

    [[nodiscard]] bool wants(std::int64_t frame) const { return group(frame) >= 0; }

    template <RealVoxel T>
    void update(const FrameBlock<T>& block, VoxelRange range) {
        if (nan_policy_ == NanPolicy::raise) {
            detail::refuse_nan("f_classif", info_, block, range);
        }
        if (chunked_) {
            add_to_chunks(block, range);
        } else if (at_once_) {
            test_at_once(block, range);
        } else {
            add(groups_, block, range);
        }
    }

    /// Says how many voxels of the sets are NaN or infinite, and how many volumes have no chunk.
    void warn(const WarningHandler& warning) const {
        if (chunked_) chunked_->warn_of_missing(warning);
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
        require(
            chunked_.has_value() == other.chunked_.has_value() && nan_policy_ == other.nan_policy_ &&
                equal_var_ == other.equal_var_,
            "f_classif: merge: expected the same nan_policy and equal_var, and chunks in both sinks or in "
            "none");
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
        FTest out{map(), map(), df1(), df2()};
        if (nan_policy_ == NanPolicy::omit || !equal_var_) {
            test_counted(out.df2_map.emplace(map()), out);
            if (!equal_var_ && nan_policy_ != NanPolicy::omit) out.df2 = missing;
            return out;
        }
        const detail::UpperF upper(out.df1, out.df2);
        parallel_for(info_.grid.size(), 4096, [&](std::int64_t first, std::int64_t last) {
            if (chunked_) {
                for (std::int64_t i = first; i < last; ++i) {
                    out.f[i] = chunked_->f(static_cast<std::size_t>(i)).first;
                }
            } else {
                f_of(groups_, first, last, out.f.data() + first);
            }
            upper(out.f.data() + first, out.p.data() + first, last - first);
        });
        return out;
    }

private:
    /// \param names  of the samples; none where they have none
    FClassif(const std::vector<Selection>& samples, const FClassifOptions& options,
             std::vector<std::string> names)
        : groups_(samples.size()),
          nan_policy_(options.nan_policy),
          equal_var_(options.equal_var),
          names_(std::move(names)) {
        require(equal_var_ || !options.chunks,
                "f_classif: Welch's test has no chunks, as its degrees of freedom are of independent values, "
                "which those are not whose chunks' means are taken out; leave out the chunks, or equal_var "
                "false");
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
        if (options.chunks) {
            chunked_.emplace("f_classif", group_of_, *options.chunks, groups_.size(), names_, nan());
        }
    }

    /// A map for a result.
    [[nodiscard]] Volume<double> map() const {
        return {info_.grid, detail::Uninitialized{}, inherited_with_new_meaning(info_.metadata)};
    }

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
        if (group.count == 0) {
            const auto at = static_cast<std::size_t>(g);
            throw InvalidArgument(text("f_classif: condition ", at < names_.size() ? names_[at] : text(g + 1),
                                       " has no volume"));
        }
        group.first = sample.indices().front();
    }

    [[nodiscard]] int group(std::int64_t frame) const { return group_of_[static_cast<std::size_t>(frame)]; }

    [[nodiscard]] double df1() const { return static_cast<double>(groups_.size() - 1); }
    [[nodiscard]] double df2() const {
        if (chunked_) return chunked_->df2();
        return static_cast<double>(volumes_) - static_cast<double>(groups_.size());
    }

    void begin_sums(detail::SampleSums& sums, const Group& group, const Grid& grid) const {
        sums.begin(grid, group.first, group.count, nan());
    }

    [[nodiscard]] detail::NanIn nan() const {
        return nan_policy_ == NanPolicy::omit ? detail::NanIn::no_sum : detail::NanIn::the_result;
    }

    /// F, p and degrees of freedom where every voxel has degrees of freedom of its own; NaN where a condition has no volumes
    /// left, Welch's fewer than two, or all together no more than there are conditions; with chunks see `ChunkSums`.
    void test_counted(Volume<double>& df2, FTest& out) const {
        parallel_for(info_.grid.size(), 1024, [&](std::int64_t first, std::int64_t last) {
            for (std::int64_t i = first; i < last; ++i) {
                std::tie(out.f[i], df2[i]) =
                    chunked_ ? chunked_->f(static_cast<std::size_t>(i)) : f_of_counted(i);
                if (std::isnan(out.f[i])) out.f[i] = missing;
                out.p[i] = detail::upper_f(out.f[i], out.df1, df2[i]);
            }
        });
    }

    /// F and degrees of freedom of one voxel.
    [[nodiscard]] std::pair<double, double> f_of_counted(std::int64_t voxel) const {
        double volumes = 0.0;
        for (const Group& group : groups_) {
            if (group.sums.count(voxel) < 1.0) return {missing, missing};
            volumes += group.sums.count(voxel);
        }
        double df2 = volumes - static_cast<double>(groups_.size());
        if (df2 < 1.0) return {missing, missing};
        const double f = equal_var_ ? f_of_moments(groups_, voxel, df2) : f_of_unequal(voxel, df2);
        return {f, df2};
    }

    /// Adds a block to the sums of all conditions.
    template <RealVoxel T>
    void add(std::vector<Group>& groups, const FrameBlock<T>& block, VoxelRange range) const {
        for (std::size_t g = 0; g < groups.size(); ++g) add(groups[g].sums, g, block, range);
    }

    /// Adds the volumes of one condition.
    template <RealVoxel T>
    void add(detail::SampleSums& sums, std::size_t g, const FrameBlock<T>& block, VoxelRange range) const {
        sums.update(block, range, [&](std::int64_t frame) { return group(frame) == static_cast<int>(g); });
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

    /// F of some voxels, of which all volumes are shown: condition by condition, so that the sums of one stay in cache.
    template <RealVoxel T>
    void test_at_once(const FrameBlock<T>& block, VoxelRange range) {
        std::vector<const T*> volumes(block.frames.size());
        std::transform(block.frames.begin(), block.frames.end(), volumes.begin(),
                       [&](const T* volume) { return volume ? volume + range.first : nullptr; });
        const FrameBlock<T> part{block.first, volumes};
        const std::int64_t size = range.last - range.first;
        const Grid grid(Shape(size, 1, 1));
        double* const f = tested_.f.data() + range.first;
        std::vector<detail::BetweenAndWithin> squares(
            static_cast<std::size_t>((size + together - 1) / together));
        detail::SampleSums sums;
        double before = 0.0;
        bool far = false;
        for (std::size_t g = 0; g < groups_.size(); ++g) {
            begin_sums(sums, groups_[g], grid);
            add(sums, g, part, {0, size});
            for (std::int64_t start = 0; start < size; start += together) {
                add_condition(sums, start, size, before, squares[static_cast<std::size_t>(start / together)]);
            }
            before += sums.volumes();
            far = far || sums.squares_are_far();
            odd_.append(sums.odd(), 0);
        }
        if (far) {
            std::vector<Group> groups = groups_;
            for (Group& group : groups) begin_sums(group.sums, group, grid);
            add(groups, part, {0, size});
            f_of(groups, 0, size, f);
        } else {
            for (std::int64_t start = 0; start < size; start += together) {
                const auto count = static_cast<std::size_t>(std::min(together, size - start));
                detail::f_of_squares(squares[static_cast<std::size_t>(start / together)], df1(), df2(), count,
                                     f + start);
            }
        }
        (*upper_)(f, tested_.p.data() + range.first, size);
    }

    static constexpr auto together = static_cast<std::int64_t>(detail::BetweenAndWithin::together);

    /// Adds a condition to those before it, which have `before` volumes, of up to `together` voxels from `start` on.
    static void add_condition(const detail::SampleSums& sums, std::int64_t start, std::int64_t end,
                              double before, detail::BetweenAndWithin& out) {
        detail::add_condition(sums.origin() + start, sums.sum() + start, sums.squares() + start,
                              sums.volumes(), before,
                              static_cast<std::size_t>(std::min(together, end - start)), out);
    }

    /// Squares between the means and within the conditions, each divided by its degrees of freedom, of some voxels: condition
    /// by condition, so that compilers take several voxels at a time.
    ///
    /// \param f  of the first of them
    void f_of(const std::vector<Group>& groups, std::int64_t begin, std::int64_t end, double* f) const {
        detail::BetweenAndWithin all;
        const double df1 = this->df1(), df2 = this->df2();
        const bool far = std::any_of(groups.begin(), groups.end(),
                                     [](const Group& group) { return group.sums.squares_are_far(); });
        for (std::int64_t start = begin; start < end; start += together) {
            const auto size = static_cast<std::size_t>(std::min(together, end - start));
            double n = 0.0;
            for (const Group& group : groups) {
                add_condition(group.sums, start, end, n, all);
                n += group.sums.volumes();
            }
            double* const out = f + (start - begin);
            detail::f_of_squares(all, df1, df2, size, out);
            if (!far) continue;
            for (std::size_t i = 0; i < size; ++i) {
                const double between = all.between[i], within = all.within[i];
                if (within >= 0x1p-800 && within <= 0x1p900 && std::isfinite(between)) continue;
                const double one = f_of_moments(groups, start + static_cast<std::int64_t>(i), df2);
                out[i] = std::isnan(one) ? std::numeric_limits<double>::quiet_NaN() : one;
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

    /// Welch's F of one voxel, and its degrees of freedom in place of those of the volumes; NaN where a condition has one volume, or where several do not vary
    /// and yet are equal.
    [[nodiscard]] double f_of_unequal(std::int64_t voxel, double& df2) const {
        auto unit = detail::Unit::none;
        for (const Group& group : groups_) unit = detail::common_unit(unit, group.sums.unit(voxel));
        if (unit == detail::Unit::none) unit = detail::Unit::tiny;
        const double rest_of_volumes = std::exchange(df2, missing);
        // Weights as part of the largest one that there could be, so that of a condition that does not vary is one too.
        std::vector<detail::Moments> conditions;
        double least = std::numeric_limits<double>::infinity();
        int constant = 0;
        for (const Group& group : groups_) {
            conditions.push_back(group.sums.moments(voxel, unit));
            const auto& one = conditions.back();
            if (one.n < 2.0 || std::isnan(one.squares)) return missing;
            constant += one.squares == 0.0 ? 1 : 0;
            least = std::min(least, one.squares / (one.n - 1.0) / one.n);
        }
        if (constant > 1) {
            const auto differs = [&](const detail::Moments& one) {
                return one.squares == 0.0 &&
                       std::any_of(conditions.begin(), conditions.end(), [&](const auto& other) {
                           return other.squares == 0.0 && detail::difference_of_means(one, other) != 0.0;
                       });
            };
            if (!std::any_of(conditions.begin(), conditions.end(), differs)) return missing;
            df2 = rest_of_volumes;
            return std::numeric_limits<double>::infinity();
        }
        // Those that vary weigh nothing beside one that does not, but in squares, where that one is the mean.
        std::vector<double> weights;
        double all = 0.0, mean = 0.0;
        for (const auto& one : conditions) {
            const double error = one.squares / (one.n - 1.0) / one.n;
            weights.push_back(error == least ? 1.0 : least / error);
            all += weights.back();
            mean += weights.back() * detail::difference_of_means(conditions.front(), one);
        }
        mean /= all;
        double between = 0.0, lambda = 0.0;
        for (std::size_t g = 0; g < conditions.size(); ++g) {
            const auto& one = conditions[g];
            const double d = detail::difference_of_means(conditions.front(), one) - mean;
            if (one.squares > 0.0) between += d * d * (one.n * (one.n - 1.0) / one.squares);
            const double rest = 1.0 - weights[g] / all;
            lambda += rest * rest / (one.n - 1.0);
        }
        const auto count = static_cast<double>(conditions.size());
        df2 = (count * count - 1.0) / (3.0 * lambda);
        return between / df1() / (1.0 + 2.0 * (count - 2.0) / (count * count - 1.0) * lambda);
    }

    static constexpr double missing = std::numeric_limits<double>::quiet_NaN();

    std::vector<int> group_of_;  // of each volume, -1 where it has none
    std::vector<Group> groups_;
    NanPolicy nan_policy_ = NanPolicy::propagate;
    bool equal_var_ = true;
    std::vector<std::string> names_;  // of the conditions; empty where they are sets without names
    std::int64_t volumes_ = 0;
    std::optional<detail::ChunkSums> chunked_;
    bool keeps_sums_ = true;  // for `merge`
    bool at_once_ = false;    // does a block have all volumes, and the result is all that is wanted?
    FTest tested_;            // then,
    std::optional<detail::UpperF> upper_;  // how,
    NonFiniteCount odd_;                   // and of what
    ScanInfo info_;
};

namespace detail {

/// Scans a source and gives the result, for which alone the sink was made.
template <class Source>
[[nodiscard]] FTest f_of_run(Source&& source, FClassif sink, const FClassifOptions& options) {
    sink.keeps_sums_ = false;
    scan(source, sink, scan_options(options));
    auto out = sink.at_once_ ? std::move(sink.tested_) : sink.result();
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
/// \param options     `.chunks`, `.nan_policy`, `.equal_var`, progress, threads, a way to stop
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
/// With `.equal_var` false it is Welch's test: with w_g = n_g / s_g^2 of variances s_g^2, W their sum, m' = sum w_g m_g / W and
/// L = sum (1 - w_g / W)^2 / (n_g - 1), F = sum w_g (m_g - m')^2 / (K - 1) / (1 + 2 (K - 2) L / (K^2 - 1)) and df2, in
/// `df2_map`, is (K^2 - 1) / (3 L) (B. L. Welch, "On the comparison of several mean values", Biometrika 38, 1951); as SciPy's
/// `f_oneway(equal_var=False)`. Of two conditions it is the square of Welch's t. A condition of one volume makes it NaN.
///
/// With `.chunks` every chunk has a mean of its own beside those of the conditions, as with a column a chunk in the design
/// of a linear model: F = (E / (K - 1)) / ((W + B - E) / (N - C - K + 1)), see `detail::ChunkSums`; equal to the F of
/// statsmodels' `anova_lm(ols("y ~ C(chunk) + C(condition)").fit())`. With `.nan_policy` omit as well it is that of the
/// volumes that a voxel has left, N of them in C chunks; NaN where its conditions no longer share chunks.
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
