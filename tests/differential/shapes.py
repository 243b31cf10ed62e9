"""Administrative requests in every shape that Kafka's controller tells apart, right, wrong and nearly right, in an order in
which later ones find what earlier ones made. Each is (key, version, listener, value); BROKER or CONTROLLER is where it
goes. Versions and listeners take turns, so that each is met by every kind of answer."""

BROKER, CONTROLLER = "broker", "controller"
TIMEOUT_MS = 30000
NO_ID = bytes(16)
STRANGE_ID = b"q" * 16
INFINITE = float("inf")


def new_topic(name, partitions=1, replicas=1, assignments=(), configs=()):
    return {"Name": name, "NumPartitions": partitions, "ReplicationFactor": replicas,
            "Assignments": [{"PartitionIndex": index, "BrokerIds": brokers} for index, brokers in assignments],
            "Configs": [{"Name": key, "Value": value} for key, value in configs]}


def create_topics(topics, validate_only=False, timeout_ms=TIMEOUT_MS, version=7):
    return 19, version, BROKER, {"Topics": topics, "timeoutMs": timeout_ms, "validateOnly": validate_only}


def creations():
    manual = [[(0, [1])], [(0, [1]), (0, [1])], [(1, [1])], [(0, [1]), (1, [1, 1])], [(0, [2])], [(0, [])], [(-1, [1])]]
    configs = [("nope", "1"), ("retention.ms", "x"), ("retention.ms", None), ("cleanup.policy", "compact"), ("cleanup.policy", "bad"),
               ("min.insync.replicas", "0"), ("segment.bytes", "1"), ("remote.storage.enable", "true"), ("", "1"),
               ("message.timestamp.type", "x"), ("compression.type", "x"), ("max.message.bytes", "-1")]
    wishes = [[new_topic(name)] for name in ("", ".", "..", "x" * 249, "x" * 250, "a b", "one", "__cluster_metadata")]
    wishes += [[], [new_topic("e.f"), new_topic("e_f")], [new_topic("g"), new_topic("g")]]
    wishes += [[new_topic("h", partitions)] for partitions in (0, -2, -1, 10000, 10001)]
    wishes += [[new_topic("h", 1, replicas)] for replicas in (0, 2, -2, -1)]
    wishes += [[new_topic("h", 5000), new_topic("i", 5001)]]
    wishes += [[new_topic("h", -1, -1, assignments)] for assignments in manual]
    wishes += [[new_topic("h", *numbers, [(0, [1])])] for numbers in ((1, -1), (-1, 1))]
    wishes += [[new_topic("h", configs=[config])] for config in configs]
    for wish in wishes:
        for version in (4, 7):
            yield create_topics(wish, True, version=version)
    for timeout_ms in (0, -1):
        yield create_topics([new_topic("late")], timeout_ms=timeout_ms)


def deletions():
    states = [[], [(None, NO_ID)], [("absent", NO_ID)], [("absent", NO_ID)] * 2, [(None, STRANGE_ID)], [(None, STRANGE_ID)] * 2,
              [("one", STRANGE_ID)], [("", NO_ID)]]
    for state in states:
        yield 20, 6, BROKER, {"Topics": [{"Name": name, "TopicId": topic_id} for name, topic_id in state], "TimeoutMs": TIMEOUT_MS}
    for version in (1, 3, 5):
        for names in ([], ["absent"], ["absent"] * 2, [""]):
            yield 20, version, BROKER, {"TopicNames": names, "TimeoutMs": TIMEOUT_MS}
    for timeout_ms in (0, TIMEOUT_MS):
        yield 20, 6, BROKER, {"Topics": [{"Name": "two", "TopicId": NO_ID}], "TimeoutMs": timeout_ms}


