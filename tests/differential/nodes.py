"""The pair: Apache Kafka and Highwater with equal settings and one cluster id, and a raw connection to each."""

import os
import socket
import struct
import subprocess
import sys
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "support"))

from servers import Server, free_port, write_config  # noqa: E402

from environment import Environment  # noqa: E402

CLUSTER_ID = "ZGlmZmVyZW50aWFsLXRlcw"
ANSWER_SECONDS = 15
START_SECONDS = 180
CLOSED, SILENT = "closed", "silent"

SETTINGS = {
    "num.partitions": "2",
    "log.segment.bytes": "1048576",
    "message.max.bytes": "100000",
    "log.retention.ms": "-1",
    "log.cleaner.enable": "false",
    "delete.topic.enable": "true",
    "auto.create.topics.enable": "true",
    "max.incremental.fetch.session.cache.slots": "1000",
    # Short, so that what a stopped node leaves behind goes soon.
    "file.delete.delay.ms": "1000",
}


def read(source, size):
    data = bytearray()
    while len(data) < size:
        part = source.recv(size - len(data))
        if not part:
            raise ConnectionError("closed")
        data += part
    return bytes(data)


def read_frame(source):
    return read(source, struct.unpack(">i", read(source, 4))[0])


class Node:
    """One running server and the connection of the sequence that is being played."""

    def __init__(self, name, server, data, controller_port):
        self.name, self.server, self.data, self.controller_port = name, server, data, controller_port
        self.socket = self.side_socket = None
        self.begin_sequence()

    def begin_sequence(self):
        self.connections = 0
        self.environment = Environment()
        self.environment.learn("path", "data", self.data)
        self.close()

    def close(self):
        for held in (self.socket, self.side_socket):
            if held is not None:
                held.close()
        self.socket = self.side_socket = None

    def connect(self):
        connected = socket.create_connection(("127.0.0.1", self.server.port), timeout=ANSWER_SECONDS)
        connected.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        return connected

    def call(self, frame, seconds=ANSWER_SECONDS):
        """The response from its correlation id on, CLOSED or SILENT."""
        try:
            if self.socket is None:
                self.socket = self.connect()
                self.connections += 1
            self.socket.settimeout(seconds)
            self.socket.sendall(frame)
            return read_frame(self.socket)
        except TimeoutError:
            outcome = SILENT
        except OSError:
            outcome = CLOSED
        self.socket.close()
        self.socket = None
        return outcome

    def receive_more(self):
        """A second answer to one call."""
        return read_frame(self.socket)

    def aside(self, frame):
        """For the harness's own questions, which no sequence may disturb."""
        if self.side_socket is None:
            self.side_socket = self.connect()
        try:
            self.side_socket.sendall(frame)
            return read_frame(self.side_socket)
        except OSError:
            self.close()
            raise

    def running(self):
        return self.server.process.poll() is None


class Pair:
    def __init__(self, folder, binary, jars):
        self.folder, self.binary, self.jars = folder, os.path.abspath(binary), jars
        self.starts = 0
        self.apache = self.highwater = None

    def start(self):
        self.starts += 1
        folder = os.path.join(self.folder, str(self.starts))
        self.highwater = self.start_one("highwater", os.path.join(folder, "highwater"))
        self.apache = self.start_one("apache", os.path.join(folder, "apache"))

    def start_one(self, name, folder):
        os.makedirs(folder)
        config, data = os.path.join(folder, "server.properties"), os.path.join(folder, "data")
        port, controller_port = free_port(), free_port()
        # One core at first, then several: what belongs to a core must not be seen from outside but where wanted.py says so.
        cores = {"highwater.cores": "1" if self.starts % 2 else "2"} if name == "highwater" else {}
        write_config(config, [data], port, controller_port, SETTINGS | cores)
        log4j = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "support", "apache", "log4j2.yaml")
        java = ["java", "-Xmx768m", "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1", f"-Dlog4j2.configurationFile={log4j}",
                "-cp", f"{self.jars}/*"]
        arguments = ["format", "-t", CLUSTER_ID, "-c", config, "--standalone"]
        if name == "apache":
            subprocess.run(java + ["kafka.tools.StorageTool"] + arguments, check=True, capture_output=True)
            command = java[:1] + ["-Dkafka.log.level=INFO"] + java[1:] + ["kafka.Kafka", config]
        else:
            subprocess.run([self.binary] + arguments, check=True, capture_output=True)
            command = [self.binary, "server", config]
        return Node(name, Server(command, port, os.path.join(folder, "log"), START_SECONDS), data, controller_port)

    def nodes(self):
        return self.apache, self.highwater

    def stop(self):
        for node in self.nodes():
            if node is not None:
                node.close()
                node.server.kill()
        self.apache = self.highwater = None

    def wait_until_ready(self, ready):
        """`ready(node)` on both; a node that is still starting may close connections."""
        deadline = time.monotonic() + 30
        for node in self.nodes():
            while not self.is_ready(node, ready):
                if time.monotonic() > deadline:
                    raise RuntimeError(f"{node.name} does not become ready")
                time.sleep(0.05)

    @staticmethod
    def is_ready(node, ready):
        try:
            return ready(node)
        except OSError:
            return False
