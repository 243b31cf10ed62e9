"""A stock client against a node: kcat produces, reads back and lists."""

import shutil
import subprocess
import unittest

from harness import NodeTest
from waiting import PATIENCE


def kcat(*arguments, data=None):
    return subprocess.run(["kcat", *arguments], input=data, capture_output=True, timeout=PATIENCE)


@unittest.skipUnless(shutil.which("kcat"), "kcat is not installed")
class Kcat(NodeTest):
    def round_trip(self, node, topic, *options):
        address = f"127.0.0.1:{node.port}"
        lines = b"".join(b"key%d:value %d\n" % (number, number) for number in range(1000))
        sent = kcat("-P", "-b", address, "-t", topic, "-K", ":", *options, data=lines)
        self.assertEqual(sent.returncode, 0, sent.stderr.decode() + node.output)
        read = kcat("-C", "-b", address, "-t", topic, "-o", "beginning", "-e", "-q", "-K", ":")
        self.assertEqual(read.returncode, 0, read.stderr.decode())
        self.assertEqual(read.stdout, lines)

    def test_records_come_back_with_every_codec_and_acks(self):
        node = self.dev()
        for codec in ("none", "gzip", "snappy", "lz4", "zstd"):
            for acks in ("0", "1", "all"):
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
