#include "machines/quota/numeric_address.h"

#include <arpa/inet.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <cstdint>
#include <cstring>

namespace highwater::quota {
namespace {

using Ipv4 = std::array<std::uint8_t, 4>;

std::string text_of(const std::uint8_t* bytes, int family) {
  std::array<char, INET6_ADDRSTRLEN> text{};
  inet_ntop(family, bytes, text.data(), text.size());
  return text.data();
}

// One to four decimal numbers, the last one filling what is left.
std::optional<Ipv4> parse_ipv4(std::string_view text) {
  Ipv4 bytes{};
  for (std::size_t place = 0; place < bytes.size(); ++place) {
    const std::size_t dot = std::min(text.find('.'), text.size());
    const bool is_last = dot == text.size();
    const std::size_t room = bytes.size() - place;
    const std::uint64_t most = is_last ? (std::uint64_t{1} << (8 * room)) - 1 : 255;
    std::uint64_t number = 0;
    const char* const end = text.data() + dot;
    const auto parsed = std::from_chars(text.data(), end, number);
    if (parsed.ec != std::errc{} || parsed.ptr != end || number > most) return std::nullopt;
    if (!is_last) {
      bytes[place] = static_cast<std::uint8_t>(number);
      text.remove_prefix(dot + 1);
      continue;
    }
    for (std::size_t at = bytes.size(); at-- > place; number >>= 8) bytes[at] = static_cast<std::uint8_t>(number);
    return bytes;
  }
  return std::nullopt;
}

}  // namespace

std::optional<std::string> numeric_address(std::string_view host) {
  if (host == "localhost") return "127.0.0.1";
  if (const auto ipv4 = parse_ipv4(host)) return text_of(ipv4->data(), AF_INET);
  if (host.size() > 2 && host.front() == '[' && host.back() == ']') host = host.substr(1, host.size() - 2);
  in6_addr ipv6{};
  if (inet_pton(AF_INET6, std::string(host).c_str(), &ipv6) != 1) return std::nullopt;
  if (IN6_IS_ADDR_V4MAPPED(&ipv6)) return text_of(&ipv6.s6_addr[12], AF_INET);
  return text_of(ipv6.s6_addr, AF_INET6);
}

}  // namespace highwater::quota
