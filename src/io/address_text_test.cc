#include "io/address_text.h"

#include <doctest/doctest.h>

namespace highwater::io {

TEST_CASE("an address is told so that host and port can be told apart") {
  CHECK(address_text({"kafka.example", 9092}) == "kafka.example:9092");
  CHECK(address_text({"::1", 9092}) == "[::1]:9092");
  CHECK(address_text({"", 9093}) == "*:9093");
}

}  // namespace highwater::io
