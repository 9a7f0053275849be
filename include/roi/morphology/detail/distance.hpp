// Exact squared Euclidean distances, axis by axis: each line is the lower envelope of one parabola a voxel.
#pragma once

#include <roi/core/detail/buffer.hpp>
#include <roi/core/parallel.hpp>
#include <roi/image/grid.hpp>

#include <algorithm>
#include <array>
#include <cstdint>
#include <limits>
#include <vector>

namespace roi::detail {

/// Replaces f by min over q of f(q) + (w (p - q))^2 along lines of one length.
class LowerEnvelope {
public:
    /// \param length  voxels in a line
    /// \param step    w, from one voxel to the next
    LowerEnvelope(std::int64_t length, double step)
        : length_(length),
          step_(step),
          half_over_(static_cast<std::size_t>(length)),
          lowest_(static_cast<std::size_t>(length)),
          ends_(static_cast<std::size_t>(length)),
          out_(static_cast<std::size_t>(length)) {
        for (std::int64_t away = 1; away < length; ++away) {
            half_over_[at(away)] = 0.5 / (step * step * static_cast<double>(away));
        }
    }

    /// \param f  `length` values, infinite where there is no parabola
    void operator()(double* f) {
        // Parabolas that are lowest somewhere, from left to right; each is so from the end of the one before. Ends are counted
        // from the parabola that they are of, so that no result depends on where in a line its voxels lie.
        std::int64_t count = 0;
        for (std::int64_t q = 0; q < length_; ++q) {
            if (f[q] == std::numeric_limits<double>::infinity()) continue;
            for (; count > 0; --count) {
                const std::int64_t v = lowest_[at(count - 1)];
                // Where the parabolas of v and q meet; right of it q is lower.
                const double end = (f[q] - f[v]) * half_over_[at(q - v)] + 0.5 * static_cast<double>(q - v);
                ends_[at(count - 1)] = end;
                if (count == 1) break;
                const std::int64_t before = lowest_[at(count - 2)];
                if (static_cast<double>(v - before) + end > ends_[at(count - 2)]) break;
            }
            lowest_[at(count)] = q;
            ++count;
        }
        if (count == 0) return;
        for (std::int64_t k = 0, p = 0; k < count; ++k) {
            const std::int64_t v = lowest_[at(k)];
            const double end = k + 1 < count ? ends_[at(k)] : std::numeric_limits<double>::infinity();
            for (; p < length_ && static_cast<double>(p - v) <= end; ++p) {
                const double away = static_cast<double>(p - v) * step_;
                out_[at(p)] = f[v] + away * away;
            }
        }
        std::copy(out_.begin(), out_.end(), f);
    }

private:
    static std::size_t at(std::int64_t index) { return static_cast<std::size_t>(index); }

    std::int64_t length_;
    double step_;
    std::vector<double> half_over_;  ///< 1 / (2 w^2 k)
    std::vector<std::int64_t> lowest_;
    std::vector<double> ends_;  ///< how far right of its voxel a parabola ends to be the lowest
    std::vector<double> out_;
};

/// Squared distances along a line of voxels `step` apart to the nearest that is `wanted`; infinite without one.
inline void distances_along_line(const bool* line, bool wanted, std::int64_t length, double step,
                                 double* out) {
    constexpr double infinite = std::numeric_limits<double>::infinity();
    std::int64_t from = -1;
    for (std::int64_t x = 0; x < length; ++x) {
        if (line[x] == wanted) from = x;
        const double away = static_cast<double>(x - from) * step;
        out[x] = from < 0 ? infinite : away * away;
    }
    from = -1;
    for (std::int64_t x = length; x-- > 0;) {
        if (line[x] == wanted) from = x;
        const double away = static_cast<double>(from - x) * step;
        if (from >= 0) out[x] = std::min(out[x], away * away);
    }
}

/// Runs the envelope over lines that lie beside each other: `columns` of them, voxels of a line `stride` apart.
/// \param finish  makes of each value what is kept
template <class Finish>
void envelope_of_columns(double* values, std::int64_t columns, std::int64_t length, std::int64_t stride,
                         LowerEnvelope& envelope, Buffer<double>& room, const Finish& finish) {
    // Enough columns at once to use the cache lines and pages that each row touches.
    constexpr std::int64_t at_once = 16;
    if (room.size() < at_once * length) room = Buffer<double>(at_once * length, Uninitialized{});
    for (std::int64_t first = 0; first < columns; first += at_once) {
        const std::int64_t count = std::min(at_once, columns - first);
        for (std::int64_t i = 0; i < length; ++i) {
            const double* row = values + first + i * stride;
            for (std::int64_t c = 0; c < count; ++c) room.data()[c * length + i] = row[c];
        }
        for (std::int64_t c = 0; c < count; ++c) envelope(room.data() + c * length);
        for (std::int64_t i = 0; i < length; ++i) {
            double* row = values + first + i * stride;
            for (std::int64_t c = 0; c < count; ++c) row[c] = finish(room.data()[c * length + i]);
        }
    }
}

/// Distance from every voxel to the nearest that is `wanted`; infinite everywhere when there is none.
///
/// \param steps   from one voxel to the next along x, y and z
/// \param out     receives one value a voxel
/// \param finish  makes of the squared distance what is kept: in the last pass, which saves one over memory
///
/// P. F. Felzenszwalb and D. P. Huttenlocher, "Distance transforms of sampled functions", Theory of Computing 8, 2012.
template <class Finish>
void distances(const bool* mask, bool wanted, const Shape& shape, const std::array<double, 3>& steps,
               double* out, const Finish& finish) {
    const std::int64_t nx = shape.x(), ny = shape.y(), nz = shape.z(), plane = nx * ny;
    if (shape.size() == 0) return;
    constexpr std::int64_t voxels_at_once = std::int64_t{1} << 17;
    parallel_for(nz, std::max<std::int64_t>(1, voxels_at_once / plane),
                 [&](std::int64_t first, std::int64_t last) {
                     LowerEnvelope along_y(ny, steps[1]);
                     Buffer<double> room;
                     for (std::int64_t z = first; z < last; ++z) {
                         for (std::int64_t y = 0; y < ny; ++y) {
                             const std::int64_t start = shape.index(0, y, z);
                             distances_along_line(mask + start, wanted, nx, steps[0], out + start);
                         }
                         double* const values = out + z * plane;
                         if (nz > 1) {
                             envelope_of_columns(values, nx, ny, nx, along_y, room,
                                                 [](double value) { return value; });
                         } else {
                             envelope_of_columns(values, nx, ny, nx, along_y, room, finish);
                         }
                     }
                 });
    if (nz == 1) return;
    parallel_for(ny, std::max<std::int64_t>(1, voxels_at_once / (nx * nz)),
                 [&](std::int64_t first, std::int64_t last) {
                     LowerEnvelope along_z(nz, steps[2]);
                     Buffer<double> room;
                     for (std::int64_t y = first; y < last; ++y) {
                         envelope_of_columns(out + y * nx, nx, nz, plane, along_z, room, finish);
                     }
                 });
}

}  // namespace roi::detail
