#!/bin/sh
# SPDX-License-Identifier: MIT
#
# run.sh [FOLDER] - the micro campaign: every benchmark of `heapyard bench --compare` on five allocators, the C
# library's twice, in rounds; on a quiet machine.  Writes into FOLDER (results/local/micro):
# cells.csv with every value, answer.txt with the table, command.txt, environment.txt.
#
#   HEAPYARD    the program (build/harness/cmd/heapyard of this tree)
#   ALLOCATORS  which ones (below); ROUNDS how often each (20); TIME of a cell (60ms); FILTER, a regular expression; SEED
set -eu
here=$(cd "$(dirname "$0")" && pwd)
root=$(cd "$here/../../.." && pwd)
folder=${1:-$root/results/local/micro}
HEAPYARD=${HEAPYARD:-$root/build/harness/cmd/heapyard}
export PATH=/usr/bin:/bin LC_ALL=C
unset LD_PRELOAD
mkdir -p "$folder"
set -- bench --compare -a "${ALLOCATORS:-system,jemalloc,mimalloc,tcmalloc,segregated}" --against mimalloc \
    -r "${ROUNDS:-20}" --time "${TIME:-60ms}" --filter "${FILTER:-.}" --seed "${SEED:-1}"
{
    date -u '+measured %Y-%m-%d %H:%M UTC'
    grep -m 1 'model name' /proc/cpuinfo
    nproc | sed 's/$/ processors/'
    uname -sr
    echo "transparent huge pages: $(cat /sys/kernel/mm/transparent_hugepage/enabled)"
    echo "load before: $(cut -d ' ' -f 1-3 /proc/loadavg)"
    dpkg-query -W -f '${Package} ${Version}\n' libc6 libjemalloc2 libmimalloc2.0 libtcmalloc-minimal4
} >"$folder/environment.txt"
printf 'heapyard %s\n' "$*" >"$folder/command.txt"
"$HEAPYARD" "$@" -o "$folder/cells.csv" >"$folder/answer.txt" || status=$?
echo "load after: $(cut -d ' ' -f 1-3 /proc/loadavg)" >>"$folder/environment.txt"
cat "$folder/answer.txt"
exit "${status:-0}"
