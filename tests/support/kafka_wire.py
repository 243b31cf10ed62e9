"""A tiny raw client for tests: just enough of Kafka's protocol to see what a server answers, in versions without tagged
fields. Nothing here retries; whoever tests decides what an answer means."""

import socket
import struct
import time

from waiting import PATIENCE, until

CRC32C = []
for index in range(256):
    value = index
    for _ in range(8):
        value = (value >> 1) ^ (0x82F63B78 if value & 1 else 0)
    CRC32C.append(value)


def crc32c(data):
    value = 0xFFFFFFFF
    for byte in data:
        value = CRC32C[(value ^ byte) & 0xFF] ^ (value >> 8)
    return value ^ 0xFFFFFFFF


def uvarint(value):
    out = bytearray()
    while value > 0x7F:
        out.append(value & 0x7F | 0x80)
        value >>= 7
    out.append(value)
    return bytes(out)


def varint(value):
    """Zig-zag, as in records; up to 64 bits."""
    return uvarint((value << 1 ^ value >> 63) & 0xFFFFFFFFFFFFFFFF)


def string(text):
    if text is None:
        return struct.pack(">h", -1)
    data = text.encode()
    return struct.pack(">h", len(data)) + data


def record_batch(values, timestamp_ms=None, producer=(-1, -1, -1)):
    """An uncompressed batch, magic 2. `producer` is id, epoch, sequence; as it stands, one without idempotence."""
    now = int(time.time() * 1000) if timestamp_ms is None else timestamp_ms
    records = bytearray()
    for delta, value in enumerate(values):
        body = b"\0" + varint(0) + varint(delta) + varint(-1) + varint(len(value)) + value + varint(0)
        records += varint(len(body)) + body
    tail = struct.pack(">hiqqqhii", 0, len(values) - 1, now, now, *producer, len(values)) + records
    return struct.pack(">qiibI", 0, 4 + 1 + 4 + len(tail), -1, 2, crc32c(tail)) + tail


class Answer:
    """Reads a response from front to back."""

    def __init__(self, data):
        self.data, self.position = data, 0

    def take(self, form):
        size = struct.calcsize(">" + form)
        values = struct.unpack(">" + form, self.data[self.position : self.position + size])
        self.position += size
        return values[0] if len(values) == 1 else values

    def bytes(self, size):
        part = self.data[self.position : self.position + size]
        self.position += size
        return part

    def string(self):
        size = self.take("h")
        return None if size < 0 else self.bytes(size).decode(errors="replace")


