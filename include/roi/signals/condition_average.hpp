// Signals by condition: their means, and their average course after the events.
#pragma once

#include <roi/core/concepts.hpp>
#include <roi/core/error.hpp>
#include <roi/core/text.hpp>
#include <roi/core/units.hpp>
#include <roi/image/column.hpp>
#include <roi/signals/detail/decimal_steps.hpp>
#include <roi/signals/detail/percent_change.hpp>
#include <roi/signals/signals.hpp>
#include <roi/table/data_table.hpp>
#include <roi/table/events.hpp>

#include <Eigen/Core>
#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace roi {

/// What a region's signal is in one condition.
struct ConditionMean {
    std::string region;
    std::string condition;
    std::int64_t volumes = 0;     ///< with a finite value
    double mean = 0.0;            ///< over these; NaN without any
    double deviation = 0.0;       ///< standard deviation, with n - 1; NaN for fewer than two
    double sem = 0.0;             ///< standard error of the mean: deviation / sqrt(volumes)
    double percent_change = 0.0;  ///< 100 (mean - baseline) / |baseline|; NaN for a baseline of 0
};

/// Settings of `condition_means`.
struct ConditionMeansOptions {
    std::string baseline =
        {};  ///< the condition that percent change counts from; the mean of all volumes without one
    WarningHandler warning{};  ///< told of signals whose percent change is none, or means nothing
};

namespace detail {

/// Mean and spread of finite numbers, others left out.
struct MeanOfFinite {
    std::int64_t count = 0;
    double mean = std::numeric_limits<double>::quiet_NaN();
    double deviation = mean;
    double sem = mean;

    explicit MeanOfFinite(const std::vector<double>& values) {
        double sum = 0.0;
        for (const double value : values) {
            if (!std::isfinite(value)) continue;
            ++count;
            sum += value;
        }
        if (count == 0) return;
        const auto n = static_cast<double>(count);
        mean = sum / n;
        if (count < 2) return;
        double squares = 0.0;
        for (const double value : values) {
            if (std::isfinite(value)) squares += (value - mean) * (value - mean);
        }
        deviation = std::sqrt(squares / (n - 1.0));
        sem = deviation / std::sqrt(n);
    }
};

inline void require_names(const char* who, const Eigen::Ref<const Eigen::MatrixXd>& signals,
                          const std::vector<std::string>& regions) {
    if (signals.cols() == static_cast<Eigen::Index>(regions.size())) return;
    throw InvalidArgument(
        text(who, ": expected a name for each of the ", signals.cols(), " signals, found ", regions.size()));
}

}  // namespace detail

/// Mean, spread and percent change of every signal in every condition.
///
/// \param signals     volumes x regions
/// \param regions     what the columns are called
/// \param conditions  condition of each volume; `n/a` and empty are none
/// \param options     `.baseline`, `.warning`
/// \returns           region after region, for each the conditions in the order of their first volumes
/// \throws InvalidArgument when the lengths differ, or no volume has the baseline's condition
///
/// Values that are not finite are left out and not counted; a baseline below a billionth of the signal's largest value
/// counts as 0, with a warning. Another warning names signals whose percent change means nothing: their baseline is negative
/// or below a tenth of their standard deviation, or their mean is below it, as after detrending or standardising. O(volumes x regions x conditions). Equals
/// `pandas.DataFrame(...).groupby("condition").agg(["mean", "std", "sem"])`.
[[nodiscard]] inline std::vector<ConditionMean> condition_means(
    const Eigen::Ref<const Eigen::MatrixXd>& signals, const std::vector<std::string>& regions,
    const Column& conditions, const ConditionMeansOptions& options = {}) {
    detail::require_names("condition_means", signals, regions);
    if (signals.rows() != conditions.size()) {
        throw InvalidArgument(text("condition_means: the signals have ", signals.rows(),
                                   " values each, column \"", conditions.name(), "\" has ", conditions.size(),
                                   " rows; both need one per volume"));
    }
    std::vector<std::pair<std::string, std::vector<std::int64_t>>> volumes;
    for (const auto& name : conditions.unique()) {
        if (!is_missing(name)) volumes.emplace_back(name, (conditions == name).indices());
    }
    std::vector<std::int64_t> base;
    if (!options.baseline.empty()) base = (conditions == options.baseline).indices();
    const auto over = [&](Eigen::Index column, const std::vector<std::int64_t>& rows) {
        std::vector<double> values;
        for (const auto row : rows) values.push_back(signals(static_cast<Eigen::Index>(row), column));
        return detail::MeanOfFinite(values);
    };
    std::vector<ConditionMean> out;
    detail::OddBaselines odd;
    for (Eigen::Index column = 0; column < signals.cols(); ++column) {
        const auto all = signals.col(column);
        const double baseline = options.baseline.empty()
                                    ? detail::MeanOfFinite(std::vector<double>(all.begin(), all.end())).mean
                                    : over(column, base).mean;
        const detail::PercentChange percent(all);
        odd.add(static_cast<std::size_t>(column), percent.judge(baseline));
        for (const auto& [name, rows] : volumes) {
            const auto of = over(column, rows);
            out.push_back({regions[static_cast<std::size_t>(column)], name, of.count, of.mean, of.deviation,
                           of.sem, percent(of.mean, baseline)});
        }
    }
    odd.warn(options.warning, "condition_means", regions, "signals", "n/a");
    return out;
}

