// Who may ask for a subscription of metrics, and who may push, when.
#include "server/network/telemetry_clients.h"

#include <doctest/doctest.h>

namespace highwater::server {
namespace {

using api::ErrorCode;
using Farewell = TelemetryClients::Farewell;

constexpr Uuid ann = Uuid::from_halves(1, 2);
constexpr Uuid bob = Uuid::from_halves(3, 4);
constexpr Duration interval = Duration::from_ms(1000);
const TelemetryClients::Subscription subscribed{7, interval, 1};

Instant at(std::int64_t ms) { return Instant{} + Duration::from_ms(ms); }

TelemetryClients::Push push_of(const Uuid& client, Farewell farewell = Farewell::staying) {
  return {client, 7, 0, farewell, 10, 100};
}

}  // namespace

TEST_CASE("a client that asks before its interval is throttled") {
  TelemetryClients clients;
  CHECK(clients.get(ann, subscribed, at(0)) == ErrorCode::none);
  CHECK(clients.get(ann, subscribed, at(999)) == ErrorCode::throttling_quota_exceeded);
  CHECK(clients.get(bob, subscribed, at(999)) == ErrorCode::none);
  CHECK(clients.get(ann, subscribed, at(1000)) == ErrorCode::none);
}

TEST_CASE("one push may follow a get at once, the next one waits for the interval") {
  TelemetryClients clients;
  CHECK(clients.get(ann, subscribed, at(0)) == ErrorCode::none);
  CHECK(clients.push(push_of(ann), subscribed, at(5)) == ErrorCode::none);
  CHECK(clients.push(push_of(ann), subscribed, at(1004)) == ErrorCode::throttling_quota_exceeded);
  CHECK(clients.get(ann, subscribed, at(1004)) == ErrorCode::throttling_quota_exceeded);
  CHECK(clients.push(push_of(ann), subscribed, at(1005)) == ErrorCode::none);
  CHECK(clients.push(push_of(bob), subscribed, at(0)) == ErrorCode::none);
}

TEST_CASE("the last push of a client may come early, and after it one request is refused") {
  TelemetryClients clients;
  CHECK(clients.push(push_of(ann), subscribed, at(0)) == ErrorCode::none);
  CHECK(clients.push(push_of(ann, Farewell::terminating), subscribed, at(1)) == ErrorCode::none);
  CHECK(clients.push(push_of(ann), subscribed, at(2000)) == ErrorCode::invalid_request);
  CHECK(clients.push(push_of(ann), subscribed, at(2000)) == ErrorCode::none);
}

TEST_CASE("a push that does not fit the subscription is refused, and the client may ask again at once") {
  TelemetryClients clients;
  TelemetryClients::Push stale = push_of(ann);
  stale.subscription_id = 8;
  CHECK(clients.push(stale, subscribed, at(0)) == ErrorCode::unknown_subscription_id);
  CHECK(clients.get(ann, subscribed, at(1)) == ErrorCode::none);
  CHECK(clients.get(ann, subscribed, at(2)) == ErrorCode::throttling_quota_exceeded);
  TelemetryClients::Push strange = push_of(bob);
  for (const int type : {5, -1}) {
    strange.compression_type = static_cast<std::int8_t>(type);
    CHECK(clients.push(strange, subscribed, at(20'000 - 1000 * type)) == ErrorCode::unsupported_compression_type);
  }
  CHECK(clients.get(bob, subscribed, at(21'001)) == ErrorCode::none);
}

TEST_CASE("a push is larger than allowed by one byte, and what came of others does not hurry a client") {
  TelemetryClients clients;
  TelemetryClients::Push large = push_of(ann);
  large.bytes = 101;
  CHECK(clients.push(large, subscribed, at(0)) == ErrorCode::telemetry_too_large);
  CHECK(clients.get(ann, subscribed, at(1)) == ErrorCode::throttling_quota_exceeded);
  large.bytes = 100;
  CHECK(clients.push(large, subscribed, at(1000)) == ErrorCode::none);
  clients.pushed(ann, ErrorCode::invalid_record);
  CHECK(clients.get(ann, subscribed, at(1001)) == ErrorCode::throttling_quota_exceeded);
}

TEST_CASE("another version of the subscriptions lets every client begin anew") {
  TelemetryClients clients;
  CHECK(clients.push(push_of(ann, Farewell::terminating), subscribed, at(0)) == ErrorCode::none);
  const TelemetryClients::Subscription next{7, interval, 2};
  CHECK(clients.get(ann, next, at(1)) == ErrorCode::none);
  CHECK(clients.push(push_of(ann), next, at(1)) == ErrorCode::none);
}

TEST_CASE("beyond the limit the client unheard for longest is forgotten") {
  TelemetryClients clients;
  CHECK(clients.get(ann, subscribed, at(0)) == ErrorCode::none);
  for (std::uint64_t i = 1; i < TelemetryClients::clients_max; ++i)
    CHECK(clients.get(Uuid::from_halves(9, i), subscribed, at(0)) == ErrorCode::none);
  CHECK(clients.get(ann, subscribed, at(1)) == ErrorCode::throttling_quota_exceeded);
  CHECK(clients.get(bob, subscribed, at(1)) == ErrorCode::none);
  CHECK(clients.size() == TelemetryClients::clients_max);
  CHECK(clients.get(ann, subscribed, at(2)) == ErrorCode::throttling_quota_exceeded);
  CHECK(clients.get(Uuid::from_halves(9, 1), subscribed, at(2)) == ErrorCode::none);
}

}  // namespace highwater::server
