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
from request import Request  # noqa: E402
from wanted import finds_behind_the_start  # noqa: E402

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


class Subscriptions(unittest.TestCase):
    def test_the_id_of_a_subscription_is_told_without_that_of_its_client(self):
        given = [normal(71, {"ClientInstanceId": identity, "SubscriptionId": number}) for identity, number in
                 ((b"c" * 16, -725132322), (bytes(15) + b"\1", -725132321), (b"c" * 16, -725132321))]
        self.assertEqual(told(given[0], given[1]), [])
        self.assertEqual(told(given[0], given[2]), ["SubscriptionId"])


class BehindTheStart(unittest.TestCase):
    def finds(self, asked, offset, time):
        def answer(offset, time):
            return {"Topics": [{"Name": "t", "Partitions": [{"PartitionIndex": 0, "Offset": offset, "Timestamp": time}]}]}

        request = Request(2, 5, {"Topics": [{"Name": "t", "Partitions": [{"PartitionIndex": 0, "Timestamp": asked}]}]})
        return finds_behind_the_start(request, (answer(-1, -1), answer(offset, time)))

    def test_only_a_record_at_or_after_the_time_asked_for_is_better_than_none(self):
        self.assertTrue(self.finds(7000, 3, 20000))
        self.assertTrue(self.finds(7000, 3, 7000))
        self.assertFalse(self.finds(7000, 3, 6999))
        self.assertFalse(self.finds(-1, 3, 20000))


if __name__ == "__main__":
    unittest.main()
