"""Requests that administer: topics, configurations, quotas, credentials, reassignments, features, telemetry."""

import hashlib

import batches
import settings
from environment import Symbol
from request import Request

TIMEOUT_MS = 30000
ONE = bytes(15) + b"\1"  # an id that is reserved
NO_METRICS = -725132322  # the id of the subscription of a client of which nothing is asked


def timeout(generator):
    return generator.random.choices([TIMEOUT_MS, 0, -1], [30, 1, 1])[0]


# -- topics ----------------------------------------------------------------------------------------------------------------


def new_topic(generator):
    random = generator.random
    name = generator.fresh_name() if random.random() < 0.9 else generator.topic_name()
    topic = {"Name": name, "NumPartitions": random.choice([1, 2, 3, -1]), "ReplicationFactor": random.choice([1, 1, -1])}
    draw = random.random()
    if draw < 0.06:
        topic["NumPartitions"] = random.choice([0, -2, 20000])
    elif draw < 0.12:
        topic["ReplicationFactor"] = random.choice([0, 2, -2, 3])
    elif draw < 0.22:
        topic["NumPartitions"], topic["ReplicationFactor"] = random.choice([(-1, -1), (-1, -1), (-1, -1), (1, -1), (-1, 1)])
        topic["Assignments"] = random.choice([
            [{"PartitionIndex": 0, "BrokerIds": [1]}],
            [{"PartitionIndex": 1, "BrokerIds": [1]}, {"PartitionIndex": 0, "BrokerIds": [1]}],
            [{"PartitionIndex": 0, "BrokerIds": [1]}, {"PartitionIndex": 2, "BrokerIds": [1]}],
            [{"PartitionIndex": 0, "BrokerIds": [2]}],
            [{"PartitionIndex": 0, "BrokerIds": [1, 1]}],
            [{"PartitionIndex": 0, "BrokerIds": []}],
            [{"PartitionIndex": 0, "BrokerIds": [1]}, {"PartitionIndex": 0, "BrokerIds": [1]}],
            [{"PartitionIndex": 0, "BrokerIds": [-1]}],
        ])
    if random.random() < 0.4:
        topic["Configs"] = [dict(zip(("Name", "Value"), settings.key_and_value(random, settings.TOPIC)))
                            for _ in range(random.randint(1, 2))]
    elif random.random() < 0.15:
        topic["Configs"] = [{"Name": "cleanup.policy", "Value": "compact"}]
    return topic


def create_topics(generator, request):
    random = generator.random
    topics = [new_topic(generator) for _ in range(random.choice([1, 1, 1, 2, 0 if random.random() < 0.2 else 1]))]
    request.value = {"Topics": topics, "timeoutMs": timeout(generator), "validateOnly": random.random() < 0.1}
    if not request.value["validateOnly"]:
        request.touches = {topic["Name"] for topic in topics}


def first_topics(generator):
    """What a sequence begins with: two topics on which the other requests can do something, one of them often packed by the
    broker, the other one compacted."""
    random, low, high = generator.random, *generator.served[19]
    request = Request(19, random.randint(low, high), {})
    names = random.sample("abcdef", 2)
    topics = [{"Name": generator.state.prefix + name, "NumPartitions": random.randint(1, 3), "ReplicationFactor": 1} for name in names]
    if random.random() < 0.4:
        topics[1]["Configs"] = [{"Name": "cleanup.policy", "Value": "compact"}]
    if random.random() < 0.5:
        topics[0]["Configs"] = [{"Name": "compression.type", "Value": random.choice(["uncompressed", *batches.CODECS[1:]])}]
    request.value = {"Topics": topics, "timeoutMs": TIMEOUT_MS, "validateOnly": False}
    request.touches = {topic["Name"] for topic in topics}
    return request


def delete_topics(generator, request):
    random = generator.random
    names = [generator.topic_name() for _ in range(random.choice([1, 1, 2]))]
    request.value = {"TimeoutMs": timeout(generator)}
    if request.version >= 6:
        request.value["Topics"] = [
            {"Name": None, "TopicId": Symbol("topic id", name)} if random.random() < 0.4 else {"Name": name} for name in names]
        if random.random() < 0.05:
            request.value["Topics"].append({"Name": names[0], "TopicId": Symbol("topic id", names[0])})
    else:
        request.value["TopicNames"] = names
    request.touches = set(names)


