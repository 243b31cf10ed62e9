#!/usr/bin/env python3
"""What the comparison must see and what it must not: packed records, throttling."""

import os
import sys
import unittest
import zlib

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))

import batches  # noqa: E402
import unpack  # noqa: E402
from nodes import Node  # noqa: E402
from normal import Normal, differences  # noqa: E402

CODECS = ("gzip", "snappy", "lz4", "zstd")


class Listening:
    port = 9092


def normal(key, answer):
    node = Node("one", Listening, "/data", 9093)
    return Normal(node, key).answer(answer)


def fetched(records, codec):
    return normal(1, {"Responses": [{"Topic": "t", "Partitions": [{"Records": batches.batch(records, codec)}]}]})


def told(left, right):
    return [path.rpartition(".")[2] for path, _, _ in differences(left, right)]


class PackedRecords(unittest.TestCase):
    def test_other_records_in_a_packed_batch_are_told_of_every_codec(self):
        one, other = batches.record(0, b"k", b"value"), batches.record(0, b"k", b"other")
        for codec in CODECS:
            with self.subTest(codec):
                self.assertIn("content", told(fetched([one], codec), fetched([other], codec)))

    def test_content_is_what_was_packed(self):
        data = bytes(range(256)) * 700
        for codec in CODECS:
            with self.subTest(codec):
                self.assertEqual(unpack.unpack(codec, batches.pack(codec, data)), data)

    def test_snappy_without_a_stream_header_is_one_block(self):
        self.assertEqual(unpack.unpack("snappy", b"\x05\x10hello"), b"hello")

    def test_two_compressors_that_pack_the_same_differ_in_packed_bytes_alone(self):
        records = [batches.record(0, b"k", b"v" * 100)]
        stored, packed = fetched(records, "gzip"), fetched(records, "gzip")
        batch = packed["Responses"][0]["Partitions"][0]["Records"][0]
        batch["packed"]["payload"] = zlib.compress(b"".join(records), 1, wbits=31).hex()
        self.assertEqual(told(stored, packed), ["payload"])

    def test_what_is_not_packed_as_it_says_is_equal_to_itself_alone(self):
        for codec in CODECS:
            with self.subTest(codec):
                self.assertIn("not " + codec, str(unpack.content(codec, b"\x01\x02\x03")))
                self.assertIn("not " + codec, str(unpack.content(codec, b"")))
                self.assertIn("not " + codec, str(unpack.content(codec, batches.pack(codec, b"abcdef")[:-6])))

    def test_a_bomb_is_not_unpacked(self):
        self.assertIn("not gzip", str(unpack.content("gzip", zlib.compress(bytes(1 << 26), 9, wbits=31))))


class Throttling(unittest.TestCase):
    def test_a_throttle_time_is_told(self):
        self.assertEqual(told(normal(3, {"ThrottleTimeMs": 0}), normal(3, {"ThrottleTimeMs": 7})), ["ThrottleTimeMs"])


if __name__ == "__main__":
    unittest.main()
