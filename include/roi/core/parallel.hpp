// Threads: how many, and a team of them that shares chunks of work.
#pragma once

#include <roi/core/error.hpp>
#include <roi/core/text.hpp>

#include <algorithm>
#include <atomic>
#include <condition_variable>
#include <cstdint>
#include <cstdlib>
#include <exception>
#include <functional>
#include <limits>
#include <mutex>
#include <system_error>
#include <thread>
#include <vector>

namespace roi {

namespace detail {

inline std::atomic<int>& chosen_threads() {
    static std::atomic<int> chosen{0};
    return chosen;
}

/// ROI_THREADS when it is a positive number, else the number of processors.
inline int default_threads() {
    if (const char* text = std::getenv("ROI_THREADS")) {
        const long number = std::strtol(text, nullptr, 10);
        if (number > 0) return static_cast<int>(std::min(number, 1024L));
    }
    return static_cast<int>(std::max(1u, std::thread::hardware_concurrency()));
}

}  // namespace detail

/// Number of threads that the library's functions use: the last `set_threads`, else the environment variable
/// ROI_THREADS, else one per processor. No result depends on it.
[[nodiscard]] inline int threads() {
    const int chosen = detail::chosen_threads().load(std::memory_order_relaxed);
    if (chosen > 0) return chosen;
    static const int standard = detail::default_threads();
    return standard;
}

/// Chooses the number of threads for the whole program.
///
/// \param number  1 works on the calling thread alone, 0 is the default again
/// \throws InvalidArgument when the number is negative or above 1024
inline void set_threads(int number) {
    if (number < 0 || number > 1024) {
        throw InvalidArgument(text("threads: expected a number from 0 to 1024, found ", number));
    }
    detail::chosen_threads().store(number, std::memory_order_relaxed);
}

/// Worker threads that stay for several rounds of work; the calling thread is one of them.
///
/// An exception thrown by the work is rethrown by `run`: the one of the lowest chunk, whatever the timing.
class ThreadTeam {
public:
    /// \param size  members, the calling thread included; 1 starts no thread. The system may allow fewer
    explicit ThreadTeam(int size) {
        workers_.reserve(static_cast<std::size_t>(std::max(size - 1, 0)));
        for (int member = 1; member < size; ++member) {
            try {
                workers_.emplace_back([this, member] { serve(member); });
            } catch (const std::system_error&) {
                return;  // the system allows no more threads; those there are do all the work
            }
        }
    }

    ~ThreadTeam() {
        {
            const std::lock_guard lock(mutex_);
            stopping_ = true;
        }
        wake_.notify_all();
        for (std::thread& worker : workers_) worker.join();
    }

    ThreadTeam(const ThreadTeam&) = delete;
    ThreadTeam& operator=(const ThreadTeam&) = delete;

    /// Members, the calling thread included.
    [[nodiscard]] int size() const { return static_cast<int>(workers_.size()) + 1; }

    /// Calls `work(chunk, member)` once for every chunk in [0, chunks) and returns when all are done.
    void run(std::int64_t chunks, const std::function<void(std::int64_t chunk, int member)>& work) {
        work_ = &work;
        chunks_ = chunks;
        next_.store(0, std::memory_order_relaxed);
        failed_chunk_ = std::numeric_limits<std::int64_t>::max();
        failure_ = nullptr;
        if (!workers_.empty() && chunks > 1) {
            {
                const std::lock_guard lock(mutex_);
                busy_ = static_cast<int>(workers_.size());
                ++round_;
            }
            wake_.notify_all();
            take_chunks(0);
            std::unique_lock lock(mutex_);
            idle_.wait(lock, [this] { return busy_ == 0; });
        } else {
            take_chunks(0);
        }
        if (failure_) std::rethrow_exception(failure_);
    }

private:
    void take_chunks(int member) {
        for (;;) {
            const std::int64_t chunk = next_.fetch_add(1, std::memory_order_relaxed);
            if (chunk >= chunks_) return;
            try {
                (*work_)(chunk, member);
            } catch (...) {
                const std::lock_guard lock(failure_mutex_);
                if (chunk < failed_chunk_) {
                    failed_chunk_ = chunk;
                    failure_ = std::current_exception();
                }
            }
        }
    }

    void serve(int member) {
        std::uint64_t seen = 0;
        for (;;) {
            {
                std::unique_lock lock(mutex_);
                wake_.wait(lock, [&] { return stopping_ || round_ != seen; });
                if (stopping_) return;
                seen = round_;
            }
            take_chunks(member);
            const std::lock_guard lock(mutex_);
            if (--busy_ == 0) idle_.notify_one();
        }
    }

    std::vector<std::thread> workers_;
    std::mutex mutex_;
    std::condition_variable wake_;
    std::condition_variable idle_;
    std::uint64_t round_ = 0;
    int busy_ = 0;
    bool stopping_ = false;

    const std::function<void(std::int64_t, int)>* work_ = nullptr;
    std::int64_t chunks_ = 0;
    std::atomic<std::int64_t> next_{0};
    std::mutex failure_mutex_;
    std::int64_t failed_chunk_ = 0;
    std::exception_ptr failure_;
};

/// Calls `body(first, last)` for ranges that together cover [0, count), on up to `threads()` threads.
///
/// \param count  number of items
/// \param grain  items in a range; fixed by the caller, so that results cannot depend on the number of threads
/// \param body   called from several threads at once
template <class Body>
void parallel_for(std::int64_t count, std::int64_t grain, Body&& body) {
    const std::int64_t chunks = (count + grain - 1) / grain;
    ThreadTeam team(static_cast<int>(std::min<std::int64_t>(threads(), chunks)));
    team.run(chunks,
             [&](std::int64_t chunk, int) { body(chunk * grain, std::min(count, (chunk + 1) * grain)); });
}

}  // namespace roi
