// Names of regions: every kind of file that atlases come with, and what is refused.
#include <roi/table/names.hpp>

#include "catch.hpp"
#include "support.hpp"
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace {

using Entries = std::vector<roi::RegionNames::Entry>;

roi::RegionNames parsed(const std::string& content) {
    const test::TemporaryFolder folder;
    test::write_file(folder / "names", content);
    return roi::read_names(folder / "names");
}

/// What reading this content is refused with; a test fails when it is not.
std::string refusal(const std::string& content) {
    try {
        (void)parsed(content);
    } catch (const roi::FileError& error) {
        CHECK(error.code() == roi::ErrorCode::bad_format);
        CHECK(std::string(error.what()).find('\n') == std::string::npos);
        return error.what();
    }
    FAIL("nothing was thrown");
    return {};
}

bool says(const std::string& text, const std::string& part) {
    UNSCOPED_INFO("text: " << text << "\npart: " << part);
    return text.find(part) != std::string::npos;
}

}  // namespace

TEST_CASE("names without a region and regions without a name are said, with the first few") {
    std::vector<std::string> lines;
    const auto keep = [&](std::string_view line) { lines.emplace_back(line); };
    const roi::RegionNames names({{0, "outside"}, {1, "a"}, {2, "b"}, {9, "c\x01"}});
    roi::warn_of_names(names, {1, 2, 9}, keep);
    roi::warn_of_names(roi::RegionNames(), {1, 2, 9}, keep);
    roi::warn_of_names(names, {5}, nullptr);
    CHECK(lines.empty());
    roi::warn_of_names(names, {1, 3, 4, 5, 6, 7, 8}, keep, 2);
    CHECK(lines == std::vector<std::string>{
                       "names: 6 of 7 regions have no name: 3, 4, 5, 6, 7 and 1 more",
                       "names: 2 of 4 names are those of no region: 0 \"outside\", 9 \"c\\x01\""});
}

TEST_CASE("names are found by number, and numbers by name") {
    const roi::RegionNames names({{5, "NA"}, {-1, "left"}, {2, "Amygdala L"}});
    CHECK(names.size() == 3);
    CHECK(Entries(names.begin(), names.end()) == Entries{{-1, "left"}, {2, "Amygdala L"}, {5, "NA"}});
    REQUIRE(names.find(2));
    CHECK(*names.find(2) == "Amygdala L");
    CHECK(names.find(3) == nullptr);
    CHECK(names[5] == "NA");
    CHECK(names[3] == "label_3");
    CHECK(names[-7] == "label_-7");
    CHECK(names.number("left") == -1);
    try {
        (void)names.number("right");
        FAIL("nothing was thrown");
    } catch (const roi::InvalidArgument& error) {
        CHECK(says(error.what(), "no region is called \"right\"; there are: left, Amygdala L, NA"));
    }
    CHECK_THROWS_AS(roi::RegionNames().number("x"), roi::InvalidArgument);
    CHECK_THROWS_AS(roi::RegionNames({{1, "a"}, {2, "a"}}).number("a"), roi::InvalidArgument);
    CHECK_THROWS_AS(roi::RegionNames({{1, "a"}, {1, "b"}}), roi::InvalidArgument);
    CHECK_THROWS_AS(roi::RegionNames({{1, ""}}), roi::InvalidArgument);
    CHECK_THROWS_AS(roi::RegionNames({{1, "a\tb"}}), roi::InvalidArgument);
}

TEST_CASE("a BIDS table is read by its columns index and name") {
    const Entries expected{{0, "Background"}, {1, "Amygdala left"}, {12, "NA"}};
    const auto check = [&](const std::string& content) {
        INFO(content);
        const auto names = parsed(content);
        CHECK(Entries(names.begin(), names.end()) == expected);
    };
    check("index\tname\n0\tBackground\n12\tNA\n1\tAmygdala left\n");
    check(
        "index\tname\tabbreviation\tcolor\n0\tBackground\tBG\t#000000\n1\tAmygdala left\tAL\t\n12\tNA\t\t\n");
    check("\xEF\xBB\xBFIndex\tNAME\r\n0.0\tBackground\r\n1.0\tAmygdala left\r\n\r\n12.\tNA\r\n");
    check("color,name,index\n#fff,Background,0\n,Amygdala left,1\nred,NA,12\n");
    check("\tname\tindex\n\tBackground\t0\n\tAmygdala left\t1\n\tNA\t12\n");
}

