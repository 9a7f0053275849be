// What is wrong with how a program was called.
#pragma once

#include <stdexcept>

namespace command {

/// Options that contradict each other in a way that the parser of the command line cannot see: status 2.
struct UsageError : std::runtime_error {
    using std::runtime_error::runtime_error;
};

}  // namespace command
