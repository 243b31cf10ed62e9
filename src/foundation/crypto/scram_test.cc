#include "foundation/crypto/scram.h"

#include <doctest/doctest.h>
#include <fmt/core.h>

#include <string>

namespace highwater::crypto {
namespace {

std::string hex(const std::vector<std::uint8_t>& bytes) {
  std::string text;
  for (const auto byte : bytes) text += fmt::format("{:02x}", byte);
  return text;
}

// Values of Python's hashlib.
TEST_CASE("a password and a salt make the keys that other implementations make") {
  const ByteView salt = as_bytes("salt of the test");
  const auto short_password = scram_salted_password(ScramMechanism::sha_256, "pencil", salt, 4096);
  CHECK(hex(short_password) == "9c52001d1c153208fae6ca4bf887512329ebf36ae3952aa8d1ecb527fd211ef3");
  const ScramKeys short_keys = scram_keys(ScramMechanism::sha_256, short_password);
  CHECK(hex(short_keys.stored_key) == "b120be54f086fe851f607af8b57d68c2b973c1d63ae715fafc9095a0885fcf31");
  CHECK(hex(short_keys.server_key) == "dd2b50c90f9bab9ae19bde77b2729534b9b6ffc2ecb8d1b6345ed4cb73bc4490");

  const auto long_password = scram_salted_password(ScramMechanism::sha_512, "pencil", salt, 4096);
  const ScramKeys long_keys = scram_keys(ScramMechanism::sha_512, long_password);
  CHECK(hex(long_keys.stored_key).starts_with("b94702cccf82978c4b022935cb45f11c"));
  CHECK(hex(long_keys.server_key).starts_with("c5c30f392ee8fd9911db5145595e9719"));
  CHECK(long_keys.stored_key.size() == 64);
}

TEST_CASE("a mechanism is known by its number and by its name") {
  CHECK(scram_mechanism("SCRAM-SHA-512") == ScramMechanism::sha_512);
  CHECK(scram_mechanism(std::int8_t{1}) == ScramMechanism::sha_256);
  CHECK_FALSE(scram_mechanism("SCRAM-MD5").has_value());
  CHECK_FALSE(scram_mechanism(std::int8_t{0}).has_value());
  CHECK_FALSE(scram_mechanism(std::int8_t{3}).has_value());
}

}  // namespace
}  // namespace highwater::crypto
