// Signals of regions, volume by volume: any statistics of labels, spheres and maps in one pass.
#pragma once

#include <roi/core/concepts.hpp>
#include <roi/core/error.hpp>
#include <roi/core/parallel.hpp>
#include <roi/core/text.hpp>
#include <roi/image/grid.hpp>
#include <roi/image/view.hpp>
#include <roi/image/volume.hpp>
#include <roi/regions/region_statistic.hpp>
#include <roi/signals/detail/map_weights.hpp>
#include <roi/signals/detail/signal_places.hpp>
#include <roi/signals/detail/source_reference.hpp>
#include <roi/signals/signal_regions.hpp>
#include <roi/signals/signals.hpp>
#include <roi/spatial/resample.hpp>
#include <roi/stream/kept_voxels.hpp>
#include <roi/stream/non_finite.hpp>
#include <roi/stream/scan.hpp>
#include <roi/stream/source.hpp>

#include <Eigen/Core>
#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <mutex>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

namespace roi {

/// What becomes of a region without a voxel: outside the mask, or outside the grid.
enum class LostRegions {
    drop,  ///< no column, and a warning that names it
    keep,  ///< a column of NaN, `n/a` in a file
    error,
};

/// What becomes of values that are NaN or infinite.
enum class NonFinite {
    zero,       ///< they count as 0, as in nilearn
    omit,       ///< they are left out
    propagate,  ///< they make NaN what depends on them
};

/// What is brought to the other's grid when regions and run lie on different ones.
enum class ResampleFor {
    none,    ///< nothing: it is an error
    data,    ///< regions and mask to the grid of the run: labels and mask nearest, maps linear
    labels,  ///< the run to the grid of the regions, by cubic spline
};

/// What the signal of a map is.
enum class MapSignal {
    least_squares,  ///< the factors by which the maps together come closest to the volume, as nilearn has it
    weighted_mean,  ///< the mean with the map's weights
};

/// Settings of `region_signals`.
struct RegionSignalsOptions {
    std::vector<RegionStatistic> statistics{
        mean_of};                ///< of labels and spheres, all from one fetch of the voxels
    std::optional<Mask> mask{};  ///< voxels outside it count as nothing
    LostRegions lost = LostRegions::drop;
    NonFinite non_finite = NonFinite::zero;
    ResampleFor resample = ResampleFor::none;
    MapSignal maps = MapSignal::least_squares;
    Progress progress{};       ///< told the number of volumes done
    WarningHandler warning{};  ///< told of lost regions and of values that are not finite
};

/// Sink of `scan`: statistics of regions in every volume.
///
/// Memory: volumes x columns. A statistic that looks at all volumes at once, such as the eigenvariate, keeps the values of
/// its regions: volumes x voxels.
class RegionSignals : public SinkState {
public:
    /// Volumes are looked at from several threads at once.
    static constexpr bool concurrent = true;

    explicit RegionSignals(SignalRegions regions, RegionSignalsOptions options = {})
        : RegionSignals(std::vector{std::move(regions)}, std::move(options)) {}
    explicit RegionSignals(std::vector<SignalRegions> regions, RegionSignalsOptions options = {})
        : regions_(std::move(regions)), options_(std::move(options)) {
        require(!options_.statistics.empty(), "region_signals: expected one statistic or more, found none");
        for (const auto& statistic : options_.statistics) over_time_ |= statistic.looks_over_time();
    }

    /// \throws GridMismatch when regions or mask lie on another grid than the run and `.resample` does not help
    /// \throws InvalidArgument when all regions are lost, one is where that is an error, or spheres overlap
    void begin(const ScanInfo& info) {
        start(info.grid, info.frames);
        places_.finish();
    }

    /// The smallest box around all regions: nothing else is looked at.
    [[nodiscard]] Box box() const { return places_.box(grid_.shape()); }

    /// Takes the signals of one volume; for different volumes from several threads at once.
    template <NumberVoxel T>
    void frame(std::int64_t index, std::span<const T> values) {
        look_at(index, values.data());
    }

    /// Adds the volumes that another sink of the same regions has seen behind those of this one.
    /// \throws InvalidArgument when the columns differ
    void merge(const RegionSignals& other) {
        require(signals_.columns.size() == other.signals_.columns.size() &&
                    places_.size() == other.places_.size(),
                "region_signals: merge: expected sinks of the same regions");
        frames_ += other.frames_;
        rows_.insert(rows_.end(), other.rows_.begin(), other.rows_.end());
        kept_.insert(kept_.end(), other.kept_.begin(), other.kept_.end());
        odd_.append(other.odd_, frames_ - other.frames_);
    }

