#include "machines/configs/config_table.h"

#include <algorithm>
#include <array>

#include "machines/configs/config_rows.h"

namespace highwater::configs {
namespace {

std::vector<ConfigKey> merged_broker_keys() {
  std::vector<ConfigKey> keys;
  for (const auto rows : {group_keys(), log_keys(), network_keys(), own_keys(), quorum_keys(), rate_keys(),
                          security_keys(), tiering_keys()})
    keys.insert(keys.end(), rows.begin(), rows.end());
  std::ranges::sort(keys, {}, &ConfigKey::name);
  return keys;
}

// "listener.name.<listener>.<key>", and for SASL "listener.name.<listener>.<mechanism>.<key>".
std::string_view without_listener_prefix(std::string_view name) {
  constexpr std::string_view prefix = "listener.name.";
  if (!name.starts_with(prefix)) return {};
  const std::size_t dot = name.find('.', prefix.size());
  return dot == std::string_view::npos ? std::string_view{} : name.substr(dot + 1);
}

const ConfigKey* find_in(std::span<const ConfigKey> keys, std::string_view name) {
  const auto found = std::ranges::lower_bound(keys, name, {}, &ConfigKey::name);
  return found != keys.end() && found->name == name ? &*found : nullptr;
}

// Levenshtein distance, given up beyond `limit`.
std::size_t edit_distance(std::string_view a, std::string_view b, std::size_t limit) {
  if (a.size() > b.size() + limit || b.size() > a.size() + limit) return limit + 1;
  std::vector<std::size_t> row(b.size() + 1);
  for (std::size_t j = 0; j <= b.size(); ++j) row[j] = j;
  for (std::size_t i = 1; i <= a.size(); ++i) {
    std::size_t diagonal = row[0];
    row[0] = i;
    for (std::size_t j = 1; j <= b.size(); ++j) {
      const std::size_t changed = diagonal + (a[i - 1] == b[j - 1] ? 0 : 1);
      diagonal = row[j];
      row[j] = std::min({changed, row[j] + 1, row[j - 1] + 1});
    }
  }
  return row[b.size()];
}

constexpr std::int64_t hour_ms = 3'600'000;
constexpr std::int64_t minute_ms = 60'000;

struct SynonymRow {
  std::string_view key;
  std::array<Synonym, 3> broker;
};

// Sorted by name. ServerTopicConfigSynonyms.ALL_TOPIC_CONFIG_SYNONYMS and GroupConfig.ALL_GROUP_CONFIG_SYNONYMS.
constexpr SynonymRow synonym_rows[] = {
    {"cleanup.policy", {{{"log.cleanup.policy"}}}},
    {"compression.gzip.level", {{{"compression.gzip.level"}}}},
    {"compression.lz4.level", {{{"compression.lz4.level"}}}},
    {"compression.type", {{{"compression.type"}}}},
    {"compression.zstd.level", {{{"compression.zstd.level"}}}},
    {"consumer.assignment.interval.ms", {{{"group.consumer.assignment.interval.ms"}}}},
    {"consumer.heartbeat.interval.ms", {{{"group.consumer.heartbeat.interval.ms"}}}},
    {"consumer.session.timeout.ms", {{{"group.consumer.session.timeout.ms"}}}},
    {"delete.retention.ms", {{{"log.cleaner.delete.retention.ms"}}}},
    {"file.delete.delay.ms", {{{"log.segment.delete.delay.ms"}}}},
    {"flush.messages", {{{"log.flush.interval.messages"}}}},
    {"flush.ms", {{{"log.flush.interval.ms"}, {"log.flush.scheduler.interval.ms"}}}},
    {"index.interval.bytes", {{{"log.index.interval.bytes"}}}},
    {"local.retention.bytes", {{{"log.local.retention.bytes"}}}},
    {"local.retention.ms", {{{"log.local.retention.ms"}}}},
    {"log.durability", {{{"log.durability"}}}},
    {"max.compaction.lag.ms", {{{"log.cleaner.max.compaction.lag.ms"}}}},
    {"max.message.bytes", {{{"message.max.bytes"}}}},
    {"message.timestamp.after.max.ms", {{{"log.message.timestamp.after.max.ms"}}}},
    {"message.timestamp.before.max.ms", {{{"log.message.timestamp.before.max.ms"}}}},
    {"message.timestamp.type", {{{"log.message.timestamp.type"}}}},
    {"min.cleanable.dirty.ratio", {{{"log.cleaner.min.cleanable.ratio"}}}},
    {"min.compaction.lag.ms", {{{"log.cleaner.min.compaction.lag.ms"}}}},
    {"min.insync.replicas", {{{"min.insync.replicas"}}}},
    {"preallocate", {{{"log.preallocate"}}}},
    {"retention.bytes", {{{"log.retention.bytes"}}}},
    {"retention.ms", {{{"log.retention.ms"}, {"log.retention.minutes", minute_ms}, {"log.retention.hours", hour_ms}}}},
    {"segment.bytes", {{{"log.segment.bytes"}}}},
    {"segment.index.bytes", {{{"log.index.size.max.bytes"}}}},
    {"segment.jitter.ms", {{{"log.roll.jitter.ms"}, {"log.roll.jitter.hours", hour_ms}}}},
    {"segment.ms", {{{"log.roll.ms"}, {"log.roll.hours", hour_ms}}}},
    {"share.assignment.interval.ms", {{{"group.share.assignment.interval.ms"}}}},
    {"share.delivery.count.limit", {{{"group.share.delivery.count.limit"}}}},
    {"share.heartbeat.interval.ms", {{{"group.share.heartbeat.interval.ms"}}}},
    {"share.partition.max.record.locks", {{{"group.share.partition.max.record.locks"}}}},
    {"share.record.lock.duration.ms", {{{"group.share.record.lock.duration.ms"}}}},
    {"share.session.timeout.ms", {{{"group.share.session.timeout.ms"}}}},
    {"streams.assignment.interval.ms", {{{"group.streams.assignment.interval.ms"}}}},
    {"streams.heartbeat.interval.ms", {{{"group.streams.heartbeat.interval.ms"}}}},
    {"streams.initial.rebalance.delay.ms", {{{"group.streams.initial.rebalance.delay.ms"}}}},
    {"streams.num.standby.replicas", {{{"group.streams.num.standby.replicas"}}}},
    {"streams.session.timeout.ms", {{{"group.streams.session.timeout.ms"}}}},
    {"unclean.leader.election.enable", {{{"unclean.leader.election.enable"}}}},
};

static_assert(std::ranges::is_sorted(synonym_rows, {}, &SynonymRow::key));

}  // namespace

std::span<const ConfigKey> config_keys(Scope scope) {
  switch (scope) {
    case Scope::broker: {
      static const std::vector<ConfigKey> keys = merged_broker_keys();
      return keys;
    }
    case Scope::topic:
      return topic_keys();
    case Scope::group:
      return group_resource_keys();
    case Scope::client_metrics:
      return client_metrics_keys();
  }
  return {};
}

const ConfigKey* find_config(Scope scope, std::string_view name) {
  const auto keys = config_keys(scope);
  if (const ConfigKey* key = find_in(keys, name)) return key;
  if (scope != Scope::broker) return nullptr;
  for (auto rest = without_listener_prefix(name); !rest.empty();) {
    if (const ConfigKey* key = find_in(keys, rest)) return key;
    const std::size_t dot = rest.find('.');
    // Only a SASL mechanism may stand between the listener and the key.
    if (dot == std::string_view::npos || !rest.substr(dot + 1).starts_with("sasl.")) return nullptr;
    rest.remove_prefix(dot + 1);
  }
  return nullptr;
}

bool is_broker_rate(std::string_view name) { return find_in(rate_keys(), name) != nullptr; }

std::string_view nearest_config(Scope scope, std::string_view name) {
  std::size_t best = std::max<std::size_t>(2, name.size() / 4) + 1;
  std::string_view nearest;
  for (const ConfigKey& key : config_keys(scope)) {
    if (key.visibility == Visibility::internal) continue;
    const std::size_t distance = edit_distance(name, key.name, best - 1);
    if (distance >= best) continue;
    best = distance;
    nearest = key.name;
  }
  return nearest;
}

std::span<const Synonym> broker_synonyms(std::string_view topic_key) {
  const auto found = std::ranges::lower_bound(synonym_rows, topic_key, {}, &SynonymRow::key);
  if (found == std::end(synonym_rows) || found->key != topic_key) return {};
  const auto count = static_cast<std::size_t>(
      std::ranges::count_if(found->broker, [](const Synonym& synonym) { return !synonym.broker_key.empty(); }));
  return {found->broker.data(), count};
}

}  // namespace highwater::configs
