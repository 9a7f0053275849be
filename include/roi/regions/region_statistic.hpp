// What is said about the values of one region: their mean, median, spread.
#pragma once

#include <roi/core/detail/whole_columns.hpp>
#include <roi/core/error.hpp>
#include <roi/core/text.hpp>
#include <roi/regions/detail/measure.hpp>

#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <limits>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace roi {

namespace detail {

/// How a statistic is taken of 16-bit whole numbers in sixteen volumes at once: the same numbers, sooner, as nothing is
/// rounded. Where there is nothing here, the values are made doubles.
struct OfWholeNumbers {
    /// Of the sums of the values and their number, where that is all it needs.
    std::function<WholeColumns::Each(WholeColumns::Each sums, double voxels)> sum{};
    std::function<WholeColumns::Each(WholeColumns& values)> columns{};
};

}  // namespace detail

/// A number that sums up the values of one region: a name, and a function of the values.
///
/// Written once and used for a volume, for a run and for a stream. `mean_of`, `median_of` and their like below are such
/// statistics; one of your own is `RegionStatistic("range", [](std::span<const double> values) { ... })`.
class RegionStatistic {
public:
    /// A function of the values of one volume, x slowest and z fastest.
    using OfVolume = std::function<double(std::span<const double> values)>;
    /// A function of the values of four volumes: those of the first voxel, then of the second.
    using OfFour = std::function<std::array<double, 4>(std::span<const double> values)>;
    /// A function of the values over time, volume after volume, each with `voxels` values: one number a volume.
    using OfRun = std::function<std::vector<double>(std::span<const double> values, std::int64_t voxels)>;

    /// A statistic of each volume by itself.
    /// \param name  what columns of it are called; without blanks
    /// \param four  the same for four volumes at once, where that is faster: additions of one volume wait for each other,
    ///              those of four do not
    /// \param sorted_four  the same of values that are sorted in each volume, smallest first, and not NaN: several statistics
    ///              then share one sort
    /// \param whole       the same of whole numbers, for the statistics below
    RegionStatistic(std::string name, OfVolume function, OfFour four = {}, OfFour sorted_four = {},
                    detail::OfWholeNumbers whole = {})
        : name_(std::move(name)),
          of_volume_(std::move(function)),
          of_four_(std::move(four)),
          of_sorted_four_(std::move(sorted_four)),
          of_whole_(std::move(whole)) {
        require(of_volume_ != nullptr, "region statistic: expected a function of the values, found none");
    }

    /// A statistic that looks at all volumes at once, such as the first eigenvariate. All values of the regions are kept
    /// until the run is over.
    [[nodiscard]] static RegionStatistic over_time(std::string name, OfRun function) {
        require(function != nullptr, "region statistic: expected a function of the values, found none");
        RegionStatistic out(std::move(name), [](std::span<const double>) { return 0.0; });
        out.of_volume_ = nullptr;
        out.of_run_ = std::move(function);
        return out;
    }

    [[nodiscard]] const std::string& name() const { return name_; }

    /// Does it look at all volumes at once?
    [[nodiscard]] bool looks_over_time() const { return of_run_ != nullptr; }

    /// The statistic of the values of one volume.
    /// \throws InvalidArgument when it is one of all volumes
    [[nodiscard]] double operator()(std::span<const double> values) const {
        if (!of_volume_) {
            throw InvalidArgument(text("region statistic \"", name_,
                                       "\" looks at a whole run, it has no value for one volume"));
        }
        return of_volume_(values);
    }

    /// The statistic of four volumes at once, or nothing where it has no such function.
    [[nodiscard]] const OfFour& of_four() const { return of_four_; }

    /// The statistic of four volumes whose values are sorted, or nothing where it has no such function.
    [[nodiscard]] const OfFour& of_sorted_four() const { return of_sorted_four_; }

