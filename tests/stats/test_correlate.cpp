// Correlation with a signal: scipy's numbers, edge cases, long double as oracle, the same bytes streamed.
#include <roi/stats/correlate.hpp>
#include <roi/stats/neg_log10.hpp>

#include "catch.hpp"
#include "checks.hpp"
#include "sources.hpp"
#include "support.hpp"
#include <cmath>
#include <cstdint>
#include <limits>
#include <string>
#include <string_view>
#include <vector>

using roi::Shape;

namespace {

constexpr double missing = std::numeric_limits<double>::quiet_NaN();
constexpr double infinity = std::numeric_limits<double>::infinity();

using Sample = std::vector<double>;

roi::Correlation correlated(const Sample& x, const Sample& seed) {
    const roi::Volume4D<double> run(Shape(1, 1, 1), static_cast<std::int64_t>(x.size()), x);
    return roi::correlate(run, seed);
}

}  // namespace

TEST_CASE("correlate: scipy's numbers") {
    const auto test = correlated({1, 2, 3, 5, 8}, {2, 1, 4, 3, 7});
    CHECK(test.r[0] == Approx(0.8766065868231594).epsilon(1e-14));
    CHECK(test.p[0] == Approx(0.05105821917061277).epsilon(1e-12));
    CHECK(test.t[0] == Approx(3.1552425509864594).epsilon(1e-13));
    CHECK(test.df == 3.0);
    CHECK(roi::fisher_z(test)[0] == Approx(1.3609213428008542).epsilon(1e-13));
    CHECK(roi::neg_log10(test)[0] == Approx(-std::log10(0.05105821917061277)).epsilon(1e-12));
    CHECK(roi::z_map(test)[0] == Approx(roi::z_of_r(0.8766065868231594, 5)).epsilon(1e-12));
    // A column of a matrix, whose numbers need not lie side by side.
    Eigen::Matrix<double, 5, 2, Eigen::RowMajor> signals;
    signals << 2, 0, 1, 0, 4, 0, 3, 0, 7, 0;
    CHECK(roi::correlate(roi::Volume4D<double>(Shape(1, 1, 1), 5, Sample{1, 2, 3, 5, 8}), signals.col(0))
              .r[0] == test.r[0]);
    const auto other = correlated({1, 2, 3, 5, 8}, {-2, -1, -4, -3, -7});
    CHECK(other.r[0] == -test.r[0]);
    CHECK(other.p[0] == test.p[0]);
}

TEST_CASE("correlate: perfect fits, constants, NaN, two volumes") {
    const auto perfect = correlated({0.1, 0.2, 0.3, 0.7, 0.4}, {1, 2, 3, 7, 4});
    CHECK(perfect.r[0] == 1.0);
    CHECK(perfect.t[0] == infinity);
    CHECK(perfect.p[0] == 0.0);
    CHECK(roi::fisher_z(perfect)[0] == infinity);
    CHECK(roi::neg_log10(perfect)[0] == infinity);
    const auto two = correlated({3, 1}, {0, 5});
    CHECK(two.r[0] == -1.0);
    CHECK(two.p[0] == 1.0);
    CHECK(roi::neg_log10(two)[0] == 0.0);
    for (const Sample& x :
         {Sample{0.1, 0.1, 0.1}, Sample{1, missing, 2}, Sample{missing, 1, 2}, Sample{1, infinity, 2}}) {
        const auto none = correlated(x, {1, 2, 4});
        CHECK(std::isnan(none.r[0]));
        CHECK(std::isnan(none.p[0]));
        CHECK(roi::neg_log10(none)[0] == 0.0);
    }
    for (const double scale : {1e-200, 1e-150, 1e150, 1e200}) {
        const auto test = correlated({1 * scale, 2 * scale, 3 * scale, 5 * scale, 8 * scale},
                                     {2 * scale, 1 * scale, 4 * scale, 3 * scale, 7 * scale});
        CHECK(test.r[0] == Approx(0.8766065868231594).epsilon(1e-13));
    }
}

