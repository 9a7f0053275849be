// The t-test for two independent samples, per voxel.
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
#include <roi/stats/detail/chunk_sums.hpp>
#include <roi/stats/detail/moments.hpp>
#include <roi/stats/detail/students_t.hpp>
#include <roi/stats/detail/untested.hpp>
#include <roi/stats/test_result.hpp>
#include <roi/stream/non_finite.hpp>
#include <roi/stream/scan.hpp>
#include <roi/stream/source.hpp>

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <numeric>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <tuple>
#include <type_traits>
#include <utility>
#include <vector>

namespace roi {

/// Settings of `ttest_ind`, with SciPy's names and defaults.
struct TTestOptions {
    bool equal_var = true;  ///< Student's test; false is Welch's
    Alternative alternative = Alternative::two_sided;
    NanPolicy nan_policy = NanPolicy::propagate;
    double trim =
        0.0;  ///< Yuen's test: this share of the values is cut from both ends of each sample, below 0.5
    /// The chunk of each volume, such as its run: the mean of every chunk is taken out, and a volume without
    /// one, `n/a` or empty, left out, with a warning. None: all volumes are alike. Not with Welch's test, whose degrees of
    /// freedom are of independent values, nor with a trim, as which values are extreme hangs on the chunks' means.
    std::optional<Column> chunks{};
    /// Of the function, as what follows. False: a voxel that does not vary, or no more than by rounding, is not tested, and
    /// so NaN, with a warning; true: t is infinite there, as SciPy's.
    bool infinite_t = true;
    Progress progress{};       ///< told the number of volumes done
    WarningHandler warning{};  ///< told what changes the meaning of the result, one line each
    StopRequest stop{};        ///< asked whether to stop
    int threads = 0;           ///< number of threads for this call; 0 is `threads()`

