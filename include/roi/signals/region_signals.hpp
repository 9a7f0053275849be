// Signals of regions, volume by volume: any statistics of labels, spheres and maps in one pass.
#pragma once

#include <roi/core/concepts.hpp>
#include <roi/core/detail/buffer.hpp>
#include <roi/core/detail/sort_columns.hpp>
#include <roi/core/detail/whole_columns.hpp>
#include <roi/core/error.hpp>
#include <roi/core/parallel.hpp>
#include <roi/core/text.hpp>
#include <roi/image/grid.hpp>
#include <roi/image/view.hpp>
#include <roi/image/volume.hpp>
#include <roi/regions/region_statistic.hpp>
#include <roi/signals/detail/fitted_maps.hpp>
#include <roi/signals/detail/kept_values.hpp>
#include <roi/signals/detail/signal_layout.hpp>
#include <roi/signals/detail/source_reference.hpp>
#include <roi/signals/region_signals_options.hpp>
#include <roi/signals/signal_regions.hpp>
#include <roi/signals/signals.hpp>
#include <roi/spatial/resample.hpp>
#include <roi/stream/kept_voxels.hpp>
#include <roi/stream/non_finite.hpp>
#include <roi/stream/scan.hpp>
#include <roi/stream/source.hpp>

#include <Eigen/Core>
#include <algorithm>
#include <array>
#include <cmath>
#include <concepts>
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

/// Sink of `scan`: statistics of regions in every volume.
///
/// Memory: volumes x columns. A statistic that looks at all volumes at once, such as the eigenvariate, keeps the values of
/// its labels and spheres: volumes x voxels in the type of the volumes that the sink is shown. 16-bit whole numbers that are
/// values as they are take 2 bytes each; others are shown as float or double, as the source has it.
class RegionSignals : public SinkState {
public:
    /// Such whole numbers are taken as a file stores them.
    using stored_type = detail::WholeNumber;

    explicit RegionSignals(SignalRegions regions, RegionSignalsOptions options = {})
        : RegionSignals(std::vector{std::move(regions)}, std::move(options)) {}
    explicit RegionSignals(std::vector<SignalRegions> regions, RegionSignalsOptions options = {})
        : regions_(std::move(regions)), options_(std::move(options)) {
        require(!options_.statistics.empty(), "region_signals: expected one statistic or more, found none");
        for (const auto& statistic : options_.statistics) {
            over_time_ |= statistic.looks_over_time();
            sorts_ |= statistic.of_sorted_four() != nullptr;
        }
    }

    /// \throws GridMismatch when regions or mask lie on another grid than the run and `.resample` does not help
    /// \throws InvalidArgument when there is no region, all are lost, one is where that is an error, or spheres overlap
    void begin(const ScanInfo& info) { start(info.grid, info.frames); }

    /// The smallest box around all regions: nothing else is looked at.
    [[nodiscard]] Box box() const { return layout_.places.box(layout_.grid.shape()); }

    /// Takes the signals of some volumes; of different ones from several threads at once.
    template <NumberVoxel T>
    void update(const FrameBlock<T>& block) {
        look_at(block.first, block.frames);
    }

    /// Adds the volumes that another sink of the same regions has seen behind those of this one.
    /// \throws InvalidArgument when one of them has seen no run, or the columns differ
    void merge(const RegionSignals& other) {
        require_complete("region_signals: merge");
        other.require_complete("region_signals: merge");
        const auto same = [](const SignalColumn& a, const SignalColumn& b) {
            return a.kind == b.kind && a.id == b.id && a.name == b.name && a.statistic == b.statistic &&
                   a.voxels == b.voxels;
        };
        require(
            std::equal(layout_.columns.begin(), layout_.columns.end(), other.layout_.columns.begin(),
                       other.layout_.columns.end(), same) &&
                layout_.places.size() == other.layout_.places.size(),
            "region_signals: merge: expected sinks of the same regions and statistics, in the same order");
        if (&other == this) return merge(RegionSignals(other));
        frames_ += other.frames_;
        const Eigen::MatrixXd before = std::move(values_);
        values_.resize(before.rows() + other.values_.rows(), before.cols());
        values_.topRows(before.rows()) = before;
        values_.bottomRows(other.values_.rows()) = other.values_;
        kept_.append(other.kept_);
        maps_.append(other.maps_);
        odd_.append(other.odd_, frames_ - other.frames_);
    }

