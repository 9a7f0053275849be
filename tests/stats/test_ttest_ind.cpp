// The t-test: scipy's numbers for every kind of sample, long double as oracle, properties, the same bytes.
#include <boost/math/distributions/students_t.hpp>

#include <roi/core/detail/instruction_set.hpp>
#include <roi/stats/ttest_ind.hpp>

#include "catch.hpp"
#include "checks.hpp"
#include "sources.hpp"
#include "support.hpp"
#include <algorithm>
#include <cmath>
#include <cstdint>
#include <cstring>
#include <limits>
#include <string>
#include <type_traits>
#include <utility>
#include <vector>

using roi::Alternative;
using roi::NanPolicy;
using roi::Selection;
using roi::Shape;
using roi::TTestOptions;

namespace {

constexpr double missing = std::numeric_limits<double>::quiet_NaN();
constexpr double infinity = std::numeric_limits<double>::infinity();

using Sample = std::vector<double>;

struct Result {
    double t, p, df;
};

Selection range(std::size_t first, std::size_t last, std::size_t size) {
    std::vector<bool> chosen(size);
    for (std::size_t i = first; i < last; ++i) chosen[i] = true;
    return Selection(chosen);
}

/// The test of two samples as a run of one voxel.
template <class T = double>
Result ttest(const Sample& a, const Sample& b, const TTestOptions& options = {}) {
    std::vector<T> values;
    for (const double value : a) values.push_back(static_cast<T>(value));
    for (const double value : b) values.push_back(static_cast<T>(value));
    const auto n = values.size();
    const roi::Volume4D<T> run(Shape(1, 1, 1), static_cast<std::int64_t>(n), values);
    const auto test = roi::ttest_ind(run, range(0, a.size(), n), range(a.size(), n, n), options);
    return {test.t[0], test.p[0], test.df[0]};
}

/// Moments of samples too small for a run.
roi::detail::Moments moments(const Sample& values) {
    if (values.empty()) return {};
    double mean = 0.0, squares = 0.0;
    for (const double value : values) mean += value / static_cast<double>(values.size());
    for (const double value : values) squares += (value - mean) * (value - mean);
    return {static_cast<double>(values.size()), 0.0, mean, squares};
}

/// p of one t.
double p_value(double t, double df, Alternative alternative) {
    double p = missing;
    roi::detail::p_values(&t, &p, 1, roi::detail::UpperTail(df), alternative);
    return p;
}

void check(const Result& result, double t, double p) {
    CHECK(result.t == Approx(t).epsilon(1e-13).margin(0));
    CHECK(result.p == Approx(p).epsilon(1e-12).margin(0));
}

void check_nan(const Result& result) {
    CHECK(std::isnan(result.t));
    CHECK(std::isnan(result.p));
}

TTestOptions welch(Alternative alternative = Alternative::two_sided) {
    return {.equal_var = false, .alternative = alternative};
}

TTestOptions student(Alternative alternative) { return {.alternative = alternative}; }

TTestOptions with(NanPolicy policy, bool equal_var = true) {
    return {.equal_var = equal_var, .nan_policy = policy};
}

Sample normal(test::Random& random, std::size_t size, double mean, double sd) {
    Sample out(size);
    for (double& value : out) value = std::normal_distribution<double>(mean, sd)(random);
    return out;
}

struct Exact {
    long double t, p, df;
};

/// Two passes in long double.
Exact exact(const Sample& a, const Sample& b, bool equal_var) {
    const auto sample = [](const Sample& values) {
        const auto n = static_cast<long double>(values.size());
        long double sum = 0, squares = 0;
        for (const double value : values) sum += static_cast<long double>(value);
        const long double mean = sum / n;
        for (const double value : values)
            squares += (static_cast<long double>(value) - mean) * (static_cast<long double>(value) - mean);
        return std::array<long double, 3>{n, mean, squares / (n - 1)};
    };
    const auto [n1, m1, v1] = sample(a);
    const auto [n2, m2, v2] = sample(b);
    long double df = n1 + n2 - 2;
    long double variance = ((n1 - 1) * v1 + (n2 - 1) * v2) / df * (1 / n1 + 1 / n2);
    if (!equal_var) {
        variance = v1 / n1 + v2 / n2;
        df = variance * variance / (v1 * v1 / (n1 * n1 * (n1 - 1)) + v2 * v2 / (n2 * n2 * (n2 - 1)));
    }
    const long double t = (m1 - m2) / std::sqrt(variance);
    const boost::math::students_t_distribution<long double> distribution(df);
    return {t, 2 * boost::math::cdf(boost::math::complement(distribution, std::abs(t))), df};
}

double relative(double value, long double exact) {
    if (exact == 0) return std::abs(value);
    return static_cast<double>(std::abs((static_cast<long double>(value) - exact) / exact));
}

}  // namespace

