"""A stock client against a node: kcat produces, reads back and lists."""

import shutil
import subprocess
import unittest

from harness import NodeTest
from kafka_wire import fetch_when_led
from waiting import PATIENCE, until


def kcat(*arguments, data=None):
    return subprocess.run(["kcat", *arguments], input=data, capture_output=True, timeout=PATIENCE)


@unittest.skipUnless(shutil.which("kcat"), "kcat is not installed")
class Kcat(NodeTest):
    def round_trip(self, node, topic, *options):
        address = f"127.0.0.1:{node.port}"
        lines = b"".join(b"key%d:value %d\n" % (number, number) for number in range(1000))
        sent = kcat("-P", "-b", address, "-t", topic, "-K", ":", *options, data=lines)
        self.assertEqual(sent.returncode, 0, sent.stderr.decode() + node.output)

        def read():
            done = kcat("-C", "-b", address, "-t", topic, "-o", "beginning", "-e", "-q", "-K", ":")
            self.assertEqual(done.returncode, 0, done.stderr.decode())
            return done.stdout

        if "acks=0" in options:  # nobody was told when the records are there
            until(PATIENCE, "what was sent being there", lambda: read() == lines)
        self.assertEqual(read(), lines)

    def open_topic(self, node, topic):
        """Records that nobody acknowledges are lost on a partition that is not open yet."""
        with node.connect() as client:
            self.assertEqual(client.create_topic(topic, 1), 0)
            fetch_when_led(client, topic, 0, 0, max_wait_ms=0)

    def test_records_come_back_with_every_codec_and_acks(self):
        node = self.dev()
        for codec in ("none", "gzip", "snappy", "lz4", "zstd"):
            for acks in ("0", "1", "all"):
                self.open_topic(node, f"{codec}-{acks}")
                self.round_trip(node, f"{codec}-{acks}", "-z", codec, "-X", f"acks={acks}")
        self.assertEqual(node.stop(), 0, node.output)

    def test_an_idempotent_producer_is_served(self):
        node = self.dev()
        self.round_trip(node, "once", "-X", "enable.idempotence=true")

    def test_the_cluster_is_listed(self):
        node = self.dev()
        self.round_trip(node, "listed")
        listed = kcat("-L", "-b", f"127.0.0.1:{node.port}")
        self.assertIn(b'topic "listed" with 1 partitions', listed.stdout)
        self.assertIn(b"broker 1 at localhost:%d" % node.port, listed.stdout)


if __name__ == "__main__":
    unittest.main(verbosity=2)
