// Any function of the values of every region.
#pragma once

#include <roi/core/concepts.hpp>
#include <roi/core/detail/signed_label.hpp>
#include <roi/core/error.hpp>
#include <roi/image/grid.hpp>
#include <roi/image/view.hpp>
#include <roi/regions/measure.hpp>

#include <concepts>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <span>
#include <type_traits>
#include <utility>
#include <vector>

namespace roi {

/// What a function says of one region.
template <class R>
struct LabelledValue {
    std::int64_t label = 0;
    std::optional<R> value;  ///< nothing for a label that no voxel has

    friend bool operator==(const LabelledValue&, const LabelledValue&) = default;
};

/// Calls a function with the values of every region of an atlas.
///
/// \param values  a map of any numbers, or a mask
/// \param labels  an atlas, 0 is background and negative numbers are regions; or a mask, whose voxels are label 1
/// \param f       `f(std::span<const double> values)`, which may be a `RegionStatistic`'s function, or
///                `f(values, std::span<const std::int64_t> voxels)` with the places of the values in memory, for
///                `shape().voxel(place)`; x slowest and z fastest, NaN included
/// \param which   labels to ask about, in this order, repeats and 0 included; without them all that occur but 0, ascending
/// \returns       one entry a label; those that no voxel has have no value, and `f` is not called
/// \throws GridMismatch when map and atlas lie on different grids, and what `f` throws
///
/// SciPy's `labeled_comprehension`, whose `default` is `.value.value_or(default)`, and NumPy's `map[labels == k]` for all k at
/// once; `measure` knows the usual measurements and is faster. Two passes over the volume; memory: 8 or 16 bytes for every
/// voxel of the regions.
template <AnyVolume V, AnyVolume L, class F>
[[nodiscard]] auto labelled_comprehension(const V& values, const L& labels, const F& f,
                                          const std::optional<std::vector<std::int64_t>>& which = {}) {
    static_assert(
        AnyLabels<L> || AnyMask<L>,
        "roi::labelled_comprehension takes the map first, then labels: a volume of integers, or a mask");
    constexpr bool placed = std::invocable<const F&, std::span<const double>, std::span<const std::int64_t>>;
    static_assert(placed || std::invocable<const F&, std::span<const double>>,
                  "roi::labelled_comprehension: write f as [](std::span<const double> values) { ... }, or "
                  "with a second "
                  "std::span<const std::int64_t> of the places of the values");
    const auto call = [&](std::span<const double> of_region,
                          [[maybe_unused]] std::span<const std::int64_t> places) {
        if constexpr (placed) {
            return std::invoke(f, of_region, places);
        } else {
            return std::invoke(f, of_region);
        }
    };
    using R = std::remove_cvref_t<decltype(call({}, {}))>;
    require_same_grid(view_of(values).grid(), view_of(labels).grid(),
                      "labelled_comprehension: map and labels");
    const auto atlas = detail::numbered(labels);
    const auto map = detail::numbered(values);
    using T = typename decltype(atlas)::value_type;
    const auto index = which ? detail::asked_for<T>(*which) : detail::LabelIndex<T>(atlas);

    // Where the values of each region begin, and then where its next one goes.
    std::vector<std::size_t> starts(index.size() + 1);
    for (const T label : atlas.values()) {
        const std::size_t region = index.find(label);
        if (region != index.none) ++starts[region + 1];
    }
    for (std::size_t i = 1; i < starts.size(); ++i) starts[i] += starts[i - 1];
    std::vector<double> gathered(starts.back());
    std::vector<std::int64_t> places(placed ? starts.back() : 0);
    auto next = starts;
    const Shape shape = detail::axes_of_voxels(atlas.shape());
    for (std::int64_t x = 0; x < shape.x(); ++x) {
        for (std::int64_t y = 0; y < shape.y(); ++y) {
            for (std::int64_t z = 0; z < shape.z(); ++z) {
                const std::int64_t voxel = shape.index(x, y, z);
                const std::size_t region = index.find(atlas.data()[voxel]);
                if (region == index.none) continue;
                const std::size_t to = next[region]++;
                gathered[to] = static_cast<double>(map.data()[voxel]);
                if constexpr (placed) places[to] = voxel;
            }
        }
    }

    const auto value_of = [&](std::int64_t label) {
        LabelledValue<R> out{label, {}};
        const auto narrow = static_cast<T>(label);
        if (static_cast<std::int64_t>(narrow) != label || (narrow < T{0}) != (label < 0)) return out;
        const std::size_t region = index.find(narrow);
        if (region == index.none || starts[region] == starts[region + 1]) return out;
        const std::size_t first = starts[region], count = starts[region + 1] - first;
        out.value = call(std::span<const double>(gathered).subspan(first, count),
                         placed ? std::span<const std::int64_t>(places).subspan(first, count)
                                : std::span<const std::int64_t>());
        return out;
    };
    std::vector<LabelledValue<R>> out;
    if (which) {
        for (const std::int64_t label : *which) out.push_back(value_of(label));
    } else {
        for (const T label : index.labels())
            out.push_back(value_of(detail::signed_label(label, "labelled_comprehension")));
    }
    return out;
}

}  // namespace roi
