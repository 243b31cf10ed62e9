#!/usr/bin/env python3
"""Sends the same requests about configurations to two servers and prints what differs.

    configs_compare.py ask PORT FILE        answers of one server as JSON
    configs_compare.py diff OURS THEIRS     compares two such files; exit status 1 when they differ
"""

import json
import os
import sys

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path[:0] = [HERE, os.path.join(os.path.dirname(HERE), "support")]

from config_requests import alter, incremental_alter  # noqa: E402
from configs_cases import CASES  # noqa: E402
from kafka_wire import Connection, leader_of, settle  # noqa: E402


def plain(value):
    return json.loads(json.dumps(value))


def ask(port):
    """What was changed is applied a moment after it is acknowledged: asked too early, Apache tells the old values."""
    answers = []
    connection = Connection(port)
    for topic in ("t", "u"):
        connection.create_topic(topic, 1)
        leader_of(connection, topic)
    for name, call, args, options in CASES:
        try:
            answers.append((name, plain(call(connection, *args, **options))))
            if call in (alter, incremental_alter) and not options.get("validate_only"):
                settle(connection)
        except (ConnectionError, OSError) as problem:
            answers.append((name, f"closed: {type(problem).__name__}"))
            connection = Connection(port)
    return answers


PLACES = ("advertised.listeners", "controller.quorum.voters", "listeners", "log.dirs")


def own(key):
    """Keys that Highwater adds to Kafka's."""
    return key.startswith("highwater.") or key == "log.durability"


def normal(value):
    """Documentation is in each server's own words: what counts is that it is there. Ports and folders differ."""
    if isinstance(value, dict):
        return {k: (bool(v) if k == "doc" else k in PLACES or normal(v)) for k, v in value.items() if not own(k)}
    return [normal(item) for item in value] if isinstance(value, list) else value


def differences(path, ours, theirs):
    if isinstance(ours, dict) and isinstance(theirs, dict):
        for key in sorted(set(ours) | set(theirs)):
            if key not in ours or key not in theirs:
                yield f"{path}/{key}", ours.get(key, "(not there)"), theirs.get(key, "(not there)")
            else:
                yield from differences(f"{path}/{key}", ours[key], theirs[key])
    elif isinstance(ours, list) and isinstance(theirs, list) and len(ours) == len(theirs):
        for index, (one, other) in enumerate(zip(ours, theirs)):
            yield from differences(f"{path}/{index}", one, other)
    elif ours != theirs:
        yield path, ours, theirs


def main():
    if len(sys.argv) != 4 or sys.argv[1] not in ("ask", "diff"):
        sys.exit(__doc__)
    if sys.argv[1] == "ask":
        with open(sys.argv[3], "w", encoding="utf-8") as file:
            json.dump(ask(int(sys.argv[2])), file, indent=1)
        return
    with open(sys.argv[2], encoding="utf-8") as one, open(sys.argv[3], encoding="utf-8") as other:
        ours, theirs = json.load(one), json.load(other)
    different = 0
    for (name, left), (_, right) in zip(ours, theirs):
        found = list(differences("", normal(left), normal(right)))
        different += bool(found)
        for path, a, b in found:
            print(f"{name}\n  {path}\n    ours   {a!r}\n    theirs {b!r}")
    print(f"{len(ours)} requests, {different} answered differently")
    sys.exit(different > 0)


main()
