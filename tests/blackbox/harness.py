"""One node as a real process on a temporary directory and a port that the system chose. Every wait is bounded; every
process is ended by its own id. The binary is named by the environment variable HIGHWATER."""

import os
import re
import shutil
import subprocess
import sys
import tempfile
import unittest

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "support"))

import kafka_wire  # noqa: E402
from servers import Process  # noqa: E402
from waiting import PATIENCE, until  # noqa: E402

BINARY = os.path.abspath(os.environ.get("HIGHWATER", "build/release/bin/highwater"))
STARTED = "Kafka Server started (kafka.server.KafkaRaftServer)"


def run(*arguments, timeout=PATIENCE, user=None):
    """A command that ends by itself."""
    if user is None or user == os.geteuid():
        return subprocess.run([BINARY, *arguments], capture_output=True, text=True, timeout=timeout)
    # The tree may lie where that user cannot go: the program is handed over as an open file.
    with open(BINARY, "rb") as program:
        return subprocess.run([f"/proc/self/fd/{program.fileno()}", *arguments], capture_output=True, text=True,
                              timeout=timeout, user=user, pass_fds=[program.fileno()])


class Node(Process):
    """A running `highwater ...` on a port that the system chose."""

    def __init__(self, log_path, *arguments):
        super().__init__([BINARY, *arguments], log_path)
        self.port = None

    def wait_ready(self):
        self.port = self.port_of("PLAINTEXT")
        return self

    def wait_for(self, words):
        """Waits until a line of the log holds them."""
        until(PATIENCE, f"a line with '{words}'", lambda: words in self.output)

    def port_of(self, listener):
        """Waits until the node tells it."""

        def look():
            ended = self.process.poll() is not None  # before the log is read: then nothing is missed
            told = re.search(rf"(?m)^  {listener} +\S+:(\d+) .*\n", self.output)
            if told is None and ended:
                raise AssertionError(f"the node ended with {self.process.returncode}:\n{self.output}")
            return told

        return int(until(PATIENCE, f"the node telling the port of {listener}", look).group(1))

    def connect(self, **options):
        return kafka_wire.Connection(self.port, **options)


class NodeTest(unittest.TestCase):
    def setUp(self):
        self.folder = tempfile.mkdtemp(prefix="highwater_test_")
        self.addCleanup(shutil.rmtree, self.folder, True)
        self.data = os.path.join(self.folder, "data")
        self.begun = 0

    def begin(self, *arguments):
        """A node that may not be ready yet."""
        self.begun += 1
        node = Node(os.path.join(self.folder, f"node{self.begun}.log"), *arguments)
        self.addCleanup(node.kill)
        return node

    def dev(self, *arguments):
        return self.begin("dev", "--data", self.data, "--port", "0", *arguments).wait_ready()

    def server(self, config, *arguments):
        return self.begin("server", config, *arguments).wait_ready()

    def config(self, name="server.properties", **changes):
        """A server.properties; keys with `_` for `.`, None takes a key out."""
        values = {
            "process.roles": "broker,controller",
            "node.id": "1",
            "listeners": "PLAINTEXT://127.0.0.1:0,CONTROLLER://127.0.0.1:0",
            "advertised.listeners": "PLAINTEXT://127.0.0.1:0",
            "controller.listener.names": "CONTROLLER",
            "controller.quorum.bootstrap.servers": "127.0.0.1:9093",
            "log.dirs": self.data,
        }
        for key, value in changes.items():
            values[key.replace("_", ".")] = value
        path = os.path.join(self.folder, name)
        with open(path, "w", encoding="utf-8") as file:
            file.writelines(f"{key}={value}\n" for key, value in values.items() if value is not None)
        return path

    def format(self, config):
        cluster = run("format", "--random-uuid").stdout.strip()
        done = run("format", "-t", cluster, "-c", config, "--standalone")
        self.assertEqual(done.returncode, 0, done.stderr)
        return cluster

    def tree(self):
        """What lies in the data directory: path -> bytes."""
        found = {}
        for folder, _, files in os.walk(self.data):
            for name in files:
                with open(os.path.join(folder, name), "rb") as file:
                    found[os.path.relpath(os.path.join(folder, name), self.data)] = file.read()
        return found

    def refused(self, done, status, *words):
        """Ended with `status` and one sentence on stderr that holds all the words."""
        self.assertEqual(done.returncode, status, done.stdout + done.stderr)
        lines = [line for line in done.stderr.splitlines() if line]
        self.assertEqual(len(lines), 1, done.stderr)
        for word in words:
            self.assertIn(word, lines[0])