/// The same of signals with names.
[[nodiscard]] inline std::vector<ConditionMean> condition_means(const Signals& signals,
                                                                const Column& conditions,
                                                                const ConditionMeansOptions& options = {}) {
    return condition_means(signals.values, column_names(signals), conditions, options);
}

/// A row a region and condition: `region`, `condition`, `volumes`, `mean`, `std`, `sem`, `percent_change`.
[[nodiscard]] inline DataTable to_table(const std::vector<ConditionMean>& rows) {
    std::vector<std::string> regions, conditions;
    std::vector<std::int64_t> volumes;
    std::vector<double> mean, deviation, sem, percent;
    for (const auto& row : rows) {
        regions.push_back(row.region);
        conditions.push_back(row.condition);
        volumes.push_back(row.volumes);
        mean.push_back(row.mean);
        deviation.push_back(row.deviation);
        sem.push_back(row.sem);
        percent.push_back(row.percent_change);
    }
    DataTable out;
    out.add("region", regions).add("condition", conditions).add("volumes", volumes);
    out.add("mean", std::move(mean)).add("std", std::move(deviation)).add("sem", std::move(sem));
    return out.add("percent_change", std::move(percent));
}

/// What an average course is counted in.
enum class SignalChange {
    none,        ///< the signal as it is
    difference,  ///< less the event's own baseline
    percent,     ///< 100 (signal - baseline) / |baseline|, with each event's own baseline
};

/// Settings of `event_average`.
struct EventAverageOptions {
    Seconds from{0.0};        ///< where a course starts, counted from the onset; negative is before it
    Seconds to{20.0};         ///< where it ends at the latest
    Seconds step{0.0};        ///< between its points; 0 is the time between volumes
    double slice_time = 0.0;  ///< when in its volume a volume was taken, from 0 to 1
    SignalChange change = SignalChange::none;
    std::optional<Column>
        runs{};  ///< run of each volume, where several were joined: no course goes from one into the next
    WarningHandler warning{};  ///< told of events without any volume, and of baselines as `condition_means`
};

/// How a region answers to the events of one condition, on average.
struct EventCourse {
    std::string region;
    std::string condition;
    std::vector<double> mean;          ///< one for each of the seconds; NaN without any event
    std::vector<double> sem;           ///< standard error of it; NaN for fewer than two events
    std::vector<std::int64_t> events;  ///< that count there
};

/// Courses of all regions and conditions.
struct EventAverage {
    std::vector<double> seconds;       ///< after the onset
    std::vector<EventCourse> courses;  ///< region after region, for each its conditions
    SignalChange change = SignalChange::none;
};

