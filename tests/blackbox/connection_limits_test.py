"""max.connections and its relatives on a running node, as Apache Kafka acts on them."""

import socket
import struct
import time
import unittest

from harness import NodeTest
from measure_test import rss_mib
from many_connections_test import API_VERSIONS, ask, connect
from messages import load_apis

WAITING_SECONDS = 1  # without an answer for so long, a client is kept waiting
HEARD_SECONDS = 10  # what must come, comes within this on a machine of any load
ALTER_CLIENT_QUOTAS, INCREMENTAL_ALTER_CONFIGS = 49, 44
BROKER, SET, DELETE = 4, 0, 1
APIS = load_apis()


def is_served(client):
    client.settimeout(HEARD_SECONDS)
    try:
        return len(ask(client)) > 0
    except (socket.timeout, OSError, struct.error):
        return False


def is_kept_waiting(client):
    client.sendall(API_VERSIONS)
    client.settimeout(WAITING_SECONDS)
    try:
        client.recv(1, socket.MSG_PEEK)
    except socket.timeout:
        return True
    return False


def is_closed(client):
    client.settimeout(HEARD_SECONDS)
    try:
        return client.recv(1) == b""
    except socket.timeout:
        return False
    except OSError:
        return True


def is_open_now(client):
    client.setblocking(False)
    try:
        return client.recv(1, socket.MSG_PEEK) != b""
    except BlockingIOError:
        return True
    except OSError:
        return False


def is_answered_now(client):
    client.setblocking(False)
    try:
        return client.recv(1, socket.MSG_PEEK) != b""
    except OSError:
        return False


