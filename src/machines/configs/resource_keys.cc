// Keys of topics, of groups and of client metrics subscriptions. Facts from the ConfigDefs of Kafka 4.3; one row per
// key: name, type, default, allowed values, importance, who may change it, whether it acts here, words.
#include "machines/configs/config_rows.h"

namespace highwater::configs {
namespace {

using enum ValueType;
using enum Importance;
using enum DynamicMode;
using enum Support;
using enum Visibility;

constexpr ConfigKey topic_rows[] = {
    {"cleanup.policy", list, "delete", "compact|delete", medium, cluster_wide, not_yet,
     "What happens to old segments: `delete`, `compact`, both, or nothing when empty."},
    {"compression.gzip.level", int32, "-1", "1..9|-1", medium, cluster_wide, built,
     "Level for batches that the broker compresses with gzip."},
    {"compression.lz4.level", int32, "9", "1..17", medium, cluster_wide, built,
     "Level for batches that the broker compresses with lz4."},
    {"compression.type", string, "producer", "uncompressed|zstd|lz4|snappy|gzip|producer", medium, cluster_wide, built,
     "Codec in which batches are stored; `producer` keeps them as they came."},
    {"compression.zstd.level", int32, "3", "-131072..22", medium, cluster_wide, built,
     "Level for batches that the broker compresses with zstd."},
    {"delete.retention.ms", int64, "86400000", "0..", medium, cluster_wide, not_yet,
     "How long tombstones stay readable in a compacted topic."},
    {"file.delete.delay.ms", int64, "60000", "0..", medium, cluster_wide, built,
     "Delay between marking a file for deletion and removing it."},
    {"flush.messages", int64, "9223372036854775807", "1..", medium, cluster_wide, not_yet,
     "Records after which the log is flushed."},
    {"flush.ms", int64, "9223372036854775807", "0..", medium, cluster_wide, not_yet,
     "Time after which the log is flushed."},
    {"follower.replication.throttled.replicas", list, "", "#replicas", medium, cluster_wide, not_yet,
     "Replicas whose followers are throttled, partition:broker pairs or `*`."},
    {"index.interval.bytes", int32, "4096", "0..", medium, cluster_wide, built,
     "Bytes of records per entry of the offset index."},
    {"internal.segment.bytes", int32, nullptr, "", medium, cluster_wide, built, "Segment size in tests.", internal},
    {"leader.replication.throttled.replicas", list, "", "#replicas", medium, cluster_wide, not_yet,
     "Replicas whose leaders are throttled, partition:broker pairs or `*`."},
    {"local.retention.bytes", int64, "-2", "-2..", medium, cluster_wide, not_yet,
     "Size of the local part of a tiered log; -2 follows `retention.bytes`."},
    {"local.retention.ms", int64, "-2", "-2..", medium, cluster_wide, not_yet,
     "Age up to which records of a tiered log are kept locally; -2 follows `retention.ms`."},
    {"log.durability", string, "fsync", "fsync|page-cache", high, cluster_wide, built,
     "What an acknowledgement promises: `fsync` waits for the disk, `page-cache` trusts the page cache as Kafka does."},
    {"max.compaction.lag.ms", int64, "9223372036854775807", "1..", medium, cluster_wide, not_yet,
     "Longest time that a record stays out of compaction."},
    {"max.message.bytes", int32, "1048588", "0..", medium, cluster_wide, built,
     "Largest batch that is accepted, after compression."},
    {"message.timestamp.after.max.ms", int64, "3600000", "0..", medium, cluster_wide, built,
     "How far ahead of the broker's clock the timestamp of a record may be."},
    {"message.timestamp.before.max.ms", int64, "9223372036854775807", "0..", medium, cluster_wide, built,
     "How far behind the broker's clock the timestamp of a record may be."},
    {"message.timestamp.type", string, "CreateTime", "CreateTime|LogAppendTime", medium, cluster_wide, built,
     "Whether records carry the producer's time or the broker's."},
    {"min.cleanable.dirty.ratio", float64, "0.5", "0..1", medium, cluster_wide, not_yet,
     "Share of uncompacted bytes at which the log is compacted."},
    {"min.compaction.lag.ms", int64, "0", "0..", medium, cluster_wide, not_yet,
     "Shortest time that a record stays uncompacted."},
    {"min.insync.replicas", int32, "1", "1..", medium, cluster_wide, built,
     "In-sync replicas that a write with acks=all needs."},
    {"preallocate", boolean, "false", "", medium, cluster_wide, not_yet,
     "Whether the file of a new segment gets its full size at once."},
    {"remote.log.copy.disable", boolean, "false", "", medium, cluster_wide, not_yet,
     "Whether the tiered part of the topic becomes read-only."},
    {"remote.log.delete.on.disable", boolean, "false", "", medium, cluster_wide, not_yet,
     "Whether tiered data is deleted when tiering is switched off."},
    {"remote.storage.enable", boolean, "false", "", medium, cluster_wide, not_yet,
     "Whether segments of the topic go to remote storage."},
    {"retention.bytes", int64, "-1", "", medium, cluster_wide, not_yet,
     "Size to which a partition is cut back; -1 is without limit."},
    {"retention.ms", int64, "604800000", "-1..", medium, cluster_wide, not_yet,
     "Age after which segments are deleted; -1 is for ever."},
    {"segment.bytes", int32, "1073741824", "1048576..", medium, cluster_wide, built,
     "Size at which a new segment begins."},
    {"segment.index.bytes", int32, "10485760", "4..", medium, cluster_wide, built,
     "Largest size of an offset index; a segment is rolled when it is full."},
    {"segment.jitter.ms", int64, "0", "0..", medium, cluster_wide, built,
     "Random part that is taken off the roll time."},
    {"segment.ms", int64, "604800000", "1..", medium, cluster_wide, built, "Age at which a new segment begins."},
    {"unclean.leader.election.enable", boolean, "false", "", medium, cluster_wide, built,
     "Whether a replica that is not in sync may lead as the last resort, at the cost of records."},
};

constexpr ConfigKey group_resource_rows[] = {
    {"consumer.assignment.interval.ms", int32, "1000", "0..", medium, cluster_wide, not_yet,
     "Shortest time between two assignments of the group."},
    {"consumer.heartbeat.interval.ms", int32, "5000", "1..", medium, cluster_wide, not_yet,
     "Time between two heartbeats of a member."},
    {"consumer.session.timeout.ms", int32, "45000", "1..", medium, cluster_wide, not_yet,
     "Without a heartbeat for this long a member leaves the group."},
    {"share.assignment.interval.ms", int32, "1000", "0..", medium, cluster_wide, not_yet,
     "Shortest time between two assignments of the group."},
    {"share.auto.offset.reset", string, "latest", "#offset-reset", medium, cluster_wide, not_yet,
     "Where a share group begins when it has no state: `latest`, `earliest` or by_duration:PnDTnHnMn.nS."},
    {"share.delivery.count.limit", int32, "5", "2..", medium, cluster_wide, not_yet,
     "How often a record is delivered before it is given up."},
    {"share.heartbeat.interval.ms", int32, "5000", "1..", medium, cluster_wide, not_yet,
     "Time between two heartbeats of a member."},
    {"share.isolation.level", string, "read_uncommitted", "read_committed|read_uncommitted", medium, cluster_wide,
     not_yet, "Whether the group sees records of open and aborted transactions."},
    {"share.partition.max.record.locks", int32, "2000", "100..", medium, cluster_wide, not_yet,
     "Most records of a partition that the group holds locked."},
    {"share.record.lock.duration.ms", int32, "30000", "1000..", medium, cluster_wide, not_yet,
     "How long a delivered record stays locked for its consumer."},
    {"share.renew.acknowledge.enable", boolean, "true", "", medium, cluster_wide, not_yet,
     "Whether consumers may extend the lock of a record."},
    {"share.session.timeout.ms", int32, "45000", "1..", medium, cluster_wide, not_yet,
     "Without a heartbeat for this long a member leaves the group."},
    {"streams.assignment.interval.ms", int32, "1000", "0..", medium, cluster_wide, not_yet,
     "Shortest time between two assignments of the group."},
    {"streams.heartbeat.interval.ms", int32, "5000", "1..", medium, cluster_wide, not_yet,
     "Time between two heartbeats of a member."},
    {"streams.initial.rebalance.delay.ms", int32, "3000", "0..", medium, cluster_wide, not_yet,
     "How long an empty group waits for more members before its first assignment."},
    {"streams.num.standby.replicas", int32, "0", "0..", medium, cluster_wide, not_yet, "Standby replicas per task."},
    {"streams.session.timeout.ms", int32, "45000", "1..", medium, cluster_wide, not_yet,
     "Without a heartbeat for this long a member leaves the group."},
};

constexpr ConfigKey client_metrics_rows[] = {
    {"interval.ms", int32, "300000", "", medium, cluster_wide, built, "Time between two pushes of a client."},
    {"match", list, "", "", medium, cluster_wide, built,
     "Clients that the subscription is for, key=pattern separated by commas."},
    {"metrics", list, "", "", medium, cluster_wide, built,
     "Prefixes of the metrics that are pushed; `*` is all of them."},
};

}  // namespace

std::span<const ConfigKey> topic_keys() { return topic_rows; }
std::span<const ConfigKey> group_resource_keys() { return group_resource_rows; }
std::span<const ConfigKey> client_metrics_keys() { return client_metrics_rows; }

}  // namespace highwater::configs
