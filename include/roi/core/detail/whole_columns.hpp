// Sixteen volumes of 16-bit whole numbers side by side: their sums, squares and order, in vectors of the compiler's own.
#pragma once

#include <roi/core/detail/instruction_set.hpp>
#include <roi/core/detail/sort_columns.hpp>

#include <algorithm>
#include <array>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <vector>

namespace roi::detail {

/// What is added up here has no rounding: sums of whole numbers are the same in any order, and so are those in double.
using WholeNumber = std::int16_t;

/// Volumes that lie side by side: a row holds the values of one voxel in all of them.
inline constexpr std::size_t whole_columns = 16;

// A row, and its halves, as the compiler's vectors: additions, comparisons and shuffles without names of instructions.
using WholeRow [[gnu::vector_size(32)]] = WholeNumber;
using WholeHalfRow [[gnu::vector_size(16)]] = WholeNumber;
using WholePairs [[gnu::vector_size(32)]] = std::int32_t;
using FourWholes [[gnu::vector_size(16)]] = std::int32_t;
using FourDoubles [[gnu::vector_size(32)]] = double;

/// Four values, widened. Into `out`: where a processor of 32 bits has no vectors, how one is returned would depend on the
/// compiler's options.
ROI_ALWAYS_INLINE void widen_four(const WholeNumber* values, FourWholes& out) {
    out = FourWholes{values[0], values[1], values[2], values[3]};
}

/// Turns eight values of each of eight volumes by their diagonal: `out` gets a row of eight for each voxel.
/// \param stride  between two rows of `out`
ROI_ALWAYS_INLINE void turn_eight(const WholeNumber* const* volumes, std::int64_t from, WholeNumber* out,
                                  std::size_t stride) {
    WholeHalfRow a[8], b[8];
    for (std::size_t k = 0; k < 8; ++k) std::memcpy(&a[k], volumes[k] + from, sizeof a[k]);
    // Three times: what stands four apart comes to stand side by side.
    for (std::size_t k = 0; k < 4; ++k) {
        b[2 * k] = __builtin_shufflevector(a[k], a[k + 4], 0, 8, 1, 9, 2, 10, 3, 11);
        b[2 * k + 1] = __builtin_shufflevector(a[k], a[k + 4], 4, 12, 5, 13, 6, 14, 7, 15);
    }
    for (std::size_t k = 0; k < 4; ++k) {
        a[2 * k] = __builtin_shufflevector(b[k], b[k + 4], 0, 8, 1, 9, 2, 10, 3, 11);
        a[2 * k + 1] = __builtin_shufflevector(b[k], b[k + 4], 4, 12, 5, 13, 6, 14, 7, 15);
    }
    for (std::size_t k = 0; k < 4; ++k) {
        b[2 * k] = __builtin_shufflevector(a[k], a[k + 4], 0, 8, 1, 9, 2, 10, 3, 11);
        b[2 * k + 1] = __builtin_shufflevector(a[k], a[k + 4], 4, 12, 5, 13, 6, 14, 7, 15);
    }
    for (std::size_t k = 0; k < 8; ++k) std::memcpy(out + k * stride, &b[k], sizeof b[k]);
}

/// Puts `count` consecutive voxels of all volumes side by side.
ROI_ALWAYS_INLINE void side_by_side(const WholeNumber* const* volumes, std::int64_t from, std::size_t count,
                                    WholeNumber* out) {
    std::size_t i = 0;
    for (; i + 8 <= count; i += 8, from += 8, out += 8 * whole_columns) {
        turn_eight(volumes, from, out, whole_columns);
        turn_eight(volumes + 8, from, out + 8, whole_columns);
    }
    for (; i < count; ++i, ++from, out += whole_columns) {
        for (std::size_t k = 0; k < whole_columns; ++k) out[k] = volumes[k][from];
    }
}

/// Adds rows to sums; fewer than 65,536 rows, so that no sum of one column leaves 32 bits.
ROI_ALWAYS_INLINE void add_rows(const WholeNumber* rows, std::size_t count, std::int32_t* sums) {
    // Two neighbours share 32 bits: the upper is that, shifted, the lower is what a shift up and down leaves.
    WholePairs low{}, high{};
    for (std::size_t i = 0; i < count; ++i) {
        WholePairs pairs;
        std::memcpy(&pairs, rows + i * whole_columns, sizeof pairs);
        low += (pairs << 16) >> 16;
        high += pairs >> 16;
    }
    if constexpr (std::endian::native == std::endian::big) std::swap(low, high);
    WholePairs first, second;
    std::memcpy(&first, sums, sizeof first);
    std::memcpy(&second, sums + 8, sizeof second);
    first += __builtin_shufflevector(low, high, 0, 8, 1, 9, 2, 10, 3, 11);
    second += __builtin_shufflevector(low, high, 4, 12, 5, 13, 6, 14, 7, 15);
    std::memcpy(sums, &first, sizeof first);
    std::memcpy(sums + 8, &second, sizeof second);
}

/// Consecutive rows of one region in one part of all rows.
struct WholePiece {
    std::uint32_t first, count, region, part;
};

/// Adds rows to the sums of their regions.
/// \param sums  sixteen for each region
ROI_ALWAYS_INLINE void add_pieces(const WholePiece* pieces, std::size_t count, const WholeNumber* rows,
                                  std::int32_t* sums) {
    for (std::size_t i = 0; i < count; ++i) {
        add_rows(rows + pieces[i].first * whole_columns, pieces[i].count,
                 sums + pieces[i].region * whole_columns);
    }
}

/// Adds the squares of what is left of each value without that of the first row and a shift, in the order of the rows.
ROI_ALWAYS_INLINE void add_squares(const WholeNumber* rows, std::size_t count, const double* shift,
                                   double* squares) {
    for (std::size_t k = 0; k < whole_columns; k += 8) {
        FourDoubles less[2], sum[2];
        std::memcpy(less, shift + k, sizeof less);
        std::memcpy(sum, squares + k, sizeof sum);
        for (std::size_t i = 0; i < count; ++i) {
            for (std::size_t half = 0; half < 2; ++half) {
                const std::size_t at = k + 4 * half;
                FourWholes value, first;
                widen_four(rows + i * whole_columns + at, value);
                widen_four(rows + at, first);
                const FourDoubles d = __builtin_convertvector(value - first, FourDoubles) - less[half];
                sum[half] += d * d;
            }
        }
        std::memcpy(squares + k, sum, sizeof sum);
    }
}

/// How two stretches of rows are put in order.
struct OrderWholeRows {
    using Value = WholeNumber;
    static constexpr std::size_t columns = whole_columns;

