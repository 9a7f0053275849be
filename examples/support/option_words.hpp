// Options as manual pages and shells want them, from their declaration.
#pragma once

#include <CLI/CLI.hpp>

#include <roi/core/text.hpp>

#include <algorithm>
#include <string>
#include <string_view>
#include <vector>

namespace examples::option_words {

[[nodiscard]] inline std::vector<const CLI::Option*> options_of(const CLI::App& app, bool positional) {
    return app.get_options([positional](const CLI::Option* option) {
        return !option->get_group().empty() &&
               option->nonpositional() != positional;  // an option with both kinds of names is none here
    });
}

/// `-o`, `--output`, shortest first.
[[nodiscard]] inline std::vector<std::string> names_of(const CLI::Option& option) {
    std::vector<std::string> out;
    for (const auto& name : option.get_snames()) out.push_back("-" + name);
    for (const auto& name : option.get_lnames()) out.push_back("--" + name);
    return out;
}

[[nodiscard]] inline bool takes_value(const CLI::Option& option) {
    return option.get_items_expected_max() > 0;
}

/// The words that an option takes, from `TEXT:{a,b}`; empty where it takes any.
[[nodiscard]] inline std::vector<std::string> words_of(const CLI::Option& option) {
    const auto type = option.get_type_name();
    const auto first = type.find('{'), last = type.find('}');
    std::vector<std::string> out;
    if (first == std::string::npos || last == std::string::npos) return out;
    for (auto at = first + 1; at < last;) {
        const auto end = std::min(type.find(',', at), last);
        out.push_back(type.substr(at, end - at));
        at = end + 1;
    }
    return out;
}

/// What stands for the value of an option: `MM`, `FILE` or `a|b`.
[[nodiscard]] inline std::string value_of(const CLI::Option& option) {
    const auto words = words_of(option);
    if (!words.empty()) return roi::joined(words, "|");
    const auto type = option.get_type_name();
    return type.substr(0, type.find(':'));
}

[[nodiscard]] inline std::string replaced(std::string_view text, std::string_view what, std::string_view by) {
    std::string out;
    for (const char c : text) {
        if (what.find(c) == std::string_view::npos) {
            out += c;
        } else if (by.empty()) {
            out += ' ';
        } else {
            out += by;
            out += c;
        }
    }
    return out;
}

/// Text in the language of man: no line of it is a request, a minus is one that can be copied.
[[nodiscard]] inline std::string roff(std::string_view text) {
    std::string out;
    for (const char c : text) {
        if (c == '\\') {
            out += "\\e";
        } else if (c == '-') {
            out += "\\-";
        } else {
            if (out.empty() && (c == '.' || c == '\'')) out += "\\&";
            out += c;
        }
    }
    return out;
}

[[nodiscard]] inline std::string manual_option(const CLI::Option& option) {
    std::string names;
    for (const auto& name : names_of(option)) names += (names.empty() ? "" : ", ") + name;
    std::string value;
    if (takes_value(option)) value = " \\fI" + roff(value_of(option)) + "\\fR";
    std::string what = option.get_description();
    if (option.get_required()) what += " (required)";
    if (!option.get_default_str().empty()) what += " [" + option.get_default_str() + "]";
    return roi::text(".TP\n\\fB", roff(names), "\\fR", value, "\n", roff(what), "\n");
}

/// Inside single quotes of a shell.
[[nodiscard]] inline std::string in_quotes(std::string_view text) {
    std::string out = "'";
    for (const char c : text) out += c == '\'' ? std::string("'\\''") : std::string(1, c);
    return out + "'";
}

/// An option as `_arguments` of zsh takes it, under each of its names, each with a blank before.
[[nodiscard]] inline std::string zsh_option(const CLI::Option& option) {
    std::string out;
    for (const auto& name : names_of(option)) {
        auto spec = name + "[" + replaced(replaced(option.get_description(), "\n", ""), "[]:", "\\") + "]";
        if (takes_value(option)) {
            const auto words = words_of(option);
            spec += ":" + replaced(value_of(option), ":", "\\") + ":";
            spec += words.empty() ? std::string("_files") : "(" + roi::joined(words, " ") + ")";
        }
        out += " " + in_quotes(spec);
    }
    return out;
}

}  // namespace examples::option_words
