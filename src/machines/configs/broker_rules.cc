#include "machines/configs/broker_rules.h"

#include <fmt/format.h>

#include <algorithm>

#include "machines/configs/dynamic_limits.h"
#include "machines/configs/endpoints.h"

namespace highwater::configs {
namespace {

Result<void> require(bool holds, std::string_view sentence) {
  if (holds) return {};
  return failure(std::string(sentence));
}

bool is_voter(const BrokerSettings& settings) {
  return std::ranges::find(settings.quorum.voters, settings.node_id, &QuorumVoter::id) != settings.quorum.voters.end();
}

bool has_listener(const std::vector<Endpoint>& endpoints, std::string_view name) {
  return std::ranges::find(endpoints, name, &Endpoint::name) != endpoints.end();
}

Result<void> check_quorum(const BrokerSettings& settings) {
  if (settings.quorum.voters.empty() && settings.quorum.bootstrap_servers.empty())
    return failure(
        "If using process.roles, either controller.quorum.bootstrap.servers must contain the set of bootstrap "
        "controllers or controller.quorum.voters must contain a parseable set of controllers.");
  if (settings.controller_listener_names.empty())
    return failure("controller.listener.names must contain at least one value");
  if (settings.is_controller) {
    if (!settings.quorum.voters.empty() && !is_voter(settings))
      return failure(
          fmt::format("If process.roles contains the 'controller' role, the node id {} must be included in "
                      "the set of voters of controller.quorum.voters",
                      settings.node_id));
    const auto& names = settings.controller_listener_names;
    const auto listens = [&](const std::string& name) { return has_listener(settings.listeners, name); };
    if (!std::ranges::all_of(names, listens))
      return failure(
          fmt::format("controller.listener.names must {} appearing in the 'listeners' configuration when running the "
                      "KRaft controller role",
                      std::ranges::any_of(names, listens) ? "only contain values" : "contain at least one value"));
    return {};
  }
  if (is_voter(settings))
    return failure(
        fmt::format("If process.roles contains just the 'broker' role, the node id {} must not be included "
                    "in the set of voters of controller.quorum.voters",
                    settings.node_id));
  for (const Endpoint& listener : settings.listeners)
    if (settings.is_controller_listener(listener.name))
      return failure(
          "controller.listener.names must not contain a value appearing in the 'listeners' configuration "
          "when running KRaft with just the broker role");
  return require(!settings.quorum.auto_join,
                 "controller.quorum.auto.join.enable is only supported when process.roles contains the 'controller' "
                 "role.");
}

Result<void> check_advertised(const BrokerSettings& settings) {
  bool broker_listener = false;
  for (const Endpoint& endpoint : settings.advertised_listeners) {
    if (endpoint.host == "0.0.0.0")
      return failure(
          "advertised.listeners cannot use the nonroutable meta-address 0.0.0.0. Use a routable IP address.");
    if (!has_listener(settings.listeners, endpoint.name))
      return failure(
          fmt::format("advertised.listeners listener names must be equal to or a subset of the ones defined "
                      "in listeners, but {} is not there",
                      endpoint.name));
    broker_listener = broker_listener || !settings.is_controller_listener(endpoint.name);
  }
  if (!settings.is_broker)
    return require(!broker_listener,
                   "The listeners config must only contain KRaft controller listeners from controller.listener.names "
                   "when process.roles=controller");
  if (!broker_listener)
    return failure(
        "There must be at least one broker advertised listener. Perhaps all listeners appear in "
        "controller.listener.names?");
  if (!has_listener(settings.advertised_listeners, settings.inter_broker_listener_name) ||
      settings.is_controller_listener(settings.inter_broker_listener_name))
    return failure(
        fmt::format("inter.broker.listener.name must be a listener name defined in advertised.listeners, but "
                    "{} is not: set inter.broker.listener.name to one of them",
                    settings.inter_broker_listener_name));
  return {};
}

Result<void> check_numbers(const BrokerSettings& settings, const ConfigReader& config) {
  const TopicSettings& topic = settings.topic_defaults;
  const std::int64_t wait = config.integer("replica.fetch.wait.max.ms");
  const std::int64_t cleaners = config.integer("log.cleaner.threads");
  struct Rule {
    bool holds;
    std::string_view sentence;
  };
  const Rule rules[] = {
      {topic.segment_ms >= 1, "log.roll.ms must be greater than or equal to 1"},
      {topic.segment_jitter_ms >= 0, "log.roll.jitter.ms must be greater than or equal to 0"},
      {topic.retention_ms >= 1 || topic.retention_ms == -1,
       "log.retention.ms must be unlimited (-1) or, greater than or equal to 1"},
      {!settings.log_dirs.empty(), "At least one log directory must be defined via log.dirs or log.dir."},
      {wait <= config.integer("replica.socket.timeout.ms"),
       "replica.socket.timeout.ms should always be at least replica.fetch.wait.max.ms to prevent unnecessary socket "
       "timeouts"},
      {wait <= config.integer("replica.lag.time.max.ms"),
       "replica.fetch.wait.max.ms should always be less than or equal to replica.lag.time.max.ms to prevent frequent "
       "changes in ISR"},
      {settings.network.queued_max_request_bytes <= 0 ||
           settings.network.queued_max_request_bytes >= settings.network.request_max_bytes,
       "queued.max.request.bytes must be larger or equal to socket.request.max.bytes"},
      {topic.min_compaction_lag_ms <= topic.max_compaction_lag_ms,
       "log.cleaner.min.compaction.lag.ms must not be larger than log.cleaner.max.compaction.lag.ms"},
      {!config.is_set("node.id") || !config.is_set("broker.id") || config.int32("broker.id") == settings.node_id,
       "You must set `node.id` to the same value as `broker.id`."},
      {cleaners >= 1, "log.cleaner.threads must be at least 1"},
      {config.integer("log.cleaner.dedupe.buffer.size") / std::max<std::int64_t>(cleaners, 1) > 1 << 20,
       "log.cleaner.dedupe.buffer.size must be at least 1MB per cleaner thread."},
      {settings.node_id >= 0, "Invalid value for configuration node.id: Value must be at least 0"},
  };
  for (const Rule& rule : rules)
    if (!rule.holds) return failure(std::string(rule.sentence));
  return {};
}

Result<void> check_cordoned(const BrokerSettings& settings, const ConfigReader& config) {
  const auto cordoned = config.list("cordoned.log.dirs");
  if (std::ranges::find(cordoned, "*") != cordoned.end())
    return require(cordoned.size() == 1, "When cordoned.log.dirs is set to *, it must not contain other values");
  std::vector<std::string> unknown;
  for (const std::string& directory : cordoned)
    if (std::ranges::find(settings.log_dirs, directory) == settings.log_dirs.end()) unknown.push_back(directory);
  if (unknown.empty()) return {};
  return failure(
      fmt::format("All entries in cordoned.log.dirs must be present in log.dirs or log.dir. Missing entries : {}",
                  fmt::join(unknown, ", ")));
}

Result<void> check_connections(const BrokerSettings& settings, const ConfigReader& config) {
  constexpr std::string_view key = "max.connections.per.ip.overrides";
  ConfigMap overrides;
  if (std::string text = config.text(key); !text.empty()) overrides.emplace(key, std::move(text));
  if (auto checked = check_connection_overrides(overrides); !checked)
    return failure(
        fmt::format("Invalid value {} for configuration {}: {}", config.text(key), key, checked.error().text));
  return require(settings.network.max_connections_per_ip != 0 || !overrides.empty(),
                 "max.connections.per.ip can be set to zero only if max.connections.per.ip.overrides property is set.");
}

Result<void> check_inter_broker(const ConfigReader& config) {
  return require(!config.is_set("inter.broker.listener.name") || !config.is_set("security.inter.broker.protocol"),
                 "Only one of inter.broker.listener.name and security.inter.broker.protocol should be set.");
}

// What is not built yet and would silently leave the node open to everybody, or a promise about data unkept, is
// refused, not ignored.
struct Refused {
  std::string_view key;
  std::string_view missing;
  std::string_view danger;
};

constexpr Refused refused_classes[] = {
    {"authorizer.class.name", "has no authorizer yet",
     "everybody who can connect could do everything, whatever ACLs say"},
    {"create.topic.policy.class.name", "loads no policies", "every topic that it forbids could be created"},
    {"alter.config.policy.class.name", "loads no policies", "every change that it forbids could be made"},
    {"client.quota.callback.class", "loads no callbacks", "its quotas would hold nobody back"},
};

Result<void> check_unbuilt(const ConfigReader& config) {
  for (const auto& [key, missing, danger] : refused_classes)
    if (const std::string name = config.text(key); !name.empty())
      return failure(
          fmt::format("{} asks for {}, but this version of Highwater {}: {}. Take the key out to run the node so", key,
                      name, missing, danger));
  return require(
      !config.boolean("remote.log.storage.system.enable"),
      "remote.log.storage.system.enable asks for tiered storage, but this version of Highwater has none yet: "
      "what other nodes have moved to remote storage could not be read. Take the key out to run the node so");
}

Result<void> check_security(const BrokerSettings& settings) {
  for (const Endpoint& listener : settings.listeners)
    if (listener.protocol != SecurityProtocol::plaintext)
      return failure(
          fmt::format("listener {} asks for {}, which this version of Highwater cannot speak yet: use "
                      "PLAINTEXT in listener.security.protocol.map",
                      listener.name, security_protocol_name(listener.protocol)));
  return {};
}

}  // namespace

Result<void> check_rules(const BrokerSettings& settings, const ConfigReader& config) {
  if (auto checked = check_numbers(settings, config); !checked) return checked;
  if (auto checked = check_cordoned(settings, config); !checked) return checked;
  if (auto checked = check_quorum(settings); !checked) return checked;
  if (auto checked = check_inter_broker(config); !checked) return checked;
  if (auto checked = check_advertised(settings); !checked) return checked;
  if (auto checked = check_connections(settings, config); !checked) return checked;
  if (auto checked = check_unbuilt(config); !checked) return checked;
  return check_security(settings);
}

}  // namespace highwater::configs
