// The t-tests of one sample and of pairs, per voxel.
#pragma once

#include <roi/core/concepts.hpp>
#include <roi/core/detail/buffer.hpp>
#include <roi/core/error.hpp>
#include <roi/core/text.hpp>
#include <roi/image/grid.hpp>
#include <roi/image/metadata.hpp>
#include <roi/stats/detail/moments.hpp>
#include <roi/stats/test_result.hpp>
#include <roi/stats/ttest_ind.hpp>
#include <roi/stream/non_finite.hpp>
#include <roi/stream/scan.hpp>
#include <roi/stream/source.hpp>

#include <cmath>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <span>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

namespace roi {

/// Settings of `ttest_1samp` and `ttest_rel`, with SciPy's names and defaults.
struct TTest1SampOptions {
    Alternative alternative = Alternative::two_sided;
    NanPolicy nan_policy = NanPolicy::propagate;
    /// Of the function, as what follows. False: a voxel that does not vary, or no more than by rounding, is not tested, and
    /// so NaN, with a warning; true: t is infinite there, as SciPy's. What is rounded is what is tested: of pairs their
    /// differences, not the larger values that were subtracted or the file's type, of which nothing is known here.
    bool infinite_t = true;
    Progress progress{};       ///< told the number of volumes done
    WarningHandler warning{};  ///< told what changes the meaning of the result, one line each
    StopRequest stop{};        ///< asked whether to stop
    int threads = 0;           ///< number of threads for this call; 0 is `threads()`
};

namespace detail {

/// t = (m - mean) / sqrt(S / (n - 1) / n) and n - 1.
[[nodiscard]] inline std::pair<double, double> t_statistic(const Moments& sample, double mean) {
    constexpr double nan = std::numeric_limits<double>::quiet_NaN();
    if (sample.n < 2.0) return {nan, nan};
    const double variance = sample.squares / (sample.n - 1.0) / sample.n;
    return {((sample.origin - mean) + sample.offset) / std::sqrt(variance), sample.n - 1.0};
}

/// The volumes of a source one at a time.
template <class Source>
class Pulled {
public:
    using Staged = std::remove_cvref_t<decltype(staged(std::declval<Source&>()))>;
    using value_type = typename Staged::value_type;

    explicit Pulled(Source& source) : staged_(staged(source)) {
        if constexpr (RewindableSource<Staged>) staged_.rewind();
    }
    [[nodiscard]] const Grid& grid() const { return staged_.grid(); }
    [[nodiscard]] const Metadata& metadata() const { return staged_.metadata(); }
    [[nodiscard]] std::int64_t frames() const { return staged_.frames(); }
    /// The next volume, which stays until the next call.
    [[nodiscard]] std::span<const value_type> next() {
        staged_.pull(raw_);
        return staged_.convert(raw_, volume_in(room_, grid().size()), workspace_);
    }
    [[nodiscard]] std::string volume_name(std::int64_t frame) const {
        return detail::volume_name(staged_, frame);
    }
    void warn(const WarningHandler& warning) const { pass_warnings(staged_, warning); }

private:
    decltype(staged(std::declval<Source&>())) staged_;
    RawFrame raw_;
    Buffer<value_type> room_;
    typename Staged::Workspace workspace_;
};

/// A source: the volumes of one source less those of another.
template <class A, class B>
class Differences {
public:
    using value_type = double;

    Differences(A& a, B& b) : a_(a), b_(b) {
        require_same_grid(a_.grid(), b_.grid(), "ttest_rel: the samples");
        if (a_.frames() == b_.frames()) return;
        throw InvalidArgument(text("ttest_rel: pairs are needed; the first sample has ", a_.frames(),
                                   " volumes, the second ", b_.frames()));
    }
    [[nodiscard]] const Grid& grid() const { return a_.grid(); }
    [[nodiscard]] const Metadata& metadata() const { return a_.metadata(); }
    [[nodiscard]] std::int64_t frames() const { return a_.frames(); }
    /// A difference is NaN where one of them is, or both are infinite.
    [[nodiscard]] std::string volume_name(std::int64_t frame) const {
        const auto a = a_.volume_name(frame), b = b_.volume_name(frame);
        return a == b ? a : text(a, " or ", b);
    }
    void read(std::span<double> out) {
        const auto a = a_.next();
        const auto b = b_.next();
        for (std::size_t i = 0; i < out.size(); ++i) {
            out[i] = static_cast<double>(a[i]) - static_cast<double>(b[i]);
        }
    }
    void warn(const WarningHandler& warning) const {
        a_.warn(warning);
        b_.warn(warning);
    }

private:
    Pulled<A> a_;
    Pulled<B> b_;
};

}  // namespace detail

/// Sink of `scan`: does the mean over the volumes differ from a number? Per voxel.
///
/// Memory: three doubles a voxel.
class TTest1Samp : public SinkState {
public:
    /// \param mean     what the mean is compared with
    /// \param options  alternative, what NaN does
    /// \throws InvalidArgument when `mean` is NaN
    explicit TTest1Samp(double mean = 0.0, const TTest1SampOptions& options = {})
        : mean_(mean), alternative_(options.alternative), sample_("ttest_1samp", options.nan_policy) {
        if (!std::isfinite(mean)) {
            throw InvalidArgument(
                text("ttest_1samp: the mean to compare with is ", mean, ", expected a finite number"));
        }
    }

