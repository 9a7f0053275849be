// Means by condition, and average courses after events.
#include <roi/signals/condition_average.hpp>

#include "catch.hpp"
#include "support.hpp"
#include <cmath>
#include <cstdint>
#include <limits>
#include <random>
#include <string>
#include <string_view>
#include <vector>

using roi::Column;
using roi::Event;
using roi::Seconds;

namespace {

constexpr double missing = std::numeric_limits<double>::quiet_NaN();

Eigen::MatrixXd one_signal(std::vector<double> values) {
    return Eigen::Map<Eigen::VectorXd>(values.data(), static_cast<Eigen::Index>(values.size()));
}

}  // namespace

TEST_CASE("condition_means: mean, spread and percent change, as pandas has them") {
    // pandas: DataFrame.groupby("condition").agg(["count", "mean", "std", "sem"])
    const auto signal = one_signal({10, 12, missing, 20, 26, 8});
    const Column conditions({"rest", "face", "face", "face", "house", "rest"}, "labels");
    const auto rows = roi::condition_means(signal, {"FFA"}, conditions);
    REQUIRE(rows.size() == 3);
    CHECK(rows[0].condition == "rest");
    CHECK(rows[1].condition == "face");
    CHECK(rows[1].region == "FFA");
    CHECK(rows[1].volumes == 2);
    CHECK(rows[1].mean == 16.0);
    CHECK(rows[1].deviation == Approx(5.656854249492381));
    CHECK(rows[1].sem == Approx(4.0));
    CHECK(rows[1].percent_change == Approx(100.0 * (16.0 - 15.2) / 15.2));
    CHECK(rows[2].volumes == 1);
    CHECK(std::isnan(rows[2].deviation));
    CHECK(std::isnan(rows[2].sem));
    const auto from_rest = roi::condition_means(signal, {"FFA"}, conditions, {.baseline = "rest"});
    CHECK(from_rest[0].percent_change == 0.0);
    CHECK(from_rest[1].percent_change == Approx(100.0 * 7.0 / 9.0));

    const auto table = roi::format_table(roi::to_table(from_rest), roi::TableFormat::tsv);
    CHECK(table.substr(0, table.find('\n')) == "region\tcondition\tvolumes\tmean\tstd\tsem\tpercent_change");
    CHECK(table.find("FFA\thouse\t1\t26\tn/a\tn/a\t") != std::string::npos);
}

TEST_CASE("condition_means: volumes without a condition, a baseline of zero, wrong lengths") {
    const Column conditions({"a", "n/a", "a"}, "labels");
    const auto rows = roi::condition_means(one_signal({-1, 100, 1}), {"x"}, conditions, {.baseline = "a"});
    REQUIRE(rows.size() == 1);
    CHECK(rows[0].mean == 0.0);
    CHECK(std::isnan(rows[0].percent_change));
    // What detrending leaves of a mean is no unit: -1e-16 made changes of 1e18 percent.
    std::vector<std::string> warnings;
    const roi::WarningHandler warning = [&](std::string_view line) { warnings.emplace_back(line); };
    const auto detrended = roi::condition_means(one_signal({-1, 1e-16, 1}), {"x"},
                                                Column({"a", "b", "c"}, "labels"), {.warning = warning});
    for (const auto& row : detrended) CHECK(std::isnan(row.percent_change));
    REQUIRE(warnings.size() == 1);
    CHECK(warnings[0].find("the baseline of x is 0") != std::string::npos);
    // Up is up where the baseline is below 0.
    const auto below =
        roi::condition_means(one_signal({-4, -2}), {"x"}, Column({"a", "b"}, "labels"), {.baseline = "a"});
    CHECK(below[1].percent_change == 50.0);
    const auto nothing = roi::condition_means(one_signal({missing, 1, missing}), {"x"}, conditions);
    CHECK(nothing[0].volumes == 0);
    CHECK(std::isnan(nothing[0].mean));
    CHECK_THROWS_AS(roi::condition_means(one_signal({1, 2}), {"x"}, conditions), roi::InvalidArgument);
    CHECK_THROWS_AS(roi::condition_means(one_signal({1, 2, 3}), {}, conditions), roi::InvalidArgument);
    CHECK_THROWS_AS(roi::condition_means(one_signal({1, 2, 3}), {"x"}, conditions, {.baseline = "rest"}),
                    roi::InvalidArgument);
}

