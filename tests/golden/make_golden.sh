#!/usr/bin/env bash
# Makes golden/*.txt anew with Apache Kafka's own message classes. Running it twice changes nothing.
set -euo pipefail
cd "$(dirname "$0")/../.."
if ! jars=$(tests/support/apache/jars.sh); then
  echo "NOT RUN: golden/ stays as it is (the line above says what is missing)"
  exit 0
fi

mkdir -p build/golden
java -Xmx512m -cp "$jars/*" tests/golden/GoldenBytes.java golden
for vectors in RecordVectors:record_batches ProducerVectors:producer_histories; do
  java -Xmx512m -cp "$jars/*" "tests/golden/${vectors%%:*}.java" 2> /dev/null > build/golden/vectors.part
  mv build/golden/vectors.part "golden/log/${vectors##*:}.txt"
done
git status --short golden
