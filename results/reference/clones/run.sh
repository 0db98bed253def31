#!/bin/sh
# SPDX-License-Identifier: MIT
#
# run.sh - clones of shipped traces against their originals, on five allocators: peak footprint and time, with ratios.
# Writes NAME.txt (everything that `heapyard diff` says) and NAME.csv (the allocators) beside this script, and
# environment.json.  Exit code 1: some ratio is further from 1 than 10 %.  Wants a quiet machine.
#
#   HEAPYARD=build/harness/cmd/heapyard results/reference/clones/run.sh
#   TRACES="cc1 sqlite" ROUNDS=41 OUT=/tmp/clones results/reference/clones/run.sh
set -u
cd "$(dirname "$0")/../../.." || exit 2
heapyard=${HEAPYARD:-build/harness/cmd/heapyard}
traces=${TRACES:-jq perl python}
rounds=${ROUNDS:-21}
out=${OUT:-results/reference/clones}
allocators=system,jemalloc,mimalloc,tcmalloc,segregated
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
mkdir -p "$out"
worst=0
for trace in $traces; do
  "$heapyard" generate "clone:trace=traces/$trace.hyt" -o "$folder/$trace-clone.hyt" >/dev/null || exit 2
  "$heapyard" diff "traces/$trace.hyt" "$folder/$trace-clone.hyt" | sed "s,$folder/,,g" >"$out/$trace.txt"
  "$heapyard" diff "traces/$trace.hyt" "$folder/$trace-clone.hyt" -a $allocators -r "$rounds" --margin 10% --format csv \
    -o "$folder/results.db" >"$out/$trace.csv"
  code=$?
  [ $code -le 1 ] || exit 2
  [ $code -le $worst ] || worst=$code
  echo "$trace: $([ $code = 0 ] && echo 'within 10 %' || echo 'not within 10 %')"
  cut -d, -f1,4,7,8,9 "$out/$trace.csv" | tr , '\t'
done
sqlite3 -readonly "$folder/results.db" "SELECT json_group_array(json_object('started', started, 'seed', seed,
  'environment', json(environment))) FROM campaign" >"$out/environment.json"
exit $worst