    /// The same test? Chunks of different runs may be different ones.
    friend bool operator==(const TTestOptions& a, const TTestOptions& b) {
        return a.equal_var == b.equal_var && a.alternative == b.alternative && a.nan_policy == b.nan_policy &&
               a.trim == b.trim && a.chunks.has_value() == b.chunks.has_value();
    }
};

/// What a t-test of single numbers gives.
struct TTestOfNumbers {
    double t = 0.0;   ///< the statistic
    double p = 0.0;   ///< probability of a t at least as extreme
    double df = 0.0;  ///< degrees of freedom
};

namespace detail {

/// t and its degrees of freedom, from the moments of two samples.
///
/// Student: df = n1 + n2 - 2, s^2 = (S1 + S2) / df, t = (m1 - m2) / sqrt(s^2 (1/n1 + 1/n2)).
/// Welch: a = v1 / n1, b = v2 / n2, c = a / (a + b), df = 1 / (c^2 / (n1 - 1) + (1 - c)^2 / (n2 - 1)),
/// t = (m1 - m2) / sqrt(a + b).
[[nodiscard]] inline std::pair<double, double> t_statistic(const Moments& a, const Moments& b,
                                                           bool equal_var) {
    constexpr double nan = std::numeric_limits<double>::quiet_NaN();
    if (a.n < 1.0 || b.n < 1.0) return {nan, nan};
    double df = a.n + b.n - 2.0;
    double variance = 0.0;
    if (equal_var) {
        variance = (a.squares + b.squares) / df * (1.0 / a.n + 1.0 / b.n);
    } else {
        const double va = a.squares / (a.n - 1.0) / a.n;
        const double vb = b.squares / (b.n - 1.0) / b.n;
        variance = va + vb;
        const double c = va / variance, rest = vb / variance;
        df = 1.0 / (c * c / (a.n - 1.0) + rest * rest / (b.n - 1.0));
        if (std::isnan(df)) df = 1.0;
    }
    return {((a.origin - b.origin) + (a.offset - b.offset)) / std::sqrt(variance), df};
}

inline void require_trim(const TTestOptions& options) {
    if (!(options.trim >= 0.0 && options.trim < 0.5)) {
        throw InvalidArgument(text("ttest_ind: expected a trim from 0 to below 0.5, found ", options.trim));
    }
    require(
        options.equal_var || !options.chunks,
        "ttest_ind: Welch's test has no chunks, as its degrees of freedom are of independent values, "
        "which those are not whose chunks' means are taken out; leave out the chunks, or equal_var false");
    require(options.trim == 0.0 || !options.chunks,
            "ttest_ind: a trim has no chunks, as which values are extreme hangs on the chunks' means, which "
            "are estimated from all; leave out the chunks, or the trim");
}

/// What trimming leaves of a sample: its size and mean, and the squares of the winsorised sample, in which values that are
/// cut are replaced by the next one that is not (Yuen 1974). Sorts the values.
[[nodiscard]] inline Moments trimmed_moments(std::span<double> values, double trim) {
    const auto n = values.size();
    if (n == 0) return {};
    const double origin = std::isfinite(values[0]) ? values[0] : 0.0;
    for (double& value : values) {
        // Everything may follow from NaN but an order.
        if (std::isnan(value)) return {static_cast<double>(n), origin, value, value};
        value -= origin;
    }
    std::sort(values.begin(), values.end());
    const auto cut = static_cast<std::size_t>(static_cast<double>(n) * trim);
    const auto kept = values.subspan(cut, n - 2 * cut);
    double sum = 0.0;
    for (const double value : kept) sum += value;
    const double ends = static_cast<double>(cut);
    const double mean = (sum + ends * (kept.front() + kept.back())) / static_cast<double>(n);
    const auto square = [&](double value) { return (value - mean) * (value - mean); };
    double squares = ends * (square(kept.front()) + square(kept.back()));
    for (const double value : kept) squares += square(value);
    const auto size = static_cast<double>(kept.size());
    return {size, origin, sum / size, squares};
}

/// Divides two samples by one power of two where their squares would leave the range of a double: t stays the same.
inline void bring_to_range(std::vector<double>& a, std::vector<double>& b) {
    double largest = 0.0;
    for (const auto* values : {&a, &b}) {
        for (const double value : *values) largest = std::max(largest, std::abs(value));
    }
    if (largest == 0.0 || !std::isfinite(largest) || (largest > 0x1p-400 && largest < 0x1p400)) return;
    const int exponent = std::ilogb(largest);
    for (auto* values : {&a, &b}) {
        for (double& value : *values) value = std::scalbn(value, -exponent);
    }
}

/// Sink that keeps the volumes of a selection, or all, for what needs the values themselves.
template <RealVoxel T>
class KeptVolumes {
public:
    /// \param nan_policy  of the test: `raise` throws for the first NaN
    explicit KeptVolumes(std::optional<Selection> selection = {}, NanPolicy nan_policy = NanPolicy::propagate)
        : selection_(std::move(selection)),
          nan_policy_(nan_policy),
          effect_(effect_of_odd(nan_policy == NanPolicy::omit)) {}

    /// What the warning of odd values calls the function, and what becomes of them.
    void names(std::string_view who, std::string_view effect) {
        who_ = who;
        effect_ = effect;
    }

