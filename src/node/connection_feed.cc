#include "node/connection_feed.h"

#include <algorithm>
#include <cctype>
#include <utility>

#include "machines/configs/config_table.h"
#include "machines/configs/dynamic_broker.h"
#include "machines/configs/values.h"
#include "machines/quota/numeric_address.h"

namespace highwater::node {
namespace {

enum class Of : std::uint8_t { brokers, controllers };

std::vector<std::string> listeners_of(const configs::BrokerSettings& settings, Of side) {
  std::vector<std::string> names;
  for (const configs::Endpoint& endpoint : settings.listeners)
    if (settings.is_controller_listener(endpoint.name) == (side == Of::controllers)) names.push_back(endpoint.name);
  return names;
}

// The listener that brokers use among themselves is protected from the clients of the others.
std::vector<quota::Protection> protection_of(const configs::BrokerSettings& settings,
                                             const std::vector<std::string>& listeners) {
  std::vector<quota::Protection> result;
  for (const std::string& name : listeners) {
    const bool inside = listeners.size() > 1 && name == settings.inter_broker_listener_name;
    result.push_back(inside ? quota::Protection::is_protected : quota::Protection::closable);
  }
  return result;
}

std::string lower_case(std::string text) {
  for (char& c : text) c = static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
  return text;
}

std::int32_t number(const configs::ConfigMap& values, const std::string& key, std::int32_t otherwise) {
  const auto found = values.find(key);
  if (found == values.end()) return otherwise;
  const auto parsed = configs::parse_integer(found->second);
  return parsed && *parsed >= 0 && *parsed <= quota::unlimited ? static_cast<std::int32_t>(*parsed) : otherwise;
}

}  // namespace

quota::ConnectionLimits connection_limits(const configs::ConfigMap& values, const std::vector<std::string>& listeners,
                                          std::vector<std::string>& unknown_hosts) {
  quota::ConnectionLimits limits;
  limits.connections = number(values, "max.connections", quota::unlimited);
  limits.new_per_second = number(values, "max.connection.creation.rate", quota::unlimited);
  limits.connections_per_address = number(values, "max.connections.per.ip", quota::unlimited);
  if (const auto found = values.find("max.connections.per.ip.overrides"); found != values.end()) {
    for (const std::string& entry : configs::parse_list(found->second)) {
      const std::size_t colon = entry.rfind(':');
      if (colon == std::string::npos) continue;
      const std::string host(configs::trim(entry.substr(0, colon)));
      const auto most = configs::parse_integer(entry.substr(colon + 1));
      if (!most || *most < 0 || *most > quota::unlimited) continue;
      if (const auto address = quota::numeric_address(host)) {
        limits.connections_of_address[*address] = static_cast<std::int32_t>(*most);
      } else {
        unknown_hosts.push_back(host);
      }
    }
  }
  // A listener without values of its own has those of the node (ListenerName.configPrefix).
  for (const std::string& name : listeners) {
    const std::string prefix = "listener.name." + lower_case(name) + ".";
    limits.listeners.push_back({number(values, prefix + "max.connections", limits.connections),
                                number(values, prefix + "max.connection.creation.rate", limits.new_per_second)});
  }
  return limits;
}

void add_address_rates(const metadata::MetadataImage& image, quota::ConnectionLimits& limits,
                       std::vector<std::string>& unknown_hosts) {
  for (const auto& [entity, quotas] : image.client_quotas()) {
    if (entity.size() != 1 || entity[0].type != "ip") continue;
    const auto rate = quotas.find("connection_creation_rate");
    if (rate == quotas.end()) continue;
    const auto most = static_cast<std::int32_t>(std::clamp(rate->second, 0.0, static_cast<double>(quota::unlimited)));
    if (!entity[0].name) {
      limits.new_per_second_per_address = most;
    } else if (const auto address = quota::numeric_address(*entity[0].name)) {
      limits.new_per_second_of_address[*address] = most;
    } else {
      unknown_hosts.push_back(*entity[0].name);
    }
  }
}

ConnectionFeed::ConnectionFeed(engine::Cores& cores, const configs::BrokerSettings& settings, std::int32_t most,
                               Logger log)
    : settings_(settings),
      log_(std::move(log)),
      brokers_{listeners_of(settings, Of::brokers),
               {cores, protection_of(settings, listeners_of(settings, Of::brokers))},
               most},
      controllers_{listeners_of(settings, Of::controllers),
                   {cores, protection_of(settings, listeners_of(settings, Of::controllers))},
                   quota::unlimited} {}

void ConnectionFeed::follow(engine::MetadataPublisher& publisher) {
  publisher.subscribe(*this);
  take(*publisher.image());
}

void ConnectionFeed::on_image(const metadata::ImageHandle& image, const metadata::MetadataDelta& delta) {
  const std::string self = std::to_string(settings_.node_id);
  const bool configured = std::ranges::any_of(delta.configs(), [&](const metadata::ConfigResource& resource) {
    return resource.type == metadata::ResourceType::broker && (resource.name.empty() || resource.name == self);
  });
  if (configured || delta.quotas_changed()) take(*image);
}

ConnectionFeed::Counter ConnectionFeed::counter_of(const std::string& listener) {
  Side& side = settings_.is_controller_listener(listener) ? controllers_ : brokers_;
  const auto found = std::ranges::find(side.listeners, listener);
  return {&side.owner, static_cast<std::uint32_t>(found - side.listeners.begin())};
}

void ConnectionFeed::take(const metadata::MetadataImage& image) {
  const configs::ConfigMap values = configs::effective_broker_configs(
      {settings_.text, image.configs(metadata::ResourceType::broker, ""),
       image.configs(metadata::ResourceType::broker, std::to_string(settings_.node_id))});
  std::vector<std::string> unknown_hosts;
  for (Side* side : {&brokers_, &controllers_}) {
    unknown_hosts.clear();
    quota::ConnectionLimits limits = connection_limits(values, side->listeners, unknown_hosts);
    add_address_rates(image, limits, unknown_hosts);
    limits.connections = std::min(limits.connections, side->most);
    side->owner.set_limits(std::move(limits));
  }
  if (std::exchange(told_hosts_, unknown_hosts) == unknown_hosts) return;
  for (const std::string& host : unknown_hosts)
    log_.warn(
        "{} is no numeric address, so what limits it (max.connections.per.ip.overrides, quotas of entity type ip) "
        "does not act",
        host);
}

}  // namespace highwater::node
