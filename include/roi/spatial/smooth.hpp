// Gaussian smoothing with a width in millimetres or voxels, of whole images or within a mask.
#pragma once

#include <roi/core/concepts.hpp>
#include <roi/core/detail/buffer.hpp>
#include <roi/core/detail/finite.hpp>
#include <roi/core/error.hpp>
#include <roi/core/parallel.hpp>
#include <roi/core/text.hpp>
#include <roi/core/units.hpp>
#include <roi/image/grid.hpp>
#include <roi/image/metadata.hpp>
#include <roi/image/view.hpp>
#include <roi/image/volume.hpp>
#include <roi/image/volume4d.hpp>
#include <roi/spatial/detail/gaussian.hpp>
#include <roi/stream/collect.hpp>
#include <roi/stream/filter.hpp>
#include <roi/stream/non_finite.hpp>
#include <roi/stream/scan.hpp>
#include <roi/stream/source.hpp>

#include <algorithm>
#include <array>
#include <cmath>
#include <concepts>
#include <cstdint>
#include <span>
#include <type_traits>
#include <utility>

namespace roi {

/// How wide a Gaussian is: `Fwhm{6.0}` in millimetres, or `Sigma{1.5}` in voxels.
template <class W>
concept GaussianWidth = std::same_as<W, Fwhm> || std::same_as<W, Sigma>;

namespace detail {

template <class Image>
concept CanBeSmoothed = AnyVolume<Image> || AnyRun<Image> || StreamedSource<Image>;

/// 0 and 1 of a mask.
template <AnyMask M>
[[nodiscard]] Volume<float> zeros_and_ones(const M& mask) {
    const auto view = view_of(mask);
    Volume<float> out(view.grid(), Uninitialized{}, view.metadata());
    std::copy_n(view.data(), view.size(), out.data());
    return out;
}

}  // namespace detail

/// The options of `smooth` and `smooth_within`.
struct SmoothOptions {
    /// What lies beyond the outermost voxels.
    Border border = Border::reflect;

    /// Where the Gaussian is cut off, in standard deviations.
    double truncate = 4.0;

    /// Told the number of volumes done; for runs in memory, as is what follows.
    Progress progress = {};

    /// Told of voxels that are not finite.
    WarningHandler warning = {};

    /// Asked between blocks of volumes whether to stop.
    StopRequest stop = {};

    /// Number of threads for this call; 0 is `threads()`.
    int threads = 0;
};

namespace detail {

[[nodiscard]] inline GaussianFilter gaussian_filter(const Grid& grid, const Fwhm& fwhm,
                                                    const SmoothOptions& options) {
    if (!(options.truncate > 0.0) || !std::isfinite(options.truncate)) {
        throw InvalidArgument(text(
            "smooth: `truncate` must be a number of standard deviations above 0, found ", options.truncate));
    }
    return {grid.shape(), GaussianFilter::sigmas(grid, fwhm), options.border, options.truncate};
}
[[nodiscard]] inline GaussianFilter gaussian_filter(const Grid& grid, const Sigma& sigma,
                                                    const SmoothOptions& options) {
    if (!(options.truncate > 0.0) || !std::isfinite(options.truncate)) {
        throw InvalidArgument(text(
            "smooth: `truncate` must be a number of standard deviations above 0, found ", options.truncate));
    }
    return {grid.shape(), {sigma[0], sigma[1], sigma[2]}, options.border, options.truncate};
}

/// Filters a volume on all threads.
template <NumberVoxel In, RealVoxel Out>
void filter_in_slabs(const GaussianFilter& filter, const Shape& shape, const In* in, Out* out) {
    const std::int64_t planes = axes_of_voxels(shape).z();
    // Slabs repeat the planes at their borders, so few large ones; their number never changes the result.
    const std::int64_t slabs = shape.size() < (1 << 18) ? 1 : std::min<std::int64_t>(threads(), planes);
    parallel_for(slabs, 1, [&](std::int64_t slab, std::int64_t) {
        GaussianFilter::Workspace work;
        auto part = filter.whole();
        part.z_first = slab * planes / slabs;
        part.z_last = (slab + 1) * planes / slabs;
        filter.apply(in, out, part, work);
    });
}

/// Sink of `scan`: volumes go back where they came from, or into a run of another type.
template <RealVoxel T>
class IntoRun {
public:
    explicit IntoRun(Volume4D<T>& run) : run_(&run) {}

