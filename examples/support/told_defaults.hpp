// One rule for all options: what is told with its default is as good as not told.
#pragma once

#include <CLI/CLI.hpp>

#include <roi/core/text.hpp>
#include <roi/table/table.hpp>

#include "list_parts.hpp"
#include <algorithm>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace examples {

/// The options that a command line has given with their defaults.
using ToldDefaults = std::vector<const CLI::Option*>;

/// Is what was given the default that --help shows? Words are compared as they stand, numbers and lists of them by value.
[[nodiscard]] inline bool told_default(const CLI::Option& option) {
    const auto told = roi::joined(option.results(), ",");
    const auto shown = option.get_default_str();
    if (told.empty() || shown.empty()) return false;
    if (told == shown) return true;
    const auto a = parts_of_list(told), b = parts_of_list(shown);
    return std::equal(a.begin(), a.end(), b.begin(), b.end(),
                      [](std::string_view one, std::string_view other) {
                          const auto x = roi::number(one), y = roi::number(other);
                          return x && y && *x == *y;
                      });
}

/// Takes back what a command line tells with its default, before the parser checks values and what options need and exclude:
/// so a script may tell every option, and only what changes something can be wrong beside the others.
///
/// \param app  options that are declared later are taken back before they are checked, the others only before their needs are
/// \returns    gets the options that were taken back, whose `count` is 0
inline std::shared_ptr<const ToldDefaults> forget_told_defaults(CLI::App& app) {
    auto out = std::make_shared<ToldDefaults>();
    // The parser has no hook between reading words and checking them but the options themselves, in their order.
    constexpr const char* name = "--told-defaults";
    const auto forget = [out, &app](const CLI::results_t& words) {
        if (words != CLI::results_t{"none"}) throw CLI::ExtrasError({name});
        for (auto* const option : app.get_options()) {
            if (option->get_name() == name || !told_default(*option)) continue;
            option->clear();
            out->push_back(option);
        }
        return true;
    };
    app.add_option(name, forget)->group("")->expected(0)->default_str("none")->force_callback();
    return out;
}

}  // namespace examples
