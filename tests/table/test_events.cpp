// Events: the golden sheet of conditions, delays, overlaps, and what is refused.
#include <roi/table/events.hpp>

#include "catch.hpp"
#include "checks.hpp"
#include <cmath>
#include <limits>
#include <string>
#include <vector>

namespace {

using Texts = std::vector<std::string>;

roi::Table table_of(const Texts& onsets, const Texts& durations, const Texts& types) {
    return roi::Table(
        {roi::Column(onsets, "onset"), roi::Column(durations, "duration"), roi::Column(types, "trial_type")});
}

std::vector<roi::Event> golden() {
    return roi::events_of(table_of({"0", "4", "12", "13", "18", "20"}, {"4", "6", "2", "3", "0", "40"},
                                   {"rest", "face", "house", "face", "cue", "rest"}));
}

Texts conditions(const std::vector<roi::Event>& events, const roi::ConditionsOptions& options = {}) {
    const auto found = roi::conditions_of(events, 12, roi::Seconds{2.0}, options);
    return {found.begin(), found.end()};
}

}  // namespace

TEST_CASE("conditions: onset, duration, delay, slice time") {
    std::string warning;
    const Texts plain{"rest", "rest", "face", "face", "face", "-", "house", "face", "-", "-", "rest", "rest"};
    CHECK(conditions(golden(), {.rest = "-", .warning = [&](std::string_view line) { warning = line; }}) ==
          plain);
    CHECK(test::contains(warning, "no volume lies in cue"));

    // Half a volume later volume 6 is in both.
    const roi::ConditionsOptions late{.slice_time = 0.5, .rest = "-"};
    auto message = test::message_of<roi::InvalidArgument>([&] { (void)conditions(golden(), late); });
    CHECK(test::contains(message, "volume 6"));
    CHECK(test::contains(message, "\"house\""));
    const auto at_six = [&](roi::OverlapRule rule) {
        auto options = late;
        options.overlap = rule;
        return conditions(golden(), options)[6];
    };
    CHECK(at_six(roi::OverlapRule::first) == "house");
    CHECK(at_six(roi::OverlapRule::last) == "face");
    CHECK(at_six(roi::OverlapRule::drop) == "n/a");

    const Texts delayed{"-", "-", "-", "rest", "rest", "face", "face", "face", "-", "house", "face", "-"};
    CHECK(
        conditions(golden(), {.delay = roi::Seconds{5.0}, .overlap = roi::OverlapRule::first, .rest = "-"}) ==
        delayed);
}

TEST_CASE("conditions: events without a volume are said, once for each reason") {
    Texts lines;
    const auto said = [&](const std::vector<roi::Event>& events, double delay = 0.0) {
        lines.clear();
        (void)roi::conditions_of(events, 12, roi::Seconds{2.0},
                                 {.delay = roi::Seconds{delay},
                                  .warning = [&](std::string_view line) { lines.emplace_back(line); }});
        return lines;
    };
    // The run lasts 24 s. What begins before it and reaches into it has volumes.
    const std::vector<roi::Event> events{{30.0, 2.0, "a"}, {24.0, 2.0, "a"}, {-3.0, 3.0, "a"},
                                         {-3.0, 4.0, "a"}, {4.0, 0.0, "b"},  {6.5, 1.0, "b"},
                                         {8.0, 4.0, "b"}};
    CHECK(said(events) ==
          Texts{"conditions: 3 of 7 events lie outside the run and have no volume, the first \"a\" at -3 s",
                "conditions: 1 of 7 events has a duration of 0 or n/a and so no volume: \"b\" at 4 s",
                "conditions: 1 of 7 events lies between two volumes and has none: \"b\" at 6.5 s"});
    CHECK(said({events.front()}) ==
          Texts{"conditions: 1 of 1 event lies outside the run and has no volume: \"a\" at 30 s",
                "conditions: no volume lies in a"});
    // Behind a delay the end of the run is nearer.
    CHECK(said({{0.0, 2.0, "a"}, {19.0, 2.0, "a"}}, 5.0) ==
          Texts{"conditions: 1 of 2 events begins with its delay behind the end of its run and has no "
                "volume: \"a\" "
                "at 19 s"});
    // Within the run, but behind its last volume at 22 s, or before its first where volumes are taken at their ends.
    CHECK(said({{0.0, 2.0, "a"}, {18.5, 3.0, "a"}}, 4.0) ==
          Texts{"conditions: 1 of 2 events begins behind the last volume of its run and has none: \"a\" at "
                "18.5 s"});
    lines.clear();
    (void)roi::conditions_of(
        {{0.0, 1.5, "a"}, {3.0, 4.0, "a"}}, 12, roi::Seconds{2.0},
        {.slice_time = 1.0, .warning = [&](std::string_view line) { lines.emplace_back(line); }});
    CHECK(
        lines ==
        Texts{
            "conditions: 1 of 2 events ends before the first volume of its run and has none: \"a\" at 0 s"});
    // Of runs that were joined it is the event's own run that ends.
    lines.clear();
    (void)roi::conditions_of({{0.0, 2.0, "a"}, {7.0, 1.0, "a"}, {9.0, 1.5, "a"}}, 8, roi::Seconds{2.0},
                             {.delay = roi::Seconds{2.0},
                              .runs = roi::Column({"1", "1", "1", "1", "2", "2", "2", "2"}, "runs"),
                              .warning = [&](std::string_view line) { lines.emplace_back(line); }});
    CHECK(lines ==
          Texts{"conditions: 1 of 3 events begins with its delay behind the end of its run and has no "
                "volume: \"a\" at 7 s"});
    // A duration of n/a in a table.
    const auto missing = roi::events_of(table_of({"0", "4", "8"}, {"2", "n/a", "n/a"}, {"a", "a", "a"}));
    CHECK(said(missing) ==
          Texts{"conditions: 2 of 3 events have a duration of 0 or n/a and so no volume, the "
                "first \"a\" at 4 s"});
    CHECK(said({{0.0, 2.0, "a"}}).empty());
}

