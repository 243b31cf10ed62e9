"""What is asked about configurations of both servers, in order, on a fresh node 1: (name, what to call, arguments)."""

from config_requests import (APPEND, BROKER, BROKER_LOGGER, CLIENT_METRICS, DELETE, GROUP, SET, SUBTRACT, TOPIC, alter,
                             describe, incremental_alter, list_resources)

LONG = "x" * 32768
LOG = "kafka.server.BrokerServer"  # a logger that both have


def one(kind, name, *changes, **options):
    return incremental_alter, ([(kind, name, list(changes))],), options


def topic(*changes, **options):
    return one(TOPIC, "t", *changes, **options)


def broker(*changes, **options):
    return one(BROKER, "1", *changes, **options)


def cluster(*changes, **options):
    return one(BROKER, "", *changes, **options)


def logger(*changes, **options):
    return one(BROKER_LOGGER, "1", *changes, **options)


def group(*changes, **options):
    return one(GROUP, "g", *changes, **options)


def metrics(*changes, **options):
    return one(CLIENT_METRICS, "m", *changes, **options)


def legacy(kind, name, *values, **options):
    return alter, ([(kind, name, list(values))],), options


def show(kind, name, keys=None, **options):
    return describe, ([(kind, name, keys)],), options


TOPIC_VALUES = {
    "retention.ms": ["1000", "-1", "-2", "abc", "", " 5 ", "9223372036854775808", "1.5", "+7"],
    "retention.bytes": ["-1", "-5", "x"],
    "segment.bytes": ["1048576", "1048575", "2147483648"],
    "segment.ms": ["0", "1"],
    "segment.jitter.ms": ["-1", "5"],
    "segment.index.bytes": ["3", "4"],
    "index.interval.bytes": ["-1", "0"],
    "max.message.bytes": ["-1", "0", "100"],
    "cleanup.policy": ["compact", "delete,compact", "none", "compact,compact", "", "delete,", "DELETE"],
    "compression.type": ["gzip", "GZIP", "none", "uncompressed", ""],
    "compression.gzip.level": ["0", "9", "10", "-1"],
    "compression.lz4.level": ["0", "17", "18"],
    "compression.zstd.level": ["22", "23", "-131073"],
    "min.insync.replicas": ["0", "1", "2"],
    "min.cleanable.dirty.ratio": ["-0.1", "0.3", "1.1", "NaN", "abc", "1e-1", "0.5f"],
    "message.timestamp.type": ["LogAppendTime", "logappendtime"],
    "message.timestamp.before.max.ms": ["-1", "7"],
    "message.timestamp.after.max.ms": ["-1", "7"],
    "unclean.leader.election.enable": ["true", "TRUE", "yes", "1", ""],
    "preallocate": ["true", "maybe"],
    "remote.storage.enable": ["true", "false"],
    "remote.log.copy.disable": ["true"],
    "remote.log.delete.on.disable": ["true"],
    "local.retention.ms": ["-3", "-2", "5"],
    "local.retention.bytes": ["-3", "7"],
    "flush.messages": ["0", "1"],
    "flush.ms": ["-1", "0"],
    "delete.retention.ms": ["-1", "0"],
    "file.delete.delay.ms": ["-1", "0"],
    "min.compaction.lag.ms": ["-1", "5"],
    "max.compaction.lag.ms": ["0", "4", "9223372036854775807"],
    "leader.replication.throttled.replicas": ["*", "0:1", "0:1,1:2", "none", "x", "0:", ""],
    "follower.replication.throttled.replicas": ["*", "0:1,0:1", "a:b"],
    "internal.segment.bytes": ["1000", "x"],
    "no.such.key": ["1"],
    "": ["1"],
    "message.format.version": ["3.0"],
    "message.downconversion.enable": ["true"],
}

