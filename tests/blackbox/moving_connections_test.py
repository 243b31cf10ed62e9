"""Connections follow their partitions from core to core under load, and nobody notices: nothing is lost, doubled or
answered out of order, and a fetch session goes along.

Topics that are made one after the other live on different cores. A connection that turns from one of them to the next
must move, wherever it was accepted."""

import struct
import threading
import unittest

from harness import NodeTest, kafka_wire
from waiting import PATIENCE, until

FIRST_TOPIC, SECOND_TOPIC = 100, 700  # requests; whoever has moved once needs 256 of one mind to move again
BURST = 50  # sent at once, while the one before is not answered yet
PIECE = 997  # bytes of one send: no request begins or ends with it


def values_of(topic, count):
    return [f"{topic} {i}".encode() for i in range(count)]


class Writer(threading.Thread):
    """Writes to one topic and then to the other, without waiting for answers; each batch is one record of an idempotent
    producer and its sequence number is the offset it must get."""

    def __init__(self, node, topics):
        super().__init__(daemon=True)
        self.connection = node.connect()
        self.topics = topics
        self.port = self.connection.socket.getsockname()[1]
        self.wrong = []
        self.failure = None

    def run(self):
        try:
            self.write()
        except Exception as failure:  # pylint: disable=broad-except
            self.failure = failure

    def write(self):
        producer, epoch = self.connection.producer_id()
        plan = [(topic, sequence) for topic, count in zip(self.topics, (FIRST_TOPIC, SECOND_TOPIC))
                for sequence in range(count)]
        correlation = self.connection.correlation
        unanswered = []
        for begin in range(0, len(plan) + BURST, BURST):
            burst = plan[begin:begin + BURST]
            self.send(b"".join(self.request(producer, epoch, *place) for place in burst))
            for topic, sequence in unanswered:
                correlation += 1
                answer = self.connection.produced(correlation)
                if answer != (0, sequence):
                    self.wrong.append((topic, sequence, answer))
            unanswered = burst

    def request(self, producer, epoch, topic, sequence):
        value = f"{topic} {sequence}".encode()
        batch = kafka_wire.record_batch([value], producer=(producer, epoch, sequence))
        return self.connection.produce_frame(topic, 0, batch)

    def send(self, stream):
        for begin in range(0, len(stream), PIECE):
            self.connection.socket.sendall(stream[begin:begin + PIECE])


class MovingConnections(NodeTest):
    def node_of(self, cores):
        return self.dev("--override", f"highwater.cores={cores}", "--log-level", "debug")

    def make_topics(self, node, count):
        with node.connect() as control:
            topics = [f"topic{i}" for i in range(count)]
            for topic in topics:
                self.assertEqual(control.create_topic(topic, 1), 0)
                until(PATIENCE, f"{topic} being led", lambda name=topic: control.fetch(name, 0, 0, max_wait_ms=0)[0] == 0)
        return topics

    def wait_for_move(self, node, port):
        until(PATIENCE, f"the connection from port {port} moving",
              lambda: f"Connection of 127.0.0.1:{port} goes on on core" in node.output)

    def expect_all(self, node, topic, count):
        with node.connect() as reader:
            stored = b""
            offset = 0
            while offset < count:
                error, _, batches = kafka_wire.fetch_when_led(reader, topic, 0, offset)
                self.assertEqual(error, 0)
                self.assertTrue(batches)
                stored += batches
                while batches:
                    offset = struct.unpack_from(">q", batches)[0] + 1
                    batches = batches[12 + struct.unpack_from(">i", batches, 8)[0]:]
        at = -1
        for value in values_of(topic, count):
            at = stored.find(value + b"\0", at + 1)  # a record ends with its number of headers
            self.assertGreaterEqual(at, 0, value)

    def check_writers(self, cores):
        node = self.node_of(cores)
        topics = self.make_topics(node, 2 * cores)
        writers = [Writer(node, topics[i:i + 2]) for i in range(0, len(topics), 2)]
        for writer in writers:
            self.addCleanup(writer.connection.socket.close)
            writer.start()
        for writer in writers:
            writer.join(PATIENCE)
            self.assertFalse(writer.is_alive())
            self.assertIsNone(writer.failure)
            self.assertEqual(writer.wrong, [])
            self.wait_for_move(node, writer.port)
            for topic, count in zip(writer.topics, (FIRST_TOPIC, SECOND_TOPIC)):
                self.expect_all(node, topic, count)
        node.stop()

    def test_writers_on_two_cores(self):
        self.check_writers(2)

    def test_writers_on_four_cores(self):
        self.check_writers(4)

    def test_a_fetch_session_goes_along(self):
        node = self.node_of(2)
        one, other = self.make_topics(node, 2)
        with node.connect() as reader, node.connect() as writer:
            session = 0
            epoch = 0

            def fetch(wanted=(), forgotten=(), wait_ms=0):
                """Names of the topics that the answer tells of."""
                nonlocal session, epoch
                body = struct.pack(">iiiibii", -1, wait_ms, 1, 1 << 20, 0, session, epoch)
                body += struct.pack(">i", len(wanted))
                for topic in wanted:
                    body += kafka_wire.string(topic) + struct.pack(">iiqqi", 1, 0, 0, -1, 1 << 20)
                body += struct.pack(">i", len(forgotten))
                for topic in forgotten:
                    body += kafka_wire.string(topic) + struct.pack(">ii", 1, 0)
                answer = reader.call(1, 7, body)
                _, error, told = answer.take("ihi")
                self.assertEqual((error, told), (0, session or told))
                session = told
                epoch += 1
                return [answer.string() for _ in range(answer.take("i"))]

            fetch(wanted=[one])
            self.assertGreater(session, 0)
            for _ in range(FIRST_TOPIC):
                fetch()
            fetch(wanted=[other], forgotten=[one])
            for _ in range(SECOND_TOPIC):
                fetch()
            self.wait_for_move(node, reader.socket.getsockname()[1])
            self.assertEqual(writer.produce(other, 0, [b"news"])[0], 0)
            self.assertEqual(fetch(wait_ms=60_000), [other])
        node.stop()


if __name__ == "__main__":
    unittest.main()
