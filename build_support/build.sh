#!/usr/bin/env bash
# build.sh PRESET TARGET...: configures when needed, builds, prints the time; the whole output only on failure.
set -euo pipefail
cd "$(dirname "$0")/.."
preset=$1
shift
mkdir -p build
log=build/$preset.log
if [ ! -f "build/$preset/build.ninja" ]; then
  cmake --preset "$preset" > "$log" 2>&1 || { cat "$log"; exit 1; }
fi
started=$SECONDS
jobs=${JOBS:-$(nproc)}
if ! cmake --build "build/$preset" --parallel "$jobs" --target "$@" > "$log" 2>&1; then
  grep -E -A 12 'error:|FAILED:|undefined reference|undefined symbol' "$log" | head -80
  echo "The $preset build failed; the whole output is in $log." >&2
  exit 1
fi
echo "built $preset ($*) in $((SECONDS - started)) s"
