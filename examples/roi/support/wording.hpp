// Messages of the library in the words of a shell.
#pragma once

#include <string>

namespace command {

/// What a message of the library says to a person at a shell: commands and options instead of functions and members.
[[nodiscard]] std::string for_a_shell(std::string message);

/// The same for a message that begins with a file: its name may look like a function's, which `for_a_shell` leaves out.
[[nodiscard]] std::string in_words_of_a_shell(std::string message);

}  // namespace command
