// What clusters of voxels make of a map: threshold-free enhancement, and clusters above a threshold.
#pragma once

#include <roi/core/detail/fetch_ahead.hpp>
#include <roi/stats/detail/descending_order.hpp>
#include <roi/stats/detail/masked_voxels.hpp>

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <utility>
#include <vector>

namespace roi::detail {

/// Threshold-free cluster enhancement and clusters above a threshold, with memory that is used again from map to map.
class ClusterWork {
public:
    ClusterWork(const MaskedVoxels& voxels, double extent_power, double height_power)
        : voxels_(&voxels), extent_power_(extent_power), height_power_(height_power) {}

    /// Adds the enhancement of `sign * map` to `out`, sign included; returns the largest.
    ///
    /// The integral of e(h)^E h^H over heights is a sum over the tree of components: a voxel joins the components of its
    /// higher neighbours into one, whose size counts until a lower voxel joins it in turn. Voxels are visited from the
    /// highest to the lowest; components are found by a union-find. Nodes of the tree are numbered in that order.
    ///
    /// \param out  may be null, when only the largest is wanted
    double enhance(const double* map, double sign, double* out) {
        order_.sort(map, voxels_->size(), sign);
        const std::size_t count = order_.size();
        join();
        values_.resize(count);
        heights_.resize(count);
        for (std::size_t k = 0; k < count; ++k) heights_[k] = power_of_height(order_.value(k));
        double largest = 0.0;
        for (std::size_t k = count; k-- > 0;) {
            const std::int32_t parent = nodes_[k].parent;
            const auto at = static_cast<std::size_t>(parent);
            const double extent = power_of_extent(static_cast<double>(nodes_[k].size));
            values_[k] =
                (parent < 0 ? 0.0 : values_[at]) + extent * (heights_[k] - (parent < 0 ? 0.0 : heights_[at]));
            largest = std::max(largest, values_[k]);
        }
        if (!out) return largest;
        for (std::size_t k = 0; k < count; ++k) out[order_.number(k)] += sign * values_[k];
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
    /// A voxel when it was visited: how many voxels its component had, and the next voxel that joined it, -1 for none.
    struct Node {
        std::int32_t parent, size;
    };
    /// A component that began at a local maximum: how many voxels, the one that was last joined to it, and the component
    /// that took it up, itself for none.
    struct Component {
        std::int32_t above, size, last;
    };

    /// Makes the tree of components of the voxels in order.
    ///
    /// The union-find is over components, not voxels: there are as many as local maxima, which stay in cache. A voxel keeps
    /// the component that it was given.
    void join() {
        const std::size_t count = order_.size();
        const auto& place_of = voxels_->place_of();
        const auto steps = voxels_->steps(), lines = voxels_->lines();
        places_.resize(count);
        for (std::size_t k = 0; k < count; ++k) places_[k] = place_of[order_.number(k)];
        component_of_.assign(voxels_->places(), -1);
        components_.clear();
        nodes_.resize(count);
        std::int32_t there[27];
        constexpr std::size_t ahead = 12;  // voxels whose neighbours are fetched before they are needed
        for (std::size_t k = 0; k < count; ++k) {
            if (k + ahead < count) {
                const std::int32_t* next = component_of_.data() + places_[k + ahead];
                for (const std::int32_t line : lines) fetch_ahead(next + line);
            }
            const std::int32_t place = places_[k];
            // Without a branch, for which of the neighbours are there is chance.
            std::size_t found = 0;
            for (const std::int32_t step : steps) {
                there[found] = component_of_[static_cast<std::size_t>(place + step)];
                found += there[found] >= 0 ? 1U : 0U;
            }
            const auto node = static_cast<std::int32_t>(k);
            std::int32_t& own = component_of_[static_cast<std::size_t>(place)];
            if (found == 0) {
                own = static_cast<std::int32_t>(components_.size());
                components_.push_back({own, 1, node});
                nodes_[k] = {-1, 1};
                continue;
            }
            std::int32_t root = find(there[0]);
            nodes_[static_cast<std::size_t>(component(root).last)].parent = node;
            for (std::size_t i = 1; i < found; ++i) {
                if (there[i] == root) continue;
                std::int32_t other = find(there[i]);
                if (other == root) continue;
                nodes_[static_cast<std::size_t>(component(other).last)].parent = node;
                // The smaller one is hung below the larger one, so that paths stay short.
                if (component(root).size < component(other).size) std::swap(root, other);
                component(other).above = root;
                component(root).size += component(other).size;
            }
            own = root;
            component(root).last = node;
            nodes_[k] = {-1, ++component(root).size};
        }
    }

    [[nodiscard]] Component& component(std::int32_t number) {
        return components_[static_cast<std::size_t>(number)];
    }

    /// The component that has taken up another one in the end; halves the path to it.
    [[nodiscard]] std::int32_t find(std::int32_t number) {
        for (;;) {
            std::int32_t& above = component(number).above;
            const std::int32_t next = component(above).above;
            if (next == above) return above;
            above = next;
            number = next;
        }
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
    DescendingOrder order_;
    std::vector<std::int32_t> places_, component_of_;
    std::vector<Component> components_;
    std::vector<Node> nodes_;
    std::vector<double> values_, heights_;
    std::vector<char> seen_;
};

}  // namespace roi::detail
