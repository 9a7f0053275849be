// Which voxels around a voxel count as its neighbours: the structuring element of morphology and labelling.
#pragma once

#include <roi/core/detail/memory.hpp>
#include <roi/core/error.hpp>
#include <roi/core/text.hpp>
#include <roi/image/grid.hpp>
#include <roi/image/volume.hpp>

#include <algorithm>
#include <array>
#include <cmath>
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <optional>
#include <utility>
#include <vector>

namespace roi {

/// What two neighbouring voxels share at least; the values count the neighbours of a voxel.
enum class Connectivity : std::uint8_t { faces = 6, edges = 18, corners = 26 };

/// A small box of truth values around a centre, which is voxel floor(size / 2) along each axis.
///
/// Any size works, even ones and unequal ones included, and any values, all false included.
class Structure {
public:
    /// A voxel and its 6 face neighbours: the default of SciPy.
    Structure() : Structure(Connectivity::faces) {}

    /// The 3 x 3 x 3 box of a voxel and its neighbours; implicit, so that
    /// `.structure = roi::Connectivity::corners` reads well.
    ///
    /// True where |dx| + |dy| + |dz| is at most 1, 2 or 3: SciPy's `generate_binary_structure(3, 1)` to
    /// `(3, 3)`, with 7, 19 and 27 true values.
    /// \throws InvalidArgument when the value is none of the three named ones
    Structure(Connectivity connectivity) : Structure(static_cast<int>(connectivity)) {}

    /// The same by the number of neighbours: 6, 18 or 26.
    /// \throws InvalidArgument when it is another number
    template <std::same_as<int> Number>
    Structure(Number neighbours) : shape_(3, 3, 3), values_(27) {
        const int most = neighbours == 6 ? 1 : neighbours == 18 ? 2 : neighbours == 26 ? 3 : 0;
        if (most == 0) {
            throw InvalidArgument(
                text("connectivity: expected faces (6), edges (18) or corners (26), found ", neighbours));
        }
        for (std::int64_t index = 0; index < shape_.size(); ++index) {
            const auto [x, y, z] = shape_.voxel(index);
            values_[static_cast<std::size_t>(index)] =
                std::abs(x - 1) + std::abs(y - 1) + std::abs(z - 1) <= most;
        }
    }

    /// A box of its own values.
    ///
    /// \param shape   size along x, y and z
    /// \param values  one truth value per voxel, x fastest
    /// \throws InvalidArgument when the box is empty or the number of values is not its size
    Structure(const Shape& shape, std::vector<bool> values) : shape_(shape), values_(std::move(values)) {
        require(shape.size() > 0,
                "structure: expected at least one voxel along each axis, found an empty box");
        if (static_cast<std::int64_t>(values_.size()) != shape.size()) {
            throw InvalidArgument(text("structure: a box of ", shape.to_string(), " needs ", shape.size(),
                                       " values, found ", values_.size()));
        }
    }

    /// The same as the constructor, spelt out.
    [[nodiscard]] static Structure connectivity(Connectivity connectivity) { return connectivity; }

    /// All voxels whose centres lie at most `mm` millimetres from that of the one in the middle.
    ///
    /// \param mm    radius in millimetres, 0 or more; 0 is the voxel alone
    /// \param grid  whose voxels; of its affine sizes, rotation and shear count
    /// \returns     the smallest box around them, with an odd number of voxels along each axis
    /// \throws InvalidArgument when `mm` is negative or not finite, the affine cannot be inverted, or the ball has more
    ///         voxels than fit in memory; `grow` does not need them
    ///
    /// An offset o in voxels belongs to the ball when o' A' A o <= mm^2, A the 3 x 3 part of the affine. Affines come from
    /// files in single precision, so mm^2 counts a millionth more: a ball of 3 voxels of 0.1 mm is one of 0.3 mm.
    [[nodiscard]] static Structure ball(double mm, const Grid& grid);

    [[nodiscard]] const Shape& shape() const { return shape_; }

