// Sums over the volumes of a sample, voxel by voxel: what means, variances and tests are made of.
#pragma once

#include <roi/core/concepts.hpp>
#include <roi/core/detail/finite.hpp>
#include <roi/core/detail/instruction_set.hpp>
#include <roi/core/error.hpp>
#include <roi/core/text.hpp>
#include <roi/image/grid.hpp>
#include <roi/image/volume.hpp>
#include <roi/stats/detail/far_squares.hpp>
#include <roi/stream/non_finite.hpp>
#include <roi/stream/scan.hpp>

#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <span>
#include <string_view>
#include <vector>

namespace roi::detail {

/// Size, mean and sum of squared deviations of one sample.
///
/// The mean is origin + offset, kept apart: the difference of two means then loses nothing to a large level
/// that both samples share.
struct Moments {
    double n = 0.0;
    double origin = 0.0;
    double offset = 0.0;
    double squares = 0.0;

    [[nodiscard]] double mean() const { return origin + offset; }
};

/// m2 - m1 of two samples.
[[nodiscard]] inline double difference_of_means(const Moments& a, const Moments& b) {
    return (b.origin - a.origin) + (b.offset - a.offset);
}

/// The moments of two samples taken together.
///
/// d = m2 - m1, n = n1 + n2, m = m1 + d n2 / n, S = S1 + S2 + d^2 n1 n2 / n (Chan, Golub and LeVeque 1979). The last
/// term is what the difference of the means adds: of several groups it is, summed up, the squares between them.
[[nodiscard]] inline Moments merged(const Moments& a, const Moments& b) {
    if (a.n == 0.0) return b;
    if (b.n == 0.0) return a;
    const double d = difference_of_means(a, b);
    const double n = a.n + b.n;
    return {n, a.origin, a.offset + d * (b.n / n), a.squares + b.squares + d * d * (a.n * b.n / n)};
}

/// Adds `Count` volumes to the sums of voxels [begin, end), every voxel in the order of the volumes. Sees as it goes
/// whether the sums are finite.
template <std::size_t Count, class T>
ROI_ALWAYS_INLINE FiniteSoFar<double> add_volumes_of(const T* const* volumes, double* __restrict sums,
                                                     std::int64_t begin, std::int64_t end) {
    const T* volume[Count];
    for (std::size_t k = 0; k < Count; ++k) volume[k] = volumes[k];
    FiniteSoFar<double> finite;
    for (std::int64_t i = begin; i < end; ++i) {
        if constexpr (IntegerVoxel<T> && sizeof(T) <= 2) {
            // Sums of whole numbers are exact in either type, and integers add up several times faster.
            std::int32_t sum = 0;
            for (std::size_t k = 0; k < Count; ++k) sum += volume[k][i];
            sums[i] += sum;
        } else {
            double sum = sums[i];
            for (std::size_t k = 0; k < Count; ++k) sum += static_cast<double>(volume[k][i]);
            sums[i] = sum;
            if constexpr (RealVoxel<T>) finite.look_at(sum);
        }
    }
    return finite;
}

/// The same for any number of volumes: some at a time, so that sums stay in registers.
template <class T>
ROI_ALWAYS_INLINE bool add_volumes_body(std::span<const T* const> volumes, double* sums, std::int64_t begin,
                                        std::int64_t end) {
    FiniteSoFar<double> finite;
    std::size_t k = 0;
    for (; k + 6 <= volumes.size(); k += 6)
        finite = finite | add_volumes_of<6>(volumes.data() + k, sums, begin, end);
    for (; k + 3 <= volumes.size(); k += 3)
        finite = finite | add_volumes_of<3>(volumes.data() + k, sums, begin, end);
    for (; k < volumes.size(); ++k) finite = finite | add_volumes_of<1>(volumes.data() + k, sums, begin, end);
    return finite.all();
}

template <class T>
ROI_TARGET_AVX2 bool add_volumes_avx2(std::span<const T* const> volumes, double* sums, std::int64_t begin,
                                      std::int64_t end) {
    return add_volumes_body(volumes, sums, begin, end);
}

/// Adds volumes to sums, with the best instructions there are. \returns whether all sums are finite
template <class T>
[[nodiscard]] bool add_volumes(std::span<const T* const> volumes, double* sums, std::int64_t begin,
                               std::int64_t end) {
    if (use_avx2()) return add_volumes_avx2(volumes, sums, begin, end);
    return add_volumes_body(volumes, sums, begin, end);
}

/// Adds the deviations of `Count` volumes from `origin`, and their squares, for voxels [begin, end), every voxel
/// in the order of the volumes. Sees as it goes whether the squares are finite.
///
/// \tparam Begins  are these the first volumes? The first is the origin then, and what was in the sums does not count
template <std::size_t Count, bool Begins = false, class T, class Origin>
ROI_ALWAYS_INLINE FiniteSoFar<double> add_deviations_of(const T* const* volumes, Origin* __restrict origin,
                                                        double* __restrict sum, double* __restrict squares,
                                                        std::int64_t begin, std::int64_t end) {
    const T* volume[Count];
    for (std::size_t k = 0; k < Count; ++k) volume[k] = volumes[k];
    FiniteSoFar<double> finite;
    for (std::int64_t i = begin; i < end; ++i) {
        if constexpr (Begins) origin[i] = static_cast<double>(volume[0][i]);
        const double from = origin[i];
        double s = Begins ? 0.0 : sum[i], q = Begins ? 0.0 : squares[i];
        for (std::size_t k = 0; k < Count; ++k) {
            const double d = static_cast<double>(volume[k][i]) - from;
            s += d;
            q += d * d;
        }
        sum[i] = s;
        squares[i] = q;
        finite.look_at(q);
    }
    return finite;
}

/// The same for a number of volumes that is known when the program runs, up to `Most`.
template <bool Begins, std::size_t Most, class T, class Origin>
ROI_ALWAYS_INLINE FiniteSoFar<double> add_deviations_up_to(std::size_t count, const T* const* volumes,
                                                           Origin* origin, double* sum, double* squares,
                                                           std::int64_t begin, std::int64_t end) {
    if constexpr (Most > 1) {
        if (count < Most) {
            return add_deviations_up_to<Begins, Most - 1>(count, volumes, origin, sum, squares, begin, end);
        }
    }
    return add_deviations_of<Most, Begins>(volumes, origin, sum, squares, begin, end);
}

/// The same for any number of volumes: some at a time, so that sums stay in registers, and about as many each time, since
/// the few that would be left over take as long a pass over the sums as many do.
template <bool Begins, class T, class Origin>
ROI_ALWAYS_INLINE FiniteSoFar<double> add_deviations_body(std::span<const T* const> volumes, Origin* origin,
                                                          double* sum, double* squares, std::int64_t begin,
                                                          std::int64_t end) {
    constexpr std::size_t most = 8;
    FiniteSoFar<double> finite;
    std::size_t passes = (volumes.size() + most - 1) / most, done = 0;
    if constexpr (Begins) {
        done = volumes.size() / passes--;
        finite = add_deviations_up_to<true, most>(done, volumes.data(), origin, sum, squares, begin, end);
    }
    for (; passes > 0; --passes) {
        const std::size_t count = (volumes.size() - done) / passes;
        finite = finite | add_deviations_up_to<false, most>(count, volumes.data() + done, origin, sum,
                                                            squares, begin, end);
        done += count;
    }
    return finite;
}

template <class T>
ROI_TARGET_AVX2 FiniteSoFar<double> add_deviations_avx2(std::span<const T* const> volumes,
                                                        const double* origin, double* sum, double* squares,
                                                        std::int64_t begin, std::int64_t end) {
    return add_deviations_body<false>(volumes, origin, sum, squares, begin, end);
}

/// Adds deviations and their squares to sums, with the best instructions there are. \returns whether all squares are finite
template <class T>
bool add_deviations(std::span<const T* const> volumes, const double* origin, double* sum, double* squares,
                    std::int64_t begin, std::int64_t end) {
    if (use_avx2()) return add_deviations_avx2(volumes, origin, sum, squares, begin, end).all();
    return add_deviations_body<false>(volumes, origin, sum, squares, begin, end).all();
}

template <class T>
ROI_TARGET_AVX2 FiniteSoFar<double> first_deviations_avx2(std::span<const T* const> volumes, double* origin,
                                                          double* sum, double* squares, std::int64_t begin,
                                                          std::int64_t end) {
    return add_deviations_body<true>(volumes, origin, sum, squares, begin, end);
}

/// Begins sums with one volume or more, whose first is the origin, with the best instructions there are.
/// \returns whether all squares are finite
template <class T>
bool first_deviations(std::span<const T* const> volumes, double* origin, double* sum, double* squares,
                      std::int64_t begin, std::int64_t end) {
    if (use_avx2()) return first_deviations_avx2(volumes, origin, sum, squares, begin, end).all();
    return add_deviations_body<true>(volumes, origin, sum, squares, begin, end).all();
}

/// Begins sums of deviations of some voxels: they count from the values of this volume.
template <RealVoxel T>
void begin_deviations(const T* volume, double* origin, double* sum, double* squares, VoxelRange range) {
    std::transform(volume + range.first, volume + range.last, origin + range.first,
                   [](T value) { return static_cast<double>(value); });
    std::fill(sum + range.first, sum + range.last, 0.0);
    std::fill(squares + range.first, squares + range.last, 0.0);
}

/// What a sample does with NaN.
enum class NanIn { the_result, no_sum };

/// What warnings say of voxels that are NaN or infinite in some volume of a test.
[[nodiscard]] inline std::string_view effect_of_odd(bool omitted) {
    return omitted ? "NaN is left out, infinity makes the result NaN" : "results there are NaN";
}

/// Throws for the first NaN of a block.
template <RealVoxel T>
void refuse_nan(std::string_view function, const ScanInfo& info, const FrameBlock<T>& block,
                VoxelRange range) {
    for (std::size_t k = 0; k < block.frames.size(); ++k) {
        if (!block.frames[k]) continue;
        for (std::int64_t i = range.first; i < range.last; ++i) {
            if (!std::isnan(block.frames[k][i])) continue;
            throw InvalidArgument(text(function, ": voxel (", joined(info.grid.shape().voxel(i)),
                                       ") is NaN in ",
                                       info.name_of(block.first + static_cast<std::int64_t>(k)),
                                       "; smooth the run, which clears NaN, or use `nan_policy` omit"));
        }
    }
}

/// Sums of one sample, per voxel, relative to its first value.
///
/// With K the first value: mean = K + S1 / n and squared deviations = S2 - S1^2 / n, S1 = sum (x - K),
/// S2 = sum (x - K)^2. One pass loses nothing as long as K is not many standard deviations away, and a voxel
/// that never changes has a variance of exactly 0, where the usual two passes leave rounding noise.
/// Memory: three doubles a voxel, a 32-bit count when NaN is left out, and a fourth double when squares leave the range of
/// one (`FarSquares`).
class SampleSums {
public:
    /// \param first  number of the first volume of the sample, where K is taken
    /// \param n      volumes that will be added
    void begin(const Grid& grid, std::int64_t first, std::int64_t n, NanIn nan = NanIn::the_result) {
        first_frame_ = first;
        n_ = static_cast<double>(n);
        // The first volume writes them.
        const bool written = nan == NanIn::the_result && first >= 0 && n > 0;
        for (Volume<double>* map : memory()) {
            *map = written ? Volume<double>(grid, Uninitialized{}, {}) : Volume<double>(grid, 0.0);
        }
        odd_.restart();
        far_.restart();
        counts_.assign(nan == NanIn::no_sum ? static_cast<std::size_t>(grid.size()) : 0, 0);
    }

