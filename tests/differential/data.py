"""Requests about records: Produce, Fetch, ListOffsets, Metadata, ApiVersions, InitProducerId and what belongs to them."""

import batches
from environment import Symbol
from state import Session


def topic_field(request, name, old, new, symbol):
    """The topic by name or, in versions that know ids, by id."""
    return {new: symbol} if request.version >= 13 else {old: name}


# -- Produce ---------------------------------------------------------------------------------------------------------------


def plain_records(random, count, keyed):
    return [batches.record(delta, b"k%d" % random.randrange(4) if keyed or random.random() < 0.5 else None,
                           None if random.random() < 0.1 else b"v" * random.choice([0, 1, 20, 300]),
                           [(b"h", b"w"), (b"n", None)] if random.random() < 0.2 else (),
                           random.choice([0, 1, 1000])) for delta in range(count)]


def odd_batch(random):
    """A batch that a broker has to look at twice."""
    records = plain_records(random, 3, True)
    codec = random.choice(batches.CODECS)
    return random.choice([
        lambda: batches.batch(records, codec, broken_crc=True),
        lambda: batches.batch(records, codec, magic=random.choice([0, 1, 3, -1])),
        lambda: batches.batch(records, codec, count=random.choice([0, -1, 2, 4])),
        lambda: batches.batch(records, codec, last_delta=random.choice([-1, 0, 1, 7])),
        lambda: batches.batch(records, codec, base_offset=random.choice([1, -1, 77])),
        lambda: batches.batch(records, codec, attributes=random.choice([0x20, 0x08, 0x40, 0x05, 0x07, 0x80, 0x0100])),
        lambda: batches.batch(records, codec, attributes=0x10, producer=random.choice([(5, 0, 0), (-1, -1, -1)])),
        lambda: batches.batch(records, codec, producer=random.choice([(5, 0, -1), (5, -1, 0), (-2, 0, 0), (-1, 0, 0)])),
        lambda: batches.batch(records, codec, time=random.choice([-1, -5, 0, 1 << 62, 4_000_000_000_000])),
        lambda: batches.batch(records, codec, max_time=random.choice([-1, 0, 4_000_000_000_000])),
        lambda: batches.batch(records, codec, leader_epoch=random.choice([0, 7])),
        lambda: batches.batch(records, codec)[:-random.choice([1, 5, 30])],
        lambda: batches.batch(records, codec) + batches.batch(records, "none"),
        lambda: batches.batch(records, codec) + b"\0" * random.choice([1, 12, 17, 61]),
        lambda: batches.batch([b"\x02\x00"], codec),
        lambda: batches.batch([records[0], records[0]], codec),
        lambda: batches.batch([records[1], records[0]], codec),
        lambda: batches.batch([], codec),
        lambda: batches.batch([batches.record(0, b"k", b"v" * 120_000)], codec),
        lambda: b"",
        lambda: b"\0" * 61,
    ])()


def idempotent_batch(generator, name, index):
    """From a known producer: the next sequence, or a duplicate, a gap, another epoch."""
    random = generator.random
    producer = random.choice(generator.state.producers)
    following = producer.sequences.get((name, index), 0)
    count = random.randint(1, 3)
    sequence, epoch = following, producer.epoch
    draw = random.random()
    if draw < 0.12:
        sequence = max(following - count, 0)
    elif draw < 0.2:
        sequence = following + random.choice([1, 5])
    elif draw < 0.25:
        epoch = random.choice([epoch + 1, epoch - 1, 3])
        sequence = random.choice([0, following])
    else:
        producer.sequences[name, index] = following + count

    records = plain_records(random, count, True)
    codec = random.choice(batches.CODECS)
    return SymbolicBatch(records, codec, producer.identity, epoch, sequence)


class SymbolicBatch:
    """A batch whose producer id depends on the node."""

    def __init__(self, records, codec, identity, epoch, sequence):
        self.records, self.codec, self.identity, self.epoch, self.sequence = records, codec, identity, epoch, sequence

    def resolve(self, environment):
        producer = (self.identity.resolve(environment), self.epoch, self.sequence)
        return batches.batch(self.records, self.codec, producer=producer)

    def __repr__(self):
        return f"batch({len(self.records)} records, {self.codec}, {self.identity}, epoch {self.epoch}, sequence {self.sequence})"


def batch_for(generator, name, index):
    random, topic = generator.random, generator.state.topics.get(name)
    draw = random.random()
    if draw < 0.18:
        return odd_batch(random)
    if draw < 0.45 and generator.state.producers:
        return idempotent_batch(generator, name, index)
    keyed = topic is not None and topic.compacted and random.random() < 0.8
    return batches.batch(plain_records(random, random.randint(1, 5), keyed), random.choice(batches.CODECS))


