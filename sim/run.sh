#!/usr/bin/env bash
# make sim SEED=n | SEEDS=n: run.sh SEED SEEDS JOBS, from the root of the tree.
set -euo pipefail
cd "$(dirname "$0")/.."
seed=${1:-}
seeds=${2:-20}
jobs=${3:-2}
binary=build/release/bin/highwater_sim
if [ -n "$seed" ]; then
  exec "$binary" --seed "$seed"
fi
commit=$(git rev-parse --short HEAD 2>/dev/null || echo unknown)
exec "$binary" --seeds "$seeds" --first "${FIRST:-1}" --jobs "$jobs" --twice --ledger sim/ledger.txt --commit "$commit"
