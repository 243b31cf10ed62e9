"""Requests that are well formed and ask for what nobody may have."""

import socket
import struct

from messages import load_apis
from speech import CLOSED, SILENT, Batch, Connection, header, i32, init_producer_id, metadata, produce, record
from waiting import PATIENCE

APIS = load_apis()
FETCH, LIST_OFFSETS, CREATE_TOPICS, EPOCH_END, DESCRIBE_CONFIGS, INCREMENTAL, SCRAM, PRODUCERS = 1, 2, 19, 23, 32, 44, 51, 61
UNKNOWN_ERROR, NONE, OUT_OF_RANGE, UNKNOWN_TOPIC, BAD_TOPIC, BAD_PARTITIONS, BAD_REPLICAS, BAD_ASSIGNMENT = -1, 0, 1, 3, 17, 37, 38, 39
BAD_REQUEST, BAD_CONFIG, POLICY, NO_SESSION, BAD_SESSION_EPOCH = 42, 40, 44, 70, 71
FENCED_EPOCH, UNKNOWN_EPOCH, BAD_CREDENTIAL, UNSUPPORTED = 74, 75, 93, 35
CLUSTER_DENIED, TXN_DENIED, BAD_RECORD = 31, 53, 87
TRANSACTION_CODES = [14, 15, 16, 19, 48, 49, 53, 87]
MIB = 1 << 20
TOPIC, BROKER = 2, 4
OPERATION_SET, OPERATION_SUBTRACT = 0, 3


def answer_on(connection, key, version, value, timeout=PATIENCE):
    connection.send(APIS[key].frame(version, value))
    body = connection.receive(timeout)
    return APIS[key].read(version, body) if isinstance(body, bytes) else body


def ask(server, key, version, value, timeout=PATIENCE):
    with Connection(server.port) as connection:
        return answer_on(connection, key, version, value, timeout)


# -- topics -----------------------------------------------------------------------------------------------------------

def create(**topic):
    topic = {"Name": "hostile-new", "NumPartitions": 1, "ReplicationFactor": 1, "Assignments": [], "Configs": [], **topic}

    def run(server):
        got = ask(server, CREATE_TOPICS, 5, {"Topics": [topic], "TimeoutMs": 60_000, "ValidateOnly": False})
        return got["Topics"][0]["ErrorCode"] if isinstance(got, dict) else got
    return run


def replicas(*assignments):
    return [{"PartitionIndex": index, "BrokerIds": list(ids)} for index, ids in enumerate(assignments)]


# -- fetches ----------------------------------------------------------------------------------------------------------

def fetch_value(partitions=None, **fields):
    topics = [] if partitions is None else [{"Topic": "filled", "Partitions": partitions}]
    return {"ReplicaId": -1, "MaxWaitMs": 0, "MinBytes": 0, "MaxBytes": 1 << 20, "Topics": topics, **fields}


def fetched(part, **fields):
    def run(server):
        partition = {"Partition": 0, "FetchOffset": 0, "PartitionMaxBytes": 1 << 20, **part}
        got = ask(server, FETCH, 12, fetch_value([partition], **fields))
        if not isinstance(got, dict):
            return got
        return got["ErrorCode"] or got["Responses"][0]["Partitions"][0]["ErrorCode"]
    return run


def parked_fetch_is_given_up(server):
    """A fetch that would wait 24 days, a hundred times over; the connections go, and so does what waited."""
    partition = {"Partition": 0, "FetchOffset": end_of(server, "filled"), "PartitionMaxBytes": 1 << 31 - 1}
    value = fetch_value([partition], MaxWaitMs=(1 << 31) - 1, MinBytes=(1 << 31) - 1)
    connections = [Connection(server.port) for _ in range(100)]
    for connection in connections:
        connection.send(APIS[FETCH].frame(12, value))
    early = [connection.receive(0.1) for connection in connections[:5]]
    for connection in connections:
        connection.socket.close()
    return SILENT if all(answer == SILENT for answer in early) else early