TEST_CASE("names are read from a table in JSON") {
    const auto names = parsed(
        "[\n  {\"Index\": 12, \"name\": \"NA\", \"voxels\": 3},\n {\"Index\": 1.0, \"name\": \"a "
        "\\\"b\\\"\"}]\n");
    CHECK(Entries(names.begin(), names.end()) == Entries{{1, "a \"b\""}, {12, "NA"}});
    CHECK(says(refusal("[{\"index\": 1, \"name\": \"a\"}, {\"index\": 1, \"name\": \"b\"}]"),
               "row 2: number 1 stands in row 1 already"));
    CHECK(says(refusal("[{\"index\": 1.5, \"name\": \"a\"}]"),
               "row 1: expected a whole number in column index, found \"1.5\""));
    const auto places = parsed(
        "[{\"x\": 1, \"y\": 2, \"z\": 3, \"name\": \"V1\"}, {\"x\": 1, \"y\": 2, \"z\": 3, \"name\": null}]");
    CHECK(Entries(places.begin(), places.end()) == Entries{{1, "V1"}});
    // Regions in another order than that of their labels, with their centres.
    const auto regions = parsed(
        "[{\"label\": 3, \"name\": \"c\", \"x\": 1, \"y\": 2, \"z\": 3}, {\"label\": 1, \"name\": \"a\", "
        "\"x\": 1, \"y\": 2, \"z\": 3}]");
    CHECK(Entries(regions.begin(), regions.end()) == Entries{{1, "a"}, {3, "c"}});
    CHECK(parsed("label\tname\tx\ty\tz\n3\tc\t0\t0\t0\n1\ta\t0\t0\t0\n") == regions);
    // A label that is a text is none.
    CHECK(parsed("label\tname\tx\ty\tz\nleft\tc\t0\t0\t0\n1\ta\t0\t0\t0\n") ==
          roi::RegionNames({{1, "c"}, {2, "a"}}));
    CHECK(says(refusal("[{\"label\": 1, \"name\": \"a\"}]"),
               "expected objects with index and name, found label, name"));
}

TEST_CASE("names in JSON and in text are read by one rule") {
    // Columns, then rows; the numbers that the names have.
    using Rows = std::vector<std::vector<std::string>>;
    const auto check = [](const Rows& rows, const Entries& expected) {
        std::string lines, table, array, objects;
        for (const auto& row : rows) {
            const bool header = &row == &rows.front();
            for (std::size_t i = 0; i < row.size(); ++i) lines += (i > 0 ? "\t" : "") + row[i];
            lines += "\n";
            if (header) continue;
            std::string object;
            for (std::size_t i = 0; i < row.size(); ++i)
                object += (i > 0 ? ", \"" : "{\"") + rows.front()[i] + "\": \"" + row[i] + "\"";
            array += (array.empty() ? "[" : ",") + object + "}";
            objects += object + "}\n";
        }
        for (const auto& content : {lines, array + "]", objects}) {
            INFO(content);
            const auto names = parsed(content);
            CHECK(Entries(names.begin(), names.end()) == expected);
        }
    };
    check({{"index", "name", "x"}, {"7", "a", "1"}, {"2.0", "b", ""}}, {{2, "b"}, {7, "a"}});
    check({{"Name", "INDEX"}, {"n/a", "1"}, {"b", "2"}, {"n/a", "3"}}, {{2, "b"}});
    check({{"index", "name", "x", "y", "z"}, {"9", "n/a", "1", "2", "3"}, {"4", "V1", "1", "2", "3"}},
          {{4, "V1"}});
    check({{"x", "y", "z", "name", "radius"},
           {"1", "2", "3", "V1", "4"},
           {"1", "2", "3", "n/a", "4"},
           {"1", "2", "3", "V1", "4"}},
          {{1, "V1"}, {3, "V1"}});
    check({{"label", "name", "x", "y", "z"}, {"3", "c", "0", "0", "0"}, {"1", "a", "0", "0", "0"}},
          {{1, "a"}, {3, "c"}});
    check({{"label", "name", "x", "y", "z"}, {"left", "c", "0", "0", "0"}, {"1", "a", "0", "0", "0"}},
          {{1, "c"}, {2, "a"}});
    // A name that is missing or null is none, whatever the file; its number counts all the same.
    const roi::RegionNames second({{2, "b"}});
    CHECK(parsed("[{\"index\": 1, \"name\": null}, {\"index\": 2, \"name\": \"b\"}, {\"index\": 3}]") ==
          second);
    CHECK(parsed("1 n/a\n2 b\n3 n/a\n") == second);
    CHECK(says(refusal("index\tname\n1\tn/a\n1\tb\n"), "line 3: number 1 stands in line 2 already"));
    CHECK(says(refusal("index\tname\n1\tn/a\n"), "expected names of regions, found none"));
    // Rows without anything, as spreadsheets write them.
    CHECK(parsed("index\tname\n1\ta\n\t\n\t\n2\tb\n") == roi::RegionNames({{1, "a"}, {2, "b"}}));
    CHECK(parsed("label\tname\tx\ty\tz\n3\tc\t0\t0\t0\n\t\t\t\t\n1\ta\t0\t0\t0\n") ==
          roi::RegionNames({{1, "a"}, {3, "c"}}));
}

