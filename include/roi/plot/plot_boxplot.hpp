// Box plots: how a region's signal is distributed in each condition.
#pragma once

#include <roi/core/error.hpp>
#include <roi/core/text.hpp>
#include <roi/plot/box_statistics.hpp>
#include <roi/plot/color.hpp>
#include <roi/plot/detail/axes.hpp>
#include <roi/plot/detail/scene.hpp>
#include <roi/plot/detail/text_width.hpp>
#include <roi/plot/figure.hpp>
#include <roi/plot/plot_options.hpp>
#include <roi/signals/condition_table.hpp>
#include <roi/signals/condition_values.hpp>

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <limits>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace roi {

/// One set of axes with a box for each condition, or for each column of a table.
struct BoxPanel {
    std::vector<ConditionValues> boxes;
    std::string title = {};

    /// \param values  as `condition_values` makes them; some may have more values than others
    BoxPanel(std::vector<ConditionValues> values, std::string words = {})
        : boxes(std::move(values)), title(std::move(words)) {}

    /// \param table  as `condition_table` makes it: as many values in each box
    /// \throws InvalidArgument when it has not one name per column
    BoxPanel(const ConditionTable& table, std::string words = {}) : title(std::move(words)) {
        if (static_cast<Eigen::Index>(table.names.size()) != table.values.cols()) {
            throw InvalidArgument(text("plot_boxplot: a table of ", table.values.cols(),
                                       " columns needs as many names, found ", table.names.size()));
        }
        for (const auto& name : table.names) {
            const auto values = table.values.col(static_cast<Eigen::Index>(boxes.size()));
            boxes.push_back({name, {values.begin(), values.end()}});
        }
    }
};

/// The options of `plot_boxplot`.
struct BoxplotOptions {
    /// Above the axes, when there is one panel.
    std::string title = {};

    /// Beside the vertical axis.
    std::string y_label = {};

    /// How far the names under the boxes are turned, in degrees counter-clockwise.
    double label_rotation = 25.0;

    /// One range of values for all panels?
    bool share_y = false;

    /// Size of the figure in inches; without it 7.5 x 7 a panel of a row, the two of the notebook being 15 x 7.
    std::optional<FigureSize> size = {};
};

namespace detail {

/// The vertical range of some boxes: all that is drawn of them, and a twentieth more on either side.
[[nodiscard]] inline std::pair<double, double> value_range(const std::vector<BoxStatistics>& boxes) {
    double low = std::numeric_limits<double>::infinity(), high = -low;
    const auto add = [&](double value) {
        if (!std::isfinite(value)) return;
        low = std::min(low, value);
        high = std::max(high, value);
    };
    for (const auto& box : boxes) {
        add(box.lower_whisker), add(box.upper_whisker);
        for (const double outlier : box.outliers) add(outlier);
    }
    return with_margin(low, high);
}

[[nodiscard]] inline std::vector<BoxStatistics> boxes_of(const BoxPanel& panel) {
    std::vector<BoxStatistics> out;
    for (const auto& box : panel.boxes) out.push_back(box_statistics(box.values));
    return out;
}

/// Draws one panel into its axes.
class BoxPainter {
public:
    BoxPainter(Scene& scene, const Rect& axes, std::pair<double, double> range, std::size_t columns)
        : scene_(scene), axes_(axes), low_(range.first), high_(range.second), columns_(columns) {}

    void draw_frame() { draw_axes(scene_, axes_, low_, high_); }

    void draw_box(const BoxStatistics& box, std::size_t column) {
        const double finite = box.q1 + box.q3 + box.lower_whisker + box.upper_whisker;
        if (!std::isfinite(finite)) return;
        const double middle = x(column);
        const double half = 0.25 * axes_.width / static_cast<double>(columns_);
        scene_.rectangle({middle - half, y(box.q3), 2.0 * half, y(box.q1) - y(box.q3)}, colors::black, 1.0);
        for (const auto& [from, to] :
             {std::pair{box.q1, box.lower_whisker}, std::pair{box.q3, box.upper_whisker}}) {
            scene_.line({middle, y(from)}, {middle, y(to)}, colors::black, 1.0);
            scene_.line({middle - half / 2.0, y(to)}, {middle + half / 2.0, y(to)}, colors::black, 1.0);
        }
        scene_.line({middle - half, y(box.median)}, {middle + half, y(box.median)}, Rgb{255, 127, 14}, 1.0);
        for (const double outlier : box.outliers) {
            if (std::isfinite(outlier)) circle(middle, y(outlier), 3.0);
        }
    }

    /// Names under the boxes; only as many as there is room for.
    void draw_names(const std::vector<ConditionValues>& boxes, double rotation, double room) {
        const double size = 10.0, angle = rotation * std::acos(-1.0) / 180.0;
        const double sine = std::abs(std::sin(angle)), cosine = std::abs(std::cos(angle));
        const double apart = axes_.width / static_cast<double>(columns_);
        double across = size;
        for (const auto& box : boxes) across = std::max(across, text_width(box.name, size) + size);
        // A turned name takes no more than its line height across.
        if (sine > 0.1) across = std::min(across, 1.05 * size / sine);
        const auto every = std::max<std::size_t>(1, static_cast<std::size_t>(std::ceil(across / apart)));
        for (std::size_t column = 0; column < columns_; ++column) {
            scene_.line({x(column), axes_.bottom()}, {x(column), axes_.bottom() + 3.5}, colors::black, 0.8);
            if (column % every != 0 || column >= boxes.size()) continue;
            const double most =
                sine > 0.1 ? (room - cosine * size) / sine : apart * static_cast<double>(every);
            const auto name = shortened(clean_text(boxes[column].name), size, std::max(most, 3.0 * size));
            if (name.empty()) continue;
            const double height = sine * text_width(name, size) + cosine * size;
            Text text{name, {x(column), axes_.bottom() + 7.0 + height / 2.0}, size};
            text.horizontal = text.vertical = Align::middle;
            text.rotation = rotation;
            scene_.add(std::move(text));
        }
    }

private:
    [[nodiscard]] double x(std::size_t column) const {
        return axes_.x + (static_cast<double>(column) + 0.5) * axes_.width / static_cast<double>(columns_);
    }
    [[nodiscard]] double y(double value) const {
        return axes_.bottom() - (value - low_) / (high_ - low_) * axes_.height;
    }

    void circle(double centre_x, double centre_y, double radius) {
        Path path;
        for (int i = 0; i < 16; ++i) {
            const double angle = static_cast<double>(i) * std::acos(-1.0) / 8.0;
            path.places.push_back({centre_x + radius * std::cos(angle), centre_y + radius * std::sin(angle)});
        }
        path.closed = true;
        scene_.add(std::move(path));
    }

    Scene& scene_;
    Rect axes_;
    double low_, high_;
    std::size_t columns_;
};

}  // namespace detail

/// Draws box plots, a panel for each region and in it a box for each condition.
///
/// Up to three panels stand in one row; more in rows that are as many as each has panels, or one less.
///
/// \param panels   values, as `condition_values` or `condition_table` make them, and titles
/// \param options  `.y_label`, `.label_rotation`, `.share_y`, `.size`
/// \throws InvalidArgument when there are no panels, or the size is not positive
///
/// The notebook's `plt.boxplot(table)` with its conditions as names turned by 25 degrees, in matplotlib's
/// look. A condition with NaN, or without values, keeps its name and has no box. Where names would cover each
/// other, only every second, third, ... is written.
[[nodiscard]] inline Figure plot_boxplot(const std::vector<BoxPanel>& panels,
                                         const BoxplotOptions& options = {}) {
    require(!panels.empty(), "plot_boxplot: expected one or more panels, found none");
    std::vector<std::vector<BoxStatistics>> boxes;
    std::vector<BoxStatistics> all;
    for (const BoxPanel& panel : panels) {
        boxes.push_back(detail::boxes_of(panel));
        all.insert(all.end(), boxes.back().begin(), boxes.back().end());
    }
    const auto all_panels = static_cast<double>(panels.size());
    const double count = all_panels <= 3.0 ? all_panels : std::ceil(std::sqrt(all_panels));
    const double rows = std::ceil(all_panels / count);
    const FigureSize size = options.size.value_or(FigureSize{7.5 * count, 7.0 * rows});
    if (!(size.width > 0.0 && size.height > 0.0 && size.width < 1000.0 && size.height < 1000.0)) {
        throw InvalidArgument(text("plot_boxplot: `size` must be above 0 and below 1000 inches, found ",
                                   size.width, " x ", size.height));
    }
    Scene scene;
    scene.width = 72.0 * size.width;
    scene.height = 72.0 * size.height;

    // matplotlib's margins; more below when the names are long.
    double longest = 0.0;
    for (const BoxPanel& panel : panels) {
        scene.title += (scene.title.empty() ? "" : "; ") + clean_text(panel.title);
        for (const auto& box : panel.boxes) longest = std::max(longest, detail::text_width(box.name, 10.0));
    }
    const double sine = std::abs(std::sin(options.label_rotation * std::acos(-1.0) / 180.0));
    const double height = scene.height / rows;
    const double names = std::min(sine * longest + 12.0, 0.4 * height);
    const double top = 0.12 * height, bottom = std::max(0.11 * height, names + 12.0);
    const double left = 0.125 * scene.width, room = 0.775 * scene.width;
    const double width = room / (count + 0.2 * (count - 1.0));
    for (std::size_t i = 0; i < panels.size(); ++i) {
        const double row = std::floor(static_cast<double>(i) / count);
        const double column = static_cast<double>(i) - row * count;
        const Rect axes{left + 1.2 * width * column, top + height * row, width, height - top - bottom};
        const auto range = detail::value_range(options.share_y ? all : boxes[i]);
        detail::BoxPainter painter(scene, axes, range, std::max<std::size_t>(1, boxes[i].size()));
        painter.draw_frame();
        for (std::size_t box = 0; box < boxes[i].size(); ++box) painter.draw_box(boxes[i][box], box);
        painter.draw_names(panels[i].boxes, options.label_rotation, names);
        detail::draw_panel_title(scene, axes, panels[i].title);
        if (column == 0.0) detail::draw_y_label(scene, axes, options.y_label);
    }
    return Figure(std::move(scene));
}

/// One panel, with `.title` above it.
[[nodiscard]] inline Figure plot_boxplot(const ConditionTable& table, const BoxplotOptions& options = {}) {
    return plot_boxplot(std::vector<BoxPanel>{{table, options.title}}, options);
}

}  // namespace roi