    /// Says, once, how many voxels of regions are NaN or infinite.
    void warn(const WarningHandler& warning) const {
        odd_.warn(warning, who_,
                  options_.non_finite == NonFinite::zero   ? "they count as 0"
                  : options_.non_finite == NonFinite::omit ? "they are left out"
                                                           : "they make NaN what depends on them",
                  static_cast<std::int64_t>(layout_.places.distinct()));
    }

    /// The signals of all volumes that were shown.
    /// \throws InvalidArgument when no run was scanned to its end
    [[nodiscard]] Signals result() const& {
        require_complete(who_);
        return {layout_.columns, finished(values_)};
    }
    /// The same in the memory of a temporary sink.
    [[nodiscard]] Signals result() && {
        require_complete(who_);
        Signals out{{}, finished(std::move(values_))};
        out.columns = std::move(layout_.columns);
        found_ = false;
        result_taken();
        return out;
    }

    /// The names of the regions without a voxel, known once a scan has begun.
    [[nodiscard]] const std::vector<std::string>& lost() const { return layout_.lost; }

    /// How many voxels of regions were NaN or infinite, over all volumes that were shown; one in several regions is one.
    [[nodiscard]] std::int64_t non_finite() const { return odd_.total(); }

    /// Takes the signals of a single volume.
    template <NumberVolume V>
    void read(const V& volume) {
        const auto view = view_of(volume);
        const VoxelOf<V>* const values = view.data();
        scan_begins();
        begin({view.grid(), view.metadata(), 1});
        look_at(0, std::span(&values, 1));
        scan_ends();
    }

    /// Takes the signals of voxels that were kept of a run, the same values as from the whole run.
    /// \throws InvalidArgument when a voxel of a region was not kept
    template <RealVoxel T>
    void read(const KeptVoxels<T>& kept) {
        start(kept.grid(), kept.frames());
        found_ = false;  // as places among the kept ones they are good for nothing else
        layout_.places.move_voxels([&](std::int64_t voxel) {
            const std::int64_t place = kept.find(voxel);
            if (place >= 0) return place;
            throw InvalidArgument(text(who_, ": voxel (", joined(layout_.grid.shape().voxel(voxel)), ") of ",
                                       layout_.region_at(voxel),
                                       " was not kept; keep every voxel that a label can touch"));
        });
        parallel_for(kept.frames(), 16, [&](std::int64_t first, std::int64_t last) {
            std::vector<const T*> volumes;
            for (auto frame = first; frame < last; ++frame) volumes.push_back(kept.frame(frame).data());
            look_at(first, std::span<const T* const>(volumes));
        });
        scan_ends();
    }

private:
    friend class LabelsMasker;
    friend class LabelSignals;

    using Region = detail::SignalLayout::Region;

    /// \param out  what was taken of single volumes, to which the rest is added
    [[nodiscard]] Eigen::MatrixXd finished(Eigen::MatrixXd out) const {
        fill_over_time(out);
        maps_.solve(layout_, out);
        for (const std::size_t column : layout_.missing) {
            out.col(static_cast<Eigen::Index>(column)).setConstant(detail::statistic::nan);
        }
        warn(options_.warning);
        return out;
    }

    /// Makes everything ready for a run on a grid.
    void start(const Grid& grid, std::int64_t frames) {
        if (!found_ || !(layout_.grid == grid)) find_layout(grid);
        layout_.say_lost(options_, who_, run_);
        layout_.say_equal_names(options_, who_);
        layout_.say_no_spread(options_, who_);
        frames_ = frames;
        values_.resize(static_cast<Eigen::Index>(frames), static_cast<Eigen::Index>(layout_.columns.size()));
        // Volumes write, and rows of a table read, a few values of every column: each is on a small page of its own.
        detail::prefer_large_pages(values_.data(), static_cast<std::size_t>(values_.size()) * sizeof(double));
        values_.setZero();
        odd_.restart();
        maps_.restart(frames);
        kept_.restart(over_time_ ? frames : 0, layout_.kept_places);
    }

