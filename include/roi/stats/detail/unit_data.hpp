// The voxels of a run as vectors of about length 1, and their t for any permutation of a design.
#pragma once

#include <roi/core/detail/instruction_set.hpp>
#include <roi/core/parallel.hpp>
#include <roi/image/volume.hpp>
#include <roi/stats/detail/permutations.hpp>
#include <roi/stats/detail/untested.hpp>

#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

namespace roi::detail {

/// out = sum over volumes of weight * value, for `size` voxels whose volumes lie `stride` apart.
ROI_ALWAYS_INLINE void weighted_sums_body(const double* data, std::int64_t stride,
                                          std::span<const double> weights, double* __restrict out,
                                          std::int64_t size) {
    std::fill(out, out + size, 0.0);
    const auto n = weights.size();
    std::size_t t = 0;
    for (; t + 4 <= n; t += 4) {
        const double* a = data + static_cast<std::int64_t>(t) * stride;
        const double *b = a + stride, *c = b + stride, *d = c + stride;
        const double wa = weights[t], wb = weights[t + 1], wc = weights[t + 2], wd = weights[t + 3];
        for (std::int64_t i = 0; i < size; ++i) out[i] += (wa * a[i] + wb * b[i]) + (wc * c[i] + wd * d[i]);
    }
    for (; t < n; ++t) {
        const double* a = data + static_cast<std::int64_t>(t) * stride;
        for (std::int64_t i = 0; i < size; ++i) out[i] += weights[t] * a[i];
    }
}

ROI_TARGET_AVX2 inline void weighted_sums_avx2(const double* data, std::int64_t stride,
                                               std::span<const double> weights, double* out,
                                               std::int64_t size) {
    weighted_sums_body(data, stride, weights, out, size);
}

inline void weighted_sums(const double* data, std::int64_t stride, std::span<const double> weights,
                          double* out, std::int64_t size) {
    if (use_avx2()) return weighted_sums_avx2(data, stride, weights, out, size);
    weighted_sums_body(data, stride, weights, out, size);
}

/// The volumes in the tested voxels, without what the nuisance columns hold, each voxel brought near length 1 by a power
/// of two, which changes no digit.
///
/// With b = sum w x of the arranged column w, shares c of the nuisance columns and the squares S of a voxel,
/// t = b sqrt(df / (S - sum c^2 - b^2)). Where the difference loses digits, as for a mean of many standard deviations, the
/// squares that are left are summed instead. These are few voxels in few permutations: those near the volumes as they are.
class UnitData {
public:
    static constexpr std::int64_t together = 512;  ///< voxels that stay in cache for several permutations

    /// \param kept    the volumes: `value(volume, voxel)`
    /// \param tested  voxels that are wanted; those that cannot be tested are taken out
    template <class Kept>
    UnitData(const Kept& kept, const Design& design, Mask& tested) {
        const auto n = static_cast<std::int64_t>(design.volumes());
        std::vector<std::vector<double>> units = design.nuisance;
        if (!design.flips) units.emplace_back(n, 1.0 / std::sqrt(static_cast<double>(n)));
        std::vector<std::int64_t> voxels;
        std::vector<double> series(static_cast<std::size_t>(n));
        for (std::int64_t i = 0; i < tested.size(); ++i) {
            if (!tested[i]) continue;
            const auto left = unit_series(kept, i, design.flips, units, series);
            if (left == Series::none_left) without_nuisance_.add(i);
            if (left == Series::constant) constant_.add(i);
            tested[i] = left == Series::changes;
            if (tested[i] && explained_by(design.tested, series)) {
                tested[i] = false;
                explained_.add(i);
            }
            if (tested[i]) voxels.push_back(i);
        }
        size_ = static_cast<std::int64_t>(voxels.size());
        values_.resize(static_cast<std::size_t>(n * size_));
        squares_.resize(static_cast<std::size_t>(size_));
        parallel_for(size_, 4096, [&](std::int64_t first, std::int64_t last) {
            std::vector<double> own(static_cast<std::size_t>(n));
            for (std::int64_t i = first; i < last; ++i) {
                (void)unit_series(kept, voxels[static_cast<std::size_t>(i)], design.flips, units, own);
                squares_[static_cast<std::size_t>(i)] = dot(own, own);
                for (std::int64_t t = 0; t < n; ++t) {
                    values_[static_cast<std::size_t>(t * size_ + i)] = own[static_cast<std::size_t>(t)];
                }
            }
        });
    }

    [[nodiscard]] std::int64_t size() const { return size_; }

    /// Voxels that were taken out because they change with the tested variable alone, so that their t is infinite.
    [[nodiscard]] const LeftOut& explained() const { return explained_; }
    /// Voxels that have one value in all volumes, another than 0.
    [[nodiscard]] const LeftOut& constant() const { return constant_; }
    /// Voxels of which nothing was left once the nuisance columns were taken out.
    [[nodiscard]] const LeftOut& without_nuisance() const { return without_nuisance_; }

