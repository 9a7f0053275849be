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
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <span>
#include <type_traits>
#include <utility>

namespace roi {

namespace detail {

/// What images own: a grid, header fields, and voxels on that grid, for one volume or several.
///
/// Copies are deep; moves are free and leave an empty image.
template <Voxel T>
class OwnedVoxels {
public:
    using value_type = T;

    [[nodiscard]] const Grid& grid() const { return grid_; }
    [[nodiscard]] const Shape& shape() const { return grid_.shape(); }
    [[nodiscard]] const Affine& affine() const { return grid_.affine(); }
    /// Number of values.
    [[nodiscard]] std::int64_t size() const { return voxels_.size(); }
    [[nodiscard]] const Metadata& metadata() const { return metadata_; }
    [[nodiscard]] Metadata& metadata() { return metadata_; }

    [[nodiscard]] T* data() { return voxels_.data(); }
    [[nodiscard]] const T* data() const { return voxels_.data(); }
    /// All values in the order of memory. Not of a temporary, whose values are gone before they can be looked at.
    [[nodiscard]] std::span<T> values() & { return voxels_.span(); }
    [[nodiscard]] std::span<const T> values() const& { return voxels_.span(); }
    std::span<const T> values() const&& = delete;
    OwnedVoxels& operator=(const OwnedVoxels&) = delete;

protected:
    OwnedVoxels() = default;
    OwnedVoxels(const Grid& grid, std::int64_t count, Uninitialized uninitialized, Metadata metadata)
        : grid_(grid), metadata_(std::move(metadata)), voxels_(count, uninitialized) {}
    OwnedVoxels(const OwnedVoxels&) = default;
    OwnedVoxels(OwnedVoxels&& other) noexcept : OwnedVoxels() { swap(other); }
    ~OwnedVoxels() = default;

    void swap(OwnedVoxels& other) noexcept {
        std::swap(grid_, other.grid_);
        std::swap(metadata_, other.metadata_);
        std::swap(voxels_, other.voxels_);
    }

    void fill(T value) { std::fill(data(), data() + size(), value); }

private:
    Grid grid_;
    Metadata metadata_;
    Buffer<T> voxels_;
};

}  // namespace detail

/// A three-dimensional image that owns its voxels, contiguous and x fastest, as NIfTI stores them.
///
/// Copies are deep; moves are free and leave an empty volume. Memory: size() * sizeof(T).
template <Voxel T>
class Volume : public detail::OwnedVoxels<T> {
    using Base = detail::OwnedVoxels<T>;

public:
    using Base::data;
    using Base::shape;
    using Base::size;

    /// An empty volume of 0 x 0 x 0 voxels.
    Volume() = default;
    Volume(const Volume&) = default;
    Volume(Volume&&) noexcept = default;
    Volume& operator=(Volume other) noexcept {
        this->swap(other);
        return *this;
    }
    ~Volume() = default;

    /// A volume on `grid` (a bare `Shape` will do) with every voxel set to `value`.
    explicit Volume(const Grid& grid, T value = T{}, Metadata metadata = {})
        : Volume(grid, detail::Uninitialized{}, std::move(metadata)) {
        this->fill(value);
    }

    /// A volume with a copy of `values`, x fastest.
    /// \throws InvalidArgument when the number of values is not the number of voxels
    Volume(const Grid& grid, std::type_identity_t<std::span<const T>> values, Metadata metadata = {})
        : Volume(grid, detail::Uninitialized{}, std::move(metadata)) {
        require_size(values.size());
        std::copy(values.begin(), values.end(), data());
    }

    /// A mask of bytes, x fastest: true where one is not 0. For containers of `std::uint8_t`, as other libraries keep masks.
    /// \throws InvalidArgument when the number of values is not the number of voxels
    Volume(const Grid& grid, std::span<const std::uint8_t> values,
           Metadata metadata = {}) requires std::same_as<T, bool>
        : Volume(grid, detail::Uninitialized{}, std::move(metadata)) {
        require_size(values.size());
        std::transform(values.begin(), values.end(), data(), [](std::uint8_t value) { return value != 0; });
    }

    /// A copy of the voxels of a view; its header fields come along unless others are given.
    explicit Volume(VolumeView<const T> view) : Volume(view, metadata_of_frame(view.metadata())) {}
    Volume(VolumeView<const T> view, Metadata metadata)
        : Volume(view.grid(), detail::Uninitialized{}, std::move(metadata)) {
        T* out = data();
        const Shape axes = detail::axes_of_voxels(shape());
        for (std::int64_t z = 0; z < axes.z(); ++z) {
            for (std::int64_t y = 0; y < axes.y(); ++y) {
                for (std::int64_t x = 0; x < axes.x(); ++x) *out++ = view(x, y, z);
            }
        }
    }

    /// A volume whose voxels the caller writes next; reading one before is undefined.
    Volume(const Grid& grid, detail::Uninitialized uninitialized, Metadata metadata)
        : Base(grid, grid.size(), uninitialized, std::move(metadata)) {}

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

    /// Looks at the voxels. Not of a temporary, which would be gone before the view is used.
    [[nodiscard]] VolumeView<T> view() & {
        return VolumeView<T>(data(), this->grid()).with_metadata(this->metadata());
    }
    [[nodiscard]] VolumeView<const T> view() const& {
        return VolumeView<const T>(data(), this->grid()).with_metadata(this->metadata());
    }
    VolumeView<const T> view() const&& = delete;
    operator VolumeView<T>() & { return view(); }
    operator VolumeView<const T>() const& { return view(); }
    operator VolumeView<const T>() const&& = delete;

private:
    void require_size(std::size_t values) const {
        if (static_cast<std::int64_t>(values) == size()) return;
        throw InvalidArgument(
            text("volume: a shape of ", shape().to_string(), " needs ", size(), " values, found ", values));
    }
};

/// Where something is: true or false per voxel, one byte each.
using Mask = Volume<bool>;

/// Which region a voxel belongs to: 0 is background.
using Labels = Volume<std::int32_t>;

/// What an algorithm reads of a volume.
template <Voxel T>
[[nodiscard]] VolumeView<const T> view_of(const Volume<T>& volume) {
    return volume.view();
}

/// A volume on the grid of another with what a result inherits of its header; its voxels are written next, reading one
/// before is undefined.
///
/// A mask, and whole numbers made of anything else, do not inherit what the values meant.
template <Voxel T, AnyVolume V>
[[nodiscard]] Volume<T> like(const V& volume) {
    const auto view = view_of(volume);
    constexpr bool new_meaning = std::same_as<T, bool> || (IntegerVoxel<T> && !IntegerVoxel<VoxelOf<V>>);
    return Volume<T>(
        view.grid(), detail::Uninitialized{},
        new_meaning ? inherited_with_new_meaning(view.metadata()) : inherited_by_volume(view.metadata()));
}

}  // namespace roi
