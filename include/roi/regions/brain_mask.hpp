// Where the brain is, found from the image itself.
#pragma once

#include <roi/core/concepts.hpp>
#include <roi/core/detail/finite.hpp>
#include <roi/core/error.hpp>
#include <roi/core/text.hpp>
#include <roi/image/grid.hpp>
#include <roi/image/view.hpp>
#include <roi/image/volume.hpp>
#include <roi/morphology/dilate.hpp>
#include <roi/morphology/erode.hpp>
#include <roi/regions/regions.hpp>
#include <roi/spatial/smooth.hpp>

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <vector>

namespace roi {

/// The options of `compute_epi_mask`.
struct EpiMaskOptions {
    double lower_cutoff = 0.2;   ///< the threshold lies above this part of the voxels, sorted by value
    double upper_cutoff = 0.85;  ///< and below this part
    bool exclude_zeros = false;  ///< voxels of value 0 do not count among them: for images cut out before

    /// Erosions that take thin parts away; as many dilations bring the rest back, and more close what is narrow.
    std::int64_t opening = 2;

    bool connected = true;        ///< keeps the largest component only
    WarningHandler warning = {};  ///< told when the mask is empty, or nothing tells brain from background
};

/// The options of `compute_background_mask`.
struct BackgroundMaskOptions {
    std::int64_t border_size = 2;  ///< how many voxels deep the border is whose median is the background

