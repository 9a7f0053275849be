// An image whose axes are those of the world: x to the right, y to the front, z up; and its slices.
#pragma once

#include <roi/core/concepts.hpp>
#include <roi/core/detail/finite.hpp>
#include <roi/core/error.hpp>
#include <roi/image/grid.hpp>
#include <roi/image/view.hpp>
#include <roi/image/volume.hpp>
#include <roi/spatial/interpolation.hpp>
#include <roi/spatial/resample.hpp>

#include <Eigen/Core>
#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <memory>
#include <optional>
#include <type_traits>
#include <utility>
#include <vector>

namespace roi {

/// The direction a slice is seen along; `x` is a sagittal, `y` a coronal, `z` an axial slice.
enum class Axis { x = 0, y = 1, z = 2 };

/// A box in millimetres, from outer edge to outer edge of the voxels in it; all zero when there are none.
struct WorldBox {
    Point low = Point::Zero();
    Point high = Point::Zero();
};

/// One slice: to the right runs y (seen along x) or x, up runs z or y (seen along z).
struct Slice {
    std::int64_t width = 0;
    std::int64_t height = 0;
    std::vector<double> values;  ///< rows from top to bottom; NaN and infinity as 0
    double left = 0.0, right = 0.0, bottom = 0.0, top = 0.0;  ///< outer edges in millimetres
};

namespace detail {

/// The world axis along the width of a slice, and the one along its height.
[[nodiscard]] constexpr int across(Axis axis) { return axis == Axis::x ? 1 : 0; }
[[nodiscard]] constexpr int upward(Axis axis) { return axis == Axis::z ? 1 : 2; }

/// Does every voxel axis run along one world axis? Entries up to 0.001 count as 0, as in nilearn.
[[nodiscard]] inline bool runs_along_world(const Affine& affine) {
    for (int column = 0; column < 3; ++column) {
        int along = 0;
        for (int row = 0; row < 3; ++row) along += std::abs(affine(row, column)) > 0.001 ? 1 : 0;
        if (along != 1) return false;
    }
    return true;
}

/// The same voxels with permuted and reversed axes, so that the affine is a positive diagonal.
template <Voxel T>
[[nodiscard]] VolumeView<const T> reoriented(const VolumeView<const T>& view) {
    const T* data = view.data();
    std::array<std::int64_t, 3> lengths{}, strides{};
    const Affine& given = view.grid().affine();
    Affine affine = Affine::Identity();
    affine.topRightCorner<3, 1>() = given.topRightCorner<3, 1>();
    for (int column = 0; column < 3; ++column) {
        int row = 0;
        (void)given.topLeftCorner<3, 3>().col(column).cwiseAbs().maxCoeff(&row);
        const auto from = static_cast<std::size_t>(column), to = static_cast<std::size_t>(row);
        const double size = given(row, column);
        lengths[to] = view.shape()[column];
        strides[to] = view.strides()[from];
        affine(row, row) = std::abs(size);
        if (size < 0.0 && lengths[to] > 0) {
            data += (lengths[to] - 1) * strides[to];
            affine(row, 3) += size * static_cast<double>(lengths[to] - 1);
            strides[to] = -strides[to];
        }
    }
    return {data, Grid(Shape(lengths[0], lengths[1], lengths[2]), affine), strides};
}

/// The most voxels of a grid that is made for a drawing: plenty for any brain, whose turned grid has up to five times its
/// voxels, and for single tilted slices, but a header that lies does not cost minutes and gigabytes.
///
/// \param every_voxel  eight times as many, as those are looked up and not kept
[[nodiscard]] inline double most_drawn_voxels(const Grid& grid, bool every_voxel = false) {
    return (every_voxel ? 8.0 : 1.0) * std::max(16.0 * static_cast<double>(grid.size()), 67108864.0);
}

/// The grid a rotated image is resampled to: its bounding box, with the voxel size that a QR factorisation of
/// the affine gives each world axis. nilearn's `reorder_img` chooses the same.
///
/// \param every_voxel  for nearest values that show every voxel: the box reaches to the outer edges, in steps of at most half
///                     the smallest voxel, but for what would have more than half of `most_drawn_voxels`
/// \throws InvalidArgument when it has more than `most_drawn_voxels`
[[nodiscard]] inline Grid world_grid(const Grid& grid, bool every_voxel = false) {
    Eigen::Matrix3d q = grid.affine().topLeftCorner<3, 3>();
    Eigen::Vector3d r;
    for (int column = 0; column < 3; ++column) {
        for (int before = 0; before < column; ++before) {
            q.col(column) -= q.col(before).dot(q.col(column)) * q.col(before);
        }
        r[column] = q.col(column).norm();
        q.col(column) /= r[column];
    }
    Point low = Point::Constant(std::numeric_limits<double>::infinity());
    Point high = -low;
    const double edge = every_voxel ? 0.5 : 0.0;
    for (int corner = 0; corner < 8; ++corner) {
        Point voxel;
        for (int axis = 0; axis < 3; ++axis) {
            const auto last = std::max<std::int64_t>(grid.shape()[axis] - 1, 0);
            voxel[axis] = (corner >> axis & 1) != 0 ? static_cast<double>(last) + edge : -edge;
        }
        low = low.cwiseMin(grid.world(voxel));
        high = high.cwiseMax(grid.world(voxel));
    }
    Point size;
    for (int row = 0; row < 3; ++row) {
        int column = 0;
        (void)q.row(row).cwiseAbs().maxCoeff(&column);
        size[row] = r[column];
    }
    const double most = most_drawn_voxels(grid, every_voxel);
    const auto voxels_of = [&](const Point& step) -> Point {
        return ((high - low).cwiseQuotient(step).array() - 1e-6).ceil() + 1.0;
    };
    if (every_voxel) {
        // A plane within a quarter of the smallest voxel of a centre cuts a disc around it that holds a point of this grid.
        const double half = 0.5 * grid.voxel_size().minCoeff();
        const double coarser = std::cbrt(voxels_of(Point::Constant(half)).prod() / (0.5 * most));
        const Point fine = size.cwiseMin(half * std::max(1.0, coarser));
        if (voxels_of(fine).prod() <= most) size = fine;
    }
    const Point lengths = voxels_of(size);
    if (!(lengths.prod() <= most)) {
        throw InvalidArgument(
            text("plot: the axes of the image are so skewed, or its voxels of such different sizes, that "
                 "along the "
                 "axes of the world it would need more than ",
                 static_cast<std::int64_t>(most), " voxels; its transform is ", to_string(grid.affine()),
                 "; correct that, or bring it to another grid by resample_to"));
    }
    const auto length = [&](int axis) { return static_cast<std::int64_t>(lengths[axis]); };
    return {Shape(length(0), length(1), length(2)), scaling(size, low)};
}

/// What a slice needs of voxels of any type.
class WorldVoxels {
public:
    WorldVoxels() = default;
    WorldVoxels(const WorldVoxels&) = delete;
    WorldVoxels& operator=(const WorldVoxels&) = delete;
    virtual ~WorldVoxels() = default;

