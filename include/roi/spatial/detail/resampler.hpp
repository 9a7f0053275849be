// Volumes of one grid made into volumes of another: which voxel is where, and the passes over them.
#pragma once

#include <roi/core/concepts.hpp>
#include <roi/core/detail/buffer.hpp>
#include <roi/core/detail/finite.hpp>
#include <roi/core/detail/instruction_set.hpp>
#include <roi/image/grid.hpp>
#include <roi/spatial/detail/spline.hpp>
#include <roi/spatial/detail/voxel_map.hpp>

#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <limits>
#include <span>
#include <vector>

namespace roi::detail {

/// Lines of samples that are worked on at once along x, one beside the other in memory.
inline constexpr std::int64_t line_lanes = 8;

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

/// A place on a line of `n` samples, brought onto an end that it misses by rounding; false when it lies outside.
ROI_ALWAYS_INLINE bool on_line(double& place, std::int64_t n) {
    const double last = static_cast<double>(n - 1);
    if (!(place >= -edge_slack && place <= last + edge_slack)) return false;
    place = std::min(std::max(place, 0.0), last);
    return true;
}

/// Added to a place before its fraction is cut off: half way goes up, also where rounding has taken it a little below.
inline constexpr double to_nearest = 0.5 + 1e-9;

/// The sample nearest to a place on the line.
ROI_ALWAYS_INLINE std::int64_t nearest_sample(double place, std::int64_t n) {
    return std::min(static_cast<std::int64_t>(place + to_nearest), n - 1);
}

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

/// Values that a result may take.
struct ClipLimits {
    double low = -std::numeric_limits<double>::infinity();
    double high = std::numeric_limits<double>::infinity();
};

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

/// Samples or coefficients of the source with a border, so that the neighbours of every place inside exist.
struct Bordered {
    static constexpr std::int64_t before = 1, after = 2;

    double* data = nullptr;
    Shape inner;

