// The mean of a run over time.
#pragma once

#include <roi/core/concepts.hpp>
#include <roi/core/detail/finite.hpp>
#include <roi/core/error.hpp>
#include <roi/core/text.hpp>
#include <roi/image/grid.hpp>
#include <roi/image/metadata.hpp>
#include <roi/image/view.hpp>
#include <roi/image/volume.hpp>
#include <roi/image/volume4d.hpp>
#include <roi/stats/detail/moments.hpp>
#include <roi/stream/non_finite.hpp>
#include <roi/stream/scan.hpp>
#include <roi/stream/source.hpp>

#include <algorithm>
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>
#include <utility>
#include <vector>

namespace roi {

/// Sink of `scan`: the mean of every voxel over time.
///
/// Sums in double in the order of time, then divides. Of a smoothed source it takes the mean before smoothing and
/// smooths that: the same but for the rounding of every smoothed volume to float, at a small part of the work.
/// Memory: one double a voxel.
class Mean : public SinkState {
public:
    /// The mean of filtered volumes is the filtered mean.
    static constexpr bool linear = true;
    static constexpr bool within_range = true;

    void begin(const ScanInfo& info) {
        sums_ = Volume<double>(info.grid, 0.0, inherited_with_new_meaning(info.metadata));
        frames_ = info.frames;
        divisor_ = static_cast<double>(info.frames);
        odd_.restart();
    }

    template <NumberVoxel T>
    void update(const FrameBlock<T>& block, VoxelRange range) {
        const bool finite = detail::add_volumes(block.frames, sums_.data(), range.first, range.last);
        if constexpr (RealVoxel<T>) {
            // Sums of finite values are finite, or nearly always: only others are worth a look at the values.
            if (!finite) odd_.look_at(block, range);
        }
    }

    /// Says how many voxels are NaN or infinite.
    void warn(const WarningHandler& warning) const {
        odd_.warn(warning, "mean", "their means are NaN or infinite", sums_.size());
    }

    /// Called by `scan` when the volumes it showed were unfiltered.
    template <class Filter>
    void finish(const Filter& filter) {
        if (frames_ == 0) return;
        for (double& value : sums_) value /= divisor_;
        sums_ = filter(std::move(sums_));
        divisor_ = 1.0;
    }

    /// Adds what another sink has seen, of another run on the same grid: the mean is then that of all volumes of both.
    /// \throws InvalidArgument when one of them has seen no volume
    /// \throws GridMismatch when the runs lie on different grids
    void merge(const Mean& other) {
        require_complete("mean: merge");
        other.require_complete("mean: merge");
        require(frames_ > 0 && other.frames_ > 0,
                "mean: merge: expected two runs with volumes, found one without");
        require_same_grid(sums_.grid(), other.sums_.grid(), "mean: merge: the runs");
        // Filtered sums are a mean already; of others the factors are exactly 1.
        const double ours = static_cast<double>(frames_) / divisor_;
        const double theirs = static_cast<double>(other.frames_) / other.divisor_;
        for (std::int64_t i = 0; i < sums_.size(); ++i) sums_[i] = sums_[i] * ours + other.sums_[i] * theirs;
        frames_ += other.frames_;
        divisor_ = static_cast<double>(frames_);
    }

    /// The mean over time, on the grid of the run with its metadata; made in the memory of a temporary sink.
    /// \throws InvalidArgument when no run was scanned to its end, or there was no volume
    [[nodiscard]] Volume<double> result() const& { return divided(sums_); }
    [[nodiscard]] Volume<double> result() && {
        auto out = divided(std::move(sums_));
        result_taken();
        return out;
    }

private:
    [[nodiscard]] Volume<double> divided(Volume<double> sums) const {
        require_complete("mean");
        require(frames_ > 0, "mean: the run has no volumes, at least one is needed");
        for (double& value : sums) value /= divisor_;
        return sums;
    }

