// Sorts a few columns of numbers at once, side by side.
#pragma once

#include <roi/core/detail/instruction_set.hpp>

#include <cstddef>

namespace roi::detail {

/// How two stretches of doubles are put in order: exchanged where the first is larger, value by value.
template <std::size_t Columns>
struct OrderDoubles {
    using Value = double;
    static constexpr std::size_t columns = Columns;

    ROI_ALWAYS_INLINE static void rows(double* __restrict low, double* __restrict high, std::size_t count) {
        for (std::size_t i = 0; i < count * Columns; ++i) {
            const double a = low[i], b = high[i];
            low[i] = a < b ? a : b;
            high[i] = a > b ? a : b;
        }
    }
};

/// Batcher's merge exchange (Knuth, The Art of Computer Programming 3, algorithm 5.2.2 M): which values are compared does
/// not depend on them, so columns go side by side and nothing is guessed wrong.
template <class Order>
ROI_ALWAYS_INLINE void sort_columns_body(typename Order::Value* values, std::size_t rows) {
    if (rows < 2) return;
    std::size_t top = 1;
    while (2 * top < rows) top *= 2;
    for (std::size_t p = top; p > 0; p /= 2) {
        std::size_t r = 0;
        for (std::size_t q = top, d = p;; d = q - p, q /= 2, r = p) {
            // Rows i with i & p == r: stretches of p rows.
            for (std::size_t i = r; i + d < rows; i += 2 * p) {
                const std::size_t count = i + p + d <= rows ? p : rows - d - i;
                Order::rows(values + i * Order::columns, values + (i + d) * Order::columns, count);
            }
            if (q == p) break;
        }
    }
}

template <class Order>
ROI_TARGET_AVX2 void sort_columns_avx2(typename Order::Value* values, std::size_t rows) {
    sort_columns_body<Order>(values, rows);
}

/// Sorts each column, smallest first, of values that lie row after row and are not NaN. O(rows log^2 rows), for hundreds of
/// rows several times as fast as one column after the other.
template <class Order>
void sort_columns_by(typename Order::Value* values, std::size_t rows) {
    if (use_avx2()) return sort_columns_avx2<Order>(values, rows);
    sort_columns_body<Order>(values, rows);
}
template <std::size_t Columns>
void sort_columns(double* values, std::size_t rows) {
    sort_columns_by<OrderDoubles<Columns>>(values, rows);
}

}  // namespace roi::detail
