// A run: volumes on one grid, one after the other in time.
#pragma once

#include <roi/core/concepts.hpp>
#include <roi/core/detail/buffer.hpp>
#include <roi/core/error.hpp>
#include <roi/core/text.hpp>
#include <roi/image/grid.hpp>
#include <roi/image/metadata.hpp>
#include <roi/image/view.hpp>
#include <roi/image/volume.hpp>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <span>
#include <type_traits>
#include <utility>
#include <vector>

namespace roi {

/// A four-dimensional image that owns its voxels: x fastest, time slowest, each volume contiguous.
///
/// Copies are deep; moves are free and leave no volumes. Memory: frames() * grid().size() * sizeof(T).
template <Voxel T>
class Volume4D : public detail::OwnedVoxels<T> {
    using Base = detail::OwnedVoxels<T>;

public:
    using Base::data;
    using Base::shape;
    using Base::size;

    /// No volumes on an empty grid.
    Volume4D() = default;
    Volume4D(const Volume4D&) = default;
    Volume4D(Volume4D&& other) noexcept : Base(std::move(other)), frames_(std::exchange(other.frames_, 0)) {}
    Volume4D& operator=(Volume4D other) noexcept {
        this->swap(other);
        std::swap(frames_, other.frames_);
        return *this;
    }
    ~Volume4D() = default;

    /// `frames` volumes on `grid` with every voxel set to `value`.
    /// \throws InvalidArgument when `frames` is negative or the number of values does not fit 63 bits
    Volume4D(const Grid& grid, std::int64_t frames, T value = T{}, Metadata metadata = {})
        : Volume4D(grid, frames, detail::Uninitialized{}, std::move(metadata)) {
        this->fill(value);
    }

    /// `frames` volumes with a copy of `values`, x fastest and time slowest.
    /// \throws InvalidArgument when the number of values is not frames * voxels
    Volume4D(const Grid& grid, std::int64_t frames, std::type_identity_t<std::span<const T>> values,
             Metadata metadata = {})
        : Volume4D(grid, frames, detail::Uninitialized{}, std::move(metadata)) {
        if (static_cast<std::int64_t>(values.size()) != size()) {
            throw InvalidArgument(text("volume4d: ", frames, " volumes of ", shape().to_string(), " need ",
                                       size(), " values, found ", values.size()));
        }
        std::copy(values.begin(), values.end(), data());
    }

    /// A run whose voxels the caller writes next; reading one before is undefined.
    Volume4D(const Grid& grid, std::int64_t frames, detail::Uninitialized uninitialized, Metadata metadata)
        : Base(grid, count(grid, frames), uninitialized, std::move(metadata)), frames_(frames) {}

    /// Number of volumes.
    [[nodiscard]] std::int64_t frames() const { return frames_; }

    /// The voxel at (x, y, z) in volume `frame`; not checked.
    [[nodiscard]] T& operator()(std::int64_t x, std::int64_t y, std::int64_t z, std::int64_t frame) {
        return data()[frame * this->grid().size() + shape().index(x, y, z)];
    }
    [[nodiscard]] const T& operator()(std::int64_t x, std::int64_t y, std::int64_t z,
                                      std::int64_t frame) const {
        return data()[frame * this->grid().size() + shape().index(x, y, z)];
    }

    /// Looks at one volume; nothing is copied. Not of a temporary, which would be gone before the view is used.
    /// \throws InvalidArgument when there is no such volume
    [[nodiscard]] VolumeView<T> frame(std::int64_t index) & { return view().frame(index); }
    [[nodiscard]] VolumeView<const T> frame(std::int64_t index) const& { return view().frame(index); }
    VolumeView<const T> frame(std::int64_t) const&& = delete;

    /// Looks at all volumes. Not of a temporary.
    [[nodiscard]] Volume4DView<T> view() & {
        return Volume4DView<T>(data(), this->grid(), frames_).with_metadata(this->metadata());
    }
    [[nodiscard]] Volume4DView<const T> view() const& {
        return Volume4DView<const T>(data(), this->grid(), frames_).with_metadata(this->metadata());
    }
    Volume4DView<const T> view() const&& = delete;

    /// The values of one voxel over time, copied.
    /// \throws InvalidArgument when there is no such voxel
    [[nodiscard]] std::vector<
        std::type_identity_t<std::conditional_t<std::is_same_v<T, bool>, std::uint8_t, T>>>
    series(std::int64_t x, std::int64_t y, std::int64_t z) const {
        if (!shape().contains(x, y, z)) {
            throw InvalidArgument(text("voxel (", x, ", ", y, ", ", z, ") lies outside volumes of ",
                                       shape().to_string(), " voxels"));
        }
        std::vector<std::conditional_t<std::is_same_v<T, bool>, std::uint8_t, T>> out;
        out.reserve(static_cast<std::size_t>(frames_));
        for (std::int64_t t = 0; t < frames_; ++t) out.push_back((*this)(x, y, z, t));
        return out;
    }

private:
    static std::int64_t count(const Grid& grid, std::int64_t frames) {
        if (frames < 0) {
            throw InvalidArgument(text("volume4d: expected 0 or more volumes, found ", frames));
        }
        if (grid.size() > 0 && frames > std::numeric_limits<std::int64_t>::max() / grid.size()) {
            throw InvalidArgument(text("volume4d: ", frames, " volumes of ", grid.shape().to_string(),
                                       " are more than can be counted"));
        }
        return grid.size() * frames;
    }

    std::int64_t frames_ = 0;
};

/// What an algorithm reads of a run.
template <Voxel T>
[[nodiscard]] Volume4DView<const T> view_of(const Volume4D<T>& run) {
    return run.view();
}

}  // namespace roi
