// One value per volume, as text: the conditions of a run, or any other column of a table.
#pragma once

#include <roi/core/error.hpp>
#include <roi/core/text.hpp>
#include <roi/image/selection.hpp>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace roi {

/// Is a field of a table missing: `n/a`, as BIDS writes it, or empty? A volume with such a condition has none.
[[nodiscard]] inline bool is_missing(std::string_view field) { return field.empty() || field == "n/a"; }

/// A named column of texts, one per volume; comparing it with a text chooses volumes.
class Column {
public:
    Column() = default;

    /// \param values  one text per volume
    /// \param name    what messages call the column
    explicit Column(std::vector<std::string> values, std::string name = "labels")
        : name_(std::move(name)), values_(std::move(values)) {}

    [[nodiscard]] const std::string& name() const { return name_; }
    [[nodiscard]] std::int64_t size() const { return static_cast<std::int64_t>(values_.size()); }
    [[nodiscard]] const std::string& operator[](std::int64_t row) const {
        return values_[static_cast<std::size_t>(row)];
    }
    [[nodiscard]] auto begin() const { return values_.begin(); }
    [[nodiscard]] auto end() const { return values_.end(); }

    /// The different values in order of first appearance, as pandas' `unique()` gives them.
    [[nodiscard]] std::vector<std::string> unique() const {
        std::vector<std::string> out;
        for (const auto& value : values_) {
            if (std::find(out.begin(), out.end(), value) == out.end()) out.push_back(value);
        }
        return out;
    }

    /// A column with every value `from` replaced by `to`.
    [[nodiscard]] Column renamed(std::string_view from, std::string_view to) const {
        Column out = *this;
        std::replace(out.values_.begin(), out.values_.end(), std::string(from), std::string(to));
        return out;
    }

    /// The volumes with this value.
    /// \throws InvalidArgument when no volume has it, listing the values that exist: a typing error would
    ///         otherwise silently choose nothing, as it does in NumPy
    [[nodiscard]] friend Selection operator==(const Column& column, std::string_view value) {
        std::vector<bool> chosen(column.values_.size());
        std::transform(column.values_.begin(), column.values_.end(), chosen.begin(),
                       [value](const std::string& other) { return other == value; });
        if (std::find(chosen.begin(), chosen.end(), true) == chosen.end()) {
            throw InvalidArgument(text("no volume has \"", value, "\" in column \"", column.name_, "\"; ",
                                       column.values_listed()));
        }
        return Selection(std::move(chosen), std::string(value));
    }

    /// The volumes with any other value.
    /// \throws InvalidArgument as `==` does
    [[nodiscard]] friend Selection operator!=(const Column& column, std::string_view value) {
        return !(column == value);
    }

    /// Are both columns the same, row by row?
    friend bool operator==(const Column& a, const Column& b) { return a.values_ == b.values_; }

private:
    /// The different values for a message.
    [[nodiscard]] std::string values_listed() const {
        return values_.empty() ? "it has no rows" : text("the values are: ", listed(unique(), 30));
    }

    std::string name_ = "labels";
    std::vector<std::string> values_;
};

}  // namespace roi
