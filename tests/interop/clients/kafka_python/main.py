"""kafka-python: KafkaProducer, KafkaConsumer.assign, KafkaAdminClient."""

import os
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), ".."))

import contract  # noqa: E402
from contract import RECORDS, require  # noqa: E402
from kafka import KafkaAdminClient, KafkaConsumer, KafkaProducer, TopicPartition  # noqa: E402
from kafka.admin import ConfigResource, ConfigResourceType  # noqa: E402

BOOTSTRAP, PREFIX = contract.arguments()
VARIANTS = ["none", "gzip", "snappy", "lz4", "zstd", "idempotent"]


def produce():
    for variant in VARIANTS:
        idempotent = variant == "idempotent"
        codec = {"none": None, "idempotent": "lz4"}.get(variant, variant)
        producer = KafkaProducer(bootstrap_servers=BOOTSTRAP, compression_type=codec, acks="all", linger_ms=5,
                                 enable_idempotence=idempotent)
        sent = [producer.send(f"{PREFIX}-{variant}", contract.value(index), contract.key(index), partition=0,
                              headers=contract.headers(index)) for index in range(RECORDS)]
        producer.flush(30)
        offsets = [future.get(10).offset for future in sent]
        require(offsets == list(range(RECORDS)), f"{variant}: offsets {offsets[:3]}..{offsets[-3:]}")
        producer.close()
    return ", ".join(VARIANTS), VARIANTS


def consume():
    for variant in VARIANTS:
        topic = f"{PREFIX}-{variant}"
        consumer = KafkaConsumer(bootstrap_servers=BOOTSTRAP, group_id=None, consumer_timeout_ms=20000,
                                 auto_offset_reset="earliest")
        partition = TopicPartition(topic, 0)
        consumer.assign([partition])
        consumer.seek_to_beginning(partition)
        for index in range(RECORDS):
            record = next(consumer)
            contract.check_record(topic, index, record.key, record.value, record.headers)
        require(consumer.end_offsets([partition])[partition] == RECORDS, f"{topic}: end offset")
        consumer.close()
    return "assign", ()


def admin():
    client = KafkaAdminClient(bootstrap_servers=BOOTSTRAP)
    topic = f"{PREFIX}-admin"
    settings = {"retention.ms": contract.CREATED_RETENTION}
    client.create_topics({topic: {"num_partitions": 2, "replication_factor": 1, "configs": settings}}, wait_for_metadata=True)

    def partitions():
        return len(client.describe_topics([topic])[0]["partitions"])

    def retention():
        found = client.describe_configs([ConfigResource(ConfigResourceType.TOPIC, topic)])
        return found["topic"][topic]["retention.ms"]["value"]

    contract.until(partitions, 2, "partitions")
    contract.until(retention, contract.CREATED_RETENTION, "retention.ms")
    client.alter_configs([ConfigResource(ConfigResourceType.TOPIC, topic, {"retention.ms": contract.ALTERED_RETENTION})])
    contract.until(retention, contract.ALTERED_RETENTION, "retention.ms")
    client.create_partitions({topic: 4})
    contract.until(partitions, 4, "partitions")
    first = TopicPartition(f"{PREFIX}-none", 0)
    deleted = client.delete_records({first: 10})
    require(deleted[first]["low_watermark"] == 10, f"delete_records: {deleted}")
    client.delete_topics([topic])
    contract.until(lambda: topic in client.list_topics(), False, "listed after delete")
    client.close()
    return "create, describe, configs, alter, partitions, delete records, delete", ()


contract.run("produce", produce)
contract.run("consume", consume)
contract.run("admin", admin)
