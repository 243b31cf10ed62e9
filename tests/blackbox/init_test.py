#!/usr/bin/env python3
"""`highwater init` tells what happens to each key and each directory, and leaves the disk as it is."""

import os
import subprocess
import unittest

from harness import NodeTest, run


class Init(NodeTest):
    def told(self, done):
        """(fate, rest) of the indented lines."""
        return [tuple(line.strip().split(None, 1)) for line in done.stdout.splitlines() if line.startswith("  ")]

    def line(self, done, word):
        found = [line.strip() for line in done.stdout.splitlines() if word in line]
        self.assertTrue(found, f"{word} is not in\n{done.stdout}{done.stderr}")
        return found[0]

    def test_each_key_is_told(self):
        config = self.config(num_io_threads="8", log_retention_hours="100", log_retention_bytes="-1", num_partitions="3",
                             my_key="1", log_retention_hour="2", ssl_key_password="secret")
        done = run("init", "--from", config)
        self.assertEqual(done.returncode, 0, done.stdout + done.stderr)
        self.assertTrue(self.line(done, "num.partitions=3").startswith("acts "))
        self.assertTrue(self.line(done, "num.io.threads=8").startswith("ignored "))
        self.assertTrue(self.line(done, "log.retention.hours=100").startswith("waits "))
        self.assertTrue(self.line(done, "log.retention.bytes=-1").startswith("waits "))
        self.assertTrue(self.line(done, "my.key=1").startswith("ignored "))
        self.assertIn("log.retention.hours?", self.line(done, "log.retention.hour=2"))
        self.assertNotIn("secret", done.stdout + done.stderr)

    def test_a_refused_key_ends_with_78(self):
        done = run("init", "--from", self.config(num_partitions="none"))
        self.assertEqual(done.returncode, 78, done.stdout)
        self.assertTrue(self.line(done, "num.partitions=none").startswith("refused "))
        self.assertNotIn("The way there", done.stdout)

    def test_an_authorizer_is_refused(self):
        done = run("init", "--from", self.config(authorizer_class_name="a.B"))
        self.assertEqual(done.returncode, 78, done.stdout)
        self.assertIn("everybody", done.stdout + done.stderr)

    def test_zookeeper_keys_are_refused(self):
        done = run("init", "--from", self.config(process_roles=None, zookeeper_connect="localhost:2181"))
        self.assertEqual(done.returncode, 78, done.stdout)
        self.assertTrue(self.line(done, "zookeeper.connect=").startswith("refused "))
        self.assertIn("process.roles", done.stdout)

    def test_a_file_that_is_not_there_ends_with_78(self):
        self.refused(run("init", "--from", os.path.join(self.folder, "nothing")), 78, "nothing")

    def test_an_empty_directory_is_to_be_formatted_and_stays_empty(self):
        config = self.config()
        done = run("init", "--from", config)
        self.assertEqual(done.returncode, 0, done.stdout + done.stderr)
        self.assertTrue(self.line(done, f"{self.data}: ").startswith("empty "))
        self.assertFalse(os.path.exists(self.data))
        command = self.line(done, "highwater format")
        self.assertIn(f"-c {config} --standalone", command)

    def test_the_commands_told_are_the_way_there(self):
        config = self.config()
        done = run("init", "--from", config)
        ours = "highwater() { %s \"$@\"; }; " % os.environ.get("HIGHWATER", os.path.abspath("build/release/bin/highwater"))
        formatted = subprocess.run(["bash", "-c", ours + self.line(done, "highwater format")], capture_output=True, text=True, timeout=60)
        self.assertEqual(formatted.returncode, 0, formatted.stderr)
        self.assertIn(f"highwater server {config}", done.stdout)
        self.assertEqual(self.server(config).stop(), 0)

    def test_a_formatted_directory_opens_and_nothing_changes(self):
        config = self.config()
        cluster = self.format(config)
        before = self.tree()
        done = run("init", "--from", config)
        self.assertEqual(done.returncode, 0, done.stdout + done.stderr)
        line = self.line(done, f"{self.data}: ")
        self.assertTrue(line.startswith("opens "), line)
        self.assertIn(cluster, line)
        self.assertNotIn("highwater format", done.stdout)
        self.assertIn(f"kafka-server-start.sh {config}", done.stdout)
        self.assertEqual(self.tree(), before)

    def test_a_directory_in_use_is_told(self):
        config = self.config()
        self.format(config)
        node = self.server(config)
        done = run("init", "--from", config)
        self.assertEqual(done.returncode, 0, done.stdout + done.stderr)
        self.assertTrue(self.line(done, f"{self.data}: ").startswith("in use "), done.stdout)
        self.assertEqual(node.stop(), 0)
        stopped = run("init", "--from", config)
        self.assertIn("stopped cleanly", self.line(stopped, f"{self.data}: "))

    def test_data_names_other_directories(self):
        config = self.config(log_dirs="/nowhere/at/all")
        other = os.path.join(self.folder, "other")
        os.mkdir(other)
        with open(os.path.join(other, "meta.properties"), "w", encoding="utf-8") as file:
            file.write("version=0\nbroker.id=1\ncluster.id=abc\n")
        done = run("init", "--from", config, "--data", other)
        self.assertEqual(done.returncode, 1, done.stdout + done.stderr)
        self.assertTrue(self.line(done, f"{other}: ").startswith("refused "))
        self.assertIn("ZooKeeper", self.line(done, f"{other}: "))
        self.assertNotIn("  empty    /nowhere", done.stdout)
        self.assertEqual(os.listdir(other), ["meta.properties"])

    def test_directories_of_other_nodes_and_clusters_are_refused(self):
        second = os.path.join(self.folder, "second")
        for path, text in ((self.data, "node.id=7\ncluster.id=abc"), (second, "node.id=1\ncluster.id=xyz")):
            os.makedirs(os.path.join(path, "__cluster_metadata-0"))
            with open(os.path.join(path, "meta.properties"), "w", encoding="utf-8") as file:
                file.write(f"version=1\n{text}\n")
        done = run("init", "--from", self.config(log_dirs=f"{self.data},{second}"))
        self.assertEqual(done.returncode, 1, done.stdout + done.stderr)
        self.assertIn("node 7", self.line(done, f"{self.data}: "))
        self.assertIn("cluster xyz", self.line(done, f"{second}: "))

    def test_partitions_without_an_identity_are_refused(self):
        os.makedirs(os.path.join(self.data, "topic-0"))
        done = run("init", "--from", self.config())
        self.assertEqual(done.returncode, 1, done.stdout + done.stderr)
        self.assertTrue(self.line(done, f"{self.data}: ").startswith("refused "))


if __name__ == "__main__":
    unittest.main()
