// What an atlas holds: its labels, their sizes, boxes and centres, and single regions as masks.
#pragma once

#include <roi/core/concepts.hpp>
#include <roi/core/detail/signed_label.hpp>
#include <roi/core/error.hpp>
#include <roi/core/parallel.hpp>
#include <roi/core/text.hpp>
#include <roi/image/grid.hpp>
#include <roi/image/view.hpp>
#include <roi/image/volume.hpp>
#include <roi/regions/detail/label_index.hpp>
#include <roi/regions/label.hpp>
#include <roi/table/data_table.hpp>
#include <roi/table/names.hpp>

#include <algorithm>
#include <array>
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <initializer_list>
#include <limits>
#include <optional>
#include <string>
#include <string_view>
#include <type_traits>
#include <unordered_map>
#include <utility>
#include <vector>

namespace roi {

/// One region of an atlas.
struct Region {
    std::int64_t label = 0;
    std::int64_t size = 0;                ///< number of voxels
    std::array<std::int64_t, 3> first{};  ///< lowest x, y and z; with `shape` what `VolumeView::box` takes
    Shape shape;                          ///< size of the smallest box around the region
    Point center = Point::Zero();         ///< mean voxel position; `atlas.grid().world(center)` is in mm

    friend bool operator==(const Region&, const Region&) = default;
};

namespace detail {

/// The voxels that have one label.
template <AnyLabels V>
[[nodiscard]] Mask equal_to(const V& labels, VoxelOf<V> label) {
    const auto view = view_of(labels);
    Mask out = like<bool>(labels);
    parallel_for(view.size(), 1 << 18, [&](std::int64_t first, std::int64_t last) {
        std::transform(view.data() + first, view.data() + last, out.begin() + first,
                       [label](VoxelOf<V> value) { return value == label; });
    });
    return out;
}

/// Sizes, boxes and sums of positions of the regions in a part of an atlas.
template <IntegerVoxel T>
class RegionExtents {
public:
    struct Extent {
        std::int64_t size = 0;
        std::array<std::int64_t, 3> low{}, high{}, sum{};
    };

    void add(T label, const Extent& part) {
        const auto number = numbers_(label);
        if (number == extents_.size()) {
            extents_.push_back(part);
            return;
        }
        Extent& all = extents_[number];
        all.size += part.size;
        for (std::size_t axis = 0; axis < 3; ++axis) {
            all.low[axis] = std::min(all.low[axis], part.low[axis]);
            all.high[axis] = std::max(all.high[axis], part.high[axis]);
            all.sum[axis] += part.sum[axis];
        }
    }

    void add(const RegionExtents& other) {
        for (std::size_t i = 0; i < other.extents_.size(); ++i) add(other.labels()[i], other.extents_[i]);
    }