    /// Says, once, how many values of regions are NaN or infinite.
    void warn(const WarningHandler& warning) const {
        odd_.warn(warning, who_,
                  options_.non_finite == NonFinite::zero   ? "they count as 0"
                  : options_.non_finite == NonFinite::omit ? "they are left out"
                                                           : "they make NaN what depends on them",
                  static_cast<std::int64_t>(places_.size()));
    }

    /// The signals of all volumes that were shown.
    /// \throws InvalidArgument when no run was scanned to its end
    [[nodiscard]] Signals result() const {
        require_complete(who_);
        Signals out = signals_;
        const auto width = static_cast<Eigen::Index>(out.columns.size());
        using RowMajor = Eigen::Matrix<double, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor>;
        out.values = Eigen::Map<const RowMajor>(rows_.data(), static_cast<Eigen::Index>(frames_), width);
        fill_over_time(out.values);
        for (const auto& [column, weights] : solvers_) {
            auto block = out.values.middleCols(static_cast<Eigen::Index>(column), weights.maps());
            block = weights.solved(block);
        }
        for (const std::size_t column : missing_) {
            out.values.col(static_cast<Eigen::Index>(column)).setConstant(detail::statistic::nan);
        }
        warn(options_.warning);
        return out;
    }

    /// The names of the regions without a voxel, known once a scan has begun.
    [[nodiscard]] const std::vector<std::string>& lost() const { return lost_; }

    /// How many values of regions were NaN or infinite, over all volumes that were shown.
    [[nodiscard]] std::int64_t non_finite() const { return odd_.total(); }

    /// Takes the signals of voxels that were kept of a run, the same values as from the whole run.
    /// \throws InvalidArgument when a voxel of a region was not kept
    template <RealVoxel T>
    void read(const KeptVoxels<T>& kept) {
        start(kept.grid(), kept.frames());
        places_.move_voxels([&](std::int64_t voxel) {
            const std::int64_t place = kept.find(voxel);
            if (place >= 0) return place;
            throw InvalidArgument(text(who_, ": voxel (", joined(grid_.shape().voxel(voxel)), ") of ",
                                       region_at(voxel),
                                       " was not kept; keep every voxel that a label can touch"));
        });
        parallel_for(kept.frames(), 4, [&](std::int64_t first, std::int64_t last) {
            for (; first < last; ++first) look_at(first, kept.frame(first).data());
        });
        scan_ends();
    }

private:
    friend class LabelsMasker;
    friend class LabelSignals;

    /// What to do with the places of one region.
    struct Work {
        std::size_t column = 0;  // its first
        bool map = false;
        std::size_t weights = 0;  // of a map: where they start
        double scale = 1.0;
    };

    /// Finds the voxels of every region on the grid of the run.
    void start(const Grid& grid, std::int64_t frames) {
        grid_ = grid;
        frames_ = frames;
        places_ = {};
        work_.clear();
        weights_.clear();
        solvers_.clear();
        missing_.clear();
        signals_ = {};
        lost_.clear();
        std::optional<Mask> mask = options_.mask;
        if (mask && !same_grid(mask->grid(), grid)) {
            if (options_.resample == ResampleFor::data) {
                mask = resample_to(*mask, grid, Interpolation::nearest);
            } else {
                require_same_grid(mask->grid(), grid, text(who_, ": mask and run"));
            }
        }
        std::size_t wanted = 0;
        for (const auto& regions : regions_) {
            wanted += regions.regions().size();
            if (regions.kind() == RegionKind::label) add_labels(regions, mask ? &*mask : nullptr);
            if (regions.kind() == RegionKind::sphere) add_spheres(regions, mask ? &*mask : nullptr);
            if (regions.kind() == RegionKind::map) add_maps(regions, mask ? &*mask : nullptr);
        }
        say_lost(wanted);
        const auto cells = static_cast<std::size_t>(frames) * signals_.columns.size();
        rows_.assign(cells, 0.0);
        odd_.restart();
        kept_.clear();
        if (over_time_) kept_.resize(static_cast<std::size_t>(frames) * places_.size());
    }

