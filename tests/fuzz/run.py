"""make fuzz: every target for the given seconds, as many at a time as there are CPUs.

run.py TARGETS_FOLDER WORK_FOLDER SECONDS [NAME...]
Prints executions and findings per target; exit status 1 with a finding. Inputs that made one, and what the target said,
stay in WORK_FOLDER/findings; the corpus that grew stays in WORK_FOLDER/corpus for the next run."""

import concurrent.futures
import os
import re
import subprocess
import sys

TIMEOUT_SECONDS = 10  # of one input, sanitizers included
MEMORY_MIB = 1024
INPUT_MAX = 4096


def environment():
    return dict(os.environ, ASAN_OPTIONS="abort_on_error=1:detect_leaks=1", UBSAN_OPTIONS="print_stacktrace=1")


def run_target(program, work, seconds):
    name = os.path.basename(program)
    corpus, seeds = os.path.join(work, "corpus", name), os.path.join(work, "seeds", name)
    findings = os.path.join(work, "findings")
    os.makedirs(corpus, exist_ok=True)
    subprocess.run([program, "--seeds", seeds], check=True, capture_output=True)
    command = [program, corpus, seeds, f"-max_total_time={seconds}", f"-timeout={TIMEOUT_SECONDS}", f"-max_len={INPUT_MAX}",
               f"-rss_limit_mb={MEMORY_MIB}", "-print_final_stats=1", f"-artifact_prefix={findings}/{name}-"]
    done = subprocess.run(command, capture_output=True, text=True, errors="replace", env=environment())
    executed = re.findall(r"stat::number_of_executed_units:\s*(\d+)", done.stderr)
    units = len(os.listdir(corpus))
    if done.returncode:
        with open(os.path.join(findings, f"{name}.log"), "w", encoding="utf-8") as file:
            file.write(done.stderr)
    return name, int(executed[-1]) if executed else 0, units, done.returncode


def main():
    targets, work, seconds = sys.argv[1], sys.argv[2], int(sys.argv[3])
    wanted = sys.argv[4:]
    programs = sorted(os.path.join(targets, name) for name in os.listdir(targets)
                      if not wanted or any(part in name for part in wanted))
    os.makedirs(os.path.join(work, "findings"), exist_ok=True)
    failed = 0
    print(f"{'target':36} {'executions':>12} {'per second':>10} {'corpus':>7}  outcome", flush=True)
    with concurrent.futures.ThreadPoolExecutor(os.cpu_count()) as pool:
        for name, executed, units, status in pool.map(lambda program: run_target(program, work, seconds), programs):
            failed += status != 0
            outcome = "clean" if status == 0 else f"FINDING, see {work}/findings/{name}*"
            print(f"{name:36} {executed:12} {executed // max(seconds, 1):10} {units:7}  {outcome}", flush=True)
    print(f"{len(programs)} targets, {failed} with a finding")
    return 1 if failed or not programs else 0


if __name__ == "__main__":
    sys.exit(main())
