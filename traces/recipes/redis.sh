#!/bin/sh
# SPDX-License-Identifier: CC0-1.0
# redis.hyt: a Redis server with two threads for its connections, under redis-benchmark.  Keys are drawn
# at random and threads run as they may, so a recording of another day differs in detail.
. "$(dirname "$0")/common.sh"
need redis-server redis-server
need redis-benchmark redis-tools
made

(
    until redis-cli -s redis.sock ping >/dev/null 2>&1; do kill -0 $$; sleep 0.1; done # as long as the recipe runs
    redis-benchmark -s redis.sock -q -n 8000 -c 20 -r 5000 -d 100 -t set,get,incr,lpush,lpop,sadd,hset,zadd
    redis-cli -s redis.sock shutdown nosave
) >load 2>&1 &
"$HEAPYARD" record -o "$OUT/redis.hyt" -- redis-server --port 0 --unixsocket redis.sock --save '' --appendonly no \
    --io-threads 2 --io-threads-do-reads yes --daemonize no --logfile redis.log
wait
