#include "server/handlers/telemetry_subscriptions.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>

#include "foundation/crypto/crc32c.h"
#include "machines/configs/broker_settings.h"
#include "machines/configs/java_order.h"
#include "machines/configs/values.h"
#include "server/handlers/client_match.h"

namespace highwater::server {
namespace {

using metadata::ResourceType;

constexpr std::string_view all_metrics = "*";
constexpr std::int32_t longest_interval_ms = 300'000;  // also without any subscription

// A client that told nothing of itself (ClientInformation.EMPTY).
std::string told(const std::string& text) { return text.empty() ? "unknown" : text; }

ClientTraits traits_of(const Uuid& client, const RequestContext& context) {
  ClientTraits traits;
  traits.instance_id = client.to_text();
  if (context.header.client_id) traits.client_id = std::string(*context.header.client_id);
  traits.software_name = told(context.peer.software_name);
  traits.software_version = told(context.peer.software_version);
  traits.address = context.peer.address;
  traits.port = std::to_string(context.peer.port);
  return traits;
}

// Uuid.hashCode
std::uint32_t java_hash(const Uuid& id) {
  std::uint32_t hash = 0;
  for (std::size_t i = 0; i < id.bytes.size(); i += 4)
    hash ^= static_cast<std::uint32_t>(id.bytes[i]) << 24 | static_cast<std::uint32_t>(id.bytes[i + 1]) << 16 |
            static_cast<std::uint32_t>(id.bytes[i + 2]) << 8 | id.bytes[i + 3];
  return hash;
}

// Equal on all brokers, so that a client may push elsewhere than it asked.
std::int32_t subscription_id(const std::vector<std::string>& metrics, std::int32_t interval_ms, const Uuid& client) {
  const std::string text = fmt::format("[{}]{}", fmt::join(metrics, ", "), interval_ms);
  return static_cast<std::int32_t>(crypto::crc32c(as_bytes(text)) ^ java_hash(client));
}

std::vector<std::string> in_kafkas_order(const std::vector<std::string>& metrics) {
  std::vector<std::string_view> distinct;
  for (const std::string& metric : metrics)
    if (std::ranges::find(distinct, metric) == distinct.end()) distinct.emplace_back(metric);
  const auto ordered = configs::java_order(std::move(distinct));
  return {ordered.begin(), ordered.end()};
}

}  // namespace

ClientSubscription subscription_of(const Uuid& client, const RequestContext& context) {
  ClientSubscription result;
  const ClientTraits traits = traits_of(client, context);
  std::int32_t interval_ms = longest_interval_ms;
  const auto& stored = context.image->all_configs();
  const metadata::ConfigResource first{ResourceType::client_metrics, ""};
  for (auto at = stored.lower_bound(first); at != stored.end(); ++at) {
    const auto& [resource, values] = *at;
    if (resource.type != ResourceType::client_metrics) break;
    for (const auto& [key, value] : values)
      result.terms.version =
          crypto::crc32c(as_bytes(fmt::format("{}\n{}={}\n", resource.name, key, value)), result.terms.version);
    const configs::ConfigReader config(configs::Scope::client_metrics, values);
    if (values.empty() || !matches_client(config.text("match"), traits)) continue;
    interval_ms = std::min(interval_ms, config.int32("interval.ms"));
    for (std::string& metric : config.list("metrics")) result.metrics.push_back(std::move(metric));
  }
  if (std::ranges::find(result.metrics, all_metrics) != result.metrics.end())
    result.metrics = {std::string(all_metrics)};
  result.metrics = in_kafkas_order(result.metrics);
  result.terms.id = subscription_id(result.metrics, interval_ms, client);
  result.terms.push_interval = Duration::from_ms(interval_ms);
  return result;
}

std::int32_t telemetry_bytes_max(const RequestContext& context) {
  return configs::ConfigReader(configs::Scope::broker, context.doors.settings->text).int32("telemetry.max.bytes");
}

}  // namespace highwater::server
