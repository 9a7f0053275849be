// Percent change of signals from a baseline, and which baselines it means something from.
#pragma once

#include <roi/core/encoding.hpp>
#include <roi/core/error.hpp>
#include <roi/core/text.hpp>

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <string>
#include <string_view>
#include <vector>

namespace roi::detail {

/// What a baseline is to a signal.
enum class Baseline : std::uint8_t {
    sound,
    negative,  ///< as all of the signal: there is a part of it, but of its size
    odd,       ///< a number, of which a part means nothing: of a signal that was centred
    zero,      ///< there is no part of it
};

/// \param baseline   NaN and infinity are not looked at
/// \param mean       of the whole signal
/// \param deviation  of the whole signal
/// \param zero       what is no more than rounding
///
/// A signal without changes has no percent change, whatever its baseline. The scanner's values are far larger than their
/// changes. Where the mean lies within a standard deviation of 0 it
/// was taken away before, to a few digits, by a trend, a filter or z scores, and each volume is hundreds or millions of percent.
[[nodiscard]] inline Baseline judged(double baseline, double mean, double deviation, double zero) {
    if (!std::isfinite(baseline)) return Baseline::sound;
    if (std::abs(baseline) <= zero) return Baseline::zero;
    if (deviation <= zero) return Baseline::sound;
    const double sign = baseline < 0.0 ? -1.0 : 1.0;
    if (sign * baseline < 0.1 * deviation || sign * mean < deviation) return Baseline::odd;
    return baseline < 0.0 ? Baseline::negative : Baseline::sound;
}

/// Changes of a signal in percent of a baseline.
///
/// Of a signal whose mean was taken away, rounding leaves a mean that is not quite 0 and would be a unit of no meaning: a
/// baseline below a billionth of the signal's largest value is 0, and there is no percent of it.
class PercentChange {
public:
    template <class Values>
    explicit PercentChange(const Values& signal) {
        double count = 0.0, squares = 0.0;
        for (const double value : signal) {
            if (!std::isfinite(value)) continue;
            largest_ = std::max(largest_, std::abs(value));
            mean_ += value;
            ++count;
        }
        mean_ /= std::max(count, 1.0);
        for (const double value : signal) {
            if (std::isfinite(value)) squares += (value - mean_) * (value - mean_);
        }
        deviation_ = std::sqrt(squares / std::max(count - 1.0, 1.0));
    }

    [[nodiscard]] Baseline judge(double baseline) const {
        return judged(baseline, mean_, deviation_, zero());
    }

    [[nodiscard]] double operator()(double value, double baseline) const {
        return std::abs(baseline) > zero() ? 100.0 * (value - baseline) / std::abs(baseline)
                                           : std::numeric_limits<double>::quiet_NaN();
    }

private:
    [[nodiscard]] double zero() const { return 1e-9 * largest_; }

    double largest_ = 0.0, mean_ = 0.0, deviation_ = 0.0;
};

/// The signals whose baselines are negative, odd or 0, for one warning each.
class OddBaselines {
public:
    void add(std::size_t signal, Baseline baseline) {
        if (signal >= all_.size()) all_.resize(signal + 1, Baseline::sound);
        all_[signal] = std::max(all_[signal], baseline);
    }

    /// \param who     the function that warns
    /// \param names   of all signals; none: they are counted
    /// \param signals what they are called together, as `voxels`
    /// \param become  what those without percent change become, as `n/a`
    void warn(const WarningHandler& warning, std::string_view who, const std::vector<std::string>& names,
              std::string_view signals, std::string_view become) const {
        if (!warning) return;
        if (const auto which = those(Baseline::zero, names, signals); !which.empty()) {
            warning(text(who, ": the baseline of ", which,
                         " is 0, as after detrending or standardising: there is no percent change from it, ",
                         become, " instead"));
        }
        if (const auto which = those(Baseline::odd, names, signals); !which.empty()) {
            warning(text(who, ": the baseline of ", which,
                         " is negative or small beside the signal's own changes, as after detrending or "
                         "standardising: percent change from it means nothing"));
        }
        if (const auto which = those(Baseline::negative, names, signals); !which.empty()) {
            warning(text(who, ": the baseline of ", which,
                         " is below 0, as all of the signal: percent change is a part of its size, above 0 "
                         "where the signal rises"));
        }
    }

private:
    /// Which are so, as `2 of 9 signals (left, right)`; empty where none is.
    [[nodiscard]] std::string those(Baseline wanted, const std::vector<std::string>& names,
                                    std::string_view signals) const {
        std::vector<std::string> found;
        std::int64_t count = 0;
        for (std::size_t i = 0; i < all_.size(); ++i) {
            if (all_[i] != wanted) continue;
            ++count;
            if (i < names.size()) found.push_back(visible_text(names[i]));
        }
        if (count == 0) return {};
        if (found.empty()) return text(count, ' ', signals);
        if (names.size() == 1) return found.front();
        return text(count, " of ", names.size(), ' ', signals, " (", listed(found, 10), ')');
    }

    std::vector<Baseline> all_;
};

}  // namespace roi::detail
