#include "machines/quota/numeric_address.h"

#include <doctest/doctest.h>

namespace highwater::quota {

TEST_CASE("an address is told as connections carry it") {
  CHECK(numeric_address("10.1.2.3") == "10.1.2.3");
  CHECK(numeric_address("10.1") == "10.0.0.1");
  CHECK(numeric_address("10.1.515") == "10.1.2.3");
  CHECK(numeric_address("167772161") == "10.0.0.1");
  CHECK(numeric_address("localhost") == "127.0.0.1");
  CHECK(numeric_address("[2001:DB8::0:1]") == "2001:db8::1");
  CHECK(numeric_address("::ffff:10.0.0.1") == "10.0.0.1");
}

TEST_CASE("a name has no numeric address") {
  for (const char* wrong :
       {"", "example.org", "10.256.0.1", "10.1.2.65536", "1.2.3.4.5", "4294967296", "1..2", "x::1", "[::1"})
    CHECK_MESSAGE(!numeric_address(wrong).has_value(), wrong);
}

}  // namespace highwater::quota
