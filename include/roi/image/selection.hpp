// Which volumes of a run are meant: one true or false per volume.
#pragma once

#include <roi/core/error.hpp>
#include <roi/core/text.hpp>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace roi {

/// Chooses volumes of a run, as NumPy's boolean index does: `(c == "face") or (c == "house")`.
///
/// `&&`, `||`, `!` and their spellings `and`, `or`, `not` work volume by volume.
class Selection {
public:
    /// Chooses nothing of no volumes.
    Selection() = default;

    /// One truth value per volume.
    /// \param name  what messages call the chosen volumes
    explicit Selection(std::vector<bool> chosen, std::string name = {})
        : chosen_(std::move(chosen)), name_(std::move(name)) {}

    /// What messages call the chosen volumes, such as their condition; empty where nobody said it.
    [[nodiscard]] const std::string& name() const { return name_; }

    /// Number of volumes to choose from.
    [[nodiscard]] std::int64_t size() const { return static_cast<std::int64_t>(chosen_.size()); }

    /// Number of volumes chosen.
    [[nodiscard]] std::int64_t count() const { return std::count(chosen_.begin(), chosen_.end(), true); }

    /// Is this volume chosen? Not checked.
    [[nodiscard]] bool operator[](std::int64_t frame) const {
        return chosen_[static_cast<std::size_t>(frame)];
    }

    /// Numbers of the chosen volumes, ascending.
    [[nodiscard]] std::vector<std::int64_t> indices() const {
        std::vector<std::int64_t> out;
        for (std::int64_t frame = 0; frame < size(); ++frame) {
            if ((*this)[frame]) out.push_back(frame);
        }
        return out;
    }

    /// The same choice cut to its first `most` volumes; 0 and less leave none.
    [[nodiscard]] Selection first(std::int64_t most) const {
        Selection out = *this;
        for (std::size_t frame = 0; frame < out.chosen_.size(); ++frame) {
            if (!out.chosen_[frame]) continue;
            out.chosen_[frame] = most > 0;
            most -= most > 0;
        }
        return out;
    }

    /// Chosen by both.
    /// \throws InvalidArgument when the selections are of different lengths
    [[nodiscard]] friend Selection operator&&(Selection a, const Selection& b) {
        require_same_size(a, b);
        for (std::size_t i = 0; i < a.chosen_.size(); ++i) a.chosen_[i] = a.chosen_[i] && b.chosen_[i];
        a.name_ = both_names(a, " and ", b);
        return a;
    }

    /// Chosen by either.
    /// \throws InvalidArgument when the selections are of different lengths
    [[nodiscard]] friend Selection operator||(Selection a, const Selection& b) {
        require_same_size(a, b);
        for (std::size_t i = 0; i < a.chosen_.size(); ++i) a.chosen_[i] = a.chosen_[i] || b.chosen_[i];
        a.name_ = both_names(a, " or ", b);
        return a;
    }

    /// What this selection leaves out.
    [[nodiscard]] friend Selection operator!(Selection a) {
        a.chosen_.flip();
        if (!a.name_.empty()) a.name_ = text("not ", a.name_);
        return a;
    }

    /// Are the same volumes chosen, whatever they are called?
    friend bool operator==(const Selection& a, const Selection& b) { return a.chosen_ == b.chosen_; }

private:
    static void require_same_size(const Selection& a, const Selection& b) {
        if (a.size() == b.size()) return;
        throw InvalidArgument(text("selection: both sides must be about the same volumes; one is about ",
                                   a.size(), ", the other about ", b.size()));
    }

    static std::string both_names(const Selection& a, std::string_view between, const Selection& b) {
        return a.name_.empty() || b.name_.empty() ? std::string() : text(a.name_, between, b.name_);
    }

    std::vector<bool> chosen_;
    std::string name_;
};

}  // namespace roi