    void begin(const ScanInfo& info) {
        info_ = info;
        row_of_.assign(static_cast<std::size_t>(info.frames), -1);
        for (std::int64_t frame = 0; frame < info.frames; ++frame) {
            if (wants(frame)) row_of_[static_cast<std::size_t>(frame)] = rows_++;
        }
        values_ = Buffer<T>(rows_ * info.grid.size(), Uninitialized{});
    }
    [[nodiscard]] bool wants(std::int64_t frame) const { return !selection_ || (*selection_)[frame]; }
    void update(const FrameBlock<T>& block, VoxelRange range) {
        if (nan_policy_ == NanPolicy::raise) refuse_nan(who_, info_, block, range);
        for (std::size_t k = 0; k < block.frames.size(); ++k) {
            if (!block.frames[k]) continue;
            const auto row = row_of_[static_cast<std::size_t>(block.first) + k];
            std::copy(block.frames[k] + range.first, block.frames[k] + range.last,
                      values_.data() + row * info_.grid.size() + range.first);
        }
        odd_.look_at(block, range);
    }
    /// Says how many voxels are NaN or infinite.
    void warn(const WarningHandler& warning) const { odd_.warn(warning, who_, effect_, info_.grid.size()); }
    [[nodiscard]] const ScanInfo& info() const { return info_; }
    /// Number of volumes that were kept.
    [[nodiscard]] std::int64_t rows() const { return rows_; }
    [[nodiscard]] std::int64_t row(std::int64_t frame) const {
        return row_of_[static_cast<std::size_t>(frame)];
    }
    [[nodiscard]] double value(std::int64_t row, std::int64_t voxel) const {
        return static_cast<double>(values_.data()[row * info_.grid.size() + voxel]);
    }

private:
    std::optional<Selection> selection_;
    NanPolicy nan_policy_;
    ScanInfo info_;
    std::vector<std::int64_t> row_of_;
    std::int64_t rows_ = 0;
    Buffer<T> values_;
    NonFiniteCount odd_;
    std::string_view who_ = "ttest_ind", effect_;
};

/// p of `count` values of t that share their degrees of freedom.
inline void p_values(const double* t, double* p, std::int64_t count, const UpperTail& above,
                     Alternative alternative) {
    switch (alternative) {
        case Alternative::less:
            std::transform(t, t + count, p, [](double value) { return -value; });
            return above(p, p, count);
        case Alternative::greater:
            return above(t, p, count);
        case Alternative::two_sided:
            break;
    }
    std::transform(t, t + count, p, [](double value) { return std::abs(value); });
    above(p, p, count);
    for (std::int64_t i = 0; i < count; ++i) p[i] *= 2.0;
}

/// Writes the maps of a t-test.
///
/// \param statistic  (voxel) to t and its degrees of freedom; all it reads of a voxel may lie in the maps themselves
template <class Statistic>
void write_t_maps(std::int64_t voxels, double* t, double* p, double* df, Alternative alternative,
                  const Statistic& statistic) {
    parallel_for(voxels, 8192, [&](std::int64_t first, std::int64_t last) {
        for (std::int64_t i = first; i < last; ++i) std::tie(t[i], df[i]) = statistic(i);
        // Most maps have one number of degrees of freedom, Welch's one per voxel.
        for (std::int64_t i = first, end = first; i < last; i = end) {
            while (end < last && (end == i || df[end] == df[i])) ++end;
            p_values(t + i, p + i, end - i, UpperTail(df[i]), alternative);
        }
    });
}

/// The maps of a t-test on the grid of a run.
template <class Statistic>
[[nodiscard]] TTest t_maps(const ScanInfo& info, Alternative alternative, const Statistic& statistic) {
    const Metadata metadata = inherited_with_new_meaning(info.metadata);
    const auto map = [&] { return Volume<double>(info.grid, Uninitialized{}, metadata); };
    TTest out{map(), map(), map(), alternative};
    write_t_maps(info.grid.size(), out.t.data(), out.p.data(), out.df.data(), alternative, statistic);
    return out;
}

/// The maps of a t-test, after what they say is no evidence was said.
template <class Options>
[[nodiscard]] TTest told(TTest test, std::string_view function, const Options& options) {
    if (!options.infinite_t) leave_out_constant(test, function, options.warning);
    warn_of_untested(options.warning, function, "t", test.t);
    return test;
}

/// Sink of `scan`: the moments of all volumes of a source.
class OneSample {
public:
    /// \param function  what messages say
    OneSample(std::string_view function, NanPolicy nan_policy)
        : function_(function), nan_policy_(nan_policy) {}

