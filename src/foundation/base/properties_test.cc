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

TEST_CASE("a property line is read as it was meant, whatever key and value hold") {
  const std::string odd = " \\=:#!\t\n\r\f\xC3\xA9 u";
  CHECK(parsed(property_line(odd, odd)) == Properties{{odd, odd}});
  CHECK(property_line("a key", "1") == "a\\ key=1\n");
}

}  // namespace highwater