    /// Adds the volumes of a block for which `in_sample(frame)` is true.
    template <RealVoxel T, class InSample>
    void update(const FrameBlock<T>& block, VoxelRange range, const InSample& in_sample) {
        std::vector<const T*> volumes;
        bool begins = false;
        for (std::size_t k = 0; k < block.frames.size(); ++k) {
            const auto frame = block.first + static_cast<std::int64_t>(k);
            if (!in_sample(frame)) continue;
            volumes.push_back(block.frames[k]);
            begins = begins || frame == first_frame_;
        }
        if (volumes.empty()) return;
        bool finite = false;
        if (counts_.empty()) {
            const auto earlier =
                begins ? FarSquares::before_any<T>(range) : FarSquares::before<T>(squares_.data(), range);
            finite = begins ? first_deviations<T>(volumes, origin_.data(), sum_.data(), squares_.data(),
                                                  range.first, range.last)
                            : add_deviations<T>(volumes, origin_.data(), sum_.data(), squares_.data(),
                                                range.first, range.last);
            far_.look_at<T>(volumes, origin_.data(), sum_.data(), squares_.data(), earlier, range,
                            sum_.size());
        } else {
            for (const T* volume : volumes) add_counted(volume, range);
        }
        // Squares of finite values are finite, or nearly always: only others are worth a look at the values.
        if (finite) return;
        for (std::size_t k = 0; k < block.frames.size(); ++k) {
            const auto frame = block.first + static_cast<std::int64_t>(k);
            if (in_sample(frame)) odd_.look_at(frame, block.frames[k], range);
        }
    }

