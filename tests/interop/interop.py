#!/usr/bin/env python3
"""Foreign clients and Apache's own tools against a running node: `interop.py --mode smoke|full --binary PATH --jars DIR`.

Prints one line per check and closes with `N passed, N failed, N skipped`. What could not run says NOT RUN, never ok.
"""

import argparse
import glob
import hashlib
import os
import re
import shutil
import subprocess
import sys
import tempfile
import threading
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "support"))

import both_ways  # noqa: E402
import corpus as corpora  # noqa: E402
import leftovers  # noqa: E402
import old_broker as old_brokers  # noqa: E402
import raised_quorum  # noqa: E402
import takeover  # noqa: E402
import tools  # noqa: E402
from servers import Apache, Highwater, Server, write_config  # noqa: E402

CODECS = ["none", "gzip", "snappy", "lz4", "zstd"]
SMOKE_RECORDS = 5_000
OWN_CLIENT = os.path.join(os.path.dirname(__file__), "..", "..", "build", "release", "bin", "own_client")
DUMP_TROUBLE = (b"Invalid", b"invalid", b"corrupt", b"Mismatches", b"mismatch", b"not valid", b"Index sanity check failed",
                b"isvalid: false", b"Could not", b"Exception", b"ERROR", b"Error at")


class Report:
    def __init__(self):
        self.passed = self.failed = self.skipped = 0

    def check(self, name, problem):
        """`problem` is None or what went wrong."""
        if problem is None:
            self.passed += 1
            print(f"ok   {name}", flush=True)
        else:
            self.failed += 1
            print(f"FAIL {name}: {problem}", flush=True)

    def skip(self, name, why):
        self.skipped += 1
        print(f"NOT RUN {name}: {why}", flush=True)


def kcat_produce(bootstrap, topic, corpus, codec, acks, idempotent):
    command = ["kcat", "-P", "-b", bootstrap, "-t", topic, "-p", "0", "-K", "\x1f", "-D", "\x1e", "-z", codec,
               "-X", f"acks={acks}", "-X", f"enable.idempotence={'true' if idempotent else 'false'}",
               "-X", "message.timeout.ms=60000", "-X", "queue.buffering.max.messages=200000"]
    with open(corpus.path, "rb") as records:
        run = subprocess.run(command, stdin=records, capture_output=True, timeout=120)
    return None if run.returncode == 0 else f"kcat ended with {run.returncode}: {run.stderr[-300:].decode(errors='replace')}"


def kcat_digest(bootstrap, topic, corpus):
    """None when kcat reads back exactly what the corpus holds."""
    command = ["kcat", "-C", "-q", "-e", "-b", bootstrap, "-t", topic, "-p", "0", "-o", "beginning", "-K", "\x1f", "-D", "\x1e"]
    digest = hashlib.sha256()
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as kcat:
        total = 0
        while chunk := kcat.stdout.read(1 << 20):
            digest.update(chunk)
            total += len(chunk)
        error = kcat.stderr.read()
        if kcat.wait() != 0:
            return f"kcat ended with {kcat.returncode}: {error[-300:].decode(errors='replace')}"
    return None if digest.hexdigest() == corpus.sha256 else f"sha256 differs after {total} bytes"


def own_client_digest(binary, bootstrap, topic, corpus):
    """None when our own client on io/linux reads back exactly what the corpus holds."""
    host, port = bootstrap.rsplit(":", 1)
    run = subprocess.run([binary, "read", host, port, topic, "0"], stdout=subprocess.PIPE, stderr=subprocess.PIPE, timeout=300)
    if run.returncode != 0:
        return f"own_client ended with {run.returncode}: {run.stderr[-300:].decode(errors='replace')}"
    same = hashlib.sha256(run.stdout).hexdigest() == corpus.sha256
    return None if same else f"sha256 differs after {len(run.stdout)} bytes"


