// The variance over time: NumPy's numbers, exact zeros, the same for every source and number of threads, merged runs.
#include <roi/spatial/smooth.hpp>
#include <roi/stats/mean.hpp>
#include <roi/stats/ttest_ind.hpp>
#include <roi/stats/variance.hpp>

#include "catch.hpp"
#include "checks.hpp"
#include "sources.hpp"
#include "support.hpp"
#include <cmath>
#include <cstdint>
#include <limits>
#include <vector>

using roi::Shape;

namespace {

/// Two passes in long double.
double direct_variance(const roi::Volume4D<double>& run, std::int64_t voxel, int ddof) {
    long double sum = 0, squares = 0;
    for (std::int64_t t = 0; t < run.frames(); ++t) sum += run.frame(t).data()[voxel];
    const long double mean = sum / static_cast<long double>(run.frames());
    for (std::int64_t t = 0; t < run.frames(); ++t) {
        const long double d = run.frame(t).data()[voxel] - mean;
        squares += d * d;
    }
    return static_cast<double>(squares / static_cast<long double>(run.frames() - ddof));
}

/// Volumes [first, last) of a run.
template <class T>
roi::Volume4D<T> part(const roi::Volume4D<T>& run, std::int64_t first, std::int64_t last) {
    const auto all = run.values();
    const auto voxels = static_cast<std::size_t>(run.grid().size());
    const auto from = static_cast<std::size_t>(first) * voxels;
    return {run.grid(), last - first, all.subspan(from, static_cast<std::size_t>(last - first) * voxels),
            run.metadata()};
}

}  // namespace

TEST_CASE("variance: NumPy's numbers") {
    // np.var([[1, 5, 3], [2, 10, 6]], axis=-1, ddof=ddof)
    const std::vector<float> values{1, 2, 5, 10, 3, 6};
    roi::Volume4D<float> run(roi::Grid({2, 1, 1}, roi::scaling({2, 2, 2})), 3, values);
    run.metadata().description = "bold";
    const auto population = roi::variance(run);
    CHECK(population[0] == Approx(2.6666666666666665).epsilon(1e-15));
    CHECK(population[1] == Approx(10.666666666666666).epsilon(1e-15));
    CHECK(population.grid() == run.grid());
    CHECK(population.metadata() == roi::inherited_by_volume(run.metadata()));
    const auto sample = roi::variance(run, {.ddof = 1});
    CHECK(sample[0] == 4.0);
    CHECK(sample[1] == 16.0);
    const auto deviation = roi::standard_deviation(run, {.ddof = 1});
    CHECK(deviation[0] == 2.0);
    CHECK(deviation[1] == 4.0);
}

TEST_CASE("variance: a voxel that never changes has exactly none, and a level costs no digits") {
    for (const double value : {0.1, 503.7, -1e30, 0.0}) {
        for (const double variance : roi::variance(roi::Volume4D<double>(Shape(3, 2, 2), 107, value))) {
            CHECK(variance == 0.0);
        }
    }
    const std::vector<double> high{1e12 + 1, 1e12 + 2, 1e12 + 3, 1e12 + 4};
    CHECK(roi::variance(roi::Volume4D<double>(Shape(1, 1, 1), 4, high))[0] == 1.25);
}

TEST_CASE("variance: what no double holds is 0 or infinite, and its root is a number all the same") {
    for (const double scale : {1e-200, 1e200}) {
        const std::vector<double> values{1 * scale, 2 * scale, 3 * scale, 6 * scale};
        const roi::Volume4D<double> run(roi::Shape(1, 1, 1), 4, values);
        CHECK(roi::variance(run)[0] == scale * scale);
        CHECK(roi::standard_deviation(run)[0] == Approx(std::sqrt(3.5) * scale).epsilon(1e-14));
    }
}

