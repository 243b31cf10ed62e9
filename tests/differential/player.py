"""Plays one sequence against both nodes and stops at the first difference that nobody wanted."""

import struct
import time
from dataclasses import dataclass, field
from random import Random

from generator import Generator
from messages import API_VERSIONS, Malformed, has
from nodes import CLOSED, SILENT
from normal import Normal, differences
from settings import BROKER_VALUES, CLIENT_METRICS_VALUES, GROUP_VALUES
from state import Producer

MUTATING = {19, 20, 33, 37, 43, 44, 45, 49, 51, 57}
METADATA = 3
SETTLE_SECONDS = 15
DYNAMIC_BROKER, DYNAMIC_DEFAULT = 2, 3  # sources of a setting, as DescribeConfigs numbers them
STAYS = {"min.insync.replicas"}  # of all brokers, as long as eligible leader replicas are kept
NOT_YET = {3, 5, 6, 56}  # unknown topic or partition, no leader, not the leader, storage error while a log is opened


def is_text(difference):
    return difference[0].endswith("ErrorMessage")


def sets_codec(request):
    return request.key in (19, 33, 44) and "compression.type" in str(request.value)


def makes_topics(raw):
    if not all(isinstance(answer, dict) for answer in raw):
        return False
    ours = {topic["Name"]: topic["ErrorCode"] for topic in raw[1]["Topics"]}
    return any(topic["ErrorCode"] in (3, 5) and ours.get(topic["Name"]) == 0 for topic in raw[0]["Topics"])


@dataclass
class Outcome:
    played: list = field(default_factory=list)  # (request, normal answer of Apache)
    differences: list = field(default_factory=list)  # (path, apache, highwater)
    answers: tuple = ()
    ended: bool = False
    trouble: str = ""  # a node that does not come to rest; the pair is of no use any more
    wanted: dict = field(default_factory=dict)  # reason -> times
    by_key: dict = field(default_factory=dict)
    texts: list = field(default_factory=list)  # differences of sentences, when they do not stop a sequence


