// The unit in which the sums of each voxel are kept, of values whose squares leave the range of a double.
#pragma once

#include <roi/stats/detail/far_squares.hpp>
#include <roi/stream/sink.hpp>

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <vector>

namespace roi::detail {

/// A unit a voxel, by its largest value so far: all its sums are of its values in it.
class VoxelUnits {
public:
    void restart(std::size_t voxels) { units_.assign(voxels, Unit::none); }

    [[nodiscard]] Unit operator[](std::size_t voxel) const { return units_[voxel]; }

    /// How many times larger numbers are in the second unit.
    [[nodiscard]] static double from_one_to_other(Unit from, Unit to) {
        return in_unit(1.0, to) * from_unit(1.0, from);
    }

    /// Values of these voxels are of a type that holds none whose squares leave the range.
    void are_one(VoxelRange range) {
        std::fill(units_.data() + range.first, units_.data() + range.last, Unit::one);
    }

    /// Goes over to a unit for larger values; what was small is then rounded away.
    ///
    /// \param change  (voxel, factor): brings what is linear in the values to the new unit
    template <class Change>
    void raise(std::size_t voxel, Unit unit, const Change& change) {
        const Unit old = units_[voxel];
        if (unit <= old) return;
        units_[voxel] = unit;
        change(voxel, from_one_to_other(old, unit));
    }

    /// The volumes of a block that count, in the units of their voxels; none where all are as they are.
    ///
    /// \param counts  (number in the block): does a volume count?
    /// \param change  as of `raise`
    template <class Counts, class Change>
    [[nodiscard]] std::vector<std::vector<double>> in_units(const FrameBlock<double>& block, VoxelRange range,
                                                            const Counts& counts, const Change& change) {
        for (std::size_t k = 0; k < block.frames.size(); ++k) {
            if (!counts(k)) continue;
            for (std::int64_t i = range.first; i < range.last; ++i) {
                const double size = std::abs(block.frames[k][i]);
                if (size == 0.0 || !std::isfinite(size)) continue;
                raise(static_cast<std::size_t>(i),
                      size < 0x1p-400  ? Unit::tiny
                      : size > 0x1p400 ? Unit::huge
                                       : Unit::one,
                      change);
            }
        }
        bool far = false;
        for (std::int64_t i = range.first; i < range.last; ++i) {
            const Unit unit = units_[static_cast<std::size_t>(i)];
            far = far || unit == Unit::tiny || unit == Unit::huge;
        }
        if (!far) return {};
        std::vector<std::vector<double>> out(block.frames.size());
        for (std::size_t k = 0; k < out.size(); ++k) {
            if (!counts(k)) continue;
            out[k].resize(static_cast<std::size_t>(range.last));
            for (std::int64_t i = range.first; i < range.last; ++i) {
                const auto at = static_cast<std::size_t>(i);
                out[k][at] = in_unit(block.frames[k][i], units_[at]);
            }
        }
        return out;
    }

private:
    std::vector<Unit> units_;
};

}  // namespace roi::detail