TEST_CASE("variance: NaN and infinity make their own voxel NaN") {
    roi::Volume4D<double> run(Shape(2, 2, 1), 5, 1.0);
    run(1, 0, 0, 3) = std::numeric_limits<double>::quiet_NaN();
    run(0, 1, 0, 0) = std::numeric_limits<double>::infinity();
    run(0, 0, 0, 2) = 6.0;
    const auto variance = roi::variance(run);
    CHECK(variance(0, 0, 0) == 4.0);
    CHECK(std::isnan(variance(1, 0, 0)));
    CHECK(std::isnan(variance(0, 1, 0)));
    CHECK(variance(1, 1, 0) == 0.0);
}

TEST_CASE("variance: too few volumes and a negative ddof are refused") {
    const auto of = [](std::int64_t frames, int ddof) {
        return test::message_of<roi::InvalidArgument>(
            [&] { (void)roi::variance(roi::Volume4D<float>(Shape(2, 2, 2), frames), {.ddof = ddof}); });
    };
    CHECK(of(0, 0) == "variance: with ddof 0 at least 1 volume is needed, found 0");
    CHECK(test::message_of<roi::InvalidArgument>([] {
              (void)roi::standard_deviation(roi::Volume4D<float>(Shape(2, 2, 2), 0));
          }) == "standard_deviation: with ddof 0 at least 1 volume is needed, found 0");
    CHECK(test::contains(of(1, 1), "with ddof 1 at least 2 volumes are needed, found 1"));
    CHECK(test::contains(of(3, -1), "found -1"));
    CHECK(roi::variance(roi::Volume4D<float>(Shape(2, 2, 2), 1))[7] == 0.0);
}

TEST_CASE("variance: brute force, the same bytes in memory, streamed, and for any number of threads") {
    test::Random random(test::seed());
    INFO("seed " << test::seed());
    for (const std::int64_t frames : {2, 15, 16, 17, 50}) {
        const auto run = test::random_run<float>(Shape(27, 13, 29), frames, random);
        const auto exact = test::converted<double>(run);
        const auto expected = roi::variance(run, {.ddof = 1});
        for (std::int64_t i = 0; i < expected.size(); ++i) {
            REQUIRE(expected[i] == Approx(direct_variance(exact, i, 1)).epsilon(1e-12));
        }
        for (const int threads : {1, 2, 5}) {
            INFO(frames << " volumes, " << threads << " threads");
            const test::Threads number(threads);
            CHECK(test::same_bytes(roi::variance(test::PlainSource<float>(run), {.ddof = 1}), expected));
            CHECK(test::same_bytes(roi::variance(exact, {.ddof = 1}), expected));
        }
    }
    const auto run = test::random_run<float>(Shape(9, 8, 7), 20, random);
    const roi::Fwhm fwhm(3.0);
    CHECK(test::same_bytes(roi::variance(roi::smooth(test::PlainSource<float>(run), fwhm)),
                           roi::variance(roi::smooth(run, fwhm))));
}

TEST_CASE("variance: progress is told on the calling thread") {
    std::vector<std::int64_t> done;
    const roi::Volume4D<float> run(Shape(2, 2, 2), 40);
    (void)roi::variance(run, {.progress = [&](std::int64_t now, std::int64_t total) {
                            CHECK(total == 40);
                            done.push_back(now);
                        }});
    REQUIRE_FALSE(done.empty());
    CHECK(done.back() == 40);
}

