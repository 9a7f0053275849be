// Average courses after events: a curve a condition, with a band.
#pragma once

#include <roi/core/error.hpp>
#include <roi/core/text.hpp>
#include <roi/plot/color.hpp>
#include <roi/plot/colormap.hpp>
#include <roi/plot/detail/axes.hpp>
#include <roi/plot/detail/legend.hpp>
#include <roi/plot/detail/scene.hpp>
#include <roi/plot/figure.hpp>
#include <roi/plot/plot_options.hpp>
#include <roi/signals/condition_average.hpp>

#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>
#include <limits>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace roi {

/// The options of `plot_event_average`.
struct EventPlotOptions {
    /// Above the axes, when there is one region; several have their names.
    std::string title = {};

    /// Beside the vertical axis; without it what the courses are counted in.
    std::string y_label = {};

    /// One range of values for all regions?
    bool share_y = false;

    /// Draw a band of one standard error on either side of the mean?
    bool band = true;

    /// Size of the figure in inches; without it 5.5 x 4.5 a region, and what the legend needs. Four regions stand in a row.
    std::optional<FigureSize> size = {};
};

namespace detail {

/// The colour of a condition: matplotlib's ten, then those of regions.
[[nodiscard]] inline Rgb condition_color(std::size_t index) {
    constexpr std::array<Rgb, 10> ten{{{31, 119, 180},
                                       {255, 127, 14},
                                       {44, 160, 44},
                                       {214, 39, 40},
                                       {148, 103, 189},
                                       {140, 86, 75},
                                       {227, 119, 194},
                                       {127, 127, 127},
                                       {188, 189, 34},
                                       {23, 190, 207}}};
    return index < ten.size() ? ten[index] : Colormap::gist_ncar().of_region(index);
}

/// The courses of one region and how they lie in its axes.
class CoursePainter {
public:
    CoursePainter(Scene& scene, const Rect& axes, const std::vector<double>& seconds,
                  std::pair<double, double> range)
        : scene_(scene), axes_(axes), seconds_(seconds), low_(range.first), high_(range.second) {
        from_ = seconds.front();
        to_ = seconds.back() > from_ ? seconds.back() : from_ + 1.0;
    }

    void draw_frame() {
        draw_axes(scene_, axes_, low_, high_);
        const NiceTicks ticks(from_, to_);
        for (const double tick : ticks.at) {
            scene_.line({x(tick), axes_.bottom()}, {x(tick), axes_.bottom() + 3.5}, colors::black, 0.8);
            Text number{ticks.text(tick), {x(tick), axes_.bottom() + 7.0}, 10.0};
            number.horizontal = Align::middle;
            scene_.add(std::move(number));
        }
        Text label{"seconds after the onset", {axes_.x + 0.5 * axes_.width, axes_.bottom() + 22.0}, 10.0};
        label.horizontal = Align::middle;
        scene_.add(std::move(label));
        if (from_ < 0.0 && to_ > 0.0)
            scene_.line({x(0.0), axes_.y}, {x(0.0), axes_.bottom()}, colors::gray, 0.8);
    }

    /// A course; where it has no value, it is interrupted.
    void draw(const EventCourse& course, Rgb color, bool band) {
        const auto finite = [&](std::size_t i) { return std::isfinite(course.mean[i]); };
        const auto sure = [&](std::size_t i) { return finite(i) && std::isfinite(course.sem[i]); };
        if (band) {
            for_parts(sure, [&](std::size_t first, std::size_t last) {
                Path area;
                for (std::size_t i = first; i < last; ++i)
                    area.places.push_back(place(i, course.mean[i] + course.sem[i]));
                for (std::size_t i = last; i-- > first;)
                    area.places.push_back(place(i, course.mean[i] - course.sem[i]));
                area.width = 0.0;
                area.opacity = 0.2;
                area.closed = true;
                area.fill = color;
                scene_.add(std::move(area), axes_);
            });
        }
        for_parts(finite, [&](std::size_t first, std::size_t last) {
            Path line;
            line.color = color;
            line.width = 1.5;
            for (std::size_t i = first; i < last; ++i) line.places.push_back(place(i, course.mean[i]));
            // A single point is a short dash.
            if (last - first == 1) {
                line.places.front().x -= 3.0;
                line.places.push_back({line.places.front().x + 6.0, line.places.front().y});
            }
            scene_.add(std::move(line), axes_);
        });
    }

private:
    template <class Has, class Draw>
    void for_parts(const Has& has, const Draw& draw) const {
        for (std::size_t first = 0; first < seconds_.size(); ++first) {
            if (!has(first)) continue;
            std::size_t last = first;
            while (last < seconds_.size() && has(last)) ++last;
            draw(first, last);
            first = last;
        }
    }

    [[nodiscard]] double x(double second) const {
        return axes_.x + (second - from_) / (to_ - from_) * axes_.width;
    }
    [[nodiscard]] Place place(std::size_t point, double value) const {
        return {x(seconds_[point]), axes_.bottom() - (value - low_) / (high_ - low_) * axes_.height};
    }

