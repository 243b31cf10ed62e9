#!/usr/bin/env bash
# Installs the packages of packages.txt that this Debian lacks. Quiet and quick when nothing is missing.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)

wanted=$(sed -e 's/#.*//' -e '/^[[:space:]]*$/d' "$here/packages.txt")
missing=""
for package in $wanted; do
  status=$(dpkg-query -W -f '${Status}' "$package" 2>/dev/null || true)
  [ "$status" = "install ok installed" ] || missing="$missing $package"
done
[ -z "$missing" ] && exit 0

if [ "$(id -u)" -eq 0 ]; then
  as_root=""
elif command -v sudo > /dev/null; then
  as_root="sudo"
else
  echo "Missing Debian packages:$missing. Run 'apt-get install$missing' as root (there is no sudo here), then try again." >&2
  exit 1
fi

echo "Installing missing Debian packages:$missing"
export DEBIAN_FRONTEND=noninteractive
$as_root apt-get update -qq || true
# shellcheck disable=SC2086
if ! $as_root apt-get install -y -qq --no-install-recommends $missing > /dev/null; then
  echo "apt-get could not install:$missing. Check /etc/apt/sources.list (Debian 12 main is enough) and try again." >&2
  exit 1
fi
