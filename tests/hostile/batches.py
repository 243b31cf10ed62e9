"""Record batches that a broker must not store: the code that the producer gets."""

import gzip
import time

from speech import (CLOSED, SILENT, Batch, Connection, i32, i8, init_producer_id, metadata, produce, produce_body, record, uvarint,
                    varint)

NONE, CORRUPT, TOO_LARGE, BAD_ACKS, BAD_TIME, OUT_OF_ORDER, BAD_EPOCH = 0, 2, 10, 21, 32, 45, 47
TXN_DENIED, UNKNOWN_ERROR, BAD_CODEC, BAD_RECORD = 53, -1, 76, 87
GZIP, SNAPPY, LZ4, ZSTD = 1, 2, 3, 4


def sent(records, topic="plain", **options):
    def send(server):
        with Connection(server.port) as connection:
            return produce(connection, topic, records() if callable(records) else records, **options)
    return send


def batch(payload=None, **fields): return Batch(payload, **fields).bytes()


def compressed(codec, data, **fields): return batch(data, attributes=codec, **fields)


def changed_length(delta):
    good = batch()
    length = len(good) - 12 + delta
    return good[:8] + i32(length) + good[12:]


def zstd_frame(window_descriptor, blocks, flags=0x00, extra=b""):
    return b"\x28\xb5\x2f\xfd" + bytes([flags]) + bytes([window_descriptor]) + extra + blocks


def zstd_block(kind, size, data, last): return (size << 3 | kind << 1 | last).to_bytes(3, "little") + data


def giant_record_head(value_size):
    """The start of one record whose value has that size and is all zeros."""
    head = i8(0) + varint(0) + varint(0) + varint(-1) + varint(value_size)
    return varint(len(head) + value_size + 1) + head


def zstd_bomb():
    """1 MiB that unfolds to 32 GiB: run-length blocks of 128 KiB in four bytes each."""
    head = giant_record_head((1 << 31) - 100)
    blocks = zstd_block(0, len(head), head, 0) + zstd_block(1, 128 << 10, b"\0", 0) * 255_000 + zstd_block(1, 1, b"\0", 1)
    return compressed(ZSTD, zstd_frame(0x38, blocks))


def gzip_bomb():
    head = giant_record_head(900 << 20)
    import zlib
    packer = zlib.compressobj(9, zlib.DEFLATED, 31)
    data = packer.compress(head)
    zeros = bytes(1 << 20)
    for _ in range(900):
        data += packer.compress(zeros)
    return compressed(GZIP, data + packer.compress(b"\0") + packer.flush())


def lz4_bomb():
    """Frame of 4 MiB blocks, each one literal and a match of as many 255s as fit."""
    import struct
    descriptor = bytes([0x60, 0x70])
    frame = b"\x04\x22\x4d\x18" + descriptor + bytes([xxh32(descriptor) >> 8 & 0xFF])
    unfolded = 4 << 20
    matched = unfolded - 1 - 5 - 4
    run, rest = divmod(matched - 15, 255)
    block = b"\x1f\0" + struct.pack("<H", 1) + b"\xff" * run + bytes([rest]) + b"\x50" + bytes(5)
    frame += (struct.pack("<I", len(block)) + block) * 60
    return compressed(LZ4, frame + bytes(4))


def xxh32(data, seed=0):
    """Short inputs only (a frame descriptor)."""
    mask, p2, p3, p4, p5 = 0xFFFFFFFF, 2246822519, 3266489917, 668265263, 374761393
    value = seed + p5 + len(data) & mask
    for byte in data:
        value = value + byte * p5 & mask
        value = (value << 11 | value >> 21) & mask
        value = value * 2654435761 & mask
    value ^= value >> 15
    value = value * p2 & mask
    value ^= value >> 13
    value = value * p3 & mask
    assert p4
    return value ^ value >> 16


def sequences(steps):
    """Produces in order with a fresh producer id; the code of the last."""
    def run(server):
        with Connection(server.port) as connection:
            producer, epoch = init_producer_id(connection)
            code = NONE
            for fields in steps:
                merged = {"producer_id": producer, "producer_epoch": epoch, "base_sequence": 0, **fields}
                code = produce(connection, "plain", batch(**merged))
            return code
    return run


