"""A thousand partitions are nothing special: they come, a stop closes them, a start brings them back."""

import os
import unittest

from harness import NodeTest
from kafka_wire import fetch_when_led, produce_when_led
from waiting import PATIENCE, until

PARTITIONS = 1000


class ManyPartitions(NodeTest):
    def wait_led(self, node):
        with node.connect() as client:
            until(PATIENCE, "the last partition being led", lambda: client.fetch("many", PARTITIONS - 1, 0, 0)[0] == 0)

    def stop(self, node):
        self.assertEqual(node.stop(), 0, node.output)
        self.assertNotIn(" ERROR ", node.output)

    def test_a_thousand_partitions_stop_and_start(self):
        node = self.dev()
        with node.connect() as client:
            self.assertEqual(client.create_topic("many", PARTITIONS), 0)
        self.wait_led(node)
        self.stop(node)
        # What Apache Kafka looks for, and nothing that only a written log has.
        for index in (0, PARTITIONS - 1):
            self.assertEqual(sorted(os.listdir(os.path.join(self.data, f"many-{index}"))),
                             ["00000000000000000000.index", "00000000000000000000.log", "00000000000000000000.timeindex",
                              "leader-epoch-checkpoint", "partition.metadata"])
        node = self.dev()
        self.wait_led(node)
        with node.connect() as client:
            self.assertEqual(produce_when_led(client, "many", 7, [b"written"]), (0, 0))
        self.stop(node)
        self.assertIn("00000000000000000001.snapshot", os.listdir(os.path.join(self.data, "many-7")))
        node = self.dev()
        with node.connect() as client:
            error, watermark, batches = fetch_when_led(client, "many", 7, 0)
            self.assertEqual((error, watermark), (0, 1))
            self.assertIn(b"written", batches)
        self.stop(node)


if __name__ == "__main__":
    unittest.main(verbosity=2)
