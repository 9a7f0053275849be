// System calls and allocations that fail when told to. They are functions of the same names as the system's, which pass on
// what they do not fail; so this goes into one file of a program, or into a library that is loaded before all others.
#pragma once

#include "failures/watched_calls.hpp"

#if defined(ROI_CALLS_CAN_FAIL)

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <cerrno>
#include <cstdarg>
#include <cstddef>
#include <cstdint>
#include <string_view>
#include <utility>

namespace failing {

enum class Kind { system, memory };

inline std::atomic<bool> armed{false};
inline std::atomic<long> calls{0};
inline Kind kind = Kind::system;
inline long failing_call = 0;  // from 1
inline bool for_ever = false;
inline int error_number = EIO;

/// Which callers of allocations count; all, where there is none.
inline bool (*counts)(const void* caller) = nullptr;

inline bool fails() {
    if (!armed || kind != Kind::system) return false;
    const long call = ++calls;
    if (for_ever ? call < failing_call : call != failing_call) return false;
    errno = error_number;
    return true;
}

/// Which of the calls that change names fail, from the first on: bit by bit, and of those beyond the last bit as it says.
inline std::uint64_t refused_names = 0;
inline long names_changed = -1;  // so far; -1 when none is to fail

inline bool name_fails() {
    if (fails()) return true;
    if (names_changed < 0) return false;
    const long call = std::min(names_changed++, 63L);
    if ((refused_names >> call & 1) == 0) return false;
    errno = EIO;
    return true;
}

/// Are flushes left out also while no call is to fail?
inline bool unsynced = false;

/// Runs `action` with these calls failing; returns how many changed names, or should have.
template <class Action>
long with_refused_names(std::uint64_t which, Action&& action) {
    refused_names = which;
    names_changed = 0;
    try {
        action();
    } catch (...) {
        names_changed = -1;
        throw;
    }
    return std::exchange(names_changed, -1);
}

inline bool memory_fails(const void* caller) {
    if (!armed || kind != Kind::memory) return false;
    if (counts && !counts(caller)) return false;
    const long call = ++calls;
    if (for_ever ? call < failing_call : call != failing_call) return false;
    errno = ENOMEM;
    return true;
}

/// What is to fail: call number `call` of its kind, from 1, and with `ever` all later ones; 0 for none.
struct Fault {
    Kind kind = Kind::system;
    long call = 0;
    bool ever = false;
    int error = EIO;
};

inline void arm(const Fault& fault) {
    kind = fault.kind;
    failing_call = fault.call == 0 ? -1 : fault.call;
    for_ever = fault.call != 0 && fault.ever;
    error_number = fault.error;
    calls = 0;
    armed = true;
}

/// Runs `action` with this fault; returns how many calls of the kind there were.
template <class Action>
long with(const Fault& fault, Action&& action) {
    arm(fault);
    try {
        action();
    } catch (...) {
        armed = false;
        throw;
    }
    armed = false;
    return calls;
}

inline int result(long value) { return static_cast<int>(value); }

/// Passes on a result and tells the watcher of success.
template <class Tell>
int told(long value, Tell&& tell) {
    if (value == 0 && watcher) {
        const int error = errno;
        tell(*watcher);
        errno = error;
    }
    return result(value);
}

inline int examined(int folder, const char* path, struct stat* out, int flags) {
    if (fails()) return -1;
    return told(syscall(SYS_newfstatat, folder, path, out, flags),
                [out](const Watcher& by) { out->st_ino = by.number_of(out->st_ino); });
}

inline int removed(int folder, const char* path, int flags) {
    if (name_fails()) return -1;
    return told(syscall(SYS_unlinkat, folder, path, flags), [&](Watcher& by) { by.removed(folder, path); });
}

}  // namespace failing

