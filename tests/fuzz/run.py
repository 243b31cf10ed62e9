"""make fuzz: every target for the given seconds or ten million executions, whichever comes first, as many at a time as
there are CPUs.

run.py TARGETS_FOLDER WORK_FOLDER SECONDS [NAME...]
Prints executions, minutes of CPU and findings per target; exit status 1 with a finding. Inputs that made one, and what
the target said, stay in WORK_FOLDER/findings; the corpus that grew stays in WORK_FOLDER/corpus for the next run."""

import collections
import concurrent.futures
import os
import re
import subprocess
import sys

TIMEOUT_SECONDS = 60  # of one input, sanitizers and a busy machine included
MEMORY_MIB = 1024
INPUT_MAX = 4096
EXECUTIONS = 10_000_000

Outcome = collections.namedtuple("Outcome", "name executed cpu_minutes corpus status")


def environment():
    return dict(os.environ, ASAN_OPTIONS="abort_on_error=1:detect_leaks=1", UBSAN_OPTIONS="print_stacktrace=1")


def run_target(program, work, seconds):
    name = os.path.basename(program)
    corpus, seeds = os.path.join(work, "corpus", name), os.path.join(work, "seeds", name)
    findings = os.path.join(work, "findings")
    os.makedirs(corpus, exist_ok=True)
    subprocess.run([program, "--seeds", seeds], check=True, capture_output=True)
    command = [program, corpus, seeds, f"-max_total_time={seconds}", f"-runs={EXECUTIONS}",
               f"-timeout={TIMEOUT_SECONDS}", f"-max_len={INPUT_MAX}",
               f"-rss_limit_mb={MEMORY_MIB}", "-print_final_stats=1", f"-artifact_prefix={findings}/{name}-"]
    said = os.path.join(findings, f"{name}.log")
    with open(said, "w", encoding="utf-8") as log:
        process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=log, env=environment())
        _, status, used = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
    with open(said, encoding="utf-8", errors="replace") as log:
        executed = re.findall(r"stat::number_of_executed_units:\s*(\d+)", log.read())
    if not process.returncode:
        os.unlink(said)
    return Outcome(name, int(executed[-1]) if executed else 0, (used.ru_utime + used.ru_stime) / 60,
                   len(os.listdir(corpus)), process.returncode)


def main():
    targets, work, seconds = sys.argv[1], sys.argv[2], int(sys.argv[3])
    wanted = sys.argv[4:]
    programs = sorted(os.path.join(targets, name) for name in os.listdir(targets)
                      if not wanted or any(part in name for part in wanted))
    os.makedirs(os.path.join(work, "findings"), exist_ok=True)
    failed = 0
    print(f"{'target':36} {'executions':>12} {'CPU min':>8} {'corpus':>7}  outcome", flush=True)
    with concurrent.futures.ThreadPoolExecutor(os.cpu_count()) as pool:
        for done in pool.map(lambda program: run_target(program, work, seconds), programs):
            failed += done.status != 0
            outcome = "clean" if done.status == 0 else f"FINDING, see {work}/findings/{done.name}*"
            print(f"{done.name:36} {done.executed:12} {done.cpu_minutes:8.1f} {done.corpus:7}  {outcome}", flush=True)
    print(f"{len(programs)} targets, {failed} with a finding")
    return 1 if failed or not programs else 0


if __name__ == "__main__":
    sys.exit(main())