    void add_labels(const SignalRegions& regions, const Mask* mask) {
        std::optional<Labels> resampled;
        if (!same_grid(*regions.grid(), grid_)) {
            if (options_.resample == ResampleFor::data) {
                resampled = resample_to(regions.ranks(), grid_, Interpolation::nearest);
            } else {
                require_same_grid(*regions.grid(), grid_, text(who_, ": atlas and ", run_));
            }
        }
        const Labels& ranks = resampled ? *resampled : regions.ranks();
        std::vector<std::vector<std::int64_t>> voxels(regions.regions().size());
        const Shape& shape = grid_.shape();
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
            auto voxels = sphere_voxels(grid_, regions.spheres()[i]);
            if (mask) std::erase_if(voxels, [&](std::int64_t voxel) { return !(*mask)[voxel]; });
            all.insert(all.end(), voxels.begin(), voxels.end());
            const Shape& shape = grid_.shape();
            std::sort(voxels.begin(), voxels.end(),
                      [&](std::int64_t a, std::int64_t b) { return shape.voxel(a) < shape.voxel(b); });
            add_region(RegionKind::sphere, regions.regions()[i], voxels);
        }
        if (regions.overlap()) return;
        std::sort(all.begin(), all.end());
        const auto twice = std::adjacent_find(all.begin(), all.end());
        if (twice == all.end()) return;
        throw InvalidArgument(text(who_, ": voxel (", joined(grid_.shape().voxel(*twice)),
                                   ") lies in two spheres; make them smaller, or allow it: "
                                   "spheres_at(..., {.overlap = true})"));
    }

    void add_maps(const SignalRegions& regions, const Mask* mask) {
        const bool elsewhere = !same_grid(*regions.grid(), grid_);
        if (elsewhere && options_.resample != ResampleFor::data) {
            require_same_grid(*regions.grid(), grid_, text(who_, ": maps and ", run_));
        }
        detail::MapWeights solver;
        const std::size_t column = signals_.columns.size();
        for (std::size_t i = 0; i < regions.regions().size(); ++i) {
            auto map = elsewhere ? resampled(regions.maps()[i], *regions.grid()) : regions.maps()[i];
            if (mask) {
                std::erase_if(map, [&](const SignalRegions::Weight& entry) { return !(*mask)[entry.voxel]; });
            }
            const Shape& shape = grid_.shape();
            std::sort(map.begin(), map.end(), [&](const auto& a, const auto& b) {
                return shape.voxel(a.voxel) < shape.voxel(b.voxel);
            });
            std::vector<std::int64_t> voxels;
            double total = 0.0;
            const auto first = weights_.size();
            for (const auto& [voxel, weight] : map) {
                voxels.push_back(voxel);
                weights_.push_back(weight);
                total += weight;
            }
            if (!add_region(RegionKind::map, regions.regions()[i], voxels)) continue;
            work_.back().weights = first;
            if (options_.maps == MapSignal::weighted_mean) work_.back().scale = 1.0 / total;
            solver.add(voxels, std::span(weights_).subspan(first));
        }
        if (options_.maps == MapSignal::least_squares && solver.maps() > 0) {
            solver.finish();
            solvers_.emplace_back(column, std::move(solver));
        }
    }

