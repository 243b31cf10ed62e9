"""What every Python program of this folder speaks: `main.py HOST:PORT PREFIX` prints one JSON line per cell.

The topics PREFIX-none, -gzip, -snappy, -lz4, -zstd and -idempotent exist with one partition and are empty; PREFIX-admin is
the program's own to create and to delete. `ok` is true, false, or null where the client has no such interface.
"""

import asyncio
import json
import sys
import time
import traceback

RECORDS = 1000
SETTLE_SECONDS_MAX = 10
CREATED_RETENTION, ALTERED_RETENTION = "86400000", "3600000"


def key(index):
    return b"key-%04d" % index


def value(index):
    return b"value-%04d-" % index + b"x" * (index % 100)


def headers(index):
    return [("index", b"%d" % index), ("kind", b"interop")]


def check_record(topic, index, found_key, found_value, found_headers):
    wanted = (key(index), value(index), headers(index))
    found = (bytes(found_key), bytes(found_value), [(name, bytes(data)) for name, data in found_headers or []])
    require(found == wanted, f"{topic} record {index}: {found} instead of {wanted}")


def require(condition, why):
    if not condition:
        raise RuntimeError(why)


def until(look, wanted, what):
    """A broker may learn what the controller has answered a moment later; Apache's does."""
    deadline = time.monotonic() + SETTLE_SECONDS_MAX
    while (found := look()) != wanted:
        require(time.monotonic() < deadline, f"{what}: {found} instead of {wanted}")
        time.sleep(0.05)


async def until_async(look, wanted, what):
    deadline = time.monotonic() + SETTLE_SECONDS_MAX
    while (found := await look()) != wanted:
        require(time.monotonic() < deadline, f"{what}: {found} instead of {wanted}")
        await asyncio.sleep(0.05)


def say(cell, ok, detail, variants=()):
    print(json.dumps({"cell": cell, "ok": ok, "detail": detail, "variants": list(variants)}), flush=True)


def run(cell, work):
    """`work` returns (detail, variants); whatever it raises makes the cell red."""
    try:
        detail, variants = work()
        say(cell, True, detail, variants)
    except Exception as problem:  # whatever a client library raises belongs into the table
        at = traceback.extract_tb(problem.__traceback__)[-1]
        say(cell, False, f"{type(problem).__name__}: {problem} ({at.name}:{at.lineno})"[:600])


def arguments():
    return sys.argv[1], sys.argv[2]
