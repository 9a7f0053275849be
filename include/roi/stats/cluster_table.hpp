// Where a map is strong: its clusters, their peaks and the regions they lie in.
#pragma once

#include <roi/core/detail/signed_label.hpp>
#include <roi/core/error.hpp>
#include <roi/core/text.hpp>
#include <roi/image/grid.hpp>
#include <roi/image/view.hpp>
#include <roi/image/volume.hpp>
#include <roi/morphology/structure.hpp>
#include <roi/regions/label.hpp>
#include <roi/regions/regions.hpp>
#include <roi/stream/non_finite.hpp>
#include <roi/table/data_table.hpp>
#include <roi/table/names.hpp>

#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <limits>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace roi {

/// The regions in which clusters lie: an atlas of any whole numbers on any grid.
///
/// A `Volume` is kept, moved in or as a copy; a view is looked at, and its voxels must outlive this. Cheap to copy.
class ClusterAtlas {
public:
    /// \param labels  0 is background; implicit, so that `.atlas = labels` reads well
    /// \throws InvalidArgument when the voxels of a view do not follow each other in memory
    template <AnyLabels L>
    ClusterAtlas(L labels) : grid_(view_of(labels).grid()) {
        const auto kept = std::make_shared<const L>(std::move(labels));
        const auto number = [](VoxelOf<L> label) {
            return detail::signed_label(label, "cluster_table: `.atlas`");
        };
        label_ = [kept, number, data = view_of(*kept).data()](std::int64_t voxel) {
            return number(data[voxel]);
        };
        occurring_ = [kept, number] {
            std::vector<std::int64_t> out;
            for (const auto label : region_labels(*kept)) out.push_back(number(label));
            return out;
        };
    }

    template <AnyVolume V>
    requires(!AnyLabels<V>) ClusterAtlas(const V&) {
        static_assert(detail::never<V>,
                      "roi: an atlas of clusters holds labels: write label(mask).atlas of a mask, "
                      "as<std::int32_t>(map) or load_labels(path) of numbers");
    }

    [[nodiscard]] const Grid& grid() const { return grid_; }

    /// The label of a voxel by its place in memory; not checked.
    /// \throws InvalidArgument when it is larger than 64 bits with a sign hold
    [[nodiscard]] std::int64_t operator[](std::int64_t voxel) const { return label_(voxel); }

    /// The labels that occur, ascending, without the background.
    [[nodiscard]] std::vector<std::int64_t> occurring() const { return occurring_(); }

private:
    Grid grid_;
    std::function<std::int64_t(std::int64_t)> label_;
    std::function<std::vector<std::int64_t>()> occurring_;
};

/// The options of `cluster_table`.
struct ClusterOptions {
    bool two_sided = false;     ///< also clusters below minus the threshold, after the others
    std::int64_t min_size = 1;  ///< clusters of fewer voxels are left out
    double min_distance =
        8.0;  ///< in mm: a peak this near to a higher one of its cluster, or nearer, is left out
    Structure connectivity = Connectivity::faces;  ///< which voxels belong together, as of `label`

    /// Regions on any grid, for the region of each peak and the shares of a cluster.
    std::optional<ClusterAtlas> atlas = {};
    RegionNames names = {};  ///< what the atlas's labels are called; others are `label_N`

    /// Told when there is no cluster, of NaN, of infinite voxels in clusters, of voxels outside the atlas, and where names
    /// and its labels do not fit.
    WarningHandler warning = {};
};

/// A part of a cluster that lies in one region of the atlas.
struct ClusterShare {
    std::optional<std::int64_t> label;  ///< nothing: in no region, or outside the atlas
    std::int64_t voxels = 0;
    double share = 0.0;    ///< of the cluster's voxels, from 0 to 1
    bool outside = false;  ///< beyond the box of the atlas, of which nothing is known
};

/// A peak of a cluster: the first row of a cluster is its highest, the others are sub-peaks.
struct ClusterPeak {
    std::int64_t cluster = 0;  ///< its number, from 1
    int sub_peak = 0;          ///< 0 for the highest peak, then 1 to 3
    std::array<std::int64_t, 3> voxel{};
    Point position = Point::Zero();     ///< in mm
    double value = 0.0;                 ///< of the map, with its sign
    std::int64_t voxels = 0;            ///< of the cluster; 0 for a sub-peak
    std::optional<std::int64_t> label;  ///< of the region at the peak
    std::vector<ClusterShare> shares;   ///< of the cluster, the largest first; none for a sub-peak

