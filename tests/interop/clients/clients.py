#!/usr/bin/env python3
"""Every client library that people use, without groups: `clients.py --binary PATH [--apache] [--only NAME,NAME]`.

Each client has its folder here with one small program (contract.py says what the programs speak) and a manifest that pins
the versions. Dependencies come through the language's ordinary tool into ~/.cache/highwater/clients, never into this tree;
a client whose dependency is not to be had prints NOT RUN and why. `--apache` runs the same programs against Apache's
broker, which shows whether a red cell is the program's own fault.

A green `produce` cell is not the program's word alone: kcat reads every topic back and each record is compared.
Exit status 1 when a cell is red; a cell that a client's interface does not have says so in the last column.
"""

import argparse
import concurrent.futures
import json
import os
import subprocess
import sys
import tempfile
import time

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(HERE, "..", "..", "support"))
sys.path.insert(0, HERE)

import contract  # noqa: E402
from catalogue import CLIENTS, Missing, build  # noqa: E402
from kafka_wire import Connection  # noqa: E402
from servers import Apache, Highwater, write_config  # noqa: E402

CELLS = ["produce", "consume", "admin"]
VARIANTS = ["none", "gzip", "snappy", "lz4", "zstd", "idempotent"]
CLIENT_SECONDS_MAX = 120
AT_ONCE = 4


class Row:
    """One line of the table. A cell is `ok`, `FAIL`, `-` (not in the client's interface) or `NOT RUN`."""

    def __init__(self, client):
        self.client = client
        self.version = client.version
        self.cells = dict.fromkeys(CELLS, "FAIL")
        self.notes = []

    def not_run(self, why):
        self.cells = dict.fromkeys(CELLS, "NOT RUN")
        self.notes = [why]

    def red(self, cell, why):
        self.cells[cell] = "FAIL"
        self.notes.append(f"{cell}: {why}")


def read_back(bootstrap, prefix, variant):
    """None when kcat finds exactly the contract's records in the topic."""
    topic = f"{prefix}-{variant}"
    command = ["kcat", "-C", "-q", "-e", "-b", bootstrap, "-t", topic, "-p", "0", "-o", "beginning", "-f", "%k|%h|%s\n"]
    run = subprocess.run(command, capture_output=True, timeout=60)
    lines = run.stdout.decode(errors="replace").split("\n")[:-1]
    # Programs delete the first ten records of the topic `none` once they have seen delete records work.
    first = contract.RECORDS - len(lines) if variant == "none" and len(lines) == contract.RECORDS - 10 else 0
    wanted = []
    for index in range(first, contract.RECORDS):
        headers = ",".join(f"{name}={data.decode()}" for name, data in contract.headers(index))
        wanted.append(f"{contract.key(index).decode()}|{headers}|{contract.value(index).decode()}")
    if lines == wanted:
        return None
    differing = next((pair for pair in zip(lines, wanted) if pair[0] != pair[1]), ("", ""))
    return f"kcat reads {len(lines)} records of {topic}, first difference {differing[0][:80]!r}, {run.stderr[-200:]!r}"


def fill(row, answers, bootstrap, prefix):
    for answer in answers:
        cell = answer["cell"]
        # A library of the system may be another one than the catalogue names.
        row.version = answer.get("version", row.version)
        if answer["ok"] is None:
            row.cells[cell] = "-"
            row.notes.append(f"{cell}: {answer['detail']}")
        elif not answer["ok"]:
            row.red(cell, answer["detail"])
        else:
            row.cells[cell] = "ok"
            if answer["detail"] and cell != "consume":
                row.notes.append(f"{cell}: {answer['detail']}")
        for variant in answer.get("variants") or ():
            problem = read_back(bootstrap, prefix, variant)
            if problem:
                row.red(cell, problem)


