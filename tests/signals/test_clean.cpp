// Cleaning: nilearn's and scipy's numbers, the order of steps, runs, censored volumes, what is refused.
#include <roi/signals/clean.hpp>
#include <roi/signals/clean_run.hpp>
#include <roi/signals/confounds.hpp>

#include "catch.hpp"
#include "checks.hpp"
#include "support.hpp"
#include <cmath>
#include <cstdint>
#include <limits>
#include <string>
#include <string_view>
#include <vector>

namespace {

using Values = std::vector<double>;
using roi::Standardize;

const Values s40{100, 103, 99,  104, 108, 101, 97,  105, 110, 102, 96,  107, 111, 98,
                 95,  106, 112, 100, 94,  109, 113, 99,  97,  108, 101, 104, 96,  110,
                 107, 98,  103, 95,  112, 100, 106, 99,  97,  111, 105, 102};
const Values c40{.1, -.2, .3,  0,  .5, -.4, .2, .1, -.3, .6, -.1, .2,  0,  .4, -.5, .3, -.2, .1,  .7, -.6,
                 .2, 0,   -.1, .3, .4, -.3, .2, .1, -.2, .5, 0,   -.4, .3, .1, -.1, .2, .6,  -.5, 0,  .2};

Eigen::MatrixXd first(const Values& values, Eigen::Index n) {
    return Eigen::Map<const Eigen::MatrixXd>(values.data(), n, 1);
}
const Eigen::MatrixXd s24 = first(s40, 24), c24 = first(c40, 24);

/// The rows from `row` on are these.
void check(const Eigen::MatrixXd& found, Eigen::Index row, const Values& expected, double tolerance = 1e-11) {
    REQUIRE(found.rows() >= row + static_cast<Eigen::Index>(expected.size()));
    for (std::size_t i = 0; i < expected.size(); ++i) {
        INFO("row " << row + static_cast<Eigen::Index>(i));
        CHECK(found(row + static_cast<Eigen::Index>(i), 0) ==
              Approx(expected[i]).epsilon(tolerance).margin(1e-12));
    }
}

roi::Selection without(std::int64_t volumes, const std::vector<std::size_t>& dropped) {
    std::vector<bool> chosen(static_cast<std::size_t>(volumes), true);
    for (const auto frame : dropped) chosen[frame] = false;
    return roi::Selection(chosen);
}

std::string failure(const roi::CleanOptions& options, const Eigen::MatrixXd& signals = s24) {
    return test::message_of<roi::InvalidArgument>([&] { (void)roi::clean(signals, options); });
}

}  // namespace

TEST_CASE("clean: what a confound explains to rounding is 0 as a z score, whatever its mean") {
    const Eigen::MatrixXd c = first({100.1, 99.6, 100.3, 100.2, 99.9}, 5);
    const auto zero = [](const Eigen::MatrixXd& values) { return values.cwiseAbs().maxCoeff() == 0.0; };
    for (const bool detrend : {false, true}) {
        for (const double factor : {2.0, -1.7, 1e-9, 3e12}) {
            for (const double mean : {0.0, 5.0, 1e6}) {
                const Eigen::MatrixXd confound = (c.array() + mean).matrix(), y = factor * confound;
                INFO(factor << " times, mean " << mean << ", detrend " << detrend);
                CHECK(zero(roi::clean(
                    y,
                    {.detrend = detrend, .standardize = Standardize::zscore_sample, .confounds = confound})));
            }
        }
    }
    // Of two that differ by a millionth something is left, and it is what was added.
    Eigen::MatrixXd y = 2.0 * c;
    y(1, 0) += 1e-6;
    const auto found = roi::clean(y, {.standardize = Standardize::zscore_sample, .confounds = c});
    CHECK(std::abs(found.col(0).norm() - 2.0) < 1e-9);
    CHECK(found(1, 0) > 0.5);
}

TEST_CASE("clean: trends and scales") {
    check(roi::clean(s24), 0, {100, 103, 99});
    check(roi::clean(s24, {.detrend = true}), 0,
          {-2.193333333333329, 0.7292753623188452, -3.348115942028981});
    check(roi::clean(s24, {.standardize = Standardize::zscore_sample}), 0,
          {-0.5378626354627867, -0.014536827985479915, -0.7123045712885555});
    check(roi::clean(s24, {.standardize = Standardize::psc}), 0,
          {-2.991107518189163, -0.08084074373483777, -3.9611964430072715});
    const Eigen::MatrixXd five = first({1, 2, 4, 8, 16}, 5);
    check(roi::clean(five, {.detrend = true}), 0, {2, -0.6, -2.2, -1.8, 2.6});
    check(
        roi::clean(five, {.detrend = true, .standardize = Standardize::psc}), 0,
        {32.25806451612904, -9.677419354838705, -35.48387096774193, -29.032258064516114, 41.93548387096777});
    check(roi::clean(five, {.standardize = Standardize::psc}), 0, {-83.87096774193549});
    check(roi::clean(first({-100, -103, -99, -104}, 4), {.standardize = Standardize::psc}), 0,
          {1.477832512315271});
}

