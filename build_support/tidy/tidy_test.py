#!/usr/bin/env python3
"""Every rule of tidy fails on its fixture and passes on the sentence beside it."""

import os
import subprocess
import sys
import tempfile
import unittest

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import rules
import source as source_file
import tidy

HERE = os.path.dirname(os.path.abspath(__file__))
FLOORS = "foundation/base:\nmachines/log: foundation\nio: foundation/base\nio/linux: foundation/base io\nengine/storage: foundation machines io\n"
LONG_FUNCTION = "void f() {\n" + "  g();\n" * 70 + "}\n"

# rule: (path, text that breaks it, text that keeps it)
FIXTURES = {
    "floors": ("src/machines/log/a.cc", '#include "io/file.h"\n', '#include "foundation/base/bytes.h"\n'),
    "sizes": ("src/machines/log/a.cc", LONG_FUNCTION, "void f() {\n  g();\n}\n"),
    "outside-world": ("src/machines/log/a.cc", "auto t = std::chrono::steady_clock::now();\n", "void tick(Instant now);\n"),
    "sleeping": ("src/io/a_test.cc", "std::this_thread::sleep_for(x);\n", "reactor.sleep_until(deadline);\n"),
    "coroutine-shape": ("src/engine/storage/a.cc", "  auto x = co_await f([&] { return 1; });\n", "  auto x = co_await f(named, args);\n"),
    "header-contract": ("src/machines/log/a.h", "#pragma once\n", "// What it is.\n#pragma once\n"),
    "heavy-header": ("src/machines/log/a.h", "// A.\n#pragma once\n#include <chrono>\n", "// A.\n#pragma once\n#include <string>\n"),
    "boolean-parameter": ("src/machines/log/a.h", "// A.\n#pragma once\nvoid f(int a, bool sync);\n", "// A.\n#pragma once\nvoid f(int a, Sync sync);\n"),
    "errors-are-values": ("src/machines/log/a.cc", "void f() { throw 1; }\n", "Result<int> f();\n"),
    "version-number": ("src/machines/log/a.cc", "if (version >= 9) {}\n", "if (api::produce_is_flexible(version)) {}\n"),
    "silent-default": ("src/machines/log/a.cc", "switch (x) { default: break; }\n", "switch (x) { case A: break; }\n"),
    "unordered-iteration": ("src/machines/log/a.cc", "std::unordered_map<int, int> seen;\nfor (auto& [k, v] : seen) g();\n",
                            "std::map<int, int> seen;\nfor (auto& [k, v] : seen) g();\n"),
    "names": ("src/machines/log/a.cc", "class OffsetManager {\n};\n", "class Offsets {\n};\n"),
    "words": ("src/machines/log/a.cc", "int high_water_mark;\n", "int high_watermark;\n"),
    "rule-number": ("src/machines/log/a.cc", "// In slices (rule L9).\n", "// In slices: the loop is not held.\n"),
    "unfinished": ("src/machines/log/a.cc", "// TODO later\n", "// TODO(#4) later\n"),
    "this-tree-alone": ("docs/a.md", "see /home/somebody/notes\n", "see docs/words.md\n"),
    "links": ("docs/a.md", "[words](nowhere.md)\n", "[words](https://kafka.apache.org)\n"),
}


def findings_of(path, text):
    with tempfile.TemporaryDirectory() as root:
        for name, content in (("build_support/floors.txt", FLOORS), (path, text),
                              ("docs/words.md", "| `high_watermark` | committed end | `high_water_mark` |\n")):
            full = os.path.join(root, name)
            os.makedirs(os.path.dirname(full), exist_ok=True)
            with open(full, "w", encoding="utf-8") as file:
                file.write(content)
        return {finding.rule for finding in tidy.check(root, [path])[1]}


class EveryRule(unittest.TestCase):
    def test_fails_on_its_fixture_and_passes_on_the_other(self):
        for rule, (path, bad, good) in FIXTURES.items():
            with self.subTest(rule=rule):
                self.assertIn(rule, findings_of(path, bad))
                self.assertEqual(set(), findings_of(path, good))

    def test_every_rule_that_can_be_reported_has_a_fixture(self):
        with open(os.path.join(HERE, "rules.py"), encoding="utf-8") as file:
            text = file.read()
        import re

        reported = set(re.findall(r'Finding\("([a-z-]+)"', text))
        self.assertEqual(reported, set(FIXTURES))

    def test_a_file_of_801_lines_is_too_long(self):
        self.assertIn("sizes", findings_of("src/machines/log/a.cc", "int x;\n" * 801))

    def test_a_ratchet_entry_allows_no_more_than_it_says(self):
        one = source_file.load("src/machines/log/a.cc", LONG_FUNCTION)
        self.assertEqual([], list(rules.sizes(one, {"src/machines/log/a.cc:f": 72})))
        self.assertEqual(1, len(list(rules.sizes(one, {"src/machines/log/a.cc:f": 71}))))


class Format(unittest.TestCase):
    def test_clang_format_refuses_another_layout(self):
        fixture = os.path.join(HERE, "fixtures", "format", "other_layout.cc")
        run = subprocess.run(["clang-format-19", "--dry-run", "-Werror", "--style=file:" + os.path.join(HERE, "..", "..", ".clang-format"),
                              fixture], capture_output=True)
        self.assertNotEqual(0, run.returncode)

    def test_clang_tidy_refuses_a_use_after_move(self):
        fixture = os.path.join(HERE, "fixtures", "clang_tidy", "use_after_move.cc")
        run = subprocess.run(["clang-tidy-19", "--quiet", "--config-file=" + os.path.join(HERE, "..", "..", ".clang-tidy"), fixture,
                              "--", "-std=c++23"], capture_output=True, text=True)
        self.assertNotEqual(0, run.returncode)
        self.assertIn("bugprone-use-after-move", run.stdout)


if __name__ == "__main__":
    unittest.main()
