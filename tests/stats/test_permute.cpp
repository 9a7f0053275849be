// Permutation tests: golden numbers of all permutations, nilearn's t, resuming, the same numbers for any thread count.
#include <roi/stats/permutation_clusters.hpp>
#include <roi/stats/permute.hpp>
#include <roi/stats/ttest_1samp.hpp>
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
#include <random>
#include <string>
#include <string_view>
#include <vector>

using roi::Shape;

namespace {

using Numbers = std::vector<double>;

/// Five subjects of four voxels in a row.
roi::Volume4D<double> five() {
    return {Shape(4, 1, 1), 5, Numbers{3, 2, 0, -1, 4, 1, 1, -3, 2, 3, -1, -2, 5, 1, 2, -4, 3, 4, -1, 1}};
}

/// How many of `all` permutations are at least as large.
void check_counts(const roi::Volume<double>& log_p, const Numbers& counts, double all) {
    for (std::size_t i = 0; i < counts.size(); ++i) {
        INFO("voxel " << i);
        CHECK(std::pow(10.0, -log_p[static_cast<std::int64_t>(i)]) * all == Approx(counts[i]).epsilon(1e-12));
    }
}

}  // namespace

TEST_CASE("permute: all sign flips of a small group") {
    const auto test = roi::permute(five(), {.permutations = 32, .cluster_p = 0.05});
    CHECK(test.exact);
    CHECK(test.permutations == 32);
    CHECK(test.df == 4.0);
    const Numbers t{6.667948594698257, 3.772968873135195, 0.34299717028501775, -2.092457497388747};
    const Numbers tfce{106.24240263319001, 25.323092200879685, 0.023297589246510597, -3.0538568880808743};
    for (std::size_t i = 0; i < 4; ++i) {
        CHECK(test.t[static_cast<std::int64_t>(i)] == Approx(t[i]).epsilon(1e-11));
        CHECK(test.tfce[static_cast<std::int64_t>(i)] == Approx(tfce[i]).epsilon(1e-11));
    }
    check_counts(test.log_p, {2, 4, 32, 16}, 32);
    check_counts(test.log_p_tfce, {2, 2, 32, 16}, 32);
    CHECK(test.cluster_threshold == Approx(2.7764451051977996).epsilon(1e-12));
    check_counts(test.log_p_cluster_size, {2, 2, 32, 32}, 32);
    check_counts(test.log_p_cluster_mass, {2, 2, 32, 32}, 32);
    Numbers sizes(3);
    for (const double size : test.null.cluster_size) ++sizes[static_cast<std::size_t>(size)];
    CHECK(sizes == Numbers{24, 6, 2});

    const auto one = roi::permute(
        five(), {.permutations = 100, .alternative = roi::Alternative::greater, .cluster_p = 0.05});
    check_counts(one.log_p, {1, 2, 30, 32}, 32);
    check_counts(one.log_p_tfce, {1, 1, 27, 32}, 32);
    check_counts(one.log_p_cluster_mass, {1, 1, 32, 32}, 32);
    CHECK(one.null.cluster_mass[0] == Approx(6.17722390516087).epsilon(1e-8));
    sizes.assign(3, 0.0);
    for (const double size : one.null.cluster_size) ++sizes[static_cast<std::size_t>(size)];
    CHECK(sizes == Numbers{27, 4, 1});
}

TEST_CASE("permute: ties of a voxel whose t is 0 but for rounding count") {
    // Tenths have no exact double; what adds up to 0 in whole numbers ties with as many sign flips.
    const Numbers whole{1, 2, -3, 3, -1, -2, 2, -2};
    Numbers tenths;
    for (const double value : whole) tenths.push_back(0.1 * value);
    for (const auto alternative :
         {roi::Alternative::two_sided, roi::Alternative::greater, roi::Alternative::less}) {
        int count = 0;
        for (unsigned flips = 0; flips < 256; ++flips) {
            double sum = 0.0;
            for (unsigned i = 0; i < 8; ++i) sum += (flips >> i & 1U) != 0 ? -whole[i] : whole[i];
            count += alternative == roi::Alternative::two_sided ||
                     (alternative == roi::Alternative::greater ? sum >= 0 : sum <= 0);
        }
        for (const auto& values : {whole, tenths}) {
            const auto test =
                roi::permute(roi::Volume4D<double>(Shape(1, 1, 1), 8, values),
                             {.permutations = 256, .alternative = alternative, .uncorrected = true});
            REQUIRE(test.exact);
            check_counts(test.log_p_uncorrected, {double(count)}, 256);
        }
    }
}