    void begin(const ScanInfo&) {}
    [[nodiscard]] std::span<T> place(std::int64_t frame) {
        const std::int64_t voxels = run_->grid().size();
        return {run_->data() + frame * voxels, static_cast<std::size_t>(voxels)};
    }
    void update(const FrameBlock<T>&, VoxelRange) {}  // made in place

private:
    Volume4D<T>* run_;
};

}  // namespace detail

/// Smooths a volume with a Gaussian.
///
/// \param volume   any number type; NaN and infinite voxels count as 0
/// \param width    `Fwhm`: full width at half maximum in millimetres, or `Sigma`: standard deviation in voxels, along the
///                 voxel axes; 0 leaves an axis alone
/// \param options  `.border` (reflect), `.truncate` (4 standard deviations)
/// \returns        float, or double for double and 64-bit integers, on the grid of `volume` with its metadata
/// \throws InvalidArgument when a width asks for more voxels than can be filtered, or `.truncate` is not above 0
///
/// Separable: x, then y, then z, with sigma = fwhm / (sqrt(8 ln 2) * voxel size), voxel sizes being the norms
/// of the affine's columns; kernels are cut off at floor(truncate sigma + 1/2) voxels.
/// Equals nilearn's `smooth_img` and, with `Sigma`, scipy's `gaussian_filter(mode=...)`; they round to the
/// image's type after every axis, `roi` computes in double and rounds once: float results lie within one unit
/// in the last place of the exact ones, unless neighbours cancel to nearly nothing. Time: size * (6 r + 3)
/// operations; memory: the result and 2 r + 4 planes of double a thread.
template <NumberVolume V, GaussianWidth W>
[[nodiscard]] Volume<RealOf<VoxelOf<V>>> smooth(const V& volume, const W& width,
                                                const SmoothOptions& options = {}) {
    const auto view = view_of(volume);
    const auto filter = detail::gaussian_filter(view.grid(), width, options);
    Volume<RealOf<VoxelOf<V>>> out(view.grid(), detail::Uninitialized{},
                                   inherited_by_averages(view.metadata()));
    detail::filter_in_slabs(filter, view.shape(), view.data(), out.data());
    if constexpr (RealVoxel<VoxelOf<V>>) {
        if (options.warning) {
            NonFiniteCount odd;
            odd.look_at(0, view.values());
            odd.warn(options.warning, "smooth", "they count as 0", view.size());
        }
    }
    return out;
}

/// The same of a mask, which counts as 0 and 1.
template <AnyMask V, GaussianWidth W>
[[nodiscard]] Volume<float> smooth(const V& mask, const W& width, const SmoothOptions& options = {}) {
    return smooth(detail::zeros_and_ones(mask), width, options);
}

/// A source whose volumes are those of another, smoothed.
template <StagedSource Inner>
class Smoothed : public SourceFilter<Inner> {
public:
    using typename SourceFilter<Inner>::value_type;

    struct Workspace : SourceFilter<Inner>::Workspace {
        detail::GaussianFilter::Workspace filter;
    };

    template <GaussianWidth W>
    Smoothed(Inner inner, const W& width, const SmoothOptions& options = {})
        : Smoothed::SourceFilter(std::move(inner), inherited_by_averages(inner.metadata())),
          filter_(detail::gaussian_filter(this->grid(), width, options)) {}

    void rewind() requires RewindableSource<Inner> {
        SourceFilter<Inner>::rewind();
        odd_.restart();
    }

    [[nodiscard]] std::span<const value_type> convert(const RawFrame& raw, std::span<value_type> out,
                                                      Workspace& workspace) const {
        const auto volume = this->volume(raw, workspace);
        odd_.add(raw.index, filter_.apply(volume.data(), out.data(), workspace.filter));
        return out;
    }

    /// A volume before smoothing, with NaN and infinite voxels set to 0 as smoothing does.
    [[nodiscard]] std::span<const value_type> unfiltered(const RawFrame& raw, std::span<value_type> out,
                                                         Workspace& workspace) const {
        const auto volume = this->inner().convert(raw, out, workspace.inner);
        if (detail::all_finite(volume)) return volume;
        odd_.look_at(raw.index, volume);
        std::transform(volume.begin(), volume.end(), out.begin(), [](value_type value) {
            return static_cast<value_type>(detail::finite_or_zero(value));
        });
        return out;
    }

    /// Says how many voxels were taken as 0.
    void warn(const WarningHandler& warning) const {
        SourceFilter<Inner>::warn(warning);
        odd_.warn(warning, "smooth", "they count as 0", this->grid().size());
    }

