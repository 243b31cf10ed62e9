#include "io/linux/addresses.h"

#include <arpa/inet.h>
#include <netdb.h>
#include <netinet/in.h>

#include <cstring>

namespace highwater::io {

std::vector<SocketAddress> resolve(const Address& address, NameLookup lookup) {
  addrinfo hints{};
  hints.ai_family = AF_UNSPEC;
  hints.ai_socktype = SOCK_STREAM;
  hints.ai_flags = AI_NUMERICSERV | AI_PASSIVE;
  if (lookup == NameLookup::numeric_only) hints.ai_flags |= AI_NUMERICHOST;
  const std::string port = std::to_string(address.port);
  addrinfo* found = nullptr;
  const char* host = address.host.empty() ? "::" : address.host.c_str();
  if (getaddrinfo(host, port.c_str(), &hints, &found) != 0) return {};

  std::vector<SocketAddress> addresses;
  for (const addrinfo* at = found; at != nullptr && addresses.size() < 16; at = at->ai_next) {
    SocketAddress& one = addresses.emplace_back();
    std::memcpy(&one.storage, at->ai_addr, at->ai_addrlen);
    one.length = at->ai_addrlen;
  }
  freeaddrinfo(found);
  if (address.host.empty()) {
    // For machines without IPv6.
    SocketAddress& any = addresses.emplace_back();
    sockaddr_in in{};
    in.sin_family = AF_INET;
    in.sin_port = htons(address.port);
    std::memcpy(&any.storage, &in, sizeof in);
    any.length = sizeof in;
  }
  return addresses;
}

Address to_address(const SocketAddress& address) {
  char text[INET6_ADDRSTRLEN] = {};
  if (address.family() == AF_INET) {
    sockaddr_in in{};
    std::memcpy(&in, &address.storage, sizeof in);
    inet_ntop(AF_INET, &in.sin_addr, text, sizeof text);
    return {text, ntohs(in.sin_port)};
  }
  if (address.family() == AF_INET6) {
    sockaddr_in6 in{};
    std::memcpy(&in, &address.storage, sizeof in);
    if (IN6_IS_ADDR_V4MAPPED(&in.sin6_addr)) {
      inet_ntop(AF_INET, &in.sin6_addr.s6_addr[12], text, sizeof text);
    } else {
      inet_ntop(AF_INET6, &in.sin6_addr, text, sizeof text);
    }
    return {text, ntohs(in.sin6_port)};
  }
  return {};
}

Address local_address(int fd) {
  SocketAddress address;
  address.length = sizeof address.storage;
  if (getsockname(fd, reinterpret_cast<sockaddr*>(&address.storage), &address.length) != 0) return {};
  return to_address(address);
}

Address peer_address(int fd) {
  SocketAddress address;
  address.length = sizeof address.storage;
  if (getpeername(fd, reinterpret_cast<sockaddr*>(&address.storage), &address.length) != 0) return {};
  return to_address(address);
}

}  // namespace highwater::io
