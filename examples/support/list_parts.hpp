// Lists as options take them, with commas or blanks between.
#pragma once

#include <algorithm>
#include <string_view>
#include <vector>

namespace examples {

/// The parts of a list; none is empty. They are views of it.
[[nodiscard]] inline std::vector<std::string_view> parts_of_list(std::string_view list) {
    std::vector<std::string_view> out;
    while (!list.empty()) {
        const auto end = std::min(list.find_first_of(", "), list.size());
        if (end > 0) out.push_back(list.substr(0, end));
        list.remove_prefix(std::min(end + 1, list.size()));
    }
    return out;
}

}  // namespace examples