    /// Smooths the voxels of a box; the rest of `out` is left as it is.
    template <NumberVoxel V>
    void filter(std::span<const V> volume, std::span<value_type> out, const Box& box,
                Workspace& workspace) const {
        filter_.apply(volume.data(), out.data(), {box.first[1], box.last[1], box.first[2], box.last[2]},
                      workspace.filter);
    }

    /// As of the inner source: what is stored is what smoothing starts from.
    template <class Visit>
    bool visit_stored(Visit&& visit) const requires StoredSource<Inner> {
        return this->inner().visit_stored(visit);
    }
    template <NumberVoxel V>
    [[nodiscard]] std::span<const V> stored(const RawFrame& raw) const requires StoredSource<Inner> {
        return this->inner().template stored<V>(raw);
    }

    /// Smooths a map that was computed from unfiltered volumes; right for maps that are linear in the volumes.
    [[nodiscard]] Volume<double> filtered(Volume<double> map) const {
        detail::GaussianFilter::Workspace workspace;
        filter_.apply(map.data(), map.data(), workspace);
        return map;
    }

private:
    detail::GaussianFilter filter_;
    mutable NonFiniteCount odd_;
};

/// Smooths the volumes of a source as they pass; nothing is read yet.
///
/// \param source   an opened file or a source of your own; becomes part of the result: `smooth(open(path), fwhm)`
/// \param width    `Fwhm` in millimetres or `Sigma` in voxels, along the voxel axes; time is never smoothed
/// \param options  as for a volume
/// \returns        a source for `scan`, with the same values as smoothing the whole run in memory
template <StreamedSource Source, GaussianWidth W>
[[nodiscard]] Smoothed<detail::MovedIn<Source>> smooth(Source&& source, const W& width,
                                                       const SmoothOptions& options = {}) {
    return {detail::moved_in(std::forward<Source>(source)), width, options};
}

/// Smooths every volume of a run; the run's memory is reused when it is passed as a temporary.
///
/// \param run      `roi::smooth(std::move(run), fwhm)` smooths in place, `roi::smooth(run, fwhm)` a copy
/// \param width    `Fwhm` in millimetres or `Sigma` in voxels, along the voxel axes; time is never smoothed
/// \param options  as for a volume, and `.progress`
/// \returns        the smoothed run; equal to smoothing each volume alone
///
/// The stream with its volumes kept.
template <RealVoxel T, GaussianWidth W>
[[nodiscard]] Volume4D<T> smooth(Volume4D<T> run, const W& width, const SmoothOptions& options = {}) {
    detail::IntoRun<T> kept(run);
    scan(smooth(staged(std::as_const(run)), width, options), kept, detail::scan_options(options));
    run.metadata() = inherited_by_averages(std::move(run.metadata()));
    return run;
}

/// Smooths every volume of a run of integers or masks: to float up to 16 bits, else to double.
template <Voxel T, GaussianWidth W>
requires std::integral<T>
[[nodiscard]] Volume4D<ExactReal<T>> smooth(const Volume4D<T>& run, const W& width,
                                            const SmoothOptions& options = {}) {
    Collect<ExactReal<T>> kept;
    scan(smooth(staged(run), width, options), kept, detail::scan_options(options));
    return std::move(kept).result();
}

/// The same of a run in somebody else's memory.
template <AnyRun R, GaussianWidth W>
requires(!std::same_as<R, Volume4D<VoxelOf<R>>> && !StreamedSource<R>)  //
    [[nodiscard]] Volume4D<ExactReal<VoxelOf<R>>> smooth(const R& run, const W& width,
                                                         const SmoothOptions& options = {}) {
    Collect<ExactReal<VoxelOf<R>>> kept;
    scan(smooth(staged(run), width, options), kept, detail::scan_options(options));
    return std::move(kept).result();
}

/// What is no image, no width or no options: a bare number might be millimetres, voxels or a sigma.
template <class Image, class Width, class... Options>
requires(!detail::CanBeSmoothed<Image> || !GaussianWidth<Width> || sizeof...(Options) > 1 ||
         !(std::convertible_to<const Options&, SmoothOptions> && ...))  //
    [[nodiscard]] const Image& smooth(const Image& image, const Width&, const Options&...) {
    static_assert(detail::CanBeSmoothed<Image>,
                  "roi: smooth takes a volume, a run or a source: write smooth(open(path), Fwhm{6.0})");
    static_assert(
        !detail::CanBeSmoothed<Image> || GaussianWidth<Width>,
        "roi: smooth takes a width with its unit: write Fwhm{6.0} for millimetres, Sigma{1.5} for voxels");
    static_assert(!detail::CanBeSmoothed<Image> || !GaussianWidth<Width>,
                  "roi: smooth takes SmoothOptions behind the width: write smooth_within(image, mask, width) "
                  "for a mask");
    return image;
}

namespace detail {

/// A Gaussian filter that sees the voxels of a mask only, and shares the weights of the others among them.
class MaskedFilter {
public:
    struct Workspace {
        Buffer<double> values, weights;
        GaussianFilter::Workspace filter;
    };

