"""One node as a real process on a temporary directory and a port that the system chose. Every wait is bounded; every
process is ended by its own id. The binary is named by the environment variable HIGHWATER."""

import os
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
import time
import unittest

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "support"))

import kafka_wire  # noqa: E402

BINARY = os.path.abspath(os.environ.get("HIGHWATER", "build/release/bin/highwater"))
STARTED = "Kafka Server started (kafka.server.KafkaRaftServer)"
START_SECONDS = 20
STOP_SECONDS = 20


def run(*arguments, timeout=30, user=None):
    """A command that ends by itself."""
    if user is None or user == os.geteuid():
        return subprocess.run([BINARY, *arguments], capture_output=True, text=True, timeout=timeout)
    # The tree may lie where that user cannot go: the program is handed over as an open file.
    with open(BINARY, "rb") as program:
        return subprocess.run([f"/proc/self/fd/{program.fileno()}", *arguments], capture_output=True, text=True,
                              timeout=timeout, user=user, pass_fds=[program.fileno()])


class Node:
    """A running `highwater ...`; `lines` grows while it runs."""

    def __init__(self, *arguments):
        self.begun = time.monotonic()
        self.process = subprocess.Popen([BINARY, *arguments], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
        self.lines = []
        self.port = None
        self.ready = threading.Event()
        self.reader = threading.Thread(target=self.read, daemon=True)
        self.reader.start()

    def read(self):
        for line in self.process.stdout:
            self.lines.append(line.rstrip("\n"))
            connect = re.search(r"  PLAINTEXT +\S+:(\d+) ", line)
            if connect and self.port is None:
                self.port = int(connect.group(1))
                self.ready.set()
        self.ready.set()

    @property
    def output(self):
        return "\n".join(self.lines)

    def wait_ready(self, seconds=START_SECONDS):
        if not self.ready.wait(seconds) or self.port is None:
            self.kill()
            raise AssertionError(f"the node is not ready after {seconds} s:\n{self.output}")
        return self

    def connect(self, **options):
        return kafka_wire.Connection(self.port, **options)

    def send(self, number):
        self.process.send_signal(number)

    def stop(self, number=signal.SIGTERM):
        """The exit status."""
        self.send(number)
        try:
            return self.wait(STOP_SECONDS)
        finally:
            self.kill()

    def wait(self, seconds=STOP_SECONDS):
        try:
            status = self.process.wait(seconds)
        except subprocess.TimeoutExpired:
            self.kill()
            raise AssertionError(f"the node still runs after {seconds} s:\n{self.output}") from None
        self.reader.join(5)
        return status

    def kill(self):
        if self.process.poll() is None:
            self.process.kill()
            self.process.wait()
        self.reader.join(5)
        self.process.stdout.close()


class NodeTest(unittest.TestCase):
    def setUp(self):
        self.folder = tempfile.mkdtemp(prefix="highwater_test_")
        self.addCleanup(shutil.rmtree, self.folder, True)
        self.data = os.path.join(self.folder, "data")

    def dev(self, *arguments, wait=True):
        node = Node("dev", "--data", self.data, "--port", "0", *arguments)
        self.addCleanup(node.kill)
        return node.wait_ready() if wait else node

    def server(self, config, *arguments, wait=True):
        node = Node("server", config, *arguments)
        self.addCleanup(node.kill)
        return node.wait_ready() if wait else node

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
