#include "machines/configs/declared_order.h"

#include <algorithm>
#include <span>
#include <string_view>

namespace highwater::configs {
namespace {

constexpr std::string_view broker_order[] = {
    "leader.replication.throttled.rate",
    "follower.replication.throttled.rate",
    "replica.alter.log.dirs.io.max.bytes.per.second",
    "remote.log.index.file.cache.total.size.bytes",
    "remote.log.manager.copier.thread.pool.size",
    "remote.log.manager.expiration.thread.pool.size",
    "remote.log.manager.follower.thread.pool.size",
    "remote.log.reader.threads",
    "log.local.retention.ms",
    "log.local.retention.bytes",
    "remote.log.manager.copy.max.bytes.per.second",
    "remote.log.manager.fetch.max.bytes.per.second",
    "remote.fetch.max.wait.ms",
    "remote.list.offsets.request.timeout.ms",
    "message.max.bytes",
    "num.io.threads",
    "background.threads",
    "config.providers",
    "compression.type",
    "compression.gzip.level",
    "compression.lz4.level",
    "compression.zstd.level",
    "listeners",
    "listener.security.protocol.map",
    "max.connections.per.ip",
    "max.connections.per.ip.overrides",
    "max.connections",
    "max.connection.creation.rate",
    "num.network.threads",
    "num.replica.fetchers",
    "unclean.leader.election.enable",
    "follower.fetch.last.tiered.offset.enable",
    "group.coordinator.cached.buffer.max.bytes",
    "group.consumer.assignment.interval.ms",
    "group.share.assignment.interval.ms",
    "group.streams.assignment.interval.ms",
    "log.cleaner.threads",
    "log.cleaner.io.max.bytes.per.second",
    "log.cleaner.dedupe.buffer.size",
    "log.cleaner.io.buffer.size",
    "log.cleaner.io.buffer.load.factor",
    "log.cleaner.backoff.ms",
    "log.cleaner.min.cleanable.ratio",
    "log.cleaner.delete.retention.ms",
    "log.cleaner.min.compaction.lag.ms",
    "log.cleaner.max.compaction.lag.ms",
    "cordoned.log.dirs",
    "log.segment.bytes",
    "log.roll.ms",
    "log.roll.jitter.ms",
    "log.retention.ms",
    "log.retention.bytes",
    "log.cleanup.policy",
    "log.index.size.max.bytes",
    "log.index.interval.bytes",
    "log.flush.interval.messages",
    "log.segment.delete.delay.ms",
    "log.flush.interval.ms",
    "log.preallocate",
    "num.recovery.threads.per.data.dir",
    "min.insync.replicas",
    "log.message.timestamp.type",
    "log.message.timestamp.before.max.ms",
    "log.message.timestamp.after.max.ms",
    "share.coordinator.cached.buffer.max.bytes",
    "transaction.partition.verification.enable",
    "producer.id.expiration.ms",
    "metric.reporters",
    "principal.builder.class",
    "ssl.client.auth",
    "ssl.protocol",
    "ssl.provider",
    "ssl.enabled.protocols",
    "ssl.keystore.type",
    "ssl.keystore.location",
    "ssl.keystore.password",
    "ssl.key.password",
    "ssl.keystore.key",
    "ssl.keystore.certificate.chain",
    "ssl.truststore.type",
    "ssl.truststore.location",
    "ssl.truststore.password",
    "ssl.truststore.certificates",
    "ssl.keymanager.algorithm",
    "ssl.trustmanager.algorithm",
    "ssl.endpoint.identification.algorithm",
    "ssl.secure.random.implementation",
    "ssl.cipher.suites",
    "ssl.engine.factory.class",
    "sasl.mechanism.inter.broker.protocol",
    "sasl.enabled.mechanisms",
    "sasl.kerberos.principal.to.local.rules",
    "sasl.jaas.config",
    "sasl.kerberos.service.name",
    "sasl.kerberos.kinit.cmd",
    "sasl.kerberos.ticket.renew.window.factor",
    "sasl.kerberos.ticket.renew.jitter",
    "sasl.kerberos.min.time.before.relogin",
    "sasl.login.refresh.window.factor",
    "sasl.login.refresh.window.jitter",
    "sasl.login.refresh.min.period.seconds",
    "sasl.login.refresh.buffer.seconds",
};

constexpr std::string_view topic_order[] = {
    "segment.bytes",
    "segment.ms",
    "segment.jitter.ms",
    "segment.index.bytes",
    "flush.messages",
    "flush.ms",
    "retention.bytes",
    "retention.ms",
    "max.message.bytes",
    "index.interval.bytes",
    "delete.retention.ms",
    "min.compaction.lag.ms",
    "max.compaction.lag.ms",
    "file.delete.delay.ms",
    "min.cleanable.dirty.ratio",
    "cleanup.policy",
    "unclean.leader.election.enable",
    "min.insync.replicas",
    "compression.type",
    "compression.gzip.level",
    "compression.lz4.level",
    "compression.zstd.level",
    "preallocate",
    "message.timestamp.type",
    "message.timestamp.before.max.ms",
    "message.timestamp.after.max.ms",
    "leader.replication.throttled.replicas",
    "follower.replication.throttled.replicas",
    "remote.storage.enable",
    "local.retention.ms",
    "local.retention.bytes",
    "remote.log.copy.disable",
    "remote.log.delete.on.disable",
    "internal.segment.bytes",
};

constexpr std::string_view group_order[] = {
    "consumer.session.timeout.ms",     "consumer.heartbeat.interval.ms",
    "consumer.assignment.interval.ms", "share.session.timeout.ms",
    "share.heartbeat.interval.ms",     "share.record.lock.duration.ms",
    "share.delivery.count.limit",      "share.partition.max.record.locks",
    "share.auto.offset.reset",         "share.isolation.level",
    "share.renew.acknowledge.enable",  "share.assignment.interval.ms",
    "streams.session.timeout.ms",      "streams.heartbeat.interval.ms",
    "streams.num.standby.replicas",    "streams.initial.rebalance.delay.ms",
    "streams.assignment.interval.ms",
};

constexpr std::string_view client_metrics_order[] = {"metrics", "interval.ms", "match"};

std::span<const std::string_view> order_of(Scope scope) {
  switch (scope) {
    case Scope::broker:
      return broker_order;
    case Scope::topic:
      return topic_order;
    case Scope::group:
      return group_order;
    case Scope::client_metrics:
      return client_metrics_order;
  }
  return {};
}

}  // namespace

std::vector<ConfigMap::const_iterator> in_declared_order(Scope scope, const ConfigMap& configs) {
  std::vector<ConfigMap::const_iterator> ordered;
  std::vector<std::string_view> placed;
  for (const std::string_view name : order_of(scope)) {
    const auto found = configs.find(name);
    if (found == configs.end()) continue;
    ordered.push_back(found);
    placed.push_back(name);
  }
  std::ranges::sort(placed);
  for (auto at = configs.begin(); at != configs.end(); ++at)
    if (!std::ranges::binary_search(placed, std::string_view(at->first))) ordered.push_back(at);
  return ordered;
}

}  // namespace highwater::configs
