"""Command lines of Apache's own tools that must say the same of both nodes: lines in order, and why some may differ.

`{b}` is the bootstrap server, `{c}` the controller's listener, `{data}` the log directory, `{files}` a folder of small
files. A line that begins with `*` prints in the order of a hash map: its lines are compared sorted. Each group begins
where the one before it ended; `OFFLINE` runs after both nodes were stopped."""

TOPICS = """
kafka-topics --bootstrap-server {b} --list
kafka-topics --bootstrap-server {b} --create --topic first --partitions 2 --replication-factor 1
kafka-topics --bootstrap-server {b} --create --topic first
kafka-topics --bootstrap-server {b} --create --topic first --if-not-exists
kafka-topics --bootstrap-server {b} --create --topic defaults
kafka-topics --bootstrap-server {b} --create --topic with_configs --partitions 1 --config retention.ms=86400000 --config cleanup.policy=compact
kafka-topics --bootstrap-server {b} --create --topic with.configs
kafka-topics --bootstrap-server {b} --create --topic placed --replica-assignment 1,1,1
kafka-topics --bootstrap-server {b} --create --topic rolled --partitions 1 --config segment.bytes=1048576
kafka-topics --bootstrap-server {b} --create --topic refused --replica-assignment 7
kafka-topics --bootstrap-server {b} --create --topic refused --replica-assignment 1:1
kafka-topics --bootstrap-server {b} --create --topic refused --partitions 1 --replica-assignment 1
kafka-topics --bootstrap-server {b} --create --topic refused --replication-factor 3
kafka-topics --bootstrap-server {b} --create --topic refused --partitions 0
kafka-topics --bootstrap-server {b} --create --topic refused --partitions 20000
kafka-topics --bootstrap-server {b} --create --topic refused --config no.such.config=1
kafka-topics --bootstrap-server {b} --create --topic refused --config retention.ms=soon
kafka-topics --bootstrap-server {b} --create --topic refused --config cleanup.policy=burn
kafka-topics --bootstrap-server {b} --create --topic refused --config remote.storage.enable=true
kafka-topics --bootstrap-server {b} --create --topic re/fused
kafka-topics --bootstrap-server {b} --create --topic ..
kafka-topics --bootstrap-server {b} --create
kafka-topics --bootstrap-server {b}
kafka-topics --create --topic refused
kafka-topics --version
kafka-topics --bootstrap-server {b} --list
kafka-topics --bootstrap-server {b} --list --exclude-internal
kafka-topics --bootstrap-server {b} --list --topic f.*
kafka-topics --bootstrap-server {b} --describe
kafka-topics --bootstrap-server {b} --describe --topic first
kafka-topics --bootstrap-server {b} --describe --topic first --partition-size-limit-per-response 1
kafka-topics --bootstrap-server {b} --describe --topic nowhere
kafka-topics --bootstrap-server {b} --describe --topic nowhere --if-exists
kafka-topics --bootstrap-server {b} --describe --topic-id AAAAAAAAAAAAAAAAAAAAAQ
kafka-topics --bootstrap-server {b} --describe --topic-id short
kafka-topics --bootstrap-server {b} --describe --topics-with-overrides
kafka-topics --bootstrap-server {b} --describe --under-replicated-partitions
kafka-topics --bootstrap-server {b} --describe --unavailable-partitions
kafka-topics --bootstrap-server {b} --describe --under-min-isr-partitions
kafka-topics --bootstrap-server {b} --describe --at-min-isr-partitions
kafka-topics --bootstrap-server {b} --alter --topic first --partitions 4
kafka-topics --bootstrap-server {b} --alter --topic first --partitions 3
kafka-topics --bootstrap-server {b} --alter --topic first --partitions 4
kafka-topics --bootstrap-server {b} --alter --topic first --partitions 6 --replica-assignment 1,1,1,1,1,1
kafka-topics --bootstrap-server {b} --alter --topic first --partitions 7 --replica-assignment 1,1,1,1,1,1,9
kafka-topics --bootstrap-server {b} --alter --topic nowhere --partitions 3
kafka-topics --bootstrap-server {b} --alter --topic nowhere --partitions 3 --if-exists
kafka-topics --bootstrap-server {b} --alter --topic first
kafka-topics --bootstrap-server {b} --describe --topic first
kafka-topics --bootstrap-server {b} --delete --topic placed
kafka-topics --bootstrap-server {b} --delete --topic nowhere
kafka-topics --bootstrap-server {b} --delete --topic nowhere --if-exists
kafka-topics --bootstrap-server {b} --delete
kafka-topics --bootstrap-server {b} --list
"""

