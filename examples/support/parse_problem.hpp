// What is wrong with a command line.
#pragma once

#include <CLI/CLI.hpp>

#include <roi/core/text.hpp>

#include <algorithm>
#include <cctype>
#include <string>
#include <string_view>
#include <vector>

namespace examples {

/// What is given more often than once, where the parser counts values.
[[nodiscard]] inline std::string given_often(const std::string& problem) {
    constexpr std::string_view most = ": At Most 1 required but received ";
    const auto at = problem.find(most);
    if (at == std::string::npos) return {};
    return roi::text(problem.substr(0, at), ": expected once, found ", problem.substr(at + most.size()),
                     " times");
}

/// A number out of the range of its option, as other checks of numbers say it; the parser writes six decimals of each end.
[[nodiscard]] inline std::string out_of_range(const std::string& problem) {
    constexpr std::string_view value = ": Value ", range = " not in range ", to = " to ";
    const auto at = problem.find(value), in = problem.find(range);
    if (at == std::string::npos || in == std::string::npos || in < at) return {};
    const auto ends = problem.substr(in + range.size());
    const auto between = ends.find(to);
    if (between == std::string::npos) return {};
    double low = 0.0, high = 0.0;
    if (!CLI::detail::lexical_cast(ends.substr(0, between), low) ||
        !CLI::detail::lexical_cast(ends.substr(between + to.size()), high)) {
        return {};
    }
    const auto found = problem.substr(at + value.size(), in - at - value.size());
    return roi::text(problem.substr(0, at), ": expected a number from ", low, " to ", high, ", found ",
                     found);
}

/// What the parser cannot convert are numbers; it does not say so.
[[nodiscard]] inline std::string in_own_words(const CLI::App& app, const std::string& problem) {
    if (auto often = given_often(problem); !often.empty()) return often;
    if (auto range = out_of_range(problem); !range.empty()) return range;
    constexpr std::string_view prefix = "Could not convert: ", is = " = ";
    const auto equals = problem.find(is);
    if (problem.compare(0, prefix.size(), prefix) != 0 || equals == std::string::npos) return problem;
    const auto option = problem.substr(prefix.size(), equals - prefix.size());
    const auto word = problem.substr(equals + is.size());
    const auto commands = app.get_subcommands();
    const CLI::App* const command = commands.empty() ? &app : commands.back();
    // The parser's own search by name ends the program where memory runs out.
    const auto options = command->get_options();
    const auto known = std::find_if(options.begin(), options.end(),
                                    [&](const CLI::Option* each) { return each->check_name(option); });
    if (known != options.end() && (*known)->get_items_expected_max() == 0)
        return roi::text(option, ": expected no value, found ", word);
    return roi::text(option, ": expected a number, found ", word,
                     !word.empty() && word.back() == '%' ? "; leave out the %" : "");
}

/// What the parser found, and which words are no options: the parser asks for what is missing first, and a misspelt option
/// is why it is missing.
[[nodiscard]] inline std::string parse_problem(const CLI::App& app, const CLI::ParseError& error) {
    if (dynamic_cast<const CLI::ExtrasError*>(&error)) return error.what();
    std::vector<std::string> unknown;
    for (const auto& word : app.remaining(true)) {
        const auto letter = word.find_first_not_of('-');
        if (letter == 0 || letter == std::string::npos ||
            !std::isalpha(static_cast<unsigned char>(word[letter])))
            continue;
        unknown.push_back(word.substr(0, word.find('=')));
    }
    const auto problem = in_own_words(app, error.what());
    if (unknown.empty()) return problem;
    return roi::text(problem, "; ", roi::joined(unknown, ", "),
                     unknown.size() == 1 ? " is no option" : " are no options");
}

}  // namespace examples
