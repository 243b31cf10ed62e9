#include "foundation/crypto/crc32c.h"

#include <doctest/doctest.h>

#include <array>
#include <vector>

namespace highwater::crypto {
namespace {

TEST_CASE("the check value of the standard comes out for nine digits") {
  CHECK(crc32c(as_bytes("123456789")) == 0xE3069283u);
}

TEST_CASE("the vectors of RFC 3720 come out") {
  std::array<std::uint8_t, 32> bytes{};
  CHECK(crc32c(bytes) == 0x8A9136AAu);
  bytes.fill(0xFF);
  CHECK(crc32c(bytes) == 0x62A8AB43u);
  for (unsigned i = 0; i < bytes.size(); ++i) bytes[i] = static_cast<std::uint8_t>(i);
  CHECK(crc32c(bytes) == 0x46DD794Eu);
}

TEST_CASE("nothing has checksum zero") { CHECK(crc32c({}) == 0); }

TEST_CASE("a checksum taken in two parts equals the one taken whole, wherever the cut is") {
  std::vector<std::uint8_t> bytes(300);
  for (std::size_t i = 0; i < bytes.size(); ++i) bytes[i] = static_cast<std::uint8_t>(i * 7);
  const std::uint32_t whole = crc32c(bytes);
  for (std::size_t cut = 0; cut <= bytes.size(); ++cut) {
    const ByteView view = bytes;
    CHECK(crc32c(view.subspan(cut), crc32c(view.first(cut))) == whole);
  }
}

}  // namespace
}  // namespace highwater::crypto