BROKER_VALUES = {
    "log.retention.ms": ["1000", "-1", "0", "-5", "abc"],
    "log.retention.hours": ["1"],
    "log.retention.minutes": ["3"],
    "log.roll.ms": ["0", "60000"],
    "log.segment.bytes": ["1048576", "14", "1048575"],
    "log.cleaner.threads": ["2", "3", "0", "-1", "x"],
    "num.io.threads": ["16", "17", "3", "0"],
    "num.network.threads": ["6", "7", "0"],
    "num.replica.fetchers": ["2", "3"],
    "num.recovery.threads.per.data.dir": ["4", "5"],
    "background.threads": ["20", "21"],
    "max.connections": ["10000", "0", "-1", "x"],
    "max.connections.per.ip": ["100", "0", "-1"],
    "max.connections.per.ip.overrides": ["127.0.0.1:200", "host:", "127.0.0.1:x", "badhost.invalid:5", ""],
    "max.connection.creation.rate": ["100", "0"],
    "message.max.bytes": ["2000000", "-1"],
    "compression.type": ["lz4", "none"],
    "log.cleanup.policy": ["compact", "bogus"],
    "min.insync.replicas": ["1", "2", "0"],
    "unclean.leader.election.enable": ["true", "maybe"],
    "log.message.timestamp.type": ["LogAppendTime", "x"],
    "log.flush.interval.ms": ["5"],
    "log.local.retention.ms": ["-1", "5", "-3"],
    "log.local.retention.bytes": ["-1", "5"],
    "log.retention.bytes": ["4"],
    "log.cleaner.min.compaction.lag.ms": ["5"],
    "log.cleaner.max.compaction.lag.ms": ["4"],
    "producer.id.expiration.ms": ["1000", "0"],
    "transaction.partition.verification.enable": ["false"],
    "node.id": ["2"],
    "broker.id": ["2"],
    "log.dirs": ["/x"],
    "socket.request.max.bytes": ["5"],
    "process.roles": ["broker"],
    "auto.create.topics.enable": ["false"],
    "listeners": ["PLAINTEXT://:1"],
    "listener.security.protocol.map": ["PLAINTEXT:PLAINTEXT,CONTROLLER:PLAINTEXT"],
    "advertised.listeners": ["PLAINTEXT://:1"],
    "ssl.keystore.location": ["/x"],
    "ssl.keystore.password": ["secret"],
    "sasl.jaas.config": ["x;"],
    "listener.name.plaintext.max.connections": ["5", "0"],
    "listener.name.plaintext.max.connection.creation.rate": ["5", "0"],
    "listener.name.plaintext.ssl.keystore.location": ["/x"],
    "listener.name.plaintext.ssl.keystore.password": ["secret"],
    "listener.name.plaintext.num.network.threads": ["4"],
    "listener.name.nobody.max.connections": ["5"],
    "principal.builder.class": ["x"],
    "metric.reporters": ["a.b.C"],
    "config.providers": ["file"],
    "leader.replication.throttled.rate": ["1000", "-1", "x"],
    "follower.replication.throttled.rate": ["1000"],
    "replica.alter.log.dirs.io.max.bytes.per.second": ["1000"],
    "remote.log.manager.copier.thread.pool.size": ["20", "100"],
    "remote.log.reader.threads": ["20", "0"],
    "remote.log.index.file.cache.total.size.bytes": ["5", "0"],
    "remote.fetch.max.wait.ms": ["1000", "0"],
    "follower.fetch.last.tiered.offset.enable": ["true"],
    "cordoned.log.dirs": ["/nowhere", "*", ""],
    "group.coordinator.cached.buffer.max.bytes": ["1000000", "5"],
    "share.coordinator.cached.buffer.max.bytes": ["1000000"],
    "group.consumer.session.timeout.ms": ["46000"],
    "share.coordinator.append.linger.ms": ["5"],
    "group.coordinator.append.linger.ms": ["5"],
    "no.such.key": ["1"],
    "": ["1"],
    "sasl.enabled.mechanisms": ["PLAIN"],
    "log.index.size.max.bytes": ["3"],
    "log.message.timestamp.before.max.ms": ["-1"],
}

