// Statistics of the values of a region: SciPy's and NumPy's numbers, none and NaN.
#include <roi/core/detail/instruction_set.hpp>
#include <roi/core/detail/sort_columns.hpp>
#include <roi/regions/region_statistic.hpp>

#include "catch.hpp"
#include "checks.hpp"
#include "support.hpp"
#include <algorithm>
#include <cmath>
#include <random>
#include <vector>

namespace {

const std::vector<double> ten{7, 1, 50, 3, 4, -20, 5, 6.5, 2, 9};
const double missing = std::nan("");

}  // namespace

TEST_CASE("region statistics: NumPy's numbers") {
    const std::vector<double> three{0, 3, 7};
    CHECK(roi::mean_of(three) == 3.3333333333333335);
    CHECK(roi::sum_of(three) == 10.0);
    CHECK(roi::median_of(three) == 3.0);
    CHECK(roi::min_of(three) == 0.0);
    CHECK(roi::max_of(three) == 7.0);
    CHECK(roi::count_of(three) == 3.0);
    CHECK(roi::std_of(three) == Approx(2.8674417556808756).epsilon(1e-15));
    CHECK(roi::variance_of(three) == Approx(8.222222222222221).epsilon(1e-15));
    CHECK(roi::median_of(ten) == 4.5);
    CHECK(roi::percentile_of(25)(ten) == 2.25);
    CHECK(roi::percentile_of(100)(ten) == 50.0);
}

TEST_CASE("region statistics: one value, equal values, none") {
    const std::vector<double> one{2.5}, equal(7, 0.1), none;
    CHECK(roi::std_of(one) == 0.0);
    CHECK(roi::variance_of(equal) == 0.0);
    CHECK(roi::median_of(one) == 2.5);
    CHECK(roi::sum_of(none) == 0.0);
    CHECK(roi::count_of(none) == 0.0);
    for (const auto& statistic : {roi::mean_of, roi::std_of, roi::variance_of, roi::min_of, roi::max_of,
                                  roi::median_of, roi::trimmed_mean_of(0.1)}) {
        INFO(statistic.name());
        CHECK(std::isnan(statistic(none)));
    }
}

TEST_CASE("region statistics: NaN anywhere makes all but the count NaN") {
    for (std::size_t place = 0; place < 5; ++place) {
        std::vector<double> values{4, 1, 5, 2, 3};
        values[place] = missing;
        for (const auto& statistic : {roi::mean_of, roi::sum_of, roi::std_of, roi::variance_of, roi::min_of,
                                      roi::max_of, roi::median_of, roi::percentile_of(0),
                                      roi::trimmed_mean_of(0.2), roi::winsorized_mean_of(0.2, 0.2)}) {
            INFO(statistic.name() << " at " << place);
            CHECK(std::isnan(statistic(values)));
        }
        CHECK(roi::count_of(values) == 5.0);
    }
}

TEST_CASE("region statistics: trimmed means are SciPy's") {
    CHECK(roi::trimmed_mean_of(0)(ten) == 6.75);
    CHECK(roi::trimmed_mean_of(0.1)(ten) == 4.6875);
    CHECK(roi::trimmed_mean_of(0.2)(ten) == Approx(4.583333333333333).epsilon(1e-15));
    CHECK(roi::trimmed_mean_of(0.45)(ten) == 4.5);
    CHECK(roi::trimmed_mean_of(0.5)(ten) == 4.5);  // all is left out: the median
    std::vector<double> squares;
    for (int i = 0; i < 100; ++i) squares.push_back(i * i);
    // int(0.29 * 100) is 28; whole percents cut whole percents here.
    double sum = 0.0;
    for (int i = 29; i < 71; ++i) sum += i * i;
    CHECK(roi::trimmed_mean_of(0.29)(squares) == Approx(sum / 42).epsilon(1e-15));
    CHECK_THROWS_AS(roi::trimmed_mean_of(0.51), roi::InvalidArgument);
    CHECK_THROWS_AS(roi::trimmed_mean_of(missing), roi::InvalidArgument);
}

TEST_CASE("region statistics: winsorized means are SciPy's") {
    CHECK(roi::winsorized_mean_of(0.1, 0.1)(ten) == Approx(4.75).epsilon(1e-15));
    CHECK(roi::winsorized_mean_of(0.2, 0.2)(ten) == Approx(4.55).epsilon(1e-15));
    CHECK(roi::winsorized_mean_of(0.1, 0.25)(ten) == Approx(4.35).epsilon(1e-15));
    CHECK(roi::winsorized_mean_of(0.5, 0.5)(ten) == 5.0);
    CHECK(roi::winsorized_mean_of(0, 0)(ten) == 6.75);
    CHECK_THROWS_AS(roi::winsorized_mean_of(0.6, 0.6), roi::InvalidArgument);
    CHECK_THROWS_AS(roi::winsorized_mean_of(-0.1, 0), roi::InvalidArgument);
}

