#!/usr/bin/env python3
"""What the schema compiler refuses, and that it leaves files alone whose text did not change."""

import subprocess
import sys
import tempfile
import unittest
from pathlib import Path

HERE = Path(__file__).resolve().parent

GOOD = """request PingRequest
key 7
versions 1-3
flexible 2+
listeners broker
fields
Name   string    0+  nullable 3+
Count  i32       2+  tag 0 2+ default -1
Items  []Item    0+
  Id   uuid  1+  # a comment
Other  Shared    3+  nullable 3+ default null

struct Shared 3+
  Flag  bool  3+  default true
"""


class Compiler(unittest.TestCase):
    def setUp(self):
        self.folder = tempfile.TemporaryDirectory()
        self.root = Path(self.folder.name)
        (self.root / "schemas" / "requests").mkdir(parents=True)
        self.output = self.root / "out"

    def tearDown(self):
        self.folder.cleanup()

    def write(self, text, name="ping_request"):
        (self.root / "schemas" / "requests" / f"{name}.schema").write_text(text, encoding="utf-8")

    def compile(self, *more):
        command = [sys.executable, "-B", str(HERE), "--schemas", str(self.root / "schemas"), "--output", str(self.output)]
        return subprocess.run([*command, *more], capture_output=True, text=True, check=False)

    def refused(self, old, new, reason):
        self.assertIn(old, GOOD)
        self.write(GOOD.replace(old, new))
        done = self.compile()
        self.assertEqual(done.returncode, 1, new)
        self.assertIn(reason, done.stderr)
        self.assertFalse(self.output.exists(), "nothing is written when a schema is wrong")

    def test_a_good_schema_becomes_a_struct(self):
        self.write(GOOD)
        done = self.compile()
        self.assertEqual(done.returncode, 0, done.stderr)
        header = (self.output / "protocol/messages/ping_request.h").read_text(encoding="utf-8")
        for line in ("std::optional<wire::Text> name = wire::Text();", "std::int32_t count = -1;",
                     "std::vector<Item> items;", "std::optional<Shared> other;", "bool flag = true;",
                     "static constexpr std::int16_t flexible_from = 2;"):
            self.assertIn(line, header)
        names = (self.output / "protocol/messages/fwd.h").read_text(encoding="utf-8")
        for line in ("struct PingRequest;", "namespace ping_request_parts {\nstruct Item;\nstruct Shared;\n}"):
            self.assertIn(line, names)

    def test_wrong_schemas_are_refused_with_a_reason(self):
        self.refused("request Ping", "question Ping", "starts with its kind")
        self.refused("key 7", "keys 7", "unknown heading")
        self.refused("versions 1-3", "versions 3-", "not a version range")
        self.refused("versions 1-3\n", "", "no valid versions")
        self.refused("i32 ", "i31 ", "unknown type i31")
        self.refused("nullable 3+\n", "nullabel 3+\n", "unknown attribute")
        self.refused("  Id ", "   Id ", "indentation")
        self.refused("  Id ", "    Id ", "one level below")
        self.refused("Count ", "Name ", "twice in one struct")
        self.refused("tag 0 2+", "tag 0 1+", "not flexible")
        self.refused("tag 0 2+", "tag 0 2-3", "open end")
        self.refused("[]Item ", "[]bool ", "arrays of bool")
        self.refused("default -1", "default null", "never nullable")
        self.refused("struct Shared 3+", "struct Shared", "struct NAME VERSIONS")

    def test_what_a_controller_takes_can_own_its_bytes(self):
        self.write(GOOD)
        self.compile()
        header = self.output / "protocol/messages/ping_request.h"
        self.assertNotIn("void own", header.read_text(encoding="utf-8"))
        self.write(GOOD.replace("listeners broker", "listeners broker controller"))
        self.compile()
        self.assertIn("void own(PingRequest& value);", header.read_text(encoding="utf-8"))
        source = (self.output / "protocol/messages/messages_00.cc").read_text(encoding="utf-8")
        self.assertIn("if (value.name) value.name = value.name->owned();", source)

    def test_a_file_holds_the_message_of_its_name(self):
        self.write(GOOD, "pong_request")
        self.assertIn("expected ping_request.schema", self.compile().stderr)

    def test_unchanged_text_is_not_written_again(self):
        self.write(GOOD)
        self.compile()
        files = [path for path in self.output.rglob("*") if path.is_file()]
        before = {path: path.stat().st_mtime_ns for path in files}
        self.write(GOOD + "# only a comment\n")
        self.compile()
        self.assertEqual(before, {path: path.stat().st_mtime_ns for path in files})

    def test_list_names_what_would_be_written(self):
        self.write(GOOD)
        listed = self.compile("--list").stdout.split()
        self.assertFalse(self.output.exists())
        self.compile()
        written = sorted(str(path.relative_to(self.output)) for path in self.output.rglob("*") if path.is_file())
        self.assertEqual(sorted(listed), written)


if __name__ == "__main__":
    unittest.main()