    [[nodiscard]] std::int64_t row() const { return inner.x() + before + after; }
    [[nodiscard]] std::int64_t plane() const { return row() * (inner.y() + before + after); }
    [[nodiscard]] std::int64_t size() const { return plane() * (inner.z() + before + after); }
    /// Place in memory of a voxel; from -1 to its count + 1 along each axis.
    [[nodiscard]] double* at(std::int64_t x, std::int64_t y, std::int64_t z) const {
        return data + (z + before) * plane() + (y + before) * row() + x + before;
    }
};

/// Copies planes of the source, as spline coefficients along x and y when `Taps` is 4.
template <std::size_t Taps, class In>
ROI_ALWAYS_INLINE void load_planes_body(const In* in, const Bordered& out, std::int64_t first,
                                        std::int64_t last) {
    const Shape& s = out.inner;
    Buffer<double> lines(s.x() * line_lanes, 0.0);
    for (std::int64_t z = first; z < last; ++z) {
        for (std::int64_t y = 0; y < s.y(); y += line_lanes) {
            const std::int64_t used = std::min(line_lanes, s.y() - y);
            for (std::int64_t l = 0; l < used; ++l) {
                const In* line = in + s.index(0, y + l, z);
                for (std::int64_t i = 0; i < s.x(); ++i) {
                    lines.data()[i * line_lanes + l] = static_cast<double>(line[i]);
                }
            }
            if constexpr (Taps == 4) spline_coefficients_body(lines.data(), s.x(), line_lanes, line_lanes);
            for (std::int64_t l = 0; l < used; ++l) {
                double* line = out.at(0, y + l, z);
                for (std::int64_t i = 0; i < s.x(); ++i) line[i] = lines.data()[i * line_lanes + l];
            }
        }
        if constexpr (Taps == 4) spline_coefficients_body(out.at(0, 0, z), s.y(), out.row(), s.x());
    }
}

template <std::size_t Taps, class In>
ROI_TARGET_AVX2 void load_planes_avx2(const In* in, const Bordered& out, std::int64_t first,
                                      std::int64_t last) {
    load_planes_body<Taps>(in, out, first, last);
}

template <std::size_t Taps, class In>
void load_planes(const In* in, const Bordered& out, std::int64_t first, std::int64_t last) {
    if (use_avx2()) return load_planes_avx2<Taps>(in, out, first, last);
    load_planes_body<Taps>(in, out, first, last);
}

/// Fills the border of rows and planes with the voxels mirrored at the outermost ones.
inline void mirror_border(const Bordered& out) {
    const Shape& s = out.inner;
    for (std::int64_t z = 0; z < s.z(); ++z) {
        for (std::int64_t y = 0; y < s.y(); ++y) {
            double* line = out.at(0, y, z);
            for (const std::int64_t x : {std::int64_t{-1}, s.x(), s.x() + 1})
                line[x] = line[mirrored(x, s.x())];
        }
        for (const std::int64_t y : {std::int64_t{-1}, s.y(), s.y() + 1}) {
            std::copy_n(out.at(-1, mirrored(y, s.y()), z), out.row(), out.at(-1, y, z));
        }
    }
    for (const std::int64_t z : {std::int64_t{-1}, s.z(), s.z() + 1}) {
        std::copy_n(out.at(-1, -1, mirrored(z, s.z())), out.plane(), out.at(-1, -1, z));
    }
}

/// A row of the target that crosses the source at any angle.
struct SlantedRow {
    std::array<double, 3> start{};
    std::array<double, 3> step{};
    std::int64_t count = 0;
};

/// A few neighbouring samples as one vector of the processor's, by an extension that GCC and Clang share.
template <std::size_t Taps>
using SampleRun __attribute__((vector_size(Taps * sizeof(double)))) = double;

/// Adds to `sum` the samples of one plane around a place: the rows of `Taps` samples at `at`, `line` apart.
template <std::size_t Taps>
ROI_ALWAYS_INLINE void add_plane(SampleRun<Taps>& sum, const double* at, std::int64_t line,
                                 const std::array<double, Taps>& w, double weight) {
    SampleRun<Taps> row[Taps];
    std::memcpy(&row[0], at, sizeof row[0]);
    std::memcpy(&row[1], at + line, sizeof row[1]);
    if constexpr (Taps == 2) {
        sum += (row[0] * w[0] + row[1] * w[1]) * weight;
    } else {
        std::memcpy(&row[2], at + 2 * line, sizeof row[2]);
        std::memcpy(&row[3], at + 3 * line, sizeof row[3]);
        // In pairs, so that no sum waits long for the one before.
        sum += ((row[0] * w[0] + row[1] * w[1]) + (row[2] * w[2] + row[3] * w[3])) * weight;
    }
}

/// Voxels of a row of the target that are worked on at once.
inline constexpr std::int64_t places_at_once = 64;

/// The voxels [first, last) of a row that lie inside the source: a place moves one way along each axis, so no others do.
struct InsideOfRow {
    std::int64_t first = 0, last = 0;
};

ROI_ALWAYS_INLINE InsideOfRow inside_of(const Shape& source, const SlantedRow& row) {
    const auto inside = [&](std::int64_t i) {
        for (std::size_t axis = 0; axis < 3; ++axis) {
            double place = row.start[axis] + row.step[axis] * static_cast<double>(i);
            if (!on_line(place, source[static_cast<int>(axis)])) return false;
        }
        return true;
    };
    InsideOfRow out{0, row.count};
    while (out.first < out.last && !inside(out.first)) ++out.first;
    while (out.last > out.first && !inside(out.last - 1)) --out.last;
    return out;
}

/// Four places at once. Written as vectors, because compilers do not make any of plain loops with comparisons.
using Places = double __attribute__((vector_size(4 * sizeof(double))));
using PlacesBits = std::int64_t __attribute__((vector_size(4 * sizeof(std::int64_t))));

/// The largest whole numbers that are not above places, which are not negative and below 2^51: the processor's own way is
/// missing in its oldest instruction set.
ROI_ALWAYS_INLINE void cut_fractions(Places& places) {
    constexpr double rounds = 4503599627370496.0;  // 2^52, where numbers have no fraction
    constexpr Places one{1.0, 1.0, 1.0, 1.0};
    const Places near = (places + rounds) - rounds;
    places = near - reinterpret_cast<Places>((near > places) & reinterpret_cast<PlacesBits>(one));
}

/// Puts the numbers of `other` into the places where all bits of `where` are set, as those of comparisons are.
ROI_ALWAYS_INLINE void choose(const PlacesBits& where, const Places& other, Places& places) {
    places = reinterpret_cast<Places>((where & reinterpret_cast<PlacesBits>(other)) |
                                      (~where & reinterpret_cast<PlacesBits>(places)));
}

/// Takes the higher, or the lower, of two numbers.
ROI_ALWAYS_INLINE void at_least(Places& places, double low) {
    const Places limit{low, low, low, low};
    const PlacesBits below = places < limit;
    choose(below, limit, places);
}
ROI_ALWAYS_INLINE void at_most(Places& places, double high) {
    const Places limit{high, high, high, high};
    const PlacesBits above = places > limit;
    choose(above, limit, places);
}

/// Where the voxels from `first` on of a row lie along one axis of the source; those outside are brought to its ends.
ROI_ALWAYS_INLINE void find_places(const SlantedRow& row, std::size_t axis, std::int64_t samples,
                                   std::int64_t first, Places& places) {
    constexpr Places next{0.0, 1.0, 2.0, 3.0};
    places = row.start[axis] + row.step[axis] * (static_cast<double>(first) + next);
    at_least(places, 0.0);
    at_most(places, static_cast<double>(samples - 1));
}

/// Where a few places of a row lie along one axis of the source: the sample below, and the weights around it.
template <std::size_t Taps>
struct PlacesOfAxis {
    static constexpr std::size_t fours = static_cast<std::size_t>(places_at_once) / 4;
    std::array<Places, fours> below;
    std::array<std::array<Places, fours>, Taps> weights;

