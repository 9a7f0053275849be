// Images with their axes in another order and direction; every voxel stays where it is in the world.
#pragma once

#include <roi/core/concepts.hpp>
#include <roi/core/error.hpp>
#include <roi/core/text.hpp>
#include <roi/image/grid.hpp>
#include <roi/image/metadata.hpp>
#include <roi/image/view.hpp>
#include <roi/image/volume.hpp>
#include <roi/image/volume4d.hpp>
#include <roi/spatial/detail/rearranged.hpp>
#include <roi/stream/source.hpp>

#include <algorithm>
#include <array>
#include <cmath>
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>

namespace roi {

/// Where the three voxel axes of an image point, each along the axis of the world that is nearest: three letters out of
/// R and L, A and P, S and I, as in "RAS" for x to the right, y to the front and z up.
class Orientation {
public:
    /// To the right, to the front and up.
    Orientation() = default;

    /// \param letters  one of each pair, in the order of the voxel axes, such as "LPS", in capitals or not
    /// \throws InvalidArgument for anything else
    explicit Orientation(std::string_view letters) {
        std::array<bool, 3> seen{};
        bool right = letters.size() == 3;
        for (std::size_t axis = 0; right && axis < 3; ++axis) {
            const char letter = letters[axis];
            const bool small = letter >= 'a' && letter <= 'z';
            const auto found = pairs.find(small ? static_cast<char>(letter - 'a' + 'A') : letter);
            right = found != std::string_view::npos && !seen[found / 2];
            if (!right) break;
            seen[found / 2] = true;
            world_[axis] = static_cast<int>(found / 2);
            backwards_[axis] = found % 2 != 0;
        }
        if (!right) {
            throw InvalidArgument(
                text("orientation: expected three letters, one of R L, one of A P and one of S I, "
                     "found \"",
                     letters, "\""));
        }
    }

    /// The axis of the world (0, 1, 2 = right, front, up) that a voxel axis runs along.
    [[nodiscard]] int world_axis(int axis) const { return world_[static_cast<std::size_t>(axis)]; }
    /// Does a voxel axis run to the left, to the back or down?
    [[nodiscard]] bool backwards(int axis) const { return backwards_[static_cast<std::size_t>(axis)]; }

    [[nodiscard]] std::string to_string() const {
        std::string out;
        for (std::size_t axis = 0; axis < 3; ++axis) {
            out += pairs[static_cast<std::size_t>(world_[axis]) * 2 + (backwards_[axis] ? 1 : 0)];
        }
        return out;
    }