def end_of(server, topic):
    value = {"ReplicaId": -1, "Topics": [{"Name": topic, "Partitions": [{"PartitionIndex": 0, "Timestamp": -1}]}]}
    return ask(server, LIST_OFFSETS, 4, value)["Topics"][0]["Partitions"][0]["Offset"]


def is_led(server, topic):
    value = {"ReplicaId": -1, "Topics": [{"Name": topic, "Partitions": [{"PartitionIndex": 0, "Timestamp": -1}]}]}
    return ask(server, LIST_OFFSETS, 4, value)["Topics"][0]["Partitions"][0]["ErrorCode"] == NONE


def fill(server):
    """30 MiB in one partition."""
    with Connection(server.port) as connection:
        payload = bytes(900_000)
        data = Batch(record(payload)).bytes()
        for _ in range(34):
            assert produce(connection, "filled", data) == NONE


def enormous_fetch(server):
    """Ten thousand partitions, each as large as can be said, ten times at once: bounded memory and answers."""
    if end_of(server, "filled") < 30:
        fill(server)
    before = server.resident()
    partition = {"Partition": 0, "FetchOffset": 0, "PartitionMaxBytes": (1 << 31) - 1}
    others = [{"Partition": index, "FetchOffset": 0, "PartitionMaxBytes": (1 << 31) - 1} for index in range(1, 10_000)]
    frame = APIS[FETCH].frame(12, fetch_value([partition, *others], MaxBytes=(1 << 31) - 1))
    connections = [Connection(server.port) for _ in range(5)]
    for connection in connections:
        connection.send(frame)
    sizes = [len(connection.receive()) for connection in connections]
    grown = server.resident() - before
    for connection in connections:
        connection.socket.close()
    if max(sizes) > (57 << 20):
        return f"an answer of {max(sizes)} bytes"
    return "bounded" if grown < 5 * (60 << 20) else f"memory grew by {grown >> 20} MiB"


def producers_again_and_again(server):
    """One partition named twenty thousand times, and each time all who ever wrote to it."""
    with Connection(server.port) as connection:
        for producer in range(500):
            fields = {"producer_id": 1_000_000 + producer, "producer_epoch": 0, "base_sequence": 0}
            assert produce(connection, "plain", Batch(**fields).bytes()) == NONE
        topic = {"Name": "plain", "PartitionIndexes": [0] * 20_000}
        connection.send(APIS[PRODUCERS].frame(0, {"Topics": [topic]}))
        answer = connection.receive()
    if not isinstance(answer, bytes):
        return answer
    return "bounded" if len(answer) < (4 << 20) else f"an answer of {len(answer)} bytes"


def negative_max_bytes(server):
    got = ask(server, FETCH, 12, fetch_value([{"Partition": 0, "FetchOffset": 0, "PartitionMaxBytes": -1}], MaxBytes=-1))
    return got["ErrorCode"] or got["Responses"][0]["Partitions"][0]["ErrorCode"] if isinstance(got, dict) else got


def session(fields):
    def run(server):
        got = ask(server, FETCH, 12, fetch_value(None, **fields))
        return got["ErrorCode"] if isinstance(got, dict) else got
    return run


def wrong_session_epoch(server):
    with Connection(server.port) as connection:
        partition = {"Partition": 0, "FetchOffset": 0, "PartitionMaxBytes": 1 << 20}
        made = answer_on(connection, FETCH, 12, fetch_value([partition], SessionId=0, SessionEpoch=0))
        identity = made["SessionId"]
        if identity == 0:
            return "no session"
        return answer_on(connection, FETCH, 12, fetch_value(None, SessionId=identity, SessionEpoch=77))["ErrorCode"]


def many_sessions(server):
    """Ever new sessions; those of others are bounded by the cache, and the memory too."""
    before = server.resident()
    partition = {"Partition": 0, "FetchOffset": 0, "PartitionMaxBytes": 1}
    frame = APIS[FETCH].frame(12, fetch_value([partition], MaxBytes=1, SessionId=0, SessionEpoch=0))
    with Connection(server.port) as connection:
        for _ in range(100):
            connection.send(frame * 50)
            for _ in range(50):
                if not isinstance(connection.receive(), bytes):
                    return "not answered"
    return "bounded" if server.resident() - before < 32 * MIB else "memory grew"


