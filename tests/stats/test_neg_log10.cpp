// -log10 p: NaN and clipping in the notebook's order, and log space where p is too small to be a double.
#include <boost/math/distributions/students_t.hpp>

#include <roi/stats/neg_log10.hpp>

#include "catch.hpp"
#include "checks.hpp"
#include "support.hpp"
#include <algorithm>
#include <cmath>
#include <cstdint>
#include <limits>
#include <random>
#include <string>
#include <type_traits>
#include <vector>

using roi::Alternative;
using roi::Shape;
using roi::Volume;

namespace {

constexpr double missing = std::numeric_limits<double>::quiet_NaN();
constexpr double infinity = std::numeric_limits<double>::infinity();

template <class T>
Volume<T> map(const std::vector<T>& values) {
    return Volume<T>(Shape(static_cast<std::int64_t>(values.size()), 1, 1), values);
}

roi::TTest tested(double t, double df, Alternative alternative = Alternative::two_sided) {
    const boost::math::students_t_distribution<double> distribution(df);
    const double side = alternative == Alternative::less      ? -t
                        : alternative == Alternative::greater ? t
                                                              : std::abs(t);
    const double tail = std::isinf(t) ? 0.0 : boost::math::cdf(boost::math::complement(distribution, side));
    return {map<double>({t}), map<double>({alternative == Alternative::two_sided ? 2.0 * tail : tail}),
            map<double>({df}), alternative};
}

/// Long double reaches to 1e-4932.
double exact(double t, double df) {
    const boost::math::students_t_distribution<long double> distribution(static_cast<long double>(df));
    return static_cast<double>(-std::log10(
        2 * boost::math::cdf(boost::math::complement(distribution, static_cast<long double>(t)))));
}

}  // namespace

TEST_CASE("neg_log10: of a map of probabilities") {
    const auto out = roi::neg_log10(map<double>({1.0, 0.1, 1e-5, 0.0, missing, 1e-300}));
    CHECK(out[0] == 0.0);
    CHECK(!std::signbit(out[0]));
    CHECK(out[1] == Approx(1.0).epsilon(1e-15));
    CHECK(out[2] == Approx(5.0).epsilon(1e-15));
    CHECK(out[3] == infinity);
    CHECK(out[4] == 0.0);
    CHECK(out[5] == Approx(300.0).epsilon(1e-15));
}

TEST_CASE("neg_log10: cutting comes after NaN has become 0, and only cuts what is larger") {
    const auto cut = roi::neg_log10(map<double>({1e-11, 1e-10, 1e-9, 0.0, missing, 1.0}), {.max = 10.0});
    CHECK(cut[0] == 10.0);
    CHECK(cut[1] == Approx(10.0).epsilon(1e-15));
    CHECK(cut[2] == Approx(9.0).epsilon(1e-15));
    CHECK(cut[3] == 10.0);
    CHECK(cut[4] == 0.0);
    CHECK(cut[5] == 0.0);
    CHECK(test::contains(test::message_of<roi::InvalidArgument>(
                             [] { (void)roi::neg_log10(map<double>({1.0}), {.max = missing}); }),
                         "`max`"));
}

TEST_CASE("neg_log10: powers of ten give whole numbers, so that a threshold on them is met") {
    Volume<double> p(Shape(308, 1, 1));
    for (std::int64_t k = 0; k < p.size(); ++k) p[k] = std::stod("1e-" + std::to_string(k));
    const auto out = roi::neg_log10(p);
    for (std::int64_t k = 0; k < p.size(); ++k) CHECK(out[k] == static_cast<double>(k));
}

TEST_CASE("neg_log10: within 1.2 units in the last place at every magnitude") {
    test::Random random(test::seed());
    INFO("seed " << test::seed());
    std::uniform_real_distribution<double> exponent(-307.0, 0.0), fraction(0.0, 1.0);
    Volume<double> p(Shape(20000, 3, 1));
    for (std::int64_t i = 0; i < 20000; ++i) {
        p(i, 0, 0) = std::pow(10.0, exponent(random));
        p(i, 1, 0) = fraction(random);
        p(i, 2, 0) = 1.0 - std::pow(0.5, 54.0 * fraction(random));
    }
    const auto out = roi::neg_log10(p);
    long double worst = 0;
    for (std::int64_t i = 0; i < p.size(); ++i) {
        const long double exact = std::fabs(std::log10(static_cast<long double>(p[i])));
        const auto rounded = static_cast<double>(exact);
        if (rounded == 0.0) {
            REQUIRE(out[i] == 0.0);
            continue;
        }
        const double unit = std::nextafter(rounded, infinity) - rounded;
        worst = std::max(worst, std::fabs(static_cast<long double>(out[i]) - exact) / unit);
    }
    CHECK(worst < 1.2L);
    CHECK(worst > 0.3L);  // or this would not have measured
}

