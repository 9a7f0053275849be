// What signals are taken of: the labels of an atlas, or spheres; maps_of.hpp has the maps.
#pragma once

#include <roi/core/concepts.hpp>
#include <roi/core/detail/signed_label.hpp>
#include <roi/core/error.hpp>
#include <roi/core/text.hpp>
#include <roi/image/grid.hpp>
#include <roi/image/metadata.hpp>
#include <roi/image/view.hpp>
#include <roi/image/volume.hpp>
#include <roi/regions/spheres.hpp>
#include <roi/signals/detail/map_solver.hpp>
#include <roi/signals/signals.hpp>
#include <roi/table/names.hpp>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <map>
#include <numeric>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace roi {

/// Regions of one kind that `region_signals` takes signals of; made by `labels_of`, `spheres_at` and `maps_of`.
class SignalRegions {
public:
    /// A region and what its column is called.
    struct Region {
        std::int64_t id = 0;
        std::string name;
    };
    /// A voxel that a map gives a weight other than 0.
    struct Weight {
        std::int64_t voxel = 0;
        double weight = 0.0;
    };

    /// Labels: `ranks` is 0 outside and k in the k-th region, counted from 1.
    SignalRegions(std::vector<Region> regions, Labels ranks)
        : kind_(RegionKind::label),
          regions_(std::move(regions)),
          grid_(ranks.grid()),
          ranks_(std::move(ranks)) {}

    /// Spheres. \param overlap  may they share voxels?
    SignalRegions(std::vector<Region> regions, std::vector<Sphere> spheres, bool overlap)
        : kind_(RegionKind::sphere),
          regions_(std::move(regions)),
          spheres_(std::move(spheres)),
          overlap_(overlap) {}

    /// Maps, each with its voxels in the order of memory.
    SignalRegions(std::vector<Region> regions, const Grid& grid, std::vector<std::vector<Weight>> maps,
                  detail::MakeMapSolver make_solver)
        : kind_(RegionKind::map),
          regions_(std::move(regions)),
          grid_(grid),
          maps_(std::move(maps)),
          solver_(make_solver) {}

    /// Header fields of images on their grid.
    [[nodiscard]] const Metadata& metadata() const { return metadata_; }
    void set_metadata(const Metadata& metadata) {
        metadata_ = inherited_by_volume(metadata);
        metadata_.intent = {};
        metadata_.storage = {};
    }

    [[nodiscard]] RegionKind kind() const { return kind_; }
    [[nodiscard]] const std::vector<Region>& regions() const { return regions_; }
    /// Where they lie; spheres lie on any grid.
    [[nodiscard]] const std::optional<Grid>& grid() const { return grid_; }
    [[nodiscard]] const Labels& ranks() const { return ranks_; }
    [[nodiscard]] const std::vector<Sphere>& spheres() const { return spheres_; }
    [[nodiscard]] bool overlap() const { return overlap_; }
    [[nodiscard]] const std::vector<std::vector<Weight>>& maps() const { return maps_; }
    /// Makes what solves for the factors of maps.
    [[nodiscard]] detail::MakeMapSolver solver() const { return solver_; }

private:
    RegionKind kind_;
    std::vector<Region> regions_;
    std::optional<Grid> grid_;
    Metadata metadata_;
    Labels ranks_;
    std::vector<Sphere> spheres_;
    bool overlap_ = false;
    std::vector<std::vector<Weight>> maps_;
    detail::MakeMapSolver solver_ = nullptr;
};

namespace detail {

/// 1, 2, ... count.
[[nodiscard]] inline std::vector<std::int64_t> counted(std::size_t count) {
    std::vector<std::int64_t> out(count);
    std::iota(out.begin(), out.end(), std::int64_t{1});
    return out;
}

}  // namespace detail

/// Settings of `labels_of`.
struct LabelsOfOptions {
    RegionNames names{};          ///< of labels; `label_N` for those without
    std::int64_t background = 0;  ///< the label that is no region

