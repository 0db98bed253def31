#!/bin/sh
# SPDX-License-Identifier: CC0-1.0
# producer_consumer.hyt: one thread makes messages, the other frees them (producer_consumer.c).
. "$(dirname "$0")/common.sh"
need gcc gcc libc6-dev

gcc -std=c17 -O2 -pthread -o producer_consumer "$recipes/producer_consumer.c"
made
"$HEAPYARD" record -o "$OUT/producer_consumer.hyt" -- ./producer_consumer
