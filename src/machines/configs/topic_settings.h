// What a log does with its topic's configuration, as plain values. Resolved once per change of a configuration and
// copied to the partition's core; nobody looks at text on the way of a record.
// Kafka: org.apache.kafka.storage.internals.log.LogConfig, TopicConfig, ServerTopicConfigSynonyms.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>

#include "foundation/base/result.h"

namespace highwater::configs {

// Configuration as text, key by key, in name order.
using ConfigMap = std::map<std::string, std::string, std::less<>>;

enum class TimestampType : std::uint8_t { create_time, log_append_time };

// What the broker stores; `producer` keeps the codec of each batch as it came.
enum class CompressionChoice : std::uint8_t { producer, uncompressed, gzip, snappy, lz4, zstd };

// When an acknowledged record is safe: after fdatasync, or from the page cache as Kafka does (key `log.durability`).
enum class Durability : std::uint8_t { fsync, page_cache };

struct TopicSettings {
  // Segments.
  std::int32_t segment_bytes = 1 << 30;
  std::int64_t segment_ms = 604'800'000;
  std::int64_t segment_jitter_ms = 0;
  std::int32_t segment_index_bytes = 10 << 20;  // of the offset index; the time index takes 3/2 of it
  std::int32_t index_interval_bytes = 4096;
  std::int64_t file_delete_delay_ms = 60'000;
  bool preallocate = false;

  // What may be appended.
  std::int32_t max_message_bytes = 1'048'588;  // of one batch, header included
  TimestampType message_timestamp_type = TimestampType::create_time;
  std::int64_t message_timestamp_before_max_ms = INT64_MAX;
  std::int64_t message_timestamp_after_max_ms = 3'600'000;
  CompressionChoice compression_type = CompressionChoice::producer;
  std::int32_t compression_gzip_level = -1;
  std::int32_t compression_lz4_level = 9;
  std::int32_t compression_zstd_level = 3;

  // Replication.
  std::int32_t min_insync_replicas = 1;
  bool unclean_leader_election = false;

  // Retention. -1 is "without limit"; both cleanup flags off keeps everything for ever (KIP-1030).
  bool cleanup_delete = true;
  bool cleanup_compact = false;
  std::int64_t retention_ms = 604'800'000;
  std::int64_t retention_bytes = -1;
  std::int64_t local_retention_ms = -2;  // -2: as retention_ms
  std::int64_t local_retention_bytes = -2;
  bool remote_storage = false;

  // Compaction.
  double min_cleanable_dirty_ratio = 0.5;
  std::int64_t min_compaction_lag_ms = 0;
  std::int64_t max_compaction_lag_ms = INT64_MAX;
  std::int64_t delete_retention_ms = 86'400'000;

  // Flushing by count and by time; in fsync durability every acknowledged record is on the disk anyway.
  std::int64_t flush_messages = INT64_MAX;
  std::int64_t flush_ms = INT64_MAX;
  Durability durability = Durability::fsync;

  bool operator==(const TopicSettings&) const = default;
};

// The settings of a topic without any configuration of its own, on a broker with these (static and dynamic) values.
// Broker keys of one meaning are taken in Kafka's order: log.retention.ms before .minutes before .hours.
Result<TopicSettings> topic_defaults(const ConfigMap& broker);

// The settings of a topic whose own configuration is `overrides`. Fails with a sentence that names the key when a name
// is unknown or a value impossible: what reaches this from the metadata log was validated when it was accepted.
Result<TopicSettings> resolve_topic_settings(const TopicSettings& defaults, const ConfigMap& overrides);

// For CreateTopics and AlterConfigs: the text of the INVALID_CONFIG answer, or success. `defaults` decides rules
// between keys, as retention.ms against local.retention.ms (LogConfig.validate).
Result<void> validate_topic_configs(const TopicSettings& defaults, const ConfigMap& overrides);

}  // namespace highwater::configs
