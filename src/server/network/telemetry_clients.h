// What a broker remembers of the client instances that ask for subscriptions of metrics, or push them, over one
// connection: when they last did, whether they said goodbye, and how the last push ended (KIP-714). Pure: the time
// comes with every question. It belongs to the connection and goes where that goes; Kafka keeps one table per broker
// and forgets an instance when its connection ends. At most clients_max per connection, the longest unheard is
// forgotten first; one that is forgotten is taken for new. Kafka: ClientMetricsManager, ClientMetricsInstance.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <vector>

#include "foundation/base/time.h"
#include "foundation/base/uuid.h"
#include "protocol/api/error_code.h"

namespace highwater::server {

class TelemetryClients {
 public:
  static constexpr std::size_t clients_max = 16;

  // What a client is subscribed to by now. The version tells one state of all subscriptions from another: with a new
  // one every client begins anew.
  struct Subscription {
    std::int32_t id = 0;
    Duration push_interval;
    std::uint32_t version = 0;
  };
  enum class Farewell : std::uint8_t { staying, terminating };
  struct Push {
    Uuid client;
    std::int32_t subscription_id = 0;
    std::int8_t compression_type = 0;
    Farewell farewell = Farewell::staying;
    std::size_t bytes = 0;
    std::size_t bytes_max = 0;  // telemetry.max.bytes
  };

  // `client` is not zero. None, or THROTTLING_QUOTA_EXCEEDED before the interval is over.
  api::ErrorCode get(const Uuid& client, const Subscription& subscription, Instant now);
  // None when the metrics may be looked at.
  api::ErrorCode push(const Push& push, const Subscription& subscription, Instant now);
  // How the push that was let in ended. Does nothing to a client that was forgotten meanwhile.
  void pushed(const Uuid& client, api::ErrorCode outcome);

  std::size_t size() const { return clients_.size(); }

 private:
  struct Client {
    Uuid id;
    std::uint32_t version = 0;
    std::optional<Instant> last_get;
    std::optional<Instant> last_push;
    Farewell farewell = Farewell::staying;
    api::ErrorCode last_error = api::ErrorCode::none;
  };

  Client& heard(const Uuid& id, const Subscription& subscription);
  static api::ErrorCode check(const Push& push, Client& client, const Subscription& subscription, Instant now);

  std::vector<Client> clients_;  // the longest unheard first
};

}  // namespace highwater::server
