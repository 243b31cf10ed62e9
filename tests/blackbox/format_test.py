"""The format verb with every flag of kafka-storage. What it must print was taken from Apache Kafka 4.3.1's tool."""

import os
import unittest

from harness import NodeTest, run

CLUSTER = "AAAAAAAAAAAAAAAAAAAABQ"
DIRECTORY = "e-6uE0GZChrqGjWdbHok9Q"
OTHER = "mjmwk7IdSweRe1phSbz39w"
SALT = "MWx2NHBkbnc0ZndxN25vdGN4bTB5Y3FuMw=="
SALTED = "mT0yyUUxnlJaC99HXgRTSYlbuqa4FSGtJCJfTMvjYCE="
STORED_256 = ("[34, 19, -128, -58, 65, -66, -97, -89, 39, -11, -44, 45, 98, -86, 46, 73, -73, -4, -67, -23, -83, 100, 100, 89, -100, "
              "-17, 78, 35, 4, 8, -85, -92]")
STORED_512 = ("[57, 50, 90, 35, 76, 107, 85, 80, 43, -61, 99, 13, 51, 126, 94, 24, -43, 111, -93, -74, 78, 109, -9, 102, 7, -88, -10, "
              "-27, 51, -24, -109, 47, -9, 78, -68, -127, -87, 92, -125, 59, -20, 112, 103, -42, -78, -89, 102, -4, -66, 80, 50, 78, "
              "-24, 119, -52, -127, -94, 38, -107, -58, -28, -7, 77, 5]")
FEATURES = [("metadata.version", 30), ("eligible.leader.replicas.version", 1), ("group.version", 1), ("share.version", 1),
            ("streams.version", 1), ("transaction.version", 2)]


def bootstrap_line(features, level, more=""):
    records = ", ".join(f"ApiMessageAndVersion(FeatureLevelRecord(name='{name}', featureLevel={value}) at version 0)"
                        for name, value in features)
    return (f"Bootstrap metadata: BootstrapMetadata(records=[{records}{more}], metadataVersionLevel={level}, "
            "source=format command)\n")


