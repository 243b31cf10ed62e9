#!/usr/bin/env bash
# clang_tidy.sh BUILD: the short list of .clang-tidy over every .cc of the product and the simulator (tests stand in for
# themselves: the sanitizers run them). BUILD is a configured tree whose generated headers are there.
set -euo pipefail
cd "$(dirname "$0")/../.."
build=$1
started=$SECONDS
log=build/clang-tidy.log
if ! git ls-files 'src/*.cc' 'sim/*.cc' | grep -vE '(_test|_fuzz|test_support)\.cc$' |
  xargs -P "${JOBS:-$(nproc)}" -n 4 clang-tidy-19 --quiet -p "$build" > "$log" 2> /dev/null; then
  grep -A 3 'error:' "$log" | head -60
  echo "clang-tidy found something; the whole output is in $log." >&2
  exit 1
fi
echo "clang-tidy passed in $((SECONDS - started)) s"
