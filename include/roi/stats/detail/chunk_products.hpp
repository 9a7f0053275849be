// What correlations with one signal are made of: the signal without its mean, products with it, and both within chunks.
#pragma once

#include <roi/core/concepts.hpp>
#include <roi/core/detail/instruction_set.hpp>
#include <roi/image/column.hpp>
#include <roi/image/grid.hpp>
#include <roi/image/volume.hpp>
#include <roi/stats/detail/chunk_plan.hpp>
#include <roi/stats/detail/moments.hpp>
#include <roi/stats/detail/voxel_units.hpp>
#include <roi/stream/non_finite.hpp>
#include <roi/stream/sink.hpp>

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <limits>
#include <span>
#include <type_traits>
#include <utility>
#include <vector>

namespace roi::detail {

/// What is known of a signal whose mean was taken out and which was divided by its largest deviation, so that no square
/// leaves the range of a double.
struct CentredSignal {
    double n = 0.0;
    double origin = 0.0, offset = 0.0;  ///< the mean, as in `Moments`
    double largest = 0.0;               ///< what it was divided by; 0 where it never changes
    double squares = 0.0;               ///< of what it now is
    double df = 0.0;                    ///< degrees of freedom of a correlation with it
};

/// Takes the mean out of a signal, and divides it by its largest deviation from its first value.
[[nodiscard]] inline CentredSignal centred(std::vector<double>& signal) {
    CentredSignal out;
    out.n = static_cast<double>(signal.size());
    out.origin = signal[0];
    for (double& value : signal) value -= out.origin;
    for (const double value : signal) out.largest = std::max(out.largest, std::abs(value));
    if (out.largest == 0.0) return out;
    double mean = 0.0;
    for (double& value : signal) mean += value /= out.largest;
    mean /= out.n;
    for (double& value : signal) value -= mean;
    for (const double value : signal) out.squares += value * value;
    out.offset = mean * out.largest;
    return out;
}

/// The same of a signal that may have NaN, which stays.
[[nodiscard]] inline CentredSignal centred_but_nan(std::vector<double>& signal) {
    std::vector<double> finite;
    for (const double value : signal) {
        if (!std::isnan(value)) finite.push_back(value);
    }
    if (finite.size() < 2) return {};
    const CentredSignal out = centred(finite);
    auto next = finite.begin();
    for (double& value : signal) {
        if (!std::isnan(value)) value = *next++;
    }
    return out;
}

/// Sums of a signal over the volumes in which a voxel is not NaN, of every voxel, relative to the first of them.
class SignalOfVoxels {
public:
    void begin(const Grid& grid) {
        origin_ = Volume<double>(grid, std::numeric_limits<double>::quiet_NaN());
        sum_ = Volume<double>(grid, 0.0);
        squares_ = Volume<double>(grid, 0.0);
    }

    /// Adds volumes, and to `products` those of the signal with the voxels.
    ///
    /// \param signal  one number a volume of the run; volumes where it is NaN are not there
    /// \param origin  of the voxels, of `SampleSums` that have seen these volumes
    template <RealVoxel T>
    void update(const FrameBlock<T>& block, VoxelRange range, const std::vector<double>& signal,
                const double* origin, double* products) {
        for (std::size_t k = 0; k < block.frames.size(); ++k) {
            const double value = signal[static_cast<std::size_t>(block.first) + k];
            if (!block.frames[k] || std::isnan(value)) continue;
            for (std::int64_t i = range.first; i < range.last; ++i) {
                if (std::isnan(block.frames[k][i])) continue;
                if (std::isnan(origin_[i])) origin_[i] = value;
                const double s = value - origin_[i];
                sum_[i] += s;
                squares_[i] += s * s;
                products[i] += s * (static_cast<double>(block.frames[k][i]) - origin[i]);
            }
        }
    }

