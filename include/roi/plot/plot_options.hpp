// What the pictures of brain images can be told.
#pragma once

#include <roi/core/error.hpp>
#include <roi/core/text.hpp>
#include <roi/image/grid.hpp>
#include <roi/plot/colormap.hpp>
#include <roi/spatial/interpolation.hpp>
#include <roi/table/names.hpp>

#include <array>
#include <cmath>
#include <concepts>
#include <cstdint>
#include <initializer_list>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace roi {

/// Which slices a picture shows, and how they stand.
enum class Display {
    ortho,   ///< coronal, sagittal and axial through one point, side by side
    x,       ///< several sagittal slices
    y,       ///< several coronal slices
    z,       ///< several axial slices
    tiled,   ///< as ortho, in two rows
    mosaic,  ///< several slices in each direction, one row each
    xz,      ///< sagittal and axial
    yx,      ///< coronal and sagittal
    yz,      ///< coronal and axial
};

/// Where to cut; automatic unless told, and through the middle of an image or its background where all is 0.
///
/// `.cut = {-25, -37, -6}` for `ortho` and `tiled` (x, y, z in millimetres; two of them for `xz`, `yx`, `yz`,
/// in the order x, y, z), `.cut = {-20, 0, 20}` or `.cut = 5` (how many) for `x`, `y` and `z`, `.cut = 5` or
/// `Cuts::per_axis` for `mosaic`.
class Cuts {
public:
    /// Chosen from the image.
    Cuts() = default;

    /// That many, at chosen places.
    template <std::integral Count>
    Cuts(Count count) : count_(static_cast<std::int64_t>(count)) {}

    /// At these places in millimetres.
    Cuts(std::initializer_list<double> millimetres) : positions_(millimetres) {}
    Cuts(std::vector<double> millimetres) : positions_(std::move(millimetres)) {}
    Cuts(const Point& millimetres)
        : positions_(std::vector<double>{millimetres[0], millimetres[1], millimetres[2]}) {}

    /// The slices of each direction of a mosaic, in millimetres.
    [[nodiscard]] static Cuts per_axis(std::vector<double> x, std::vector<double> y, std::vector<double> z) {
        Cuts out;
        out.per_axis_ = {std::move(x), std::move(y), std::move(z)};
        return out;
    }

    [[nodiscard]] std::optional<std::int64_t> count() const { return count_; }
    [[nodiscard]] const std::optional<std::vector<double>>& positions() const { return positions_; }
    [[nodiscard]] const std::optional<std::array<std::vector<double>, 3>>& positions_per_axis() const {
        return per_axis_;
    }

private:
    std::optional<std::int64_t> count_;
    std::optional<std::vector<double>> positions_;
    std::optional<std::array<std::vector<double>, 3>> per_axis_;
};

/// How `plot_roi` shows regions.
enum class RoiStyle {
    filled,    ///< coloured areas
    contours,  ///< their outlines
};

/// Width and height of a figure in inches.
struct FigureSize {
    double width = 0.0;
    double height = 0.0;
};

/// The options of `plot_img`, `plot_epi`, `plot_anat`, `plot_stat_map` and `plot_roi`; what is left out takes
/// the default of the function, which is nilearn's unless its text says otherwise.
struct PlotOptions {
    /// Where to cut.
    Cuts cut = {};

    /// Which slices, and how they stand.
    Display display = Display::ortho;

    /// Text in the upper left corner; a long one is set smaller, then in up to three lines. Beside a legend of names it is no
    /// wider than the slices. Where it would cover one it stands above them all: the sheet is higher by that, unless `.size`
    /// says how high it is.
    std::string title = {};

    /// Values with |v| up to this are transparent; less than 0 hides nothing.
    std::optional<double> threshold = {};

    /// Values of the first and the last colour.
    std::optional<double> vmin = {};
    std::optional<double> vmax = {};

    /// Should the range be as wide below 0 as above? Without it: when the values from `vmin` to `vmax` have both signs;
    /// with both of these when they are opposite. `plot_stat_map` only.
    std::optional<bool> symmetric = {};