    void begin(const ScanInfo& info) {
        info_ = info;
        sums_.begin(info.grid, 0, info.frames,
                    nan_policy_ == NanPolicy::omit ? NanIn::no_sum : NanIn::the_result);
    }
    template <RealVoxel T>
    void update(const FrameBlock<T>& block, VoxelRange range) {
        if (nan_policy_ == NanPolicy::raise) refuse_nan(function_, info_, block, range);
        sums_.update(block, range, [](std::int64_t) { return true; });
    }
    /// Says how many voxels are NaN or infinite.
    void warn(const WarningHandler& warning) const {
        sums_.odd().warn(warning, function_, effect_of_odd(nan_policy_ == NanPolicy::omit),
                         info_.grid.size());
    }
    void merge(const OneSample& other) {
        sums_.merge(other.sums_);
        info_.frames += other.info_.frames;
    }
    [[nodiscard]] const ScanInfo& info() const { return info_; }
    [[nodiscard]] Unit unit(std::int64_t voxel) const { return sums_.unit(voxel); }
    [[nodiscard]] Moments moments(std::int64_t voxel, Unit unit) const { return sums_.moments(voxel, unit); }
    [[nodiscard]] NanPolicy nan_policy() const { return nan_policy_; }

private:
    std::string_view function_;
    NanPolicy nan_policy_;
    ScanInfo info_;
    SampleSums sums_;
};

/// Yuen's test of the rows of kept volumes; NaN is left out before a share of what is left is cut.
///
/// \param rows_a, rows_b  of `a` and of `b`, which may be the same volumes
template <RealVoxel T, RealVoxel U>
[[nodiscard]] TTest trimmed_test(const KeptVolumes<T>& a, const std::vector<std::int64_t>& rows_a,
                                 const KeptVolumes<U>& b, const std::vector<std::int64_t>& rows_b,
                                 const TTestOptions& options) {
    const auto sample = [&](const auto& kept, const auto& rows, std::int64_t voxel) {
        std::vector<double> values;
        values.reserve(rows.size());
        for (const std::int64_t row : rows) {
            const double value = kept.value(row, voxel);
            if (options.nan_policy != NanPolicy::omit || !std::isnan(value)) values.push_back(value);
        }
        return values;
    };
    return t_maps(a.info(), options.alternative, [&](std::int64_t i) {
        auto values_a = sample(a, rows_a, i), values_b = sample(b, rows_b, i);
        bring_to_range(values_a, values_b);
        const Moments first = trimmed_moments(values_a, options.trim),
                      second = trimmed_moments(values_b, options.trim);
        // What is left of a sample after trimming may have no variance.
        const bool none = options.equal_var ? first.n + second.n <= 2.0 : first.n < 2.0 || second.n < 2.0;
        return t_statistic(none ? Moments{} : first, none ? Moments{} : second, options.equal_var);
    });
}

[[nodiscard]] inline std::vector<std::int64_t> first_numbers(std::int64_t count) {
    std::vector<std::int64_t> out(static_cast<std::size_t>(count));
    std::iota(out.begin(), out.end(), std::int64_t{0});
    return out;
}

}  // namespace detail

/// Sink of `scan`: the t-test between the volumes of two selections, per voxel.
///
/// Only the selected volumes are asked for. Memory: six doubles a voxel; with chunks four, and six for every chunk that
/// has begun and not ended.
class TTestInd : public SinkState {
public:
    /// \param a, b     volumes of the first and second sample, one truth value per volume of the run
    /// \param options  Student or Welch, alternative, what NaN does
    /// \throws InvalidArgument when the selections are about different numbers of volumes, one chooses none or both the
    ///         same volume, or when a trim is asked for, which needs all values: `ttest_ind` keeps them
    TTestInd(Selection a, Selection b, const TTestOptions& options = {})
        : a_(std::move(a)), b_(std::move(b)), options_(options) {
        if (a_.size() != b_.size()) {
            throw InvalidArgument(
                text("ttest_ind: both samples must be chosen from the same volumes; one "
                     "selection is about ",
                     a_.size(), ", the other about ", b_.size()));
        }
        require_any(a_, "first");
        require_any(b_, "second");
        // The same volume in both samples is no independent observation; df would count it twice.
        auto groups = detail::groups_of_volumes("ttest_ind", {a_, b_});
        require(options_.trim == 0.0,
                "ttest_ind: a sink cannot trim, which needs all values; call ttest_ind, which keeps them");
        detail::require_trim(options_);
        if (!options_.chunks) return;
        // Samples without a name are the first and the second, as elsewhere.
        const bool named = !a_.name().empty() && !b_.name().empty();
        chunked_.emplace("ttest_ind", std::move(groups), *options_.chunks, 2,
                         named ? std::vector<std::string>{a_.name(), b_.name()} : std::vector<std::string>(),
                         nan());
    }