    /// Finds the voxels of every region on the grid of the run.
    void find_layout(const Grid& grid) {
        found_ = false;
        layout_ = {};
        layout_ = detail::SignalLayoutFinder(options_, who_, run_).find(regions_, grid);
        maps_ = detail::FittedMaps(layout_);
        const auto sums = [](const RegionStatistic& statistic) {
            return statistic.of_whole().sum != nullptr;
        };
        const auto is_map = [](const Region& region) { return region.map; };
        sums_up_ = std::all_of(options_.statistics.begin(), options_.statistics.end(), sums) &&
                   std::none_of(layout_.regions.begin(), layout_.regions.end(), is_map) &&
                   layout_.places.largest() < 65536;
        found_ = true;
    }

    /// Volumes that are worked on together: their values are fetched in one walk over memory, side by side.
    static constexpr std::size_t together = 4;

    /// Memory that a thread works in.
    struct Scratch {
        detail::Buffer<std::byte> rows;           // a row for each voxel of a region
        std::vector<double> values, sorted, one;  // of a region
        std::vector<stored_type> wholes;
        std::vector<std::int32_t> sums;
        detail::WholeColumns columns;

        /// Room for so many numbers of a type.
        template <class T>
        [[nodiscard]] T* rows_of(std::size_t count) {
            const auto bytes = static_cast<std::int64_t>(count * sizeof(T));
            if (rows.size() < bytes) rows = detail::Buffer<std::byte>(bytes, detail::Uninitialized{});
            return reinterpret_cast<T*>(rows.data());
        }
    };

    template <class T>
    void look_at(std::int64_t first, std::span<const T* const> volumes) {
        if (layout_.places.size() == 0) return;
        constexpr bool wholes = std::is_same_v<T, stored_type>;
        constexpr std::size_t most = wholes ? detail::whole_columns : together;
        auto scratch = borrowed();
        while (!volumes.empty()) {
            const auto some = volumes.first(std::min(most, volumes.size()));
            std::array<const T*, most> padded;  // where there are fewer, the last is taken again
            for (std::size_t k = 0; k < most; ++k) padded[k] = some[std::min(k, some.size() - 1)];
            if constexpr (wholes) {
                look_at_wholes(first, some.size(), padded, *scratch);
            } else {
                look_at_some(first, some.size(), padded, *scratch);
            }
            first += static_cast<std::int64_t>(some.size());
            volumes = volumes.subspan(some.size());
        }
        give_back(std::move(scratch));
    }

    /// \param count  how many of the volumes there are
    template <class T>
    void look_at_some(std::int64_t first, std::size_t count, const std::array<const T*, together>& volumes,
                      Scratch& scratch) {
        T* const rows = scratch.template rows_of<T>(together * layout_.places.distinct());
        const bool finite = options_.non_finite == NonFinite::zero
                                ? layout_.places.fetch<true>(volumes, rows)
                                : layout_.places.fetch<false>(volumes, rows);
        bool omits = false;
        if constexpr (RealVoxel<T>) {
            for (std::size_t k = 0; k < count && !finite; ++k) {
                const auto odd = layout_.places.non_finite(volumes[k]);
                odd_.add(first + static_cast<std::int64_t>(k), odd);
                omits |= odd > 0 && options_.non_finite == NonFinite::omit;
            }
        }
        // Values that are not finite are 0 by now, or are to show.
        const bool sorted = sorts_ && (options_.non_finite == NonFinite::zero || finite);
        const auto put = [&](std::size_t column, const std::array<double, together>& values) {
            std::copy_n(values.begin(), count, value_at(first, column));
        };
        const auto kept = kept_volumes<T, together>(first, count);
        std::array<std::vector<std::int64_t>, together> gaps;  // voxels of maps that are left out
        scratch.values.resize(together * layout_.places.largest());
        scratch.one.resize(layout_.places.largest());
        for (std::size_t region = 0; region < layout_.regions.size(); ++region) {
            const auto& placed = layout_.regions[region];
            const auto row_of = layout_.places.rows(region);
            double* end = scratch.values.data();
            for (const std::uint32_t row : row_of) {
                end = std::copy_n(rows + together * row, together, end);
            }
            const std::span<const double> of_region(scratch.values.data(), end);
            if (over_time_) keep(rows, row_of, placed, kept, count);
            if (placed.map && omits) {
                put(placed.column, weighted_rest(of_region, count, region, gaps));
                continue;
            }
            if (placed.map) {
                put(placed.column,
                    weighted(of_region, layout_.weights.data() + placed.weights, placed.scale));
                continue;
            }
            if (sorted) {
                scratch.sorted.assign(of_region.begin(), of_region.end());
                detail::sort_columns<together>(scratch.sorted.data(), layout_.places.size(region));
                for (std::size_t i = 0; i < options_.statistics.size(); ++i) {
                    const auto& four = options_.statistics[i].of_sorted_four();
                    if (four) put(placed.column + i, four(scratch.sorted));
                }
            }
            for (std::size_t i = 0; i < options_.statistics.size(); ++i) {
                const auto& four = options_.statistics[i].of_four();
                if (four && !omits) put(placed.column + i, four(of_region));
            }
            for (std::size_t k = 0; k < count; ++k) {
                one_by_one(of_region, k, omits, sorted, scratch.one.data(),
                           first + static_cast<std::int64_t>(k), placed.column);
            }
        }
        for (std::size_t k = 0; k < count; ++k)
            note_gaps(first + static_cast<std::int64_t>(k), std::move(gaps[k]));
    }

