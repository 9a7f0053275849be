// Tables of results: three formats, what is missing, what would break a row.
#include <roi/table/data_table.hpp>
#include <roi/table/table.hpp>

#include "catch.hpp"
#include "checks.hpp"
#include "support.hpp"
#include <bit>
#include <cmath>
#include <cstdint>
#include <limits>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace {

roi::DataTable example() {
    roi::DataTable out;
    out.add("name", roi::DataTable::Texts{"left \"V1\"", "a,b\tc", std::nullopt});
    out.add("voxels", roi::DataTable::WholeNumbers{12, std::nullopt, -3});
    out.add("mean", std::vector<double>{0.1, std::nan(""), std::numeric_limits<double>::infinity()});
    return out;
}

}  // namespace

TEST_CASE("data table: TSV, CSV and JSON") {
    using enum roi::TableFormat;
    CHECK(roi::format_table(example(), tsv) ==
          "name\tvoxels\tmean\n\"left \"\"V1\"\"\"\t12\t0.1\n\"a,b\tc\"\tn/a\tn/a\nn/a\t-3\tinf\n");
    CHECK(roi::format_table(example(), csv) ==
          "name,voxels,mean\n\"left \"\"V1\"\"\",12,0.1\n\"a,b\tc\",n/a,n/a\nn/a,-3,inf\n");
    CHECK(roi::format_table(example(), json) ==
          "[\n  {\"name\": \"left \\\"V1\\\"\",\"voxels\": 12,\"mean\": 0.1},\n"
          "  {\"name\": \"a,b\\u0009c\",\"voxels\": null,\"mean\": null},\n"
          "  {\"name\": null,\"voxels\": -3,\"mean\": \"inf\"}\n]\n");
    CHECK(roi::format_table(roi::DataTable().add("label", std::vector<std::int64_t>{}), tsv) == "label\n");
    CHECK(roi::format_table(roi::DataTable().add("label", std::vector<std::int64_t>{}), json) == "[]\n");
}

TEST_CASE("data table: numbers in their shortest form, whole ones too; long tables in pieces") {
    test::Random random(test::seed());
    INFO("seed " << test::seed());
    std::vector<double> values{0.0,       -0.0,      1.0,   -7.0,     99999.0,   100000.0,
                               -300000.0, 1234567.0, 1e15,  1e15 - 1, -1e15 - 2, 1e16,
                               1e21,      1e22,      1e300, -0.5,     1e-7,      123456.5};
    for (int i = 0; i < 60000; ++i) {
        const auto whole = static_cast<double>(static_cast<std::int64_t>(random() >> (random() % 63 + 1)));
        values.push_back(std::bit_cast<double>(random()));
        values.push_back(std::ldexp(static_cast<double>(random() >> 11), -static_cast<int>(random() % 66)));
        const auto decimals = static_cast<double>(random() % 10000000) / (i % 2 == 0 ? 1000.0 : 7.0);
        values.push_back(decimals);
        values.push_back(-std::nextafter(decimals, 1e9));
        if (std::isnan(values[values.size() - 4])) values[values.size() - 4] = 0.5;
        values.push_back(i % 3 == 0 ? whole : i % 3 == 1 ? -1000.0 * std::floor(whole / 1e6) : whole / 164.0);
    }
    for (int power = -70; power < 70; ++power) {
        const double two = std::ldexp(1.0, power);
        for (const double value : {two, std::nextafter(two, 0.0), std::nextafter(two, 1e300), 3.0 * two}) {
            values.push_back(value);
        }
    }
    roi::DataTable table;
    table.add("x", values);
    table.add("y", roi::DataTable::SharedNumbers{nullptr, values});
    CHECK(table.numbers("y") == values);
    CHECK(table.rows() == static_cast<std::int64_t>(values.size()));
    std::string expected = "x\ty\n";
    for (const double value : values) expected += roi::text(value, '\t', value, '\n');
    CHECK(roi::format_table(table, roi::TableFormat::tsv) == expected);
    std::string joined;
    std::size_t pieces = 0;
    roi::format_table(table, roi::TableFormat::tsv, [&](std::string_view piece) {
        joined += piece;
        ++pieces;
    });
    CHECK(joined == expected);
    CHECK(pieces > 1);
}