    MaskedFilter() = default;

    /// \param mask  true where voxels give and get
    MaskedFilter(GaussianFilter filter, const Mask& mask) : filter_(std::move(filter)), mask_(mask) {
        Workspace work;
        weights_ = Buffer<double>(mask.size(), Uninitialized{});
        std::transform(mask.begin(), mask.end(), weights_.data(), [](bool in) { return in ? 1.0 : 0.0; });
        size_ = std::count(mask.begin(), mask.end(), true);
        filter_.apply(weights_.data(), weights_.data(), work.filter);
    }

    [[nodiscard]] const Mask& mask() const { return mask_; }

    /// Number of voxels in the mask.
    [[nodiscard]] std::int64_t size() const { return size_; }

    /// Smooths a volume within the mask. Voxels that are not finite count as outside; what is outside becomes 0.
    /// \returns how many voxels of the mask are not finite
    template <NumberVoxel In, RealVoxel Out>
    std::int64_t apply(const In* in, Out* out, Workspace& work) const {
        const std::int64_t size = mask_.size();
        if (work.values.size() != size) work.values = Buffer<double>(size, Uninitialized{});
        double* values = work.values.data();
        std::int64_t missing = 0;
        for (std::int64_t i = 0; i < size; ++i) {
            values[i] = mask_[i] ? static_cast<double>(in[i]) : 0.0;
            missing += std::isfinite(values[i]) ? 0 : 1;
        }
        const double* weights = weights_.data();
        if (missing > 0) {
            if (work.weights.size() != size) work.weights = Buffer<double>(size, Uninitialized{});
            for (std::int64_t i = 0; i < size; ++i) {
                work.weights.data()[i] = mask_[i] && std::isfinite(values[i]) ? 1.0 : 0.0;
            }
            filter_.apply(work.weights.data(), work.weights.data(), work.filter);
            weights = work.weights.data();
        }
        filter_.apply(values, values, work.filter);  // takes what is not finite as 0
        for (std::int64_t i = 0; i < size; ++i) {
            const bool inside = mask_[i] && (missing == 0 || std::isfinite(static_cast<double>(in[i])));
            out[i] = inside ? static_cast<Out>(values[i] / weights[i]) : Out{0};
        }
        return missing;
    }

private:
    GaussianFilter filter_;
    Mask mask_;
    std::int64_t size_ = 0;
    Buffer<double> weights_;
};

inline constexpr const char* nothing_to_smooth = "smooth_within: the mask has no voxel; everything becomes 0";

template <GaussianWidth W>
[[nodiscard]] MaskedFilter masked_filter(const Grid& grid, const VolumeView<const bool>& mask, const W& width,
                                         const SmoothOptions& options) {
    require_same_grid(grid, mask.grid(), "smooth_within: the image and the mask");
    return {gaussian_filter(grid, width, options), Mask(mask)};
}

}  // namespace detail

/// Smooths the voxels of a mask among themselves: those outside neither give nor get.
///
/// \param volume   any number type
/// \param mask     where to smooth; voxels that are NaN or infinite count as outside
/// \param width    `Fwhm` in millimetres or `Sigma` in voxels
/// \param options  as for `smooth`
/// \returns        as `smooth`: within the mask the mean of the voxels around with weights that add up to 1 again, 0 outside
/// \throws GridMismatch when the mask lies on another grid
///
/// G(volume in mask) / G(mask) with G the filter of `smooth`, so a constant stays constant up to the edge of the mask.
/// Twice the time of `smooth`, once for a run; memory: the result and two volumes of double.
template <NumberVolume V, AnyMask M, GaussianWidth W>
[[nodiscard]] Volume<RealOf<VoxelOf<V>>> smooth_within(const V& volume, const M& mask, const W& width,
                                                       const SmoothOptions& options = {}) {
    const auto view = view_of(volume);
    const auto filter = detail::masked_filter(view.grid(), view_of(mask), width, options);
    Volume<RealOf<VoxelOf<V>>> out(view.grid(), detail::Uninitialized{},
                                   inherited_by_averages(view.metadata()));
    detail::MaskedFilter::Workspace work;
    NonFiniteCount odd;
    odd.add(0, filter.apply(view.data(), out.data(), work));
    odd.warn(options.warning, "smooth_within", "they count as outside the mask", filter.size());
    if (options.warning && filter.size() == 0) options.warning(detail::nothing_to_smooth);
    return out;
}

/// A source whose volumes are those of another, smoothed within a mask.
template <StagedSource Inner>
class SmoothedWithin : public SourceFilter<Inner> {
public:
    using typename SourceFilter<Inner>::value_type;

