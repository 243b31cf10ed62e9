#!/usr/bin/env bash
# run.sh [--rounds N] [--warm S] [--only NAME]: Highwater beside Apache Kafka, same machine, same client.
set -euo pipefail
cd "$(dirname "$0")/.."
jars=""
if ! jars=$(tests/support/apache/jars.sh); then
  echo "NOT RUN: the half with Apache Kafka (the line above says what is missing)"
  jars=""
fi
exec python3 bench/run.py --bin build/release/bin --jars "$jars" "$@"
