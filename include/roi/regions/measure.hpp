// Measurements of every region of an atlas on a map, all in one go.
#pragma once

#include <roi/core/concepts.hpp>
#include <roi/core/detail/signed_label.hpp>
#include <roi/core/error.hpp>
#include <roi/core/parallel.hpp>
#include <roi/core/text.hpp>
#include <roi/image/grid.hpp>
#include <roi/image/view.hpp>
#include <roi/image/volume.hpp>
#include <roi/regions/detail/label_index.hpp>
#include <roi/regions/detail/measure.hpp>
#include <roi/regions/region_statistic.hpp>
#include <roi/regions/regions.hpp>
#include <roi/table/data_table.hpp>
#include <roi/table/names.hpp>

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
#include <type_traits>
#include <utility>
#include <vector>

namespace roi {

/// Bins of one width from `low` to `high`, each closed at its lower end, the last at both.
struct Bins {
    double low = 0.0;
    double high = 1.0;
    std::int64_t count = 10;
};

/// The options of `measure`.
struct MeasureOptions {
    /// Which labels, in this order, repeats and 0 included; without them all that occur but 0, ascending.
    std::optional<std::vector<std::int64_t>> labels = {};

    /// Leave NaN out, instead of making everything NaN that depends on it.
    bool omit_nan = false;

    bool median = true;                    ///< also the median, for which values are sorted in part
    std::vector<double> percentiles = {};  ///< from 0 to 100, by NumPy's linear rule
    std::optional<Bins> histogram = {};    ///< also the counts of values in these bins
    int threads = 0;                       ///< 0 is the default; no result depends on it
    WarningHandler warning = {};           ///< told of NaN in regions
};

/// What `measure` finds of one region: beside its place what its values are.
///
/// A label that no voxel has: sizes and sum are 0, the rest NaN or empty.
struct Measurements : Region {
    std::int64_t numbers = 0;  ///< voxels whose value is not NaN
    double sum = 0.0;
    double mean = std::numeric_limits<double>::quiet_NaN();
    double variance = std::numeric_limits<double>::quiet_NaN();  ///< population: divided by their number
    double std = std::numeric_limits<double>::quiet_NaN();       ///< its root
    double min = std::numeric_limits<double>::quiet_NaN();
    double max = std::numeric_limits<double>::quiet_NaN();
    double median =
        std::numeric_limits<double>::quiet_NaN();  ///< of an even number the mean of the middle two

    /// Voxels of the least and the largest number; of equal ones the first with x slowest and z fastest.
    std::optional<std::array<std::int64_t, 3>> min_position, max_position;

    /// Mean voxel position weighted by the values, which may be negative; `center` of `Region` does not look at them.
    Point center_of_mass = Point::Constant(std::numeric_limits<double>::quiet_NaN());

