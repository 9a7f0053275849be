// What readers of tables meet seldom: the other way of each of their conditions.
#include <roi/table.hpp>

#include "catch.hpp"
#include "checks.hpp"
#include "support.hpp"
#include <cmath>
#include <cstdint>
#include <limits>
#include <string>
#include <utility>
#include <vector>

namespace {

using Texts = std::vector<std::string>;

roi::Table table_of(const std::string& content) {
    const test::TemporaryFolder folder;
    test::write_file(folder / "table", content);
    return roi::read_table(folder / "table");
}

roi::RegionNames names_of(const std::string& content) {
    const test::TemporaryFolder folder;
    test::write_file(folder / "names", content);
    return roi::read_names(folder / "names");
}

std::string one_text(const std::string& json) { return table_of("[{\"a\": \"" + json + "\"}]")["a"][0]; }

template <class Action>
std::string refused(Action&& action) {
    return test::message_of<roi::Error>(std::forward<Action>(action));
}

std::string refused_json(const std::string& content) {
    return refused([&] { (void)table_of(content); });
}

roi::Table events_of(const Texts& onsets, const Texts& durations, const Texts& types) {
    return roi::Table(
        {roi::Column(onsets, "onset"), roi::Column(durations, "duration"), roi::Column(types, "trial_type")});
}

}  // namespace

TEST_CASE("JSON tables: words and characters that are rare") {
    const auto table = table_of(R"([{"a": NaN, "b": false, "c": Infinity, "d": "tab\tor \"line\"\nend"}])");
    CHECK(table["a"][0] == "n/a");
    CHECK(table["b"][0] == "false");
    CHECK(table["c"][0] == "inf");
    CHECK(table["d"][0] == "tab\tor \"line\"\nend");
    CHECK(one_text("\\u0041\\u00C9\\u20aC") == "A\xC3\x89\xE2\x82\xAC");
    for (const char* half : {"\\udc00", "\\ud800", "\\udfff\\ud800", "\\ud800\\u0041", "\\uDBFF\\uffff",
                             "\\ud800\\ud800", "\\ud83ex"}) {
        INFO(half);
        CHECK(test::contains(refused_json("[{\"a\": \"" + std::string(half) + "\"}]"),
                             "half of a character, " + std::string(half, 6)));
    }
    CHECK(one_text("\\udbff\\udfff") == "\xF4\x8F\xBF\xBF");
    CHECK(one_text("\\ud83d\\ude00") == "\xF0\x9F\x98\x80");
    CHECK(one_text("\\u000b") == "\v");
    CHECK(one_text("\\ue000") == "\xEE\x80\x80");
    CHECK(table_of("[").columns() == Texts{"["});
    for (const char* wrong : {"\\u007f", "\\u0008", "\\u001f"}) {
        INFO(wrong);
        CHECK(test::contains(refused_json("[{\"a\": \"" + std::string(wrong) + "\"}]"), "control character"));
    }
    CHECK(test::contains(refused_json("[{\"a\": \"\\b\"}]"), "\\b in a text"));
    CHECK(test::contains(refused_json("[{\"a\": {}}]"), "a value that holds values"));
    for (const char* wrong : {"\\u00", "\\u00/0", "\\u00:0", "\\u00G0", "\\u00@0", "\\u00`0"}) {
        INFO(wrong);
        CHECK(test::contains(refused_json("[{\"a\": \"" + std::string(wrong)), "four hexadecimal digits"));
    }
}

TEST_CASE("written tables: fields that need quotes, characters that JSON escapes, nothing at all") {
    roi::DataTable table;
    CHECK(table.rows() == 0);
    CHECK(roi::format_table(table, roi::TableFormat::json).front() == '[');
    table.add("a", roi::DataTable::Texts{" x", "y ", "\\", std::string(1, '\x7F'), ""});
    CHECK(roi::format_table(table, roi::TableFormat::tsv) == "a\n\" x\"\n\"y \"\n\\\n\x7F\n\"\"\n");
    CHECK(test::contains(roi::format_table(table, roi::TableFormat::json), "\"\\\\\""));
    CHECK(test::contains(roi::format_table(table, roi::TableFormat::json), "\"\\u007f\""));
    CHECK(roi::table_format_of("signals.txt") == roi::TableFormat::tsv);
    CHECK(table_of("[]").rows() == 0);
    CHECK(test::contains(refused([] { (void)table_of("[]")["a"]; }), "no column"));
    roi::DataTable numbers;
    numbers.add("x", std::vector<double>{0.5, 2.0}).add("name", roi::DataTable::Texts{"a", "=b"});
    CHECK(numbers.numbers("x") == std::vector<double>{0.5, 2.0});
    CHECK(test::contains(refused([&] {
                             (void)roi::format_table(numbers, roi::TableFormat::tsv,
                                                     {.formulas = roi::Formulas::refuse});
                         }),
                         "=b"));
}

TEST_CASE("a separator of one's own, and a row that has another number of it") {
    const test::TemporaryFolder folder;
    test::write_file(folder / "table", "a;b\n1;2\n");
    CHECK(roi::read_table(folder / "table", {.separator = ';'})["b"][0] == "2");
    test::write_file(folder / "table", "a;b\n1;2;3\n");
    CHECK(test::contains(refused([&] { (void)roi::read_table(folder / "table", {.separator = ';'}); }),
                         "expected 2 fields"));
}

TEST_CASE("numbers of columns that no double holds, or that are none") {
    const roi::Column column(Texts{"1e999", "-1e999", "1e-999", "0x10", "1 2", "12a", "1e9999999999"}, "a");
    CHECK(roi::number(column[0]) == std::numeric_limits<double>::infinity());
    CHECK(roi::number(column[1]) == -std::numeric_limits<double>::infinity());
    CHECK(roi::number(column[2]) == 0.0);
    for (std::int64_t row : {3, 4, 5}) CHECK_FALSE(roi::number(column[row]));
}