TEST_CASE("clean: series that cannot be scaled, and one volume") {
    std::vector<std::string> warnings;
    const roi::WarningHandler warning = [&](std::string_view line) { warnings.emplace_back(line); };
    const auto scaled = [&](const Values& values, Standardize how) {
        return roi::clean(first(values, static_cast<Eigen::Index>(values.size())),
                          {.detrend = values.size() == 1, .standardize = how, .warning = warning});
    };
    check(scaled({0.1, 0.1, 0.1}, Standardize::zscore_sample), 0, {0, 0, 0});
    CHECK(warnings.empty());
    check(scaled({-1, 0, 1}, Standardize::psc), 0, {0, 0, 0});
    REQUIRE(warnings.size() == 1);
    CHECK(test::contains(warnings[0], "the baseline of column 0 is 0"));
    check(scaled({5}, Standardize::psc), 0, {5});
    CHECK(warnings.size() == 3);
    // A trend and nothing else: what is left is rounding noise, and is not blown up to 1.
    Values line;
    for (int i = 0; i < 20; ++i) line.push_back(1000.1 + 0.3 * i);
    const auto flat =
        roi::clean(first(line, 20), {.detrend = true, .standardize = Standardize::zscore_sample});
    CHECK(flat.cwiseAbs().maxCoeff() == 0.0);
}

TEST_CASE("clean: percent change from a baseline") {
    const auto only = [](std::int64_t volumes, const std::vector<std::size_t>& chosen) {
        std::vector<bool> out(static_cast<std::size_t>(volumes));
        for (const auto frame : chosen) out[frame] = true;
        return roi::Selection(out);
    };
    const roi::CleanOptions how{.standardize = Standardize::psc, .baseline = only(5, {0, 2})};
    check(roi::clean(first({1, 2, 3, 8, 16}, 5), how), 0, {-50, 0, 50, 300, 700});
    check(roi::clean(first({-1, -2, -3, -8, -16}, 5), how), 0, {50, 0, -50, -300, -700});
    // All volumes are what is meant without a word.
    const roi::CleanOptions all{.standardize = Standardize::psc, .baseline = only(24, [] {
                                                                     std::vector<std::size_t> every(24);
                                                                     for (std::size_t i = 0; i < 24; ++i)
                                                                         every[i] = i;
                                                                     return every;
                                                                 }())};
    CHECK((roi::clean(s24, all) - roi::clean(s24, {.standardize = Standardize::psc})).cwiseAbs().maxCoeff() <
          1e-12);
    // After a trend was taken away the baseline is a part of what is left with the mean put back.
    const auto flat = roi::clean(first({10, 13, 12, 15, 14, 17}, 6), {.detrend = true});
    const double mean = 13.5, base = mean + (flat(0, 0) + flat(1, 0)) / 2;
    const auto found =
        roi::clean(first({10, 13, 12, 15, 14, 17}, 6),
                   {.detrend = true, .standardize = Standardize::psc, .baseline = only(6, {0, 1})});
    check(found, 0, {100 * (flat(0, 0) + mean - base) / base});
    CHECK(found(0, 0) == Approx(-found(1, 0)));
    // Volumes that are censored count for nothing, and every run has its own.
    auto censored = how;
    censored.sample_mask = without(5, {0});
    check(roi::clean(first({1, 2, 3, 8, 16}, 5), censored), 0, {100 * (2.0 - 3) / 3, 0});
    auto runs = how;
    runs.runs = roi::Column({"a", "a", "b", "b", "b"});
    check(roi::clean(first({1, 2, 4, 8, 16}, 5), runs), 0, {0, 100, 0, 100, 300});
    runs.runs = roi::Column({"a", "a", "a", "b", "b"});
    CHECK(test::contains(failure(runs, first({1, 2, 4, 8, 16}, 5)), "run \"b\" is one of it"));
    CHECK(test::contains(failure({.baseline = only(24, {1})}), "standardize psc"));
    CHECK(
        test::contains(failure({.standardize = Standardize::psc, .baseline = only(23, {1})}), "23 volumes"));
}

