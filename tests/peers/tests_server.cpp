// Answers requests for t-tests and F tests on standard input, for peer_tests.py: a process of its own, so that sanitizers
// work and a crash is seen.
//
// A request is 8 whole numbers (0 for a t-test, 1 for one from moments, 2 for F, 3 for a t-test by permutation; the number of voxels; the volumes of the
// first and of the second sample; 1 for equal variances; the alternative as 0 for two-sided, 1 less, 2 greater; what NaN does
// as 0 propagate, 1 omit, 2 raise; groups of F, or permutations), the trim, and then doubles, volume by volume: those of both samples, the six
// moments, or, after a group for each volume, those of the first. An answer is two whole numbers (0 or 1 for an error; bytes
// that follow) and these bytes: the statistics, then their p, or a message.
#include <roi/image/volume4d.hpp>
#include <roi/stats/f_classif.hpp>
#include <roi/stats/permute.hpp>
#include <roi/stats/ttest_ind.hpp>

#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <exception>
#include <vector>

namespace {

std::vector<double> read_numbers(std::int64_t count) {
    std::vector<double> out(static_cast<std::size_t>(count));
    if (count > 0 && std::fread(out.data(), sizeof(double), out.size(), stdin) != out.size()) std::exit(1);
    return out;
}

void answer(std::int64_t status, const void* bytes, std::size_t size) {
    const std::array<std::int64_t, 2> head{status, static_cast<std::int64_t>(size)};
    std::fwrite(head.data(), sizeof(head), 1, stdout);
    if (size > 0) std::fwrite(bytes, size, 1, stdout);
    std::fflush(stdout);
}

void answer(const std::vector<double>& statistics, const std::vector<double>& p) {
    auto both = statistics;
    both.insert(both.end(), p.begin(), p.end());
    answer(0, both.data(), both.size() * sizeof(double));
}

std::vector<double> values_of(const roi::Volume<double>& map) { return {map.begin(), map.end()}; }

/// p of every voxel by itself: whole numbers of permutations, of which SciPy's tests add some up.
std::vector<double> p_of_counts(const roi::PermutationTest& test) {
    const auto all = static_cast<double>(test.permutations) + (test.exact ? 0.0 : 1.0);
    std::vector<double> out;
    for (const double log_p : test.log_p_uncorrected) {
        out.push_back(std::round(std::pow(10.0, -log_p) * all) / all);
    }
    return out;
}

}  // namespace

int main() {
    std::array<std::int64_t, 8> head{};
    while (std::fread(head.data(), sizeof(head), 1, stdin) == 1) {
        const auto [what, voxels, first, second, equal, alternative, nan, groups] = head;
        roi::TTestOptions options;
        options.trim = read_numbers(1)[0];
        options.equal_var = equal != 0;
        constexpr std::array alternatives{roi::Alternative::two_sided, roi::Alternative::less,
                                          roi::Alternative::greater};
        constexpr std::array policies{roi::NanPolicy::propagate, roi::NanPolicy::omit, roi::NanPolicy::raise};
        options.alternative = alternatives.at(static_cast<std::size_t>(alternative));
        options.nan_policy = policies.at(static_cast<std::size_t>(nan));
        const auto membership = read_numbers(what == 2 ? first : 0);
        const auto a = read_numbers(what == 1 ? 6 : voxels * first);
        const auto b = read_numbers(what == 0 || what == 3 ? voxels * second : 0);
        const roi::Shape shape(voxels, 1, 1);
        const auto run = [&shape](const std::vector<double>& values, std::int64_t volumes) {
            return roi::Volume4D<double>(shape, volumes, values);
        };
        try {
            if (what == 0) {
                const auto test = roi::ttest_ind(run(a, first), run(b, second), options);
                answer(values_of(test.t), values_of(test.p));
            } else if (what == 3) {
                auto both = a;
                both.insert(both.end(), b.begin(), b.end());
                std::vector<double> tested(static_cast<std::size_t>(first + second), 0.0);
                std::fill(tested.begin(), tested.begin() + first, 1.0);
                const auto test = roi::permute(run(both, first + second), tested,
                                               {.permutations = groups,
                                                .alternative = options.alternative,
                                                .tfce = false,
                                                .uncorrected = true});
                // SciPy's tests want t to turn over exactly with the samples: that of the t-test does, to which this one is
                // equal within rounding.
                const auto t = roi::ttest_ind(run(a, first), run(b, second)).t;
                for (std::int64_t i = 0; i < t.size(); ++i) {
                    if (std::isfinite(t[i]) && std::abs(test.t[i] - t[i]) > 1e-11 * (1.0 + std::abs(t[i]))) {
                        throw roi::InvalidArgument("permute: t is another one than that of ttest_ind");
                    }
                }
                answer(values_of(t), p_of_counts(test));
            } else if (what == 1) {
                const auto test = roi::ttest_ind_from_stats(a[0], a[1], a[2], a[3], a[4], a[5], options);
                answer({test.t}, {test.p});
            } else {
                std::vector<roi::Selection> samples;
                for (std::int64_t g = 0; g < groups; ++g) {
                    std::vector<bool> chosen;
                    for (const double group : membership) chosen.push_back(group == static_cast<double>(g));
                    samples.emplace_back(std::move(chosen));
                }
                const auto test = roi::f_classif(run(a, first), samples);
                answer(values_of(test.f), values_of(test.p));
            }
        } catch (const std::exception& error) {
            answer(1, error.what(), std::strlen(error.what()));
        }
    }
    return 0;
}
