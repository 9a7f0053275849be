// Tables of text: every separator and line end that labels files come with, and what is refused.
#include <sys/stat.h>
#include <unistd.h>

#include <roi/io/save.hpp>
#include <roi/table/names.hpp>
#include <roi/table/table.hpp>

#include "catch.hpp"
#include "checks.hpp"
#include "nifti_bytes.hpp"
#include "support.hpp"
#include <algorithm>
#include <cmath>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace {

using Names = std::vector<std::string>;

std::vector<std::string> values(const roi::Column& column) { return {column.begin(), column.end()}; }

roi::Table parsed(const std::string& content) {
    const test::TemporaryFolder folder;
    test::write_file(folder / "labels.txt", content);
    return roi::read_table(folder / "labels.txt");
}

/// The failure of reading this content; a test fails when there is none.
roi::FileError failure(const std::string& content) {
    try {
        (void)parsed(content);
    } catch (const roi::FileError& error) {
        return error;
    }
    FAIL("nothing was thrown");
    throw 0;
}

bool says(const roi::Error& error, const std::string& part) {
    INFO(error.what());
    return std::string(error.what()).find(part) != std::string::npos;
}

}  // namespace

TEST_CASE("the header decides what separates fields") {
    const auto check = [](const std::string& content) {
        INFO(content);
        const auto table = parsed(content);
        CHECK(table.columns() == Names{"labels", "chunks"});
        CHECK(table.rows() == 2);
        CHECK(values(table["labels"]) == Names{"rest", "face"});
        CHECK(values(table["chunks"]) == Names{"0", "11"});
        CHECK(table["labels"].name() == "labels");
    };
    check("labels chunks\nrest 0\nface 11\n");
    check("labels\tchunks\nrest\t0\nface\t11\n");
    check("labels,chunks\nrest,0\nface,11\n");
    SECTION("runs of blanks count once, at the ends not at all") {
        check("  labels   chunks  \n\trest  0\t\nface\t11   \n");
        check("labels, chunks \n rest ,0\nface,\t11\n");
        check("labels \tchunks\nrest\t 0  \n  face\t11\n");
    }
    SECTION("line ends of Windows and of old Macs, and a last line without one") {
        check("labels chunks\r\nrest 0\r\nface 11\r\n");
        check("labels chunks\rrest 0\rface 11\r");
        check("labels chunks\nrest 0\nface 11");
        check("labels,chunks\r\nrest,0\r\nface,11");
    }
    SECTION("blank lines") {
        check("labels chunks\nrest 0\nface 11\n\n\n");
        check("labels\tchunks\r\nrest\t0\r\nface\t11\r\n\r\n  \r\n");
        check("\n\nlabels chunks\n\nrest 0\n \t\nface 11\n\t");
    }
    SECTION("byte order mark") { check("\xEF\xBB\xBFlabels chunks\nrest 0\nface 11\n"); }
}

TEST_CASE("fields keep what is inside them") {
    const auto commas = parsed("name,value,\nscrambled pix,\"1\",\n,\t,x\n");
    CHECK(commas.columns() == Names{"name", "value", ""});
    CHECK(values(commas["name"]) == Names{"scrambled pix", ""});
    CHECK(values(commas["value"]) == Names{"1", ""});
    CHECK(values(commas[""]) == Names{"", "x"});

    const auto tabs = parsed("\tlabels\tonset\n0\tface, left\t\n1\t\t2.5\n\t\t\n");
    CHECK(tabs.columns() == Names{"", "labels", "onset"});
    CHECK(values(tabs["labels"]) == Names{"face, left", "", ""});
    CHECK(values(tabs["onset"]) == Names{"", "2.5", ""});

    const auto one = parsed("labels\nrest\nface\n");
    CHECK(one.columns() == Names{"labels"});
    CHECK(one.rows() == 2);

    const auto other = parsed("\xC3\xA9tiquette\nvisage\xC3\xA9\n");
    CHECK(values(other["\xC3\xA9tiquette"]) == Names{"visage\xC3\xA9"});
}