    /// Copies a slice, rows from top to bottom, with NaN and infinity as 0. Only of nearest voxels are there slices between
    /// whole numbers.
    virtual void read(Axis axis, double index, double* out) const = 0;
};

template <Voxel T>
class TypedWorldVoxels : public WorldVoxels {
public:
    explicit TypedWorldVoxels(const VolumeView<const T>& view) : view_(view) {}
    explicit TypedWorldVoxels(Volume<T> owned) : owned_(std::move(owned)), view_(owned_.view()) {}

    void read(Axis axis, double index, double* out) const override {
        const auto a = static_cast<std::size_t>(across(axis)), u = static_cast<std::size_t>(upward(axis));
        const auto& strides = view_.strides();
        const std::int64_t width = view_.shape()[across(axis)], height = view_.shape()[upward(axis)];
        const T* plane =
            view_.data() + static_cast<std::int64_t>(index) * strides[static_cast<std::size_t>(axis)];
        for (std::int64_t row = height - 1; row >= 0; --row) {
            const T* line = plane + row * strides[u];
            for (std::int64_t column = 0; column < width; ++column) {
                if constexpr (std::is_same_v<T, bool>) {
                    *out++ = line[column * strides[a]] ? 1.0 : 0.0;
                } else {
                    *out++ = finite_or_zero(line[column * strides[a]]);
                }
            }
        }
    }

private:
    Volume<T> owned_;
    VolumeView<const T> view_;
};

/// The nearest voxels of a rotated image, looked up slice by slice: a grid that is fine enough to show all of them is large.
template <Voxel T>
class NearestWorldVoxels : public WorldVoxels {
public:
    NearestWorldVoxels(Volume<T> image, const Grid& target) : image_(std::move(image)), target_(target) {}

