// The t-test of 163,840 voxels, 108 v 108 volumes: the pass over the run, then with p; and -log10 p of its result.
#include <benchmark/benchmark.h>

#include <roi/stats/neg_log10.hpp>
#include <roi/stats/ttest_ind.hpp>
#include <roi/stream/scan.hpp>

#include "data.hpp"
#include <utility>
#include <vector>

namespace {

std::pair<roi::Selection, roi::Selection> halves(std::int64_t frames) {
    std::vector<bool> first(static_cast<std::size_t>(frames), false);
    std::fill_n(first.begin(), frames / 2, true);
    roi::Selection a(std::move(first));
    return {a, !a};
}

void ttest_ind_sums(benchmark::State& state) {
    const auto run = data::run(216);
    const auto [a, b] = halves(run.frames());
    for (auto _ : state) {
        roi::TTestInd sink(a, b);
        roi::scan(run, sink);
        benchmark::DoNotOptimize(sink);
    }
}

void ttest_ind(benchmark::State& state) {
    const auto run = data::run(216);
    const auto [a, b] = halves(run.frames());
    for (auto _ : state) benchmark::DoNotOptimize(roi::ttest_ind(run, a, b));
}

void neg_log10(benchmark::State& state) {
    const auto run = data::run(216);
    const auto [a, b] = halves(run.frames());
    const auto test = roi::ttest_ind(run, a, b);
    for (auto _ : state) benchmark::DoNotOptimize(roi::neg_log10(test, {.max = 10.0}));
}

}  // namespace

BENCHMARK(ttest_ind_sums)->MeasureProcessCPUTime()->Unit(benchmark::kMillisecond);
BENCHMARK(ttest_ind)->MeasureProcessCPUTime()->Unit(benchmark::kMillisecond);
BENCHMARK(neg_log10)->MeasureProcessCPUTime()->Unit(benchmark::kMillisecond);
