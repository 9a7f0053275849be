// Saving and loading runs as .nii.gz; bytes are those of the voxels in memory. 1452 volumes are 951 MB.
#include <benchmark/benchmark.h>

#include <roi/nifti.hpp>

#include "data.hpp"
#include <cstdlib>
#include <filesystem>
#include <string>

namespace {

std::string file() { return (std::filesystem::temp_directory_path() / "roi_bench_files.nii.gz").string(); }

/// Volumes of the run: ROI_BENCH_FRAMES when set, else a few.
std::int64_t frames() {
    const char* chosen = std::getenv("ROI_BENCH_FRAMES");
    return chosen ? std::atoll(chosen) : 50;
}

void save(benchmark::State& state) {
    const auto run = data::run(frames());
    for (auto _ : state) roi::save(run, file());
    state.SetBytesProcessed(state.iterations() * run.size() * 4);
    std::filesystem::remove(file());
}

void load(benchmark::State& state) {
    const auto run = data::run(frames());
    roi::save(run, file(), {.datatype = roi::Datatype::int16});
    for (auto _ : state) benchmark::DoNotOptimize(roi::load4d<float>(file()));
    state.SetBytesProcessed(state.iterations() * run.size() * 4);
    std::filesystem::remove(file());
}

}  // namespace

BENCHMARK(save)->MeasureProcessCPUTime()->Unit(benchmark::kMillisecond);
BENCHMARK(load)->MeasureProcessCPUTime()->Unit(benchmark::kMillisecond);
