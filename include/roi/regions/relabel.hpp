// Numbers an atlas anew: without gaps, by connected parts, by side.
#pragma once

#include <roi/core/detail/signed_label.hpp>
#include <roi/core/error.hpp>
#include <roi/core/parallel.hpp>
#include <roi/core/text.hpp>
#include <roi/image/grid.hpp>
#include <roi/image/view.hpp>
#include <roi/image/volume.hpp>
#include <roi/morphology/structure.hpp>
#include <roi/regions/detail/label.hpp>
#include <roi/regions/detail/label_index.hpp>
#include <roi/regions/label.hpp>
#include <roi/regions/regions.hpp>
#include <roi/table/data_table.hpp>
#include <roi/table/names.hpp>

#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <map>
#include <numeric>
#include <set>
#include <string>
#include <utility>
#include <vector>

namespace roi {

/// An atlas with new numbers; made for `auto [atlas, sources] = roi::relabel(labels)`.
struct Relabelling {
    Labels atlas;                       ///< 0 is background, regions are 1, 2, ... without gaps
    std::vector<std::int64_t> sources;  ///< the label that each had before: `sources[0]` of what is 1 now
};

/// The options of `connected_label_regions`.
struct ConnectedLabelOptions {
    Structure connectivity = Connectivity::faces;  ///< which neighbours belong together, as of `label`
    double min_volume = 0.0;                       ///< parts of fewer cubic millimetres become background
};

/// The options of `split_sides`.
struct SplitSidesOptions {
    WarningHandler warning = {};  ///< told how many voxels lie on the midline
};

/// The options of `part_names`.
struct PartNamesOptions {
    bool sides = false;  ///< say of each part on which side it lies, as after `split_sides`
};

/// Numbers the labels that occur 1, 2, ... in ascending order, so that there are no gaps.
///
/// \param labels  0 is background, anything else a region
/// \returns       the atlas anew on the grid of `labels`, with its metadata, and the label that each number had
/// \throws InvalidArgument when there are more regions than 32-bit labels can number, or a label is larger than 64 bits with a
///         sign hold
///
/// Three passes. scikit-image's `relabel_sequential`.
template <AnyLabels L>
[[nodiscard]] Relabelling relabel(const L& labels) {
    using T = VoxelOf<L>;
    const auto view = view_of(labels);
    const detail::LabelIndex<T> index(view);
    require(index.size() <= static_cast<std::size_t>(std::numeric_limits<std::int32_t>::max()),
            "relabel: more regions than 32-bit labels can number");
    Relabelling out{like<std::int32_t>(labels), {}};
    out.atlas.metadata().intent = {label_intent, {}, {}};
    std::int32_t* const numbers = out.atlas.data();
    detail::for_parts_of_lines(view.shape(), [&](std::int64_t first, std::int64_t last) {
        detail::for_each_stretch(view.data(), view.shape(), first, last,
                                 [&](T label, std::int64_t x, std::int64_t end, std::int64_t line) {
                                     const auto number =
                                         label == 0 ? 0 : static_cast<std::int32_t>(index.find(label)) + 1;
                                     std::fill_n(numbers + line * view.shape().x() + x, end - x, number);
                                 });
    });
    for (const T label : index.labels()) out.sources.push_back(detail::signed_label(label, "relabel"));
    return out;
}

namespace detail {

/// A voxel nearer to the midline than this many mm lies on it, whatever the rounding.
[[nodiscard]] inline double midline_slack(const Affine& affine) {
    return 1e-3 *
           std::sqrt(affine(0, 0) * affine(0, 0) + affine(0, 1) * affine(0, 1) + affine(0, 2) * affine(0, 2));
}

/// Calls `visit(x, y, z, position in memory)` for every voxel of a box, on several threads for different planes.
template <class Visit>
void for_each_voxel(const Shape& shape, const Visit& visit) {
    const std::int64_t plane = shape.x() * shape.y();
    if (shape.size() == 0) return;
    parallel_for(shape.z(), std::max<std::int64_t>(1, (1 << 18) / plane),
                 [&](std::int64_t first, std::int64_t last) {
                     std::int64_t voxel = first * plane;
                     for (std::int64_t z = first; z < last; ++z) {
                         for (std::int64_t y = 0; y < shape.y(); ++y) {
                             for (std::int64_t x = 0; x < shape.x(); ++x, ++voxel) visit(x, y, z, voxel);
                         }
                     }
                 });
}

/// The connected parts of one region in its box.
struct RegionParts {
    Labels atlas;             ///< numbered from 1
    std::int64_t count = 0;   ///< of parts
    std::int64_t before = 0;  ///< parts of the regions before
};

/// \param least  voxels of the smallest part that is kept
template <IntegerVoxel T>
[[nodiscard]] RegionParts parts_of(const VolumeView<const T>& labels, const Region& region,
                                   const Neighbourhood& connected, std::int64_t least) {
    const auto from = labels.box(region.first, region.shape);
    const auto label = static_cast<T>(region.label);
    Mask mask(Grid(region.shape), Uninitialized{}, {});
    RegionParts out{Labels(Grid(region.shape), Uninitialized{}, {})};
    for_each_voxel(region.shape, [&](std::int64_t x, std::int64_t y, std::int64_t z, std::int64_t voxel) {
        mask[voxel] = from(x, y, z) == label;
    });
    out.count = detail::label(mask.data(), out.atlas.data(), region.shape, connected);
    if (least > 1) out.count = renumber(out.atlas, out.count, least, LabelOrder::first);
    return out;
}

}  // namespace detail

/// Makes every connected part of every region a region of its own.
///
/// \param labels   0 is background, anything else a region, negative numbers included
/// \param options  which neighbours belong together, and how large a part must be at least
/// \returns        the parts, label by label in ascending order and in each by their first voxels as `label` numbers
///                 them, and the label that each part had
/// \throws InvalidArgument when the connectivity is not one for `label`, the volume is negative, or there are more
///         parts than 32-bit labels can number
///
/// nilearn's `connected_label_regions` with `connect_diag=False`; `Connectivity::corners` is its default. A part of
/// exactly the least volume stays, where nilearn drops it, and negative labels are no error. Time: the boxes around all
/// regions, each looked at three times. Memory: the result and 5 bytes a voxel of the boxes that are worked on together, no
/// more than half the volume's size unless one is larger.
template <AnyLabels L>
[[nodiscard]] Relabelling connected_label_regions(const L& labels,
                                                  const ConnectedLabelOptions& options = {}) {
    const auto view = view_of(labels);
    const auto connected = detail::neighbourhood(options.connectivity);
    const std::int64_t least =
        least_voxels(view.grid(), options.min_volume, "connected_label_regions: `min_volume`");
    Relabelling out{like<std::int32_t>(labels), {}};
    out.atlas.metadata().intent = {label_intent, {}, {}};
    parallel_for(out.atlas.size(), 1 << 18, [&](std::int64_t first, std::int64_t last) {
        std::fill(out.atlas.begin() + first, out.atlas.begin() + last, 0);
    });
    // Threads share regions, or the planes of a large one; as many regions at a time as half an atlas of boxes holds.
    const auto all = detail::regions_of(view, "connected_label_regions");
    std::vector<detail::RegionParts> found;
    for (std::size_t begin = 0, end = 0; begin < all.size(); begin = end) {
        std::int64_t voxels = 0;
        for (; end < all.size() && (end == begin || voxels + all[end].shape.size() <= view.size() / 2); ++end)
            voxels += all[end].shape.size();
        found.assign(end - begin, {});
        parallel_for(static_cast<std::int64_t>(end - begin), 1, [&](std::int64_t i, std::int64_t) {
            found[static_cast<std::size_t>(i)] =
                detail::parts_of(view, all[begin + static_cast<std::size_t>(i)], connected, least);
        });
        for (std::size_t i = begin; i < end; ++i) {
            detail::RegionParts& parts = found[i - begin];
            parts.before = static_cast<std::int64_t>(out.sources.size());
            if (parts.count > std::numeric_limits<std::int32_t>::max() - parts.before) {
                throw InvalidArgument(
                    "connected_label_regions: more parts than 32-bit labels can number; let `.min_volume` "
                    "leave out small ones");
            }
            out.sources.insert(out.sources.end(), static_cast<std::size_t>(parts.count), all[i].label);
        }
        parallel_for(static_cast<std::int64_t>(end - begin), 1, [&](std::int64_t i, std::int64_t) {
            const Region& region = all[begin + static_cast<std::size_t>(i)];
            const auto& parts = found[static_cast<std::size_t>(i)];
            const auto to = out.atlas.view().box(region.first, region.shape);
            detail::for_each_voxel(
                region.shape, [&](std::int64_t x, std::int64_t y, std::int64_t z, std::int64_t voxel) {
                    if (parts.atlas[voxel] == 0) return;
                    to(x, y, z) = parts.atlas[voxel] + static_cast<std::int32_t>(parts.before);
                });
        });
    }
    return out;
}

/// The connected parts of regions that have new numbers already, as those of `split_sides`.
///
/// \returns  as above; `.sources` are the labels that there were before both
[[nodiscard]] inline Relabelling connected_label_regions(const Relabelling& labels,
                                                         const ConnectedLabelOptions& options = {}) {
    auto out = connected_label_regions(labels.atlas, options);
    for (auto& source : out.sources) source = labels.sources[static_cast<std::size_t>(source) - 1];
    return out;
}

/// Splits every region at the midline into its left and its right.
///
/// \param labels   0 is background, anything else a region, in a space whose midline is at x = 0 mm
/// \param options  `.warning`, told when voxels lie on the midline
/// \returns        label by label in ascending order first what is left, x < 0 mm, then what is right, without gaps; and
///                 the label that each had
/// \throws InvalidArgument when there are more sides than 32-bit labels can number, or as `relabel`
///
/// The centre of a voxel decides. A voxel whose centre is nearer to the midline than a thousandth of a voxel lies on it,
/// whatever the rounding, and counts as right. Three passes.
template <AnyLabels L>
[[nodiscard]] Relabelling split_sides(const L& labels, const SplitSidesOptions& options = {}) {
    using T = VoxelOf<L>;
    const auto view = view_of(labels);
    const Shape& shape = view.shape();
    const Affine& affine = view.grid().affine();
    const double slack = detail::midline_slack(affine);
    const detail::LabelIndex<T> index(view);
    require(index.size() <= static_cast<std::size_t>(std::numeric_limits<std::int32_t>::max() / 2),
            "split_sides: more regions than 32-bit labels can number");

    std::int64_t on_midline = 0;
    const auto each_voxel = [&](auto&& visit) {
        detail::for_each_stretch(
            view.data(), shape, [&](T label, std::int64_t x, std::int64_t end, std::int64_t line) {
                if (label == 0) return;
                const std::size_t region = index.find(label);
                const std::int64_t y = line % shape.y(), z = line / shape.y();
                const double start = affine(0, 3) + affine(0, 1) * static_cast<double>(y) +
                                     affine(0, 2) * static_cast<double>(z);
                for (; x < end; ++x) {
                    const double world = start + affine(0, 0) * static_cast<double>(x);
                    on_midline += std::abs(world) <= slack;
                    visit(line * shape.x() + x, 2 * region + (world < -slack ? 0 : 1));
                }
            });
    };
    std::vector<std::int32_t> number(2 * index.size());
    each_voxel([&](std::int64_t, std::size_t side) { number[side] = 1; });
    Relabelling out{like<std::int32_t>(labels), {}};
    out.atlas.metadata().intent = {label_intent, {}, {}};
    for (std::size_t side = 0; side < number.size(); ++side) {
        if (number[side] == 0) continue;
        out.sources.push_back(detail::signed_label(index.labels()[side / 2], "split_sides"));
        number[side] = static_cast<std::int32_t>(out.sources.size());
    }
    std::fill(out.atlas.begin(), out.atlas.end(), 0);
    on_midline = 0;
    each_voxel([&](std::int64_t voxel, std::size_t side) { out.atlas[voxel] = number[side]; });
    if (on_midline > 0 && options.warning) {
        options.warning(text("split_sides: voxels on the midline, which count as right: ", on_midline));
    }
    return out;
}

/// Numbers regions by their size, the largest first; of equals the one that had the smaller number.
///
/// \param parts  from `relabel`, `connected_label_regions` or `split_sides`
/// \returns      the same regions with other numbers, and the label that each had before all
///
/// Two passes. The order that `label` has with `LabelOrder::size`.
[[nodiscard]] inline Relabelling ordered_by_size(Relabelling parts) {
    const auto count = static_cast<std::int64_t>(parts.sources.size());
    const auto sizes = detail::sizes_of(parts.atlas, count);
    std::vector<std::size_t> order(parts.sources.size());
    std::iota(order.begin(), order.end(), std::size_t{1});
    std::stable_sort(order.begin(), order.end(),
                     [&](std::size_t a, std::size_t b) { return sizes[a] > sizes[b]; });
    std::vector<std::int32_t> number(sizes.size());
    std::vector<std::int64_t> sources;
    for (const std::size_t old : order) {
        sources.push_back(parts.sources[old - 1]);
        number[old] = static_cast<std::int32_t>(sources.size());
    }
    for (auto& label : parts.atlas) label = number[static_cast<std::size_t>(label)];
    parts.sources = std::move(sources);
    return parts;
}

/// Names for regions with new numbers: of each the name of the label that it had.
///
/// \param parts    from `relabel`, `connected_label_regions` or `split_sides`
/// \param names    of the labels as they were; others are `label_N`
/// \param options  `.sides`: `NAME, left` and `NAME, right`, by the centre of a part
/// \returns        a name for each number, no two the same: further parts of one name are `NAME 2`, `NAME 3`, ...
///
/// Two passes.
[[nodiscard]] inline RegionNames part_names(const Relabelling& parts, const RegionNames& names,
                                            const PartNamesOptions& options = {}) {
    const Grid& grid = parts.atlas.grid();
    const double slack = detail::midline_slack(grid.affine());
    std::vector<std::string> called;
    for (const auto source : parts.sources) called.push_back(names[source]);
    if (options.sides) {
        for (const Region& part : regions(parts.atlas)) {
            called[static_cast<std::size_t>(part.label) - 1] +=
                grid.world(part.center)[0] < -slack ? ", left" : ", right";
        }
    }
    // Where a region is called `A 2` itself, no second part of `A` is.
    std::set<std::string> taken(called.begin(), called.end());
    std::map<std::string, int> last;
    std::vector<RegionNames::Entry> out;
    for (std::size_t i = 0; i < called.size(); ++i) {
        int& part = last[called[i]];
        auto name = ++part == 1 ? called[i] : text(called[i], ' ', part);
        while (part > 1 && !taken.insert(name).second) name = text(called[i], ' ', ++part);
        out.emplace_back(static_cast<std::int64_t>(i) + 1, std::move(name));
    }
    return RegionNames(std::move(out));
}

/// Columns `index name source`: number and name of each region, which `read_names` reads, and the label that it had.
///
/// \param parts  from `relabel`, `connected_label_regions` or `split_sides`
/// \param names  of the new numbers, as from `part_names`
[[nodiscard]] inline DataTable to_table(const Relabelling& parts, const RegionNames& names) {
    std::vector<std::int64_t> numbers;
    std::vector<std::string> called;
    for (std::size_t i = 0; i < parts.sources.size(); ++i) {
        numbers.push_back(static_cast<std::int64_t>(i) + 1);
        called.push_back(names[numbers.back()]);
    }
    DataTable out;
    out.add("index", numbers).add("name", called).add("source", parts.sources);
    return out;
}

/// What is no atlas has no labels to number anew.
template <AnyVolume V>
requires(!AnyLabels<V>)  //
    [[nodiscard]] Relabelling relabel(const V&) {
    static_assert(detail::never<V>,
                  "roi: relabel takes labels: write label(mask) of a mask, "
                  "as<std::int32_t>(map) or load_labels(path) of numbers");
    return {};
}
template <AnyVolume V>
requires(!AnyLabels<V>)  //
    [[nodiscard]] Relabelling split_sides(const V&, const SplitSidesOptions& = {}) {
    static_assert(detail::never<V>,
                  "roi: split_sides takes labels: write split_sides(label(mask).atlas) of a mask, "
                  "as<std::int32_t>(map) or load_labels(path) of numbers");
    return {};
}
template <AnyVolume V>
requires(!AnyLabels<V>)  //
    [[nodiscard]] Relabelling connected_label_regions(const V&, const ConnectedLabelOptions& = {}) {
    static_assert(detail::never<V>,
                  "roi: connected_label_regions takes labels: write label(mask) of a mask, "
                  "as<std::int32_t>(map) or load_labels(path) of numbers");
    return {};
}

}  // namespace roi