    /// The value at (x, y, z) of the box; not checked.
    [[nodiscard]] bool operator()(std::int64_t x, std::int64_t y, std::int64_t z) const {
        return values_[static_cast<std::size_t>(shape_.index(x, y, z))];
    }

    /// The voxel of the box that lies on the voxel looked at.
    [[nodiscard]] std::array<std::int64_t, 3> centre() const {
        return {shape_.x() / 2, shape_.y() / 2, shape_.z() / 2};
    }

    /// The same moved by `origin` voxels.
    /// \throws InvalidArgument when it then lies outside the box
    [[nodiscard]] std::array<std::int64_t, 3> moved_centre(const std::array<std::int64_t, 3>& origin) const {
        auto moved = centre();
        bool inside = true;
        for (std::size_t axis = 0; axis < 3; ++axis) {
            // Compared before they are added: any number may be given.
            const auto size = shape_[static_cast<int>(axis)];
            inside = inside && origin[axis] >= -moved[axis] && origin[axis] < size - moved[axis];
            if (inside) moved[axis] += origin[axis];
        }
        if (!inside) {
            throw InvalidArgument(text("origin: (", joined(origin), ") moves the centre (", joined(centre()),
                                       ") out of a structure of ", shape_.to_string(),
                                       " voxels; keep it inside"));
        }
        return moved;
    }

    /// The part that lies in one slice with the centre, which treats each slice of a volume by itself: `fill_holes(mask,
    /// {.structure = Structure().in_slice(2)})` fills holes of axial slices that are open along z.
    ///
    /// \param axis  0, 1 or 2: slices lie across x, y or z
    /// \throws InvalidArgument for another axis
    [[nodiscard]] Structure in_slice(int axis) const {
        if (axis < 0 || axis > 2)
            throw InvalidArgument(text("structure: expected axis 0, 1 or 2, found ", axis));
        const auto middle = centre()[static_cast<std::size_t>(axis)];
        std::array<std::int64_t, 3> size{shape_.x(), shape_.y(), shape_.z()};
        size[static_cast<std::size_t>(axis)] = 1;
        std::vector<bool> values;
        for (std::int64_t index = 0; index < shape_.size(); ++index) {
            if (shape_.voxel(index)[static_cast<std::size_t>(axis)] == middle)
                values.push_back(values_[static_cast<std::size_t>(index)]);
        }
        return {Shape(size[0], size[1], size[2]), std::move(values)};
    }

    /// Number of true values.
    [[nodiscard]] std::int64_t count() const { return std::count(values_.begin(), values_.end(), true); }

    /// Is every value the same as the one opposite to it in the box?
    [[nodiscard]] bool symmetric() const {
        return std::equal(values_.begin(), values_.end(), values_.rbegin());
    }

    /// The box that does in one dilation what this one does in `times`.
    ///
    /// Along an axis of n voxels the result has n + (times - 1) (n - 1). Equals SciPy's `iterate_structure`;
    /// like there, less than 2 returns the structure itself. Costs times * size of the result * count().
    /// \throws InvalidArgument when an axis of the result would be longer than a million voxels
    [[nodiscard]] Structure iterated(std::int64_t times) const {
        constexpr std::int64_t most = 1000000;
        const auto longest = std::max({shape_.x(), shape_.y(), shape_.z()});
        if (times > 1 && longest > 1 && times > most / (longest - 1)) {
            throw InvalidArgument(text("iterated: a structure of ", shape_.to_string(), " voxels ", times,
                                       " times is larger than any volume; give a smaller number"));
        }
        if (longest == 1) times = std::min<std::int64_t>(times, 2);  // the same from then on
        Structure out = *this;
        for (; times > 1; --times) out = grown(out);
        return out;
    }

    /// The same box with every value turned into its opposite.
    [[nodiscard]] Structure complement() const {
        Structure out = *this;
        out.values_.flip();
        return out;
    }

