// Volumes and runs in somebody else's memory, and what algorithms take: anything that is a volume or a run.
#pragma once

#include <roi/core/concepts.hpp>
#include <roi/core/error.hpp>
#include <roi/core/text.hpp>
#include <roi/image/grid.hpp>
#include <roi/image/metadata.hpp>

#include <array>
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <span>
#include <type_traits>
#include <utility>

namespace roi {

namespace detail {

/// The header fields of voxels that came without any.
[[nodiscard]] inline const Metadata& no_metadata() {
    static const Metadata none;
    return none;
}

}  // namespace detail

/// Looks at the voxels of one volume without owning them; `VolumeView<const T>` only reads.
///
/// Every algorithm takes a contiguous view as it takes a `Volume`, without a copy: a view of an image of ITK, of a
/// matrix of Eigen, of one volume of a run. Cheap to copy. The memory must outlive the view.
template <class T>
requires Voxel<std::remove_const_t<T>>
class VolumeView {
public:
    using value_type = std::remove_const_t<T>;

    /// Views contiguous voxels, x fastest.
    VolumeView(T* data, const Grid& grid)
        : VolumeView(data, grid, {1, grid.shape().x(), grid.shape().x() * grid.shape().y()}) {}

    /// Views voxels that lie `strides` values apart along x, y and z.
    VolumeView(T* data, const Grid& grid, const std::array<std::int64_t, 3>& strides)
        : data_(data), grid_(grid), strides_(strides) {}

    /// The same voxels with header fields that results inherit; `metadata` must outlive the view.
    [[nodiscard]] VolumeView with_metadata(const Metadata& metadata) const {
        VolumeView out = *this;
        out.metadata_ = &metadata;
        return out;
    }
    VolumeView with_metadata(const Metadata&&) const = delete;

    /// A view that reads from one that writes.
    operator VolumeView<const T>() const requires(!std::is_const_v<T>) {
        return VolumeView<const T>(data_, grid_, strides_).with_metadata(metadata());
    }

    [[nodiscard]] const Grid& grid() const { return grid_; }
    [[nodiscard]] const Shape& shape() const { return grid_.shape(); }
    [[nodiscard]] std::int64_t size() const { return grid_.size(); }
    [[nodiscard]] const std::array<std::int64_t, 3>& strides() const { return strides_; }
    [[nodiscard]] T* data() const { return data_; }
    /// Header fields of the image that is looked at; those of a new image when there are none.
    [[nodiscard]] const Metadata& metadata() const { return metadata_ ? *metadata_ : detail::no_metadata(); }

    /// The voxel at (x, y, z); not checked.
    [[nodiscard]] T& operator()(std::int64_t x, std::int64_t y, std::int64_t z) const {
        return data_[x * strides_[0] + y * strides_[1] + z * strides_[2]];
    }

    /// The voxel at (x, y, z).
    /// \throws InvalidArgument when there is no such voxel
    [[nodiscard]] T& at(std::int64_t x, std::int64_t y, std::int64_t z) const {
        if (!shape().contains(x, y, z)) {
            throw InvalidArgument(text("voxel (", x, ", ", y, ", ", z, ") lies outside a volume of ",
                                       shape().to_string(), " voxels"));
        }
        return (*this)(x, y, z);
    }

    /// Do the voxels follow each other in memory, x fastest?
    [[nodiscard]] bool contiguous() const {
        std::int64_t expected = 1;
        for (int axis = 0; axis < 3; ++axis) {
            // No step is ever taken along an axis of length 1.
            if (shape()[axis] > 1 && strides_[static_cast<std::size_t>(axis)] != expected) return size() == 0;
            expected *= shape()[axis];
        }
        return true;
    }

    /// All voxels in memory order.
    /// \throws InvalidArgument when the view is not contiguous
    [[nodiscard]] std::span<T> values() const {
        require(contiguous(), "view: voxels are not contiguous; make a Volume of the view first");
        return {data_, static_cast<std::size_t>(size())};
    }

    /// The box of `shape` voxels whose first voxel is `first`, on its own grid: world coordinates stay as they are.
    /// \throws InvalidArgument when the box does not lie inside
    [[nodiscard]] VolumeView box(const std::array<std::int64_t, 3>& first, const Shape& shape) const {
        for (int axis = 0; axis < 3; ++axis) {
            const auto start = first[static_cast<std::size_t>(axis)];
            if (start < 0 || shape[axis] > grid_.shape()[axis] - start) {
                throw InvalidArgument(text("box: ", shape.to_string(), " voxels from (", joined(first),
                                           ") do not lie inside ", grid_.shape().to_string()));
            }
        }
        Affine affine = grid_.affine();
        affine.topRightCorner<3, 1>() = grid_.world(Point(
            static_cast<double>(first[0]), static_cast<double>(first[1]), static_cast<double>(first[2])));
        const Grid grid(shape, affine);
        VolumeView out = *this;
        out.grid_ = grid;
        if (grid.size() == 0) return out;  // its first voxel may lie behind the last
        out.data_ += first[0] * strides_[0] + first[1] * strides_[1] + first[2] * strides_[2];
        return out;
    }

private:
    T* data_;
    Grid grid_;
    std::array<std::int64_t, 3> strides_;
    const Metadata* metadata_ = nullptr;
};

/// Looks at the volumes of a run without owning them: contiguous, x fastest and time slowest.
///
/// Every algorithm takes it as it takes a `Volume4D`, without a copy. Cheap to copy. The memory must outlive the view.
template <class T>
requires Voxel<std::remove_const_t<T>>
class Volume4DView {
public:
    using value_type = std::remove_const_t<T>;

