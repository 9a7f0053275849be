#include "manual.hpp"

#include <roi/core/text.hpp>
#include <roi/core/version.hpp>

#include "support/option_words.hpp"
#include <algorithm>
#include <vector>

namespace command {

namespace {

using namespace examples::option_words;

std::vector<const CLI::App*> commands_of(const CLI::App& app) {
    return app.get_subcommands([](const CLI::App* sub) { return !sub->get_group().empty(); });
}

std::string bash(const CLI::App& app) {
    std::vector<std::string> commands;
    std::string options, values;
    for (const auto* command : commands_of(app)) {
        commands.push_back(command->get_name());
        std::vector<std::string> names;
        for (const auto* option : options_of(*command, false)) {
            const auto spelled = names_of(*option);
            names.insert(names.end(), spelled.begin(), spelled.end());
            const auto words = words_of(*option);
            if (words.empty()) continue;
            for (const auto& name : spelled) {
                values += roi::text("        ", in_quotes(command->get_name() + " " + name),
                                    ") words=", in_quotes(roi::joined(words, " ")), " ;;\n");
            }
        }
        // What is no option: only the first such word may be one of several.
        const auto positional = options_of(*command, true);
        if (!positional.empty() && !words_of(*positional.front()).empty()) {
            values +=
                roi::text("        ", in_quotes(command->get_name() + " " + command->get_name()),
                          ") words=", in_quotes(roi::joined(words_of(*positional.front()), " ")), " ;;\n");
        }
        options += roi::text("        ", command->get_name(), ") words=", in_quotes(roi::joined(names, " ")),
                             " ;;\n");
    }
    return roi::text(
        "# bash completion of roi; made by roi --completion bash\n"
        "_roi() {\n"
        "    local current=${COMP_WORDS[COMP_CWORD]} words=\n"
        "    COMPREPLY=()\n"
        "    if [ \"$COMP_CWORD\" -eq 1 ]; then\n"
        "        words=",
        in_quotes(roi::joined(commands, " ") + " --help --version"),
        "\n"
        "    else\n"
        "        case \"${COMP_WORDS[1]} ${COMP_WORDS[COMP_CWORD-1]}\" in\n",
        values,
        "        esac\n"
        "        case $current in -*) case ${COMP_WORDS[1]} in\n",
        options,
        "        esac ;; esac\n"
        "    fi\n"
        "    [ -n \"$words\" ] && COMPREPLY=($(compgen -W \"$words\" -- \"$current\"))\n"
        "}\n"
        "complete -o default -F _roi roi\n");
}

std::string zsh(const CLI::App& app) {
    std::string commands, cases;
    for (const auto* command : commands_of(app)) {
        commands += roi::text(
            "        ", in_quotes(command->get_name() + ":" + replaced(command->get_description(), "\n", "")),
            "\n");
        cases += roi::text("        ", command->get_name(), ") _arguments");
        for (const auto* option : options_of(*command, false)) cases += zsh_option(*option);
        const auto positional = options_of(*command, true);
        if (!positional.empty() && !words_of(*positional.front()).empty()) {
            cases += " " + in_quotes("1:" + positional.front()->get_name() + ":(" +
                                     roi::joined(words_of(*positional.front()), " ") + ")");
        }
        cases += " '*:file:_files' ;;\n";
    }
    return roi::text(
        "#compdef roi\n"
        "# zsh completion of roi; made by roi --completion zsh\n"
        "_roi() {\n"
        "    local -a commands\n"
        "    commands=(\n",
        commands,
        "    )\n"
        "    if (( CURRENT == 2 )); then\n"
        "        _describe command commands\n"
        "        return\n"
        "    fi\n"
        "    shift words\n"
        "    (( CURRENT-- ))\n"
        "    case $words[1] in\n",
        cases,
        "    esac\n"
        "}\n"
        "_roi \"$@\"\n");
}

}  // namespace

std::string manual_page(const CLI::App& app) {
    std::string out = roi::text(
        ".TH ROI 1 \"\" \"roi ", roi::version, "\" \"User Commands\"\n.SH NAME\nroi \\- ",
        "regions of interest in brain images\n.SH SYNOPSIS\n\\fBroi\\fR \\fICOMMAND\\fR \\fIINPUT\\fR... "
        "[\\fIOPTIONS\\fR]\n.SH DESCRIPTION\n",
        roff(app.get_description()),
        "\n.PP\nImages are .nii, .nii.gz, or .hdr with .img, and to read .mgh and .mgz; as an input \\- is "
        "standard input, plain or "
        "compressed, as an output standard output. Tables are .tsv, .csv or .json; \\- is standard input "
        "here, too. Lists of numbers are separated by commas or blanks. Lengths are in mm, times in "
        "seconds, frequencies in Hz; volumes count from 0.\n");
    std::vector<std::string> groups;
    for (const auto* command : commands_of(app)) {
        if (std::find(groups.begin(), groups.end(), command->get_group()) == groups.end()) {
            groups.push_back(command->get_group());
        }
    }
    for (const auto& group : groups) {
        std::string title = group;
        std::transform(title.begin(), title.end(), title.begin(),
                       [](char c) { return c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c; });
        out += ".SH " + title + "\n";
        for (const auto* command : commands_of(app)) {
            if (command->get_group() != group) continue;
            out += roi::text(".SS roi ", roff(command->get_name()));
            for (const auto* option : options_of(*command, true)) out += " " + roff(value_of(*option));
            out += "\n" + roff(command->get_description()) + "\n";
            for (const auto* option : options_of(*command, false)) out += manual_option(*option);
        }
    }
    return out +
           ".SH EXIT STATUS\n0 done, 1 unusable data or files, 2 wrong usage.\n"
           ".SH ENVIRONMENT\n.TP\n\\fBROI_THREADS\\fR\nNumber of threads without \\-\\-threads.\n"
           ".TP\n\\fBTMPDIR\\fR\nWhere standard input is kept while it is read, and a run while its voxels "
           "are filtered.\n";
}

std::string completion(const CLI::App& app, const std::string& shell) {
    if (shell == "bash") return bash(app);
    if (shell == "zsh") return zsh(app);
    throw CLI::ValidationError("--completion", "expected bash or zsh, found " + shell);
}

}  // namespace command
