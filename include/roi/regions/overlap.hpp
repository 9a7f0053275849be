// How much masks and atlases agree.
#pragma once

#include <roi/core/detail/quantile.hpp>
#include <roi/core/detail/signed_label.hpp>
#include <roi/core/error.hpp>
#include <roi/core/parallel.hpp>
#include <roi/core/text.hpp>
#include <roi/image/box.hpp>
#include <roi/image/grid.hpp>
#include <roi/image/view.hpp>
#include <roi/image/volume.hpp>
#include <roi/morphology/distance.hpp>
#include <roi/morphology/erode.hpp>
#include <roi/regions/regions.hpp>
#include <roi/table/data_table.hpp>

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <iterator>
#include <limits>
#include <map>
#include <span>
#include <string_view>
#include <vector>

namespace roi {

/// Two sets of voxels, A and B, counted.
///
/// What cannot be said of two empty sets is NaN; of one empty set everything is 0.
struct Overlap {
    std::int64_t label = 1;   ///< of the region in both atlases; 1 for masks
    std::int64_t size_a = 0;  ///< voxels of A
    std::int64_t size_b = 0;  ///< voxels of B
    std::int64_t common = 0;  ///< voxels of both

    /// 2 |A and B| / (|A| + |B|).
    [[nodiscard]] double dice() const {
        return 2.0 * static_cast<double>(common) / static_cast<double>(size_a + size_b);
    }
    /// |A and B| / |A or B|.
    [[nodiscard]] double jaccard() const {
        return static_cast<double>(common) / static_cast<double>(size_a + size_b - common);
    }
    /// |A and B| / min(|A|, |B|); NaN when one is empty.
    [[nodiscard]] double coefficient() const {
        return static_cast<double>(common) / static_cast<double>(std::min(size_a, size_b));
    }
    /// 1 - ||A| - |B|| / (|A| + |B|).
    [[nodiscard]] double volume_similarity() const {
        return 1.0 - static_cast<double>(std::abs(size_a - size_b)) / static_cast<double>(size_a + size_b);
    }