TEST_CASE("clean: confounds") {
    check(roi::clean(s24, {.confounds = c24}), 0,
          {100.07280701754387, 102.41754385964913, 99.50964912280702});
    check(roi::clean(s24, {.confounds = c24, .standardize_confounds = false}), 0,
          {93.9621212121212, 115.07575757575758, 80.88636363636363});
    check(roi::clean(s24, {.detrend = true, .standardize = Standardize::zscore_sample, .confounds = c24}), 0,
          {-0.3777670632349025, 0.024275974880160884, -0.5049009792467667});
    const Eigen::MatrixXd five = first({1, 2, 4, 8, 16}, 5), two = first({0, 1, 0, 1, 0}, 5);
    check(roi::clean(five, {.confounds = two}), 0, {0.2, 3.2, 3.2, 9.2, 15.2});
    check(roi::clean(five, {.confounds = two, .standardize_confounds = false}), 0, {1, -3, 4, 3, 16});
    // A constant takes nothing away when it is standardised, the mean when not.
    const Eigen::MatrixXd constant = Eigen::MatrixXd::Constant(5, 1, 3.0);
    check(roi::clean(five, {.confounds = constant}), 0, {1, 2, 4, 8, 16});
    check(roi::clean(five, {.confounds = constant, .standardize_confounds = false}), 0, {-5.2, -4.2});

    CHECK(test::contains(failure({.confounds = Eigen::MatrixXd::Random(24, 24)}),
                         "leave nothing of 24 volumes"));
    // A trend counts with them: of 24 volumes 22 confounds leave one direction, or none beside a slope.
    const Eigen::MatrixXd many = Eigen::MatrixXd::Random(24, 22);
    CHECK(test::contains(failure({.detrend = true, .confounds = many}),
                         "22 independent confounds beside a trend"));
    CHECK(roi::clean(s24, {.confounds = many}).allFinite());
    CHECK(roi::clean(s24, {.detrend = true, .confounds = many.leftCols(21)}).norm() > 1e-6);
    CHECK(test::contains(failure({.confounds = Eigen::MatrixXd::Zero(23, 1)}),
                         "`confounds` are for 23 volumes"));
    CHECK(test::contains(failure({.confounds = Eigen::MatrixXd::Constant(24, 1, std::nan(""))}), "NaN"));
}

TEST_CASE("clean: Butterworth as scipy's sosfiltfilt") {
    const roi::Seconds two{2.0};
    const auto low = roi::clean(s24, {.low_pass = .1, .t_r = two});
    check(low, 0,
          {99.986281016058, 101.22128646456989, 102.66092523343227, 103.5857741055917, 103.29023075550836,
           102.43934845905348, 102.37205455712623});
    check(low, 21, {102.7624711541948, 103.75110125639733, 108.00278754625015});
    const auto high = roi::clean(s24, {.high_pass = .02, .t_r = two});
    check(high, 0, {-0.010963245065039429, 2.4071010925160774, -2.1307186652795274}, 1e-10);
    check(high, 22, {-10.12578219360315, 0.05922683812150975}, 1e-10);
    const auto band = roi::clean(first(s40, 40), {.low_pass = .1, .high_pass = .02, .t_r = two});
    check(
        band, 0,
        {0.0053975195098333595, 0.894644202443138, 1.7182774363531081, 1.99209628248764, 1.3753083654746439},
        1e-10);
    check(band, 37, {2.982974746413625, 3.289081571017296, -0.14252697740200415}, 1e-10);
    const auto all = roi::clean(first(s40, 40), {.detrend = true,
                                                 .standardize = Standardize::zscore_sample,
                                                 .confounds = first(c40, 40),
                                                 .low_pass = .1,
                                                 .high_pass = .02,
                                                 .t_r = two});
    check(all, 0, {-0.09623032624030031, 0.521024340029407, 1.3170457348826157}, 1e-9);
    check(all, 37, {0.9249189788298187, 1.2591003182874372, -0.271303193755441}, 1e-9);

    const auto few = [&](Eigen::Index n, const roi::CleanOptions& options) {
        return failure(options, first(s40, n));
    };
    CHECK(test::contains(few(18, {.low_pass = .1, .t_r = two}), "more than 18 volumes"));
    CHECK(roi::clean(first(s40, 19), {.low_pass = .1, .t_r = two}).rows() == 19);
    CHECK(test::contains(few(33, {.low_pass = .1, .high_pass = .02, .t_r = two}), "more than 33 volumes"));
    CHECK(roi::clean(first(s40, 34), {.low_pass = .1, .high_pass = .02, .t_r = two}).rows() == 34);
    CHECK(test::contains(failure({.low_pass = .1}), "`t_r`"));
    CHECK(test::contains(failure({.low_pass = .25, .t_r = two}), "below 0.25 Hz"));
    CHECK(test::contains(failure({.high_pass = -1, .t_r = two}), "high_pass"));
    CHECK(test::contains(failure({.high_pass = 0, .t_r = two}), "high_pass"));
    CHECK(
        test::contains(failure({.low_pass = .05, .high_pass = .05, .t_r = two}), "must be below `low_pass`"));
}

