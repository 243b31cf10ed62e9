#!/usr/bin/env python3
"""A static quorum of one that is raised to kraft.version 1 with Apache's tool: `raised_quorum.py ...`.

Once under our node and once under Apache's; then the other one opens the directories, and so on in turn: by the log, by a
snapshot, after kill -9, and without the voters in the configuration, which nobody needs any more."""

import argparse
import glob
import os
import re
import subprocess
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "support"))

from cell import Cell, run_alone  # noqa: E402

CLUSTER_ID = "cmFpc2VkLXF1b3J1bS0xMA"
SNAPSHOTS = {"metadata.log.max.record.bytes.between.snapshots": "2000"}
OTHER = {"apache": "highwater", "highwater": "apache"}
WISHES = (["upgrade", "--feature", "kraft.version=1", "--dry-run"], ["upgrade", "--feature", "kraft.version=1"],
          ["upgrade", "--feature", "kraft.version=1"], ["upgrade", "--feature", "kraft.version=2"],
          ["upgrade", "--feature", "kraft.version=0"], ["downgrade", "--feature", "kraft.version=0"],
          ["downgrade", "--feature", "kraft.version=0", "--unsafe"])


class Quorum(Cell):
    def __init__(self, binary, apache, folder):
        super().__init__(binary, apache, folder, {})
        self.vote(True)

    def vote(self, by_configuration):
        voters = {"controller.quorum.voters": f"1@127.0.0.1:{self.controller_port}"} if by_configuration else {}
        self.settings = SNAPSHOTS | voters
        self.configure(self.root, self.port, self.controller_port)

    def format(self, kind):
        arguments = ["format", "-t", CLUSTER_ID, "-c", self.config]
        if kind == "highwater":
            subprocess.run([self.binary, *arguments], check=True, capture_output=True)
        else:
            self.apache.run("kafka.tools.StorageTool", *arguments, check=True)

    def tool(self, name, *arguments):
        """What it prints and how it ends."""
        done = self.apache.run(f"org.apache.kafka.tools.{name}", "--bootstrap-server", self.bootstrap, *arguments, text=True)
        return done.returncode, done.stdout, done.stderr

    def directory_id(self):
        with open(f"{self.root}/first/meta.properties", encoding="utf-8") as file:
            return re.search(r"^directory\.id=(\S+)$", file.read(), re.MULTILINE)[1]

    def check(self, kind, level):
        _, quorum, _ = self.tool("MetadataQuorumCommand", "describe", "--status")
        shown = re.search(r'CurrentVoters: +\[\{"id": 1,(?: "directoryId": "([^"]+)",)? "endpoints": \["([^"]+)"\]', quorum)
        wanted = (self.directory_id() if level == 1 else None, f"CONTROLLER://127.0.0.1:{self.controller_port}")
        if shown is None or shown.groups() != wanted:
            raise RuntimeError(f"{kind} shows other voters than {wanted}: {quorum}")
        _, features, _ = self.tool("FeatureCommand", "describe")
        if not re.search(rf"^Feature: kraft\.version .*FinalizedVersionLevel: {level}\b", features, re.MULTILINE):
            raise RuntimeError(f"{kind} shows another kraft.version than {level}: {features}")

    def check_topics(self, kind, topics):
        _, shown, _ = self.tool("TopicCommand", "--list")
        if sorted(shown.split()) != sorted(topics):
            raise RuntimeError(f"{kind} shows the topics {shown.split()}, not {topics}")

    def snapshots(self):
        return [path for path in glob.glob(f"{self.root}/first/__cluster_metadata-0/*.checkpoint") if "/" + "0" * 20 not in path]


def turns(first):
    """Who serves, whether the configuration names the voters, and how it ends."""
    yield first, True, "stop"
    yield OTHER[first], True, "kill"
    yield first, True, "kill"
    yield OTHER[first], False, "stop"
    yield first, False, "stop"


def play(quorum, first, log):
    quorum.format(first)
    told, topics = [], []
    for number, (kind, by_configuration, end) in enumerate(turns(first)):
        quorum.vote(by_configuration)
        server = quorum.start(kind)
        try:
            if number == 0:
                quorum.check(kind, 0)
                told = [quorum.tool("FeatureCommand", *wish) for wish in WISHES]
            quorum.check(kind, 1)
            quorum.check_topics(kind, topics)
            topics.append(f"turn-{number}")
            quorum.tool("TopicCommand", "--create", "--topic", topics[-1], "--partitions", "20")
            print(f"{kind}, {'with' if by_configuration else 'without'} configured voters, {len(quorum.snapshots())} snapshots, "
                  f"to {end}", file=log, flush=True)
            if end == "stop":
                server.stop()
        finally:
            server.kill()
    if not quorum.snapshots():
        raise RuntimeError("no snapshot was made, so none was opened")
    return told


def run(binary, apache, folder, log):
    """Raises RuntimeError with what went wrong; else says how many answers of the tool were equal."""
    told = {}
    for first in OTHER:
        own = os.path.join(folder, first)
        os.mkdir(own)
        told[first] = play(Quorum(binary, apache, own), first, log)
    for wish, ours, theirs in zip(WISHES, told["highwater"], told["apache"]):
        if ours != theirs:
            raise RuntimeError(f"{' '.join(wish)}: Apache {theirs}, Highwater {ours}")
    return len(WISHES)


def main():
    def work(arguments, apache, folder):
        return f"{run(arguments.binary, apache, folder, sys.stdout)} answers equal, each raised quorum opened by both in turn"

    return run_alone("raised-quorum", argparse.ArgumentParser(), work)


if __name__ == "__main__":
    sys.exit(main())