GROUP_VALUES = {
    "consumer.session.timeout.ms": ["50000", "44999", "60001", "0", "x"],
    "consumer.heartbeat.interval.ms": ["6000", "4999", "15001"],
    "consumer.assignment.interval.ms": ["500", "-1", "20000"],
    "share.session.timeout.ms": ["50000", "1", "60001"],
    "share.heartbeat.interval.ms": ["6000", "1", "15001"],
    "share.record.lock.duration.ms": ["15000", "14999", "60001", "999"],
    "share.delivery.count.limit": ["5", "1", "11"],
    "share.partition.max.record.locks": ["2000", "99", "10001"],
    "share.auto.offset.reset": ["earliest", "latest", "none", "by_duration:PT1H", "by_duration:x", "by_duration:-PT1H",
                                "by_duration:", "EARLIEST", ""],
    "share.isolation.level": ["read_committed", "READ_COMMITTED"],
    "share.renew.acknowledge.enable": ["false", "x"],
    "share.assignment.interval.ms": ["500", "20000"],
    "streams.session.timeout.ms": ["50000", "60001"],
    "streams.heartbeat.interval.ms": ["6000", "15001"],
    "streams.num.standby.replicas": ["1", "3", "-1"],
    "streams.initial.rebalance.delay.ms": ["0", "-1"],
    "streams.assignment.interval.ms": ["500", "20000"],
    "no.such.key": ["1"],
    "errors.deadletterqueue.topic.name": ["x"],
}

METRICS_VALUES = {
    "interval.ms": ["100", "99", "3600000", "3600001", "x", "0"],
    "metrics": ["a,b", "*", "a,a", "", "a,"],
    "match": ["client_id=a", "client_id", "nobody=x", "client_id=[", "client_id=a,client_software_name=b", "a=b=c",
              "client_source_port=1.*", ""],
    "no.such.key": ["1"],
}

CASES = []


def case(name, what):
    CASES.append((name, *what))


def every(prefix, make, values):
    """Each value is validated only, then set, shown and deleted."""
    for key, texts in values.items():
        for text in texts:
            case(f"{prefix} {key}={text!r} validate", make((key, SET, text), validate_only=True))


for kind, name in [(TOPIC, "t"), (BROKER, "1"), (BROKER, ""), (GROUP, "g"), (CLIENT_METRICS, "m")]:
    case(f"fresh describe {kind} {name!r}", show(kind, name))
case("fresh list", (list_resources, (), {}))
case("fresh list v0", (list_resources, (), {"version": 0}))
for kinds in [(TOPIC,), (BROKER,), (BROKER_LOGGER,), (CLIENT_METRICS,), (GROUP,), (99,), (TOPIC, 0), (BROKER, TOPIC)]:
    case(f"list {kinds}", (list_resources, (kinds,), {}))

every("topic", topic, TOPIC_VALUES)
every("broker", broker, BROKER_VALUES)
every("cluster", cluster, BROKER_VALUES)
every("group", group, GROUP_VALUES)
every("metrics", metrics, METRICS_VALUES)

# What is set is shown.
for key, value in [("log.retention.ms", "1000"), ("log.roll.ms", "60000"), ("log.cleaner.threads", "2"),
                   ("max.connections", "10000"), ("log.cleanup.policy", "compact,delete,compact"),
                   ("log.message.timestamp.type", " LogAppendTime "), ("unclean.leader.election.enable", "FALSE"),
                   ("leader.replication.throttled.rate", "1000"), ("log.cleaner.min.cleanable.ratio", "1e-1"),
                   ("log.cleaner.io.max.bytes.per.second", "123456789"), ("listener.name.nobody.max.connections", "5"),
                   ("listener.name.plaintext.ssl.keystore.location", "/x"), ("sasl.jaas.config", "x;"),
                   ("my.key", "1"), ("log.local.retention.ms", "5"), ("compression.type", "zstd"),
                   ("group.coordinator.cached.buffer.max.bytes", "1000000"), ("log.flush.interval.ms", "+5"),
                   ("max.connections.per.ip.overrides", "127.0.0.1:200"), ("message.max.bytes", "1234567")]:
    for make, resource in [(broker, "1"), (cluster, "")]:
        case(f"{resource!r} sets {key}", make((key, SET, value)))
        case(f"{resource!r} shows {key}", show(BROKER, resource, [key]))
        if key.startswith(("log.", "compression", "message", "unclean")):
            case(f"{resource!r} topic with {key}", show(TOPIC, "u"))
        if resource == "":
            case(f"both show {key}", show(BROKER, "1", [key], documentation=True))
            case(f"'1' unsets {key}", broker((key, DELETE, None)))
            case(f"{resource!r} alone shows {key}", show(BROKER, "1", [key]))
            case(f"{resource!r} unsets {key}", cluster((key, DELETE, None)))
