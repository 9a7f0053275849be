// A volume in somebody else's memory: pointer, grid and strides.
#pragma once

#include <roi/core/concepts.hpp>
#include <roi/core/error.hpp>
#include <roi/core/text.hpp>
#include <roi/image/grid.hpp>

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <type_traits>

namespace roi {

/// Looks at the voxels of one volume without owning them; `VolumeView<const T>` only reads.
///
/// Cheap to copy. The memory must outlive the view.
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

    /// A view that reads from one that writes.
    operator VolumeView<const T>() const requires(!std::is_const_v<T>) { return {data_, grid_, strides_}; }

    [[nodiscard]] const Grid& grid() const { return grid_; }
    [[nodiscard]] const Shape& shape() const { return grid_.shape(); }
    [[nodiscard]] std::int64_t size() const { return grid_.size(); }
    [[nodiscard]] const std::array<std::int64_t, 3>& strides() const { return strides_; }
    [[nodiscard]] T* data() const { return data_; }

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
        if (grid.size() == 0) return {data_, grid, strides_};  // its first voxel may lie behind the last
        return {data_ + first[0] * strides_[0] + first[1] * strides_[1] + first[2] * strides_[2], grid,
                strides_};
    }

private:
    T* data_;
    Grid grid_;
    std::array<std::int64_t, 3> strides_;
};

}  // namespace roi