    /// The same of whole numbers as a file stores them. Nothing is rounded but by statistics, which do the same in the same
    /// order, so the results are those of the same volumes as floating-point numbers.
    void look_at_wholes(std::int64_t first, std::size_t count,
                        const std::array<const stored_type*, detail::whole_columns>& volumes,
                        Scratch& scratch) {
        constexpr std::size_t columns = detail::whole_columns;
        const auto& statistics = options_.statistics;
        const auto put = [&](std::size_t column, const detail::WholeColumns::Each& values) {
            std::copy_n(values.begin(), count, value_at(first, column));
        };
        const auto sum_up = [&](std::size_t region, std::size_t i, const detail::WholeColumns::Each& sums) {
            const auto voxels = static_cast<double>(layout_.places.size(region));
            put(layout_.regions[region].column + i, statistics[i].of_whole().sum(sums, voxels));
        };
        if (sums_up_) {
            scratch.sums.assign(columns * layout_.regions.size(), 0);
            layout_.places.add_up(volumes, scratch.sums.data());
            for (std::size_t region = 0; region < layout_.regions.size(); ++region) {
                detail::WholeColumns::Each sums;
                std::copy_n(scratch.sums.data() + columns * region, columns, sums.begin());
                for (std::size_t i = 0; i < statistics.size(); ++i) sum_up(region, i, sums);
            }
            return;
        }
        stored_type* const rows = scratch.template rows_of<stored_type>(columns * layout_.places.distinct());
        (void)layout_.places.fetch<false>(volumes, rows);
        scratch.wholes.resize(columns * layout_.places.largest());
        scratch.columns.will_be_sorted(sorts_);
        const auto kept = kept_volumes<stored_type, columns>(first, count);
        for (std::size_t region = 0; region < layout_.regions.size(); ++region) {
            const auto& placed = layout_.regions[region];
            const auto row_of = layout_.places.rows(region);
            if (over_time_) keep(rows, row_of, placed, kept, count);
            if (placed.map) {
                auto sums = detail::weighted_rows(rows, row_of.data(),
                                                  layout_.weights.data() + placed.weights, row_of.size());
                for (double& value : sums) value *= placed.scale;
                put(placed.column, sums);
                continue;
            }
            detail::take_rows(rows, row_of.data(), row_of.size(), scratch.wholes.data());
            scratch.columns.look_at(scratch.wholes.data(), row_of.size());
            for (std::size_t i = 0; i < statistics.size(); ++i) {
                const auto& whole = statistics[i].of_whole();
                if (whole.sum) {
                    sum_up(region, i, scratch.columns.sums());
                } else if (whole.columns) {
                    put(placed.column + i, whole.columns(scratch.columns));
                } else if (!statistics[i].looks_over_time()) {
                    scratch.one.resize(row_of.size());
                    for (std::size_t k = 0; k < count; ++k) {
                        for (std::size_t at = 0; at < row_of.size(); ++at) {
                            scratch.one[at] = scratch.wholes[columns * at + k];
                        }
                        value_at(first, placed.column + i)[k] = statistics[i](scratch.one);
                    }
                }
            }
        }
    }

