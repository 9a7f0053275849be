// Corrected thresholds: nilearn's and scipy's numbers, every kind of map, brute force.
#include <roi/image/comparison.hpp>
#include <roi/stats/correct.hpp>

#include "catch.hpp"
#include "checks.hpp"
#include "support.hpp"
#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <string>
#include <string_view>
#include <vector>

using roi::Correction;
using roi::MapKind;
using roi::Shape;

namespace {

constexpr double missing = std::numeric_limits<double>::quiet_NaN();
constexpr double infinity = std::numeric_limits<double>::infinity();

roi::Volume<double> golden() {
    roi::Volume<double> map(Shape(5, 5, 5), 0.0);
    map(1, 1, 1) = 4, map(2, 1, 1) = 5, map(3, 1, 1) = 4.2;
    map(3, 3, 3) = -4.5, map(0, 4, 4) = 3.2, map(4, 4, 0) = 2, map(2, 4, 2) = -2.5;
    map(4, 0, 0) = -3.4, map(4, 1, 0) = -3.3;
    return map;
}

std::int64_t kept(const roi::Corrected& corrected) {
    std::int64_t count = 0;
    for (const double value : corrected.map) count += value != 0.0;
    return count;
}

roi::Volume<double> line(const std::vector<double>& values) {
    roi::Volume<double> map(Shape(static_cast<std::int64_t>(values.size()), 1, 1), 0.0);
    for (std::size_t i = 0; i < values.size(); ++i) map[static_cast<std::int64_t>(i)] = values[i];
    return map;
}

}  // namespace

TEST_CASE("correct: nilearn's thresholds") {
    const auto map = golden();
    const auto two = roi::correct(map, {.method = Correction::fdr, .alpha = 0.05, .two_sided = true});
    CHECK(two.threshold == Approx(3.199999999999).epsilon(1e-15));
    CHECK(kept(two) == 7);
    const auto one = roi::correct(map, {.method = Correction::fdr, .alpha = 0.05});
    CHECK(one.threshold == Approx(3.199999999999).epsilon(1e-15));
    CHECK(kept(one) == 4);
    const auto family =
        roi::correct(map, {.method = Correction::bonferroni, .alpha = 0.05, .two_sided = true});
    CHECK(family.threshold == Approx(3.5400837992061445).epsilon(1e-12));
    CHECK(roi::correct(map, {.method = Correction::bonferroni, .alpha = 0.05}).threshold ==
          Approx(3.3527947805048286).epsilon(1e-12));
    CHECK(roi::correct(map).threshold == Approx(3.090232306167813).epsilon(1e-12));
    CHECK(roi::correct(map, {.two_sided = true}).threshold == Approx(3.2905267314918945).epsilon(1e-12));
    // A mask of the voxels that are not 0, as nilearn guesses it.
    CHECK(roi::correct(
              map, {.method = Correction::bonferroni, .alpha = 0.05, .two_sided = true, .mask = map != 0.0})
              .threshold == Approx(2.7729212946086617).epsilon(1e-12));
}

TEST_CASE("correct: clusters of each sign for itself") {
    const auto map = golden();
    const auto found = roi::correct(map, {.two_sided = true, .cluster_size = 2});
    CHECK(kept(found) == 5);
    CHECK(found.map(2, 1, 1) == 5.0);
    CHECK(found.map(4, 1, 0) == -3.3);
    CHECK(found.map(3, 3, 3) == 0.0);
    CHECK(kept(roi::correct(map, {.two_sided = true, .cluster_size = 3})) == 3);
    CHECK(kept(roi::correct(map, {.two_sided = true, .cluster_size = 4})) == 0);
    CHECK(kept(roi::correct(line({4, -4, 4}), {.two_sided = true, .cluster_size = 2})) == 0);
}

TEST_CASE("correct: nilearn's fdr_threshold") {
    const auto map = line({4, 3.5, 2.8, 2.5, 1.9, 1.2, 0.3, -1});
    const auto threshold = [&](double alpha) {
        return roi::correct(map, {.method = Correction::fdr, .alpha = alpha}).threshold;
    };
    CHECK(threshold(0.05) == Approx(1.8999999999989998).epsilon(1e-15));
    CHECK(threshold(0.01) == Approx(2.7999999999989997).epsilon(1e-15));
    CHECK(threshold(0.001) == Approx(3.499999999999).epsilon(1e-15));
    CHECK(threshold(0.0) == infinity);
    CHECK(threshold(1.0) == Approx(-1.000000000001).epsilon(1e-15));
    CHECK(kept(roi::correct(map, {.method = Correction::fdr, .alpha = 0.0})) == 0);
}

