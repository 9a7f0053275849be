// Cleans every voxel of a run that is read twice, in memory that does not depend on its length.
#pragma once

#include <roi/core/concepts.hpp>
#include <roi/core/detail/buffer.hpp>
#include <roi/core/detail/finite.hpp>
#include <roi/core/error.hpp>
#include <roi/core/text.hpp>
#include <roi/image/grid.hpp>
#include <roi/image/metadata.hpp>
#include <roi/image/selection.hpp>
#include <roi/image/view.hpp>
#include <roi/image/volume4d.hpp>
#include <roi/signals/clean.hpp>
#include <roi/signals/detail/series_file.hpp>
#include <roi/stream/filter.hpp>
#include <roi/stream/non_finite.hpp>
#include <roi/stream/scan.hpp>
#include <roi/stream/select.hpp>
#include <roi/stream/source.hpp>

#include <Eigen/Core>
#include <algorithm>
#include <array>
#include <cmath>
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <limits>
#include <memory>
#include <span>
#include <string>
#include <type_traits>
#include <utility>
#include <vector>

namespace roi {

namespace detail {

/// What is taken out of the volumes of one run, and where they stand among those that stay.
struct RunDesign {
    Eigen::MatrixXd basis;      // Q: kept volumes x columns, orthonormal: mean, trend, confounds, cosines
    Eigen::RowVectorXd sums;    // 1'Q
    Eigen::VectorXd ones_left;  // 1 - Q Q'1: what a constant leaves
    std::vector<bool> baseline;

    [[nodiscard]] double size() const { return static_cast<double>(basis.rows()); }
};

/// The designs of all runs, and which volume is which row of which.
class CleaningPlan {
public:
    struct Place {
        std::ptrdiff_t run = -1;  // -1: the volume is left out
        Eigen::Index row = 0;
    };

    /// A template, as what it calls, so that only who cleans compiles solvers.
    /// \param options    that fit so many volumes
    /// \param confounds  volumes x confounds
    template <class Matrix>
    CleaningPlan(const CleanOptions& options, std::int64_t volumes, const Matrix& confounds)
        : options_(options) {
        places_.resize(static_cast<std::size_t>(volumes));
        for (const auto& name : options.runs ? options.runs->unique() : std::vector<std::string>{""}) {
            add_run(name, confounds);
        }
        options_.confounds.reset();
    }

    [[nodiscard]] const CleanOptions& options() const { return options_; }
    [[nodiscard]] const std::vector<RunDesign>& runs() const { return runs_; }
    [[nodiscard]] const Place& place(std::int64_t frame) const {
        return places_[static_cast<std::size_t>(frame)];
    }
    [[nodiscard]] std::int64_t volumes() const { return static_cast<std::int64_t>(places_.size()); }

private:
    template <class Matrix>
    void add_run(const std::string& name, const Matrix& confounds) {
        std::vector<Eigen::Index> rows, kept;
        RunDesign design;
        for (std::int64_t frame = 0; frame < volumes(); ++frame) {
            if (options_.runs && (*options_.runs)[frame] != name) continue;
            if (!options_.sample_mask || (*options_.sample_mask)[frame]) {
                places_[static_cast<std::size_t>(frame)] = {static_cast<std::ptrdiff_t>(runs_.size()),
                                                            static_cast<Eigen::Index>(kept.size())};
                kept.push_back(static_cast<Eigen::Index>(rows.size()));
                design.baseline.push_back(options_.baseline && (*options_.baseline)[frame]);
            }
            rows.push_back(static_cast<Eigen::Index>(frame));
        }
        if (kept.empty()) return;
        require_baseline(design.baseline, name, options_);
        auto taken = rows_of(with_drifts(rows_of(confounds, rows), options_), kept);
        const auto size = static_cast<Eigen::Index>(kept.size());
        Eigen::MatrixXd trend(size, options_.detrend && size > 1 ? 2 : 0);
        if (options_.detrend && size == 1)
            warn(options_, "clean: one volume has no trend, it stays as it is");
        if (trend.cols() > 0) {
            trend.col(0).setConstant(1.0 / std::sqrt(static_cast<double>(size)));
            trend.col(1).setLinSpaced(-0.5 * static_cast<double>(size - 1),
                                      0.5 * static_cast<double>(size - 1));
            trend.col(1).normalize();
            detrend(taken);
        }
        const auto basis = confound_basis(std::move(taken), options_);
        design.basis.resize(size, trend.cols() + basis.cols());
        design.basis << trend, basis;
        design.sums = design.basis.colwise().sum();
        design.ones_left = Eigen::VectorXd::Ones(size) - design.basis * design.sums.transpose();
        if (design.ones_left.cwiseAbs().maxCoeff() < 1e-12) design.ones_left.setZero();
        runs_.push_back(std::move(design));
    }

