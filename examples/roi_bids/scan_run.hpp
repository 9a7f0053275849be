// The one pass over a run: signals of regions and contrasts of conditions.
#pragma once

#include <roi/core/error.hpp>
#include <roi/image/column.hpp>
#include <roi/image/selection.hpp>
#include <roi/image/volume.hpp>
#include <roi/signals/region_signals.hpp>

#include <Eigen/Core>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

namespace bids {

/// The volumes of two conditions.
struct Samples {
    roi::Selection a, b;
    std::optional<roi::Column>
        chunks;  ///< run of each volume, where there are several: they are compared within each
};

/// What a run is, before its volumes are read.
struct Header {
    std::int64_t volumes = 0;
    std::optional<roi::Seconds> t_r;
    roi::Grid grid;
};

struct ContrastMaps {
    roi::Volume<double> difference, t;
};

/// What every voxel is like over time.
struct QualityMaps {
    roi::Volume<double> mean;
    roi::Volume<double> temporal_snr;  ///< mean / standard deviation (n - 1); 0 where nothing changes
};

struct Scanned {
    roi::Signals signals;
    std::vector<std::string> lost;
    std::int64_t non_finite = 0;
    std::vector<ContrastMaps> contrasts;  ///< in the order of the samples
    std::optional<QualityMaps> quality;
};

/// \param quality  are maps of quality wanted?
/// \param samples  asked with the header of the run, before anything else of it is read
[[nodiscard]] Scanned scan_run(const std::string& file, const std::vector<roi::SignalRegions>& regions,
                               const roi::RegionSignalsOptions& options, double fwhm, bool quality,
                               const std::function<std::vector<Samples>(const Header&)>& samples,
                               const roi::StopRequest& stop);

/// The labels of an atlas.
[[nodiscard]] roi::SignalRegions load_atlas(const std::string& file, const roi::RegionNames& names,
                                            std::int64_t background, const roi::WarningHandler& warning);

/// The maps of a probabilistic atlas.
[[nodiscard]] roi::SignalRegions load_maps(const std::string& file, const roi::RegionNames& names,
                                           const roi::WarningHandler& warning);

/// What the voxels of most variance of a run share: volumes x count. Reads the run twice.
[[nodiscard]] Eigen::MatrixXd high_variance_of(const std::string& file, std::int64_t count,
                                               const roi::WarningHandler& warning,
                                               const roi::StopRequest& stop);

/// fMRIPrep's mask.
[[nodiscard]] roi::Mask load_mask(const std::string& file, const roi::WarningHandler& warning);

/// Writes a map of single precision.
void save_map(const roi::Volume<double>& map, const std::string& path);

}  // namespace bids
