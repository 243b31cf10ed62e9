#!/usr/bin/env python3
"""No request holds a core: while requests of eight megabytes are decided, another client of the same core asks for
ApiVersions a thousand times a second, and the longest of its waits is what counts (rule L1).

long_requests_test.py BINARY [--only TEXT] [--megabytes N] [--measure]   with --measure it judges nothing
"""

import argparse
import multiprocessing
import os
import sys
import tempfile
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "support"))

import long_requests  # noqa: E402
from servers import Highwater  # noqa: E402
from speech import API_VERSIONS, Connection, create_topic, header, metadata  # noqa: E402
from waiting import PATIENCE  # noqa: E402

# A machine that runs other tests has pauses of its own. They do not come five times in a row; ours would.
WAIT_LIMIT_MS, ATTEMPTS = 100, 5


def ping(port, pipe):
    """Says with each message how long the longest wait since the last one was, in milliseconds."""
    question, longest = header(API_VERSIONS, 0), 0.0
    with Connection(port, timeout=PATIENCE) as connection:
        while True:
            begun = time.monotonic()
            connection.exchange(question, PATIENCE)
            longest = max(longest, (time.monotonic() - begun) * 1000)
            if pipe.poll(0.001):
                if pipe.recv() == "stop":
                    return
                pipe.send(longest)
                longest = 0.0


class Pinger:
    def __init__(self, port):
        self.pipe, theirs = multiprocessing.Pipe()
        self.process = multiprocessing.Process(target=ping, args=(port, theirs), daemon=True)
        self.process.start()
        self.longest()

    def longest(self):
        self.pipe.send("longest")
        assert self.pipe.poll(PATIENCE), "the other client is not served"
        return self.pipe.recv()

    def stop(self):
        self.pipe.send("stop")
        self.process.join(PATIENCE)


def longest_wait(port, pinger, body):
    with Connection(port, timeout=PATIENCE) as connection:
        pinger.longest()
        answer = connection.exchange(body, PATIENCE)
        assert isinstance(answer, bytes), answer
        return pinger.longest()


def cases(size):
    for make in long_requests.MAKERS:
        yield make.__name__, lambda attempt, make=make: long_requests.of_bytes(make, size)
    # What is decided and written: as many records as one batch of the metadata log holds. Each attempt names others.
    yield "written create_topics", lambda attempt: long_requests.create_topics(5000, f"made{attempt}")
    yield "written alter_configs", lambda attempt: long_requests.alter_configs(4999, "made0")
    yield "metadata of all topics", lambda attempt: header(3, 1) + b"\xff\xff\xff\xff"
    yield "written delete_topics", lambda attempt: long_requests.delete_topics(5000, f"made{attempt}")
    yield "written alter_quotas", lambda attempt: long_requests.alter_quotas(10_000, f"made{attempt}")
    yield "written alter_scram", lambda attempt: long_requests.alter_scram(10_000, f"made{attempt}")


def run(target, arguments):
    failures = []
    with Connection(target.port) as connection:
        assert create_topic(connection, "plain") == 0
        metadata(connection, ["plain"])
    pinger = Pinger(target.port)
    for name, make in cases(arguments.megabytes * 1_000_000):
        if arguments.only not in name:
            continue
        waits = []
        while len(waits) < (1 if arguments.measure else ATTEMPTS) and min(waits, default=WAIT_LIMIT_MS + 1) > WAIT_LIMIT_MS:
            waits.append(longest_wait(target.port, pinger, make(len(waits))))
        fits = min(waits) <= WAIT_LIMIT_MS
        print(f"{'ok  ' if fits else 'FAIL'} {name}: {', '.join(f'{wait:.1f}' for wait in waits)} ms", flush=True)
        if not fits:
            failures.append(name)
    pinger.stop()
    return failures


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("binary", nargs="?", default=os.environ.get("HIGHWATER"))
    parser.add_argument("--only", default="")
    parser.add_argument("--megabytes", type=int, default=8)
    parser.add_argument("--measure", action="store_true")
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="highwater-long-") as folder:
        node = Highwater(arguments.binary, folder, {"log.cleaner.enable": "false"})
        node.format()
        server = node.start()
        try:
            failures = run(node, arguments)
            alive = server.process.poll() is None
        finally:
            server.kill()
    return 1 if not alive or (failures and not arguments.measure) else 0


if __name__ == "__main__":
    sys.exit(main())
