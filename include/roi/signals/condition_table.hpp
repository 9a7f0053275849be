// The signal of one region sorted by condition: a box plot's table.
#pragma once

#include <roi/core/error.hpp>
#include <roi/core/text.hpp>
#include <roi/image/column.hpp>
#include <roi/signals/condition_values.hpp>
#include <roi/table/data_table.hpp>

#include <Eigen/Core>
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace roi {

/// One column of values per condition.
struct ConditionTable {
    std::vector<std::string> names;  ///< conditions in order of first appearance
    Eigen::MatrixXd values;          ///< volumes x conditions
};

/// The first volumes of each condition side by side, as many of each.
///
/// \param signal      values of one region, one per volume
/// \param conditions  condition of each volume; `n/a` and empty are none
/// \param rows        volumes to take of each condition; without it as many as the rarest condition has, so
///                    that the table has no gaps (108 in Haxby's data, where rest has 588)
/// \returns           rows x conditions, conditions in order of first appearance
/// \throws InvalidArgument  when signal and conditions differ in length, when `rows` is less than 1 or more
///                          than a condition has
///
/// O(volumes x conditions). `condition_values` has all volumes of each. The tables `X1` and `X2` in the last part of nilearn's example on extracting
/// regions of interest; `Column::renamed` renames a condition first. NaN passes through.
[[nodiscard]] inline ConditionTable condition_table(const Eigen::Ref<const Eigen::VectorXd>& signal,
                                                    const Column& conditions,
                                                    std::optional<std::int64_t> rows = {}) {
    const auto all = detail::sorted_by_condition(signal, conditions, "condition_table");
    if (rows && *rows < 1) {
        throw InvalidArgument(
            text("condition_table: expected 1 or more volumes per condition, found ", *rows));
    }
    if (all.empty()) {
        if (rows) throw InvalidArgument("condition_table: there are no volumes to take any from");
        return {};
    }
    const auto by_size = [](const auto& a, const auto& b) { return a.values.size() < b.values.size(); };
    const auto rarest = std::min_element(all.begin(), all.end(), by_size);
    const auto fewest = static_cast<std::int64_t>(rarest->values.size());
    const auto taken = rows.value_or(fewest);
    if (taken > fewest) {
        throw InvalidArgument(text("condition_table: ", taken,
                                   " volumes per condition were asked for, condition \"", rarest->name,
                                   "\" has ", fewest));
    }
    ConditionTable table;
    table.values.resize(static_cast<Eigen::Index>(taken), static_cast<Eigen::Index>(all.size()));
    for (std::size_t column = 0; column < all.size(); ++column) {
        table.names.push_back(all[column].name);
        table.values.col(static_cast<Eigen::Index>(column)) =
            Eigen::Map<const Eigen::VectorXd>(all[column].values.data(), static_cast<Eigen::Index>(taken));
    }
    return table;
}

/// A column a condition, whose first volumes stand side by side.
/// \throws InvalidArgument when it has not one name per column, or two of the same
[[nodiscard]] inline DataTable to_table(const ConditionTable& table) {
    require(static_cast<Eigen::Index>(table.names.size()) == table.values.cols(),
            "to_table: a table of conditions needs a name for each column");
    DataTable out;
    for (std::size_t i = 0; i < table.names.size(); ++i) {
        const auto values = table.values.col(static_cast<Eigen::Index>(i));
        out.add(table.names[i], DataTable::Numbers(values.begin(), values.end()));
    }
    return out;
}

}  // namespace roi