def create_partitions(generator, request):
    random = generator.random

    def topic():
        name = generator.topic_name()
        known = generator.state.topics.get(name)
        count = (known.partitions if known else 1) + random.choices([1, 2, 0, -1, -100], [8, 4, 2, 1, 1])[0]
        assignments = None
        if random.random() < 0.2:
            assignments = random.choice([[{"BrokerIds": [1]}], [{"BrokerIds": [2]}], [{"BrokerIds": []}], [{"BrokerIds": [1, 1]}],
                                         [{"BrokerIds": [1]}, {"BrokerIds": [1]}], []])
        return {"Name": name, "Count": count, "Assignments": assignments}

    topics = generator.some(topic, 2, 1)
    request.value = {"Topics": topics, "TimeoutMs": timeout(generator), "ValidateOnly": random.random() < 0.2}
    request.touches = {one["Name"] for one in topics}


def elect_leaders(generator, request):
    random = generator.random

    def topic():
        name = generator.topic_name()
        return {"Topic": name, "Partitions": generator.some(lambda: generator.partition(name), 2)}

    request.value = {"ElectionType": random.choice([0, 0, 1, 2, -1]), "TimeoutMs": timeout(generator),
                     "TopicPartitions": generator.some(topic, 2)}
    if request.version < 1:
        del request.value["ElectionType"]


def alter_partition_reassignments(generator, request):
    random = generator.random

    def topic():
        name = generator.topic_name()
        return {"Name": name, "Partitions": generator.some(lambda: {
            "PartitionIndex": generator.partition(name),
            "Replicas": random.choice([[1], None, [2], [1, 2], [], [1, 1], [-1]])}, 2)}

    request.value = {"TimeoutMs": timeout(generator), "Topics": generator.some(topic, 2)}
    if request.version >= 1:
        request.value["AllowReplicationFactorChange"] = random.random() < 0.7


def list_partition_reassignments(generator, request):
    def topic():
        name = generator.topic_name()
        return {"Name": name, "PartitionIndexes": generator.some(lambda: generator.partition(name), 2)}

    topics = None if generator.random.random() < 0.3 else generator.some(topic, 2)
    request.value = {"TimeoutMs": timeout(generator), "Topics": topics}


# -- configurations --------------------------------------------------------------------------------------------------------


def resource(generator):
    """(type, name) of something that has a configuration."""
    random, prefix = generator.random, generator.state.prefix
    kind = random.choices([2, 4, 8, 16, 32, 0, 1, 3, 127], [14, 5, 1, 2, 2, 0.3, 0.3, 0.2, 0.2])[0]
    if kind == settings.TOPIC:
        return kind, generator.topic_name()
    if kind in (settings.BROKER, settings.BROKER_LOGGER):
        return kind, random.choices(["1", "", "2", "x", "-1"], [6, 3, 0.5, 0.5, 0.3])[0]
    return kind, random.choices([f"{prefix}{random.choice('gh')}", ""], [10, 1])[0]


def altered(generator, make_config):
    resources, keys = [], set()
    for _ in range(generator.random.choice([1, 1, 1, 2])):
        kind, name = resource(generator)
        configs = [make_config(kind) for _ in range(generator.random.choice([1, 1, 2, 0 if generator.random.random() < 0.1 else 1]))]
        generator.state.changes_of_metrics += kind == settings.CLIENT_METRICS
        if kind == settings.BROKER:
            generator.state.broker_keys |= {(name, one["Name"]) for one in configs}
        if (kind, name) not in keys or generator.random.random() < 0.1:
            resources.append({"ResourceType": kind, "ResourceName": name, "Configs": configs})
        keys.add((kind, name))
    return resources


def incremental_alter_configs(generator, request):
    random = generator.random

    def config(kind):
        key, value = settings.key_and_value(random, kind)
        operation = random.choices([0, 1, 2, 3, 4, -1], [10, 3, 2, 2, 0.3, 0.2])[0]
        if kind == settings.TOPIC and operation in (2, 3) and random.random() < 0.7:
            key, value = "cleanup.policy", random.choice(["compact", "delete", "x"])
        if operation == 1 and random.random() < 0.7:
            value = None
        return {"Name": key, "ConfigOperation": operation, "Value": value}

    request.value = {"Resources": altered(generator, config), "ValidateOnly": random.random() < 0.2}


def alter_configs(generator, request):
    def config(kind):
        return dict(zip(("Name", "Value"), settings.key_and_value(generator.random, kind)))

    request.value = {"Resources": altered(generator, config), "ValidateOnly": generator.random.random() < 0.2}
    # The old API replaces all of a broker's settings, and with them what keeps the two nodes alike.
    for one in request.value["Resources"]:
        if one["ResourceType"] == settings.BROKER:
            request.value["ValidateOnly"] = True


