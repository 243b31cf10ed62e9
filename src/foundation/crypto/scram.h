// The arithmetic of SCRAM credentials (RFC 5802): a password and a salt make a salted password, and that two keys, of
// which a server keeps only those that prove a login without revealing it. OpenSSL does the work.
// Kafka: ScramFormatter, ScramMechanism. Nothing here may be logged.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

#include "foundation/base/bytes.h"

namespace highwater::crypto {

// Numbers as on the wire and in metadata records.
enum class ScramMechanism : std::int8_t { sha_256 = 1, sha_512 = 2 };

std::optional<ScramMechanism> scram_mechanism(std::int8_t number);
// By the name that users type: SCRAM-SHA-256, SCRAM-SHA-512.
std::optional<ScramMechanism> scram_mechanism(std::string_view name);
std::string_view scram_name(ScramMechanism mechanism);

// The password is taken as it is, in UTF-8, as Kafka takes it. At least one iteration.
std::vector<std::uint8_t> scram_salted_password(ScramMechanism mechanism, std::string_view password, ByteView salt,
                                                std::int32_t iterations);

struct ScramKeys {
  std::vector<std::uint8_t> stored_key;
  std::vector<std::uint8_t> server_key;
};
// The salted password must not be empty.
ScramKeys scram_keys(ScramMechanism mechanism, ByteView salted_password);

}  // namespace highwater::crypto