    ROI_ALWAYS_INLINE void find(const SlantedRow& row, std::size_t axis, std::int64_t samples,
                                std::int64_t first, std::size_t four) {
        Places place;
        find_places(row, axis, samples, first + 4 * static_cast<std::int64_t>(four), place);
        Places cut = place;
        cut_fractions(cut);
        below[four] = cut;
        const Places t = place - cut, z = 1.0 - t;
        if constexpr (Taps == 2) {
            weights[0][four] = z;
            weights[1][four] = t;
        } else {
            const Places w0 = z * z * z * (1.0 / 6.0);
            const Places w1 = t * t * (t - 2.0) * 0.5 + 4.0 / 6.0;
            const Places w2 = z * z * (z - 2.0) * 0.5 + 4.0 / 6.0;
            weights[0][four] = w0;
            weights[1][four] = w1;
            weights[2][four] = w2;
            weights[3][four] = 1.0 - w0 - w1 - w2;
        }
    }

    /// One weight of every place.
    [[nodiscard]] ROI_ALWAYS_INLINE const double* weight(std::size_t k) const {
        return reinterpret_cast<const double*>(weights[k].data());
    }
};

/// The samples nearest to the voxels [inside.first, inside.last) of a row, by their place in memory.
ROI_ALWAYS_INLINE void slanted_samples_body(const Shape& source, const SlantedRow& row,
                                            const InsideOfRow& inside, std::int64_t* samples) {
    const auto line = static_cast<double>(source.x()), plane = static_cast<double>(source.x() * source.y());
    for (std::int64_t first = inside.first; first < inside.last; first += 4) {
        std::array<Places, 3> near;
        for (std::size_t axis = 0; axis < 3; ++axis) {
            const std::int64_t n = source[static_cast<int>(axis)];
            find_places(row, axis, n, first, near[axis]);
            near[axis] += to_nearest;
            cut_fractions(near[axis]);
            at_most(near[axis], static_cast<double>(n - 1));
        }
        const Places from = near[2] * plane + near[1] * line + near[0];
        const std::int64_t count = std::min<std::int64_t>(4, inside.last - first);
        for (std::int64_t i = 0; i < count; ++i) samples[first + i] = static_cast<std::int64_t>(from[i]);
    }
}

ROI_TARGET_AVX2 inline void slanted_samples_avx2(const Shape& source, const SlantedRow& row,
                                                 const InsideOfRow& inside, std::int64_t* samples) {
    slanted_samples_body(source, row, inside, samples);
}

inline void slanted_samples(const Shape& source, const SlantedRow& row, const InsideOfRow& inside,
                            std::int64_t* samples) {
    if (use_avx2()) return slanted_samples_avx2(source, row, inside, samples);
    slanted_samples_body(source, row, inside, samples);
}

/// Interpolates a row: the places of some voxels and their weights, then the sums over planes and lines, then along x.
template <std::size_t Taps, class Out>
ROI_ALWAYS_INLINE void slanted_row_body(const Bordered& in, const SlantedRow& row, Out* out, Out fill,
                                        const ClipLimits& limits) {
    const std::int64_t line = in.row(), plane = in.plane();
    const double* corner = in.at(0, 0, 0);
    if constexpr (Taps == 4) corner -= plane + line + 1;
    const auto inside = inside_of(in.inner, row);
    std::fill(out, out + inside.first, fill);
    std::fill(out + inside.last, out + row.count, fill);
    PlacesOfAxis<Taps> x, y, z;
    Places from[PlacesOfAxis<Taps>::fours];
    SampleRun<Taps> sums[places_at_once];
    const auto lines = static_cast<double>(line), planes = static_cast<double>(plane);
    for (std::int64_t first = inside.first; first < inside.last; first += places_at_once) {
        const std::int64_t count = std::min(places_at_once, inside.last - first);
        for (std::size_t four = 0; four < static_cast<std::size_t>(count + 3) / 4; ++four) {
            x.find(row, 0, in.inner.x(), first, four);
            y.find(row, 1, in.inner.y(), first, four);
            z.find(row, 2, in.inner.z(), first, four);
            from[four] = z.below[four] * planes + y.below[four] * lines + x.below[four];
        }
        for (std::int64_t i = 0; i < count; ++i) {
            const double* at = corner + static_cast<std::int64_t>(reinterpret_cast<const double*>(from)[i]);
            std::array<double, Taps> w;
            for (std::size_t k = 0; k < Taps; ++k) w[k] = y.weight(k)[i];
            SampleRun<Taps> sum{};
            add_plane<Taps>(sum, at, line, w, z.weight(0)[i]);
            add_plane<Taps>(sum, at + plane, line, w, z.weight(1)[i]);
            if constexpr (Taps == 4) {
                add_plane<Taps>(sum, at + 2 * plane, line, w, z.weight(2)[i]);
                add_plane<Taps>(sum, at + 3 * plane, line, w, z.weight(3)[i]);
            }
            sums[i] = sum;
        }
        for (std::int64_t i = 0; i < count; ++i) {
            double value = sums[i][0] * x.weight(0)[i] + sums[i][1] * x.weight(1)[i];
            if constexpr (Taps == 4) value += sums[i][2] * x.weight(2)[i] + sums[i][3] * x.weight(3)[i];
            out[first + i] = static_cast<Out>(std::min(std::max(value, limits.low), limits.high));
        }
    }
}

template <std::size_t Taps, class Out>
ROI_TARGET_AVX2 void slanted_row_avx2(const Bordered& in, const SlantedRow& row, Out* out, Out fill,
                                      const ClipLimits& limits) {
    slanted_row_body<Taps>(in, row, out, fill, limits);
}

template <std::size_t Taps, class Out>
void slanted_row(const Bordered& in, const SlantedRow& row, Out* out, Out fill, const ClipLimits& limits) {
    if (use_avx2()) return slanted_row_avx2<Taps>(in, row, out, fill, limits);
    slanted_row_body<Taps>(in, row, out, fill, limits);
}

/// Replaces every voxel that is not finite by the mean of its finite face neighbours, twice; what has none becomes 0.
///
/// The second round sees what the first has made. nilearn's way to keep NaN out of a spline.
template <RealVoxel T>
void bridge_gaps(const T* in, const Shape& shape, Buffer<T>& out) {
    const auto size = static_cast<std::size_t>(shape.size());
    out = Buffer<T>(shape.size(), Uninitialized{});
    std::copy_n(in, size, out.data());
    std::vector<std::int64_t> gaps;
    for (std::int64_t i = 0; i < shape.size(); ++i) {
        if (!std::isfinite(out.data()[i])) gaps.push_back(i);
    }
    const std::array<std::int64_t, 3> strides{1, shape.x(), shape.x() * shape.y()};
    for (int round = 0; round < 2; ++round) {
        std::vector<std::pair<std::int64_t, T>> found;
        std::vector<std::int64_t> left;
        for (const std::int64_t i : gaps) {
            const auto voxel = shape.voxel(i);
            double sum = 0.0;
            int count = 0;
            const auto add = [&](std::int64_t neighbour) {
                const auto value = static_cast<double>(out.data()[neighbour]);
                if (!std::isfinite(value)) return;
                sum += value;
                ++count;
            };
            for (std::size_t axis = 0; axis < 3; ++axis) {
                if (voxel[axis] > 0) add(i - strides[axis]);
                if (voxel[axis] + 1 < shape[static_cast<int>(axis)]) add(i + strides[axis]);
            }
            if (count > 0) {
                found.emplace_back(i, static_cast<T>(sum / count));
            } else {
                left.push_back(i);
            }
        }
        for (const auto& [i, value] : found) out.data()[i] = value;
        gaps = std::move(left);
    }
    for (const std::int64_t i : gaps) out.data()[i] = T{0};
}

/// Calls `body` for all items on the calling thread.
struct InTurn {
    template <class Body>
    void operator()(std::int64_t count, std::int64_t, const Body& body) const {
        body(std::int64_t{0}, count);
    }
};

/// Brings volumes of one grid to another.
class Resampler {
public:
    /// Memory of one thread; a volume of double of the source, or as much of the target as has been interpolated.
    struct Workspace {
        Buffer<double> values;
    };

