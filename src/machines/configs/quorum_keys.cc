// Nodes, their roles, the controller quorum and the metadata log. Facts from the ConfigDefs of Kafka 4.3; one row per
// key: name, type, default, allowed values, importance, who may change it, whether it acts here, words.
#include "machines/configs/config_rows.h"

namespace highwater::configs {
namespace {

using enum ValueType;
using enum Importance;
using enum DynamicMode;
using enum Support;
using enum Visibility;

constexpr ConfigKey quorum_rows[] = {
    {"auto.leader.rebalance.enable", boolean, "true", "", high, read_only, not_yet,
     "Whether leadership returns to preferred replicas from time to time."},
    {"broker.heartbeat.interval.ms", int32, "2000", "", medium, read_only, built,
     "Time between two heartbeats of a broker to the controller."},
    {"broker.id", int32, "-1", "", high, read_only, built,
     "Older name of `node.id`; both must agree when both are set."},
    {"broker.rack", string, nullptr, "", medium, read_only, built,
     "Rack of this broker, for the spreading of replicas and for reads from the nearest one."},
    {"broker.session.timeout.ms", int32, "9000", "", medium, read_only, built,
     "Without a heartbeat for this long a broker loses its lease and is fenced."},
    {"controlled.shutdown.enable", boolean, "true", "", medium, read_only, not_yet,
     "Whether a stopping broker first hands over what it leads."},
    {"controller.listener.names", list, nullptr, "", high, read_only, built,
     "Listeners of the controller quorum, separated by commas.", visible, true},
    {"controller.performance.always.log.threshold.ms", int64, "2000", "0..", medium, read_only, without_effect,
     "Controller events slower than this are always logged.", internal},
    {"controller.performance.sample.period.ms", int64, "60000", "100..", medium, read_only, without_effect,
     "How often the controller logs the statistics of its events.", internal},
    {"controller.quorum.append.linger.ms", int32, "25", "0..", medium, read_only, not_yet,
     "How long the leader of the quorum gathers records before it writes them."},
    {"controller.quorum.auto.join.enable", boolean, "false", "", low, read_only, not_yet,
     "Whether a controller adds itself to the voters when it starts."},
    {"controller.quorum.bootstrap.servers", list, "", "", high, read_only, built,
     "Addresses at which the quorum is found, host:port, separated by commas."},
    {"controller.quorum.election.backoff.max.ms", int32, "1000", "0..", high, read_only, not_yet,
     "Longest random pause before a voter stands for election again."},
    {"controller.quorum.election.timeout.ms", int32, "1000", "0..", high, read_only, not_yet,
     "Time without a leader or a majority after which a new election begins."},
    {"controller.quorum.fetch.max.bytes", int32, "1048576", "1..", low, read_only, not_yet,
     "Most bytes in one fetch of the metadata log."},
    {"controller.quorum.fetch.snapshot.max.bytes", int32, "1048576", "1..", low, read_only, not_yet,
     "Most bytes in one fetch of a metadata snapshot."},
    {"controller.quorum.fetch.timeout.ms", int32, "2000", "0..", high, read_only, not_yet,
     "Time without a successful fetch after which a follower calls an election, and a leader without fetches resigns."},
    {"controller.quorum.request.timeout.ms", int32, "2000", "0..", medium, read_only, not_yet,
     "Longest wait for an answer between members of the quorum."},
    {"controller.quorum.retry.backoff.ms", int32, "20", "0..", low, read_only, not_yet,
     "Pause before a failed request to the quorum is sent again."},
    {"controller.quorum.voters", list, "", "", high, read_only, built,
     "The voters of a quorum that never changes, as id@host:port separated by commas."},
    {"controller.quota.window.num", int32, "11", "1..", low, read_only, not_yet,
     "Samples kept for the quota on changes of topics."},
    {"controller.quota.window.size.seconds", int32, "1", "1..", low, read_only, not_yet,
     "Length of one sample of the quota on changes of topics."},
    {"controller.socket.timeout.ms", int32, "30000", "", medium, read_only, without_effect,
     "Socket timeout of requests to the controller."},
    {"initial.broker.registration.timeout.ms", int32, "60000", "", medium, read_only, built,
     "How long a starting broker tries to register before it gives up."},
    {"internal.metadata.delete.delay.millis", int64, "60000", "", low, read_only, not_yet,
     "Delay before segments of the metadata log that are no longer needed are removed.", internal},
    {"internal.metadata.log.segment.bytes", int32, nullptr, "", low, read_only, not_yet,
     "Segment size of the metadata log in tests.", internal},
    {"internal.metadata.max.batch.size.in.bytes", int32, "8388608", "", low, read_only, not_yet,
     "Largest batch in the metadata log.", internal},
    {"leader.imbalance.check.interval.seconds", int64, "300", "1..", high, read_only, not_yet,
     "How often the controller looks whether leadership should return to preferred replicas."},
    {"metadata.log.dir", string, nullptr, "", high, read_only, built,
     "Directory of the metadata log; the first of the log directories when unset."},
    {"metadata.log.max.record.bytes.between.snapshots", int64, "20971520", "1..", high, read_only, built,
     "Bytes of new metadata records after which a snapshot is taken."},
    {"metadata.log.max.snapshot.interval.ms", int64, "3600000", "0..", high, read_only, built,
     "Time after which a snapshot is taken when there are new records; 0 is never."},
    {"metadata.log.segment.bytes", int32, "1073741824", "8388608..", high, read_only, built,
     "Size at which a new segment of the metadata log begins."},
    {"metadata.log.segment.ms", int64, "604800000", "", high, read_only, built,
     "Age at which a new segment of the metadata log begins."},
    {"metadata.max.idle.interval.ms", int32, "500", "0..", low, read_only, built,
     "How often an active controller without work writes a record; 0 is never."},
    {"metadata.max.retention.bytes", int64, "104857600", "", high, read_only, built,
     "Size to which the metadata log is cut back once snapshots cover it."},
    {"metadata.max.retention.ms", int64, "604800000", "", high, read_only, built,
     "Age to which the metadata log is cut back once snapshots cover it."},
    {"node.id", int32, nullptr, "0..", high, read_only, built, "Number of this node, unique in the cluster.", visible,
     true},
    {"process.roles", list, nullptr, "broker|controller", high, read_only, built,
     "What this node is: `broker`, `controller`, or both.", visible, true},
    {"server.max.startup.time.ms", int64, "9223372036854775807", "0..", medium, read_only, without_effect,
     "Longest time that a start may take.", internal},
    {"unclean.leader.election.enable", boolean, "false", "", high, cluster_wide, built,
     "Whether a replica that is not in sync may lead as the last resort, at the cost of records."},
    {"unclean.leader.election.interval.ms", int64, "300000", "1..", medium, read_only, not_yet,
     "How often the controller looks for partitions that need such a leader.", internal},
    {"unstable.api.versions.enable", boolean, "false", "", high, read_only, not_yet,
     "Whether versions of requests that are still in development are offered.", internal},
    {"unstable.feature.versions.enable", boolean, "false", "", high, read_only, not_yet,
     "Whether feature levels that are still in development are allowed.", internal},
};

}  // namespace

std::span<const ConfigKey> quorum_keys() { return quorum_rows; }

}  // namespace highwater::configs