TEST_CASE("ttest_ind: Student's test") {
    const Sample a{1, 2, 3, 4}, b{2, 4, 6, 9, 1};
    check(ttest(a, b), -1.1024918210527532, 0.3067036565296495);
    check(ttest(a, b, student(Alternative::less)), -1.1024918210527532, 0.15335182826482474);
    check(ttest(a, b, student(Alternative::greater)), -1.1024918210527532, 0.8466481717351753);
    CHECK(ttest(a, b).df == 7.0);
    check(ttest({1, 2, 3}, {4, 5, 9}), -2.449489742783178, 0.07048399691021993);
    check(ttest<float>({1, 2, 3}, {4, 5, 9}), -2.449489742783178, 0.07048399691021993);
}

TEST_CASE("ttest_ind: Welch's test") {
    const Sample a{1, 2, 3, 4}, b{2, 4, 6, 9, 1};
    check(ttest(a, b, welch()), -1.2073128454812636, 0.27680240739884615);
    check(ttest(a, b, welch(Alternative::less)), -1.2073128454812636, 0.13840120369942308);
    check(ttest(a, b, welch(Alternative::greater)), -1.2073128454812636, 1.0 - 0.13840120369942308);
    check(ttest({1, 2, 3}, {4, 5, 9}, welch()), -2.449489742783178, 0.1063667160203107);
    CHECK(ttest(a, b, welch()).df < 7.0);
}

TEST_CASE("ttest_ind: the difference of the means, without what a large level costs") {
    roi::Volume4D<double> run(roi::Grid(roi::Shape(2, 1, 1)), 4);
    const double values[] = {1e9 + 1.0, 1e9 + 2.0, 1e9 + 0.25, 1e9 + 0.5};
    for (std::int64_t t = 0; t < 4; ++t) {
        run(0, 0, 0, t) = values[t];
        run(1, 0, 0, t) = -values[t];
    }
    roi::TTestInd sink(roi::Selection({true, true, false, false}),
                       roi::Selection({false, false, true, true}));
    CHECK_THROWS_AS(sink.difference(), roi::InvalidArgument);
    roi::scan(run, sink);
    CHECK(sink.difference()[0] == 1.125);
    CHECK(sink.difference()[1] == -1.125);
}

TEST_CASE("ttest_ind: samples that do not change") {
    for (const auto& options : {TTestOptions{}, welch()}) {
        check_nan(ttest({1, 1, 1}, {1, 1, 1}, options));
        check_nan(ttest({0, 0, 0}, {0, 0, 0}, options));
        check(ttest({1, 1, 1}, {2, 2, 2}, options), -infinity, 0.0);
        check(ttest({2, 2, 2}, {1, 1, 1}, options), infinity, 0.0);
        check(ttest({1, 2, 3}, {3, 1, 2}, options), 0.0, 1.0);
    }
    check(ttest({1, 1, 1}, {2, 2, 2}, student(Alternative::less)), -infinity, 0.0);
    check(ttest({1, 1, 1}, {2, 2, 2}, student(Alternative::greater)), -infinity, 1.0);
    check(ttest({1, 1, 1}, {1, 2, 3}), -1.7320508075688774, 0.15830242337545783);
    check(ttest({1, 1, 1}, {1, 2, 3}, welch()), -1.7320508075688774, 0.22540333075851657);
}

TEST_CASE("ttest_ind: constants that no float represents exactly are constants all the same") {
    // scipy gives t = -5.3 and p = 5e-6 here, and t = -16 and p = 4e-42 for the float one.
    check_nan(ttest(Sample(10, 0.04), Sample(30, 0.04)));
    check_nan(ttest(Sample(10, 0.04), Sample(30, 0.04), welch()));
    check_nan(ttest<float>(Sample(108, 503.7), Sample(192, 503.7)));
    check_nan(ttest<float>(Sample(108, 0.1), Sample(192, 0.1)));
    check_nan(ttest<float>(Sample(108, 503.7), Sample(108, 503.7)));
    check_nan(ttest<float>(Sample(108, 503.7), Sample(192, 503.7), with(NanPolicy::omit)));
}

