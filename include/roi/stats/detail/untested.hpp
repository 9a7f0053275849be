// Says which results of a test are no evidence.
#pragma once

#include <roi/core/error.hpp>
#include <roi/core/text.hpp>
#include <roi/image/grid.hpp>
#include <roi/image/volume.hpp>
#include <roi/stats/test_result.hpp>

#include <cmath>
#include <cstdint>
#include <limits>
#include <string>
#include <string_view>

namespace roi::detail {

/// Voxels that are not tested, and the first of them.
struct LeftOut {
    std::int64_t count = 0, first = 0;

    void add(std::int64_t voxel) {
        if (count++ == 0) first = voxel;
    }

    /// How many they are, and what they do: "1 voxel has", "3 voxels have".
    [[nodiscard]] std::string voxels(std::string_view one, std::string_view several) const {
        return text(count, count == 1 ? " voxel " : " voxels ", count == 1 ? one : several);
    }

    /// "it is not tested: (1, 2, 3)", "they are not tested, the first is (1, 2, 3)".
    [[nodiscard]] std::string not_tested(const Shape& shape) const {
        return text(count == 1 ? "it is not tested: (" : "they are not tested, the first is (",
                    joined(shape.voxel(first)), ")");
    }
};

/// The share of the squares of a voxel that is rounding beside what explains it.
inline constexpr double rounding_of_squares = 1e-26;

/// Takes out of a test the voxels whose t is infinite, or would be but for rounding: those that do not vary.
inline void leave_out_constant(TTest& test, std::string_view function, const WarningHandler& warning) {
    LeftOut constant;
    for (std::int64_t i = 0; i < test.t.size(); ++i) {
        // What is left of the squares is 1 / (1 + t^2 / df) of them.
        const double limit = std::sqrt(test.df[i] / rounding_of_squares);
        if (!std::isinf(test.t[i]) && !(std::abs(test.t[i]) >= limit)) continue;
        test.t[i] = test.p[i] = test.df[i] = std::numeric_limits<double>::quiet_NaN();
        constant.add(i);
    }
    if (!warning || constant.count == 0) return;
    warning(text(function, ": ", constant.voxels("does", "do"),
                 " not vary beside what is tested: t would be infinite, ",
                 constant.not_tested(test.t.grid().shape())));
}

/// Says that no voxel could be tested, or how many have an infinite statistic: such voxels do not vary, as is so where a
/// file comes twice or a constant was added outside the head, and p = 0 is no finding there. They stay infinite, as the
/// peers have them, and so survive any threshold.
inline void warn_of_untested(const WarningHandler& warning, std::string_view function,
                             std::string_view statistic, const Volume<double>& map) {
    if (!warning) return;
    std::int64_t nan = 0, infinite = 0;
    for (const double value : map) {
        nan += std::isnan(value) ? 1 : 0;
        infinite += std::isinf(value) ? 1 : 0;
    }
    if (nan == map.size()) {
        warning(text(function, ": ", statistic,
                     " is NaN in every voxel: none varies, or there are too few values for a variance"));
    }
    if (infinite == 0) return;
    warning(text(function, ": ", statistic, " is infinite in ", infinite,
                 infinite == 1
                     ? " voxel, which does not vary: p = 0 is no finding there, though it survives any "
                       "threshold; a mask leaves it out"
                     : " voxels, which do not vary: p = 0 is no finding there, though they survive any "
                       "threshold; a mask leaves them out"));
}

}  // namespace roi::detail
