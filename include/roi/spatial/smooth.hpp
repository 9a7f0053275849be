// Gaussian smoothing with a width in millimetres.
#pragma once

#include <roi/core/concepts.hpp>
#include <roi/core/detail/buffer.hpp>
#include <roi/core/detail/finite.hpp>
#include <roi/core/parallel.hpp>
#include <roi/core/units.hpp>
#include <roi/image/grid.hpp>
#include <roi/image/metadata.hpp>
#include <roi/image/volume.hpp>
#include <roi/image/volume4d.hpp>
#include <roi/spatial/detail/gaussian.hpp>
#include <roi/stream/source.hpp>

#include <algorithm>
#include <cstdint>
#include <span>
#include <type_traits>
#include <utility>

namespace roi {

/// Smooths a volume with a Gaussian.
///
/// \param volume  any number type; NaN and infinite voxels count as 0
/// \param fwhm    full width at half maximum in millimetres, along the voxel axes; 0 leaves an axis alone
/// \returns       float, or double for double and 64-bit integers, on the grid of `volume` with its metadata
/// \throws InvalidArgument when a width asks for more voxels than can be filtered
///
/// Separable: x, then y, then z, with sigma = fwhm / (sqrt(8 ln 2) * voxel size), voxel sizes being the norms
/// of the affine's columns; kernels are cut at 4 sigma and lines mirrored at their ends, so the mean is kept.
/// Equals nilearn's `smooth_img` and scipy's `gaussian_filter1d(mode="reflect")` per axis; they round to the
/// image's type after every axis, `roi` computes in double and rounds once: float results lie within one unit
/// in the last place of the exact ones, unless neighbours cancel to nearly nothing. Time: size * (6 r + 3)
/// operations; memory: the result and 2 r + 4 planes of double a thread.
template <NumberVoxel T>
[[nodiscard]] Volume<RealOf<T>> smooth(const Volume<T>& volume, const Fwhm& fwhm) {
    const detail::GaussianFilter filter(volume.grid(), fwhm);
    Volume<RealOf<T>> out(volume.grid(), detail::Uninitialized{}, inherited(volume.metadata()));
    const std::int64_t planes = volume.shape().z();
    // Slabs repeat the planes at their borders, so few large ones; their number never changes the result.
    const std::int64_t slabs = volume.size() < (1 << 18) ? 1 : std::min<std::int64_t>(threads(), planes);
    parallel_for(slabs, 1, [&](std::int64_t slab, std::int64_t) {
        detail::GaussianFilter::Workspace work;
        auto part = filter.whole();
        part.z_first = slab * planes / slabs;
        part.z_last = (slab + 1) * planes / slabs;
        filter.apply(volume.data(), out.data(), part, work);
    });
    return out;
}

/// Smooths every volume of a run; the run's memory is reused when it is passed as a temporary.
///
/// \param run   `roi::smooth(std::move(run), fwhm)` smooths in place, `roi::smooth(run, fwhm)` a copy
/// \param fwhm  full width at half maximum in millimetres, along the voxel axes; time is never smoothed
/// \returns     the smoothed run; equal to smoothing each volume alone
template <RealVoxel T>
[[nodiscard]] Volume4D<T> smooth(Volume4D<T> run, const Fwhm& fwhm) {
    const detail::GaussianFilter filter(run.grid(), fwhm);
    run.metadata() = inherited(std::move(run.metadata()));
    const std::int64_t voxels = run.grid().size();
    parallel_for(run.frames(), std::max<std::int64_t>(1, run.frames() / 64),
                 [&](std::int64_t first, std::int64_t last) {
                     detail::GaussianFilter::Workspace work;
                     for (std::int64_t frame = first; frame < last; ++frame) {
                         T* volume = run.data() + frame * voxels;
                         filter.apply(volume, volume, work);
                     }
                 });
    return run;
}

/// Smooths every volume of a run of integers, to float, or to double for 64-bit integers.
template <IntegerVoxel T>
[[nodiscard]] Volume4D<RealOf<T>> smooth(const Volume4D<T>& run, const Fwhm& fwhm) {
    const detail::GaussianFilter filter(run.grid(), fwhm);
    Volume4D<RealOf<T>> out(run.grid(), run.frames(), detail::Uninitialized{}, inherited(run.metadata()));
    const std::int64_t voxels = run.grid().size();
    parallel_for(run.frames(), std::max<std::int64_t>(1, run.frames() / 64),
                 [&](std::int64_t first, std::int64_t last) {
                     detail::GaussianFilter::Workspace work;
                     for (std::int64_t frame = first; frame < last; ++frame) {
                         filter.apply(run.data() + frame * voxels, out.data() + frame * voxels, work);
                     }
                 });
    return out;
}

/// A source whose volumes are those of another, smoothed.
template <StagedSource Inner>
class Smoothed {
public:
    using value_type = typename Inner::value_type;