    /// r of a voxel.
    ///
    /// \param product  of the voxel and the signal, in the unit of the moments
    [[nodiscard]] double r_of(std::int64_t voxel, double product, const Moments& moments) const {
        if (moments.n < 2.0) return std::numeric_limits<double>::quiet_NaN();
        const double squares = squares_[voxel] - sum_[voxel] * sum_[voxel] / moments.n;
        const double r = (product - sum_[voxel] * moments.offset) / std::sqrt(std::max(squares, 0.0)) /
                         std::sqrt(moments.squares);
        return std::abs(r) > 1.0 ? std::copysign(1.0, r) : r;
    }

private:
    Volume<double> origin_, sum_, squares_;
};

/// m2 - m1 of two signals, divided by `largest`.
[[nodiscard]] inline double difference_of_means(const CentredSignal& a, const CentredSignal& b,
                                                double largest) {
    return (b.origin - a.origin) / largest + (b.offset - a.offset) / largest;
}

/// Two signals one after the other, each of which keeps its own mean.
[[nodiscard]] inline CentredSignal merged_apart(const CentredSignal& a, const CentredSignal& b) {
    CentredSignal out = a;
    out.n += b.n;
    out.largest = std::max(a.largest, b.largest);
    const double scale_a = a.largest / out.largest, scale_b = b.largest / out.largest;
    out.squares = a.squares * scale_a * scale_a + b.squares * scale_b * scale_b;
    // A chunk less has no mean that is shared with the others.
    out.df = a.df + b.df + 1.0;
    return out;
}

/// Two signals as one, with one mean (see `merged` of `Moments`). Divided by a difference of the means where that is larger.
[[nodiscard]] inline CentredSignal merged(const CentredSignal& a, const CentredSignal& b) {
    CentredSignal out = merged_apart(a, b);
    const double largest = out.largest;
    out.largest = std::max(largest, std::abs(difference_of_means(a, b, 1.0)));
    const double scale = largest / out.largest, d = difference_of_means(a, b, out.largest);
    out.squares = out.squares * scale * scale + d * d * (a.n * b.n / out.n);
    out.offset = a.offset + d * (b.n / out.n) * out.largest;
    out.df = out.n - 2.0;
    return out;
}

/// Adds weight * (value - origin) of `Count` volumes to the products of voxels [begin, end), every voxel in the order of
/// the volumes.
template <std::size_t Count, class T>
ROI_ALWAYS_INLINE void add_products_of(const T* const* volumes, const double* weights,
                                       const double* __restrict origin, double* __restrict products,
                                       std::int64_t begin, std::int64_t end) {
    const T* volume[Count];
    double weight[Count];
    for (std::size_t k = 0; k < Count; ++k) {
        volume[k] = volumes[k];
        weight[k] = weights[k];
    }
    for (std::int64_t i = begin; i < end; ++i) {
        double product = products[i];
        for (std::size_t k = 0; k < Count; ++k) {
            product += weight[k] * (static_cast<double>(volume[k][i]) - origin[i]);
        }
        products[i] = product;
    }
}

/// The same for any number of volumes: four at a time, so that sums stay in registers.
template <class T>
ROI_ALWAYS_INLINE void add_products_body(std::span<const T* const> volumes, const double* weights,
                                         const double* origin, double* products, std::int64_t begin,
                                         std::int64_t end) {
    std::size_t k = 0;
    for (; k + 4 <= volumes.size(); k += 4) {
        add_products_of<4>(volumes.data() + k, weights + k, origin, products, begin, end);
    }
    for (; k < volumes.size(); ++k) {
        add_products_of<1>(volumes.data() + k, weights + k, origin, products, begin, end);
    }
}

template <class T>
ROI_TARGET_AVX2 void add_products_avx2(std::span<const T* const> volumes, const double* weights,
                                       const double* origin, double* products, std::int64_t begin,
                                       std::int64_t end) {
    add_products_body(volumes, weights, origin, products, begin, end);
}

/// Adds the products of volumes, with the best instructions there are.
template <class T>
void add_products(std::span<const T* const> volumes, const double* weights, const double* origin,
                  double* products, std::int64_t begin, std::int64_t end) {
    if (use_avx2()) return add_products_avx2(volumes, weights, origin, products, begin, end);
    add_products_body(volumes, weights, origin, products, begin, end);
}

/// Sums of squares of every voxel and of its products with a signal, where every chunk has means of its own.
///
/// The products are with a signal that is centred in every chunk, so they need no mean of the voxel. One pass, in the unit of each
/// voxel (see `VoxelUnits`), so that values around 1e-200 or 1e200 have the r that they have around 1. Memory: two and a half
/// doubles a voxel, and three for every chunk that is open at once.
///
/// Where NaN is left out, a voxel that has some needs the means of the signal over the volumes that it has left, so that sums
/// of the signal are kept as those of the voxel are, relative to the first value: three doubles a voxel and four and a half
/// for every open chunk more. A voxel without NaN has the same r as without this, to the bit.
class ChunkProducts {
public:
    /// \param signal  one number a volume; NaN, where it is left out, counts for nothing
    /// \throws InvalidArgument when the chunks are about another number of volumes
    ChunkProducts(const Column& chunks, const std::vector<double>& signal, NanIn nan)
        : plan_("correlate", all_but_nan(signal), chunks, 1, "the signal is"), omits_(nan == NanIn::no_sum) {}

