// Signals of 1452 volumes from an atlas of 100 small regions.
#include <benchmark/benchmark.h>

#include <roi/signals/labels_masker.hpp>

#include "data.hpp"

namespace {

void labels_masker(benchmark::State& state) {
    const auto run = data::run(1452);
    roi::Labels atlas(run.grid());
    for (std::int64_t i = 0; i < 10000; ++i) atlas[40000 + i] = static_cast<std::int32_t>(1 + i / 100);
    for (auto _ : state) benchmark::DoNotOptimize(roi::labels_masker(atlas).transform(run));
}

}  // namespace

BENCHMARK(labels_masker)->MeasureProcessCPUTime()->Unit(benchmark::kMillisecond);