def run_client(client, bootstrap):
    row = Row(client)
    try:
        command = build(client)
    except Missing as why:
        row.not_run(str(why))
        return row
    prefix = f"{client.name.replace('_', '-')}-{os.getpid()}"
    host, port = bootstrap.rsplit(":", 1)
    with Connection(int(port), host, timeout=30) as connection:
        for variant in VARIANTS:
            connection.create_topic(f"{prefix}-{variant}", 1)
    try:
        run = subprocess.run(command + [bootstrap, prefix], capture_output=True, timeout=CLIENT_SECONDS_MAX)
        output, error = run.stdout, run.stderr
    except subprocess.TimeoutExpired as late:
        output, error = late.stdout or b"", b"it did not end"
    answers = [json.loads(line) for line in output.decode(errors="replace").split("\n") if line.startswith('{"cell"')]
    fill(row, answers, bootstrap, prefix)
    for cell in set(CELLS) - {answer["cell"] for answer in answers}:
        row.red(cell, f"the program said nothing: {error[-300:].decode(errors='replace')}")
    return row


def table(title, rows):
    print(f"\nClients without groups against {title}")
    widths = (max(len(row.client.title) for row in rows), max(len(row.version) for row in rows))
    print(f"  {'client':{widths[0]}}  {'version':{widths[1]}}  {'produce':8} {'consume':8} {'admin':8} notes")
    for row in rows:
        cells = " ".join(f"{row.cells[cell]:8}" for cell in CELLS)
        print(f"  {row.client.title:{widths[0]}}  {row.version:{widths[1]}}  {cells} {'; '.join(row.notes)}")
    count = [cell for row in rows for cell in row.cells.values()]
    summary = ", ".join(f"{count.count(word)} {name}" for word, name in
                        (("ok", "green"), ("FAIL", "red"), ("-", "not in the interface"), ("NOT RUN", "not run")))
    print(f"  {summary}", flush=True)
    return count.count("FAIL")


def against(title, bootstrap, clients):
    began = time.monotonic()
    with concurrent.futures.ThreadPoolExecutor(AT_ONCE) as pool:
        rows = list(pool.map(lambda client: run_client(client, bootstrap), clients))
    red = table(title, rows)
    print(f"  {time.monotonic() - began:.0f} s", flush=True)
    return red


def start_apache(folder):
    jars = subprocess.run([os.path.join(HERE, "..", "..", "support", "apache", "jars.sh")], capture_output=True, text=True)
    if jars.returncode != 0:
        print(f"NOT RUN clients against Apache: {jars.stderr.strip()}")
        return None
    from servers import format_directories, free_port
    port, controller_port = free_port(), free_port()
    config = os.path.join(folder, "server.properties")
    write_config(config, [os.path.join(folder, "data")], port, controller_port)
    apache = Apache(jars.stdout.strip(), folder)
    cluster = apache.run("kafka.tools.StorageTool", "random-uuid").stdout.decode().strip().split("\n")[-1]
    formatted = apache.run("kafka.tools.StorageTool", "format", "-t", cluster, "-c", config, "--standalone")
    if formatted.returncode != 0:
        raise RuntimeError(formatted.stderr[-500:])
    return apache.start(folder, config, port)


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--binary", default="build/release/bin/highwater")
    parser.add_argument("--apache", action="store_true", help="the same programs against Apache's broker too")
    parser.add_argument("--only", default="", help="names of clients, separated by commas")
    arguments = parser.parse_args()
    chosen = [client for client in CLIENTS if not arguments.only or client.name in arguments.only.split(",")]
    red = 0
    with tempfile.TemporaryDirectory(prefix="highwater-clients-") as folder:
        node = Highwater(arguments.binary, folder)
        node.format()
        server = node.start()
        try:
            red += against("Highwater", server.bootstrap, chosen)
        finally:
            server.stop()
        if arguments.apache:
            own = os.path.join(folder, "apache")
            os.mkdir(own)
            server = start_apache(own)
            if server:
                try:
                    against("Apache Kafka", server.bootstrap, chosen)
                finally:
                    server.stop()
    sys.exit(1 if red else 0)


if __name__ == "__main__":
    main()
