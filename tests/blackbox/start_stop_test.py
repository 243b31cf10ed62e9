"""A node starts, serves, stops and starts again; what it says to operators and scripts."""

import json
import os
import signal
import unittest

from harness import STARTED, NodeTest, run
from kafka_wire import fetch_when_led, leader_of, produce_when_led


class StartStop(NodeTest):
    def test_dev_formats_serves_and_stops_cleanly_on_sigterm(self):
        node = self.dev()
        with node.connect() as client:
            self.assertIn(18, client.api_versions())
            brokers, _ = client.metadata([])
            self.assertEqual(brokers, {1: ("localhost", node.port)})
        node.wait_for(STARTED)
        node.wait_for("Transitioning from RECOVERY to RUNNING")
        self.assertEqual(node.stop(), 0, node.output)
        with open(os.path.join(self.data, ".kafka_cleanshutdown"), encoding="utf-8") as file:
            self.assertEqual(json.load(file)["version"], 0)

    def test_sigint_is_a_clean_stop_too_and_sighup_is_none(self):
        node = self.dev()
        node.send(signal.SIGHUP)
        with node.connect() as client:
            client.api_versions()
        self.assertEqual(node.stop(signal.SIGINT), 0, node.output)

    def test_sigquit_is_none(self):
        # Operators of Kafka ask a running JVM for its threads with it.
        node = self.dev()
        node.send(signal.SIGQUIT)
        node.wait_for("SIGQUIT")
        with node.connect() as client:
            self.assertIn(18, client.api_versions())
        self.assertEqual(node.stop(), 0, node.output)

    def test_a_second_sigterm_does_not_cut_the_stop_short(self):
        # As when a service manager runs kafka-server-stop and then sends its own.
        node = self.dev()
        with node.connect() as client:
            leader_of(client, "kept")
            self.assertEqual(produce_when_led(client, "kept", 0, [b"one"]), (0, 0))
        for _ in range(100):
            node.send(signal.SIGTERM)
        self.assertEqual(node.stop(), 0, node.output)
        self.assertIn("shut down completed", node.output)
        self.assertTrue(os.path.exists(os.path.join(self.data, ".kafka_cleanshutdown")))

    def test_log_lines_have_kafkas_pattern(self):
        node = self.dev()
        node.stop()
        self.assertRegex(node.output, r"(?m)^\[\d{4}-\d\d-\d\d \d\d:\d\d:\d\d,\d{3}\] INFO \[BrokerServer id=1\] "
                                      r"Transition from STARTING to STARTED \(kafka\.server\.BrokerServer\)$")

    def test_log_lines_can_be_json(self):
        node = self.begin("dev", "--data", self.data, "--port", "0", "--log-format", "json")
        node.wait_for("Highwater is ready")
        node.stop()
        objects = [json.loads(line) for line in node.lines if line.startswith("{")]
        self.assertTrue(any("Kafka Server started" in line["message"] for line in objects), node.output)

    def test_records_survive_a_clean_stop(self):
        node = self.dev()
        with node.connect() as client:
            leader_of(client, "kept")
            self.assertEqual(produce_when_led(client, "kept", 0, [b"one", b"two"]), (0, 0))
        self.assertEqual(node.stop(), 0, node.output)
        node = self.dev()
        with node.connect() as client:
            leader_of(client, "kept")
            error, watermark, batches = fetch_when_led(client, "kept", 0, 0)
            self.assertEqual((error, watermark), (0, 2))
            self.assertIn(b"one", batches)
            self.assertEqual(client.produce("kept", 0, [b"three"]), (0, 2))

    def test_after_kill_it_registers_again_at_once_and_acknowledged_records_are_there(self):
        # A node that waited for the session of its last life would come too late for this test.
        session = ("--override", "broker.session.timeout.ms=600000")
        node = self.dev(*session)
        with node.connect() as client:
            leader_of(client, "kept")
            for number in range(50):
                self.assertEqual(produce_when_led(client, "kept", 0, [b"%d" % number]), (0, number))
        node.kill()
        node = self.dev(*session)
        with node.connect() as client:
            leader_of(client, "kept")
            error, watermark, batches = fetch_when_led(client, "kept", 0, 0)
            self.assertEqual((error, watermark), (0, 50))
            self.assertIn(b"49", batches)

    def test_acks_none_and_one_reach_the_log(self):
        node = self.dev()
        with node.connect() as client:
            leader_of(client, "t")
            produce_when_led(client, "t", 0, [b"first"])
            self.assertIsNone(client.produce("t", 0, [b"silent"], acks=0))
            self.assertEqual(client.produce("t", 0, [b"told"], acks=1), (0, 2))

    def test_several_cores_serve_the_same_topics(self):
        node = self.dev("--override", "highwater.cores=2", "--override", "num.partitions=8")
        with node.connect() as one, node.connect() as other:
            leader_of(one, "wide")
            for partition in range(8):
                self.assertEqual(produce_when_led(one, "wide", partition, [b"x"]), (0, 0))
            for partition in range(8):
                self.assertEqual(other.fetch("wide", partition, 0)[:2], (0, 1))
        self.assertEqual(node.stop(), 0, node.output)

    def test_server_runs_what_format_made(self):
        config = self.config()
        cluster = self.format(config)
        with open(os.path.join(self.data, "meta.properties"), encoding="utf-8") as file:
            self.assertIn(f"cluster.id={cluster}", file.read())
        node = self.server(config)
        with node.connect() as client:
            leader_of(client, "t")
            self.assertEqual(produce_when_led(client, "t", 0, [b"x"]), (0, 0))
        self.assertEqual(node.stop(), 0, node.output)

    def test_the_page_of_configuration_keys_is_what_the_program_knows(self):
        page = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "..", "docs", "configuration.md")
        with open(page, encoding="utf-8") as file:
            self.assertEqual(file.read(), run("keys").stdout, "make it anew: highwater keys > docs/configuration.md")

    def test_version_and_help_end_with_0(self):
        self.assertRegex(run("--version").stdout, r"^highwater \d+\.\d+\.\d+ \(Kafka 4\.3\)$")
        self.assertIn("server", run("--help").stdout)
        self.assertEqual(run("--help").returncode, 0)
        self.assertRegex(run("format", "--random-uuid").stdout, r"^[A-Za-z0-9_][A-Za-z0-9_-]{21}\n$")


if __name__ == "__main__":
    unittest.main(verbosity=2)
