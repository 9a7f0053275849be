// The manual page and the completions of a program without subcommands, made from its options as they are declared.
#pragma once

#include <CLI/CLI.hpp>

#include <roi/core/text.hpp>
#include <roi/core/version.hpp>

#include "option_words.hpp"
#include <algorithm>
#include <cstddef>
#include <cstdio>
#include <string>
#include <string_view>
#include <vector>

namespace examples {

namespace detail {

[[nodiscard]] inline std::string upper_case(std::string text) {
    std::transform(text.begin(), text.end(), text.begin(),
                   [](char c) { return c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c; });
    return text;
}

/// The manual page, in the language of man. Of what stands below the options in --help, exit statuses come last.
[[nodiscard]] inline std::string manual_page(const CLI::App& app) {
    using namespace option_words;
    const auto& name = app.get_name();
    const auto what = app.get_description();
    std::string out =
        roi::text(".TH ", upper_case(name), " 1 \"\" \"roi ", roi::version,
                  "\" \"User Commands\"\n.SH NAME\n", roff(name), " \\- ",
                  roff(what.substr(0, what.find('\n'))), "\n.SH SYNOPSIS\n\\fB", roff(name), "\\fR");
    for (const auto* option : options_of(app, true)) {
        const auto words = words_of(*option);
        out += roi::text(" \\fI", roff(words.empty() ? upper_case(option->get_name()) : value_of(*option)),
                         "\\fR");
    }
    out += roi::text(" [\\fIOPTIONS\\fR]\n.SH DESCRIPTION\n", roff(replaced(what, "\n", "")), "\n");
    for (const auto* option : options_of(app, true)) {
        out += roi::text(".TP\n\\fI", roff(upper_case(option->get_name())), "\\fR\n",
                         roff(option->get_description()), "\n");
    }
    std::vector<std::string> groups;
    for (const auto* option : options_of(app, false)) {
        if (std::find(groups.begin(), groups.end(), option->get_group()) == groups.end())
            groups.push_back(option->get_group());
    }
    for (const auto& group : groups) {
        out += roi::text(".SH ", upper_case(group), "\n");
        for (const auto* option : options_of(app, false)) {
            if (option->get_group() == group) out += manual_option(*option);
        }
    }
    const auto footer = replaced(app.get_footer(), "\n", "");
    constexpr std::string_view title = "Exit status: ";
    const auto at = footer.find(title);
    if (const auto notes = footer.substr(0, at); !notes.empty())
        out += roi::text(".SH NOTES\n", roff(notes), "\n");
    if (at != std::string::npos)
        out += roi::text(".SH EXIT STATUS\n", roff(footer.substr(at + title.size())), "\n");
    return out;
}

[[nodiscard]] inline std::string bash_completion(const CLI::App& app) {
    using namespace option_words;
    const auto& program = app.get_name();
    std::vector<std::string> names;
    std::string values, places;
    for (const auto* option : options_of(app, false)) {
        const auto spelled = names_of(*option);
        names.insert(names.end(), spelled.begin(), spelled.end());
        if (!words_of(*option).empty()) {
            values += roi::text("        ", roi::joined(spelled, " | "),
                                ") words=", in_quotes(roi::joined(words_of(*option), " ")), " ;;\n");
        }
    }
    std::size_t place = 0;
    for (const auto* option : options_of(app, true)) {
        ++place;
        if (words_of(*option).empty()) continue;
        places +=
            roi::text("        ", place, ") words=", in_quotes(roi::joined(words_of(*option), " ")), " ;;\n");
    }
    return roi::text("# bash completion of ", program, "; made by ", program, " --completion bash\n_",
                     program,
                     "() {\n"
                     "    local current=${COMP_WORDS[COMP_CWORD]} words=\n"
                     "    COMPREPLY=()\n"
                     "    case ${COMP_WORDS[COMP_CWORD-1]} in\n",
                     values,
                     "    esac\n"
                     "    [ -n \"$words\" ] || case $COMP_CWORD in\n",
                     places,
                     "    esac\n"
                     "    case $current in -*) words=",
                     in_quotes(roi::joined(names, " ")),
                     " ;; esac\n"
                     "    [ -n \"$words\" ] && COMPREPLY=($(compgen -W \"$words\" -- \"$current\"))\n"
                     "}\n"
                     "complete -o default -F _",
                     program, ' ', program, '\n');
}

[[nodiscard]] inline std::string zsh_completion(const CLI::App& app) {
    using namespace option_words;
    const auto& program = app.get_name();
    std::string out = roi::text("#compdef ", program, "\n# zsh completion of ", program, "; made by ",
                                program, " --completion zsh\n_arguments");
    for (const auto* option : options_of(app, false)) out += zsh_option(*option);
    std::size_t place = 0;
    for (const auto* option : options_of(app, true)) {
        const auto words = words_of(*option);
        out += roi::text(
            ' ', in_quotes(roi::text(
                     ++place, ':', option->get_name(), ':',
                     words.empty() ? std::string("_files") : roi::text('(', roi::joined(words, " "), ')'))));
    }
    return out + "\n";
}

}  // namespace detail

/// Prints what `--man` or `--completion bash|zsh`, alone on a command line, ask for; they are not among the options, because
/// they are for whoever installs the program.
/// \returns false for any other command line
[[nodiscard]] inline bool print_manual(const CLI::App& app, int argc, char** argv) {
    const std::string_view first = argc > 1 ? argv[1] : "", second = argc > 2 ? argv[2] : "";
    std::string out;
    if (argc == 2 && first == "--man") out = detail::manual_page(app);
    if (argc == 3 && first == "--completion" && second == "bash") out = detail::bash_completion(app);
    if (argc == 3 && first == "--completion" && second == "zsh") out = detail::zsh_completion(app);
    (void)std::fputs(out.c_str(), stdout);
    return !out.empty();
}

}  // namespace examples
