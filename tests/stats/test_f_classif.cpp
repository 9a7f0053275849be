// The F test: numbers of scipy and scikit-learn, edge cases, two passes in long double as oracle, the same bytes.
#include <roi/stats/f_classif.hpp>
#include <roi/stats/neg_log10.hpp>
#include <roi/stats/ttest_ind.hpp>

#include "catch.hpp"
#include "checks.hpp"
#include "sources.hpp"
#include "support.hpp"
#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

using roi::Column;
using roi::Shape;

namespace {

constexpr double missing = std::numeric_limits<double>::quiet_NaN();
constexpr double infinity = std::numeric_limits<double>::infinity();

using Sample = std::vector<double>;

struct Case {
    roi::Volume4D<double> run;
    Column conditions;
};

/// Samples as a run of one voxel.
Case run_of(const std::vector<Sample>& samples) {
    Sample values;
    std::vector<std::string> names;
    for (std::size_t g = 0; g < samples.size(); ++g) {
        for (const double value : samples[g]) {
            values.push_back(value);
            names.push_back(std::string(1, static_cast<char>('a' + g)));
        }
    }
    const auto n = static_cast<std::int64_t>(values.size());
    return {roi::Volume4D<double>(Shape(1, 1, 1), n, values), Column(names)};
}

std::pair<double, double> f_and_p(const std::vector<Sample>& samples) {
    const auto [run, conditions] = run_of(samples);
    const auto test = roi::f_classif(run, conditions);
    return {test.f[0], test.p[0]};
}

void check_nan(const std::vector<Sample>& samples) {
    const auto [f, p] = f_and_p(samples);
    CHECK(std::isnan(f));
    CHECK(std::isnan(p));
}

}  // namespace

TEST_CASE("f_classif: scipy's numbers") {
    const std::vector<Sample> samples{{1, 2, 3, 4}, {2, 4, 6, 9, 1}, {5, 5, 6}};
    const auto [f, p] = f_and_p(samples);
    CHECK(f == Approx(1.4530583214793742).epsilon(1e-13));
    CHECK(p == Approx(0.2838740501676338).epsilon(1e-12));
    auto high = samples;
    for (auto& sample : high) {
        for (double& value : sample) value += 1e9;
    }
    CHECK(f_and_p(high).first == Approx(1.4530583214793742).epsilon(1e-13));
    const auto [run, conditions] = run_of(samples);
    const auto test = roi::f_classif(run, conditions);
    CHECK(test.df1 == 2.0);
    CHECK(test.df2 == 9.0);
    CHECK(roi::neg_log10(test)[0] == Approx(-std::log10(p)).epsilon(1e-12));
    CHECK(roi::z_map(test)[0] == Approx(roi::z_of_p(p)).epsilon(1e-12));
    const auto two = roi::f_classif(run, conditions, {"b", "a"});
    CHECK(two.f[0] == Approx(1.215488215488216).epsilon(1e-13));
    CHECK(two.p[0] == Approx(0.3067036565296497).epsilon(1e-12));
    CHECK(two.df2 == 7.0);
    CHECK(f_and_p({{1}, {2}, {3, 4}}).first == Approx(4.5));
    CHECK(f_and_p({{1}, {2}, {3, 4}}).second == Approx(0.316227766016838).epsilon(1e-12));
}

TEST_CASE("f_classif: voxels that do not change, NaN and infinity") {
    check_nan({{1, 1}, {1, 1, 1}});
    check_nan({{0.1, 0.1}, {0.1, 0.1, 0.1}, {0.1, 0.1}});
    CHECK(f_and_p({{0.1, 0.1}, {0.2, 0.2, 0.2}}) == std::pair{infinity, 0.0});
    check_nan({{1, missing}, {1, 2, 3}});
    check_nan({{missing, 1}, {1, 2, 3}});
    check_nan({{1, infinity}, {1, 2, 3}});
    check_nan({{infinity, infinity}, {1, 2, 3}});
    CHECK(f_and_p({{1, 3}, {1, 3}}) == std::pair{0.0, 1.0});
}

TEST_CASE("f_classif: right at any scale") {
    for (const double scale : {1e-200, 1e-150, 1e-20, 1.0, 1e20, 1e150, 1e200}) {
        std::vector<Sample> samples{{1, 2, 3, 4}, {2, 4, 6, 9, 1}, {5, 5, 6}};
        for (auto& sample : samples) {
            for (double& value : sample) value *= scale;
        }
        INFO("scale " << scale);
        CHECK(f_and_p(samples).first == Approx(1.4530583214793742).epsilon(1e-12));
    }
}

