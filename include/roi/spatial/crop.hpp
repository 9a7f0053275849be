// The part of an image that holds something.
#pragma once

#include <roi/core/concepts.hpp>
#include <roi/core/error.hpp>
#include <roi/core/text.hpp>
#include <roi/image/grid.hpp>
#include <roi/image/view.hpp>
#include <roi/image/volume.hpp>
#include <roi/image/volume4d.hpp>
#include <roi/spatial/detail/rearranged.hpp>
#include <roi/stream/non_finite.hpp>
#include <roi/stream/scan.hpp>
#include <roi/stream/source.hpp>

#include <algorithm>
#include <array>
#include <cmath>
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <utility>

namespace roi {

/// The options of `content_box` and `crop`.
struct CropOptions {
    /// Voxels whose absolute value is at most this share of the largest one count as empty.
    double tolerance = 1e-8;
    /// Voxels added on every side, as far as the image has any.
    std::int64_t margin = 0;

    Progress progress = {};       ///< of a run, as what follows: told the number of volumes looked at
    WarningHandler warning = {};  ///< told of values that are NaN or infinite
    StopRequest stop = {};        ///< asked between blocks of volumes whether to stop
    int threads = 0;              ///< number of threads for this call; 0 is `threads()`
};

/// Sink of `scan`: the smallest box that holds every voxel of a run that is not 0 in some volume.
///
/// Memory: one double a voxel.
class ContentBox : public SinkState {
public:
    explicit ContentBox(const CropOptions& options = {}) : options_(options) {
        if (!(options.tolerance >= 0.0 && options.tolerance < 1.0)) {
            throw InvalidArgument(
                text("crop: expected a tolerance from 0 to less than 1, found ", options.tolerance));
        }
        if (options.margin < 0) {
            throw InvalidArgument(
                text("crop: expected a margin of 0 or more voxels, found ", options.margin));
        }
    }

    void begin(const ScanInfo& info) {
        largest_ = Volume<double>(info.grid);
        odd_.restart();
    }

    /// Keeps the largest absolute value of every voxel.
    template <NumberVoxel T>
    void update(const FrameBlock<T>& block, VoxelRange range) {
        for (const T* volume : block.frames) {
            for (std::int64_t i = range.first; i < range.last; ++i) {
                const double value = std::abs(static_cast<double>(volume[i]));
                if (value > largest_[i] && std::isfinite(value)) largest_[i] = value;
            }
        }
        if constexpr (RealVoxel<T>) odd_.look_at(block, range);
    }

    /// Says how many values are NaN or infinite.
    void warn(const WarningHandler& warning) const {
        odd_.warn(warning, "crop", "they count as empty", largest_.size());
    }