TEST_CASE("what stands in quotes does not decide what separates fields") {
    const auto columns = [](const char* content) { return parsed(content).columns(); };
    CHECK(columns("\"a,\nb\"\tc\n") == Names{"a,\nb", "c"});
    CHECK(columns("a,\"b\tc\"\n") == Names{"a", "b\tc"});
    CHECK(columns("\"a, b\" c\n") == Names{"a, b", "c"});
    CHECK(columns("\"a \"\"b\"\",\" , \"c\"\n") == Names{"a \"b\",", "c"});
    CHECK(columns("a\" b,c\n") == Names{"a\" b", "c"});
    CHECK(columns("\"a\tb\"\n") == Names{"a\tb"});
}

TEST_CASE("quotes hold separators, line ends and quotes, as RFC 4180 has them") {
    const auto commas = parsed("\"na\"\"me\", \"value\" \n\"a,b\",\"1\r\n2\"\n\"\",5\" disc\n");
    CHECK(commas.columns() == Names{"na\"me", "value"});
    CHECK(values(commas["na\"me"]) == Names{"a,b", ""});
    CHECK(values(commas["value"]) == Names{"1\r\n2", "5\" disc"});
    const auto tabs = parsed("a\tb\n\"x\ty\"\t\" z \"\n");
    CHECK(values(tabs["a"]) == Names{"x\ty"});
    CHECK(values(tabs["b"]) == Names{" z "});
    const auto blanks = parsed("\"a\" \"b c\"\n1  \"left V1\"\n");
    CHECK(values(blanks["b c"]) == Names{"left V1"});

    CHECK(
        says(failure("a,b\n1,2\n\"3,4\n5,6\n"), "line 3: a field starts with a quote that is never closed"));
    CHECK(says(failure("a,b\n\"1\"2,3\n"), "line 2: a quote ends in the middle of a field"));
    CHECK(says(failure("\"a,b\n1,2\n"), "line 1: a field starts with a quote that is never closed"));
    CHECK(says(failure("a b\n\"1\"2 3\n"), "line 2: a quote ends in the middle of a field"));
}

TEST_CASE("an array of objects in JSON is a table too") {
    const auto table = parsed(
        "\xEF\xBB\xBF [ {\"a\": 1.50, \"b c\": null, \"d\": true},\n"
        "{\"d\": \"x\\t\\\"\\u00e9\\ud83d\\ude00\", \"e\":-Infinity, \"a\":-2e3} , {}]\n");
    CHECK(table.columns() == Names{"a", "b c", "d", "e"});
    CHECK(table.rows() == 3);
    CHECK(values(table["a"]) == Names{"1.50", "-2e3", "n/a"});
    CHECK(values(table["b c"]) == Names{"n/a", "n/a", "n/a"});
    CHECK(values(table["d"]) == Names{"true", "x\t\"\xC3\xA9\xF0\x9F\x98\x80", "n/a"});
    CHECK(values(table["e"]) == Names{"n/a", "-inf", "n/a"});
    CHECK(parsed("[]").columns().empty());
    CHECK(parsed(" [\n]\n").rows() == 0);
    const auto lines = parsed("{\"a\": 1, \"b\": \"x\"}\n{\"b\": \"y\"}\r\n\n{}\n");
    CHECK(lines.columns() == Names{"a", "b"});
    CHECK(values(lines["a"]) == Names{"1", "n/a", "n/a"});
    CHECK(values(lines["b"]) == Names{"x", "y", "n/a"});
    // A header may start so, too.
    CHECK(parsed("{a} b\n1 2\n").columns() == Names{"{a}", "b"});
    CHECK(parsed("[a] b\n1 2\n").columns() == Names{"[a]", "b"});
    for (const auto& [content, why] : std::vector<std::pair<std::string, std::string>>{
             {"[{\"a\": 1",
              "row 1 of the JSON array: expected a comma or the end of the object, found the end"},
             {"[{\"a\": 1}, {\"a\": [2]}]", "row 2 of the JSON array: expected texts, numbers or null"},
             {"[{\"a\": 1, \"a\": 2}]", "\"a\" twice in one row"},
             {"[{\"a\" 1}]", "expected a colon behind the name, found \"1\""},
             {"[{a: 1}]", "expected a text in quotes"},
             {"[{\"a\": one}]", "\"one\", which is no value"},
             {"[{\"a\": +}]", "\"+\", which is no value"},
             {"[{\"a\": \"\\u12g4\"}]", "four hexadecimal digits"},
             {"[{\"a\": \"\\u0000\"}]", "a control character"},
             {"[{\"a\": 1}, {\"a\": \"\\ud83e\"}]",
              "row 2 of the JSON array: expected texts, numbers or null, found half of a character, \\ud83e, "
              "without its other half"},
             {"{\"a\": 1} x", "row 2 of the JSON lines: expected an object for the row, found \"x\""},
             {"[[1]]", "expected an object for the row, found \"[\"; a table in JSON is an array"},
             {"[\"a\"]", "expected an object for the row"},
             {"[{\"a\": \"b\\", "quotes do not end"},
             {"[{\"a\": \"\\x\"}]", "\\x in a text"},
             {"[{}] []", "more text behind the array"},
             {"[{},", "expected an object for the row, found the end"}}) {
        INFO(content);
        const auto error = failure(content);
        CHECK(error.code() == roi::ErrorCode::bad_format);
        CHECK(says(error, why));
    }
}

