// Separable Gaussian filter of one volume: kernels, borders and the pass over planes.
#pragma once

#include <roi/core/concepts.hpp>
#include <roi/core/detail/buffer.hpp>
#include <roi/core/detail/finite.hpp>
#include <roi/core/detail/instruction_set.hpp>
#include <roi/core/error.hpp>
#include <roi/core/text.hpp>
#include <roi/core/units.hpp>
#include <roi/image/grid.hpp>
#include <roi/spatial/detail/spline.hpp>

#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <vector>

namespace roi {

/// What a filter sees beyond the ends of a line a b c d.
enum class Border {
    reflect,   ///< mirrored with the last voxel repeated: c b a | a b c d | d c b; keeps the mean
    nearest,   ///< the last voxel: a a a | a b c d | d d d
    mirror,    ///< mirrored at the last voxel: d c b | a b c d | c b a
    constant,  ///< 0
};

}  // namespace roi

namespace roi::detail {

/// Weights w_0 ... w_r of a Gaussian that is cut off; the other half is its mirror image.
///
/// r = floor(truncate sigma + 1/2), w_j = exp(-j^2 / (2 sigma^2)) / sum over -r ... r, as
/// scipy.ndimage.gaussian_filter1d. A sigma of 0 gives the single weight 1.
///
/// \param sigma     standard deviation in voxels
/// \param truncate  where it is cut off, in standard deviations
[[nodiscard]] inline std::vector<double> gaussian_kernel(double sigma, double truncate = 4.0) {
    constexpr double longest = 1e5;
    if (!(truncate * sigma < longest)) {
        throw InvalidArgument(
            text("smooth: a kernel of ", truncate, " standard deviations of ", sigma,
                 " voxels reaches farther than the ", longest,
                 " voxels that can be filtered; are the width in millimetres, the truncation and the "
                 "affine right?"));
    }
    const auto radius = static_cast<std::size_t>(truncate * sigma + 0.5);
    std::vector<double> weights(radius + 1, 1.0);
    double sum = 1.0;
    for (std::size_t j = 1; j <= radius; ++j) {
        weights[j] = std::exp(-0.5 / (sigma * sigma) * static_cast<double>(j * j));
        sum += 2.0 * weights[j];
    }
    for (double& weight : weights) weight /= sum;
    return weights;
}

/// Where position `p` of a line of `n` samples falls when the line is mirrored at both ends, edge samples
/// repeated: ... c b a | a b c ... x y z | z y x ..., without end. scipy's mode "reflect".
[[nodiscard]] inline std::int64_t reflect(std::int64_t p, std::int64_t n) {
    const std::int64_t q = ((p % (2 * n)) + 2 * n) % (2 * n);
    return q < n ? q : 2 * n - 1 - q;
}

/// The sample that stands for position `p` of a line of `n` samples, -1 for the value 0. All there is to a border rule;
/// the rules keep within r samples of the end that they stand for, where a line is longer than the radius r.
[[nodiscard]] inline std::int64_t beyond_border(Border border, std::int64_t p, std::int64_t n) {
    switch (border) {
        case Border::nearest:
            return std::clamp<std::int64_t>(p, 0, n - 1);
        case Border::mirror:
            return mirrored(p, n);
        case Border::constant:
            return p >= 0 && p < n ? p : -1;
        case Border::reflect:
            break;
    }
    return reflect(p, n);
}

/// `beyond_border` of -radius ... n - 1 + radius.
[[nodiscard]] inline std::vector<std::int64_t> bordered_line(Border border, std::int64_t n,
                                                             std::int64_t radius) {
    std::vector<std::int64_t> out;
    out.reserve(static_cast<std::size_t>(n + 2 * radius));
    for (std::int64_t p = -radius; p < n + radius; ++p) out.push_back(beyond_border(border, p, n));
    return out;
}

/// Lines that are filtered in one call: each is `length` values long, the next one starts `stride` values further
/// on in the taps, and `out_stride` in the output.
struct Lines {
    std::int64_t count = 1;
    std::int64_t length = 0;
    std::int64_t stride = 0;
    std::int64_t out_stride = 0;
    /// How far from the first output a second one lies, which is made of the taps one further on; 0 for none.
    std::int64_t second = 0;
};

/// One line of `weighted_sum_short`. Outputs overlap nothing, which compilers can check for a few pointers only.
template <std::size_t R, class T, class... More>
ROI_ALWAYS_INLINE void weighted_sum_line(const double* const* tap, const double* w, std::int64_t length,
                                         T* __restrict out, More* __restrict... more) {
    constexpr std::size_t taps = 2 * R + 1 + sizeof...(More);
    for (std::int64_t i = 0; i < length; ++i) {
        double value[taps];
        for (std::size_t j = 0; j < taps; ++j) value[j] = tap[j][i];
        const auto sum = [&](std::size_t k) {
            double total = value[R + k] * w[0];
            for (std::size_t j = R; j > 0; --j) total += (value[R - j + k] + value[R + j + k]) * w[j];
            return static_cast<T>(total);
        };
        out[i] = sum(0);
        ((more[i] = sum(1)), ...);
    }
}

/// out[i] = w_0 taps[r][i] + sum over j of w_j (taps[r - j][i] + taps[r + j][i]), for every i of every line.
///
/// `taps` are 2 r + 1 places in memory, one more for two outputs. `out` may not overlap what is read from them. The
/// outermost pair is added first. `Radius` is r, known at compile time so that the loop over i vectorises. Two outputs
/// share what they load, which takes more time than what they add.
template <int Radius, class T>
ROI_ALWAYS_INLINE void weighted_sum_short(const double* const* taps, const double* weights,
                                          const Lines& lines, T* out) {
    constexpr auto r = static_cast<std::size_t>(Radius);
    const double* tap[2 * r + 2];
    double w[r + 1];
    for (std::size_t j = 0; j < 2 * r + 1; ++j) tap[j] = taps[j];
    tap[2 * r + 1] = taps[lines.second == 0 ? 2 * r : 2 * r + 1];
    for (std::size_t j = 0; j <= r; ++j) w[j] = weights[j];
    for (std::int64_t line = 0; line < lines.count; ++line) {
        if (lines.second == 0) {
            weighted_sum_line<r>(tap, w, lines.length, out);
        } else {
            weighted_sum_line<r>(tap, w, lines.length, out, out + lines.second);
        }
        for (const double*& place : tap) place += lines.stride;
        out += lines.out_stride;
    }
}

/// The same for any radius: blocks of lanes pass over the taps.
template <class T>
ROI_ALWAYS_INLINE void weighted_sum_long(const double* const* taps, const double* weights, std::int64_t r,
                                         const Lines& lines, T* out) {
    constexpr std::int64_t lanes = 32;
    for (std::int64_t line = 0; line < lines.count; ++line) {
        const std::int64_t offset = line * lines.stride;
        for (std::int64_t start = 0; start < lines.length; start += lanes) {
            const std::int64_t count = std::min(lanes, lines.length - start);
            double sum[lanes];
            for (std::int64_t i = 0; i < count; ++i) sum[i] = taps[r][offset + start + i] * weights[0];
            for (std::int64_t j = r; j > 0; --j) {
                const double* before = taps[r - j] + offset + start;
                const double* after = taps[r + j] + offset + start;
                for (std::int64_t i = 0; i < count; ++i) sum[i] += (before[i] + after[i]) * weights[j];
            }
            for (std::int64_t i = 0; i < count; ++i) out[start + i] = static_cast<T>(sum[i]);
        }
        out += lines.out_stride;
    }
}

template <class T>
ROI_ALWAYS_INLINE void weighted_sum_body(const double* const* taps, const std::vector<double>& weights,
                                         const Lines& lines, T* out) {
    const auto radius = static_cast<std::int64_t>(weights.size()) - 1;
    const double* w = weights.data();
    switch (radius) {
        case 0:
            return weighted_sum_short<0>(taps, w, lines, out);
        case 1:
            return weighted_sum_short<1>(taps, w, lines, out);
        case 2:
            return weighted_sum_short<2>(taps, w, lines, out);
        case 3:
            return weighted_sum_short<3>(taps, w, lines, out);
        case 4:
            return weighted_sum_short<4>(taps, w, lines, out);
        case 5:
            return weighted_sum_short<5>(taps, w, lines, out);
        case 6:
            return weighted_sum_short<6>(taps, w, lines, out);
        default:
            weighted_sum_long(taps, w, radius, lines, out);
            if (lines.second != 0) weighted_sum_long(taps + 1, w, radius, lines, out + lines.second);
    }
}

template <class T>
ROI_TARGET_AVX2 void weighted_sum_avx2(const double* const* taps, const std::vector<double>& weights,
                                       const Lines& lines, T* out) {
    weighted_sum_body(taps, weights, lines, out);
}

template <class T>
void weighted_sum_baseline(const double* const* taps, const std::vector<double>& weights, const Lines& lines,
                           T* out) {
    weighted_sum_body(taps, weights, lines, out);
}

/// `weighted_sum_short` with the radius and outputs that weights and lines have, in the best instruction set there is.
template <class T>
void weighted_sum(const double* const* taps, const std::vector<double>& weights, const Lines& lines, T* out) {
    (use_avx2() ? weighted_sum_avx2<T> : weighted_sum_baseline<T>)(taps, weights, lines, out);
}

/// Copies `count` lines of `length` values as doubles to places `stride` apart; NaN and infinity become 0.
/// \returns whether there was neither
template <NumberVoxel In>
ROI_ALWAYS_INLINE bool load_lines_body(const In* in, std::int64_t count, std::int64_t length, double* out,
                                       std::int64_t stride) {
    FiniteSoFar<RealOf<In>> finite;
    for (std::int64_t line = 0; line < count; ++line) {
        for (std::int64_t i = 0; i < length; ++i) {
            out[i] = finite_or_zero(in[i]);
            if constexpr (RealVoxel<In>) finite.look_at(in[i]);
        }
        in += length;
        out += stride;
    }
    return finite.all();
}

template <NumberVoxel In>
ROI_TARGET_AVX2 bool load_lines_avx2(const In* in, std::int64_t count, std::int64_t length, double* out,
                                     std::int64_t stride) {
    return load_lines_body(in, count, length, out, stride);
}

template <NumberVoxel In>
bool load_lines_baseline(const In* in, std::int64_t count, std::int64_t length, double* out,
                         std::int64_t stride) {
    return load_lines_body(in, count, length, out, stride);
}

template <NumberVoxel In>
[[nodiscard]] bool load_lines(const In* in, std::int64_t count, std::int64_t length, double* out,
                              std::int64_t stride) {
    return (use_avx2() ? load_lines_avx2<In> : load_lines_baseline<In>)(in, count, length, out, stride);
}

/// Filters volumes of one shape along x, then y, then z, all in double, rounding once at the end.
///
/// A volume passes plane by plane: each input plane is filtered along x and y into a ring of planes, and an
/// output plane is made from the ring as soon as its last neighbour is there. Input and output may therefore
/// be the same memory, every voxel is read and written once, and what is worked on stays in cache.
class GaussianFilter {
public:
    /// Memory of one thread: about 2 r_z + 5 planes of double.
    struct Workspace {
        Buffer<double> lines;
        Buffer<double> plane;
        Buffer<double> ring;
        Buffer<double> zeros;  // what lies beyond a border of 0
        std::vector<const double*> taps;
    };

