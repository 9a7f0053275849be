// Cleaning of runs in two passes: the same as of the matrix of all voxels, for every option.
#include <roi/signals/apply_mask.hpp>
#include <roi/signals/clean_run.hpp>
#include <roi/stream/collect.hpp>
#include <roi/stream/concat.hpp>

#include "catch.hpp"
#include "checks.hpp"
#include "sources.hpp"
#include "support.hpp"
#include <cmath>
#include <string>
#include <utility>
#include <vector>

namespace {

using roi::Standardize;

roi::Volume4D<double> noise(test::Random& random, std::int64_t frames, double level) {
    roi::Volume4D<double> run(roi::Shape(3, 4, 2), frames);
    std::normal_distribution<double> normal;
    for (std::int64_t t = 0; t < frames; ++t) {
        for (std::int64_t i = 0; i < run.grid().size(); ++i) {
            run.frame(t).data()[i] =
                level + static_cast<double>(i) + 0.2 * static_cast<double>(t) + normal(random);
        }
    }
    return run;
}

/// A run whose volumes are read from it as from a file.
auto source_of(const roi::Volume4D<double>& run) {
    std::vector<test::PlainSource<double>> one;
    one.emplace_back(run);
    return roi::concat(std::move(one));
}

Eigen::MatrixXd cleaned(const roi::Volume4D<double>& run, const roi::CleanOptions& options, int threads = 0) {
    auto source = roi::clean_run(run, source_of(run), options);
    roi::Collect<double> collect;
    roi::scan(source, collect, roi::ScanOptions{.threads = threads});
    return roi::apply_mask(collect.result(), roi::Mask(run.grid(), true), {.ensure_finite = false});
}

roi::Selection every(std::int64_t volumes, std::int64_t period, std::int64_t but = -1) {
    std::vector<bool> out(static_cast<std::size_t>(volumes));
    for (std::int64_t i = 0; i < volumes; ++i)
        out[static_cast<std::size_t>(i)] = (i % period == 0) != (but == 0);
    return roi::Selection(out);
}

}  // namespace

TEST_CASE("clean_run: what clean makes of all voxels, for all that it can be told") {
    test::Random random(test::seed());
    INFO("seed " << test::seed());
    for (int round = 0; round < 96; ++round) {
        const std::int64_t frames = 30 + round % 7;
        const auto run = noise(random, frames, round % 3 == 0 ? 1e4 : 0.0);
        roi::CleanOptions how;
        how.detrend = round % 2 == 0;
        how.standardize = round % 3 == 0   ? Standardize::none
                          : round % 3 == 1 ? Standardize::zscore_sample
                                           : Standardize::psc;
        if (round % 4 < 2) how.confounds = Eigen::MatrixXd::Random(frames, 3).array() + 0.5;
        how.standardize_confounds = round % 8 < 6;
        if (round % 5 == 0) {
            how.filter = roi::FrequencyFilter::cosine;
            how.high_pass = 0.02;
            how.t_r = roi::Seconds{2.0};
        }
        if (round % 7 < 2) how.sample_mask = every(frames, 5, 0);
        if (round % 6 < 2) {
            std::vector<std::string> names;
            for (std::int64_t t = 0; t < frames; ++t)
                names.push_back(t % 2 == round % 2 || t < 9 ? "a" : "b");
            how.runs = roi::Column(names);
        }
        if (how.standardize == Standardize::psc && round % 4 == 1) how.baseline = every(frames, 3);
        const Eigen::MatrixXd expected = roi::clean(roi::apply_mask(run, roi::Mask(run.grid(), true)), how);
        const auto found = cleaned(run, how);
        INFO("round " << round);
        REQUIRE(found.rows() == expected.rows());
        REQUIRE(found.cols() == expected.cols());
        const double scale = std::max(1.0, expected.cwiseAbs().maxCoeff());
        CHECK((found - expected).cwiseAbs().maxCoeff() < 1e-9 * scale);
        CHECK(cleaned(run, how, 3) == found);
        // The run in memory itself.
        const auto all = [&](auto source) {
            roi::Collect<double> collect;
            roi::scan(source, collect);
            return roi::apply_mask(collect.result(), roi::Mask(run.grid(), true), {.ensure_finite = false});
        };
        if (round < 12) {
            CHECK(all(roi::clean_run(run, run, how)) == found);
            CHECK(all(roi::clean_run(run, run.view(), how)) == found);
        }
    }
}

