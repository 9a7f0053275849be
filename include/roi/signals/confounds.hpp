// What cleaning takes out of signals: columns of tables, volumes to leave out, and what the noisiest voxels share.
#pragma once

#include <roi/core/concepts.hpp>
#include <roi/core/detail/finite.hpp>
#include <roi/core/error.hpp>
#include <roi/core/text.hpp>
#include <roi/image/column.hpp>
#include <roi/image/grid.hpp>
#include <roi/image/selection.hpp>
#include <roi/image/volume.hpp>
#include <roi/regions/region_statistic.hpp>
#include <roi/signals/detail/matrix_operand.hpp>
#include <roi/signals/detail/trend.hpp>
#include <roi/stream/keep_voxels.hpp>
#include <roi/stream/non_finite.hpp>
#include <roi/stream/scan.hpp>
#include <roi/stream/source.hpp>
#include <roi/table/table.hpp>

#include <Eigen/Core>
#include <Eigen/Eigenvalues>
#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

namespace roi {

/// Settings of `confounds_of`.
struct ConfoundsOptions {
    std::vector<std::string> columns{};  ///< which, in this order; all without a word
    std::optional<Column> runs{};        ///< the run of each volume, where several were joined
    WarningHandler warning{};            ///< told of values that were filled
};

namespace detail {

/// Puts the first finite value of each run in place of those before it.
/// \returns  whether there were any
inline bool fill_first_rows(std::vector<double>& values, const std::optional<Column>& runs) {
    bool filled = false;
    for (const auto& run : runs ? runs->unique() : std::vector<std::string>{""}) {
        std::vector<std::size_t> before;
        for (std::size_t row = 0; row < values.size(); ++row) {
            if (runs && (*runs)[static_cast<std::int64_t>(row)] != run) continue;
            if (!std::isfinite(values[row])) {
                before.push_back(row);
                continue;
            }
            for (const auto missing : before) values[missing] = values[row];
            filled |= !before.empty();
            break;
        }
    }
    return filled;
}

}  // namespace detail

/// Confounds of a table, a column each.
///
/// \returns  volumes x confounds
/// \throws InvalidArgument when there is no such column, a field is no number, or `.runs` has another number of rows
///
/// fMRIPrep writes `n/a` in the first row of derivatives: there the first number of the column is taken, as nilearn's
/// `load_confounds` does, of each run its own. `n/a` further down is an error.
[[nodiscard]] inline Eigen::MatrixXd confounds_of(const Table& table, const ConfoundsOptions& options = {}) {
    const auto names = options.columns.empty() ? table.columns() : options.columns;
    Eigen::MatrixXd out(static_cast<Eigen::Index>(table.rows()), static_cast<Eigen::Index>(names.size()));
    if (options.runs && options.runs->size() != table.rows()) {
        throw InvalidArgument(text("confounds: the labels of `runs` are for ", options.runs->size(),
                                   " volumes, the table has ", table.rows()));
    }
    std::vector<std::string> filled;
    for (std::size_t k = 0; k < names.size(); ++k) {
        auto values = numbers(table[names[k]]);
        // As the derivatives of a second run begin.
        const bool first_missing = !options.runs && !values.empty() && std::isnan(values.front());
        constexpr std::string_view joined =
            "; where several runs were joined, `runs` says which row is of which";
        if (detail::fill_first_rows(values, options.runs)) filled.push_back(names[k]);
        for (std::size_t row = 0; row < values.size(); ++row) {
            if (std::isfinite(values[row])) continue;
            throw InvalidArgument(text("confounds: column \"", names[k], "\", row ", row + 1,
                                       ": expected a number, found ",
                                       std::isnan(values[row]) ? "n/a" : "infinity",
                                       first_missing && std::isnan(values[row]) ? joined : ""));
        }
        std::copy(values.begin(), values.end(), out.col(static_cast<Eigen::Index>(k)).begin());
    }
    if (!filled.empty() && options.warning) {
        options.warning(text("confounds: n/a in the first rows", options.runs ? " of a run" : "",
                             " is taken from the first number below, in ", listed(filled)));
    }
    return out;
}

/// The volumes that a list keeps: ascending numbers of volumes from 0, or one 0 or 1 a volume.
///
/// \throws InvalidArgument when a number is no volume or not above the one before it, the list has nothing but 0 and 1 and
///         cannot be ascending numbers but not as long as there are volumes, or none is kept
///
/// What could be either is one 0 or 1 a volume. nilearn takes numbers in any order, and twice.
[[nodiscard]] inline Selection sample_mask(const std::vector<double>& values, std::int64_t volumes) {
    std::vector<bool> chosen(static_cast<std::size_t>(std::max<std::int64_t>(volumes, 0)));
    const bool binary =
        std::all_of(values.begin(), values.end(), [](double value) { return value == 0.0 || value == 1.0; });
    const bool flags = binary && values.size() == chosen.size();
    for (std::size_t i = 0; i < values.size(); ++i) {
        const double value = values[i];
        if (flags) {
            chosen[i] = value != 0.0;
            continue;
        }
        if (!(value >= 0.0 && value < static_cast<double>(volumes) && value == std::floor(value))) {
            throw InvalidArgument(text("sample mask: expected numbers of volumes from 0 to ", volumes - 1,
                                       ", or one 0 or 1 a volume, found ", value));
        }
        if (i > 0 && value <= values[i - 1]) {
            if (binary) {
                throw InvalidArgument(text("sample mask: expected one 0 or 1 for each of ", volumes,
                                           " volumes, found ", values.size()));
            }
            throw InvalidArgument(
                text("sample mask: expected ascending numbers of volumes, each once, found ", value,
                     " after ", values[i - 1]));
        }
        chosen[static_cast<std::size_t>(value)] = true;
    }
    Selection out(std::move(chosen));
    require(out.count() > 0, "sample mask: no volume is kept");
    return out;
}

/// Settings of `high_variance_confounds`.
struct HighVarianceOptions {
    std::int64_t count = 5;   ///< of confounds
    double percentile = 2.0;  ///< part of the series that is looked at, those of most variance
    bool detrend = true;      ///< subtract mean and trend of each first
    Progress
        progress{};  ///< of a run, as what follows: told the number of volumes done, in each of two passes
    WarningHandler warning{};  ///< told of values that are NaN or infinite
    StopRequest stop{};        ///< asked between blocks of volumes whether to stop
    int threads = 0;           ///< number of threads for this call; 0 is `threads()`
};

namespace detail {

inline void require_high_variance(const HighVarianceOptions& options) {
    require(options.count > 0, "high_variance_confounds: expected one confound or more");
    require(options.percentile > 0.0 && options.percentile <= 100.0,
            "high_variance_confounds: expected a percentile above 0 and up to 100");
}

inline void require_series(Eigen::Index found, Eigen::Index volumes, const HighVarianceOptions& options) {
    if (found >= options.count && options.count <= volumes) return;
    throw InvalidArgument(text("high_variance_confounds: ", options.count, " confounds need as many series, ",
                               static_cast<std::int64_t>(found),
                               " are left; ask for fewer, or for a larger percentile"));
}

/// The first left singular vectors, each with its largest entry positive.
template <class Matrix>
[[nodiscard]] Matrix strongest(const Matrix& series, std::int64_t count) {
    const Eigen::Index volumes = series.rows();
    const Eigen::SelfAdjointEigenSolver<Matrix> solver(series * series.transpose());
    Matrix out(volumes, static_cast<Eigen::Index>(count));
    for (Eigen::Index k = 0; k < out.cols(); ++k) {
        out.col(k) = solver.eigenvectors().col(volumes - 1 - k);
        Eigen::Index largest = 0;
        out.col(k).cwiseAbs().maxCoeff(&largest);
        if (out(largest, k) < 0.0) out.col(k) = -out.col(k);
    }
    return out;
}

/// Sink: the mean square of every voxel over time, without mean and trend if wanted.
class TrendSums {
public:
    explicit TrendSums(bool detrend) : detrend_(detrend) {}