    std::vector<double> percentiles;      ///< one for each that was asked for
    std::vector<std::int64_t> histogram;  ///< one count a bin; values outside are in none
};

namespace detail {

inline void require_measurable(const MeasureOptions& options) {
    for (const double percentile : options.percentiles) {
        if (percentile >= 0.0 && percentile <= 100.0) continue;
        throw InvalidArgument(text("measure: percentiles are from 0 to 100, found ", percentile));
    }
    if (!options.histogram) return;
    const auto& [low, high, count] = *options.histogram;
    if (!(low < high) || !std::isfinite(low) || !std::isfinite(high) || count < 1 || count > (1 << 24)) {
        throw InvalidArgument(text("measure: `histogram`: expected 1 to ", 1 << 24,
                                   " bins between two numbers, the lower one first, found ", count, " from ",
                                   low, " to ", high));
    }
}

/// Numbers as they are; the voxels of a mask are 1.
template <AnyVolume L>
[[nodiscard]] auto numbered(const L& volume) {
    const auto view = view_of(volume);
    if constexpr (AnyMask<L>) {
        static_assert(sizeof(bool) == 1);
        return VolumeView<const std::uint8_t>(reinterpret_cast<const std::uint8_t*>(view.data()),
                                              view.grid());
    } else {
        return view;
    }
}

/// The labels asked for that their type can hold.
template <IntegerVoxel T>
[[nodiscard]] LabelIndex<T> asked_for(const std::vector<std::int64_t>& labels) {
    std::vector<T> fitting;
    for (const std::int64_t label : labels) {
        const auto narrow = static_cast<T>(label);
        if (static_cast<std::int64_t>(narrow) == label && (narrow < T{0}) == (label < 0)) {
            fitting.push_back(narrow);
        }
    }
    return LabelIndex<T>(std::move(fitting));
}

/// Fills in all of a region.
/// \param values  all of them, x slowest and z fastest; reordered
template <class Value>
void conclude(Measurements& out, const RegionSums& sums, std::span<Value> values,
              const MeasureOptions& options) {
    if (sums.numbers < sums.size) {
        (void)std::remove_if(values.begin(), values.end(), [](Value value) { return !is_number(value); });
        values = values.first(static_cast<std::size_t>(sums.numbers));
    }
    out.percentiles.assign(options.percentiles.size(), std::numeric_limits<double>::quiet_NaN());
    if (options.histogram) {
        const auto& [low, high, count] = *options.histogram;
        out.histogram = binned<Value>(values, low, high, count);
    }
    out.size = sums.size;
    out.numbers = sums.numbers;
    if (sums.size == 0) return;
    out.first = sums.low;
    out.shape = Shape(sums.high[0] - sums.low[0], sums.high[1] - sums.low[1], sums.high[2] - sums.low[2]);
    for (std::size_t axis = 0; axis < 3; ++axis) {
        out.center[static_cast<int>(axis)] =
            static_cast<double>(sums.place[axis]) / static_cast<double>(sums.size);
    }
    if (sums.numbers > 0) {
        out.min_position = sums.min_place;
        out.max_position = sums.max_place;
    }
    if (sums.numbers < sums.size && !options.omit_nan) {
        out.sum = std::numeric_limits<double>::quiet_NaN();
        return;
    }
    if (sums.numbers == 0) return;
    std::vector<double> made_double;
    std::span<const double> numbers;
    if constexpr (std::is_same_v<Value, double>) {
        numbers = values;
    } else {
        made_double.assign(values.begin(), values.end());
        numbers = made_double;
    }
    out.sum = statistic::sum(numbers);
    out.mean = out.sum / static_cast<double>(sums.numbers);
    if (std::isfinite(out.mean)) {
        out.variance = statistic::variance(numbers);
        out.std = std::sqrt(out.variance);
    }
    out.min = sums.min;
    out.max = sums.max;
    if (out.sum != 0.0) {
        for (std::size_t axis = 0; axis < 3; ++axis) {
            out.center_of_mass[static_cast<int>(axis)] = sums.moment[axis] / out.sum;
        }
    }
    if (options.median) out.median = median(values);
    for (std::size_t i = 0; i < options.percentiles.size(); ++i) {
        out.percentiles[i] = quantile(values, options.percentiles[i] / 100.0);
    }
}

}  // namespace detail

/// Measures the values of every region of an atlas.
///
/// \param values   a map of any numbers, or a mask
/// \param labels   an atlas, 0 is background and negative numbers are regions; or a mask, whose voxels are label 1
/// \param options  which labels, what to do with NaN, percentiles and bins
/// \returns        one entry a label: size, box and centre, and of its values sum, mean, variance, extremes with their
///                 places, median, centre of mass, percentiles and histogram
/// \throws GridMismatch     when map and atlas lie on different grids
/// \throws InvalidArgument  when a percentile or the bins make no sense, or a label is beyond 64 bits with a sign
///
/// SciPy's `sum_labels`, `mean`, `variance`, `standard_deviation`, `minimum`, `maximum`, `extrema` with their
/// positions, `median`, `histogram`, `center_of_mass` and `find_objects`, and NumPy's `percentile`, for all labels at
/// once. Where SciPy is arbitrary there is a rule: of equal values the first one counts, and a label that no voxel has is
/// NaN, its sizes and sum 0. NaN among the values makes all but sizes and positions NaN, and is left out of bins; with
/// `.omit_nan` it is passed over everywhere. Sum, mean and variance are those of `region_signals` to the bit, sum and mean SciPy's
/// too: in double, x slowest and z fastest; for any number of threads the same. Four passes over the volume; memory: the
/// values of all regions in the type of the map, and of the region at hand as double.
template <AnyVolume V, AnyVolume L>
[[nodiscard]] std::vector<Measurements> measure(const V& values, const L& labels,
                                                const MeasureOptions& options = {}) {
    static_assert(AnyLabels<L> || AnyMask<L>,
                  "roi::measure takes the map first, then labels: a volume of integers, or a mask");
    require_same_grid(view_of(values).grid(), view_of(labels).grid(), "measure: map and labels");
    detail::require_measurable(options);
    const ThreadsOfCall threads_of_call(options.threads);
    const auto atlas = detail::numbered(labels);
    const auto map = detail::numbered(values);
    using T = typename decltype(atlas)::value_type;
    using Value = typename decltype(map)::value_type;

    const auto index = options.labels ? detail::asked_for<T>(*options.labels) : detail::LabelIndex<T>(atlas);
    detail::RegionPass<T, Value> pass(atlas.data(), map.data(), atlas.shape(), index);
    pass.add_up();
    std::vector<std::int64_t> starts;
    auto gathered = pass.gathered(starts);
    std::vector<Measurements> found(index.size());
    parallel_for(static_cast<std::int64_t>(found.size()), 1, [&](std::int64_t at, std::int64_t) {
        const auto i = static_cast<std::size_t>(at);
        found[i].label = detail::signed_label(index.labels()[i], "measure");
        const auto begin = static_cast<std::size_t>(starts[i]), end = static_cast<std::size_t>(starts[i + 1]);
        detail::conclude(found[i], pass.total(i), gathered.span().subspan(begin, end - begin), options);
    });
    if (options.warning) {
        std::int64_t nan = 0, regions = 0;
        for (const auto& region : found) {
            nan += region.size - region.numbers;
            regions += region.size > region.numbers;
        }
        if (nan > 0) {
            options.warning(
                text("measure: ", nan, nan == 1 ? " voxel of " : " voxels of ", regions,
                     regions == 1 ? " region" : " regions", nan == 1 ? " is" : " are", " NaN: ",
                     options.omit_nan ? "left out of their values" : "their values but sizes become NaN"));
        }
    }
    if (!options.labels) return found;

    std::vector<Measurements> out;
    Measurements absent;
    absent.percentiles.assign(options.percentiles.size(), std::numeric_limits<double>::quiet_NaN());
    if (options.histogram) absent.histogram.assign(static_cast<std::size_t>(options.histogram->count), 0);
    for (const std::int64_t label : *options.labels) {
        absent.label = label;
        const auto narrow = static_cast<T>(label);
        const bool fits = static_cast<std::int64_t>(narrow) == label && (narrow < T{0}) == (label < 0);
        const auto rank = fits ? index.find(narrow) : index.none;
        out.push_back(rank == index.none ? absent : found[rank]);
    }
    return out;
}

/// What a table of measurements holds beside its usual columns.
struct MeasurementColumns {
    bool all = false;                      ///< also what is named at `to_table`
    std::vector<double> percentiles = {};  ///< those that `measure` was asked for
    std::optional<Bins> histogram = {};    ///< the bins that it was asked for
};

/// The table of `regions` with columns `sum mean std min max median peak_x peak_y peak_z`: the peak is the place of the
/// largest value, in mm.
///
/// \param rows     from `measure`; a label that no voxel has has no place
/// \param grid     of the atlas
/// \param names    what its labels are called; others are `label_N`
/// \param columns  what else it holds: with `.all` `variance`, `count` (voxels that are not NaN), `mass_x mass_y mass_z`
///                 (centre of mass, in mm), `min_x min_y min_z` (place of the least value) and both places in voxels,
///                 `min_i min_j min_k peak_i peak_j peak_k`; a `percentileP` for each percentile; and for each bin a
///                 `bin_LOW_HIGH`
/// \throws InvalidArgument when the rows were measured with other percentiles or bins, or two are the same
[[nodiscard]] inline DataTable to_table(const std::vector<Measurements>& rows, const Grid& grid,
                                        const RegionNames& names = {},
                                        const MeasurementColumns& columns = {}) {
    DataTable out = detail::region_table(rows, grid, names);
    const auto add = [&](std::string name, auto&& value) {
        DataTable::Numbers values;
        for (const Measurements& row : rows) {
            values.push_back(row.numbers > 0 ? value(row) : std::numeric_limits<double>::quiet_NaN());
        }
        out.add(std::move(name), std::move(values));
    };
    const auto add_point = [&](std::string_view name, auto&& point) {
        constexpr std::array<char, 3> axes{'x', 'y', 'z'};
        for (int axis = 0; axis < 3; ++axis) {
            add(text(name, '_', axes[static_cast<std::size_t>(axis)]),
                [&](const Measurements& row) { return grid.world(point(row))[axis]; });
        }
    };
    const auto add_voxel = [&](std::string_view name, auto place) {
        constexpr std::array<char, 3> axes{'i', 'j', 'k'};
        for (std::size_t axis = 0; axis < 3; ++axis) {
            DataTable::WholeNumbers values;
            for (const Measurements& row : rows) {
                const auto& voxel = row.*place;
                values.push_back(voxel ? std::optional((*voxel)[axis]) : std::nullopt);
            }
            out.add(text(name, '_', axes[axis]), std::move(values));
        }
    };
    const auto point_of = [](const std::optional<std::array<std::int64_t, 3>>& voxel) {
        return Point(static_cast<double>((*voxel)[0]), static_cast<double>((*voxel)[1]),
                     static_cast<double>((*voxel)[2]));
    };
    DataTable::Numbers sums;
    for (const Measurements& row : rows) {
        const bool known = row.numbers > 0 || row.size == 0;
        sums.push_back(known ? row.sum : std::numeric_limits<double>::quiet_NaN());
    }
    out.add("sum", std::move(sums));
    add("mean", [](const Measurements& row) { return row.mean; });
    add("std", [](const Measurements& row) { return row.std; });
    add("min", [](const Measurements& row) { return row.min; });
    add("max", [](const Measurements& row) { return row.max; });
    add("median", [](const Measurements& row) { return row.median; });
    add_point("peak", [&](const Measurements& row) { return point_of(row.max_position); });
    if (columns.all) {
        add("variance", [](const Measurements& row) { return row.variance; });
        DataTable::WholeNumbers counts;
        for (const Measurements& row : rows) counts.emplace_back(row.numbers);
        out.add("count", std::move(counts));
        add_point("mass", [](const Measurements& row) { return row.center_of_mass; });
        add_point("min", [&](const Measurements& row) { return point_of(row.min_position); });
        add_voxel("min", &Measurements::min_position);
        add_voxel("peak", &Measurements::max_position);
    }
    const auto measured = [](bool same) {
        require(same, "to_table: expected the percentiles and bins that `measure` was asked for");
    };
    for (std::size_t i = 0; i < columns.percentiles.size(); ++i) {
        add(text("percentile", columns.percentiles[i]), [&](const Measurements& row) {
            measured(row.percentiles.size() == columns.percentiles.size());
            return row.percentiles[i];
        });
    }
    if (columns.histogram) {
        const auto& [low, high, count] = *columns.histogram;
        const auto edge = [&, low = low, high = high, bins = static_cast<double>(count)](std::int64_t i) {
            return (low * (bins - static_cast<double>(i)) + high * static_cast<double>(i)) / bins;
        };
        for (std::int64_t i = 0; i < count; ++i) {
            DataTable::WholeNumbers counts;
            for (const Measurements& row : rows) {
                measured(row.histogram.size() == static_cast<std::size_t>(count));
                counts.emplace_back(row.histogram[static_cast<std::size_t>(i)]);
            }
            out.add(text("bin_", edge(i), '_', edge(i + 1)), std::move(counts));
        }
    }
    return out;
}

}  // namespace roi
