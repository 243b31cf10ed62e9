"""Figures that a person feels: from exec to the first acknowledged record, memory and CPU of an idle node. Printed;
the gates are generous, because a test machine is busy."""

import os
import time
import unittest

from harness import NodeTest, run
from kafka_wire import leader_of, produce_when_led
from waiting import PATIENCE

FIRST_RECORD_MS = 150
IDLE_RSS_MIB = 64
IDLE_CPU_PERCENT = 0.5
GENEROSITY = 4
WINDOW_SECONDS = 2


def cpu_seconds(pid):
    with open(f"/proc/{pid}/stat", encoding="utf-8") as file:
        fields = file.read().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def idle_percent(pid, wanted):
    """The share of a core in the first window that costs less than `wanted`: a node comes to rest when it has the CPU
    to end what it began. Else that of the last window."""
    end = time.monotonic() + PATIENCE
    while True:
        before = cpu_seconds(pid)
        time.sleep(WINDOW_SECONDS)
        percent = (cpu_seconds(pid) - before) / WINDOW_SECONDS * 100
        if percent < wanted or time.monotonic() > end:
            return percent


def rss_mib(pid):
    with open(f"/proc/{pid}/status", encoding="utf-8") as file:
        line = next(line for line in file if line.startswith("VmRSS"))
    return int(line.split()[1]) / 1024


class Measure(NodeTest):
    def first_record_ms(self, config):
        node = self.server(config)
        ready = time.monotonic()
        with node.connect() as client:
            leader_of(client, "new")
            self.assertEqual(produce_when_led(client, "new", 0, [b"first"])[0], 0)
        taken = time.monotonic() - node.begun
        node.stop()
        return taken * 1000, (ready - node.begun) * 1000

    def test_exec_to_the_first_acknowledged_record(self):
        starts = []
        end = time.monotonic() + PATIENCE
        while len(starts) < 5 or (min(starts)[0] > FIRST_RECORD_MS * GENEROSITY and time.monotonic() < end):
            self.data = os.path.join(self.folder, f"data{len(starts)}")
            config = self.config()
            self.format(config)
            starts.append(self.first_record_ms(config))
        taken, ready = min(starts)
        print(f"\nexec to first acknowledged record of a new topic: {taken:.0f} ms (ready after {ready:.0f} ms)")
        self.assertLess(taken, FIRST_RECORD_MS * GENEROSITY)

    def test_an_idle_node_costs_next_to_nothing(self):
        node = self.dev()
        pid = node.process.pid
        percent = idle_percent(pid, IDLE_CPU_PERCENT * GENEROSITY)
        print(f"\nidle: {rss_mib(pid):.1f} MiB resident, {percent:.2f} % of a core")
        self.assertLess(rss_mib(pid), IDLE_RSS_MIB)
        self.assertLess(percent, IDLE_CPU_PERCENT * GENEROSITY)

    def test_a_verb_without_a_node_is_instant(self):
        begun = time.monotonic()
        run("format", "--random-uuid")
        print(f"\nhighwater format --random-uuid: {(time.monotonic() - begun) * 1000:.0f} ms")


if __name__ == "__main__":
    unittest.main(verbosity=2)
