// The t-tests of one sample and of pairs: scipy's numbers, edge cases, the same bytes in memory and streamed.
#include <roi/stats/neg_log10.hpp>
#include <roi/stats/ttest_1samp.hpp>
#include <roi/stats/ttest_ind.hpp>

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

using roi::Alternative;
using roi::NanPolicy;
using roi::Shape;

namespace {

constexpr double missing = std::numeric_limits<double>::quiet_NaN();
constexpr double infinity = std::numeric_limits<double>::infinity();

using Sample = std::vector<double>;

roi::Volume4D<double> run_of(const Sample& values) {
    return {Shape(1, 1, 1), static_cast<std::int64_t>(values.size()), values};
}

void check(const roi::TTest& test, double t, double p) {
    CHECK(test.t[0] == Approx(t).epsilon(1e-13).margin(0));
    CHECK(test.p[0] == Approx(p).epsilon(1e-12).margin(0));
}

void check_nan(const roi::TTest& test) {
    CHECK(std::isnan(test.t[0]));
    CHECK(std::isnan(test.p[0]));
}

}  // namespace

TEST_CASE("ttest_1samp: scipy's numbers") {
    const auto run = run_of({1, 2, 3, 4, 7});
    check(roi::ttest_1samp(run, 2.0), 1.3598002073001698, 0.24549203685029755);
    check(roi::ttest_1samp(run, 2.0, {.alternative = Alternative::greater}), 1.3598002073001698,
          0.12274601842514878);
    check(roi::ttest_1samp(run, 2.0, {.alternative = Alternative::less}), 1.3598002073001698,
          0.8772539815748512);
    CHECK(roi::ttest_1samp(run).df[0] == 4.0);
}

TEST_CASE("ttest_rel: scipy's numbers, and the test of the differences") {
    const auto a = run_of({1, 2, 3, 4, 7}), b = run_of({2, 4, 6, 9, 1});
    check(roi::ttest_rel(a, b), -0.5345224838248488, 0.6213082950374971);
    check(roi::ttest_rel(b, a), 0.5345224838248488, 0.6213082950374971);
    check(roi::ttest_1samp(run_of({-1, -2, -3, -5, 6})), -0.5345224838248488, 0.6213082950374971);
    const auto gaps = run_of({1, 2, missing, 3, 4, 7}), others = run_of({2, 4, 8, 6, 9, 1});
    check_nan(roi::ttest_rel(gaps, others));
    check(roi::ttest_rel(gaps, others, {.nan_policy = NanPolicy::omit}), -0.5345224838248488,
          0.6213082950374971);
    check(roi::ttest_rel(others, gaps, {.nan_policy = NanPolicy::omit}), 0.5345224838248488,
          0.6213082950374971);
    const auto message = test::message_of<roi::InvalidArgument>(
        [&] { (void)roi::ttest_rel(gaps, others, {.nan_policy = NanPolicy::raise}); });
    CHECK(test::contains(message, "ttest_rel: voxel (0, 0, 0) is NaN in volume 2"));
}

TEST_CASE("ttest_1samp: constants, NaN and samples too small") {
    const auto threes = run_of({3, 3, 3});
    check(roi::ttest_1samp(threes, 0.0), infinity, 0.0);
    check(roi::ttest_1samp(threes, 4.0), -infinity, 0.0);
    check_nan(roi::ttest_1samp(threes, 3.0));
    check_nan(roi::ttest_1samp(run_of(Sample(10, 0.1)), 0.1));
    check_nan(roi::ttest_1samp(run_of({1, missing, 2})));
    check_nan(roi::ttest_1samp(run_of({1, missing, missing}), 0.0, {.nan_policy = NanPolicy::omit}));
    check_nan(roi::ttest_1samp(run_of({1, infinity, 2})));
    const auto refused = [](auto&& call) { return test::message_of<roi::InvalidArgument>(call); };
    CHECK(test::contains(refused([] { (void)roi::ttest_1samp(run_of({1})); }),
                         "at least 2 maps, a volume each, are needed, found 1"));
    CHECK(test::contains(refused([&] { (void)roi::ttest_rel(threes, run_of({1, 2})); }), "pairs are needed"));
    CHECK_THROWS_AS((void)roi::ttest_1samp(threes, missing), roi::InvalidArgument);
    CHECK_THROWS_AS((void)roi::TTest1Samp().result(), roi::InvalidArgument);
    for (const double scale : {1e-150, 1e150}) {
        Sample values{1, 2, 3, 4, 7};
        for (double& value : values) value *= scale;
        check(roi::ttest_1samp(run_of(values), 2.0 * scale), 1.3598002073001698, 0.24549203685029755);
    }
}

