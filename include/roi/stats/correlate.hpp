// Pearson's correlation of every voxel with one signal.
#pragma once

#include <roi/core/concepts.hpp>
#include <roi/core/detail/buffer.hpp>
#include <roi/core/error.hpp>
#include <roi/core/parallel.hpp>
#include <roi/core/text.hpp>
#include <roi/image/column.hpp>
#include <roi/image/grid.hpp>
#include <roi/image/metadata.hpp>
#include <roi/image/volume.hpp>
#include <roi/stats/detail/chunk_products.hpp>
#include <roi/stats/detail/far_squares.hpp>
#include <roi/stats/detail/moments.hpp>
#include <roi/stats/detail/students_t.hpp>
#include <roi/stats/p_values.hpp>
#include <roi/stats/test_result.hpp>
#include <roi/stats/ttest_ind.hpp>
#include <roi/stream/non_finite.hpp>
#include <roi/stream/scan.hpp>
#include <roi/stream/source.hpp>

#include <Eigen/Core>
#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <optional>
#include <span>
#include <utility>
#include <vector>

namespace roi {

/// Settings of `correlate`.
struct CorrelateOptions {
    Alternative alternative = Alternative::two_sided;  ///< which r counts as evidence
    /// The chunk of each volume, such as its run: the mean of every chunk is taken out, and a volume without
    /// one, `n/a` or empty, left out, with a warning. None: all volumes are alike.
    std::optional<Column> chunks{};
    NanPolicy nan_policy = NanPolicy::propagate;  ///< what NaN does
    Progress progress{};                          ///< told the number of volumes done
    WarningHandler warning{};  ///< told what changes the meaning of the result, one line each
    StopRequest stop{};        ///< asked whether to stop
    int threads = 0;           ///< number of threads for this call; 0 is `threads()`
};

/// Sink of `scan`: the correlation of every voxel with a signal.
///
/// Memory: four doubles a voxel, seven and a half where NaN is left out; with chunks two, and three for every chunk that has begun and not ended;
/// five, and seven and a half, where NaN is left out.
class Correlate : public SinkState {
public:
    /// \param seed     the signal, one number per volume
    /// \param options  alternative, chunks, nan_policy
    /// \throws InvalidArgument when there are fewer than 2 numbers, one of them is not finite (NaN may be, where it is left
    ///         out), or all are equal; with chunks when they are not about as many volumes, or the signal does not change
    ///         within any
    explicit Correlate(std::span<const double> seed, const CorrelateOptions& options = {})
        : seed_(seed.begin(), seed.end()),
          alternative_(options.alternative),
          nan_policy_(options.nan_policy) {
        if (seed.size() < 2) {
            throw InvalidArgument(
                text("correlate: a signal of 2 or more volumes is needed, found ", seed.size()));
        }
        for (std::size_t t = 0; t < seed.size(); ++t) {
            if (std::isfinite(seed[t]) || (omits() && std::isnan(seed[t]))) continue;
            throw InvalidArgument(
                text("correlate: the signal is ", seed[t], " at volume ", t, ", expected finite numbers"));
        }
        if (options.chunks) {
            chunked_.emplace(*options.chunks, seed_,
                             omits() ? detail::NanIn::no_sum : detail::NanIn::the_result);
            own_ = chunked_->centre(seed_);
            require(own_.largest > 0.0,
                    "correlate: the signal changes within no chunk, so nothing can go with it");
            own_.df = chunked_->df();
        } else {
            own_ = omits() ? detail::centred_but_nan(seed_) : detail::centred(seed_);
            require(own_.largest > 0.0, "correlate: the signal never changes, so nothing can go with it");
            own_.df = own_.n - 2.0;
        }
    }

    void begin(const ScanInfo& info) {
        if (info.frames != static_cast<std::int64_t>(seed_.size())) {
            throw InvalidArgument(text("correlate: the signal has ", seed_.size(), " values, the run ",
                                       info.frames, " volumes"));
        }
        info_ = info;
        all_ = own_;
        if (chunked_) return chunked_->begin(info.grid);
        sums_.begin(info.grid, 0, info.frames, omits() ? detail::NanIn::no_sum : detail::NanIn::the_result);
        products_ = Volume<double>(info.grid, 0.0);
        if (omits()) pairs_.begin(info.grid);
    }

    [[nodiscard]] bool wants(std::int64_t frame) const {
        if (chunked_) return chunked_->wants(frame);
        return !std::isnan(seed_[static_cast<std::size_t>(frame)]);
    }

    template <RealVoxel T>
    void update(const FrameBlock<T>& block, VoxelRange range) {
        if (nan_policy_ == NanPolicy::raise) detail::refuse_nan("correlate", info_, block, range);
        if (chunked_) return chunked_->update(block, range, seed_);
        sums_.update(block, range, [this](std::int64_t frame) { return wants(frame); });
        if (omits()) return pairs_.update(block, range, seed_, sums_.origin(), products_.data());
        detail::add_products<T>(block.frames, seed_.data() + block.first, sums_.origin(), products_.data(),
                                range.first, range.last);
    }

