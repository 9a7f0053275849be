// The outline of a region in a slice.
#pragma once

#include <roi/plot/detail/scene.hpp>

#include <array>
#include <cstddef>
#include <cstdint>
#include <utility>
#include <vector>

namespace roi {

/// The closed lines around the true pixels of a slice, along the edges of its pixels.
///
/// \param inside         width * height truth values, rows from top to bottom
/// \param width, height  size of the slice in pixels
/// \returns              loops of corners in pixels from the upper left corner, clockwise around regions and
///                       counter-clockwise around holes; corners only where the line turns. Pixels that touch
///                       at a corner only get lines of their own
[[nodiscard]] inline std::vector<std::vector<Place>> contours(const std::vector<bool>& inside,
                                                              std::int64_t width, std::int64_t height) {
    // A bit for each edge that leaves a corner with a region on its right: to the right, down, left, up.
    constexpr std::array<std::int64_t, 4> dx{1, 0, -1, 0}, dy{0, 1, 0, -1};
    std::vector<unsigned> edges(static_cast<std::size_t>((width + 1) * (height + 1)));
    const auto leaving = [&](std::int64_t x, std::int64_t y) -> unsigned& {
        return edges[static_cast<std::size_t>(y * (width + 1) + x)];
    };
    const auto is_inside = [&](std::int64_t x, std::int64_t y) {
        return x >= 0 && y >= 0 && x < width && y < height && inside[static_cast<std::size_t>(y * width + x)];
    };
    for (std::int64_t y = 0; y < height; ++y) {
        for (std::int64_t x = 0; x < width; ++x) {
            if (!is_inside(x, y)) continue;
            if (!is_inside(x, y - 1)) leaving(x, y) |= 1u;
            if (!is_inside(x + 1, y)) leaving(x + 1, y) |= 2u;
            if (!is_inside(x, y + 1)) leaving(x + 1, y + 1) |= 4u;
            if (!is_inside(x - 1, y)) leaving(x, y + 1) |= 8u;
        }
    }
    std::vector<unsigned> left = edges;
    std::vector<std::vector<Place>> loops;
    for (std::int64_t start_y = 0; start_y <= height; ++start_y) {
        for (std::int64_t start_x = 0; start_x <= width; ++start_x) {
            // Of all edges of a loop that go to the right, the first in this order starts where the line
            // turns.
            if ((left[static_cast<std::size_t>(start_y * (width + 1) + start_x)] & 1u) == 0) continue;
            std::vector<Place> loop;
            std::int64_t x = start_x, y = start_y;
            unsigned direction = 0, before = 4;
            do {
                left[static_cast<std::size_t>(y * (width + 1) + x)] &= ~(1u << direction);
                if (direction != before) loop.push_back({static_cast<double>(x), static_cast<double>(y)});
                before = direction;
                x += dx[direction];
                y += dy[direction];
                // Turning right first keeps to the same pixel where two touch at a corner.
                for (const unsigned turn : {1u, 0u, 3u}) {
                    direction = (before + turn) % 4;
                    if ((leaving(x, y) >> direction & 1u) != 0) break;
                }
            } while (x != start_x || y != start_y || direction != 0);
            loops.push_back(std::move(loop));
        }
    }
    return loops;
}

}  // namespace roi
