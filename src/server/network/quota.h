// What a request costs its client, and how long the client must wait for it. Nobody waits until quotas are built; the
// pipeline asks here already, with all that a decision will need (Kafka: ClientQuotaManager,
// ClientRequestQuotaManager).
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

#include "foundation/base/time.h"
#include "protocol/api/api_key.h"
#include "server/network/access.h"

namespace highwater::server {

struct Charge {
  const Principal& principal;
  std::string_view client_id;
  api::ApiKey key;
  std::size_t request_bytes;
  Instant now;
};

class Quotas {
 public:
  // How long the answer says the client is throttled; its connection is not read for that long.
  Duration charge(const Charge& charge) {
    static_cast<void>(charge);
    return {};
  }
};

}  // namespace highwater::server
