// Signals of regions back as images: each voxel gets what its regions say.
#pragma once

#include <roi/core/concepts.hpp>
#include <roi/core/encoding.hpp>
#include <roi/core/error.hpp>
#include <roi/core/text.hpp>
#include <roi/core/units.hpp>
#include <roi/image/grid.hpp>
#include <roi/image/metadata.hpp>
#include <roi/image/volume.hpp>
#include <roi/regions/spheres.hpp>
#include <roi/signals/signal_regions.hpp>
#include <roi/signals/signals.hpp>
#include <roi/stream/source.hpp>
#include <roi/table/data_table.hpp>

#include <Eigen/Core>
#include <algorithm>
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <utility>
#include <variant>
#include <vector>

namespace roi {

/// Settings of `signals_to_image`.
struct SignalsToImageOptions {
    /// Voxels outside it are 0. Spheres, which lie on no grid, lie on its: they need it.
    std::optional<Mask> mask{};
    std::optional<Seconds> t_r{};  ///< between two volumes, for the header
    WarningHandler warning{};      ///< told of regions without a signal
};

/// A source of volumes that are made of signals as they are needed.
class SignalImages {
public:
    using value_type = double;

    SignalImages(const Signals& signals, const SignalRegions& regions, const SignalsToImageOptions& options)
        : values_(signals.values) {
        if (regions.kind() == RegionKind::sphere) {
            require(options.mask.has_value(),
                    "signals_to_image: spheres lie on no grid, so a mask is needed that says where: `mask`");
            grid_ = options.mask->grid();
            metadata_ = inherited_by_volume(options.mask->metadata());
        } else {
            grid_ = *regions.grid();
            metadata_ = regions.metadata();
            if (options.mask) {
                require_same_grid(grid_, options.mask->grid(), "signals_to_image: regions and mask");
            }
        }
        if (options.t_r) {
            metadata_.time_unit = TimeUnit::second;
            metadata_.time_step = options.t_r->value;
        }
        const auto& all = regions.regions();
        std::vector<Eigen::Index> column_of(all.size(), -1);
        for (std::size_t k = 0; k < signals.columns.size(); ++k) {
            const auto& column = signals.columns[k];
            const auto region = std::find_if(
                all.begin(), all.end(),
                [&](const SignalRegions::Region& candidate) { return candidate.id == column.id; });
            if (column.kind != regions.kind() || region == all.end()) {
                throw InvalidArgument(text("signals_to_image: there is no ", kind_name(regions.kind()), ' ',
                                           column.id, " for the signal \"", column.name, '"'));
            }
            auto& place = column_of[static_cast<std::size_t>(region - all.begin())];
            if (place >= 0) {
                throw InvalidArgument(text("signals_to_image: ", kind_name(column.kind), ' ', column.id,
                                           " has two signals; choose one statistic"));
            }
            place = static_cast<Eigen::Index>(k);
        }
        warn_of_regions_without(regions, column_of, options.warning);
        if (regions.kind() == RegionKind::label) {
            for (std::int64_t voxel = 0; voxel < regions.ranks().size(); ++voxel) {
                const auto rank = regions.ranks()[voxel];
                if (rank == 0) continue;
                const auto column = column_of[static_cast<std::size_t>(rank) - 1];
                if (column >= 0) entries_.push_back({voxel, column, 1.0});
            }
        } else if (regions.kind() == RegionKind::sphere) {
            add_spheres(regions, column_of);
        } else {
            for (std::size_t map = 0; map < all.size(); ++map) {
                if (column_of[map] < 0) continue;
                for (const auto& [voxel, weight] : regions.maps()[map]) {
                    entries_.push_back({voxel, column_of[map], weight});
                }
            }
        }
        if (options.mask) {
            std::erase_if(entries_, [&](const Entry& entry) { return !(*options.mask)[entry.voxel]; });
        }
    }

    [[nodiscard]] const Grid& grid() const { return grid_; }
    [[nodiscard]] const Metadata& metadata() const { return metadata_; }
    [[nodiscard]] std::int64_t frames() const { return static_cast<std::int64_t>(values_.rows()); }
    void read(std::span<double> out) {
        std::fill(out.begin(), out.end(), 0.0);
        for (const auto& [voxel, column, weight] : entries_) {
            out[static_cast<std::size_t>(voxel)] += weight * values_(next_, column);
        }
        ++next_;
    }

private:
    struct Entry {
        std::int64_t voxel;
        Eigen::Index column;
        double weight;
    };

