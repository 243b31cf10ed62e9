#!/usr/bin/env bash
# run.sh SEQUENCES REQUESTS SEED: Apache Kafka and build/release/bin/highwater answer the same requests: first batches that
# topics pack anew and the fixed shapes of administration (unless a seed is played again), then the random sequences.
# Exit status 0 with a line NOT RUN where Apache's jars cannot be had.
set -euo pipefail
cd "$(dirname "$0")/../.."
jars=$(tests/support/apache/jars.sh) || { echo "NOT RUN: the line above says what is missing"; exit 0; }
if [ "${3:-1}" = 1 ]; then
  python3 tests/differential/fixed.py --binary build/release/bin/highwater --jars "$jars"
fi
exec python3 tests/differential/differential.py --binary build/release/bin/highwater --jars "$jars" \
  --sequences "${1:-300}" --requests "${2:-50}" --seed "${3:-1}"
