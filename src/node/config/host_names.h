// Names of machines, looked up once before any reactor exists. A name server that is silent holds the start up for
// seconds, not for minutes.
#pragma once

#include <string>

#include "foundation/base/result.h"

namespace highwater::node {

// What others call this machine, advertised where a listener has no host: the name of the first address of its host
// name when that name leads back to the address, else the address. Java: InetAddress.getCanonicalHostName. Where the
// host name has no address, Java ends; this answers the host name.
std::string canonical_host_name();

// The failure is what the resolver says of a host that is neither an address nor a known name.
Result<void> check_host(const std::string& host);

}  // namespace highwater::node
