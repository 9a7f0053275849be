// Errors: their codes are stable, every kind can be caught as its bases.
#include <roi/core/error.hpp>

#include "catch.hpp"
#include "checks.hpp"
#include <stdexcept>
#include <string>
#include <type_traits>

static_assert(std::is_base_of_v<std::runtime_error, roi::Error>);
static_assert(std::is_base_of_v<roi::Error, roi::InvalidArgument>);
static_assert(std::is_base_of_v<roi::InvalidArgument, roi::GridMismatch>);
static_assert(std::is_base_of_v<roi::Error, roi::FileError>);
static_assert(!std::is_base_of_v<roi::InvalidArgument, roi::FileError>);
static_assert(std::is_nothrow_copy_constructible_v<roi::InvalidArgument>);

TEST_CASE("error codes are numbers that programs may rely on") {
    using roi::ErrorCode;
    CHECK(static_cast<int>(ErrorCode::invalid_argument) == 1);
    CHECK(static_cast<int>(ErrorCode::grid_mismatch) == 2);
    CHECK(static_cast<int>(ErrorCode::not_found) == 10);
    CHECK(static_cast<int>(ErrorCode::unreadable) == 11);
    CHECK(static_cast<int>(ErrorCode::unwritable) == 12);
    CHECK(static_cast<int>(ErrorCode::bad_format) == 20);
    CHECK(static_cast<int>(ErrorCode::unsupported) == 21);
    CHECK(static_cast<int>(ErrorCode::truncated) == 22);
    CHECK(static_cast<int>(ErrorCode::corrupt) == 23);
}

TEST_CASE("every error carries its code and message") {
    const auto code = [](auto error) {
        try {
            throw error;
        } catch (const roi::Error& caught) {
            CHECK(std::string(caught.what()).find("problem") != std::string::npos);
            return caught.code();
        }
    };
    CHECK(code(roi::InvalidArgument("problem")) == roi::ErrorCode::invalid_argument);
    CHECK(code(roi::GridMismatch("problem")) == roi::ErrorCode::grid_mismatch);
    CHECK(code(roi::FileError(roi::ErrorCode::truncated, "a.nii", "problem")) == roi::ErrorCode::truncated);
}

TEST_CASE("a file error names its file first") {
    const roi::FileError error(roi::ErrorCode::not_found, "folder/bold.nii.gz", "there is no such file");
    CHECK(error.path() == "folder/bold.nii.gz");
    CHECK(std::string(error.what()) == "folder/bold.nii.gz: there is no such file");
}

TEST_CASE("require throws only when the condition is false") {
    CHECK_NOTHROW(roi::require(true, "not seen"));
    CHECK(test::message_of<roi::InvalidArgument>([] { roi::require(false, "seen"); }) == "seen");
}
