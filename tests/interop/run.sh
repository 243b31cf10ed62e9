#!/usr/bin/env bash
# run.sh smoke|full: foreign clients and Apache's own tools against build/release/bin/highwater.
set -euo pipefail
cd "$(dirname "$0")/../.."
mode=${1:-smoke}
binary=build/release/bin/highwater
jars=""
if ! jars=$(tests/support/apache/jars.sh); then
  echo "NOT RUN: everything that needs Apache's jars (the line above says what is missing)"
  jars=""
fi
classes=build/interop/classes
if [ -n "$jars" ]; then
  mkdir -p "$classes"
  javac -nowarn -cp "$jars/*" -d "$classes" tests/interop/java/*.java
fi
status=0
python3 tests/interop/interop.py --mode "$mode" --binary "$binary" --jars "$jars" --classes "$classes" || status=$?
[ "$mode" != full ] || python3 tests/interop/clients/clients.py --binary "$binary" || status=$?
exit "$status"