    CleanOptions options_;
    std::vector<RunDesign> runs_;
    std::vector<Place> places_;
};

template <RealVoxel T>
[[nodiscard]] double value_of(T value, const CleanOptions& options) {
    return options.ensure_finite ? finite_or_zero(value) : static_cast<double>(value);
}

inline void require_volumes(std::int64_t found, std::int64_t expected) {
    if (found == expected) return;
    throw InvalidArgument(
        text("clean_run: the run has ", found, " volumes when it is read, ", expected, " were expected"));
}

/// Says how many values are NaN or infinite.
inline void warn_of_voxels(const NonFiniteCount& odd, const WarningHandler& warning, bool finite,
                           std::int64_t voxels) {
    odd.warn(warning, "clean_run",
             finite ? "they count as 0" : "their voxels become NaN in all volumes of that run", voxels);
}

/// Sink: what each voxel shares with the columns of each run.
///
/// With y0 the first value of a voxel in a run and d = y - y0: P = Q'd, sum of d, sum of d^2, sum of d over the baseline.
class CleaningSums : public SinkState {
public:
    explicit CleaningSums(std::shared_ptr<const CleaningPlan> plan) : plan_(std::move(plan)) {}

    void begin(const ScanInfo& info) {
        require_volumes(info.frames, plan_->volumes());
        info_ = info;
        odd_.restart();
        voxels_ = static_cast<std::size_t>(info.grid.size());
        runs_.assign(plan_->runs().size(), {});
        for (std::size_t r = 0; r < runs_.size(); ++r) {
            auto& run = runs_[r];
            run.parts.assign(static_cast<std::size_t>(plan_->runs()[r].basis.cols()) * voxels_, 0.0);
            run.origin.assign(voxels_, 0.0);
            run.sum = run.square = run.origin;
            if (plan_->options().baseline) run.base = run.origin;
        }
    }
    [[nodiscard]] bool wants(std::int64_t frame) const { return plan_->place(frame).run >= 0; }

    template <RealVoxel T>
    void update(const FrameBlock<T>& block, VoxelRange range) {
        odd_.look_at(block, range);
        const auto first = static_cast<std::size_t>(range.first);
        const auto count = static_cast<std::size_t>(range.last - range.first);
        std::vector<double> values(count);
        for (std::size_t k = 0; k < block.frames.size(); ++k) {
            const auto& place = plan_->place(block.first + static_cast<std::int64_t>(k));
            if (place.run < 0) continue;
            const auto& design = plan_->runs()[static_cast<std::size_t>(place.run)];
            auto& run = runs_[static_cast<std::size_t>(place.run)];
            const bool base = design.baseline[static_cast<std::size_t>(place.row)];
            for (std::size_t i = 0; i < count; ++i) {
                const auto value = value_of(block.frames[k][first + i], plan_->options());
                if (place.row == 0) run.origin[first + i] = value;
                const double d = value - run.origin[first + i];
                values[i] = d;
                run.sum[first + i] += d;
                run.square[first + i] += d * d;
                if (base) run.base[first + i] += d;
            }
            for (Eigen::Index j = 0; j < design.basis.cols(); ++j) {
                const double q = design.basis(place.row, j);
                double* part = run.parts.data() + static_cast<std::size_t>(j) * voxels_ + first;
                for (std::size_t i = 0; i < count; ++i) part[i] += q * values[i];
            }
        }
    }