    /// Told of labels without a name where others have one, of names without a label, and of a background other than 0 that
    /// no voxel has.
    WarningHandler warning{};
};

/// The regions of an atlas: one for each label but the background, ascending; negative labels are regions too.
///
/// \param atlas  labels of any integer type
template <AnyLabels L>
[[nodiscard]] SignalRegions labels_of(const L& atlas, const LabelsOfOptions& options = {}) {
    const auto view = view_of(atlas);
    using T = VoxelOf<L>;
    const auto is_background = [&](T label) {
        return static_cast<std::int64_t>(label) == options.background &&
               (label < T{0}) == (options.background < 0);
    };
    std::map<T, std::int32_t> ranks;
    std::optional<T> last;
    bool has_background = false;
    for (const T label : view.values()) {
        if (last && *last == label) continue;
        last = label;
        if (is_background(label)) {
            has_background = true;
        } else {
            ranks.emplace(label, 0);
        }
    }
    // Most atlases have a background; one of the brain alone may have no 0.
    if (!has_background && options.background != 0 && options.warning) {
        options.warning(text("labels_of: no voxel has the label ", options.background,
                             " of the `background`: all labels are regions",
                             ranks.count(T{0}) > 0 ? ", 0 as well" : ""));
    }
    std::vector<SignalRegions::Region> regions;
    std::vector<std::int64_t> numbers;
    for (auto& [label, rank] : ranks) {
        numbers.push_back(detail::signed_label(label, "labels_of"));
        regions.push_back({numbers.back(), options.names[numbers.back()]});
        rank = static_cast<std::int32_t>(regions.size());
    }
    warn_of_names(options.names, numbers, options.warning, options.background);
    Labels out(view.grid());
    last = {};
    std::int32_t rank = 0;
    for (std::int64_t i = 0; i < out.size(); ++i) {
        const T label = view.data()[i];
        if (!last || *last != label) rank = is_background(label) ? 0 : ranks.find(label)->second;
        last = label;
        out[i] = rank;
    }
    SignalRegions all(std::move(regions), std::move(out));
    all.set_metadata(view.metadata());
    return all;
}

/// What is no atlas has no labels yet.
template <class Other>
requires(!AnyLabels<Other>)  //
    [[nodiscard]] SignalRegions labels_of(const Other&, const LabelsOfOptions& = {}) {
    static_assert(detail::never<Other>,
                  "roi: labels_of takes labels: write labels_of(label(mask).atlas) of a mask, "
                  "as<std::int32_t>(map) or load_labels(path) of numbers");
    return {{}, Labels(Shape())};
}

/// Settings of `spheres_at`.
struct SpheresAtOptions {
    RegionNames names{};   ///< by number from 1; before that a sphere's own name, after that `sphere_N`
    bool overlap = false;  ///< may spheres share voxels? Else it is an error when signals are taken
    WarningHandler
        warning{};  ///< told of spheres without a name, where others have one, and of names without a sphere
};

/// Spheres round places in millimetres, each with its radius; 0 is the nearest voxel alone. See `sphere_voxels`.
[[nodiscard]] inline SignalRegions spheres_at(std::vector<Sphere> spheres,
                                              const SpheresAtOptions& options = {}) {
    std::vector<SignalRegions::Region> regions;
    std::vector<std::int64_t> nameless;
    for (const auto& sphere : spheres) {
        detail::require_sphere(sphere);
        const auto id = static_cast<std::int64_t>(regions.size()) + 1;
        const auto* name = options.names.find(id);
        regions.push_back({id, !sphere.name.empty() ? sphere.name : name ? *name : text("sphere_", id)});
        if (sphere.name.empty()) nameless.push_back(id);
    }
    warn_of_names(options.names, nameless, options.warning);
    return {std::move(regions), std::move(spheres), options.overlap};
}

}  // namespace roi
