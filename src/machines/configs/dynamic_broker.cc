#include "machines/configs/dynamic_broker.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <span>

#include "machines/configs/alter_op.h"
#include "machines/configs/broker_settings.h"
#include "machines/configs/declared_order.h"
#include "machines/configs/dynamic_limits.h"
#include "machines/configs/java_order.h"
#include "machines/configs/values.h"

namespace highwater::configs {
namespace {

constexpr std::array<std::string_view, 2> roll = {"log.roll.ms", "log.roll.hours"};
constexpr std::array<std::string_view, 2> jitter = {"log.roll.jitter.ms", "log.roll.jitter.hours"};
constexpr std::array<std::string_view, 3> retention = {"log.retention.ms", "log.retention.minutes",
                                                       "log.retention.hours"};
constexpr std::array<std::string_view, 2> flush = {"log.flush.interval.ms", "log.flush.scheduler.interval.ms"};
constexpr std::span<const std::string_view> families[] = {roll, jitter, retention};

// SslConfigs.RECONFIGURABLE_CONFIGS: these may change for a listener, named by its prefix, and not for all at once.
constexpr std::string_view listener_security[] = {"ssl.key.password",
                                                  "ssl.keystore.certificate.chain",
                                                  "ssl.keystore.key",
                                                  "ssl.keystore.location",
                                                  "ssl.keystore.password",
                                                  "ssl.keystore.type",
                                                  "ssl.truststore.certificates",
                                                  "ssl.truststore.location",
                                                  "ssl.truststore.password",
                                                  "ssl.truststore.type"};
// Keys of a listener that may be set for all brokers.
constexpr std::string_view cluster_listener_keys[] = {"max.connection.creation.rate", "max.connections",
                                                      "num.network.threads"};

constexpr std::string_view listener_prefix = "listener.name.";

// The key behind "listener.name.<listener>.", or nothing.
std::string_view listener_key(std::string_view name) {
  if (!name.starts_with(listener_prefix)) return {};
  const std::size_t dot = name.find('.', listener_prefix.size());
  return dot == std::string_view::npos ? std::string_view() : name.substr(dot + 1);
}

const ConfigKey* find_exactly(std::string_view name) {
  const ConfigKey* key = find_config(Scope::broker, name);
  return key != nullptr && key->name == name ? key : nullptr;
}

bool is_read_only(std::string_view name) {
  const ConfigKey* key = find_exactly(name);
  return key != nullptr && key->dynamic == DynamicMode::read_only;
}

bool is_bare_security(std::string_view name) {
  return std::ranges::find(listener_security, name) != std::end(listener_security);
}

bool is_for_one_broker(std::string_view name) {
  if (const std::string_view base = listener_key(name); !base.empty())
    return std::ranges::find(cluster_listener_keys, base) == std::end(cluster_listener_keys);
  const ConfigKey* key = find_exactly(name);
  return key != nullptr && key->dynamic == DynamicMode::per_broker;
}

// A class of Java can be named, not loaded.
Result<void> check_class(const ConfigKey& key, std::string_view text) {
  if (key.type != ValueType::class_name || text.empty()) return {};
  if (key.default_text != nullptr && text == key.default_text) return {};
  return failure(
      fmt::format("Invalid value {} for configuration {}: Class {} could not be found.", text, key.name, text));
}

Result<void> check_type(std::string_view name, std::string_view value) {
  const std::string_view base = listener_key(name);
  const ConfigKey* key = find_exactly(base.empty() ? name : base);
  if (key == nullptr) return {};
  if (auto checked = check_value(*key, value); !checked) return checked;
  return check_class(*key, trim(value));
}

template <class Predicate>
Result<void> refuse_those(const ConfigMap& proposed, Predicate refused, std::string_view sentence) {
  std::vector<std::string_view> names = java_order(proposed);
  std::erase_if(names, [refused](std::string_view name) { return !refused(name); });
  if (names.empty()) return {};
  return failure(fmt::format("{}: [{}]", sentence, fmt::join(names, ", ")));
}

// A listener's own key is looked at as the key for all listeners is.
Result<void> check_types(const ConfigMap& proposed) {
  ConfigMap plain;
  for (const auto& [name, value] : proposed) {
    const std::string_view base = listener_key(name);
    plain.insert_or_assign(std::string(base.empty() ? name : base), value);
  }
  for (const auto at : in_declared_order(Scope::broker, plain))
    if (auto checked = check_type(at->first, at->second); !checked) return checked;
  return {};
}

void cover(ConfigMap& below, const ConfigMap& above) {
  for (const auto& [name, value] : above) {
    for (const std::string_view member : broker_key_family(name))
      if (const auto found = below.find(member); found != below.end()) below.erase(found);
    below[name] = value;
  }
}

}  // namespace

std::vector<std::string_view> broker_key_family(std::string_view name) {
  for (const auto& family : families)
    if (std::ranges::find(family, name) != family.end()) return {family.begin(), family.end()};
  if (name == flush.front()) return {flush.begin(), flush.end()};
  return {name};
}

ConfigMap usable_dynamic_configs(const ConfigMap& stored, BrokerLevel level) {
  ConfigMap usable;
  for (const auto& [name, value] : stored) {
    if (is_read_only(name) || is_bare_security(name) || !check_type(name, value)) continue;
    if (level == BrokerLevel::all_brokers && is_for_one_broker(name)) continue;
    usable.emplace(name, value);
  }
  return usable;
}

ConfigMap effective_broker_configs(const BrokerLayers& layers) {
  ConfigMap effective = layers.file;
  cover(effective, usable_dynamic_configs(layers.all_brokers, BrokerLevel::all_brokers));
  cover(effective, usable_dynamic_configs(layers.this_broker, BrokerLevel::one_broker));
  return effective;
}

bool acts_while_running(const ConfigKey& key) {
  if (key.support != Support::built) return key.support == Support::without_effect;
  if (key.name.starts_with("max.connection")) return true;
  return std::ranges::any_of(config_keys(Scope::topic), [&](const ConfigKey& topic) {
    return std::ranges::find(broker_synonyms(topic.name), key.name, &Synonym::broker_key) !=
           broker_synonyms(topic.name).end();
  });
}

Result<void> check_broker_change(const BrokerLayers& layers, BrokerLevel level, const ConfigMap& proposed) {
  if (auto checked = refuse_those(proposed, is_read_only, "Cannot update these configs dynamically"); !checked)
    return checked;
  if (auto checked = refuse_those(proposed, is_bare_security,
                                  "These security configs can be dynamically updated only per-listener using the "
                                  "listener prefix");
      !checked)
    return checked;
  if (auto checked = check_types(proposed); !checked) return checked;
  if (level == BrokerLevel::all_brokers) {
    auto checked = refuse_those(proposed, is_for_one_broker,
                                "Cannot update these configs at default cluster level, broker id must be specified");
    if (!checked) return checked;
  }
  const ConfigMap before = effective_broker_configs(layers);
  const bool one = level == BrokerLevel::one_broker;
  const ConfigMap after =
      effective_broker_configs({layers.file, one ? layers.all_brokers : proposed, one ? proposed : layers.this_broker});
  if (auto checked = check_connection_overrides(after); !checked) return checked;
  const auto resolved = resolve_broker_settings(after);
  if (!resolved) return failure("requirement failed: " + resolved.error().text);
  const auto reachable = check_reachable({before, after}, *resolved);
  if (reachable) return {};
  return failure(
      fmt::format("Invalid value org.apache.kafka.common.config.ConfigException: {} for configuration "
                  "Invalid dynamic configuration",
                  reachable.error().text));
}

}  // namespace highwater::configs
