"""Every request and response of schemas/ in Python, for tests: written and read by the schema's own model, so that
nothing is spelled twice. A value is a dict of field names; arrays are lists, null is None, uuids and bytes are bytes.

Writing can say what no client would: None where null is not allowed, `Raw` bytes in place of any value, unknown tagged
fields under the key "_tags". A value with a method `resolve` is asked for the real one by the environment given, so that
one request can go to several nodes which gave out different ids."""

import os
import struct
import sys
from pathlib import Path

ROOT = Path(os.path.abspath(__file__)).parents[2]
sys.path.insert(0, str(ROOT / "build_support" / "schema_compiler"))

from parser import parse_file  # noqa: E402

NUMBERS = {"i8": "b", "i16": "h", "u16": "H", "i32": "i", "u32": "I", "i64": "q", "f64": "d"}
DEFAULTS = {"bool": False, "string": "", "bytes": b"", "records": None, "uuid": bytes(16), "f64": 0.0}
TAGS = "_tags"
API_VERSIONS = 18


class Malformed(Exception):
    """The bytes are not such a message."""


class Raw:
    """These bytes instead of a value."""

    def __init__(self, data):
        self.data = data

    def __repr__(self):
        return f"Raw({self.data.hex()})"


def uvarint(value):
    out = bytearray()
    while value > 0x7F:
        out.append(value & 0x7F | 0x80)
        value >>= 7
    out.append(value)
    return bytes(out)


def has(versions, version):
    return versions.lowest <= version <= versions.highest


def default_of(field):
    if field.default is not None and field.default != "null":
        if field.type == "bool":
            return field.default == "true"
        if field.type == "string":
            return field.default
        return float(field.default) if field.type == "f64" else int(field.default, 0)
    if field.default == "null":
        return None
    if field.is_array:
        return []
    if field.struct is not None:
        return {}
    return DEFAULTS.get(field.type, 0)


class Writer:
    def __init__(self, message, version, environment):
        self.message, self.version, self.environment = message, version, environment
        self.flexible = has(message.flexible, version)
        self.out = bytearray()

    def count(self, count):
        """Of elements or bytes; None is null."""
        if self.flexible:
            self.out += uvarint(0 if count is None else count + 1)
        else:
            self.out += struct.pack(">i", -1 if count is None else count)

    def text_length(self, length, classic):
        if self.flexible and not classic:
            self.out += uvarint(0 if length is None else length + 1)
        else:
            self.out += struct.pack(">h", -1 if length is None else length)

    def struct(self, declared, value):
        value = self.resolved(value)
        if isinstance(value, Raw):
            self.out += value.data
            return
        for field in declared.fields:
            if has(field.untagged, self.version):
                self.field(field, value.get(field.name, default_of(field)))
        if self.flexible:
            self.tags(declared, value)

    def resolved(self, value):
        return value.resolve(self.environment) if hasattr(value, "resolve") else value

    def tags(self, declared, value):
        written = []
        for field in declared.fields:
            present = field.tag is not None and has(field.tagged, self.version) and field.name in value
            if present and value[field.name] != default_of(field):
                part = Writer(self.message, self.version, self.environment)
                part.field(field, value[field.name], tagged=True)
                written.append((field.tag, bytes(part.out)))
        written += value.get(TAGS, [])
        self.out += uvarint(len(written))
        for tag, data in sorted(written):
            self.out += uvarint(tag) + uvarint(len(data)) + data

    def field(self, field, value, tagged=False):
        value = self.resolved(value)
        if isinstance(value, Raw):
            self.out += value.data
        elif field.is_array:
            self.count(None if value is None else len(value))
            for element in value or []:
                if field.struct is not None:
                    self.struct(field.struct, element)
                else:
                    self.scalar(field, element)
        elif field.struct is not None:
            if has(field.nullable, self.version):
                mark = b"\x01" if value is not None else (b"\x00" if tagged else b"\xff")
                self.out += mark
            if value is not None:
                self.struct(field.struct, value)
        else:
            self.scalar(field, value)

    def scalar(self, field, value):
        value = self.resolved(value)
        kind = field.type
        if isinstance(value, Raw):
            self.out += value.data
        elif kind in NUMBERS:
            self.out += struct.pack(">" + NUMBERS[kind], value)
        elif kind == "bool":
            self.out.append(1 if value else 0)
        elif kind == "uuid":
            self.out += value
        elif kind == "string":
            data = None if value is None else value.encode(errors="surrogateescape") if isinstance(value, str) else value
            self.text_length(None if data is None else len(data), field.never_compact)
            self.out += data or b""
        else:
            self.count(None if value is None else len(value))
            self.out += value or b""


