#!/bin/sh
# SPDX-License-Identifier: MIT
#
# refresh.sh [DATABASE] - makes the reference results anew: from a whole `heapyard sweep merge`, measured now, or from
# the newest campaign of each trace in a database.  HEAPYARD names the program, build/harness/cmd/heapyard by default.
set -eu
cd "$(dirname "$0")/../.."
heapyard=${HEAPYARD:-build/harness/cmd/heapyard}
database=${1:-results/local/reference/results.db}
if [ $# = 0 ]; then
  mkdir -p "$(dirname "$database")"
  "$heapyard" sweep merge -o "$database" >/dev/null
fi
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
"$heapyard" report --merge "$database" -o "$folder" >/dev/null
mkdir -p results/reference/merge
rm -f results/reference/merge/*
cp "$folder"/points.csv "$folder"/best.csv "$folder"/best.md "$folder"/answer.txt "$folder"/overview.svg \
  "$folder"/regret.svg results/reference/merge/
# Of each kind of picture of single traces, the traces named here; the data of the others are in points.csv.
for trace in ${TRACES:-cc1}; do
  for kind in tradeoff time tail; do cp "$folder/$kind-$trace.svg" results/reference/merge/; done
done
cp "$folder/overview.svg" docs/merging.svg
sqlite3 -readonly "$database" "SELECT json_group_array(json_object('started', started, 'command', command,
  'seed', seed, 'environment', json(environment))) FROM campaign" >results/reference/merge/environment.json
du -sh results/reference/merge
