"""Two log directories of a real node: records are deleted, logs move, batches are compressed anew, a directory fails."""

import glob
import os
import signal
import struct
import unittest

from harness import NodeTest
from kafka_wire import produce_when_led, record_batch, string
from waiting import PATIENCE, until

NONE, OUT_OF_RANGE, STORAGE_ERROR, DIRECTORY_NOT_FOUND = 0, 1, 56, 57
# What a Fetch of an old version hears instead of KAFKA_STORAGE_ERROR.
OLD_STORAGE_ERROR = 6


def delete_records(client, topic, partition, before):
    """(error, where the log begins)."""
    body = struct.pack(">i", 1) + string(topic) + struct.pack(">iiq", 1, partition, before) + struct.pack(">i", 60_000)
    answer = client.call(21, 1, body)
    answer.take("ii"), answer.string(), answer.take("i")
    _, log_start, error = answer.take("iqh")
    return error, log_start


def move(client, topic, partition, directory):
    body = struct.pack(">i", 1) + string(directory) + struct.pack(">i", 1) + string(topic) + struct.pack(">ii", 1, partition)
    answer = client.call(34, 1, body)
    answer.take("ii"), answer.string(), answer.take("i")
    return answer.take("ih")[1]


def describe_directories(client):
    """{directory: (error, {(topic, partition): bytes})}; copies under way are left out."""
    answer = client.call(35, 1, struct.pack(">i", -1))
    answer.take("i")
    found = {}
    for _ in range(answer.take("i")):
        error, directory, logs = answer.take("h"), answer.string(), {}
        for _ in range(answer.take("i")):
            topic = answer.string()
            for _ in range(answer.take("i")):
                index, size, _, is_copy = answer.take("iqqb")
                if not is_copy:
                    logs[topic, index] = size
        found[directory] = (error, logs)
    return found