TEST_CASE("ttest_ind: what NaN does") {
    const Sample a{1, missing, 2}, b{1, 2, 4};
    check_nan(ttest(a, b));
    check_nan(ttest(b, a));
    check_nan(ttest({missing, 1, 2}, b));
    check(ttest(a, b, with(NanPolicy::omit)), -0.6956083436402526, 0.536716644816478);
    check(ttest({missing, 1, 2}, b, with(NanPolicy::omit)), -0.6956083436402526, 0.536716644816478);
    check(ttest(a, b, with(NanPolicy::omit, false)), -0.8219949365267867, 0.47332172728131255);
    CHECK(ttest(a, b, with(NanPolicy::omit)).df == 3.0);
    const Sample none{missing, missing, missing};
    check_nan(ttest(none, b, with(NanPolicy::omit)));
    check_nan(ttest(none, none, with(NanPolicy::omit)));
    check(ttest({1, 2, 3, 4}, {2, 4, 6, 9, 1}, with(NanPolicy::omit)), -1.1024918210527532,
          0.3067036565296495);

    const auto message = test::message_of<roi::InvalidArgument>([&] {
        (void)ttest(b, {1, 2, missing}, with(NanPolicy::raise));
    });
    CHECK(test::contains(message, "voxel (0, 0, 0)"));
    CHECK(test::contains(message, "volume 5"));
    check(ttest({1, 2, 3}, {4, 5, 9}, with(NanPolicy::raise)), -2.449489742783178, 0.07048399691021993);
}

TEST_CASE("ttest_ind: NaN in volumes outside the samples does not matter") {
    const std::vector<double> values{1, 2, 3, missing, 4, 5, 9};
    const roi::Volume4D<double> run(Shape(1, 1, 1), 7, values);
    for (const auto policy : {NanPolicy::propagate, NanPolicy::omit, NanPolicy::raise}) {
        const auto result = roi::ttest_ind(run, range(0, 3, 7), range(4, 7, 7), with(policy));
        CHECK(result.t[0] == Approx(-2.449489742783178));
    }
}

TEST_CASE("ttest_ind: samples that omitting leaves with one value or none") {
    // Student as scipy from 1.11 on: the lonely value's variance counts 0.
    check(ttest({2, 3, 5}, {1.5, missing}, with(NanPolicy::omit)), 1.0394023007754, 0.407779907736);
    check_nan(ttest({2, 3, 5}, {1.5, missing}, with(NanPolicy::omit, false)));
    check_nan(ttest({2, missing}, {1.5, missing}, with(NanPolicy::omit)));
    check_nan(ttest({2, missing}, {1.5, missing}, with(NanPolicy::omit, false)));
    for (const bool equal_var : {true, false}) {
        CHECK(std::isnan(roi::detail::t_statistic(moments({}), moments({1, 2}), equal_var).first));
        CHECK(std::isnan(roi::detail::t_statistic(moments({1, 2}), moments({}), equal_var).first));
    }
}

TEST_CASE("ttest_ind: infinite values allow no test") {
    for (const auto policy : {NanPolicy::propagate, NanPolicy::omit, NanPolicy::raise}) {
        check_nan(ttest({1, infinity, 2}, {1, 2, 4}, with(policy)));
        check_nan(ttest({infinity, 1, 2}, {1, 2, 4}, with(policy)));
        check_nan(ttest({1, 2, 4}, {-infinity, infinity, 3}, with(policy)));
        check_nan(ttest({1, 2, 4}, {infinity, infinity, infinity}, with(policy, false)));
    }
}

TEST_CASE("ttest_ind: small and large t keep the digits of p") {
    const auto p = [](double t, double df, Alternative alternative = Alternative::two_sided) {
        return p_value(t, df, alternative);
    };
    CHECK(p(1e-8, 7.0) == Approx(1.0 - 7.7e-9).epsilon(1e-10));
    CHECK(p(1e-8, 7.0) < 1.0);
    CHECK(p(0.0, 7.0) == 1.0);
    CHECK(std::isnan(p(missing, 7.0)));
    CHECK(std::isnan(p(1.0, 0.0)));
    CHECK(std::isnan(p(1.0, missing)));
    CHECK(p(infinity, 7.0) == 0.0);
    CHECK(p(-infinity, 7.0) == 0.0);
    CHECK(p(1e200, 214.0) == 0.0);
    CHECK(p(1.0, 1e300) == Approx(0.31731050786291410).epsilon(1e-12));
    CHECK(p(1.0, infinity) == Approx(0.31731050786291410).epsilon(1e-12));
    double worst = 0.0;
    for (const double df : {1.0, 2.5, 6.0, 22.0, 214.0, 1450.0}) {
        for (double t = 1e-6; t < 1e6; t *= 1.7) {
            const boost::math::students_t_distribution<long double> distribution(
                static_cast<long double>(df));
            const long double tail =
                boost::math::cdf(boost::math::complement(distribution, static_cast<long double>(t)));
            if (2 * tail < 1e-290L) break;
            INFO("t " << t << ", df " << df);
            worst = std::max({worst, relative(p(t, df), 2 * tail), relative(p(-t, df), 2 * tail),
                              relative(p(t, df, Alternative::greater), tail),
                              relative(p(-t, df, Alternative::less), tail),
                              relative(p(t, df, Alternative::less), 1 - tail)});
            REQUIRE(worst < 1e-11);
        }
    }
}