TEST_CASE("data table: always valid UTF-8") {
    const auto cell = [](const std::string& value) {
        roi::DataTable table;
        table.add("x", std::vector<std::string>{value});
        return roi::format_table(table, roi::TableFormat::csv).substr(2);
    };
    const std::string replaced = "\xEF\xBF\xBD";
    CHECK(cell("\xC3\xA9") == "\xC3\xA9\n");
    CHECK(cell("\xE9t\xE9") == replaced + "t" + replaced + "\n");
    CHECK(cell("\xC0\xAF") == replaced + replaced + "\n");
    CHECK(cell("\xED\xA0\x80") == replaced + replaced + replaced + "\n");
    CHECK(cell("\xF0\x9F\xA7\xA0") == "\xF0\x9F\xA7\xA0\n");
    CHECK(cell("\xF5\x80") == replaced + replaced + "\n");
    CHECK(cell("a\xE2\x82") == "a" + replaced + replaced + "\n");
}

TEST_CASE("data table: what a spreadsheet would run is kept, quoted or refused, as is chosen") {
    using roi::Formulas;
    const std::string run = "=HYPERLINK(\"x\")";
    const auto written = [](const std::string& text, Formulas formulas,
                            roi::TableFormat format = roi::TableFormat::csv) {
        roi::DataTable table;
        table.add("x", std::vector<std::string>{text});
        return roi::format_table(table, format, {.formulas = formulas}).substr(2);
    };
    CHECK(written(run, Formulas::keep) == "\"=HYPERLINK(\"\"x\"\")\"\n");
    CHECK(written(run, Formulas::quote) == "\"'=HYPERLINK(\"\"x\"\")\"\n");
    for (const char* text : {"=1", "+a", "-a", "@a", "\ta", "\ra", "\na"}) {
        INFO(text);
        CHECK(written(text, Formulas::quote).find('\'') < 2);
        CHECK_THROWS_AS(written(text, Formulas::refuse), roi::InvalidArgument);
    }
    // Numbers run nothing, nor does what stands in JSON.
    for (const char* text : {"-1", "+2.5e3", "a=1", "", "n/a"}) {
        CHECK(written(text, Formulas::quote) == written(text, Formulas::keep));
        CHECK(written(text, Formulas::refuse) == written(text, Formulas::keep));
    }
    CHECK(written(run, Formulas::refuse, roi::TableFormat::json).find(": \"=HYPER") != std::string::npos);
    try {
        (void)written("@me", Formulas::refuse);
    } catch (const roi::InvalidArgument& error) {
        CHECK(std::string_view(error.what()).find("column \"x\", row 1: \"@me\"") != std::string_view::npos);
    }
    roi::DataTable named;
    named.add("=a", std::vector<double>{1.0});
    CHECK(roi::format_table(named, roi::TableFormat::tsv, {.formulas = Formulas::quote}) == "'=a\n1\n");
    CHECK_THROWS_AS(roi::format_table(named, roi::TableFormat::tsv, {.formulas = Formulas::refuse}),
                    roi::InvalidArgument);
    const test::TemporaryFolder folder;
    CHECK_THROWS_AS(roi::write_table(named, folder / "a.tsv", {.formulas = Formulas::refuse}),
                    roi::InvalidArgument);
    CHECK(folder.names().empty());
}

TEST_CASE("data table: columns are found, compared in length and named once") {
    auto table = example();
    CHECK(table.rows() == 3);
    CHECK(table.numbers("voxels")[0] == 12.0);
    CHECK(std::isnan(table.numbers("voxels")[1]));
    const auto message = [](const auto& action) { return test::message_of<roi::InvalidArgument>(action); };
    CHECK(test::contains(message([&] { (void)table.numbers("name"); }), "holds texts"));
    CHECK(
        test::contains(message([&] { (void)table.find("median"); }), "the columns are: name, voxels, mean"));
    CHECK(test::contains(message([&] { table.add("mean", std::vector<double>(3)); }),
                         "two columns are called"));
    CHECK(test::contains(message([&] { table.add("more", std::vector<double>(2)); }), "has 2 rows"));
}

TEST_CASE("data table: the ending says the format, and what is written is read back") {
    using enum roi::TableFormat;
    CHECK(roi::table_format_of("a/b.TSV") == tsv);
    CHECK(roi::table_format_of("b.csv.gz") == csv);
    CHECK(roi::table_format_of("b.json") == json);
    CHECK(test::contains(test::message_of<roi::InvalidArgument>([] { (void)roi::table_format_of("x.xls"); }),
                         ".tsv, .csv or .json"));
    const test::TemporaryFolder folder;
    roi::DataTable table;
    table.add("label", std::vector<std::int64_t>{1, 2}).add("mean", std::vector<double>{0.5, 1e-300});
    for (const char* name : {"t.tsv", "t.csv", "t.csv.gz", "t.json"}) {
        roi::write_table(table, folder / name);
        const auto back = roi::read_table(folder / name);
        CHECK(back.columns() == std::vector<std::string>{"label", "mean"});
        CHECK(back["mean"][1] == "1e-300");
    }
}

