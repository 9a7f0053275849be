#include <roi/core/version.hpp>

#include "catch.hpp"
#include <string>

TEST_CASE("version: numbers, text and package say the same") {
    const auto numbers = std::to_string(ROI_VERSION_MAJOR) + "." + std::to_string(ROI_VERSION_MINOR) + "." +
                         std::to_string(ROI_VERSION_PATCH);
    CHECK(std::string(roi::version) == numbers);
    CHECK(std::string(ROI_PACKAGE_VERSION) == numbers);
}
