"""Draws the requests of a sequence: which API, which version, what it says. Mostly right, often nearly so. Everything is
drawn from one seeded stream; the state of the sequence steers it."""

import administration
import data
from mangle import mangle_frame, mangle_value
from request import Request
from state import State

# How often an API is drawn, by key; 1 for those that are not named.
WEIGHTS = {0: 14, 1: 12, 2: 8, 3: 7, 18: 2, 19: 6, 20: 4, 21: 3, 22: 4, 23: 3, 32: 4, 37: 3, 44: 5, 33: 2, 75: 3, 61: 2, 50: 2, 51: 2,
           48: 2, 49: 2, 60: 2, 35: 2}

MAKERS = {**data.MAKERS, **administration.MAKERS}


def as_list(value):
    return value if isinstance(value, list) else []


class Generator:
    def __init__(self, random, prefix, apis, served):
        """`served`: key -> (lowest, highest) that both nodes serve."""
        self.random, self.apis, self.served = random, apis, served
        self.state = State(prefix)
        self.keys = sorted(key for key in served if key in MAKERS)
        self.weights = [WEIGHTS.get(key, 1) for key in self.keys]
        self.drawn = 0

    def next(self):
        self.drawn += 1
        if self.drawn == 1:
            return administration.first_topics(self)
        if self.drawn == 2:
            return self.make(22, clean=True)
        return self.make(self.random.choices(self.keys, self.weights)[0])

    def make(self, key, clean=False):
        random = self.random
        low, high = self.served[key]
        version = high if random.random() < 0.3 else random.randint(low, high)
        request = Request(key, version, {})
        MAKERS[key](self, request)
        # Unregistering the one broker would end everything for the sequences that follow.
        if not clean and key != 64:
            self.mangle(request)
        if key == 3 and request.value.get("AllowAutoTopicCreation") is not False:
            request.touches = {one.get("Name") for one in as_list(request.value.get("Topics")) if isinstance(one, dict)} - {None}
        return request

    def mangle(self, request):
        random = self.random
        message = self.apis[request.key].request
        draw = random.random()
        if draw < 0.12:
            done = mangle_value(random, message, request.version, request.value)
            if done:
                request.mangled.append(done)
        elif draw < 0.15:
            request.frame_seed = random.randrange(1 << 30)
        elif draw < 0.17:
            request.version = random.choice([self.served[request.key][0] - 1, message.versions.highest + 1, 99, -1, 32767])
            request.mangled.append(f"version {request.version}")
        elif draw < 0.19 and message.flexible.lowest <= request.version <= message.flexible.highest:
            request.header_tags = ((random.choice([0, 5]), b"tag"),)
            request.mangled.append("unknown tag in the header")
        elif draw < 0.20:
            request.client = random.choice([None, "", "x" * 300, "a b\n"])
            request.mangled.append(f"client id {str(request.client)[:10]!r}")

    def frame(self, request, correlation, environment, random_class):
        frame = self.apis[request.key].frame(request.version, request.value, correlation, request.client, environment,
                                             request.header_tags)
        if request.frame_seed is None:
            return frame
        frame, done = mangle_frame(random_class(request.frame_seed), frame)
        if done not in request.mangled:
            request.mangled.append(done)
        return frame

    # -- what many requests draw ---------------------------------------------------------------------------------------

    def fresh_name(self):
        name = f"{self.state.prefix}{self.random.choice('abcdef')}"
        self.state.made.add(name)
        return name

    def topic_name(self):
        """Mostly one that is there."""
        alive = self.state.alive()
        draw = self.random.random()
        if alive and draw < 0.85:
            return self.random.choice(alive).name
        if draw < 0.97:
            return f"{self.state.prefix}{self.random.choice(['a', 'b', 'missing'])}"
        return self.random.choice(["", ".", "..", "bad/name", "x" * 249, "x" * 250, "sp ace", "a.b_c"])

    def partition(self, name):
        topic = self.state.topics.get(name)
        count = topic.partitions if topic else 1
        draw = self.random.random()
        if draw < 0.9:
            return self.random.randrange(max(count, 1))
        return self.random.choice([count, -1, 1000])

    def some(self, make, most=3, least=0):
        return [make() for _ in range(self.random.randint(least, most))]

    def epoch(self):
        return self.random.choice([-1, -1, -1, 0, 0, 1, 5, -2])
