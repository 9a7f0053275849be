// What fuzzing found once, and the seeds' kin: the same bodies as the fuzz targets, run as tests.
#include "catch.hpp"
#include "fuzz/extension.hpp"
#include "fuzz/gzip.hpp"
#include "fuzz/header.hpp"
#include "fuzz/table.hpp"
#include "support.hpp"

namespace {

void run_findings(const std::string& target, void (*body)(fuzz::Input)) {
    const auto folder = std::filesystem::path(ROI_FUZZ_FINDINGS) / target;
    int count = 0;
    for (const auto& entry : std::filesystem::directory_iterator(folder)) {
        INFO(entry.path().string());
        const auto bytes = test::read_file(entry.path().string());
        CHECK_NOTHROW(body({reinterpret_cast<const std::uint8_t*>(bytes.data()), bytes.size()}));
        ++count;
    }
    CHECK(count > 0);
}

/// A body on random changes of one sound input.
void run_changes(std::string sound, void (*body)(fuzz::Input), int trials) {
    INFO("seed " << test::seed());
    test::Random random(test::seed());
    for (int trial = 0; trial < trials; ++trial) {
        auto bytes = sound;
        for (std::uint64_t i = 0; i < 1 + random() % 4; ++i) {
            bytes[random() % bytes.size()] = static_cast<char>(random() % 2 == 0 ? random() : random() % 3);
        }
        if (random() % 4 == 0) bytes.resize(random() % bytes.size());
        INFO("trial " << trial);
        REQUIRE_NOTHROW(body({reinterpret_cast<const std::uint8_t*>(bytes.data()), bytes.size()}));
    }
}

}  // namespace

TEST_CASE("findings in headers stay mended") { run_findings("header", fuzz::header); }
TEST_CASE("findings in gzip streams stay mended") { run_findings("gzip", fuzz::gzip); }
TEST_CASE("findings in extensions stay mended") { run_findings("extension", fuzz::extension); }
TEST_CASE("findings in tables stay mended") { run_findings("table", fuzz::table); }

TEST_CASE("changed images keep every promise of the fuzz targets") {
    for (const int version : {1, 2}) {
        for (const bool big : {false, true}) {
            const test::HeaderBytes header(version, big);
            run_changes('\0' + header.bytes() + header.voxels(test::counting(24)), fuzz::header, 150);
            run_changes(std::string("\1\1\20\0\0\0\6\0\0\0eeeeeeee", 18), fuzz::extension, 50);
        }
    }
}

TEST_CASE("changed gzip streams and tables keep every promise of the fuzz targets") {
    run_changes(std::string(2, '\0') + test::gzip("one two three two one") + test::gzip("four"), fuzz::gzip,
                400);
    run_changes("labels chunks\nface 0\nhouse 1\n", fuzz::table, 400);
}
