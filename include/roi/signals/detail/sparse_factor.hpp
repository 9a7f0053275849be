// Solves equations of many maps, each of which overlaps with few others.
#pragma once

#include <roi/core/detail/instruction_set.hpp>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <vector>

namespace roi::detail {

/// A lower triangle L by columns, without its zeros, for L L' x = b.
struct SparseFactor {
    std::vector<double> diagonal;
    std::vector<std::size_t> starts{0};  // of each column among what follows, and the end
    std::vector<std::uint32_t> rows;     // below the diagonal
    std::vector<double> values;
};

/// Right sides that are solved together: a row holds the values of one unknown in all of them.
inline constexpr std::size_t factor_columns = 16;

/// \param x  `factor_columns` right sides; receives their solutions
ROI_ALWAYS_INLINE void solve_body(const SparseFactor& factor, double* x) {
    constexpr std::size_t vectors = factor_columns / 4;
    using Four [[gnu::vector_size(32)]] = double;
    using Row = Four[vectors];
    const auto load = [](Row& to, const double* from) { __builtin_memcpy(&to, from, sizeof to); };
    const auto store = [](double* to, const Row& from) { __builtin_memcpy(to, &from, sizeof from); };
    const std::size_t size = factor.diagonal.size();
    for (std::size_t j = 0; j < size; ++j) {
        Row of_j;
        load(of_j, x + j * factor_columns);
        for (auto& part : of_j) part /= factor.diagonal[j];
        store(x + j * factor_columns, of_j);
        for (std::size_t k = factor.starts[j]; k < factor.starts[j + 1]; ++k) {
            double* const at = x + factor.rows[k] * factor_columns;
            Row row;
            load(row, at);
            for (std::size_t part = 0; part < vectors; ++part) row[part] -= factor.values[k] * of_j[part];
            store(at, row);
        }
    }
    for (std::size_t j = size; j-- > 0;) {
        Row of_j;
        load(of_j, x + j * factor_columns);
        for (std::size_t k = factor.starts[j]; k < factor.starts[j + 1]; ++k) {
            Row row;
            load(row, x + factor.rows[k] * factor_columns);
            for (std::size_t part = 0; part < vectors; ++part) of_j[part] -= factor.values[k] * row[part];
        }
        for (auto& part : of_j) part /= factor.diagonal[j];
        store(x + j * factor_columns, of_j);
    }
}

ROI_TARGET_AVX2 inline void solve_avx2(const SparseFactor& factor, double* x) { solve_body(factor, x); }
inline void solve(const SparseFactor& factor, double* x) {
    if (use_avx2()) return solve_avx2(factor, x);
    solve_body(factor, x);
}

/// An order of unknowns in which a triangle keeps many zeros: always the one next that is tied to the fewest of those left
/// (minimum degree; Tinney and Walker 1967). Whoever is eliminated ties its neighbours to each other.
///
/// \param tied  `tied(i, k)`: is the product of i and k other than 0?
/// O(n (ties in the triangle) / 64), n^2 bits.
template <class Tied>
[[nodiscard]] std::vector<std::uint32_t> order_of_least_ties(std::size_t size, const Tied& tied) {
    const std::size_t words = (size + 63) / 64;
    std::vector<std::uint64_t> ties(size * words, 0);
    const auto bit = [](std::size_t k) { return std::uint64_t{1} << (k % 64); };
    for (std::size_t i = 0; i < size; ++i) {
        for (std::size_t k = 0; k < size; ++k) {
            if (i != k && tied(i, k)) ties[i * words + k / 64] |= bit(k);
        }
    }
    const auto count = [&](std::size_t i) {
        int out = 0;
        for (std::size_t w = 0; w < words; ++w) out += __builtin_popcountll(ties[i * words + w]);
        return out;
    };
    std::vector<int> degrees(size);
    for (std::size_t i = 0; i < size; ++i) degrees[i] = count(i);
    constexpr int gone = 0x7FFFFFFF;
    std::vector<std::uint32_t> out;
    while (out.size() < size) {
        const auto next =
            static_cast<std::size_t>(std::min_element(degrees.begin(), degrees.end()) - degrees.begin());
        out.push_back(static_cast<std::uint32_t>(next));
        degrees[next] = gone;
        const std::uint64_t* const own = ties.data() + next * words;
        for (std::size_t i = 0; i < size; ++i) {
            if ((own[i / 64] & bit(i)) == 0) continue;
            std::uint64_t* const others = ties.data() + i * words;
            for (std::size_t w = 0; w < words; ++w) others[w] |= own[w];
            others[i / 64] &= ~bit(i);
            others[next / 64] &= ~bit(next);
            degrees[i] = count(i);
        }
    }
    return out;
}

}  // namespace roi::detail