TEST_CASE("a table without header line") {
    const test::TemporaryFolder folder;
    test::write_file(folder / "t.txt", "rest 0\nface 1\n");
    const auto table = roi::read_table(folder / "t.txt", {.header = false});
    CHECK(table.columns() == Names{"column_1", "column_2"});
    CHECK(!table.has_names());
    CHECK(values(table["column_1"]) == Names{"rest", "face"});
    CHECK(values(table["1"]) == Names{"rest", "face"});  // by its number as well
    CHECK(table.as_written("2") == "2");
    CHECK(table.contains("2"));
    CHECK(table.contains("column_2"));
    CHECK(!table.contains("3"));
    test::write_file(folder / "s.csv", "a;b\n1;2\n");
    CHECK(roi::read_table(folder / "s.csv", {.separator = ';'}).columns() == Names{"a", "b"});
    test::write_file(folder / "c.txt", "# by hand\n\n #two\nA b\n1 2\n#3 4\n");
    const auto commented = roi::read_table(folder / "c.txt", {.comment = '#'});
    CHECK(commented.columns() == Names{"A", "b"});
    CHECK(values(commented[commented.as_written("a")]) == Names{"1", "#3"});
    CHECK(commented.as_written("c") == "c");
    CHECK_THROWS_AS(roi::read_table(folder / "c.txt"), roi::FileError);
    test::write_file(folder / "ragged.txt", "rest 0\nface\n");
    CHECK_THROWS_AS(roi::read_table(folder / "ragged.txt", {.header = false}), roi::FileError);
}

TEST_CASE("a column that is not there: why") {
    const auto why = [](const std::string& content) {
        const auto table = parsed(content);
        try {
            (void)table["labels"];
        } catch (const roi::InvalidArgument& error) {
            return std::string(error.what());
        }
        FAIL("nothing was thrown");
        return std::string();
    };
    const auto has = [](const std::string& message, const std::string& part) {
        INFO(message);
        return message.find(part) != std::string::npos;
    };
    CHECK(has(why("rest 0\nface 0\n"), "its first line looks like data"));
    CHECK(has(why("rest\nface\nrest\n"), "its first line looks like data"));
    CHECK(has(why("# made by hand\n1 2 3 4\n"), "comment"));
    CHECK(has(why("labels;chunks\nrest;0\n"), "semicolons"));
    CHECK(has(why("Labels,chunks\nrest,0\n"), "capital letters count: \"Labels\""));
    CHECK(!has(why("condition chunks\nrest 0\n"), "data"));
}