    /// Says how many values are NaN or infinite.
    void warn(const WarningHandler& warning) const {
        warn_of_voxels(odd_, warning, plan_->options().ensure_finite, info_.grid.size());
    }

    /// What is done to a voxel of a volume: scale (d - q P + y0 g - shift), g what a constant leaves.
    struct Voxelwise {
        std::vector<double> parts, origin, shift, scale;
        Eigen::VectorXd left;  // g of each volume
    };

    /// \param odd  is told what the baselines of percent change are
    [[nodiscard]] Voxelwise finished(std::size_t r, OddBaselines& odd) {
        require_complete("clean_run");
        const auto& design = plan_->runs()[r];
        Run run = std::move(runs_[r]);
        Voxelwise out{std::move(run.parts), std::move(run.origin), std::vector<double>(voxels_, 0.0),
                      std::vector<double>(voxels_, 1.0), design.ones_left};
        const auto how = plan_->options().standardize;
        if (how == Standardize::none || design.size() < 2.0) return out;
        const double n = design.size(), level = design.ones_left.mean();
        const double squares_left = n - design.sums.squaredNorm();
        const bool even = (design.ones_left.array() - level).abs().maxCoeff() < 1e-12;
        if (even) {
            out.left.setZero();
        } else {
            out.left.array() -= level;
        }
        Eigen::RowVectorXd base_sums = Eigen::RowVectorXd::Zero(design.basis.cols());
        double base_left = 0.0, base_count = 0.0;
        for (Eigen::Index row = 0; row < design.basis.rows(); ++row) {
            if (!design.baseline[static_cast<std::size_t>(row)]) continue;
            base_sums += design.basis.row(row);
            base_left += out.left[row];
            base_count += 1.0;
        }
        for (std::size_t i = 0; i < voxels_; ++i) {
            double explained = 0.0, shared = 0.0, base_shared = 0.0;
            for (Eigen::Index j = 0; j < design.basis.cols(); ++j) {
                const double part = out.parts[static_cast<std::size_t>(j) * voxels_ + i];
                explained += part * part;
                shared += design.sums[j] * part;
                base_shared += base_sums[j] * part;
            }
            const double y0 = out.origin[i];
            const double mean = (run.sum[i] - shared) / n;  // of d - q P
            out.shift[i] = mean;
            double squares = run.square[i] - explained - n * mean * mean;
            if (!even)
                squares += 2.0 * y0 * (run.sum[i] - shared) * (1.0 - level) +
                           y0 * y0 * (squares_left - n * level * level);
            if (how == Standardize::zscore_sample) {
                const bool nothing = squares <= 1e-13 * run.square[i];
                out.scale[i] = nothing ? 0.0 : 1.0 / std::sqrt(squares / (n - 1.0));
                continue;
            }
            double whole = mean + y0 * level;  // mean of what is left
            const double before = y0 + run.sum[i] / n;
            if (plan_->options().detrend || std::abs(whole) < 0.1 * std::abs(before)) whole += before;
            const double mean_of_all = whole;
            if (base_count > 0.0) {
                const double base = (run.base[i] - base_shared + y0 * base_left) / base_count;
                whole += base - mean;
                out.shift[i] = base;
            }
            const double largest = std::abs(y0) + std::sqrt(run.square[i]);  // at most
            const auto found = judged(whole, mean_of_all, std::sqrt(std::max(squares, 0.0) / (n - 1.0)),
                                      std::max(rounding_of(largest), std::numeric_limits<double>::epsilon()));
            odd.add(i, found);
            out.scale[i] = found == Baseline::zero ? 0.0 : 100.0 / std::abs(whole);
        }
        return out;
    }

private:
    struct Run {
        std::vector<double> parts;  // P: columns x voxels
        std::vector<double> origin, sum, square, base;
    };