    friend bool operator==(const Overlap&, const Overlap&) = default;
};

/// Counts the voxels of two masks and those they have in common.
///
/// \param a, b  two masks on one grid; for other voxel types write `overlap(a != 0, b != 0)`
/// \throws GridMismatch when the masks lie on different grids
///
/// One pass. `overlap(a, b).dice()` is 1 minus SciPy's `distance.dice`, `.jaccard()` 1 minus its `distance.jaccard`, but NaN
/// for two empty masks.
template <AnyMask A, AnyMask B>
[[nodiscard]] Overlap overlap(const A& a, const B& b) {
    require_same_grid(view_of(a).grid(), view_of(b).grid(), "overlap: the two masks");
    const auto* in_a = reinterpret_cast<const unsigned char*>(view_of(a).data());
    const auto* in_b = reinterpret_cast<const unsigned char*>(view_of(b).data());
    Overlap out;
    for (std::int64_t i = 0; i < view_of(a).size(); ++i) {
        out.size_a += in_a[i];
        out.size_b += in_b[i];
        out.common += in_a[i] & in_b[i];
    }
    return out;
}

/// Counts, for every label of two atlases, its voxels in either and those it has in both.
///
/// \param a, b  two atlases on one grid, 0 is background
/// \returns     one entry for each label that occurs in `a` or `b`, ascending
/// \throws GridMismatch when the atlases lie on different grids, InvalidArgument as `regions`
///
/// One pass; memory: the result.
template <AnyLabels A, AnyLabels B>
[[nodiscard]] std::vector<Overlap> overlap_of_labels(const A& a, const B& b) {
    require_same_grid(view_of(a).grid(), view_of(b).grid(), "overlap_of_labels: the two atlases");
    std::map<std::int64_t, Overlap> found;
    const auto of = [&found](std::int64_t label) -> Overlap& {
        return found.try_emplace(label, Overlap{label}).first->second;
    };
    const auto* in_a = view_of(a).data();
    const auto* in_b = view_of(b).data();
    const std::int64_t size = view_of(a).size();
    // Voxel by voxel only where a label changes: regions are stretches.
    for (std::int64_t first = 0, last = 0; first < size; first = last) {
        for (last = first + 1; last < size && in_a[last] == in_a[first] && in_b[last] == in_b[first];) ++last;
        const auto label_a = detail::signed_label(in_a[first], "overlap_of_labels"),
                   label_b = detail::signed_label(in_b[first], "overlap_of_labels");
        if (label_a != 0) of(label_a).size_a += last - first;
        if (label_b != 0) of(label_b).size_b += last - first;
        if (label_a == label_b && label_a != 0) of(label_a).common += last - first;
    }
    std::vector<Overlap> out;
    for (const auto& [label, counts] : found) out.push_back(counts);
    return out;
}

/// Dice's coefficient of two masks, 2 |A and B| / (|A| + |B|); otherwise as `overlap`.
template <AnyMask A, AnyMask B>
[[nodiscard]] double dice(const A& a, const B& b) {
    return overlap(a, b).dice();
}

/// Jaccard's coefficient of two masks, |A and B| / |A or B|; otherwise as `overlap`.
template <AnyMask A, AnyMask B>
[[nodiscard]] double jaccard(const A& a, const B& b) {
    return overlap(a, b).jaccard();
}

/// Overlaps as rows: `label dice jaccard voxels_a voxels_b`.
[[nodiscard]] inline DataTable to_table(std::span<const Overlap> overlaps) {
    std::vector<std::int64_t> label, size_a, size_b;
    DataTable::Numbers dices, jaccards;
    for (const Overlap& one : overlaps) {
        label.push_back(one.label);
        dices.push_back(one.dice());
        jaccards.push_back(one.jaccard());
        size_a.push_back(one.size_a);
        size_b.push_back(one.size_b);
    }
    DataTable out;
    out.add("label", label)
        .add("dice", dices)
        .add("jaccard", jaccards)
        .add("voxels_a", size_a)
        .add("voxels_b", size_b);
    return out;
}

/// The options of `hausdorff`.
struct HausdorffOptions {
    /// Which of the distances counts, in percent: 100 is the largest, 95 leaves the farthest twentieth out.
    double percentile = 100.0;

    /// Takes the percentile of all distances together; else of each direction, and of both the larger.
    bool pooled = false;