def java(apache, report, server, *commands):
    """Runs Clients with the commands given as lists, and takes its lines over into the report."""
    joined = []
    for command in commands:
        joined += (["--"] if joined else []) + [str(part) for part in command]
    run = apache.run("Clients", server.bootstrap, *joined, timeout=300)
    lines = [line for line in run.stdout.decode(errors="replace").split("\n") if line.startswith(("ok ", "FAIL "))]
    for line in lines:
        word, _, rest = line.partition(" ")
        name, _, why = rest.partition(": ")
        report.check(name, None if word == "ok" else why)
    if len(lines) != len(commands):
        report.check("java clients", f"{len(lines)} of {len(commands)} commands answered: {run.stderr[-500:].decode(errors='replace')}")


def variants(mode):
    """(topic, codec, acks, idempotent) of every way in which the corpus is written."""
    if mode == "smoke":
        return [(f"kcat-{codec}", codec, "all", False) for codec in CODECS] + [("kcat-idempotent", "zstd", "all", True)]
    ways = []
    for codec in CODECS:
        for acks in ("0", "1", "all"):
            ways.append((f"kcat-{codec}-acks-{acks}", codec, acks, False))
        ways.append((f"kcat-{codec}-idempotent", codec, "all", True))
    return ways


def read_all(report, server, topics, corpus, moment):
    for topic in topics:
        report.check(f"kcat reads {topic} {moment}", kcat_digest(server.bootstrap, topic, corpus))
        report.check(f"own client reads {topic} {moment}", own_client_digest(OWN_CLIENT, server.bootstrap, topic, corpus))


def console_consumer(report, apache, server, topics, corpus):
    for topic in topics:
        run = apache.run("org.apache.kafka.tools.consumer.ConsoleConsumer", "--bootstrap-server", server.bootstrap, "--topic", topic,
                         "--partition", "0", "--offset", "earliest", "--max-messages", str(corpus.records), "--timeout-ms", "20000",
                         "--formatter-property", "print.key=true", "--formatter-property", "key.separator=\x1f",
                         "--formatter-property", "line.separator=\x1e", timeout=120)
        same = hashlib.sha256(run.stdout).hexdigest() == corpus.sha256
        report.check(f"console consumer reads {topic}", None if same else f"{len(run.stdout)} bytes differ: {run.stderr[-300:]!r}")


def readme_program(report, apache, server, folder):
    """The Java program of the README, as it stands there but for the port."""
    with open(os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "..", "README.md"), encoding="utf-8") as readme:
        program = re.search(r"```java\n(.*?)```", readme.read(), re.S).group(1)
    source = os.path.join(folder, "First.java")
    with open(source, "w", encoding="utf-8") as file:
        file.write(program.replace("localhost:9092", server.bootstrap))
    run = apache.run(source, timeout=60)
    report.check("README's Java program", None if b"hello: from Java" in run.stdout else f"{run.stdout[-300:]!r} {run.stderr[-500:]!r}")


def dump_log(report, apache, data):
    """Apache's DumpLogSegments over every file that a clean stop left."""
    logs = sorted(glob.glob(f"{data}/*/*.log"))
    metadata = [path for path in logs if "/__cluster_metadata-0/" in path]
    ordinary = [path for path in logs if path not in metadata]
    tool = "org.apache.kafka.tools.DumpLogSegments"

    def run(name, *args):
        done = apache.run(tool, *args, timeout=300)
        output = done.stdout + done.stderr
        trouble = next((word for word in DUMP_TROUBLE if word in output), None)
        if done.returncode != 0 or trouble:
            at = output.find(trouble) if trouble else 0
            report.check(name, f"status {done.returncode}, {output[max(0, at - 100):at + 300]!r}")
        else:
            report.check(name, None)
        return output

    run(f"dump-log reads {len(ordinary)} logs deeply", "--deep-iteration", "--files", ",".join(ordinary))
    for kind in ("index", "timeindex", "snapshot"):
        files = [path for path in sorted(glob.glob(f"{data}/*/*.{kind}"))]
        if files:
            extra = ["--index-sanity-check"] if kind != "snapshot" else []
            run(f"dump-log accepts {len(files)} .{kind} files", *extra, "--files", ",".join(files))
    checkpoints = sorted(glob.glob(f"{data}/__cluster_metadata-0/*.checkpoint"))
    output = run("dump-log decodes the metadata log", "--cluster-metadata-decoder", "--files", ",".join(metadata + checkpoints))
    report.check("metadata log holds topic records", None if b"TOPIC_RECORD" in output else "no TOPIC_RECORD printed")
    known = b"skipping record" not in output.lower() and b"unknown" not in output.lower()
    report.check("metadata log holds no unknown record", None if known else "an unknown record was printed")


