// What becomes of a volume in two conditions, as an option says it.
#pragma once

#include <roi/table/events.hpp>

#include <string>
#include <string_view>
#include <vector>

namespace command {

/// The words that it may be.
[[nodiscard]] inline std::vector<std::string> overlap_words() { return {"error", "first", "last", "drop"}; }

/// What one of them means.
[[nodiscard]] inline roi::OverlapRule overlap_rule(std::string_view word) {
    return word == "first"  ? roi::OverlapRule::first
           : word == "last" ? roi::OverlapRule::last
           : word == "drop" ? roi::OverlapRule::drop
                            : roi::OverlapRule::error;
}

}  // namespace command