TEST_CASE("a first line of numbers alone is data where it can be no header") {
    const test::TemporaryFolder folder;
    const auto path = folder / "t.txt";
    std::vector<std::string> said;
    const auto read = [&](std::string_view content, const std::optional<bool>& header = {}) {
        test::write_file(path, std::string(content));
        said.clear();
        return roi::read_table(
            path, {.header = header, .warning = [&](std::string_view line) { said.emplace_back(line); }});
    };
    const auto columns = [&](std::string_view content, const std::optional<bool>& header = {}) {
        return read(content, header).columns();
    };
    const auto warned = [&] {
        return said.size() == 1 && said[0].find(
                                       "is taken for the names of columns; if it is the first row, say so "
                                       "with .header = false") != std::string::npos;
    };
    const Names one{"column_1"}, two{"column_1", "column_2"}, three{"column_1", "column_2", "column_3"};
    const auto moved = read("  -1.5e-2  0.25\n 3 4\n");
    CHECK(moved.columns() == two);
    CHECK(roi::numbers(moved["1"]) == std::vector<double>{-0.015, 3.0});
    CHECK(columns("0\t0\t1\n1\t0\t0\n") == three);
    CHECK(columns("0.5\nnan\n") == one);
    CHECK(columns("inf\t3\n1\t2\n") == two);
    CHECK(test::failure_of([&] { (void)moved["x"]; }).says("its first line looks like data"));
    SECTION("n/a is the name of no column, nor is an empty field beside decimals") {
        CHECK(columns("n/a\t3\n1\t2\n") == two);
        CHECK(columns("n/a\n3\n") == one);
        CHECK(columns("n/a\t0.5\n1\t2\n") == two);
        CHECK(columns("0.5,\n1,2\n") == two);
        CHECK(columns(",\n1,2\n") == two);
        CHECK(columns("n/a\tname\n1\t2\n") == Names{"n/a", "name"});
        CHECK(said.empty());
    }
    SECTION("whole numbers above whole numbers may be either") {
        for (const auto* const content : {"0\t1\t2\n5\t6\t7\n", "1\t2\n5\t6\n", "10\t20\n5\tn/a\n",
                                          "3\nnan\n", "3\n\n", ",0,1\n0,0.5,0.25\n"}) {
            INFO(content);
            const auto failure = test::failure_of([&] { (void)read(content); });
            CHECK(failure.code == roi::ErrorCode::bad_format);
            CHECK(failure.says("t.txt: expected names of columns, found whole numbers in the first line, "));
            CHECK(failure.says("say which with .header"));
            CHECK(read(content, true).has_names());
            CHECK(!read(content, false).has_names());
            CHECK(said.empty());
        }
        CHECK(test::failure_of([&] {
                  (void)read("7 8\n5 6\n");
              }).says("in the first line, 7, 8, as in those below"));
    }
    SECTION("above other numbers they are names, which is said unless they count the columns") {
        CHECK(columns("1\t2\t3\n5\t6.5\t7\n") == Names{"1", "2", "3"});
        CHECK(said.empty());
        for (const auto* const content :
             {"100\t11\n1\t0.5\n", "0\t1\t2\n0.5\t6\t7\n", "1\n0.5\n", "0\n0.5\n"}) {
            INFO(content);
            CHECK(read(content).has_names());
            CHECK(warned());
        }
        CHECK(columns("100\t11\n1\tface\n") == Names{"100", "11"});  // no text is below a value
        CHECK(said.empty());
    }
    SECTION("beside texts numbers are names, which is said where they look like values") {
        CHECK(columns("frame\t1\t2\n0\t6.5\t7\n") == Names{"frame", "1", "2"});
        CHECK(columns("volume\t3\n0\t6\n") == Names{"volume", "3"});
        CHECK(columns("a\tb\n5\t6\n") == Names{"a", "b"});
        CHECK(said.empty());
        CHECK(columns("1.5\tx\n5\t6\n") == Names{"1.5", "x"});
        CHECK(warned());
        CHECK(columns("3\trest\n5\trest\n") == Names{"3", "rest"});
        CHECK(warned());
    }
    SECTION("in quotes numbers are names, where those below are not in quotes") {
        CHECK(columns("\"1\"\t\"2\"\n5\t6\n") == Names{"1", "2"});
        CHECK(columns("\"10\"\n5\n") == Names{"10"});
        CHECK(columns("\"0.5\" \"0.5\"\n5 6\n") == Names{"0.5", "0.5"});
        CHECK(columns("\"\",\"3\"\n\"row 1\",6\n") == Names{"", "3"});
        CHECK(columns("\"3\"\t\"n/a\"\n5\t6\n") == Names{"3", "n/a"});
        CHECK(columns("\"3\"\n") == Names{"3"});
        CHECK(said.empty());
        CHECK(columns("\"0.5\",\"1\"\n\"5\",\"6\"\n") == two);
        CHECK(test::failure_of([&] {
                  (void)read("\"3\",\"1\"\n\"5\",\"6\"\n");
              }).says("say which with .header"));
    }
    SECTION("a column that is asked for is a name, where the line may be one of names") {
        const auto asked = [&](std::string_view content, const Names& names) {
            test::write_file(path, std::string(content));
            said.clear();
            return roi::read_table(path, {.columns = names,
                                          .warning = [&](std::string_view line) { said.emplace_back(line); }})
                .columns();
        };
        CHECK(asked("100\t11\n5\t6\n", {"11"}) == Names{"100", "11"});
        // Which may be wrong: all is whole.
        REQUIRE(said.size() == 1);
        CHECK(test::contains(said[0], "the first line, 100, 11, is taken for the names of columns"));
        CHECK(asked("100\t11\n5\t6.5\n", {"100", "12"}) == Names{"100", "11"});
        CHECK(said.empty());
        CHECK(asked("100\t1.5\n5\t6.5\n", {"100"}) == two);
        CHECK(
            test::failure_of([&] { (void)asked("100\t11\n5\t6\n", {"a"}); }).says("say which with .header"));
    }
    SECTION("what is told is done") {
        CHECK(columns("1.5\t2.5\n5\t6\n", true) == Names{"1.5", "2.5"});
        CHECK(columns("n/a\tn/a\n5\t6\n", true) == Names{"n/a", "n/a"});
        CHECK(read("a\tb\n5\t6\n", false).rows() == 2);
        CHECK(columns("\"1\"\t2\n5\t6\n", false) == two);
        CHECK(columns("[{\"a\": 1}]", false) == Names{"a"});  // JSON has names of its own
        CHECK(said.empty());
    }
}

