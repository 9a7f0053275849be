#include <roi/core/encoding.hpp>

#include "catch.hpp"
#include <cstddef>
#include <span>
#include <string>
#include <string_view>

TEST_CASE("base64 as RFC 4648 has it") {
    const auto encoded = [](std::string_view text) { return roi::base64(text); };
    CHECK(encoded("").empty());
    CHECK(encoded("f") == "Zg==");
    CHECK(encoded("fo") == "Zm8=");
    CHECK(encoded("foo") == "Zm9v");
    CHECK(encoded("foobar") == "Zm9vYmFy");
}

TEST_CASE("what is no UTF-8 becomes U+FFFD, byte by byte") {
    // An overlong slash, half of a surrogate pair, a character that is cut off.
    CHECK(roi::valid_utf8("a\xc0\xaf\xed\xa0\x80z\xe2\x82") ==
          "a\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbdz\xef\xbf\xbd\xef\xbf\xbd");
    const std::string fine = "caf\xc3\xa9 \xf0\x9f\xa7\xa0\n";
    CHECK(roi::valid_utf8(fine) == fine);
}

TEST_CASE("a terminal is shown control characters, not sent them") {
    CHECK(roi::visible_text("a\x1b[31mred\x07") == "a\\x1b[31mred\\x07");
    CHECK(roi::visible_text("two\nlines\tand a\rreturn") == "two lines and a return");
    CHECK(roi::visible_text(std::string_view("\0\x7f", 2)) == "\\x00\\x7f");
    // The same commands in one character, and as a byte of Latin-1.
    CHECK(roi::visible_text("\xc2\x9b"
                            "31m") == "\\x9b31m");
    CHECK(roi::visible_text("\x9b"
                            "31m") ==
          "\xef\xbf\xbd"
          "31m");
    CHECK(roi::visible_text("gnp.\xe2\x80\xae") == "gnp.\\u202e");
    CHECK(roi::visible_text("Z\xc3\xbcrich \xe8\x84\xb3") == "Z\xc3\xbcrich \xe8\x84\xb3");
}

TEST_CASE("text in XML has neither markup nor control characters") {
    CHECK(roi::clean_text("a\nb\xc0\xaf\xed\xa0\x80") ==
          "a b\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd");
    CHECK(roi::xml_escaped("<a b=\"c\">'&'\x01</a>") ==
          "&lt;a b=&quot;c&quot;&gt;&#39;&amp;&#39; &lt;/a&gt;");
}
