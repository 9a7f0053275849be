// Pearson's correlation of every voxel with one signal.
#pragma once

#include <roi/core/concepts.hpp>
#include <roi/core/detail/buffer.hpp>
#include <roi/core/detail/finite.hpp>
#include <roi/core/detail/instruction_set.hpp>
#include <roi/core/error.hpp>
#include <roi/core/parallel.hpp>
#include <roi/core/text.hpp>
#include <roi/image/grid.hpp>
#include <roi/image/metadata.hpp>
#include <roi/image/volume.hpp>
#include <roi/stats/detail/far_squares.hpp>
#include <roi/stats/detail/moments.hpp>
#include <roi/stats/detail/students_t.hpp>
#include <roi/stats/test_result.hpp>
#include <roi/stream/non_finite.hpp>
#include <roi/stream/scan.hpp>
#include <roi/stream/source.hpp>

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <span>
#include <utility>
#include <vector>

namespace roi {

/// Settings of `correlate`.
struct CorrelateOptions {
    Progress progress{};       ///< told the number of volumes done
    WarningHandler warning{};  ///< told what changes the meaning of the result, one line each
    StopRequest stop{};        ///< asked whether to stop
    int threads = 0;           ///< number of threads for this call; 0 is `threads()`
};

namespace detail {

/// Adds what one volume has to the sums of voxels [begin, end): d = x - origin, and of it sum d, sum d^2 and sum s d.
template <class T>
ROI_ALWAYS_INLINE FiniteSoFar<double> add_products_body(const T* volume, double s,
                                                        const double* __restrict origin,
                                                        double* __restrict sum, double* __restrict squares,
                                                        double* __restrict products, std::int64_t begin,
                                                        std::int64_t end) {
    FiniteSoFar<double> finite;
    for (std::int64_t i = begin; i < end; ++i) {
        const double d = static_cast<double>(volume[i]) - origin[i];
        sum[i] += d;
        squares[i] += d * d;
        products[i] += s * d;
        finite.look_at(squares[i]);
    }
    return finite;
}

template <class T>
ROI_TARGET_AVX2 FiniteSoFar<double> add_products_avx2(const T* volume, double s, const double* origin,
                                                      double* sum, double* squares, double* products,
                                                      std::int64_t begin, std::int64_t end) {
    return add_products_body(volume, s, origin, sum, squares, products, begin, end);
}

/// \returns  whether all squares are finite
template <class T>
bool add_products(const T* volume, double s, const double* origin, double* sum, double* squares,
                  double* products, std::int64_t begin, std::int64_t end) {
    if (use_avx2()) {
        return add_products_avx2(volume, s, origin, sum, squares, products, begin, end).all();
    }
    return add_products_body(volume, s, origin, sum, squares, products, begin, end).all();
}

}  // namespace detail

/// Sink of `scan`: the correlation of every voxel with a signal.
///
/// Memory: four doubles a voxel.
class Correlate : public SinkState {
public:
    /// \param seed  the signal, one number per volume
    /// \throws InvalidArgument when there are fewer than 2 numbers, one of them is not finite, or all are equal
    explicit Correlate(std::span<const double> seed) : seed_(seed.begin(), seed.end()) {
        if (seed.size() < 2) {
            throw InvalidArgument(
                text("correlate: a signal of 2 or more volumes is needed, found ", seed.size()));
        }
        for (std::size_t t = 0; t < seed.size(); ++t) {
            if (std::isfinite(seed[t])) continue;
            throw InvalidArgument(
                text("correlate: the signal is ", seed[t], " at volume ", t, ", expected finite numbers"));
        }
        // Divided by the largest deviation, so that no square leaves the range of a double.
        double largest = 0.0, mean = 0.0;
        for (double& value : seed_) value -= seed[0];
        for (const double value : seed_) largest = std::max(largest, std::abs(value));
        require(largest > 0.0, "correlate: the signal never changes, so nothing can go with it");
        for (double& value : seed_) mean += value /= largest;
        mean /= static_cast<double>(seed_.size());
        for (double& value : seed_) value -= mean;
        for (const double value : seed_) squares_of_seed_ += value * value;
    }

    void begin(const ScanInfo& info) {
        if (info.frames != static_cast<std::int64_t>(seed_.size())) {
            throw InvalidArgument(text("correlate: the signal has ", seed_.size(), " values, the run ",
                                       info.frames, " volumes"));
        }
        info_ = info;
        odd_.restart();
        far_.restart();
        origin_ = Volume<double>(info.grid, 0.0);
        sum_ = squares_ = products_ = origin_;
    }