def produce(generator, request):
    random = generator.random
    acks = random.choices([-1, 1, 0, 2, -2], [10, 6, 2, 0.3, 0.3])[0]
    topics = []
    names = {generator.topic_name() for _ in range(random.choice([1, 1, 1, 2]))}
    for name in sorted(names):
        indexes = sorted({generator.partition(name) for _ in range(random.choice([1, 1, 2]))})
        partitions = [{"Index": index, "Records": batch_for(generator, name, index)} for index in indexes]
        topics.append({**topic_field(request, name, "Name", "TopicId", Symbol("topic id", name)), "PartitionData": partitions})
    request.value = {"TransactionalId": None, "Acks": acks, "TimeoutMs": random.choice([1000, 30000]), "TopicData": topics}


# -- Fetch -----------------------------------------------------------------------------------------------------------------


def fetch_partition(generator, request, name):
    random = generator.random
    partition = {"Partition": generator.partition(name), "FetchOffset": random.choices([0, 1, 3, 10, 1000, -1], [6, 2, 2, 2, 1, 0.3])[0],
                 "PartitionMaxBytes": random.choice([1 << 20, 1 << 20, 100, 0, 1]), "CurrentLeaderEpoch": generator.epoch(),
                 "LogStartOffset": -1, "LastFetchedEpoch": random.choices([-1, 0, 1], [20, 1, 1])[0]}
    if request.version < 9:
        del partition["CurrentLeaderEpoch"]
    return partition


def fetch_topics(generator, request):
    names = sorted({generator.topic_name() for _ in range(generator.random.choice([1, 1, 2, 3]))})
    topics = []
    for name in names:
        partitions = {}
        for _ in range(generator.random.choice([1, 1, 2])):
            partition = fetch_partition(generator, request, name)
            partitions[partition["Partition"]] = partition
        topics.append({**topic_field(request, name, "Topic", "TopicId", Symbol("topic id", name)),
                       "Partitions": list(partitions.values())})
    return names, topics


def fetch(generator, request):
    random, state = generator.random, generator.state
    names, topics = fetch_topics(generator, request)
    value = {"MaxWaitMs": random.choice([0, 0, 20]), "MinBytes": random.choice([0, 1, 1, 100]),
             "MaxBytes": random.choice([1 << 24, 1 << 24, 500, 0]), "IsolationLevel": random.choice([0, 0, 1, 2]), "Topics": topics,
             "RackId": random.choice(["", "rack"])}
    if request.version <= 14:
        value["ReplicaId"] = random.choices([-1, -2, 1, 9], [40, 1, 1, 1])[0]
    if request.version >= 7:
        draw = random.random()
        if draw < 0.25 and request.version >= 7:
            value["SessionId"], value["SessionEpoch"] = 0, 0
            identity = Symbol("fetch session", len(state.sessions))
            state.sessions.append(Session(identity, 1, names))
            request.learns = ("fetch session", identity.name, "SessionId")
        elif draw < 0.6 and state.sessions:
            incremental(generator, request, value)
        elif draw < 0.65:
            value["SessionId"], value["SessionEpoch"] = random.choice([(12345, 1), (0, 1), (0, 5), (77, 0), (77, -1)])
    request.value = value


def incremental(generator, request, value):
    random = generator.random
    session = random.choice(generator.state.sessions)
    value["SessionId"], value["SessionEpoch"] = session.identity, session.epoch
    draw = random.random()
    if draw < 0.1:
        value["SessionEpoch"] = random.choice([session.epoch + 1, session.epoch - 1, -1, 0])
        return
    session.epoch += 1
    if draw < 0.6:
        value["Topics"] = []
    if random.random() < 0.2:
        name = random.choice(session.topics) if session.topics else generator.topic_name()
        value["ForgottenTopicsData"] = [{**topic_field(request, name, "Topic", "TopicId", Symbol("topic id", name)),
                                         "Partitions": [generator.partition(name)]}]


# -- the others ------------------------------------------------------------------------------------------------------------


