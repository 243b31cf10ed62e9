#!/usr/bin/env python3
"""Bad input for as long as one likes: batches that are answered with an error, bytes that close their connection, and
thousands of requests that are begun and not finished. The node has one CPU, the generator another, the client that must
not suffer a third where there is one.

flood_test.py BINARY FLOOD [--seconds 10] [--rate 52000] [--closing 1050] [--begun 10000] [--strict]
"""

import argparse
import json
import os
import resource
import socket
import struct
import subprocess
import sys
import tempfile
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "support"))

from servers import Highwater  # noqa: E402
from speech import Batch, Connection, create_topic, metadata, produce  # noqa: E402
from waiting import PATIENCE, until  # noqa: E402

MIB = 1 << 20
RESIDENT_GROWTH = 64 * MIB
P99_FACTOR = 2.0
SLOWEST_ANSWER = 10      # seconds; a client that is forgotten waits for ever
P99_BUSY_US = 20_000     # beside valid input: above it the machine is measured, not the node
P99_FLOOR_US = 1000      # below this a difference is the scheduler's, not the node's
LOG_LINES_PER_PEER = 1.2  # per second; the generator's visitors come from 16 addresses
PEERS = 16
SPARE_DESCRIPTORS = 500
ROUNDS = 4


def resident(pid):
    with open(f"/proc/{pid}/status", encoding="ascii") as status:
        return next(int(line.split()[1]) * 1024 for line in status if line.startswith("VmRSS:"))


def cpu_seconds(pid):
    with open(f"/proc/{pid}/stat", encoding="ascii") as stat:
        fields = stat.read().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