TEST_CASE("ttest_ind: p where most voxels are has nearly all the digits of a double") {
    for (const double df : {1.5, 2.0, 3.0, 4.25, 6.0, 9.0, 10.5, 37.0, 214.0, 1450.0, 1e6, 1e12}) {
        const auto above = [&](double t) { return p_value(t, df, Alternative::greater); };
        const boost::math::students_t_distribution<long double> distribution(static_cast<long double>(df));
        double last = 1.0;
        for (double t = -2.6; t < 2.6; t += 0.013) {
            const long double tail =
                boost::math::cdf(boost::math::complement(distribution, static_cast<long double>(t)));
            INFO("t " << t << ", df " << df);
            REQUIRE(relative(above(t), tail) < 5e-13);
            REQUIRE(above(t) < last);
            last = above(t);
        }
    }
}

TEST_CASE(
    "ttest_ind: p of large t has nearly all the digits of a double, on both sides of where Boost takes "
    "over") {
    for (const double df : {1.0, 1.5, 2.0, 3.0, 4.25, 6.0, 9.0, 10.5, 37.0, 214.0}) {
        const auto above = [&](double t) { return p_value(t, df, Alternative::greater); };
        const boost::math::students_t_distribution<long double> distribution(static_cast<long double>(df));
        double last = 1.0;
        for (double t = 1.0; t < 1e4; t *= 1.0137) {
            const long double tail =
                boost::math::cdf(boost::math::complement(distribution, static_cast<long double>(t)));
            if (tail < 1e-290L) break;
            INFO("t " << t << ", df " << df);
            REQUIRE(relative(above(t), tail) < 5e-13);
            REQUIRE(relative(above(-t), 1 - tail) < 1e-15);
            REQUIRE(above(t) < last);
            last = above(t);
        }
    }
}

TEST_CASE("ttest_ind: p of many voxels is that of each alone, in every instruction set") {
    test::Random random(test::seed());
    INFO("seed " << test::seed());
    for (const double df : {1.0, 1.5, 2.0, 6.0, 37.0, 214.0, 1450.0, infinity, missing, 0.0}) {
        for (const std::size_t count : {1U, 3U, 63U, 64U, 65U, 200U}) {
            Sample t = normal(random, count, 0.0, 2.0);
            for (double& value : t) {
                const auto choice = random() % 20;
                if (choice < 4)
                    value *= choice == 0 ? 0.0 : choice == 1 ? missing : choice == 2 ? infinity : 10.0;
            }
            for (const auto alternative : {Alternative::two_sided, Alternative::less, Alternative::greater}) {
                Sample alone;
                for (const double value : t) alone.push_back(p_value(value, df, alternative));
                for (const auto set :
                     {roi::detail::InstructionSet::baseline, roi::detail::InstructionSet::best}) {
                    roi::detail::force_instruction_set(set);
                    Sample together(count, missing);
                    roi::detail::p_values(t.data(), together.data(), static_cast<std::int64_t>(count),
                                          roi::detail::UpperTail(df), alternative);
                    INFO("df " << df << ", count " << count);
                    CHECK(std::memcmp(together.data(), alone.data(), count * sizeof(double)) == 0);
                }
            }
        }
    }
    roi::detail::force_instruction_set(roi::detail::InstructionSet::best);
}

TEST_CASE("ttest_ind: agrees with two passes in long double") {
    test::Random random(test::seed());
    INFO("seed " << test::seed());
    double worst_t = 0.0, worst_p = 0.0;
    for (int round = 0; round < 300; ++round) {
        const auto size = [&] { return 2 + random() % (round % 10 == 0 ? 300 : 20); };
        const double level = std::pow(10.0, static_cast<double>(random() % 7)) - 1.0;
        const double effect = std::normal_distribution<double>(0.0, 2.0)(random);
        auto a = normal(random, size(), level, 1.0), b = normal(random, size(), level + effect, 3.0);
        if (round % 3 == 0) a[0] = level + 1e4;  // a first volume far from the others
        for (const bool equal_var : {true, false}) {
            const auto result = ttest(a, b, {.equal_var = equal_var});
            const auto expected = exact(a, b, equal_var);
            // Errors of t are relative to the larger mean only, so small t are compared with 1.
            worst_t = std::max(worst_t, relative(result.t, expected.t) * std::min(1.0, std::abs(result.t)));
            worst_p = std::max(worst_p, relative(result.p, expected.p));
            REQUIRE(relative(result.df, expected.df) < 1e-12);
            const auto omitted = ttest(a, b, {.equal_var = equal_var, .nan_policy = NanPolicy::omit});
            REQUIRE(omitted.t == result.t);
            REQUIRE(omitted.p == result.p);
        }
    }
    CHECK(worst_t < 1e-12);
    CHECK(worst_p < 1e-11);
}

