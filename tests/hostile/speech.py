"""Kafka's wire by hand, for inputs that no client library would send: frames, requests, batches, all with knobs."""

import os
import socket
import struct
import sys
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "support"))

from kafka_wire import Answer, crc32c, uvarint, varint  # noqa: E402
from waiting import PATIENCE, until  # noqa: E402

PRODUCE, FETCH, LIST_OFFSETS, METADATA, API_VERSIONS, CREATE_TOPICS, INIT_PRODUCER_ID = 0, 1, 2, 3, 18, 19, 22
CLOSED = "closed"  # what an exchange gives when the server hangs up
SILENT = "silent"  # ... and when nothing comes in time


def i8(value): return struct.pack(">b", value)
def i16(value): return struct.pack(">h", value)
def i32(value): return struct.pack(">i", value)
def u32(value): return struct.pack(">I", value & 0xFFFFFFFF)
def i64(value): return struct.pack(">q", value)


def text(value):
    if value is None:
        return i16(-1)
    raw = value if isinstance(value, bytes) else value.encode()
    return i16(len(raw)) + raw


def blob(value):
    return i32(-1) if value is None else i32(len(value)) + value


def array(items): return i32(len(items)) + b"".join(items)


def header(key, version, correlation=1, client=b"hostile", tags=b""):
    return i16(key) + i16(version) + i32(correlation) + text(client) + tags


def record(value=b"value", key=b"key", offset_delta=0, time_delta=0, headers=varint(0), attributes=0, length=None):
    def part(data): return varint(-1) if data is None else varint(len(data)) + data
    body = i8(attributes) + varint(time_delta) + varint(offset_delta) + part(key) + part(value) + headers
    return varint(len(body) if length is None else length) + body


class Batch:
    """A record batch of magic 2. Every header field can be set to what it should not be."""

    def __init__(self, payload=None, **fields):
        self.payload = record() if payload is None else payload
        now = int(time.time() * 1000)
        self.fields = {"base_offset": 0, "leader_epoch": -1, "magic": 2, "attributes": 0, "last_offset_delta": 0,
                       "base_timestamp": now, "max_timestamp": now, "producer_id": -1, "producer_epoch": -1,
                       "base_sequence": -1, "count": 1, "length": None, "crc": None}
        unknown = set(fields) - set(self.fields)
        assert not unknown, unknown
        self.fields.update(fields)

    def bytes(self):
        f = self.fields
        after_crc = (i16(f["attributes"]) + i32(f["last_offset_delta"]) + i64(f["base_timestamp"]) +
                     i64(f["max_timestamp"]) + i64(f["producer_id"]) + i16(f["producer_epoch"]) +
                     i32(f["base_sequence"]) + i32(f["count"]) + self.payload)
        crc = crc32c(after_crc) if f["crc"] is None else f["crc"]
        length = 9 + len(after_crc) if f["length"] is None else f["length"]
        return (i64(f["base_offset"]) + u32(length) + i32(f["leader_epoch"]) + struct.pack("B", f["magic"]) + u32(crc) +
                after_crc)


class Connection:
    def __init__(self, port, timeout=PATIENCE):
        self.socket = socket.create_connection(("127.0.0.1", port), timeout=timeout)
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.socket.close()

    def send(self, data):
        try:
            self.socket.sendall(data)
        except OSError:
            pass  # the server hung up already; what it answered is read afterwards

    def frame(self, body):
        self.send(i32(len(body)) + body)

    def _exactly(self, count):
        data = b""
        while len(data) < count:
            try:
                more = self.socket.recv(count - len(data))
            except socket.timeout:
                return SILENT
            except OSError:
                return CLOSED
            if not more:
                return CLOSED
            data += more
        return data

    def receive(self, timeout=PATIENCE):
        """One answer without size and correlation id, or CLOSED or SILENT."""
        self.socket.settimeout(timeout)
        size = self._exactly(4)
        if not isinstance(size, bytes):
            return size
        body = self._exactly(struct.unpack(">i", size)[0])
        return body[4:] if isinstance(body, bytes) else body

    def exchange(self, body, timeout=PATIENCE):
        self.frame(body)
        return self.receive(timeout)


def metadata(connection, topics):
    """Metadata v1: the error code of each topic by name."""
    answer = connection.exchange(header(METADATA, 1) + (i32(-1) if topics is None else array([text(t) for t in topics])))
    if not isinstance(answer, bytes):
        return answer
    return metadata_errors(answer)


def metadata_errors(answer):
    reader = Answer(answer)
    for _ in range(reader.take("i")):
        reader.take("i"), reader.string(), reader.take("i"), reader.string()
    reader.take("i")
    errors = {}
    for _ in range(reader.take("i")):
        error, name = reader.take("h"), reader.string()
        reader.take("b")
        for _ in range(reader.take("i")):
            reader.take("h"), reader.take("i"), reader.take("i")
            for _ in range(2):
                count = reader.take("i")
                reader.bytes(4 * count)
        errors[name] = error
    return errors


def create_topic(connection, name, configs=()):
    """CreateTopics v2 with one partition; the error code."""
    topic = text(name) + i32(1) + i16(1) + array([]) + array([text(k) + text(v) for k, v in configs])
    answer = connection.exchange(header(CREATE_TOPICS, 2) + array([topic]) + i32(60_000) + i8(0))
    reader = Answer(answer)
    reader.take("i"), reader.take("i"), reader.string()
    return reader.take("h")


def produce_body(topic, records, acks=-1, version=7, transactional_id=None, client=b"hostile"):
    partition = i32(0) + blob(records)
    return (header(PRODUCE, version, client=client) + text(transactional_id) + i16(acks) + i32(60_000) +
            array([text(topic) + array([partition])]))


def produce(connection, topic, records, version=7, timeout=PATIENCE, **options):
    """The error code of the one partition, or CLOSED or SILENT."""
    answer = connection.exchange(produce_body(topic, records, version=version, **options), timeout)
    if not isinstance(answer, bytes):
        return answer
    reader = Answer(answer)
    reader.take("i"), reader.string(), reader.take("i"), reader.take("i")
    return reader.take("h")


def init_producer_id(connection):
    """A producer id and its epoch; waits while the server gets its first block of ids."""
    def attempt():
        reader = Answer(connection.exchange(header(INIT_PRODUCER_ID, 1) + text(None) + i32(60_000)))
        reader.take("i")
        error = reader.take("h")
        assert error in (0, 14, 15), f"no producer id: error {error}"
        return (reader.take("q"), reader.take("h")) if error == 0 else None

    return until(PATIENCE, "a producer id", attempt)