def describe_configs(generator, request):
    random = generator.random
    resources = []
    for _ in range(random.choice([1, 1, 2])):
        kind, name = resource(generator)
        keys = None
        if random.random() < 0.6 or kind in (settings.BROKER, settings.BROKER_LOGGER):
            keys = sorted({settings.key_and_value(random, kind)[0] for _ in range(random.randint(0, 4))})
        resources.append({"ResourceType": kind, "ResourceName": name, "ConfigurationKeys": keys})
    request.value = {"Resources": resources, "IncludeSynonyms": random.random() < 0.5,
                     "IncludeDocumentation": request.version >= 3 and random.random() < 0.2}


def list_config_resources(generator, request):
    random = generator.random
    kinds = random.choice([[], [2], [4], [16], [32], [8], [2, 4, 8, 16, 32], [0], [99], [2, 2]])
    request.value = {"ResourceTypes": kinds} if request.version >= 1 else {}


# -- quotas and credentials ------------------------------------------------------------------------------------------------


def entity(generator):
    random, prefix = generator.random, generator.state.prefix
    name = random.choice([f"{prefix}u", f"{prefix}v", None])
    kinds = random.choices([["user"], ["client-id"], ["user", "client-id"], ["ip"], ["user", "user"], ["nobody"], [], ["user", "ip"]],
                           [6, 4, 4, 3, 0.5, 0.5, 0.5, 0.5])[0]
    parts = []
    for kind in kinds:
        part = name if kind != "ip" else random.choice(["127.0.0.9", "not an address", None])
        parts.append({"EntityType": kind, "EntityName": "" if random.random() < 0.03 else part})
    return parts


def alter_client_quotas(generator, request):
    random = generator.random
    keys = ["producer_byte_rate", "consumer_byte_rate", "request_percentage", "controller_mutation_rate", "connection_creation_rate", "nonsense"]

    def operation(parts):
        key = "connection_creation_rate" if parts[:1] and parts[0]["EntityType"] == "ip" and random.random() < 0.8 else random.choice(keys)
        # Values far above what the tests send: quotas are stored and shown here, not felt.
        value = random.choice([1e9, 2e9, 5e11, 1e9 + 0.5, 0.0, -1.0, 1e300])
        return {"Key": key, "Value": value, "Remove": random.random() < 0.3}

    entries = []
    for _ in range(random.choice([1, 1, 2])):
        parts = entity(generator)
        operations = {one["Key"]: one for one in generator.some(lambda parts=parts: operation(parts), 2, 1)}
        entries.append({"Entity": parts, "Ops": list(operations.values())})
        generator.state.quotas.append(parts)
    request.value = {"Entries": entries, "ValidateOnly": random.random() < 0.15}


def describe_client_quotas(generator, request):
    random, prefix = generator.random, generator.state.prefix
    kinds = random.choice([["user"], ["client-id"], ["user", "client-id"], ["ip"], [], ["user", "user"], ["nobody"], ["user", "ip"], [""]])

    def component(kind):
        match_type = random.choices([0, 1, 2, 3, -1], [6, 3, 4, 0.3, 0.2])[0]
        match = random.choice([f"{prefix}u", f"{prefix}v", "127.0.0.9"]) if match_type == 0 or random.random() < 0.1 else None
        return {"EntityType": kind, "MatchType": match_type, "Match": match}

    request.value = {"Components": [component(kind) for kind in kinds], "Strict": random.random() < 0.4}


def user(generator):
    return generator.random.choices([f"{generator.state.prefix}{generator.random.choice('uv')}", ""], [20, 1])[0]


def alter_user_scram_credentials(generator, request):
    random = generator.random

    def upsertion():
        mechanism = random.choices([1, 2, 0, 3, -1], [8, 8, 1, 0.5, 0.3])[0]
        iterations = random.choices([4096, 8192, 16384, 4095, 16385, 0, -1], [8, 4, 2, 1, 1, 0.5, 0.3])[0]
        return {"Name": user(generator), "Mechanism": mechanism, "Iterations": iterations,
                "Salt": random.choice([b"salt", b"s" * 30, b""]), "SaltedPassword": random.choice([b"p" * 32, b"p" * 64, b""])}

    def deletion():
        return {"Name": user(generator), "Mechanism": random.choices([1, 2, 0, 9], [8, 8, 1, 0.5])[0]}

    value = {"Deletions": generator.some(deletion, 1), "Upsertions": generator.some(upsertion, 2)}
    generator.state.users |= {one["Name"] for one in value["Upsertions"]}
    request.value = value


def describe_user_scram_credentials(generator, request):
    users = [{"Name": user(generator)} for _ in range(generator.random.randint(0, 3))]
    request.value = {"Users": generator.random.choice([users, users, None])}


