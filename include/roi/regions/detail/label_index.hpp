// The labels that an atlas holds, and walks over stretches of equal ones.
#pragma once

#include <roi/core/concepts.hpp>
#include <roi/image/grid.hpp>
#include <roi/image/view.hpp>

#include <algorithm>
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <type_traits>
#include <utility>
#include <vector>

namespace roi::detail {

/// Calls `visit(label, x, end, line)` for every stretch of voxels along x with one label, for lines from `first` to
/// before `last`; line y + ny z has the voxels from nx * line on.
template <class T, class Visit>
void for_each_stretch(const T* labels, const Shape& shape, std::int64_t first, std::int64_t last,
                      Visit&& visit) {
    const T* voxel = labels + first * shape.x();
    for (std::int64_t line = first; line < last; ++line, voxel += shape.x()) {
        for (std::int64_t x = 0, end = 0; x < shape.x(); x = end) {
            for (end = x + 1; end < shape.x() && voxel[end] == voxel[x];) ++end;
            visit(voxel[x], x, end, line);
        }
    }
}

template <class T, class Visit>
void for_each_stretch(const T* labels, const Shape& shape, Visit&& visit) {
    if (shape.size() > 0) for_each_stretch(labels, shape, 0, shape.y() * shape.z(), visit);
}

/// Distinct labels in ascending order, and the rank of each among them.
template <IntegerVoxel T>
class LabelIndex {
public:
    static constexpr std::size_t none = static_cast<std::size_t>(-1);

    /// The labels that occur in a volume, but 0.
    explicit LabelIndex(VolumeView<const T> volume) {
        if (volume.size() == 0) return;
        const T* const voxels = volume.data();
        T least = voxels[0], largest = voxels[0];
        for (std::int64_t i = 0; i < volume.size(); ++i) {
            least = std::min(least, voxels[i]);
            largest = std::max(largest, voxels[i]);
        }
        if (distance(least, largest) < most_entries) {
            std::vector<bool> seen(place(least, largest) + 1);
            for_each_stretch(voxels, volume.shape(), [&](T label, std::int64_t, std::int64_t, std::int64_t) {
                seen[place(least, label)] = true;
            });
            for (std::size_t i = 0; i < seen.size(); ++i) {
                const T label = static_cast<T>(static_cast<std::make_unsigned_t<T>>(least) + i);
                if (seen[i] && label != 0) labels_.push_back(label);
            }
        } else {
            for_each_stretch(voxels, volume.shape(), [&](T label, std::int64_t, std::int64_t, std::int64_t) {
                if (label != 0 && (labels_.empty() || labels_.back() != label)) labels_.push_back(label);
            });
        }
        make_index();
    }

    /// These labels, in any order, some of them perhaps twice.
    explicit LabelIndex(std::vector<T> labels) : labels_(std::move(labels)) { make_index(); }

    [[nodiscard]] const std::vector<T>& labels() const { return labels_; }
    [[nodiscard]] std::size_t size() const { return labels_.size(); }

    /// Rank of a label; `none` when it is not among them.
    [[nodiscard]] std::size_t find(T label) const {
        if (labels_.empty() || label < labels_.front() || label > labels_.back()) return none;
        if (!rank_.empty()) {
            const auto rank = rank_[place(labels_.front(), label)];
            return rank == absent ? none : rank;
        }
        const auto at = std::lower_bound(labels_.begin(), labels_.end(), label);
        return *at == label ? static_cast<std::size_t>(at - labels_.begin()) : none;
    }

private:
    static constexpr std::uint64_t most_entries = 1 << 22;
    static constexpr std::uint32_t absent = static_cast<std::uint32_t>(-1);

    [[nodiscard]] static std::uint64_t distance(T low, T high) {
        return static_cast<std::uint64_t>(high) - static_cast<std::uint64_t>(low);
    }

    /// The same as an index, of labels that lie less than `most_entries` apart.
    [[nodiscard]] static std::size_t place(T low, T high) {
        return static_cast<std::size_t>(distance(low, high));
    }

    void make_index() {
        std::sort(labels_.begin(), labels_.end());
        labels_.erase(std::unique(labels_.begin(), labels_.end()), labels_.end());
        if (labels_.empty() || distance(labels_.front(), labels_.back()) >= most_entries) return;
        rank_.assign(place(labels_.front(), labels_.back()) + 1, absent);
        for (std::size_t i = 0; i < labels_.size(); ++i) {
            rank_[place(labels_.front(), labels_[i])] = static_cast<std::uint32_t>(i);
        }
    }

    std::vector<T> labels_;
    std::vector<std::uint32_t> rank_;  ///< by label from the least on; empty when they lie too far apart
};

}  // namespace roi::detail
