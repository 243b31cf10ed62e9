"""What an operator can get wrong: one sentence that names the file or key and the way out, an exit status that is not
zero, nothing overwritten."""

import os
import socket
import unittest

from harness import NodeTest, run

BAD_CONFIGURATION = 78


class BadInput(NodeTest):
    def refused_server(self, config, status, *words, overrides=()):
        before = self.tree()
        arguments = [part for override in overrides for part in ("--override", override)]
        self.refused(run("server", config, *arguments), status, *words)
        self.assertEqual({path: data for path, data in self.tree().items() if path != ".lock"}, before)

    def test_a_configuration_that_is_not_there_is_named(self):
        self.refused_server("/not/there.properties", BAD_CONFIGURATION, "/not/there.properties", "No such file")

    def test_a_configuration_without_a_required_key_is_refused(self):
        for key, way_out in (("node_id", "number"), ("process_roles", "broker,controller"),
                             ("controller_listener_names", "CONTROLLER")):
            self.refused_server(self.config(**{key: None}), BAD_CONFIGURATION, key.replace("_", "."), way_out)

    def test_impossible_values_are_refused_with_what_is_possible(self):
        for key, value, word in (("num.partitions", "0", "at least 1"), ("num.partitions", "x", "Not a number"),
                                 ("listeners", "nonsense", "PLAINTEXT://"), ("log.retention.ms", "0", "unlimited"),
                                 ("process.roles", "zookeeper", "broker, controller"),
                                 ("compression.type", "rar", "must be one of"),
                                 ("advertised.listeners", "PLAINTEXT://0.0.0.0:9092", "0.0.0.0"),
                                 ("max.connections.per.ip.overrides", "127.0.0.1:x", 'For input string: "x"'),
                                 ("max.connections.per.ip.overrides", "nohost.invalid:5", "nohost.invalid: "),
                                 ("create.topic.policy.class.name", "a.B", "loads no policies"),
                                 ("remote.log.storage.system.enable", "true", "tiered storage")):
            self.refused_server(self.config(), BAD_CONFIGURATION, key, word, overrides=[f"{key}={value}"])

    def test_an_override_without_a_value_is_refused(self):
        self.refused_server(self.config(), BAD_CONFIGURATION, "--override num.partitions", "key=value",
                            overrides=["num.partitions"])

    def test_a_broken_escape_names_the_line(self):
        config = self.config()
        with open(config, "a", encoding="utf-8") as file:
            file.write("broker.rack=\\u12\n")
        self.refused_server(config, BAD_CONFIGURATION, config, "line 8")

    def test_a_secret_that_is_not_there_is_named_and_refused(self):
        config = self.config(broker_rack="${env:HIGHWATER_TEST_NOT_SET}")
        self.refused_server(config, BAD_CONFIGURATION, "broker.rack", "HIGHWATER_TEST_NOT_SET")

    def test_an_unformatted_directory_names_the_command(self):
        os.mkdir(self.data)
        self.refused_server(self.config(), 1, self.data, "highwater format")
        self.assertEqual(self.tree(), {})

    def test_a_directory_that_is_not_there_names_the_command(self):
        self.refused_server(self.config(), 1, self.data, "highwater format")

    def test_a_corrupt_meta_properties_is_refused_by_its_path(self):
        config = self.config()
        self.format(config)
        path = os.path.join(self.data, "meta.properties")
        with open(path, "w", encoding="utf-8") as file:
            file.write("version=1\ncluster.id=\x01\nnode.id=one\n")
        self.refused_server(config, 1, path)

    def test_the_directory_of_another_node_is_refused(self):
        config = self.config()
        self.format(config)
        self.refused_server(self.config(node_id="2"), 1, "meta.properties", "node id 2")

    def test_directories_of_two_clusters_are_refused(self):
        first, second = self.data, os.path.join(self.folder, "other")
        self.format(self.config(log_dirs=first))
        self.format(self.config(log_dirs=second))
        self.refused_server(self.config(log_dirs=f"{first},{second}"), 1, "cluster.id")

    def test_a_second_process_on_the_same_directory_is_refused(self):
        config = self.config()
        self.format(config)
        node = self.server(config)
        self.refused(run("server", config), 1, self.data, ".lock", "another process")
        with node.connect() as client:
            client.api_versions()
        self.assertEqual(node.stop(), 0)

    def test_a_port_in_use_is_refused(self):
        config = self.config()
        self.format(config)
        with socket.socket() as taken:
            taken.bind(("127.0.0.1", 0))
            taken.listen()
            port = taken.getsockname()[1]
            listeners = f"PLAINTEXT://127.0.0.1:{port},CONTROLLER://127.0.0.1:0"
            self.refused(run("server", config, "--override", f"listeners={listeners}"), 1, "PLAINTEXT", str(port),
                         "listeners")

    def test_a_read_only_directory_is_refused(self):
        config = self.config()
        self.format(config)
        self.server(config).stop()  # so that every file is there, and only the directory refuses
        before = self.tree()
        for folder, _, files in os.walk(self.folder):
            for path in [folder] + [os.path.join(folder, name) for name in files]:
                os.chown(path, self.somebody, -1)
        os.chmod(self.data, 0o500)
        self.refused(run("server", config, user=self.somebody), 1, self.data, "permission", "log.dirs")
        os.chmod(self.data, 0o700)
        os.chmod(os.path.join(self.data, "meta.properties"), 0)
        self.refused(run("server", config, user=self.somebody), 1, "meta.properties", "permission")
        os.chmod(os.path.join(self.data, "meta.properties"), 0o600)
        self.assertEqual(self.tree(), before)

    @property
    def somebody(self):
        """Root may write everywhere: then the process runs as another user."""
        return 65534 if os.geteuid() == 0 else os.geteuid()

    def test_a_data_directory_that_is_a_file_is_refused(self):
        with open(self.data, "w", encoding="utf-8") as file:
            file.write("mine")
        self.refused(run("dev", "--data", self.data, "--port", "0"), 1, self.data)
        with open(self.data, encoding="utf-8") as file:
            self.assertEqual(file.read(), "mine")

    def test_an_address_that_no_interface_has_is_told_as_that(self):
        config = self.config(listeners="PLAINTEXT://192.0.2.1:0,CONTROLLER://127.0.0.1:0")
        self.format(config)
        self.refused(run("server", config), 1, "192.0.2.1:0", "no interface of this machine")

    def test_that_logs_only_grow_is_told(self):
        config = self.config()
        self.format(config)
        node = self.server(config)
        node.stop()
        self.assertEqual(node.output.count("Retention is not built yet"), 1, node.output)
        node = self.server(config, "--override", "log.retention.ms=-1")
        node.stop()
        self.assertNotIn("Retention is not built yet", node.output)

    def test_unknown_and_unbuilt_keys_are_one_warning_each(self):
        config = self.config(num_partition="3", ssl_cipher_suites="A")
        self.format(config)
        node = self.server(config)
        node.stop()
        warnings = [line for line in node.lines if "] WARN " in line]
        self.assertEqual(len([line for line in warnings if "num.partition'" in line and "num.partitions" in line]), 1)
        self.assertEqual(len([line for line in warnings if "ssl.cipher.suites" in line]), 1)


