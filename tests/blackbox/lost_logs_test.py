"""Partition directories of a real node that somebody damaged or removed while it was stopped."""

import os
import shutil
import signal
import unittest

from harness import NodeTest
from kafka_wire import produce_when_led
from waiting import PATIENCE, until

NONE, STORAGE_ERROR = 0, 56


class LostLogs(NodeTest):
    def setUp(self):
        super().setUp()
        self.properties = self.config()
        self.format(self.properties)
        self.node = self.server(self.properties)
        with self.node.connect() as client:
            client.create_topic("spread", 3)
            for partition in range(2):
                produce_when_led(client, "spread", partition, [b"x"])

    def place(self, partition):
        (found,) = [root for root, _, _ in os.walk(self.data) if root.endswith(f"spread-{partition}")]
        return found

    def told(self, level):
        return [line for line in self.node.output.splitlines() if f" {level} " in line and "spread-" in line]

    def test_a_malformed_partition_metadata_closes_its_log_alone(self):
        self.node.stop(signal.SIGTERM)
        path = os.path.join(self.place(0), "partition.metadata")
        with open(path, encoding="utf-8") as file:
            good = file.read()
        for text in ("version: 0\ngarbage", ""):
            with open(path, "w", encoding="utf-8") as file:
                file.write(text)
            self.node = self.server(self.properties)
            with self.node.connect() as client:
                self.assertEqual(produce_when_led(client, "spread", 1, [b"next"])[0], NONE)
                until(PATIENCE, "the log being closed", lambda: client.produce("spread", 0, [b"y"])[0] == STORAGE_ERROR)
            self.node.wait_for(f"spread-0 is offline: {path}")
            self.assertEqual(len(self.told("ERROR")), 1, self.told("ERROR"))
            self.assertIn(path, self.told("ERROR")[0])
            self.node.stop(signal.SIGTERM)
            with open(path, encoding="utf-8") as file:
                self.assertEqual(file.read(), text)
        with open(path, "w", encoding="utf-8") as file:
            file.write(good)
        self.node = self.server(self.properties)
        with self.node.connect() as client:
            self.assertEqual(produce_when_led(client, "spread", 0, [b"y"]), (NONE, 1))

    def test_a_directory_that_is_gone_is_told_of_when_it_is_made_anew(self):
        self.node.stop(signal.SIGTERM)
        for partition in (0, 2):
            shutil.rmtree(self.place(partition))
        self.node = self.server(self.properties)
        with self.node.connect() as client:
            self.assertEqual(produce_when_led(client, "spread", 0, [b"y"]), (NONE, 0))
            self.assertEqual(produce_when_led(client, "spread", 2, [b"y"]), (NONE, 0))
        self.node.wait_for("spread-0 is gone")
        self.assertEqual(len(self.told("WARN")), 1, self.told("WARN"))
        for words in ("spread-0 is gone", "offset 1"):
            self.assertIn(words, self.told("WARN")[0])
        self.node.stop(signal.SIGKILL)
        self.node = self.server(self.properties)
        self.assertEqual(self.told("WARN"), [])


if __name__ == "__main__":
    unittest.main(verbosity=2)