TEST_CASE("ttest_1samp: far out, -log10 p and z stay numbers") {
    const auto test = roi::ttest_1samp(run_of({1, 1 + 1e-15, 1, 1 - 1e-15, 1}), -1e100);
    Sample many(400, 1.0);
    many[7] = 1.0000001;
    const auto deep = roi::ttest_1samp(run_of(many));
    CHECK(deep.p[0] == 0.0);
    CHECK(roi::neg_log10(deep)[0] == Approx(roi::neg_log10_p_of_t(deep.t[0], 399.0)).epsilon(1e-12));
    CHECK(std::isfinite(roi::z_map(deep)[0]));
    CHECK(std::isfinite(roi::z_map(test)[0]));
}

TEST_CASE("ttest_1samp: agrees with long double, streamed and merged, for any number of threads") {
    test::Random random(test::seed());
    INFO("seed " << test::seed());
    for (int round = 0; round < 30; ++round) {
        const Shape shape(7, 5, 3);
        const auto n = static_cast<std::int64_t>(2 + random() % 40);
        const double level = round % 3 == 0 ? 1e6 : 1.0;
        Sample values(static_cast<std::size_t>(shape.size() * n)), others = values;
        for (double& value : values) value = std::normal_distribution<double>(level, 1.0)(random);
        for (double& value : others) value = std::normal_distribution<double>(level, 1.0)(random);
        const roi::Volume4D<double> run(shape, n, values), other(shape, n, others);
        const auto one = roi::ttest_1samp(run, level), pairs = roi::ttest_rel(run, other);
        for (std::int64_t i = 0; i < shape.size(); ++i) {
            const auto exact = [&](auto of) {
                long double sum = 0, squares = 0;
                for (std::int64_t k = 0; k < n; ++k) sum += of(k);
                const long double m = sum / static_cast<long double>(n);
                for (std::int64_t k = 0; k < n; ++k) squares += (of(k) - m) * (of(k) - m);
                return static_cast<double>(m / std::sqrt(squares / static_cast<long double>(n * (n - 1))));
            };
            const auto at = [&](const auto& of, std::int64_t k) {
                return static_cast<long double>(of.frame(k).data()[i]);
            };
            const double t =
                exact([&](std::int64_t k) { return at(run, k) - static_cast<long double>(level); });
            REQUIRE(one.t[i] == Approx(t).epsilon(1e-10).margin(1e-9));
            const double t_pairs = exact([&](std::int64_t k) { return at(run, k) - at(other, k); });
            REQUIRE(pairs.t[i] == Approx(t_pairs).epsilon(1e-10).margin(1e-9));
        }
        const test::Threads single(1);
        test::PlainSource source(run), left(run), right(other);
        CHECK(test::same_bytes(roi::ttest_1samp(source, level).p, one.p));
        CHECK(test::same_bytes(roi::ttest_rel(left, right).p, pairs.p));
        roi::TTest1Samp first(level), second(level);
        roi::scan(run, first);
        roi::scan(other, second);
        first.merge(second);
        values.insert(values.end(), others.begin(), others.end());
        const auto both = roi::ttest_1samp(roi::Volume4D<double>(shape, 2 * n, values), level);
        CHECK(first.result().t[3] == Approx(both.t[3]).epsilon(1e-9).margin(1e-9));
        CHECK(first.result().df[3] == both.df[3]);
    }
}

TEST_CASE("ttest_1samp: right where no double holds the squares") {
    for (const double scale : {1e-200, 1e200, 1e300}) {
        const auto run = run_of({1 * scale, 2 * scale, 3 * scale, 4 * scale, 7 * scale});
        INFO("scale " << scale);
        check(roi::ttest_1samp(run, 2.0 * scale), 1.3598002073001698, 0.24549203685029755);
        const auto none = run_of({0, 0, 0, 0, 0});
        check(roi::ttest_rel(run, none), roi::ttest_1samp(run_of({1, 2, 3, 4, 7})).t[0],
              roi::ttest_1samp(run_of({1, 2, 3, 4, 7})).p[0]);
    }
}

TEST_CASE("ttest_1samp: only sinks of the same test are merged") {
    test::Random random(9);
    const auto run = test::random_run<double>(Shape(2, 2, 1), 5, random);
    roi::TTest1Samp plain(1.0), omits(1.0, {.nan_policy = roi::NanPolicy::omit}), of_zero,
        less(1.0, {.alternative = roi::Alternative::less});
    roi::scan(run, plain, omits, of_zero, less);
    CHECK_THROWS_AS(plain.merge(omits), roi::InvalidArgument);
    CHECK_THROWS_AS(omits.merge(plain), roi::InvalidArgument);
    CHECK_THROWS_AS(plain.merge(of_zero), roi::InvalidArgument);
    CHECK_THROWS_AS(plain.merge(less), roi::InvalidArgument);
    CHECK_THROWS_AS(roi::TTest1Samp(infinity), roi::InvalidArgument);
}