TEST_CASE("ttest_ind: antisymmetric in its samples") {
    test::Random random(test::seed());
    INFO("seed " << test::seed());
    for (int round = 0; round < 50; ++round) {
        const auto a = normal(random, 2 + random() % 9, 5.0, 1.0),
                   b = normal(random, 2 + random() % 9, 6.0, 2.0);
        for (const bool equal_var : {true, false}) {
            const auto with_alternative = [&](Alternative alternative) {
                return TTestOptions{.equal_var = equal_var, .alternative = alternative};
            };
            const auto ab = ttest(a, b, with_alternative(Alternative::less));
            const auto ba = ttest(b, a, with_alternative(Alternative::greater));
            CHECK(ab.t == -ba.t);
            CHECK(ab.p == ba.p);
            CHECK(ab.df == ba.df);
            CHECK(ttest(a, b, with_alternative(Alternative::two_sided)).p ==
                  Approx(2.0 * std::min(ab.p, 1.0 - ab.p)).epsilon(1e-9));
        }
    }
}

TEST_CASE("ttest_ind: a level that both samples share does not matter") {
    test::Random random(test::seed());
    INFO("seed " << test::seed());
    for (int round = 0; round < 50; ++round) {
        Sample a(2 + random() % 9), b(2 + random() % 9);
        for (double& value : a) value = static_cast<double>(random() % 1000);
        for (double& value : b) value = static_cast<double>(random() % 1000);
        const auto plain = ttest(a, b);
        for (const double level : {1024.0, -4096.0, 1e6, 0x1p40}) {
            auto shifted_a = a, shifted_b = b;
            for (double& value : shifted_a) value += level;
            for (double& value : shifted_b) value += level;
            const auto shifted = ttest(shifted_a, shifted_b);
            const bool same = shifted.t == plain.t || (std::isnan(shifted.t) && std::isnan(plain.t));
            CHECK(same);
        }
    }
}

TEST_CASE("ttest_ind: maps lie on the grid of the run, with its metadata") {
    test::Random random(test::seed());
    INFO("seed " << test::seed());
    auto run = test::random_run<float>(roi::Grid({3, 4, 2}, roi::scaling({2, 3, 4})), 12, random);
    run.metadata().description = "bold";
    run.metadata().time_step = 2.5;
    const auto test = roi::ttest_ind(run, range(0, 5, 12), range(7, 12, 12), student(Alternative::less));
    for (const auto* map : {&test.t, &test.p, &test.df}) {
        CHECK(map->grid() == run.grid());
        CHECK(map->metadata() == roi::inherited_by_volume(run.metadata()));
    }
    CHECK(test.alternative == Alternative::less);
    for (std::int64_t i = 0; i < test.t.size(); ++i) {
        const auto voxel = run.shape().voxel(i);
        const auto series = run.series(voxel[0], voxel[1], voxel[2]);
        const Sample a(series.begin(), series.begin() + 5), b(series.begin() + 7, series.end());
        CHECK(test.t[i] == ttest(a, b).t);
    }
}

TEST_CASE("ttest_ind: selections that cannot be tested") {
    const roi::Volume4D<float> run(Shape(2, 2, 2), 10, 1.0f);
    const auto message = [&](const Selection& a, const Selection& b) {
        return test::message_of<roi::InvalidArgument>([&] { (void)roi::ttest_ind(run, a, b); });
    };
    const auto none = message(Selection(std::vector<bool>(10)), range(3, 6, 10));
    CHECK(test::contains(none, "first sample has none of 10 volumes"));
    CHECK(test::contains(none, "at least 1"));
    CHECK(test::contains(message(range(0, 4, 10), Selection(std::vector<bool>(10))),
                         "second sample has none of 10 volumes"));
    const auto lengths = message(range(0, 3, 10), range(0, 3, 12));
    CHECK(test::contains(lengths, "about 10"));
    CHECK(test::contains(lengths, "about 12"));
    const auto other_run = message(range(0, 3, 12), range(4, 8, 12));
    CHECK(test::contains(other_run, "12 volumes"));
    CHECK(test::contains(other_run, "the run has 10"));
    CHECK(message(range(0, 3, 10), range(2, 6, 10)) == "ttest_ind: volume 2 belongs to two conditions");
}

TEST_CASE("ttest_ind: every instruction set gives the same bytes") {
    test::Random random(test::seed());
    INFO("seed " << test::seed());
    const auto run = test::random_run<float>(Shape(13, 7, 5), 23, random);
    std::vector<bool> chosen(23), others(23);
    for (std::size_t t = 0; t < 23; ++t) {
        chosen[t] = t % 3 == 0;
        others[t] = t % 3 != 0;
    }
    roi::detail::force_instruction_set(roi::detail::InstructionSet::baseline);
    const auto baseline = roi::ttest_ind(run, Selection(chosen), Selection(others));
    roi::detail::force_instruction_set(roi::detail::InstructionSet::best);
    const auto best = roi::ttest_ind(run, Selection(chosen), Selection(others));
    CHECK(test::same_bytes(best.t, baseline.t));
    CHECK(test::same_bytes(best.p, baseline.p));
}

