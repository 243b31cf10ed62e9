"""Reads the schema language (docs/formats/schema-language.md) and checks that it makes sense."""

from __future__ import annotations

from pathlib import Path

from model import NO_VERSIONS, OPEN_END, SCALAR_SIZES, VARIABLE_TYPES, Field, Message, SchemaError, Struct, Versions

KINDS = ("request", "response", "header", "metadata", "coordinator-key", "coordinator-value", "data")
INDENT = 2


def parse_file(path: Path) -> Message:
    try:
        return _Parser(path).message()
    except SchemaError as error:
        raise SchemaError(f"{path}:{error}") from None


class _Parser:
    def __init__(self, path: Path):
        self.path = path
        self.lines: list[tuple[int, int, list[str]]] = []  # line number, depth, words
        for number, raw in enumerate(path.read_text(encoding="utf-8").splitlines(), 1):
            text = raw.split("#", 1)[0].rstrip()
            if not text:
                continue
            spaces = len(text) - len(text.lstrip(" "))
            if spaces % INDENT:
                raise SchemaError(f"{number}: indentation is {INDENT} spaces a level")
            self.lines.append((number, spaces // INDENT, text.split()))
        self.at = 0
        self.structs: dict[str, Struct] = {}

    def message(self) -> Message:
        number, _, words = self._next()
        if len(words) != 2 or words[0] not in KINDS:
            raise SchemaError(f"{number}: a schema starts with its kind and its name")
        message = Message(kind=words[0], name=words[1], family=self.path.parent.name, source=self.path.name)
        self._headings(message)
        if message.versions.empty():
            raise SchemaError("1: no valid versions")
        shared_at = self.at
        self._shared_names()
        self.at = shared_at
        fields: list[Field] = []
        while self.at < len(self.lines):
            _, depth, words = self.lines[self.at]
            if words[0] == "struct":
                self._shared_struct(message)
            else:
                fields.append(self._field(depth))
        message.body = Struct(message.name, fields, message.versions)
        self._resolve(message, message.body)
        message.structs = self._in_order(message.body)
        return message

    def _next(self) -> tuple[int, int, list[str]]:
        if self.at >= len(self.lines):
            raise SchemaError("1: ends too early")
        self.at += 1
        return self.lines[self.at - 1]

    def _headings(self, message: Message) -> None:
        while self.at < len(self.lines):
            number, _, words = self.lines[self.at]
            if words[0] == "key":
                message.key = int(words[1])
            elif words[0] == "versions":
                message.versions = Versions.parse(words[1])
            elif words[0] == "flexible":
                message.flexible = Versions.parse(words[1])
            elif words[0] == "listeners":
                message.listeners = words[1:]
            elif words == ["latest-unstable"]:
                message.latest_unstable = True
            elif words == ["fields"]:
                self.at += 1
                return
            else:
                raise SchemaError(f"{number}: unknown heading {words[0]}")
            self.at += 1

    def _shared_names(self) -> None:
        for number, depth, words in self.lines[self.at :]:
            if words[0] == "struct" and depth == 0:
                if len(words) != 3:
                    raise SchemaError(f"{number}: struct NAME VERSIONS")
                self.structs[words[1]] = Struct(words[1], [], Versions.parse(words[2]))

    def _shared_struct(self, message: Message) -> None:
        _, _, words = self._next()
        struct = self.structs[words[1]]
        struct.versions = struct.versions.within(message.versions)
        struct.fields = self._children(0)

    def _children(self, depth: int) -> list[Field]:
        fields = []
        while self.at < len(self.lines) and self.lines[self.at][1] > depth:
            fields.append(self._field(depth + 1))
        return fields

    def _field(self, depth: int) -> Field:
        number, actual, words = self._next()
        if actual != depth or len(words) < 3:
            raise SchemaError(f"{number}: a field is NAME TYPE VERSIONS and attributes, one level below its struct")
        is_array = words[1].startswith("[]")
        field = Field(name=words[0], type=words[1].removeprefix("[]"), is_array=is_array,
                      versions=Versions.parse(words[2]), line=number)
        self._attributes(field, words[3:])
        children = self._children(depth)
        if children:
            if field.type in self.structs:
                raise SchemaError(f"{number}: struct {field.type} is defined twice")
            self.structs[field.type] = Struct(field.type, children, field.versions)
        return field

    def _attributes(self, field: Field, words: list[str]) -> None:
        rest = list(words)
        while rest:
            word = rest.pop(0)
            if word == "nullable":
                field.nullable = Versions.parse(rest.pop(0))
            elif word == "tag":
                field.tag = int(rest.pop(0))
                field.tagged = Versions.parse(rest.pop(0))
            elif word == "default":
                field.default = rest.pop(0)
            elif word == "ignorable":
                field.ignorable = True
            elif word == "map-key":
                field.map_key = True
            elif word == "never-compact":
                field.never_compact = True
            elif word == "often-one":
                field.often_one = True
            else:
                raise SchemaError(f"{field.line}: unknown attribute {word}")

    def _resolve(self, message: Message, struct: Struct) -> None:
        seen: set[str] = set()
        tags: set[int] = set()
        for field in struct.fields:
            if field.name in seen:
                raise SchemaError(f"{field.line}: field {field.name} twice in one struct")
            seen.add(field.name)
            self._check(message, field, tags)
            if field.type in SCALAR_SIZES or field.type in VARIABLE_TYPES:
                continue
            if field.type not in self.structs:
                raise SchemaError(f"{field.line}: unknown type {field.type}")
            first_use = field.struct is None
            field.struct = self.structs[field.type]
            if first_use:
                field.struct.versions = field.struct.versions.within(message.versions)
                self._resolve(message, field.struct)

    def _check(self, message: Message, field: Field, tags: set[int]) -> None:
        if field.nullable.empty() and field.default == "null":
            raise SchemaError(f"{field.line}: default null, but never nullable")
        if field.often_one and not field.is_array:
            raise SchemaError(f"{field.line}: often-one is said of arrays")
        if field.is_array and field.type == "bool":
            raise SchemaError(f"{field.line}: arrays of bool are not part of the language")
        if field.tag is None:
            return
        if field.tag in tags:
            raise SchemaError(f"{field.line}: tag {field.tag} twice in one struct")
        tags.add(field.tag)
        if not message.flexible.covers(field.tagged.within(message.versions)):
            raise SchemaError(f"{field.line}: tagged in versions that are not flexible")
        if field.tagged.highest != OPEN_END:
            raise SchemaError(f"{field.line}: tagged versions are an open end")
        nullable_tagged = field.nullable.within(field.tagged)
        if nullable_tagged != NO_VERSIONS and not nullable_tagged.covers(field.tagged.within(message.versions)):
            raise SchemaError(f"{field.line}: tagged versions are all nullable or none is")

    def _in_order(self, body: Struct) -> list[Struct]:
        ordered: list[Struct] = []

        def visit(struct: Struct) -> None:
            for field in struct.fields:
                if field.struct is not None and field.struct not in ordered:
                    visit(field.struct)
                    if not any(known is field.struct for known in ordered):
                        ordered.append(field.struct)

        visit(body)
        return ordered
