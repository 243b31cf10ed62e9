"""Highwater beside Apache Kafka: the same machine, the same client, the same requests, in one run.

The broker runs on CPU 0, the client on CPU 1. Both servers stand at the same time and are loaded one after the other,
in ABBA order, so that neither always meets a warmer machine; figures are medians over the windows of one server.
Broker CPU is the scheduler's own count (/proc/PID/task/*/schedstat). What the kernel writes back later on its own
threads is not in it, for either server. Two durability classes are never mixed: `page-cache` (Apache's default beside
log.durability=page-cache) and `fsync` (flush after each message beside log.durability=fsync).
"""

import argparse
import glob
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "tests", "support"))
from servers import Server, format_directories, free_port, write_config  # noqa: E402

BROKER_CPU, CLIENT_CPU = "0", "1"
PRODUCE_64K = {"name": "produce 64 KiB, window 16", "mode": "produce", "bytes": 65536, "window": 16}
PRODUCE_900 = {"name": "produce 900 B, window 64", "mode": "produce", "bytes": 900, "window": 64}
FETCH_1M = {"name": "fetch 1 MiB, window 2", "mode": "fetch", "bytes": 1 << 20, "window": 2}
CLASSES = {"page-cache": [PRODUCE_64K, PRODUCE_900, FETCH_1M], "fsync": [PRODUCE_64K, PRODUCE_900]}
# The two figures that gate: in page-cache mode neither may be below Apache's.
GATED = [("page-cache", PRODUCE_64K["name"]), ("page-cache", PRODUCE_900["name"])]
KEPT_TOPIC = "kept-for-fetch"


class Broker:
    """One server process in one durability class, with a directory of its own."""

    def __init__(self, name, folder, durability, rawgen):
        self.name, self.folder, self.durability, self.rawgen = name, folder, durability, rawgen
        self.port, self.controller_port = free_port(), free_port()
        self.config = os.path.join(folder, "server.properties")
        self.topics = 0
        os.makedirs(folder)
        # A deleted topic's bytes must be gone before the next window, not a minute later.
        write_config(self.config, [os.path.join(folder, "data")], self.port, self.controller_port,
                     {"log.segment.delete.delay.ms": "500", **self.settings()})
        self.format()
        began = time.monotonic()
        self.server = Server(["taskset", "-c", BROKER_CPU] + self.command(), self.port, os.path.join(folder, "log"), 60)
        self.pid = self.server.process.pid
        self.listens_after = time.monotonic() - began

    def stop(self):
        self.server.stop()

    def memory(self, field):
        with open(f"/proc/{self.pid}/status", encoding="ascii") as status:
            return next(int(line.split()[1]) / 1024 for line in status if line.startswith(field))

    def cpu_ns(self):
        total = 0
        for path in glob.glob(f"/proc/{self.pid}/task/*/schedstat"):
            try:
                with open(path, encoding="ascii") as file:
                    total += int(file.read().split()[0])
            except OSError:
                pass  # that thread has just ended
        return total

    def load(self, mode, topic, seconds, **options):
        words = [f"{key}={value}" for key, value in options.items()]
        command = ["taskset", "-c", CLIENT_CPU, self.rawgen, mode, f"port={self.port}", f"topic={topic}",
                   f"seconds={seconds}"] + words
        ended = subprocess.run(command, capture_output=True, text=True, timeout=seconds + 180)
        if ended.returncode != 0:
            raise RuntimeError(f"{self.name}: {ended.stderr.strip()}")
        return json.loads(ended.stdout) if ended.stdout else {}

    def measure(self, work, seconds):
        if work["mode"] == "fetch":
            topic = KEPT_TOPIC
        else:
            self.topics += 1
            topic = f"bench-{self.topics}"
        before = self.cpu_ns()
        result = self.load(work["mode"], topic, seconds, bytes=work["bytes"], window=work["window"])
        result["cpu_ns"] = self.cpu_ns() - before
        result["rss_mib"] = self.memory("VmRSS")
        if topic != KEPT_TOPIC:
            self.load("delete", topic, 0)
        return result

    def warm_up(self, seconds, works):
        """Every kind of request, over and over: a JIT compiler needs the time, the page cache the second pass."""
        end = time.monotonic() + seconds
        self.load("produce", KEPT_TOPIC, 2, bytes=65536, window=16)
        while time.monotonic() < end:
            for work in works:
                self.measure(work, min(3, max(0.5, seconds / len(works))))


class Highwater(Broker):
    def __init__(self, binaries, *rest):
        self.binary = os.path.join(binaries, "highwater")
        super().__init__("Highwater", *rest)

    def settings(self):
        return {"log.durability": self.durability, "highwater.cores": "1"}

    def format(self):
        format_directories(self.binary, self.config)

    def command(self):
        return [self.binary, "server", self.config]


class Apache(Broker):
    def __init__(self, jars, *rest):
        log4j = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "tests", "support", "apache", "log4j2.yaml")
        # What bin/kafka-server-start.sh gives it.
        self.java = ["java", "-Xms1g", "-Xmx1g", "-server", "-XX:+UseG1GC", "-XX:MaxGCPauseMillis=20",
                     "-XX:InitiatingHeapOccupancyPercent=35", "-XX:+ExplicitGCInvokesConcurrent",
                     "-Djava.awt.headless=true", f"-Dlog4j2.configurationFile={log4j}", "-cp", f"{jars}/*"]
        super().__init__("Apache", *rest)

    def settings(self):
        return {"log.flush.interval.messages": "1"} if self.durability == "fsync" else {}

    def format(self):
        subprocess.run(self.java + ["kafka.tools.StorageTool", "format", "-t", "AAAAAAAAAAAAAAAAAAAAAQ", "--standalone",
                                    "-c", self.config], check=True, capture_output=True)

    def command(self):
        return self.java + ["kafka.Kafka", self.config]