TEST_CASE("ttest_ind: the same bytes in memory, streamed, and for any number of threads") {
    test::Random random(test::seed());
    INFO("seed " << test::seed());
    roi::Volume4D<std::int16_t> stored(Shape(27, 23, 29), 50);
    for (auto& value : stored.values()) value = static_cast<std::int16_t>(random() % 3000);
    const auto run = test::converted<float>(stored);
    std::vector<bool> chosen_a(50), chosen_b(50);
    for (std::size_t t = 0; t < 50; ++t) {
        chosen_a[t] = t % 5 == 1;
        chosen_b[t] = t % 7 == 3 && !chosen_a[t];
    }
    const Selection a(chosen_a), b(chosen_b);
    for (const auto& options : {TTestOptions{}, welch(Alternative::greater), with(NanPolicy::omit)}) {
        roi::TTestInd first(a, b, options);
        {
            const test::Threads number(1);
            roi::scan(run, first);
        }
        const auto expected = first.result();
        roi::TTestInd sink(a, b, options);
        for (const int threads : {1, 2, 5}) {
            INFO(threads << " threads");
            const test::Threads number(threads);
            const auto same = [&](const roi::TTest& test) {
                CHECK(test::same_bytes(test.t, expected.t));
                CHECK(test::same_bytes(test.p, expected.p));
                CHECK(test::same_bytes(test.df, expected.df));
            };
            same(roi::ttest_ind(run, a, b, options));
            same(roi::ttest_ind(stored, a, b, options));
            same(roi::ttest_ind(test::PlainSource<float>(run), a, b, options));
            roi::scan(test::PlainSource<float>(run), sink);
            same(sink.result());
            test::Account account;
            roi::scan(test::StoredSource(stored, account), sink);
            same(sink.result());
            CHECK(static_cast<std::int64_t>(account.converted.size()) == (a || b).count());
            same(std::move(sink).result());  // in the memory of the sink, which may be used again
            CHECK_THROWS_AS(sink.result(), roi::InvalidArgument);
        }
    }
}

TEST_CASE("ttest_ind: a sample of one value is as scipy since 1.11 has it") {
    check(ttest({2, 3, 5}, {1.5}), 1.0394023007754, 0.407779907736);
    check(ttest({1.5}, {2, 3, 5}), -1.0394023007754, 0.407779907736);
    check_nan(ttest({2, 3, 5}, {1.5}, welch()));
    check_nan(ttest({2}, {1.5}));
    check_nan(ttest({2}, {1.5}, welch()));
}

TEST_CASE("ttest_ind: Yuen's trimmed test") {
    const Sample x{1, 2, 3, 4, 50, 6, 7}, y{2, 3, 4, 5, 6, 30, 1, 9};
    const auto with_trim = [](double trim, bool equal_var = true) {
        return TTestOptions{.equal_var = equal_var, .trim = trim};
    };
    check(ttest(x, y, with_trim(0.2)), -0.23188947210411925, 0.8218105471392468);
    CHECK(ttest(x, y, with_trim(0.2)).df == 9.0);
    check(ttest(x, y, with_trim(0.2, false)), -0.23667120140768586, 0.8182107451672755);
    CHECK(ttest(x, y, with_trim(0.2, false)).df == Approx(8.999941890871055).epsilon(1e-13));
    check(ttest({1, 2, 3, 4, 50}, {2, 3, 4, 5, 6}, with_trim(0.2)), -0.8660254037844387, 0.43533094251437593);
    check(ttest({1, 2, 3, 4, infinity}, {2, 3, 4, 5, 6}, with_trim(0.2)), -0.8660254037844387,
          0.43533094251437593);
    // A trim too small to cut anything changes nothing.
    const auto same = ttest(x, y, with_trim(0.01)), plain = ttest(x, y);
    check(same, plain.t, plain.p);
    check_nan(ttest({1, 2, missing, 4, 5}, {2, 3, 4, 5, 6}, with_trim(0.2)));
    const auto refused = [&](TTestOptions options) {
        return test::message_of<roi::InvalidArgument>([&] { (void)ttest(x, y, options); });
    };
    CHECK(test::contains(refused(with_trim(0.5)), "below 0.5"));
    CHECK(test::contains(refused(with_trim(missing)), "below 0.5"));
    // NaN is left out before a share of what is left is cut.
    for (const bool equal_var : {true, false}) {
        const TTestOptions omit{.equal_var = equal_var, .nan_policy = NanPolicy::omit, .trim = 0.2};
        const auto left =
            ttest({missing, 1, 2, 3, 4, missing, 50, 6, 7}, {2, 3, 4, missing, 5, 6, 30, 1, 9}, omit);
        const auto known = ttest(x, y, with_trim(0.2, equal_var));
        CHECK(left.t == known.t);
        CHECK(left.p == known.p);
        CHECK(left.df == known.df);
        check_nan(ttest({missing, missing, missing}, y, omit));
    }
    CHECK(test::contains(test::message_of<roi::InvalidArgument>([&] {
                             (void)ttest({1, missing, 2}, y, {.nan_policy = NanPolicy::raise, .trim = 0.1});
                         }),
                         "voxel (0, 0, 0)"));
    CHECK_THROWS_AS(roi::TTestInd(range(0, 2, 4), range(2, 4, 4), with_trim(0.1)), roi::InvalidArgument);
}

