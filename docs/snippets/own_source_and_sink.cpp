#include <roi/roi.hpp>

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <cstdio>
#include <limits>
#include <span>

/// A source: a made-up run in which every plane swings with its own phase.
class Waves {
public:
    using value_type = float;

    [[nodiscard]] const roi::Grid& grid() const { return grid_; }
    [[nodiscard]] const roi::Metadata& metadata() const { return metadata_; }
    [[nodiscard]] std::int64_t frames() const { return 40; }

    /// Fills `out`, x fastest, with the next volume.
    void read(std::span<float> out) {
        for (std::size_t i = 0; i < out.size(); ++i) {
            const auto z = grid_.shape().voxel(static_cast<std::int64_t>(i))[2];
            out[i] = 100.0F + std::sin(0.3F * static_cast<float>(next_ + z));
        }
        ++next_;
    }

private:
    roi::Grid grid_{roi::Shape(20, 20, 12), roi::scaling({3.0, 3.0, 3.0})};
    roi::Metadata metadata_;
    std::int64_t next_ = 0;
};

/// A sink: the largest value of every voxel over time.
class Peak {
public:
    void begin(const roi::ScanInfo& info) {
        constexpr double lowest = -std::numeric_limits<double>::infinity();
        peak_ = roi::Volume<double>(info.grid, lowest, roi::inherited_by_volume(info.metadata));
    }

    /// Called from several threads for different voxels, for one voxel in the order of time.
    template <roi::RealVoxel T>
    void update(const roi::FrameBlock<T>& block, roi::VoxelRange range) {
        for (const T* volume : block.frames) {
            for (std::int64_t i = range.first; i < range.last; ++i) {
                peak_[i] = std::max(peak_[i], static_cast<double>(volume[i]));
            }
        }
    }

    [[nodiscard]] const roi::Volume<double>& result() const { return peak_; }

private:
    roi::Volume<double> peak_;
};

int main() {
    Peak peak;
    roi::Mean mean;
    roi::scan(roi::smooth(Waves(), roi::Fwhm{6.0}), peak, mean);
    std::printf("voxel (10, 10, 6): mean %.3f, peak %.3f\n", mean.result()(10, 10, 6),
                peak.result()(10, 10, 6));
}
