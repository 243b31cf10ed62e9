"""What a sequence believes about the world: its topics, its producers, its fetch sessions. Kept from what was asked and
from the oracle's answers; it only steers the generator towards requests that do something."""

from dataclasses import dataclass, field

from environment import Symbol


@dataclass
class Topic:
    name: str
    partitions: int
    compacted: bool = False
    exists: bool = True
    records: dict = field(default_factory=dict)  # partition -> about how many


@dataclass
class Producer:
    identity: Symbol
    epoch: int
    sequences: dict = field(default_factory=dict)  # (topic, partition) -> next


@dataclass
class Session:
    identity: Symbol
    epoch: int
    topics: list


class State:
    def __init__(self, prefix):
        self.prefix = prefix
        self.topics = {}
        self.producers = []
        self.sessions = []
        self.quotas = []  # entities altered, for the clean-up
        self.users = set()
        self.broker_keys = set()
        self.repacked = False  # a topic may have a codec of its own
        self.changes_of_metrics = 0  # of client-metrics subscriptions
        self.connections = ()  # how often each node was connected to
        self.made = set()  # every name that may exist

    def alive(self):
        return [topic for topic in self.topics.values() if topic.exists]

    def create(self, name, partitions, compacted=False):
        self.topics[name] = Topic(name, partitions, compacted)

    def forget(self, name):
        if name in self.topics:
            self.topics[name].exists = False
        for producer in self.producers:
            for place in [place for place in producer.sequences if place[0] == name]:
                del producer.sequences[place]