TEST_CASE("permute: small t as evidence are large ones of the volumes turned over") {
    auto turned = five();
    for (double& value : turned.values()) value = -value;
    const auto less = roi::permute(turned, {.alternative = roi::Alternative::less, .cluster_p = 0.05});
    const auto greater = roi::permute(five(), {.alternative = roi::Alternative::greater, .cluster_p = 0.05});
    CHECK(less.t[0] == -greater.t[0]);
    CHECK(less.tfce[0] == -greater.tfce[0]);
    CHECK(test::same_bytes(less.log_p, greater.log_p));
    CHECK(test::same_bytes(less.log_p_tfce, greater.log_p_tfce));
    CHECK(test::same_bytes(less.log_p_cluster_mass, greater.log_p_cluster_mass));
}

TEST_CASE("permute: two groups, with and without a nuisance column") {
    const roi::Volume4D<double> run(Shape(2, 1, 1), 6, Numbers{1, 2, 3, 1, 2, 5, 6, 4, 5, 9, 9, 4});
    const Numbers group{0, 0, 0, 1, 1, 1};
    const auto test = roi::permute(run, group);
    CHECK(test.exact);
    CHECK(test.permutations == 20);
    CHECK(test.t[0] == Approx(3.5).epsilon(1e-12));
    CHECK(test.t[1] == Approx(1.4599927901768632).epsilon(1e-12));
    check_counts(test.log_p, {2, 8}, 20);
    // SciPy's t of every voxel, of all ways to choose a group.
    check_counts(roi::permute(run, group, {.uncorrected = true}).log_p_uncorrected, {2, 6}, 20);
    check_counts(roi::permute(run, group, {.alternative = roi::Alternative::greater, .uncorrected = true})
                     .log_p_uncorrected,
                 {1, 3}, 20);
    CHECK(test.log_p_uncorrected[0] == 0.0);
    // Whatever the groups are called.
    check_counts(roi::permute(run, Numbers{7, 7, 7, -1, -1, -1}).log_p, {2, 8}, 20);
    const auto adjusted = roi::permute(run, group, {.nuisance = {{1, 2, 3, 1, 2, 4}}});
    CHECK(adjusted.t[0] == Approx(4.226755288339495).epsilon(1e-12));
    CHECK(adjusted.t[1] == Approx(1.2276016081591603).epsilon(1e-12));
    CHECK(adjusted.df == 3.0);
    // A constant column is the intercept, which is there already.
    const auto constant = roi::permute(run, group, {.nuisance = {{3, 3, 3, 3, 3, 3}}});
    CHECK(test::same_bytes(constant.t, test.t));
    check_counts(constant.log_p, {2, 8}, 20);
}

TEST_CASE("permute: volumes are exchanged within blocks") {
    const roi::Volume4D<double> run(Shape(2, 1, 1), 6, Numbers{1, 2, 3, 1, 2, 5, 6, 4, 5, 9, 9, 4});
    const auto pairs = roi::permute(run, Numbers{0, 1, 0, 1, 0, 1}, {.blocks = {1, 1, 2, 2, 3, 3}});
    CHECK(pairs.exact);
    CHECK(pairs.permutations == 8);
    CHECK_FALSE(
        roi::permute(run, Numbers{0, 1, 0, 1, 0, 1}, {.permutations = 7, .blocks = {1, 1, 2, 2, 3, 3}})
            .exact);
    const auto alone = roi::permute(run, Numbers{0, 1, 0, 1, 0, 1}, {.blocks = {1, 2, 3, 4, 5, 6}});
    CHECK(alone.permutations == 1);
    CHECK(alone.log_p[0] == 0.0);
}