TEST_CASE("ttest_ind: two runs, or two lists of maps") {
    test::Random random(test::seed());
    INFO("seed " << test::seed());
    const Shape shape(5, 4, 3);
    const auto values = normal(random, 60 * 18, 100.0, 3.0);
    const roi::Volume4D<double> both(shape, 18, values);
    const auto split = values.begin() + 60 * 8;
    const roi::Volume4D<double> a(shape, 8, Sample(values.begin(), split));
    const roi::Volume4D<double> b(shape, 10, Sample(split, values.end()));
    for (const auto& options : {TTestOptions{}, welch(Alternative::less), TTestOptions{.trim = 0.15}}) {
        const auto one = roi::ttest_ind(both, range(0, 8, 18), range(8, 18, 18), options);
        const auto two = roi::ttest_ind(a, b, options);
        CHECK(test::same_bytes(one.t, two.t));
        CHECK(test::same_bytes(one.p, two.p));
        CHECK(test::same_bytes(one.df, two.df));
        test::PlainSource source(a);
        CHECK(test::same_bytes(roi::ttest_ind(source, b, options).p, two.p));
    }
    const roi::Volume4D<double> elsewhere(Shape(5, 4, 2), 3, Sample(120, 1.0));
    CHECK_THROWS_AS((void)roi::ttest_ind(a, elsewhere), roi::GridMismatch);
}

TEST_CASE("ttest_ind: from means and standard deviations") {
    const auto student = roi::ttest_ind_from_stats(5, 2, 10, 4, 3, 20);
    CHECK(student.t == Approx(0.9496164154825595).epsilon(1e-13));
    CHECK(student.p == Approx(0.3504322961135353).epsilon(1e-12));
    CHECK(student.df == 28.0);
    const auto unequal = roi::ttest_ind_from_stats(5, 2, 10, 4, 3, 20, welch());
    CHECK(unequal.t == Approx(1.0846522890932808).epsilon(1e-13));
    CHECK(unequal.p == Approx(0.2882606626733671).epsilon(1e-12));
    for (const double scale : {0x1p-700, 0x1p700}) {
        const auto scaled = roi::ttest_ind_from_stats(5 * scale, 2 * scale, 10, 4 * scale, 3 * scale, 20);
        CHECK(scaled.t == student.t);
        CHECK(scaled.p == student.p);
    }
    const auto message = [](double deviation, double size, const roi::TTestOptions& options) {
        return test::message_of<roi::InvalidArgument>(
            [&] { (void)roi::ttest_ind_from_stats(5, deviation, size, 4, 3, 20, options); });
    };
    CHECK(test::contains(message(-2, 10, {}), "standard deviation of 0 or more, found -2"));
    CHECK(test::contains(message(2, 0, {}), "at least 1 value in a sample, found 0"));
    CHECK(test::contains(message(2, 10, {.trim = 0.1}), "trim and chunks need the values"));
}

