// Sums of squares that leave the range of a double.
#pragma once

#include <roi/core/concepts.hpp>
#include <roi/stream/sink.hpp>

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <mutex>
#include <span>
#include <type_traits>
#include <vector>

namespace roi::detail {

/// The unit that squares are counted in: of the values, or 2^-600 or 2^600 of them.
enum class Unit : int { none = -2, tiny = -1, one = 0, huge = 1 };

/// A value in another unit.
[[nodiscard]] inline double in_unit(double value, Unit unit) {
    return unit == Unit::huge ? value * 0x1p-600 : unit == Unit::tiny ? value * 0x1p600 : value;
}

/// A value of another unit.
[[nodiscard]] inline double from_unit(double value, Unit unit) {
    return unit == Unit::huge ? value * 0x1p600 : unit == Unit::tiny ? value * 0x1p-600 : value;
}

/// A square in another unit.
[[nodiscard]] inline double square_in_unit(double square, Unit unit) {
    return in_unit(in_unit(square, unit), unit);
}

/// A second sum of squares for voxels whose first one leaves the range in which it can be trusted: of values around 1e-200
/// every square is 0, of such around 1e200 infinite. Here the same values are divided by 2^-600 or 2^600 before they are
/// squared, which changes no digit (J. L. Blue, "A portable Fortran program to find the Euclidean norm of a vector", ACM
/// TOMS 4, 1978, has three sums for the same reason).
///
/// Only double holds such values, and memory for them, one double a voxel, is taken when there are any. A sum that is
/// too small is followed here from the first value on; one that becomes too large starts with what it was. So the
/// result does not depend on how volumes came in blocks.
class FarSquares {
public:
    FarSquares() = default;
    FarSquares(const FarSquares& other) : values_(other.values_) {}
    FarSquares& operator=(const FarSquares& other) {
        values_ = other.values_;
        return *this;
    }

    void restart() { values_.clear(); }

    /// Could squares of such values leave the range?
    template <class T>
    static constexpr bool possible = std::is_same_v<T, double>;

    /// The sums of squares of some voxels as they are before volumes are added; nothing where it does not matter.
    template <class T>
    [[nodiscard]] static std::vector<double> before(const double* squares, VoxelRange range) {
        if constexpr (!possible<T>) return {};
        return {squares + range.first, squares + range.last};
    }

    /// The same before the first volume.
    template <class T>
    [[nodiscard]] static std::vector<double> before_any(VoxelRange range) {
        if constexpr (!possible<T>) return {};
        std::vector<double> zeros(static_cast<std::size_t>(range.last - range.first), 0.0);
        return zeros;
    }

    /// Looks at sums to which volumes were added.
    ///
    /// \param volumes   those that were added
    /// \param origin    what is taken from every value
    /// \param sum       the sums of the differences
    /// \param squares   and of their squares
    /// \param earlier   what `before` returned
    /// \param voxels    in a volume
    template <class T>
    void look_at(std::span<const T* const> volumes, const double* origin, const double* sum,
                 const double* squares, const std::vector<double>& earlier, VoxelRange range,
                 std::int64_t voxels) {
        if constexpr (possible<T>) {
            double* far = known();
            for (std::int64_t i = range.first; i < range.last; ++i) {
                const Unit unit = unit_of(squares[i]);
                if (unit == Unit::one || !std::isfinite(sum[i])) continue;
                double far_sum = start(far, i, earlier[static_cast<std::size_t>(i - range.first)], unit);
                for (const T* volume : volumes) {
                    const double scaled = in_unit(volume[i] - origin[i], unit);
                    far_sum += scaled * scaled;
                }
                keep(i, far_sum, voxels, far);
            }
        }
    }

    /// Looks at a sum to which one value was added.
    void look_at(double value, double sum, double squares, double earlier, std::int64_t voxel,
                 std::int64_t voxels) {
        const Unit unit = unit_of(squares);
        if (unit == Unit::one || !std::isfinite(sum)) return;
        const double scaled = in_unit(value, unit);
        double* far = known();
        keep(voxel, start(far, voxel, earlier, unit) + scaled * scaled, voxels, far);
    }

    /// Has any sum left the range?
    [[nodiscard]] bool any() const { return !values_.empty(); }

    /// The unit in which a voxel's squares are known; none where no value differs from the others.
    [[nodiscard]] Unit unit(std::int64_t voxel, double sum, double squares) const {
        const Unit unit = std::isfinite(sum) ? unit_of(squares) : Unit::one;
        if (unit != Unit::tiny) return unit;
        return values_.empty() || values_[static_cast<std::size_t>(voxel)] == 0.0 ? Unit::none : unit;
    }

    /// The sum of squares of a voxel in a unit that is not smaller than its own.
    [[nodiscard]] double squares(std::int64_t voxel, double squares, Unit unit) const {
        if (unit == Unit::one) return squares;
        if (!values_.empty() && unit_of(squares) == unit) return values_[static_cast<std::size_t>(voxel)];
        return square_in_unit(squares, unit);
    }

    /// Replaces the sum of a voxel, where the first one has left the range.
    void replace(std::int64_t voxel, double value, std::int64_t voxels) {
        if (value != 0.0 || !values_.empty()) memory(voxels)[voxel] = value;
    }

    /// Where is a sum of squares?
    [[nodiscard]] static Unit unit_of(double squares) {
        return squares < 0x1p-800 ? Unit::tiny : squares <= 0x1p900 ? Unit::one : Unit::huge;
    }

private:
    /// The sum of a voxel before squares in this unit are added; they are added one by one, so that it does not matter how
    /// volumes came in blocks.
    [[nodiscard]] static double start(const double* far, std::int64_t voxel, double earlier, Unit unit) {
        if (unit == Unit::huge && unit_of(earlier) != Unit::huge) return square_in_unit(earlier, Unit::huge);
        return far ? far[voxel] : 0.0;
    }

    /// Keeps the sum of a voxel; `far` is the memory, once there is some.
    void keep(std::int64_t voxel, double sum, std::int64_t voxels, double*& far) {
        if (sum == 0.0) return;
        if (!far) far = memory(voxels);
        far[voxel] = sum;
    }

    /// The memory, if there is some; of a voxel that only this thread works on nothing is in it otherwise.
    [[nodiscard]] double* known() {
        const std::lock_guard lock(mutex_);
        return values_.empty() ? nullptr : values_.data();
    }

    /// Called from several threads, which then work on different voxels.
    double* memory(std::int64_t voxels) {
        const std::lock_guard lock(mutex_);
        if (values_.empty()) values_.resize(static_cast<std::size_t>(voxels), 0.0);
        return values_.data();
    }

    std::mutex mutex_;
    std::vector<double> values_;
};

/// The unit for what is made of several sums.
[[nodiscard]] inline Unit common_unit(Unit a, Unit b) { return std::max(a, b); }

}  // namespace roi::detail
