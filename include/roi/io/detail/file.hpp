// Files by descriptor: opened with care, errors told in the system's own words.
#pragma once

#include <fcntl.h>
#include <poll.h>
#include <sys/stat.h>
#include <unistd.h>

#include <roi/core/error.hpp>
#include <roi/core/text.hpp>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <system_error>
#include <utility>

namespace roi::detail {

/// The system's text for an error number; safe from any thread, unlike strerror.
[[nodiscard]] inline std::string reason(int error) { return std::generic_category().message(error); }

/// Owns an open file.
class FileDescriptor {
public:
    FileDescriptor() = default;
    explicit FileDescriptor(int number) : number_(number) {}
    FileDescriptor(FileDescriptor&& other) noexcept : number_(std::exchange(other.number_, -1)) {}
    FileDescriptor& operator=(FileDescriptor&& other) noexcept {
        std::swap(number_, other.number_);
        return *this;
    }
    ~FileDescriptor() { (void)close(); }

    [[nodiscard]] bool is_open() const { return number_ >= 0; }
    [[nodiscard]] int number() const { return number_; }

    /// Closes; returns 0 or the error number, which some file systems report only here.
    int close() {
        const int number = std::exchange(number_, -1);
        return number < 0 || ::close(number) == 0 || errno == EINTR ? 0 : errno;
    }

private:
    int number_ = -1;
};

/// \throws FileError for a name that no file can have: the system would take the text up to its first zero byte
inline void require_path(const std::string& path, ErrorCode code) {
    if (path.empty()) throw FileError(code, "\"\"", "the path is empty; expected the name of a file");
    const auto zero = path.find('\0');
    if (zero == std::string::npos) return;
    throw FileError(
        code, path.substr(0, zero),
        text("the path goes on behind a zero byte at position ", zero, ", which no name of a file can hold"));
}

/// Is this a link of git-annex? It keeps files that are not here as links to nothing.
[[nodiscard]] inline bool is_annex_link(const std::string& path) {
    std::array<char, 4096> link;
    const auto count = ::readlink(path.c_str(), link.data(), link.size());
    return count > 0 &&
           std::string_view(link.data(), static_cast<std::size_t>(count)).find("annex/objects") !=
               std::string_view::npos;
}

/// A regular file open for reading, and its size in bytes.
struct OpenedFile {
    FileDescriptor file;
    std::int64_t size = 0;
};

/// Opens a regular file for reading.
/// \throws FileError not_found, or unreadable with the reason; folders, devices and pipes are refused
[[nodiscard]] inline OpenedFile open_for_reading(const std::string& path) {
    require_path(path, ErrorCode::not_found);
    // Without O_NONBLOCK, opening a pipe that nobody writes to would wait for ever.
    FileDescriptor file(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY));
    if (!file.is_open()) {
        const int error = errno;
        const bool missing = error == ENOENT || error == ENOTDIR;
        if (missing && is_annex_link(path)) {
            throw FileError(
                ErrorCode::not_found, path,
                "this is a link of git-annex whose content is not here; get it with git annex get, "
                "or datalad get");
        }
        throw FileError(missing ? ErrorCode::not_found : ErrorCode::unreadable, path,
                        text("cannot be opened: ", reason(error)));
    }
    struct stat status {};
    if (::fstat(file.number(), &status) != 0) {
        throw FileError(ErrorCode::unreadable, path, text("cannot be examined: ", reason(errno)));
    }
    if (!S_ISREG(status.st_mode)) {
        throw FileError(ErrorCode::unreadable, path,
                        S_ISDIR(status.st_mode) ? "expected a file, found a folder"
                        : S_ISFIFO(status.st_mode)
                            ? "expected a regular file, found a pipe; write what comes through it "
                              "to a file first"
                            : "expected a regular file, found a device");
    }
    return {std::move(file), std::int64_t{status.st_size}};
}