    friend bool operator==(const Orientation&, const Orientation&) = default;

private:
    static constexpr std::string_view pairs = "RLAPSI";
    std::array<int, 3> world_{0, 1, 2};
    std::array<bool, 3> backwards_{};
};

/// Where the voxel axes of an image point.
///
/// \throws InvalidArgument when the affine cannot be inverted
///
/// Of the six ways to pair voxel axes with axes of the world the one with the largest sum of cosines, so an oblique image
/// has an orientation too. nibabel's `aff2axcodes`.
[[nodiscard]] inline Orientation orientation_of(const Grid& grid) {
    (void)grid.voxel(Point::Zero());  // throws when it cannot be inverted
    const Point size = grid.voxel_size();
    std::array<int, 3> order{0, 1, 2}, best = order;
    double most = -1.0;
    do {
        double sum = 0.0;
        for (int axis = 0; axis < 3; ++axis) {
            sum += std::abs(grid.affine()(order[static_cast<std::size_t>(axis)], axis)) / size[axis];
        }
        // The first of equals, and rounding makes none better.
        if (sum > most + 1e-12) most = sum, best = order;
    } while (std::next_permutation(order.begin(), order.end()));
    std::string letters;
    for (int axis = 0; axis < 3; ++axis) {
        const int world = best[static_cast<std::size_t>(axis)];
        letters += std::string_view(
            "RLAPSI")[static_cast<std::size_t>(world) * 2 + (grid.affine()(world, axis) < 0.0 ? 1 : 0)];
    }
    return Orientation(letters);
}

namespace detail {

/// Slice times of an image whose axis `from[k]` becomes axis k, backwards where `flip[k]`.
[[nodiscard]] inline SliceTiming reordered(SliceTiming slices, const std::array<int, 3>& from,
                                           const std::array<bool, 3>& flip, const Shape& shape) {
    unsigned info = 0;
    for (unsigned shift = 0; shift < 6;
         shift += 2) {  // directions of frequency, phase and slices, 0 for none
        const unsigned axis = slices.dim_info >> shift & 3U;
        for (unsigned k = 0; k < 3; ++k) {
            if (axis != 0 && from[k] == static_cast<int>(axis) - 1) info |= (k + 1) << shift;
        }
    }
    slices.dim_info = static_cast<std::uint8_t>(info);
    const unsigned along = info >> 4 & 3U;
    if (along == 0 || !flip[along - 1]) return slices;
    const std::int64_t last = shape[from[along - 1]] - 1;
    if (slices.end > 0 || slices.start > 0) {
        slices.start = std::exchange(slices.end, last - slices.start);
        slices.start = last - slices.start;
    }
    // Each order of the header has one the other way round: 1 and 2, 3 and 4, 5 and 6.
    if (slices.order >= 1 && slices.order <= 6) slices.order = ((slices.order - 1) ^ 1) + 1;
    return slices;
}

[[nodiscard]] inline Rearrangement reordering(const Grid& grid, Metadata metadata, const Orientation& to) {
    const Orientation now = orientation_of(grid);
    const Shape& shape = grid.shape();
    const std::array<std::int64_t, 3> strides{1, shape.x(), shape.x() * shape.y()};
    Rearrangement out;
    Affine affine = grid.affine();
    std::array<std::int64_t, 3> lengths{};
    std::array<int, 3> source{};
    std::array<bool, 3> flip{};
    for (int axis = 0; axis < 3; ++axis) {
        const auto k = static_cast<std::size_t>(axis);
        int from = 0;
        while (now.world_axis(from) != to.world_axis(axis)) ++from;
        source[k] = from;
        flip[k] = now.backwards(from) != to.backwards(axis);
        lengths[k] = shape[from];
        out.strides[k] = strides[static_cast<std::size_t>(from)];
        const auto last = static_cast<double>(std::max<std::int64_t>(shape[from] - 1, 0));
        for (int row = 0; row < 3; ++row) {
            const double edge = grid.affine()(row, from);
            affine(row, axis) = flip[k] ? 0.0 - edge : edge;  // no -0 in an affine that people read
            if (flip[k]) affine(row, 3) += edge * last;
        }
        if (flip[k]) {
            out.offset += (lengths[k] - 1) * out.strides[k];
            out.strides[k] = -out.strides[k];
        }
    }
    out.grid = Grid(Shape(lengths[0], lengths[1], lengths[2]), affine);
    metadata.slices = reordered(metadata.slices, source, flip, shape);
    out.metadata = in_same_space(std::move(metadata), grid.affine(), affine);
    return out;
}

}  // namespace detail

/// Brings the axes of an image into another order and direction.
///
/// \param image  a volume or a run of any voxel type
/// \param to     directions of the result: to the right, front and up unless given
/// \returns      the same voxels, each at its place in the world, with the metadata of `image`
/// \throws InvalidArgument when the affine cannot be inverted
///
/// A copy; nothing is interpolated, and an oblique image stays oblique. `reorder(result, orientation_of(image.grid()))`
/// gives `image` back, header and all. Equals nilearn's `reorder_img` where that does not resample, and nibabel's
/// `as_closest_canonical`; nilearn refuses oblique images and drops entries of the affine up to 0.001, kept here.
template <AnyVolume V>
[[nodiscard]] Volume<VoxelOf<V>> reorder(const V& image, const Orientation& to = {}) {
    const auto view = view_of(image);
    return detail::reordering(view.grid(), view.metadata(), to).of(view);
}
template <AnyRun R>
[[nodiscard]] Volume4D<VoxelOf<R>> reorder(const R& image, const Orientation& to = {}) {
    const auto view = view_of(image);
    return detail::reordering(view.grid(), view.metadata(), to).of(view);
}

/// The same for the volumes of a source as they pass; nothing is read yet.
template <StreamedSource Source>
[[nodiscard]] detail::Rearranged<detail::MovedIn<Source>> reorder(Source&& source,
                                                                  const Orientation& to = {}) {
    auto arrangement = detail::reordering(source.grid(), source.metadata(), to);
    return {detail::moved_in(std::forward<Source>(source)), std::move(arrangement)};
}

/// A text is no orientation, and says one.
template <class Image, std::convertible_to<std::string_view> Text>
requires(AnyVolume<Image> || AnyRun<Image> || StreamedSource<Image>)  //
    [[nodiscard]] auto reorder(Image&& image, const Text&) {
    static_assert(detail::never<Text>,
                  "roi: reorder takes an Orientation: write reorder(image, Orientation(\"LPS\"))");
    return reorder(std::forward<Image>(image), Orientation());
}

/// A name is no image, and a grid no orientation.
/// \{
template <class Image, class... To>
requires(!AnyVolume<Image> && !FrameSource<Image>)  //
    [[nodiscard]] Volume<float> reorder(const Image&, const To&...) {
    static_assert(detail::never<Image>,
                  "roi: reorder takes a volume, a run or a source: write reorder(load<float>(path))");
    return {};
}
template <class Image, class To>
requires(AnyVolume<Image> || FrameSource<Image>) && (!std::convertible_to<const To&, const Orientation&> &&
                                                     !std::convertible_to<const To&, std::string_view>)  //
    [[nodiscard]] Volume<float> reorder(const Image&, const To&) {
    static_assert(detail::never<To>,
                  "roi: reorder takes an Orientation: write reorder(image, orientation_of(grid))");
    return {};
}
/// \}

}  // namespace roi