TEST_CASE("permute: the same numbers for any number of threads, streamed, and after a stop") {
    test::Random random(test::seed());
    INFO("seed " << test::seed());
    const Shape shape(7, 6, 5);
    Numbers values(static_cast<std::size_t>(shape.size() * 12));
    for (double& value : values) value = std::normal_distribution<double>(0.3, 1.0)(random);
    const roi::Volume4D<double> run(shape, 12, values);
    roi::PermuteOptions options{
        .permutations = 60, .seed = 7, .cluster_p = 0.05, .uncorrected = true, .threads = 1};
    const auto one = roi::permute(run, options);
    CHECK_FALSE(one.exact);
    options.threads = 3;
    test::PlainSource source(run);
    const auto three = roi::permute(source, options);
    CHECK(three.null.t == one.null.t);
    CHECK(three.null.tfce == one.null.tfce);
    CHECK(three.null.cluster_mass == one.null.cluster_mass);
    CHECK(test::same_bytes(three.log_p_tfce, one.log_p_tfce));
    CHECK(test::same_bytes(three.log_p_uncorrected, one.log_p_uncorrected));
    // Alone a voxel reaches what all of them together reach more often.
    for (std::int64_t i = 0; i < shape.size(); ++i) CHECK(one.log_p_uncorrected[i] >= one.log_p[i]);

    int asked = 0;
    options.stop = [&] { return ++asked > 2; };
    std::int64_t told = 0;
    options.progress = [&](std::int64_t done, std::int64_t all) {
        told = done;
        CHECK(all == 60);
    };
    const auto stopped = roi::permute(run, options);
    CHECK(stopped.null.size() < 60);
    CHECK(stopped.null.size() == told);
    CHECK(stopped.stopped);
    CHECK(!one.stopped);
    options.stop = {};
    // By way of a table, as a program keeps it.
    options.resume = roi::permutation_null(roi::to_table(stopped.null), 7);
    std::int64_t kept = 0;
    options.save = [&](const roi::PermutationNull& null) { kept = null.size(); };
    const auto resumed = roi::permute(run, options);
    CHECK(resumed.null.tfce == one.null.tfce);
    CHECK(test::same_bytes(resumed.log_p_cluster_size, one.log_p_cluster_size));
    CHECK(test::same_bytes(resumed.log_p_uncorrected, one.log_p_uncorrected));
    CHECK(kept == 60);
    CHECK(!resumed.stopped);
    options.save = {};
    {
        // Nothing is left to do but to count again for voxels by themselves, and that is stopped.
        auto again = options;
        again.resume = one.null;
        asked = 0;
        again.stop = [&] { return ++asked > 2; };
        const auto counted = roi::permute(run, again);
        CHECK(counted.null.size() == 60);
        CHECK(counted.stopped);
        again.uncorrected = false;
        asked = 0;
        CHECK(!roi::permute(run, again).stopped);
    }
    auto other = run;
    for (double& value : other.values()) value += 0.5;
    options.resume->source = "state.tsv";
    const auto message = test::message_of<roi::InvalidArgument>([&] { (void)roi::permute(other, options); });
    CHECK(test::contains(message, "state.tsv: expected what a call with the same volumes"));
    CHECK(test::contains(test::message_of<roi::InvalidArgument>(
                             [&] { (void)roi::permutation_null(roi::DataTable(), 7, "state.tsv"); }),
                         "state.tsv: "));
    options.resume->seed = 8;
    options.seed = 8;
    CHECK_THROWS_AS((void)roi::permute(run, options), roi::InvalidArgument);
    options.resume->seed = 7;
    CHECK_THROWS_AS((void)roi::permute(run, options), roi::InvalidArgument);
    options.resume = {};
    options.progress = {};
    CHECK(roi::permute(run, options).null.t != one.null.t);
}

TEST_CASE("permute: random permutations agree with all of them within their own error") {
    test::Random random(test::seed());
    INFO("seed " << test::seed());
    const Shape shape(3, 2, 2);
    Numbers values(static_cast<std::size_t>(shape.size() * 8)), group(8);
    for (double& value : values) value = std::normal_distribution<double>(0.0, 1.0)(random);
    for (std::size_t i = 0; i < 8; ++i) group[i] = i % 2 == 0 ? 1.0 : 0.0;
    const roi::Volume4D<double> run(shape, 8, values);
    for (const bool flips : {true, false}) {
        const Numbers tested = flips ? Numbers(8, 1.0) : group;
        const std::int64_t all = flips ? 256 : 70;
        const auto exact = roi::permute(run, tested, {.permutations = all});
        CHECK(exact.exact);
        CHECK(exact.permutations == all);
        // As many as there are, less one, are drawn at random; the rest by other seeds.
        Numbers maxima;
        for (std::uint64_t seed = 0; seed < 20; ++seed) {
            const auto part =
                roi::permute(run, tested, {.permutations = all - 1, .seed = seed, .tfce = false});
            maxima.insert(maxima.end(), part.null.t.begin(), part.null.t.end());
        }
        for (std::int64_t i = 0; i < shape.size(); ++i) {
            double count = 0;
            for (const double value : maxima) count += value >= std::abs(exact.t[i]) * (1 - 1e-9);
            const double p = std::pow(10.0, -exact.log_p[i]), n = static_cast<double>(maxima.size());
            CHECK(std::abs(count / n - p) < 6.0 * std::sqrt(p * (1 - p) / n) + 1e-12);
        }
    }
}

