// The labels that an atlas holds, and walks over stretches of equal ones.
#pragma once

#include <roi/core/concepts.hpp>
#include <roi/core/parallel.hpp>
#include <roi/image/grid.hpp>
#include <roi/image/view.hpp>

#include <algorithm>
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <mutex>
#include <type_traits>
#include <unordered_map>
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

/// Calls `body(first, last)` for parts of the lines of a volume, on several threads.
template <class Body>
void for_parts_of_lines(const Shape& shape, const Body& body) {
    if (shape.size() == 0) return;
    // What a thread costs is more than it saves below a quarter of a million voxels.
    parallel_for(shape.y() * shape.z(), std::max<std::int64_t>(1, (1 << 18) / shape.x()), body);
}

/// Numbers labels in the order in which they are asked for first.
template <IntegerVoxel T>
class LabelNumbers {
public:
    /// The number of a label, a new one if it has none yet.
    [[nodiscard]] std::size_t operator()(T label) {
        Entry& entry = recent_[static_cast<std::make_unsigned_t<T>>(label) % recent_.size()];
        if (entry.label != label || entry.number == unknown) {
            const auto [at, added] = numbers_.try_emplace(label, labels_.size());
            if (added) labels_.push_back(label);
            entry = {label, at->second};
        }
        return entry.number;
    }

    /// The label of every number.
    [[nodiscard]] const std::vector<T>& labels() const { return labels_; }

private:
    static constexpr std::size_t unknown = static_cast<std::size_t>(-1);
    struct Entry {
        T label = 0;
        std::size_t number = unknown;
    };

    std::vector<Entry> recent_{1024};  // so that most are found at once
    std::unordered_map<T, std::size_t> numbers_;
    std::vector<T> labels_;
};

/// Distinct labels in ascending order, and the rank of each among them.
template <IntegerVoxel T>
class LabelIndex {
public:
    static constexpr std::size_t none = static_cast<std::size_t>(-1);

    /// The labels that occur in a volume, but 0.
    explicit LabelIndex(VolumeView<const T> volume) {
        const Shape& shape = volume.shape();
        std::mutex mutex;
        for_parts_of_lines(shape, [&](std::int64_t first, std::int64_t last) {
            LabelNumbers<T> numbers;
            for_each_stretch(volume.data(), shape, first, last,
                             [&](T label, std::int64_t, std::int64_t, std::int64_t) {
                                 if (label != 0) (void)numbers(label);
                             });
            const std::lock_guard lock(mutex);
            labels_.insert(labels_.end(), numbers.labels().begin(), numbers.labels().end());
        });
        make_index();  // which sorts them, so that it does not matter who came first
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