    /// As nilearn calls it: "2", and "2a" to "2c" for sub-peaks.
    [[nodiscard]] std::string id() const {
        std::string out = text(cluster);
        if (sub_peak > 0) out += static_cast<char>('a' + sub_peak - 1);
        return out;
    }
};

/// What `cluster_table` finds.
struct ClusterTable {
    std::vector<ClusterPeak> peaks;  ///< clusters in order, each with its sub-peaks below it
    Labels clusters;                 ///< on the map's grid, numbered as in `peaks`
    bool with_atlas = false;
    RegionNames names = {};
};

namespace detail {

/// A connected piece of a map beyond the threshold.
struct FoundCluster {
    Region region;
    double peak = 0.0;  ///< on the negative side of minus the map
};

/// Peaks of one cluster, before those too near to each other are left out.
class PeakFinder {
public:
    struct Peak {
        double value;
        std::array<std::int64_t, 3> voxel;
    };

    /// \param inside  what lies beyond 0 where a voxel belongs to the cluster, else 0; for any voxel of the volume
    template <class Inside>
    [[nodiscard]] static std::vector<Peak> peaks(const Region& box, const Shape& shape,
                                                 const Inside& inside) {
        bool constant = true;
        double some = 0.0;
        const auto each = [&](auto&& visit) {
            for (std::int64_t x = 0; x < box.shape.x(); ++x) {
                for (std::int64_t y = 0; y < box.shape.y(); ++y) {
                    for (std::int64_t z = 0; z < box.shape.z(); ++z) {
                        const double value = inside(box.first[0] + x, box.first[1] + y, box.first[2] + z);
                        if (value != 0.0) visit(x, y, z, value);
                    }
                }
            }
        };
        each([&](std::int64_t, std::int64_t, std::int64_t, double value) {
            constant = constant && (some == 0.0 || value == some);
            some = value;
        });

        Mask maxima(box.shape);
        each([&](std::int64_t x, std::int64_t y, std::int64_t z, double value) {
            double least = value, largest = value;
            for (int i = 0; i < 27; ++i) {
                const std::int64_t a = box.first[0] + x + i / 9 - 1, b = box.first[1] + y + i / 3 % 3 - 1,
                                   c = box.first[2] + z + i % 3 - 1;
                if (!shape.contains(a, b, c)) continue;
                const double other = inside(a, b, c);
                least = std::min(least, other);
                largest = std::max(largest, other);
            }
            maxima(x, y, z) = value == largest && (constant || least < largest);
        });

        // Neighbouring maxima are equal: one peak in their middle.
        const auto groups = label(maxima).atlas;
        std::vector<Peak> out;
        for (const Region& group : regions(groups)) {
            std::array<std::int64_t, 3> voxel{};
            for (int axis = 0; axis < 3; ++axis) {
                const auto k = static_cast<std::size_t>(axis);
                const double middle = group.center[axis] + static_cast<double>(box.first[k]);
                voxel[k] = static_cast<std::int64_t>(std::nearbyint(middle)) - box.first[k];  // half to even
            }
            const auto number = static_cast<std::int32_t>(group.label);
            if (groups(voxel[0], voxel[1], voxel[2]) != number) voxel = nearest(groups, number, voxel);
            for (std::size_t axis = 0; axis < 3; ++axis) voxel[axis] += box.first[axis];
            out.push_back({inside(voxel[0], voxel[1], voxel[2]), voxel});
        }
        std::stable_sort(out.begin(), out.end(),
                         [](const Peak& a, const Peak& b) { return a.value > b.value; });
        return out;
    }

private:
    /// The voxel of a group nearest to a place, in voxels; of equals the first with x slowest.
    static std::array<std::int64_t, 3> nearest(const Labels& groups, std::int32_t number,
                                               const std::array<std::int64_t, 3>& place) {
        std::array<std::int64_t, 3> out{};
        std::int64_t least = std::numeric_limits<std::int64_t>::max();
        for (std::int64_t x = 0; x < groups.shape().x(); ++x) {
            for (std::int64_t y = 0; y < groups.shape().y(); ++y) {
                for (std::int64_t z = 0; z < groups.shape().z(); ++z) {
                    if (groups(x, y, z) != number) continue;
                    const auto a = x - place[0], b = y - place[1], c = z - place[2];
                    const auto distance = a * a + b * b + c * c;
                    if (distance >= least) continue;
                    least = distance;
                    out = {x, y, z};
                }
            }
        }
        return out;
    }
};

/// What an atlas says of a place: the label, or nothing in the background and outside.
struct PlaceInAtlas {
    std::optional<std::int64_t> label;
    bool outside = false;