def partitions():
    def grow(name, count, assignments=None):
        wanted = None if assignments is None else [{"BrokerIds": brokers} for brokers in assignments]
        return {"Name": name, "Count": count, "Assignments": wanted}

    wishes = [[], [grow("one", 3)], [grow("one", 3)], [grow("one", 1)], [grow("one", 0)], [grow("one", -1)], [grow("absent", 3)],
              [grow("", 3)], [grow("two", 4, [])], [grow("two", 4, [[1]])], [grow("two", 4, [[1], [2]])],
              [grow("two", 4, [[1], [1, 1]])], [grow("two", 4, [[1], []])], [grow("two", 4, [[-1], [1]])], [grow("two", 3, [[1, 2]])],
              [grow("two", 3, [[1]])], [grow("two", 9), grow("two", 10)], [grow("two", 9)] * 3 + [grow("one", 3)],
              [grow("one", 5), grow("absent", 5), grow("three", 1)]]
    for turn, wish in enumerate(wishes):
        where = CONTROLLER if turn % 3 == 0 else BROKER
        for version in range(4):
            yield 37, version, where, {"Topics": wish, "TimeoutMs": TIMEOUT_MS, "ValidateOnly": True}
        yield 37, 3, where, {"Topics": wish, "TimeoutMs": TIMEOUT_MS, "ValidateOnly": False}
    # Only validated: Apache would make 10,000 partitions and say UNKNOWN_SERVER_ERROR, we make none and say the same.
    yield 37, 3, BROKER, {"Topics": [grow("three", 20000)], "TimeoutMs": TIMEOUT_MS, "ValidateOnly": True}
    yield 37, 3, BROKER, {"Topics": [grow("one", 9)], "TimeoutMs": 0, "ValidateOnly": False}


def elections():
    def named(*wishes):
        return [{"Topic": topic, "Partitions": indexes} for topic, indexes in wishes]

    lists = [None, [], named(("one", [0])), named(("one", [])), named(("one", [0, 0, 77, -1]), ("absent", [0]), ("", [0])),
             named(("one", [0]), ("one", [1]))]
    for version in range(3):
        for election in (0, 1, 2, -1) if version > 0 else (0,):
            for wish in lists:
                where = CONTROLLER if version == 1 else BROKER
                yield 43, version, where, {"ElectionType": election, "TopicPartitions": wish, "TimeoutMs": TIMEOUT_MS}


def reassignments():
    def moves(name, *wishes):
        return {"Name": name, "Partitions": [{"PartitionIndex": index, "Replicas": brokers} for index, brokers in wishes]}

    lists = [[], [moves("one")], [moves("", (0, [1]))], [moves("absent", (0, [1]), (1, None))], [moves("one", (0, [1]))] * 2,
             [moves("one", (99, [1]), (-1, None), (1, [1])), moves("two", (0, [3]))]]
    lists += [[moves("one", (0, brokers))] for brokers in (None, [1], [], [2], [1, 1], [1, 2], [-1])]
    for wish in lists:
        for version, may_change in ((0, True), (1, True), (1, False)):
            where = CONTROLLER if may_change else BROKER
            yield 45, version, where, {"TimeoutMs": TIMEOUT_MS, "AllowReplicationFactorChange": may_change, "Topics": wish}
    for wish in (None, [], [("one", [0, 1])], [("absent", [0])], [("one", [])], [("one", [-1, 99])]):
        topics = None if wish is None else [{"Name": name, "PartitionIndexes": indexes} for name, indexes in wish]
        for where in (BROKER, CONTROLLER):
            yield 46, 0, where, {"TimeoutMs": TIMEOUT_MS, "Topics": topics}