TEST_CASE("correct: maps of t and of -log10 p are cut at the same voxels") {
    test::Random random(test::seed());
    INFO("seed " << test::seed());
    for (int round = 0; round < 60; ++round) {
        const Shape shape(6, 5, 4);
        roi::Volume<double> z(shape, 0.0), t(shape, 0.0), log_p(shape, 0.0);
        for (std::int64_t i = 0; i < z.size(); ++i) {
            z[i] = std::normal_distribution<double>(0.3, 1.8)(random);
            t[i] = roi::t_of_z(z[i], 12.0);
            log_p[i] = roi::neg_log10_p_of_z(z[i], roi::Alternative::greater);
        }
        for (const auto method :
             {Correction::none, Correction::bonferroni, Correction::fdr, Correction::fdr_any_dependence}) {
            const double alpha = round % 2 == 0 ? 0.05 : 0.2;
            const auto of_z = roi::correct(z, {.method = method, .alpha = alpha});
            const auto of_t =
                roi::correct(t, {.kind = MapKind::t, .df = 12.0, .method = method, .alpha = alpha});
            const auto of_p = roi::correct(log_p, {.kind = MapKind::log_p, .method = method, .alpha = alpha});
            for (std::int64_t i = 0; i < z.size(); ++i) {
                REQUIRE((of_z.map[i] != 0.0) == (of_t.map[i] != 0.0));
                REQUIRE((of_z.map[i] != 0.0) == (of_p.map[i] != 0.0));
            }
            if (method == Correction::none) continue;
            // The step-up rule and the adjusted p values are two ways to one set.
            if (method == Correction::bonferroni) continue;
            std::vector<double> p;
            for (const double value : z) p.push_back(roi::p_of_z(value, roi::Alternative::greater));
            const auto adjusted = roi::false_discovery_control(
                p, method == Correction::fdr ? roi::Dependence::positive : roi::Dependence::any);
            for (std::int64_t i = 0; i < z.size(); ++i) {
                REQUIRE((of_z.map[i] != 0.0) == (adjusted[static_cast<std::size_t>(i)] < alpha));
            }
        }
    }
}

TEST_CASE("false_discovery_control: scipy's numbers") {
    const std::vector<double> p{0.01, 0.02, 0.03, 0.04, 0.2, 0.001};
    const std::vector<double> expected{0.03, 0.04, 0.045, 0.048, 0.2, 0.006};
    const auto adjusted = roi::false_discovery_control(p);
    const auto any = roi::false_discovery_control(p, roi::Dependence::any);
    for (std::size_t i = 0; i < p.size(); ++i) {
        CHECK(adjusted[i] == Approx(expected[i]).epsilon(1e-13));
        CHECK(any[i] == Approx(std::min(1.0, expected[i] * 2.45)).epsilon(1e-13));
    }
    CHECK(roi::false_discovery_control({}).empty());
    CHECK_THROWS_AS((void)roi::false_discovery_control(std::vector<double>{1.5}), roi::InvalidArgument);
}

TEST_CASE("correct: infinite values have no rank where they do not count") {
    // Ten voxels that do not vary, and ten of noise: p of 1.5 is 0.067, never below 0.05 of its rank.
    std::vector<double> values(20, 1.5);
    std::fill_n(values.begin(), 10, infinity);
    std::vector<std::string> warnings;
    roi::CorrectOptions options{.method = Correction::fdr, .alpha = 0.05};
    options.warning = [&](std::string_view line) { warnings.emplace_back(line); };
    const auto found = roi::correct(line(values), options);
    CHECK(found.map[0] == infinity);
    CHECK(found.map[19] == 0.0);
    REQUIRE(warnings.size() == 1);
    CHECK(test::contains(warnings[0], "10 voxels are infinite"));
    // Below every threshold of one side nothing is to be said of: z of F = 0 is minus infinity.
    warnings.clear();
    std::fill_n(values.begin(), 10, -infinity);
    CHECK(roi::correct(line(values), options).map[0] == 0.0);
    CHECK(warnings.empty());
    std::fill_n(values.begin(), 10, infinity);
    // In a mask they count and have ranks, as nilearn's do: the k-th of 20 is compared with 0.05 k / 20.
    options.mask = roi::Mask(Shape(20, 1, 1), true);
    CHECK(roi::correct(line(values), options).map[19] == 0.0);

    // NaN in a mask counts as a voxel that was tested, which is said.
    values.assign(20, 1.0);
    values[3] = missing;
    warnings.clear();
    CHECK(roi::correct(line(values), options).map[3] == 0.0);
    CHECK(warnings == std::vector<std::string>{
                          "correct: 1 voxel of the mask is NaN: it counts as tested, and does not survive"});
}