TEST_CASE("other forms of tables in JSON are told from arrays of objects") {
    for (const char* const content :
         {R"({"columns":["index","name"],"index":[0],"data":[[1,"a"]]})",    // split
          R"({"0":{"index":1,"name":"a"}})",                                 // index
          R"({"index":{"0":1},"name":{"0":"a"}})",                           // columns
          R"([[1,"a"],[2,"b"]])",                                            // values
          R"({"schema":{"fields":[]},"data":[{"index":1,"name":"a"}]})"}) {  // table
        INFO(content);
        CHECK(says(refusal(content),
                   "an array with an object a row, as pandas writes with orient=\"records\""));
    }
    CHECK(says(refusal("{\"index\": 1, \"name\": \"a\"}\n{\"index\": 2 \"name\": \"b\"}"),
               "row 2 of the JSON lines: expected a comma or the end of the object"));
    CHECK(says(refusal("{\"RepetitionTime\": 2}"),
               "expected objects with index and name, found RepetitionTime"));
    CHECK(says(refusal("[]"), "expected objects with index and name, found none"));
}

TEST_CASE("a FreeSurfer colour table is read, its colours are passed over") {
    const auto names = parsed(
        "#$Id: a table\n\n#No. Label Name:                            R   G   B   A\n\n"
        "0   Unknown                                 0   0   0   0\n"
        "  17  Left-Hippocampus                        220 216 20  0\n\n# more\n"
        "2035 ctx-rh-insula\t255 192 32 0\n150 Same 0 0 0 0\n151 Same 0 0 0 0\n");
    CHECK(names.size() == 5);
    CHECK(names[17] == "Left-Hippocampus");
    CHECK(names[2035] == "ctx-rh-insula");
    CHECK(names[151] == "Same");
    // Names of the user's own may hold blanks, from the first line on; each line has all four values.
    const auto blanks =
        parsed("  \n# mine\n\n1 Left  anterior insula 255 0 0 0\n\n  2\tV1 2 0 0 255 0\n3 c 0 0 0 0\n");
    CHECK(blanks.size() == 3);
    CHECK(blanks[1] == "Left  anterior insula");
    CHECK(blanks[2] == "V1 2");
    CHECK(says(refusal("1 a 0 0 0 0\n2 b c 0 0 0\n"), "line 2: expected number, name, red"));
    CHECK(says(refusal("1 a b 0 0 0 0\n2 c 0 0 256 0\n"), "line 2: expected number, name, red"));
    CHECK(says(refusal("1 a 0 0 0 0\n\n1 b 0 0 0 0\n"), "line 3: number 1 stands in line 1 already"));
}

