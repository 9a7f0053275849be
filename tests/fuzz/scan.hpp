// Fuzz body: any bytes as an image whose volumes are scanned.
#pragma once

#include <roi/io.hpp>
#include <roi/spatial/smooth.hpp>
#include <roi/stats/mean.hpp>
#include <roi/stats/variance.hpp>
#include <roi/stream/collect.hpp>
#include <roi/stream/keep_voxels.hpp>

#include "header.hpp"
#include "scratch.hpp"
#include <algorithm>
#include <cmath>
#include <optional>
#include <string>
#include <vector>

namespace fuzz {

/// The same values, NaN of any kind included.
inline bool same_values(std::span<const double> a, std::span<const double> b) {
    return std::equal(a.begin(), a.end(), b.begin(), b.end(),
                      [](double x, double y) { return x == y || (std::isnan(x) && std::isnan(y)); });
}

/// What several sinks see of a source.
struct Seen {
    std::vector<double> mean, variance, kept, run;

    friend bool operator==(const Seen& a, const Seen& b) {
        return same_values(a.mean, b.mean) && same_values(a.variance, b.variance) &&
               same_values(a.kept, b.kept) && same_values(a.run, b.run);
    }
};

template <class Source>
Seen seen(Source&& source, int threads) {
    roi::Mask mask(source.grid(), false);
    for (std::int64_t i = 1; i < mask.size(); i += 3) mask[i] = true;
    roi::Mean mean;
    roi::Variance variance;
    roi::KeepVoxels<double> kept(mask);
    roi::Collect<double> run;
    std::int64_t warnings = 0;
    roi::scan(source, mean, variance, kept, run,
              roi::ScanOptions{.warning = [&](std::string_view) { ++warnings; }, .threads = threads});
    const auto copy = [](const auto& values) { return std::vector<double>(values.begin(), values.end()); };
    Seen out{copy(mean.result()), copy(variance.result()), {}, copy(run.result().values())};
    for (std::int64_t t = 0; t < run.result().frames(); ++t) {
        const auto values = kept.result().frame(t);
        out.kept.insert(out.kept.end(), values.begin(), values.end());
    }
    const bool finite =
        std::all_of(out.run.begin(), out.run.end(), [](double value) { return std::isfinite(value); });
    demand(finite || warnings > 0, "what is not finite is said");
    return out;
}

/// The first byte says what becomes of the others; the second how wide a filter is.
inline void scan(Input data) {
    static const Scratch scratch;
    if (data.size() < 2) return;
    const auto path = write_image(scratch, data[0], text_of(data.subspan(2))).path;
    roi::ImageInfo info;
    if (!succeeds([&] { info = roi::read_header(path); })) return;
    if (info.grid.size() * info.frames > 1 << 15) return;

    std::optional<roi::Volume4D<double>> run;
    const bool whole = succeeds([&] { run = roi::load4d<double>(path); });
    std::optional<Seen> one, three;
    demand(succeeds([&] { one = seen(roi::open<double>(path), 1); }) == whole,
           "an image is scanned if and only if it loads");
    demand(succeeds([&] { three = seen(roi::open<double>(path), 3); }) == whole,
           "threads do not decide whether an image is scanned");
    if (!whole) return;
    demand(*one == *three, "threads change nothing");
    demand(*one == seen(*run, 2), "a stream is the run in memory");
    demand(same_values(one->run, run->values()), "all volumes are seen, each once");
    const auto voxels = static_cast<std::size_t>(info.grid.size());
    for (std::size_t i = 0; i < voxels; ++i) {
        double sum = 0.0, largest = 0.0;
        for (std::int64_t t = 0; t < run->frames(); ++t) {
            const double value = run->values()[i + voxels * static_cast<std::size_t>(t)];
            sum += value;
            largest = std::max(largest, std::abs(value));
        }
        const double mean = sum / static_cast<double>(run->frames());
        demand(
            same_values({&one->mean[i], 1}, {&mean, 1}) || std::abs(one->mean[i] - mean) <= 1e-12 * largest,
            "the mean is a sum by a number");
    }

    // Some grids have no right angles or no millimetres to smooth by: that is said before anything is read.
    const roi::Fwhm width{static_cast<double>(data[1]) / 16.0};
    const auto smoothed = [&](int threads) -> std::optional<Seen> {
        try {
            return seen(roi::smooth(roi::open<double>(path), width), threads);
        } catch (const roi::InvalidArgument&) {
            return std::nullopt;
        }
    };
    const auto once = smoothed(1), thrice = smoothed(3);
    demand(once == thrice, "threads change nothing of what is smoothed");
    if (!once) return;
    const auto in_memory = roi::smooth(*run, width);
    demand(same_values(once->run, in_memory.values()), "smoothed as in memory");
}

}  // namespace fuzz