class LogDirectories(NodeTest):
    def setUp(self):
        super().setUp()
        self.places = [os.path.join(self.data, name) for name in ("one", "two")]
        self.properties = self.config(log_dirs=",".join(self.places), metadata_log_dir=os.path.join(self.data, "metadata"))
        self.format(self.properties)
        self.node = self.server(self.properties)

    def restart(self, number):
        self.node.stop(number)
        self.node = self.server(self.properties)

    def place_of(self, topic, partition):
        found = [place for place in self.places if os.path.isdir(os.path.join(place, f"{topic}-{partition}"))]
        return found[0] if len(found) == 1 else None

    def test_deleted_records_stay_deleted_after_a_kill(self):
        with self.node.connect() as client:
            client.create_topic("plain", 1)
            for value in (b"a", b"b", b"c"):
                produce_when_led(client, "plain", 0, [value])
            self.assertEqual(delete_records(client, "plain", 0, 4), (OUT_OF_RANGE, -1))
            self.assertEqual(delete_records(client, "plain", 0, 2), (NONE, 2))
        self.restart(signal.SIGKILL)
        with self.node.connect() as client:
            until(PATIENCE, "the log being open", lambda: client.fetch("plain", 0, 2, 0)[0] == NONE)
            self.assertEqual(client.fetch("plain", 0, 1, 0)[0], OUT_OF_RANGE)
            self.assertEqual(delete_records(client, "plain", 0, -1), (NONE, 3))
            self.assertEqual(client.produce("plain", 0, [b"d"]), (NONE, 3))

    def test_a_log_moves_with_its_records_and_is_found_there_again(self):
        with self.node.connect() as client:
            client.create_topic("plain", 1)
            for _ in range(20):
                produce_when_led(client, "plain", 0, [b"x" * 1000])
            self.assertEqual(move(client, "plain", 0, "/nowhere"), DIRECTORY_NOT_FOUND)
            before = self.place_of("plain", 0)
            after = self.places[1 - self.places.index(before)]
            self.assertEqual(move(client, "plain", 0, before), NONE)
            self.assertEqual(move(client, "plain", 0, after), NONE)
            until(PATIENCE, "the log being moved", lambda: self.place_of("plain", 0) == after)
            until(PATIENCE, "the log being open", lambda: client.fetch("plain", 0, 0, 0)[0] == NONE)
            self.assertEqual(produce_when_led(client, "plain", 0, [b"next"]), (NONE, 20))
            size = describe_directories(client)[after][1]["plain", 0]
        for number in (signal.SIGKILL, signal.SIGTERM):
            self.restart(number)
            with self.node.connect() as client:
                until(PATIENCE, "the log being open", lambda: client.fetch("plain", 0, 20, 0)[0] == NONE)
                self.assertEqual(client.fetch("plain", 0, 0, 0)[1], 21)
                self.assertEqual(describe_directories(client)[after][1], {("plain", 0): size})
        self.assertEqual(glob.glob(os.path.join(self.data, "*", "*-future")), [])

    def test_a_directory_is_called_by_its_path_without_what_the_file_adds(self):
        first, second = self.places
        self.node.stop()
        self.node = self.server(self.properties, "--override", f"log.dirs={first}//,{os.path.dirname(second)}//two/")
        with self.node.connect() as client:
            client.create_topic("called", 1)
            produce_when_led(client, "called", 0, [b"a"])
            self.assertEqual(sorted(describe_directories(client)), [first, second])
            place = self.place_of("called", 0)
            self.assertEqual(move(client, "called", 0, place), NONE)
            self.assertEqual(move(client, "called", 0, place + "/"), DIRECTORY_NOT_FOUND)

    def test_a_directory_that_fails_takes_its_logs_along_and_no_others(self):
        with self.node.connect() as client:
            client.create_topic("spread", 8)
            for partition in range(8):
                produce_when_led(client, "spread", partition, [b"x"])
            lost = [partition for partition in range(8) if self.place_of("spread", partition) == self.places[1]]
            self.assertTrue(0 < len(lost) < 8)
            os.rename(self.places[1], self.places[1] + ".gone")
            with open(self.places[1], "w", encoding="utf-8"):
                pass
            client.create_topic("later", 8)
            until(PATIENCE, "the directory being offline", lambda: describe_directories(client)[self.places[1]][0] == STORAGE_ERROR)
            wanted = [OLD_STORAGE_ERROR if partition in lost else NONE for partition in range(8)]
            until(PATIENCE, "its partitions alone being closed",
                  lambda: [client.fetch("spread", partition, 0, 0)[0] for partition in range(8)] == wanted)

            def leaderless():
                partitions = client.metadata(["spread"], create=False)[1]["spread"][1]
                return sorted(index for index, (_, leader) in partitions.items() if leader < 0)

            until(PATIENCE, "the controller knowing it", lambda: leaderless() == lost)

    def test_a_log_damaged_below_its_recovery_point_is_refused_alone_and_left_as_it_is(self):
        with self.node.connect() as client:
            client.create_topic("spread", 4)
            for partition in range(4):
                for _ in range(10):
                    produce_when_led(client, "spread", partition, [b"x" * 1000])
        self.node.stop(signal.SIGTERM)
        place = self.place_of("spread", 0)
        marker = os.path.join(place, ".kafka_cleanshutdown")
        os.remove(marker)
        path = os.path.join(place, "spread-0", "00000000000000000000.log")
        with open(path, "r+b") as file:
            position = os.path.getsize(path) // 10 * 5
            file.seek(position + 500)
            file.write(b"y")

        def files():
            return {name: content for name, content in self.tree().items() if os.sep + "spread-0" + os.sep in name}

        before = files()
        for start in range(2):
            self.node = self.server(self.properties)
            with self.node.connect() as client:
                for partition in range(1, 4):
                    self.assertEqual(produce_when_led(client, "spread", partition, [b"next"]), (NONE, 10 + start))
                until(PATIENCE, "the damage being told", lambda: client.produce("spread", 0, [b"next"])[0] == STORAGE_ERROR)
                self.assertEqual(client.fetch("spread", 0, 0, 0)[0], OLD_STORAGE_ERROR)
                self.assertEqual([error for error, _ in describe_directories(client).values()], [NONE, NONE])
            errors = [line for line in self.node.output.splitlines() if " ERROR " in line]
            self.assertEqual(len(errors), 1, errors)
            for words in (path, f"at byte {position} (wrong checksum)", "offset 5"):
                self.assertIn(words, errors[0])
            self.node.stop(signal.SIGTERM)
            self.assertEqual(files(), before)
            self.assertFalse(os.path.exists(marker))


class Recompression(NodeTest):
    def test_a_topic_stores_the_codec_that_it_asks_for_in_the_order_of_the_appends(self):
        node = self.dev()
        with node.connect() as client:
            body = struct.pack(">i", 1) + string("packed") + struct.pack(">ihi", 1, 1, 0)
            body += struct.pack(">i", 1) + string("compression.type") + string("zstd") + struct.pack(">ib", 60_000, 0)
            client.call(19, 2, body)
            produce_when_led(client, "packed", 0, [b"first"])
            for number in range(20):
                batch = record_batch([b"%d:" % number + b"z" * (900_000 if number % 2 else 10)])
                body = string(None) + struct.pack(">hii", -1, 60_000, 1) + string("packed")
                body += struct.pack(">iii", 1, 0, len(batch)) + batch
                client.send(0, 3, body)
            answers = []
            for _ in range(20):
                answer = client.read(struct.unpack(">i", client.read(4))[0])
                answers.append(struct.unpack(">hq", answer[4 + 4 + 2 + 6 + 8 :][:10]))
            self.assertEqual(answers, [(NONE, offset) for offset in range(1, 21)])
            _, watermark, batches = client.fetch("packed", 0, 0)
            self.assertEqual(watermark, 21)
            self.assertLess(len(batches), 20_000)
            position, codecs = 0, set()
            while position < len(batches):
                codecs.add(batches[position + 22] & 7)
                position += 12 + struct.unpack(">i", batches[position + 8 : position + 12])[0]
            self.assertEqual(codecs, {4})


if __name__ == "__main__":
    unittest.main(verbosity=2)
