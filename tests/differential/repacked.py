"""Batches that the codec of a topic makes anew: every codec into every other one, once with the time of the broker. What
is in them must be equal to the byte; how it is packed is a compressor's own matter."""

import batches
from normal import Normal, differences
from player import Player
from wanted import WANTED

CREATE_TOPICS, PRODUCE, FETCH = (19, 7), (0, 9), (1, 12)
TOPIC_CODECS = ["uncompressed", *batches.CODECS[1:]]
EXPECTED = len(TOPIC_CODECS) * 2 * len(batches.CODECS)  # batches
PACKED = ("length", "crc", "payload")


def records():
    """Null and empty fields, headers, times that go back, and more bytes than one block of any codec."""
    out = [batches.record(0, None, None), batches.record(1, b"", b"", [(b"h", None), (b"", b"")], 1000),
           batches.record(2, b"key", bytes(range(256)) * 8, [(b"n", b"w" * 40)], -5)]
    return out + [batches.record(delta, b"k%d" % delta, (b"%d " % delta) * 900, (), delta) for delta in range(3, 40)]


def topics():
    for codec in TOPIC_CODECS:
        for kind in ("CreateTime", "LogAppendTime"):
            yield f"repacked-{codec}-{kind}", {"compression.type": codec, "message.timestamp.type": kind}


def make(player, node, name, settings):
    configs = [{"Name": key, "Value": value} for key, value in settings.items()]
    topic = {"Name": name, "NumPartitions": 1, "ReplicationFactor": 1, "Configs": configs}
    player.ask(node, *CREATE_TOPICS, {"Topics": [topic], "timeoutMs": 30000})
    player.until(lambda: player.describe(node, name) is not None and player.leads(node, name, 0), f"{node.name} leading {name}")


def produce(player, node, name, codec):
    data = [{"Index": 0, "Records": batches.batch(records(), codec)}]
    value = {"TransactionalId": None, "Acks": -1, "TimeoutMs": 30000, "TopicData": [{"Name": name, "PartitionData": data}]}
    return Normal(node, PRODUCE[0]).answer(player.ask(node, *PRODUCE, value))


def fetch(player, node, name):
    part = {"Partition": 0, "FetchOffset": 0, "PartitionMaxBytes": 1 << 24, "CurrentLeaderEpoch": -1, "LogStartOffset": -1,
            "LastFetchedEpoch": -1}
    value = {"MaxWaitMs": 0, "MinBytes": 0, "MaxBytes": 1 << 24, "IsolationLevel": 0, "RackId": "", "SessionId": 0,
             "SessionEpoch": -1, "ReplicaId": -1, "Topics": [{"Topic": name, "Partitions": [part]}]}
    return Normal(node, FETCH[0]).answer(player.ask(node, *FETCH, value))


def compare(pair, apis):
    """(batches compared, differences)"""
    player = Player(pair, apis, {}, WANTED)
    seen, found = 0, []
    for name, settings in topics():
        answers = []
        for node in pair.nodes():
            make(player, node, name, settings)
            answers.append([produce(player, node, name, codec) for codec in batches.CODECS] + [fetch(player, node, name)])
        seen += len(answers[0][-1]["Responses"][0]["Partitions"][0]["Records"])
        found += [one for one in differences({name: answers[0]}, {name: answers[1]}) if not one[0].endswith(PACKED)]
    return seen, found