    Resampler() = default;

    /// \param taps  samples along each axis that a value is made of: 1 nearest, 2 linear, 4 cubic spline
    /// \throws InvalidArgument when the affine of `source` cannot be inverted
    Resampler(const Grid& source, const Grid& target, int taps)
        : source_(source.shape()), target_(target.shape()), taps_(taps), map_(voxel_map(target, source)) {
        // A grid that is the same but for rounding, as affines in files are, has the same voxels.
        if (same_grid(source, target)) map_ = {{{{1, 0, 0}, {0, 1, 0}, {0, 0, 1}}}, {0, 0, 0}};
        aligned_ = align();
    }

    /// Does any voxel of the target lie within the outermost centres of the source?
    [[nodiscard]] bool reaches() const {
        if (aligned_) return axes_[0].count() > 0 && axes_[1].count() > 0 && axes_[2].count() > 0;
        for (std::int64_t z = 0; z < target_.z(); ++z) {
            for (std::int64_t y = 0; y < target_.y(); ++y) {
                const auto inside = inside_of(source_, slanted(y, z));
                if (inside.first < inside.last) return true;
            }
        }
        return false;
    }

    /// Is every voxel of the result one of the source's?
    [[nodiscard]] bool copies() const { return taps_ == 1; }

    void set_limits(const ClipLimits& limits) { limits_ = limits; }

