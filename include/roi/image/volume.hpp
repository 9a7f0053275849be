// One three-dimensional image: voxels, grid and metadata.
#pragma once

#include <roi/core/concepts.hpp>
#include <roi/core/detail/buffer.hpp>
#include <roi/core/error.hpp>
#include <roi/core/text.hpp>
#include <roi/image/grid.hpp>
#include <roi/image/metadata.hpp>
#include <roi/image/view.hpp>

#include <algorithm>
#include <cstdint>
#include <span>
#include <type_traits>
#include <utility>

namespace roi {

/// A three-dimensional image that owns its voxels, contiguous and x fastest, as NIfTI stores them.
///
/// Copies are deep; moves are free and leave an empty volume. Memory: size() * sizeof(T).
template <Voxel T>
class Volume {
public:
    using value_type = T;

    /// An empty volume of 0 x 0 x 0 voxels.
    Volume() = default;
    Volume(const Volume&) = default;
    Volume(Volume&& other) noexcept : Volume() { swap(other); }
    Volume& operator=(Volume other) noexcept {
        swap(other);
        return *this;
    }
    ~Volume() = default;

    /// A volume on `grid` (a bare `Shape` will do) with every voxel set to `value`.
    explicit Volume(const Grid& grid, T value = T{}, Metadata metadata = {})
        : grid_(grid), metadata_(std::move(metadata)), voxels_(grid.size(), value) {}

    /// A volume with a copy of `values`, x fastest.
    /// \throws InvalidArgument when the number of values is not the number of voxels
    Volume(const Grid& grid, std::type_identity_t<std::span<const T>> values, Metadata metadata = {})
        : Volume(grid, detail::Uninitialized{}, std::move(metadata)) {
        if (static_cast<std::int64_t>(values.size()) != size()) {
            throw InvalidArgument(text("volume: a shape of ", shape().to_string(), " needs ", size(),
                                       " values, found ", values.size()));
        }
        std::copy(values.begin(), values.end(), data());
    }

    /// A copy of the voxels of a view.
    explicit Volume(VolumeView<const T> view, Metadata metadata = {})
        : Volume(view.grid(), detail::Uninitialized{}, std::move(metadata)) {
        T* out = data();
        for (std::int64_t z = 0; z < shape().z(); ++z) {
            for (std::int64_t y = 0; y < shape().y(); ++y) {
                for (std::int64_t x = 0; x < shape().x(); ++x) *out++ = view(x, y, z);
            }
        }
    }

    /// A volume whose voxels the caller writes next; reading one before is undefined.
    Volume(const Grid& grid, detail::Uninitialized uninitialized, Metadata metadata)
        : grid_(grid), metadata_(std::move(metadata)), voxels_(grid.size(), uninitialized) {}

    [[nodiscard]] const Grid& grid() const { return grid_; }
    [[nodiscard]] const Shape& shape() const { return grid_.shape(); }
    [[nodiscard]] const Affine& affine() const { return grid_.affine(); }
    [[nodiscard]] std::int64_t size() const { return voxels_.size(); }
    [[nodiscard]] const Metadata& metadata() const { return metadata_; }
    [[nodiscard]] Metadata& metadata() { return metadata_; }

    [[nodiscard]] T* data() { return voxels_.data(); }
    [[nodiscard]] const T* data() const { return voxels_.data(); }
    [[nodiscard]] std::span<T> values() { return voxels_.span(); }
    [[nodiscard]] std::span<const T> values() const { return voxels_.span(); }
    [[nodiscard]] T* begin() { return data(); }
    [[nodiscard]] const T* begin() const { return data(); }
    [[nodiscard]] T* end() { return data() + size(); }
    [[nodiscard]] const T* end() const { return data() + size(); }

    /// The voxel at a position in memory; not checked.
    [[nodiscard]] T& operator[](std::int64_t index) { return data()[index]; }
    [[nodiscard]] const T& operator[](std::int64_t index) const { return data()[index]; }

    /// The voxel at (x, y, z); not checked.
    [[nodiscard]] T& operator()(std::int64_t x, std::int64_t y, std::int64_t z) {
        return data()[shape().index(x, y, z)];
    }
    [[nodiscard]] const T& operator()(std::int64_t x, std::int64_t y, std::int64_t z) const {
        return data()[shape().index(x, y, z)];
    }

    /// The voxel at (x, y, z).
    /// \throws InvalidArgument when there is no such voxel
    [[nodiscard]] T& at(std::int64_t x, std::int64_t y, std::int64_t z) { return view().at(x, y, z); }
    [[nodiscard]] const T& at(std::int64_t x, std::int64_t y, std::int64_t z) const {
        return view().at(x, y, z);
    }

    [[nodiscard]] VolumeView<T> view() { return {data(), grid_}; }
    [[nodiscard]] VolumeView<const T> view() const { return {data(), grid_}; }
    operator VolumeView<T>() { return view(); }
    operator VolumeView<const T>() const { return view(); }

private:
    void swap(Volume& other) noexcept {
        std::swap(grid_, other.grid_);
        std::swap(metadata_, other.metadata_);
        std::swap(voxels_, other.voxels_);
    }

    Grid grid_;
    Metadata metadata_;
    detail::Buffer<T> voxels_;
};

/// Where something is: true or false per voxel, one byte each.
using Mask = Volume<bool>;

/// Which region a voxel belongs to: 0 is background.
using Labels = Volume<std::int32_t>;

}  // namespace roi
