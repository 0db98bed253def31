#!/bin/sh
# SPDX-License-Identifier: CC0-1.0
# xz.hyt: xz compresses a log, blocks of it in two threads.
. "$(dirname "$0")/common.sh"
need xz xz-utils

awk 'BEGIN { for (i = 1; i <= 26000; i++) {
    state = (state * 16807 + 12345) % 2147483647
    printf "%d.%03d host%d service[%d]: request %d of client %d took %d ms\n", 1000000 + i, state % 1000, state % 7, i % 89, i * 31, state % 5003, state % 211 } }' >work.log
made
"$HEAPYARD" record -o "$OUT/xz.hyt" -- xz -T2 --block-size=512KiB -k work.log