TEST_CASE("f_classif: where p is no double, -log10 p is") {
    const auto [run, conditions] = run_of({{0, 1e-80, 3e-80}, {1e80, 1e80}, {5, 3, 1}});
    const auto test = roi::f_classif(run, conditions);
    CHECK(test.p[0] == 0.0);
    CHECK(std::isfinite(roi::neg_log10(test)[0]));
    CHECK(roi::neg_log10(test)[0] == Approx(roi::neg_log10_p_of_f(test.f[0], 2, 5)));
    CHECK(roi::neg_log10(test, {.max = 10.0})[0] == 10.0);
    CHECK(std::isfinite(roi::z_map(test)[0]));
}

TEST_CASE("f_classif: what it refuses") {
    const auto made = run_of({{1, 2}, {3}, {4}});
    const auto& run = made.run;
    const auto& conditions = made.conditions;
    const auto message = [&](const std::vector<std::string>& names) {
        return test::message_of<roi::InvalidArgument>([&] { (void)roi::f_classif(run, conditions, names); });
    };
    CHECK(test::contains(message({"a"}), "at least 2 conditions"));
    CHECK(test::contains(message({"b", "c"}), "more volumes"));
    CHECK(test::contains(message({"a", "d"}), "no volume has \"d\""));
    CHECK(test::contains(message({"a", "a"}), "two conditions"));
    CHECK_THROWS_AS((void)roi::f_classif(run, Column({"a", "b"})), roi::InvalidArgument);
    roi::FClassif unused(conditions);
    CHECK_THROWS_AS((void)unused.result(), roi::InvalidArgument);
}

TEST_CASE("f_classif: agrees with two passes in long double, in memory, streamed and merged") {
    test::Random random(test::seed());
    INFO("seed " << test::seed());
    for (int round = 0; round < 40; ++round) {
        const auto groups = 2 + random() % 7;
        const Shape shape(3, 2, 2);
        const auto frames = static_cast<std::int64_t>(groups * 2 + random() % 40);
        std::vector<std::string> names;
        for (std::int64_t t = 0; t < frames; ++t) {
            const auto g =
                t < static_cast<std::int64_t>(groups) ? static_cast<std::size_t>(t) : random() % groups;
            names.push_back(std::to_string(g));
        }
        const Column conditions(names);
        const double level = round % 2 == 0 ? 1e6 : 0.0;
        Sample values(static_cast<std::size_t>(shape.size() * frames));
        for (double& value : values) value = std::normal_distribution<double>(level, 1.0)(random);
        const roi::Volume4D<double> run(shape, frames, values);
        const auto test = roi::f_classif(run, conditions);
        for (std::int64_t i = 0; i < shape.size(); ++i) {
            std::vector<long double> sum(groups), squares(groups), n(groups);
            long double total = 0;
            const auto at = [&](std::int64_t t) { return static_cast<long double>(run.frame(t).data()[i]); };
            const auto of = [&](std::int64_t t) {
                return static_cast<std::size_t>(std::stoi(names[static_cast<std::size_t>(t)]));
            };
            for (std::int64_t t = 0; t < frames; ++t) {
                sum[of(t)] += at(t), n[of(t)] += 1, total += at(t);
            }
            long double within = 0, between = 0;
            for (std::int64_t t = 0; t < frames; ++t) {
                const long double d = at(t) - sum[of(t)] / n[of(t)];
                within += d * d;
            }
            for (std::size_t g = 0; g < groups; ++g) {
                const long double d = sum[g] / n[g] - total / static_cast<long double>(frames);
                between += n[g] * d * d;
            }
            const auto f = static_cast<double>(between / static_cast<long double>(groups - 1) /
                                               (within / static_cast<long double>(test.df2)));
            REQUIRE(test.f[i] == Approx(f).epsilon(level > 0 ? 1e-10 : 1e-11).margin(1e-12));
        }
        roi::FClassif once(conditions), twice(conditions);
        for (auto* sink : {&once, &twice}) {
            test::PlainSource source(run);
            roi::scan(source, *sink);
        }
        CHECK(test::same_bytes(once.result().f, test.f));
        CHECK(test::same_bytes(once.result().p, test.p));
        once.merge(twice);
        const auto merged = once.result();
        CHECK(merged.df2 == static_cast<double>(2 * frames) - static_cast<double>(groups));
        // Every value twice: twice the squares, between the conditions and within.
        for (std::int64_t i = 0; i < run.grid().size(); ++i) {
            REQUIRE(
                merged.f[i] ==
                Approx(test.f[i] * merged.df2 / test.df2).epsilon(level > 0 ? 1e-10 : 1e-11).margin(1e-12));
        }
        const test::Threads one(1);
        CHECK(test::same_bytes(roi::f_classif(run, conditions).p, test.p));
    }
}

