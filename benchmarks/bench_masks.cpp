// Threshold, comparison, logic, dilation and labelling of masks; items are voxels.
#include <benchmark/benchmark.h>

#include <roi/image/logical.hpp>
#include <roi/morphology/dilate.hpp>
#include <roi/regions/label.hpp>
#include <roi/stats/threshold.hpp>

#include "data.hpp"

namespace {

roi::Connectivity connectivity(std::int64_t neighbours) {
    return neighbours == 6 ? roi::Connectivity::faces : roi::Connectivity::corners;
}

void threshold_and(benchmark::State& state) {
    const auto run = data::run(1);
    const roi::Volume<float> map(run.grid(), run.values());
    const roi::Mask mask(map.grid(), true);
    for (auto _ : state)
        benchmark::DoNotOptimize(roi::logical_and(roi::threshold(map, 1000.0f) != 0.0f, mask));
    state.SetItemsProcessed(state.iterations() * map.size());
}

void dilate_blobs(benchmark::State& state) {
    const auto mask = data::blobs(state.range(0));
    for (auto _ : state)
        benchmark::DoNotOptimize(roi::dilate(mask, {.structure = connectivity(state.range(1))}));
    state.SetItemsProcessed(state.iterations() * mask.size());
}

void label_blobs(benchmark::State& state) {
    const auto mask = data::blobs(state.range(0));
    for (auto _ : state)
        benchmark::DoNotOptimize(roi::label(mask, {.connectivity = connectivity(state.range(1))}));
    state.SetItemsProcessed(state.iterations() * mask.size());
}

void label_noise(benchmark::State& state) {
    const auto mask = data::noise(state.range(0));
    for (auto _ : state)
        benchmark::DoNotOptimize(roi::label(mask, {.connectivity = connectivity(state.range(1))}));
    state.SetItemsProcessed(state.iterations() * mask.size());
}

void cubes(benchmark::internal::Benchmark* benchmark) {
    benchmark->ArgsProduct({{64, 128, 256}, {6, 26}})->ArgNames({"size", "neighbours"});
    benchmark->MeasureProcessCPUTime()->Unit(benchmark::kMillisecond);
}

}  // namespace

BENCHMARK(threshold_and)->MeasureProcessCPUTime()->Unit(benchmark::kMillisecond);
BENCHMARK(dilate_blobs)->Apply(cubes);
BENCHMARK(label_blobs)->Apply(cubes);
BENCHMARK(label_noise)->Apply(cubes);
