// Checks of the values of options, for the parser: each gives what is wrong with a word, empty where nothing is.
#pragma once

#include <CLI/CLI.hpp>

#include <string>
#include <string_view>

namespace command {

/// What is wrong with the name of a file, as of a variable of a shell that is not set.
[[nodiscard]] std::string file_problem(const std::string& name);

/// What is wrong with the name of an image to write.
[[nodiscard]] std::string image_problem(const std::string& name);

/// Checks of numbers that say what was expected.
[[nodiscard]] CLI::Validator at_least_zero();
[[nodiscard]] CLI::Validator above_zero();
[[nodiscard]] CLI::Validator any_number();  ///< a finite one

/// Takes the zeros off that a whole number begins with; what is wrong with hexadecimal and binary ones, empty for other words.
[[nodiscard]] std::string in_decimals(std::string& word);

/// What is wrong with "nan" where a number is asked for; empty for other words.
[[nodiscard]] std::string not_a_number(const std::string& word);

/// The same where a whole number is asked for, and with fractions.
[[nodiscard]] std::string not_a_whole_number(const std::string& word);

/// Is it a number in digits that double takes for an infinite one?
[[nodiscard]] bool overflows(const std::string& word);

/// Is it made of what numbers and lists of them are made of?
[[nodiscard]] bool looks_like_numbers(std::string_view word);

}  // namespace command