TEST_CASE("look-up tables of FSLeyes and ITK-SNAP are read") {
    const auto colours = parsed("1 1.0 0.5 0.25 Left  Amygdala \n 2 0 0 1 x\n");
    CHECK(colours[1] == "Left  Amygdala");
    CHECK(colours[2] == "x");
    CHECK(says(refusal("1 1 0 0 a\n2 0 0 1\n"), "line 2: expected a name after the number"));
    const auto snap = parsed(
        "# ITK-SnAP\n    0     0    0    0        0  0  0    \"Clear Label\"\n"
        "    1   255    0    0        1  1  1    \"Label 1\"\n");
    CHECK(snap[0] == "Clear Label");
    CHECK(snap[1] == "Label 1");
}

TEST_CASE("two columns are a number and a name that may hold blanks") {
    const Entries expected{{-3, "a"}, {1, "Superior frontal gyrus, left"}, {4000000000, "x 2"}};
    const auto check = [&](const std::string& content) {
        INFO(content);
        const auto names = parsed(content);
        CHECK(Entries(names.begin(), names.end()) == expected);
    };
    check("1 Superior frontal gyrus, left\n-3 a\n4000000000 x 2\n");
    check("1\tSuperior frontal gyrus, left\r\n\r\n-3\ta\r\n4000000000\tx 2");
    check("# number, name\n1,\"Superior frontal gyrus, left\"\n -3 , a\n4000000000,x 2\n");

    // A quote that belongs to a quoted name stands twice.
    const auto quoted = parsed("1,\"A, \"\"x\"\" left\"\n2 \"B \"\"q\"\"\"\n3 \"\"\"\"\n");
    CHECK(Entries(quoted.begin(), quoted.end()) == Entries{{1, "A, \"x\" left"}, {2, "B \"q\""}, {3, "\""}});
}

TEST_CASE("codes that follow the name are no part of it") {
    const auto check = [&](const std::string& content, const Entries& expected) {
        INFO(content);
        const auto names = parsed(content);
        CHECK(Entries(names.begin(), names.end()) == expected);
    };
    check("7 Frontal_Mid_L 2201\n8 Frontal_Mid_R 2202 \n", {{7, "Frontal_Mid_L"}, {8, "Frontal_Mid_R"}});
    check("1 A -4.5 3 2\n2 B -4.5 3 1\n", {{1, "A"}, {2, "B"}});
    check("1\tLeft part\tL P\n2\tRight part\t\n", {{1, "Left part"}, {2, "Right part"}});
    // Numbers that tell names apart, that only some names have, or behind several words.
    check("1 Area 17\n2 Area 18\n", {{1, "Area 17"}, {2, "Area 18"}});
    check("1 A 3\n2 B 3\n", {{1, "A 3"}, {2, "B 3"}});
    check("1 A 3\n2 B\n", {{1, "A 3"}, {2, "B"}});
    check("1 left V 1\n2 right V 2\n", {{1, "left V 1"}, {2, "right V 2"}});
    check("1 Insula 17\n", {{1, "Insula 17"}});
    check("1 2 3\n2 3 4\n", {{1, "2 3"}, {2, "3 4"}});
}

TEST_CASE("a table of centres names spheres by their rows") {
    const auto names = parsed("x,y,Z,name,radius\n1,2,3,V1,4\n\n0,0,0,n/a,4\n4,5,6,\"a, b\",4\n9,9,9,V1,1\n");
    const Entries expected{{1, "V1"}, {3, "a, b"}, {4, "V1"}};
    CHECK(Entries(names.begin(), names.end()) == expected);
    const auto numbered = parsed("index\tname\tx\ty\tz\n5\ta\t0\t0\t0\n");
    CHECK(numbered[5] == "a");
    for (const auto* const columns :
         {"name\tx\ty\n1\t2\t3\n", "name\tx\tz\n1\t2\t3\n", "x\ty\tz\tnames\n1\t2\t3\t4\n"})
        CHECK(says(refusal(columns), "line 1: expected a header line with index and name, or"));
}

