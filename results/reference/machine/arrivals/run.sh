#!/bin/sh
# SPDX-License-Identifier: MIT
#
# run.sh - a recorded build on the four models of memory, and two programs in one flat memory.  Writes the answers beside
# this script.  A simulation of a trace that lies here: everything repeats exactly.
#
#   HEAPYARD=build/harness/cmd/heapyard results/reference/machine/arrivals/run.sh
#   TRACE=my.arrivals OUT=/tmp/models results/reference/machine/arrivals/run.sh     # a job of your own
set -eu
cd "$(dirname "$0")/../../../.."
heapyard=${HEAPYARD:-build/harness/cmd/heapyard}
out=${OUT:-results/reference/machine/arrivals}
trace=${TRACE:-traces/build.arrivals}
mkdir -p "$out"
"$heapyard" partition models "$trace" --picture "$out/models.svg" >"$out/models.txt"
"$heapyard" partition models "$trace" --format csv >"$out/models.csv"
"$heapyard" partition models "$trace" --sizes guessed >"$out/guessed.txt"
"$heapyard" partition models "$trace" --sizes elastic >"$out/elastic.txt"
"$heapyard" partition models "$trace" --queue overtake >"$out/overtake.txt"
"$heapyard" partition models "$trace" --queue none >"$out/refused.txt"
"$heapyard" partition flat >"$out/flat.txt"
"$heapyard" partition flat -a segregated --format csv >"$out/flat-segregated.csv"
