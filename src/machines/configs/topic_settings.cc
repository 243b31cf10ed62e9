#include "machines/configs/topic_settings.h"

#include <fmt/format.h>

#include <algorithm>

#include "foundation/base/check.h"
#include "machines/configs/config_table.h"
#include "machines/configs/declared_order.h"
#include "machines/configs/java_order.h"
#include "machines/configs/values.h"

namespace highwater::configs {
namespace {

std::int64_t long_of(std::string_view text) { return parse_integer(text).value_or(0); }
std::int32_t int_of(std::string_view text) { return static_cast<std::int32_t>(long_of(text)); }
bool flag_of(std::string_view text) { return parse_boolean(text).value_or(false); }

CompressionChoice compression_of(std::string_view text) {
  if (text == "uncompressed") return CompressionChoice::uncompressed;
  if (text == "gzip") return CompressionChoice::gzip;
  if (text == "snappy") return CompressionChoice::snappy;
  if (text == "lz4") return CompressionChoice::lz4;
  if (text == "zstd") return CompressionChoice::zstd;
  return CompressionChoice::producer;
}

void set_cleanup(TopicSettings& settings, std::string_view text) {
  const auto policies = parse_list(text);
  settings.cleanup_delete = std::ranges::find(policies, "delete") != policies.end();
  settings.cleanup_compact = std::ranges::find(policies, "compact") != policies.end();
}

struct Field {
  std::string_view key;
  void (*set)(TopicSettings&, std::string_view);
};

using S = TopicSettings&;
using V = std::string_view;

// internal.segment.bytes stands behind segment.bytes: it wins where both are set.
constexpr Field fields[] = {
    {"segment.bytes", [](S s, V v) { s.segment_bytes = int_of(v); }},
    {"internal.segment.bytes", [](S s, V v) { s.segment_bytes = int_of(v); }},
    {"segment.ms", [](S s, V v) { s.segment_ms = long_of(v); }},
    {"segment.jitter.ms", [](S s, V v) { s.segment_jitter_ms = long_of(v); }},
    {"segment.index.bytes", [](S s, V v) { s.segment_index_bytes = int_of(v); }},
    {"index.interval.bytes", [](S s, V v) { s.index_interval_bytes = int_of(v); }},
    {"file.delete.delay.ms", [](S s, V v) { s.file_delete_delay_ms = long_of(v); }},
    {"preallocate", [](S s, V v) { s.preallocate = flag_of(v); }},
    {"max.message.bytes", [](S s, V v) { s.max_message_bytes = int_of(v); }},
    {"message.timestamp.type",
     [](S s, V v) {
       s.message_timestamp_type = v == "LogAppendTime" ? TimestampType::log_append_time : TimestampType::create_time;
     }},
    {"message.timestamp.before.max.ms", [](S s, V v) { s.message_timestamp_before_max_ms = long_of(v); }},
    {"message.timestamp.after.max.ms", [](S s, V v) { s.message_timestamp_after_max_ms = long_of(v); }},
    {"compression.type", [](S s, V v) { s.compression_type = compression_of(v); }},
    {"compression.gzip.level", [](S s, V v) { s.compression_gzip_level = int_of(v); }},
    {"compression.lz4.level", [](S s, V v) { s.compression_lz4_level = int_of(v); }},
    {"compression.zstd.level", [](S s, V v) { s.compression_zstd_level = int_of(v); }},
    {"min.insync.replicas", [](S s, V v) { s.min_insync_replicas = int_of(v); }},
    {"unclean.leader.election.enable", [](S s, V v) { s.unclean_leader_election = flag_of(v); }},
    {"cleanup.policy", set_cleanup},
    // Any negative age is "for ever", as -1.
    {"retention.ms", [](S s, V v) { s.retention_ms = std::max<std::int64_t>(-1, long_of(v)); }},
    {"retention.bytes", [](S s, V v) { s.retention_bytes = long_of(v); }},
    {"local.retention.ms", [](S s, V v) { s.local_retention_ms = long_of(v); }},
    {"local.retention.bytes", [](S s, V v) { s.local_retention_bytes = long_of(v); }},
    {"remote.storage.enable", [](S s, V v) { s.remote_storage = flag_of(v); }},
    {"min.cleanable.dirty.ratio", [](S s, V v) { s.min_cleanable_dirty_ratio = parse_double(v).value_or(0); }},
    {"min.compaction.lag.ms", [](S s, V v) { s.min_compaction_lag_ms = long_of(v); }},
    {"max.compaction.lag.ms", [](S s, V v) { s.max_compaction_lag_ms = long_of(v); }},
    {"delete.retention.ms", [](S s, V v) { s.delete_retention_ms = long_of(v); }},
    {"flush.messages", [](S s, V v) { s.flush_messages = long_of(v); }},
    {"flush.ms", [](S s, V v) { s.flush_ms = long_of(v); }},
    {"log.durability", [](S s, V v) { s.durability = v == "page-cache" ? Durability::page_cache : Durability::fsync; }},
};

Result<void> check_names_and_values(const ConfigMap& overrides) {
  const auto is_known = [](std::string_view name) { return find_config(Scope::topic, name) != nullptr; };
  if (!std::ranges::all_of(overrides, is_known, &ConfigMap::value_type::first)) {
    const auto names = java_order(overrides);
    return failure(fmt::format("Unknown topic config name: {}", *std::ranges::find_if_not(names, is_known)));
  }
  for (const auto at : in_declared_order(Scope::topic, overrides))
    if (auto checked = check_value(*find_config(Scope::topic, at->first), at->second); !checked) return checked;
  return {};
}

TopicSettings applied(TopicSettings settings, const ConfigMap& overrides) {
  for (const Field& field : fields)
    if (const auto found = overrides.find(field.key); found != overrides.end())
      field.set(settings, trim(found->second));
  return settings;
}

}  // namespace

Result<TopicSettings> topic_defaults(const ConfigMap& broker) {
  ConfigMap effective;
  for (const Field& field : fields) {
    for (const Synonym& synonym : broker_synonyms(field.key)) {
      const auto found = broker.find(synonym.broker_key);
      if (found == broker.end()) continue;
      const ConfigKey* key = find_config(Scope::broker, synonym.broker_key);
      HW_CHECK(key != nullptr);
      if (auto checked = check_value(*key, found->second); !checked) return std::unexpected(checked.error());
      effective[std::string(field.key)] =
          synonym.factor == 1 ? found->second : std::to_string(long_of(found->second) * synonym.factor);
      break;
    }
  }
  return applied({}, effective);
}

Result<TopicSettings> resolve_topic_settings(const TopicSettings& defaults, const ConfigMap& overrides) {
  if (auto checked = check_names_and_values(overrides); !checked) return std::unexpected(checked.error());
  return applied(defaults, overrides);
}

Result<void> validate_topic_configs(const TopicSettings& defaults, const ConfigMap& overrides) {
  const auto settings = resolve_topic_settings(defaults, overrides);
  if (!settings) return std::unexpected(settings.error());
  if (settings->min_compaction_lag_ms > settings->max_compaction_lag_ms)
    return failure(fmt::format("conflict topic config setting min.compaction.lag.ms ({}) > max.compaction.lag.ms ({})",
                               settings->min_compaction_lag_ms, settings->max_compaction_lag_ms));
  if (settings->remote_storage)
    return failure(
        "Tiered Storage functionality is disabled in the broker. Topic cannot be configured with remote log storage.");
  return {};
}

}  // namespace highwater::configs
