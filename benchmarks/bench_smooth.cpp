// Smoothing a run in memory and one volume; items are voxels.
#include <benchmark/benchmark.h>

#include "data.hpp"
#include <utility>

namespace {

void smooth_run(benchmark::State& state) {
    auto run = data::run(state.range(0));
    for (auto _ : state) run = roi::smooth(std::move(run), roi::Fwhm{6.0});
    state.SetItemsProcessed(state.iterations() * run.size());
}

void smooth_volume(benchmark::State& state) {
    const roi::Volume<float> volume(roi::Grid(roi::Shape(state.range(0), state.range(0), state.range(0))),
                                    1.0f);
    for (auto _ : state)
        benchmark::DoNotOptimize(roi::smooth(volume, roi::Fwhm{static_cast<double>(state.range(1))}));
    state.SetItemsProcessed(state.iterations() * volume.size());
}

}  // namespace

BENCHMARK(smooth_run)->Arg(100)->MeasureProcessCPUTime()->Unit(benchmark::kMillisecond);
BENCHMARK(smooth_volume)
    ->ArgsProduct({{64, 128, 256}, {2, 6, 12}})
    ->ArgNames({"size", "fwhm"})
    ->MeasureProcessCPUTime()
    ->Unit(benchmark::kMillisecond);
