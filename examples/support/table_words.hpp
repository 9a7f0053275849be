// How tables are asked for on a command line.
#pragma once

#include <CLI/CLI.hpp>

#include <roi/table/data_table.hpp>

#include <string>

namespace examples {

/// `--formulas keep|quote|refuse`; `value` must live as long as the parser.
inline CLI::Option* add_formulas(CLI::App& app, roi::Formulas& value) {
    const auto read = [&value](const std::string& word) {
        value = word == "quote"    ? roi::Formulas::quote
                : word == "refuse" ? roi::Formulas::refuse
                                   : roi::Formulas::keep;
    };
    return app
        .add_option_function<std::string>("--formulas", read,
                                          "Texts in tables that a spreadsheet would run: keep them, quote "
                                          "them with ', or refuse to write them")
        ->check(CLI::IsMember({"keep", "quote", "refuse"}));
}

}  // namespace examples
