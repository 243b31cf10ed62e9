"""Partitions that a broker of the ZooKeeper days wrote in magic 0 and 1, moved into a KRaft directory.

Our node and Apache's 4.3 open copies of it: both must show what the old broker showed and leave the same files; then our
node writes on in magic 2, and Apache's must show all of it. Once after the old broker's clean stop, once after kill -9.
"""

import glob
import os
import shutil
import subprocess

import log_files
from both_ways import SETTINGS, read_lines
from cell import Cell, Conversation
from servers import Server, format_directories, free_port

FORMATS = {"magic-0": "0.9.0", "magic-1": "0.10.0"}


def java(jars, *words):
    return ["java", "-Xmx512m", "-XX:+UseSerialGC", "-Dzookeeper.admin.enableServer=false",
            "-Dorg.slf4j.simpleLogger.defaultLogLevel=warn", "-cp", f"{jars}/*", *words]


class OldBroker:
    """Kafka 2.8 with its ZooKeeper."""

    def __init__(self, jars, folder):
        self.jars, self.folder = jars, folder
        self.data = os.path.join(folder, "old")
        self.port, keeper_port = free_port(), free_port()
        self.keeper = Server(java(jars, "org.apache.zookeeper.server.ZooKeeperServerMain", str(keeper_port),
                                  os.path.join(folder, "zookeeper")), keeper_port, os.path.join(folder, "zookeeper.log"), 60)
        config = os.path.join(folder, "old.properties")
        with open(config, "w", encoding="utf-8") as file:
            file.write(f"broker.id=1\nzookeeper.connect=127.0.0.1:{keeper_port}\nlisteners=PLAINTEXT://127.0.0.1:{self.port}\n"
                       f"log.dirs={self.data}\noffsets.topic.replication.factor=1\nauto.create.topics.enable=false\n")
        try:
            self.server = Server(java(jars, "kafka.Kafka", config), self.port, os.path.join(folder, "old.log"), 120)
        except RuntimeError:
            self.keeper.kill()
            raise

    def stop(self, how):
        try:
            if how == "cleanly":
                self.server.stop()
            else:
                self.server.kill()
        finally:
            self.keeper.kill()


def inventory(cell, program, name, kind, topics):
    """What the server shows of the topics."""
    path = os.path.join(cell.folder, f"inventory-{name}-{kind}")
    program("inventory", path)
    return [line for line in read_lines(path) if any(topic in line for topic in topics) and not line.startswith("directory")]


def records(lines):
    return [line for line in lines if line.startswith("records read_uncommitted")]


def move_in(old, root):
    """Each partition of the old broker takes the place of the empty one that was made for it, under that one's topic id."""
    for path in glob.glob(f"{old}/magic-*"):
        (place,) = glob.glob(f"{root}/*/{os.path.basename(path)}")
        os.rename(os.path.join(place, "partition.metadata"), f"{place}.id")
        shutil.rmtree(place)
        shutil.copytree(path, place)
        os.rename(f"{place}.id", os.path.join(place, "partition.metadata"))


def one_way(binary, apache, folder, how, old_jars):
    """Raises RuntimeError with the first difference; else the number of logs."""
    os.mkdir(folder)
    old = OldBroker(old_jars, folder)
    try:
        cell = Cell(binary, apache, folder, SETTINGS)
        program = Conversation(apache, cell.log_path("client"), "BothWays", f"127.0.0.1:{old.port}")
        for name, version in FORMATS.items():
            program("old", version, name)
        topics = sorted(os.path.basename(path)[:-2] for path in glob.glob(f"{old.data}/magic-*"))
        shown = records(inventory(cell, program, "at-first", "old", topics))
        program.close()
    finally:
        old.stop(how)
    format_directories(cell.binary, cell.config)
    cell.serve("highwater", lambda program: program("create", *topics))
    move_in(old.data, cell.root)
    if how != "cleanly":
        for marker in glob.glob(f"{cell.root}/*/.kafka_cleanshutdown"):
            os.remove(marker)
    ours_show, theirs_show, theirs = cell.each_on_its_own(lambda program, kind: inventory(cell, program, "moved", kind, topics))
    for kind, lines in (("our node", records(ours_show)), ("Apache 4.3", records(theirs_show))):
        if lines != shown:
            raise RuntimeError(f"{kind} shows other records than 2.8: {sorted(set(lines) ^ set(shown))[:2]}")
    if ours_show != theirs_show:
        raise RuntimeError(f"our node and Apache 4.3 differ: {sorted(set(ours_show) ^ set(theirs_show))[:4]}")
    # 2.8 made an index entry per append at most; where nothing is recovered ours may add those that are due.
    suffixes = (".log", ".snapshot") if how == "cleanly" else log_files.OFFSET_FILES
    count, problems = log_files.compare_all(cell.root, theirs, "magic-", suffixes)
    if problems:
        raise RuntimeError(f"{len(problems)} of {count} logs are left differently, the first: {problems[0]}")
    ours_show = cell.serve("highwater", lambda program: (program("add", *topics), inventory(cell, program, "more", "highwater", topics))[1])
    theirs_show = cell.serve("apache", lambda program: inventory(cell, program, "more", "apache", topics))
    if ours_show != theirs_show:
        raise RuntimeError(f"after more records they differ: {sorted(set(ours_show) ^ set(theirs_show))[:4]}")
    return count


def run(binary, apache, folder, old_jars, log):
    count = 0
    for how in ("cleanly", "killed"):
        count += one_way(binary, apache, os.path.join(folder, how), how, old_jars)
        print(f"{how}: {count} logs so far", file=log, flush=True)
    return count


def jars(here):
    """The folder with the old broker's jars; RuntimeError with why there is none."""
    found = subprocess.run([os.path.join(here, "..", "support", "apache", "jars.sh"), "old"], capture_output=True, text=True)
    if found.returncode != 0:
        raise RuntimeError(found.stderr.strip())
    return found.stdout.strip()