# -- the cluster -----------------------------------------------------------------------------------------------------------


def describe_cluster(generator, request):
    random = generator.random
    request.value = {"IncludeClusterAuthorizedOperations": random.random() < 0.5}
    if request.version >= 1:
        request.value["EndpointType"] = random.choices([1, 2, 0, 3], [8, 1, 0.5, 0.5])[0]
    if request.version >= 2:
        request.value["IncludeFencedBrokers"] = random.random() < 0.5


def describe_log_dirs(generator, request):
    def topic():
        name = generator.topic_name()
        return {"Topic": name, "Partitions": generator.some(lambda: generator.partition(name), 2)}

    topics = {one["Topic"]: one for one in generator.some(topic, 2)}
    request.value = {"Topics": list(topics.values())}


def alter_replica_log_dirs(generator, request):
    def topic():
        name = generator.topic_name()
        return {"Name": name, "Partitions": generator.some(lambda: generator.partition(name), 1, 1)}

    path = generator.random.choice([Symbol("path", "data"), "/no/such/place", "", "relative"])
    request.value = {"Dirs": [{"Path": path, "Topics": generator.some(topic, 1, 1)}]}


def describe_quorum(generator, request):
    name = generator.random.choices(["__cluster_metadata", generator.topic_name()], [8, 2])[0]
    index = generator.random.choices([0, 1], [8, 1])[0]
    request.value = {"Topics": [{"TopicName": name, "Partitions": [{"PartitionIndex": index}]}]}


def update_features(generator, request):
    """Only what changes nothing: the levels that are there, or such that are refused."""
    random = generator.random
    updates = {}
    for _ in range(random.choice([1, 1, 2])):
        feature, level = random.choice([("metadata.version", 9999), ("metadata.version", -1), ("metadata.version", 1),
                                        ("no.such.feature", 1), ("no.such.feature", 0), ("", 1), ("kraft.version", 99),
                                        ("transaction.version", 99), ("group.version", -2), ("share.version", 99)])
        updates[feature] = {"Feature": feature, "MaxVersionLevel": level}
        if request.version >= 1:
            updates[feature]["UpgradeType"] = random.choices([1, 2, 3, 0, 4], [8, 2, 1, 0.5, 0.5])[0]
        else:
            updates[feature]["AllowDowngrade"] = random.random() < 0.2
    request.value = {"timeoutMs": timeout(generator), "FeatureUpdates": list(updates.values())}
    if request.version >= 1:
        request.value["ValidateOnly"] = True


def unregister_broker(generator, request):
    request.value = {"BrokerId": generator.random.choice([2, 77, -1, 1 << 30])}


def client_instance(generator):
    """An id whose halves are equal, so that it adds nothing to the id of its subscription. Others after each change of
    subscriptions and on each connection: of how a client stood before, Apache keeps what it happens to keep."""
    state, which = generator.state, generator.random.choice("abc")
    words = f"{state.prefix} {which} {state.changes_of_metrics} {state.connections}"
    return hashlib.md5(words.encode()).digest()[:8] * 2


def get_telemetry_subscriptions(generator, request):
    request.value = {"ClientInstanceId": bytes(16) if generator.random.random() < 0.1 else client_instance(generator)}


def push_telemetry(generator, request):
    random = generator.random
    draw = random.random()
    codec = random.choice([0, 0, 1, 2, 3, 4, 5, -1])
    metrics = random.choice([b"", b"metrics", b"metrics" * 200_000])
    if 0 < codec <= 4 and random.random() < 0.6:
        metrics = batches.pack(batches.CODECS[codec], metrics)
    request.value = {"ClientInstanceId": bytes(16) if draw < 0.1 else ONE if draw < 0.15 else client_instance(generator),
                     "SubscriptionId": random.choice([NO_METRICS, NO_METRICS, NO_METRICS, 5]),
                     "Terminating": random.random() < 0.2, "CompressionType": codec, "Metrics": metrics}


MAKERS = {19: create_topics, 20: delete_topics, 32: describe_configs, 33: alter_configs, 34: alter_replica_log_dirs,
          35: describe_log_dirs, 37: create_partitions, 43: elect_leaders, 44: incremental_alter_configs,
          45: alter_partition_reassignments, 46: list_partition_reassignments, 48: describe_client_quotas,
          49: alter_client_quotas, 50: describe_user_scram_credentials, 51: alter_user_scram_credentials, 55: describe_quorum,
          57: update_features, 60: describe_cluster, 64: unregister_broker, 71: get_telemetry_subscriptions, 72: push_telemetry,
          74: list_config_resources}
