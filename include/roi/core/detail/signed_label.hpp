// Labels as results state them: whole numbers of 64 bits with a sign, whatever type an atlas has.
#pragma once

#include <roi/core/concepts.hpp>
#include <roi/core/error.hpp>
#include <roi/core/text.hpp>

#include <cstdint>
#include <limits>
#include <string_view>
#include <utility>

namespace roi::detail {

/// A label as results state it.
///
/// \param who  the function, for the message
/// \throws InvalidArgument when it is larger than 64 bits with a sign hold
template <IntegerVoxel T>
[[nodiscard]] std::int64_t signed_label(T label, std::string_view who) {
    if (!std::in_range<std::int64_t>(label)) {
        throw InvalidArgument(text(who, ": expected labels up to ", std::numeric_limits<std::int64_t>::max(),
                                   ", found ", label, "; give that region a smaller number"));
    }
    return static_cast<std::int64_t>(label);
}

}  // namespace roi::detail