    /// Where the true values lie from the centre, in voxels, x fastest.
    ///
    /// \param origin  moves the centre within the box, in voxels
    /// \throws InvalidArgument when the moved centre lies outside the box
    [[nodiscard]] std::vector<std::array<std::int64_t, 3>> offsets(
        const std::array<std::int64_t, 3>& origin = {0, 0, 0}) const {
        return offsets_between({0, 0, 0}, {shape_.x(), shape_.y(), shape_.z()}, moved_centre(origin));
    }

    /// The same as far as they tell voxels of a volume apart: what lies outside it whichever voxel looks there is left out,
    /// and one neighbour beyond the border along y stands for all of it.
    ///
    /// \param volume  shape of the volume
    /// \throws as `offsets`; Error out_of_memory when there are more of them than fit in memory
    [[nodiscard]] std::vector<std::array<std::int64_t, 3>> offsets_within(
        const Shape& volume, const std::array<std::int64_t, 3>& origin = {0, 0, 0}) const {
        const auto centre = moved_centre(origin);
        std::array<std::int64_t, 3> first{}, last{};
        for (std::size_t axis = 0; axis < 3; ++axis) {
            const auto most = std::max<std::int64_t>(volume[static_cast<int>(axis)] - 1, 0);
            first[axis] = std::max<std::int64_t>(centre[axis] - most, 0);
            last[axis] = std::min(centre[axis] + most + 1, shape_[static_cast<int>(axis)]);
        }
        auto out = offsets_between(first, last, centre);
        if (static_cast<std::int64_t>(out.size()) < count()) {
            out.push_back({0, std::max<std::int64_t>(volume.y(), 1), 0});
        }
        return out;
    }

    friend bool operator==(const Structure&, const Structure&) = default;

private:
    [[nodiscard]] std::vector<std::array<std::int64_t, 3>> offsets_between(
        const std::array<std::int64_t, 3>& first, const std::array<std::int64_t, 3>& last,
        const std::array<std::int64_t, 3>& centre) const {
        const Shape box(last[0] - first[0], last[1] - first[1], last[2] - first[2]);
        const std::int64_t most = std::min(count(), box.size());
        // A vector that grows, and what kernels make of it.
        if (!detail::is_memory_for(most, 4 * sizeof(std::array<std::int64_t, 3>))) {
            throw Error(ErrorCode::out_of_memory,
                        text("structure: ", most,
                             " neighbours need more memory than there is; grow(mask, mm) "
                             "needs no structure"));
        }
        std::vector<std::array<std::int64_t, 3>> out;
        for (std::int64_t z = first[2]; z < last[2]; ++z) {
            for (std::int64_t y = first[1]; y < last[1]; ++y) {
                for (std::int64_t x = first[0]; x < last[0]; ++x) {
                    if ((*this)(x, y, z)) out.push_back({x - centre[0], y - centre[1], z - centre[2]});
                }
            }
        }
        return out;
    }

    /// All sums of a true position of `other` and one of this box: their Minkowski sum.
    [[nodiscard]] Structure grown(const Structure& other) const {
        const Shape shape(other.shape_.x() + shape_.x() - 1, other.shape_.y() + shape_.y() - 1,
                          other.shape_.z() + shape_.z() - 1);
        std::vector<bool> values(static_cast<std::size_t>(shape.size()));
        for (std::int64_t i = 0; i < other.shape_.size(); ++i) {
            if (!other.values_[static_cast<std::size_t>(i)]) continue;
            const auto a = other.shape_.voxel(i);
            for (std::int64_t j = 0; j < shape_.size(); ++j) {
                if (!values_[static_cast<std::size_t>(j)]) continue;
                const auto b = shape_.voxel(j);
                values[static_cast<std::size_t>(shape.index(a[0] + b[0], a[1] + b[1], a[2] + b[2]))] = true;
            }
        }
        return {shape, std::move(values)};
    }

