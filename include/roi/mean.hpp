// The mean of a run over time.
#pragma once

#include <roi/concepts.hpp>
#include <roi/detail/buffer.hpp>
#include <roi/error.hpp>
#include <roi/metadata.hpp>
#include <roi/scan.hpp>
#include <roi/volume.hpp>
#include <roi/volume4d.hpp>

#include <cstdint>

namespace roi {

/// Sink of `scan`: the mean of every voxel over time.
///
/// Sums in double in the order of time, then divides. Memory: one double a voxel.
class Mean {
public:
    void begin(const ScanInfo& info) {
        sums_ = Volume<double>(info.grid, 0.0, inherited_by_volume(info.metadata));
        frames_ = info.frames;
    }

    template <RealVoxel T>
    void update(const FrameBlock<T>& block, VoxelRange range) {
        double* sums = sums_.data();
        for (const T* frame : block.frames) {
            for (std::int64_t i = range.first; i < range.last; ++i) sums[i] += static_cast<double>(frame[i]);
        }
    }

    /// The mean over time, on the grid of the run with its metadata.
    /// \throws InvalidArgument when there was no volume
    [[nodiscard]] Volume<double> result() const {
        require(frames_ > 0, "mean: the run has no volumes, at least one is needed");
        Volume<double> out = sums_;
        for (double& value : out) value /= static_cast<double>(frames_);
        return out;
    }

private:
    Volume<double> sums_;
    std::int64_t frames_ = 0;
};

/// The mean of every voxel over time.
///
/// \param run  float or double
/// \returns    a volume on the grid of `run`, with its metadata; a voxel that is ever NaN is NaN
/// \throws InvalidArgument when the run has no volumes
///
/// One pass; memory: two doubles a voxel. Equals nilearn's `mean_img`, but always sums in double.
template <RealVoxel T>
[[nodiscard]] Volume<double> mean(const Volume4D<T>& run) {
    Mean sink;
    scan(run, sink);
    return sink.result();
}

}  // namespace roi
