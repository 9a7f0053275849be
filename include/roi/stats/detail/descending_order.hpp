// Positive numbers in descending order.
#pragma once

#include <algorithm>
#include <array>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <utility>
#include <vector>

namespace roi::detail {

/// Puts positive numbers in order, the largest first, with memory that is used again.
///
/// A radix sort in two passes by the leading bits of the numbers as float, which are ordered as they are; what those leave
/// equal is sorted by comparison.
class DescendingOrder {
public:
    /// Takes the numbers `sign * map[i]` that are above 0.
    void sort(const double* map, std::size_t size, double sign) {
        items_.clear();
        for (std::size_t i = 0; i < size; ++i) {
            const double value = sign * map[i];
            if (value > 0.0) items_.push_back({bits_of(value), static_cast<std::uint32_t>(i)});
        }
        sort_items();
        values_.resize(items_.size());
        for (std::size_t k = 0; k < items_.size(); ++k) values_[k] = sign * map[items_[k].number];
        for (std::size_t first = 0, last = 0; first < items_.size(); first = last) {
            for (last = first + 1; last < items_.size() && items_[last].key == items_[first].key;) ++last;
            if (last > first + 1) sort_equal(first, last);
        }
    }

    [[nodiscard]] std::size_t size() const { return items_.size(); }
    /// The k-th largest.
    [[nodiscard]] double value(std::size_t k) const { return values_[k]; }
    /// Its index.
    [[nodiscard]] std::size_t number(std::size_t k) const { return items_[k].number; }

private:
    struct Item {
        std::uint32_t key, number;
    };
    static constexpr int digit = 11;
    static constexpr std::uint32_t buckets = 1U << digit;

    [[nodiscard]] static std::uint32_t bits_of(double value) {
        return std::bit_cast<std::uint32_t>(static_cast<float>(value));
    }

    void sort_items() {
        std::uint32_t largest = 0, smallest = ~0U;
        for (const Item& item : items_) {
            largest = std::max(largest, item.key);
            smallest = std::min(smallest, item.key);
        }
        // Numbers 2^32 times smaller than the largest are left to the comparison, so that the others keep more bits.
        smallest = std::max(smallest, largest - std::min(largest, std::uint32_t{1} << 28));
        const int spare = std::max(0, static_cast<int>(std::bit_width(largest - smallest)) - 2 * digit);
        std::array<std::size_t, buckets> low{}, high{};
        for (Item& item : items_) {
            item.key = (largest - std::max(item.key, smallest)) >> spare;
            ++low[item.key & (buckets - 1)];
            ++high[item.key >> digit];
        }
        other_.resize(items_.size());
        scatter(items_, other_, low, 0);
        scatter(other_, items_, high, digit);
    }

    static void scatter(const std::vector<Item>& from, std::vector<Item>& to,
                        std::array<std::size_t, buckets>& starts, int shift) {
        std::size_t start = 0;
        for (std::size_t& count : starts) start += std::exchange(count, start);
        for (const Item& item : from) to[starts[(item.key >> shift) & (buckets - 1)]++] = item;
    }

    void sort_equal(std::size_t first, std::size_t last) {
        if (last - first <= 24) {
            for (std::size_t k = first + 1; k < last; ++k) {
                const double value = values_[k];
                const Item item = items_[k];
                std::size_t at = k;
                for (; at > first && values_[at - 1] < value; --at) {
                    values_[at] = values_[at - 1];
                    items_[at] = items_[at - 1];
                }
                values_[at] = value;
                items_[at] = item;
            }
            return;
        }
        pairs_.clear();
        for (std::size_t k = first; k < last; ++k) pairs_.emplace_back(values_[k], items_[k].number);
        std::stable_sort(pairs_.begin(), pairs_.end(),
                         [](const auto& a, const auto& b) { return a.first > b.first; });
        for (std::size_t k = first; k < last; ++k) {
            values_[k] = pairs_[k - first].first;
            items_[k].number = pairs_[k - first].second;
        }
    }

    std::vector<Item> items_, other_;
    std::vector<double> values_;
    std::vector<std::pair<double, std::uint32_t>> pairs_;
};

}  // namespace roi::detail