CONFIGS = """
kafka-configs --bootstrap-server {b} --describe --entity-type topics --entity-name first
kafka-configs --bootstrap-server {b} --describe --entity-type topics --entity-name first --all
kafka-configs --bootstrap-server {b} --describe --entity-type topics
kafka-configs --bootstrap-server {b} --describe --topic nowhere
kafka-configs --bootstrap-server {b} --describe --topic nowhere --all
kafka-configs --bootstrap-server {b} --alter --topic first --add-config retention.ms=1000000,max.message.bytes=70000
kafka-configs --bootstrap-server {b} --alter --entity-type topics --entity-name first --add-config-file {files}/topic.properties
kafka-configs --bootstrap-server {b} --alter --topic first --add-config cleanup.policy=[compact,delete]
kafka-configs --bootstrap-server {b} --describe --topic first
kafka-configs --bootstrap-server {b} --alter --topic first --delete-config retention.ms
kafka-configs --bootstrap-server {b} --alter --topic first --delete-config no.such.config
kafka-configs --bootstrap-server {b} --alter --topic first --delete-config cleanup.policy --add-config segment.ms=3600000
kafka-configs --bootstrap-server {b} --alter --topic first --add-config no.such.config=1
kafka-configs --bootstrap-server {b} --alter --topic first --add-config retention.ms=soon
kafka-configs --bootstrap-server {b} --alter --topic first --add-config min.insync.replicas=0
kafka-configs --bootstrap-server {b} --alter --topic first --add-config remote.storage.enable=true
kafka-configs --bootstrap-server {b} --alter --topic nowhere --add-config retention.ms=1
kafka-configs --bootstrap-server {b} --alter --topic first --add-config retention.ms
kafka-configs --bootstrap-server {b} --alter --topic first
kafka-configs --bootstrap-server {b} --describe --topic first
kafka-configs --bootstrap-server {b} --describe --entity-type brokers --entity-name 1
kafka-configs --bootstrap-server {b} --describe --entity-type brokers --entity-name 1 --all
kafka-configs --bootstrap-server {b} --describe --broker 9
kafka-configs --bootstrap-server {b} --describe --broker-defaults
kafka-configs --bootstrap-server {b} --alter --broker 1 --add-config log.cleaner.threads=2
kafka-configs --bootstrap-server {b} --alter --broker-defaults --add-config log.retention.ms=123456789
kafka-configs --bootstrap-server {b} --alter --broker 1 --add-config log.dirs=/elsewhere
kafka-configs --bootstrap-server {b} --alter --broker 1 --add-config num.io.threads=many
kafka-configs --bootstrap-server {b} --alter --broker 1 --add-config num.io.threads=1000
kafka-configs --bootstrap-server {b} --alter --broker-defaults --add-config listeners=PLAINTEXT://:1
kafka-configs --bootstrap-server {b} --alter --broker one --add-config log.cleaner.threads=2
kafka-configs --bootstrap-server {b} --describe --entity-type brokers
kafka-configs --bootstrap-server {b} --describe --topic first --all
kafka-configs --bootstrap-server {b} --alter --broker 1 --delete-config log.cleaner.threads
kafka-configs --bootstrap-server {b} --alter --broker-defaults --delete-config log.retention.ms
kafka-configs --bootstrap-controller {c} --describe --entity-type brokers --entity-name 1
kafka-configs --bootstrap-controller {c} --alter --entity-type brokers --entity-name 1 --add-config log.cleaner.threads=2
kafka-configs --bootstrap-server {b} --alter --broker-logger 1 --add-config kafka.server.BrokerServer=DEBUG
kafka-configs --bootstrap-server {b} --alter --broker-logger 1 --add-config kafka.server.BrokerServer=LOUD
kafka-configs --bootstrap-server {b} --alter --broker-logger 1 --add-config no.such.Logger=DEBUG
kafka-configs --bootstrap-server {b} --alter --broker-logger 1 --delete-config kafka.server.BrokerServer
kafka-configs --bootstrap-server {b} --describe --broker-logger 9
kafka-configs --bootstrap-server {b} --alter --user alice --add-config producer_byte_rate=1024,consumer_byte_rate=2048
kafka-configs --bootstrap-server {b} --alter --user alice --client app --add-config request_percentage=50
kafka-configs --bootstrap-server {b} --alter --user-defaults --add-config consumer_byte_rate=4096
kafka-configs --bootstrap-server {b} --alter --client app --add-config controller_mutation_rate=5
kafka-configs --bootstrap-server {b} --alter --client-defaults --add-config producer_byte_rate=8192
kafka-configs --bootstrap-server {b} --alter --ip 127.0.0.1 --add-config connection_creation_rate=1000
kafka-configs --bootstrap-server {b} --alter --ip-defaults --add-config connection_creation_rate=2000
kafka-configs --bootstrap-server {b} --alter --ip no-such-host.invalid --add-config connection_creation_rate=1
kafka-configs --bootstrap-server {b} --alter --user alice --add-config producer_byte_rate=fast
kafka-configs --bootstrap-server {b} --alter --user alice --add-config producer_byte_rate=-1
kafka-configs --bootstrap-server {b} --alter --user alice --add-config no_such_quota=1
kafka-configs --bootstrap-server {b} --alter --client app --delete-config producer_byte_rate
*kafka-configs --bootstrap-server {b} --describe --entity-type users
kafka-configs --bootstrap-server {b} --describe --user alice
kafka-configs --bootstrap-server {b} --describe --user alice --client app
*kafka-configs --bootstrap-server {b} --describe --entity-type clients
kafka-configs --bootstrap-server {b} --describe --user-defaults
*kafka-configs --bootstrap-server {b} --describe --entity-type users --entity-type clients
*kafka-configs --bootstrap-server {b} --describe --entity-type ips
kafka-configs --bootstrap-server {b} --describe --ip 127.0.0.1
kafka-configs --bootstrap-server {b} --alter --user alice --delete-config producer_byte_rate
kafka-configs --bootstrap-server {b} --alter --client-defaults --delete-config producer_byte_rate
kafka-configs --bootstrap-server {b} --alter --user-defaults --delete-config consumer_byte_rate
kafka-configs --bootstrap-server {b} --alter --user bob --add-config SCRAM-SHA-256=[iterations=8192,password=secret]
kafka-configs --bootstrap-server {b} --alter --user bob --add-config SCRAM-SHA-512=[password=secret]
kafka-configs --bootstrap-server {b} --alter --user bob --add-config SCRAM-SHA-256=[iterations=1,password=secret]
kafka-configs --bootstrap-server {b} --alter --user bob --add-config SCRAM-SHA-256=[iterations=20000,password=secret]
kafka-configs --bootstrap-server {b} --alter --user-defaults --add-config SCRAM-SHA-256=[password=secret]
kafka-configs --bootstrap-server {b} --describe --user bob
kafka-configs --bootstrap-server {b} --alter --user bob --delete-config SCRAM-SHA-512
kafka-configs --bootstrap-server {b} --alter --user carol --delete-config SCRAM-SHA-512
*kafka-configs --bootstrap-server {b} --describe --entity-type users
kafka-configs --bootstrap-server {b} --alter --client-metrics slow --add-config interval.ms=30000,metrics=[org.apache.kafka.producer.,org.apache.kafka.consumer.]
kafka-configs --bootstrap-server {b} --alter --client-metrics slow --add-config interval.ms=1
kafka-configs --bootstrap-server {b} --alter --client-metrics slow --add-config match=[no_such_selector=x]
kafka-configs --bootstrap-server {b} --describe --client-metrics slow
kafka-configs --bootstrap-server {b} --describe --client-metrics slow --all
kafka-configs --bootstrap-server {b} --describe --entity-type client-metrics
kafka-configs --bootstrap-server {b} --describe --client-metrics nobody
kafka-configs --bootstrap-server {b} --alter --client-metrics slow --delete-config interval.ms,metrics
kafka-configs --bootstrap-server {b} --alter --group readers --add-config consumer.session.timeout.ms=50000
kafka-configs --bootstrap-server {b} --alter --group readers --add-config consumer.session.timeout.ms=1
kafka-configs --bootstrap-server {b} --describe --group readers --all
kafka-configs --bootstrap-server {b} --describe --group readers
kafka-configs --bootstrap-server {b} --alter --group readers --delete-config consumer.session.timeout.ms
kafka-configs --bootstrap-server {b} --alter --entity-type planets --entity-name mars --add-config a=b
kafka-configs --bootstrap-server {b} --describe
kafka-configs --bootstrap-server {b} --alter --entity-type topics --add-config retention.ms=1
kafka-configs --describe --entity-type topics
kafka-client-metrics --bootstrap-server {b} --alter --name fast --metrics org.apache.kafka.producer. --interval 10000 --match client_id=app
kafka-client-metrics --bootstrap-server {b} --list
kafka-client-metrics --bootstrap-server {b} --describe --name fast
kafka-client-metrics --bootstrap-server {b} --delete --name fast
kafka-client-metrics --bootstrap-server {b} --describe --name fast
"""

