#!/usr/bin/env bash
# Runs every seed of sim/regressions.txt: regressions.sh [BINARY], from anywhere. A seed means what it meant only as long
# as nothing else draws from its streams; it stays because it costs little.
set -euo pipefail
cd "$(dirname "$0")/.."
binary=${1:-build/release/bin/highwater_sim}
status=0
while read -r scenario seed _; do
  case "$scenario" in '' | '#'*) continue ;; esac
  "$binary" --scenario "$scenario" --seed "$seed" || status=1
done < sim/regressions.txt
exit $status