    friend bool operator<(const PlaceInAtlas& a, const PlaceInAtlas& b) {
        return a.label != b.label ? a.label < b.label : a.outside < b.outside;
    }
};

/// \param place  in mm
[[nodiscard]] inline PlaceInAtlas label_at(const ClusterAtlas& atlas, const Point& place) {
    const Point voxel = atlas.grid().voxel(place);
    std::array<std::int64_t, 3> at{};
    for (int axis = 0; axis < 3; ++axis) {
        const double rounded = std::nearbyint(voxel[axis]);
        if (!(rounded >= 0.0 && rounded < static_cast<double>(atlas.grid().shape()[axis])))
            return {std::nullopt, true};
        at[static_cast<std::size_t>(axis)] = static_cast<std::int64_t>(rounded);
    }
    const std::int64_t label = atlas[atlas.grid().shape().index(at[0], at[1], at[2])];
    if (label == 0) return {};
    return {label};
}

/// Voxel indices as a point.
[[nodiscard]] inline Point point_of(const std::array<std::int64_t, 3>& voxel) {
    return {static_cast<double>(voxel[0]), static_cast<double>(voxel[1]), static_cast<double>(voxel[2])};
}

/// How a cluster is spread over the regions of an atlas, the largest share first.
[[nodiscard]] inline std::vector<ClusterShare> cluster_shares(const Labels& clusters, std::int32_t number,
                                                              const Region& box, const ClusterAtlas& atlas) {
    std::map<PlaceInAtlas, std::int64_t> counts;
    for (std::int64_t z = box.first[2]; z < box.first[2] + box.shape.z(); ++z) {
        for (std::int64_t y = box.first[1]; y < box.first[1] + box.shape.y(); ++y) {
            for (std::int64_t x = box.first[0]; x < box.first[0] + box.shape.x(); ++x) {
                if (clusters(x, y, z) != number) continue;
                ++counts[label_at(atlas, clusters.grid().world(point_of({x, y, z})))];
            }
        }
    }
    std::vector<ClusterShare> out;
    for (const auto& [place, count] : counts) {
        out.push_back(
            {place.label, count, static_cast<double>(count) / static_cast<double>(box.size), place.outside});
    }
    std::stable_sort(out.begin(), out.end(), [](const ClusterShare& a, const ClusterShare& b) {
        return a.voxels != b.voxels ? a.voxels > b.voxels : a.label.has_value() && !b.label;
    });
    return out;
}

}  // namespace detail

