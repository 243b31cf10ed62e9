#!/usr/bin/env python3
"""Random sequences of raw requests to Apache Kafka and to Highwater; their answers are compared field by field.

differential.py --binary PATH --jars DIR --folder DIR [--sequences N] [--requests N] [--seed N] [--restart-every N]
Sequence number i has the seed SEED + i, so that `--seed SEED+i --sequences 1` plays it again. Exit status 1 when there is
a difference that wanted.py does not name."""

import argparse
import os
import shutil
import sys
import tempfile
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "support"))

import generator  # noqa: E402
from messages import load_apis  # noqa: E402
from nodes import Pair  # noqa: E402
from player import Player  # noqa: E402
from wanted import WANTED  # noqa: E402

SHOWN = 4000
ANSWERED = {71: (0, 0), 72: (0, 0)}  # by both, and advertised by neither


def advertised(player, node):
    answer = player.ask(node, 18, 0, {})
    return {one["ApiKey"]: (one["MinVersion"], one["MaxVersion"]) for one in answer["ApiKeys"]}


def common(ours, theirs, keys):
    """What both serve; a version that only one has is another test's matter."""
    served = {}
    for key in sorted(set(ours) & set(theirs)):
        low, high = max(ours[key][0], theirs[key][0]), min(ours[key][1], theirs[key][1])
        if key in keys and low <= high:
            served[key] = (low, high)
    return served


def start(pair, apis):
    """A fresh pair with its barrier topic, and a player for it."""
    pair.start()
    player = Player(pair, apis, {}, WANTED)
    pair.wait_until_ready(lambda node: len(player.ask(node, 3, 1, {"Topics": []})["Brokers"]) == 1)
    for node in pair.nodes():
        player.ask(node, 19, 4, {"Topics": [{"Name": "barrier", "NumPartitions": 1, "ReplicationFactor": 1}], "timeoutMs": 10000})
    pair.wait_until_ready(lambda node: player.describe(node, "barrier"))
    # Apache answers COORDINATOR_LOAD_IN_PROGRESS until its first block of producer ids has come.
    pair.wait_until_ready(lambda node: player.ask(node, 22, 1, {"TransactionalId": None, "TransactionTimeoutMs": 1})["ErrorCode"] == 0)
    player.served = common(*(advertised(player, node) for node in (pair.highwater, pair.apache)), apis) | ANSWERED
    not_drawn = sorted(set(player.served) - set(generator.MAKERS))
    if not_drawn:
        print("no requests are drawn for " + ", ".join(apis[key].name for key in not_drawn))
    return player


def short(value):
    """What was asked, with long texts and bytes cut: the seed brings them back."""
    if isinstance(value, dict):
        return {name: short(inner) for name, inner in value.items()}
    if isinstance(value, list):
        return [short(inner) for inner in value]
    if isinstance(value, bytes):
        return f"{len(value)} bytes {value[:80].hex()}{'...' if len(value) > 80 else ''}"
    return value[:60] + "..." if isinstance(value, str) and len(value) > 60 else value


def show(request, apis):
    told = f"{apis[request.key].name} v{request.version} {short(request.value)}"
    notes = f"   [{'; '.join(map(str, request.mangled))}]" if request.mangled or request.frame_seed is not None else ""
    return told[:1500] + notes


def report(outcome, seed, apis):
    last = outcome.played[-1][0]
    what = outcome.trouble or "a difference"
    print(f"--- seed {seed}: {what} at request {len(outcome.played)}, {apis[last.key].name} v{last.version}")
    for index, (request, answer) in enumerate(outcome.played, 1):
        print(f"  {index:3} {show(request, apis)}")
        if request is not last:
            print(f"      -> {str(answer)[:300]}")
    print(f"  Apache:    {str(short(outcome.answers[0]))[:SHOWN]}")
    print(f"  Highwater: {str(short(outcome.answers[1]))[:SHOWN]}")
    for path, apache, ours in outcome.differences[:10]:
        print(f"  at {path}: Apache {str(short(apache))[:400]}, Highwater {str(short(ours))[:400]}")
    print(f"  again: make differential SEED={seed} SEQUENCES=1", flush=True)


class Tally:
    def __init__(self):
        self.requests = self.sequences = 0
        self.failed = []
        self.by_key, self.wanted = {}, {}

    def add(self, outcome, seed):
        self.sequences += 1
        self.requests += len(outcome.played)
        for key, count in outcome.by_key.items():
            self.by_key[key] = self.by_key.get(key, 0) + count
        for reason, count in outcome.wanted.items():
            self.wanted[reason] = self.wanted.get(reason, 0) + count
        if outcome.differences or outcome.trouble:
            last = outcome.played[-1][0]
            self.failed.append((seed, last.key, last.version,
                                (outcome.differences or [("", outcome.trouble, "")])[0]))

    def print(self, apis, seconds):
        print("requests by API: " + ", ".join(f"{apis[key].name} {count}" for key, count in sorted(self.by_key.items())))
        for reason, count in sorted(self.wanted.items(), key=lambda one: -one[1]):
            print(f"wanted, {count} times: {reason}")
        for seed, key, version, (path, apache, ours) in self.failed:
            print(f"seed {seed}: {apis[key].name} v{version} {path}: Apache {str(apache)[:120]!r}, Highwater {str(ours)[:120]!r}")
        print(f"{self.sequences} sequences, {self.requests} requests, {len(self.failed)} unexplained differences, {seconds:.0f} s")


def parse():
    parser = argparse.ArgumentParser()
    parser.add_argument("--binary", required=True)
    parser.add_argument("--jars", required=True)
    parser.add_argument("--sequences", type=int, default=300)
    parser.add_argument("--requests", type=int, default=50)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--restart-every", type=int, default=100)
    parser.add_argument("--keep", action="store_true", help="keep the nodes' folders and logs")
    parser.add_argument("--texts-go-on", action="store_true", help="tell sentences that differ without ending the sequence")
    parser.add_argument("--apis", help="only these keys, with commas")
    return parser.parse_args()


def main():
    options = parse()
    apis = load_apis()
    folder = tempfile.mkdtemp(prefix="highwater-differential-")
    pair = Pair(folder, options.binary, options.jars)
    tally, player = Tally(), None
    began = time.monotonic()
    try:
        for index in range(options.sequences):
            if player is None or index % options.restart_every == 0:
                pair.stop()
                player = start(pair, apis)
                if options.apis:
                    player.served = {key: player.served[key] for key in map(int, options.apis.split(",")) if key in player.served}
            player.texts_stop = not options.texts_go_on
            seed = options.seed + index
            outcome = player.play(seed, f"s{seed}-", options.requests)
            tally.add(outcome, seed)
            for request, path, apache, ours in outcome.texts:
                print(f"text, seed {seed}: {show(request, apis)[:400]} at {path}\n  Apache:    {apache}\n  Highwater: {ours}", flush=True)
            if outcome.differences or outcome.trouble:
                report(outcome, seed, apis)
            if outcome.trouble:
                player = None
            for node in pair.nodes():
                if not node.running():
                    print(f"--- {node.name} ended with status {node.server.process.returncode} in the sequence of seed {seed}; "
                          f"its log: {node.server.log_path}", flush=True)
                    tally.failed.append((seed, 0, 0, ("process", "", "ended")))
                    options.keep = True
                    player = None
    finally:
        pair.stop()
        if options.keep:
            print(f"kept: {folder}")
        else:
            shutil.rmtree(folder, ignore_errors=True)
    tally.print(apis, time.monotonic() - began)
    return 1 if tally.failed else 0


if __name__ == "__main__":
    sys.exit(main())
