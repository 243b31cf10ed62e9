"""One drawn request."""

from dataclasses import dataclass, field

from environment import Symbol


@dataclass
class Request:
    key: int
    version: int
    value: dict
    mangled: list = field(default_factory=list)
    client: str | None = "tests"
    header_tags: tuple = ()
    frame_seed: int | None = None
    repacked: bool = False  # some topic of the sequence has had a codec of its own
    reconnected: bool = False  # a node closed the connection on which the sequence began
    touches: set = field(default_factory=set)  # topics that it may make or change
    learns: tuple | None = None  # (kind of id, its name, field of the answer)

    def learned_symbol(self):
        return Symbol(self.learns[0], self.learns[1])