TEST_CASE("names in Latin-1 stay different") {
    const auto table = parsed("trial_type\ngr\xf6n\ngr\xfcn\n");
    CHECK(table["trial_type"][0] == "gr\xc3\xb6n");
    CHECK(table["trial_type"][1] == "gr\xc3\xbcn");
    CHECK(parsed("a\ngr\xc3\xb6n_\xef\xbf\xbd\n")["a"][0] == "gr\xc3\xb6n_\xef\xbf\xbd");
}

TEST_CASE("what is no table is told what it is and what to do") {
    const test::TemporaryFolder folder;
    using namespace std::string_literals;
    const std::vector<std::pair<std::string, std::string>> kinds{
        {"version https://git-lfs.github.com/spec/v1\noid sha256:aa\nsize 1\n", "git lfs pull"},
        {"/annex/objects/MD5E-s1--a.tsv\n", "git annex get"},
        {"<!DOCTYPE html>\n<html><body>x</body></html>\n", "web page"},
        {"BZh91AY&SY\x17\x72", "bunzip2"},
        {"PK\x03\x04....", "unzip"},
        {"%PDF-1.4\n", "found a PDF document; give the table itself"},
        {std::string(344, '\0') + "n+1\0"s, "found a NIfTI image"},
    };
    for (const auto& [bytes, part] : kinds) {
        INFO(part);
        test::write_file(folder / "a.tsv", bytes);
        CHECK(test::failure_of([&] { (void)roi::read_table(folder / "a.tsv"); }).says(part));
        CHECK(test::failure_of([&] { (void)roi::read_names(folder / "a.tsv"); }).says(part));
    }
    REQUIRE(::symlink("../.git/annex/objects/x/y/z", (folder / "b.tsv").c_str()) == 0);
    CHECK(test::failure_of([&] { (void)roi::read_table(folder / "b.tsv"); }).says("git annex get"));
}