TEST_CASE("correlate: one direction only, as scipy's alternatives") {
    const Sample x{1, 2, 3, 5, 8}, seed{2, 1, 4, 3, 7};
    const auto of = [](const Sample& values, const Sample& signal, roi::Alternative alternative) {
        const roi::Volume4D<double> run(Shape(1, 1, 1), static_cast<std::int64_t>(values.size()), values);
        return roi::correlate(run, signal, {.alternative = alternative});
    };
    const auto greater = of(x, seed, roi::Alternative::greater), less = of(x, seed, roi::Alternative::less);
    CHECK(greater.p[0] == Approx(0.025529109585306384).epsilon(1e-12));
    CHECK(less.p[0] == Approx(0.9744708904146937).epsilon(1e-12));
    CHECK(roi::neg_log10(greater)[0] == Approx(-std::log10(0.025529109585306384)).epsilon(1e-12));
    CHECK(roi::neg_log10(less)[0] == Approx(-std::log10(0.9744708904146937)).epsilon(1e-12));
    CHECK(roi::z_map(greater)[0] == roi::z_map(less)[0]);
    const Sample line{1, 2, 3};
    CHECK(of(line, line, roi::Alternative::greater).p[0] == 0.0);
    CHECK(of(line, line, roi::Alternative::less).p[0] == 1.0);
    CHECK(roi::neg_log10(of(line, line, roi::Alternative::greater))[0] == infinity);
    CHECK(roi::neg_log10(of(line, line, roi::Alternative::less))[0] == 0.0);
    // Two points are no evidence in any direction.
    CHECK(of({1, 2}, {1, 3}, roi::Alternative::greater).p[0] == 1.0);
}

TEST_CASE("correlate: runs that were scanned apart are merged to all at once") {
    test::Random random(test::seed());
    INFO("seed " << test::seed());
    const Shape shape(4, 3, 2);
    std::normal_distribution<double> noise;
    for (int round = 0; round < 20; ++round) {
        // Of different sizes and levels: the signals are kept in units of their own.
        const double size = round % 4 == 1 ? 1e-3 : round % 4 == 2 ? 1e140 : 1.0;
        const double shift = round % 3 == 0 ? 0.0 : round % 3 == 1 ? 1e3 : -5.0;
        const double scale = round % 5 == 0 ? 1e-150 : 1.0;
        Sample seeds[2], values[2], all_seed, all_values;
        for (int part = 0; part < 2; ++part) {
            const std::size_t n = 2 + random() % 20;
            for (std::size_t t = 0; t < n; ++t) {
                seeds[part].push_back(part == 0 ? noise(random) : size * (shift + noise(random)));
                for (std::int64_t i = 0; i < shape.size(); ++i) {
                    values[part].push_back(scale * (noise(random) + 0.5 * seeds[part].back() / size));
                }
            }
            all_seed.insert(all_seed.end(), seeds[part].begin(), seeds[part].end());
            all_values.insert(all_values.end(), values[part].begin(), values[part].end());
        }
        const auto run = [&](const Sample& of) {
            return roi::Volume4D<double>(shape, static_cast<std::int64_t>(of.size()) / shape.size(), of);
        };
        roi::Correlate one(seeds[0]), two(seeds[1]);
        roi::scan(run(values[0]), one);
        roi::scan(run(values[1]), two);
        const auto alone = one.result();
        const auto expected = roi::correlate(run(all_values), all_seed);
        auto turned = two;
        turned.merge(one);
        one.merge(two);
        for (const auto& merged : {one.result(), turned.result()}) {
            CHECK(merged.df == expected.df);
            for (std::int64_t i = 0; i < shape.size(); ++i) {
                INFO("round " << round << ", voxel " << i);
                CHECK(merged.r[i] == Approx(expected.r[i]).epsilon(1e-11).margin(1e-12));
                CHECK(merged.p[i] ==
                      Approx(roi::p_of_r(merged.r[i], merged.df + 2.0)).epsilon(1e-9).margin(1e-300));
            }
        }
        // A sink that begins again forgets what was merged.
        roi::scan(run(values[0]), one);
        CHECK(test::same_bytes(one.result().r, alone.r));
    }
    const Sample seed{1, 2, 4};
    roi::Correlate sink(seed), other(seed, {.alternative = roi::Alternative::less}), empty(seed);
    const roi::Volume4D<double> three(Shape(1, 1, 1), 3, Sample{1, 3, 2});
    roi::scan(three, sink, other);
    CHECK_THROWS_AS(sink.merge(other), roi::InvalidArgument);
    CHECK_THROWS_AS(sink.merge(empty), roi::InvalidArgument);
    roi::Correlate elsewhere(seed);
    roi::scan(roi::Volume4D<double>(Shape(1, 1, 2), 3, Sample{1, 3, 2, 1, 3, 2}), elsewhere);
    CHECK_THROWS_AS(sink.merge(elsewhere), roi::GridMismatch);
}

