// Messages of the library in the words of a shell.
#pragma once

#include <string>

namespace command {

/// What a message of the library says to a person at a shell: commands and options instead of functions and members.
[[nodiscard]] std::string for_a_shell(std::string message);

}  // namespace command
