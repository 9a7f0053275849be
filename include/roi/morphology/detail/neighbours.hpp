// Neighbourhoods as the kernels of morphology want them: lines at several shifts.
#pragma once

#include <algorithm>
#include <array>
#include <cstdint>
#include <iterator>
#include <map>
#include <utility>
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
    using LineOffsets = std::vector<std::array<std::int64_t, 2>>;
    std::map<std::int64_t, LineOffsets> lines_at;
    for (const auto& [dx, dy, dz] : offsets) lines_at[dx].push_back({dy, dz});
    std::map<LineOffsets, std::vector<std::int64_t>> shifts_of;
    for (auto& [shift, lines] : lines_at) {
        std::sort(lines.begin(), lines.end());
        lines.erase(std::unique(lines.begin(), lines.end()), lines.end());
        shifts_of[std::move(lines)].push_back(shift);
    }
    std::vector<ShiftedLines> out;
    for (const auto& [lines, shifts] : shifts_of) out.push_back({lines, shifts});
    return out;
}

/// Lines that come to those of the group before: where all of these are wanted at a shift too, as in a ball those farther
/// out, what they were combined to is, and any ball costs about n^2 steps a line.
struct NestedLines {
    ShiftedLines group;         ///< without the lines of the group before where it goes on with them
    bool goes_on = false;       ///< does what the group before was combined to belong to this one?
    bool is_continued = false;  ///< does the group behind go on with this one?
};

[[nodiscard]] inline std::vector<NestedLines> nested_lines(std::vector<ShiftedLines> groups) {
    std::stable_sort(groups.begin(), groups.end(),
                     [](const auto& a, const auto& b) { return a.lines.size() < b.lines.size(); });
    std::vector<NestedLines> out;
    for (std::size_t k = 0; k < groups.size(); ++k) {
        const auto& lines = groups[k].lines;
        out.push_back({groups[k]});
        if (k == 0) continue;
        const auto& before = groups[k - 1].lines;
        if (!std::includes(lines.begin(), lines.end(), before.begin(), before.end())) continue;
        out[k].group.lines.clear();
        std::set_difference(lines.begin(), lines.end(), before.begin(), before.end(),
                            std::back_inserter(out[k].group.lines));
        out[k].goes_on = out[k - 1].is_continued = true;
    }
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
