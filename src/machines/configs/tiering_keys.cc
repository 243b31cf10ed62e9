// Tiered storage. Facts from the ConfigDefs of Kafka 4.3; one row per key:
// name, type, default, allowed values, importance, who may change it, whether it acts here, words.
#include "machines/configs/config_rows.h"

namespace highwater::configs {
namespace {

using enum ValueType;
using enum Importance;
using enum DynamicMode;
using enum Support;
using enum Visibility;

constexpr ConfigKey tiering_rows[] = {
    {"follower.fetch.last.tiered.offset.enable", boolean, "false", "", medium, cluster_wide, not_yet,
     "Whether a new follower starts at the end of the tiered log instead of its begin."},
    {"log.local.retention.bytes", int64, "-2", "-2..", medium, cluster_wide, not_yet,
     "Size of the local part of a tiered log; -2 follows `log.retention.bytes`."},
    {"log.local.retention.ms", int64, "-2", "-2..", medium, cluster_wide, not_yet,
     "Age up to which records of a tiered log are kept locally; -2 follows `log.retention.ms`."},
    {"remote.fetch.max.wait.ms", int32, "500", "1..", medium, cluster_wide, not_yet,
     "Longest wait of a fetch for tiered data."},
    {"remote.list.offsets.request.timeout.ms", int64, "30000", "1..", medium, cluster_wide, not_yet,
     "Longest wait of ListOffsets for tiered data."},
    {"remote.log.index.file.cache.total.size.bytes", int64, "1073741824", "1..", low, cluster_wide, not_yet,
     "Size of the cache of remote indexes."},
    {"remote.log.index.file.cache.ttl.ms", int64, "900000", "-1..", low, read_only, not_yet,
     "How long an unused remote index stays in the cache.", internal},
    {"remote.log.manager.copier.thread.pool.size", int32, "10", "1..", medium, cluster_wide, not_yet,
     "Copies of segments to remote storage at the same time."},
    {"remote.log.manager.copy.max.bytes.per.second", int64, "9223372036854775807", "1..", medium, cluster_wide, not_yet,
     "Limit of copies to remote storage."},
    {"remote.log.manager.copy.quota.window.num", int32, "11", "1..", medium, read_only, not_yet,
     "Samples kept for the limit of copies to remote storage."},
    {"remote.log.manager.copy.quota.window.size.seconds", int32, "1", "1..", medium, read_only, not_yet,
     "Length of one sample of that limit."},
    {"remote.log.manager.expiration.thread.pool.size", int32, "10", "1..", medium, cluster_wide, not_yet,
     "Deletions in remote storage at the same time."},
    {"remote.log.manager.fetch.max.bytes.per.second", int64, "9223372036854775807", "1..", medium, cluster_wide,
     not_yet, "Limit of reads from remote storage."},
    {"remote.log.manager.fetch.quota.window.num", int32, "11", "1..", medium, read_only, not_yet,
     "Samples kept for the limit of reads from remote storage."},
    {"remote.log.manager.fetch.quota.window.size.seconds", int32, "1", "1..", medium, read_only, not_yet,
     "Length of one sample of that limit."},
    {"remote.log.manager.follower.thread.pool.size", int32, "2", "1..", medium, cluster_wide, not_yet,
     "Followers of tiered partitions that are handled at the same time."},
    {"remote.log.manager.task.interval.ms", int64, "30000", "1..", low, read_only, not_yet,
     "How often segments are copied to and removed from remote storage."},
    {"remote.log.manager.task.retry.backoff.max.ms", int64, "30000", "1..", low, read_only, not_yet,
     "Longest pause before a failed copy is tried again.", internal},
    {"remote.log.manager.task.retry.backoff.ms", int64, "500", "1..", low, read_only, not_yet,
     "First pause before a failed copy is tried again.", internal},
    {"remote.log.manager.task.retry.jitter", float64, "0.2", "0..0.5", low, read_only, not_yet,
     "Random share of that pause.", internal},
    {"remote.log.manager.thread.pool.size", int32, "2", "1..", medium, read_only, without_effect,
     "Older limit of all work on remote storage."},
    {"remote.log.metadata.custom.metadata.max.bytes", int32, "128", "0..", low, read_only, not_yet,
     "Most bytes that a storage plug-in may keep per segment."},
    {"remote.log.metadata.manager.class.name", string,
     "org.apache.kafka.server.log.remote.metadata.storage.TopicBasedRemoteLogMetadataManager", "+", medium, read_only,
     not_yet, "Java class that keeps what is known of remote segments."},
    {"remote.log.metadata.manager.class.path", string, nullptr, "", medium, read_only, not_yet,
     "Where that class is found."},
    {"remote.log.metadata.manager.impl.prefix", string, "rlmm.config.", "+", medium, read_only, not_yet,
     "Prefix of the keys that go to that class."},
    {"remote.log.metadata.manager.listener.name", string, nullptr, "+", medium, read_only, not_yet,
     "Listener that it uses to reach brokers."},
    {"remote.log.reader.max.pending.tasks", int32, "100", "1..", medium, read_only, not_yet,
     "Most reads from remote storage that wait."},
    {"remote.log.reader.threads", int32, "10", "1..", medium, cluster_wide, not_yet,
     "Reads from remote storage at the same time."},
    {"remote.log.storage.manager.class.name", string, nullptr, "+", medium, read_only, not_yet,
     "Java class that copies segments to remote storage."},
    {"remote.log.storage.manager.class.path", string, nullptr, "", medium, read_only, not_yet,
     "Where that class is found."},
    {"remote.log.storage.manager.impl.prefix", string, "rsm.config.", "+", medium, read_only, not_yet,
     "Prefix of the keys that go to that class."},
    {"remote.log.storage.system.enable", boolean, "false", "", medium, read_only, not_yet,
     "Whether tiered storage exists on this broker."},
};

}  // namespace

std::span<const ConfigKey> tiering_keys() { return tiering_rows; }

}  // namespace highwater::configs
