"""What a schema says, after parsing: messages, structs, fields and the versions in which they exist."""

from __future__ import annotations

import re
from dataclasses import dataclass, field

OPEN_END = 32767

SCALAR_SIZES = {"bool": 1, "i8": 1, "i16": 2, "u16": 2, "i32": 4, "u32": 4, "i64": 8, "f64": 8, "uuid": 16}
VARIABLE_TYPES = ("string", "bytes", "records")


class SchemaError(Exception):
    pass


@dataclass(frozen=True)
class Versions:
    """A closed range of versions; empty when lowest > highest."""

    lowest: int
    highest: int

    @staticmethod
    def parse(text: str) -> "Versions":
        if text == "none":
            return NO_VERSIONS
        match = re.fullmatch(r"(\d+)(\+|-(\d+))?", text)
        if match is None:
            raise SchemaError(f"not a version range: {text}")
        lowest = int(match[1])
        if match[2] is None:
            return Versions(lowest, lowest)
        return Versions(lowest, OPEN_END if match[2] == "+" else int(match[3]))

    def empty(self) -> bool:
        return self.lowest > self.highest

    def within(self, other: "Versions") -> "Versions":
        both = Versions(max(self.lowest, other.lowest), min(self.highest, other.highest))
        return NO_VERSIONS if both.empty() else both

    def covers(self, other: "Versions") -> bool:
        return other.empty() or (self.lowest <= other.lowest and other.highest <= self.highest)

    def condition(self, possible: "Versions") -> str | None:
        """C++ text that is true for versions of this range, given that the version is one of `possible`.
        None when it is always true, "false" when never."""
        both = self.within(possible)
        if both.empty():
            return "false"
        parts = []
        if both.lowest > possible.lowest:
            parts.append(f"version >= {both.lowest}")
        if both.highest < possible.highest:
            parts.append(f"version <= {both.highest}")
        return " && ".join(parts) or None


NO_VERSIONS = Versions(1, 0)


@dataclass
class Field:
    name: str
    type: str  # element type for arrays
    is_array: bool
    versions: Versions
    nullable: Versions = NO_VERSIONS
    tag: int | None = None
    tagged: Versions = NO_VERSIONS
    default: str | None = None
    ignorable: bool = False
    map_key: bool = False
    never_compact: bool = False
    often_one: bool = False
    struct: "Struct | None" = None  # of type or element type
    line: int = 0

    @property
    def is_struct(self) -> bool:
        return self.struct is not None and not self.is_array

    @property
    def is_scalar(self) -> bool:
        return not self.is_array and self.type in SCALAR_SIZES

    @property
    def untagged(self) -> Versions:
        """Versions in which the field stands in line; tagged versions are always an open end of versions."""
        if self.tag is None:
            return self.versions
        if self.tagged.lowest <= self.versions.lowest:
            return NO_VERSIONS
        return Versions(self.versions.lowest, self.tagged.lowest - 1)


@dataclass
class Struct:
    name: str
    fields: list[Field]
    versions: Versions  # those in which it can occur


@dataclass
class Message:
    kind: str
    name: str
    family: str  # the folder under schemas/
    source: str
    key: int | None = None
    versions: Versions = NO_VERSIONS
    flexible: Versions = NO_VERSIONS
    listeners: list[str] = field(default_factory=list)
    latest_unstable: bool = False
    body: Struct | None = None
    structs: list[Struct] = field(default_factory=list)  # nested ones, a user always after what it uses

    @property
    def snake(self) -> str:
        return snake_case(self.name)


def snake_case(name: str) -> str:
    name = name.replace("KRaft", "Kraft")
    name = re.sub(r"([A-Z]+)([A-Z][a-z])", r"\1_\2", name)
    name = re.sub(r"([a-z0-9])([A-Z])", r"\1_\2", name)
    return name.lower()


def camel_case(name: str) -> str:
    return name[0].lower() + name[1:]