for key, value in [("retention.ms", "+5"), ("cleanup.policy", "delete, compact,delete"), ("preallocate", "TRUE"),
                   ("min.cleanable.dirty.ratio", "1e-4"), ("segment.bytes", " 2000000 "), ("internal.segment.bytes", "99"),
                   ("leader.replication.throttled.replicas", "0:1,0:1"), ("compression.gzip.level", "-1")]:
    case(f"topic sets {key}", topic((key, SET, value)))
    case(f"topic shows {key}", show(TOPIC, "t", [key]))
    case(f"topic unsets {key}", topic((key, DELETE, None)))
case("topic long value", topic(("leader.replication.throttled.replicas", SET, ",".join(["0:1"] + ["11:11"] * 3000))))
case("topic too long by append", topic(("leader.replication.throttled.replicas", APPEND,
                                        ",".join(f"7:{n}" for n in range(3000)))))
case("topic long value goes", topic(("leader.replication.throttled.replicas", DELETE, None)))

# Names of resources.
for kind, names in [(TOPIC, ["missing", "", "a b", "..", "x" * 250, "__cluster_metadata"]),
                    (BROKER, ["2", "-1", "x", "01", "+1", " 1"]), (BROKER_LOGGER, ["", "2", "x", "+1"]), (GROUP, [""]),
                    (CLIENT_METRICS, [""]), (0, ["x"]), (99, ["x"]), (1, ["x"]), (-1, ["x"])]:
    key = {TOPIC: "retention.ms", BROKER: "log.cleaner.threads", BROKER_LOGGER: "root", GROUP: "share.isolation.level",
           CLIENT_METRICS: "interval.ms"}.get(kind, "k")
    value = {BROKER_LOGGER: "INFO", GROUP: "read_committed"}.get(kind, "1000" if kind != BROKER else "1")
    for name in names:
        case(f"name {kind} {name[:40]!r}", one(kind, name, (key, SET, value)))
        case(f"legacy name {kind} {name[:40]!r}", legacy(kind, name, (key, value)))
        case(f"describe name {kind} {name[:40]!r}", show(kind, name, [key]))