    /// Takes the mean of every chunk out of a signal; it is 0 where the chunk is missing.
    [[nodiscard]] CentredSignal centre(std::vector<double>& signal) {
        if (omits_) signal_ = signal;
        std::vector<double> origin(plan_.chunks()), mean(plan_.chunks());
        CentredSignal out;
        for_each_volume(signal, [&](double value, const ChunkPlan::Step& step, std::size_t c) {
            if (step.first_of_cell) origin[c] = value;
            return value - origin[c];
        });
        for (const double value : signal) out.largest = std::max(out.largest, std::abs(value));
        if (out.largest == 0.0) return out;
        for_each_volume(signal, [&](double value, const ChunkPlan::Step&, std::size_t c) {
            value /= out.largest;
            mean[c] += value / plan_.counts(c)[0];
            return value;
        });
        for_each_volume(signal,
                        [&](double value, const ChunkPlan::Step&, std::size_t c) { return value - mean[c]; });
        for (const double value : signal) out.squares += value * value;
        largest_ = out.largest;
        for (std::size_t c = 0; c < plan_.chunks(); ++c) volumes_ += plan_.counts(c)[0];
        return out;
    }

    /// Degrees of freedom of a correlation: volumes - chunks - 1.
    [[nodiscard]] double df() const { return volumes_ - static_cast<double>(plan_.chunks()) - 1.0; }

    [[nodiscard]] bool wants(std::int64_t frame) const { return plan_.wants(frame); }

    void begin(const Grid& grid) {
        voxels_ = static_cast<std::size_t>(grid.size());
        for (auto* const maps : {&origin_, &sum_, &squares_}) maps->assign(plan_.slots() * voxels_, 0.0);
        within_.assign(voxels_, 0.0);
        products_.assign(voxels_, 0.0);
        units_.restart(voxels_);
        odd_.restart();
        if (!omits_) return;
        for (auto* const maps : {&signal_origin_, &signal_sum_, &signal_squares_, &open_products_}) {
            maps->assign(plan_.slots() * voxels_, 0.0);
        }
        left_.assign(plan_.slots() * voxels_, 0);
        own_squares_.assign(voxels_, 0.0);
        own_products_.assign(voxels_, 0.0);
        for (auto* const counts : {&volumes_left_, &chunks_left_}) counts->assign(voxels_, 0);
    }

    template <RealVoxel T>
    void update(const FrameBlock<T>& block, VoxelRange range, const std::vector<double>& signal) {
        if constexpr (std::is_same_v<T, double>) {
            // A few at a time, as values may be copied.
            constexpr std::size_t most = 16;
            for (std::size_t first = 0; first < block.frames.size(); first += most) {
                const auto part = block.frames.subspan(first, std::min(most, block.frames.size() - first));
                update_in_units({block.first + static_cast<std::int64_t>(first), part}, range, signal);
            }
        } else {
            units_.are_one(range);
            add(block, range, signal);
        }
    }

    /// How many voxels of which volumes are NaN or infinite.
    [[nodiscard]] const NonFiniteCount& odd() const { return odd_; }
    /// Says how many volumes have no chunk.
    void warn_of_missing(const WarningHandler& warning) const { plan_.warn_of_missing(warning, "correlate"); }

    /// Adds the sums of another run, whose chunks are others; the products are brought to another size of the signal.
    void merge(const ChunkProducts& other, double scale, double scale_of_other) {
        for (std::size_t i = 0; i < voxels_; ++i) {
            units_.raise(i, other.units_[i], changes_units());
            const double unit = VoxelUnits::from_one_to_other(other.units_[i], units_[i]);
            within_[i] += other.within_[i] * unit * unit;
            products_[i] = products_[i] * scale + other.products_[i] * unit * scale_of_other;
            if (!omits_) continue;
            own_products_[i] = own_products_[i] * scale + other.own_products_[i] * unit * scale_of_other;
            own_squares_[i] =
                own_squares_[i] * scale * scale + other.own_squares_[i] * scale_of_other * scale_of_other;
            volumes_left_[i] += other.volumes_left_[i];
            chunks_left_[i] += other.chunks_left_[i];
        }
        volumes_ += other.volumes_;
    }