TEST_CASE(
    "condition_means, event_average: percent change that means nothing is said, with the names of the "
    "signals") {
    Eigen::MatrixXd signals(6, 3);
    signals << 1000, 0.5, -10, 1001, -1.2, -12, 1004, 0.9, -11, 1003, -0.4, -13, 999, 1.1, -10, 1000, -0.8,
        -12;
    const std::vector<std::string> names{"bold", "z", "below"};
    const Column conditions({"rest", "rest", "face", "face", "rest", "rest"}, "labels");
    std::vector<std::string> warnings;
    const roi::WarningHandler warning = [&](std::string_view line) { warnings.emplace_back(line); };
    const auto rows =
        roi::condition_means(signals, names, conditions, {.baseline = "rest", .warning = warning});
    REQUIRE(warnings.size() == 2);
    CHECK(warnings[0].find("condition_means: the baseline of 1 of 3 signals (z) is negative or small") == 0);
    CHECK(warnings[1].find("condition_means: the baseline of 1 of 3 signals (below) is below 0") == 0);
    CHECK(rows[1].percent_change == Approx(0.35));
    warnings.clear();
    (void)roi::event_average(signals, names, {{4.0, 4.0, "face"}}, Seconds{2.0},
                             {.from = Seconds{-4.0},
                              .to = Seconds{4.0},
                              .change = roi::SignalChange::percent,
                              .warning = warning});
    REQUIRE(warnings.size() == 2);
    CHECK(warnings[0].find("event_average: the baseline of 1 of 3 signals (z) is negative or small") == 0);
    CHECK(warnings[1].find("event_average: the baseline of 1 of 3 signals (below) is below 0") == 0);
    warnings.clear();
    (void)roi::event_average(signals, names, {{4.0, 4.0, "face"}}, Seconds{2.0},
                             {.from = Seconds{-4.0},
                              .to = Seconds{4.0},
                              .change = roi::SignalChange::difference,
                              .warning = warning});
    CHECK(warnings.empty());
}

TEST_CASE("event_average: no percent change from a baseline of 0") {
    std::vector<std::string> warnings;
    const auto course = roi::event_average(
        one_signal({1e-17, 1, 2, 1}), {"x"}, {{0.0, 0.0, "a"}}, Seconds{2.0},
        {.to = Seconds{4.0}, .change = roi::SignalChange::percent, .warning = [&](std::string_view line) {
             warnings.emplace_back(line);
         }});
    for (const double value : course.courses[0].mean) CHECK(std::isnan(value));
    REQUIRE(warnings.size() == 2);
    CHECK(warnings[0].find("the baseline of x is 0") != std::string::npos);
}

TEST_CASE("event_average: onsets on volumes and between them, runs that end") {
    const auto signal = one_signal({0, 1, 4, 9, 16, 25, 36, 49});
    const std::vector<Event> events{{8.0, 1.0, "b"}, {2.0, 0.0, "a"}, {6.0, 0.0, "a"}, {3.0, 0.0, "c"}};
    const auto found =
        roi::event_average(signal, {"x"}, events, Seconds{2.0}, {.from = Seconds{-2.0}, .to = Seconds{4.0}});
    CHECK(found.seconds == std::vector<double>{-2, 0, 2, 4});
    REQUIRE(found.courses.size() == 3);
    CHECK(found.courses[0].condition == "a");  // by their first events
    CHECK(found.courses[1].condition == "c");
    CHECK(found.courses[2].condition == "b");
    CHECK(found.courses[0].mean == std::vector<double>{2, 5, 10, 17});  // (0+4, 1+9, 4+16, 9+25) / 2
    CHECK(found.courses[0].sem[0] == Approx(2.0));
    CHECK(found.courses[0].events == std::vector<std::int64_t>{2, 2, 2, 2});
    CHECK(found.courses[1].mean == std::vector<double>{0.5, 2.5, 6.5, 12.5});
    CHECK(std::isnan(found.courses[1].sem[0]));
    CHECK(found.courses[2].mean == std::vector<double>{9, 16, 25, 36});

    // Two runs of four volumes: the course of an event ends with its run.
    const Column runs({"1", "1", "1", "1", "2", "2", "2", "2"}, "chunks");
    const auto apart = roi::event_average(signal, {"x"}, events, Seconds{2.0},
                                          {.from = Seconds{-2.0}, .to = Seconds{4.0}, .runs = runs});
    CHECK(apart.courses[0].events == std::vector<std::int64_t>{2, 2, 1, 1});
    CHECK(apart.courses[0].mean == std::vector<double>{2, 5, 4, 9});
    CHECK(apart.courses[2].events == std::vector<std::int64_t>{0, 1, 1, 1});
    CHECK(std::isnan(apart.courses[2].mean[0]));

    // Products of decimal fractions: 5 * 0.72 s is volume 5.
    const auto exact =
        roi::event_average(signal, {"x"}, {{3.6, 0.0, "a"}}, Seconds{0.72}, {.to = Seconds{0.0}});
    CHECK(exact.courses[0].mean == std::vector<double>{25});
}

