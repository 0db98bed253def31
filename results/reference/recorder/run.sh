#!/bin/sh
# SPDX-License-Identifier: MIT
#
# run.sh [BUILD] - what recording costs the recorded program, with heapyard and three others (README.md).  BUILD is a
# release build with tests (default: build).  As root, what is missing is installed; on a quiet machine, six minutes.
#
#   ROUNDS   how often each is measured (21); PROGRAMS, RECORDERS  which ones (all), separated by blanks
set -eu
here=$(cd "$(dirname "$0")" && pwd)
root=$(cd "$here/../../.." && pwd)
build=$(cd "$root" && cd "${1:-build}" && pwd)
if [ "$(id -u)" = 0 ]; then
  for package in jq sqlite3 gcc libc6-dev python3 heaptrack zstd lttng-tools liblttng-ust1 libc-devtools; do
    dpkg-query -W "$package" >/dev/null 2>&1 || apt-get install -y -qq --no-install-recommends "$package" >/dev/null
  done
fi
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
export PYTHONDONTWRITEBYTECODE=1
"$here/recorders.py" "$build" "$root" "$work" --rounds "${ROUNDS:-21}" --programs "${PROGRAMS:-}" \
  --recorders "${RECORDERS:-}"
{
  date -u +%F
  uname -srm
  sed -n 's/^model name[[:space:]]*: //p' /proc/cpuinfo | head -n 1
  echo "$(nproc) processors, load $(cut -d ' ' -f 1 /proc/loadavg) at the end"
  git -C "$root" rev-parse --short HEAD
  dpkg-query -W -f='${Package} ${Version}\n' libc6 jq sqlite3 gcc-12 python3.11 heaptrack lttng-tools liblttng-ust1
} >"$here/environment.txt"