    GaussianFilter() = default;

    GaussianFilter(const Grid& grid, const Fwhm& fwhm)
        : GaussianFilter(grid.shape(), sigmas(grid, fwhm), Border::reflect, 4.0) {}

    /// \param sigma     standard deviation along each axis in voxels
    /// \param truncate  radius of the kernels in standard deviations
    GaussianFilter(const Shape& shape, const std::array<double, 3>& sigma, Border border, double truncate)
        : shape_(axes_of_voxels(shape)), border_(border) {
        for (std::size_t axis = 0; axis < 3; ++axis) {
            const std::int64_t length = shape_[static_cast<int>(axis)];
            // A line of one sample is constant for every rule but one, so any filter leaves it as it is.
            const bool filtered = length > 1 || (length == 1 && border == Border::constant);
            if (filtered) weights_[axis] = gaussian_kernel(sigma[axis], truncate);
            positions_[axis] = bordered_line(border, std::max<std::int64_t>(1, length), radius(axis));
        }
    }

    /// The standard deviations of a width along the axes of a grid, in voxels.
    /// \throws InvalidArgument when an axis that is smoothed has voxels of no size
    [[nodiscard]] static std::array<double, 3> sigmas(const Grid& grid, const Fwhm& fwhm) {
        const Point voxel_size = grid.voxel_size();
        std::array<double, 3> out{};
        for (int axis = 0; axis < 3; ++axis) {
            if (fwhm[axis] == 0.0 || grid.size() == 0) continue;
            if (!(voxel_size[axis] > 0.0)) {
                throw InvalidArgument(
                    text("fwhm: axis ", axis, " has voxels of ", voxel_size[axis],
                         " mm, a width in millimetres needs a size above 0; check the affine ",
                         to_string(grid.affine())));
            }
            out[static_cast<std::size_t>(axis)] = fwhm.sigma(axis, voxel_size[axis]);
        }
        return out;
    }

