#!/usr/bin/env python3
"""The house in figures: `house.py ROOT BUILD`. Prints what the layout promises beside what the tree holds today.

BUILD is a configured tree whose objects were compiled (ninja's dependency log tells what each .cc really parsed).
"""

import os
import re
import statistics
import subprocess
import sys

import rules
import tidy

# The way of one produce request, in the order in which a reader meets it (ARCHITECTURE.md draws it).
PRODUCE_PATH_FILE = "build_support/produce_path.txt"


def lines_of(root, path):
    with open(os.path.join(root, path), encoding="utf-8", errors="replace") as file:
        return sum(1 for _ in file)


def parsed_lines(root, build):
    """Per .cc under src/: in-repo lines (its own and of the headers in src/ that it reads)."""
    asked = subprocess.run(["ninja", "-C", build, "-t", "deps"], capture_output=True, text=True)
    totals, counts = [], {}
    inside = os.path.abspath(os.path.join(root, "src")) + "/"
    current = None
    for line in asked.stdout.split("\n") + [""]:
        if not line.strip():
            if current:
                totals.append(current)
            current = None
        elif line.startswith("    "):
            path = os.path.normpath(os.path.join(build, line.strip()))
            # ninja remembers files that are gone.
            if path.startswith(inside) and current is not None and os.path.isfile(path):
                if path not in counts:
                    counts[path] = lines_of("/", path)
                current += counts[path]
        else:
            current = 0
    return [total for total in totals if total > 0]


def row(name, value, promise):
    print(f"  {name:<52} {value:>12}   {promise}")


def main():
    root, build = sys.argv[1], os.path.abspath(sys.argv[2])
    sources, findings = tidy.check(root, tidy.tracked(root))
    house = [one for one in sources if one.path.startswith(("src/", "sim/")) and one.path.endswith((".h", ".cc"))]
    lines = [len(one.lines) - 1 for one in house]
    functions = [function for one in house for function in one.functions]
    print("The house:")
    path = [line.split("#")[0].strip() for line in tidy.read(root, PRODUCE_PATH_FILE).split("\n")]
    path = [one for one in path if one]
    row("files on the produce path", len(path), "<= 6")
    row("lines on the produce path", sum(lines_of(root, one) for one in path), "<= 2500")
    row("files in src and sim", len(house), "")
    row("file median (lines)", int(statistics.median(lines)), "<= 200")
    row("file maximum (lines)", max(lines), "<= 800")
    row("functions", len(functions), "")
    row("function median (lines)", int(statistics.median(f.lines for f in functions)), "<= 8")
    row("functions over 70 lines", sum(f.lines > rules.MAX_FUNCTION_LINES for f in functions), "0")
    parsed = parsed_lines(root, build)
    row("median of in-repo lines parsed per .cc", int(statistics.median(parsed)) if parsed else "not built", "<= 3000")
    row("layer violations", sum(f.rule == "floors" for f in findings), "0")
    row("findings of tidy", len(findings), "0")
    row("duplicate places (8 equal lines)", duplicates(house), "few")


def duplicates(sources):
    """Places whose 8 meaningful lines stand, letter by letter, somewhere earlier too."""
    seen, found, size = {}, 0, 8
    for one in sources:
        code = [line.strip() for line in one.code_lines]
        kept = [line for line in code if len(line) > 3 and not line.startswith(("#include", "}", "namespace"))]
        skip = 0
        for at in range(len(kept) - size + 1):
            block = tuple(kept[at : at + size])
            if skip > 0:
                skip -= 1
            elif block in seen:
                found += 1
                skip = size - 1
            seen.setdefault(block, one.path)
    return found


if __name__ == "__main__":
    main()
