#include "machines/configs/broker_settings.h"

#include <fmt/format.h>

#include <algorithm>

#include "machines/configs/broker_rules.h"
#include "machines/configs/config_table.h"
#include "machines/configs/endpoints.h"
#include "machines/configs/values.h"

namespace highwater::configs {
namespace {

Result<void> check_values(const ConfigMap& text) {
  for (const auto& [name, value] : text) {
    const ConfigKey* key = find_config(Scope::broker, name);
    if (key == nullptr) continue;  // unknown keys are the node's to warn about
    if (auto checked = check_value(*key, value); !checked) return checked;
  }
  return {};
}

Result<void> check_required(const ConfigMap& text) {
  struct Required {
    std::string_view key;
    std::string_view way_out;
  };
  constexpr Required required[] = {
      {"process.roles", "set it to broker,controller for a node that is a cluster by itself"},
      {"node.id", "set it to a number that no other node of the cluster has"},
      {"controller.listener.names", "set it to the name of the controllers' listener, for example CONTROLLER"},
  };
  for (const auto& [key, way_out] : required) {
    if (text.contains(key) || (key == "node.id" && text.contains("broker.id"))) continue;
    return failure(fmt::format("Missing required configuration \"{}\" which has no default value: {}", key, way_out));
  }
  return {};
}

Duration ms_of(const ConfigReader& config, std::string_view key) {
  const std::int64_t ms = config.integer(key);
  return {ms > INT64_MAX / 1'000'000 ? INT64_MAX : ms * 1'000'000};
}

void fill_quorum(BrokerSettings& settings, const ConfigReader& config) {
  QuorumSettings& quorum = settings.quorum;
  quorum.bootstrap_servers = config.list("controller.quorum.bootstrap.servers");
  quorum.election_timeout = ms_of(config, "controller.quorum.election.timeout.ms");
  quorum.election_backoff_max = ms_of(config, "controller.quorum.election.backoff.max.ms");
  quorum.fetch_timeout = ms_of(config, "controller.quorum.fetch.timeout.ms");
  quorum.request_timeout = ms_of(config, "controller.quorum.request.timeout.ms");
  quorum.retry_backoff = ms_of(config, "controller.quorum.retry.backoff.ms");
  quorum.append_linger = ms_of(config, "controller.quorum.append.linger.ms");
  quorum.auto_join = config.boolean("controller.quorum.auto.join.enable");
  MetadataLogSettings& log = settings.metadata_log;
  log.segment_bytes = config.int32("metadata.log.segment.bytes");
  if (config.is_set("internal.metadata.log.segment.bytes"))
    log.segment_bytes = config.int32("internal.metadata.log.segment.bytes");
  log.segment_ms = config.integer("metadata.log.segment.ms");
  log.max_record_bytes_between_snapshots = config.integer("metadata.log.max.record.bytes.between.snapshots");
  log.max_snapshot_interval_ms = config.integer("metadata.log.max.snapshot.interval.ms");
  log.max_retention_bytes = config.integer("metadata.max.retention.bytes");
  log.max_retention_ms = config.integer("metadata.max.retention.ms");
  log.max_idle_interval = ms_of(config, "metadata.max.idle.interval.ms");
  LifecycleSettings& lifecycle = settings.lifecycle;
  lifecycle.heartbeat_interval = ms_of(config, "broker.heartbeat.interval.ms");
  lifecycle.session_timeout = ms_of(config, "broker.session.timeout.ms");
  lifecycle.initial_registration_timeout = ms_of(config, "initial.broker.registration.timeout.ms");
  lifecycle.controlled_shutdown = config.boolean("controlled.shutdown.enable");
}

void fill_network(BrokerSettings& settings, const ConfigReader& config) {
  NetworkSettings& network = settings.network;
  network.request_max_bytes = config.int32("socket.request.max.bytes");
  network.send_buffer_bytes = config.int32("socket.send.buffer.bytes");
  network.receive_buffer_bytes = config.int32("socket.receive.buffer.bytes");
  network.listen_backlog = config.int32("socket.listen.backlog.size");
  network.queued_max_requests = config.int32("queued.max.requests");
  network.queued_max_request_bytes = config.integer("queued.max.request.bytes");
  network.connections_max_idle = ms_of(config, "connections.max.idle.ms");
  network.max_connections = config.int32("max.connections");
  network.max_connections_per_ip = config.int32("max.connections.per.ip");
  network.request_timeout = ms_of(config, "request.timeout.ms");
  settings.fetch.max_bytes = config.int32("fetch.max.bytes");
  settings.fetch.session_slots = config.int32("max.incremental.fetch.session.cache.slots");
  settings.fetch.replica_max_bytes = config.int32("replica.fetch.max.bytes");
}

void fill_logs(BrokerSettings& settings, const ConfigReader& config) {
  LogSettings& log = settings.log;
  log.retention_check_interval = ms_of(config, "log.retention.check.interval.ms");
  log.flush_offset_checkpoint_interval = ms_of(config, "log.flush.offset.checkpoint.interval.ms");
  log.flush_start_offset_checkpoint_interval = ms_of(config, "log.flush.start.offset.checkpoint.interval.ms");
  log.high_watermark_checkpoint_interval = ms_of(config, "replica.high.watermark.checkpoint.interval.ms");
  log.flush_scheduler_interval = ms_of(config, "log.flush.scheduler.interval.ms");
  log.initial_task_delay = ms_of(config, "log.initial.task.delay.ms");
  log.recovery_threads_per_dir = config.int32("num.recovery.threads.per.data.dir");
  log.producer_id_expiration = ms_of(config, "producer.id.expiration.ms");
  log.producer_id_expiration_check_interval = ms_of(config, "producer.id.expiration.check.interval.ms");
  TopicCreationSettings& topics = settings.topics;
  topics.auto_create = config.boolean("auto.create.topics.enable");
  topics.delete_enabled = config.boolean("delete.topic.enable");
  topics.num_partitions = config.int32("num.partitions");
  topics.default_replication_factor = static_cast<std::int16_t>(config.int32("default.replication.factor"));
  topics.max_request_partitions = config.int32("max.request.partition.size.limit");
  settings.transaction_max_timeout_ms = config.int32("transaction.max.timeout.ms");
  settings.unstable_api_versions = config.boolean("unstable.api.versions.enable");
  settings.unstable_feature_versions = config.boolean("unstable.feature.versions.enable");
  settings.own.cores = config.int32("highwater.cores");
  settings.own.max_decompressed_batch_bytes = config.integer("highwater.max.decompressed.batch.bytes");
  settings.own.tail_bytes = config.integer("highwater.tail.bytes");
  settings.own.index_bytes = config.integer("highwater.index.bytes");
  settings.own.request_read_timeout = ms_of(config, "highwater.request.read.timeout.ms");
  settings.own.response_write_timeout = ms_of(config, "highwater.response.write.timeout.ms");
}

StateTopicSettings state_topic(const ConfigReader& config, std::string_view prefix) {
  const auto value = [&](std::string_view name) { return config.int32(std::string(prefix).append(name)); };
  return {value("num.partitions"), static_cast<std::int16_t>(value("replication.factor")), value("segment.bytes"), 0};
}

void fill_state_topics(BrokerSettings& settings, const ConfigReader& config) {
  StateTopics& topics = settings.state_topics;
  topics.group_offsets = state_topic(config, "offsets.topic.");
  topics.transaction_state = state_topic(config, "transaction.state.log.");
  topics.transaction_state.min_isr = config.int32("transaction.state.log.min.isr");
  topics.share_group_state = state_topic(config, "share.coordinator.state.topic.");
  topics.share_group_state.min_isr = config.int32("share.coordinator.state.topic.min.isr");
}

void fill_identity(BrokerSettings& settings, const ConfigReader& config) {
  settings.node_id = config.int32(config.is_set("node.id") ? "node.id" : "broker.id");
  for (const std::string& role : config.list("process.roles"))
    (role == "broker" ? settings.is_broker : settings.is_controller) = true;
  if (const auto rack = config.find("broker.rack")) settings.rack = std::string(*rack);
  settings.controller_listener_names = config.list("controller.listener.names");
  settings.log_dirs = config.list(config.is_set("log.dirs") ? "log.dirs" : "log.dir");
  settings.metadata_log_dir = config.text("metadata.log.dir");
  if (settings.metadata_log_dir.empty() && !settings.log_dirs.empty())
    settings.metadata_log_dir = settings.log_dirs.front();
}

// Brokers advertise advertised.listeners or their listeners; a controller listener that is not advertised speaks for
// itself, or as its voter entry says when it listens on every interface.
void add_controller_endpoints(BrokerSettings& settings) {
  for (const Endpoint& listener : settings.listeners) {
    if (!settings.is_controller_listener(listener.name)) continue;
    if (std::ranges::find(settings.advertised_listeners, listener.name, &Endpoint::name) !=
        settings.advertised_listeners.end())
      continue;
    Endpoint advertised = listener;
    const auto voter = std::ranges::find(settings.quorum.voters, settings.node_id, &QuorumVoter::id);
    if ((advertised.host.empty() || advertised.host == "0.0.0.0") && voter != settings.quorum.voters.end()) {
      advertised.host = voter->host;
      advertised.port = voter->port;
    }
    settings.advertised_listeners.push_back(std::move(advertised));
  }
}

Result<void> fill_endpoints(BrokerSettings& settings, const ConfigReader& config) {
  auto voters = parse_voters(config.list("controller.quorum.voters"));
  if (!voters) return std::unexpected(voters.error());
  settings.quorum.voters = std::move(*voters);
  if (auto checked = check_bootstrap_servers(settings.quorum.bootstrap_servers); !checked) return checked;

  const auto protocols = security_protocols(config);
  if (!protocols) return std::unexpected(protocols.error());
  auto listeners = parse_endpoints("listeners", config.list("listeners"), *protocols, SamePorts::refused);
  if (!listeners) return std::unexpected(listeners.error());
  settings.listeners = std::move(*listeners);
  if (config.is_set("advertised.listeners")) {
    auto advertised =
        parse_endpoints("advertised.listeners", config.list("advertised.listeners"), *protocols, SamePorts::allowed);
    if (!advertised) return std::unexpected(advertised.error());
    settings.advertised_listeners = std::move(*advertised);
  } else {
    for (const Endpoint& listener : settings.listeners)
      if (!settings.is_controller_listener(listener.name)) settings.advertised_listeners.push_back(listener);
  }
  add_controller_endpoints(settings);
  settings.inter_broker_listener_name =
      upper_case(config.is_set("inter.broker.listener.name") ? config.text("inter.broker.listener.name")
                                                             : config.text("security.inter.broker.protocol"));
  return {};
}

}  // namespace

bool BrokerSettings::is_controller_listener(std::string_view name) const {
  return std::ranges::find(controller_listener_names, name) != controller_listener_names.end();
}

Result<BrokerSettings> resolve_broker_settings(ConfigMap text) {
  if (auto checked = check_values(text); !checked) return std::unexpected(checked.error());
  if (auto checked = check_required(text); !checked) return std::unexpected(checked.error());
  BrokerSettings settings;
  const ConfigReader config(Scope::broker, text);
  fill_identity(settings, config);
  fill_quorum(settings, config);
  fill_network(settings, config);
  fill_logs(settings, config);
  fill_state_topics(settings, config);
  if (auto filled = fill_endpoints(settings, config); !filled) return std::unexpected(filled.error());
  auto defaults = topic_defaults(text);
  if (!defaults) return std::unexpected(defaults.error());
  settings.topic_defaults = *defaults;
  if (auto checked = check_rules(settings, config); !checked) return std::unexpected(checked.error());
  // Either name stands for both (KafkaConfig.populateSynonyms); whoever reads the text finds both.
  for (const char* name : {"node.id", "broker.id"}) text.try_emplace(name, std::to_string(settings.node_id));
  settings.text = std::move(text);
  return settings;
}

}  // namespace highwater::configs
