#include "foundation/base/utf8.h"

#include <doctest/doctest.h>

namespace highwater {

TEST_CASE("every code point is read as it was written") {
  for (const std::uint32_t point :
       {0x0U, 0x7FU, 0x80U, 0x7FFU, 0x800U, 0xD7FFU, 0xE000U, 0xFFFFU, 0x10000U, 0x10FFFFU}) {
    std::string text;
    append_utf8(text, point);
    const auto read = first_code_point(text);
    REQUIRE_MESSAGE(read.has_value(), point);
    CHECK(read->value == point);
    CHECK(read->bytes == text.size());
  }
}

TEST_CASE("bytes that are no utf-8 are told from those that are") {
  CHECK(is_utf8(""));
  CHECK(is_utf8("a\xC3\xA9\xE2\x82\xAC\xF0\x9F\x98\x80"));
  for (const char* bad : {"\xE9", "\xC3", "\x80", "\xC0\x80", "\xE0\x80\x80", "\xED\xA0\x80", "\xF4\x90\x80\x80",
                          "\xF5", "a\xC3\x28", "\xF0\x9F\x98"})
    CHECK_FALSE(is_utf8(bad));
}

}  // namespace highwater