    void begin(const ScanInfo& info) {
        if (info.frames != a_.size()) {
            throw InvalidArgument(text("ttest_ind: the selections are about ", a_.size(),
                                       " volumes, the run has ", info.frames));
        }
        info_ = info;
        if (chunked_) return chunked_->begin(info.grid);
        sums_a_.begin(info.grid, first_of(a_), a_.count(), nan());
        sums_b_.begin(info.grid, first_of(b_), b_.count(), nan());
    }

    [[nodiscard]] bool wants(std::int64_t frame) const { return a_[frame] || b_[frame]; }

    template <RealVoxel T>
    void update(const FrameBlock<T>& block, VoxelRange range) {
        if (options_.nan_policy == NanPolicy::raise) {
            detail::refuse_nan("ttest_ind", info_, block, range);
        }
        if (chunked_) return chunked_->update(block, range);
        sums_a_.update(block, range, [this](std::int64_t frame) { return a_[frame]; });
        sums_b_.update(block, range, [this](std::int64_t frame) { return b_[frame]; });
    }

    /// Says how many voxels of the samples are NaN or infinite, and how many volumes have no chunk.
    void warn(const WarningHandler& warning) const {
        if (chunked_) chunked_->warn_of_missing(warning);
        auto odd = chunked_ ? chunked_->odd() : sums_a_.odd();
        odd.include(sums_b_.odd());
        odd.warn(warning, "ttest_ind", detail::effect_of_odd(options_.nan_policy == NanPolicy::omit),
                 info_.grid.size());
    }

    /// Adds the samples that another sink has seen, of another run on the same grid: a test of all volumes of both. Chunks of the
    /// other run are other chunks, whatever they are called.
    /// Of a run that has no volume of one sample there is no sink: scan it with another one as `concat` of both.
    /// \throws InvalidArgument when one of them has seen no run, or their options differ
    /// \throws GridMismatch when the runs lie on different grids
    void merge(const TTestInd& other) {
        require_complete("ttest_ind: merge");
        other.require_complete("ttest_ind: merge");
        require(options_ == other.options_, "ttest_ind: merge: expected two sinks with the same options");
        require_same_grid(info_.grid, other.info_.grid, "ttest_ind: merge: the runs");
        if (chunked_) return chunked_->merge(*other.chunked_);
        sums_a_.merge(other.sums_a_);
        sums_b_.merge(other.sums_b_);
    }

    /// The maps of t, p and degrees of freedom, on the grid of the run with its metadata; made in the memory of a
    /// temporary sink.
    /// \throws InvalidArgument when no run was scanned to its end
    [[nodiscard]] TTest result() const& {
        require_complete("ttest_ind");
        const Metadata metadata = inherited_with_new_meaning(info_.metadata);
        const auto map = [&] { return Volume<double>(info_.grid, detail::Uninitialized{}, metadata); };
        TTest out{map(), map(), map(), options_.alternative};
        write_maps(out.t.data(), out.p.data(), out.df.data());
        return out;
    }
    [[nodiscard]] TTest result() && {
        require_complete("ttest_ind");
        if (chunked_) {
            TTest out = std::as_const(*this).result();
            result_taken();
            return out;
        }
        const auto [t, p, df] = sums_a_.memory();
        write_maps(t->data(), p->data(), df->data());
        TTest out{std::move(*t), std::move(*p), std::move(*df), options_.alternative};
        for (auto* map : {&out.t, &out.p, &out.df})
            map->metadata() = inherited_with_new_meaning(info_.metadata);
        info_ = {};
        result_taken();
        return out;
    }

    /// The mean of the first sample less that of the second, with chunks between volumes of the same chunk: what t measures against its error, and what a test over
    /// subjects takes from each. To be asked before the result of a temporary.
    /// \throws InvalidArgument when no run was scanned to its end
    [[nodiscard]] Volume<double> difference() const {
        require_complete("ttest_ind");
        Volume<double> out(info_.grid, detail::Uninitialized{}, inherited_with_new_meaning(info_.metadata));
        parallel_for(out.size(), 8192, [&](std::int64_t first, std::int64_t last) {
            for (std::int64_t i = first; i < last; ++i) {
                out[i] = chunked_ ? chunked_->difference(static_cast<std::size_t>(i))
                                  : detail::difference_of_means(sums_b_.moments(i), sums_a_.moments(i));
            }
        });
        return out;
    }

private:
    [[nodiscard]] detail::NanIn nan() const {
        return options_.nan_policy == NanPolicy::omit ? detail::NanIn::no_sum : detail::NanIn::the_result;
    }