TEST_CASE("a table of text is one, whatever letters stand where other formats have theirs") {
    const test::TemporaryFolder folder;
    const std::string head = "name\tnote\n";
    const auto with = [&](std::size_t place, const std::string& letters) {
        return head + "a\t" + std::string(place - head.size() - 2, 'x') + letters + "y\n";
    };
    for (const auto& bytes :
         {std::string("a\xffni2\tb\n1\t2\n"), std::string("sub-n+2\tb\n"), with(344, "n+1"), with(344, "ni1"),
          with(128, "DICM"), with(257, "custard"), with(256, "custard"), std::string("BZh9\tb\n1\t2\n"),
          std::string("ObjectType\tcount\nhouse\t3\n")}) {
        INFO(bytes);
        test::write_file(folder / "a.tsv", bytes);
        CHECK(roi::read_table(folder / "a.tsv").columns().size() == 2);
    }
    for (const auto* name : {"a.nii", "b.hdr"}) {
        for (const auto version : {roi::NiftiVersion::one, roi::NiftiVersion::two}) {
            INFO(name);
            roi::save(roi::Volume<float>(roi::Grid(roi::Shape(2, 2, 2))), folder / name,
                      {.version = version});
            CHECK(
                test::failure_of([&] { (void)roi::read_table(folder / name); }).says("found a NIfTI image"));
        }
    }
}

TEST_CASE("tables of users' reports") {
    const auto first = [](const char* name, const char* column) {
        const auto file = test::shared_data(std::string("reports/") + name);
        return file ? std::optional(roi::read_table(*file)[column]) : std::nullopt;
    };
    const Names conditions{"rest", "face", "face", "house", "house"};
    for (const auto* name : {"l01_header_starts_with_tab.tsv", "l02_trailing_tab_blank.tsv",
                             "l04_r_write_csv.csv", "l09_bom_crlf_no_end.tsv", "l13_trailing_blank_lines.txt",
                             "l14_trailing_comma.csv", "l16_latin1.csv"}) {
        INFO(name);
        const auto column = first(name, "labels");
        if (!column) return;
        REQUIRE(column->size() >= 5);
        CHECK(Names(column->begin(), column->begin() + 5) == conditions);
    }
    CHECK((*first("l03_na.tsv", "labels"))[0] == "n/a");
    const auto says_of = [](const char* name, const char* part) {
        const auto file = test::shared_data(std::string("reports/") + name);
        INFO(name);
        try {
            (void)roi::read_table(*file)["labels"];
        } catch (const roi::Error& error) {
            return says(error, part);
        }
        return false;
    };
    CHECK(says_of("l07_semicolon.csv", "semicolons"));
    CHECK(says_of("l08_excel_utf16.txt", "UTF-16"));
    CHECK(says_of("l10_no_header.txt", "its first line looks like data"));
    CHECK(says_of("l11_comment_first.txt", "line 2"));
    CHECK(says_of("l12_header_tabs_rows_blanks.txt", "separated by tabs"));
    CHECK(says_of("l15_header_case.csv", "\"Labels\""));
}

TEST_CASE("a header alone is a table without rows") {
    const auto table = parsed("labels chunks");
    CHECK(table.rows() == 0);
    CHECK(table["chunks"].size() == 0);
}

