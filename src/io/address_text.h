// How an address is told to people.
#pragma once

#include <string>

#include "io/socket.h"

namespace highwater::io {

// "host:port": an IPv6 address in brackets, "*" for every interface.
std::string address_text(const Address& address);

}  // namespace highwater::io