    [[nodiscard]] std::vector<SignalRegions::Weight> resampled(const std::vector<SignalRegions::Weight>& map,
                                                               const Grid& from) const {
        Volume<double> whole(from, 0.0);
        for (const auto& [voxel, weight] : map) whole[voxel] = weight;
        const auto moved = resample_to(whole, grid_, Interpolation::linear);
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
            lost_.push_back(region.name);
            if (options_.lost != LostRegions::keep) return false;
        }
        const auto count = static_cast<std::int64_t>(voxels.size());
        SignalColumn column{kind, region.id, region.name,
                            {},   count,     static_cast<double>(count) * grid_.voxel_volume()};
        const std::size_t first = signals_.columns.size();
        if (kind == RegionKind::map) {
            column.statistic = options_.maps == MapSignal::least_squares ? "least_squares" : "weighted_mean";
            signals_.columns.push_back(column);
        } else {
            for (const auto& statistic : options_.statistics) {
                column.statistic = statistic.name();
                signals_.columns.push_back(column);
            }
        }
        if (voxels.empty()) {
            for (auto at = first; at < signals_.columns.size(); ++at) missing_.push_back(at);
            return false;
        }
        places_.add_ordered(voxels);
        work_.push_back({first, kind == RegionKind::map, 0, 1.0});
        return true;
    }

    void say_lost(std::size_t wanted) const {
        if (lost_.empty()) return;
        const auto which =
            text(lost_.size(), " of ", wanted, " regions have no voxel in the mask and on the grid of the ",
                 run_, ": ", listed(lost_));
        if (options_.lost == LostRegions::error) throw InvalidArgument(text(who_, ": ", which));
        if (!allow_none_ && work_.empty()) throw InvalidArgument(text(who_, ": no region is left; ", which));
        if (!options_.warning) return;
        options_.warning(
            text(who_, ": ", which,
                 options_.lost == LostRegions::keep ? "; their columns are n/a" : "; they have no column"));
    }

    template <class T>
    void look_at(std::int64_t index, const T* volume) {
        if (places_.size() == 0) return;
        const auto frame = static_cast<std::size_t>(index);
        auto scratch = borrowed();
        scratch.resize(2 * places_.size());
        double* values = scratch.data();
        if (over_time_) values = kept_.data() + frame * places_.size();
        const std::int64_t odd = options_.non_finite == NonFinite::zero
                                     ? places_.fetch<true>(volume, values)
                                     : places_.fetch<false>(volume, values);
        odd_.add(index, odd);
        double* const row = rows_.data() + frame * signals_.columns.size();
        for (std::size_t region = 0; region < work_.size(); ++region) {
            const auto& work = work_[region];
            std::span<double> of_region(values + places_.first(region), places_.size(region));
            if (work.map) {
                double sum = 0.0;
                for (std::size_t i = 0; i < of_region.size(); ++i)
                    sum += weights_[work.weights + i] * of_region[i];
                row[work.column] = sum * work.scale;
                continue;
            }
            if (options_.non_finite == NonFinite::omit && odd > 0) {
                double* const copy = scratch.data() + places_.size();
                const auto last = std::copy_if(of_region.begin(), of_region.end(), copy,
                                               [](double value) { return std::isfinite(value); });
                of_region = std::span<double>(copy, last);
            }
            for (std::size_t k = 0; k < options_.statistics.size(); ++k) {
                const auto& statistic = options_.statistics[k];
                if (!statistic.looks_over_time()) row[work.column + k] = statistic(of_region);
            }
        }
        give_back(std::move(scratch));
    }

    /// Columns of statistics that look at all volumes.
    void fill_over_time(Eigen::MatrixXd& out) const {
        if (!over_time_ || frames_ == 0) return;
        for (std::size_t region = 0; region < work_.size(); ++region) {
            if (work_[region].map) continue;
            std::vector<double> values;
            for (std::int64_t frame = 0; frame < frames_; ++frame) {
                const auto first = kept_.begin() + static_cast<std::ptrdiff_t>(
                                                       static_cast<std::size_t>(frame) * places_.size() +
                                                       places_.first(region));
                values.insert(values.end(), first, first + static_cast<std::ptrdiff_t>(places_.size(region)));
            }
            for (std::size_t k = 0; k < options_.statistics.size(); ++k) {
                if (!options_.statistics[k].looks_over_time()) continue;
                const auto series =
                    options_.statistics[k].over(values, static_cast<std::int64_t>(places_.size(region)));
                for (std::int64_t frame = 0; frame < frames_; ++frame) {
                    out(static_cast<Eigen::Index>(frame),
                        static_cast<Eigen::Index>(work_[region].column + k)) =
                        series[static_cast<std::size_t>(frame)];
                }
            }
        }
    }

    [[nodiscard]] std::string region_at(std::int64_t voxel) const {
        for (std::size_t region = 0; region < work_.size(); ++region) {
            const auto voxels = places_.voxels(region);
            if (std::find(voxels.begin(), voxels.end(), voxel) == voxels.end()) continue;
            const auto& column = signals_.columns[work_[region].column];
            return text(kind_name(column.kind), ' ', column.id);
        }
        return "a region";
    }

    /// Memory for the values of one volume, that threads take in turn.
    [[nodiscard]] std::vector<double> borrowed() {
        const std::lock_guard lock(scratch_->mutex);
        if (scratch_->free.empty()) return {};
        auto out = std::move(scratch_->free.back());
        scratch_->free.pop_back();
        return out;
    }
    void give_back(std::vector<double> scratch) {
        const std::lock_guard lock(scratch_->mutex);
        scratch_->free.push_back(std::move(scratch));
    }
    struct Scratch {
        std::mutex mutex;
        std::vector<std::vector<double>> free;
    };

    std::vector<SignalRegions> regions_;
    RegionSignalsOptions options_;
    bool over_time_ = false;
    bool allow_none_ = false;  // no region left is a table without columns
    std::string_view who_ = "region_signals", run_ = "run";

    Grid grid_;
    std::int64_t frames_ = 0;
    detail::SignalPlaces places_;
    std::vector<Work> work_;                                           // one a region that has voxels
    std::vector<double> weights_;                                      // of maps, place by place
    std::vector<std::pair<std::size_t, detail::MapWeights>> solvers_;  // with their first column
    std::vector<std::size_t> missing_;                                 // columns of regions without voxels
    std::vector<std::string> lost_;
    Signals signals_;           // without values
    std::vector<double> rows_;  // volumes x columns, row by row
    std::vector<double> kept_;  // volumes x places
    NonFiniteCount odd_;
    std::shared_ptr<Scratch> scratch_ = std::make_shared<Scratch>();
};

