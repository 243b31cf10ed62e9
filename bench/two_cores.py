"""One core against two: what a second reactor costs per request and brings in throughput, and whether the two share the
load. Two clients write to two topics with requests of 900 bytes, over four connections each: with one of them a reactor
and its client take turns, and neither is busy all the time."""

import json
import os
import shutil
import subprocess
import time

from brokers import Highwater, thread_cpu_ns

SECONDS_TRACED = 2
ROUNDS = 2  # the better of them counts: others on the machine only ever take away


def load(rawgen, port, topics, cpus, seconds):
    """Runs one client per topic at the same time; what they report, added up."""
    running = [subprocess.Popen(["taskset", "-c", cpu, rawgen, "produce", f"port={port}", f"topic={topic}",
                                 f"seconds={seconds}", "bytes=900", "window=64", "connections=4"], stdout=subprocess.PIPE,
                                stderr=subprocess.PIPE, text=True) for topic, cpu in zip(topics, cpus)]
    results = []
    for client in running:
        out, error = client.communicate(timeout=seconds + 120)
        if client.returncode != 0:
            raise RuntimeError(error.strip())
        results.append(json.loads(out))
    return sum(r["requests"] for r in results), sum(r["requests_per_s"] for r in results)


def reactors(pid):
    names = {}
    for tid in os.listdir(f"/proc/{pid}/task"):
        with open(f"/proc/{pid}/task/{tid}/comm", encoding="ascii") as file:
            names[int(tid)] = file.read().strip()
    return {tid for tid, name in names.items() if name == "hw-core" or tid == pid}


def measure(broker, rawgen, topics, client_cpus, seconds):
    load(rawgen, broker.port, topics, client_cpus, 1)
    before = thread_cpu_ns(broker.pid)
    requests, rate = load(rawgen, broker.port, topics, client_cpus, seconds)
    spent = {tid: ns - before.get(tid, 0) for tid, ns in thread_cpu_ns(broker.pid).items()}
    shares = sorted(spent[tid] / sum(spent.values()) for tid in reactors(broker.pid) if tid in spent)
    return {"rate": rate, "per_cpu_second": requests / (sum(spent.values()) / 1e9), "shares": shares}


def futex_calls(broker, rawgen, topics, client_cpus):
    """Per 1,000 requests; None where nothing can count them."""
    if shutil.which("strace") is None:
        return None
    tracer = subprocess.Popen(["strace", "-f", "-c", "-e", "trace=futex", "-p", str(broker.pid)],
                              stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True)
    time.sleep(0.5)
    requests, _ = load(rawgen, broker.port, topics, client_cpus, SECONDS_TRACED)
    tracer.send_signal(2)
    _, table = tracer.communicate(timeout=30)
    lines = [line.split() for line in table.splitlines() if line.split() and line.split()[-1] == "futex"]
    return sum(int(line[3]) for line in lines) * 1000 / requests


def measure_two_cores(binaries, folder, seconds):
    """Prints the figures; gives the gates that were missed."""
    rawgen = os.path.join(binaries, "rawgen")
    cpus = sorted(os.sched_getaffinity(0))
    four = len(cpus) >= 4
    broker_cpus = f"{cpus[0]},{cpus[2]}" if four else str(cpus[0])
    client_cpus = [str(cpus[1]), str(cpus[3] if four else cpus[1])]
    topics = ["two-a", "two-b"]
    found, futexes = {}, None
    for turn in range(ROUNDS):
        for cores in (1, 2):
            broker = Highwater(binaries, os.path.join(folder, f"cores-{cores}-{turn}"), "page-cache", rawgen, cores=cores,
                               cpus=broker_cpus)
            try:
                measured = measure(broker, rawgen, topics, client_cpus, seconds)
                found[cores] = max(measured, found.get(cores, measured), key=lambda figures: figures["rate"])
                if cores == 2:
                    futexes = futex_calls(broker, rawgen, topics, client_cpus)
            finally:
                broker.stop()
                shutil.rmtree(broker.folder)  # what it left for the disk to write would be paid for by the next one
    one, two = found[1], found[2]
    shares = ", ".join(f"{share:.0%}" for share in two["shares"])
    print(f"\ntwo cores (broker on CPU {broker_cpus}, clients on {' and '.join(client_cpus)}): "
          f"{one['rate']:.0f} requests/s with one, {two['rate']:.0f} with two; "
          f"{one['per_cpu_second']:.0f} and {two['per_cpu_second']:.0f} per CPU second; reactors {shares}; futex calls per "
          f"1,000 requests {'NOT RUN (no strace)' if futexes is None else f'{futexes:.2f}'}", flush=True)
    gates = [("requests per CPU second, two cores over one", two["per_cpu_second"] / one["per_cpu_second"], ">=", 0.8),
             ("share of the busier reactor", two["shares"][-1], "<=", 0.6)]
    if futexes is not None:
        gates.append(("futex calls per 1,000 requests", futexes, "<=", 1))
    if four:
        gates.append(("throughput, two cores over one", two["rate"] / one["rate"], ">=", 1.5))
    missed = []
    for name, value, relation, limit in gates:
        held = value >= limit if relation == ">=" else value <= limit
        print(f"  {'held  ' if held else 'MISSED'} {name}: {value:.2f} {relation} {limit:g}")
        if not held:
            missed.append(name)
    return missed