    static std::int64_t first_of(const Selection& selection) {
        std::int64_t frame = 0;
        while (!selection[frame]) ++frame;
        return frame;
    }

    static void require_any(const Selection& selection, std::string_view which) {
        if (selection.count() >= 1) return;
        throw InvalidArgument(text("ttest_ind: the ", which, " sample has none of ", selection.size(),
                                   " volumes, at least 1 is needed"));
    }

    /// The maps may lie in the memory of the sums: those of a voxel are read before its results are written.
    void write_maps(double* t, double* p, double* df) const {
        detail::write_t_maps(info_.grid.size(), t, p, df, options_.alternative, [this](std::int64_t i) {
            if (chunked_) return chunked_->t(static_cast<std::size_t>(i));
            const auto unit = detail::common_unit(sums_a_.unit(i), sums_b_.unit(i));
            return detail::t_statistic(sums_a_.moments(i, unit), sums_b_.moments(i, unit),
                                       options_.equal_var);
        });
    }

    Selection a_, b_;
    TTestOptions options_;
    ScanInfo info_;
    detail::SampleSums sums_a_, sums_b_;
    std::optional<detail::ChunkSums> chunked_;
};

/// Compares the means of two sets of volumes with a t-test, per voxel.
///
/// \param source   a run in memory of any number type, an opened file, a filter over one: anything that `scan` takes
/// \param a, b     volumes of the first and second sample: `conditions == "face"`
/// \param options  Student, Welch or Yuen, alternative, what NaN does; progress, threads, a way to stop
/// \returns        maps of t, p and degrees of freedom; t > 0 where the first sample is larger
/// \throws InvalidArgument when a selection is not about the run's volumes or chooses none, when a volume is in both, or for
///         a trim that makes no sense
///
/// One pass over the chosen volumes, in double; memory: six doubles a voxel, with a trim the chosen volumes. Equals
/// `scipy.stats.ttest_ind(run[..., a], run[..., b], axis=-1)` computed in double. A sample of one value is as SciPy since
/// 1.11 has it: for Student its variance is 0, for Welch the result NaN. A voxel that is constant in both samples gives
/// NaN, or an infinite t when the constants differ, of which `.warning` is told; SciPy's rounding can make large t values of
/// it.
///
/// With `.chunks` every chunk has a mean of its own, and t is that of the difference in the linear model with a column for
/// each of them; df = volumes - chunks - 1. With `.nan_policy` omit as well both count what a voxel has left, and t is NaN
/// where the samples no longer share a chunk. With a trim, `.nan_policy` omit leaves NaN out first, as SciPy has it.
template <FrameSource Source>
[[nodiscard]] TTest ttest_ind(Source&& source, Selection a, Selection b, const TTestOptions& options = {}) {
    detail::require_trim(options);
    auto untrimmed = options;
    untrimmed.trim = 0.0;
    TTestInd sink(a, b, untrimmed);
    if (options.trim == 0.0) {
        scan(source, sink, detail::scan_options(options));
        return detail::told(std::move(sink).result(), "ttest_ind", options);
    }
    using T = typename std::remove_cvref_t<decltype(staged(source))>::value_type;
    detail::KeptVolumes<T> kept(a || b, options.nan_policy);
    scan(source, kept, detail::scan_options(options));
    const auto rows = [&](const Selection& selection) {
        auto out = selection.indices();
        for (std::int64_t& frame : out) frame = kept.row(frame);
        return out;
    };
    return detail::told(detail::trimmed_test(kept, rows(a), kept, rows(b), options), "ttest_ind", options);
}

/// Compares the means of two runs, or of two lists of maps, with a t-test, per voxel; otherwise as above.
///
/// \param a, b     the samples: runs, opened files or filters over them; lists of maps as `concat(maps)`, in memory or of
///                 several `open(path)`
/// \param options  as above, without chunks
/// \returns        maps of t, p and degrees of freedom; t > 0 where `a` is larger
/// \throws GridMismatch when they lie on different grids
template <FrameSource A, FrameSource B>
[[nodiscard]] TTest ttest_ind(A&& a, B&& b, const TTestOptions& options = {}) {
    detail::require_trim(options);
    require(!options.chunks, "ttest_ind: chunks are for the volumes of one run, not for two lists of maps");
    const auto check = [](const ScanInfo& first, const ScanInfo& second) {
        require_same_grid(first.grid, second.grid, "ttest_ind: the samples");
        require(first.frames > 0 && second.frames > 0,
                "ttest_ind: a sample has no volumes, at least 1 is needed");
    };
    if (options.trim == 0.0) {
        detail::OneSample first("ttest_ind", options.nan_policy), second = first;
        scan(a, first, detail::scan_options(options));
        scan(b, second, detail::scan_options(options));
        check(first.info(), second.info());
        auto out = detail::t_maps(first.info(), options.alternative, [&](std::int64_t i) {
            const auto unit = detail::common_unit(first.unit(i), second.unit(i));
            return detail::t_statistic(first.moments(i, unit), second.moments(i, unit), options.equal_var);
        });
        return detail::told(std::move(out), "ttest_ind", options);
    }
    detail::KeptVolumes<typename std::remove_cvref_t<decltype(staged(a))>::value_type> first(
        {}, options.nan_policy);
    detail::KeptVolumes<typename std::remove_cvref_t<decltype(staged(b))>::value_type> second(
        {}, options.nan_policy);
    scan(a, first, detail::scan_options(options));
    scan(b, second, detail::scan_options(options));
    check(first.info(), second.info());
    auto out = detail::trimmed_test(first, detail::first_numbers(first.rows()), second,
                                    detail::first_numbers(second.rows()), options);
    return detail::told(std::move(out), "ttest_ind", options);
}

/// Compares two means of which only the sizes and standard deviations of the samples are known.
///
/// \param mean1, mean2  means of the samples
/// \param std1, std2    their standard deviations, with n - 1
/// \param n1, n2        numbers of values in them
/// \param options       Student or Welch, alternative
/// \returns             t, p and degrees of freedom; NaN follows from NaN
/// \throws InvalidArgument for a negative standard deviation, a size below 1, and for trim and chunks, which need the
///         values
///
/// Equals `scipy.stats.ttest_ind_from_stats`.
[[nodiscard]] inline TTestOfNumbers ttest_ind_from_stats(double mean1, double std1, double n1, double mean2,
                                                         double std2, double n2,
                                                         const TTestOptions& options = {}) {
    require(options.trim == 0.0 && !options.chunks,
            "ttest_ind_from_stats: trim and chunks need the values of the samples: use ttest_ind");
    for (const double deviation : {std1, std2}) {
        if (!(deviation < 0.0)) continue;
        throw InvalidArgument(
            text("ttest_ind_from_stats: expected a standard deviation of 0 or more, found ", deviation));
    }
    for (const double size : {n1, n2}) {
        if (!(size < 1.0)) continue;
        throw InvalidArgument(
            text("ttest_ind_from_stats: expected at least 1 value in a sample, found ", size));
    }
    // By a power of two, which changes no digit of t: squares of 1e200 are infinite, of 1e-200 they are 0.
    const double largest = std::max(std1, std2);
    if (largest > 0.0 && std::isfinite(largest)) {
        for (double* value : {&mean1, &std1, &mean2, &std2})
            *value = std::scalbn(*value, -std::ilogb(largest));
    }
    const auto [t, df] = detail::t_statistic({n1, 0.0, mean1, std1 * std1 * (n1 - 1.0)},
                                             {n2, 0.0, mean2, std2 * std2 * (n2 - 1.0)}, options.equal_var);
    TTestOfNumbers out{t, 0.0, df};
    detail::p_values(&t, &out.p, 1, detail::UpperTail(df), options.alternative);
    return out;
}

/// Lists of maps are one source each as `concat` of them.
template <class A, class B>
[[nodiscard]] TTest ttest_ind(const std::vector<A>&, const std::vector<B>&, const TTestOptions& = {}) {
    static_assert(detail::never<A>,
                  "roi: a list of maps is one source: write ttest_ind(concat(a), concat(b))");
    return {};
}

}  // namespace roi
