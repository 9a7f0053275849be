// Puts a picture of brain slices together: background, map, outlines, colour bar, texts.
#pragma once

#include <roi/core/error.hpp>
#include <roi/core/text.hpp>
#include <roi/image/grid.hpp>
#include <roi/plot/color.hpp>
#include <roi/plot/colormap.hpp>
#include <roi/plot/cut_coords.hpp>
#include <roi/plot/detail/colorbar.hpp>
#include <roi/plot/detail/layout.hpp>
#include <roi/plot/detail/legend.hpp>
#include <roi/plot/detail/scene.hpp>
#include <roi/plot/detail/slice_painter.hpp>
#include <roi/plot/detail/world.hpp>
#include <roi/plot/figure.hpp>
#include <roi/plot/plot_options.hpp>
#include <roi/spatial/resample.hpp>

#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace roi::detail {

/// Everything a picture shows; `draw_slices` puts it on a sheet.
struct SliceDrawing {
    std::optional<Layer> background = {};
    std::optional<Layer> map = {};
    std::optional<Outlines> outlines = {};
    bool black_bg = false;
    bool range_of_slices = false;           ///< the map's range is that of the slices shown
    std::optional<double> only_value = {};  ///< place in the colour map where all values shown are one
    std::optional<ColorRange> bar = {};     ///< what the colour bar shows, else the map's range
    bool whole_numbers = false;             ///< the map holds labels
    bool names = false;                     ///< regions have a legend of their names
};

/// Where in the colour map a plain image of one value is, for the sheet to show where the image ends.
inline constexpr double only_brightness = 0.5;

/// nilearn hides values this small of a background image, so that the sheet shows outside of the brain.
inline constexpr double background_threshold = 1e-6;

/// Median of the outermost two slices on every side, whose common voxels count once for each.
[[nodiscard]] inline double border_median(const WorldImage& image) {
    std::vector<double> border;
    for (const Axis axis : {Axis::x, Axis::y, Axis::z}) {
        const std::int64_t n = image.grid().shape()[static_cast<int>(axis)];
        const std::int64_t depth = std::min<std::int64_t>(2, n);
        for (std::int64_t i = 0; i < depth; ++i) {
            for (const std::int64_t index : {i, n - depth + i}) {
                const auto values = image.slice(axis, static_cast<double>(index)).values;
                border.insert(border.end(), values.begin(), values.end());
            }
        }
    }
    const auto middle = border.begin() + static_cast<std::ptrdiff_t>(border.size() / 2);
    std::nth_element(border.begin(), middle, border.end());
    if (border.size() % 2 == 1) return *middle;
    return 0.5 * (*middle + *std::max_element(border.begin(), middle));
}

/// The range of gray levels of an anatomical image, and whether it belongs on a black sheet.
struct Dimming {
    ColorRange range;
    bool black_bg = true;

    /// With m the middle and h half the width of the image's range, `dim` d moves the highest value to
    /// m + (1 + d) h on black, and the lowest to (2 - d) m / 2 - (1 + d) h on white: nilearn's rule.
    Dimming(const WorldImage& image, const PlotOptions& options) {
        const auto [low, high] = image.range();
        black_bg = options.black_bg ? *options.black_bg : !(border_median(image) > 0.5 * (low + high));
        const double dim = options.dim.value_or(black_bg ? 0.8 : 0.6);
        if (!std::isfinite(dim)) throw InvalidArgument(text("plot: `dim` is ", dim, ", expected a number"));
        const double middle = 0.5 * (low + high), half = 0.5 * (high - low);
        range = {low, high};
        if (black_bg) {
            range.high = middle + (1.0 + dim) * half;
        } else {
            range.low = 0.5 * (2.0 - dim) * middle - (1.0 + dim) * half;
        }
    }
};

/// Smallest and largest value that the views show of a layer; nothing when they show none.
[[nodiscard]] inline std::optional<ColorRange> shown_range(const Layer& layer, const CutPositions& cuts) {
    ColorRange range{std::numeric_limits<double>::infinity(), -std::numeric_limits<double>::infinity()};
    for (const Axis axis : {Axis::x, Axis::y, Axis::z}) {
        for (const double at : cuts[static_cast<std::size_t>(axis)]) {
            const auto index = layer.image.index(axis, at);
            if (!index) continue;
            for (const double value : layer.image.slice(axis, *index).values) {
                if (layer.hides(value)) continue;
                range = {std::min(range.low, value), std::max(range.high, value)};
            }
        }
    }
    if (range.low > range.high) return std::nullopt;
    return range;
}