def features():
    def update(*wishes, validate_only=False):
        updates = [{"Feature": name, "MaxVersionLevel": level, "UpgradeType": kind} for name, level, kind in wishes]
        return {"timeoutMs": TIMEOUT_MS, "FeatureUpdates": updates, "ValidateOnly": validate_only}

    names = ["metadata.version", "kraft.version", "transaction.version", "group.version", "share.version", "streams.version",
             "eligible.leader.replicas.version", "nope", ""]
    for name in names:
        for level in (-1, 0, 1, 2, 30, 31, 29, 23, 22, 7, 6, 32767):
            for kind in (1, 2, 3):
                yield 57, 1, BROKER, update((name, level, kind), validate_only=True)
    for kind in (0, 4, -1):
        yield 57, 2, BROKER, update(("group.version", 1, kind), validate_only=True)
    yield 57, 2, BROKER, update(("eligible.leader.replicas.version", 1, 1), ("metadata.version", 22, 2), validate_only=True)
    for version in range(3):
        yield 57, version, BROKER, update()
        yield 57, version, CONTROLLER, update(("transaction.version", 2, 1), ("transaction.version", 2, 1))
        yield 57, version, BROKER, update(("share.version", 0, 1 if version == 0 else 2))
        for name, level in (("share.version", 1), ("eligible.leader.replicas.version", 1), ("kraft.version", 1), ("metadata.version", 30)):
            yield 57, version, BROKER, update((name, level, 1))


def set_quotas(entity, *changes, validate_only=False):
    parts = [{"EntityType": kind, "EntityName": name} for kind, name in entity]
    ops = [{"Key": key, "Value": value or 0.0, "Remove": value is None} for key, value in changes]
    return {"Entries": [{"Entity": parts, "Ops": ops}], "ValidateOnly": validate_only}


ADDRESSES = ["1.2.3.4", None, "", "nonsense..x", "localhost", "::1", "[::1]", "10.1", "999.1.1.1", "1.2.3.4.5", "256", " 1.2.3.4", "0x7f.1",
             "010.1.1.1"]


def quotas():
    entities = [[], [("user", "u")], [("user", None)], [("user", "")], [("client-id", "c")], [("client-id", None)], [("client-id", "")],
                [("user", "u"), ("client-id", "c")], [("user", None), ("client-id", None)], [("user", "u"), ("client-id", None)],
                [("ip", "1.2.3.4"), ("user", "u")], [("group", "g")], [("User", "g")], [("", "g")], [("user", "a"), ("user", "b")]]
    entities += [[("ip", address)] for address in ADDRESSES]
    for entity in entities:
        for change in ([], [("producer_byte_rate", 1024.0)], [("connection_creation_rate", 10.0)]):
            yield 49, 1, CONTROLLER, set_quotas(entity, *change, validate_only=True)
            yield 49, 1, BROKER, set_quotas(entity, *change)
    keys = ["producer_byte_rate", "consumer_byte_rate", "request_percentage", "controller_mutation_rate", "connection_creation_rate",
            "nope", ""]
    values = [0.0, -0.0, -1.0, 0.5, 1.5, 1e-9, 1.0000001, 2.0**63, 1e19, 2.0**31 - 1, 2.0**31, INFINITE, -INFINITE]
    for key in keys:
        for value in values:
            yield 49, 1, BROKER, set_quotas([("user", "v")], (key, value))
            yield 49, 0, BROKER, set_quotas([("ip", "1.1.1.1")], (key, value))
    same = [("producer_byte_rate", 1.0), ("producer_byte_rate", 2.0)]
    yield 49, 1, BROKER, set_quotas([("user", "v"), ("client-id", None)], *same)
    yield 49, 1, BROKER, set_quotas([("user", "v")], ("producer_byte_rate", 1.0), ("nope", 2.0))
    yield 49, 1, BROKER, set_quotas([("user", "v")], ("nope", None))
    yield 49, 1, BROKER, set_quotas([("user", "v")], ("producer_byte_rate", None))
    twice = set_quotas([("user", "w")], ("producer_byte_rate", 5.0))
    yield 49, 1, BROKER, dict(twice, Entries=twice["Entries"] * 2)


