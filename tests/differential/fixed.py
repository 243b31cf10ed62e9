#!/usr/bin/env python3
"""The fixed shapes of shapes.py, sent to Apache Kafka and to Highwater: codes and sentences must be equal.

fixed.py --binary PATH --jars DIR. Exit status 1 when there is a difference."""

import argparse
import json
import os
import shutil
import socket
import sys
import tempfile
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "support"))

import repacked  # noqa: E402
import shapes  # noqa: E402
from messages import load_apis  # noqa: E402
from nodes import Pair, read_frame  # noqa: E402

# Ours has settings that Kafka lacks among the configs; their own tests look at those.
DROPPED = {"TopicId", "ThrottleTimeMs", "Configs"}
SETTLING_SECONDS = 1


def plain(value):
    """Without what differs from node to node, and without the order that Kafka's hash maps make."""
    if isinstance(value, dict):
        return {name: plain(inner) for name, inner in value.items() if name not in DROPPED}
    if isinstance(value, list):
        return sorted((plain(one) for one in value), key=lambda one: json.dumps(one, sort_keys=True, default=str))
    return value


class Talk:
    """One connection per listener of a node, opened again when the node closed it."""

    def __init__(self, node):
        self.ports = {shapes.BROKER: node.server.port, shapes.CONTROLLER: node.controller_port}
        self.open = {}

    def call(self, where, frame):
        try:
            if where not in self.open:
                self.open[where] = socket.create_connection(("127.0.0.1", self.ports[where]), timeout=30)
            self.open[where].sendall(frame)
            return read_frame(self.open[where])
        except OSError:
            self.open.pop(where).close()
            return None


def compare(pair, apis):
    talks = [Talk(node) for node in pair.nodes()]
    sent = different = 0
    for group in shapes.GROUPS:
        for key, version, where, value in group():
            frame = apis[key].frame(version, value)
            raw = [talk.call(where, frame) for talk in talks]
            answers = ["closed" if data is None else plain(apis[key].read(version, data[4:])) for data in raw]
            sent += 1
            if answers[0] != answers[1]:
                different += 1
                print(f"--- {apis[key].name} v{version} on the {where}'s listener: {str(value)[:1000]}")
                print(f"  Apache:    {str(answers[0])[:2000]}\n  Highwater: {str(answers[1])[:2000]}", flush=True)
        time.sleep(SETTLING_SECONDS)
    return sent, different


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--binary", required=True)
    parser.add_argument("--jars", required=True)
    options = parser.parse_args()
    apis = load_apis()
    folder = tempfile.mkdtemp(prefix="highwater-shapes-")
    pair = Pair(folder, options.binary, options.jars)
    try:
        pair.start()

        def has_broker(node):
            data = node.call(apis[60].frame(0, {}))
            return isinstance(data, bytes) and len(apis[60].read(0, data[4:])["Brokers"]) == 1

        pair.wait_until_ready(has_broker)
        # First: afterwards the brokers are not what they were.
        seen, repacked_different = repacked.compare(pair, apis)
        sent, different = compare(pair, apis)
    finally:
        pair.stop()
        shutil.rmtree(folder, ignore_errors=True)
    for path, apache, ours in repacked_different[:20]:
        print(f"--- {path}: Apache {str(apache)[:400]}, Highwater {str(ours)[:400]}")
    print(f"{sent} fixed shapes, {different} differences")
    print(f"{seen} batches made anew by the codecs of topics, {len(repacked_different)} differences")
    return 1 if different or repacked_different or seen != repacked.EXPECTED else 0


if __name__ == "__main__":
    sys.exit(main())
