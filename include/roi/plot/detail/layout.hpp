// Which slices a picture shows and where they stand on the sheet.
#pragma once

#include <roi/core/error.hpp>
#include <roi/core/text.hpp>
#include <roi/image/grid.hpp>
#include <roi/plot/cut_coords.hpp>
#include <roi/plot/detail/scene.hpp>
#include <roi/plot/detail/world.hpp>
#include <roi/plot/plot_options.hpp>

#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <numeric>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace roi::detail {

/// One slice on the sheet.
struct View {
    Axis axis = Axis::x;
    double at = 0.0;  ///< coordinate along `axis` in millimetres
    std::size_t row = 0;
    Rect box = {};   ///< in points
    Rect cell = {};  ///< its share of the sheet, in whose middle the box stands
};

/// How a display is built: rows of axes from top to bottom, inches per slice, and whether slices share a
/// point.
struct DisplayPlan {
    std::vector<std::vector<Axis>> rows;
    double slice_width = 2.2;
    double height = 3.5;
    bool one_point = true;

    [[nodiscard]] bool has(Axis axis) const {
        return std::any_of(rows.begin(), rows.end(), [axis](const auto& row) {
            return std::find(row.begin(), row.end(), axis) != row.end();
        });
    }
};

/// nilearn's sizes and orders.
[[nodiscard]] inline DisplayPlan plan_of(Display display) {
    constexpr Axis x = Axis::x, y = Axis::y, z = Axis::z;
    switch (display) {
        case Display::ortho:
            return {{{y, x, z}}, 2.2, 3.5, true};
        case Display::tiled:
            return {{{y, x}, {z}}, 3.0, 7.6, true};
        case Display::xz:
            return {{{x, z}}, 2.2, 3.5, true};
        case Display::yx:
            return {{{y, x}}, 2.2, 3.5, true};
        case Display::yz:
            return {{{y, z}}, 2.2, 3.0, true};
        case Display::x:
            return {{{x}}, 2.6, 2.3, false};
        case Display::y:
            return {{{y}}, 2.2, 3.0, false};
        case Display::z:
            return {{{z}}, 2.2, 3.2, false};
        case Display::mosaic:
            return {{{z}, {x}, {y}}, 12.0 / 7.0, 5.0, false};
    }
    throw InvalidArgument(text("plot: there is no display ", static_cast<int>(display)));
}

/// The coordinates of the slices along each axis.
using CutPositions = std::array<std::vector<double>, 3>;

[[nodiscard]] inline const char* name_of(Axis axis) {
    return axis == Axis::x ? "x" : axis == Axis::y ? "y" : "z";
}

/// What the option `.cut` means for a display.
///
/// \param centre  gives the automatic point
/// \param slices  gives the automatic slices along an axis
[[nodiscard]] inline CutPositions resolve_cuts(
    const Cuts& cuts, const DisplayPlan& plan, const std::function<Point()>& centre,
    const std::function<std::vector<double>(Axis, std::int64_t)>& slices) {
    constexpr std::array axes{Axis::x, Axis::y, Axis::z};
    CutPositions out;
    std::vector<Axis> shown;
    std::copy_if(axes.begin(), axes.end(), std::back_inserter(shown), [&](Axis a) { return plan.has(a); });
    const auto at = [&out](Axis axis) -> auto& { return out[static_cast<std::size_t>(axis)]; };

    if (cuts.positions()) {
        const auto& given = *cuts.positions();
        for (const double position : given) {
            if (!std::isfinite(position)) {
                throw InvalidArgument(text("plot: `cut` holds ", position, ", expected millimetres"));
            }
        }
        if (plan.one_point) {
            if (given.size() == 3) {
                for (const Axis axis : shown) at(axis) = {given[static_cast<std::size_t>(axis)]};
            } else if (given.size() == shown.size()) {
                for (std::size_t i = 0; i < shown.size(); ++i) at(shown[i]) = {given[i]};
            } else {
                throw InvalidArgument(text("plot: `cut` needs ", shown.size(),
                                           " coordinates for this display, one "
                                           "per direction, found ",
                                           given.size()));
            }
        } else if (shown.size() == 1) {
            at(shown.front()) = given;
        } else {
            throw InvalidArgument(
                "plot: a mosaic needs `cut` as a number of slices or Cuts::per_axis, found a list");
        }
    } else if (cuts.positions_per_axis()) {
        require(!plan.one_point, "plot: Cuts::per_axis is for the displays x, y, z and mosaic");
        for (const Axis axis : shown) {
            at(axis) = (*cuts.positions_per_axis())[static_cast<std::size_t>(axis)];
        }
    } else if (plan.one_point) {
        require(!cuts.count(),
                "plot: this display needs `cut` as coordinates in millimetres, found a number of "
                "slices; use the display x, y, z or mosaic for several");
        const Point point = centre();
        for (const Axis axis : shown) at(axis) = {point[static_cast<int>(axis)]};
    } else {
        for (const Axis axis : shown) at(axis) = slices(axis, cuts.count().value_or(7));
    }
    for (const Axis axis : shown) {
        if (at(axis).empty()) throw InvalidArgument(text("plot: `cut` names no slice along ", name_of(axis)));
    }
    return out;
}