TEST_CASE("region statistics: by name, of one's own, over time") {
    CHECK(roi::region_statistic("median")(ten) == 4.5);
    CHECK(roi::region_statistic("trimmed_mean")(ten) == roi::trimmed_mean_of(0.1)(ten));
    CHECK(roi::region_statistic("winsorized_mean")(ten) == roi::winsorized_mean_of(0.1, 0.1)(ten));
    const auto message =
        test::message_of<roi::InvalidArgument>([] { (void)roi::region_statistic("average"); });
    CHECK(test::contains(message, "\"average\""));
    CHECK(test::contains(message, "mean, sum, std, variance, min, max, median, count"));

    const roi::RegionStatistic range(
        "range", [](std::span<const double> values) { return roi::max_of(values) - roi::min_of(values); });
    CHECK(range(ten) == 70.0);
    CHECK(range.over(ten, 5) == std::vector<double>{49.0, 29.0});

    const auto last =
        roi::RegionStatistic::over_time("last", [](std::span<const double> values, std::int64_t voxels) {
            return std::vector<double>(values.size() / static_cast<std::size_t>(voxels), values.back());
        });
    CHECK(last.looks_over_time());
    CHECK(last.over(ten, 2) == std::vector<double>(5, 9.0));
    CHECK(test::contains(test::message_of<roi::InvalidArgument>([&] { (void)last(ten); }), "whole run"));
    CHECK_THROWS_AS(roi::RegionStatistic("none", nullptr), roi::InvalidArgument);
}

TEST_CASE("region statistics: the order of the values does not show in what is ordered") {
    test::Random random(test::seed());
    INFO("seed " << test::seed());
    for (int round = 0; round < 200; ++round) {
        std::vector<double> values(1 + random() % 40);
        for (double& value : values) value = std::normal_distribution<double>()(random);
        auto sorted = values;
        std::sort(sorted.begin(), sorted.end());
        const auto half = sorted.size() / 2;
        const double median = sorted.size() % 2 == 1 ? sorted[half] : (sorted[half - 1] + sorted[half]) / 2.0;
        CHECK(roi::median_of(values) == median);
        CHECK(roi::min_of(values) == sorted.front());
        CHECK(roi::max_of(values) == sorted.back());
        CHECK(roi::trimmed_mean_of(0.2)(values) == roi::trimmed_mean_of(0.2)(sorted));
    }
}

TEST_CASE("region statistics: four volumes at once, as they are and sorted, are those of each alone") {
    test::Random random(test::seed());
    INFO("seed " << test::seed());
    const std::vector<roi::RegionStatistic> all{roi::mean_of,
                                                roi::sum_of,
                                                roi::std_of,
                                                roi::variance_of,
                                                roi::min_of,
                                                roi::max_of,
                                                roi::median_of,
                                                roi::count_of,
                                                roi::trimmed_mean_of(0.1),
                                                roi::trimmed_mean_of(0.5),
                                                roi::winsorized_mean_of(0.1, 0.25),
                                                roi::winsorized_mean_of(0.5, 0.5),
                                                roi::winsorized_mean_of(0.9, 0.1)};
    for (std::size_t size = 1; size < 70; ++size) {
        std::vector<double> together(4 * size);
        // With many equal ones in some rounds.
        for (double& value : together)
            value = size % 2 == 0 ? static_cast<double>(random() % 5)
                                  : std::normal_distribution<double>()(random);
        auto sorted = together;
        roi::detail::sort_columns<4>(sorted.data(), size);
        roi::detail::force_instruction_set(roi::detail::InstructionSet::baseline);
        auto plainly = together;
        roi::detail::sort_columns<4>(plainly.data(), size);
        roi::detail::force_instruction_set(roi::detail::InstructionSet::best);
        CHECK(plainly == sorted);
        for (std::size_t k = 0; k < 4; ++k) {
            std::vector<double> own;
            for (std::size_t i = 0; i < size; ++i) own.push_back(together[4 * i + k]);
            for (const auto& statistic : all) {
                INFO(statistic.name() << " of " << size);
                const double expected = statistic(own);
                if (statistic.of_four()) CHECK(statistic.of_four()(together)[k] == expected);
                if (statistic.of_sorted_four()) CHECK(statistic.of_sorted_four()(sorted)[k] == expected);
                CHECK((statistic.of_four() || statistic.of_sorted_four()));
            }
            std::sort(own.begin(), own.end());
            for (std::size_t i = 0; i < size; ++i) REQUIRE(sorted[4 * i + k] == own[i]);
        }
    }
    const std::vector<double> with_nan{1, 2, 3, 4, 5, std::nan(""), 7, 8, 0, 0, 0, 0};
    for (const auto& statistic : {roi::min_of, roi::max_of, roi::std_of}) {
        const auto found = statistic.of_four()(with_nan);
        CHECK(std::isnan(found[1]));
        CHECK(std::isfinite(found[0]));
        CHECK(std::isfinite(found[3]));
    }
}