TEST_CASE("correct: NaN, infinity, masks and what it refuses") {
    const auto found = roi::correct(line({missing, infinity, -infinity, 5, 1}), {.two_sided = true});
    CHECK(found.map[0] == 0.0);
    CHECK(found.map[1] == infinity);
    CHECK(found.map[2] == -infinity);
    CHECK(found.map[4] == 0.0);
    roi::Mask mask(Shape(5, 1, 1), true);
    mask[3] = false;
    const auto inside = roi::correct(line({9, 1, 1, 9, 1}), {.mask = mask});
    CHECK(inside.map[0] == 9.0);
    CHECK(inside.map[3] == 0.0);
    const auto refused = [](const roi::CorrectOptions& options) {
        return test::message_of<roi::InvalidArgument>([&] {
            (void)roi::correct(line({1, 2, 3, 4, 5}), options);
        });
    };
    CHECK(test::contains(refused({.alpha = 1.5}), "alpha"));
    CHECK(test::contains(refused({.alpha = missing}), "alpha"));
    CHECK(test::contains(refused({.kind = MapKind::log_p, .two_sided = true}), "one side"));
    CHECK(test::contains(refused({.kind = MapKind::t, .df = 0.0}), "degrees of freedom"));
    CHECK(test::contains(refused({.kind = MapKind::t}), "degrees of freedom"));
    CHECK(test::contains(refused({.df = 12.0}), "leave out `.df`"));
    CHECK(test::contains(refused({.kind = MapKind::log_p, .df = 12.0}), "leave out `.df`"));
    CHECK(test::contains(refused({.df2 = 12.0}), "leave out `.df2`"));
    CHECK(test::contains(refused({.cluster_size = -3}), "0 voxels or more, found -3"));
    CHECK(roi::correct(line({1, 2, 3, 4, 5}), {.kind = MapKind::t, .df = infinity}).threshold ==
          Approx(roi::correct(line({1, 2, 3, 4, 5})).threshold).epsilon(1e-12));
    CHECK(test::contains(refused({.mask = roi::Mask(Shape(5, 1, 1), false)}), "no voxel"));
    CHECK_THROWS_AS((void)roi::correct(line({1, 2}), {.mask = mask}), roi::GridMismatch);
}

TEST_CASE("correct: maps of r, F and chi-square are cut where their p are") {
    const auto threshold = [](const roi::CorrectOptions& options) {
        return roi::correct(line({0.1, 0.2, 0.3}), options).threshold;
    };
    // In 40 digits.
    CHECK(threshold({.kind = MapKind::f, .df = 2.0, .df2 = 9.0, .alpha = 0.01}) ==
          Approx(8.021517309932060689).epsilon(1e-12));
    CHECK(threshold({.kind = MapKind::chi_square, .df = 3.0, .alpha = 0.05}) ==
          Approx(7.814727903251179955).epsilon(1e-12));
    CHECK(threshold({.kind = MapKind::r, .df = 8.0, .alpha = 0.05}) ==
          Approx(0.549356831935104540).epsilon(1e-12));
    CHECK(threshold({.kind = MapKind::r, .df = 8.0, .alpha = 0.0}) == infinity);
    CHECK(threshold({.kind = MapKind::f, .df = 2.0, .df2 = 9.0, .alpha = 1.0}) == 0.0);
    CHECK(threshold({.kind = MapKind::chi_square, .df = 3.0, .alpha = 0.0}) == infinity);

    const auto refused = [](double value, const roi::CorrectOptions& options) {
        return test::message_of<roi::InvalidArgument>([&] { (void)roi::correct(line({value}), options); });
    };
    CHECK(test::contains(refused(1.0, {.kind = MapKind::f, .df = 2.0}), "denominator"));
    CHECK(test::contains(refused(1.0, {.kind = MapKind::f, .df2 = 2.0}), "finite number above 0"));
    CHECK(test::contains(refused(0.5, {.kind = MapKind::r}), "finite number above 0"));
    CHECK(test::contains(refused(-1.0, {.kind = MapKind::chi_square, .df = 2.0}), "never negative"));
    CHECK(test::contains(refused(1.5, {.kind = MapKind::r, .df = 2.0}), "r is from -1 to 1"));
    CHECK(test::contains(refused(1.0, {.kind = MapKind::chi_square, .df = 2.0, .two_sided = true}),
                         "one side"));
}