OFFSETS = """
kafka-get-offsets --bootstrap-server {b}
kafka-get-offsets --bootstrap-server {b} --topic first
kafka-get-offsets --bootstrap-server {b} --topic first --partitions 0
kafka-get-offsets --bootstrap-server {b} --topic-partitions first:0-2,rolled
kafka-get-offsets --bootstrap-server {b} --topic first --time earliest
kafka-get-offsets --bootstrap-server {b} --topic first --time -1
kafka-get-offsets --bootstrap-server {b} --topic first --time -2
kafka-get-offsets --bootstrap-server {b} --topic first --time -3
kafka-get-offsets --bootstrap-server {b} --topic first --time -4
kafka-get-offsets --bootstrap-server {b} --topic first --time -5
kafka-get-offsets --bootstrap-server {b} --topic first --time -6
*kafka-get-offsets --bootstrap-server {b} --topic first --time -7
kafka-get-offsets --bootstrap-server {b} --topic first --time max-timestamp
kafka-get-offsets --bootstrap-server {b} --topic first --time earliest-local
kafka-get-offsets --bootstrap-server {b} --topic first --time latest-tiered
kafka-get-offsets --bootstrap-server {b} --topic first --time 1600000000003
kafka-get-offsets --bootstrap-server {b} --topic first --time 1900000000000
kafka-get-offsets --bootstrap-server {b} --topic rolled --time 1600000000105
kafka-get-offsets --bootstrap-server {b} --topic nowhere
kafka-get-offsets --bootstrap-server {b} --topic first --partitions 99
kafka-get-offsets --bootstrap-server {b} --topic first --partitions x
kafka-get-offsets --bootstrap-server {b} --time soon
kafka-get-offsets --bootstrap-server {b} --topic first --topic-partitions first:0
kafka-get-offsets
kafka-delete-records --bootstrap-server {b} --offset-json-file {files}/delete.json
kafka-get-offsets --bootstrap-server {b} --topic first --time -2
*kafka-delete-records --bootstrap-server {b} --offset-json-file {files}/delete_wrong.json
kafka-delete-records --bootstrap-server {b} --offset-json-file {files}/delete_twice.json
kafka-delete-records --bootstrap-server {b} --offset-json-file {files}/not_json.json
kafka-delete-records --bootstrap-server {b}
kafka-log-dirs --bootstrap-server {b} --describe --topic-list first,rolled
kafka-log-dirs --bootstrap-server {b} --describe --broker-list 1 --topic-list rolled
kafka-log-dirs --bootstrap-server {b} --describe --topic-list nowhere
kafka-log-dirs --bootstrap-server {b} --describe --broker-list 1,9
kafka-log-dirs --bootstrap-server {b}
"""