def without_acks(server):
    with Connection(server.port) as connection:
        return produce(connection, "plain", batch(crc=1), acks=0)


def good_without_acks(server):
    """Nothing is said to it: what comes is the answer to the request behind it."""
    with Connection(server.port) as connection:
        connection.frame(produce_body("plain", batch(), acks=0))
        return SILENT if metadata(connection, ["plain"]) == {"plain": 0} else "answered"


def sized(total):
    base = len(batch(record(b"")))
    value = bytes(total - base - 3)
    while len(batch(record(value))) < total:
        value += b"\0"
    assert len(batch(record(value))) == total
    return batch(record(value))


HOUR = 3_600_000


def stamped(stamp): return batch(base_timestamp=stamp, max_timestamp=stamp)


CASES = [
    ("acks 2", sent(lambda: batch(), acks=2), [BAD_ACKS]),
    ("acks -7", sent(lambda: batch(), acks=-7), [BAD_ACKS]),
    ("acks 0 with a bad checksum", without_acks, [CLOSED]),
    ("acks 0 with a good batch", good_without_acks, [SILENT]),
    ("records null", sent(None), [BAD_RECORD, CORRUPT]),
    ("records of 0 bytes", sent(b""), [BAD_RECORD]),
    ("records of 60 bytes", sent(lambda: batch()[:60]), [BAD_RECORD, CORRUPT]),
    ("batch length one too small", sent(lambda: changed_length(-1)), [CORRUPT]),
    ("batch length one too large", sent(lambda: changed_length(1)), [CORRUPT, BAD_RECORD]),
    ("batch length 2^31", sent(lambda: batch(length=1 << 31)), [CORRUPT]),
    ("batch length 0", sent(lambda: batch(length=0)), [CORRUPT]),
    ("bad checksum", sent(lambda: batch(crc=12345)), [CORRUPT]),
    ("magic 3", sent(lambda: batch(magic=3)), [CORRUPT, BAD_RECORD]),
    ("magic 255", sent(lambda: batch(magic=255)), [CORRUPT, BAD_RECORD]),
    ("magic 1", sent(lambda: batch(magic=1)), [BAD_RECORD]),
    ("two batches", sent(lambda: batch() + batch()), [BAD_RECORD]),
    ("count -1", sent(lambda: batch(count=-1)), [BAD_RECORD]),
    ("count 0", sent(lambda: batch(count=0)), [BAD_RECORD]),
    ("count 2^31-1", sent(lambda: batch(count=0x7FFFFFFF)), [BAD_RECORD]),
    ("count 2, one record", sent(lambda: batch(count=2)), [BAD_RECORD]),
    ("count and last delta disagree", sent(lambda: batch(last_offset_delta=5)), [BAD_RECORD]),
    ("last offset delta -1", sent(lambda: batch(last_offset_delta=-1)), [BAD_RECORD]),
    ("record longer than the batch", sent(lambda: batch(record(length=1000))), [BAD_RECORD]),
    ("key of length -2", sent(lambda: batch(varint(6) + i8(0) + varint(0) + varint(0) + varint(-2) + varint(-1) + varint(0))), [BAD_RECORD, NONE]),
    ("value of length -2", sent(lambda: batch(varint(6) + i8(0) + varint(0) + varint(0) + varint(-1) + varint(-2) + varint(0))), [BAD_RECORD, NONE]),
    ("2^31-1 headers", sent(lambda: batch(record(headers=varint(0x7FFFFFFF)))), [BAD_RECORD]),
    ("null header key", sent(lambda: batch(record(headers=varint(1) + varint(-1) + varint(-1)))), [BAD_RECORD]),
    ("bytes behind the last record", sent(lambda: batch(record() + b"xyz")), [BAD_RECORD]),
    ("a control batch", sent(lambda: batch(attributes=0x20, producer_id=1, producer_epoch=0, base_sequence=0)), [BAD_RECORD]),
    ("transactional without a transactional id",
     sent(lambda: batch(attributes=0x10, producer_id=1, producer_epoch=0, base_sequence=0)), [TXN_DENIED]),
    ("producer id with epoch -1", sequences([{"producer_epoch": -1}]), [NONE, BAD_RECORD, BAD_EPOCH]),
    ("sequence -2", sequences([{"base_sequence": -2}]), [BAD_RECORD, OUT_OF_ORDER]),
    ("a gap in the sequence", sequences([{}, {"base_sequence": 5}]), [OUT_OF_ORDER]),
    ("an older epoch", sequences([{"producer_epoch": 3}, {"producer_epoch": 2}]), [BAD_EPOCH]),
    ("the same batch again", sequences([{}, {}]), [NONE]),
    *[(f"codec {codec}", sent(lambda codec=codec: batch(attributes=codec)), [UNKNOWN_ERROR, BAD_CODEC, CORRUPT, BAD_RECORD]) for codec in (5, 6, 7)],
    ("zstd in Produce version 6", sent(lambda: compressed(ZSTD, b"x"), version=6), [BAD_CODEC]),
    ("zstd bomb", sent(zstd_bomb), [TOO_LARGE, NONE, BAD_RECORD]),
    ("gzip bomb", sent(gzip_bomb), [TOO_LARGE, NONE, BAD_RECORD]),
    ("lz4 bomb", sent(lz4_bomb), [TOO_LARGE, NONE, BAD_RECORD]),
    ("snappy declares 2 GiB", sent(lambda: compressed(SNAPPY, uvarint((1 << 31) - 1) + b"\0a")), [CORRUPT, BAD_RECORD, UNKNOWN_ERROR]),
    ("xerial chunk of -1", sent(lambda: compressed(SNAPPY, b"\x82SNAPPY\0" + i32(1) + i32(1) + i32(-1))), [CORRUPT, BAD_RECORD, UNKNOWN_ERROR]),
    ("lz4 with a bad header checksum", sent(lambda: compressed(LZ4, b"\x04\x22\x4d\x18\x60\x40\x00" + bytes(4))), [CORRUPT, BAD_RECORD, UNKNOWN_ERROR]),
    ("zstd with a window of 2^41", sent(lambda: compressed(ZSTD, zstd_frame(0xF8, zstd_block(1, 10, b"\0", 1)))), [CORRUPT, BAD_RECORD, UNKNOWN_ERROR]),
    ("zstd that asks for a dictionary",
     sent(lambda: compressed(ZSTD, zstd_frame(0x38, zstd_block(1, 10, b"\0", 1), flags=1, extra=b"\x07"))), [CORRUPT, BAD_RECORD, UNKNOWN_ERROR]),
    ("truncated gzip", sent(lambda: compressed(GZIP, gzip.compress(record())[:-12])), [CORRUPT, BAD_RECORD, UNKNOWN_ERROR]),
    ("a compressed stream that is none", sent(lambda: compressed(GZIP, b"not gzip at all")), [CORRUPT, BAD_RECORD, UNKNOWN_ERROR]),
    ("timestamp Long.MIN", sent(lambda: stamped(-(1 << 63)), topic="timed"), [BAD_TIME]),
    ("timestamp two hours ahead", sent(lambda: stamped(int(time.time() * 1000) + 2 * HOUR)), [BAD_TIME]),
    ("timestamp two hours ago", sent(lambda: stamped(int(time.time() * 1000) - 2 * HOUR), topic="timed"), [BAD_TIME]),
    ("as large as may be", sent(lambda: sized(1000), topic="small"), [NONE]),
    ("one byte too large", sent(lambda: sized(1001), topic="small"), [TOO_LARGE]),
    ("null key to a compacted topic", sent(lambda: batch(record(key=None)), topic="compacted"), [BAD_RECORD]),
]

TOPICS = [
    ("plain", []),
    ("filled", []),
    ("small", [("max.message.bytes", "1000")]),
    ("compacted", [("cleanup.policy", "compact")]),
    ("timed", [("message.timestamp.before.max.ms", str(HOUR))]),
]

__all__ = ["CASES", "TOPICS"]
