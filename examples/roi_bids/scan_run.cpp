#include "scan_run.hpp"

#include <roi/io/load.hpp>
#include <roi/io/open.hpp>
#include <roi/io/save.hpp>
#include <roi/spatial/smooth.hpp>
#include <roi/stats/ttest_ind.hpp>
#include <roi/stream/scan.hpp>

#include <algorithm>
#include <utility>

namespace bids {

namespace {

/// A t-test for each contrast, all of them one sink of the scan.
class Contrasts {
public:
    explicit Contrasts(std::vector<Samples> samples) {
        for (auto& sample : samples) tests_.emplace_back(std::move(sample.a), std::move(sample.b));
    }

    void scan_begins() {
        for (auto& test : tests_) test.scan_begins();
    }
    void scan_ends() {
        for (auto& test : tests_) test.scan_ends();
    }
    void begin(const roi::ScanInfo& info) {
        for (auto& test : tests_) test.begin(info);
    }
    [[nodiscard]] bool wants(std::int64_t frame) const {
        return std::any_of(tests_.begin(), tests_.end(), [&](const auto& test) { return test.wants(frame); });
    }
    template <roi::RealVoxel T>
    void update(const roi::FrameBlock<T>& block, roi::VoxelRange range) {
        for (auto& test : tests_) test.update(block, range);
    }

    [[nodiscard]] std::vector<ContrastMaps> result() && {
        std::vector<ContrastMaps> out;
        for (auto& test : tests_) {
            auto difference = test.difference();
            out.push_back({std::move(difference), std::move(test).result().t});
        }
        return out;
    }

private:
    std::vector<roi::TTestInd> tests_;
};

}  // namespace

Scanned scan_run(const std::string& file, const std::vector<roi::SignalRegions>& regions,
                 const roi::RegionSignalsOptions& options, double fwhm,
                 const std::function<std::vector<Samples>(const Header&)>& samples,
                 const roi::StopRequest& stop) {
    auto run = roi::open<float>(file, {.warning = options.warning});
    auto wanted = samples({run.frames(), roi::repetition_time(run.metadata()), run.grid()});
    const roi::ScanOptions how{.warning = options.warning, .stop = stop};
    roi::RegionSignals signals(regions, options);
    const bool any = !wanted.empty();
    Contrasts contrasts(std::move(wanted));
    if (fwhm > 0.0) {
        roi::scan(roi::smooth(std::move(run), roi::Fwhm{fwhm}), signals, contrasts, how);
    } else if (any) {
        roi::scan(run, signals, contrasts, how);
    } else {
        roi::scan(run, signals, how);  // looks at whole numbers as they are stored
    }
    return {signals.result(), signals.lost(), signals.non_finite(),
            any ? std::move(contrasts).result() : std::vector<ContrastMaps>()};
}

roi::SignalRegions load_atlas(const std::string& file, const roi::RegionNames& names,
                              const roi::WarningHandler& warning) {
    return roi::labels_of(roi::load_labels<std::int32_t>(file, {.warning = warning}), {.names = names});
}

roi::Mask load_mask(const std::string& file, const roi::WarningHandler& warning) {
    return roi::load<bool>(file, {.warning = warning});
}

void save_map(const roi::Volume<double>& map, const std::string& path) {
    roi::save(map, path, {.datatype = roi::Datatype::float32});
}

}  // namespace bids
