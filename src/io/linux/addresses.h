// Between Address and the kernel's socket addresses.
#pragma once

#include <sys/socket.h>

#include <string>
#include <vector>

#include "io/socket.h"

namespace highwater::io {

struct SocketAddress {
  sockaddr_storage storage{};
  socklen_t length = 0;

  const sockaddr* get() const { return reinterpret_cast<const sockaddr*>(&storage); }
  int family() const { return storage.ss_family; }
};

enum class NameLookup : std::uint8_t {
  numeric_only,  // never leaves the process: safe on the loop
  full           // may ask name servers and block for seconds
};

// In the resolver's order of preference, at most 16; empty when there is none. "" is every interface, IPv6 first.
std::vector<SocketAddress> resolve(const Address& address, NameLookup lookup);
// Numeric; an IPv4 address that was mapped into IPv6 is shown as IPv4.
Address to_address(const SocketAddress& address);
Address local_address(int fd);
Address peer_address(int fd);

}  // namespace highwater::io
