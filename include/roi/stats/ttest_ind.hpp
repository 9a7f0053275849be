// The t-test for two independent samples, per voxel.
#pragma once

#include <roi/core/concepts.hpp>
#include <roi/core/detail/buffer.hpp>
#include <roi/core/error.hpp>
#include <roi/core/parallel.hpp>
#include <roi/core/text.hpp>
#include <roi/image/grid.hpp>
#include <roi/image/metadata.hpp>
#include <roi/image/selection.hpp>
#include <roi/image/volume.hpp>
#include <roi/image/volume4d.hpp>
#include <roi/stats/detail/moments.hpp>
#include <roi/stats/detail/students_t.hpp>
#include <roi/stats/test_result.hpp>
#include <roi/stream/scan.hpp>
#include <roi/stream/source.hpp>

#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <string_view>
#include <tuple>
#include <utility>
#include <vector>

namespace roi {

/// What a NaN voxel does to a test.
enum class NanPolicy {
    propagate,  ///< the voxel's result is NaN
    omit,       ///< the value is left out, as if the voxel had one volume less
    raise,      ///< InvalidArgument, naming the voxel and the volume
};

/// Settings of `ttest_ind`, with SciPy's names and defaults.
struct TTestOptions {
    bool equal_var = true;  ///< Student's test; false is Welch's
    Alternative alternative = Alternative::two_sided;
    NanPolicy nan_policy = NanPolicy::propagate;

    friend bool operator==(const TTestOptions&, const TTestOptions&) = default;
};

namespace detail {

/// t and its degrees of freedom, from the moments of two samples.
///
/// Student: df = n1 + n2 - 2, s^2 = (S1 + S2) / df, t = (m1 - m2) / sqrt(s^2 (1/n1 + 1/n2)).
/// Welch: a = v1 / n1, b = v2 / n2, df = (a + b)^2 / (a^2 / (n1 - 1) + b^2 / (n2 - 1)),
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
        df = variance * variance / (va * va / (a.n - 1.0) + vb * vb / (b.n - 1.0));
        if (std::isnan(df)) df = 1.0;
    }
    return {((a.origin - b.origin) + (a.offset - b.offset)) / std::sqrt(variance), df};
}

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

}  // namespace detail

/// Sink of `scan`: the t-test between the volumes of two selections, per voxel.
///
/// Only the selected volumes are asked for. Memory: six doubles a voxel.
class TTestInd {
public:
    /// \param a, b     volumes of the first and second sample, one truth value per volume of the run
    /// \param options  Student or Welch, alternative, what NaN does
    /// \throws InvalidArgument when the selections are about different numbers of volumes or choose fewer
    ///         than 2 volumes each
    TTestInd(Selection a, Selection b, const TTestOptions& options = {})
        : a_(std::move(a)), b_(std::move(b)), options_(options) {
        if (a_.size() != b_.size()) {
            throw InvalidArgument(
                text("ttest_ind: both samples must be chosen from the same volumes; one "
                     "selection is about ",
                     a_.size(), ", the other about ", b_.size()));
        }
        require_two(a_, "first");
        require_two(b_, "second");
    }

    void begin(const ScanInfo& info) {
        if (info.frames != a_.size()) {
            throw InvalidArgument(text("ttest_ind: the selections are about ", a_.size(),
                                       " volumes, the run has ", info.frames));
        }
        info_ = info;
        const auto nan =
            options_.nan_policy == NanPolicy::omit ? detail::NanIn::no_sum : detail::NanIn::the_result;
        sums_a_.begin(info.grid, first_of(a_), a_.count(), nan);
        sums_b_.begin(info.grid, first_of(b_), b_.count(), nan);
    }

    [[nodiscard]] bool wants(std::int64_t frame) const { return a_[frame] || b_[frame]; }

    template <RealVoxel T>
    void update(const FrameBlock<T>& block, VoxelRange range) {
        if (options_.nan_policy == NanPolicy::raise) refuse_nan(block, range);
        sums_a_.update(block, range, [this](std::int64_t frame) { return a_[frame]; });
        sums_b_.update(block, range, [this](std::int64_t frame) { return b_[frame]; });
    }

    /// Adds the samples that another sink has seen, of another run on the same grid: a test of all volumes of both.
    /// \throws InvalidArgument when one of them has seen no run, or their options differ
    /// \throws GridMismatch when the runs lie on different grids
    void merge(const TTestInd& other) {
        require(info_.frames > 0 && other.info_.frames > 0,
                "ttest_ind: merge: expected two sinks that have seen a run");
        require(options_ == other.options_, "ttest_ind: merge: expected two sinks with the same options");
        require_same_grid(info_.grid, other.info_.grid, "ttest_ind: merge: the runs");
        sums_a_.merge(other.sums_a_);
        sums_b_.merge(other.sums_b_);
    }

