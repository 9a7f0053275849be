// The mean of a run over time.
#pragma once

#include <roi/core/concepts.hpp>
#include <roi/core/detail/buffer.hpp>
#include <roi/core/detail/instruction_set.hpp>
#include <roi/core/error.hpp>
#include <roi/image/metadata.hpp>
#include <roi/image/volume.hpp>
#include <roi/image/volume4d.hpp>
#include <roi/stream/scan.hpp>
#include <roi/stream/source.hpp>

#include <cstddef>
#include <cstdint>
#include <span>
#include <utility>

namespace roi {

namespace detail {

/// Adds `Count` volumes to the sums of voxels [begin, end), every voxel in the order of the volumes.
template <std::size_t Count, class T>
ROI_ALWAYS_INLINE void add_volumes_of(const T* const* volumes, double* __restrict sums, std::int64_t begin,
                                      std::int64_t end) {
    const T* volume[Count];
    for (std::size_t k = 0; k < Count; ++k) volume[k] = volumes[k];
    for (std::int64_t i = begin; i < end; ++i) {
        if constexpr (IntegerVoxel<T> && sizeof(T) <= 2) {
            // Sums of whole numbers are exact in either type, and integers add up several times faster.
            std::int32_t sum = 0;
            for (std::size_t k = 0; k < Count; ++k) sum += volume[k][i];
            sums[i] += sum;
        } else {
            double sum = sums[i];
            for (std::size_t k = 0; k < Count; ++k) sum += static_cast<double>(volume[k][i]);
            sums[i] = sum;
        }
    }
}

/// The same for any number of volumes: some at a time, so that sums stay in registers.
template <class T>
ROI_ALWAYS_INLINE void add_volumes_body(std::span<const T* const> volumes, double* sums, std::int64_t begin,
                                        std::int64_t end) {
    std::size_t k = 0;
    for (; k + 6 <= volumes.size(); k += 6) add_volumes_of<6>(volumes.data() + k, sums, begin, end);
    for (; k + 3 <= volumes.size(); k += 3) add_volumes_of<3>(volumes.data() + k, sums, begin, end);
    for (; k < volumes.size(); ++k) add_volumes_of<1>(volumes.data() + k, sums, begin, end);
}

template <class T>
ROI_TARGET_AVX2 void add_volumes_avx2(std::span<const T* const> volumes, double* sums, std::int64_t begin,
                                      std::int64_t end) {
    add_volumes_body(volumes, sums, begin, end);
}

template <class T>
void add_volumes(std::span<const T* const> volumes, double* sums, std::int64_t begin, std::int64_t end) {
    if (use_avx2()) return add_volumes_avx2(volumes, sums, begin, end);
    add_volumes_body(volumes, sums, begin, end);
}

}  // namespace detail

/// Sink of `scan`: the mean of every voxel over time.
///
/// Sums in double in the order of time, then divides. Of a smoothed source it takes the mean before smoothing and
/// smooths that: the same but for the rounding of every smoothed volume to float, at a small part of the work.
/// Memory: one double a voxel.
class Mean {
public:
    /// The mean of filtered volumes is the filtered mean.
    static constexpr bool linear = true;

    void begin(const ScanInfo& info) {
        sums_ = Volume<double>(info.grid, 0.0, inherited_by_volume(info.metadata));
        frames_ = info.frames;
    }

    template <NumberVoxel T>
    void update(const FrameBlock<T>& block, VoxelRange range) {
        detail::add_volumes(block.frames, sums_.data(), range.first, range.last);
    }

    /// Called by `scan` when the volumes it showed were unfiltered.
    template <class Filter>
    void finish(const Filter& filter) {
        if (frames_ == 0) return;
        sums_ = filter(divided(std::move(sums_)));
        frames_ = 1;
    }

    /// The mean over time, on the grid of the run with its metadata; made in the memory of a temporary sink.
    /// \throws InvalidArgument when there was no volume
    [[nodiscard]] Volume<double> result() const& { return divided(sums_); }
    [[nodiscard]] Volume<double> result() && { return divided(std::move(sums_)); }

private:
    [[nodiscard]] Volume<double> divided(Volume<double> sums) const {
        require(frames_ > 0, "mean: the run has no volumes, at least one is needed");
        for (double& value : sums) value /= static_cast<double>(frames_);
        return sums;
    }

    Volume<double> sums_;
    std::int64_t frames_ = 0;
};

/// The mean of every voxel over time.
///
/// \param run  any number type
/// \returns    a volume on the grid of `run`, with its metadata; a voxel that is ever NaN is NaN
/// \throws InvalidArgument when the run has no volumes
///
/// One pass; memory: one double a voxel. Equals nilearn's `mean_img`, but always sums in double.
template <NumberVoxel T>
[[nodiscard]] Volume<double> mean(const Volume4D<T>& run) {
    Mean sink;
    scan(run, sink);
    return std::move(sink).result();
}

/// The mean of every voxel over the volumes of a source, which is scanned once; otherwise as above.
template <StreamedSource Source>
[[nodiscard]] Volume<double> mean(Source&& source) {
    Mean sink;
    scan(source, sink);
    return std::move(sink).result();
}

}  // namespace roi