TEST_CASE("permute: t keeps its digits where means are many standard deviations, at any scale") {
    test::Random random(test::seed());
    INFO("seed " << test::seed());
    std::normal_distribution<double> noise;
    const Shape shape(4, 3, 2);
    for (const double scale : {1.0, 1e-150, 1e150}) {
        for (const double level : {1e3, 1e6, 1e9}) {
            constexpr std::int64_t n = 12;
            roi::Volume4D<double> run(shape, n);
            for (double& value : run.values()) value = scale * (level + noise(random));
            const auto flipped = roi::permute(run, {.permutations = 3});
            const auto expected = roi::ttest_1samp(run);
            roi::Volume4D<double> groups = run;
            Numbers group(n, 0.0);
            std::vector<bool> first(n, false);
            for (std::int64_t t = 0; t < n / 2; ++t) {
                group[static_cast<std::size_t>(t)] = 1.0;
                first[static_cast<std::size_t>(t)] = true;
                for (double& value : groups.frame(t).values()) value += scale * level;
            }
            const auto shuffled = roi::permute(groups, group, {.permutations = 3});
            const auto a = roi::Selection(first);
            const auto between = roi::ttest_ind(groups, a, !a);
            for (std::int64_t i = 0; i < shape.size(); ++i) {
                INFO("scale " << scale << ", level " << level << ", voxel " << i);
                CHECK(flipped.t[i] == Approx(expected.t[i]).epsilon(1e-11));
                // Its columns are rounded, so what is left between two groups is known to 1e-16 of what is between them.
                CHECK(shuffled.t[i] == Approx(between.t[i]).epsilon(1e-11 + 1e-15 * level));
            }
        }
    }
    // Of all flips those of every sign give the same t again, whatever the level.
    roi::Volume4D<double> run(shape, 4);
    for (double& value : run.values()) value = 1e6 + noise(random);
    const auto all = roi::permute(run);
    REQUIRE(all.exact);
    double largest = 0.0;
    for (std::int64_t i = 0; i < shape.size(); ++i) {
        largest = std::max(largest, all.log_p[i]);
        CHECK(std::pow(10.0, -all.log_p[i]) >= Approx(2.0 / 16.0));
    }
    CHECK(std::pow(10.0, -largest) == Approx(2.0 / 16.0));
}

TEST_CASE("permute: voxels and columns that cannot be tested") {
    auto run = five();
    for (std::int64_t t = 0; t < 5; ++t) run.frame(t)(1, 0, 0) = 2.0;
    run.frame(3)(2, 0, 0) = std::numeric_limits<double>::quiet_NaN();
    std::vector<std::string> said;
    const auto test =
        roi::permute(run, {.permutations = 32, .alpha = 1.0, .warning = [&](std::string_view line) {
                               said.emplace_back(line);
                           }});
    CHECK(said ==
          std::vector<std::string>{"permute: 1 voxel in 1 volume is NaN or infinite: they are not tested",
                                   "permute: 1 voxel has one value that is not 0 in all volumes: t would be "
                                   "infinite, it is not tested: (1, 0, 0)"});
    CHECK(test.t[1] == 0.0);
    CHECK(test.log_p[1] == 0.0);
    CHECK(test.t[2] == 0.0);
    CHECK(test.t[0] == Approx(6.667948594698257).epsilon(1e-11));
    const auto refused = [&](const Numbers& tested, const roi::PermuteOptions& options) {
        return test::message_of<roi::InvalidArgument>([&] { (void)roi::permute(run, tested, options); });
    };
    CHECK(test::contains(refused({1, 2, 4}, {}), "3 values, the source 5"));
    CHECK(test::contains(refused({0, 0, 0, 0, 0}, {}), "nothing to test"));
    CHECK(test::contains(refused({1, 2, 3, 4, 5}, {.nuisance = {{1, 2, 3, 4, 5}}}), "nothing to test"));
    CHECK(test::contains(refused({1, 2, 3, 4, 5}, {.nuisance = {{1, 2}}}), "2 values, expected 5"));
    CHECK(
        test::contains(refused({1, 2, 3, 4, 5}, {.nuisance = {{1, 2, 4, 3, 9}, {1, 2, std::nan(""), 3, 9}}}),
                       "nuisance column 2 holds nan for volume 2"));
    CHECK(test::contains(refused({1, 1, 1, 1, 1}, {.height_power = -1.0}), "permute: expected powers"));
    CHECK(test::contains(refused({1, 1, 1, 1, 1}, {.alpha = 7.0}), "alpha from 0 to 1, found 7"));
    CHECK(test::contains(refused({1, 2, 3, 4, 5}, {.blocks = {1}}), "blocks has 1"));
    CHECK(test::contains(refused({1, 1, 1, 1, 1}, {.permutations = 0}), "1 or more permutations"));
    CHECK(test::contains(refused({1, 1, 1, 1, 1}, {.cluster_p = 1.0}),
                         "cluster-forming p from 0 to below 1, found 1"));
    CHECK(test::contains(refused({1, 1, 1, 1, 1}, {.alternative = roi::Alternative::less, .cluster_p = 0.5}),
                         "cluster-forming p from 0 to below 0.5, as there is one side, found 0.5"));
    CHECK(test::contains(refused({1, 1, 1, 1, 1}, {.mask = roi::Mask(Shape(4, 1, 1), false)}), "no voxel"));
    CHECK_THROWS_AS((void)roi::permute(run, {.mask = roi::Mask(Shape(4, 2, 1), true)}), roi::GridMismatch);
}