TEST_CASE("a column of a temporary table may be kept") {
    const auto& column = parsed("labels chunks\nrest 0\n")["labels"];
    CHECK(values(column) == Names{"rest"});
}

TEST_CASE("asking for a column that is not there lists those that are") {
    const auto table = parsed("labels chunks labels\nrest 0 face\n");
    try {
        (void)table["label"];
        FAIL("nothing was thrown");
    } catch (const roi::InvalidArgument& error) {
        CHECK(says(error, "labels.txt"));
        CHECK(says(error, "\"label\""));
        CHECK(says(error, "labels, chunks"));
    }
    CHECK(values(table["chunks"]) == Names{"0"});
    CHECK_THROWS_AS(table["labels"], roi::InvalidArgument);  // which of the two?
}

TEST_CASE("a table is built of columns of one length") {
    const roi::Column a({"x", "y"}, "a"), b({"1"}, "b");
    CHECK(roi::Table({a, a}).rows() == 2);
    CHECK(roi::Table({}).rows() == 0);
    CHECK_THROWS_AS(roi::Table({a, b}), roi::InvalidArgument);
}

TEST_CASE("a row with another number of fields is named") {
    const auto short_row = failure("labels chunks\r\nrest 0\r\n\r\nface\r\n");
    CHECK(short_row.code() == roi::ErrorCode::bad_format);
    CHECK(says(short_row, "labels.txt: line 4: expected 2 fields"));
    CHECK(says(short_row, "labels, chunks"));
    CHECK(says(short_row, "found 1"));
    CHECK(says(failure("labels chunks\nrest 0 1\n"), "line 2: expected 2 fields"));
    CHECK(says(failure("labels chunks\nrest 0 1\n"), "found 3"));
    CHECK(says(failure("a,b\n1,2\n3 4\n"), "commas"));
    CHECK(says(failure("a\tb\n1 2\n"), "tabs"));
    CHECK(says(failure("a,b\n\"1\n2\",3\n1,2,3\n"), "line 4: expected 2 fields"));
    // A message is one line, whatever the names hold.
    CHECK(says(failure("a\t\"b\nc\"\n1\n"), "(a, b c)"));
    const auto odd = parsed("a\t\"b\nc\"\n\"1\n\"\t2\n");
    const auto message = [](const auto& action) { return test::message_of<roi::InvalidArgument>(action); };
    CHECK(message([&] { (void)odd["d\r"]; }).find_first_of("\n\r") == std::string::npos);
    CHECK(message([&] { (void)roi::numbers(odd["a"]); }).find('\n') == std::string::npos);
}

TEST_CASE("what is not a table is refused") {
    SECTION("nothing in it") {
        for (const std::string content : {"", "\n", " \r\n\t\n", "\xEF\xBB\xBF"}) {
            const auto error = failure(content);
            CHECK(error.code() == roi::ErrorCode::bad_format);
            CHECK(says(error, "empty"));
        }
    }
    SECTION("binary data") {
        const std::vector<std::string> contents{std::string("labels\0chunks\n", 14), "\x7f\x45LF",
                                                std::string("\0\0\1\0", 4), "labels\x7f\n"};
        for (const auto& content : contents) {
            const auto error = failure(content);
            CHECK(error.code() == roi::ErrorCode::bad_format);
            CHECK(says(error, "binary"));
        }
        CHECK(says(failure(std::string(70000, 'a') + '\n' + '\x01'), "byte 70001"));
    }
    SECTION("UTF-16, by name") {
        for (const auto& content : {std::string("\xff\xfel\0a\0b\0", 8), std::string("\xfe\xff\0l\0a\0b", 8),
                                    std::string("l\0a\0b\0", 6), std::string("\0l\0a\0b", 6)}) {
            const auto error = failure(content);
            CHECK(error.code() == roi::ErrorCode::bad_format);
            CHECK(says(error, "UTF-16"));
        }
    }
    SECTION("a line without end") {
        const auto error = failure("labels\n" + std::string(roi::detail::longest_table_line + 1, 'a'));
        CHECK(error.code() == roi::ErrorCode::bad_format);
        CHECK(says(error, "a line of more than"));
        CHECK(parsed("labels\n" + std::string(100000, 'a') + "\n").rows() == 1);
    }
    SECTION("no file, a folder, a file below a file") {
        const test::TemporaryFolder folder;
        test::write_file(folder / "file", "labels\n");
        const auto code = [](const std::string& path) {
            try {
                (void)roi::read_table(path);
            } catch (const roi::FileError& error) {
                CHECK(error.path() == path);
                return error.code();
            }
            return roi::ErrorCode::invalid_argument;
        };
        CHECK(code(folder / "none.txt") == roi::ErrorCode::not_found);
        CHECK(code(folder / "file/labels.txt") == roi::ErrorCode::not_found);
        CHECK(code(folder.path()) == roi::ErrorCode::unreadable);
        REQUIRE(::mkfifo((folder / "pipe").c_str(), 0600) == 0);
        CHECK(code(folder / "pipe") == roi::ErrorCode::unreadable);  // and does not wait for a writer
    }
}