/// The regions that the views show, ascending, with their colours and names.
[[nodiscard]] inline std::vector<LegendEntry> legend_of(const SliceDrawing& drawing, const CutPositions& cuts,
                                                        const RegionNames& names) {
    const WorldImage& image = drawing.map ? drawing.map->image : drawing.outlines->image;
    const auto& regions = drawing.map ? drawing.map->regions : drawing.outlines->regions;
    const auto before = [](const auto& a, double b) { return a.first < b; };
    std::vector<bool> shown(regions.size());
    for (const Axis axis : {Axis::x, Axis::y, Axis::z}) {
        for (const double at : cuts[static_cast<std::size_t>(axis)]) {
            const auto index = image.index(axis, at);
            if (!index) continue;
            double last = 0.0;
            for (const double value : image.slice(axis, *index).values) {
                if (value == last) continue;
                last = value;
                const auto region = std::lower_bound(regions.begin(), regions.end(), value, before);
                if (region == regions.end() || region->first != value) continue;
                shown[static_cast<std::size_t>(region - regions.begin())] = true;
            }
        }
    }
    std::vector<LegendEntry> out;
    for (std::size_t i = 0; i < regions.size(); ++i) {
        const auto& [value, color] = regions[i];
        if (!shown[i]) continue;
        const bool whole = std::abs(value) < 9e15 && value == std::nearbyint(value);
        const auto number = whole ? text(static_cast<std::int64_t>(value)) : text(value);
        out.push_back({number, whole ? names[static_cast<std::int64_t>(value)] : number, color});
    }
    return out;
}

/// The box that the views show: of the parts of the images that are drawn.
[[nodiscard]] inline WorldBox shown_bounds(const SliceDrawing& drawing) {
    std::optional<WorldBox> out;
    const auto add = [&out](const std::optional<WorldBox>& box) {
        if (!box) return;
        out = out ? WorldBox{out->low.cwiseMin(box->low), out->high.cwiseMax(box->high)} : *box;
    };
    const auto drawn = [](const Layer& layer) -> std::optional<WorldBox> {
        if (!layer.threshold || *layer.threshold < 0.0) return layer.image.edges();
        return layer.image.edges_above(*layer.threshold);
    };
    if (drawing.background) add(drawn(*drawing.background));
    if (drawing.map) add(drawn(*drawing.map));
    if (drawing.outlines) add(drawing.outlines->image.edges_above(0.0));
    // Nothing to see: the whole image then.
    if (!out && drawing.background) add(drawing.background->image.edges());
    if (!out && drawing.map) add(drawing.map->image.edges());
    if (!out && drawing.outlines) add(drawing.outlines->image.edges());
    return *out;
}

/// Complains about slices that no image reaches.
inline void check_views(const SliceDrawing& drawing, const Layout& layout, const WarningHandler& warn) {
    const auto reached = [](const auto& part, const View& view) {
        return part && part->image.index(view.axis, view.at).has_value();
    };
    std::size_t blank = 0;
    std::string first;
    for (const View& view : layout.views) {
        if (reached(drawing.background, view) || reached(drawing.map, view) ||
            reached(drawing.outlines, view)) {
            continue;
        }
        if (blank++ == 0) first = text(name_of(view.axis), " = ", view.at);
    }
    if (blank == 0) return;
    if (blank == layout.views.size()) {
        throw InvalidArgument(text("plot: every slice of `cut` lies outside the image, the first is ", first,
                                   " mm; give coordinates inside it"));
    }
    if (warn)
        warn(text("plot: ", blank, " of ", layout.views.size(), blank == 1 ? " slices lies" : " slices lie",
                  " outside the image, the first is ", first, " mm"));
}

