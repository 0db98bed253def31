#!/bin/sh
# SPDX-License-Identifier: CC0-1.0
# request_server.hyt: two workers answer requests, with a cache and sessions that both of them fill (request_server.c).
. "$(dirname "$0")/common.sh"
need gcc gcc libc6-dev

gcc -std=gnu17 -O2 -pthread -o request_server "$recipes/request_server.c"
made
"$HEAPYARD" record -o "$OUT/request_server.hyt" -- ./request_server
