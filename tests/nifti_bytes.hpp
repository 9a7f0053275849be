// NIfTI files packed by hand, right or wrong, so that tests of the reader do not lean on the writer; and the
// errors they cause.
#pragma once

#include <roi/core/error.hpp>

#include "header_bytes.hpp"
#include "support.hpp"
#include <string>
#include <string_view>

namespace test {

/// The error that `action` throws: its code and message; fails the test when it throws none.
struct Failure {
    roi::ErrorCode code{};
    std::string message;

    [[nodiscard]] bool says(std::string_view part) const { return message.find(part) != std::string::npos; }
};

template <class Action>
Failure failure_of(Action&& action) {
    try {
        action();
    } catch (const roi::Error& error) {
        CHECK(std::string_view(error.what()).find('\n') == std::string_view::npos);
        return {error.code(), error.what()};
    }
    FAIL("expected an error, found none");
    return {};
}

}  // namespace test