    /// Gives the weights of voxels that are not finite to the others, instead of bridging them.
    void leave_out_non_finite() { leaves_out_ = true; }

    /// Fills `out` with the volume `in` as it is on the target's grid.
    ///
    /// Where voxels are not finite, they are bridged by their neighbours, and the places nearest to them become NaN; or
    /// they are left out, and places that have most of their weight among them become NaN.
    ///
    /// \param each  `each(count, grain, body)` calls body(first, last) for ranges that cover [0, count)
    template <Voxel In, Voxel Out, class Each>
    void apply(const In* in, Out* out, Out fill, Workspace& work, const Each& each) const {
        if (source_.size() == 0) {
            std::fill_n(out, target_.size(), fill);
            return;
        }
        if (copies()) {
            for_each_nearest_row(each, [&](std::int64_t row, const InsideOfRow& inside, std::int64_t base,
                                           const std::int64_t* samples) {
                Out* to = out + row;
                const In* from = in + base;
                std::fill(to, to + inside.first, fill);
                for (std::int64_t x = inside.first; x < inside.last; ++x) {
                    to[x] = static_cast<Out>(from[samples[x]]);
                }
                std::fill(to + inside.last, to + target_.x(), fill);
            });
            return;
        }
        if constexpr (NumberVoxel<In> && RealVoxel<Out>) {
            if constexpr (RealVoxel<In>) {
                if (!all_finite(std::span(in, static_cast<std::size_t>(source_.size())))) {
                    if (leaves_out_) return interpolate_finite(in, out, fill, work, each);
                    Buffer<In> bridged;
                    bridge_gaps(in, source_, bridged);
                    interpolate(bridged.data(), out, fill, work, each);
                    for_each_nearest_row(each, [&](std::int64_t row, const InsideOfRow& inside,
                                                   std::int64_t base, const std::int64_t* samples) {
                        for (std::int64_t x = inside.first; x < inside.last; ++x) {
                            if (!std::isfinite(in[base + samples[x]])) {
                                out[row + x] = std::numeric_limits<Out>::quiet_NaN();
                            }
                        }
                    });
                    return;
                }
            }
            interpolate(in, out, fill, work, each);
        }
    }

private:
    /// Finds the axes of the source that those of the target run along, and which samples belong to which voxel.
    bool align() {
        std::array<std::size_t, 3> main{};
        std::array<bool, 3> taken{};
        for (std::size_t column = 0; column < 3; ++column) {
            for (std::size_t row = 1; row < 3; ++row) {
                if (std::abs(map_.linear[row][column]) > std::abs(map_.linear[main[column]][column])) {
                    main[column] = row;
                }
            }
            if (taken[main[column]]) return false;
            taken[main[column]] = true;
        }
        // What a slant moves the farthest voxel by must not matter.
        for (std::size_t column = 0; column < 3; ++column) {
            for (std::size_t row = 0; row < 3; ++row) {
                const double reach = static_cast<double>(target_[static_cast<int>(column)]);
                if (row != main[column] && std::abs(map_.linear[row][column]) * reach > 1e-7) return false;
            }
        }
        bool whole = true;
        for (std::size_t column = 0; column < 3; ++column) {
            AlignedAxis& axis = axes_[column];
            axis.from = main[column];
            axis.samples = source_[static_cast<int>(axis.from)];
            const double step = map_.linear[axis.from][column], offset = map_.offset[axis.from];
            for (std::int64_t o = 0; o < target_[static_cast<int>(column)]; ++o) {
                double place = step * static_cast<double>(o) + offset;
                if (!on_line(place, axis.samples)) {
                    if (axis.places.empty()) axis.first = o + 1;
                    continue;
                }
                whole = whole && std::abs(place - std::nearbyint(place)) <= edge_slack;
                axis.places.push_back(place);
            }
        }
        // Places that are voxels, all of them, need no interpolation: the values come back bit for bit.
        if (whole) taps_ = 1;
        if (taps_ == 1) return true;
        for (AlignedAxis& axis : axes_) {
            for (const double place : axis.places) {
                const auto below = static_cast<std::int64_t>(place);
                const double t = place - static_cast<double>(below);
                const auto weights = spline_weights(t);
                for (std::int64_t k = 0; k < taps_; ++k) {
                    axis.samples_of.push_back(mirrored(taps_ == 4 ? below - 1 + k : below + k, axis.samples));
                    axis.weights.push_back(taps_ == 4 ? weights[static_cast<std::size_t>(k)]
                                           : k == 0   ? 1.0 - t
                                                      : t);
                }
            }
        }
        return true;
    }