    /// Lines [y_first, y_last) of planes [z_first, z_last).
    struct Part {
        std::int64_t y_first = 0, y_last = 0;
        std::int64_t z_first = 0, z_last = 0;
    };

    /// The whole volume.
    [[nodiscard]] Part whole() const { return {0, shape_.y(), 0, shape_.z()}; }

    /// Filters a part of a volume; NaN and infinite voxels count as 0. What is not in the part is not written.
    ///
    /// \param in   shape.size() values
    /// \param out  as many; may be `in` when the part is the whole volume
    /// \returns    how many voxels that the part needs are NaN or infinite
    template <NumberVoxel In, RealVoxel Out>
    std::int64_t apply(const In* in, Out* out, const Part& part, Workspace& work) const {
        if (shape_.size() == 0 || part.y_first >= part.y_last) return 0;
        std::int64_t odd = 0;
        const std::int64_t plane = shape_.x() * shape_.y();
        const std::int64_t offset = part.y_first * shape_.x();
        const std::int64_t length = (part.y_last - part.y_first) * shape_.x();
        const std::int64_t r = radius(2);
        // Two output planes at a time need 2 r + 2; each starts where a cache line does.
        constexpr std::int64_t cache_line = 64 / sizeof(double);
        const std::int64_t slots = std::min(shape_.z(), 2 * r + 2);
        const std::int64_t slot_size = (plane + cache_line - 1) / cache_line * cache_line;
        fit(work.ring, slots * slot_size);
        fit(work.plane, plane);
        fit(work.lines, static_cast<std::int64_t>(positions_[0].size()) * shape_.y());
        if (border_ == Border::constant && work.zeros.size() != plane)
            work.zeros = Buffer<double>(plane, 0.0);
        const auto slot = [&](std::int64_t z) { return work.ring.data() + z % slots * slot_size; };

        // No border rule leaves [z - r, z + 1 + r] while the volume has more than r + 1 planes, and otherwise every
        // plane has its own slot; so a slot is free again when the plane 2 r + 2 further on needs it.
        std::int64_t ready = slots == shape_.z() ? 0 : std::max<std::int64_t>(0, part.z_first - r);
        for (std::int64_t z = part.z_first, outputs = 2; z < part.z_last; z += outputs) {
            outputs = std::min<std::int64_t>(2, part.z_last - z);
            const std::int64_t needed =
                slots == shape_.z() ? shape_.z() : std::min(shape_.z(), z + r + outputs);
            for (; ready < needed; ++ready) odd += filter_plane(in + ready * plane, slot(ready), part, work);
            set_taps(work.taps, 2 * r + outputs, [&](std::int64_t j) {
                const std::int64_t from = positions_[2][static_cast<std::size_t>(z + j)];
                return from < 0 ? work.zeros.data() : slot(from) + offset;
            });
            weighted_sum(work.taps.data(), weights_[2],
                         {.length = length, .second = outputs == 2 ? plane : 0}, out + z * plane + offset);
        }
        return odd;
    }