    ROI_ALWAYS_INLINE static void rows(WholeNumber* low, WholeNumber* high, std::size_t count) {
        for (std::size_t i = 0; i < count * columns; i += columns) {
            WholeRow a, b;
            std::memcpy(&a, low + i, sizeof a);
            std::memcpy(&b, high + i, sizeof b);
            const WholeRow less = a < b ? a : b, more = a < b ? b : a;
            std::memcpy(low + i, &less, sizeof less);
            std::memcpy(high + i, &more, sizeof more);
        }
    }
};

/// Adds up rows times weights, in this order.
/// \param row_of  which rows
ROI_ALWAYS_INLINE void add_weighted(const WholeNumber* rows, const std::uint32_t* row_of,
                                    const double* weights, std::size_t count, double* sums) {
    FourDoubles sum[4] = {};
    for (std::size_t i = 0; i < count; ++i) {
        const WholeNumber* const row = rows + row_of[i] * whole_columns;
        for (std::size_t part = 0; part < 4; ++part) {
            FourWholes value;
            widen_four(row + 4 * part, value);
            sum[part] += weights[i] * __builtin_convertvector(value, FourDoubles);
        }
    }
    std::memcpy(sums, sum, sizeof sum);
}

ROI_TARGET_AVX2 inline void add_weighted_avx2(const WholeNumber* rows, const std::uint32_t* row_of,
                                              const double* weights, std::size_t count, double* sums) {
    add_weighted(rows, row_of, weights, count, sums);
}
ROI_TARGET_AVX2 inline void side_by_side_avx2(const WholeNumber* const* volumes, std::int64_t from,
                                              std::size_t count, WholeNumber* out) {
    side_by_side(volumes, from, count, out);
}
ROI_TARGET_AVX2 inline void add_rows_avx2(const WholeNumber* rows, std::size_t count, std::int32_t* sums) {
    add_rows(rows, count, sums);
}
ROI_TARGET_AVX2 inline void add_pieces_avx2(const WholePiece* pieces, std::size_t count,
                                            const WholeNumber* rows, std::int32_t* sums) {
    add_pieces(pieces, count, rows, sums);
}
ROI_TARGET_AVX2 inline void add_squares_avx2(const WholeNumber* rows, std::size_t count, const double* shift,
                                             double* squares) {
    add_squares(rows, count, shift, squares);
}

/// The sums of rows times weights.
[[nodiscard]] inline std::array<double, whole_columns> weighted_rows(const WholeNumber* rows,
                                                                     const std::uint32_t* row_of,
                                                                     const double* weights,
                                                                     std::size_t count) {
    std::array<double, whole_columns> out;
    if (use_avx2()) {
        add_weighted_avx2(rows, row_of, weights, count, out.data());
    } else {
        add_weighted(rows, row_of, weights, count, out.data());
    }
    return out;
}

/// Copies chosen rows, one after the other.
inline void take_rows(const WholeNumber* rows, const std::uint32_t* row_of, std::size_t count,
                      WholeNumber* out) {
    for (std::size_t i = 0; i < count; ++i, out += whole_columns) {
        std::memcpy(out, rows + row_of[i] * whole_columns, sizeof(WholeRow));
    }
}

/// The values of one region in sixteen volumes; what several statistics need of them is found once.
class WholeColumns {
public:
    /// A number for each volume.
    using Each = std::array<double, whole_columns>;