extern "C" {

void* __libc_malloc(size_t size);
void* __libc_calloc(size_t count, size_t size);
void* __libc_realloc(void* old, size_t size);
void* __libc_memalign(size_t alignment, size_t size);

int open(const char* path, int flags, ...) {
    va_list rest;
    va_start(rest, flags);
    const unsigned mode = (flags & O_CREAT) != 0 ? va_arg(rest, unsigned) : 0;
    va_end(rest);
    if (failing::fails()) return -1;
    const int file = failing::result(syscall(SYS_openat, AT_FDCWD, path, flags, mode));
    if (file >= 0 && failing::watcher) failing::watcher->opened(file, path, flags);
    return file;
}
ssize_t read(int file, void* out, size_t size) {
    return failing::fails() ? -1 : syscall(SYS_read, file, out, size);
}
ssize_t write(int file, const void* in, size_t size) {
    if (failing::fails()) return -1;
    const ssize_t count = syscall(SYS_write, file, in, size);
    if (count > 0 && failing::watcher) {
        failing::watcher->written(file, {static_cast<const char*>(in), static_cast<size_t>(count)});
    }
    return count;
}
/// Not passed on while calls fail or are watched: what is looked at does not depend on it, and a disk would take minutes.
int fsync(int file) {
    if (failing::fails()) return -1;
    if (failing::watcher) {
        failing::watcher->synced(file);
        return 0;
    }
    return failing::armed || failing::unsynced ? 0 : static_cast<int>(syscall(SYS_fsync, file));
}
int close(int file) {
    const int result = failing::result(syscall(SYS_close, file));
    return failing::fails() ? -1 : result;
}
off_t lseek(int file, off_t offset, int from) noexcept {
    return failing::fails() ? -1 : syscall(SYS_lseek, file, offset, from);
}
int stat(const char* path, struct stat* out) noexcept { return failing::examined(AT_FDCWD, path, out, 0); }
int lstat(const char* path, struct stat* out) noexcept {
    return failing::examined(AT_FDCWD, path, out, AT_SYMLINK_NOFOLLOW);
}
int fstat(int file, struct stat* out) noexcept { return failing::examined(file, "", out, AT_EMPTY_PATH); }
ssize_t readlink(const char* path, char* out, size_t size) noexcept {
    return failing::fails() ? -1 : syscall(SYS_readlinkat, AT_FDCWD, path, out, size);
}
int rename(const char* from, const char* to) noexcept {
    if (failing::name_fails()) return -1;
    if (failing::watcher && failing::watcher->refuses_rename()) {
        errno = EIO;
        return -1;
    }
    return failing::told(syscall(SYS_renameat2, AT_FDCWD, from, AT_FDCWD, to, 0),
                         [&](failing::Watcher& by) { by.renamed(from, to); });
}
int link(const char* from, const char* to) noexcept {
    if (failing::name_fails()) return -1;
    return failing::told(syscall(SYS_linkat, AT_FDCWD, from, AT_FDCWD, to, 0),
                         [&](failing::Watcher& by) { by.linked(from, to); });
}
int unlink(const char* path) noexcept { return failing::removed(AT_FDCWD, path, 0); }
int rmdir(const char* path) noexcept { return failing::removed(AT_FDCWD, path, AT_REMOVEDIR); }
/// What the standard library removes files with.
int unlinkat(int folder, const char* path, int flags) noexcept {
    return failing::removed(folder, path, flags);
}
int remove(const char* path) noexcept {
    const int gone = failing::removed(AT_FDCWD, path, 0);
    return gone == 0 || errno != EISDIR ? gone : failing::removed(AT_FDCWD, path, AT_REMOVEDIR);
}
int mkdir(const char* path, mode_t mode) noexcept {
    if (failing::fails()) return -1;
    return failing::told(syscall(SYS_mkdirat, AT_FDCWD, path, mode),
                         [&](failing::Watcher& by) { by.folder_made(path); });
}
int ftruncate(int file, off_t size) noexcept {
    if (failing::name_fails()) return -1;
    return failing::told(syscall(SYS_ftruncate, file, size),
                         [&](failing::Watcher& by) { by.cut(file, size); });
}
int fchmod(int file, mode_t mode) noexcept {
    return failing::fails() ? -1 : failing::result(syscall(SYS_fchmod, file, mode));
}
int fchown(int file, uid_t user, gid_t group) noexcept {
    return failing::fails() ? -1 : failing::result(syscall(SYS_fchown, file, user, group));
}
int flock(int file, int how) noexcept {
    return failing::fails() ? -1 : failing::result(syscall(SYS_flock, file, how));
}

void* malloc(size_t size) noexcept {
    return failing::memory_fails(__builtin_return_address(0)) ? nullptr : __libc_malloc(size);
}
void* calloc(size_t count, size_t size) noexcept {
    return failing::memory_fails(__builtin_return_address(0)) ? nullptr : __libc_calloc(count, size);
}
void* realloc(void* old, size_t size) noexcept {
    return failing::memory_fails(__builtin_return_address(0)) ? nullptr : __libc_realloc(old, size);
}
void* memalign(size_t alignment, size_t size) noexcept {
    return failing::memory_fails(__builtin_return_address(0)) ? nullptr : __libc_memalign(alignment, size);
}
void* aligned_alloc(size_t alignment, size_t size) noexcept {
    return failing::memory_fails(__builtin_return_address(0)) ? nullptr : __libc_memalign(alignment, size);
}
int posix_memalign(void** out, size_t alignment, size_t size) noexcept {
    if (failing::memory_fails(__builtin_return_address(0))) return ENOMEM;
    *out = __libc_memalign(alignment, size);
    return *out || size == 0 ? 0 : ENOMEM;
}

}  // extern "C"

#endif
