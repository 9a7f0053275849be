// What fuzzing found once, and the seeds' kin: the same bodies as the fuzz targets, run as tests.
#include "catch.hpp"
#include "fuzz/events.hpp"
#include "fuzz/extension.hpp"
#include "fuzz/gzip.hpp"
#include "fuzz/header.hpp"
#include "fuzz/names.hpp"
#include "fuzz/run_findings.hpp"
#include "fuzz/scan.hpp"
#include "fuzz/table.hpp"
#include "support.hpp"

using test::run_changes;
using test::run_findings;

TEST_CASE("findings in headers stay mended") { run_findings("header", fuzz::header); }
TEST_CASE("findings in gzip streams stay mended") { run_findings("gzip", fuzz::gzip); }
TEST_CASE("findings in extensions stay mended") { run_findings("extension", fuzz::extension); }
TEST_CASE("findings in tables stay mended") { run_findings("table", fuzz::table); }
TEST_CASE("findings in events stay mended") { run_findings("events", fuzz::events); }

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

TEST_CASE("changed runs are scanned as they load, by any number of threads") {
    for (const bool big : {false, true}) {
        test::HeaderBytes header(1, big);
        header.dimensions({4, 3, 2, 1, 4, 1, 1, 1}).datatype(16);
        run_changes(std::string("\0\60", 2) + header.bytes() + header.voxels(std::vector<float>(24, 1.5F)),
                    fuzz::scan, 60);
    }
}

TEST_CASE("changed names and events keep every promise of the fuzz targets") {
    run_changes("index\tname\tcolor\n1\tLeft\tred\n2\t\"a \"\"b\"\"\"\tn/a\n", fuzz::names, 300);
    run_changes("1 0.1 0.2 0.3 A name\n2 1 1 1 B\n", fuzz::names, 200);
    run_changes("<atlas><label index=\"0\" x=\"1\">A &amp; &#233;</label></atlas>", fuzz::names, 200);
    run_changes("\3\40\1onset\tduration\ttrial_type\n0\t4\tface\n3.5\t2\thouse\n20\tn/a\tcat\n", fuzz::events,
                400);
}