    /// Looks at the surfaces only: voxels with a face neighbour outside their mask, or at the border of the image.
    bool surface = false;
};

namespace detail {

/// Of a grid that distances cannot be measured on, also when there is nothing to measure.
inline void require_measurable(const Grid& grid, std::string_view who) {
    require_right_angles(grid, who, "resample both images with resample_to");
    (void)voxel_steps(grid, who);
}

/// The voxels of a mask that the cross does not fit round.
template <AnyMask M>
[[nodiscard]] Mask surface_of(const M& mask) {
    auto out = erode(mask);
    const auto view = view_of(mask);
    for (std::int64_t i = 0; i < out.size(); ++i) out[i] = view.data()[i] && !out[i];
    return out;
}

/// The smallest box around the true voxels of a mask.
template <AnyMask M>
[[nodiscard]] Box box_of(const M& mask) {
    const auto view = view_of(mask);
    const Shape shape = axes_of_voxels(view.shape());
    Box out;
    for (std::int64_t line = 0; line < shape.y() * shape.z(); ++line) {
        const bool* const begin = view.data() + line * shape.x();
        const bool* const end = begin + shape.x();
        const bool* const first = std::find(begin, end, true);
        if (first == end) continue;
        const auto last = std::find(std::reverse_iterator(end), std::reverse_iterator(first), true).base();
        const std::int64_t y = line % shape.y(), z = line / shape.y();
        out.include(Box{{first - begin, y, z}, {last - begin, y + 1, z + 1}});
    }
    return out;
}

/// Two masks in the box that holds both, which is all that their distances depend on.
struct MasksInBox {
    Mask a, b;
};

/// \param in_a, in_b  whether a voxel of a volume belongs to a mask
template <class T, class U, class InA, class InB>
[[nodiscard]] MasksInBox in_box(const VolumeView<const T>& a, const VolumeView<const U>& b, const Box& box,
                                const InA& in_a, const InB& in_b) {
    const Shape shape(box.last[0] - box.first[0], box.last[1] - box.first[1], box.last[2] - box.first[2]);
    const auto from_a = a.box(box.first, shape);
    const auto from_b = b.box(box.first, shape);
    MasksInBox out{Mask(from_a.grid(), Uninitialized{}, {}), Mask(from_a.grid(), Uninitialized{}, {})};
    std::int64_t i = 0;
    for (std::int64_t z = 0; z < shape.z(); ++z) {
        for (std::int64_t y = 0; y < shape.y(); ++y) {
            for (std::int64_t x = 0; x < shape.x(); ++x, ++i) {
                out.a[i] = in_a(from_a(x, y, z));
                out.b[i] = in_b(from_b(x, y, z));
            }
        }
    }
    return out;
}

template <AnyMask A, AnyMask B>
[[nodiscard]] MasksInBox in_box(const A& a, const B& b) {
    Box box = box_of(a);
    box.include(box_of(b));
    const auto is = [](bool value) { return value; };
    return in_box(view_of(a), view_of(b), box, is, is);
}

/// From the voxels of one mask the distance to the nearest of another, in mm.
[[nodiscard]] inline std::vector<double> distances_between(const Mask& from, const Mask& to) {
    std::vector<double> out;
    const auto distance = distance_to(to);
    for (std::int64_t i = 0; i < from.size(); ++i) {
        if (from[i]) out.push_back(distance[i]);
    }
    return out;
}

/// Distances of the voxels of two masks to the other: both empty, both infinite, or of all.
struct DistancesBetween {
    std::vector<double> from_a, from_b;
    explicit DistancesBetween(const MasksInBox& masks)
        : from_a(distances_between(masks.a, masks.b)), from_b(distances_between(masks.b, masks.a)) {}
};

[[nodiscard]] inline double hausdorff_of(DistancesBetween& between, double percentile, bool pooled) {
    auto& [from_a, from_b] = between;
    if (from_a.empty() && from_b.empty()) return std::numeric_limits<double>::quiet_NaN();
    if (from_a.empty() || from_b.empty()) return std::numeric_limits<double>::infinity();
    const double fraction = percentile / 100.0;
    if (pooled) {
        from_a.insert(from_a.end(), from_b.begin(), from_b.end());
        return quantile(std::span(from_a), fraction);
    }
    return std::max(quantile(std::span(from_a), fraction), quantile(std::span(from_b), fraction));
}

[[nodiscard]] inline double mean_surface_distance_of(const MasksInBox& masks) {
    const DistancesBetween between({surface_of(masks.a), surface_of(masks.b)});
    if (between.from_a.empty() && between.from_b.empty()) return std::numeric_limits<double>::quiet_NaN();
    double sum = 0.0;
    for (const double distance : between.from_a) sum += distance;
    for (const double distance : between.from_b) sum += distance;
    return sum / static_cast<double>(between.from_a.size() + between.from_b.size());
}

}  // namespace detail

/// How far two masks are apart at most: the largest distance of a voxel of one to the nearest voxel of the other.
///
/// \param a, b     two masks on one grid
/// \param options  `.percentile` (100), `.pooled`, `.surface`
/// \returns        millimetres between centres; NaN when both masks are empty, infinite when one is
/// \throws InvalidArgument when the percentile is not a number from 0 to 100, or as `distance_to`; GridMismatch when the
///         masks lie on different grids
///
/// The larger of SciPy's two `directed_hausdorff` of coordinates in millimetres; percentiles are linear between ranks.
/// Twice the time of `distance_to` in the box around both masks; memory: 18 bytes a voxel of it at most.
template <AnyMask A, AnyMask B>
[[nodiscard]] double hausdorff(const A& a, const B& b, const HausdorffOptions& options = {}) {
    if (!(options.percentile >= 0.0 && options.percentile <= 100.0)) {
        throw InvalidArgument(
            text("hausdorff: expected a percentile from 0 to 100, found ", options.percentile));
    }
    require_same_grid(view_of(a).grid(), view_of(b).grid(), "hausdorff: the two masks");
    detail::require_measurable(view_of(a).grid(), "hausdorff");
    auto masks = detail::in_box(a, b);
    if (options.surface) masks = {detail::surface_of(masks.a), detail::surface_of(masks.b)};
    detail::DistancesBetween between(masks);
    return detail::hausdorff_of(between, options.percentile, options.pooled);
}

/// How far the surfaces of two masks are apart on average: the mean distance of all surface voxels of both to the nearest one
/// of the other.
///
/// \param a, b  two masks on one grid; surfaces as with `.surface` of `hausdorff`
/// \returns     millimetres between centres; NaN when both masks are empty, infinite when one is
/// \throws GridMismatch when the masks lie on different grids, InvalidArgument as `distance_to`
///
/// Time and memory as `hausdorff`.
template <AnyMask A, AnyMask B>
[[nodiscard]] double mean_surface_distance(const A& a, const B& b) {
    require_same_grid(view_of(a).grid(), view_of(b).grid(), "mean_surface_distance: the two masks");
    detail::require_measurable(view_of(a).grid(), "mean_surface_distance");
    return detail::mean_surface_distance_of(detail::in_box(a, b));
}

/// How far a region of one atlas is from the region of another that has its label, in mm.
struct LabelDistances {
    std::int64_t label = 1;
    double hausdorff = 0.0;         ///< as `hausdorff`
    double hausdorff_95 = 0.0;      ///< the same with `.percentile = 95`
    double surface_distance = 0.0;  ///< as `mean_surface_distance`

