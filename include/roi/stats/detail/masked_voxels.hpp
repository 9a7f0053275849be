// The voxels of a mask one after the other, each with its neighbours, and what clusters of them make of a map.
#pragma once

#include <roi/core/error.hpp>
#include <roi/image/grid.hpp>
#include <roi/image/volume.hpp>
#include <roi/morphology/structure.hpp>

#include <algorithm>
#include <array>
#include <bit>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <utility>
#include <vector>

namespace roi::detail {

/// The voxels of a mask, numbered in memory order, and which of them touch.
class MaskedVoxels {
public:
    MaskedVoxels(const Mask& mask, const Structure& connectivity) {
        const auto offsets = connectivity.offsets();
        for (const auto& [dx, dy, dz] : offsets) {
            require(std::abs(dx) <= 1 && std::abs(dy) <= 1 && std::abs(dz) <= 1,
                    "connectivity: expected a structure of 3 x 3 x 3 values");
        }
        const Shape& shape = mask.shape();
        // A border without voxels, so that no neighbour lies outside memory.
        const std::int64_t row = shape.x() + 2, plane = row * (shape.y() + 2);
        number_.assign(static_cast<std::size_t>(plane * (shape.z() + 2)), -1);
        for (std::int64_t i = 0; i < mask.size(); ++i) {
            if (!mask[i]) continue;
            const auto [x, y, z] = shape.voxel(i);
            const std::int64_t place = x + 1 + row * (y + 1) + plane * (z + 1);
            number_[static_cast<std::size_t>(place)] = static_cast<std::int32_t>(places_.size());
            places_.push_back(place);
            voxels_.push_back(i);
        }
        for (const auto& [dx, dy, dz] : offsets) {
            const std::int64_t step = dx + row * dy + plane * dz;
            if (step != 0) steps_.push_back(step);
        }
    }

    [[nodiscard]] std::size_t size() const { return places_.size(); }
    /// Position in memory of a voxel.
    [[nodiscard]] std::int64_t voxel(std::size_t number) const { return voxels_[number]; }

    template <class Use>
    void for_each_neighbour(std::int32_t number, const Use& use) const {
        const std::int64_t place = places_[static_cast<std::size_t>(number)];
        for (const std::int64_t step : steps_) {
            const std::int32_t other = number_[static_cast<std::size_t>(place + step)];
            if (other >= 0) use(other);
        }
    }

private:
    std::vector<std::int32_t> number_;
    std::vector<std::int64_t> places_, voxels_, steps_;
};

/// Sorts positive numbers and what belongs to them, the largest first and equal ones as they were, by the bits of their
/// representation, which are ordered as they are.
class DescendingSort {
public:
    struct Item {
        std::uint64_t bits;
        std::int32_t number;
    };

    /// \returns  the items in order
    [[nodiscard]] const std::vector<Item>& sorted(std::vector<Item>& items) {
        constexpr int digit = 11;
        constexpr std::uint64_t buckets = 1U << digit;
        other_.resize(items.size());
        auto* from = &items;
        auto* to = &other_;
        for (int shift = 0; shift < 64; shift += digit) {
            std::array<std::size_t, buckets> starts{};
            for (const Item& item : *from) ++starts[(~item.bits >> shift) & (buckets - 1)];
            // Digits that all items share need no pass.
            if (!from->empty() && starts[(~from->front().bits >> shift) & (buckets - 1)] == from->size())
                continue;
            std::size_t start = 0;
            for (std::size_t& count : starts) start += std::exchange(count, start);
            for (const Item& item : *from) (*to)[starts[(~item.bits >> shift) & (buckets - 1)]++] = item;
            std::swap(from, to);
        }
        return *from;
    }

private:
    std::vector<Item> other_;
};

/// Threshold-free cluster enhancement and clusters above a threshold, with memory that is used again from map to map.
class ClusterWork {
public:
    ClusterWork(const MaskedVoxels& voxels, double extent_power, double height_power)
        : voxels_(&voxels),
          extent_power_(extent_power),
          height_power_(height_power),
          finder_(voxels.size(), -1),
          parent_(voxels.size()),
          size_(voxels.size()) {}