# -- offsets and epochs -----------------------------------------------------------------------------------------------

def listed(timestamp, epoch=-1):
    def run(server):
        part = {"PartitionIndex": 0, "CurrentLeaderEpoch": epoch, "Timestamp": timestamp}
        got = ask(server, LIST_OFFSETS, 7, {"ReplicaId": -1, "Topics": [{"Name": "filled", "Partitions": [part]}]})
        return got["Topics"][0]["Partitions"][0]["ErrorCode"] if isinstance(got, dict) else got
    return run


def epoch_end(epoch):
    def run(server):
        part = {"Partition": 0, "CurrentLeaderEpoch": -1, "LeaderEpoch": epoch}
        got = ask(server, EPOCH_END, 4, {"ReplicaId": -1, "Topics": [{"Topic": "filled", "Partitions": [part]}]})
        if not isinstance(got, dict):
            return got
        answer = got["Topics"][0]["Partitions"][0]
        return answer["ErrorCode"], answer["EndOffset"]
    return run


# -- configurations and credentials -----------------------------------------------------------------------------------

def configured(name, value, kind=TOPIC, resource="plain", operation=OPERATION_SET):
    def run(server):
        config = {"Name": name, "ConfigOperation": operation, "Value": value}
        got = ask(server, INCREMENTAL, 1, {"Resources": [{"ResourceType": kind, "ResourceName": resource,
                                                          "Configs": [config]}], "ValidateOnly": False})
        return got["Responses"][0]["ErrorCode"] if isinstance(got, dict) else got
    return run


def scram(**fields):
    def run(server):
        entry = {"Name": "mallory", "Mechanism": 1, "Iterations": 8192, "Salt": b"salty", "SaltedPassword": bytes(32), **fields}
        got = ask(server, SCRAM, 0, {"Deletions": [], "Upsertions": [entry]})
        return got["Results"][0]["ErrorCode"] if isinstance(got, dict) else got
    return run


def secret_is_not_told(server):
    """What is sensitive is stored and never shown."""
    config = {"Name": "listener.name.plaintext.ssl.keystore.password", "ConfigOperation": OPERATION_SET, "Value": "open sesame"}
    node = str(broker_id(server))
    resource = {"ResourceType": BROKER, "ResourceName": node, "Configs": [config]}
    ask(server, INCREMENTAL, 1, {"Resources": [resource], "ValidateOnly": False})
    wanted = {"ResourceType": BROKER, "ResourceName": node, "ConfigurationKeys": None}
    with Connection(server.port) as connection:
        connection.send(APIS[DESCRIBE_CONFIGS].frame(4, {"Resources": [wanted], "IncludeSynonyms": True,
                                                         "IncludeDocumentation": True}))
        body = connection.receive()
    if not isinstance(body, bytes):
        return body
    return "told" if b"open sesame" in body else "not told"


def broker_id(server):
    got = ask(server, 60, 0, {"IncludeClusterAuthorizedOperations": False})
    return got["Brokers"][0]["BrokerId"]


# -- going away -------------------------------------------------------------------------------------------------------

def reset(connection):
    connection.socket.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    connection.socket.close()


def pipelined_then_reset(server):
    """A thousand requests, some of which wait, then RST; again and again."""
    before = server.resident()
    wait = APIS[FETCH].frame(12, fetch_value([{"Partition": 0, "FetchOffset": end_of(server, "filled"),
                                               "PartitionMaxBytes": 1 << 20}], MaxWaitMs=60_000, MinBytes=1))
    one = header(3, 1) + i32(-1)
    frames = (i32(len(one)) + one) * 999 + wait
    for _ in range(20):
        connection = Connection(server.port)
        connection.send(frames)
        reset(connection)
    with Connection(server.port) as connection:
        if metadata(connection, ["plain"]) != {"plain": 0}:
            return "another client is not served"
    return "given up" if server.comes_to_rest_below(before + 8 * MIB) else "memory grew"