    [[nodiscard]] const Grid& grid() const { return sum_.grid(); }

    /// What is taken from every value: the first one.
    [[nodiscard]] const double* origin() const { return origin_.data(); }

    /// Sums of the differences from it, and of their squares.
    [[nodiscard]] const double* sum() const { return sum_.data(); }
    [[nodiscard]] const double* squares() const { return squares_.data(); }

    /// How many volumes the sample has.
    [[nodiscard]] double volumes() const { return n_; }

    /// How many voxels of which volumes are NaN or infinite.
    [[nodiscard]] const NonFiniteCount& odd() const { return odd_; }

    /// Have squares of any voxel left the range of a double?
    [[nodiscard]] bool squares_are_far() const { return far_.any(); }

    /// The unit in which the squares of a voxel are known.
    [[nodiscard]] Unit unit(std::int64_t voxel) const {
        return far_.unit(voxel, sum_[voxel], squares_[voxel]);
    }

    /// How many volumes count for a voxel.
    [[nodiscard]] double count(std::int64_t voxel) const {
        return counts_.empty() ? n_ : static_cast<double>(counts_[static_cast<std::size_t>(voxel)]);
    }

    /// \param unit  that of the voxel, or a larger one: all of the result is in it
    [[nodiscard]] Moments moments(std::int64_t voxel, Unit unit = Unit::one) const {
        const double n = count(voxel);
        if (n < 1.0) return {};
        const double sum = in_unit(sum_[voxel], unit);
        const double squares = far_.squares(voxel, squares_[voxel], unit) - sum * sum / n;
        return {n, in_unit(origin_[voxel], unit), sum / n, squares < 0.0 ? 0.0 : squares};
    }

