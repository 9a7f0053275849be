// What a test per voxel gives: a plain aggregate of maps.
#include <roi/stats/test_result.hpp>

#include "catch.hpp"
#include <type_traits>

static_assert(std::is_aggregate_v<roi::TTest>);
static_assert(std::is_nothrow_move_constructible_v<roi::TTest>);

TEST_CASE("test_result: empty and two-sided unless told otherwise") {
    const roi::TTest none;
    CHECK(none.t.size() == 0);
    CHECK(none.p.size() == 0);
    CHECK(none.df.size() == 0);
    CHECK(none.alternative == roi::Alternative::two_sided);
    const roi::Volume<double> map(roi::Shape(1, 1, 1), 2.0);
    const roi::TTest some{.t = map, .p = map, .df = map, .alternative = roi::Alternative::less};
    CHECK(some.t[0] == 2.0);
}
