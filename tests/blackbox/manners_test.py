"""Requests that no sane client sends, answered as Apache Kafka answers them."""

import struct
import unittest

from harness import NodeTest

from kafka_wire import leader_of, produce_when_led, record_batch, string

NOT_LEADER_OR_FOLLOWER = 6


class Manners(NodeTest):
    def setUp(self):
        super().setUp()
        self.node = self.dev()
        self.connection = self.node.connect()
        leader_of(self.connection, "topic")
        produce_when_led(self.connection, "topic", 0, [b"first"])

    def produce(self, topics):
        """`topics` as [(name, [(partition, values)])]; gives [(name, [(partition, error, base offset)])]."""
        body = string(None) + struct.pack(">hii", -1, 10_000, len(topics))
        for name, partitions in topics:
            body += string(name) + struct.pack(">i", len(partitions))
            for partition, values in partitions:
                batch = record_batch(values)
                body += struct.pack(">ii", partition, len(batch)) + batch
        answer = self.connection.call(0, 3, body)
        told = []
        for _ in range(answer.take("i")):
            name, partitions = answer.string(), []
            for _ in range(answer.take("i")):
                partition, error, base_offset, _ = answer.take("ihqq")
                partitions.append((partition, error, base_offset))
            told.append((name, partitions))
        return told

    def test_of_a_partition_named_twice_the_last_records_are_taken(self):
        self.assertEqual(self.produce([("topic", [(0, [b"dropped"]), (0, [b"kept"])])]), [("topic", [(0, 0, 1)])])
        again = self.produce([("topic", [(0, [b"dropped"])]), ("topic", [(0, [b"kept too"])])])
        self.assertEqual(again, [("topic", [(0, 0, 2)])])
        records = self.connection.fetch("topic", 0, 0)[2]
        self.assertNotIn(b"dropped", records)
        self.assertIn(b"kept too", records)

    def test_who_is_no_replica_may_not_fetch_as_one(self):
        for claimed in (1, 2, 77):
            body = struct.pack(">iiiibi", claimed, 100, 1, 1 << 20, 0, 1) + string("topic")
            body += struct.pack(">iiqi", 1, 0, 0, 1 << 20)
            answer = self.connection.call(1, 4, body)
            answer.take("ii"), answer.string(), answer.take("i")
            self.assertEqual(answer.take("ih")[1], NOT_LEADER_OR_FOLLOWER)


if __name__ == "__main__":
    unittest.main()
