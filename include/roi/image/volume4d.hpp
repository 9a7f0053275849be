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
class Volume4D {
public:
    using value_type = T;

    /// No volumes on an empty grid.
    Volume4D() = default;
    Volume4D(const Volume4D&) = default;
    Volume4D(Volume4D&& other) noexcept : Volume4D() { swap(other); }
    Volume4D& operator=(Volume4D other) noexcept {
        swap(other);
        return *this;
    }
    ~Volume4D() = default;

    /// `frames` volumes on `grid` with every voxel set to `value`.
    /// \throws InvalidArgument when `frames` is negative or the number of values does not fit 63 bits
    Volume4D(const Grid& grid, std::int64_t frames, T value = T{}, Metadata metadata = {})
        : Volume4D(grid, frames, detail::Uninitialized{}, std::move(metadata)) {
        std::fill(data(), data() + size(), value);
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
        : grid_(grid),
          frames_(frames),
          metadata_(std::move(metadata)),
          voxels_(count(grid, frames), uninitialized) {}

    [[nodiscard]] const Grid& grid() const { return grid_; }
    [[nodiscard]] const Shape& shape() const { return grid_.shape(); }
    [[nodiscard]] const Affine& affine() const { return grid_.affine(); }
    /// Number of volumes.
    [[nodiscard]] std::int64_t frames() const { return frames_; }
    /// Number of values in all volumes together.
    [[nodiscard]] std::int64_t size() const { return voxels_.size(); }
    [[nodiscard]] const Metadata& metadata() const { return metadata_; }
    [[nodiscard]] Metadata& metadata() { return metadata_; }

    [[nodiscard]] T* data() { return voxels_.data(); }
    [[nodiscard]] const T* data() const { return voxels_.data(); }
    [[nodiscard]] std::span<T> values() { return voxels_.span(); }
    [[nodiscard]] std::span<const T> values() const { return voxels_.span(); }

    /// The voxel at (x, y, z) in volume `frame`; not checked.
    [[nodiscard]] T& operator()(std::int64_t x, std::int64_t y, std::int64_t z, std::int64_t frame) {
        return data()[frame * grid_.size() + shape().index(x, y, z)];
    }
    [[nodiscard]] const T& operator()(std::int64_t x, std::int64_t y, std::int64_t z,
                                      std::int64_t frame) const {
        return data()[frame * grid_.size() + shape().index(x, y, z)];
    }

    /// Looks at one volume; nothing is copied.
    /// \throws InvalidArgument when there is no such volume
    [[nodiscard]] VolumeView<T> frame(std::int64_t index) { return {data() + offset(index), grid_}; }
    [[nodiscard]] VolumeView<const T> frame(std::int64_t index) const {
        return {data() + offset(index), grid_};
    }

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
    void swap(Volume4D& other) noexcept {
        std::swap(grid_, other.grid_);
        std::swap(frames_, other.frames_);
        std::swap(metadata_, other.metadata_);
        std::swap(voxels_, other.voxels_);
    }

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

    [[nodiscard]] std::int64_t offset(std::int64_t frame) const {
        if (frame < 0 || frame >= frames_) {
            throw InvalidArgument(
                text("volume ", frame, " does not exist; there are ", frames_, ", counted from 0"));
        }
        return frame * grid_.size();
    }

    Grid grid_;
    std::int64_t frames_ = 0;
    Metadata metadata_;
    detail::Buffer<T> voxels_;
};

}  // namespace roi