# Operations.
case("topic delete of nothing", topic(("retention.ms", DELETE, None)))
case("topic delete with a value", topic(("retention.ms", DELETE, "5")))
case("topic delete of unknown", topic(("no.such.key", DELETE, None)))
case("topic append scalar", topic(("retention.ms", APPEND, "5")))
case("topic subtract scalar", topic(("retention.ms", SUBTRACT, "5")))
case("topic append unknown", topic(("no.such.key", APPEND, "5")))
case("topic unknown op", topic(("retention.ms", 9, "5")))
case("topic negative op", topic(("retention.ms", -1, "5")))
case("broker unknown op", broker(("log.retention.ms", 9, "5")))
case("group unknown op", group(("share.isolation.level", 9, "read_committed")))
case("topic append list", topic(("cleanup.policy", APPEND, "compact")))
case("topic shows append", show(TOPIC, "t", ["cleanup.policy"]))
case("topic append again", topic(("cleanup.policy", APPEND, "compact")))
case("topic subtract list", topic(("cleanup.policy", SUBTRACT, "delete")))
case("topic subtract last", topic(("cleanup.policy", SUBTRACT, "compact")))
case("topic shows subtract", show(TOPIC, "t", ["cleanup.policy"]))
case("topic append bogus", topic(("cleanup.policy", APPEND, "bogus")))
case("topic append with comma", topic(("leader.replication.throttled.replicas", APPEND, "0:1,0:2")))
case("topic shows throttled", show(TOPIC, "t", ["leader.replication.throttled.replicas"]))
case("topic subtract throttled", topic(("leader.replication.throttled.replicas", SUBTRACT, "0:1")))
case("topic shows throttled less", show(TOPIC, "t", ["leader.replication.throttled.replicas"]))
case("topic append empty", topic(("leader.replication.throttled.replicas", APPEND, "")))
case("topic null set", topic(("retention.ms", SET, None)))
case("topic null append", topic(("cleanup.policy", APPEND, None)))
case("topic two nulls", topic(("retention.ms", SET, None), ("segment.ms", SET, None)))
case("topic duplicate keys", topic(("retention.ms", SET, "1"), ("retention.ms", SET, "2")))
case("topic duplicate keys other op", topic(("retention.ms", SET, "1"), ("retention.ms", DELETE, None)))
case("topic newline", topic(("retention.ms", SET, "10\n00")))
case("topic newline in list", topic(("cleanup.policy", SET, "delete\ncompact")))
case("topic newline in throttled", topic(("leader.replication.throttled.replicas", SET, "0:1\n")))
case("topic trailing newline", topic(("retention.ms", SET, "1000\n")))
case("topic shows trailing newline", show(TOPIC, "t", ["retention.ms"]))
case("topic too long", topic(("leader.replication.throttled.replicas", SET, "0:1," * 9000 + "0:1"), version=1))
case("topic unknown and good", topic(("retention.ms", SET, "77"), ("no.such.key", SET, "1")))
case("topic shows nothing of it", show(TOPIC, "t", ["retention.ms", "no.such.key"]))
case("topic no changes", topic())
case("two topics, one bad", (incremental_alter, ([(TOPIC, "t", [("retention.ms", SET, "88")]),
                                                 (TOPIC, "u", [("retention.ms", SET, "x")])],), {}))
case("duplicate resources", (incremental_alter, ([(TOPIC, "t", [("retention.ms", SET, "1")]),
                                                 (TOPIC, "t", [("segment.ms", SET, "1")]),
                                                 (TOPIC, "u", [("retention.ms", SET, "5")])],), {}))
case("no resources", (incremental_alter, ([],), {}))
case("no resources v1", (incremental_alter, ([],), {"version": 1}))
case("compaction lags", topic(("min.compaction.lag.ms", SET, "9"), ("max.compaction.lag.ms", SET, "8")))
case("topic v1", topic(("retention.ms", SET, "99"), version=1))
case("topic shows v1", show(TOPIC, "t", version=1))
case("topic shows v2", show(TOPIC, "t", version=2))
case("topic shows v4", show(TOPIC, "t", version=4))
case("topic shows no synonyms", show(TOPIC, "t", synonyms=False))
case("topic shows empty keys", show(TOPIC, "t", []))
case("topic shows unknown key", show(TOPIC, "t", ["nope"]))

# Precedence.
case("cluster sets", cluster(("log.retention.ms", SET, "2000"), ("message.max.bytes", SET, "2222222"),
                             ("log.cleanup.policy", SET, "compact")))
case("topic u shows cluster", show(TOPIC, "u"))
case("broker sets", broker(("log.retention.hours", SET, "3"), ("message.max.bytes", SET, "3333333"),
                           ("log.cleanup.policy", APPEND, "delete")))
case("broker shows", show(BROKER, "1", ["log.retention.ms", "log.retention.hours", "log.retention.minutes",
                                        "message.max.bytes", "log.cleanup.policy", "log.roll.ms", "log.flush.interval.ms",
                                        "log.flush.scheduler.interval.ms", "node.id", "broker.id"]))
