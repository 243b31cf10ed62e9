#!/usr/bin/env python3
"""Hostile input from outside: each case of frames.py, batches.py and asked.py against a running server, with the outcome that is
right, and after each the server alive, another client served, the memory where it was.

hostile_test.py BINARY [--only TEXT]     starts a node of its own
hostile_test.py --port N [--only TEXT]   says what another server does (Apache Kafka as the oracle); judges nothing
"""

import argparse
import os
import sys
import tempfile
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "support"))

import asked  # noqa: E402
import batches  # noqa: E402
import frames  # noqa: E402
from servers import Highwater  # noqa: E402
from speech import Connection, create_topic, metadata  # noqa: E402
from waiting import PATIENCE, until  # noqa: E402

MIB = 1 << 20


class Target:
    """A server as the cases see it."""

    read_timeout = 4.0  # highwater.request.read.timeout.ms
    pause_limit = 1.0   # seconds that another client may wait

    def __init__(self, port, process_id=None, log_path=None):
        self.port, self.process_id, self.log_path = port, process_id, log_path

    def resident(self):
        if self.process_id is None:
            return 0
        with open(f"/proc/{self.process_id}/status", encoding="ascii") as status:
            for line in status:
                if line.startswith("VmRSS:"):
                    return int(line.split()[1]) * 1024
        return 0

    def comes_to_rest_below(self, limit):
        """What is given up is given back a moment later."""
        deadline = time.monotonic() + PATIENCE
        while self.resident() > limit:
            if time.monotonic() > deadline:
                return False
            time.sleep(0.05)
        return True

    def log_bytes(self):
        if self.log_path is None:
            return b""
        with open(self.log_path, "rb") as log:
            return log.read()


def make_topics(target):
    with Connection(target.port) as connection:
        for name, configs in batches.TOPICS:
            error = create_topic(connection, name, configs)
            assert error in (0, 36), f"topic {name} was not created: error {error}"
        names = [name for name, _ in batches.TOPICS]
        until(PATIENCE, "the topics appearing", lambda: all(metadata(connection, names)[name] == 0 for name in names))
        until(PATIENCE, "the partitions being led", lambda: all(asked.is_led(target, name) for name in names))


def others_are_served(target):
    with Connection(target.port) as connection:
        return metadata(connection, ["plain"]) == {"plain": 0}


def judge(target, case, baseline):
    name, run, right = case
    try:
        outcome = run(target)
    except (OSError, AssertionError) as error:
        return f"{name}: {type(error).__name__} {error}"
    if outcome not in right:
        shown = outcome if not isinstance(outcome, bytes) else f"an answer of {len(outcome)} bytes"
        return f"{name}: {shown}, right is {' or '.join(str(one) for one in right)}"
    if not others_are_served(target):
        return f"{name}: another client was not served afterwards"
    if not target.comes_to_rest_below(baseline + 64 * MIB):
        return f"{name}: {(target.resident() - baseline) / MIB:.0f} MiB more than before"
    return None


def run_cases(target, cases):
    failures = []
    baseline = target.resident()
    for case in cases:
        begun = time.monotonic()
        problem = judge(target, case, baseline)
        print(f"{'FAIL' if problem else 'ok  '} {time.monotonic() - begun:6.2f} s  {problem or case[0]}", flush=True)
        if problem:
            failures.append(problem)
    return failures


def observe(port, cases):
    target = Target(port)
    make_topics(target)
    for name, run, right in cases:
        outcome = run(target)
        shown = outcome if not isinstance(outcome, bytes) else "an answer"
        mark = "   " if outcome in right else "!! "
        print(f"{mark}{name}: {shown}", flush=True)


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("binary", nargs="?", default=os.environ.get("HIGHWATER"))
    parser.add_argument("--port", type=int)
    parser.add_argument("--only", default="")
    arguments = parser.parse_args()
    cases = [case for case in frames.CASES + batches.CASES + asked.CASES if arguments.only in case[0]]
    if arguments.port:
        return observe(arguments.port, cases)

    with tempfile.TemporaryDirectory(prefix="highwater-hostile-") as folder:
        node = Highwater(arguments.binary, folder, {
            "highwater.request.read.timeout.ms": str(int(Target.read_timeout * 1000)),
            "log.cleaner.enable": "false",
        })
        node.format()
        server = node.start()
        try:
            target = Target(node.port, server.process.pid, server.log_path)
            make_topics(target)
            failures = run_cases(target, cases)
            if server.process.poll() is not None:
                failures.append(f"the server ended with status {server.process.returncode}")
            lines = target.log_bytes().count(b"\n")
            if lines > 400:
                failures.append(f"{lines} log lines")
        finally:
            server.kill()
    print(f"{len(cases) - len(failures)} of {len(cases)} right")
    return 1 if failures else 0


if __name__ == "__main__":
    sys.exit(main())