    /// Calls `visit(first voxel of a row of the target, which of its voxels are inside, base, samples)` for every row;
    /// voxel x of it is nearest to voxel base + samples[x] of the source.
    template <class Each, class Visit>
    void for_each_nearest_row(const Each& each, const Visit& visit) const {
        if (!aligned_) {
            each(target_.z(), 1, [&](std::int64_t first, std::int64_t last) {
                std::vector<std::int64_t> samples(static_cast<std::size_t>(target_.x()));
                for (std::int64_t z = first; z < last; ++z) {
                    for (std::int64_t y = 0; y < target_.y(); ++y) {
                        const auto row = slanted(y, z);
                        const auto inside = inside_of(source_, row);
                        slanted_samples(source_, row, inside, samples.data());
                        visit(target_.index(0, y, z), inside, std::int64_t{0}, samples.data());
                    }
                }
            });
            return;
        }
        const std::array<std::int64_t, 3> strides{1, source_.x(), source_.x() * source_.y()};
        std::array<std::vector<std::int64_t>, 3> offsets;
        std::array<InsideOfRow, 3> inside;
        for (std::size_t a = 0; a < 3; ++a) {
            const AlignedAxis& axis = axes_[a];
            inside[a] = {axis.first, axis.first + axis.count()};
            offsets[a].resize(static_cast<std::size_t>(inside[a].last));
            for (std::int64_t i = inside[a].first; i < inside[a].last; ++i) {
                offsets[a][static_cast<std::size_t>(i)] =
                    nearest_sample(axis.places[static_cast<std::size_t>(i - axis.first)], axis.samples) *
                    strides[axis.from];
            }
        }
        each(target_.z(), 1, [&](std::int64_t first, std::int64_t last) {
            for (std::int64_t z = first; z < last; ++z) {
                for (std::int64_t y = 0; y < target_.y(); ++y) {
                    const bool outside = z < inside[2].first || z >= inside[2].last || y < inside[1].first ||
                                         y >= inside[1].last;
                    const std::int64_t base = outside ? 0
                                                      : offsets[2][static_cast<std::size_t>(z)] +
                                                            offsets[1][static_cast<std::size_t>(y)];
                    visit(target_.index(0, y, z), outside ? InsideOfRow{} : inside[0], base,
                          offsets[0].data());
                }
            }
        });
    }

