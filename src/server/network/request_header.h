// The header of a request: which API, which version, whose. Views lie in the frame.
// Kafka: org.apache.kafka.common.requests.RequestHeader, header versions 1 and 2 (version 0 is gone since 4.0).
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>

#include "foundation/base/bytes.h"
#include "protocol/api/api_table.h"

namespace highwater::server {

struct RequestHeader {
  std::int16_t key = -1;
  std::int16_t version = -1;
  std::int32_t correlation_id = 0;
  std::optional<std::string_view> client_id;  // null is allowed
  const api::Api* api = nullptr;              // null when no such key exists; then only key and version are set
  bool version_known = false;                 // of that API, by its schema
  std::size_t size = 0;                       // the body starts here
};

// Nothing when the frame ends inside the header or the header is malformed. A header of an API or version that nobody
// knows is read as far as its form is certain.
std::optional<RequestHeader> read_request_header(ByteView frame);

}  // namespace highwater::server