    /// Adds the enhancement of `sign * map` to `out`, sign included; returns the largest.
    ///
    /// The integral of e(h)^E h^H over heights is a sum over the tree of components: a voxel joins the components of its
    /// higher neighbours into one, whose size counts until a lower voxel joins it in turn. Voxels are visited from the
    /// highest to the lowest; components are found by a union-find.
    ///
    /// \param out  may be null, when only the largest is wanted
    double enhance(const double* map, double sign, double* out) {
        items_.clear();
        for (std::size_t i = 0; i < voxels_->size(); ++i) {
            const double value = sign * map[i];
            if (value > 0.0)
                items_.push_back({std::bit_cast<std::uint64_t>(value), static_cast<std::int32_t>(i)});
        }
        const auto& order = sort_.sorted(items_);
        for (const auto& item : order) {
            const std::int32_t v = item.number;
            const auto at = static_cast<std::size_t>(v);
            finder_[at] = parent_[at] = v;
            size_[at] = 1;
            voxels_->for_each_neighbour(v, [&](std::int32_t other) {
                if (finder_[static_cast<std::size_t>(other)] < 0) return;
                const std::int32_t root = find(other);
                if (root == v) return;
                finder_[static_cast<std::size_t>(root)] = v;
                parent_[static_cast<std::size_t>(root)] = v;
                // All of its voxels are higher and have been counted.
                size_[at] += size_[static_cast<std::size_t>(root)];
            });
        }
        values_.resize(voxels_->size());
        double largest = 0.0;
        for (auto item = order.rbegin(); item != order.rend(); ++item) {
            const auto at = static_cast<std::size_t>(item->number);
            const auto parent = static_cast<std::size_t>(parent_[at]);
            const double height = power_of_height(std::bit_cast<double>(item->bits));
            const double below = parent == at ? 0.0 : power_of_height(sign * map[parent]);
            values_[at] = (parent == at ? 0.0 : values_[parent]) +
                          power_of_extent(static_cast<double>(size_[at])) * (height - below);
            largest = std::max(largest, values_[at]);
            if (out) out[at] += sign * values_[at];
            finder_[at] = -1;
        }
        return largest;
    }

    /// Calls `use(members, mass)` for every cluster of voxels where `sign * map` is above `threshold`; the mass is the sum
    /// of what is above it.
    template <class Use>
    void clusters(const double* map, double sign, double threshold, const Use& use) {
        seen_.assign(voxels_->size(), 0);
        std::vector<std::int32_t> members;
        for (std::size_t start = 0; start < voxels_->size(); ++start) {
            if (seen_[start] || !(sign * map[start] > threshold)) continue;
            members.assign(1, static_cast<std::int32_t>(start));
            seen_[start] = 1;
            double mass = 0.0;
            for (std::size_t k = 0; k < members.size(); ++k) {
                mass += sign * map[members[k]] - threshold;
                voxels_->for_each_neighbour(members[k], [&](std::int32_t other) {
                    const auto at = static_cast<std::size_t>(other);
                    if (seen_[at] || !(sign * map[at] > threshold)) return;
                    seen_[at] = 1;
                    members.push_back(other);
                });
            }
            use(members, mass);
        }
    }

private:
    /// The voxel that was last joined to a component.
    [[nodiscard]] std::int32_t find(std::int32_t v) {
        std::int32_t root = v;
        while (finder_[static_cast<std::size_t>(root)] != root)
            root = finder_[static_cast<std::size_t>(root)];
        while (v != root) v = std::exchange(finder_[static_cast<std::size_t>(v)], root);
        return root;
    }

    [[nodiscard]] double power_of_extent(double extent) const {
        return extent_power_ == 0.5 ? std::sqrt(extent) : std::pow(extent, extent_power_);
    }
    /// The integral of h^H from 0.
    [[nodiscard]] double power_of_height(double height) const {
        if (height_power_ == 2.0) return height * height * height / 3.0;
        return std::pow(height, height_power_ + 1.0) / (height_power_ + 1.0);
    }

    const MaskedVoxels* voxels_;
    double extent_power_, height_power_;
    std::vector<DescendingSort::Item> items_;
    DescendingSort sort_;
    std::vector<std::int32_t> finder_, parent_, size_;
    std::vector<double> values_;
    std::vector<char> seen_;
};

}  // namespace roi::detail
