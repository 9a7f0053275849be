// Memory that there is not: known before it is written to.
#include <roi/core/detail/buffer.hpp>
#include <roi/core/detail/memory.hpp>

#include "catch.hpp"
#include <cstdint>
#include <new>
#include <optional>

using roi::detail::number_behind;

TEST_CASE("memory: numbers in the words of the system") {
    const char* const info =
        "MemTotal:       24684084 kB\nMemAvailable:   19409084 kB\nSwapFree:            0 kB\n";
    CHECK(number_behind(info, "MemAvailable:") == 19409084);
    CHECK(number_behind(info, "SwapFree:") == 0);
    CHECK(number_behind(info, "Available:") == std::nullopt);
    CHECK(number_behind("inactive_file 7\ntotal_inactive_file 49152", "total_inactive_file ") == 49152);
    CHECK(number_behind("2147483648\n", "") == 2147483648);
    CHECK(number_behind("max\n", "") == std::nullopt);
    CHECK(number_behind("", "") == std::nullopt);
    CHECK(number_behind("", "MemFree:") == std::nullopt);
    CHECK(number_behind("99999999999999999999999", "") == roi::detail::unlimited_memory);
}

TEST_CASE("memory: more than there is is refused, not promised") {
    const std::int64_t left = roi::detail::available_memory();
    REQUIRE(left > 0);
    CHECK(roi::detail::is_memory_for(1000, 8));
    CHECK_FALSE(roi::detail::is_memory_for(std::int64_t{1} << 45, 8));
    if (left == roi::detail::unlimited_memory) {
        WARN("skipped: the system does not say how much memory is left");
        return;
    }
    CHECK_FALSE(roi::detail::is_memory_for(left, 2));
    // Twice what there is, and addresses for all of it.
    CHECK_THROWS_AS(roi::detail::Buffer<double>(left / 4, roi::detail::Uninitialized{}), std::bad_alloc);
}
