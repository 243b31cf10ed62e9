// Sockets, listeners, requests, fetches and quotas. Facts from the ConfigDefs of Kafka 4.3; one row per key:
// name, type, default, allowed values, importance, who may change it, whether it acts here, words.
#include "machines/configs/config_rows.h"

namespace highwater::configs {
namespace {

using enum ValueType;
using enum Importance;
using enum DynamicMode;
using enum Support;

constexpr ConfigKey network_rows[] = {
    {"advertised.listeners", list, nullptr, "", high, read_only, built,
     "Addresses that clients and other brokers are told to use; as `listeners` when unset."},
    {"alter.config.policy.class.name", class_name, nullptr, "", low, read_only, not_yet,
     "Java class that may refuse changes of configurations."},
    {"background.threads", int32, "10", "1..", high, cluster_wide, without_effect,
     "Threads for background work of Kafka's broker."},
    {"config.providers", list, "", "", low, cluster_wide, without_effect,
     "Names of providers that resolve ${provider:...} in values; `file`, `directory` and `env` are always there."},
    {"connections.max.idle.ms", int64, "600000", "", medium, read_only, built,
     "A connection without traffic for this long is closed."},
    {"create.topic.policy.class.name", class_name, nullptr, "", low, read_only, not_yet,
     "Java class that may refuse new topics."},
    {"default.replication.factor", int32, "1", "", medium, read_only, built,
     "Replicas of a topic that is created without a number of its own."},
    {"delete.records.purgatory.purge.interval.requests", int32, "1", "", medium, read_only, without_effect,
     "How often finished waits of DeleteRecords are swept in Kafka's purgatory."},
    {"fetch.max.bytes", int32, "57671680", "1024..", medium, read_only, built,
     "Most bytes in one answer to a fetch; the first batch is always sent whole."},
    {"fetch.purgatory.purge.interval.requests", int32, "1000", "", medium, read_only, without_effect,
     "How often finished waits of fetches are swept in Kafka's purgatory."},
    {"inter.broker.listener.name", string, nullptr, "", medium, read_only, built,
     "Listener that brokers use among themselves."},
    {"kafka.metrics.polling.interval.secs", int32, "10", "1..", low, read_only, without_effect,
     "How often Kafka's old metrics reporters look."},
    {"kafka.metrics.reporters", list, "", "", low, read_only, without_effect,
     "Java classes of Kafka's old metrics reporters."},
    {"listener.security.protocol.map", string,
     "SASL_SSL:SASL_SSL,PLAINTEXT:PLAINTEXT,SSL:SSL,SASL_PLAINTEXT:SASL_PLAINTEXT", "", low, per_broker, built,
     "Security protocol of each listener name, NAME:PROTOCOL separated by commas."},
    {"listeners", list, "PLAINTEXT://:9092", "+", high, per_broker, built,
     "Addresses that the node listens on, NAME://host:port separated by commas; an empty host is every interface."},
    {"max.connection.creation.rate", int32, "2147483647", "0..", medium, cluster_wide, built,
     "Most new connections per second on this broker."},
    {"max.connections", int32, "2147483647", "0..", medium, cluster_wide, built, "Most connections of this broker."},
    {"max.connections.per.ip", int32, "2147483647", "0..", medium, cluster_wide, built,
     "Most connections from one address."},
    {"max.connections.per.ip.overrides", string, "", "", medium, cluster_wide, built,
     "Limits for single addresses, host:number separated by commas."},
    {"max.incremental.fetch.session.cache.slots", int32, "1000", "0..", medium, read_only, built,
     "Most fetch sessions that the broker remembers."},
    {"max.request.partition.size.limit", int32, "2000", "1..", medium, read_only, built,
     "Most partitions in one answer to DescribeTopicPartitions."},
    {"metric.reporters", list, "org.apache.kafka.common.metrics.JmxReporter", "", low, cluster_wide, without_effect,
     "Java classes that report metrics."},
    {"metrics.num.samples", int32, "2", "1..", low, read_only, without_effect, "Samples kept per metric."},
    {"metrics.recording.level", string, "INFO", "", low, read_only, without_effect, "How much is measured."},
    {"metrics.sample.window.ms", int64, "30000", "1..", low, read_only, without_effect,
     "Length of one sample of a metric."},
    {"num.io.threads", int32, "8", "1..", high, cluster_wide, without_effect,
     "Threads that handle requests in Kafka's broker."},
    {"num.network.threads", int32, "3", "1..", high, cluster_wide, without_effect,
     "Threads that read and write sockets in Kafka's broker."},
    {"producer.purgatory.purge.interval.requests", int32, "1000", "", medium, read_only, without_effect,
     "How often finished waits of produce requests are swept in Kafka's purgatory."},
    {"queued.max.request.bytes", int64, "-1", "", medium, read_only, built,
     "Most bytes of requests in memory before sockets are no longer read; -1 is 1 GiB."},
    {"queued.max.requests", int32, "500", "1..", high, read_only, built,
     "Most requests in memory before sockets are no longer read."},
    {"quota.window.num", int32, "11", "1..", low, read_only, not_yet, "Samples kept for client quotas."},
    {"quota.window.size.seconds", int32, "1", "1..", low, read_only, not_yet, "Length of one sample of client quotas."},
    {"request.timeout.ms", int32, "30000", "", high, read_only, built,
     "Longest wait of this node for answers to its own requests."},
    {"socket.connection.setup.timeout.max.ms", int64, "30000", "", medium, read_only, not_yet,
     "Longest wait for a connection after several failures."},
    {"socket.connection.setup.timeout.ms", int64, "10000", "", medium, read_only, not_yet,
     "First wait for a connection to be set up."},
    {"socket.listen.backlog.size", int32, "50", "1..", medium, read_only, built,
     "Length of the queue of connections that are not accepted yet."},
    {"socket.receive.buffer.bytes", int32, "102400", "", high, read_only, built,
     "Receive buffer of sockets; -1 is the system's choice."},
    {"socket.request.max.bytes", int32, "104857600", "1..", high, read_only, built, "Largest request that is read."},
    {"socket.send.buffer.bytes", int32, "102400", "", high, read_only, built,
     "Send buffer of sockets; -1 is the system's choice."},
    {"telemetry.max.bytes", int32, "1048576", "1..", low, read_only, built, "Largest push of client metrics."},
};

}  // namespace

std::span<const ConfigKey> network_keys() { return network_rows; }

}  // namespace highwater::configs
