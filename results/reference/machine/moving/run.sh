#!/bin/sh
# SPDX-License-Identifier: MIT
# run.sh HEAPYARD - writes again what lies here, from the top of the source tree: about half a minute.
# Counts and bytes come out the same everywhere; times are of the machine, addresses of the kernel.
set -eu
heapyard=$1
here=$(dirname "$0")
"$heapyard" reloc move >"$here/move.txt"
"$heapyard" reloc move --format csv >"$here/move.csv"
"$heapyard" reloc frames >"$here/frames.txt"
"$heapyard" reloc handles traces/cc1.hyt traces/inkscape.hyt traces/jq.hyt traces/perl.hyt traces/python.hyt \
    traces/redis.hyt traces/sqlite.hyt >"$here/handles.txt"
