#!/usr/bin/env bash
# All of tidy: our linter, the layout, clang-tidy over what we wrote, then the house in figures.
set -uo pipefail
cd "$(dirname "$0")/../.."
status=0
python3 build_support/tidy/tidy.py . || status=1
build_support/tidy/format.sh || status=1
build_support/tidy/clang_tidy.sh build/dev || status=1
python3 build_support/tidy/house.py . build/dev
exit $status
