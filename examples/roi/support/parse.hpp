// Words of the command line that stand for something: structures, lists, widths.
#pragma once

#include <roi/image/grid.hpp>
#include <roi/morphology/structure.hpp>

#include "session.hpp"
#include <array>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace command {

/// Is it an image, by its name or because it is a pipe, that a structure is read from?
[[nodiscard]] bool is_structure_file(const std::string& word);

/// `faces`, `edges`, `corners` (or 6, 18, 26), `ball:MM` on the grid of an image, or the name of an image that is not 0 in the neighbours.
/// \throws UsageError for anything else, naming the option
[[nodiscard]] roi::Structure structure(Session& session, const std::string& word, const roi::Grid& grid,
                                       std::string_view option = "--structure");

/// `faces`, `edges` or `corners`, or how many neighbours that are: 6, 18 or 26.
/// \throws UsageError for anything else
[[nodiscard]] roi::Connectivity connectivity(const std::string& word);

/// The parts of a list, separated by blanks or by one comma each; empty ones where a comma has nothing on a side.
[[nodiscard]] std::vector<std::string_view> list_parts(std::string_view list);

/// Whole numbers and ranges as in `0,2,5-9`, separated by commas or blanks.
/// \throws UsageError naming the part that is neither
[[nodiscard]] std::vector<std::int64_t> indices(std::string_view option, std::string_view list);

/// The same of labels, which may be below 0.
[[nodiscard]] std::vector<std::int64_t> label_numbers(std::string_view option, std::string_view list);

/// Three whole numbers.
/// \throws UsageError for anything else, naming the option
[[nodiscard]] std::array<std::int64_t, 3> whole_three(std::string_view option,
                                                      const std::vector<double>& values);

/// Three numbers; one stands for all three where `one` allows it.
/// \throws UsageError for another count, naming the option
[[nodiscard]] std::array<double, 3> three(std::string_view option, const std::vector<double>& values,
                                          bool one);

/// What is wrong with the name of a picture: nothing where it ends in .svg or .png. A check of the parser.
[[nodiscard]] std::string picture_problem(const std::string& name);

}  // namespace command
