// The mean over time; items are values.
#include <benchmark/benchmark.h>

#include <roi/stats/mean.hpp>

#include "data.hpp"

namespace {

void mean(benchmark::State& state) {
    const auto run = data::run(state.range(0));
    for (auto _ : state) benchmark::DoNotOptimize(roi::mean(run));
    state.SetItemsProcessed(state.iterations() * run.size());
}

}  // namespace

BENCHMARK(mean)->Arg(10)->Arg(100)->MeasureProcessCPUTime()->Unit(benchmark::kMillisecond);
