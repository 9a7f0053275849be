// Threads: every chunk once, failures of the lowest chunk, teams that work many rounds.
#include <sys/resource.h>

#include <roi/core/parallel.hpp>

#include "catch.hpp"
#include "checks.hpp"
#include "in_child.hpp"
#include "sanitized.hpp"
#include <atomic>
#include <cerrno>
#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <cstdlib>
#include <mutex>
#include <new>
#include <set>
#include <stdexcept>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#if !defined(ROI_SANITIZED)
// Memory that runs out when a test says so. Optimised, GCC sees free() behind a new that it takes for its own.
#if defined(__GNUC__) && !defined(__clang__)
#pragma GCC diagnostic ignored "-Wmismatched-new-delete"
#endif
namespace {
std::atomic<long> allocations_left{-1};  // negative: as many as are asked for

void* allocate(std::size_t bytes) {
    if (allocations_left.load() >= 0 && allocations_left.fetch_sub(1) <= 0) {
        allocations_left = 0;
        return nullptr;
    }
    return std::malloc(bytes ? bytes : 1);
}
}  // namespace

void* operator new(std::size_t bytes) {
    if (void* memory = allocate(bytes)) return memory;
    throw std::bad_alloc();
}
void* operator new(std::size_t bytes, const std::nothrow_t&) noexcept { return allocate(bytes); }
void operator delete(void* memory) noexcept { std::free(memory); }
void operator delete(void* memory, std::size_t) noexcept { std::free(memory); }
#endif

TEST_CASE("threads: a number for the whole program") {
    const test::Threads restore(0);
    const int standard = roi::threads();
    CHECK(standard >= 1);
    roi::set_threads(5);
    CHECK(roi::threads() == 5);
    roi::set_threads(0);
    CHECK(roi::threads() == standard);
    CHECK_THROWS_AS(roi::set_threads(-1), roi::InvalidArgument);
    CHECK(test::contains(test::message_of<roi::InvalidArgument>([] { roi::set_threads(1025); }),
                         "from 0 to 1024, found 1025"));
    CHECK(roi::threads() == standard);
}

TEST_CASE("threads: ROI_THREADS is a number from 0 to 1024, or an error that names it") {
    const char* before = std::getenv("ROI_THREADS");
    const std::string kept = before ? before : "";
    const auto with = [](const char* value) {
        setenv("ROI_THREADS", value, 1);
        return roi::detail::default_threads();
    };
    const int processors = std::max(1, static_cast<int>(std::thread::hardware_concurrency()));
    CHECK(with("3") == 3);
    CHECK(with("1024") == 1024);
    CHECK(with("0") == processors);
    CHECK(with("") == processors);
    for (const char* wrong : {"many", "-2", "4 threads", "1025", "99999999999999999999", "3.5"}) {
        const auto message = test::message_of<roi::InvalidArgument>([&] { (void)with(wrong); });
        CHECK(test::contains(
            message, std::string("ROI_THREADS: expected a number from 0 to 1024, found \"") + wrong + "\""));
    }
    if (before) {
        setenv("ROI_THREADS", kept.c_str(), 1);
    } else {
        unsetenv("ROI_THREADS");
    }
}

TEST_CASE("threads: a number for one call, in the work of its helpers too") {
    const test::Threads number(5);
    {
        const roi::ThreadsOfCall two(2);
        CHECK(roi::threads() == 2);
        const roi::ThreadsOfCall as_it_is(0);
        CHECK(roi::threads() == 2);
        std::atomic<int> other{0};
        roi::ThreadTeam(3).run(100, [&](std::int64_t, int) { other += roi::threads() != 2; });
        CHECK(other == 0);
        std::thread([&] { CHECK(roi::threads() == 5); }).join();
    }
    CHECK(roi::threads() == 5);
    std::atomic<int> other{0};
    roi::ThreadTeam(3).run(100, [&](std::int64_t, int) { other += roi::threads() != 5; });
    CHECK(other == 0);
    CHECK_THROWS_AS(roi::ThreadsOfCall(-1), roi::InvalidArgument);
    CHECK_THROWS_AS(roi::ThreadsOfCall(1025), roi::InvalidArgument);
}

