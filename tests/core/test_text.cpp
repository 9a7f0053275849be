#include <roi/core/text.hpp>

#include "catch.hpp"
#include <string>
#include <vector>

TEST_CASE("text joins its parts, numbers in their shortest exact form") {
    CHECK(roi::text("a", 1, ' ', 0.1, true) == "a1 0.1true");
    CHECK(roi::joined(std::vector<int>{1, 2}) == "1, 2");
    CHECK(roi::joined(std::vector<std::string>{"x", "y"}, " ") == "x y");
}

TEST_CASE("a list is cut after so many items, and the rest is counted") {
    CHECK(roi::listed(std::vector<int>{}) == "");
    CHECK(roi::listed(std::vector<int>{1}) == "1");
    CHECK(roi::listed(std::vector<int>{1, 2, 3}, 3) == "1, 2, 3");
    CHECK(roi::listed(std::vector<int>{1, 2, 3, 4, 5}, 3) == "1, 2, 3 and 2 more");
    CHECK(roi::listed(std::vector<std::string>{"a", "b"}, 1) == "a and 1 more");
    CHECK(roi::listed(std::vector<int>(21, 7)).substr(57) == "7 and 1 more");
}