    /// How it is taken of whole numbers, as far as there is something.
    [[nodiscard]] const detail::OfWholeNumbers& of_whole() const { return of_whole_; }

    /// The statistic of every volume.
    /// \param values  volumes * voxels
    [[nodiscard]] std::vector<double> over(std::span<const double> values, std::int64_t voxels) const {
        if (of_run_) return of_run_(values, voxels);
        std::vector<double> out;
        const auto length = static_cast<std::size_t>(std::max<std::int64_t>(voxels, 1));
        for (std::size_t at = 0; at + length <= values.size(); at += length) {
            out.push_back(of_volume_(values.subspan(at, length)));
        }
        return out;
    }

private:
    std::string name_;
    OfVolume of_volume_;
    OfFour of_four_, of_sorted_four_;
    detail::OfWholeNumbers of_whole_;
    OfRun of_run_;
};

namespace detail::statistic {

inline constexpr double nan = std::numeric_limits<double>::quiet_NaN();

/// The sums of `Count` volumes, whose values are given voxel after voxel, in the order of the voxels.
template <std::size_t Count>
[[nodiscard]] std::array<double, Count> sums(std::span<const double> values) {
    std::array<double, Count> out{};
    for (std::size_t i = 0; i + Count <= values.size(); i += Count) {
        for (std::size_t k = 0; k < Count; ++k) out[k] += values[i + k];
    }
    return out;
}

template <std::size_t Count>
[[nodiscard]] std::array<double, Count> means(std::span<const double> values) {
    auto out = sums<Count>(values);
    const std::size_t voxels = values.size() / Count;
    for (double& sum : out) sum = voxels == 0 ? nan : sum / static_cast<double>(voxels);
    return out;
}

[[nodiscard]] inline double sum(std::span<const double> values) { return sums<1>(values)[0]; }
[[nodiscard]] inline double mean(std::span<const double> values) { return means<1>(values)[0]; }

/// Differences are taken from the first value, so that equal values have none.
template <std::size_t Count>
[[nodiscard]] std::array<double, Count> variances(std::span<const double> values) {
    std::array<double, Count> shift{}, squares{};
    if (values.empty()) {
        squares.fill(nan);
        return squares;
    }
    const std::size_t voxels = values.size() / Count;
    const auto size = static_cast<double>(voxels);
    for (std::size_t i = 0; i + Count <= values.size(); i += Count) {
        for (std::size_t k = 0; k < Count; ++k) shift[k] += values[i + k] - values[k];
    }
    for (double& sum : shift) sum /= size;
    for (std::size_t i = 0; i + Count <= values.size(); i += Count) {
        for (std::size_t k = 0; k < Count; ++k) {
            const double d = values[i + k] - values[k] - shift[k];
            squares[k] += d * d;
        }
    }
    for (double& sum : squares) sum /= size;
    return squares;
}
[[nodiscard]] inline double variance(std::span<const double> values) { return variances<1>(values)[0]; }

template <std::size_t Count>
[[nodiscard]] std::array<double, Count> deviations(std::span<const double> values) {
    auto out = variances<Count>(values);
    for (double& value : out) value = std::sqrt(value);
    return out;
}

/// `Better()(a, b)` when a is to be taken for b. NaN where one is among the values, as NumPy has it.
template <class Better, std::size_t Count>
[[nodiscard]] std::array<double, Count> extremes(std::span<const double> values) {
    std::array<double, Count> out{};
    if (values.empty()) {
        out.fill(nan);
        return out;
    }
    std::copy_n(values.begin(), Count, out.begin());
    for (std::size_t i = 0; i + Count <= values.size(); i += Count) {
        for (std::size_t k = 0; k < Count; ++k) {
            const double value = values[i + k];
            out[k] = Better()(value, out[k]) || value != value ? value : out[k];
        }
    }
    return out;
}
template <class Better>
[[nodiscard]] double extreme(std::span<const double> values) {
    return extremes<Better, 1>(values)[0];
}

[[nodiscard]] inline bool has_nan(std::span<const double> values) {
    return std::any_of(values.begin(), values.end(), [](double value) { return value != value; });
}

/// A function that reorders a copy of the values; NaN of none, and where NaN is among them.
template <class Ordered>
[[nodiscard]] double of_copy(std::span<const double> values, Ordered ordered) {
    if (values.empty() || has_nan(values)) return nan;
    std::vector<double> copy(values.begin(), values.end());
    return ordered(std::span<double>(copy));
}

/// The middle of each of four sorted columns, or the mean of the two in the middle.
[[nodiscard]] inline std::array<double, 4> sorted_medians(std::span<const double> values) {
    std::array<double, 4> out{};
    const std::size_t half = values.size() / 4 / 2;
    for (std::size_t k = 0; k < 4; ++k) {
        const double high = values[4 * half + k];
        const double low = values.size() / 4 % 2 == 1 ? high : values[4 * (half - 1) + k];
        out[k] = low == high ? low : (low + high) / 2.0;
    }
    return out;
}

[[nodiscard]] inline WholeColumns::Each roots(WholeColumns::Each values) {
    for (double& value : values) value = std::sqrt(value);
    return values;
}

[[nodiscard]] inline WholeColumns::Each whole_medians(WholeColumns& values) {
    const std::size_t half = values.rows() / 2;
    auto out = values.sorted_row(half);
    if (values.rows() % 2 == 1) return out;
    const auto low = values.sorted_row(half - 1);
    for (std::size_t k = 0; k < out.size(); ++k) out[k] = (low[k] + out[k]) / 2.0;
    return out;
}

/// How many of `size` values a fraction is: rounded down, but 0.29 of 100 is 29, which binary fractions just miss.
[[nodiscard]] inline std::size_t part(double fraction, std::size_t size) {
    return std::min(size, static_cast<std::size_t>(fraction * static_cast<double>(size) + 1e-9));
}

inline void require_fraction(double fraction, double most, const char* what) {
    if (fraction >= 0.0 && fraction <= most) return;
    throw InvalidArgument(text(what, ": expected a fraction from 0 to ", most, ", found ", fraction));
}

}  // namespace detail::statistic

