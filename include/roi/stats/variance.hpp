// How much every voxel of a run varies over time.
#pragma once

#include <roi/core/concepts.hpp>
#include <roi/core/detail/buffer.hpp>
#include <roi/core/error.hpp>
#include <roi/core/parallel.hpp>
#include <roi/core/text.hpp>
#include <roi/image/grid.hpp>
#include <roi/image/metadata.hpp>
#include <roi/image/volume.hpp>
#include <roi/stats/detail/moments.hpp>
#include <roi/stream/scan.hpp>
#include <roi/stream/source.hpp>

#include <cmath>
#include <cstdint>
#include <utility>

namespace roi {

/// Settings of `variance` and `standard_deviation`, with NumPy's names and defaults.
struct VarianceOptions {
    int ddof =
        0;  ///< the divisor is n - ddof: 0 describes the volumes there are, 1 estimates what they are a sample of
    Progress progress{};       ///< told the number of volumes done
    WarningHandler warning{};  ///< told what changes the meaning of the result, one line each
    StopRequest stop{};        ///< asked whether to stop
    int threads = 0;           ///< number of threads for this call; 0 is `threads()`
};

/// Sink of `scan`: the variance of every voxel over time.
///
/// Sums in double of the differences from the first volume: a voxel that never changes has a variance of exactly 0, and a
/// large level costs no digits. Memory: three doubles a voxel.
class Variance : public SinkState {
public:
    static constexpr bool within_range = true;

    /// \throws InvalidArgument when `ddof` is negative
    explicit Variance(const VarianceOptions& options = {}) : ddof_(options.ddof) {
        if (ddof_ < 0) throw InvalidArgument(text("variance: expected a ddof of 0 or more, found ", ddof_));
    }

    void begin(const ScanInfo& info) {
        sums_.begin(info.grid, 0, info.frames);
        frames_ = info.frames;
        metadata_ = inherited_with_new_meaning(info.metadata);
    }

    template <RealVoxel T>
    void update(const FrameBlock<T>& block, VoxelRange range) {
        sums_.update(block, range, [](std::int64_t) { return true; });
    }

    /// Says how many voxels are NaN or infinite.
    void warn(const WarningHandler& warning) const {
        sums_.odd().warn(warning, "variance", detail::effect_of_odd(false), sums_.grid().size());
    }

    /// Adds what another sink has seen, of another run on the same grid: the variance is then that of all volumes of both.
    /// \throws InvalidArgument when one of them has seen no volume
    /// \throws GridMismatch when the runs lie on different grids
    void merge(const Variance& other) {
        require_complete("variance: merge");
        other.require_complete("variance: merge");
        require(frames_ > 0 && other.frames_ > 0,
                "variance: merge: expected two runs with volumes, found one without");
        require_same_grid(sums_.grid(), other.sums_.grid(), "variance: merge: the runs");
        sums_.merge(other.sums_);
        frames_ += other.frames_;
    }

    /// The variance over time, on the grid of the run with its metadata.
    /// \throws InvalidArgument when there were not more than `ddof` volumes
    [[nodiscard]] Volume<double> result() const {
        return map_of("variance", [](double variance, detail::Unit unit) {
            return detail::from_unit(detail::from_unit(variance, unit), unit);
        });
    }

    /// Its square root.
    /// \throws InvalidArgument when there were not more than `ddof` volumes
    [[nodiscard]] Volume<double> standard_deviation() const {
        return map_of("standard_deviation", [](double variance, detail::Unit unit) {
            return detail::from_unit(std::sqrt(variance), unit);
        });
    }

private:
    template <class F>
    [[nodiscard]] Volume<double> map_of(std::string_view who, const F& of_variance) const {
        require_complete(who);
        if (frames_ <= ddof_) {
            throw InvalidArgument(text(who, ": with ddof ", ddof_, " at least ", ddof_ + 1,
                                       ddof_ == 0 ? " volume is" : " volumes are", " needed, found ",
                                       frames_));
        }
        Volume<double> out(sums_.grid(), detail::Uninitialized{}, metadata_);
        parallel_for(out.size(), 8192, [&](std::int64_t first, std::int64_t last) {
            for (std::int64_t i = first; i < last; ++i) {
                const auto unit = sums_.unit(i);
                const auto moments = sums_.moments(i, unit);
                out[i] = of_variance(moments.squares / (moments.n - ddof_), unit);
            }
        });
        return out;
    }

    int ddof_;
    std::int64_t frames_ = 0;
    Metadata metadata_;
    detail::SampleSums sums_;
};

/// The variance of every voxel over time: the sum of (x - mean)^2 over the volumes, divided by n - ddof.
///
/// \param source   a run in memory, an opened file, a filter over one: anything that `scan` takes
/// \param options  what is taken from the divisor
/// \returns        a volume on the grid of the source, with its metadata; a voxel that is ever NaN or infinite is NaN
/// \throws InvalidArgument when there are not more than `ddof` volumes
///
/// One pass, in double; memory: three doubles a voxel. Equals `np.var(run, axis=-1, ddof=ddof)` computed in double; a voxel
/// that never changes has exactly 0, where NumPy may leave rounding noise.
template <FrameSource Source>
[[nodiscard]] Volume<double> variance(Source&& source, const VarianceOptions& options = {}) {
    Variance sink(options);
    scan(source, sink, detail::scan_options(options));
    return sink.result();
}

/// The standard deviation of every voxel over time, the square root of `variance`; otherwise as there.
///
/// Equals `np.std(run, axis=-1, ddof=ddof)` computed in double.
template <FrameSource Source>
[[nodiscard]] Volume<double> standard_deviation(Source&& source, const VarianceOptions& options = {}) {
    Variance sink(options);
    scan(source, sink, detail::scan_options(options));
    return sink.standard_deviation();
}

/// One volume has no time, and a list of images is a run when it is joined.
template <class Image>
requires(!FrameSource<Image>)  //
    [[nodiscard]] Volume<double> variance(const Image&, const VarianceOptions& = {}) {
    static_assert(detail::never<Image>,
                  "roi: variance takes a run or a source: write variance(open(path)), "
                  "variance(concat(images)) for a list");
    return {};
}

/// One volume has no time, and a list of images is a run when it is joined.
template <class Image>
requires(!FrameSource<Image>)  //
    [[nodiscard]] Volume<double> standard_deviation(const Image&, const VarianceOptions& = {}) {
    static_assert(detail::never<Image>,
                  "roi: standard_deviation takes a run or a source: write standard_deviation(open(path)), "
                  "standard_deviation(concat(images)) for a list");
    return {};
}

}  // namespace roi
