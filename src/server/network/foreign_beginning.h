// Clients of other protocols that come to a port of Kafka are met as requests of an odd size: the first four bytes of
// what they say. Whoever reads the log wants to know what they were.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace highwater::server {

// What to say behind a size that cannot be one, beginning with ": ", or "" where nothing is known.
std::string_view foreign_beginning(std::int32_t size);

// Why a connection that announced a request of this size is closed.
std::string size_refused(std::int32_t size);

}  // namespace highwater::server