    /// Says how many voxels are NaN or infinite, and how many volumes have no chunk.
    void warn(const WarningHandler& warning) const {
        if (chunked_) chunked_->warn_of_missing(warning);
        (chunked_ ? chunked_->odd() : sums_.odd())
            .warn(warning, "correlate", detail::effect_of_odd(omits()), info_.grid.size());
    }

    /// Adds what another sink has seen, of another run on the same grid with a signal of its own: the correlation over all
    /// volumes of both. Chunks of the other run are other chunks, whatever they are called.
    /// \throws InvalidArgument when one of them has seen no run, their alternatives or NaN policies differ, chunks were asked
    ///         for in one of them, or NaN was to be left out without chunks: scan `concat` of the runs instead
    /// \throws GridMismatch when the runs lie on different grids
    void merge(const Correlate& other) {
        require_complete("correlate: merge");
        other.require_complete("correlate: merge");
        require(
            alternative_ == other.alternative_ && chunked_.has_value() == other.chunked_.has_value(),
            "correlate: merge: expected two sinks with the same alternative, and chunks in both or in none");
        require(
            (chunked_ ? omits() == other.omits() : !omits() && !other.omits()),
            "correlate: merge: NaN cannot be left out of runs that are merged, unless with chunks in both");
        require_same_grid(info_.grid, other.info_.grid, "correlate: merge: the runs");
        const detail::CentredSignal before = all_, &there = other.all_;
        all_ = chunked_ ? detail::merged_apart(before, there) : detail::merged(before, there);
        const double here_scale = before.largest / all_.largest, there_scale = there.largest / all_.largest;
        if (chunked_) return chunked_->merge(*other.chunked_, here_scale, there_scale);
        // What the means of both add, as to a sum of squares.
        const double between = detail::difference_of_means(before, there, all_.largest) *
                               (before.n * there.n / (before.n + there.n));
        parallel_for(products_.size(), 8192, [&](std::int64_t first, std::int64_t last) {
            for (std::int64_t i = first; i < last; ++i) {
                products_[i] =
                    products_[i] * here_scale + other.products_[i] * there_scale +
                    detail::difference_of_means(sums_.moments(i), other.sums_.moments(i)) * between;
            }
        });
        sums_.merge(other.sums_);
    }

    /// The maps of r, t and p, on the grid of the run with its metadata.
    /// \throws InvalidArgument when the sink has seen no run
    [[nodiscard]] Correlation result() const {
        require_complete("correlate");
        const Metadata metadata = inherited_with_new_meaning(info_.metadata);
        const auto map = [&] { return Volume<double>(info_.grid, detail::Uninitialized{}, metadata); };
        Correlation out{map(), map(), map(), all_.df, alternative_};
        if (omits()) out.df_map.emplace(map());
        const detail::UpperTail above(out.df);
        // What rounding takes from a perfect fit.
        constexpr double perfect = 8.0 * std::numeric_limits<double>::epsilon();
        parallel_for(info_.grid.size(), 8192, [&](std::int64_t first, std::int64_t last) {
            for (std::int64_t i = first; i < last; ++i) {
                double r = r_of(i);
                double rest = (1.0 - std::abs(r)) * (1.0 + std::abs(r));
                if (std::abs(r) > 1.0 - perfect) {
                    r = std::copysign(1.0, r);
                    rest = 0.0;
                }
                const double df = df_of(i);
                out.r[i] = r;
                out.t[i] = df > 0.0 ? r * std::sqrt(df / rest) : r * 0.0;
                if (!omits()) continue;
                (*out.df_map)[i] = std::isnan(r) ? r : df;
                // Two points always lie on a line.
                out.p[i] = df > 0.0 ? p_of_t(out.t[i], df, alternative_) : std::isnan(r) ? r : 1.0;
            }
            if (omits()) return;
            if (out.df > 0.0) {
                detail::p_values(out.t.data() + first, out.p.data() + first, last - first, above,
                                 alternative_);
            } else {
                // Two points always lie on a line.
                for (std::int64_t i = first; i < last; ++i) out.p[i] = std::isnan(out.r[i]) ? out.r[i] : 1.0;
            }
        });
        return out;
    }

private:
    [[nodiscard]] bool omits() const { return nan_policy_ == NanPolicy::omit; }

    [[nodiscard]] double df_of(std::int64_t voxel) const {
        if (chunked_) return chunked_->df_of(voxel, all_.df);
        return omits() ? sums_.count(voxel) - 2.0 : all_.df;
    }

