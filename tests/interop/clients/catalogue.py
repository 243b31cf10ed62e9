"""The clients, their pinned versions, and how each gets its dependencies through its language's ordinary tool.

What is fetched and built lies in ~/.cache/highwater/clients/NAME-HASH, where HASH is over the client's own files: a changed
program or manifest builds anew, an unchanged one starts at once.
"""

import collections
import dataclasses
import glob
import hashlib
import json
import os
import re
import shutil
import subprocess
import sys
import threading

HERE = os.path.dirname(os.path.abspath(__file__))
CACHE = os.path.join(os.path.expanduser("~"), ".cache", "highwater", "clients")
FETCH_SECONDS_MAX = 900
BUSY = collections.defaultdict(threading.Lock)  # of each folder in the cache: two clients may want the same one


class Missing(Exception):
    """Why a client cannot run on this machine."""


@dataclasses.dataclass(frozen=True)
class Client:
    name: str
    title: str
    version: str
    how: object  # (Client, folder in the cache) -> command line without the contract's two arguments
    folder: str = ""  # of the program, when several clients share one

    @property
    def source(self):
        return os.path.join(HERE, self.folder or self.name)


def need(program, what):
    if not shutil.which(program):
        raise Missing(f"{program} is not installed ({what})")


def tool(command, cwd, environment=None):
    try:
        run = subprocess.run(command, cwd=cwd, capture_output=True, timeout=FETCH_SECONDS_MAX,
                             env={**os.environ, **(environment or {})})
    except subprocess.TimeoutExpired as late:
        raise Missing(f"{command[0]} did not end in {FETCH_SECONDS_MAX} s") from late
    if run.returncode != 0:
        lines = (run.stderr or run.stdout).decode(errors="replace").strip().split("\n")
        why = next((line for line in lines if "error" in line.lower()), lines[-1])
        raise Missing(f"`{os.path.basename(command[0])} {' '.join(command[1:3])}` failed: {why[:200]}")
    return run.stdout.decode(errors="replace")


def once(folder, work):
    """Runs `work` unless an earlier run completed it in this folder."""
    complete = os.path.join(folder, ".complete")
    with BUSY[folder]:
        if not os.path.exists(complete):
            shutil.rmtree(folder, ignore_errors=True)
            os.makedirs(folder)
            work()
            with open(complete, "w", encoding="utf-8"):
                pass


def build(client):
    """The command line that runs the client; fetches and compiles what is not in the cache yet. Raises Missing."""
    digest = hashlib.sha256(client.version.encode())
    shared = glob.glob(os.path.join(HERE, "contract*")) + glob.glob(os.path.join(HERE, "go_contract", "*"))
    own = glob.glob(os.path.join(client.source, "**", "*"), recursive=True)
    for path in sorted(own) + sorted(shared):
        if os.path.isfile(path):
            with open(path, "rb") as file:
                digest.update(os.path.relpath(path, HERE).encode() + b"\0" + file.read())
    return client.how(client, os.path.join(CACHE, f"{client.name}-{digest.hexdigest()[:12]}"))


def python(client, folder):
    def work():
        tool([sys.executable, "-m", "venv", folder], HERE)
        tool([os.path.join(folder, "bin", "pip"), "install", "-q", "-r", os.path.join(client.source, "requirements.txt")], HERE)

    once(folder, work)
    return [os.path.join(folder, "bin", "python"), os.path.join(client.source, "main.py")]


def go(client, folder):
    need("go", "Go 1.26 or newer")
    binary = os.path.join(folder, "main")
    once(folder, lambda: tool(["go", "build", "-mod=readonly", "-o", binary, "."], client.source))
    return [binary]


def node(client, folder):
    need("node", "Debian: nodejs")
    need("npm", "Debian: npm")

    def work():
        for path in glob.glob(os.path.join(client.source, "*")) + [os.path.join(HERE, "contract.mjs")]:
            shutil.copy(path, folder)
        tool(["npm", "ci", "--ignore-scripts", "--no-audit", "--no-fund"], folder)

    once(folder, work)
    return ["node", os.path.join(folder, "main.mjs")]


def rust_sources(client):
    """The package in the cache with everything it depends on fetched, in the versions and checksums that Cargo.lock.in pins.

    A lock names the registry on every entry. Ours leaves that open: cargo writes a lock of its own first and says it there.
    """
    with open(os.path.join(client.source, "Cargo.lock.in"), encoding="utf-8") as file:
        pinned = file.read()
    folder = os.path.join(CACHE, f"{client.name}-{hashlib.sha256(pinned.encode()).hexdigest()[:12]}")

    def work():
        shutil.copy(os.path.join(client.source, "Cargo.toml"), folder)
        shutil.copytree(os.path.join(client.source, "src"), os.path.join(folder, "src"))
        tool(["cargo", "generate-lockfile"], folder)
        lock = os.path.join(folder, "Cargo.lock")
        with open(lock, encoding="utf-8") as file:
            source = re.search(r'^source = ".*"$', file.read(), re.M).group()
        with open(lock, "w", encoding="utf-8") as file:
            file.write(re.sub(r'^source = ".*"$', source, pinned, flags=re.M))
        tool(["cargo", "fetch", "--locked"], folder)

    once(folder, work)
    return folder


