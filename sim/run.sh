#!/usr/bin/env bash
# make sim SEED=n | SEEDS=n: run.sh SEED SEEDS JOBS, from the root of the tree.
set -euo pipefail
cd "$(dirname "$0")/.."
seed=${1:-}
seeds=${2:-20}
jobs=${3:-2}
binary=build/release/bin/highwater_sim
if [ -n "$seed" ]; then
  exec "$binary" ${SCENARIO:+--scenario "$SCENARIO"} --seed "$seed"
fi
# Few seeds run each twice, many a sample of them (sim/README.md).
twice_in=${TWICE_IN:-$((seeds > 1000 ? 8 : 1))}
commit=$(git rev-parse --short HEAD 2>/dev/null || echo unknown)
exec "$binary" ${SCENARIO:+--scenario "$SCENARIO"} --seeds "$seeds" --first "${FIRST:-1}" --jobs "$jobs" --twice-in "$twice_in" --ledger sim/ledger.txt --commit "$commit"