class Hostile:
    def __init__(self, node, server, arguments):
        self.port, self.pid, self.log_path = node.port, server.process.pid, server.log_path
        self.server, self.arguments = server, arguments
        cpus = sorted(os.sched_getaffinity(0))
        self.node_cpu, self.flood_cpu, self.probe_cpu = cpus[0], cpus[1 % len(cpus)], cpus[2 % len(cpus)]
        for task in os.listdir(f"/proc/{self.pid}/task"):
            os.sched_setaffinity(int(task), {self.node_cpu})
        self.failures = []

    def check(self, what, holds):
        print(f"{'ok  ' if holds else 'FAIL'} {what}", flush=True)
        if not holds:
            self.failures.append(what)

    def start(self, cpu, mode, **options):
        words = [f"{key}={value}" for key, value in options.items()]
        command = ["taskset", "-c", str(cpu), self.arguments.flood, mode, f"port={self.port}", *words]
        return subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)

    def result(self, process):
        out, err = process.communicate(timeout=self.arguments.seconds + 120)
        if process.returncode != 0:
            raise RuntimeError(f"{' '.join(process.args)}: {err.strip()}")
        return json.loads(out)

    def load(self, mode, seconds):
        """The flood's figures, the probe's, the node's greatest memory and its share of a CPU."""
        flood = self.start(self.flood_cpu, mode, topic="flooded", rate=self.arguments.rate,
                           closing=self.arguments.closing, seconds=seconds)
        probe = self.start(self.probe_cpu, "probe", topic="probed", rate=1000, seconds=seconds - 1)
        begun, before, most = time.monotonic(), cpu_seconds(self.pid), 0
        while probe.poll() is None:
            most = max(most, resident(self.pid))
            time.sleep(0.1)
        share = (cpu_seconds(self.pid) - before) / (time.monotonic() - begun)
        return self.result(flood), self.result(probe), most, share

    def log_lines(self):
        with open(self.log_path, "rb") as log:
            return log.read().count(b"\n")

    def flood(self):
        """A round that fails is repeated: what takes the CPU away in one does not do so in all of them, and the node would."""
        for left in reversed(range(1 if self.arguments.strict else ROUNDS)):
            problems = len(self.failures)
            self.flood_round()
            if left == 0 or len(self.failures) == problems:
                return
            print("--   once more", flush=True)
            del self.failures[problems:]

    def flood_round(self):
        valid_seconds = min(self.arguments.seconds, 20)
        valid, calm, base, valid_share = self.load("valid", valid_seconds)
        lines, begun = self.log_lines(), time.monotonic()
        bad, disturbed, most, share = self.load("refused", self.arguments.seconds)
        lines, took = self.log_lines() - lines, time.monotonic() - begun
        limit = max(calm["p99_us"] * P99_FACTOR, P99_FLOOR_US)
        print(f"valid {valid['answered_per_s']:.0f}/s and {valid['closed_per_s']:.0f} visitors/s: node {valid_share:.0%} of "
              f"a CPU, probe p50 {calm['p50_us']:.0f} us, p99 {calm['p99_us']:.0f} us", flush=True)
        print(f"bad   {bad['answered_per_s']:.0f}/s and {bad['closed_per_s']:.0f} closed/s for {bad['seconds']:.0f} s: node "
              f"{share:.0%} of a CPU, probe p50 {disturbed['p50_us']:.0f} us, p99 {disturbed['p99_us']:.0f} us", flush=True)
        # A generator that gets no CPU says nothing about the node: the same rate of valid input shows it.
        able = (valid["answered_per_s"] >= self.arguments.rate / 1.04 and
                valid["closed_per_s"] >= self.arguments.closing / 1.05) or self.arguments.strict
        for what, got, least in (("bad batches are answered", bad["answered_per_s"], self.arguments.rate / 1.04),
                                 ("bad connections are closed", bad["closed_per_s"], self.arguments.closing / 1.05)):
            if able:
                self.check(f"{what} at {got:.0f}/s, at least {least:.0f}", got >= least)
            else:
                print(f"--   {what} at {got:.0f}/s: not judged, the generator could not even send as much valid input", flush=True)
        p99 = f"p99 of the other client {disturbed['p99_us']:.0f} us"
        if calm["p99_us"] <= P99_BUSY_US or self.arguments.strict:
            self.check(f"{p99}, at most {limit:.0f} us", disturbed["p99_us"] <= limit)
        else:
            print(f"--   {p99}: not judged, it had to wait for its CPU also beside valid input", flush=True)
        self.check(f"memory grew by {(most - base) / MIB:.1f} MiB", most - base <= RESIDENT_GROWTH)
        self.check(f"{lines} log lines", lines <= LOG_LINES_PER_PEER * PEERS * (took + 10))

    def begun_requests(self):
        """Requests of 1 MiB of which 1 KiB comes: bounded memory, and who was there before is served."""
        hard = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
        resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
        count = min(self.arguments.begun, hard - SPARE_DESCRIPTORS)
        before = resident(self.pid)
        begun = struct.pack(">i", MIB) + bytes(1024)
        hostile = []
        slowest = 0.0
        with Connection(self.port) as old:
            for number in range(count):
                client = socket.socket()
                client.setsockopt(socket.IPPROTO_IP, 24, 1)  # IP_BIND_ADDRESS_NO_PORT
                client.bind((f"127.0.0.{2 + number % 8}", 0))
                client.connect(("127.0.0.1", self.port))
                client.sendall(begun)
                hostile.append(client)
                if number % 50 == 0:
                    asked = time.monotonic()
                    self.check_served(old)
                    slowest = max(slowest, time.monotonic() - asked)
            grown = resident(self.pid) - before
            self.check_served(old)
        for client in hostile:
            client.close()
        self.check(f"{count} requests of 1 MiB begun with 1 KiB: {grown / MIB:.1f} MiB, {grown / count / 1024:.1f} KiB each",
                   grown / count <= 16 << 10)
        self.check(f"an old client was served meanwhile, slowest answer {slowest * 1000:.1f} ms", slowest < SLOWEST_ANSWER)

    def check_served(self, connection):
        if metadata(connection, ["probed"]) != {"probed": 0}:
            self.check("an old client is served", False)


def prepare(port):
    with Connection(port) as connection:
        for name in ("flooded", "probed"):
            error = create_topic(connection, name)
            assert error == 0, f"topic {name}: error {error}"
        until(PATIENCE, "the topics taking records",
              lambda: all(produce(connection, name, Batch().bytes()) == 0 for name in ("flooded", "probed")))


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("binary")
    parser.add_argument("flood")
    parser.add_argument("--seconds", type=float, default=10)
    parser.add_argument("--rate", type=int, default=52_000)
    parser.add_argument("--closing", type=int, default=1_050)
    parser.add_argument("--begun", type=int, default=10_000)
    parser.add_argument("--strict", action="store_true", help="fail also when the generator could not keep its rates")
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="highwater-flood-") as folder:
        node = Highwater(arguments.binary, folder, {"highwater.cores": "1", "log.durability": "page-cache"})
        node.format()
        server = node.start()
        try:
            prepare(node.port)
            hostile = Hostile(node, server, arguments)
            hostile.flood()
            hostile.begun_requests()
            hostile.check("the node is alive", server.process.poll() is None)
            status = server.stop()
            hostile.check(f"it stops with status {status}", status == 0)
        finally:
            server.kill()
    return 1 if hostile.failures else 0


if __name__ == "__main__":
    sys.exit(main())
