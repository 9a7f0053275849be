// Where regions lie on the grid of a run: the voxels of labels, spheres and maps, and the columns of their signals.
#pragma once

#include <roi/core/encoding.hpp>
#include <roi/core/error.hpp>
#include <roi/core/text.hpp>
#include <roi/image/grid.hpp>
#include <roi/image/volume.hpp>
#include <roi/regions/region_statistic.hpp>
#include <roi/regions/spheres.hpp>
#include <roi/signals/detail/map_solver.hpp>
#include <roi/signals/detail/signal_places.hpp>
#include <roi/signals/region_signals_options.hpp>
#include <roi/signals/signal_regions.hpp>
#include <roi/signals/signals.hpp>
#include <roi/spatial/resample.hpp>

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace roi::detail {

/// Do the weights of a map cancel each other, or are there none?
/// \param size  the sum of their absolute values
[[nodiscard]] inline bool weights_cancel(double total, double size) {
    return std::abs(total) <= 1e-12 * size;
}

/// Regions on a grid: their voxels, and the columns that their signals go to.
struct SignalLayout {
    /// One that has voxels.
    struct Region {
        std::size_t column = 0;  // its first
        bool map = false;
        std::size_t weights = 0;  // of a map: where they start
        std::size_t kept = 0;     // of labels and spheres: where their values start among those that are kept
        double scale = 1.0;
    };
    /// Maps that are solved for together.
    struct FittedTogether {
        std::vector<std::size_t> regions;
        MakeMapSolver make;
    };

    Grid grid;
    SignalPlaces places;  // of those that have voxels
    std::vector<Region> regions;
    std::vector<double> weights;  // of maps, place by place
    std::size_t kept_places = 0;  // of labels and spheres together
    std::vector<FittedTogether> fitted;
    std::vector<SignalColumn> columns;
    std::vector<std::size_t> missing;  // columns of regions without voxels
    std::vector<std::string> lost;     // names of regions without voxels
    std::size_t wanted = 0;            // regions, with those

    /// Of a map, in the order of its voxels.
    [[nodiscard]] std::span<const double> weights_of(std::size_t map) const {
        return std::span(weights).subspan(regions[map].weights, places.size(map));
    }

    /// Warns of regions whose columns have one name.
    void say_equal_names(const RegionSignalsOptions& options, std::string_view who) const {
        if (!options.warning) return;
        const auto changed = column_names_of(columns).changed;
        if (changed.empty()) return;
        options.warning(text(
            who, ": regions with the same name are told apart by their kind and number: ", listed(changed)));
    }

    /// Warns of regions of one voxel whose spread is asked for: that of one value is 0, whatever it is.
    void say_no_spread(const RegionSignalsOptions& options, std::string_view who) const {
        if (!options.warning) return;
        std::vector<std::string> found;
        for (const auto& column : columns) {
            const bool spread = column.statistic == std_of.name() || column.statistic == variance_of.name();
            if (!spread || column.voxels != 1) continue;
            if (found.empty() || found.back() != column.name) found.push_back(column.name);
        }
        if (found.empty()) return;
        options.warning(text(who, ": a single voxel has no spread, its std and variance are 0 in every ",
                             "volume: ", listed(found, 10)));
    }

    /// Warns of regions without a voxel.
    /// \throws InvalidArgument when that is an error, when all are lost, and when there was none
    void say_lost(const RegionSignalsOptions& options, std::string_view who, std::string_view run) const {
        if (wanted == 0) {
            throw InvalidArgument(
                text(who, ": there is no region, so there are no signals; expected an atlas with ",
                     "a label beside its background, a sphere, or a map that is not 0"));
        }
        if (lost.empty()) return;
        const bool one = lost.size() == 1;
        const auto which =
            text(lost.size(), " of ", wanted, wanted == 1 ? " region" : " regions", one ? " has" : " have",
                 " no voxel in the mask and on the grid of the ", run, ": ", listed(lost));
        if (options.lost == LostRegions::error) throw InvalidArgument(text(who, ": ", which));
        if (regions.empty()) throw InvalidArgument(text(who, ": no region is left; ", which));
        if (!options.warning) return;
        options.warning(text(who, ": ", which,
                             options.lost != LostRegions::keep
                                 ? one ? "; it has no column" : "; they have no column"
                             : one ? "; its columns are n/a"
                                   : "; their columns are n/a"));
    }

    /// What messages call the first region with a voxel.
    [[nodiscard]] std::string region_at(std::int64_t voxel) const {
        for (std::size_t region = 0; region < regions.size(); ++region) {
            const auto voxels = places.voxels(region);
            if (std::find(voxels.begin(), voxels.end(), voxel) == voxels.end()) continue;
            const auto& column = columns[regions[region].column];
            return text(kind_name(column.kind), ' ', column.id);
        }
        return "a region";
    }
};

/// Finds regions on a grid.
class SignalLayoutFinder {
public:
    /// \param who, run  what messages call who asks, and what is looked at
    SignalLayoutFinder(const RegionSignalsOptions& options, std::string_view who, std::string_view run)
        : options_(options), who_(who), run_(run) {}

    /// \throws GridMismatch when regions or mask lie on another grid and `.resample` does not help
    /// \throws InvalidArgument when spheres overlap, or a map has no weighted mean
    [[nodiscard]] SignalLayout find(const std::vector<SignalRegions>& all, const Grid& grid) && {
        out_.grid = grid;
        std::optional<Mask> mask = options_.mask;
        if (mask && !same_grid(mask->grid(), out_.grid)) {
            if (options_.resample != ResampleFor::none) {
                mask = resample_to(*mask, out_.grid, Interpolation::nearest);
            } else {
                require_same_grid(mask->grid(), out_.grid, text(who_, ": mask and run"));
            }
        }
        for (const auto& regions : all) {
            out_.wanted += regions.regions().size();
            if (regions.kind() == RegionKind::label) add_labels(regions, mask ? &*mask : nullptr);
            if (regions.kind() == RegionKind::sphere) add_spheres(regions, mask ? &*mask : nullptr);
            if (regions.kind() == RegionKind::map) add_maps(regions, mask ? &*mask : nullptr);
        }
        out_.places.finish();
        return std::move(out_);
    }

private:
    void add_labels(const SignalRegions& regions, const Mask* mask) {
        std::optional<Labels> resampled;
        if (!same_grid(*regions.grid(), out_.grid)) {
            if (options_.resample == ResampleFor::data) {
                resampled = resample_to(regions.ranks(), out_.grid, Interpolation::nearest);
            } else {
                require_same_grid(*regions.grid(), out_.grid, text(who_, ": atlas and ", run_));
            }
        }
        const Labels& ranks = resampled ? *resampled : regions.ranks();
        std::vector<std::vector<std::int64_t>> voxels(regions.regions().size());
        const Shape shape = axes_of_voxels(out_.grid.shape());
        for (std::int64_t x = 0; x < shape.x(); ++x) {
            for (std::int64_t y = 0; y < shape.y(); ++y) {
                for (std::int64_t z = 0; z < shape.z(); ++z) {
                    const std::int64_t voxel = shape.index(x, y, z);
                    const auto rank = static_cast<std::size_t>(ranks[voxel]);
                    if (rank != 0 && (!mask || (*mask)[voxel])) voxels[rank - 1].push_back(voxel);
                }
            }
        }
        for (std::size_t i = 0; i < voxels.size(); ++i) {
            add_region(RegionKind::label, regions.regions()[i], voxels[i]);
        }
    }

    void add_spheres(const SignalRegions& regions, const Mask* mask) {
        std::vector<std::int64_t> all;
        for (std::size_t i = 0; i < regions.regions().size(); ++i) {
            auto voxels = sphere_voxels(out_.grid, regions.spheres()[i]);
            if (mask) std::erase_if(voxels, [&](std::int64_t voxel) { return !(*mask)[voxel]; });
            all.insert(all.end(), voxels.begin(), voxels.end());
            const Shape& shape = out_.grid.shape();
            std::sort(voxels.begin(), voxels.end(),
                      [&](std::int64_t a, std::int64_t b) { return shape.voxel(a) < shape.voxel(b); });
            add_region(RegionKind::sphere, regions.regions()[i], voxels);
        }
        if (regions.overlap()) return;
        std::sort(all.begin(), all.end());
        const auto twice = std::adjacent_find(all.begin(), all.end());
        if (twice == all.end()) return;
        std::vector<std::string> both;
        for (std::size_t i = 0; i < regions.regions().size() && both.size() < 2; ++i) {
            const auto voxels = sphere_voxels(out_.grid, regions.spheres()[i]);
            if (std::find(voxels.begin(), voxels.end(), *twice) != voxels.end())
                both.push_back(text('"', visible_text(regions.regions()[i].name), '"'));
        }
        throw InvalidArgument(text(who_, ": voxel (", joined(out_.grid.shape().voxel(*twice)),
                                   ") lies in two spheres, ", joined(both, " and "),
                                   "; make them smaller, or allow it with `overlap`"));
    }

    void add_maps(const SignalRegions& regions, const Mask* mask) {
        const bool elsewhere = !same_grid(*regions.grid(), out_.grid);
        if (elsewhere && options_.resample != ResampleFor::data) {
            require_same_grid(*regions.grid(), out_.grid, text(who_, ": maps and ", run_));
        }
        SignalLayout::FittedTogether together{{}, regions.solver()};
        for (std::size_t i = 0; i < regions.regions().size(); ++i) {
            auto map = elsewhere ? resampled(regions.maps()[i], *regions.grid()) : regions.maps()[i];
            if (mask) {
                std::erase_if(map, [&](const SignalRegions::Weight& entry) { return !(*mask)[entry.voxel]; });
            }
            const Shape& shape = out_.grid.shape();
            std::sort(map.begin(), map.end(), [&](const auto& a, const auto& b) {
                return shape.voxel(a.voxel) < shape.voxel(b.voxel);
            });
            std::vector<std::int64_t> voxels;
            double total = 0.0, size = 0.0;
            const auto first = out_.weights.size();
            for (const auto& [voxel, weight] : map) {
                voxels.push_back(voxel);
                out_.weights.push_back(weight);
                total += weight;
                size += std::abs(weight);
            }
            const bool means = options_.maps == MapSignal::weighted_mean;
            if (means && !voxels.empty() && weights_cancel(total, size)) {
                throw InvalidArgument(text(who_, ": the weights of map ", regions.regions()[i].id, " (",
                                           regions.regions()[i].name, ") sum to ", total,
                                           ", so they have no weighted mean; take MapSignal::least_squares"));
            }
            if (!add_region(RegionKind::map, regions.regions()[i], voxels)) continue;
            together.regions.push_back(out_.regions.size() - 1);
            out_.regions.back().weights = first;
            if (means) out_.regions.back().scale = 1.0 / total;
        }
        if (options_.maps == MapSignal::least_squares && !together.regions.empty()) {
            out_.fitted.push_back(std::move(together));
        }
    }

    [[nodiscard]] std::vector<SignalRegions::Weight> resampled(const std::vector<SignalRegions::Weight>& map,
                                                               const Grid& from) const {
        Volume<double> whole(from, 0.0);
        for (const auto& [voxel, weight] : map) whole[voxel] = weight;
        const auto moved = resample_to(whole, out_.grid, Interpolation::linear);
        std::vector<SignalRegions::Weight> out;
        for (std::int64_t voxel = 0; voxel < moved.size(); ++voxel) {
            if (moved[voxel] != 0.0) out.push_back({voxel, moved[voxel]});
        }
        return out;
    }

    /// Adds the columns of a region; none when it is lost and dropped. \returns whether it has voxels
    bool add_region(RegionKind kind, const SignalRegions::Region& region,
                    const std::vector<std::int64_t>& voxels) {
        if (voxels.empty()) {
            out_.lost.push_back(region.name);
            if (options_.lost != LostRegions::keep) return false;
        }
        const auto count = static_cast<std::int64_t>(voxels.size());
        SignalColumn column{kind, region.id, region.name,
                            {},   count,     static_cast<double>(count) * out_.grid.voxel_volume()};
        const std::size_t first = out_.columns.size();
        if (kind == RegionKind::map) {
            column.statistic = options_.maps == MapSignal::least_squares ? "least_squares" : "weighted_mean";
            out_.columns.push_back(column);
        } else {
            for (const auto& statistic : options_.statistics) {
                column.statistic = statistic.name();
                out_.columns.push_back(column);
            }
        }
        if (voxels.empty()) {
            for (auto at = first; at < out_.columns.size(); ++at) out_.missing.push_back(at);
            return false;
        }
        out_.places.add_ordered(voxels);
        out_.regions.push_back({first, kind == RegionKind::map, 0, out_.kept_places, 1.0});
        if (kind != RegionKind::map) out_.kept_places += voxels.size();
        return true;
    }

    const RegionSignalsOptions& options_;
    std::string_view who_, run_;
    SignalLayout out_;
};

}  // namespace roi::detail
