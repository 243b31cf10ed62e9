"""The servers that are measured, each one process with a directory of its own, pinned to the broker's CPUs.

A window of load is short and deletes what it wrote, and the next one waits until that is gone: the page cache then finds
memory that was used a moment ago. Memory that a hypervisor has taken back costs ten times as much as the copy, and
whoever meets it would pay for it."""

import glob
import json
import os
import subprocess
import sys
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "tests", "support"))
from servers import Server, format_directories, free_port, write_config  # noqa: E402

BROKER_CPU, CLIENT_CPU = "0", "1"
KEPT_TOPIC = "kept-for-fetch"
WINDOW_SECONDS = 1.0


def thread_cpu_ns(pid):
    """The scheduler's own count, by thread id."""
    counts = {}
    for path in glob.glob(f"/proc/{pid}/task/*/schedstat"):
        try:
            with open(path, encoding="ascii") as file:
                counts[int(path.split("/")[-2])] = int(file.read().split()[0])
        except OSError:
            pass  # that thread has just ended
    return counts


class Broker:
    """One server process in one durability class, with a directory of its own."""

    cpus = BROKER_CPU

    def __init__(self, name, folder, durability, rawgen):
        self.name, self.folder, self.durability, self.rawgen = name, folder, durability, rawgen
        self.port, self.controller_port = free_port(), free_port()
        self.config = os.path.join(folder, "server.properties")
        self.data = os.path.join(folder, "data")
        self.topics = 0
        os.makedirs(folder)
        # A deleted topic's bytes must be gone before the next window, not a minute later.
        write_config(self.config, [self.data], self.port, self.controller_port,
                     {"log.segment.delete.delay.ms": "500", **self.settings()})
        self.format()
        began = time.monotonic()
        self.server = Server(["taskset", "-c", self.cpus] + self.command(), self.port, os.path.join(folder, "log"), 60)
        self.pid = self.server.process.pid
        self.listens_after = time.monotonic() - began

    def stop(self):
        self.server.stop()

    def memory(self, field):
        with open(f"/proc/{self.pid}/status", encoding="ascii") as status:
            return next(int(line.split()[1]) / 1024 for line in status if line.startswith(field))

    def cpu_ns(self):
        return sum(thread_cpu_ns(self.pid).values())

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
            self.delete(topic)
        return result

    def delete(self, topic):
        self.load("delete", topic, 0)
        deadline = time.monotonic() + 60
        while any(name.startswith((topic + "-", topic + ".")) for name in os.listdir(self.data)):
            if time.monotonic() > deadline:
                raise RuntimeError(f"{self.name}: the files of {topic} are still there")
            time.sleep(0.02)

    def warm_up(self, seconds, works):
        """Every kind of request, over and over: a JIT compiler needs the time, the page cache the second pass."""
        end = time.monotonic() + seconds
        self.load("produce", KEPT_TOPIC, 2, bytes=65536, window=16)
        while time.monotonic() < end:
            for work in works:
                self.measure(work, WINDOW_SECONDS)


class Highwater(Broker):
    def __init__(self, binaries, *rest, cores=1, cpus=BROKER_CPU):
        self.binary, self.cores, self.cpus = os.path.join(binaries, "highwater"), cores, cpus
        super().__init__("Highwater", *rest)

    def settings(self):
        return {"log.durability": self.durability, "highwater.cores": str(self.cores)}

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


class BareLoop(Broker):
    """The yardstick (bare_loop.cc): what one thread must spend at least on the same requests on this machine."""

    def __init__(self, binaries, folder, rawgen):
        self.name, self.folder, self.data, self.rawgen = "bare loop", folder, folder, rawgen
        self.topics = 0
        os.makedirs(folder)
        began = time.monotonic()
        self.process = subprocess.Popen(["taskset", "-c", BROKER_CPU, os.path.join(binaries, "bare_loop"),
                                         f"directory={folder}"], stdout=subprocess.PIPE, text=True)
        self.port = int(self.process.stdout.readline())
        self.pid = self.process.pid
        self.listens_after = time.monotonic() - began

    def stop(self):
        self.process.terminate()
        self.process.wait(10)
