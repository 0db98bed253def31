#!/bin/sh
# SPDX-License-Identifier: MIT
#
# run.sh [PROGRAM…] - the programs of traces/suites/real.suite (or those named) on five allocators, the C library's twice,
# in rounds.  As root, what a program needs is installed; on a quiet machine.
# Writes answer.txt, programs.csv, summary.csv and environment.json beside itself, or into OUT.
#
#   HEAPYARD    the program (build/harness/cmd/heapyard of this tree)
#   ALLOCATORS  which ones (below); ROUNDS how often each (10); DATABASE where to store (results/local/real.db)
set -eu
here=$(cd "$(dirname "$0")" && pwd)
root=$(cd "$here/../../.." && pwd)
heapyard=${HEAPYARD:-$root/build/harness/cmd/heapyard}
database=${DATABASE:-$root/results/local/real.db}
out=${OUT:-$here}
mkdir -p "$(dirname "$database")" "$out"
install=""
[ "$(id -u)" != 0 ] || install=--install
status=0
"$heapyard" run --suite "$root/traces/suites/real.suite" $install -r "${ROUNDS:-10}" -o "$database" \
    -a "${ALLOCATORS:-system,jemalloc,mimalloc,tcmalloc,segregated}" "$@" >/dev/null || status=$?
[ $status -le 1 ] || exit $status
build=$(cd "$(dirname "$heapyard")/../.." && pwd)
# Paths as seen from the root of this tree, wherever it was built and what was measured lay.
relative() { sed "s,$root/,,g; s,$build/,build/,g; s,$database,$(basename "$database"),g"; }
"$heapyard" report --programs "$database" | relative >"$out/answer.txt"
"$heapyard" report --programs "$database" --format csv | relative >"$out/programs.csv"
"$heapyard" report --programs --summary "$database" --format csv >"$out/summary.csv"
sqlite3 -readonly "$database" "SELECT json_group_array(json_object('started', started, 'command', command, 'seed', seed,
  'environment', json(environment))) FROM campaign" | relative >"$out/environment.json"
"$heapyard" report --programs --summary "$database"
exit $status