/// The mean; NaN of no values. Added in the order of the values.
inline const RegionStatistic mean_of{"mean",
                                     detail::statistic::mean,
                                     detail::statistic::means<4>,
                                     {},
                                     {[](detail::WholeColumns::Each sums, double voxels) {
                                          for (double& value : sums) value /= voxels;
                                          return sums;
                                      },
                                      {}}};

/// The sum; 0 of no values.
inline const RegionStatistic sum_of{"sum",
                                    detail::statistic::sum,
                                    detail::statistic::sums<4>,
                                    {},
                                    {[](detail::WholeColumns::Each sums, double) { return sums; }, {}}};

/// The variance of the population, divided by the number of values: exactly 0 for equal ones and for a single one. NumPy's
/// `var`, nilearn's `variance`.
inline const RegionStatistic variance_of{
    "variance",
    detail::statistic::variance,
    detail::statistic::variances<4>,
    {},
    {{}, [](detail::WholeColumns& values) { return values.variances(); }}};

/// Root of `variance_of`. NumPy's `std`, nilearn's `standard_deviation`.
inline const RegionStatistic std_of{
    "std",
    [](std::span<const double> values) { return std::sqrt(detail::statistic::variance(values)); },
    detail::statistic::deviations<4>,
    {},
    {{}, [](detail::WholeColumns& values) { return detail::statistic::roots(values.variances()); }}};

/// The least value. NumPy's `min`: NaN where one is among them; NaN of no values.
inline const RegionStatistic min_of{"min",
                                    detail::statistic::extreme<std::less<>>,
                                    detail::statistic::extremes<std::less<>, 4>,
                                    {},
                                    {{}, [](detail::WholeColumns& values) { return values.least(); }}};

