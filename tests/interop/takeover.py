#!/usr/bin/env python3
"""Our node and Apache Kafka in turn on the same directories, each killed under load: `takeover.py --rounds N ...`.

A round: one of them runs under a client that notes what was acknowledged (java/Load.java); kill -9 at a random moment; a
torn write is imitated at the end of some logs; the directories are copied twice, Apache's recovery runs on one copy and our
node on the other, and what they leave is compared; then the other server takes the directories over, and everything that
was ever acknowledged must be there. Durability of our node: page-cache.
"""

import argparse
import os
import random
import sys
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "support"))

import log_files  # noqa: E402
from cell import Cell, Conversation, run_alone  # noqa: E402
from servers import Server, format_directories, free_port  # noqa: E402

ROUNDS_PER_GENERATION = 5
SETTINGS = {
    "log.durability": "page-cache",
    "auto.create.topics.enable": "false",
    "log.flush.offset.checkpoint.interval.ms": "1000",
    # Else Apache waits nine seconds for the session of the broker that was killed.
    "broker.session.timeout.ms": "2000",
    "broker.heartbeat.interval.ms": "200",
}


class Recoverable(Cell):
    def recover_ours(self, root):
        """Our node starts on a copy and is stopped."""
        port, controller_port = free_port(), free_port()
        config = self.configure(root, port, controller_port)
        server = Server([self.binary, "server", config], port, self.log_path("recovery"), 30)
        status = server.stop()
        if status != 0:
            raise RuntimeError(f"our node ended with status {status} after its recovery")


def tear(root, choice):
    """Imitates what a torn write leaves behind the last batch of one log; what it was."""
    logs = log_files.partitions(root, "load-")
    if not logs:
        return "nothing"
    name = choice.choice(sorted(logs))
    last = max(file for file in os.listdir(logs[name]) if file.endswith(".log"))
    path = os.path.join(logs[name], last)
    content = log_files.read(path)
    kind = choice.choice(["junk", "zeros", "half", "flipped", "header"])
    batch = bytearray(first_batch(content))
    if not batch and kind in ("half", "flipped", "header"):
        kind = "junk"
    if kind == "junk":
        tail = choice.randbytes(choice.randint(1, 300))
    elif kind == "zeros":
        tail = bytes(choice.randint(1, 8192))
    else:
        batch[0:8] = log_files.log_end(logs[name]).to_bytes(8, "big") if whole(logs[name]) else batch[0:8]
        batch[-1] ^= 0x40 if kind == "flipped" else 0
        tail = bytes(batch) if kind == "flipped" else bytes(batch[: choice.randint(1, 60 if kind == "header" else len(batch) - 1)])
    with open(path, "ab") as file:
        file.write(tail)
    return f"{kind} ({len(tail)} bytes) behind {name}/{last}"


def whole(directory):
    try:
        log_files.log_end(directory)
    except ValueError:
        return False
    return True


def first_batch(content):
    if len(content) < 12:
        return b""
    size = 12 + int.from_bytes(content[8:12], "big")
    return content[:size] if 61 < size <= len(content) else b""


class Takeover:
    def __init__(self, cell, load, seed, log):
        self.cell, self.load, self.log = cell, load, log
        self.choice = random.Random(seed)
        self.compared = 0

    def compare_recoveries(self):
        ours, theirs = self.cell.copy("ours"), self.cell.copy("theirs")
        self.load("recover", theirs)
        self.cell.recover_ours(ours)
        count, problems = log_files.compare_all(ours, theirs, "load-")
        self.compared += count
        if problems:
            raise RuntimeError(f"{len(problems)} of {count} logs were recovered differently, the first: {problems[0]}")

    def tell(self, line):
        print(line, file=self.log, flush=True)

    def run(self, rounds):
        kinds = ["highwater", "apache"]
        self.server = self.cell.start(kinds[0])
        try:
            for number in range(rounds):
                if number % ROUNDS_PER_GENERATION == 0:
                    if number > 0:
                        self.tell(self.load("end"))
                    self.load("begin")
                started = time.monotonic()
                self.load("create", f"round-{number}")
                time.sleep(self.choice.uniform(0.3, 1.5))
                self.server.kill()
                torn = tear(self.cell.root, self.choice) if self.choice.random() < 0.7 else "nothing"
                self.compare_recoveries()
                self.server = self.cell.start(kinds[(number + 1) % 2])
                found = self.load("verify")
                self.tell(f"round {number}: {kinds[number % 2]} killed, {torn} torn, {kinds[(number + 1) % 2]} took over in "
                          f"{time.monotonic() - started:.1f} s: {found}")
            self.tell(self.load("end"))
        finally:
            self.server.kill()


def run(binary, apache, folder, rounds, seed, log):
    """Raises RuntimeError with what went wrong; else says how many logs were compared. A line per round goes to `log`."""
    cell = Recoverable(binary, apache, folder, SETTINGS)
    format_directories(cell.binary, cell.config)
    load = Conversation(apache, cell.log_path("load"), "Load", cell.bootstrap, seed)
    try:
        takeover = Takeover(cell, load, seed, log)
        takeover.run(rounds)
        return takeover.compared
    finally:
        load.close()


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--rounds", type=int, default=6)
    parser.add_argument("--seed", type=int, default=int(time.time()))

    def work(arguments, apache, folder):
        print(f"seed {arguments.seed}", flush=True)
        compared = run(arguments.binary, apache, folder, arguments.rounds, arguments.seed, sys.stdout)
        return f"{arguments.rounds} takeovers, {compared} recovered logs compared"

    return run_alone("takeover", parser, work)


if __name__ == "__main__":
    sys.exit(main())