CLUSTER = """
kafka-metadata-quorum --bootstrap-server {b} describe --status
kafka-metadata-quorum --bootstrap-server {b} describe --replication
kafka-metadata-quorum --bootstrap-server {b} describe --replication --human-readable
kafka-metadata-quorum --bootstrap-controller {c} describe --status
kafka-metadata-quorum --bootstrap-controller {c} describe --replication
kafka-metadata-quorum --bootstrap-server {b} describe
kafka-metadata-quorum --bootstrap-server {b} describe --status --replication
kafka-metadata-quorum --bootstrap-server {b}
kafka-features --bootstrap-server {b} describe
kafka-features --bootstrap-controller {c} describe
kafka-features --bootstrap-server {b} describe --node-id 1
kafka-features --bootstrap-server {b} upgrade --release-version 4.3 --dry-run
kafka-features --bootstrap-server {b} upgrade --metadata 4.3 --dry-run
kafka-features --bootstrap-server {b} upgrade --feature no.such.feature=1
kafka-features --bootstrap-server {b} upgrade --feature share.version=99
kafka-features --bootstrap-server {b} upgrade --metadata 9.9
kafka-features --bootstrap-server {b} downgrade --feature metadata.version=7
kafka-features --bootstrap-server {b} downgrade --metadata 3.3 --dry-run
kafka-features --bootstrap-server {b} disable --feature metadata.version
kafka-features --bootstrap-server {b} version-mapping
kafka-features --bootstrap-server {b} version-mapping --release-version 3.9
kafka-features --bootstrap-server {b} feature-dependencies --feature transaction.version=2
kafka-features --bootstrap-server {b} upgrade
kafka-cluster cluster-id --bootstrap-server {b}
kafka-cluster cluster-id --bootstrap-controller {c}
kafka-cluster list-endpoints --bootstrap-server {b}
kafka-cluster list-endpoints --bootstrap-server {b} --include-fenced-brokers
kafka-cluster list-endpoints --bootstrap-controller {c}
kafka-cluster list-endpoints --bootstrap-controller {c} --include-fenced-brokers
kafka-cluster unregister --bootstrap-server {b} --id 9
kafka-cluster
kafka-broker-api-versions --bootstrap-server {b}
kafka-broker-api-versions --bootstrap-controller {c}
kafka-broker-api-versions
kafka-reassign-partitions --bootstrap-server {b} --list
kafka-reassign-partitions --bootstrap-server {b} --generate --topics-to-move-json-file {files}/move.json --broker-list 1
kafka-reassign-partitions --bootstrap-server {b} --generate --topics-to-move-json-file {files}/move.json --broker-list 7
kafka-reassign-partitions --bootstrap-server {b} --execute --reassignment-json-file {files}/reassign.json
kafka-reassign-partitions --bootstrap-server {b} --verify --reassignment-json-file {files}/reassign.json
kafka-reassign-partitions --bootstrap-server {b} --cancel --reassignment-json-file {files}/reassign.json
kafka-reassign-partitions --bootstrap-server {b} --execute --reassignment-json-file {files}/reassign_unknown_broker.json
kafka-reassign-partitions --bootstrap-server {b} --execute --reassignment-json-file {files}/reassign_unknown_topic.json
kafka-reassign-partitions --bootstrap-server {b} --execute --reassignment-json-file {files}/not_json.json
kafka-reassign-partitions --bootstrap-server {b} --execute --reassignment-json-file {files}/reassign.json --throttle 1000000
kafka-reassign-partitions --bootstrap-server {b} --verify --reassignment-json-file {files}/reassign.json --preserve-throttles
kafka-reassign-partitions --bootstrap-server {b} --verify --reassignment-json-file {files}/reassign.json
kafka-reassign-partitions --bootstrap-server {b} --execute
kafka-reassign-partitions --bootstrap-server {b}
kafka-leader-election --bootstrap-server {b} --election-type preferred --topic first --partition 0
*kafka-leader-election --bootstrap-server {b} --election-type preferred --all-topic-partitions
kafka-leader-election --bootstrap-server {b} --election-type unclean --topic first --partition 1
kafka-leader-election --bootstrap-server {b} --election-type preferred --path-to-json-file {files}/elect.json
kafka-leader-election --bootstrap-server {b} --election-type preferred --topic nowhere --partition 0
kafka-leader-election --bootstrap-server {b} --election-type preferred --topic first --partition 99
kafka-leader-election --bootstrap-server {b} --election-type preferred --topic first
kafka-leader-election --bootstrap-server {b} --election-type lucky --all-topic-partitions
kafka-leader-election --bootstrap-server {b}
kafka-producer-perf-test --topic perf --num-records 2000 --record-size 200 --throughput -1 --producer-props bootstrap.servers={b}
kafka-producer-perf-test --topic perf --num-records 500 --record-size 1000 --throughput -1 --producer-props bootstrap.servers={b} acks=all compression.type=zstd
kafka-producer-perf-test --topic perf --num-records 10 --payload-monotonic --throughput -1 --bootstrap-server {b} --command-property acks=1
kafka-producer-perf-test --topic perf --num-records 10 --throughput -1 --bootstrap-server {b}
kafka-producer-perf-test --topic first --num-records 1 --record-size 80000 --throughput -1 --producer-props bootstrap.servers={b}
kafka-get-offsets --bootstrap-server {b} --topic perf
kafka-metadata-shell --snapshot {data}/__cluster_metadata-0/00000000000000000000.log ls /
"""