def apache_serves(report, apache, node, topics, corpus):
    """Apache's own server on a copy of the directory: it starts and serves equal bytes."""
    copy = os.path.join(node.folder, "apache")
    shutil.copytree(node.data, os.path.join(copy, "data"))
    config = os.path.join(copy, "server.properties")
    write_config(config, [os.path.join(copy, "data")], node.port, node.controller_port, node.extra)
    try:
        server = apache.start(copy, config, node.port)
    except RuntimeError as problem:
        with open(os.path.join(copy, "apache.log"), encoding="utf-8", errors="replace") as log:
            report.check("Apache starts on our directory", f"{problem}: {log.read()[-1500:]}")
        return
    report.check("Apache starts on our directory", None)
    for topic in topics:
        report.check(f"Apache serves {topic} from our directory", kcat_digest(server.bootstrap, topic, corpus))
    server.stop()
    with open(os.path.join(copy, "apache.log"), encoding="utf-8", errors="replace") as log:
        recovered = [line for line in log if "Recovering unflushed segment" in line and "__cluster_metadata" not in line]
    # Apache always reads the metadata log as if it had not been closed.
    report.check("Apache found nothing to recover", None if not recovered else recovered[0].strip())


class Beside(threading.Thread):
    """A long check beside the others: it waits more than it computes. `work` gets a folder and a log, and gives its name."""

    def __init__(self, folder, name, work):
        super().__init__()
        self.folder = os.path.join(folder, name.replace(" ", "-"))
        os.mkdir(self.folder)
        self.done, self.work, self.problem = name, work, "it did not end"
        self.start()

    def run(self):
        try:
            with open(os.path.join(self.folder, "progress.log"), "w", encoding="utf-8") as log:
                self.done = self.work(self.folder, log)
            self.problem = None
        except (RuntimeError, subprocess.SubprocessError, OSError) as problem:
            self.problem = str(problem)[:800]


def start_beside(arguments, apache, folder):
    """Other people's files: our node and Apache's in turn on the same directories."""
    full = arguments.mode == "full"

    def takeovers(own, log):
        rounds = 100 if full else 2
        compared = takeover.run(arguments.binary, apache, own, rounds, int(time.time()), log)
        return f"{rounds} takeovers after kill -9, {compared} recovered logs equal"

    def cleanly(first):
        def work(own, log):
            times = 3 if full else 1
            lines, missing = both_ways.run(arguments.binary, apache, own, first, times, log)
            without = f", not offered: {', '.join(missing)}" if missing else ""
            return f"{times} times both ways from {first}, {lines} lines of inventories equal{without}"

        return work

    def old_broker(own, log):
        jars = old_brokers.jars(os.path.dirname(os.path.abspath(__file__)))
        return f"{old_brokers.run(arguments.binary, apache, own, jars, log)} logs of magic 0 and 1 from Kafka 2.8"

    def left_over(own, log):
        return f"what crashes and hands leave in a directory, {leftovers.run(arguments.binary, apache, own, log)} lines equal"

    def raised(own, log):
        answers = raised_quorum.run(arguments.binary, apache, own, log)
        return f"static quorums raised to kraft.version 1 go both ways, {answers} answers of the tool equal"

    def alike(own, log):
        lines, excepted = tools.run(arguments.binary, arguments.jars, arguments.classes, own, log)
        return f"{lines} command lines of Apache's tools equal, {len(excepted)} kinds of exceptions"

    started = [Beside(folder, "tools", alike), Beside(folder, "takeovers", takeovers), Beside(folder, "both ways from apache", cleanly("apache"))]
    if full:
        started.append(Beside(folder, "both ways from highwater", cleanly("highwater")))
        started.append(Beside(folder, "leftovers", left_over))
        started.append(Beside(folder, "raised quorums", raised))
        started.append(Beside(folder, "logs of an old broker", old_broker))
    return started