TEST_CASE("ttest_1samp: results that are no evidence are said") {
    std::vector<std::string> said;
    const roi::WarningHandler hear = [&](std::string_view line) { said.emplace_back(line); };
    const auto said_of = [&](const auto& test) {
        said.clear();
        (void)test();
        return said;
    };
    using Lines = std::vector<std::string>;
    const roi::Volume4D<double> mixed(Shape(3, 1, 1), 2, Sample{3, 0, 1, 3, 0, 2}),
        varies(Shape(1, 1, 1), 2, Sample{1, 2});
    const Lines infinite{
        "t is infinite in 1 voxel, which does not vary: p = 0 is no finding there, though it survives any "
        "threshold; a mask leaves it out"};
    const Lines none{"t is NaN in every voxel: none varies, or there are too few values for a variance"};
    const auto of = [](std::string_view function, Lines lines) {
        for (auto& line : lines) line.insert(0, roi::text(function, ": "));
        return lines;
    };
    CHECK(said_of([&] { return roi::ttest_1samp(mixed, 0.0, {.warning = hear}); }) ==
          of("ttest_1samp", infinite));
    CHECK(said_of([&] {
              return roi::ttest_1samp(run_of({0, 0}), 0.0, {.warning = hear});
          }) == of("ttest_1samp", none));
    CHECK(said_of([&] { return roi::ttest_rel(mixed, mixed, {.warning = hear}); }) == of("ttest_rel", none));
    CHECK(said_of([&] { return roi::ttest_ind(run_of({1}), run_of({2}), {.warning = hear}); }) ==
          of("ttest_ind", none));
    CHECK(said_of([&] {
              return roi::ttest_ind(run_of({1, 1}), run_of({2, 2}), {.warning = hear});
          }) == of("ttest_ind", infinite));
    CHECK(said_of([&] {
              return roi::ttest_ind(run_of({1, 1, 1}), run_of({2, 2, 2}), {.trim = 0.1, .warning = hear});
          }) == of("ttest_ind", infinite));
    CHECK(said_of([&] { return roi::ttest_1samp(varies, 0.0, {.warning = hear}); }).empty());
}

TEST_CASE("ttest_1samp: voxels that do not vary are not tested where infinite t are not wanted") {
    std::vector<std::string> said;
    const roi::WarningHandler hear = [&](std::string_view line) { said.emplace_back(line); };
    // One value; rounding round it; 0; what varies.
    const double near = std::nextafter(3.0, 4.0);
    const roi::Volume4D<double> maps(Shape(4, 1, 1), 3, Sample{3, 3, 0, 1, 3, near, 0, 3, 3, 3, 0, 2});
    const roi::Volume4D<double> others(Shape(4, 1, 1), 3, Sample{2, 2, 0, 1, 2, 2, 0, 3, 2, 2, 0, 5});
    const auto plain = roi::ttest_1samp(maps);
    CHECK(std::isinf(plain.t[0]));
    CHECK(plain.t[1] > 1e15);
    const auto check = [&](const roi::TTest& test, std::string_view function) {
        for (const int voxel : {0, 1, 2}) {
            CHECK(std::isnan(test.t[voxel]));
            CHECK(std::isnan(test.p[voxel]));
        }
        for (const int voxel : {0, 1}) CHECK(std::isnan(test.df[voxel]));
        CHECK(std::isfinite(test.t[3]));
        CHECK(said == std::vector{roi::text(function,
                                            ": 2 voxels do not vary beside what is tested: t would be "
                                            "infinite, they are not tested, the first is (0, 0, 0)")});
        said.clear();
    };
    const roi::TTest1SampOptions one{.infinite_t = false, .warning = hear};
    check(roi::ttest_1samp(maps, 0.0, one), "ttest_1samp");
    CHECK(roi::ttest_1samp(maps, 0.0, {.infinite_t = false}).t[3] == plain.t[3]);
    check(roi::ttest_rel(maps, others, one), "ttest_rel");
    check(roi::ttest_ind(maps, others, {.infinite_t = false, .warning = hear}), "ttest_ind");
    check(roi::ttest_ind(maps, others, {.equal_var = false, .infinite_t = false, .warning = hear}),
          "ttest_ind");
    check(roi::ttest_ind(maps, others, {.trim = 0.1, .infinite_t = false, .warning = hear}), "ttest_ind");
}

TEST_CASE("a test of pairs passes on what both of its sources say") {
    struct Says : test::PlainSource<double> {
        using test::PlainSource<double>::PlainSource;
        std::string name;
        void warn(const roi::WarningHandler& warning) const { warning(name); }
    };
    const roi::Volume4D<double> a(Shape(1, 1, 1), 3, Sample{1, 2, 4}), b(Shape(1, 1, 1), 3, Sample{0, 3, 2});
    std::vector<std::string> said;
    Says first(a), second(b);
    first.name = "of a";
    second.name = "of b";
    (void)roi::ttest_rel(first, second, {.warning = [&](std::string_view line) { said.emplace_back(line); }});
    CHECK(said == std::vector<std::string>{"of a", "of b"});
}
