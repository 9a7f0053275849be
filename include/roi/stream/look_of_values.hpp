// What the values of an image look like: those of a mask, of labels of regions, or measured ones.
#pragma once

#include <roi/core/concepts.hpp>
#include <roi/stream/sink.hpp>

#include <algorithm>
#include <cmath>
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <span>

namespace roi {

/// What the values of an image are.
enum class ValueKind : std::uint8_t {
    unknown,  ///< nobody has said it
    mask,     ///< 0 and one other value, NaN outside or not: a truth at every voxel, which has no mean
    labels,   ///< numbers of regions, which have no mean
    measured  ///< anything else
};

/// Sink of `scan`: what do the values of an image look like, of whatever type the program that wrote it has for them?
///
/// One pass, which ends early where the first values show it. Looks at parts of one image that are made on several threads are
/// joined by `add`.
class LookOfValues : public SinkState {
public:
    LookOfValues() = default;
    /// \param patches  also look for labels, which takes whole numbers a whole pass?
    explicit LookOfValues(bool patches) : whole_(patches), patches_(patches) {}

    void begin(const ScanInfo& /*info*/) { *this = LookOfValues(patches_); }
    template <Voxel T>
    void frame(std::int64_t /*index*/, std::span<const T> values) {
        look_at(values);
    }

    template <Voxel T>
    void look_at(std::span<const T> values) {
        for (std::size_t i = 0; i < values.size() && two_values_; ++i) {
            add_value(static_cast<double>(values[i]));
        }
        if constexpr (std::floating_point<T>) {
            whole_ = whole_ && std::all_of(values.begin(), values.end(), [](T value) {
                         return value == std::trunc(value) || !std::isfinite(value);
                     });
        }
        if (!whole_) return;
        // That the end of a row is beside the begin of the next one here is too rare to matter.
        for (std::size_t i = 1; i < values.size(); ++i) {
            const T before = values[i - 1], value = values[i];
            // What is not finite is background, as 0 is.
            const auto both = unsigned{before != T{0}} & unsigned{before - before == T{0}} &
                              unsigned{value != T{0}} & unsigned{value - value == T{0}};
            pairs_ += both;
            equal_pairs_ += both & unsigned{before == value};
        }
    }

    /// Joins what was seen of another part of the image.
    void add(const LookOfValues& other) {
        two_values_ = two_values_ && other.two_values_;
        zeros_ = zeros_ || other.zeros_;
        if (other.inside_ != 0.0) add_value(other.inside_);
        whole_ = whole_ && other.whole_;
        pairs_ += other.pairs_;
        equal_pairs_ += other.equal_pairs_;
    }

    /// 0 and one other value, such as 1 or 255, or 1 everywhere, NaN among them or not: a mask. Whole numbers, but for those that are not finite, that
    /// make patches: labels; of voxels side by side which are not 0 at least half are equal. Atlases have some 80 % of such
    /// pairs, measured images less than 20.
    [[nodiscard]] ValueKind kind() const {
        if (two_values_ && (zeros_ || inside_ == 1.0)) return ValueKind::mask;
        const bool patches = equal_pairs_ > 0 && 2 * equal_pairs_ >= pairs_;
        return whole_ && patches ? ValueKind::labels : ValueKind::measured;
    }

    /// Are there voxels enough side by side, none of them 0, to tell whole numbers that are labels from others?
    [[nodiscard]] bool has_neighbours() const { return pairs_ >= 100; }

private:
    void add_value(double value) {
        zeros_ = zeros_ || value == 0.0;
        if (value == 0.0 || value == inside_ || std::isnan(value)) return;
        two_values_ = two_values_ && inside_ == 0.0 && std::isfinite(value);
        inside_ = value;
    }

    bool two_values_ = true, zeros_ = false, whole_ = true, patches_ = true;
    double inside_ = 0.0;  // the other of two values, once it was seen
    std::uint64_t pairs_ = 0, equal_pairs_ = 0;
};

}  // namespace roi