    /// \param data    frames * grid.size() voxels
    /// \param grid    of every volume
    /// \param frames  number of volumes
    /// \throws InvalidArgument when `frames` is negative
    Volume4DView(T* data, const Grid& grid, std::int64_t frames) : data_(data), grid_(grid), frames_(frames) {
        if (frames < 0) {
            throw InvalidArgument(text("volume4d: expected 0 or more volumes, found ", frames));
        }
    }

    /// The same volumes with header fields that results inherit; `metadata` must outlive the view.
    [[nodiscard]] Volume4DView with_metadata(const Metadata& metadata) const {
        Volume4DView out = *this;
        out.metadata_ = &metadata;
        return out;
    }
    Volume4DView with_metadata(const Metadata&&) const = delete;

    /// A view that reads from one that writes.
    operator Volume4DView<const T>() const requires(!std::is_const_v<T>) {
        return Volume4DView<const T>(data_, grid_, frames_).with_metadata(metadata());
    }

    [[nodiscard]] const Grid& grid() const { return grid_; }
    [[nodiscard]] const Shape& shape() const { return grid_.shape(); }
    /// Number of volumes.
    [[nodiscard]] std::int64_t frames() const { return frames_; }
    /// Number of values in all volumes together.
    [[nodiscard]] std::int64_t size() const { return frames_ * grid_.size(); }
    [[nodiscard]] T* data() const { return data_; }
    /// Header fields of the run that is looked at; those of a new image when there are none.
    [[nodiscard]] const Metadata& metadata() const { return metadata_ ? *metadata_ : detail::no_metadata(); }
    [[nodiscard]] std::span<T> values() const { return {data_, static_cast<std::size_t>(size())}; }

    /// Looks at one volume.
    /// \throws InvalidArgument when there is no such volume
    [[nodiscard]] VolumeView<T> frame(std::int64_t index) const {
        if (index < 0 || index >= frames_) {
            throw InvalidArgument(
                text("volume ", index, " does not exist; there are ", frames_, ", counted from 0"));
        }
        return VolumeView<T>(data_ + index * grid_.size(), grid_).with_metadata(metadata());
    }

private:
    T* data_;
    Grid grid_;
    std::int64_t frames_ = 0;
    const Metadata* metadata_ = nullptr;
};

/// What an algorithm reads of a volume or a run: itself, where it is a view already.
///
/// \throws InvalidArgument when the voxels of a view do not follow each other in memory
///
/// A class of your own becomes something that every algorithm takes when a function of this name, beside the class,
/// returns a `VolumeView` or a `Volume4DView` of it.
template <class T>
[[nodiscard]] VolumeView<const std::remove_const_t<T>> view_of(const VolumeView<T>& view) {
    require(view.contiguous(), "view: voxels are not contiguous; make a Volume of the view first");
    return view;
}
template <class T>
[[nodiscard]] Volume4DView<const std::remove_const_t<T>> view_of(const Volume4DView<T>& view) {
    return view;
}

/// Anything that is one volume: a `Volume`, or a view of voxels in somebody else's memory.
template <class V>
concept AnyVolume = requires(const V& volume) {
    typename decltype(view_of(volume))::value_type;
    requires std::same_as<decltype(view_of(volume)),
                          VolumeView<const typename decltype(view_of(volume))::value_type>>;
};

/// Anything that is a run in memory: a `Volume4D`, or a view of volumes in somebody else's memory.
template <class R>
concept AnyRun = requires(const R& run) {
    typename decltype(view_of(run))::value_type;
    requires std::same_as<decltype(view_of(run)),
                          Volume4DView<const typename decltype(view_of(run))::value_type>>;
};

/// The voxel type of a volume or a run.
template <class V>
requires(AnyVolume<V> ||
         AnyRun<V>) using VoxelOf = typename decltype(view_of(std::declval<const V&>()))::value_type;

/// A volume of true and false.
template <class V>
concept AnyMask = AnyVolume<V> && std::same_as < VoxelOf<V>,
bool > ;

namespace detail {

/// A view of a mask; of another volume, which the caller refuses to compile, one without voxels, so that nothing more is wrong.
template <AnyVolume M>
[[nodiscard]] VolumeView<const bool> view_of_mask([[maybe_unused]] const M& mask) {
    if constexpr (AnyMask<M>) {
        return view_of(mask);
    } else {
        return {nullptr, Grid()};
    }
}

}  // namespace detail

/// A volume of whole numbers, which may be labels.
template <class V>
concept AnyLabels = AnyVolume<V> && IntegerVoxel<VoxelOf<V>>;

/// A volume of numbers; no mask.
template <class V>
concept NumberVolume = AnyVolume<V> && NumberVoxel<VoxelOf<V>>;

/// A volume of float or double.
template <class V>
concept RealVolume = AnyVolume<V> && RealVoxel<VoxelOf<V>>;

}  // namespace roi
