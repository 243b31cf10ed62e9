// Addresses as people write them and as connections carry them. Nobody is asked for a name here. Kafka:
// java.net.InetAddress.getByName, which asks a name server for everything else.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace highwater::quota {

// "10.0.0.1" for 10.1 and "127.0.0.1" for localhost; nothing for a name, or for what is neither. IPv6 with or without
// brackets, IPv4 inside IPv6 as IPv4.
std::optional<std::string> numeric_address(std::string_view host);

}  // namespace highwater::quota