class Player:
    def __init__(self, pair, apis, served, wanted):
        self.pair, self.apis, self.served, self.wanted = pair, apis, served, wanted
        self.texts_stop = True  # else sentences that differ are kept in Outcome.texts and the sequence goes on
        self.correlation = 0
        self.barriers = 0

    # -- one request -----------------------------------------------------------------------------------------------------

    def send(self, node, generator, request):
        """The answer as a dict, CLOSED or SILENT."""
        frame = generator.frame(request, self.correlation, node.environment, Random)
        # Without acks there is no answer: another question behind it shows whether the connection lives.
        unanswered = request.key == 0 and request.value.get("Acks") == 0 and request.frame_seed is None
        if unanswered:
            frame += self.apis[API_VERSIONS].frame(0, {}, self.correlation + 1)
        data = node.call(frame, 2 if request.frame_seed is not None or request.mangled else 15)
        if data in (CLOSED, SILENT):
            return data
        correlation = struct.unpack(">i", data[:4])[0] if len(data) >= 4 else None
        if unanswered and correlation == self.correlation + 1:
            return "not answered"
        if unanswered:
            node.receive_more()
        if correlation != self.correlation:
            return f"another correlation id, {'none' if correlation is None else correlation - self.correlation} away"
        return self.read(request, data[4:])

    def once_made(self, generator, request, raw):
        """Apache's answer to Metadata says of a topic that it makes on demand that there is none: its clients ask again, and
        so do we. Ours holds the topic already."""
        deadline = time.monotonic() + SETTLE_SECONDS
        while request.key == METADATA and makes_topics(raw) and time.monotonic() < deadline:
            time.sleep(0.005)
            raw[0] = self.send(self.pair.apache, generator, request)
        return raw

    def read(self, request, data):
        api = self.apis[request.key]
        version = request.version
        if request.key == API_VERSIONS and not has(api.request.versions, version):
            version = 0
        try:
            return api.read(version, data)
        except Malformed as error:
            return f"not an answer of this API ({error}): {data.hex()}"

    def play(self, seed, prefix, count):
        for node in self.pair.nodes():
            node.begin_sequence()
        generator = Generator(Random(seed), prefix, self.apis, self.served)
        outcome = Outcome()
        for _ in range(count):
            generator.state.connections = tuple(node.connections + (node.socket is None) for node in self.pair.nodes())
            request = generator.next()
            generator.state.made |= {name for name in request.touches if isinstance(name, str)}
            generator.state.repacked = generator.state.repacked or sets_codec(request)
            request.repacked = generator.state.repacked
            request.reconnected = any(node.connections > 1 or node.socket is None for node in self.pair.nodes()) and len(outcome.played) > 0
            self.correlation = (self.correlation + 2) & 0x7FFFFFF0
            raw = self.once_made(generator, request, [self.send(node, generator, request) for node in self.pair.nodes()])
            for node, answer in zip(self.pair.nodes(), raw):
                self.learn(node, request, answer)
            normal = [Normal(node, request.key).answer(answer) if isinstance(answer, dict) else answer
                      for node, answer in zip(self.pair.nodes(), raw)]
            outcome.played.append((request, normal[0]))
            outcome.by_key[request.key] = outcome.by_key.get(request.key, 0) + 1
            found = list(differences({"answer": normal[0]}, {"answer": normal[1]}))
            found = [one for one in found if not self.is_wanted(request, one, normal, outcome)]
            if not self.texts_stop:
                outcome.texts += [(request, *one) for one in found if is_text(one)]
                found = [one for one in found if not is_text(one)]
            if found:
                outcome.differences, outcome.answers = found, tuple(normal)
                break
            if outcome.ended or isinstance(normal[0], dict) != isinstance(normal[1], dict):
                break  # wanted, but from here on the two nodes hold different things
            self.observe(generator, request, raw[0])
            try:
                self.settle(generator, request, raw)
            except (RuntimeError, OSError) as trouble:
                outcome.trouble, outcome.answers = str(trouble), tuple(normal)
                return outcome
        try:
            self.clean_up(generator)
        except (RuntimeError, OSError) as trouble:
            outcome.trouble, outcome.answers = str(trouble), outcome.answers or tuple(normal)
        return outcome

    def is_wanted(self, request, difference, normal, outcome):
        for entry in self.wanted:
            if entry.matches(request, difference, normal):
                outcome.ended = outcome.ended or entry.ends
                outcome.wanted[entry.reason] = outcome.wanted.get(entry.reason, 0) + 1
                return True
        return False

    # -- what answers tell -------------------------------------------------------------------------------------------------

    def learn(self, node, request, answer):
        if not isinstance(answer, dict):
            return
        if request.learns is not None and answer.get("ErrorCode", 0) == 0:
            kind, name, where = request.learns
            value = answer.get(where, 0)
            if value >= (0 if kind == "producer id" else 1) and (kind, value) not in node.environment.names:
                node.environment.learn(kind, name, value)
        for topic in (answer.get("Topics") or []) + (answer.get("Responses") or []):
            known = isinstance(topic, dict) and topic.get("Name") and topic.get("ErrorCode", 0) == 0
            if known and topic.get("TopicId", bytes(16)) != bytes(16):
                node.environment.learn("topic id", topic["Name"], topic["TopicId"])

    def observe(self, generator, request, answer):
        """Keeps the generator's state with what Apache answered."""
        if request.key == 22 and isinstance(answer, dict) and answer["ErrorCode"] == 0:
            self.observe_producer(generator, request, answer)
        if request.key == 1 and answer in (CLOSED, SILENT):
            generator.state.sessions.clear()

    def observe_producer(self, generator, request, answer):
        named = self.pair.apache.environment.names.get(("producer id", answer["ProducerId"]))
        for producer in generator.state.producers:
            if producer.identity.name == named:
                producer.epoch = answer["ProducerEpoch"]
                producer.sequences.clear()
                return
        if request.learns is not None and named == request.learns[1]:
            generator.state.producers.append(Producer(request.learned_symbol(), answer["ProducerEpoch"]))

    # -- waiting until both nodes have done what they promised ----------------------------------------------------------------

    def ask(self, node, key, version, value):
        """A request of the harness itself, on a connection of its own."""
        self.correlation = (self.correlation + 1) & 0x7FFFFFFF
        data = node.aside(self.apis[key].frame(version, value, self.correlation))
        return self.apis[key].read(version, data[4:])

    def settle(self, generator, request, raw):
        if request.key == 0 and request.value.get("Acks") == 0:
            self.until_written(request)
        if request.key not in MUTATING and not request.touches:
            return
        if request.key in MUTATING:
            self.barrier()
        for node, answer in zip(self.pair.nodes(), raw):
            self.until_promised(node, request, answer)
        for name in sorted(name for name in request.touches if isinstance(name, str) and 0 < len(name) < 250):
            self.settle_topic(generator, name, request.key == 3)
        if request.key == 19 and isinstance(request.value.get("Topics"), list):
            for topic in request.value["Topics"]:
                known = generator.state.topics.get(topic.get("Name")) if isinstance(topic, dict) else None
                if known is not None and isinstance(topic.get("Configs"), list):
                    known.compacted = any(isinstance(one, dict) and "compact" in str(one.get("Value")) for one in topic["Configs"])

    def until_promised(self, node, request, answer):
        """What the controller acknowledged is seen by the broker. A mangled frame may have asked for something else, as for
        a validation only."""
        mangled = request.frame_seed is not None
        if mangled or not isinstance(answer, dict) or request.key not in (19, 20) or request.value.get("validateOnly"):
            return
        for topic in answer.get("Topics" if request.key == 19 else "Responses") or []:
            if topic["ErrorCode"] == 0 and topic.get("Name"):
                self.until(lambda name=topic["Name"]: (self.describe(node, name) is not None) == (request.key == 19),
                           f"{node.name} showing what became of {topic['Name']}")

    def until_written(self, request):
        """Records that nobody acknowledges are in the log some time later: wait until both logs end alike, not for ever."""
        deadline = time.monotonic() + 5
        topics = request.value["TopicData"] if isinstance(request.value["TopicData"], list) else []
        names = [topic.get("Name") or getattr(topic.get("TopicId"), "name", None) for topic in topics]
        names = [name for name in names if isinstance(name, str) and name]
        while time.monotonic() < deadline:
            ends = [[self.end_of(node, name, index) for name in names for index in range(3)] for node in self.pair.nodes()]
            if ends[0] == ends[1]:
                return
            time.sleep(0.01)

    def end_of(self, node, name, index):
        topics = [{"Name": name, "Partitions": [{"PartitionIndex": index, "Timestamp": -1}]}]
        return self.ask(node, 2, 2, {"ReplicaId": -1, "Topics": topics})["Topics"][0]["Partitions"][0]["Offset"]

    def barrier(self):
        """What is asked for after this is seen in the image of every node, since metadata has one order."""
        self.barriers += 1
        value = str(1_000_000 + self.barriers)
        change = {"Resources": [{"ResourceType": 2, "ResourceName": "barrier", "Configs": [
            {"Name": "segment.ms", "ConfigOperation": 0, "Value": value}]}]}
        question = {"Resources": [{"ResourceType": 2, "ResourceName": "barrier", "ConfigurationKeys": ["segment.ms"]}]}
        if 44 not in self.served:
            time.sleep(0.03)
            return
        for node in self.pair.nodes():
            self.ask(node, 44, 1, change)

        def seen(node):
            return self.ask(node, 32, 4, question)["Results"][0]["Configs"][0]["Value"] == value

        for node in self.pair.nodes():
            self.until(lambda node=node: seen(node), f"{node.name} passing a barrier")

    def settle_topic(self, generator, name, auto):
        described = [self.describe(node, name) for node in self.pair.nodes()]
        if auto:
            deadline = time.monotonic() + 2
            while any(one is None for one in described) and any(one is not None for one in described) and time.monotonic() < deadline:
                time.sleep(0.005)
                described = [self.describe(node, name) for node in self.pair.nodes()]
        for node, topic in zip(self.pair.nodes(), described):
            if topic is not None:
                node.environment.learn("topic id", name, topic["TopicId"])
                for partition in topic["Partitions"]:
                    self.until(lambda node=node, index=partition["PartitionIndex"]: self.leads(node, name, index),
                               f"{node.name} leading {name}-{partition['PartitionIndex']}")
        topic = described[0]
        if topic is None:
            generator.state.forget(name)
        elif name not in generator.state.topics or not generator.state.topics[name].exists:
            generator.state.create(name, len(topic["Partitions"]))
        else:
            generator.state.topics[name].partitions = len(topic["Partitions"])

    def describe(self, node, name):
        """The topic as Metadata shows it, when it exists."""
        answer = self.ask(node, 3, 12, {"Topics": [{"Name": name}], "AllowAutoTopicCreation": False})
        topic = answer["Topics"][0]
        return topic if topic["ErrorCode"] == 0 else None

    def leads(self, node, name, index):
        topics = [{"Name": name, "Partitions": [{"PartitionIndex": index, "Timestamp": -1}]}]
        answer = self.ask(node, 2, 2, {"ReplicaId": -1, "Topics": topics})
        return answer["Topics"][0]["Partitions"][0]["ErrorCode"] not in NOT_YET

    def until(self, holds, what):
        deadline = time.monotonic() + SETTLE_SECONDS
        while not holds():
            if time.monotonic() > deadline:
                raise RuntimeError(f"{what} takes more than {SETTLE_SECONDS} s")
            time.sleep(0.002)

    # -- the end of a sequence -------------------------------------------------------------------------------------------------

    def clean_up(self, generator):
        """Takes away what other sequences would see. Not compared."""
        state = generator.state
        for node in self.pair.nodes():
            if not node.running():
                continue
            names = sorted(name for name in state.made if isinstance(name, str) and self.describe(node, name))
            if names:
                self.ask(node, 20, 5, {"TopicNames": names, "TimeoutMs": 10000})
            if 49 in self.served and state.quotas:
                self.remove_quotas(node)
            if 51 in self.served and state.users:
                for name in sorted(name for name in state.users if isinstance(name, str)):
                    for mechanism in (1, 2):
                        self.ask(node, 51, 0, {"Deletions": [{"Name": name, "Mechanism": mechanism}], "Upsertions": []})
            if 44 in self.served:
                self.reset_configs(node, state)
        self.barrier()

    def remove_quotas(self, node):
        entries = self.ask(node, 48, 1, {"Components": [], "Strict": False})["Entries"] or []
        removed = [{"Entity": entry["Entity"], "Ops": [{"Key": one["Key"], "Value": 0.0, "Remove": True} for one in entry["Values"]]}
                   for entry in entries]
        if removed:
            self.ask(node, 49, 1, {"Entries": removed, "ValidateOnly": False})

    def reset_configs(self, node, state):
        for name, source in (("", DYNAMIC_DEFAULT), ("1", DYNAMIC_BROKER)):
            self.reset_broker(node, name, source, {key for other, key in state.broker_keys if other == name and isinstance(key, str)})
        for kind, values in ((32, GROUP_VALUES), (16, CLIENT_METRICS_VALUES)):
            for suffix in "gh":
                self.delete_configs(node, kind, state.prefix + suffix, values)

    def reset_broker(self, node, name, source, altered):
        """All brokers before the one, and each until nothing of it is seen: a broker keeps its own setting as long as the one
        for all brokers is out of range (max.connections=0), and that this one is gone Apache's hears after the answer."""
        self.delete_configs(node, 4, name, altered)

        def is_empty():
            question = {"ResourceType": 4, "ResourceName": name, "ConfigurationKeys": sorted(set(BROKER_VALUES) - STAYS)}
            configs = self.ask(node, 32, 4, {"Resources": [question]})["Results"][0]["Configs"]
            left = {one["Name"] for one in configs if one["ConfigSource"] == source}
            self.delete_configs(node, 4, name, left)
            return not left

        self.until(is_empty, f"{node.name} taking back what was set of broker {name or 'all'}")

    def delete_configs(self, node, kind, name, keys):
        for key in sorted(keys):  # one by one: an unknown key must not keep the others
            configs = [{"Name": key, "ConfigOperation": 1, "Value": None}]
            self.ask(node, 44, 1, {"Resources": [{"ResourceType": kind, "ResourceName": name, "Configs": configs}]})