    struct Workspace {
        typename Inner::Workspace inner;
        detail::Buffer<value_type> volume;
        detail::GaussianFilter::Workspace filter;
    };

    Smoothed(Inner inner, const Fwhm& fwhm)
        : inner_(std::move(inner)), metadata_(inherited(inner_.metadata())), filter_(inner_.grid(), fwhm) {}

    [[nodiscard]] const Grid& grid() const { return inner_.grid(); }
    [[nodiscard]] const Metadata& metadata() const { return metadata_; }
    [[nodiscard]] std::int64_t frames() const { return inner_.frames(); }
    [[nodiscard]] bool reads_ahead() const { return inner_.reads_ahead(); }

    void rewind() requires RewindableSource<Inner> { inner_.rewind(); }
    void pull(RawFrame& raw) { inner_.pull(raw); }

    [[nodiscard]] std::span<const value_type> convert(const RawFrame& raw, std::span<value_type> out,
                                                      Workspace& workspace) const {
        const auto voxels = static_cast<std::int64_t>(out.size());
        if (workspace.volume.size() != voxels) {
            workspace.volume = detail::Buffer<value_type>(voxels, detail::Uninitialized{});
        }
        const auto volume = inner_.convert(raw, workspace.volume.span(), workspace.inner);
        filter_.apply(volume.data(), out.data(), workspace.filter);
        return out;
    }

    /// A volume before smoothing, with NaN and infinite voxels set to 0 as smoothing does.
    [[nodiscard]] std::span<const value_type> unfiltered(const RawFrame& raw, std::span<value_type> out,
                                                         Workspace& workspace) const {
        const auto volume = inner_.convert(raw, out, workspace.inner);
        if (detail::all_finite(volume)) return volume;
        std::transform(volume.begin(), volume.end(), out.begin(), [](value_type value) {
            return static_cast<value_type>(detail::finite_or_zero(value));
        });
        return out;
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
        return inner_.visit_stored(visit);
    }
    template <NumberVoxel V>
    [[nodiscard]] std::span<const V> stored(const RawFrame& raw) const requires StoredSource<Inner> {
        return inner_.template stored<V>(raw);
    }

    /// Smooths a map that was computed from unfiltered volumes; right for maps that are linear in the volumes.
    [[nodiscard]] Volume<double> filtered(Volume<double> map) const {
        detail::GaussianFilter::Workspace workspace;
        filter_.apply(map.data(), map.data(), workspace);
        return map;
    }

private:
    Inner inner_;
    Metadata metadata_;
    detail::GaussianFilter filter_;
};

/// Smooths the volumes of a source as they pass; nothing is read yet.
///
/// \param source  an opened file or a source of your own; becomes part of the result: `smooth(open(path), fwhm)`
/// \param fwhm    full width at half maximum in millimetres, along the voxel axes
/// \returns       a source for `scan`, with the same values as smoothing the whole run in memory
template <StagedSource Source>
[[nodiscard]] Smoothed<Source> smooth(Source source, const Fwhm& fwhm) {
    return {std::move(source), fwhm};
}
template <UnstagedSource Source>
[[nodiscard]] Smoothed<detail::StagedReader<Source>> smooth(Source source, const Fwhm& fwhm) {
    return {detail::StagedReader<Source>(std::move(source)), fwhm};
}

}  // namespace roi
