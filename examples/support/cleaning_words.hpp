// What options say of how signals are cleaned, for every program that cleans them.
#pragma once

#include <roi/core/units.hpp>
#include <roi/signals/clean.hpp>

#include <optional>
#include <string>
#include <utility>

namespace examples {

/// The words and numbers of the options.
struct CleaningWords {
    bool detrend = false;
    std::string standardize, filter;  ///< empty: not given
    std::optional<double> low_pass, high_pass;

    /// Why they cannot be, for a message; empty when they can.
    [[nodiscard]] std::string problem(bool has_t_r) const {
        if (!filter.empty() && !low_pass && !high_pass)
            return "--filter needs --low-pass or --high-pass, the frequencies in Hz that it lets pass";
        if (filter == "cosine" && !high_pass) return "--filter cosine needs --high-pass; it has no low pass";
        if ((low_pass || high_pass) && !has_t_r) return "a filter needs --t-r, the seconds between volumes";
        if (low_pass && high_pass && !(*high_pass < *low_pass)) return "--high-pass must be below --low-pass";
        return {};
    }

    /// The options of `clean`, without confounds.
    [[nodiscard]] roi::CleanOptions settings(std::optional<roi::Seconds> t_r,
                                             roi::WarningHandler warning) const {
        roi::CleanOptions out{.detrend = detrend, .warning = std::move(warning)};
        if (standardize == "psc") out.standardize = roi::Standardize::psc;
        if (standardize == "zscore_sample") out.standardize = roi::Standardize::zscore_sample;
        if (filter == "cosine") out.filter = roi::FrequencyFilter::cosine;
        out.low_pass = low_pass;
        out.high_pass = high_pass;
        out.t_r = t_r;
        return out;
    }
};

}  // namespace examples