TEST_CASE("thread team: every chunk once, every member a number of its own") {
    for (const int size : {0, 1, 2, 5}) {
        roi::ThreadTeam team(size);
        CHECK(team.size() == std::max(1, size));
        for (const std::int64_t chunks : {0, 1, 2, 7, 100}) {
            std::vector<std::atomic<int>> calls(static_cast<std::size_t>(chunks));
            std::atomic<bool> member_known{true};
            team.run(chunks, [&](std::int64_t chunk, int member) {
                ++calls[static_cast<std::size_t>(chunk)];
                if (member < 0 || member >= team.size()) member_known = false;
            });
            for (const auto& count : calls) CHECK(count == 1);
            CHECK(member_known);
        }
    }
}

TEST_CASE("thread team: one member's chunks never overlap") {
    roi::ThreadTeam team(4);
    std::vector<std::atomic<int>> inside(4);
    std::atomic<bool> alone{true};
    team.run(200, [&](std::int64_t, int member) {
        if (++inside[static_cast<std::size_t>(member)] != 1) alone = false;
        std::this_thread::yield();
        --inside[static_cast<std::size_t>(member)];
    });
    CHECK(alone);
}

TEST_CASE("thread team: the calling thread works, and alone when there is one chunk") {
    roi::ThreadTeam team(3);
    std::thread::id worker;
    team.run(1, [&](std::int64_t, int member) {
        worker = std::this_thread::get_id();
        CHECK(member == 0);
    });
    CHECK(worker == std::this_thread::get_id());
}

TEST_CASE("thread team: many rounds with one team") {
    roi::ThreadTeam team(3);
    std::int64_t total = 0;
    for (int round = 0; round < 2000; ++round) {
        std::atomic<std::int64_t> sum{0};
        team.run(5, [&](std::int64_t chunk, int) { sum += chunk; });
        total += sum;
    }
    CHECK(total == 2000 * 10);
}

TEST_CASE("thread team: the failure of the lowest chunk arrives, whatever the timing") {
    for (const int size : {1, 2, 5}) {
        roi::ThreadTeam team(size);
        for (int round = 0; round < 50; ++round) {
            std::atomic<int> calls{0};
            const auto message = test::message_of<std::runtime_error>([&] {
                team.run(20, [&](std::int64_t chunk, int) {
                    ++calls;
                    // The lowest failing chunk is the slowest to fail.
                    if (chunk == 3) std::this_thread::sleep_for(std::chrono::microseconds(200));
                    if (chunk >= 3) throw std::runtime_error("chunk " + std::to_string(chunk));
                });
            });
            CHECK(message == "chunk 3");
            CHECK(calls == 20);
        }
        // The team works on after a failure.
        std::atomic<int> calls{0};
        team.run(10, [&](std::int64_t, int) { ++calls; });
        CHECK(calls == 10);
    }
}

TEST_CASE("parallel_for: ranges cover everything once and depend on the grain alone") {
    using Range = std::pair<std::int64_t, std::int64_t>;
    const auto ranges = [](int threads, std::int64_t count, std::int64_t grain) {
        const test::Threads number(threads);
        std::mutex mutex;
        std::set<Range> out;
        roi::parallel_for(count, grain, [&](std::int64_t first, std::int64_t last) {
            const std::lock_guard lock(mutex);
            CHECK(out.emplace(first, last).second);
        });
        return out;
    };
    for (const int threads : {1, 2, 5}) {
        CHECK(ranges(threads, 10, 4) == std::set<Range>{{0, 4}, {4, 8}, {8, 10}});
        CHECK(ranges(threads, 8, 4) == std::set<Range>{{0, 4}, {4, 8}});
        CHECK(ranges(threads, 3, 100) == std::set<Range>{{0, 3}});
        CHECK(ranges(threads, 0, 4).empty());
    }
}

TEST_CASE("parallel_for: threads that work at a time work far apart") {
    const test::Threads number(2);
    std::mutex mutex;
    std::condition_variable both;
    std::vector<std::int64_t> begun;
    roi::parallel_for(11, 1, [&](std::int64_t first, std::int64_t) {
        std::unique_lock lock(mutex);
        begun.push_back(first);
        both.notify_all();
        both.wait_for(lock, std::chrono::seconds(20), [&] { return begun.size() >= 2; });
    });
    REQUIRE(begun.size() == 11);
    CHECK(std::set<std::int64_t>(begun.begin(), begun.begin() + 2) == std::set<std::int64_t>{0, 6});
    CHECK(std::set<std::int64_t>(begun.begin(), begun.end()).size() == 11);
    for (const std::int64_t chunks : {1, 2, 3, 7, 30}) {
        for (const int size : {1, 2, 3, 4}) {
            roi::ThreadTeam team(size);
            std::vector<std::atomic<int>> calls(static_cast<std::size_t>(chunks));
            team.run(
                chunks, [&](std::int64_t chunk, int) { ++calls[static_cast<std::size_t>(chunk)]; }, true);
            for (const auto& count : calls) CHECK(count == 1);
        }
    }
}