    /// r of a voxel.
    ///
    /// \param squares  of the signal
    [[nodiscard]] double r_of(std::int64_t voxel, double squares) const {
        const auto at = static_cast<std::size_t>(voxel);
        if (all_left(at)) return products_[at] / std::sqrt(squares) / std::sqrt(within_[at]);
        return own_products_[at] / std::sqrt(own_squares_[at]) / std::sqrt(within_[at]);
    }

    /// Degrees of freedom of a voxel.
    ///
    /// \param df  of one that has all its volumes
    [[nodiscard]] double df_of(std::int64_t voxel, double df) const {
        const auto at = static_cast<std::size_t>(voxel);
        if (all_left(at)) return df;
        return static_cast<double>(volumes_left_[at]) - static_cast<double>(chunks_left_[at]) - 1.0;
    }

private:
    /// Adds volumes, in the units of their voxels where their squares would leave the range of a double.
    void update_in_units(const FrameBlock<double>& block, VoxelRange range,
                         const std::vector<double>& signal) {
        const auto counts = [&](std::size_t k) { return wants(block.first + static_cast<std::int64_t>(k)); };
        const auto scaled = units_.in_units(block, range, counts, changes_units());
        std::vector<const double*> frames(block.frames.begin(), block.frames.end());
        for (std::size_t k = 0; k < scaled.size(); ++k) {
            if (!scaled[k].empty()) frames[k] = scaled[k].data();
        }
        add(FrameBlock<double>{block.first, frames}, range, signal);
    }

    /// Brings the sums of a voxel to another unit.
    [[nodiscard]] std::function<void(std::size_t, double)> changes_units() {
        return [this](std::size_t voxel, double factor) {
            const auto change = [&](std::vector<double>& sums) {
                for (std::size_t at = voxel; at < sums.size(); at += voxels_) sums[at] *= factor;
            };
            for (auto* const sums : {&origin_, &sum_, &products_, &open_products_, &own_products_})
                change(*sums);
            for (auto* const squares : {&squares_, &within_}) {
                change(*squares);
                change(*squares);
            }
        };
    }

    template <RealVoxel T>
    void add(const FrameBlock<T>& block, VoxelRange range, const std::vector<double>& signal) {
        bool finite = true;
        std::vector<const T*> volumes;
        std::vector<double> weights, raw;
        std::size_t slot = 0;
        const auto add_volumes = [&] {
            if (omits_) {
                finite &= add_left<T>(volumes, weights, raw, slot * voxels_, range);
                volumes.clear();
                weights.clear();
                return raw.clear();
            }
            const std::size_t at = slot * voxels_;
            finite &= add_deviations<T>(volumes, origin_.data() + at, sum_.data() + at, squares_.data() + at,
                                        range.first, range.last);
            add_products<T>(volumes, weights.data(), origin_.data() + at, products_.data(), range.first,
                            range.last);
            volumes.clear();
            weights.clear();
        };
        for (std::size_t k = 0; k < block.frames.size(); ++k) {
            const auto frame = block.first + static_cast<std::int64_t>(k);
            const auto& step = plan_.step(frame);
            if (step.chunk < 0) continue;
            if (step.slot != slot) add_volumes();
            slot = step.slot;
            if (step.first_of_cell && !omits_)
                begin_deviations(block.frames[k], origin_.data() + slot * voxels_,
                                 sum_.data() + slot * voxels_, squares_.data() + slot * voxels_, range);
            volumes.push_back(block.frames[k]);
            weights.push_back(signal[static_cast<std::size_t>(frame)]);
            if (omits_) raw.push_back(signal_[static_cast<std::size_t>(frame)]);
            if (!step.last_of_chunk) continue;
            // The sums of a chunk make room for those of the next.
            add_volumes();
            close(slot, plan_.counts(static_cast<std::size_t>(step.chunk))[0], range);
        }
        add_volumes();
        if (finite) return;
        for (std::size_t k = 0; k < block.frames.size(); ++k) {
            const auto frame = block.first + static_cast<std::int64_t>(k);
            if (wants(frame)) odd_.look_at(frame, block.frames[k], range);
        }
    }

    /// The group of every volume: all are in the first but those where the signal is NaN.
    [[nodiscard]] static std::vector<int> all_but_nan(const std::vector<double>& signal) {
        std::vector<int> out(signal.size());
        std::transform(signal.begin(), signal.end(), out.begin(),
                       [](double value) { return std::isnan(value) ? -1 : 0; });
        return out;
    }