TEST_CASE("clean: cosines") {
    const roi::Seconds two{2.0};
    const auto cosine = roi::FrequencyFilter::cosine;
    check(roi::clean(s24, {.filter = cosine, .high_pass = .02, .t_r = two}), 0,
          {100.68504649545186, 103.67332515998392, 99.65008304434762});
    CHECK(roi::detail::cosine_drifts(24, 1.0 / 96.0, 2.0).cols() == 1);
    CHECK(roi::detail::cosine_drifts(24, .0104166, 2.0).cols() == 0);
    CHECK(roi::detail::cosine_drifts(24, 1.0 / 48.0, 2.0).cols() == 2);
    CHECK(roi::detail::cosine_drifts(121, 0.01, 2.5).cols() == 6);
    CHECK(roi::detail::cosine_drifts(121, 0.008, 2.5).cols() == 4);
    std::vector<std::string> warnings;
    const roi::WarningHandler warning = [&](std::string_view line) { warnings.emplace_back(line); };
    check(roi::clean(s24,
                     {.filter = cosine, .low_pass = .1, .high_pass = .001, .t_r = two, .warning = warning}),
          0, {100, 103, 99});
    REQUIRE(warnings.size() == 2);
    CHECK(test::contains(warnings[0], "`low_pass` is ignored"));
    CHECK(test::contains(warnings[1], "nothing is filtered"));
    // A confound that is such a cosine already: none is added.
    const Eigen::MatrixXd drift = roi::detail::cosine_drifts(24, .02, 2.0).col(0);
    CHECK(roi::clean(s24, {.confounds = drift, .filter = cosine, .high_pass = .02, .t_r = two}) ==
          roi::clean(s24, {.confounds = drift}));
}

TEST_CASE("clean: censored volumes") {
    const roi::Seconds two{2.0};
    const auto z =
        roi::clean(s24, {.standardize = Standardize::zscore_sample, .sample_mask = without(24, {5, 6, 12})});
    CHECK(z.rows() == 21);
    check(z, 0, {-0.5421865112850002, -0.01668266188569346});

    Eigen::MatrixXd filled = s24;
    std::vector<Eigen::Index> kept;
    for (Eigen::Index i = 0; i < 24; ++i) {
        if (i != 5 && i != 6 && i != 12) kept.push_back(i);
    }
    filled(5, 0) = filled(6, 0) = filled(12, 0) = 1e9;
    roi::detail::fill_by_splines(filled, kept);
    check(filled, 5, {106.48378941061179, 103.60885257006157});
    check(filled, 12, {106.75105344294508});
    const auto low = roi::clean(s24, {.low_pass = .1, .t_r = two, .sample_mask = without(24, {5, 6, 12})});
    CHECK(low.rows() == 21);
    check(low, 0, {99.98625646596092, 100.58834023831048});
    check(low, 20, {108.00227030091106});

    // nilearn's own numbers here suffer from what the next check is about; these are scipy's.
    const auto ends = without(24, {0, 1, 23});
    check(roi::clean(s24, {.low_pass = .1, .t_r = two, .sample_mask = ends}), 0,
          {99.00062099712113, 103.2196222084257, 104.39294501006134});
    check(roi::clean(s24, {.low_pass = .1, .t_r = two, .sample_mask = ends, .extrapolate = true}), 0,
          {100.47495967952122});
    // nilearn fills neither of two that lie alike from both ends.
    check(roi::clean(s24, {.low_pass = .1, .t_r = two, .sample_mask = without(24, {5, 18})}), 0,
          {99.9885163244299, 101.17683194842573});

    CHECK(roi::sample_mask({0, 1, 2}, 24).indices() == std::vector<std::int64_t>{0, 1, 2});
    CHECK(roi::sample_mask({1, 0, 1}, 3).indices() == std::vector<std::int64_t>{0, 2});
    CHECK(roi::sample_mask({0, 1}, 24).indices() == std::vector<std::int64_t>{0, 1});
    CHECK(roi::sample_mask({1}, 24).indices() == std::vector<std::int64_t>{1});
    const auto mask_failure = [](const Values& list) {
        return test::message_of<roi::InvalidArgument>([&] { (void)roi::sample_mask(list, 24); });
    };
    for (const std::size_t length : {std::size_t{2}, std::size_t{23}, std::size_t{25}})
        CHECK(test::contains(mask_failure(Values(length, 1.0)), "one 0 or 1 for each of 24 volumes"));
    CHECK(test::contains(mask_failure({1, 0, 1}), "one 0 or 1 for each of 24 volumes, found 3"));
    CHECK(test::contains(mask_failure({2, 2, 5}), "found 2 after 2"));
    CHECK(test::contains(mask_failure({7, 2}), "found 2 after 7"));
    for (const Values& wrong : {Values{24}, Values{-1}, Values{0.5}, Values{}, Values{std::nan("")}}) {
        CHECK_THROWS_AS(roi::sample_mask(wrong, 24), roi::InvalidArgument);
    }
    CHECK(test::contains(failure({.sample_mask = roi::Selection(std::vector<bool>(24, false))}),
                         "keeps no volume"));
    CHECK(test::contains(failure({.sample_mask = without(23, {})}), "23 volumes"));
}

