// Which labels have no voxel left on another grid.
#pragma once

#include <roi/core/concepts.hpp>
#include <roi/core/error.hpp>
#include <roi/core/text.hpp>

#include <algorithm>
#include <bitset>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <mutex>
#include <optional>
#include <set>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace roi::detail {

/// Which values occur: whole numbers of 16 bits in a table, so that a pass over a volume is quick, others in a set.
template <NumberVoxel T>
class Occurring {
public:
    void look_at(std::span<const T> values) {
        std::vector<T> others;
        T last{};
        bool any = false;
        for (const T value : values) {
            if (any && value == last) continue;
            if constexpr (RealVoxel<T>) {
                if (std::isnan(value)) continue;
            }
            last = value;
            any = true;
            if (const auto place = place_of(value)) {
                small_[*place] = true;
            } else {
                others.push_back(value);
            }
        }
        std::sort(others.begin(), others.end());
        others_.insert(others.begin(), std::unique(others.begin(), others.end()));
    }

    void add(const Occurring& other) {
        small_ |= other.small_;
        others_.insert(other.others_.begin(), other.others_.end());
    }

    [[nodiscard]] bool holds(T value) const {
        const auto place = place_of(value);
        return place ? small_[*place] : others_.count(value) > 0;
    }

    /// Calls `visit(value)` for all, ascending among those of either kind.
    template <class Visit>
    void for_each(const Visit& visit) const {
        for (std::size_t i = 0; i < small_.size(); ++i) {
            if (small_[i]) visit(static_cast<T>(static_cast<std::int64_t>(i) + lowest));
        }
        for (const T value : others_) visit(value);
    }

private:
    static constexpr std::int64_t lowest = -32768;

    [[nodiscard]] static std::optional<std::size_t> place_of(T value) {
        if constexpr (RealVoxel<T>) {
            if (!(value >= T{-32768} && value <= T{32767}) || value != std::trunc(value)) return std::nullopt;
        } else {
            if (!std::in_range<std::int16_t>(value)) return std::nullopt;
        }
        return static_cast<std::size_t>(static_cast<std::int64_t>(value) - lowest);
    }

    std::bitset<65536> small_;
    std::set<T> others_;
};

/// The labels of images before and after they were brought to another grid: of one, or of all volumes of a run, which
/// several threads look at.
template <NumberVoxel T>
class LostLabels {
public:
    LostLabels() = default;
    LostLabels(const LostLabels& other) : before_(other.before_), after_(other.after_), told_(other.told_) {}
    LostLabels& operator=(const LostLabels& other) {
        before_ = other.before_;
        after_ = other.after_;
        told_ = other.told_;
        return *this;
    }

    void look_at(std::span<const T> before, std::span<const T> after) {
        Occurring<T> there, left;
        there.look_at(before);
        left.look_at(after);
        const std::lock_guard lock(mutex_);
        before_.add(there);
        after_.add(left);
    }

    /// Says, once, which labels have no voxel any more.
    /// \param name   what they are called; may be empty
    /// \param image  what the image is called; may be empty
    void warn(const WarningHandler& warning, const std::function<std::string(std::int64_t)>& name,
              std::string_view image = {}) const {
        if (told_ || !warning) return;
        std::vector<T> lost;
        std::int64_t labels = 0;
        before_.for_each([&](T label) {
            if (label == T{0}) return;
            ++labels;
            if (!after_.holds(label)) lost.push_back(label);
        });
        if (lost.empty()) return;
        told_ = true;
        const std::size_t shown = std::min<std::size_t>(lost.size(), 20);
        std::vector<std::string> called;
        for (const T label : std::span(lost).first(shown)) {
            const bool whole = std::abs(static_cast<double>(label)) < 9e15;  // numbers that names can have
            called.push_back(name && whole ? text(label, " (", name(static_cast<std::int64_t>(label)), ")")
                                           : text(label));
        }
        warning(text("resample_to: ", image, image.empty() ? "" : ": ", lost.size(), " of ", labels,
                     labels == 1 ? " label" : " labels", lost.size() == 1 ? " has" : " have",
                     " no voxel on the new grid: ", joined(std::span<const std::string>(called)),
                     shown < lost.size() ? ", ..." : ""));
    }

private:
    std::mutex mutex_;
    Occurring<T> before_, after_;
    mutable bool told_ = false;
};

}  // namespace roi::detail