    Shape shape_;
    std::vector<bool> values_;
};

namespace detail {

/// Squared lengths in millimetres of steps in voxels.
class SquaredLength {
public:
    explicit SquaredLength(const Grid& grid) {
        for (int i = 0; i < 3; ++i) {
            for (int j = 0; j < 3; ++j) {
                double sum = 0.0;
                for (int row = 0; row < 3; ++row) sum += grid.affine()(row, i) * grid.affine()(row, j);
                metric_[static_cast<std::size_t>(3 * i + j)] = sum;
            }
        }
    }

    /// A' A at (i, j): the product of two columns of the affine.
    [[nodiscard]] double metric(int i, int j) const { return metric_[static_cast<std::size_t>(3 * i + j)]; }

    [[nodiscard]] double operator()(double x, double y, double z) const {
        return x * x * metric(0, 0) + y * y * metric(1, 1) + z * z * metric(2, 2) +
               2.0 * (x * y * metric(0, 1) + x * z * metric(0, 2) + y * z * metric(1, 2));
    }

private:
    std::array<double, 9> metric_{};
};

/// The squared distance up to which centres count as within `mm`.
[[nodiscard]] inline double squared_radius(double mm) { return mm * mm * (1.0 + 1e-6); }

}  // namespace detail

inline Structure Structure::ball(double mm, const Grid& grid) {
    if (!(mm >= 0.0) || std::isinf(mm)) {
        throw InvalidArgument(text("ball: expected a radius in millimetres of 0 or more, found ", mm));
    }
    const detail::SquaredLength squared(grid);
    const double most = detail::squared_radius(mm);
    std::array<std::int64_t, 3> radius{};
    double voxels = 1.0;
    Affine linear = grid.affine();
    for (int row = 0; row < 3; ++row) linear(row, 3) = 0.0;
    const Grid centred(Shape(), linear);
    for (int axis = 0; axis < 3; ++axis) {
        // A ball of 1 mm reaches as far along an axis of voxels as that row of the inverse is long.
        double length = 0.0;
        for (int column = 0; column < 3; ++column) {
            Point step = Point::Zero();
            step[column] = 1.0;
            const double along = centred.voxel(step)[axis];
            length += along * along;
        }
        const double reach = std::floor(std::sqrt(most * length) * (1.0 + 1e-6));
        voxels *= 2.0 * reach + 1.0;
        if (voxels > 1e9) {
            throw InvalidArgument(text("ball: a radius of ", mm,
                                       " mm spans more than a billion voxels of this grid; "
                                       "grow(mask, mm) needs no structure"));
        }
        radius[static_cast<std::size_t>(axis)] = static_cast<std::int64_t>(reach);
    }
    const auto& [rx, ry, rz] = radius;
    const Shape shape(2 * rx + 1, 2 * ry + 1, 2 * rz + 1);
    std::vector<bool> values(static_cast<std::size_t>(shape.size()));
    for (std::int64_t index = 0; index < shape.size(); ++index) {
        const auto [x, y, z] = shape.voxel(index);
        values[static_cast<std::size_t>(index)] =
            squared(static_cast<double>(x - rx), static_cast<double>(y - ry), static_cast<double>(z - rz)) <=
            most;
    }
    return {shape, std::move(values)};
}

/// How a structure is applied to a mask; used with designated initialisers, as in
/// `dilate(mask, {.structure = Connectivity::corners, .iterations = 2})`.
struct MorphologyOptions {
    /// Which neighbours count.
    Structure structure = {};

    /// How often; less than 1 repeats until nothing changes.
    std::int64_t iterations = 1;

    /// Where voxels may change; the others keep their value, and their neighbours still see it.
    std::optional<Mask> mask = {};

    /// The value of everything outside the volume.
    bool border_value = false;

    /// Moves the centre of the structure, in voxels.
    std::array<std::int64_t, 3> origin = {0, 0, 0};

    StopRequest stop = {};  ///< asked between two iterations whether to stop
    int threads = 0;        ///< number of threads for this call; 0 is `threads()`
};

}  // namespace roi