def median_of(windows):
    middle = lambda value: statistics.median(value(w) for w in windows)
    return {
        "mb_per_s": middle(lambda w: w["mb_per_s"]),
        "requests_per_s": middle(lambda w: w["requests_per_s"]),
        "ns_per_kib": middle(lambda w: w["cpu_ns"] / (w["bytes"] / 1024)),
        "us_per_request": middle(lambda w: w["cpu_ns"] / 1e3 / w["requests"]),
        "p50_us": middle(lambda w: w["p50_us"]),
        "p99_us": middle(lambda w: w["p99_us"]),
        "client_cpu": middle(lambda w: w["client_cpu_s"] / w["seconds"] * 100),
        "rss_mib": max(w["rss_mib"] for w in windows),
    }


HEAD = f"{'':26}{'MB/s':>9}{'req/s':>10}{'CPU ns/KiB':>12}{'CPU us/req':>12}{'p50 us':>10}{'p99 us':>10}{'client %':>10}{'RSS MiB':>9}"


def print_row(name, m):
    print(f"  {name:24}{m['mb_per_s']:9.0f}{m['requests_per_s']:10.0f}{m['ns_per_kib']:12.0f}{m['us_per_request']:12.2f}"
          f"{m['p50_us']:10.0f}{m['p99_us']:10.0f}{m['client_cpu']:10.0f}{m['rss_mib']:9.0f}", flush=True)


def print_ratio(ours, theirs):
    print(f"  {'Highwater : Apache':24}{ours['mb_per_s'] / theirs['mb_per_s']:8.2f}x"
          f"{ours['requests_per_s'] / theirs['requests_per_s']:9.2f}x{ours['ns_per_kib'] / theirs['ns_per_kib']:11.3f}x"
          f"{ours['us_per_request'] / theirs['us_per_request']:11.3f}x{ours['p50_us'] / theirs['p50_us']:9.2f}x"
          f"{ours['p99_us'] / theirs['p99_us']:9.2f}x{'':10}{ours['rss_mib'] / theirs['rss_mib']:8.2f}x", flush=True)


def run_class(durability, brokers, arguments):
    works = [w for w in CLASSES[durability] if arguments.only in w["name"]]
    for broker in brokers:
        # Native code needs no JIT; it gets the same kinds of requests for a shorter time.
        broker.warm_up(arguments.warm if broker.name == "Apache" else min(6, arguments.warm), works)
    ratios = {}
    for work in works:
        windows = {broker.name: [] for broker in brokers}
        for _ in range(arguments.rounds):
            for broker in brokers + brokers[::-1]:
                windows[broker.name].append(broker.measure(work, arguments.seconds))
        print(f"\n{durability}: {work['name']}\n{HEAD}")
        medians = {name: median_of(of_one) for name, of_one in windows.items()}
        for name, of_one in medians.items():
            print_row(name, of_one)
        if len(brokers) == 2:
            print_ratio(medians["Highwater"], medians["Apache"])
            ratios[durability, work["name"]] = medians["Highwater"]["requests_per_s"] / medians["Apache"]["requests_per_s"]
    return ratios


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--bin", required=True)
    parser.add_argument("--jars", default="")
    parser.add_argument("--seconds", type=float, default=5)
    parser.add_argument("--rounds", type=int, default=2, help="each is one ABBA: two windows of each server")
    parser.add_argument("--warm", type=float, default=25, help="seconds of load before Apache is measured")
    parser.add_argument("--only", default="", help="only the workloads whose name contains this")
    arguments = parser.parse_args()
    if len(os.sched_getaffinity(0)) < 2:
        print("NOT RUN: broker and client need a CPU each")
        return 0
    rawgen = os.path.join(arguments.bin, "rawgen")
    print(f"broker on CPU {BROKER_CPU}, client on CPU {CLIENT_CPU}, {arguments.rounds * 2} windows of {arguments.seconds:g} s each, "
          f"acks=all, one partition")
    ratios = {}
    for durability in CLASSES:
        with tempfile.TemporaryDirectory(prefix="highwater-bench-") as folder:
            brokers = []
            try:
                brokers.append(Highwater(arguments.bin, os.path.join(folder, "highwater"), durability, rawgen))
                if arguments.jars:
                    brokers.append(Apache(arguments.jars, os.path.join(folder, "apache"), durability, rawgen))
                print("\n" + ", ".join(f"{b.name}: listens after {b.listens_after * 1e3:.0f} ms, RSS {b.memory('VmRSS'):.0f} MiB"
                                       for b in brokers))
                ratios.update(run_class(durability, brokers, arguments))
                print("\n" + ", ".join(f"{b.name}: highest RSS {b.memory('VmHWM'):.0f} MiB" for b in brokers), flush=True)
            finally:
                for broker in brokers:
                    broker.stop()
    if not arguments.jars:
        print("\nNOT RUN: the comparison with Apache Kafka")
        return 0
    slower = [(gate, ratios[gate]) for gate in GATED if ratios.get(gate, 1) < 1]
    for (durability, name), ratio in slower:
        print(f"\nTOO SLOW: {durability}, {name}: {ratio:.2f} of Apache's throughput")
    return 1 if slower else 0


if __name__ == "__main__":
    sys.exit(main())
