// Neighbourhoods as the kernels of morphology want them: lines at several shifts.
#pragma once

#include <algorithm>
#include <array>
#include <cstdint>
#include <map>
#include <set>
#include <vector>

namespace roi::detail {

/// A byte of a mask, 0 or 1; loops over bool do not become vector code.
using MaskByte = unsigned char;

using Offset = std::array<std::int64_t, 3>;

/// Neighbours that are the same lines at several shifts: the lines are combined once, then shifted.
///
/// A box of n^3 voxels costs n^2 + n steps a line this way instead of n^3.
struct ShiftedLines {
    std::vector<std::array<std::int64_t, 2>> lines;  ///< offsets along y and z
    std::vector<std::int64_t> shifts;                ///< offsets along x, the same for every line
};

[[nodiscard]] inline std::vector<ShiftedLines> shifted_lines(const std::vector<Offset>& offsets) {
    std::map<std::int64_t, std::set<std::array<std::int64_t, 2>>> lines_at;
    for (const auto& [dx, dy, dz] : offsets) lines_at[dx].insert({dy, dz});
    std::map<std::set<std::array<std::int64_t, 2>>, std::vector<std::int64_t>> shifts_of;
    for (const auto& [shift, lines] : lines_at) shifts_of[lines].push_back(shift);
    std::vector<ShiftedLines> out;
    for (const auto& [lines, shifts] : shifts_of) out.push_back({{lines.begin(), lines.end()}, shifts});
    return out;
}

/// Does a voxel look at itself? Then, repeated, values only ever turn from one into the other.
[[nodiscard]] inline bool holds_centre(const std::vector<Offset>& offsets) {
    return std::find(offsets.begin(), offsets.end(), Offset{0, 0, 0}) != offsets.end();
}

/// The same neighbours seen from the other side.
[[nodiscard]] inline std::vector<Offset> reflected(std::vector<Offset> offsets) {
    for (auto& [dx, dy, dz] : offsets) {
        dx = -dx;
        dy = -dy;
        dz = -dz;
    }
    return offsets;
}

}  // namespace roi::detail