TEST_CASE("adjusted_p: scipy's numbers") {
    const std::vector<double> p{0.01, 0.02, 0.03, 0.04, 0.2, 0.001};
    const std::vector<double> expected{0.03, 0.04, 0.045, 0.048, 0.2, 0.006};
    std::vector<double> log_p;
    for (const double value : p) log_p.push_back(-std::log10(value));
    const auto adjusted = [&](Correction method) {
        return roi::adjusted_p(line(log_p), {.kind = MapKind::log_p, .method = method});
    };
    const auto fdr = adjusted(Correction::fdr), any = adjusted(Correction::fdr_any_dependence),
               family = adjusted(Correction::bonferroni);
    for (std::size_t i = 0; i < p.size(); ++i) {
        const auto voxel = static_cast<std::int64_t>(i);
        CHECK(fdr[voxel] == Approx(expected[i]).epsilon(1e-13));
        CHECK(any[voxel] == Approx(std::min(1.0, expected[i] * 2.45)).epsilon(1e-13));
        CHECK(family[voxel] == Approx(std::min(1.0, p[i] * 6.0)).epsilon(1e-13));
    }
}

TEST_CASE("adjusted_neg_log10_p: where p is no double, and beside the tested voxels") {
    const roi::CorrectOptions f{.kind = MapKind::f, .df = 2.0, .df2 = 9.0, .method = Correction::bonferroni};
    const auto far = roi::adjusted_neg_log10_p(line({1e300, 0.0, missing, infinity}), f);
    CHECK(far[0] == Approx(1347.0605436880109535 - std::log10(2.0)).epsilon(1e-13));
    CHECK(far[1] == 0.0);
    CHECK(far[2] == 0.0);
    CHECK(far[3] == infinity);
    const auto steps = roi::adjusted_neg_log10_p(line({5000, 4999.9, 4000, 0}),
                                                 {.kind = MapKind::log_p, .method = Correction::fdr});
    CHECK(steps[0] == Approx(4999.9 - std::log10(2.0)).epsilon(1e-14));
    CHECK(steps[1] == steps[0]);
    CHECK(steps[2] == Approx(4000 - std::log10(4.0 / 3.0)).epsilon(1e-14));
    CHECK(steps[3] == 0.0);

    roi::Mask mask(Shape(3, 1, 1), true);
    mask[2] = false;
    const auto inside =
        roi::adjusted_p(line({4, missing, 9}), {.method = Correction::bonferroni, .mask = mask});
    CHECK(inside[0] == Approx(2.0 * roi::p_of_z(4.0, roi::Alternative::greater)).epsilon(1e-13));
    CHECK(inside[1] == 1.0);
    CHECK(inside[2] == 1.0);

    const auto refused = [](const roi::CorrectOptions& options) {
        return test::message_of<roi::InvalidArgument>([&] { (void)roi::adjusted_p(line({1, 2}), options); });
    };
    CHECK(test::contains(refused({}), "nothing to adjust"));
    CHECK(test::contains(refused({.method = Correction::fdr, .cluster_size = 2}), "clusters"));
    CHECK(test::contains(refused({.method = Correction::fdr, .mask = roi::Mask(Shape(2, 1, 1), false)}),
                         "no voxel"));
}

TEST_CASE("adjusted_p: what is below alpha is what survives, for every kind") {
    test::Random random(test::seed());
    INFO("seed " << test::seed());
    const struct {
        roi::CorrectOptions options;
        double scale;
    } kinds[] = {{{.kind = MapKind::z}, 2.0},
                 {{.kind = MapKind::t, .df = 12.0}, 2.0},
                 {{.kind = MapKind::r, .df = 12.0}, 0.4},
                 {{.kind = MapKind::f, .df = 3.0, .df2 = 20.0}, 3.0},
                 {{.kind = MapKind::chi_square, .df = 3.0}, 7.0},
                 {{.kind = MapKind::log_p}, 1.0}};
    for (int round = 0; round < 120; ++round) {
        auto [options, scale] = kinds[round % 6];
        const bool positive = round % 6 > 2;
        options.alpha = 0.1;
        options.two_sided = !positive && round % 12 < 6;
        options.method = round % 5 < 2    ? Correction::fdr
                         : round % 5 == 2 ? Correction::fdr_any_dependence
                                          : Correction::bonferroni;
        roi::Volume<double> map(Shape(60, 1, 1), 0.0);
        for (double& value : map) {
            value = scale * std::normal_distribution<double>(0.3, 1.0)(random);
            if (positive) value = std::abs(value);
            if (options.kind == MapKind::r) value = std::tanh(value);
        }
        const auto kept = roi::correct(map, options).map;
        const auto adjusted = roi::adjusted_p(map, options);
        for (std::int64_t i = 0; i < map.size(); ++i) REQUIRE((kept[i] != 0.0) == (adjusted[i] < 0.1));
    }
}