class Reader:
    def __init__(self, message, version, data):
        self.message, self.version, self.data, self.at = message, version, data, 0
        self.flexible = has(message.flexible, version)

    def take(self, size):
        if size < 0 or self.at + size > len(self.data):
            raise Malformed(f"{self.message.name} ends too early, at byte {self.at} of {len(self.data)}")
        self.at += size
        return self.data[self.at - size : self.at]

    def number(self, form):
        return struct.unpack(">" + form, self.take(struct.calcsize(form)))[0]

    def uvarint(self):
        value = shift = 0
        while True:
            byte = self.take(1)[0]
            value |= (byte & 0x7F) << shift
            if byte < 0x80:
                return value
            shift += 7
            if shift > 28:
                raise Malformed("a varint of more than five bytes")

    def count(self):
        return self.uvarint() - 1 if self.flexible else self.number("i")

    def struct(self, declared):
        value = {}
        for field in declared.fields:
            if has(field.untagged, self.version):
                value[field.name] = self.field(field)
            elif has(field.versions, self.version):
                value[field.name] = default_of(field)
        if self.flexible:
            self.tags(declared, value)
        return value

    def tags(self, declared, value):
        known = {field.tag: field for field in declared.fields if field.tag is not None and has(field.tagged, self.version)}
        for _ in range(self.uvarint()):
            tag, size = self.uvarint(), self.uvarint()
            end = self.at + size
            if tag in known:
                value[known[tag].name] = self.field(known[tag], tagged=True)
            else:
                value.setdefault(TAGS, []).append((tag, self.take(size)))
            if self.at != end:
                raise Malformed(f"tag {tag} of {self.message.name} does not fill its size")

    def field(self, field, tagged=False):
        if field.is_array:
            count = self.count()
            if count < 0:
                return None
            if field.struct is not None:
                return [self.struct(field.struct) for _ in range(count)]
            return [self.scalar(field) for _ in range(count)]
        if field.struct is not None:
            if has(field.nullable, self.version):
                present = self.uvarint() != 0 if tagged else self.number("b") >= 0
                return self.struct(field.struct) if present else None
            return self.struct(field.struct)
        return self.scalar(field)

    def scalar(self, field):
        kind = field.type
        if kind in NUMBERS:
            return self.number(NUMBERS[kind])
        if kind == "bool":
            return self.number("b") != 0
        if kind == "uuid":
            return bytes(self.take(16))
        if kind == "string" and (field.never_compact or not self.flexible):
            size = self.number("h")
        else:
            size = self.count()
        if size < 0:
            return None
        data = bytes(self.take(size))
        return data.decode(errors="surrogateescape") if kind == "string" else data


class Api:
    """Request and response of one key."""

    def __init__(self, request, response):
        self.request, self.response = request, response
        self.key, self.name = request.key, request.name.removesuffix("Request")

    def frame(self, version, value, correlation=1, client="tests", environment=None, header_tags=()):
        """A whole request with its size in front. Any version may be named; the body is of the nearest known one."""
        known = min(max(version, self.request.versions.lowest), self.request.versions.highest)
        writer = Writer(self.request, known, environment)
        writer.struct(self.request.body, value)
        data = None if client is None else client.encode()
        head = struct.pack(">hhih", self.key, version, correlation, -1 if data is None else len(data)) + (data or b"")
        if writer.flexible:
            head += uvarint(len(header_tags)) + b"".join(uvarint(tag) + uvarint(len(value)) + value for tag, value in header_tags)
        body = head + bytes(writer.out)
        return struct.pack(">i", len(body)) + body

    def read(self, version, data):
        """The response behind its correlation id, as a dict; bytes left over stand under "_trailing"."""
        reader = Reader(self.response, version, data)
        if reader.flexible and self.key != API_VERSIONS:
            for _ in range(reader.uvarint()):
                reader.uvarint()
                reader.take(reader.uvarint())
        value = reader.struct(self.response.body)
        if reader.at != len(data):
            value["_trailing"] = bytes(data[reader.at :])
        return value


def load_apis():
    """Api by key."""
    requests, responses = {}, {}
    for path in sorted((ROOT / "schemas" / "requests").glob("*.schema")):
        message = parse_file(path)
        if message.kind == "request":
            requests[message.key] = message
        elif message.kind == "response":
            responses[message.key] = message
    return {key: Api(request, responses[key]) for key, request in requests.items()}
