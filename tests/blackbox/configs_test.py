"""Settings that are changed on a running node act at once; those that wait say so in the log, and secrets never do."""

import struct
import unittest

from harness import NodeTest

from config_requests import (APPEND, BROKER, BROKER_LOGGER, DELETE, SET, TOPIC, describe, incremental_alter)
from kafka_wire import leader_of, produce_when_led, record_batch, string
from waiting import PATIENCE, until

OK, MESSAGE_TOO_LARGE, INVALID_TIMESTAMP, INVALID_CONFIG, INVALID_RECORD = 0, 10, 32, 40, 87


class Configs(NodeTest):
    def setUp(self):
        super().setUp()
        self.node = self.dev()
        self.connection = self.node.connect()
        self.addCleanup(self.connection.socket.close)
        leader_of(self.connection, "topic")
        produce_when_led(self.connection, "topic", 0, [b"first"])

    def alter(self, kind, name, *changes):
        answers = incremental_alter(self.connection, [(kind, name, list(changes))])
        self.assertEqual([answer[2:] for answer in answers], [(OK, None)])

    def topic(self, *changes):
        self.alter(TOPIC, "topic", *changes)

    def produce(self, value=b"x", timestamp_ms=None):
        batch = record_batch([value], timestamp_ms)
        body = string(None) + struct.pack(">hii", -1, 60_000, 1) + string("topic")
        answer = self.connection.call(0, 3, body + struct.pack(">iii", 1, 0, len(batch)) + batch)
        answer.take("i"), answer.string(), answer.take("ii")
        return answer.take("h")

    def soon(self, error, **record):
        """A change reaches the partition a moment after it is acknowledged."""
        until(PATIENCE, f"produce answering {error}", lambda: self.produce(**record) == error)

    def lines_with(self, text):
        return [line for line in self.node.lines if text in line]

    def value_of(self, kind, name, key):
        return describe(self.connection, [(kind, name, [key])])[0][4][key]["value"]

    def test_what_a_topic_accepts_changes_while_it_is_open(self):
        self.topic(("max.message.bytes", SET, "100"))
        self.soon(MESSAGE_TOO_LARGE, value=b"x" * 200)
        self.topic(("max.message.bytes", DELETE, None))
        self.soon(OK, value=b"x" * 200)
        self.topic(("message.timestamp.before.max.ms", SET, "1000"))
        self.soon(INVALID_TIMESTAMP, timestamp_ms=1)
        self.topic(("message.timestamp.type", SET, "LogAppendTime"))
        self.soon(OK, timestamp_ms=1)
        self.topic(("cleanup.policy", APPEND, "compact"))
        self.soon(INVALID_RECORD)

    def test_a_broker_value_is_covered_by_the_topic_and_covers_the_cluster(self):
        self.alter(BROKER, "", ("message.max.bytes", SET, "100"))
        self.soon(MESSAGE_TOO_LARGE, value=b"x" * 200)
        self.alter(BROKER, "1", ("message.max.bytes", SET, "1000"))
        self.soon(OK, value=b"x" * 200)
        self.soon(MESSAGE_TOO_LARGE, value=b"x" * 2000)
        self.topic(("max.message.bytes", SET, "10000"))
        self.soon(OK, value=b"x" * 2000)
        self.alter(BROKER, "1", ("message.max.bytes", DELETE, None))
        self.alter(BROKER, "", ("message.max.bytes", DELETE, None))
        self.topic(("max.message.bytes", DELETE, None))
        self.soon(OK, value=b"x" * 20000)

    def test_settings_that_wait_are_told_once_per_change_and_again_at_the_start(self):
        waits = "settings that are kept and change nothing yet"
        self.topic(("retention.ms", SET, "1000"), ("flush.messages", SET, "5"), ("max.message.bytes", SET, "5000"))
        self.topic(("max.message.bytes", SET, "6000"))
        line = f"Topic topic is configured with {waits}: flush.messages, retention.ms"
        until(PATIENCE, "one line", lambda: len(self.lines_with(line)) == 1)
        self.assertEqual(len(self.lines_with(waits)), 1)
        self.alter(BROKER, "1", ("listener.name.plaintext.ssl.keystore.password", SET, "sesame"))
        until(PATIENCE, "a line of the broker", lambda: len(self.lines_with(f"Broker 1 is configured with {waits}")) == 1)
        self.assertNotIn("sesame", self.node.output)

    def test_a_level_of_a_logger_changes_at_once_and_goes_back(self):
        name = "kafka.server.BrokerServer"
        self.assertEqual(self.value_of(BROKER_LOGGER, "1", name), "INFO")
        self.alter(BROKER_LOGGER, "1", (name, SET, "ERROR"))
        self.assertEqual(self.value_of(BROKER_LOGGER, "1", name), "ERROR")
        self.alter(BROKER_LOGGER, "1", ("root", SET, "FATAL"))
        self.alter(BROKER_LOGGER, "1", (name, DELETE, None))
        self.assertEqual(self.value_of(BROKER_LOGGER, "1", name), "FATAL")
        self.topic(("retention.ms", SET, "1000"))
        self.alter(BROKER_LOGGER, "1", ("root", SET, "INFO"))
        self.topic(("retention.ms", SET, "2000"))
        waits = "settings that are kept"
        until(PATIENCE, "the line of the second change", lambda: len(self.lines_with(waits)) >= 1)
        self.assertEqual(len(self.lines_with(waits)), 1)

    def test_topics_of_coordinators_made_on_demand_have_their_own_shape(self):
        # With one partition, or with retention, they would lose what coordinators write.
        leader_of(self.connection, "__consumer_offsets", 49)
        for key, value in (("cleanup.policy", "compact"), ("segment.bytes", "104857600")):
            self.assertEqual(self.value_of(TOPIC, "__consumer_offsets", key), value)
        leader_of(self.connection, "__transaction_state", 49)
        self.assertEqual(self.value_of(TOPIC, "__transaction_state", "compression.type"), "uncompressed")
        leader_of(self.connection, "__share_group_state", 49)
        self.assertEqual(self.value_of(TOPIC, "__share_group_state", "retention.ms"), "-1")

    def test_what_was_refused_changes_nothing(self):
        answers = incremental_alter(self.connection, [(TOPIC, "topic", [("segment.ms", SET, "5"),
                                                                        ("retention.ms", SET, "10\n00")])])
        self.assertEqual(answers[0][2], INVALID_CONFIG)
        self.assertEqual(self.value_of(TOPIC, "topic", "segment.ms"), "604800000")


if __name__ == "__main__":
    unittest.main()