TEST_CASE("f_classif: runs are merged by the names of their conditions") {
    test::Random random(8);
    const auto run = test::random_run<double>(Shape(3, 2, 1), 12, random);
    const Column first({"a", "b", "c", "a", "b", "c", "a", "b", "c", "a", "b", "c"});
    const Column second({"c", "a", "b", "b", "c", "a", "a", "b", "c", "c", "a", "b"});
    const Column other({"c", "d", "b", "b", "c", "d", "d", "b", "c", "c", "d", "b"});
    roi::FClassif one(first), two(second), three(other);
    roi::scan(run, one, two, three);
    CHECK_THROWS_AS(one.merge(three), roi::InvalidArgument);
    one.merge(two);

    roi::Volume4D<double> both(Shape(3, 2, 1), 24);
    std::vector<std::string> names;
    for (std::int64_t t = 0; t < 24; ++t) {
        const auto from = run.frame(t % 12).values();
        std::copy(from.begin(), from.end(), both.frame(t).data());
        names.push_back(t < 12 ? first[t] : second[t - 12]);
    }
    const auto expected = roi::f_classif(both, Column(names));
    const auto merged = one.result();
    CHECK(merged.df2 == expected.df2);
    for (std::int64_t i = 0; i < 6; ++i) CHECK(merged.f[i] == Approx(expected.f[i]).epsilon(1e-11));
}

TEST_CASE("f_classif: a run in memory that is tested at once, and in blocks") {
    test::Random random(9);
    // More than one range of voxels, values whose squares are no double, and some that are not finite.
    auto run = test::random_run<double>(Shape(21, 20, 41), 40, random);
    std::vector<std::string> names;
    for (std::int64_t t = 0; t < 40; ++t) {
        names.push_back(t % 7 == 0 ? "n/a" : std::to_string(t / 3 % 3));
        run.frame(t).data()[7] *= 1e-200;
        run.frame(t).data()[9000] *= 1e200;
        run.frame(t).data()[9001] = 3.0;
        run.frame(t).data()[9002] = static_cast<double>(t / 3 % 3);
    }
    run.frame(3).data()[17] = missing;
    run.frame(12).data()[17210] = infinity;
    const Column conditions(names);
    std::string told;
    const auto tell = [&](std::string_view line) { told.append(line).append("\n"); };
    const auto at_once = roi::f_classif(run, conditions, {}, {.warning = tell});
    CHECK(test::contains(told, "2 voxels in 2 volumes"));
    std::string told_of_blocks;
    const auto in_blocks =
        roi::f_classif(run, conditions, {},
                       {.warning = [&](std::string_view line) { told_of_blocks.append(line).append("\n"); },
                        .stop = [] { return false; }});
    CHECK(told == told_of_blocks);
    CHECK(test::same_bytes(at_once.f, in_blocks.f));
    CHECK(test::same_bytes(at_once.p, in_blocks.p));
    CHECK(at_once.f[9002] == infinity);
    CHECK(std::isnan(at_once.f[9001]));
    CHECK(std::isnan(at_once.f[17210]));
    CHECK(std::isfinite(at_once.f[7]));
    CHECK(std::isfinite(at_once.f[9000]));
    roi::FClassif sink(conditions);
    roi::scan(run, sink);
    CHECK(test::same_bytes(sink.result().f, at_once.f));

    const Column chunks(std::vector<std::string>(40, "1"));
    CHECK(test::same_bytes(
        roi::f_classif(run, conditions, {}, {.chunks = chunks}).f,
        roi::f_classif(run, conditions, {}, {.chunks = chunks, .stop = [] { return false; }}).f));
}