case("cluster shows", show(BROKER, ""))
case("cluster shows one", show(BROKER, "", ["message.max.bytes", "nope"]))
case("topic u shows broker", show(TOPIC, "u"))
case("broker subtract", broker(("log.cleanup.policy", SUBTRACT, "delete")))
case("broker subtract scalar", broker(("log.retention.ms", SUBTRACT, "5")))
case("broker append unknown", broker(("no.such.key", APPEND, "5")))
case("broker append read-only", broker(("log.dirs", APPEND, "5")))
case("broker append scalar", broker(("log.retention.ms", APPEND, "5")))
case("broker delete unknown", broker(("no.such.key", DELETE, None)))
case("broker delete read-only", broker(("node.id", DELETE, None)))
case("broker two read-only", broker(("node.id", SET, "1"), ("log.dirs", SET, "/x")))
case("broker unknown key set", broker(("my.custom.key", SET, "v")))
case("broker shows unknown key", show(BROKER, "1", ["my.custom.key"]))
case("cluster unknown key set", cluster(("my.custom.key", SET, "w")))
case("broker shows unknown key of both", show(BROKER, "1", ["my.custom.key"]))
case("cluster shows unknown key", show(BROKER, "", ["my.custom.key"]))
case("broker unknown keys go", broker(("my.custom.key", DELETE, None)))
case("cluster unknown keys go", cluster(("my.custom.key", DELETE, None)))
case("broker null", broker(("log.retention.ms", SET, None)))
case("broker newline", broker(("log.cleanup.policy", SET, "delete\n")))
case("broker listener key", broker(("listener.name.plaintext.max.connections", SET, "500")))
case("broker shows listener key", show(BROKER, "1", ["listener.name.plaintext.max.connections", "max.connections"]))
case("broker listener key goes", broker(("listener.name.plaintext.max.connections", DELETE, None)))
case("broker password", broker(("listener.name.plaintext.ssl.keystore.password", SET, "secret"),
                               ("listener.name.plaintext.ssl.keystore.location", SET, "/nowhere")))
case("broker retention -1", broker(("log.retention.ms", SET, "-1")))
case("broker shows retention", show(BROKER, "1", ["log.retention.ms"]))
case("broker reset", broker(("log.retention.hours", DELETE, None), ("message.max.bytes", DELETE, None),
                            ("log.cleanup.policy", DELETE, None), ("log.retention.ms", DELETE, None)))
case("cluster reset", cluster(("log.retention.ms", DELETE, None), ("message.max.bytes", DELETE, None),
                              ("log.cleanup.policy", DELETE, None)))
case("broker shows all again", show(BROKER, "1"))
case("cluster min isr removal", cluster(("min.insync.replicas", DELETE, None)))
case("broker min isr removal", broker(("min.insync.replicas", DELETE, None)))
case("cluster min isr", cluster(("min.insync.replicas", SET, "1")))
case("legacy cluster min isr gone", legacy(BROKER, "", ("log.cleaner.threads", "1")))
case("legacy cluster min isr kept", legacy(BROKER, "", ("log.cleaner.threads", "1"), ("min.insync.replicas", "1")))
case("legacy cluster min isr alone", legacy(BROKER, "", ("min.insync.replicas", "1")))
case("topic min isr", topic(("min.insync.replicas", SET, "2")))
case("topic min isr goes", topic(("min.insync.replicas", DELETE, None)))

# The old way.
case("legacy topic", legacy(TOPIC, "t", ("retention.ms", "5"), ("segment.ms", "6")))
case("legacy topic shows", show(TOPIC, "t", ["retention.ms", "segment.ms", "cleanup.policy"]))
case("legacy topic replaces", legacy(TOPIC, "t", ("segment.ms", "7")))
case("legacy topic shows again", show(TOPIC, "t", ["retention.ms", "segment.ms"]))
case("legacy validate", legacy(TOPIC, "t", ("segment.ms", "x"), validate_only=True))
case("legacy null", legacy(TOPIC, "t", ("segment.ms", None)))
case("legacy duplicate keys", legacy(TOPIC, "t", ("segment.ms", "1"), ("segment.ms", "2")))
case("legacy duplicate resources", (alter, ([(TOPIC, "t", []), (TOPIC, "t", [])],), {}))
case("legacy unknown key", legacy(TOPIC, "t", ("no.such", "1")))
case("legacy v0", legacy(TOPIC, "t", ("segment.ms", "8"), version=0))
case("legacy v2", legacy(TOPIC, "t", ("segment.ms", "9"), version=2))
case("legacy empties", legacy(TOPIC, "t"))
case("legacy broker", legacy(BROKER, "1", ("log.cleaner.threads", "1")))
case("legacy broker empties", legacy(BROKER, "1"))
case("legacy broker read-only", legacy(BROKER, "1", ("node.id", "1")))
case("legacy group", legacy(GROUP, "g", ("share.isolation.level", "read_committed")))
case("legacy metrics", legacy(CLIENT_METRICS, "m", ("interval.ms", "1000")))
case("legacy logger", legacy(BROKER_LOGGER, "1", ("root", "INFO")))
case("legacy no resources", (alter, ([],), {}))