    Scene& scene_;
    Rect axes_;
    const std::vector<double>& seconds_;
    double low_, high_, from_ = 0.0, to_ = 1.0;
};

/// The range of all that is drawn of some courses, and a twentieth more on either side.
[[nodiscard]] inline std::pair<double, double> range_of(const std::vector<const EventCourse*>& courses,
                                                        bool band) {
    double low = std::numeric_limits<double>::infinity(), high = -low;
    for (const auto* course : courses) {
        for (std::size_t i = 0; i < course->mean.size(); ++i) {
            const double mean = course->mean[i];
            if (!std::isfinite(mean)) continue;
            const double width = band && std::isfinite(course->sem[i]) ? course->sem[i] : 0.0;
            low = std::min(low, mean - width);
            high = std::max(high, mean + width);
        }
    }
    return with_margin(low, high);
}

}  // namespace detail

/// Draws average courses, one panel a region, four in a row, with a curve a condition and a band of one standard error.
///
/// \param average  as `event_average` makes it
/// \param options  `.title`, `.y_label`, `.share_y`, `.band`, `.size`
/// \throws InvalidArgument when there are no courses, or the size is not positive
///
/// A point with fewer than two events has no band, one without any interrupts its curve.
[[nodiscard]] inline Figure plot_event_average(const EventAverage& average,
                                               const EventPlotOptions& options = {}) {
    require(!average.courses.empty() && !average.seconds.empty(),
            "plot_event_average: expected one or more courses, found none");
    std::vector<std::vector<const EventCourse*>> regions;
    std::vector<std::string> conditions;
    std::vector<const EventCourse*> all;
    for (const EventCourse& course : average.courses) {
        if (course.mean.size() != average.seconds.size() || course.sem.size() != average.seconds.size()) {
            throw InvalidArgument(text("plot_event_average: the course of \"", course.region, "\" has ",
                                       course.mean.size(), " points for ", average.seconds.size(),
                                       " seconds"));
        }
        if (regions.empty() || regions.back().front()->region != course.region) regions.emplace_back();
        regions.back().push_back(&course);
        all.push_back(&course);
        if (std::find(conditions.begin(), conditions.end(), course.condition) == conditions.end()) {
            conditions.push_back(course.condition);
        }
    }
    constexpr std::size_t panels_in_a_row = 4;
    const std::size_t columns = std::min(regions.size(), panels_in_a_row);
    const auto across = static_cast<double>(columns);
    const std::size_t rows = (regions.size() + columns - 1) / columns;
    const auto down = static_cast<double>(rows);
    FigureSize size = options.size.value_or(FigureSize{5.5 * across, 4.5 * down});
    if (!(size.width > 0.0 && size.height > 0.0 && size.width < 1000.0 && size.height < 1000.0)) {
        throw InvalidArgument(text("plot_event_average: `size` must be above 0 and below 1000 inches, found ",
                                   size.width, " x ", size.height));
    }
    std::vector<detail::LegendEntry> entries;
    for (const auto& condition : conditions) {
        entries.push_back({text(entries.size() + 1), condition, detail::condition_color(entries.size())});
    }
    const detail::LegendPlan legend(
        entries, 72.0 * size.height,
        options.size ? 0.5 * 72.0 * size.width : std::numeric_limits<double>::infinity());
    if (!options.size) size.width += legend.width() / 72.0;
    Scene scene;
    scene.width = 72.0 * size.width;
    scene.height = 72.0 * size.height;
    const double beside = std::min(legend.width(), 0.5 * scene.width);
    const double row_height = scene.height / down;
    const double left = 80.0, gap = 55.0, top = 0.12 * row_height, bottom = 48.0;
    const double width = std::max(10.0, (scene.width - beside - left - 8.0 - gap * (across - 1.0)) / across);
    std::string y_label = options.y_label;
    if (y_label.empty()) {
        y_label = average.change == SignalChange::percent      ? "percent change of the signal"
                  : average.change == SignalChange::difference ? "change of the signal"
                                                               : "signal";
    }
    for (std::size_t i = 0; i < regions.size(); ++i) {
        const std::size_t row_number = i / columns;
        const auto column = static_cast<double>(i % columns), row = static_cast<double>(row_number);
        const Rect axes{left + (width + gap) * column, row * row_height + top, width,
                        std::max(10.0, row_height - top - bottom)};
        const auto& title =
            regions.size() == 1 && !options.title.empty() ? options.title : regions[i].front()->region;
        scene.title += (scene.title.empty() ? "" : "; ") + clean_text(title);
        detail::CoursePainter painter(scene, axes, average.seconds,
                                      detail::range_of(options.share_y ? all : regions[i], options.band));
        painter.draw_frame();
        for (const auto* course : regions[i]) {
            const auto at =
                std::find(conditions.begin(), conditions.end(), course->condition) - conditions.begin();
            painter.draw(*course, detail::condition_color(static_cast<std::size_t>(at)), options.band);
        }
        detail::draw_panel_title(scene, axes, title);
        if (i % columns == 0) detail::draw_y_label(scene, axes, y_label);
    }
    legend.draw(scene, {scene.width - beside, 0.0, beside, scene.height}, colors::black);
    return Figure(std::move(scene));
}

}  // namespace roi