    std::shared_ptr<const CleaningPlan> plan_;
    ScanInfo info_;
    std::size_t voxels_ = 0;
    std::vector<Run> runs_;
    NonFiniteCount odd_;
};

/// What the second reading needs to know, shared by copies of a source.
struct Cleaning {
    std::shared_ptr<const CleaningPlan> plan;
    std::vector<CleaningSums::Voxelwise> runs;
    std::vector<std::int64_t> kept;  // number of each volume that stays
};

/// Sink: puts a run into a file where the series of its voxels are at hand.
template <RealVoxel T>
class SeriesSink : public SinkState {
public:
    SeriesSink(SeriesFile<T>& file, std::int64_t volumes, bool finite)
        : file_(&file), volumes_(volumes), finite_(finite) {}

    void begin(const ScanInfo& info) {
        require_volumes(info.frames, volumes_);
        voxels_ = info.grid.size();
        odd_.restart();
    }
    template <RealVoxel S>
    void frame(std::int64_t index, std::span<const S> values) {
        const auto odd = [](S value) { return !std::isfinite(value); };
        odd_.add(index, std::count_if(values.begin(), values.end(), odd));
        if constexpr (std::is_same_v<S, T>) {
            file_->write_volume(index, values);
        } else {
            const std::vector<T> converted(values.begin(), values.end());
            file_->write_volume(index, std::span<const T>(converted));
        }
    }
    void warn(const WarningHandler& warning) const { warn_of_voxels(odd_, warning, finite_, voxels_); }

private:
    SeriesFile<T>* file_;
    std::int64_t volumes_, voxels_ = 0;
    bool finite_;  // whether what is not counts as 0
    NonFiniteCount odd_;
};

/// Cleans the series in a file, some voxels at a time. \returns  what the baselines of percent change are
template <RealVoxel T, class Matrix>
[[nodiscard]] OddBaselines clean_series(SeriesFile<T>& file, const CleanOptions& options,
                                        const Matrix& confounds) {
    const Eigen::Index volumes = confounds.rows();
    OddBaselines odd;
    std::size_t first = 0;  // voxel of the block
    for (std::int64_t block = 0; block < file.blocks(); ++block) {
        auto values = file.block(block);
        const auto width = static_cast<Eigen::Index>(file.width(block));
        Matrix series(volumes, width);
        for (Eigen::Index row = 0; row < volumes; ++row) {
            for (Eigen::Index k = 0; k < width; ++k) {
                series(row, k) = value_of(values[static_cast<std::size_t>(row * width + k)], options);
            }
        }
        const Matrix cleaned = clean_all(std::move(series), options, confounds, odd, first);
        first += static_cast<std::size_t>(width);
        values.resize(static_cast<std::size_t>(cleaned.size()));
        for (Eigen::Index row = 0; row < cleaned.rows(); ++row) {
            for (Eigen::Index k = 0; k < width; ++k) {
                values[static_cast<std::size_t>(row * width + k)] = static_cast<T>(cleaned(row, k));
            }
        }
        file.put(block, values);
    }
    return odd;
}

/// The volumes of a source, cleaned: as they are read again, or from a file where they lie cleaned already.
template <StagedSource Inner>
class CleanedRun : public SourceFilter<Inner> {
public:
    using typename SourceFilter<Inner>::value_type;
    using typename SourceFilter<Inner>::Workspace;
    using Series = SeriesFile<value_type>;