def rust(client, folder):
    need("cargo", "Rust 1.85 or newer")
    binary = os.path.join(folder, "rust_rdkafka")

    def work():
        sources = rust_sources(client)
        shutil.copytree(os.path.join(client.source, "src"), os.path.join(sources, "src"), dirs_exist_ok=True)
        tool(["cargo", "build", "--release", "--locked"], sources)
        shutil.copy(os.path.join(sources, "target", "release", "rust_rdkafka"), binary)

    once(folder, work)
    return [binary]


def jars_of(line):
    script = os.path.join(HERE, "..", "..", "support", "apache", "jars.sh")
    run = subprocess.run([script] + line, capture_output=True, text=True, check=False)
    if run.returncode != 0:
        raise Missing(run.stderr.strip())
    return run.stdout.strip()


def java(line):
    def how(client, folder):
        jars = jars_of(line)
        once(folder, lambda: tool(["javac", "-nowarn", "-cp", f"{jars}/*", "-d", folder, "Main.java"], client.source))
        return ["java", "-Xmx256m", "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1", "-Dorg.slf4j.simpleLogger.defaultLogLevel=error",
                "-Dlog4j2.level=ERROR", "-cp", f"{folder}:{jars}/*", "Main"]

    return how


def rdkafka_header():
    """The folder of rdkafka.h: Debian's, or the one in the sources that the Rust client's crate carries."""
    if os.path.exists("/usr/include/librdkafka/rdkafka.h"):
        return "/usr/include/librdkafka"
    need("cargo", "or Debian's librdkafka-dev, for rdkafka.h")
    folder = rust_sources(next(other for other in CLIENTS if other.name == "rust_rdkafka"))
    packages = json.loads(tool(["cargo", "metadata", "--locked", "--format-version", "1"], folder))
    (sources,) = [package["manifest_path"] for package in packages["packages"] if package["name"] == "rdkafka-sys"]
    return os.path.join(os.path.dirname(sources), "librdkafka", "src")


def compile_c(client, folder, library):
    need("cc", "Debian: gcc")
    binary = os.path.join(folder, "main")
    command = ["cc", "-O1", "-Wall", "-Werror", f"-I{rdkafka_header()}", "-o", binary, "main.c", library,
               f"-Wl,-rpath,{os.path.dirname(library)}", "-Wl,--allow-shlib-undefined"]
    once(folder, lambda: tool(command, client.source))
    return [binary]


def librdkafka_of_debian(client, folder):
    found = glob.glob("/usr/lib/*/librdkafka.so.1")
    if not found:
        raise Missing("librdkafka is not installed (Debian: librdkafka1)")
    return compile_c(client, folder, found[0])


def librdkafka_of_wheel(client, folder):
    """The shared library inside confluent-kafka-python's wheel: the newest that is to be had without building it."""
    interpreter = build(next(other for other in CLIENTS if other.name == "confluent_kafka_python"))[0]
    pattern = os.path.join(os.path.dirname(interpreter), "..", "lib", "*", "site-packages", "confluent_kafka.libs", "librdkafka*")
    found = glob.glob(pattern)
    if not found:
        raise Missing("the wheel of confluent-kafka holds no librdkafka")
    return compile_c(client, folder, os.path.realpath(found[0]))


CLIENTS = [
    Client("librdkafka_debian", "librdkafka (Debian)", "2.0.2", librdkafka_of_debian, "librdkafka"),
    Client("librdkafka_new", "librdkafka", "2.16.0", librdkafka_of_wheel, "librdkafka"),
    Client("java", "Java", "4.3.1", java([])),
    Client("java_old", "Java, old line", "2.8.2", java(["old"]), "java"),
    Client("franz_go", "franz-go", "1.22.2", go),
    Client("sarama", "sarama", "1.61.1", go),
    Client("segmentio", "segmentio/kafka-go", "0.4.51", go),
    Client("kafka_python", "kafka-python", "3.0.12", python),
    Client("confluent_kafka_python", "confluent-kafka-python", "2.16.1", python),
    Client("aiokafka", "aiokafka", "0.14.0", python),
    Client("kafkajs", "kafkajs", "2.2.4", node),
    Client("platformatic", "@platformatic/kafka", "1.35.0", node),
    Client("rust_rdkafka", "rust-rdkafka", "0.39.0", rust),
]