TEST_CASE("an FSL atlas in XML counts from 0, but for those of labels") {
    const auto xml = [](const std::string& type) {
        return "<?xml version=\"1.0\" encoding=\"ISO-8859-1\"?>\r\n<atlas version=\"1.0\">\r\n  <header>\r\n"
               "    <name>Some &amp; Atlas</name>\r\n    <type>" +
               type +
               "</type>\r\n    <images><imagefile>/x</imagefile></images>\r\n  </header>\r\n"
               "<!-- <label index=\"9\">not this</label> -->\r\n  <data>\r\n"
               "<label index=\"0\" x=\"48\" y=\"94\" z=\"35\">Frontal Pole</label>\r\n"
               "<label x='3' index = '1'>A &lt;b&gt; &#233;&#x20AC;\r\n   gyrus</label>\r\n"
               "<label index=\"7\"><![CDATA[R&D]]></label>\r\n</data>\r\n</atlas>\r\n";
    };
    const auto counted = parsed(xml("Probabilistic"));
    CHECK(counted.size() == 3);
    CHECK(counted[1] == "Frontal Pole");
    CHECK(counted[2] == "A <b> \xC3\xA9\xE2\x82\xAC gyrus");
    CHECK(counted[8] == "R&D");
    CHECK(parsed(xml("Statistic"))[1] == "Frontal Pole");
    const auto labels = parsed(xml(" Label\n"));
    CHECK(labels[0] == "Frontal Pole");
    CHECK(labels[7] == "R&D");
}

TEST_CASE("AAL's XML has index and name as elements, and its own numbers") {
    const auto names = parsed(
        "<?xml version=\"1.0\"?>\n<atlas><data>\n<label><index>2001</index>"
        "<name>Precentral_L</name></label>\n<label>\n <name>Precentral_R</name>\n"
        " <index> 2002 </index>\n</label></data></atlas>");
    CHECK(names.size() == 2);
    CHECK(names[2001] == "Precentral_L");
    CHECK(names[2002] == "Precentral_R");
}

TEST_CASE("what is wrong in a file of names is said with its line") {
    CHECK(says(refusal("index\tname\n1\ta\n2\tb\n1\tc\n"), "line 4: number 1 stands in line 2 already"));
    CHECK(says(refusal("index\tname\n1\ta\n2\ta\n"), "line 3: name \"a\" stands in line 2 already"));
    CHECK(says(refusal("index\tname\n1\ta\n\nx\tb\n"),
               "line 4: expected a whole number in column index, found \"x\""));
    CHECK(says(refusal("index\tname\n1.5\ta\n"), "line 2: expected a whole number"));
    CHECK(says(refusal("index\tname\n1\n"), "line 2: expected 2 fields"));
    CHECK(says(refusal("index\tname\n1\t\n"), "line 2: number 1 needs a name"));
    CHECK(says(refusal("1 a\n2\n"), "line 2: expected a name"));
    CHECK(says(refusal("1\ta\tb\n2 a\n"), "line 2: name \"a\" stands in line 1 already"));
    CHECK(says(refusal("1 a\nb 2\n"), "line 2: expected a whole number and a name, found \"b 2\""));
    CHECK(says(refusal("number name\n1 a\n"), "line 1: expected a header line with index and name, or"));
    CHECK(says(refusal("99999999999999999999 a\n"), "line 1: expected"));
    CHECK(says(refusal(""), "found none"));
    CHECK(says(refusal("# nothing\n\n"), "found none"));
    CHECK(says(refusal("<atlas>\n</atlas>"), "found none"));
    CHECK(says(refusal("<a>\n<label index=\"x\">n</label>"),
               "line 2: expected a whole number as the label's index"));
    CHECK(says(refusal("<a>\n<label>n</label>"), "line 2: expected a whole number"));
    CHECK(says(refusal("<a>\n<label index=\"1\"/>"), "line 2: number 2 needs a name"));
    CHECK(says(refusal("<a><label index=\"1\">n"), "line 1: expected the end of this label"));
    CHECK(says(refusal("<a><label index=\"1\">n<label index=\"2\">m</label>"), "found another label"));
    CHECK(says(refusal("<label index=\"1\">n</label>\n<label index=\"1\">m</label>"),
               "line 2: number 2 stands in line 1 already"));
    CHECK(says(refusal("<label index=\"9223372036854775807\">n</label>"), "whole number"));
    CHECK(says(refusal(std::string("1 a\0", 4)), "binary"));
}

