// Splits a mask into its connected components.
#pragma once

#include <roi/core/parallel.hpp>
#include <roi/image/view.hpp>
#include <roi/image/volume.hpp>
#include <roi/morphology/structure.hpp>
#include <roi/regions/detail/label.hpp>
#include <roi/regions/detail/label_index.hpp>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <numeric>
#include <vector>

namespace roi {

/// Components of a mask; made for `auto [atlas, count] = roi::label(mask)`.
struct Labelling {
    Labels atlas;            ///< 0 is background, components are 1 to `count`
    std::int64_t count = 0;  ///< number of components
};

/// In which order components are numbered.
enum class LabelOrder : std::uint8_t {
    first,  ///< by their first voxels, x slowest: SciPy's numbers
    size,   ///< the largest first, of equals the one whose first voxel comes first
};

/// The options of `label` and `largest_region`.
struct LabelOptions {
    /// Which voxels belong together: `Connectivity::faces`, `edges` or `corners`, or a `Structure` of
    /// 3 x 3 x 3 values that are the same in opposite directions.
    Structure connectivity = Connectivity::faces;

    /// Components of fewer voxels become background; `least_voxels(grid, mm3)` counts those of a volume.
    std::int64_t min_size = 1;

    LabelOrder order = LabelOrder::first;

    /// Number of threads for this call; 0 is `threads()`.
    int threads = 0;
};

namespace detail {

/// Number of voxels of each label from 0 to `count`.
[[nodiscard]] inline std::vector<std::int64_t> sizes_of(const Labels& atlas, std::int64_t count) {
    const Shape shape = axes_of_voxels(atlas.shape());
    const std::int64_t lines = shape.y() * shape.z();
    const auto labels = static_cast<std::size_t>(count) + 1;
    // Each part counts for itself: as many as there is work for, and that take no more memory than the atlas.
    const std::int64_t parts =
        std::max<std::int64_t>(1, std::min({2 * std::int64_t{threads()}, shape.size() >> 18, lines,
                                            shape.size() / 2 / static_cast<std::int64_t>(labels)}));
    std::vector<std::int64_t> sizes(static_cast<std::size_t>(parts) * labels);
    parallel_for(parts, 1, [&](std::int64_t part, std::int64_t) {
        std::int64_t* const counts = sizes.data() + static_cast<std::size_t>(part) * labels;
        for_each_stretch(atlas.data(), shape, part * lines / parts, (part + 1) * lines / parts,
                         [&](std::int32_t label, std::int64_t x, std::int64_t end, std::int64_t) {
                             counts[label] += end - x;
                         });
    });
    for (std::size_t i = labels; i < sizes.size(); ++i) sizes[i % labels] += sizes[i];
    sizes.resize(labels);
    return sizes;
}

/// Numbers the components of at least some size anew from 1.
/// \returns  how many are left
inline std::int64_t renumber(Labels& atlas, std::int64_t count, std::int64_t min_size, LabelOrder order) {
    const auto sizes = sizes_of(atlas, count);
    std::vector<std::size_t> kept(static_cast<std::size_t>(count));
    std::iota(kept.begin(), kept.end(), std::size_t{1});
    std::erase_if(kept, [&](std::size_t label) { return sizes[label] < min_size; });
    if (order == LabelOrder::size) {
        std::stable_sort(kept.begin(), kept.end(),
                         [&](std::size_t a, std::size_t b) { return sizes[a] > sizes[b]; });
    }
    std::vector<std::int32_t> number(sizes.size());
    for (std::size_t i = 0; i < kept.size(); ++i) number[kept[i]] = static_cast<std::int32_t>(i + 1);
    parallel_for(atlas.size(), 1 << 18, [&](std::int64_t first, std::int64_t last) {
        for (std::int64_t i = first; i < last; ++i) atlas[i] = number[static_cast<std::size_t>(atlas[i])];
    });
    return static_cast<std::int64_t>(kept.size());
}

}  // namespace detail

/// Numbers the connected components of a mask.
///
/// \param mask     what to split; for other voxel types write `label(volume != 0)`
/// \param options  `.connectivity`, which neighbours belong together: the 6 that share a face by default;
///                 `.min_size`, the fewest voxels of a component; `.order`, by first voxel or by size
/// \returns        labels on the grid of `mask`, with its metadata, and their number
/// \throws InvalidArgument when a structure of one's own is not 3 x 3 x 3 or not symmetric, or when there are
///         more components than 32-bit labels can number
///
/// Equals SciPy's `label`, number by number: components count from 1 in the order of their first voxels with
/// x slowest and z fastest, which is not the order of memory. A structure without any neighbour makes every
/// voxel a component. Time: one pass to find runs of voxels along x, a step for each pair of runs that meet,
/// one pass to write, two more to drop small ones or to order by size. Memory: the result, 3/8 byte a voxel,
/// 4 bytes a run and 24 bytes a component.
///
/// Runs joined by union-find as in He, Chao and Suzuki, "A run-based two-scan labeling algorithm", IEEE
/// Trans. Image Process. 17, 2008, here with words of 64 voxels in place of lists of runs.
template <AnyVolume M>
[[nodiscard]] Labelling label(const M& mask, const LabelOptions& options = {}) {
    static_assert(AnyMask<M>, "roi::label takes a mask: write label(map != 0)");
    const ThreadsOfCall threads_of_call(options.threads);
    const auto connected = detail::neighbourhood(options.connectivity);
    const auto view = detail::view_of_mask(mask);
    Labelling out{like<std::int32_t>(mask)};
    out.atlas.metadata().intent = {label_intent, {}, {}};
    out.count = detail::label(view.data(), out.atlas.data(), view.shape(), connected);
    if (options.min_size > 1 || options.order != LabelOrder::first) {
        out.count = detail::renumber(out.atlas, out.count, options.min_size, options.order);
    }
    return out;
}

}  // namespace roi