/// The average course of every signal after the events of every condition.
///
/// \param signals  volumes x regions
/// \param regions  what the columns are called
/// \param events   as `events_of` or `blocks_of` make them; their duration does not matter
/// \param t_r      seconds between two volumes
/// \param options  `.from`, `.to`, `.step`, `.slice_time`, `.change`, `.runs`
/// \returns        conditions in the order of their first events
/// \throws InvalidArgument when a length or number makes no sense
///
/// Volume k stands at (k + slice_time) t_r; a point between two volumes is interpolated linearly, one within a millionth
/// of a second of a volume is that volume. Points before the first or behind the last volume of a run, and values that are
/// not finite, do not count. An event's baseline is the mean of its own points up to the onset; an event without one is left
/// out. O(events x points x regions). Equals the average of epochs of MNE-Python where onsets lie on volumes.
[[nodiscard]] inline EventAverage event_average(const Eigen::Ref<const Eigen::MatrixXd>& signals,
                                                const std::vector<std::string>& regions,
                                                std::vector<Event> events, Seconds t_r,
                                                const EventAverageOptions& options = {}) {
    constexpr double tolerance = 1e-6;
    detail::require_names("event_average", signals, regions);
    require(t_r.value > 0.0 && std::isfinite(t_r.value),
            "event_average: the time between volumes must be above 0");
    require(options.slice_time >= 0.0 && options.slice_time <= 1.0,
            "event_average: slice_time is from 0 to 1");
    const double step = options.step.value == 0.0 ? t_r.value : options.step.value;
    const double from = options.from.value, to = options.to.value;
    if (!(from <= to) || !std::isfinite(to - from) || !(step > 0.0) || !((to - from) / step < 1e6)) {
        throw InvalidArgument(
            text("event_average: expected seconds from one to a later one in steps of more than 0, "
                 "a million at most, found ",
                 from, " to ", to, " in steps of ", step));
    }
    if (options.runs && options.runs->size() != signals.rows()) {
        throw InvalidArgument(text("event_average: the signals have ", signals.rows(), " volumes, column \"",
                                   options.runs->name(), "\" has ", options.runs->size(), " rows"));
    }
    EventAverage out;
    out.change = options.change;
    const auto points = static_cast<std::int64_t>(std::floor((to - from) / step + tolerance)) + 1;
    out.seconds = detail::decimal_steps(from, step, points);

    for (const Event& event : events) {
        if (std::isfinite(event.onset)) continue;
        throw InvalidArgument(text("event_average: an event \"", event.type,
                                   "\": expected an onset in seconds, found ", event.onset));
    }
    const detail::JoinedRuns runs(options.runs, static_cast<std::int64_t>(signals.rows()));
    std::stable_sort(events.begin(), events.end(),
                     [](const Event& a, const Event& b) { return a.onset < b.onset; });
    std::vector<std::string> conditions;
    for (const auto& event : events) {
        if (std::find(conditions.begin(), conditions.end(), event.type) == conditions.end()) {
            conditions.push_back(event.type);
        }
    }

    detail::OddBaselines odd;
    const auto course_of = [&](const Event& event, Eigen::Index column,
                               const detail::PercentChange& percent) {
        const auto [first, end] = runs.of(event.onset, t_r);
        const std::int64_t last = end - 1;
        std::vector<double> course(out.seconds.size(), std::numeric_limits<double>::quiet_NaN());
        for (std::size_t i = 0; i < course.size(); ++i) {
            const double at = (event.onset + out.seconds[i]) / t_r.value - options.slice_time;
            const double near = std::nearbyint(at);
            const bool exact = std::abs(at - near) * t_r.value <= tolerance;
            const double low = exact ? near : std::floor(at), high = exact ? near : low + 1.0;
            if (!(low >= static_cast<double>(first) && high <= static_cast<double>(last))) continue;
            const double a = signals(static_cast<Eigen::Index>(low), column);
            const double b = signals(static_cast<Eigen::Index>(high), column);
            course[i] = exact ? a : a + (at - low) * (b - a);
        }
        if (options.change == SignalChange::none) return course;
        std::vector<double> before;
        for (std::size_t i = 0; i < course.size(); ++i) {
            if (out.seconds[i] <= tolerance) before.push_back(course[i]);
        }
        const double baseline = detail::MeanOfFinite(before).mean;
        if (options.change == SignalChange::percent) {
            odd.add(static_cast<std::size_t>(column), percent.judge(baseline));
        }
        for (double& value : course) {
            value = options.change == SignalChange::percent ? percent(value, baseline) : value - baseline;
        }
        return course;
    };
    EventCount lost;
    for (Eigen::Index column = 0; column < signals.cols(); ++column) {
        const detail::PercentChange percent(signals.col(column));
        for (const auto& condition : conditions) {
            std::vector<std::vector<double>> at(out.seconds.size());
            for (const auto& event : events) {
                if (event.type != condition) continue;
                const auto course = course_of(event, column, percent);
                bool any = false;
                for (std::size_t i = 0; i < course.size(); ++i) {
                    at[i].push_back(course[i]);
                    any = any || std::isfinite(course[i]);
                }
                if (column == 0 && !any) lost.add(event);
            }
            EventCourse course{regions[static_cast<std::size_t>(column)], condition, {}, {}, {}};
            for (const auto& values : at) {
                const detail::MeanOfFinite of(values);
                course.mean.push_back(of.mean);
                course.sem.push_back(of.sem);
                course.events.push_back(of.count);
            }
            out.courses.push_back(std::move(course));
        }
    }
    odd.warn(options.warning, "event_average", regions, "signals", "n/a");
    lost.warn(options.warning, "event_average", events.size(),
              "lies outside the volumes, or has no baseline, and is left out",
              "lie outside the volumes, or have no baseline, and are left out");
    return out;
}

/// The same of signals with names.
[[nodiscard]] inline EventAverage event_average(const Signals& signals, std::vector<Event> events,
                                                Seconds t_r, const EventAverageOptions& options = {}) {
    return event_average(signals.values, column_names(signals), std::move(events), t_r, options);
}

/// What says of each volume what is on: no events yet.
template <class S>
[[nodiscard]] EventAverage event_average(const S&, const Column&, Seconds, const EventAverageOptions& = {}) {
    static_assert(detail::never<S>,
                  "roi: event_average takes events: write event_average(signals, blocks_of(conditions, t_r), "
                  "t_r), or events_of(read_table(path)) of a file");
    return {};
}

/// A row a region, condition and point: `region`, `condition`, `seconds`, `mean`, `sem`, `events`.
[[nodiscard]] inline DataTable to_table(const EventAverage& average) {
    std::vector<std::string> regions, conditions;
    std::vector<double> seconds, mean, sem;
    std::vector<std::int64_t> events;
    for (const auto& course : average.courses) {
        for (std::size_t i = 0; i < average.seconds.size(); ++i) {
            regions.push_back(course.region);
            conditions.push_back(course.condition);
            seconds.push_back(average.seconds[i]);
            mean.push_back(course.mean[i]);
            sem.push_back(course.sem[i]);
            events.push_back(course.events[i]);
        }
    }
    DataTable out;
    out.add("region", regions).add("condition", conditions).add("seconds", std::move(seconds));
    return out.add("mean", std::move(mean)).add("sem", std::move(sem)).add("events", events);
}

}  // namespace roi
