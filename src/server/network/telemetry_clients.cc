#include "server/network/telemetry_clients.h"

#include <algorithm>

namespace highwater::server {
namespace {

using api::ErrorCode;

constexpr std::int8_t compression_type_max = 4;  // zstd

bool is_over(const std::optional<Instant>& last, Duration interval, Instant now) {
  return !last || now - *last >= interval;
}

}  // namespace

TelemetryClients::Client& TelemetryClients::heard(const Uuid& id, const Subscription& subscription) {
  const Client unheard{id, subscription.version, {}, {}, Farewell::staying, ErrorCode::none};
  const auto found = std::ranges::find(clients_, id, &Client::id);
  if (found != clients_.end()) {
    std::rotate(found, found + 1, clients_.end());
  } else {
    if (clients_.size() == clients_max) clients_.erase(clients_.begin());
    clients_.push_back(unheard);
  }
  Client& client = clients_.back();
  if (client.version != subscription.version) client = unheard;
  return client;
}

ErrorCode TelemetryClients::get(const Uuid& id, const Subscription& subscription, Instant now) {
  Client& client = heard(id, subscription);
  if (is_over(std::max(client.last_get, client.last_push), subscription.push_interval, now)) {
    client.last_get = now;
  } else if (client.last_error != ErrorCode::unknown_subscription_id &&
             client.last_error != ErrorCode::unsupported_compression_type) {
    return ErrorCode::throttling_quota_exceeded;  // the two others send the client here at once
  }
  client.last_error = ErrorCode::none;
  return ErrorCode::none;
}

ErrorCode TelemetryClients::check(const Push& push, Client& client, const Subscription& subscription, Instant now) {
  if (client.farewell == Farewell::terminating) return ErrorCode::invalid_request;
  // The first push after a get may come early: clients spread it over half to one and a half intervals.
  if (client.last_get > client.last_push || is_over(client.last_push, subscription.push_interval, now)) {
    client.last_push = now;
  } else if (push.farewell == Farewell::staying) {
    return ErrorCode::throttling_quota_exceeded;
  }
  if (push.subscription_id != subscription.id) return ErrorCode::unknown_subscription_id;
  if (push.compression_type < 0 || push.compression_type > compression_type_max)
    return ErrorCode::unsupported_compression_type;
  return push.bytes > push.bytes_max ? ErrorCode::telemetry_too_large : ErrorCode::none;
}

ErrorCode TelemetryClients::push(const Push& push, const Subscription& subscription, Instant now) {
  Client& client = heard(push.client, subscription);
  const ErrorCode error = check(push, client, subscription, now);
  client.farewell = push.farewell;  // of a refused push too
  client.last_error = error;
  return error;
}

void TelemetryClients::pushed(const Uuid& id, ErrorCode outcome) {
  const auto found = std::ranges::find(clients_, id, &Client::id);
  if (found != clients_.end()) found->last_error = outcome;
}

}  // namespace highwater::server
