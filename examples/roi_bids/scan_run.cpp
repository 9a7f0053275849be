#include "scan_run.hpp"

#include <roi/io/load.hpp>
#include <roi/io/open.hpp>
#include <roi/io/save.hpp>
#include <roi/signals/confounds.hpp>
#include <roi/signals/maps_of.hpp>
#include <roi/spatial/smooth.hpp>
#include <roi/stats/mean.hpp>
#include <roi/stats/ttest_ind.hpp>
#include <roi/stats/variance.hpp>
#include <roi/stream/scan.hpp>

#include <algorithm>
#include <optional>
#include <utility>

namespace bids {

namespace {

/// A t-test for each contrast, and mean and variance where they are wanted: all maps of a run, as one sink of the scan.
class Maps {
public:
    Maps(std::vector<Samples> samples, bool quality) {
        for (auto& sample : samples) {
            tests_.emplace_back(std::move(sample.a), std::move(sample.b),
                                roi::TTestOptions{.chunks = std::move(sample.chunks)});
        }
        if (!quality) return;
        mean_.emplace();
        variance_.emplace(roi::VarianceOptions{.ddof = 1});
    }

    void scan_begins() {
        for_each([](auto& sink) { sink.scan_begins(); });
    }
    void scan_ends() {
        for_each([](auto& sink) { sink.scan_ends(); });
    }
    void begin(const roi::ScanInfo& info) {
        for_each([&](auto& sink) { sink.begin(info); });
    }
    [[nodiscard]] bool wants(std::int64_t frame) const {
        return mean_ ||
               std::any_of(tests_.begin(), tests_.end(), [&](const auto& test) { return test.wants(frame); });
    }
    template <roi::RealVoxel T>
    void update(const roi::FrameBlock<T>& block, roi::VoxelRange range) {
        for_each([&](auto& sink) { sink.update(block, range); });
    }
    [[nodiscard]] bool empty() const { return tests_.empty() && !mean_; }

    [[nodiscard]] std::optional<QualityMaps> quality() {
        if (!mean_) return std::nullopt;
        QualityMaps out{std::move(*mean_).result(), variance_->standard_deviation()};
        for (std::int64_t i = 0; i < out.mean.size(); ++i) {
            double& deviation = out.temporal_snr[i];
            deviation = deviation == 0.0 ? 0.0 : out.mean[i] / deviation;
        }
        return out;
    }

    [[nodiscard]] std::vector<ContrastMaps> contrasts() && {
        std::vector<ContrastMaps> out;
        for (auto& test : tests_) {
            auto difference = test.difference();
            out.push_back({std::move(difference), std::move(test).result().t});
        }
        return out;
    }

private:
    template <class Do>
    void for_each(Do&& what) {
        for (auto& test : tests_) what(test);
        if (mean_) what(*mean_);
        if (variance_) what(*variance_);
    }

    std::vector<roi::TTestInd> tests_;
    std::optional<roi::Mean> mean_;
    std::optional<roi::Variance> variance_;
};

}  // namespace

Scanned scan_run(const std::string& file, const std::vector<roi::SignalRegions>& regions,
                 const roi::RegionSignalsOptions& options, double fwhm, bool quality,
                 const std::function<std::vector<Samples>(const Header&)>& samples,
                 const roi::StopRequest& stop) {
    auto run = roi::open<float>(file, {.warning = options.warning});
    auto wanted = samples({run.frames(), roi::repetition_time(run.metadata()), run.grid()});
    const roi::ScanOptions how{.warning = options.warning, .stop = stop};
    roi::RegionSignals signals(regions, options);
    Maps maps(std::move(wanted), quality);
    if (fwhm > 0.0) {
        roi::scan(roi::smooth(std::move(run), roi::Fwhm{fwhm}), signals, maps, how);
    } else if (!maps.empty()) {
        roi::scan(run, signals, maps, how);
    } else {
        roi::scan(run, signals, how);  // looks at whole numbers as they are stored
    }
    Scanned out{signals.result(), signals.lost(), signals.non_finite(), {}, maps.quality()};
    out.contrasts = std::move(maps).contrasts();
    return out;
}

roi::SignalRegions load_atlas(const std::string& file, const roi::RegionNames& names, std::int64_t background,
                              const roi::WarningHandler& warning) {
    return roi::labels_of(roi::load_labels<std::int32_t>(file, {.warning = warning}),
                          {.names = names, .background = background, .warning = warning});
}

roi::SignalRegions load_maps(const std::string& file, const roi::RegionNames& names,
                             const roi::WarningHandler& warning) {
    return roi::maps_of(roi::open<float>(file, {.warning = warning}), {.names = names, .warning = warning});
}

Eigen::MatrixXd high_variance_of(const std::string& file, std::int64_t count,
                                 const roi::WarningHandler& warning, const roi::StopRequest& stop) {
    // Of the second reading nothing is new.
    return roi::high_variance_confounds(roi::open<float>(file, {.warning = warning}), roi::open<float>(file),
                                        {.count = count, .stop = stop});
}

roi::Mask load_mask(const std::string& file, const roi::WarningHandler& warning) {
    return roi::load<bool>(file, {.warning = warning});
}

void save_map(const roi::Volume<double>& map, const std::string& path) {
    roi::save(map, path, {.datatype = roi::Datatype::float32});
}

}  // namespace bids
