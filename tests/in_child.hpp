// Tests that need a process of their own: other rights, a full disk, failing system calls, sudden death.
#pragma once

#include <fcntl.h>
#include <grp.h>
#include <sys/stat.h>
#include <sys/types.h>
#include <sys/wait.h>
#include <unistd.h>

#include <roi/core/error.hpp>

#include <exception>
#include <string>
#include <string_view>

#if defined(__linux__)
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <sched.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/syscall.h>

#include <cstddef>
#include <fstream>
#include <initializer_list>
#include <vector>
#endif

namespace test {

/// Complaints of a child, one per line; Catch's macros belong to the parent.
class Complaints {
public:
    void expect(bool condition, std::string_view what) {
        if (!condition) text_.append(what).append("\n");
    }

    /// Expects an error with this code that says `part`.
    template <class Action>
    void expect_error(roi::ErrorCode code, std::string_view part, Action&& action) {
        try {
            action();
            text_.append("no error that says ").append(part).append("\n");
        } catch (const roi::Error& error) {
            const std::string_view message = error.what();
            expect(error.code() == code && message.find(part) != std::string_view::npos,
                   std::string("expected code ")
                       .append(std::to_string(static_cast<int>(code)))
                       .append(" and \"")
                       .append(part)
                       .append("\", found code ")
                       .append(std::to_string(static_cast<int>(error.code())))
                       .append(" and \"")
                       .append(message)
                       .append("\""));
        }
    }

    [[nodiscard]] const std::string& text() const { return text_; }

private:
    std::string text_;
};

/// Starts with what a child says when it cannot make the conditions of its test.
inline constexpr std::string_view skipped = "skipped: ";

/// Runs `body` in a child process and returns the text that it returned, or how it ended instead.
template <class Body>
std::string in_child(Body&& body) {
    int ends[2];
    if (::pipe(ends) != 0) return "no pipe can be made";
    const pid_t child = ::fork();
    if (child < 0) return "no process can be made";
    if (child == 0) {
        ::close(ends[0]);
        std::string out;
        try {
            out = body();
        } catch (const std::exception& error) {
            out = std::string("threw: ") + error.what();
        }
        const auto written = ::write(ends[1], out.data(), out.size());
        ::_exit(written == static_cast<ssize_t>(out.size()) ? 0 : 1);
    }
    ::close(ends[1]);
    std::string out;
    char buffer[4096];
    for (ssize_t count; (count = ::read(ends[0], buffer, sizeof buffer)) > 0;) {
        out.append(buffer, static_cast<std::size_t>(count));
    }
    ::close(ends[0]);
    int status = 0;
    ::waitpid(child, &status, 0);
    if (WIFSIGNALED(status)) return out + "killed by signal " + std::to_string(WTERMSIG(status));
    if (!WIFEXITED(status) || WEXITSTATUS(status) != 0) return out + "ended without an answer";
    return out;
}

/// Gives up root's rights for the rest of a child's life; others have none to give up.
inline bool become_nobody() {
    if (::geteuid() != 0) return true;
    constexpr uid_t nobody = 65534;
    return ::setgroups(0, nullptr) == 0 && ::setgid(nobody) == 0 && ::setuid(nobody) == 0 &&
           ::geteuid() == nobody;
}

/// Puts a file system of `bytes` over a folder, seen by this child only. False where the system forbids it.
inline bool mount_small_disk([[maybe_unused]] const std::string& folder, [[maybe_unused]] std::size_t bytes) {
#if defined(__linux__)
    if (::geteuid() == 0) {
        if (::unshare(CLONE_NEWNS) != 0) return false;
    } else {
        const auto user = std::to_string(::geteuid()), group = std::to_string(::getegid());
        if (::unshare(CLONE_NEWNS | CLONE_NEWUSER) != 0) return false;
        std::ofstream("/proc/self/setgroups") << "deny";
        std::ofstream("/proc/self/uid_map") << "0 " << user << " 1";
        std::ofstream("/proc/self/gid_map") << "0 " << group << " 1";
    }
    const auto size = "size=" + std::to_string(bytes);
    return ::mount("none", "/", nullptr, MS_REC | MS_PRIVATE, nullptr) == 0 &&
           ::mount("tmpfs", folder.c_str(), "tmpfs", 0, size.c_str()) == 0;
#else
    return false;
#endif
}

#if defined(__linux__)
/// From now on these system calls of this child fail with `error`. False where the system forbids it.
inline bool make_fail(std::initializer_list<long> calls, int error) {
    const auto code = [](unsigned value) { return static_cast<unsigned short>(value); };
    std::vector<sock_filter> program{
        {code(BPF_LD | BPF_W | BPF_ABS), 0, 0, static_cast<unsigned>(offsetof(seccomp_data, nr))}};
    for (const long call : calls) {
        program.push_back({code(BPF_JMP | BPF_JEQ | BPF_K), 0, 1, static_cast<unsigned>(call)});
        program.push_back({code(BPF_RET | BPF_K), 0, 0,
                           SECCOMP_RET_ERRNO | (static_cast<unsigned>(error) & SECCOMP_RET_DATA)});
    }
    program.push_back({code(BPF_RET | BPF_K), 0, 0, SECCOMP_RET_ALLOW});
    const sock_fprog filter{static_cast<unsigned short>(program.size()), program.data()};
    return ::prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0 &&
           ::prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &filter) == 0;
}
#endif

}  // namespace test