TEST_CASE("permute: what was done of all permutations before a stop is a sample of them") {
    // 16 maps of one voxel whose mean is about one standard error from 0.
    roi::Volume4D<double> run(Shape(1, 1, 1), 16);
    test::Random random(3);
    for (double& value : run.values()) value = 0.3 + std::normal_distribution<double>()(random);
    roi::PermuteOptions options{.permutations = 1 << 16, .tfce = false, .threads = 1};
    const auto p_of = [](const roi::PermutationTest& test) { return std::pow(10.0, -test.log_p[0]); };
    const auto whole = roi::permute(run, options);
    CHECK(whole.exact);
    std::int64_t asked = 0;
    options.stop = [&] { return ++asked > 500; };
    const auto some = roi::permute(run, options);
    REQUIRE(some.null.size() > 1500);
    REQUIRE(some.null.size() < 4000);
    const double p = p_of(whole);
    INFO("p " << p << ", of " << some.null.size() << " permutations " << p_of(some));
    CHECK(std::abs(p_of(some) - p) < 4.0 * std::sqrt(p * (1.0 - p) / static_cast<double>(some.null.size())));
}

TEST_CASE("permute: voxels that change with the tested variable alone are not tested, and said") {
    const roi::Volume4D<double> run(Shape(3, 1, 1), 6,
                                    Numbers{1, 2, 3, 1, 7, 5, 1, 4, 5, 0, 9, 5, 0, 1, 5, 0, 3, 3});
    std::vector<std::string> said;
    const auto test =
        roi::permute(run, Numbers{1, 1, 1, 0, 0, 0},
                     {.alpha = 1.0, .warning = [&](std::string_view line) { said.emplace_back(line); }});
    CHECK(test.t[0] == 0.0);
    CHECK(test.log_p[0] == 0.0);
    CHECK(*std::max_element(test.null.t.begin(), test.null.t.end()) < 1e3);
    REQUIRE(said.size() == 1);
    CHECK(said[0] ==
          "permute: 1 voxel changes with the tested variable alone: t would be infinite, it is not tested: "
          "(0, 0, 0)");
}

TEST_CASE("permute: voxels that nuisance columns explain are not tested, and said") {
    // The second is 1 + 2 age, the third never changes, which is no oddity.
    const roi::Volume4D<double> run(Shape(3, 1, 1), 6,
                                    Numbers{1, 3, 7, 4, 5, 7, 2, 7, 7, 0, 13, 7, 5, 21, 7, 0, 5, 7});
    const Numbers age{1, 2, 3, 6, 10, 2};
    std::vector<std::string> said;
    const roi::PermuteOptions how{
        .alpha = 1.0, .nuisance = {age}, .warning = [&](std::string_view line) { said.emplace_back(line); }};
    const auto test = roi::permute(run, Numbers{1, 1, 1, 0, 0, 0}, how);
    CHECK(test.t[0] != 0.0);
    CHECK(test.t[1] == 0.0);
    REQUIRE(said.size() == 1);
    CHECK(
        said[0] ==
        "permute: 1 voxel changes with the nuisance columns alone: nothing is left there, it is not tested: "
        "(1, 0, 0)");
}

