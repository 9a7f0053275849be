// Selections: NumPy's boolean index, volume by volume.
#include <roi/image/selection.hpp>

#include "catch.hpp"
#include "checks.hpp"
#include "support.hpp"
#include <cstdint>
#include <limits>
#include <random>
#include <vector>

using roi::Selection;

namespace {

using Numbers = std::vector<std::int64_t>;

Selection random_selection(test::Random& random, std::size_t size) {
    std::vector<bool> chosen(size);
    for (std::size_t i = 0; i < size; ++i) chosen[i] = std::bernoulli_distribution(0.4)(random);
    return Selection(chosen);
}

}  // namespace

TEST_CASE("selection: size, count, single volumes, numbers") {
    const Selection some({false, true, true, false, true});
    CHECK(some.size() == 5);
    CHECK(some.count() == 3);
    CHECK(!some[0]);
    CHECK(some[4]);
    CHECK(some.indices() == Numbers{1, 2, 4});
    CHECK(Selection().size() == 0);
    CHECK(Selection().count() == 0);
    CHECK(Selection().indices().empty());
}

TEST_CASE("selection: and, or, not") {
    const Selection a({true, true, false, false});
    const Selection b({true, false, true, false});
    CHECK((a && b) == Selection({true, false, false, false}));
    CHECK((a || b) == Selection({true, true, true, false}));
    CHECK((!a) == Selection({false, false, true, true}));
    CHECK((a and not b) == Selection({false, true, false, false}));
    CHECK(a != b);
    CHECK((Selection() && Selection()) == Selection());
}

TEST_CASE("selection: what messages call it goes on, and changes no choice") {
    const Selection a({true, false}, "face"), b({false, true}, "house"), plain({true, false});
    CHECK(a.name() == "face");
    CHECK((a || b).name() == "face or house");
    CHECK((a && b).name() == "face and house");
    CHECK((!a).name() == "not face");
    CHECK((a || plain).name().empty());
    CHECK((!plain).name().empty());
    CHECK(a.first(1).name() == "face");
    CHECK(a == plain);
}

TEST_CASE("selection: the laws of logic hold for random ones") {
    test::Random random(test::seed());
    INFO("seed " << test::seed());
    for (std::size_t size = 0; size < 150; size += 7) {
        const auto a = random_selection(random, size);
        const auto b = random_selection(random, size);
        CHECK((!(a && b)) == (!a || !b));
        CHECK((!(a || b)) == (!a && !b));
        CHECK((!!a) == a);
        CHECK(a.count() + (!a).count() == a.size());
        CHECK((a || b).count() + (a && b).count() == a.count() + b.count());
        CHECK(static_cast<std::int64_t>(a.indices().size()) == a.count());
    }
}

TEST_CASE("selection: cut to its first volumes") {
    const Selection some({false, true, true, false, true});
    CHECK(some.first(2).indices() == Numbers{1, 2});
    CHECK(some.first(2).size() == 5);
    CHECK(some.first(3) == some);
    CHECK(some.first(100) == some);
    CHECK(some.first(0).count() == 0);
    CHECK(some.first(std::numeric_limits<std::int64_t>::min()).count() == 0);
}

TEST_CASE("selection: both sides must be about the same volumes") {
    const Selection five(std::vector<bool>(5)), seven(std::vector<bool>(7));
    for (const auto& message : {test::message_of<roi::InvalidArgument>([&] { (void)(five && seven); }),
                                test::message_of<roi::InvalidArgument>([&] { (void)(five || seven); })}) {
        CHECK(test::contains(message, "about 5"));
        CHECK(test::contains(message, "about 7"));
    }
    CHECK(five != seven);
}