class ConnectionLimits(NodeTest):
    def start(self, cores=1, **keys):
        config = self.config(highwater_cores=str(cores), **keys)
        self.format(config)
        self.node = self.server(config)
        self.clients = []
        self.addCleanup(self.close_all)

    def close_all(self):
        for client in self.clients:
            client.close()

    def client(self, host="127.0.0.1"):
        client = connect(self.node.port, host)
        self.clients.append(client)
        return client

    def eventually(self, holds):
        deadline = time.monotonic() + HEARD_SECONDS
        while not holds():
            self.assertLess(time.monotonic(), deadline, self.node.output)
            time.sleep(0.02)

    def test_above_max_connections_a_client_waits_for_another_to_go(self):
        for cores in (1, 3):
            with self.subTest(cores=cores):
                self.data += str(cores)
                self.start(cores, max_connections="5")
                served = [self.client() for _ in range(5)]
                self.assertTrue(all(is_served(client) for client in served))
                waiting = self.client()
                self.assertTrue(is_kept_waiting(waiting))
                served[2].close()
                self.eventually(lambda: is_answered_now(waiting))
                self.assertTrue(is_served(served[0]))
                self.close_all()
                self.node.kill()

    def test_an_address_above_its_limit_is_refused_at_once(self):
        self.start(2, max_connections_per_ip="2", max_connections_per_ip_overrides="127.0.0.9:3")
        self.assertTrue(all(is_served(self.client()) for _ in range(2)))
        self.assertTrue(is_closed(self.client()))
        self.assertTrue(is_served(self.client("127.0.0.8")))
        self.assertTrue(all(is_served(self.client("127.0.0.9")) for _ in range(3)))
        self.assertTrue(is_closed(self.client("127.0.0.9")))
        self.clients[0].close()
        self.eventually(lambda: is_served(self.client()))
        self.node.wait_for("already has the configured maximum of 2 connections")

    def test_the_limit_of_a_listener_is_its_own(self):
        self.start(1, **{"listener.name.plaintext.max.connections": "1"})
        self.assertTrue(is_served(self.client()))
        self.assertTrue(is_kept_waiting(self.client()))

    def told(self, key, version, value):
        """The answer to a request on a connection of its own listener, which no limit here touches."""
        with connect(self.inside) as client:
            client.sendall(APIS[key].frame(version, value))
            size = struct.unpack(">i", client.recv(4, socket.MSG_WAITALL))[0]
            return APIS[key].read(version, client.recv(size, socket.MSG_WAITALL)[4:])

    def configure(self, name, value, broker=""):
        operation = SET if value is not None else DELETE
        config = {"Name": name, "ConfigOperation": operation, "Value": value}
        resource = {"ResourceType": BROKER, "ResourceName": broker, "Configs": [config]}
        got = self.told(INCREMENTAL_ALTER_CONFIGS, 1, {"Resources": [resource], "ValidateOnly": False})
        self.assertEqual(got["Responses"][0]["ErrorCode"], 0, got)

    def address_rate(self, address, rate):
        """KIP-612; None takes it away."""
        operation = {"Key": "connection_creation_rate", "Value": float(rate or 0), "Remove": rate is None}
        entry = {"Entity": [{"EntityType": "ip", "EntityName": address}], "Ops": [operation]}
        got = self.told(ALTER_CLIENT_QUOTAS, 1, {"Entries": [entry], "ValidateOnly": False})
        self.assertEqual(got["Entries"][0]["ErrorCode"], 0, got)

    def start_with_inside_listener(self, cores=1):
        """Brokers have a listener of their own, which is protected."""
        self.start(cores, listeners="PLAINTEXT://127.0.0.1:0,INSIDE://127.0.0.1:0,CONTROLLER://127.0.0.1:0",
                   advertised_listeners="PLAINTEXT://127.0.0.1:0,INSIDE://127.0.0.1:0",
                   listener_security_protocol_map="PLAINTEXT:PLAINTEXT,INSIDE:PLAINTEXT,CONTROLLER:PLAINTEXT",
                   inter_broker_listener_name="INSIDE")
        self.inside = self.node.port_of("INSIDE")

    def test_limits_change_while_the_node_runs(self):
        for cores in (1, 3):
            with self.subTest(cores=cores):
                self.data += str(cores)
                self.start_with_inside_listener(cores)
                early = [self.client() for _ in range(6)]
                self.assertTrue(all(is_served(client) for client in early))
                # The broker's own connections count too: six clients, and the one that tells.
                self.configure("max.connections", "4")
                self.eventually(lambda: 3 <= sum(map(is_open_now, early)) <= 4)
                more = [self.client() for _ in range(2)]
                for client in more:
                    client.sendall(API_VERSIONS)
                # Which of the two comes first is open: each may be accepted by a core of its own.
                self.eventually(lambda: sum(map(is_open_now, early)) + sum(map(is_answered_now, more)) == 4)
                left = [client for client in early if is_open_now(client)]
                if cores == 1:  # else the longest unused of the core that has most, as Kafka's processors do
                    self.assertEqual(left, early[-len(left):])
                self.assertTrue(all(is_served(client) for client in left))
                waiting = [client for client in more if not is_answered_now(client)]
                self.assertTrue(waiting)
                self.assertTrue(all(is_kept_waiting(client) for client in waiting))
                self.configure("max.connections", None)
                self.eventually(lambda: all(is_answered_now(client) for client in more))
                self.configure("max.connections.per.ip.overrides", "127.0.0.7:1")
                self.assertTrue(is_served(self.client("127.0.0.7")))
                self.eventually(lambda: not is_served(self.client("127.0.0.7")))
                self.configure("max.connections.per.ip.overrides", None)
                self.eventually(lambda: is_served(self.client("127.0.0.7")))
                self.configure("listener.name.plaintext.max.connections", "1", broker="1")
                self.eventually(lambda: is_kept_waiting(self.client()))
                self.close_all()
                self.node.kill()

    def test_an_address_has_a_rate_of_its_own(self):
        self.start_with_inside_listener()
        self.address_rate("127.0.0.5", 1)
        begun = time.monotonic()
        served = 0
        while is_served(self.client("127.0.0.5")):
            served += 1
            self.assertLess(served, 100)
        self.assertGreaterEqual(served, 10)
        self.assertLessEqual(served, 11 + time.monotonic() - begun)
        self.assertTrue(is_closed(self.clients[-1]))
        self.assertTrue(is_served(self.client("127.0.0.6")))
        self.address_rate("127.0.0.5", None)
        self.eventually(lambda: is_served(self.client("127.0.0.5")))

    def test_new_connections_above_the_rate_come_later(self):
        self.start(1, max_connection_creation_rate="2")
        begun = time.monotonic()
        for _ in range(24):
            client = self.client()
            client.settimeout(10)
            ask(client)
        # Twenty at once (the rate is of eleven seconds), the others about a second apart: Kafka waits a second at most.
        self.assertGreater(time.monotonic() - begun, 1.5)
        self.assertLess(time.monotonic() - begun, 30)

    def test_begun_requests_above_their_memory_are_given_up_for_others(self):
        self.start(1, socket_request_max_bytes=str(1 << 20), queued_max_request_bytes=str(4 << 20))
        old = self.client()
        self.assertTrue(is_served(old))
        before = rss_mib(self.node.process.pid)
        begun = struct.pack(">i", 1 << 20) + bytes(64 << 10)
        for number in range(400):
            self.client(f"127.0.0.{2 + number % 8}").sendall(begun)
        old.settimeout(10)
        self.assertTrue(ask(old))
        grown = rss_mib(self.node.process.pid) - before
        self.assertLess(grown, 12, "25 MiB were sent, 4 may be held")
        self.assertIn("requests take too much memory", self.node.output)

    def test_an_idle_connection_is_closed(self):
        self.start(1, connections_max_idle_ms="1000")
        quiet, busy = self.client(), self.client()
        self.assertTrue(is_served(quiet))
        deadline = time.monotonic() + 3.5
        while time.monotonic() < deadline:
            self.assertTrue(is_served(busy))
            time.sleep(0.2)
        self.assertTrue(is_closed(quiet))


if __name__ == "__main__":
    unittest.main(verbosity=2)
