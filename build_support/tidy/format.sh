#!/usr/bin/env bash
# clang-format over every C++ file of the tree; `format.sh fix` writes the layout instead of complaining.
set -euo pipefail
cd "$(dirname "$0")/../.."
files=$(git ls-files -co --exclude-standard '*.h' '*.cc' | grep -v '^build_support/tidy/fixtures/')
if [ "${1:-}" = fix ]; then
  # shellcheck disable=SC2086
  clang-format-19 -i $files
else
  # shellcheck disable=SC2086
  clang-format-19 --dry-run -Werror $files
fi
