// The least and the largest value of every voxel of a run over time.
#pragma once

#include <roi/core/concepts.hpp>
#include <roi/core/detail/finite.hpp>
#include <roi/core/error.hpp>
#include <roi/image/grid.hpp>
#include <roi/image/metadata.hpp>
#include <roi/image/volume.hpp>
#include <roi/stream/non_finite.hpp>
#include <roi/stream/scan.hpp>
#include <roi/stream/sink.hpp>
#include <roi/stream/source.hpp>

#include <cstddef>
#include <cstdint>
#include <limits>
#include <span>
#include <utility>

namespace roi {

/// Sink of `scan`: the least and the largest value of every voxel over time; a voxel that is ever NaN is NaN.
///
/// Memory: two doubles a voxel.
class Extremes : public SinkState {
public:
    static constexpr bool within_range = true;

    void begin(const ScanInfo& info) {
        constexpr double infinity = std::numeric_limits<double>::infinity();
        const auto metadata = inherited_by_volume(info.metadata);
        low_ = Volume<double>(info.grid, infinity, metadata);
        high_ = Volume<double>(info.grid, -infinity, metadata);
        frames_ = info.frames;
        odd_.restart();
    }

    template <RealVoxel T>
    void update(const FrameBlock<T>& block, VoxelRange range) {
        for (const T* volume : block.frames) {
            for (std::int64_t i = range.first; i < range.last; ++i) {
                const auto value = static_cast<double>(volume[i]);
                low_[i] = value < low_[i] || value != value ? value : low_[i];
                high_[i] = value > high_[i] || value != value ? value : high_[i];
            }
        }
        const auto count = static_cast<std::size_t>(range.last - range.first);
        if (!detail::all_finite(std::span<const double>(low_.data() + range.first, count)) ||
            !detail::all_finite(std::span<const double>(high_.data() + range.first, count))) {
            odd_.look_at(block, range);
        }
    }

    /// Says how many voxels are NaN or infinite.
    void warn(const WarningHandler& warning) const {
        odd_.warn(warning, "extremes", "NaN makes both extremes NaN, infinity is one of them", low_.size());
    }

    /// Adds what another sink has seen, of another run on the same grid.
    /// \throws InvalidArgument when one of them has seen no volume
    /// \throws GridMismatch when the runs lie on different grids
    void merge(const Extremes& other) {
        require_complete("extremes: merge");
        other.require_complete("extremes: merge");
        require(frames_ > 0 && other.frames_ > 0,
                "extremes: merge: expected two runs with volumes, found one without");
        require_same_grid(low_.grid(), other.low_.grid(), "extremes: merge: the runs");
        for (std::int64_t i = 0; i < low_.size(); ++i) {
            if (!(low_[i] <= other.low_[i])) low_[i] = low_[i] != low_[i] ? low_[i] : other.low_[i];
            if (!(high_[i] >= other.high_[i])) high_[i] = high_[i] != high_[i] ? high_[i] : other.high_[i];
        }
        frames_ += other.frames_;
    }

    /// The least value, on the grid of the run with its metadata.
    /// \throws InvalidArgument when no run was scanned to its end, or there was no volume
    [[nodiscard]] const Volume<double>& minimum() const& { return checked(low_); }
    [[nodiscard]] Volume<double> minimum() && { return std::move(checked(low_)); }

    /// The largest value; otherwise as `minimum`.
    [[nodiscard]] const Volume<double>& maximum() const& { return checked(high_); }
    [[nodiscard]] Volume<double> maximum() && { return std::move(checked(high_)); }

private:
    template <class V>
    [[nodiscard]] V& checked(V& volume) const {
        require_complete("extremes");
        require(frames_ > 0, "extremes: the run has no volumes, at least one is needed");
        return volume;
    }

    Volume<double> low_, high_;
    NonFiniteCount odd_;
    std::int64_t frames_ = 0;
};

/// The least value of every voxel over time.
///
/// \param source   a run in memory, an opened file, a filter over one: anything that `scan` takes
/// \param options  progress, threads, a way to stop; `.warning` is told of voxels that are NaN or infinite
/// \returns        a volume on the grid of the run, with its metadata; a voxel that is ever NaN is NaN
/// \throws InvalidArgument when the run has no volumes, and what the source throws
///
/// One pass; memory: two doubles a voxel. Equals NumPy's `run.min(axis=-1)`. Of two volumes `minimum(a, b)` is the smaller at
/// every place.
template <FrameSource Source>
[[nodiscard]] Volume<double> minimum(Source&& source, const ScanOptions& options = {}) {
    Extremes sink;
    scan(source, sink, options);
    return std::move(sink).minimum();
}

/// The largest value of every voxel over time, NumPy's `run.max(axis=-1)`; otherwise as `minimum`.
template <FrameSource Source>
[[nodiscard]] Volume<double> maximum(Source&& source, const ScanOptions& options = {}) {
    Extremes sink;
    scan(source, sink, options);
    return std::move(sink).maximum();
}

/// One volume has no time, and a list of images is a run when it is joined.
template <class Image>
requires(!FrameSource<Image>)  //
    [[nodiscard]] Volume<double> minimum(const Image&, const ScanOptions& = {}) {
    static_assert(detail::never<Image>,
                  "roi: minimum takes a run or a source: write minimum(open(path)), minimum(concat(images)) "
                  "for a list");
    return {};
}

/// One volume has no time, and a list of images is a run when it is joined.
template <class Image>
requires(!FrameSource<Image>)  //
    [[nodiscard]] Volume<double> maximum(const Image&, const ScanOptions& = {}) {
    static_assert(detail::never<Image>,
                  "roi: maximum takes a run or a source: write maximum(open(path)), maximum(concat(images)) "
                  "for a list");
    return {};
}

}  // namespace roi
