#!/usr/bin/env python3
"""Apache's own tools against both nodes: stdout, stderr and exit status of every line of tool_lines.py must be equal.

tools.py --binary PATH --jars DIR --classes DIR [--only WORD]. One virtual machine per side runs all lines in order."""

import argparse
import base64
import difflib
import glob
import os
import shlex
import shutil
import struct
import subprocess
import sys
import tempfile
import threading
import time

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path[:0] = [HERE, os.path.join(os.path.dirname(HERE), "support")]

import tool_lines  # noqa: E402
import tool_wanted  # noqa: E402
from tool_normal import normal  # noqa: E402
from kafka_wire import Connection, crc32c, leader_of, record_batch, settle  # noqa: E402
from servers import Server, free_port, write_config  # noqa: E402
from waiting import PATIENCE, until  # noqa: E402

CLUSTER_ID = "dG9vbHMtb2YtQXBhY2hlLQ"
# No retention: the records are of 2020, so that times in answers say who wrote them.
SETTINGS = {"log.retention.ms": "-1", "log.cleaner.enable": "false", "num.partitions": "1"}
# Each core takes blocks of producer ids, and the metadata log tells each block.
OWN_SETTINGS = {"highwater.cores": "1"}
BASE_TIME = 1_600_000_000_000
CHANGES = ("--create", "--alter", "--delete", "--execute", "--offset-json-file")
LINE_SECONDS = PATIENCE


class Runner:
    """Tools of java/Tools.java: one line in, one answer out."""

    def __init__(self, jars, classes):
        log4j = os.path.join(os.path.dirname(HERE), "support", "apache", "tools-log4j2.yaml")
        self.process = subprocess.Popen(
            ["java", "-Xmx768m", "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1", "-Djava.security.manager=allow",
             f"-Dlog4j2.configurationFile={log4j}", "-cp", f"{classes}:{jars}/*", "Tools"],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)

    def run(self, name, arguments):
        """(status, stdout, stderr)."""
        words = [tool_lines.CLASSES[name], *arguments]
        self.process.stdin.write(" ".join(base64.b64encode(word.encode()).decode() for word in words) + "\n")
        self.process.stdin.flush()
        watchdog = threading.Timer(LINE_SECONDS, self.process.kill)
        watchdog.start()
        answer = self.process.stdout.readline()
        watchdog.cancel()
        if not answer:
            raise RuntimeError(f"the virtual machine of the tools ended, or was ended after {LINE_SECONDS} s, at {name} {arguments}")
        status, out, err = answer.rstrip("\n").split(" ")
        return int(status), base64.b64decode(out).decode(), base64.b64decode(err).decode()

    def close(self):
        self.process.stdin.close()
        try:
            self.process.wait(10)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()


