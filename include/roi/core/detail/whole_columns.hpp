// Sixteen volumes of 16-bit whole numbers side by side: their sums, squares and order, in vectors of the compiler's own.
#pragma once

#include <roi/core/detail/instruction_set.hpp>

#include <algorithm>
#include <array>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <limits>
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

ROI_ALWAYS_INLINE void load_row(WholeRow& row, const WholeNumber* from) {
    std::memcpy(&row, from, sizeof row);
}
ROI_ALWAYS_INLINE void store_row(WholeNumber* to, const WholeRow& row) { std::memcpy(to, &row, sizeof row); }

/// Puts two rows in order, column by column. (No lambdas here: what is not inlined at once is compiled without AVX2.)
ROI_ALWAYS_INLINE void order_rows(WholeRow& low, WholeRow& high) {
    const WholeRow less = low < high ? low : high;
    high = low < high ? high : low;
    low = less;
}

/// Puts rows in order that lie so far apart. \param count  of pairs
ROI_ALWAYS_INLINE void order_apart(WholeNumber* low, WholeNumber* high, std::size_t count,
                                   std::ptrdiff_t step) {
    for (std::size_t i = 0; i < count; ++i, low += whole_columns, high += step) {
        WholeRow a, b;
        load_row(a, low);
        load_row(b, high);
        order_rows(a, b);
        store_row(low, a);
        store_row(high, b);
    }
}

/// Puts eight rows in order that lie one after the other, in registers (an array of them would go by way of memory): by 19
/// comparisons, or where they are a bitonic sequence by 12.
template <bool Bitonic>
ROI_ALWAYS_INLINE void order_eight(WholeNumber* rows) {
    WholeRow r0, r1, r2, r3, r4, r5, r6, r7;
    load_row(r0, rows + 0 * whole_columns);
    load_row(r1, rows + 1 * whole_columns);
    load_row(r2, rows + 2 * whole_columns);
    load_row(r3, rows + 3 * whole_columns);
    load_row(r4, rows + 4 * whole_columns);
    load_row(r5, rows + 5 * whole_columns);
    load_row(r6, rows + 6 * whole_columns);
    load_row(r7, rows + 7 * whole_columns);
    if constexpr (Bitonic) {
        order_rows(r0, r4);
        order_rows(r1, r5);
        order_rows(r2, r6);
        order_rows(r3, r7);
        order_rows(r0, r2);
        order_rows(r1, r3);
        order_rows(r4, r6);
        order_rows(r5, r7);
        order_rows(r0, r1);
        order_rows(r2, r3);
        order_rows(r4, r5);
        order_rows(r6, r7);
    } else {
        order_rows(r0, r2);
        order_rows(r1, r3);
        order_rows(r4, r6);
        order_rows(r5, r7);
        order_rows(r0, r4);
        order_rows(r1, r5);
        order_rows(r2, r6);
        order_rows(r3, r7);
        order_rows(r0, r1);
        order_rows(r2, r3);
        order_rows(r4, r5);
        order_rows(r6, r7);
        order_rows(r2, r4);
        order_rows(r3, r5);
        order_rows(r1, r4);
        order_rows(r3, r6);
        order_rows(r1, r2);
        order_rows(r3, r4);
        order_rows(r5, r6);
    }
    store_row(rows + 0 * whole_columns, r0);
    store_row(rows + 1 * whole_columns, r1);
    store_row(rows + 2 * whole_columns, r2);
    store_row(rows + 3 * whole_columns, r3);
    store_row(rows + 4 * whole_columns, r4);
    store_row(rows + 5 * whole_columns, r5);
    store_row(rows + 6 * whole_columns, r6);
    store_row(rows + 7 * whole_columns, r7);
}

/// One step of a bitonic merge: rows from `first` on, each with that so far behind it, if there is one before `end`.
ROI_ALWAYS_INLINE void order_within(WholeNumber* values, std::size_t first, std::size_t apart,
                                    std::size_t end) {
    if (first + apart >= end) return;
    order_apart(values + first * whole_columns, values + (first + apart) * whole_columns,
                std::min(apart, end - first - apart), static_cast<std::ptrdiff_t>(whole_columns));
}

/// Two steps of a bitonic merge at once: rows `apart` from each other, then rows half as far.
ROI_ALWAYS_INLINE void order_four_apart(WholeNumber* rows, std::size_t apart) {
    const std::size_t step = apart / 2 * whole_columns;
    for (WholeNumber* at = rows; at != rows + step; at += whole_columns) {
        WholeRow r0, r1, r2, r3;
        load_row(r0, at);
        load_row(r1, at + step);
        load_row(r2, at + 2 * step);
        load_row(r3, at + 3 * step);
        order_rows(r0, r2);
        order_rows(r1, r3);
        order_rows(r0, r1);
        order_rows(r2, r3);
        store_row(at, r0);
        store_row(at + step, r1);
        store_row(at + 2 * step, r2);
        store_row(at + 3 * step, r3);
    }
}

/// Sorts every column by bitonic merges of sorted blocks (Knuth, The Art of Computer Programming 3, 5.3.4), the smallest
/// first: what is compared does not depend on the values. Rows beyond the last count as larger than all.
/// \param rows  how many; a multiple of 8
ROI_ALWAYS_INLINE void sort_rows_body(WholeNumber* values, std::size_t rows) {
    for (std::size_t i = 0; i < rows; i += 8) order_eight<false>(values + i * whole_columns);
    for (std::size_t half = 8; half < rows; half *= 2) {
        for (std::size_t start = 0; start + half < rows; start += 2 * half) {
            // The second half backwards behind the first one is a bitonic sequence.
            const std::size_t end = std::min(rows, start + 2 * half), missing = start + 2 * half - end;
            order_apart(values + (start + missing) * whole_columns, values + (end - 1) * whole_columns,
                        half - missing, -static_cast<std::ptrdiff_t>(whole_columns));
            for (std::size_t apart = half / 2; apart >= 8; apart /= 2) {
                const bool two = apart >= 16;
                for (std::size_t i = start; i < end; i += 2 * apart) {
                    if (two && i + 2 * apart <= end) {
                        order_four_apart(values + i * whole_columns, apart);
                        continue;
                    }
                    order_within(values, i, apart, end);
                    if (!two) continue;
                    order_within(values, i, apart / 2, end);
                    order_within(values, i + apart, apart / 2, end);
                }
                if (two) apart /= 2;
            }
            for (std::size_t i = start; i < end; i += 8) order_eight<true>(values + i * whole_columns);
        }
    }
}

ROI_TARGET_AVX2 inline void sort_rows_avx2(WholeNumber* values, std::size_t rows) {
    sort_rows_body(values, rows);
}

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
        const std::size_t whole = (count_ + 7) / 8 * 8;
        sorted_.resize(whole * whole_columns);
        const auto end = std::copy_n(rows_, count_ * whole_columns, sorted_.begin());
        std::fill(end, sorted_.end(), std::numeric_limits<WholeNumber>::max());
        if (use_avx2()) {
            sort_rows_avx2(sorted_.data(), whole);
        } else {
            sort_rows_body(sorted_.data(), whole);
        }
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
