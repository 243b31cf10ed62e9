#!/usr/bin/env bash
# Everything that gates a change: two trees (release for black boxes, ASan+UBSan for units and simulator), then one ctest
# over each. Ends with ctest's own summaries and the time that it all took.
set -euo pipefail
cd "$(dirname "$0")/.."
started=$SECONDS
jobs=${JOBS:-$(nproc)}

build_support/build.sh asan all
build_support/build.sh release highwater flood

status=0
build_support/tidy/clang_tidy.sh build/asan || status=1
ctest --test-dir build/asan -L 'unit|sim|guard' -j "$jobs" --output-on-failure --no-tests=error || status=1
ctest --test-dir build/release -L blackbox --output-on-failure --no-tests=error || status=1
echo "make test took $((SECONDS - started)) s"
exit $status