TEST_CASE("permute: columns that are nearly made of others are said") {
    const Numbers age{1, 2, 3, 6, 10, 2}, other{1, 0, 0, 1, 1, 0};
    const auto beside = [&](double share) {
        Numbers out = age;
        for (std::size_t k = 0; k < out.size(); ++k) out[k] += share * other[k];
        return out;
    };
    const auto run = [&] {
        roi::Volume4D<double> out(Shape(1, 1, 1), 6);
        for (std::int64_t t = 0; t < 6; ++t) out.frame(t).data()[0] = static_cast<double>(t * t % 5);
        return out;
    }();
    const auto said = [&](const Numbers& tested, const roi::PermuteOptions& given) {
        std::vector<std::string> lines;
        auto options = given;
        options.alpha = 1.0;
        options.warning = [&](std::string_view line) { lines.emplace_back(line); };
        (void)roi::permute(run, tested, options);
        return lines;
    };
    const Numbers groups{1, 1, 1, 0, 0, 0};
    CHECK(said(groups, {.nuisance = {age, other}}).empty());
    CHECK(said(groups, {.nuisance = {age, beside(1e-5)}}).empty());
    auto lines = said(groups, {.nuisance = {age, beside(1e-8)}});
    REQUIRE(lines.size() == 1);
    CHECK(test::contains(lines[0], "permute: nuisance column 2 is nearly made of the other columns: only "));
    CHECK(test::contains(lines[0], "; leave it out, or give what it differs by from them in its place"));
    lines = said(groups, {.nuisance = {age, beside(1e-8)}, .nuisance_names = {"age", "months"}});
    REQUIRE(lines.size() == 1);
    CHECK(test::contains(lines[0], "permute: nuisance column \"months\" is nearly made of the other"));
    lines = said(groups, {.nuisance = {age, beside(1e-11)}});
    REQUIRE(lines.size() == 1);
    CHECK(test::contains(lines[0],
                         "permute: nuisance column 2 counts as made of the other columns and so for"));
    Numbers months = age;
    for (double& value : months) value = value / 12.0 + 0.1;
    CHECK(said(groups, {.nuisance = {age, months}}).empty());
    lines = said(beside(1e-8), {.nuisance = {age}});
    REQUIRE(lines.size() == 1);
    CHECK(test::contains(lines[0], "permute: the tested variable is nearly made of the other columns"));
    CHECK(
        test::contains(test::message_of<roi::InvalidArgument>([&] {
                           (void)roi::permute(run, groups, {.nuisance = {age}, .nuisance_names = {"a", "b"}});
                       }),
                       "as many nuisance_names"));
}

TEST_CASE("permute: what random permutations left is not gone on from where all are done, which is said") {
    test::Random random(9);
    const auto run = test::random_run<double>(Shape(3, 2, 1), 8, random);
    auto other = run;
    other(0, 0, 0, 0) += 5.0;
    const auto go_on = [&](const roi::Volume4D<double>& first, const Numbers& tested, std::int64_t before,
                           std::int64_t now) {
        roi::PermuteOptions how{.permutations = before, .tfce = false, .alpha = 1.0};
        how.resume = roi::permute(first, tested, how).null;
        how.permutations = now;
        return roi::permute(run, tested, how).null.size();
    };
    const auto refused = [&](const roi::Volume4D<double>& first, const Numbers& tested, std::int64_t before,
                             std::int64_t now) {
        return test::message_of<roi::InvalidArgument>([&] { (void)go_on(first, tested, before, now); });
    };
    const Numbers mean(8, 1.0), groups{0, 0, 0, 0, 1, 1, 1, 1};
    CHECK(test::contains(refused(run, mean, 60, 500),
                         "all 256 permutations in order, as this one does, found 60 that were drawn at "
                         "random, because fewer were asked for"));
    CHECK(test::contains(refused(run, groups, 20, 100), "all 70 permutations in order"));
    // The other way round: what a call left that was stopped before all were done.
    const auto begun = [&](const Numbers& tested) {
        int asked = 0;
        roi::PermuteOptions how{.permutations = 500, .tfce = false, .alpha = 1.0, .threads = 1};
        how.stop = [&] { return ++asked > 4; };
        auto left = roi::permute(run, tested, how).null;
        how = {.permutations = 40, .tfce = false, .alpha = 1.0};
        REQUIRE(left.size() > 1);
        REQUIRE(left.size() <= 40);
        how.resume = std::move(left);
        return test::message_of<roi::InvalidArgument>([&] { (void)roi::permute(run, tested, how); });
    };
    CHECK(test::contains(begun(mean), "draws permutations at random, as this one does, found "));
    CHECK(test::contains(begun(mean), " of all 256, done in order, because as many were asked for"));
    CHECK(test::contains(begun(groups), " of all 70, done in order"));
    // More than there are, or than are asked for.
    CHECK(test::contains(refused(run, mean, 60, 50),
                         "at most 50 permutations, as many as are asked for, found 60; ask for no fewer"));
    const auto of_groups = [&] {
        roi::PermuteOptions how{.permutations = 200, .tfce = false, .alpha = 1.0};
        how.resume = roi::permute(run, mean, how).null;
        return test::message_of<roi::InvalidArgument>([&] { (void)roi::permute(run, groups, how); });
    };
    CHECK(test::contains(of_groups(),
                         "at most 70 permutations, which are all that there are of these volumes, found 200, "
                         "left by a call with other volumes or settings"));
    CHECK(go_on(run, mean, 60, 200) == 200);
    // Other volumes are another matter.
    CHECK(test::contains(refused(other, mean, 60, 500), "the same volumes, settings and seed left"));
}

