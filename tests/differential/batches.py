"""Record batches for requests that are to be right or nearly right, and batches in answers taken apart.

Compressed payloads are containers that hold their bytes as they are (stored blocks, literals): every decoder must take
them, and no compressor is needed here."""

import os
import struct
import sys
import zlib

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "support"))
from kafka_wire import crc32c  # noqa: E402

CODECS = ["none", "gzip", "snappy", "lz4", "zstd"]
BASE_TIME = 1_600_000_000_000  # far from now, so that times in answers say who wrote them


def varint(value):
    raw = (value << 1 ^ value >> 63) & 0xFFFFFFFFFFFFFFFF
    out = bytearray()
    while raw > 0x7F:
        out.append(raw & 0x7F | 0x80)
        raw >>= 7
    out.append(raw)
    return bytes(out)


def read_varint(data, at):
    raw = shift = 0
    while True:
        byte = data[at]
        at += 1
        raw |= (byte & 0x7F) << shift
        shift += 7
        if byte < 0x80:
            return (raw >> 1) ^ -(raw & 1), at


def xxh32_short(data):
    """XXH32 with seed 0 of fewer than 16 bytes."""
    mask = 0xFFFFFFFF
    value = 374761393 + len(data)
    at = 0
    while at + 4 <= len(data):
        value = value + struct.unpack_from("<I", data, at)[0] * 3266489917 & mask
        value = (value << 17 | value >> 15) & mask
        value = value * 668265263 & mask
        at += 4
    for byte in data[at:]:
        value = value + byte * 374761393 & mask
        value = (value << 11 | value >> 21) & mask
        value = value * 2654435761 & mask
    value = (value ^ value >> 15) * 2246822519 & mask
    value = (value ^ value >> 13) * 3266489917 & mask
    return value ^ value >> 16


def pack(codec, data):
    if codec == "none":
        return data
    if codec == "gzip":
        packer = zlib.compressobj(wbits=31)
        return packer.compress(data) + packer.flush()
    if codec == "snappy":
        length = bytearray()
        rest = len(data)
        while rest > 0x7F:
            length.append(rest & 0x7F | 0x80)
            rest >>= 7
        length.append(rest)
        block = bytes(length) + b"".join(b"\xf4" + struct.pack("<H", len(part) - 1) + part
                                         for part in (data[at : at + 65536] for at in range(0, len(data), 65536)))
        return b"\x82SNAPPY\0" + struct.pack(">iii", 1, 1, len(block)) + block
    if codec == "lz4":
        flags = b"\x60\x40"  # version 1, independent blocks of up to 64 KiB
        out = struct.pack("<I", 0x184D2204) + flags + bytes([xxh32_short(flags) >> 8 & 0xFF])
        for at in range(0, len(data), 65536):
            part = data[at : at + 65536]
            out += struct.pack("<I", len(part) | 0x80000000) + part
        return out + struct.pack("<I", 0)
    out = struct.pack("<I", 0xFD2FB528) + b"\xa0" + struct.pack("<I", len(data))  # single segment, size of 4 bytes
    parts = [data[at : at + 65536] for at in range(0, len(data), 65536)] or [b""]
    for index, part in enumerate(parts):
        out += struct.pack("<I", len(part) << 3 | (index == len(parts) - 1))[:3] + part
    return out


def record(delta, key, value, headers=(), time_delta=0):
    def field(data):
        return varint(-1) if data is None else varint(len(data)) + data

    body = b"\0" + varint(time_delta) + varint(delta) + field(key) + field(value) + varint(len(headers))
    for name, worth in headers:
        body += field(name) + field(worth)
    return varint(len(body)) + body


def batch(records, codec="none", count=None, base_offset=0, last_delta=None, attributes=0, time=BASE_TIME, max_time=None,
          producer=(-1, -1, -1), leader_epoch=-1, magic=2, broken_crc=False):
    """`records` are encoded ones; everything else may lie."""
    payload = pack(codec, b"".join(records))
    count = len(records) if count is None else count
    last_delta = count - 1 if last_delta is None else last_delta
    codec_bits = CODECS.index(codec)
    tail = struct.pack(">hiqqqhii", attributes | codec_bits, last_delta, time, time if max_time is None else max_time,
                       *producer, count) + payload
    crc = crc32c(tail) ^ (1 if broken_crc else 0)
    return struct.pack(">qiibI", base_offset, 4 + 1 + 4 + len(tail), leader_epoch, magic, crc) + tail


HEADER = struct.Struct(">qiibIhiqqqhii")
HEADER_NAMES = ("base_offset", "length", "leader_epoch", "magic", "crc", "attributes", "last_delta", "base_time", "max_time",
                "producer_id", "producer_epoch", "base_sequence", "count")


def take_apart(data):
    """Batches as dicts; a last one that is not whole is told by its size."""
    out = []
    at = 0
    while at < len(data):
        if len(data) - at < HEADER.size or struct.unpack_from(">i", data, at + 8)[0] + 12 > len(data) - at:
            out.append({"part_of_a_batch": len(data) - at})
            break
        one = dict(zip(HEADER_NAMES, HEADER.unpack_from(data, at)))
        end = at + 12 + one["length"]
        one["payload"] = data[at + HEADER.size : end]
        out.append(one)
        at = end
    return out
