#!/usr/bin/env python3
"""Our node and Apache Kafka in turn on the same directories, each stopped cleanly: `both_ways.py --times N --first apache ...`.

Each server, once it is up, must show what the one before showed (java/Inventory.java: every record, offset, config, id,
quota and credential as Apache's clients see them); then it writes more of everything (java/BothWays.java). Apache must
find nothing to recover, and no byte of a log that was there may have changed.
"""

import argparse
import glob
import hashlib
import os
import re
import sys
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "support"))

from cell import Cell, Conversation, run_alone  # noqa: E402
from servers import format_directories  # noqa: E402

SETTINGS = {
    "log.segment.delete.delay.ms": "60000",
    "log.cleaner.backoff.ms": "300",
    "log.index.interval.bytes": "1024",
    "metadata.log.max.record.bytes.between.snapshots": "8000",
    "auto.create.topics.enable": "false",
}
OTHER = {"apache": "highwater", "highwater": "apache"}
# Apache always reads the metadata log as if it had not been closed.
RECOVERY = re.compile(r"Recovering unflushed segment|Attempting recovery for all logs|no clean shutdown file|corrupt|orphaned|"
                      r"Corruption|truncating|Could not find|Found invalid|Deleting all segments|Reloading from producer snapshot"
                      r".*not clean|stray", re.IGNORECASE)
# Errors that Apache writes whatever it starts on: of each partition that is added to a topic, when it talks to its own
# controller before that is ready, and of producers whose first batches overtake each other.
ITS_OWN = re.compile(r"to exist, but it was missing. Creating|STALE_BROKER_EPOCH|Error processing append|\(kafka.server.ControllerApis\)")
SNAPSHOTS_WANTED = 3


def read_lines(path):
    with open(path, encoding="utf-8", errors="replace") as file:
        return file.read().split("\n")


def log_digests(root):
    """Path below `root` of every log file of a partition -> (size, SHA-256)."""
    found = {}
    for path in glob.glob(f"{root}/*/*/*.log"):
        if "/__cluster_metadata-0/" not in path and not path.split("/")[-2].endswith(("-delete", "-stray")):
            with open(path, "rb") as file:
                content = file.read()
            found[os.path.relpath(path, root)] = (len(content), hashlib.sha256(content).hexdigest())
    return found


def changed_log(root, before):
    """The first log that does not begin with what it was, or None."""
    for name, (size, digest) in sorted(before.items()):
        path = os.path.join(root, name)
        if os.path.exists(path):
            with open(path, "rb") as file:
                if hashlib.sha256(file.read(size)).hexdigest() != digest:
                    return name
    return None


class BothWays:
    def __init__(self, cell, program, log):
        self.cell, self.program, self.log = cell, program, log
        self.generation = 0
        self.shown = None  # by the server before: path of its inventory
        self.missing = set()
        self.lines = 0

    def tell(self, text):
        print(text, file=self.log, flush=True)

    def inventory(self, name):
        path = os.path.join(self.cell.folder, f"inventory-{name}")
        self.program("inventory", path)
        return path

    def compare(self, kind):
        now = self.inventory(f"{self.generation}-before-{kind}")
        if self.shown is None:
            return
        before, after = read_lines(self.shown), read_lines(now)
        for lines in (before, after):
            absent = {line.split(" ")[0] for line in lines if line.endswith(" unsupported")}
            self.missing |= absent
        before, after = ({line for line in lines if line.split(" ")[0] not in self.missing} for lines in (before, after))
        self.lines += len(after)
        if before != after:
            lost, new = sorted(before - after), sorted(after - before)
            raise RuntimeError(f"{kind} shows {len(lost)} lines less and {len(new)} more than {OTHER[kind]} did: {lost[:3]} {new[:3]}")

    def turn(self, kind, write):
        """One server from its start to its clean stop."""
        self.generation += 1
        logs = log_digests(self.cell.root)
        log_start = os.path.getsize(self.cell.log_path(kind)) if os.path.exists(self.cell.log_path(kind)) else 0
        server = self.cell.start(kind)
        try:
            self.compare(kind)
            changed = changed_log(self.cell.root, logs)
            if changed:
                raise RuntimeError(f"{kind} changed what was in {changed}")
            said = self.program("fill", self.generation, "transactions" if kind == "apache" else "none") if write else ""
            self.shown = self.inventory(f"{self.generation}-after-{kind}")
            self.tell(f"{kind} wrote generation {self.generation} {said}")
            status = server.stop()
        finally:
            server.kill()
        if status not in (0, 143):
            raise RuntimeError(f"{kind} ended with status {status}")
        if self.generation > 1:
            self.check_log(kind, log_start)

    def check_log(self, kind, start):
        with open(self.cell.log_path(kind), encoding="utf-8", errors="replace") as file:
            file.seek(start)
            lines = file.read().split("\n")
        for line in lines:
            if "__cluster_metadata" in line or ITS_OWN.search(line) or not re.match(r"\[?\d{4}-", line):
                continue
            if RECOVERY.search(line) or (kind == "apache" and re.search(r"\] (ERROR|FATAL) ", line)):
                raise RuntimeError(f"{kind} says: {line}")

    def run(self, first, times):
        kind = first
        for _ in range(2 * times):
            self.turn(kind, write=True)
            kind = OTHER[kind]
        self.turn(kind, write=False)
        snapshots = glob.glob(f"{self.cell.root}/*/__cluster_metadata-0/*-*.checkpoint")
        if len(snapshots) < SNAPSHOTS_WANTED:
            raise RuntimeError(f"{len(snapshots)} metadata snapshots, not {SNAPSHOTS_WANTED}")


def run(binary, apache, folder, first, times, log):
    """Raises RuntimeError with what went wrong; (lines of inventories compared, sections that one side does not offer)."""
    cell = Cell(binary, apache, folder, SETTINGS)
    format_cell(cell, first)
    program = Conversation(apache, cell.log_path("client"), "BothWays", cell.bootstrap)
    try:
        both = BothWays(cell, program, log)
        both.run(first, times)
        return both.lines, sorted(both.missing)
    finally:
        program.close()


def format_cell(cell, first):
    if first == "highwater":
        format_directories(cell.binary, cell.config)
        return
    made = cell.apache.run("kafka.tools.StorageTool", "random-uuid")
    cluster = made.stdout.decode().strip().split("\n")[-1]
    done = cell.apache.run("kafka.tools.StorageTool", "format", "-t", cluster, "-c", cell.config, "--standalone")
    if done.returncode != 0:
        raise RuntimeError(f"Apache's format ended with {done.returncode}: {done.stderr[-500:]!r}")


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--times", type=int, default=1)
    parser.add_argument("--first", choices=sorted(OTHER), default="apache")

    def work(arguments, apache, folder):
        started = time.monotonic()
        lines, missing = run(arguments.binary, apache, folder, arguments.first, arguments.times, sys.stdout)
        return f"{arguments.times} times both ways, {lines} lines equal, not offered: {missing}, {time.monotonic() - started:.0f} s"

    return run_alone("both-ways", parser, work)


if __name__ == "__main__":
    sys.exit(main())