def half_closed_in_a_frame(server):
    with Connection(server.port) as connection:
        connection.send(i32(1000) + bytes(10))
        connection.socket.shutdown(socket.SHUT_WR)
        return connection.receive()


def half_closed_after_a_request(server):
    """What was asked before the half close is answered, or the connection ends; nothing stays."""
    with Connection(server.port) as connection:
        one = header(3, 1) + i32(-1)
        connection.send(i32(len(one)) + one)
        connection.socket.shutdown(socket.SHUT_WR)
        got = connection.receive()
        return "answered" if isinstance(got, bytes) else got


def foreign_epoch(server):
    """The epoch that no producer can have, for a producer that exists."""
    with Connection(server.port) as connection:
        producer, _ = init_producer_id(connection)
        data = Batch(producer_id=producer, producer_epoch=32767, base_sequence=0).bytes()
        return produce(connection, "plain", data)


def between_nodes(api):
    """An API of nodes among themselves, well formed, on the listener of clients."""
    def run(server):
        with Connection(server.port) as connection:
            connection.send(api.frame(api.request.versions.highest, {}))
            body = connection.receive()
        if not isinstance(body, bytes):
            return body
        got = api.read(api.request.versions.highest, body)
        return got["ErrorCode"] if isinstance(got, dict) and "ErrorCode" in got else got
    return run


def produced(data, **options):
    def run(server):
        with Connection(server.port) as connection:
            return produce(connection, "plain", data(), **options)
    return run


