"""Highwater beside Apache Kafka: the same machine, the same client, the same requests, in one run.

The broker runs on CPU 0, the client on CPU 1. All servers stand at the same time and are loaded in turns, there and
back, so that none always meets a warmer machine; figures are medians over the windows of one server.
Broker CPU is the scheduler's own count (/proc/PID/task/*/schedstat). What the kernel writes back later on its own
threads is not in it, for either server. In page-cache mode bare_loop stands beside both, as the floor of what one
thread must spend. Two durability classes are never mixed: `page-cache` (Apache's default beside
log.durability=page-cache) and `fsync` (flush after each message beside log.durability=fsync).
"""

import argparse
import os
import statistics
import subprocess
import sys
import tempfile

from brokers import BROKER_CPU, CLIENT_CPU, WINDOW_SECONDS, Apache, BareLoop, Highwater
from two_cores import measure_two_cores

PRODUCE_64K = {"name": "produce 64 KiB, window 16", "mode": "produce", "bytes": 65536, "window": 16}
PRODUCE_900 = {"name": "produce 900 B, window 64", "mode": "produce", "bytes": 900, "window": 64}
FETCH_1M = {"name": "fetch 1 MiB, window 2", "mode": "fetch", "bytes": 1 << 20, "window": 2}
CLASSES = {"page-cache": [PRODUCE_64K, PRODUCE_900, FETCH_1M], "fsync": [PRODUCE_64K, PRODUCE_900]}

# What must hold in page-cache mode: figure of Highwater over that of the other. A floor, or else a ceiling.
GATES = [
    (PRODUCE_900, "Apache", "requests_per_s", "at least", 8),
    (PRODUCE_900, "Apache", "us_per_request", "at most", 1 / 12),
    (PRODUCE_900, "bare loop", "us_per_request", "at most", 1.5),
    (PRODUCE_64K, "Apache", "mb_per_s", "at least", 1),
    (PRODUCE_64K, "Apache", "ns_per_kib", "at most", 0.9),
    (PRODUCE_64K, "bare loop", "ns_per_kib", "at most", 1.5),
    (FETCH_1M, "Apache", "ns_per_kib", "at most", 1.3),
    (FETCH_1M, "bare loop", "ns_per_kib", "at most", 1.5),
    (FETCH_1M, "Apache", "rss_mib", "at most", 1 / 5),
]


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


def print_ratio(ours, other, name):
    ratio = {figure: ours[figure] / other[figure] for figure in ours}
    print(f"  {'Highwater : ' + name:24}{ratio['mb_per_s']:8.2f}x{ratio['requests_per_s']:9.2f}x"
          f"{ratio['ns_per_kib']:11.3f}x{ratio['us_per_request']:11.3f}x{ratio['p50_us']:9.2f}x{ratio['p99_us']:9.2f}x"
          f"{'':10}{ratio['rss_mib']:8.2f}x", flush=True)


def run_class(durability, brokers, arguments):
    """The medians of every broker, by name of the work."""
    works = [w for w in CLASSES[durability] if arguments.only in w["name"]]
    for broker in brokers:
        # Native code needs no JIT; it gets the same kinds of requests for a shorter time.
        broker.warm_up(arguments.warm if broker.name == "Apache" else min(6, arguments.warm), works)
    measured = {}
    for work in works:
        windows = {broker.name: [] for broker in brokers}
        for broker in brokers:
            broker.measure(work, WINDOW_SECONDS)  # the others' kind of work may have gone before
        for _ in range(arguments.rounds):
            for broker in brokers + brokers[::-1]:
                windows[broker.name].append(broker.measure(work, WINDOW_SECONDS))
        print(f"\n{durability}: {work['name']}\n{HEAD}")
        medians = {name: median_of(of_one) for name, of_one in windows.items()}
        for name, of_one in medians.items():
            print_row(name, of_one)
        for name in medians:
            if name != "Highwater":
                print_ratio(medians["Highwater"], medians[name], name)
        measured[work["name"]] = medians
    return measured


def start_all(arguments, durability, folder, rawgen):
    brokers = [Highwater(arguments.bin, os.path.join(folder, "highwater"), durability, rawgen)]
    try:
        if durability == "page-cache":
            brokers.append(BareLoop(arguments.bin, os.path.join(folder, "bare"), rawgen))
        if arguments.jars:
            brokers.append(Apache(arguments.jars, os.path.join(folder, "apache"), durability, rawgen))
    except BaseException:
        for broker in brokers:
            broker.stop()
        raise
    return brokers


def missed_gates(measured):
    missed = []
    for work, other, figure, bound, limit in GATES:
        medians = measured.get(work["name"], {})
        if other not in medians:
            continue
        ratio = medians["Highwater"][figure] / medians[other][figure]
        held = ratio >= limit if bound == "at least" else ratio <= limit
        line = f"{work['name']}: {figure} {ratio:.3f} of {other}, {bound} {limit:.3g}"
        print(f"  {'held  ' if held else 'MISSED'} {line}")
        if not held:
            missed.append(line)
    return missed


def calibrate(arguments, folder):
    command = ["taskset", "-c", BROKER_CPU, os.path.join(arguments.bin, "calibrate"), folder]
    print("calibration: " + subprocess.run(command, capture_output=True, text=True, check=True).stdout.strip(), flush=True)


def parse():
    parser = argparse.ArgumentParser()
    parser.add_argument("--bin", required=True)
    parser.add_argument("--jars", default="")
    parser.add_argument("--rounds", type=int, default=5, help="each is two windows of each server")
    parser.add_argument("--warm", type=float, default=25, help="seconds of load before Apache is measured")
    parser.add_argument("--only", default="", help="only the workloads whose name contains this")
    return parser.parse_args()


def main():
    arguments = parse()
    if len(os.sched_getaffinity(0)) < 2:
        print("NOT RUN: broker and client need a CPU each")
        return 0
    rawgen = os.path.join(arguments.bin, "rawgen")
    print(f"broker on CPU {BROKER_CPU}, client on CPU {CLIENT_CPU}, {arguments.rounds * 2} windows of {WINDOW_SECONDS:g} s each, "
          f"acks=all, one partition")
    measured = {}
    for durability in CLASSES:
        with tempfile.TemporaryDirectory(prefix="highwater-bench-") as folder:
            calibrate(arguments, folder)
            brokers = start_all(arguments, durability, folder, rawgen)
            try:
                print("\n" + ", ".join(f"{b.name}: listens after {b.listens_after * 1e3:.0f} ms, RSS {b.memory('VmRSS'):.0f} MiB"
                                       for b in brokers))
                measured[durability] = run_class(durability, brokers, arguments)
                print("\n" + ", ".join(f"{b.name}: highest RSS {b.memory('VmHWM'):.0f} MiB" for b in brokers), flush=True)
            finally:
                for broker in brokers:
                    broker.stop()
    print("\ngates, page-cache:")
    missed = missed_gates(measured["page-cache"])
    if arguments.only in "two cores":
        with tempfile.TemporaryDirectory(prefix="highwater-bench-") as folder:
            missed += measure_two_cores(arguments.bin, folder)
    if not arguments.jars:
        print("\nNOT RUN: the comparison with Apache Kafka")
    return 1 if missed else 0


if __name__ == "__main__":
    sys.exit(main())