def list_offsets(generator, request):
    random = generator.random
    times = [-1, -1, -2, -2, -3, -4, -5, -6, -7, 0, batches.BASE_TIME, batches.BASE_TIME + 1, batches.BASE_TIME + 500, 1 << 62]

    def topic():
        name = generator.topic_name()
        return {"Name": name, "Partitions": generator.some(lambda: {
            "PartitionIndex": generator.partition(name), "CurrentLeaderEpoch": generator.epoch(), "Timestamp": random.choice(times)}, 2, 1)}

    request.value = {"ReplicaId": random.choices([-1, -2, 1, 7], [20, 1, 1, 1])[0], "IsolationLevel": random.choice([0, 0, 1, 2]),
                     "Topics": generator.some(topic, 2, 1), "TimeoutMs": 1000}
    if request.version < 4:
        for one in request.value["Topics"]:
            for partition in one["Partitions"]:
                del partition["CurrentLeaderEpoch"]


def metadata(generator, request):
    random = generator.random

    def topic():
        name = generator.topic_name()
        if request.version >= 12 and random.random() < 0.3:
            return {"TopicId": Symbol("topic id", name), "Name": random.choice([None, None, name])}
        return {"Name": name}

    topics = generator.some(topic, 3) if random.random() < 0.9 else None
    if topics is None and request.version < 1:
        topics = []
    request.value = {"Topics": topics, "AllowAutoTopicCreation": random.random() < 0.3,
                     "IncludeClusterAuthorizedOperations": random.random() < 0.5,
                     "IncludeTopicAuthorizedOperations": random.random() < 0.5}
    names = {one.get("Name") for one in topics or []} - {None}
    if request.version < 4 or request.value["AllowAutoTopicCreation"]:
        request.touches = names


def api_versions(generator, request):
    names = ["apache-kafka-java", "x", "", "bad name", "-x", "ü"]
    request.value = {"ClientSoftwareName": generator.random.choice(names[:2] if generator.random.random() < 0.7 else names),
                     "ClientSoftwareVersion": generator.random.choice(["4.3.1", "", "1.0"])}


def init_producer_id(generator, request):
    random, state = generator.random, generator.state
    value = {"TransactionalId": random.choices([None, "", "t"], [20, 1, 2])[0],
             "TransactionTimeoutMs": random.choice([60000, 0, -1, 900000, 900001])}
    if request.version >= 3 and state.producers and random.random() < 0.2:
        producer = random.choice(state.producers)
        value["ProducerId"], value["ProducerEpoch"] = producer.identity, producer.epoch
    elif request.version >= 3 and random.random() < 0.05:
        value["ProducerId"], value["ProducerEpoch"] = random.choice([(-1, 0), (5, -1), (-2, 3)])
    request.value = value
    request.learns = ("producer id", generator.drawn, "ProducerId")


def offset_for_leader_epoch(generator, request):
    random = generator.random
    topics = {}
    for _ in range(random.randint(1, 2)):
        name = generator.topic_name()
        topics[name] = {"Topic": name, "Partitions": generator.some(lambda name=name: {
            "Partition": generator.partition(name), "CurrentLeaderEpoch": generator.epoch(),
            "LeaderEpoch": random.choice([0, 0, -1, 1, 5])}, 2, 1)}
    request.value = {"ReplicaId": random.choice([-1, -1, -2, 1]), "Topics": list(topics.values())}
    if request.version < 3:
        del request.value["ReplicaId"]


def delete_records(generator, request):
    random = generator.random

    def topic():
        name = generator.topic_name()
        return {"Name": name, "Partitions": generator.some(lambda: {
            "PartitionIndex": generator.partition(name), "Offset": random.choices([1, 2, -1, 1000, -2, 0], [5, 3, 3, 2, 1, 1])[0]}, 2, 1)}

    request.value = {"Topics": generator.some(topic, 2, 1), "TimeoutMs": random.choice([1000, 30000])}


def describe_producers(generator, request):
    def topic():
        name = generator.topic_name()
        return {"Name": name, "PartitionIndexes": generator.some(lambda: generator.partition(name), 2)}

    request.value = {"Topics": generator.some(topic, 2)}


def describe_topic_partitions(generator, request):
    random = generator.random
    names = [generator.topic_name() for _ in range(random.randint(0 if random.random() < 0.1 else 1, 4))]
    cursor = None
    if random.random() < 0.35:
        cursor = {"TopicName": random.choice(names or ["x"]), "PartitionIndex": random.choice([0, 1, 2, -1, 100])}
    request.value = {"Topics": [{"Name": name} for name in names], "ResponsePartitionLimit": random.choice([2000, 1, 2, 3, 0, -1]),
                     "Cursor": cursor}


MAKERS = {0: produce, 1: fetch, 2: list_offsets, 3: metadata, 18: api_versions, 21: delete_records, 22: init_producer_id,
          23: offset_for_leader_epoch, 61: describe_producers, 75: describe_topic_partitions}