    struct Workspace : SourceFilter<Inner>::Workspace {
        detail::MaskedFilter::Workspace filter;
    };

    SmoothedWithin(Inner inner, detail::MaskedFilter filter)
        : SmoothedWithin::SourceFilter(std::move(inner), inherited_by_averages(inner.metadata())),
          filter_(std::move(filter)) {}

    void rewind() requires RewindableSource<Inner> {
        SourceFilter<Inner>::rewind();
        odd_.restart();
    }

    [[nodiscard]] std::span<const value_type> convert(const RawFrame& raw, std::span<value_type> out,
                                                      Workspace& workspace) const {
        const auto volume = this->volume(raw, workspace);
        odd_.add(raw.index, filter_.apply(volume.data(), out.data(), workspace.filter));
        return out;
    }

    /// Says how many voxels of the mask were taken as outside.
    void warn(const WarningHandler& warning) const {
        SourceFilter<Inner>::warn(warning);
        odd_.warn(warning, "smooth_within", "they count as outside the mask", filter_.size());
        if (warning && filter_.size() == 0 && !std::exchange(told_, true)) warning(detail::nothing_to_smooth);
    }

private:
    detail::MaskedFilter filter_;
    mutable NonFiniteCount odd_;
    mutable bool told_ = false;
};

/// The same of a mask, which counts as 0 and 1.
template <AnyMask V, AnyMask M, GaussianWidth W>
[[nodiscard]] Volume<float> smooth_within(const V& volume, const M& mask, const W& width,
                                          const SmoothOptions& options = {}) {
    return smooth_within(detail::zeros_and_ones(volume), mask, width, options);
}

/// Smooths the volumes of a source within a mask as they pass; nothing is read yet.
template <StreamedSource Source, AnyMask M, GaussianWidth W>
[[nodiscard]] SmoothedWithin<detail::MovedIn<Source>> smooth_within(Source&& source, const M& mask,
                                                                    const W& width,
                                                                    const SmoothOptions& options = {}) {
    auto filter = detail::masked_filter(source.grid(), view_of(mask), width, options);
    return {detail::moved_in(std::forward<Source>(source)), std::move(filter)};
}

/// Smooths every volume of a run within a mask: the stream with its volumes kept.
template <AnyRun R, AnyMask M, GaussianWidth W>
requires(!StreamedSource<R>)  //
    [[nodiscard]] Volume4D<ExactReal<VoxelOf<R>>> smooth_within(const R& run, const M& mask, const W& width,
                                                                const SmoothOptions& options = {}) {
    Collect<ExactReal<VoxelOf<R>>> kept;
    scan(smooth_within(staged(run), mask, width, options), kept, detail::scan_options(options));
    return std::move(kept).result();
}

/// What is no image, no mask or no width.
template <class Image, class M, class Width, class... Options>
requires(!detail::CanBeSmoothed<Image> || !AnyMask<M> || !GaussianWidth<Width>)  //
    [[nodiscard]] const Image& smooth_within(const Image& image, const M&, const Width&, const Options&...) {
    static_assert(
        detail::CanBeSmoothed<Image>,
        "roi: smooth_within takes a volume, a run or a source: write smooth_within(open(path), mask, "
        "Fwhm{6.0})");
    static_assert(!detail::CanBeSmoothed<Image> || AnyMask<M>,
                  "roi: smooth_within takes a mask: write smooth_within(image, map != 0, Fwhm{6.0})");
    static_assert(
        !detail::CanBeSmoothed<Image> || !AnyMask<M>,
        "roi: smooth_within takes a width with its unit: write Fwhm{6.0} for millimetres, Sigma{1.5} for "
        "voxels");
    return image;
}

namespace detail {

/// (x + 0.2 * the sum of the six face neighbours) / 2.2; `out` is other memory.
template <NumberVoxel V, RealVoxel T>
void mix_with_neighbours(const V* volume, const Shape& shape, T* out) {
    const std::array<std::int64_t, 3> strides{1, shape.x(), shape.x() * shape.y()};
    parallel_for(axes_of_voxels(shape).z(), 8, [&](std::int64_t first, std::int64_t last) {
        for (std::int64_t i = first * strides[2]; i < last * strides[2]; ++i) {
            const auto voxel = shape.voxel(i);
            double sum = 0.0;
            for (std::size_t axis = 0; axis < 3; ++axis) {
                if (voxel[axis] > 0) sum += finite_or_zero(volume[i - strides[axis]]);
                if (voxel[axis] + 1 < shape[static_cast<int>(axis)]) {
                    sum += finite_or_zero(volume[i + strides[axis]]);
                }
            }
            out[i] = static_cast<T>((finite_or_zero(volume[i]) + 0.2 * sum) / 2.2);
        }
    });
}

}  // namespace detail

/// A source whose volumes are those of another, each voxel mixed with its neighbours.
template <StagedSource Inner>
class MixedWithNeighbours : public SourceFilter<Inner> {
public:
    using typename SourceFilter<Inner>::value_type;
    using typename SourceFilter<Inner>::Workspace;