TEST_CASE("correlate: signals that it refuses") {
    const auto refused = [](const Sample& seed) {
        return test::message_of<roi::InvalidArgument>([&] { (void)correlated({1, 2, 3}, seed); });
    };
    CHECK(test::contains(refused({1, 2}), "2 values, the run 3"));
    CHECK(test::contains(refused({1}), "2 or more"));
    CHECK(test::contains(refused({1, missing, 2}), "at volume 1"));
    CHECK(test::contains(refused({0.1, 0.1, 0.1}), "never changes"));
}

TEST_CASE("correlate: agrees with long double; the same bytes streamed and for any number of threads") {
    test::Random random(test::seed());
    INFO("seed " << test::seed());
    for (int round = 0; round < 20; ++round) {
        const Shape shape(6, 5, 4);
        const auto n = static_cast<std::int64_t>(3 + random() % 60);
        Sample values(static_cast<std::size_t>(shape.size() * n)), seed(static_cast<std::size_t>(n));
        const double level = round % 2 == 0 ? 1e6 : 0.0;
        for (double& value : seed) value = std::normal_distribution<double>(level, 1.0)(random);
        for (std::size_t i = 0; i < values.size(); ++i) {
            values[i] = std::normal_distribution<double>(level, 1.0)(random) +
                        seed[i / static_cast<std::size_t>(shape.size())];
        }
        const roi::Volume4D<double> run(shape, n, values);
        const auto test = roi::correlate(run, seed);
        for (std::int64_t i = 0; i < shape.size(); ++i) {
            long double mx = 0, ms = 0, xx = 0, ss = 0, xs = 0;
            for (std::int64_t t = 0; t < n; ++t) {
                mx += static_cast<long double>(run.frame(t).data()[i]) / static_cast<long double>(n);
                ms +=
                    static_cast<long double>(seed[static_cast<std::size_t>(t)]) / static_cast<long double>(n);
            }
            for (std::int64_t t = 0; t < n; ++t) {
                const long double x = static_cast<long double>(run.frame(t).data()[i]) - mx;
                const long double s = static_cast<long double>(seed[static_cast<std::size_t>(t)]) - ms;
                xx += x * x, ss += s * s, xs += x * s;
            }
            REQUIRE(test.r[i] ==
                    Approx(static_cast<double>(xs / std::sqrt(xx * ss))).epsilon(1e-11).margin(1e-12));
            REQUIRE(test.p[i] == Approx(roi::p_of_r(test.r[i], static_cast<double>(n))).epsilon(1e-11));
        }
        const test::Threads one(1);
        test::PlainSource source(run);
        CHECK(test::same_bytes(roi::correlate(source, seed).p, test.p));
    }
}

