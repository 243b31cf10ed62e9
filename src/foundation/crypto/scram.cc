#include "foundation/crypto/scram.h"

#include <openssl/evp.h>
#include <openssl/hmac.h>

#include "foundation/base/check.h"

namespace highwater::crypto {

namespace {

using Bytes = std::vector<std::uint8_t>;

const EVP_MD* digest(ScramMechanism mechanism) {
  switch (mechanism) {
    case ScramMechanism::sha_256:
      return EVP_sha256();
    case ScramMechanism::sha_512:
      return EVP_sha512();
  }
  return nullptr;
}

Bytes hmac(ScramMechanism mechanism, ByteView key, std::string_view text) {
  const EVP_MD* kind = digest(mechanism);
  Bytes out(static_cast<std::size_t>(EVP_MD_get_size(kind)));
  unsigned int size = 0;
  const auto* data = reinterpret_cast<const unsigned char*>(text.data());
  HW_CHECK(HMAC(kind, key.data(), static_cast<int>(key.size()), data, text.size(), out.data(), &size) != nullptr);
  return out;
}

}  // namespace

std::optional<ScramMechanism> scram_mechanism(std::int8_t number) {
  if (number == static_cast<std::int8_t>(ScramMechanism::sha_256)) return ScramMechanism::sha_256;
  if (number == static_cast<std::int8_t>(ScramMechanism::sha_512)) return ScramMechanism::sha_512;
  return std::nullopt;
}

std::optional<ScramMechanism> scram_mechanism(std::string_view name) {
  for (const auto mechanism : {ScramMechanism::sha_256, ScramMechanism::sha_512}) {
    if (scram_name(mechanism) == name) return mechanism;
  }
  return std::nullopt;
}

std::string_view scram_name(ScramMechanism mechanism) {
  switch (mechanism) {
    case ScramMechanism::sha_256:
      return "SCRAM-SHA-256";
    case ScramMechanism::sha_512:
      return "SCRAM-SHA-512";
  }
  return {};
}

Bytes scram_salted_password(ScramMechanism mechanism, std::string_view password, ByteView salt,
                            std::int32_t iterations) {
  const EVP_MD* kind = digest(mechanism);
  Bytes out(static_cast<std::size_t>(EVP_MD_get_size(kind)));
  const int done =
      PKCS5_PBKDF2_HMAC(password.data(), static_cast<int>(password.size()), salt.data(), static_cast<int>(salt.size()),
                        iterations, kind, static_cast<int>(out.size()), out.data());
  HW_CHECK(done == 1);
  return out;
}

ScramKeys scram_keys(ScramMechanism mechanism, ByteView salted_password) {
  const Bytes client_key = hmac(mechanism, salted_password, "Client Key");
  ScramKeys keys;
  keys.server_key = hmac(mechanism, salted_password, "Server Key");
  keys.stored_key.resize(client_key.size());
  unsigned int size = 0;
  const int done =
      EVP_Digest(client_key.data(), client_key.size(), keys.stored_key.data(), &size, digest(mechanism), nullptr);
  HW_CHECK(done == 1);
  return keys;
}

}  // namespace highwater::crypto