def quota_filters():
    filters = [[], [("user", 0, "u")], [("user", 0, None)], [("user", 1, None)], [("user", 1, "x")], [("user", 2, None)],
               [("user", 2, "x")], [("user", 3, None)], [("user", -1, "u")], [("client-id", 0, "c")], [("client-id", 1, None)],
               [("client-id", 2, None)], [("user", 0, "u"), ("client-id", 0, "c")], [("user", 2, None), ("client-id", 2, None)],
               [("user", 1, None), ("client-id", 1, None)], [("ip", 2, None)], [("ip", 0, "1.2.3.4")], [("ip", 1, None)],
               [("ip", 2, None), ("user", 2, None)], [("nope", 2, None)], [("", 2, None)], [("user", 2, None)] * 2, [("nope", 9, None)]]
    for wish in filters:
        components = [{"EntityType": kind, "MatchType": match, "Match": name} for kind, match, name in wish]
        for strict in (True, False):
            for version in (0, 1):
                yield 48, version, BROKER, {"Components": components, "Strict": strict}


def credentials():
    def upsert(name, mechanism=1, iterations=4096, salt=b"salt" * 4, password=b"p" * 32):
        return {"Name": name, "Mechanism": mechanism, "Iterations": iterations, "Salt": salt, "SaltedPassword": password}

    def remove(name, mechanism=1):
        return {"Name": name, "Mechanism": mechanism}

    wishes = [([], []), ([remove("u")], []), ([remove("")], [])]
    wishes += [([remove("u", mechanism)], []) for mechanism in (0, 3, -1)]
    wishes += [([], [upsert("u")]), ([], [upsert("u", 2, 16384)])]
    wishes += [([], [upsert("u", 1, iterations)]) for iterations in (4095, 16385, 0, -5)]
    wishes += [([], [upsert("")]), ([], [upsert("u", 0)]), ([], [upsert("u", 3)]), ([], [upsert("u", salt=b"")])]
    wishes += [([], [upsert("u", password=b"")]), ([], [upsert("u"), upsert("u", 2)]), ([remove("u")], [upsert("u")])]
    wishes += [([remove("u"), remove("u", 2)], []), ([remove("u")] * 3, []), ([remove("nobody")], [upsert("v"), upsert("", 1, 1)])]
    wishes += [([remove("nobody")], [upsert("nobody")]), ([remove("v")], []), ([], [upsert("v")])]
    for where in (BROKER, CONTROLLER):
        for deletions_, upsertions in wishes:
            yield 51, 0, where, {"Deletions": deletions_, "Upsertions": upsertions}


def credential_questions():
    for names in (None, [], ["u"], ["v"], ["u", "v"], ["u", "u"], ["absent"], [""], ["u", "absent", "u"]):
        users = None if names is None else [{"Name": name} for name in names]
        yield 50, 0, BROKER, {"Users": users}
        if users is not None:  # over no list at all Apache's controller fails and never answers
            yield 50, 0, CONTROLLER, {"Users": users}


def brokers():
    for where in (BROKER, CONTROLLER):
        for broker in (2, -1, 0, 2**31 - 1):
            yield 64, 0, where, {"BrokerId": broker}
    for broker, epoch in ((1, -1), (2, 0), (1, 99999), (-1, -1)):
        yield 67, 0, CONTROLLER, {"BrokerId": broker, "BrokerEpoch": epoch}


def change(broker, key, value):
    """Sets a broker's setting; None takes it back."""
    config = {"Name": key, "ConfigOperation": 1 if value is None else 0, "Value": value}
    return 44, 1, BROKER, {"Resources": [{"ResourceType": 4, "ResourceName": broker, "Configs": [config]}], "ValidateOnly": False}


def sharing_settings():
    """Groups: a broker's own setting that hides one of all brokers which this broker could not have."""
    for key, hidden in (("max.connections", "0"), ("max.connection.creation.rate", "0"), ("num.io.threads", "100")):
        for broker, value in (("", hidden), ("1", "16"), ("", hidden), ("1", None), ("", None), ("1", None)):
            yield lambda one=change(broker, key, value): [one]


# Groups; between two of them a node's brokers see what its controller decided.
GROUPS = [
    lambda: [create_topics([new_topic("one", 2), new_topic("two", 2), new_topic("three", 2), new_topic("e.f")])],
    partitions, elections, reassignments, brokers, features, quotas, quota_filters, credentials, credential_questions, creations,
    deletions, *sharing_settings(),
]