    /// Where the value of a volume in a column stands; that of the next volume follows.
    [[nodiscard]] double* value_at(std::int64_t frame, std::size_t column) {
        return values_.data() + static_cast<Eigen::Index>(column) * values_.rows() + frame;
    }

    /// Where the values of volumes are kept, for statistics that look at all volumes.
    template <class T, std::size_t Count>
    [[nodiscard]] std::array<T*, Count> kept_volumes(std::int64_t first, std::size_t count) {
        std::array<T*, Count> out{};
        for (std::size_t k = 0; k < count && over_time_; ++k) {
            out[k] = kept_.of_frame<T>(first + static_cast<std::int64_t>(k));
        }
        return out;
    }

    /// Keeps the values of a region. Of maps nothing looks at all volumes.
    template <class T, std::size_t Count>
    static void keep(const T* rows, std::span<const std::uint32_t> row_of, const Region& placed,
                     const std::array<T*, Count>& kept, std::size_t count) {
        if (placed.map) return;
        for (std::size_t k = 0; k < count; ++k) {
            T* const to = kept[k] + placed.kept;
            for (std::size_t i = 0; i < row_of.size(); ++i) to[i] = rows[Count * row_of[i] + k];
        }
    }

    /// The statistics that take a single volume.
    ///
    /// \param k      which of the volumes that lie side by side
    /// \param omits  leave out what is not finite
    /// \param sorted have those that take sorted values had them?
    /// \param room   for as many values as there are of the volume
    void one_by_one(std::span<const double> values, std::size_t k, bool omits, bool sorted, double* room,
                    std::int64_t frame, std::size_t column) {
        std::span<const double> own;
        for (std::size_t i = 0; i < options_.statistics.size(); ++i) {
            const auto& statistic = options_.statistics[i];
            if (statistic.looks_over_time() || (statistic.of_four() && !omits)) continue;
            if (statistic.of_sorted_four() && sorted) continue;
            if (own.empty()) {
                double* end = room;
                for (std::size_t at = k; at < values.size(); at += together) {
                    if (!omits || std::isfinite(values[at])) *end++ = values[at];
                }
                own = {room, end};
            }
            *value_at(frame, column + i) = statistic(own);
        }
    }

    /// The values of a map's voxels times its weights, added up for each volume.
    [[nodiscard]] static std::array<double, together> weighted(std::span<const double> values,
                                                               const double* weights, double scale) {
        std::array<double, together> sum{};
        for (std::size_t i = 0; i < values.size(); i += together, ++weights) {
            for (std::size_t k = 0; k < together; ++k) sum[k] += *weights * values[i + k];
        }
        for (double& value : sum) value *= scale;
        return sum;
    }

    /// The same of the values that are finite.
    /// \param gaps  gets the voxels of the others, of each volume
    [[nodiscard]] std::array<double, together> weighted_rest(
        std::span<const double> values, std::size_t count, std::size_t region,
        std::array<std::vector<std::int64_t>, together>& gaps) const {
        const auto& placed = layout_.regions[region];
        const double* const weights = layout_.weights.data() + placed.weights;
        const auto voxels = layout_.places.voxels(region);
        std::array<double, together> out{};
        for (std::size_t k = 0; k < count; ++k) {
            double sum = 0.0, total = 0.0, size = 0.0;
            bool all = true;
            for (std::size_t i = 0; i < voxels.size(); ++i) {
                const double value = values[together * i + k];
                if (!std::isfinite(value)) {
                    gaps[k].push_back(voxels[i]);
                    all = false;
                    continue;
                }
                sum += weights[i] * value;
                total += weights[i];
                size += std::abs(weights[i]);
            }
            const bool mean = options_.maps == MapSignal::weighted_mean;
            // A volume that lacks nothing has the bytes that it has among others that lack nothing.
            out[k] = !mean || all                          ? sum * placed.scale
                     : detail::weights_cancel(total, size) ? detail::statistic::nan
                                                           : sum / total;
        }
        return out;
    }