TEST_CASE("conditions: a boundary that products of decimal fractions miss") {
    // 5 * 0.72 is 3.5999999999999996.
    const auto found = roi::conditions_of({{3.6, 0.72, "a"}}, 8, roi::Seconds{0.72});
    CHECK(Texts(found.begin(), found.end()) ==
          Texts{"rest", "rest", "rest", "rest", "rest", "a", "rest", "rest"});
    // One condition may overlap itself, and may begin before the run.
    const auto twice = roi::conditions_of({{-3.0, 5.0, "a"}, {1.0, 2.0, "a"}}, 4, roi::Seconds{1.0});
    CHECK(Texts(twice.begin(), twice.end()) == Texts{"a", "a", "a", "rest"});
}

TEST_CASE("events: what is missing") {
    std::string warning;
    const auto events = roi::events_of(table_of({"0", "1", "2"}, {"n/a", "1", "1"}, {"a", "n/a", ""}),
                                       {.warning = [&](std::string_view line) { warning = line; }});
    REQUIRE(events.size() == 1);
    CHECK(events[0].duration == 0.0);
    CHECK(test::contains(warning, "2 events without trial_type left out"));
    const auto failure = [](const roi::Table& table) {
        return test::message_of<roi::InvalidArgument>([&] { (void)roi::events_of(table); });
    };
    CHECK(
        test::contains(failure(table_of({"0", "n/a"}, {"1", "1"}, {"a", "b"})), "row 2: expected an onset"));
    CHECK(test::contains(failure(table_of({"0"}, {"-2"}, {"a"})),
                         "row 1: expected a duration of 0 seconds or more"));
    CHECK(test::contains(failure(table_of({"x"}, {"1"}, {"a"})), "\"x\""));
    CHECK(test::contains(failure(roi::Table({roi::Column({"0"}, "onset"), roi::Column({"1"}, "duration")})),
                         "trial_type"));
    CHECK_THROWS_AS(roi::conditions_of({}, 3, roi::Seconds{0.0}), roi::InvalidArgument);
    CHECK_THROWS_AS(roi::conditions_of({}, 3, roi::Seconds{1.0}, {.slice_time = 1.5}), roi::InvalidArgument);
}

TEST_CASE("blocks_of: an event wherever a condition begins, and where a run does") {
    const roi::Column conditions({"rest", "face", "face", "house", "house", "n/a", "face"}, "labels");
    const auto blocks = roi::blocks_of(conditions, roi::Seconds{2.0});
    REQUIRE(blocks.size() == 3);
    CHECK(blocks[0].type == "face");
    CHECK(blocks[0].onset == 2.0);
    CHECK(blocks[0].duration == 4.0);
    CHECK(blocks[1].onset == 6.0);
    CHECK(blocks[2].onset == 12.0);
    CHECK(blocks[2].duration == 2.0);
    const roi::Column runs({"1", "1", "2", "2", "2", "2", "2"}, "chunks");
    CHECK(roi::blocks_of(conditions, roi::Seconds{2.0}, {.runs = runs}).size() == 4);
    CHECK(roi::blocks_of(conditions, roi::Seconds{2.0}, {.rest = ""}).size() == 4);
    // A condition that is missing is none, however that is written, and ends the block before it.
    const roi::Column gaps({"face", "", "face", "n/a", "n/a", "house"}, "labels");
    const auto between = roi::blocks_of(gaps, roi::Seconds{2.0});
    REQUIRE(between.size() == 3);
    CHECK(between[1].onset == 4.0);
    CHECK(between[1].duration == 2.0);
    CHECK(between[2].type == "house");
    CHECK(roi::blocks_of(roi::Column({}, "labels"), roi::Seconds{2.0}).empty());
    CHECK_THROWS_AS(roi::blocks_of(conditions, roi::Seconds{0.0}), roi::InvalidArgument);
    CHECK_THROWS_AS(roi::blocks_of(conditions, roi::Seconds{1.0}, {.runs = roi::Column({"1"}, "chunks")}),
                    roi::InvalidArgument);
}

