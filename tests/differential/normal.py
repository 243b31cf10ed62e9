"""An answer in the form in which two nodes' answers are compared: ids as symbols, times, ports and paths as words, and
order taken out where Kafka promises none."""

import base64
import json
import re
import struct
import time

import batches
import unpack

NEAR_MS = 10 * 60 * 1000
HOUR_MS = 3600 * 1000  # how far ahead of the clock a record may be
FOR_EVER_MS = (1 << 63) - 1
IDS = {"TopicId": "topic id", "ProducerId": "producer id", "SessionId": "fetch session"}
CODEC_BITS = 7  # of a batch's attributes

# Fields whose value says only how long a node has lived or what else lies on its disk.
VOLATILE = {(55, "HighWatermark"), (55, "LogEndOffset"), (55, "LeaderEpoch"), (55, "LastFetchTimestamp"), (55, "LastCaughtUpTimestamp"),
            (35, "TotalBytes"), (35, "UsableBytes"), (55, "ReplicaDirectoryId"), (71, "ClientInstanceId"),
            (18, "FinalizedFeaturesEpoch")}

# Arrays that Kafka's code takes out of hash maps: (key, field).
UNORDERED = {(3, "Topics"), (35, "Topics"), (35, "Partitions"), (48, "Entries"), (48, "Entity"), (49, "Entity"), (20, "Responses"),
             (19, "Topics"), (37, "Results"), (32, "Configs"), (74, "ConfigResources"), (51, "Results"), (50, "Results"), (50, "CredentialInfos"),
             (61, "ActiveProducers"), (0, "Responses"), (33, "Responses"), (44, "Responses"), (45, "Responses"), (46, "Topics"),
             (43, "ReplicaElectionResults"), (57, "Results"), (21, "Topics"), (21, "Partitions"), (2, "Topics"), (2, "Partitions"), (23, "Topics"), (23, "Partitions"),
             (34, "Results"), (18, "SupportedFeatures"), (18, "FinalizedFeatures"), (49, "Entries"), (61, "Topics"),
             (0, "PartitionResponses"), (1, "Responses"), (1, "Partitions")}


def near_now(value):
    return abs(value - time.time() * 1000) < NEAR_MS


def relative(number):
    """A number of a sentence; when it goes with the clock, how."""
    for words, distance in (("now", 0), ("now + 1 h", HOUR_MS), ("now - for ever", -FOR_EVER_MS), ("now + for ever", FOR_EVER_MS - (1 << 64))):
        if near_now(int(number) - distance):
            return words
    return number


def uuid_text(value):
    return base64.urlsafe_b64encode(value).decode().rstrip("=")


def java_hash(identity):
    """Uuid.hashCode."""
    a, b, c, d = struct.unpack(">4i", identity)
    return a ^ b ^ c ^ d


class Normal:
    def __init__(self, node, key):
        self.node, self.key, self.environment = node, key, node.environment
        self.texts = {node.data: "DATA", str(node.server.port): "PORT", str(node.controller_port): "CONTROLLER_PORT"}
        for (kind, name), value in self.environment.values.items():
            if kind == "topic id":
                self.texts[uuid_text(value)] = f"<id of {name}>"

    def answer(self, value):
        if self.key == 71:  # a client without an id was given one by chance, and it is in that of the subscription
            value = value | {"SubscriptionId": value["SubscriptionId"] ^ java_hash(value["ClientInstanceId"])}
        normal = self.struct(value)
        if self.key == 1 and isinstance(normal.get("Responses"), list):
            normal["Responses"] = one_place_each(normal["Responses"])
        return normal

    def struct(self, value):
        return {name: self.field(name, inner) for name, inner in value.items()}

    def field(self, name, value):
        if (self.key, name) in VOLATILE:
            return "volatile" if value not in (None, -1, 0) else value
        if name in IDS and isinstance(value, (int, bytes)):
            return self.environment.named(IDS[name], value)
        if name == "Port":
            return "PORT" if value == self.node.server.port else "CONTROLLER_PORT" if value == self.node.controller_port else value
        if name == "Records" and isinstance(value, bytes):
            return [self.batch(one) for one in batches.take_apart(value)]
        if isinstance(value, list):
            elements = [self.struct(one) if isinstance(one, dict) else self.field("", one) for one in value]
            return sorted(elements, key=text) if (self.key, name) in UNORDERED else elements
        if isinstance(value, dict):
            return self.struct(value)
        if isinstance(value, str):
            return self.string(value)
        if isinstance(value, bytes):
            return value.hex()
        if isinstance(value, int) and not isinstance(value, bool) and near_now(value):
            return "now"
        return value

    def string(self, value):
        # Java puts a replacement character where a name is not UTF-8 and answers with that; we answer with the same bytes.
        value = value.encode(errors="surrogateescape").decode(errors="replace")
        for old, new in self.texts.items():
            value = value.replace(old, new)
        return re.sub(r"-?\b\d{13,19}\b", lambda match: relative(match[0]), value)

    def batch(self, one):
        if "part_of_a_batch" in one:
            return one
        stamped = one["attributes"] & 0x08
        if stamped or one["producer_id"] >= 0:
            del one["crc"]
        one["producer_id"] = self.environment.named("producer id", one["producer_id"])
        for name in ("base_time", "max_time"):
            one[name] = "now" if near_now(one[name]) else one[name]
        codec = one["attributes"] & CODEC_BITS
        if 0 < codec < len(batches.CODECS):
            one["content"] = unpack.content(batches.CODECS[codec], one["payload"])
        one["payload"] = one["payload"].hex()
        if codec:
            one["packed"] = {name: one.pop(name) for name in ("length", "crc", "payload") if name in one}
        return one


def one_place_each(topics):
    """Fetch names a topic again whenever another one came between its partitions; in which order they come is not
    promised."""
    places = {}
    for topic in topics:
        name = topic.get("Topic", topic.get("TopicId"))
        place = places.setdefault(name, {**topic, "Partitions": []})
        place["Partitions"] = sorted(place["Partitions"] + topic["Partitions"], key=text)
    return sorted(places.values(), key=text)


def text(value):
    return json.dumps(value, sort_keys=True, default=str)


KEYS = ("Name", "ApiKey", "Topic", "TopicName", "TopicId", "PartitionIndex", "Index", "Partition", "ResourceName", "User", "LogDir", "Path")


def by_name(elements, key):
    """{name: element} when every element has a name of its own."""
    names = [one.get(key) if isinstance(one, dict) else None for one in elements]
    return {str(name): one for name, one in zip(names, elements)} if None not in names and len(set(names)) == len(names) else None


def as_named(left, right):
    """Both lists as dicts, so that one element that is missing says nothing about the others."""
    for key in KEYS:
        named = by_name(left, key), by_name(right, key)
        if left and right and None not in named:
            return named
    return None


def differences(left, right, path=""):
    """(path, left, right) of everything that is not equal, arrays element by element."""
    if isinstance(left, dict) and isinstance(right, dict):
        for name in list(left) + [name for name in right if name not in left]:
            yield from differences(left.get(name, "absent"), right.get(name, "absent"), f"{path}.{name}" if path else name)
    elif isinstance(left, list) and isinstance(right, list):
        named = as_named(left, right)
        if named is not None:
            yield from differences(*named, path)
            return
        if len(left) != len(right):
            yield f"{path}[#]", [one for one in left if one not in right], [one for one in right if one not in left]
            return
        for index, (a, b) in enumerate(zip(left, right)):
            yield from differences(a, b, f"{path}[{index}]")
    elif left != right or isinstance(left, bool) != isinstance(right, bool):
        yield path, left, right
