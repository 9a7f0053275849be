// What the tests of morphology share: masks to look at, and the peer's golden mask.
#pragma once

#include <roi/image/volume.hpp>
#include <roi/morphology/structure.hpp>

#include "catch.hpp"
#include "support.hpp"
#include <cstdint>
#include <string>
#include <utility>
#include <vector>

namespace test {

inline std::vector<bool> truths(const roi::Mask& mask) { return std::vector<bool>(mask.begin(), mask.end()); }

/// A mask of some voxels along x.
inline roi::Mask line(std::int64_t size, const std::vector<std::int64_t>& voxels) {
    roi::Mask out(roi::Shape(size, 1, 1));
    for (const auto x : voxels) out(x, 0, 0) = true;
    return out;
}

/// The positions in memory of what is true.
inline std::vector<std::int64_t> positions(const roi::Mask& mask) {
    std::vector<std::int64_t> out;
    for (std::int64_t i = 0; i < mask.size(); ++i) {
        if (mask[i]) out.push_back(i);
    }
    return out;
}

using Positions = std::vector<std::int64_t>;

inline roi::Structure along_x(std::vector<bool> values) {
    const auto size = static_cast<std::int64_t>(values.size());
    return {roi::Shape(size, 1, 1), std::move(values)};
}

inline std::string message_of(const auto& action) {
    try {
        (void)action();
    } catch (const roi::InvalidArgument& error) {
        return error.what();
    }
    return "nothing was thrown";
}

/// 7 x 7 x 7, a block of 4 x 4 x 4 with a hole and two single voxels outside: 65 voxels.
inline roi::Mask golden_block() {
    roi::Mask out(roi::Shape(7, 7, 7));
    for (std::int64_t z = 1; z <= 4; ++z) {
        for (std::int64_t y = 1; y <= 4; ++y) {
            for (std::int64_t x = 1; x <= 4; ++x) out(x, y, z) = true;
        }
    }
    out(5, 5, 5) = true;
    out(5, 2, 2) = true;
    out(2, 2, 2) = false;
    return out;
}

/// A structure of a random box and random values; at times one of the three connectivities.
inline roi::Structure random_structure(Random& random, std::int64_t most = 5) {
    const auto kind = random() % 5;
    if (kind == 0) return roi::Connectivity::faces;
    if (kind == 1) return roi::Connectivity::edges;
    if (kind == 2) return roi::Connectivity::corners;
    const auto box = random_shape(random, most);
    return {box, truths(random_volume<bool>(box, random, kind == 3 ? 0.2 : 0.6))};
}

/// An origin that keeps the centre inside.
inline std::array<std::int64_t, 3> random_origin(const roi::Structure& structure, Random& random) {
    std::array<std::int64_t, 3> out{};
    for (std::size_t axis = 0; axis < 3; ++axis) {
        const auto size = structure.shape()[static_cast<int>(axis)];
        out[axis] = std::uniform_int_distribution<std::int64_t>(-(size / 2), size - 1 - size / 2)(random);
    }
    return out;
}

/// The same structure with its centre, moved by `origin`, true.
inline roi::Structure with_centre(const roi::Structure& structure,
                                  const std::array<std::int64_t, 3>& origin) {
    const auto& box = structure.shape();
    std::vector<bool> values(static_cast<std::size_t>(box.size()));
    const auto centre = structure.centre();
    for (std::int64_t i = 0; i < box.size(); ++i) {
        const auto [x, y, z] = box.voxel(i);
        values[static_cast<std::size_t>(i)] =
            structure(x, y, z) ||
            (x == centre[0] + origin[0] && y == centre[1] + origin[1] && z == centre[2] + origin[2]);
    }
    return {box, values};
}

}  // namespace test