class Format(NodeTest):
    def static(self):
        return self.config(controller_quorum_voters="1@127.0.0.1:9093", controller_quorum_bootstrap_servers=None)

    def storage(self, config, *arguments):
        return run("storage", "format", "-t", CLUSTER, "-c", config, *arguments)

    def formatted(self, config, *arguments):
        done = self.storage(config, *arguments)
        self.assertEqual((done.returncode, done.stderr), (0, ""))
        return done.stdout

    def test_what_is_printed_for_each_kind_of_quorum(self):
        kinds = ((self.static, (), "metadata directory"), (self.config, ("-s",), "dynamic metadata voter directory"),
                 (self.config, ("-N",), "metadata directory"),
                 (self.config, ("-I", f"1@localhost:9093:{DIRECTORY}"), "dynamic metadata voter directory"),
                 (self.config, ("-I", f"2@localhost:9093:{DIRECTORY}"), "dynamic metadata directory"))
        for number, (config, arguments, kind) in enumerate(kinds):
            self.data = os.path.join(self.folder, f"data{number}")
            self.assertEqual(self.formatted(config(), *arguments), bootstrap_line(FEATURES, 30) +
                             f"Formatting {kind} {self.data} with metadata.version 4.3-IV0.\n")

    def test_an_old_release_has_few_features(self):
        self.assertEqual(self.formatted(self.static(), "-r", "3.3-IV3"), bootstrap_line([("metadata.version", 7)], 7) +
                         f"Formatting metadata directory {self.data} with metadata.version 3.3-IV3.\n")

    def test_an_initial_controller_keeps_the_directory_id_it_was_given_and_runs(self):
        config = self.config()
        self.formatted(config, "--initial-controllers", f"1@127.0.0.1:9093:{DIRECTORY}")
        self.assertIn(f"directory.id={DIRECTORY}".encode(), self.tree()["meta.properties"])
        self.assertEqual(self.server(config).stop(), 0)

    def test_several_initial_controllers_are_formatted_and_not_run_by_this_release(self):
        config = self.config()
        self.formatted(config, "-I", f"1@127.0.0.1:9093:{DIRECTORY},2@127.0.0.1:9094:{OTHER}")
        self.refused(run("server", config, "--log-level", "fatal"), 1, "2 voters, this release runs with one")

    def test_a_short_option_takes_its_value_after_an_equals_sign_too(self):
        for number, (arguments, written) in enumerate(((["-t=" + CLUSTER], CLUSTER), (["-t==x"], "\\=x"))):
            self.data = os.path.join(self.folder, f"data{number}")
            done = run("storage", "format", *arguments, "-c=" + self.static())
            self.assertEqual((done.returncode, done.stderr), (0, ""), arguments)
            self.assertIn(f"cluster.id={written}\n".encode(), self.tree()["meta.properties"])

    def test_wrong_initial_controllers_are_refused_in_kafkas_words(self):
        for text, why in ((f"1localhost:9093:{DIRECTORY}", "No @ found in dynamic voter string."),
                          (f"@localhost:9093:{DIRECTORY}", "Invalid @ at beginning of dynamic voter string."),
                          (f"x@localhost:9093:{DIRECTORY}", "Failed to parse node id in dynamic voter string."),
                          ("1@", "No hostname found after node id."),
                          ("1@localhost", "No colon following hostname could be found."),
                          (f"1@[::1:9093:{DIRECTORY}", "Hostname began with left bracket, but no right bracket was found."),
                          ("1@localhost:9093", "No colon following port could be found."),
                          (f"1@localhost:90930:{DIRECTORY}", "Invalid port 90930 in dynamic voter string."),
                          ("1@localhost:9093:short", "Failed to parse directory ID in dynamic voter string."),
                          (",", "No voters given."),
                          (f"1@a:1:{DIRECTORY},1@b:2:{OTHER}", "Node id 1 was specified more than once.")):
            done = self.storage(self.config(), "-I", text)
            self.assertEqual((done.returncode, done.stdout, done.stderr), (1, "", why + "\n"))
        self.assertFalse(os.path.exists(self.data))

    def test_credentials_are_what_java_makes_of_them(self):
        for number, (argument, mechanism, stored, iterations) in enumerate((
                (f"SCRAM-SHA-256=[name=alice,salt={SALT},iterations=4096,password=alice]", 1, STORED_256, 4096),
                (f'SCRAM-SHA-512=[name=alice,salt="{SALT}",saltedpassword={SALTED},iterations=8192]', 2, STORED_512, 8192))):
            self.data = os.path.join(self.folder, f"data{number}")
            config = self.static()
            printed = self.formatted(config, "--add-scram", argument)
            self.assertIn(f"UserScramCredentialRecord(name='alice', mechanism={mechanism}, salt=[49, 108, ", printed)
            self.assertIn(f"storedKey={stored}, serverKey=", printed)
            self.assertIn(f"iterations={iterations}) at version 0)], metadataVersionLevel=30", printed)
            self.assertEqual(self.server(config).stop(), 0)

    def test_wrong_credentials_are_refused_in_kafkas_words(self):
        for argument, why in (("foo", "Failed to find equals sign in SCRAM argument 'foo'"),
                              ("SCRAM-SHA-1=[name=a,password=b]", "The add-scram mechanism SCRAM-SHA-1 is not supported."),
                              ("SCRAM-SHA-256=name=a", "Expected configuration string to start with ["),
                              ("SCRAM-SHA-256=[name=a", "Expected configuration string to end with ]"),
                              ("SCRAM-SHA-256=[name=a]", "You must supply one of 'password' or 'saltedpassword' to add-scram"),
                              ("SCRAM-SHA-256=[password=a]", "You must supply 'name' to add-scram"),
                              ("SCRAM-SHA-256=[name=a,password=b,iterations=1]",
                               "The 'iterations' value must be >= 4096 for add-scram using SCRAM_SHA_256"),
                              ("SCRAM-SHA-512=[name=a,password=b,iterations=99999]",
                               "The 'iterations' value must be <= 16384 for add-scram using SCRAM_SHA_512"),
                              ("SCRAM-SHA-256=[name=a,password=b,x=y]", "Unknown SCRAM configurations: x"),
                              ("SCRAM-SHA-256=[name=a,saltedpassword=bbbb]",
                               "You must supply 'salt' with 'saltedpassword' to add-scram")):
            done = self.storage(self.static(), "-S", argument)
            self.assertEqual((done.returncode, done.stdout, done.stderr), (1, "", why + "\n"))
        self.refused(self.storage(self.static(), "-r", "3.4", "-S", "SCRAM-SHA-256=[name=a,password=b]"), 1,
                     "SCRAM is only supported in metadata.version 3.5-IV2 or later.")
        self.assertFalse(os.path.exists(self.data))


if __name__ == "__main__":
    unittest.main(verbosity=2)