    /// The box; without voxels when there is nothing but 0, NaN and infinity.
    [[nodiscard]] Box result() const {
        require_complete("crop");
        Box box;
        if (largest_.size() == 0) return box;
        const double most = *std::max_element(largest_.begin(), largest_.end());
        if (most == 0.0) return box;
        const Shape& shape = largest_.shape();
        for (std::int64_t i = 0; i < largest_.size(); ++i) {
            if (largest_[i] > options_.tolerance * most) box.include(shape, i);
        }
        for (std::size_t axis = 0; axis < 3; ++axis) {
            const auto size = shape[static_cast<int>(axis)], margin = std::min(options_.margin, size);
            box.first[axis] = std::max<std::int64_t>(box.first[axis] - margin, 0);
            box.last[axis] = std::min(box.last[axis] + margin, size);
        }
        return box;
    }

private:
    CropOptions options_;
    Volume<double> largest_;
    NonFiniteCount odd_;
};

/// The smallest box that holds every voxel of a volume that is not 0.
///
/// \param image    any voxel type; NaN and infinity count as empty
/// \param options  `.tolerance` (1e-8; of the largest absolute value), `.margin` (0 voxels), `.warning`
/// \returns        first and last voxel along each axis, half open; without voxels when all are 0
/// \throws InvalidArgument when an option is out of its range
///
/// One pass. The box of nilearn's `crop_img`, with `.margin = 1` for its `pad=True`; NaN makes nilearn crop nothing.
template <AnyVolume V>
[[nodiscard]] Box content_box(const V& image, const CropOptions& options = {}) {
    const auto view = view_of(image);
    ContentBox sink(options);
    sink.begin({view.grid(), {}, 1});
    using T = std::conditional_t<AnyMask<V>, std::uint8_t, VoxelOf<V>>;
    const T* volume = reinterpret_cast<const T*>(view.data());
    sink.update(FrameBlock<T>{0, std::span(&volume, 1)}, {0, view.size()});
    sink.scan_ends();
    sink.warn(options.warning);
    return sink.result();
}

/// The same for a run, in memory or streamed: a voxel is kept that is not 0 in some volume. A source is scanned once.
template <FrameSource Source>
[[nodiscard]] Box content_box(Source&& source, const CropOptions& options = {}) {
    ContentBox sink(options);
    scan(source, sink, detail::scan_options(options));
    return sink.result();
}

namespace detail {

[[nodiscard]] inline Rearrangement cropping(const Grid& grid, Metadata metadata, const Box& box) {
    const Shape& shape = grid.shape();
    for (std::size_t axis = 0; axis < 3; ++axis) {
        const std::int64_t length = shape[static_cast<int>(axis)];
        if (box.first[axis] >= 0 && box.first[axis] < box.last[axis] && box.last[axis] <= length) continue;
        const std::array<std::int64_t, 3> nothing{};
        if (box.first == nothing && box.last == nothing) {
            throw InvalidArgument(
                "crop: every voxel of the image is 0, NaN or infinite, or the box was never set, so there is "
                "nothing to keep");
        }
        throw InvalidArgument(text("crop: the box from (", joined(box.first), ") to (", joined(box.last),
                                   ") does not lie inside ", shape.to_string()));
    }
    Rearrangement out;
    out.strides = {1, shape.x(), shape.x() * shape.y()};
    out.offset = shape.index(box.first[0], box.first[1], box.first[2]);
    Affine affine = grid.affine();
    const Point origin =
        grid.world(Point(static_cast<double>(box.first[0]), static_cast<double>(box.first[1]),
                         static_cast<double>(box.first[2])));
    for (int row = 0; row < 3; ++row) affine(row, 3) = origin[row];
    out.grid = Grid(Shape(box.last[0] - box.first[0], box.last[1] - box.first[1], box.last[2] - box.first[2]),
                    affine);
    // Slice times count from the first slice.
    const unsigned along = metadata.slices.dim_info >> 4 & 3U;
    if (out.grid.shape() != shape &&
        (along == 0 || out.grid.shape()[static_cast<int>(along) - 1] != shape[static_cast<int>(along) - 1])) {
        metadata.slices = {};
    }
    out.metadata = in_same_space(std::move(metadata), grid.affine(), affine);
    return out;
}

}  // namespace detail

/// Cuts a box out of an image.
///
/// \param image  a volume or a run of any voxel type
/// \param box    first and last voxel along each axis, half open
/// \returns      the voxels in the box, each at its place in the world, with the metadata of `image`
/// \throws InvalidArgument when the box is empty or does not lie inside
template <AnyVolume V>
[[nodiscard]] Volume<VoxelOf<V>> crop(const V& image, const Box& box) {
    const auto view = view_of(image);
    return detail::cropping(view.grid(), view.metadata(), box).of(view);
}
template <AnyRun R>
[[nodiscard]] Volume4D<VoxelOf<R>> crop(const R& image, const Box& box) {
    const auto view = view_of(image);
    return detail::cropping(view.grid(), view.metadata(), box).of(view);
}

/// Cuts a box out of the volumes of a source as they pass; nothing is read yet.
template <StreamedSource Source>
[[nodiscard]] detail::Rearranged<detail::MovedIn<Source>> crop(Source&& source, const Box& box) {
    auto arrangement = detail::cropping(source.grid(), source.metadata(), box);
    return {detail::moved_in(std::forward<Source>(source)), std::move(arrangement)};
}

/// What is empty all around is known when all volumes have passed, and those of a source pass once.
template <StreamedSource Source>
[[nodiscard]] auto crop(Source&& source, const CropOptions& = {}) {
    static_assert(detail::never<Source>,
                  "roi: crop of a source takes a box, which a pass of its own finds: write crop(open(path), "
                  "content_box(open(path)))");
    return crop(std::forward<Source>(source), Box{});
}

/// Cuts off what is empty all around: `crop(image, content_box(image, options))`.
///
/// \throws InvalidArgument when every voxel is 0, NaN or infinite
///
/// Equals nilearn's `crop_img(pad=False)`; `.margin = 1` is its `pad=True`. Where everything is 0 nilearn keeps the image.
template <class Image>
requires(AnyVolume<Image> || AnyRun<Image>)
    [[nodiscard]] auto crop(const Image& image, const CropOptions& options = {}) {
    return crop(image, content_box(image, options));
}

/// A name is no image, and what is kept is said by a box or by options.
/// \{
template <class Image, class... What>
requires(!AnyVolume<Image> && !FrameSource<Image>)  //
    [[nodiscard]] Volume<float> crop(const Image&, const What&...) {
    static_assert(detail::never<Image>,
                  "roi: crop takes a volume, a run or a source: write crop(load<float>(path))");
    return {};
}
template <class Image, class What>
requires(AnyVolume<Image> || FrameSource<Image>) &&
    (!std::convertible_to<const What&, const Box&> &&
     !std::convertible_to<const What&, const CropOptions&>)  //
    [[nodiscard]] Volume<float> crop(const Image&, const What&) {
    static_assert(detail::never<What>,
                  "roi: crop takes a Box or CropOptions: write crop(image, content_box(mask)) or "
                  "crop(image, {.margin = 1})");
    return {};
}
/// \}

}  // namespace roi
