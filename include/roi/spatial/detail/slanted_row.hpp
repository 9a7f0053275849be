// Resampling at any angle: rows of the target that cross a source with a border.
#pragma once

#include <roi/core/detail/buffer.hpp>
#include <roi/core/detail/instruction_set.hpp>
#include <roi/image/grid.hpp>
#include <roi/spatial/detail/places.hpp>
#include <roi/spatial/detail/spline.hpp>

#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <cstring>

namespace roi::detail {

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

}  // namespace roi::detail