    CleanedRun(Inner inner, std::shared_ptr<const Cleaning> cleaning)
        : CleanedRun::SourceFilter(std::move(inner)), cleaning_(std::move(cleaning)) {}
    CleanedRun(Inner inner, std::shared_ptr<const Series> series)
        : CleanedRun::SourceFilter(std::move(inner)), series_(std::move(series)) {}

    [[nodiscard]] bool reads_ahead() const {
        return series_ != nullptr || CleanedRun::SourceFilter::reads_ahead();
    }
    void rewind() requires RewindableSource<Inner> {
        CleanedRun::SourceFilter::rewind();
        next_ = 0;
    }
    void pull(RawFrame& raw) {
        if (!series_) return CleanedRun::SourceFilter::pull(raw);
        raw.index = next_++;
        const auto bytes = this->grid().size() * static_cast<std::int64_t>(sizeof(value_type));
        if (raw.bytes.size() != bytes) raw.bytes = Buffer<std::byte>(bytes, Uninitialized{});
        series_->read_volume(raw.index, {reinterpret_cast<value_type*>(raw.bytes.data()),
                                         static_cast<std::size_t>(this->grid().size())});
    }

    [[nodiscard]] std::span<const value_type> convert(const RawFrame& raw, std::span<value_type> out,
                                                      Workspace& workspace) const {
        if (series_) {
            std::memcpy(out.data(), raw.bytes.data(), out.size_bytes());
            return out;
        }
        const auto volume = this->volume(raw, workspace);
        const auto frame = cleaning_->kept[static_cast<std::size_t>(raw.index)];
        const auto& place = cleaning_->plan->place(frame);
        const auto& design = cleaning_->plan->runs()[static_cast<std::size_t>(place.run)];
        const auto& run = cleaning_->runs[static_cast<std::size_t>(place.run)];
        const auto& options = cleaning_->plan->options();
        const double left = run.left[place.row];
        std::array<double, 512> part;
        for (std::size_t first = 0; first < volume.size(); first += part.size()) {
            const std::size_t count = std::min(part.size(), volume.size() - first);
            for (std::size_t i = 0; i < count; ++i) {
                const double y0 = run.origin[first + i];
                part[i] = (value_of(volume[first + i], options) - y0) + y0 * left;
            }
            for (Eigen::Index j = 0; j < design.basis.cols(); ++j) {
                const double q = design.basis(place.row, j);
                const double* p = run.parts.data() + static_cast<std::size_t>(j) * volume.size() + first;
                for (std::size_t i = 0; i < count; ++i) part[i] -= q * p[i];
            }
            for (std::size_t i = 0; i < count; ++i) {
                out[first + i] =
                    static_cast<value_type>((part[i] - run.shift[first + i]) * run.scale[first + i]);
            }
        }
        return out.first(volume.size());
    }

private:
    std::shared_ptr<const Cleaning> cleaning_;
    std::shared_ptr<const Series> series_;
    std::int64_t next_ = 0;  // of the volumes in the file
};

}  // namespace detail

/// Cleans every voxel of a run, or of several runs one after the other, that is read twice.
///
/// \param run      read once here: for what confounds and trends explain of each voxel, or for the Butterworth filter
/// \param again    the same, a source that volumes are taken from as the result is read, and that becomes part of it; or a
///                 run in memory, which is looked at and has to stay
/// \param options  as of `clean`: trends, confounds, filters, scale, volumes that stay, `.runs`
/// \returns        a source of the cleaned volumes, in the type of `again`: for `save`, `scan` and filters
/// \throws InvalidArgument as `clean`; FileError where the Butterworth filter finds no room on disk
///
/// `clean(apply_mask(run, mask), options)` of all voxels, to rounding: with the first value of each voxel subtracted, sums
/// of products with an orthonormal basis of what is taken out; a z score loses digits with the square of changes taken out over
/// changes left. A series of which less than 3e-7 of its changes is left becomes 0 as a z score. NaN and infinite values make their voxel NaN in their run. Memory: a double for every voxel
/// and column that is taken out, and five for every voxel; each run has its own.
///
/// The Butterworth filter goes over whole series, both ways. For it `run` is put into a file without a name, in `TMPDIR` or
/// else /tmp, as large as all its voxels are in the type of `again`; there `clean` takes as many voxels at a time as 16 MB
/// hold, and volumes come from there. Nothing is read from `again` then. Memory: about ten times those 16 MB.
template <FrameSource First, StagedSource Again>
[[nodiscard]] detail::CleanedRun<detail::Selected<Again>> clean_run(First&& run, Again again,
                                                                    const CleanOptions& options = {}) {
    const Eigen::MatrixXd confounds = options.confounds.value_or(
        Eigen::MatrixXd(static_cast<Eigen::Index>(again.frames()), Eigen::Index{0}));
    detail::require_clean(options, static_cast<Eigen::Index>(again.frames()));
    detail::warn_of_lost_runs(options);
    if (detail::filters(options) && options.filter == FrequencyFilter::butterworth) {
        using T = typename Again::value_type;
        auto series = std::make_shared<detail::SeriesFile<T>>(again.grid().size(), again.frames(),
                                                              std::int64_t{2} << 20);
        detail::SeriesSink<T> sink(*series, again.frames(), options.ensure_finite);
        scan(run, sink, ScanOptions{.warning = options.warning});
        auto quiet = options;
        quiet.warning = {};
        const auto odd = detail::clean_series(*series, quiet, confounds);
        odd.warn(options.warning, "clean_run", {}, "voxels", "0");
        std::vector<std::int64_t> kept;
        for (std::int64_t frame = 0; frame < again.frames(); ++frame) {
            if (!options.sample_mask || (*options.sample_mask)[frame]) kept.push_back(frame);
        }
        return {select(std::move(again), kept), std::move(series)};
    }
    const auto plan = std::make_shared<const detail::CleaningPlan>(options, again.frames(), confounds);
    detail::CleaningSums sums(plan);
    scan(run, sums, ScanOptions{.warning = options.warning});
    auto cleaning = std::make_shared<detail::Cleaning>();
    cleaning->plan = plan;
    detail::OddBaselines odd;
    for (std::size_t r = 0; r < plan->runs().size(); ++r) {
        cleaning->runs.push_back(sums.finished(r, odd));
    }
    odd.warn(options.warning, "clean_run", {}, "voxels", "0");
    for (std::int64_t frame = 0; frame < plan->volumes(); ++frame) {
        if (plan->place(frame).run >= 0) cleaning->kept.push_back(frame);
    }
    auto kept = cleaning->kept;
    return {select(std::move(again), kept), std::move(cleaning)};
}
template <FrameSource First, class Run>
requires AnyRun<std::remove_cvref_t<Run>>
[[nodiscard]] auto clean_run(First&& run, Run&& again, const CleanOptions& options = {}) {
    using Plain = std::remove_cvref_t<Run>;
    static_assert(std::is_lvalue_reference_v<Run> || !std::same_as<Plain, Volume4D<VoxelOf<Plain>>>,
                  "roi::clean_run: keep the run in a variable, the result looks at it");
    return clean_run(std::forward<First>(run), staged(again), options);
}

/// What is given once, or is no run.
template <class Other>
[[nodiscard]] Volume4D<double> clean_run(const Other&, const CleanOptions& = {}) {
    static_assert(detail::never<Other>,
                  "roi: clean_run reads a run twice: write clean_run(open(path), open(path)), or "
                  "clean_run(run, run) of one in memory");
    return {Shape(), 0};
}
template <class First, class Other>
requires(!std::same_as<Other, CleanOptions> &&
         !(FrameSource<First> && (StagedSource<Other> || AnyRun<Other>)))  //
    [[nodiscard]] Volume4D<double> clean_run(First&& run, const Other&, const CleanOptions& options = {}) {
    return clean_run(run, options);
}

}  // namespace roi