# Loggers.
case("logger set", logger((LOG, SET, "DEBUG")))
case("logger shows", show(BROKER_LOGGER, "1", [LOG, "nope"]))
case("logger shows documentation", show(BROKER_LOGGER, "1", [LOG], documentation=True))
case("logger lower case", logger((LOG, SET, "debug")))
case("logger bad level", logger((LOG, SET, "LOUD")))
case("logger unknown", logger(("no.such.logger", SET, "INFO")))
case("logger unknown delete", logger(("no.such.logger", DELETE, None)))
case("logger delete", logger((LOG, DELETE, None)))
case("logger delete again", logger((LOG, DELETE, None)))
case("logger shows again", show(BROKER_LOGGER, "1", [LOG]))
case("logger root delete", logger(("root", DELETE, None)))
case("logger root set", logger(("root", SET, "INFO")))
case("logger append", logger((LOG, APPEND, "INFO")))
case("logger subtract", logger((LOG, SUBTRACT, "INFO")))
case("logger unknown op", logger((LOG, 9, "INFO")))
case("logger null", logger((LOG, SET, None)))
case("logger validate", logger((LOG, SET, "TRACE"), validate_only=True))
case("logger shows validated", show(BROKER_LOGGER, "1", [LOG]))
case("logger two, one bad", logger((LOG, SET, "ERROR"), ("no.such.logger", SET, "INFO")))
case("logger shows none of it", show(BROKER_LOGGER, "1", [LOG]))

# Groups and subscriptions.
case("group sets", group(("share.isolation.level", SET, "read_committed"), ("consumer.session.timeout.ms", SET, "50000")))
case("group shows", show(GROUP, "g"))
case("group timeouts cross", group(("consumer.heartbeat.interval.ms", SET, "15000"),
                                   ("consumer.session.timeout.ms", SET, "45000")))
case("group append", group(("share.isolation.level", APPEND, "x")))
case("group two bad", group(("share.isolation.level", SET, "x"), ("no.such", SET, "x")))
case("metrics sets", metrics(("interval.ms", SET, "1000"), ("metrics", SET, "a,b")))
case("metrics append", metrics(("metrics", APPEND, "c,b")))
case("metrics shows", show(CLIENT_METRICS, "m"))
case("metrics subtract", metrics(("metrics", SUBTRACT, "a")))
case("metrics shows less", show(CLIENT_METRICS, "m", ["metrics"]))
case("metrics match", metrics(("match", SET, "client_id=.*,client_software_name=x")))
case("list all", (list_resources, (), {}))
case("list v0", (list_resources, (), {"version": 0}))
case("group empties", legacy(GROUP, "g"))
case("metrics empties", legacy(CLIENT_METRICS, "m"))
case("list after", (list_resources, (), {}))
case("documentation of a topic", show(TOPIC, "t", documentation=True))
case("documentation of a broker", show(BROKER, "1", documentation=True))
case("many at once", (describe, ([(TOPIC, "t", ["retention.ms"]), (BROKER, "1", ["node.id"]), (TOPIC, "missing", None),
                                  (GROUP, "g", ["share.isolation.level"])],), {}))
case("describe twice the same", (describe, ([(TOPIC, "t", ["retention.ms"]), (TOPIC, "t", ["segment.ms"])],), {}))
