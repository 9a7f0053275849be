// System calls that change files, told to whoever wants to know in which order they were made. What is told of is in
// failing_calls.hpp, which one file of a program includes; this page is for the others.
#pragma once

#include "sanitized.hpp"
#include <cstdlib>  // says whether this is glibc

// The allocations of glibc have other names beside; musl's and those of sanitizers do not. The unwinder that comes with
// libc++ 14 needs memory to throw, and crashes inside the library's own strings when there is none.
#if defined(__linux__) && defined(__GLIBC__) && !defined(ROI_SANITIZED) && !defined(_LIBCPP_VERSION)
#define ROI_CALLS_CAN_FAIL

#include <sys/types.h>

#include <cstddef>
#include <string_view>

namespace failing {

/// Is told of every call that has succeeded.
class Watcher {
public:
    Watcher() = default;
    Watcher(const Watcher&) = delete;
    Watcher& operator=(const Watcher&) = delete;
    virtual ~Watcher() = default;

    virtual void opened(int file, const char* path, int flags) = 0;
    virtual void written(int file, std::string_view bytes) = 0;
    virtual void cut(int file, off_t size) = 0;
    virtual void synced(int file) = 0;
    virtual void folder_made(const char* path) = 0;
    virtual void renamed(const char* from, const char* to) = 0;
    virtual void linked(const char* from, const char* to) = 0;
    /// `folder` is open, or AT_FDCWD.
    virtual void removed(int folder, const char* path) = 0;

    /// Should this one fail?
    [[nodiscard]] virtual bool refuses_rename() { return false; }

    /// The number that a file seems to have.
    [[nodiscard]] virtual ino_t number_of(ino_t number) const { return number; }
};

inline Watcher* watcher = nullptr;

}  // namespace failing

#endif