TEST_CASE("permute: a large level of a nuisance column hides nothing") {
    const Shape shape(3, 1, 1);
    test::Random random(5);
    const auto run = test::random_run<double>(shape, 12, random);
    std::vector<double> tested, time, late;
    for (int i = 0; i < 12; ++i) {
        tested.push_back(i % 2);
        time.push_back(i * i);
        late.push_back(1.7e12 + i * i);
    }
    const auto t_of = [&](const std::vector<double>& column) {
        return roi::permute(run, tested, {.permutations = 5, .tfce = false, .nuisance = {column}});
    };
    CHECK(t_of(late).df == 9.0);
    // Nor does its scale, to which squares would lose it.
    for (const double scale : {0x1p-700, 0x1p600}) {
        auto scaled = time;
        for (double& value : scaled) value *= scale;
        CHECK(test::same_bytes(t_of(scaled).t, t_of(time).t));
    }
    CHECK(test::same_bytes(t_of(late).t, t_of(time).t));
}

TEST_CASE("permute: what other settings left is not gone on from, blocks are for what is exchanged") {
    test::Random random(6);
    const auto run = test::random_run<double>(Shape(4, 4, 2), 12, random);
    auto centred = run;
    for (double& value : centred.values()) value -= 100.0;
    roi::PermuteOptions options{.permutations = 40, .alternative = roi::Alternative::greater, .tfce = false};
    auto left = roi::permute(centred, options).null;
    options.alternative = roi::Alternative::two_sided;
    options.resume = left;
    CHECK_THROWS_AS((void)roi::permute(centred, options), roi::InvalidArgument);
    options.alternative = roi::Alternative::greater;
    CHECK(roi::permute(centred, options).null.t == left.t);
    left.t[7] = std::nan("");
    options.resume = left;
    CHECK_THROWS_AS((void)roi::permute(centred, options), roi::InvalidArgument);
    options.resume = {};
    options.blocks.assign(12, 1);
    CHECK_THROWS_AS((void)roi::permute(centred, options), roi::InvalidArgument);
    // Where blocks leave nothing to exchange they are named.
    const Numbers groups{0, 0, 0, 0, 0, 0, 1, 1, 1, 1, 1, 1};
    options.blocks = {1, 1, 1, 1, 1, 1, 2, 2, 2, 2, 2, 2};
    std::vector<std::string> said;
    options.warning = [&](std::string_view line) { said.emplace_back(line); };
    (void)roi::permute(centred, groups, options);
    REQUIRE(said.size() == 1);
    CHECK(
        said[0] ==
        "permute: there is no permutation but the volumes as they are, so p is 1 everywhere: no block holds "
        "volumes that differ in what is tested");
}

TEST_CASE("permute: its clusters as a table, with the corrected p of each") {
    const auto test = roi::permute(five(), {.permutations = 32, .cluster_p = 0.05});
    const auto clusters = roi::cluster_table(test);
    REQUIRE(clusters.peaks.size() == 1);
    CHECK(clusters.peaks[0].voxels == 2);
    CHECK(clusters.peaks[0].value == test.t[0]);
    const auto table = roi::to_table(clusters, test);
    CHECK(table.numbers("log_p_size") == Numbers{test.log_p_cluster_size[0]});
    CHECK(table.numbers("log_p_mass") == Numbers{test.log_p_cluster_mass[0]});
    CHECK(table.numbers("log_p") == Numbers{test.log_p[0]});
    CHECK(table.numbers("log_p_tfce") == Numbers{test.log_p_tfce[0]});
    // Where small t are evidence clusters lie below.
    auto turned = five();
    for (double& value : turned.values()) value = -value;
    const auto less =
        roi::permute(turned, {.alternative = roi::Alternative::less, .tfce = false, .cluster_p = 0.05});
    const auto below = roi::cluster_table(less);
    REQUIRE(below.peaks.size() == 1);
    CHECK(below.peaks[0].value == less.t[0]);
    CHECK(roi::to_table(below, less).columns().size() == 9);
    CHECK_THROWS_AS((void)roi::cluster_table(roi::permute(five())), roi::InvalidArgument);
}

