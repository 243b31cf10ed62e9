#include "io/address_text.h"

namespace highwater::io {

std::string address_text(const Address& address) {
  std::string host = address.host.empty() ? "*" : address.host;
  if (host.contains(':')) host = "[" + host + "]";
  return host + ":" + std::to_string(address.port);
}

}  // namespace highwater::io