    void read(Axis axis, double index, double* out) const override {
        const int a = across(axis), u = upward(axis);
        const auto place = [&](std::int64_t column, std::int64_t row) {
            Point at;
            at[static_cast<int>(axis)] = index;
            at[a] = static_cast<double>(column);
            at[u] = static_cast<double>(row);
            return Point(image_.grid().voxel(target_.world(at)) + Point::Constant(0.5));
        };
        const Point step = place(1, 0) - place(0, 0);
        for (std::int64_t row = target_.shape()[u] - 1; row >= 0; --row) {
            const Point start = place(0, row);
            for (std::int64_t column = 0; column < target_.shape()[a]; ++column) {
                const Point at = start + static_cast<double>(column) * step;
                const auto whole = [&](int i) { return static_cast<std::int64_t>(std::floor(at[i])); };
                const std::int64_t x = whole(0), y = whole(1), z = whole(2);
                *out++ = image_.grid().shape().contains(x, y, z)
                             ? finite_or_zero(static_cast<double>(image_(x, y, z)))
                             : 0.0;
            }
        }
    }

private:
    Volume<T> image_;
    Grid target_;
};

/// Does an image without a word about its interpolation show each voxel as it is? Masks and labels do, and images of two
/// values, one of which is 0.
template <Voxel T>
[[nodiscard]] bool shows_labels(const Volume<T>& image) {
    if (NeverAveraged<T>) return true;
    if (image.metadata().intent.code == label_intent) return true;
    T other{};
    for (const T value : image) {
        if (value == T{} || value == other) continue;
        if (other != T{}) return false;
        other = value;
    }
    return true;
}

/// A rotated image along the axes of the world.
template <Voxel T>
[[nodiscard]] std::shared_ptr<const WorldVoxels> turned(const Volume<T>& image, const Grid& target,
                                                        Interpolation how) {
    const auto with = [&](auto interpolation) -> std::shared_ptr<const WorldVoxels> {
        auto out = resample_to(image, target, interpolation);
        using Turned = typename decltype(out)::value_type;
        return std::make_shared<TypedWorldVoxels<Turned>>(std::move(out));
    };
    if constexpr (!NeverAveraged<T>) {
        if (how == Interpolation::automatic && !shows_labels(image)) how = Interpolation::linear;
        if (how == Interpolation::linear) return with(Interpolation::linear);
        if (how == Interpolation::continuous) return with(Interpolation::continuous);
    }
    return with(Interpolation::nearest);
}

}  // namespace detail

/// Looks at an image along the axes of the world, whatever the order and direction of its voxel axes.
///
/// Permuted and flipped images are only looked at and must outlive this; rotated ones are resampled once.
class WorldImage {
public:
    /// \param view           any image with at least one voxel
    /// \param interpolation  used when the affine is oblique, else every voxel is shown as it is
    /// \param every_voxel    an oblique image is shown as its nearest voxels, in steps small enough to show each; one that is
    ///                       a single voxel thick always is, for between its centres there is next to nothing
    /// \throws InvalidArgument when there are no voxels or the affine cannot be inverted
    template <Voxel T>
    explicit WorldImage(const VolumeView<const T>& view,
                        Interpolation interpolation = Interpolation::automatic, bool every_voxel = false) {
        require(view.size() > 0, "plot: the image has no voxels");
        (void)view.grid().voxel(Point::Zero());  // throws when the affine cannot be inverted
        if (detail::runs_along_world(view.grid().affine())) {
            const auto aligned = detail::reoriented(view);
            grid_ = aligned.grid();
            voxels_ = std::make_shared<detail::TypedWorldVoxels<T>>(aligned);
        } else {
            resampled_ = true;
            const auto& shape = view.shape();
            every_voxel = every_voxel || std::min({shape.x(), shape.y(), shape.z()}) == 1;
            between_ = every_voxel;
            grid_ = detail::world_grid(view.grid(), every_voxel);
            voxels_ = every_voxel ? std::make_shared<detail::NearestWorldVoxels<T>>(Volume<T>(view), grid_)
                                  : detail::turned(Volume<T>(view), grid_, interpolation);
        }
    }