TEST_CASE("any text is read or refused") {
    test::Random random(test::seed());
    INFO("seed " << test::seed());
    const std::string alphabet = "ab \t,\r\n\"\xEF\xBB\xBF";
    std::uniform_int_distribution<std::size_t> length(0, 40), letter(0, alphabet.size() - 1);
    int read = 0;
    for (int round = 0; round < 3000; ++round) {
        std::string content(length(random), ' ');
        for (char& c : content) c = alphabet[letter(random)];
        INFO("content " << content);
        try {
            const auto table = roi::detail::parse_table(content, "random");
            const auto names = table.columns();
            REQUIRE(!names.empty());
            ++read;
            for (const auto& name : names) {
                if (std::count(names.begin(), names.end(), name) == 1) {
                    REQUIRE(table[name].size() == table.rows());
                }
            }
        } catch (const roi::FileError& error) {
            REQUIRE(error.code() == roi::ErrorCode::bad_format);
        }
    }
    CHECK(read > 100);
}

TEST_CASE("the numbers of a column") {
    const auto table = parsed("a\tb\n1\t+2.5\n-1e3\tn/a\n\tinf\n1e-400\t0.1\n");
    CHECK(roi::numbers(table["a"])[1] == -1000.0);
    CHECK(std::isnan(roi::numbers(table["a"])[2]));
    CHECK(roi::numbers(table["a"])[3] == 0.0);
    CHECK(roi::numbers(table["b"])[0] == 2.5);
    CHECK(std::isnan(roi::numbers(table["b"])[1]));
    CHECK(std::isinf(roi::numbers(table["b"])[2]));
    CHECK(roi::numbers(table["b"])[3] == 0.1);
    for (const std::string wrong : {"x", "1x", "0x10", "1,5", "+-1", "+", "-", "1e", "--1", "NA"}) {
        INFO(wrong);
        try {
            (void)roi::numbers(roi::Column({"1", wrong}, "onset"));
            FAIL("nothing was thrown");
        } catch (const roi::InvalidArgument& error) {
            CHECK(says(error, "column \"onset\", row 2: expected a number or n/a, found \"" + wrong + "\""));
        }
    }
}

TEST_CASE("the labels of a real run") {
    const auto file = test::shared_data("haxby2001-1slice/subj1/labels.txt");
    if (!file) return;
    const auto table = roi::read_table(*file);
    CHECK(table.columns() == Names{"labels", "chunks"});
    CHECK(table.rows() == 1452);
    CHECK(table["labels"].unique() ==
          Names{"rest", "scissors", "face", "cat", "shoe", "house", "scrambledpix", "bottle", "chair"});
    CHECK((table["labels"] == "face").count() == 108);
    CHECK((table["labels"] == "rest").count() == 588);
    CHECK(table["chunks"].unique().size() == 12);
}
