"""max.connections and its relatives on a running node, as Apache Kafka acts on them."""

import socket
import time
import unittest

from harness import NodeTest
from many_connections_test import ask, connect

HEARD_MS = 1000


def is_served(client):
    client.settimeout(HEARD_MS / 1000)
    try:
        return len(ask(client)) > 0
    except (socket.timeout, OSError):
        return False


def is_closed(client):
    client.settimeout(HEARD_MS / 1000)
    try:
        return client.recv(1) == b""
    except socket.timeout:
        return False
    except OSError:
        return True


class ConnectionLimits(NodeTest):
    def start(self, cores=1, **keys):
        config = self.config(highwater_cores=str(cores), **keys)
        self.format(config)
        self.node = self.server(config)
        self.clients = []
        self.addCleanup(lambda: [client.close() for client in self.clients])

    def client(self, host="127.0.0.1"):
        client = connect(self.node.port, host)
        self.clients.append(client)
        return client

    def test_above_max_connections_a_client_waits_for_another_to_go(self):
        for cores in (1, 3):
            with self.subTest(cores=cores):
                self.data += str(cores)
                self.start(cores, max_connections="5")
                served = [self.client() for _ in range(5)]
                self.assertTrue(all(is_served(client) for client in served))
                waiting = self.client()
                self.assertFalse(is_served(waiting))
                served[2].close()
                waiting.settimeout(5)
                self.assertTrue(waiting.recv(4096))
                self.assertTrue(is_served(served[0]))
                for client in self.clients:
                    client.close()
                self.node.kill()

    def test_an_address_above_its_limit_is_refused_at_once(self):
        self.start(2, max_connections_per_ip="2", max_connections_per_ip_overrides="127.0.0.9:3")
        self.assertTrue(all(is_served(self.client()) for _ in range(2)))
        self.assertTrue(is_closed(self.client()))
        self.assertTrue(is_served(self.client("127.0.0.8")))
        self.assertTrue(all(is_served(self.client("127.0.0.9")) for _ in range(3)))
        self.assertTrue(is_closed(self.client("127.0.0.9")))
        self.clients[0].close()
        time.sleep(0.2)
        self.assertTrue(is_served(self.client()))
        told = [line for line in self.node.lines if "already has the configured maximum of 2 connections" in line]
        self.assertEqual(len(told), 1, self.node.output)

    def test_the_limit_of_a_listener_is_its_own(self):
        self.start(1, **{"listener.name.plaintext.max.connections": "1"})
        self.assertTrue(is_served(self.client()))
        self.assertFalse(is_served(self.client()))

    def test_new_connections_above_the_rate_come_later(self):
        self.start(1, max_connection_creation_rate="2")
        begun = time.monotonic()
        for _ in range(24):
            client = self.client()
            client.settimeout(10)
            ask(client)
        # Twenty at once (the rate is of eleven seconds), the others about a second apart: Kafka waits a second at most.
        self.assertGreater(time.monotonic() - begun, 1.5)
        self.assertLess(time.monotonic() - begun, 12)

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