TEST_CASE("conditions_of: events of joined runs stay in their run, whatever lasts or is late") {
    const roi::Seconds t_r{2.0};
    const auto joined = roi::join_events({{{6.0, 10.0, "over"}}, {{4.0, 2.0, "b"}}}, {4, 4}, t_r);
    CHECK(joined.events[0].duration == 2.0);
    const auto values = [](const roi::Column& column) {
        std::vector<std::string> out;
        for (std::int64_t k = 0; k < column.size(); ++k) out.push_back(column[k]);
        return out;
    };
    using Rows = std::vector<std::string>;
    CHECK(values(roi::conditions_of(joined.events, 8, t_r)) ==
          Rows{"rest", "rest", "rest", "over", "rest", "rest", "b", "rest"});
    CHECK(values(roi::conditions_of(joined.events, 8, t_r, {.delay = t_r, .runs = joined.runs})) ==
          Rows{"rest", "rest", "rest", "rest", "rest", "rest", "rest", "b"});
    CHECK(
        values(roi::conditions_of({{6.0, 10.0, "over"}, {12.0, 2.0, "b"}}, 8, t_r, {.runs = joined.runs})) ==
        Rows{"rest", "rest", "rest", "over", "rest", "rest", "b", "rest"});
    CHECK(test::contains(test::message_of<roi::InvalidArgument>(
                             [&] { (void)roi::conditions_of(joined.events, 7, t_r, {.runs = joined.runs}); }),
                         "there are 7 volumes, column \"runs\" has 8 rows"));
}

TEST_CASE("events: onsets and durations that are no times are refused") {
    const double nan = std::nan(""), infinity = std::numeric_limits<double>::infinity();
    const roi::Seconds t_r{2.0};
    const auto message = [&](const roi::Event& event) {
        const std::vector<roi::Event> events{{0.0, 1.0, "a"}, event};
        const auto said =
            test::message_of<roi::InvalidArgument>([&] { (void)roi::conditions_of(events, 3, t_r); });
        CHECK(test::contains(said, "conditions: event 1"));
        CHECK_THROWS_AS(roi::join_events({events}, {3}, t_r), roi::InvalidArgument);
        return said;
    };
    CHECK(test::contains(message({nan, 1.0, "b"}), "expected an onset in seconds, found nan"));
    CHECK(test::contains(message({0.0, nan, "b"}),
                         "\"b\" at 0 s: expected a duration of 0 seconds or more, found nan"));
    CHECK(test::contains(message({0.0, -2.0, "b"}), "found -2"));
    CHECK(test::contains(message({0.0, infinity, "b"}), "found inf"));
}

TEST_CASE("join_events: runs follow each other, and keep what is theirs") {
    std::string warning;
    const std::vector<std::vector<roi::Event>> events{{{0.0, 2.0, "a"}, {5.0, 2.0, "b"}, {8.0, 1.0, "late"}},
                                                      {{-1.0, 2.0, "early"}, {3.5, 0.0, "a"}}};
    const auto joined =
        roi::join_events(events, {4, 3}, roi::Seconds{2.0}, [&](std::string_view line) { warning = line; });
    REQUIRE(joined.events.size() == 3);
    CHECK(joined.events[1].onset == 5.0);
    CHECK(joined.events[2].onset == 11.5);
    CHECK(joined.events[2].type == "a");
    CHECK(joined.runs == roi::Column({"1", "1", "1", "1", "2", "2", "2"}));
    CHECK(warning ==
          "join_events: 2 of 5 events begin before or behind the run and are left out, the first \"late\" at "
          "8 s");
    CHECK(roi::join_events({}, {}, roi::Seconds{2.0}).events.empty());
    CHECK_THROWS_AS(roi::join_events(events, {4}, roi::Seconds{2.0}), roi::InvalidArgument);
    CHECK_THROWS_AS(roi::join_events(events, {4, -1}, roi::Seconds{2.0}), roi::InvalidArgument);
    CHECK_THROWS_AS(roi::join_events(events, {4, 3}, roi::Seconds{0.0}), roi::InvalidArgument);
}