    template <RealVoxel T>
    void update(const FrameBlock<T>& block, VoxelRange range) {
        const auto earlier = detail::FarSquares::before<T>(squares_.data(), range);
        for (std::size_t k = 0; k < block.frames.size(); ++k) {
            const T* volume = block.frames[k];
            const auto frame = static_cast<std::size_t>(block.first) + k;
            if (frame == 0) {
                std::transform(volume + range.first, volume + range.last, origin_.begin() + range.first,
                               [](T value) { return static_cast<double>(value); });
            }
            if (!detail::add_products(volume, seed_[frame], origin_.data(), sum_.data(), squares_.data(),
                                      products_.data(), range.first, range.last)) {
                odd_.look_at(static_cast<std::int64_t>(frame), volume, range);
            }
        }
        far_.look_at<T>(block.frames, origin_.data(), sum_.data(), squares_.data(), earlier, range,
                        squares_.size());
    }

    /// Says how many voxels are NaN or infinite.
    void warn(const WarningHandler& warning) const {
        odd_.warn(warning, "correlate", detail::effect_of_odd(false), info_.grid.size());
    }

    /// The maps of r, t and p, on the grid of the run with its metadata.
    /// \throws InvalidArgument when the sink has seen no run
    [[nodiscard]] Correlation result() const {
        require_complete("correlate");
        const Metadata metadata = inherited_with_new_meaning(info_.metadata);
        const auto map = [&] { return Volume<double>(info_.grid, detail::Uninitialized{}, metadata); };
        const auto n = static_cast<double>(seed_.size());
        Correlation out{map(), map(), map(), n - 2.0};
        const detail::UpperTail above(out.df);
        // What rounding takes from a perfect fit.
        constexpr double perfect = 8.0 * std::numeric_limits<double>::epsilon();
        parallel_for(info_.grid.size(), 8192, [&](std::int64_t first, std::int64_t last) {
            for (std::int64_t i = first; i < last; ++i) {
                // The seed is centred, so the products need no mean of the voxel.
                const auto unit = far_.unit(i, sum_[i], squares_[i]);
                const double sum = detail::in_unit(sum_[i], unit);
                double squares = far_.squares(i, squares_[i], unit) - sum * sum / n;
                if (squares < 0.0) squares = 0.0;
                double r =
                    detail::in_unit(products_[i], unit) / std::sqrt(squares_of_seed_) / std::sqrt(squares);
                double rest = (1.0 - std::abs(r)) * (1.0 + std::abs(r));
                if (std::abs(r) > 1.0 - perfect) {
                    r = std::copysign(1.0, r);
                    rest = 0.0;
                }
                out.r[i] = r;
                out.t[i] = out.df > 0.0 ? r * std::sqrt(out.df / rest) : r * 0.0;
                out.p[i] = std::abs(out.t[i]);
            }
            if (out.df > 0.0) {
                above(out.p.data() + first, out.p.data() + first, last - first);
                for (std::int64_t i = first; i < last; ++i) out.p[i] *= 2.0;
            } else {
                // Two points always lie on a line.
                for (std::int64_t i = first; i < last; ++i) out.p[i] = std::isnan(out.r[i]) ? out.r[i] : 1.0;
            }
        });
        return out;
    }

private:
    std::vector<double> seed_;  // centred
    double squares_of_seed_ = 0.0;
    ScanInfo info_;
    Volume<double> origin_, sum_, squares_, products_;
    detail::FarSquares far_;  // only where squares leave the range of a double
    NonFiniteCount odd_;
};

/// How every voxel goes with a signal: Pearson's r, with its t and p.
///
/// r = sum (x - mean x) (s - mean s) / sqrt(sum (x - mean x)^2 sum (s - mean s)^2), t = r sqrt(df / (1 - r^2)), df = n - 2.
///
/// \param source   a run in memory, an opened file, a filter over one: anything that `scan` takes
/// \param seed     the signal, one number per volume: of a region `labels_masker` or `measure` gives it
/// \param options  progress, warnings, threads, a way to stop
/// \returns        maps of r, t and p; `fisher_z` gives Fisher's z of them, `neg_log10` and `z_map` as of every test
/// \throws InvalidArgument when the signal is not about the source's volumes, has fewer than 2, never changes or is not
///         finite
///
/// One pass, in double, relative to the first value of every voxel; memory: four doubles a voxel. Equals
/// `scipy.stats.pearsonr(x, seed)` voxel by voxel. A voxel that never changes or holds NaN is NaN; a perfect fit is exactly
/// 1 with p = 0, where SciPy may miss it by a rounding; two volumes always fit, with p = 1.
template <FrameSource Source>
[[nodiscard]] Correlation correlate(Source&& source, std::span<const double> seed,
                                    const CorrelateOptions& options = {}) {
    Correlate sink(seed);
    scan(source, sink, detail::scan_options(options));
    return sink.result();
}

/// Fisher's z of every r: atanh r, infinite for a perfect fit. Times sqrt(n - 3) it is nearly a normal value.
[[nodiscard]] inline Volume<double> fisher_z(const Correlation& test) {
    Volume<double> out(test.r.grid(), detail::Uninitialized{}, inherited_with_new_meaning(test.r.metadata()));
    std::transform(test.r.begin(), test.r.end(), out.begin(), [](double r) { return std::atanh(r); });
    return out;
}

}  // namespace roi
