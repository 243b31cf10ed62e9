// The configuration of one node as typed values: what the rooms need, resolved once at start. The text it came from is
// kept beside it for DescribeConfigs. Built by node/config from a file and overrides; the simulator fills it by hand
// or through the same parser. Kafka: kafka.server.KafkaConfig, AbstractKafkaConfig and the classes they gather.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "foundation/base/ids.h"
#include "foundation/base/result.h"
#include "foundation/base/time.h"
#include "machines/configs/topic_settings.h"

namespace highwater::configs {

// Numbers as on the wire and in registration records (SecurityProtocol.id).
enum class SecurityProtocol : std::int16_t { plaintext = 0, ssl = 1, sasl_plaintext = 2, sasl_ssl = 3 };

std::string_view security_protocol_name(SecurityProtocol protocol);

struct Endpoint {
  std::string name;  // of the listener, upper case, as in "PLAINTEXT"
  std::string host;  // "" listens on every interface
  std::uint16_t port = 0;
  SecurityProtocol protocol = SecurityProtocol::plaintext;

  bool operator==(const Endpoint&) const = default;
};

struct QuorumVoter {
  NodeId id = no_node;
  std::string host;
  std::uint16_t port = 0;

  bool operator==(const QuorumVoter&) const = default;
};

struct QuorumSettings {
  std::vector<QuorumVoter> voters;             // controller.quorum.voters; empty: a quorum that can change (KIP-853)
  std::vector<std::string> bootstrap_servers;  // host:port
  Duration election_timeout = Duration::from_ms(1000);
  Duration election_backoff_max = Duration::from_ms(1000);
  Duration fetch_timeout = Duration::from_ms(2000);
  Duration request_timeout = Duration::from_ms(2000);
  Duration retry_backoff = Duration::from_ms(20);
  Duration append_linger = Duration::from_ms(25);
  bool auto_join = false;
};

struct MetadataLogSettings {
  std::int32_t segment_bytes = 1 << 30;
  std::int64_t segment_ms = 604'800'000;
  std::int64_t max_record_bytes_between_snapshots = 20 << 20;
  std::int64_t max_snapshot_interval_ms = 3'600'000;
  std::int64_t max_retention_bytes = 100 << 20;
  std::int64_t max_retention_ms = 604'800'000;
  Duration max_idle_interval = Duration::from_ms(500);  // 0: no NoOpRecords
};

struct LifecycleSettings {
  Duration heartbeat_interval = Duration::from_ms(2000);
  Duration session_timeout = Duration::from_ms(9000);
  Duration initial_registration_timeout = Duration::from_ms(60'000);
  bool controlled_shutdown = true;
};

struct NetworkSettings {
  std::int32_t request_max_bytes = 100 << 20;  // socket.request.max.bytes
  std::int32_t send_buffer_bytes = 100 << 10;  // -1: the system's
  std::int32_t receive_buffer_bytes = 100 << 10;
  std::int32_t listen_backlog = 50;
  std::int32_t queued_max_requests = 500;
  std::int64_t queued_max_request_bytes = -1;  // -1: without limit
  Duration connections_max_idle = Duration::from_ms(600'000);
  std::int32_t max_connections = INT32_MAX;
  std::int32_t max_connections_per_ip = INT32_MAX;
  Duration request_timeout = Duration::from_ms(30'000);
};

struct LogSettings {
  Duration retention_check_interval = Duration::from_ms(300'000);
  Duration flush_offset_checkpoint_interval = Duration::from_ms(60'000);
  Duration flush_start_offset_checkpoint_interval = Duration::from_ms(60'000);
  Duration high_watermark_checkpoint_interval = Duration::from_ms(5000);
  Duration flush_scheduler_interval = {INT64_MAX};
  Duration initial_task_delay = Duration::from_ms(30'000);
  std::int32_t recovery_threads_per_dir = 2;
  Duration producer_id_expiration = Duration::from_ms(86'400'000);
  Duration producer_id_expiration_check_interval = Duration::from_ms(600'000);
};

struct FetchSettings {
  std::int32_t max_bytes = 55 << 20;  // fetch.max.bytes
  std::int32_t session_slots = 1000;  // max.incremental.fetch.session.cache.slots
  std::int32_t replica_max_bytes = 1 << 20;
};

struct TopicCreationSettings {
  bool auto_create = true;
  bool delete_enabled = true;
  std::int32_t num_partitions = 1;
  std::int16_t default_replication_factor = 1;
  std::int32_t max_request_partitions = 2000;  // max.request.partition.size.limit, DescribeTopicPartitions
};

// The shape of a topic in which a coordinator keeps its state, for when it is made on demand.
struct StateTopicSettings {
  std::int32_t num_partitions = 50;
  std::int16_t replication_factor = 3;
  std::int32_t segment_bytes = 100 << 20;
  std::int32_t min_isr = 2;  // not for group_offsets, which takes what other topics have
};

struct StateTopics {
  StateTopicSettings group_offsets;      // offsets.topic.*
  StateTopicSettings transaction_state;  // transaction.state.log.*
  StateTopicSettings share_group_state;  // share.coordinator.state.topic.*
};

// Keys that Kafka does not have; all begin with `highwater.`.
struct OwnSettings {
  std::int32_t cores = 0;  // highwater.cores; 0: one reactor on one or two CPUs, else half of them, at most 4
  std::int64_t max_decompressed_batch_bytes = std::int64_t{2} << 30;
  std::int64_t tail_bytes = 32 << 20;                           // per core
  std::int64_t index_bytes = 32 << 20;                          // per core
  Duration request_read_timeout = Duration::from_ms(30'000);    // from the first to the last byte of a request
  Duration response_write_timeout = Duration::from_ms(30'000);  // in which the peer takes no byte of an answer
};

struct BrokerSettings {
  NodeId node_id = no_node;
  bool is_broker = false;
  bool is_controller = false;
  std::optional<std::string> rack;

  std::vector<Endpoint> listeners;             // of brokers and controllers, in the order of the key
  std::vector<Endpoint> advertised_listeners;  // what clients and peers are told; port 0 here: the port that was bound
  std::vector<std::string> controller_listener_names;
  std::string inter_broker_listener_name;

  std::vector<std::string> log_dirs;
  std::string metadata_log_dir;  // one of log_dirs or a directory of its own

  QuorumSettings quorum;
  MetadataLogSettings metadata_log;
  LifecycleSettings lifecycle;
  NetworkSettings network;
  LogSettings log;
  FetchSettings fetch;
  TopicCreationSettings topics;
  StateTopics state_topics;
  TopicSettings topic_defaults;
  OwnSettings own;

  std::int32_t transaction_max_timeout_ms = 900'000;
  bool unstable_api_versions = false;
  bool unstable_feature_versions = false;

  ConfigMap text;  // what was set, key by key, after providers were resolved

  bool is_controller_listener(std::string_view name) const;
};

// Types, bounds and the rules between keys. Fails with one sentence that names the key and what would be possible.
Result<BrokerSettings> resolve_broker_settings(ConfigMap text);

}  // namespace highwater::configs