    /// Takes another region. \param rows  its values, row after row; one or more, which stay where they are
    void look_at(const WholeNumber* rows, std::size_t count) {
        rows_ = rows;
        count_ = count;
        have_sums_ = have_variances_ = have_sorted_ = false;
    }

    /// Says whether some statistic will want the rows sorted: others then look there, too.
    void will_be_sorted(bool sorts) { sorts_ = sorts; }

    [[nodiscard]] std::size_t rows() const { return count_; }

    /// Sums of consecutive rows; exact.
    [[nodiscard]] static Each sums(const WholeNumber* rows, std::size_t count) {
        Each out{};
        constexpr std::size_t most = 65535;
        for (std::size_t first = 0; first < count; first += most) {
            std::array<std::int32_t, whole_columns> part{};
            const auto length = std::min(most, count - first);
            if (use_avx2()) {
                add_rows_avx2(rows + first * whole_columns, length, part.data());
            } else {
                add_rows(rows + first * whole_columns, length, part.data());
            }
            for (std::size_t k = 0; k < whole_columns; ++k) out[k] += part[k];
        }
        return out;
    }
    [[nodiscard]] const Each& sums() {
        if (!have_sums_) sums_ = sums(rows_, count_);
        have_sums_ = true;
        return sums_;
    }

    /// Variances, divided by the number of rows, with the additions of `statistic::variances`.
    [[nodiscard]] const Each& variances() {
        if (have_variances_) return variances_;
        have_variances_ = true;
        const auto size = static_cast<double>(count_);
        Each shift = sums();
        // Of differences from the first row.
        for (std::size_t k = 0; k < whole_columns; ++k) shift[k] = (shift[k] - size * rows_[k]) / size;
        variances_.fill(0.0);
        if (use_avx2()) {
            add_squares_avx2(rows_, count_, shift.data(), variances_.data());
        } else {
            add_squares(rows_, count_, shift.data(), variances_.data());
        }
        for (double& value : variances_) value /= size;
        return variances_;
    }

    /// The rows with every column sorted, smallest first.
    [[nodiscard]] const WholeNumber* sorted() {
        if (have_sorted_) return sorted_.data();
        have_sorted_ = true;
        sorted_.assign(rows_, rows_ + count_ * whole_columns);
        sort_columns_by<OrderWholeRows>(sorted_.data(), count_);
        return sorted_.data();
    }
    [[nodiscard]] Each sorted_row(std::size_t row) {
        Each out;
        std::copy_n(sorted() + row * whole_columns, whole_columns, out.begin());
        return out;
    }

    [[nodiscard]] Each sorted_sums(std::size_t first, std::size_t count) {
        return sums(sorted() + first * whole_columns, count);
    }

    [[nodiscard]] Each least() { return sorts_ ? sorted_row(0) : outermost<true>(); }
    [[nodiscard]] Each largest() { return sorts_ ? sorted_row(count_ - 1) : outermost<false>(); }

private:
    template <bool Least>
    [[nodiscard]] Each outermost() const {
        WholeRow found;
        std::memcpy(&found, rows_, sizeof found);
        for (std::size_t i = 1; i < count_; ++i) {
            WholeRow row;
            std::memcpy(&row, rows_ + i * whole_columns, sizeof row);
            found = (Least ? row < found : found < row) ? row : found;
        }
        Each out;
        for (std::size_t k = 0; k < whole_columns; ++k) out[k] = found[k];
        return out;
    }

    const WholeNumber* rows_ = nullptr;
    std::size_t count_ = 0;
    bool sorts_ = false, have_sums_ = false, have_variances_ = false, have_sorted_ = false;
    Each sums_{}, variances_{};
    std::vector<WholeNumber> sorted_;
};

}  // namespace roi::detail