TEST_CASE("clean: splines through few volumes, and through cubics exactly") {
    Eigen::MatrixXd values(9, 1);
    const auto fill = [&](const std::vector<Eigen::Index>& kept, auto function) {
        values.setConstant(1e9);
        for (const auto row : kept) values(row, 0) = function(static_cast<double>(row));
        roi::detail::fill_by_splines(values, kept);
        for (Eigen::Index row = 0; row < 9; ++row) {
            CHECK(values(row, 0) == Approx(function(static_cast<double>(row))).epsilon(1e-11).margin(1e-9));
        }
    };
    fill({4}, [](double) { return 3.5; });
    fill({1, 6}, [](double x) { return 2 * x - 1; });
    fill({0, 3, 8}, [](double x) { return x * x - 3 * x; });
    fill({0, 2, 5, 8}, [](double x) { return x * x * x - x * x + 4; });
    fill({1, 2, 3, 5, 6, 7}, [](double x) { return 2 - x * x * x; });
}

TEST_CASE("clean: runs are cleaned apart, and rows keep their order") {
    std::vector<std::string> names(24, "a");
    std::fill(names.begin() + 12, names.end(), "b");
    const auto z = roi::clean(s24, {.standardize = Standardize::zscore_sample, .runs = roi::Column(names)});
    check(z, 0, {-0.6122637337448734, 0.07653296671810794});
    check(z, 12, {1.0674749469804614});
    check(roi::clean(s24, {.confounds = c24, .standardize_confounds = false, .runs = roi::Column(names)}), 0,
          {90.67272727272727});
    // Interleaved: every second volume is of the other run.
    std::vector<std::string> woven;
    Eigen::MatrixXd mixed(24, 1);
    for (Eigen::Index i = 0; i < 24; ++i) {
        woven.push_back(i % 2 == 0 ? "a" : "b");
        mixed(i, 0) = s24(i / 2 + (i % 2) * 12, 0);
    }
    const auto apart =
        roi::clean(mixed, {.standardize = Standardize::zscore_sample, .runs = roi::Column(woven)});
    for (Eigen::Index i = 0; i < 24; ++i) CHECK(apart(i, 0) == z(i / 2 + (i % 2) * 12, 0));
}

TEST_CASE("clean: joined runs as nilearn's signal.clean(runs=...) has them") {
    std::vector<std::string> names(40, "1");
    std::fill(names.begin() + 20, names.end(), "2");
    Eigen::MatrixXd two(40, 2);
    for (Eigen::Index i = 0; i < 40; ++i) {
        const auto t = static_cast<double>(i);
        two(i, 0) = s40[static_cast<std::size_t>(i)];
        two(i, 1) = 50.0 + 0.5 * t + 10.0 * std::sin(t);
    }
    const roi::CleanOptions runs{.runs = roi::Column(names, "chunks")};
    struct Row {
        Eigen::Index row;
        double first, second;
    };
    const auto is = [&](const roi::CleanOptions& how, const std::vector<Row>& rows) {
        const auto found = roi::clean(two, how);
        for (const auto& row : rows) {
            INFO("row " << row.row);
            CHECK(found(row.row, 0) == Approx(row.first).epsilon(1e-10));
            CHECK(found(row.row, 1) == Approx(row.second).epsilon(1e-10));
        }
    };
    auto how = runs;
    how.standardize = Standardize::psc;
    is(how, {{0, -2.7710257656781665, -8.746865389346588},
             {1, 0.1458434613514883, 7.523038966286758},
             {19, 5.979581915410798, 11.326583224366061},
             {20, 9.549200193892384, 5.890489177265136},
             {39, -1.1148812409112996, 21.221221101700767}});
    how.detrend = true;
    is(how, {{0, -2.1945968470032597, -4.357977621076463},
             {1, 0.6615956517448245, 11.449938548423193},
             {19, 5.4031529967358916, 6.937695456095935},
             {20, 9.292985250328915, 11.947600975270825},
             {39, -0.8586662973478295, 15.164109303695131}});
    how.standardize = Standardize::zscore_sample;
    is(how, {{0, -0.4099582487021144, -0.3458335726831091},
             {1, 0.12358834612771939, 0.9086263169532113},
             {19, 1.009327586994446, 0.5505507862558426},
             {20, 1.7000829309707706, 1.0586123078239376},
             {39, -0.15708664935944527, 1.3436097153985571}});
    auto low = runs;
    low.detrend = true;
    low.confounds = first(c40, 40);
    low.low_pass = 0.1;
    low.t_r = roi::Seconds{2.0};
    is(low, {{0, -2.1845411509312473, -2.1576766087499273},
             {1, -1.150493572952161, 5.692132963845926},
             {19, 1.9045051282039878, -6.548457283687237},
             {20, 9.88607766740673, 7.469813306141571},
             {39, -0.4297998791213155, 9.383897317320898}});
    auto cosine = runs;
    cosine.standardize = Standardize::zscore_sample;
    cosine.filter = roi::FrequencyFilter::cosine;
    cosine.high_pass = 0.03;
    cosine.t_r = roi::Seconds{2.0};
    is(cosine, {{0, -0.3237873936354627, -0.3829790796008699},
                {1, 0.20923732128782735, 0.9075629591462637},
                {19, 1.1635133711589722, 0.5615777438170326},
                {20, 1.587340503763093, 0.8364342106624887},
                {39, -0.3259917725396009, 1.2669440313804368}});
}

