// Cleans signals: trends, confounds, frequencies, censored volumes; in the order and with the rules of nilearn.
#pragma once

#include <roi/core/concepts.hpp>
#include <roi/core/error.hpp>
#include <roi/core/parallel.hpp>
#include <roi/core/text.hpp>
#include <roi/core/units.hpp>
#include <roi/image/column.hpp>
#include <roi/image/selection.hpp>
#include <roi/signals/detail/filters.hpp>
#include <roi/signals/detail/matrix_operand.hpp>
#include <roi/signals/detail/percent_change.hpp>
#include <roi/signals/detail/trend.hpp>
#include <roi/signals/signals.hpp>
#include <roi/table/data_table.hpp>

#include <Eigen/Core>
#include <Eigen/QR>
#include <algorithm>
#include <array>
#include <cmath>
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

namespace roi {

/// How series are scaled at the end.
enum class Standardize {
    none,
    zscore_sample,  ///< mean 0, standard deviation of the sample (n - 1) 1; a constant series is 0
    psc,            ///< 100 (x - m) / |m|: percent change from the mean m, of all volumes or of `.baseline`
};

/// Which filter `low_pass` and `high_pass` stand for.
enum class FrequencyFilter {
    butterworth,  ///< of order 5, forwards and backwards
    cosine,       ///< cosines slower than `high_pass` are confounds; there is no low pass
};

/// Settings of `clean`.
struct CleanOptions {
    bool detrend = false;  ///< subtract mean and linear trend, of signals and confounds
    Standardize standardize = Standardize::none;
    std::optional<Selection> baseline{};  ///< volumes that percent change counts from; all without a word
    std::optional<Eigen::MatrixXd> confounds{};  ///< volumes x confounds, see `confounds_of`
    bool standardize_confounds = true;           ///< else each is divided by its largest size
    FrequencyFilter filter = FrequencyFilter::butterworth;
    std::optional<double> low_pass{};        ///< Hz; faster changes go
    std::optional<double> high_pass{};       ///< Hz; slower changes go
    std::optional<Seconds> t_r{};            ///< between two volumes; needed for a filter
    std::optional<Selection> sample_mask{};  ///< volumes that are kept; the others have no row in the result
    bool extrapolate =
        false;  ///< fill censored volumes at the ends for the Butterworth filter, too; else they are cut
    std::optional<Column>
        runs{};  ///< the run of each volume: each is cleaned for itself, rows keep their order
    bool ensure_finite =
        false;  ///< NaN and infinite values of signals are 0; else they spoil their own column
    WarningHandler
        warning{};  ///< told of values that are not finite, series that could not be scaled or whose percent change means
                    ///< nothing, what a filter ignores
};

namespace detail {

inline void warn(const CleanOptions& options, std::string_view line) {
    if (options.warning) options.warning(line);
}

/// What is no more than the rounding of values of this size.
[[nodiscard]] inline double rounding_of(double size) {
    return 8.0 * std::numeric_limits<double>::epsilon() * size;
}

/// Mean 0 and standard deviation 1 of every column; where it is not above `noise`, values become 0.
template <class Matrix>
void zscore(Matrix& values, const Eigen::VectorXd& noise) {
    const auto n = static_cast<double>(values.rows());
    for (Eigen::Index k = 0; k < values.cols(); ++k) {
        auto column = values.col(k);
        column.array() -= column.mean();
        column.array() -= column.mean();  // what rounding left of a mean far above the changes
        const double deviation = std::sqrt(column.squaredNorm() / (n - 1.0));
        if (deviation <= std::max(noise[k], std::numeric_limits<double>::epsilon())) {
            column.setZero();
        } else {
            column /= deviation;
        }
    }
}

/// Orthonormal columns that span the confounds, scaled as wanted; none where nothing is left of them.
template <class Matrix>
[[nodiscard]] Matrix confound_basis(Matrix confounds, const CleanOptions& options) {
    if (confounds.cols() == 0 || confounds.rows() == 0) return {confounds.rows(), 0};
    const Eigen::VectorXd sizes = confounds.cwiseAbs().colwise().maxCoeff();
    if (options.standardize_confounds) {
        if (confounds.rows() > 1) zscore(confounds, sizes.unaryExpr(&rounding_of));
    } else {
        for (Eigen::Index k = 0; k < confounds.cols(); ++k) {
            if (sizes[k] > 0.0) confounds.col(k) /= sizes[k];
        }
    }
    const Eigen::ColPivHouseholderQR<Matrix> qr(confounds);
    const auto diagonal = qr.matrixQR().diagonal();
    Eigen::Index rank = 0;
    while (rank < diagonal.size() &&
           std::abs(diagonal[rank]) > 100.0 * std::numeric_limits<double>::epsilon()) {
        ++rank;
    }
    if (rank == 0) return {confounds.rows(), 0};
    // The slope is one more that is taken out; the mean is what the last of the rows stands for.
    if (rank + (options.detrend ? 1 : 0) >= confounds.rows() - 1) {
        throw InvalidArgument(text("clean: ", rank, " independent confounds",
                                   options.detrend ? " beside a trend" : "", " leave nothing of ",
                                   confounds.rows(), " volumes; give fewer `confounds`"));
    }
    return qr.householderQ() * Eigen::MatrixXd::Identity(confounds.rows(), rank);
}

/// Says how many values of the volumes that stay are not finite.
template <class Matrix>
void warn_of_non_finite(const Matrix& signals, const CleanOptions& options) {
    if (!options.warning || signals.allFinite()) return;
    std::int64_t values = 0, spoilt = 0;
    for (Eigen::Index k = 0; k < signals.cols(); ++k) {
        const auto before = values;
        for (Eigen::Index row = 0; row < signals.rows(); ++row) {
            if (options.sample_mask && !(*options.sample_mask)[static_cast<std::int64_t>(row)]) continue;
            values += !std::isfinite(signals(row, k));
        }
        spoilt += values > before;
    }
    if (values == 0) return;
    options.warning(
        text("clean: ", values, values == 1 ? " value of " : " values of ", spoilt,
             spoilt == 1 ? " signal" : " signals", values == 1 ? " is" : " are", " n/a or infinite: ",
             options.ensure_finite ? "they count as 0"
                                   : "what is computed from a whole signal becomes n/a with them"));
}

/// Deviation of every column from its mean.
template <class Matrix>
[[nodiscard]] Eigen::VectorXd deviations(const Matrix& values) {
    Eigen::VectorXd out = Eigen::VectorXd::Zero(values.cols());
    if (values.rows() < 2) return out;
    for (Eigen::Index k = 0; k < values.cols(); ++k) {
        out[k] = std::sqrt((values.col(k).array() - values.col(k).mean()).square().sum() /
                           static_cast<double>(values.rows() - 1));
    }
    return out;
}

/// The part of a series that confounds may leave by nothing but their own rounding: their digits are those of their size,
/// what counts of them are their changes.
///
/// \param sizes  of the confounds as they came
template <class Matrix>
[[nodiscard]] double part_that_is_noise(const Matrix& confounds, const Eigen::VectorXd& sizes) {
    double out = 0.0;
    const Eigen::VectorXd changes = deviations(confounds);
    for (Eigen::Index k = 0; k < changes.size(); ++k) {
        if (changes[k] > rounding_of(sizes[k])) out = std::max(out, 4.0 * rounding_of(sizes[k]) / changes[k]);
    }
    return std::min(out, 3e-7);
}

template <class Matrix>
[[nodiscard]] Eigen::VectorXd sizes_of(const Matrix& values) {
    if (values.rows() == 0) return Eigen::VectorXd::Zero(values.cols());
    return values.cwiseAbs().colwise().maxCoeff().transpose();
}

/// Subtracts what a combination of confounds explains.
template <class Matrix>
void remove_confounds(Matrix& values, Matrix confounds, const CleanOptions& options) {
    if (values.rows() == 0) return;
    const auto basis = confound_basis(std::move(confounds), options);
    if (basis.cols() == 0) return;
    const Matrix parts = basis.transpose() * values;
    values.noalias() -= basis * parts;
}

[[nodiscard]] inline bool filters(const CleanOptions& options) {
    return options.low_pass.has_value() || options.high_pass.has_value();
}

inline void require_clean(const CleanOptions& options, Eigen::Index rows) {
    const auto require_rows = [&](std::int64_t found, const char* what) {
        if (found == rows) return;
        throw InvalidArgument(text("clean: ", what, " are for ", found, " volumes, the signals have ",
                                   static_cast<std::int64_t>(rows)));
    };
    if (options.confounds) {
        require_rows(options.confounds->rows(), "`confounds`");
        require(options.confounds->allFinite(),
                "clean: `confounds`: one is NaN or infinite; `confounds_of` fills what is missing in the "
                "first rows");
    }
    if (options.sample_mask) {
        require_rows(options.sample_mask->size(), "the values of `sample_mask`");
        require(options.sample_mask->count() > 0, "clean: `sample_mask` keeps no volume");
    }
    if (options.runs) require_rows(options.runs->size(), "the labels of `runs`");
    if (options.baseline) {
        require_rows(options.baseline->size(), "the values of `baseline`");
        require(options.standardize == Standardize::psc,
                "clean: a baseline is for percent change: standardize psc");
    }
    if (!filters(options)) return;
    if (!options.t_r || !(options.t_r->value > 0.0) || !std::isfinite(options.t_r->value)) {
        throw InvalidArgument("clean: a filter needs the seconds between two volumes: `t_r`");
    }
    const double nyquist = 0.5 / options.t_r->value;
    const bool cosine = options.filter == FrequencyFilter::cosine;
    for (const auto& [frequency, name] :
         {std::pair{options.low_pass, "low_pass"}, std::pair{options.high_pass, "high_pass"}}) {
        if (!frequency || (*frequency > 0.0 && (*frequency < nyquist || cosine))) continue;
        throw InvalidArgument(text("clean: `", name, "`: expected a frequency above 0 and below ", nyquist,
                                   " Hz, half the rate of volumes, found ", *frequency));
    }
    if (options.low_pass && options.high_pass && !(*options.high_pass < *options.low_pass)) {
        throw InvalidArgument(text("clean: `high_pass`, ", *options.high_pass,
                                   " Hz, must be below `low_pass`, ", *options.low_pass, " Hz"));
    }
}

/// Says which runs the sample mask leaves nothing of: its numbers count over all volumes, and not from 0 in each run.
inline void warn_of_lost_runs(const CleanOptions& options) {
    if (!options.warning || !options.runs || !options.sample_mask) return;
    auto lost = options.runs->unique();
    for (std::int64_t row = 0; row < options.runs->size(); ++row) {
        if ((*options.sample_mask)[row]) std::erase(lost, (*options.runs)[row]);
    }
    if (lost.empty()) return;
    options.warning(text("clean: no volume of ", lost.size() == 1 ? "run " : "runs ", listed(lost, 10),
                         " is kept: `sample_mask` is for the volumes of all runs together"));
}

/// \param chosen  is each volume that is left of a run one of the baseline?
inline void require_baseline(const std::vector<bool>& chosen, const std::string& run,
                             const CleanOptions& options) {
    if (!options.baseline || std::find(chosen.begin(), chosen.end(), true) != chosen.end()) return;
    throw InvalidArgument(text("clean: `baseline`: no volume that is left", options.runs ? " of run \"" : "",
                               run, options.runs ? "\"" : "", " is one of it"));
}

/// Is a column of one correlated with one of the other beyond 0.9?
template <class Matrix>
[[nodiscard]] bool much_alike(Matrix a, Matrix b) {
    const auto normalise = [](Matrix& values) {
        for (Eigen::Index k = 0; k < values.cols(); ++k) {
            values.col(k).array() -= values.col(k).mean();
            const double norm = values.col(k).norm();
            if (norm > 0.0) values.col(k) /= norm;
        }
    };
    normalise(a);
    normalise(b);
    return a.size() > 0 && b.size() > 0 && (a.transpose() * b).maxCoeff() > 0.9;
}

template <class Matrix>
[[nodiscard]] Matrix rows_of(const Matrix& values, const std::vector<Eigen::Index>& rows) {
    Matrix out(static_cast<Eigen::Index>(rows.size()), values.cols());
    if (out.cols() == 0) return out;  // Eigen would step from a null pointer
    for (std::size_t i = 0; i < rows.size(); ++i) out.row(static_cast<Eigen::Index>(i)) = values.row(rows[i]);
    return out;
}

/// The confounds of a run with the slow cosines that the cosine filter takes out, where it is wanted.
template <class Matrix>
[[nodiscard]] Matrix with_drifts(Matrix confounds, const CleanOptions& options) {
    if (!filters(options) || options.filter != FrequencyFilter::cosine) return confounds;
    const Eigen::Index volumes = confounds.rows();
    if (options.low_pass) warn(options, "clean: the cosine filter has no low pass, `low_pass` is ignored");
    const auto drifts = options.high_pass ? cosine_drifts(volumes, *options.high_pass, options.t_r->value)
                                          : Matrix(volumes, 0);
    if (options.high_pass && drifts.cols() == 0) {
        warn(options, "clean: no cosine is slower than `high_pass` in so few volumes, nothing is filtered");
        return confounds;
    }
    if (much_alike(confounds, drifts)) {
        warn(options, "clean: a confound is a slow cosine already, none is added");
        return confounds;
    }
    Matrix both(volumes, confounds.cols() + drifts.cols());
    both << confounds, drifts;
    return both;
}

/// One run.
///
/// \param kept      its volumes that stay, ascending
/// \param baseline  rows of the result that percent change counts from
/// \param odd       is told what the baselines of percent change are, of signals from `first_signal`
template <class Matrix>
[[nodiscard]] Matrix cleaned_run(Matrix values, Matrix confounds, const std::vector<Eigen::Index>& kept,
                                 const std::vector<Eigen::Index>& baseline, const CleanOptions& options,
                                 OddBaselines& odd, std::size_t first_signal) {
    const bool butterworth = filters(options) && options.filter == FrequencyFilter::butterworth;
    const Eigen::Index volumes = values.rows();
    confounds = with_drifts(std::move(confounds), options);
    std::vector<Eigen::Index> last_cut = kept;  // rows that are left in the end, as they are now
    if (static_cast<Eigen::Index>(kept.size()) < volumes) {
        if (butterworth) {
            fill_by_splines(values, kept);
            fill_by_splines(confounds, kept);
            if (!options.extrapolate) {
                const Eigen::Index first = kept.front(), count = kept.back() - first + 1;
                values = Matrix(values.middleRows(first, count));
                if (confounds.cols() > 0) {
                    confounds = Matrix(confounds.middleRows(first, count));
                } else {
                    confounds.resize(count, 0);
                }
                for (auto& row : last_cut) row -= first;
            }
        } else {
            values = rows_of(values, kept);
            confounds = rows_of(confounds, kept);
        }
    }
    const Eigen::RowVectorXd means =
        values.rows() > 0 ? Eigen::RowVectorXd(values.colwise().mean()) : Eigen::RowVectorXd(values.cols());
    Eigen::VectorXd noise = sizes_of(values).unaryExpr(&rounding_of);
    const Eigen::VectorXd sizes_of_confounds = sizes_of(confounds);
    if (options.detrend) {
        if (values.rows() == 1) warn(options, "clean: one volume has no trend, it stays as it is");
        detrend(values);
        detrend(confounds);
    }
    if (butterworth) {
        const Butterworth filter(options.low_pass, options.high_pass, 1.0 / options.t_r->value);
        if (values.rows() <= filter.padding()) {
            throw InvalidArgument(text("clean: the Butterworth filter needs more than ", filter.padding(),
                                       " volumes, found ", static_cast<std::int64_t>(values.rows())));
        }
        const auto apply = [&](Matrix& matrix) {
            const auto size = static_cast<std::size_t>(matrix.rows());
            const auto series = [&](std::int64_t column) { return matrix.data() + column * matrix.rows(); };
            parallel_for(matrix.cols(), 8, [&](std::int64_t first, std::int64_t last) {
                for (; first + 4 <= last; first += 4) {
                    filter.apply(std::array<double*, 4>{series(first), series(first + 1), series(first + 2),
                                                        series(first + 3)},
                                 size);
                }
                for (; first < last; ++first) filter.apply(std::array<double*, 1>{series(first)}, size);
            });
        };
        apply(values);
        apply(confounds);
        if (static_cast<Eigen::Index>(last_cut.size()) < values.rows()) {
            values = rows_of(values, last_cut);
            confounds = rows_of(confounds, last_cut);
        }
    }
    if (confounds.cols() > 0) noise += part_that_is_noise(confounds, sizes_of_confounds) * deviations(values);
    remove_confounds(values, std::move(confounds), options);
    if (options.standardize == Standardize::none) return values;
    if (values.rows() == 1) {
        warn(options, "clean: one volume cannot be standardised, it stays as it is");
        return values;
    }
    if (options.standardize == Standardize::zscore_sample) {
        zscore(values, noise);
        return values;
    }
    const bool high_pass = butterworth && options.high_pass;
    const Eigen::VectorXd changes = deviations(values);
    for (Eigen::Index k = 0; k < values.cols(); ++k) {
        auto column = values.col(k);
        double mean = column.mean();
        // The mean that was taken away on the way, by a trend, a filter or confounds, is what changes are a part of. nilearn adds
        // to it what they leave, which is nothing but where the mean itself is small.
        if (options.detrend || std::abs(mean) < 0.1 * std::abs(means[k])) {
            column.array() += means[k];
            mean = column.mean();
        } else if (high_pass) {
            column.array() += means[k] - mean;
            mean = means[k];
        }
        const double whole = mean;
        if (options.baseline) {
            double sum = 0.0;
            for (const auto row : baseline) sum += column[row];
            mean = sum / static_cast<double>(baseline.size());
        }
        const auto found =
            judged(mean, whole, changes[k], std::max(noise[k], std::numeric_limits<double>::epsilon()));
        odd.add(first_signal + static_cast<std::size_t>(k), found);
        if (found == Baseline::zero) {
            column.setZero();
        } else {
            column = (column.array() - mean) * (100.0 / std::abs(mean));
        }
    }
    return values;
}

/// All runs of signals, as `clean` says.
/// \param odd  as of `cleaned_run`
template <class Matrix>
[[nodiscard]] Matrix clean_all(Matrix signals, const CleanOptions& options, const Matrix& confounds,
                               OddBaselines& odd, std::size_t first_signal = 0) {
    const auto keeps = [&](Eigen::Index row) {
        return !options.sample_mask || (*options.sample_mask)[static_cast<std::int64_t>(row)];
    };
    const auto run_names = options.runs ? options.runs->unique() : std::vector<std::string>{""};
    std::vector<Eigen::Index> places(static_cast<std::size_t>(signals.rows()), -1);  // rows in the result
    Eigen::Index total = 0;
    for (Eigen::Index row = 0; row < signals.rows(); ++row) {
        if (keeps(row)) places[static_cast<std::size_t>(row)] = total++;
    }
    Matrix out(total, signals.cols());
    for (const auto& name : run_names) {
        std::vector<Eigen::Index> rows, kept, to, baseline;
        for (Eigen::Index row = 0; row < signals.rows(); ++row) {
            if (options.runs && (*options.runs)[static_cast<std::int64_t>(row)] != name) continue;
            if (keeps(row)) {
                if (options.baseline && (*options.baseline)[static_cast<std::int64_t>(row)]) {
                    baseline.push_back(static_cast<Eigen::Index>(kept.size()));
                }
                kept.push_back(static_cast<Eigen::Index>(rows.size()));
                to.push_back(places[static_cast<std::size_t>(row)]);
            }
            rows.push_back(row);
        }
        if (kept.empty()) continue;
        require_baseline(std::vector<bool>(baseline.size(), true), name, options);
        const auto cleaned = cleaned_run(rows_of(signals, rows), rows_of(confounds, rows), kept, baseline,
                                         options, odd, first_signal);
        for (std::size_t i = 0; i < to.size(); ++i)
            out.row(to[i]) = cleaned.row(static_cast<Eigen::Index>(i));
    }
    return out;
}

/// `clean` of signals with names, for its messages.
template <class Matrix>
[[nodiscard]] Matrix cleaned(Matrix signals, const CleanOptions& options,
                             const std::vector<std::string>& names) {
    require_clean(options, signals.rows());
    warn_of_lost_runs(options);
    warn_of_non_finite(signals, options);
    if (options.ensure_finite) {
        signals = signals.unaryExpr([](double value) { return std::isfinite(value) ? value : 0.0; });
    }
    const Matrix confounds = options.confounds ? *options.confounds : Matrix(signals.rows(), 0);
    OddBaselines odd;
    Matrix out = clean_all(std::move(signals), options, confounds, odd);
    odd.warn(options.warning, "clean", names, "signals", "0");
    return out;
}

}  // namespace detail

/// Cleans signals.
///
/// \param matrix   volumes x signals, a matrix of Eigen's or an expression; a template, as are those below, so that only
///                 who cleans signals has the solvers compiled
/// \param options  what to do; nothing unless told
/// \returns        volumes x signals, without the volumes that `.sample_mask` leaves out
/// \throws InvalidArgument when options do not fit the number of volumes or each other, a confound is NaN, the confounds
///                         leave nothing, a frequency is not between 0 and half the rate of volumes, or there are too few
///                         volumes for the filter
///
/// In this order: cosines join the confounds; censored volumes go, or are filled by cubic splines for the Butterworth
/// filter; trends; Butterworth filter, of the confounds too; censored volumes go; confounds; scale. nilearn's
/// `signal.clean`, whose `detrend` and z scores are on by default; where it warns about frequencies here is an error, its
/// wrong handling of pairs of censored volumes and of options for several runs is not copied. Percent change after a trend,
/// a high pass or confounds took the mean away is, as there, a part of the mean before and what is left of it; of the mean
/// before alone where a high pass leaves a tenth of it and more, which nilearn takes for the mean. A warning names signals
/// whose percent change means nothing: the baseline is negative or below a tenth of the standard deviation, or the mean is below
/// it, as of signals that were detrended or standardised before; of a baseline of 0 they become 0. In double;
/// O(volumes x signals x (confounds + filter)).
template <class Expression>
[[nodiscard]] Eigen::MatrixXd clean(const Eigen::MatrixBase<Expression>& matrix,
                                    const CleanOptions& options = {}) {
    std::vector<std::string> numbers;
    for (Eigen::Index k = 0; k < matrix.cols(); ++k) {
        numbers.push_back(text("column ", static_cast<std::int64_t>(k)));
    }
    return detail::cleaned(Eigen::MatrixXd(matrix), options, numbers);
}

/// Cleans signals of regions; columns stay what they are.
template <std::same_as<Signals> S>
[[nodiscard]] S clean(const S& signals, const CleanOptions& options = {}) {
    return {signals.columns, detail::cleaned(signals.values, options, column_names(signals))};
}

/// The columns of a table that are numbers, side by side; what is missing is NaN.
[[nodiscard]] inline Eigen::MatrixXd numbers_of(const DataTable& table) {
    const auto holds_numbers = [](const DataTable::Column& column) {
        return !std::holds_alternative<DataTable::Texts>(column.values);
    };
    const auto count = std::count_if(table.columns().begin(), table.columns().end(), holds_numbers);
    Eigen::MatrixXd values(static_cast<Eigen::Index>(table.rows()), static_cast<Eigen::Index>(count));
    Eigen::Index next = 0;
    for (const auto& column : table.columns()) {
        if (!holds_numbers(column)) continue;
        const auto numbers = table.numbers(column.name);
        std::copy(numbers.begin(), numbers.end(), values.col(next++).begin());
    }
    return values;
}

/// Cleans the columns of a table that are numbers; the others pass through, without the rows that `.sample_mask` leaves out.
/// \throws InvalidArgument, beside what is wrong with signals, when none of its columns is of numbers
template <std::same_as<DataTable> T>
[[nodiscard]] T clean(const T& table, const CleanOptions& options = {}) {
    const auto values = numbers_of(table);
    if (values.cols() == 0 && !table.columns().empty()) {
        std::string names;
        for (const auto& column : table.columns()) {
            append_text(names, text(names.empty() ? "" : ", ", visible_text(column.name)));
        }
        throw InvalidArgument(text("clean: expected a column of numbers, found none in the columns ", names));
    }
    std::vector<std::string> names;
    for (const auto& column : table.columns()) {
        if (!std::holds_alternative<DataTable::Texts>(column.values)) names.push_back(column.name);
    }
    const auto cleaned = detail::cleaned(values, options, names);
    DataTable out;
    Eigen::Index next = 0;
    for (const auto& column : table.columns()) {
        if (const auto* texts = std::get_if<DataTable::Texts>(&column.values)) {
            DataTable::Texts left;
            for (std::size_t row = 0; row < texts->size(); ++row) {
                if (!options.sample_mask || (*options.sample_mask)[static_cast<std::int64_t>(row)]) {
                    left.push_back((*texts)[row]);
                }
            }
            out.add(column.name, std::move(left));
        } else {
            const auto values_of = cleaned.col(next++);
            out.add(column.name, DataTable::Numbers(values_of.begin(), values_of.end()));
        }
    }
    return out;
}

/// What is no table of signals: a run, a file.
template <class Other>
requires(!detail::MatrixOperand<Other> && !std::same_as<Other, Signals> &&
         !std::same_as<Other, DataTable>)  //
    [[nodiscard]] Eigen::MatrixXd clean(const Other&, const CleanOptions& = {}) {
    static_assert(detail::never<Other>,
                  "roi: clean takes signals, a table or a matrix of volumes x signals: write "
                  "clean(data_table(read_table(path))), or clean_run of every voxel of a run");
    return {};
}

}  // namespace roi
