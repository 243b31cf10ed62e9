#include "foundation/base/properties.h"

#include <doctest/doctest.h>

namespace highwater {
namespace {

Properties parsed(std::string_view text) { return parse_properties(text).value_or(Properties{}); }

}  // namespace

TEST_CASE("properties are read as java reads them") {
  CHECK(parsed("a=1\nb : 2\nc 3\n") == Properties{{"a", "1"}, {"b", "2"}, {"c", "3"}});
  CHECK(parsed("# no\n! no\n\n  a = 1 \r\n") == Properties{{"a", "1 "}});
  CHECK(parsed("a=one,\\\n    two,\\\r\n\tthree") == Properties{{"a", "one,two,three"}});
  CHECK(parsed("a\\:b\\ c=x\\ty\\\\z") == Properties{{"a:b c", "x\ty\\z"}});
  CHECK(parsed("a=\\u0041\\u00e9\\u20ac\\ud83d\\ude00") == Properties{{"a", "A\xC3\xA9\xE2\x82\xAC\xF0\x9F\x98\x80"}});
  CHECK(parsed("alone\nempty=\n") == Properties{{"alone", ""}, {"empty", ""}});
  CHECK(parsed("a=1\na=2") == Properties{{"a", "2"}});
  CHECK(parsed("a==b") == Properties{{"a", "=b"}});
  CHECK(parsed("a=b\\") == Properties{{"a", "b"}});
  CHECK(parse_properties("a=1\nb=\\u12").error().text == "line 2: \\u must be followed by four hexadecimal digits");
}

TEST_CASE("bytes of properties are latin-1 and become utf-8") {
  CHECK(parsed("broker.rack=\xE9\xE8") == Properties{{"broker.rack", "\xC3\xA9\xC3\xA8"}});
  CHECK(parsed("\xFF=\\\x80") == Properties{{"\xC3\xBF", "\xC2\x80"}});
  CHECK(parsed("a=\xC3\xA9") == Properties{{"a", "\xC3\x83\xC2\xA9"}});
}

TEST_CASE("halves of surrogate pairs become what java writes for them") {
  CHECK(parsed("a=\\ud800") == Properties{{"a", "?"}});
  CHECK(parsed("a=\\udc00x") == Properties{{"a", "?x"}});
  CHECK(parsed("a=\\ud83dx\\ude00") == Properties{{"a", "?x?"}});
  CHECK(parsed("a=\\ud83d\\u0041") == Properties{{"a", "?A"}});
  CHECK(parsed("a=\\ud83d\\\n  \\ude00") == Properties{{"a", "\xF0\x9F\x98\x80"}});
}

TEST_CASE("properties of a reader are utf-8 and refused when they are not") {
  const auto read = parse_properties("a=\xC3\xA9\\\xE2\x82\xAC", TextEncoding::utf_8);
  REQUIRE(read.has_value());
  CHECK(*read == Properties{{"a", "\xC3\xA9\xE2\x82\xAC"}});
  CHECK(parse_properties("a=\xE9", TextEncoding::utf_8).error().text == "its text is not UTF-8");
}

TEST_CASE("a property line is read as it was meant, whatever key and value hold") {
  const std::string odd = " \\=:#!\t\n\r\f\xC3\xA9\xF0\x9F\x98\x80 u";
  CHECK(parsed(property_line(odd, odd)) == Properties{{odd, odd}});
  CHECK(property_line("a key", "1") == "a\\ key=1\n");
  CHECK(property_line("a", "\xC3\xA9\xF0\x9F\x98\x80\xE9") == "a=\\u00E9\\uD83D\\uDE00?\n");
}

}  // namespace highwater
