// Expressions of `roi math`: what fuzzing asks of them.
#include "catch.hpp"
#include "fuzz/expression.hpp"
#include "fuzz/run_findings.hpp"

TEST_CASE("expressions mean what they say, voxel by voxel") {
    const char* const sound[] = {"(a-mean(a))/b",
                                 "a>3 & !b | c==1",
                                 "min(a,b)+max(-c,1e-3)",
                                 "a<=b >= c != d * 2",
                                 "sqrt(abs(log(exp(a))))/.5",
                                 "- - -1.5e+2*a",
                                 "pow(a-b,2)+pow(2,-c)*pow(a, b)"};
    for (const char* text : sound) {
        REQUIRE(fuzz::parsed(text));
        CHECK_NOTHROW(fuzz::expression(test::input_of(text)));
        test::run_changes(text, fuzz::expression, 60);
    }
}

TEST_CASE("expressions that cannot be say where") {
    const auto says = [](const std::string& text, std::string_view part) {
        try {
            (void)command::parse_expression(text);
        } catch (const command::UsageError& error) {
            return std::string_view(error.what()).find(part) != std::string_view::npos;
        }
        return false;
    };
    CHECK(says("1e999+a", "a number below 1.8e308"));
    CHECK(says("a+", "found the end"));
    CHECK(says("a ? b", ">>> ? b"));
    CHECK(says(std::string(300, '('), "nested too deep"));
    std::string sum = "a";
    for (int i = 0; i < 1000; ++i) sum += "+a";
    CHECK_NOTHROW(fuzz::expression(test::input_of(sum)));
    CHECK(says(sum + "+a", "more than 1000 operations"));
}
