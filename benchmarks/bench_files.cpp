// Saving and loading runs as .nii.gz; bytes are those of the voxels in memory. 1452 volumes are 951 MB.
// Reading a run volume by volume against the decoder that does it; bytes are those of the decoded file.
#include <benchmark/benchmark.h>
#include <zlib.h>

#include <roi/io.hpp>
#include <roi/stream/scan.hpp>
#include <roi/stream/source.hpp>

#include "data.hpp"
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <memory>
#include <span>
#include <stdexcept>
#include <string>
#include <vector>
#if defined(ROI_WITH_ISAL)
#include <isa-l/igzip_lib.h>
#endif

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

/// A run on disk: ROI_BENCH_FILE when set, else one that is removed at the end.
class RunFile {
public:
    RunFile() {
        if (const char* chosen = std::getenv("ROI_BENCH_FILE")) {
            path_ = chosen;
        } else {
            path_ = made_ = file();
            roi::save(data::run(frames()), made_, {.datatype = roi::Datatype::int16});
        }
    }
    ~RunFile() {
        if (!made_.empty()) std::filesystem::remove(made_);
    }
    RunFile(const RunFile&) = delete;
    RunFile& operator=(const RunFile&) = delete;
    [[nodiscard]] const std::string& path() const { return path_; }

private:
    std::string path_, made_;
};

/// Bytes that come out of a gzip file of one member, decoded by the library that roi uses and by nothing else:
/// one buffer each for what goes in and what comes out, the checksum compared.
std::int64_t decode_alone(const std::string& path) {
    const std::unique_ptr<std::FILE, int (*)(std::FILE*)> in(std::fopen(path.c_str(), "rb"), &std::fclose);
    if (!in) throw std::runtime_error(path + " cannot be opened");
    std::setvbuf(in.get(), nullptr, _IONBF, 0);
    std::vector<std::uint8_t> packed(std::size_t{1} << 18), room(std::size_t{1} << 18);
    std::int64_t total = 0;
#if defined(ROI_WITH_ISAL)
    const auto state = std::make_unique<inflate_state>();
    isal_inflate_init(state.get());
    state->crc_flag = ISAL_GZIP;
    while (state->block_state != ISAL_BLOCK_FINISH) {
        if (state->avail_in == 0) {
            state->next_in = packed.data();
            state->avail_in =
                static_cast<std::uint32_t>(std::fread(packed.data(), 1, packed.size(), in.get()));
            if (state->avail_in == 0) break;
        }
        state->next_out = room.data();
        state->avail_out = static_cast<std::uint32_t>(room.size());
        if (isal_inflate(state.get()) < 0) throw std::runtime_error(path + " cannot be decoded");
        total += static_cast<std::int64_t>(room.size() - state->avail_out);
    }
#else
    z_stream state{};
    inflateInit2(&state, 31);
    for (int status = Z_OK; status == Z_OK;) {
        if (state.avail_in == 0) {
            state.next_in = packed.data();
            state.avail_in = static_cast<uInt>(std::fread(packed.data(), 1, packed.size(), in.get()));
            if (state.avail_in == 0) break;
        }
        state.next_out = room.data();
        state.avail_out = static_cast<uInt>(room.size());
        status = inflate(&state, Z_NO_FLUSH);
        total += static_cast<std::int64_t>(room.size() - state.avail_out);
    }
    inflateEnd(&state);
#endif
    return total;
}

void decoder_alone(benchmark::State& state) {
    const RunFile run;
    std::int64_t bytes = 0;
    for (auto _ : state) bytes += decode_alone(run.path());
    state.SetBytesProcessed(bytes);
}

/// A sink that looks at nothing, so that the run is only decoded.
struct Idle {
    void begin(const roi::ScanInfo&) {}
    [[nodiscard]] static bool wants(std::int64_t) { return false; }
    void frame(std::int64_t, std::span<const float>) {}
};

void stream(benchmark::State& state) {
    const RunFile run;
    const auto info = roi::read_header(run.path());
    const auto each = info.grid.size() * static_cast<std::int64_t>(roi::size_of(info.datatype));
    for (auto _ : state) {
        auto source = roi::open(run.path());
        Idle idle;
        roi::scan(source, idle);
    }
    state.SetBytesProcessed(state.iterations() * info.frames * each);
}

void header(benchmark::State& state) {
    const RunFile run;
    for (auto _ : state) benchmark::DoNotOptimize(roi::read_header(run.path()));
}

}  // namespace

BENCHMARK(header)->Unit(benchmark::kMicrosecond);
BENCHMARK(decoder_alone)->MeasureProcessCPUTime()->Unit(benchmark::kMillisecond);
BENCHMARK(stream)->MeasureProcessCPUTime()->Unit(benchmark::kMillisecond);
BENCHMARK(save)->MeasureProcessCPUTime()->Unit(benchmark::kMillisecond);
BENCHMARK(load)->MeasureProcessCPUTime()->Unit(benchmark::kMillisecond);