TEST_CASE("event_average: finer steps, slice time, baselines") {
    const auto signal = one_signal({10, 10, 12, 14, 10, 20});
    const auto fine = roi::event_average(signal, {"x"}, {{2.0, 0.0, "a"}}, Seconds{2.0},
                                         {.to = Seconds{4.0}, .step = Seconds{1.0}});
    CHECK(fine.courses[0].mean == std::vector<double>{10, 11, 12, 13, 14});
    const auto late = roi::event_average(signal, {"x"}, {{2.0, 0.0, "a"}}, Seconds{2.0},
                                         {.to = Seconds{2.0}, .slice_time = 0.5});
    CHECK(late.courses[0].mean == std::vector<double>{10, 11});
    const std::vector<Event> events{{2.0, 0.0, "a"}, {6.0, 0.0, "a"}};
    const auto percent = roi::event_average(signal, {"x"}, events, Seconds{2.0},
                                            {.to = Seconds{4.0}, .change = roi::SignalChange::percent});
    CHECK(percent.courses[0].mean[0] == 0.0);
    CHECK(percent.courses[0].mean[1] == Approx((20.0 + 100.0 * (10.0 - 14.0) / 14.0) / 2.0));
    const auto difference = roi::event_average(signal, {"x"}, events, Seconds{2.0},
                                               {.to = Seconds{4.0}, .change = roi::SignalChange::difference});
    CHECK(difference.courses[0].mean == std::vector<double>{0, -1, 5});

    std::string said;
    const auto lost = roi::event_average(signal, {"x"}, {{100.0, 0.0, "a"}, {-90.0, 0.0, "b"}}, Seconds{2.0},
                                         {.warning = [&](std::string_view line) { said = line; }});
    CHECK(lost.courses[0].events.front() == 0);
    CHECK(said.find("2 events") != std::string::npos);
    const auto table = roi::format_table(roi::to_table(fine), roi::TableFormat::csv);
    CHECK(table.substr(0, table.find('\n')) == "region,condition,seconds,mean,sem,events");
    CHECK(table.find("x,a,1,11,n/a,1") != std::string::npos);
}

TEST_CASE("event_average: random signals, against the volumes picked one by one") {
    const auto seed = std::random_device{}();
    INFO("seed " << seed);
    std::mt19937 random(seed);
    std::normal_distribution<double> normal(100.0, 5.0);
    for (int repeat = 0; repeat < 50; ++repeat) {
        const auto volumes = static_cast<std::int64_t>(10 + random() % 30);
        Eigen::MatrixXd signals(volumes, 2);
        for (double& value : signals.reshaped()) value = random() % 15 == 0 ? missing : normal(random);
        std::vector<Event> events;
        for (int i = 0; i < 12; ++i) {
            events.push_back({1.5 * static_cast<double>(random() % 40), 0.0, random() % 2 == 0 ? "a" : "b"});
        }
        const auto found =
            roi::event_average(signals, {"x", "y"}, events, Seconds{1.5}, {.to = Seconds{6.0}});
        for (const auto& course : found.courses) {
            for (std::size_t i = 0; i < found.seconds.size(); ++i) {
                double sum = 0.0;
                std::int64_t count = 0;
                for (const auto& event : events) {
                    const auto k = std::llround(event.onset / 1.5) + static_cast<std::int64_t>(i);
                    if (event.type != course.condition || k >= volumes) continue;
                    const double value = signals(k, course.region == "x" ? 0 : 1);
                    if (std::isnan(value)) continue;
                    sum += value;
                    ++count;
                }
                CHECK(course.events[i] == count);
                if (count > 0) CHECK(course.mean[i] == Approx(sum / static_cast<double>(count)));
            }
        }
    }
}

TEST_CASE("event_average: settings that make no sense") {
    const auto signal = one_signal({1, 2, 3});
    const auto average = [&](const roi::EventAverageOptions& options, double t_r = 2.0) {
        return roi::event_average(signal, {"x"}, {{0.0, 0.0, "a"}}, Seconds{t_r}, options);
    };
    CHECK_THROWS_AS(average({.from = Seconds{2.0}, .to = Seconds{0.0}}), roi::InvalidArgument);
    CHECK_THROWS_AS(average({.to = Seconds{missing}}), roi::InvalidArgument);
    CHECK_THROWS_AS(average({.step = Seconds{-1.0}}), roi::InvalidArgument);
    CHECK_THROWS_AS(average({.step = Seconds{1e-9}}), roi::InvalidArgument);
    CHECK_THROWS_AS(average({}, 0.0), roi::InvalidArgument);
    CHECK_THROWS_AS(average({.slice_time = 2.0}), roi::InvalidArgument);
    CHECK_THROWS_AS(average({.runs = Column({"1"}, "chunks")}), roi::InvalidArgument);
    CHECK(roi::event_average(signal, {"x"}, {}, Seconds{2.0}).courses.empty());
}

TEST_CASE("event_average: points of courses are the decimals that were told") {
    const auto seconds = [](double from, double to, double step) {
        return roi::event_average(one_signal({1, 2, 3, 4, 5, 6}), {"x"}, {{5.0, 1.0, "face"}},
                                  Seconds{2.7183},
                                  {.from = Seconds{from}, .to = Seconds{to}, .step = Seconds{step}})
            .seconds;
    };
    CHECK(seconds(0.0, 9.0, 0.0) == std::vector<double>{0.0, 2.7183, 5.4366, 8.1549});
    CHECK(seconds(-0.3, 0.3, 0.1) == std::vector<double>{-0.3, -0.2, -0.1, 0.0, 0.1, 0.2, 0.3});
    const double third = 1.0 / 3.0;
    CHECK(seconds(0.0, 1.0, third) == std::vector<double>{0.0, third, 2.0 * third, 3.0 * third});
}
