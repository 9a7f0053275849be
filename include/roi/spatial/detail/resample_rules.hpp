// What volumes, runs and sources have in common when they are brought to another grid.
#pragma once

#include <roi/core/concepts.hpp>
#include <roi/core/detail/memory.hpp>
#include <roi/core/error.hpp>
#include <roi/core/text.hpp>
#include <roi/image/grid.hpp>
#include <roi/image/metadata.hpp>
#include <roi/spatial/detail/resampler.hpp>
#include <roi/spatial/interpolation.hpp>
#include <roi/spatial/resample_options.hpp>
#include <roi/stream/value_range.hpp>

#include <cmath>
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>

namespace roi::detail {

/// Number of samples along an axis that a value is made of.
[[nodiscard]] inline int taps_of(InterpolationKind kind) {
    return kind == InterpolationKind::nearest ? 1 : kind == InterpolationKind::linear ? 2 : 4;
}

/// The limits of `.clip`.
[[nodiscard]] inline ClipLimits limits_of(const roi::ValueRange& clip) {
    if (clip.low <= clip.high) return {clip.low, clip.high};
    throw InvalidArgument(
        text("resample_to: `.clip` must go from low to high, found ", clip.low, " to ", clip.high));
}

/// What becomes of voxels that are not finite, for warnings.
[[nodiscard]] inline const char* effect_of_non_finite(const ResampleOptions& options) {
    return options.non_finite == NonFiniteVoxels::bridge
               ? "places nearest to them become NaN"
               : "they are left out, and places with most of their weight among them become NaN";
}

inline constexpr std::string_view both_images = "resample_to: the image and the target";

/// What `resample_to` says of one image, as `who` says it.
[[nodiscard]] inline std::string said_of(std::string_view who, const std::string& image,
                                         std::string_view line) {
    constexpr std::string_view speaker = "resample_to: ";
    if (line.substr(0, speaker.size()) == speaker) line.remove_prefix(speaker.size());
    return text(who, ": ", image, ": ", line);
}

/// What `resample` makes of an image; what is wrong is said with its name, where it has one.
template <class Resample>
auto named_in_errors(std::string_view who, const std::string& image, const Resample& resample) {
    try {
        return resample();
    } catch (const InvalidArgument& error) {
        if (image.empty()) throw;
        throw InvalidArgument(said_of(who, image, error.what()));
    }
}

/// \throws Error out_of_memory when there is none for a volume of `each` bytes a voxel on the target, with its size
inline void require_memory_for(const Grid& target, std::size_t each) {
    if (is_memory_for(target.size(), each)) return;
    const double bytes = static_cast<double>(target.size()) * static_cast<double>(each);
    throw Error(ErrorCode::out_of_memory,
                text("resample_to: a volume of ", target.shape().to_string(), " voxels needs ",
                     static_cast<std::int64_t>(std::ceil(bytes / 1e6)), " MB of memory, more than the ",
                     available_memory() / 1'000'000,
                     " there are; take larger voxels, or the grid of a part of the image"));
}

/// Says that everything becomes `fill`, where it does.
inline void warn_of_nothing(const WarningHandler& warning, const Resampler& resampler, const Grid& source,
                            const Grid& target) {
    if (!warning || source.size() == 0 || target.size() == 0 || resampler.reaches()) return;
    const Shape& shape = source.shape();
    const bool flat = shape.x() == 1 || shape.y() == 1 || shape.z() == 1;
    warning(
        text("resample_to: no voxel of the target lies within the outermost voxel centres of the image: "
             "every voxel becomes the fill",
             flat ? "; an image of one voxel along an axis reaches no further than that voxel's centre, so "
                    "keep the "
                    "size of its voxels along that axis"
                  : ""));
}

/// `fill` as a voxel of type `T`.
template <Voxel T>
[[nodiscard]] T fill_of(double fill) {
    if constexpr (std::floating_point<T>) {
        if (std::isfinite(fill) && !(std::abs(fill) <= static_cast<double>(std::numeric_limits<T>::max()))) {
            throw InvalidArgument(text("resample_to: `fill` ", fill, " does not fit the type of the image"));
        }
        return static_cast<T>(fill);
    } else {
        // Two to the power of the digits is exact in double, as the largest 64-bit integer is not.
        const double end = std::ldexp(1.0, std::numeric_limits<T>::digits);
        const double low = std::is_signed_v<T> ? -end : 0.0;
        if (!(fill >= low && fill < end && fill == std::floor(fill))) {
            throw InvalidArgument(
                text("resample_to: `fill` must be a number that the image's type holds, found ", fill));
        }
        return static_cast<T>(fill);
    }
}

/// What a result on another grid inherits: the space stays, while slice times are no more.
[[nodiscard]] inline Metadata inherited_on(const Grid& target, const Grid& source, Metadata metadata) {
    if (same_grid(target, source)) return metadata;
    if (metadata.sform_code == xform::unknown) {
        if (metadata.qform_code == xform::unknown) metadata.qform_code = xform::aligned;
        metadata.sform_code = metadata.qform_code;
    }
    metadata.slices = {};
    return in_same_space(std::move(metadata), source.affine(), target.affine());
}

}  // namespace roi::detail
