// Signals of regions: a column for each, with what it is a signal of, as a table and back.
#pragma once

#include <roi/core/error.hpp>
#include <roi/core/text.hpp>
#include <roi/table/data_table.hpp>

#include <Eigen/Core>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <set>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace roi {

/// What a signal is taken of.
enum class RegionKind {
    label,   ///< the voxels of an atlas with one number
    sphere,  ///< the voxels round a place
    map,     ///< all voxels, by weights
};

/// `label`, `sphere` or `map`.
[[nodiscard]] inline std::string_view kind_name(RegionKind kind) {
    return kind == RegionKind::label ? "label" : kind == RegionKind::sphere ? "sphere" : "map";
}

/// What a column of `Signals` holds.
struct SignalColumn {
    RegionKind kind = RegionKind::label;
    std::int64_t id = 0;         ///< the label, or the number of a sphere or map from 1
    std::string name = {};       ///< the region's name
    std::string statistic = {};  ///< of its values
    std::int64_t voxels = 0;     ///< that its values come from
    double mm3 = 0.0;            ///< their volume in cubic millimetres
};

/// Signals of regions over time, in double.
struct Signals {
    std::vector<SignalColumn> columns;
    Eigen::MatrixXd values;  ///< volumes x columns; NaN is missing
};

namespace detail {

/// Names of columns, and those among them that had to be told apart.
struct ColumnNames {
    std::vector<std::string> all, changed;
};

[[nodiscard]] inline ColumnNames column_names_of(const std::vector<SignalColumn>& columns) {
    std::vector<std::string> out, changed;
    std::multiset<std::string> seen;
    const auto same_region = [](const SignalColumn& a, const SignalColumn& b) {
        return a.kind == b.kind && a.id == b.id;
    };
    for (std::size_t i = 0; i < columns.size(); ++i) {
        const auto& column = columns[i];
        const bool several = (i > 0 && same_region(column, columns[i - 1])) ||
                             (i + 1 < columns.size() && same_region(column, columns[i + 1]));
        out.push_back(several ? text(column.name, '_', column.statistic) : column.name);
        seen.insert(out.back());
    }
    for (std::size_t i = 0; i < columns.size(); ++i) {
        if (seen.count(out[i]) < 2) continue;
        out[i] += text('_', kind_name(columns[i].kind), '_', columns[i].id);
        changed.push_back(out[i]);
    }
    return {std::move(out), std::move(changed)};
}

}  // namespace detail

/// What the columns are called: `NAME`, or `NAME_STATISTIC` where a region has several; a name that two regions have gets
/// their kind and number, as in `NAME_sphere_2`, which `region_signals` says.
[[nodiscard]] inline std::vector<std::string> column_names(const Signals& signals) {
    return detail::column_names_of(signals.columns).all;
}

/// A row a volume, a column a signal.
/// \throws InvalidArgument when two columns end up with one name
[[nodiscard]] inline DataTable to_table(const Signals& signals) {
    DataTable out;
    const auto names = column_names(signals);
    for (std::size_t i = 0; i < names.size(); ++i) {
        const auto column = signals.values.col(static_cast<Eigen::Index>(i));
        out.add(names[i], DataTable::Numbers(column.begin(), column.end()));
    }
    return out;
}

/// The same without a copy: the numbers become the table's.
[[nodiscard]] inline DataTable to_table(Signals&& signals) {
    DataTable out;
    const auto names = column_names(signals);
    const auto values = std::make_shared<const Eigen::MatrixXd>(std::move(signals.values));
    for (std::size_t i = 0; i < names.size(); ++i) {
        const double* const first = values->data() + static_cast<Eigen::Index>(i) * values->rows();
        out.add(names[i],
                DataTable::SharedNumbers{values, std::span(first, static_cast<std::size_t>(values->rows()))});
    }
    return out;
}

/// A row a signal, with what it is a signal of: `column`, `kind`, `id`, `name`, `statistic`, `voxels`, `mm3`.
[[nodiscard]] inline DataTable describe(const Signals& signals) {
    std::vector<std::string> kinds, names, statistics;
    std::vector<std::int64_t> ids, voxels;
    std::vector<double> mm3;
    for (const auto& column : signals.columns) {
        kinds.emplace_back(kind_name(column.kind));
        ids.push_back(column.id);
        names.push_back(column.name);
        statistics.push_back(column.statistic);
        voxels.push_back(column.voxels);
        mm3.push_back(column.mm3);
    }
    DataTable out;
    out.add("column", column_names(signals)).add("kind", kinds).add("id", ids).add("name", names);
    out.add("statistic", statistics).add("voxels", voxels).add("mm3", std::move(mm3));
    return out;
}

}  // namespace roi