TEST_CASE("f_classif: p of any instruction set is the same") {
    test::Random random(10);
    const auto run = test::random_run<float>(Shape(9, 8, 7), 30, random);
    std::vector<std::string> names;
    for (std::int64_t t = 0; t < 30; ++t) names.push_back(std::to_string(t % 4));
    const auto best = roi::f_classif(run, Column(names));
    roi::detail::force_instruction_set(roi::detail::InstructionSet::baseline);
    const auto baseline = roi::f_classif(run, Column(names));
    roi::detail::force_instruction_set(roi::detail::InstructionSet::best);
    CHECK(test::same_bytes(best.f, baseline.f));
    CHECK(test::same_bytes(best.p, baseline.p));
}

TEST_CASE("f_classif: NaN that is left out, as if a voxel had fewer volumes") {
    // scipy.stats.f_oneway([1, 2, 4], [2, 4, 6, 1], [5, 5, 6]).
    const auto [one, conditions] = run_of({{1, missing, 2, 4}, {2, 4, 6, missing, 1}, {5, 5, 6}});
    const roi::FClassifOptions omit{.nan_policy = roi::NanPolicy::omit};
    const auto known = roi::f_classif(one, conditions, {}, omit);
    CHECK(known.f[0] == Approx(2.495020746887966).epsilon(1e-12));
    CHECK(known.p[0] == Approx(0.1520445084318247).epsilon(1e-12));
    CHECK(known.df2_of(0) == 7.0);

    test::Random random(test::seed());
    INFO("seed " << test::seed());
    const Shape shape(6, 5, 4);
    auto run = test::random_run<double>(shape, 20, random);
    std::vector<std::string> names;
    for (std::int64_t t = 0; t < 20; ++t) names.push_back(std::to_string(t % 3));
    for (double& value : run.values()) {
        if (random() % 4 == 0) value = missing;
    }
    for (std::int64_t t = 0; t < 20; ++t) {
        if (t % 3 == 1) run.frame(t).data()[0] = missing;  // a condition without a value
        if (t >= 3) run.frame(t).data()[1] = missing;      // one value each
        run.frame(t).data()[2] *= 1e-200;
        run.frame(t).data()[3] *= 1e200;
    }
    const auto test = roi::f_classif(run, Column(names), {}, omit);
    REQUIRE(test.df2_map);
    const auto log_p = roi::neg_log10(test);
    for (std::int64_t i = 0; i < shape.size(); ++i) {
        std::vector<Sample> samples(3);
        double values = 0.0;
        for (std::int64_t t = 0; t < 20; ++t) {
            const double value = run.frame(t).data()[i];
            if (std::isnan(value)) continue;
            samples[static_cast<std::size_t>(t % 3)].push_back(value);
            values += 1.0;
        }
        INFO("voxel " << i << " with " << values << " values");
        const bool none = samples[0].empty() || samples[1].empty() || samples[2].empty() || values < 4.0;
        if (none) {
            CHECK(std::isnan(test.f[i]));
            CHECK(std::isnan(test.p[i]));
            CHECK(std::isnan(test.df2_of(i)));
            continue;
        }
        const auto [f, p] = f_and_p(samples);
        CHECK(test.df2_of(i) == values - 3.0);
        CHECK(test.f[i] == Approx(f).epsilon(1e-10));
        CHECK(test.p[i] == Approx(p).epsilon(1e-10));
        CHECK(log_p[i] == Approx(-std::log10(p)).epsilon(1e-10).margin(1e-12));
    }
    test::PlainSource source(run);
    CHECK(test::same_bytes(roi::f_classif(source, Column(names), {}, omit).f, test.f));

    roi::FClassif both(Column(names), {}, omit), again(Column(names), {}, omit), other{Column(names)};
    roi::scan(run, both, again, other);
    CHECK_THROWS_AS(both.merge(other), roi::InvalidArgument);
    both.merge(again);
    CHECK(both.result().df2_of(9) == 2.0 * (test.df2_of(9) + 3.0) - 3.0);
    CHECK(test::contains(test::message_of<roi::InvalidArgument>([&] {
                             (void)roi::f_classif(run, Column(names), {},
                                                  {.nan_policy = roi::NanPolicy::raise});
                         }),
                         "is NaN in volume"));
    // One chunk is none.
    const auto chunk = roi::f_classif(
        run, Column(names), {},
        {.chunks = Column(std::vector<std::string>(20, "1")), .nan_policy = roi::NanPolicy::omit});
    for (std::int64_t i = 0; i < test.f.size(); ++i) {
        const bool tested = !std::isnan(test.f[i]);
        CHECK((tested ? chunk.f[i] == Approx(test.f[i]).epsilon(1e-9) : std::isnan(chunk.f[i])));
        CHECK((tested ? chunk.df2_of(i) == test.df2_of(i) : std::isnan(chunk.df2_of(i))));
    }
}

