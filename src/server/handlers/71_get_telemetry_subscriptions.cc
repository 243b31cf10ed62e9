// GetTelemetrySubscriptions: which metrics a client is to push, and how often (KIP-714). Answered as by a Kafka broker
// without a receiver, which does not advertise it: subscriptions hold, and nobody gets what is pushed.
#include "protocol/api/error_code.h"
#include "protocol/messages/get_telemetry_subscriptions_request.h"
#include "protocol/messages/get_telemetry_subscriptions_response.h"
#include "server/handlers/handlers.h"
#include "server/handlers/telemetry_subscriptions.h"

namespace highwater::server {
namespace {

using messages::GetTelemetrySubscriptionsRequest;
using messages::GetTelemetrySubscriptionsResponse;

// A version 4 id (RFC 4122).
Uuid random_id(Random& random) {
  const std::uint64_t high = (random.next() & ~0xF000ull) | 0x4000ull;
  const std::uint64_t low = (random.next() & ~(0b11ull << 62)) | 0b10ull << 62;
  return Uuid::from_halves(high, low);
}

}  // namespace

io::Task<GetTelemetrySubscriptionsResponse> get_telemetry_subscriptions(const GetTelemetrySubscriptionsRequest& request,
                                                                        RequestContext& context) {
  GetTelemetrySubscriptionsResponse response;
  const Uuid client =
      request.client_instance_id.is_zero() ? random_id(context.doors.reactor->random()) : request.client_instance_id;
  const ClientSubscription subscription = co_await subscription_of(client, context);
  const api::ErrorCode error = context.peer.telemetry.get(client, subscription.terms, context.doors.reactor->now());
  response.error_code = api::wire_code(error);
  if (error != api::ErrorCode::none) co_return response;
  response.client_instance_id = client;
  response.subscription_id = subscription.terms.id;
  response.accepted_compression_types = {4, 3, 1, 2};  // the best one first: zstd, lz4, gzip, snappy
  response.push_interval_ms = static_cast<std::int32_t>(subscription.terms.push_interval.ms());
  response.telemetry_max_bytes = telemetry_bytes_max(context);
  response.delta_temporality = true;
  for (const std::string& metric : subscription.metrics) response.requested_metrics.emplace_back(metric);
  co_return response;
}

}  // namespace highwater::server
