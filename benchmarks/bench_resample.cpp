// Runs and atlases on other grids; items are voxels of the result.
#include <benchmark/benchmark.h>

#include <roi/spatial/resample.hpp>
#include <roi/spatial/target_grid.hpp>

#include "data.hpp"
#include <cstdint>

namespace {

/// The Haxby grid at 2 mm, along its axes or turned by 0.1 rad.
roi::Grid target(bool turned) {
    const auto grid = roi::grid_of_voxel_size(data::haxby_grid(), 2.0);
    if (!turned) return grid;
    roi::Affine affine = grid.affine();
    const double c = std::cos(0.1), s = std::sin(0.1);
    affine.topLeftCorner<2, 2>() << 2.0 * c, -2.0 * s, 2.0 * s, 2.0 * c;
    return {grid.shape(), affine};
}

void resample_run(benchmark::State& state) {
    const auto run = data::run(10);
    const auto grid = target(state.range(1) == 1);
    const roi::Interpolation how = state.range(0) == 1 ? roi::Interpolation(roi::Interpolation::linear)
                                                       : roi::Interpolation(roi::Interpolation::continuous);
    for (auto _ : state) benchmark::DoNotOptimize(roi::resample_to(run, grid, how));
    state.SetItemsProcessed(state.iterations() * grid.size() * run.frames());
}

void resample_labels(benchmark::State& state) {
    const auto fine = target(false);
    roi::Labels atlas(fine);
    for (std::int64_t i = 0; i < atlas.size(); ++i) atlas[i] = static_cast<std::int32_t>(i / 1000);
    for (auto _ : state) benchmark::DoNotOptimize(roi::resample_to(atlas, data::haxby_grid()));
    state.SetItemsProcessed(state.iterations() * data::haxby_grid().size());
}

}  // namespace

BENCHMARK(resample_run)
    ->ArgsProduct({{1, 3}, {0, 1}})
    ->ArgNames({"order", "turned"})
    ->MeasureProcessCPUTime()
    ->Unit(benchmark::kMillisecond);
BENCHMARK(resample_labels)->MeasureProcessCPUTime()->Unit(benchmark::kMillisecond);