    /// Has a voxel all its volumes left?
    [[nodiscard]] bool all_left(std::size_t voxel) const {
        return !omits_ || static_cast<double>(volumes_left_[voxel]) == volumes_;
    }

    /// Adds the volumes of a chunk where they are not NaN, in the order in which `add_deviations` and `add_products` do.
    /// \returns whether all squares are finite and nothing was left out
    template <RealVoxel T>
    bool add_left(const std::vector<const T*>& volumes, const std::vector<double>& weights,
                  const std::vector<double>& raw, std::size_t at, VoxelRange range) {
        bool finite = true;
        for (auto i = static_cast<std::size_t>(range.first); i < static_cast<std::size_t>(range.last); ++i) {
            const std::size_t place = at + i;
            for (std::size_t k = 0; k < volumes.size(); ++k) {
                const auto value = static_cast<double>(volumes[k][i]);
                if (std::isnan(value)) {
                    finite = false;
                    continue;
                }
                if (left_[place]++ == 0) {
                    origin_[place] = value;
                    signal_origin_[place] = raw[k];
                    for (auto* const maps :
                         {&sum_, &squares_, &signal_sum_, &signal_squares_, &open_products_}) {
                        (*maps)[place] = 0.0;
                    }
                }
                const double d = value - origin_[place];
                const double s = (raw[k] - signal_origin_[place]) / largest_;
                sum_[place] += d;
                squares_[place] += d * d;
                signal_sum_[place] += s;
                signal_squares_[place] += s * s;
                open_products_[place] += s * d;
                products_[i] += weights[k] * d;
            }
            finite = finite && (left_[place] == 0 || std::isfinite(squares_[place]));
        }
        return finite;
    }

    /// Replaces the values of a signal by what `of` (value, step, chunk) makes of them, 0 where a volume has no chunk.
    template <class Of>
    void for_each_volume(std::vector<double>& signal, const Of& of) const {
        for (std::size_t t = 0; t < signal.size(); ++t) {
            const auto& step = plan_.step(static_cast<std::int64_t>(t));
            signal[t] = step.chunk < 0 ? 0.0 : of(signal[t], step, static_cast<std::size_t>(step.chunk));
        }
    }

    /// Adds the squares of a chunk of n volumes to the sum over chunks.
    void close(std::size_t slot, double n, VoxelRange range) {
        for (auto i = static_cast<std::size_t>(range.first); i < static_cast<std::size_t>(range.last); ++i) {
            const std::size_t at = slot * voxels_ + i;
            if (omits_) n = close_signal(at, i);
            if (n == 0.0) continue;
            const double left = squares_[at] - sum_[at] * sum_[at] / n;
            within_[i] += left < 0.0 ? 0.0 : left;
        }
    }

    /// Adds the signal of a chunk, over the volumes that a voxel has left, to the sums over chunks, and begins to count those
    /// of the next one. \returns how many they are
    double close_signal(std::size_t at, std::size_t voxel) {
        const std::int32_t left = std::exchange(left_[at], 0);
        if (left == 0) return 0.0;
        const auto n = static_cast<double>(left);
        const double squares = signal_squares_[at] - signal_sum_[at] * signal_sum_[at] / n;
        own_squares_[voxel] += squares < 0.0 ? 0.0 : squares;
        own_products_[voxel] += open_products_[at] - signal_sum_[at] * sum_[at] / n;
        volumes_left_[voxel] += left;
        ++chunks_left_[voxel];
        return n;
    }

    ChunkPlan plan_;
    bool omits_ = false;
    double largest_ = 0.0, volumes_ = 0.0;
    std::size_t voxels_ = 0;
    std::vector<double> origin_, sum_, squares_;  // of open chunks: slots x voxels
    std::vector<double> within_, products_;
    // Only where NaN is left out: the signal as it came, its sums and its products with voxels over what these have left, of
    // open chunks and over chunks, and how many volumes and chunks a voxel has left.
    std::vector<double> signal_, signal_origin_, signal_sum_, signal_squares_, open_products_;
    std::vector<double> own_squares_, own_products_;
    std::vector<std::int32_t> left_, volumes_left_, chunks_left_;
    VoxelUnits units_;  // of all these, a voxel each
    NonFiniteCount odd_;
};

}  // namespace roi::detail
