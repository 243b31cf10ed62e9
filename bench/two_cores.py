"""One core against two: what a second reactor costs per request and brings in throughput, and whether the two share the
load. Two clients write to two topics with requests of 900 bytes, over four connections each: with one of them a reactor
and its client take turns, and neither is busy all the time. Two nodes of one core each, which share nothing but the
machine, say what two cores could bring at most.

The windows are short and take turns, as in run.py, and for the same reason (brokers.py)."""

import itertools
import json
import os
import shutil
import statistics
import subprocess
import time

from brokers import WINDOW_SECONDS, Highwater, thread_cpu_ns

SECONDS_TRACED = 2
ROUNDS = 6


class Setup:
    """The nodes that one kind of run loads, and the CPUs; each client has a topic and a node."""

    def __init__(self, nodes, rawgen, client_cpus):
        self.nodes, self.rawgen, self.client_cpus = nodes, rawgen, client_cpus
        self.numbers = itertools.count()
        self.windows = []

    def load(self, seconds):
        """Runs one client per topic at the same time; what they report, added up. Leaves nothing behind."""
        number = next(self.numbers)
        places = [(self.nodes[i % len(self.nodes)], f"two-{number}-{i}", cpu) for i, cpu in enumerate(self.client_cpus)]
        running = [subprocess.Popen(["taskset", "-c", cpu, self.rawgen, "produce", f"port={node.port}", f"topic={topic}",
                                     f"seconds={seconds}", "bytes=900", "window=64", "connections=4"],
                                    stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
                   for node, topic, cpu in places]
        results = []
        for client in running:
            out, error = client.communicate(timeout=seconds + 120)
            if client.returncode != 0:
                raise RuntimeError(error.strip())
            results.append(json.loads(out))
        for node, topic, _ in places:
            node.delete(topic)
        return sum(r["requests"] for r in results), sum(r["requests_per_s"] for r in results)

    def cpu_ns(self):
        return {tid: ns for node in self.nodes for tid, ns in thread_cpu_ns(node.pid).items()}

    def measure(self, seconds):
        before = self.cpu_ns()
        requests, rate = self.load(seconds)
        spent = {tid: ns - before.get(tid, 0) for tid, ns in self.cpu_ns().items()}
        loops = {tid for node in self.nodes for tid in reactors(node.pid)}
        total = sum(spent.values())
        self.windows.append({"rate": rate, "per_cpu_second": requests / (total / 1e9),
                             "busiest": max(spent[tid] for tid in loops if tid in spent) / total})

    def median(self, figure):
        return statistics.median(window[figure] for window in self.windows)

    def spread(self, figure):
        figures = sorted(window[figure] for window in self.windows)
        return f"{figures[0]:.0f} / {statistics.median(figures):.0f} / {figures[-1]:.0f}"


def reactors(pid):
    names = {}
    for tid in os.listdir(f"/proc/{pid}/task"):
        with open(f"/proc/{pid}/task/{tid}/comm", encoding="ascii") as file:
            names[int(tid)] = file.read().strip()
    return {tid for tid, name in names.items() if name == "hw-core" or tid == pid}


def futex_calls(setup):
    """Per 1,000 requests; None where nothing can count them."""
    if shutil.which("strace") is None:
        return None
    tracer = subprocess.Popen(["strace", "-f", "-c", "-e", "trace=futex", "-p", str(setup.nodes[0].pid)],
                              stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True)
    time.sleep(0.5)
    requests, _ = setup.load(SECONDS_TRACED)
    tracer.send_signal(2)
    _, table = tracer.communicate(timeout=30)
    lines = [line.split() for line in table.splitlines() if line.split() and line.split()[-1] == "futex"]
    return sum(int(line[3]) for line in lines) * 1000 / requests


def run_windows(setups, seconds):
    for setup in setups:
        setup.load(seconds)
    for turn in range(ROUNDS):
        for setup in setups if turn % 2 == 0 else setups[::-1]:
            setup.measure(seconds)


def measure_two_cores(binaries, folder):
    """Prints the figures; gives the gates that were missed."""
    rawgen = os.path.join(binaries, "rawgen")
    cpus = sorted(os.sched_getaffinity(0))
    four = len(cpus) >= 4
    own = [str(cpus[0]), str(cpus[2])] if four else [str(cpus[0])]
    client_cpus = [str(cpus[1]), str(cpus[3] if four else cpus[1])]
    started = []

    def node(name, cores, on):
        started.append(Highwater(binaries, os.path.join(folder, name), "page-cache", rawgen, cores=cores, cpus=on))
        return started[-1]

    try:
        one = Setup([node("one", 1, ",".join(own))], rawgen, client_cpus)
        two = Setup([node("two", 2, ",".join(own))], rawgen, client_cpus)
        apart = Setup([node(f"apart-{i}", 1, cpu) for i, cpu in enumerate(own)], rawgen, client_cpus)
        run_windows([one, two, apart], WINDOW_SECONDS)
        futexes = futex_calls(two)
    finally:
        for broker in started:
            broker.stop()
    print(f"\ntwo cores (broker on CPU {','.join(own)}, clients on {' and '.join(client_cpus)}; lowest / median / best "
          f"of {ROUNDS} windows):")
    for name, setup in (("one core", one), ("two cores", two), ("a node per CPU", apart)):
        print(f"  {name:15} {setup.spread('rate')} requests/s, {setup.spread('per_cpu_second')} per CPU second, the "
              f"busiest reactor takes {setup.median('busiest'):.0%}")
    print(f"  futex calls per 1,000 requests: {'NOT RUN (no strace)' if futexes is None else f'{futexes:.2f}'}", flush=True)
    return missed_gates((one, two, apart), futexes, four)


def missed_gates(setups, futexes, four):
    one, two, apart = setups
    ratio = lambda setup, figure: setup.median(figure) / one.median(figure)
    gates = [("requests per CPU second, two cores over one", ratio(two, "per_cpu_second"), ">=", 0.8),
             ("share of the busier reactor", two.median("busiest"), "<=", 0.6)]
    if futexes is not None:
        gates.append(("futex calls per 1,000 requests", futexes, "<=", 1))
    if four:
        gates.append(("throughput, two cores over one", ratio(two, "rate"), ">=", 1.5))
        print(f"  two nodes that share nothing bring {ratio(apart, 'rate'):.2f} times the throughput of one core here")
    missed = []
    for name, value, relation, limit in gates:
        held = value >= limit if relation == ">=" else value <= limit
        print(f"  {'held  ' if held else 'MISSED'} {name}: {value:.2f} {relation} {limit:.3g}")
        if not held:
            missed.append(name)
    return missed
