"""What a connection may bring that is not a request: lengths, headers, arrays, tags."""

import random
import socket
import time

from speech import (API_VERSIONS, CLOSED, FETCH, METADATA, PRODUCE, Answer, Connection, array, header, i16, i32,
                    metadata_errors, text, u32, uvarint)
from waiting import PATIENCE


def after(server, data):
    """What comes back on a fresh connection that sent these bytes."""
    with Connection(server.port) as connection:
        connection.send(data)
        return connection.receive()


def framed(body): return i32(len(body)) + body


def code(answer):
    """The first two bytes as an error code: ApiVersions v0 begins with it."""
    return Answer(answer).take("h") if isinstance(answer, bytes) else answer


def client_hello():
    return bytes.fromhex("16030100c8010000c40303") + bytes(193)


def dripped(server):
    """A body that comes byte by byte. True when the server gave up in time and held next to nothing."""
    before = server.resident()
    with Connection(server.port) as connection:
        connection.send(i32(1 << 20))
        begun = time.monotonic()
        connection.socket.settimeout(0.1)
        while time.monotonic() - begun < server.read_timeout + PATIENCE:
            connection.send(b"x")
            try:
                if connection.socket.recv(1) == b"":
                    break
            except socket.timeout:
                continue
            except OSError:
                break
        else:
            return "still open"
        took = time.monotonic() - begun
    grown = server.resident() - before
    return CLOSED if took >= server.read_timeout * 0.9 and grown < 4 << 20 else f"after {took:.1f} s, grown {grown}"


def silent_giant(server):
    """The largest length, then nothing."""
    before = server.resident()
    outcome = after(server, i32(0x7FFFFFFF))
    return outcome if server.resident() - before < 16 << 20 else "memory grew"


def many_empty_topics(server):
    """A million empty names in one Metadata; another client must be served meanwhile. The best round counts, because a
    client may wait for its CPU too."""
    rounds = []
    while not rounds or (len(rounds) < 5 and rounds[-1][0] > server.pause_limit):
        rounds.append(empty_topics_round(server))
    slowest, answer = rounds[-1]
    if slowest > server.pause_limit:
        return f"another client waited {slowest:.3f} s"
    return metadata_errors(answer).get("", answer) if isinstance(answer, bytes) else answer


def empty_topics_round(server):
    """(seconds that another client waited at the most, the answer)."""
    body = header(METADATA, 1) + array([text("")] * 1_000_000)
    with Connection(server.port) as hostile, Connection(server.port) as other:
        hostile.frame(body)
        slowest = 0.0
        for _ in range(20):
            begun = time.monotonic()
            assert isinstance(other.exchange(header(METADATA, 1) + array([])), bytes)
            slowest = max(slowest, time.monotonic() - begun)
        return slowest, hostile.receive()


def strange_client_id(server):
    """Bytes that are no text; refused or served, and never in the log as they came."""
    name = b"\xff\xfe\x00\x1b[31mred\r\nINFO forged"
    outcome = after(server, framed(header(METADATA, 1, client=name) + array([])))
    after(server, framed(header(32767, 0, client=name)))
    log = server.log_bytes()
    return "forged a log line" if b"\x1b[31m" in log or b"\nINFO forged" in log else outcome


def random_frames(server):
    """Frames too short for a header."""
    chance = random.Random(8)
    outcomes = {str(after(server, framed(chance.randbytes(length)))) for length in range(1, 8)}
    return outcomes.pop() if len(outcomes) == 1 else outcomes


SERVED = "served"


def served(outcome): return SERVED if isinstance(outcome, bytes) else outcome


def flexible(key, version, body, tags=b"\0"): return framed(header(key, version, tags=tags) + body)


# name, what is done, the outcomes that are right
CASES = [
    ("frame length -1", lambda s: after(s, i32(-1)), [CLOSED]),
    ("frame length 0x80000000", lambda s: after(s, u32(0x80000000)), [CLOSED]),
    ("frame length 0", lambda s: after(s, i32(0)), [CLOSED]),
    ("frame length 100 MiB + 1", lambda s: after(s, i32((100 << 20) + 1)), [CLOSED]),
    ("frame length 0x7fffffff, then silence", silent_giant, [CLOSED]),
    ("one byte at a time", dripped, [CLOSED]),
    ("frames of 1 to 7 random bytes", random_frames, [CLOSED]),
    ("an HTTP request", lambda s: after(s, b"GET / HTTP/1.1\r\nHost: x\r\n\r\n"), [CLOSED]),
    ("a TLS ClientHello", lambda s: after(s, client_hello()), [CLOSED]),
    ("API key 32767", lambda s: after(s, framed(header(32767, 0))), [CLOSED]),
    ("API key -1", lambda s: after(s, framed(header(-1, 0))), [CLOSED]),
    ("Metadata version 99", lambda s: after(s, framed(header(METADATA, 99, tags=b"\0"))), [CLOSED]),
    ("ApiVersions version 99", lambda s: code(after(s, framed(header(API_VERSIONS, 99, tags=b"\0") + b"\0"))), [35]),
    ("Fetch version 3", lambda s: after(s, framed(header(FETCH, 3) + bytes(30))), [CLOSED]),
    ("Produce version 2", lambda s: after(s, framed(header(PRODUCE, 2) + bytes(30))), [CLOSED]),
    *[(f"controller API {key} on the client listener",
       lambda s, key=key: after(s, framed(header(key, version_of[key], tags=b"\0") + bytes(40))), [CLOSED, 31])
      for version_of in [{52: 0, 56: 2, 59: 0, 62: 0}] for key in version_of],
    ("client id longer than the frame", lambda s: after(s, framed(i16(3) + i16(1) + i32(1) + i16(32767) + bytes(10))), [CLOSED]),
    ("client id of length -2", lambda s: after(s, framed(i16(3) + i16(1) + i32(1) + i16(-2) + bytes(10))), [CLOSED]),
    ("client id that is no text", lambda s: served(strange_client_id(s)), [SERVED, CLOSED]),
    ("2^31-1 topics in 20 bytes", lambda s: after(s, framed(header(METADATA, 1) + i32(0x7FFFFFFF) + bytes(3))), [CLOSED]),
    ("varint of 5 x ff", lambda s: after(s, flexible(METADATA, 9, b"\xff" * 5 + bytes(8))), [CLOSED]),
    ("varint of 10 bytes", lambda s: after(s, flexible(METADATA, 9, b"\x80" * 9 + b"\x01" + bytes(8))), [CLOSED]),
    ("array of length -5", lambda s: served(after(s, framed(header(METADATA, 1) + i32(-5)))), [CLOSED]),
    ("2^31 tags", lambda s: after(s, flexible(METADATA, 9, bytes(4), tags=uvarint(1 << 31))), [CLOSED]),
    ("the same tag twice", lambda s: after(s, flexible(METADATA, 9, b"\1\1\0\0", tags=b"\2\5\1x\5\1y")), [CLOSED]),
    ("tags out of order", lambda s: after(s, flexible(METADATA, 9, b"\1\1\0\0", tags=b"\2\6\1x\5\1y")), [CLOSED]),
    ("a tag longer than the rest", lambda s: after(s, flexible(METADATA, 9, b"", tags=b"\1\5\x7fx")), [CLOSED]),
    ("bytes behind the request", lambda s: served(after(s, framed(header(METADATA, 1) + array([]) + b"garbage"))), [SERVED]),
    ("a million empty topics", many_empty_topics, [17, 42]),
]

__all__ = ["CASES"]
