"""Keys and values for configuration requests: good ones, wrong types, bad ranges, unknown keys."""

TOPIC_VALUES = {
    "cleanup.policy": ["delete", "compact", "compact,delete", "delete,compact", "", "shred", "DELETE"],
    "compression.type": ["producer", "uncompressed", "gzip", "snappy", "lz4", "zstd", "none", "brotli"],
    "compression.gzip.level": ["-1", "1", "9", "0", "10", "x"],
    "compression.lz4.level": ["1", "9", "17", "18"],
    "compression.zstd.level": ["3", "22", "23", "-131072", "-131073"],
    "delete.retention.ms": ["0", "100", "-1", "x"],
    "file.delete.delay.ms": ["0", "60000", "-1"],
    "flush.messages": ["1", "9223372036854775807", "0"],
    "flush.ms": ["0", "9223372036854775807", "-1"],
    "follower.replication.throttled.replicas": ["*", "", "0:1", "x", "0:1,1:1"],
    "index.interval.bytes": ["0", "4096", "-1"],
    "leader.replication.throttled.replicas": ["*", "0:1", ":"],
    "local.retention.bytes": ["-2", "-1", "1000", "-3"],
    "local.retention.ms": ["-2", "-1", "1000", "-3"],
    "max.compaction.lag.ms": ["1", "9223372036854775807", "0"],
    "max.message.bytes": ["0", "1000", "100000", "-1", "2147483648"],
    "message.timestamp.after.max.ms": ["3600000", "0", "9223372036854775807", "-1"],
    "message.timestamp.before.max.ms": ["9223372036854775807", "0", "-1"],
    "message.timestamp.type": ["CreateTime", "LogAppendTime", "createtime", "None"],
    "min.cleanable.dirty.ratio": ["0", "0.5", "1", "1.1", "-0.1", "x"],
    "min.compaction.lag.ms": ["0", "5", "-1"],
    "min.insync.replicas": ["1", "2", "0"],
    "preallocate": ["true", "false", "TRUE", "yes"],
    "remote.storage.enable": ["true", "false"],
    "retention.bytes": ["-1", "1000000000", "-2", "x"],
    "retention.ms": ["-1", "604800000", "-2", " 5000000000 "],
    "segment.bytes": ["1048576", "1073741824", "1", "13", "-1"],
    "segment.index.bytes": ["1000", "10485760", "3"],
    "segment.jitter.ms": ["0", "10", "-1"],
    "segment.ms": ["1", "604800000", "0"],
    "unclean.leader.election.enable": ["true", "false", "x"],
}
UNKNOWN_KEYS = ["no.such.key", "", "Cleanup.Policy", "message.format.version", "retention.hours"]

# Dynamic ones that change nothing that another request would feel.
BROKER_VALUES = {
    "log.cleaner.backoff.ms": ["15000", "-1"],
    "log.cleaner.threads": ["1", "2", "100", "x"],
    "log.segment.delete.delay.ms": ["1000", "60000", "-1"],
    "num.io.threads": ["8", "9", "1000", "0"],
    "num.network.threads": ["3", "4", "0"],
    "num.recovery.threads.per.data.dir": ["2", "1", "0"],
    "max.connection.creation.rate": ["1000", "2147483647", "-1"],
    "max.connections.per.ip": ["1000", "-1", "x"],
    "max.connections": ["5000", "0"],
    "background.threads": ["10", "5", "0"],
    "log.retention.bytes": ["-1", "1000000000"],
    "leader.replication.throttled.rate": ["1000", "-1"],
    "listeners": ["PLAINTEXT://:1"],
    "node.id": ["2"],
    "log.dirs": ["nowhere"],
    "unclean.leader.election.enable": ["true", "false"],
    "min.insync.replicas": ["1", "0"],
    "zookeeper.connect": ["x"],
}
GROUP_VALUES = {
    "consumer.session.timeout.ms": ["45000", "50000", "1", "x"],
    "consumer.heartbeat.interval.ms": ["5000", "6000", "1"],
    "share.auto.offset.reset": ["latest", "earliest", "never", "by_duration:PT1H"],
    "share.isolation.level": ["read_committed", "read_uncommitted", "x"],
}
CLIENT_METRICS_VALUES = {
    "interval.ms": ["60000", "300000", "99", "3600001", "x"],  # no shorter one: throttling must not go with the clock
    "metrics": ["org.apache.kafka.", "*", ""],
    "match": ["client_id=.*", "client_software_name=x,client_id=y", "nothing=x", "client_id"],
}
LOGGERS = ["root", "kafka", "no.such.Logger", ""]
LOG_LEVELS = ["INFO", "DEBUG", "LOUD", "warn"]

TOPIC, BROKER, BROKER_LOGGER, CLIENT_METRICS, GROUP = 2, 4, 8, 16, 32


def pairs_of(kind):
    return {TOPIC: TOPIC_VALUES, BROKER: BROKER_VALUES, GROUP: GROUP_VALUES, CLIENT_METRICS: CLIENT_METRICS_VALUES}.get(kind, TOPIC_VALUES)


def key_and_value(random, kind):
    if kind == BROKER_LOGGER:
        return random.choice(LOGGERS), random.choice(LOG_LEVELS)
    if random.random() < 0.08:
        return random.choice(UNKNOWN_KEYS), "1"
    values = pairs_of(kind)
    key = random.choice(sorted(values))
    if random.random() < 0.03:
        return key, None
    if random.random() < 0.03:
        return key, random.choice(["two\nlines", "ünïcode", "x" * 300])
    # The first two values of each list are good ones.
    return key, random.choice(values[key][:2] if random.random() < 0.6 else values[key])