_META = "kafka-metadata-shell --snapshot {data}/__cluster_metadata-0/00000000000000000000.log"
OFFLINE = f"""
kafka-dump-log --files {{data}}/first-0/00000000000000000000.log
kafka-dump-log --files {{data}}/first-0/00000000000000000000.log --print-data-log
kafka-dump-log --files {{data}}/first-1/00000000000000000000.log --print-data-log --skip-record-metadata
kafka-dump-log --files {{data}}/first-1/00000000000000000000.log --deep-iteration
kafka-dump-log --files {{data}}/first-1/00000000000000000000.log --print-data-log --value-decoder-class org.apache.kafka.tools.api.StringDecoder
kafka-dump-log --files {{data}}/rolled-0/00000000000000000000.log,{{data}}/rolled-0/{{rolled}}.log
kafka-dump-log --files {{data}}/rolled-0/00000000000000000000.log --max-bytes 250000
kafka-dump-log --files {{data}}/rolled-0/00000000000000000000.index
kafka-dump-log --files {{data}}/rolled-0/00000000000000000000.index --index-sanity-check
kafka-dump-log --files {{data}}/rolled-0/00000000000000000000.index --verify-index-only
kafka-dump-log --files {{data}}/rolled-0/{{rolled}}.index
kafka-dump-log --files {{data}}/rolled-0/00000000000000000000.timeindex
kafka-dump-log --files {{data}}/rolled-0/00000000000000000000.timeindex --index-sanity-check
kafka-dump-log --files {{data}}/rolled-0/{{rolled}}.timeindex
kafka-dump-log --files {{data}}/rolled-0/{{rolled}}.snapshot
kafka-dump-log --files {{data}}/first-1/{{first}}.snapshot
kafka-dump-log --files {{data}}/first-0/nothing.log
kafka-dump-log --files {{data}}/meta.properties
kafka-dump-log
*kafka-dump-log --cluster-metadata-decoder --skip-record-metadata --files {{data}}/__cluster_metadata-0/00000000000000000000.log
kafka-dump-log --cluster-metadata-decoder --skip-record-metadata --files {{data}}/__cluster_metadata-0/00000000000000000000-0000000000.checkpoint
{_META} ls /
{_META} ls /image
{_META} ls /image/topics/byName
{_META} cat /image/topics/byName/rolled/0/data
{_META} tree /image/configs
{_META} tree /image/clientQuotas
{_META} tree /image/features
{_META} tree /image/scram
{_META} find /image/clientMetrics
{_META} cat /image/nowhere
{_META} pwd
{_META} fly
kafka-metadata-shell --snapshot {{data}}/nothing.log ls /
kafka-metadata-shell
"""