def run(arguments, report, folder):
    # Most of its programs live for seconds: what the second compiler makes of them comes too late.
    apache = Apache(arguments.jars, arguments.classes, ["-XX:TieredStopAtLevel=1"]) if arguments.jars else None
    full = arguments.mode == "full"
    corpus = corpora.build(folder, None if full else SMOKE_RECORDS)
    if full:
        report.check(f"the package index has {corpus.records} records", None if corpus.records >= 50_000 else "fewer than 50,000")
    beside = start_beside(arguments, apache, folder) if apache else []
    try:
        clients_and_tools(arguments, report, folder, corpus, apache)
    finally:
        for check in beside:
            check.join()
            report.check(check.done, check.problem)
        if not apache:
            report.skip("takeovers and both ways", "no jars")


def clients_and_tools(arguments, report, folder, corpus, apache):
    full = arguments.mode == "full"
    node = Highwater(arguments.binary, folder)
    node.format()
    server: Server = node.start()
    try:
        ways = variants(arguments.mode)
        for topic, codec, acks, idempotent in ways:
            report.check(f"kcat writes {topic}", kcat_produce(server.bootstrap, topic, corpus, codec, acks, idempotent))
        topics = [way[0] for way in ways]
        read_all(report, server, topics, corpus, "back")
        if apache:
            commands = [["admin"]] + [["codec", codec, 2_000] for codec in CODECS]
            for codec in CODECS if full else ["zstd"]:
                commands.append(["produce-file", f"java-file-{codec}", codec, corpus.path])
                commands.append(["digest", f"java-file-{codec}", corpus.records, corpus.sha256])
                topics.append(f"java-file-{codec}")
            java(apache, report, server, *commands)
            readme_program(report, apache, server, folder)
            console_consumer(report, apache, server, topics if full else topics[-1:], corpus)
        else:
            report.skip("Java clients", "no jars")
        server.kill()
        server = node.start()
        read_all(report, server, topics, corpus, "after kill -9")
        status = server.stop()
        report.check("SIGTERM ends the server with status 0", None if status == 0 else f"status {status}")
        server = node.start()
        read_all(report, server, topics if full else topics[:1], corpus, "after a clean stop")
        server.stop()
        if apache:
            dump_log(report, apache, node.data)
            apache_serves(report, apache, node, topics if full else topics[:2], corpus)
        else:
            report.skip("dump-log and Apache's server on our directory", "no jars")
    finally:
        server.kill()


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--mode", choices=["smoke", "full"], default="smoke")
    parser.add_argument("--binary", required=True)
    parser.add_argument("--jars", default="")
    parser.add_argument("--classes", default="")
    parser.add_argument("--keep", action="store_true", help="leave the folder and print its name")
    arguments = parser.parse_args()
    report = Report()
    started = time.monotonic()
    folder = tempfile.mkdtemp(prefix="highwater-interop-")
    try:
        run(arguments, report, folder)
    except (RuntimeError, subprocess.SubprocessError, OSError) as problem:
        report.check("interop", repr(problem)[:800])
        log = os.path.join(folder, "highwater.log")
        if os.path.exists(log):
            with open(log, encoding="utf-8", errors="replace") as file:
                print(file.read()[-3000:])
    finally:
        if arguments.keep:
            print(f"left in {folder}")
        else:
            shutil.rmtree(folder, ignore_errors=True)
    print(f"interop {arguments.mode} took {time.monotonic() - started:.0f} s")
    print(f"{report.passed} passed, {report.failed} failed, {report.skipped} skipped")
    return 1 if report.failed else 0


if __name__ == "__main__":
    sys.exit(main())
