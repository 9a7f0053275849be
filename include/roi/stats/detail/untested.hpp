// Says which results of a test are no evidence.
#pragma once

#include <roi/core/error.hpp>
#include <roi/core/text.hpp>
#include <roi/image/volume.hpp>

#include <cmath>
#include <cstdint>
#include <string_view>

namespace roi::detail {

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
