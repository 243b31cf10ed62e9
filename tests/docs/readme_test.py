#!/usr/bin/env python3
"""Every command line of the README runs: `readme_test.py ROOT`.

`make run` is started for real and left running while the other lines run against it; `make test` is what this test is
part of, so it is only required that the change gate calls it. The Java block is compiled and run by tests/interop.
"""

import os
import re
import shutil
import signal
import subprocess
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "support"))

from servers import wait_for_port  # noqa: E402

LINE_SECONDS = 240


def shell_lines(text):
    for block in re.findall(r"```sh\n(.*?)```", text, re.S):
        for line in block.split("\n"):
            if line.strip():
                yield line.strip()


def run_lines(root, lines, started):
    for line in lines:
        if line == "make test":
            with open(os.path.join(root, ".ci", "run"), encoding="utf-8") as gate:
                assert "make test" in gate.read(), "the change gate does not call make test"
        elif line == "make run":
            process = subprocess.Popen(["make", "run"], cwd=root, start_new_session=True, stdin=subprocess.DEVNULL)
            started.append(process)
            wait_for_port(9092, process, LINE_SECONDS)
        else:
            done = subprocess.run(["bash", "-c", "set -o pipefail; " + line], cwd=root, timeout=LINE_SECONDS, capture_output=True, text=True)
            assert done.returncode == 0, f"{line}\nstatus {done.returncode}: {done.stderr[-500:]}"
            if "-t first -o beginning" in line:
                assert "hello:water" in done.stdout, f"{line}\nprinted {done.stdout!r}"
        print(f"ok   {line}")


def main():
    root = os.path.abspath(sys.argv[1])
    with open(os.path.join(root, "README.md"), encoding="utf-8") as readme:
        lines = list(shell_lines(readme.read()))
    data = os.path.join(root, "highwater-data")
    if os.path.exists(data):
        print("NOT RUN: ./highwater-data holds somebody's records; move it away to run this test")
        return 0
    started = []
    try:
        run_lines(root, lines, started)
    finally:
        for process in started:
            os.killpg(process.pid, signal.SIGINT)
            process.wait(LINE_SECONDS)
            shutil.rmtree(data, ignore_errors=True)
    print(f"{len(lines)} passed, 0 failed")
    return 0


if __name__ == "__main__":
    sys.exit(main())