TRANSACTIONAL = 0x10
PRODUCER = {"producer_id": 4711, "producer_epoch": 0, "base_sequence": 0}
LONGEST = "x" * 250
CASES = [
    *[(f"{api.name.removesuffix('Request')} on the client listener", between_nodes(api), [CLOSED, CLUSTER_DENIED])
      for _, api in sorted(APIS.items()) if "broker" not in api.request.listeners],
    *[(f"topic name {name[:12]!r}", create(Name=name), [BAD_TOPIC])
      for name in ("", ".", "..", LONGEST, "a/b", "a\0b", "\N{WATER WAVE}", "a b", "a:b")],
    ("10^6 partitions", create(NumPartitions=1_000_000), [BAD_PARTITIONS, BAD_REQUEST, POLICY]),
    ("no partitions", create(NumPartitions=0), [BAD_PARTITIONS]),
    ("-5 partitions", create(NumPartitions=-5), [BAD_PARTITIONS]),
    ("replication factor 32767", create(ReplicationFactor=32767), [BAD_REPLICAS]),
    ("replication factor -2", create(ReplicationFactor=-2), [BAD_REPLICAS]),
    ("the same replica twice",
     lambda s: create(NumPartitions=-1, ReplicationFactor=-1, Assignments=replicas([broker_id(s), broker_id(s)]))(s), [BAD_ASSIGNMENT]),
    ("an unknown replica", create(NumPartitions=-1, ReplicationFactor=-1, Assignments=replicas([4711])), [BAD_ASSIGNMENT]),
    ("partitions and an assignment", create(Assignments=replicas([1])), [BAD_REQUEST]),
    ("a transactional id and a batch that is not transactional",
     produced(lambda: Batch(**PRODUCER).bytes(), transactional_id="hostile"), [NONE, BAD_RECORD, TXN_DENIED]),
    ("a transactional batch of a transaction that nobody began",
     produced(lambda: Batch(attributes=TRANSACTIONAL, **PRODUCER).bytes(), transactional_id="hostile"), TRANSACTION_CODES),
    ("two batches of two producers",
     produced(lambda: Batch(**PRODUCER).bytes() + Batch(**{**PRODUCER, "producer_id": 4712}).bytes()), [BAD_RECORD]),
    ("producer epoch 32767", foreign_epoch, [NONE]),
    ("fetch offset -1", fetched({"FetchOffset": -1}), [OUT_OF_RANGE]),
    ("fetch offset 2^63-1", fetched({"FetchOffset": (1 << 63) - 1}), [OUT_OF_RANGE]),
    ("fetch offset -2^63", fetched({"FetchOffset": -(1 << 63)}), [OUT_OF_RANGE]),
    ("a hundred fetches that wait for ever", parked_fetch_is_given_up, [SILENT]),
    ("ten thousand partitions of 2^31-1 bytes", enormous_fetch, ["bounded"]),
    ("max bytes -1", negative_max_bytes, [NONE, UNKNOWN_ERROR]),
    ("leader epoch 10^6", fetched({"CurrentLeaderEpoch": 1_000_000}), [UNKNOWN_EPOCH]),
    ("leader epoch of old", fetched({"CurrentLeaderEpoch": -2}), [NONE, FENCED_EPOCH]),
    ("ListOffsets with leader epoch 10^6", listed(-1, epoch=1_000_000), [UNKNOWN_EPOCH]),
    ("a session that is not ours", session({"SessionId": 123456, "SessionEpoch": 1}), [NO_SESSION]),
    ("a session of id -1", session({"SessionId": -1, "SessionEpoch": 5}), [NO_SESSION]),
    ("the wrong epoch of a session", wrong_session_epoch, [BAD_SESSION_EPOCH]),
    ("five thousand sessions", many_sessions, ["bounded"]),
    ("ListOffsets at -99", listed(-99), [UNSUPPORTED]),
    ("ListOffsets at -2^63", listed(-(1 << 63)), [UNSUPPORTED]),
    ("OffsetForLeaderEpoch -5", epoch_end(-5), [(NONE, 0), (NONE, -1)]),
    ("OffsetForLeaderEpoch 2^31-1", epoch_end((1 << 31) - 1), [(NONE, -1)]),
    ("an unknown configuration", configured("no.such.key", "1"), [BAD_CONFIG]),
    ("a newline in a value", configured("retention.ms", "1\n2"), [BAD_CONFIG]),
    ("a value of another type", configured("retention.ms", "soon"), [BAD_CONFIG]),
    ("a value out of its bounds", configured("segment.bytes", "1"), [BAD_CONFIG]),
    ("a null value", configured("retention.ms", None), [BAD_CONFIG, BAD_REQUEST]),
    ("SUBTRACT on what is no list", configured("retention.ms", "1", operation=OPERATION_SUBTRACT), [BAD_CONFIG]),
    ("an operation that does not exist", configured("retention.ms", "1", operation=77), [BAD_CONFIG, BAD_REQUEST, UNKNOWN_ERROR]),
    ("a topic that does not exist", configured("retention.ms", "1", resource="no-such-topic"), [UNKNOWN_TOPIC]),
    ("a resource of type 99", configured("retention.ms", "1", kind=99), [BAD_REQUEST]),
    ("a broker key that no one may change", configured("node.id", "7", kind=BROKER, resource=""), [BAD_REQUEST, BAD_CONFIG]),
    ("a secret is not told", secret_is_not_told, ["not told"]),
    ("SCRAM with one iteration", scram(Iterations=1), [BAD_CREDENTIAL]),
    ("SCRAM with 10^9 iterations", scram(Iterations=1_000_000_000), [BAD_CREDENTIAL]),
    ("SCRAM with mechanism 9", scram(Mechanism=9), [33]),
    ("SCRAM for a user without a name", scram(Name=""), [BAD_CREDENTIAL]),
    ("a thousand requests and RST", pipelined_then_reset, ["given up"]),
    ("half closed in a frame", half_closed_in_a_frame, [CLOSED]),
    ("half closed after a request", half_closed_after_a_request, ["answered", CLOSED]),
    ("the producers of a partition, again and again", producers_again_and_again, ["bounded"]),
]

__all__ = ["CASES", "is_led"]