TEST_CASE("f_classif: Welch's, of conditions whose variances differ") {
    const auto test_of = [](const std::vector<Sample>& samples,
                            roi::NanPolicy nan = roi::NanPolicy::propagate) {
        const auto [run, conditions] = run_of(samples);
        return roi::f_classif(run, conditions, {}, {.nan_policy = nan, .equal_var = false});
    };
    SECTION("numbers in forty digits") {
        const auto few = test_of({{1, 2, 4, 8}, {3, 3.5, 5, 4, 6}, {10, 2, 7}});
        CHECK(few.f[0] == Approx(0.37237138899097469).epsilon(1e-13));
        CHECK(few.df2_of(0) == Approx(3.6562965427983503).epsilon(1e-13));
        CHECK(few.p[0] == Approx(0.71253921038089723).epsilon(1e-12));
        CHECK(roi::neg_log10(few)[0] == Approx(-std::log10(0.71253921038089723)).epsilon(1e-12));
        const auto four = test_of({{6.9, 5.4, 5.8, 4.6, 4.0},
                                   {8.3, 6.8, 7.8, 9.2, 6.5},
                                   {8.0, 10.5, 8.1, 6.9, 9.3},
                                   {5.8, 3.8, 6.1, 5.6, 6.2}});
        CHECK(four.f[0] == Approx(8.0727694119417217).epsilon(1e-13));
        CHECK(four.df2_of(0) == Approx(8.83742637722288).epsilon(1e-13));
        CHECK(four.p[0] == Approx(0.0066723771789865966).epsilon(1e-12));
    }
    SECTION("at other scales, and what is left out") {
        for (const double scale : {1e-150, 1e150}) {
            const auto far = test_of({{1 * scale, 2 * scale, 4 * scale, 8 * scale},
                                      {3 * scale, 3.5 * scale, 5 * scale, 4 * scale, 6 * scale},
                                      {10 * scale, 2 * scale, 7 * scale}});
            CHECK(far.f[0] == Approx(0.37237138899097469).epsilon(1e-12));
        }
        const auto left =
            test_of({{1, 2, missing, 4, 8}, {3, 3.5, 5, 4, 6}, {10, missing, 2, 7}}, roi::NanPolicy::omit);
        CHECK(left.f[0] == Approx(0.37237138899097469).epsilon(1e-13));
        CHECK(left.df2_of(0) == Approx(3.6562965427983503).epsilon(1e-13));
        CHECK(std::isnan(test_of({{1, 2, missing, 4, 8}, {3, 3.5, 5, 4, 6}}).f[0]));
        CHECK(std::isnan(test_of({{1, 2, 3}, {4}}).f[0]));
    }
    SECTION("of two it is the square of Welch's t, also where one does not vary") {
        for (const auto& samples : {std::vector<Sample>{{1, 2, 4, 8}, {3, 3.5, 9}},
                                    std::vector<Sample>{{2, 2, 2, 2}, {3, 3.5, 9}}}) {
            const auto [run, conditions] = run_of(samples);
            const auto t = roi::ttest_ind(run, conditions == "a", conditions == "b", {.equal_var = false});
            const auto f = test_of(samples);
            CHECK(f.f[0] == Approx(t.t[0] * t.t[0]).epsilon(1e-13));
            CHECK(f.df2_of(0) == Approx(t.df[0]).epsilon(1e-13));
            CHECK(f.p[0] == Approx(t.p[0]).epsilon(1e-12));
        }
        CHECK(test_of({{2, 2}, {3, 3}, {1, 5}}).f[0] == infinity);
        CHECK(test_of({{2, 2}, {3, 3}, {1, 5}}).p[0] == 0.0);
        CHECK(std::isnan(test_of({{2, 2}, {2, 2}, {1, 5}}).f[0]));
    }
    SECTION("not with chunks") {
        const auto [run, conditions] = run_of({{1, 2, 4}, {3, 3.5, 9}});
        CHECK_THROWS_AS(roi::f_classif(run, conditions, {}, {.chunks = conditions, .equal_var = false}),
                        roi::InvalidArgument);
    }
}
