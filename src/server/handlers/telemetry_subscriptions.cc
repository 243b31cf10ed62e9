#include "server/handlers/telemetry_subscriptions.h"

#include <absl/container/flat_hash_set.h>
#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <memory>
#include <utility>

#include "foundation/crypto/crc32c.h"
#include "io/on_worker.h"
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
  absl::flat_hash_set<std::string_view> known;
  for (const std::string& metric : metrics)
    if (known.insert(metric).second) distinct.emplace_back(metric);
  const auto ordered = configs::java_order(std::move(distinct));
  return {ordered.begin(), ordered.end()};
}

metadata::ConfigResource first_of_all() { return {ResourceType::client_metrics, ""}; }

bool any_stored(const metadata::MetadataImage& image) {
  const auto at = image.all_configs().lower_bound(first_of_all());
  return at != image.all_configs().end() && at->first.type == ResourceType::client_metrics;
}

// One client against all that is stored.
class Matching {
 public:
  Matching(metadata::ImageHandle image, const Uuid& client, ClientTraits traits)
      : image_(std::move(image)), client_(client), traits_(std::move(traits)) {}

  void run() {
    const auto& stored = image_->all_configs();
    for (auto at = stored.lower_bound(first_of_all()); at != stored.end(); ++at) {
      if (at->first.type != ResourceType::client_metrics) break;
      take(at->first.name, at->second);
    }
    auto& metrics = result_.metrics;
    if (std::ranges::find(metrics, all_metrics) != metrics.end()) metrics = {std::string(all_metrics)};
    metrics = in_kafkas_order(metrics);
    result_.terms.id = subscription_id(metrics, interval_ms_, client_);
    result_.terms.push_interval = Duration::from_ms(interval_ms_);
  }
  ClientSubscription take_result() { return std::move(result_); }

 private:
  template <class Values>
  void take(const std::string& name, const Values& values) {
    for (const auto& [key, value] : values)
      result_.terms.version =
          crypto::crc32c(as_bytes(fmt::format("{}\n{}={}\n", name, key, value)), result_.terms.version);
    const configs::ConfigReader config(configs::Scope::client_metrics, values);
    if (values.empty() || !matches_client(config.text("match"), traits_)) return;
    interval_ms_ = std::min(interval_ms_, config.int32("interval.ms"));
    for (std::string& metric : config.list("metrics")) result_.metrics.push_back(std::move(metric));
  }

  metadata::ImageHandle image_;
  Uuid client_;
  ClientTraits traits_;
  std::int32_t interval_ms_ = longest_interval_ms;
  ClientSubscription result_;
};

}  // namespace

io::Task<ClientSubscription> subscription_of(const Uuid& client, const RequestContext& context) {
  const auto matching = std::make_shared<Matching>(context.image, client, traits_of(client, context));
  if (any_stored(*context.image))
    co_await io::on_worker(*context.doors.reactor, matching, &Matching::run);
  else
    matching->run();
  co_return matching->take_result();
}

std::int32_t telemetry_bytes_max(const RequestContext& context) {
  return configs::ConfigReader(configs::Scope::broker, context.doors.settings->text).int32("telemetry.max.bytes");
}

}  // namespace highwater::server