/// Waits until a file that does not block, as a pipe from another program may be set, takes or gives bytes.
inline void wait_for(int number, short event) {
    pollfd ready{number, event, 0};
    (void)::poll(&ready, 1, -1);
}

[[nodiscard]] inline bool would_block(int error) { return error == EAGAIN || error == EWOULDBLOCK; }

/// Reads up to `out.size()` bytes; fewer only at the end of the file.
/// \throws FileError unreadable with the reason
[[nodiscard]] inline std::size_t read_bytes(const FileDescriptor& file, const std::string& path,
                                            std::span<std::byte> out) {
    constexpr std::size_t most = std::size_t{1} << 30;  // systems limit a single read to about 2 GB
    std::size_t done = 0;
    while (done < out.size()) {
        const auto count = ::read(file.number(), out.data() + done, std::min(out.size() - done, most));
        if (count == 0) break;
        if (count > 0) {
            done += static_cast<std::size_t>(count);
        } else if (would_block(errno)) {
            wait_for(file.number(), POLLIN);
        } else if (errno != EINTR) {
            throw FileError(ErrorCode::unreadable, path, text("cannot be read: ", reason(errno)));
        }
    }
    return done;
}

/// The last four bytes of a file of `size` bytes as a number, least significant first, wherever reading stands; nothing
/// where they cannot be read.
[[nodiscard]] inline std::optional<std::uint32_t> last_number(const FileDescriptor& file, std::int64_t size) {
    std::array<unsigned char, 4> bytes{};
    const auto at = static_cast<off_t>(size - std::int64_t{bytes.size()});
    if (at < 0 || ::pread(file.number(), bytes.data(), bytes.size(), at) != ssize_t{bytes.size()}) return {};
    return bytes[0] | std::uint32_t{bytes[1]} << 8 | std::uint32_t{bytes[2]} << 16 |
           std::uint32_t{bytes[3]} << 24;
}

/// Writes all bytes.
/// \throws FileError unwritable with the reason
inline void write_bytes(const FileDescriptor& file, const std::string& path,
                        std::span<const std::byte> bytes) {
    constexpr std::size_t most = std::size_t{1} << 30;
    while (!bytes.empty()) {
        const auto count = ::write(file.number(), bytes.data(), std::min(bytes.size(), most));
        if (count >= 0) {
            bytes = bytes.subspan(static_cast<std::size_t>(count));
        } else if (would_block(errno)) {
            wait_for(file.number(), POLLOUT);
        } else if (errno != EINTR) {
            throw FileError(ErrorCode::unwritable, path, text("cannot be written: ", reason(errno)));
        }
    }
}

[[nodiscard]] inline FileDescriptor share_open(int number, const std::string& name, ErrorCode code) {
    FileDescriptor file(::fcntl(number, F_DUPFD_CLOEXEC, 3));
    if (!file.is_open()) throw FileError(code, name, text("is not open: ", reason(errno)));
    return file;
}

/// Another descriptor for what is open already, a pipe or a file from where it stands.
/// \throws FileError unreadable
[[nodiscard]] inline OpenedFile share_for_reading(int number, const std::string& name) {
    OpenedFile out{share_open(number, name, ErrorCode::unreadable), INT64_MAX};
    struct stat status {};
    if (::fstat(number, &status) != 0) {
        throw FileError(ErrorCode::unreadable, name, text("cannot be examined: ", reason(errno)));
    }
    if (S_ISDIR(status.st_mode)) {
        throw FileError(ErrorCode::unreadable, name, "expected a file or a pipe, found a folder");
    }
    if (!S_ISREG(status.st_mode)) return out;
    const auto at = ::lseek(number, 0, SEEK_CUR);
    out.size = std::max<std::int64_t>(0, std::int64_t{status.st_size} - std::max<std::int64_t>(at, 0));
    return out;
}

/// \throws FileError unwritable
[[nodiscard]] inline FileDescriptor share_for_writing(int number, const std::string& name) {
    return share_open(number, name, ErrorCode::unwritable);
}

}  // namespace roi::detail
