// What the library throws: one base with a stable code, three kinds below it.
#pragma once

#include <cstdint>
#include <functional>
#include <stdexcept>
#include <string>
#include <string_view>

namespace roi {

/// Stable numbers for every kind of failure; a program may switch on them, new ones are only added.
enum class ErrorCode : std::int32_t {
    invalid_argument = 1,  ///< a value that the function cannot work with
    grid_mismatch = 2,     ///< two images that should lie on one grid do not
    not_found = 10,        ///< a file or folder that does not exist
    unreadable = 11,       ///< a file that exists and cannot be read
    unwritable = 12,       ///< a file or folder that cannot be written
    bad_format = 20,       ///< a file whose content contradicts its format
    unsupported = 21,      ///< a valid file that holds something this library does not handle
    truncated = 22,        ///< a file that ends too early
    corrupt = 23,          ///< a file whose checksum or compressed data is wrong
    out_of_memory = 30,    ///< more memory is needed than there is
    stopped = 31,          ///< the caller asked for the work to stop
};

/// Base of everything that `roi` throws; `what()` names the file or argument, what was expected and found.
class Error : public std::runtime_error {
public:
    Error(ErrorCode code, const std::string& message) : std::runtime_error(message), code_(code) {}

    /// The stable code of this failure.
    [[nodiscard]] ErrorCode code() const noexcept { return code_; }

private:
    ErrorCode code_;
};

/// The caller passed something that the function cannot work with.
class InvalidArgument : public Error {
public:
    explicit InvalidArgument(const std::string& message) : Error(ErrorCode::invalid_argument, message) {}

protected:
    InvalidArgument(ErrorCode code, const std::string& message) : Error(code, message) {}
};

/// Two images that should lie on one grid do not; the message prints both shapes and affines.
class GridMismatch : public InvalidArgument {
public:
    explicit GridMismatch(const std::string& message) : InvalidArgument(ErrorCode::grid_mismatch, message) {}
};

/// A file that cannot be opened, read or written, or whose content is not what it should be.
class FileError : public Error {
public:
    FileError(ErrorCode code, std::string_view path, std::string_view problem)
        : Error(code, std::string(path).append(": ").append(problem)), path_(path) {}

    /// The file or folder the failure is about.
    [[nodiscard]] const std::string& path() const noexcept { return path_; }

    /// The same failure, with the part of the file that it was met in: "bold.nii.gz: volume 17: the file ends too early".
    [[nodiscard]] FileError within(std::string_view part) const {
        std::string_view problem = what();
        if (problem.substr(0, path_.size()) == path_) problem.remove_prefix(path_.size() + 2);
        return {code(), path_, std::string(part).append(": ").append(problem)};
    }

private:
    std::string path_;
};

/// Throws `InvalidArgument` with `message` when `condition` is false.
inline void require(bool condition, const char* message) {
    if (!condition) throw InvalidArgument(message);
}

/// Receives one readable line for every oddity that the library worked around; the library never prints.
using WarningHandler = std::function<void(std::string_view line)>;

/// Receives how far a long operation has come; called from the thread that started it.
using Progress = std::function<void(std::int64_t done, std::int64_t total)>;

/// Asked now and then, on the thread that started a long operation, whether it shall stop; true ends it with an `Error`
/// of the code `stopped`.
using StopRequest = std::function<bool()>;

}  // namespace roi