TEST_CASE("clean: percent change beside a trend and a filter is nilearn's") {
    roi::CleanOptions how{
        .detrend = true, .standardize = Standardize::psc, .low_pass = 0.1, .t_r = roi::Seconds{2.0}};
    const auto low = roi::clean(first(s40, 40), how);
    check(low, 0, {-2.6041217153147107, -1.4199555061406188, -0.04275376690611067});
    check(low, 20, {2.1892091564885767});
    how.high_pass = 0.02;
    const auto band = roi::clean(first(s40, 40), how);
    check(band, 0, {-0.2181265397011787, 0.6434142639233354, 1.4414605456923006});
    check(band, 20, {1.5328342697035058});
}

TEST_CASE("clean: percent change after a high pass is a part of the mean before it, however small that is") {
    for (const double mean : {100.0, 0.4, -0.4, 1e-3}) {
        INFO("mean " << mean);
        const Eigen::MatrixXd y = (first(s40, 40).array() - first(s40, 40).mean() + mean).matrix();
        for (const bool detrend : {false, true}) {
            roi::CleanOptions how{.detrend = detrend, .high_pass = 0.02, .t_r = roi::Seconds{2.0}};
            const Eigen::MatrixXd filtered = roi::clean(y, how);
            how.standardize = Standardize::psc;
            const Eigen::MatrixXd found = roi::clean(y, how);
            // nilearn's, which adds what the filter leaves of the mean, but where it takes that for the mean.
            const double left = filtered.mean();
            const double all = detrend || std::abs(left) < 0.1 * std::abs(mean) ? mean + left : mean;
            for (Eigen::Index i = 0; i < 40; ++i)
                CHECK(found(i, 0) == Approx(100.0 * (filtered(i, 0) - left) / std::abs(all)).epsilon(1e-9));
            // Beside a baseline of some volumes, too.
            std::vector<bool> some(40, false);
            for (std::size_t i = 0; i < 10; ++i) some[i] = true;
            how.baseline = roi::Selection(some);
            const double base = all + filtered.col(0).head(10).mean() - left;
            CHECK(roi::clean(y, how)(20, 0) ==
                  Approx(100.0 * (filtered(20, 0) - left + all - base) / std::abs(base)).epsilon(1e-9));
        }
    }
    // nilearn 0.14.1, where confounds and censored volumes leave more of the mean.
    check(roi::clean(first(s40, 40), {.standardize = Standardize::psc,
                                      .confounds = first(c40, 40),
                                      .high_pass = 0.02,
                                      .t_r = roi::Seconds{2.0},
                                      .sample_mask = without(40, {4, 12, 16, 20, 28})}),
          0, {0.6263667555511935, 1.9375035689850513, -0.49964665549080084, 2.813006739296248});
    // A mean of nothing but rounding is none, and said.
    const Eigen::MatrixXd even = (first(s40, 40).array() - first(s40, 40).mean()).matrix();
    std::string warning;
    const auto none = roi::clean(even, {.standardize = Standardize::psc,
                                        .high_pass = 0.02,
                                        .t_r = roi::Seconds{2.0},
                                        .warning = [&](std::string_view line) { warning = line; }});
    CHECK(none.cwiseAbs().maxCoeff() == 0.0);
    CHECK(test::contains(warning, "the baseline of column 0 is 0"));
}