    template <Voxel T>
    explicit WorldImage(const Volume<T>& volume, Interpolation interpolation = Interpolation::automatic,
                        bool every_voxel = false)
        : WorldImage(volume.view(), interpolation, every_voxel) {}

    /// Shape and affine in world order; the affine is a positive diagonal with an offset.
    [[nodiscard]] const Grid& grid() const { return grid_; }

    /// Was the image rotated against the world, and therefore resampled?
    [[nodiscard]] bool resampled() const { return resampled_; }

    /// The slice at a coordinate in millimetres; nothing outside the image. A whole number, half to even as nilearn rounds,
    /// unless every voxel of an oblique image is shown: then what lies in the plane itself.
    [[nodiscard]] std::optional<double> index(Axis axis, double millimetres) const {
        const int a = static_cast<int>(axis);
        const double at = (millimetres - grid_.affine()(a, 3)) / grid_.affine()(a, a);
        const double whole = std::nearbyint(at);
        if (!(whole >= 0.0 && whole < static_cast<double>(grid_.shape()[a]))) return std::nullopt;
        return between_ ? at : whole;
    }

    /// The slice with that number along an axis; not checked.
    [[nodiscard]] Slice slice(Axis axis, double index) const {
        Slice out;
        const auto box = edges();
        const int a = detail::across(axis), u = detail::upward(axis);
        out.width = grid_.shape()[a];
        out.height = grid_.shape()[u];
        out.left = box.low[a], out.right = box.high[a], out.bottom = box.low[u], out.top = box.high[u];
        out.values.resize(static_cast<std::size_t>(out.width * out.height));
        voxels_->read(axis, index, out.values.data());
        return out;
    }

    /// The box of all voxels.
    [[nodiscard]] WorldBox edges() const {
        return box({0, 0, 0}, {grid_.shape().x(), grid_.shape().y(), grid_.shape().z()});
    }

    /// The box of the voxels with |value| > `threshold`; nothing when there are none.
    [[nodiscard]] std::optional<WorldBox> edges_above(double threshold) const {
        std::array<std::int64_t, 3> first{grid_.shape().x(), grid_.shape().y(), grid_.shape().z()}, last{};
        for (std::int64_t z = 0; z < grid_.shape().z(); ++z) {
            const auto plane = slice(Axis::z, static_cast<double>(z));
            for (std::int64_t i = 0; i < plane.width * plane.height; ++i) {
                if (!(std::abs(plane.values[static_cast<std::size_t>(i)]) > threshold)) continue;
                const std::array<std::int64_t, 3> voxel{i % plane.width, plane.height - 1 - i / plane.width,
                                                        z};
                for (std::size_t axis = 0; axis < 3; ++axis) {
                    first[axis] = std::min(first[axis], voxel[axis]);
                    last[axis] = std::max(last[axis], voxel[axis] + 1);
                }
            }
        }
        if (last[0] == 0) return std::nullopt;
        return box(first, last);
    }

    /// Smallest and largest value, NaN and infinity as 0.
    [[nodiscard]] std::pair<double, double> range() const {
        constexpr double infinity = std::numeric_limits<double>::infinity();
        std::pair<double, double> out{infinity, -infinity};
        for (std::int64_t z = 0; z < grid_.shape().z(); ++z) {
            for (const double value : slice(Axis::z, static_cast<double>(z)).values) {
                out.first = std::min(out.first, value);
                out.second = std::max(out.second, value);
            }
        }
        return out;
    }

private:
    [[nodiscard]] WorldBox box(const std::array<std::int64_t, 3>& first,
                               const std::array<std::int64_t, 3>& last) const {
        const auto edge = [](std::int64_t i) { return static_cast<double>(i) - 0.5; };
        return {grid_.world(Point(edge(first[0]), edge(first[1]), edge(first[2]))),
                grid_.world(Point(edge(last[0]), edge(last[1]), edge(last[2])))};
    }

    Grid grid_;
    bool resampled_ = false, between_ = false;
    std::shared_ptr<const detail::WorldVoxels> voxels_;
};

}  // namespace roi
