"""Requests about configurations as raw bytes, and their answers as plain values: AlterConfigs (33), IncrementalAlterConfigs
(44), DescribeConfigs (32), ListConfigResources (74), in all their versions."""

import struct

from kafka_wire import string, uvarint

TOPIC, BROKER, BROKER_LOGGER, CLIENT_METRICS, GROUP = 2, 4, 8, 16, 32
SET, DELETE, APPEND, SUBTRACT = range(4)


class Form:
    """Strings and arrays of one version: classic or flexible (compact, with tags)."""

    def __init__(self, flexible):
        self.flexible = flexible
        self.tags = b"\0" if flexible else b""

    def string(self, text):
        if not self.flexible:
            return string(text)
        if text is None:
            return b"\0"
        data = text.encode()
        return uvarint(len(data) + 1) + data

    def array(self, items):
        if not self.flexible:
            return struct.pack(">i", -1 if items is None else len(items)) + b"".join(items or [])
        return uvarint(0 if items is None else len(items) + 1) + b"".join(items or [])

    def read_uvarint(self, answer):
        value, shift = 0, 0
        while True:
            byte = answer.take("B")
            value |= (byte & 0x7F) << shift
            if byte < 0x80:
                return value
            shift += 7

    def read_string(self, answer):
        if not self.flexible:
            return answer.string()
        size = self.read_uvarint(answer)
        return None if size == 0 else answer.bytes(size - 1).decode(errors="replace")

    def read_size(self, answer):
        return answer.take("i") if not self.flexible else self.read_uvarint(answer) - 1

    def end(self, answer):
        if self.flexible and self.read_uvarint(answer) != 0:
            raise AssertionError("a tagged field that nobody knows")


def call(connection, key, version, form, body):
    """Flexible requests have header version 2."""
    if not form.flexible:
        return connection.call(key, version, body)
    connection.correlation += 1
    header = struct.pack(">hhi", key, version, connection.correlation) + string("tests") + b"\0"
    connection.socket.sendall(struct.pack(">i", len(header) + len(body)) + header + body)
    answer = connection.receive()
    form.end(answer)
    return answer


def read_alter(answer, form):
    answer.take("i")
    results = []
    for _ in range(form.read_size(answer)):
        error, message = answer.take("h"), form.read_string(answer)
        kind, name = answer.take("b"), form.read_string(answer)
        form.end(answer)
        results.append((kind, name, error, message))
    return results


def incremental_alter(connection, resources, validate_only=False, version=0):
    """`resources`: (type, name, [(key, operation, value)]). Gives (type, name, error, message) each."""
    form = Form(version >= 1)
    body = form.array([
        struct.pack(">b", kind) + form.string(name)
        + form.array([form.string(k) + struct.pack(">b", op) + form.string(v) + form.tags for k, op, v in changes])
        + form.tags
        for kind, name, changes in resources
    ])
    answer = call(connection, 44, version, form, body + struct.pack(">b", validate_only) + form.tags)
    return read_alter(answer, form)


def alter(connection, resources, validate_only=False, version=1):
    """`resources`: (type, name, [(key, value)])."""
    form = Form(version >= 2)
    body = form.array([
        struct.pack(">b", kind) + form.string(name)
        + form.array([form.string(k) + form.string(v) + form.tags for k, v in values]) + form.tags
        for kind, name, values in resources
    ])
    answer = call(connection, 33, version, form, body + struct.pack(">b", validate_only) + form.tags)
    return read_alter(answer, form)


def describe(connection, resources, synonyms=True, documentation=False, version=3):
    """`resources`: (type, name, keys or None). Gives (error, message, type, name, {key: entry})."""
    form = Form(version >= 4)
    body = form.array([
        struct.pack(">b", kind) + form.string(name)
        + form.array(None if keys is None else [form.string(key) for key in keys]) + form.tags
        for kind, name, keys in resources
    ]) + struct.pack(">b", synonyms)
    if version >= 3:
        body += struct.pack(">b", documentation)
    answer = call(connection, 32, version, form, body + form.tags)
    answer.take("i")
    results = []
    for _ in range(form.read_size(answer)):
        error, message = answer.take("h"), form.read_string(answer)
        kind, name = answer.take("b"), form.read_string(answer)
        entries = {}
        for _ in range(form.read_size(answer)):
            key, entry = read_entry(answer, form, version)
            entries[key] = entry
        form.end(answer)
        results.append((error, message, kind, name, entries))
    return results


def read_entry(answer, form, version):
    key = form.read_string(answer)
    entry = {"value": form.read_string(answer), "read_only": answer.take("b")}
    entry["source"], entry["sensitive"] = answer.take("bb")
    entry["synonyms"] = []
    for _ in range(form.read_size(answer)):
        entry["synonyms"].append((form.read_string(answer), form.read_string(answer), answer.take("b")))
        form.end(answer)
    if version >= 3:
        entry["type"], entry["doc"] = answer.take("b"), form.read_string(answer)
    form.end(answer)
    return key, entry


def list_resources(connection, types=(), version=1):
    """(error, sorted [(type, name)])."""
    form = Form(True)
    body = form.array([struct.pack(">b", kind) for kind in types]) if version >= 1 else b""
    answer = call(connection, 74, version, form, body + form.tags)
    answer.take("i")
    error, found = answer.take("h"), []
    for _ in range(form.read_size(answer)):
        name = form.read_string(answer)
        kind = answer.take("b") if version >= 1 else CLIENT_METRICS
        form.end(answer)
        found.append((kind, name))
    return error, sorted(found)