# Apache's kafka-storage and ours of the same name, `{s}` being a configuration: exit statuses must be equal. Words are
# not compared: where Apache prints a trace or a usage, ours is one sentence.
_ID = "-t c3RvcmFnZS1vZi1LYWZrYQ"
STORAGE = f"""
kafka-storage -h
kafka-storage fly
kafka-storage info
kafka-storage info -c {{s}}
kafka-storage info -c {{s}}.nothing
kafka-storage random-uuid
kafka-storage random-uuid more
kafka-storage version-mapping
kafka-storage version-mapping -r 3.9
kafka-storage version-mapping -r 9.9
kafka-storage feature-dependencies
kafka-storage feature-dependencies -f transaction.version=2
kafka-storage feature-dependencies -f no.such=2
kafka-storage format -c {{s}}
kafka-storage format -t abc
kafka-storage format -t abc -c {{s}}.nothing
kafka-storage format {_ID} -c {{s}}
kafka-storage format {_ID} -c {{s}} --standalone --no-initial-controllers
kafka-storage format {_ID} -c {{s}} --standalone --feature metadata.version=99
kafka-storage format {_ID} -c {{s}} --standalone --feature no.such=1
kafka-storage format {_ID} -c {{s}} --standalone --feature x
kafka-storage format {_ID} -c {{s}} --standalone --release-version 9.9
kafka-storage format {_ID} -c {{s}} --standalone --release-version 3.9
kafka-storage info -c {{s}}
kafka-storage format {_ID} -c {{s}} --standalone
kafka-storage format {_ID} -c {{s}} --standalone --ignore-formatted
kafka-storage format -t b3RoZXItc3RvcmFnZS1JRA -c {{s}} --standalone --ignore-formatted
"""