    static void warn_of_regions_without(const SignalRegions& regions,
                                        const std::vector<Eigen::Index>& column_of,
                                        const WarningHandler& warning) {
        if (!warning) return;
        std::vector<std::string> without;
        for (std::size_t i = 0; i < column_of.size(); ++i) {
            if (column_of[i] < 0) without.push_back(visible_text(regions.regions()[i].name));
        }
        if (without.empty()) return;
        const bool one = without.size() == 1;
        warning(text("signals_to_image: ", without.size(), " of ", column_of.size(),
                     column_of.size() == 1 ? " region" : " regions", one ? " has" : " have",
                     " no signal and ", one ? "is 0: " : "are 0: ", listed(without, 10)));
    }

    /// A voxel of several spheres gets the mean of their signals.
    void add_spheres(const SignalRegions& regions, const std::vector<Eigen::Index>& column_of) {
        std::vector<std::int32_t> count(static_cast<std::size_t>(grid_.size()), 0);
        for (std::size_t i = 0; i < column_of.size(); ++i) {
            if (column_of[i] < 0) continue;
            for (const std::int64_t voxel : sphere_voxels(grid_, regions.spheres()[i])) {
                entries_.push_back({voxel, column_of[i], 1.0});
                ++count[static_cast<std::size_t>(voxel)];
            }
        }
        for (Entry& entry : entries_) entry.weight = 1.0 / count[static_cast<std::size_t>(entry.voxel)];
    }

    Eigen::MatrixXd values_;
    Grid grid_;
    Metadata metadata_;
    std::vector<Entry> entries_;
    Eigen::Index next_ = 0;
};

/// Volumes made of signals: every voxel of a region gets the region's signal, of spheres that share it the mean, of maps the
/// sum of weights times signals.
///
/// \param signals  one a region, found by its id; regions without a signal are 0, with a warning
/// \param regions  `labels_of(atlas)`, `spheres_at(...)` or `maps_of(maps)`
/// \param options  `.mask`, which spheres need; `.t_r`, `.warning`
/// \returns        a source for `scan` and `save`; nothing is made yet
/// \throws InvalidArgument when a signal is of a region that is not there, or two are of one, or spheres have no mask
/// \throws GridMismatch     when regions and mask lie on different grids
///
/// nilearn's `inverse_transform`, but signals find their region by number, also after some were lost.
[[nodiscard]] inline SignalImages signals_to_image(const Signals& signals, const SignalRegions& regions,
                                                   const SignalsToImageOptions& options = {}) {
    return {signals, regions, options};
}

/// The signals of a table, matched with regions by the names of its columns: a region's name, or `label_N`, `sphere_N`,
/// `map_N`.
///
/// \throws InvalidArgument when a column is of no region, or holds texts
[[nodiscard]] inline Signals signals_of(const DataTable& table, const SignalRegions& regions) {
    Signals out;
    out.values.resize(static_cast<Eigen::Index>(table.rows()),
                      static_cast<Eigen::Index>(table.columns().size()));
    Eigen::Index next = 0;
    for (const auto& column : table.columns()) {
        const auto& all = regions.regions();
        const auto by = [&](auto&& name_of) {
            return std::find_if(all.begin(), all.end(), [&](const SignalRegions::Region& region) {
                return name_of(region) == column.name;
            });
        };
        const auto own = [](const SignalRegions::Region& region) { return region.name; };
        const auto number = [&](const SignalRegions::Region& region) {
            return text(kind_name(regions.kind()), '_', region.id);
        };
        // Names that two regions share have both in `column_names`.
        const auto both = [&](const SignalRegions::Region& region) {
            return text(region.name, '_', number(region));
        };
        auto found = by(own);
        if (found != all.end() &&
            std::any_of(found + 1, all.end(), [&](const auto& other) { return other.name == column.name; })) {
            found = all.end();
        }
        if (found == all.end()) found = by(both);
        if (found == all.end()) found = by(number);
        if (found == all.end()) {
            std::vector<std::string> names;
            for (const auto& region : all) names.push_back(region.name);
            throw InvalidArgument(text("signals: column \"", column.name,
                                       "\" is the name of no region; there are: ", listed(names)));
        }
        const auto values = table.numbers(column.name);
        std::copy(values.begin(), values.end(), out.values.col(next++).begin());
        out.columns.push_back({regions.kind(), found->id, found->name, {}, 0, 0.0});
    }
    return out;
}

/// What are no signals, and what is no region yet.
template <class S, class Regions>
requires(!(std::same_as<S, Signals> && std::convertible_to<const Regions&, const SignalRegions&>))  //
    [[nodiscard]] SignalImages signals_to_image(const S&, const Regions&, const SignalsToImageOptions& = {}) {
    static_assert(detail::never<Regions>,
                  "roi: signals_to_image takes signals and then regions: write signals_to_image(signals, "
                  "labels_of(atlas)), and signals_of(table, regions) of a table");
    return {{}, {{}, Labels(Shape())}, {}};
}

}  // namespace roi