    /// Colour map.
    std::optional<Colormap> cmap = {};

    /// Opacity of the colours, 0 to 1.
    std::optional<double> alpha = {};

    /// `plot_roi` only: areas or outlines.
    RoiStyle style = RoiStyle::filled;

    /// Width of outlines in points.
    double line_width = 2.5;

    /// `plot_roi` only: what the regions are called. With names, every region has a colour of its own, unlike its
    /// neighbours', and a legend of those that the slices show stands in place of the colour bar; as many as fit. Names
    /// that are too long are shortened in the middle; where that would make one text of two names, every name of the legend
    /// has its label's number before it.
    RegionNames names = {};

    /// Draw a colour bar, or the legend of names?
    bool colorbar = true;

    /// Significant digits of the colour bar's numbers.
    int tick_digits = 2;

    /// Write L and R beside coronal and axial slices?
    bool left_right = true;

    /// Write the coordinate of each slice?
    bool positions = true;

    /// Decimals of these coordinates; with 0 they are cut off, not rounded.
    int decimals = 0;

    /// Mark where the other slices cut?
    bool draw_cross = true;

    /// A white or a black sheet; without it black when the border of the background image is dark.
    std::optional<bool> black_bg = {};

    /// Darkens the background image (on a black sheet) or lightens it (on a white one); 0 leaves it, from -2
    /// to 2 is useful. Without it 0.8 on black and 0.6 on white.
    std::optional<double> dim = {};

    /// Show the patient's right on the left, as a radiologist does; mirrors every view.
    bool radiological = false;

    /// How an image with an oblique affine is brought to the axes of the world; without it linear, and
    /// nearest for `plot_roi`, for masks and labels, and for images of two values. With nearest `plot_stat_map` draws steps
    /// of half the smallest voxel, so that it steps over none.
    std::optional<Interpolation> interpolation = {};

    /// Size of the figure; without it as the display needs.
    std::optional<FigureSize> size = {};

    /// Told about oddities, for example a cut outside the image, or an image that shares no place with its background.
    WarningHandler warning = {};
};

namespace detail {

[[nodiscard]] inline bool is_given(const std::optional<double>& value) {
    return value && std::isfinite(*value);
}

/// Are these ends of a range as far below 0 as above?
[[nodiscard]] inline bool is_opposite(double vmin, double vmax) {
    return std::abs(vmin + vmax) <= 1e-8 + 1e-5 * std::abs(vmax);
}

/// \throws InvalidArgument when no range that is as wide below 0 as above has these ends
inline void require_symmetric_range(const PlotOptions& options) {
    const bool has_low = is_given(options.vmin), has_high = is_given(options.vmax);
    if (has_low && has_high && !is_opposite(*options.vmin, *options.vmax)) {
        throw InvalidArgument(text("plot_stat_map: `symmetric` needs a `vmax` that is minus `vmin`, found ",
                                   *options.vmin, " and ", *options.vmax, "; give one of them only"));
    }
    if ((has_high && !(*options.vmax > 0.0)) || (!has_high && has_low && !(*options.vmin < 0.0))) {
        throw InvalidArgument(
            text("plot_stat_map: `symmetric` needs a `vmax` above 0 or a `vmin` below 0, found ",
                 has_high ? *options.vmax : *options.vmin));
    }
}

}  // namespace detail

/// Checks what options say of the range of colours, whatever the image is; every picture does.
///
/// \throws InvalidArgument when `vmin` is above `vmax`, or `symmetric` contradicts one of them
inline void require_color_range(const PlotOptions& options) {
    if (detail::is_given(options.vmin) && detail::is_given(options.vmax) && *options.vmin > *options.vmax) {
        throw InvalidArgument(
            text("plot: `vmin` = ", *options.vmin, " is above `vmax` = ", *options.vmax, ", swap them"));
    }
    if (options.symmetric.value_or(false)) detail::require_symmetric_range(options);
}

}  // namespace roi