CLASSES = {
    "kafka-topics": "org.apache.kafka.tools.TopicCommand",
    "kafka-configs": "kafka.admin.ConfigCommand",
    "kafka-client-metrics": "org.apache.kafka.tools.ClientMetricsCommand",
    "kafka-get-offsets": "org.apache.kafka.tools.GetOffsetShell",
    "kafka-delete-records": "org.apache.kafka.tools.DeleteRecordsCommand",
    "kafka-log-dirs": "org.apache.kafka.tools.LogDirsCommand",
    "kafka-metadata-quorum": "org.apache.kafka.tools.MetadataQuorumCommand",
    "kafka-features": "org.apache.kafka.tools.FeatureCommand",
    "kafka-cluster": "org.apache.kafka.tools.ClusterTool",
    "kafka-broker-api-versions": "org.apache.kafka.tools.BrokerApiVersionsCommand",
    "kafka-reassign-partitions": "org.apache.kafka.tools.reassign.ReassignPartitionsCommand",
    "kafka-leader-election": "org.apache.kafka.tools.LeaderElectionCommand",
    "kafka-producer-perf-test": "org.apache.kafka.tools.ProducerPerformance",
    "kafka-dump-log": "org.apache.kafka.tools.DumpLogSegments",
    "kafka-metadata-shell": "org.apache.kafka.shell.MetadataShell",
    "kafka-storage": "kafka.tools.StorageTool",
}

# Small files that lines name.
FILES = {
    "topic.properties": "flush.messages=1000\nsegment.index.bytes=1048576\n",
    "delete.json": '{"partitions": [{"topic": "first", "partition": 0, "offset": 3}], "version": 1}',
    "delete_wrong.json": '{"partitions": [{"topic": "first", "partition": 0, "offset": 999}, '
                         '{"topic": "rolled", "partition": 0, "offset": 0}], "version": 1}',
    "delete_twice.json": '{"partitions": [{"topic": "first", "partition": 0, "offset": 3}, '
                         '{"topic": "first", "partition": 0, "offset": 4}], "version": 1}',
    "not_json.json": "partitions:\n",
    "move.json": '{"topics": [{"topic": "first"}], "version": 1}',
    "reassign.json": '{"version": 1, "partitions": [{"topic": "first", "partition": 0, "replicas": [1], "log_dirs": ["any"]}]}',
    "reassign_unknown_broker.json": '{"version": 1, "partitions": [{"topic": "first", "partition": 0, "replicas": [7]}]}',
    "reassign_unknown_topic.json": '{"version": 1, "partitions": [{"topic": "nowhere", "partition": 0, "replicas": [1]}]}',
    "elect.json": '{"partitions": [{"topic": "first", "partition": 0}, {"topic": "rolled", "partition": 0}]}',
}