    template <NumberVoxel In, RealVoxel Out, class Each>
    void interpolate(const In* in, Out* out, Out fill, Workspace& work, const Each& each) const {
        if (taps_ == 2) {
            aligned_ ? along<2>(in, out, fill, work, each) : across<2>(in, out, fill, work, each);
        } else {
            aligned_ ? along<4>(in, out, fill, work, each) : across<4>(in, out, fill, work, each);
        }
    }

    /// R(v) / R(1), both of the finite voxels alone, where R is the interpolation and R(1) at least a half; else NaN.
    template <RealVoxel In, RealVoxel Out, class Each>
    void interpolate_finite(const In* in, Out* out, Out fill, Workspace& work, const Each& each) const {
        constexpr double outside = std::numeric_limits<double>::infinity();
        Buffer<double> values(source_.size(), Uninitialized{}), sums(target_.size(), Uninitialized{}),
            weights(target_.size(), Uninitialized{});
        Resampler free = *this;
        free.limits_ = {};
        std::transform(in, in + source_.size(), values.data(),
                       [](In value) { return std::isfinite(value) ? static_cast<double>(value) : 0.0; });
        free.interpolate(values.data(), sums.data(), outside, work, each);
        std::transform(in, in + source_.size(), values.data(),
                       [](In value) { return std::isfinite(value) ? 1.0 : 0.0; });
        free.interpolate(values.data(), weights.data(), outside, work, each);
        for (std::int64_t i = 0; i < target_.size(); ++i) {
            const double weight = weights.data()[i];
            if (weight == outside) {
                out[i] = fill;
            } else if (weight < 0.5 - 1e-9) {
                out[i] = std::numeric_limits<Out>::quiet_NaN();
            } else {
                out[i] = static_cast<Out>(std::clamp(sums.data()[i] / weight, limits_.low, limits_.high));
            }
        }
    }

