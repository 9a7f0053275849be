// Events of an experiment, and the condition of every volume that follows from them.
#pragma once

#include <roi/core/error.hpp>
#include <roi/core/text.hpp>
#include <roi/core/units.hpp>
#include <roi/image/column.hpp>
#include <roi/table/table.hpp>

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace roi {

/// Something that happens in an experiment; times in seconds from the start of the first stored volume.
struct Event {
    double onset = 0.0;     ///< may be negative
    double duration = 0.0;  ///< 0 is an instant
    std::string type = {};
};

/// Settings of `events_of`.
struct EventsOptions {
    std::string column = "trial_type";  ///< the column that says what happens
    WarningHandler warning{};           ///< told of rows that say nothing
};

/// The events of a table as BIDS has it: columns `onset`, `duration` and `trial_type`.
///
/// \throws InvalidArgument when a column is missing, an onset is no number, or a duration is negative, with the row
///
/// A duration of n/a is 0, which `conditions_of` says. Rows whose type is n/a or empty are left out, and said. nilearn loses
/// them in silence.
[[nodiscard]] inline std::vector<Event> events_of(const Table& table, const EventsOptions& options = {}) {
    const auto onsets = numbers(table["onset"]), durations = numbers(table["duration"]);
    const auto& types = table[options.column];
    std::vector<Event> out;
    std::int64_t without = 0;
    for (std::size_t i = 0; i < onsets.size(); ++i) {
        const auto row = static_cast<std::int64_t>(i);
        if (!std::isfinite(onsets[i])) {
            throw InvalidArgument(text("events: row ", i + 1, ": expected an onset in seconds, found ",
                                       table["onset"][row].empty() ? "nothing" : table["onset"][row]));
        }
        if (durations[i] < 0.0 || std::isinf(durations[i])) {
            throw InvalidArgument(text("events: row ", i + 1,
                                       ": expected a duration of 0 seconds or more, found ", durations[i]));
        }
        if (is_missing(types[row])) {
            ++without;
            continue;
        }
        out.push_back({onsets[i], std::isnan(durations[i]) ? 0.0 : durations[i], types[row]});
    }
    if (without > 0 && options.warning) {
        options.warning(text("events: ", without, without == 1 ? " event" : " events", " without ",
                             options.column, " left out"));
    }
    return out;
}

namespace detail {

/// `"face" at 12 s`.
[[nodiscard]] inline std::string event_text(const Event& event) {
    return text('"', event.type, "\" at ", event.onset, " s");
}

/// \throws InvalidArgument when an onset is no number, or a duration is no number or negative
inline void require_events(std::string_view who, const std::vector<Event>& events) {
    for (std::size_t i = 0; i < events.size(); ++i) {
        const auto& event = events[i];
        if (!std::isfinite(event.onset)) {
            throw InvalidArgument(text(who, ": event ", i, ", \"", event.type,
                                       "\": expected an onset in seconds, found ", event.onset));
        }
        if (!(event.duration >= 0.0) || std::isinf(event.duration)) {
            throw InvalidArgument(text(who, ": event ", i, ", ", event_text(event),
                                       ": expected a duration of 0 seconds or more, found ", event.duration));
        }
    }
}

/// Which volumes are of one run, where several were joined: an event belongs to the run of the last volume that begins
/// before it.
class JoinedRuns {
public:
    /// \param runs  run of each volume: where it changes another begins; none: all volumes are one
    JoinedRuns(const std::optional<Column>& runs, std::int64_t volumes) : starts_{0} {
        for (std::int64_t k = 1; runs && k < volumes; ++k) {
            if ((*runs)[k] != (*runs)[k - 1]) starts_.push_back(k);
        }
        starts_.push_back(volumes);
    }

    /// The first volume of an event's run, and the one behind its last.
    [[nodiscard]] std::pair<std::int64_t, std::int64_t> of(double onset, Seconds t_r) const {
        constexpr double tolerance = 1e-6;
        const auto run =
            std::upper_bound(starts_.begin() + 1, starts_.end() - 1, onset / t_r.value + tolerance,
                             [](double at, std::int64_t start) { return at < static_cast<double>(start); });
        return {*(run - 1), *run};
    }

private:
    std::vector<std::int64_t> starts_;
};

}  // namespace detail

/// Events that are of no use for one reason, counted so that one warning says how many and which is the first.
class EventCount {
public:
    /// Counts one more.
    void add(const Event& event) {
        if (count_++ == 0) first_ = detail::event_text(event);
    }

    /// Warns where any was counted: `conditions: 2 of 9 events begin after the run, the first "face" at 12 s`.
    ///
    /// \param warning    may be empty
    /// \param who        the function that warns
    /// \param all        events there are
    /// \param one, more  the reason, of one event (`begins after the run`) and of several
    void warn(const WarningHandler& warning, std::string_view who, std::size_t all, std::string_view one,
              std::string_view more) const {
        if (count_ == 0 || !warning) return;
        warning(text(who, ": ", count_, " of ", all, all == 1 ? " event " : " events ",
                     count_ == 1 ? one : more, count_ == 1 ? ": " : ", the first ", first_));
    }

private:
    std::int64_t count_ = 0;
    std::string first_;
};

namespace detail {

/// Where the volumes of an event's run stand, in seconds.
struct VolumeTimes {
    double start, end;   // of the run
    double first, last;  // volume
};

/// Says which events have no volume, and why.
/// \param taken     of each event: has it a volume?
/// \param times_of  an event to its `VolumeTimes`
/// \param delay     of the response behind an event, in seconds
template <class TimesOf>
void warn_of_lost_events(const std::vector<Event>& events, const std::vector<bool>& taken, TimesOf times_of,
                         double delay, const WarningHandler& warning) {
    if (!warning) return;
    constexpr double tolerance = 1e-6;
    EventCount outside, late, instants, behind, before, between;
    for (std::size_t i = 0; i < events.size(); ++i) {
        if (taken[i]) continue;
        const auto& event = events[i];
        const VolumeTimes run = times_of(i);
        const double start = event.onset + delay, end = start + event.duration;
        if (event.onset >= run.end - tolerance ||
            (start < run.start - tolerance && end <= run.start + tolerance)) {
            outside.add(event);
        } else if (start >= run.end - tolerance) {
            late.add(event);
        } else if (event.duration == 0.0) {
            instants.add(event);
        } else if (start > run.last + tolerance) {
            behind.add(event);
        } else if (end <= run.first + tolerance) {
            before.add(event);
        } else {
            between.add(event);
        }
    }
    const auto all = events.size();
    outside.warn(warning, "conditions", all, "lies outside the run and has no volume",
                 "lie outside the run and have no volume");
    late.warn(warning, "conditions", all, "begins with its delay behind the end of its run and has no volume",
              "begin with their delay behind the end of their run and have no volume");
    behind.warn(warning, "conditions", all, "begins behind the last volume of its run and has none",
                "begin behind the last volume of their run and have none");
    before.warn(warning, "conditions", all, "ends before the first volume of its run and has none",
                "end before the first volume of their run and have none");
    instants.warn(warning, "conditions", all, "has a duration of 0 or n/a and so no volume",
                  "have a duration of 0 or n/a and so no volume");
    between.warn(warning, "conditions", all, "lies between two volumes and has none",
                 "lie between two volumes and have none");
}

}  // namespace detail

/// What becomes of a volume in two conditions at once.
enum class OverlapRule {
    error,
    first,  ///< the event that began first counts
    last,   ///< the event that began last counts
    drop,   ///< neither: the volume is `n/a`
};

/// Settings of `conditions_of`.
struct ConditionsOptions {
    Seconds delay{0.0};       ///< of the response behind the event
    double slice_time = 0.0;  ///< when in its volume a volume was taken, from 0 to 1
    OverlapRule overlap = OverlapRule::error;
    std::string rest = "rest";  ///< the condition of volumes where nothing is on
    std::optional<Column>
        runs{};  ///< run of each volume, where several were joined: no event goes from one into the next
    WarningHandler warning{};  ///< told of events and conditions without a volume
};

/// The condition of every volume of a run.
///
/// \param events   in any order
/// \param volumes  of the run
/// \param t_r      seconds between two volumes
/// \returns        a column `labels`, one row a volume
/// \throws InvalidArgument when two conditions are on in one volume and no rule is chosen, a number makes no sense, or
///         `.runs` has another length
///
/// Volume k stands at t = (k + slice_time) t_r; an event is on when onset + delay <= t < onset + delay + duration, compared
/// with a millionth of a second, which products of decimal fractions miss. Events of one condition may overlap. Equals
/// where nilearn's `make_first_level_design_matrix` without response has a regressor that is not 0.
[[nodiscard]] inline Column conditions_of(std::vector<Event> events, std::int64_t volumes, Seconds t_r,
                                          const ConditionsOptions& options = {}) {
    constexpr double tolerance = 1e-6;
    if (volumes < 0 || !(t_r.value > 0.0) || !std::isfinite(t_r.value)) {
        throw InvalidArgument(
            text("conditions: expected a number of volumes and seconds between them, found ", volumes,
                 " and ", t_r.value));
    }
    require(options.slice_time >= 0.0 && options.slice_time <= 1.0, "conditions: slice_time is from 0 to 1");
    require(std::isfinite(options.delay.value), "conditions: the delay must be finite");
    detail::require_events("conditions", events);
    if (options.runs && options.runs->size() != volumes) {
        throw InvalidArgument(text("conditions: there are ", volumes, " volumes, column \"",
                                   options.runs->name(), "\" has ", options.runs->size(), " rows"));
    }
    std::stable_sort(events.begin(), events.end(),
                     [](const Event& a, const Event& b) { return a.onset < b.onset; });
    std::vector<std::string> out(static_cast<std::size_t>(volumes), options.rest);
    std::vector<bool> taken(events.size());
    const detail::JoinedRuns runs(options.runs, volumes);
    std::vector<std::pair<std::int64_t, std::int64_t>> run_of;
    for (const Event& event : events) run_of.push_back(runs.of(event.onset, t_r));
    for (std::size_t k = 0; k < out.size(); ++k) {
        const double t = (static_cast<double>(k) + options.slice_time) * t_r.value;
        const Event* on = nullptr;
        bool dropped = false;
        for (std::size_t i = 0; i < events.size(); ++i) {
            const auto& event = events[i];
            const double start = event.onset + options.delay.value;
            if (t < start - tolerance || t >= start + event.duration - tolerance) continue;
            const auto [first, end] = run_of[i];
            if (static_cast<std::int64_t>(k) < first || static_cast<std::int64_t>(k) >= end) continue;
            taken[i] = true;
            if (on && on->type != event.type) {
                if (options.overlap == OverlapRule::error) {
                    throw InvalidArgument(text("conditions: volume ", k, ", at ", t, " s, lies in \"",
                                               on->type, "\" from ", on->onset, " s and in \"", event.type,
                                               "\" from ", event.onset,
                                               " s; choose which counts: first, last or drop"));
                }
                dropped = true;
            }
            if (!on || options.overlap == OverlapRule::last) on = &event;
        }
        if (on) out[k] = dropped && options.overlap == OverlapRule::drop ? "n/a" : on->type;
    }
    const auto times_of = [&](std::size_t i) {
        const auto first = static_cast<double>(run_of[i].first), end = static_cast<double>(run_of[i].second);
        return detail::VolumeTimes{first * t_r.value, end * t_r.value,
                                   (first + options.slice_time) * t_r.value,
                                   (end - 1.0 + options.slice_time) * t_r.value};
    };
    detail::warn_of_lost_events(events, taken, times_of, options.delay.value, options.warning);
    if (options.warning) {
        std::vector<std::string> lost;
        for (std::size_t i = 0; i < events.size(); ++i) {
            bool any = false;
            for (std::size_t j = 0; j < events.size(); ++j)
                any = any || (taken[j] && events[j].type == events[i].type);
            if (!any && std::find(lost.begin(), lost.end(), events[i].type) == lost.end()) {
                lost.push_back(events[i].type);
            }
        }
        if (!lost.empty()) options.warning(text("conditions: no volume lies in ", listed(lost)));
    }
    return Column(std::move(out), "labels");
}

/// Events of several runs as those of one that has all their volumes.
struct JoinedEvents {
    std::vector<Event> events;  ///< onsets counted from the start of the first run
    Column runs;                ///< run of each volume: 1, 2, ...
};

/// Joins the events of runs whose volumes follow each other.
///
/// \param events   of each run, counted from its own start
/// \param volumes  of each run
/// \param t_r      seconds between two volumes
/// \param warning  told of events that begin before or behind their run, which are left out: they would be taken for
///                 events of the run beside it
/// \returns        events, which end with their run at the latest, and runs: both are for `conditions_of` with `.runs`, as a
///                 delay leads behind the end too, and for `event_average`
/// \throws InvalidArgument when the numbers of runs differ, or a number makes no sense
[[nodiscard]] inline JoinedEvents join_events(const std::vector<std::vector<Event>>& events,
                                              const std::vector<std::int64_t>& volumes, Seconds t_r,
                                              const WarningHandler& warning = {}) {
    constexpr double tolerance = 1e-6;
    if (events.size() != volumes.size()) {
        throw InvalidArgument(text("join_events: expected events and volumes of as many runs, found ",
                                   events.size(), " and ", volumes.size()));
    }
    require(t_r.value > 0.0 && std::isfinite(t_r.value),
            "join_events: the time between volumes must be above 0");
    JoinedEvents out;
    std::vector<std::string> runs;
    std::size_t all = 0;
    EventCount outside;
    for (std::size_t run = 0; run < events.size(); ++run) {
        require(volumes[run] >= 0, "join_events: a run has 0 volumes or more");
        const double start = static_cast<double>(runs.size()) * t_r.value;
        const double length = static_cast<double>(volumes[run]) * t_r.value;
        all += events[run].size();
        detail::require_events("join_events", events[run]);
        for (Event event : events[run]) {
            if (event.onset < -tolerance || event.onset > length - tolerance) {
                outside.add(event);
                continue;
            }
            event.duration = std::min(event.duration, std::max(length - event.onset, 0.0));
            event.onset += start;
            out.events.push_back(std::move(event));
        }
        runs.insert(runs.end(), static_cast<std::size_t>(volumes[run]), text(run + 1));
    }
    out.runs = Column(std::move(runs), "runs");
    outside.warn(warning, "join_events", all, "begins before or behind the run and is left out",
                 "begin before or behind the run and are left out");
    return out;
}

/// Settings of `blocks_of`.
struct BlocksOptions {
    std::string rest = "rest";     ///< the condition that is no event, nor is one that is missing
    std::optional<Column> runs{};  ///< run of each volume: where it changes a new block begins
};

/// The blocks of a design that is written down volume by volume: an event wherever a condition begins.
///
/// \param conditions  one a volume; `n/a` and empty are none
/// \param t_r         seconds between two volumes
/// \throws InvalidArgument when the numbers of rows differ, or the time is not above 0
[[nodiscard]] inline std::vector<Event> blocks_of(const Column& conditions, Seconds t_r,
                                                  const BlocksOptions& options = {}) {
    require(t_r.value > 0.0 && std::isfinite(t_r.value),
            "blocks_of: the time between volumes must be above 0");
    if (options.runs && options.runs->size() != conditions.size()) {
        throw InvalidArgument(text("blocks_of: column \"", conditions.name(), "\" has ", conditions.size(),
                                   " rows, column \"", options.runs->name(), "\" has ",
                                   options.runs->size()));
    }
    std::vector<Event> out;
    for (std::int64_t first = 0, k = 1; first < conditions.size(); first = k++) {
        while (k < conditions.size() && conditions[k] == conditions[first] &&
               (!options.runs || (*options.runs)[k] == (*options.runs)[first])) {
            ++k;
        }
        if (conditions[first] == options.rest || is_missing(conditions[first])) continue;
        out.push_back({static_cast<double>(first) * t_r.value, static_cast<double>(k - first) * t_r.value,
                       conditions[first]});
    }
    return out;
}

}  // namespace roi
