// Which voxels belong to which region, and how their values are fetched: in the order of memory.
#pragma once

#include <roi/core/concepts.hpp>
#include <roi/core/detail/finite.hpp>
#include <roi/image/grid.hpp>
#include <roi/stream/source.hpp>

#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <span>
#include <type_traits>
#include <utility>
#include <vector>

namespace roi::detail {

/// The voxels of regions, region after region, each in SciPy's order, x slowest, in which the peers add.
///
/// Values are fetched in the order of memory and put where they are used in SciPy's, so that neither waits.
class SignalPlaces {
public:
    /// Adds a region. \param voxels  positions in memory, in any order
    void add(std::vector<std::int64_t> voxels, const Shape& shape) {
        std::sort(voxels.begin(), voxels.end(), [&](std::int64_t a, std::int64_t b) {
            return shape.voxel(a) < shape.voxel(b);  // by x, then y, then z
        });
        add_ordered(voxels);
    }

    /// Adds a region whose voxels are in SciPy's order already.
    void add_ordered(const std::vector<std::int64_t>& voxels) {
        voxels_.insert(voxels_.end(), voxels.begin(), voxels.end());
        starts_.push_back(voxels_.size());
    }

    /// Makes the fetches ready, when all regions have been added.
    void finish() {
        fetches_.clear();
        fetches_.reserve(voxels_.size());
        for (std::size_t place = 0; place < voxels_.size(); ++place)
            fetches_.emplace_back(voxels_[place], place);
        std::sort(fetches_.begin(), fetches_.end());
    }

    /// The same regions where voxel v lies at `place_of(v)`.
    template <class PlaceOf>
    void move_voxels(PlaceOf&& place_of) {
        for (auto& voxel : voxels_) voxel = place_of(voxel);
        finish();
    }

    [[nodiscard]] std::size_t regions() const { return starts_.size() - 1; }
    /// Voxels of all regions together.
    [[nodiscard]] std::size_t size() const { return voxels_.size(); }
    [[nodiscard]] std::size_t first(std::size_t region) const { return starts_[region]; }
    [[nodiscard]] std::size_t size(std::size_t region) const { return starts_[region + 1] - starts_[region]; }
    /// Voxels of the region that has most.
    [[nodiscard]] std::size_t largest() const {
        std::size_t out = 0;
        for (std::size_t region = 0; region < regions(); ++region) out = std::max(out, size(region));
        return out;
    }
    [[nodiscard]] std::span<const std::int64_t> voxels(std::size_t region) const {
        return std::span(voxels_).subspan(first(region), size(region));
    }

    /// The smallest box around all regions.
    [[nodiscard]] Box box(const Shape& shape) const {
        Box out;
        for (const std::int64_t voxel : voxels_) out.include(shape, voxel);
        return out;
    }

    /// Fetches the values of some volumes.
    ///
    /// \tparam Zeroing  put 0 for values that are NaN or infinite
    /// \param out  receives `Count * size()` values: those of the first place, then those of the second
    /// \returns    for each volume whether all its values are finite
    template <bool Zeroing, std::size_t Count, NumberVoxel T>
    [[nodiscard]] std::array<bool, Count> fetch(std::array<const T*, Count> volumes, double* out) const {
        std::array<FiniteSoFar<std::conditional_t<RealVoxel<T>, T, double>>, Count> finite{};
        for (const auto& [voxel, place] : fetches_) {
            double* const to = out + Count * place;
            for (std::size_t k = 0; k < Count; ++k) {
                const T value = volumes[k][voxel];
                if constexpr (RealVoxel<T>) finite[k].look_at(value);
                to[k] = Zeroing ? finite_or_zero(value) : static_cast<double>(value);
            }
        }
        std::array<bool, Count> all{};
        for (std::size_t k = 0; k < Count; ++k) all[k] = finite[k].all();
        return all;
    }

    /// How many values of a volume are NaN or infinite.
    template <RealVoxel T>
    [[nodiscard]] std::int64_t non_finite(const T* volume) const {
        return std::count_if(voxels_.begin(), voxels_.end(),
                             [volume](std::int64_t voxel) { return !std::isfinite(volume[voxel]); });
    }

private:
    std::vector<std::int64_t> voxels_;
    std::vector<std::size_t> starts_{0};
    std::vector<std::pair<std::int64_t, std::size_t>> fetches_;
};

}  // namespace roi::detail