TEST_CASE("parallel_for: nested calls and failures") {
    const test::Threads number(3);
    std::atomic<int> calls{0};
    roi::parallel_for(4, 1, [&](std::int64_t, std::int64_t) {
        roi::parallel_for(5, 1, [&](std::int64_t, std::int64_t) { ++calls; });
    });
    CHECK(calls == 20);
    CHECK(test::message_of<std::runtime_error>([] {
              roi::parallel_for(100, 10, [](std::int64_t first, std::int64_t) {
                  if (first >= 20) throw std::runtime_error("from " + std::to_string(first));
              });
          }) == "from 20");
}

TEST_CASE("threads: many calls at once share the helpers, nested ones too") {
    const test::Threads number(4);
    std::atomic<std::int64_t> sum{0};
    std::vector<std::thread> callers;
    for (int caller = 0; caller < 8; ++caller) {
        callers.emplace_back([&] {
            for (int round = 0; round < 50; ++round) {
                roi::parallel_for(7, 1, [&](std::int64_t outer, std::int64_t) {
                    roi::parallel_for(5, 1, [&](std::int64_t inner, std::int64_t) { sum += outer * inner; });
                });
            }
        });
    }
    for (std::thread& caller : callers) caller.join();
    CHECK(sum == 8 * 50 * 21 * 10);
}

namespace {

/// 1000 chunks on a team of a size, all of them done?
bool works(int size) {
    std::atomic<std::int64_t> sum{0};
    roi::ThreadTeam team(size);
    team.run(1000, [&](std::int64_t chunk, int member) {
        sum += chunk;
        if (member >= team.size()) sum = -1'000'000'000;
    });
    return sum == 1000 * 999 / 2;
}

}  // namespace

TEST_CASE("threads: a forked process has none of its parent's and starts its own") {
    REQUIRE(works(4));
#if defined(ROI_THREAD_SANITIZED)
    WARN("skipped: the thread sanitizer ends a forked process that starts threads");
    return;
#endif
    CHECK(test::in_child([] { return std::string(works(4) ? "" : "not all chunks"); }) == "");
}

#if defined(__linux__) && !defined(ROI_SANITIZED)
TEST_CASE("threads: none can be started, and the caller does all the work") {
    const auto answer = test::in_child([] {
        if (!test::make_fail({SYS_clone, SYS_clone3}, EAGAIN)) {
            return std::string(test::skipped).append("no system call can be made to fail");
        }
        for (int round = 0; round < 40; ++round) {
            if (roi::ThreadTeam(5).size() != 1) return std::string("a thread was started");
            if (!works(5)) return std::string("not all chunks");
        }
        return std::string();
    });
    if (test::contains(answer, std::string(test::skipped))) {
        WARN(answer);
    } else {
        CHECK(answer == "");
    }
}

TEST_CASE("threads: memory that ends anywhere in a start neither aborts nor hangs") {
    for (long allowed = 0; allowed < 40; ++allowed) {
        INFO(allowed << " allocations");
        CHECK(test::in_child([&] {
                  allocations_left = allowed;
                  const bool done = works(6);
                  allocations_left = -1;
                  return std::string(done && works(6) ? "" : "not all chunks");
              }) == "");
    }
}

TEST_CASE("threads: many in little memory run with fewer, and leave some for the work") {
    CHECK(test::in_child([] {
              const rlim_t most = rlim_t{600} << 20;
              const rlimit limit{most, most};
              if (::setrlimit(RLIMIT_AS, &limit) != 0) return std::string("no limit can be set");
              roi::ThreadTeam team(1000);
              if (team.size() > 100) return "started " + std::to_string(team.size());
              std::atomic<int> failed{0};
              team.run(200, [&](std::int64_t, int) {
                  void* volatile memory = std::malloc(std::size_t{1} << 20);
                  failed += memory == nullptr;
                  std::free(memory);
              });
              void* volatile memory = std::malloc(std::size_t{64} << 20);
              if (!memory || failed > 0) return std::string("nothing is left for the work");
              std::free(memory);
              return std::string();
          }) == "");
}
#endif