TEST_CASE("clean: percent change that means nothing is said, with the names of the signals") {
    std::vector<std::string> said;
    const auto warned = [&](const roi::DataTable& table, const roi::CleanOptions& options) {
        auto how = options;
        how.warning = [&](std::string_view line) { said.emplace_back(line); };
        said.clear();
        (void)roi::clean(table, how);
        return said.size();
    };
    // What a table with six digits leaves of a mean of 0, one that is far from 0, one below 0, and as the scanner has it.
    roi::DataTable table;
    table.add("text", std::vector<std::string>{"a", "b", "c", "d"});
    table.add("z", roi::DataTable::Numbers{-1.161895, -0.387298, 0.387299, 1.161895});
    table.add("near", roi::DataTable::Numbers{-1.0, 3.0, 1.0, -1.0});
    table.add("below", roi::DataTable::Numbers{-100, -103, -99, -104});
    table.add("bold", roi::DataTable::Numbers{1000, 1010, 995, 1002});
    table.add("constant", roi::DataTable::Numbers{-5, -5, -5, -5});
    REQUIRE(warned(table, {.standardize = Standardize::psc}) == 2);
    CHECK(test::contains(said[0], "clean: the baseline of 2 of 5 signals (z, near) is negative or small"));
    CHECK(test::contains(said[1],
                         "clean: the baseline of 1 of 5 signals (below) is below 0, as all of the signal"));
    CHECK(warned(table, {.standardize = Standardize::zscore_sample}) == 0);
    // With a trend taken out the mean before it counts, and a baseline of some volumes does not hide what was done before.
    CHECK(warned(table, {.detrend = true, .standardize = Standardize::psc}) == 2);
    CHECK(warned(table, {.standardize = Standardize::psc,
                         .baseline = roi::Selection(std::vector<bool>{false, false, false, true})}) == 2);
    CHECK(test::contains(said[0], "(z, near)"));
    CHECK(test::contains(said[1], "(below)"));
    // Each run counts.
    roi::DataTable two;
    two.add("x", roi::DataTable::Numbers{100, 101, 102, -1, 0, 2});
    CHECK(warned(two, {.standardize = Standardize::psc,
                       .runs = roi::Column({"1", "1", "1", "2", "2", "2"}, "r")}) == 1);
    CHECK(test::contains(said[0], "the baseline of x is negative or small"));
    // Signals say their columns' names.
    roi::Signals signals{{{roi::RegionKind::label, 4, "FFA", "mean", 1, 1.0}}, first({-1, 0, 3}, 3)};
    (void)roi::clean(signals, {.standardize = Standardize::psc,
                               .warning = [&](std::string_view line) { said.emplace_back(line); }});
    CHECK(test::contains(said.back(), "the baseline of FFA is negative or small"));
}

TEST_CASE("clean: percent change from an infinite mean is none") {
    const Eigen::MatrixXd y = first({1, 2, std::numeric_limits<double>::infinity(), 4, 5}, 5);
    std::vector<std::string> said;
    const auto found = roi::clean(y, {.standardize = Standardize::psc,
                                      .warning = [&](std::string_view line) { said.emplace_back(line); }});
    for (Eigen::Index i = 0; i < 5; ++i) CHECK(std::isnan(found(i, 0)));
    CHECK(said.size() == 1);
}

TEST_CASE("clean: NaN spoils its own column, or is 0") {
    Eigen::MatrixXd two(24, 2);
    two << s24, s24;
    two(3, 0) = std::nan("");
    const auto found = roi::clean(two, {.detrend = true, .confounds = c24});
    CHECK(found.col(0).array().isNaN().all());
    CHECK(found.col(1) == roi::clean(s24, {.detrend = true, .confounds = c24}));
    CHECK(roi::clean(two, {.ensure_finite = true})(3, 0) == 0.0);
}

TEST_CASE("clean: confounds of a table, as fMRIPrep writes them") {
    const roi::Table table({roi::Column({"n/a", "2", "3"}, "trans_x_derivative1"),
                            roi::Column({"1", "5", "n/a"}, "csf"), roi::Column({"1", "2", "4"}, "x")});
    std::string warning;
    const auto found = roi::confounds_of(table, {.columns = {"x", "trans_x_derivative1"},
                                                 .warning = [&](std::string_view line) { warning = line; }});
    CHECK(found.rows() == 3);
    CHECK(found(2, 0) == 4.0);
    CHECK(found(0, 1) == 2.0);
    CHECK(test::contains(warning, "trans_x_derivative1"));
    const auto message = test::message_of<roi::InvalidArgument>([&] { (void)roi::confounds_of(table); });
    CHECK(test::contains(message, "column \"csf\", row 3"));
}

TEST_CASE("clean: confounds of joined runs have n/a in the first row of each") {
    const roi::Column joined({"1", "1", "2", "2", "1", "2"}, "run");
    const roi::Table table({roi::Column({"n/a", "2", "n/a", "n/a", "3", "7"}, "fd")});
    std::string warning;
    const auto found =
        roi::confounds_of(table, {.runs = joined, .warning = [&](std::string_view line) { warning = line; }});
    const std::vector<double> expected{2, 2, 7, 7, 3, 7};
    for (std::size_t i = 0; i < expected.size(); ++i)
        CHECK(found(static_cast<Eigen::Index>(i), 0) == expected[i]);
    CHECK(warning == "confounds: n/a in the first rows of a run is taken from the first number below, in fd");
    CHECK(test::contains(test::message_of<roi::InvalidArgument>([&] { (void)roi::confounds_of(table); }),
                         "row 3: expected a number, found n/a; where several runs were joined, `runs` says "
                         "which row is of which"));
    const roi::Table lacking({roi::Column({"1", "n/a", "n/a", "n/a", "3", "n/a"}, "fd")});
    CHECK(test::contains(
        test::message_of<roi::InvalidArgument>([&] { (void)roi::confounds_of(lacking, {.runs = joined}); }),
        "row 2: expected a number, found n/a"));
    CHECK_THROWS_AS(roi::confounds_of(table, {.runs = roi::Column({"1", "2"}, "run")}), roi::InvalidArgument);
}