    /// \throws InvalidArgument for a single volume: maps of one volume each are one source as `concat` of them
    void begin(const ScanInfo& info) {
        if (info.frames < 2) {
            throw InvalidArgument(
                text("ttest_1samp: at least 2 maps, a volume each, are needed, found ", info.frames));
        }
        sample_.begin(info);
    }
    template <RealVoxel T>
    void update(const FrameBlock<T>& block, VoxelRange range) {
        sample_.update(block, range);
    }

    /// Says how many voxels are NaN or infinite.
    void warn(const WarningHandler& warning) const { sample_.warn(warning); }

    /// Adds what another sink has seen, of other maps on the same grid: a test of all of them.
    /// \throws InvalidArgument when one of them has seen no volume
    /// \throws GridMismatch when they lie on different grids
    void merge(const TTest1Samp& other) {
        require_complete("ttest_1samp: merge");
        other.require_complete("ttest_1samp: merge");
        require(mean_ == other.mean_ && alternative_ == other.alternative_ &&
                    sample_.nan_policy() == other.sample_.nan_policy(),
                "ttest_1samp: merge: expected two sinks with the same mean and options");
        require_same_grid(sample_.info().grid, other.sample_.info().grid, "ttest_1samp: merge: the runs");
        sample_.merge(other.sample_);
    }

    /// The maps of t, p and degrees of freedom, on the grid of the volumes with their metadata.
    /// \throws InvalidArgument when the sink has seen no volume
    [[nodiscard]] TTest result() const {
        require_complete("ttest_1samp");
        return detail::t_maps(sample_.info(), alternative_, [this](std::int64_t i) {
            const auto unit = sample_.unit(i);
            return detail::t_statistic(sample_.moments(i, unit), detail::in_unit(mean_, unit));
        });
    }

private:
    double mean_;
    Alternative alternative_;
    detail::OneSample sample_;
};

/// Does the mean over volumes differ from a number? A t-test of one sample, per voxel.
///
/// \param source   a run, or a list of subjects' maps as `concat(maps)`, in memory or streamed: anything that `scan` takes
/// \param mean     what the mean is compared with
/// \param options  alternative, what NaN does
/// \returns        maps of t, p and degrees of freedom; t > 0 where the mean is larger
/// \throws InvalidArgument when there are fewer than 2 volumes
///
/// One pass, in double, relative to the first value of every voxel; memory: three doubles a voxel. Equals
/// `scipy.stats.ttest_1samp(maps, mean, axis=-1)`. A voxel that never changes is NaN where it equals `mean`, else infinite
/// with p = 0, of which `.warning` is told, or NaN as well with `.infinite_t` false; omitting NaN may leave a voxel with fewer than two values, which is NaN.
template <FrameSource Source>
[[nodiscard]] TTest ttest_1samp(Source&& source, double mean = 0.0, const TTest1SampOptions& options = {}) {
    TTest1Samp sink(mean, options);
    scan(source, sink, detail::scan_options(options));
    return detail::told(sink.result(), "ttest_1samp", options);
}

/// Do the means of pairs of volumes differ? The t-test of one sample on their differences, per voxel.
///
/// \param a, b     as many volumes each, on one grid: volume 0 of `a` is paired with volume 0 of `b`
/// \param options  alternative, what NaN does; omitting leaves out pairs
/// \returns        maps of t, p and degrees of freedom; t > 0 where `a` is larger
/// \throws GridMismatch when they lie on different grids
/// \throws InvalidArgument when they have different numbers of volumes, or fewer than 2
///
/// One pass over both at once; memory: three doubles a voxel. Equals `scipy.stats.ttest_rel(a, b, axis=-1)`. The sink is
/// `TTest1Samp` over the differences: `scan(transform(std::minus<>(), a, b), sink)`.
template <FrameSource A, FrameSource B>
[[nodiscard]] TTest ttest_rel(A&& a, B&& b, const TTest1SampOptions& options = {}) {
    detail::Differences<std::remove_reference_t<A>, std::remove_reference_t<B>> differences(a, b);
    if (differences.frames() < 2) {
        throw InvalidArgument(text("ttest_rel: at least 2 pairs are needed, found ", differences.frames()));
    }
    detail::OneSample sink("ttest_rel", options.nan_policy);
    scan(differences, sink, detail::scan_options(options));
    auto out = detail::t_maps(sink.info(), options.alternative, [&](std::int64_t i) {
        return detail::t_statistic(sink.moments(i, sink.unit(i)), 0.0);
    });
    return detail::told(std::move(out), "ttest_rel", options);
}

/// Lists of maps are one source as `concat` of them.
template <class Map>
[[nodiscard]] TTest ttest_1samp(const std::vector<Map>&, double = 0.0, const TTest1SampOptions& = {}) {
    static_assert(detail::never<Map>, "roi: a list of maps is one source: write ttest_1samp(concat(maps))");
    return {};
}
template <class A, class B>
[[nodiscard]] TTest ttest_rel(const std::vector<A>&, const std::vector<B>&, const TTest1SampOptions& = {}) {
    static_assert(detail::never<A>,
                  "roi: a list of maps is one source: write ttest_rel(concat(a), concat(b))");
    return {};
}

}  // namespace roi