TEST_CASE("any text is read as names or refused") {
    test::Random random(test::seed());
    INFO("seed " << test::seed());
    const std::vector<std::string> pieces{"<label index=\"",
                                          "<label",
                                          ">",
                                          "</label>",
                                          "\"",
                                          "1",
                                          "2",
                                          "a",
                                          "\t",
                                          " ",
                                          "\n",
                                          "index",
                                          "name",
                                          ",",
                                          "&amp;",
                                          "&#",
                                          ";",
                                          "<!--",
                                          "-->",
                                          "<![CDATA[",
                                          "]]>",
                                          "<",
                                          "/",
                                          "=",
                                          "#",
                                          "\r\n",
                                          "0 0 0 0",
                                          "<type>",
                                          "\xEF\xBB\xBF"};
    std::uniform_int_distribution<std::size_t> length(0, 30), piece(0, pieces.size() - 1);
    int read = 0;
    for (int round = 0; round < 5000; ++round) {
        std::string content;
        for (std::size_t i = length(random); i > 0; --i) content += pieces[piece(random)];
        INFO("content " << content);
        try {
            const auto names = roi::detail::parse_names(content, "random");
            ++read;
            for (const auto& [number, name] : names) REQUIRE(names[number] == name);
        } catch (const roi::FileError& error) {
            REQUIRE(error.code() == roi::ErrorCode::bad_format);
        }
    }
    CHECK(read > 20);
}

TEST_CASE("names in tables stand in quotes where they must, as RFC 4180 and BIDS have it") {
    CHECK(parsed("\"Index\",\"Name\"\n3,\"x, y\"\n4,\"a \"\"b\"\"\"\n") ==
          roi::RegionNames({{3, "x, y"}, {4, "a \"b\""}}));
    CHECK(parsed("# made by hand\n\nname\tindex\n\"Left\"\t1\n\n# 2\t2\n") ==
          roi::RegionNames({{1, "Left"}, {2, "# 2"}}));
    CHECK(says(refusal("index\tname\n1\t\"a\nb\"\n"),
               "line 2: number 1 needs a name without tabs and line ends"));
    CHECK(says(refusal("\n# x\nindex\tname\n1\t\"a\n"),
               "line 4: a field starts with a quote that is never closed"));
    CHECK(says(refusal("index,name\n1,a,b\n"),
               "line 2: expected 2 fields as in the header (index, name), found 3"));
    CHECK(says(refusal("index name\nx a\n"), "line 2: expected a whole number in column index, found \"x\""));
    CHECK(says(refusal("index\tname\n"), "expected names of regions, found none"));
    // Words that only look like a header line.
    CHECK(says(refusal("indexes and names\n"), "expected a header line with index and name"));
}

TEST_CASE("names are UTF-8, or XML that says it is Latin-1") {
    const test::TemporaryFolder folder;
    const auto read = [&](const std::string& content) {
        test::write_file(folder / "names", content);
        return roi::read_names(folder / "names");
    };
    const std::string xml =
        "?>\n<atlas><data><label index=\"0\">Br\xe9"
        "ca</label></data></atlas>\n";
    CHECK(read("<?xml version=\"1.0\" encoding=\"ISO-8859-1\"" + xml)[1] ==
          "Br\xc3\xa9"
          "ca");
    CHECK(read("1 Br\xc3\xa9"
               "ca\n2 \xef\xbf\xbd\n")[2] == "\xef\xbf\xbd");
    for (const auto& content : {"<?xml version=\"1.0\" encoding=\"UTF-8\"" + xml, std::string("1 a\n2 Br\xe9"
                                                                                              "ca\n")}) {
        try {
            (void)read(content);
            FAIL("read");
        } catch (const roi::FileError& error) {
            CHECK(error.code() == roi::ErrorCode::bad_format);
            CHECK(says(error.what(),
                       "line 2: expected names in UTF-8, found the byte 0xe9, as files in Latin-1 have"));
        }
    }
}
