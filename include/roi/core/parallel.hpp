// Threads: how many, and a team of them that shares chunks of work.
#pragma once

#include <roi/core/detail/function_ref.hpp>
#include <roi/core/error.hpp>
#include <roi/core/text.hpp>

#include <algorithm>
#include <atomic>
#include <cerrno>
#include <condition_variable>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <exception>
#include <limits>
#include <mutex>
#include <new>
#include <thread>

#if defined(__unix__) || defined(__APPLE__)
#include <unistd.h>
#endif

namespace roi {

namespace detail {

inline constexpr int most_threads = 1024;

inline std::atomic<int>& chosen_threads() {
    static std::atomic<int> chosen{0};
    return chosen;
}

/// The number for what this thread calls now; 0 is the number of the whole program.
inline int& threads_of_call() {
    thread_local int number = 0;
    return number;
}

/// ROI_THREADS when it is a positive number, else the number of processors.
inline int default_threads() {
    const char* value = std::getenv("ROI_THREADS");
    if (value && *value) {
        char* end = nullptr;
        errno = 0;
        const long number = std::strtol(value, &end, 10);
        if (*end || errno || number < 0 || number > most_threads) {
            throw InvalidArgument(text("ROI_THREADS: expected a number from 0 to ", most_threads,
                                       ", found \"", value,
                                       "\"; correct or unset this environment variable"));
        }
        if (number > 0) return static_cast<int>(number);
    }
    return static_cast<int>(std::max(1u, std::thread::hardware_concurrency()));
}

inline void require_threads(int number) {
    if (number < 0 || number > most_threads) {
        throw InvalidArgument(
            text("threads: expected a number from 0 to ", most_threads, ", found ", number));
    }
}

}  // namespace detail

/// Number of threads that the library's functions use: what the options of the call say, else the last `set_threads`,
/// else the environment variable ROI_THREADS, else one per processor. No result depends on it.
///
/// \throws InvalidArgument when ROI_THREADS is asked and is not a number from 0 to 1024
[[nodiscard]] inline int threads() {
    if (const int here = detail::threads_of_call(); here > 0) return here;
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
    detail::require_threads(number);
    detail::chosen_threads().store(number, std::memory_order_relaxed);
}

/// The number of threads for what the calling thread does while this object lives: what `.threads` in options means.
class ThreadsOfCall {
public:
    /// \param number  1 works on the calling thread alone, 0 leaves the number as it is
    /// \throws InvalidArgument when the number is negative or above 1024
    explicit ThreadsOfCall(int number) : before_(detail::threads_of_call()) {
        detail::require_threads(number);
        if (number > 0) detail::threads_of_call() = number;
    }
    ~ThreadsOfCall() { detail::threads_of_call() = before_; }
    ThreadsOfCall(const ThreadsOfCall&) = delete;
    ThreadsOfCall& operator=(const ThreadsOfCall&) = delete;

private:
    int before_;
};

namespace detail {

/// Chunks of work that several threads take from. Lives on the stack of the thread that has the work; it leaves when
/// the chunks are gone and nobody is inside any more.
struct Job {
    explicit Job(FunctionRef<void(std::int64_t chunk, int member)> of) : work(of) {}

    void take_chunks(int member) {
        for (;;) {
            const std::int64_t ticket = next.fetch_add(1, std::memory_order_relaxed);
            if (ticket >= chunks) return;
            const std::int64_t part = ticket % parts;
            const std::int64_t chunk =
                part * (chunks / parts) + std::min(part, chunks % parts) + ticket / parts;
            try {
                work(chunk, member);
            } catch (...) {
                const std::lock_guard lock(failure_mutex);
                if (chunk < failed_chunk) {
                    failed_chunk = chunk;
                    failure = std::current_exception();
                }
            }
        }
    }

    FunctionRef<void(std::int64_t chunk, int member)> work;
    std::int64_t chunks = 0;
    std::int64_t parts = 1;  // of the chunks, which are taken from in turn
    int members = 1;         // the most, the owner included
    int threads = 0;         // what `threads()` says in the work, 0 for the program's number
    std::atomic<std::int64_t> next{0};

    // Known to the workers, under their mutex.
    Job* older = nullptr;
    int joined = 1;
    int inside = 0;
    std::condition_variable left;

    std::mutex failure_mutex;
    std::int64_t failed_chunk = std::numeric_limits<std::int64_t>::max();
    std::exception_ptr failure;
};

/// The threads that help: one crew for the whole program, so that many calls at once share them.
///
/// Whoever has work does it himself and is helped by who is free. He waits for helpers that are inside only, and each of
/// those is at work; so calls may nest and come from any number of threads, and none waits for a thread that never
/// comes. Threads are started when first asked for, and stay, asleep, until the program ends.
class Workers {
public:
    /// The crew of this process; nullptr when there is no memory for it.
    static Workers* shared() {
        static std::atomic<Workers*> crew{nullptr};
        Workers* found = crew.load(std::memory_order_acquire);
        if (found && found->process_ == this_process()) return found;
        // A process that was forked has none of its parent's threads. What it knows of them is kept, not destroyed:
        // condition variables wait for those who slept on them.
        auto* fresh = new (std::nothrow) Workers(found);
        if (!fresh) return nullptr;
        if (crew.compare_exchange_strong(found, fresh, std::memory_order_acq_rel)) return fresh;
        delete fresh;
        return found;
    }

