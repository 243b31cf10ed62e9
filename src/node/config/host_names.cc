#include "node/config/host_names.h"

#include <netdb.h>
#include <netinet/in.h>
#include <resolv.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <memory>

namespace highwater::node {
namespace {

struct FreeAddresses {
  void operator()(addrinfo* addresses) const { freeaddrinfo(addresses); }
};
using Addresses = std::unique_ptr<addrinfo, FreeAddresses>;

// One question of two seconds to each name server while it lives.
class ShortLookups {
 public:
  ShortLookups() {
    res_init();
    retrans_ = _res.retrans;
    retry_ = _res.retry;
    _res.retrans = 2;
    _res.retry = 1;
  }
  ~ShortLookups() {
    _res.retrans = retrans_;
    _res.retry = retry_;
  }
  ShortLookups(const ShortLookups&) = delete;
  ShortLookups& operator=(const ShortLookups&) = delete;

 private:
  int retrans_ = 0;
  int retry_ = 0;
};

Result<Addresses> look_up(const char* host) {
  addrinfo hints{};
  hints.ai_socktype = SOCK_STREAM;
  addrinfo* found = nullptr;
  const int status = getaddrinfo(host, nullptr, &hints, &found);
  if (status != 0) return failure(gai_strerror(status));
  return Addresses(found);
}

// Empty when there is none.
std::string name_of(const addrinfo& address, int flags) {
  std::array<char, NI_MAXHOST> text{};
  const int status = getnameinfo(address.ai_addr, address.ai_addrlen, text.data(), text.size(), nullptr, 0, flags);
  return status == 0 ? text.data() : "";
}

// Java takes addresses of version 4 before those of version 6.
const addrinfo* first_of(const Addresses& addresses) {
  for (const addrinfo* at = addresses.get(); at != nullptr; at = at->ai_next)
    if (at->ai_family == AF_INET) return at;
  return addresses.get();
}

bool leads_to(const std::string& name, const std::string& address) {
  const auto addresses = look_up(name.c_str());
  if (!addresses) return false;
  for (const addrinfo* at = addresses->get(); at != nullptr; at = at->ai_next)
    if (name_of(*at, NI_NUMERICHOST) == address) return true;
  return false;
}

}  // namespace

std::string canonical_host_name() {
  std::array<char, 256> own{};
  if (gethostname(own.data(), own.size() - 1) != 0 || own[0] == '\0') return "localhost";
  const ShortLookups bounded;
  const auto addresses = look_up(own.data());
  if (!addresses) return own.data();
  const addrinfo& first = *first_of(*addresses);
  const std::string address = name_of(first, NI_NUMERICHOST);
  const std::string name = name_of(first, NI_NAMEREQD);
  return !name.empty() && leads_to(name, address) ? name : address;
}

Result<void> check_host(const std::string& host) {
  const ShortLookups bounded;
  const auto addresses = look_up(host.c_str());
  if (!addresses) return std::unexpected(addresses.error());
  return {};
}

}  // namespace highwater::node