/// Draws what `drawing` says at the places `cuts`.
[[nodiscard]] inline Figure draw_slices(SliceDrawing drawing, const CutPositions& cuts,
                                        const DisplayPlan& plan, const PlotOptions& options) {
    for (const auto& [value, name] :
         {std::pair{options.alpha, "alpha"}, std::pair{options.threshold, "threshold"}}) {
        if (value && std::isnan(*value)) throw InvalidArgument(text("plot: `", name, "` is NaN"));
    }
    require_color_range(options);
    if (drawing.map && drawing.range_of_slices) {
        drawing.map->range = shown_range(*drawing.map, cuts).value_or(ColorRange{0.0, 0.0});
    }
    if (drawing.map) {
        auto& range = drawing.map->range;
        const bool chosen = is_given(options.vmin) || is_given(options.vmax);
        if (drawing.only_value && range.low == range.high && range.low != 0.0 && !chosen) {
            drawing.bar = range;
            range.low -= *drawing.only_value;
            range.high = range.low + 1.0;
        }
        if (is_given(options.vmin)) range.low = *options.vmin;
        if (is_given(options.vmax)) range.high = *options.vmax;
    }
    const Rgb paper = drawing.black_bg ? colors::black : colors::white;
    const Rgb ink = drawing.black_bg ? colors::white : colors::black;
    const WorldBox bounds = shown_bounds(drawing);
    std::vector<LegendEntry> entries;
    if (drawing.names && options.colorbar) entries = legend_of(drawing, cuts, options.names);
    const LegendPlan legend(
        entries, 72.0 * (options.size ? options.size->height : plan.height),
        options.size ? 0.5 * 72.0 * options.size->width : std::numeric_limits<double>::infinity());
    const auto laid_out = [&](double room_of_title) {
        return lay_out(plan, cuts, bounds, options.colorbar && drawing.map && !drawing.names, legend.width(),
                       options.size, room_of_title);
    };
    const auto title_on = [&](const Layout& sheet) {
        return title_of(sheet, options.title, paper, ink, sheet.legend ? sheet.legend->x : sheet.width);
    };
    Layout layout = laid_out(0.0);
    if (const double room = room_of(title_on(layout), layout); room > 0.0) layout = laid_out(room);
    check_views(drawing, layout, options.warning);

    Scene scene;
    scene.width = layout.width;
    scene.height = layout.height;
    scene.background = paper;
    scene.title = clean_text(options.title);
    const auto shared = [&](int axis) -> std::optional<double> {
        const auto& positions = cuts[static_cast<std::size_t>(axis)];
        return positions.empty() ? std::nullopt : std::optional(positions.front());
    };
    std::vector<SlicePainter> painters;
    for (const View& view : layout.views) {
        auto& painter = painters.emplace_back(scene, view, bounds, options.radiological, ink, paper);
        if (drawing.background) painter.draw(*drawing.background);
        if (drawing.map) painter.draw(*drawing.map);
        if (drawing.outlines) painter.draw(*drawing.outlines);
    }
    for (std::size_t i = 0; i < painters.size(); ++i) {
        SlicePainter& painter = painters[i];
        const View& view = layout.views[i];
        if (options.left_right) painter.draw_left_right();
        if (options.positions) painter.draw_position(options.decimals);
        if (options.draw_cross && plan.one_point) {
            painter.draw_cross(shared(across(view.axis)), shared(upward(view.axis)));
        }
    }
    if (layout.colorbar) {
        const Layer& map = *drawing.map;
        draw_colorbar(scene,
                      {map.cmap, map.range, drawing.bar.value_or(map.range), map.threshold,
                       drawing.whole_numbers, options.tick_digits},
                      *layout.colorbar, ink);
    }
    if (layout.legend) {
        const double alpha = drawing.map ? drawing.map->alpha : drawing.outlines->alpha;
        legend.draw(scene, *layout.legend, ink, opacity(alpha) / 255.0);
    }
    for (auto& line : title_on(layout)) scene.add(std::move(line));
    return Figure(std::move(scene));
}

/// The places `.cut` stands for where an image shows nothing to cut through: the middle of the background, or
/// of its own box, and slices at equal distances.
[[nodiscard]] inline CutPositions cuts_of_nothing(const WorldImage& image,
                                                  const std::optional<Layer>& background,
                                                  const DisplayPlan& plan, const PlotOptions& options) {
    const auto box = [&]() -> WorldBox {
        if (options.warning) {
            options.warning(text("plot: every value is 0 or not finite; cut through the middle of the ",
                                 background ? "background" : "image"));
        }
        if (!background) return image.edges();
        return background->image.edges_above(background_threshold).value_or(background->image.edges());
    };
    return resolve_cuts(
        options.cut, plan, [&]() -> Point { return 0.5 * (box().low + box().high); },
        [&](Axis axis, std::int64_t count) {
            const auto [low, high] = box();
            const double from = low[static_cast<int>(axis)], to = high[static_cast<int>(axis)];
            std::vector<double> out;
            for (std::int64_t i = 0; i < count; ++i) {
                out.push_back(from +
                              (to - from) * (static_cast<double>(i) + 0.5) / static_cast<double>(count));
            }
            return out;
        });
}

/// The places `.cut` stands for, automatic ones chosen from a volume.
///
/// \param world       the same volume along the axes of the world
/// \param background  what is drawn below it
template <Voxel T>
[[nodiscard]] CutPositions cuts_of(const Volume<T>& volume, const WorldImage& world,
                                   const std::optional<Layer>& background, const DisplayPlan& plan,
                                   const PlotOptions& options, std::optional<double> threshold) {
    const auto is_zero = [](T value) { return magnitude(value) == 0.0; };
    if (volume.size() > 0 && std::all_of(volume.begin(), volume.end(), is_zero))
        return cuts_of_nothing(world, background, plan, options);
    return resolve_cuts(
        options.cut, plan, [&] { return find_xyz_cut_coords(volume, threshold, options.warning); },
        [&](Axis axis, std::int64_t count) {
            return find_cut_slices(volume, axis, count, {}, options.warning);
        });
}

/// An anatomical image under a map, dimmed.
/// \param shown  where the image above it lies: beside the background there is nothing to see of it, which is said
template <Voxel T>
void set_background(SliceDrawing& drawing, const Volume<T>& background, const Grid& shown,
                    const PlotOptions& options) {
    // A picture shows whole voxels, not what lies between their centres.
    if (options.warning && !grids_overlap(shown, background.grid(), 0.5)) {
        try {
            require_overlap(shown, background.grid(), "the image and its background");
        } catch (const InvalidArgument& apart) {
            options.warning(apart.what());
        }
    }
    WorldImage image(background, options.interpolation.value_or(Interpolation::automatic));
    const Dimming dimming(image, options);
    drawing.black_bg = dimming.black_bg;
    drawing.background = Layer{std::move(image), Colormap::gray(), dimming.range, background_threshold};
}

}  // namespace roi::detail
