// Words and numbers of names, as people compare them: without case, numbers by value.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace command {

using Words = std::vector<std::string>;

[[nodiscard]] bool is_digit(char c);

/// A digit or a letter; what is not ASCII is part of letters, in UTF-8.
[[nodiscard]] bool is_alnum(char c);

/// Are all of its characters digits?
[[nodiscard]] bool is_number(std::string_view word);

/// A text in small letters.
[[nodiscard]] std::string in_small_letters(std::string_view text);

/// Takes the number that a text begins with, without zeros before it.
[[nodiscard]] std::string_view number_at(std::string_view& text);

/// Before another in the order of names whose numbers count by value?
[[nodiscard]] bool before(std::string_view a, std::string_view b);

/// Are they equal, but for zeros before numbers?
[[nodiscard]] bool same_but_for_zeros(std::string_view a, std::string_view b);

/// The words of letters and digits in a text, in small letters and numbers without zeros before them.
///
/// \param apart  are letters and digits that touch words of their own?
[[nodiscard]] Words words_in(std::string_view text, bool apart);

}  // namespace command
