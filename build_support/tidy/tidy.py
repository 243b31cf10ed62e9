#!/usr/bin/env python3
"""tidy: the linter of this tree. `tidy.py [ROOT]` reads every tracked or new file and prints what breaks a rule.

Exit status 1 when something does. Rules stand in rules.py, the floors in ../floors.txt, exceptions that may only shrink
in ../sizes.txt, the words in docs/words.md, the numbered rules in docs/rules.md.
"""

import os
import re
import subprocess
import sys

import rules
import source as source_file

READ = (".h", ".cc", ".inc", ".py", ".sh", ".java", ".md", ".txt", ".cmake", ".schema", ".scn", ".yml", ".yaml")
SKIPPED = ("golden/", "tests/fixtures/", "build_support/tidy/fixtures/", "corpus/")


def tracked(root):
    listed = subprocess.run(["git", "-C", root, "ls-files", "-co", "--exclude-standard"], check=True, capture_output=True, text=True)
    return [path for path in listed.stdout.split("\n") if path and os.path.isfile(os.path.join(root, path))]


def load_tree(root, paths):
    sources = []
    for path in paths:
        if path.startswith(SKIPPED) or not path.endswith(READ):
            continue
        with open(os.path.join(root, path), encoding="utf-8", errors="replace") as file:
            sources.append(source_file.load(path, file.read()))
    return sources


def read_ratchet(text):
    """`path LINES` and `path:function LINES`: today's exceptions; a number may only fall."""
    ratchet = {}
    for line in text.split("\n"):
        line = line.split("#")[0].strip()
        if line:
            name, _, number = line.rpartition(" ")
            ratchet[name] = int(number)
    return ratchet


def read_words(text):
    """Rows `| word | meaning | not |` of docs/words.md: each word in the last column, in backticks, is banned from code."""
    forbidden = {}
    for line in text.split("\n"):
        cells = [cell.strip() for cell in line.strip().strip("|").split("|")]
        if len(cells) < 3 or cells[0].startswith("-"):
            continue
        for wrong in re.findall(r"`([^`]+)`", cells[-1]):
            forbidden[wrong] = cells[0].strip("`")
    return forbidden


def read_rule_numbers(text):
    return set(re.findall(r"^\| ([A-Z]\d+) \|", text, re.MULTILINE))


def read(root, path):
    try:
        with open(os.path.join(root, path), encoding="utf-8") as file:
            return file.read()
    except FileNotFoundError:
        return ""


def check(root, paths):
    sources = load_tree(root, paths)
    by_path = {one.path: one for one in sources}
    floors = rules.read_floors(read(root, "build_support/floors.txt"))
    ratchet = read_ratchet(read(root, "build_support/sizes.txt"))
    forbidden = read_words(read(root, "docs/words.md"))
    known_rules = read_rule_numbers(read(root, "docs/rules.md"))
    findings = []
    for one in sources:
        findings += rules.floors(one, floors)
        findings += rules.sizes(one, ratchet)
        findings += rules.words(one, forbidden)
        findings += rules.rule_numbers(one, known_rules)
        findings += rules.unordered_iteration(one, by_path)
        findings += rules.links(one, lambda path: os.path.exists(os.path.join(root, path)))
        for rule in (rules.outside_world, rules.sleeping, rules.coroutine_shape, rules.headers, rules.errors_are_values,
                     rules.version_numbers, rules.silent_default, rules.names, rules.unfinished, rules.this_tree_alone):
            findings += rule(one)
    return sources, findings


def main():
    root = sys.argv[1] if len(sys.argv) > 1 else "."
    sources, findings = check(root, tracked(root))
    for finding in sorted(findings, key=lambda f: (f.path, f.line)):
        print(f"{finding.path}:{finding.line}: {finding.rule}: {finding.text}")
    print(f"tidy: {len(sources)} files read, {len(findings)} findings")
    return 1 if findings else 0


if __name__ == "__main__":
    sys.exit(main())