    /// Starts threads until there are `helpers`, or the system allows no more; returns how many there are of these.
    int grow(int helpers) {
        const std::lock_guard lock(mutex_);
        while (started_ < helpers && leaves_room(started_ + 1)) {
            try {
                std::thread([this] { serve(); }).detach();
            } catch (...) {
                break;  // no more threads or no memory for one; those there are do all the work
            }
            ++started_;
        }
        return std::min(started_, helpers);
    }

    /// Works on a job together with whoever is free, until it is done.
    void work_on(Job& job) {
        {
            const std::lock_guard lock(mutex_);
            job.older = newest_;
            newest_ = &job;
        }
        const auto others = std::min<std::int64_t>(job.chunks, job.members) - 1;
        for (std::int64_t i = 0; i < others; ++i) wake_.notify_one();
        job.take_chunks(0);
        std::unique_lock lock(mutex_);
        for (Job** link = &newest_; *link; link = &(*link)->older) {
            if (*link != &job) continue;
            *link = job.older;
            break;
        }
        job.left.wait(lock, [&] { return job.inside == 0; });
    }

private:
    explicit Workers(Workers* of_parent) : of_parent_(of_parent) {}

    static long this_process() {
#if defined(__unix__) || defined(__APPLE__)
        return static_cast<long>(getpid());
#else
        return 0;
#endif
    }

    /// Where address space is limited, threads must leave some for the work: each takes a stack, and may take 64 MB for
    /// its part of the heap (glibc; at most 8 such parts a processor), and as much again while it makes that part.
    static bool leaves_room(int helpers) {
        const auto heaps = std::min<std::uint64_t>(static_cast<std::uint64_t>(helpers),
                                                   8 * std::max(1u, std::thread::hardware_concurrency()));
        const std::uint64_t bytes = (heaps + 3) << 26;
        if (bytes > static_cast<std::uint64_t>(PTRDIFF_MAX)) return false;
        // volatile: compilers leave out memory that nobody uses.
        void* volatile room = std::malloc(static_cast<std::size_t>(bytes));
        const bool found = room != nullptr;
        std::free(room);
        return found;
    }

    /// The newest job that wants a helper: inner work holds up outer work.
    [[nodiscard]] Job* open_job() const {
        for (Job* job = newest_; job; job = job->older) {
            if (job->joined < job->members && job->next.load(std::memory_order_relaxed) < job->chunks) {
                return job;
            }
        }
        return nullptr;
    }

    [[noreturn]] void serve() {
        std::unique_lock lock(mutex_);
        // Its part of the heap is made here, one thread after the other: all at once they need twice the room.
        void* volatile part = std::malloc(1);
        std::free(part);
        for (;;) {
            Job* job = open_job();
            if (!job) {
                wake_.wait(lock);
                continue;
            }
            const int member = job->joined++;
            ++job->inside;
            lock.unlock();
            threads_of_call() = job->threads;
            job->take_chunks(member);
            lock.lock();
            // Under the mutex: the job is gone as soon as its owner sees this.
            if (--job->inside == 0) job->left.notify_one();
        }
    }

    const long process_ = this_process();
    [[maybe_unused]] Workers* of_parent_;  // kept, so that a leak checker finds it
    std::mutex mutex_;
    std::condition_variable wake_;
    Job* newest_ = nullptr;
    int started_ = 0;
};

}  // namespace detail

/// Threads for several rounds of work; the calling thread is one of them, the others are shared with every other call.
///
/// An exception thrown by the work is rethrown by `run`: the one of the lowest chunk, whatever the timing.
class ThreadTeam {
public:
    /// \param size  members, the calling thread included. The system may allow fewer
    explicit ThreadTeam(int size) {
        if (size <= 1) return;
        crew_ = detail::Workers::shared();
        if (crew_) size_ = 1 + crew_->grow(size - 1);
    }

    ThreadTeam(const ThreadTeam&) = delete;
    ThreadTeam& operator=(const ThreadTeam&) = delete;

    /// Members at most, the calling thread included.
    [[nodiscard]] int size() const { return size_; }

    /// Calls `work(chunk, member)` once for every chunk in [0, chunks) and returns when all are done.
    ///
    /// Members are numbered from 0 up to but not including `size()`; no two threads have one number at a time.
    ///
    /// \param apart  the members work far apart, each on chunks that follow one another; else they take them in order
    void run(std::int64_t chunks, detail::FunctionRef<void(std::int64_t chunk, int member)> work,
             bool apart = false) {
        detail::Job job(work);
        job.chunks = chunks;
        job.parts = apart ? size_ : 1;
        job.members = size_;
        job.threads = detail::threads_of_call();
        if (size_ > 1 && chunks > 1) {
            crew_->work_on(job);
        } else {
            job.take_chunks(0);
        }
        if (job.failure) std::rethrow_exception(job.failure);
    }

private:
    detail::Workers* crew_ = nullptr;
    int size_ = 1;
};

/// Calls `body(first, last)` for ranges that together cover [0, count), on up to `threads()` threads.
///
/// \param count  number of items
/// \param grain  items in a range; fixed by the caller, so that results cannot depend on the number of threads
/// \param body   called from several threads at once
///
/// Threads work far apart: two that write into one page of fresh memory at a time, which may be of 2 MB, would both clear it.
template <class Body>
void parallel_for(std::int64_t count, std::int64_t grain, Body&& body) {
    const std::int64_t chunks = (count + grain - 1) / grain;
    ThreadTeam team(static_cast<int>(std::min<std::int64_t>(threads(), chunks)));
    constexpr bool apart = true;
    team.run(
        chunks, [&](std::int64_t chunk, int) { body(chunk * grain, std::min(count, (chunk + 1) * grain)); },
        apart);
}

}  // namespace roi
