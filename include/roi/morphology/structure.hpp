// Which voxels around a voxel count as its neighbours: the structuring element of morphology and labelling.
#pragma once

#include <roi/core/error.hpp>
#include <roi/core/text.hpp>
#include <roi/image/grid.hpp>
#include <roi/image/volume.hpp>

#include <algorithm>
#include <array>
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
    Structure(Connectivity connectivity) : shape_(3, 3, 3), values_(27) {
        const auto most = connectivity == Connectivity::faces     ? 1
                          : connectivity == Connectivity::edges   ? 2
                          : connectivity == Connectivity::corners ? 3
                                                                  : 0;
        if (most == 0) {
            throw InvalidArgument(text("connectivity: expected faces (6), edges (18) or corners (26), found ",
                                       static_cast<int>(connectivity)));
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

    [[nodiscard]] const Shape& shape() const { return shape_; }

    /// The value at (x, y, z) of the box; not checked.
    [[nodiscard]] bool operator()(std::int64_t x, std::int64_t y, std::int64_t z) const {
        return values_[static_cast<std::size_t>(shape_.index(x, y, z))];
    }

    /// The voxel of the box that lies on the voxel looked at.
    [[nodiscard]] std::array<std::int64_t, 3> centre() const {
        return {shape_.x() / 2, shape_.y() / 2, shape_.z() / 2};
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
    [[nodiscard]] Structure iterated(std::int64_t times) const {
        Structure out = *this;
        for (; times > 1; --times) out = grown(out);
        return out;
    }

    /// Where the true values lie from the centre, in voxels, x fastest.
    ///
    /// \param origin  moves the centre within the box, in voxels
    /// \throws InvalidArgument when the moved centre lies outside the box
    [[nodiscard]] std::vector<std::array<std::int64_t, 3>> offsets(
        const std::array<std::int64_t, 3>& origin = {0, 0, 0}) const {
        auto moved = centre();
        for (std::size_t axis = 0; axis < 3; ++axis) moved[axis] += origin[axis];
        if (!shape_.contains(moved[0], moved[1], moved[2])) {
            throw InvalidArgument(text("origin: (", joined(origin), ") moves the centre (", joined(centre()),
                                       ") out of a structure of ", shape_.to_string(),
                                       " voxels; keep it inside"));
        }
        std::vector<std::array<std::int64_t, 3>> out;
        for (std::int64_t index = 0; index < shape_.size(); ++index) {
            if (!values_[static_cast<std::size_t>(index)]) continue;
            const auto [x, y, z] = shape_.voxel(index);
            out.push_back({x - moved[0], y - moved[1], z - moved[2]});
        }
        return out;
    }

    friend bool operator==(const Structure&, const Structure&) = default;

private:
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
};

}  // namespace roi
