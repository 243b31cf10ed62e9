#include "server/network/foreign_beginning.h"

#include <array>

namespace highwater::server {
namespace {

constexpr std::uint32_t first_four(std::string_view text) {
  std::uint32_t value = 0;
  for (const char character : text.substr(0, 4)) value = value << 8 | static_cast<std::uint8_t>(character);
  return value;
}

constexpr std::array<std::uint32_t, 7> http_methods = {first_four("GET "), first_four("POST"), first_four("PUT "),
                                                       first_four("HEAD"), first_four("DELE"), first_four("OPTI"),
                                                       first_four("CONN")};
constexpr std::uint32_t tls_handshake = 0x1603;  // a record of the type handshake, version 3.x

}  // namespace

std::string_view foreign_beginning(std::int32_t size) {
  const auto bytes = static_cast<std::uint32_t>(size);
  if (bytes >> 16 == tls_handshake) return ": a TLS handshake, and this listener speaks PLAINTEXT";
  for (const std::uint32_t method : http_methods)
    if (bytes == method) return ": an HTTP request";
  return "";
}

std::string size_refused(std::int32_t size) {
  return std::string("the size of a request is ").append(std::to_string(size)).append(foreign_beginning(size));
}

}  // namespace highwater::server
