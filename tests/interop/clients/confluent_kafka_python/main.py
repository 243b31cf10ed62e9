"""confluent-kafka-python: Producer, Consumer.assign, AdminClient."""

import os
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), ".."))

import contract  # noqa: E402
from confluent_kafka import OFFSET_BEGINNING, Consumer, Producer, TopicPartition  # noqa: E402
from confluent_kafka.admin import (AdminClient, AlterConfigOpType, ConfigEntry, ConfigResource, NewPartitions, NewTopic,  # noqa: E402
                                   ResourceType)
from contract import RECORDS, require  # noqa: E402

BOOTSTRAP, PREFIX = contract.arguments()
VARIANTS = ["none", "gzip", "snappy", "lz4", "zstd", "idempotent"]


def produce():
    for variant in VARIANTS:
        idempotent = variant == "idempotent"
        producer = Producer({"bootstrap.servers": BOOTSTRAP, "enable.idempotence": idempotent, "linger.ms": 5,
                             "compression.codec": "lz4" if idempotent else variant, "message.timeout.ms": 20000})
        problems = []
        for index in range(RECORDS):
            producer.produce(f"{PREFIX}-{variant}", contract.value(index), contract.key(index), partition=0,
                             headers=contract.headers(index),
                             on_delivery=lambda error, _: problems.append(str(error)) if error else None)
        require(producer.flush(30) == 0, f"{variant}: not all is delivered")
        require(not problems, f"{variant}: {problems[:1]}")
    return ", ".join(VARIANTS), VARIANTS


def consume():
    for variant in VARIANTS:
        topic = f"{PREFIX}-{variant}"
        consumer = Consumer({"bootstrap.servers": BOOTSTRAP, "group.id": "unused", "enable.auto.commit": False,
                             "auto.offset.reset": "error"})
        consumer.assign([TopicPartition(topic, 0, OFFSET_BEGINNING)])
        for index in range(RECORDS):
            message = consumer.poll(20)
            require(message is not None, f"{topic}: nothing after {index} records")
            require(message.error() is None, f"{topic}: {message.error()}")
            contract.check_record(topic, index, message.key(), message.value(), message.headers())
        require(consumer.get_watermark_offsets(TopicPartition(topic, 0), 10) == (0, RECORDS), f"{topic}: watermarks")
        consumer.close()
    return "assign", ()


def only(futures):
    (future,) = futures.values()
    return future.result(20)


def admin():
    client = AdminClient({"bootstrap.servers": BOOTSTRAP})
    topic = f"{PREFIX}-admin"
    only(client.create_topics([NewTopic(topic, 2, 1, config={"retention.ms": contract.CREATED_RETENTION})]))

    def partitions():
        return len(client.list_topics(topic, 20).topics[topic].partitions)

    def retention():
        return only(client.describe_configs([ConfigResource(ResourceType.TOPIC, topic)]))["retention.ms"].value

    contract.until(partitions, 2, "partitions")
    contract.until(retention, contract.CREATED_RETENTION, "retention.ms")
    entry = ConfigEntry("retention.ms", contract.ALTERED_RETENTION, incremental_operation=AlterConfigOpType.SET)
    only(client.incremental_alter_configs([ConfigResource(ResourceType.TOPIC, topic, incremental_configs=[entry])]))
    contract.until(retention, contract.ALTERED_RETENTION, "retention.ms")
    only(client.create_partitions([NewPartitions(topic, 4)]))
    contract.until(partitions, 4, "partitions")
    deleted = only(client.delete_records([TopicPartition(f"{PREFIX}-none", 0, 10)]))
    require(deleted.low_watermark == 10, f"low watermark {deleted.low_watermark}")
    only(client.delete_topics([topic]))
    contract.until(lambda: topic in client.list_topics(timeout=20).topics, False, "listed after delete")
    return "create, describe, configs, alter, partitions, delete records, delete", ()


contract.run("produce", produce)
contract.run("consume", consume)
contract.run("admin", admin)
