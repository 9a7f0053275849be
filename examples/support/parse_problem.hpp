// What is wrong with a command line.
#pragma once

#include <CLI/CLI.hpp>

#include <roi/core/text.hpp>

#include <cctype>
#include <string>
#include <vector>

namespace examples {

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
    if (unknown.empty()) return error.what();
    return roi::text(error.what(), "; ", roi::joined(unknown, ", "),
                     unknown.size() == 1 ? " is no option" : " are no options");
}

}  // namespace examples
