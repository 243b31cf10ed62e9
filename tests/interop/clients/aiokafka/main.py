"""aiokafka: AIOKafkaProducer, AIOKafkaConsumer.assign, AIOKafkaAdminClient (whose alter_configs is the old, full one)."""

import asyncio
import os
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), ".."))

import contract  # noqa: E402
from aiokafka import AIOKafkaConsumer, AIOKafkaProducer, TopicPartition  # noqa: E402
from aiokafka.admin import AIOKafkaAdminClient, NewPartitions, NewTopic, RecordsToDelete  # noqa: E402
from aiokafka.admin.config_resource import ConfigResource, ConfigResourceType  # noqa: E402
from contract import RECORDS, require  # noqa: E402

BOOTSTRAP, PREFIX = contract.arguments()
VARIANTS = ["none", "gzip", "snappy", "lz4", "zstd", "idempotent"]


async def produce():
    for variant in VARIANTS:
        idempotent = variant == "idempotent"
        codec = {"none": None, "idempotent": "lz4"}.get(variant, variant)
        producer = AIOKafkaProducer(bootstrap_servers=BOOTSTRAP, compression_type=codec, acks="all", linger_ms=5,
                                    enable_idempotence=idempotent)
        await producer.start()
        sent = [await producer.send(f"{PREFIX}-{variant}", contract.value(index), contract.key(index), partition=0,
                                    headers=contract.headers(index)) for index in range(RECORDS)]
        offsets = [answer.offset for answer in await asyncio.wait_for(asyncio.gather(*sent), 30)]
        require(offsets == list(range(RECORDS)), f"{variant}: offsets {offsets[:3]}..{offsets[-3:]}")
        await producer.stop()
    return ", ".join(VARIANTS), VARIANTS


async def consume():
    for variant in VARIANTS:
        topic = f"{PREFIX}-{variant}"
        consumer = AIOKafkaConsumer(bootstrap_servers=BOOTSTRAP, group_id=None)
        await consumer.start()
        partition = TopicPartition(topic, 0)
        consumer.assign([partition])
        await consumer.seek_to_beginning(partition)
        for index in range(RECORDS):
            record = await asyncio.wait_for(consumer.getone(), 20)
            contract.check_record(topic, index, record.key, record.value, record.headers)
        require((await consumer.end_offsets([partition]))[partition] == RECORDS, f"{topic}: end offset")
        await consumer.stop()
    return "assign", ()


def no_error(answer, rows):
    """The client hands back the broker's answer as it came; `rows` names its list of (name, code, message...)."""
    for _, code, *rest in getattr(answer, rows):
        require(code == 0, f"{type(answer).__name__}: code {code} {rest}")


async def admin():
    client = AIOKafkaAdminClient(bootstrap_servers=BOOTSTRAP)
    await client.start()
    topic = f"{PREFIX}-admin"
    settings = {"retention.ms": contract.CREATED_RETENTION}
    no_error(await client.create_topics([NewTopic(topic, 2, 1, topic_configs=settings)]), "topic_errors")

    async def partitions():
        return len((await client.describe_topics([topic]))[0]["partitions"])

    async def listed():
        return topic in await client.list_topics()

    async def retention():
        (answer,) = await client.describe_configs([ConfigResource(ConfigResourceType.TOPIC, topic)])
        (_, _, _, _, entries), = answer.resources
        return next(entry[1] for entry in entries if entry[0] == "retention.ms")

    await contract.until_async(partitions, 2, "partitions")
    await contract.until_async(retention, contract.CREATED_RETENTION, "retention.ms")
    change = ConfigResource(ConfigResourceType.TOPIC, topic, {"retention.ms": contract.ALTERED_RETENTION})
    for answer in await client.alter_configs([change]):
        for code, message, *_ in answer.resources:
            require(code == 0, f"alter_configs: code {code} {message}")
    await contract.until_async(retention, contract.ALTERED_RETENTION, "retention.ms")
    no_error(await client.create_partitions({topic: NewPartitions(4)}), "topic_errors")
    await contract.until_async(partitions, 4, "partitions")
    first = TopicPartition(f"{PREFIX}-none", 0)
    deleted = await client.delete_records({first: RecordsToDelete(10)})
    require(deleted[first] == 10, f"delete_records: {deleted}")
    no_error(await client.delete_topics([topic]), "topic_error_codes")
    await contract.until_async(listed, False, "listed after delete")
    await client.close()
    return "create, describe, configs, alter, partitions, delete records, delete", ()


contract.run("produce", lambda: asyncio.run(produce()))
contract.run("consume", lambda: asyncio.run(consume()))
contract.run("admin", lambda: asyncio.run(admin()))