TEST_CASE("permute: says when there are too few permutations to find anything") {
    std::mt19937 bits(17);
    std::normal_distribution<double> normal;
    const auto said_of = [&](std::int64_t maps, std::vector<double> tested, roi::PermuteOptions how) {
        roi::Volume4D<double> run(roi::Shape(3, 2, 2), maps);
        for (double& value : run.values()) value = normal(bits);
        std::vector<std::string> said;
        how.warning = [&](std::string_view line) { said.emplace_back(line); };
        if (tested.empty()) tested.assign(static_cast<std::size_t>(maps), 1.0);
        (void)roi::permute(run, tested, how);
        return said;
    };
    CHECK(said_of(4, {}, {.alternative = roi::Alternative::greater}) ==
          std::vector<std::string>{
              "permute: of the 16 permutations that there are no p can be below 0.0625, so "
              "nothing can be found by it at 0.05"});
    CHECK(said_of(5, {}, {.alternative = roi::Alternative::greater}).empty());
    CHECK(said_of(5, {}, {}) ==
          std::vector<std::string>{
              "permute: of the 32 permutations that there are no p can be below 0.0625, so "
              "nothing can be found by it at 0.05"});
    CHECK(said_of(5, {}, {.alpha = 0.0625}).empty());
    CHECK(said_of(12, {}, {.permutations = 9}) ==
          std::vector<std::string>{"permute: of the 9 permutations that were done no p can be below 0.1, so "
                                   "nothing can be found by it at 0.05"});
    CHECK(said_of(6, {0, 1, 0, 1, 0, 1}, {.blocks = {0, 1, 0, 1, 0, 1}}) ==
          std::vector<std::string>{"permute: there is no permutation but the volumes as they are, so p is 1 "
                                   "everywhere: no block holds "
                                   "volumes that differ in what is tested"});
}

TEST_CASE("permute: powers that make enhanced t infinite are refused") {
    roi::Volume4D<double> run(roi::Shape(2, 1, 1), 4, std::vector<double>{5, 6, 5.5, 6.5, 5.2, 6.1, 5.1, 6});
    CHECK_THROWS_AS(roi::permute(run, {.height_power = 1e6}), roi::InvalidArgument);
}

TEST_CASE("what a test of the mean leaves out or takes from elsewhere is said") {
    test::Random random(31);
    auto run = test::random_run<double>(roi::Shape(4, 1, 1), 8, random);
    for (std::int64_t t = 0; t < 8; ++t) {
        run(0, 0, 0, t) = 5.0;
        run(1, 0, 0, t) = 0.0;
    }
    std::vector<std::string> said;
    roi::PermuteOptions options{.alpha = 1.0,
                                .warning = [&](std::string_view line) { said.emplace_back(line); }};
    const auto test = roi::permute(run, options);
    REQUIRE(said.size() == 1);
    CHECK(
        said[0] ==
        "permute: 1 voxel has one value that is not 0 in all volumes: t would be infinite, it is not tested: "
        "(0, 0, 0)");
    CHECK(test.t(0, 0, 0) == 0.0);

    // Of differences of groups nothing is left of what never changes.
    said.clear();
    (void)roi::permute(run, std::vector<double>{0, 1, 0, 1, 0, 1, 0, 1}, options);
    CHECK(said.empty());

    const std::vector<double> ages = {21, 25, 30, 28, 33, 24, 29, 30};
    options.nuisance = {ages};
    (void)roi::permute(run, options);
    REQUIRE(said.size() == 2);
    CHECK(said[0] ==
          "permute: the mean is tested where nuisance column 1 is 0, but its mean is 27.5 and its standard "
          "deviation 3.64"
          "; take its mean off it first to test the mean of all volumes");
    said.clear();
    for (double& age : options.nuisance[0]) age -= 27.5;
    (void)roi::permute(run, options);
    CHECK(said.size() == 1);
    said.clear();
    options.nuisance[0] = ages;
    (void)roi::permute(run, std::vector<double>{0, 1, 0, 1, 0, 1, 0, 1}, options);
    CHECK(said.empty());
}