TEST_CASE("clean_run: the Butterworth filter, of series that are kept in a file") {
    test::Random random(test::seed());
    INFO("seed " << test::seed());
    for (int round = 0; round < 16; ++round) {
        const std::int64_t frames = 90 + round;
        auto run = noise(random, frames, round % 3 == 0 ? 1e4 : 0.0);
        roi::CleanOptions how;
        how.t_r = roi::Seconds{2.0};
        if (round % 4 != 1) how.low_pass = 0.1;
        if (round % 4 != 2) how.high_pass = 0.02;
        how.detrend = round % 2 == 0;
        how.standardize = round % 3 == 0   ? Standardize::none
                          : round % 3 == 1 ? Standardize::zscore_sample
                                           : Standardize::psc;
        if (round % 4 < 2) how.confounds = Eigen::MatrixXd::Random(frames, 3).array() + 0.5;
        if (round % 5 < 3) how.sample_mask = every(frames, 5, 0);
        how.extrapolate = round % 2 == 1;
        if (round % 6 < 2) {
            std::vector<std::string> names(static_cast<std::size_t>(frames), "a");
            std::fill(names.begin() + 44, names.end(), "b");
            how.runs = roi::Column(names);
        }
        const Eigen::MatrixXd expected = roi::clean(roi::apply_mask(run, roi::Mask(run.grid(), true)), how);
        const auto found = cleaned(run, how);
        INFO("round " << round);
        REQUIRE(found.rows() == expected.rows());
        CHECK((found - expected).cwiseAbs().maxCoeff() <=
              1e-12 * std::max(1.0, expected.cwiseAbs().maxCoeff()));
        CHECK(cleaned(run, how, 3) == found);
    }
    // NaN spoils its voxel, or is 0; both are said.
    auto run = noise(random, 40, 10.0);
    run.frame(5).data()[3] = std::nan("");
    std::vector<std::string> warnings;
    roi::CleanOptions how{.low_pass = 0.1, .t_r = roi::Seconds{2.0}};
    how.warning = [&](std::string_view line) { warnings.emplace_back(line); };
    auto spoilt = cleaned(run, how);
    CHECK(spoilt.array().isNaN().count() == 40);
    how.ensure_finite = true;
    CHECK(cleaned(run, how).allFinite());
    REQUIRE(warnings.size() == 2);
    CHECK(test::contains(warnings[0], "their voxels become NaN"));
    CHECK(test::contains(warnings[1], "they count as 0"));
    // More voxels than a block takes, the last block narrower; read again after the end.
    roi::detail::SeriesFile<float> file(10, 3, 12);
    CHECK(file.blocks() == 3);
    CHECK(file.width(2) == 2);
    for (int volume = 2; volume >= 0; --volume) {
        std::vector<float> values(10);
        for (int i = 0; i < 10; ++i)
            values[static_cast<std::size_t>(i)] = static_cast<float>(10 * volume + i);
        file.write_volume(volume, values);
    }
    CHECK(file.block(1) == std::vector<float>{4, 5, 6, 7, 14, 15, 16, 17, 24, 25, 26, 27});
    CHECK(file.block(2) == std::vector<float>{8, 9, 18, 19, 28, 29});
    file.put(2, {-1, -2});
    std::vector<float> first(10);
    file.read_volume(0, first);
    CHECK(first == std::vector<float>{0, 1, 2, 3, 4, 5, 6, 7, -1, -2});
    CHECK_THROWS_AS(file.read_volume(5, first), roi::FileError);
}