    void begin(const ScanInfo& info) {
        grid_ = info.grid;
        frames_ = info.frames;
        const auto voxels = static_cast<std::size_t>(info.grid.size());
        origin_.assign(voxels, 0.0);
        sum_.assign(voxels, 0.0);
        square_.assign(voxels, 0.0);
        along_.assign(voxels, 0.0);
        odd_.restart();
        const double n = static_cast<double>(frames_);
        scale_ = frames_ > 1 ? 1.0 / std::sqrt(n * (n * n - 1.0) / 12.0) : 0.0;
    }

    template <NumberVoxel T>
    void update(const FrameBlock<T>& block, VoxelRange range) {
        for (std::size_t k = 0; k < block.frames.size(); ++k) {
            const auto frame = block.first + static_cast<std::int64_t>(k);
            const double ramp =
                (static_cast<double>(frame) - 0.5 * static_cast<double>(frames_ - 1)) * scale_;
            for (std::int64_t i = range.first; i < range.last; ++i) {
                const auto at = static_cast<std::size_t>(i);
                const double value = finite_or_zero(block.frames[k][i]);
                // Relative to the first value, so that nothing is lost beside a large mean.
                if (frame == 0 && detrend_) origin_[at] = value;
                const double d = value - origin_[at];
                sum_[at] += d;
                square_[at] += d * d;
                along_[at] += ramp * d;
            }
        }
        if constexpr (RealVoxel<T>) odd_.look_at(block, range);
    }

    /// Says how many values are NaN or infinite.
    void warn(const WarningHandler& warning) const {
        odd_.warn(warning, "high_variance_confounds", "they count as 0", grid_.size());
    }