    [[nodiscard]] const std::vector<T>& labels() const { return numbers_.labels(); }
    [[nodiscard]] const std::vector<Extent>& extents() const { return extents_; }

private:
    LabelNumbers<T> numbers_;
    std::vector<Extent> extents_;
};

/// Sizes, boxes and centres of all labels, ascending.
/// \param who         the function, for messages
/// \param background  0 is one of them
template <IntegerVoxel T>
[[nodiscard]] std::vector<Region> regions_of(const VolumeView<const T>& view, std::string_view who,
                                             bool background = false) {
    const Shape shape = axes_of_voxels(view.shape());
    const std::int64_t lines = shape.y() * shape.z();
    // What a thread costs is more than it saves below a quarter of a million voxels. Whole numbers are added, so that
    // parts do not show.
    const std::int64_t helped = std::min<std::int64_t>(threads(), shape.size() >> 18);
    const std::int64_t parts = std::min(lines, helped > 1 ? 2 * helped : 1);
    std::vector<detail::RegionExtents<T>> found(static_cast<std::size_t>(std::max<std::int64_t>(1, parts)));
    parallel_for(parts, 1, [&](std::int64_t part, std::int64_t) {
        auto& extents = found[static_cast<std::size_t>(part)];
        detail::for_each_stretch(
            view.data(), shape, part * lines / parts, (part + 1) * lines / parts,
            [&](T label, std::int64_t x, std::int64_t end, std::int64_t line) {
                if (label == 0 && !background) return;
                const std::int64_t y = line % shape.y(), z = line / shape.y(), length = end - x;
                extents.add(label, {length,
                                    {x, y, z},
                                    {end, y + 1, z + 1},
                                    {length * (x + end - 1) / 2, length * y, length * z}});
            });
    });
    detail::RegionExtents<T>& all = found.front();
    for (std::size_t part = 1; part < found.size(); ++part) all.add(found[part]);

    std::vector<Region> out(all.extents().size());
    for (std::size_t i = 0; i < out.size(); ++i) {
        const auto& [size, low, high, sum] = all.extents()[i];
        out[i].label = detail::signed_label(all.labels()[i], who);
        out[i].size = size;
        out[i].first = low;
        out[i].shape = Shape(high[0] - low[0], high[1] - low[1], high[2] - low[2]);
        for (std::size_t axis = 0; axis < 3; ++axis) {
            out[i].center[static_cast<int>(axis)] =
                static_cast<double>(sum[axis]) / static_cast<double>(size);
        }
    }
    std::sort(out.begin(), out.end(), [](const Region& a, const Region& b) {
        return static_cast<T>(a.label) < static_cast<T>(b.label);
    });
    return out;
}

}  // namespace detail

/// Every region of an atlas with its size, bounding box and centre.
///
/// \param labels  0 is background, anything else a region, negative numbers included
/// \returns       one entry per label, ascending; empty when all is background
/// \throws InvalidArgument when a label is larger than 64 bits with a sign hold
///
/// One pass; memory: the result. What SciPy's `find_objects`, `center_of_mass` of a region and `sum_labels`
/// of ones give together; labels that do not occur have no entry.
template <AnyLabels L>
[[nodiscard]] std::vector<Region> regions(const L& labels) {
    return detail::regions_of(view_of(labels), "regions");
}

/// The regions with these labels.
///
/// \param labels  an atlas
/// \param which   labels to ask about, in this order, repeats and 0 included
/// \returns       one entry for each, with a size of 0 where no voxel has the label
/// \throws InvalidArgument as `regions` of all of them
///
/// As `regions` of all of them.
template <AnyLabels L>
[[nodiscard]] std::vector<Region> regions(const L& labels, const std::vector<std::int64_t>& which) {
    const bool background = std::find(which.begin(), which.end(), 0) != which.end();
    const auto all = detail::regions_of(view_of(labels), "regions", background);
    std::unordered_map<std::int64_t, std::size_t> rank;
    for (std::size_t i = 0; i < all.size(); ++i) rank.emplace(all[i].label, i);
    std::vector<Region> out;
    for (const std::int64_t label : which) {
        const auto at = rank.find(label);
        out.push_back(at == rank.end() ? Region() : all[at->second]);
        out.back().label = label;
    }
    return out;
}

namespace detail {

/// Where regions lie; `rows` are regions, or know more of each.
template <class Row>
[[nodiscard]] DataTable region_table(const std::vector<Row>& rows, const Grid& grid,
                                     const RegionNames& names) {
    std::vector<std::int64_t> labels, sizes;
    std::vector<std::string> called;
    DataTable::Numbers volumes;
    std::array<DataTable::Numbers, 3> place;
    std::array<DataTable::WholeNumbers, 6> box;
    for (const Region& row : rows) {
        labels.push_back(row.label);
        called.push_back(names[row.label]);
        sizes.push_back(row.size);
        volumes.push_back(static_cast<double>(row.size) * grid.voxel_volume());
        const Point center = grid.world(row.center);
        for (std::size_t axis = 0; axis < 3; ++axis) {
            const int k = static_cast<int>(axis);
            place[axis].push_back(row.size > 0 ? center[k] : std::numeric_limits<double>::quiet_NaN());
            const auto low = row.first[axis];
            box[2 * axis].push_back(row.size > 0 ? std::optional(low) : std::nullopt);
            box[2 * axis + 1].push_back(row.size > 0 ? std::optional(low + row.shape[k]) : std::nullopt);
        }
    }
    DataTable out;
    out.add("label", labels).add("name", called).add("voxels", sizes).add("mm3", std::move(volumes));
    out.add("x", std::move(place[0])).add("y", std::move(place[1])).add("z", std::move(place[2]));
    constexpr std::array<const char*, 6> bounds{"i0", "i1", "j0", "j1", "k0", "k1"};
    for (std::size_t i = 0; i < 6; ++i) out.add(bounds[i], std::move(box[i]));
    return out;
}

}  // namespace detail

/// Columns `label name voxels mm3 x y z i0 i1 j0 j1 k0 k1`: centres in mm, boxes in voxels, half-open.
///
/// \param rows   from `regions`
/// \param grid   of the atlas
/// \param names  what its labels are called; others are `label_N`
[[nodiscard]] inline DataTable to_table(const std::vector<Region>& rows, const Grid& grid,
                                        const RegionNames& names = {}) {
    return detail::region_table(rows, grid, names);
}

/// The labels that occur, ascending, without the background 0.
///
/// Two passes. Equals NumPy's `unique` but for the 0.
template <AnyLabels L>
[[nodiscard]] std::vector<VoxelOf<L>> region_labels(const L& labels) {
    return detail::LabelIndex<VoxelOf<L>>(view_of(labels)).labels();
}

/// Number of voxels of every label from 0, the background, to the largest.
///
/// \returns  one count per label, 0 for labels that do not occur; empty for a volume without voxels
/// \throws InvalidArgument when a label is negative, or larger than 16777215 and than the number of voxels
///
/// Two passes; memory: 8 bytes times the largest label, so for sparse numbers use `regions`. Equals NumPy's
/// `bincount`, which takes whatever memory one large number asks for.
template <AnyLabels L>
[[nodiscard]] std::vector<std::int64_t> region_sizes(const L& labels) {
    using T = VoxelOf<L>;
    const auto view = view_of(labels);
    if (view.size() == 0) return {};
    const auto [least, largest] = std::minmax_element(view.data(), view.data() + view.size());
    if (std::is_signed_v<T> && *least < T{0}) {
        throw InvalidArgument(text("region_sizes: labels must be 0 or more, found ", *least,
                                   "; `regions` counts negative labels too"));
    }
    std::vector<std::int64_t> out;
    constexpr std::uint64_t most = (std::uint64_t{1} << 24) - 1;
    if (static_cast<std::uint64_t>(*largest) > std::max(most, static_cast<std::uint64_t>(view.size()))) {
        throw InvalidArgument(
            text("region_sizes: a count for every label up to ", *largest,
                 " is more than the image can hold; `regions` counts only those that occur"));
    }
    out.resize(static_cast<std::size_t>(*largest) + 1);
    detail::for_each_stretch(view.data(), view.shape(),
                             [&](T label, std::int64_t x, std::int64_t end, std::int64_t) {
                                 out[static_cast<std::size_t>(label)] += end - x;
                             });
    return out;
}

/// The voxels of one region.
///
/// \param labels  an atlas, 0 is background
/// \param label   a label that occurs in it
/// \returns       a mask on the grid of `labels`, with its metadata
/// \throws InvalidArgument when no voxel has the label, naming those that exist, or when it is 0
///
/// One pass. The same as `labels == label`, which does not mind a label that is not there.
template <AnyLabels L>
[[nodiscard]] Mask region(const L& labels, std::type_identity_t<VoxelOf<L>> label) {
    require(label != 0, "region: 0 is the background, not a region; write `labels == 0` for its mask");
    Mask out = detail::equal_to(labels, label);
    if (std::find(out.begin(), out.end(), true) == out.end()) {
        const auto existing = region_labels(labels);
        throw InvalidArgument(text("region: no voxel has label ", label, "; ",
                                   existing.empty() ? "the atlas is empty" : "there are ", listed(existing)));
    }
    return out;
}

/// The voxels of several regions together.
///
/// \param labels   an atlas, 0 is background
/// \param numbers  labels that occur in it; repeats count once, none gives an empty mask
/// \returns        a mask on the grid of `labels`, with its metadata
/// \throws InvalidArgument when no voxel has one of the labels, naming those that exist, or when one is 0
///
/// Two passes. Equals NumPy's `isin`.
template <AnyLabels L>
[[nodiscard]] Mask regions_together(const L& labels, const std::vector<std::int64_t>& numbers) {
    using T = VoxelOf<L>;
    const auto view = view_of(labels);
    const detail::LabelIndex<T> index(view);
    std::vector<char> chosen(index.size());
    for (const std::int64_t number : numbers) {
        require(number != 0, "regions_together: 0 is the background, not a region");
        const auto label = static_cast<T>(number);
        const bool fits = static_cast<std::int64_t>(label) == number && (label < T{0}) == (number < 0);
        const auto at = fits ? index.find(label) : index.none;
        if (at == index.none) {
            throw InvalidArgument(text("regions_together: no voxel has label ", number, "; ",
                                       index.size() == 0 ? "the atlas is empty" : "there are ",
                                       listed(index.labels())));
        }
        chosen[at] = true;
    }
    Mask out = like<bool>(labels);
    bool* const voxels = out.data();
    detail::for_parts_of_lines(view.shape(), [&](std::int64_t first, std::int64_t last) {
        detail::for_each_stretch(view.data(), view.shape(), first, last,
                                 [&](T label, std::int64_t x, std::int64_t end, std::int64_t line) {
                                     const bool value = label != 0 && chosen[index.find(label)];
                                     std::fill_n(voxels + line * view.shape().x() + x, end - x, value);
                                 });
    });
    return out;
}

/// The voxels of regions with these names together.
///
/// \param names   what the atlas's numbers are called, as from `read_names`
/// \param chosen  names of regions that occur
/// \throws InvalidArgument when no region has such a name, listing those that have one, or none of its voxels occurs
template <AnyLabels L>
[[nodiscard]] Mask regions_together(const L& labels, const RegionNames& names,
                                    const std::vector<std::string>& chosen) {
    std::vector<std::int64_t> numbers;
    for (const auto& name : chosen) numbers.push_back(names.number(name));
    return regions_together(labels, numbers);
}

/// The region with the most voxels; among equals the one with the lowest label.
///
/// \param labels  an atlas, 0 is background
/// \returns       a mask on the grid of `labels`, with its metadata
/// \throws InvalidArgument when there is no region
///
/// Two passes.
template <AnyLabels L>
[[nodiscard]] Mask largest_region(const L& labels) {
    const auto all = detail::regions_of(view_of(labels), "largest_region");
    require(!all.empty(), "largest_region: the atlas is empty, expected at least one voxel that is not 0");
    const auto largest = std::max_element(all.begin(), all.end(),
                                          [](const Region& a, const Region& b) { return a.size < b.size; });
    return detail::equal_to(labels, static_cast<VoxelOf<L>>(largest->label));
}

/// The connected component of a mask with the most voxels; among equals the one that `label` numbers first.
///
/// \param mask     any mask with a true voxel
/// \param options  `.connectivity`, which neighbours belong together
/// \returns        a mask on the grid of `mask`, with its metadata
/// \throws InvalidArgument when no voxel is true, and as `label`
///
/// Time and memory as `label`.
template <AnyMask M>
[[nodiscard]] Mask largest_region(const M& mask, const LabelOptions& options = {}) {
    const auto [atlas, count] = label(mask, options);
    require(count > 0, "largest_region: the mask is empty, expected at least one true voxel");
    return largest_region(atlas);
}

/// The mean voxel position by weights that are computed when they are needed.
///
/// \param weight  from the number of a voxel in memory order to its weight
/// \returns       as of an image of the weights
///
/// O(voxels), no memory.
template <std::invocable<std::int64_t> Weight>
[[nodiscard]] Point center_of_mass(const Shape& shape, const Weight& weight) {
    const Shape axes = detail::axes_of_voxels(shape);
    // Numbers of their own stay in registers, a point does not.
    double total = 0.0, sum_x = 0.0, sum_y = 0.0, sum_z = 0.0;
    std::int64_t voxel = 0;
    for (std::int64_t z = 0; z < axes.z(); ++z) {
        for (std::int64_t y = 0; y < axes.y(); ++y) {
            for (std::int64_t x = 0; x < axes.x(); ++x) {
                const auto mass = static_cast<double>(weight(voxel++));
                total += mass;
                sum_x += mass * static_cast<double>(x);
                sum_y += mass * static_cast<double>(y);
                sum_z += mass * static_cast<double>(z);
            }
        }
    }
    if (total == 0.0) return Point::Constant(std::numeric_limits<double>::quiet_NaN());
    return Point(sum_x, sum_y, sum_z) / total;
}

/// The mean voxel position, weighted by the voxels' values.
///
/// \param weights  any numbers; a mask counts its true voxels
/// \returns        continuous voxel indices, `weights.grid().world(...)` is in mm; NaN when the weights add
///                 up to zero
///
/// One pass in double. Equals SciPy's `center_of_mass`.
template <AnyVolume V>
[[nodiscard]] Point center_of_mass(const V& weights) {
    const auto view = view_of(weights);
    const auto* const voxels = view.data();
    return center_of_mass(view.shape(), [voxels](std::int64_t i) { return voxels[i]; });
}

/// What is no atlas has no regions yet.
template <AnyVolume V>
requires(!AnyLabels<V>)  //
    [[nodiscard]] std::vector<Region> regions(const V&) {
    static_assert(detail::never<V>,
                  "roi: regions takes labels: write regions(label(mask).atlas) of a mask, "
                  "as<std::int32_t>(map) or load_labels(path) of numbers");
    return {};
}
template <AnyVolume V>
requires(!AnyLabels<V>)  //
    [[nodiscard]] std::vector<Region> regions(const V&, const std::vector<std::int64_t>&) {
    static_assert(detail::never<V>,
                  "roi: regions takes labels: write regions(label(mask).atlas) of a mask, "
                  "as<std::int32_t>(map) or load_labels(path) of numbers");
    return {};
}
template <AnyVolume V>
requires(!AnyLabels<V>)  //
    [[nodiscard]] std::vector<std::int32_t> region_labels(const V&) {
    static_assert(detail::never<V>,
                  "roi: region_labels takes labels: write region_labels(label(mask).atlas) of a mask, "
                  "as<std::int32_t>(map) or load_labels(path) of numbers");
    return {};
}
template <AnyVolume V>
requires(!AnyLabels<V>)  //
    [[nodiscard]] std::vector<std::int64_t> region_sizes(const V&) {
    static_assert(detail::never<V>,
                  "roi: region_sizes takes labels: write region_sizes(label(mask).atlas) of a mask, "
                  "as<std::int32_t>(map) or load_labels(path) of numbers");
    return {};
}
template <AnyVolume V>
requires(!AnyLabels<V>)  //
    [[nodiscard]] Mask region(const V&, std::int64_t) {
    static_assert(detail::never<V>,
                  "roi: region takes labels: write region(label(mask).atlas) of a mask, "
                  "as<std::int32_t>(map) or load_labels(path) of numbers");
    return Mask(Shape());
}
template <AnyVolume V>
requires(!AnyLabels<V>)  //
    [[nodiscard]] Mask regions_together(const V&, const std::vector<std::int64_t>&) {
    static_assert(detail::never<V>,
                  "roi: regions_together takes labels: write regions_together(label(mask).atlas) of a mask, "
                  "as<std::int32_t>(map) or load_labels(path) of numbers");
    return Mask(Shape());
}
template <AnyVolume V>
requires(!AnyLabels<V>)  //
    [[nodiscard]] Mask regions_together(const V&, const RegionNames&, const std::vector<std::string>&) {
    static_assert(detail::never<V>,
                  "roi: regions_together takes labels: write regions_together(label(mask).atlas) of a mask, "
                  "as<std::int32_t>(map) or load_labels(path) of numbers");
    return Mask(Shape());
}
template <AnyVolume V>
requires(!AnyLabels<V> && !AnyMask<V>)  //
    [[nodiscard]] Mask largest_region(const V&) {
    static_assert(detail::never<V>,
                  "roi: largest_region takes a mask or labels: write largest_region(map != 0), "
                  "as<std::int32_t>(map) or load_labels(path) of numbers");
    return Mask(Shape());
}
template <AnyVolume V, class Text>
requires(std::convertible_to<const Text&, std::string_view>)  //
    [[nodiscard]] Mask regions_together(const V&, const RegionNames&, const Text&) {
    static_assert(detail::never<V>,
                  "roi: regions_together takes a list of names: write regions_together(atlas, names, "
                  "{\"a\"})");
    return Mask(Shape());
}

namespace detail {

/// A text in a list in braces, two of which could be the ends of a list of numbers, which is read beyond its end then.
struct TextInBraces {
    template <std::size_t Size>
    TextInBraces(const char (&words)[Size]) : what(words) {}  // NOLINT(google-explicit-constructor)
    const char* what;
};
using TextsInBraces = std::initializer_list<TextInBraces>;

/// \throws InvalidArgument when there is a text; empty braces are a list of no numbers
inline std::vector<std::int64_t> no_numbers(TextsInBraces texts, std::string_view function,
                                            std::string_view mend) {
    if (texts.size() == 0) return {};
    throw InvalidArgument(
        text(function, ": expected numbers of labels, found the text \"", texts.begin()->what, "\"; ", mend));
}

}  // namespace detail

/// Texts are no numbers; names are known to a table of names.
/// \throws InvalidArgument where there is one
/// \{
template <AnyLabels L>
[[nodiscard]] std::vector<Region> regions(const L& labels, detail::TextsInBraces texts) {
    return regions(labels, detail::no_numbers(texts, "regions", "names.number(name) is that of a name"));
}
template <AnyLabels L>
[[nodiscard]] Mask regions_together(const L& labels, detail::TextsInBraces texts) {
    return regions_together(labels, detail::no_numbers(texts, "regions_together",
                                                       "give the table that has the names before them"));
}
/// \}

}  // namespace roi
