#include "server/network/foreign_beginning.h"

#include <doctest/doctest.h>

namespace highwater::server {

TEST_CASE("what is no request is told by how it begins") {
  CHECK(foreign_beginning(0x47455420).find("HTTP") != std::string_view::npos);
  CHECK(foreign_beginning(0x504f5354).find("HTTP") != std::string_view::npos);
  CHECK(foreign_beginning(0x16030100).find("TLS") != std::string_view::npos);
  CHECK(foreign_beginning(0x7fffffff).empty());
  CHECK(size_refused(-1) == "the size of a request is -1");
  CHECK(size_refused(0x47455420) == "the size of a request is 1195725856: an HTTP request");
}

}  // namespace highwater::server