TEST_CASE("neg_log10: every instruction set gives the same bytes, unusual neighbours change nothing") {
    test::Random random(test::seed());
    INFO("seed " << test::seed());
    std::uniform_real_distribution<double> exponent(-320.0, 0.0);
    Volume<double> p(Shape(1003, 1, 1));
    for (double& value : p) value = std::pow(10.0, exponent(random));
    const auto plain = roi::neg_log10(p);
    roi::detail::force_instruction_set(roi::detail::InstructionSet::baseline);
    const auto baseline = roi::neg_log10(p);
    roi::detail::force_instruction_set(roi::detail::InstructionSet::best);
    CHECK(test::same_bytes(plain, baseline));
    const std::vector<double> unusual{missing, 0.0, -0.0, -1.0, infinity, 5e-324, 1e-310};
    const std::vector<double> expected{
        0.0, infinity, infinity, 0.0, -infinity, -std::log10(5e-324), -std::log10(1e-310)};
    for (std::size_t k = 0; k < unusual.size(); ++k) {
        auto one = p;
        one[500] = unusual[k];
        auto out = roi::neg_log10(one);
        if (std::isfinite(expected[k])) {
            CHECK(out[500] == Approx(expected[k]).epsilon(1e-15).margin(0));
        } else {
            CHECK(out[500] == expected[k]);
        }
        out[500] = plain[500];
        CHECK(test::same_bytes(out, plain));
    }
}

TEST_CASE("neg_log10: float maps are computed in double and rounded once") {
    const std::vector<float> p{1.4205341347661715e-09f, 0.8693788051605225f, 1e-44f, 0.0f,
                               static_cast<float>(missing)};
    const auto out = roi::neg_log10(map<float>(p));
    static_assert(std::is_same_v<decltype(out), const Volume<float>>);
    for (std::size_t i = 0; i < 3; ++i) {
        CHECK(out[static_cast<std::int64_t>(i)] ==
              static_cast<float>(-std::log10(static_cast<double>(p[i]))));
    }
    CHECK(out[3] == std::numeric_limits<float>::infinity());
    CHECK(out[4] == 0.0f);
    // Just below a threshold of 5 stays below it.
    const auto near = roi::neg_log10(map<float>({static_cast<float>(std::pow(10.0, -4.9999995)), 1e-5f}));
    CHECK(near[0] < 5.0f);
    CHECK(near[0] == Approx(4.9999995).epsilon(1e-7));
}

TEST_CASE("neg_log10: a map lies on the grid of its p values, with their metadata") {
    Volume<double> p(roi::Grid({2, 2, 2}, roi::scaling({2, 2, 2})), 0.5);
    p.metadata().description = "p";
    p.metadata().display_max = 1.0;
    const auto out = roi::neg_log10(p);
    CHECK(out.grid() == p.grid());
    CHECK(out.metadata() == roi::inherited(p.metadata()));
    CHECK(roi::neg_log10(Volume<float>()).size() == 0);
}

TEST_CASE("neg_log10: of a test, where p is no longer a double") {
    const auto value = [](double t, double df) { return roi::neg_log10(tested(t, df))[0]; };
    CHECK(value(20, 214) == Approx(50.151531).epsilon(1e-7));
    CHECK(value(40, 214) == Approx(100.5567).epsilon(1e-6));
    CHECK(value(100, 214) == Approx(180.8889).epsilon(1e-6));
    CHECK(value(40, 1000) == Approx(208.97969).epsilon(1e-7));
    // scipy's p is 0 here, and its -log10 infinite.
    CHECK(value(1000, 214) == Approx(exact(1000, 214)).epsilon(1e-12));
    CHECK(value(60, 1000) == Approx(exact(60, 1000)).epsilon(1e-12));
    CHECK(value(-60, 1000) == value(60, 1000));
    CHECK(value(1000, 214) > 308.0);
    CHECK(value(infinity, 214) == infinity);
    CHECK(value(-infinity, 214) == infinity);
    CHECK(value(0.0, 214) == 0.0);
}

TEST_CASE("neg_log10: log space continues where double ends") {
    for (const double df : {3.0, 6.5, 22.0, 214.0, 1450.0, 1e5}) {
        double before = 0.0;
        for (double t = 0.5; t < 1e120; t *= 1.3) {
            const double expected = exact(t, df);
            if (!(expected < 4900.0)) break;
            const double result = roi::neg_log10(tested(t, df))[0];
            INFO("t " << t << ", df " << df);
            REQUIRE(result == Approx(expected).epsilon(2e-12).margin(0));
            REQUIRE(result > before);
            before = result;
        }
        CHECK(before > 290.0);
    }
}

TEST_CASE("neg_log10: one-sided tests have half the probability") {
    const double both = roi::neg_log10(tested(1000, 214))[0];
    const double half = std::log10(2.0);
    CHECK(roi::neg_log10(tested(1000, 214, Alternative::greater))[0] == Approx(both + half).epsilon(1e-14));
    CHECK(roi::neg_log10(tested(-1000, 214, Alternative::less))[0] == Approx(both + half).epsilon(1e-14));
    CHECK(roi::neg_log10(tested(1000, 214, Alternative::less))[0] == 0.0);
    CHECK(roi::neg_log10(tested(5, 214, Alternative::greater))[0] ==
          Approx(roi::neg_log10(tested(5, 214))[0] + half).epsilon(1e-12));
}

TEST_CASE("neg_log10: of a test, NaN and cutting as for maps") {
    const auto nowhere = map<double>({missing, 0.0, 1000.0, infinity});
    const roi::TTest test{nowhere, map<double>({missing, 1.0, 0.0, 0.0}), map<double>({214, 214, 214, 214}),
                          Alternative::two_sided};
    const auto out = roi::neg_log10(test, {.max = 10.0});
    CHECK(std::vector<double>(out.begin(), out.end()) == std::vector<double>{0.0, 0.0, 10.0, 10.0});
    CHECK_THROWS_AS(roi::neg_log10(test, {.max = missing}), roi::InvalidArgument);
}