    /// The signal is centred, so the products need no mean of the voxel.
    [[nodiscard]] double r_of(std::int64_t i) const {
        if (chunked_) return chunked_->r_of(i, all_.squares);
        const auto unit = sums_.unit(i);
        if (omits()) return pairs_.r_of(i, detail::in_unit(products_[i], unit), sums_.moments(i, unit));
        return detail::in_unit(products_[i], unit) / std::sqrt(all_.squares) /
               std::sqrt(sums_.moments(i, unit).squares);
    }

    std::vector<double> seed_;  // centred
    Alternative alternative_;
    NanPolicy nan_policy_;
    detail::CentredSignal own_, all_;  // what is known of the signal, and of those that were merged
    ScanInfo info_;
    detail::SampleSums sums_;
    Volume<double> products_;
    detail::SignalOfVoxels pairs_;  // only where NaN is left out
    std::optional<detail::ChunkProducts> chunked_;
};

namespace detail {

/// Says where a fit is so near to perfect that -log10 p has not its digits, or is infinite.
inline void warn_of_near_fits(const Correlation& test, const WarningHandler& warning) {
    if (!warning) return;
    std::int64_t perfect = 0, near = 0;
    for (std::int64_t i = 0; i < test.r.size(); ++i) {
        if (!(test.df_of(i) > 0.0)) continue;
        const double size = std::abs(test.r[i]);
        if (size == 1.0) {
            ++perfect;
        } else if ((1.0 - size) * (1.0 + size) < 1e-6) {
            ++near;
        }
    }
    const auto voxels = [](std::int64_t count) { return count == 1 ? " voxel" : " voxels"; };
    if (perfect > 0) {
        warning(text("correlate: r is 1 or -1 within rounding in ", perfect, voxels(perfect),
                     ", where t and -log10 p are infinite"));
    }
    if (near > 0) {
        warning(text("correlate: 1 - r^2 is below 1e-6 in ", near, voxels(near),
                     ", where -log10 p has fewer than ten digits"));
    }
}

}  // namespace detail

/// How every voxel goes with a signal: Pearson's r, with its t and p.
///
/// r = sum (x - mean x) (s - mean s) / sqrt(sum (x - mean x)^2 sum (s - mean s)^2), t = r sqrt(df / (1 - r^2)), df = n - 2.
///
/// \param source   a run in memory, an opened file, a filter over one: anything that `scan` takes
/// \param seed     the signal, one number per volume: of a region `labels_masker` or `measure` gives it
/// \param options  alternative, chunks, progress, warnings, threads, a way to stop
/// \returns        maps of r, t and p; `fisher_z` gives Fisher's z of them, `neg_log10` and `z_map` as of every test
/// \throws InvalidArgument when the signal is not about the source's volumes, has fewer than 2, never changes or is not
///         finite
///
/// One pass, in double, relative to the first value of every voxel; memory: four doubles a voxel. Equals
/// `scipy.stats.pearsonr(x, seed)` voxel by voxel. A voxel that never changes or holds NaN is NaN, unless `.nan_policy` omit
/// leaves out volumes where it or the signal is NaN, as SciPy does: df is `df_map` then. A perfect fit is exactly 1 with p = 0, where SciPy may miss it by a rounding; two volumes always fit, with p = 1.
///
/// -log10 p has ten digits as long as 1 - r^2 is above 1e-6, whatever p is: nearer to a perfect fit r itself has not the digits
/// that p hangs on, which `.warning` is told.
///
/// With `.chunks` every chunk has a mean of its own, of the voxel and of the signal, as with a column a chunk in the design
/// of a linear model: r is the partial correlation given the chunks, df = volumes - chunks - 1. Where that is 0 everything fits, with p = 1.
/// With `.nan_policy` omit as well both are of the volumes, and the chunks that have one, in which neither is NaN.
template <FrameSource Source>
[[nodiscard]] Correlation correlate(Source&& source, std::span<const double> seed,
                                    const CorrelateOptions& options = {}) {
    Correlate sink(seed, options);
    scan(source, sink, detail::scan_options(options));
    auto out = sink.result();
    detail::warn_of_near_fits(out, options.warning);
    return out;
}

/// The same with a vector of Eigen as the signal, as a column of `region_signals(...).values` is.
template <FrameSource Source, class Derived>
[[nodiscard]] Correlation correlate(Source&& source, const Eigen::MatrixBase<Derived>& seed,
                                    const CorrelateOptions& options = {}) {
    const Eigen::VectorXd values = seed;
    return correlate(std::forward<Source>(source),
                     std::span<const double>(values.data(), static_cast<std::size_t>(values.size())),
                     options);
}

/// Fisher's z of every r: atanh r, infinite for a perfect fit. Times sqrt(n - 3) it is nearly a normal value.
[[nodiscard]] inline Volume<double> fisher_z(const Correlation& test) {
    Volume<double> out(test.r.grid(), detail::Uninitialized{}, inherited_with_new_meaning(test.r.metadata()));
    std::transform(test.r.begin(), test.r.end(), out.begin(), [](double r) { return std::atanh(r); });
    return out;
}

}  // namespace roi