    /// t of every voxel, for rows and signs of one permutation.
    void t_map(const Design& design, const std::vector<std::size_t>& rows, const std::vector<double>& signs,
               double* t) const {
        const std::size_t n = design.volumes();
        std::vector<std::vector<double>> columns;  // as they are arranged, the tested one last
        const auto arrange = [&](const std::vector<double>& column) {
            auto& weights = columns.emplace_back(n);
            for (std::size_t k = 0; k < n; ++k) weights[k] = column[rows[k]] * signs[k];
        };
        for (const auto& column : design.nuisance) arrange(column);
        arrange(design.tested);
        // A smaller part of the squares has lost three digits, and what is left beside a perfect fit is rounding.
        constexpr double uncertain = 1e-3, least = rounding_of_squares;
        std::array<double, together> share, rest;
        for (std::int64_t first = 0; first < size_; first += together) {
            const std::int64_t count = std::min(together, size_ - first);
            const double* squares = squares_.data() + first;
            std::copy(squares, squares + count, rest.begin());
            for (const auto& column : columns) {
                weighted_sums(values_.data() + first, size_, column, share.data(), count);
                for (std::size_t i = 0; i < static_cast<std::size_t>(count); ++i) {
                    rest[i] -= share[i] * share[i];
                }
            }
            bool lost = false;
            for (std::size_t i = 0; i < static_cast<std::size_t>(count); ++i) {
                lost |= rest[i] < uncertain * squares[i];
            }
            for (std::int64_t i = 0; lost && i < count; ++i) {
                double& left = rest[static_cast<std::size_t>(i)];
                if (!(left < uncertain * squares[i])) continue;
                left = std::max(left_of(first + i, columns), least * squares[i]);
            }
            for (std::int64_t i = 0; i < count; ++i) {
                const auto at = static_cast<std::size_t>(i);
                t[first + i] = share[at] * std::sqrt(design.df / rest[at]);
            }
        }
    }

private:
    /// What is left of a voxel; `unusable`: it holds NaN or infinite values, or is 0 in all volumes.
    enum class Series { changes, unusable, constant, none_left };

    /// \param units   columns that are taken out of the voxel
    /// \param series  filled with the voxel as it is tested, where it changes
    template <class Kept>
    static Series unit_series(const Kept& kept, std::int64_t voxel, bool flips,
                              const std::vector<std::vector<double>>& units, std::vector<double>& series) {
        double largest = 0.0;
        bool changes = false;
        const double origin = flips ? 0.0 : kept.value(0, voxel);
        for (std::size_t t = 0; t < series.size(); ++t) {
            const double value = kept.value(static_cast<std::int64_t>(t), voxel);
            if (!std::isfinite(value)) return Series::unusable;
            changes = changes || value != kept.value(0, voxel);
            series[t] = value - origin;
            largest = std::max(largest, std::abs(series[t]));
        }
        if (!changes) return kept.value(0, voxel) != 0.0 ? Series::constant : Series::unusable;
        scale(series, largest);
        const double before = std::sqrt(dot(series, series));
        if (!units.empty()) take_out(series, units);
        const double after = std::sqrt(dot(series, series));
        if (!(after > 1e-10 * before)) return Series::none_left;
        scale(series, after);
        return Series::changes;
    }

    /// Is what is left of a voxel beside a column of length 1 no more than rounding?
    static bool explained_by(const std::vector<double>& column, const std::vector<double>& series) {
        const double share = dot(column, series);
        double left = 0.0;
        for (std::size_t t = 0; t < series.size(); ++t) {
            const double value = series[t] - share * column[t];
            left += value * value;
        }
        return left <= rounding_of_squares * dot(series, series);
    }

    /// Divides by the power of two that is near a number.
    static void scale(std::vector<double>& series, double size) {
        const int exponent = std::ilogb(size);
        for (double& value : series) value = std::scalbn(value, -exponent);
    }

    /// The squares of a voxel that no column explains.
    [[nodiscard]] double left_of(std::int64_t voxel, const std::vector<std::vector<double>>& columns) const {
        std::vector<double> series(columns[0].size());
        for (std::size_t t = 0; t < series.size(); ++t) {
            series[t] = values_[t * static_cast<std::size_t>(size_) + static_cast<std::size_t>(voxel)];
        }
        take_out(series, columns);
        return dot(series, series);
    }

    std::int64_t size_ = 0;
    LeftOut explained_, constant_, without_nuisance_;
    std::vector<double> values_;   // [volume][voxel]
    std::vector<double> squares_;  // of each voxel
};

}  // namespace roi::detail
