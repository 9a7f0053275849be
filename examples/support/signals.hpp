// Signals that end a program: the work is asked to stop, so that what it has begun is taken back.
#pragma once

#include <pthread.h>

#include <atomic>
#include <chrono>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <system_error>
#include <thread>

namespace examples {

namespace detail {
inline std::atomic<int> signal_that_came{0};
}  // namespace detail

/// The number of the signal that has asked the program to end; 0 while none has.
[[nodiscard]] inline int caught_signal() {
    if (const int number = detail::signal_that_came) return number;
    // That nobody reads a pipe is told to the thread that writes to it, not to the one that waits for signals.
    sigset_t pending;
    sigemptyset(&pending);
    return sigpending(&pending) == 0 && sigismember(&pending, SIGPIPE) == 1 ? SIGPIPE : 0;
}

/// Starts a thread that waits for the signals that end a program, before any other thread is started. The work asks
/// `caught_signal` now and then; where it does not within seconds, the program ends all the same. A signal that the caller
/// has the program ignore, as `nohup` does, stays ignored.
inline void watch_signals() {
    // A file that grows beyond a limit is an error of writing then, which takes back what it has begun.
    std::signal(SIGXFSZ, SIG_IGN);
    sigset_t set;
    sigemptyset(&set);
    // One that the program sends to itself by `abort` ends it at once all the same.
    for (const int number : {SIGINT, SIGTERM, SIGHUP, SIGQUIT, SIGABRT, SIGPIPE, SIGALRM, SIGVTALRM, SIGUSR1,
                             SIGUSR2, SIGXCPU}) {
        struct sigaction inherited {};
        if (sigaction(number, nullptr, &inherited) == 0 && inherited.sa_handler == SIG_IGN) continue;
        sigaddset(&set, number);
    }
    pthread_sigmask(SIG_BLOCK, &set, nullptr);
    try {
        std::thread([set] {
            int number = 0;
            if (sigwait(&set, &number) != 0) return;  // where none is left in the set it waits for ever
            detail::signal_that_came = number;
            std::this_thread::sleep_for(std::chrono::seconds(2));
            std::signal(number, SIG_DFL);
            pthread_sigmask(SIG_UNBLOCK, &set, nullptr);
            std::raise(number);
        }).detach();
    } catch (const std::system_error&) {
        pthread_sigmask(SIG_UNBLOCK, &set, nullptr);  // without the thread signals end the program at once
    }
}

/// Ends the program by the signal that was caught, as its caller expects.
[[noreturn]] inline void end_by_signal(int number) {
    std::fflush(nullptr);
    std::signal(number, SIG_DFL);
    sigset_t set;
    sigemptyset(&set);
    sigaddset(&set, number);
    pthread_sigmask(SIG_UNBLOCK, &set, nullptr);
    std::raise(number);
    std::_Exit(1);
}

}  // namespace examples
