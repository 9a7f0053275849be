// Bodies of fuzz targets as tests: on what fuzzing found once, and on random changes of a sound input.
#pragma once

#include "../catch.hpp"
#include "../support.hpp"
#include "scratch.hpp"
#include <cstdint>
#include <filesystem>
#include <string>

namespace test {

inline fuzz::Input input_of(const std::string& bytes) {
    return {reinterpret_cast<const std::uint8_t*>(bytes.data()), bytes.size()};
}

/// A body on all that was found for its target.
inline void run_findings(const std::string& target, void (*body)(fuzz::Input)) {
    const auto folder = std::filesystem::path(ROI_FUZZ_FINDINGS) / target;
    int count = 0;
    for (const auto& entry : std::filesystem::directory_iterator(folder)) {
        INFO(entry.path().string());
        CHECK_NOTHROW(body(input_of(read_file(entry.path().string()))));
        ++count;
    }
    CHECK(count > 0);
}

/// A body on random changes of one sound input.
inline void run_changes(const std::string& sound, void (*body)(fuzz::Input), int trials) {
    INFO("seed " << seed());
    Random random(seed());
    for (int trial = 0; trial < trials; ++trial) {
        auto bytes = sound;
        for (std::uint64_t i = 0; i < 1 + random() % 4; ++i) {
            bytes[random() % bytes.size()] = static_cast<char>(random() % 2 == 0 ? random() : random() % 3);
        }
        if (random() % 4 == 0) bytes.resize(random() % bytes.size());
        INFO("trial " << trial);
        REQUIRE_NOTHROW(body(input_of(bytes)));
    }
}

}  // namespace test
