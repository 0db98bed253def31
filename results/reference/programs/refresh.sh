#!/bin/sh
# SPDX-License-Identifier: MIT
#
# refresh.sh DATABASE [REPLAYS…] - takes over what run.sh stored: verdicts and summary as CSV, the answer in words, the
# picture of expected and measured ratios (where replays of the traces are given), machine, commands and seeds.
set -eu
[ $# -gt 0 ] || { echo "usage: $0 DATABASE [REPLAYS…]" >&2; exit 2; }
here=$(cd "$(dirname "$0")" && pwd)
root=$(cd "$here/../../.." && pwd)
heapyard=${HEAPYARD:-$root/build/harness/cmd/heapyard}
folder=$(mktemp -d)
relative() { sed "s,$root/,,g"; } # paths as seen from the root of this tree
trap 'rm -rf "$folder"' EXIT
"$heapyard" report --programs "$@" | relative >"$here/answer.txt"
"$heapyard" report --programs "$@" --format csv | relative >"$here/programs.csv"
"$heapyard" report --programs --summary "$@" --format csv >"$here/summary.csv"
if "$heapyard" report "$@" -o "$folder" >/dev/null; then
    cp "$folder/programs-expected.svg" "$here/expected.svg"
fi
sqlite3 -readonly "$1" "SELECT json_group_array(json_object('started', started, 'command', command, 'seed', seed,
  'environment', json(environment))) FROM campaign WHERE id IN (SELECT campaign FROM program_run)" | relative >"$here/environment.json"