/// The largest value. NumPy's `max`: NaN where one is among them; NaN of no values.
inline const RegionStatistic max_of{"max",
                                    detail::statistic::extreme<std::greater<>>,
                                    detail::statistic::extremes<std::greater<>, 4>,
                                    {},
                                    {{}, [](detail::WholeColumns& values) { return values.largest(); }}};

/// The middle value, or the mean of the two in the middle. NumPy's `median`; NaN of no values.
inline const RegionStatistic median_of{"median",
                                       [](std::span<const double> values) {
                                           return detail::statistic::of_copy(
                                               values,
                                               [](std::span<double> copy) { return detail::median(copy); });
                                       },
                                       RegionStatistic::OfFour{},
                                       detail::statistic::sorted_medians,
                                       {{}, detail::statistic::whole_medians}};

/// How many values there are.
inline const RegionStatistic count_of{
    "count",
    [](std::span<const double> values) { return static_cast<double>(values.size()); },
    [](std::span<const double> values) {
        const std::size_t voxels = values.size() / 4;
        std::array<double, 4> out{};
        out.fill(static_cast<double>(voxels));
        return out;
    },
    {},
    {[](detail::WholeColumns::Each sums, double voxels) {
         sums.fill(voxels);
         return sums;
     },
     {}}};

/// The value that so many percent of the others lie below, between neighbours by NumPy's linear rule.
/// \param percent  from 0 to 100
/// \throws InvalidArgument when it is another number
[[nodiscard]] inline RegionStatistic percentile_of(double percent) {
    if (!(percent >= 0.0 && percent <= 100.0)) {
        throw InvalidArgument(text("percentile_of: expected a number from 0 to 100, found ", percent));
    }
    return {text("percentile", percent), [fraction = percent / 100.0](std::span<const double> values) {
                return detail::statistic::of_copy(
                    values, [&](std::span<double> copy) { return detail::quantile(copy, fraction); });
            }};
}

/// The mean without the lowest and the highest values.
///
/// \param fraction  part of the values that is left out at either end, from 0 to 0.5; rounded down to whole values
/// \throws InvalidArgument when it is another number
///
/// SciPy's `trim_mean`; but 0.29 of 100 values are 29, and when everything is left out the result is the median.
[[nodiscard]] inline RegionStatistic trimmed_mean_of(double fraction) {
    detail::statistic::require_fraction(fraction, 0.5, "trimmed_mean_of");
    return {"trimmed_mean",
            [fraction](std::span<const double> values) {
                return detail::statistic::of_copy(values, [&](std::span<double> copy) {
                    const auto cut = detail::statistic::part(fraction, copy.size());
                    if (2 * cut >= copy.size()) return detail::median(copy);
                    std::sort(copy.begin(), copy.end());
                    return detail::statistic::mean(copy.subspan(cut, copy.size() - 2 * cut));
                });
            },
            RegionStatistic::OfFour{},
            [fraction](std::span<const double> values) {
                const auto size = values.size() / 4, cut = detail::statistic::part(fraction, size);
                if (2 * cut >= size) return detail::statistic::sorted_medians(values);
                return detail::statistic::means<4>(values.subspan(4 * cut, 4 * (size - 2 * cut)));
            },
            {{}, [fraction](detail::WholeColumns& values) {
                 const auto size = values.rows(), cut = detail::statistic::part(fraction, size);
                 if (2 * cut >= size) return detail::statistic::whole_medians(values);
                 auto out = values.sorted_sums(cut, size - 2 * cut);
                 for (double& value : out) value /= static_cast<double>(size - 2 * cut);
                 return out;
             }}};
}