    explicit MixedWithNeighbours(Inner inner)
        : MixedWithNeighbours::SourceFilter(std::move(inner), inherited_by_averages(inner.metadata())) {}

    void rewind() requires RewindableSource<Inner> {
        SourceFilter<Inner>::rewind();
        odd_.restart();
    }

    [[nodiscard]] std::span<const value_type> convert(const RawFrame& raw, std::span<value_type> out,
                                                      Workspace& workspace) const {
        const auto volume = this->volume(raw, workspace);
        odd_.look_at(raw.index, volume);
        detail::mix_with_neighbours(volume.data(), this->grid().shape(), out.data());
        return out;
    }

    /// Says how many voxels were taken as 0.
    void warn(const WarningHandler& warning) const {
        SourceFilter<Inner>::warn(warning);
        odd_.warn(warning, "mix_with_neighbours", "they count as 0", this->grid().size());
    }

private:
    mutable NonFiniteCount odd_;
};

/// Mixes every voxel with its six face neighbours: (x + 0.2 * their sum) / 2.2.
///
/// \param volume  any number type; NaN and infinite voxels count as 0
/// \returns       as `smooth`
///
/// nilearn's `smooth_img(fwhm="fast")`. No Gaussian: its width is in voxels whatever their size, and a voxel at the border
/// loses what its missing neighbours would give, so that edges darken. For the pictures of those who use it.
template <NumberVolume V>
[[nodiscard]] Volume<RealOf<VoxelOf<V>>> mix_with_neighbours(const V& volume) {
    const auto view = view_of(volume);
    Volume<RealOf<VoxelOf<V>>> out(view.grid(), detail::Uninitialized{},
                                   inherited_by_averages(view.metadata()));
    detail::mix_with_neighbours(view.data(), view.shape(), out.data());
    return out;
}

/// The same of a mask, which counts as 0 and 1.
template <AnyMask V>
[[nodiscard]] Volume<float> mix_with_neighbours(const V& mask) {
    return mix_with_neighbours(detail::zeros_and_ones(mask));
}

/// The same of the volumes of a source as they pass; nothing is read yet.
///
/// \param source  an opened file or a source of your own; becomes part of the result
/// \returns       a source for `scan`, which warns once of voxels that are not finite. Memory: two volumes for each thread
template <StreamedSource Source>
[[nodiscard]] MixedWithNeighbours<detail::MovedIn<Source>> mix_with_neighbours(Source&& source) {
    return MixedWithNeighbours<detail::MovedIn<Source>>(detail::moved_in(std::forward<Source>(source)));
}

/// The same of every volume of a run in memory; integers become float up to 16 bits, else double.
template <AnyRun R>
requires(!StreamedSource<R>)  //
    [[nodiscard]] Volume4D<ExactReal<VoxelOf<R>>> mix_with_neighbours(const R& run) {
    Collect<ExactReal<VoxelOf<R>>> kept;
    scan(mix_with_neighbours(staged(run)), kept);
    return std::move(kept).result();
}

}  // namespace roi
