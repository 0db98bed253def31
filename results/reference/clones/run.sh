#!/bin/sh
# SPDX-License-Identifier: MIT
#
# run.sh - clones of the shipped traces against their originals, on five allocators: peak footprint and time, with ratios.
# Writes NAME.csv (the allocators) and NAME.txt (all else that `heapyard diff` says) of each trace beside this script,
# summary.md, and environment.json.  Exit code 1: of fewer than three traces all ten ratios are within 10 %; 2: something
# failed.  Wants a quiet machine; takes some minutes.
#
#   HEAPYARD=build/harness/cmd/heapyard results/reference/clones/run.sh
#   TRACES="cc1 more/git" ROUNDS=41 OUT=/tmp/clones CLONE=,seed=2 results/reference/clones/run.sh
set -u
cd "$(dirname "$0")/../../.." || exit 2
heapyard=${HEAPYARD:-build/harness/cmd/heapyard}
traces=${TRACES:-cc1 inkscape jq perl python redis sqlite more/git more/java more/libreoffice more/mariadb more/node
  more/ripgrep more/unbound more/z3}
rounds=${ROUNDS:-11}
out=${OUT:-results/reference/clones}
allocators=system,jemalloc,mimalloc,tcmalloc,segregated
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
mkdir -p "$out"

# The table's row of one trace: of each allocator the ratio of the peaks and of the times.
row() {
  awk -F , -v name="$1" -v verdict="$2" 'NR > 1 { cells = cells sprintf(" | %.3f / %.3f", $4, $7) }
    END { printf "| `%s`%s | %s |\n", name, cells, verdict }' "$3"
}

{
  echo "| trace | system | jemalloc | mimalloc | tcmalloc | segregated | all within 10 % |"
  echo "|---|--:|--:|--:|--:|--:|---|"
} >"$out/summary.md"
good=0
for trace in $traces; do
  name=$(basename "$trace")
  clone=$folder/$name-clone.hyt
  "$heapyard" generate "clone:trace=traces/$trace.hyt${CLONE:-}" -o "$clone" >/dev/null || exit 2
  # Exit code 1 here: they are not the same trace.
  "$heapyard" diff "traces/$trace.hyt" "$clone" >"$folder/about" || [ $? = 1 ] || exit 2
  sed "s,$folder/,,g" "$folder/about" >"$out/$name.txt"
  "$heapyard" diff "traces/$trace.hyt" "$clone" -a $allocators -r "$rounds" --margin 10% --format csv \
    -o "$folder/results.db" >"$out/$name.csv"
  code=$?
  rm -f "$clone"
  [ "$(wc -l <"$out/$name.csv")" = 6 ] && [ $code -le 1 ] || exit 2
  verdict=no
  [ $code = 0 ] && good=$((good + 1)) && verdict=yes
  row "$name" "$verdict" "$out/$name.csv" | tee -a "$out/summary.md"
done
echo "$good of $(echo "$traces" | wc -w) within 10 %"
sqlite3 -readonly "$folder/results.db" "SELECT json_group_array(json_object('started', started, 'seed', seed,
  'environment', json(environment))) FROM campaign" >"$out/environment.json"
[ $good -ge 3 ]