    /// Filters a whole volume; `out` may be `in`.
    template <NumberVoxel In, RealVoxel Out>
    std::int64_t apply(const In* in, Out* out, Workspace& work) const {
        return apply(in, out, whole(), work);
    }

private:
    [[nodiscard]] std::int64_t radius(std::size_t axis) const {
        return static_cast<std::int64_t>(weights_[axis].size()) - 1;
    }

    /// The lines that a part needs of one plane, along x and y. \returns how many of their voxels are NaN or infinite
    template <NumberVoxel In>
    std::int64_t filter_plane(const In* in, double* out, const Part& part, Workspace& work) const {
        const std::int64_t nx = shape_.x();
        const std::int64_t ny = shape_.y();
        const std::int64_t rx = radius(0);
        const std::int64_t ry = radius(1);
        // As along z: borders stay within r lines of the part unless the plane is short.
        const std::int64_t first = ny <= ry ? 0 : std::max<std::int64_t>(0, part.y_first - ry);
        const std::int64_t last = ny <= ry ? ny : std::min(ny, part.y_last + ry);

        const std::int64_t stride = nx + 2 * rx;
        std::int64_t odd = 0;
        if (!load_lines(in + first * nx, last - first, nx, work.lines.data() + rx, stride)) {
            if constexpr (RealVoxel<In>) {
                odd = std::count_if(in + first * nx, in + last * nx,
                                    [](In value) { return !std::isfinite(value); });
            }
        }
        for (std::int64_t y = 0; y < last - first; ++y) {
            double* line = work.lines.data() + y * stride;
            for (std::int64_t x = 0; x < rx; ++x) {
                const std::int64_t before = positions_[0][static_cast<std::size_t>(x)];
                const std::int64_t after = positions_[0][static_cast<std::size_t>(rx + nx + x)];
                line[x] = before < 0 ? 0.0 : line[rx + before];
                line[rx + nx + x] = after < 0 ? 0.0 : line[rx + after];
            }
        }
        double* after_x = ry == 0 ? out : work.plane.data();
        set_taps(work.taps, 2 * rx + 1, [&](std::int64_t j) { return work.lines.data() + j; });
        weighted_sum(work.taps.data(), weights_[0],
                     {.count = last - first, .length = nx, .stride = stride, .out_stride = nx},
                     after_x + first * nx);
        if (ry == 0) return odd;

        // Lines whose neighbours all exist are taken two at a time; near the border each has neighbours of its own.
        const std::int64_t inner_first = std::max(part.y_first, ry);
        const std::int64_t inner_last = std::min(part.y_last, ny - ry);
        const std::int64_t pairs = std::max<std::int64_t>(0, (inner_last - inner_first) / 2);
        const auto single = [&](std::int64_t y) {
            set_taps(work.taps, 2 * ry + 1, [&](std::int64_t j) {
                const std::int64_t from = positions_[1][static_cast<std::size_t>(y + j)];
                return from < 0 ? work.zeros.data() : after_x + from * nx;
            });
            weighted_sum(work.taps.data(), weights_[1], {.length = nx}, out + y * nx);
        };
        std::int64_t y = part.y_first;
        for (; y < std::min(inner_first, part.y_last); ++y) single(y);
        if (pairs > 0) {
            set_taps(work.taps, 2 * ry + 2, [&](std::int64_t j) { return after_x + (y - ry + j) * nx; });
            weighted_sum(work.taps.data(), weights_[1],
                         {.count = pairs, .length = nx, .stride = 2 * nx, .out_stride = 2 * nx, .second = nx},
                         out + y * nx);
            y += 2 * pairs;
        }
        for (; y < part.y_last; ++y) single(y);
        return odd;
    }

    static void fit(Buffer<double>& buffer, std::int64_t size) {
        if (buffer.size() != size) buffer = Buffer<double>(size, Uninitialized{});
    }

    /// Sets `count` taps to `place(0)`, `place(1)` and so on.
    template <class Place>
    static void set_taps(std::vector<const double*>& taps, std::int64_t count, const Place& place) {
        taps.resize(static_cast<std::size_t>(count));
        for (std::int64_t j = 0; j < count; ++j) taps[static_cast<std::size_t>(j)] = place(j);
    }

    Shape shape_;
    std::array<std::vector<double>, 3> weights_{std::vector<double>{1.0}, std::vector<double>{1.0},
                                                std::vector<double>{1.0}};
    Border border_ = Border::reflect;
    std::array<std::vector<std::int64_t>, 3> positions_;  // samples along each axis, from -r on; -1 for 0
};

}  // namespace roi::detail