/// The slices of a display, and the sheet they stand on.
struct Layout {
    std::vector<View> views;
    double width = 0.0;  ///< of the sheet, in points
    double height = 0.0;
    std::optional<Rect> colorbar;
    std::optional<Rect> legend;
    double scale = 1.0;  ///< points per millimetre, the same for all views
};

// Room for a colour bar in points: nilearn's share of an ortho figure, kept for every display.
inline constexpr double colorbar_width = 8.8;
inline constexpr double colorbar_right = 3.5;
inline constexpr double colorbar_ticks = 43.8;

/// Places the views: in each row every one has a share of the width as wide as its slice is in millimetres.
///
/// \param legend  points on the right that a legend wants, 0 without one
/// \param title   points at the top that are left to a title, 0 where it stands in a corner that is free
[[nodiscard]] inline Layout lay_out(const DisplayPlan& plan, const CutPositions& cuts, const WorldBox& bounds,
                                    bool colorbar, double legend, const std::optional<FigureSize>& size,
                                    double title = 0.0) {
    Layout out;
    std::size_t most = 1;
    for (std::size_t row = 0; row < plan.rows.size(); ++row) {
        const std::size_t before = out.views.size();
        for (const Axis axis : plan.rows[row]) {
            for (const double at : cuts[static_cast<std::size_t>(axis)])
                out.views.push_back({axis, at, row, {}});
        }
        most = std::max(most, out.views.size() - before);
    }
    if (size && !(size->width > 0.0 && size->height > 0.0 && size->width < 1000.0 && size->height < 1000.0)) {
        throw InvalidArgument(text("plot: `size` must be above 0 and below 1000 inches, found ", size->width,
                                   " x ", size->height));
    }
    out.width =
        72.0 * (size ? size->width : plan.slice_width * static_cast<double>(most) + (colorbar ? 0.7 : 0.0));
    out.height = 72.0 * (size ? size->height : plan.height);
    // Where no size was asked for, the sheet becomes wider and higher by what stands beside the slices.
    if (!size) {
        out.width += legend;
        out.height += title;
    }
    title = std::min(title, 0.5 * out.height);
    const double height_of_slices = out.height - title;
    double room = out.width;
    if (legend > 0.0) {
        if (size) legend = std::min(legend, 0.5 * out.width);
        room -= legend;
        out.legend = Rect{room, 0.0, legend, out.height};
    }
    if (colorbar) {
        const double all = colorbar_width + colorbar_right + colorbar_ticks;
        room -= std::min(all, 0.5 * out.width);
        out.colorbar = Rect{out.width - colorbar_right - colorbar_width, title + 0.05 * height_of_slices,
                            colorbar_width, 0.9 * height_of_slices};
    }

    const Point extent = bounds.high - bounds.low;
    std::vector<double> widths(plan.rows.size()), heights(plan.rows.size());
    for (const View& view : out.views) {
        widths[view.row] += extent[across(view.axis)];
        heights[view.row] = std::max(heights[view.row], extent[upward(view.axis)]);
    }
    // In two rows the columns line up: the lower left view is as wide as the one above it.
    const bool tiled = plan.one_point && plan.rows.size() > 1;
    const double all_heights = std::accumulate(heights.begin(), heights.end(), 0.0);
    std::vector<double> shares(heights.size(), 1.0);
    if (tiled) {
        // Rows as high as their slices; one of a few voxels still has room for its texts.
        for (std::size_t i = 0; i < shares.size(); ++i) shares[i] = std::max(heights[i] / all_heights, 0.15);
    }
    const double all_shares = std::accumulate(shares.begin(), shares.end(), 0.0);
    out.scale = room / *std::max_element(widths.begin(), widths.end());
    for (std::size_t i = 0; i < shares.size(); ++i) {
        shares[i] *= height_of_slices / all_shares;
        out.scale = std::min(out.scale, shares[i] / heights[i]);
    }
    double top = title, left = 0.0;
    std::size_t row = 0;
    for (View& view : out.views) {
        const double share = shares[view.row];
        if (view.row != row) {
            top += shares[row];
            left = 0.0;
            row = view.row;
        }
        const double cell = room * extent[across(view.axis)] / widths[tiled ? 0 : view.row];
        const double width = out.scale * extent[across(view.axis)],
                     height = out.scale * extent[upward(view.axis)];
        view.cell = {left, top, cell, share};
        view.box = {left + (cell - width) / 2.0, top + (share - height) / 2.0, width, height};
        left += cell;
    }
    return out;
}

}  // namespace roi::detail