    /// The maps of t, p and degrees of freedom, on the grid of the run with its metadata; made in the memory of a
    /// temporary sink.
    [[nodiscard]] TTest result() const& {
        const Metadata metadata = inherited_by_volume(info_.metadata);
        const auto map = [&] { return Volume<double>(info_.grid, detail::Uninitialized{}, metadata); };
        TTest out{map(), map(), map(), options_.alternative};
        write_maps(out.t.data(), out.p.data(), out.df.data());
        return out;
    }
    [[nodiscard]] TTest result() && {
        const auto [t, p, df] = sums_a_.memory();
        write_maps(t->data(), p->data(), df->data());
        TTest out{std::move(*t), std::move(*p), std::move(*df), options_.alternative};
        for (auto* map : {&out.t, &out.p, &out.df}) map->metadata() = inherited_by_volume(info_.metadata);
        info_ = {};
        return out;
    }

private:
    static std::int64_t first_of(const Selection& selection) {
        std::int64_t frame = 0;
        while (!selection[frame]) ++frame;
        return frame;
    }

    static void require_two(const Selection& selection, std::string_view which) {
        if (selection.count() >= 2) return;
        throw InvalidArgument(text("ttest_ind: the ", which, " sample has ", selection.count(), " of ",
                                   selection.size(), " volumes, at least 2 are needed"));
    }

    template <RealVoxel T>
    void refuse_nan(const FrameBlock<T>& block, VoxelRange range) const {
        for (std::size_t k = 0; k < block.frames.size(); ++k) {
            const auto frame = block.first + static_cast<std::int64_t>(k);
            if (!wants(frame)) continue;
            for (std::int64_t i = range.first; i < range.last; ++i) {
                if (!std::isnan(block.frames[k][i])) continue;
                throw InvalidArgument(text("ttest_ind: voxel (", joined(info_.grid.shape().voxel(i)),
                                           ") is NaN in volume ", frame,
                                           "; smooth the run, which clears NaN, or use nan_policy omit"));
            }
        }
    }

    /// The maps may lie in the memory of the sums: those of a voxel are read before its results are written.
    void write_maps(double* t, double* p, double* df) const {
        parallel_for(info_.grid.size(), 8192, [&](std::int64_t first, std::int64_t last) {
            for (std::int64_t i = first; i < last; ++i) {
                std::tie(t[i], df[i]) =
                    detail::t_statistic(sums_a_.moments(i), sums_b_.moments(i), options_.equal_var);
            }
            // Most maps have one number of degrees of freedom, Welch's one per voxel.
            for (std::int64_t i = first, end = first; i < last; i = end) {
                while (end < last && (end == i || df[end] == df[i])) ++end;
                detail::p_values(t + i, p + i, end - i, detail::UpperTail(df[i]), options_.alternative);
            }
        });
    }

    Selection a_, b_;
    TTestOptions options_;
    ScanInfo info_;
    detail::SampleSums sums_a_, sums_b_;
};

/// Compares the means of two sets of volumes with a t-test, per voxel.
///
/// \param run      any number type
/// \param a, b     volumes of the first and second sample: `conditions == "face"`
/// \param options  Student or Welch, alternative, what NaN does
/// \returns        maps of t, p and degrees of freedom; t > 0 where the first sample is larger
/// \throws InvalidArgument when a selection is not about the run's volumes or chooses fewer than 2
///
/// One pass over the chosen volumes, in double; memory: six doubles a voxel. Equals
/// `scipy.stats.ttest_ind(run[..., a], run[..., b], axis=-1)` computed in double. A voxel that is constant in
/// both samples gives NaN, or an infinite t when the constants differ; SciPy's rounding can make large t
/// values of it.
template <NumberVoxel T>
[[nodiscard]] TTest ttest_ind(const Volume4D<T>& run, Selection a, Selection b,
                              const TTestOptions& options = {}) {
    TTestInd sink(std::move(a), std::move(b), options);
    scan(run, sink);
    return std::move(sink).result();
}

/// Compares the means of two sets of volumes of a source, which is scanned once; otherwise as above.
template <StreamedSource Source>
[[nodiscard]] TTest ttest_ind(Source&& source, Selection a, Selection b, const TTestOptions& options = {}) {
    TTestInd sink(std::move(a), std::move(b), options);
    scan(source, sink);
    return std::move(sink).result();
}

}  // namespace roi