TEST_CASE("clean_run: runs one after the other, from several files") {
    test::Random random(test::seed());
    INFO("seed " << test::seed());
    const auto a = noise(random, 20, 100.0), b = noise(random, 25, 300.0);
    std::vector<std::string> names(45, "a");
    std::fill(names.begin() + 20, names.end(), "b");
    const auto both = roi::concat(a, b);
    const auto found =
        cleaned(both, {.detrend = true, .standardize = Standardize::psc, .runs = roi::Column(names)});
    const auto first = cleaned(a, {.detrend = true, .standardize = Standardize::psc});
    const auto second = cleaned(b, {.detrend = true, .standardize = Standardize::psc});
    CHECK(found.topRows(20) == first);
    CHECK(found.bottomRows(25) == second);
}

TEST_CASE("clean_run: voxels whose percent change means nothing are counted, as many as signals of clean") {
    test::Random random(test::seed());
    INFO("seed " << test::seed());
    const auto run = noise(random, 40, -9.0);
    const auto said = [](auto&& work, const roi::CleanOptions& options) {
        std::string out;
        auto how = options;
        how.warning = [&](std::string_view line) { out += line; };
        work(how);
        return out;
    };
    roi::CleanOptions detrended{.detrend = true, .standardize = Standardize::psc},
        plain = detrended, filtered = detrended, based = detrended;
    plain.detrend = false;
    filtered.high_pass = 0.02;
    filtered.t_r = roi::Seconds{2.0};
    based.baseline = every(40, 4);
    for (const auto& how : {detrended, plain, filtered, based}) {
        const auto of_run = said([&](const auto& options) { (void)cleaned(run, options); }, how);
        const auto of_matrix = said(
            [&](const auto& options) {
                (void)roi::clean(roi::apply_mask(run, roi::Mask(run.grid(), true)), options);
            },
            how);
        const auto count = [](const std::string& line) {
            const auto at = line.find("baseline of ") + 12;
            return line.substr(at, line.find(' ', at) - at);
        };
        INFO(of_run << " / " << of_matrix);
        CHECK(test::contains(of_run, " voxels is negative or small"));
        CHECK(test::contains(of_matrix, " signals (column 0, "));
        CHECK(count(of_run) == count(of_matrix));
    }
}

TEST_CASE("clean_run: voxels without a scale, NaN, and what is refused") {
    test::Random random(test::seed());
    auto run = noise(random, 12, 10.0);
    for (std::int64_t t = 0; t < 12; ++t) {
        run.frame(t).data()[0] = 0.1;
        run.frame(t).data()[1] = 3.0 + 0.25 * static_cast<double>(t);
        run.frame(t).data()[2] = 0.0;
    }
    run.frame(5).data()[3] = std::nan("");
    const auto of = [&](const roi::CleanOptions& how) {
        auto source = roi::clean_run(run, source_of(run), how);
        roi::Collect<double> collect;
        roi::scan(source, collect);
        return std::move(collect).result();
    };
    const auto z = of({.detrend = true, .standardize = Standardize::zscore_sample});
    for (std::int64_t t = 0; t < 12; ++t) {
        CHECK(z.frame(t).data()[0] == 0.0);
        CHECK(z.frame(t).data()[1] == 0.0);
        CHECK(std::isnan(z.frame(t).data()[3]));
    }
    std::string warning;
    const auto psc =
        of({.standardize = Standardize::psc, .ensure_finite = true, .warning = [&](std::string_view line) {
                warning = line;
            }});
    CHECK(psc.frame(4).data()[2] == 0.0);
    CHECK(psc.frame(5).data()[3] < 0.0);
    CHECK(test::contains(warning, "clean_run: the baseline of 1 voxels is 0"));
    const auto refused = [&](const roi::CleanOptions& how) {
        return test::message_of<roi::InvalidArgument>(
            [&] { (void)roi::clean_run(run, source_of(run), how); });
    };
    CHECK(test::contains(refused({.low_pass = 0.1, .t_r = roi::Seconds{2.0}}), "more than 18 volumes"));
    CHECK(test::contains(refused({.low_pass = 0.1}), "t_r"));
    CHECK(
        test::contains(refused({.confounds = Eigen::MatrixXd::Zero(3, 1)}), "`confounds` are for 3 volumes"));
    CHECK(test::contains(refused({.confounds = Eigen::MatrixXd::Random(12, 12)}), "leave nothing"));
}
