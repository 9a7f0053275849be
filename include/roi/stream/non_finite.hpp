// Counts the values of a run that are NaN or infinite, and says them once.
#pragma once

#include <roi/core/concepts.hpp>
#include <roi/core/detail/finite.hpp>
#include <roi/core/error.hpp>
#include <roi/core/text.hpp>
#include <roi/image/view.hpp>
#include <roi/stream/sink.hpp>

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <mutex>
#include <numeric>
#include <span>
#include <string>
#include <string_view>
#include <type_traits>
#include <vector>

namespace roi {

namespace detail {

/// How many values are NaN.
template <NumberVoxel T>
[[nodiscard]] std::int64_t nan_count([[maybe_unused]] std::span<const T> values) {
    if constexpr (RealVoxel<T>) {
        if (all_finite(values)) return 0;
        return std::count_if(values.begin(), values.end(), [](T value) { return std::isnan(value); });
    } else {
        return 0;
    }
}

}  // namespace detail

/// How many voxels of each volume are NaN or infinite, counted from several threads at once.
///
/// The shared piece of all that warns of them: filters that turn them into 0 and statistics that they make NaN. Costs
/// nothing where there is none: who sums volumes up sees by the sums whether there is anything to count.
class NonFiniteCount {
public:
    NonFiniteCount() = default;
    NonFiniteCount(const NonFiniteCount& other) : counts_(other.counts_), told_(other.told_) {}
    NonFiniteCount& operator=(const NonFiniteCount& other) {
        counts_ = other.counts_;
        told_ = other.told_;
        return *this;
    }

    /// Forgets what was counted, but not that it was said: for the start of a scan.
    void restart() { counts_.clear(); }

    /// Adds what was found in a volume, or in a part of it.
    void add(std::int64_t frame, std::int64_t count) {
        if (count == 0) return;
        const std::lock_guard lock(mutex_);
        const auto place = static_cast<std::size_t>(frame);
        if (counts_.size() <= place) counts_.resize(place + 1, 0);
        counts_[place] += count;
    }

    /// Looks at a volume.
    template <RealVoxel T>
    void look_at(std::int64_t frame, std::span<const T> values) {
        if (detail::all_finite(values)) return;
        add(frame,
            std::count_if(values.begin(), values.end(), [](T value) { return !std::isfinite(value); }));
    }

    /// Looks at a part of a volume.
    template <RealVoxel T>
    void look_at(std::int64_t frame, const T* volume, VoxelRange range) {
        look_at(frame,
                std::span<const T>(volume + range.first, static_cast<std::size_t>(range.last - range.first)));
    }

    /// Looks at the part of a block that a sink works on.
    template <RealVoxel T>
    void look_at(const FrameBlock<T>& block, VoxelRange range) {
        for (std::size_t k = 0; k < block.frames.size(); ++k) {
            if (!block.frames[k]) continue;
            look_at(block.first + static_cast<std::int64_t>(k), block.frames[k], range);
        }
    }

    /// Takes over what another has counted of other voxels or volumes of the same run; where both have looked at a
    /// volume it is counted once.
    void include(const NonFiniteCount& other) {
        if (counts_.size() < other.counts_.size()) counts_.resize(other.counts_.size(), 0);
        for (std::size_t i = 0; i < other.counts_.size(); ++i) {
            counts_[i] = std::max(counts_[i], other.counts_[i]);
        }
    }

    /// Takes over what another has counted of another run, which follows this one.
    /// \param first  number of its first volume
    void append(const NonFiniteCount& other, std::int64_t first) {
        for (std::size_t i = 0; i < other.counts_.size(); ++i) {
            add(first + static_cast<std::int64_t>(i), other.counts_[i]);
        }
    }

    /// How many were counted in all volumes.
    [[nodiscard]] std::int64_t total() const {
        return std::accumulate(counts_.begin(), counts_.end(), std::int64_t{0});
    }

    /// Says, the first time that there is anything to say, how many voxels of how many volumes are not finite, and which
    /// volumes have no finite one.
    ///
    /// \param who      what messages call the function, as in "mean"
    /// \param effect   what becomes of such voxels, as in "count as 0"
    /// \param voxels   looked at in each volume
    /// \param what     was counted
    void warn(const WarningHandler& warning, std::string_view who, std::string_view effect,
              std::int64_t voxels, std::string_view what = "NaN or infinite") const {
        if (told_ || !warning) return;
        std::int64_t values = 0, frames = 0;
        std::vector<std::int64_t> empty;
        for (std::size_t frame = 0; frame < counts_.size(); ++frame) {
            values += counts_[frame];
            frames += counts_[frame] > 0;
            if (voxels > 0 && counts_[frame] >= voxels) empty.push_back(static_cast<std::int64_t>(frame));
        }
        if (values == 0) return;
        told_ = true;
        std::string out =
            text(who, ": ", values, values == 1 ? " voxel in " : " voxels in ", frames,
                 frames == 1 ? " volume" : " volumes", values == 1 ? " is" : " are", " ", what, ": ", effect);
        if (!empty.empty()) {
            out.append(text(empty.size() == 1 ? "; volume " : "; volumes ", listed(empty),
                            empty.size() == 1 ? " has no finite voxel" : " have no finite voxel"));
        }
        warning(out);
    }

private:
    std::mutex mutex_;
    std::vector<std::int64_t> counts_;  // of each volume, as far as one was found
    mutable bool told_ = false;
};

namespace detail {

/// Says how many voxels of a map, or of the volumes of a run, are NaN, if any are.
template <class View>
void warn_of_nan(std::string_view who, const View& image, std::string_view effect,
                 const WarningHandler& warning) {
    using T = std::remove_const_t<typename View::value_type>;
    if constexpr (RealVoxel<T>) {
        const std::span<const T> values = image.values();
        const auto voxels = static_cast<std::size_t>(image.grid().size());
        if (!warning || voxels == 0) return;
        NonFiniteCount nan;
        for (std::size_t first = 0; first < values.size(); first += voxels) {
            nan.add(static_cast<std::int64_t>(first / voxels), nan_count(values.subspan(first, voxels)));
        }
        nan.warn(warning, who, effect, image.grid().size(), "NaN");
    }
}

}  // namespace detail

}  // namespace roi