class FormatVerbs(NodeTest):
    def test_format_twice_is_refused_and_ignoring_it_is_not(self):
        config = self.config()
        cluster = self.format(config)
        before = self.tree()
        self.refused(run("format", "-t", cluster, "-c", config, "--standalone"), 1, self.data, "--ignore-formatted")
        self.assertEqual(run("format", "-t", cluster, "-c", config, "--standalone", "--ignore-formatted").returncode, 0)
        self.assertEqual(self.tree(), before)

    def test_a_dynamic_quorum_needs_its_first_voter(self):
        self.refused(run("format", "-t", "tUOhAk6USMiDkpgJPWJdjg", "-c", self.config()), 1, "--standalone")

    def test_static_voters_need_and_accept_no_standalone(self):
        config = self.config(controller_quorum_voters="1@127.0.0.1:9093", controller_quorum_bootstrap_servers=None)
        self.refused(run("format", "-t", "tUOhAk6USMiDkpgJPWJdjg", "-c", config, "--standalone"), 1,
                     "controller.quorum.voters")
        done = run("format", "-t", "tUOhAk6USMiDkpgJPWJdjg", "-c", config)
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertEqual(self.server(config).stop(), 0)

    def test_unknown_features_and_releases_are_refused(self):
        config = self.config()
        common = ("format", "-t", "tUOhAk6USMiDkpgJPWJdjg", "-c", config, "--standalone")
        self.refused(run(*common, "--release-version", "9.9"), 1, "9.9")
        self.refused(run(*common, "--feature", "no.such=1"), 1, "no.such")
        self.refused(run(*common, "--feature", "group.version"), 1, "group.version")
        self.assertFalse(os.path.exists(self.data))

    def test_an_older_release_can_be_formatted_and_runs(self):
        config = self.config()
        done = run("format", "-t", "tUOhAk6USMiDkpgJPWJdjg", "-c", config, "--standalone", "--release-version", "4.1")
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertIn("4.1-IV1", done.stdout)
        self.assertEqual(self.server(config).stop(), 0)

    def test_storage_info_tells_what_is_there(self):
        config = self.config()
        absent = run("storage", "info", "-c", config)
        self.assertEqual((absent.returncode, absent.stdout), (1, f"Found problem:\n  {self.data} does not exist\n\n"))
        cluster = self.format(config)
        found = run("storage", "info", "-c", config)
        self.assertEqual(found.returncode, 0, found.stdout)
        self.assertIn(f"Found log directory:\n  {self.data}\n", found.stdout)
        self.assertIn(f"Found metadata: {{cluster.id={cluster}, directory.id=", found.stdout)

    def test_the_verbs_of_storage_tell_what_features_need(self):
        self.assertEqual(run("storage", "version-mapping").stdout.splitlines()[0], "metadata.version=30 (4.3-IV0)")
        self.assertEqual(run("storage", "feature-dependencies", "-f", "eligible.leader.replicas.version=1").stdout,
                         "eligible.leader.replicas.version=1 requires:\n    metadata.version=23 (4.0-IV1)\n")
        self.refused(run("storage", "feature-dependencies", "-f", "group.version=9"), 1, "group.version")


if __name__ == "__main__":
    unittest.main(verbosity=2)