/// Lists the clusters of a map with their peaks, in millimetres.
///
/// \param map        a map of numbers; NaN lies in no cluster
/// \param threshold  a cluster's values lie above it. One-sided and negative: they lie below it
/// \param options    two sides, least size, least distance of sub-peaks, an atlas to name regions by
/// \returns          clusters by falling peak, of equals the larger and then the one whose first voxel comes first;
///                   those of the negative side follow, the lowest first, their numbers counting on. Below each at
///                   most three sub-peaks. `to_table` makes a table of it
/// \throws InvalidArgument when the threshold is NaN, or negative and two-sided, the distance is not above 0, or the
///                         connectivity is not one for `label`, or a label of the atlas is larger than 64 bits with a sign
///                         hold
///
/// nilearn's `get_clusters_table`. A peak is not exceeded within its 3 x 3 x 3 box of the cluster; neighbouring ones are
/// one peak in their middle. From the highest down a peak is kept that lies further than `.min_distance` from all kept
/// ones. Different from there: a peak left out stays so, sizes count the voxels above the threshold, numbers of negative
/// clusters count on from the clusters and not from the rows, volumes keep their fraction, and negative peaks their sign.
/// Time: `label`, and 27 steps a voxel of the boxes of clusters.
template <NumberVolume V>
[[nodiscard]] ClusterTable cluster_table(const V& map, double threshold, const ClusterOptions& options = {}) {
    require(!std::isnan(threshold), "cluster_table: `threshold` is NaN, expected a number");
    require(threshold >= 0.0 || !options.two_sided,
            "cluster_table: a two-sided threshold must be 0 or more; it holds for both sides");
    require(options.min_distance > 0.0, "cluster_table: `min_distance` must be above 0 mm");
    const auto view = view_of(map);
    const Shape& shape = view.shape();
    const Grid& grid = view.grid();
    detail::warn_of_nan("cluster_table", view, "they lie in no cluster", options.warning);
    if (options.atlas && options.warning && !options.names.empty()) {
        warn_of_names(options.names, options.atlas->occurring(), options.warning);
    }
    ClusterTable out{{}, like<std::int32_t>(map), options.atlas.has_value(), options.names};
    out.clusters.metadata() = inherited_by_labels(view.metadata());
    std::fill(out.clusters.begin(), out.clusters.end(), 0);

    std::vector<std::pair<int, double>> sides{{threshold < 0.0 ? -1 : 1, std::abs(threshold)}};
    if (options.two_sided) sides.emplace_back(-1, threshold);
    for (const auto& [sign, limit] : sides) {
        const auto value = [&, sign = sign](std::int64_t voxel) {
            return sign * static_cast<double>(view.data()[voxel]);
        };
        Mask beyond(grid);
        for (std::int64_t i = 0; i < shape.size(); ++i) beyond[i] = value(i) > limit;
        const auto found =
            label(beyond, {.connectivity = options.connectivity, .min_size = options.min_size}).atlas;

        std::vector<detail::FoundCluster> clusters;
        for (const Region& region : regions(found)) clusters.push_back({region, 0.0});
        for (std::int64_t i = 0; i < shape.size(); ++i) {
            if (found[i] == 0) continue;
            double& peak = clusters[static_cast<std::size_t>(found[i] - 1)].peak;
            peak = std::max(peak, value(i));
        }
        // Labels count by first voxel, so a stable order keeps that among equals.
        std::stable_sort(clusters.begin(), clusters.end(),
                         [](const detail::FoundCluster& a, const detail::FoundCluster& b) {
                             return a.peak != b.peak ? a.peak > b.peak : a.region.size > b.region.size;
                         });

        const auto before = out.peaks.empty() ? 0 : out.peaks.back().cluster;
        std::vector<std::int32_t> number_of(clusters.size() + 1);
        for (std::size_t k = 0; k < clusters.size(); ++k) {
            number_of[static_cast<std::size_t>(clusters[k].region.label)] =
                static_cast<std::int32_t>(before + 1 + static_cast<std::int64_t>(k));
        }
        for (std::int64_t i = 0; i < shape.size(); ++i) {
            if (found[i] != 0) out.clusters[i] = number_of[static_cast<std::size_t>(found[i])];
        }

        for (const auto& cluster : clusters) {
            const auto label = static_cast<std::int32_t>(cluster.region.label);
            const auto number = number_of[static_cast<std::size_t>(label)];
            const auto inside = [&](std::int64_t x, std::int64_t y, std::int64_t z) {
                const std::int64_t i = shape.index(x, y, z);
                return found[i] == label ? value(i) : 0.0;
            };
            std::vector<Point> kept;
            for (const auto& peak : detail::PeakFinder::peaks(cluster.region, shape, inside)) {
                const Point position = grid.world(detail::point_of(peak.voxel));
                const bool near = std::any_of(kept.begin(), kept.end(), [&](const Point& other) {
                    return (position - other).norm() <= options.min_distance * (1.0 + 1e-6);
                });
                if (near || kept.size() == 4) continue;
                ClusterPeak row;
                row.cluster = number;
                row.sub_peak = static_cast<int>(kept.size());
                row.voxel = peak.voxel;
                row.position = position;
                row.value = sign * peak.value;
                if (kept.empty()) row.voxels = cluster.region.size;
                if (options.atlas) {
                    row.label = detail::label_at(*options.atlas, position).label;
                    if (kept.empty()) {
                        row.shares =
                            detail::cluster_shares(out.clusters, number, cluster.region, *options.atlas);
                    }
                }
                kept.push_back(position);
                out.peaks.push_back(std::move(row));
            }
        }
    }
    if (!options.warning) return out;
    if (out.peaks.empty()) options.warning(text("cluster_table: no cluster lies beyond ", threshold));
    std::int64_t infinite = 0;
    for (std::int64_t i = 0; i < shape.size(); ++i) {
        if (out.clusters[i] != 0 && std::isinf(static_cast<double>(view.data()[i]))) ++infinite;
    }
    if (infinite > 0) {
        options.warning(text(
            "cluster_table: ", infinite, infinite == 1 ? " voxel in a cluster is" : " voxels in clusters are",
            " infinite, as t and -log10 p are where a voxel does not vary or fits perfectly: a "
            "peak of inf is no finding there; leave such voxels out by a mask"));
    }
    std::int64_t all = 0, outside = 0;
    for (const auto& row : out.peaks) {
        for (const auto& part : row.shares) {
            all += part.voxels;
            if (part.outside) outside += part.voxels;
        }
    }
    if (outside > 0) {
        options.warning(text("cluster_table: ", outside, " of ", all, all == 1 ? " voxel" : " voxels",
                             " in clusters ", outside == 1 ? "lies" : "lie", " outside the atlas"));
    }
    return out;
}