TEST_CASE("correlate: NaN that is left out, as if a voxel had fewer volumes") {
    test::Random random(test::seed());
    INFO("seed " << test::seed());
    const Shape shape(6, 5, 4);
    auto run = test::random_run<double>(shape, 17, random);
    Sample seed(17);
    for (double& value : seed) value = std::normal_distribution<double>(1e5, 1.0)(random);
    seed[5] = missing;
    for (double& value : run.values()) {
        if (random() % 4 == 0) value = missing;
    }
    for (std::int64_t t = 0; t < 17; ++t) {
        run.frame(t).data()[0] = missing;  // none left
        run.frame(t).data()[1] = t == 3 || t == 9 ? 1.0 * static_cast<double>(t) : missing;
        run.frame(t).data()[2] = t == 3 ? 1.0 : missing;
        run.frame(t).data()[3] *= 1e-200;
        run.frame(t).data()[4] *= 1e200;
    }
    for (const auto alternative : {roi::Alternative::two_sided, roi::Alternative::less}) {
        const roi::CorrelateOptions options{.alternative = alternative, .nan_policy = roi::NanPolicy::omit};
        const auto test = roi::correlate(run, seed, options);
        REQUIRE(test.df_map);
        const auto log_p = roi::neg_log10(test);
        const auto z = roi::z_map(test);
        for (std::int64_t i = 0; i < shape.size(); ++i) {
            Sample left, with;
            for (std::int64_t t = 0; t < 17; ++t) {
                const double value = run.frame(t).data()[i];
                if (std::isnan(value) || t == 5) continue;
                left.push_back(value);
                with.push_back(seed[static_cast<std::size_t>(t)]);
            }
            INFO("voxel " << i << " with " << left.size() << " volumes");
            if (left.size() < 2) {
                CHECK(std::isnan(test.r[i]));
                CHECK(std::isnan(test.p[i]));
                CHECK(std::isnan(test.df_of(i)));
                CHECK(log_p[i] == 0.0);
                continue;
            }
            const roi::Volume4D<double> one(Shape(1, 1, 1), static_cast<std::int64_t>(left.size()), left);
            const auto expected = roi::correlate(one, with, {.alternative = alternative});
            CHECK(test.df_of(i) == expected.df);
            CHECK(test.r[i] == Approx(expected.r[0]).epsilon(1e-9).margin(1e-10));
            CHECK(test.p[i] == Approx(expected.p[0]).epsilon(1e-8).margin(1e-10));
            CHECK(log_p[i] == Approx(roi::neg_log10(expected)[0]).epsilon(1e-8).margin(1e-10));
            if (left.size() > 2) CHECK(z[i] == Approx(roi::z_map(expected)[0]).epsilon(1e-8).margin(1e-9));
        }
        test::PlainSource source(run);
        CHECK(test::same_bytes(roi::correlate(source, seed, options).r, test.r));
    }
    CHECK_THROWS_AS((void)roi::correlate(run, seed), roi::InvalidArgument);
    seed[5] = 0.0;
    CHECK(test::contains(test::message_of<roi::InvalidArgument>(
                             [&] { (void)roi::correlate(run, seed, {.nan_policy = roi::NanPolicy::raise}); }),
                         "is NaN in volume"));
    // One chunk is none.
    const auto plain = roi::correlate(run, seed, {.nan_policy = roi::NanPolicy::omit});
    const auto chunk = roi::correlate(
        run, seed,
        {.chunks = roi::Column(std::vector<std::string>(17, "1")), .nan_policy = roi::NanPolicy::omit});
    for (std::int64_t i = 0; i < plain.r.size(); ++i) {
        const bool tested = !std::isnan(plain.r[i]);
        CHECK((tested ? chunk.r[i] == Approx(plain.r[i]).epsilon(1e-11) : std::isnan(chunk.r[i])));
        CHECK((tested ? chunk.df_of(i) == plain.df_of(i) : std::isnan(chunk.df_of(i))));
    }
}

TEST_CASE("correlate: -log10 p of a nearly perfect fit, computed with 60 digits") {
    // r of whole numbers: 1 - r^2 = 1.34e-6.
    const auto test = correlated({801, 1597, 2402, 3204, 3995, 4800, 5603, 6398, 7201, 8002},
                                 {1, 2, 3, 4, 5, 6, 7, 8, 9, 10});
    CHECK(roi::neg_log10(test)[0] == Approx(24.048998102891025916).epsilon(1e-10));
}

TEST_CASE("correlate: a fit that is nearly perfect is said") {
    const std::vector<double> seed{1, 2, 4, 7, 11, 16};
    roi::Volume4D<double> run(roi::Shape(3, 1, 1), 6);
    for (std::int64_t t = 0; t < 6; ++t) {
        const double s = seed[static_cast<std::size_t>(t)], other = t % 2 == 0 ? 1.0 : -1.0;
        run.frame(t)(0, 0, 0) = -3.0 * s;
        run.frame(t)(1, 0, 0) = s + 1e-4 * other;
        run.frame(t)(2, 0, 0) = s + other;
    }
    std::vector<std::string> said;
    const auto test =
        roi::correlate(run, seed, {.warning = [&](std::string_view line) { said.emplace_back(line); }});
    CHECK(test.r[0] == -1.0);
    REQUIRE(said.size() == 2);
    CHECK(said[0] == "correlate: r is 1 or -1 within rounding in 1 voxel, where t and -log10 p are infinite");
    CHECK(said[1] == "correlate: 1 - r^2 is below 1e-6 in 1 voxel, where -log10 p has fewer than ten digits");
}
