"""What one node gave out in the course of a sequence: ids that differ from node to node. Requests name them by symbols,
answers are read back into the same symbols, so that the answers of two nodes can be held against each other."""

import hashlib

NULL_ID = bytes(16)


class Symbol:
    """Resolved by the environment of the node that a request goes to."""

    def __init__(self, kind, name):
        self.kind, self.name = kind, name

    def resolve(self, environment):
        return environment.value(self.kind, self.name)

    def __repr__(self):
        return f"<{self.kind} of {self.name}>"


class Environment:
    def __init__(self):
        self.values = {}  # (kind, name) -> value
        self.names = {}  # (kind, value) -> name
        self.made_up = {}  # id -> name, of topics that never were

    def learn(self, kind, name, value):
        self.values[kind, name] = value
        self.names[kind, value] = name

    def value(self, kind, name):
        """A name that was never learned stands for an id that nobody has."""
        if (kind, name) in self.values:
            return self.values[kind, name]
        digest = hashlib.sha256(f"{kind} {name}".encode()).digest()
        if kind == "topic id":
            self.made_up[digest[:16]] = name
            return digest[:16]
        return int.from_bytes(digest[:3], "big") + 1_000_000

    def named(self, kind, value):
        """The symbol's text for a value in an answer; new values get the next number of their kind."""
        if value == NULL_ID:
            return "no id"
        if value == -1 or value == 0 and kind != "producer id" or kind == "fetch session" and value < 0:
            return value
        if (kind, value) not in self.names:
            if kind == "topic id":
                # One that was made up here is equal on both nodes; any other one is a node's own, and forgotten.
                return f"made up topic id {self.made_up[value]}" if value in self.made_up else "unknown topic id"
            # A name of its own: no request may mean by it what an answer to another one gave out.
            self.learn(kind, f"answer {sum(1 for known, _ in self.values if known == kind)}", value)
        return f"{kind} of {self.names[kind, value]}"