    Volume<double> sums_;
    NonFiniteCount odd_;
    std::int64_t frames_ = 0;
    double divisor_ = 1.0;  // what the sums are divided by: the number of volumes, or 1 after a filter
};

/// The mean of every voxel over time.
///
/// \param source   a run in memory of any number type, an opened file, a filter over one: anything that `scan` takes
/// \param options  progress, threads, a way to stop; `.warning` is told of voxels that are NaN or infinite
/// \returns        a volume on the grid of the run, with its metadata; a voxel that is ever NaN is NaN
/// \throws InvalidArgument when the run has no volumes, and what the source throws
///
/// One pass; memory: one double a voxel. Equals nilearn's `mean_img`, but always sums in double.
template <FrameSource Source>
[[nodiscard]] Volume<double> mean(Source&& source, const ScanOptions& options = {}) {
    Mean sink;
    scan(source, sink, options);
    return std::move(sink).result();
}

/// One volume has no time, and a name is no image.
template <class Image>
requires(AnyVolume<Image> || std::convertible_to<const Image&, std::string_view>)  //
    [[nodiscard]] Volume<double> mean(const Image&, const ScanOptions& = {}) {
    static_assert(detail::never<Image>,
                  "roi: mean takes a run, a source or a list of images: write mean(open(path)), "
                  "mean(std::vector{a, b}); means over the voxels of a volume are those of measure");
    return {};
}

namespace detail {

[[nodiscard]] inline std::string first_and(std::size_t k) { return text("images 0 and ", k); }

/// The mean of what `of(k)` gives for each of some images.
/// \param both  gives what messages call the first image and another
template <class Of, class Both>
[[nodiscard]] Volume<double> mean_of_each(std::size_t count, const Of& of, const Both& both) {
    require(count > 0, "mean: expected at least one image, found none");
    Volume<double> out = of(std::size_t{0});
    for (std::size_t k = 1; k < count; ++k) {
        const Volume<double> next = of(k);
        require_same_grid(out.grid(), next.grid(), text("mean: ", both(k)));
        for (std::int64_t i = 0; i < out.size(); ++i) out[i] += next[i];
    }
    for (double& value : out) value /= static_cast<double>(count);
    return out;
}

}  // namespace detail

/// The mean of several volumes, or of the means of several runs or sources over time: each counts as much, whatever its length.
///
/// \param images   volumes, runs in memory or sources, of one type; masks count as 0 and 1
/// \param options  as for one run
/// \returns        a volume on the grid of the first, with its metadata; a voxel that is ever NaN is NaN
/// \throws GridMismatch when they lie on different grids, see `resample_to`; InvalidArgument when there is none
///
/// Equals nilearn's `mean_img` of a list. Memory: two volumes of double. All volumes of all runs count alike in
/// `mean(concat(sources))`.
template <AnyVolume Image>
[[nodiscard]] Volume<double> mean(const std::vector<Image>& images, const ScanOptions& = {}) {
    return detail::mean_of_each(
        images.size(),
        [&](std::size_t k) {
            const auto view = view_of(images[k]);
            Volume<double> out(view.grid(), 0.0, inherited_with_new_meaning(view.metadata()));
            std::transform(view.values().begin(), view.values().end(), out.begin(),
                           [](auto value) { return static_cast<double>(value); });
            return out;
        },
        detail::first_and);
}
template <AnyRun Image>
[[nodiscard]] Volume<double> mean(const std::vector<Image>& images, const ScanOptions& options = {}) {
    return detail::mean_of_each(
        images.size(), [&](std::size_t k) { return mean(images[k], options); }, detail::first_and);
}
template <StreamedSource Source>
[[nodiscard]] Volume<double> mean(std::vector<Source> sources, const ScanOptions& options = {}) {
    return detail::mean_of_each(
        sources.size(), [&](std::size_t k) { return mean(sources[k], options); },
        [&](std::size_t k) {
            const auto first = detail::source_name(sources.front()), other = detail::source_name(sources[k]);
            return first.empty() || other.empty() ? detail::first_and(k) : text(first, " and ", other);
        });
}

}  // namespace roi
