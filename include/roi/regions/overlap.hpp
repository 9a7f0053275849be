// How much masks and atlases agree.
#pragma once

#include <roi/core/detail/quantile.hpp>
#include <roi/core/error.hpp>
#include <roi/core/text.hpp>
#include <roi/image/grid.hpp>
#include <roi/image/view.hpp>
#include <roi/image/volume.hpp>
#include <roi/morphology/distance.hpp>
#include <roi/morphology/erode.hpp>
#include <roi/table/data_table.hpp>

#include <algorithm>
#include <cmath>
#include <cstdint>
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
/// \throws GridMismatch when the atlases lie on different grids
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
        const auto label_a = static_cast<std::int64_t>(in_a[first]),
                   label_b = static_cast<std::int64_t>(in_b[first]);
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

/// The voxels of a mask that the cross does not fit round.
template <AnyMask M>
[[nodiscard]] Mask surface_of(const M& mask) {
    auto out = erode(mask);
    const auto view = view_of(mask);
    for (std::int64_t i = 0; i < out.size(); ++i) out[i] = view.data()[i] && !out[i];
    return out;
}

/// From every voxel of one mask the distance to the nearest of another, in mm.
template <AnyMask A, AnyMask B>
[[nodiscard]] std::vector<double> distances_between(const A& from, const B& to) {
    const auto distance = distance_to(to);
    const auto view = view_of(from);
    std::vector<double> out;
    for (std::int64_t i = 0; i < view.size(); ++i) {
        if (view.data()[i]) out.push_back(distance[i]);
    }
    return out;
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
/// Twice the time of `distance_to`; memory: 16 bytes a voxel at most.
template <AnyMask A, AnyMask B>
[[nodiscard]] double hausdorff(const A& a, const B& b, const HausdorffOptions& options = {}) {
    if (!(options.percentile >= 0.0 && options.percentile <= 100.0)) {
        throw InvalidArgument(
            text("hausdorff: expected a percentile from 0 to 100, found ", options.percentile));
    }
    require_same_grid(view_of(a).grid(), view_of(b).grid(), "hausdorff: the two masks");
    if (options.surface) {
        auto inside = options;
        inside.surface = false;
        return hausdorff(detail::surface_of(a), detail::surface_of(b), inside);
    }
    auto from_a = detail::distances_between(a, b), from_b = detail::distances_between(b, a);
    if (from_a.empty() && from_b.empty()) return std::numeric_limits<double>::quiet_NaN();
    if (from_a.empty() || from_b.empty()) return std::numeric_limits<double>::infinity();
    const double fraction = options.percentile / 100.0;
    if (options.pooled) {
        from_a.insert(from_a.end(), from_b.begin(), from_b.end());
        return detail::quantile(std::span(from_a), fraction);
    }
    return std::max(detail::quantile(std::span(from_a), fraction),
                    detail::quantile(std::span(from_b), fraction));
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
    const Mask on_a = detail::surface_of(a), on_b = detail::surface_of(b);
    const auto from_a = detail::distances_between(on_a, on_b), from_b = detail::distances_between(on_b, on_a);
    if (from_a.empty() && from_b.empty()) return std::numeric_limits<double>::quiet_NaN();
    double sum = 0.0;
    for (const double distance : from_a) sum += distance;
    for (const double distance : from_b) sum += distance;
    return sum / static_cast<double>(from_a.size() + from_b.size());
}

}  // namespace roi