class Side:
    """One node, the runner beside it, and what it answered."""

    def __init__(self, name, folder, options):
        self.name, self.options = name, options
        self.folder = os.path.join(folder, name)
        self.data = os.path.join(self.folder, "data")
        self.files = os.path.join(folder, "files")
        self.config = os.path.join(self.folder, "server.properties")
        os.makedirs(self.folder)
        self.port, self.controller_port = free_port(), free_port()
        own = {} if name == "apache" else OWN_SETTINGS
        write_config(self.config, [self.data], self.port, self.controller_port, SETTINGS | own)
        self.runner = Runner(options.jars, options.classes)
        self.server = None
        self.places = {"b": f"127.0.0.1:{self.port}", "c": f"127.0.0.1:{self.controller_port}", "data": self.data,
                       "files": self.files}
        self.names = {self.data: "DATA", self.folder: "FOLDER", self.files: "FILES", str(self.port): "PORT",
                      str(self.controller_port): "CPORT"}
        self.answers = []  # (line, what came), in order
        self.storage_ends = []
        self.progress = open(os.path.join(self.folder, "progress"), "w", encoding="utf-8")

    def start(self):
        arguments = ["format", "-t", CLUSTER_ID, "-c", self.config, "--standalone"]
        if self.name == "apache":
            status, _, err = self.runner.run("kafka-storage", arguments)
            if status != 0:
                raise RuntimeError(f"kafka-storage: {err}")
            log4j = os.path.join(os.path.dirname(HERE), "support", "apache", "log4j2.yaml")
            command = ["java", "-Xmx768m", "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1", f"-Dlog4j2.configurationFile={log4j}",
                       "-cp", f"{self.options.jars}/*", "kafka.Kafka", self.config]
        else:
            binary = os.path.abspath(self.options.binary)
            subprocess.run([binary, *arguments], check=True, capture_output=True)
            command = [binary, "server", self.config]
        self.server = Server(command, self.port, os.path.join(self.folder, "log"), 120)
        until(PATIENCE, f"{self.name} knowing its broker", self.has_broker)

    def has_broker(self):
        try:
            with Connection(self.port) as connection:
                return len(connection.metadata([])[0]) == 1
        except OSError:
            return False

    def settle(self):
        """A change is applied a moment after it is acknowledged."""
        if self.server.process.poll() is None:
            with Connection(self.port) as connection:
                settle(connection)

    def run(self, lines):
        for line in lines:
            ordered = not line.startswith("*")
            name, *arguments = shlex.split(line.lstrip("*").format(**self.places))
            begun = time.monotonic()
            status, out, err = self.runner.run(name, arguments)
            print(f"{time.monotonic() - begun:.2f} {status} {line}", file=self.progress, flush=True)
            if any(word in CHANGES for word in arguments):
                self.settle()
            out, err = (normal(line, text, self.names) for text in (out, err))
            self.answers.append((line, (status, out if ordered else sorted(out), err if ordered else sorted(err))))

    def run_storage(self):
        """Exit statuses of kafka-storage: Apache's, or the link beside our program."""
        config = os.path.join(self.folder, "storage.properties")
        write_config(config, [os.path.join(self.folder, "storage")], self.port, self.controller_port)
        link = os.path.join(os.path.dirname(os.path.abspath(self.options.binary)), "kafka-storage")
        for line in lines_of(tool_lines.STORAGE):
            name, *arguments = shlex.split(line.format(s=config))
            if self.name == "apache":
                status = self.runner.run(name, arguments)[0]
            else:
                status = subprocess.run([link, *arguments], capture_output=True, timeout=LINE_SECONDS).returncode
            self.storage_ends.append((line, status))

    def write_records(self):
        """The same bytes in both nodes, two producers, several segments."""
        with Connection(self.port) as connection:
            for topic in ("first", "rolled"):
                leader_of(connection, topic)
            producer, epoch = until(PATIENCE, "having a producer id", lambda: init_producer(connection))
            for count in range(6):
                values = [f"value {count}.{number}".encode() for number in range(count + 1)]
                self.produce(connection, "first", 0, record_batch(values, BASE_TIME + count))
            sequence = 0
            for count in range(1, 4):
                values = [f"idempotent {count}.{number}".encode() for number in range(count)]
                self.produce(connection, "first", 1, of_producer(record_batch(values, BASE_TIME + 10 * count), producer, epoch, sequence))
                sequence += count
            for count in range(16):
                self.produce(connection, "rolled", 0, record_batch([b"x" * 100_000], BASE_TIME + 100 + count))

    @staticmethod
    def produce(connection, topic, partition, batch):
        error, _ = connection.produce_batch(topic, partition, batch)
        if error:
            raise RuntimeError(f"producing to {topic}-{partition} answered {error}")

    def check_init(self, fate):
        """`highwater init` tells `fate` of the directory, and changes nothing."""
        command = [os.path.abspath(self.options.binary), "init", "--from", self.config]
        told = subprocess.run(command, capture_output=True, text=True, timeout=60)
        if told.returncode != 0 or not any(line.startswith(f"  {fate}") for line in told.stdout.split("\n")):
            raise RuntimeError(f"highwater init does not tell that the directory is '{fate}': {told.stdout}{told.stderr}")

    def stop(self):
        self.check_init("in use")
        status = self.server.stop()
        self.check_init("opens")
        print(f"the node ended with {status}", file=self.progress, flush=True)
        if self.name == "highwater" and status != 0:
            raise RuntimeError(f"{self.name} ended with {status}")
        segments = sorted(glob.glob(f"{self.data}/rolled-0/*.log"))
        snapshots = sorted(glob.glob(f"{self.data}/first-1/*.snapshot"))
        self.places["rolled"] = os.path.basename(segments[-1])[:20]
        self.places["first"] = os.path.basename(snapshots[-1])[:20] if snapshots else "none"

    def close(self):
        if self.server:
            self.server.kill()
        self.runner.close()
        self.progress.close()


