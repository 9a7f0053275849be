// Threads: every chunk once, failures of the lowest chunk, teams that work many rounds.
#include <roi/core/parallel.hpp>

#include "catch.hpp"
#include "checks.hpp"
#include <atomic>
#include <chrono>
#include <cstdint>
#include <mutex>
#include <set>
#include <stdexcept>
#include <string>
#include <thread>
#include <utility>
#include <vector>

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

TEST_CASE("threads: ROI_THREADS is read when it is a positive number") {
    const char* before = std::getenv("ROI_THREADS");
    const std::string kept = before ? before : "";
    const auto with = [](const char* value) {
        setenv("ROI_THREADS", value, 1);
        return roi::detail::default_threads();
    };
    const int processors = std::max(1, static_cast<int>(std::thread::hardware_concurrency()));
    CHECK(with("3") == 3);
    CHECK(with("100000") == 1024);
    CHECK(with("0") == processors);
    CHECK(with("-2") == processors);
    CHECK(with("many") == processors);
    CHECK(with("") == processors);
    if (before) {
        setenv("ROI_THREADS", kept.c_str(), 1);
    } else {
        unsetenv("ROI_THREADS");
    }
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
