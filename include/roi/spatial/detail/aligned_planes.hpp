// Resampling where the axes of the grids run along each other: an axis at a time.
#pragma once

#include <roi/core/detail/buffer.hpp>
#include <roi/core/detail/instruction_set.hpp>
#include <roi/image/grid.hpp>
#include <roi/spatial/detail/places.hpp>
#include <roi/spatial/detail/spline.hpp>

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <vector>

namespace roi::detail {

/// One axis of the target that runs along one axis of the source: which samples each voxel is made of.
struct AlignedAxis {
    std::size_t from = 0;                  ///< axis of the source
    std::int64_t samples = 0;              ///< length of that axis
    std::int64_t first = 0;                ///< target voxels before this one lie outside
    std::vector<double> places;            ///< of the voxels inside, in voxels of the source
    std::vector<double> weights;           ///< `taps` for each of them
    std::vector<std::int64_t> samples_of;  ///< the samples that belong to the weights, mirrored at the ends

    [[nodiscard]] std::int64_t count() const { return static_cast<std::int64_t>(places.size()); }
};

/// out[i] = sum over k of w[k] rows[k][i], kept from `low` to `high`.
template <std::size_t Taps, class Out>
ROI_ALWAYS_INLINE void weighted_rows(const double* const* rows, const double* w, std::int64_t count,
                                     Out* __restrict out, double low, double high) {
    const double* row[Taps];
    double weight[Taps];
    for (std::size_t k = 0; k < Taps; ++k) row[k] = rows[k], weight[k] = w[k];
    for (std::int64_t i = 0; i < count; ++i) {
        double sum = row[0][i] * weight[0];
        for (std::size_t k = 1; k < Taps; ++k) sum += row[k][i] * weight[k];
        out[i] = static_cast<Out>(std::min(std::max(sum, low), high));
    }
}

/// Interpolates planes of the source along x and y, where the axes of the grids run along each other.
///
/// \param axes     the three axes of the target
/// \param strides  from one sample to the next along the source axis of each
/// \param planes   plane k is made at planes + k * axes[0].count() * axes[1].count()
template <std::size_t Taps, class In>
ROI_ALWAYS_INLINE void aligned_planes_body(const std::array<AlignedAxis, 3>& axes,
                                           const std::array<std::int64_t, 3>& strides, const In* in,
                                           double* planes, std::int64_t k_first, std::int64_t k_last) {
    const AlignedAxis &x = axes[0], &y = axes[1];
    const std::int64_t width = x.count(), height = y.count();
    Buffer<double> lines(x.samples * line_lanes, 0.0), rows(y.samples * width, Uninitialized{});
    constexpr double everything = std::numeric_limits<double>::infinity();
    for (std::int64_t k = k_first; k < k_last; ++k) {
        const In* plane = in + k * strides[2];
        for (std::int64_t j = 0; j < y.samples; j += line_lanes) {
            const std::int64_t used = std::min(line_lanes, y.samples - j);
            for (std::int64_t l = 0; l < used; ++l) {
                const In* line = plane + (j + l) * strides[1];
                for (std::int64_t i = 0; i < x.samples; ++i) {
                    lines.data()[i * line_lanes + l] = static_cast<double>(line[i * strides[0]]);
                }
            }
            if constexpr (Taps == 4)
                spline_coefficients_body(lines.data(), x.samples, line_lanes, line_lanes);
            for (std::int64_t o = 0; o < width; ++o) {
                const double* w = x.weights.data() + o * std::int64_t{Taps};
                const std::int64_t* sample = x.samples_of.data() + o * std::int64_t{Taps};
                double sum[line_lanes] = {};
                for (std::size_t t = 0; t < Taps; ++t) {
                    const double* at = lines.data() + sample[t] * line_lanes;
                    for (std::int64_t l = 0; l < line_lanes; ++l) sum[l] += w[t] * at[l];
                }
                for (std::int64_t l = 0; l < used; ++l) rows.data()[(j + l) * width + o] = sum[l];
            }
        }
        if constexpr (Taps == 4) spline_coefficients_body(rows.data(), y.samples, width, width);
        double* out = planes + k * height * width;
        for (std::int64_t o = 0; o < height; ++o, out += width) {
            const double* taps[Taps];
            for (std::size_t t = 0; t < Taps; ++t) {
                taps[t] = rows.data() + y.samples_of[static_cast<std::size_t>(o) * Taps + t] * width;
            }
            weighted_rows<Taps>(taps, y.weights.data() + o * std::int64_t{Taps}, width, out, -everything,
                                everything);
        }
    }
}

template <std::size_t Taps, class In>
ROI_TARGET_AVX2 void aligned_planes_avx2(const std::array<AlignedAxis, 3>& axes,
                                         const std::array<std::int64_t, 3>& strides, const In* in,
                                         double* planes, std::int64_t k_first, std::int64_t k_last) {
    aligned_planes_body<Taps>(axes, strides, in, planes, k_first, k_last);
}

template <std::size_t Taps, class In>
void aligned_planes(const std::array<AlignedAxis, 3>& axes, const std::array<std::int64_t, 3>& strides,
                    const In* in, double* planes, std::int64_t k_first, std::int64_t k_last) {
    if (use_avx2()) return aligned_planes_avx2<Taps>(axes, strides, in, planes, k_first, k_last);
    aligned_planes_body<Taps>(axes, strides, in, planes, k_first, k_last);
}

/// Interpolates along z what `aligned_planes` has made: rows [first, last) of every plane of the target.
template <std::size_t Taps, class Out>
ROI_ALWAYS_INLINE void aligned_rows_body(const std::array<AlignedAxis, 3>& axes, const Shape& target,
                                         double* planes, Out* out, std::int64_t first, std::int64_t last,
                                         const ClipLimits& limits) {
    const AlignedAxis &x = axes[0], &y = axes[1], &z = axes[2];
    const std::int64_t width = x.count(), plane = width * y.count();
    double* from = planes + first * width;
    const std::int64_t length = (last - first) * width;
    if constexpr (Taps == 4) spline_coefficients_body(from, z.samples, plane, length);
    for (std::int64_t o = 0; o < z.count(); ++o) {
        const double* taps[Taps];
        for (std::size_t t = 0; t < Taps; ++t) {
            taps[t] = from + z.samples_of[static_cast<std::size_t>(o) * Taps + t] * plane;
        }
        const double* w = z.weights.data() + o * std::int64_t{Taps};
        Out* to = out + target.index(x.first, y.first + first, z.first + o);
        if (width == target.x()) {
            weighted_rows<Taps>(taps, w, length, to, limits.low, limits.high);
            continue;
        }
        for (std::int64_t row = first; row < last; ++row, to += target.x()) {
            weighted_rows<Taps>(taps, w, width, to, limits.low, limits.high);
            for (const double*& tap : taps) tap += width;
        }
    }
}

template <std::size_t Taps, class Out>
ROI_TARGET_AVX2 void aligned_rows_avx2(const std::array<AlignedAxis, 3>& axes, const Shape& target,
                                       double* planes, Out* out, std::int64_t first, std::int64_t last,
                                       const ClipLimits& limits) {
    aligned_rows_body<Taps>(axes, target, planes, out, first, last, limits);
}

template <std::size_t Taps, class Out>
void aligned_rows(const std::array<AlignedAxis, 3>& axes, const Shape& target, double* planes, Out* out,
                  std::int64_t first, std::int64_t last, const ClipLimits& limits) {
    if (use_avx2()) return aligned_rows_avx2<Taps>(axes, target, planes, out, first, last, limits);
    aligned_rows_body<Taps>(axes, target, planes, out, first, last, limits);
}

}  // namespace roi::detail
