#!/usr/bin/env bash
# All of tidy: our linter, the layout, clang-tidy over what we wrote, then the house in figures.
set -uo pipefail
cd "$(dirname "$0")/../.."
status=0
python3 build_support/tidy/tidy.py . || status=1
build_support/tidy/format.sh || status=1
git ls-files 'src/*.cc' 'sim/*.cc' | grep -v '_fuzz\.cc$' |
  xargs -P "${JOBS:-$(nproc)}" -n 4 clang-tidy-19 --quiet -p build/dev 2> /dev/null || status=1
python3 build_support/tidy/house.py . build/dev
exit $status