    /// Keeps which voxels of maps were left out of a volume.
    void note_gaps(std::int64_t frame, std::vector<std::int64_t> voxels) {
        if (voxels.empty()) return;
        std::sort(voxels.begin(), voxels.end());
        voxels.erase(std::unique(voxels.begin(), voxels.end()), voxels.end());
        const std::lock_guard lock(scratch_->mutex);
        maps_.note_gaps(frame, std::move(voxels));
    }

    /// Columns of statistics that look at all volumes.
    void fill_over_time(Eigen::MatrixXd& out) const {
        if (!over_time_ || frames_ == 0) return;
        for (std::size_t region = 0; region < layout_.regions.size(); ++region) {
            if (layout_.regions[region].map) continue;
            auto values = kept_values(region);
            const std::size_t all = layout_.places.size(region), whole = leave_whole(values, all);
            const bool missing = whole == 0 || (options_.non_finite == NonFinite::propagate && whole < all);
            for (std::size_t k = 0; k < options_.statistics.size(); ++k) {
                if (!options_.statistics[k].looks_over_time()) continue;
                auto column = out.col(static_cast<Eigen::Index>(layout_.regions[region].column + k));
                if (missing) {
                    column.setConstant(detail::statistic::nan);
                    continue;
                }
                const auto series = options_.statistics[k].over(values, static_cast<std::int64_t>(whole));
                if (static_cast<std::int64_t>(series.size()) != frames_) {
                    throw InvalidArgument(text("region_signals: statistic \"", options_.statistics[k].name(),
                                               "\" gave ", series.size(),
                                               " values, expected one for each of ", frames_, " volumes"));
                }
                std::copy(series.begin(), series.end(), column.begin());
            }
        }
    }

    /// The kept values of a region: volumes x voxels.
    [[nodiscard]] std::vector<double> kept_values(std::size_t region) const {
        const std::size_t voxels = layout_.places.size(region);
        std::vector<double> out(static_cast<std::size_t>(frames_) * voxels);
        for (std::int64_t frame = 0; frame < frames_; ++frame) {
            kept_.read(frame, layout_.regions[region].kept,
                       std::span(out).subspan(static_cast<std::size_t>(frame) * voxels, voxels));
        }
        return out;
    }

    /// Leaves the voxels that are finite in all volumes. \returns how many they are
    [[nodiscard]] static std::size_t leave_whole(std::vector<double>& values, std::size_t voxels) {
        std::vector<char> finite(voxels, true);
        for (std::size_t at = 0; at < values.size(); at += voxels) {
            for (std::size_t i = 0; i < voxels; ++i)
                finite[i] &= static_cast<char>(std::isfinite(values[at + i]));
        }
        const auto whole = static_cast<std::size_t>(std::count(finite.begin(), finite.end(), true));
        if (whole == voxels) return whole;
        auto end = values.begin();
        for (std::size_t at = 0; at < values.size(); at += voxels) {
            for (std::size_t i = 0; i < voxels; ++i) {
                if (finite[i]) *end++ = values[at + i];
            }
        }
        values.erase(end, values.end());
        return whole;
    }

    /// Memory to work in, that threads take in turn.
    [[nodiscard]] std::unique_ptr<Scratch> borrowed() {
        const std::lock_guard lock(scratch_->mutex);
        if (scratch_->free.empty()) return std::make_unique<Scratch>();
        auto out = std::move(scratch_->free.back());
        scratch_->free.pop_back();
        return out;
    }
    void give_back(std::unique_ptr<Scratch> scratch) {
        const std::lock_guard lock(scratch_->mutex);
        scratch_->free.push_back(std::move(scratch));
    }
    struct FreeScratch {
        std::mutex mutex;
        std::vector<std::unique_ptr<Scratch>> free;
    };

    std::vector<SignalRegions> regions_;
    RegionSignalsOptions options_;
    bool over_time_ = false;
    bool sorts_ = false;    // is there a statistic of sorted values?
    bool sums_up_ = false;  // are sums all that is needed of whole numbers?
    std::string_view who_ = "region_signals", run_ = "run";