    std::int64_t opening = 0;     ///< as of `EpiMaskOptions`
    bool connected = false;       ///< keeps the largest component only
    WarningHandler warning = {};  ///< told when the mask is empty
};

namespace detail {

/// Takes thin parts away, keeps the largest component, and closes what is narrow.
[[nodiscard]] inline Mask tidied(Mask mask, std::int64_t opening, bool connected,
                                 const WarningHandler& warning, const char* who, const char* advice) {
    if (opening < 0)
        throw InvalidArgument(text(who, ": expected 0 or more erosions in `opening`, found ", opening));
    const auto before = std::count(mask.begin(), mask.end(), true);
    if (opening > 0) mask = erode(mask, {.iterations = opening});
    const bool any = std::find(mask.begin(), mask.end(), true) != mask.end();
    if (!any && warning) {
        warning(before > 0
                    ? text(who, ": the mask is empty: of its ", before, before == 1 ? " voxel " : " voxels ",
                           "none is left after `opening`, ", opening, opening == 1 ? " erosion" : " erosions",
                           ", as where an image is few voxels thick; a smaller `opening` leaves more")
                    : text(who, ": the mask is empty; ", advice, ", and is this an image of a head?"));
    }
    if (connected && any) mask = largest_region(mask);
    if (opening > 0) mask = erode(dilate(mask, {.iterations = 2 * opening}), {.iterations = opening});
    return mask;
}

}  // namespace detail

/// Finds the brain in the mean of a functional run: the voxels above the widest gap between values.
///
/// \param mean_image  a volume; of a run write `compute_epi_mask(mean(run))`
/// \param options     `.lower_cutoff` (0.2) and `.upper_cutoff` (0.85), between which parts of the sorted values the gap is
///                    looked for; `.exclude_zeros`; `.opening` (2), `.connected` (true), `.warning`
/// \returns           a mask on the grid of the image, with its metadata
/// \throws InvalidArgument when the cutoffs are not 0 <= lower < upper <= 1, leave no two values to look between, or
///         `.opening` is negative
///
/// Equals nilearn's `compute_epi_mask`: with `.opening` the image is smoothed by a Gaussian of 1 voxel full width first;
/// NaN and infinite voxels count as 0, and NaN stays so beside the smoothed values; the threshold is the middle of the widest gap between neighbours in rank, the first of
/// equals. A sort and some passes; memory: 16 bytes a voxel and the result.
template <class V>
requires(AnyVolume<V> || AnyRun<V>) [[nodiscard]] Mask
    compute_epi_mask(const V& mean_image, const EpiMaskOptions& options = {}) {
    static_assert(AnyVolume<V>, "roi::compute_epi_mask takes one volume: write compute_epi_mask(mean(run))");
    if (!(options.lower_cutoff >= 0.0 && options.lower_cutoff < options.upper_cutoff &&
          options.upper_cutoff <= 1.0)) {
        throw InvalidArgument(
            text("compute_epi_mask: expected cutoffs from 0 to 1, the lower one less, found ",
                 options.lower_cutoff, " and ", options.upper_cutoff));
    }
    const auto view = view_of(mean_image);
    auto values = like<double>(mean_image);
    for (std::int64_t i = 0; i < view.size(); ++i) values[i] = detail::finite_or_zero(view.data()[i]);
    if (options.opening > 0) {
        values = smooth(values, Sigma{Fwhm{1.0}.sigma(0, 1.0)});
        // What is unknown is no brain, however bright its neighbours are.
        for (std::int64_t i = 0; i < view.size(); ++i) {
            if (std::isnan(static_cast<double>(view.data()[i]))) values[i] = 0.0;
        }
    }

    std::vector<double> sorted(values.begin(), values.end());
    if (options.exclude_zeros) std::erase(sorted, 0.0);
    std::sort(sorted.begin(), sorted.end());
    const auto rank = [&](double part) {
        return static_cast<std::int64_t>(std::floor(part * static_cast<double>(sorted.size())));
    };
    const std::int64_t low = rank(options.lower_cutoff);
    const std::int64_t high =
        std::min(rank(options.upper_cutoff), static_cast<std::int64_t>(sorted.size()) - 1);
    if (high <= low) {
        throw InvalidArgument(
            text("compute_epi_mask: of ", sorted.size(),
                 " values none are left to look between; the image is too small, or the cutoffs are "
                 "too close"));
    }
    double widest = -1.0, threshold = 0.0;
    for (auto i = static_cast<std::size_t>(low); i < static_cast<std::size_t>(high); ++i) {
        const double gap = sorted[i + 1] - sorted[i];
        if (gap <= widest) continue;
        widest = gap;
        threshold = 0.5 * (sorted[i] + sorted[i + 1]);
    }
    if (widest <= 1e-12 * std::abs(threshold) && options.warning) {
        options.warning(
            "compute_epi_mask: the values between the cutoffs are all the same, so that nothing tells the "
            "brain from what is around it; is this an image of a head?");
    }
    auto mask = like<bool>(mean_image);
    for (std::int64_t i = 0; i < mask.size(); ++i) mask[i] = values[i] >= threshold;
    return detail::tidied(std::move(mask), options.opening, options.connected, options.warning,
                          "compute_epi_mask", "are the cutoffs right");
}

/// Finds what is not background in an image whose background has one value, as after brain extraction.
///
/// \param mean_image  a volume; of a run write `compute_background_mask(mean(run))`
/// \param options     `.border_size` (2), `.opening` (0), `.connected` (false), `.warning`
/// \returns           a mask on the grid of the image, with its metadata
/// \throws InvalidArgument when `.border_size` is less than 1 or `.opening` is negative
///
/// Equals nilearn's `compute_background_mask`: the background is the median of the voxels at the six sides of the volume,
/// those at its edges counted for each side; where one of these is NaN, it is NaN. Memory: the result, and 8 bytes a voxel
/// of the border.
template <class V>
requires(AnyVolume<V> || AnyRun<V>) [[nodiscard]] Mask
    compute_background_mask(const V& mean_image, const BackgroundMaskOptions& options = {}) {
    static_assert(AnyVolume<V>,
                  "roi::compute_background_mask takes one volume: write compute_background_mask(mean(run))");
    if (options.border_size < 1) {
        throw InvalidArgument(text("compute_background_mask: expected a border of at least 1 voxel, found ",
                                   options.border_size));
    }
    const auto view = view_of(mean_image);
    const Shape& shape = view.shape();
    std::vector<double> border;
    for (std::int64_t i = 0; i < view.size(); ++i) {
        const auto voxel = shape.voxel(i);
        for (std::size_t axis = 0; axis < 3; ++axis) {
            const std::int64_t length = shape[static_cast<int>(axis)];
            const int sides = static_cast<int>(voxel[axis] < options.border_size) +
                              static_cast<int>(voxel[axis] >= length - options.border_size);
            border.insert(border.end(), static_cast<std::size_t>(sides), static_cast<double>(view.data()[i]));
        }
    }
    auto mask = like<bool>(mean_image);
    if (std::any_of(border.begin(), border.end(), [](double value) { return std::isnan(value); })) {
        for (std::int64_t i = 0; i < mask.size(); ++i)
            mask[i] = !std::isnan(static_cast<double>(view.data()[i]));
    } else if (!border.empty()) {
        const auto middle = border.begin() + static_cast<std::ptrdiff_t>(border.size() / 2);
        std::nth_element(border.begin(), middle, border.end());
        double background = *middle;
        if (border.size() % 2 == 0)
            background = 0.5 * (background + *std::max_element(border.begin(), middle));
        for (std::int64_t i = 0; i < mask.size(); ++i)
            mask[i] = static_cast<double>(view.data()[i]) != background;
    }
    return detail::tidied(std::move(mask), options.opening, options.connected, options.warning,
                          "compute_background_mask", "is the background not all there is");
}

}  // namespace roi