    [[nodiscard]] Volume<double> variances() const {
        Volume<double> out(grid_);
        const double n = static_cast<double>(std::max<std::int64_t>(frames_, 1));
        for (std::int64_t i = 0; i < out.size(); ++i) {
            const auto at = static_cast<std::size_t>(i);
            const double trend = detrend_ ? sum_[at] * sum_[at] / n + along_[at] * along_[at] : 0.0;
            out[i] = std::max(0.0, square_[at] - trend) / n;
        }
        return out;
    }

private:
    bool detrend_;
    Grid grid_;
    std::int64_t frames_ = 0;
    double scale_ = 0.0;
    std::vector<double> origin_, sum_, square_, along_;
    NonFiniteCount odd_;
};

}  // namespace detail

/// What the series of most variance share: CompCor's confounds.
///
/// \param matrix  volumes x series
/// \returns       volumes x count, of unit length, the strongest first
/// \throws InvalidArgument when fewer series than `count` are left, or options make no sense
///
/// nilearn's `high_variance_confounds`, but with a fixed sign, the largest entry is positive, and an error where it returns
/// arbitrary columns.
template <class Expression>
[[nodiscard]] Eigen::MatrixXd high_variance_confounds(const Eigen::MatrixBase<Expression>& matrix,
                                                      const HighVarianceOptions& options = {}) {
    Eigen::MatrixXd series = matrix;
    detail::require_high_variance(options);
    require(series.allFinite(), "high_variance_confounds: expected finite values, found NaN or infinity");
    if (options.detrend) detail::detrend(series);
    const auto volumes = static_cast<double>(series.rows());
    std::vector<double> variances;
    for (Eigen::Index k = 0; k < series.cols(); ++k)
        variances.push_back(series.col(k).squaredNorm() / volumes);
    std::vector<Eigen::Index> taken;
    if (!variances.empty()) {
        const double least = percentile_of(100.0 - options.percentile)(variances);
        for (std::size_t k = 0; k < variances.size(); ++k) {
            if (variances[k] > least) taken.push_back(static_cast<Eigen::Index>(k));
        }
    }
    detail::require_series(static_cast<Eigen::Index>(taken.size()), series.rows(), options);
    Eigen::MatrixXd used(series.rows(), static_cast<Eigen::Index>(taken.size()));
    for (std::size_t k = 0; k < taken.size(); ++k)
        used.col(static_cast<Eigen::Index>(k)) = series.col(taken[k]);
    return detail::strongest(used, options.count);
}

/// What the voxels of most variance share, of a run that is read twice.
///
/// \param run, again  the same run, once for the variances and once for the voxels; a run in memory may be both
/// \throws InvalidArgument as above
///
/// NaN and infinite values count as 0. Memory: three doubles a voxel, then the time courses of the chosen voxels.
template <FrameSource Source, FrameSource Again>
[[nodiscard]] Eigen::MatrixXd high_variance_confounds(Source&& run, Again&& again,
                                                      const HighVarianceOptions& options = {}) {
    detail::require_high_variance(options);
    detail::TrendSums sums(options.detrend);
    scan(run, sums, detail::scan_options(options));
    const auto variances = sums.variances();
    const double least = percentile_of(100.0 - options.percentile)(variances.values());
    Mask chosen(variances.grid());
    for (std::int64_t i = 0; i < chosen.size(); ++i) chosen[i] = variances[i] > least;
    using T = typename std::remove_cvref_t<decltype(staged(again))>::value_type;
    KeepVoxels<T> keep(chosen);
    scan(again, keep, detail::scan_options(options));
    const auto& kept = keep.result();
    const auto voxels = static_cast<Eigen::Index>(kept.voxels().size());
    Eigen::MatrixXd series(static_cast<Eigen::Index>(kept.frames()), voxels);
    for (std::int64_t t = 0; t < kept.frames(); ++t) {
        const auto values = kept.frame(t);
        for (Eigen::Index k = 0; k < voxels; ++k) {
            series(static_cast<Eigen::Index>(t), k) =
                detail::finite_or_zero(values[static_cast<std::size_t>(k)]);
        }
    }
    detail::require_series(voxels, series.rows(), options);
    if (options.detrend) detail::detrend(series);
    return detail::strongest(series, options.count);
}

/// What is given once, or is no run.
template <class Other>
requires(!detail::MatrixOperand<Other>)  //
    [[nodiscard]] Eigen::MatrixXd high_variance_confounds(const Other&, const HighVarianceOptions& = {}) {
    static_assert(detail::never<Other>,
                  "roi: high_variance_confounds reads a run twice: write high_variance_confounds(open(path), "
                  "open(path)), or high_variance_confounds(run, run) of one in memory");
    return {};
}

}  // namespace roi