/// The mean when the lowest values are raised to the least one above them, and the highest lowered likewise.
///
/// \param low   part of the values that is raised, rounded down to whole values
/// \param high  part that is lowered; what is raised and lowered at once takes the higher of the two
/// \throws InvalidArgument when they are no fractions, or more than 1 together
///
/// The mean of SciPy's `mstats.winsorize(values, (low, high))`; but 0.29 of 100 values are 29.
[[nodiscard]] inline RegionStatistic winsorized_mean_of(double low, double high) {
    detail::statistic::require_fraction(low, 1.0, "winsorized_mean_of");
    detail::statistic::require_fraction(high, 1.0, "winsorized_mean_of");
    require(low + high <= 1.0 + 1e-9, "winsorized_mean_of: expected fractions of at most 1 together");
    return {"winsorized_mean",
            [low, high](std::span<const double> values) {
                return detail::statistic::of_copy(values, [&](std::span<double> copy) {
                    const auto size = copy.size();
                    const auto lowest = detail::statistic::part(low, size);
                    const auto highest = detail::statistic::part(high, size);
                    std::sort(copy.begin(), copy.end());
                    // In this order, as SciPy does: what is lowered may have been raised before.
                    const double raised = copy[std::min(lowest, size - 1)];
                    std::fill_n(copy.begin(), lowest, raised);
                    const double lowered = copy[size - 1 - std::min(highest, size - 1)];
                    std::fill_n(copy.end() - static_cast<std::ptrdiff_t>(highest), highest, lowered);
                    return detail::statistic::mean(copy);
                });
            },
            RegionStatistic::OfFour{},
            [low, high](std::span<const double> values) {
                const auto size = values.size() / 4;
                const auto lowest = std::min(detail::statistic::part(low, size), size - 1);
                const auto highest = detail::statistic::part(high, size);
                // As above: what is lowered takes the place of a value that may have been raised before.
                const auto lowered = std::max(size - 1 - std::min(highest, size - 1), lowest);
                std::array<double, 4> sum{};
                for (std::size_t i = 0; i < size; ++i) {
                    const auto from = i >= size - highest ? lowered : std::max(i, lowest);
                    for (std::size_t k = 0; k < 4; ++k) sum[k] += values[4 * from + k];
                }
                for (double& value : sum) value /= static_cast<double>(size);
                return sum;
            },
            {{}, [low, high](detail::WholeColumns& values) {
                 const auto size = values.rows();
                 const auto lowest = std::min(detail::statistic::part(low, size), size - 1);
                 const auto highest = detail::statistic::part(high, size);
                 const auto lowered = std::max(size - 1 - std::min(highest, size - 1), lowest);
                 // Those that are raised, those that stay, those that are lowered.
                 const auto upper = size - highest, raised = std::min(lowest, upper);
                 const auto at_low = values.sorted_row(lowest), at_high = values.sorted_row(lowered);
                 auto out = values.sorted_sums(lowest, upper - raised);
                 for (std::size_t k = 0; k < out.size(); ++k) {
                     out[k] +=
                         static_cast<double>(raised) * at_low[k] + static_cast<double>(highest) * at_high[k];
                     out[k] /= static_cast<double>(size);
                 }
                 return out;
             }}};
}

/// The statistics by their names: mean, sum, std, variance, min, max, median, count, and trimmed_mean and winsorized_mean
/// with a tenth at either end.
/// \throws InvalidArgument for another name, listing these
[[nodiscard]] inline RegionStatistic region_statistic(std::string_view name) {
    const std::vector<RegionStatistic> all{
        mean_of, sum_of,    std_of,   variance_of,          min_of,
        max_of,  median_of, count_of, trimmed_mean_of(0.1), winsorized_mean_of(0.1, 0.1)};
    std::vector<std::string> names;
    for (const auto& statistic : all) {
        if (statistic.name() == name) return statistic;
        names.push_back(statistic.name());
    }
    throw InvalidArgument(
        text("there is no statistic \"", name, "\" of a region; there are ", joined(names)));
}

}  // namespace roi