TEST_CASE("missing values are n/a or nothing, other words and decimals with commas are refused with advice") {
    const auto found = roi::numbers(roi::Column(Texts{"", "n/a", "nan", "NaN", "-nan"}, "a"));
    for (const double value : found) CHECK(std::isnan(value));
    const auto advice = [](const std::string& field) {
        return refused([&] { (void)roi::numbers(roi::Column(Texts{"1", field}, "a")); });
    };
    for (const char* word :
         {"NA", "N/A", "n.a.", "#N/A", "null", "NULL", "None", "missing", ".", "-", "--"}) {
        INFO(word);
        CHECK(test::contains(advice(word), "column \"a\", row 2: expected a number or n/a, found \""));
        CHECK(test::contains(advice(word), "missing is written n/a"));
    }
    CHECK(test::contains(advice("1,5"), "decimals are written with a point"));
    CHECK(test::contains(advice("-1,5e3"), "decimals are written with a point"));
    CHECK(advice("1,5").ends_with("point"));
    for (const char* thousands :
         {"1.000,5", "1,000,000", "-1,000.", "1 000", "12'345.5", "1 000,5", "1.000.000"}) {
        INFO(thousands);
        CHECK(test::contains(advice(thousands),
                             "\"; thousands are written without a separator, decimals with a point"));
    }
    CHECK(advice("+1,234").ends_with(
        "found \"+1,234\"; decimals are written with a point, thousands without a separator"));
    for (const char* other : {"1.00,5x", "1,000,00", ",000,000", "1234,000,000", "1,00a,000", "a,b", "a,000",
                              "1_000", "1,000,5", "1,000.x"}) {
        INFO(other);
        CHECK(advice(other).ends_with(std::string("found \"") + other + '"'));
    }
}

TEST_CASE("events: the other way of every condition") {
    CHECK(refused([] { (void)roi::events_of(events_of({""}, {"1"}, {"a"})); }) != "");
    CHECK(test::contains(refused([] { (void)roi::events_of(events_of({"0"}, {"inf"}, {"a"})); }),
                         "duration of 0 seconds or more, found inf"));
    CHECK(roi::events_of(events_of({"0", "1"}, {"1", "1"}, {"n/a", "a"})).size() == 1);
    const std::vector<roi::Event> none, one{{0.0, 1.0, "a"}, {90.0, 1.0, "b"}, {95.0, 1.0, "b"}};
    CHECK(refused([&] { (void)roi::conditions_of(one, -1, roi::Seconds{2.0}); }) != "");
    const double endless = std::numeric_limits<double>::infinity();
    CHECK(refused([&] { (void)roi::conditions_of(one, 3, roi::Seconds{endless}); }) != "");
    CHECK(refused([&] { (void)roi::conditions_of(one, 3, roi::Seconds{2.0}, {.slice_time = -0.1}); }) != "");
    Texts lines;
    const auto keep = [&](std::string_view line) { lines.emplace_back(line); };
    (void)roi::conditions_of(one, 3, roi::Seconds{2.0}, {.warning = keep});
    CHECK(lines ==
          Texts{"conditions: 2 of 3 events lie outside the run and have no volume, the first \"b\" at 90 s",
                "conditions: no volume lies in b"});
    lines.clear();
    (void)roi::conditions_of(none, 3, roi::Seconds{2.0}, {.warning = keep});
    CHECK(lines.empty());
    CHECK(roi::join_events({one}, {3}, roi::Seconds{2.0}).events.size() == 1);
    const std::vector<roi::Event> early{{-5.0, 1.0, "a"}};
    (void)roi::join_events({early}, {3}, roi::Seconds{2.0}, keep);
    REQUIRE(lines.size() == 1);
    CHECK(test::contains(lines[0], "1 event begins"));
    CHECK(refused([&] { (void)roi::join_events({one}, {3}, roi::Seconds{endless}); }) != "");
    CHECK(refused([&] { (void)roi::blocks_of(roi::Column(Texts{"a"}, "c"), roi::Seconds{endless}); }) != "");
}

TEST_CASE("names: numbers at the edge, characters of XML that are none, labels without content") {
    const auto names = names_of("1 one\n2 two\n");
    CHECK(names.find(3) == nullptr);
    CHECK(names.find(0) == nullptr);
    CHECK(names_of("7 - - - dash\n")[7] == "- - - dash");
    for (const char* wrong :
         {".5 one\n", "-9223372036854775808 one\n", "9223372036854775807 one\n", "1.5 one\n"}) {
        INFO(wrong);
        CHECK(refused([&] { (void)names_of(wrong); }) != "");
    }
    const auto xml = [](const std::string& text) {
        return names_of("<atlas><!DOCTYPE x><data><label index=\"0\">" + text + "</label></data></atlas>")[1];
    };
    CHECK(xml("a&#65;b") == "aAb");
    CHECK(xml("&#x20AC;&#x1F600;") == "\xE2\x82\xAC\xF0\x9F\x98\x80");
    CHECK(xml("&#xFFFD;") == "\xEF\xBF\xBD");
    for (const char* kept : {"&#127;", "&#1114112;", "&#xD800;", "&#xDFFF;", "&#7;", "&#x;"}) {
        INFO(kept);
        CHECK(xml(kept) == kept);
    }
    CHECK(refused([&] { (void)names_of("<atlas><label index=\"0\"/></atlas>"); }) != "");
    CHECK(refused([&] { (void)names_of("<atlas><type/><label xindex=\"3\">a</label></atlas>"); }) != "");
}
