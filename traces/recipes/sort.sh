#!/bin/sh
# SPDX-License-Identifier: CC0-1.0
# sort.hyt: sort puts lines in order by a number and then by a name, in two threads.
. "$(dirname "$0")/common.sh"
need sort coreutils

awk 'BEGIN { for (i = 1; i <= 600000; i++) {
    state = (state * 16807 + 12345) % 2147483647
    printf "name%d %d line %d\n", state % 50021, state % 997, i } }' >work.txt
made
"$HEAPYARD" record -o "$OUT/sort.hyt" -- sort --parallel=2 -S64M -k2,2n -k1,1 -o sorted.txt work.txt
