// Columns: comparing with a text chooses volumes, and a text that is not there is an error.
#include <roi/image/column.hpp>

#include "catch.hpp"
#include "checks.hpp"
#include <string>
#include <type_traits>
#include <vector>

using roi::Column;
using roi::Selection;
using Names = std::vector<std::string>;

static_assert(!std::is_convertible_v<Names, Column>);

TEST_CASE("column: comparing with a text chooses volumes") {
    const Column conditions({"rest", "face", "face", "house", "rest"});
    CHECK((conditions == "face") == Selection({false, true, true, false, false}));
    CHECK((conditions != "rest") == Selection({false, true, true, true, false}));
    CHECK((conditions == "face" or conditions == "house") == (conditions != "rest"));
    CHECK((conditions == std::string("house")).count() == 1);
    CHECK(conditions.size() == 5);
    CHECK(conditions[3] == "house");
    CHECK(Names(conditions.begin(), conditions.end()) == Names{"rest", "face", "face", "house", "rest"});
}

TEST_CASE("column: comparisons are exact") {
    const Column conditions({"face", "Face", "face ", ""});
    CHECK((conditions == "face").count() == 1);
    CHECK((conditions == "Face").count() == 1);
    CHECK((conditions == "").count() == 1);
}

TEST_CASE("column: a value that no volume has is an error that lists those that exist") {
    const Column conditions({"rest", "face", "rest", "house"}, "trial_type");
    for (const auto& message :
         {test::message_of<roi::InvalidArgument>([&] { (void)(conditions == "faces"); }),
          test::message_of<roi::InvalidArgument>([&] { (void)(conditions != "faces"); })}) {
        CHECK(test::contains(message, "\"faces\""));
        CHECK(test::contains(message, "\"trial_type\""));
        CHECK(test::contains(message, "rest, face, house"));
    }
    CHECK(test::contains(test::message_of<roi::InvalidArgument>([] { (void)(Column() == "face"); }),
                         "no rows"));
}

TEST_CASE("column: a long list of values is cut") {
    Names onsets;
    for (int i = 0; i < 1000; ++i) onsets.push_back(std::to_string(i));
    const auto message =
        test::message_of<roi::InvalidArgument>([&] { (void)(Column(onsets, "onset") == "face"); });
    CHECK(test::contains(message, "0, 1, 2"));
    CHECK(test::contains(message, "and 970 more"));
    CHECK(message.size() < 300);
}

TEST_CASE("column: the different values, in order of first appearance") {
    const Column conditions({"rest", "scissors", "rest", "face", "scissors"});
    CHECK(conditions.unique() == Names{"rest", "scissors", "face"});
    CHECK(Column().unique().empty());
}

TEST_CASE("column: renaming a value leaves the original alone") {
    const Column conditions({"rest", "scrambledpix", "scrambledpix"}, "labels");
    const auto renamed = conditions.renamed("scrambledpix", "scrambled");
    CHECK(renamed.unique() == Names{"rest", "scrambled"});
    CHECK((renamed == "scrambled").count() == 2);
    CHECK(renamed.name() == "labels");
    CHECK(conditions.unique() == Names{"rest", "scrambledpix"});
    CHECK(conditions.renamed("chair", "table") == conditions);
    CHECK(!(renamed == conditions));
}
