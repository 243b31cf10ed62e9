#!/usr/bin/env python3
"""The program under the names of Apache Kafka's scripts: flags, messages and exit statuses are the scripts'."""

import os
import re
import shutil
import signal
import subprocess
import unittest

from harness import BINARY, NodeTest
from waiting import PATIENCE, until

FOLDER = os.path.dirname(BINARY)
NODE_ID = 1_000_000 + os.getpid()  # of nobody else on this machine


def script(name, *arguments, alone=False, timeout=PATIENCE, **environment):
    """`alone`: no other process is seen, so that none is stopped."""
    command = [os.path.join(FOLDER, name), *arguments]
    if alone:
        command = ["unshare", "--user", "--map-root-user", "--pid", "--fork", "--mount-proc", *command]
    return subprocess.run(command, capture_output=True, text=True, timeout=timeout, env=os.environ | environment)


def can_be_alone():
    command = ["unshare", "--user", "--map-root-user", "--pid", "--fork", "--mount-proc", "true"]
    return shutil.which("unshare") is not None and subprocess.run(command, capture_output=True, timeout=PATIENCE).returncode == 0


def named_in_a_command(path):
    for name in filter(str.isdigit, os.listdir("/proc")):
        try:
            with open(f"/proc/{name}/cmdline", "rb") as file:
                if path.encode() in file.read():
                    return True
        except OSError:
            continue  # ended meanwhile
    return False


class Start(NodeTest):
    def started(self, *arguments):
        process = subprocess.Popen([os.path.join(FOLDER, "kafka-server-start.sh"), *arguments], stdout=subprocess.PIPE,
                                   stderr=subprocess.STDOUT, text=True)
        self.addCleanup(process.stdout.close)
        self.addCleanup(process.wait)
        self.addCleanup(process.kill)
        for line in process.stdout:
            if "Kafka Server started" in line:
                return process
        raise AssertionError(f"ended with {process.wait()} before it started")

    def node_config(self, **changes):
        config = self.config(node_id=NODE_ID, **changes)
        self.format(config)
        return config

    def test_every_script_has_a_link_with_and_without_its_ending(self):
        for name in ("kafka-server-start", "kafka-server-stop", "kafka-storage"):
            for ending in ("", ".sh"):
                self.assertEqual(os.readlink(os.path.join(FOLDER, name + ending)), "highwater")

    def test_without_arguments_the_usage_is_told(self):
        done = script("kafka-server-start.sh")
        self.assertEqual(done.returncode, 1)
        self.assertRegex(done.stdout, r"^USAGE: \S*kafka-server-start.sh \[-daemon\] server.properties \[--override property=value\]\*\n$")

    def test_version_and_help_end_as_apaches_do(self):
        done = script("kafka-server-start", "--version")
        self.assertEqual((done.returncode, done.stdout[:3]), (0, "4.3"))
        done = script("kafka-server-start", "--help")
        self.assertEqual(done.returncode, 1)
        self.assertIn("--override", done.stderr)

    def test_what_is_no_option_is_refused(self):
        config = self.node_config()
        for argument, words in (("more", "Found non argument parameters: more"), ("--fast", "fast is not a recognized option")):
            done = script("kafka-server-start", config, argument)
            self.assertEqual(done.returncode, 1)
            self.assertIn(words, done.stderr)

    def test_a_bad_configuration_ends_with_1(self):
        self.assertEqual(script("kafka-server-start", self.config(num_partitions="none")).returncode, 1)
        self.assertEqual(script("kafka-server-start", os.path.join(self.folder, "nothing")).returncode, 1)

    def test_a_clean_stop_ends_as_java_does(self):
        config = self.node_config()
        for number, status in ((signal.SIGTERM, 143), (signal.SIGINT, 130)):
            process = self.started(config, "--override", "num.partitions=2", "--override", "num.io.threads=4")
            process.send_signal(number)
            self.assertEqual(process.wait(PATIENCE), status)

    def test_stop_by_node_id_and_not_by_another(self):
        process = self.started(self.node_config())
        self.assertEqual(script("kafka-server-stop.sh", "--node-id=27182").returncode, 0)
        self.assertIsNone(process.poll())
        done = script("kafka-server-stop.sh", f"--node-id={NODE_ID}", "--process-role=broker")
        self.assertEqual(done.returncode, 0, done.stdout + done.stderr)
        self.assertIn("the value for node-id will take precedence", done.stdout)
        self.assertEqual(process.wait(PATIENCE), 143)

    def test_a_daemon_starts_and_is_stopped(self):
        logs = os.path.join(self.folder, "logs")
        config = self.node_config()
        done = script("kafka-server-start", "-daemon", config, LOG_DIR=logs)
        self.assertEqual((done.returncode, done.stdout), (0, ""))
        console = os.path.join(logs, "kafkaServer.out")
        self.wait_for(console, "Kafka Server started")
        self.assertEqual(script("kafka-server-stop", f"--node-id={NODE_ID}").returncode, 0)
        self.wait_for(console, "shut down completed")
        until(PATIENCE, "the daemon's end", lambda: not named_in_a_command(config))

    def wait_for(self, path, words):
        def look():
            if not os.path.exists(path):
                return False
            with open(path, encoding="utf-8") as file:
                return words in file.read()

        until(PATIENCE, f"{words} standing in {path}", look)


@unittest.skipUnless(can_be_alone(), "unshare is not allowed here")
class Alone(NodeTest):
    def test_without_a_server_there_is_nothing_to_stop(self):
        done = script("kafka-server-stop.sh", alone=True)
        self.assertEqual((done.returncode, done.stdout), (1, "No kafka server to stop\n"))

    def test_all_servers_are_stopped_and_by_their_role(self):
        config = self.config()
        self.format(config)
        lines = (f'"{FOLDER}/kafka-server-start" "{config}" > "{self.folder}/out" & server=$!; '
                 f'until grep -q "Kafka Server started" "{self.folder}/out"; do sleep 0.05; done; '
                 f'"{FOLDER}/kafka-server-stop" --process-role=controller; echo first $?; '
                 f'kill -0 $server && "{FOLDER}/kafka-server-stop" WORDS; echo second $?; wait $server; echo third $?')
        for words in ("", "--process-role=broker,controller"):
            done = subprocess.run(["unshare", "--user", "--map-root-user", "--pid", "--fork", "--mount-proc", "bash", "-c",
                                   lines.replace("WORDS", words)], capture_output=True, text=True, timeout=PATIENCE)
            self.assertEqual(done.stdout.split("\n")[:3], ["first 0", "second 0", "third 143"], done.stderr)


class Storage(NodeTest):
    def test_kafka_storage_has_the_verbs_of_apaches(self):
        self.assertRegex(script("kafka-storage.sh", "random-uuid").stdout, re.compile(r"^[\w-]{22}\n$"))
        config = self.config()
        done = script("kafka-storage", "info", "-c", config)
        self.assertEqual(done.returncode, 1)
        done = script("kafka-storage", "format", "-t", "c2NyaXB0cy1vZi1LYWZrYQ", "-c", config, "--standalone")
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertEqual(script("kafka-storage", "info", "-c", config).returncode, 0)
        self.assertEqual(script("kafka-storage").returncode, 1)
        self.assertEqual(script("kafka-storage", "format", "-t", "x", "-c", self.config(num_partitions="none")).returncode, 1)


if __name__ == "__main__":
    unittest.main()
