// Fuzz body: any bytes as a table of events.
#pragma once

#include <roi/table/events.hpp>

#include "scratch.hpp"
#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace fuzz {

/// The condition of one volume by its definition; nothing when two are on and no rule says which counts.
inline std::optional<std::string> condition_at(const std::vector<roi::Event>& events, double t, double delay,
                                               roi::OverlapRule rule) {
    std::vector<const roi::Event*> on;
    for (const auto& event : events) {
        const double start = event.onset + delay;
        if (t - start >= -1e-6 && t - (start + event.duration) < -1e-6) on.push_back(&event);
    }
    if (on.empty()) return "rest";
    std::stable_sort(on.begin(), on.end(), [](const auto* a, const auto* b) { return a->onset < b->onset; });
    const bool one =
        std::all_of(on.begin(), on.end(), [&](const auto* event) { return event->type == on.front()->type; });
    if (one || rule == roi::OverlapRule::first) return on.front()->type;
    if (rule == roi::OverlapRule::last) return on.back()->type;
    return rule == roi::OverlapRule::drop ? std::optional<std::string>("n/a") : std::nullopt;
}

/// Is a moment so near to a beginning or an end that rounding decides?
inline bool doubtful(const std::vector<roi::Event>& events, double t, double delay) {
    for (const auto& event : events) {
        const double start = event.onset + delay, end = start + event.duration;
        for (const double edge : {start, end}) {
            const double distance = std::abs(t - edge);
            const double slack = 1e-15 * (std::abs(t) + std::abs(edge) + std::abs(event.onset)) * 4.0;
            if (std::abs(distance - 1e-6) <= slack || !(distance < 1e300)) return true;
        }
    }
    return false;
}

/// The first three bytes choose the time between volumes, the delay and when in its volume a volume was taken.
inline void events(Input data) {
    static const Scratch scratch;
    if (data.size() < 3) return;
    const double times[] = {0.5, 0.72, 1.0, 2.0, 2.5, 3.0};
    const double t_r = times[data[0] % 6], delay = data[1] / 8.0 - 4.0, slice_time = data[2] / 255.0;
    const auto path = scratch.write("events.tsv", text_of(data.subspan(3)));
    roi::Table table({});
    if (!succeeds([&] { table = roi::read_table(path); })) return;
    std::vector<roi::Event> found;
    std::int64_t left_out = 0;
    try {
        found = roi::events_of(table, {.warning = [&](std::string_view) { ++left_out; }});
    } catch (const roi::InvalidArgument& error) {
        demand(std::string_view(error.what()).find('\n') == std::string_view::npos, "an error is one line");
        return;
    }
    demand((static_cast<std::int64_t>(found.size()) == table.rows()) == (left_out == 0),
           "events that are left out are said");
    for (const auto& event : found) {
        demand(std::isfinite(event.onset) && event.duration >= 0.0 && std::isfinite(event.duration) &&
                   !event.type.empty(),
               "events make sense");
    }
    constexpr std::int64_t volumes = 24;
    for (const auto rule :
         {roi::OverlapRule::error, roi::OverlapRule::first, roi::OverlapRule::last, roi::OverlapRule::drop}) {
        std::optional<roi::Column> column;
        try {
            column =
                roi::conditions_of(found, volumes, roi::Seconds{t_r},
                                   {.delay = roi::Seconds{delay}, .slice_time = slice_time, .overlap = rule});
        } catch (const roi::InvalidArgument&) {
            demand(rule == roi::OverlapRule::error, "a rule decides about every overlap");
        }
        bool contradicted = false, certain = true, plain = true;
        for (std::int64_t k = 0; k < volumes; ++k) {
            const double t = (static_cast<double>(k) + slice_time) * t_r;
            if (column) plain = plain && (*column)[k] != "n/a";
            if (doubtful(found, t, delay)) {
                certain = false;
                continue;
            }
            const auto expected = condition_at(found, t, delay, rule);
            contradicted = contradicted || !expected;
            if (column && expected) demand((*column)[k] == *expected, "a volume is in the event that is on");
        }
        if (certain) demand(contradicted == !column, "an overlap is an error, and nothing else is");
        if (!column || !plain) continue;
        const auto again =
            roi::conditions_of(roi::blocks_of(*column, roi::Seconds{t_r}), volumes, roi::Seconds{t_r});
        demand(std::equal(again.begin(), again.end(), column->begin(), column->end()),
               "blocks of conditions have the same conditions");
    }
}

}  // namespace fuzz
