// The manual page and what shells complete, made from the options as they are declared.
#pragma once

#include <CLI/CLI.hpp>

#include <string>

namespace command {

/// The manual page roi(1), in the language of man.
[[nodiscard]] std::string manual_page(const CLI::App& app);

/// What `bash` or `zsh` completes after `roi`: commands, their options, and the words that an option takes.
/// \throws CLI::ValidationError for another shell
[[nodiscard]] std::string completion(const CLI::App& app, const std::string& shell);

}  // namespace command