    /// One axis after the other, each a filter over lines: x and y plane by plane, then z.
    template <std::size_t Taps, NumberVoxel In, RealVoxel Out, class Each>
    void along(const In* in, Out* out, Out fill, Workspace& work, const Each& each) const {
        const AlignedAxis &x = axes_[0], &y = axes_[1], &z = axes_[2];
        const std::int64_t inside = x.count() * y.count() * z.count();
        if (inside < target_.size()) std::fill_n(out, target_.size(), fill);
        if (inside == 0) return;
        const std::array<std::int64_t, 3> strides{1, source_.x(), source_.x() * source_.y()};
        fit(work.values, x.count() * y.count() * z.samples);
        each(z.samples, 2, [&](std::int64_t first, std::int64_t last) {
            aligned_planes<Taps>(axes_, {strides[x.from], strides[y.from], strides[z.from]}, in,
                                 work.values.data(), first, last);
        });
        // A few kilobytes of every plane at a time stay in cache from the recursion along z to the sums.
        const std::int64_t grain = std::max<std::int64_t>(1, 512 / x.count());
        each(y.count(), grain * 4, [&](std::int64_t first, std::int64_t last) {
            for (std::int64_t row = first; row < last; row += grain) {
                aligned_rows<Taps>(axes_, target_, work.values.data(), out, row, std::min(row + grain, last),
                                   limits_);
            }
        });
    }

    /// Voxel by voxel from all samples around, whatever the angle between the grids.
    template <std::size_t Taps, NumberVoxel In, RealVoxel Out, class Each>
    void across(const In* in, Out* out, Out fill, Workspace& work, const Each& each) const {
        Bordered samples{nullptr, source_};
        fit(work.values, samples.size());
        samples.data = work.values.data();
        each(source_.z(), 2,
             [&](std::int64_t first, std::int64_t last) { load_planes<Taps>(in, samples, first, last); });
        if constexpr (Taps == 4) {
            const std::int64_t grain = std::max<std::int64_t>(1, 512 / source_.x());
            each(source_.y(), grain, [&](std::int64_t first, std::int64_t last) {
                for (std::int64_t y = first; y < last; ++y) {
                    spline_coefficients(samples.at(0, y, 0), source_.z(), samples.plane(), source_.x());
                }
            });
        }
        mirror_border(samples);
        each(target_.z(), 1, [&](std::int64_t first, std::int64_t last) {
            for (std::int64_t z = first; z < last; ++z) {
                for (std::int64_t y = 0; y < target_.y(); ++y) {
                    slanted_row<Taps>(samples, slanted(y, z), out + target_.index(0, y, z), fill, limits_);
                }
            }
        });
    }

    /// Row (y, z) of the target in voxels of the source.
    [[nodiscard]] SlantedRow slanted(std::int64_t y, std::int64_t z) const {
        SlantedRow row;
        for (std::size_t axis = 0; axis < 3; ++axis) {
            row.start[axis] = map_.at(axis, 0.0, static_cast<double>(y), static_cast<double>(z));
            row.step[axis] = map_.linear[axis][0];
        }
        row.count = target_.x();
        return row;
    }

    static void fit(Buffer<double>& buffer, std::int64_t size) {
        if (buffer.size() != size) buffer = Buffer<double>(size, Uninitialized{});
    }

    Shape source_, target_;
    int taps_ = 1;
    VoxelMap map_;
    bool aligned_ = false;
    std::array<AlignedAxis, 3> axes_;
    ClipLimits limits_;
    bool leaves_out_ = false;
};

}  // namespace roi::detail