class Connection:
    def __init__(self, port, host="127.0.0.1", timeout=PATIENCE):
        self.socket = socket.create_connection((host, port), timeout=timeout)
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.correlation = 0

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.socket.close()

    def frame(self, key, version, body):
        """The bytes of the next request."""
        self.correlation += 1
        header = struct.pack(">hhi", key, version, self.correlation) + string("tests")
        return struct.pack(">i", len(header) + len(body)) + header + body

    def send(self, key, version, body):
        self.socket.sendall(self.frame(key, version, body))

    def read(self, size):
        data = b""
        while len(data) < size:
            part = self.socket.recv(size - len(data))
            if not part:
                raise ConnectionError("the server closed the connection")
            data += part
        return data

    def receive(self, correlation=None):
        """The next answer; to the last request when it does not say to which."""
        answer = Answer(self.read(struct.unpack(">i", self.read(4))[0]))
        if answer.take("i") != (self.correlation if correlation is None else correlation):
            raise AssertionError("the answer is to another request")
        return answer

    def call(self, key, version, body):
        self.send(key, version, body)
        return self.receive()

    def api_versions(self):
        """Key -> (lowest, highest)."""
        answer = self.call(18, 0, b"")
        error = answer.take("h")
        if error:
            raise AssertionError(f"ApiVersions answered {error}")
        return {key: (low, high) for key, low, high in (answer.take("hhh") for _ in range(answer.take("i")))}

    def metadata(self, topics, create=True):
        """Brokers as {id: (host, port)}, topics as {name: (error, {partition: (error, leader)})}."""
        body = struct.pack(">i", len(topics)) + b"".join(map(string, topics)) + struct.pack(">b", create)
        answer = self.call(3, 4, body)
        answer.take("i")
        brokers = {}
        for _ in range(answer.take("i")):
            broker = answer.take("i")
            brokers[broker] = (answer.string(), answer.take("i"))
            answer.string()
        answer.string()
        answer.take("i")
        found = {}
        for _ in range(answer.take("i")):
            error, name, _ = answer.take("h"), answer.string(), answer.take("b")
            partitions = {}
            for _ in range(answer.take("i")):
                partition_error, index, leader = answer.take("hii")
                for _ in range(2):
                    answer.bytes(4 * answer.take("i"))
                partitions[index] = (partition_error, leader)
            found[name] = (error, partitions)
        return brokers, found

    def create_topic(self, topic, partitions, timeout_ms=60_000):
        """The error code; one replica of each partition."""
        body = struct.pack(">i", 1) + string(topic) + struct.pack(">ihii", partitions, 1, 0, 0)
        answer = self.call(19, 2, body + struct.pack(">ib", timeout_ms, 0))
        answer.take("ii"), answer.string()
        return answer.take("h")

    def delete_topic(self, topic, timeout_ms=60_000):
        """The error code."""
        answer = self.call(20, 1, struct.pack(">i", 1) + string(topic) + struct.pack(">i", timeout_ms))
        answer.take("ii"), answer.string()
        return answer.take("h")

    def produce(self, topic, partition, values, acks=-1, timeout_ms=60_000):
        """(error, base offset), or None with acks=0."""
        return self.produce_batch(topic, partition, record_batch(values), acks, timeout_ms)

    def produce_batch(self, topic, partition, batch, acks=-1, timeout_ms=60_000):
        self.socket.sendall(self.produce_frame(topic, partition, batch, acks, timeout_ms))
        return None if acks == 0 else self.produced()

    def produce_frame(self, topic, partition, batch, acks=-1, timeout_ms=60_000):
        body = string(None) + struct.pack(">hii", acks, timeout_ms, 1) + string(topic)
        return self.frame(0, 3, body + struct.pack(">iii", 1, partition, len(batch)) + batch)

    def produced(self, correlation=None):
        """(error, base offset) of the next answer."""
        answer = self.receive(correlation)
        answer.take("i"), answer.string(), answer.take("ii")
        return answer.take("hq")

    def producer_id(self):
        """(id, epoch) of a new idempotent producer."""
        answer = self.call(22, 0, string(None) + struct.pack(">i", 60_000))
        _, error, *given = answer.take("ihqh")
        if error:
            raise AssertionError(f"InitProducerId answered {error}")
        return tuple(given)

    def fetch(self, topic, partition, offset, max_wait_ms=500):
        """(error, high watermark, bytes of batches)."""
        body = struct.pack(">iiiibi", -1, max_wait_ms, 1, 1 << 24, 0, 1) + string(topic)
        body += struct.pack(">iiqi", 1, partition, offset, 1 << 24)
        answer = self.call(1, 4, body)
        answer.take("ii"), answer.string(), answer.take("i")
        _, error, watermark, _ = answer.take("ihqq")
        aborted = answer.take("i")
        answer.bytes(16 * max(aborted, 0))
        return error, watermark, answer.bytes(max(answer.take("i"), 0))


def leader_of(connection, topic, partition=0, seconds=PATIENCE):
    """Waits until the topic, created on demand, has a leader."""

    def look():
        error, partitions = connection.metadata([topic])[1][topic]
        return error == 0 and partition in partitions and partitions[partition][1] >= 0

    until(seconds, f"{topic}-{partition} having a leader", look)


UNKNOWN_TOPIC, NOT_LEADER = 3, 6


def settle(connection, topic="settled"):
    """Waits until all that was acknowledged acts: the broker applies changes in order, so a topic that came and went again
    was behind them, and the one that it began with is applied everywhere before its end is seen."""

    def error():
        return connection.metadata([topic], create=False)[1][topic][0]

    created = connection.create_topic(topic, 1)
    until(PATIENCE, "a topic that comes", lambda: error() == 0)
    deleted = connection.delete_topic(topic)
    until(PATIENCE, "a topic that goes", lambda: error() == UNKNOWN_TOPIC)
    if created or deleted:
        raise AssertionError(f"a topic to settle was answered with {created} and {deleted}")


def produce_when_led(connection, topic, partition, values, seconds=PATIENCE):
    """Produces as clients do: NOT_LEADER_OR_FOLLOWER, which a partition answers until it is open, is tried again."""

    def attempt():
        answer = connection.produce(topic, partition, values)
        return None if answer[0] == NOT_LEADER else answer

    return until(seconds, f"{topic}-{partition} taking records", attempt)


def fetch_when_led(connection, topic, partition, offset, seconds=PATIENCE):
    """Fetches as clients do, like produce_when_led."""

    def attempt():
        answer = connection.fetch(topic, partition, offset)
        return None if answer[0] == NOT_LEADER else answer

    return until(seconds, f"{topic}-{partition} giving records", attempt)
