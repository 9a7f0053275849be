// Holes, distances, measurements and tables of clusters; items are voxels.
#include <benchmark/benchmark.h>

#include <roi/morphology/distance.hpp>
#include <roi/morphology/fill_holes.hpp>
#include <roi/morphology/opening.hpp>
#include <roi/regions/label.hpp>
#include <roi/regions/measure.hpp>
#include <roi/stats/cluster_table.hpp>

#include "data.hpp"

namespace {

roi::Volume<float> field(std::int64_t n) {
    const auto noise = data::noise(n);
    roi::Volume<float> out(noise.grid());
    for (std::int64_t i = 0; i < out.size(); ++i) out[i] = noise[i] ? 100.0f : -30.0f;
    return roi::smooth(out, roi::Fwhm{6.0});
}

void open_blobs(benchmark::State& state) {
    const auto mask = data::blobs(state.range(0));
    for (auto _ : state) benchmark::DoNotOptimize(roi::opening(mask));
    state.SetItemsProcessed(state.iterations() * mask.size());
}

void close_blobs(benchmark::State& state) {
    const auto mask = data::blobs(state.range(0));
    for (auto _ : state) benchmark::DoNotOptimize(roi::closing(mask));
    state.SetItemsProcessed(state.iterations() * mask.size());
}

void fill_holes_of_blobs(benchmark::State& state) {
    const auto mask = data::blobs(state.range(0));
    for (auto _ : state) benchmark::DoNotOptimize(roi::fill_holes(mask));
    state.SetItemsProcessed(state.iterations() * mask.size());
}

void distance_to_blobs(benchmark::State& state) {
    const auto mask = data::blobs(state.range(0));
    for (auto _ : state) benchmark::DoNotOptimize(roi::distance_to(mask));
    state.SetItemsProcessed(state.iterations() * mask.size());
}

void measure_blobs(benchmark::State& state) {
    const auto map = field(state.range(0));
    const auto atlas = roi::label(data::blobs(state.range(0))).atlas;
    for (auto _ : state) benchmark::DoNotOptimize(roi::measure(map, atlas));
    state.SetItemsProcessed(state.iterations() * map.size());
}

void table_of_clusters(benchmark::State& state) {
    const auto map = field(state.range(0));
    for (auto _ : state) benchmark::DoNotOptimize(roi::cluster_table(map, 25.0));
    state.SetItemsProcessed(state.iterations() * map.size());
}

void cubes(benchmark::internal::Benchmark* benchmark) {
    benchmark->Arg(64)->Arg(256)->ArgName("size");
    benchmark->MeasureProcessCPUTime()->Unit(benchmark::kMillisecond);
}

}  // namespace

BENCHMARK(open_blobs)->Apply(cubes);
BENCHMARK(close_blobs)->Apply(cubes);
BENCHMARK(fill_holes_of_blobs)->Apply(cubes);
BENCHMARK(distance_to_blobs)->Apply(cubes);
BENCHMARK(measure_blobs)->Apply(cubes);
BENCHMARK(table_of_clusters)
    ->Arg(96)
    ->ArgName("size")
    ->MeasureProcessCPUTime()
    ->Unit(benchmark::kMillisecond);