    friend bool operator==(const LabelDistances&, const LabelDistances&) = default;
};

/// For every label of two atlases, how far its region in one is from that in the other.
///
/// \param a, b  two atlases on one grid, 0 is background
/// \returns     one entry for each label that occurs in `a` or `b`, ascending, as of `overlap_of_labels`; infinite for those
///              that occur in one alone
/// \throws GridMismatch when the atlases lie on different grids, InvalidArgument as `distance_to` and `regions`
///
/// Equal to the single functions of `a == label` and `b == label` bit by bit. Time: for each label four times that of
/// `distance_to` in the box around its voxels in both, nothing for those in one alone; memory: 18 bytes a voxel of the boxes
/// that are worked on together, one a thread.
template <AnyLabels A, AnyLabels B>
[[nodiscard]] std::vector<LabelDistances> distances_of_labels(const A& a, const B& b) {
    const auto all_a = view_of(a);
    const auto all_b = view_of(b);
    require_same_grid(all_a.grid(), all_b.grid(), "distances_of_labels: the two atlases");
    detail::require_measurable(all_a.grid(), "distances_of_labels");
    struct WhereLabel {
        Box box;
        int atlases = 0;
    };
    std::map<std::int64_t, WhereLabel> places;
    const auto add = [&places](const std::vector<Region>& found) {
        for (const Region& one : found) {
            WhereLabel& place = places[one.label];
            Box box{one.first, one.first};
            for (std::size_t axis = 0; axis < 3; ++axis) box.last[axis] += one.shape[static_cast<int>(axis)];
            place.box.include(box);
            ++place.atlases;
        }
    };
    add(detail::regions_of(all_a, "distances_of_labels"));
    add(detail::regions_of(all_b, "distances_of_labels"));
    constexpr double apart = std::numeric_limits<double>::infinity();
    std::vector<LabelDistances> out;
    std::vector<WhereLabel> boxes;
    for (const auto& [label, place] : places) {
        out.push_back({label, apart, apart, apart});
        boxes.push_back(place);
    }
    if (out.empty()) return out;
    parallel_for(static_cast<std::int64_t>(out.size()), 1, [&](std::int64_t first, std::int64_t last) {
        for (std::int64_t i = first; i < last; ++i) {
            LabelDistances& row = out[static_cast<std::size_t>(i)];
            const WhereLabel& place = boxes[static_cast<std::size_t>(i)];
            if (place.atlases < 2) continue;
            const auto is = [&row](auto value) { return static_cast<std::int64_t>(value) == row.label; };
            const auto masks = detail::in_box(all_a, all_b, place.box, is, is);
            detail::DistancesBetween between(masks);
            row.hausdorff = detail::hausdorff_of(between, 100.0, false);
            row.hausdorff_95 = detail::hausdorff_of(between, 95.0, false);
            row.surface_distance = detail::mean_surface_distance_of(masks);
        }
    });
    return out;
}

/// Masks and labels have functions of their own.
template <AnyVolume A, AnyVolume B>
requires(!(AnyMask<A> && AnyMask<B>))  //
    [[nodiscard]] Overlap overlap(const A&, const B&) {
    static_assert(detail::never<A>,
                  "roi: overlap takes two masks: write overlap_of_labels(a, b) of labels, overlap(a != 0, b "
                  "!= 0) of maps");
    return {};
}
template <AnyVolume A, AnyVolume B>
requires(!(AnyMask<A> && AnyMask<B>))  //
    [[nodiscard]] double dice(const A&, const B&) {
    static_assert(
        detail::never<A>,
        "roi: dice takes two masks: write overlap_of_labels(a, b) of labels, dice(a != 0, b != 0) of maps");
    return {};
}
template <AnyVolume A, AnyVolume B>
requires(!(AnyMask<A> && AnyMask<B>))  //
    [[nodiscard]] double jaccard(const A&, const B&) {
    static_assert(detail::never<A>,
                  "roi: jaccard takes two masks: write overlap_of_labels(a, b) of labels, jaccard(a != 0, b "
                  "!= 0) of maps");
    return {};
}
template <AnyVolume A, AnyVolume B>
requires(!(AnyMask<A> && AnyMask<B>))  //
    [[nodiscard]] double hausdorff(const A&, const B&, const HausdorffOptions& = {}) {
    static_assert(detail::never<A>,
                  "roi: hausdorff takes two masks: write distances_of_labels(a, b) of labels, hausdorff(a != "
                  "0, b != 0) of maps");
    return {};
}
template <AnyVolume A, AnyVolume B>
requires(!(AnyMask<A> && AnyMask<B>))  //
    [[nodiscard]] double mean_surface_distance(const A&, const B&) {
    static_assert(detail::never<A>,
                  "roi: mean_surface_distance takes two masks: write distances_of_labels(a, b) of labels, "
                  "mean_surface_distance(a != 0, b != 0) of maps");
    return {};
}
template <AnyVolume A, AnyVolume B>
requires(!(AnyLabels<A> && AnyLabels<B>))  //
    [[nodiscard]] std::vector<Overlap> overlap_of_labels(const A&, const B&) {
    static_assert(detail::never<A>, "roi: overlap_of_labels takes two atlases: write overlap(a, b) of masks");
    return {};
}
template <AnyVolume A, AnyVolume B>
requires(!(AnyLabels<A> && AnyLabels<B>))  //
    [[nodiscard]] std::vector<LabelDistances> distances_of_labels(const A&, const B&) {
    static_assert(detail::never<A>,
                  "roi: distances_of_labels takes two atlases: write hausdorff(a, b) of masks");
    return {};
}

}  // namespace roi
