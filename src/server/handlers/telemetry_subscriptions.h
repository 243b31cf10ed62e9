// To which metrics a client is subscribed: what all stored subscriptions that match it say together (KIP-714). Read
// from the image at every request, of which clients send one in minutes; by the worker where anything is stored: who
// stores an expression decides what it costs (rule L1). Kafka: ClientMetricsManager, ClientMetricsConfigs.
#pragma once

#include <string>
#include <vector>

#include "foundation/base/uuid.h"
#include "io/task.h"
#include "server/network/request_context.h"
#include "server/network/telemetry_clients.h"

namespace highwater::server {

struct ClientSubscription {
  std::vector<std::string> metrics;  // prefixes; `*` alone is all, nothing is none
  TelemetryClients::Subscription terms;
};

io::Task<ClientSubscription> subscription_of(const Uuid& client, const RequestContext& context);

// telemetry.max.bytes
std::int32_t telemetry_bytes_max(const RequestContext& context);

}  // namespace highwater::server