TEST_CASE("merge: means, variances and tests of runs that were scanned apart are those of one run") {
    test::Random random(test::seed());
    INFO("seed " << test::seed());
    for (int round = 0; round < 20; ++round) {
        const std::int64_t cut = 4 + static_cast<std::int64_t>(random() % 20), frames = 30;
        auto run = test::random_run<double>(test::random_shape(random), frames, random);
        for (double& value : run.frame(frames - 1).values()) value += 1000.0;  // another level
        if (round % 2 == 0) run(0, 0, 0, 0) = run(0, 0, 0, frames - 2) = std::nan("");
        const auto first = part(run, 0, cut), second = part(run, cut, frames);

        roi::Mean mean, other_mean;
        roi::scan(first, mean);
        roi::scan(second, other_mean);
        mean.merge(other_mean);
        roi::Variance variance({.ddof = 1}), other_variance({.ddof = 1});
        roi::scan(first, variance);
        roi::scan(second, other_variance);
        variance.merge(other_variance);
        const auto close = [](const roi::Volume<double>& merged, const roi::Volume<double>& whole) {
            for (std::int64_t i = 0; i < whole.size(); ++i) {
                if (std::isnan(whole[i])) {
                    REQUIRE(std::isnan(merged[i]));
                } else {
                    REQUIRE(merged[i] == Approx(whole[i]).epsilon(1e-11));
                }
            }
        };
        close(mean.result(), roi::mean(run));
        close(variance.result(), roi::variance(run, {.ddof = 1}));

        // Even volumes against odd ones, with values left out.
        const auto even = [](std::int64_t from, std::int64_t to) {
            std::vector<bool> chosen;
            for (std::int64_t t = from; t < to; ++t) chosen.push_back(t % 2 == 0);
            return roi::Selection(chosen);
        };
        for (const auto policy : {roi::NanPolicy::propagate, roi::NanPolicy::omit}) {
            const roi::TTestOptions options{.nan_policy = policy};
            roi::TTestInd test(even(0, cut), !even(0, cut), options);
            roi::TTestInd other(even(cut, frames), !even(cut, frames), options);
            roi::scan(first, test);
            roi::scan(second, other);
            test.merge(other);
            const auto whole = roi::ttest_ind(run, even(0, frames), !even(0, frames), options);
            close(test.result().t, whole.t);
            close(test.result().df, whole.df);
            close(std::move(test).result().p, whole.p);
        }
    }
}

TEST_CASE("merge: smoothed means are weighed by their volumes") {
    test::Random random(test::seed());
    INFO("seed " << test::seed());
    const auto run = test::random_run<float>(Shape(6, 5, 4), 12, random);
    const roi::Fwhm fwhm(2.5);
    const auto scanned = [&](const roi::Volume4D<float>& volumes) {
        roi::Mean sink;
        roi::scan(roi::smooth(test::PlainSource<float>(volumes), fwhm), sink);
        return sink;
    };
    auto merged = scanned(part(run, 0, 3));
    merged.merge(scanned(part(run, 3, 12)));
    const auto expected = scanned(run).result();
    for (std::int64_t i = 0; i < expected.size(); ++i) {
        CHECK(merged.result()[i] == Approx(expected[i]).epsilon(1e-12));
    }
}

TEST_CASE("merge: other grids, other options and sinks that saw nothing are refused") {
    roi::Variance one, two, nothing;
    roi::scan(roi::Volume4D<float>(Shape(2, 2, 2), 3), one);
    roi::scan(roi::Volume4D<float>(Shape(2, 2, 3), 3), two);
    CHECK_THROWS_AS(one.merge(two), roi::GridMismatch);
    CHECK_THROWS_AS(one.merge(nothing), roi::InvalidArgument);
    roi::Mean mean, no_mean;
    roi::scan(roi::Volume4D<float>(Shape(2, 2, 2), 3), mean);
    CHECK_THROWS_AS(mean.merge(no_mean), roi::InvalidArgument);
    CHECK_THROWS_AS(no_mean.merge(mean), roi::InvalidArgument);
    const roi::Selection chosen({true, true, false, false});
    roi::TTestInd student(chosen, !chosen), welch(chosen, !chosen, {.equal_var = false});
    const roi::Volume4D<float> run(Shape(2, 2, 2), 4);
    roi::scan(run, student, welch);
    CHECK_THROWS_AS(student.merge(welch), roi::InvalidArgument);
}