    /// Adds the sums of another sample on the same grid, brought to the first values of this one, so that the result is
    /// that of one pass over both: with d = K2 - K1, S1 gains S1' + n' d and S2 gains S2' + d (2 S1' + n' d).
    void merge(const SampleSums& other) {
        for (std::int64_t i = 0; i < sum_.size(); ++i) {
            const double n = other.count(i);
            if (n < 1.0) continue;
            if (count(i) < 1.0) {
                origin_[i] = other.origin_[i];
                sum_[i] = other.sum_[i];
                squares_[i] = other.squares_[i];
                if (const Unit unit = FarSquares::unit_of(squares_[i]); unit != Unit::one) {
                    far_.replace(i, other.far_.squares(i, squares_[i], unit), sum_.size());
                }
            } else {
                const double d = other.origin_[i] - origin_[i];
                const double gained = other.squares_[i] + d * (2.0 * other.sum_[i] + n * d);
                if (const Unit unit = FarSquares::unit_of(squares_[i] + gained); unit != Unit::one) {
                    const double there = in_unit(d, unit);
                    far_.replace(i,
                                 far_.squares(i, squares_[i], unit) +
                                     other.far_.squares(i, other.squares_[i], unit) +
                                     there * (2.0 * in_unit(other.sum_[i], unit) + n * there),
                                 sum_.size());
                }
                sum_[i] += other.sum_[i] + n * d;
                squares_[i] += gained;
            }
            if (!counts_.empty()) {
                counts_[static_cast<std::size_t>(i)] += other.counts_[static_cast<std::size_t>(i)];
            }
        }
        n_ += other.n_;
    }

    /// Three maps of memory for what is made of the sums.
    [[nodiscard]] std::array<Volume<double>*, 3> memory() { return {&origin_, &sum_, &squares_}; }

private:
    template <RealVoxel T>
    void add_counted(const T* values, VoxelRange range) {
        for (std::int64_t i = range.first; i < range.last; ++i) {
            if (std::isnan(values[i])) continue;
            if (counts_[static_cast<std::size_t>(i)]++ == 0) origin_[i] = static_cast<double>(values[i]);
            const double d = static_cast<double>(values[i]) - origin_[i];
            const double earlier = squares_[i];
            sum_[i] += d;
            squares_[i] += d * d;
            if constexpr (FarSquares::possible<T>) {
                far_.look_at(d, sum_[i], squares_[i], earlier, i, sum_.size());
            }
        }
    }

    std::int64_t first_frame_ = 0;
    double n_ = 0.0;
    Volume<double> origin_, sum_, squares_;
    std::vector<std::int32_t> counts_;  // only when values may be left out
    FarSquares far_;                    // only where squares leave the range of a double
    NonFiniteCount odd_;
};

}  // namespace roi::detail