namespace detail {

/// The grid that a run is brought to for its regions.
[[nodiscard]] inline std::optional<Grid> grid_of_regions(const std::vector<SignalRegions>& regions) {
    for (const auto& of_kind : regions) {
        if (of_kind.grid()) return of_kind.grid();
    }
    return std::nullopt;
}

}  // namespace detail

/// Statistics of regions in every volume of a run.
///
/// \param source   a run in memory, an opened file, a filter over one; scanned once
/// \param regions  `labels_of(atlas)`, `spheres_at(spheres)`, `maps_of(maps)`, or a vector of several of them
/// \param options  statistics, mask, what to do with lost regions, values that are not finite and other grids
/// \returns        volumes x columns in double: region after region in the order given, for each its statistics
/// \throws GridMismatch     when regions or mask lie on another grid than the run, unless `.resample` is chosen
/// \throws InvalidArgument  when all regions are lost, one is where that is an error, or spheres overlap
///
/// nilearn's `NiftiLabelsMasker`, `NiftiSpheresMasker` and `NiftiMapsMasker`, but for results in double whatever the
/// type of the run, and for what is said above. Values are added with x slowest, in NumPy's order; nothing depends on the
/// number of threads, nor on whether the run is in memory. Memory: volumes x columns.
template <FrameSource Source>
[[nodiscard]] Signals region_signals(Source&& source, std::vector<SignalRegions> regions,
                                     const RegionSignalsOptions& options = {}) {
    const auto target = detail::grid_of_regions(regions);
    const auto scan_options = detail::scan_options(options);
    if (options.resample == ResampleFor::labels && target) {
        auto&& frames = staged(source);
        if (!same_grid(frames.grid(), *target)) {
            RegionSignals sink(std::move(regions), options);
            auto moved = resample_to(detail::SourceReference(frames), *target, Interpolation::continuous);
            scan(moved, sink, scan_options);
            return sink.result();
        }
    }
    RegionSignals sink(std::move(regions), options);
    scan(source, sink, scan_options);
    return sink.result();
}
template <FrameSource Source>
[[nodiscard]] Signals region_signals(Source&& source, SignalRegions regions,
                                     const RegionSignalsOptions& options = {}) {
    return region_signals(source, std::vector{std::move(regions)}, options);
}

/// Statistics of regions in one volume: a single row.
template <NumberVolume V>
[[nodiscard]] Signals region_signals(const V& volume, std::vector<SignalRegions> regions,
                                     const RegionSignalsOptions& options = {}) {
    const auto target = detail::grid_of_regions(regions);
    RegionSignals sink(std::move(regions), options);
    const auto look = [&](const auto& view) {
        sink.begin({view.grid(), view.metadata(), 1});
        sink.frame(0, std::span<const VoxelOf<V>>(view.values()));
    };
    const auto view = view_of(volume);
    if (options.resample == ResampleFor::labels && target && !same_grid(view.grid(), *target)) {
        const auto moved = resample_to(volume, *target, Interpolation::continuous);
        sink.begin({moved.grid(), moved.metadata(), 1});
        sink.frame(
            0, std::span<const typename std::remove_cvref_t<decltype(moved)>::value_type>(moved.values()));
    } else {
        look(view);
    }
    sink.scan_ends();
    return sink.result();
}
template <NumberVolume V>
[[nodiscard]] Signals region_signals(const V& volume, SignalRegions regions,
                                     const RegionSignalsOptions& options = {}) {
    return region_signals(volume, std::vector{std::move(regions)}, options);
}

/// Statistics of regions in every volume of kept voxels, the same values as from the whole run.
/// \throws InvalidArgument also when a voxel of a region was not kept
template <RealVoxel T>
[[nodiscard]] Signals region_signals(const KeptVoxels<T>& kept, std::vector<SignalRegions> regions,
                                     const RegionSignalsOptions& options = {}) {
    RegionSignals sink(std::move(regions), options);
    sink.read(kept);
    return sink.result();
}
template <RealVoxel T>
[[nodiscard]] Signals region_signals(const KeptVoxels<T>& kept, SignalRegions regions,
                                     const RegionSignalsOptions& options = {}) {
    return region_signals(kept, std::vector{std::move(regions)}, options);
}

}  // namespace roi