def init_producer(connection):
    """(id, epoch), or None while the node has no block of ids yet."""
    answer = connection.call(22, 0, struct.pack(">hi", -1, 60_000))
    answer.take("i")
    error, producer, epoch = answer.take("hqh")
    return None if error else (producer, epoch)


def of_producer(batch, producer, epoch, sequence):
    """The batch as an idempotent producer's."""
    tail = bytearray(batch[21:])
    tail[22:36] = struct.pack(">qhi", producer, epoch, sequence)
    return batch[:17] + struct.pack(">I", crc32c(bytes(tail))) + bytes(tail)


def at_once(sides, work):
    problems = []

    def guarded(side):
        try:
            work(side)
        except (RuntimeError, OSError, ValueError, AssertionError, subprocess.SubprocessError) as problem:
            problems.append(f"{side.name}: {problem}")
            print(problems[-1], file=side.progress, flush=True)

    threads = [threading.Thread(target=guarded, args=(side,)) for side in sides]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    if problems:
        raise RuntimeError("; ".join(problems))


def lines_of(text):
    return [line for line in text.strip().split("\n") if line]


def play(side):
    side.start()
    side.run(lines_of(tool_lines.TOPICS))
    side.run(lines_of(tool_lines.CONFIGS))
    side.write_records()
    side.run(lines_of(tool_lines.OFFSETS))
    side.run(lines_of(tool_lines.CLUSTER))
    side.stop()
    side.run(lines_of(tool_lines.OFFLINE))
    side.run_storage()


def compare(theirs, ours, out):
    """(lines, lines that differ, how many are equal but for each exception)."""
    different, excepted = [], {}
    for (line, left), (_, right) in zip(theirs.answers, ours.answers, strict=True):
        if left == right:
            continue
        reason, left, right = tool_wanted.without_wanted(line, left, right)
        if left == right:
            excepted[reason] = excepted.get(reason, 0) + 1
            continue
        different.append(line)
        print(f"--- {line}\n  Apache ends with {left[0]}, Highwater with {right[0]}", file=out)
        for name, one, other in (("stdout", left[1], right[1]), ("stderr", left[2], right[2])):
            for changed in list(difflib.unified_diff(one, other, f"{name} Apache", f"{name} Highwater", lineterm="", n=1))[:40]:
                print(f"    {changed[:600]}", file=out)
    for reason, count in excepted.items():
        print(f"{count} lines equal but for: {reason}", file=out)
    return len(theirs.answers), different, excepted


def run(binary, jars, classes, folder, out):
    """What `interop.py` calls: how many lines were equal; RuntimeError when one was not."""
    options = argparse.Namespace(binary=binary, jars=jars, classes=classes)
    files = os.path.join(folder, "files")
    os.makedirs(files)
    for name, content in tool_lines.FILES.items():
        with open(os.path.join(files, name), "w", encoding="utf-8") as file:
            file.write(content)
    sides = []
    try:
        for name in ("apache", "highwater"):
            sides.append(Side(name, folder, options))
        at_once(sides, play)
    finally:
        for side in sides:
            side.close()
    lines, different, excepted = compare(*sides, out)
    unsupported = tool_wanted.told_unsupported(sides[1].answers) - tool_wanted.told_unsupported(sides[0].answers)
    if unsupported != set(tool_wanted.MISSING):
        raise RuntimeError(f"tool_wanted.MISSING is not what Highwater lacks: {sorted(unsupported ^ set(tool_wanted.MISSING))}")
    if unequal := [both for both in zip(*(side.storage_ends for side in sides), strict=True) if both[0] != both[1]]:
        raise RuntimeError(f"kafka-storage ends differently: {unequal}")
    print(f"{len(sides[0].storage_ends)} command lines of kafka-storage end with equal statuses", file=out)
    if different:
        raise RuntimeError(f"{len(different)} of {lines} command lines of Apache's tools answered differently: {different[:5]}")
    return lines, excepted


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--binary", required=True)
    parser.add_argument("--jars", required=True)
    parser.add_argument("--classes", required=True)
    options = parser.parse_args()
    folder = tempfile.mkdtemp(prefix="highwater-tools-")
    begun = time.monotonic()
    try:
        lines, excepted = run(options.binary, options.jars, options.classes, folder, sys.stdout)
    except RuntimeError as problem:
        print(problem)
        return 1
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    print(f"{lines} command lines of Apache's tools equal, {len(excepted)} exceptions, {time.monotonic() - begun:.0f} s")
    return 0


if __name__ == "__main__":
    sys.exit(main())