TEST_CASE("data table: names that are numbers are read back as names, without a word") {
    const test::TemporaryFolder folder;
    const auto line = [](const roi::DataTable& table, roi::TableFormat format) {
        const auto all = roi::format_table(table, format);
        return all.substr(0, all.find('\n'));
    };
    const std::vector<std::vector<std::string>> of_tables{{"1", "2"},    {"2", "1"},      {"7"},
                                                          {"0.5", "-1"}, {"n/a", "3"},    {"nan", "inf"},
                                                          {"", "4"},     {"frame", "0.5"}};
    for (const auto& names : of_tables) {
        for (const bool whole : {true, false}) {
            roi::DataTable table;
            for (const auto& name : names) {
                if (whole) table.add(name, std::vector<std::int64_t>{5, 6});
                if (!whole) table.add(name, std::vector<double>{5.5, 6});
            }
            for (const char* name : {"t.tsv", "t.csv", "t.csv.gz", "t.json"}) {
                INFO(name << ": " << roi::format_table(table, roi::TableFormat::tsv));
                roi::write_table(table, folder / name);
                const roi::WarningHandler none = [](std::string_view said) { FAIL_CHECK(std::string(said)); };
                const auto back = roi::read_table(folder / name, {.warning = none});
                CHECK(back.has_names());
                CHECK(back.columns() == names);
                CHECK(back.rows() == 2);
            }
        }
    }
    const std::vector<double> values{1.0};
    CHECK(line(roi::DataTable().add("1", values).add("2", values), roi::TableFormat::tsv) == "\"1\"\t\"2\"");
    CHECK(line(roi::DataTable().add("1", values).add("2", values), roi::TableFormat::csv) == "\"1\",\"2\"");
    // Where a text says that they are names they stay as they are.
    CHECK(line(roi::DataTable().add("frame", values).add("2", values), roi::TableFormat::tsv) == "frame\t2");
}

TEST_CASE("data table: what would be taken for several columns stands in quotes") {
    const test::TemporaryFolder folder;
    using Names = std::vector<std::string>;
    for (const std::string name : {"Left Amygdala", "a,b", "a\tb", "a b, c\td", " a", "a"}) {
        for (const std::string ending : {".tsv", ".csv"}) {
            INFO(name << " in " << ending);
            roi::write_table(roi::DataTable().add(name, std::vector<double>{1.5, 2.5}),
                             folder / ("one" + ending));
            const auto one = roi::read_table(folder / ("one" + ending));
            CHECK(one.columns() == Names{name});
            CHECK(one.rows() == 2);
            roi::write_table(roi::DataTable().add("text", Names{name, "b c"}), folder / ("text" + ending));
            const auto text = roi::read_table(folder / ("text" + ending));
            REQUIRE(text.columns() == Names{"text"});
            CHECK(text["text"][0] == name);
            CHECK(text["text"][1] == "b c");
            roi::write_table(
                roi::DataTable().add(name, std::vector<double>{1.5}).add("x y", std::vector<double>{2.5}),
                folder / ("two" + ending));
            CHECK(roi::read_table(folder / ("two" + ending)).columns() == Names{name, "x y"});
        }
    }
    // Where a separator is there nothing else needs quotes.
    CHECK(roi::format_table(
              roi::DataTable().add("a b", std::vector<double>{1}).add("c", std::vector<double>{2}),
              roi::TableFormat::tsv) == "a b\tc\n1\t2\n");
}

TEST_CASE("data table: made of a table of text, each column of the narrowest kind") {
    const roi::Table text({roi::Column({"1", "n/a", "-3"}, "whole"), roi::Column({"1", "2.5", ""}, "number"),
                           roi::Column({"a", "n/a", "3"}, "text"), roi::Column({"n/a", "", "n/a"}, "nothing"),
                           roi::Column({"1", "2", "99999999999999999999"}, "large")});
    const auto table = roi::data_table(text);
    CHECK(std::holds_alternative<roi::DataTable::WholeNumbers>(table.find("whole").values));
    CHECK(std::holds_alternative<roi::DataTable::Numbers>(table.find("number").values));
    CHECK(std::holds_alternative<roi::DataTable::Texts>(table.find("text").values));
    CHECK(std::holds_alternative<roi::DataTable::Numbers>(table.find("nothing").values));
    CHECK(std::holds_alternative<roi::DataTable::Numbers>(table.find("large").values));
    CHECK(roi::format_table(table, roi::TableFormat::csv) ==
          "whole,number,text,nothing,large\n1,1,a,n/a,1\nn/a,2.5,n/a,n/a,2\n-3,n/a,3,n/a,1e+20\n");
}