TEST_CASE("ttest_ind: right at any scale, also where no double holds the squares") {
    for (const double scale : {1e-200, 1e-150, 1e-75, 1e75, 1e150, 1e200, 1e300}) {
        const auto scaled = [&](Sample values) {
            for (double& value : values) value *= scale;
            return values;
        };
        const Sample a = scaled({1, 2, 3, 4}), b = scaled({2, 4, 6, 9, 1});
        INFO("scale " << scale);
        check(ttest(a, b), -1.1024918210527532, 0.3067036565296495);
        check(ttest(a, b, welch()), -1.2073128454812636, 0.27680240739884615);
        check(ttest(a, b, with(NanPolicy::omit)), -1.1024918210527532, 0.3067036565296495);
        auto with_gap = b;
        with_gap.push_back(missing);
        check(ttest(a, with_gap, with(NanPolicy::omit)), -1.1024918210527532, 0.3067036565296495);
        const double trimmed = ttest({1, 2, 3, 4}, {2, 4, 6, 9, 1}, {.trim = 0.2}).t;
        CHECK(ttest(a, b, {.trim = 0.2}).t == Approx(trimmed).epsilon(1e-13));
        // A level beside it: only what differs is so small or large.
        check(ttest(scaled({0, 0, 1, 3}), scaled({0, 0, 0, 9, 1}), welch()),
              ttest({0, 0, 1, 3}, {0, 0, 0, 9, 1}, welch()).t,
              ttest({0, 0, 1, 3}, {0, 0, 0, 9, 1}, welch()).p);
    }
    // Samples of different scales, and such as never change.
    const Sample tiny{1e-200, 2e-200, 4e-200}, plain{1, 2, 4}, huge{1e200, 2e200, 4e200};
    CHECK(ttest(tiny, plain).t == Approx(ttest({0, 0, 0}, plain).t).epsilon(1e-13));
    CHECK(ttest(plain, huge).t == Approx(ttest({0, 0, 0}, huge).t).epsilon(1e-13));
    CHECK(ttest(tiny, huge).t == Approx(ttest({0, 0, 0}, plain).t).epsilon(1e-13));
    CHECK(ttest({1e-200, 1e-200}, {1e-200, 1e-200, 3e-200}).t == Approx(ttest({1, 1}, {1, 1, 3}).t));
    CHECK(ttest({1e-200, 1e-200}, {3e-200, 3e-200}).t == -infinity);
    check_nan(ttest({1e-200, 1e-200}, {1e-200, 1e-200}));
    check_nan(ttest({1e200, infinity}, {1e-200, 1e-200}));
    // Values that become large one after another.
    const Sample rising{1e-200, 1, 1e100, 1e200}, falling{3e200, 1e150, 2, 1e-300};
    CHECK(ttest(rising, falling).t == Approx(ttest({0, 0, 0, 1}, {3, 0, 0, 0}).t).epsilon(1e-13));
}

TEST_CASE("ttest_ind: voxels of every scale beside each other, in blocks of any length and merged") {
    test::Random random(test::seed());
    INFO("seed " << test::seed());
    constexpr std::int64_t frames = 40, voxels = 30;
    roi::Volume4D<double> run(Shape(voxels, 1, 1), frames);
    const double scales[] = {1.0, 1e-200, 1e200, 1e-120, 1e140, 0.0};
    for (std::int64_t t = 0; t < frames; ++t) {
        for (std::int64_t i = 0; i < voxels; ++i) {
            // Some change for the first time late in the run.
            const bool still = i % 5 == 0 && t < 25;
            run(i, 0, 0, t) = (still ? 0.0 : std::normal_distribution<double>()(random)) * scales[i % 6];
        }
    }
    auto unit = run;
    for (std::int64_t t = 0; t < frames; ++t) {
        for (std::int64_t i = 0; i < voxels; ++i) {
            if (scales[i % 6] > 0.0) unit(i, 0, 0, t) /= scales[i % 6];
        }
    }
    const auto a = range(0, 17, 40), b = range(17, 40, 40);
    const auto expected = roi::ttest_ind(unit, a, b), found = roi::ttest_ind(run, a, b);
    for (std::int64_t i = 0; i < voxels; ++i) {
        INFO("voxel " << i);
        if (i % 6 == 5) {
            CHECK(std::isnan(found.t[i]));
        } else {
            CHECK(found.t[i] == Approx(expected.t[i]).epsilon(1e-11));
        }
    }
    // One volume at a time, through a source that has no blocks.
    test::PlainSource source(run);
    CHECK(test::same_bytes(roi::ttest_ind(source, a, b).t, found.t));
    for (const int number : {1, 3}) {
        const test::Threads threads(number);
        CHECK(test::same_bytes(roi::ttest_ind(run, a, b).t, found.t));
    }
    for (const std::int64_t cut : {20, 27, 38}) {
        std::vector<roi::TTestInd> sinks;
        for (const auto& [first, last] : {std::pair{std::int64_t{0}, cut}, std::pair{cut, frames}}) {
            roi::Volume4D<double> part(run.grid(), last - first);
            std::vector<bool> even, odd;
            for (std::int64_t t = first; t < last; ++t) {
                const auto values = run.frame(t).values();
                std::copy(values.begin(), values.end(), part.frame(t - first).data());
                even.push_back(t % 2 == 0);
                odd.push_back(t % 2 == 1);
            }
            sinks.emplace_back(Selection(even), Selection(odd));
            roi::scan(part, sinks.back());
        }
        sinks[0].merge(sinks[1]);
        const auto merged = sinks[0].result();
        std::vector<bool> even, odd;
        for (std::int64_t t = 0; t < frames; ++t) {
            even.push_back(t % 2 == 0);
            odd.push_back(t % 2 == 1);
        }
        const auto whole = roi::ttest_ind(run, Selection(even), Selection(odd));
        for (std::int64_t i = 0; i < voxels; ++i) {
            INFO("cut " << cut << ", voxel " << i);
            if (i % 6 != 5) CHECK(merged.t[i] == Approx(whole.t[i]).epsilon(1e-10));
        }
    }
}
