// Sequences of operations on small masks, each step compared with its definition: the body of a fuzz target.
#include "catch.hpp"
#include "fuzz/operations.hpp"
#include "fuzz/run_findings.hpp"
#include "sanitized.hpp"
#include "support.hpp"

TEST_CASE("whatever is done to a mask, every step is what its definition says") {
    INFO("seed " << test::seed());
    test::Random random(test::seed());
    for (int trial = 0; trial < test::rounds(300, 60); ++trial) {
        std::string bytes(20 + random() % 100, '\0');
        for (char& byte : bytes) byte = static_cast<char>(random() % 256);
        INFO("trial " << trial);
        REQUIRE_NOTHROW(fuzz::operations(test::input_of(bytes)));
    }
}