TEST_CASE("clean, clean_run: a run of which the sample mask leaves nothing is said") {
    const roi::Column runs({"a", "a", "b", "b", "c", "c"}, "run");
    std::vector<std::string> said;
    roi::CleanOptions how{
        .sample_mask = roi::Selection(std::vector<bool>{true, true, false, false, true, true}),
        .runs = runs,
        .warning = [&](std::string_view line) { said.emplace_back(line); }};
    (void)roi::clean(first({1, 2, 4, 3, 5, 9}, 6), how);
    REQUIRE(said.size() == 1);
    CHECK(said[0] ==
          "clean: no volume of run b is kept: `sample_mask` is for the volumes of all runs together");
    said.clear();
    how.sample_mask = roi::Selection(std::vector<bool>{false, true, false, false, false, false});
    const roi::Volume4D<double> run(roi::Shape(1, 1, 1), 6, std::vector<double>{1, 2, 4, 3, 5, 9});
    (void)roi::clean_run(run, run, how);
    REQUIRE(said.size() == 1);
    CHECK(test::contains(said[0], "no volume of runs b, c is kept"));
    said.clear();
    how.sample_mask = roi::Selection(std::vector<bool>{true, false, true, false, true, false});
    (void)roi::clean(first({1, 2, 4, 3, 5, 9}, 6), how);
    CHECK(said.empty());
}

TEST_CASE("clean: tables keep their texts") {
    roi::DataTable table;
    table.add("condition", std::vector<std::string>{"a", "b", "c"}).add("V1", Values{1, 2, 6});
    const auto found = roi::clean(table, {.standardize = Standardize::psc, .sample_mask = without(3, {1})});
    CHECK(found.rows() == 2);
    CHECK(roi::format_table(found, roi::TableFormat::csv) ==
          "condition,V1\na," + roi::text(100.0 * -2.5 / 3.5) + "\nc," + roi::text(100.0 * 2.5 / 3.5) + "\n");
}

TEST_CASE("high_variance_confounds: nilearn's numbers with a fixed sign") {
    Eigen::MatrixXd series(12, 6);
    for (int i = 0; i < 12; ++i) {
        for (int j = 0; j < 6; ++j) series(i, j) = ((7 * i + 13 * j) % 11) * (j + 1) + .5 * i * j;
    }
    const auto found = roi::high_variance_confounds(series, {.count = 2, .percentile = 50});
    REQUIRE(found.cols() == 2);
    check(found.cwiseAbs(), 0, {0.34757215317889945, 0.014703089921532131, 0.4539619480820656}, 1e-10);
    check(found.col(1).cwiseAbs(), 0, {0.20484703548389122, 0.16216362053104513, 0.2304421635743528}, 1e-10);
    CHECK(found.col(0).maxCoeff() == found.col(0).cwiseAbs().maxCoeff());
    CHECK(test::contains(test::message_of<roi::InvalidArgument>([&] {
                             (void)roi::high_variance_confounds(series, {.count = 2, .percentile = 2});
                         }),
                         "1 are left"));
}

TEST_CASE("high_variance_confounds: odd values of a run are said, and it stops on request") {
    roi::Volume4D<float> run(roi::Shape(3, 2, 2), 6);
    for (std::int64_t t = 0; t < 6; ++t) {
        for (std::int64_t i = 0; i < 12; ++i)
            run.frame(t).data()[i] = static_cast<float>((7 * t + 5 * i) % 13);
    }
    std::vector<std::string> said;
    roi::HighVarianceOptions options{.count = 2, .percentile = 50.0};
    options.warning = [&](std::string_view line) { said.emplace_back(line); };
    const auto expected = roi::high_variance_confounds(run, run, options);
    CHECK(said.empty());
    for (const int threads : {1, 3}) {
        options.threads = threads;
        CHECK(roi::high_variance_confounds(run, run, options) == expected);
    }
    run.frame(4).data()[0] = std::numeric_limits<float>::quiet_NaN();
    (void)roi::high_variance_confounds(run, run, options);
    CHECK(said == std::vector<std::string>{
                      "high_variance_confounds: 1 voxel in 1 volume is NaN or infinite: they count as 0"});
    options.stop = [] { return true; };
    try {
        (void)roi::high_variance_confounds(run, run, options);
        FAIL("it went on");
    } catch (const roi::Error& error) {
        CHECK(error.code() == roi::ErrorCode::stopped);
    }
}

TEST_CASE("clean: threads do not show") {
    test::Random random(test::seed());
    INFO("seed " << test::seed());
    Eigen::MatrixXd many(60, 40);
    for (Eigen::Index i = 0; i < many.size(); ++i)
        many.data()[i] = std::normal_distribution<double>()(random);
    const roi::CleanOptions options{
        .detrend = true, .low_pass = .1, .high_pass = .01, .t_r = roi::Seconds{2.0}};
    const Eigen::MatrixXd expected = roi::clean(many, options);
    for (const int threads : {1, 2, 5}) {
        const test::Threads number(threads);
        CHECK(roi::clean(many, options) == expected);
    }
}