    bool found_ = false;           // whether what follows is known, on the grid of the layout
    detail::SignalLayout layout_;  // without columns where a result has them
    detail::FittedMaps maps_;
    std::int64_t frames_ = 0;
    Eigen::MatrixXd values_;   // of single volumes, and what maps are solved from
    detail::KeptValues kept_;  // of labels and spheres, for what looks at all volumes
    NonFiniteCount odd_;
    std::shared_ptr<FreeScratch> scratch_ = std::make_shared<FreeScratch>();
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
/// \param options  statistics, mask, what to do with lost regions, values that are not finite and other grids; progress,
///                 warnings, a way to stop, threads
/// \returns        volumes x columns in double: region after region in the order given, for each its statistics
/// \throws GridMismatch     when regions or mask lie on another grid than the run, unless `.resample` is chosen
/// \throws InvalidArgument  when there is no region, all are lost, one is where that is an error, or spheres overlap
///
/// nilearn's `NiftiLabelsMasker`, `NiftiSpheresMasker` and `NiftiMapsMasker`, but for results in double whatever the
/// type of the run, and for what is said above. The spread of a region of one voxel is 0, as there, with a warning. Values are added with x slowest, in NumPy's order; nothing depends on the
/// number of threads, nor on whether the run is in memory. Memory: volumes x columns.
template <FrameSource Source>
[[nodiscard]] Signals region_signals(Source&& source, std::vector<SignalRegions> regions,
                                     const RegionSignalsOptions& options = {}) {
    const ThreadsOfCall threads_of_call(options.threads);
    const auto target = detail::grid_of_regions(regions);
    const auto scan_options = detail::scan_options(options);
    if (options.resample == ResampleFor::labels && target) {
        auto&& frames = staged(source);
        if (!same_grid(frames.grid(), *target)) {
            RegionSignals sink(std::move(regions), options);
            auto moved = resample_to(detail::SourceReference(frames), *target, Interpolation::continuous);
            scan(moved, sink, scan_options);
            return std::move(sink).result();
        }
    }
    RegionSignals sink(std::move(regions), options);
    scan(source, sink, scan_options);
    return std::move(sink).result();
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
    if (options.resample == ResampleFor::labels && target && !same_grid(volume.grid(), *target)) {
        if constexpr (NeverAveraged<VoxelOf<V>>) {
            // Whole numbers of a map are no labels here.
            auto numbers = like<double>(volume);
            std::copy(view_of(volume).values().begin(), view_of(volume).values().end(), numbers.begin());
            sink.read(resample_to(numbers, *target, Interpolation::continuous));
        } else {
            sink.read(resample_to(volume, *target, Interpolation::continuous));
        }
    } else {
        sink.read(volume);
    }
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
    const ThreadsOfCall threads_of_call(options.threads);
    RegionSignals sink(std::move(regions), options);
    sink.read(kept);
    return sink.result();
}
template <RealVoxel T>
[[nodiscard]] Signals region_signals(const KeptVoxels<T>& kept, SignalRegions regions,
                                     const RegionSignalsOptions& options = {}) {
    return region_signals(kept, std::vector{std::move(regions)}, options);
}

namespace detail {

/// What `region_signals` can look at.
template <class S>
concept SignalOperand = FrameSource<S> ||
    requires(RegionSignals& sink, const std::remove_cvref_t<S>& values) {
    sink.read(values);
};

/// Regions, or a list of them.
template <class R>
concept RegionsOperand =
    std::convertible_to<R, SignalRegions> || std::convertible_to<R, std::vector<SignalRegions>>;

}  // namespace detail

/// What has no signals, and what is no region yet.
template <class Operand, class Regions>
requires(!(detail::SignalOperand<Operand> && detail::RegionsOperand<const Regions&>))  //
    [[nodiscard]] Signals region_signals(Operand&&, const Regions&, const RegionSignalsOptions& = {}) {
    constexpr bool regions = detail::RegionsOperand<const Regions&>;
    static_assert(regions,
                  "roi: region_signals takes what is looked at and then regions: write region_signals(run, "
                  "labels_of(atlas)), spheres_at(spheres) or maps_of(maps)");
    static_assert(!regions,
                  "roi: region_signals takes signals of a run, a volume or a source of numbers: write "
                  "region_signals(open(path), labels_of(atlas))");
    return {};
}

}  // namespace roi