/// A run has no table, and a mask no peaks.
template <AnyRun Run>
[[nodiscard]] ClusterTable cluster_table(const Run&, double, const ClusterOptions& = {}) {
    static_assert(detail::never<Run>,
                  "roi: cluster_table takes one map: write cluster_table(run.frame(i), threshold)");
    return {{}, Labels(Shape())};
}
template <AnyMask M>
[[nodiscard]] ClusterTable cluster_table(const M&, double, const ClusterOptions& = {}) {
    static_assert(detail::never<M>, "roi: cluster_table takes a map of numbers: write label(mask) of a mask");
    return {{}, Labels(Shape())};
}

/// Columns `id x y z peak mm3`, and with an atlas `region`: coordinates in mm, `n/a` as size of a sub-peak and as region
/// outside the atlas.
[[nodiscard]] inline DataTable to_table(const ClusterTable& clusters) {
    DataTable::Texts ids, names;
    DataTable::Numbers peaks, volumes;
    std::array<DataTable::Numbers, 3> place;
    for (const auto& row : clusters.peaks) {
        ids.emplace_back(row.id());
        for (int axis = 0; axis < 3; ++axis) {
            place[static_cast<std::size_t>(axis)].push_back(row.position[axis]);
        }
        peaks.push_back(row.value);
        volumes.push_back(row.sub_peak > 0
                              ? std::numeric_limits<double>::quiet_NaN()
                              : static_cast<double>(row.voxels) * clusters.clusters.grid().voxel_volume());
        names.push_back(row.label ? std::optional(clusters.names[*row.label]) : std::nullopt);
    }
    DataTable out;
    out.add("id", std::move(ids)).add("x", place[0]).add("y", place[1]).add("z", place[2]);
    out.add("peak", std::move(peaks)).add("mm3", std::move(volumes));
    if (clusters.with_atlas) out.add("region", std::move(names));
    return out;
}

/// Columns `id region percent`: how the clusters are spread over the regions of the atlas, `n/a` for none of them and
/// `outside` for what lies beyond its box.
[[nodiscard]] inline DataTable shares_table(const ClusterTable& clusters) {
    DataTable::Texts ids, names;
    DataTable::Numbers percent;
    for (const auto& row : clusters.peaks) {
        for (const auto& part : row.shares) {
            ids.emplace_back(row.id());
            names.push_back(part.label     ? std::optional(clusters.names[*part.label])
                            : part.outside ? std::optional<std::string>("outside")
                                           : std::nullopt);
            percent.push_back(100.0 * part.share);
        }
    }
    DataTable out;
    out.add("id", std::move(ids)).add("region", std::move(names)).add("percent", std::move(percent));
    return out;
}

}  // namespace roi
